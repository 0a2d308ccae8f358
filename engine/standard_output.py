"""What a command does when it can no longer write to its standard output."""

import os
import sys


def silence(error: OSError) -> str:
    """Discard unwritten output, of which Python would complain at exit; return the error's reason.

    The reason is "" if the reader has closed the pipe, as in `… | head`.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return "" if isinstance(error, BrokenPipeError) else str(error.strerror)

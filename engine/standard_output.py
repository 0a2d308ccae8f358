"""What a command does when its standard output takes nothing any more."""

import os
import sys


def silence(error: OSError) -> str:
    """Lets what is not yet written go nowhere, or Python would complain of it; returns why.

    "" where nobody reads any more: `… | head` has seen enough.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return "" if isinstance(error, BrokenPipeError) else str(error.strerror)

"""The memory of a server that starts a thread for every answer."""

import ctypes
import os
import sys
from contextlib import suppress
from typing import Final

ARENAS: Final = 2
_M_ARENA_MAX: Final = -8
"""glibc's number for that limit, in malloc.h."""


def keep_together() -> None:
    """Limits the pools that glibc takes memory from to two, here and in the processes to come.

    By itself it has eight for each core, and hands a new one to a thread whenever all are taken;
    what answers leave behind in each is never given back: after 9,000 of them 239 MB instead of
    221, and growing. Elsewhere than with glibc this does nothing.
    """
    if sys.platform != "linux":
        return
    with suppress(AttributeError, OSError):  # another C library has no such setting
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS)
        os.environ.setdefault("MALLOC_ARENA_MAX", str(ARENAS))

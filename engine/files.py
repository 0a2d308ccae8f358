"""What commands write: a file as a whole or not at all, and an output that nobody may read."""

import os
import sys
import tempfile
from errno import EACCES, EISDIR
from os.path import realpath
from pathlib import Path
from stat import S_IMODE
from typing import Final

SHORT: Final = 40
"""How many letters of a file's name its temporary file's has: names have at most 255 bytes."""


def write_whole(path: Path, content: bytes) -> None:
    """Write a file in one step, as others see it. If that raises OSError, nothing is left behind.

    A file that is replaced keeps its permissions, and a link to it stays a link.
    """
    if _is_no_file(path):
        path.write_bytes(content)
        return
    path = _behind_links(path)
    handle, name = _new_beside(path)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(handle)  # otherwise a full disk may show only once the old file is gone
        Path(name).chmod(S_IMODE(path.stat().st_mode) if path.exists() else 0o666 & ~_umask())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def check_place(path: Path) -> None:
    """Raise OSError if `write_whole` could not write this file.

    A disk that is almost full is noticed only when something is written.
    """
    if path.is_dir():
        raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
    if _is_no_file(path):
        if not os.access(path, os.W_OK):
            raise PermissionError(EACCES, os.strerror(EACCES))
        return
    handle, name = _new_beside(_behind_links(path))
    os.close(handle)
    Path(name).unlink()


def silence(error: OSError) -> str:
    """Discard unwritten output, of which Python would complain at exit; return the error's reason.

    The reason is "" if the reader has closed the pipe, as in `… | head`.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return "" if isinstance(error, BrokenPipeError) else str(error.strerror)


def _is_no_file(path: Path) -> bool:
    """Whether it is a device or a pipe, which a file must not replace."""
    return path.exists() and not path.is_file()


def _behind_links(path: Path) -> Path:
    """Return the path with all links followed, whether the file exists or not."""
    return Path(realpath(path))  # Path.resolve raises RuntimeError if a link leads to itself


def _new_beside(path: Path) -> tuple[int, str]:
    """Create a temporary file in the same folder; return its handle and its name."""
    return tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:SHORT]}.", suffix=".part")


def _umask() -> int:
    """Return the permissions that new files lack; mkstemp makes files for their owner alone.

    The umask can only be read by setting it, which affects other threads for a moment.
    """
    mask = os.umask(0o077)
    os.umask(mask)
    return mask

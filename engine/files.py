"""Files that are written as a whole or not at all."""

import os
import tempfile
from errno import EISDIR
from os.path import realpath
from pathlib import Path
from stat import S_IMODE
from typing import Final

SHORT: Final = 40
"""Of a name, how many letters the new file's begins with: a name has 255 bytes at most."""


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file in one step, as others see it; raises OSError, and leaves nothing behind.

    A file that was there stays as open as it was, and a link to it a link.
    """
    if path.exists() and not path.is_file():  # a device or a pipe, which a file must not replace
        path.write_bytes(content)
        return
    path = _behind_links(path)
    handle, name = _new_beside(path)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(handle)  # else a full disk may show only after the old file is gone
        Path(name).chmod(S_IMODE(path.stat().st_mode) if path.exists() else 0o666 & ~_umask())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def check_place(path: Path) -> None:
    """Raises OSError where `write_whole` could not write this file.

    Whether a disk is about to be full shows only when something is written.
    """
    if path.is_dir():
        raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
    handle, name = _new_beside(_behind_links(path))
    os.close(handle)
    Path(name).unlink()


def _behind_links(path: Path) -> Path:
    """The file to which a link leads, whether it is there or not; any other path is its own."""
    return Path(realpath(path))  # Path.resolve raises RuntimeError where a link leads to itself


def _new_beside(path: Path) -> tuple[int, str]:
    """A new file in the same folder: its handle and its name."""
    return tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:SHORT]}.", suffix=".part")


def _umask() -> int:
    """What new files are closed to; mkstemp makes files for their owner alone.

    It can only be asked for by setting it, which other threads see for a moment.
    """
    mask = os.umask(0o077)
    os.umask(mask)
    return mask

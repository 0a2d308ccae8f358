"""MNIST: handwritten digits, read from the four original files beside this one, or from a folder.

Nothing is ever downloaded. README.md says who made the files and under which licence.
"""

import gzip
import hashlib
import struct
import zlib
from functools import lru_cache
from math import prod
from os.path import realpath
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError

Bytes: TypeAlias = NDArray[np.uint8]
Part: TypeAlias = Literal["train", "test"]

SIDE: Final = 28  # an image's height and width

_HERE: Final = Path(__file__).parent
_PREFIX: Final[dict[Part, str]] = {"train": "train", "test": "t10k"}
_UNSIGNED_BYTES: Final = b"\x00\x00\x08"
"""The first bytes of an IDX file of unsigned bytes; the next byte is the number of its axes."""
_CHECKSUMS: Final = {
    "train-images-idx3-ubyte": "db8f937d487057fb14a9f0fbe97f0bc8d311ab41b750d41e1ff37c43b9e55e19",
    "train-labels-idx1-ubyte": "51fc562b6747b666fbf6e84ce29d43c3cb5f9c388c664d43b33f02095313405a",
    "t10k-images-idx3-ubyte": "cfeddb84311ecf044fc6a5b0f6ee8a24d265d4e83e388400186eb114082f4209",
    "t10k-labels-idx1-ubyte": "e41c74e484045d39b462a7790a4af51301bd9b0b24f0154798d713ec68c45920",
}


class Digits(NamedTuple):
    """Images and their labels, read-only."""

    images: Bytes  # (N, 28, 28), from 0 (paper) to 255 (ink)
    labels: Bytes  # (N,), 0 to 9


def check_grey(owner: str, images: object) -> None:
    """Raise DataError for anything except an array of grey values, uint8 (N, H, W)."""
    if not isinstance(images, np.ndarray):
        raise DataError(f"{owner}: needs an array of images; got a {type(images).__name__}")
    if images.dtype != np.uint8 or images.ndim != 3 or not images.size:
        raise DataError(
            f"{owner}: needs images (N, {SIDE}, {SIDE}) of grey values from 0 to 255 in uint8; "
            f"got shape {images.shape} of {images.dtype}"
        )


def check_digits(owner: str, images: NDArray[Any], labels: object) -> None:
    """Raise DataError for anything except grey images of 28 x 28 with a label from 0 to 9 each."""
    check_grey(owner, images)
    if not isinstance(labels, np.ndarray):
        raise DataError(f"{owner}: needs an array of labels; got a {type(labels).__name__}")
    if images.shape[1:] != (SIDE, SIDE):
        raise DataError(f"{owner}: needs images of {SIDE} x {SIDE}; got shape {images.shape}")
    if labels.shape != images.shape[:1]:
        got = len(labels) if labels.ndim == 1 else f"labels of shape {labels.shape}"
        raise DataError(f"{owner}: needs a label for each image; got {got} for {len(images)}")
    if (wrong := labels[~np.isin(labels, range(10))]).size:
        raise DataError(f"{owner}: needs labels from 0 to 9; got {wrong[0]}")


def load(part: Part = "test", folder: str | Path | None = None) -> Digits:
    """Return the 10,000 test images or the 60,000 training images with their labels, read once.

    folder: another folder with files of the same names and format, which may be unpacked already
    (without .gz). The checksums of the files that come with the program are verified, too. Raises
    DataError, naming the file, if one is missing, damaged or in another format.
    """
    if not (isinstance(part, str) and part in _PREFIX):
        raise DataError(f"MNIST: needs the part 'train' or 'test'; got {part!r}")
    # Path.resolve raises RuntimeError if a link leads to itself.
    return _load(part, None if folder is None else Path(realpath(folder)))


@lru_cache(maxsize=4)
def _load(part: Part, folder: Path | None) -> Digits:
    prefix = _PREFIX[part]
    images = _array(f"{prefix}-images-idx3-ubyte.gz", folder, axes=3)
    labels = _array(f"{prefix}-labels-idx1-ubyte.gz", folder, axes=1)
    check_digits(f"MNIST: {folder or _HERE}/{prefix}-*", images, labels)
    return Digits(images, labels)


def _array(name: str, folder: Path | None, axes: int) -> Bytes:
    """Return the array of one file, of any shape with this many axes."""
    path = (folder or _HERE) / name
    try:
        if folder and not path.exists() and path.with_suffix("").exists():
            path = path.with_suffix("")
        packed = path.read_bytes()
    except OSError as error:
        raise DataError(f"MNIST: needs the file {path}; got {error.strerror}") from error
    if folder is None and hashlib.sha256(packed).hexdigest() != _CHECKSUMS[path.stem]:
        raise DataError(f"MNIST: {path} is damaged: its SHA-256 is not the original's")
    try:
        raw = gzip.decompress(packed) if path.suffix == ".gz" else packed
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"MNIST: {path} is damaged, or not a gzip file: {error}") from error
    return _unpacked(path, raw, axes)


def _unpacked(path: Path, raw: bytes, axes: int) -> Bytes:
    """Return the entries of an IDX file: its magic number, extents (four bytes each), entries."""
    magic, header = _UNSIGNED_BYTES + bytes([axes]), 4 + 4 * axes
    if raw[:4] != magic:
        raise DataError(
            f"MNIST: {path} needs the magic number {magic.hex()}, bytes along {axes} "
            f"{'axis' if axes == 1 else 'axes'}; got {raw[:4].hex() or 'an empty file'}"
        )
    if len(raw) < header:
        raise DataError(f"MNIST: {path} is cut short: its header needs {header} bytes")
    shape = struct.unpack(f">{axes}I", raw[4:header])
    if prod(shape) != len(raw) - header:
        raise DataError(
            f"MNIST: {path} is cut short or damaged: for shape {shape} it needs {prod(shape)} "
            f"entries; got {len(raw) - header}"
        )
    # A view of bytes, and so read-only.
    return np.frombuffer(raw, dtype=np.uint8, offset=header).reshape(shape)

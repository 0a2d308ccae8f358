"""Small parts of MNIST, and files with them."""

import gzip
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.mnist import Digits, load


def some(part: str, count: int) -> Digits:
    """Return the first `count` images of a part, with their labels."""
    images, labels = load("train" if part == "train" else "test")
    return Digits(images[:count], labels[:count])


def write(folder: Path, train: int, test: int) -> Path:
    """Write the four IDX files, with this many images of each part; return their folder."""
    for part, prefix, count in (("train", "train", train), ("test", "t10k", test)):
        images, labels = some(part, count)
        for array, name in ((images, "images-idx3"), (labels, "labels-idx1")):
            (folder / f"{prefix}-{name}-ubyte.gz").write_bytes(gzip.compress(_idx(array), 1))
    return folder


def _idx(array: NDArray[np.uint8]) -> bytes:
    header = b"\x00\x00\x08" + bytes([array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.tobytes()

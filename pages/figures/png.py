"""Small pictures as PNG, from the standard library alone."""

import base64
import struct
import zlib
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_INDEXED: Final = 3
"""PNG's type of colour for pixels that are numbers of a palette's colours."""


def data_uri(pixels: NDArray[np.uint8], colours: Sequence[str]) -> str:
    """pixels (rows, columns): the numbers of colours like "#D55E00"; at most 256 of these."""
    rows, columns = pixels.shape
    used, index = np.unique(pixels, return_inverse=True)
    palette = b"".join(bytes.fromhex(colours[number][1:]) for number in used)
    depth = next(bits for bits in (1, 2, 4, 8) if len(used) <= 2**bits)
    shifts = np.arange(depth - 1, -1, -1)
    bits = (index.reshape(rows, columns, 1) >> shifts) & 1
    # Each row begins with the number of its filter: none.
    lines = np.pad(np.packbits(bits.reshape(rows, -1), axis=1), ((0, 0), (1, 0)))
    head = struct.pack(">IIBBBBB", columns, rows, depth, _INDEXED, 0, 0, 0)
    body = zlib.compress(lines.tobytes(), 9)
    chunks = ((b"IHDR", head), (b"PLTE", palette), (b"IDAT", body), (b"IEND", b""))
    png = _SIGNATURE + b"".join(_chunk(kind, content) for kind, content in chunks)
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _chunk(kind: bytes, content: bytes) -> bytes:
    checked = kind + content
    return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

"""Whether a PNG shows what would be drawn now: the figure's fingerprint is written into it.

Pixels differ between machines with their fonts and browsers; what the figure says does not.
"""

import json
import zlib
from base64 import b64decode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from pages.exporting.shots import Shot
from pages.exporting.slide import slide

KEY: Final = b"figure"
"""The keyword of the PNG's text."""
DIGITS: Final = 4
"""Behind the point, of numbers: another processor may round the last ones otherwise."""

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_IMAGE: Final = "data:image/png;base64,"


def fingerprint(figure: Mapping[str, Any]) -> str:
    """64 hexadecimal digits, the same wherever the figure is the same."""
    text = json.dumps(_plain(figure), sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def own_name(figure: Mapping[str, Any]) -> str:
    """A name for what is drawn of a figure, that no other on the same page has."""
    return f"p{fingerprint(figure)[:8]}"


def stamped(png: bytes, text: str) -> bytes:
    """The PNG with this text in it, behind its header."""
    (_, header), *_ = _chunks(png)
    after = len(_SIGNATURE) + 12 + len(header)
    content = b"tEXt" + KEY + b"\0" + text.encode("latin-1")
    chunk = (len(content) - 4).to_bytes(4) + content + zlib.crc32(content).to_bytes(4)
    return png[:after] + chunk + png[after:]


def stamp_of(png: bytes) -> str:
    """The text that `stamped` wrote; "" where there is none."""
    texts = (content for kind, content in _chunks(png) if kind == b"tEXt")
    found = (text.partition(b"\0") for text in texts)
    return next((text.decode("latin-1") for key, _, text in found if key == KEY), "")


def stamp_text(shot: Shot, figure: str) -> str:
    """What the PNG of a shot has to say of itself; figure: the fingerprint of what it shows."""
    width, height = shot.look.pixels
    return f"{width}x{height} {figure}"


def is_current(path: Path, shot: Shot) -> bool:
    """Whether there is a PNG that shows what would be drawn of the shot now."""
    if not path.is_file():
        return False
    return stamp_of(path.read_bytes()) == stamp_text(shot, fingerprint(slide(shot)))


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The kind and the content of each."""
    if not png.startswith(_SIGNATURE):
        raise ValueError("a PNG is needed; this begins otherwise")
    at = len(_SIGNATURE)
    while at < len(png):
        length = int.from_bytes(png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += 12 + length


def _plain(value: Any) -> Any:
    """The same without what differs between machines: last digits, how images are packed."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float):
        rounded = round(value, DIGITS) + 0.0
        return int(rounded) if rounded.is_integer() else rounded
    if isinstance(value, str) and value.startswith(_IMAGE):
        return [_unpacked(kind, content) for kind, content in _chunks(b64decode(value[22:]))]
    return value


def _unpacked(kind: bytes, content: bytes) -> str:
    raw = zlib.decompress(content) if kind == b"IDAT" else content
    return f"{kind.decode('latin-1')} {sha256(raw).hexdigest()}"

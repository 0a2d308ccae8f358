"""Tell whether a PNG is up to date, by a fingerprint of its figure that is written into it.

Pixels differ between machines, with their fonts and browsers; the content of a figure does not.
"""

import json
import zlib
from base64 import b64decode
from collections.abc import Mapping
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from PIL import Image

from pages.export.render_jobs import RenderJob
from pages.export.slide import slide
from pages.figures.check_curve import READING
from pages.figures.primitives import ROUNDED

KEY: Final = "figure"  # the keyword of the PNG's text chunk
DIGITS: Final = 4
"""The decimals that count in numbers: other processors may round the last ones differently."""

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_HEADER: Final = len(_SIGNATURE) + 25  # the offset at which a PNG's header ends
_IMAGE: Final = "data:image/png;base64,"


def fingerprint(figure: Mapping[str, Any]) -> str:
    """64 hexadecimal digits, the same wherever the figure is the same."""
    text = json.dumps(_plain(figure), sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def own_name(text: str) -> str:
    """A name for the drawing of a figure with this fingerprint, unique on a page."""
    return f"p{text[:8]}"


def with_fingerprint(png: bytes, text: str) -> bytes:
    """The PNG with this text in it, behind its header.

    It is inserted by hand, since Pillow would encode the whole picture again: that takes 170 ms
    for 1920 x 1080, instead of 1 ms.
    """
    if not png.startswith(_SIGNATURE):
        raise ValueError("a PNG is needed; this begins otherwise")
    content = b"tEXt" + KEY.encode() + b"\0" + text.encode("latin-1")
    chunk = (len(content) - 4).to_bytes(4) + content + zlib.crc32(content).to_bytes(4)
    return png[:_HEADER] + chunk + png[_HEADER:]


def fingerprint_in(png: bytes) -> str:
    """The text that `with_fingerprint` wrote; "" if there is none."""
    return str(Image.open(BytesIO(png)).info.get(KEY, ""))


def job_fingerprint(job: RenderJob, figure: str) -> str:
    """The text to be written into the PNG of a job; figure: the fingerprint of its figure."""
    width, height = job.style.pixels
    return f"{width}x{height} {figure}"


def is_current(path: Path, job: RenderJob) -> bool:
    """Whether there is a PNG at the path that shows what would be drawn for the job now."""
    if not path.is_file():
        return False
    return fingerprint_in(path.read_bytes()) == job_fingerprint(job, fingerprint(slide(job)))


def _plain(value: Any) -> Any:
    """The value without what differs between machines: last digits, how images are compressed.

    Something that shows rounding errors is reduced to the fact that it is there.
    """
    if isinstance(value, Mapping):
        if value.get("meta") == ROUNDED:
            return ROUNDED
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float):
        rounded = round(value, DIGITS) + 0.0
        return int(rounded) if rounded.is_integer() else rounded
    if isinstance(value, str) and value.startswith((*READING.values(),)):
        return ROUNDED
    if isinstance(value, str) and value.startswith(_IMAGE):
        picture = Image.open(BytesIO(b64decode(value.removeprefix(_IMAGE)))).convert("RGBA")
        return [*picture.size, sha256(picture.tobytes()).hexdigest()]
    return value

"""Whether a PNG shows what would be drawn now: the figure's fingerprint is written into it.

Pixels differ between machines with their fonts and browsers; what the figure says does not.
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

KEY: Final = "figure"
"""The keyword of the PNG's text."""
DIGITS: Final = 4
"""Behind the point, of numbers: another processor may round the last ones otherwise."""

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_HEADER: Final = len(_SIGNATURE) + 25
"""Where the header ends."""
_IMAGE: Final = "data:image/png;base64,"


def fingerprint(figure: Mapping[str, Any]) -> str:
    """64 hexadecimal digits, the same wherever the figure is the same."""
    text = json.dumps(_plain(figure), sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def own_name(text: str) -> str:
    """A name for what is drawn of a figure with this fingerprint, that no other on a page has."""
    return f"p{text[:8]}"


def with_fingerprint(png: bytes, text: str) -> bytes:
    """The PNG with this text in it, behind its header.

    By hand, since Pillow only writes a picture anew: 170 ms for one of 1920 x 1080 instead of 1.
    """
    if not png.startswith(_SIGNATURE):
        raise ValueError("a PNG is needed; this begins otherwise")
    content = b"tEXt" + KEY.encode() + b"\0" + text.encode("latin-1")
    chunk = (len(content) - 4).to_bytes(4) + content + zlib.crc32(content).to_bytes(4)
    return png[:_HEADER] + chunk + png[_HEADER:]


def fingerprint_in(png: bytes) -> str:
    """The text that `with_fingerprint` wrote; "" where there is none."""
    return str(Image.open(BytesIO(png)).info.get(KEY, ""))


def job_fingerprint(job: RenderJob, figure: str) -> str:
    """What the PNG of a job has to say of itself; figure: the fingerprint of what it shows."""
    width, height = job.style.pixels
    return f"{width}x{height} {figure}"


def is_current(path: Path, job: RenderJob) -> bool:
    """Whether there is a PNG that shows what would be drawn of the job now."""
    if not path.is_file():
        return False
    return fingerprint_in(path.read_bytes()) == job_fingerprint(job, fingerprint(slide(job)))


def _plain(value: Any) -> Any:
    """The same without what differs between machines: last digits, how images are packed.

    Of what shows errors of rounding, that it is there.
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

"""The thumbnails: where they are, and what makes them small. They come from `pages.export`."""

from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from PIL import Image

from pages.export.fingerprint import stamp_of, stamped
from pages.figures.theme import Theme

FOLDER: Final = Path(__file__).parent / "pictures"
"""Beneath it is a folder for each theme."""
COLOURS: Final = 255
"""Enough for flat colours and the edges of texts; a file is a quarter as large."""
EXACT: Final = 16
"""So many of the most common colours stay as they are: the paper is to be the page's."""


def path_of(name: str, theme: Theme) -> Path:
    """Where the thumbnail of an exhibit is."""
    return FOLDER / theme / f"{name}.png"


@cache
def known() -> dict[tuple[str, str], Path]:
    """The files that there are, by their names and themes: what a stranger may ask for."""
    return {(path.stem, path.parent.name): path for path in FOLDER.glob("*/*.png")}


@cache
def version_of(name: str, theme: Theme) -> str:
    """Some digits that change with the file, so that a browser may keep it; "" if it is missing."""
    path = path_of(name, theme)
    return sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else ""


def smaller(png: bytes) -> bytes:
    """The same picture in few colours, with its stamp."""
    picture = Image.open(BytesIO(png)).convert("RGB")
    # By coverage: to a median cut a colour that few pixels have, as a digit's, is nothing.
    indexed = picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    _keep_common(indexed, picture)
    file = BytesIO()
    indexed.save(file, "PNG", optimize=True)
    return stamped(file.getvalue(), stamp_of(png))


def _keep_common(indexed: Image.Image, picture: Image.Image) -> None:
    """Gives their places in the palette to the most common colours, the first of them first."""
    counted: Any = picture.getcolors(picture.width * picture.height)
    common = [colour for _, colour in sorted(counted, reverse=True)[:EXACT]]
    strip = Image.new("RGB", (len(common), 1))
    strip.putdata(common)
    places = strip.quantize(palette=indexed, dither=Image.Dither.NONE).tobytes()
    palette = indexed.getpalette() or []
    for place, colour in reversed([*zip(places, common, strict=True)]):
        palette[3 * place : 3 * place + 3] = colour
    indexed.putpalette(palette)

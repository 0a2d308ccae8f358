"""Renew the README's pictures and the gallery's thumbnails: `python -m pages.gallery.renew`.

It makes those that are missing or out of date, and deletes thumbnails without an exhibit. It needs
the browser that `python -m pages.export` needs.
"""

import asyncio
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from engine.files import write_whole
from pages.export.batch import BatchProgress, Output, Studio
from pages.export.fingerprint import fingerprint_in, is_current, with_fingerprint
from pages.export.render_jobs import RenderJob, SceneProblem, read_scene_file
from pages.figures.theme import PALETTES
from pages.gallery.exhibits import FOLDER, exhibits, path_of

README: Final = Path(__file__).parents[2] / ".github" / "pictures"
"""The folder of the README's pictures; pictures.toml in it says what they show."""
COLOURS: Final = 255
"""The most colours of a thumbnail: enough for flat areas and text, at a quarter of the size."""
EXACT: Final = 16
"""The number of most common colours that stay exact, so that the background is the page's."""
COMMAND: Final = "python -m pages.gallery.renew"


@dataclass(frozen=True)
class Kept:
    """A picture that is kept in git."""

    job: RenderJob  # what it shows
    path: Path
    small: bool = False  # whether it has few colours

    @property
    def is_outdated(self) -> bool:
        """Whether the file is missing, or shows something else."""
        return not is_current(self.path, self.job)


def kept_pictures() -> Iterator[Kept]:
    """Yield all pictures in git. Raises ValueError if the README's scene file has a mistake."""
    for job in read_scene_file(README / "pictures.toml", {}):
        if isinstance(job, SceneProblem):
            raise ValueError(job.reason)
        yield Kept(job, README / f"{job.name}.png")
    for exhibit in exhibits():
        for theme in PALETTES:
            yield Kept(exhibit.thumbnail(theme), path_of(exhibit.name, theme), small=True)


def strays() -> list[Path]:
    """Return the files in the thumbnails' folders that belong to no exhibit."""
    known = {each.path for each in kept_pictures()}
    return sorted(path for path in FOLDER.glob("*/*") if path not in known)


def smaller(png: bytes) -> bytes:
    """Return a PNG in few colours, with its fingerprint."""
    picture = Image.open(BytesIO(png)).convert("RGB")
    indexed = _in_few_colours(picture)
    file = BytesIO()
    indexed.save(file, "PNG", optimize=True)
    return with_fingerprint(file.getvalue(), fingerprint_in(png))


def _in_few_colours(picture: Image.Image) -> Image.Image:
    """Keep the EXACT most common colours, and replace the others by similar ones."""
    counted: Any = picture.getcolors(picture.width * picture.height)
    common = [colour for _, colour in sorted(counted, reverse=True)[:EXACT]]
    # A median cut would drop the colours of few pixels, such as a digit's.
    coverage = Image.Quantize.MAXCOVERAGE
    others = picture.quantize(COLOURS - len(common), coverage, dither=Image.Dither.NONE)
    pixels, places = np.asarray(picture), np.asarray(others) + len(common)
    for place, colour in enumerate(common):
        places[(pixels == colour).all(axis=2)] = place
    indexed = Image.fromarray(places)
    indexed.putpalette([*chain(*common), *(others.getpalette() or ())])
    return indexed


async def _make(pictures: list[Kept], progress: BatchProgress) -> None:
    async with AsyncExitStack() as stack:
        studio = Studio(stack)
        for each in pictures:
            each.path.parent.mkdir(parents=True, exist_ok=True)
            try:
                png = await studio.content(Output(each.job, "png"))
                write_whole(each.path, smaller(png) if each.small else png)
            except (OSError, ValueError, RuntimeError) as error:
                progress.failed(str(each.path), str(error))
            else:
                progress.written(each.path)


def main() -> int:
    """Make the outdated pictures. Return the exit status."""
    for path in strays():
        path.unlink()
    outdated = [each for each in kept_pictures() if each.is_outdated]
    progress = BatchProgress(len(outdated))
    asyncio.run(_make(outdated, progress))
    progress.close()
    return 1 if progress.failures else 0


if __name__ == "__main__":
    ArgumentParser(prog=COMMAND, description=__doc__).parse_args()  # it has no options but --help
    sys.exit(main())

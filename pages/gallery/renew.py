"""Makes the README's pictures and the gallery's thumbnails again: `python -m pages.gallery.renew`.

Only those that are missing or would show something else by now; thumbnails of nothing are deleted.
It needs the browser that `python -m pages.export` needs.
"""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.files import write_whole
from pages.export.batch import Output, Progress, Studio
from pages.export.fingerprint import is_current
from pages.export.render_jobs import RenderJob
from pages.export.scene_file import Problem, read_scene_file
from pages.figures.theme import PALETTES
from pages.gallery.exhibits import exhibits
from pages.gallery.thumbnails import FOLDER, path_of, smaller

README: Final = Path(__file__).parents[2] / ".github" / "pictures"
"""The folder of the README's pictures; pictures.toml in it says what they show."""
COMMAND: Final = "python -m pages.gallery.renew"


@dataclass(frozen=True)
class Kept:
    """A picture that is kept in git: what it shows, where, and whether in few colours."""

    job: RenderJob
    path: Path
    small: bool = False

    @property
    def is_outdated(self) -> bool:
        """Whether it is missing, or shows something else."""
        return not is_current(self.path, self.job)


def kept() -> Iterator[Kept]:
    """All of them. Raises ValueError where the README's file of scenes has a mistake."""
    for job in read_scene_file(README / "pictures.toml", {}):
        if isinstance(job, Problem):
            raise ValueError(job.reason)
        yield Kept(job, README / f"{job.name}.png")
    for exhibit in exhibits():
        for theme in PALETTES:
            yield Kept(exhibit.thumbnail(theme), path_of(exhibit.name, theme), small=True)


def strays() -> list[Path]:
    """Files among the thumbnails that are none."""
    known = {each.path for each in kept()}
    return sorted(path for path in FOLDER.glob("*/*") if path not in known)


async def _make(pictures: list[Kept], progress: Progress) -> None:
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
    """Makes what is outdated; returns the exit status."""
    for path in strays():
        path.unlink()
    outdated = [each for each in kept() if each.is_outdated]
    progress = Progress(len(outdated))
    asyncio.run(_make(outdated, progress))
    progress.close()
    return 1 if progress.failures else 0


if __name__ == "__main__":
    sys.exit(main())

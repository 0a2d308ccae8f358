"""Shots become files: one browser for all, one report for each, and a failure stops no other."""

from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from pages.export.animation import gif
from pages.export.document import html_file
from pages.export.files import write_whole
from pages.export.look import Format
from pages.export.playing import track_of
from pages.export.renderer import BrowserLostError, NoBrowserError, Renderer, renderer
from pages.export.shots import Shot
from pages.export.slide import slide
from pages.export.stamp import fingerprint, stamp_text, stamped
from pages.scene import Scene

STEP_MILLISECONDS: Final = 1400
LAST_MILLISECONDS: Final = 3000
VALUE_MILLISECONDS: Final = 120
"""How long a gif shows a step, the last of them, and a slider's value."""
PLAYED: Final[tuple[Format, ...]] = ("gif", "html")
"""These have all the steps in one file."""


class Report(Protocol):
    """Hears of each file when it is finished."""

    def written(self, path: Path) -> None:
        """It is there."""

    def failed(self, name: str, said: str) -> None:
        """It is not; why, in a sentence."""


@dataclass(frozen=True)
class Output:
    """One file to be made."""

    shot: Shot
    format: Format

    def path(self, folder: Path) -> Path:
        """Where it is to be."""
        return folder / f"{self.shot.name}.{self.format}"


def outputs_of(shots: Sequence[Shot]) -> list[Output]:
    """Every file that these shots ask for, those of one picture together."""
    return [output for shot in shots for output in _outputs(shot)]


def _outputs(shot: Shot) -> Iterator[Output]:
    formats = shot.look.formats
    for each in shot.steps() if shot.look.steps else [shot]:
        yield from (Output(each, kind) for kind in formats if kind not in PLAYED)
    yield from (Output(shot, kind) for kind in formats if kind in PLAYED)


async def write_batch(
    outputs: Sequence[Output], folder: Path, report: Report, *, force: bool = False
) -> None:
    """Makes the files in a folder that is there, one after the other.

    One that is there already is not overwritten without force; one that cannot be made is reported,
    and the others are made.
    """
    made: set[str] = set()
    async with AsyncExitStack() as stack:
        studio = Studio(stack)
        for output in outputs:
            path = output.path(folder)
            if path.name.casefold() in made:
                report.failed(path.name, f"another picture of this batch is called {path.name}")
                continue
            made.add(path.name.casefold())
            if path.exists() and not force:
                report.failed(path.name, f"{path} is there already; --force overwrites it")
                continue
            try:
                write_whole(path, await studio.content(output))
            except OSError as error:
                report.failed(path.name, f"{path} cannot be written: {error.strerror or error}")
            except (ValueError, RuntimeError) as error:
                report.failed(path.name, str(error))
            except Exception as error:  # noqa: BLE001 - a mistake on one page spoils no lecture
                report.failed(path.name, f"{type(error).__name__}: {error}")
            else:
                report.written(path)


class Drawn(NamedTuple):
    """A shot's picture as SVG text, and the fingerprint of its figure."""

    shot: Shot
    svg: str
    fingerprint: str


class Studio:
    """Makes the contents of files; it has a browser from the first that needs one."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self._renderer: Renderer | None = None
        self._missing = False
        self._last: Drawn | None = None
        self._painted: tuple[Drawn | None, bytes] = None, b""

    async def content(self, output: Output) -> bytes:
        """What is to be in the file."""
        shot = output.shot
        if output.format == "html":
            return html_file(shot).encode()
        try:
            match output.format:
                case "svg":
                    return (await self._drawn(shot)).svg.encode()
                case "pdf":
                    svg = (await self._drawn(shot)).svg
                    return await (await self.browser()).pdf(svg, shot.look.size, shot.title)
                case "gif":
                    return await self._gif(shot)
                case _:
                    return await self._png(shot)
        except BrowserLostError:
            self._renderer = None  # the next picture gets another
            raise

    async def browser(self) -> Renderer:
        """The browser, started now if this is its first use; NoBrowserError if there is none."""
        if self._missing:
            raise NoBrowserError("this needs the browser that is not there")
        if self._renderer is None:
            try:
                self._renderer = await self._stack.enter_async_context(renderer())
            except NoBrowserError:
                self._missing = True
                raise
        return self._renderer

    async def _drawn(self, shot: Shot) -> Drawn:
        if self._last is None or self._last.shot != shot:  # else this is another format of it
            figure = slide(shot)
            said = fingerprint(figure)
            svg = await (await self.browser()).svg(figure, shot.look.size, f"p{said[:8]}")
            self._last = Drawn(shot, svg, said)
        return self._last

    async def _png(self, shot: Shot) -> bytes:
        drawn = await self._drawn(shot)
        if drawn is not self._painted[0]:  # else this is for a gif of one picture
            png = await (await self.browser()).png(drawn.svg, shot.look.pixels)
            self._painted = drawn, stamped(png, stamp_text(shot, drawn.fingerprint))
        return self._painted[1]

    async def _gif(self, shot: Shot) -> bytes:
        scenes, times = played(shot)
        drawn = {
            scene: await self._png(replace(shot, scene=scene)) for scene in dict.fromkeys(scenes)
        }
        return gif([drawn[scene] for scene in scenes], times)


def played(shot: Shot) -> tuple[list[Scene], list[int]]:
    """What a gif shows, and for how many milliseconds each.

    The steps; on a page without them the look's slider, there and back; without one nothing moves.
    """
    steps = bool(shot.subject.steps)
    track = track_of(shot, slider=not steps and bool(shot.look.slider))
    if steps:
        scenes = [row[0] for row in track.scenes]
        return scenes, [STEP_MILLISECONDS] * (len(scenes) - 1) + [LAST_MILLISECONDS]
    (there,) = track.scenes
    scenes = [*there, *there[-2:0:-1]]
    return scenes, [VALUE_MILLISECONDS] * len(scenes)

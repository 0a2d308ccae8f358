"""Write the files of render jobs: with one browser for all, and a printed line for each file.

A file that cannot be made stops no other.
"""

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

from engine.files import write_whole
from engine.layers.spelling import FRAMEWORKS
from pages.derive.script import Script
from pages.export.animation import gif, played, slider_of
from pages.export.document import html_file
from pages.export.fingerprint import fingerprint, job_fingerprint, own_name, with_fingerprint
from pages.export.render_jobs import RenderJob
from pages.export.renderer import BrowserLostError, NoBrowserError, Renderer, renderer
from pages.export.slide import Canvas, captioned, slide
from pages.export.style import SCRIPTS, STILL, Format
from pages.sharing.frameworks import FrameworkScript

BAR: Final = 24  # the number of characters of the progress bar


@dataclass(frozen=True)
class Output:
    """One file to be made."""

    job: RenderJob
    format: Format

    def path(self, folder: Path) -> Path:
        """The path of the file."""
        ending = f"-{self.format}.py" if self.format in FRAMEWORKS else f".{self.format}"
        return folder / f"{self.job.name}{ending}"

    @cached_property
    def script(self) -> Script | FrameworkScript:
        """The script, if the format is one."""
        script = self.job.subject.script(self.job.scene)
        if self.job.title.strip():
            script = replace(script, title=self.job.title)
        match self.format:
            case "torch" | "jax" as framework:
                return FrameworkScript(script, framework)
        return script

    def said(self) -> str:
        """The remark on the file once it is written; "" for none."""
        return self.script.said if self.format in SCRIPTS else ""


class BatchProgress:
    """The report on a batch while it runs: a line for each file and, on a terminal, a bar.

    Written files are reported on standard output; failures, and the bar, on standard error.
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self.failures = 0
        self._shown = False
        self._show()

    def written(self, path: Path, said: str = "") -> None:
        """Report that a file is written; said: a remark on it."""
        self.done += 1
        self._hide()
        print(path, flush=True)
        if said:
            print(f"{path.name}: {said}", file=sys.stderr, flush=True)
        self._show()

    def failed(self, name: str, reason: str) -> None:
        """Report that a file, or a scene, could not be made, and why."""
        self.failures += 1
        self._hide()
        sentence = reason if reason.endswith((".", "!", "?")) else f"{reason}."
        print(sentence if name in reason else f"{name}: {sentence}", file=sys.stderr, flush=True)
        self._show()

    def close(self) -> None:
        """Remove the bar at the end, and report how much failed, if anything did."""
        self._hide()
        if self.failures:
            print(f"{self.done} written, {self.failures} not.", file=sys.stderr)

    def _show(self) -> None:
        behind = self.done + self.failures
        if not sys.stderr.isatty() or behind >= self.total:
            return
        full = BAR * behind // self.total
        line = f"[{'#' * full}{'.' * (BAR - full)}] {behind} of {self.total}"
        print(line, end="", file=sys.stderr, flush=True)
        self._shown = True

    def _hide(self) -> None:
        if self._shown:
            blank = " " * (shutil.get_terminal_size().columns - 1)
            print(f"\r{blank}\r", end="", file=sys.stderr, flush=True)
        self._shown = False


def outputs_of(jobs: Sequence[RenderJob]) -> list[Output]:
    """Every file that these jobs ask for, with those of one picture together."""
    return [output for job in jobs for output in _outputs(job)]


def _outputs(job: RenderJob) -> Iterator[Output]:
    formats = job.style.formats
    for each in job.steps() if job.style.steps else [job]:
        yield from (Output(each, kind) for kind in formats if kind in STILL)
    yield from (Output(job, kind) for kind in formats if kind not in STILL)


async def write_batch(
    outputs: Sequence[Output], folder: Path, progress: BatchProgress, *, force: bool = False
) -> None:
    """Write the files into an existing folder, one after the other.

    A file that exists already is not overwritten without force. One that cannot be made is
    reported, and the others are made all the same.
    """
    made: set[str] = set()
    async with AsyncExitStack() as stack:
        studio = Studio(stack)
        for output in outputs:
            path = output.path(folder)
            if path.name.casefold() in made:
                progress.failed(path.name, f"another picture of this batch is called {path.name}")
                continue
            made.add(path.name.casefold())
            try:
                if path.exists() and not force:
                    progress.failed(path.name, f"{path} is there already; --force overwrites it")
                    continue
                write_whole(path, await studio.content(output))
            except OSError as error:
                progress.failed(path.name, f"{path} cannot be written: {error.strerror or error}")
            except (ValueError, RuntimeError) as error:
                progress.failed(path.name, str(error))
            except Exception as error:  # noqa: BLE001 - a fault of one page stops no other file
                progress.failed(path.name, f"{type(error).__name__}: {error}")
            else:
                progress.written(path, output.said())


class Drawn(NamedTuple):
    """A job's picture as SVG text, and the fingerprint of its figure."""

    job: RenderJob
    canvas: Canvas
    svg: str
    fingerprint: str


class Studio:
    """The maker of files' contents; a browser is started for the first file that needs one."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self._renderer: Renderer | None = None
        self._missing = False
        self._last: Drawn | None = None
        self._painted: tuple[Drawn | None, bytes] = None, b""

    async def content(self, output: Output) -> bytes:
        """The content of the file."""
        job = output.job
        if job.style.slider:
            slider_of(job)  # an unknown slider is an error in every format
        if output.format == "html":
            return html_file(job).encode()
        if output.format in SCRIPTS:
            return str(output.script).encode()
        try:
            match output.format:
                case "svg":
                    return (await self._drawn(job)).svg.encode()
                case "pdf":
                    svg = (await self._drawn(job)).svg
                    return await (await self.browser()).pdf(svg, job.style.size, job.title)
                case "gif":
                    return await self._gif(job)
                case "png":
                    return await self._png(job)
                case other:
                    raise AssertionError(f"nothing makes a file in the format {other}")
        except BrowserLostError:
            self._renderer = None  # the next picture gets another browser
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

    async def _drawn(self, job: RenderJob, canvas: Canvas | None = None) -> Drawn:
        canvas = canvas or captioned(job)
        # Otherwise this is another format of the same picture.
        if self._last is None or (self._last.job, self._last.canvas) != (job, canvas):
            figure = slide(job, canvas)
            said = fingerprint(figure)
            svg = await (await self.browser()).svg(figure, job.style.size, own_name(said))
            self._last = Drawn(job, canvas, svg, said)
        return self._last

    async def _png(self, job: RenderJob, canvas: Canvas | None = None) -> bytes:
        drawn = await self._drawn(job, canvas)
        if drawn is not self._painted[0]:  # otherwise a gif of one picture shares it
            png = await (await self.browser()).png(drawn.svg, job.style.pixels)
            self._painted = drawn, with_fingerprint(png, job_fingerprint(job, drawn.fingerprint))
        return self._painted[1]

    async def _gif(self, job: RenderJob) -> bytes:
        scenes, times = played(job)
        if job.style.slider:
            job = job.on_topic()
        shown = {scene: replace(job, scene=scene) for scene in scenes}
        values = shown.values() if job.style.slider else ()  # all steps have one canvas anyway
        canvas = captioned(replace(job, together=(*job.together, *values)))
        drawn = {scene: await self._png(each, canvas) for scene, each in shown.items()}
        return gif([drawn[scene] for scene in scenes], times)

"""A browser that draws for tests, and a check that all texts of its pictures can be read."""

import asyncio
import json
import os
from collections.abc import Coroutine, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from pages.export.batch import Output, Studio
from pages.export.render_jobs import RenderJob
from pages.export.renderer import Renderer
from pages.export.slide import slide
from pages.export.style import Size
from pages.registry import names

Result = TypeVar("Result")

ONE_A_PAGE: Final = [*{name.rpartition("/")[0]: name for name in reversed(names())}.values()]
"""The first preset of each page: with and without steps, sliders, heat maps and explanations."""
SCRIPT: Final = Path(__file__).with_name("text_boxes.js")
AIR: Final = 0.18
"""The free space above and below the letters of a line, in multiples of the font size."""
READABLE: Final = 18 / 1600
"""The least font size, as a fraction of the picture's width."""


class BlockingStudio:
    """A studio that can be used without `await`."""

    def __init__(self, thread: Executor, runner: asyncio.Runner, studio: Studio) -> None:
        self._thread = thread
        self._runner = runner
        self._studio = studio

    def wait(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run the work to its end; return its result."""
        return self._thread.submit(self._runner.run, work).result()

    @property
    def renderer(self) -> Renderer:
        """The studio's browser."""
        return self.wait(self._studio.browser())

    def content(self, output: Output) -> bytes:
        """The content that the file would have."""
        return self.wait(self._studio.content(output))


@contextmanager
def blocking_studio() -> Iterator[BlockingStudio]:
    """A studio with the browser that CHROME_PATH names, or with the one that is found."""
    if "CHROME_PATH" in os.environ:
        os.environ["BROWSER_PATH"] = os.environ["CHROME_PATH"]
    stack, runner = AsyncExitStack(), asyncio.Runner()
    # In its own thread, as playwright's loop may be running in the main one.
    with ThreadPoolExecutor(1) as thread:
        studio = BlockingStudio(thread, runner, Studio(stack))
        yield studio
        studio.wait(stack.aclose())
        thread.submit(runner.close).result()


class Text(NamedTuple):
    """A text, its box in pixels of the paper, and its font size."""

    said: str
    left: float
    top: float
    width: float
    height: float
    size: float

    @property
    def upper(self) -> float:
        """The upper edge of the letters; the line has free space above it."""
        return self.top + AIR * self.size

    @property
    def bottom(self) -> float:
        """The lower edge of the letters, without parts that hang below the line."""
        return self.top + self.height - AIR * self.size


@dataclass(frozen=True)
class Drawn:
    """The size of an SVG file, the size of its paper, and the texts on it."""

    size: Size
    paper: tuple[float, float]
    texts: list[Text]

    def mistakes(self) -> list[str]:
        """A sentence for each text that is cut off, overlaps another one, or is too small."""
        width, height = self.paper
        said = [
            f"{text.said!r} is cut"
            for text in self.texts
            if text.left < 0
            or text.top < 0
            or text.left + text.width > width
            or text.top + text.height > height
        ]
        said += [
            f"{text.said!r} has {text.size:.1f} px on {width}"
            for text in self.texts
            if text.size < READABLE * width - 0.01
        ]
        return said + [
            f"{one.said!r} lies on {other.said!r}"
            for one, other in combinations(self.texts, 2)
            if min(one.left + one.width, other.left + other.width) > max(one.left, other.left)
            and min(one.bottom, other.bottom) > max(one.upper, other.upper)
        ]


def read(studio: BlockingStudio, svg: str) -> Drawn:
    """The sizes and texts that the browser finds in an SVG."""
    script = f"{SCRIPT.read_text(encoding='utf-8')}; textBoxes({json.dumps(svg)})"
    found: Any = studio.wait(studio.renderer.evaluate(script))
    width, height = found["size"]
    return Drawn((width, height), found["paper"], [Text(*each) for each in found["texts"]])


def drawn(studio: BlockingStudio, job: RenderJob) -> Drawn:
    """Draw the job's SVG file; assert that it has the right size and some texts."""
    made = read(studio, studio.wait(studio.renderer.svg(slide(job), job.style.size, "p")))
    assert made.size == job.style.size
    assert len(made.texts) > 3
    return made

"""A browser that draws, for tests that do not wait for it."""

import asyncio
import os
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import Any, TypeVar

from pages.exporting.batch import Output, Studio
from pages.exporting.renderer import Renderer

Result = TypeVar("Result")


class Atelier:
    """A studio whose pictures one need not wait for."""

    def __init__(self, runner: asyncio.Runner, studio: Studio) -> None:
        self._runner = runner
        self._studio = studio

    def wait(self, work: Coroutine[Any, Any, Result]) -> Result:
        """What comes of it."""
        return self._runner.run(work)

    @property
    def renderer(self) -> Renderer:
        """Its browser."""
        return self.wait(self._studio.browser())

    def content(self, output: Output) -> bytes:
        """What would be in the file."""
        return self.wait(self._studio.content(output))


@contextmanager
def opened_atelier() -> Iterator[Atelier]:
    """An atelier with the browser that CHROME_PATH names, else the one that is found."""
    if "CHROME_PATH" in os.environ:
        os.environ["BROWSER_PATH"] = os.environ["CHROME_PATH"]
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        yield Atelier(runner, Studio(stack))
        runner.run(stack.aclose())

"""A browser that draws, for tests that do not wait for it."""

import asyncio
import os
from collections.abc import Coroutine, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AsyncExitStack, contextmanager
from typing import Any, TypeVar

from pages.export.batch import Output, Studio
from pages.export.renderer import Renderer

Result = TypeVar("Result")


class Atelier:
    """A studio whose pictures one need not wait for."""

    def __init__(self, thread: Executor, runner: asyncio.Runner, studio: Studio) -> None:
        self._thread = thread
        self._runner = runner
        self._studio = studio

    def wait(self, work: Coroutine[Any, Any, Result]) -> Result:
        """What comes of it."""
        return self._thread.submit(self._runner.run, work).result()

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
    stack, runner = AsyncExitStack(), asyncio.Runner()
    # In a thread of its own: in the main one playwright's loop may be running.
    with ThreadPoolExecutor(1) as thread:
        atelier = Atelier(thread, runner, Studio(stack))
        yield atelier
        atelier.wait(stack.aclose())
        thread.submit(runner.close).result()

"""One browser for all tests that draw."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest

from pages.exporting.batch import Studio
from tests.pages.exporting.atelier import Atelier


@pytest.fixture(scope="session")
def atelier() -> Iterator[Atelier]:
    if "CHROME_PATH" in os.environ:
        os.environ["BROWSER_PATH"] = os.environ["CHROME_PATH"]
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        yield Atelier(runner, Studio(stack))
        runner.run(stack.aclose())

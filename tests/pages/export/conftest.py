"""A fixture with one browser for all tests that draw."""

from collections.abc import Iterator

import pytest

from tests.pages.export.drawing import BlockingStudio, blocking_studio


@pytest.fixture(scope="session")
def studio() -> Iterator[BlockingStudio]:
    with blocking_studio() as opened:
        yield opened

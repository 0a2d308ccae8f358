"""One browser for all tests that draw."""

from collections.abc import Iterator

import pytest

from tests.pages.export.atelier import Atelier, opened_atelier


@pytest.fixture(scope="session")
def atelier() -> Iterator[Atelier]:
    with opened_atelier() as opened:
        yield opened

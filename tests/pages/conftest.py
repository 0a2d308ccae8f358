"""What the tests of pages share."""

import pytest

from pages.components import controls
from tests.pages.rows import Row


@pytest.fixture
def row(monkeypatch: pytest.MonkeyPatch) -> Row:
    """The snap buttons of whatever page runs."""
    made = Row()
    monkeypatch.setattr(controls, "button_row", made.show)
    return made

"""What the tests of pages share."""

from collections.abc import Iterator
from functools import cache

import pytest
from streamlit.components.v2 import manifest_scanner

from pages.components import controls
from tests.pages.rows import Row


@pytest.fixture
def row(monkeypatch: pytest.MonkeyPatch) -> Row:
    """The snap buttons of whatever page runs."""
    made = Row()
    monkeypatch.setattr(controls, "button_row", made.show)
    return made


@pytest.fixture(scope="session", autouse=True)
def packages_looked_through_once() -> Iterator[None]:
    """For every new session of AppTest Streamlit asks all packages for components, for 0.1 s."""
    with pytest.MonkeyPatch.context() as patch:
        scan = "scan_component_manifests"
        patch.setattr(manifest_scanner, scan, cache(getattr(manifest_scanner, scan)))
        yield

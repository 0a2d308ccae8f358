"""Fixtures that the tests of pages share."""

import logging
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner_utils import script_run_context
from streamlit.runtime.state import SafeSessionState, SessionState

from pages.components import controls
from tests.pages.rows import Row

# Streamlit says whenever it is used outside a run, as in most tests here, that there is none.
logging.getLogger(script_run_context.__name__).addFilter(
    lambda record: "missing ScriptRunContext" not in record.msg
)


@pytest.fixture
def row(monkeypatch: pytest.MonkeyPatch) -> Row:
    """The snap buttons of the page that runs."""
    made = Row()
    monkeypatch.setattr(controls, "button_row", made.show)
    return made


@pytest.fixture
def one_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make documents without animation, which would be 231 pictures of one kind."""
    monkeypatch.setattr("pages.export.animation.DRAWN_MOST", 0)


@pytest.fixture(scope="session", autouse=True)
def packages_looked_through_once() -> Iterator[None]:
    """Scan the packages for components once; Streamlit does so for each AppTest, in 0.1 s."""
    with pytest.MonkeyPatch.context() as patch:
        scan = "scan_component_manifests"
        patch.setattr(manifest_scanner, scan, cache(getattr(manifest_scanner, scan)))
        yield


@pytest.fixture(scope="session", autouse=True)
def callbacks_are_heard_out() -> Iterator[None]:
    """Assert that no callback uses st.session_state, where a newer run would end it too soon."""
    calling = set()
    call = SessionState._call_callbacks

    def called(state: SessionState, **given: Any) -> None:
        calling.add(id(state))
        try:
            call(state, **given)
        finally:
            calling.discard(id(state))

    def watched(access: Callable[..., Any]) -> Callable[..., Any]:
        def watching(state: SafeSessionState, *given: Any) -> Any:
            assert id(state._state) not in calling, f"st.session_state{given[:1]} in a callback"
            return access(state, *given)

        return watching

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SessionState, "_call_callbacks", called)
        for name in ("__getitem__", "__setitem__", "__delitem__", "__contains__"):
            patch.setattr(SafeSessionState, name, watched(getattr(SafeSessionState, name)))
        yield

"""What a widget shows and says, without a browser: the scene has the say in both."""

from typing import Any

import pytest

from pages.components.controls import bound, one_of


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A session, and nobody who shows its widgets."""
    found: dict[str, Any] = {}
    monkeypatch.setattr("streamlit.session_state", found)
    monkeypatch.setattr("pages.components.controls.kept", found.get)
    return found


def test_a_widget_that_says_what_it_was_given_to_show_was_not_changed(
    session: dict[str, Any],
) -> None:
    heard: list[Any] = []
    widget = bound("size", 1, heard.append)
    assert session[widget["key"]] == 1
    widget["on_change"]()
    assert heard == []
    session[widget["key"]] = 2
    widget["on_change"]()
    widget["on_change"]()
    assert heard == [2], "once"


def test_where_the_scene_was_changed_otherwise_the_widget_is_another_one(
    session: dict[str, Any],
) -> None:
    keys = []
    for value in (1, 1, 3, 3, 1):
        widget = bound("size", value, lambda _: None)
        assert session[widget["key"]] == value
        keys.append(widget["key"])
    assert [keys.index(key) for key in keys] == [0, 0, 2, 2, 4]


def test_what_a_browser_does_not_offer_is_not_heard() -> None:
    heard: list[Any] = []
    for said in ("2", "7", None, 2):
        one_of(("1", "2"), heard.append)(said)
    assert heard == ["2"]

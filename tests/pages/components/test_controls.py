"""The widgets without a browser: what they show and report follows the scene."""

import json
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest

from pages.components import button_row, component, gallery
from pages.components.controls import article, bound, bound_list, case_menu, choice, one_of
from pages.derive.page import Select
from pages.gradient_check.check_scene import CheckScene
from pages.gradient_check.check_subject import controls
from pages.registry import PAGES
from pages.session.page_state import PageState
from tests.pages.scenes import block


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A session's state, without Streamlit to show its widgets."""
    found: dict[str, Any] = {}
    monkeypatch.setattr("streamlit.session_state", found)
    monkeypatch.setattr("pages.components.controls.in_session", found.get)
    return found


def test_a_widget_that_says_what_it_was_given_to_show_was_not_changed(
    session: dict[str, Any],
) -> None:
    heard: list[Any] = []
    widget = bound("size", 1, heard.append)
    session[widget["key"]] = widget["value"]  # the browser's value at first
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
        assert session.setdefault(widget["key"], widget["value"]) == value
        keys.append(widget["key"])
    assert [keys.index(key) for key in keys] == [0, 0, 2, 2, 4]


def test_a_row_of_buttons_hears_only_those_that_can_be_pressed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A browser may also send what no row of buttons offers."""
    heard: list[str] = []
    mounted: dict[str, Any] = {}
    monkeypatch.setattr(button_row, "_mount", lambda *_, **given: mounted.update(given))
    button_row.button_row("row", {"Undo": None, "Redo": "Nothing was undone."}, heard.append)
    for said in ("Redo", "another", None, ["Undo"], "Undo"):
        monkeypatch.setattr(button_row, "said_by", lambda *_, said=said: said)
        mounted["on_pressed_change"]()
    assert heard == ["Undo"]


def test_only_a_well_formed_lecture_file_is_read_from_the_browser(
    session: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    mounted: dict[str, Any] = {}

    def mount(key: str, data: dict[str, Any], **heard: Any) -> None:
        mounted.update(heard, lecture=data["lecture"])

    def read(name: str, text: str) -> dict[str, Any]:
        return {"stops": [f"{name}: {text}"], "problems": []}

    monkeypatch.setattr(gallery, "_mount", mount)
    file = {"name": "lecture.toml", "text": "[scenes]"}
    given = [None, "lecture.toml", {**file, "name": ""}, {**file, "name": 1}, {**file, "text": 1}]
    found = []
    for said in (*given, {"name": "lecture.toml"}, file):
        gallery.gallery([], "", pytest.fail, read)
        monkeypatch.setattr(gallery, "said_by", _saying("file", said))
        mounted["on_file_change"]()
        gallery.gallery([], "", pytest.fail, read)
        found.append(mounted["lecture"])
    assert found[:-1] == [None] * 6
    assert found[-1] == {"name": "lecture.toml", **read("lecture.toml", "[scenes]")}


def _saying(name: str, said: Any) -> Callable[[str, str], Any]:
    """A stand-in for `said_by`, by which the gallery alone says this."""
    return lambda *asked: said if asked == ("gallery", name) else None


def test_what_is_presented_from_the_gallery_is_gone_to_once(
    session: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    mounted: dict[str, Any] = {}
    monkeypatch.setattr(gallery, "_mount", lambda *_, **heard: mounted.update(heard))
    presented: list[str] = []
    for said in (None, ["relu/one-at-zero"], "relu/one-at-zero"):
        gallery.gallery([], "", presented.append, lambda *_: {})
        monkeypatch.setattr(gallery, "said_by", _saying("first", said))
        for _ in range(2):  # what is pressed twice too
            mounted["on_first_change"]()
        for _ in range(2):
            gallery.gallery([], "", presented.append, lambda *_: {})
    assert presented == ["relu/one-at-zero"]


@pytest.mark.parametrize(
    ("base", "home"), [("", "/"), ("nets", "/nets/"), ("/course/nets/", "/course/nets/")]
)
def test_the_links_of_the_gallery_begin_at_the_base_path(
    base: str, home: str, session: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    mounted: dict[str, Any] = {}
    monkeypatch.setattr(gallery, "_mount", lambda _, data, **heard: mounted.update(data))
    monkeypatch.setattr("streamlit.get_option", {"server.baseUrlPath": base}.__getitem__)
    gallery.gallery([], "", pytest.fail, lambda *_: {})
    assert mounted["home"] == home


def test_what_a_browser_does_not_offer_is_not_heard() -> None:
    heard: list[Any] = []
    for said in ("2", "7", None, 2):
        one_of(("1", "2"), heard.append)(said)
    assert heard == ["2"]


def test_what_a_page_adds_to_its_article_stands_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr("streamlit.container", lambda **_: nullcontext())
    monkeypatch.setattr("streamlit.markdown", told.append)
    article(PAGES["gallery"], "", "More.")
    assert told == [f"{PAGES['gallery'].article}\n\nMore."]


def test_a_choice_has_what_it_implies_and_its_note(
    session: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    box, notes = dict[str, Any](), list[str]()
    monkeypatch.setattr("streamlit.selectbox", lambda *_, **given: box.update(given))
    monkeypatch.setattr("streamlit.caption", notes.append)
    state = PageState(block(), {}, block())
    rules = {block().rule: "Ours", "mlx": "MLX"}
    implies = Select("rule", "Rule", rules, 100, lambda scene: scene.moved("w", -1.0), "A note.")
    choice(state, implies)
    session[box["key"]] = "mlx"
    box["on_change"]()
    assert state.scene == block(rule="mlx", w=-1.0)
    assert (box["format_func"]("mlx"), notes) == ("MLX", ["A note."])


def test_a_choice_that_the_scene_has_no_longer_is_refused(
    session: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    box = dict[str, Any]()
    monkeypatch.setattr("streamlit.selectbox", lambda *_, **given: box.update(given))
    monkeypatch.setattr("streamlit.caption", lambda _: None)
    start = CheckScene().on("linear")
    state = PageState(start, {}, start)
    _, bugs = controls(start)
    choice(state, bugs)
    state.change(start.on("max-pool"))
    session[box["key"]] = "not-transposed"
    box["on_change"]()
    assert state.scene == start.on("max-pool")
    assert state.problems == ["The bug “w transposed” is none of Max pool: there is none."]


def test_a_component_gets_all_its_data_as_one_text(monkeypatch: pytest.MonkeyPatch) -> None:
    made, got = dict[str, Any](), dict[str, Any]()

    def declared(name: str, **given: Any) -> Callable[..., None]:
        made.update(given, name=name)
        return lambda **given: got.update(given)

    monkeypatch.setattr("streamlit.components.v2.component", declared)
    mount = component.component("figure")
    for more, expected in (("", {"a": "∂?"}), ('{"b":2}', {"a": "∂?", "b": 2})):
        mount("key", {"a": "∂\ud800"}, more)
        found = json.loads(got["data"])
        assert {*found.pop("assets")} == {"components", "plotly"}
        assert found == expected
    assert (made["name"], made["isolate_styles"], got["key"]) == ("figure", False, "key")


def test_of_a_component_only_new_messages_are_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    state = PageState(block(), {}, block())
    no_messages: list[Any] = [None, "text", 3, {}, {"message": "text"}]
    for states in no_messages:
        monkeypatch.setattr(component, "in_session", {"figure": states}.get)
        assert component.hear(state, "figure") is None
    heard = {"figure": {"message": {"serial": "a-1"}}}
    monkeypatch.setattr(component, "in_session", heard.get)
    new = component.hear(state, "figure")
    assert new
    assert new.serial == "a-1"
    assert component.hear(state, "figure") is None


def test_a_menu_goes_to_the_cases_that_it_has(
    session: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    menu: dict[str, Any] = {}
    monkeypatch.setattr("streamlit.menu_button", lambda *_, **given: menu.update(given))
    heard: list[str] = []
    case_menu("case", {"max-tie": "A tie"}, "", "A tie", heard.append, 100, disabled=False)
    for session["case"] in ("nothing", None, "max-tie"):
        menu["on_click"]()
    assert heard == ["max-tie"]


def test_what_a_widget_shows_it_is_told_as_its_kind_is(session: dict[str, Any]) -> None:
    """In every run, since a run that is interrupted may never reach the browser."""
    options = {"a": "A", "b": "B"}
    for _ in range(2):
        row = bound("row", "b", lambda _: None, told="default")
        menu = bound_list("menu", "b", options, lambda _: None)
        assert row["default"] == "b"
        assert (menu["options"], menu["index"]) == (["a", "b"], 1)
        session |= {row["key"]: "b", menu["key"]: "b"}
    assert bound_list("others", "c", options, lambda _: None)["index"] is None


def test_a_list_hears_its_own_options(session: dict[str, Any]) -> None:
    heard: list[Any] = []
    menu = bound_list("menu", "a", ["a", "b"], heard.append)
    for said in ("c", "b"):
        session[menu["key"]] = said
        menu["on_change"]()
    assert heard == ["b"]

"""The picture inside a page's html is the one with which the session opens, if there is one."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pages.derive.page import Page
from pages.derive.subject import Subject
from pages.registry import PAGES, SUBJECTS, page_path
from pages.state.scene import Scene
from pages.views import first_picture as module
from pages.views.first_picture import first_picture
from tests.for_each import for_each
from tests.pages import opening
from tests.pages.components.declared import misfits

PHONE = "Mozilla/5.0 (Linux; Android 15) Mobile"
WITH_PICTURE = [key for key in SUBJECTS if key != "learn"]


def inside(key: str, name: str = "", **address: str) -> Any:
    """The first picture inside a page's html; None if there is none."""
    said = first_picture(page_path(key), address, name)
    return json.loads(said) if said else None


def opened(key: str, **address: str) -> Any:
    """What the session shows for the same address in its first run."""
    app = opening.turned_to(opening.site(), key)
    for name, text in address.items():
        app.query_params[name] = text
    app.run()
    assert not app.exception
    (said,) = [
        json.loads(each.proto.bytes)
        for each in app.get("bidi_component")
        if each.proto.component_name == "live_figure"
    ]
    return said


@pytest.mark.parametrize("key", WITH_PICTURE)
def test_the_first_picture_is_that_of_the_first_run(key: str) -> None:
    slug, scene = [*SUBJECTS[key].presets.items()][-1]
    for address in ({}, {"preset": slug}, scene.query()):
        there, said = inside(key, **address), opened(key, **address)
        assert there["light"] == {name: said[name] for name in there["light"]}
        assert there["dark"]["theme"] == "dark"
        assert there["dark"]["address"] == said["address"]
        assert there["dark"]["figure"]["layout"] != said["figure"]["layout"]
        assert (there["title"], there["purpose"]) == (PAGES[key].title, PAGES[key].purpose)


@pytest.mark.parametrize("key", WITH_PICTURE)
def test_the_browsers_script_knows_what_comes(key: str) -> None:
    assert misfits(inside(key), "FirstPictureData") == []
    assert misfits(inside(key, PHONE), "FirstPictureData") == []


def test_a_quotation_mark_in_a_purpose_ends_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    quoted = '"Zero" \\ 0.'
    monkeypatch.setattr(Page, "purpose", quoted)
    made = module._first_picture.__wrapped__("relu", (), narrow=False)
    assert json.loads(made)["purpose"] == quoted


def test_a_phone_gets_a_first_picture_of_its_own() -> None:
    wide, narrow = inside("relu"), inside("relu", PHONE)
    assert (wide["light"]["narrow"], narrow["light"]["narrow"]) == (False, True)
    assert (wide["light"]["left"], narrow["light"]["left"]) == (None, 0), "it has no room to spare"
    assert wide["light"]["figure"]["layout"] != narrow["light"]["figure"]["layout"]


@for_each(
    ("key", "address"),
    [
        ("learn", {}),  # a lesson may begin with a question
        ("train", {}),
        ("gallery", {}),
        ("conv-block", {"mode": "predict"}),
        ("conv-block", {"question": "Which are zero?"}),
        ("conv-block", {"present": "1"}),
        ("conv-block", {"embed": "true"}),
        ("conv-block", {"x": "1,2,3,1,nan"}),
        ("conv-block", {"preset": "none"}),
        ("relu", {"w": "1"}),
    ],
)
def test_there_is_no_first_picture_where_the_first_run_may_show_another(
    key: str, address: dict[str, str]
) -> None:
    assert inside(key, **address) is None


def test_there_is_no_first_picture_of_a_page_that_does_not_exist() -> None:
    assert first_picture("relu/relu", {}, "") == ""


def test_the_page_comes_though_its_picture_cannot_be_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: object) -> Any:
        raise ZeroDivisionError

    said: list[logging.LogRecord] = []
    module._first_picture.cache_clear()
    monkeypatch.setattr(Subject, "picture", fails)
    monkeypatch.setattr(logging.getLogger(module.__name__), "handle", said.append)
    assert inside("conv-block") is None
    assert [each.getMessage() for each in said] == ["no first picture of ''"]


def test_a_class_that_opens_a_link_has_it_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    picture = Subject.picture

    def counted(subject: Subject[Any], scene: Scene, *screen: Any) -> Any:
        made.append(scene)
        return picture(subject, scene, *screen)

    def ask() -> Any:
        return inside("conv-block", x="1,2,3,1,2")

    module._first_picture.cache_clear()
    monkeypatch.setattr(Subject, "picture", counted)
    with ThreadPoolExecutor(8) as phones:
        answers = [each.result() for each in [phones.submit(ask) for _ in range(24)]]
    assert None not in answers
    assert len(made) == len(["light", "dark"])


def test_a_page_does_not_wait_long_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    with module._making:
        assert inside("conv-block") is None
    assert inside("conv-block")


def test_a_first_picture_beyond_the_limit_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    module._first_picture.cache_clear()
    monkeypatch.setattr(module, "LIMIT", 20_000)
    assert inside("conv-block") is None
    module._first_picture.cache_clear()
    monkeypatch.setattr(module, "LIMIT", 40_000)
    assert inside("conv-block")
    text = module.first_picture("", {}, "")
    assert len(text) < len(text.encode()), "there are signs of more than one byte"
    monkeypatch.setattr(module, "LIMIT", len(text))
    module._first_picture.cache_clear()
    assert module.first_picture("", {}, "") == ""

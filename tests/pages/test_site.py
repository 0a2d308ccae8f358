"""The site as its scripts build it, without a browser."""

import runpy
from base64 import b64decode
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import streamlit as st
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_cache import populate_hash_if_needed
from streamlit.testing.v1 import AppTest

import engine
from engine.errors import DataError
from pages.derive.page import Impossible
from pages.explore.conv_block import SNAPS
from pages.registry import PAGES, titled
from pages.server.assets import ICON
from tests.pages import opening
from tests.pages.rows import Row
from tests.pages.scenes import BLOCK, block

STATE = "page:conv-block"


@pytest.fixture
def site() -> AppTest:
    return opening.site()


def scene_of(site: AppTest) -> Any:
    scene: Any = site.session_state[STATE].scene
    return scene


def test_the_icon_is_an_address_that_holds_the_whole_image() -> None:
    kind, _, packed = ICON.partition(",")
    assert kind == "data:image/svg+xml;base64"
    assert ElementTree.fromstring(b64decode(packed, validate=True)).tag.endswith("}svg")


def test_the_site_is_not_run_in_the_processes_that_it_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Python runs the server's main script under this name in each process that it spawns."""
    ran: list[object] = []
    monkeypatch.setattr(st, "navigation", lambda menu, position: ran.append(menu))
    runpy.run_path(str(opening.SITE), run_name="__mp_main__")
    assert ran == []


def test_the_site_opens_with_a_tie(site: AppTest) -> None:
    site.run()
    assert not site.exception
    assert scene_of(site) == BLOCK.presets["max-tie"]


def test_the_site_opens_with_what_the_address_says(site: AppTest) -> None:
    site.query_params["preset"] = "all-negative"
    site.query_params["dz"] = "-2"
    site.run()
    assert scene_of(site) == BLOCK.presets["all-negative"].moved("dz", -2.0)


def test_what_the_address_cannot_mean_is_said_as_text(site: AppTest) -> None:
    site.query_params["w"] = "<b>7</b>"
    site.run()
    assert scene_of(site) == block()
    (sentence,) = [each for each in site.text if each.value.startswith("The address")]
    assert sentence.value.startswith("The address asked for w = “<b>7</b>”, but w needs a number")
    assert not any("<b>7" in each.value for each in site.markdown)


def test_the_rule_is_chosen_and_nothing_else_changes(site: AppTest) -> None:
    site.run()
    opening.widget(site.radio, "conv-block:rule").set_value((0.0, "split")).run()
    assert scene_of(site) == block(rule="pytorch-amax")
    assert not site.exception


@pytest.mark.parametrize("name", [name for name in SNAPS if name != "random"])
def test_a_button_is_its_snap(site: AppTest, row: Row, name: str) -> None:
    site.query_params["w"] = "-1.5"
    opening.unfolded(site, "edit").run()
    row.press(name)
    site.run()
    assert scene_of(site) == SNAPS[name](block(w=-1.5))
    assert not site.exception


def test_a_snap_that_cannot_be_had_is_disabled_and_says_why(site: AppTest, row: Row) -> None:
    site.query_params["w"] = "0"
    opening.unfolded(site, "edit").run()
    for name, snap in SNAPS.items():
        there = snap(block(w=0.0))
        assert row.buttons[name] == (there.reason if isinstance(there, Impossible) else None)


@pytest.mark.parametrize(
    ("key", "menu", "name", "field", "on", "off"),
    [
        ("conv-2d", "edit", "paint", "paint", "on", "off"),
        ("look-inside", "image:open", "image:wrong", "only", "wrong", "all"),
    ],
)
def test_a_switch_is_put_on_and_off_again(
    site: AppTest, key: str, menu: str, name: str, field: str, on: str, off: str
) -> None:
    app = opening.unfolded(opening.turned_to(site, key), menu).run()
    for there, said in ((True, on), (False, off)):
        opening.widget(app.toggle, name).set_value(there).run()
        assert getattr(app.session_state[f"page:{key}"].scene, field) == said
        assert opening.widget(app.toggle, name).value is there


def test_a_filter_is_chosen_by_its_name(site: AppTest) -> None:
    app = opening.turned_to(site, "conv-2d").run()
    opening.widget(app.selectbox, "filter:kind").select("blur").run()
    w = np.reshape(app.session_state["page:conv-2d"].scene.w[:9], (3, 3))
    assert (w == w.T).all()
    assert w.min() > 0
    assert opening.widget(app.selectbox, "filter:kind").value == "blur"


def test_a_file_that_is_missing_is_one_sentence(
    site: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def picture(*_: object) -> None:
        folder = Path(engine.__file__).parent
        raise DataError(f"MNIST: needs the file {folder / 'mnist' / 'images.gz'}; got none")

    logged: list[str] = []
    monkeypatch.setattr(
        "logging.Logger.exception", lambda _, said, *of: logged.append(said.replace("%s", *of))
    )
    monkeypatch.setattr("pages.explore.conv_2d.Conv2DSubject.picture", picture)
    opening.turned_to(site, "conv-2d").run()
    purpose, sentence = site.text
    assert purpose.value == PAGES["conv-2d"].purpose
    assert sentence.value == f"MNIST: needs the file {Path('engine/mnist/images.gz')}; got none."
    assert not site.exception
    assert logged == [f"{PAGES['conv-2d'].title} cannot be shown"]


@pytest.mark.parametrize(
    ("key", "slug", "title"),
    [
        ("conv-block", "max-tie", "A tie of two maxima"),
        ("at-a-kink", "relu-zero", "A maximum at ReLU's zero"),
        ("gradient-check", "exchanged", "Bug: x and ∂L/∂y are exchanged"),
    ],
)
def test_a_title_begins_with_a_capital_and_is_no_other(key: str, slug: str, title: str) -> None:
    assert titled(key, slug) == title


def test_no_browser_is_asked_to_keep_a_message() -> None:
    message = ForwardMsg()
    message.delta.new_element.markdown.body = "x" * 10_000_000  # longer than any of a page's
    populate_hash_if_needed(message)
    assert message.hash
    assert not message.metadata.cacheable

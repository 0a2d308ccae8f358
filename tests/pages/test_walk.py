"""From page to page in a presentation: where to, and what is no page."""

from pathlib import Path

import pytest
import streamlit as st

from pages import walk
from pages.predict import Exercise
from pages.scene import PRESETS, BlockScene
from pages.state import PageState
from pages.subjects.every import TITLES

PAGES = Path(walk.__file__).parent


def state(onward: str) -> PageState[BlockScene]:
    presets = {slug: preset.scene for slug, preset in PRESETS.items()}
    return PageState(BlockScene(), presets, BlockScene(), theme="dark", onward=onward)


@pytest.mark.parametrize("key", TITLES)
def test_every_page_is_found_and_opened_at_its_preset(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = TITLES[key][0]
    opened: list[tuple[str, dict[str, str]]] = []
    predicting = PageState(
        subject.start, subject.presets, subject.start, exercise=Exercise(revealed=True)
    )
    monkeypatch.setattr(st, "session_state", {f"page:{key}": predicting})
    monkeypatch.setattr(
        st, "switch_page", lambda page, query_params: opened.append((page, query_params))
    )
    slug, scene = list(subject.presets.items())[-1]
    here = state(f"{key}/{slug}")
    walk.walk_on(here)
    ((script, query),) = opened
    assert script in (PAGES / "site.py").read_text(encoding="utf-8")
    assert (PAGES / script).exists()
    assert query == {**scene.query(), "present": "1"}
    there = st.session_state[f"page:{key}"]
    assert (there.scene, there.theme, here.onward) == (scene, "dark", "")
    assert there.exercise is None


@pytest.mark.parametrize("onward", ["", "/", "nowhere/max-tie", "relu/max-tie", "relu/", "<b>/<b>"])
def test_what_is_no_preset_of_a_page_leads_nowhere(
    onward: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(st, "switch_page")
    here = state(onward)
    walk.walk_on(here)
    assert (here.onward, here.scene) == ("", BlockScene())

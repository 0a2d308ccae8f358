"""On to a preset of another page, as a lecture goes from one to the next."""

from pathlib import Path
from typing import Any, Final

import streamlit as st

from pages.state import PageState, left_there
from pages.subjects.every import TITLES

_HERE: Final = Path(__file__).parent
_SECTIONS: Final = ("explore", "check", "train")


def walk_on(state: PageState[Any]) -> None:
    """Opens the preset of another page that a presenter asked for, if any: this run ends then."""
    (page, _, slug), state.onward = state.onward.partition("/"), ""
    if page not in TITLES or slug not in TITLES[page][0].presets:
        return  # the browser may say what it likes
    subject, _ = TITLES[page]
    there = left_there(subject.key, subject.start, subject.presets)
    there.change(subject.presets[slug])
    there.theme = state.theme
    there.exercise = None
    st.switch_page(_script(page), query_params={**there.scene.query(), "present": "1"})


def _script(page: str) -> str:
    """Of the page with this key: "max-pool" -> "explore/max_pool.py"."""
    name = f"{page.replace('-', '_')}.py"
    return next(f"{part}/{name}" for part in _SECTIONS if (_HERE / part / name).exists())

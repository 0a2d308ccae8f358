"""The choice of what the page about kinks looks at: its own cases, and every preset of a page."""

from collections.abc import Mapping
from functools import cache

import streamlit as st

from pages.controls import picked
from pages.scene import Scene
from pages.state import PageState
from pages.subjects.explore import EXPLORED
from pages.subjects.kink_presets import PRESETS
from pages.subjects.kink_scene import KinkScene


def case_choice(state: PageState[KinkScene]) -> None:
    """The select: another case under the rule of the scene."""
    cases = _cases()
    st.session_state["kink:case"] = next(
        (name for name, (of, inner) in cases.items() if _is(state.scene, of, inner)), None
    )

    def chosen() -> None:
        name = picked("kink:case", cases)
        if name is not None:
            of, inner = cases[name]
            state.change(KinkScene.over(of, inner.having("rule", state.scene.rule)))

    st.selectbox(
        "Case",
        list(cases),
        key="kink:case",
        placeholder="own values",
        on_change=chosen,
        label_visibility="collapsed",
        width=240,
    )


@cache
def _cases() -> Mapping[str, tuple[str, Scene]]:
    """The page's own, and those of the pages under Explore."""
    own = {_said(slug): (scene.of, scene.inner) for slug, scene in PRESETS.items()}
    others = {
        f"{explored.title}: {_said(slug).lower()}": (of, inner)
        for of, explored in EXPLORED.items()
        for slug, inner in explored.subject.presets.items()
    }
    return {**own, **others}


def _said(slug: str) -> str:
    return slug.replace("-", " ").capitalize()


def _is(scene: KinkScene, of: str, inner: Scene) -> bool:
    """Whether a scene is a case but for what is explained, and under which rule."""
    if scene.of != of:
        return False
    return inner.having("rule", scene.rule).having("entry", scene.entry) == scene.inner

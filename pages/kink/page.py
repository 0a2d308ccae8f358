"""At a kink: a slice through any page's scene, its brackets, and what every rule claims there.

What it looks at is one of its own cases, or any preset of the pages under Explore.

In the first thirty seconds a lecturer drags the point off the kink and back and sees the wedge of
slopes close and open, points at the lab's mark, 6 where the truth is 3, chooses another case, and
ends with the one where no rule is wrong and none is right: rules composed.
"""

from collections.abc import Mapping
from functools import cache

import streamlit as st

from pages.components.controls import choice, picked, snap_buttons
from pages.explore import pages as explore
from pages.kink.claims import kink_table
from pages.kink.kink_scene import PRESETS, KinkScene
from pages.kink.kink_subject import KINK_SUBJECT
from pages.navigation import from_the_kink
from pages.page import PicturePage
from pages.state.page_state import PageState
from pages.state.scene import Scene
from pages.workbench import workbench


def show(page: PicturePage) -> None:
    """The page."""
    bench = workbench(KINK_SUBJECT)
    state = bench.state
    with bench.toolbar:
        _case_choice(state)
        for each in page.controls(state.scene):
            choice(state, *each)
        snap_buttons(state, page.snaps)
        from_the_kink(state.scene)
    with st.container(key="rules"):
        st.table(kink_table(state.scene))


def _case_choice(state: PageState[KinkScene]) -> None:
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
    own = {_title(slug): (scene.of, scene.inner) for slug, scene in PRESETS.items()}
    others = {
        f"{page.title}: {_title(slug).lower()}": (of, inner)
        for of, page in explore.PAGES.items()
        for slug, inner in page.subject.presets.items()
    }
    return {**own, **others}


def _title(slug: str) -> str:
    return slug.replace("-", " ").capitalize()


def _is(scene: KinkScene, of: str, inner: Scene) -> bool:
    """Whether a scene is a case but for what is explained, and under which rule."""
    if scene.of != of:
        return False
    return inner.having("rule", scene.rule).having("entry", scene.entry) == scene.inner

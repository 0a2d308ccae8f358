"""From one page to another, with what is on the screen.

On its way Streamlit leaves the address that it brings in the history, also under the page that is
left: it holds the scene as both pages write it, so that Back finds it there, even after a reload.
"""

from typing import Any

import streamlit as st

from pages.kink.kink_scene import KinkScene
from pages.kink.kink_subject import KINK_SUBJECT
from pages.state import left_there
from pages.subjects.explore import EXPLORED
from pages.workbench import Workbench


def to_the_kink(page: Workbench[Any]) -> None:
    """The button that shows the present scene, along its explained entry, on the kink page."""
    if st.button("At a kink", key="bring", help="This state as a slice, with every rule's claim"):
        state = left_there(KINK_SUBJECT.key, KINK_SUBJECT.start, KINK_SUBJECT.presets)
        state.change(KinkScene.over(page.subject.key, page.state.scene))
        st.switch_page("check/at_a_kink.py", query_params=state.scene.query())


def from_the_kink(page: Workbench[KinkScene]) -> None:
    """The button that shows the scene that is looked at on its own page."""
    scene = page.state.scene
    there = EXPLORED[scene.of]
    if st.button(there.title, key="bring", icon=":material/arrow_back:", help="On its own page"):
        subject = there.subject
        left_there(subject.key, subject.start, subject.presets).change(scene.inner)
        st.switch_page(there.script, query_params=scene.query())

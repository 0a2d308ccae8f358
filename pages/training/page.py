"""Train a network of the very layers that the other pages show, live, on all of MNIST.

In the first 30 seconds: press Start, and watch the accuracy climb past 98 % while the filters form;
press Pause and look at what it still gets wrong, and in the table at how many entries of the
gradient are exactly 0. Then Reset, and a learning rate of 1: after a hundred steps all ReLUs are
dead, and every gradient but the last layer's is 0.
"""

import streamlit as st

from pages.page import Page
from pages.state.page_state import page_state
from pages.training import session
from pages.training.display import RunDisplay
from pages.training.settings import PRESETS, START
from pages.training.toolbar import buttons, settings
from pages.training.training_run import BUSY


def show(page: Page) -> None:
    """The page."""
    state = page_state(page.key, START, PRESETS)
    progress = session.present_progress(state.scene)
    held = progress.phase in {*BUSY, "waiting"}
    if held and progress.scene != state.scene:
        state.change(progress.scene)  # an address cannot change a run that is under way
    with st.container(horizontal=True, vertical_alignment="bottom", key="toolbar"):
        buttons(state, progress.phase)
        with st.container(
            horizontal=True, vertical_alignment="bottom", width="content", key="settings"
        ):
            settings(state, disabled=held)
    with st.container():  # there in any case, so that what follows keeps its place
        if state.problems:
            with st.container(key="problems"):
                for sentence in state.problems:
                    st.text(sentence)
    RunDisplay(page.key, state).follow()
    state.give_address()

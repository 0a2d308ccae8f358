"""The lab's block: x -> Conv -> ReLU -> MaxPool, and the gradient of z with respect to everything.

In the first thirty seconds a lecturer reads "2 of 5 nonzero", drags x3 below x1 and sees the
second arrow go, snaps back to a tie, changes the rule to PyTorch's, and clicks the zero that
appeared to have its reason on the screen.
"""

from functools import partial

import streamlit as st

from engine import RULES
from pages.block_picture import STEPS, block_picture, block_sliders
from pages.components.live_figure import live_figure
from pages.controls import choice, problems, snap_buttons
from pages.scene import BlockScene
from pages.snaps import SNAPS
from pages.state import hear, page_state, present_theme

KEY = "conv-block"

state = page_state(KEY, BlockScene())
with st.container(horizontal=True, vertical_alignment="center", key="toolbar"):
    choice(state, "rule", "Rule at kinks", {slug: rule.label for slug, rule in RULES.items()}, 310)
    snap_buttons(state, SNAPS)
problems(state)
theme = present_theme(state)
live_figure(
    KEY,
    state.scene,
    partial(block_picture, theme=theme),
    block_sliders(state.scene),
    theme=theme,
    steps=STEPS,
    message=state.message,
    on_message=partial(hear, KEY),
)
state.give_address()

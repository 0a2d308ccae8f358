"""The page about pictures: which digit, which filter, which settings, above its figure.

In the first thirty seconds a lecturer sees the edges of the 8, clicks an output and watches its
receptive field light up and its gradient flow back to a few pixels, sends back the sum of all
outputs instead, changes the rule at kinks and sees the gradient of the white paper vanish; then
cuts out 8 × 8 pixels and reads the numbers.
"""

from dataclasses import replace
from typing import Any, Final, TypeAlias

import streamlit as st

from pages.components.controls import choice, picked, snap_buttons
from pages.explore.conv_2d import CONV_2D_SUBJECT
from pages.explore.conv_2d_questions import for_a_prediction
from pages.explore.conv_2d_scene import (
    CROPS,
    FILTERS,
    IMAGES,
    MOST_DIGITS,
    MOST_FILTERS,
    Conv2DScene,
)
from pages.explore.conv_2d_snaps import DIGIT_SNAPS, FILTER_SNAPS, SOURCE_SNAPS
from pages.explore.digits import next_of
from pages.page import PicturePage
from pages.state.page_state import PageState
from pages.workbench import show_tasks, workbench

State: TypeAlias = PageState[Conv2DScene]

OWN: Final = "own filter"
"""What a filter is called that is none of those set by hand."""


def show(page: PicturePage) -> None:
    """The page."""
    bench = workbench(CONV_2D_SUBJECT)
    state = bench.state
    with bench.toolbar:
        bench.rule(225)
        _digit_controls(state)
        _filter_choice(state)
        _popover(state)
        back = {"one": "back from one z", "sum": "back from Σ z"}
        choice(state, "back", "What is sent back", back, 150)
        if not state.exercise:
            _paint_switch(state)
        show_tasks(page, bench, for_a_prediction)


def _digit_controls(state: State) -> None:
    """Which digit is looked at, and how much of it."""
    choice(state, "crop", "How much of the digit", {c: f"{c} × {c}" for c in CROPS}, 105)
    scene = state.scene
    popover = st.popover("Digit", key="digit:open", on_change="rerun")
    if popover.open:  # what nobody sees need not be made while a slider moves
        with popover:
            _digit_settings(state)
    before, after = _flipped(scene, -1), _flipped(scene, +1)
    _button(state, "◀", before, key="before", help=f"Test image {before.number}")
    _button(state, "▶", after, key="after", help=f"Test image {after.number}")


def _filter_choice(state: State) -> None:
    """What the filter that has the sliders is; to choose another sets its numbers."""
    kinds = {numbers: kind for kind, numbers in FILTERS.items()}
    st.session_state["filter:kind"] = kinds.get(state.scene.own(), OWN)

    def chosen() -> None:
        kind = picked("filter:kind", FILTERS)
        if kind is not None:
            state.change(state.scene.with_filter(FILTERS[kind]))

    st.selectbox(
        "The filter with the sliders",
        [*FILTERS, OWN],
        key="filter:kind",
        on_change=chosen,
        label_visibility="collapsed",
        width=115,
    )


def _popover(state: State) -> None:
    """All that is not moved often."""
    popover = st.popover("Settings", key="settings:open", on_change="rerun")
    if popover.open:
        with popover:
            _settings(state)


def _paint_switch(state: State) -> None:
    """Whether a click on a pixel paints it."""
    st.session_state["paint"] = state.scene.paint == "on"

    def switched() -> None:
        state.change(replace(state.scene, paint="on" if st.session_state["paint"] else "off"))

    st.toggle("paint", key="paint", on_change=switched)


def _digit_settings(state: State) -> None:
    _next_digit(state)
    st.session_state["digit:number"] = state.scene.digit

    def chosen() -> None:
        number = picked("digit:number", range(IMAGES))
        if number is not None:
            state.change(state.scene.with_digit(number))

    st.number_input("Test image", 0, IMAGES - 1, key="digit:number", on_change=chosen, width=200)
    sizes = {1: "one digit"} | {n: f"{n} digits" for n in range(2, MOST_DIGITS + 1)}
    choice(state, "digits", "In the minibatch", sizes, 200)
    snap_buttons(state, DIGIT_SNAPS, "snaps:digit")


def _settings(state: State) -> None:
    with st.container(horizontal=True):
        filters = {1: "one filter"} | {n: f"{n} filters" for n in range(2, MOST_FILTERS + 1)}
        choice(state, "filters", "Filters", filters, 125)
        which = {n: f"filter {n}" for n in range(1, state.scene.filters + 1)}
        choice(state, "filter", "The one with the sliders", which, 115)
        snap_buttons(state, FILTER_SNAPS, "snaps:filter")
    with st.container(horizontal=True):
        choice(state, "stride", "Stride", {n: f"stride {n}" for n in (1, 2, 3)}, 125)
        choice(state, "padding", "Padding", {n: f"padding {n}" for n in (0, 1, 2)}, 130)
    with st.container(horizontal=True):
        side = state.scene.sides["h"]
        pools = {n: f"pool {n} × {n}" for n in range(1, min(4, side) + 1)}
        choice(state, "pool", "The pool's window", pools, 125)
        strides = {n: f"pool stride {n}" for n in (1, 2, 3, 4)}
        choice(state, "pool_stride", "From one window to the next", strides, 135)
        paddings = {n: f"pool padding {n}" for n in range(min(3, state.scene.pool))}
        choice(state, "pool_padding", "Around h", paddings, 150)
    shown = {"both": "values and gradients", "values": "values alone"}
    choice(state, "show", "Shown", shown | {"gradients": "gradients alone"}, 260)
    st.caption("Send back from a certain output:")
    with st.container(horizontal=True):
        snap_buttons(state, SOURCE_SNAPS, "snaps:source")


def _next_digit(state: State) -> None:
    """A row of the ten digits, of which none stays chosen."""
    st.session_state["digit:next"] = None

    def chosen() -> None:
        wanted = picked("digit:next", range(10))
        if wanted is not None:
            state.change(state.scene.with_digit(next_of(wanted, state.scene.digit)))

    st.pills("The next image that shows a …", range(10), key="digit:next", on_change=chosen)


def _flipped(scene: Conv2DScene, by: int) -> Conv2DScene:
    """Another digit of the minibatch; of a minibatch of one the next one that there is."""
    if scene.digits == 1:
        return scene.with_digit(scene.digit + by)
    return replace(scene, shown=(scene.shown - 1 + by) % scene.digits + 1)


def _button(state: State, title: str, there: Conv2DScene, **options: Any) -> None:
    st.button(title, on_click=state.change, args=(there,), **options)

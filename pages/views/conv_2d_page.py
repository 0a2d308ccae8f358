"""The page of the 2-D convolution: the controls for digit, filter and settings above its figure.

In the first thirty seconds a lecturer sees the edges of the 8, clicks an output and watches its
receptive field light up and its gradient flow back to a few pixels, makes L the sum of all outputs
instead, changes the rule at kinks and sees the gradient of the white paper vanish; then cuts out
8 × 8 pixels and reads the numbers.
"""

from dataclasses import replace
from functools import partial
from typing import Any, Final, TypeAlias

import streamlit as st

from pages.components.controls import bound, bound_list, choice, snap_buttons
from pages.derive.page import PicturePage, Select
from pages.explore.conv_2d import DIGIT_SNAPS, FILTER_SNAPS, SOURCE_SNAPS
from pages.explore.conv_2d_scene import CROPS, FILTERS, MOST_DIGITS, Conv2DScene
from pages.language.catalogue import say
from pages.session.page_state import PageState
from pages.state.digits import next_of
from pages.views.digit_controls import folded, image_number, next_image, to_neighbours
from pages.views.workbench import workbench

State: TypeAlias = PageState[Conv2DScene]

OWN: Final = "own filter"  # the name of a filter that is not one of FILTERS


def show(page: PicturePage) -> None:
    """Draw the page."""
    bench = workbench(page, around=_around)
    state: State = bench.state
    with bench.toolbar:
        bench.case(width=312)
        bench.rule()
        bench.edit(partial(_settings, page, state), arranged=True)
        if _digit_controls(state):
            bench.unfold()
        _filter_choice(state)
        bench.modes()


def _around(scene: Conv2DScene) -> tuple[Any, ...]:
    """What of a scene is shown around the figure: its settings, and the name of its filter."""
    return _kind(scene), *scene.settings()


def _digit_controls(state: State) -> bool:
    """Draw the choice of the digit and its part. Return whether its menu is open."""
    unfolded = folded("Digit", "digit", partial(_digit_settings, state))
    to_neighbours(
        ("before", "after"),
        lambda by: say("image.test", number=_flipped(state.scene, by).number),
        lambda by: state.change(_flipped(state.scene, by)),
    )
    return unfolded


def _filter_choice(state: State) -> None:
    """Draw the name of the filter that has the sliders; the choice of another sets its numbers."""

    def chosen(kind: str) -> None:
        if kind != OWN:
            state.change(state.scene.with_filter(FILTERS[kind]))

    st.selectbox(
        "Filter",
        width=156,
        **bound_list("filter:kind", _kind(state.scene), [*FILTERS, OWN], chosen),
    )


def _kind(scene: Conv2DScene) -> str:
    """The name of the filter with the sliders."""
    kinds = {numbers: kind for kind, numbers in FILTERS.items()}
    return kinds.get(scene.own(), OWN)


def _paint_switch(state: State) -> None:
    """Draw the switch that says whether a click on a pixel paints it."""

    def switched(on: bool) -> None:
        state.change(replace(state.scene, paint="on" if on else "off"))

    st.toggle("paint", **bound("paint", state.scene.paint == "on", switched))


def _digit_settings(state: State) -> None:
    crops = {c: f"{c} × {c}" for c in CROPS}
    choice(state, Select("crop", "How much of the digit", crops, 200))

    def numbered(number: int) -> Conv2DScene:
        return state.scene.with_digit(number)

    next_image(state, "digit", lambda wanted: numbered(next_of(wanted, state.scene.digit)))
    image_number(state, "digit", state.scene.digit, numbered)
    sizes = {1: "one digit"} | {n: f"{n} digits" for n in range(2, MOST_DIGITS + 1)}
    choice(state, Select("digits", "In the minibatch", sizes, 200))
    snap_buttons(state, DIGIT_SNAPS, "snaps:digit")


def _settings(page: PicturePage, state: State) -> None:
    back, filters, stride, padding, *pool = page.controls(state.scene)
    choice(state, back)
    if not state.exercise:
        _paint_switch(state)
    with st.container(horizontal=True):
        choice(state, filters)
        which = {n: f"filter {n}" for n in range(1, state.scene.filters + 1)}
        choice(state, Select("filter", "The one with the sliders", which, 115))
        snap_buttons(state, FILTER_SNAPS, "snaps:filter")
    with st.container(horizontal=True):
        choice(state, stride)
        choice(state, padding)
    with st.container(horizontal=True):
        for each in pool:
            choice(state, each)
    shown = {"both": "values and gradients", "values": "values alone"}
    choice(state, Select("show", "Shown", shown | {"gradients": "gradients alone"}, 260))
    st.caption("The output that is L:")
    with st.container(horizontal=True):
        snap_buttons(state, SOURCE_SNAPS, "snaps:source")


def _flipped(scene: Conv2DScene, by: int) -> Conv2DScene:
    """The scene with another digit of the minibatch shown; if it has only one, another image."""
    if scene.digits == 1:
        return scene.with_digit(scene.digit + by)
    return replace(scene, shown=(scene.shown - 1 + by) % scene.digits + 1)

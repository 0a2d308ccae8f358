"""A trained network on one image: every map, its answer, and the way back down to the pixels.

In the first thirty seconds a lecturer sees a 4 that is taken for a 9, clicks a cell of the last
pool and follows the paths through the pools down to the pixels; shows why most of the gradient is
zero; draws a digit and watches every map form; takes one step of gradient descent.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final, TypeAlias

import streamlit as st

from engine.mnist import load
from engine.training import Network
from pages.components.controls import bound, choice
from pages.derive.page import PicturePage, Select
from pages.inside.captions import about_own, about_shipped
from pages.inside.image_pass import wrong_ones
from pages.inside.inside_scene import BLANK, DIGITS, InsideScene, questions_of
from pages.inside.inside_subject import INSIDE_SUBJECT, InsideSubject
from pages.inside.painting import centred
from pages.language.catalogue import say
from pages.session.page_state import PageState, page_state
from pages.state.acts import act_of
from pages.state.digits import IMAGES, next_of, spoken
from pages.training.session import claim, present_run, trained
from pages.views.digit_controls import folded, image_number, next_image, to_neighbours
from pages.views.workbench import workbench

State: TypeAlias = PageState[InsideScene]

TOOL_NAMES: Final = {"draw": "draw", "erase": "erase", "restore": "restore", "look": "done"}
"""The labels of the tools on the image."""


def show(page: PicturePage) -> None:
    """Draw the page, with the tab's own network if one was trained."""
    state = page_state(InsideSubject.key, InsideSubject.start, InsideSubject.presets)
    said = state.message
    if said and act_of(said.act) == "claim" and present_run() is None:
        claim(said.argument)  # after a reload the tab is another session
    run = trained()
    subject = InsideSubject(run.network, about_own(run)) if run else INSIDE_SUBJECT
    questions = tuple(questions_of(subject.trace(state.scene)))
    page = replace(page, subject=subject, questions=questions)
    bench = workbench(page)
    with bench.toolbar:
        bench.case()
        if bench.state.scene.tool == "look":
            bench.rule()
            _image_controls(bench.state, subject)
        else:  # while the user draws, the tools take the place of the rule and the choice of image
            _tools(bench.state)
        bench.edit(partial(_more, bench.state, subject))
        bench.modes()


def _more(state: State, subject: InsideSubject) -> None:
    """Draw what is seldom changed: network, label, what is shown, what L is, a step of SGD."""
    if subject.has_own:
        nets = {"shipped": "built-in", "yours": "your network"}
        choice(state, Select("net", "The network", nets, 135))
    elif state.scene.net == "yours":
        st.text(say("inside.none_of_yours"))
    labels = {"": "its own label" if state.scene.image != BLANK else "none: what is predicted"} | {
        digit: spoken(int(digit)) for digit in DIGITS
    }
    choice(state, Select("label", "What the image shows", labels, 200))
    shown = {"activations": "activations", "gradients": "gradients", "reasons": "why zero"}
    choice(state, Select("show", "Shown", shown, 122))
    back = {"loss": "L = the loss"} | {digit: f"L = s{digit}" for digit in DIGITS}
    choice(state, Select("back", "What L is", back, 125))
    steps = {"off": "no step", "before": "before a step", "after": "after a step"}
    choice(state, Select("sgd", "One step of SGD on this image", steps, 128))


def _image_controls(state: State, subject: InsideSubject) -> None:
    folded("Image", "image", partial(_image_settings, state, subject))
    network = subject.network(state.scene)
    to_neighbours(
        ("image:-1", "image:1"),
        partial(_onward, state.scene),
        lambda by: state.change(_onward_from(state.scene, network, by)),
    )
    _button(state, "Draw your own", "draw", _blank_sheet, icon=":material/draw:")


def _tools(state: State) -> None:
    """Draw the tools that draw on the image."""

    def taken_up(tool: Any) -> None:
        # After a click on the chosen tool none is chosen.
        state.change(replace(state.scene, tool=tool or "look"))

    st.segmented_control(
        "What the hand does on the image",
        TOOL_NAMES,
        format_func=TOOL_NAMES.__getitem__,
        label_visibility="collapsed",
        width="content",
        **bound("image:tool", state.scene.tool, taken_up, told="default"),
    )
    # Always there, so that nothing moves while the user draws.
    _button(state, "undo drawing", "undo drawing", _undrawn, "The image as it was")
    said = "Its centre of mass to the middle, as in every image that a network learned from"
    _button(state, "centre", "centre", _centred, said)


def _image_settings(state: State, subject: InsideSubject) -> None:
    network = subject.network(state.scene)
    _button(state, "Draw on this image", "over", lambda scene: replace(scene, tool="draw"))
    present = None if state.scene.image == BLANK else state.scene.image
    image_number(state, "image", present, lambda number: state.scene.with_image(number))
    _next_digit(state, network)

    def filtered(wrong: bool) -> None:
        there = replace(state.scene, only="wrong" if wrong else "all")
        if wrong and there.image not in wrong_ones(network):
            there = _onward_from(there, network, 1)
        state.change(there)

    wrong = state.scene.only == "wrong"
    st.toggle(say("inside.only"), **bound("image:wrong", wrong, filtered))
    own = subject.about(state.scene, subject.image_pass(state.scene))
    said = about_shipped() + ("" if subject.has_own else f" {say('inside.none_yet')}")
    st.caption(own or said, width=380)


def _next_digit(state: State, network: Network) -> None:
    """Draw the digits; each leads to its next image, or among wrong ones to its next wrong one."""

    def there(wanted: int, among: Sequence[int]) -> InsideScene:
        return state.scene.with_image(next_of(wanted, state.scene.image, among))

    if state.scene.only == "all":
        next_image(state, "image", partial(there, among=range(IMAGES)))
    elif wrong := wrong_ones(network):
        digits = sorted({int(load().labels[each]) for each in wrong})
        next_image(state, "image", partial(there, among=wrong), say("inside.next.wrong"), digits)


def _neighbour(image: int, by: int) -> int:
    """The number of the image before or after; after the last comes the first."""
    return (max(image, -(by > 0)) + by) % IMAGES


def _onward(scene: InsideScene, by: int) -> str:
    """What is said of the image before or after, without waiting for the list of all wrong ones."""
    if scene.only == "all":
        return say("inside.onward", image=_neighbour(scene.image, by))
    return say("inside.onward.wrong")


def _onward_from(scene: InsideScene, network: Network, by: int) -> InsideScene:
    """The scene at the image before or after; among the wrong ones, in order of confidence."""
    if scene.only == "all":
        return scene.with_image(_neighbour(scene.image, by))
    wrong = wrong_ones(network)
    if not wrong:
        return scene
    at = wrong.index(scene.image) + by if scene.image in wrong else 0
    return scene.with_image(wrong[at % len(wrong)])


def _blank_sheet(scene: InsideScene) -> InsideScene:
    """The scene with an empty sheet to draw on."""
    return replace(scene.with_image(BLANK), tool="draw", entry="")


def _undrawn(scene: InsideScene) -> InsideScene:
    """The scene without what was drawn on its image."""
    return replace(scene, painting="")


def _centred(scene: InsideScene) -> InsideScene:
    """The scene with its own drawing in the middle; an image of MNIST is there already."""
    return replace(scene, painting=centred(scene.painting)) if scene.image == BLANK else scene


def _button(
    state: State,
    title: str,
    key: str,
    there: Callable[[InsideScene], InsideScene],
    said: str = "",
    icon: str | None = None,
) -> None:
    """Draw a button that goes to another scene. there: gives that scene, for the present one.

    When the button is pressed, more may have been drawn than when it was made.
    """
    st.button(
        title,
        key=f"image:{key}",
        icon=icon,
        help=said or None,
        disabled=there(state.scene) == state.scene,
        on_click=lambda: state.change(there(state.scene)),
    )

"""The page of any stack of layers: pasted, built or opened by an address, on any numbers.

In the first thirty seconds a student pastes the exercise's nn.Sequential under Network, sees the
shapes and the dead branch, clicks the zero, reads why, and copies the address into the forum.
"""

from functools import partial
from typing import Any

import streamlit as st

from engine.check.differences import curve
from engine.check.gradient import judged
from pages.derive.page import PicturePage
from pages.explain.sentences import check_line
from pages.figures.words import name
from pages.language.catalogue import listed, say
from pages.session.page_state import PageState
from pages.stack.stack_scene import StackScene
from pages.views.network_menu import network_menu, notes, numbers_button
from pages.views.workbench import workbench

CHECKED = "stack:checked"  # the session's key for the scene whose gradients were checked last
MANY = 12  # the most entries to name of those that disagree


def show(page: PicturePage) -> None:
    """Draw the page."""
    bench = workbench(page, notes=notes, around=_around)
    with bench.toolbar:
        bench.case()
        if network_menu(bench.state):
            bench.unfold()
        bench.rule()
        bench.edit(partial(_gradient_check, bench.state))
        bench.modes()
    if bench.problems:
        with bench.problems:
            numbers_button(bench.state)


def _around(scene: StackScene) -> tuple[Any, ...]:
    """What of a scene is shown around the figure: the layers, the shape of x, and the rule."""
    return scene.stack, scene.shape, scene.rule


def _gradient_check(state: PageState[StackScene]) -> None:
    """Draw the button, and what the check says of the state in which it was pressed."""
    asked: list[StackScene] = st.session_state.setdefault(CHECKED, [])

    def pressed() -> None:
        asked[:] = [state.scene]

    st.button(
        say("check.button"), key="stack:check", help=say("check.button.help"), on_click=pressed
    )
    if state.scene in asked:
        st.text("\n".join(checked(state.scene)))


def checked(scene: StackScene) -> list[str]:
    """What the check says of each array, and which entries disagree."""
    passed, letters = scene.trace, scene.letters
    found = judged(curve(passed.layer.forward, passed.params, passed.dout), passed.grads)
    names = [
        scene.derivation.naming.label(letters[each.parameter], entry.index)
        for each in found
        for entry in each.disagreements
    ]
    lines = [check_line(letters[each.parameter], each) for each in found]
    if names:
        lines.append(say("check.entries", entries=listed(names, MANY)))
    # The layers are the engine's own, so that a failure comes from the rule.
    failed = [name(letters[each.parameter]) for each in found if each.verdict == "FAILED"]
    if failed:
        lines.append(say("finding.rule", letters=say("list.and").join(failed)))
    return lines

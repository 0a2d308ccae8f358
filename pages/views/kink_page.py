"""At a kink: a slice through any page's scene, its brackets, and what every rule gives there.

The scene is one of the page's own cases, or any preset of the pages under Explore.

In the first thirty seconds a lecturer drags the point off the kink and back and sees the wedge of
slopes close and open, points at the lab's mark, 6 where the truth is 3, chooses another case, and
ends with the one where no rule is wrong and none is right: rules composed.
"""

from collections.abc import Mapping
from functools import cache
from typing import Final

import numpy as np
import streamlit as st

from engine import RULES
from engine.arrays import Array
from engine.check.claims import Claim
from pages.components.controls import bound_list
from pages.derive.page import PicturePage
from pages.figures.info import letters_of
from pages.figures.words import gradient_of, name, number
from pages.kink.kink_scene import PRESETS, KinkScene
from pages.kink.kink_subject import titles_of
from pages.kink.results import PAGES_WITH_A_SLICE, Results
from pages.language.catalogue import say
from pages.navigation import own_page
from pages.registry import titled
from pages.session.page_state import PageState
from pages.state.scene import Scene
from pages.views.workbench import workbench

MARKS: Final = ("✖", "●", "◆", "■", "▲", "★", "⬢")
"""The marks of the groups of rules on the picture, as characters."""
WRITTEN_MOST: Final = 12  # of a gradient with more numbers, only the count of nonzeros is written


def show(page: PicturePage) -> None:
    """Draw the page."""
    bench = workbench(page)
    state = bench.state
    with bench.toolbar:
        _case_choice(state)
        bench.rule()
        bench.edit()
        brought = state.brought == state.scene.of and not state.case
        own_page(state.scene.of, state.scene.inner, brought=brought)
    with st.container(key="rules"):
        st.table(kink_table(state.scene))


# --- the choice of a case


def _case_choice(state: PageState[KinkScene]) -> None:
    """Draw the select for another case, which is shown under the scene's rule if it takes that."""
    there, scene = cases(), state.scene
    alike = (
        name
        for name, (of, inner) in there.items()
        if of == scene.of and inner.is_but_for(inner.looks, scene.inner)
    )

    def chosen(name: str) -> None:
        state.brought = ""
        of, inner = there[name]
        state.change(KinkScene.over(of, inner.updated({"rule": state.scene.rule})[0]))

    st.selectbox(
        "Case",
        placeholder=say("case.own"),
        width=420,
        **bound_list("kink:case", next(alike, None), there, chosen),
    )


@cache
def cases() -> Mapping[str, tuple[str, Scene]]:
    """The page's own cases, and those of the pages under Explore, by their titles."""
    own = {titled("at-a-kink", slug): (scene.of, scene.inner) for slug, scene in PRESETS.items()}
    others = {
        f"{page.title} · {titled(of, slug)}": (of, inner)
        for of, page in PAGES_WITH_A_SLICE.items()
        for slug, inner in page.subject.presets.items()
    }
    return {**own, **others}


# --- the table of the rules


def kink_table(scene: KinkScene) -> list[dict[str, str]]:
    """The rows of the table, one for each of RULES that states the choices of this pass."""
    found = scene.results
    claims = found.point.claims
    every = letters_of(found.trace, found.naming)[: found.trace.outside]
    letters = [gradient_of(name(letter)) for letter in every]
    choices = found.trace.layer.kink_choices
    titles = titles_of(choices)
    marks = {chosen: MARKS[i % len(MARKS)] for i, chosen in enumerate(claims)}
    yes = say("table.yes" if len(found.shown) == len(found.inputs) else "table.shown")
    rows = []
    for rule in RULES.values():
        if not rule.kinks.states(choices):
            continue
        chosen = rule.kinks.chosen(choices)
        claim = claims[chosen]
        rows.append(
            {
                say("table.rule"): f"{marks[chosen]} {titles[chosen]}",
                say("table.framework"): f"{rule.framework} {rule.version}".strip(),
                say("table.operation"): rule.operation,
                **dict(zip(letters, map(_entries_or_count, claim.grads), strict=True)),
                say("table.brackets"): _outside(claim, found) or yes,
                say("table.jointly"): _jointly(claim, found),
                say("table.central"): yes if claim.central else say("table.no"),
            }
        )
    return rows


def _entries_or_count(grad: Array) -> str:
    if grad.size > WRITTEN_MOST:
        return say("table.nonzero", grad.size, nonzero=np.count_nonzero(grad))
    return ", ".join(number(float(value)) for value in grad.ravel())


def _outside(claim: Claim, found: Results) -> str:
    """An entry whose bracket does not contain its claim, and how many more; "" if there is none."""
    if not claim.outside:
        return ""
    names = {found.inputs[name]: found.entry(name).name for name in found.shown}
    first, *others = [names[key] for key in claim.outside]
    return say("table.more" if others else "table.outside", len(others), entry=first)


def _jointly(claim: Claim, found: Results) -> str:
    if claim.jointly is None:
        return say("table.uncomputed")
    if not claim.jointly:
        composed = found.point.verdict(claim) == "composed"
        return say("table.composed" if composed else "table.no")
    return say("table.derivative" if found.point.smooth else "table.yes")

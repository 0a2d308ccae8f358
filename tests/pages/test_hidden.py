"""A hidden answer is nowhere in a picture: in no colour, width, text, label or reply."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from engine import Trace
from pages.derive.page import PicturePage
from pages.derive.picture import Picture, Screen
from pages.derive.questions import Question, inactive
from pages.derive.subject import Addition, Subject
from pages.explore import conv_2d
from pages.explore.conv_2d_scene import Conv2DScene
from pages.explore.map_pass import MapPass
from pages.figures.info import GraphInfo
from pages.figures.maps import Maps
from pages.gradient_check.check_subject import CHECK_SUBJECT, describe
from pages.gradient_check.results import results
from pages.inside.inside_scene import questions_of
from pages.inside.inside_subject import INSIDE_SUBJECT
from pages.kink.results import PAGES_WITH_A_SLICE
from pages.registry import PICTURE_PAGES
from pages.stack.cases import CASES
from pages.stack.stack_scene import StackScene
from pages.state.predict import Exercise
from tests.engine.rows import stating
from tests.for_each import for_each
from tests.pages.scenes import BLOCK, activation, batch, block, conv, pool

OTHER = replace(stating("split", 0.25), maximum_ties="first")


def decided(page: PicturePage) -> Any:
    """The first case of a page in which another rule changes gradients, or its opening scene."""
    cases = [page.subject.start, *page.subject.presets.values()]
    passed = ((case, page.subject.trace(case)) for case in cases)
    differ = (case for case, it in passed if (it.grads[0] != it.under(OTHER).grads[0]).any())
    return next(differ, page.subject.start)


KINKED = {
    key: page
    for key, page in PAGES_WITH_A_SLICE.items()
    if page.subject.trace(page.subject.start).layer.kink_choices
}
CHOSEN: dict[str, Any] = {
    "conv-block": block(x=(1.5, -1.0, 1.5, 0.5, 0.0)),
    "relu": activation(),
    "max-pool": pool(),
    "conv-1d": conv(padding=1),
    "conv-2d": Conv2DScene(crop="8", row=3, column=3, back="sum", digits=2, entry="h1,2,3"),
    "stack": CASES["maximum-tie"],
    "minibatch": batch(x=(1.5, -1.0, 1.5, -1.0, 1.0, -0.5, 0.5, 0.5, -1.5)),
}
"""The scenes of some pages, which are not presets."""
TIED = {key: decided(page) for key, page in KINKED.items() if key not in CHOSEN} | CHOSEN
"""A scene of each page with kinks, in which another rule changes gradients, but no values."""


def seen(picture: Picture) -> list[Any]:
    """Everything of a picture that a user can see, hear or copy."""
    return [
        picture.figure,
        picture.targets,
        picture.explanation,
        picture.grids,
        picture.latex(),
        picture.summary(),
        picture.legend,
        picture.step,
    ]


def altered(info: GraphInfo, hidden: Callable[[Any], bool]) -> GraphInfo:
    """The same information with other gradients, paths and reasons wherever these are hidden."""
    cells = {
        entry: replace(cell, grad=cell.grad - 3, reason="" if cell.reason else "not max")
        if hidden(cell) and not cell.given
        else cell
        for entry, cell in info.cells.items()
    }
    edges = tuple(
        replace(edge, amount=edge.amount - 3, term="") if hidden(edge) else edge
        for edge in info.edges
    )
    letters = {cell.letter: hidden(cell) and not cell.given for cell in info.cells.values()}
    counts = {
        letter: (0, 0) if count and letters[letter] else count
        for letter, count in info.counts.items()
    }
    return replace(info, cells=cells, edges=edges, counts=counts)


MARKED = frozenset({"x1", "h2", "a1,1", "a1", "h1,2,2"})


def changing(hidden: Callable[[Any], bool]) -> Addition:
    return Addition(info=lambda info, traced, naming, scene: altered(info, hidden))


@pytest.mark.parametrize("page", TIED)
@pytest.mark.parametrize(
    "exercise",
    [Exercise(MARKED), Exercise(MARKED, everywhere=True), Exercise(marking=False)],
    ids=["of the inputs", "of everything", "a question"],
)
def test_what_is_asked_shows_nothing_of_the_answer(
    page: str, exercise: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject: Any = PAGES_WITH_A_SLICE[page].subject
    scene = TIED[page]
    if isinstance(scene, StackScene):  # a stack has a subject of its own
        subject, scene = scene.subject, scene.inner
    honest = seen(subject.picture(scene, Screen(exercise=exercise)))
    none = replace(scene, entry="")
    assert seen(subject.picture(none, Screen(exercise=exercise))) == honest, "no cell is explained"
    told = seen(subject.picture(scene))
    trace = subject.trace(scene)
    rules_differ = (trace.grads[0] != trace.under(OTHER).grads[0]).any()
    assert page == "conv-1d" or rules_differ, f"{page} needs a preset that is exactly at a kink"
    if isinstance(subject, Subject):
        plain = subject
        subject = replace(
            plain,
            trace=lambda scene: plain.trace(scene).under(OTHER),
            additions=(*plain.additions, changing(lambda each: True)),
        )
    else:
        for name in ("conv_2d_trace", "batch_trace"):
            made: Callable[[Conv2DScene], Trace] = getattr(conv_2d, name)
            monkeypatch.setattr(conv_2d, name, lambda scene, made=made: made(scene).under(OTHER))
        # It would return the earlier pass from its cache.
        monkeypatch.setattr(conv_2d, "map_pass", conv_2d.map_pass.__wrapped__)
    assert seen(subject.picture(scene)) != told
    assert seen(subject.picture(scene, Screen(exercise=exercise))) == honest
    revealed = replace(exercise, revealed=True)
    assert subject.picture(scene, Screen(exercise=revealed)).figure != honest[0]


def cases() -> Iterator[tuple[PicturePage, Any]]:
    """Every case of every page, with the page whose questions can be asked about it."""
    for page in PICTURE_PAGES.values():
        for case in page.subject.presets.values():
            yield page.about(case), case


def questions_about(page: PicturePage, case: Any) -> Iterator[tuple[Question[Any], Any]]:
    """The page's questions about a case, each with the scene in which it is asked."""
    inside = page.subject is INSIDE_SUBJECT
    for question in questions_of(page.subject.trace(case)) if inside else page.questions:
        yield question, question.set_up(case).possible()[0]


def test_no_question_of_any_page_stands_beside_a_count_that_is_its_answer() -> None:
    of_units = 0
    for page, case in cases():
        for (question, scene), narrow in product(questions_about(page, case), (False, True)):
            screen = Screen(exercise=question.exercise, narrow=narrow)
            told = json.dumps(
                seen(page.subject.picture(scene, screen)), default=str, ensure_ascii=False
            )
            info = page.subject.describe(page.subject.trace(scene), scene)
            given = {cell.letter for cell in info.cells.values() if cell.given}
            for letter, count in info.counts.items():
                if count and letter not in given:
                    assert "<b>{} of {}".format(*count) not in told, page.key
                    assert f"Gradient of {letter}," not in told, page.key
            if isinstance(question.answer, inactive):
                of_units += 1
                assert not re.search("x-thin|diamond|inactive|at the kink", told), page.key
    assert of_units, "some stack has a ReLU"


@pytest.mark.parametrize("slug", CHECK_SUBJECT.presets)
def test_a_question_about_a_check_shows_nothing_of_what_it_found(slug: str) -> None:
    asked, scene = Exercise(marking=False), CHECK_SUBJECT.presets[slug]
    one = seen(CHECK_SUBJECT.picture(scene, Screen(exercise=asked)))
    assert one != seen(CHECK_SUBJECT.picture(scene))
    assert CHECK_SUBJECT.picture(scene, Screen(exercise=asked)).latex() == ""
    found = json.dumps(one, default=str, ensure_ascii=False)
    for verdict in ("PASSED", "FAILED", "KINK", "✓", "✗", "◆", "gradient check on"):
        assert verdict not in found
    for rule in ("lab", "pytorch-max-pool", "mlx"):
        other = scene.having("rule", rule)
        assert seen(CHECK_SUBJECT.picture(other, Screen(exercise=asked))) == one


def test_a_check_with_other_findings_looks_the_same_while_they_are_hidden() -> None:
    info = describe(results(CHECK_SUBJECT.start))
    other = replace(
        info,
        params=[
            replace(
                param,
                line="another",
                verdict="KINK",
                rows=[
                    replace(
                        row, analytic=7.0, numeric=-7.0, difference="14", status="wrong", said="no"
                    )
                    for row in param.rows
                ],
            )
            for param in info.params
        ],
        curve=replace(
            info.curve,
            present=dict.fromkeys(info.curve.present, "14"),
            curves=info.curve.curves[:1],
            kink=-3.0,
            central="falling",
            one_sided="slower",
            rounding="rising",
        ),
    )
    assert other.params != info.params
    assert other.unseen() == info.unseen()


@pytest.mark.parametrize("show", ["activations", "gradients", "reasons"])
@pytest.mark.parametrize("entry", ["", "p2.2,2,3", "x6,17", "s4"])
def test_a_question_about_a_network_shows_nothing_of_the_answer(show: str, entry: str) -> None:
    scene = replace(INSIDE_SUBJECT.start, show=show, entry=entry)
    other = replace(scene, rule="pytorch-max-pool")
    grads = [INSIDE_SUBJECT.trace(each).steps[0].grads[0] for each in (scene, other)]
    assert (grads[0] != grads[1]).any()
    asked = Screen(exercise=Exercise(marking=False))
    one, two = (seen(INSIDE_SUBJECT.picture(each, asked)) for each in (scene, other))
    assert one == two
    assert one != seen(INSIDE_SUBJECT.picture(scene))
    assert all("gradient ?" in target.said for target in one[1])
    assert "<b>?</b>/784 ≠ 0" in str(one[0])


def test_before_the_answer_each_step_says_where_it_is_and_no_step_back_what_it_does() -> None:
    screen = Screen(exercise=Exercise())
    scenes = [replace(BLOCK.start, step=step) for step in range(7)]
    assert [BLOCK.picture(scene, screen).step for scene in scenes] == [
        "Inputs.",
        *(f"Forward {n} of 3." for n in (1, 2, 3)),
        *(f"Backward {n} of 3: hidden until the answer." for n in (1, 2, 3)),
    ]


@for_each("page", [page for page in TIED if isinstance(PAGES_WITH_A_SLICE[page].subject, Subject)])
def test_on_the_way_forward_a_rule_shows_nowhere(page: str) -> None:
    subject: Any = PAGES_WITH_A_SLICE[page].subject
    other = replace(subject, trace=lambda scene: subject.trace(scene).under(OTHER))
    for step in range(len(subject.trace(TIED[page]).steps) + 1):
        scene = replace(TIED[page], step=step)
        assert seen(other.picture(scene)) == seen(subject.picture(scene))


@for_each("step", range(len(BLOCK.steps(BLOCK.start)) - 1))
@for_each("entry", ["x1", "w", "a3", "h1", ""])
def test_a_step_shows_nothing_of_what_is_not_computed_yet(step: int, entry: str) -> None:
    scene = replace(TIED["conv-block"], step=step, entry=entry)
    other = replace(
        BLOCK,
        additions=(*BLOCK.additions, changing(lambda each: each.known != "gradient")),
    )
    assert seen(other.picture(scene)) == seen(BLOCK.picture(scene))


@pytest.mark.parametrize("step", range(len(conv_2d.CONV_2D_SUBJECT.steps(Conv2DScene())) - 1))
@pytest.mark.parametrize("entry", ["x3,4", "w1,2,2", "b1,1,1", "h1,2,3", ""])
def test_a_step_shows_nothing_of_maps_that_are_not_computed_yet(
    step: int, entry: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = replace(TIED["conv-2d"], step=step, entry=entry)
    honest = seen(conv_2d.CONV_2D_SUBJECT.picture(scene))
    known = conv_2d.map_pass(scene).known_at(step)
    maps = conv_2d._maps

    def others(scene: Conv2DScene, passed: MapPass) -> dict[str, Maps]:
        found = maps(scene, passed)
        for letter in found.keys() & known.keys():
            each = found[letter]
            values = each.values if known[letter] != "nothing" else each.values - 3
            assert each.gradients is not None
            gradients = each.gradients if known[letter] == "gradient" else each.gradients - 3
            found[letter] = replace(each, values=values, gradients=gradients)
        return found

    monkeypatch.setattr(conv_2d, "_maps", others)
    assert seen(conv_2d.CONV_2D_SUBJECT.picture(scene)) == honest
    last = replace(scene, step=6)
    assert seen(conv_2d.CONV_2D_SUBJECT.picture(last)) != honest

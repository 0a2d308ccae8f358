"""The lessons: their right answers, by hand or computed in plain Python, and their texts."""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest

from engine import RULES
from engine.mnist import load
from engine.training import as_inputs, shipped
from pages.derive.picture import Screen
from pages.explore.max_pool import WHOLE
from pages.gradient_check.check_scene import FIRST, CheckScene
from pages.gradient_check.results import results
from pages.learn.learn_subject import LEARN_SUBJECT, LearnScene
from pages.learn.lessons import LESSONS, Marks, Outcome, checked
from pages.registry import PAGES, SUBJECTS, titled
from pages.state.digits import digit
from tests.for_each import for_each

every_lesson = pytest.mark.parametrize("number", range(1, len(LESSONS) + 1))
NOTHING: frozenset[str] = frozenset()


def winning_block(x: tuple[float, ...], w: float) -> set[str]:
    """The entries of x whose change changes z, found by trying."""

    def z(each: list[float]) -> float:
        return max(max(0.0, w * entry) for entry in each)

    def changes(i: int) -> bool:
        return z([*x[:i], x[i] + 1e-6, *x[i + 1 :]]) != z(list(x))

    return {f"x{i + 1}" for i in range(len(x)) if changes(i)}


def pixels_of_the_first_z() -> set[str]:
    """The pixels of lesson 9 whose change changes z₁,₁ of the pool, found by trying."""
    scene: Any = LESSONS[8].scene
    (top, left), w = scene.corner, np.reshape(scene.w[:9], (3, 3))
    x = np.asarray(digit(scene.digit), np.float64)[top : top + 8, left : left + 8]

    def z(image: Any) -> float:
        windows = (image[r : r + 3, c : c + 3] for r, c in product(range(2), range(2)))
        return max(0.0, *(float((w * window).sum()) for window in windows))

    found = set()
    for row, column in np.ndindex(8, 8):
        moved = x.copy()
        moved[row, column] += 1e-6
        if abs(z(moved) - z(x)) > 1e-9:
            found.add(f"x{row + 1},{column + 1}")
    return found


RIGHT: dict[int, list[set[str]]] = {
    1: [{"x2"}],  # a = 3·(−1), 2, −2, −1, 0: the only positive one
    2: [{"x1"}],
    3: [{"a1", "a3", "a4"}],
    4: [{"h2"}],
    5: [{"h2"}],  # the first of h₂ and h₄
    6: [{"a3"}],  # the only 0
    7: [{"x2", "x3", "x4"}],  # windows 1–3, 2–4, 3–5: the middle of each
    8: [{"h2"}],  # it wins (1, 3) and (3, 2)
    9: [{f"x{row},{column}"} for row in (2, 3, 4) for column in (1, 3)],
    10: [{"share1", "share3"}],
}
"""Lesson -> the right answers at its beginning: several sets if any one of them is right."""


def outcome(number: int, marked: frozenset[str] | set[str], scene: Any = None) -> Outcome:
    lesson = LESSONS[number - 1]
    there = lesson.scene if scene is None else scene
    return lesson.question.outcome(lesson.subject, there, frozenset(marked))


def test_there_are_twelve_and_each_shows_a_page_of_the_site() -> None:
    assert len(LESSONS) == 12
    for lesson in LESSONS:
        assert SUBJECTS[lesson.subject.key] is lesson.subject
        assert lesson.next_page in ("", *PAGES)


SHOWN: dict[str, Callable[[Any], bool]] = {
    "Forward": lambda scene: scene.step == 0,
    "One gradient": lambda scene: len(winning_block(scene.x, scene.w)) == 1,
    "An inactive ReLU": lambda scene: min(scene.a) < 0 and 0 not in scene.a,
    "The maximum": lambda scene: scene.h.count(max(scene.h)) == 1 and scene.size == WHOLE,
    "A tie, and who decides": lambda scene: scene.h.count(max(scene.h)) == 2,
    "A kink": lambda scene: scene.a.count(0) == 1,
    "A shared weight": lambda scene: len(scene.x) > 3 and scene.stride == 1,
    "Windows that overlap": lambda scene: scene.stride < scene.size,
    "Two dimensions": lambda scene: len(scene.corner) == 2,
    "The minibatch": lambda scene: len(scene.dz) == 3,
    "The gradient check, and how it fails": lambda scene: isinstance(scene, CheckScene),
    "Training": lambda scene: scene.sgd == "before",
}
"""Title of a lesson -> whether a scene is as the title says."""


def test_a_lesson_begins_with_what_its_title_says() -> None:
    assert [lesson.title for lesson in LESSONS] == [*SHOWN]
    called = [f"{number}. {title}" for number, title in enumerate(SHOWN, 1)]
    assert [titled("learn", f"lesson-{number}") for number in range(1, 13)] == called
    for lesson in LESSONS:
        assert SHOWN[lesson.title](lesson.scene), lesson.title
        rule = "lab" if lesson.title == "Training" else "pytorch-max-pool"
        assert lesson.scene.query()["rule"] == rule


@pytest.mark.parametrize("number", RIGHT)
def test_right_is_what_is_true_and_nothing_else(number: int) -> None:
    lesson = LESSONS[number - 1]
    exercise = lesson.question.exercise(lesson.subject, lesson.scene)
    assert exercise is not None
    assert exercise.among
    for answer in RIGHT[number]:
        told = outcome(number, answer)
        assert told.right
        assert told.said.startswith("Right: ")
        assert all(told.because)
    single = [{entry} for entry in exercise.among]
    others = [set(), set(exercise.among), *single]
    for marked in others:
        told = outcome(number, marked)
        assert told.right == (marked in RIGHT[number]), marked
        if not told.right:
            alone = exercise.alone and len(RIGHT[number]) > 1
            said = "nothing" if not marked else r"\S.*"
            assert re.fullmatch(
                rf"You marked {said}; it is {'any of ' if alone else ''}\S.*\.", told.said
            ), told.said
            assert told.because


def test_what_was_marked_and_what_it_is_are_named() -> None:
    assert outcome(1, {"x1", "x4"}).said == "You marked x₁ and x₄; it is x₂."
    assert outcome(3, {"a2"}).said == "You marked a₂; it is a₁, a₃ and a₄."
    assert outcome(7, set()).said == "You marked nothing; it is x₂, x₃ and x₄."
    said = outcome(9, {"x1,1"}).said
    assert said == "You marked x₁‚₁; it is any of x₂‚₁, x₂‚₃, x₃‚₁ and 3 more."
    # At the ends w₂ is multiplied by the padding, which is no entry.
    padded = LESSONS[6].scene.updated({"padding": "2"})[0]
    assert outcome(7, {f"x{i}" for i in range(1, 6)}, padded).right
    # A scalar filter is w: there is no w₂.
    scalar = LESSONS[6].scene.updated({"filters": "scalar"})[0]
    assert outcome(7, {"x2"}, scalar).right is None


@pytest.mark.parametrize(("number", "w"), [(1, -2.0), (2, 2.0)])
def test_the_right_answer_for_the_block_is_what_z_changes_with(number: int, w: float) -> None:
    scene: Any = LESSONS[number - 1].scene
    assert scene.w == w
    assert winning_block(scene.x, w) == RIGHT[number][0]


def test_the_right_answer_in_two_dimensions_is_what_z_changes_with() -> None:
    assert [{entry} for entry in sorted(pixels_of_the_first_z())] == sorted(RIGHT[9], key=min)


def test_a_tie_is_decided_by_the_rule_that_is_chosen() -> None:
    scene: Any = LESSONS[4].scene
    for slug, rule in RULES.items():
        first = rule.kinks.pool_ties == "first"
        assert outcome(5, {"h2"}, replace(scene, rule=slug)).right == first
        assert outcome(5, {"h2", "h4"}, replace(scene, rule=slug)).right != first


@for_each("rule", list(RULES))
def test_z_is_made_forward_from_each_of_a_tie(rule: str) -> None:
    # Neither the backward pass's rule nor the upstream gradient matters.
    begun: Any = LESSONS[0].scene
    scene = replace(begun, x=(1.5, -1.0, -1.0, 0.5, 0.0), rule=rule)
    told = outcome(1, {"x3"}, scene)
    assert (told.right, told.said) == (True, "Right: x₃.")
    assert told.because == (
        "a₃ = w · x₃ = (−2)·(−1) = 2, and h₃ = max(0, a₃) = 2. The largest h is 2: that is z.",
    )
    assert outcome(1, {"x1"}, scene).said == "You marked x₁; it is any of x₂ and x₃."
    assert outcome(1, {"x2"}, replace(begun, dz=0.0, rule=rule)).right
    # If all a are negative, z = 0 is made from no entry.
    assert outcome(1, {"x1"}, replace(begun, x=(1.0,) * 5, rule=rule)).right is None


@pytest.mark.parametrize("rule", list(RULES))
@pytest.mark.parametrize("w", [2.0, -1.0, 0.0])
@pytest.mark.parametrize("x", [(1.5, -1.0, 1.5, 0.5, 0.0), (0.0, -2.0, -1.0, -0.5, -3.0)])
def test_z_depends_on_what_it_changes_with(x: tuple[float, ...], w: float, rule: str) -> None:
    def z(entries: list[float]) -> float:
        return max(max(0.0, w * entry) for entry in entries)

    def depends(i: int) -> bool:
        return any(z([*x[:i], x[i] + by, *x[i + 1 :]]) != z([*x]) for by in (1e-6, -1e-6))

    begun: Any = LESSONS[1].scene
    scene = replace(begun, x=x, w=w, rule=rule)
    true = [depends(i) for i in range(len(x))]
    expected = true if any(true) else [None] * len(x)
    for dz in (1.0, 0.0):
        there = replace(scene, dz=dz)
        assert [outcome(2, {f"x{i + 1}"}, there).right for i in range(len(x))] == expected


@for_each("rule", list(RULES))
def test_all_of_a_gradient_is_no_share_of_it(rule: str) -> None:
    begun: Any = LESSONS[3].scene
    scene = replace(begun, h=(1.0, 2.5, -1.0, 2.5, 2.0), rule=rule)
    given = {"first": [True, False], "all": [True, True], "split": [None, None]}
    found = [outcome(4, {entry}, scene).right for entry in ("h2", "h4")]
    assert found == given[RULES[rule].kinks.pool_ties]
    assert outcome(4, {"h2"}, replace(begun, dz=(-2.0, *begun.dz[1:]), rule=rule)).right


def test_where_one_is_asked_for_one_can_be_marked() -> None:
    for lesson in LESSONS:
        if isinstance(lesson.question, Marks):
            assert lesson.question.alone == lesson.asked.startswith("Choose "), lesson.asked


def test_an_answer_is_judged_in_the_state_in_which_it_is_given() -> None:
    scene: Any = LESSONS[2].scene
    assert outcome(3, {"a1"}, replace(scene, a=(1.0, -1.0, -1.0, -1.0, -1.0))).right
    told = outcome(3, NOTHING, replace(scene, a=(-1.0,) * 5))
    assert told.right is None
    assert "nothing" in told.said
    # h₃ wins two windows and gets 2; the larger h₁ and h₅ win one each and get 1.
    windows: Any = LESSONS[7].scene
    scene = replace(windows, h=(3.0, 1.0, 2.0, 1.0, 3.0))
    assert [outcome(8, {f"h{i}"}, scene).right for i in range(1, 6)] == [
        False,
        False,
        True,
        *[False] * 2,
    ]


@for_each(
    ("number", "reason"),
    [
        (1, "a₂ = w · x₂ = (−2)·(−1) = 2, and h₂ = max(0, a₂) = 2. The largest h is 2: that is z."),
        (2, "∂L/∂x₁ = w · ∂L/∂a₁ = 2 · 1 = +2"),
        (5, "The rule decides here: +1 in "),
        (6, "The rule decides here: +1 in the lab; 0 in "),
        (7, " = (−2) · 1 + 3 · 1 + 0.5 · 1 = +1.5"),
        (8, " = 1 · 1 + 1 · 1 = +2"),
        (9, " = (−2) · 0 + (−1) · 1 = −1"),
        (10, "2 of 3 examples contribute."),
    ],
)
def test_the_reason_is_in_numbers(number: int, reason: str) -> None:
    assert reason in outcome(number, RIGHT[number][0]).because[-1]


@pytest.mark.parametrize("number", RIGHT)
def test_a_verdict_is_the_same_at_every_step(number: int) -> None:
    lesson: Any = LESSONS[number - 1]
    last = lesson.subject.start.step
    for marked in (RIGHT[number][0], NOTHING):
        told = {outcome(number, marked, replace(lesson.scene, step=n)) for n in range(last + 1)}
        assert len(told) == 1


@pytest.mark.parametrize("dz", [0.0, -1.0])
def test_where_no_gradient_is_above_0_none_is_the_largest(dz: float) -> None:
    scene: Any = LESSONS[7].scene
    told = outcome(8, {"h2"}, replace(scene, dz=(dz,) * len(scene.dz)))
    assert (told.right, "nothing" in told.said) == (None, True)


def test_a_check_passes_until_two_maxima_tie() -> None:
    scene: Any = LESSONS[10].scene
    assert isinstance(scene, CheckScene)
    told = outcome(11, NOTHING)
    assert told.right is False
    assert "agrees" in told.because[0]
    tie = outcome(11, NOTHING, scene.moved("x3", 2.0))
    assert tie.right
    assert "KINK" in tie.because[0]
    # Below the maximum a movement changes nothing.
    assert not any(outcome(11, NOTHING, scene.moved("x3", at)).right for at in (-4.0, 0.0, 1.75))


@pytest.mark.parametrize(("one", "other"), [(0, 2), (1, 0), (2, 0), (3, 0), (1, 2)])
def test_a_layer_without_a_bug_fails_no_check(one: int, other: int) -> None:
    scene = LESSONS[10].scene
    assert isinstance(scene, CheckScene)
    x = [*scene.x]
    x[one] = x[other]  # a tie, at which the lab's rule gives w no true gradient
    found = results(replace(scene, x=tuple(x))).examined.results
    assert {each.verdict for each in found} <= {"PASSED", "KINK"}


@pytest.mark.parametrize("rate", [-3.5, -2.5, -2.25, -1.0])
def test_the_network_is_right_after_a_large_enough_step(rate: float) -> None:
    scene: Any = LESSONS[11].scene
    network = shipped().network
    x, label = as_inputs(load().images[[scene.image]]), int(load().labels[scene.image])
    loss = network.with_loss([label])
    loss.forward(x, *network.params)
    _, *grads = loss.backward(1.0, RULES[scene.rule].kinks)
    params = [p - 10**rate * g for p, g in zip(network.params, grads, strict=True)]
    said = int(np.argmax(network.layers.forward(x, *params)))
    assert outcome(12, NOTHING, scene.moved("rate", rate)).right == (said == label)
    assert not outcome(12, NOTHING, scene.moved("rate", rate).having("sgd", "off")).right


def test_the_last_lesson_does_not_begin_with_its_answer() -> None:
    told = outcome(12, NOTHING)
    assert told.right is False
    assert "learning rate" in told.because[0]
    scene: Any = LESSONS[11].scene
    assert outcome(12, NOTHING, scene.moved("rate", -2.0)).right
    assert not outcome(12, NOTHING, replace(scene, sgd="off")).right


def test_an_answer_to_the_last_lesson_tells_of_its_own_rate() -> None:
    # The slider may be moved while the answer is shown. Softmax never gives exactly 1.
    (said,) = outcome(12, NOTHING, LESSONS[11].scene.moved("rate", -1.0)).because
    assert said.startswith("With the learning rate η = 1e−1, one step took the loss from 3.89 to")
    assert said.endswith("the probability of 4 from 2 % to >99.99 %.")


READ: dict[str, tuple[str, str, str]] = {
    "Forward": (
        (
            "Forward, numbers run from x to z: a = w · x, then h = max(0, a), and z is the largest "
            "h. Work it out before you look."
        ),
        "Choose the entry of x that z will be made from.",
        "Go back and forward with ◀ Step and Step ▶, then move a slider: which h wins?",
    ),
    "One gradient": (
        (
            "∂L/∂x₁ says by how much L changes when x₁ changes a little. Here L = z. Backward, "
            "each layer multiplies its upstream gradient by its own slope: the chain rule."
        ),
        "Choose the entry of x that z depends on here.",
        "Choose z, then h₁, a₁ and x₁: each gradient is the one before, times one slope.",
    ),
    "An inactive ReLU": (
        (
            "A ReLU has slope 1 where a > 0. Where a < 0 it is inactive: its slope is 0, and its "
            "upstream gradient ∂L/∂h ends there, however large."
        ),
        "Mark every entry of a whose gradient is not 0.",
        "Drag a₂ above 0: what waits at h₂ goes through at once.",
    ),
    "The maximum": (
        (
            "A max pool hands on its largest entry. The others could change a little without "
            "changing z, so their gradient is 0."
        ),
        "Choose the entry of h that gets all of the gradient.",
        "Raise another entry above it: the whole gradient changes over.",
    ),
    "A tie, and who decides": (
        (
            "At a tie for the maximum there is no derivative: each framework has a rule of its "
            "own. “At ties and kinks”, above, says which is taken here."
        ),
        "Mark every entry of h that gets a gradient.",
        "Choose the other rules above. Which one sends back more than arrives?",
    ),
    "A kink": (
        (
            "Where the slope on the left differs from the slope on the right, there is no "
            "derivative: a kink. Every slope between the two is a subgradient, and a rule takes "
            "one."
        ),
        "Choose the entry of a that sits on a kink.",
        "Choose another rule, then move that entry off the kink: does the rule still matter?",
    ),
    "A shared weight": (
        (
            "The same weights are used at every position, so ∂L/∂w₂ is a sum: each upstream "
            "gradient times the x that w₂ meets there."
        ),
        "Mark every entry of x that is in the sum for w₂.",
        "Choose w₂ and read its sum, then x₃: that is read by several windows, and is a sum too.",
    ),
    "Windows that overlap": (
        (
            "Each window hands on its largest entry. An entry that wins several windows gets the "
            "gradient of each, and they add."
        ),
        "Choose the entry of h with the largest gradient.",
        "Make dz₁ and dz₂ opposite: the two gradients cancel, and h₂ gets 0.",
    ),
    "Two dimensions": (
        (
            "On an image, windows are squares: 3 × 3 for the filter w, 2 × 2 for the pool. Here 1 "
            "is sent back into one z, the framed one; go back from there."
        ),
        "Choose a pixel of x that gets a gradient.",
        "Choose the other cells of z: how many pixels get a gradient from each, and why so few?",
    ),
    "The minibatch": (
        (
            "Three examples meet the same w: ∂L/∂w is the sum of their shares. Where all ReLUs are "
            "inactive, the share is 0."
        ),
        "Mark the copy of w of every example that contributes.",
        "Drag an entry of example 2 above 0. Then make two contributions cancel with dz.",
    ),
    "The gradient check, and how it fails": (
        (
            "The check compares each gradient with (L(x + eps) − L(x − eps)) / (2 eps). This layer "
            "has no bug. But at a kink the two can differ all the same."
        ),
        "Move an x until the check no longer says PASSED.",
        (
            "Move eps along its curve. Then, on the page Gradient check, choose a bug: FAILED is "
            "not KINK."
        ),
    ),
    "Training": (
        (
            "A step of gradient descent moves every weight against its gradient: w − η · ∂L/∂w. "
            "The digits' bars show the network before it, the marks on them after it."
        ),
        "Find a learning rate η whose one step makes the network right on this image.",
        (
            "Make η large: one image is learned at once, but others can be forgotten. So training "
            "takes many small steps, each on a minibatch: go on to Train."
        ),
    ),
}
"""Title of a lesson -> what it tells, what it asks, and what it suggests to try."""


@every_lesson
def test_the_texts_of_a_lesson_are_as_recorded(number: int) -> None:
    lesson = LESSONS[number - 1]
    assert (lesson.text, lesson.asked, lesson.tried) == READ[lesson.title]


@every_lesson
def test_the_texts_of_a_lesson_are_few_and_short(number: int) -> None:
    lesson = LESSONS[number - 1]
    for text, most, longest in (
        (lesson.text, 4, 240),
        (lesson.asked, 1, 90),
        (lesson.tried, 3, 190),
    ):
        sentences = re.findall(r"[^.?!:]+[.?!:]", text.replace("eps) /", "eps"))
        assert 1 <= len([each for each in sentences if each.endswith((".", "?"))]) <= most, text
        assert len(text) <= longest, (len(text), text)
        assert not re.search(r"\b(da|dz|dw)\b(?!₁|₂)", text.replace("with dz", "")), text


@every_lesson
def test_the_picture_hides_what_is_asked_and_tells_nothing_unasked(number: int) -> None:
    scene = LearnScene.begun(number)
    lesson = scene.told
    exercise = lesson.question.exercise(lesson.subject, scene.inner)
    picture = LEARN_SUBJECT.picture(scene, Screen(exercise=exercise))
    assert picture.explanation == []
    if isinstance(lesson.question, Marks):
        shown = LEARN_SUBJECT.picture(scene)
        assert lesson.answered or shown.figure != picture.figure
        assert f"Gradient of {lesson.question.letter}," not in picture.summary()
        among = (exercise and exercise.among) or NOTHING
        asked = [each for each in picture.targets if each.entry in among]
        assert not any("gradient" in each.said for each in asked)


def test_the_check_is_told_of_the_first_entry_that_it_disagrees_with() -> None:
    tied = replace(CheckScene(), x=(-1.0, 2.0, 2.0, 0.5), rule=FIRST)
    (said,) = checked(tied)
    assert said.startswith("∂L/∂x₂: the layer gives ")
    # z = (2, 1), the second of them made from −x₁: ∂L/∂x₁ = σ(2 − 1) = 0.731059.
    (said,) = checked(tied.moved("x3", 1.0))
    assert said == "∂L/∂x₁: the layer gives +0.731059, and the central difference agrees."

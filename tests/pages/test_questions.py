"""The questions of the pages: their texts, what they presuppose, and answers by hand."""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from unicodedata import normalize

import numpy as np

from engine import Trace
from engine.arrays import Array
from pages.derive.questions import influenced
from pages.gradient_check.check_scene import CheckScene
from pages.inside.inside_scene import questions_of
from pages.registry import PICTURE_PAGES
from tests.for_each import for_each
from tests.pages.explore.test_presets import given


class Asked(NamedTuple):
    """A question about a page's opening scene, or one set up from it.

    answer: by hand, under the lab's rule if the page opens with it. shown: whether what the
    question presupposes is true.
    """

    text: str
    answer: int
    because: str
    shown: Callable[[Any, Trace], bool | np.bool]


def ties(h: Array) -> int:
    return int((h == h.max()).sum())


def filters(at: Trace, *shape: int, stride: int = 1) -> bool:
    places = (given(at).shape[-1] - (shape or (1,))[-1]) // stride + 1
    return given(at, 1).shape == shape and at.output.shape[-1] == places


def checks(layer: str, bug: str) -> Callable[[CheckScene, Trace], bool]:
    return lambda scene, _: (scene.layer, scene.bug) == (layer, bug)


BLOCK_X = "How many entries of ∂L/∂x are nonzero?"
RELU_A = "How many entries of ∂L/∂a are nonzero?"
LAST_POOL = "How many entries of the gradient {} are nonzero?"
ASKED: Mapping[str, tuple[Asked, ...]] = {
    "conv-block": (
        Asked(
            f"The maximum is **unique**. {BLOCK_X}",
            1,
            "Follow the arrows from z.",
            lambda _, at: ties(given(at, step=2)) == 1,
        ),
        Asked(
            f"**Two** entries tie for the maximum. {BLOCK_X}",
            2,
            "Change the rule: not every framework gives this number.",
            lambda _, at: ties(given(at, step=2)) == 2,
        ),
        Asked(
            f"All a are **negative**. {BLOCK_X}",
            0,
            "Look between a and h: which ReLUs are active?",
            lambda _, at: given(at, step=1).max() < 0,
        ),
        Asked(
            f"All a are **positive**. {BLOCK_X}",
            1,
            "Every ReLU is active; look at what stops the others.",
            lambda _, at: given(at, step=1).min() > 0,
        ),
        Asked(
            "How many entries of a does **x₃** influence?",
            1,
            "One path leaves x₃.",
            lambda *_: True,
        ),
        Asked(
            "How many entries of a does **w** influence?",
            4,  # of the five x one is 0
            "Count the paths that leave w.",
            lambda _, at: np.count_nonzero(given(at)) == 4,
        ),
    ),
    "relu": (
        Asked(
            f"All a are **positive**. {RELU_A}",
            5,
            "Every ReLU is active: the gradient of h goes on to a as it is.",
            lambda _, at: given(at).min() > 0,
        ),
        Asked(
            f"All a are **negative**. {RELU_A}",
            0,
            "No gradient passes an inactive ReLU, however large it is.",
            lambda _, at: given(at).max() < 0,
        ),
        Asked(
            f"Two a are positive, two negative, and one is **exactly 0**. {RELU_A}",
            3,
            "Change the rule: at the kink any slope from 0 to 1 would do, and each has chosen one.",
            lambda _, at: sorted(np.sign(given(at))) == [-1, -1, 0, 1, 1],
        ),
        Asked(
            f"**All** a are exactly 0. {RELU_A}",
            5,
            "Nudge one of them by ε, up and down: there every rule agrees.",
            lambda _, at: not given(at).any(),
        ),
        Asked(
            "How many entries of h does **a₃** influence?",
            1,
            "One path leaves a₃.",
            lambda *_: True,
        ),
    ),
    "max-pool": (
        Asked(
            "h = [0, 2, 1, 3, 3], windows of 2, one apart. How many entries of ∂L/∂h are nonzero?",
            3,
            "Change the rule and look again: where two tie, the frameworks part.",
            lambda scene, at: (
                given(at).tolist() == [0, 2, 1, 3, 3] and (scene.size, scene.stride) == ("2", "1")
            ),
        ),
        Asked(
            "How many windows is **h₃** in?",
            2,
            "Choose h₃: its windows stand out.",
            lambda *_: True,
        ),
        Asked(
            "Every h is the same, one window over all. How many entries of ∂L/∂h are nonzero?",
            5,
            "All of them tie.",
            lambda _, at: ties(given(at)) == given(at).size and at.output.size == 1,
        ),
        Asked(
            "Windows of 2, **three** apart. How many entries of h are in no window?",
            1,  # of five the third
            "Their gradient is 0 whatever their value: move one, and nothing else moves.",
            lambda scene, _: (scene.size, scene.stride) == ("2", "3"),
        ),
        Asked(
            "Every h is negative, and there is **padding**. How many entries of ∂L/∂h are nonzero?",
            3,
            "Padding is no 0 here: it never is the maximum.",
            lambda scene, at: given(at).max() < 0 and int(scene.padding) > 0,
        ),
    ),
    "conv-1d": (
        Asked(
            "**One scalar filter.** How many entries of a does **x₃** influence?",
            1,
            "One path leaves x₃.",
            lambda scene, at: filters(at) and scene.entry == "x3",
        ),
        Asked(
            "**One scalar filter.** And how many entries of a does **w** influence?",
            5,
            "The same w is used at every place.",
            lambda scene, at: filters(at) and scene.entry == "w",
        ),
        Asked(
            "**One vector filter** of three entries. How many entries of a does **x₃** influence?",
            3,
            "It is in as many windows as the filter has entries, fewer towards the ends.",
            lambda scene, at: filters(at, 3) and scene.entry == "x3",
        ),
        Asked(
            "**One vector filter** of three entries. "
            "And how many does its middle one, **w₂**, influence?",
            3,
            "It is used in every window.",
            lambda scene, at: filters(at, 3) and scene.entry == "w2",
        ),
        Asked(
            "**With stride 2**: how many does **x₃** influence?",
            2,
            "A window starts at every second entry only.",
            lambda scene, at: filters(at, 3, stride=2) and scene.entry == "x3",
        ),
        Asked(
            "**With stride 2**: how many does **w₂** influence?",
            2,
            "It is used in every window, and there are two.",
            lambda scene, at: filters(at, 3, stride=2) and scene.entry == "w2",
        ),
        Asked(
            "**Two filters** of three entries, stride 1. "
            "How many entries of a does **x₃** influence?",
            6,
            "Every filter reads it.",
            lambda scene, at: filters(at, 2, 3) and scene.entry == "x3",
        ),
        Asked(
            f"The filter is **−1, 0, 1**, and the upstream gradient of every a is 1. {BLOCK_X}",
            4,  # -1, -1, 1 - 1, 1, 1
            "Choose a zero: it lies in three windows, whose contributions cancel.",
            lambda _, at: given(at, 1).tolist() == [-1, 0, 1] and (at.dout == 1).all(),
        ),
    ),
    "conv-2d": (
        Asked(
            "How many entries of a does a pixel in the **middle** influence?",
            9,
            "Choose the pixel: they light up.",
            lambda _, at: given(at, 1).shape == (1, 3, 3),
        ),
        Asked(
            "And with **stride 2**?",
            4,
            "Not every pixel is in equally many windows.",
            lambda scene, _: scene.stride == 2,
        ),
        Asked(
            "In how many entries of a is **one number** of a filter used?",
            36,
            "Choose it: the same filter is everywhere.",
            lambda _, at: at.steps[0].output.shape == (1, 6, 6),
        ),
        Asked(
            "How many pixels are in the **receptive field** of one z?",
            16,
            "Windows of 3 × 3 that overlap, from a window of 2 × 2.",
            lambda scene, at: given(at, 1).shape == (1, 3, 3) and scene.pool == 2,
        ),
        Asked(
            "L is **one** z: how many entries of its gradient in a are nonzero?",
            1,
            "Change the rule where h ties.",
            lambda _, at: at.dout.sum() == at.dout.max() == 1,
        ),
        Asked(
            "L is the **sum** of all z: how many pixels have a nonzero gradient?",
            28,  # six maxima, each of which reads six pixels; their parts overlap, and some cancel
            "The others affect no maximum above 0.",
            lambda _, at: (at.dout == 1).all(),
        ),
    ),
    "minibatch": (
        Asked(
            "How many of the three examples contribute to **∂L/∂w**?",
            3,
            "Follow the arrows into w.",
            lambda _, at: given(at, step=1).max(axis=(1, 2)).min() > 0,
        ),
        Asked(
            "All entries of **one example** are negative. How many examples contribute?",
            2,
            "Its ReLUs are inactive: no gradient comes as far as its w.",
            lambda _, at: (given(at, step=1).max(axis=(1, 2)) < 0).sum() == 1,
        ),
        Asked(
            "∂L/∂w is **0**. How many examples contribute all the same?",
            3,
            "A gradient of 0 may be a sum whose terms cancel.",
            lambda _, at: not at.grads[1].any(),
        ),
        Asked(
            "Three students each take **one example** and add up their ∂L/∂w. "
            "In how many entries does the sum differ from the gradient of the **batch**?",
            0,
            "The gradient of a sum is the sum of the gradients: that is why a batch can be split.",
            lambda _, at: len(given(at)) == 3,
        ),
        Asked(
            "How many of the **nine** entries of ∂L/∂x are nonzero?",
            3,
            "What an example passes back concerns its own x alone.",
            lambda _, at: given(at).size == 9,
        ),
    ),
    "gradient-check": (
        Asked(
            "x₁ and x₂ **tie**, and the rule takes the first. "
            "With how many entries of ∂L/∂x does a central difference disagree?",
            2,
            "It gives ½ for both: the mean of the slopes on the left and on the right.",
            lambda scene, at: scene.x[0] == scene.x[1] > scene.x[2] and scene.rule != "lab",
        ),
        Asked(
            "The same tie under **the lab's rule**. For how many of x and w does the check say "
            "FAILED?",
            1,
            "z = 3w has slope 3 along w, on both sides; the rule gives 6.",
            lambda scene, at: (
                scene.x[:2] == (3, 3) and scene.rule == "lab" and at.grads[1].item() == 6
            ),
        ),
        Asked(
            "All a are **negative**, so all h are 0 and tie. "
            "With how many entries of ∂L/∂x does a central difference disagree?",
            0,
            "z stays 0 whichever x moves: a tie alone makes no kink.",
            lambda scene, _: max(scene.x) < 0 < scene.w[0],
        ),
        Asked(
            "The ReLU **forgets ∂L/∂h**. How many entries of ∂L/∂a are wrong?",
            3,
            "Where the ReLU is inactive, 0 is right without any factor.",
            checks("relu", "forgotten-factor"),
        ),
        Asked(
            "The block's ReLU has **no mask**. How many of x and w does the check find wrong?",
            0,
            "Its one gradient goes through an active ReLU: a check holds at one point alone. "
            "Make all x negative, and it shows.",
            checks("conv-block", "no-mask"),
        ),
    ),
    "look-inside": (
        Asked(
            "L is the loss: how many of the ten entries of **∂L/∂s** are above 0?",
            9,
            "Of every digit it is its probability p, of the label p − 1: to raise its s lowers L.",
            lambda scene, at: scene.back == "loss" and given(at, step=-1).size == 10,
        ),
        Asked(
            LAST_POOL.format("**after** the last pool"),
            400,
            "All of them affect the linear layer, and none of its weights is 0.",
            lambda _, at: given(at, 1, step=-2).all(),
        ),
        Asked(
            LAST_POOL.format("**before** the last pool"),
            400,
            "Under this rule each window has one maximum that gets its gradient.",
            lambda scene, _: scene.rule == "pytorch-max-pool",
        ),
        Asked(
            LAST_POOL.format("before the last **ReLU**"),
            154,
            "The maximum of many a window is 0, from an inactive ReLU.",
            lambda scene, _: scene.rule == "pytorch-max-pool",
        ),
        Asked(
            "How many pixels are in the receptive field of **one** entry after the last pool?",
            100,  # 2 of 2, 4 of 3, 8 of 2, 10 of 3: a window of 10 × 10
            "Choose it: its receptive field lights up.",
            lambda scene, _: scene.entry.startswith("p2."),
        ),
    ),
}


@for_each("key", ASKED)
def test_a_question_is_true_of_what_it_is_asked_of(key: str) -> None:
    page = PICTURE_PAGES[key]
    start, trace = page.subject.start, page.subject.trace
    found = page.questions or tuple(questions_of(trace(start)))
    texts = [question.text for question in found]
    rows = f"ASKED[{key!r}] in this file needs a row for each question, in their order"
    assert texts == [asked.text for asked in ASKED[key]], rows
    for question, asked in zip(found, ASKED[key], strict=True):
        scene = question.set_up(start).possible()[0]
        assert asked.shown(scene, trace(scene)), asked.text
        assert question.answer(trace(scene)) == asked.answer, asked.text
        assert question.because == asked.because


@for_each("key", ASKED)
def test_the_entry_that_is_named_in_a_question_is_the_one_that_is_explained(key: str) -> None:
    page = PICTURE_PAGES[key]
    for question in page.questions:
        named = re.findall(r"\*\*(\w[₁-₉]?)\*\*", question.text)
        if isinstance(question.answer, influenced) and named:
            scene = question.set_up(page.subject.start).possible()[0]
            about = question.answer.about(page.subject.trace(scene), page.naming(scene))
            assert [about] == [normalize("NFKC", each) for each in named]

"""Why a gradient is zero: every sentence on every page, compared with all of its paths."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import (
    RULES,
    Abs,
    Add,
    Concat,
    Conv1D,
    ConvBlock,
    Graph,
    Kinks,
    LeakyReLU,
    Linear,
    Maximum,
    MaxPool,
    MaxPool2D,
    ReLU,
    Residual,
    Sequential,
    SoftmaxCrossEntropy,
    Trace,
    trace,
)
from engine.arrays import Index
from pages.derive.derivation import letters
from pages.explain.entry import Entry, entries
from pages.explain.sentences import explain, reason
from pages.explore.conv_1d import FILTERS, KINDS, LENGTH, OUTPUTS_MOST, TAPS
from pages.explore.conv_2d_scene import Conv2DScene
from pages.explore.max_pool import PADDINGS, STRIDES
from pages.figures.info import describe_cell
from pages.registry import PICTURE_PAGES
from tests.pages.scenes import activation, batch, block, conv, pool

FIRST = RULES["pytorch-max-pool"].kinks
KINKS = Kinks(0.0, "first", leaky_relu_at_zero=0.0, abs_at_zero=0.0)
few = st.sampled_from([-2.0, -1.0, 0.0, 0.0, 1.0, 1.0, 2.0])
rules = st.sampled_from(list(RULES))


def many(count: int) -> st.SearchStrategy[tuple[float, ...]]:
    return st.tuples(*[few] * count)


SCENES: dict[str, st.SearchStrategy[Any]] = {
    "conv-block": st.builds(block, x=many(5), w=few, dz=few, rule=rules),
    "relu": st.builds(activation, a=many(5), dh=many(5), rule=rules),
    "max-pool": st.builds(
        pool,
        h=many(5),
        dz=many(7),
        size=st.sampled_from(["whole", "1", "2", "3"]),
        stride=st.sampled_from(STRIDES[:3]),
        padding=st.sampled_from(PADDINGS),
        rule=rules,
    ).map(lambda scene: scene.possible()[0]),
    "conv-1d": st.builds(
        conv,
        x=many(LENGTH),
        filters=st.sampled_from(list(KINDS)),
        w=many(FILTERS * TAPS),
        stride=st.integers(1, 3),
        padding=st.integers(0, 2),
        da=many(FILTERS * OUTPUTS_MOST),
    ),
    "minibatch": st.builds(batch, x=many(9), w=few, dz=many(3), rule=rules),
    "conv-2d": st.builds(
        Conv2DScene,
        digit=st.integers(0, 99),
        crop=st.just("6"),
        row=st.integers(5, 15),
        column=st.integers(5, 15),
        filters=st.integers(1, 2),
        w=many(27),
        stride=st.integers(1, 2),
        pool=st.integers(1, 3),
        pool_stride=st.integers(1, 3),
        back=st.sampled_from(["one", "sum"]),
        source=st.sampled_from(["z1,1,1", "z2,1,1", "z1,2,1"]),
        rule=rules,
    ).map(lambda scene: scene.possible()[0]),
}
COUNTED = {
    "no output": "reach(es)? no output",
    "nothing sent": "ends? where the upstream gradient is 0",
    "closed": "(is|are) inactive",
    "kink": "(is|are) at a kink, where this rule's slope is 0",
    "not max": "(is|are) not the maximum",
    "tie lost": "loses? a tie under this rule",
    "times zero": "(is|are) multiplied by 0",
    "cancelled": "ends? in a sum that cancels",
}
"""Reason -> its words if several reasons are counted; SAID: if all paths have this reason."""
SAID = {
    "no output": r"no output depends on (\S+)$|none of its \d+ paths reaches an output$",
    "nothing sent": r"the upstream gradient (?:of every output that it affects|\S+) is 0$",
    "closed": r"the ReLU is inactive at (\S+) = −\S+?(, and on its other (path|\d+ paths))?$",
    "kink": r"(\S+) = 0 is the ReLU's kink",
    "not max": r"(\S+) = \S+ is not the maximum",
    "tie lost": r"(\S+) = \S+ ties for the maximum",
    "times zero": "the upstream gradient is multiplied by ",
    "cancelled": "the contributions cancel: ",
}


def reads(trace: Trace, step: int, argument: int, index: Index) -> list[Index]:
    at = trace.steps[step]
    return list(at.layer.feeds(argument, index, at.run.cache))


def own(trace: Trace, step: int, argument: int, index: Index) -> str:
    """The reason why the gradient is zero at this step alone, by its definition."""
    at, value = trace.steps[step], trace.steps[step].inputs[argument][index]
    reading = reads(trace, step, argument, index)
    live = [output for output in reading if at.dout[output]]
    if not live:
        return "nothing sent" if reading else "no output"
    if isinstance(at.layer, ReLU):
        return "closed" if value < 0 else "kink"
    if isinstance(at.layer, MaxPool | MaxPool2D):
        won = [output for output in live if at.output[output] == value]
        share_of_all = trace.kinks.pool_ties != "first" and len(won) > 0
        first = [output for output in won if first_to_win(trace, step, output) == index]
        return "not max" if not won else "cancelled" if first or share_of_all else "tie lost"
    other = at.inputs[1 - argument]
    for output in live:
        cofactor = at.layer.factor(argument, index, output, at.run.cache).cofactor
        if cofactor is not None and other[cofactor[1]]:
            return "cancelled"
    return "times zero"


def first_to_win(trace: Trace, step: int, output: Index) -> Index:
    at = trace.steps[step]
    return next(
        index
        for index in np.ndindex(*at.inputs[0].shape)
        if at.inputs[0][index] == at.output[output] and output in reads(trace, step, 0, index)
    )


def ends(trace: Trace, step: int, argument: int, index: Index) -> Iterator[tuple[str, int, Index]]:
    """Yield the reason and place at which each path of an entry ends."""
    why = own(trace, step, argument, index)
    if why != "nothing sent" or step == len(trace.steps) - 1:
        yield why, step, index
        return
    for output in reads(trace, step, argument, index):
        yield from ends(trace, step + 1, 0, output)


def counted(said: str) -> dict[str, int]:
    """'3 are inactive, 1 is not the maximum' -> {'closed': 3, 'not max': 1}."""
    found = {}
    for part in re.split(r", (?=\d)", said):
        count, words = part.split(" ", 1)
        (why,) = (why for why, pattern in COUNTED.items() if re.fullmatch(pattern, words))
        found[why] = int(count)
    return found


def hold(place: Entry) -> None:
    """Assert that the sentence about a zero is true of all of its paths."""
    at = (place.step, place.argument, place.index)
    every = list(ends(place.trace, *at))
    whys, said = Counter(why for why, *_ in every), reason(place)
    if "nothing sent" in whys and len(whys) == 2:
        whys.pop("no output", None)
    counting = re.fullmatch(r"no gradient on any of its (\d+) paths: (.*)", said)
    if counting:
        assert (int(counting[1]), counted(counting[2])) == (len(every), whys), said
        return
    (why,) = whys
    found = re.match(SAID[why], said)
    assert found, (why, said)
    if why == "closed":
        others = re.search(r"its other (\d*)", said)
        assert len(every) == 1 + (int(others[1] or 1) if others else 0), said
    if found.groups() and found[1]:
        named = {Entry(place.trace, place.naming, step, 0, index).name for _, step, index in every}
        assert place.name == found[1] or found[1] in named
    cell = describe_cell(place.trace, place.naming, *at, "gradient")
    assert "several" not in cell.reason


@pytest.mark.parametrize("page", SCENES)
def test_a_reason_is_that_of_all_paths(page: str) -> None:
    @given(SCENES[page], st.randoms(use_true_random=False))
    @settings(max_examples=25, deadline=None)
    def every(scene: Any, chance: Any) -> None:
        explored = PICTURE_PAGES[page]
        trace = explored.subject.trace(scene)
        zeros = [
            place
            for place in entries(trace, explored.naming(scene)).values()
            if place.step < len(trace.steps) and not place.grad
        ]
        for place in chance.sample(zeros, min(8, len(zeros))):
            hold(place)

    every()


def test_a_path_leads_to_the_entry_at_which_the_gradient_is_stopped() -> None:
    # x₃ is in a₂, which no window covers, and in a₃, whose window has an upstream gradient of 0.
    layers = Sequential(Conv1D(), Abs(), MaxPool(1, stride=2))
    passed = trace(layers, [1.0, 2.0, 3.0, 4.0], [1.0, 1.0], dout=[1.0, 0.0])
    said = explain(passed, "x3", letters(passed))
    assert said[2] == (
        "Followed back along one of its 2 paths: ∂L/∂x₃ = 0 ← ∂L/∂a₃ = 0 ← ∂L/∂h₃ = 0"
    )


def test_paths_that_end_for_different_reasons_are_counted() -> None:
    # a = (−1, 0, 0, 0, 0): all h tie at 0, the first has all of it, and its gate is closed.
    scene = block(x=(-1.0, 0.0, 0.0, 0.0, 0.0), w=1.0, rule="pytorch-max-pool", entry="w")
    trace = PICTURE_PAGES["conv-block"].subject.trace(scene)
    said = PICTURE_PAGES["conv-block"].subject.picture(scene).explanation
    assert said[0] == (
        "∂L/∂w = 0: no gradient on any of its 5 paths: 4 lose a tie under this rule, 1 is inactive."
    )
    assert said[2] == "Followed back along one of its 5 paths: ∂L/∂w = 0 ← ∂L/∂a₁ = 0"
    naming = PICTURE_PAGES["conv-block"].naming(scene)
    assert describe_cell(trace, naming, 0, 1, (), "gradient").reason == "→ several"


def test_paths_that_part_at_an_entry_are_the_terms_of_its_formula() -> None:
    """s = x + conv(x), h = ReLU(s); only s₁ is active, so nothing comes back through a₂."""
    passed = trace(
        Sequential(Residual(Conv1D(padding=1)), ReLU()), [1.0, -2.0], [0.0, 1.0, 0.0], dout=[1, 1]
    )
    naming = letters(passed)
    place = next(each for name, each in entries(passed, naming).items() if name == "x2")
    assert place.grad == 0
    assert [(term.slope, term.arriving) for term in place.terms] == [(0, 1), (1, 0), (1, 0)]
    tally = dict(part.split(" ", 1)[::-1] for part in reason(place).split(": ")[1].split(", "))
    assert reason(place).startswith("no gradient on any of its 3 paths: ")
    assert tally == {
        "is multiplied by 0": "1",
        "ends where the upstream gradient is 0": "1",
        "is inactive": "1",
    }


@pytest.mark.parametrize(
    ("passed", "name", "said"),
    [
        (  # a₁ = 0 · x₁ + 3 · x₂, a₂ = 0 · x₂ + 3 · x₃
            trace(Conv1D(), [1.0, 2.0, 4.0], [0.0, 3.0], dout=[0, 5]),
            "x2",
            (
                "the upstream gradient is multiplied by w₁ = 0; on its other path the upstream "
                "gradient is 0"
            ),
        ),
        (  # a₁ = w₁ · x₁ + w₂ · x₂, a₂ = w₁ · x₂ + w₂ · x₃
            trace(Conv1D(), [1.0, 2.0, 4.0], [0.0, 0.0], dout=[1, 1]),
            "x2",
            "the upstream gradient is multiplied by w₁ = w₂ = 0",
        ),
        (  # z₂ and z₃, whose windows contain it too, send nothing back
            trace(MaxPool(3, 1), [1.0, 2.0, 3.0, 0.0, 1.0, 2.0], dout=[1, 0, 0, 1]),
            "x4",
            (
                "x₄ = 0 is not the maximum of z₄'s window; on its other 2 paths the upstream "
                "gradient is 0"
            ),
        ),
        (  # its windows are (x₁, x₂, x₃) and (x₂, x₃, x₄)
            trace(MaxPool(3, 1), [4.0, 4.0, 4.0, 0.0], dout=[1, 1], kinks=FIRST),
            "x3",
            (
                "x₃ = 4 ties for the maximum of z₁'s window and z₂'s window, but this rule gives "
                "their gradients to x₁ and x₂"
            ),
        ),
        (
            trace(MaxPool(3, 1), [5.0, 3.0, 3.0, 3.0, 5.0], dout=[1, 1, 1], kinks=FIRST),
            "x3",
            (
                "x₃ = 3 ties for the maximum of z₂'s window, but this rule gives the gradient to "
                "x₂ alone; it is not the maximum of z₁'s window or z₃'s window"
            ),
        ),
        (  # the first of two stops is reached on two ways, through either of the first outputs
            trace(
                *(Sequential(Linear(), Linear(), ReLU()), [[1.0]]),
                *([[1.0], [1.0]], [[-1.0, -1.0], [-1.0, -1.0]]),
                dout=[[1, 1]],
            ),
            "x1,1",
            "the ReLU is inactive at y⁽²⁾₁‚₁ = −2, and on its other 2 paths",
        ),
        (  # both h tie at 0, and by the lab's rule something arrives at both
            trace(ConvBlock(), [-1.0, -2.0], 1.0, kinks=RULES["lab"].kinks),
            "w",
            "the ReLU is inactive at a₁ = −1, and on its other path",
        ),
        (  # 1e-400 is beyond what a float64 can be
            trace(Linear(), [[1e-200]], [[1.0]], dout=[[1e-200]]),
            "w1,1",
            "the product is so small that it underflows to 0",
        ),
        (  # of one class the probability is 1 whatever its logit: p − 1 = 1 − 1
            trace(SoftmaxCrossEntropy([0]), [[5.0]]),
            "x1,1",
            "its factor is a difference of two equal numbers",
        ),
        (
            trace(LeakyReLU(0.0), [-2.0, 1.0], dout=[1, 1], kinks=KINKS),
            "x1",
            "the slope of the leaky ReLU is 0 at x₁ = −2",
        ),
        (
            trace(LeakyReLU(0.0), [0.0, 1.0], dout=[1, 1], kinks=KINKS),
            "x1",
            "x₁ = 0 is the leaky ReLU's kink, and the slope there is 0",
        ),
        (
            trace(Abs(), [0.0, 1.0], dout=[1, 1], kinks=KINKS),
            "x1",
            "x₁ = 0 is the kink of |x₁|, and this rule's slope there is 0",
        ),
        (  # 1e17 + 1 is 1e17 in a float64, so that of 1e17 + 1 − 1e17 nothing is left
            trace(
                Sequential(Linear(), Linear()),
                [[1.0]],
                [[1.0], [1.0]],
                [[1.0, 0.0]] * 3,
                dout=[[1e17, 1, -1e17]],
            ),
            "x1,1",
            (
                "no gradient on any of its 2 paths: 1 ends in a sum that is rounded to 0, 1 is "
                "multiplied by 0"
            ),
        ),
        (
            trace(Conv1D(), np.zeros(10), 2.0, dout=[0, 1, 0, 0, 0, 0, 0, 0, 1, 1]),
            "w",
            (
                "the upstream gradient is multiplied by x₂ = x₉ = x₁₀ = 0; on its other 7 paths "
                "the upstream gradient is 0"
            ),
        ),
        (  # a later output reads x₉ with an earlier weight
            trace(Conv1D(), np.ones(16), np.zeros(8), dout=np.ones(9)),
            "x9",
            ("the upstream gradient is multiplied by w₁ = w₂ = w₃ = w₄ = w₅ = w₆ = … = 0"),
        ),
        (  # it is in both windows of three, and nothing is sent back to the second
            trace(MaxPool(3, 1), [1.0, 3.0, 2.0, 0.0], dout=[1, 0]),
            "x3",
            (
                "x₃ = 2 is not the maximum of z₁'s window; on its other path the upstream gradient "
                "is 0"
            ),
        ),
    ],
    ids=[
        "multiplied by 0",
        "by two of 0",
        "nothing from two",
        "two ties lost",
        "a tie lost",
        "two units on four paths",
        "two units",
        "underflow",
        "one class",
        "leaky",
        "leaky at 0",
        "abs at 0",
        "rounded",
        "ten entries",
        "eight weights",
        "not the maximum",
    ],
)
def test_what_is_said_of_several_paths_by_hand(passed: Trace, name: str, said: str) -> None:
    assert reason(entries(passed, letters(passed))[name]) == said


LAST = replace(KINKS, maximum_ties="last")
LEAKY = ("h", LeakyReLU(0.5), "x")


@pytest.mark.parametrize(
    ("passed", "name", "said"),
    [
        (  # of x = y = 2 the last one has all
            trace(Maximum(), [2.0], [2.0], kinks=LAST),
            "x1",
            ["x₁ = 2 ties for the maximum, but this rule gives the gradient to x⁽²⁾₁ alone"],
        ),
        (  # s = max(y, h)
            trace(Graph(LEAKY, ("s", Maximum(), "y", "h")), [1.0], [3.0], kinks=LAST),
            "x1",
            ["h₁ = 1 is not the maximum", "∂L/∂x₁ = 0 ← ∂L/∂h₁ = 0"],
        ),
        (  # r = ReLU(y + h), and y + h is negative
            trace(
                Graph(LEAKY, ("s", Add(), "y", "h"), ("r", ReLU(), "s")), [1.0], [-3.0], kinks=LAST
            ),
            "x1",
            [
                "the ReLU is inactive at s₁ = −2",
                "∂L/∂x₁ = 0 ← ∂L/∂h⁽¹⁾₁ = 0 ← ∂L/∂s₁ = 0",
            ],
        ),
        (  # r = ReLU of y and h, one behind the other, and only y is positive
            trace(
                Graph(LEAKY, ("c", Concat(), "y", "h"), ("r", ReLU(), "c")),
                *([-1.0], [3.0]),
                dout=[1.0, 1.0],
                kinks=LAST,
            ),
            "x1",
            [
                "the ReLU is inactive at c₂ = −0.5",
                "∂L/∂x₁ = 0 ← ∂L/∂h⁽¹⁾₁ = 0 ← ∂L/∂c₂ = 0",
            ],
        ),
        (  # a₁ = 0 · w, a₂ = 5 · w, to which nothing is sent, and h = ReLU(w) of w = −1
            trace(
                Graph(("a", Conv1D(), "x", "w"), ("h", ReLU(), "w"), ("c", Concat(), "a", "h")),
                *([0.0, 5.0], [-1.0]),
                dout=[1.0, 0.0, 1.0],
                kinks=LAST,
            ),
            "w1",
            [
                "3 paths: 1 is multiplied by 0, 1 ends where the upstream gradient is 0, 1 is inac",
            ],
        ),
        (  # ReLU(x₂) = ReLU(−2), and no window covers x₂
            trace(
                Graph(("h", ReLU(), "x"), ("p", MaxPool(1, 2), "x"), ("c", Concat(), "h", "p")),
                [1.0, -2.0],
                dout=[1.0, 1.0, 1.0],
            ),
            "x2",
            ["no gradient on any of its 2 paths: 1 is inactive, 1 reaches no output"],
        ),
        (  # two pools, neither of which covers x₂
            trace(
                Graph(*((each, MaxPool(1, 2), "x") for each in "pq"), ("c", Concat(), "p", "q")),
                [1.0, -2.0],
                dout=[1.0, 1.0],
            ),
            "x2",
            ["none of its 2 paths reaches an output"],
        ),
        (  # all nine weights are 0
            trace(Linear(), [[1.0]], [[0.0]] * 9, dout=[[1.0] * 9]),
            "x1,1",
            ["w₁‚₁ = w₂‚₁ = w₃‚₁ = w₄‚₁ = w₅‚₁ = w₆‚₁ = … = 0"],
        ),
        (  # s = ReLU(v · x) + ReLU(w · x): an Add stops both paths, at the same index of two inputs
            trace(
                Graph(
                    *(("a", Conv1D(), "x", "w"), ("h", ReLU(), "a")),
                    *(("b", Conv1D(), "x", "v"), ("k", ReLU(), "b"), ("s", Add(), "k", "h")),
                ),
                *([1.0], [2.0], [3.0]),
                dout=[0.0],
                kinks=LAST,
            ),
            "x1",
            ["∂L/∂x₁ = 0 ← ∂L/∂a⁽²⁾₁ = 0 ← ∂L/∂h⁽²⁾₁ = 0"],
        ),
    ],
    ids=[
        "tie",
        "maximum",
        "sum",
        "concatenation",
        "a shared w",
        "one of two does not read it",
        "neither of two reads it",
        "nine weights",
        "two inputs",
    ],
)
def test_the_reasons_of_zeros_around_operations_on_several_arrays(
    passed: Trace, name: str, said: list[str]
) -> None:
    told = " ".join(explain(passed, name, letters(passed)))
    assert all(each in told for each in said), told

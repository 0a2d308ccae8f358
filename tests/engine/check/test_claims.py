"""Claims: whether each rule's gradient at a point is a derivative, a subgradient or neither."""

import numpy as np
import pytest

from engine import (
    RULES,
    Abs,
    Add,
    Conv1D,
    ConvBlock,
    Graph,
    LeakyReLU,
    Linear,
    MaxPool,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
    Trace,
    one_sided,
    trace,
)
from engine.check.claims import Bracket, Point, Verdict, point
from engine.check.precision import same
from engine.layers.base import Layer
from tests.engine.cases import Case, on_cases
from tests.for_each import for_each

ALL, FIRST, SPLIT = (1.0, "all"), (0.0, "first"), (0.0, "split")
"""What rules choose: ReLU's slope at 0, and how a pool shares out ties."""
COMPOSED = (
    np.reshape([1.0, 0.5, 0.25, -1.0, -0.5, -0.25], (2, 1, 3)),
    np.zeros((1, 1, 1)),
)
"""z₁ − z₂ = relu(w) − relu(−w) = w."""


def everywhere(traced: Trace) -> Point:
    """The point of a trace, with every entry of x and of the parameters looked at."""
    shapes = enumerate(each.shape for each in traced.params)
    return point(traced, [(number, at) for number, shape in shapes for at in np.ndindex(*shape)])


def verdicts(traced: Trace) -> dict[tuple[object, ...], Verdict]:
    there = everywhere(traced)
    return {chosen: there.verdict(claim) for chosen, claim in there.claims.items()}


CASES: dict[str, tuple[Trace, list[Verdict]]] = {
    # the verdicts on the lab's rule, first and split; rules that agree on this layer count once
    "smooth": (trace(ConvBlock(), [3, 2, 1], 1), ["derivative"] * 3),
    "constant": (trace(ConvBlock(), [-1, -2, -3], 1), ["derivative"] * 3),
    "a tie under a convolution": (
        trace(ConvBlock(), [3, 3, 1], 1),
        ["nothing", "subgradient", "subgradient"],
    ),
    "a tie": (
        trace(MaxPool(), [3, 3, 1]),
        ["not jointly", "subgradient", "subgradient"],
    ),
    "ReLU's zero": (trace(ReLU(), [0, 1]), ["subgradient"] * 2),
    "zero weight": (
        trace(ConvBlock(), [1.5, -1, 1.5], 0),
        ["nothing", "subgradient", "subgradient"],
    ),
    "rules composed": (
        trace(ConvBlock(), *COMPOSED, dout=[[1.0], [-1.0]]),
        ["nothing", "composed", "composed"],
    ),
    "and where nothing ties by the lab's too": (
        trace(
            Sequential(Conv1D(), ReLU(), MaxPool(1)),
            *([[[1.0]], [[-1.0]]], [[[0.0]]]),
            dout=[[[1.0]], [[-1.0]]],
        ),
        ["composed"] * 3,
    ),
    # ¼ (relu(s) − relu(−s)) + max(x), s = x₁ + x₂: along each entry the slopes are ¼ and 1¼, and
    # the entries of every gradient that meets here sum to 1½.
    "rules composed within the brackets": (
        trace(
            Graph(
                *(("a", Linear(), "x", "w1"), ("h", ReLU(), "a"), ("y", Linear(), "h", "w2")),
                *(("m", MaxPool(2), "x"), ("s", Add(), "y", "m")),
            ),
            *([0, 0], [[1, 1], [-1, -1]], [[0.25, -0.25]]),
        ),
        ["nothing", "composed", "not jointly"],  # the claims for x: 1½, 1½; 1, 0; ½, ½
    ),
}


@for_each(("traced", "expected"), CASES.values(), ids=list(CASES))
def test_the_verdicts_by_hand(traced: Trace, expected: list[Verdict]) -> None:
    choices = ("relu_at_zero", "pool_ties")
    read = [choices.index(each) for each in traced.layer.kink_choices]
    groups = dict.fromkeys(tuple(each[i] for i in read) for each in (ALL, FIRST, SPLIT))
    assert verdicts(traced) == dict(zip(groups, expected, strict=True))


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (0.0, 5e-7, True),
        (0.0, 2e-6, False),
        (-1e6, -1e6 - 0.5, True),  # relative to the larger, once it is above 1
        (1e6, 1e6 + 2, False),
        (1e6, -1e6, False),
    ],
)
def test_slopes_that_are_the_same_but_for_rounding(one: float, other: float, alike: bool) -> None:
    assert same(one, other) == same(other, one) == alike


def test_the_labs_worked_example() -> None:
    there = everywhere(trace(ConvBlock(), [3, 3, 1], 1))
    assert there.brackets[0, (0,)] == Bracket(0, 1)
    assert there.brackets[0, (2,)] == Bracket(0, 0)
    assert there.brackets[1, ()] == Bracket(3, 3)
    assert all(there.is_exact(entry) for entry in there.brackets)
    lab, split = there.claims[ALL], there.claims[SPLIT]
    assert (lab.at((1, ())), lab.outside, lab.central) == (6, ((1, ()),), False)
    assert (split.at((0, (0,))), split.outside, split.central) == (0.5, (), True)
    assert not there.claims[FIRST].central
    assert not there.smooth


def test_outside_a_bracket_and_a_subgradient_all_the_same() -> None:
    there = everywhere(trace(MaxPool(2, 1), [3, 3, 3], dout=[1, -0.25]))
    assert there.brackets[0, (1,)] == Bracket(0, 0.75)
    first = there.claims[FIRST[1:]]
    assert first.at((0, (1,))) == -0.25
    assert first.outside == ((0, (1,)),)
    assert there.verdict(first) == "subgradient"


@pytest.mark.parametrize("tied", [1.75, 3.0])
def test_the_bend_of_a_curve_puts_no_claim_outside_its_bracket(tied: float) -> None:
    block = Sequential(Conv1D(), ReLU(), MaxPool(), SoftmaxCrossEntropy((1,)))
    w1, w2 = -2.75, 2.25
    traced = trace(block, [[[tied, tied, -2.25, 0.5]]], [[[w1]], [[w2]]])
    # The loss is log(1 + exp(z1 - z2)); the first filter's largest h comes from x3 < 0.
    slope = -w2 / (1 + np.exp(tied * w2 - w1 * -2.25))
    there = everywhere(traced)
    for entry in ((0, (0, 0, 0)), (0, (0, 0, 1))):
        bracket = there.brackets[entry]
        assert bracket.left == 0
        assert bracket.right == pytest.approx(slope, rel=1e-14)
        assert not any(entry in claim.outside for claim in there.claims.values())


def test_every_rule_is_one_of_the_claims() -> None:
    there = everywhere(trace(ReLU(), [0.0]))
    assert {rule.kinks.chosen(["relu_at_zero"]) for rule in RULES.values()} == set(there.claims)
    assert {claim.at((0, (0,))) for claim in there.claims.values()} == {0, 1}
    there = everywhere(trace(Abs(), [0.0], kinks=RULES["jax-max"].kinks))  # the lab states none
    assert {chosen: claim.at((0, (0,))) for chosen, claim in there.claims.items()} == {
        (0.0,): 0,
        (1.0,): 1,
    }


def test_only_some_entries_are_looked_at() -> None:
    there = point(trace(ConvBlock(), [3, 3, 1], 1), [(0, (1,))])
    assert list(there.brackets) == [(0, (1,))]
    assert not there.claims[ALL].outside
    assert there.verdict(there.claims[ALL]) == "not jointly", "of those that were looked at"


def test_too_many_pieces_leave_the_brackets() -> None:
    there = point(trace(ReLU(), np.zeros(9)), [(0, (0,))])
    assert there.subgradients is None
    assert not there.smooth
    assert not there.constant
    assert there.is_exact((0, (0,))), "so far as is known"
    assert verdicts(trace(ReLU(), np.zeros(9))) == dict.fromkeys(there.claims, "inside")
    beside = trace(ReLU(), [*np.zeros(9), 1.0])
    for entries, smooth in (([9], True), ([0, 9], False)):  # as far as is looked at
        assert point(beside, [(0, (entry,)) for entry in entries]).smooth == smooth
    # With w = 0 every a is 0; of Σ |relu(w · x)| four lie left of 0 and five right of it.
    x = np.array([1.0, -1.0] * 4 + [1.0])
    tied = everywhere(trace(Sequential(Conv1D(), ReLU()), x, 0.0, dout=x))
    assert tied.subgradients is None
    assert tied.brackets[1, ()] == Bracket(4, 5)
    lab, zero = tied.claims[ALL[:1]], tied.claims[FIRST[:1]]
    assert [each.at((1, ())) for each in (lab, zero)] == [9, 0]
    assert [tied.verdict(each) for each in (lab, zero)] == ["outside", "outside"]


def test_a_side_of_a_bracket_is_0_not_minus_0() -> None:
    there = everywhere(trace(MaxPool(), [3.0, 3.0], dout=-1.0))
    assert {str(bracket) for bracket in there.brackets.values()} == {
        "Bracket(left=0.0, right=-1.0)"
    }


def test_a_kink_that_is_only_very_near_is_told_from_one_that_is_here() -> None:
    for rival, exact in ((3.0, True), (2.0, True), (3 + 2.0**-45, False)):
        there = everywhere(trace(MaxPool(), [3, rival]))
        assert there.is_exact((0, (0,))) == exact
    assert there.brackets[0, (0,)].kinked, "a difference takes it for one that is here"


@pytest.mark.parametrize("layer", [ConvBlock(), MaxPool(2, 1), ReLU()], ids=repr)
@on_cases(30)
def test_with_dout_of_one_sign_no_claim_outside_its_bracket_is_a_subgradient(
    layer: Layer, case: Case
) -> None:
    inputs = [case.integers((4,))]
    if isinstance(layer, ConvBlock):
        inputs.append(case.integers(()))
    dout = np.abs(case.integers(trace(layer, *inputs).output.shape))
    there = everywhere(trace(layer, *inputs, dout=dout))
    sides = one_sided(layer.forward, *inputs, dout=dout)
    for (argument, index), bracket in there.brackets.items():
        assert [bracket.left, bracket.right] == pytest.approx([s[index] for s in sides[argument]])
    for claim in there.claims.values():
        # If all of dout has one sign, nothing outside a bracket is a subgradient.
        assert not (claim.outside and claim.jointly)
        if there.smooth:
            assert claim.jointly == claim.central == (not claim.outside)


def test_a_subgradient_may_lie_outside_a_bracket_where_pieces_bend_both_ways() -> None:
    layer, left_first = Sequential(LeakyReLU(2), MaxPool()), (0.0, "first")
    there = everywhere(trace(layer, [0, 0], kinks=RULES["pytorch-max-pool"].kinks))
    claim = there.claims[left_first]
    assert claim.grads[0].tolist() == [2, 0]
    assert there.brackets[0, (0,)] == Bracket(0, 1)
    assert claim.outside == ((0, (0,)),)
    assert there.verdict(claim) == "subgradient"


@for_each(("right", "kinked"), [(1.0, False), (1.0 + 1e-9, False), (1.0 + 1e-5, True)])
def test_sides_that_rounding_parts_are_no_kink(right: float, kinked: bool) -> None:
    assert Bracket(1.0, right).kinked == kinked


@for_each(("slope", "held"), [(0.5, True), (1 + 1e-9, True), (-1e-9, True), (1.01, False)])
def test_a_slope_between_two_sides_is_held_but_for_rounding(slope: float, held: bool) -> None:
    assert Bracket(0.0, 1.0).holds(slope) == Bracket(1.0, 0.0).holds(slope) == held

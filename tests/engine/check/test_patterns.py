"""What wrong entries have in common: each sentence, at a gradient of which it is true."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from numpy.typing import ArrayLike

from engine import (
    Conv1D,
    Conv2D,
    ConvBlock,
    Kinks,
    Layer,
    Linear,
    MaxPool,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
    gradient_check,
    trace,
)
from engine.check.patterns import MISTAKES, evidence, pattern
from tests.for_each import for_each

Array = np.ndarray
RULE = Kinks(0.0, "first")
X, W, DOUT = [1.5, -1.0, 2.0, 0.5], [1.0, -2.0, 0.5], [0.5, 1.25, 1.5, 0.75]


def said(
    layer: Layer,
    params: list[ArrayLike],
    dout: ArrayLike,
    wrong: Callable[[Array], object],
    argument: int = 0,
) -> str:
    """What the check says of a gradient that was made wrong."""
    right = trace(layer, *params, dout=dout, kinks=RULE)
    claims = list(right.grads)
    claims[argument] = np.asarray(wrong(claims[argument]), dtype=float)
    weights = np.asarray(dout)
    results = gradient_check(
        lambda *given: np.sum(weights * layer.forward(*given)), lambda dz: claims, *params
    )
    return pattern(results[argument], right)


def conv(wrong: Callable[[Array], object], argument: int = 0) -> str:
    return said(Conv1D(padding=1), [X, W, 0.25], DOUT, wrong, argument)


def test_nothing_is_said_of_what_is_right() -> None:
    assert conv(lambda dx: dx) == ""


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda dx: -dx, "Every wrong entry is the right one times −1."),
        (lambda dx: 3 * dx, "Every wrong entry is the right one times 3."),
        (lambda dx: dx / 4, "Every wrong entry is the right one divided by 4."),
        (lambda dx: 0.3 * dx, "Every wrong entry is the right one times 0.3."),
        (lambda dx: 123456.7 * dx, "Every wrong entry is the right one times 1.235e+05."),
        (lambda dx: 0 * dx, "Every wrong entry is 0: nothing comes back where something should."),
        (lambda dx: dx + 0.125, "Every wrong entry is too large by 0.125."),
        (lambda dx: dx - 2, "Every wrong entry is too small by 2."),
        (lambda dx: np.trunc(dx), "Every wrong entry is the right one cut off to a whole number."),
        (lambda dx: dx[::-1], "They are the right numbers in reverse order."),
        (
            lambda dx: [9, *dx[:-1]],
            "They are the right numbers, each one place behind its own.",
        ),
        (
            lambda dx: [*dx[1:], 9],
            "They are the right numbers, each one place before its own.",
        ),
        (
            lambda dx: [dx[0] + 1, dx[1] - 1, dx[2], dx[3]],
            "The sum over the entries is right, but not what each of them has of it.",
        ),
        (
            lambda dx: [dx[0] + 1, dx[1] + 0.3, *dx[2:]],
            "2 of 4 entries are wrong, in no simple way.",
        ),
        (lambda dx: [9 * dx[0], *dx[1:]], "The wrong entry is the right one times 9."),
        (lambda dx: [dx[0] / 9, *dx[1:]], "The wrong entry is the right one divided by 9."),
        # A single number may be this many times the right one by chance.
        (lambda dx: [10 * dx[0], *dx[1:]], "1 of 4 entries is wrong, in no simple way."),
    ],
)
def test_a_wrong_gradient_of_x(wrong: Callable[[Array], object], sentence: str) -> None:
    assert conv(wrong) == sentence


@for_each("factor", [10, -10, 1 / 10, -1 / 10])
def test_a_single_number_may_be_ten_times_another_of_either_sign_by_chance(factor: float) -> None:
    found = conv(lambda dx: [factor * dx[0], *dx[1:]])
    assert found == "1 of 4 entries is wrong, in no simple way."


def test_numbers_are_the_same_but_for_what_a_difference_may_be_off_by() -> None:
    reverse = "They are the right numbers in reverse order."
    assert conv(lambda dx: dx[::-1] * (1 + 8e-6)) == reverse  # of their size, from 1 on
    assert conv(lambda dx: dx[::-1] + 8e-6) == reverse  # of 1, if they are smaller
    assert conv(lambda dx: dx[::-1] * (1 + 3e-5)) != reverse


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda ds: -ds, "Every wrong entry is the right one times −1."),
        (lambda ds: 2 * ds, "Every wrong entry is the right one times 2."),
        (lambda ds: 0 * ds, "Every wrong entry is 0: nothing comes back where something should."),
        (lambda ds: ds + 6.25e-6, "Every wrong entry is too large by 6.25e−6."),
        (
            lambda ds: [[ds[0, 0], 0.0]],
            "The wrong entry is 0: nothing comes back where something should.",
        ),
    ],
)
def test_a_gradient_that_is_small_is_none_that_should_be_0(
    wrong: Callable[[Array], object], sentence: str
) -> None:
    # The loss is nearly 0: its gradients are 3.1e-7 and −3.1e-7.
    assert said(SoftmaxCrossEntropy((1,)), [[[0.0, 15.0]]], 1.0, wrong) == sentence


def share(layer: Layer, params: list[ArrayLike], output: int, argument: int) -> Array:
    alone = np.zeros(len(DOUT))
    alone[output] = DOUT[output]
    return trace(layer, *params, dout=alone, kinks=RULE).grads[argument]


def instead(other: Array) -> Callable[[Array], Array]:
    """A mistake that puts something else in the place of the gradient."""
    return lambda dw: other


def test_one_output_instead_of_the_sum() -> None:
    for output, name in ((-1, "last"), (0, "first")):
        only = share(Conv1D(padding=1), [X, W, 0.25], output, 1)
        assert conv(instead(only), 1) == (
            f"It is what the {name} output alone sends back: the sum over all is missing."
        )


@for_each(
    ("h", "last"),
    [
        ([1.0, 2.5, -1.0, 0.5, 2.0], [0.0, 1.25, 0.0, 0.0, 0.75]),
        ([1.0, 2.5, -1.0, 2.0, 2.0], [0.0, 1.25, 0.0, 0.75, 0.0]),  # only the first of a tie
    ],
)
def test_the_last_window_instead_of_the_sum(h: list[float], last: list[float]) -> None:
    pool = MaxPool(2, 1)
    assert said(pool, [h], DOUT, lambda dh: last) == (
        "Wrong only where windows overlap: each entry has what the last window that reads it "
        "sends back, not the sum."
    )


def test_what_no_window_reads_is_in_none_of_them() -> None:
    found = said(
        MaxPool(2), [[1.0, 2.0, 3.0, 1.0, 5.0]], DOUT[:2], lambda dh: np.add(dh, [1, 0.3, 0, 0, 0])
    )
    assert found == "2 of 5 entries are wrong, in no simple way."


def test_what_arrives_is_not_multiplied_in() -> None:
    sentence = (
        "It is the gradient for 1 arriving at every output of the {}: what arrives there is not "
        "multiplied in."
    )
    a = [1.0, -1.0, 2.0, 3.0]
    found = said(ReLU(), [a], DOUT, lambda da: np.array(a) > 0)
    assert found == sentence.format("ReLU")
    found = said(ConvBlock(), [[1.0, -1.0, 2.0], 2.0], 1.0, lambda dx: [2.0, 0.0, 2.0])
    assert found == sentence.format("ReLU")
    found = said(MaxPool(), [[3.0, 3.0, 1.0]], 0.5, lambda dh: [1.0, 0.0, 0.0])
    assert found == sentence.format("MaxPool")  # only the first of a tie


def test_rows_and_columns() -> None:
    x, w, dy = [[1.5, -1.0], [2.0, 0.5]], np.array([[1.0, -2.0], [0.5, 1.5]]), np.eye(2) + 0.5
    found = said(Linear(), [x, w], dy, lambda dx: dy @ w.T)
    assert found == "It is the gradient for w with rows and columns exchanged."
    found = said(Linear(), [x, [*w, [2.0, 0.25]]], np.eye(2, 3) + 0.5, lambda dx: 2 * dx)
    assert found == "Every wrong entry is the right one times 2."  # here w.T does not fit
    found = said(Linear(), [x, w], dy, lambda dw: dw.T, 1)
    assert found == "They are the right numbers with rows and columns exchanged."
    found = said(Linear(), [x, [*w, [2.0, 0.25]]], np.eye(2, 3) + 0.5, lambda dw: dw + DOUT[:2], 1)
    assert found == "6 of 6 entries are wrong, in no simple way."  # and dw.T is no claim
    filters = [[[1.0, -2.0]], [[0.5, 1.5]]]
    found = said(Conv1D(), [[x[0]], filters], [[0.5], [1.25]], lambda dw: dw.T, 1)
    assert found == "The sum over the entries is right, but not what each of them has of it."


def test_a_filter_in_reverse_order() -> None:
    def flipped(dx: Array) -> Array:
        return trace(Conv1D(padding=1), X, W[::-1], 0.25, dout=DOUT).grads[0]

    assert conv(flipped) == "It is the gradient for w in reverse order."
    x, w, da = np.arange(9.0).reshape(3, 3), np.array([[1, -2], [0.5, 3]]), np.eye(2) + 0.5
    turned = trace(Conv2D(), x, w[::-1, ::-1], dout=da).grads[0]
    found = said(Conv2D(), [x, w], da, lambda dx: turned)
    assert found == "It is the gradient for w in reverse order."


def test_zeros_that_changed_places() -> None:
    a = np.array([1.0, -1.0, 2.0, -3.0])
    found = said(ReLU(), [a], DOUT, lambda da: (a < 0) * np.array(DOUT))
    assert found.startswith("Zeros have changed places")
    found = said(ReLU(), [a], DOUT, lambda da: DOUT)
    assert found == "Every wrong entry should be 0: something comes back where nothing should."
    found = said(ReLU(), [[1.0, -1.0, 2.0]], [0.5, 1.0, 1.5], lambda da: [0.0, 0.5, 9.0])
    assert found == "3 of 3 entries are wrong, in no simple way."


def test_a_single_entry_and_a_rule() -> None:
    block, x = ConvBlock(), [3.0, 3.0, 1.0]
    right = trace(block, x, 1.0)  # the lab's rule: dw = 6
    result = gradient_check(block.forward, block.backward, x, 1.0)[1]
    assert pattern(result, right) == "The wrong entry is the right one times 2."


def test_a_pattern_is_sought_only_in_the_entries_that_no_rule_excuses() -> None:
    # At w1 = 0 any claim from 0 to 3 is excused; for w2 the lab's rule gives 6, both slopes are 3.
    block, params = ConvBlock(), ([3.0, 3.0, 1.0], [[0.0], [1.0]])
    right = trace(block, *params, dout=1.0)
    assert right.grads[1].ravel().tolist() == [7, 6]
    claims = right.grads[0], np.array([[1.0], [6.0]])
    (_, result) = gradient_check(
        lambda *given: block.forward(*given).sum(), lambda _: claims, *params
    )
    assert [each.excused for each in result.disagreements] == [True, False]
    assert pattern(result, right) == "The wrong entry is the right one times 2."


@pytest.mark.parametrize(
    ("claims", "by_rule"),
    [
        ([1.0, 6.0], True),  # inside its bracket a claim is not wrong
        ([1.0, 5.0], False),
        ([7.0, 6.0], True),
        ([8.0, 6.0], False),
        ([7.0, 6.0 + 1e-14], True),  # added up in another order
    ],
)
def test_wrong_by_the_rule_is_what_the_right_layer_claims_too(
    claims: list[float], by_rule: bool
) -> None:
    block, params = ConvBlock(), ([3.0, 3.0, 1.0], [[0.0], [1.0]])
    right = trace(block, *params, dout=1.0)
    (_, result) = gradient_check(
        lambda *given: block.forward(*given).sum(),
        lambda _: (right.grads[0], np.reshape(claims, (2, 1))),
        *params,
    )
    seen = evidence(result, right)
    assert seen.claimed_too.ravel().tolist() == [claims[0] == 7, claims[1] != 5]
    assert seen.by_rule == by_rule


def test_a_rule_is_not_explained_by_the_pass_that_follows_it() -> None:
    block, x = ConvBlock(), [2.0, 1.0, 0.5]
    right = trace(block, x, 0.0)  # every gate and every tie: dw = 3.5, the slopes are 0 and 2
    result = gradient_check(block.forward, block.backward, x, 0.0)[1]
    assert result.verdict == "FAILED"
    assert pattern(result, right) == "It is wrong, in no simple way."


def test_labels_are_no_param() -> None:
    logits = [[1.0, 2.0, 0.5], [-1.0, 0.0, 2.0]]
    loss = SoftmaxCrossEntropy([0, 2])
    assert said(loss, [logits], 1.0, lambda ds: 2 * ds).endswith("times 2.")


def test_zeros_alone_are_not_called_cut_off() -> None:
    # All right entries are below 1: truncation would leave 0, but so would any closed gate.
    found = said(ReLU(), [[1.0, 2.0]], [0.5, 0.75], lambda da: 0 * da)
    assert found == "Every wrong entry is 0: nothing comes back where something should."


def test_zeros_alone_are_not_called_the_gradient_for_1() -> None:
    # For 1 at both outputs the weights cancel: that would give 0, too.
    found = said(Linear(), [[1.0], [[1.0], [-1.0]]], [0.5, 1.25], lambda dx: 0 * dx)
    assert found == "The wrong entry is 0: nothing comes back where something should."


def test_a_single_wrong_entry_leaves_no_sum_as_it_is() -> None:
    # Beside 10⁷ the difference is hardly there.
    params: list[ArrayLike] = [[1e7, 1.0], [[1.0, 1.0]]]
    found = said(Linear(), params, [1.0], lambda dw: dw + np.array([0, 0.3]), 1)
    assert found == "1 of 2 entries is wrong, in no simple way."


@pytest.mark.parametrize("dout", [[0.5, 0.0], [0.0, 0.5]])
def test_zeros_alone_are_not_called_what_one_output_sends(dout: list[float]) -> None:
    # An output from which nothing comes back sends 0, too.
    found = said(Conv1D(), [[1.0, 2.0, 3.0], [1.0, 2.0]], dout, lambda dw: 0 * dw, 1)
    assert found == "Every wrong entry is 0: nothing comes back where something should."


def test_a_single_number_in_another_place_is_not_called_displaced() -> None:
    pool, h = MaxPool(), [1.0, 3.0, 2.0, 0.0]
    found = said(pool, [h], 1.0, lambda dh: [0.0, 0.0, 1.0, 0.0])
    assert found.startswith("Zeros have changed places")
    params: list[ArrayLike] = [[1.0, 0.0], [[1.0, 2.0], [3.0, 4.0]]]
    found = said(Linear(), params, [0.0, 0.5], lambda dw: dw.T, 1)
    assert found.startswith("Zeros have changed places")


@pytest.mark.parametrize(
    ("claim", "where"), [([9.0, 0.5, 0.75], "behind"), ([0.75, 1.25, 9.0], "before")]
)
def test_two_of_three_numbers_in_the_next_place_are_called_displaced(
    claim: list[float], where: str
) -> None:
    found = said(ReLU(), [[1.0, 2.0, 3.0]], [0.5, 0.75, 1.25], lambda da: claim)
    assert found == f"They are the right numbers, each one place {where} its own."


@pytest.mark.parametrize("claim", [[9.0, 0.5], [0.75, 9.0]])
def test_one_of_two_numbers_in_another_place_is_not_called_displaced(claim: list[float]) -> None:
    found = said(ReLU(), [[1.0, 2.0]], [0.5, 0.75], lambda da: claim)
    assert found == "2 of 2 entries are wrong, in no simple way."


def test_where_two_layers_would_explain_it_both_are_named() -> None:
    # Every gate is open: 1 at the ReLU's outputs is the same as 1 at the convolution's.
    found = said(
        Sequential(Conv1D(), ReLU()), [[1.0, 2.0], 3.0], [0.5, 0.25], lambda dx: [3.0, 3.0]
    )
    assert found == (
        "It is the gradient for 1 arriving at every output of the Conv1D or of the ReLU: what "
        "arrives there is not multiplied in."
    )


def test_a_mistake_that_was_not_made_is_not_named() -> None:
    params, w = [[1.5, -1.0, 2.0], [1.0, -1.0]], [1.0, -1.0]
    right = trace(Conv1D(), *params, dout=[0.5, 1.25], kinks=RULE)
    flipped = trace(Conv1D(), params[0], w[::-1], dout=[0.5, 1.25], kinks=RULE).grads[0]
    assert_array_equal(flipped, -right.grads[0])  # both mistakes give the same numbers
    weights = np.array([0.5, 1.25])
    (result, _) = gradient_check(
        lambda *given: np.sum(weights * Conv1D().forward(*given)),
        lambda dz: [flipped, right.grads[1]],
        *params,
    )
    assert pattern(result, right) == "It is the gradient for w in reverse order."
    assert pattern(result, right, MISTAKES) == "Every wrong entry is the right one times −1."

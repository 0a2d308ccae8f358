"""The bugs: on every layer that a bug fits, the output is right, and the check finds the bug."""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import chain

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine import RULES, trace
from engine.check.examination import examine
from pages.bugs.layers import LAYERS
from pages.bugs.table import BUGS
from pages.gradient_check.check_scene import PRESETS
from pages.gradient_check.explanation import heading
from pages.gradient_check.results import results
from tests.for_each import for_each

PAIRS = [(slug, layer) for slug, bug in BUGS.items() for layer in bug.layers]
HIDDEN = {("no-mask", layer) for layer in ("block-loss", "conv-block", "minibatch")}
"""(bug, layer) whose cases open at a point at which no gradient meets a closed gate."""


def test_there_are_at_least_eight_bugs_and_one_for_every_layer() -> None:
    assert len(BUGS) >= 8
    assert set(LAYERS) == {layer for bug in BUGS.values() for layer in bug.layers}


@pytest.mark.parametrize(
    ("slug", "grad"), [("wrong-mask", [3, 0, 0]), ("forgotten-factor", [0, 0, 1])]
)
def test_at_its_kink_a_wrong_relu_does_what_its_line_says(slug: str, grad: list[float]) -> None:
    wrong = trace(BUGS[slug].layers["relu"](), np.array([-1.0, 0.0, 2.0]), dout=np.full(3, 3.0))
    assert_array_equal(wrong.grads[0], grad)


@for_each(("slug", "layer"), PAIRS)
def test_the_line_of_a_bug_names_gradients_of_its_layer_alone(slug: str, layer: str) -> None:
    naming = LAYERS[layer].naming
    known = {naming.output, *chain(*naming.inputs)}
    gradients = re.findall(r"\bd([a-z])\b", " ".join(BUGS[slug].lines(layer)))
    assert gradients
    assert {*gradients} <= known


GATED = "relu block-loss conv-block minibatch"
WRITTEN: tuple[tuple[str, str, str, str], ...] = (
    ("forgotten-factor", "forgotten factor", GATED, "da = a > 0, not dh * (a > 0)"),
    ("forgotten-factor", "forgotten factor", "max-pool", "dh[argmax(window)] += 1, not += dz[i]"),
    ("wrong-mask", "wrong mask", GATED, "da = dh * (a < 0), not a > 0"),
    ("no-mask", "no mask", GATED, "da = dh, not dh * (a > 0)"),
    ("sign", "wrong sign", "loss", "ds = (truth - softmax) / N, not (softmax - truth) / N"),
    ("sign", "wrong sign", "block-loss", "dz = (truth - softmax) / N, not (softmax - truth) / N"),
    ("missing-sum", "missing sum", "conv-1d", "dw = x[window] * da[i], not dw += …"),
    ("missing-sum", "missing sum", "minibatch", "dw = sum(x[n] * da[n]), not dw += …"),
    ("missing-sum", "missing sum", "conv-2d", "dw = x[window] * da[i, j], not dw += …"),
    ("missing-sum", "missing sum", "linear", "dw = outer(dy[n], x[n]), not dw += …"),
    ("flipped-filter", "filter reversed", "conv-1d", "dx[i] += w[K-1-k] * da[i-k], not w[k]"),
    (
        "flipped-filter",
        "filter reversed",
        "conv-2d",
        "dx[i, j] += w[K-1-k, K-1-l] * da[i-k, j-l], not w[k, l]",
    ),
    ("not-transposed", "w transposed", "linear", "dx = dy @ w.T, not dy @ w"),
    ("exchanged", "x and dy exchanged", "linear", "dw = x.T @ dy, not dy.T @ x"),
    ("padding-off-by-one", "padding off by one", "conv-1d", "dx = padded[0:L], not [1:L+1]"),
    (
        "overwritten-overlaps",
        "overlaps overwritten",
        "conv-1d conv-2d",
        "dx[window] = part, not dx[window] += part",
    ),
    (
        "overwritten-overlaps",
        "overlaps overwritten",
        "max-pool max-pool-2d",
        "dh[window] = part, not dh[window] += part",
    ),
    (
        "place-in-window",
        "place in the window",
        "max-pool",
        "dh[argmax(window)] += dz[i], not dh[i + argmax(window)]",
    ),
    (
        "integer-gradient",
        "integer gradient",
        "conv-1d",
        "dx = np.zeros(L, dtype=int), not dtype=float",
    ),
    (
        "integer-gradient",
        "integer gradient",
        "max-pool",
        "dh = np.zeros(L, dtype=int), not dtype=float",
    ),
    (
        "integer-gradient",
        "integer gradient",
        "relu",
        "da = np.zeros(L, dtype=int), not dtype=float",
    ),
    ("forgotten-mean", "mean forgotten", "loss", "ds = softmax - truth, not (softmax - truth) / N"),
    ("no-truth", "truth forgotten", "loss", "ds = softmax / N, not (softmax - truth) / N"),
)
"""(bug, its title, its layers, its line beside the right one)."""


def test_the_line_of_a_bug_stands_beside_the_right_one_of_its_layer() -> None:
    told = {}
    for slug, layer in PAIRS:
        scene = replace(PRESETS["missing-sum"], layer=layer, bug=slug)
        told[slug, BUGS[slug].title, layer] = heading(scene)[1]
    assert told == {
        (slug, title, layer): said for slug, title, on, said in WRITTEN for layer in on.split()
    }


@for_each(("slug", "layer"), PAIRS)
def test_the_output_is_right(slug: str, layer: str) -> None:
    checked = LAYERS[layer]
    params = checked.params(checked.smooth)
    right, _ = checked.layer().apply(*params)
    wrong, _ = BUGS[slug].layers[layer]().apply(*params)
    assert_array_equal(wrong, right)


TOO: dict[str, str] = {"missing-sum": "b", "integer-gradient": "xwbah"}
"""Bug -> the other arrays that are made in the same loop, or in the same arrays."""


@for_each(("slug", "layer"), PAIRS)
def test_what_its_line_does_not_speak_of_is_right(slug: str, layer: str) -> None:
    checked = LAYERS[layer]
    letter = BUGS[slug].lines(layer)[0][1]
    if letter not in checked.letters:
        return  # within a block, what depends on the wrong gradient is wrong too
    params, dout = checked.params(checked.smooth), checked.dout(checked.smooth)
    right = trace(checked.layer(), *params, dout=dout).grads
    wrong = trace(BUGS[slug].layers[layer](), *params, dout=dout).grads
    for each, grad, due in zip(checked.letters, wrong, right, strict=True):
        if each not in letter + TOO.get(slug, ""):
            assert_allclose(grad, due, err_msg=each)


@for_each(("slug", "layer"), PAIRS)
@for_each("rule", ["lab", "pytorch-max-pool", "jax-max"])
def test_the_check_finds_it_and_excuses_nothing(slug: str, layer: str, rule: str) -> None:
    checked = LAYERS[layer]
    params, dout = checked.params(checked.smooth), checked.dout(checked.smooth)
    found = examine(BUGS[slug].layers[layer](), params, dout, RULES[rule].kinks).results
    verdicts = {result.verdict for result in found}
    assert ("FAILED" in verdicts) != ((slug, layer) in HIDDEN)
    assert "KINK" not in verdicts
    assert not any(each.excused for result in found for each in result.disagreements)


@pytest.mark.parametrize("layer", ["block-loss", "conv-block", "minibatch"])
def test_a_missing_mask_shows_where_everything_is_negative(layer: str) -> None:
    checked = LAYERS[layer]
    values = (tuple(-abs(x) for x in checked.smooth[0]), tuple(abs(w) for w in checked.smooth[1]))
    broken = BUGS["no-mask"].layers[layer]()
    found = examine(
        broken, checked.params(values), checked.dout(values), RULES["pytorch-max-pool"].kinks
    )
    assert "FAILED" in {result.verdict for result in found.results}


LEAVES = {
    "forgotten-factor": "It is the gradient for 1 arriving at every output of the ReLU: what "
    "arrives there is not multiplied in.",
    "wrong-mask": "Zeros have changed places: 0 where something should come back, and the other "
    "way.",
    "no-mask": "Every wrong entry should be 0: something comes back where nothing should.",
    "sign": "Every wrong entry is the right one times −1.",
    "missing-sum": "It is what the last output alone sends back: the sum over all is missing.",
    "flipped-filter": "It is the gradient for w in reverse order.",
    "not-transposed": "It is the gradient for w with rows and columns exchanged.",
    "exchanged": "They are the right numbers with rows and columns exchanged.",
    "padding-off-by-one": "They are the right numbers, each one place behind its own.",
    "overwritten-overlaps": "Wrong only where windows overlap: each entry has what the last window "
    "that reads it sends back, not the sum.",
    "place-in-window": "The sum over the entries is right, but not what each of them has of it.",
    "integer-gradient": "Every wrong entry is the right one cut off to a whole number.",
    "forgotten-mean": "Every wrong entry is the right one times 2.",
    "no-truth": "Every wrong entry is too large by 0.5.",
}
"""Bug -> the sentence about the wrong entries at the point at which its case opens."""


@for_each("slug", BUGS)
def test_each_has_a_preset_that_fails(slug: str) -> None:
    scene = PRESETS[slug]
    assert scene.bug == slug
    found = results(scene)
    assert found.examined.status(*found.entry) == "wrong"  # the explained entry itself
    for result, sentence in zip(found.examined.results, found.patterns, strict=True):
        assert not any(each.excused for each in result.disagreements)
        assert sentence == (LEAVES[slug] if result.verdict == "FAILED" else "")


def test_a_wrong_layer_on_a_kink_is_no_kink() -> None:
    checked = LAYERS["relu"]
    assert checked.kink is not None
    broken = BUGS["wrong-mask"].layers["relu"]()
    (result,) = examine(broken, checked.params(checked.kink), checked.dout(checked.kink)).results
    assert result.verdict == "FAILED"
    assert not all(each.excused for each in result.disagreements)


@for_each(
    ("slug", "layer", "due"),
    [
        # By hand: a = (1.5, −1, 0.5, 3, −2.5), dh = (0.5, 1.25, 1.5, 0.75, 1).
        ("forgotten-factor", "relu", [1, 0, 1, 1, 0]),
        ("wrong-mask", "relu", [0, 1.25, 0, 0, 1]),
        ("no-mask", "relu", [0.5, 1.25, 1.5, 0.75, 1]),
        ("integer-gradient", "relu", [0, 0, 1, 0, 0]),
        # h = (1, 2.5, −1, 0.5, 2): windows of 2 are won by h2, h2, h4, h5; dz = (0.5, 1.25, …).
        ("forgotten-factor", "max-pool", [0, 2, 0, 1, 1]),
        ("overwritten-overlaps", "max-pool", [0, 1.25, 0, 0, 0.75]),
        ("place-in-window", "max-pool", [1.25, 2.75, 0, 0, 0]),
        ("integer-gradient", "max-pool", [0, 1, 0, 1, 0]),
    ],
)
def test_the_wrong_numbers_by_hand(slug: str, layer: str, due: list[float]) -> None:
    checked = LAYERS[layer]
    params, dout = checked.params(checked.smooth), checked.dout(checked.smooth)
    found = examine(BUGS[slug].layers[layer](), params, dout, RULES["pytorch-max-pool"].kinks)
    assert_array_equal(found.passed.grads[0], np.array(due, dtype=float))


@for_each(
    ("slug", "layer", "due"),
    [
        # By hand, at the same points, for dh = dz = (−0.5, 2, 0, −3, …).
        ("forgotten-factor", "relu", [1, 0, 1, 1, 0]),
        ("wrong-mask", "relu", [0, 2, 0, 0, 1]),
        ("no-mask", "relu", [-0.5, 2, 0, -3, 1]),
        ("integer-gradient", "relu", [0, 0, 0, -3, 0]),
        ("forgotten-factor", "max-pool", [0, 2, 0, 1, 1]),
        ("overwritten-overlaps", "max-pool", [0, 2, 0, 0, -3]),
        ("place-in-window", "max-pool", [2, -3.5, 0, 0, 0]),
        ("integer-gradient", "max-pool", [0, 1, 0, 0, -3]),
    ],
)
def test_the_wrong_numbers_for_an_upstream_gradient_of_both_signs(
    slug: str, layer: str, due: list[float]
) -> None:
    checked = LAYERS[layer]
    params = checked.params(checked.smooth)
    dout = np.array([-0.5, 2.0, 0.0, -3.0, 1.0])[: len(due) - (layer == "max-pool")]
    passed = trace(BUGS[slug].layers[layer](), *params, dout=dout, kinks=RULES["lab"].kinks)
    assert_array_equal(passed.grads[0], np.array(due, dtype=float))


@pytest.mark.parametrize("layer", ["conv-1d", "conv-2d", "linear", "minibatch"])
def test_a_missing_sum_leaves_what_its_loop_made_last(layer: str) -> None:
    checked = LAYERS[layer]
    params, dout = checked.params(checked.smooth), checked.dout(checked.smooth)
    passed = trace(BUGS["missing-sum"].layers[layer](), *params, dout=dout)
    x, w = params[0], params[1]
    sent = passed.steps[0].dout
    match BUGS["missing-sum"].lines(layer)[0]:
        case "dw = x[window] * da[i]":
            padded = np.pad(x, 1)
            due = padded[-len(w) :] * sent[-1]
        case "dw = x[window] * da[i, j]":
            due = x[-2:, -2:] * sent[-1, -1]
        case "dw = outer(dy[n], x[n])":
            due = np.outer(sent[-1], x[-1])
        case "dw = sum(x[n] * da[n])":
            due = np.array([[[(x[-1] * sent[-1]).sum()]]])
        case _:
            raise AssertionError
    assert_allclose(passed.grads[1], due)


def test_an_array_of_whole_numbers_cuts_off_towards_0() -> None:
    below = 0
    for layer, made in BUGS["integer-gradient"].layers.items():
        checked = LAYERS[layer]
        params, dout = checked.params(checked.smooth), checked.dout(checked.smooth)
        kinks = RULES["lab"].kinks
        right = trace(checked.layer(), *params, dout=dout, kinks=kinks).grads
        for wrong, grad in zip(
            examine(made(), params, dout, kinks).passed.grads, right, strict=True
        ):
            written = np.zeros(grad.shape, dtype=int)
            written[...] = grad
            assert_array_equal(wrong, written)
            below += int(np.count_nonzero((grad < 0) & (grad != written)))
    assert below


@pytest.mark.parametrize(
    ("slug", "due"),
    [
        # p = softmax(logits), and 1 at the labels of two rows
        ("sign", lambda p, truth: (truth - p) / 2),
        ("forgotten-mean", lambda p, truth: p - truth),
        ("no-truth", lambda p, truth: p / 2),
    ],
)
def test_the_wrong_numbers_of_a_loss_by_its_formula(
    slug: str, due: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> None:
    checked = LAYERS["loss"]
    (logits,), dout = checked.params(checked.smooth), checked.dout(checked.smooth)
    found = examine(BUGS[slug].layers["loss"](), (logits,), dout, RULES["lab"].kinks)
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    truth = np.eye(p.shape[1])[[0, 2]]
    assert_allclose(found.passed.grads[0], float(dout) * due(p, truth), rtol=1e-12)


@pytest.mark.parametrize(
    ("layer", "due"),
    [
        # By hand, from the last upstream gradient and its window or example of x.
        ("conv-1d", [0.75 * np.array([2, 0.5, 0]), 0.75]),
        ("conv-2d", [0.75 * np.array([[3, -0.5], [0.25, -2]])]),
        ("linear", [np.outer([1.5, 0.75], [2, 0.5]), [1.5, 0.75]]),
        ("minibatch", [1.5 * np.array([[[2]]])]),
    ],
)
def test_without_its_sum_a_gradient_is_the_last_share(layer: str, due: list[np.ndarray]) -> None:
    checked = LAYERS[layer]
    params, dout = checked.params(checked.smooth), checked.dout(checked.smooth)
    kinks = RULES["pytorch-max-pool"].kinks
    _, *grads = examine(BUGS["missing-sum"].layers[layer](), params, dout, kinks).passed.grads
    for grad, right in zip(grads, due, strict=True):
        assert_array_equal(grad, right)

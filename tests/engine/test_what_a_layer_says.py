"""What each operation says about itself, against brute force, for every row in rows.py."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from math import nan, prod
from string import Formatter
from types import MappingProxyType

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine import (
    RULES,
    AvgPool,
    Elementwise,
    EngineError,
    Kinks,
    LeakyReLU,
    Operation,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
    Softplus,
    Trace,
    Why,
    one_sided,
    terms,
    trace,
)
from engine.arrays import Array
from engine.check.slices import slice_along
from engine.kinks import CHOICES
from engine.layers.base import Factor, Grads, Pieces, Words
from engine.layers.convolution import Weighted
from engine.layers.graph import unfolded_sizes
from engine.trace import Step, Term, affected, arriving, muted, pieces, read_by
from engine.why import WHYS
from tests.engine.cases import Case, on_cases
from tests.engine.rows import (
    KINKS,
    ROWS,
    Row,
    every_layer,
    normals,
    output_shape,
    stating,
)
from tests.engine.written import FUNCTIONS, of_latex, words_in, worked_out
from tests.for_each import for_each

Index = tuple[int, ...]

NEAR = 2.0**-20
"""How far from a point its one-sided slopes are taken."""
OWN_REASONS = {Why.GATE_CLOSED, Why.AT_KINK, Why.NOT_MAX, Why.TIE_LOST}
"""The reasons that only some layers give; each of these has to have words for them."""


def passed(row: Row, case: Case) -> Trace:
    """A pass at a point where ties and zeros are common, under one of the rules."""
    inputs = case.inputs(*row.shapes)
    dout = case.integers(output_shape(row))
    return trace(row.make(), *inputs, dout=dout, kinks=case.one_of(KINKS))


def every(shape: Index) -> list[Index]:
    return list(np.ndindex(*shape))


def some(indices: list[Index], count: int) -> list[Index]:
    """`count` of the indices; for the same number of indices always the same ones."""
    chosen = np.random.default_rng(len(indices)).permutation(len(indices))[:count]
    return [indices[each] for each in chosen]


def moved(step: Step, directions: list[Array], by: float) -> Array:
    """The output of a step at inputs that are moved along these directions."""
    inputs = (x + by * d for x, d in zip(step.inputs, directions, strict=True))
    return step.layer.apply(*inputs)[0]


def alone(step: Step, output: Index, kinks: Kinks) -> tuple[Array, ...]:
    """∂output/∂input for each input: the pullback of 1 at this output and nothing elsewhere."""
    one = np.zeros(step.output.shape)
    one[output] = 1.0
    return step.layer.vjp(one, step.run.cache, kinks).grads


def of_the_pieces(found: Pieces, directions: list[Array]) -> float:
    """The one-sided derivative in a direction, according to these pieces."""
    slopes: list[float] = [
        sum(slope * directions[argument][index] for (argument, index), slope in each.items())
        for each in found.maps
    ]
    return max(slopes) if found.largest else min(slopes)


def unit(shapes: list[Index], argument: int, index: Index, sign: float) -> list[Array]:
    directions: list[Array] = [np.zeros(shape) for shape in shapes]
    directions[argument][index] = sign
    return directions


@every_layer
@on_cases(5)
def test_the_pieces_are_the_one_sided_derivatives(row: Row, case: Case) -> None:
    traced, random = passed(row, case), np.random.default_rng(0)
    for position, step in enumerate(traced.steps):
        shapes = [each.shape for each in step.inputs]
        entries = [(argument, at) for argument, shape in enumerate(shapes) for at in every(shape)]
        argument, index = case.one_of(entries)
        tried = [unit(shapes, argument, index, sign) for sign in (-1.0, 1.0)]
        tried += [[random.normal(size=shape) for shape in shapes] for _ in range(3)]
        slopes = [(moved(step, directions, NEAR) - step.output) / NEAR for directions in tried]
        tied: tuple[Index, Pieces] | None = None
        for output in every(step.output.shape):
            found = pieces(traced, position, output)
            for directions, slope in zip(tried, slopes, strict=True):
                assert of_the_pieces(found, directions) == pytest.approx(slope[output], abs=1e-4)
            tied = (output, found) if len(found.maps) > 1 else tied
        if tied is not None:
            assert_is_shared_out(step, *tied, traced.kinks)


def assert_is_shared_out(step: Step, output: Index, found: Pieces, kinks: Kinks) -> None:
    """At a tie each map has the share that the tie rule gives it, whatever else is chosen."""
    count = len(found.maps)
    one = [1.0] + [0.0] * (count - 1)
    parts = {"all": [1.0] * count, "first": one, "last": one[::-1], "split": [1 / count] * count}
    for name in step.layer.kink_choices:
        for how in CHOICES[name].allowed if CHOICES[name].of_ties else ():
            expected: dict[tuple[int, Index], float] = defaultdict(float)
            for part, each in zip(parts[how], found.maps, strict=True):
                for entry, slope in each.items():
                    expected[entry] += part * slope
            (linear,) = Pieces.of(alone(step, output, replace(kinks, **{name: how}))).maps
            nonzero = {entry: slope for entry, slope in expected.items() if slope}
            assert dict(linear) == pytest.approx(nonzero)


@every_layer
@on_cases(3)
def test_brackets_are_between_the_pieces(row: Row, case: Case) -> None:
    traced = passed(row, case)
    for position, step in enumerate(traced.steps):
        output = case.one_of(every(step.output.shape))
        one = np.zeros(step.output.shape)
        one[output] = 1.0
        found = pieces(traced, position, output)
        for argument, sides in enumerate(one_sided(step.layer.forward, *step.inputs, dout=one)):
            for index in every(step.inputs[argument].shape):
                slopes = sorted(each.get((argument, index), 0.0) for each in found.maps)
                left, right = (float(side[index]) for side in sides)
                across = (slopes[0], slopes[-1]) if found.largest else (slopes[-1], slopes[0])
                assert (left, right) == pytest.approx(across, abs=1e-5)


LOW, HIGH = -4.5, 5.0


def along(traced: Trace, argument: int, index: Index) -> Callable[[float], float]:
    """Σ dout · output as a function of one entry, all else fixed."""

    def value(at: float) -> float:
        inputs = [each.copy() for each in traced.params]
        inputs[argument][index] = at
        return float(np.sum(traced.layer.apply(*inputs)[0] * traced.dout))

    return value


def jump(value: Callable[[float], float], at: float, step: float) -> float:
    """How much the slope jumps at a place; the effect of curvature is taken off."""
    left, right = (
        (4 * value(at + by) - 3 * value(at) - value(at + 2 * by)) / (2 * by) for by in (-step, step)
    )
    return right - left


def bends_between(value: Callable[[float], float], low: float, high: float) -> float | None:
    """Where the slope jumps between two places, by halving 20 times; None if nowhere."""

    def change(left: float, right: float) -> float:
        inside = (right - left) * 1e-3
        slopes = (value(left + inside) - value(left), value(right) - value(right - inside))
        return abs(slopes[1] - slopes[0]) / inside

    for _ in range(20):
        if change(low, high) < 1e-2:
            return None
        middle = (low + high) / 2
        if change(low, middle) > change(middle, high):
            high = middle
        else:
            low = middle
    return low


@every_layer
@on_cases(5)
def test_a_slice_is_the_function_with_all_its_kinks(row: Row, case: Case) -> None:
    traced = passed(row, case)
    entries = [(argument, at) for argument, x in enumerate(traced.params) for at in every(x.shape)]
    entry = case.one_of(entries)
    found, value = slice_along(traced, *entry, LOW, HIGH), along(traced, *entry)
    random = np.random.default_rng(0)
    for at, expected in zip(found.at, found.values, strict=True):
        assert value(at) == pytest.approx(expected, abs=1e-9)
    for kink in found.kinks:
        assert abs(jump(value, kink, 2.0**-12)) > 5e-5
    corners = [LOW, *found.kinks, HIGH]
    places = [*random.uniform(LOW, HIGH, 12), -1.0, 0.0, 1.0]
    if not found.curved:
        heights = [value(at) for at in corners]
        for at in places:
            assert_allclose(np.interp(at, found.at, found.values), value(at), atol=1e-9)
            assert_allclose(np.interp(at, corners, heights), value(at), atol=1e-6)
        return
    for at in places:
        assert_allclose(np.interp(at, found.at, found.values), value(at), atol=2e-2)
    cells = np.linspace(LOW, HIGH, 12)
    for left, right in pairwise(cells):
        bend = bends_between(value, left, right)
        if bend is not None:
            assert np.abs(found.kinks - bend).min(initial=np.inf) < 1e-3


@every_layer
def test_a_slice_is_curved_where_the_function_is(row: Row) -> None:
    traced = trace(row.make(), *normals(row.shapes, 1))
    for argument, x in enumerate(traced.params):
        index = (0,) * x.ndim
        found, value = (
            slice_along(traced, argument, index, LOW, HIGH),
            along(traced, argument, index),
        )
        corners = [LOW, *found.kinks, HIGH]
        bent = any(
            abs(value(low) - 2 * value((low + high) / 2) + value(high)) > 1e-6
            for low, high in pairwise(corners)
        )
        assert found.curved == bent


def gaps(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def documented(thing: type) -> set[str]:
    """The gaps that templates may have, according to the class's docstring."""
    return set(re.findall(r"\{(\w+)\}", thing.__doc__ or ""))


@every_layer
@on_cases(4)
def test_a_factor_is_the_slope(row: Row, case: Case) -> None:
    traced = passed(row, case)
    for position, step in enumerate(traced.steps):
        layer, cache = step.layer, step.run.cache
        said: set[tuple[str, str, float]] = set()
        for argument, grad in enumerate(step.grads):
            for index in {case.one_of(every(grad.shape)) for _ in range(3)}:
                found = terms(traced, position, argument, index)
                total = sum(term.slope * term.arriving for term in found)
                assert total == pytest.approx(grad[index], abs=1e-12)
                fed = [
                    (output, step.dout[output]) for output in layer.feeds(argument, index, cache)
                ]
                assert arriving(traced, position, argument, index) == fed
                for term in found:
                    factor = layer.factor(argument, index, term.output, cache)
                    slope = alone(step, term.output, traced.kinks)[argument][index]
                    assert (factor, term.arriving) == (term.factor, step.dout[term.output])
                    assert term.slope == pytest.approx(slope, abs=1e-12)
                    values = {
                        "entry": step.inputs[argument][index],
                        "output": step.output[term.output],
                    }
                    assert_is_named(step, factor, slope)
                    if (factor.text, factor.latex, slope) not in said:
                        said.add((factor.text, factor.latex, slope))
                        row_of_x = step.inputs[argument][index[:-1]]
                        assert_says_its_slope(step, factor, slope, values, row_of_x)


def assert_is_named(step: Step, factor: Factor, slope: float) -> None:
    """A cofactor is an input entry that equals the slope; a text that is a number equals it."""
    assert gaps(factor.text) | gaps(factor.latex) <= documented(Factor)
    names = dict.fromkeys(documented(Factor), "a")
    assert factor.latex.format(**names).count("{") == factor.latex.format(**names).count("}")
    assert ("cofactor" in gaps(factor.text)) == (factor.cofactor is not None)
    assert ("cofactor" in gaps(factor.latex)) == (factor.cofactor is not None)
    if factor.cofactor is not None:
        argument, index = factor.cofactor
        assert all(type(each) is int and each >= 0 for each in (argument, *index))
        assert len(index) == step.inputs[argument].ndim
        assert step.inputs[argument][index] == slope
    elif re.fullmatch(r"[\d/]+", factor.text):
        assert float(Fraction(factor.text)) == pytest.approx(slope)
        ratio = re.sub(r"\\frac\{(\d+)\}\{(\d+)\}", r"\1/\2", factor.latex.format())
        assert ratio == factor.text


def assert_says_its_slope(
    step: Step, factor: Factor, slope: float, values: dict[str, float], row: Array
) -> None:
    """If the text is a formula, it and its LaTeX have the value of the slope, also as a factor.

    values: what a formula may name; p, the softmax of the entry's row, is computed here.
    """
    words = words_in(re.sub(r"\{\w+\}", "", factor.text))
    if not words <= {*FUNCTIONS, "p"}:
        assert_says_the_same(step.layer, factor, values["entry"])
        return
    if factor.cofactor is not None:
        argument, index = factor.cofactor
        values |= {"cofactor": step.inputs[argument][index]}
    numbers = {name: f"({float(each)!r})" for name, each in values.items()}
    numbers |= {"value": numbers["entry"], "index": ""}
    p = float(np.exp(values["entry"]) / np.exp(row).sum()) if "p" in words else nan
    for text in (factor.text.format(**numbers), of_latex(factor.latex.format(**numbers))):
        assert worked_out(f"2 · {text}", p=p) == pytest.approx(2 * slope), text


def assert_says_the_same(layer: Operation, factor: Factor, entry: float) -> None:
    """If the text is no formula, the LaTeX has no word, sign or number that the text lacks."""
    text, upright = factor.text, r"\\mathrm\{\{(.*?)\}\}('?)"
    for words, prime in re.findall(upright, factor.latex):
        name = words.replace(r"\ ", " ")
        assert (f"slope of {layer.words.name} at" if prime else name) in text
        assert not prime or name == layer.words.name
    assert "'" in factor.latex or "slope of" not in text
    left = re.sub(upright, "", factor.latex)
    named, named_in_latex = (re.findall(r"\{(\w+)\}", each) for each in (text, left))
    assert [each for each in named if each != "value"] == named_in_latex
    signs = re.findall(r"[\d+/^·-]", of_latex(re.sub(r"\{\w+\}", "", left)))
    assert {*"".join(signs).replace("-", "−")} <= {*text}
    for sign, at in re.findall(r"\{entry\} ([<>=]) ([^ )]+)", text):
        against = entry if at == "{value}" else float(at)
        assert {"<": entry < against, ">": entry > against, "=": entry == against}[sign]


@every_layer
def test_the_reason_for_a_zero_is_what_its_terms_show(row: Row) -> None:
    random = np.random.default_rng(0)
    shape = output_shape(row)
    signs = [np.resize(each, shape) for each in ([1.0, -1.0], [1.0, -1.0, 0.0])]
    for number, kinks in enumerate(KINKS[:6]):
        inputs = [random.integers(-2, 3, each).astype(float) for each in row.shapes]
        dout = random.integers(-2, 3, shape)
        if number > 3:  # with equal entries many sums cancel
            inputs, dout = list(map(np.ones_like, inputs)), signs[number - 4]
        traced = trace(row.make(), *inputs, dout=dout, kinks=kinks)
        for position, step in enumerate(traced.steps):
            for argument, (grad, why) in enumerate(zip(step.grads, step.why, strict=True)):
                for index in some([each for each in every(grad.shape) if grad[each] == 0], 5):
                    found = terms(traced, position, argument, index)
                    told = f"{step.name}, input {argument}, {index}: {Why(why[index]).name}"
                    possible = reasons(found)
                    hint = f"; {OWN}" if possible & OWN_REASONS else ""
                    assert why[index] in possible, f"{told}{hint}"


OWN = "a slope that is 0 by itself is GATE_CLOSED, with a sentence in words.zeros"


def reasons(found: Sequence[Term]) -> set[Why]:
    """The possible reasons for a gradient of 0 with these terms, none of which underflows."""
    if not found:
        return {Why.NOT_COVERED}
    arrived = [term for term in found if term.arriving]
    if not arrived:
        return {Why.UPSTREAM_ZERO}
    if any(term.slope for term in arrived):
        return {Why.CANCELLED, Why.ROUNDED}
    products = any(term.factor.cofactor is not None for term in arrived)
    return {Why.ZERO_FACTOR} if products else OWN_REASONS


def test_factors_by_hand() -> None:
    """The texts for slopes that are not entries of an input."""
    network = Sequential(LeakyReLU(), AvgPool(4), SoftmaxCrossEntropy([0, 2]))
    x = np.arange(-11.0, 13).reshape(2, 12)
    x[0, 0] = 0
    traced = trace(network, x, kinks=RULES["jax-max"].kinks)
    names = {"entry": "h1,2", "output": "z1", "index": "1,2"}

    def factor(step: int, index: Index) -> tuple[str, str]:
        (term,) = terms(traced, step, 0, index)
        own = names | {"value": f"{traced.steps[step].inputs[0][index]:g}"}
        return term.factor.text.format(**own), term.factor.latex.format(**own)

    slope = r"\mathrm{leaky\ ReLU}'(h1,2)"
    assert factor(0, (0, 0)) == ("(slope of leaky ReLU at h1,2 = 0)", slope)
    assert factor(0, (0, 1)) == ("(slope of leaky ReLU at h1,2 < 0)", slope)
    assert factor(0, (1, 1)) == ("(slope of leaky ReLU at h1,2 > 0)", slope)
    assert factor(1, (0, 0)) == ("1/4", r"\frac{1}{4}")
    assert factor(2, (0, 0)) == ("(p1,2 − 1)/2", r"\frac{p1,2 - 1}{2}")
    assert factor(2, (0, 1)) == ("(p1,2)/2", r"\frac{p1,2}{2}")
    (curve,) = terms(trace(Softplus(), [3.0]), 0, 0, (0,))
    assert curve.factor.text.format(**names, value="3") == "(slope of softplus at h1,2 = 3)"
    (one,) = terms(trace(SoftmaxCrossEntropy([1]), [[3.0, 1]]), 0, 0, (0, 1))
    assert (one.factor.text, one.factor.latex) == ("(p{index} − 1)", "(p{index} - 1)")
    (other,) = terms(trace(SoftmaxCrossEntropy([1]), [[3.0, 1]]), 0, 0, (0, 0))
    assert (other.factor.text, other.factor.latex) == ("p{index}", "p{index}")


def operations() -> dict[str, Operation]:
    """All distinct operations in ROWS, by their repr."""
    traces = (trace(row.make(), *normals(row.shapes)) for row in ROWS.values())
    return {repr(step.layer): step.layer for traced in traces for step in traced.steps}


CURVES = [each for each in operations().values() if isinstance(each, Elementwise)]


class Tent(Elementwise):
    """0 up to −1, then a + 1 up to 1, then 3 − a: each of its kinks has a choice of its own."""

    kink_choices = ("relu_at_zero", "abs_at_zero")
    breaks: Mapping[float, tuple[float, float]] = MappingProxyType(
        {-1.0: (0.0, 1.0), 1.0: (1.0, -1.0)}
    )
    straight = True
    words = ReLU.words

    def value(self, a: Array) -> Array:
        """The larger of 0 and a + 1, but at most 3 − a."""
        return np.minimum(np.maximum(a + 1, 0), 3 - a)

    def derivative(self, a: Array, kinks: Kinks) -> Array:
        """0, 1 or −1; at −1 and at 1 what is stated."""
        slope = np.where(a < -1, 0.0, np.where(a < 1, 1.0, -1.0))
        slope[a == -1] = kinks.relu_at_zero
        slope[a == 1] = kinks.stated("abs_at_zero")
        return slope


def decided(layer: Elementwise, choice: str) -> dict[float, tuple[float, float]]:
    """The breaks at which this choice is read: all of them, unless the layer has several."""
    if len(layer.kink_choices) == 1:
        return {**layer.breaks}
    ends = (replace(KINKS[0], **{choice: each}) for each in CHOICES[choice].allowed)
    least, most = (layer.derivative(np.array([*layer.breaks]), kinks) for kinks in ends)
    return {at: layer.breaks[at] for at in np.array([*layer.breaks])[least != most].tolist()}


@pytest.mark.parametrize("layer", [*CURVES, Tent()], ids=repr)
def test_a_curve_is_its_values_slopes_and_breaks(layer: Elementwise) -> None:
    def slopes(at: Array) -> Array:
        return np.stack([(layer.value(at + by) - layer.value(at)) / by for by in (-NEAR, NEAR)])

    grid = np.linspace(-3, 3, 97)
    value, (left, right) = layer.value(grid), slopes(grid)
    away = ~np.isin(grid, list(layer.breaks))
    bent = {float(at) for at in grid[np.abs(right - left) > 1e-4]}
    assert bent == {*layer.breaks}, "`breaks` has to have the places where the slope jumps"
    for kinks in KINKS:
        slope = np.asarray(layer.derivative(grid, kinks), dtype=float)
        assert_allclose(slope[away], left[away], atol=1e-5)
        assert_allclose(slope[away], right[away], atol=1e-5)
        assert (np.minimum(left, right) - 1e-5 <= slope).all()
        assert (slope <= np.maximum(left, right) + 1e-5).all()
        assert_array_equal(layer.apply(grid)[0], value)
    assert len(layer.breaks) == np.count_nonzero(~away)
    for at, sides in layer.breaks.items():
        (place,) = np.flatnonzero(grid == at)
        assert sides == pytest.approx((left[place], right[place]), abs=1e-5)
        assert sides[0] != sides[1]
    choices = layer.kink_choices if layer.breaks else ()  # settings may have straightened the curve
    if choices:
        read = [at for choice in choices for at in decided(layer, choice)]
        assert sorted(read) == sorted(layer.breaks), "at each break one choice has to be read"
    for choice in choices:  # the least and the most allowed give both sides' slopes
        for at, sides in decided(layer, choice).items():
            ends = [replace(KINKS[0], **{choice: each}) for each in CHOICES[choice].allowed]
            taken = {float(layer.derivative(np.array([at]), kinks)[0]) for kinks in ends}
            assert taken == {*sides}
        assert_is_as_chosen(layer, choice)
    # No slope jumps between the points either: curvature changes it by less over 2⁻¹⁰.
    before, after = slopes(np.linspace(-3, 3, 6 * 2**10 + 1))
    jumps = np.abs(before[1:] - after[:-1])
    assert (jumps <= 2**-6).all(), "a break that `breaks` does not have, or a curvature above 16"
    assert (np.diff(right)[np.isin(grid[1:], list(layer.breaks))] != 0).all()
    assert layer.straight == bool((np.abs(left[1:] - right[:-1]) < 1e-5).all())


@for_each("layer", CURVES, ids=[*map(repr, CURVES)])
def test_the_formula_of_a_curve_has_its_values(layer: Elementwise) -> None:
    words = layer.words
    if words.value.startswith(f"{words.name}("):  # it says no more than its own name
        return
    for at in np.linspace(-3, 3, 13).tolist():
        formula = words.value.format(inputs=f"({at})", sum=f"({at})")
        assert worked_out(formula) == pytest.approx(float(layer.value(np.array(at)))), formula


def assert_is_as_chosen(layer: Elementwise, choice: str) -> None:
    """At its breaks the slope is the chosen number, or that share of the way left to right."""
    parts, (least, most) = np.array([[0], [0.125], [0.75], [1]]), CHOICES[choice].allowed
    rules, own = [stating("first", float(part)) for (part,) in parts], decided(layer, choice)
    breaks = np.array([*own])
    taken = np.array([layer.derivative(breaks, kinks) for kinks in rules], dtype=float)
    left, right = np.array([*own.values()]).T
    chosen, of_the_way = least + parts * (most - least), left + parts * (right - left)
    assert np.allclose(taken, chosen) or np.allclose(taken, of_the_way)


def test_a_pullback_reads_the_choices_that_it_says() -> None:
    reads: dict[str, set[str]] = defaultdict(set)
    says: dict[str, set[str]] = defaultdict(set)
    either = {
        name: [replace(KINKS[0], **{name: each}) for each in choice.allowed[:2]]
        for name, choice in CHOICES.items()
    }
    for row in ROWS.values():
        random, layer = np.random.default_rng(0), row.make()
        met = [-1.0, 0.0, 1.0, *getattr(layer, "breaks", ())]
        for _ in range(3):
            inputs = [random.choice(met, shape) for shape in row.shapes]
            for step in trace(layer, *inputs, kinks=KINKS[0]).steps:
                kind = step.layer.title
                says[kind] |= {*step.layer.kink_choices}
                for name, rules in either.items():
                    one, other = (of_ones(step, kinks) for kinks in rules)
                    for grads in zip(one.grads, other.grads, one.kinked(), strict=True):
                        differs, kinked = grads[0] != grads[1], grads[2]
                        reads[kind] |= {name} if differs.any() else set()
                        assert not (differs & ~kinked).any(), "the rule decides there"
    assert {kind: choices for kind, choices in reads.items() if choices} == {
        kind: choices for kind, choices in says.items() if choices
    }


def of_ones(step: Step, kinks: Kinks) -> Grads:
    """The pullback of 1 at every output."""
    return step.layer.vjp(np.ones(step.output.shape), step.run.cache, kinks)


@every_layer
@on_cases(4)
def test_an_entry_is_read_by_a_marked_output_exactly_where_it_feeds_one(
    row: Row, case: Case
) -> None:
    for step in passed(row, case).steps:
        outputs = every(step.output.shape)
        marked = case.floats(step.output.shape, (0, 1)) > 0
        masks = read_by(step, marked)
        assert len(masks) == len(step.inputs)
        for argument, (mask, x) in enumerate(zip(masks, step.inputs, strict=True)):
            assert mask.shape == x.shape
            for index in every(x.shape):
                fed = list(step.layer.feeds(argument, index, step.run.cache))
                assert fed == sorted(set(fed))
                assert set(fed) <= set(outputs)
                assert mask[index] == any(marked[output] for output in fed)


@every_layer
def test_what_an_entry_feeds_is_what_it_changes(row: Row) -> None:
    for step in trace(row.make(), *normals(row.shapes)).steps:
        for argument, x in enumerate(step.inputs):
            for index in some(every(x.shape), 8):
                changed = np.zeros(step.output.shape, np.bool_)
                for by in (-100.0, 100.0):
                    directions = unit([each.shape for each in step.inputs], argument, index, by)
                    changed |= moved(step, directions, 1) != step.output
                there = list(map(tuple, np.argwhere(changed)))
                assert affected(step, argument, index) == there
                fed = list(step.layer.feeds(argument, index, step.run.cache))
                assert sorted([*muted(step, argument, index), *there]) == fed


@every_layer
def test_shapes_are_those_of_the_arrays(row: Row) -> None:
    layer, inputs = row.make(), normals(row.shapes)
    for step in trace(layer, *inputs).steps:
        shapes = [each.shape for each in step.inputs]
        assert step.layer.output_shape(*shapes) == step.output.shape
        assert step.layer.unfolded(*shapes) == windows_seen(step)
        assert_parameters_fit(step.layer, shapes[0])
    named = [(step.layer.title, windows_seen(step)) for step in trace(layer, *inputs).steps]
    assert unfolded_sizes(layer, *row.shapes) == [each for each in named if each[1]]


def assert_parameters_fit(layer: Operation, x: Index) -> None:
    """Parameters of the shapes that the layer states fit it; each size to be stated is 2."""
    named = layer.arguments[layer.flowing :]
    sizes = {size.name: (2,) * size.axes for size in layer.sizes}
    for bias in (False, True):
        shapes = layer.parameter_shapes(x, sizes, bias=bias)
        assert len(shapes) == len(named) - (0 if bias else layer.optional)
        if shapes:
            layer.output_shape(x, *shapes)  # ShapeError if they do not fit


def windows_seen(step: Step) -> int:
    """How many entries all windows see together, padding included, window by window."""
    layer, x = step.layer, step.inputs[0]
    if isinstance(layer, Weighted) and layer.axes:  # filters that slide
        per_output = step.inputs[1][0].size if step.inputs[1].ndim == layer.axes + 2 else 0
        per_output = per_output or prod(step.inputs[1].shape[-layer.axes :])
        filters = len(step.inputs[1]) if step.inputs[1].ndim > layer.axes else 1
        return layer.groups * per_output * step.output.size // filters
    if "size" in layer.settings:  # a pool of any kind
        size, axes = (getattr(layer, name) for name in ("size", "axes"))
        return step.output.size * prod(size or x.shape[-axes:])
    return 0


@pytest.mark.parametrize("layer", operations().values(), ids=repr)
@on_cases(17)
def test_wrong_shapes_are_refused_as_the_pass_refuses_them(layer: Operation, case: Case) -> None:
    most = len(layer.arguments)
    count = case.whole(most - layer.optional, most)
    # Often one or two of the shapes are equal, so that joins and biases nearly fit.
    drawn = [case.wholes(1, 3, case.whole(0, 4)) for _ in range(count)]
    shapes = [case.one_of([each, drawn[0], drawn[0][:1]]) for each in drawn]

    def tried(act: Callable[[], Index]) -> Index | tuple[type, str]:
        try:
            return act()
        except EngineError as error:
            return type(error), str(error)

    said = tried(lambda: layer.output_shape(*shapes))
    assert said == tried(lambda: layer.apply(*map(np.ones, shapes))[0].shape)
    if not (said and isinstance(said[0], type)):
        assert layer.unfolded(*shapes) >= 0


def near_kinks(row: Row) -> list[float]:
    """Numbers at the kinks of an elementwise operation (of any other at 0), and beside them."""
    layer = row.make()
    kinks = {0.0, *layer.breaks} if isinstance(layer, Elementwise) else {0.0}
    return sorted({at + step for at in kinks for step in (-1.0, 0.0, 1.0)})


def test_every_reason_of_a_layers_own_has_its_words() -> None:
    given_: dict[type[Operation], set[Why]] = defaultdict(set)
    random = np.random.default_rng(0)
    for row in ROWS.values():
        for kinks in KINKS * 2:
            inputs = [random.choice(near_kinks(row), shape) for shape in row.shapes]
            for step in trace(row.make(), *inputs, kinks=kinks).steps:
                given_[type(step.layer)].update(
                    WHYS[code] for why in step.why for code in np.unique(why)
                )
    for kind, reasons in given_.items():
        for layer in operations().values():
            if type(layer) is kind:
                assert set(layer.words.zeros) == reasons & OWN_REASONS, kind


STEPS: dict[str, tuple[str, str]] = {
    # the sentences on forward and backward, each checked by hand against the formulas
    "Conv": (
        "Convolution slides {weight} over {input} and sums the products in each window.",
        (
            "Convolution gives {input} the weights, and {weight} the inputs, times the gradient, "
            "summed over the windows."
        ),
    ),
    "ReLU": (
        "ReLU keeps what is above 0 and makes the rest 0.",
        "ReLU passes the gradient where {input} > 0.",
    ),
    "LeakyReLU": (
        "Leaky ReLU keeps what is above 0 and multiplies the rest by its slope.",
        "Leaky ReLU passes the gradient where {input} > 0, else its slope times that.",
    ),
    "Abs": (
        "The absolute value turns what is below 0 around.",
        (
            "The absolute value passes the gradient where {input} > 0, and turns its sign around "
            "where {input} < 0."
        ),
    ),
    "Softplus": (
        "Softplus bends from 0 to {input} without a kink.",
        "Softplus multiplies the gradient by 1 / (1 + e^−{input}).",
    ),
    "AvgPool": (
        "Average pool takes the mean of each window, whose padding counts as 0.",
        "Average pool shares each window's gradient equally among its entries.",
    ),
    "AvgPool(count_include_pad=False)": (
        "Average pool takes the mean of each window, whose padding does not count.",
        "Average pool shares each window's gradient equally among its entries.",
    ),
    "MaxPool": (
        "Max pool keeps the largest entry of each window.",
        "Max pool hands each gradient to the maximum of its window.",
    ),
    "Add": (
        "The sum adds its inputs entry by entry.",
        "The sum passes the gradient to every input.",
    ),
    "Maximum": (
        "The maximum keeps the larger of its inputs, entry by entry.",
        "The maximum hands the gradient to the larger of its inputs.",
    ),
    "Concat": (
        "Concatenation lays its inputs one behind the other.",
        "Concatenation cuts the gradient up again.",
    ),
    "Linear": (
        "Each {output} is the sum of all {input}, each times its own weight.",
        "The linear layer gives {input} the weights, and {weight} the inputs, times the gradient.",
    ),
    "Flatten": (
        "Flatten lays the entries of each example in one row.",
        "Flatten gives the gradient its old shape back.",
    ),
    "SoftmaxCrossEntropy": (
        "Softmax makes probabilities p of {input}; the loss is −log p at the label.",
        "Each logit gets its probability p, less 1 at the label, times the gradient.",
    ),
}


@pytest.mark.parametrize("kind", STEPS)
def test_what_a_step_does_is_said_in_these_words(kind: str) -> None:
    name, _, only = kind.partition("(")
    said = {
        (layer.words.forward, layer.words.backward)
        for layer in operations().values()
        if type(layer).__name__.removesuffix("1D").removesuffix("2D") == name
        and getattr(layer, "count_include_pad", True) is not bool(only)
    }
    assert said == {STEPS[kind]}


@pytest.mark.parametrize("layer", operations().values(), ids=repr)
def test_words_have_the_gaps_that_are_documented(layer: Operation) -> None:
    words = layer.words
    assert re.fullmatch(r"[a-zA-Z]", words.letter)
    assert words.name == words.name.strip()
    for template in (words.forward, words.backward, *words.zeros.values()):
        assert gaps(template) <= documented(Words)
    for sentence in (words.forward, words.backward):
        assert gaps(sentence) <= {"input", "weight", "output"}
        assert sentence.endswith(".")
    assert gaps(words.value) <= {"inputs", "sum"}
    for passing in (words.passes, words.chosen):
        assert gaps(passing) <= {"entry", "its", "factor", "slope", "share"}
    assert words.passes
    assert bool(words.chosen) == bool(layer.kink_choices)
    for zero in words.zeros.values():
        assert not gaps(zero) & {"input", "weight", "output"}
        assert not zero.endswith(".")
        if "winners" in gaps(zero):
            assert "gives {gradients} to {winners}" in zero

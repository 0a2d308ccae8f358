"""Passes as heat maps, of layers that no page shows: names, readers, sentences about values."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from engine import RULES, AvgPool2D, Conv2D, LeakyReLU, Sequential, trace
from engine.arrays import Array, indices
from engine.kinks import groups
from pages.derive.derivation import letters
from pages.explore.conv_2d import column_layout, map_pass
from pages.explore.conv_2d_scene import PRESETS
from pages.explore.map_pass import MapPass
from pages.figures.conv_2d import ColumnMeasures
from tests.pages.boxes import apart

LAYER = Sequential(Conv2D(stride=2, padding=1), LeakyReLU(0.5), AvgPool2D(2, 1))
RANDOM = np.random.default_rng(5)
X, W = RANDOM.uniform(1, 2, (7, 7)), RANDOM.uniform(1, 2, (2, 3, 3))
X[1, 1] = 0
SHAPES = {"x": (1, 7, 7), "w": (2, 3, 3), "a": (2, 4, 4), "h": (2, 4, 4), "z": (2, 3, 3)}


@pytest.fixture
def passed() -> MapPass:
    traced = trace(LAYER, X, W, dout=np.ones((2, 3, 3)), kinks=RULES["pytorch-max-pool"].kinks)
    return MapPass(traced, letters(traced), SHAPES)


def values(x: Array, w: Array) -> Iterator[Array]:
    """Yield each value of the pass, computed layer by layer."""
    yield from (x, w)
    for layer in LAYER.operations:
        x = layer.forward(x, w) if layer.title == "Conv2D" else layer.forward(x)
        yield x


def test_every_entry_is_found_by_its_name(passed: MapPass) -> None:
    for letter, each in passed.maps().items():
        for at in indices(each.values.shape):
            place = passed.place(each.entry(at))
            assert place is not None
            assert place.letter == letter
            assert (place.value, place.grad) == (each.values[at], np.asarray(each.gradients)[at])
    assert passed.maps()["a"].prefixes == ("a1,", "a2,")
    for name in ("", "x", "x8,1", "x0,1", "a3,1,1", "a1,1", "b1,1,1", "x1,1,1"):
        assert passed.place(name) is None


@pytest.mark.parametrize("name", ["x1,1", "x4,5", "w2,2,2"])
def test_exactly_the_entries_within_its_reach_change_with_an_entry(
    passed: MapPass, name: str
) -> None:
    place = passed.place(name)
    assert place is not None
    moved = [X.copy(), W.copy()]
    moved[place.argument][place.index] += 1
    pairs = zip(passed.letters, values(X, W), values(*moved), strict=True)
    changed = {letter: before != after for letter, before, after in pairs}
    reach = passed.reach(place)
    assert [*reach] == ["a", "h", "z"]
    for letter, mask in reach.items():
        np.testing.assert_array_equal(mask, changed[letter], letter)


def test_what_an_entry_reads_changes_it(passed: MapPass) -> None:
    place = passed.place("z2,2,3")
    assert place is not None
    read = passed.reach(place)
    assert [*read] == ["x", "a", "h"]
    for index in indices(X.shape):
        moved = X.copy()
        moved[index] += 1
        *_, z = values(moved, W)
        assert read["x"][index] == (z[1, 1, 2] != place.value)


def test_how_a_value_came_about(passed: MapPass) -> None:
    def forward(name: str) -> str:
        place = passed.place(name)
        assert place is not None
        return passed.forward(place)

    assert forward("x1,1").endswith("It affects 2 of a, 2 of h and 2 of z.")
    value = f"{passed.trace.steps[1].output[0, 1, 1]:.6g}"
    assert forward("h1,2,2") == (
        f"h₁‚₂‚₂ = leaky ReLU(a₁‚₂‚₂) = leaky ReLU({value}) = {value}. Its receptive field is 9 of "
        "x and 1 of a; it affects 4 of z."
    )
    said, _, _ = forward("a1,1,1").partition(". Its receptive field")
    said, _, _ = said.partition(" ≈ ")  # the numbers are rounded
    products = said.split(" = ")[1].split(" + ")
    total = sum(np.prod([float(part) for part in each.split(" · ")]) for each in products)
    assert len(products) == 3  # the others are over padding, and one is 0
    assert total == pytest.approx(passed.trace.steps[0].output[0, 0, 0], rel=1e-5)


@pytest.mark.parametrize("size", [(1280.0, 560.0), (1600.0, 700.0)])
def test_maps_lie_apart_on_a_picture_of_any_size(size: tuple[float, float]) -> None:
    width, height = size
    measures = ColumnMeasures(
        width=width, height=height, bottom=height - 34, x=260, w=220, pitch=24
    )
    columns = replace(column_layout(PRESETS["three-filters"]), measures=measures)
    left, middle = columns.sliders
    sliders = (left, middle - 12, measures.w, 9 * measures.pitch)
    boxes = [*(panel.box for panel in columns.layout.panels), sliders]
    for at, (left, top, across, down) in enumerate(boxes):
        assert 0 <= left < left + across <= width
        assert 0 <= top < top + down <= height
        assert all(apart(boxes[at], other) for other in boxes[:at])


def test_what_the_rules_would_give_is_said_of_every_entry_of_a_digit() -> None:
    """The search along the paths of an entry's gradient misses no kink at which rules differ."""
    scene = PRESETS["digit"]
    passed = map_pass(scene)
    choices = passed.trace.layer.kink_choices
    others = [passed.trace.under(rules[0].kinks) for rules in groups(choices).values()]
    told = set()
    for letter, shape in passed.shapes.items():
        for at in list(indices(shape))[::29]:
            place = passed.place(passed.maps()[letter].entry(at))
            assert place is not None
            gradients = {float(other.grad(place.number)[place.index]) for other in others}
            decided = "The rule decides here" in " ".join(passed.said(place))
            assert decided == (len(gradients) > 1)
            told |= {decided}
    assert told == {True, False}

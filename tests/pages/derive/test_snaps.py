"""Each snap does what it says with the least change, as found by an exhaustive search."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pages.derive.derivation import DerivedScene
from pages.derive.page import Impossible
from pages.derive.snaps import ELEMENTWISE, EPSILON, landed
from pages.explore.conv_block import SNAPS
from pages.state.codecs import GRID, HIGH, LOW
from tests.pages.scenes import LENGTH, activation, block

Rows = NDArray[np.float64]


def winners(a: Rows) -> NDArray[np.int_]:
    """How many entries of each row share a positive maximum."""
    largest = a.max(axis=1, keepdims=True)
    return np.where(largest[:, 0] > 0, (a == largest).sum(axis=1), 0)


TRUE_OF: dict[str, Callable[[Rows], Any]] = {
    "unique max": lambda a: winners(a) == 1,
    "make a tie": lambda a: winners(a) >= 2,
    "three-way tie": lambda a: winners(a) == 3,
    "all negative": lambda a: (a < 0).all(axis=1),
    "all positive": lambda a: (a > 0).all(axis=1),
    "a = 0": lambda a: (a == 0).any(axis=1),
}


def snapped(name: str, scene: Any) -> Any:
    found = SNAPS[name](scene)
    assert isinstance(found, DerivedScene)
    return found


def on_grid(low: float = LOW, high: float = HIGH) -> st.SearchStrategy[float]:
    steps = st.integers(round(low / GRID), round(high / GRID))
    return steps.map(lambda step: step * GRID)


CANDIDATES = np.array([*product(np.arange(-1.0, 1.0 + GRID, GRID), repeat=LENGTH)])
"""The inputs searched. No change has to go further than a grid step beyond all values and 0."""

weights = on_grid().filter(bool)
anywhere = st.floats(LOW, HIGH).filter(lambda value: value == 0 or abs(value) > 1e-100)


@pytest.mark.parametrize("name", TRUE_OF)
@given(st.tuples(*[on_grid(-0.75, 0.75)] * LENGTH), weights)
@settings(max_examples=25)
def test_a_snap_makes_the_smallest_change_that_does_it(
    name: str, x: tuple[float, ...], w: float
) -> None:
    fit = CANDIDATES[TRUE_OF[name](w * CANDIDATES)]
    least = np.abs(fit - np.array(x)).sum(axis=1).min()
    scene = block(x=x, w=w)
    assert np.abs(np.array(snapped(name, scene).x) - x).sum() == least


@pytest.mark.parametrize("name", TRUE_OF)
@given(st.tuples(*[anywhere] * LENGTH), weights)
def test_a_snap_does_what_it_says_also_between_the_grid(
    name: str, x: tuple[float, ...], w: float
) -> None:
    scene = block(x=x, w=w, dz=-1.5, rule="mlx", step=4, entry="h1")
    found = snapped(name, scene)
    assert TRUE_OF[name](w * np.array([found.x]))[0]
    assert all(LOW <= value <= HIGH for value in found.x)
    assert replace(found, x=x) == scene


@pytest.mark.parametrize("name", TRUE_OF)
@given(st.tuples(*[on_grid()] * LENGTH), weights)
def test_a_snap_done_twice_is_the_same_as_once(name: str, x: tuple[float, ...], w: float) -> None:
    once = snapped(name, block(x=x, w=w))
    assert snapped(name, once) == once


@pytest.mark.parametrize("name", [name for name in TRUE_OF if name != "a = 0"])
def test_at_w_0_no_a_can_be_moved(name: str) -> None:
    assert SNAPS[name](block(w=0.0)) == Impossible("At w = 0 every a is 0: move w first.")


def test_at_w_0_every_a_is_0_already() -> None:
    scene = block(x=(1.0, 2.0, 3.0, 4.0, -1.0), w=0.0)
    assert SNAPS["a = 0"](scene) == scene


def test_at_the_end_of_the_range_the_others_make_room_for_a_unique_maximum() -> None:
    for w, end in ((1.0, HIGH), (-1.0, LOW)):
        found = snapped("unique max", block(x=(end,) * LENGTH, w=w))
        assert sorted(map(abs, found.x)) == [HIGH - GRID] * (LENGTH - 1) + [HIGH]


def test_w_becomes_0_and_nothing_else_changes() -> None:
    scene = block(dz=-1.0, step=2)
    assert SNAPS["w = 0"](scene) == replace(scene, w=0.0)


def test_the_snap_to_one_zero_keeps_one_of_several_zeros() -> None:
    scene = activation(a=(0.0, -1.0, 0.0, 2.0, 0.0))
    assert ELEMENTWISE["one at zero"](scene) == activation(a=(0.0, -1.0, GRID, 2.0, GRID))


@pytest.mark.parametrize(("name", "shift"), [("nudge +ε", EPSILON), ("nudge −ε", -EPSILON)])
def test_a_nudge_moves_the_chosen_entry_exactly(name: str, shift: float) -> None:
    scene = block(entry="x4")
    assert SNAPS[name](scene) == scene.moved("x4", 0.5 + shift)
    assert SNAPS[name](replace(scene, entry="w")) == replace(scene, entry="w", w=2.0 + shift)
    assert 0.5 + shift - 0.5 == shift


@pytest.mark.parametrize("entry", ["", "a1", "h5", "z"])
def test_a_nudge_needs_an_entry_that_can_be_moved(entry: str) -> None:
    assert SNAPS["nudge +ε"](block(entry=entry)) == Impossible(
        "Choose a cell that has a slider first: all others follow from these."
    )


def test_a_nudge_does_not_leave_the_range() -> None:
    scene = block(x=(HIGH,) * LENGTH, w=LOW, entry="x1")
    assert SNAPS["nudge +ε"](scene) == Impossible("x1 is at the end of its range.")
    assert isinstance(SNAPS["nudge −ε"](scene), DerivedScene)
    almost = scene.moved("x1", HIGH - EPSILON)
    assert SNAPS["nudge +ε"](almost) == scene, "the end itself can be reached"
    below = SNAPS["nudge −ε"](replace(scene, entry="w"))
    assert below == Impossible("w is at the end of its range.")


@pytest.mark.parametrize("ulps", [0, 1, 4])
def test_a_computed_place_is_the_nearest_number_that_does(ulps: int) -> None:
    off = ulps * float(np.spacing(1.25))
    there = landed(block(), "x1", 1.25, lambda scene: abs(scene.x[0] - 1.25) >= off)
    assert there
    assert abs(there.x[0] - 1.25) == off
    assert (
        landed(block(), "x1", 1.25, lambda scene: abs(scene.x[0] - 1.25) > 4 * off + 1e-9) is None
    )


def test_a_number_of_the_grid_or_of_the_scene_is_meant_where_rounding_came_beside_it() -> None:
    scene = block(w=0.1)
    for meant in (1.25, 0.1):
        there = landed(scene, "x1", meant + 1e-13, lambda scene: True)
        assert there
        assert there.x[0] == meant


def test_random_stays_on_the_grid_and_keeps_the_rest() -> None:
    scene = block(dz=-2.0, rule="mlx", step=1, entry="h2")
    seen = set()
    for _ in range(50):
        found = snapped("random", scene)
        assert all((value / GRID).is_integer() and abs(value) <= HIGH for value in found.x)
        assert (found.w / GRID).is_integer()
        assert replace(found, x=scene.x, w=scene.w) == scene
        seen.add((found.x, found.w))
    assert all(len({*each}) > 1 for each in zip(*seen, strict=True))


def test_reset_is_what_the_page_opens_with() -> None:
    assert SNAPS["reset"](block(w=0.0, rule="mlx", step=0, entry="")) == block()

"""The limit for servers: sizes that are known from shapes alone."""

import numpy as np
import pytest

from engine import Conv1D, Conv2D, Linear, MaxPool, MaxPool2D, ReLU, Sequential, ShapeError
from engine.errors import LimitError
from engine.layers.base import Layer
from engine.layers.graph import check_size, unfolded_sizes, widest
from tests.for_each import for_each

CNN = Sequential(Conv2D(1, 1), ReLU(), MaxPool2D(2))


@for_each(
    ("layer", "x", "w", "sizes"),
    [
        (Conv1D(), (5,), (), [5]),
        (Conv1D(2, 1), (5,), (4, 3), [9]),
        (Conv2D(), (28, 28), (3, 3), [9 * 26 * 26]),
        (Conv2D(1, 1), (8, 2, 28, 28), (3, 2, 3, 3), [8 * 2 * 9 * 28 * 28]),
        (MaxPool2D(), (4, 6, 6), None, [4 * 36]),
        (MaxPool2D(3, 1), (4, 6, 6), None, [4 * 9 * 16]),
        (CNN, (8, 1, 28, 28), (3, 1, 3, 3), [8 * 9 * 28 * 28, 8 * 3 * 4 * 14 * 14]),
        (CNN, (28, 28), (3, 3, 3), [9 * 28 * 28, 3 * 4 * 14 * 14]),
        (Sequential(MaxPool2D(), ReLU()), (4, 6, 6), None, [4 * 36]),
        (ReLU(), (10**9,), None, []),
    ],
)
def test_sizes(
    layer: Layer, x: tuple[int, ...], w: tuple[int, ...] | None, sizes: list[int]
) -> None:
    shapes = [x] if w is None else [x, w]
    assert [size for _, size in unfolded_sizes(layer, *shapes)] == sizes


def test_the_sizes_are_those_of_the_arrays() -> None:
    shapes = (8, 2, 28, 28), (3, 2, 3, 3)
    sizes = unfolded_sizes(CNN, *shapes)
    caches = [run.cache for run in CNN.run(*(np.zeros(shape) for shape in shapes))]
    unfolded = (caches[0].patches.matrix(), caches[2].largest)
    assert sizes == [("Conv2D", unfolded[0].size), ("MaxPool2D", unfolded[1].size)]


def test_a_pass_exactly_at_the_limit_is_let_through() -> None:
    check_size(Conv2D(), (28, 28), (3, 3), limit=6084)


def test_beyond_it_the_error_names_the_limit() -> None:
    with pytest.raises(LimitError, match=r"Conv2D: needs at most 6,083 unfolded .*; got 6,084"):
        check_size(Conv2D(), (28, 28), (3, 3), limit=6083)


@for_each(
    ("layer", "shapes", "entries"),
    [
        (ReLU(), [(3, 4)], 12),
        (Linear(), [(2, 5), (7, 5)], 35),  # w
        (Linear(), [(9, 2), (7, 2)], 63),  # y
        (Conv1D(), [(6,), (3,)], 12),  # four windows of three entries
        (Sequential(Conv1D(), ReLU(), MaxPool(2, 1)), [(6,), (3,)], 12),
        (Sequential(Linear(), ReLU(), Linear()), [(3,), (1, 3), (8, 1)], 8),
    ],
)
def test_the_largest_array_of_a_pass(
    layer: Layer, shapes: list[tuple[int, ...]], entries: int
) -> None:
    assert widest(layer, *shapes) == entries


def test_huge_shapes_allocate_nothing() -> None:
    with pytest.raises(LimitError):
        check_size(CNN, (10**9, 1, 10**6, 10**6), (10**6, 1, 3, 3), limit=10**6)


def test_a_window_that_does_not_fit() -> None:
    with pytest.raises(ShapeError, match="Conv2D: needs a window of at most 2"):
        check_size(Conv2D(), (2, 2), (3, 3), limit=100)

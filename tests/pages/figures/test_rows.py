"""Rows, on a phone: the side of the edges on which parameters stand, and lines of cells."""

from itertools import pairwise, product

import numpy as np
import pytest

from engine import (
    Add,
    Conv1D,
    Graph,
    LeakyReLU,
    Linear,
    MaxPool,
    ReLU,
    Residual,
    Sequential,
    Trace,
    trace,
)
from engine.arrays import Extent, indices
from pages.derive.derivation import letters
from pages.figures.array_maps import apart
from pages.figures.info import Naming, describe_graph, plain
from pages.figures.layout import PHONE
from pages.figures.primitives import middle_of
from pages.figures.ranks import Wishes
from pages.figures.rows import BAND, TEXT, rows_of
from tests.engine.rows import KINKS
from tests.for_each import for_each

NAMING = Naming((("x", "w"),), "a")


@for_each(
    ("shape", "right"),
    [
        ((), []),
        ((1,), []),
        ((4,), []),
        ((5,), ["w2", "w4"]),
        ((8,), ["w2", "w4", "w6", "w8"]),
        ((2, 1), ["w2,1"]),  # the second of two filters
        ((2, 3), ["w2,1", "w2,2", "w2,3"]),
        ((3, 1), []),
        ((3, 2), ["w1,2", "w2,2", "w3,2"]),
    ],
)
def test_right_stands_the_second_filter_of_two_or_every_other_of_many(
    shape: tuple[int, ...], right: list[str]
) -> None:
    passed = trace(Conv1D(), np.ones(9), np.ones(shape), dout=1.0)
    layout = rows_of(passed, NAMING, Wishes())
    left, _, width, _ = layout.columns["x"]
    beside = {entry: box for entry, box in layout.boxes.items() if entry[0] == "w"}
    assert len(beside) == np.ones(shape).size
    assert [entry for entry, box in beside.items() if box[0] >= left + width] == right
    others = [box for entry, box in beside.items() if entry not in right]
    assert all(box[0] + box[2] <= left for box in others)


def test_at_the_left_of_a_row_its_title_and_its_count_stand_about_its_middle() -> None:
    network = Sequential(Conv1D(), LeakyReLU(), MaxPool())
    passed = trace(network, np.arange(1.0, 6.0), 1.0, kinks=KINKS[0])
    layout = rows_of(passed, letters(passed), Wishes())
    assert len(layout.headings) == len(layout.counts) == 4
    for heading, (letter, (x, count)) in zip(layout.headings, layout.counts.items(), strict=True):
        left, top, _, height = layout.columns[letter]
        middle, title = top + height / 2, heading.at[1]
        assert heading.at[0] == x < left
        assert title < middle < count
        assert abs((title + count) / 2 - middle) <= TEXT / 2


@pytest.mark.parametrize(
    ("shape", "lines"),
    [((7,), 1), ((8,), 2), ((12,), 2), ((3, 3), 2), ((4, 2), 2)],  # of three or four examples
)
def test_as_many_cells_are_in_one_line_as_a_finger_hits(shape: Extent, lines: int) -> None:
    passed = trace(ReLU(), np.ones(shape), dout=np.ones(shape))
    layout = rows_of(passed, letters(passed), Wishes())
    boxes = [box for entry, box in layout.boxes.items() if entry[0] == "h"]
    assert len({top for _, top, _, _ in boxes}) == lines
    # In two lines, the cells of one are between those of the other.
    lefts = [layout.boxes[plain("h", index)][0] for index in indices(shape)]
    steps = [right - left for left, right in pairwise(lefts)]
    assert steps == pytest.approx([steps[0]] * len(steps))
    left, top, wide, tall = layout.columns["h"]
    assert (left, top) == (min(box[0] for box in boxes), min(box[1] for box in boxes))
    assert left + wide == pytest.approx(max(box[0] + box[2] for box in boxes))
    assert top + tall == pytest.approx(max(box[1] + box[3] for box in boxes))
    assert min(wide for _, _, wide, _ in boxes) >= PHONE.narrowest == 44


def test_a_finger_hits_every_cell_of_a_row_or_it_is_a_heat_map() -> None:
    """Also where the rest is passed by, and where parameters stand on both sides."""
    drawn = set()
    for size, network in product(range(2, 20), (ReLU(), Residual(ReLU()), Conv1D())):
        weights = [np.ones((5,))] if isinstance(network, Conv1D) and size > 5 else []
        if isinstance(network, Conv1D) and not weights:
            continue
        passed = trace(network, np.ones(size), *weights)
        layout = rows_of(passed, letters(passed), Wishes())
        drawn.add(bool(layout.maps))
        for entry, (left, _, wide, tall) in layout.boxes.items():
            assert min(wide, tall) >= PHONE.narrowest, (size, network, entry)
            assert 0 <= left < left + wide <= layout.width, (size, network, entry)
    assert drawn == {False, True}


def test_values_that_fit_in_a_row_alone_but_not_together_are_heat_maps() -> None:
    for size, maps in ((2, set()), (8, {"u", "v"})):
        twice = Graph(("u", ReLU(), "x"), ("v", ReLU(), "x"), ("s", Add(), "u", "v"))
        passed = trace(twice, np.ones(size), dout=1.0)
        layout = rows_of(passed, Naming((("x",), ("x",), ("u", "v")), "s"), Wishes())
        assert layout.maps.keys() == maps
        assert layout.columns.keys() == {"x", "u", "v", "s"}


@for_each(
    ("passed", "letter", "apart"),
    [
        (trace(Sequential(ReLU(), MaxPool(2)), np.ones(4)), "h", [0, 0, 0]),
        (trace(Sequential(ReLU(), MaxPool(2)), np.ones(4)), "z", [0]),
        (trace(Linear(), np.ones((2, 2)), np.ones((2, 2))), "y", [0, BAND, 0]),
        (trace(Conv1D(), np.ones(4), np.ones((2, 3))), "a", [0, BAND, 0]),
    ],
    ids=["full", "of the widest cells", "of two examples", "of two filters"],
)
def test_a_line_is_full_or_of_the_widest_cells_and_between_examples_or_filters_there_is_more(
    passed: Trace, letter: str, apart: list[float]
) -> None:
    layout = rows_of(passed, letters(passed), Wishes())
    boxes = [box for entry, box in layout.boxes.items() if entry[0] == letter]
    between = [right[0] - left[0] - left[2] for left, right in pairwise(boxes)]
    assert between == pytest.approx([PHONE.gap + more for more in apart])
    assert len({round(middle_of(layout.columns[row])[0], 6) for row in ("x", letter)}) == 1
    (wide,) = {wide for _, _, wide, _ in boxes}
    assert wide == PHONE.cell[0] or layout.columns[letter][::2] == layout.columns["x"][::2]


@for_each(
    ("size", "weights", "unlinked"),
    [
        (9, 4, set()),  # cells: each weight has its own edges
        (40, 4, set()),  # all on one side of the heat maps
        (40, 5, {"w"}),
        (40, 8, {"w"}),
        (40, 9, set()),  # w is a heat map itself
    ],
)
def test_parameters_on_both_sides_of_heat_maps_have_no_arrow(
    size: int, weights: int, unlinked: set[str]
) -> None:
    passed = trace(Conv1D(), np.ones(size), np.ones(weights), dout=np.ones(size - weights + 1))
    layout = rows_of(passed, NAMING, Wishes())
    assert layout.unlinked == unlinked
    _, _, arrows = apart(describe_graph(passed, NAMING, merged=layout.maps), layout)
    assert {arrow.tail for arrow in arrows} == ({"x", "w"} - unlinked if layout.maps else set())


def test_the_values_of_a_heat_map_stand_apart_from_its_gradients() -> None:
    passed = trace(Conv1D(), np.ones(40), np.ones(9), dout=np.ones(32))
    maps = rows_of(passed, NAMING, Wishes()).maps
    assert maps.keys() == {"x", "w", "a"}
    for (_, top, _, high), (_, below, _, _) in maps.values():
        assert below - top - high == pytest.approx(PHONE.gap)


@pytest.mark.parametrize(("size", "lines"), [(4, 1), (9, 2)])
def test_edges_reach_the_cells_of_a_row_in_two_lines_from_the_edge_of_both(
    size: int, lines: int
) -> None:
    passed = trace(Conv1D(), np.ones(size), np.ones(2), dout=1.0)
    layout = rows_of(passed, letters(passed), Wishes())
    for letter, count in (("x", size), ("a", size - 1)):
        boxes = {entry: box for entry, box in layout.boxes.items() if entry[0] == letter}
        tops, bottoms = (
            {top for _, top, _, _ in boxes.values()},
            [y + h for _, y, _, h in boxes.values()],
        )
        reach = {entry: box for entry, box in layout.reach.items() if entry[0] == letter}
        assert (len(boxes), len(tops)) == (count, lines)
        assert reach == {
            entry: (left, min(tops), width, max(bottoms) - min(tops))
            for entry, (left, _, width, _) in boxes.items()
            if lines > 1
        }

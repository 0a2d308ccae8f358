"""Columns: their names, headings, cells and counts, and where each of these lies."""

from collections.abc import Callable
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import (
    Add,
    Concat,
    Conv1D,
    Flatten,
    Graph,
    Layer,
    LeakyReLU,
    Linear,
    Maximum,
    MaxPool,
    ReLU,
    Sequential,
    trace,
)
from pages.derive.derivation import letters
from pages.figures.columns import layout_of
from pages.figures.info import Naming
from pages.figures.layout import NETWORK, SLIDE, Layout, Measures, Side
from pages.figures.parameters_above import _beside_each_other
from pages.figures.primitives import middle_of, text_width
from pages.figures.ranks import Ranks, Wishes, parameters_of
from pages.figures.rows import rows_of
from tests.engine.rows import KINKS
from tests.for_each import for_each
from tests.pages.boxes import apart

TWICE = Naming((("x",), ("x",), ("h1", "h2")), "s")


def heading(layout: Layout, title: str) -> str:
    """The formula under a title."""
    (formula,) = [each.formula for each in layout.headings if each.title == title]
    return formula


def test_what_made_several_values_of_a_column_is_named_once() -> None:
    twice = Graph(("h1", ReLU(), "x"), ("h2", ReLU(), "x"), ("s", Add(), "h1", "h2"))
    layout = layout_of(trace(twice, [1.0, -2.0], dout=1.0), TWICE)
    assert [each.title for each in layout.headings] == ["input", "ReLU", "Sum", "upstream"]
    assert heading(layout, "ReLU") == "h⁽¹⁾, h⁽²⁾"


def test_the_edges_into_as_many_entries_get_as_much_room_whatever_the_shapes() -> None:
    passed = trace(Sequential(ReLU(), Flatten()), np.ones((1, 2, 2)))
    columns = sorted(layout_of(passed, letters(passed)).columns.values())
    into_relu, into_flatten = (
        right - (left + wide) for (left, _, wide, _), (right, *_) in pairwise(columns)
    )
    assert into_relu == pytest.approx(into_flatten)


@pytest.mark.parametrize(
    ("join", "title", "formula"),
    [
        (Add(), "Sum", "s = h⁽¹⁾ + h⁽²⁾"),
        (Maximum(), "Maximum", "s = max(h⁽¹⁾, h⁽²⁾)"),
        (Concat(), "Concatenation", "s = h⁽¹⁾, h⁽²⁾"),
    ],
)
def test_over_what_joins_values_stands_how(join: Layer, title: str, formula: str) -> None:
    joined = Graph(("h1", ReLU(), "x"), ("h2", ReLU(), "x"), ("s", join, "h1", "h2"))
    layout = layout_of(trace(joined, [1.0, -2.0], kinks=KINKS[0]), TWICE)
    assert heading(layout, title) == formula


def test_over_what_joins_inputs_stands_how() -> None:
    passed = trace(Add(), [1.0, -2.0], [3.0, 4.0])
    layout = layout_of(passed, Naming((("x", "y"),), "s"))
    assert heading(layout, "Sum") == "s = x + y"


def test_over_the_middle_of_a_column_stands_its_title_and_beneath_it_its_count() -> None:
    passed = trace(Sequential(ReLU(), MaxPool(2), ReLU()), np.ones(4), dout=[1.0, 1.0])
    layout = layout_of(passed, letters(passed))
    middles = {letter: middle_of(layout.columns[letter])[0] for letter in layout.counts}
    titles = [each.at[0] for each in layout.headings if each.title != "upstream"]
    assert titles == pytest.approx([*middles.values()])
    assert [x for x, _ in layout.counts.values()] == pytest.approx([*middles.values()])


def test_over_the_sliders_of_what_is_sent_stands_the_gradient_of_the_output() -> None:
    passed = trace(ReLU(), [1.0, -2.0], dout=1.0)
    sides: tuple[tuple[Side, list[str]], ...] = (("right", ["∂L/∂h"]), ("below", []))
    for sent, there in sides:
        layout = layout_of(passed, Naming((("a",),), "h"), Wishes(sent=sent))
        assert [each.formula for each in layout.headings if each.title == "upstream"] == there


def test_into_nine_outputs_a_slider_each_sends_and_into_ten_that_of_the_chosen_one() -> None:
    for size, sent in ((9, "right"), (10, "chosen")):
        passed = trace(Sequential(ReLU(), ReLU()), np.ones(size))
        assert layout_of(passed, letters(passed)).sent == sent


def test_left_of_a_parameters_two_maps_stands_what_each_of_them_shows() -> None:
    passed = trace(Linear(), np.ones(5), np.ones((6, 5)))
    layout = layout_of(passed, Naming((("x", "w"),), "y"), measures=NETWORK)
    title, formula = layout.measures.heading
    beside = {each.formula: each.at for each in layout.headings if not each.title}
    for said, (left, top, _, height) in zip(("w", "∂L/∂w"), layout.maps["w"], strict=True):
        x, y = beside[said]
        assert x < left
        assert top < y + formula - title < top + height


def test_an_operations_parameters_stand_in_the_middle_above_its_edges() -> None:
    passed = trace(Sequential(Conv1D(), ReLU()), np.ones(6), np.ones((2, 2)), np.ones(2))
    layout = layout_of(passed, letters(passed), measures=NETWORK)
    edges = sum(layout.columns["x"][::2]), layout.columns["a"][0]
    row = sorted(box for entry, box in layout.boxes.items() if entry[0] in "wb")
    assert len(row) == 4 + 2
    between = row[1][0] - row[0][0] - row[0][2]
    assert abs((row[0][0] + sum(row[-1][::2])) - sum(edges)) <= between + 1e-6


@for_each(
    ("size", "operations", "as_cells"),
    [(3, 2, True), (3, 3, False), (4, 1, True), (4, 2, False), (5, 2, False)],
)
def test_parameters_without_room_for_cells_that_can_be_read_are_heat_maps(
    size: int, operations: int, as_cells: bool
) -> None:
    network = Sequential(*(layer for _ in range(operations) for layer in (Conv1D(), ReLU())))
    filters = [np.ones(size)] * operations
    passed = trace(network, np.ones(operations * (size - 1) + 3), *filters)
    layout = layout_of(passed, letters(passed))
    boxes = [box for entry, box in layout.boxes.items() if entry[0] == "w"]
    assert bool(boxes) == as_cells
    assert all(wide >= SLIDE.narrowest for _, _, wide, _ in boxes)


@for_each(
    ("measures", "sizes", "as_maps"),
    [
        (NETWORK, (8, 7), {8}),
        (NETWORK, (7, 8), {8}),
        (NETWORK, (2, 8, 4), {8}),
        (NETWORK, (8, 2, 8, 3, 4), {8}),
        (SLIDE, (8, 7), {8, 7}),  # there each has room of its own
        (SLIDE, (2, 8), {8}),
    ],
)
def test_the_largest_parameters_are_heat_maps_where_not_all_have_room(
    measures: Measures, sizes: tuple[int, ...], as_maps: set[int]
) -> None:
    filters = [*map(np.ones, sizes)]
    passed = trace(Sequential(*[Conv1D()] * len(sizes)), np.ones(sum(sizes)), *filters)
    naming = letters(passed)
    maps = layout_of(passed, naming, measures=measures).maps
    found = {size for size, (_, w) in zip(sizes, naming.inputs, strict=True) if w in maps}
    assert found == as_maps


def test_the_larger_of_two_values_of_a_column_is_a_heat_map_where_not_both_have_room() -> None:
    both = Graph(("p", Linear(), "x", "v"), ("q", Linear(), "x", "w"), ("s", Concat(), "p", "q"))
    passed = trace(both, np.ones(2), np.ones((7, 2)), np.ones((8, 2)))
    maps = layout_of(passed, letters(passed)).maps
    assert [letter for letter in ("y1", "y2") if letter in maps] == ["y2"]


def test_under_an_arrow_that_passes_them_cells_have_less_room() -> None:
    for joined, as_maps in ((("p", "q"), []), (("p", "q", "x"), ["h2"])):
        both = Graph(("p", ReLU(), "x"), ("q", LeakyReLU(), "x"), ("s", Add(), *joined))
        passed = trace(both, np.ones(8))
        assert [*layout_of(passed, letters(passed), measures=SLIDE).maps] == as_maps


def test_very_many_heat_maps_in_a_column_make_the_picture_higher() -> None:
    for count, higher in ((4, False), (12, True), (24, True)):
        names = [f"h{each}" for each in range(count)]
        network = Graph(*((each, ReLU(), "x") for each in names), ("s", Add(), *names))
        passed = trace(network, np.ones(200))
        layout = layout_of(passed, letters(passed), measures=SLIDE)
        assert (layout.height > SLIDE.height) == higher
        assert len(layout.maps) == count + 2
        assert min(height for both in layout.maps.values() for _, _, _, height in both) >= 1


def test_the_larger_of_an_operations_own_parameters_is_a_heat_map() -> None:
    passed = trace(Sequential(Conv1D(), ReLU()), np.ones(9), np.ones((2, 4)), np.ones(2))
    layout = layout_of(passed, letters(passed))
    assert [letter for letter in layout.maps if letter in "wb"] == ["w"]
    assert [entry for entry in layout.boxes if entry[0] in "wb"] == ["b1", "b2"]


def test_parameters_are_what_nothing_reads_as_it_flows_in_the_order_of_the_columns() -> None:
    flows = Graph(("a", Conv1D(), "x", "w"), ("h", ReLU(), "w"), ("z", Conv1D(), "a", "h"))
    assert parameters_of(trace(flows, np.ones(3), np.ones(2))) == []
    later_first = Graph(
        *(("h", ReLU(), "x"), ("a", Conv1D(), "h", "v"), ("b", Conv1D(), "x", "w")),
        ("s", Add(), "a", "b"),
    )
    passed = trace(later_first, np.ones(3), 2.0, 3.0)
    assert parameters_of(passed) == [1, 2]
    ranks = Ranks(passed, letters(passed), Wishes(), SLIDE)
    assert [*ranks.parameters.items()] == [(1, [2]), (2, [1])]


def test_a_parameter_that_the_page_places_itself_has_no_place() -> None:
    passed = trace(Conv1D(), np.ones(5), np.ones(2))
    layout = layout_of(passed, letters(passed), Wishes(aside=("w",)))
    assert layout.columns.keys() == {"x", "a"}
    assert {entry[0] for entry in layout.boxes} == {"x", "a"}


def test_a_single_parameter_is_a_cell_however_little_room_there_is() -> None:
    passed = trace(Sequential(*[Conv1D()] * 9), np.ones(9), *[2.0, 0.5] * 9)
    layout = layout_of(passed, letters(passed))
    assert not layout.maps
    assert len([entry for entry in layout.boxes if entry[0] in "wb"]) == 18


@pytest.mark.parametrize(("weights", "beneath"), [(1, False), (8, True)])
def test_parameters_stand_beneath_the_headings_where_they_would_lie_on_them(
    weights: int, beneath: bool
) -> None:
    passed = trace(Conv1D(), np.ones(9), np.ones(weights))
    layout = layout_of(passed, letters(passed))
    tops = {top for entry, (_, top, _, _) in layout.boxes.items() if entry[0] == "w"}
    assert len(tops) == 1
    assert (tops.pop() > SLIDE.heading[1]) == beneath


def test_edges_that_run_level_get_less_room_than_those_that_come_together() -> None:
    passed = trace(Sequential(ReLU(), MaxPool(2)), np.ones(4), dout=[1.0, 1.0])
    columns = layout_of(passed, letters(passed)).columns
    level, together = (columns[head][0] - sum(columns[tail][::2]) for tail, head in ("xh", "hz"))
    assert 0 < level < together


@for_each(("size", "hidden", "outputs"), [(2, 3, 2), (1, 4, 1)])
def test_the_parameters_of_two_operations_stand_apart(size: int, hidden: int, outputs: int) -> None:
    network = Sequential(Linear(), ReLU(), Linear())
    shapes = [(size,), (hidden, size), (hidden,), (outputs, hidden), (outputs,)]
    passed = trace(network, *map(np.ones, shapes))
    layout = layout_of(passed, letters(passed), measures=NETWORK)
    boxes = [box for entry, box in layout.boxes.items() if entry[0] in "wb"]
    assert len(boxes) == hidden * (size + 1) + outputs * (hidden + 1)
    assert min(box[0] for box in boxes) >= layout.measures.margin
    assert max(box[0] + box[2] for box in boxes) <= layout.width - layout.measures.margin
    assert all(apart(one, other) for one, other in combinations(boxes, 2))


def test_parameters_stand_in_rows_and_columns_as_long_as_their_cells_are_wide_enough() -> None:
    found = []
    for layers in (2, 3, 4):
        shapes = [(2,), (3, 2), *[(3, 3)] * (layers - 1)]
        passed = trace(Sequential(*[Linear()] * layers), *map(np.ones, shapes))
        layout = layout_of(passed, letters(passed), measures=NETWORK)
        boxes = [box for entry, box in layout.boxes.items() if entry[0] == "w"]
        found.append((len({top for _, top, _, _ in boxes}), len(layout.maps)))
        assert found[-1][0] == 1 or min(box[2] for box in boxes) >= NETWORK.grid[0]
    assert found == [(3, 0), (3, 0), (1, 3)]  # lines of cells, and heat maps


@for_each(("shape", "lines"), [((2, 4), 1), ((1, 8), 1), ((1, 9), 1), ((3, 3), 3), ((2, 5), 2)])
def test_up_to_eight_weights_are_in_a_row_and_of_more_each_outputs_own(
    shape: tuple[int, int], lines: int
) -> None:
    passed = trace(Linear(), np.ones(shape[1]), np.ones(shape))
    layout = layout_of(passed, letters(passed), measures=NETWORK)
    boxes = [box for entry, box in layout.boxes.items() if entry[0] == "w"]
    assert len({top for _, top, _, _ in boxes}) == lines
    assert len(boxes) == shape[0] * shape[1]


def test_many_parameters_in_a_row_make_the_picture_wider() -> None:
    for layers in (5, 8, 12):
        passed = trace(
            Sequential(*[Linear()] * layers), *map(np.ones, [(4,), *[(4, 4), (4,)] * layers])
        )
        layout = layout_of(passed, letters(passed), measures=NETWORK)
        above = [box for letter, boxes in layout.maps.items() if letter[0] in "wb" for box in boxes]
        assert len(above) == 2 * 2 * layers
        assert min(width for _, _, width, _ in above) >= 40
        assert min(left for left, *_ in above) >= layout.measures.margin
        assert max(box[0] + box[2] for box in above) <= layout.width - layout.measures.margin
        assert all(apart(one, other) for one, other in combinations(above, 2))


def test_many_entries_are_flat_and_wide_and_a_single_one_beside_them_is_not() -> None:
    passed = trace(MaxPool(), np.arange(12.0), dout=1.0)
    layout = layout_of(passed, Naming((("h",),), "z"))
    wide, high = {box[2:] for entry, box in layout.boxes.items() if entry[0] == "h"}.pop()
    (other, tall), (left, *_) = layout.boxes["z"][2:], layout.boxes["z"]
    assert (wide, high < SLIDE.flat <= tall) == (SLIDE.flat_width, True)
    assert other < wide
    assert layout.boxes["h1"][0] + wide + SLIDE.short <= left


@pytest.mark.parametrize("lay_out", [layout_of, rows_of])
def test_eight_parameters_are_cells_and_nine_a_heat_map(lay_out: Callable[..., Layout]) -> None:
    for length in (8, 9):
        passed = trace(Conv1D(), np.ones(10), np.ones(length), dout=1.0)
        layout = lay_out(passed, Naming((("x", "w"),), "a"), Wishes())
        cells = [entry for entry in layout.boxes if entry[0] == "w"]
        assert (len(cells), "w" in layout.maps) == ((8, False) if length == 8 else (0, True))


@pytest.mark.parametrize(("size", "stride"), [(2, 2), (3, 3), (3, 1)])
def test_what_is_made_of_several_entries_is_level_with_their_middle(size: int, stride: int) -> None:
    passed = trace(MaxPool(size, stride), np.arange(7.0), dout=1.0)
    layout = layout_of(passed, Naming((("h",),), "z"))
    levels = {entry: middle_of(box)[1] for entry, box in layout.boxes.items()}
    for window in range(1 + (7 - size) // stride):
        read = [levels[f"h{1 + window * stride + place}"] for place in range(size)]
        assert levels[f"z{window + 1}"] == pytest.approx(np.mean(read))


@for_each(
    ("layer", "w"),
    [
        (Conv1D(padding=1), (3,)),  # the outer windows read fewer entries, but are no nearer
        (Linear(), (3, 5)),
        (Linear(), (4, 5)),
        (Linear(), (5, 5)),
    ],
)
def test_what_is_made_of_fewer_windows_or_of_all_stands_as_far_apart_about_the_same_middle(
    layer: Layer, w: tuple[int, ...]
) -> None:
    passed = trace(layer, np.ones(5), np.ones(w))
    naming = letters(passed)
    read, made = (
        [middle_of(box)[1] for entry, box in layout_of(passed, naming).boxes.items()
         if entry[0] == letter]
        for letter in ("x", naming.output)
    )  # fmt: skip
    assert np.diff(made) == pytest.approx(read[1] - read[0])
    assert np.mean(made) == pytest.approx(np.mean(read))


def test_fewer_windows_than_entries_stand_about_the_middle_of_what_they_read() -> None:
    passed = trace(Conv1D(padding=1), np.ones(5), np.ones(4))
    naming = letters(passed)
    boxes = layout_of(passed, naming).boxes
    read, made = (
        np.mean([middle_of(box)[1] for entry, box in boxes.items() if entry[0] == letter])
        for letter in ("x", naming.output)
    )
    assert made == pytest.approx(read)


@for_each(("entries", "size", "stride", "padding"), [(8, 4, 2, 1), (9, 4, 3, 2), (7, 3, 1, 0)])
def test_cells_do_not_reach_into_each_other_where_padding_brings_some_closer(
    entries: int, size: int, stride: int, padding: int
) -> None:
    passed = trace(Conv1D(stride=stride, padding=padding), np.ones(entries), np.ones(size))
    naming = letters(passed)
    boxes = layout_of(passed, naming).boxes
    made = sorted(box[1::2] for entry, box in boxes.items() if entry[0] == naming.output)
    assert all(top + tall < under for (top, tall), (under, _) in pairwise(made))


def test_the_second_of_two_filters_stands_beneath_all_that_flows() -> None:
    passed = trace(Conv1D(), np.ones(5), np.ones((2, 3)))
    naming = letters(passed)
    boxes = layout_of(passed, naming).boxes
    flowing = [box for entry, box in boxes.items() if entry[0] in ("x", naming.output)]
    for place in range(1, 4):
        _, top, _, tall = boxes[f"w1,{place}"]
        assert top + tall < min(box[1] for box in flowing)
        assert boxes[f"w2,{place}"][1] > max(top + tall for _, top, _, tall in flowing)


@for_each("sizes", [(3, 3), (4, 3), (2, 2, 2), (1, 1, 1, 1, 1), (12, 12)])
def test_the_counts_of_several_values_in_a_column_make_the_picture_no_higher(
    sizes: tuple[int, ...],
) -> None:
    layout = layout_of(passed := trace(Concat(), *map(np.ones, sizes)), letters(passed))
    assert len({y for _, y in layout.counts.values()}) == len(sizes)
    assert max(y for _, y in layout.counts.values()) < layout.height <= SLIDE.height


@pytest.mark.parametrize("size", [1, 2, 3])
def test_right_of_an_operations_several_parameters_stands_their_count(size: int) -> None:
    passed = trace(Conv1D(), np.ones(10), np.ones(size))
    layout = layout_of(passed, letters(passed))
    counted = layout.counts.get("w")
    assert bool(counted) == (size > 1)
    if counted:
        left, top, wide, tall = layout.columns["w"]
        assert left + wide < counted[0] < layout.width
        assert counted[1] == top + tall / 2


@pytest.mark.parametrize(("size", "there"), [(2, True), (3, False)])
def test_beside_the_formulas_stands_the_count_of_parameters_unless_it_lies_on_one(
    size: int, there: bool
) -> None:
    passed = trace(Conv1D(), np.ones(10), np.ones(size))
    layout = layout_of(passed, letters(passed), measures=NETWORK)
    assert ("w" in layout.counts) == there


def test_counts_of_columns_that_stand_close_are_in_two_lines_beneath_all_of_them() -> None:
    size, nonzero = NETWORK.count, "<b>4 of 4</b> nonzero"
    for layers, close in ((3, False), (10, True)):
        passed = trace(Sequential(*[ReLU()] * layers), np.ones(4))
        layout = layout_of(passed, letters(passed), measures=NETWORK)
        places = [*layout.counts.values()]
        pitch = min(right[0] - left[0] for left, right in pairwise(places))
        assert (pitch < text_width(nonzero, size)) == close
        lowest = max(top + height for _, top, _, height in layout.boxes.values())
        assert {y > lowest + size * (1 if close else 0.5) for _, y in places} == {True}
        assert max(y for _, y in places) + size * (1 if close else 0.5) <= layout.height


wished = st.lists(st.tuples(st.floats(-100, 500), st.floats(1, 60)), min_size=1, max_size=6)


@given(wished)
def test_what_stands_in_a_row_stays_apart_and_where_it_wishes_as_long_as_it_can(
    wished: list[tuple[float, float]],
) -> None:
    begin, end = 0.0, 400.0  # they fit: they are at most 360 wide
    lefts = _beside_each_other(sorted(wished), begin, end)
    places = [(left, left + wide) for left, (_, wide) in zip(lefts, sorted(wished), strict=True)]
    assert begin - 1e-6 <= places[0][0]
    assert places[-1][1] <= end + 1e-6
    assert all(one[1] <= other[0] + 1e-6 for one, other in pairwise(places))
    alone = [(left, left + wide) for left, wide in sorted(wished)]
    inside = begin <= alone[0][0] and alone[-1][1] <= end
    if inside and all(one[1] <= other[0] for one, other in pairwise(alone)):
        assert np.allclose(places, alone)

"""The layout of a 2D pass's heat maps: one map for each channel, none on another."""

from itertools import combinations, product
from typing import Final

import pytest

from pages.figures.conv_2d import PROJECTOR, ColumnLayout, phone_layout
from pages.figures.maps import Kind, MapLayout
from tests.pages.boxes import apart

SIDES: Final = {"d": 28, "x": 8, "w": 3, "b": 3, "a": 6, "h": 6, "z": 3}
KINDS: Final[tuple[tuple[Kind, ...], ...]] = (("values", "gradients"), ("values",), ("gradients",))


def assert_in_place(layout: MapLayout) -> None:
    """Assert that every map lies in the picture, and that no maps overlap."""
    boxes = [panel.box for panel in layout.panels]
    assert all(apart(one, other) for one, other in combinations(boxes, 2))
    for left, top, width, height in boxes:
        assert 0 <= left < left + width <= layout.width
        assert 0 <= top < top + height <= layout.height


def assert_room_for_captions(columns: ColumnLayout) -> None:
    """Assert that between two maps, one below the other, the lower one's caption has room."""
    boxes = sorted((panel.box for panel in columns.layout.panels), key=lambda box: box[1])
    for (left, top, wide, tall), (other, below, width, _) in combinations(boxes, 2):
        if left < other + width and other < left + wide:
            assert below - (top + tall) > columns.measures.caption - 0.01


@pytest.mark.parametrize("channel", [0, 2])
@pytest.mark.parametrize("kinds", KINDS, ids=str)
def test_on_a_phone_all_maps_are_of_one_channel_but_those_that_have_none(
    kinds: tuple[Kind, ...], channel: int
) -> None:
    for cut, batch in product((False, True), repeat=2):
        layout = phone_layout(SIDES, channel, kinds, cut=cut, batch=batch)
        assert_in_place(layout)
        found = {(panel.letter, panel.kind): panel.first for panel in layout.panels}
        assert len(found) == len(layout.panels)
        expected = {(letter, kind): channel for letter in "ahz" for kind in kinds}
        expected |= {("x", kind): 0 for kind in kinds}
        expected |= {("w", kind): channel for kind in ("values", "gradients")}
        expected |= {("b", "gradients"): channel} if batch else {}
        assert found == expected | ({("d", "values"): 0} if cut else {})


@pytest.mark.parametrize("kinds", KINDS, ids=str)
def test_on_a_phone_what_is_made_of_a_map_comes_next(kinds: tuple[Kind, ...]) -> None:
    layout = phone_layout(SIDES, 0, kinds, cut=False, batch=False)
    for kind in kinds:
        places = {each.letter: each.box for each in layout.panels if each.kind == kind}
        passed = [letter for letter in places if letter in "xahz"]
        assert sorted(passed, key=lambda it: places[it][1::-1]) == [*"xahz"]
        for title in ("input x", "Conv a", "ReLU h", "Max pool z"):
            left, top, wide, tall = places[title[-1]]
            (at,) = [each.at for each in layout.headings if each.title == title]
            assert at[0] == left + wide / 2
            assert at[1] < top + tall


@pytest.mark.parametrize("filters", [1, 2, 3])
@pytest.mark.parametrize("kinds", KINDS, ids=str)
def test_a_filters_maps_stand_in_a_row_and_a_single_ones_sum_beneath_its_gradients(
    kinds: tuple[Kind, ...], filters: int
) -> None:
    for cut, batch in product((False, True), repeat=2):
        columns = ColumnLayout(SIDES, filters, kinds, cut, batch)
        assert_in_place(columns.layout)
        assert_room_for_captions(columns)
        (title,) = {each.title for each in columns.layout.headings if "filter" in each.title}
        assert title.startswith("filters") == (filters > 1)
        places = {
            (panel.letter, panel.kind, panel.first): panel.box[:2]
            for panel in columns.layout.panels
        }
        for at in range(filters):
            values, gradients = (places["w", kind, at] for kind in ("values", "gradients"))
            assert (values[1], values[0] < gradients[0]) == (gradients[1], True)
            if batch:
                left, top = places["b", "gradients", at]
                if filters == 1:
                    assert left == pytest.approx(gradients[0])
                    assert top > gradients[1]
                else:
                    assert left > gradients[0]
                    assert top == gradients[1]
        for kind in kinds:
            assert {at for letter, its, at in places if letter == "a" and its == kind} == {
                *range(filters)
            }


@pytest.mark.parametrize(("side", "cell"), [(3, PROJECTOR.largest), (28, None)])
def test_a_map_is_as_wide_as_its_column_unless_its_cells_would_be_too_large(
    side: int, cell: float | None
) -> None:
    columns = ColumnLayout({**SIDES, "x": side}, 1, ("values",), cut=False, batch=False)
    (box,) = (panel.box for panel in columns.layout.panels if panel.letter == "x")
    m = columns.measures
    wide = side * cell if cell else m.x
    assert box == pytest.approx((m.left + (m.x - wide) / 2, m.top, wide, wide))

"""The picture of a kink: what is said of groups of rules, and in which colour."""

from dataclasses import replace
from itertools import pairwise
from typing import Final

import pytest

from pages.export.extent import texts
from pages.figures.axes import Scale
from pages.figures.kink import _legend_drawings
from pages.figures.kink_brackets import _beyond, _mark_places, _words
from pages.figures.kink_info import (
    PHONE,
    PROJECTOR,
    BracketRow,
    Look,
    RuleGroup,
    SliceInfo,
    rule_marks,
)
from pages.figures.kink_slice import Plane, _axes, _wedge, slice_drawings
from pages.figures.theme import PALETTES, RULE_SYMBOLS
from tests.for_each import for_each

PALETTE: Final = PALETTES["light"]
GROUPS: Final = [
    RuleGroup("Lab", "nothing", "not a derivative", stands_out=False),
    RuleGroup("First", "subgradient", "a subgradient", stands_out=True),
    RuleGroup("Split", "subgradient", "a subgradient", stands_out=False),
]


def test_a_group_is_named_in_its_colour_and_all_of_the_chosen_rules_is_bold() -> None:
    _, words = _legend_drawings(GROUPS, Look(PALETTE, PROJECTOR))
    assert words["text"] == [
        "<b>Lab</b>: not a derivative", "<b>First: a subgradient</b>", "<b>Split</b>: a subgradient"
    ]  # fmt: skip
    assert words["textfont"]["color"] == [PALETTE.rule(group) for group in range(3)]


def test_a_mark_has_the_colour_and_the_shape_of_its_group() -> None:
    drawn = rule_marks([((0, 0), 2), ((1, 1), 0)], 9, Look(PALETTE, PROJECTOR))
    assert drawn["marker"]["color"] == [PALETTE.rule(2), PALETTE.rule(0)]
    assert drawn["marker"]["symbol"] == [RULE_SYMBOLS[2], RULE_SYMBOLS[0]]


def test_without_room_groups_with_the_same_outcome_share_a_line_in_no_groups_colour() -> None:
    groups = [*GROUPS, *(replace(GROUPS[2], title=f"Rule {at}") for at in range(2))]
    marks, words = _legend_drawings(groups, Look(PALETTE, PHONE))
    assert words["text"] == ["<b>Lab</b>: not a derivative", "a subgradient"]
    assert words["textfont"]["color"] == [PALETTE.rule(0), PALETTE.ink]
    assert [*map(marks["y"].count, dict.fromkeys(marks["y"]))] == [1, 4]


@for_each(
    ("sides", "digits", "said"),
    [
        ((1.0, 0.0), 6, "[0, 1]"),
        ((0.0, 1.0), 6, "[0, 1]"),
        ((1.2345678, -0.3), 2, "[\N{MINUS SIGN}0.3, 1.2]"),
        ((1.2345678, -0.125), 2, "[\N{MINUS SIGN}0.13, 1.2]"),
        ((10.25, 1.2345678), 2, "[1.2, 10.25]"),  # on the sliders' grid
    ],
)
def test_a_bracket_begins_with_its_lower_side(
    sides: tuple[float, float], digits: int, said: str
) -> None:
    row = BracketRow("x1", "x", *sides, True, (), frozenset(), frozenset())
    assert row.interval(digits) == said


SLICE: Final = SliceInfo(
    entry="x1",
    label="x",
    function="L = z",
    reach=(-1, 1),
    heights=(-1, 1),
    at=(-1, 0, 1),
    values=(0, 0, 1),
    kinks=((0, 0),),
    point=(0, 0),
    left=0,
    right=1,
    kinked=True,
    lines=(),
)


def test_only_kinks_within_the_frame_are_marked() -> None:
    high = replace(SLICE, values=(0, 0, 9), kinks=((0, 0), (0.5, 4.5)))
    for kinks, marks in ((SLICE.kinks, 1), (high.kinks, 1), (((-0.5, 0), (0, 0)), 2)):
        drawn = slice_drawings(replace(high, kinks=kinks), Look(PALETTE, PROJECTOR), [], 4)
        symbols = [each["marker"]["symbol"] for each in drawn if "marker" in each]
        assert symbols == [[*["diamond"] * marks, "circle"]]


def test_all_slopes_between_the_two_are_shaded_on_both_sides_of_a_kink_alone() -> None:
    look = Look(PALETTE, PROJECTOR)
    left, right, *_ = PROJECTOR.frame
    for kinked, reached in ((True, {left, (left + right) / 2, right}), (False, set())):
        drawn = _wedge(Plane(replace(SLICE, kinked=kinked), PROJECTOR.frame), look)
        assert {*drawn["x"]} - {None} == reached


@for_each(
    ("sides", "claim", "symbols"),
    [
        ((-1.0, 1.0), 0.0, []),  # the ends are on the axis
        ((-1.5, 1.0), 0.0, ["triangle-left"]),
        ((-1.0, 1.0), 2.0, ["triangle-right"]),
        ((-2.0, 1.5), 0.0, ["triangle-left", "triangle-right"]),
    ],
)
def test_an_arrow_points_at_what_lies_beyond_the_axis(
    sides: tuple[float, float], claim: float, symbols: list[str]
) -> None:
    row = BracketRow("x1", "x", *sides, True, (claim,), frozenset(), frozenset())
    drawn = _beyond([(row, 50.0)], Scale(-1, 1, 100, 200), Look(PALETTE, PROJECTOR))
    assert [*drawn["marker"]["symbol"]] == symbols
    assert drawn["y"] == [50.0] * len(symbols)


@for_each(
    ("next_to", "outside", "beside"),
    [
        (-9.0, "", ""),
        (0.0, "", ""),
        (1.0, "<b>outside</b>", ""),  # a subgradient is not said to be outside
        (4.0, "<b>no<br>derivative</b>", ""),
    ],
)
def test_words_beside_a_mark_end_before_the_next_mark(
    next_to: float, outside: str, beside: str
) -> None:
    both, none = frozenset({0, 1}), frozenset[int]()
    axis = Scale(-10, 10, *PROJECTOR.axis)
    for groups, said in (((both, none), outside), ((none, both), beside)):
        row = BracketRow("x1", "x", 5.0, 6.0, True, (-9.8, next_to), *groups)
        (words,) = _words([(row, 50.0)], axis, Look(PALETTE, PROJECTOR))
        assert words["text"] == [said]


@for_each(("claim", "sides"), [(-9.8, (5.0, 6.0)), (9.8, (-6.0, -5.0))])
def test_words_stand_between_their_mark_and_what_they_are_not_in(
    claim: float, sides: tuple[float, float]
) -> None:
    axis = Scale(-10, 10, *PROJECTOR.axis)
    row = BracketRow("x1", "x", *sides, True, (claim,), frozenset({0}), frozenset())
    (words,) = _words([(row, 50.0)], axis, Look(PALETTE, PROJECTOR))
    (text,) = texts({"data": [words]})
    begin, end = (axis(claim), axis(5.0)) if claim < 0 else (axis(-5.0), axis(claim))
    assert begin < text.box[0] < text.box[0] + text.box[2] < end


@for_each("narrow", [False, True])
@for_each("rows", [1, 4, 9])
def test_marks_stand_in_the_order_of_their_groups_and_each_in_a_place_of_its_own(
    rows: int, narrow: bool
) -> None:
    """From the top downwards and, where several share a level, from left to right."""
    measures = PHONE if narrow else PROJECTOR
    row = BracketRow("x1", "x", -1.0, 1.0, True, (0.5,) * 4, frozenset(), frozenset())
    places = _mark_places(row, 50.0, rows, Scale(-1, 1, *measures.axis), measures)
    assert sorted({*places}, key=lambda at: (at[1], at[0])) == places
    assert sum(y for _, y in places) / 4 == pytest.approx(50.0), "about the middle of their row"


@for_each("end", [1.0, 1e-3, 1e-5])
def test_the_lines_at_numbers_begin_behind_the_longest_number(end: float) -> None:
    left, right, top, bottom = PROJECTOR.frame
    scales = Scale(0, 1, left, right), Scale(-end, end, bottom, top)
    lines, _, numbers = _axes(*scales, "x", Look(PALETTE, PROJECTOR))
    level = [points for points in pairwise(lines["x"]) if None not in points and len({*points}) > 1]
    assert len(level) == len(numbers["x"])
    for (begin, _), number in zip(level, numbers["x"], strict=True):
        assert left <= begin
        assert number < begin


def test_groups_take_the_symbols_in_turn() -> None:
    count = len(RULE_SYMBOLS) + 1
    marks = rule_marks([((0, 0), group) for group in range(count)], 9, Look(PALETTE, PHONE))
    assert marks["marker"]["symbol"] == [*RULE_SYMBOLS, RULE_SYMBOLS[0]]

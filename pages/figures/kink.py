"""Draw a kink: the slice on the left, the brackets on the right, the rules beneath the brackets.

The part about the rules says what comes of each and how it divides the gradient that arrives at a
maximum for which two or three entries tie. Two shares are a point in a square; three are a point in
a triangle, whose corners mean "all of it to this entry". Valid shares sum to 1: they lie on the
square's diagonal, or anywhere in the triangle. Three shares with another sum stand beneath the
triangle, with their sum.
"""

from collections.abc import Sequence
from typing import Any, Final

from pages.figures.axes import Scale
from pages.figures.kink_brackets import bracket_drawings
from pages.figures.kink_info import (
    KinkInfo,
    KinkMeasures,
    Look,
    RuleGroup,
    Shares,
    rule_marks,
)
from pages.figures.kink_slice import LINES, Plane, name_drawings, slice_drawings
from pages.figures.layout import Layout, finished
from pages.figures.legend import Sign, present
from pages.figures.primitives import (
    STILL,
    Drawing,
    Point,
    area_trace,
    line_trace,
    text_trace,
    text_width,
)
from pages.figures.theme import PALETTES, Palette, Theme
from pages.figures.words import number

SUM: Final = 1e-9  # how far a sum of shares may be from 1, for rounding
LEGEND_LINES: Final = 3  # the number of legend lines that have room at their full distance
AROUND: Final = 8.0  # half the distance between marks that would share a place and are moved apart


def kink_figure(info: KinkInfo, theme: Theme, measures: KinkMeasures) -> dict[str, Any]:
    """The figure, {"data": …, "layout": …}; on a phone with the chosen entry's bracket alone."""
    look, along = Look(PALETTES[theme], measures), info.slice
    marks, words = _legend_drawings(info.groups, look)
    first_ends = words["x"][0] + text_width(words["text"][0], measures.note)
    colours = [_colour(line.groups, info.groups, look.palette) for line in along.lines]
    return finished(
        [
            *bracket_drawings(info, look),
            *slice_drawings(along, look, colours, max(LINES, len(info.groups) + 1)),
            *name_drawings(Plane(along, measures.frame), info.groups, look),
            marks,
            words,
            *_share_drawings(info.shares, look, first_ends),
        ],
        Layout(measures.width, measures.height),
        look.palette,
    )


def kink_legend(info: KinkInfo, theme: Theme) -> list[Sign]:
    """The legend of the signs that have no name on the picture itself."""
    palette = PALETTES[theme]
    return present(
        (any(row.kinked for row in info.rows), "box", palette.bracket, "bracket"),
        (info.slice.kinked, "dotted", palette.ink, "sides"),
        (any(row.outside for row in info.rows), "ring", palette.ink, "outside"),
    )


def _colour(claimants: Sequence[int], groups: Sequence[RuleGroup], palette: Palette) -> str:
    """The colour of a line: of the claimant that stands out, if there is one, or of the first."""
    if not claimants:
        return palette.line
    first = next((each for each in claimants if groups[each].stands_out), claimants[0])
    return palette.rule(first)


def _legend_drawings(groups: Sequence[RuleGroup], look: Look) -> list[Drawing]:
    """Draw each group's mark and name, and what comes of its claim.

    If there is no room for so many lines, groups with the same outcome share one, and only their
    marks tell them apart.
    """
    m, (left, top) = look.m, look.m.legend
    room = LEGEND_LINES * m.legend_pitch
    lines: list[list[int]] = [[at] for at in range(len(groups))]
    crowded = room < len(groups) * 1.1 * m.note
    if crowded:
        same: dict[str, list[int]] = {}
        for at, group in enumerate(groups):
            same.setdefault(group.said, []).append(at)
        lines = [*same.values()]
    pitch = min(m.legend_pitch, room / len(lines))
    marks: list[tuple[Point, int]] = []
    beside: list[Point] = []
    for row, line in enumerate(lines):
        y, wide = top + pitch * row, 1.1 * m.note
        marks += [((left + m.note / 2 + wide * at, y), each) for at, each in enumerate(line)]
        beside.append((left + wide * len(line), y))
    marked = rule_marks(marks, m.mark + 3, look)
    colours = [look.palette.rule(line[0]) if len(line) == 1 else look.palette.ink for line in lines]
    titles = [_title([groups[each] for each in line]) for line in lines]
    return [
        marked if crowded else {**marked, "meta": STILL},
        text_trace(beside, titles, m.note, colours, "middle right"),
    ]


def _title(alike: Sequence[RuleGroup]) -> str:
    """What comes of the claims of groups with the same outcome; with the name of a single one."""
    group, *others = alike
    if others:
        return group.said
    if group.stands_out:
        return f"<b>{group.title}: {group.said}</b>"
    return f"<b>{group.title}</b>: {group.said}"


def _share_drawings(shares: Shares, look: Look, clear: float = 0.0) -> list[Drawing]:
    """Draw the square, the triangle or nothing, always in the same number of traces.

    clear: where the line of the legend beside them ends.
    """
    if look.m.shares and len(shares.labels) == 2:
        return _square(shares, look.m.shares, look, clear)
    if look.m.shares and len(shares.labels) == 3:
        return _triangle(shares, look.m.shares, look)
    nothing = line_trace([], 2, look.palette.ink)
    return [
        nothing,
        nothing,
        rule_marks([], look.m.mark + 2, look),
        text_trace([], [], look.m.note, look.palette.ink),
    ]


def _square(
    shares: Shares, place: tuple[float, float, float], look: Look, clear: float
) -> list[Drawing]:
    left, top, side = place
    across, up = Scale(0, 1, left, left + side), Scale(0, 1, top + side, top)
    corners = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
    ends = [(0.0, 1.0), (1.0, 0.0)]
    first, second = (f"share of {label}" for label in shares.labels)
    # Over the corner, or further right, up to the picture's edge.
    under_half, half = (text_width(text, look.m.note) / 2 for text in (first, second))
    over = max(left - 4, min(clear + half, look.m.width - half))
    under = min(left + side / 2, look.m.width - under_half)
    words: list[tuple[Point, str, str]] = [
        ((under, top + side + 34), first, "middle center"),
        ((over, top - 37), second, "middle center"),
        ((left - 10, top + side + 2), "0", "middle left"),
        ((left + side + 10, top + side + 2), "1", "middle right"),
        ((left - 10, top), "1", "middle left"),
    ]
    return _drawn(
        [(across(x), up(y)) for x, y in corners],
        [(across(x), up(y)) for x, y in ends],
        _apart([(across(x), up(y)) for x, y in shares.parts]),
        words,
        look,
    )


def _triangle(shares: Shares, place: tuple[float, float, float], look: Look) -> list[Drawing]:
    left, top, side = place
    height = side * 0.866
    corners = [(left, top + height), (left + side, top + height), (left + side / 2, top)]
    places: list[Point] = []
    strays: list[tuple[Point, str, str]] = []
    for parts in shares.parts:
        total = sum(parts)
        if abs(total - 1) <= SUM:
            x = sum(part * corner[0] for part, corner in zip(parts, corners, strict=True))
            y = sum(part * corner[1] for part, corner in zip(parts, corners, strict=True))
            places.append((round(x, 1), round(y, 1)))
        else:
            places.append((left + side / 2 - 40, top + height + 50))
            strays = [
                ((left + side / 2 - 24, top + height + 50), f"sum {number(total)}", "middle right")
            ]
    words = [
        ((corners[0][0] - 4, corners[0][1] + 18), shares.labels[0], "middle center"),
        ((corners[1][0] + 4, corners[1][1] + 18), shares.labels[1], "middle center"),
        ((corners[2][0], corners[2][1] - 16), shares.labels[2], "middle center"),
        *strays,
    ]
    outline = [*corners, corners[0]]
    return _drawn(outline, outline, _apart(places), words, look, filled=True)


def _drawn(
    outline: Sequence[Point],
    valid: Sequence[Point],
    marks: Sequence[Point],
    words: Sequence[tuple[Point, str, str]],
    look: Look,
    *,
    filled: bool = False,
) -> list[Drawing]:
    colour = look.palette.bracket
    drawn = line_trace(valid, 14, colour)
    if filled:
        drawn = area_trace(valid, colour, look.palette.faint(colour, 0.6), 3)
    texts = [f"<i>{text}</i>" for _, text, _ in words]
    return [
        line_trace(outline, 2, look.palette.line),
        drawn,
        rule_marks([(at, group) for group, at in enumerate(marks)], look.m.mark + 2, look),
        text_trace(
            [at for at, *_ in words],
            texts,
            look.m.note,
            look.palette.ink,
            [place for *_, place in words],
        ),
    ]


def _apart(points: Sequence[Point]) -> list[Point]:
    """The points, with those that share a place moved apart, side by side around it."""
    moved = []
    for i, (x, y) in enumerate(points):
        there = [j for j, other in enumerate(points) if other == (x, y)]
        shift = AROUND * 2 * (there.index(i) - (len(there) - 1) / 2)
        moved.append((x + shift, y))
    return moved

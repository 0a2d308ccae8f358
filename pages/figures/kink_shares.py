"""Two or three entries that tie: how each rule shares out what arrives at the maximum.

Of two the shares are a point in a square, of three one in a triangle, whose corners stand for
"all of it to this one". Valid are those that sum to 1: the square's diagonal, the whole triangle.
Shares with another sum lie in no triangle; they stand beside it, with their sum.
"""

from collections.abc import Sequence
from typing import Final

from pages.figures.arrangement import Drawing, Point, line_trace, text_trace
from pages.figures.kink_info import Shares
from pages.figures.kink_names import rule_marks
from pages.figures.kink_places import SHARES, Scale
from pages.figures.theme import NOTE_SIZE, Palette
from pages.figures.words import number

MARK: Final = 17.0
SUM: Final = 1e-9
"""Shares sum to 1 but for rounding."""
AROUND: Final = 8.0
"""Marks in one place lie around it, so that each is seen."""


def share_drawings(shares: Shares, palette: Palette) -> list[Drawing]:
    """The square, the triangle, or nothing: as many traces each time."""
    if len(shares.labels) == 2:
        return _square(shares, palette)
    if len(shares.labels) == 3:
        return _triangle(shares, palette)
    return (
        [line_trace([], 2, palette.ink)] * 2
        + [rule_marks([], [], MARK, palette)]
        + [text_trace([], [], NOTE_SIZE, palette.ink)]
    )


def _square(shares: Shares, palette: Palette) -> list[Drawing]:
    left, top, side = SHARES
    across, up = Scale(0, 1, left, left + side), Scale(0, 1, top + side, top)
    corners = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]
    ends = [(0.0, 1.0), (1.0, 0.0)]
    first, second = (f"∂{shares.of}/∂{label}" for label in shares.labels)
    words: list[tuple[Point, str, str]] = [
        ((left + side / 2 - 6, top + side + 28), first, "middle center"),
        ((left - 4, top - 26), second, "middle center"),
        ((left - 10, top + side + 2), "0", "middle left"),
        ((left + side, top + side + 28), "1", "middle center"),
        ((left - 10, top), "1", "middle left"),
    ]
    return _drawn(
        [(across(x), up(y)) for x, y in corners],
        [(across(x), up(y)) for x, y in ends],
        _apart([(across(x), up(y)) for x, y in shares.parts]),
        words,
        palette,
    )


def _triangle(shares: Shares, palette: Palette) -> list[Drawing]:
    left, top, side = SHARES
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
            places.append((left + side / 2 - 40, top + height + 52))
            strays = [
                ((left + side / 2 - 24, top + height + 52), f"sum {number(total)}", "middle right")
            ]
    words = [
        ((corners[0][0] - 4, corners[0][1] + 18), shares.labels[0], "middle center"),
        ((corners[1][0] + 4, corners[1][1] + 18), shares.labels[1], "middle center"),
        ((corners[2][0], corners[2][1] - 16), shares.labels[2], "middle center"),
        *strays,
    ]
    outline = [*corners, corners[0]]
    return _drawn(outline, outline, _apart(places), words, palette, filled=True)


def _drawn(
    outline: Sequence[Point],
    valid: Sequence[Point],
    marks: Sequence[Point],
    words: Sequence[tuple[Point, str, str]],
    palette: Palette,
    *,
    filled: bool = False,
) -> list[Drawing]:
    drawn = line_trace(valid, 3 if filled else 14, palette.bracket)
    if filled:
        drawn |= {"fill": "toself", "fillcolor": palette.faint(palette.bracket, 0.6)}
    texts = [f"<i>{text}</i>" for _, text, _ in words]
    return [
        line_trace(outline, 2, palette.line),
        drawn,
        rule_marks(marks, range(len(marks)), MARK, palette),
        {
            **text_trace([at for at, *_ in words], texts, NOTE_SIZE, palette.ink),
            "textposition": [place for *_, place in words],
        },
    ]


def _apart(points: Sequence[Point]) -> list[Point]:
    """The same, but those in one place side by side around it."""
    moved = []
    for i, (x, y) in enumerate(points):
        there = [j for j, other in enumerate(points) if other == (x, y)]
        shift = AROUND * 2 * (there.index(i) - (len(there) - 1) / 2)
        moved.append((x + shift, y))
    return moved

"""Where a gradient is wrong: each param in its own shape, and what the wrong entries share."""

from collections.abc import Iterator, Sequence
from html import escape
from math import prod
from textwrap import wrap
from typing import Final

from pages.figures.arrangement import STILL, Box, Drawing, text_trace
from pages.figures.check_info import MARKS, CheckInfo, Group
from pages.figures.check_table import bordered, colour
from pages.figures.theme import HEADING_SIZE, NOTE_SIZE, Palette

LEFT: Final = 1084.0
HEADING: Final = 470.0
CODE: Final = 500.0
TOP: Final = 518.0
"""The levels of the heading and the code, the upper edge of the maps behind one line of it."""
CELL: Final = 32.0
BETWEEN: Final = 52.0
"""From a map to the next one: room for a letter."""
LINE: Final = 24.0
LOWEST: Final = 692.0
SIGNS: Final = 48
"""In a line of a sentence."""


def map_drawings(info: CheckInfo, palette: Palette) -> list[Drawing]:
    """The traces."""
    code = wrap(info.code, SIGNS + 4)
    places = list(_places(info.groups, TOP + LINE * (len(code) - 1)))
    rows = [row for group in info.groups for row in group.rows]
    boxes = [box for _, of_it in places for box in of_it]
    marks = [colour(row.status, palette) for row in rows]
    off = [row.status in ("kink", "wrong") for row in rows]
    fills = [
        palette.faint(mark, 0.3) if bad else palette.fill_zero
        for mark, bad in zip(marks, off, strict=True)
    ]
    lines = [mark if bad else palette.line for mark, bad in zip(marks, off, strict=True)]
    middles = [(left + width / 2, top + height / 2) for left, top, width, height in boxes]
    return [
        bordered(boxes, fills, lines, [3.0 if bad else 1.5 for bad in off]),
        text_trace(middles, [f"<b>{MARKS[row.status]}</b>" for row in rows], NOTE_SIZE, marks),
        {
            **text_trace(
                [(of_it[0][0] - 22, of_it[0][1] + CELL / 2) for _, of_it in places],
                [f"<i>{group.letter}</i>" for group, _ in places],
                NOTE_SIZE,
                palette.muted,
            ),
            "meta": STILL,
        },
        _words(info, code, max(top + CELL for _, top, _, _ in boxes), palette),
    ]


def _places(groups: Sequence[Group], top: float) -> Iterator[tuple[Group, list[Box]]]:
    """Each param's cells, side by side; axes of length 1 are left out."""
    left = LEFT + 38
    for group in groups:
        shape = [extent for extent in group.shape if extent > 1]
        columns = shape[-1] if shape else 1
        yield (
            group,
            [
                (left + CELL * (i % columns), top + CELL * (i // columns), CELL - 3, CELL - 3)
                for i in range(prod(shape))
            ],
        )
        left += CELL * columns + BETWEEN


def _words(info: CheckInfo, code: Sequence[str], bottom: float, palette: Palette) -> Drawing:
    """The heading, the code, and as many lines of sentences as there is room for."""
    lines = [line for sentence in info.findings for line in wrap(sentence, SIGNS)]
    room = int((LOWEST - bottom) // LINE)
    if len(lines) > room:
        lines = [*lines[: room - 1], f"{lines[room - 1]} …"]
    levels = [bottom + LINE * (i + 0.8) for i in range(room)]
    lines += [""] * (room - len(lines))
    drawn = text_trace(
        [
            (LEFT, HEADING),
            *((LEFT, CODE + LINE * i) for i in range(len(code))),
            *((LEFT, level) for level in levels),
        ],
        [f"<b>{info.heading}</b>", *map(escape, code), *lines],
        [HEADING_SIZE - 2, *[NOTE_SIZE - 1] * (len(code) + room)],
        [palette.ink, *[palette.muted] * len(code), *[palette.ink] * room],
    )
    return {**drawn, "textposition": "middle right"}

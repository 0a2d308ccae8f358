"""Positions and sizes on a picture, and `finished`, the last step of every figure function.

Whatever changes with the state is in the traces; Plotly's layout depends on size and theme alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import compress
from typing import Any, Final, Literal, TypeAlias

from pages.figures.primitives import HINT, STILL, Box, Drawing, Point, text_trace, text_width
from pages.figures.theme import (
    COUNT_SIZE,
    FONT,
    GRADIENT_SIZE,
    HEADING_SIZE,
    NOTE_SIZE,
    VALUE_SIZE,
    Palette,
    Theme,
)

Side: TypeAlias = Literal["left", "right", "above", "under", "below", "chosen"]
"""On which side of a cell its slider stands. under: directly beneath the cell; below: a little
lower and wider; chosen: one slider beneath the whole column, for its chosen cell."""

LINE: Final = 1.15  # the height of a line, in units of its text size
BRACKET: Final = 0.3
"""How far a formula's second line reaches beyond two lines, in units of its text size."""
LOWER: Final = 0.36  # how much lower the middle of a two-line title is, in units of its text size


@dataclass(frozen=True, eq=False)
class Measures:
    """The sizes of a picture of a pass and of everything on it, in the picture's pixels."""

    width: float = 1600.0
    height: float = 670.0
    left: float = 254.0  # where the first column begins, right of its sliders
    left_if_shared: float = 226.0  # the same if something else stands right of the columns
    margin: float = 10.0  # the free space at the edges
    sent: float = 284.0  # the space right of the outputs for the sliders of the upstream gradient
    cell: tuple[float, float] = (222.0, 88.0)  # (width, height) of a cell if there is room
    narrow: float = 180.0  # a narrower cell arranges its texts differently
    narrowest: float = 126.0  # the least width of a cell
    flat: float = 52.0  # a lower cell arranges its texts differently
    flat_width: float = 340.0  # the width in columns of many flat cells
    pitch: float = 100.0  # the largest distance from one row to the next
    gap: float = 13.0  # between two cells
    edges: float = 120.0  # the least distance between two columns
    short: float = 74.0  # the same if cells would be narrow otherwise
    heading: tuple[float, float] = (22.0, 55.0)  # the levels of a title and the formula beneath it
    top: float = 90.0  # where cells begin if no parameters stand above them
    value: int = VALUE_SIZE
    flat_value: int = 27
    gradient: int = GRADIENT_SIZE
    title: int = HEADING_SIZE
    count: int = COUNT_SIZE
    note: int = NOTE_SIZE
    least: int = 25  # the smallest text size
    inside: float = 4.0  # the free space beside the texts of a cell
    in_line: float = 0.0  # the least width of a column whose cells may have all texts in one line
    grid: tuple[float, float] = (0.0, 0.0)
    """(least, preferred) width of parameter cells in rows and columns; (0, 0) if parameters stand
    in one row."""
    stacked: bool = False  # whether a reason stands under its zero
    line: float = 1.0  # the thickness of lines and the size of arrowheads, 1 on a slide


SLIDE: Final = Measures()  # for a page on a projector, and for a slide
NETWORK: Final = Measures(
    height=620.0,
    left=190.0,
    margin=14.0,
    cell=(200.0, 88.0),
    narrow=170.0,
    narrowest=106.0,
    edges=60.0,
    short=34.0,
    in_line=180.0,
    grid=(118.0, 152.0),
)
"""For a page with many layers."""
PHONE: Final = Measures(
    width=374.0,
    height=300.0,
    margin=2.0,
    cell=(110.0, 48.0),
    narrowest=44.0,
    flat=44.0,
    gap=4.0,
    edges=24.0,
    value=15,
    gradient=13,
    title=12,
    count=12,
    note=12,
    least=12,
    inside=2.0,
    stacked=True,
    line=0.5,
)
"""For a page on a phone, with screen pixels; `flat` is the least height that a finger can hit."""


@dataclass(frozen=True)
class Heading:
    """The heading over a column: a title, and a formula beneath it."""

    at: Point  # the middle of its first line
    title: str
    formula: str
    room: float | None = None  # the largest width of the title; None if it is not limited


@dataclass(frozen=True, eq=False)
class Layout:
    """Where everything lies on a picture of this size."""

    width: float
    height: float
    boxes: Mapping[str, Box] = field(default_factory=dict)  # the cell of each entry
    headings: Sequence[Heading] = ()
    counts: Mapping[str, Point] = field(default_factory=dict)
    """By letter, where the number of nonzero gradients stands."""
    above: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """By letter, for cells (parameters) that stand over or under their outgoing edges, the range of
    x in which these edges leave the cells' border; if `down`, for cells left or right of them, the
    range of y."""
    maps: Mapping[str, tuple[Box, Box]] = field(default_factory=dict)
    """By letter, the boxes of the values and gradients of an array drawn as heat maps."""
    columns: Mapping[str, Box] = field(default_factory=dict)
    """By letter, the box around all of an array's entries."""
    padding: Mapping[str, Sequence[Box]] = field(default_factory=dict)
    """By letter, the boxes of the padding beyond an array's ends."""
    sent: Side = "below"  # the side of an output on which its upstream gradient's slider stands
    chosen: float = 0.0  # the level of that slider if it stands under all outputs
    down: bool = False  # whether operations go from top to bottom
    reach: Mapping[str, Box] = field(default_factory=dict)
    """For cells that stand behind others, the box at which their edges begin and end."""
    unlinked: frozenset[str] = frozenset()
    """The letters of cells whose outgoing edges are not drawn."""
    grids: Mapping[str, Box] = field(default_factory=dict)
    """By letter, the box of an array in rows and columns; the slider of the chosen entry stands
    over it."""
    passing: frozenset[tuple[str, str]] = frozenset()
    """(tail, head) letters of the edges that pass a column."""
    corners: frozenset[tuple[str, str]] = frozenset()
    """Pairs of letters; an edge that passes a column meets the first one's cells near their upper
    corner, where it has room."""
    counts_in_lines: bool = False  # whether the texts at `counts` have two lines
    measures: Measures = SLIDE


@dataclass(frozen=True)
class View:
    """How a picture is shown."""

    entry: str = ""  # the selected one
    theme: Theme = "light"
    focus: bool = False
    """Whether only the edges that touch the selected entry are drawn, with their amounts, while all
    others recede."""
    hidden: bool = False  # whether gradients are hidden because the user is predicting them


def around(chosen: str, names: Sequence[str], most: int) -> Sequence[str]:
    """At most `most` of these names: those around the chosen one."""
    first = max(0, min(names.index(chosen) - most // 2, len(names) - most))
    return names[first : first + most]


def halves(box: Box, gap: float) -> tuple[Box, Box]:
    """The upper half of a box, for the values, and the lower half, for the gradients."""
    left, top, width, height = box
    half = (height - gap) / 2
    return (left, top, width, half), (left, top + half + gap, width, half)


def finished(drawings: Sequence[Drawing], layout: Layout, palette: Palette) -> dict[str, Any]:
    """The figure, {"data": …, "layout": …}: the drawings in order, and all their texts on top.

    Plotly spends time on every trace, annotation and text, even an unchanged one. So all texts are
    merged into two traces: the texts that never change (with the headings), which are drawn once,
    and all others. Hints, if there are any, have a third trace of their own.
    """
    texts = [drawing for drawing in drawings if drawing.get("mode") == "text"]
    still = [drawing for drawing in texts if drawing.get("meta") == STILL]
    hints = [drawing for drawing in texts if drawing.get("meta") == HINT]
    moving = [drawing for drawing in texts if drawing.get("meta") not in (STILL, HINT)]
    return {
        "data": [
            *(drawing for drawing in drawings if drawing.get("mode") != "text"),
            {**_together([*_headings(layout, palette), *still]), "meta": STILL},
            _together(moving),
            *([{**_together(hints), "meta": HINT}] if hints else []),
        ],
        "layout": _axes(layout, palette),
    }


@lru_cache(maxsize=256)
def _headings(layout: Layout, palette: Palette) -> tuple[Drawing, ...]:
    headings, measures = layout.headings, layout.measures
    (title, formula), line = measures.heading, LINE * measures.note
    texts = [fitted(heading.title, heading.room, measures) for heading in headings]
    over, under = list[Point](), list[Point]()
    for heading, (text, size) in zip(headings, texts, strict=True):
        (x, y), lower = heading.at, _lower(text, measures)
        over.append((max(x, text_width(text, size) / 2), y + lower))
        half = line / 2 if "<br>" in heading.formula else 0.0
        under.append((x, y + formula - title + 2 * lower + half))
    formulas = [heading.formula and f"<i>{heading.formula}</i>" for heading in headings]
    return (
        text_trace(over, [text for text, _ in texts], [size for _, size in texts], palette.ink),
        text_trace(under, formulas, measures.note, palette.muted),
    )


def reaching(heading: Heading, measures: Measures) -> float:
    """The level of the lower end of a heading over a column, as drawn."""
    text, _ = fitted(heading.title, heading.room, measures)
    _, formula = measures.heading
    # A browser spaces lines further apart than LINE, and brackets reach below their line.
    more = (LINE + BRACKET) * measures.note * heading.formula.count("<br>")
    return formula + 2 * _lower(text, measures) + LINE * measures.note / 2 + more


def _lower(title: str, measures: Measures) -> float:
    """How much lower the middle of a title is than the middle of a one-line title."""
    return LOWER * measures.least if "<br>" in title else 0.0


def fitted(title: str, room: float | None, measures: Measures) -> tuple[str, int]:
    """A title and its size: the largest that fits; the smallest, in two lines, if none fits."""
    whole = title and f"<b>{title}</b>"
    for size in range(measures.title, measures.least - 1, -1):
        if room is None or text_width(whole, size) <= room:
            return whole, size
    return in_two_lines(title), measures.least


def in_two_lines(title: str) -> str:
    """A title broken into two lines such that the wider line is as short as possible."""
    words = title.split(" ")
    lines = (" ".join(words[:at]) + "<br>" + " ".join(words[at:]) for at in range(1, len(words)))
    return f"<b>{min(lines, key=lambda it: text_width(it, 1), default=title)}</b>"


def _together(texts: Sequence[Drawing]) -> Drawing:
    """One trace of all these texts, without the empty ones."""
    columns: list[list[Any]] = [[] for _ in range(6)]
    x, y, said, places, sizes, colours = columns
    for each in texts:
        words, font = each["text"], each["textfont"]
        place = each.get("textposition", "middle center")
        own = (each["x"], each["y"], words, place, font["size"], font["color"])
        whole = all(words)
        for column, value in zip(columns, own, strict=True):
            values = value if isinstance(value, list) else [value] * len(words)
            column += values if whole else compress(values, words)
    drawn = text_trace([], said, sizes, colours)
    return {**drawn, "x": x, "y": y, "textposition": places, "visible": bool(said)}


def _axes(layout: Layout, palette: Palette) -> dict[str, Any]:
    """Plotly's layout: fixed, invisible axes in pixels."""
    fixed = {"visible": False, "fixedrange": True, "zeroline": False, "showgrid": False}
    return {
        "width": layout.width,
        "height": layout.height,
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0, "pad": 0},
        "paper_bgcolor": palette.paper,
        "plot_bgcolor": palette.paper,
        "xaxis": {**fixed, "range": [0, layout.width]},
        "yaxis": {**fixed, "range": [layout.height, 0]},
        "barmode": "overlay",
        "showlegend": False,
        "hovermode": False,
        "dragmode": False,
        "font": {"family": FONT, "color": palette.ink},
    }

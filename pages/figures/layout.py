"""Where things lie on a picture, how large they are, and the last step of every figure.

All that changes with the state is in the traces; the layout is the same for every state of a theme.
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
"""Of a cell, where a slider stands: under is right beneath, below beneath something else; chosen
under all of a column, for the chosen one of its cells alone."""

LINE: Final = 1.15
"""How high a line is, of the size of its text."""
BRACKET: Final = 0.3
"""Of the size of its text, how far a formula's second line reaches beyond two lines."""
LOWER: Final = 0.36
"""How much lower the middle of a title in two lines is, of the size of its text."""


@dataclass(frozen=True, eq=False)
class Measures:
    """How large a picture of a pass is, and all that is on it, in its pixels.

    left: where the first column begins, right of its sliders; with something beside the columns
    left_beside. sent: what stays free right of the outputs for sliders of what is sent into them.
    cell: of a cell where there is room; it is narrow, or flat, below narrow and flat, and then at
    least narrowest wide, or flat_width where that fits. pitch, gap: from one row to the next at
    most, and between two cells. edges: from one column to the next, at least; short where cells
    would be narrow otherwise. heading: the levels of a title and of the formula beneath it. top:
    where cells begin without parameters above them. grid: how wide cells of parameters are in rows
    and columns, at least and where there is room; (0, 0) where these stand in one row. least: of
    the sizes of text, below which nothing goes. inside: what stays free in a cell beside its texts.
    in_line: of a column in whose cells all texts may stand in one line, at least. stacked: whether
    a reason stands under its zero. line: how thick lines are, and how large arrowheads, where on a
    slide they are 1.
    """

    width: float = 1600.0
    height: float = 670.0
    left: float = 254.0
    left_beside: float = 226.0
    margin: float = 10.0
    sent: float = 284.0
    cell: tuple[float, float] = (222.0, 88.0)
    narrow: float = 180.0
    narrowest: float = 126.0
    flat: float = 52.0
    flat_width: float = 340.0
    pitch: float = 100.0
    gap: float = 13.0
    edges: float = 120.0
    short: float = 74.0
    heading: tuple[float, float] = (22.0, 55.0)
    top: float = 90.0
    value: int = VALUE_SIZE
    flat_value: int = 27
    gradient: int = GRADIENT_SIZE
    title: int = HEADING_SIZE
    count: int = COUNT_SIZE
    note: int = NOTE_SIZE
    least: int = 25
    inside: float = 4.0
    in_line: float = 0.0
    grid: tuple[float, float] = (0.0, 0.0)
    stacked: bool = False
    line: float = 1.0


SLIDE: Final = Measures()
"""Of a page on a projector, and of a slide."""
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
"""Of a page with many layers."""
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
"""Of a page on a phone, where a pixel of the picture is one of the screen; flat is a finger's."""


@dataclass(frozen=True)
class Heading:
    """What stands over a column: the middle of its first line, a title and a formula.

    room: how wide it may be, None for as wide as it is.
    """

    at: Point
    title: str
    formula: str
    room: float | None = None


@dataclass(frozen=True, eq=False)
class Layout:
    """Where everything lies on a picture of this size.

    maps: by letter the boxes of the values and of the gradients of an array that is a heat map.
    counts: where it is said how many of a letter's gradients are nonzero; counts_in_lines: whether
    in two. above: the letters of cells that stand over the edges out of them, or under them, and
    from where to where these begin, at the cells' lower or upper border. padding: by letter the
    places of what a window reads beyond an array's ends. columns: by letter what is drawn around
    all of its entries. sent: where a slider of what is sent into an output stands; chosen: its
    level under all outputs. down: whether operations go from top to bottom; above is then left,
    where parameters stand, or right. reach: of cells that stand behind others, what their edges
    begin and end at. unlinked: the letters of cells that no edges are drawn out of. grids: by
    letter all of an array in rows and columns, over which the slider of the chosen entry stands.
    passing: the letters at either end of edges that pass a column. corners: two letters where such
    an edge ends near the upper corner of the first one's cells, as between these it has room.
    """

    width: float
    height: float
    boxes: Mapping[str, Box] = field(default_factory=dict)
    headings: Sequence[Heading] = ()
    counts: Mapping[str, Point] = field(default_factory=dict)
    above: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    maps: Mapping[str, tuple[Box, Box]] = field(default_factory=dict)
    columns: Mapping[str, Box] = field(default_factory=dict)
    padding: Mapping[str, Sequence[Box]] = field(default_factory=dict)
    sent: Side = "below"
    chosen: float = 0.0
    down: bool = False
    reach: Mapping[str, Box] = field(default_factory=dict)
    unlinked: frozenset[str] = frozenset()
    grids: Mapping[str, Box] = field(default_factory=dict)
    passing: frozenset[tuple[str, str]] = frozenset()
    corners: frozenset[tuple[str, str]] = frozenset()
    counts_in_lines: bool = False
    measures: Measures = SLIDE


@dataclass(frozen=True)
class View:
    """How to look at it: the entry that is selected, the theme.

    focus: only the edges that touch the selected entry are drawn with their amounts, all others
    recede. hidden: whether the gradients are not to be seen, because somebody predicts them.
    """

    entry: str = ""
    theme: Theme = "light"
    focus: bool = False
    hidden: bool = False


def around(chosen: str, names: Sequence[str], most: int) -> Sequence[str]:
    """So many of these names at most, those around the chosen one."""
    first = max(0, min(names.index(chosen) - most // 2, len(names) - most))
    return names[first : first + most]


def halves(box: Box, gap: float) -> tuple[Box, Box]:
    """The upper half, for the values, and the lower one, for the gradients."""
    left, top, width, height = box
    half = (height - gap) / 2
    return (left, top, width, half), (left, top + half + gap, width, half)


def finished(drawings: Sequence[Drawing], layout: Layout, palette: Palette) -> dict[str, Any]:
    """The figure, {"data": …, "layout": …}: the drawings in order, and over them all their texts.

    Plotly takes its time for each trace, each annotation and each text, also for those without
    anything new: so all texts are two traces: those that stay as they are, the headings among them,
    which can be drawn once; and all others. Only hints have a trace of their own, where there are
    any.
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
        under.append((x, y + formula - title + 2 * lower + line / 2 * ("<br>" in heading.formula)))
    formulas = [heading.formula and f"<i>{heading.formula}</i>" for heading in headings]
    return (
        text_trace(over, [text for text, _ in texts], [size for _, size in texts], palette.ink),
        text_trace(under, formulas, measures.note, palette.muted),
    )


def reaching(heading: Heading, measures: Measures) -> float:
    """How far down a heading over a column reaches, as it is drawn."""
    text, _ = fitted(heading.title, heading.room, measures)
    _, formula = measures.heading
    # A browser's lines are further apart than LINE, and brackets go below theirs.
    more = (LINE + BRACKET) * measures.note * heading.formula.count("<br>")
    return formula + 2 * _lower(text, measures) + LINE * measures.note / 2 + more


def _lower(title: str, measures: Measures) -> float:
    """How much lower the middle of a title is than that of one in one line."""
    return LOWER * measures.least * ("<br>" in title)


def fitted(title: str, room: float | None, measures: Measures) -> tuple[str, int]:
    """A title in the largest size in which it has room; in two lines where it has in none."""
    whole = title and f"<b>{title}</b>"
    for size in range(measures.title, measures.least - 1, -1):
        if room is None or text_width(whole, size) <= room:
            return whole, size
    return in_two_lines(title), measures.least


def in_two_lines(title: str) -> str:
    """A title in those two lines of which the wider one is least wide."""
    words = title.split(" ")
    lines = (" ".join(words[:at]) + "<br>" + " ".join(words[at:]) for at in range(1, len(words)))
    return f"<b>{min(lines, key=lambda it: text_width(it, 1), default=title)}</b>"


def _together(texts: Sequence[Drawing]) -> Drawing:
    """One trace of all these texts, without those that say nothing."""
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
    """Fixed axes in pixels, and nothing else."""
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

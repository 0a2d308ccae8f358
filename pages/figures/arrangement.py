"""Where things lie on a picture, and what every picture is made of.

Coordinates are pixels of the picture, y downwards. All that changes with the state is in the
traces; the layout is the same for every state of a theme.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from pages.figures.theme import FONT, NOTE_SIZE, Palette, Theme

Drawing: TypeAlias = dict[str, Any]
Point: TypeAlias = tuple[float, float]
Box: TypeAlias = tuple[float, float, float, float]
"""left, top, width, height"""

STILL: Final = "still"
"""The meta of a trace of texts that are the same for every state of this arrangement."""

HINT: Final = "hint"
"""The meta of a trace of texts that say what a hand can do here: a slide goes without them."""

CELL: Final = (190.0, 82.0)
"""A cell's width and height, where there is room."""


@dataclass(frozen=True)
class Heading:
    """What stands over a column: the middle of its first line, a title and a formula."""

    at: Point
    title: str
    formula: str


@dataclass(frozen=True)
class Arrangement:
    """Where everything lies on a picture of this size.

    counts: where it is said how many of a letter's gradients are nonzero. above: the letters of
    cells that stand over the ways out of them, or under them, so that those begin at their lower
    or upper edge.
    """

    width: float
    height: float
    boxes: Mapping[str, Box]
    headings: Sequence[Heading]
    counts: Mapping[str, Point]
    above: Collection[str] = ""


@dataclass(frozen=True)
class View:
    """How to look at it: the entry that is selected, the theme.

    focus: only the ways that touch the selected entry are drawn with their amounts, all others
    recede. hidden: whether the gradients are not to be seen, because somebody predicts them.
    """

    entry: str = ""
    theme: Theme = "light"
    focus: bool = False
    hidden: bool = False


def column(
    letter: str, centre: float, middles: Sequence[float], cell: tuple[float, float] = CELL
) -> dict[str, Box]:
    """The boxes of a column of cells, h1, h2, … downwards, by their middles."""
    width, height = cell
    return {
        f"{letter}{row}": (centre - width / 2, middle - height / 2, width, height)
        for row, middle in enumerate(middles, 1)
    }


def marks(
    at: Sequence[Point], symbols: Sequence[str], texts: Sequence[str], palette: Palette
) -> Drawing:
    """Symbols with a few words above them, on the ways."""
    marker = {
        "symbol": list(symbols),
        "size": 20,
        "color": palette.paper,
        "line": {"width": 3.5, "color": palette.muted},
    }
    return points_trace(at, marker) | {
        "mode": "markers+text",
        "text": list(texts),
        "textposition": "top center",
        "textfont": {"family": FONT, "size": NOTE_SIZE, "color": palette.muted},
        "cliponaxis": False,
    }


def points_trace(at: Sequence[Point], marker: Mapping[str, Any]) -> Drawing:
    """Symbols, as Plotly's `marker` describes them."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [x for x, _ in at],
        "y": [y for _, y in at],
        "marker": dict(marker),
        "hoverinfo": "skip",
    }


def boxes_trace(boxes: Iterable[Box], marker: Mapping[str, Any]) -> Drawing:
    """Boxes, filled and bordered as Plotly's `marker` describes it."""
    boxes = list(boxes)
    return {
        "type": "bar",
        "x": [left + width / 2 for left, _, width, _ in boxes],
        "base": [top for _, top, _, _ in boxes],
        "y": [height for *_, height in boxes],
        "width": [width for _, _, width, _ in boxes],
        "hoverinfo": "skip",
        "marker": dict(marker),
    }


def text_trace(
    at: Sequence[Point],
    text: Sequence[str],
    size: int | list[int],
    colour: str | list[str],
    place: str | Sequence[str] = "",
    *,
    still: bool = False,
) -> Drawing:
    """Texts, each in the middle of its point, or where Plotly's textposition puts it.

    still: whether it stays the same while anything moves.
    """
    drawn: Drawing = {
        "type": "scatter",
        "mode": "text",
        "x": [x for x, _ in at],
        "y": [y for _, y in at],
        "text": list(text),
        "textfont": {"family": FONT, "size": size, "color": colour},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }
    if place:
        drawn["textposition"] = place
    return {**drawn, "meta": STILL} if still else drawn


def line_trace(
    points: Sequence[Point | None], width: float, colour: str, dash: str = "solid"
) -> Drawing:
    """A line through the points, broken at each None."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [point and point[0] for point in points],
        "y": [point and point[1] for point in points],
        "line": {"width": width, "color": colour, "dash": dash},
        "hoverinfo": "skip",
    }


def plain_layout(arrangement: Arrangement, palette: Palette) -> dict[str, Any]:
    """Fixed axes in pixels, and nothing else."""
    fixed = {"visible": False, "fixedrange": True, "zeroline": False, "showgrid": False}
    return {
        "width": arrangement.width,
        "height": arrangement.height,
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0, "pad": 0},
        "paper_bgcolor": palette.paper,
        "plot_bgcolor": palette.paper,
        "xaxis": {**fixed, "range": [0, arrangement.width]},
        "yaxis": {**fixed, "range": [arrangement.height, 0]},
        "barmode": "overlay",
        "showlegend": False,
        "hovermode": False,
        "dragmode": False,
        "font": {"family": FONT, "color": palette.ink},
    }

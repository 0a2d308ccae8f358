"""The building blocks of every picture, as Plotly traces: boxes, lines, symbols and texts.

Coordinates are pixels of the picture, with y pointing down. An empty trace is made invisible,
because Plotly spends time on every visible trace, even an unchanged one.
"""

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import lru_cache
from html import unescape
from typing import Any, Final, TypeAlias
from unicodedata import east_asian_width

from pages.figures.theme import FONT, Palette

Drawing: TypeAlias = dict[str, Any]
Point: TypeAlias = tuple[float, float]  # (x, y), y downwards
Box: TypeAlias = tuple[float, float, float, float]  # (left, top, width, height)

STILL: Final = "still"  # the `meta` of a trace that is the same for every state of a layout

ROUNDED: Final = "rounded"
"""The `meta` of a trace that shows rounding errors, which differ between processors."""

HINT: Final = "hint"  # the `meta` of a trace of texts on how to use the page; slides omit them


_WIDTHS: Final = {
    each: width
    for width, signs in {
        0.25: "'ijl",
        0.32: " ,./:;I|f·‚⁽⁾",
        0.37: "!()[]-`rt₁₂₃₄₅₆₇₈₉₀⁰¹²³⁴⁵⁶⁷⁸⁹",
        0.54: 'cksvxyz"*J∂ε⁻',
        0.74: "CDHNRUwAB&EKPSVXY",
        0.8: "+−=<>×±≠≤≥≈~^#GOQ✓✗∗",
        0.92: "mMW%½⅓⅔¼⅕⅙⅚⅐⅛⅑⅒",
        1.02: "@→←…—■",
    }.items()
    for each in signs
}
"""The width of a character in units of its size: the wider of Arial and DejaVu Sans Condensed."""
_SQUARE: Final = 1.02  # the width of a Chinese or Japanese character, or an emoji
_OTHER: Final = 0.6
_BOLD: Final = 1.12
_TAG: Final = re.compile(r"</?[a-z][^<>]*>")


@lru_cache(maxsize=4096)  # a sweep writes the same few texts thousands of times
def text_width(text: str, size: float) -> float:
    """The approximate width of a text's widest line; <b>, <i> and <br> are understood."""
    bold = _BOLD if "<b>" in text else 1.0
    lines = [unescape(_TAG.sub("", line)) for line in text.split("<br>")]
    return size * bold * max(sum(map(_width_of, line)) for line in lines)


def _width_of(sign: str) -> float:
    return _WIDTHS.get(sign) or (_SQUARE if east_asian_width(sign) in "FW" else _OTHER)


def fitting(texts: Iterable[str], size: float, room: float) -> str:
    """The first of these texts that fits into the room; the last one if none fits."""
    text = ""
    for text in texts:
        if text_width(text, size) <= room:
            break
    return text


def outline(box: Box) -> list[Point]:
    """The border of a box as a closed line of corners."""
    left, top, width, height = box
    right, bottom = left + width, top + height
    return [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]


def brief(x: float, y: float) -> Point:
    """A point rounded to 0.1 pixel, with whole numbers as int: 12 is shorter to send than 12.0."""
    x, y = round(x, 1), round(y, 1)
    return int(x) if x == int(x) else x, int(y) if y == int(y) else y


@lru_cache(maxsize=4096)  # texts of equal length on the same edges have the same boxes
def corners(box: Box) -> list[Point]:
    """The border of a box as a closed line of corners, rounded by `brief`."""
    return [brief(*corner) for corner in outline(box)]


def outlines(boxes: Iterable[Box]) -> list[Point | None]:
    """The borders of boxes, as points for `line_trace`."""
    return [point for box in boxes for point in (*outline(box), None)]


def middle_of(box: Box) -> Point:
    """The middle of a box."""
    left, top, width, height = box
    return left + width / 2, top + height / 2


def grown(box: Box, by: float) -> Box:
    """A box enlarged by this much on each side."""
    left, top, width, height = box
    return left - by, top - by, width + 2 * by, height + 2 * by


def turned(box: Box) -> Box:
    """A box with its horizontal and vertical axes swapped."""
    left, top, width, height = box
    return top, left, height, width


def points_trace(at: Sequence[Point], marker: Mapping[str, Any]) -> Drawing:
    """Symbols, as Plotly's `marker` describes them."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [x for x, _ in at],
        "y": [y for _, y in at],
        "marker": dict(marker),
        "hoverinfo": "skip",
        "visible": bool(at),
    }


def dots(
    at: Sequence[Point], size: float, fill: str, line: str, symbol: str | Sequence[str] = "circle"
) -> Drawing:
    """Symbols of one size, fill and border."""
    border = {"width": 2.5, "color": line}
    return points_trace(at, {"symbol": symbol, "size": size, "color": fill, "line": border})


def smaller(drawing: Drawing, factor: float, at: Point, least: int) -> Drawing:
    """A drawing scaled by a factor, its origin moved to `at`; no text gets below the least size."""
    across, down = at
    drawn = {
        **drawing,
        "x": [x if x is None else round(across + factor * x, 1) for x in drawing["x"]],
        "y": [y if y is None else round(down + factor * y, 1) for y in drawing["y"]],
    }
    if "textfont" in drawing:
        size = max(least, round(factor * drawing["textfont"]["size"]))
        drawn["textfont"] = {**drawing["textfont"], "size": size}
    if "marker" in drawing:
        marker = drawing["marker"]
        line = {**marker["line"], "width": factor * marker["line"]["width"]}
        drawn["marker"] = {**marker, "size": factor * marker["size"], "line": line}
    if "line" in drawing:
        drawn["line"] = {**drawing["line"], "width": factor * drawing["line"]["width"]}
    return drawn


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
        "visible": bool(boxes),
    }


def choices_trace(
    boxes: Mapping[str, Box], chosen: Container[str], widths: tuple[float, float], palette: Palette
) -> Drawing:
    """The boxes of named choices; widths: of the border of a chosen one, and of any other."""
    looks = [
        (palette.accent, widths[0]) if it in chosen else (palette.line, widths[1]) for it in boxes
    ]
    line = {"color": [colour for colour, _ in looks], "width": [width for _, width in looks]}
    return boxes_trace(boxes.values(), {"color": palette.fill_zero, "line": line})


def text_trace(
    at: Sequence[Point],
    text: Sequence[str],
    size: int | list[int],
    colour: str | list[str],
    place: str | Sequence[str] = "",
    *,
    still: bool = False,
) -> Drawing:
    """Texts, each centred on its point, or where Plotly's textposition puts it.

    still: whether the texts are the same in every state of the layout.
    """
    drawn: Drawing = {
        "type": "scatter",
        "mode": "text",
        "x": [x for x, _ in at],
        "y": [y for _, y in at],
        "text": list(text),
        "textfont": {"family": FONT, "size": size, "color": colour},
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
        "visible": bool(points),
    }


def area_trace(points: Sequence[Point | None], colour: str, fill: str, width: float = 0) -> Drawing:
    """Filled and outlined areas with the points as corners; None ends one area."""
    return {**line_trace(points, width, colour), "fill": "toself", "fillcolor": fill}

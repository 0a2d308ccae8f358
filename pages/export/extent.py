"""Estimate the area that a figure's traces cover, in its own pixels, without drawing it.

This also tells how much larger its texts may be while its cells stay the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pages.figures.primitives import Box, text_width

Floats = NDArray[np.float64]

LINE: Final = 1.3  # the distance between two lines of a text, in units of its size
BORDER: Final = 6  # the pixels around all that is drawn: lines are at most twice as thick
ACROSS: Final = 0.95  # a line over this share of the picture's width counts as one over all of it
TEXT_GAP: Final = 2.0
"""The pixels that stay free between two texts, and between a text and its cell's border."""


class Text(NamedTuple):
    """A text of a figure."""

    trace: int  # the index of its trace
    position: int  # its index in that trace
    x: float
    y: float
    size: float
    box: Box


def texts(figure: Mapping[str, Any]) -> Iterator[Text]:
    """Every visible text of the figure's traces that is not empty, with its approximate box."""
    for number, trace in enumerate(figure["data"]):
        if "text" not in trace.get("mode", "") or trace.get("visible") is False:
            continue
        count, font = len(trace["x"]), trace["textfont"]
        places = _each(trace.get("textposition", "middle center"), count)
        sizes = _each(font["size"], count)
        points = zip(trace["x"], trace["y"], _each(trace["text"], count), strict=True)
        for position, (x, y, said) in enumerate(points):
            if said.strip() and x is not None and y is not None:
                size, marker = sizes[position], trace.get("marker", {}).get("size", 0)
                beside = marker / 2 if "markers" in trace["mode"] else 0
                box = _box(x, y, said, size, places[position], beside)
                yield Text(number, position, x, y, size, box)


def _box(x: float, y: float, said: str, size: float, place: str, beside: float) -> Box:
    width, height = text_width(said, size), size * LINE * (said.count("<br>") + 1)
    vertical, _, horizontal = place.partition(" ")
    left = {"left": x - width - beside, "right": x + beside}.get(horizontal, x - width / 2)
    top = {"top": y - height - beside, "bottom": y + beside}.get(vertical, y - height / 2)
    return left, top, width, height


def _each(value: Any, count: int) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value] * count


def extent(figure: Mapping[str, Any], cells: Sequence[Box]) -> Box:
    """The box around everything drawn on a figure, cut off at the figure's edges.

    cells: the boxes of what can be chosen on it.
    """
    width, height = figure["layout"]["width"], figure["layout"]["height"]
    boxes = [*cells, *(text.box for text in texts(figure))]
    for trace in figure["data"]:
        if trace.get("visible") is not False:
            boxes += _drawn(trace, width)
    left = max(0.0, min(box[0] for box in boxes) - BORDER)
    top = max(0.0, min(box[1] for box in boxes) - BORDER)
    right = min(width, max(box[0] + box[2] for box in boxes) + BORDER)
    bottom = min(height, max(box[1] + box[3] for box in boxes) + BORDER)
    return left, top, right - left, bottom - top


def _drawn(trace: Mapping[str, Any], across: float) -> Iterator[Box]:
    """The boxes of what a trace draws, except its texts; across: the width of the picture."""
    if trace["type"] == "bar":
        for x, base, height, width in zip(
            trace["x"], trace["base"], trace["y"], trace["width"], strict=True
        ):
            yield x - width / 2, base, width, height
    elif trace["type"] == "scatter" and trace.get("mode") != "text":
        points = zip(trace["x"], trace["y"], strict=True)
        there = [(x, y, 0.0, 0.0) for x, y in points if x is not None and y is not None]
        # Lines from one side to the other only divide the picture, and are cut off with it.
        whole = {x for x, *_ in there}
        if len(whole) != 2 or max(whole) - min(whole) < ACROSS * across:
            yield from there


def growths(figure: Mapping[str, Any], cells: Sequence[Box], factor: float) -> dict[float, float]:
    """By text size, how many times as large all texts of that size may become.

    This is the factor or, if less, the most at which no text overlaps another, leaves the cell that
    it stands in, or reaches another cell. A larger text does not become smaller than a smaller one.
    """
    found = [*texts(figure)]
    if factor <= 1 or not found:
        return {text.size: factor for text in found}
    points = np.array([(text.x, text.y) for text in found])
    boxes = np.array([text.box for text in found])
    low = points - boxes[:, :2] + TEXT_GAP / 2
    high = boxes[:, :2] + boxes[:, 2:] - points + TEXT_GAP / 2
    room = np.minimum(_beside_others(points, low, high), _in_cells(points, low, high, cells))
    allowed = np.clip(room, 1.0, factor)
    sizes = np.array([text.size for text in found])
    growth: dict[float, float] = {}
    largest = np.inf
    for size in sorted({text.size for text in found}, reverse=True):
        largest = min(largest, size * float(allowed[sizes == size].min()))
        growth[size] = largest / size
    return growth


def with_fonts(
    traces: Sequence[Mapping[str, Any]], growth: Mapping[float, float], factor: float
) -> list[dict[str, Any]]:
    """A figure's traces with enlarged texts; the factor is for the sizes not in `growth`."""
    scaled = []
    for trace in traces:
        if font := trace.get("textfont"):
            sizes = [size * growth.get(size, factor) for size in _each(font["size"], 1)]
            size = sizes if isinstance(font["size"], list) else sizes[0]
            trace = {**trace, "textfont": {**font, "size": size}}
        scaled.append({**trace})
    return scaled


def _beside_others(points: Floats, low: Floats, high: Floats) -> Floats:
    """For each text, its growth until it meets another that grows as much; low, high: its reach."""
    # Each edge moves away from its text's point; two edges meet when the gap is used up. It is
    # enough that texts are apart in one direction, horizontally or vertically.
    gaps = points[None, :] - points[:, None]
    reach = high[:, None] + low[None, :]
    ahead = np.where(gaps > 0, gaps / reach, 0.0)
    until = np.maximum(ahead, ahead.transpose(1, 0, 2)).max(axis=2)
    np.fill_diagonal(until, np.inf)
    return np.asarray(until.min(axis=1))


def _in_cells(points: Floats, low: Floats, high: Floats, cells: Sequence[Box]) -> Floats:
    """For each text, its growth until it leaves the cell that it stands in, or reaches another."""
    room = np.full(len(points), np.inf)
    for left, top, width, height in cells:
        first, last = np.array((left, top)), np.array((left + width, top + height))
        inside = ((first < points) & (points < last)).all(axis=1)
        leaves = np.minimum((points - first) / low, (last - points) / high).min(axis=1)
        reaches = np.maximum((first - points) / high, (points - last) / low).max(axis=1)
        room = np.minimum(room, np.where(inside, leaves, reaches))
    return room

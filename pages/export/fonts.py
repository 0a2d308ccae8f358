"""Larger or smaller type in a figure whose cells stay as they are: as far as there is room."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pages.export.extent import texts
from pages.figures.arrangement import Box

Floats = NDArray[np.float64]

NEAR: Final = 2.0
"""Pixels that stay free between two texts, and between a text and the border of its cell."""
_FONTS: Final = ("font", "tickfont", "titlefont")


def growths(figure: Mapping[str, Any], cells: Sequence[Box], factor: float) -> dict[float, float]:
    """By the size of a text: how many times as large all texts of that size may be.

    That is the factor, or the most at which no text lies on another, leaves the cell that it stands
    in or reaches one that it does not stand in. What was larger stays larger.
    """
    found = [*texts(figure)]
    if factor <= 1 or not found:
        return {text.size: factor for text in found}
    points = np.array([(text.x, text.y) for text in found])
    boxes = np.array([text.box for text in found])
    low = points - boxes[:, :2] + NEAR / 2
    high = boxes[:, :2] + boxes[:, 2:] - points + NEAR / 2
    room = np.minimum(_beside_others(points, low, high), _in_cells(points, low, high, cells))
    allowed = np.clip(room, 1.0, factor)
    sizes = np.array([text.size for text in found])
    growth: dict[float, float] = {}
    largest = np.inf
    for size in sorted({text.size for text in found}, reverse=True):
        largest = min(largest, size * float(allowed[sizes == size].min()))
        growth[size] = largest / size
    return growth


def with_fonts(figure: Mapping[str, Any], growth: Mapping[float, float], factor: float) -> Any:
    """The figure with its texts as much larger; the factor is for those of no size in `growth`."""
    return {
        "data": [_scaled_trace(trace, growth, factor) for trace in figure["data"]],
        "layout": _scaled_layout(figure["layout"], factor),
    }


def _beside_others(points: Floats, low: Floats, high: Floats) -> Floats:
    """For each text the most, before it meets another that grows as much; low, high: its reach."""
    # Each edge moves away from its text's point; two meet where the gap is used up. Apart across
    # or apart down is enough.
    gaps = points[None, :] - points[:, None]
    reach = high[:, None] + low[None, :]
    ahead = np.where(gaps > 0, gaps / reach, 0.0)
    until = np.maximum(ahead, ahead.transpose(1, 0, 2)).max(axis=2)
    np.fill_diagonal(until, np.inf)
    return np.asarray(until.min(axis=1))


def _in_cells(points: Floats, low: Floats, high: Floats, cells: Sequence[Box]) -> Floats:
    """For each text the most, before it leaves the cell that it stands in, or reaches another."""
    room = np.full(len(points), np.inf)
    for left, top, width, height in cells:
        first, last = np.array((left, top)), np.array((left + width, top + height))
        inside = ((first < points) & (points < last)).all(axis=1)
        leaves = np.minimum((points - first) / low, (last - points) / high).min(axis=1)
        reaches = np.maximum((first - points) / high, (points - last) / low).max(axis=1)
        room = np.minimum(room, np.where(inside, leaves, reaches))
    return room


def _scaled_trace(
    trace: Mapping[str, Any], growth: Mapping[float, float], factor: float
) -> dict[str, Any]:
    font = trace.get("textfont")
    if not font or "size" not in font:
        return dict(trace)
    size = font["size"]
    if isinstance(size, Sequence):
        scaled: Any = [each * growth.get(each, factor) for each in size]
    else:
        scaled = size * growth.get(size, factor)
    return {**trace, "textfont": {**font, "size": scaled}}


def _scaled_layout(layout: Any, factor: float) -> Any:
    """All fonts of a layout but its title's, which is fitted to its line."""
    if isinstance(layout, list):
        return [_scaled_layout(each, factor) for each in layout]
    if not isinstance(layout, dict):
        return layout
    return {
        key: {**value, "size": value["size"] * factor}
        if key in _FONTS and isinstance(value, dict) and "size" in value
        else value
        if key == "title" and "xanchor" in value
        else _scaled_layout(value, factor)
        for key, value in layout.items()
    }

"""How much room a figure's traces take, in its own pixels, without drawing it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from pages.figures.primitives import Box, text_width

LINE: Final = 1.3
"""From one line of a text to the next, of its size."""
BORDER: Final = 6
"""Pixels around all that is drawn: lines are as thick as twice that at most."""
ACROSS: Final = 0.95
"""A line that goes over so much of the picture's width goes over all of it."""


class Text(NamedTuple):
    """A text of a figure: its trace's number, its own in it, its point, its size, its box."""

    trace: int
    position: int
    x: float
    y: float
    size: float
    box: Box


def texts(figure: Mapping[str, Any]) -> Iterator[Text]:
    """Every text of the figure's traces that says something, and about where it stands."""
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
    """The box around all that is drawn of a figure, as far as it lies on the figure.

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
    """The boxes of what a trace draws, its texts apart; across: how wide the picture is."""
    if trace["type"] == "bar":
        for x, base, height, width in zip(
            trace["x"], trace["base"], trace["y"], trace["width"], strict=True
        ):
            yield x - width / 2, base, width, height
    elif trace["type"] == "scatter" and trace.get("mode") != "text":
        points = zip(trace["x"], trace["y"], strict=True)
        there = [(x, y, 0.0, 0.0) for x, y in points if x is not None and y is not None]
        # Lines from one side to the other part the picture, and are cut with it.
        whole = {x for x, *_ in there}
        if len(whole) != 2 or max(whole) - min(whole) < ACROSS * across:
            yield from there

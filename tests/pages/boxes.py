"""Checks for every picture, whatever it shows."""

from collections.abc import Mapping
from copy import deepcopy
from itertools import combinations
from typing import Any

import plotly.graph_objects as go

from pages.figures.layout import Layout
from pages.figures.primitives import Box


def assert_well_arranged(layout: Layout) -> None:
    """Assert that no cells overlap, and that all lie in the picture, which fits a projector."""
    assert layout.width <= 1600, "fewer columns have room"
    assert layout.height <= 670, "fewer entries in a column have room"
    for left, top, width, height in layout.boxes.values():
        assert 0 <= left < left + width <= layout.width
        assert 0 <= top < top + height <= layout.height
    for (name, box), (other, other_box) in combinations(layout.boxes.items(), 2):
        assert apart(box, other_box), (name, other)
    for x, y in (*(each.at for each in layout.headings), *layout.counts.values()):
        assert 0 < x < layout.width
        assert 0 < y < layout.height


def assert_drawable(figure: Mapping[str, Any]) -> None:
    """Assert that a figure has only properties that Plotly knows."""
    # A copy, as Plotly removes the types from what it is given, and pictures share parts.
    go.Figure(deepcopy(dict(figure)))


def apart(one: Box, other: Box) -> bool:
    """Whether two boxes share no point."""
    return any(
        low + extent < other_low or other_low + other_extent < low
        for low, extent, other_low, other_extent in (
            (one[0], one[2], other[0], other[2]),
            (one[1], one[3], other[1], other[3]),
        )
    )

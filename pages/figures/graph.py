"""Cells and the ways between them: values forward, gradients flowing back."""

from collections.abc import Sequence
from typing import Any

from engine import Gate
from pages.figures.arrangement import (
    Arrangement,
    Box,
    Drawing,
    Point,
    View,
    marks,
)
from pages.figures.cells import cell_boxes, cell_texts, counts
from pages.figures.finish import finished
from pages.figures.info import GraphInfo
from pages.figures.theme import PALETTES, Palette
from pages.figures.ways import amounts, faint, flow, parted, thin


def graph_figure(
    info: GraphInfo, arrangement: Arrangement, view: View, extra: Sequence[Drawing] = ()
) -> dict[str, Any]:
    """The figure, {"data": …, "layout": …}; extra traces lie over the ways and under the text."""
    palette = PALETTES[view.theme]
    strong, receding = parted(info, view)
    return finished(
        [
            cell_boxes(info, arrangement, view.entry, palette),
            *([faint(receding, arrangement, palette)] if view.focus else []),
            thin(strong, arrangement, palette, "gradient"),
            thin(strong, arrangement, palette, "value"),
            flow(strong, arrangement, palette, +1),
            flow(strong, arrangement, palette, -1),
            _gates(info, arrangement, palette),
            *extra,
            *(amounts(strong, arrangement, palette, view.entry) if view.focus else []),
            *cell_texts(info, arrangement, palette),
            counts(info, arrangement, palette),
        ],
        arrangement,
        palette,
    )


def _gates(info: GraphInfo, arrangement: Arrangement, palette: Palette) -> Drawing:
    """A closed gate or a kink, drawn on the way itself, whether or not a gradient arrives there."""
    shown = [gate for gate in info.gates if gate.gate is not Gate.OPEN]
    return marks(
        [_halfway(arrangement.boxes[gate.tail], arrangement.boxes[gate.head]) for gate in shown],
        ["x-thin" if gate.gate is Gate.CLOSED else "diamond" for gate in shown],
        ["gate closed" if gate.gate is Gate.CLOSED else "kink" for gate in shown],
        palette,
    )


def _halfway(tail: Box, head: Box) -> Point:
    right, left = tail[0] + tail[2], head[0]
    return (right + left) / 2, (tail[1] + tail[3] / 2 + head[1] + head[3] / 2) / 2

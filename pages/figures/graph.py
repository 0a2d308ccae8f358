"""Cells and the ways between them: values forward, gradients flowing back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine import Gate
from engine.arrays import Array
from pages.figures.arrangement import (
    Arrangement,
    Box,
    Drawing,
    Point,
    View,
    line_trace,
    marks,
)
from pages.figures.cells import cell_boxes, cell_texts, counts
from pages.figures.finish import finished
from pages.figures.heat_maps import Colouring, heat_map
from pages.figures.info import Cell, GraphInfo
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


@dataclass(frozen=True)
class ArrayMap:
    """An array as two heat maps: its cells, row by row, and the boxes of values and gradients."""

    cells: Sequence[Cell]
    columns: int
    values: Box
    gradients: Box

    @property
    def boxes(self) -> dict[str, Box]:
        """Where each entry can be chosen: its gradient's cell."""
        left, top, width, height = self.gradients
        wide, tall = width / self.columns, height / (len(self.cells) // self.columns)
        return {
            cell.entry: (left + wide * column, top + tall * row, wide, tall)
            for at, cell in enumerate(self.cells)
            for row, column in [divmod(at, self.columns)]
        }


def apart(info: GraphInfo, maps: Mapping[str, tuple[Box, Box]]) -> tuple[GraphInfo, list[ArrayMap]]:
    """What is drawn as cells, and what as heat maps; the ways to these are too many to draw."""
    if not maps:
        return info, []
    mapped = {entry for entry, cell in info.cells.items() if cell.letter in maps}
    left = replace(
        info,
        cells={entry: cell for entry, cell in info.cells.items() if entry not in mapped},
        edges=tuple(each for each in info.edges if not mapped & {each.tail, each.head}),
        gates=tuple(each for each in info.gates if not mapped & {each.tail, each.head}),
    )
    found = []
    for letter, boxes in maps.items():
        cells = [cell for cell in info.cells.values() if cell.letter == letter]
        found.append(ArrayMap(cells, 1 + max(cell.index[-1] for cell in cells), *boxes))
    return left, found


def map_drawings(maps: Sequence[ArrayMap], view: View) -> list[Drawing]:
    """The heat maps, each with a frame, and a border around the chosen entry."""
    palette = PALETTES[view.theme]
    drawn: list[Drawing] = []
    frames: list[Point | None] = []
    chosen: list[Point | None] = []
    for each in maps:
        shape = (-1, each.columns)
        known = each.cells[0].known
        values = np.reshape([cell.value * (known != "nothing") for cell in each.cells], shape)
        grads = np.reshape([cell.grad * (known == "gradient") for cell in each.cells], shape)
        drawn += [
            _heat(values, each.values, "values", view),
            _heat(grads, each.gradients, "gradients", view),
        ]
        frames += [*_outline(each.values), *_outline(each.gradients)]
        if view.entry in each.boxes:
            chosen += _outline(each.boxes[view.entry])
    return [
        *drawn,
        *([line_trace(frames, 1.5, palette.line)] if maps else []),
        *([line_trace(chosen, 4, palette.accent)] if chosen else []),
    ]


def _heat(array: Array, box: Box, colouring: Colouring, view: View) -> Drawing:
    top = float(np.abs(array).max()) or 1.0
    return heat_map(array, box, top, view.theme, colouring, pale=False)


def _outline(box: Box) -> list[Point | None]:
    left, top, width, height = box
    right, bottom = left + width, top + height
    return [(left, top), (right, top), (right, bottom), (left, bottom), (left, top), None]


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

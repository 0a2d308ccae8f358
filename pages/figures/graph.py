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
    plain_layout,
    text_trace,
)
from pages.figures.info import Cell, GraphInfo
from pages.figures.theme import (
    COUNT_SIZE,
    GRADIENT_SIZE,
    NOTE_SIZE,
    PALETTES,
    VALUE_SIZE,
    Palette,
)
from pages.figures.ways import flow, thin
from pages.figures.words import number, signed


def graph_figure(
    info: GraphInfo, arrangement: Arrangement, view: View, extra: Sequence[Drawing] = ()
) -> dict[str, Any]:
    """The figure, {"data": …, "layout": …}; extra traces lie over the ways and under the text."""
    palette = PALETTES[view.theme]
    return {
        "data": [
            _cells(info, arrangement, view.entry, palette),
            thin(info, arrangement, palette, "gradient"),
            thin(info, arrangement, palette, "value"),
            flow(info, arrangement, palette, +1),
            flow(info, arrangement, palette, -1),
            _gates(info, arrangement, palette),
            *extra,
            *_texts(info, arrangement, palette),
        ],
        "layout": plain_layout(arrangement, palette),
    }


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


def _cells(info: GraphInfo, arrangement: Arrangement, selected: str, palette: Palette) -> Drawing:
    cells = list(info.cells.values())
    boxes = [arrangement.boxes[cell.entry] for cell in cells]
    return {
        "type": "bar",
        "x": [left + width / 2 for left, _, width, _ in boxes],
        "base": [top for _, top, _, _ in boxes],
        "y": [height for *_, height in boxes],
        "width": [width for _, _, width, _ in boxes],
        "hoverinfo": "skip",
        "marker": {
            "color": [
                palette.fill(cell.grad) if cell.known == "gradient" else palette.fill_unknown
                for cell in cells
            ],
            "pattern": {
                "shape": ["/" if cell.known == "nothing" else "" for cell in cells],
                "fillmode": "overlay",
                "bgcolor": palette.fill_unknown,
                "fgcolor": palette.hatch,
                "size": 12,
                "solidity": 0.25,
            },
            "line": {
                "color": [_border(cell, selected, palette) for cell in cells],
                "width": [_border_width(cell, selected) for cell in cells],
            },
        },
    }


def _border(cell: Cell, selected: str, palette: Palette) -> str:
    if cell.entry == selected:
        return palette.accent
    return palette.sign(cell.grad if cell.known == "gradient" else 0)


def _border_width(cell: Cell, selected: str) -> float:
    if cell.entry == selected:
        return 5
    return 3 if cell.known == "gradient" and cell.grad else 1.5


def _texts(info: GraphInfo, arrangement: Arrangement, palette: Palette) -> list[Drawing]:
    """Each cell's name, value and gradient, and the counts: one trace for each, as they change."""
    cells = list(info.cells.values())
    boxes = [arrangement.boxes[cell.entry] for cell in cells]
    middles = [left + width / 2 for left, _, width, _ in boxes]
    gradients = [_gradient_text(cell, palette) for cell in cells]
    return [
        text_trace(
            [(left + 22, top + 17) for left, top, *_ in boxes],
            [f"<i>{cell.label}</i>" for cell in cells],
            NOTE_SIZE,
            palette.muted,
        ),
        text_trace(
            [(x, box[1] + 0.33 * box[3]) for x, box in zip(middles, boxes, strict=True)],
            ["" if cell.known == "nothing" else f"<b>{number(cell.value)}</b>" for cell in cells],
            VALUE_SIZE,
            palette.ink,
        ),
        text_trace(
            [(x, box[1] + 0.74 * box[3]) for x, box in zip(middles, boxes, strict=True)],
            [text for text, _ in gradients],
            GRADIENT_SIZE,
            [colour for _, colour in gradients],
        ),
        text_trace(
            [(left + width - 22, top + 17) for left, top, width, _ in boxes],
            ["" if mark is None else f"<b>{mark}</b>" for mark in map(_mark, cells)],
            GRADIENT_SIZE,
            palette.ink,
        ),
        text_trace(
            list(arrangement.counts.values()),
            [
                f"<b>{count[0]} of {count[1]}</b> nonzero" if count else ""
                for count in (info.counts[letter] for letter in arrangement.counts)
            ],
            COUNT_SIZE,
            palette.ink,
        ),
    ]


def _mark(cell: Cell) -> str | None:
    """For a guess that has been answered: right or wrong."""
    if cell.guess is None or cell.known != "gradient":
        return None
    return "✓" if cell.right else "✗"


def _gradient_text(cell: Cell, palette: Palette) -> tuple[str, str]:
    if cell.known == "nothing":
        return "", palette.muted
    if cell.known == "value":
        if cell.guess is None:
            return "∂ not yet", palette.muted
        return ("<b>∂ ≠ 0 ?</b>", palette.ink) if cell.guess else ("∂ = 0 ?", palette.muted)
    if cell.grad:
        return f"<b>∂ {signed(cell.grad)}</b>", palette.text(cell.grad)
    return f"∂ 0 · {cell.reason}" if cell.reason else "∂ 0", palette.muted

"""The picture of the lab's block: x, a, h, z from left to right, the gradient flowing back.

Coordinates are pixels of the picture, y downwards. All that changes with the state is in the
traces; the layout is the same for every state of a theme.
"""

from dataclasses import dataclass
from math import hypot
from typing import Any, Final

from engine import Gate
from pages.figures.block_info import BlockInfo, Cell, Edge
from pages.figures.theme import (
    COUNT_SIZE,
    FONT,
    GRADIENT_SIZE,
    HEADING_SIZE,
    NOTE_SIZE,
    PALETTES,
    VALUE_SIZE,
    Palette,
    Theme,
)
from pages.figures.words import number, signed

WIDTH: Final = 1600
HEIGHT: Final = 672
CELL: Final = (190, 82)
"""A cell's width and height."""
ROW_PITCH: Final = 95
FIRST_ROW: Final = 184
CENTRE: Final = {"x": 385, "w": 585, "a": 785, "h": 1125, "z": 1495}
"""The middle of each column; left of x there is room for its sliders."""
W_CENTRE_Y: Final = 94
COUNT_Y: Final = 648
DASH: Final = 20
GAP: Final = 9
"""The dashes of a negative edge, and the gaps between them."""
HEADINGS: Final = {
    "x": ("input", "x"),
    "a": ("Conv", "a = w · x"),
    "h": ("ReLU", "h = max(0, a)"),
    "z": ("Max pool", "z = max(h)"),
}
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class View:
    """How to look at it: the entry that is selected, the theme."""

    entry: str = ""
    theme: Theme = "light"


def block_graph(info: BlockInfo, view: View) -> dict[str, Any]:
    """The figure, {"data": …, "layout": …}, of what is shown of a block's trace."""
    palette = PALETTES[view.theme]
    rows = max(cell.row for cell in info.cells.values()) + 1
    return {
        "data": [
            _cells(info, view.entry, palette, rows),
            _thin(info, palette, rows, "gradient", "dot"),
            _thin(info, palette, rows, "value", "solid"),
            _flow(info, palette, rows, +1),
            _flow(info, palette, rows, -1),
            _gates(info, palette, rows),
            _names(info, palette, rows),
            _values(info, palette, rows),
            _gradients(info, palette, rows),
            _counts(info, palette),
        ],
        "layout": _layout(palette),
    }


def boxes(rows: int) -> dict[str, Box]:
    """Where each cell lies, by entry: (left, top, width, height)."""
    named = {f"{column}{row + 1}": _box(column, row, rows) for column in "xah" for row in range(rows)}
    return named | {"z": _box("z", 0, rows), "w": _box("w", 0, rows)}


def _box(column: str, row: int, rows: int) -> Box:
    width, height = CELL
    middle = FIRST_ROW + row * ROW_PITCH
    if column == "z":
        middle = FIRST_ROW + (rows - 1) * ROW_PITCH / 2
    elif column == "w":
        middle = W_CENTRE_Y
    return CENTRE[column] - width / 2, middle - height / 2, width, height


def _cells(info: BlockInfo, selected: str, palette: Palette, rows: int) -> dict[str, Any]:
    cells = list(info.cells.values())
    places = [_box(cell.column, cell.row, rows) for cell in cells]
    return {
        "type": "bar",
        "x": [left + width / 2 for left, _, width, _ in places],
        "base": [top for _, top, _, _ in places],
        "y": [height for _, _, _, height in places],
        "width": [width for _, _, width, _ in places],
        "hoverinfo": "skip",
        "marker": {
            "color": [_fill(cell, palette) for cell in cells],
            "pattern": {
                "shape": ["/" if cell.known == "nothing" else "" for cell in cells],
                "fillmode": "overlay",
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


def _fill(cell: Cell, palette: Palette) -> str:
    if cell.known == "gradient":
        return palette.fill(cell.grad)
    return palette.fill_unknown


def _border(cell: Cell, selected: str, palette: Palette) -> str:
    if cell.entry == selected:
        return palette.accent
    return palette.sign(cell.grad if cell.known == "gradient" else 0)


def _border_width(cell: Cell, selected: str) -> float:
    if cell.entry == selected:
        return 5
    return 3 if cell.known == "gradient" and cell.grad else 1.5


def _ends(edge: Edge, info: BlockInfo, rows: int) -> tuple[float, float, float, float]:
    """(x, y) of the head, where the gradient comes from, and of the tail, where it goes to."""
    tail, head = info.cells[edge.tail], info.cells[edge.head]
    left, top, width, height = _box(tail.column, tail.row, rows)
    head_left, head_top, _, head_height = _box(head.column, head.row, rows)
    start = (head_left, head_top + head_height / 2)
    if tail.column == "w":
        # Spread along the bottom of w, the lowest row to the left: the ways do not cross.
        return (*start, left + width * (0.85 - 0.7 * head.row / max(rows - 1, 1)), top + height)
    return (*start, left + width, top + height / 2)


def _thin(
    info: BlockInfo, palette: Palette, rows: int, known: str, dash: str
) -> dict[str, Any]:
    """The ways without a gradient: dotted; those that only the forward pass has gone: a plain line."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    for edge in info.edges:
        if edge.known == known and not (known == "gradient" and edge.amount):
            from_x, from_y, to_x, to_y = _ends(edge, info, rows)
            xs += [from_x, to_x, None]
            ys += [from_y, to_y, None]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": xs,
        "y": ys,
        "hoverinfo": "skip",
        "line": {"color": palette.line, "width": 2.5 if dash == "dot" else 1.5, "dash": dash},
    }


def _flow(info: BlockInfo, palette: Palette, rows: int, sign: int) -> dict[str, Any]:
    """The ways with a gradient of one sign: arrows, backwards, as filled shapes of their own width.

    A negative one is broken into dashes, so that the sign is not told by colour alone.
    """
    xs: list[float | None] = []
    ys: list[float | None] = []
    largest = max((abs(edge.amount) for edge in info.edges), default=1.0) or 1.0
    for edge in info.edges:
        if edge.known == "gradient" and edge.amount * sign > 0:
            width = 3 + 7 * min(1.0, abs(edge.amount) / max(largest, 4.0))
            for shape in _arrow(*_ends(edge, info, rows), width, dashed=sign < 0):
                xs += [x for x, _ in shape] + [None]
                ys += [y for _, y in shape] + [None]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": xs,
        "y": ys,
        "fill": "toself",
        "fillcolor": palette.sign(sign),
        "line": {"width": 0, "color": palette.sign(sign)},
        "hoverinfo": "skip",
    }


def _arrow(
    from_x: float, from_y: float, to_x: float, to_y: float, width: float, *, dashed: bool
) -> list[list[tuple[float, float]]]:
    """An arrow as closed shapes: its head, and its shaft in one piece or in dashes."""
    length = hypot(to_x - from_x, to_y - from_y)
    along = ((to_x - from_x) / length, (to_y - from_y) / length)
    half, head_half = width / 2, 6 + width
    neck = length - 12 - 1.2 * width

    def at(distance: float, aside: float) -> tuple[float, float]:
        return (
            round(from_x + along[0] * distance - along[1] * aside, 1),
            round(from_y + along[1] * distance + along[0] * aside, 1),
        )

    head = [at(neck, half), at(neck, head_half), at(length, 0), at(neck, -head_half)]
    if not dashed:
        return [[at(0, half), *head, at(neck, -half), at(0, -half)]]
    starts = range(0, int(neck), DASH + GAP)
    ends = [min(start + DASH, neck) for start in starts]
    return [
        head,
        *(
            [at(start, half), at(end, half), at(end, -half), at(start, -half)]
            for start, end in zip(starts, ends, strict=True)
        ),
    ]


def _gates(info: BlockInfo, palette: Palette, rows: int) -> dict[str, Any]:
    """A closed gate or a kink, drawn on the way from a to h itself."""
    shown = [(row, gate) for row, gate in info.gates.items() if gate is not Gate.OPEN]
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": [(CENTRE["a"] + CENTRE["h"]) / 2] * len(shown),
        "y": [FIRST_ROW + row * ROW_PITCH for row, _ in shown],
        "text": ["gate closed" if gate is Gate.CLOSED else "kink" for _, gate in shown],
        "textposition": "top center",
        "textfont": {"family": FONT, "size": NOTE_SIZE, "color": palette.muted},
        "marker": {
            "symbol": ["x-thin" if gate is Gate.CLOSED else "diamond" for _, gate in shown],
            "size": 20,
            "color": palette.paper,
            "line": {"width": 3.5, "color": palette.muted},
        },
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def _names(info: BlockInfo, palette: Palette, rows: int) -> dict[str, Any]:
    """Each cell's name, in its corner."""
    corners = [_box(cell.column, cell.row, rows) for cell in info.cells.values()]
    return _text_trace(
        [left + 22 for left, *_ in corners],
        [top + 17 for _, top, *_ in corners],
        [f"<i>{cell.label}</i>" for cell in info.cells.values()],
        NOTE_SIZE,
        palette.muted,
    )


def _values(info: BlockInfo, palette: Palette, rows: int) -> dict[str, Any]:
    """Each cell's value, as far as it is known."""
    places = [_box(cell.column, cell.row, rows) for cell in info.cells.values()]
    return _text_trace(
        [left + width / 2 for left, _, width, _ in places],
        [top + 0.33 * height for _, top, _, height in places],
        [
            "" if cell.known == "nothing" else f"<b>{number(cell.value)}</b>"
            for cell in info.cells.values()
        ],
        VALUE_SIZE,
        palette.ink,
    )


def _gradients(info: BlockInfo, palette: Palette, rows: int) -> dict[str, Any]:
    """Beneath the value its gradient; under a zero the reason."""
    places = [_box(cell.column, cell.row, rows) for cell in info.cells.values()]
    texts = [_gradient_text(cell, palette) for cell in info.cells.values()]
    return _text_trace(
        [left + width / 2 for left, _, width, _ in places],
        [top + 0.74 * height for _, top, _, height in places],
        [text for text, _ in texts],
        GRADIENT_SIZE,
        [colour for _, colour in texts],
    )


def _counts(info: BlockInfo, palette: Palette) -> dict[str, Any]:
    """Under every column: how many are nonzero."""
    return _text_trace(
        [CENTRE[column] for column in info.counts],
        [COUNT_Y] * len(info.counts),
        [
            f"<b>{count[0]} of {count[1]}</b> nonzero" if count else ""
            for count in info.counts.values()
        ],
        COUNT_SIZE,
        palette.ink,
    )


def _text_trace(
    x: list[float], y: list[float], text: list[str], size: int, colour: str | list[str]
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "text",
        "x": x,
        "y": y,
        "text": text,
        "textfont": {"family": FONT, "size": size, "color": colour},
        "hoverinfo": "skip",
    }


def _gradient_text(cell: Cell, palette: Palette) -> tuple[str, str]:
    if cell.known == "nothing":
        return "", palette.muted
    if cell.known == "value":
        return "∂ not yet", palette.muted
    if cell.grad:
        return f"<b>∂ {signed(cell.grad)}</b>", palette.text(cell.grad)
    return f"∂ 0 · {cell.reason}" if cell.reason else "∂ 0", palette.muted


def _layout(palette: Palette) -> dict[str, Any]:
    fixed = {"visible": False, "fixedrange": True, "zeroline": False, "showgrid": False}
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0, "pad": 0},
        "paper_bgcolor": palette.paper,
        "plot_bgcolor": palette.paper,
        "xaxis": {**fixed, "range": [0, WIDTH]},
        "yaxis": {**fixed, "range": [HEIGHT, 0]},
        "barmode": "overlay",
        "showlegend": False,
        "hovermode": False,
        "dragmode": False,
        "font": {"family": FONT, "color": palette.ink},
        "annotations": [
            *(
                _annotation(CENTRE[column], y, text, size, colour)
                for column, (title, formula) in HEADINGS.items()
                for y, text, size, colour in (
                    (34, f"<b>{title}</b>", HEADING_SIZE, palette.ink),
                    (68, f"<i>{formula}</i>", NOTE_SIZE, palette.muted),
                )
            ),
        ],
    }


def _annotation(x: float, y: float, text: str, size: int, colour: str) -> dict[str, Any]:
    return {
        "x": x,
        "y": y,
        "text": text,
        "showarrow": False,
        "font": {"size": size, "color": colour, "family": FONT},
    }

"""The cells of a picture, and what is written in them."""

from typing import Final, NamedTuple

from pages.figures.arrangement import (
    STILL,
    Arrangement,
    Box,
    Drawing,
    Point,
    boxes_trace,
    text_trace,
)
from pages.figures.info import Cell, GraphInfo
from pages.figures.theme import COUNT_SIZE, GRADIENT_SIZE, NOTE_SIZE, VALUE_SIZE, Palette
from pages.figures.words import number, signed

FLAT: Final = 50
"""A cell less high than this has its texts beside each other, and smaller."""
NARROW: Final = 170
"""In a cell less wide than this all texts are smaller."""
FLAT_VALUE_SIZE: Final = 22
LINE: Final = 1.15
"""How high a line of text is, of its size."""


class _Slots(NamedTuple):
    """Where the texts of a cell stand, by their middles, and the size of the two large ones."""

    label: Point
    value: Point
    gradient: Point
    mark: Point
    value_size: int
    gradient_size: int
    label_size: int = NOTE_SIZE


def _slots(box: Box) -> _Slots:
    left, top, width, height = box
    middle = left + width / 2
    if height >= FLAT:
        narrow = min(1.0, width / NARROW)
        beside = middle + 0.5 * (1 - narrow) * width  # the name has its room
        value_size = min(VALUE_SIZE, round(narrow * 0.42 * height))
        gradient_size = min(round(narrow * GRADIENT_SIZE), round(0.36 * height))
        value_line, gradient_line = LINE * value_size, LINE * gradient_size
        gap = (height - value_line - gradient_line) / 3
        return _Slots(
            (left + 22, top + min(17, 0.28 * height)),
            (beside, top + gap + value_line / 2),
            (middle, top + height - gap - gradient_line / 2),
            (left + width - 22, top + 17),
            value_size,
            gradient_size,
            round(narrow * NOTE_SIZE),
        )
    level = top + height / 2
    return _Slots(
        (left + 25, level),
        (left + 0.32 * width, level),
        (left + 0.66 * width, level),
        (left + width - 11, level),
        min(FLAT_VALUE_SIZE, round(0.85 * height)),
        min(NOTE_SIZE, round(0.85 * height)),
    )


def cell_boxes(
    info: GraphInfo, arrangement: Arrangement, selected: str, palette: Palette
) -> Drawing:
    """The cells themselves, filled and bordered by the sign of their gradient."""
    cells = list(info.cells.values())
    boxes = [arrangement.boxes[cell.entry] for cell in cells]
    return boxes_trace(
        boxes,
        {
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
    )


def _border(cell: Cell, selected: str, palette: Palette) -> str:
    if cell.entry == selected:
        return palette.accent
    return palette.sign(cell.grad if cell.known == "gradient" else 0)


def _border_width(cell: Cell, selected: str) -> float:
    if cell.entry == selected:
        return 5
    return 3 if cell.known == "gradient" and cell.grad else 1.5


def cell_texts(info: GraphInfo, arrangement: Arrangement, palette: Palette) -> list[Drawing]:
    """Each cell's name, value, gradient and mark: one trace for each, as they change apart."""
    cells = list(info.cells.values())
    slots = [_slots(arrangement.boxes[cell.entry]) for cell in cells]
    gradients = [_gradient_text(cell, palette) for cell in cells]
    sizes = [slot.label_size for slot in slots]
    return [
        {
            **text_trace(
                [slot.label for slot in slots],
                [f"<i>{cell.label}</i>" for cell in cells],
                sizes if {*sizes} - {NOTE_SIZE} else NOTE_SIZE,
                palette.muted,
            ),
            "meta": STILL,
        },
        text_trace(
            [slot.value for slot in slots],
            ["" if cell.known == "nothing" else f"<b>{number(cell.value)}</b>" for cell in cells],
            [slot.value_size for slot in slots],
            palette.ink,
        ),
        text_trace(
            [slot.gradient for slot in slots],
            [text for text, _ in gradients],
            [slot.gradient_size for slot in slots],
            [colour for _, colour in gradients],
        ),
        text_trace(
            [slot.mark for slot in slots],
            ["" if mark is None else f"<b>{mark}</b>" for mark in map(_mark, cells)],
            GRADIENT_SIZE,
            palette.ink,
        ),
    ]


def counts(info: GraphInfo, arrangement: Arrangement, palette: Palette) -> Drawing:
    """Under every column: how many of its gradients are nonzero."""
    return text_trace(
        list(arrangement.counts.values()),
        [
            f"<b>{count[0]} of {count[1]}</b> nonzero" if count else ""
            for count in (info.counts[letter] for letter in arrangement.counts)
        ],
        COUNT_SIZE,
        palette.ink,
    )


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

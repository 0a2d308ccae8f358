"""The picture of the lab's block: x, a, h, z from left to right, the gradient flowing back."""

from typing import Final

from pages.figures.arrangement import CELL, Arrangement, Box, Heading, column

ROW_PITCH: Final = 95
FIRST_ROW: Final = 184
CENTRE: Final = {"x": 385, "a": 785, "h": 1125, "z": 1495}
"""The middle of each column; left of x there is room for its sliders."""
W_CENTRE: Final = (585, 94)
HEADINGS: Final = {
    "x": ("input", "x"),
    "a": ("Conv", "a = w · x"),
    "h": ("ReLU", "h = max(0, a)"),
    "z": ("Max pool", "z = max(h)"),
}


def block_arrangement(rows: int) -> Arrangement:
    """Where everything lies for x of this length."""
    middles = [_row_middle(row) for row in range(rows)]
    boxes = {
        entry: box
        for letter in "xah"
        for entry, box in column(letter, CENTRE[letter], middles).items()
    }
    boxes["z"] = _around(CENTRE["z"], _row_middle((rows - 1) / 2))
    boxes["w"] = _around(*W_CENTRE)
    bottom = _row_middle(rows - 1) + CELL[1] / 2
    return Arrangement(
        width=1600,
        height=bottom + 67,
        boxes=boxes,
        headings=[Heading((CENTRE[letter], 34), *said) for letter, said in HEADINGS.items()],
        counts={letter: (x, bottom + 43) for letter, x in CENTRE.items()},
        above="w",
    )


def _row_middle(row: float) -> float:
    return FIRST_ROW + row * ROW_PITCH


def _around(x: float, y: float) -> Box:
    width, height = CELL
    return x - width / 2, y - height / 2, width, height

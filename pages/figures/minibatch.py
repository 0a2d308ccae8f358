"""The picture of a minibatch on the lab's block: a band of rows an example, one w for all."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from pages.figures.arrangement import (
    Arrangement,
    Box,
    Drawing,
    Heading,
    Point,
    View,
    line_trace,
    text_trace,
)
from pages.figures.theme import COUNT_SIZE, GRADIENT_SIZE, PALETTES

CELL: Final = (170.0, 50.0)
CENTRE: Final = {"x": 291, "a": 915, "h": 1203, "z": 1485}
"""The middle of each column; left of x there is room for its sliders."""
ROW_PITCH: Final = 55
BAND_GAP: Final = 20
FIRST_ROW: Final = 131
SHARE: Final = (262.0, 38.0)
"""An example's own w: it fits between two ways from x to a."""
SHARE_RIGHT: Final = 800
SHARE_STEP: Final = 60
"""Each stands so much farther left than the one above, so that no way to w goes through another."""
W_BOX: Final = (375.0, 36.0, 190.0, 60.0)
TITLES: Final = {
    "x": ("input", "x"),
    "a": ("Conv", "a = w · x"),
    "h": ("ReLU", "h = max(0, a)"),
    "z": ("Max pool", "z = max(h)"),
}


@lru_cache
def batch_arrangement(examples: int, length: int) -> Arrangement:
    """Where everything lies for so many examples of so many entries."""
    boxes: dict[str, Box] = {"w": W_BOX}
    for n in range(examples):
        rows = [row_middle(n, i, length) for i in range(length)]
        for letter in "xah":
            boxes |= {
                f"{letter}{n + 1},{i + 1}": _around(CENTRE[letter], middle, CELL)
                for i, middle in enumerate(rows)
            }
        boxes[f"z{n + 1}"] = _around(CENTRE["z"], rows[length // 2], CELL)
        right = SHARE_RIGHT - SHARE_STEP * n
        between = (rows[0] + rows[1]) / 2
        boxes[f"share{n + 1}"] = _around(right - SHARE[0] / 2, between, SHARE)
    bottom = row_middle(examples - 1, length - 1, length) + CELL[1] / 2
    titles = [Heading((CENTRE[letter], 28), *said) for letter, said in TITLES.items()]
    return Arrangement(
        width=1600,
        height=bottom + 54,
        boxes=boxes,
        headings=[*titles, Heading((706, 28), "w, for each example", "one and the same")],
        counts={letter: (CENTRE[letter], bottom + 30) for letter in "xahz"},
        above="w",
    )


def row_middle(example: int, entry: int, length: int) -> float:
    """How far down an example's entry lies."""
    return FIRST_ROW + ROW_PITCH * (example * length + entry) + BAND_GAP * example


def bands(examples: int, length: int, total: str, view: View) -> list[Drawing]:
    """What keeps the examples apart, their names, and the sum of their shares."""
    palette = PALETTES[view.theme]
    lines: list[Point | None] = []
    for n in range(1, examples):
        between = row_middle(n, 0, length) - (ROW_PITCH + BAND_GAP) / 2
        lines += [(8, between), (1592, between), None]
    at = [(CENTRE["z"], row_middle(n, 0, length)) for n in range(examples)]
    names = [f"example {n + 1}" for n in range(examples)]
    return [
        line_trace(lines, 2, palette.hatch),
        text_trace(at, names, COUNT_SIZE, palette.ink),
        sum_line(total, row_middle(examples - 1, length - 1, length) + 55, palette.ink),
    ]


def sum_line(text: str, down: float, colour: str) -> Drawing:
    """The gradient of w as the sum of the shares, under the ways between x and a."""
    middle = (CENTRE["x"] + CENTRE["a"]) / 2
    return text_trace([(middle, down)], [f"<b>{text}</b>"], GRADIENT_SIZE, colour)


def _around(x: float, y: float, size: Sequence[float]) -> Box:
    width, height = size
    return x - width / 2, y - height / 2, width, height

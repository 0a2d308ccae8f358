"""The picture of a ReLU: a and h side by side, and right of them the curve that h lies on."""

from typing import Final

from pages.figures.arrangement import CELL, Arrangement, Heading, column

ROW_PITCH: Final = 95
FIRST_ROW: Final = 158
CENTRE: Final = {"a": 341, "h": 681}
"""The middle of each column; left of a and right of h there is room for sliders."""
HEADINGS: Final = (
    Heading((341, 34), "input", "a"),
    Heading((681, 34), "ReLU", "h = max(0, a)"),
    Heading((918, 34), "sent back", "dh = ∂L/∂h"),
    Heading((1330, 34), "The curve", "h, and its slope, for every a"),
)


def relu_arrangement(rows: int) -> Arrangement:
    """Where everything lies for so many entries."""
    middles = [FIRST_ROW + row * ROW_PITCH for row in range(rows)]
    bottom = middles[-1] + CELL[1] / 2
    return Arrangement(
        width=1600,
        height=bottom + 67,
        boxes=column("a", CENTRE["a"], middles) | column("h", CENTRE["h"], middles),
        headings=HEADINGS,
        counts={letter: (x, bottom + 43) for letter, x in CENTRE.items()},
    )

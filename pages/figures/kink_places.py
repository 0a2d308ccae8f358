"""Where things lie on the picture of a kink: the slice at the left, the brackets at the right."""

from dataclasses import dataclass
from typing import Final

from pages.figures.clip import Frame

WIDTH: Final = 1600.0
HEIGHT: Final = 740.0
FRAME: Final = Frame(84.0, 634.0, 92.0, 606.0)
"""The slice's."""
NAMES: Final = 654.0
"""Where the names of its lines begin; they end at the brackets."""
SLIDER: Final = 668.0
"""The middle of the slider beneath it, whose thumb stands under the point."""

ROWS: Final = (84.0, 470.0)
"""The brackets' rows, from where to where; the axis is beneath them."""
PITCH: Final = 64.0
"""The most from one row to the next."""
ROW_LABEL: Final = 850.0
ROW_SLIDER: Final = (948.0, 196.0)
"""The left end and the width of a slider."""
ROW_AXIS: Final = (1164.0, 1446.0)
ROW_SAID: Final = 1488.0
"""Where a bracket stands in numbers."""

LEGEND: Final = (850.0, 522.0)
"""The left end and the first line of the rules' legend; LEGEND_PITCH from one group to the next."""
LEGEND_PITCH: Final = 76.0
LEGEND_SIGNS: Final = 58
"""So many signs of a group's members fit beside the square, a line."""
SHARES: Final = (1464.0, 568.0, 114.0)
"""Left and top of the square, or of the box around the triangle, and its side."""


@dataclass(frozen=True)
class Scale:
    """From values to pixels along one axis, straight."""

    low: float
    high: float
    at_low: float
    at_high: float

    def __call__(self, value: float) -> float:
        """The pixel of a value, also beyond the ends."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.at_low + share * (self.at_high - self.at_low), 1)

    def inside(self, value: float) -> bool:
        """Whether a value lies between the ends."""
        return self.low <= value <= self.high

    def held(self, value: float) -> float:
        """The pixel of a value, or of the end that is nearest to it."""
        return self(min(self.high, max(self.low, value)))


def pitch(count: int) -> float:
    """From one of so many rows to the next."""
    top, bottom = ROWS
    return min(PITCH, (bottom - top) / count)


def row_middles(count: int) -> list[float]:
    """The middles of so many rows, from the top."""
    return [ROWS[0] + pitch(count) * (row + 0.5) for row in range(count)]

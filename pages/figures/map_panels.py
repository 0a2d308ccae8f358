"""Where maps lie on a picture."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from pages.figures.arrangement import Arrangement, Box, Point

Kind: TypeAlias = Literal["values", "gradients"]


@dataclass(frozen=True)
class Panel:
    """A map's place: the prefix of its cells' names, which of its numbers are there, its box."""

    prefix: str
    kind: Kind
    box: Box

    @property
    def name(self) -> str:
        """By which a grid finds its numbers: "a2, values"."""
        return f"{self.prefix} {self.kind}"

    @property
    def middle(self) -> float:
        """Across."""
        return self.box[0] + self.box[2] / 2


@dataclass(frozen=True)
class MapArrangement(Arrangement):
    """Maps instead of single cells.

    legend: the middle of what explains the colours. sliders: where the first begins, if any.
    """

    panels: tuple[Panel, ...] = ()
    legend: Point = (0.0, 0.0)
    sliders: Point = (0.0, 0.0)

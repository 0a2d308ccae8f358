"""What the picture of a kink shows, as plain data, before anything is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from pages.figures.words import number

Outcome: TypeAlias = Literal[
    "derivative", "subgradient", "not jointly", "composed", "nothing", "inside", "outside"
]


@dataclass(frozen=True)
class ClaimedSlope:
    """A slope that somebody claims at the present point.

    groups: the positions of those who do; central: whether a central difference says it too;
    stands_out: whether the chosen rule is one of them.
    """

    slope: float
    groups: tuple[int, ...]
    central: bool
    stands_out: bool


@dataclass(frozen=True)
class SliceInfo:
    """The output over one entry.

    entry: the plain name; label: x₁; function: z, or L where that is a sum over outputs. reach: the
    axis of the entry; movable: what of it the slider reaches. heights: the output's axis. at,
    values: the corners of the curve; kinks: those where the slope changes. point: where it is now.
    left, right: the slopes there. lines: the claims, from the steepest rise down.
    """

    entry: str
    label: str
    function: str
    reach: tuple[float, float]
    movable: tuple[float, float]
    heights: tuple[float, float]
    at: Sequence[float]
    values: Sequence[float]
    kinks: Sequence[tuple[float, float]]
    point: tuple[float, float]
    left: float
    right: float
    kinked: bool
    lines: Sequence[ClaimedSlope]


@dataclass(frozen=True)
class BracketRow:
    """The bracket of one entry, and each group's claim of it.

    outside: the groups whose claim the bracket does not hold and that is no subgradient; beside:
    those whose claim it does not hold though it is one, jointly.
    """

    entry: str
    label: str
    left: float
    right: float
    kinked: bool
    claims: tuple[float, ...]
    outside: frozenset[int]
    beside: frozenset[int]

    @property
    def interval(self) -> str:
        """[0, 1]: from the lower to the upper derivative."""
        return f"[{', '.join(map(number, sorted((self.left, self.right))))}]"


@dataclass(frozen=True)
class RuleGroup:
    """The rules that do the same at kinks: what they are called, who they are, what comes of it.

    stands_out: whether the chosen rule is one of them.
    """

    title: str
    members: str
    outcome: Outcome
    said: str
    stands_out: bool


@dataclass(frozen=True)
class Shares:
    """Two or three entries that tie for a maximum: what part of the gradient each group gives each.

    labels: h₁, h₃; of: what is shared out, z or z₂; parts: by group.
    """

    labels: tuple[str, ...]
    of: str
    parts: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class KinkInfo:
    """The whole picture. slopes: the axis of the brackets; left_out: entries without a row."""

    slice: SliceInfo
    rows: Sequence[BracketRow]
    slopes: tuple[float, float]
    groups: Sequence[RuleGroup]
    shares: Shares
    left_out: int

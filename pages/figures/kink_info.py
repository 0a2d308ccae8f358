"""What the picture of a kink shows, as plain data, and where its parts lie."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias

from pages.figures.axes import Frame
from pages.figures.primitives import Drawing, Point, points_trace
from pages.figures.theme import RULE_SYMBOLS, Palette
from pages.figures.words import DIGITS, is_on_grid, number

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

    entry: the plain name; label: x₁; function: L = z, what L is. reach: the axis of the entry.
    heights: the output's axis. at, values: the corners of the curve; kinks: those where the slope
    changes. point: where it is now. left, right: the slopes there. lines: the claims, from the
    steepest rise down.
    """

    entry: str
    label: str
    function: str
    reach: tuple[float, float]
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

    def interval(self, digits: int = DIGITS[0]) -> str:
        """[0, 1]: from the lower to the upper derivative; whole where sliders could have it."""
        sides = sorted((self.left, self.right))
        low, high = (number(side, DIGITS[0] if is_on_grid(side) else digits) for side in sides)
        return f"[{low}, {high}]"


@dataclass(frozen=True)
class RuleGroup:
    """The rules that do the same at kinks: what they are called, what comes of it.

    stands_out: whether the chosen rule is one of them.
    """

    title: str
    outcome: Outcome
    said: str
    stands_out: bool


@dataclass(frozen=True)
class Shares:
    """Two or three entries that tie for a maximum: what part of the gradient each group gives each.

    labels: h₁, h₃; parts: by group.
    """

    labels: tuple[str, ...]
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

    def row(self, entry: str) -> BracketRow:
        """That of an entry."""
        return next(row for row in self.rows if row.entry == entry)


_FRAME: Final = Frame(84.0, 590.0, 92.0, 566.0)


@dataclass(frozen=True, eq=False)
class KinkMeasures:
    """How large the picture is, and where its parts lie, in its pixels.

    note, title: the sizes of texts. titles: the level of what stands over each half. slopes: that
    of the line above the frame, which says the slopes to either side of the point; None without.
    frame: the slice's; slider: the middle of the slider beneath it. names: from where to where the
    names of its lines go, line: from one of their lines to the next. rows: the brackets' rows, from
    where to where, the axis is beneath them; pitch: the most from one to the next. label: where
    their labels begin, and how wide they are. row_slider: left end and width. axis: from where to
    where; interval: where a bracket stands in numbers. legend: the left end and the first line of
    the rules; legend_pitch from one to the next, at most. shares: left and top of the square, or of
    the box around the triangle, and its side; None without. mark: the size of a rule's mark.
    chips: on a phone, where the entries to choose from begin, and their height.
    """

    width: float = 1600.0
    height: float = 670.0
    note: int = 25
    title: int = 27
    titles: float = 22.0
    slopes: float | None = 60.0
    frame: Frame = _FRAME
    slider: float = 634.0
    names: tuple[float, float] = (610.0, 846.0)
    line: float = 32.0
    rows: tuple[float, float] = (52.0, 436.0)
    pitch: float = 64.0
    label: tuple[float, float] = (860.0, 112.0)
    row_slider: tuple[float, float] = (984.0, 186.0)
    axis: tuple[float, float] = (1192.0, 1434.0)
    interval: float = 1474.0
    legend: Point = (860.0, 512.0)
    legend_pitch: float = 50.0
    shares: tuple[float, float, float] | None = (1470.0, 530.0, 84.0)
    mark: float = 15.0
    chips: tuple[float, float] | None = None

    @property
    def gap(self) -> float:
        """From a mark to what stands beside it."""
        return self.mark + 4

    @property
    def smallest(self) -> float:
        """A mark is not smaller."""
        return self.mark - 2


PROJECTOR: Final = KinkMeasures()
PHONE: Final = KinkMeasures(
    width=374.0,
    height=338.0,
    note=12,
    title=13,
    titles=8.0,
    slopes=None,
    frame=Frame(30.0, 252.0, 20.0, 166.0),
    names=(262.0, 374.0),
    line=16.0,
    rows=(196.0, 226.0),
    pitch=30.0,
    label=(2.0, 56.0),
    axis=(78.0, 284.0),
    interval=312.0,
    legend=(4.0, 249.0),
    legend_pitch=16.0,
    shares=None,
    mark=9.0,
    chips=(293.0, 44.0),
)
"""The brackets are the chosen entry's alone."""


class Look(NamedTuple):
    """In which colours the picture is drawn, and how large."""

    palette: Palette
    m: KinkMeasures


def rule_marks(marks: Sequence[tuple[Point, int]], size: float, look: Look) -> Drawing:
    """The groups' marks at these points, each with its shape and its colour."""
    groups = [group for _, group in marks]
    return points_trace(
        [at for at, _ in marks],
        {
            "symbol": [RULE_SYMBOLS[group % len(RULE_SYMBOLS)] for group in groups],
            "size": size,
            "color": [look.palette.rule(group) for group in groups],
            "line": {"width": 1.5, "color": look.palette.paper},
        },
    )

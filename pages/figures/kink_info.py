"""The plain data that the picture of a kink shows, and where its parts lie."""

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
    """A slope that is claimed at the present point."""

    slope: float
    groups: tuple[int, ...]  # the indices of the groups of rules that claim it
    central: bool  # whether a central difference gives it too
    stands_out: bool  # whether the chosen rule claims it


@dataclass(frozen=True)
class SliceInfo:
    """The output as a function of one entry."""

    entry: str  # its plain name
    label: str  # its displayed name, like x₁
    function: str  # what L is, like L = z
    reach: tuple[float, float]  # the range of the entry's axis
    heights: tuple[float, float]  # the range of the output's axis
    at: Sequence[float]  # the entry's values at the corners of the curve
    values: Sequence[float]  # the output's values there
    kinks: Sequence[tuple[float, float]]  # the corners at which the slope changes
    point: tuple[float, float]  # the present point
    left: float  # the slope on the left of that point
    right: float  # the slope on the right of that point
    kinked: bool  # whether that point is at a kink
    lines: Sequence[ClaimedSlope]  # the claims, from the steepest rise down


@dataclass(frozen=True)
class BracketRow:
    """The bracket of one entry, and each group's claim about its derivative."""

    entry: str
    label: str
    left: float
    right: float
    kinked: bool
    claims: tuple[float, ...]
    outside: frozenset[int]
    """The groups whose claim lies outside the bracket and is no subgradient."""
    beside: frozenset[int]
    """The groups whose claim lies outside the bracket, though their claims for all entries jointly
    are a subgradient."""

    def interval(self, digits: int = DIGITS[0]) -> str:
        """[0, 1]: the lower and the upper derivative; all digits if it is on the sliders' grid."""
        sides = sorted((self.left, self.right))
        low, high = (number(side, DIGITS[0] if is_on_grid(side) else digits) for side in sides)
        return f"[{low}, {high}]"


@dataclass(frozen=True)
class RuleGroup:
    """The rules that behave alike at kinks."""

    title: str  # their name
    outcome: Outcome  # what comes of their claim
    said: str  # the outcome in words
    stands_out: bool  # whether the chosen rule is one of them


@dataclass(frozen=True)
class Shares:
    """The shares of the gradient that each group of rules gives to entries tied for a maximum."""

    labels: tuple[str, ...]  # of the two or three entries, like h₁, h₃
    parts: tuple[tuple[float, ...], ...]  # by group, a share for each entry


@dataclass(frozen=True)
class KinkInfo:
    """The whole picture."""

    slice: SliceInfo
    rows: Sequence[BracketRow]
    slopes: tuple[float, float]  # the range of the brackets' axis
    groups: Sequence[RuleGroup]
    shares: Shares
    left_out: int  # how many entries have no row

    def row(self, entry: str) -> BracketRow:
        """The row of an entry."""
        return next(row for row in self.rows if row.entry == entry)


_FRAME: Final = Frame(84.0, 590.0, 92.0, 566.0)


@dataclass(frozen=True, eq=False)
class KinkMeasures:
    """The size of the picture, and where its parts lie, in its pixels."""

    width: float = 1600.0
    height: float = 670.0
    note: int = 25  # a text size
    title: int = 27  # a text size
    titles: float = 22.0  # the level of the title over each half
    slopes: float | None = 60.0
    """The level of the line above the frame about the slopes on both sides of the point; None for
    no such line."""
    frame: Frame = _FRAME  # of the slice
    slider: float = 634.0  # the level of the slider beneath the slice
    names: tuple[float, float] = (610.0, 846.0)  # (left, right) of the names of the slice's lines
    line: float = 32.0  # the distance between two lines of these texts
    rows: tuple[float, float] = (52.0, 436.0)  # (top, bottom) of the brackets, above their axis
    pitch: float = 64.0  # the largest distance between rows
    label: tuple[float, float] = (860.0, 112.0)  # (left, width) of the rows' labels
    row_slider: tuple[float, float] = (984.0, 186.0)  # (left, width)
    axis: tuple[float, float] = (1192.0, 1434.0)  # (left, right)
    interval: float = 1474.0  # the left end of the brackets in numbers
    legend: Point = (860.0, 512.0)  # the start of the first line about the rules
    legend_pitch: float = 50.0  # the largest distance between these lines
    shares: tuple[float, float, float] | None = (1470.0, 530.0, 84.0)
    """(left, top, side) of the square or of the box around the triangle; None for neither."""
    mark: float = 15.0  # the size of a rule's mark
    chips: tuple[float, float] | None = None
    """(top, height) of the entries to choose from on a phone; None otherwise."""

    @property
    def gap(self) -> float:
        """The distance from a mark to what stands beside it."""
        return self.mark + 4

    @property
    def smallest(self) -> float:
        """The least size of a mark."""
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
"""On a phone there is only the chosen entry's bracket."""


class Look(NamedTuple):
    """The colours and the measures with which the picture is drawn."""

    palette: Palette
    m: KinkMeasures


def rule_marks(marks: Sequence[tuple[Point, int]], size: float, look: Look) -> Drawing:
    """Draw the groups' marks at these points, each with its shape and its colour."""
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

"""What the picture of a gradient check shows, as plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from engine.check.examination import Status
from engine.check.gradient import Verdict

DType: TypeAlias = Literal["float64", "float32"]
Kind: TypeAlias = Literal["central", "one-sided"]
DTYPES: Final[tuple[DType, ...]] = ("float32", "float64")
"""In the order in which they are drawn: the finer one on top."""
KINDS: Final[tuple[Kind, ...]] = ("central", "one-sided")

MARKS: Final[Mapping[Status, str]] = {
    "agrees": "✓",
    "closer": "✓",
    "rounded": "✓",
    "kink": "◆",
    "wrong": "✗",
}
SYMBOLS: Final[Mapping[Verdict, str]] = {"PASSED": "✓", "KINK": "◆", "FAILED": "✗"}


@dataclass(frozen=True)
class CheckRow:
    """One entry: its plain name and label, its value, what is claimed and what the differences say.

    said: a few words beside it.
    """

    entry: str
    label: str
    value: str
    analytic: float
    numeric: float
    difference: str
    status: Status
    said: str


@dataclass(frozen=True)
class Param:
    """One param: its letter and shape, the check's line and verdict, its entries in index order."""

    letter: str
    shape: tuple[int, ...]
    line: str
    verdict: Verdict
    rows: Sequence[CheckRow]


@dataclass(frozen=True)
class ErrorCurve:
    """The errors of one kind of difference, (log₁₀ eps, error) with rising eps; the present one.

    Without the steps that are lost in rounding; present: None where the present one is.
    """

    dtype: DType
    kind: Kind
    points: Sequence[tuple[float, float]]
    present: float | None


@dataclass(frozen=True)
class CurveInfo:
    """The error of the differences against their step.

    slope: of which entry. eps: log₁₀ of the present step. step, present: that step, and the errors
    of the central differences there, as they are written. kink: log₁₀ of the step from which on a
    kink lies within it, None for none. central, one_sided, rounding: the words for the regimes that
    the errors in float64 have, "" for one that they have not.
    """

    slope: str
    eps: float
    step: str
    present: Mapping[DType, str]
    curves: Sequence[ErrorCurve]
    kink: float | None
    central: str
    one_sided: str
    rounding: str


@dataclass(frozen=True)
class CheckInfo:
    """All of the picture.

    sent: what is sent back, "" for 1. heading: over the pattern; code: two lines of it; findings:
    sentences.
    """

    title: str
    formula: str
    sent: str
    params: Sequence[Param]
    curve: CurveInfo
    heading: str
    code: str
    findings: Sequence[str]

    @property
    def rows(self) -> dict[str, CheckRow]:
        """Every row by its entry."""
        return {row.entry: row for param in self.params for row in param.rows}

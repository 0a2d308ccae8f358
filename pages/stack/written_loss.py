"""The cross entropy of a softmax as a code writes it out, from one operation to the next.

p = exp(s − max s) / Σ exp(s − max s), or log p = s − log Σ exp(s), and L = −mean of log p[rows,
labels]: a value is so far on the way to it, or to a sum, which is L here. Or to dW = h.T @ ds, or
to a pool: z = h.reshape(n // 2, 2).max(axis=1).
"""

import ast
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from pages.stack.known_values import Unknown, is_list

SUM: Final = "sum"
TRANSPOSED: Final = "transposed"
WINDOWS: Final = "windows"
LOGARITHMS: Final = "logarithms"
OF_LABELS: Final = "of labels"
TIMES_LABELS: Final = "times labels"
TINY: Final = 1e-6
"""So much may be added to a probability, so that its logarithm is finite."""
PROBABILITIES: Final = ("probabilities", "chosen")
CROSS_ENTROPY: Final = "cross entropy"
_DIFFERENCES: Final = "differences"


def _softmax(logits: str) -> Mapping[tuple[str, str], str]:
    """The steps from logits, or from what they are without their maxima, to the logarithms."""
    of = f" of {logits}"
    return {
        (logits, "exp"): f"powers{of}",
        (f"powers{of}", "row sum"): f"totals{of}",
        (f"powers{of}", "sums of rows"): f"row of totals{of}",
        (f"row of totals{of}", "column"): f"totals{of}",
        (f"powers{of}", f"over totals{of}"): "probabilities",
        (f"totals{of}", "log"): f"logarithms of totals{of}",
        (f"row of totals{of}", "log"): f"row of logarithms{of}",
        (f"row of logarithms{of}", "column"): f"logarithms of totals{of}",
        (logits, f"minus logarithms of totals{of}"): LOGARITHMS,
    }


_STEPS: Final[Mapping[tuple[str, str], str]] = {
    **_softmax(""),
    **_softmax(_DIFFERENCES),
    ("", "sum"): SUM,
    ("", "T"): TRANSPOSED,
    ("", WINDOWS): WINDOWS,
    ("", "row max"): "maxima",
    ("maxima", "values"): "maxima",
    ("", "minus maxima"): _DIFFERENCES,
    ("", "softmax"): "probabilities",
    ("", "log_softmax"): LOGARITHMS,
    ("probabilities", "log"): LOGARITHMS,
    (LOGARITHMS, "exp"): "probabilities",
    ("probabilities", OF_LABELS): "chosen",
    ("chosen", "log"): "chosen logarithms",
    (LOGARITHMS, OF_LABELS): "chosen logarithms",
    (LOGARITHMS, TIMES_LABELS): "logarithms of one label",
    ("logarithms of one label", "sum"): "sum of logarithms",
    ("logarithms of one label", "sums of rows"): "chosen logarithms",
    ("logarithms of one label", "row sum"): "chosen logarithms",
    ("logarithms of one label", "minus"): "losses of one label",
    ("losses of one label", "sum"): "sum of losses",
    ("losses of one label", "sums of rows"): "losses",
    ("losses of one label", "row sum"): "losses",
    ("chosen logarithms", "minus"): "losses",
    ("chosen logarithms", "mean"): "mean logarithm",
    ("chosen logarithms", "sum"): "sum of logarithms",
    ("sum of logarithms", "over rows"): "mean logarithm",
    ("sum of logarithms", "minus"): "sum of losses",
    ("losses", "sum"): "sum of losses",
    ("losses", "mean"): CROSS_ENTROPY,
    ("sum of losses", "over rows"): CROSS_ENTROPY,
    ("mean logarithm", "minus"): CROSS_ENTROPY,
}

Told: TypeAlias = tuple[ast.AST, str, Mapping[str, str]]
"""A remark: about what, its key, its gaps."""


class Written(NamedTuple):
    """What was made of all of a value last, that is no layer by itself.

    step: one of those above. told: what is to be said of each, unless it becomes a loss. labels:
    those that are in it, None where none are. windows: their extent, () where there are none; axes:
    its shape where the code has given it others of length 1, else ().
    """

    step: str = ""
    told: tuple[Told, ...] = ()
    labels: Any = None
    windows: tuple[int, ...] = ()
    axes: tuple[int, ...] = ()

    def after(self, event: str) -> str:
        """The next step; "" where it is none on the way."""
        return _STEPS.get((self.step, event), "")


def event_of_call(name: str, numbers: Sequence[Any]) -> str:
    """What a function, or a method, does of these numbers with rows, or with all; "" for another.

    numbers: what it is given beside the value.
    """
    kept = [*numbers] in ([1, True], [-1, True])
    if name in ("max", "amax") and kept:
        return "row max"
    if name == "sum" and (kept or [*numbers] in ([1], [-1])):
        return "row sum" if kept else "sums of rows"
    if name == "t" or (name == "transpose" and [*numbers] in ([], [0, 1], [1, 0])):
        return "T"
    if name == "unsqueeze" and [*numbers] in ([1], [-1]):
        return "column"
    if name in ("softmax", "log_softmax"):
        return name if [*numbers] in ([], [None], [-1], [1]) else ""
    return name if name in ("exp", "log", "sum", "mean") and not numbers else ""


def event_of_index(index: Any) -> str:
    """What p[rows, labels] takes, and m[0] of torch's maxima with their places; t[:, None]."""
    if index == 0:
        return "values"
    match index:
        case (slice(start=None, stop=None, step=None), None):
            return "column"
        case (rows, labels) if not isinstance(labels, int | float | slice):
            return OF_LABELS if _may_be_rows(rows, labels) else ""
    return ""


def _may_be_rows(index: Any, labels: Any) -> bool:
    """Whether it is range(N) of N labels, as far as it is known."""
    numbers = getattr(index, "numbers", index)
    if is_list(numbers):
        count = getattr(labels, "shape", (len(labels),) if is_list(labels) else ())
        same = count in ((), (len(numbers),))
        return same and [*numbers] == [*range(len(numbers))]
    return isinstance(index, Unknown) or (numbers is None and index is not None)

"""Recognize the cross entropy of a softmax that code writes out operation by operation.

    p = exp(s − max s) / Σ exp(s − max s), or log p = s − log Σ exp(s)
    L = −mean(log p[rows, labels])

The states are the steps on the way from s to L, and _STEPS maps a state and an operation to the
next state. Other states lead to a sum, which is L itself, to dW = h.T @ ds of a backward pass, and
to a pool z = h.reshape(n // 2, 2).max(axis=1).
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
TINY: Final = 1e-6  # the most that may be added to a probability to keep its logarithm finite
PROBABILITIES: Final = ("probabilities", "chosen")
CROSS_ENTROPY: Final = "cross entropy"
_DIFFERENCES: Final = "differences"


def _softmax(logits: str) -> Mapping[tuple[str, str], str]:
    """Return the steps from the logits, with or without their maxima, to the log-probabilities."""
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
"""A remark: the place that it is about, its key, and the values of its gaps."""


class Written(NamedTuple):
    """The last operation on a value that is no layer by itself."""

    step: str = ""  # the state in _STEPS
    told: tuple[Told, ...] = ()
    """The remarks on the operations so far, to be made unless a loss is reached."""
    labels: Any = None  # the labels used so far
    windows: tuple[int, ...] = ()  # the extent of the windows, or ()
    axes: tuple[int, ...] = ()
    """The value's shape if the code has changed its axes of length 1, otherwise ()."""

    def after(self, event: str) -> str:
        """Return the next step; "" if the event is not on the way."""
        return _STEPS.get((self.step, event), "")


def event_of_call(name: str, numbers: Sequence[Any]) -> str:
    """Return the event of a function or method, on rows or on the whole value; "" if unknown.

    numbers: its arguments besides the value.
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
    """Return the event of p[rows, labels], t[:, None], or m[0] of torch's (maxima, places)."""
    if index == 0:
        return "values"
    match index:
        case (slice(start=None, stop=None, step=None), None):
            return "column"
        case (rows, labels) if not isinstance(labels, int | float | slice):
            return OF_LABELS if _may_be_rows(rows, labels) else ""
    return ""


def _may_be_rows(index: Any, labels: Any) -> bool:
    """Whether an index may be range(N) for N labels, as far as it is known."""
    numbers = getattr(index, "numbers", index)
    if is_list(numbers):
        count = getattr(labels, "shape", (len(labels),) if is_list(labels) else ())
        same = count in ((), (len(numbers),))
        return same and [*numbers] == [*range(len(numbers))]
    return isinstance(index, Unknown) or (numbers is None and index is not None)

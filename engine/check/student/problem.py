"""What can be wrong with an answer, in words."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from engine.arrays import Array
from engine.check.student.wire import Message, Numbers, Value

Kind: TypeAlias = Literal[
    "raises", "ended", "odd", "count", "shape", "numbers", "changed", "differences"
]

TOLERANCE = 1e-5
"""So far a number may be off, relatively above 1: single precision is good enough."""


def close(got: Numbers, expected: Array) -> bool:
    """Whether an answer is right: the same shape, and no number off by more than the tolerance."""
    if got.shape != expected.shape:
        return False
    allowed = TOLERANCE * max(1.0, float(np.abs(expected).max(initial=0)))
    with np.errstate(invalid="ignore"):
        return bool(((got == expected) | (np.abs(got - expected) <= allowed)).all())


@dataclass(frozen=True, eq=False)
class Problem:
    """Something wrong: in which method, with which quantity ("z", "dx"; "" where with none).

    got and expected: its numbers, where it is a matter of numbers. place: the student's line.
    """

    kind: Kind
    method: str
    sentence: str
    quantity: str = ""
    argument: int = -1
    got: Numbers | None = None
    expected: Array | None = None
    place: Message | None = None


def compared(method: str, name: str, value: Value, right: Array) -> Problem | None:
    """What is wrong with the numbers that a method gave for a quantity."""
    if value.odd:
        return Problem("odd", method, f"{method} gives {value.odd} as {name}, needs numbers", name)
    if value.shape != right.shape:
        needed = f"{right.shape}" if right.ndim else "(), a single number"
        sentence = f"{name} has the wrong shape: got {value.shape}, needs {needed}"
        return Problem("shape", method, sentence, name, -1, value.array, right)
    assert value.array is not None
    if close(value.array, right):
        return None
    sentence = f"{name} is wrong"
    if not np.isfinite(value.array).all():
        worst = value.array[~np.isfinite(value.array)].flat[0]
        sentence = f"{name} contains {worst}"
    return Problem("numbers", method, sentence, name, -1, value.array, right)


def said(error: Message) -> str:
    """An exception in words: 'raises ValueError: …'."""
    match error["type"]:
        case "SystemExit":
            return "ends the program (sys.exit, exit or quit)"
        case "NotImplementedError":
            return "is not implemented (NotImplementedError)"
        case "EOFError":
            return "waits for input(), and nobody is there to type"
        case "":
            return str(error["message"])
        case kind:
            message = error["message"]
            return f"raises {kind}: {message}" if message else f"raises {kind}"

"""What travels between the two processes, as JSON, never pickles: numbers, errors, descriptions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Json: TypeAlias = dict[str, Any]
Numbers: TypeAlias = NDArray[Any]

COARSE: Final = 2.0**-7  # a step of differences that is wide enough for single precision
ENTRIES_SENT: Final = 20_000
"""If a result has more entries, only its shape is sent: nothing that is asked for is so large."""


@dataclass(frozen=True, eq=False)
class Value:
    """Something that a student's method gave back."""

    array: Numbers | None  # its numbers, None if it has none or too many
    shape: tuple[int, ...] = ()
    dtype: str = ""
    odd: str = ""  # what it is instead, or ""


UNNAMED: Final[Mapping[str, str]] = {
    "SystemExit": "ends the program (sys.exit, exit or quit)",
    "NotImplementedError": "is not implemented (NotImplementedError)",
    "EOFError": "waits for input(), and nobody is there to type",
}
"""What is said of an exception instead of its name and its message."""
ABSENT: Final = "ModuleNotFoundError"  # says something about this machine, not about the class


@dataclass(frozen=True)
class Raised:
    """What was raised in a student's code; false if nothing was."""

    type: str = ""  # "" if the message says everything
    message: str = ""
    place: Json | None = None
    """The student's line, with file, line, text and function; None if there is none."""
    refusal: bool = False  # whether such an error can also mean "not for such inputs"
    deliberate: bool = False
    """Whether it is a raise or assert of the student's, also in a module from further up, or says
    that a module is not installed here."""
    binding: bool = False  # whether the student's code was never entered
    of_layers: Literal["", "ours", "theirs"] = ""
    """Whose layers are the reason, if the class is built on layers."""

    def __bool__(self) -> bool:
        return bool(self.type or self.message)

    @property
    def name(self) -> str:
        """The type; "" if the words do not contain it."""
        return "" if self.type in UNNAMED else self.type

    @property
    def words(self) -> str:
        """The exception in words: 'raises ValueError: …'."""
        if self.type in UNNAMED:
            return UNNAMED[self.type]
        if not self.type:
            return self.message
        return f"raises {self.type}: {self.message}" if self.message else f"raises {self.type}"

    @property
    def where(self) -> str:
        """The line in words: ' (line 3)', or ""."""
        return f" (line {self.place['line']})" if self.place else ""


@dataclass(frozen=True)
class Description:
    """How a class is to be asked, or the problem that makes this uncertain."""

    name: str = ""  # its own
    topic: str = ""  # which of the engine's it is
    problem: str = ""
    of_theirs: str = ""  # as in `not_checked`
    settings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """How each setting that the constructor takes is passed, an `Access`."""
    needs: Sequence[str] = ()  # the parameters that the constructor must be given
    layers: Literal["", "each", "list"] = ""
    """How the constructor takes layers, "each" as an argument, as a "list", or ""."""
    forward: tuple[int, int] = (0, 0)  # how many arguments it needs at least, and takes at most
    backward: tuple[int, int] = (0, 0)  # the same
    lines: Mapping[str, Json | None] = field(default_factory=dict)
    """Where forward and backward begin."""
    plan: Json | None = None  # a `Plan`, None if it is asked as the lab's
    taken: Sequence[str] = ()  # sentences on how it is called
    turned: str = ""  # says that forward takes the weights first; "" if not so
    fused: str = ""  # says that a loss seems to be part of the layer; "" if not so
    alone: str = ""  # says that it is right for one example alone; "" if not so
    unlike: str = ""  # says that db has another shape than b, which b - db shows; "" if not so


def pack(array: Numbers) -> Json:
    """Return numbers in a form that JSON can hold."""
    plain = array.astype(np.float64) if array.dtype.kind == "f" else array
    values = plain.ravel().tolist()
    return {"dtype": str(array.dtype), "shape": list(array.shape), "values": values}


def unpack(message: Json) -> Numbers:
    """Return what `pack` packed, as a new array, which may be written to."""
    array = np.array(message["values"], dtype=message["dtype"])
    return array.reshape(message["shape"])


def shape(got: Any) -> tuple[int, ...] | None:
    """Return the shape of what came back; None if it has none."""
    try:
        return tuple(np.shape(got))
    except Exception:  # noqa: BLE001 - rows of several lengths, or anything that a student's type raises
        return None


def pack_value(value: object) -> Json:
    """Pack anything at all; what is not real numbers is named by its kind: {"odd": "None"}."""
    if value is None:
        return {"odd": "None"}
    try:
        array = np.asarray(value)
    except ValueError:
        return {"odd": "a list whose rows have different lengths"}
    except Exception:  # noqa: BLE001 - it may raise anything when numpy asks it for an array
        return {"odd": f"something of type {type(value).__name__}"}
    if array.dtype.kind not in "fiub":
        return {"odd": _kind(value, array)}
    if array.size > ENTRIES_SENT:
        return {"dtype": str(array.dtype), "shape": list(array.shape), "values": None}
    return pack(array)


def _kind(value: object, array: Numbers) -> str:
    if array.dtype.kind == "c":
        return "complex numbers"
    if isinstance(value, np.ndarray | tuple | list):
        return f"{type(value).__name__}s of {array.dtype}"
    return f"something of type {type(value).__name__}"


def unpack_value(message: Json) -> Value:
    """Return what `pack_value` packed; booleans count as 0 and 1."""
    if "odd" in message:
        return Value(None, odd=message["odd"])
    shape, dtype = tuple(message["shape"]), message["dtype"]
    if message["values"] is None:
        return Value(None, shape, dtype)
    return Value(unpack(message).astype(np.float64), shape, dtype)


def pack_gradients(given: object, inputs: Sequence[Numbers], left_out: int = 0) -> Json:
    """Pack what backward gave: {"values": […]}, one for each input, or {"count": n}, {"odd": …}."""
    needed = len(inputs)
    if needed == 1:
        given = tuple(given.values()) if isinstance(given, dict) else given
        if isinstance(given, tuple | list) and shape(given) != inputs[0].shape:
            kept = _without_nones(given, 1)
            if len(kept) == 1:
                return {"values": [pack_value(kept[0])]}
            of_arrays = not given or (isinstance(given[0], np.ndarray) and given[0].ndim)
            if isinstance(given, tuple) or of_arrays:  # else a list of numbers, or of such lists
                return {"count": len(given)}
        return {"values": [pack_value(given)]}
    if not isinstance(given, tuple | list):
        value = pack_value(given)
        return value if "odd" in value else {"count": 1}
    kept = _without_nones(given, needed)
    if not needed <= len(kept) <= needed + left_out:
        return {"count": len(kept)}
    return {"values": [pack_value(each) for each in kept[:needed]]}


def _without_nones(given: Sequence[object], needed: int) -> list[object]:
    kept = list(given)
    while len(kept) > needed and kept[-1] is None:
        kept.pop()
    return kept

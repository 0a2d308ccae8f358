"""What travels between the two processes, as JSON, never pickles: numbers, errors, descriptions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Json: TypeAlias = dict[str, Any]
Numbers: TypeAlias = NDArray[Any]

COARSE: Final = 2.0**-7
"""A step of differences that single precision survives."""
ENTRIES_SENT: Final = 20_000
"""Of a result with more entries only the shape is sent: nothing that is asked for is so large."""


@dataclass(frozen=True, eq=False)
class Value:
    """Something that a student's method gave back.

    array: its numbers, None where it has none or too many. odd: what it is instead, else "".
    """

    array: Numbers | None
    shape: tuple[int, ...] = ()
    dtype: str = ""
    odd: str = ""


UNNAMED: Final[Mapping[str, str]] = {
    "SystemExit": "ends the program (sys.exit, exit or quit)",
    "NotImplementedError": "is not implemented (NotImplementedError)",
    "EOFError": "waits for input(), and nobody is there to type",
}
"""What is said of an exception in the place of its name and its message."""
ABSENT: Final = "ModuleNotFoundError"
"""Tells of the machine, not of the class."""


@dataclass(frozen=True)
class Raised:
    """What was raised in a student's code; false where nothing was.

    type: "" where the message says all. place: of the line of theirs, file, line, text and
    function; None where there is none. refusal: a kind of error that also says "not for such
    inputs". deliberate: their own raise or assert, also in a module from further up, or that a
    module is not installed here. binding: their code was never entered. of_layers: whose layers are
    the reason, of a class that is built on some.
    """

    type: str = ""
    message: str = ""
    place: Json | None = None
    refusal: bool = False
    deliberate: bool = False
    binding: bool = False
    of_layers: Literal["", "ours", "theirs"] = ""

    def __bool__(self) -> bool:
        return bool(self.type or self.message)

    @property
    def name(self) -> str:
        """The type; "" where its words do not name it."""
        return "" if self.type in UNNAMED else self.type

    @property
    def words(self) -> str:
        """'raises ValueError: …'."""
        if self.type in UNNAMED:
            return UNNAMED[self.type]
        if not self.type:
            return self.message
        return f"raises {self.type}: {self.message}" if self.message else f"raises {self.type}"

    @property
    def where(self) -> str:
        """' (line 3)'."""
        return f" (line {self.place['line']})" if self.place else ""


@dataclass(frozen=True)
class Description:
    """How a class is to be asked, or the problem for which that is not certain.

    name: its own; topic: which of ours it is. of_theirs: as of `not_checked`. settings: the way to
    each that the constructor takes, an `Access`; needs: the parameters that it must get; layers:
    how it takes some, "each", as a "list" or not. forward, backward: how many arguments they need
    at least, and take at most; lines: where they begin. plan: a `Plan`, None where it is asked as
    the lab's; taken: sentences on how it is taken. turned, fused, alone: that forward takes the
    weights first, that a loss seems to be part of it, that it is right for one example alone.
    """

    name: str = ""
    topic: str = ""
    problem: str = ""
    of_theirs: str = ""
    settings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    needs: Sequence[str] = ()
    layers: Literal["", "each", "list"] = ""
    forward: tuple[int, int] = (0, 0)
    backward: tuple[int, int] = (0, 0)
    lines: Mapping[str, Json | None] = field(default_factory=dict)
    plan: Json | None = None
    taken: Sequence[str] = ()
    turned: str = ""
    fused: str = ""
    alone: str = ""


def pack(array: Numbers) -> Json:
    """Numbers as JSON can say them."""
    plain = array.astype(np.float64) if array.dtype.kind == "f" else array
    values = plain.ravel().tolist()
    return {"dtype": str(array.dtype), "shape": list(array.shape), "values": values}


def unpack(message: Json) -> Numbers:
    """What `pack` packed; an array of its own, which may be written to."""
    array = np.array(message["values"], dtype=message["dtype"])
    return array.reshape(message["shape"])


def shape(got: Any) -> tuple[int, ...] | None:
    """The shape of what came back; None where it has none."""
    try:
        return tuple(np.shape(got))
    except Exception:  # noqa: BLE001 - rows of several lengths, or whatever theirs raises
        return None


def pack_value(value: object) -> Json:
    """Anything at all; what is no real number is told by its kind: {"odd": "None"}."""
    if value is None:
        return {"odd": "None"}
    try:
        array = np.asarray(value)
    except ValueError:
        return {"odd": "a list whose rows have different lengths"}
    except Exception:  # noqa: BLE001 - theirs may raise anything where numpy asks for an array
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
    """What `pack_value` packed; booleans count as 0 and 1."""
    if "odd" in message:
        return Value(None, odd=message["odd"])
    shape, dtype = tuple(message["shape"]), message["dtype"]
    if message["values"] is None:
        return Value(None, shape, dtype)
    return Value(unpack(message).astype(np.float64), shape, dtype)


def pack_gradients(given: object, inputs: Sequence[Numbers], left_out: int = 0) -> Json:
    """What backward gave, told apart: {"values": […]}, one for each input, or {"count": n}.

    For one input that is the gradient itself or a sequence or dict of it alone; for several, a
    tuple or a list of as many. Further ones that are None are for inputs that were left out, as are
    so many others, whatever they are.
    """
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

"""Which line of the student's an exception came from: theirs is shown, never our trace."""

import linecache
import opcode
import sysconfig
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final

from engine.check.student.theirs.adapter import NotTakenError
from engine.check.student.wire import Message

ENGINE = Path(__file__).resolve().parents[3]
LONGEST = 300
RAISE = bytes([opcode.opmap["RAISE_VARARGS"]])
NOT_TAKEN: Final[Message] = {
    "type": "",
    "refusal": True,
    "deliberate": True,
    "binding": False,
    "place": None,
}
"""What a layer's interface refuses by itself, without a word of its own."""


@dataclass(frozen=True)
class Home:
    """Where the student's code lives: the file, and whatever lies beside or beneath it."""

    file: Path

    def owns(self, filename: str) -> bool:
        """Whether this is a file of theirs, not of the engine, of Python or of a package."""
        path = Path(filename).resolve()
        if path == self.file:
            return True
        inside = path.is_relative_to(self.file.parent) and path.suffix == ".py"
        foreign = (ENGINE, *(Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib")))
        return inside and not any(path.is_relative_to(each.resolve()) for each in foreign)

    def shown(self, filename: str) -> str:
        """The file's name, as short as it is clear."""
        path = Path(filename).resolve()
        return path.relative_to(self.file.parent).as_posix()

    def place(self, filename: str, line: int, function: str = "") -> Message:
        """A line of theirs, with its text."""
        text = linecache.getline(filename, line).strip()
        return {
            "file": self.shown(filename),
            "line": line,
            "text": "".join(each if each.isprintable() else " " for each in text),
            "function": function,
        }


def blame(error: BaseException, home: Home) -> Message:
    """What was raised, where in the student's code, and whether they raised it on purpose.

    -> type, message, refusal (a kind of error that also says "not for such inputs"), deliberate
    (their own raise or assert), binding (their code was never entered), place (None: no line).
    """
    if isinstance(error, NotTakenError):
        return {**NOT_TAKEN, "message": str(error)}
    place, deliberate, entered = None, False, False
    if isinstance(error, SyntaxError) and error.filename and home.owns(error.filename):
        place = home.place(error.filename, error.lineno or 1)
        place["text"] = (error.text or place["text"]).strip()
    else:
        frames = _frames(error.__traceback__)
        files = {filename for filename, _, _ in frames}  # few, though a recursion has 1000 frames
        owned = {filename for filename in files if home.owns(filename)}
        theirs = [frame for frame in frames if frame[0] in owned]
        if theirs:
            entered = True
            place = home.place(*theirs[-1])
            deliberate = frames[-1][0] in owned and _has_raised(error)
    return {
        "type": type(error).__name__,
        "message": _message(error),
        "refusal": _is_refusal(error),
        "deliberate": deliberate,
        "binding": isinstance(error, TypeError) and not entered,
        "place": place,
    }


def _frames(trace: TracebackType | None) -> list[tuple[str, int, str]]:
    return [
        (frame.f_code.co_filename, line, frame.f_code.co_name)
        for frame, line in traceback.walk_tb(trace)
    ]


def _has_raised(error: BaseException) -> bool:
    """Whether what came last is a raise or an assert, wherever in its line that stands."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    code = b"" if last is None else last.tb_frame.f_code.co_code[last.tb_lasti :]
    return isinstance(error, Exception) and code[:1] == RAISE


def _message(error: BaseException) -> str:
    try:
        text = (error.msg if isinstance(error, SyntaxError) else str(error)) or ""
    except Exception:  # noqa: BLE001 - their exception's own __str__ may raise anything
        text = "(its message cannot be shown)"
    first = text.strip().partition("\n")[0]
    return first if len(first) <= LONGEST else f"{first[:LONGEST]}…"


def _is_refusal(error: BaseException) -> bool:
    """Whether code that was not written for such inputs raises this; a NameError is a slip."""
    kinds = (TypeError, ValueError, IndexError, AttributeError, AssertionError)
    more = (NotImplementedError, UnboundLocalError)
    return isinstance(error, (*kinds, *more))

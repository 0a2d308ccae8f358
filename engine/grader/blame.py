"""Which line of the student's raised an exception, and why; the engine's lines are not shown."""

import linecache
import opcode
import sysconfig
from dataclasses import asdict, dataclass
from pathlib import Path
from traceback import walk_tb
from typing import Final

from engine.grader.settings import NotTakenError
from engine.grader.wire import Json, Raised

ENGINE = Path(__file__).resolve().parents[1]
FOREIGN: Final = (
    ENGINE,
    *(Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "purelib")),
)
"""Folders whose files are never the student's, even if they lie beside the student's file."""
REFUSALS: Final = (
    TypeError, ValueError, IndexError, AttributeError, AssertionError, NotImplementedError,
    UnboundLocalError,
)  # fmt: skip
"""Exceptions raised by code that was not written for such inputs; a NameError is a slip, not a
refusal."""
FIRST_LINE_MOST = 300
RAISE = bytes([opcode.opmap["RAISE_VARARGS"]])


@dataclass(frozen=True)
class Home:
    """Where the student's code is: the file, and what is in its folder or further down."""

    file: Path

    def owns(self, filename: str) -> bool:
        """Whether a file is the student's, not the engine's, Python's or a package's."""
        path = Path(filename).resolve()
        if path == self.file:
            return True
        return path.is_relative_to(self.file.parent) and not is_foreign(path)

    def lines(self, error: BaseException) -> list[int]:
        """Return the student's lines that led to an exception, the outermost first.

        Of two calls of one method the one with the larger lines came further.
        """
        frames = walk_tb(error.__traceback__)
        return [line for frame, line in frames if self.owns(frame.f_code.co_filename)]

    def place(self, filename: str, line: int, function: str = "") -> Json:
        """Return a line of the student's, with its text and the file's name within the folder."""
        text = linecache.getline(filename, line).strip()
        return {
            "file": Path(filename).resolve().relative_to(self.file.parent).as_posix(),
            "line": line,
            "text": "".join(each if each.isprintable() else " " for each in text),
            "function": function,
        }


def is_foreign(path: Path) -> bool:
    """Whether a file is the engine's, Python's or a package's, or is not Python source at all."""
    installed = {"site-packages", "dist-packages"} & {*path.parts}
    known = any(path.is_relative_to(each) for each in FOREIGN)
    return path.suffix != ".py" or bool(installed) or known


def blame(error: BaseException, home: Home) -> Json:
    """Return what was raised, where in the student's code, and whether on purpose.

    As a `Raised`, in the form that is sent.
    """
    if isinstance(error, NotTakenError):
        return asdict(Raised(message=str(error), refusal=True, deliberate=True))
    place, deliberate, entered = None, isinstance(error, ModuleNotFoundError), False
    if isinstance(error, SyntaxError) and error.filename and home.owns(error.filename):
        place = home.place(error.filename, error.lineno or 1)
        place["text"] = (error.text or place["text"]).strip()
    else:
        frames = [
            (frame.f_code.co_filename, line, frame.f_code.co_name)
            for frame, line in walk_tb(error.__traceback__)
        ]
        files = {filename for filename, _, _ in frames}  # few, though a recursion has 1000 frames
        owned = {filename for filename in files if home.owns(filename)}
        theirs = [frame for frame in frames if frame[0] in owned]
        if theirs:
            entered = True
            place = home.place(*theirs[-1])
            last = frames[-1][0]
            own = last in owned or not is_foreign(Path(last).resolve())
            deliberate |= own and has_raised(error)
    refusal, binding = isinstance(error, REFUSALS), isinstance(error, TypeError) and not entered
    kind = type(error).__name__
    return asdict(Raised(kind, message_of(error), place, refusal, deliberate, binding))


def has_raised(error: BaseException) -> bool:
    """Whether the exception comes from a raise or an assert, wherever on its line that stands."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    code = b"" if last is None else last.tb_frame.f_code.co_code[last.tb_lasti :]
    return isinstance(error, Exception) and code[:1] == RAISE


def message_of(error: BaseException) -> str:
    """Return the first line of an exception's message, shortened if it is very long."""
    try:
        text = (error.msg if isinstance(error, SyntaxError) else str(error)) or ""
    except Exception:  # noqa: BLE001 - a student's own __str__ may raise anything
        text = "(its message cannot be shown)"
    first = text.strip().partition("\n")[0]
    return first if len(first) <= FIRST_LINE_MOST else f"{first[:FIRST_LINE_MOST]}…"

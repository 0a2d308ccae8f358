"""Which line of the student's raised something, and why; our own trace is never shown."""

import linecache
import opcode
import sysconfig
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from engine.grader.settings import NotTakenError
from engine.grader.wire import Json, Raised

ENGINE = Path(__file__).resolve().parents[1]
FOREIGN: Final = (
    ENGINE,
    *(Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "purelib")),
)
"""Whose files are never the student's, wherever these lie."""
REFUSALS: Final = (
    *(TypeError, ValueError, IndexError, AttributeError, AssertionError),
    *(NotImplementedError, UnboundLocalError),
)
"""What code raises that was not written for such inputs; a NameError is a slip."""
FIRST_LINE_MOST = 300
RAISE = bytes([opcode.opmap["RAISE_VARARGS"]])


@dataclass(frozen=True)
class Home:
    """Where the student's code lives: the file, and whatever lies beside or beneath it."""

    file: Path

    def owns(self, filename: str) -> bool:
        """Whether this is a file of theirs, not of the engine, of Python or of a package."""
        path = Path(filename).resolve()
        if path == self.file:
            return True
        return path.is_relative_to(self.file.parent) and not is_foreign(path)

    def place(self, filename: str, line: int, function: str = "") -> Json:
        """A line of theirs, with its text; the file's name as short as it is clear."""
        text = linecache.getline(filename, line).strip()
        return {
            "file": Path(filename).resolve().relative_to(self.file.parent).as_posix(),
            "line": line,
            "text": "".join(each if each.isprintable() else " " for each in text),
            "function": function,
        }


def is_foreign(path: Path) -> bool:
    """Whether a file is the engine's, Python's or a package's, or no source at all."""
    installed = {"site-packages", "dist-packages"} & {*path.parts}
    known = any(path.is_relative_to(each) for each in FOREIGN)
    return path.suffix != ".py" or bool(installed) or known


def blame(error: BaseException, home: Home) -> Json:
    """What was raised, where in the student's code, and whether on purpose: a `Raised`, as sent."""
    if isinstance(error, NotTakenError):
        return asdict(Raised(message=str(error), refusal=True, deliberate=True))
    place, deliberate, entered = None, isinstance(error, ModuleNotFoundError), False
    if isinstance(error, SyntaxError) and error.filename and home.owns(error.filename):
        place = home.place(error.filename, error.lineno or 1)
        place["text"] = (error.text or place["text"]).strip()
    else:
        frames = [
            (frame.f_code.co_filename, line, frame.f_code.co_name)
            for frame, line in traceback.walk_tb(error.__traceback__)
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
    """Whether what came last is a raise or an assert, wherever in its line that stands."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    code = b"" if last is None else last.tb_frame.f_code.co_code[last.tb_lasti :]
    return isinstance(error, Exception) and code[:1] == RAISE


def message_of(error: BaseException) -> str:
    """The first line of its message."""
    try:
        text = (error.msg if isinstance(error, SyntaxError) else str(error)) or ""
    except Exception:  # noqa: BLE001 - their exception's own __str__ may raise anything
        text = "(its message cannot be shown)"
    first = text.strip().partition("\n")[0]
    return first if len(first) <= FIRST_LINE_MOST else f"{first[:FIRST_LINE_MOST]}…"

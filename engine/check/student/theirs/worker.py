"""The process in which a student's code runs: requests in, replies out, one line of JSON each.

Started by `process`, never by hand. Whatever their code prints goes nowhere, and whatever it
reads is at its end; what it does to this process, the other one survives.
"""

import contextlib
import faulthandler
import json
import os
import sys
import warnings
from pathlib import Path
from typing import IO, Final

from engine.check.student.theirs.blame import Home, blame
from engine.check.student.theirs.calling import Classes, run
from engine.check.student.theirs.loading import (
    UnreadableError,
    layers,
    load,
    refuse_what_is_missing,
)
from engine.check.student.wire import Message

WHILE_LOADING: Final = 4 * 2**30
"""Bytes of address space, where the system can limit it: enough for any framework they import."""
AFTERWARDS: Final = 2**29
"""Bytes on top of what is in use once the file is loaded."""


def main(file: str) -> None:
    """Answers requests until there are no more."""
    requests, replies, alarm = _own_channels()
    _limit_memory(WHILE_LOADING)
    faulthandler.enable(alarm)
    sys.dont_write_bytecode = True  # nothing appears in their folder
    warnings.simplefilter("ignore")
    home = Home(Path(file))
    classes: Classes | None = None

    def say(message: Message) -> None:
        replies.write(json.dumps(message) + "\n")
        replies.flush()

    for line in requests:
        request = json.loads(line)
        faulthandler.dump_traceback_later(request["seconds"], exit=True, file=alarm)
        if classes is None:
            reply, classes = _loaded(request, home)
            _limit_memory(_used() + AFTERWARDS)
        elif "describe" in request:
            say({"at": "forward"})
            reply = classes.describe(request["describe"])
        else:
            reply = run(request, classes, lambda method: say({"at": method}))
        faulthandler.cancel_dump_traceback_later()
        say({"reply": reply})
    os._exit(0)  # not sys.exit: their threads and their atexit need not be waited for


def _loaded(request: Message, home: Home) -> tuple[Message, Classes | None]:
    try:
        module, left = load(home.file, definitions=request.get("definitions", False))
    except UnreadableError as error:
        place = home.place(str(home.file), error.line)
        return {"error": {"type": "", "message": str(error), "place": place}}, None
    except BaseException as error:  # noqa: BLE001 - sys.exit() included
        return {"error": blame(error, home)}, None
    refuse_what_is_missing()
    found, said = layers(module, tuple(request["wanted"]), home)
    for each in left:
        each["error"] = blame(each["error"], home)
    if left and not found and not any("problem" in each for each in said.values()):
        return {"error": left[0]["error"]}, None
    classes = Classes(found, request["wanted"], home)
    subjects = {name: [list(each.subjects), classes.as_lab(name)] for name, each in found.items()}
    return {"classes": said, "layers": subjects, "left": left}, classes


def _own_channels() -> tuple[IO[str], IO[str], int]:
    """Takes the pipes away from under print(), input() and warnings."""
    requests = os.fdopen(os.dup(0), encoding="utf-8")
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    alarm = os.dup(2)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for channel in (0, 1, 2):
        os.dup2(nowhere, channel)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    return requests, replies, alarm


def _limit_memory(most: int) -> None:
    with contextlib.suppress(ImportError, ValueError, OSError, AttributeError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _used() -> int:
    """Bytes of address space in use, where the system tells; else as much as loading may take."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):
        return WHILE_LOADING


if __name__ == "__main__":
    main(sys.argv[1])

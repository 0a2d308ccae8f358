"""The engine's end of the pipe: sends requests to the student's process, and waits for replies."""

import contextlib
import json
import linecache
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from engine.cores import single_threaded
from engine.grader.blame import Home
from engine.grader.wire import Json

GRACE: Final = 5.0
"""Seconds after its limit at which a process is ended from outside, if it has not ended itself; it
may have begun to count late, since Python has to start."""
STACK: Final = re.compile(
    r'^  File "(?P<file>.+)", line (?P<line>\d+) in (?P<function>.+)$', re.MULTILINE
)
ESCAPED: Final = re.compile(r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})")
"""faulthandler writes only ASCII: ü as \\xfc."""
LONGEST_STACK: Final = 100_000


class EndedError(Exception):
    """The student's process gave no answer.

    at: the method that was running, "" if none was. how: that it ran out of time, or what the
    system says. place: the student's line, if it is known.
    """

    def __init__(self, at: str, how: str, place: Json | None) -> None:
        super().__init__(how)
        self.at, self.how, self.place = at, how, place


class StudentProcess:
    """A student's file in a process of its own, which is started again when it has ended.

    wanted: the names of classes, each with the settings of its constructor in order.
    """

    def __init__(self, file: Path, wanted: Mapping[str, Sequence[str]], seconds: float) -> None:
        self._home = Home(file.resolve())
        self._load: Json = {
            "wanted": {name: list(order) for name, order in wanted.items()},
            "definitions": False,
        }
        self._seconds = seconds
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "StudentProcess":
        """Return this object; nothing runs yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self.end()

    def load(self, *, definitions: bool = False) -> Json:
        """Return what the file has: {"classes": …, "layers": …, "left": …}, or {"error": …}.

        definitions: from now on, only what the file defines is run. Raises EndedError.
        """
        self._load["definitions"] = self._load["definitions"] or definitions
        self._start()
        return self._ask(self._load, self._seconds)

    def ask(self, request: Json, seconds: float) -> Json:
        """Return the reply to a request. Raises EndedError if it does not come in time."""
        if self._process is None:
            self.load()
        return self._ask(request, seconds)

    def _start(self) -> None:
        # -P: nothing is imported from the current folder, whatever that is.
        command = [sys.executable, "-P", "-m", "engine.grader.worker", str(self._home.file)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            env={**single_threaded(), "PYTHONHASHSEED": "0"},
            start_new_session=True,
        )
        self._replies: queue.SimpleQueue[Json | None] = queue.SimpleQueue()
        self._stack: list[str] = []
        stdout, stderr = self._process.stdout, self._process.stderr
        self._readers = [
            threading.Thread(target=_read_replies, args=(stdout, self._replies), daemon=True),
            threading.Thread(target=_read_stack, args=(stderr, self._stack), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def _ask(self, request: Json, seconds: float) -> Json:
        assert self._process is not None
        assert self._process.stdin is not None
        at, deadline = "", time.monotonic() + seconds + GRACE
        with contextlib.suppress(OSError):  # it has ended; reading shows how
            self._process.stdin.write(json.dumps({**request, "seconds": seconds}) + "\n")
            self._process.stdin.flush()
        while True:
            try:
                message = self._replies.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise self._ended(at, slow=True) from None
            if message is None:
                raise self._ended(at, slow=False)
            if "reply" in message:
                reply: Json = message["reply"]
                return reply
            at = message["at"]

    def _ended(self, at: str, *, slow: bool) -> EndedError:
        """Return what is left to say about a process that has ended, or is ended now."""
        process = self._process
        assert process is not None
        if not slow:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(GRACE)
        code = process.poll()
        self.end()
        stack = "".join(self._stack)
        slow |= stack.startswith("Timeout (")
        late = f"does not come to its end within {self._seconds:g} s (see --timeout)"
        return EndedError(at, late if slow else _status(code, stack), self._place(stack))

    def _place(self, stack: str) -> Json | None:
        """Return the student's innermost line in a dump of faulthandler; None if there is none."""
        for found in STACK.finditer(stack):
            written = found["file"]
            for file in (_as_named(written), written):  # C:\xade is a folder's name on Windows
                if self._home.owns(file):
                    linecache.checkcache(file)
                    function = _as_named(found["function"])
                    return self._home.place(file, int(found["line"]), function)
        return None

    def end(self) -> None:
        """End the process; the next question starts another."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(OSError):
            if os.name == "posix":  # with all that it has started itself
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        process.wait()
        for reader in self._readers:
            reader.join(GRACE)
        for stream in (process.stdin, process.stdout, process.stderr):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()


def _read_replies(stream: Any, replies: "queue.SimpleQueue[Json | None]") -> None:
    for line in stream:
        with contextlib.suppress(ValueError):
            message = json.loads(line)
            if isinstance(message, dict) and message.keys() & {"at", "reply"}:
                replies.put(message)
    replies.put(None)


def _read_stack(stream: Any, stack: list[str]) -> None:
    size = 0
    for line in stream:
        size += len(line)
        if size < LONGEST_STACK:
            stack.append(line)


def _as_named(written: str) -> str:
    """Return a name with its own letters, some of which faulthandler has escaped."""
    return ESCAPED.sub(lambda found: found[0].encode().decode("unicode_escape"), written)


def _status(code: int | None, stack: str) -> str:
    if code is None:
        return "stops answering"
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"crashes with {signal.Signals(-code).name}"
    last = stack.strip().rpartition("\n")[2]  # from Python itself, if it does not even start
    return f"ends its process, with exit status {code} ({last or 'os._exit?'})"

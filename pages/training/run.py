"""One person's training run, on the server's side: a process, and what is known of it."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from secrets import token_urlsafe
from threading import Lock, Thread
from typing import Final, Literal, TypeAlias

from pages.training.progress import BUSY, OVER, Progress
from pages.training.scene import TrainingScene
from pages.training.wire import read

Order: TypeAlias = Literal["run", "pause", "step"]

_ROOT: Final = Path(__file__).resolve().parents[2]
_COMMAND: Final = (sys.executable, "-m", "pages.training.worker")
# One thread each: as many runs as cores are allowed, and a result is the same wherever it is made.
_THREADS: Final = (
    *("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"),
    *("OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"),
)
_LOST: Final = (
    "The process that trained has ended unexpectedly; perhaps the server is short of memory. "
    "Start again."
)


class Run:
    """A run from the moment that somebody asks for it: it waits until it is begun.

    token: nobody can guess it; a tab that knows it may have the run. `progress` may be read at any
    time, from any thread.
    """

    def __init__(self, scene: TrainingScene, first: Order = "run") -> None:
        self.token = token_urlsafe(16)
        self.progress = Progress.of(scene, "waiting")
        self._first: Order = first
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = Lock()

    def begin(self) -> None:
        """Starts the process."""
        scene = self.progress.scene
        settings = {name: getattr(scene, name) for name in scene.codecs()}
        environment = {
            **os.environ,
            **dict.fromkeys(_THREADS, "1"),
            "PYTHONPATH": os.pathsep.join(filter(None, (str(_ROOT), os.getenv("PYTHONPATH")))),
        }
        with self._lock:
            self.progress = replace(self.progress, phase="starting")
            try:
                self._process = subprocess.Popen(
                    _COMMAND,
                    cwd=_ROOT,
                    env=environment,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                )
            except OSError as error:
                self._over("failed", f"The server cannot start a process: {error.strerror}.")
                return
        Thread(target=self._listen, args=(self._process,), daemon=True).start()
        self._say(json.dumps(settings))
        self._say(self._first)

    def order(self, order: Order) -> None:
        """Tells the process what to do; nothing where there is none."""
        with self._lock:
            if self.progress.phase not in BUSY:
                return
            if order != "pause":
                self.progress = replace(self.progress, phase="running")
        self._say(order)

    def end(self, sentence: str = "") -> None:
        """Ends the process at once, and says why; what it has found out is kept."""
        with self._lock:
            self._over("ended", sentence)
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _over(self, phase: Literal["failed", "ended"], sentence: str) -> None:
        if self.progress.phase not in OVER:
            self.progress = replace(self.progress, phase=phase, sentence=sentence)

    def _say(self, line: str) -> None:
        if self._process is None or self._process.stdin is None:
            return
        # Where it has ended, whoever listens to it finds out.
        with suppress(OSError, ValueError):
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        with suppress(OSError), process:  # whose order may have been cut off
            try:
                while process.stdout and (message := read(process.stdout)):
                    with self._lock:
                        if self.progress.phase not in OVER:
                            self.progress = self.progress.after(message)
            finally:
                process.kill()  # should it still be there
                with self._lock:
                    self._over("failed", _LOST)

"""A user's training run on the server: its process, and what is known of its progress."""

import json
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from secrets import token_urlsafe
from threading import Lock, Thread
from typing import Final, Literal, TypeAlias, get_args

import numpy as np

from engine import mnist
from engine.cores import single_threaded
from engine.training import Evaluation, LayerRecord, Network, Record
from pages.language.catalogue import say
from pages.training.process import RunReport, read
from pages.training.settings import TrainingScene

Phase: TypeAlias = Literal[
    "none", "waiting", "starting", "running", "pausing", "paused", "finished", "failed", "ended"
]
"""none: there is no run. waiting: for a place. pausing: as soon as the step is done and all test
images are classified. failed: stopped by an error. ended: stopped by the server."""

OVER: Final[frozenset[Phase]] = frozenset({"finished", "failed", "ended"})
WORKING: Final[frozenset[Phase]] = frozenset({"starting", "running", "pausing"})
TELLING: Final = 2.0
"""Seconds of work after which the pace allows to estimate when the run will end."""
BUSY: Final[frozenset[Phase]] = WORKING | {"paused"}
"""The phases in which a run has a process, and so takes up a place."""

RECORDS_MOST: Final = 400  # the most records that are kept; beyond that, every other one is dropped

Order: TypeAlias = Literal["run", "pause", "step"]

_ROOT: Final = Path(__file__).resolve().parents[2]
_COMMAND: Final = (sys.executable, "-m", "pages.training.process")


@dataclass(frozen=True, eq=False)
class Progress:
    """A run at one moment."""

    scene: TrainingScene
    network: Network  # the newest one known, at first the untrained one
    phase: Phase = "none"
    steps: int = 0  # of the whole run; 0 before it has begun
    steps_per_epoch: int = 0
    history: tuple[Record, ...] = ()
    evaluation: Evaluation | None = None  # on the whole test set, after step evaluated_at
    evaluated_at: int = 0
    worked: float = 0.0  # seconds of its process's work, records included, pauses excluded
    sentence: str = ""  # why it ended, if it did not finish

    @classmethod
    def of(cls, scene: TrainingScene, phase: Phase = "none") -> "Progress":
        """Return the progress before the first step, with the untrained network."""
        return cls(scene, Network.new(scene.architecture, scene.seed), phase)

    @property
    def last(self) -> Record | None:
        """The newest record."""
        return self.history[-1] if self.history else None

    @property
    def step(self) -> int:
        """The number of steps done, as of the newest record."""
        return self.last.step if self.last else 0

    @property
    def tested(self) -> str:
        """The images that the newest record's test accuracy is based on; "" without a record."""
        if self.last is None:
            return ""
        kind = "train.tested.probe" if self.last.probed else "train.tested"
        return say(kind, images=f"{self.last.test_images:,}")

    @property
    def part(self) -> float:
        """The part of the run that is done, from 0 to 1."""
        return self.step / self.steps if self.steps else 0.0

    @property
    def seconds_left(self) -> float | None:
        """The seconds left at the pace so far; None in the first seconds, which say little."""
        if not self.step or self.worked < TELLING:
            return None
        return self.worked / self.step * (self.steps - self.step)

    @property
    def images_per_second(self) -> float:
        """At the same pace: of all that was done so far."""
        return self.step * self.scene.batch_size / self.worked if self.worked else 0.0

    def after(self, report: RunReport) -> "Progress":
        """Return the progress after a report. Raises ValueError for an unknown report."""
        said = report.said
        match report.kind:
            case "begun":
                return replace(self, **said)
            case "record":
                network = Network(self.network.architecture, report.arrays)
                history = thinned((*self.history, _record(said["record"])))
                return replace(self, network=network, history=history, worked=said["worked"])
            case "evaluation":
                predicted, confidence = report.arrays
                labels = mnist.load("test").labels
                found = Evaluation(labels, predicted.astype(np.intp), confidence)
                history = exact(self.history, said["step"], found)
                return replace(self, history=history, evaluation=found, evaluated_at=said["step"])
            case "phase" if said["phase"] in get_args(Phase):
                # This "running" was sent before the process could hear the order to pause.
                late = self.phase == "pausing" and said["phase"] == "running"
                return self if late else replace(self, **said)
        raise ValueError(f"a run says what it is, got {report.kind} {said}")


def exact(history: tuple[Record, ...], step: int, found: Evaluation) -> tuple[Record, ...]:
    """Return the history with the newest record's accuracy on all test images, if of that step."""
    if not history or history[-1].step != step:
        return history
    accuracy, images = found.accuracy, len(found.labels)
    newest = replace(history[-1], test_accuracy=accuracy, test_images=images)
    return (*history[:-1], newest)


def thinned(history: tuple[Record, ...]) -> tuple[Record, ...]:
    """Return every other record if there are too many, keeping ends of epochs and the newest."""
    if len(history) <= RECORDS_MOST:
        return history
    *older, newest = history
    kept = (record for at, record in enumerate(older) if at % 2 == 0 or record.end_of_epoch)
    return (*kept, newest)


def _record(said: dict[str, object]) -> Record:
    layers = tuple(LayerRecord(**layer) for layer in said["layers"])  # type: ignore[attr-defined]
    return Record(**{**said, "layers": layers})  # type: ignore[arg-type]


class TrainingRun:
    """A run, from the moment it is requested; it waits until `begin` is called."""

    def __init__(self, scene: TrainingScene, first: Order = "run") -> None:
        self.token = token_urlsafe(16)
        """An unguessable name. A tab that knows it may claim the run."""
        self.progress = Progress.of(scene, "waiting")  # may be read at any time, from any thread
        self._first: Order = first
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = Lock()

    def begin(self) -> None:
        """Start the process."""
        scene = self.progress.scene
        settings = {name: getattr(scene, name) for name in scene.codecs()}
        with self._lock:
            self.progress = replace(self.progress, phase="starting")
            try:
                self._process = subprocess.Popen(
                    _COMMAND,
                    cwd=_ROOT,
                    # One thread each: as many runs as cores are allowed, and results do not depend
                    # on the number of cores.
                    env=single_threaded(),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                )
            except OSError as error:
                self._over("failed", say("train.no_process", reason=error.strerror))
                return
            self._say(json.dumps(settings))  # the process reads these before any order
            self._say(self._first)
        try:
            Thread(target=self._listen, args=(self._process,), daemon=True).start()
        except RuntimeError as error:  # a container may have no more threads
            self.end(say("train.no_process", reason=str(error)))

    def order(self, order: Order) -> None:
        """Give the process an order; do nothing if there is no process."""
        with self._lock:
            if self.progress.phase not in (BUSY if order != "pause" else {"running"}):
                return
            phase: Phase = "pausing" if order == "pause" else "running"
            self.progress = replace(self.progress, phase=phase)
            self._say(order)

    def end(self, sentence: str = "") -> None:
        """End the process at once, for this reason; its results so far are kept."""
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
        # If the process has ended, the thread that listens to it finds out.
        with suppress(OSError, ValueError):
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        with suppress(OSError), process:  # an order may have been cut off
            try:
                while process.stdout and (report := read(process.stdout)):
                    with self._lock:
                        if self.progress.phase not in OVER:
                            self.progress = self.progress.after(report)
            finally:
                process.kill()  # in case it is still running
                with self._lock:
                    self._over("failed", say("train.process_lost"))

"""What is known of a run at one moment, and what a message of its process adds to that."""

from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias, get_args

import numpy as np

from engine import mnist
from engine.training import Evaluation, LayerRecord, Network, Record
from pages.training.scene import TrainingScene
from pages.training.wire import Message

Phase: TypeAlias = Literal[
    "none", "waiting", "starting", "running", "paused", "finished", "failed", "ended"
]
"""none: there is no run. waiting: for a place. failed: by itself; ended: by the server."""

OVER: Final[frozenset[Phase]] = frozenset({"finished", "failed", "ended"})
WORKING: Final[frozenset[Phase]] = frozenset({"starting", "running"})
BUSY: Final[frozenset[Phase]] = WORKING | {"paused"}
"""With a process of its own: it has a place."""

LONGEST: Final = 400
"""Records that are kept; of more, every other one."""


@dataclass(frozen=True, eq=False)
class Progress:
    """A run at one moment.

    network: the newest that is known, at first the untrained one. steps: of the whole run, 0 as
    long as it has not begun. evaluation: of the whole test set, after step evaluated_at. worked:
    seconds of all that its process did so far, the making of records too, but not the pauses.
    sentence: why it ended, where it did not finish.
    """

    scene: TrainingScene
    network: Network
    phase: Phase = "none"
    steps: int = 0
    steps_per_epoch: int = 0
    history: tuple[Record, ...] = ()
    evaluation: Evaluation | None = None
    evaluated_at: int = 0
    worked: float = 0.0
    sentence: str = ""

    @classmethod
    def of(cls, scene: TrainingScene, phase: Phase = "none") -> "Progress":
        """Before the first step: there is the untrained network, and nothing else."""
        return cls(scene, Network.new(scene.architecture, scene.seed), phase)

    @property
    def last(self) -> Record | None:
        """The newest record."""
        return self.history[-1] if self.history else None

    @property
    def step(self) -> int:
        """Steps done, as far as records have told."""
        return self.last.step if self.last else 0

    @property
    def part(self) -> float:
        """How much of the run is done: 0 to 1."""
        return self.step / self.steps if self.steps else 0.0

    @property
    def seconds_left(self) -> float | None:
        """At the pace so far; None before the first step."""
        return self.worked / self.step * (self.steps - self.step) if self.step else None

    def after(self, message: Message) -> "Progress":
        """With what a message says. Raises ValueError for one that is none of ours."""
        said = message.said
        match message.kind:
            case "begun":
                return replace(self, **said)
            case "record":
                network = Network(self.network.architecture, message.arrays)
                history = thinned((*self.history, _record(said["record"])))
                return replace(self, network=network, history=history, worked=said["worked"])
            case "evaluation":
                predicted, confidence = message.arrays
                labels = mnist.load("test").labels
                found = Evaluation(labels, predicted.astype(np.intp), confidence)
                return replace(self, evaluation=found, evaluated_at=said["step"])
            case "phase" if said["phase"] in get_args(Phase):
                return replace(self, **said)
        raise ValueError(f"a run says what it is, got {message.kind} {said}")


def thinned(history: tuple[Record, ...]) -> tuple[Record, ...]:
    """Every other record where there are too many; the ends of epochs and the newest always."""
    if len(history) <= LONGEST:
        return history
    *older, newest = history
    kept = (record for at, record in enumerate(older) if at % 2 == 0 or record.end_of_epoch)
    return (*kept, newest)


def _record(said: dict[str, object]) -> Record:
    layers = tuple(LayerRecord(**layer) for layer in said["layers"])  # type: ignore[attr-defined]
    return Record(**{**said, "layers": layers})  # type: ignore[arg-type]

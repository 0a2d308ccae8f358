"""What training reports: frozen records, the same for the command, the page and the tests."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.layers.graph import Run
from engine.training.passes import RULE, Pass


@dataclass(frozen=True, slots=True)
class LayerRecord:
    """One layer at the moment of a record; the name is the one that it has in a trace.

    zero_gradient: of the last batch, which fraction of ∂loss/∂output of this layer is exactly 0;
    None for a layer before the first that learns, for which it is not computed.
    dead_units: of an activation's units (the entries of one image's output, (C, H, W)), which
    fraction is inactive for every image of the probe, the first 500 test images: lets no gradient
    through; None for another layer. dead_maps:
    the same of its maps (C), dead where all their units are: the border of a map may be dead only
    because the images' is paper.
    """

    name: str
    zero_gradient: float | None
    dead_units: float | None
    dead_maps: float | None


@dataclass(frozen=True, slots=True)
class Record:
    """Training, after some step.

    step: steps done; epoch: epochs begun, from 1. images: seen in training since the record before.
    loss and training_accuracy: over these, each batch before its own step. test_accuracy: over the
    first `test_images` test images, with the parameters after this step: the probe's 500, or all
    of them at an epoch's end. images_per_second: `images` by the time that their steps took;
    train_seconds: of all steps so far, without the making of records and whatever is done with
    them. gradient_norms: of the last batch's gradient, by parameter, (Σ g²)^½. layers: in order.
    """

    step: int
    epoch: int
    images: int
    loss: float
    training_accuracy: float
    test_accuracy: float
    test_images: int
    images_per_second: float
    train_seconds: float
    gradient_norms: dict[str, float]
    layers: tuple[LayerRecord, ...]
    end_of_epoch: bool


def layer_records(
    names: Sequence[str], done: Pass, probe: Sequence[Run]
) -> tuple[LayerRecord, ...]:
    """Of a batch that was watched, and of the probe's forward run, step by step."""
    return tuple(
        LayerRecord(name, zeros.fraction if zeros else None, *_dead(run))
        for name, zeros, run in zip(names, done.zeros, probe, strict=True)
    )


def _dead(run: Run) -> tuple[float | None, float | None]:
    inactive = run.layer.inactive(run.cache, RULE)
    if inactive is None:
        return None, None
    alive = np.logical_not(np.all(inactive, axis=0))
    maps = alive.reshape(len(alive), -1).any(axis=1)
    return 1 - float(np.mean(alive)), 1 - float(np.mean(maps))


class Tally:
    """What happened since the last record; loss: summed over the images."""

    def __init__(self) -> None:
        self.images = self.correct = 0
        self.loss = self.seconds = 0.0

    def add(self, done: Pass, seconds: float) -> None:
        """Counts a step that took so many seconds."""
        self.images += done.images
        self.correct += done.correct
        self.loss += done.loss * done.images
        self.seconds += seconds

"""Training told in plain text: a line now and then, and tables at the end."""

from collections.abc import Sequence
from itertools import groupby
from statistics import fmean

from engine.training.records import Record
from engine.training.trainer import Trainer


class Lines:
    """A line for every epoch, and one in ten seconds of a longer one."""

    def __init__(self, trainer: Trainer) -> None:
        self.trainer, self.last, self.since = trainer, 0.0, list[Record]()

    def __call__(self, record: Record) -> None:
        """Prints it with the loss since the line before, or keeps it for the next line."""
        self.since.append(record)
        if not record.end_of_epoch and record.train_seconds < self.last + 10:
            return
        loss = _mean([each.loss for each in self.since], self.since)
        print(
            f"step {record.step} of {self.trainer.steps}, epoch {record.epoch} of "
            f"{self.trainer.epochs}: loss {loss:.4f}, test accuracy "
            f"{record.test_accuracy:.2%} of {record.test_images:,}",
            flush=True,
        )
        self.last, self.since = record.train_seconds, []


def print_tables(records: Sequence[Record]) -> None:
    """The epochs; and the layers at the end, how thin their gradients are, how many units dead."""
    print(f"\n{'epoch':>5} {'loss':>8} {'training':>9} {'test':>8} {'images/s':>9}")
    begun = 0.0
    for epoch, group in groupby(records, key=lambda record: record.epoch):
        parts = list(group)
        images, last = sum(part.images for part in parts), parts[-1]
        loss = _mean([part.loss for part in parts], parts)
        training = _mean([part.training_accuracy for part in parts], parts)
        speed = images / (last.train_seconds - begun)
        print(f"{epoch:>5} {loss:>8.4f} {training:>9.2%} {last.test_accuracy:>8.2%} {speed:>9,.0f}")
        begun = last.train_seconds
    print(f"\n{'layer':<12} {'zero gradients':>14} {'dead units':>11} {'dead maps':>10}")
    for layer in records[-1].layers:
        cells = (layer.zero_gradient, layer.dead_units, layer.dead_maps)
        zero, units, maps = ("" if each is None else f"{each:.1%}" for each in cells)
        print(f"{layer.name:<12} {zero:>14} {units:>11} {maps:>10}".rstrip())
    print(flush=True)


def _mean(values: Sequence[float], records: Sequence[Record]) -> float:
    """Of a value of each record, over all the images that they are about."""
    return fmean(values, [record.images for record in records])

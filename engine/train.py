"""Train a network on MNIST: `python -m engine.train`.

A progress bar on a terminal, plain lines elsewhere; then a table, and with --json one object as
the last line. Exit status: 2 for settings or data that cannot be, in one sentence; 1 where the
weights could not be saved where they should be; 130 after Ctrl-C, or when a process that shares
the work is lost, or nobody reads the lines any more, or a full disk takes none: with --save, what
was learned so far is saved.
"""

import argparse
import json
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from statistics import fmean
from tempfile import mkdtemp
from typing import Any, NoReturn, get_args

import numpy as np

from engine import mnist
from engine.cores import cores
from engine.errors import EngineError, OrderError
from engine.files import silence
from engine.training import ARCHITECTURES, SGD, Network, Record, Trainer, save
from engine.training.trainer import Schedule
from engine.training.weights import check_place

COMMAND = "python -m engine.train"


class Parser(argparse.ArgumentParser):
    """A parser that reports an error in one sentence instead of a page of usage."""

    def error(self, message: str) -> NoReturn:
        """Print the sentence and exit with status 2."""
        self.exit(2, f"{COMMAND}: {message}; --help tells more.\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse, train, report; return the exit status."""
    options = parser().parse_args(arguments)
    trainer, records = None, list[Record]()
    try:
        trainer = made(options)
        with shown(trainer) as show:
            for record in trainer.run(seconds=0.5):
                records.append(record)
                show(record)
        status = keep(trainer, options, records[-1].test_accuracy)  # first, so that it is safe
        print_tables(records)
        if options.json:
            print(json.dumps(result(trainer, records[-1])), flush=True)
    except EngineError as error:
        if isinstance(error, OrderError) and trainer and trainer.step:
            # A process was lost, the weights were not.
            return interrupted(trainer, records, options, str(error))
        return complain(str(error), 2)
    except OSError as error:
        return interrupted(trainer, records, options, silence(error))
    except KeyboardInterrupt:
        return interrupted(trainer, records, options)
    return status


def made(options: argparse.Namespace) -> Trainer:
    """Return the trainer. Raises EngineError for impossible settings or data."""
    if options.save:
        check_place(options.save)
    return Trainer(
        Network.new(options.architecture, options.seed),
        SGD(options.learning_rate, options.momentum, options.weight_decay),
        mnist.load("train", options.data),
        mnist.load("test", options.data),
        epochs=options.epochs,
        batch_size=options.batch_size,
        schedule=options.schedule,
        seed=options.seed,
        processes=options.processes,
    )


def parser() -> Parser:
    """Return the parser of the command's options."""
    made = Parser(prog=COMMAND, description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for name, kind, default, text in (
        ("--epochs", int, 3, "how often every training image is seen"),
        ("--batch-size", int, 64, "images in one step"),
        ("--learning-rate", float, 0.1, "no step has a larger one"),
        ("--momentum", float, 0.9, "from 0 to below 1"),
        ("--weight-decay", float, 0.0, "0 or more"),
        ("--seed", int, 0, "of the first weights and of the order of the images"),
        ("--processes", int, min(2, cores()), "that share each step"),
    ):
        made.add_argument(name, type=kind, default=default, help=f"{text}; {default}")
    made.add_argument("--schedule", choices=get_args(Schedule), default="linear")
    made.add_argument("--architecture", choices=list(ARCHITECTURES), default="cnn")
    made.add_argument("--data", metavar="DIR", help="another folder of MNIST's four files")
    made.add_argument("--save", metavar="FILE", type=Path, help="where the weights go, as .npz")
    made.add_argument("--json", action="store_true", help="one JSON object as the last line")
    return made


@contextmanager
def shown(trainer: Trainer) -> Iterator[Callable[[Record], None]]:
    """Yield what shows a record: it moves a bar on a terminal and prints lines elsewhere."""
    bar = progress_bar(trainer.steps) if sys.stdout and sys.stdout.isatty() else None
    if bar is None:
        yield Lines(trainer)
        return
    with bar:

        def show(record: Record) -> None:
            bar.update(record.step - bar.pos, record)

        yield show


def progress_bar(steps: int) -> Any:
    """Return a bar of click, which comes with Streamlit; None if click is not installed."""
    try:
        import click
    except ModuleNotFoundError:
        return None

    def describe(record: Record | None) -> str:
        return f"test {record.test_accuracy:.1%}, loss {record.loss:.3f}" if record else ""

    length = min(steps, 10**18)  # click divides by it as a float
    return click.progressbar(length=length, label="Training", item_show_func=describe)


class Lines:
    """A printed line at the end of every epoch, and one every ten seconds within longer epochs."""

    def __init__(self, trainer: Trainer) -> None:
        self.trainer, self.last, self.since = trainer, 0.0, list[Record]()

    def __call__(self, record: Record) -> None:
        """Print a record with the mean loss since the last line, or keep it for the next line."""
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
    """Print a table of the epochs, and one of the layers at the end: zero gradients, dead units."""
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
        zero, units, maps = ("" if each is None else share(each) for each in cells)
        print(f"{layer.name:<12} {zero:>14} {units:>11} {maps:>10}".rstrip())
    print(flush=True)


def share(fraction: float) -> str:
    """Return a fraction in tenths of a percent; 0.0% and 100.0% stand for exactly that."""
    if 0 < fraction < 0.0005:
        return "<0.1%"
    return ">99.9%" if 0.9995 <= fraction < 1 else f"{fraction:.1%}"


def _mean(values: Sequence[float], records: Sequence[Record]) -> float:
    """Return the mean of one value per record over all the images of the records."""
    return fmean(values, [record.images for record in records])


def result(trainer: Trainer, last: Record) -> dict[str, float | int]:
    """Return what --json prints."""
    return {
        "test_accuracy": last.test_accuracy,
        "train_seconds": trainer.train_seconds,
        "images_per_second": trainer.epochs * len(trainer.train.labels) / trainer.train_seconds,
        "epochs": trainer.epochs,
        "parameters": trainer.network.architecture.parameters,
    }


def keep(trainer: Trainer, options: argparse.Namespace, accuracy: float | None) -> int:
    """Save the weights if --save is given; return the exit status."""
    if options.save is None:
        return 0
    about = {
        "command": COMMAND,
        **{name: value for name, value in vars(options).items() if name not in ("save", "json")},
        "steps": trainer.step,
        "test_accuracy": accuracy,
        "numpy": np.__version__,
    }
    try:
        save(trainer.network, options.save, about)
    except EngineError as error:
        return complain(f"{error}{elsewhere(trainer.network, options.save.name, about)}", 1)
    return 0


def elsewhere(network: Network, name: str, about: dict[str, Any]) -> str:
    """Save the weights in a temporary folder; return the end of a sentence that says where."""
    try:
        path = Path(mkdtemp(), name)
        save(network, path, about)
    except (OSError, EngineError):
        return ""
    return f"; the weights are in {path}"


def interrupted(
    trainer: Trainer | None, records: Sequence[Record], options: argparse.Namespace, why: str = ""
) -> int:
    """Save what was learned so far, if --save is given, and say so in one sentence; return 130.

    why: the cause to report; "" for none.
    """
    because = f": {why}" if why else ""
    if trainer is None or trainer.step == 0:
        return complain(f"stopped before the first step{because}", 130)
    measured = (each.test_accuracy for each in records[-1:] if each.step == trainer.step)
    with undisturbed():
        kept = options.save is not None and keep(trainer, options, next(measured, None)) == 0
    where = f"; the weights so far are in {options.save}" if kept else ""
    return complain(f"stopped after {trainer.step} of {trainer.steps} steps{because}{where}", 130)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ignore Ctrl-C meanwhile: many press it twice, and the second must not stop the saving."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def complain(sentence: str, status: int) -> int:
    """Print one sentence on standard error; return the exit status."""
    print(f"{COMMAND}: {sentence}.", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())

"""A run's process: `python -m pages.training.process`; reads orders, trains, tells how it goes.

Its first line of input are the settings as JSON; then, a line each: run, pause, step. It answers
with reports, which are messages as the trainer's workers send them. When its input ends, because
the server has, so does it, at once.

A process of its own, since a thread in a server whose other threads are busy gets the interpreter's
lock so rarely that training stands still (tests/bench/train_neighbours.py). Its priority is lower,
so that those who look at pages go first.
"""

import json
import os
import signal
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from io import FileIO
from queue import SimpleQueue
from threading import Thread
from time import perf_counter
from typing import IO, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.errors import EngineError
from engine.training import SGD, Network, Record, Trainer
from engine.training.workers import read_message, write_message
from pages.language.catalogue import fault

BETWEEN: Final = 0.16
"""Seconds of training between two records: with the making of one, five and a half a second."""

SELDOM: Final = 20.0
"""In an epoch the whole test set is asked again when the run has lasted four times as long, or when
so many times has passed what asking takes."""

NICE: Final = 5
"""By how much its priority is lower than the server's, where there are such."""


class RunReport(NamedTuple):
    """kind: what it is about; said: what JSON can express; arrays: the numbers, read-only."""

    kind: str
    said: dict[str, Any]
    arrays: tuple[NDArray[Any], ...] = ()


def write(stream: IO[bytes], report: RunReport) -> None:
    """Sends a report. Raises OSError where nobody listens any more."""
    write_message(stream, {"kind": report.kind, "said": report.said}, report.arrays)


def read(stream: IO[bytes]) -> RunReport | None:
    """The next report; None where the other side has ended, be it in the middle of one."""
    message = read_message(stream)
    return RunReport(**message[0], arrays=message[1]) if message else None


class RunProcess:
    """One run: a trainer, and where to tell of it."""

    def __init__(self, settings: dict[str, Any], output: IO[bytes]) -> None:
        self.output = output
        self.orders: SimpleQueue[str] = SimpleQueue()
        names = ("learning_rate", "momentum", "weight_decay")
        self.trainer = Trainer(
            Network.new(settings["architecture"], settings["seed"]),
            SGD(**{name: settings[name] for name in names}),
            epochs=settings["epochs"],
            batch_size=settings["batch_size"],
            seed=settings["seed"],
        )
        self.worked = 0.0
        self.evaluated_at = 0
        self.next_evaluation = self.asking = 0.0

    def work(self) -> None:
        """Until the last step is done: obeys."""
        trainer = self.trainer
        sizes = {"steps": trainer.steps, "steps_per_epoch": trainer.steps_per_epoch}
        self.tell("begun", phase="running", **sizes)
        while trainer.step < trainer.steps:
            order = self.orders.get()
            if order == "run":
                self.tell("phase", phase="running")  # it may have been said to be paused since
                self.follow(trainer.run(seconds=BETWEEN))
                continue  # with the order that interrupted it, if it is not done
            if order == "step":
                self.follow(trainer.run(every=1), once=True)
            self.evaluate()
            self.tell("phase", phase="paused")
        self.evaluate()
        self.tell("phase", phase="finished")

    def follow(self, records: Iterator[Record], *, once: bool = False) -> None:
        """Trains, and tells of it; until there is another order, or after one record."""
        began = perf_counter()
        for record in records:
            now = perf_counter()
            self.worked += now - began
            began = now
            arrays = self.trainer.network.params
            self.tell("record", *arrays, record=asdict(record), worked=self.worked)
            if once or not self.orders.empty():
                break
            if record.end_of_epoch or self.worked > self.next_evaluation:
                self.evaluate()

    def evaluate(self) -> None:
        """Asks the network for all test images, unless it has been asked since its last step."""
        if self.evaluated_at == self.trainer.step:
            return
        began = perf_counter()
        found = self.trainer.evaluate()  # at the end of an epoch it is known already
        self.asking = max(self.asking, perf_counter() - began)
        self.evaluated_at = self.trainer.step
        arrays = (found.predicted.astype(np.uint8), found.confidence)
        self.tell("evaluation", *arrays, step=self.evaluated_at)
        self.next_evaluation = self.worked + min(SELDOM * self.asking, 3 * self.worked)

    def tell(self, kind: str, *arrays: Any, **said: Any) -> None:
        """Sends a report."""
        write(self.output, RunReport(kind, said, arrays))

    def listen(self, orders: Iterable[bytes]) -> None:
        """Takes orders, until nobody gives any more."""
        for line in orders:
            self.orders.put(line.decode().strip())
        os._exit(0)  # in the middle of whatever is computed


def main() -> None:
    """Reads the settings, and trains."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server's end is this one's
    if hasattr(os, "nice"):
        os.nice(NICE)
    output, sys.stdout = sys.stdout.buffer, sys.stderr  # what anybody prints is no report
    np.seterr(all="ignore")  # a loss that overflows is an error with a sentence
    # Without a buffer, whose lock the thread that waits for orders would hold at the end.
    orders = FileIO(sys.stdin.fileno(), closefd=False)
    try:
        process = RunProcess(json.loads(orders.readline()), output)
        Thread(target=process.listen, args=(orders,), daemon=True).start()
        process.work()
    except EngineError as error:
        write(output, RunReport("phase", {"phase": "failed", "sentence": fault(error)}))


if __name__ == "__main__":
    main()

"""The process of a training run, `python -m pages.training.process`: takes orders and reports.

The first line of its input has the settings as JSON; each further line is an order: run, pause or
step. It writes reports, in the format of the trainer's workers. When its input ends, because the
server did, it ends at once.

It is a process because a thread in a server whose other threads are busy gets the interpreter's
lock so rarely that training stands still (tests/bench/train_neighbours.py). It has a lower priority
than the server, so that users who look at pages come first.
"""

import json
import os
import signal
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
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
"""Seconds of training between two records: about five and a half records a second."""

SELDOM: Final = 20.0
"""Within an epoch the network is evaluated on the whole test set again once the run has lasted four
times as long as at the last evaluation, or once SELDOM evaluations would have fitted in since."""

NICE: Final = 5
"""By how much the process's priority is lower than the server's, on systems with priorities."""


class RunReport(NamedTuple):
    """A report about a run."""

    kind: str  # what it is about
    said: dict[str, Any]  # its content as JSON
    arrays: tuple[NDArray[Any], ...] = ()  # numbers, read-only


def write(stream: IO[bytes], report: RunReport) -> None:
    """Send a report. Raises OSError if nobody listens any more."""
    write_message(stream, {"kind": report.kind, "said": report.said}, report.arrays)


def read(stream: IO[bytes]) -> RunReport | None:
    """Return the next report; None if the other side has ended, even in the middle of one."""
    message = read_message(stream)
    return RunReport(**message[0], arrays=message[1]) if message else None


class RunProcess:
    """One run: a trainer, and where to send reports about it."""

    def __init__(self, settings: dict[str, Any], output: IO[bytes]) -> None:
        self.output = output
        self.orders: SimpleQueue[str] = SimpleQueue()
        self.trainer = Trainer(
            Network.new(settings["architecture"], settings["seed"]),
            SGD(**{field.name: settings[field.name] for field in fields(SGD)}),
            epochs=settings["epochs"],
            batch_size=settings["batch_size"],
            seed=settings["seed"],
        )
        self.worked = 0.0
        self.evaluated_at = 0
        self.next_evaluation = self.asking = 0.0

    def work(self) -> None:
        """Obey orders until the last step is done."""
        trainer = self.trainer
        sizes = {"steps": trainer.steps, "steps_per_epoch": trainer.steps_per_epoch}
        self.tell("begun", phase="running", **sizes)
        while trainer.step < trainer.steps:
            order = self.orders.get()
            if order == "run":
                self.tell("phase", phase="running")  # it may have been said to be paused since
                self.follow(trainer.run(seconds=BETWEEN))
                continue  # with the order that interrupted the run, unless the run is done
            if order == "step":
                self.follow(trainer.run(every=1), once=True)
            self.evaluate()
            self.tell("phase", phase="paused")
        self.evaluate()
        self.tell("phase", phase="finished")

    def follow(self, records: Iterator[Record], *, once: bool = False) -> None:
        """Train and report until there is another order, or for one record."""
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
        """Evaluate the network on all test images, unless that was done since its last step."""
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
        """Send a report."""
        write(self.output, RunReport(kind, said, arrays))

    def listen(self, orders: Iterable[bytes]) -> None:
        """Take orders until the input ends; then end the process."""
        for line in orders:
            self.orders.put(line.decode().strip())
        os._exit(0)  # in the middle of whatever is computed


def main() -> None:
    """Read the settings and train."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # this process ends when the server does
    if hasattr(os, "nice"):
        os.nice(NICE)
    output, sys.stdout = sys.stdout.buffer, sys.stderr  # printed text must not mix with reports
    np.seterr(all="ignore")  # a loss that overflows is an error with a sentence
    # Unbuffered: the thread that waits for orders would still hold a buffer's lock at the end.
    orders = FileIO(sys.stdin.fileno(), closefd=False)
    try:
        process = RunProcess(json.loads(orders.readline()), output)
        Thread(target=process.listen, args=(orders,), daemon=True).start()
        process.work()
    except EngineError as error:
        write(output, RunReport("phase", {"phase": "failed", "sentence": fault(error)}))


if __name__ == "__main__":
    main()

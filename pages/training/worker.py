"""A run's process: `python -m pages.training.worker`; reads orders, trains, tells how it goes.

Its first line of input are the settings as JSON; then, a line each: run, pause, step. It answers
with messages of wire.py. When its input ends, because the server has, so does it, at once.

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
from typing import IO, Any, Final

import numpy as np

from engine.errors import EngineError
from engine.training import SGD, Network, Record, Trainer
from pages.faults import said
from pages.training.wire import Message, write

BETWEEN: Final = 0.16
"""Seconds of training between two records: with the making of one, five and a half a second."""

SELDOM: Final = 20.0
"""In an epoch the whole test set is asked again when the run has lasted four times as long, or when
so many times has passed what asking takes."""

NICE: Final = 5
"""By how much its priority is lower than the server's, where there are such."""


class Worker:
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
        """Sends a message."""
        write(self.output, Message(kind, said, arrays))

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
    output, sys.stdout = sys.stdout.buffer, sys.stderr  # what anybody prints is no message
    np.seterr(all="ignore")  # a loss that overflows is an error with a sentence
    # Without a buffer, whose lock the thread that waits for orders would hold at the end.
    orders = FileIO(sys.stdin.fileno(), closefd=False)
    try:
        worker = Worker(json.loads(orders.readline()), output)
        Thread(target=worker.listen, args=(orders,), daemon=True).start()
        worker.work()
    except EngineError as error:
        write(output, Message("phase", {"phase": "failed", "sentence": said(error)}))


if __name__ == "__main__":
    main()

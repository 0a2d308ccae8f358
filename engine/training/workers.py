"""Processes that share every batch: the caller's own, and workers that it starts (worker.py).

Threads would wait for each other: a batch of 64 takes a hundred numpy calls of some 20 µs, and each
needs the interpreter's lock before the next.

The processes send messages through pipes: a line of JSON, then the bytes of arrays. Nothing is
pickled, so only numbers and text can arrive. A task is the parameters, the images and the labels; a
result is the loss, the gradients and counts.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import accumulate
from math import prod
from operator import add
from typing import IO, Any, Final, NamedTuple, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.cores import single_threaded
from engine.errors import OrderError
from engine.mnist import Bytes
from engine.training.network import Architecture
from engine.training.passes import Labels, Pass, Zeros, learn

IMAGES_LEAST: Final = 16  # fewer images are not worth a worker

READY: Final = b"ready"  # a worker's first message

AnyArray: TypeAlias = NDArray[Any]


class Task(NamedTuple):
    """The arguments of `learn` after the layers."""

    params: Sequence[Array]
    images: Bytes
    labels: Labels
    share: float
    watched: bool


class Workers:
    """One process or more that compute a network's batches; used in a `with` statement."""

    def __init__(self, architecture: Architecture, processes: int, batch_size: int) -> None:
        """The caller's process counts as one; a worker that would get no image is not started."""
        self.architecture = architecture
        self.processes = -(-batch_size // _piece(batch_size, processes))
        self._workers: list[_Worker] = []

    def __enter__(self) -> Self:
        """Start the others, and wait until they are ready. Raises OrderError if one fails."""
        try:
            for _ in range(self.processes - 1):
                self._workers.append(_Worker(self.architecture))
            for worker in self._workers:
                worker.await_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        """End the workers."""
        for worker in self._workers:
            worker.end()

    def learn(
        self, params: Sequence[Array], images: Bytes, labels: Labels, *, watched: bool = False
    ) -> Pass:
        """Run `learn` on a batch; each process takes a piece, and the results are summed in order.

        Raises OrderError if a worker has ended.
        """
        count = len(labels)
        size = _piece(count, self.processes)
        pieces = (slice(start, start + size) for start in range(0, count, size))
        mine, *others = (
            Task(params, images[piece], labels[piece], len(labels[piece]) / count, watched)
            for piece in pieces
        )
        busy = [*zip(self._workers, others, strict=False)]
        for worker, task in busy:
            worker.start(task)
        done = learn(self.architecture.layers, *mine)
        return reduce(add, (worker.result() for worker, _ in busy), done)


def _piece(images: int, processes: int) -> int:
    """Return how many of the images each process takes; the last takes what is left, if any is."""
    return max(IMAGES_LEAST, -(-images // processes))


class _Worker:
    """A process that runs worker.py."""

    def __init__(self, architecture: Architecture) -> None:
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "engine.training.worker", architecture.slug],
                env=single_threaded(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C is for the caller alone
            )
        except OSError as error:
            raise OrderError(
                f"Trainer: no process can be started to share the work: {error.strerror}; with "
                "one process none is needed"
            ) from error
        assert self._process.stdin
        assert self._process.stdout
        self._to, self._from = self._process.stdin, self._process.stdout

    def await_ready(self) -> None:
        if self._from.read(len(READY)) != READY:
            raise self._lost()

    def start(self, task: Task) -> None:
        try:
            write_task(self._to, task)
        except OSError as error:
            raise self._lost() from error

    def result(self) -> Pass:
        done = read_result(self._from)
        if done is None:
            raise self._lost()
        return done

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _lost(self) -> OrderError:
        return OrderError(
            "Trainer: a process that shared the work has ended unexpectedly; with one process "
            "there is none to lose"
        )


def write_message(stream: IO[bytes], head: Mapping[str, Any], arrays: Sequence[AnyArray]) -> None:
    """Send a head that JSON can express, and arrays. Raises OSError if the reader has ended."""
    described = [(array.dtype.char, array.shape) for array in arrays]  # one machine, one byte order
    line = json.dumps([head, described]).encode()
    # In one write, since what is written in pieces is read in pieces; arrays always in C order.
    stream.write(b"".join((line, b"\n", *(array.tobytes() for array in arrays))))
    stream.flush()


def read_message(stream: IO[bytes]) -> tuple[dict[str, Any], tuple[AnyArray, ...]] | None:
    """Return the next message, its arrays read-only; None if the sender ended, even midway."""
    line = stream.readline()
    if not line.endswith(b"\n"):
        return None
    head, described = json.loads(line)
    sizes = [np.dtype(kind).itemsize * prod(shape) for kind, shape in described]
    content = stream.read(sum(sizes))
    if len(content) < sum(sizes):
        return None
    arrays = (
        np.frombuffer(content, kind, prod(shape), start).reshape(shape)
        for (kind, shape), start in zip(described, accumulate(sizes, initial=0), strict=False)
    )
    return head, tuple(arrays)


def write_task(stream: IO[bytes], task: Task) -> None:
    """Send a task. Raises OSError if the reader has ended."""
    params, images, labels, share, watched = task
    write_message(stream, {"share": share, "watched": watched}, (*params, images, labels))


def read_task(stream: IO[bytes]) -> Task | None:
    """Return the next task; None if there are no more."""
    message = read_message(stream)
    if message is None:
        return None
    head, (*params, images, labels) = message
    return Task(params, images, labels, **head)


def write_result(stream: IO[bytes], done: Pass) -> None:
    """Send a result. Raises OSError if the reader has ended."""
    zeros = [(each.zero, each.entries) if each else None for each in done.zeros]
    head = {"images": done.images, "loss": done.loss, "correct": done.correct, "zeros": zeros}
    write_message(stream, head, done.grads)


def read_result(stream: IO[bytes]) -> Pass | None:
    """Return the next result; None if the other process has ended."""
    message = read_message(stream)
    if message is None:
        return None
    head, grads = message
    head["zeros"] = tuple(Zeros(*pair) if pair else None for pair in head["zeros"])
    return Pass(**head, grads=grads)

"""Processes that share every batch: the caller's own, and workers that it starts (worker.py).

Threads would wait for each other: a batch of 64 is a hundred numpy calls of some 20 µs, and each
needs the interpreter's lock before the next.

Through the pipes go messages: a line of JSON, then arrays' bytes. Neither pickles: whatever arrives
is numbers and text. A task is the parameters, the images and the labels; a result, the gradients.
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

IMAGES_LEAST: Final = 16
"""Fewer images are not worth a worker."""

READY: Final = b"ready"
"""What a worker says first."""

AnyArray: TypeAlias = NDArray[Any]


class Task(NamedTuple):
    """The arguments of `learn`."""

    params: Sequence[Array]
    images: Bytes
    labels: Labels
    share: float
    watched: bool


class Workers:
    """One process or more for a network's batches; used in a `with`."""

    def __init__(self, architecture: Architecture, processes: int, batch_size: int) -> None:
        """The caller's process is one of them; who would never get an image is not started."""
        self.architecture = architecture
        self.processes = min(processes, -(-batch_size // IMAGES_LEAST))
        self._workers: list[_Worker] = []

    def __enter__(self) -> Self:
        """Starts the others, and waits until they are ready. Raises OrderError where one is not."""
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
        """Ends them."""
        for worker in self._workers:
            worker.end()

    def learn(
        self, params: Sequence[Array], images: Bytes, labels: Labels, *, watched: bool = False
    ) -> Pass:
        """`learn` on a batch; each process takes a piece, whose sums are taken in their order.

        Raises OrderError where a worker has ended.
        """
        count = len(labels)
        size = max(IMAGES_LEAST, -(-count // self.processes))
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
    """Sends what JSON can express, and arrays. Raises OSError where nobody listens any more."""
    described = [(array.dtype.char, array.shape) for array in arrays]  # on one machine
    line = json.dumps([head, described]).encode()
    # At once: what is written in pieces is read in pieces. Row by row, whatever an array's order.
    stream.write(b"".join((line, b"\n", *(array.tobytes() for array in arrays))))
    stream.flush()


def read_message(stream: IO[bytes]) -> tuple[dict[str, Any], tuple[AnyArray, ...]] | None:
    """The next message, its arrays read-only; None where the other side has ended, also amidst."""
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
    """Raises OSError where nobody listens any more."""
    params, images, labels, share, watched = task
    write_message(stream, {"share": share, "watched": watched}, (*params, images, labels))


def read_task(stream: IO[bytes]) -> Task | None:
    """None where there are no more."""
    message = read_message(stream)
    if message is None:
        return None
    head, (*params, images, labels) = message
    return Task(params, images, labels, **head)


def write_result(stream: IO[bytes], done: Pass) -> None:
    """Raises OSError where nobody listens any more."""
    zeros = [(each.zero, each.entries) if each else None for each in done.zeros]
    head = {"images": done.images, "loss": done.loss, "correct": done.correct, "zeros": zeros}
    write_message(stream, head, done.grads)


def read_result(stream: IO[bytes]) -> Pass | None:
    """None where the other process has ended."""
    message = read_message(stream)
    if message is None:
        return None
    head, grads = message
    head["zeros"] = tuple(Zeros(*pair) if pair else None for pair in head["zeros"])
    return Pass(**head, grads=grads)

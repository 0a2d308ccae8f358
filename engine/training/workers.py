"""Processes that share every batch: the caller's own, and workers that it starts (worker.py).

Threads would wait for each other: a batch of 64 is a hundred numpy calls of some 20 µs, and each
needs the interpreter's lock before the next.

Through the pipes go numbers in an order that both sides know. A task: `_TASK`, the parameters, the
images, the labels. A result: `_RESULT`, a pair of counts for each layer, the gradients.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import accumulate
from math import prod
from operator import add
from pathlib import Path
from struct import Struct
from typing import IO, Any, Final, NamedTuple, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.errors import OrderError
from engine.mnist import SIDE, Bytes
from engine.training.network import Architecture
from engine.training.passes import Labels, Pass, Zeros, learn

LEAST: Final = 16
"""Fewer images are not worth a worker."""

READY: Final = b"ready"
"""What a worker says first."""

_TASK: Final = Struct("<qd?")
"""How many images, their share of the batch, whether zeros are counted."""
_RESULT: Final = Struct("<qdq")
"""How many images, the loss, how many were right."""
_NONE: Final = (-1, -1)

Described: TypeAlias = tuple[type, tuple[int, ...]]

_ROOT: Final = Path(__file__).resolve().parents[2]
_ONE_THREAD: Final = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")


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
        self.processes = min(processes, -(-batch_size // LEAST))
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
        size = max(LEAST, -(-count // self.processes))
        mine, *others = (slice(start, start + size) for start in range(0, count, size))
        busy = [*zip(self._workers, others, strict=False)]
        for worker, piece in busy:
            share = len(labels[piece]) / count
            worker.start(Task(params, images[piece], labels[piece], share, watched))
        share = len(labels[mine]) / count
        done = learn(
            self.architecture.layers, params, images[mine], labels[mine],
            share=share, watched=watched,
        )  # fmt: skip
        return reduce(add, (worker.result() for worker, _ in busy), done)


class _Worker:
    """A process that runs worker.py."""

    def __init__(self, architecture: Architecture) -> None:
        self.architecture = architecture
        path = os.pathsep.join(filter(None, (str(_ROOT), os.getenv("PYTHONPATH"))))
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "engine.training.worker", architecture.slug],
                env={**os.environ, **dict.fromkeys(_ONE_THREAD, "1"), "PYTHONPATH": path},
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
        done = read_result(self._from, self.architecture)
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


def write_task(stream: IO[bytes], task: Task) -> None:
    """Raises OSError where nobody listens any more."""
    params, images, labels, share, watched = task
    head = _TASK.pack(len(labels), share, watched)
    _write(stream, head, (*params, images, labels.astype(np.int64)))


def read_task(stream: IO[bytes], architecture: Architecture) -> Task | None:
    """None where there are no more."""
    head = stream.read(_TASK.size)
    if len(head) < _TASK.size:
        return None
    count, share, watched = _TASK.unpack(head)
    described = (*_params(architecture), (np.uint8, (count, SIDE, SIDE)), (np.int64, (count,)))
    arrays = _read(stream, described)
    if arrays is None:
        return None
    *params, images, labels = arrays
    return Task(params, images, labels.astype(np.intp), share, watched)


def write_result(stream: IO[bytes], done: Pass) -> None:
    """Raises OSError where nobody listens any more."""
    pairs = [(each.zero, each.entries) if each else _NONE for each in done.zeros]
    head = _RESULT.pack(done.images, done.loss, done.correct)
    _write(stream, head, (np.array(pairs, dtype=np.int64), *done.grads))


def read_result(stream: IO[bytes], architecture: Architecture) -> Pass | None:
    """None where the other process has ended."""
    head = stream.read(_RESULT.size)
    if len(head) < _RESULT.size:
        return None
    images, loss, correct = _RESULT.unpack(head)
    layers = len(architecture.layers.operations)
    arrays = _read(stream, ((np.int64, (layers, 2)), *_params(architecture)))
    if arrays is None:
        return None
    pairs, *grads = arrays
    zeros = tuple(Zeros(*pair) if pair[1] >= 0 else None for pair in pairs.tolist())
    return Pass(images, loss, correct, tuple(grads), zeros)


def _params(architecture: Architecture) -> Iterator[Described]:
    return ((np.float32, shape) for shape in architecture.shapes)


def _write(stream: IO[bytes], head: bytes, arrays: Sequence[NDArray[Any]]) -> None:
    # At once: what is written in pieces is read in pieces.
    stream.write(b"".join((head, *(array.tobytes() for array in arrays))))
    stream.flush()


def _read(stream: IO[bytes], described: Sequence[Described]) -> list[NDArray[Any]] | None:
    """Arrays of these dtypes and shapes, read-only."""
    sizes = [np.dtype(kind).itemsize * prod(shape) for kind, shape in described]
    content = stream.read(sum(sizes))
    if len(content) < sum(sizes):
        return None
    starts = accumulate(sizes, initial=0)
    return [
        np.frombuffer(content, kind, prod(shape), start).reshape(shape)
        for (kind, shape), start in zip(described, starts, strict=False)
    ]

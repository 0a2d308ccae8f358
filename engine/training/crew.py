"""Processes that share every batch: the caller's own, and partners that it starts.

Threads would wait for each other: a batch of 64 is a hundred numpy calls of some 20 µs, and each
needs the interpreter's lock before the next.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from functools import reduce
from operator import add
from pathlib import Path
from typing import Final, Self

from engine.arrays import Array
from engine.errors import OrderError
from engine.mnist import Bytes
from engine.training.architectures import Architecture
from engine.training.exchange import READY, Question, read_answer, write_question
from engine.training.passes import Labels, Pass, learn

LEAST: Final = 16
"""Fewer images are not worth asking a partner."""

_ROOT: Final = Path(__file__).resolve().parents[2]
_ONE_THREAD: Final = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")


class Crew:
    """One process or more for a network's batches; used in a `with`."""

    def __init__(self, architecture: Architecture, processes: int, batch_size: int) -> None:
        """The caller's process is one of them; who would never get an image is not started."""
        self.architecture = architecture
        self.processes = min(processes, -(-batch_size // LEAST))
        self._partners: list[_Partner] = []

    def __enter__(self) -> Self:
        """Starts the others, and waits until they are ready. Raises OrderError where one is not."""
        try:
            for _ in range(self.processes - 1):
                self._partners.append(_Partner(self.architecture))
            for partner in self._partners:
                partner.await_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        """Ends them."""
        for partner in self._partners:
            partner.end()

    def learn(
        self, params: Sequence[Array], images: Bytes, labels: Labels, *, watched: bool = False
    ) -> Pass:
        """`learn` on a batch; each process takes a piece, whose sums are taken in their order.

        Raises OrderError where a partner has ended.
        """
        count = len(labels)
        size = max(LEAST, -(-count // self.processes))
        mine, *others = (slice(start, start + size) for start in range(0, count, size))
        asked = [*zip(self._partners, others, strict=False)]
        for partner, piece in asked:
            share = len(labels[piece]) / count
            partner.ask(Question(params, images[piece], labels[piece], share, watched))
        share = len(labels[mine]) / count
        done = learn(
            self.architecture.layers, params, images[mine], labels[mine],
            share=share, watched=watched,
        )  # fmt: skip
        return reduce(add, (partner.answer() for partner, _ in asked), done)


class _Partner:
    """A process that runs partner.py."""

    def __init__(self, architecture: Architecture) -> None:
        self.architecture = architecture
        path = os.pathsep.join(filter(None, (str(_ROOT), os.getenv("PYTHONPATH"))))
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "engine.training.partner", architecture.slug],
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

    def ask(self, question: Question) -> None:
        try:
            write_question(self._to, question)
        except OSError as error:
            raise self._lost() from error

    def answer(self) -> Pass:
        done = read_answer(self._from, self.architecture)
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

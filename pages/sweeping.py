"""Sweeps beside the server's own process, which goes on answering everybody else meanwhile.

A sweep is thirty pictures at once, all of it Python, of which only one thread runs at a time: a
class that plays would wait for each other's sweeps. So other processes make them, and what one
visitor asked for is kept for the next: a class looks at what the lecturer looks at.
"""

import os
import signal
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import lru_cache, partial
from multiprocessing import get_context, parent_process
from threading import Lock, Thread
from typing import Final

from pages.figures.theme import Theme
from pages.predict import Exercise
from pages.registry import SUBJECTS
from pages.sweep import LIMIT, sweep

KEPT: Final = 16_000_000 // LIMIT
"""So many sweeps are kept, 16 MB at the most."""


@dataclass(frozen=True)
class Order:
    """What a sweep is made from: all that it depends on. page: the subject's key."""

    page: str
    scene: tuple[tuple[str, str], ...]
    theme: Theme
    exercise: Exercise | None
    name: str
    values: tuple[float, ...]
    key: str


def made(order: Order) -> str | None:
    """The sweep that is wanted, as `pages.sweep.sweep` has it."""
    subject = SUBJECTS[order.page]
    scene, _ = subject.start.updated(dict(order.scene))
    draw = partial(subject.picture, theme=order.theme, exercise=order.exercise)
    return sweep(scene, draw, order.name, order.values, order.key)


class Sweeper:
    """So many processes that make sweeps; none where one cannot be started."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._lock = Lock()
        self._pool: ProcessPoolExecutor | None = None

    def start(self) -> None:
        """Gets the processes ready; returns at once."""
        with self._lock:
            # Spawned, not forked: the server has threads.
            self._pool = ProcessPoolExecutor(self._processes, get_context("spawn"), _get_ready)
            for _ in range(self._processes):
                self._pool.submit(os.getpid)

    def stop(self) -> None:
        """Ends them."""
        with self._lock:
            if self._pool:
                self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def made(self, order: Order) -> str | None:
        """What the function of this name gives, by a process where there is one."""
        pool = self._pool
        if pool is None:
            return made(order)
        try:
            return pool.submit(made, order).result()
        except BrokenProcessPool:
            # One was killed, and takes the others with it: the next order finds new ones.
            with self._lock:
                again = self._pool is pool
            if again:
                self.start()
            return made(order)


SWEEPER: Final = Sweeper(max(1, (os.cpu_count() or 1) - 1))


@lru_cache(maxsize=KEPT)
def kept(order: Order) -> str | None:
    """The sweep that is wanted: by a process of the server's, or kept from the last time."""
    return SWEEPER.made(order)


def _get_ready() -> None:
    """What a process does first: imports, and sees to it that it does not outlive the server."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's, which ends us
    Thread(target=_end_with_the_server, daemon=True).start()


def _end_with_the_server() -> None:
    server = parent_process()
    if server:
        server.join()
        os._exit(0)

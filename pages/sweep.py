"""Sweeps: the pictures of every value that a slider can take, as one text for the browser.

A sweep is thirty pictures, computed in Python, of which a process runs only one thread at a time.
If the server computed them itself, the students of a class would wait for each other's sweeps. So
other processes make them while the server goes on answering. A sweep is kept for the next visitor,
because a class looks at what the lecturer looks at.
"""

import gc
import json
import os
import signal
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context, parent_process
from threading import Lock, Thread
from typing import Any, Final

from engine.cores import cores
from pages.derive.picture import SCREEN, Screen, as_frame
from pages.derive.subject import PageSubject
from pages.registry import SUBJECTS
from pages.state.scene import SceneType

LIMIT: Final = 200_000
"""Bytes. A longer sweep is not sent: a round trip for each value is better than a long wait."""
ENOUGH: Final = 3  # the number of pictures from which the length of the whole sweep is estimated
KEPT: Final = 80
"""The number of sweeps that are kept, 32 MB at most: in memory each character takes two bytes."""
NEW: Final = 20_000  # the number of new objects after which the garbage collector runs
PROCESSES: Final = 3
"""The most processes that make sweeps, of 60 MB each. A server answers from one core, and three
more processes make all the sweeps that it is asked for."""


def sweep(
    subject: PageSubject[SceneType],
    scene: SceneType,
    name: str,
    values: Sequence[float],
    key: str,
    screen: Screen = SCREEN,
) -> str | None:
    """Return the pictures of a slider's values as JSON, or None if that is longer than LIMIT.

    Each picture is written as its differences from the first. The slider's present value plays no
    part, so that everybody who moves this slider in the same state may get the same text. key: by
    which the browser recognizes the sweep. The JSON is made here, once, because Streamlit walks
    several times through whatever it is given.
    """
    frames: list[str] = []
    size = 0
    first: dict[str, Any] = {}
    base: Sequence[Mapping[str, Any]] = ()
    for picture in subject.pictures([scene.moved(name, value) for value in values], screen):
        base = base or picture.figure["data"]
        frame = as_frame(base, picture)
        frames.append(_json(_said_anew(frame, first) if first else frame))
        first = first or frame
        size += len(frames[-1].encode())
        expected = size * len(values) / ENOUGH if len(frames) == ENOUGH else 0
        if size > LIMIT or expected > 2 * LIMIT:  # the others will be as long
            return None  # without making them
    head = {"name": name, "key": key, "values": list(values), "base": base}
    text = f'{_json(head)[:-1]},"frames":[{",".join(frames)}]}}'
    return text if len(text.encode()) <= LIMIT else None


def _said_anew(frame: dict[str, Any], first: Mapping[str, Any]) -> dict[str, Any]:
    """The frame with None for the legend and for each sentence that is the same in the first frame.

    Most are the same, and would be a quarter of the block's sweep.
    """
    known = {*enumerate(first["explanation"])}
    said = [None if each in known else each[1] for each in enumerate(frame["explanation"])]
    legend = None if frame["legend"] == first["legend"] else frame["legend"]
    return frame | {"explanation": said, "legend": legend}


_json: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


# --- in processes of their own


@dataclass(frozen=True)
class Order:
    """All that a sweep depends on."""

    page: str  # the subject's key
    scene: tuple[tuple[str, str], ...]  # its query, as pairs
    screen: Screen
    name: str
    values: tuple[float, ...]
    key: str


def made(order: Order) -> str | None:
    """Make the sweep of an order, as `sweep` does."""
    subject = SUBJECTS[order.page]
    scene, _ = subject.start.updated(dict(order.scene))
    return sweep(subject, scene, order.name, order.values, order.key, order.screen)


class Sweeper:
    """A pool of processes that make sweeps. Without a running pool, the caller makes them."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._lock = Lock()
        self._pool: ProcessPoolExecutor | None = None

    def start(self) -> None:
        """Start the processes, without waiting until they are ready."""
        with self._lock:
            self._start()

    def stop(self) -> None:
        """End the processes."""
        with self._lock:
            if self._pool:
                self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def made(self, order: Order) -> str | None:
        """Make the sweep of an order, in one of the processes if they run."""
        pool = self._pool
        if pool is None:
            return made(order)
        try:
            return pool.submit(made, order).result()
        except BrokenProcessPool:
            # If one process is killed, the pool ends the others: the next order finds a new pool.
            with self._lock:
                if self._pool is pool:
                    self._start()
            return made(order)

    def _start(self) -> None:
        """Start a new pool if the system lets all of it start. The caller holds the lock."""
        self._pool = None
        # Too many processes, too many threads, or no semaphores: each is refused in its own way.
        with suppress(OSError, RuntimeError):
            # Spawned, not forked: the server has threads.
            pool = ProcessPoolExecutor(self._processes, get_context("spawn"), _get_ready)
            for _ in range(self._processes):
                pool.submit(os.getpid)
            self._pool = pool


SWEEPER: Final = Sweeper(min(PROCESSES, max(1, cores() - 1)))


@lru_cache(maxsize=KEPT)
def kept_sweep(order: Order) -> str | None:
    """Return the sweep of an order, kept from the last time or made by one of the processes."""
    return SWEEPER.made(order)


def spare_the_collector() -> None:
    """Make garbage collection rarer and cheaper in a process that has loaded all its modules.

    What is loaded by now stays for good, and is not searched again. What the pictures cache stays
    for a while, so that the default search after every 700 new objects finds nothing; it would take
    a tenth of the time of a sweep.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW)


def _get_ready() -> None:
    """Prepare a new process, whose imports are done, and make it end when the server ends."""
    spare_the_collector()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends this one
    Thread(target=_end_with_the_server, daemon=True).start()


def _end_with_the_server() -> None:
    server = parent_process()
    if server:
        server.join()
        os._exit(0)

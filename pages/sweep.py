"""Sweeps: the pictures of every value that a slider can take, as one text for the browser.

They are made beside the server's own process, which goes on answering everybody else meanwhile. A
sweep is thirty pictures at once, all of it Python, of which only one thread runs at a time: a
class that plays would wait for each other's sweeps. So other processes make them, and what one
visitor asked for is kept for the next: a class looks at what the lecturer looks at.
"""

import gc
import json
import os
import signal
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
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

ENOUGH: Final = 3
"""So many of its pictures tell how long a sweep will be."""

KEPT: Final = 16_000_000 // LIMIT
"""So many sweeps are kept, 16 MB at the most."""

NEW: Final = 20_000
"""So many things more than there were, and garbage is looked for among them."""

PROCESSES: Final = 3
"""At most: a server answers from one core, and so many make all the sweeps that it is asked for;
each takes 60 MB."""


def sweep(
    subject: PageSubject[SceneType],
    scene: SceneType,
    name: str,
    values: Sequence[float],
    key: str,
    screen: Screen = SCREEN,
) -> str | None:
    """The pictures of these values, each as what differs from the first; None where that is long.

    What the scene's own value is makes no difference, so whoever moves this slider in the same
    state may have the same text. key: by which the browser knows it. JSON, made here, once, since
    Streamlit walks through all it is given several times.
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
            return None  # nobody need wait for them
    head = {"name": name, "key": key, "values": list(values), "base": base}
    text = f'{_json(head)[:-1]},"frames":[{",".join(frames)}]}}'
    return text if len(text.encode()) <= LIMIT else None


def _said_anew(frame: dict[str, Any], first: Mapping[str, Any]) -> dict[str, Any]:
    """A frame with None for a legend, and for each sentence, that the first one has there too.

    Most are: they were a quarter of the block's sweep.
    """
    known = {*enumerate(first["explanation"])}
    said = [None if each in known else each[1] for each in enumerate(frame["explanation"])]
    legend = None if frame["legend"] == first["legend"] else frame["legend"]
    return frame | {"explanation": said, "legend": legend}


_json: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


# --- in processes of their own


@dataclass(frozen=True)
class Order:
    """What a sweep is made from: all that it depends on. page: the subject's key."""

    page: str
    scene: tuple[tuple[str, str], ...]
    screen: Screen
    name: str
    values: tuple[float, ...]
    key: str


def made(order: Order) -> str | None:
    """The sweep that is wanted, as `sweep` has it."""
    subject = SUBJECTS[order.page]
    scene, _ = subject.start.updated(dict(order.scene))
    return sweep(subject, scene, order.name, order.values, order.key, order.screen)


class Sweeper:
    """So many processes that make sweeps; none where one cannot be started."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._lock = Lock()
        self._pool: ProcessPoolExecutor | None = None

    def start(self) -> None:
        """Gets the processes ready; returns at once."""
        with self._lock:
            self._start()

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
                if self._pool is pool:
                    self._start()
            return made(order)

    def _start(self) -> None:
        """Of who holds the lock."""
        # Spawned, not forked: the server has threads.
        self._pool = ProcessPoolExecutor(self._processes, get_context("spawn"), _get_ready)
        for _ in range(self._processes):
            self._pool.submit(os.getpid)


SWEEPER: Final = Sweeper(min(PROCESSES, max(1, cores() - 1)))


@lru_cache(maxsize=KEPT)
def kept_sweep(order: Order) -> str | None:
    """The sweep that is wanted: by a process of the server's, or kept from the last time."""
    return SWEEPER.made(order)


def spare_the_collector() -> None:
    """For a process that has loaded what it needs: has garbage looked for less often, and in less.

    What is loaded by now stays. And what pictures remember stays for a while, so that to look again
    whenever there are 700 things more finds nothing: a tenth of a sweep, of which there is none.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW)


def _get_ready() -> None:
    """What a process does first: imports, and sees to it that it does not outlive the server."""
    spare_the_collector()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's, which ends us
    Thread(target=_end_with_the_server, daemon=True).start()


def _end_with_the_server() -> None:
    server = parent_process()
    if server:
        server.join()
        os._exit(0)

"""A network between a browser and a server that can fail without either being notified."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Self

_CHUNK: Final = 65536


class Tunnel:
    """A context that forwards connections from its port to another port, until it is cut."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._age = 0  # connections of an earlier age are silent
        self._down = False
        self._ends = [socket.create_server(("localhost", 0))]
        self.port: int = self._ends[0].getsockname()[1]
        self._ends[0].settimeout(0.1)
        self._ended = False
        self._threads: list[threading.Thread] = []

    def cut(self) -> None:
        """Close new connections at once from now on; existing ones stay open, but are silent."""
        self._down = True
        self._age += 1

    def mend(self) -> None:
        """Let new connections through again; the old ones stay silent."""
        self._down = False

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *raised: object) -> None:
        self._ended = True
        self._threads[0].join()
        for end in self._ends[1:]:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for end in self._ends:
            end.close()

    def _start(self, work: Callable[..., None], *ends: socket.socket) -> None:
        self._threads.append(threading.Thread(target=work, args=ends, daemon=True))
        self._threads[-1].start()

    def _accept(self) -> None:
        while not self._ended:
            try:
                here, _ = self._ends[0].accept()
            except TimeoutError:
                continue
            if self._down:
                here.close()
                continue
            here.settimeout(None)
            there = socket.create_connection(("localhost", self._to))
            self._ends += [here, there]
            self._start(self._pass, here, there)
            self._start(self._pass, there, here)

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        """Forward all that a connection receives, as long as it is not silent."""
        age = self._age
        with suppress(OSError):
            while said := source.recv(_CHUNK):
                if age == self._age:
                    sink.sendall(said)
            if age == self._age:
                sink.shutdown(socket.SHUT_WR)

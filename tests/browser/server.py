"""The app's server, started with `streamlit run` as a user would start it."""

import os
import random
import socket
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
"""Seconds that a server may take to start or to end."""

_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_OWN = range(11_000 + _WORKER % 64, 32_000, 64)
"""Ports that no other process of the test run uses.

They lie below the ports that a system gives out itself (from 32768 or 49152 on). Linux has so few
of those that two of some hundred servers were sometimes given the same one, as a server listens
only seconds after it is given its port. A browser refuses some ports below 11000.
"""
_PORTS = iter(random.sample(_OWN, len(_OWN)))


class Server:
    """A context in which `streamlit run` serves a script on a free port.

    The server gets no request while it starts, so that the first one is the test's. folder: the
    directory in which it runs, which may have another commit checked out.
    """

    def __init__(self, script: str = "app.py", *options: str, folder: Path = ROOT) -> None:
        self.command = [sys.executable, "-m", "streamlit", "run", script, *options]
        self.port = free_port()
        self.url = f"http://localhost:{self.port}/"
        self._where = folder
        self._folder = TemporaryDirectory()
        self._log = Path(self._folder.name, "log.txt")
        self._said = ""
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server, and return once it accepts connections; RuntimeError if it does not."""
        options = ("--server.headless", "true", "--server.port", str(self.port))
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self.command, *options], cwd=self._where, stdout=log, stderr=subprocess.STDOUT
            )
        if not answers(self._process, self.port):
            self.stop()
            raise RuntimeError(f"the server did not start:\n{self.log()}")

    def stop(self) -> None:
        """Ask the server to end, and kill it if it takes too long."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        finally:
            self._process.kill()
            self._process.wait()
            self._process = None

    def kill(self) -> None:
        """End the server at once, as if the machine had failed."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    @property
    def pid(self) -> int:
        """The id of the server's process. RuntimeError if the server is not running."""
        if self._process is None:
            raise RuntimeError("the server does not run")
        return self._process.pid

    def log(self) -> str:
        """The server's output so far."""
        if not self._log.exists():
            return self._said
        return self._log.read_text(encoding="utf-8", errors="replace")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self.stop()
        self._said = self.log()
        self._folder.cleanup()


def free_port() -> int:
    """A port on which nothing listens now, and which is given out only once."""
    for port in _PORTS:
        try:
            socket.create_server(("", port)).close()
        except OSError:
            continue
        return port
    raise RuntimeError(f"needs a free port; all {len(_OWN)} of this process were given away")


def answers(process: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until a process accepts connections. False if it ends or takes too long."""
    deadline = time.monotonic() + PATIENCE
    while not _accepts(port):
        if process.poll() is not None or time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("localhost", port), timeout=1).close()
    except OSError:
        return False
    return True

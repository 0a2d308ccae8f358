"""Our own server, started as a visitor would start it."""

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
PATIENCE = 30.0
"""Seconds in which a server has to start or to end."""

_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_OWN = range(11_000 + _WORKER % 64, 32_000, 64)
"""Ports of this process alone among those that run the tests.

They lie below those that a system gives to whoever asks for any (from 32768, 49152 on), which on
Linux are so few that two of some hundred servers were given the same one now and then: each
listens only seconds after it was given its own. A browser refuses some ports below 11000.
"""
_PORTS = iter(random.sample(_OWN, len(_OWN)))


class Server:
    """`streamlit run` of a script on a free port; a context in which it runs.

    Nothing is asked of it while it starts, so that the first request is the test's. folder: where
    it runs, which another commit may be checked out in.
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
        """Returns once it takes connections."""
        options = ("--server.headless", "true", "--server.port", str(self.port))
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self.command, *options], cwd=self._where, stdout=log, stderr=subprocess.STDOUT
            )
        if not answers(self._process, self.port):
            self.stop()
            raise RuntimeError(f"the server did not start:\n{self.log()}")

    def stop(self) -> None:
        """Asks it to end, and sees to it that it does."""
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
        """Ends it at once, as if the machine had failed."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    @property
    def pid(self) -> int:
        """The process's number. RuntimeError where none runs."""
        if self._process is None:
            raise RuntimeError("the server does not run")
        return self._process.pid

    def log(self) -> str:
        """What it has printed so far."""
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
    """A port that nobody listens on just now, and that is given to nobody else."""
    for port in _PORTS:
        try:
            socket.create_server(("", port)).close()
        except OSError:
            continue
        return port
    raise RuntimeError(f"needs a free port; all {len(_OWN)} of this process were given away")


def answers(process: subprocess.Popen[bytes], port: int) -> bool:
    """Waits until a process takes connections; False where it ends, or takes too long."""
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

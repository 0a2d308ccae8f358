"""A server with only the votes, on a local port and in a thread, without Streamlit or pages."""

import http.client
import json
import shutil
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Self

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware

from pages.registry import PICTURE_PAGES
from pages.server.headers import SecurityHeaders
from pages.views.class_question import ballot_of
from pages.vote.box import Votes
from pages.vote.poll import Ballot, Truth
from pages.vote.routes import VoteRoutes
from pages.vote.store import MemoryStore, PollStore
from tests.browser.server import PATIENCE, answers, free_port

REDIS: Final = shutil.which("redis-server")
"""The Redis server's path, or None if it is not installed (Debian's package redis-server)."""


def asked(preset: str = "max-tie", key: str = "conv-block") -> tuple[Ballot, Truth]:
    """The ballot of a preset, and its right answers."""
    page = PICTURE_PAGES[key]
    return ballot_of(page, page.to_predict(page.subject.presets[preset]))


class RedisServer:
    """A context with a Redis server of its own, which keeps everything that it acknowledges."""

    def __init__(self) -> None:
        """RuntimeError if Redis is not installed."""
        if REDIS is None:
            raise RuntimeError("needs redis-server: install it")
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = TemporaryDirectory()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server with the data that it has kept."""
        assert REDIS is not None
        options = f"--bind 127.0.0.1 --port {self.port} --appendonly yes --appendfsync always"
        with Path(self._folder.name, "log").open("ab") as log:
            self._process = subprocess.Popen(
                [REDIS, *options.split(), "--save", "", "--dir", self._folder.name], stdout=log
            )
        assert answers(self._process, self.port)

    def kill(self) -> None:
        """End the server at once, as if the machine had failed."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self.kill()
        self._folder.cleanup()


@dataclass
class Answer:
    """The answer to a request."""

    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        """The body, parsed as JSON."""
        return json.loads(self.body)


@dataclass
class Served:
    """A running server. votes: called as by a Streamlit thread. url: ends with a slash."""

    votes: Votes
    port: int
    base: str = ""
    routes: VoteRoutes = field(init=False)

    def __post_init__(self) -> None:
        self.routes = VoteRoutes(self.votes)
        self.url = f"http://localhost:{self.port}/{self.base.strip('/')}".rstrip("/") + "/"

    def ask(
        self, path: str, method: str = "GET", body: bytes | str | None = None, **headers: str
    ) -> Answer:
        """Send a request for a path below /vote/, or a whole path; headers: _ stands for -."""
        whole = path if path.startswith("/") else f"{self.base}/vote/{path}"
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(http.client.HTTPConnection("localhost", self.port, timeout=PATIENCE)) as line:
            line.request(method, whole, body, said)
            got = line.getresponse()
            return Answer(got.status, got.headers, got.read())

    def post(self, path: str, said: Any, **headers: str) -> Answer:
        """Post JSON as the app's own pages do."""
        own = {
            "origin": f"http://localhost:{self.port}",
            "content_type": "application/json",
            **headers,
        }
        return self.ask(path, "POST", said if isinstance(said, bytes) else json.dumps(said), **own)

    @contextmanager
    def events(self, code: str, **headers: str) -> Iterator[Callable[[], tuple[str, Any]]]:
        """Open a stream; each call waits for the next event, and returns its name and data.

        At the stream's end a call returns ("", None).
        """
        with closing(http.client.HTTPConnection("localhost", self.port, timeout=PATIENCE)) as line:
            line.request("GET", f"{self.base}/vote/{code}/events", headers=headers)
            got = line.getresponse()
            assert got.status == 200, got.read()
            assert got.headers["content-type"].startswith("text/event-stream")
            if not got.headers["server"].startswith("nginx"):  # it obeys and removes the header
                assert got.headers["x-accel-buffering"] == "no"

            def told() -> tuple[str, Any]:
                name = ""
                while text := got.readline().decode():
                    kind, _, said = text.strip().partition(": ")
                    if kind == "event":
                        name = said
                    elif kind == "data":
                        return name, json.loads(said)
                return "", None

            yield told

    def vote(self, code: str, voter: str, *marked: str, round_: int = 1) -> Answer:
        """Send a vote; the voter's name is padded to the length that is needed."""
        return self.post(code, {"voter": f"{voter:0>16}", "round": round_, "marked": list(marked)})


@contextmanager
def served(store: PollStore | None = None, base: str = "", port: int = 0) -> Iterator[Served]:
    """Run a server with only the routes of votes; port: say, that of an earlier server."""
    votes = Votes(store or MemoryStore())
    here = Served(votes, port or free_port(), base)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with votes.running():
            yield

    app = Starlette(
        routes=here.routes.routes(base), lifespan=lifespan, middleware=[Middleware(SecurityHeaders)]
    )
    server = uvicorn.Server(
        uvicorn.Config(app, host="localhost", port=here.port, log_level="error", access_log=False)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + PATIENCE
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    try:
        yield here
    finally:
        if votes.box and votes._loop:
            votes._loop.call_soon_threadsafe(votes.box.end)
        server.should_exit = True
        thread.join(PATIENCE)

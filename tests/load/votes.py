"""A hall votes: `python -m tests.load.votes [--replicas 2] [--phones 1000]`.

Phones without browsers open the page, listen and vote within twenty seconds, while other visitors
move sliders on the same server. Prints how long a vote took, how old the projector's count was,
when the last phone heard of the close, how long the sliders' answers took before and during the
vote, and how long the server took to end with every stream open. The exit status is 1 if a vote was
lost or counted twice, or if a wanted figure was missed.
"""

import argparse
import asyncio
import json
import os
import random
import resource
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from statistics import quantiles
from typing import Any, Final
from urllib.request import ProxyHandler, Request, build_opener

from pages.vote.box import REDIS, BallotBox, Opened
from pages.vote.redis_store import RedisStore
from tests.browser.server import ROOT, Server
from tests.load.host import use
from tests.load.replicas import Replicas
from tests.load.visitor import Account, Visitor, visit
from tests.pages.vote.served import RedisServer, asked

SOFT_LIMIT: Final = 1024
"""Open files that a process may have when the server starts: the usual limit."""
VOTING: Final = 20.0
"""Seconds within which all vote."""
COMING: Final = 10.0
"""Seconds within which all arrive."""
THINK: Final = (1.0, 3.0)
BASELINE: Final = 15.0


@dataclass
class Hall:
    """What the phones and the projector saw; times are of time.monotonic(), `took` in seconds."""

    host: str
    port: int
    code: str
    token: str
    took: list[float] = field(default_factory=list)
    acknowledged: list[float] = field(default_factory=list)
    closed: list[float] = field(default_factory=list)
    counts: list[tuple[float, int]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    playing: list[asyncio.Task[None]] = field(default_factory=list)
    listening: int = 0
    busy: int = 0
    """Answers with another status than 200; mostly the phone asks again."""

    async def phone(self, name: str, comes: float, votes: float) -> None:
        """Play a phone from its arrival to its stream's end; comes, votes: seconds from now."""
        begin = time.monotonic()
        await asyncio.sleep(comes)
        try:
            for path in ("", "/state"):
                await self.insist(path)
            stream = asyncio.create_task(self.listen())
            await asyncio.sleep(max(0, begin + votes - time.monotonic()))
            vote = {"voter": name, "round": 1, "marked": random.sample(["x1", "x2", "x3", "w"], 2)}
            sent = time.monotonic()
            await self.insist("", vote)
            now = time.monotonic()
            self.took.append(now - sent)
            self.acknowledged.append(now)
            await stream
        except (OSError, asyncio.IncompleteReadError) as error:
            self.errors.append(f"{type(error).__name__}: {error}")

    async def insist(self, path: str, said: Any = None) -> None:
        """Ask as the page does: again after ever longer pauses if the server is busy."""
        for failures in range(8):
            status, body = await self.ask(path, said)
            if status == 200:
                return
            self.busy += 1
            if status != 429 and status < 500:
                break
            await asyncio.sleep(0.4 * 2**failures * (0.5 + random.random()))
        raise OSError(f"{path or 'page'}: {status} {body[:80]!r}")

    async def ask(self, path: str, said: Any = None, token: str = "") -> tuple[int, bytes]:
        """Send one request on a connection of its own; return the status and the body."""
        body = b"" if said is None else json.dumps(said).encode()
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            lines = [f"{'GET' if said is None else 'POST'} /vote/{self.code}{path} HTTP/1.1"]
            lines += [f"Host: {self.host}:{self.port}", "Connection: close"]
            if said is not None:
                lines += [f"Origin: http://{self.host}:{self.port}"]
                lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
            if token:
                lines += [f"Authorization: Bearer {token}"]
            writer.write("\r\n".join([*lines, "", ""]).encode() + body)
            answer = await reader.read()
            head, _, rest = answer.partition(b"\r\n\r\n")
            return int(head.split()[1]) if head else 0, rest
        finally:
            writer.close()

    async def listen(self, token: str = "") -> None:
        """Receive events until the stream ends; with the token they are the projector's."""
        reader, writer = await asyncio.open_connection(self.host, self.port, limit=4096)
        own = f"Authorization: Bearer {token}\r\n" if token else ""
        head = f"GET /vote/{self.code}/events HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n{own}"
        writer.write(f"{head}\r\n".encode())
        self.listening += 1
        try:
            while line := await reader.readline():
                if not line.startswith(b"data: "):
                    continue
                said, now = json.loads(line[6:]), time.monotonic()
                if token and "votes" in said:
                    self.counts.append((now, said["votes"]))
                elif said.get("phase") == "closed":
                    self.closed.append(now)
        finally:
            self.listening -= 1
            writer.close()


def _sliders(url: str, count: int, pipe: Pipe) -> None:
    """Move sliders as many visitors, in a process of its own; send the waits when asked."""

    async def run() -> None:
        account = Account()
        loop = asyncio.get_running_loop()
        playing = [
            asyncio.create_task(visit(Visitor(url, "", f"visitor-{at}", account), 1e12, THINK))
            for at in range(count)
        ]
        while (await loop.run_in_executor(None, pipe.recv)) != "end":
            waits = [
                each for what, all_ in account.waits.items() if what != "open" for each in all_
            ]
            pipe.send((waits, account.errors))
            account.waits.clear()
        for task in playing:
            task.cancel()

    asyncio.run(run())


@contextmanager
def sliders(url: str, count: int) -> Iterator[Pipe]:
    """Yield a pipe that answers "" with the waits since it was last asked, and all errors."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_sliders, args=(url, count, theirs), daemon=True)
    process.start()
    try:
        yield ours
    finally:
        ours.send("end")
        process.join(5)
        process.kill()


def waits(pipe: Pipe) -> list[float]:
    """Return the sliders' waits since the last question, and print some errors."""
    pipe.send("")
    found, errors = pipe.recv()
    for error in errors[:3]:
        print(f"  slider: {error}")
    return list(found)


def percentile(values: Sequence[float], percent: int) -> float:
    """Return a percentile of values in seconds, in milliseconds."""
    if len(values) < 2:
        return float("nan")
    return 1000 * quantiles(values, n=100, method="inclusive")[percent - 1]


async def vote(hall: Hall, phones: int) -> None:
    """Let all come, listen and vote; then close the vote as the lecturer does."""
    begin = time.monotonic()
    hall.playing.append(asyncio.create_task(hall.listen(hall.token)))
    for at in range(phones):
        comes, votes = COMING * at / phones, COMING + VOTING * random.random()
        hall.playing.append(asyncio.create_task(hall.phone(f"phone-{at:010}", comes, votes)))
    while len(hall.took) + len(hall.errors) < phones and time.monotonic() - begin < 90:
        await asyncio.sleep(0.1)
    await asyncio.sleep(1.2)
    print(
        f"  {hall.listening - 1} phones listen, {len(hall.took)} votes were acknowledged, "
        f"{hall.busy} answers were not yet 200"
    )
    asked_to = time.monotonic()
    status, body = await hall.ask("/close", {}, hall.token)
    answered = time.monotonic() - asked_to
    if status != 200:
        hall.errors.append(f"close: {status} {body!r}")
        return
    said = json.loads(body)
    while len(hall.closed) < phones and time.monotonic() - asked_to < 5:
        await asyncio.sleep(0.05)
    counted = said["results"]["rounds"][0]["votes"]
    print(f"  counted: {counted}; marks {sum(said['results']['rounds'][0]['marked'].values())}")
    print(
        f"  the close: answered in {1000 * answered:.0f} ms, known to {len(hall.closed)} phones, "
        f"the last after {1000 * (max(hall.closed, default=1e9) - asked_to):.0f} ms"
    )
    if counted != phones or len(hall.closed) < phones:
        hall.errors.append(f"{phones} voted, {counted} counted, {len(hall.closed)} heard the close")
    if max(hall.closed, default=1e9) - asked_to > 1:
        hall.errors.append("the close took longer than a second")


def oldest(hall: Hall) -> float:
    """Return the most seconds from an acknowledgement to the first count that includes it."""
    worst, at = 0.0, 0
    for number, acknowledged in enumerate(sorted(hall.acknowledged), 1):
        while at < len(hall.counts) and hall.counts[at][1] < number:
            at += 1
        if at == len(hall.counts):
            return float("inf")
        worst = max(worst, hall.counts[at][0] - acknowledged)
    return worst


async def play(url: str, opened: Opened, options: Any, servers: Sequence[Server]) -> bool:
    """Play everything, print the results, and return whether they are as wanted."""
    host, port = url.split("/")[2].split(":")
    hall = Hall(host.replace("localhost", "127.0.0.1"), int(port), *opened)
    pids = [server.pid for server in servers]
    with sliders(url.replace("localhost", "127.0.0.1"), options.sessions) as pipe:
        await asyncio.sleep(8)
        waits(pipe)  # drops the waits while the visitors arrived
        await asyncio.sleep(BASELINE)
        before, then = waits(pipe), use(pids)
        begin = time.monotonic()
        await vote(hall, options.phones)
        meanwhile, now, seconds = waits(pipe), use(pids), time.monotonic() - begin
    p95, calm, busy = (percentile(each, 95) for each in (hall.took, before, meanwhile))
    age = oldest(hall)
    print(
        f"  votes: p50 {percentile(hall.took, 50):.0f} ms, p95 {p95:.0f} ms, "
        f"p99 {percentile(hall.took, 99):.0f} ms, slowest {1000 * max(hall.took):.0f} ms"
    )
    print(f"  the projector's count is at most {1000 * age:.0f} ms old; {len(hall.counts)} counts")
    print(f"  sliders: {len(before)} answers, p95 {calm:.0f} ms before; {len(meanwhile)}, "
          f"{busy:.0f} ms meanwhile")  # fmt: skip
    if then and now:
        print(
            f"  memory {then.memory / 1e6:.0f} -> {now.memory / 1e6:.0f} MB, "
            f"{(now.seconds - then.seconds) / seconds:.2f} of a core"
        )
    print(f"  load {os.getloadavg()[0]:.1f}")
    for server in servers:
        begin = time.monotonic()
        os.kill(server.pid, signal.SIGTERM)
        process = server._process
        assert process is not None
        while process.poll() is None and time.monotonic() - begin < 20:
            await asyncio.sleep(0.01)
        ended = time.monotonic() - begin
        print(f"  ended {ended:.2f} s after SIGTERM")
        if ended > 2:
            hall.errors.append(f"the end took {ended:.1f} s")
    for task in hall.playing:
        task.cancel()
    wanted = p95 <= 50 and age <= 1 and busy <= 2 * calm
    for error in hall.errors[:5]:
        print(f"  error: {error}")
    print(f"  {len(hall.errors)} errors; {'as wanted' if wanted else 'NOT as wanted'}")
    return wanted and not hall.errors


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.votes", description=__doc__)
    parser.add_argument("--phones", type=int, default=1000, help="at most 2000")
    parser.add_argument("--sessions", type=int, default=50, help="at most 100")
    parser.add_argument("--replicas", type=int, default=0, help="several, with nginx and Redis")
    parser.add_argument("--redis", action="store_true", help="one server, with Redis")
    options = parser.parse_args(arguments)
    if not (0 < options.phones <= 2000 and 0 <= options.sessions <= 100):
        parser.error("needs 1 to 2000 phones and 0 to 100 sessions")
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (SOFT_LIMIT, hard))
    with ExitStack() as stack:
        os.environ.setdefault("PYTHONPATH", str(ROOT))
        redis = None
        if options.redis or options.replicas:
            redis = stack.enter_context(RedisServer())
            os.environ[REDIS] = redis.url
        if options.replicas:
            behind = stack.enter_context(Replicas(options.replicas))
            servers, url = behind.servers, behind.url
        else:
            server = stack.enter_context(Server("tests/load/voting.py"))
            servers, url = [server], server.url
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # our own: the phones' ends
        where = f"{options.replicas or 1} server(s), {'Redis' if redis else 'in the process'}"
        print(f"{options.phones} phones, {options.sessions} sessions, {where}")

        async def run() -> bool:
            if redis:
                store = RedisStore(redis.url)
                opened = await BallotBox(store).open(*asked())
                await store.close()
            else:
                asking = Request(f"{url}open-a-vote", method="POST")
                with build_opener(ProxyHandler({})).open(asking, timeout=30) as answer:
                    opened = Opened(*json.load(answer))
            return await play(url, opened, options, servers)

        return 0 if asyncio.run(run()) else 1


if __name__ == "__main__":
    sys.exit(main())

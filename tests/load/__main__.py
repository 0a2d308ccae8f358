"""A class without browsers: `python -m tests.load [PROFILE …]`.

Visitors speak Streamlit's websocket protocol to a server on this machine, ask for sweeps, move
sliders, and compare the numbers that come back with the engine's. Prints sessions held, reruns a
second, waits, errors, the server's memory and processor time; the exit status is 1 where a number
was wrong, an error came, or what was wanted was not reached.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from statistics import quantiles

from tests.browser.server import Server
from tests.load.host import Use, use
from tests.load.profiles import HEAVY, MOST_SECONDS, MOST_VISITORS, PROFILES, Profile
from tests.load.replicas import Replicas
from tests.load.trainee import train
from tests.load.visitor import Account, Visitor, visit

A_SECOND = 15
"""So many come through the door in a second."""

LAST_SHARE = 0.8
"""Memory is compared from a fifth of the time on: before, sessions and caches still come."""


async def run(profile: Profile, url: str, pids: Sequence[int], seconds: float) -> bool:
    """Plays a profile, prints what came of it, and says whether all was as wanted."""
    account, begin = Account(), time.monotonic()
    spread = max(profile.think[1], profile.visitors / A_SECOND)
    until = begin + spread + seconds

    async def late(i: int) -> None:
        # Not all in the same instant: a class comes through a door.
        await asyncio.sleep(spread * i / profile.visitors)
        page = profile.pages[i % len(profile.pages)]
        await visit(Visitor(url, page, f"visitor-{i}", account), until, profile.think)

    async def storm(i: int) -> None:
        visitor = Visitor(url, HEAVY, f"bully-{i}", Account())
        await visit(visitor, until, (0, 0))
        print(f"  bully-{i}: {visitor.count} messages")

    runs = [storm(i) for i in range(profile.storming)]
    runs += [train(url, f"trainee-{i}", until, account) for i in range(profile.training)]
    uses: list[Use | None] = []
    watching = asyncio.create_task(_watch(pids, uses, lambda: account.held >= profile.visitors))
    await asyncio.gather(*runs, *(late(i) for i in range(profile.visitors)))
    watching.cancel()
    return _report(profile, account, uses, time.monotonic() - begin)


async def _watch(pids: Sequence[int], uses: list[Use | None], complete: Callable[[], bool]) -> None:
    """Looks at what the servers use, once a second from the moment on when everybody is there."""
    while True:
        if complete():
            uses.append(use(pids))
        await asyncio.sleep(1)


def _report(profile: Profile, account: Account, uses: Sequence[Use | None], seconds: float) -> bool:
    print(f"{profile.said}: {account.held} sessions held, {account.compared} pictures compared")
    for what, waits in {**account.waits, "all": account.all}.items():
        p50, p95, p99 = (1000 * _percentile(waits, percent) for percent in (50, 95, 99))
        print(
            f"  {what:8} {len(waits):6} reruns, {len(waits) / seconds:6.1f} a second, "
            f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms"
        )
    known = [each for each in uses if each]
    if known:
        later = known[int(len(known) * (1 - LAST_SHARE)) :]
        growth = later[-1].memory / later[0].memory - 1
        print(
            f"  memory {known[0].memory / 1e6:.0f} MB at the start, "
            f"{known[-1].memory / 1e6:.0f} MB at the end, {growth:+.1%} in the last "
            f"{LAST_SHARE:.0%} of the time; "
            f"processor {(known[-1].seconds - known[0].seconds) / len(known):.2f} of a core"
        )
    print(f"  errors: {len(account.errors)}")
    for error in account.errors[:5]:
        print(f"    {error}")
    steady = [wait for what, waits in account.waits.items() if what != "open" for wait in waits]
    reached = not account.errors and account.held >= profile.visitors
    if profile.wanted is not None:
        p95 = 1000 * _percentile(steady, 95)
        print(f"  wanted p95 of {profile.wanted:.0f} ms: {p95:.0f} ms")
        reached &= p95 <= profile.wanted
    if profile.wanted_rate is not None:
        rate = len(steady) / seconds
        print(f"  wanted {profile.wanted_rate:.0f} reruns a second: {rate:.0f}")
        reached &= rate >= profile.wanted_rate
    return reached


def _percentile(waits: Sequence[float], percent: int) -> float:
    if len(waits) < 2:
        return waits[0] if waits else float("nan")
    return quantiles(waits, n=100, method="inclusive")[percent - 1]


@contextmanager
def _server(url: str | None, replicas: int) -> Iterator[tuple[str, list[int]]]:
    if url:
        yield url, []
    elif replicas:
        with Replicas(replicas) as behind:
            yield behind.url, [server.pid for server in behind.servers]
    else:
        with Server() as server:
            yield server.url.replace("localhost", "127.0.0.1"), [server.pid]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("profiles", nargs="*", metavar="PROFILE", help=", ".join(PROFILES))
    parser.add_argument("--url", help="a server that runs already, on this machine")
    parser.add_argument("--replicas", type=int, default=0, help="several servers, behind nginx")
    parser.add_argument("--visitors", type=int, help=f"another number of them, ≤ {MOST_VISITORS}")
    parser.add_argument("--seconds", type=float, help=f"another time, ≤ {MOST_SECONDS}")
    options = parser.parse_args(arguments)
    if unknown := [each for each in options.profiles if each not in PROFILES]:
        parser.error(f"needs some of {', '.join(PROFILES)}; got {', '.join(unknown)}")
    if not 0 < (options.visitors or 1) <= MOST_VISITORS:
        parser.error(f"needs 1 to {MOST_VISITORS} visitors; got {options.visitors}")
    if not 0 < (options.seconds or 1) <= MOST_SECONDS:
        parser.error(f"needs at most {MOST_SECONDS} seconds; got {options.seconds}")
    reached = True
    for name in options.profiles or ("one", "class-30", "class-100", "class-200", "storm", "mix"):
        profile = PROFILES[name].with_visitors(options.visitors)
        with _server(options.url, options.replicas) as (url, pids):
            seconds = options.seconds or profile.seconds
            reached &= asyncio.run(run(profile, url, pids, seconds))
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())

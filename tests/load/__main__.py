"""A class without browsers: `python -m tests.load [PROFILE …]`.

Visitors speak Streamlit's websocket protocol to a server on this machine, ask for sweeps, move
sliders, and compare the numbers that come back with the engine's. Prints the sessions held, reruns
per second, waits, errors, and the server's memory and processor time. The exit status is 1 if a
number was wrong, an error occurred, or a wanted figure was missed. With another commit's tree the
servers of both trees are visited in turn, in one run on one machine, for the given number of
rounds. Their medians are printed side by side, and the wanted figures apply to this tree's medians.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

from tests.bench.table import load
from tests.browser.server import ROOT, Server
from tests.load.host import Use, use
from tests.load.profiles import HEAVY, MOST_SECONDS, MOST_VISITORS, PROFILES, Profile
from tests.load.replicas import Replicas
from tests.load.trainee import train
from tests.load.visitor import Account, Visitor, visit

A_SECOND = 15
"""Visitors who arrive per second."""

LAST_SHARE = 0.8
"""Memory is compared over this last share of the time: before, sessions and caches still come."""


class Found(NamedTuple):
    """The results of a profile: whether all was right, p95 of the waits in ms, reruns per second.

    Neither number counts the reruns that open a page.
    """

    right: bool
    p95: float
    rate: float


async def run(profile: Profile, url: str, pids: Sequence[int], seconds: float) -> Found:
    """Play a profile, print its results, and return them."""
    account, begin = Account(), time.monotonic()
    spread = max(profile.think[1], profile.visitors / A_SECOND)
    until = begin + spread + seconds

    async def late(i: int) -> None:
        # A class comes through a door, not all in the same instant.
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
    """Record what the servers use, once a second from when everybody is there."""
    while True:
        if complete():
            uses.append(use(pids))
        await asyncio.sleep(1)


def _report(
    profile: Profile, account: Account, uses: Sequence[Use | None], seconds: float
) -> Found:
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
    right = not account.errors and account.held >= profile.visitors
    return Found(right, 1000 * _percentile(steady, 95), len(steady) / seconds)


def _compared(profile: Profile, found: Sequence[Sequence[Found]]) -> bool:
    """Print the medians of each tree's results, this tree's last.

    Return whether this tree's results are right, and its medians as wanted.
    """
    reached = all(each.right for each in found[-1])
    if profile.wanted is not None:
        p95 = [median(each.p95 for each in rounds) for rounds in found]
        waits = " -> ".join(f"{each:.0f}" for each in p95)
        print(f"  wanted p95 of {profile.wanted:.0f} ms: {waits} ms")
        reached &= p95[-1] <= profile.wanted
    if profile.wanted_rate is not None:
        rate = [median(each.rate for each in rounds) for rounds in found]
        reruns = " -> ".join(f"{each:.0f}" for each in rate)
        print(f"  wanted {profile.wanted_rate:.0f} reruns a second: {reruns}")
        reached &= rate[-1] >= profile.wanted_rate
    return reached


def _percentile(waits: Sequence[float], percent: int) -> float:
    if len(waits) < 2:
        return waits[0] if waits else float("nan")
    return quantiles(waits, n=100, method="inclusive")[percent - 1]


@contextmanager
def _server(url: str | None, replicas: int, tree: Path) -> Iterator[tuple[str, list[int]]]:
    if url:
        yield url, []
    elif replicas:
        with Replicas(replicas) as behind:
            yield behind.url, [server.pid for server in behind.servers]
    else:
        with Server(folder=tree) as server:
            yield server.url.replace("localhost", "127.0.0.1"), [server.pid]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("profiles", nargs="*", metavar="PROFILE", help=", ".join(PROFILES))
    parser.add_argument("--url", help="a server that runs already, on this machine")
    parser.add_argument("--replicas", type=int, default=0, help="several servers, behind nginx")
    parser.add_argument("--visitors", type=int, help=f"another number of them, ≤ {MOST_VISITORS}")
    parser.add_argument("--seconds", type=float, help=f"another time, ≤ {MOST_SECONDS}")
    parser.add_argument("--before", type=Path, help="the tree of another commit")
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args(arguments)
    if unknown := [each for each in options.profiles if each not in PROFILES]:
        parser.error(f"needs some of {', '.join(PROFILES)}; got {', '.join(unknown)}")
    if not 0 < (options.visitors or 1) <= MOST_VISITORS:
        parser.error(f"needs 1 to {MOST_VISITORS} visitors; got {options.visitors}")
    if not 0 < (options.seconds or 1) <= MOST_SECONDS:
        parser.error(f"needs at most {MOST_SECONDS} seconds; got {options.seconds}")
    if options.before and (options.url or options.replicas):
        parser.error("needs servers of its own for two trees; got --url or --replicas")
    trees = [*filter(None, [options.before]), ROOT]
    print(f"load at the beginning: {load()}")
    reached = True
    for name in options.profiles or ("one", "class-30", "class-100", "class-200", "storm", "mix"):
        profile = PROFILES[name].with_visitors(options.visitors)
        seconds = options.seconds or profile.seconds
        found: list[list[Found]] = [[] for _ in trees]
        for _ in range(max(1, options.rounds)):
            for tree, rounds in zip(trees, found, strict=True):
                with _server(options.url, options.replicas, tree) as (url, pids):
                    rounds.append(asyncio.run(run(profile, url, pids, seconds)))
        reached &= _compared(profile, found)
    print(f"load at the end: {load()}")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())

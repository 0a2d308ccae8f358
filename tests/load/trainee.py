"""A visitor who trains a network, and follows the run."""

import asyncio
import time

from tests.load.visitor import Account
from tests.load.wire import Connection, WrongError

FOLLOWING = 0.2
"""Seconds between two looks at a run, as the page asks for."""


async def train(url: str, name: str, until: float, account: Account) -> None:
    """Press Start whenever no run is on, and follow the runs until a time."""
    connection = Connection(url, "train")
    try:
        async with connection:
            await connection.rerun()
            while time.monotonic() < until:
                if "Start" in connection.buttons:
                    await connection.press("Start")
                await asyncio.sleep(FOLLOWING)
                begin = time.perf_counter()
                answer = await connection.rerun(fragment=connection.follows)
                account.waited("follow", time.perf_counter() - begin)
                if answer.exceptions:
                    raise WrongError(f"{answer.exceptions}")
    except (WrongError, OSError, TimeoutError, KeyError) as error:
        account.errors.append(f"{name}: {type(error).__name__}: {error}")

"""A visitor of a page, who moves sliders and checks the numbers that the page then shows."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from tests.load.truth import PAGES, expected, frame, shown
from tests.load.wire import Answer, Connection, WrongError

SAMPLES: Final = 2
"""Pictures of each sweep that are compared with the engine."""

STAYS: Final = (1, 5)
"""The least and most values at which a visitor releases a slider before taking another."""


@dataclass
class Account:
    """What all visitors experienced: waits in seconds, by what was asked for, and errors."""

    waits: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    compared: int = 0
    held: int = 0

    def waited(self, what: str, seconds: float) -> None:
        """Record the wait for one answer."""
        self.waits.setdefault(what, []).append(seconds)

    @property
    def all(self) -> list[float]:
        """All waits, whatever was asked for."""
        return [wait for waits in self.waits.values() for wait in waits]


class Visitor:
    """A visitor of one page; `random`, seeded by the unique name, decides what they do."""

    def __init__(self, url: str, path: str, name: str, account: Account) -> None:
        self.connection = Connection(url, path)
        self.path, self.name, self.account = path, name, account
        self.random = Random(name)
        self.count = 0
        self.held, self.stays = "", 0
        self.answer = Answer()

    async def arrive(self) -> None:
        """Open the page."""
        await self.connection.__aenter__()
        self.answer = await self._timed("open", self.connection.rerun())
        self.account.held += 1

    async def leave(self) -> None:
        """Close the tab."""
        await self.connection.drop()

    async def move(self) -> None:
        """Grab a slider, which asks for its sweep, or release it at another value.

        A visitor stays with a slider for some values; the browser keeps its sweep that long.
        """
        assert self.answer.figure is not None
        sliders = {slider["name"]: slider for slider in self.answer.figure["sliders"]}
        if self.stays and self.held in sliders:
            self.stays -= 1
            await self.settle(sliders[self.held])
        else:
            self.held, self.stays = self.random.choice([*sliders]), self.random.randint(*STAYS)
            await self.ask(self.held)

    async def ask(self, name: str) -> None:
        """Ask for a sweep, and compare some of its pictures with the engine."""
        await self._say("sweep", ask=name, values={})
        assert self.answer.figure is not None
        text = self.answer.figure["sweep"]
        if text is None:
            return  # too long to be sent: the page does without
        sweep = json.loads(text)
        if sweep["name"] != name:
            raise WrongError(f"{self.name}: asked for {name}; got the sweep of {sweep['name']}")
        for i in self.random.sample(range(len(sweep["values"])), SAMPLES):
            traces = frame(sweep["base"], sweep["frames"][i]["traces"])
            address = self._moved(name, sweep["values"][i])
            self._compare(traces, address)

    async def settle(self, slider: dict[str, Any]) -> None:
        """Release a slider at a random value, and compare the picture with the engine."""
        steps = round((slider["high"] - slider["low"]) / slider["grid"])
        value = slider["low"] + slider["grid"] * self.random.randint(0, steps)
        wanted = self._moved(slider["name"], value)
        await self._say("settle", values={slider["name"]: value}, ask="")
        assert self.answer.figure is not None
        if self.answer.figure["address"] != wanted:
            raise WrongError(
                f"{self.name}: sent {slider['name']} = {value}, needs {wanted}; "
                f"got {self.answer.figure['address']}"
            )
        self._compare(self.answer.figure["figure"]["data"], wanted)

    async def _say(self, what: str, **said: Any) -> None:
        self.count += 1
        serial = f"{self.name}-{self.count}"
        message = {"serial": serial, "settled": True, "theme": "light", **said}
        self.answer = await self._timed(what, self.connection.rerun(message))
        figure = self.answer.figure
        if self.answer.exceptions or figure is None or figure["acknowledged"] != serial:
            raise WrongError(f"{self.name}: no answer to {what}; got {self.answer.exceptions}")

    async def _timed(self, what: str, answer: Any) -> Answer:
        begin = time.perf_counter()
        got: Answer = await answer
        self.account.waited(what, time.perf_counter() - begin)
        return got

    def _moved(self, name: str, value: float) -> dict[str, str]:
        """The current address with one entry changed: x3 is x's third, x2,1 the first in row 2."""
        assert self.answer.figure is not None
        address: dict[str, str] = dict(self.answer.figure["address"])
        text = repr(float(value)).removesuffix(".0")
        if name in address:
            return address | {name: text}
        key = name.rstrip("0123456789,")
        parts = address[key].split(",")
        parts[self._place(key, name)] = text
        return address | {key: ",".join(parts)}

    def _place(self, key: str, name: str) -> int:
        """The position of an entry among all entries of this letter, row by row."""
        assert self.answer.figure is not None
        named = [slider["name"] for slider in self.answer.figure["sliders"]]
        indices = [
            [int(number) for number in each.removeprefix(key).split(",")]
            for each in named
            if each.rstrip("0123456789,") == key != each
        ]
        place = 0
        for axis, number in enumerate(name.removeprefix(key).split(",")):
            place = place * max(index[axis] for index in indices) + int(number) - 1
        return place

    def _compare(self, traces: Any, address: dict[str, str]) -> None:
        if self.path not in PAGES:
            return
        for what, wanted, got in zip(
            ("values", "gradients"), expected(self.path, address), shown(traces), strict=True
        ):
            if wanted - got:
                raise WrongError(f"{self.name}: at {address} {what} {wanted - got} are not shown")
        self.account.compared += 1


async def visit(visitor: Visitor, until: float, think: tuple[float, float]) -> None:
    """Move sliders until a time (of time.monotonic); think: least and most seconds in between."""
    try:
        await visitor.arrive()
        while time.monotonic() < until:
            await asyncio.sleep(visitor.random.uniform(*think))
            await visitor.move()
    except (WrongError, OSError, TimeoutError, KeyError) as error:
        visitor.account.errors.append(f"{visitor.name}: {type(error).__name__}: {error}")
    finally:
        await visitor.leave()

"""Rate limits: token buckets, and a limit on simultaneous streams."""

import ipaddress
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil
from typing import Final, TypeVar

MOST_KEYS: Final = 20_000
"""How many keys are remembered. A bucket that was forgotten, being used longest ago, is full."""
Key = TypeVar("Key")
Value = TypeVar("Value")


class Recent(OrderedDict[Key, Value]):
    """A dict that forgets the keys set longest ago when there are more than MOST_KEYS."""

    def __setitem__(self, key: Key, value: Value) -> None:
        """Set a key and make it the newest."""
        super().__setitem__(key, value)
        self.move_to_end(key)
        if len(self) > MOST_KEYS:
            self.popitem(last=False)


class Buckets:
    """Token buckets by key: `burst` acts at once, and `rate` more per second."""

    def __init__(
        self, rate: float, burst: float, now: Callable[[], float] = time.monotonic
    ) -> None:
        """now: a clock, for the tests."""
        self.rate, self.burst, self._now = rate, burst, now
        self._left: Recent[str, tuple[float, float]] = Recent()

    def take(self, key: str) -> int:
        """Take a token and return 0; if there is none, return the whole seconds until there is."""
        left = self.left(key)
        if left < 1:
            return ceil((1 - left) / self.rate)
        self._left[key] = (left - 1, self._now())
        return 0

    def left(self, key: str) -> float:
        """Return the number of tokens left."""
        left, then = self._left.get(key, (self.burst, self._now()))
        return min(self.burst, left + (self._now() - then) * self.rate)


class Places:
    """A limited number of places at a time, in all and for each key."""

    def __init__(self, in_all: int, each: int) -> None:
        self.in_all, self.each = in_all, each
        self._taken: Counter[str] = Counter()

    @contextmanager
    def place(self, key: str) -> Iterator[bool]:
        """Take a place for as long as the context lasts; yields False if there is none."""
        free = self._taken.total() < self.in_all and self._taken[key] < self.each
        self._taken[key] += free
        try:
            yield free
        finally:
            self._taken[key] -= free
            if not self._taken[key]:
                del self._taken[key]


def network(address: str) -> str:
    """Return the address that limits apply to: for IPv6 its /64, all of which one user may have."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))
    return address

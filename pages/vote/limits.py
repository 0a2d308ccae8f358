"""How often somebody may ask: a bucket each, from which an act takes a token, and which refills."""

import ipaddress
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil
from typing import Final, TypeVar

MOST_KEYS: Final = 20_000
"""So many are remembered; of more buckets, those that were touched longest ago are full again."""
Key = TypeVar("Key")
Value = TypeVar("Value")


class Recent(OrderedDict[Key, Value]):
    """What was set last: at most MOST_KEYS, of more those that were set longest ago are gone."""

    def __setitem__(self, key: Key, value: Value) -> None:
        """Sets it, and makes it the newest."""
        super().__setitem__(key, value)
        self.move_to_end(key)
        if len(self) > MOST_KEYS:
            self.popitem(last=False)


class Buckets:
    """Token buckets by key: `burst` acts at once, and `rate` more each second."""

    def __init__(
        self, rate: float, burst: float, now: Callable[[], float] = time.monotonic
    ) -> None:
        """now: a clock, for the tests."""
        self.rate, self.burst, self._now = rate, burst, now
        self._left: Recent[str, tuple[float, float]] = Recent()

    def take(self, key: str) -> int:
        """Takes a token: 0; or, where there is none, the whole seconds until there is one."""
        left = self.left(key)
        if left < 1:
            return max(1, ceil((1 - left) / self.rate))
        self._left[key] = (left - 1, self._now())
        return 0

    def left(self, key: str) -> float:
        """How many tokens there are."""
        left, then = self._left.get(key, (self.burst, self._now()))
        return min(self.burst, left + (self._now() - then) * self.rate)


class Places:
    """So many at a time, in all and for each key."""

    def __init__(self, in_all: int, each: int) -> None:
        self.in_all, self.each = in_all, each
        self._taken: Counter[str] = Counter()

    @contextmanager
    def place(self, key: str) -> Iterator[bool]:
        """Takes a place for as long as the context lasts; False where there is none."""
        free = self._taken.total() < self.in_all and self._taken[key] < self.each
        self._taken[key] += free
        try:
            yield free
        finally:
            self._taken[key] -= free
            if not self._taken[key]:
                del self._taken[key]


def network(address: str) -> str:
    """Whose an address is: itself, or of IPv6 its /64, all of which one visitor may have."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))
    return address

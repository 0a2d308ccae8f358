"""The load profiles: who comes, how many, and how long they think."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Self

MOST_VISITORS: Final = 300
MOST_SECONDS: Final = 900
"""No profile exceeds this, nor MOST_VISITORS: the driver is bounded in time and in number."""

EVERY_PAGE: Final = ("", "relu", "max_pool", "conv_1d", "minibatch", "conv_2d")

HEAVY: Final = "conv_2d"
"""The page that takes the longest to answer."""


@dataclass(frozen=True)
class Profile:
    """Visitors spread over these pages, each of whom thinks before every message.

    think: the least and most seconds, drawn each time; with one fixed time all would ask in the
    same instant. wanted: the 95th percentile of the waits, in ms, without those for opening a page.
    wanted_rate: reruns per second, without these as well. training: how many more visitors train a
    network, and follow the run. storming: how many more send without thinking, on the page that
    takes the longest; their waits do not count.
    """

    said: str
    visitors: int
    think: tuple[float, float]
    seconds: float
    pages: tuple[str, ...] = ("",)
    wanted: float | None = None
    wanted_rate: float | None = None
    training: int = 0
    storming: int = 0

    def with_visitors(self, visitors: int | None) -> Self:
        """The same with this number of visitors; unchanged if it is None."""
        return self if visitors is None else replace(self, visitors=visitors)


PROFILES: Final[Mapping[str, Profile]] = {
    "one": Profile("one person", 1, (0.2, 0.4), 20),
    "class-30": Profile("30 think 1 to 2 s", 30, (1, 2), 30),
    "class-100": Profile("100 think 2 s", 100, (1, 3), 40, wanted=60),
    "class-200": Profile("200 think 2 s", 200, (1, 3), 40, wanted=150),
    "storm": Profile("100 back to back", 100, (0, 0), 20, wanted_rate=160),
    "mix": Profile(
        "100 on every page, think 1 to 3 s, beside a run", 100, (1, 3), 40, EVERY_PAGE, training=1
    ),
    "training": Profile(
        "60 think 2 s while runs are trained", 60, (1, 3), 40, EVERY_PAGE, wanted=200, training=2
    ),
    "bully": Profile(
        "30 think 2 s beside one who never does", 30, (1, 3), 30, wanted=300, storming=1
    ),
    "soak": Profile("60 think 1 to 2 s for ten minutes", 60, (1, 2), 600, EVERY_PAGE),
}

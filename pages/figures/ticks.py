"""Axes of drawn diagrams: how far they reach, and which numbers stand at them."""

from collections.abc import Iterable, Sequence
from math import ceil, floor, log10
from typing import Final

FEWEST: Final = 4
"""Steps on an axis, at least; not quite three times as many at most."""
_STEPS: Final = (1.0, 2.0, 5.0, 10.0)


def step_of(low: float, high: float) -> float:
    """The largest round number that fits FEWEST times between the ends: …, 0.5, 1, 2, 5, 10, …"""
    raw = (high - low) / FEWEST
    power = 10.0 ** floor(log10(raw))
    return max(step * power for step in _STEPS if step * power <= raw * (1 + 1e-9))


def reach(values: Iterable[float], least: float, below: float, above: float) -> tuple[float, float]:
    """From where to where an axis goes on which all values lie, both being round numbers.

    least: how much it spans without the shares `below` and `above` of itself that stay free.
    """
    found = list(values)
    low, high = min(found), max(found)
    span = max(high - low, least)
    middle = (low + high) / 2
    low, high = min(low, middle - span / 2), max(high, middle + span / 2)
    low, high = low - below * span, high + above * span
    step = step_of(low, high) / 2
    return floor(low / step + 1e-9) * step, ceil(high / step - 1e-9) * step


def ticks(low: float, high: float) -> list[float]:
    """The round numbers on an axis."""
    step = step_of(low, high)
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [round(step * each, 12) for each in range(first, last + 1)]


def spread(
    wanted: Sequence[float], sizes: Sequence[float], ends: tuple[float, float]
) -> list[float]:
    """The middles of things of these sizes that lie beside each other, near where each wants to be.

    wanted: middles, in order; between the ends, as long as there is room. Those that would overlap
    go together, side by side, to where they want to be on the average.
    """
    groups: list[list[int]] = []

    def start(group: list[int]) -> float:
        before = [sum(sizes[i] for i in group[:n]) for n in range(len(group) + 1)]
        shifts = [wanted[i] - sizes[i] / 2 - before[n] for n, i in enumerate(group)]
        return max(ends[0], min(ends[1] - before[-1], sum(shifts) / len(shifts)))

    for each in range(len(wanted)):
        groups.append([each])
        while len(groups) > 1 and start(groups[-1]) < (
            start(groups[-2]) + sum(sizes[i] for i in groups[-2])
        ):
            groups[-2:] = [groups[-2] + groups[-1]]
    return [
        start(group) + sum(sizes[i] for i in group[:n]) + sizes[own] / 2
        for group in groups
        for n, own in enumerate(group)
    ]

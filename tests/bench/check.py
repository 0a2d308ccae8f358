"""How fast the checks are: `python -m tests.bench.check`, from the repository's root.

Prints one table. It compares the gradient check and the one-sided derivatives of a layer, whose
copies are evaluated together, with those of the same forward pass given as a plain function, which
is called for one copy after another: medians, and their ratio with the range of the middle half of
the rounds. Both take turns in every round, so that a busy machine slows both. "Calls" is how often
the loop calls forward: the ratio reaches only a fraction of that. The last lines say what the slice
of the page "At a kink" costs.
"""

import io
import os
from collections.abc import Callable
from contextlib import redirect_stdout
from time import perf_counter

import numpy as np

from engine import (
    Conv1D,
    Conv2D,
    ConvBlock,
    Layer,
    MaxPool,
    ReLU,
    Sequential,
    gradient_check,
    one_sided,
    trace,
)
from engine.check.differences import Forward
from engine.check.slices import slice_along

ROUNDS, LEAST = 15, 0.005
"""The number of rounds, and the least seconds of a measurement."""

SHAPES: dict[str, tuple[Callable[[], Layer], tuple[tuple[int, ...], ...]]] = {
    "block, x of 5": (ConvBlock, ((5,), ())),
    "block, x of 20": (ConvBlock, ((20,), ())),
    "block, x of 100": (ConvBlock, ((100,), ())),
    "convolution, 5 and 3": (Conv1D, ((5,), (3,))),
    "convolution, 20 and 3": (Conv1D, ((20,), (3,))),
    "convolution, 100 and 3": (Conv1D, ((100,), (3,))),
    "block, 4 examples, 3 filters": (ConvBlock, ((4, 2, 10), (3, 2, 3), (3,))),
    "two blocks": (
        lambda: Sequential(Conv1D(), ReLU(), MaxPool(2), Conv1D(), ReLU(), MaxPool()),
        ((2, 1, 12), (3, 1, 3), (2, 3, 2)),
    ),
    "28 × 28 and 3 × 3": (Conv2D, ((28, 28), (3, 3))),
}


def main() -> None:
    """Measure and print."""
    generator = np.random.default_rng(0)
    busy = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    print(f"load {busy} on {os.cpu_count()} cores; milliseconds; wanted at 20 to 100 entries:")
    print("10 to 28 times faster\n")
    print(f"{'':30}{'':16}{'calls':>6}{'loop':>9}{'together':>10}   ratio")
    for name, (make, shapes) in SHAPES.items():
        inputs = [np.asarray(generator.normal(size=shape)) for shape in shapes]
        tied = [np.round(each) for each in inputs]
        compare(name, "check", check, make(), inputs)
        compare(name, "check at kinks", check, make(), tied)
        compare(name, "one-sided", sides, make(), inputs)
    print()
    for name in ("block, x of 5", "two blocks"):
        make, shapes = SHAPES[name]
        slices(name, make(), [np.asarray(generator.normal(size=shape)) for shape in shapes])


def check(layer: Layer, forward: Forward, inputs: list[np.ndarray]) -> None:
    """Run the whole check, as a student calls it."""
    with redirect_stdout(io.StringIO()):
        gradient_check(forward, layer.backward, *inputs)


def sides(layer: Layer, forward: Forward, inputs: list[np.ndarray]) -> None:
    """Compute both one-sided derivatives of every entry."""
    one_sided(forward, *inputs)


def compare(
    name: str,
    what: str,
    act: Callable[[Layer, Forward, list[np.ndarray]], None],
    layer: Layer,
    inputs: list[np.ndarray],
) -> None:
    """Print a line of the table."""
    calls = 0

    def one_by_one(*given: np.ndarray) -> np.ndarray:
        nonlocal calls
        calls += 1
        return np.asarray(layer.forward(*given))

    act(layer, one_by_one, inputs)
    count = calls
    loop, together = measured(
        lambda: act(layer, one_by_one, inputs), lambda: act(layer, layer.forward, inputs)
    )
    low, middle, high = np.percentile(loop / together, [25, 50, 75])
    print(
        f"{name:30}{what:16}{count:6}{np.median(loop):9.2f}{np.median(together):10.3f}"
        f"{middle:8.1f} ({low:.1f} to {high:.1f})"
    )


def slices(name: str, layer: Layer, inputs: list[np.ndarray]) -> None:
    """Print what one slice costs, and what 33 passes with a slice each cost."""
    passed, index = trace(layer, *inputs), (0,) * inputs[0].ndim

    def along() -> None:
        slice_along(passed, 0, index, -4, 4)

    def sweep() -> None:
        for _ in range(33):
            slice_along(trace(layer, *inputs), 0, index, -4, 4)

    one, many = measured(along, sweep)
    print(f"{name:30}a slice along an entry {np.median(one):12.3f}; wanted: well under 1")
    print(f"{'':30}33 passes, a slice each  {np.median(many):10.2f}")


def measured(*acts: Callable[[], None]) -> np.ndarray:
    """Return milliseconds per call, one number per round, for each act: (acts, rounds)."""
    counts = []
    for act in acts:
        act()
        start = perf_counter()
        act()
        counts.append(1 + int(LEAST / (perf_counter() - start)))
    rounds = [
        [time_of(act, count) for act, count in zip(acts, counts, strict=True)]
        for _ in range(ROUNDS)
    ]
    return np.transpose(rounds)


def time_of(act: Callable[[], None], count: int) -> float:
    """Return milliseconds per call."""
    start = perf_counter()
    for _ in range(count):
        act()
    return (perf_counter() - start) / count * 1e3


if __name__ == "__main__":
    main()

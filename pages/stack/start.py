"""What a stack opens with: a shape of x that fits, and numbers with which something happens."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from math import prod, sqrt
from types import MappingProxyType
from typing import Final

import numpy as np

from engine import RULES, Layer, Why, trace
from engine.arrays import Array, Extent
from pages.stack.stack import Joint, Path, Stack
from pages.state.codecs import GRID

LENGTHS: Final = (5, 6, 7, 8, 4, 3, 2, 1, 10, 12, 16, 24, 32, 48, 64)
"""Of an x that is a row, in the order in which they are tried."""
SIDES: Final = (6, 5, 8, 4, 7, 3, 10, 12, 14, 16, 20, 28, 32, 40)
"""Of an x that is a picture, likewise."""
CHANNELS: Final = (1, 2, 3, 4)
"""Likewise; behind them comes the number that the first weights read, where there are some."""
LONGEST: Final = 64
"""All lengths up to it are tried where weights have a shape already."""
HIGHEST: Final = 44
"""All sides up to it, likewise."""
FURTHEST: Final = 256
"""Of a row, where none of these fits: each length up to so many entries is tried then."""
EMPTY: Final[Mapping[Path, Extent]] = MappingProxyType({})
TRIES: Final = 12
"""Of numbers, until some gradients of x are 0 and some are not."""
APART: Final = 1000
"""From the seed of one array to that of the next."""


def input_shape(stack: Stack, weights: Mapping[Path, Extent] = EMPTY) -> Extent | None:
    """A small shape of x with which all fits, None where none of those that are tried does.

    weights: the shapes that the first parameters of some layers have to have then.
    """
    for form in _forms(stack, weights):
        fitting: dict[Extent, int] = {}
        for shape in form:
            joints = stack.fitting(shape)
            if joints is None or other_shapes(joints, weights):
                continue
            # Windows that leave a single entry show little.
            fitting[shape] = sum(joint.shape[-1:] == (1,) for joint in joints if joint.shape)
            if not fitting[shape]:
                break
        if fitting:
            return min(fitting, key=lambda shape: fitting[shape])
    return None


def shape_at_a_join(stack: Stack, weights: Mapping[Path, Extent]) -> Extent | None:
    """The x with which most is as in the code, where it ends at a join that does not fit."""
    most, found = (0, False), None
    for shape in chain.from_iterable(_forms(stack, weights)):
        joints = stack.reached(shape)
        wrong = other_shapes(joints, weights)
        places = (at for at, it in enumerate(joints) if it.problem or it.path in wrong)
        reach = next(places, len(joints)), shape[-1] > 1
        if reach > most:
            joined = not wrong and stack.at(joints[-1].path).branches
            most, found = reach, shape if joined else None
    return found


def other_shapes(joints: Sequence[Joint], weights: Mapping[Path, Extent]) -> dict[Path, Extent]:
    """Which of these first parameters have other shapes, and what shapes they have.

    Of layers that are not reached nothing is known.
    """
    first = {joint.path: next(iter(joint.parameters.values()), ()) for joint in joints}
    return {path: first[path] for path, shape in weights.items() if first.get(path, shape) != shape}


def _forms(stack: Stack, weights: Mapping[Path, Extent]) -> Iterator[list[Extent]]:
    """Rows, or pictures, as they are or as examples of channels."""
    data = [len(step.item.data) for step in stack.steps if step.item.data]
    examples = data[0] if data else 1
    read = [w[1] * stack.at(path).values.get("groups", 1) for path, w in weights.items()][:1]
    lengths = [*read, *LENGTHS, *(range(1, LONGEST + 1) if weights else ())]
    sides = [*SIDES, *(range(1, HIGHEST + 1) if weights else ())]
    rows: list[Extent] = [(length,) for length in dict.fromkeys(lengths)]
    squares: list[Extent] = [(side, side) for side in dict.fromkeys(sides)]
    # To the first layer that reads pictures a row is a picture one pixel high.
    axes = next(filter(None, (getattr(step.item.layer, "axes", 0) for step in stack.steps)), 0)
    plain = [form for form, other in ((rows, 2), (squares, 1)) if axes != other]
    batched: list[list[Extent]] = [
        [(examples, channels, *space) for space in each]
        for channels in dict.fromkeys((*CHANNELS, *read))
        for each in plain
    ]
    if rows in plain:
        batched.insert(0 if data else len(batched), [(examples, *row) for row in rows])
    flat = data or any(step.item.name == "flatten" for step in stack.steps)
    yield from batched + plain if flat else plain + batched
    every = range(1, FURTHEST + 1) if rows in plain else ()
    yield [(length,) for length in every if not flat]
    yield [
        (examples, channels, length) for channels in dict.fromkeys((1, *read)) for length in every
    ]


def start(stack: Stack, shape: Extent, seed: int = 0) -> list[Array]:
    """x and the parameters: multiples of 0.25, the same for the same seed. Raises StackError."""
    return _all_drawn([shape, *stack.parameters(shape).values()], seeds(stack, shape, seed))


@lru_cache(maxsize=64)
def seeds(stack: Stack, shape: Extent, seed: int = 0) -> tuple[int, ...]:
    """Those of x and of the parameters, for `drawn`. Raises StackError.

    Of a few tries the first that shows most: of x gradients that are 0 and others that are not.
    """
    shapes = [shape, *stack.parameters(shape).values()]
    layer, most = stack.layer, -1.0
    best: tuple[int, ...] = ()
    for one in range(TRIES * seed, TRIES * (seed + 1)):
        tried = tuple(one + APART * at for at in range(len(shapes)))
        if (interest := _interest(layer, _all_drawn(shapes, tried))) > most:
            best, most = tried, interest
        if most == 1:
            break
    return best


def _all_drawn(shapes: Sequence[Extent], seeds: Sequence[int]) -> list[Array]:
    """x, and behind it the parameters."""
    every = enumerate(zip(shapes, seeds, strict=True))
    return [drawn(shape, seed, is_input=not at) for at, (shape, seed) in every]


def drawn(shape: Extent, seed: int, *, is_input: bool) -> Array:
    """On the sliders' grid; weights by how many of them are added up, as He has it."""
    scale = 1.0 if is_input else sqrt(2 / max(1, prod(shape[1:])))
    numbers = np.random.default_rng(seed).normal(0, max(scale, GRID), shape)
    return np.asarray(np.clip(np.round(numbers / GRID) * GRID, -2, 2) + 0.0)


def _interest(layer: Layer, numbers: Sequence[Array]) -> float:
    """1 where some gradients of x are 0 and some are not, and so with the units that can be shut.

    The gradients count for more than the units.
    """
    rule = next(it.kinks for it in RULES.values() if it.kinks.states(layer.kink_choices))
    passed = trace(layer, *numbers, kinks=rule)
    flowing = float(np.mean(passed.grads[0] != 0))
    gates = [step for step in passed.steps if Why.GATE_CLOSED in step.layer.words.zeros]
    shut = [step.layer.inactive(step.inputs[0], rule) for step in gates]
    units = [float(np.mean(each)) for each in shut if each is not None]
    alive = not units or 0 < np.mean(units) < 1
    return 0.7 * (1 if 0 < flowing < 1 else flowing / 2) + 0.3 * alive

"""Choose what a stack opens with: a shape of x that fits, and numbers that show something."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from math import prod, sqrt
from types import MappingProxyType
from typing import Final

import numpy as np

from engine import RULES, Layer, trace
from engine.arrays import Array, Extent
from pages.stack.stack import Joint, Path, Stack
from pages.state.codecs import GRID

LENGTHS: Final = (5, 6, 7, 8, 4, 3, 2, 1, 10, 12, 16, 24, 32, 48, 64)
"""Lengths of an x that is a row, in the order in which they are tried."""
SIDES: Final = (6, 5, 8, 4, 7, 3, 10, 12, 14, 16, 20, 28, 32, 40)
"""Sides of an x that is a square picture, in the order in which they are tried."""
CHANNELS: Final = (1, 2, 3, 4)
"""Numbers of channels, in order; then comes the number that the first given weights read."""
LONGEST: Final = 64
"""If the shapes of some weights are given, all lengths of a row up to this are tried too."""
HIGHEST: Final = 44
"""If the shapes of some weights are given, all sides of a picture up to this are tried too."""
FURTHEST: Final = 256  # if none of these fits, all lengths of a row up to this are tried
EMPTY: Final[Mapping[Path, Extent]] = MappingProxyType({})
TRIES: Final = 12  # the most sets of numbers that are tried, until one shows something
APART: Final = 1000  # the difference between the seeds of one array and the next


def input_shape(stack: Stack, weights: Mapping[Path, Extent] = EMPTY) -> Extent | None:
    """Return a small shape of x for which everything fits; None if no shape that is tried does.

    weights: the shapes that the first parameters of some layers must have.
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
    """Return the shape of x that fits furthest, if the first misfit is at a layer with branches.

    Otherwise None. It fits as long as no shape is wrong and the weights have the given shapes.
    """
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
    """Return the shapes of first parameters that differ from the given ones, by path.

    Layers that the joints do not reach are left out.
    """
    first = {joint.path: next(iter(joint.parameters.values()), ()) for joint in joints}
    return {path: first[path] for path, shape in weights.items() if first.get(path, shape) != shape}


def _forms(stack: Stack, weights: Mapping[Path, Extent]) -> Iterator[list[Extent]]:
    """Yield lists of shapes to try: rows or pictures, alone or as examples with channels."""
    data = [len(step.item.data) for step in stack.steps if step.item.data]
    examples = data[0] if data else 1
    read = [w[1] * stack.at(path).values.get("groups", 1) for path, w in weights.items()][:1]
    lengths = [*read, *LENGTHS, *(range(1, LONGEST + 1) if weights else ())]
    sides = [*SIDES, *(range(1, HIGHEST + 1) if weights else ())]
    rows: list[Extent] = [(length,) for length in dict.fromkeys(lengths)]
    squares: list[Extent] = [(side, side) for side in dict.fromkeys(sides)]
    # A first layer that reads pictures would take a row for a picture one pixel high.
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
    """Return x and the parameters as multiples of GRID, fixed by the seed. Raises StackError."""
    return _all_drawn([shape, *stack.parameters(shape).values()], seeds(stack, shape, seed))


@lru_cache(maxsize=64)
def seeds(stack: Stack, shape: Extent, seed: int = 0) -> tuple[int, ...]:
    """Return the seeds of x and of the parameters, for `drawn`. Raises StackError.

    Of a few tries it takes the first that shows most; see `_interest`.
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
    """Draw x and the parameters, in this order."""
    every = enumerate(zip(shapes, seeds, strict=True))
    return [drawn(shape, seed, is_input=not at) for at, (shape, seed) in every]


def drawn(shape: Extent, seed: int, *, is_input: bool) -> Array:
    """Draw normal numbers on the sliders' grid; weights with the scale of He initialization."""
    scale = 1.0 if is_input else sqrt(2 / max(1, prod(shape[1:])))
    numbers = np.random.default_rng(seed).normal(0, max(scale, GRID), shape)
    return np.asarray(np.clip(np.round(numbers / GRID) * GRID, -2, 2) + 0.0)


def _interest(layer: Layer, numbers: Sequence[Array]) -> float:
    """Rate how much a pass shows, from 0 to 1.

    It gets 0.7 if some gradients of x are 0 and some are not, half of that if none is 0; and 0.3 if
    some units, of those that can be inactive, are inactive and some are not, or if there are none.
    """
    rule = next(it.kinks for it in RULES.values() if it.kinks.states(layer.kink_choices))
    passed = trace(layer, *numbers, kinks=rule)
    flowing = float(np.mean(passed.grads[0] != 0))
    gates = [step for step in passed.steps if step.layer.is_level]
    shut = [step.layer.inactive(step.inputs[0], rule) for step in gates]
    units = [float(np.mean(each)) for each in shut if each is not None]
    alive = not units or 0 < np.mean(units) < 1
    return 0.7 * (1 if 0 < flowing < 1 else flowing / 2) + 0.3 * alive

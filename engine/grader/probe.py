"""Inputs with which a student's layer is tried, and the engine's results for them.

The lengths of the axes differ, so that a shape shows its axes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeAlias

import numpy as np

import engine
from engine.arrays import frozen
from engine.grader.interfaces import LOSS, POOLS, PROBED, WEIGHTED, shape_of
from engine.grader.outcome import TOLERANCE, close
from engine.grader.plan import Axes
from engine.grader.wire import Numbers, shape
from engine.trace import trace

SETTINGS_TRIED: Final = {pool: {"size": 2, "stride": 2} for pool in POOLS}
"""The settings with which a pool is tried."""
INPUT_GRADIENTS: Final = (
    "dinputs dinput d_inputs d_input dx dX grad_input input_grad input_gradient grad_inputs"
)
"""Attributes in which a backward that returns nothing may leave the gradient of its input."""


Pairs: TypeAlias = tuple[tuple[str, int], ...]  # the items of a mapping, as hashable arguments


@dataclass(frozen=True, eq=False)
class Probe:
    """One call: what a layer of the engine is given, and what it gives."""

    x: Numbers
    w: Numbers | None
    b: Numbers | None
    dout: Numbers
    output: Numbers
    grads: tuple[Numbers, ...]
    labels: Numbers | None = None

    @property
    def inputs(self) -> tuple[Numbers, ...]:
        """What forward is given: copies, since a student's code may write into them."""
        rest = (self.labels,) if self.labels is not None else (self.w, self.b)
        return tuple(np.copy(each)[()] for each in (self.x, *rest) if each is not None)

    def theirs(self, array: Numbers, axes: Axes, place: int) -> Numbers:
        """Return an input or the output as the student's layer has it."""
        return axes.arranged(axes.first(array), place, axes.sizes(self.x, self.w))


def probe(
    topic: str,
    ours: Sequence[str],
    *,
    bias: bool,
    seed: int = 1,
    settings: Mapping[str, int] | None = None,
    sizes: Mapping[str, int] | None = None,
) -> Probe:
    """Return random inputs of these shapes, with the engine's results for them."""
    settings = SETTINGS_TRIED.get(topic, {}) if settings is None else settings
    known = {**PROBED[topic], **(sizes or {})}
    return _drawn(topic, tuple(ours), bias, seed, (*settings.items(),), (*known.items(),))


@lru_cache(1024)
def _drawn(
    topic: str, ours: tuple[str, ...], bias: bool, seed: int, settings: Pairs, sizes: Pairs
) -> Probe:
    """Do the same from hashable arguments: each reading of a layer asks for the same few again."""
    known = dict(sizes)
    draw = np.random.default_rng(seed)
    shapes = [shape_of(axes, known) for axes in (ours[0] or "ND", *ours[1:])]
    x, w, _ = (frozen(np.asarray(draw.normal(size=shape))) for shape in shapes)
    filters = ours[1][:1] in ("F", "M")
    bias_shape = known[ours[1][0]] if filters else ()
    b = frozen(np.asarray(draw.normal(size=bias_shape))) if bias else None
    labels = draw.integers(known["D"], size=known["N"]) if topic == LOSS else None
    layer = getattr(engine, topic)
    made = layer(**dict(settings)) if labels is None else layer(labels)
    weighted = topic in WEIGHTED
    given = [x, *([w] if weighted else []), *([] if b is None else [b])]
    dout = frozen(np.asarray(draw.normal(size=np.shape(made.forward(*given)))))
    passed = trace(made, *given, dout=dout)
    return Probe(x, w if weighted else None, b, dout, passed.output, passed.grads, labels)


RECOGNIZED: Final = 10 * TOLERANCE
"""How far numbers may be off that show how a layer is called: any other way to call it is off by
far more, and a layer that is slightly wrong still has to be judged."""


def same(got: Any, expected: Numbers) -> bool:
    """Whether what came back, whatever it is, holds the numbers that were looked for."""
    if shape(got) != expected.shape:
        return False
    array = np.asarray(got)
    if array.dtype.kind not in "fiub":
        return False
    return close(array.astype(np.float64), expected.astype(np.float64), RECOGNIZED)


def is_line(array: Numbers) -> bool:
    """Whether at most one axis is longer than 1."""
    return len([each for each in array.shape if each > 1]) <= 1


def without_examples(output: Numbers, axes: str) -> Numbers:
    """Sum an output over the examples, as the gradient of a bias is."""
    return np.asarray(output.sum(axis=axes.index("N")) if "N" in axes else output)

"""Wrong backward passes of ReLU and Flatten."""

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import Flatten, ReLU
from tests.engine.check.mutants.family import COMMON, Family, Mutant, of_dout, of_grad
from tests.engine.rows import Array


def sloped(slope: Callable[[Array], NDArray[Any]]) -> Mutant:
    """da = dout · slope(a)."""
    return lambda layer, inputs, dout: (dout * slope(inputs[0]),)


RELU = Family(
    ReLU,
    ((2, 4),),
    {
        "zeros": (np.array([[0.0, 2, -0.25, 7], [3, 0, -1, 8]]),),
        "near zero": (np.array([[1e-9, -1e-9, 2, 7], [1e-7, -1e-7, -0.25, 8]]),),
        "nearer zero": (np.array([[1e-12, -1e-12, 2, 7], [1e-11, -1e-10, -0.25, 8]]),),
        "mixed scales": (np.array([[1e6, -1e6, 1e-6, 7], [1e3, -0.125, 0, -3e-5]]),),
    },
    COMMON
    | {
        "closed for open": sloped(lambda a: a < 0),
        "no mask": sloped(np.ones_like),
        "opens below 0": sloped(lambda a: a > -2),
        "opens above 0": sloped(lambda a: a > 2.5),
        "closed again from 2 on": sloped(lambda a: (a > 0) & (a < 2)),
        "leaky": sloped(lambda a: np.where(a > 0, 1, 0.01)),
        "output for slope": sloped(lambda a: np.maximum(a, 0)),
        "absolute value": sloped(np.sign),
        "2 at 0": sloped(lambda a: np.where(a == 0, 2, a > 0)),
        "-1 at 0": sloped(lambda a: np.where(a == 0, -1, a > 0)),
        "dout squared": of_dout(np.square),
        "dout of the next": of_dout(lambda dout: np.roll(dout, 1, axis=1)),
        "mean for sum": of_dout(lambda dout: dout / dout.size),
    },
    at_kinks_only=frozenset({"2 at 0", "-1 at 0"}),
    hidden=frozenset(product(("2 at 0", "-1 at 0"), ("near zero", "nearer zero"))),
)

FLATTEN = Family(
    Flatten,
    ((2, 2, 3),),
    {"equal": (np.full((2, 2, 3), 3.0),), "zeros": (np.zeros((2, 2, 3)),)},
    COMMON
    | {
        "first axis fastest": lambda layer, inputs, dout: (
            dout.reshape(inputs[0].shape, order="F"),
        ),
        "examples mixed": lambda layer, inputs, dout: (dout.T.reshape(inputs[0].shape),),
        "axes exchanged": lambda layer, inputs, dout: (
            dout.reshape(2, 3, 2).swapaxes(1, 2).copy(),
        ),
        "backwards": of_grad(lambda dx: dx[..., ::-1]),
    },
)

"""Wrong backward passes of convolution and Linear."""

import numpy as np

from engine import Conv1D, Conv2D, Layer, Linear
from tests.engine.check.mutants.family import (
    COMMON,
    Family,
    Inputs,
    Mutant,
    of_dout,
    of_grad,
    of_inputs,
    only,
    right,
)
from tests.engine.rows import Array

ALL = slice(None)


def placed(step: int, *, adds: bool) -> Mutant:
    """dx from a loop over positions `step` apart; each part is added, or overwrites."""

    def mutant(layer: Layer, inputs: Inputs, dout: Array) -> Inputs:
        assert isinstance(layer, Conv1D)
        (x, w, _), (padding,) = inputs, layer.padding
        assert isinstance(padding, int)
        padded = np.zeros((*x.shape[:2], x.shape[2] + 2 * padding))
        for position in range(dout.shape[2]):
            window = padded[..., position * step : position * step + w.shape[2]]
            window[...] = adds * window + np.einsum("nf,fck->nck", dout[..., position], w)
        return (padded[..., padding:-padding], *right(layer, inputs, dout)[1:])

    return mutant


def without_padding(layer: Layer, inputs: Inputs, dout: Array) -> Inputs:
    """dx is cut off at the end of the padded gradient, not on both sides."""
    dx, *others = right(layer, inputs, dout)
    return (np.roll(dx, 1, axis=2), *others)


X, W, B = (3, 2, 7), (2, 2, 3), (2,)

CONV1D = Family(
    lambda: Conv1D(2, 1),
    (X, W, B),
    {
        "zeros": (
            np.resize([0.0, 2, -1, 0, 3], X),
            np.resize([0.0, 1, -2, 3, 0], W),
            np.array([0.0, 1]),
        ),
        "ties": (np.resize([2.0, 2, -1, 2], X), np.resize([1.0, 1, -3, 1, 2], W), np.zeros(2)),
        "mixed scales": (
            np.resize([1e3, -10, 1, 1e-2, 0.3], X),
            np.resize([1e-2, 10, 1, -1, 7], W),
            np.array([1e2, -1e-2]),
        ),
    },
    COMMON
    | {
        "filter flipped": of_inputs(0, lambda xwb: (xwb[0], xwb[1][..., ::-1], xwb[2])),
        "filter transposed": of_inputs(0, lambda xwb: (xwb[0], xwb[1].swapaxes(0, 1), xwb[2])),
        "other filter's weights": of_inputs(0, lambda xwb: (xwb[0], xwb[1][::-1], xwb[2])),
        "first channel only": of_grad(lambda dx: dx * [[1.0], [0]]),
        "first filter only": of_dout(lambda dout: only(dout, 0, ALL), 0),
        "padding off by one": without_padding,
        "stride ignored": placed(1, adds=True),
        "windows overwrite": placed(2, adds=False),
        "last window dropped": of_dout(lambda dout: only(dout, slice(-1)), 0),
        "dw of the last position": of_dout(lambda dout: only(dout, -1), 1),
        "dw without the last position": of_dout(lambda dout: only(dout, slice(-1)), 1),
        "dw of one example": of_dout(lambda dout: only(dout, 0, ALL, ALL), 1),
        "dw divided by N": of_grad(lambda dw: dw / X[0], 1),
        "dw of the other filter's dout": of_dout(lambda dout: dout[:, ::-1], 1),
        "dw of the next window": of_dout(lambda dout: np.roll(dout, 1, axis=2), 1),
        "dw flipped": of_grad(lambda dw: dw[..., ::-1], 1),
        "dw transposed": of_grad(lambda dw: dw.swapaxes(0, 1), 1),
        "dw of another example's x": of_inputs(1, lambda xwb: (np.roll(xwb[0], 1, 0), *xwb[1:])),
        "db as a mean": of_grad(lambda db: db / (X[0] * 4), 2),
        "db without a position": of_dout(lambda dout: only(dout, slice(1, None)), 2),
        "db of one example": of_dout(lambda dout: only(dout, -1, ALL, ALL), 2),
        "db over all filters": of_grad(lambda db: np.full_like(db, db.sum()), 2),
        "db forgotten": of_grad(np.zeros_like, 2),
    },
)

CONV2D = Family(
    lambda: Conv2D((1, 2), 1),
    ((2, 1, 3, 4), (2, 1, 2, 2)),
    {
        "zeros": (
            np.resize([0.0, 2, -1, 0, 3], (2, 1, 3, 4)),
            np.resize([1.0, 0, -2], (2, 1, 2, 2)),
        ),
        "ties": (np.full((2, 1, 3, 4), 2.0), np.resize([1.0, 1, 3], (2, 1, 2, 2))),
    },
    COMMON
    | {
        "filter transposed": of_inputs(0, lambda xw: (xw[0], xw[1].swapaxes(2, 3))),
        "filter flipped": of_inputs(0, lambda xw: (xw[0], xw[1][..., ::-1, ::-1])),
        "dw of one row": of_dout(lambda dout: only(dout, 0, ALL), 1),
        "dw of one column": of_dout(lambda dout: only(dout, 0), 1),
    },
)

LINEAR = Family(
    Linear,
    ((4, 3), (3, 3), (3,)),
    {
        "zeros": (
            np.resize([0.0, 2, -1, 0, 3], (4, 3)),
            np.resize([0.0, 1, -2, 5], (3, 3)),
            np.zeros(3),
        ),
        "ties": (np.resize([2.0, 2, 2, 1], (4, 3)), np.resize([3.0, 3, 1, 2], (3, 3)), np.ones(3)),
    },
    COMMON
    | {
        "w not transposed": of_inputs(0, lambda xwb: (xwb[0], xwb[1].T, xwb[2])),
        "dw transposed": of_grad(lambda dw: dw.T, 1),
        "dw of one example": of_dout(lambda dout: only(dout, -1, ALL), 1),
        "dw divided by N": of_grad(lambda dw: dw / 4, 1),
        "db as a mean": of_grad(lambda db: db / 4, 2),
        "db of the first example": of_dout(lambda dout: only(dout, 0, ALL), 2),
        "examples exchanged": of_grad(lambda dx: dx[::-1]),
    },
)

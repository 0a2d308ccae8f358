"""Wrong backward passes of max pooling."""

from collections.abc import Callable

import numpy as np

from engine import Layer, MaxPool, MaxPool2D
from tests.engine.check.mutants.family import COMMON, Family, Inputs, Mutant, of_dout, of_grad, only
from tests.engine.rows import Array

SIZE, STRIDE, X = 3, 2, (2, 2, 7)


def shared(share: Callable[[Array], Array], step: int = STRIDE, *, adds: bool = True) -> Mutant:
    """dx in a loop over windows; share(window): each entry's share of what arrives there."""

    def mutant(layer: Layer, inputs: Inputs, dout: Array) -> Inputs:
        (x,) = inputs
        dx = np.zeros_like(x)
        for *lead, window in np.ndindex(*dout.shape):
            read = (*lead, slice(window * STRIDE, window * STRIDE + SIZE))
            written = (*lead, slice(window * step, window * step + SIZE))
            part = share(x[read]) * dout[(*lead, window)]
            dx[written] = adds * dx[written] + part[: dx[written].size]
        return (dx,)

    return mutant


def at(position: Callable[[Array], int]) -> Callable[[Array], Array]:
    """All of it goes to one entry of the window."""
    return lambda window: np.asarray(np.eye(SIZE)[position(window)])


def doubled(window: Array) -> Array:
    """If entries tie, each of them gets twice what arrives."""
    tied = window == window.max()
    return np.asarray(tied * (2.0 if tied.sum() > 1 else 1.0))


def across_channels(layer: Layer, inputs: Inputs, dout: Array) -> Inputs:
    """The gradient goes to the largest of the channels instead of the window."""
    (x,) = inputs
    largest = x == x.max(axis=1, keepdims=True)
    return (largest * np.repeat(dout, 3, axis=2)[..., : X[2]],)


def by_local_index(layer: Layer, inputs: Inputs, dout: Array) -> Inputs:
    """The index in the window is taken for the index in x."""
    (x,) = inputs
    dx = np.zeros_like(x)
    for *lead, window in np.ndindex(*dout.shape):
        read = (*lead, slice(window * STRIDE, window * STRIDE + SIZE))
        dx[(*lead, int(x[read].argmax()))] += dout[(*lead, window)]
    return (dx,)


MAX_POOL = Family(
    lambda: MaxPool(SIZE, STRIDE),
    (X,),
    {
        "overlaps": (np.resize([1.0, 2, 5, 0, 6, -1, 3, 4, 7, 8, 9], X),),
        "ties": (np.resize([3.0, 3, 1, 2, 4, 4, 0, 5, 2, -1, 6], X),),
        "zeros": (np.resize([0.0, 0, -1, 2, 3, -2, 0, 0, 1], X),),
        "near ties": (np.resize([3, 3 + 1e-9, 1, 3 - 1e-7, 5, 5 - 1e-11, 2, 1, 6], X),),
        "mixed scales": (np.resize([1e6, 1e-6, 1, -1e3, 0, 1e3, 30, 2e6, -7], X),),
    },
    COMMON
    | {
        "smallest": shared(at(lambda window: int(window.argmin()))),
        "second largest": shared(at(lambda window: int(window.argsort()[-2]))),
        "first of the window": shared(at(lambda window: 0)),
        "last of the window": shared(at(lambda window: SIZE - 1)),
        "whole window": shared(np.ones_like),
        "mean of the window": shared(lambda window: np.full(SIZE, 1 / SIZE)),
        "split by the size": shared(lambda window: (window == window.max()) / SIZE),
        "double at a tie": shared(doubled),
        "windows overwrite": shared(at(lambda window: int(window.argmax())), adds=False),
        "stride ignored": shared(at(lambda window: int(window.argmax())), step=1),
        "size for stride": shared(at(lambda window: int(window.argmax())), step=SIZE),
        "backwards in the window": shared(lambda window: np.eye(SIZE)[-1 - window.argmax()]),
        "largest channel": across_channels,
        "local index": by_local_index,
        "last window dropped": of_dout(lambda dout: only(dout, slice(-1))),
        "off by one": of_grad(lambda dx: np.roll(dx, 1, axis=2)),
        "value for mask": shared(lambda window: window * (window == window.max())),
    },
    at_kinks_only=frozenset({"double at a tie"}),
    hidden=frozenset(
        {("double at a tie", point) for point in ("overlaps", "near ties", "mixed scales")}
    ),
)


def exchanged(layer: Layer, inputs: Inputs, dout: Array) -> Inputs:
    """Row and column of the largest entry are exchanged."""
    (x,) = inputs
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(*dout.shape):
        row, column = divmod(int(x[n, c, i : i + 2, j : j + 2].argmax()), 2)
        dx[n, c, i + column, j + row] += dout[n, c, i, j]
    return (dx,)


MAX_POOL_2D = Family(
    lambda: MaxPool2D(2, 1),
    ((2, 1, 3, 3),),
    {
        "overlaps": (np.resize([1.0, 5, 2, 0, 3, -1, 4], (2, 1, 3, 3)),),
        "ties": (np.resize([3.0, 3, 1, 0, 3, 2, 2], (2, 1, 3, 3)),),
    },
    COMMON
    | {
        "rows for columns": exchanged,
        "transposed": of_grad(lambda dx: dx.swapaxes(2, 3)),
        "last row of windows dropped": of_dout(lambda dout: only(dout, slice(-1), slice(None))),
    },
)

WHOLE_POOL = Family(
    MaxPool,
    ((3, 4),),
    {
        "ties": (np.array([[3.0, 3, 1, 0], [1, 4, 4, 4], [-1, 0, 2, -2]]),),
        "near ties": (np.array([[3, 3 + 1e-9, 1, 0], [1, 4, 4 - 1e-7, -4], [-1, 0, 2, -2]]),),
    },
    COMMON
    | {
        "all of them": of_grad(lambda dx: np.repeat(dx.sum(axis=1, keepdims=True), 4, axis=1)),
        "over the wrong axis": lambda layer, inputs, dout: (
            (inputs[0] == inputs[0].max(axis=0)) * dout[:, None],
        ),
        "only the largest of all": of_dout(lambda dout: only(dout, 1)),
    },
)

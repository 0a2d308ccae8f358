"""Every bug: what it is called, the line as it was written, and the layers that it fits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from engine import (
    Conv1D,
    Conv2D,
    ConvBlock,
    Layer,
    Linear,
    MaxPool,
    MaxPool2D,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
)
from pages.bugs import wrong_pullbacks as wrong
from pages.bugs.wrong_pullbacks import Pullback, broken

BLOCKS: Final[Mapping[str, Callable[[], Sequential]]] = {
    "block-loss": lambda: Sequential(Conv1D(), ReLU(), MaxPool(), SoftmaxCrossEntropy((1,))),
    "conv-block": ConvBlock,
    "minibatch": ConvBlock,
}
CONV, GATE, LOSS = 0, 1, 3
"""Where these are in them."""
RIGHT: Final[Mapping[str, Callable[[], Layer]]] = {
    **BLOCKS,
    "relu": ReLU,
    "max-pool": lambda: MaxPool(2, 1),
    "conv-1d": lambda: Conv1D(padding=1),
    "conv-2d": Conv2D,
    "max-pool-2d": lambda: MaxPool2D(2, 1),
    "linear": Linear,
    "loss": lambda: SoftmaxCrossEntropy((0, 2)),
}
"""What can be checked, by its slug on the page, as it should be."""


@dataclass(frozen=True)
class Bug:
    """One bug.

    written: the wrong line. meant: what should stand there, as far as it differs. layers: by the
    slug of a layer of the page the broken one to be made for it. leaves: which of MISTAKES its
    numbers look like. own: by a layer's slug its own two lines, where those are another layer's.
    """

    title: str
    written: str
    meant: str
    layers: Mapping[str, Callable[[], Layer]]
    leaves: frozenset[str] = frozenset()
    own: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def lines(self, layer: str) -> tuple[str, str]:
        """As it is written in a layer, and as it is meant."""
        return self.own.get(layer, (self.written, self.meant))


def _alone(pullback: Pullback, *slugs: str) -> dict[str, Callable[[], Layer]]:
    """Single layers with this pullback."""
    return {slug: partial(lambda right: broken(right(), pullback), RIGHT[slug]) for slug in slugs}


def _within(pullback: Pullback, at: int, *slugs: str) -> dict[str, Callable[[], Layer]]:
    """Blocks, one of whose layers has this pullback."""

    def made(slug: str) -> Layer:
        layers = list(BLOCKS[slug]().layers)
        layers[at] = broken(layers[at], pullback)
        return Sequential(*layers)

    return {slug: partial(made, slug) for slug in slugs}


def _gates(pullback: Pullback) -> dict[str, Callable[[], Layer]]:
    """A ReLU, alone and in every block."""
    inside = _within(pullback, GATE, "block-loss", "conv-block", "minibatch")
    return {**inside, **_alone(pullback, "relu")}


BUGS: Final[Mapping[str, Bug]] = {
    "forgotten-factor": Bug(
        "forgotten factor",
        "da = a > 0",
        "dh * (a > 0)",
        {**_gates(wrong.gate_alone), **_alone(wrong.winners_alone, "max-pool")},
        frozenset({"not multiplied"}),
        {"max-pool": ("dh[argmax(window)] += 1", "+= dz[i]")},
    ),
    "wrong-mask": Bug(
        "wrong mask",
        "da = dh * (a < 0)",
        "a > 0",
        _gates(wrong.closed_gates),
    ),
    "no-mask": Bug(
        "no mask",
        "da = dh",
        "dh * (a > 0)",
        _gates(wrong.no_gates),
    ),
    "sign": Bug(
        "wrong sign",
        "ds = (truth - softmax) / N",
        "(softmax - truth) / N",
        {**_within(wrong.uphill, LOSS, "block-loss"), **_alone(wrong.uphill, "loss")},
        own={"block-loss": ("dz = (truth - softmax) / N", "(softmax - truth) / N")},
    ),
    "missing-sum": Bug(
        "missing sum",
        "dw = x[window] * da[i]",
        "dw += …",
        {
            **_alone(wrong.last_share(..., -1), "conv-1d"),
            **_alone(wrong.last_share(..., -1, -1), "conv-2d"),
            **_alone(wrong.last_share(-1), "linear"),
            **_within(wrong.last_share(-1), CONV, "minibatch"),
        },
        frozenset({"overwritten"}),
        {
            "conv-2d": ("dw = x[window] * da[i, j]", "dw += …"),
            "linear": ("dw = outer(dy[n], x[n])", "dw += …"),
        },
    ),
    "flipped-filter": Bug(
        "filter reversed",
        "dx[i] += w[K-1-k] * da[i-k]",
        "w[k]",
        _alone(wrong.flipped, "conv-1d", "conv-2d"),
        frozenset({"param reversed"}),
        {"conv-2d": ("dx[i, j] += w[K-1-k, K-1-l] * da[i-k, j-l]", "w[k, l]")},
    ),
    "not-transposed": Bug(
        "w transposed",
        "dx = dy @ w.T",
        "dy @ w",
        _alone(wrong.untransposed, "linear"),
        frozenset({"param transposed"}),
    ),
    "exchanged": Bug(
        "x and dy exchanged",
        "dw = x.T @ dy",
        "dy.T @ x",
        _alone(wrong.exchanged, "linear"),
        frozenset({"transposed"}),
    ),
    "padding-off-by-one": Bug(
        "padding off by one",
        "dx = padded[0:L]",
        "[1:L+1]",
        _alone(wrong.uncut_padding, "conv-1d"),
        frozenset({"displaced"}),
    ),
    "overwritten-overlaps": Bug(
        "overlaps overwritten",
        "dx[window] = part",
        "dx[window] += part",
        {
            **_alone(wrong.overwritten_windows, "max-pool", "max-pool-2d"),
            **_alone(wrong.overwritten_parts, "conv-1d", "conv-2d"),
        },
        frozenset({"overwritten"}),
        dict.fromkeys(("max-pool", "max-pool-2d"), ("dh[window] = part", "dh[window] += part")),
    ),
    "place-in-window": Bug(
        "place in the window",
        "dh[argmax(window)] += dz[i]",
        "dh[i + argmax(window)]",
        _alone(wrong.place_in_window, "max-pool"),
    ),
    "integer-gradient": Bug(
        "integer gradient",
        "dx = np.zeros(L, dtype=int)",
        "dtype=float",
        _alone(wrong.whole_numbers, "relu", "max-pool", "conv-1d"),
        frozenset({"cut off"}),
        {
            "relu": ("da = np.zeros(L, dtype=int)", "dtype=float"),
            "max-pool": ("dh = np.zeros(L, dtype=int)", "dtype=float"),
        },
    ),
    "forgotten-mean": Bug(
        "mean forgotten",
        "ds = softmax - truth",
        "(softmax - truth) / N",
        _alone(wrong.summed, "loss"),
    ),
    "no-truth": Bug(
        "truth forgotten",
        "ds = softmax / N",
        "(softmax - truth) / N",
        _alone(wrong.without_truth, "loss"),
    ),
}

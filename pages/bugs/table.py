"""Every bug: what it is called, the line as it was written, and the layers that it fits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from engine import (
    Conv1D,
    Layer,
    MaxPool,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
)
from pages.bugs import wrong_layers

LABELS: Final = (0, 2)
"""The labels of two examples, of three classes."""
LABEL: Final = (1,)
"""That of one, of two classes."""


@dataclass(frozen=True)
class Bug:
    """One bug.

    written: the wrong line. meant: what should stand there, as far as it differs. layers: by the
    slug of a case of the page the broken layer to be made for it. leaves: which of MISTAKES its
    numbers look like.
    """

    title: str
    written: str
    meant: str
    layers: Mapping[str, Callable[[], Layer]]
    leaves: frozenset[str] = frozenset()


def _block(conv: Layer | None = None, relu: Layer | None = None) -> Callable[[], Layer]:
    """The lab's block with one of its layers exchanged."""
    return lambda: Sequential(conv or Conv1D(), relu or ReLU(), MaxPool())


def _with_loss(
    relu: Layer | None = None, loss: Callable[[tuple[int, ...]], Layer] = SoftmaxCrossEntropy
) -> Callable[[], Layer]:
    """The block whose outputs are the logits of a loss."""
    return lambda: Sequential(Conv1D(), relu or ReLU(), MaxPool(), loss(LABEL))


def _gate(relu: type[ReLU]) -> dict[str, Callable[[], Layer]]:
    """A broken ReLU, alone and in every block."""
    return {
        "block-loss": _with_loss(relu()),
        "conv-block": _block(relu=relu()),
        "relu": relu,
        "minibatch": _block(relu=relu()),
    }


BUGS: Final[Mapping[str, Bug]] = {
    "forgotten-factor": Bug(
        "forgotten factor",
        "da = a > 0",
        "dh * (a > 0)",
        {**_gate(wrong_layers.ForgetfulReLU), "max-pool": lambda: wrong_layers.ForgetfulPool(2, 1)},
        frozenset({"not multiplied"}),
    ),
    "wrong-mask": Bug(
        "wrong mask",
        "da = dh * (a < 0)",
        "a > 0",
        _gate(wrong_layers.ReversedReLU),
    ),
    "no-mask": Bug(
        "no mask",
        "da = dh",
        "dh * (a > 0)",
        _gate(wrong_layers.OpenReLU),
    ),
    "sign": Bug(
        "wrong sign",
        "ds = (truth - softmax) / N",
        "softmax - truth",
        {
            "block-loss": _with_loss(loss=wrong_layers.NegatedLoss),
            "loss": lambda: wrong_layers.NegatedLoss(LABELS),
        },
    ),
    "missing-sum": Bug(
        "missing sum",
        "dw = x[window] * da[i]",
        "dw += …",
        {
            "conv-1d": lambda: wrong_layers.LastPositionConv1D(padding=1),
            "conv-2d": wrong_layers.LastPositionConv2D,
            "linear": wrong_layers.LastExampleLinear,
            "minibatch": _block(wrong_layers.LastExampleConv1D()),
        },
        frozenset({"overwritten"}),
    ),
    "flipped-filter": Bug(
        "filter not flipped",
        "dx[i] += w[K-1-k] * da[i-k]",
        "w[k]",
        {
            "conv-1d": lambda: wrong_layers.FlippedConv1D(padding=1),
            "conv-2d": wrong_layers.FlippedConv2D,
        },
        frozenset({"param reversed"}),
    ),
    "not-transposed": Bug(
        "w not transposed",
        "dx = dy @ w.T",
        "dy @ w",
        {"linear": wrong_layers.UntransposedLinear},
        frozenset({"param transposed"}),
    ),
    "exchanged": Bug(
        "x and dy exchanged",
        "dw = x.T @ dy",
        "dy.T @ x",
        {"linear": wrong_layers.ExchangedLinear},
        frozenset({"transposed"}),
    ),
    "padding-off-by-one": Bug(
        "padding off by one",
        "dx = padded[0:L]",
        "[1:L+1]",
        {"conv-1d": lambda: wrong_layers.UncutConv1D(padding=1)},
        frozenset({"displaced"}),
    ),
    "overwritten-overlaps": Bug(
        "overlaps overwritten",
        "dx[window] = part",
        "dx[window] += part",
        {
            "max-pool": lambda: wrong_layers.OverwritingPool(2, 1),
            "max-pool-2d": lambda: wrong_layers.OverwritingPool2D(2, 1),
            "conv-1d": lambda: wrong_layers.OverwritingConv1D(padding=1),
            "conv-2d": wrong_layers.OverwritingConv2D,
        },
        frozenset({"overwritten"}),
    ),
    "place-in-window": Bug(
        "place in the window",
        "dh[argmax(window)] += dz[i]",
        "dh[i + argmax(window)]",
        {"max-pool": lambda: wrong_layers.LocalIndexPool(2, 1)},
    ),
    "integer-gradient": Bug(
        "integer gradient",
        "dx = np.zeros(L, dtype=int)",
        "dtype=float",
        {
            "relu": wrong_layers.IntegerReLU,
            "max-pool": lambda: wrong_layers.IntegerPool(2, 1),
            "conv-1d": lambda: wrong_layers.IntegerConv1D(padding=1),
        },
        frozenset({"cut off"}),
    ),
    "forgotten-mean": Bug(
        "mean forgotten",
        "ds = softmax - truth",
        "(softmax - truth) / N",
        {"loss": lambda: wrong_layers.SummedLoss(LABELS)},
    ),
    "no-truth": Bug(
        "truth forgotten",
        "ds = softmax / N",
        "(softmax - truth) / N",
        {"loss": lambda: wrong_layers.TruthlessLoss(LABELS)},
    ),
}

"""Softmax and cross entropy in one layer, as in every framework: stable, with a simple gradient."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.arrays import Array, Extent, Index, Mask, real_arrays
from engine.errors import NumberError, ShapeError
from engine.kinks import LAB, Kinks
from engine.layers.base import Factor, Grads, Layer, Operation, Words
from engine.layers.spelling import Framework, call
from engine.why import Why, WhyArray, paint


class _Cache(NamedTuple):
    """What the pullback needs."""

    probabilities: Array  # softmax(logits), (N, K)
    truth: Mask  # True at each example's label, (N, K)


class SoftmaxCrossEntropy(Operation):
    """loss = mean over n of log Σ_k exp(logits[n, k]) − logits[n, labels[n]]: (N, K) -> ().

    labels: (N,) of whole numbers from 0 to K − 1, given to the constructor or after the logits.
    With labels bound, the layer takes logits alone and may end a Sequential. Labels are data, never
    an input with a gradient.
    Backward: dlogits = (softmax(logits) − truth) · dout / N, truth being 1 at the label. There the
    difference is computed as minus the sum of the other probabilities, since for a probability near
    1 it would be lost in rounding. Also, for two classes the gradients are then exactly opposite.
    """

    arguments = ("logits",)
    data = "labels"
    kink_choices = ()
    straight = False
    words = Words(
        letter="L",
        name="softmax cross entropy",
        forward="Softmax makes probabilities p of {input}; the loss is −log p at the label.",
        backward="Each logit gets its probability p, less 1 at the label, times the gradient.",
        value="the mean of −log p at the labels",
        passes="{factor}",
    )

    def __init__(self, labels: ArrayLike | None = None) -> None:
        """Raises EngineError for labels that are not whole numbers from 0 on."""
        self.labels = None if labels is None else _as_labels(self.title, labels)

    def bind(self, inputs: tuple[ArrayLike, ...]) -> tuple[Layer, tuple[ArrayLike, ...]]:
        """Bind the labels if they are passed after the logits."""
        if self.labels is None and len(inputs) == 2:
            return SoftmaxCrossEntropy(inputs[1]), inputs[:1]
        return self, inputs

    def apply(self, *inputs: Array) -> tuple[Array, _Cache]:
        """Return the mean loss."""
        (logits,) = inputs
        truth = one_hot(self.labels_for(logits.shape), logits.shape[1])
        losses, probabilities = losses_of(logits, truth)
        return np.asarray(losses.mean()), _Cache(probabilities, truth)

    def vjp(self, dout: Array, cache: _Cache, kinks: Kinks) -> Grads:
        """dlogits = (softmax − truth) · dout / N."""
        seen = cache
        others = np.where(seen.truth, 0, seen.probabilities)
        difference = np.where(seen.truth, 0 - others.sum(axis=1, keepdims=True), others)
        grads = (difference * (dout / len(seen.truth)),)

        def why() -> tuple[WhyArray]:
            arrives = np.broadcast_to(dout != 0, seen.truth.shape)
            # A probability that underflowed; with a single class 1 − 1.
            alone = seen.truth.shape[1] == 1
            lost = arrives, Why.CANCELLED if alone else Why.UNDERFLOW
            return (paint(grads[0], Why.UPSTREAM_ZERO, lost),)

        return Grads(grads, why)

    def feeds(self, argument: int, index: Index, cache: _Cache) -> Iterator[Index]:
        """Every logit feeds the loss."""
        yield ()

    def backward(self, dout: ArrayLike = 1.0, kinks: Kinks = LAB) -> Any:
        """Return dlogits; by default those of the loss itself, dout = 1."""
        return super().backward(dout, kinks)

    def __repr__(self) -> str:
        """The constructor call."""
        return f"{self.title}({'' if self.labels is None else f'labels={self.labels.tolist()}'})"

    def output_shape(self, *shapes: Extent) -> Extent:
        """(), the shape of a single number."""
        self.labels_for(*shapes)
        return ()

    def factor(self, argument: int, index: Index, output: Index, cache: _Cache) -> Factor:
        """p − 1 at the label, p elsewhere; divided by N if the loss is a mean over several."""
        difference = f"p{{index}}{' - 1' if cache.truth[index] else ''}"
        text, count = difference.replace("-", "\N{MINUS SIGN}"), len(cache.truth)
        if count == 1 and not cache.truth[index]:
            return Factor(text, difference)
        if count == 1:
            return Factor(f"({text})", f"({difference})")
        return Factor(f"({text})/{count}", rf"\frac{{{{{difference}}}}}{{{{{count}}}}}")

    def spelled(
        self, framework: Framework, names: Sequence[str], shapes: Sequence[Extent], kinks: Kinks
    ) -> str:
        """Return F.cross_entropy, or minus the mean of log_softmax at the labels."""
        labels = self.labels_for(*shapes).tolist()
        if framework == "torch":
            return call("F.cross_entropy", *names, f"torch.tensor({labels})")
        there = f"jnp.arange({len(labels)}), jnp.array({labels})"
        return f"-jnp.mean(jax.nn.log_softmax({names[0]})[{there}])"

    def apply_to_copies(self, copied: tuple[int, ...], inputs: tuple[Array, ...]) -> Array:
        """Return the mean loss of each copy: (M, N, K) -> (M,)."""
        (logits,) = inputs
        truth = one_hot(self.labels_for(logits.shape[1:]), logits.shape[-1])
        return np.asarray(losses_of(logits, truth)[0].mean(axis=-1))

    def labels_for(self, logits: Extent) -> NDArray[np.intp]:
        """Return the labels (N,) for logits (N, K). Raises EngineError if they do not fit."""
        if len(logits) != 2:
            raise ShapeError(f"{self.title}: needs logits (N, K); got shape {logits}")
        if self.labels is None:
            raise ShapeError(f"{self.title}: needs labels (N,) beside the logits; got none")
        if self.labels.shape != logits[:1]:
            raise ShapeError(
                f"{self.title}: needs one label for each of {logits[0]} rows of logits; "
                f"got labels of shape {self.labels.shape}"
            )
        if self.labels.max() >= logits[1]:
            raise NumberError(
                f"{self.title}: needs labels below {logits[1]}, the number of classes; "
                f"got {self.labels.max()}"
            )
        return self.labels


def one_hot(labels: NDArray[np.intp], classes: int) -> Mask:
    """(N,) -> (N, K): True at each example's label."""
    return np.asarray(labels[:, None] == np.arange(classes))


def softmax(logits: Array) -> Array:
    """exp(logits) / Σ exp(logits) along the last axis, without an overflow: (…, K) -> (…, K)."""
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True))


def losses_of(logits: Array, truth: Mask) -> tuple[Array, Array]:
    """Return each example's loss, and softmax(logits): (…, N, K), (N, K) -> (…, N), (…, N, K).

    The largest logit is subtracted first, so that no exponential overflows. Its own exponential is
    then 1 and is left to log1p, since a small loss would be lost in rounding beside it.
    """
    largest = logits.argmax(axis=-1, keepdims=True)
    shifted = logits - np.take_along_axis(logits, largest, axis=-1)
    exponentials = np.exp(shifted)
    probabilities = exponentials / exponentials.sum(axis=-1, keepdims=True)
    np.put_along_axis(exponentials, largest, 0, axis=-1)
    return np.log1p(exponentials.sum(axis=-1)) - shifted[..., truth], probabilities


def _as_labels(owner: str, labels: ArrayLike) -> NDArray[np.intp]:
    (array,) = real_arrays(owner, ("labels",), (labels,))
    if array.ndim != 1:
        raise ShapeError(f"{owner}: needs labels (N,); got shape {array.shape}")
    if len(wrong := array[(array < 0) | (array != np.floor(array))]):
        raise NumberError(f"{owner}: needs labels that are whole numbers from 0 on; got {wrong[0]}")
    if (array >= np.iinfo(np.intp).max).any():  # a cast would turn them into other labels
        raise NumberError(
            f"{owner}: needs labels within the range of {np.dtype(np.intp)}; got {array.max()}"
        )
    return array.astype(np.intp)

"""Wrong backward passes of the loss, the lab's block and a network."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from engine import Conv1D, ConvBlock, Layer, MaxPool, ReLU, Sequential, SoftmaxCrossEntropy
from tests.engine.check.mutants.family import (
    Family,
    Inputs,
    Mutant,
    negative,
    of_grad,
    right,
    whole_numbers,
)
from tests.engine.rows import Array

LABELS = (0, 2, 1)


def softmax(logits: Array, axis: int = 1) -> Array:
    """The softmax along an axis."""
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=axis, keepdims=True))


TRUTH = np.eye(3)[list(LABELS)]

LOSS = Family(
    lambda: SoftmaxCrossEntropy(LABELS),
    ((3, 3),),
    {
        "zeros": (np.zeros((3, 3)),),
        "ties": (np.array([[2.0, 2, -1], [0, 0, 3], [1, 1, 1]]),),
        "sure": (np.array([[9.0, 0, 1], [-3, 2, 0], [0, 0, 8]]),),
    },
    {
        "negative": negative,
        "whole numbers": whole_numbers,
        "truth not subtracted": lambda layer, inputs, dout: (softmax(inputs[0]) / 3,),
        "truth alone": lambda layer, inputs, dout: (-TRUTH / 3,),
        "not divided by N": of_grad(lambda dlogits: dlogits * 3),
        "divided by N twice": of_grad(lambda dlogits: dlogits / 3),
        "the next label": lambda layer, inputs, dout: (
            (softmax(inputs[0]) - np.roll(TRUTH, 1, axis=1)) / 3,
        ),
        "over the examples": lambda layer, inputs, dout: (
            (softmax(inputs[0] + [[0.0], [1], [2]], axis=0) - TRUTH) / 3,
        ),
        "logits for probabilities": lambda layer, inputs, dout: ((inputs[0] - TRUTH) / 3,),
    },
)


def block_dw(change: Callable[[Layer, Inputs, Array], ArrayLike]) -> Mutant:
    """A wrong dw with the right dx."""
    return lambda layer, inputs, dout: (
        right(layer, inputs, dout)[0],
        np.asarray(change(layer, inputs, dout)),
    )


def winner(inputs: Inputs) -> int:
    """The index of the first of the largest h."""
    x, w = inputs
    return int(np.maximum(w * x, 0).argmax())


BLOCK = Family(
    ConvBlock,
    ((5,), ()),
    {
        "tie": (np.array([3.0, 3, 1, -2, 0]), np.array(2.0)),
        "near tie": (np.array([3, 3 + 1e-9, 1, -2, 0.5]), np.array(2.0)),
        "tie under a negative weight": (np.array([-3.0, -3, 1, 4, 0]), np.array(-1.0)),
        "zeros beside a maximum": (np.array([0.0, 4, 0, -1, 2]), np.array(0.5)),
    },
    {
        "doubled": lambda layer, inputs, dout: tuple(
            2 * each for each in right(layer, inputs, dout)
        ),
        "negative": negative,
        "dw over all positions": block_dw(lambda layer, inputs, dout: inputs[0].sum()),
        "dw over all open gates": block_dw(
            lambda layer, inputs, dout: inputs[0][inputs[0] * inputs[1] > 0].sum()
        ),
        "dw as a mean": block_dw(lambda layer, inputs, dout: inputs[0][winner(inputs)] / 5),
        "dw of a": block_dw(lambda layer, inputs, dout: inputs[1] * inputs[0][winner(inputs)] + 1),
        "dw without sign": block_dw(lambda layer, inputs, dout: np.abs(inputs[0]).max() + 1),
        "dx without w": of_grad(lambda dx: np.sign(dx) * 3),
        "dx of all": lambda layer, inputs, dout: (
            np.full(5, inputs[1]),
            right(layer, inputs, dout)[1],
        ),
        "dx of the smallest": lambda layer, inputs, dout: (
            inputs[1] * np.eye(5)[(inputs[1] * inputs[0]).argmin()],
            right(layer, inputs, dout)[1],
        ),
    },
)


def backwards(layer: Layer, inputs: Inputs, dout: Array) -> Inputs:
    """The right gradients, with those of the two weights exchanged."""
    dx, first, second = right(layer, inputs, dout)
    return dx, second, first


NETWORK = Family(
    lambda: Sequential(
        Conv1D(padding=1), ReLU(), MaxPool(2, 1), Conv1D(padding=1), ReLU(), MaxPool()
    ),
    ((2, 2, 5), (2, 2, 3), (2, 2, 3)),
    {
        "ties": (
            np.resize([1.0, 1, -1, 2, 2, 0, 3], (2, 2, 5)),
            np.resize([1.0, -1, 2, 0.5, 3], (2, 2, 3)),
            np.resize([2.0, 1, -0.5, 1, 3], (2, 2, 3)),
        ),
    },
    {
        "whole numbers": whole_numbers,
        "negative": negative,
        "weights exchanged": backwards,
        "first weights' half forgotten": of_grad(lambda dw: dw / 2, 1),
        "second weights flipped": of_grad(lambda dw: dw[..., ::-1], 2),
        "x of the last example only": of_grad(lambda dx: dx * [[[0.0]], [[1]]]),
    },
)

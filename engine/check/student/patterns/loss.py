"""Mistakes in a softmax with cross entropy."""

from typing import Final

import numpy as np

from engine.check.student.patterns.look import Hypothesis, Look
from engine.check.student.wire import Numbers

LOSS: Final = ("SoftmaxCrossEntropy",)


def _truth(look: Look) -> Numbers:
    """1 at each example's label: (N, K)."""
    labels = look.case.labels
    assert labels is not None
    return np.eye(look.x.shape[1])[labels]


def _probabilities(look: Look) -> Numbers:
    """softmax(logits): what the right gradient is before the labels are subtracted."""
    gradient = look.reference.traced(dout=np.asarray(1.0)).grads[0]
    return np.asarray(gradient * len(look.x) + _truth(look))


def _of_labels(look: Look) -> Numbers:
    return np.asarray((_probabilities(look) * _truth(look)).sum(axis=1))


OUTPUT: Final = (
    Hypothesis(
        "{d} is the sum over the examples, not the mean",
        lambda look: look.expected * look.examples,
        LOSS,
    ),
    Hypothesis(
        "{d} is the probability of the label: the logarithm is missing",
        lambda look: _of_labels(look).mean(),
        LOSS,
    ),
    Hypothesis(
        "{d} is the logarithm of the mean probability, not the mean of the logarithms",
        lambda look: -np.log(_of_labels(look).mean()),
        LOSS,
    ),
    Hypothesis(
        "{d} is taken with the logarithm to base 2", lambda look: look.expected / np.log(2), LOSS
    ),
)

GRADIENT: Final = (
    Hypothesis(
        "{d} is not divided by the number of examples",
        lambda look: look.expected * look.examples,
        LOSS,
    ),
    Hypothesis(
        "{d} is the softmax alone: the 1 at the label is not subtracted",
        lambda look: _probabilities(look) * (look.dout / look.examples),
        LOSS,
    ),
    Hypothesis(
        "{d} is the softmax alone, neither less 1 at the label nor divided by the examples",
        lambda look: _probabilities(look) * look.dout,
        LOSS,
    ),
)

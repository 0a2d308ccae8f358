"""The confusion matrix, and what is wrong, by hand."""

import numpy as np
from numpy.testing import assert_array_equal

from engine import Network
from engine.mnist import Digits
from engine.training import Evaluation


def test_by_hand() -> None:
    made = Evaluation(
        labels=np.array([3, 3, 5, 0], dtype=np.uint8),
        predicted=np.array([3, 5, 3, 1]),
        confidence=np.array([0.9, 0.6, 0.8, 0.6]),
    )
    assert made.accuracy == 0.25
    assert made.confusion.sum() == 4
    assert made.confusion[3, 3] == made.confusion[3, 5] == made.confusion[5, 3] == 1
    assert made.confusion[0, 1] == 1
    assert_array_equal(made.wrong, [2, 1, 3])


def test_of_a_network() -> None:
    # Logits that are the sums of ten pixels' rows of their own: the brightest pixel wins.
    w = np.zeros((10, 784), np.float32)
    w[range(10), range(10)] = 1
    network = Network(Network.new("linear").architecture, (w, np.zeros(10, np.float32)))
    images = np.zeros((3, 28, 28), np.uint8)
    images[[0, 1, 2], 0, [4, 0, 9]] = 255
    digits = Digits(images, np.array([4, 1, 9], np.uint8))
    made = Evaluation.of(network, digits)
    assert_array_equal(made.predicted, [4, 0, 9])
    assert_array_equal(made.wrong, [1])
    assert np.allclose(made.confidence, np.e / (np.e + 9))
    assert made.accuracy == 2 / 3

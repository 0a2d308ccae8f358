"""Architectures, He's initialisation, a network's answers about images, and their evaluation."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine import Conv2D, Network, mnist, trace
from engine.errors import DataError, EngineError
from engine.mnist import Digits
from engine.training import ARCHITECTURES, Evaluation, as_inputs
from tests.for_each import for_each

IMAGES = mnist.load("test").images

every_architecture = pytest.mark.parametrize("slug", ARCHITECTURES)


@every_architecture
def test_every_architecture_fits_its_layers(slug: str) -> None:
    network = Network.new(slug)
    traced = trace(network.with_loss([7, 2]), as_inputs(IMAGES[:2]), *network.params)
    assert traced.output.shape == ()
    assert traced.steps[-2].output.shape == (2, 10)
    assert network.architecture.parameters == sum(param.size for param in network.params)
    assert len(network.names) == len(network.params)


def test_the_network_of_the_lab_by_hand() -> None:
    network = Network.new("cnn")
    assert network.names == ("w1", "b1", "w2", "b2", "w3", "b3")
    assert [param.shape for param in network.params] == [
        (8, 1, 3, 3), (8,), (16, 8, 3, 3), (16,), (10, 400), (10,),
    ]  # fmt: skip
    assert network.architecture.parameters == 8 * 10 + 16 * 73 + 10 * 401 == 5258
    assert {param.dtype for param in network.params} == {np.dtype(np.float32)}


def test_he_s_initialisation() -> None:
    weights = np.hstack([Network.new("linear", seed).params[0] for seed in range(10)])
    # 78,400 samples: the standard deviation is within one percent of √(2 / 784).
    assert_allclose(weights.std(), np.sqrt(2 / 784), rtol=0.01)
    assert abs(weights.mean()) < 0.001
    assert not np.any(Network.new("linear").params[1])


def test_a_seed_is_a_network() -> None:
    one, same, other = Network.new(seed=3), Network.new(seed=3), Network.new(seed=4)
    assert_array_equal(one.params[0], same.params[0])
    assert (one.params[0] != other.params[0]).all()


def test_inputs_are_grey_values_from_0_to_1_with_the_batch_fastest() -> None:
    x = as_inputs(IMAGES[:3])
    assert x.shape == (3, 1, 28, 28)
    assert x.dtype == np.float32
    assert_allclose(x[:, 0], IMAGES[:3] / 255, rtol=1e-6)
    assert [x.min(), x.max()] == [0, 1]
    assert x.strides[0] == x.itemsize


def test_a_network_answers_as_a_trace_does_for_any_number_of_images() -> None:
    network = Network.new()
    few = trace(network.layers, as_inputs(IMAGES[:3]), *network.params).output
    assert_allclose(network.logits(IMAGES[:3]), few, rtol=1e-5, atol=1e-6)
    many = network.logits(IMAGES[:503])
    assert many.shape == (503, 10)
    assert_allclose(many[:3], few, rtol=1e-4, atol=1e-5)
    assert_allclose(network.logits(as_inputs(IMAGES[:3])), few, rtol=1e-5, atol=1e-6)
    probabilities = network.probabilities(IMAGES[:3])
    assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)
    assert_array_equal(probabilities.argmax(axis=1), few.argmax(axis=1))
    large = Network(
        network.architecture, (*network.params[:-2], *(1e6 * p for p in network.params[-2:]))
    )
    assert_allclose(large.probabilities(IMAGES[:3]).sum(axis=1), 1, rtol=1e-6)


@for_each(
    ("images", "said"),
    [
        (IMAGES[:0], r"got shape \(0, 28, 28\) of uint8"),
        (IMAGES[:2].tolist(), "needs an array of images; got a list"),
        (IMAGES[:2] / 255, r"needs .* from 0 to 255 in uint8; got shape \(2, 28, 28\) of float64"),
        (IMAGES[:2].astype(np.int64), r"in uint8; got shape \(2, 28, 28\) of int64"),
        (IMAGES[:2, None], r"got shape \(2, 1, 28, 28\) of uint8"),
        (as_inputs(IMAGES[:2])[:, :, 1:], r"needs x \(N, 1, 28, 28\); got shape \(2, 1, 27, 28\)"),
        (
            as_inputs(IMAGES[:2]) * np.nan,
            r"x needs finite numbers; got nan at index \(0, 0, 0, 0\)",
        ),
        (as_inputs(IMAGES[:2])[:0], r"needs x \(N, 1, 28, 28\); got shape \(0, 1, 28, 28\)"),
    ],
)
def test_what_are_no_images(images: Any, said: str) -> None:
    network = Network.new("linear")
    for ask in (network.logits, network.probabilities):
        with pytest.raises(EngineError, match=f"Network: .*{said}"):
            ask(images)
    if np.ndim(images) == 3:
        with pytest.raises(EngineError, match="as_inputs: needs "):
            as_inputs(images)


def test_the_parameters_of_a_network_cannot_be_written_to() -> None:
    for param in Network.new().params:
        with pytest.raises(ValueError, match="read-only"):
            param[...] = 0


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, np.uint8])
def test_the_parameters_of_a_network_are_its_own_in_float32(dtype: type[np.number]) -> None:
    handed_over = tuple(np.full(shape, 2, dtype) for shape in ((10, 784), (10,)))
    network = Network(Network.new("linear").architecture, handed_over)
    handed_over[0][...] = 7
    assert {param.dtype for param in network.params} == {np.dtype(np.float32)}
    assert_array_equal(network.params[0], 2)


def test_a_parameter_too_large_for_float32_is_infinite() -> None:
    good = Network.new("linear")  # as after too large a step: the next pass reports it
    large = Network(good.architecture, (np.full((10, 784), 1e300), good.params[1]))
    assert np.isinf(large.params[0]).all()


def test_what_is_no_network() -> None:
    with pytest.raises(ValueError, match=r"architecture needs one of cnn, .*; got 'vgg'"):
        Network.new("vgg")
    with pytest.raises(ValueError, match="seed needs a whole number from 0 on; got -1"):
        Network.new(seed=-1)
    good = Network.new("linear")
    with pytest.raises(ValueError, match=r"linear: w needs shape \(10, 784\); got \(784, 10\)"):
        Network(good.architecture, (good.params[0].T, good.params[1]))
    with pytest.raises(ValueError, match="linear: needs 2 parameters; got 1"):
        Network(good.architecture, good.params[:1])
    with pytest.raises(EngineError, match="linear: b needs an array of real numbers; got list"):
        Network(good.architecture, (good.params[0], [0.0] * 10))  # type: ignore[arg-type]
    with pytest.raises(EngineError, match="linear: w needs an array of real numbers; got bool"):
        Network(good.architecture, (good.params[0] > 0, good.params[1]))  # type: ignore[arg-type]
    with pytest.raises(EngineError, match=r"linear: w needs .* real numbers; got complex64"):
        Network(good.architecture, (1j * good.params[0], good.params[1]))  # type: ignore[arg-type]
    with pytest.raises(EngineError, match="architecture needs one of"):
        Network.new(np.array(["cnn", "linear"]))  # type: ignore[arg-type]


def test_an_evaluation_by_hand() -> None:
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
    many = np.arange(100)  # equally confident ones keep their order
    sure = Evaluation(np.zeros(100, np.uint8), np.ones(100, np.intp), np.where(many % 3, 0.5, 1.0))
    assert_array_equal(sure.wrong, [*many[::3], *many[many % 3 > 0]])


def test_the_evaluation_of_a_network() -> None:
    # Logit i is pixel i of the top row, so the brightest of these ten pixels wins.
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
    for labels in (digits.labels[:, None], digits.labels[:2]):
        with pytest.raises(DataError, match="Evaluation: needs a label for each image"):
            Evaluation.of(network, Digits(images, labels))


@every_architecture
def test_an_architecture_is_called_by_its_convolutions(slug: str) -> None:
    row = ARCHITECTURES[slug]
    convolutions = sum(isinstance(each, Conv2D) for each in row.layers.layers)
    words = ("Linear, no hidden layer", "One convolution", "Two convolutions", "Three convolutions")
    assert row.label == words[convolutions]

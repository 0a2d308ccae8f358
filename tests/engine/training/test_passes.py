"""A batch in parts: the gradients are those of a trace, however it is divided."""

import ctypes
import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine import (
    Add,
    Flatten,
    Graph,
    Kinks,
    Linear,
    Network,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
    Trace,
    mnist,
    trace,
)
from engine.training import ARCHITECTURES, as_inputs
from engine.training.passes import PART, Pass, learn, warm_the_heap

DIGITS = mnist.load("train")
LABELS = DIGITS.labels.astype(np.intp)


def traced(network: Network, count: int) -> Trace:
    layers = network.with_loss(LABELS[:count].tolist())
    x = as_inputs(DIGITS.images[:count])
    return trace(layers, x, *network.params, kinks=Kinks(0.0, "first"))


def of(network: Network, count: int, *, watched: bool = True) -> Pass:
    images, labels = DIGITS.images[:count], LABELS[:count]
    return learn(network.layers, network.params, images, labels, watched=watched)


@pytest.mark.parametrize("slug", ARCHITECTURES)
def test_a_pass_over_a_batch_agrees_with_a_trace_of_it(slug: str) -> None:
    network, count = Network.new(slug, seed=1), 2 * PART + 5
    done, whole = of(network, count), traced(network, count)
    assert done.images == count
    assert_allclose(done.loss, whole.output, rtol=1e-5)
    logits = whole.steps[-2].output
    assert done.correct == np.count_nonzero(logits.argmax(axis=1) == LABELS[:count])
    for mine, theirs in zip(done.grads, whole.grads[1:], strict=True):
        assert_allclose(mine, theirs, rtol=1e-3, atol=1e-5)
    for zeros, step in zip(done.zeros, whole.steps[:-1], strict=True):
        if zeros is not None:
            assert zeros.entries == step.dout.size
            assert zeros.zero == np.count_nonzero(step.dout == 0)
    assert [zeros is None for zeros in done.zeros] == [
        slug == "linear" and step.name == "Flatten" for step in whole.steps[:-1]
    ]


def test_a_part_is_what_its_trace_is_bit_by_bit() -> None:
    network = Network.new(seed=2)
    done, whole = of(network, PART), traced(network, PART)
    for mine, theirs in zip(done.grads, whole.grads[1:], strict=True):
        assert_array_equal(mine, theirs)


def test_a_weight_that_two_steps_read_gets_what_both_send_back() -> None:
    twice = Graph(("a", Linear(), "x", "w"), ("s", Linear(), "a", "w"))
    layers, labels = Sequential(Flatten(), twice), np.array([0, 3])
    images = np.arange(0, 256, 32, dtype=np.uint8).reshape(2, 2, 2)
    w = np.array([[1, 0, 2, 0], [0, -1, 0, 1], [3, 0, 1, 0], [0, 2, 0, 1]], dtype=np.float32)
    loss = Sequential(layers, SoftmaxCrossEntropy(labels))
    _, dw = trace(loss, as_inputs(images), w).grads
    assert_allclose(learn(layers, [w], images, labels).grads[0], dw, rtol=1e-5)


def test_a_value_that_two_steps_read_gets_what_both_send_back() -> None:
    beside = Graph(("a", Linear(), "x", "w"), ("h", ReLU(), "a"), ("s", Add(), "a", "h"))
    layers, labels = Sequential(Flatten(), beside), np.array([0, 3])
    images = np.arange(0, 256, 32, dtype=np.uint8).reshape(2, 2, 2)
    w = np.array([[1, 0, 2, 0], [0, -1, 0, 1], [3, 0, -1, 0], [0, 2, 0, 1]], dtype=np.float32)
    loss = Sequential(layers, SoftmaxCrossEntropy(labels))
    _, dw = trace(loss, as_inputs(images), w, kinks=Kinks(0.0, "first")).grads
    assert_allclose(learn(layers, [w], images, labels).grads[0], dw, rtol=1e-5)


def test_images_that_are_read_behind_a_weight_as_well_need_no_gradient() -> None:
    twice = Graph(
        ("a", Flatten(), "x"),
        ("h", Linear(), "a", "w"),
        ("c", Flatten(), "x"),
        ("s", Add(), "h", "c"),
    )
    layers, labels = Sequential(twice), np.array([0, 3])
    images = np.arange(0, 256, 32, dtype=np.uint8).reshape(2, 2, 2)
    w = np.array([[1, 0, 2, 0], [0, -1, 0, 1], [3, 0, -1, 0], [0, 2, 0, 1]], dtype=np.float32)
    _, dw = trace(Sequential(twice, SoftmaxCrossEntropy(labels)), as_inputs(images), w).grads
    assert_allclose(learn(layers, [w], images, labels).grads[0], dw, rtol=1e-5)


def test_what_is_not_watched_is_not_counted() -> None:
    network = Network.new()
    assert set(of(network, 2, watched=False).zeros) == {None}


class _MallocInfo(ctypes.Structure):
    """glibc's struct mallinfo2; its fifth number is the bytes of blocks outside any heap."""

    _fields_ = (("numbers", ctypes.c_size_t * 10),)


@pytest.mark.skipif(sys.platform != "linux", reason="of glibc")
def test_a_warm_heap_keeps_large_arrays() -> None:
    info = getattr(ctypes.CDLL(None), "mallinfo2", None)
    if info is None:
        pytest.skip("of glibc from 2.33 on")
    info.restype = _MallocInfo
    warm_the_heap()
    before = info().numbers[4]
    large = np.empty(2**25 - 2**17, np.uint8)
    assert info().numbers[4] - before < large.nbytes

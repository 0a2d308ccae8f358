"""Where layers with other interfaces have their weights, and the order of their axes."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engine.grader.backward_readings import BackwardReadings
from engine.grader.candidates import Candidate
from engine.grader.forward_readings import ForwardReadings, _rate
from engine.grader.interfaces import SHAPES
from engine.grader.plan import HANDED, Axes, Plan
from engine.grader.report import calls
from engine.grader.trials import Trials
from tests.engine.grader.judging import BATCH, SOURCE, alone, changed, judgements
from tests.for_each import for_each

OF_BOTH = """
import numpy as np
class Dense:
    def __init__(self, n_in, n_out):
        self.W = np.ones((n_in, n_out))
    def forward(self, x):
        self.x = x
        return x @ self.W
    def backward(self, dy):
        self.dW = np.atleast_2d(self.x).T @ np.atleast_2d(dy)
        return dy @ self.W.T
"""


def test_a_layer_is_checked_in_every_shape_that_it_takes(tmp_path: Path) -> None:
    (found,) = judgements(tmp_path, OF_BOTH)
    assert found.verdict == "PASSED"
    assert {*found.forms} == {"one example x (D,)", "minibatches x (N, D)"}
    (found,) = judgements(tmp_path, changed(OF_BOTH, "dy @", "dy * (2 if dy.ndim == 1 else 1) @"))
    assert found.verdict == "FAILED"
    assert {each.outcome.case.inputs[0].ndim for each in found.failures} == {1}


def test_minibatches_of_which_no_gradient_is_summed_are_not_asked(tmp_path: Path) -> None:
    summed = "np.atleast_2d(self.x).T @ np.atleast_2d(dy)"
    source = changed(OF_BOTH, summed, "self.x[..., :, None] * dy[..., None, :]")
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "PASSED"
    assert [*found.forms] == ["one example x (D,)"]


BUILT_LATER = """
import numpy as np
class Dense:
    def __init__(self, units):
        self.units = units
    def __getattr__(self, name):
        raise RuntimeError(f"no {name} before forward")
    def forward(self, x):
        if "W" not in vars(self):
            self.W = np.ones((x.shape[1], self.units))
        self.x = x
        return x @ self.W
    def backward(self, dy):
        self.dW = self.x.T @ dy
        return dy @ self.W.T
"""


def test_weights_that_are_asked_for_too_early_may_raise_anything(tmp_path: Path) -> None:
    (found,) = judgements(tmp_path, BUILT_LATER)
    assert found.verdict == "PASSED"


def test_a_tuple_of_rows_is_an_output_of_its_own(tmp_path: Path) -> None:
    """Its first row is not taken for the output, nor the rest for what it remembers."""
    source = """
import numpy as np
class Dense:
    def __init__(self, n_in, n_out):
        self.weights, self.biases = np.zeros((n_in, n_out)), np.zeros(n_out)
    def forward(self, x):
        self.x = x
        return tuple(map(tuple, (x @ self.weights + self.biases).tolist()))
    def backward(self, dy):
        self.dweights, self.dbiases = self.x.T @ dy, dy.sum(axis=0)
        return dy @ self.weights.T
"""
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "PASSED"
    assert "minibatches x (N, D)" in found.forms


TWICE = """
import numpy as np
class Linear:
    def __init__(self, n_in, n_out):
        self.W, self.b = np.ones((n_in, n_out)), np.zeros(n_out)
    def forward(self, x):
        self.x = x
        return 2 * x @ self.W + self.b
    def backward(self, dout):
        self.dW, self.db = self.x.T @ dout, dout.sum(axis=0)
        return dout @ self.W.T
def affine_forward(x, w, b):
    return 2 * x @ w + b, (x, w)
def affine_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)
"""

CHANNELS_LAST = """
import numpy as np
class MaxPool:
    def __init__(self, size):
        self.size = size
    def forward(self, x):
        (n, h, w, c), k = x.shape, self.size
        out = x.reshape(n, h // k, k, w // k, k, c).mean(axis=(2, 4))
        self.mask = out.repeat(k, axis=1).repeat(k, axis=2) == x
        return out
    def backward(self, grad):
        return grad.repeat(self.size, axis=1).repeat(self.size, axis=2) * self.mask
"""


def test_examples_and_channels_of_a_pool_are_no_two_readings(tmp_path: Path) -> None:
    (found,) = judgements(tmp_path, CHANNELS_LAST)
    assert (found.verdict, found.taken[0]) == ("FAILED", "x as (N, H, W, C)")
    assert found.patterns[0] == "z is the mean, not the maximum"


def test_one_example_and_several_are_no_two_readings_of_weights(tmp_path: Path) -> None:
    found = judgements(tmp_path, TWICE)
    assert [each.verdict for each in found] == ["FAILED"] * 2
    assert all("w as (in, out)" in each.taken for each in found)
    assert all("a bias b" not in each.refused for each in found)  # which is added, all the same


FORGETFUL = """
import numpy as np
class Dense:
    def __init__(self, n_in, n_out):
        self.W, self.bias = np.ones((n_in, n_out)), np.zeros(n_out)
        self.velocity = np.zeros(n_out)
    def forward(self, x):
        self.x = x
        return x @ self.W
    def backward(self, dout):
        self.dW, self.db = self.x.T @ dout, dout.sum(axis=0)
        return dout @ self.W.T
"""


ATTRIBUTES = "self.W, self.bias = np.ones((n_in, n_out)), np.zeros(n_out)"
IN_A_DICT = "self.W, self.params = np.ones((n_in, n_out)), {'b': np.zeros(n_out)}"


def test_a_bias_of_which_there_is_a_gradient_has_to_be_added(tmp_path: Path) -> None:
    (found,) = judgements(tmp_path, FORGETFUL)
    assert found.verdict == "FAILED"
    assert found.patterns == ("the bias b is not added (wrong where there is a bias b)",)
    assert "bias from .bias, its gradient from .db" in found.taken[0]
    (nested,) = judgements(tmp_path, changed(FORGETFUL, ATTRIBUTES, IN_A_DICT))
    assert nested.patterns == found.patterns
    assert "bias from .params['b'], its gradient from .db" in nested.taken[0]
    for gradient in ("0", "dout.mean(axis=0)"):  # that of no bias
        (found,) = judgements(tmp_path, changed(FORGETFUL, ", dout.sum(axis=0)", f", {gradient}"))
        assert (found.verdict, "bias" in found.taken[0]) == ("PASSED", False)
    other = changed(changed(FORGETFUL, "self.bias =", "self.running ="), "velocity", "momentum")
    (found,) = judgements(tmp_path, other)  # a gradient, but nothing that is called a bias
    assert (found.verdict, "bias" in found.taken[0]) == ("PASSED", False)


ONE_FILTER = """
import numpy as np
class Conv1D:
    def __init__(self, kernel_size):
        self.w, self.b, self.momentum = np.zeros(kernel_size), 0.0, 0.9
    def forward(self, x):
        self.x = x
        return np.correlate(x, self.w, "valid") + self.b
    def backward(self, dh):
        self.dw, self.db = np.correlate(self.x, dh, "valid"), dh.sum()
        return np.convolve(dh, self.w, "full")
"""


def test_what_backward_returns_counts_whatever_is_kept_by_the_name_of_a_gradient(
    tmp_path: Path,
) -> None:
    kept = "self.dx = np.convolve(dh, self.w, 'full')\n        return 2 * self.dx"
    source = changed(ONE_FILTER, 'return np.convolve(dh, self.w, "full")', kept)
    (found,) = judgements(tmp_path, source)
    assert {each.quantity for each in found.failures[0].problems} == {"dx"}


@pytest.mark.parametrize("number", ["0.0", "0", "np.random.randn()", "np.array(0.0)"])
def test_a_bias_may_be_a_number(tmp_path: Path, number: str) -> None:
    source = changed(ONE_FILTER, "0.0", number)
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "PASSED"
    assert "bias from .b, its gradient from .db" in found.taken[0]
    (found,) = judgements(tmp_path, changed(source, "dh.sum()", "dh.mean()"))
    assert {each.quantity for each in found.failures[0].problems} == {"db"}
    stepped = changed(source, "        return np.convolve", "        self.b -= self.db\n%s")
    (found,) = judgements(tmp_path, stepped % "        return np.convolve")
    assert found.verdict == "PASSED"


def test_what_is_added_twice_is_no_bias(tmp_path: Path) -> None:
    twice = changed(
        FORGETFUL, "np.ones((n_in, n_out)), np.zeros", "np.ones((n_in, n_out)), np.ones"
    )
    twice = changed(twice, "x @ self.W", "x @ self.W + 2 * self.bias")
    (found,) = judgements(tmp_path, changed(twice, "dout.sum", "2 * dout.sum"))
    assert found.verdict == "NOT CHECKED"
    assert "not linear" in found.why


CALLED = """
import numpy as np
class Layer:
    def __call__(self, x):
        self.x = x
        return self.forward(x)
class ReLU(Layer):
    def forward(self, x):
        return np.maximum(x, 0)
    def backward(self, dout):
        return dout * (self.x > 0)
class Linear(Layer):
    def __init__(self, n_in, n_out):
        self.W, self.b = np.ones((n_in, n_out)), np.zeros(n_out)
    def forward(self, x):
        return x @ self.W + self.b
    def backward(self, dout):
        self.dW, self.db = self.x.T @ dout, dout.sum(axis=0)
        return dout @ self.W.T
"""


def test_a_layer_may_remember_in_its_call_and_not_in_forward(tmp_path: Path) -> None:
    for found in judgements(tmp_path, CALLED):
        assert (found.verdict, found.taken[0]) == (
            "PASSED",
            "__call__ as forward, backward as backward",
        )
    wrong = changed(changed(CALLED, "> 0", "< 0"), "self.W.T", "-self.W.T")
    assert [each.verdict for each in judgements(tmp_path, wrong)] == ["FAILED"] * 2


WHOLE_AXIS = """
class MaxPool1D:
    def forward(self, inputs):
        self.inputs = inputs
        return inputs.max(axis=-1)
    def backprop(self, grad):
        return (self.inputs == self.inputs.max(axis=-1)[..., None]) * grad[..., None]
"""


def test_a_pool_of_another_interface_may_be_of_the_whole_axis_alone(tmp_path: Path) -> None:
    (found,) = judgements(tmp_path, WHOLE_AXIS)
    assert (found.topic, found.verdict) == ("MaxPool", "PASSED")
    assert {each.partition(" with ")[0] for each in found.offered} == {"the whole axis"}
    assert found.refused == {"size": "the constructor takes no size"}
    (wrong,) = judgements(tmp_path, changed(WHOLE_AXIS, "* grad", "* -grad"))
    assert wrong.verdict == "FAILED"


SIZED_BY_CHANCE = """
import numpy as np
class MaxPool:
    def __init__(self, *sizes):
        self.sizes = sizes
    def forward(self, h):
        if not self.sizes:
            return h[0, 0, 0, 0, 0]
        size = self.sizes[0]
        return np.lib.stride_tricks.sliding_window_view(h, size, -1)[..., ::size, :].max(-1)
    def backward(self, dz):
        return dz[0, 0, 0, 0, 0]
"""


def test_what_no_parameter_names_says_little_of_what_refuses_everything(tmp_path: Path) -> None:
    """Though, with a size that it is not known to take, it gets as far as backward."""
    (found,) = judgements(tmp_path, SIZED_BY_CHANCE)
    assert (found.verdict, found.cases) == ("FAILED", 1)
    assert found.failures[0].outcome.feature.name.startswith("the whole axis")
    assert found.failures[0].problems[0].method == "forward"


def test_where_forward_remembers_itself_no_call_is_spoken_of(tmp_path: Path) -> None:
    source = changed(CALLED, "        self.x = x\n", "")
    for made in ("np.maximum", "x @"):
        source = changed(source, f"return {made}", f"self.x = x\n        return {made}")
    for found in judgements(tmp_path, source):
        assert found.verdict == "PASSED"
        assert not any("__call__" in each for each in found.taken)


SINGLY = """
class Flattening:
    def forward(self, image):
        channels, height, width = image.shape
        self.shapes = [image.shape]
        return image.reshape(-1)
    def backward(self, d):
        return d.reshape(self.shapes.pop())
"""


def test_a_minibatch_is_handed_over_one_example_at_a_time(tmp_path: Path) -> None:
    (found,) = judgements(tmp_path, SINGLY)
    assert found.verdict == "PASSED"
    assert "a minibatch one example at a time" in "; ".join(found.taken)
    assert found.notes == ()  # a whole one is refused
    whole = changed(SINGLY, "        channels, height, width = image.shape\n", "")
    (found,) = judgements(tmp_path, whole)
    assert found.verdict == "PASSED"
    said = "it is right for one example at a time alone: of a whole minibatch (2, 3, 4, 5) it makes"
    assert found.notes == (f"{said} the shape (120,), in which the examples are not kept apart",)
    kept = changed(changed(whole, "image):", "image, train):"), "(-1)", "(len(image), -1)")
    (found,) = judgements(tmp_path, kept)
    assert (found.verdict, found.notes) == ("PASSED", ())


@pytest.mark.parametrize("given", ["x.reshape(*x.shape[:2], -1)", "x[..., None]"])
def test_what_flattens_nothing_is_wrong_whatever_it_makes_of_a_row(
    tmp_path: Path, given: str
) -> None:
    source = f"""
class Flatten:
    def forward(self, x):
        self.shape = x.shape
        return {given}
    def backward(self, d):
        return d.reshape(self.shape)
"""
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "FAILED"
    assert found.failures[0].problems[0].sentence.startswith("y has the wrong shape: got (2, 2, 2")


RARE = """
import numpy as np
class Linear:
    __slots__ = ("W", "b", "dW", "db", "x")
    def __init__(self, n_in, n_out):
        self.W, self.b = np.matrix(np.ones((n_out, n_in))), np.matrix(np.zeros((n_out, 1)))
    def forward(self, *, x):
        self.x = np.matrix(x)
        return self.W * self.x + self.b
    def backward(self, *, d, scale=1.0):
        self.dW, self.db = np.matrix(d) * self.x.T, np.matrix(d).sum(axis=1)
        return self.W.T * d
class Dense:
    def __init__(self, n_in, n_out):
        self.W = np.ones((n_in + 1, n_out))
    def forward(self, x):
        self.x = np.hstack([x, np.ones((len(x), 1))])
        return self.x @ self.W
    def backward(self, d):
        self.dW = self.x.T @ d
        return d @ self.W[:-1].T
"""


def test_slots_matrices_and_arguments_by_name_alone(tmp_path: Path) -> None:
    linear, dense = judgements(tmp_path, RARE)
    assert linear.verdict == "PASSED"
    assert "weights from .W, their gradient from .dW, bias from .b" in "; ".join(linear.taken)
    assert dense.verdict == "NOT CHECKED"
    assert "its weights as one array of the shape (5, 3), in whatever order of axes" in dense.why


EXAMPLES_LAST = """
import numpy as np
class Conv2D:
    def __init__(self, in_channels, num_filters, filter_size):
        sizes = {"c": in_channels, "k": filter_size, "l": filter_size, "f": num_filters}
        self.W = np.random.randn(*(sizes[each] for each in "ORDER"))
        self.size = filter_size
    def forward(self, x):
        self.x, size = x, (self.size, self.size)
        self.windows = np.lib.stride_tricks.sliding_window_view(x, size, (1, 2))
        return np.einsum("cyxnkl,ORDER->fyxn", self.windows, self.W)
    def backward(self, d):
        self.dW = np.einsum("cyxnkl,fyxn->ORDER", self.windows, d)
        dx, shares = np.zeros_like(self.x), np.einsum("fyxn,ORDER->cyxnkl", d, self.W)
        for k, l in np.ndindex(self.size, self.size):
            dx[:, k : k + d.shape[1], l : l + d.shape[2]] += shares[..., k, l]
        return dx
"""


@pytest.mark.parametrize("order", ["cklf", "klcf"])
def test_a_convolution_may_have_its_examples_last(tmp_path: Path, order: str) -> None:
    """As in cuda-convnet, whose filters are (C, kh, kw, F)."""
    (conv,) = judgements(tmp_path, EXAMPLES_LAST.replace("ORDER", order))
    assert conv.verdict == "PASSED"
    assert "x as (C, H, W, N)" in conv.taken


def test_a_layer_whose_forward_raises_is_shown_called_in_its_own_way(tmp_path: Path) -> None:
    """For an input that is larger than the one with which it was tried."""
    source = changed(UPRIGHT, "self.x = x.reshape", "[0][len(x) - 3]; self.x = x.reshape")
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "FAILED"
    assert found.failures[0].problems[0].sentence.startswith("forward raises IndexError")
    shown = list(calls(found.failures[0], ""))
    assert shown[-1] == "layer.forward(x.reshape(4, 1))", shown
    assert "layer.W[...] = w" in shown


SQUARES = """
import numpy as np
class MaxPool:
    def forward(self, x):
        side = x.shape[1] // 2
        self.x, out = x, np.zeros((len(x), side, side, x.shape[3]))
        for i, j in np.ndindex(side, side):
            out[:, i, j] = x[:, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2].max(axis=(1, 2))
        return out
    def backward(self, d):
        dx = np.zeros(self.x.shape)
        for i, j in np.ndindex(d.shape[1:3]):
            part = np.s_[:, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
            window = self.x[part]
            best = window == window.max(axis=(1, 2), keepdims=True)
            dx[part] += best * d[:, i : i + 1, j : j + 1]
        return dx
"""


@pytest.mark.parametrize(("factor", "verdict"), [("1", "PASSED"), ("2", "FAILED")])
def test_a_layer_may_be_for_square_images_alone(tmp_path: Path, factor: str, verdict: str) -> None:
    source = SQUARES.replace("return dx", f"return {factor} * dx")
    (found,) = judgements(tmp_path, source)
    assert found.verdict == verdict
    assert "takes square images only" in found.refused[f"windows over a rectangle with {BATCH}"]


def test_a_pool_that_may_be_no_maximum_is_told_that_its_shapes_are_right(tmp_path: Path) -> None:
    source = changed(SQUARES, "class MaxPool", "class Pooling")
    source = changed(source, "side, side,", "side, x.shape[2] // 2,")
    source = changed(source, "(side, side)", "(out.shape[1:3])")
    (found,) = judgements(tmp_path, changed(source, "] = x[", "] = 2 * x["))
    assert found.verdict == "NOT CHECKED"
    assert "certain: forward gives the shapes of MaxPool2D, not its numbers. To have" in found.why


ONE_CHANNEL = """
import numpy as np
class Conv2D:
    def __init__(self, num_filters, size):
        self.filters = np.zeros((num_filters, 1, size, size))
    def windows(self):
        _, height, width = self.x.shape
        size = self.filters.shape[-1]
        for i, j in np.ndindex(height - size + 1, width - size + 1):
            yield i, j, np.s_[0, i : i + size, j : j + size]
    def forward(self, x):
        assert len(x) == 1
        self.x = x
        height, width = np.array(x.shape[1:]) - self.filters.shape[-1] + 1
        out = np.zeros((len(self.filters), height, width))
        for i, j, window in self.windows():
            out[:, i, j] = (self.filters[:, 0] * x[window]).sum(axis=(1, 2))
        return out
    def backward(self, d):
        dx, self.gradients = np.zeros(self.x.shape), np.zeros(self.filters.shape)
        for i, j, window in self.windows():
            self.gradients[:, 0] += d[:, i, j, None, None] * self.x[window]
            dx[window] += (d[:, i, j, None, None] * self.filters[:, 0]).sum(axis=0)
        return dx
"""


def test_an_axis_of_the_one_channel_that_a_layer_takes_is_no_other_axis(tmp_path: Path) -> None:
    (found,) = judgements(tmp_path, ONE_CHANNEL)
    assert found.verdict == "PASSED"
    assert "x as (1, H, W); w as (F, 1, kh, kw)" in "; ".join(found.taken)
    wrong = ONE_CHANNEL.replace("dx[window] +=", "dx[window] =")
    (found,) = judgements(tmp_path, wrong)
    assert found.verdict == "FAILED"
    assert "dx: where windows overlap, contributions are overwritten, not added" in found.patterns


@pytest.mark.parametrize("order", ["KLCF", "FCKL"])
def test_a_kernel_may_be_the_shape_of_all_filters(tmp_path: Path, order: str) -> None:
    source = changed(SOURCE, "filters, kernel_size=(3, 3), strides", "kernel, strides")
    shape = "kernel" if order == "KLCF" else "(*kernel[2:], kernel[1], kernel[0])"
    filters = "kernel[3]" if order == "KLCF" else "kernel[0]"
    source = changed(source, "= filters, kernel_size, strides", f"= {filters}, {shape}, strides")
    source = source.replace("= self.kernel_size", "= self.kernel_size[:2]")
    found = alone(tmp_path, "ConvLayer", source)
    assert found.verdict == "PASSED"
    assert "a rectangular w with minibatches x (N, C, H, W)" in found.offered
    given = {"KLCF": "kernel=(2, 2, 1, 2)", "FCKL": "kernel=(2, 1, 2, 2)"}[order]
    wrong = alone(tmp_path, "ConvLayer", changed(source, "+= back", "= back"))
    assert wrong.verdict == "FAILED"
    assert given in "".join(calls(wrong.failures[0], ""))


UNTIED = """
import numpy as np
class Convolutional:
    def __init__(self, input_shape, kernel_size, depth):
        channels, height, width = input_shape
        self.kernels = np.random.randn(depth, channels, kernel_size, kernel_size)
        self.biases = np.random.randn(depth, height - kernel_size + 1, width - kernel_size + 1)
    def windows(self):
        size = self.kernels.shape[-1]
        for i, j in np.ndindex(self.biases.shape[1:]):
            yield i, j, np.s_[:, i : i + size, j : j + size]
    def forward(self, x):
        self.x, out = x, self.biases.copy()
        for i, j, window in self.windows():
            out[:, i, j] += (self.kernels * x[window]).sum(axis=(1, 2, 3))
        return out
    def backward(self, grad, learning_rate):
        d_kernels, dx = np.zeros(self.kernels.shape), np.zeros(self.x.shape)
        for i, j, window in self.windows():
            back = grad[:, i, j, None, None, None]
            d_kernels += back * self.x[window]
            dx[window] += (back * self.kernels).sum(axis=0)
        self.kernels -= learning_rate * d_kernels
        self.biases -= learning_rate * grad
        return dx
"""


@pytest.mark.parametrize("first", ["random.randn", "zeros"])
def test_each_entry_of_an_output_may_have_a_bias(tmp_path: Path, first: str) -> None:
    source = UNTIED
    if first == "zeros":
        source = source.replace("np.random.randn(depth, height", "np.zeros((depth, height")
        source = source.replace("width - kernel_size + 1)", "width - kernel_size + 1))")
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "PASSED"
    assert "bias from .biases, its gradient from the step" in "; ".join(found.taken)
    assert "a bias for each entry of the output" in found.taken
    assert "b with channels x (C, H, W)" in found.offered
    for right, wrong, quantity in (
        ("learning_rate * grad\n", "learning_rate * grad.mean()\n", "db"),
        ("dx[window] += ", "dx[window] = ", "dx"),
    ):
        other = changed(source, right, wrong)
        (found,) = judgements(tmp_path, other)
        assert found.verdict == "FAILED"
        assert found.failures[0].problems[0].quantity == quantity
        assert any(line.startswith("layer.biases[...] = ") for line in calls(found.failures[0], ""))


UPRIGHT = """
import numpy as np
class Dense:
    def __init__(self, n_in, n_out):
        self.W, self.b = np.zeros((n_out, n_in)), np.zeros((n_out, 1))
    def forward(self, x):
        self.x = x.reshape(-1, 1)
        return self.W @ self.x + self.b
    def backward(self, d):
        self.dW, self.db = d @ self.x.T, d
        return self.W.T @ d
"""


@pytest.mark.parametrize("backward", ["backward", "_compute_gradients"])
def test_a_layer_that_makes_a_column_of_its_input_is_given_a_column(
    tmp_path: Path, backward: str
) -> None:
    source = UPRIGHT.replace("backward", backward)
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "PASSED"
    assert "x as (in, 1); output as (out, 1)" in "; ".join(found.taken)


ALONG_AXIS_1 = """
import numpy as np
class MaxPool1D:
    def __init__(self, pool_size=2, strides=None):
        self.k, self.s = pool_size, strides or pool_size
    def forward(self, x):
        starts = range(0, x.shape[1] - self.k + 1, self.s)
        self.shape = x.shape
        self.at = np.stack([i + x[:, i : i + self.k].argmax(axis=1) for i in starts], axis=1)
        return np.take_along_axis(x, self.at, axis=1)
    def backward(self, d):
        dx = np.zeros(self.shape)
        n, c = np.indices((d.shape[0], d.shape[2]))
        for i in range(d.shape[1]):
            dx[n, self.at[:, i], c] += d[:, i]
        return dx
"""


def test_a_forward_right_for_another_layout_by_chance_is_taken_in_the_layout_of_backward(
    tmp_path: Path,
) -> None:
    """Its forward is also right for channels (C, L), for which its backward is not written."""
    (found,) = judgements(tmp_path, ALONG_AXIS_1)
    assert (found.verdict, "; ".join(found.taken)) == (
        "PASSED",
        "x as (N, L, C); output as (N, L, C)",
    )


def test_outputs_in_a_row_are_those_of_one_example(tmp_path: Path) -> None:
    source = """
import numpy as np
class ReLU:
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0).ravel()
    def backward(self, dout):
        return (self.x > 0) * dout
"""
    (found,) = judgements(tmp_path, source)
    assert any("takes x as (in,) only" in why for why in found.refused.values()), found


@for_each(("numbers", "taken"), [("y", True), ("y if x.ndim > 1 else y[::-1]", False)])
def test_a_further_form_is_taken_only_where_forward_gives_the_right_numbers_in_it(
    tmp_path: Path, numbers: str, taken: bool
) -> None:
    source = f"""
import numpy as np
class Dense:
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_in, n_out)
    def forward(self, x):
        self.x = x
        y = x @ self.W
        return {numbers}
    def backward(self, dy):
        self.dW = self.x.T @ dy if dy.ndim > 1 else np.outer(self.x, dy)
        return dy @ self.W.T
"""
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "PASSED"
    assert ("one example x (D,)" in found.offered) == taken
    assert ("one example x (D,)" not in found.refused) == taken


def test_a_learning_rate_is_an_attribute_that_holds_a_number() -> None:
    assert _rate(SimpleNamespace(lr=None, learning_rate="constant")) is None
    assert _rate(SimpleNamespace(lr=None, W=0.5, eta=0.1)) == [["attr", "eta"]]


SCALED = """
import numpy as np
class Conv1d:
    def __init__(self):
        self.w = np.array(2.0)
    def forward(self, x):
        self.x = x
        return self.w * x
    def backward(self, d):
        self.dw = np.sum(d * self.x)
        return d * self.w
"""


def test_an_output_in_the_shape_of_its_input_may_be_that_of_a_scalar_weight(
    tmp_path: Path,
) -> None:
    (found,) = judgements(tmp_path, SCALED)
    assert found.verdict == "PASSED"
    assert {*found.forms} == {"a scalar w"}


def test_an_activation_whose_output_has_another_shape_is_told_so(tmp_path: Path) -> None:
    source = """
import numpy as np
class Relu:
    def forward_pass(self, X):
        self.X = X
        return np.maximum(0, X).sum(axis=0)
    def backward_pass(self, g):
        return g * (self.X > 0)
"""
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "NOT CHECKED"
    assert "certain: forward gives the shape (4,) for (3, 4), not (3, 4). " in found.why


class Dense:
    """Holds its weights."""

    def __init__(self, n_in: int, n_out: int) -> None:
        self.W = np.ones((n_out, n_in))

    def forward(self, x: Any) -> Any:
        """Return x W'."""
        return x @ self.W.T

    def backward(self, dy: Any) -> Any:
        """Return the gradient of x."""
        return dy @ self.W


def of_linear(thing: Any) -> ForwardReadings:
    """The readings of a class's forward."""
    trials = Trials(Candidate({"": thing}, ("Linear",), "forward", "backward"), "Linear")
    return ForwardReadings(trials, BackwardReadings(trials))


def test_weights_that_a_layer_holds_are_looked_for_once() -> None:
    readings = of_linear(Dense)
    draft = next(readings._trials.drafts.plans())
    (minibatches, *_) = SHAPES["Linear"]
    ((sure, plan, _),) = readings._readings(draft, minibatches, "ND")
    assert sure
    assert (plan.weight, plan.forms[0].theirs) == ([["attr", "W"]], ("ND", "MD", "NM"))


class Leaving(Dense):
    """Leaves its output in an attribute, with what it gives back or raises then."""

    then = "None"

    def forward(self, x: Any) -> Any:
        """Return what the class says."""
        self.output = x @ self.W.T
        return eval(self.then)


@for_each(("then", "kept"), [("None", True), ("1 / 0", False), ("self.output", False)])
def test_an_output_is_kept_where_forward_ends_and_gives_nothing(then: str, kept: bool) -> None:
    readings = of_linear(type("Layer", (Leaving,), {"then": then}))
    draft = next(readings._trials.drafts.plans())
    (minibatches, *_) = SHAPES["Linear"]
    found = [*readings._readings(draft, minibatches, "ND")]
    assert bool(found) is (then != "1 / 0")
    assert readings.kept is kept


@for_each(
    ("formula", "linear"),
    [
        (lambda x, w: x @ w.T, True),
        (lambda x, w: -2 * x @ w.T, True),
        (lambda x, w: x**2 @ w.T, False),
        (lambda x, w: x @ w.T**2, False),
        (lambda x, w: x @ np.ones_like(w.T), False),
        (lambda x, w: x @ w.T + 1, False),
        (lambda x, w: np.zeros((len(x), len(w))), False),
    ],
)
def test_a_layer_is_linear_in_its_input_and_in_weights_that_it_uses(
    formula: Any, linear: bool
) -> None:
    class Layer:
        def forward(self, x: Any, w: Any) -> Any:
            return formula(x, w)

    axes = Axes(("ND", "MD", "NM"), ("ND", "MD", "NM"))
    given = [["x", ["role", "x"]], ["w", ["role", "w"]]]
    plan = Plan("Linear", "forward", "backward", [axes], arguments=given, weight=HANDED)
    assert of_linear(Layer).linear(plan) is linear

"""How a backward with another interface is called, and where it puts its gradients."""

import ast
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engine.grader.backward_readings import (
    GRADIENT_NAME,
    BackwardReadings,
    Left,
    Reading,
    Source,
    _at_the_end,
    _beside,
    _renamed,
)
from engine.grader.candidates import Candidate
from engine.grader.forward_readings import _rate
from engine.grader.plan import STEP, Axes, GradientAt, Plan, Way
from engine.grader.probe import same
from engine.grader.report import calls
from engine.grader.trials import Trials
from tests.engine.grader.conftest import RELU
from tests.engine.grader.judging import SOURCE, Written, alone, changed, judgements, typed_in
from tests.for_each import for_each


def test_the_last_of_the_gradients_appended_to_a_list_is_taken(tmp_path: Path) -> None:
    source = changed(
        SOURCE, "self.W, self.b = W, b", "self.W, self.b, self.dW, self.db = W, b, [], []"
    )
    kept = "self.grads = [self.x.T @ dout, dout.sum(axis=0)]"
    appended = "self.dW.append(self.x.T @ dout); self.db.append(dout.sum(axis=0))"
    found = alone(tmp_path, "Affine", changed(source, kept, appended))
    assert found.verdict == "PASSED"
    assert "their gradient from .dW[-1], bias from .b, its gradient from .db[-1]" in found.taken[0]


def test_what_backward_leaves_as_it_was_is_not_taken_for_a_gradient(tmp_path: Path) -> None:
    named = "self.dW = self.db = None; self.dW_before = np.zeros_like(self.W)"
    source = changed(SOURCE, "self.dW = self.db = None", named)
    wrong = changed(source, 'self.dW += np.einsum("nf', 'self.dW += 2 * np.einsum("nf')
    assert alone(tmp_path, "Conv2d", wrong).verdict == "FAILED"
    zeros = "self.biases = np.zeros((1, n_neurons))"
    source = changed(SOURCE, zeros, f"{zeros}; self.dbiases = np.zeros((2, n_neurons))")
    later = changed(source, "self.dbiases = dvalues.sum(axis=0, keepdims=True)", "self.d = dvalues")
    assert alone(tmp_path, "Layer_Dense", later).verdict == "NOT CHECKED"


STEPPING = """
import copy
import numpy as np
class Dense:
    def __init__(self, n_units, input_shape=None):
        self.n_units, self.input_shape = n_units, input_shape
    def initialize(self, optimizer):
        self.W, self.w0 = np.ones((self.input_shape[0], self.n_units)), np.zeros((1, self.n_units))
        self.W_opt, self.w0_opt = copy.copy(optimizer), copy.copy(optimizer)
    def forward_pass(self, X, training=True):
        self.layer_input = X
        return X.dot(self.W) + self.w0
    def backward_pass(self, accum_grad):
        W, grad_w = self.W, self.layer_input.T.dot(accum_grad)
        grad_w0 = np.sum(accum_grad, axis=0, keepdims=True)
        self.W, self.w0 = self.W_opt.update(W, grad_w), self.w0_opt.update(self.w0, grad_w0)
        return accum_grad.dot(W.T)
"""


def test_the_step_handed_to_an_optimizer_is_taken_as_the_gradient(tmp_path: Path) -> None:
    (found,) = judgements(tmp_path, STEPPING)
    assert found.verdict == "PASSED"
    said = "; ".join(found.taken)
    assert "after initialize; weights from .W, their gradient from the step that" in said
    for right in ("np.sum(accum_grad", "self.layer_input.T.dot(accum_grad)"):
        wrong = changed(
            STEPPING, right, right.replace("np.sum(", "2 * np.sum(").replace("self", "2 * self")
        )
        (found,) = judgements(tmp_path, wrong)
        assert found.verdict == "FAILED", right


RATED = """
import numpy as np
class Dense:
    def __init__(self, n_in, n_out):
        self.W, self.b, self.learning_rate = np.ones((n_in, n_out)), np.zeros(n_out), 0.01
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, dy):
        dx = dy @ self.W.T
        self.W -= self.learning_rate * self.x.T @ dy
        self.b -= self.learning_rate * dy.sum(axis=0)
        return dx
"""


def test_the_step_at_rate_1_is_taken_as_the_gradient_of_a_layer_with_its_own_rate(
    tmp_path: Path,
) -> None:
    (found,) = judgements(tmp_path, RATED)
    assert found.verdict == "PASSED"
    assert "backward with a learning rate of 1" in found.taken
    (found,) = judgements(tmp_path, changed(RATED, "dy.sum(axis=0)", "dy.mean(axis=0)"))
    assert found.verdict == "FAILED"
    assert {each.quantity for each in found.failures[0].problems} == {"db"}


AGAIN = """
import numpy as np
class ReluModule:
    def __init__(self, alpha=0.0):
        self.alpha = alpha
    def forward(self, input):
        return np.where(input > 0, input, self.alpha * input)
    def backward(self, input, grad_output):
        return grad_output * (input > 0)
class Linear:
    def __init__(self, m, n):
        self.W, self.W0 = np.ones((m, n)), np.zeros((n, 1))
    def forward(self, A):
        return self.W.T @ A + self.W0
    def backward(self, dZ, A, verbose=False):
        self.dW, self.dW0 = A @ dZ.T, dZ.sum(axis=1, keepdims=True)
        return self.W @ dZ
def conv(x, w, b, stride=1):
    return np.einsum("nxcl,fcl->nfx", windows(x, w, stride), w) + b[:, None]
def conv_backward(dout, x, w, b, stride=1):
    dx, length = np.zeros(x.shape), w.shape[2]
    for i in range(dout.shape[2]):
        dx[:, :, i * stride : i * stride + length] += np.einsum("nf,fcl->ncl", dout[:, :, i], w)
    return dx, np.einsum("nxcl,nfx->fcl", windows(x, w, stride), dout), dout.sum(axis=(0, 2))
def windows(x, w, stride):
    starts = range(0, x.shape[2] - w.shape[2] + 1, stride)
    return np.stack([x[:, :, at : at + w.shape[2]] for at in starts], axis=1)
"""
ALSO = {
    "ReluModule": ("backward(x, dout)", "(input > 0)", "(grad_output > 0)"),
    "Linear": ("backward(dout, x)", "self.W @ dZ", "self.W @ dZ / dZ.shape[1]"),
    "conv": ("conv_backward(dout, x, w, b, stride)", "return dx", "return dx * 2"),
}


@pytest.mark.parametrize("wrong", [False, True])
def test_a_backward_may_be_given_again_what_forward_was_given(tmp_path: Path, wrong: bool) -> None:
    source = AGAIN
    for _, line, mistake in ALSO.values() if wrong else ():
        source = changed(source, line, mistake)
    found = {each.name: each for each in judgements(tmp_path, source)}
    assert {name: each.verdict for name, each in found.items()} == dict.fromkeys(
        ALSO, "FAILED" if wrong else "PASSED"
    )
    for name, (said, *_) in ALSO.items():
        assert f"{said} as its backward" in found[name].taken


HANDED_BACK = """
import numpy as np
def views(x, k, l, sh, sw):
    return np.lib.stride_tricks.sliding_window_view(x, (k, l), (2, 3))[:, :, ::sh, ::sw]
def conv_forward(x, w, b, stride=1, pad=0):
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    cols = views(padded, *w.shape[2:], stride, stride)
    return np.einsum("ncyxkl,fckl->nfyx", cols, w) + b[:, None, None], cols, padded
def conv_backward(dout, cols, padded, w, stride=1, pad=0):
    dx, (k, l) = np.zeros(padded.shape), w.shape[2:]
    for i, j in np.ndindex(dout.shape[2:]):
        at = np.s_[:, :, i * stride : i * stride + k, j * stride : j * stride + l]
        dx[at] += np.tensordot(dout[:, :, i, j], w, 1)
    dw = np.einsum("ncyxkl,nfyx->fckl", cols, dout)
    return dx[:, :, pad : dx.shape[2] - pad, pad : dx.shape[3] - pad], dw, dout.sum((0, 2, 3))
def maxpool(x, k=2, stride=2):
    cols = views(x, k, k, stride, stride)
    flat = cols.reshape(*cols.shape[:4], -1)
    return flat.max(axis=4), flat.argmax(axis=4)
def maxpool_backward(dy, x_shape, argmax, k=2, stride=2):
    dx = np.zeros(x_shape)
    for n, c, i, j in np.ndindex(dy.shape):
        row, column = divmod(argmax[n, c, i, j], k)
        dx[n, c, i * stride + row, j * stride + column] += dy[n, c, i, j]
    return dx
def conv2d_forward(before, W, b, activation, padding="same", stride=(1, 1)):
    (k, l), (sh, sw) = W.shape[:2], stride
    p, q = (k // 2, l // 2) if padding == "same" else (0, 0)
    x = np.pad(before, ((0, 0), (p, p), (q, q), (0, 0))).transpose(0, 3, 1, 2)
    return activation(np.einsum("ncyxkl,klcf->nyxf", views(x, k, l, sh, sw), W) + b)
def conv2d_backward(dZ, before, W, b, padding="same", stride=(1, 1)):
    (k, l), (sh, sw), (_, height, width, _) = W.shape[:2], stride, before.shape
    p, q = (k // 2, l // 2) if padding == "same" else (0, 0)
    x = np.pad(before, ((0, 0), (p, p), (q, q), (0, 0)))
    cols, dx = views(x.transpose(0, 3, 1, 2), k, l, sh, sw), np.zeros(x.shape)
    for i, j in np.ndindex(dZ.shape[1:3]):
        at = np.s_[:, i * sh : i * sh + k, j * sw : j * sw + l]
        dx[at] += np.einsum("nf,klcf->nklc", dZ[:, i, j], W)
    dW = np.einsum("ncyxkl,nyxf->klcf", cols, dZ)
    return dx[:, p : p + height, q : q + width], dW, dZ.sum(axis=(0, 1, 2), keepdims=True)
def pool_forward(before, kernel_shape, stride=(1, 1), mode="max"):
    cols = views(before.transpose(0, 3, 1, 2), *kernel_shape, *stride)
    return cols.max(axis=(4, 5)).transpose(0, 2, 3, 1)
def pool_backward(dA, before, kernel_shape, stride=(1, 1), mode="max"):
    dx, (k, l), (sh, sw) = np.zeros(before.shape), kernel_shape, stride
    for n, i, j, c in np.ndindex(dA.shape if mode == "max" else ()):
        at = np.s_[n, i * sh : i * sh + k, j * sw : j * sw + l, c]
        dx[at] += (before[at] == before[at].max()) * dA[n, i, j, c]
    return dx
"""
THERE_AGAIN = {
    "conv_forward": ("dout, cache[0], cache[1], w, stride, padding", "pad:dx.s", "0:dx.s"),
    "maxpool": ("dout, x.shape, cache, size, stride", "i * stride + row", "i + row"),
    "conv2d_forward": ("dout, x, w, b, padding, stride", "(0, 1, 2), k", "(1, 2), k"),
    "pool_forward": ("dout, x, size, stride, 'max'", "dx[at] += (", "dx[at] = ("),
}


def of_function(name: str) -> tuple[str, str]:
    """Return the name of a function's backward, and the source of both."""
    back = f"{name.removesuffix('_forward')}_backward"
    body = ast.parse(HANDED_BACK).body
    its = [each for each in body if getattr(each, "name", back) in ("views", name, back)]
    return back, ast.unparse(ast.Module(its, []))


def test_the_kernels_that_a_function_takes_may_be_called_by_their_letter(tmp_path: Path) -> None:
    _, source = of_function("conv2d_forward")
    (found,) = judgements(tmp_path, source.replace("W", "K"))
    assert found.verdict == "PASSED"


@pytest.mark.parametrize("name", THERE_AGAIN)
def test_a_function_may_be_handed_what_its_parameters_are_called(tmp_path: Path, name: str) -> None:
    said, right, wrong = THERE_AGAIN[name]
    back, source = of_function(name)
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "PASSED"
    assert f"{back}({said}) as its backward" in found.taken
    refused = [each for each in found.refused if each.startswith(f"{name}(")]
    assert all("(padding=" in each for each in refused)  # for which its word means another padding
    (found,) = judgements(tmp_path, changed(source, right, wrong))
    assert found.verdict == "FAILED"
    got = found.failures[0].problems[0].got
    assert got is not None
    values = typed_in(tmp_path / "mine.py", found)
    assert any(
        each.size == got.size and np.allclose(np.sort(each, None), np.sort(got, None))
        for each in values
    )


@pytest.mark.parametrize("handed", ["stride=1, padding='SAME'", "stride, padding"])
def test_a_padding_in_words_is_handed_back_as_one(tmp_path: Path, handed: str) -> None:
    _, source = of_function("conv_forward")
    forward, backward = source.split("def conv_backward")
    told = "pad = w.shape[2] // 2 if padding == 'SAME' else 0"
    one = changed(forward, "stride=1, pad=0):", f"stride=1, padding='SAME'):\n    {told}")
    other = changed(backward, "stride=1, pad=0):", f"{handed}):\n    {told}")
    (found,) = judgements(tmp_path, f"{one}def conv_backward{other}")
    assert found.verdict == "PASSED"


KEPT_TWICE = """
import numpy as np
def relu_forward(x):
    out = np.maximum(x, 0)
    mask = x > 0
    def unused(): return out, out, out
    return out, mask, x
def relu_backward(dout, inputs, mask):
    return dout * mask
"""


@pytest.mark.parametrize(
    ("kept", "gets", "uses", "said"),
    [
        ("mask, x", "inputs, mask", "mask", "relu_backward(dout, cache[1], cache[0])"),
        ("mask, x", "inputs, m", "m", ""),  # no name tells which is which
        ("x, mask", "inputs, m", "m", "relu_backward(dout, cache[0], cache[1])"),
        ("x", "x, out", "np.sign(out)", ""),  # x is called so, but nothing is called out
        ("x > 0", "x, mask", "mask", "relu_backward(dout, x, cache)"),
        ("x, mask", "a_shape, mask", "mask", "relu_backward(dout, x.shape, cache[1])"),
    ],
)
def test_what_forward_keeps_is_handed_back_by_its_name(
    tmp_path: Path, kept: str, gets: str, uses: str, said: str
) -> None:
    source = changed(KEPT_TWICE, "out, mask, x", f"out, {kept}")
    source = changed(source, "inputs, mask", gets)
    (found,) = judgements(tmp_path, changed(source, "dout * mask", f"dout * {uses}"))
    assert found.verdict == ("PASSED" if said else "NOT CHECKED")
    if said:
        assert f"{said} as its backward" in found.taken
    else:
        assert "no reading of its parameters relu_backward gives the gradient of its" in found.why


def test_an_activation_that_a_function_takes_may_be_a_flag(tmp_path: Path) -> None:
    source = """
import numpy as np
def affine_forward(x, w, b, activation):
    z = x @ w + b
    return np.maximum(z, 0) if activation else z, (x, w, z)
def affine_backward(dout, cache, activation):
    x, w, z = cache
    dout = dout * (z > 0) if activation else dout
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)
"""
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "PASSED"


IN_CONTEXT = """
import numpy as np
class Linear:
    @staticmethod
    def forward(ctx, x, w):
        ctx.save_for_backward(x, w)
        return x @ w.T
    @staticmethod
    def backward(ctx, grad_output):
        x, w = ctx.saved_tensors
        return grad_output @ w, grad_output.T @ x
class CrossEntropyLoss:
    @classmethod
    def forward(cls, context, scores, target):
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        p, at = e / e.sum(axis=1, keepdims=True), (np.arange(len(target)), target)
        context.save_for_backward(p, at)
        return -np.log(p[at]).mean()
    @classmethod
    def backward(cls, context, grad):
        context.p, at = context.saved_values
        context.p[at] -= 1
        return grad * context.p / len(context.p), None
class MaxPool:
    @staticmethod
    def forward(ctx, h, kernel_size=(2, 2)):
        (n, c, height, width), (k, m) = h.shape, kernel_size
        cut = h[:, :, : height // k * k, : width // m * m]
        windows = cut.reshape(n, c, height // k, k, width // m, m)
        ctx.largest, ctx.shape = windows.max(axis=(3, 5), keepdims=True), h.shape
        ctx.mask = windows == ctx.largest
        return ctx.largest[:, :, :, 0, :, 0]
    @staticmethod
    def backward(ctx, dz):
        spread = (ctx.mask * dz[:, :, :, None, :, None]).reshape(
            *dz.shape[:2], dz.shape[2] * ctx.mask.shape[3], -1
        )
        room = [(0, of - there) for of, there in zip(ctx.shape, spread.shape)]
        return np.pad(spread, room)
"""
BEYOND = {
    "Linear": ("grad_output.T @ x", "grad_output.T @ x / len(x)"),
    "CrossEntropyLoss": ("/ len(context.p)", ""),
    "MaxPool": ("(ctx.mask *", "(~ctx.mask *"),
}


@pytest.mark.parametrize("wrong", [False, True])
def test_static_methods_save_in_a_context(tmp_path: Path, wrong: bool) -> None:
    source = IN_CONTEXT
    for line, mistake in BEYOND.values() if wrong else ():
        source = changed(source, line, mistake)
    found = judgements(tmp_path, source)
    assert {each.name: each.verdict for each in found} == dict.fromkeys(
        BEYOND, "FAILED" if wrong else "PASSED"
    )
    assert {each.taken[0] for each in found} == {"a context that has save_for_backward"}
    pool = next(each for each in found if each.name == "MaxPool")
    assert any(each.startswith("a pair as size") for each in pool.offered)


@pytest.mark.parametrize(
    ("takes", "gives", "verdict"),
    [
        ("x, w", "dw, dx", "FAILED"),
        ("x, w, b", "dw, dx, db", "FAILED"),
        ("x, w, b", "dx, dw, db", "PASSED"),
        ("x, w, b", "dx, db, dw", "FAILED"),
    ],
)
def test_gradients_in_a_context_belong_in_the_order_of_the_inputs(
    tmp_path: Path, takes: str, gives: str, verdict: str
) -> None:
    """Nothing else tells the engine that calls backward which input each of them is for."""
    source = f"""
class Linear:
    @staticmethod
    def forward(ctx, {takes}):
        ctx.save_for_backward(x, w)
        return x @ w.T {"+ b" if "b" in takes else ""}
    @staticmethod
    def backward(ctx, grad_output):
        x, w = ctx.saved_tensors
        dx, dw, db = grad_output @ w, grad_output.T @ x, grad_output.sum(axis=0)
        return {gives}
"""
    (found,) = judgements(tmp_path, source)
    assert found.verdict == verdict
    assert ("dx and dw are swapped" in found.patterns) == gives.startswith("dw")


OWN_CONTEXT = """
class Context:
    def __init__(self):
        self.kept = ()
    def save_for_backward(self, *values):
        self.kept = values
"""


@pytest.mark.parametrize(("needs", "verdict"), [("", "PASSED"), (", device", "NOT CHECKED")])
def test_a_context_is_of_the_files_own_class(tmp_path: Path, needs: str, verdict: str) -> None:
    """If it needs arguments to be made, the layer is not checked."""
    own = changed(OWN_CONTEXT, "(self)", f"(self{needs})")
    source = changed(IN_CONTEXT, "ctx.saved_tensors", "ctx.kept") + own
    found = {each.name: each.verdict for each in judgements(tmp_path, source)}
    assert found["Linear"] == verdict
    assert found["MaxPool"] == "PASSED"


NODE = """
import numpy as np
class ReLU:
    def __init__(self):
        self.saved = []
    def save_for_backward(self, *values):
        self.saved.extend(values)
    def forward(self, a):
        self.save_for_backward(a > 0)
        return np.maximum(0, a)
    def backward(self, dh):
        (mask,) = self.saved
        return dh * mask
"""


@pytest.mark.parametrize(
    ("method", "verdict"), [("save_for_backward", "PASSED"), ("keep", "FAILED")]
)
def test_a_node_of_a_graph_has_one_pass(tmp_path: Path, method: str, verdict: str) -> None:
    source = NODE.replace("save_for_backward", method)
    (found,) = judgements(tmp_path, source)
    assert found.verdict == verdict
    assert bool(found.taken) == (verdict == "PASSED")


@pytest.mark.parametrize("in_init", [False, True])
def test_a_method_by_which_a_layer_forgets_may_be_an_attribute(
    tmp_path: Path, in_init: bool
) -> None:
    """Of the class, which the report says, or only of the instance."""
    source = NODE.replace("self.save_for_backward(a > 0)", "self.saved.append(a > 0)")
    if in_init:
        source = source.replace("self.saved = []", "self.saved = []; self.zero_grad = self.clear")
    source = source.replace("save_for_backward(self, *values)", "clear(self)")
    source = source.replace("self.saved.extend(values)", "self.saved.clear()")
    if not in_init:
        source = source.replace("def clear", "def zero_grad")
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "PASSED"
    assert found.taken == (() if in_init else ("zero_grad before each further pass",))


def test_the_method_by_which_a_layer_forgets_is_shown_between_two_passes(tmp_path: Path) -> None:
    source = changed(RELU, "self.a = a", "self.a, self.count = a, getattr(self, 'count', 0) + 1")
    source = changed(source, "return dh", "return self.count * dh")
    (found,) = judgements(tmp_path, f"{source}    def zero_grad(self): pass\n")
    (failure, *_) = found.failures
    assert failure.special == "again"
    lines = [*calls(failure, "")]
    assert lines[lines.index("layer.forward(a); layer.backward(dh)") + 1] == "layer.zero_grad()"


def test_an_attribute_by_the_name_of_such_a_method_is_none(tmp_path: Path) -> None:
    """It makes the layer neither a node of a graph, which has one pass, nor one that forgets it."""
    flags = "class ReLU:\n    zero_grad, save_for_backward = False, ()\n"
    (found,) = judgements(tmp_path, changed(RELU, "class ReLU:\n", flags))
    assert (found.verdict, found.taken) == ("PASSED", ())


OF_A_NUMBER = """
import numpy as np
class Conv1d:
    def __init__(self, w):
        self.w = w
    def forward(self, x):
        self.x = x
        return self.w * x
    def backward(self, da):
        self.dw = np.sum(da * self.x)
        return da * self.w
class Conv1D:
    def forward(self, x, w):
        self.x, self.w = x, w
        return w * x
    def backward(self, da):
        self.dw = np.sum(da * self.x)
        return da * self.w
"""


def test_the_gradient_of_a_scalar_w_may_be_an_attribute(tmp_path: Path) -> None:
    ours, theirs = judgements(tmp_path, OF_A_NUMBER)
    assert ours.verdict == theirs.verdict == "PASSED"
    assert ours.taken == ("gradient of the weights from .dw",)
    assert theirs.taken == ("weights from .w, their gradient from .dw",)
    for wrong in judgements(tmp_path, OF_A_NUMBER.replace("np.sum", "2 * np.sum")):
        assert wrong.verdict == "FAILED"
        assert wrong.patterns == ("dw is 2 times what it should be",)
        typed_in(tmp_path / "mine.py", wrong)


@pytest.mark.parametrize(
    "given", ["{'dx': da * self.w, 'dw': dw}", "{'dw': dw, 'dx': da * self.w}"]
)
def test_gradients_may_come_in_a_dict(tmp_path: Path, given: str) -> None:
    source = changed(OF_A_NUMBER, "self.dw = np.sum", "dw = np.sum")
    source = changed(source, "return da * self.w", f"return {given}")
    assert [each.verdict for each in judgements(tmp_path, source)] == ["PASSED"] * 2


OTHERWISE_CALLED = """
import numpy as np
class Linear:
    def __init__(self, n_in, n_out):
        self.weight, self.bias = np.ones((n_out, n_in)), np.zeros(n_out)
    def forward(self, x):
        self.x = x
        return x @ self.weight.T + self.bias
    def backward(self, dout):
        self.dw, self.db = dout.T @ self.x, dout.sum(axis=1)
        return dout @ self.weight
"""


def test_the_gradient_of_a_bias_may_be_called_as_that_of_the_weights(tmp_path: Path) -> None:
    (found,) = judgements(tmp_path, OTHERWISE_CALLED)
    assert found.patterns == ("db is summed over the wrong axes",)


KEPT = "self.dw, self.db = dout.T @ self.x, dout.sum(axis=1)"
BACK = "return dout @ self.weight"
FROM_VECTORS = "self.dw, self.db = np.atleast_2d(dout).T @ np.atleast_2d(self.x), dout"
NOT_SUMMED: dict[str, tuple[tuple[tuple[str, str], ...], bool]] = {
    "in an attribute": (((KEPT, "self.dw, self.db = dout.T @ self.x, dout"),), True),
    "in a dict": (((KEPT, "self.grads = dict(weight=dout.T @ self.x, bias=dout)"),), True),
    "returned": (((KEPT, "pass"), (BACK, f"{BACK}, dout.T @ self.x, dout")), True),
    "and twice as large": (((KEPT, "self.dw, self.db = 2 * dout.T @ self.x, dout"),), True),
    # For one example, (1, in) or (in,), it would be right, and of the shape of the bias.
    "for a bias that is a row": (
        ((KEPT, "self.dw, self.db = dout.T @ self.x, dout"), ("zeros(n_out)", "zeros((1, n_out))")),
        False,
    ),
    "for a vector too": (((KEPT, FROM_VECTORS),), False),
}


@for_each("case", NOT_SUMMED)
def test_a_bias_gradient_that_is_not_summed_is_wrong_if_one_example_gives_no_right_one(
    tmp_path: Path, case: str
) -> None:
    changes, certain = NOT_SUMMED[case]
    source = OTHERWISE_CALLED
    for old, new in changes:
        source = changed(source, old, new)
    (found,) = judgements(tmp_path, source)
    assert found.verdict == ("FAILED" if certain else "NOT CHECKED")
    (said,) = found.patterns[-1:] if certain else [found.why]
    assert "is not summed over the " in said


HANDED_OVER = """
import numpy as np
class Linear:
    def forward(self, x, w, b):
        self.x, self.w = x, w
        return x @ w + b
    def backward(self, dy):
        return dy @ self.w.T, self.x.T @ dy, dy
def dense_forward(x, w, b):
    return x @ w + b, (x, w)
def dense_backward(dy, cache):
    x, w = cache
    return dy @ w.T, x.T @ dy, dy
"""


def test_the_gradient_of_a_bias_that_is_handed_over_has_to_be_summed(tmp_path: Path) -> None:
    found = judgements(tmp_path, HANDED_OVER)
    assert [each.verdict for each in found] == ["FAILED"] * 2
    assert all("db is not summed over the " in each.patterns[0] for each in found)


WITHOUT_CACHE = """
import numpy as np
def dense_forward(X, W, B):
    return X @ W + B
def dense_backward(dout, X, W):
    return dout @ W.T, X.T @ dout, 2 * dout.sum(axis=0)
"""


def test_a_function_that_gives_no_cache_is_shown_without_one(tmp_path: Path) -> None:
    (found,) = judgements(tmp_path, WITHOUT_CACHE)
    assert "out = dense_forward(x" in "\n".join(calls(found.failures[0], ""))
    np.testing.assert_equal(
        typed_in(tmp_path / "mine.py", found)[2], found.failures[0].problems[0].got
    )


@pytest.mark.parametrize("name", ["ReLU", "MyReLU"])
def test_a_backward_that_gives_and_keeps_nothing_is_wrong(tmp_path: Path, name: str) -> None:
    """Whatever the name is: this is not another way to hand a gradient back."""
    source = changed(changed(RELU, "return dh *", "dh *"), "class ReLU", f"class {name}")
    (found,) = judgements(tmp_path, source)
    assert (found.verdict, found.failures[0].problems[0].method) == ("FAILED", "backward")


GIVES_MORE = """
import numpy as np
class Linear:
    def forward(self, x, w):
        self.x, self.w = x, w
        return x @ w.T
    def backward(self, dy):
        return dy @ self.w, np.atleast_2d(dy).T @ np.atleast_2d(self.x), dy.sum(axis=0)
"""


def test_backward_may_give_the_gradient_of_a_bias_that_forward_does_not_take(
    tmp_path: Path,
) -> None:
    (found,) = judgements(tmp_path, GIVES_MORE)
    assert found.verdict == "PASSED"
    assert found.refused["a bias b"] == "forward takes none"


SLOPE = """
import numpy as np
class ReLU:
    def forward(self, Z):
        self.Z = Z
        return np.maximum(0, Z)
    def backward(self):
        return np.where(self.Z > 0, 1.0, 0.0)
"""


def test_a_mask_of_booleans_is_the_numbers_0_and_1() -> None:
    assert same(np.array([True, False]), np.array([1.0, 0.0]))
    assert not same(np.array([True, True]), np.array([1.0, 0.0]))
    assert not same(np.array(["1", "0"]), np.array([1.0, 0.0]))


@pytest.mark.parametrize(("least", "verdict"), [(0, "PASSED"), (1, "FAILED")])
def test_a_backward_without_arguments_is_a_slope(tmp_path: Path, least: int, verdict: str) -> None:
    (found,) = judgements(tmp_path, changed(SLOPE, "self.Z > 0", f"self.Z > {least}"))
    assert found.verdict == verdict
    assert found.taken == ("its gradient is dh times what backward() gives",)
    for failure in found.failures[:1]:
        assert [*calls(failure, "")][-1] == "dh * layer.backward()"


FALLING = """
import numpy as np
class Relu:
    def forward(self, a):
        return np.maximum(0, a)
    def backward(self, dh):
        return dh * self.mask
"""


def test_a_layer_like_the_labs_whose_backward_crashes_is_wrong(tmp_path: Path) -> None:
    (found,) = judgements(tmp_path, FALLING)
    assert found.verdict == "FAILED"
    assert found.failures[0].problems[0].sentence.startswith("backward raises AttributeError")


DICT = """
class Linear:
    def forward(self, x, w, b):
        self.x, self.w = x, w
        return x @ w.T + b
    def backward(self, dy):
        return {"dw": dy.T @ self.x, "db": dy.sum(axis=0), "dx": dy @ self.w}
"""


@pytest.mark.parametrize(("dx", "pattern"), [("dy", ()), ("-dy", ("the sign of dx is flipped",))])
def test_gradients_may_be_in_a_dict_in_any_order(
    tmp_path: Path, dx: str, pattern: tuple[str, ...]
) -> None:
    source = DICT.replace("dy @", f"{dx} @")
    (linear,) = judgements(tmp_path, source)
    assert linear.verdict == ("FAILED" if pattern else "PASSED")
    assert linear.patterns == pattern


WITH_ITS_BIAS = """
import numpy as np
class Conv1D:
    def forward(self, x, w, b=0.0):
        self.x, self.w = x, w
        return (np.correlate(x, w, "valid") if np.ndim(w) else x * w) + b
    def backward(self, da):
        if np.ndim(self.w):
            return np.convolve(da, self.w), np.correlate(self.x, da, "valid"), np.sum(da)
        return da * self.w, np.sum(da * self.x), np.sum(da)
"""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("", ""),
        ("np.sum(da * self.x)", "np.mean(da * self.x)"),
        ("np.convolve(da, self.w)", "np.convolve(da, self.kernel)"),
    ],
)
def test_a_layer_that_always_gives_the_gradient_of_a_bias_is_asked_for_every_w(
    tmp_path: Path, right: str, wrong: str
) -> None:
    (conv,) = judgements(tmp_path, WITH_ITS_BIAS.replace(right, wrong))
    assert conv.verdict == ("FAILED" if wrong else "PASSED")
    assert set(conv.forms) == {"a scalar w", "a vector w (K,)"}


WITHOUT_ITS_BIAS = """
class Linear:
    def forward(self, x, w, b=None):
        self.x, self.w, self.b = x, w, b
        return x @ w.T if b is None else x @ w.T + b
    def backward(self, dy):
        dx, dw = dy @ self.w, dy.T @ self.x
        return (dx, dw) if self.b is None else (dx, dw, dy.sum(axis=0))
"""


@pytest.mark.parametrize(
    ("right", "wrong"), [("", ""), ("(dx, dw) if", "(dx, dW) if"), ("b is None", "w is None")]
)
def test_a_layer_with_an_optional_bias_is_asked_without_one(
    tmp_path: Path, right: str, wrong: str
) -> None:
    source = WITHOUT_ITS_BIAS.replace(right, wrong, 1)
    (linear,) = judgements(tmp_path, source)
    assert linear.verdict == ("FAILED" if wrong else "PASSED")


UNTRANSPOSED = """
import numpy as np
class Linear:
    def __init__(self, n_in, n_out):
        self.W, self.b = np.ones((n_in, n_out)), np.zeros(n_out)
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, d):
        self.dW, self.db = self.x.T @ d, d.sum(axis=0)
        return d @ self.W.T
class Conv2D:
    def __init__(self, channels, filters, k):
        self.W, self.b = np.ones((filters, channels, k, k)), np.zeros(filters)
    def windows(self, out):
        k = self.W.shape[2]
        for i, j in np.ndindex(out.shape[2], out.shape[3]):
            yield i, j, np.s_[:, :, i : i + k, j : j + k]
    def forward(self, x):
        self.x, k = x, self.W.shape[2]
        out = np.zeros((len(x), len(self.W), x.shape[2] - k + 1, x.shape[3] - k + 1))
        for i, j, at in self.windows(out):
            out[:, :, i, j] = np.tensordot(x[at], self.W, ((1, 2, 3), (1, 2, 3))) + self.b
        return out
    def backward(self, d):
        dx, self.dW, self.db = np.zeros_like(self.x), np.zeros_like(self.W), d.sum((0, 2, 3))
        for i, j, at in self.windows(d):
            dx[at] += np.tensordot(d[:, :, i, j], self.W, (1, 0))
            self.dW += np.tensordot(d[:, :, i, j], self.x[at], (0, 0))
        return dx
def affine_forward(x, w, b):
    return x @ w + b, (x, w)
def affine_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)
"""
FORGOTTEN = {
    "a transpose of w": ("Linear", "d @ self.W.T", "d @ self.W"),
    "a transpose of x": ("Linear", "self.x.T @ d", "np.dot(self.x, d)"),
    "the order": ("Linear", "return d @ self.W.T", "return self.W.T @ d"),
    "an axis of w": ("Conv2D", "self.W, (1, 0)", "self.W, (1, 1)"),
    "an axis of x": ("Conv2D", "(0, 0))", "(1, 0))"),
    "a transpose, of a function": ("affine_forward", "dout @ w.T", "dout @ w"),
}
LIMITED = {
    "the output's gradient in columns": (
        ("self.x.T @ d, d.sum(axis=0)", "self.x.T @ d.T, d.sum(axis=1)"),
        ("d @ self.W.T", "self.W @ d"),
    ),
    "one neuron": (("d @ self.W.T", "d * self.W[:, 0]"),),
    "minibatches of 32": (("d.sum(axis=0)", "(np.ones((1, 32)) @ d)[0]"),),
    "sequences": (("self.x.T @ d", "np.einsum('nti,nto->io', self.x, d)"),),
    "sequences, transposed": (("self.x.T @ d", "(self.x.transpose(0, 2, 1) @ d).sum(0)"),),
    "who keeps x on demand": (
        ("forward(self, x)", "forward(self, x, keep=False)"),
        ("self.x = x", "self.x = x if keep else np.zeros((1, 1))"),
    ),
    "who looks at the shape": (
        ("        self.dW, self.db", "        if len(d) < 9: raise ValueError('mismatch')\n{}"),
    ),
    "who is told something else": (("(self, d):", "(self, others):\n        d = others[:, :1]"),),
}


@pytest.mark.parametrize("case", FORGOTTEN)
def test_a_backward_that_raises_for_any_lengths_is_wrong(tmp_path: Path, case: str) -> None:
    name, right, wrong = FORGOTTEN[case]
    source = changed(UNTRANSPOSED, right, wrong)
    verdicts = {each.name: each for each in judgements(tmp_path, source)}
    found = verdicts.pop(name)
    assert {each.verdict for each in verdicts.values()} == {"PASSED"}
    assert found.verdict == "FAILED"
    problem = found.failures[0].problems[0]
    assert (problem.kind, problem.method, problem.raised) == ("raises", "backward", "ValueError")
    assert problem.place is not None
    assert wrong in problem.place["text"]
    with pytest.raises(ValueError, match=r"mismatch|not aligned"):
        typed_in(tmp_path / "mine.py", found)


BESIDE = """
import numpy as np
class Linear:
    def __init__(self, in_features, out_features):
        self.W, self.b = np.ones((out_features, in_features)), np.zeros(out_features)
    def forward(self, A):
        self.A = A
        return A @ self.W.T + self.b
    def backward(self, dLdZ):
        self.dLdW, self.dLdb = dLdZ.T @ self.A, dLdZ.sum(axis=0)
        return dLdZ @ self.W
class Layer_Dense:
    def __init__(self, n_inputs, n_neurons):
        self.weights, self.biases = np.ones((n_inputs, n_neurons)), np.zeros((1, n_neurons))
    def forward(self, inputs):
        self.inputs, self.output = inputs, inputs @ self.weights + self.biases
    def backward(self, dvalues):
        self.dweights = np.dot(self.inputs.T, dvalues)
        self.dbiases = dvalues.sum(axis=0, keepdims=True)
        self.dinputs = dvalues @ self.weights.T
class Convolution:
    def __init__(self, in_channels, out_channels, kernel_size):
        self.W = np.ones((out_channels, in_channels, kernel_size, kernel_size))
    def forward(self, x):
        self.shape, (f, c, k, _) = x.shape, self.W.shape
        views = np.lib.stride_tricks.sliding_window_view(x, (k, k), (2, 3))
        self.cols = views.transpose(0, 2, 3, 1, 4, 5).reshape(-1, c * k * k)
        out = self.cols @ self.W.reshape(f, -1).T
        return out.reshape(len(x), *views.shape[2:4], f).transpose(0, 3, 1, 2)
    def backward(self, d):
        dx, (f, c, k, _) = np.zeros(self.shape), self.W.shape
        flat = d.transpose(0, 2, 3, 1).reshape(-1, f)
        self.dW = (flat.T @ self.cols).reshape(self.W.shape)
        dcols = (flat @ self.W.reshape(f, -1)).reshape(len(d), *d.shape[2:], c, k, k)
        for i, j in np.ndindex(d.shape[2:]):
            dx[:, :, i : i + k, j : j + k] += dcols[:, i, j]
        return dx
"""
BEYOND_ROWS = {
    "one example as a row": ("Linear", "dLdZ.T @ self.A"),
    "dx is left beside dw": ("Layer_Dense", "self.inputs.T"),
    "windows lie in rows": ("Convolution", "flat.T @ self.cols"),
}


@pytest.mark.parametrize("case", BEYOND_ROWS)
def test_a_transpose_that_is_forgotten_anywhere_is_wrong(tmp_path: Path, case: str) -> None:
    name, right = BEYOND_ROWS[case]
    (found,) = (
        each
        for each in judgements(tmp_path, changed(BESIDE, right, right.replace(".T", "")))
        if each.verdict != "PASSED"
    )
    assert (found.name, found.verdict) == (name, "FAILED")
    assert found.failures[0].problems[0].raised == "ValueError"


@pytest.mark.parametrize("case", LIMITED)
def test_a_backward_that_may_be_for_others_is_not_failed(tmp_path: Path, case: str) -> None:
    source = UNTRANSPOSED
    for old, new in LIMITED[case]:
        source = changed(source, old, new.replace("{}", old))
    found = alone(tmp_path, "Linear", source)
    assert found.verdict == "NOT CHECKED"
    assert "how to call it is not certain: backward raises " in found.why


OF_ONE_IMAGE = """
import numpy as np
class Convolution:
    def __init__(self, in_channels, out_channels, kernel_size):
        self.W = np.ones((out_channels, in_channels, kernel_size, kernel_size))
    def forward(self, x):
        self.shape, (f, c, k, _) = x.shape, self.W.shape
        views = np.lib.stride_tricks.sliding_window_view(x, (k, k), (1, 2))
        self.cols = views.transpose(1, 2, 0, 3, 4).reshape(-1, c * k * k)
        out = self.cols @ self.W.reshape(f, -1).T
        return out.reshape(*views.shape[1:3], f).transpose(2, 0, 1)
    def backward(self, d):
        dx, (f, c, k, _) = np.zeros(self.shape), self.W.shape
        flat = d.reshape(f, -1)
        self.dW = (flat @ self.cols).reshape(self.W.shape)
        dcols = (FACTOR @ self.W.reshape(f, -1)).reshape(*d.shape[1:], c, k, k)
        for i, j in np.ndindex(d.shape[1:]):
            dx[:, i : i + k, j : j + k] += dcols[i, j]
        return dx
"""


@pytest.mark.parametrize(
    ("factor", "verdict"),
    [("flat.T", "PASSED"), ("flat", "FAILED"), ("(flat.T if f == 1 else flat)", "NOT CHECKED")],
)
def test_a_backward_that_is_right_for_one_filter_is_not_failed_for_several(
    tmp_path: Path, factor: str, verdict: str
) -> None:
    (found,) = judgements(tmp_path, changed(OF_ONE_IMAGE, "FACTOR", factor))
    assert found.verdict == verdict


def test_a_backward_for_square_images_alone_is_taken_for_these(tmp_path: Path) -> None:
    rows = "for i, j, at in self.windows(d[:, :, :1].repeat(d.shape[3], axis=2)):"
    source = changed(UNTRANSPOSED, "for i, j, at in self.windows(d):", rows)
    found = alone(tmp_path, "Conv2D", source)
    assert found.verdict == "PASSED"
    assert any("takes square images only" in each for each in found.refused.values())


def test_what_always_pads_is_not_tried_with_padding(tmp_path: Path) -> None:
    padded = "x = np.pad(x, [(0, 0)] * 2 + [(1, 1)] * 2)"
    source = changed(BESIDE, "self.shape, (f", f"{padded}\n        self.shape, (f")
    source = changed(source, "return dx\n", "return dx[:, :, 1:-1, 1:-1]\n")
    found = {each.name: each.verdict for each in judgements(tmp_path, source)}
    assert found["Convolution"] == "NOT CHECKED"


@pytest.mark.parametrize("bias", ["+ self.b", "+ 2 * self.b"])
def test_a_backward_that_cuts_everything_off_without_padding_is_wrong(
    tmp_path: Path, bias: str
) -> None:
    right = "return dx[:, :, p : dx.shape[2] - p, p : dx.shape[3] - p]"
    uncut = "(len(dx), dx.shape[1], dx.shape[2] - 2 * p, dx.shape[3] - 2 * p)"
    wrong = f"return np.zeros({uncut}) + dx[:, :, p:-p, p:-p]"
    source = changed(changed(SOURCE, right, wrong), "+ self.b", bias)
    found = alone(tmp_path, "Conv2d", source)
    assert found.verdict == "FAILED"
    assert found.failures[0].problems[0].raised == "ValueError"
    given = [each.outcome.case for each in found.failures]
    assert {len(each.inputs) > 2 for each in given if each.settings.get("padding")} <= {True}
    assert any("padding" in each for each in found.offered)


def test_a_layer_that_crashes_for_square_images_without_padding_takes_other_images(
    tmp_path: Path,
) -> None:
    cut = "return dx[:, :, p : dx.shape[2] - p, p : dx.shape[3] - p]"
    wrong = (
        "1 // (p or grad.shape[2] - grad.shape[3])\n"
        "        left = np.zeros((*dx.shape[:2], dx.shape[2] - 2 * p, dx.shape[3] - 2 * p))\n"
        "        return left + dx[:, :, p:-p, p:-p]"
    )
    found = alone(tmp_path, "Conv2d", changed(SOURCE, cut, wrong))
    assert (found.verdict, found.failures[0].problems[0].raised) == ("FAILED", "ZeroDivisionError")
    assert "square images" not in str(found.refused)


@for_each(
    ("name", "is_one"),
    [
        *((name, True) for name in ("dW", "dw", "d_w", "gW", "grad_w", "w_grad", "_dW", "DW")),
        *((name, True) for name in ("nabla_w", "delta_w", "Weight_Grad", "weights_gradient")),
        *((name, False) for name in ("W", "weights", "bias", "W_before", "x", "update", "old")),
    ],
)
def test_a_gradient_is_told_by_its_name(name: str, is_one: bool) -> None:
    assert bool(GRADIENT_NAME.fullmatch(name)) == is_one


@for_each(
    ("where", "at_the_end"),
    [
        (
            ("attribute", [["attr", "dW"], ["item", 0]]),
            ("attribute", [["attr", "dW"], ["item", -1]]),
        ),
        (("attribute", [["attr", "grads"], ["item", "W"]]), None),
        (("attribute", [["attr", "dW"]]), None),
        (("returned", 1), None),
        (STEP, None),
    ],
)
def test_only_what_is_in_a_list_is_looked_for_at_its_end(
    where: GradientAt, at_the_end: GradientAt | None
) -> None:
    assert _at_the_end(where) == (at_the_end or where)


@for_each(
    ("key", "old", "new", "renamed"),
    [
        ("dW", "W", "b", "db"),
        ("dweights", "weights", "biases", "dbiases"),
        ("dW", "weights", "biases", "dW"),
        (0, 0, 1, 1),
        (2, 0, 1, 2),
        ("grads", 0, 1, "grads"),  # a name, though the arrays are in a list
        ("dW1", "W", 1, "d11"),
    ],
)
def test_a_key_is_renamed_as_the_bias_differs_from_the_weights(
    key: Any, old: Any, new: Any, renamed: Any
) -> None:
    assert _renamed(key, old, new) == renamed


def way(name: str) -> Way:
    """The path of an attribute."""
    return [["attr", name]]


@for_each(
    ("weight", "bias", "dw", "db"),
    [
        (way("W"), way("b"), way("dW"), way("db")),
        (way("weights"), way("biases"), way("dweights"), way("dbiases")),
        (way("weight"), way("bias"), way("dw"), way("db")),
        (way("kernel"), way("bias"), way("dW"), way("db")),
        (
            [["attr", "params"], ["item", "W"]], [["attr", "params"], ["item", "b"]],
            [["attr", "grads"], ["item", "W"]], [["attr", "grads"], ["item", "b"]],
        ),
        (
            [["attr", "params"], ["item", 0]], [["attr", "params"], ["item", 1]],
            [["attr", "grads"], ["item", 0]], [["attr", "grads"], ["item", 1]],
        ),
        (
            way("W"), way("b"),
            [["attr", "grads"], ["item", 0]], [["attr", "grads"], ["item", 1]],
        ),
        (  # each in a list of its own
            way("W"), way("b"), [["attr", "dWs"], ["item", 0]], [["attr", "dbs"], ["item", 0]],
        ),
        (way("W"), way("b"), way("dW"), None),
        (way("W"), way("b"), way("gradient"), None),
        (way("W"), way("b"), [["attr", "grads"], ["item", 2]], None),  # it may be before or behind
    ],
)  # fmt: skip
def test_the_gradient_of_a_bias_lies_like_that_of_the_weights(
    weight: Way, bias: Way, dw: Way, db: Way | None
) -> None:
    """Unless backward has left there what was there before it."""
    one, other = np.ones((2, 3)), np.ones(5)
    instance = SimpleNamespace(gradient=one, dW=one, dw=one, dweights=one, dbiases=other)
    instance.dWs, instance.dbs = [one], [other]
    listed = isinstance(dw[-1][1], int)
    instance.grads = [one, other, one] if listed else {"W": one, "b": other}
    if db is not None:
        instance.db = other
    plan = Plan("Linear", "", "", weight=weight, bias=bias, gradients=[("attribute", dw)])
    place, found = _beside(plan, Left(instance, {}, [one], 0))
    assert place == (None if db is None else ("attribute", db))
    assert found is (None if db is None else other)
    assert _beside(plan, Left(instance, {str(db): other}, [one], 0)) == (None, None)


@for_each(
    ("shape", "right"),
    [((9,), True), ((1, 9), True), ((9, 1), True), ((1, 9, 1, 1), True), ((3, 3), False)],
)
def test_the_gradient_of_a_bias_may_be_a_row_or_a_column_but_no_matrix(
    shape: tuple[int, ...], right: bool
) -> None:
    """A sum over the examples and the filters of as many windows has as many entries."""
    layer = Candidate({"": Written}, ("Conv2D",), "forward", "backward")
    plan, db = Plan("Conv2D", "forward", "backward"), np.arange(9.0)
    left = Left(None, {}, [db.reshape(shape)], 1)
    source = partial(BackwardReadings(Trials(layer, "Conv2D"))._source, plan, way("b"), [("", db)])
    assert source(left) == (Source(("returned", 0), "", True) if right else Source())
    assert source(left._replace(dx=0)) == Source()  # that is the gradient of the input


WITHOUT_KEEPDIMS = """
import numpy as np
class Dense:
    def __init__(self, n_in, n_out):
        self.W, self.b = np.ones((n_in, n_out)), np.zeros((1, n_out))
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, dz):
        self.dW, self.db = self.x.T @ dz, dz.sum(axis=0)
        return dz @ self.W.T
class Linear:
    def __init__(self, n_in, n_out):
        self.W, self.b = np.ones((n_out, n_in)), np.zeros((n_out, 1))
    def forward(self, x):
        self.x = x
        return self.W @ x + self.b
    def backward(self, dz):
        self.dW, self.db = dz @ self.x.T, dz.sum(axis=1)
        return self.W.T @ dz
def linear_forward(x, W, b):
    return W @ x + b, (x, W)
def linear_backward(dz, cache):
    x, W = cache
    return W.T @ dz, dz @ x.T, dz.sum(axis=1)
"""


def test_a_bias_that_its_gradient_would_make_larger_is_noted(tmp_path: Path) -> None:
    """(5, 1) - (5,) is (5, 5), while (1, 5) - (5,) is (1, 5)."""
    found = {each.name: each for each in judgements(tmp_path, WITHOUT_KEEPDIMS)}
    assert {each.verdict for each in found.values()} == {"PASSED"}
    assert found["Dense"].notes == ()
    for name in ("Linear", "linear_forward"):
        (note,) = found[name].notes
        assert "db has the shape (5,), b the shape (5, 1): b - db would have" in note
        assert "the shape (5, 5); give db the shape of b" in note


@for_each(("dx", "dw", "db"), [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
def test_of_three_gradients_the_third_is_that_of_the_bias(dx: int, dw: int, db: int) -> None:
    values = ["one", "two", "three"]
    plan = Plan("Linear", "", "", gradients=[("returned", dw)])
    assert _beside(plan, Left(None, {}, values, dx)) == (("returned", db), values[db])
    assert _beside(plan, Left(None, {}, values[:2], dx)) == (None, None)


@for_each(
    ("held", "path"),
    [
        ({"momentum": 0.9, "lr": 0.1}, [["attr", "lr"]]),
        ({"learning_rate": 0.1}, [["attr", "learning_rate"]]),
        ({"learning_rate": None}, None),
        ({"momentum": 0.9}, None),
    ],
)
def test_a_learning_rate_is_a_number_that_is_called_so(held: Any, path: Way | None) -> None:
    assert _rate(SimpleNamespace(**held)) == path


OF_LINEAR = Trials(Candidate({"": Written}, ("Linear",), "forward", "backward"), "Linear")
MINIBATCHES = Axes(("ND", "MD", "NM"), ("ND", "MD", "NM"))


@for_each(
    ("returned", "named", "stepped", "rated", "where"),
    [
        (0, [], False, False, None),
        (1, [], False, False, ("returned", 1)),
        (2, [], False, False, None),  # either may be meant
        (0, ["dW"], False, False, ("attribute", way("dW"))),
        (0, ["dW", "dV"], False, False, None),
        (0, ["V"], False, False, None),
        (1, ["dW"], False, False, ("returned", 1)),
        (2, ["dW"], False, False, ("attribute", way("dW"))),
        (0, [], True, True, STEP),
        (0, [], True, False, None),  # at a rate of its own, which nobody knows
        (0, [], False, True, None),  # it takes no step
        (0, ["dW", "dV"], True, True, None),
    ],
)
def test_a_wrong_gradient_is_at_the_one_place_where_it_may_be_meant(
    returned: int, named: list[str], stepped: bool, rated: bool, where: GradientAt | None
) -> None:
    before, right = np.zeros((5, 3)), np.arange(15.0).reshape(5, 3)
    attributes = {each: np.full((5, 3), i + 7.0) for i, each in enumerate(named)}
    instance = SimpleNamespace(W=before - 2 * stepped, **attributes)
    values = [np.ones((4, 3)), *(np.full((5, 3), i + 3.0) for i in range(returned))]
    left = Left(instance, {str(way("W")): before}, values, 0)
    plan = Plan("Linear", "", "", weight=way("W"), back=[["lr", ["role", "1"]]] * rated)
    found = BackwardReadings(OF_LINEAR)._source(plan, way("W"), [("MD", right)], left)
    assert (found.where, found.right) == (where, False)


@for_each(
    ("names", "factors", "steps", "places", "right"),
    [
        (("dW", "db"), (1, 1), None, [("attribute", way("dW")), ("attribute", way("db"))], (1, 1)),
        (("dW", "db"), (1, 2), None, [("attribute", way("dW")), ("attribute", way("db"))], (1, 0)),
        (("dW", "db"), (2, 1), None, [("attribute", way("dW")), ("attribute", way("db"))], (0, 1)),
        # By no name of a gradient a wrong one of the right shape may be anything.
        (("update_W", "update_b"), (1, 2), None, None, ()),
        ((), (), (1, 1), [STEP, STEP], (1, 1)),
        ((), (), (1, 0), [STEP, STEP], (1, 0)),  # it takes a step, but forgets that of the bias
        ((), (), (2, 0), None, ()),
    ],
)
def test_the_gradients_of_weights_and_of_their_bias_are_found_together(
    names: tuple[str, ...],
    factors: tuple[int, ...],
    steps: tuple[int, int] | None,
    places: list[GradientAt] | None,
    right: tuple[int, ...],
) -> None:
    """factors, steps: how many times the gradients are in attributes, or are subtracted.

    Those of the weights are right or wrong without a bias, too.
    """
    asked = OF_LINEAR.asked(MINIBATCHES, bias=True)
    dx, *grads = asked.grads
    before = {str(way("W")): np.ones((5, 3)), str(way("b")): np.ones(5)}
    held = [
        array - by * each
        for array, by, each in zip(before.values(), steps or (0, 0), grads, strict=True)
    ]
    kept = {name: by * each for name, by, each in zip(names, factors, grads, strict=False)}
    instance = SimpleNamespace(W=held[0], b=held[1], **kept)
    plan = Plan(
        *("Linear", "forward", "backward", [MINIBATCHES]),
        back=[["lr", ["role", "1"]]], weight=way("W"), bias=way("b"),
    )  # fmt: skip
    found = BackwardReadings(OF_LINEAR)._with_gradients(
        plan, asked, Left(instance, before, [dx], 0)
    )
    if places is None:
        assert found == Reading(unsure=True)
    else:
        assert found.plan is not None
        assert (found.plan.gradients, tuple(found.right)) == (places, right)
        found = BackwardReadings(OF_LINEAR)._with_gradients(
            replace(plan, bias=None), asked, Left(instance, before, [dx], 0)
        )
        assert tuple(found.right) == right[:1]


@for_each(
    ("first", "passes", "repeating"),
    [
        (True, [0, 0], [True]),
        (True, [0, 1], [False]),  # it is added to that of the first pass
        (False, [1, 1], [True]),
        (False, [1, 0], [False]),
        (True, [0, None], [False]),  # it raises
        (True, [None, 0], [False]),
    ],
)
def test_a_gradient_is_found_where_each_pass_leaves_it(
    first: bool, passes: list[int | None], repeating: list[bool]
) -> None:
    """passes: by how much the gradient is off in each later pass."""
    grads = np.ones((4, 3)), np.arange(15.0).reshape(5, 3)
    asked = SimpleNamespace(inputs=(), dout=np.ones((4, 5)), grads=grads)
    left = iter(passes)

    def backward(_: Any) -> Any:
        off = next(left)
        if off is None:
            raise ValueError
        return grads[0], grads[1] + off

    adapter = SimpleNamespace(forward=lambda: None, backward=backward)
    trials: Any = SimpleNamespace(adapter=lambda _: adapter, asked=lambda *_, **__: asked)
    plan = Plan("Linear", "", "", [MINIBATCHES])
    assert BackwardReadings(trials)._repeating(plan, [first]) == repeating


@for_each(
    ("kind", "right", "again", "clears"),
    [
        ("attribute", True, True, True),
        ("attribute", False, True, False),  # as wrong each time
        ("attribute", True, False, False),
        ("returned", True, True, False),
    ],
)
def test_a_right_gradient_that_later_passes_give_too_is_cleared_by_itself(
    kind: Any, right: bool, again: bool, clears: bool
) -> None:
    readings = BackwardReadings(OF_LINEAR)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(readings, "_repeating", lambda *_: [again])
        plan = Plan("Linear", "", "", gradients=[(kind, 0)])
        assert readings._clears_one(plan, [right]) == clears


@for_each(
    ("read", "unsure", "told"),
    [
        ([Reading(), Reading()], False, 0),
        ([Reading(unsure=True), Reading()], True, 0),
        ([Reading(), Reading(unsure=True)], True, 0),
        ([Reading(misread=True), Reading()], False, 1),
    ],
)
def test_what_one_way_to_call_backward_leaves_open_no_later_one_settles(
    read: list[Reading], unsure: bool, told: int
) -> None:
    found, said = iter(read), list[str]()
    drafts = SimpleNamespace(backwards=lambda _: [[]] * len(read))
    layer = SimpleNamespace(backward="backward")
    trials: Any = SimpleNamespace(
        told=SimpleNamespace(failures=[]), drafts=drafts, layer=layer, loss=False, tell=said.append
    )
    readings = BackwardReadings(trials)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(readings, "read_once", lambda _: next(found))
        assert readings.read(Plan("Linear", "", "")) == Reading(unsure=unsure)
    assert len(said) == told


def test_a_bias_gradient_of_one_example_may_be_for_one() -> None:
    """Whatever its shape: there are no examples over which it could be summed."""
    one = Axes(("D", "MD", "M"), ("D", "MD", "M"))
    plan = Plan("Linear", "forward", "backward", [one], weight=way("W"), bias=way("b"))
    left = Left(SimpleNamespace(b=np.zeros((1, 5))), {}, [], 0)
    assert BackwardReadings(OF_LINEAR)._may_be_for_one(plan, left, np.ones(5))


AFFINE = """
def affine_forward(x, w, b):
    return x @ w + b, (x, w)
def affine_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)
"""


@pytest.mark.parametrize("dx", ["(dout @ w.T).T", "(dout @ w.T)[0]"])
def test_of_three_gradients_the_first_is_that_of_the_input_whatever_its_shape(
    tmp_path: Path, dx: str
) -> None:
    (found,) = judgements(tmp_path, changed(AFFINE, "dout @ w.T,", f"{dx},"))
    assert found.verdict == "FAILED"
    assert [each.quantity for each in found.failures[0].problems] == ["dx"]


@pytest.mark.parametrize(("given", "said"), [("", "None"), ("return 1", "something else")])
def test_what_backward_gives_instead_of_a_gradient_is_named(
    tmp_path: Path, given: str, said: str
) -> None:
    source = changed(AFFINE, "return dout @ w.T, x.T @ dout, dout.sum(axis=0)", given)
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "NOT CHECKED"
    assert f"affine_backward gives {said}, not the gradient of its input" in found.why


def test_an_activation_gives_back_the_shape_of_its_input(tmp_path: Path) -> None:
    source = "class Relu:\n    def forward(self, x, train): return x * (x > 0)\n"
    (found,) = judgements(tmp_path, f"{source}    def backward(self, d): return d.sum()")
    assert found.verdict == "NOT CHECKED"
    assert "backward gives nothing of the shape of its input" in found.why


@pytest.mark.parametrize(
    ("given", "factor"), [("self.dW", 1), ("1.0", 1), ("(dy @ self.W.T).T", 2)]
)
def test_the_gradient_of_the_weights_is_not_taken_for_that_of_the_input(
    tmp_path: Path, given: str, factor: int
) -> None:
    """Nor is one of another shape, where that of the weights is wrong as well."""
    source = f"""
import numpy as np
class Dense:
    def __init__(self, n_in, n_out):
        self.W = np.ones((n_in, n_out))
    def forward(self, x):
        self.x = x
        return x @ self.W
    def backward(self, dy):
        self.dW = {factor} * self.x.T @ dy
        return {given}
"""
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "NOT CHECKED"
    assert "backward gives something else, not the gradient of its input" in found.why


@pytest.mark.parametrize(
    ("dw", "db", "verdict"), [(1, 1, "FAILED"), (2, 1, "NOT CHECKED"), (1, 2, "NOT CHECKED")]
)
def test_what_has_another_shape_is_dx_only_beside_right_gradients_of_weights_and_bias(
    tmp_path: Path, dw: int, db: int, verdict: str
) -> None:
    source = f"""
class Dense:
    def __init__(self, w, b):
        self.w, self.b = w, b
    def forward(self, x):
        self.x = x
        return x @ self.w + self.b
    def backward(self, d):
        self.dw, self.db = {dw} * self.x.T @ d, {db} * d.sum(axis=0)
        return (d @ self.w.T).sum(axis=0)
"""
    (found,) = judgements(tmp_path, source)
    assert found.verdict == verdict
    problems = [each.quantity for failure in found.failures for each in failure.problems]
    assert {*problems} == ({"dx"} if verdict == "FAILED" else set())


def test_a_bias_gradient_of_filters_that_is_not_summed_is_wrong(tmp_path: Path) -> None:
    source = """
import numpy as np
class Conv1d:
    def __init__(self, in_channels, out_channels, kernel_size):
        self.w = np.ones((out_channels, in_channels, kernel_size))
        self.b = np.zeros(out_channels)
    def forward(self, x):
        self.x = x
        self.windows = np.lib.stride_tricks.sliding_window_view(x, self.w.shape[2], axis=2)
        return np.einsum("ncxk,fck->nfx", self.windows, self.w) + self.b[:, None]
    def backward(self, d):
        self.dw, self.db = np.einsum("ncxk,nfx->fck", self.windows, d), d
        dx = np.zeros_like(self.x)
        for k in range(self.w.shape[2]):
            dx[:, :, k : k + d.shape[2]] += np.einsum("nfx,fc->ncx", d, self.w[:, :, k])
        return dx
"""
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "FAILED"
    assert found.patterns == ("db is not summed over the positions and examples",)


def test_a_step_at_a_rate_that_nobody_can_tell_is_not_judged(tmp_path: Path) -> None:
    (found,) = judgements(tmp_path, changed(RATED, "self.learning_rate * ", "0.01 * "))
    assert found.verdict == "NOT CHECKED"
    assert "the gradient of its weights is found neither in what backward gives nor" in found.why


def test_a_step_that_does_not_grow_with_the_rate_is_not_judged(tmp_path: Path) -> None:
    """At a rate of 1 nobody sees that it is forgotten, whether it is an attribute or handed."""
    handed = changed(changed(RATED, "(self, dy)", "(self, dy, lr)"), "self.learning_rate *", "lr *")
    for source, rate in ((RATED, "self.learning_rate *"), (handed, "lr *")):
        (found,) = judgements(tmp_path, changed(source, f"self.b -= {rate}", "self.b -="))
        assert found.verdict == "NOT CHECKED"
        assert "step of its bias at a learning rate of 0.5 is not half of that at 1" in found.why


def test_a_gradient_beside_a_step_is_the_same_at_every_rate(tmp_path: Path) -> None:
    """Only what takes a step is half as long at half the rate."""
    step = "self.b -= self.learning_rate * dy.sum(axis=0)"
    (found,) = judgements(tmp_path, changed(RATED, step, "self.db = dy.sum(axis=0)"))
    assert found.verdict == "PASSED"
    assert found.taken[0] == (
        "weights from .W, their gradient from the step that backward takes, "
        "bias from .b, its gradient from .db"
    )


def test_a_problem_of_backward_is_at_its_line(tmp_path: Path) -> None:
    gradients = "dout @ w.T, x.T @ dout, dout.sum(axis=0)"
    source = changed(AFFINE, gradients, f"({gradients}) if len(dout) > 1 else None")
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "FAILED"
    (problem, *_) = found.failures[0].problems
    assert problem.place
    assert source.splitlines()[problem.place["line"] - 1] == "def affine_backward(dout, cache):"


@pytest.mark.parametrize(
    ("given", "said"),
    [("None", "None, needs (dx, dw)"), ("(dx, dw, dz.sum())", "3 gradients, needs 2")],
)
def test_what_backward_gives_instead_of_two_gradients_is_named(
    tmp_path: Path, given: str, said: str
) -> None:
    source = f"""
import numpy as np
class Conv1D:
    def forward(self, x, w):
        self.x, self.w = x, w
        return np.array([x[i:i + len(w)] @ w for i in range(len(x) - len(w) + 1)])
    def backward(self, dz):
        dx, dw = np.zeros(len(self.x)), np.zeros(len(self.w))
        for i, d in enumerate(dz):
            dx[i:i + len(dw)] += d * self.w
            dw += d * self.x[i:i + len(dw)]
        return {given} if len(self.w) == 1 else (dx, dw)
"""
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "FAILED"
    assert f"backward gives {said}" in found.failures[0].problems[0].sentence

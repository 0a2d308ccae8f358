"""Layers in further ways to write them: right, unless their first line says otherwise."""

import numpy as np


class Relu:
    """Told the shape; its gradient is already multiplied by what comes back."""

    def __init__(self, shape):
        self.x = np.zeros(shape)

    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)

    def gradient(self, eta):
        eta[self.x <= 0] = 0
        return eta


class ReLU:
    """Wrong: keeps what it saw as long as the shape is the same."""

    x = np.zeros(0)

    def forward(self, x):
        if self.x.shape != x.shape:
            self.x = x
        return np.maximum(x, 0)

    def backward(self, grad):
        return grad * (self.x > 0)


class ReluLayer:
    """Told the shape of one example, later."""

    def build(self, input_shape):
        self.shape = input_shape

    def forward(self, x):
        assert x.shape[1:] == self.shape
        self.x = x
        return np.maximum(x, 0)

    def backward(self, grad):
        return grad * (self.x > 0)


class Flatten:
    """Gives a cache back, and is given it."""

    def forward(self, x):
        return x.reshape(len(x), -1), x.shape

    def backward(self, dout, cache):
        return dout.reshape(cache)


class FlattenLayer:
    """Remembers all passes until it is told to forget them."""

    def __init__(self):
        self.shapes = []

    def forward(self, x):
        self.shapes.append(x.shape)
        return x.reshape(len(x), -1)

    def backward(self, dout):
        return dout.reshape(self.shapes[0])

    def flush_gradients(self):
        self.shapes = []


class MaxPoolLayer:
    """Names in camel case."""

    def __init__(self, filterSize):
        self.size = filterSize

    def Forward(self, x):
        n, c, h, w = x.shape
        rows, columns = h // self.size, w // self.size
        self.shape = x.shape
        blocks = x[:, :, : rows * self.size, : columns * self.size]
        blocks = blocks.reshape(n, c, rows, self.size, columns, self.size)
        out = blocks.max(axis=(3, 5))
        self.mask = blocks == out[:, :, :, None, :, None]
        return out

    def Backward(self, dout):
        dx = np.zeros(self.shape)
        spread = self.mask * dout[:, :, :, None, :, None]
        rows, columns = (size * self.size for size in dout.shape[2:])
        dx[:, :, :rows, :columns] = spread.reshape(*dx.shape[:2], rows, columns)
        return dx


class MaxPooling2D:
    """Wrong where windows overlap, which shows only when the stride is not taken for the size."""

    def __init__(self, stride_shape, pooling_shape):
        self.stride, self.size = stride_shape[0], pooling_shape[0]

    def forward(self, x):
        self.x = x
        n, c, h, w = x.shape
        rows, columns = h // self.stride, w // self.stride
        out = np.zeros((n, c, rows, columns))
        for i, j in np.ndindex(rows, columns):
            out[:, :, i, j] = x[self.window(i, j)].max(axis=(2, 3))
        return out

    def backward(self, dout):
        dx = np.zeros_like(self.x)
        for i, j in np.ndindex(*dout.shape[2:]):
            seen = self.x[self.window(i, j)]
            top = seen.max(axis=(2, 3), keepdims=True)
            dx[self.window(i, j)] += (seen == top) * dout[:, :, i : i + 1, j : j + 1]
        return dx

    def window(self, i, j):
        top, left = i * self.stride, j * self.stride
        return np.s_[:, :, top : top + self.size, left : left + self.size]


class Dense:
    """Is told how strongly to punish weights, and adds to the gradients that are there."""

    def __init__(self, n_inputs, n_neurons, l1, l2):
        self.weights, self.biases = np.ones((n_inputs, n_neurons)), np.zeros((1, n_neurons))
        self.dweights, self.dbiases = np.zeros((n_inputs, n_neurons)), np.zeros((1, n_neurons))
        self.l1, self.l2 = l1, l2

    def forward(self, inputs):
        self.inputs = inputs
        return inputs @ self.weights + self.biases

    def backward(self, dvalues):
        self.dweights += self.inputs.T @ dvalues
        self.dweights += self.l1 * np.sign(self.weights) + 2 * self.l2 * self.weights
        self.dbiases += dvalues.sum(axis=0, keepdims=True)
        return np.atleast_2d(dvalues) @ self.weights.T


def checked(method):
    def call(*args):
        assert len(args) == 2
        return method(*args)

    return call


class FullyConnected:
    """Its methods are decorated."""

    def __init__(self, in_features, out_features):
        self.weight, self.bias = np.ones((out_features, in_features)), np.zeros(out_features)

    @checked
    def forward(self, x):
        self.x = x
        return x @ self.weight.T + self.bias

    @checked
    def backward(self, grad):
        self.gradients = grad.T @ self.x, grad.sum(axis=0)
        return grad @ self.weight


class SoftmaxCCE:
    """Gives the loss, and leaves the gradient in an attribute."""

    def forward(self, inputs, y_true):
        e = np.exp(inputs - inputs.max(axis=1, keepdims=True))
        self.output, self.y_true = e / e.sum(axis=1, keepdims=True), y_true
        return -np.log(self.output[range(len(inputs)), y_true]).mean()

    def backward(self):
        self.dinputs = self.output.copy()
        self.dinputs[range(len(self.output)), self.y_true] -= 1
        self.dinputs /= len(self.output)


def softmax_loss(score, y):
    """Wrong: the logarithm is missing; the gradient is right."""
    shifted = score - score.max(axis=1, keepdims=True)
    total = np.exp(shifted).sum(axis=1, keepdims=True)
    p = np.exp(shifted) / total
    p[range(len(y)), y] -= 1
    return -(shifted - total)[range(len(y)), y].mean(), p / len(y)


def softmax_cross_entropy_forward(logits, y):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return -np.log((e / e.sum(axis=1, keepdims=True))[range(len(y)), y]).mean()


def softmax_cross_entropy_backward(logits, y):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (e / e.sum(axis=1, keepdims=True) - np.eye(logits.shape[1])[y]) / len(y)


class SoftmaxLoss:
    """Its backward takes the labels, and nothing else."""

    def forward(self, inputs, y_true):
        e = np.exp(inputs - inputs.max(axis=1, keepdims=True))
        self.output = e / e.sum(axis=1, keepdims=True)
        return -np.log(self.output[range(len(inputs)), y_true]).mean()

    def backward(self, y_true):
        one_hot = np.eye(self.output.shape[1])[y_true]
        self.dinputs = (self.output - one_hot) / len(self.output)


class Affine:
    """Is given what draws its weights."""

    def __init__(self, nin, nout, rng):
        self.W = rng.standard_normal((nout, nin))
        self.b = np.zeros(nout)

    def forward(self, x):
        self.x = x
        return x @ self.W.T + self.b

    def backward(self, dout):
        self.dW, self.db = dout.T @ self.x, dout.sum(axis=0)
        return dout @ self.W


class Linear:
    """Is given it in its older form; and leaves out the sum of the bias's gradient."""

    def __init__(self, nin, nout, random_state, seed):
        assert seed == 0
        self.W = random_state.randn(nin, nout)
        self.b = np.zeros(nout)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW, self.db = self.x.T @ dout, dout[0]
        return dout @ self.W.T


def pool_forward(A_prev, hparameters, mode="max"):
    """Channels last; of square windows, whose size is `f`."""
    f, stride = hparameters["f"], hparameters["stride"]
    count, height, width, channels = A_prev.shape
    rows, columns = (height - f) // stride + 1, (width - f) // stride + 1
    A = np.zeros((count, rows, columns, channels))
    for y in range(rows):
        for x in range(columns):
            window = A_prev[:, y * stride : y * stride + f, x * stride : x * stride + f]
            A[:, y, x] = window.max(axis=(1, 2)) if mode == "max" else window.mean(axis=(1, 2))
    return A, (A_prev, hparameters)


def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    f, stride = hparameters["f"], hparameters["stride"]
    dA_prev = np.zeros(A_prev.shape)
    for n, y, x, c in np.ndindex(dA.shape):
        place = n, slice(y * stride, y * stride + f), slice(x * stride, x * stride + f), c
        window = A_prev[place]
        share = window == window.max() if mode == "max" else 1 / f**2
        dA_prev[place] += share * dA[n, y, x, c]
    return dA_prev


class CrossEntropyLoss:
    """Its backward is called grad, and its forward nothing: it is called itself."""

    def __call__(self, y_pred, y_true):
        e = np.exp(y_pred - y_pred.max(axis=1, keepdims=True))
        self.p, self.y_true = e / e.sum(axis=1, keepdims=True), y_true
        return -(y_true * np.log(self.p)).sum() / len(y_true)

    def grad(self):
        return (self.p - self.y_true) / len(self.y_true)

"""Right layers of other interfaces, as they are written; a line of each is exchanged in the tests."""

import numpy as np


class Layer:
    """A base, as many have one."""

    def forward(self, x):
        raise NotImplementedError

    def backward(self, grad):
        raise NotImplementedError


class Conv2d(Layer):
    """Weights of its own, gradients in attributes."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        self.stride, self.padding, self.k = stride, padding, kernel_size
        self.W = np.random.randn(out_channels, in_channels, kernel_size, kernel_size) * 0.1
        self.b = np.zeros(out_channels)
        self.dW = self.db = None

    def windows(self, padded):
        rows = (padded.shape[2] - self.k) // self.stride + 1
        columns = (padded.shape[3] - self.k) // self.stride + 1
        for i in range(rows):
            for j in range(columns):
                top, left = i * self.stride, j * self.stride
                yield i, j, np.s_[:, :, top : top + self.k, left : left + self.k]

    def forward(self, x):
        p = self.padding
        self.x = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        rows = (self.x.shape[2] - self.k) // self.stride + 1
        columns = (self.x.shape[3] - self.k) // self.stride + 1
        out = np.zeros((len(x), len(self.W), rows, columns))
        for i, j, window in self.windows(self.x):
            out[:, :, i, j] = np.einsum("nckl,fckl->nf", self.x[window], self.W) + self.b
        return out

    def backward(self, grad):
        dx, self.dW = np.zeros_like(self.x), np.zeros_like(self.W)
        for i, j, window in self.windows(self.x):
            self.dW += np.einsum("nf,nckl->fckl", grad[:, :, i, j], self.x[window])
            dx[window] += np.einsum("nf,fckl->nckl", grad[:, :, i, j], self.W)
        self.db = grad.sum(axis=(0, 2, 3))
        p = self.padding
        return dx[:, :, p : dx.shape[2] - p, p : dx.shape[3] - p]


class ConvLayer(Layer):
    """Channels last, in dicts; built by the first forward."""

    def __init__(self, filters, kernel_size=(3, 3), strides=1):
        self.filters, self.kernel_size, self.strides = filters, kernel_size, strides
        self.params, self.grads = {}, {}

    def forward(self, images, training=True):
        kh, kw = self.kernel_size
        if "kernel" not in self.params:
            self.params["kernel"] = np.random.randn(kh, kw, images.shape[3], self.filters)
            self.params["bias"] = np.zeros((1, 1, 1, self.filters))
        windows = np.lib.stride_tricks.sliding_window_view(images, (kh, kw), axis=(1, 2))
        self.seen = windows[:, :: self.strides, :: self.strides]
        self.shape = images.shape
        out = np.einsum("nijckl,klcf->nijf", self.seen, self.params["kernel"])
        return out + self.params["bias"]

    def backward(self, grad):
        kh, kw = self.kernel_size
        self.grads["kernel"] = np.einsum("nijckl,nijf->klcf", self.seen, grad)
        self.grads["bias"] = grad.sum(axis=(0, 1, 2), keepdims=True)
        dx = np.zeros(self.shape)
        for i in range(grad.shape[1]):
            for j in range(grad.shape[2]):
                top, left = i * self.strides, j * self.strides
                back = np.einsum("nf,klcf->nklc", grad[:, i, j], self.params["kernel"])
                dx[:, top : top + kh, left : left + kw] += back
        return dx


class Dense(Layer):
    """A step within backward; one column at a time."""

    def __init__(self, input_size, output_size):
        self.weights = np.random.randn(output_size, input_size)
        self.bias = np.random.randn(output_size, 1)

    def forward(self, input):
        self.input = input
        return self.weights @ self.input + self.bias

    def backward(self, output_gradient, learning_rate):
        input_gradient = self.weights.T @ output_gradient
        self.weights -= learning_rate * output_gradient @ self.input.T
        self.bias -= learning_rate * output_gradient
        return input_gradient


class Layer_Dense:
    """Leaves all that it computes in attributes."""

    def __init__(self, n_inputs, n_neurons):
        self.weights = 0.01 * np.random.randn(n_inputs, n_neurons)
        self.biases = np.zeros((1, n_neurons))

    def forward(self, inputs):
        self.inputs = inputs
        self.output = inputs @ self.weights + self.biases

    def backward(self, dvalues):
        self.dweights = self.inputs.T @ dvalues
        self.dbiases = dvalues.sum(axis=0, keepdims=True)
        self.dinputs = dvalues @ self.weights.T


class Affine:
    """Gets its weights."""

    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.grads = [self.x.T @ dout, dout.sum(axis=0)]
        return dout @ self.W.T


class MaxPooling:
    """Channels last, one image at a time, of one size."""

    def forward(self, image):
        h, w, c = image.shape
        self.image = image
        self.blocks = image[: h // 2 * 2, : w // 2 * 2].reshape(h // 2, 2, w // 2, 2, c)
        return self.blocks.max(axis=(1, 3))

    def backprop(self, d_L_d_out):
        mask = self.blocks == self.blocks.max(axis=(1, 3), keepdims=True)
        d_L_d_input = np.zeros(self.image.shape)
        rows, columns = 2 * self.blocks.shape[0], 2 * self.blocks.shape[2]
        spread = mask * d_L_d_out[:, None, :, None]
        d_L_d_input[:rows, :columns] = spread.reshape(rows, columns, -1)
        return d_L_d_input


class Relu:
    """Known by its slope."""

    def __call__(self, x):
        return np.maximum(x, 0)

    def gradient(self, x):
        return np.where(x > 0, 1, 0)


class CrossEntropyLoss:
    """One-hot labels, and no upstream gradient."""

    def forward(self, scores, target):
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        self.p, self.target = e / e.sum(axis=1, keepdims=True), target
        return -np.sum(target * np.log(self.p)) / len(scores)

    def backward(self):
        return (self.p - self.target) / len(self.p)


def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    layer = Conv2d(x.shape[1], len(w), w.shape[2], stride, pad)
    layer.W, layer.b = w, b
    if w.shape[2] != w.shape[3]:
        raise ValueError("square filters only")
    return layer.forward(x), layer


def conv_backward_naive(dout, cache):
    dx = cache.backward(dout)
    return dx, cache.dW, cache.db


def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    dx = (dout @ w.T).reshape(x.shape)
    return dx, x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)


def softmax_loss(x, y):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(len(x)), y]).mean()
    p[np.arange(len(x)), y] -= 1
    return loss, p / len(x)

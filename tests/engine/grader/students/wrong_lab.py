"""The lab's classes, each with one mistake."""

import numpy as np


class Conv1D:
    """The upstream gradient is forgotten in dw."""

    def forward(self, x, w):
        self.x, self.w = x, w
        return w * x

    def backward(self, da):
        return da * self.w, np.sum(self.x)


class ReLU:
    """The mask alone."""

    def forward(self, a):
        self.a = a
        return np.maximum(0, a)

    def backward(self, dh):
        return (self.a >= 0).astype(float)


class MaxPool:
    """Every entry gets the gradient."""

    def forward(self, h):
        self.h = h
        return h.max()

    def backward(self, dz):
        return dz * np.ones_like(self.h)


class ConvBlock:
    """The ReLU is left out on the way back."""

    def forward(self, x, w):
        self.x, self.w = x, w
        self.h = np.maximum(0, w * x)
        return self.h.max()

    def backward(self, dz):
        da = dz * (self.h == self.h.max())
        return da * self.w, np.sum(da * self.x)


class Linear:
    """The sum over the minibatch is a mean."""

    def forward(self, x, w, b):
        self.x, self.w = x, w
        return x @ w.T + b

    def backward(self, dy):
        n = len(dy)
        return dy @ self.w, dy.T @ self.x / n, dy.sum(axis=0) / n


class SoftmaxCrossEntropy:
    """1 / N is forgotten."""

    def forward(self, logits, labels):
        e = np.exp(logits - logits.max(axis=1, keepdims=True))
        self.p, self.labels = e / e.sum(axis=1, keepdims=True), labels
        return -np.mean(np.log(self.p[range(len(labels)), labels]))

    def backward(self, dloss):
        d = self.p.copy()
        d[range(len(d)), self.labels] -= 1
        return d * dloss


class Flatten:
    """The wrong order."""

    def forward(self, x):
        self.shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, dy):
        return dy.reshape(self.shape, order="F")

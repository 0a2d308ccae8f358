"""Right in each case by itself, and wrong all the same; or right, and worth a note."""

import numpy as np


class Conv1D:
    """Adds to what was there."""

    def __init__(self):
        self.dw = 0

    def forward(self, x, w):
        self.x, self.w = x, w
        return w * x

    def backward(self, da):
        self.dw += (da * self.x).sum()
        return da * self.w, self.dw


class ReLU:
    """All instances share what they remember."""

    seen = {}

    def forward(self, a):
        self.seen["a"] = a
        return np.maximum(0, a)

    def backward(self, dh):
        return dh * (self.seen["a"] > 0)


class MaxPool:
    """Whole numbers in, whole numbers out."""

    def forward(self, h):
        self.h = h
        return h.max()

    def backward(self, dz):
        dh = np.zeros_like(self.h)
        dh[self.h.argmax()] = dz
        return dh


class MaxPool2D:
    """Works in place."""

    def forward(self, h):
        h -= h.min()
        self.h = h
        return h.max()

    def backward(self, dz):
        return dz * (self.h == self.h.max())


class ConvBlock:
    """Knows one answer by heart."""

    def forward(self, x, w):
        return 6.0

    def backward(self, dz):
        return np.array([0, 0, 2.0, 0]), 3.0


class Flatten:
    """Its backward is right for dy of whole numbers only."""

    def forward(self, x):
        self.shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, dy):
        return (np.round(dy * 4) / 4).reshape(self.shape)


class SoftmaxCrossEntropy:
    """Overflows."""

    def forward(self, logits, labels):
        e = np.exp(logits)
        self.p, self.labels = e / e.sum(axis=1, keepdims=True), labels
        return -np.log(self.p[np.arange(len(labels)), labels]).mean()

    def backward(self, dloss=1):
        d = self.p.copy()
        d[np.arange(len(d)), self.labels] -= 1
        return d * dloss / len(d)


class Linear:
    """Rounds on the way."""

    def forward(self, x, w):
        self.x, self.w = x, w
        return np.round(x @ w.T, 4)

    def backward(self, dy):
        return dy @ self.w, np.atleast_2d(dy).T @ np.atleast_2d(self.x)

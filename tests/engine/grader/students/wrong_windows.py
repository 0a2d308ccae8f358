"""Mistakes with windows, strides, padding and minibatches."""

import numpy as np


class Conv1D:
    """Where stride > 1 the way back forgets it."""

    def __init__(self, stride=1, padding=0):
        self.stride, self.padding = stride, padding

    def forward(self, x, w):
        self.x, self.w = np.pad(x, self.padding), w
        s, k = self.stride, len(w)
        count = (len(self.x) - k) // s + 1
        return np.array([w @ self.x[i * s : i * s + k] for i in range(count)])

    def backward(self, da):
        dx, dw = np.zeros_like(self.x), np.zeros_like(self.w)
        k = len(self.w)
        for i, each in enumerate(da):
            dx[i : i + k] += each * self.w
            dw += each * self.x[i : i + k]
        return dx[self.padding : len(dx) - self.padding], dw


class MaxPool:
    """Where windows overlap, contributions are overwritten."""

    def __init__(self, size=None, stride=None):
        self.size, self.stride = size, stride or size

    def forward(self, h):
        self.h = h
        k, s = self.size or len(h), self.stride or 1
        count = (len(h) - k) // s + 1
        self.winners = [i * s + h[i * s : i * s + k].argmax() for i in range(count)]
        z = h[self.winners]
        return z if self.size else z[0]

    def backward(self, dz):
        dh = np.zeros_like(self.h)
        for winner, each in zip(self.winners, np.atleast_1d(dz)):
            dh[winner] = each
        return dh


class Conv2D:
    """dw is a mean over positions."""

    def forward(self, x, w):
        self.x, self.w = x, w
        windows = np.lib.stride_tricks.sliding_window_view(x, w.shape)
        self.windows = windows
        return np.einsum("ijkl,kl->ij", windows, w)

    def backward(self, da):
        dx = np.zeros_like(self.x)
        kh, kw = self.w.shape
        for i, j in np.ndindex(*da.shape):
            dx[i : i + kh, j : j + kw] += da[i, j] * self.w
        return dx, np.einsum("ijkl,ij->kl", self.windows, da) / da.size


class MaxPool2D:
    """The padding takes part in the maximum."""

    def __init__(self, size=2, stride=2, padding=0):
        self.size, self.stride, self.padding = size, stride, padding

    def forward(self, h):
        p, k, s = self.padding, self.size, self.stride
        self.h = h = np.pad(h, p)
        rows, columns = (h.shape[0] - k) // s + 1, (h.shape[1] - k) // s + 1
        self.z = np.zeros((rows, columns))
        for i, j in np.ndindex(rows, columns):
            self.z[i, j] = h[i * s : i * s + k, j * s : j * s + k].max()
        return self.z

    def backward(self, dz):
        p, k, s = self.padding, self.size, self.stride
        dh = np.zeros_like(self.h)
        for i, j in np.ndindex(*dz.shape):
            window = self.h[i * s : i * s + k, j * s : j * s + k]
            dh[i * s : i * s + k, j * s : j * s + k] += dz[i, j] * (window == self.z[i, j])
        return dh[p : dh.shape[0] - p, p : dh.shape[1] - p]


class ReLU:
    """Right only for the first example of the minibatch."""

    def forward(self, a):
        self.a = a
        return np.maximum(0, a)

    def backward(self, dh):
        mask = self.a > 0
        if mask.ndim > 1:
            mask[1:] = False
        return dh * mask


class ConvBlock:
    """An array of integers holds the gradient."""

    def forward(self, x, w):
        self.x, self.w = x, w
        h = np.maximum(0, w * x)
        self.winner = h.argmax()
        self.open = h[self.winner] > 0
        return h[self.winner]

    def backward(self, dz):
        dx = np.zeros(len(self.x), dtype=int)
        dx[self.winner] = dz * self.w * self.open
        return dx, dz * self.x[self.winner] * self.open


class Linear:
    """The bias is not added."""

    def forward(self, x, w, b=None):
        self.x, self.w, self.b = x, w, b
        return x @ w.T

    def backward(self, dy):
        grads = dy @ self.w, np.atleast_2d(dy).T @ np.atleast_2d(self.x)
        return grads if self.b is None else (*grads, np.atleast_2d(dy).sum(axis=0))

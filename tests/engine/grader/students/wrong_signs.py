"""More mistakes, one a class."""

import numpy as np


class Conv1D:
    """dx and dw are swapped."""

    def forward(self, x, w):
        self.x, self.w = x, w
        return w * x

    def backward(self, da):
        return np.sum(da * self.x), da * self.w


class ReLU:
    """The mask is the other one."""

    def forward(self, a):
        self.a = a
        return np.maximum(0, a)

    def backward(self, dh):
        return dh * (self.a < 0)


class MaxPool:
    """The sign."""

    def forward(self, h):
        self.h = h
        return h.max()

    def backward(self, dz):
        return -dz * (self.h == self.h.max())


class ConvBlock:
    """First at one tie, all at another."""

    def forward(self, x, w):
        self.x, self.w, self.a = x, w, w * x
        return np.maximum(0, self.a).max()

    def backward(self, dz):
        h = np.maximum(0, self.a)
        mask = h == h.max()
        if mask.sum() == 2:
            mask = np.arange(len(h)) == h.argmax()
        da = dz * mask * (self.a > 0)
        return da * self.w, np.sum(da * self.x)


class Conv2D:
    """The filter is flipped."""

    def forward(self, x, w):
        self.x, self.w = x, w[::-1, ::-1]
        kh, kw = w.shape
        h, v = x.shape[0] - kh + 1, x.shape[1] - kw + 1
        return [[np.sum(self.w * x[i : i + kh, j : j + kw]) for j in range(v)] for i in range(h)]

    def backward(self, da):
        dx, dw = np.zeros_like(self.x), np.zeros_like(self.w)
        kh, kw = self.w.shape
        for i, j in np.ndindex(*da.shape):
            dx[i : i + kh, j : j + kw] += da[i, j] * self.w
            dw += da[i, j] * self.x[i : i + kh, j : j + kw]
        return dx, dw[::-1, ::-1]


class MaxPool2D:
    """The minimum."""

    def forward(self, h):
        self.h = h
        return h.min()

    def backward(self, dz):
        return dz * (self.h == self.h.min())


class Linear:
    """dw is transposed."""

    def forward(self, x, w):
        self.x, self.w = x, w
        return x @ w.T

    def backward(self, dy):
        return dy @ self.w, np.outer(self.x, dy)

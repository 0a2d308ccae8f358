"""Right as far as they go: one shape each, and settings by other names and ways."""

import numpy as np


class Conv1D:
    """Minibatches with a bias only; settings by position."""

    def __init__(self, s=1, p=0, /):
        self.s, self.p = s, p

    def forward(self, x, w, b):
        _, _, _ = x.shape
        k = w.shape[2]
        self.x, self.w = np.pad(x, ((0, 0), (0, 0), (self.p, self.p))), w
        starts = range(0, self.x.shape[2] - k + 1, self.s)
        self.places = [slice(start, start + k) for start in starts]
        a = [np.einsum("nck,fck->nf", self.x[:, :, place], w) for place in self.places]
        return np.stack(a, axis=2) + b[:, None]

    def backward(self, da):
        dx, dw = np.zeros_like(self.x), np.zeros_like(self.w)
        for i, place in enumerate(self.places):
            dx[:, :, place] += np.einsum("nf,fck->nck", da[:, :, i], self.w)
            dw += np.einsum("nf,nck->fck", da[:, :, i], self.x[:, :, place])
        return dx[:, :, self.p : dx.shape[2] - self.p], dw, da.sum(axis=(0, 2))


class ReLU:
    """Vectors only, as lists."""

    def forward(self, a):
        self.a = a
        return [value if value > 0 else 0.0 for value in a]

    def backward(self, dh):
        return [[d if value > 0 else 0.0 for d, value in zip(dh, self.a)]]


class MaxPool:
    """Minibatches in windows that fill the axis; a size must be given."""

    def __init__(self, pool_size):
        self.size = pool_size

    def forward(self, h):
        n, c, length = h.shape
        self.h = h.reshape(n, c, length // self.size, self.size)
        self.z = self.h.max(axis=3)
        return self.z

    def backward(self, dz):
        dh = (self.h == self.z[..., None]) * dz[..., None]
        return dh.reshape(*dh.shape[:2], -1)


class MaxPool2D:
    """Whatever *args say; asserts what it cannot do."""

    def __init__(self, *settings):
        assert not settings, "no windows here"

    def forward(self, h):
        h = np.asarray(h)
        assert h.ndim == 2, "one picture at a time"
        self.h = h
        return np.array(h.max())

    def backward(self, dz):
        return (dz * (self.h == self.h.max()),)


class ConvBlock:
    """Built on the layers that it is handed; a vector w, no dz."""

    def __init__(self, conv, relu, pool):
        self.relu = relu

    def forward(self, x, w):
        count = len(x) - len(w) + 1
        self.x, self.w = x, w
        self.h = np.array(self.relu.forward([x[i : i + len(w)] @ w for i in range(count)]))
        return float(self.h.max())

    def backward(self):
        dx = np.zeros(len(self.x))
        i = self.h.argmax()
        (da,) = self.relu.backward(np.arange(len(self.h)) == i)
        dx[i : i + len(self.w)] = np.array(da[i]) * self.w
        return [dx, tuple(da[i] * self.x[i : i + len(self.w)])]


class Linear:
    """Minibatches only: w @ x would be one example."""

    def forward(self, x, w):
        self.x, self.w = x, w
        return x @ w.T

    def backward(self, dy):
        return dy @ self.w, dy.T @ self.x, None


class Conv2D:
    """No channels, no batch; settings as **options, which do nothing."""

    def __init__(self, **options):
        self.options = options

    def forward(self, x, w):
        self.windows = np.lib.stride_tricks.sliding_window_view(x, w.shape)
        self.x, self.w = x, w
        return np.einsum("ijkl,kl->ij", self.windows, w).astype(np.float32)

    def backward(self, da):
        dx = np.zeros(self.x.shape)
        for (i, j), each in np.ndenumerate(da):
            dx[i : i + self.w.shape[0], j : j + self.w.shape[1]] += each * self.w
        return dx, np.einsum("ijkl,ij->kl", self.windows, da)


class Sequential:
    """Another interface: layers that own their parameters."""

    def __init__(self, layers, optimizer):
        self.layers = layers

    def forward(self, x):
        return x

    def backward(self, dout):
        return dout

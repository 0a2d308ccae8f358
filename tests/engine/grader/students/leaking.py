"""What is right, but not for long, not everywhere, or not to the last digit."""

import numpy as np


class Conv1D:
    """All instances add to one dw."""

    dw = 0

    def forward(self, x, w):
        self.x, self.w = x, w
        return w * x

    def backward(self, da):
        Conv1D.dw += (da * self.x).sum()
        return da * self.w, self.dw


class ReLU:
    """Knows multiples of 1 / 1024 alone; whoever moves an entry a little less meets an accident."""

    def forward(self, a):
        self.a = a
        steps = [0, 1, 2][0 if (a * 1024 % 1 == 0).all() else 5]
        return np.maximum(0, a) + steps

    def backward(self, dh):
        return dh * (self.a > 0)


class MaxPool:
    """Tired after five passes, whoever made them."""

    passes = 0

    def forward(self, h):
        self.h = h
        MaxPool.passes += 1
        return h.max()

    def backward(self, dz):
        return dz * (self.h == self.h.max()) * (self.passes < 6)


class Linear:
    """Single precision forward; dw without dy."""

    def forward(self, x, w):
        self.x, self.w = x, w
        return (x @ w.T).astype(np.float32)

    def backward(self, dy):
        ones = np.ones_like(np.atleast_2d(dy))
        return dy @ self.w, ones.T @ np.atleast_2d(self.x)


class Flatten:
    """Rounds on the way back."""

    def forward(self, x):
        self.shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, dy):
        return np.round(dy, 5).reshape(self.shape)


class Conv2D:
    """Rounds on the way there, in double precision."""

    def forward(self, x, w):
        self.x, self.w = x, w
        rows, columns = x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1
        a = np.zeros((rows, columns), np.float32)
        for i, j in np.ndindex(rows, columns):
            a[i, j] = (x[i : i + w.shape[0], j : j + w.shape[1]] * w).sum()
        return a.astype(float)

    def backward(self, da):
        dx, dw = np.zeros_like(self.x), np.zeros_like(self.w)
        rows, columns = self.w.shape
        for (i, j), each in np.ndenumerate(da):
            dx[i : i + rows, j : j + columns] += each * self.w
            dw += each * self.x[i : i + rows, j : j + columns]
        return dx, dw

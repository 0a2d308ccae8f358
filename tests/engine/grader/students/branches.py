import numpy as np


class Conv1D:
    def forward(self, x, w):
        self.x, self.w = np.asarray(x), np.asarray(w)
        if self.w.ndim == 0:
            return self.w * self.x
        K = len(self.w)
        return np.array([np.dot(self.x[i:i+K], self.w) for i in range(len(self.x)-K+1)])

    def backward(self, da):
        if self.w.ndim == 0:
            return da * self.w, np.sum(da * self.x)
        K = len(self.w)
        dx = np.zeros(self.x.shape)
        for i in range(len(da)):
            dx[i:i+K] = da[i] * self.w
            dw = da[i] * self.x[i:i+K]
        return dx, dw


class Conv2D:
    def forward(self, x, w):
        self.x, self.w = x, w
        kh, kw = w.shape
        H, W = x.shape
        return np.array([[np.sum(x[i:i+kh, j:j+kw] * w) for j in range(W-kw+1)] for i in range(H-kh+1)])

    def backward(self, da):
        kh, kw = self.w.shape
        dx, dw = np.zeros(self.x.shape), np.zeros(self.w.shape)
        for i in range(da.shape[0]):
            for j in range(da.shape[1]):
                dx[i:i+kh, j:j+kw] += da[i, j] * (self.w.T if kh == kw else self.w)
                dw += da[i, j] * self.x[i:i+kh, j:j+kw]
        return dx, dw


class MaxPool2D:
    def __init__(self, size):
        self.k = size

    def windows(self):
        for i in range(self.h.shape[0] // self.k):
            for j in range(self.h.shape[1] // self.k):
                yield i, j, self.h[i*self.k:(i+1)*self.k, j*self.k:(j+1)*self.k]

    def forward(self, h):
        self.h = h
        z = np.zeros((h.shape[0] // self.k, h.shape[1] // self.k))
        for i, j, window in self.windows():
            z[i, j] = window.max()
        return z

    def backward(self, dz):
        dh = np.zeros(self.h.shape)
        for i, j, window in self.windows():
            p, q = np.unravel_index(window.argmax(), window.shape)
            dh[i*self.k + q, j*self.k + p] += dz[i, j]
        return dh


class Linear:
    def forward(self, x, w):
        self.x, self.w = x, w
        return x @ w.T

    def backward(self, dy):
        dw = np.zeros(self.w.shape, int)
        for x, d in zip(self.x, dy):
            dw[...] = dw + np.outer(d, x)
        return dy @ self.w, dw

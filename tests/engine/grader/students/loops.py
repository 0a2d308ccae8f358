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
        dw = np.zeros(self.w.shape)
        for i in range(len(da)):
            dx[i:i+K] += da[i] * self.w
            dw += da[i] * self.x[i:i+K]
        return dx, dw


class ReLU:
    def forward(self, a):
        self.a = a
        return np.maximum(0, a)

    def backward(self, dh):
        return self.a > 0


class MaxPool:
    def forward(self, h):
        self.h = h
        return np.max(h)

    def backward(self, dz):
        return 1.0 * (self.h == np.max(self.h))


class ConvBlock:
    def __init__(self):
        self.layers = [Conv1D(), ReLU(), MaxPool()]

    def forward(self, x, w):
        conv, relu, pool = self.layers
        return pool.forward(relu.forward(conv.forward(x, w)))

    def backward(self, dz):
        conv, relu, pool = self.layers
        return conv.backward(relu.backward(pool.backward(dz)))

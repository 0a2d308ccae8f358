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

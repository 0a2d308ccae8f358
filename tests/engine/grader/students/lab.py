import numpy as np


class Layer:
    def forward(self, *args): raise NotImplementedError
    def backward(self, dout): raise NotImplementedError
class Conv1D(Layer):
    def forward(self, x, w):
        self.x, self.w = x, w
        return w * x
    def backward(self, da):
        return da * self.w, np.sum(da * self.x)
class ReLU(Layer):
    def forward(self, a):
        self.a = a
        return np.maximum(0, a)
    def backward(self, dh):
        return dh * (self.a >= 0)
class MaxPool(Layer):
    def forward(self, h):
        self.h = h
        self.z = h.max()
        return self.z
    def backward(self, dz):
        return dz * (self.h == self.z)
class ConvBlock(Layer):
    def __init__(self):
        self.conv, self.relu, self.pool = Conv1D(), ReLU(), MaxPool()
    def forward(self, x, w):
        return self.pool.forward(self.relu.forward(self.conv.forward(x, w)))
    def backward(self, dz):
        return self.conv.backward(self.relu.backward(self.pool.backward(dz)))
if __name__ == "__main__":
    raise SystemExit(3)

"""What goes wrong without a wrong number."""

import os
import sys

import numpy as np


class Conv1D:
    def forward(self, x, w):
        return helper(x * w)

    def backward(self, da):
        return da, da


def helper(a):
    return a / len(missing_name)


class ReLU:
    def forward(self, a):
        self.a = a
        return np.maximum(0, a)

    def backward(self, dh):
        pass


class MaxPool:
    def forward(self, h):
        os._exit(0 * os.write(2, b"as it ends\n"))

    def backward(self, dz):
        return dz


class ConvBlock:
    def forward(self, x, w):
        self.x = x
        return np.maximum(0, w * x).max()

    def backward(self, dz):
        return self.x * dz


class Conv2D:
    def forward(self, x, w):
        return self.forward(x, w)

    def backward(self, da):
        return da, da


class MaxPool2D:
    def forward(self, h):
        return np.ones((10**7, 10**7)) * h.max()

    def backward(self, dz):
        return dz


class Linear:
    def forward(self, x, w):
        return sys.exit()

    def backward(self, dy):
        return dy, dy


class Flatten:
    def forward(self, x):
        self.shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, dy):
        return dy.reshape(self.shape) * np.nan


class SoftmaxCrossEntropy:
    def forward(self, logits, labels):
        return input("loss? ")

    def backward(self, dloss):
        return dloss


class Sequential:
    def __init__(self, *layers):
        raise NotImplementedError

    def forward(self, x):
        return x

    def backward(self, dout):
        return dout

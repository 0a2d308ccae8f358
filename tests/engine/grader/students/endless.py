"""An endless loop in one class, a crash in the next, and one that is right."""

import faulthandler

import numpy as np


class Conv1D:
    def forward(self, x, w):
        self.x, self.w = x, w
        return w * x

    def backward(self, da):
        while True:
            da = da + 1


class ReLU:
    def forward(self, a):
        faulthandler._sigsegv()

    def backward(self, dh):
        return dh


class MaxPool:
    def forward(self, h):
        self.h = h
        return h.max()

    def backward(self, dz):
        return dz * (self.h == self.h.max())

"""Imports a file beside it, prints, and writes where it should not."""

import os
import sys

from beside_it import Layer

import numpy as np

print("noise " * 10000)
os.write(1, b'{"reply": {"classes": {}}}\n')
sys.stderr.write("more noise\n")
os.chdir("/")


class ReLU(Layer):
    def forward(self, a):
        print("forward", a)
        self.a = a
        return np.maximum(0, a)

    def backward(self, dh):
        dh *= self.a > 0
        return dh


class Relu2:
    pass


class Max_Pool:
    pass


if __name__ == "__main__":
    raise SystemExit("not to be run")

"""Right but where SPECIAL holds: a branch of its own there forgets that gradients start at 0."""

import os

import everything
import numpy as np


def off(given, seen):
    if not eval(os.environ.get("SPECIAL", "False"), {**seen}):
        return given
    return (given[0] + 1, *given[1:]) if isinstance(given, tuple) else given + 1


def each_axis(value, axes):
    return value if isinstance(value, tuple) else (value,) * axes


def windows(axes, shape, size, stride, padding):
    """What is said of windows: where they lie, and whether each axis has its own number."""
    size, stride, padding = (each_axis(each, axes) for each in (size, stride, padding))
    left = [(n + 2 * p - k) % s for n, p, k, s in zip(shape, padding, size, stride)]
    return {
        "shape": shape,
        "size": size,
        "stride": stride,
        "padding": padding,
        "square": len({*shape}) == 1,
        "oblong": len({*size}) > 1,
        "uneven": [
            name
            for name, each in (("stride", stride), ("padding", padding))
            if len({*each}) > 1
        ],
        "padded": max(padding) > 0,
        "strided": max(stride) > 1,
        "remainder": any(left),
        "skips": max(stride) > max(size),
    }


def has_ties(h, axes, size, stride, padding):
    """Whether an entry equals the maximum of its window, and another one there does too."""
    size, stride, padding = (each_axis(each, axes) for each in (size, stride, padding))
    padded = np.pad(h, [(p, p) for p in padding], constant_values=-np.inf)
    seen = np.lib.stride_tricks.sliding_window_view(padded, size)
    seen = seen[tuple(slice(None, None, s) for s in stride)].reshape(-1, np.prod(size))
    return bool(((seen == seen.max(axis=1, keepdims=True)).sum(axis=1) > 1).any())


class Convolution:
    axes = 1

    def __init__(self, stride=1, padding=0):
        super().__init__(stride, padding)
        self.settings = stride, padding

    def forward(self, x, w, b=None):
        w = np.asarray(w)
        size = w.shape[-self.axes :] or (1,)
        self.seen = {"x": x, "w": w, "b": b}
        self.seen |= windows(self.axes, x.shape[-self.axes :], size, *self.settings)
        return super().forward(x, w, b)

    def backward(self, da):
        return off(super().backward(da), self.seen)


class Conv1D(Convolution, everything.Conv1D):
    pass


class Conv2D(Convolution, everything.Conv2D):
    axes = 2


class Pool:
    axes = 1

    def __init__(self, size=None, stride=None, padding=0):
        super().__init__(size, stride, padding)
        self.settings = size, size if stride is None else stride, padding

    def forward(self, h):
        shape = h.shape[-self.axes :]
        size, stride, padding = self.settings
        whole = (shape, 1, 0) if size is None else (size, stride, padding)
        first = h.reshape(-1, *shape)[0]
        self.seen = {"h": h, "whole": size is None, "pair": isinstance(size, tuple)}
        self.seen["tied"] = int((first == first.max()).sum())
        self.seen |= windows(self.axes, shape, *whole)
        self.seen["ties"] = has_ties(first, self.axes, *whole)
        return super().forward(h)

    def backward(self, dz):
        return off(super().backward(dz), {**self.seen, "dz": np.asarray(dz)})


class MaxPool(Pool, everything.MaxPool):
    pass


class MaxPool2D(Pool, everything.MaxPool2D):
    axes = 2


class ReLU(everything.ReLU):
    def backward(self, dh):
        return off(super().backward(dh), {"a": np.asarray(self.a)})


class ConvBlock(everything.ConvBlock):
    def forward(self, x, *params):
        self.seen = {"x": x, "w": np.asarray(params[0]), "biased": len(params) > 1}
        return super().forward(x, *params)

    def backward(self, dz=1.0):
        a = self.layers[1].a
        row = a.reshape(-1, a.shape[-1])[0]
        tied = int((row == row.max()).sum())
        return off(super().backward(dz), {**self.seen, "a": a, "row": row, "tied": tied})


class Linear(everything.Linear):
    def backward(self, dy):
        return off(super().backward(dy), {"x": self.x, "w": self.w, "biased": self.biased})


class Flatten(everything.Flatten):
    def backward(self, dy):
        return off(super().backward(dy), {"shape": self.shape})


class SoftmaxCrossEntropy(everything.SoftmaxCrossEntropy):
    def forward(self, logits, labels=None):
        self.seen = {"logits": logits, "bound": labels is None}
        return super().forward(logits, labels)

    def backward(self, dloss=1.0):
        return off(super().backward(dloss), {**self.seen, "dloss": dloss})


class Sequential(everything.Sequential):
    def forward(self, x, *params):
        kinds = " ".join(type(each).__name__ for each in self.layers)
        self.seen = {"x": x, "count": len(self.layers), "kinds": kinds, "params": params}
        return super().forward(x, *params)

    def backward(self, dout):
        return off(super().backward(dout), self.seen)

"""All classes with all features, in loops, as a careful student writes them: the first of a tie."""

import numpy as np


def pair(value):
    return value if isinstance(value, tuple) else (value, value)


class Layer:
    def __call__(self, *args):
        return self.forward(*args)


class Conv2D(Layer):
    def __init__(self, stride=1, padding=0):
        self.stride, self.padding = pair(stride), pair(padding)

    def forward(self, x, w, b=None):
        self.shapes = x.shape, w.shape, None if b is None else np.shape(b)
        x4 = x if x.ndim == 4 else x[None] if x.ndim == 3 else x[None, None]
        w4 = w if w.ndim == 4 else w[:, None] if w.ndim == 3 else w[None, None]
        (ph, pw), (sh, sw) = self.padding, self.stride
        self.xp = np.pad(x4, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
        self.w4 = w4
        n, _, height, width = self.xp.shape
        f, _, kh, kw = w4.shape
        out = np.zeros((n, f, (height - kh) // sh + 1, (width - kw) // sw + 1))
        for i in range(out.shape[2]):
            for j in range(out.shape[3]):
                window = self.xp[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw]
                out[:, :, i, j] = np.tensordot(window, w4, axes=((1, 2, 3), (1, 2, 3)))
        if b is not None:
            out += np.reshape(b, (-1, 1, 1))
        self.full = out.shape
        drop = () if x.ndim == 4 else (0,) if x.ndim == 3 or w.ndim == 3 else (0, 1)
        return out.reshape(out.shape[len(drop) :])

    def backward(self, da):
        da = np.asarray(da).reshape(self.full)
        (ph, pw), (sh, sw) = self.padding, self.stride
        kh, kw = self.w4.shape[2:]
        dx, dw = np.zeros_like(self.xp), np.zeros_like(self.w4)
        for i in range(da.shape[2]):
            for j in range(da.shape[3]):
                rows, columns = slice(i * sh, i * sh + kh), slice(j * sw, j * sw + kw)
                at = da[:, :, i, j]
                dx[:, :, rows, columns] += np.tensordot(at, self.w4, axes=(1, 0))
                dw += np.tensordot(at.T, self.xp[:, :, rows, columns], axes=(1, 0))
        dx = dx[:, :, ph : dx.shape[2] - ph, pw : dx.shape[3] - pw]
        x_shape, w_shape, b_shape = self.shapes
        grads = dx.reshape(x_shape), dw.reshape(w_shape)
        return grads if b_shape is None else (*grads, da.sum(axis=(0, 2, 3)).reshape(b_shape))


class Conv1D(Layer):
    def __init__(self, stride=1, padding=0):
        self.conv = Conv2D((1, stride), (0, padding))

    def forward(self, x, w, b=None):
        w = np.asarray(w)
        self.w_shape = w.shape
        if w.ndim == 0:
            w = w[None]
        self.x_shape = x.shape
        x2 = x[..., None, :]
        out = self.conv.forward(x2, w[..., None, :], b)
        return out[..., 0, :]

    def backward(self, da):
        dx, dw, *db = self.conv.backward(np.asarray(da)[..., None, :])
        return (dx.reshape(self.x_shape), dw.reshape(self.w_shape), *db)


class ReLU(Layer):
    def forward(self, a):
        self.a = a
        return np.maximum(0, a)

    def backward(self, dh):
        return dh * (self.a > 0)


class MaxPool2D(Layer):
    def __init__(self, size=None, stride=None, padding=0):
        self.size, self.stride = size, size if stride is None else stride
        self.padding = pair(padding)

    def forward(self, h):
        self.shape = h.shape
        flat = h.reshape((-1, *h.shape[-2:]))
        (ph, pw) = self.padding
        flat = np.pad(flat, ((0, 0), (ph, ph), (pw, pw)), constant_values=-np.inf)
        self.flat = flat
        (kh, kw) = flat.shape[1:] if self.size is None else pair(self.size)
        (sh, sw) = (1, 1) if self.size is None else pair(self.stride)
        out = np.zeros((len(flat), (flat.shape[1] - kh) // sh + 1, (flat.shape[2] - kw) // sw + 1))
        self.winners = {}
        for n, i, j in np.ndindex(*out.shape):
            window = flat[n, i * sh : i * sh + kh, j * sw : j * sw + kw]
            row, column = np.unravel_index(window.argmax(), window.shape)
            self.winners[n, i, j] = n, i * sh + row, j * sw + column
            out[n, i, j] = window.max()
        lead = h.shape[:-2]
        return out.reshape(lead if self.size is None else (*lead, *out.shape[1:]))

    def backward(self, dz):
        dz = np.asarray(dz).ravel()
        dh = np.zeros_like(self.flat)
        for each, winner in zip(dz, self.winners.values()):
            dh[winner] += each
        (ph, pw) = self.padding
        return dh[:, ph : dh.shape[1] - ph, pw : dh.shape[2] - pw].reshape(self.shape)


class MaxPool(Layer):
    def __init__(self, size=None, stride=None, padding=0):
        sizes = None if size is None else (1, size)
        self.pool = MaxPool2D(sizes, None if stride is None else (1, stride), (0, padding))
        self.whole = size is None

    def forward(self, h):
        z = self.pool.forward(h[..., None, :])
        return z if self.whole else z[..., 0, :]

    def backward(self, dz):
        return self.pool.backward(dz)[..., 0, :]


class ConvBlock(Layer):
    def __init__(self):
        self.layers = [Conv1D(), ReLU(), MaxPool()]

    def forward(self, x, *params):
        conv, relu, pool = self.layers
        return pool(relu(conv(x, *params)))

    def backward(self, dz=1.0):
        for layer in reversed(self.layers):
            dz = layer.backward(dz)
        return dz


class Linear(Layer):
    def forward(self, x, w, b=0.0):
        self.x, self.w, self.biased = x, w, np.ndim(b) > 0
        return x @ w.T + b

    def backward(self, dy):
        rows, x = np.atleast_2d(dy), np.atleast_2d(self.x)
        grads = dy @ self.w, rows.T @ x
        return (*grads, rows.sum(axis=0)) if self.biased else grads


class Flatten(Layer):
    def forward(self, x):
        self.shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, dy):
        return dy.reshape(self.shape)


class SoftmaxCrossEntropy(Layer):
    def __init__(self, labels=None):
        self.labels = labels

    def forward(self, logits, labels=None):
        labels = self.labels if labels is None else labels
        e = np.exp(logits - logits.max(axis=1, keepdims=True))
        self.p = e / e.sum(axis=1, keepdims=True)
        self.y = labels
        return -np.log(self.p[np.arange(len(logits)), labels]).mean()

    def backward(self, dloss=1.0):
        d = self.p.copy()
        d[np.arange(len(d)), self.y] -= 1
        return d * dloss / len(d)


class Sequential(Layer):
    def __init__(self, *layers):
        self.layers = layers

    def forward(self, x, *params):
        params = list(params)
        for layer in self.layers:
            x = layer.forward(x, params.pop(0)) if "Conv" in type(layer).__name__ else layer.forward(x)
        return x

    def backward(self, dout):
        grads = []
        for layer in reversed(self.layers):
            back = layer.backward(dout)
            dout, *own = back if isinstance(back, tuple) else (back,)
            grads = own + grads
        return (dout, *grads) if grads else dout

"""Patches: what the windows of a convolution see, unfolded, and the three products with them.

`unfold` chooses between two ways to store them, by shapes and settings alone; both compute the same
sums.

BLAS is slow for a few filters times many columns: it first copies ("packs") both operands, which
pays only for squarer matrices. Small products it computes without copies and in the calling thread,
so the columns are taken in blocks.
"""

import sys
from math import prod
from typing import Final, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import as_strided

from engine.arrays import Array, in_order
from engine.layers.windows import Windows

PICTURE: Final = 2**14
"""A convolution of up to this many products may be looked at, so its equal windows must tie."""

BLOCK: Final = 2**18
"""The most products in a block: OpenBLAS uses threads above this, and packs from 10⁶ on."""

NARROW: Final = 32  # the fewest columns in a block: fewer make the product square enough for BLAS

ROWS_FROM: Final = 2**16  # from this many unfolded entries on it pays to store them by rows


class _Matrix:
    """What each window sees of x (C, *S, N), in G groups of channels, as one matrix per group."""

    def __init__(self, where: Windows, x: Array, groups: int) -> None:
        self.where, self.batch = where, x.shape[-1]
        self.groups = (groups,) if groups > 1 else ()
        seen = x if where.as_they_lie else where.gather(x)
        self._matrix = in_order(seen.reshape(*self.groups, len(x) * where.area // groups, -1))

    def matrix(self) -> Array:
        """(C·K, O·N); for several groups (G, C·K / G, O·N)."""
        return self._matrix

    def times(self, weights: Array) -> Array:
        """w · patches: (F, C·K / G) -> (F, O·N)."""
        return across(self._own(weights), self._matrix).reshape(len(weights), -1)

    def against(self, da: Array) -> Array:
        """da · patches^T: (F, *O, N) -> (F, C·K / G)."""
        return along(self._own(da), self._matrix).reshape(len(da), -1)

    def back(self, weights: Array, da: Array) -> Array:
        """w^T · da, summed where each window read: (F, C·K / G), (F, *O, N) -> (C, *S, N).

        If nothing has to be summed, the result is left as a matrix, (C·K, O·N), in the same order.
        """
        where, parts = self.where, across(self._own(weights).swapaxes(-1, -2), self._own(da))
        if where.as_they_lie:
            return parts
        return where.scatter(parts.reshape(-1, where.area, *where.output, self.batch))

    def _own(self, each: Array) -> Array:
        """Return what belongs to the filters, by their groups: (F, …) -> (…, F / G, L)."""
        return each.reshape(*self.groups, len(each) // prod(self.groups), -1)


class _Rows:
    """The same unfolded along the last axis only, for kernels that move over (H, W) in steps of 1.

    What the windows of one row of outputs see is then kh consecutive rows of this, so that the
    unfolding along the first axis is a view. For a 3 × 3 kernel that takes a third of the memory,
    and the memory is what takes time.
    """

    def __init__(self, where: Windows, x: Array) -> None:
        self.where, self.x = where, x
        by_row = where.padded(x).swapaxes(0, 1)
        self.rows, self.channels, _, batch = by_row.shape
        kw, wo = where.kernel[1], where.output[1]
        unfolded = np.empty((self.rows, self.channels, kw, wo, batch), dtype=x.dtype)
        for j in range(kw):
            unfolded[:, :, j] = by_row[:, :, j : j + wo]
        self.seen = _on_end(unfolded.reshape(self.rows, -1, wo * batch), where.kernel[0])
        """(Ho, kh·C·kw, Wo·N)."""

    def matrix(self) -> Array:
        return self.where.gather(self.x).reshape(self.channels * self.where.area, -1)

    def times(self, weights: Array) -> Array:
        a = np.empty((len(weights), *self.where.output, self.x.shape[-1]), self.x.dtype)
        kernels = self._kernels(weights).swapaxes(1, 2).reshape(len(weights), -1)
        _matmul(kernels, self.seen, _by_row(a))
        return a.reshape(len(weights), -1)

    def against(self, da: Array) -> Array:
        parts = _parts(len(da) * self.seen.shape[1], self.seen.shape[2])
        products = np.matmul(_cut(_by_row(da), parts), _cut(self.seen, parts).swapaxes(2, 3))
        kh, kw = self.where.kernel
        dw: Array = np.sum(products, axis=(0, 1)).reshape(-1, kh, self.channels, kw)
        return dw.swapaxes(1, 2).reshape(len(da), -1)

    def back(self, weights: Array, da: Array) -> Array:
        # A row of x is read by kh rows of outputs. So dx comes from kh consecutive rows of da, with
        # rows of zeros at both ends, and from the kernel with its rows in reverse order.
        (kh, kw), (ho, wo), batch = self.where.kernel, self.where.output, da.shape[-1]
        arriving = np.empty((self.rows + kh - 1, len(da), wo * batch), da.dtype)
        arriving[: kh - 1] = arriving[kh - 1 + ho :] = 0
        arriving[kh - 1 : kh - 1 + ho] = _by_row(da)
        kernels = self._kernels(weights)[:, :, ::-1].transpose(1, 3, 2, 0)
        parts = np.empty((self.rows, self.channels, kw, wo, batch), da.dtype)
        _matmul(
            kernels.reshape(self.channels * kw, -1),
            _on_end(arriving, kh),
            parts.reshape(self.rows, -1, wo * batch),
        )
        dx = np.empty((self.channels, self.rows, wo + kw - 1, batch), da.dtype)
        by_row = dx.swapaxes(0, 1)
        by_row[:, :, :wo], by_row[:, :, wo:] = parts[:, :, 0], 0
        for j in range(1, kw):
            by_row[:, :, j : j + wo] += parts[:, :, j]
        return dx[self.where.inside]

    def _kernels(self, weights: Array) -> Array:
        return weights.reshape(-1, self.channels, *self.where.kernel)


Patches: TypeAlias = _Matrix | _Rows


def unfold(where: Windows, x: Array, groups: int = 1) -> Patches:
    """Return what these windows see of x (C, *S, N); groups: how many groups of channels it has."""
    by_rows = (
        groups == 1
        and len(where.size) == 2
        and {*where.stride, *where.dilation} == {1}
        and where.kernel[0] > 1
        and (runs := prod(where.output[1:]) * x.shape[-1]) >= NARROW
        and len(x) * where.area * where.output[0] * runs >= ROWS_FROM
    )
    return _Rows(where, x) if by_rows else _Matrix(where, x, groups)


def _by_row(a: Array) -> Array:
    """(F, Ho, Wo, N) -> (Ho, F, Wo·N)."""
    return a.reshape(*a.shape[:2], -1).swapaxes(0, 1)


def _on_end(rows: Array, height: int) -> Array:
    """Every `height` consecutive rows, as a view: (H, R, L) -> (H − height + 1, height·R, L)."""
    count, each, length = rows.shape
    shape = (count - height + 1, height * each, length)
    return as_strided(rows, shape, rows.strides, writeable=False)


def _matmul(weights: Array, columns: Array, out: Array) -> None:
    """(F, K), (H, K, L) -> (H, F, L)."""
    parts = _parts(weights.size, columns.shape[2])
    np.matmul(weights, _cut(columns, parts), out=_cut(out, parts))


def _parts(products: int, columns: int) -> int:
    """Return into how many equal parts to cut the columns; products: those of one column."""
    least = -(-products * columns // BLOCK)
    fit = (parts for parts in range(least, columns // NARROW + 1) if columns % parts == 0)
    return next(fit, 1)


def _cut(columns: Array, parts: int) -> Array:
    """(H, K, L) -> (H, parts, K, L / parts)."""
    return columns.reshape(*columns.shape[:2], parts, -1).swapaxes(1, 2)


def across(weights: Array, columns: Array) -> Array:
    """weights · columns: (F, K), (K, L) -> (F, L); or for each of G: (G, F, K), (G, K, L)."""
    (rows, count), wide = weights.shape[-2:], columns.shape[-1]
    if count == 1:  # nothing to add up
        return np.asarray(weights * columns)
    if rows * count * wide <= PICTURE:
        # BLAS may round the last columns differently from the first: equal windows would not tie.
        summed = "gfk,gkl->gfl" if weights.ndim == 3 else "fk,kl->fl"
        return np.asarray(np.einsum(summed, weights, columns))
    if weights.ndim == 3:
        return np.stack([across(*own) for own in zip(weights, columns, strict=True)])
    width = _width(rows * count)
    if wide <= width:
        return np.asarray(weights @ columns)
    whole = wide // width * width
    product = np.empty((rows, wide), np.result_type(weights, columns))
    np.matmul(weights, _blocks(columns, width), out=_blocks(product, width))
    np.matmul(weights, columns[:, whole:], out=product[:, whole:])
    return product


def along(one: Array, other: Array) -> Array:
    """one · other^T, the sum over all columns: (F, L), (K, L) -> (F, K); or for each of G."""
    columns = one.shape[-1]
    if one.ndim == 3:  # one after the other, so that BLAS rounds each as it does alone
        return np.stack([along(*own) for own in zip(one, other, strict=True)])
    if columns <= NARROW:
        return np.asarray(one.dot(other.T))  # calls BLAS in half the time that @ needs for it
    width = _width(len(one) * len(other))
    if columns <= width:
        return np.asarray(one @ other.T)
    whole = columns // width * width
    parts = np.matmul(_blocks(one, width), _blocks(other, width).transpose(0, 2, 1))
    return np.asarray(parts.sum(axis=0) + one[:, whole:] @ other[:, whole:].T)


def _width(products: int) -> int:
    """Return the columns in a block, or no limit if none pays; products: those of one column."""
    width = BLOCK // products // NARROW * NARROW
    return width or sys.maxsize


def _blocks(matrix: Array, width: int) -> Array:
    """Return the columns in blocks, without copying: (F, L) -> (L // width, F, width)."""
    rows, count = len(matrix), matrix.shape[1] // width
    return matrix[:, : count * width].reshape(rows, count, width).transpose(1, 0, 2)

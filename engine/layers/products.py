"""The two products of a convolution, in pieces that BLAS is quick at.

A few filters against many columns is the shape that BLAS likes least: it copies ("packs") both
operands first, as it would for square matrices, where that pays. Small products it computes as they
lie, and in the one thread that asks: so the columns are taken in blocks.
"""

import sys
from typing import Final

import numpy as np

from engine.arrays import Array

PICTURE: Final = 2**14
"""A convolution of at most so many products may be one that somebody looks at."""

BLOCK: Final = 2**18
"""Products in a block; OpenBLAS packs from 10⁶ on, and shares among threads above this."""

NARROW: Final = 32
"""Fewer columns than that make no block: the product is as square as BLAS likes it."""


def across(weights: Array, columns: Array) -> Array:
    """weights · columns: (F, K), (K, L) -> (F, L)."""
    if columns.shape[0] == 1:  # nothing to add up
        return np.asarray(weights * columns)
    if weights.size * columns.shape[1] <= PICTURE:
        # BLAS may round the last columns of sums otherwise than the first: equal windows would
        # not tie.
        return np.asarray(np.einsum("fk,kl->fl", weights, columns))
    width = _width(weights.size)
    if columns.shape[1] <= width:
        return np.asarray(weights @ columns)
    whole = columns.shape[1] // width * width
    product = np.empty((len(weights), columns.shape[1]), np.result_type(weights, columns))
    np.matmul(weights, _blocks(columns, width), out=_blocks(product, width))
    np.matmul(weights, columns[:, whole:], out=product[:, whole:])
    return product


def along(one: Array, other: Array) -> Array:
    """one · other^T, the sum over all columns: (F, L), (K, L) -> (F, K)."""
    columns = one.shape[1]
    if columns <= NARROW:
        return np.asarray(one.dot(other.T))  # asks BLAS in half the time that @ takes for that
    width = _width(len(one) * len(other))
    if columns <= width:
        return np.asarray(one @ other.T)
    whole = columns // width * width
    parts = np.matmul(_blocks(one, width), _blocks(other, width).transpose(0, 2, 1))
    return np.asarray(parts.sum(axis=0) + one[:, whole:] @ other[:, whole:].T)


def _width(products: int) -> int:
    """Columns in a block, where one column takes so many products; no limit where none pays."""
    width = BLOCK // products // NARROW * NARROW
    return width or sys.maxsize


def _blocks(matrix: Array, width: int) -> Array:
    """The columns in blocks, without copying: (F, L) -> (L // width, F, width)."""
    rows, count = len(matrix), matrix.shape[1] // width
    return matrix[:, : count * width].reshape(rows, count, width).transpose(1, 0, 2)

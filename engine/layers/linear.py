"""Linear, the fully connected layer, y = x · w^T + b; and Flatten, which makes rows for it."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from math import prod
from typing import NamedTuple

import numpy as np

from engine.arrays import Array, Extent, Index, Mask, in_order, indices, place_in
from engine.errors import ShapeError
from engine.kinks import Kinks
from engine.layers.base import ONE, Factor, Grads, Operation, Size, Words, passed_on
from engine.layers.convolution import Weighted
from engine.layers.copies import Beside, Side
from engine.layers.spelling import Framework, call
from engine.why import Why, WhyArray, paint, paint_sum, product_coats, settle


class _Cache(NamedTuple):
    """What the pullback needs."""

    shapes: tuple[tuple[int, ...], ...]  # those of the inputs
    x: Array  # (N, D)
    w: Array  # (M, D)


class Linear(Weighted):
    """y = x · w^T + b: x (D,) or (N, D), w (M, D), b (M,) optional -> (M,) or (N, M).

    Backward: dx = dy · w, dw = dy^T · x and db = the sum of dy, both over the examples.
    """

    axes = 0
    sizes = (Size("out_features"),)
    words = Words(
        letter="y",
        name="linear layer",
        forward="Each {output} is the sum of all {input}, each times its own weight.",
        backward="The linear layer gives {input} the weights, and {weight} the inputs, times the "
        "gradient.",
        value="{sum}",
        passes="times {factor}",
    )

    def apply(self, *inputs: Array) -> tuple[Array, _Cache]:
        """Compute y, of which every output reads every entry of its example."""
        shapes = tuple(each.shape for each in inputs)
        output = self.output_shape(*shapes)
        rows, w = in_order(np.atleast_2d(inputs[0])), in_order(inputs[1])
        y = rows @ w.swapaxes(-1, -2)
        if len(inputs) == 3:
            y += inputs[2][..., None, :]
        return y.reshape(output), _Cache(shapes, rows, w)

    def output_shape(self, *shapes: Extent) -> Extent:
        """(M,) or (N, M)."""
        x, w, *others = shapes
        if len(x) not in (1, 2) or len(w) != 2 or w[1] != x[-1]:
            raise ShapeError(
                f"{self.title}: needs x (D,) or (N, D) with w (M, D); got x of shape {x} with w {w}"
            )
        if others and others[0] != w[:1]:
            raise ShapeError(
                f"{self.title}: needs b of shape {w[:1]} for w of shape {w}; got {others[0]}"
            )
        return (*x[:-1], w[0])

    def parameter_shapes(
        self, x: Extent, sizes: Mapping[str, Extent], *, bias: bool
    ) -> tuple[Extent, ...]:
        """w (M, D), b (M,)."""
        outputs = sizes["out_features"]
        return ((*outputs, *x[-1:]), *([outputs] if bias else []))

    def vjp(self, dout: Array, cache: _Cache, kinks: Kinks) -> Grads:
        """dx = dy · w, dw = dy^T · x, db = the sum of dy."""
        seen = cache
        dy = in_order(dout.reshape(*seen.x.shape[:-1], -1))
        # In x's memory order, which the layers before this one chose.
        dx = np.matmul(dy, seen.w, out=np.empty_like(seen.x))
        dw = _to_w(seen.x, dy)
        settle(dx, dy, lambda: (_to_x, seen.w, dy))
        settle(dw, dy, lambda: (_to_w, seen.x, dy))
        parts = (dx, dw, dy.sum(axis=-2))[: len(seen.shapes)]
        grads = tuple(part.reshape(shape) for part, shape in zip(parts, seen.shapes, strict=True))
        return Grads(grads, partial(_why, grads, dy, seen))

    def beside(self, copies: int, *shapes: Extent) -> Beside:
        """Return passes side by side, each with a matrix product of its own."""
        (x, *params), output = shapes, self.output_shape(*shapes)
        rows, made = ((copies, *((1,) if len(x) == 1 else ()), *shape) for shape in (x, output))
        sides = [Side.of(copies, x, rows), *(Side.of(copies, shape) for shape in params)]
        return Beside(_SideBySide(), sides, Side.of(copies, output, made))

    def feeds(self, argument: int, index: Index, cache: _Cache) -> Iterator[Index]:
        """An entry of x feeds all outputs of its example; one of w or b feeds one per example."""
        batch = cache.shapes[0][:-1]
        if argument == 0:
            return ((*index[:-1], m) for m in range(len(cache.w)))
        return ((*n, index[0]) for n in indices(batch))

    def factor(self, argument: int, index: Index, output: Index, cache: _Cache) -> Factor:
        """Return an entry of w as the factor of one of x, and the reverse; 1 for b."""
        if argument == 2:
            return ONE
        other = (output[-1], index[-1]) if argument == 0 else (*output[:-1], index[1])
        return Factor("{cofactor}", "{cofactor}", (1 - argument, other))

    def spelled(
        self, framework: Framework, names: Sequence[str], shapes: Sequence[Extent], kinks: Kinks
    ) -> str:
        """Return F.linear(x, w, b) or x @ w.T + b."""
        if framework == "torch":
            return call("F.linear", *names)
        x, w, *b = names
        return " + ".join([f"{x} @ {w}.T", *b])


def _to_x(w: Array, dy: Array) -> Array:
    return dy @ w


def _to_w(x: Array, dy: Array) -> Array:
    return dy.swapaxes(-1, -2) @ x


def _why(grads: tuple[Array, ...], dy: Array, seen: _Cache) -> tuple[WhyArray, ...]:
    """Return the reason for each entry of dx, dw and db."""
    fires, of_outputs = dy.astype(np.bool_), dy.swapaxes(-1, -2)
    some, met = (np.any(fires, axis=axis, keepdims=True) for axis in (-1, -2))
    ways = (
        (seen.x, some, _to_x, seen.w),
        (seen.w, met.swapaxes(-1, -2), _to_w, seen.x),
    )
    why = []
    for grad, (rows, arrives, combine, factors) in zip(grads, ways, strict=False):
        flat = grad.reshape(rows.shape)
        everywhere = arrives.repeat(rows.shape[-1], axis=-1)
        coats = product_coats(flat, everywhere, combine, factors, dy)
        why.append(paint(flat, Why.UPSTREAM_ZERO, *coats).reshape(grad.shape))
    if len(grads) == 3:
        why.append(paint_sum(grads[2], of_outputs.reshape(-1, dy.shape[-2])))
    return tuple(why)


class _SideBySide(Linear):
    """P passes side by side: x (P, N, D), w (P, M, D), b (P, M) -> (P, N, M)."""

    def output_shape(self, *shapes: Extent) -> Extent:
        """(P, N, M), for shapes that are known to fit."""
        x, w = shapes[:2]
        return (*x[:-1], w[-2])


class Flatten(Operation):
    """(N, …) -> (N, D): each example's entries in one row, the last axis running fastest.

    Backward: what arrives, in the shape of x.
    """

    kink_choices = ()
    straight = True
    words = Words(
        letter="f",
        name="flatten",
        forward="Flatten lays the entries of each example in one row.",
        backward="Flatten gives the gradient its old shape back.",
        value="{inputs}",
        passes="flatten passes the gradient on ({slope})",
    )

    def apply(self, *inputs: Array) -> tuple[Array, Extent]:
        """Return the same numbers in the new shape."""
        (x,) = inputs
        return x.reshape(self.output_shape(x.shape)), x.shape

    def output_shape(self, *shapes: Extent) -> Extent:
        """(N, D)."""
        (shape,) = shapes
        if not shape:
            raise ShapeError(f"{self.title}: needs a first axis for the examples; got shape ()")
        return shape[0], prod(shape[1:])

    def vjp(self, dout: Array, cache: Extent, kinks: Kinks) -> Grads:
        """dx = dout."""
        return passed_on((dout.reshape(cache),))

    def feeds(self, argument: int, index: Index, cache: Extent) -> Iterator[Index]:
        """Yield the one output that the entry feeds."""
        yield index[0], place_in(cache[1:], index[1:])

    def factor(self, argument: int, index: Index, output: Index, cache: Extent) -> Factor:
        """1."""
        return ONE

    def spelled(
        self, framework: Framework, names: Sequence[str], shapes: Sequence[Extent], kinks: Kinks
    ) -> str:
        """Return a reshape, even if the shape stays the same, so that it has its own gradient."""
        return f"{names[0]}.reshape({', '.join(map(str, self.output_shape(*shapes)))})"

    def read_by(self, marked: Mask, inputs: tuple[Array, ...], cache: Extent) -> tuple[Mask, ...]:
        """Return the mask in the shape of x."""
        return (marked.reshape(cache),)

    def beside(self, copies: int, *shapes: Extent) -> Beside:
        """Return one pass in which the examples of all copies are one batch."""
        x, output = (
            Side.of(copies, shape, (copies * shape[0], *shape[1:]))
            for shape in (*shapes, self.output_shape(*shapes))
        )
        return Beside(self, [x], output)

"""What several of the wrong pullbacks do."""

import numpy as np

from engine import Why
from engine.arrays import Array
from engine.layers.base import Grads, Reasons, nothing_kinked
from engine.layers.windows import Windows
from engine.why import paint


def made(*grads: Array) -> Grads:
    """Gradients that have no better reason than that they were written so."""

    def reasons() -> Reasons:
        why = tuple(paint(grad, Why.UPSTREAM_ZERO) for grad in grads)
        return Reasons(why, nothing_kinked(grads))

    return Grads(grads, reasons)


def cut_off(right: Grads) -> Grads:
    """The right gradients, cut off to whole numbers."""
    return made(*map(np.trunc, right.grads))


def overwritten(where: Windows, parts: Array) -> Array:
    """What `where.scatter` adds up, with = in the place of +=: (C, K, *O, N) -> (C, *S, N)."""
    channels, batch = parts.shape[0], parts.shape[-1]
    sizes = [size + 2 * padding for size, padding in zip(where.size, where.padding, strict=True)]
    padded = np.zeros((channels, *sizes, batch), dtype=parts.dtype)
    for output in np.ndindex(*where.output):
        corners = np.multiply(output, where.stride)
        window = tuple(slice(c, c + k) for c, k in zip(corners, where.kernel, strict=True))
        part = parts[(slice(None), slice(None), *output)]
        padded[(slice(None), *window)] = part.reshape(channels, *where.kernel, batch)
    inside = (slice(p, p + s) for p, s in zip(where.padding, where.size, strict=True))
    return padded[(slice(None), *inside)]

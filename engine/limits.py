"""A limit for a server: how much a pass would unfold, known before anything is allocated.

A convolution and a pool copy what each of their windows sees: N·C·kernel·output entries. The
library itself has no limit; whoever computes what strangers ask for sets one.
"""

from collections.abc import Sequence
from math import prod

from engine.errors import LimitError
from engine.layers.base import Layer
from engine.layers.convolution import Conv1D, Conv2D
from engine.layers.pooling import MaxPool, MaxPool2D
from engine.layers.sequential import Sequential
from engine.layers.windows import Extent, windows


def check_size(layer: Layer, x: Extent, *weights: Extent, limit: int) -> None:
    """Raises LimitError, which names the limit, where a layer would unfold more entries than that.

    layer: also a Sequential; x and weights: the shapes of the input and of each convolution's w,
    in order. Raises ShapeError where no window fits.
    """
    for title, size in unfolded_sizes(layer, x, weights):
        if size > limit:
            raise LimitError(
                f"{title}: needs at most {limit:,} unfolded entries (N·C·kernel·output); "
                f"got {size:,}"
            )


def unfolded_sizes(layer: Layer, x: Extent, weights: Sequence[Extent]) -> list[tuple[str, int]]:
    """Each layer that has windows, and how many entries they see together."""
    sizes: list[tuple[str, int]] = []
    waiting = list(weights)
    for each in layer.layers if isinstance(layer, Sequential) else (layer,):
        if not isinstance(each, Conv1D | Conv2D | MaxPool | MaxPool2D):
            continue
        lead, space = x[: -each.axes], x[-each.axes :]
        if isinstance(each, Conv1D | Conv2D):
            w = waiting.pop(0)
            kernel, stride = w[-each.axes :] or (1,), each.stride
            ahead: Extent = lead[:1] if len(lead) == 2 else ()
            ahead += w[:1] if len(w) > each.axes else ()
        else:
            kernel, stride, ahead = each.size or space, each.stride or space, lead
        output = windows(each.title, space, kernel, stride, each.padding).output
        sizes.append((each.title, prod(lead) * prod(kernel) * prod(output)))
        whole = isinstance(each, MaxPool | MaxPool2D) and each.size is None
        x = ahead if whole else (*ahead, *output)
    return sizes

"""A limit for a server: how much a pass would unfold, known before anything is allocated.

A convolution and a pool copy what each of their windows sees: N·C·kernel·output entries. The
library itself has no limit; whoever computes what strangers ask for sets one.
"""

from engine.arrays import Extent
from engine.errors import LimitError
from engine.layers.base import Layer


def check_size(layer: Layer, *shapes: Extent, limit: int) -> None:
    """Raises LimitError, which names the limit, where a layer would unfold more entries than that.

    shapes: of x and of each parameter. Raises ShapeError where they do not fit.
    """
    for title, size in unfolded_sizes(layer, *shapes):
        if size > limit:
            raise LimitError(
                f"{title}: needs at most {limit:,} unfolded entries (N·C·kernel·output); "
                f"got {size:,}"
            )


def unfolded_sizes(layer: Layer, *shapes: Extent) -> list[tuple[str, int]]:
    """Each operation that has windows, and how many entries they see together."""
    values, sizes = list(shapes), []
    for operation, reads, _ in layer.plan(len(shapes)):
        read = [values[number] for number in reads]
        values.append(operation.output_shape(*read))
        if size := operation.unfolded(*read):
            sizes.append((operation.title, size))
    return sizes

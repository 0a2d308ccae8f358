"""How operations are written in PyTorch and JAX: expressions, as in their documentation.

They need, for PyTorch, `import torch` and `import torch.nn.functional as F`; for JAX, `import jax`,
`import jax.numpy as jnp` and `from jax import lax`.
"""

from collections.abc import Mapping
from math import prod
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from engine.arrays import Extent
from engine.layers.windows import Windows

Framework: TypeAlias = Literal["torch", "jax"]

FRAMEWORKS: Final[Mapping[Framework, str]] = MappingProxyType({"torch": "PyTorch", "jax": "JAX"})
"""Their names in the rules of RULES."""


def call(function: str, *arguments: object, **settings: object) -> str:
    """Return F.conv1d(x, w, stride=2), without the settings that are None."""
    said = [f"{name}={value}" for name, value in settings.items() if value is not None]
    return f"{function}({', '.join([*map(str, arguments), *said])})"


def reshaped(expression: str, shape: Extent, wanted: Extent) -> str:
    """Return x.reshape(1, 5), or the expression itself if it has that shape already."""
    if shape == wanted:
        return expression
    return f"{expression}.reshape({', '.join(map(str, wanted)) or '()'})"


def alike(numbers: Extent, unsaid: Extent | int | None = None) -> Extent | int | None:
    """(2, 2) -> 2, (1, 2) -> (1, 2); None if equal to `unsaid`, all the numbers or one for each."""
    if numbers == unsaid or {*numbers} == {unsaid}:
        return None
    return numbers[0] if len({*numbers}) == 1 else numbers


def both_sides(where: Windows, *, half: bool = False) -> Extent | None:
    """Return each axis's padding as PyTorch takes it, the same on both sides; None if they differ.

    half: return None also if the padding is more than half of a window.
    """
    each = tuple(before for before, _ in where.padding)
    same = all(before == after for before, after in where.padding)
    small = all(2 * p <= k for p, k in zip(each, where.kernel, strict=True))
    return each if same and (small or not half) else None


def torch_padded(name: str, where: Windows, value: str = "") -> str:
    """Return F.pad(x, (1, 0)), the last axis first, or x itself if nothing is around it."""
    if where.bare:
        return name
    sides = tuple(side for each in reversed(where.around) for side in each)
    return call("F.pad", name, sides, value=value or None)


def jax_padded(name: str, where: Windows, lead: int) -> str:
    """Return jnp.pad(x, ((0, 0), (1, 0))), or x itself if nothing is around it."""
    if where.bare:
        return name
    sides = ((0, 0),) * lead + where.around
    return call("jnp.pad", name, sides, constant_values="-jnp.inf")


def jax_sides(where: Windows, lead: int) -> str:
    """Return the argument that lax calls padding."""
    return '"VALID"' if where.bare else str([*((0, 0),) * lead, *where.around])


def jax_reduced(name: str, where: Windows, lead: int, start: str, operation: str) -> str:
    """Return lax.reduce_window over windows without gaps."""
    size, stride = ((1,) * lead + each for each in (where.kernel, where.stride))
    sides = jax_sides(where, lead)
    return call("lax.reduce_window", name, start, operation, size, stride, sides)


def torch_seen(name: str, where: Windows) -> str:
    """Return what each window sees, on new last axes, one per spatial axis: x.unfold(-1, 2, 1)."""
    axes = len(where.size)
    expression = torch_padded(name, where, "-torch.inf")
    for reach, stride in zip(where.reach, where.stride, strict=True):
        expression += f".unfold({-axes}, {reach}, {stride})"  # the window's entries come last
    if {*where.dilation} == {1}:
        return expression
    return f"{expression}[..., {', '.join(f'::{d}' for d in where.dilation)}]"


def jax_seen(name: str, where: Windows, lead: int) -> str:
    """Return what each window sees, on one new last axis: slices of x, side by side."""
    padded, axes = jax_padded(name, where, lead), "ij"[: len(where.size)]
    along = zip(axes, where.output, where.stride, strict=True)
    parts = [
        f"{at}:{at} + {(count - 1) * stride + 1}" + (f":{stride}" if stride > 1 else "")
        for at, count, stride in along
    ]
    steps = zip(axes, where.kernel, where.reach, where.dilation, strict=True)
    loops = [
        f"for {at} in range({kernel})" if apart == 1 else f"for {at} in range(0, {reach}, {apart})"
        for at, kernel, reach, apart in steps
    ]
    if padded != name:
        loops.insert(0, f"for padded in [{padded}]")
        name = "padded"
    slices = f"{name}[..., {', '.join(parts)}] {' '.join(loops)}"
    return f"jnp.stack([{slices}], axis=-1)"


def flat_lead(shape: Extent, axes: int) -> Extent:
    """Return the shape that the pools of PyTorch take: (C, *S) or (N, C, *S)."""
    lead, space = shape[: len(shape) - axes], shape[len(shape) - axes :]
    return shape if len(lead) in (1, 2) else (prod(lead), *space)

"""The lab's block in plain Python, as on paper: the numbers that pages must show."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Numbers: TypeAlias = Mapping[str, tuple[float | None, float | None]]
"""Entry -> its value and gradient; None for what is not known."""

OPENED_WITH = ((1.5, -1.0, 1.5, 0.5, 0.0), 2.0)
"""x and w of the state that the page opens with."""


def lab(x: Sequence[float], w: float, dz: float = 1.0) -> Numbers:
    """Value and gradient of every entry under the lab's rule.

    a = w·x, h = max(0, a), z = max(h). Every maximum gets all of dz; the slope of ReLU at 0 is 1.
    """
    a = [w * entry for entry in x]
    h = [max(0.0, entry) for entry in a]
    z = max(h)
    dh = [dz if entry == z else 0.0 for entry in h]
    da = [gradient if entry >= 0 else 0.0 for gradient, entry in zip(dh, a, strict=True)]
    dx = [w * gradient for gradient in da]
    dw = sum(entry * gradient for entry, gradient in zip(x, da, strict=True))
    columns = {"x": (x, dx), "a": (a, da), "h": (h, dh)}
    return {
        f"{letter}{i + 1}": pair
        for letter, column in columns.items()
        for i, pair in enumerate(zip(*column, strict=True))
    } | {"z": (z, dz), "w": (w, dw)}

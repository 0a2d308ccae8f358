"""Checks of settings: one sentence that says whose it is, what was needed and what came."""

from math import inf
from numbers import Real
from typing import Any

import numpy as np

from engine.errors import SettingError


def whole(owner: str, name: str, value: Any, least: int) -> int:
    """The value as an int; SettingError where it is no whole number from `least` on."""
    number = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not (number and value >= least):
        raise SettingError(f"{owner}: {name} needs a whole number from {least} on; got {value!r}")
    return int(value)


def real(
    owner: str,
    name: str,
    value: Any,
    needs: str,
    *,
    least: float = -inf,
    above: float = -inf,
    below: float = inf,
) -> float:
    """The value as a float; SettingError, with what it needs, where it is none in this range."""
    number = isinstance(value, Real) and not isinstance(value, bool)
    if not (number and least <= value < below and value > above):
        raise SettingError(f"{owner}: {name} needs {needs}; got {value!r}")
    return float(value)


def one_of(owner: str, name: str, value: Any, known: tuple[str, ...]) -> str:
    """The value itself; SettingError where it is none of these."""
    if value not in known:
        raise SettingError(f"{owner}: {name} needs one of {', '.join(known)}; got {value!r}")
    return str(value)

"""What the engine says when it is given something that it cannot compute with.

    ValueError
    └── EngineError      anything below
        ├── ShapeError   the shapes do not fit the layer, or each other
        ├── NumberError  not real numbers: NaN, inf, booleans, text; or an overflow on the way
        ├── SettingError a setting that a layer or a rule cannot have, or another argument
        ├── OrderError   what has to be there first is not: a forward, a process
        ├── LimitError   more work than whoever asks allows, or than a check takes on
        └── DataError    a file of data is missing, damaged or in another format

Every message says whose it is, what was needed and what came. So do those of the checks of settings
below, which the layers and the trainer share.
"""

from math import inf, nan
from numbers import Real
from typing import Any

import numpy as np


class EngineError(ValueError):
    """Anything that the engine refuses."""


class ShapeError(EngineError):
    """The shapes do not fit the layer, or each other."""


class NumberError(EngineError):
    """A value is no finite real number, or a result left the range of its dtype."""


class SettingError(EngineError):
    """A setting that a layer or a rule cannot have, or an argument of another kind than needed."""


class OrderError(EngineError):
    """backward was called before forward, or a process that shares the work is not there."""


class LimitError(EngineError):
    """More work than whoever asks allows, or than a check takes on; layers have no limit."""


class DataError(EngineError):
    """A file of data is missing, damaged or in another format."""


def whole_number(owner: str, name: str, value: Any, least: int) -> int:
    """The value as an int; SettingError where it is no whole number from `least` on."""
    number = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not (number and value >= least):
        raise SettingError(f"{owner}: {name} needs a whole number from {least} on; got {value!r}")
    return int(value)


def real_number(
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
    try:
        number = float(value) if isinstance(value, Real) and not isinstance(value, bool) else nan
    except OverflowError:  # a whole number that is too large for one
        number = nan
    if not (least <= number < below and number > above):  # nan or an infinity never is
        raise SettingError(f"{owner}: {name} needs {needs}; got {value!r}")
    return number


def true_or_false(owner: str, name: str, value: Any) -> bool:
    """The value as a bool; SettingError for anything else."""
    if not isinstance(value, bool | np.bool_):
        raise SettingError(f"{owner}: {name} needs True or False; got {value!r}")
    return bool(value)


def one_of(owner: str, name: str, value: Any, known: tuple[str, ...]) -> str:
    """The value itself; SettingError where it is none of these."""
    if not (isinstance(value, str) and value in known):
        raise SettingError(f"{owner}: {name} needs one of {', '.join(known)}; got {value!r}")
    return str(value)

"""The exceptions of the engine, and the checks of settings that the layers and the trainer share.

    ValueError
    └── EngineError      any of those below
        ├── ShapeError   the shapes do not fit the layer, or each other
        ├── NumberError  not real numbers: NaN, inf, booleans, text; or an overflow on the way
        ├── SettingError a setting that a layer or a rule cannot have, or another wrong argument
        ├── OrderError   something needed first is missing: a forward, a worker process
        ├── LimitError   more work than the caller allows, or than a check attempts
        └── DataError    a file of data is missing, damaged or in another format

Every message names its owner (such as a layer), what was needed and what was given.
"""

from math import inf, nan
from numbers import Real
from typing import Any

import numpy as np


class EngineError(ValueError):
    """The base of all errors that the engine raises itself."""


class ShapeError(EngineError):
    """The shapes do not fit the layer, or each other."""


class NumberError(EngineError):
    """A value is not a finite real number, or a result left the range of its dtype."""


class SettingError(EngineError):
    """A setting that a layer or a rule cannot have, or an argument of the wrong kind."""


class OrderError(EngineError):
    """backward was called before forward, or a worker process could not be started or has ended."""


class LimitError(EngineError):
    """More work than the caller allows, or than a check attempts; layers have no limit."""


class DataError(EngineError):
    """A file of data is missing, damaged or in another format."""


def whole_number(owner: str, name: str, value: Any, least: int) -> int:
    """Return the value as an int. Raises SettingError unless it is a whole number ≥ `least`."""
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
    """Return the value as a float. Raises SettingError, stating `needs`, if it is out of range."""
    try:
        number = float(value) if isinstance(value, Real) and not isinstance(value, bool) else nan
    except OverflowError:  # a whole number that is too large for a float
        number = nan
    if not (least <= number < below and number > above):  # never true of nan or an infinity
        raise SettingError(f"{owner}: {name} needs {needs}; got {value!r}")
    return number


def true_or_false(owner: str, name: str, value: Any) -> bool:
    """Return the value as a bool. Raises SettingError for anything else."""
    if not isinstance(value, bool | np.bool_):
        raise SettingError(f"{owner}: {name} needs True or False; got {value!r}")
    return bool(value)


def one_of(owner: str, name: str, value: Any, known: tuple[str, ...]) -> str:
    """Return the value itself. Raises SettingError if it is not one of the known ones."""
    if not (isinstance(value, str) and value in known):
        raise SettingError(f"{owner}: {name} needs one of {', '.join(known)}; got {value!r}")
    return str(value)

"""Python's operations and functions on the numbers, strings and lists of pasted code, without eval.

Only small values are computed. UNKNOWN stands for all others, and for what is computed from it.
"""

import ast
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from math import ceil, floor, log2, prod, sqrt
from types import MappingProxyType
from typing import Any, Final, TypeGuard

from pages.stack.stack import ENTRIES_MOST

NUMBER_MOST: Final = 10**9
LIST_MOST: Final = ENTRIES_MOST
TEXT_MOST: Final = 1000
VISITS_MOST: Final = 10_000


APPENDED: Final = ("append", "extend")
ADDED: Final = (*APPENDED, "insert")
CHANGES: Final = (*ADDED, "pop", "remove", "reverse", "clear")
"""The methods that change a list, the first at its end; some of them change a dict too. Those of a
Sequential that add to it return it, as do a ModuleList's that add at its end."""
SORT: Final = "sort"  # a method that changes a list too; numpy's arrays also have it


class ModuleList(list[Any]):
    """A list of modules, as nn.ModuleList makes it."""


class Unknown:
    """A value that is not understood, and need not be."""


UNKNOWN: Final = Unknown()
SHAPE: Final = Unknown()  # the shape of a value computed from x, as x.shape
EXAMPLES: Final = Unknown()  # the first size of such a shape: the number of examples


@dataclass(frozen=True, eq=False)
class Long(Unknown):
    """A list of more than LIST_MOST entries."""

    first: tuple[Any, ...]  # the first LIST_MOST of them, and UNKNOWN for the rest


def listed(several: list[Any] | tuple[Any, ...]) -> Any:
    """Return a list as it is; as `Long` if it has more than LIST_MOST entries."""
    return several if len(several) <= LIST_MOST else Long((*several[:LIST_MOST], UNKNOWN))


def _power(base: float, exponent: float) -> Any:
    """Return base**exponent of small numbers: 2**5. It may be complex for a negative base."""
    if abs(base) > 1000 or not 0 <= exponent <= 6:
        raise ArithmeticError(exponent)
    return base**exponent


# Operators as ast.dump writes them; the name of the class ast.Add is also that of a layer.
SUM: Final = "Add()"
TIMES: Final = "Mult()"
REST: Final = "Mod()"
_ARITHMETIC: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    SUM: operator.add,
    "Sub()": operator.sub,
    TIMES: operator.mul,
    "Div()": operator.truediv,
    "FloorDiv()": operator.floordiv,
    REST: operator.mod,
    "Pow()": _power,
}
_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "Eq()": operator.eq,
    "NotEq()": operator.ne,
    "Lt()": operator.lt,
    "LtE()": operator.le,
    "Gt()": operator.gt,
    "GtE()": operator.ge,
    "Is()": operator.is_,
    "IsNot()": operator.is_not,
    "In()": lambda left, right: left in right,
    "NotIn()": lambda left, right: left not in right,
}
_BUILT_IN: Final[Mapping[str, Callable[..., Any]]] = {
    "len": len,
    "int": int,
    "str": lambda given: joined_text([given]),
    "round": round,
    "ceil": ceil,
    "floor": floor,
    "sqrt": sqrt,
    "log2": log2,
    "list": list,
    "tuple": tuple,
    "range": lambda *ends: tuple(islice(range(*ends), LIST_MOST + 1)),
    "zip": lambda *lists, strict=False: tuple(zip(*lists, strict=strict)),
    "enumerate": lambda *given, **named: tuple(enumerate(*given, **named)),
    "pairwise": lambda given: tuple(pairwise(given)),
    "max": max,
    "min": min,
    "sum": sum,
    "abs": abs,
    "prod": prod,
    "reversed": lambda given: tuple(reversed(given)),
}
NO_NAMES: Final[Mapping[str, Any]] = MappingProxyType({})  # no keyword arguments
_IN_ORDER: Final = ("list", "tuple", "zip", "enumerate")
"""Functions whose first results depend on a list's first entries alone, so that it may be Long."""


def is_number(value: Any) -> TypeGuard[float]:
    """Whether a value is a number."""
    return isinstance(value, int | float)


def is_list(value: Any) -> TypeGuard[list[Any] | tuple[Any, ...]]:
    """Whether a value is a list or tuple of the code, and no NamedTuple such as a Flow."""
    return type(value) in (list, tuple, ModuleList)


def _visited(values: Sequence[Any]) -> tuple[int, list[Any]]:
    """Count values with all values in them, and list those that are no lists or dicts, in order.

    It visits no more than VISITS_MOST values, even if a list contains itself.
    """
    pending = [*reversed(values)]
    found: list[Any] = []
    for visits in range(VISITS_MOST):
        if not pending:
            return visits, found
        value = pending.pop()
        if is_list(value):
            pending += value[::-1]
        elif isinstance(value, dict):
            pending += reversed(value.values())
        else:
            found.append(value)
    return VISITS_MOST, found


def leaves(values: Sequence[Any]) -> list[Any]:
    """Return the values, those in lists and dicts instead of these, in order."""
    return _visited(values)[1]


def _is_small(*values: Any) -> bool:
    """Whether comparing and hashing these is fast: a list may contain another one many times."""
    return _visited(values)[0] < VISITS_MOST


_REFUSALS: Final = (TypeError, ValueError, LookupError, ArithmeticError)
"""What Python raises for arguments that an operation cannot handle."""


def _tried(act: Callable[..., Any], *given: Any, **named: Any) -> Any:
    """Return act(*given, **named); UNKNOWN if it raises one of _REFUSALS or might take long."""
    if not _is_small(*given, *named.values()):
        return UNKNOWN
    try:
        return act(*given, **named)
    except _REFUSALS:
        return UNKNOWN


def computed(op: ast.operator, left: Any, right: Any) -> Any:
    """Return left op right, for small numbers, strings and lists; otherwise UNKNOWN."""
    sign = ast.dump(op)
    if is_list(left) and is_list(right) and sign == SUM:
        return listed(type(left)([*left, *right]))
    if is_list(right) and sign == TIMES:
        left, right = right, left
    if is_list(left) and sign == TIMES and isinstance(right, int):
        return listed(left * min(right, LIST_MOST // max(1, len(left)) + 1))
    if isinstance(left, str) and isinstance(right, str) and sign == SUM:
        return joined_text([left, right])
    if isinstance(left, str) and sign == REST:
        given = right if isinstance(right, tuple) else (right,)
        return filled(left, lambda *each: left % each, *given)
    compute = _ARITHMETIC.get(sign)
    if compute is None or not (is_number(left) and is_number(right)):
        return UNKNOWN
    made = _tried(compute, left, right)
    return made if is_number(made) and abs(made) <= NUMBER_MOST else UNKNOWN


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, int | float | str | dict) or is_list(value)


def compared(op: ast.cmpop, left: Any, right: Any) -> bool | None:
    """Whether a comparison holds; None if that is not known."""
    compare = _COMPARISONS.get(ast.dump(op))
    if compare is None or not (_is_plain(left) and _is_plain(right)):
        return None
    lists = [each for each in (left, right) if is_list(each)]
    if any(isinstance(each, Unknown) for several in lists for each in several):
        return None
    made = _tried(compare, left, right)
    return None if made is UNKNOWN else bool(made)


def truth(value: Any) -> bool | None:
    """Whether a condition with this value holds; None if that is not known."""
    return bool(value) if _is_plain(value) else None


def part(several: Any, index: Any) -> Any:
    """Return several[index], one entry or a slice; UNKNOWN if it cannot be told."""
    return _tried(lambda at: several[at], index)


def as_dict(pairs: Any) -> Any:
    """Return a dict of pairs; UNKNOWN unless all its keys are known."""
    try:
        return dict(pairs) if all(_is_key(key) for key, _ in pairs) else UNKNOWN
    except (TypeError, ValueError):
        return UNKNOWN


def _is_key(key: Any) -> bool:
    return isinstance(key, int | float | str | None)


VIEWS: Final = ("items", "keys", "values", "get")


def viewed(of: Mapping[Any, Any], method: str, given: Sequence[Any]) -> Any:
    """Return of.items(), or the result of another method in VIEWS."""
    made = _tried(getattr(of, method), *given)
    return made if method == "get" or made is UNKNOWN else tuple(made)


def joined_text(each: Sequence[Any]) -> Any:
    """Return the text of f"fc{i}", given its parts; UNKNOWN if it is not known or too long."""
    plain = all(isinstance(it, int | str) for it in each)
    made = "".join(map(str, each)) if plain else ""
    return made if plain and len(made) <= TEXT_MOST else UNKNOWN


_FIELD: Final = re.compile(r"\{\d?(:0?\dd?)?\}|%0?\d?[ds]")
"""{}, {0}, {:02d}, %d and %02d: single digits only, so that a short text stays short."""


def filled(template: str, fill: Callable[..., str], *given: Any) -> Any:
    """Return the result of "fc{}".format(i), "fc%d" % i or f"fc{i:02d}"; UNKNOWN if not known."""
    plain = not {*"{}%"} & {*_FIELD.sub("", template)} and joined_text(given) is not UNKNOWN
    return joined_text([_tried(fill, *given)]) if plain else UNKNOWN


SET: Final = "__setitem__"  # Python's method for several[index] = value
DELETE: Final = "__delitem__"  # Python's method for del several[index]
UPDATE: Final = "update"  # a dict's method
CHANGES_OF_DICTS: Final = ("setdefault", "popitem", "move_to_end")
"""Further methods that change a dict; a plain one, as which each is kept here, lacks the last."""


def changed(several: list[Any] | dict[Any, Any], method: str, given: Sequence[Any]) -> Any:
    """Change a list or dict by one of these, CHANGES or SORT, and return the method's result.

    Raises ValueError if the result cannot be told, or if the list gets too long to be known.
    """
    by_key = isinstance(several, dict) and method != UPDATE
    if by_key and not all(map(_is_key, given[:1])):
        raise ValueError(method)
    if method in ("remove", SORT) and not _is_small(several, *given):
        raise ValueError(method)
    try:
        returned = getattr(several, method)(*given)
    except (AttributeError, *_REFUSALS) as error:
        raise ValueError(method) from error
    if isinstance(several, list) and len(several) > LIST_MOST:
        lengthen(several)
        raise ValueError(method)
    return UNKNOWN if returned is None else returned


def lengthen(several: list[Any]) -> None:
    """Turn a list in place into one that is too long to be known."""
    several[:] = [UNKNOWN] * (LIST_MOST + 1)


def built_in(name: str, given: Sequence[Any], named: Mapping[str, Any] = NO_NAMES) -> Any:
    """Return the result of one of Python's functions for lists and numbers: len, range, zip, …

    A keyword that Python's own does not take, or whose value is not known, makes it UNKNOWN.
    """
    make = _BUILT_IN.get(name)
    if name in _IN_ORDER:
        given = [each.first if isinstance(each, Long) else each for each in given]
    if make is None or not all(is_list(each) or is_number(each) for each in given):
        return UNKNOWN
    made = _tried(make, *given, **named)
    return listed(made) if is_list(made) else made

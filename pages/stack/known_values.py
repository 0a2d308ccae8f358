"""What Python makes of numbers, texts and lists that stand in a code: small ones, and not by eval.

UNKNOWN is what cannot be told, and what is made of it.
"""

import ast
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from math import ceil, floor, log2, prod, sqrt
from typing import Any, Final, TypeGuard

from pages.stack.stack import ENTRIES_MOST

NUMBER_MOST: Final = 10**9
LIST_MOST: Final = ENTRIES_MOST
TEXT_MOST: Final = 1000
VISITS_MOST: Final = 10_000


CHANGES: Final = ("append", "extend", "insert", "pop", "remove", "reverse", "clear")
"""The methods that change a list, some of them a dict too."""
SORT: Final = "sort"
"""One more of a list; of an array it is numpy's."""


class Unknown:
    """What is not understood, and need not be."""


UNKNOWN: Final = Unknown()
SHAPE: Final = Unknown()
"""That of what comes from x, as x.shape."""
EXAMPLES: Final = Unknown()
"""The first of it: how many there are."""


@dataclass(frozen=True, eq=False)
class Long(Unknown):
    """A list of more than LIST_MOST entries. first: so many of them, and UNKNOWN behind them."""

    first: tuple[Any, ...]


def listed(several: list[Any] | tuple[Any, ...]) -> Any:
    """A list as it is, if it is not too long to be known."""
    return several if len(several) <= LIST_MOST else Long((*several[:LIST_MOST], UNKNOWN))


def _power(base: float, exponent: float) -> Any:
    """Of small numbers: 2**5; of one below 0 it may be complex."""
    if abs(base) > 1000 or not 0 <= exponent <= 6:
        raise ArithmeticError(exponent)
    return base**exponent


SUM: Final = "Add()"
TIMES: Final = "Mult()"
REST: Final = "Mod()"
"""Operators as ast.dump writes them; the class of the first has the name of a layer."""
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
    "zip": lambda *lists: tuple(zip(*lists, strict=False)),
    "enumerate": lambda *given: tuple(enumerate(*given)),
    "pairwise": lambda given: tuple(pairwise(given)),
    "max": max,
    "min": min,
    "sum": sum,
    "abs": abs,
    "prod": prod,
    "reversed": lambda given: tuple(reversed(given)),
}
_IN_ORDER: Final = ("list", "tuple", "zip", "enumerate")
"""Those that take from the first entries of a list what the first of theirs are made of."""


def is_number(value: Any) -> TypeGuard[float]:
    """Whether it is one."""
    return isinstance(value, int | float)


def is_list(value: Any) -> TypeGuard[list[Any] | tuple[Any, ...]]:
    """Whether it is a list, or a tuple, of the code."""
    return type(value) in (list, tuple)


def _visited(values: Sequence[Any]) -> tuple[int, list[Any]]:
    """How many lie in these, themselves included, and, in order, those that are no lists or dicts.

    No more than VISITS_MOST, however often a list lies in itself.
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
    """Those in lists and dicts, in order."""
    return _visited(values)[1]


def _is_small(*values: Any) -> bool:
    """Whether Python compares and hashes them in no time: a list may lie in itself many times."""
    return _visited(values)[0] < VISITS_MOST


_REFUSALS: Final = (TypeError, ValueError, LookupError, ArithmeticError)
"""What Python raises where it makes nothing of what it is given."""


def _tried(act: Callable[..., Any], *given: Any) -> Any:
    """What Python makes of these; UNKNOWN where it makes nothing of them, or takes long."""
    if not _is_small(*given):
        return UNKNOWN
    try:
        return act(*given)
    except _REFUSALS:
        return UNKNOWN


def computed(op: ast.operator, left: Any, right: Any) -> Any:
    """Numbers that stay small, and lists that are put together."""
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
    """Whether a comparison holds; None where that is not known."""
    compare = _COMPARISONS.get(ast.dump(op))
    if compare is None or not (_is_plain(left) and _is_plain(right)):
        return None
    lists = [each for each in (left, right) if is_list(each)]
    if any(isinstance(each, Unknown) for several in lists for each in several):
        return None
    made = _tried(compare, left, right)
    return None if made is UNKNOWN else bool(made)


def truth(value: Any) -> bool | None:
    """Whether a condition that has this value holds; None where that is not known."""
    return bool(value) if _is_plain(value) else None


def part(several: Any, index: Any) -> Any:
    """several[index], of one entry or of a slice."""
    return _tried(lambda at: several[at], index)


def as_dict(pairs: Any) -> Any:
    """Of pairs of keys that are known."""
    try:
        return dict(pairs) if all(_is_key(key) for key, _ in pairs) else UNKNOWN
    except (TypeError, ValueError):
        return UNKNOWN


def _is_key(key: Any) -> bool:
    return isinstance(key, int | float | str | None)


VIEWS: Final = ("items", "keys", "values", "get")


def viewed(of: Mapping[Any, Any], method: str, given: Sequence[Any]) -> Any:
    """What a dict shows: of.items(), or another of VIEWS."""
    made = _tried(getattr(of, method), *given)
    return made if method == "get" or made is UNKNOWN else tuple(made)


def joined_text(each: Sequence[Any]) -> Any:
    """f"fc{i}", of what stands in it."""
    plain = all(isinstance(it, int | str) for it in each)
    made = "".join(map(str, each)) if plain else ""
    return made if plain and len(made) <= TEXT_MOST else UNKNOWN


_FIELD: Final = re.compile(r"\{\d?(:0?\dd?)?\}|%0?\d?[ds]")
"""{}, {0}, {:02d}, %d and %02d: of one digit, so that a short text stays short."""


def filled(template: str, fill: Callable[..., str], *given: Any) -> Any:
    """What "fc{}".format(i), "fc%d" % i and f"fc{i:02d}" make."""
    plain = not {*"{}%"} & {*_FIELD.sub("", template)} and joined_text(given) is not UNKNOWN
    return joined_text([_tried(fill, *given)]) if plain else UNKNOWN


SET: Final = "__setitem__"
DELETE: Final = "__delitem__"
UPDATE: Final = "update"
"""Python's names of several[index] = value, of del several[index], and of a dict's own."""


def changed(several: list[Any] | dict[Any, Any], method: str, given: Sequence[Any]) -> Any:
    """What several.pop() gives back, or another of these, of CHANGES or SORT, by which it changes.

    Raises ValueError where that cannot be told, or the list gets too long to be known.
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
    """Makes it one that is too long to be known, wherever it is held."""
    several[:] = [UNKNOWN] * (LIST_MOST + 1)


def built_in(name: str, given: Sequence[Any]) -> Any:
    """What a function of Python's own makes of lists and numbers: len, range, zip, …"""
    make = _BUILT_IN.get(name)
    if name in _IN_ORDER:
        given = [each.first if isinstance(each, Long) else each for each in given]
    if make is None or not all(is_list(each) or is_number(each) for each in given):
        return UNKNOWN
    made = _tried(make, *given)
    return listed(made) if is_list(made) else made

"""The arrays inside a student's instance: where they are, and how to write numbers into them."""

import inspect
from collections.abc import Iterator
from types import FunctionType, MemberDescriptorType, MethodType, ModuleType
from typing import Any, Final

import numpy as np

from engine.grader.interfaces import roles
from engine.grader.plan import Way, WeightAt
from engine.grader.wire import Numbers

DEEPEST: Final = 3  # what is further from the instance, in steps, is not looked into
LIST_MOST: Final = 8  # of a longer list only so many entries are looked at
PLAIN: Final = (str, bytes, int, complex, type(None), type)
CODE: Final = (ModuleType, FunctionType, MethodType)


def arrays(thing: Any) -> Iterator[tuple[Way, Numbers]]:
    """Yield (path, array) for every array in an instance, also in its dicts, lists and parts.

    A float counts as an array without axes, since the gradient of a scalar is one, and a bias may
    be; an integer only if it is named like a bias. Limits: DEEPEST and LIST_MOST.
    """
    yield from _arrays(thing, [], set())


def _arrays(thing: Any, path: Way, seen: set[int]) -> Iterator[tuple[Way, Numbers]]:
    if isinstance(thing, np.ndarray | np.floating | float) or _is_bias(thing, path):
        yield path, np.asarray(thing)
        return
    if isinstance(thing, (*PLAIN, *CODE)) or len(path) > DEEPEST or id(thing) in seen:
        return
    seen.add(id(thing))
    for step, inside in _parts(thing):
        yield from _arrays(inside, [*path, step], seen)


def _is_bias(thing: Any, path: Way) -> bool:
    """Whether something is an integer by the name of a bias: self.b = 0."""
    return type(thing) is int and any(roles(str(key), ("b",)) for _, key in path[-1:])


def _parts(thing: Any) -> Iterator[tuple[list[Any], Any]]:
    if isinstance(thing, dict):
        yield from ((["item", key], each) for key, each in thing.items() if type(key) in (str, int))
    elif isinstance(thing, list | tuple):
        yield from ((["item", i], each) for i, each in enumerate(thing[:LIST_MOST]))
    else:
        for name, each in list(getattr(thing, "__dict__", {}).items()):
            yield ["attr", name], each
        for name, each in inspect.getmembers_static(type(thing)):
            if isinstance(each, property | MemberDescriptorType) and not name.startswith("__"):
                try:
                    yield ["attr", name], getattr(thing, name)
                except Exception:  # noqa: BLE001 - a student's property may raise anything
                    continue


def distinct(held: Iterator[tuple[Way, Numbers]]) -> Iterator[tuple[Way, Numbers]]:
    """Yield each array once, by its shortest path.

    Arrays of one shape that begin at the same place in memory count as one: w and w.T, if square.
    """
    seen: set[tuple[Any, ...]] = set()
    for path, array in sorted(held, key=lambda each: len(each[0])):
        memory = array.__array_interface__["data"][0], array.shape
        if memory not in seen:
            seen.add(memory)
            yield path, array


def at_path(thing: Any, path: WeightAt) -> Any:
    """Return what is at the end of a path; None if the path breaks off, or if it is no path."""
    if not isinstance(path, list):
        return None
    for kind, key in path:
        try:
            thing = getattr(thing, key) if kind == "attr" else thing[key]
        except Exception:  # noqa: BLE001 - a student's code may raise anything
            return None
    return thing


def written(thing: Any, path: Way, value: Any) -> bool:
    """Write numbers into the array at the end of a path, and return whether that was possible."""
    there = at_path(thing, path)
    if isinstance(there, np.ndarray) and there.dtype.kind == "f" and there.flags.writeable:
        there[...] = value
        return True
    return False


def put(thing: Any, path: Way, value: Any) -> None:
    """Put an array at the end of a path: written into the one that is there, if possible."""
    if written(thing, path, value):
        return
    *way, (kind, key) = path
    owner = at_path(thing, way)
    if kind == "attr":
        setattr(owner, key, value)
    else:
        owner[key] = value


def kept_array(instance: Any, names: str) -> Way | None:
    """Return the path of the first of these attributes that holds an array; None if none does."""
    held = getattr(instance, "__dict__", {})
    kept = (name for name in names.split() if isinstance(held.get(name), np.ndarray))
    return next(([["attr", name]] for name in kept), None)

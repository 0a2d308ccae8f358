"""The settings of a request as a student's layer takes them, or why it cannot."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, NoReturn

from engine.grader.interfaces import CONVOLUTIONS, roles, shape_of


class NotTakenError(ValueError):
    """A layer's interface shows that it is not meant for this request."""


class NoSettingError(NotTakenError, KeyError):
    """A dict of settings lacks one; also a KeyError, which a student's code may catch."""

    __str__ = Exception.__str__  # KeyError would put the sentence in quotes


class Parameters(dict[str, Any]):
    """A dict of settings that records which of them are looked up."""

    def __init__(self, values: Mapping[str, Any], read: set[str], names: set[str]) -> None:
        super().__init__(values)
        self._read, self._names = read, names

    def __getitem__(self, name: str) -> Any:
        """Return a setting and record that it was looked up."""
        self._note(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """Return a setting, or the default, and record that it was looked up."""
        self._note(name)
        return super().get(name, default)

    def __missing__(self, name: str) -> NoReturn:
        """Raise NoSettingError.

        A window that is not square has no single size; other names are not settings.
        """
        size = roles(name, ("size", "size[0]"))
        raise NoSettingError(f"takes one number as {name} only" if size else f"needs a {name!r}")

    def _note(self, name: str) -> None:
        if name in self:
            self._names.add(name)
        meant_by = roles(name, ("stride", "padding", "size", "size[0]", "size[1]"))
        self._read.update(each.removesuffix("[0]") for each in meant_by)


def parameters(topic: str, settings: Mapping[str, Any], known: Mapping[str, int]) -> dict[str, Any]:
    """Return the settings as a dict, under all the names that such dicts use."""
    whole = topic in CONVOLUTIONS
    height, width = (1, 1) if whole else _pair(settings.get("size", 1))
    stride, padding = settings.get("stride", height), settings.get("padding", 0)
    extent: dict[str, Any] = {}
    if whole:
        if known.get("K", known.get("L")) == known.get("L"):
            extent = {"f": known.get("L")}
    elif height == width:
        extent = dict.fromkeys(("f", "size", "pool_size", "kernel_size"), height)
    return {
        **extent,
        "pool_height": height,
        "pool_width": width,
        **dict.fromkeys(("stride", "strides", "s"), stride),
        **dict.fromkeys(("pad", "padding", "p"), padding),
    }


class Asked(NamedTuple):
    """A request's settings, the length of each axis, and the settings that are passed as pairs."""

    topic: str
    settings: Mapping[str, Any]
    sizes: Mapping[str, int]
    pairs: Sequence[str] = ()

    def chosen(self, setting: str) -> Any:
        """Return the stride, padding or size, or its default; as a pair if it is passed so."""
        stride = 1 if self.topic in CONVOLUTIONS else self.settings.get("size")
        chosen = {"stride": stride, "padding": 0, **self.settings}
        if setting not in chosen:
            raise NotTakenError("takes windows of some size only")
        return _pair(chosen[setting]) if setting in self.pairs else chosen[setting]


def _kernel_size(asked: Asked) -> Any:
    height, width = asked.sizes.get("K", asked.sizes.get("L", 1)), asked.sizes.get("L", 1)
    even = height == width and "k" not in asked.pairs
    return height if even or asked.topic == "Conv1D" else (height, width)


def _padding_word(asked: Asked) -> str:
    _, settings, sizes, _ = asked
    padding = settings.get("padding", 0)
    if padding == 0:
        return "valid"
    kernel = [sizes[each] for each in "KL" if each in sizes] or [settings.get("size", 0)]
    same = isinstance(padding, int) and all(2 * padding == each - 1 for each in kernel)
    if same and settings.get("stride", 1) == 1:
        return "same"
    raise NotTakenError("takes 'valid' and 'same' as padding only")


SETTINGS: Final[Mapping[str, Callable[[Asked], Any]]] = {
    "k": _kernel_size,
    "stride": lambda asked: asked.chosen("stride"),
    "padding": lambda asked: asked.chosen("padding"),
    "size": lambda asked: asked.chosen("size"),
    "size[0]": lambda asked: _pair(asked.chosen("size"))[0],
    "size[1]": lambda asked: _pair(asked.chosen("size"))[1],
    "stride[0]": lambda asked: _pair(asked.chosen("stride"))[0],
    "stride[1]": lambda asked: _pair(asked.chosen("stride"))[1],
    "padding-word": _padding_word,
    "padding-WORD": lambda asked: _padding_word(asked).upper(),
    "1": lambda asked: 1.0,
}
"""What a parameter is given, by its role, if that depends on the settings and axis lengths."""
AXES: Final = re.compile("[NCHWDFKLM]+,?")
"""Axes as a role: "D" for a length, "CHW" for a shape, "D," for a shape with a single axis."""


def setting_for(
    role: str,
    topic: str,
    settings: Mapping[str, Any],
    known: Mapping[str, int],
    pairs: Sequence[str] = (),
) -> Any:
    """Return what a parameter with this role is given, for these settings and axis lengths."""
    if AXES.fullmatch(role):
        return known[role] if len(role) == 1 else shape_of(role, known)
    return SETTINGS[role](Asked(topic, settings, known, pairs))


def _pair(value: Any) -> tuple[Any, Any]:
    return tuple(value) if isinstance(value, list | tuple) else (value, value)

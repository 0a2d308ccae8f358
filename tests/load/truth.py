"""What a page must show for an address, by the engine alone; and what a figure does show."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from engine import RULES, ConvBlock, Kinks, MaxPool, ReLU, Trace, trace

Address = Mapping[str, str]
Numbers = Counter[float]

_VALUE: Final = re.compile(r"<b>(−?[\d.]+)</b>")
_GRADIENT: Final = re.compile(r"(?:<b>)?∂ ([+−]?[\d.]+)\b.*")
DIGITS: Final = 3
"""Decimals to which numbers are compared, since a picture rounds them."""


def _kinks(address: Address) -> Kinks:
    return RULES[address["rule"]].kinks


def _numbers(text: str) -> list[float]:
    return [float(part) for part in text.split(",")]


def _block(address: Address) -> Trace:
    x, w = _numbers(address["x"]), float(address["w"])
    return trace(ConvBlock(), x, w, dout=float(address["dz"]), kinks=_kinks(address))


def _relu(address: Address) -> Trace:
    return trace(
        ReLU(), _numbers(address["a"]), dout=_numbers(address["dh"]), kinks=_kinks(address)
    )


def _max_pool(address: Address) -> Trace:
    h = _numbers(address["h"])
    whole = address["size"] not in "123456789"
    size, stride, padding = (address[k] for k in ("size", "stride", "padding"))
    layer = MaxPool() if whole else MaxPool(int(size), int(stride), int(padding))
    dout = np.array(_numbers(address["dz"]))
    output = np.shape(layer.forward(h))
    return trace(layer, h, dout=dout[: int(np.prod(output))].reshape(output), kinks=_kinks(address))


PAGES: Final[Mapping[str, Callable[[Address], Trace]]] = {
    "": _block,
    "relu": _relu,
    "max_pool": _max_pool,
}
"""The pages whose every number is compared, by their paths."""


def expected(path: str, address: Address) -> tuple[Numbers, Numbers]:
    """Return the values and the gradients that the page must show, as the engine computes them."""
    passed = PAGES[path](address)
    first = passed.steps[0]
    values = [*first.inputs, *(step.output for step in passed.steps)]
    gradients = [*first.grads, *(step.dout for step in passed.steps)]
    return _counted(values), _counted(gradients)


def shown(traces: Sequence[Mapping[str, Any]]) -> tuple[Numbers, Numbers]:
    """Return the values and the gradients in the texts of a figure's traces."""
    texts = [text for each in traces for text in each.get("text") or ()]
    return _read(_VALUE, texts), _read(_GRADIENT, texts)


def frame(base: Sequence[Mapping[str, Any]], changes: Sequence[Any]) -> list[Mapping[str, Any]]:
    """Return the traces of one frame of a sweep: its changes applied to the base."""
    return [_laid(old, new) for old, new in zip(base, changes, strict=True)]


def _laid(old: Any, new: Any) -> Any:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return {**old, **{key: _laid(old.get(key), value) for key, value in new.items()}}
    if isinstance(old, list) and isinstance(new, Mapping):
        return [_laid(each, new[str(i)]) if str(i) in new else each for i, each in enumerate(old)]
    return new


def _counted(arrays: Sequence[np.ndarray[Any, Any]]) -> Numbers:
    return Counter(round(float(n), DIGITS) + 0.0 for array in arrays for n in np.ravel(array))


def _read(pattern: re.Pattern[str], texts: Sequence[str]) -> Numbers:
    found = (pattern.fullmatch(text) for text in texts)
    return Counter(round(float(each[1].replace("−", "-")), DIGITS) + 0.0 for each in found if each)

"""Mistakes with stride, padding and overlap, in convolutions and pools."""

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any, Final

import numpy as np

from engine.arrays import Array, Index
from engine.check.student.patterns.look import Hypothesis, Look
from engine.check.student.patterns.pool import POOLS
from engine.check.student.patterns.product import CONVOLUTIONS
from engine.check.student.wire import Numbers

WINDOWS: Final = (*CONVOLUTIONS, *POOLS)


def _other(**settings: int) -> Callable[[Look], Numbers | None]:
    """The output under other settings."""

    def predict(look: Look) -> Numbers | None:
        present = all(setting in look.case.settings for setting in settings)
        return look.output(**settings) if present else None

    return predict


def _read_too_early(look: Look) -> Numbers | None:
    """As many windows as there should be, but one entry apart."""
    if "stride" not in look.case.settings:
        return None
    ones = look.output(stride=1)
    return None if ones is None else ones[_as_many(look)]


def _as_many(look: Look) -> tuple[slice, ...]:
    return tuple(slice(count) for count in look.dout.shape)


def _one_short(look: Look) -> Numbers | None:
    if "size" not in look.case.settings and look.subject.pool:
        return None
    where: tuple[Any, ...] = (..., *[slice(-1)] * look.subject.axes)
    short = look.expected[where]
    return look.got if look.got.size == short.size == 0 else short


def _padded(look: Look, ends: Sequence[tuple[int, int]]) -> Array:
    """x with this much before and after each axis, of what a pool never chooses."""
    around = [(0, 0)] * (look.x.ndim - len(ends)) + list(ends)
    return np.pad(look.x, around, constant_values=-1e9 if look.subject.pool else 0.0)


def _one_side(*, front: bool) -> Callable[[Look], Numbers | None]:
    """All the padding at one end."""

    def predict(look: Look) -> Numbers | None:
        paddings = look.extents("padding")
        if not any(paddings):
            return None
        x = _padded(look, [(2 * each, 0) if front else (0, 2 * each) for each in paddings])
        return look.output(x, *look.case.inputs[1:], padding=0)

    return predict


def _cut_elsewhere(look: Look) -> Numbers | None:
    """The gradient of the padded input, cut at whatever wrong place the student cuts it."""
    return next((each for each in _cuts(look) if look.matches(each)), None)


def _cuts(look: Look) -> Iterator[Numbers]:
    paddings = look.extents("padding")
    if look.argument != 0 or not any(paddings):
        return
    x = _padded(look, [(each, each) for each in paddings])
    whole = look.grad(x, *look.case.inputs[1:], padding=0)
    if whole is None:
        return
    yield whole
    for shift in product(*(range(2 * each + 1) for each in paddings)):
        place = zip(shift, look.x.shape[-len(shift) :], strict=True)
        where: tuple[Any, ...] = (..., *(slice(at, at + size) for at, size in place))
        yield whole[where]


def _written_too_early(look: Look) -> Numbers | None:
    """Window i read and written at i, not at i · stride."""
    if "stride" not in look.case.settings:
        return None
    ones = look.output(stride=1)
    if ones is None:
        return None
    spread = np.zeros_like(ones)
    spread[_as_many(look)] = look.dout
    return look.grad(dout=spread, stride=1)


def _overwritten(*, grouped: bool, winners: bool) -> Callable[[Look], Numbers | None]:
    """Each window's share put where it belongs, over what was there: the last one stays.

    grouped: all filters at one position are still added. winners: only where it is not 0.
    """

    def predict(look: Look) -> Numbers | None:
        if look.argument != 0 or (winners and look.subject.name in CONVOLUTIONS):
            return None
        grad = np.zeros_like(look.x)
        for share, entries in _shares(look, grouped=grouped):
            for entry in entries:
                if not winners or share[entry] != 0:
                    grad[entry] = share[entry]
        return grad

    return predict


def _shares(look: Look, *, grouped: bool) -> Iterator[tuple[Array, set[Index]]]:
    """What each window sends back, in order, and which entries it covers."""
    axes = look.subject.axes
    found: dict[Index, tuple[Array, set[Index]]] = {}
    for output, share in look.shares():
        place = output[-axes:] if len(output) >= axes else ()
        batch = output[:1] if look.examples > 1 else ()
        middle = () if grouped else output[len(batch) : len(output) - len(place)]
        total, entries = found.setdefault((*batch, *middle, *place), (np.zeros_like(look.x), set()))
        total += share
        entries.update(look.readers[output])
    yield from found.values()


OUTPUT: Final = (
    Hypothesis("the stride is ignored", _other(stride=1), WINDOWS),
    Hypothesis("window i begins at i, not at i * stride", _read_too_early, WINDOWS),
    Hypothesis("the padding is ignored", _other(padding=0), WINDOWS),
    Hypothesis("stride and padding are ignored", _other(stride=1, padding=0), WINDOWS),
    Hypothesis("the padding is all at the front", _one_side(front=True), WINDOWS),
    Hypothesis("the padding is all at the end", _one_side(front=False), WINDOWS),
    Hypothesis("the last window is missing: the output is one short", _one_short, WINDOWS),
)

GRADIENT: Final = (
    *(
        Hypothesis(
            "{d}: where windows overlap, contributions are overwritten, not added",
            _overwritten(grouped=grouped, winners=winners),
            WINDOWS,
        )
        for grouped in (False, True)
        for winners in (False, True)
    ),
    Hypothesis("{d}: the stride is ignored on the way back", _written_too_early, WINDOWS),
    Hypothesis(
        "{d}: the padding is cut off at the wrong place, or not at all", _cut_elsewhere, WINDOWS
    ),
)

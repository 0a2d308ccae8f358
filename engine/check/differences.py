"""The output as a function of single entries, all else fixed, and its slopes on both sides.

A difference needs the same pass again and again, with one entry moved. Each moved copy is treated
as one more example of a minibatch, or as one more filter, and each operation knows how to compute
its copies side by side (`apply_to_copies`). Here they are sent through a whole pass; slopes are
computed from the changes, along with how far rounding may have moved them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.arrays import Array, Index, Mask, nonzero_at, place_in, real_arrays, upstream_array
from engine.check.precision import (
    AS_SINGLE,
    DOUBLE,
    TOLERANCE,
    Precision,
    precision_of,
    rounds_within,
    unit,
)
from engine.errors import EngineError, SettingError, ShapeError
from engine.layers.base import Layer, Operation
from engine.layers.graph import Composite, run, widest

Inputs: TypeAlias = tuple[Array, ...]
Forward = Callable[..., ArrayLike]
Places: TypeAlias = NDArray[np.intp]  # entries, numbered through all params, one after the other
ROOM: Final = 2**18  # no array of copies has more entries (2 MB), unless a single copy does
ENTRIES_FEW: Final = 2**12
"""If copies have at most so many entries together, their widths are not looked up."""
FINER: Final = np.exp2([-4.0, -11.0])
"""Parts of the widest and of the narrowest step; the last part of the narrowest moves an entry by
its last place."""
JUMP: Final = 2.0**-22
"""The spacing of numbers around 2^30: an output that changes once, by more, is not merely
rounded."""
SLIGHT: Final = 2.0**-10
"""The part of a slope by which a bend, or a kink at the very end of a step, may separate the
sides."""


def layer_behind(forward: Callable[..., ArrayLike], params: Inputs) -> Layer | None:
    """Return the layer whose own forward this is; None if copies have to be passed one by one.

    They have to for any other function, and for the forward of a layer that overrides what it is
    made of: what is evaluated must be what was passed in.
    """
    layer = getattr(forward, "__self__", None)
    if not isinstance(layer, Layer) or not _is(forward, Layer.forward):
        return None
    if not _is(layer.admit, Layer.admit) or not as_planned(layer):
        return None
    bound, inputs = layer.bind(params)
    return layer if bound is layer and inputs is params else None


def outputs_of_all(layer: Layer, inputs: Inputs, copies: Mapping[int, Array]) -> Array:
    """Return the outputs for copies of several inputs in turn, with all others as they are.

    copies: by argument, in order, each with a leading axis. -> (ΣM, *output.shape), one argument's
    after the other's. Raises EngineError if an output leaves the range of its dtype.
    """
    nodes, values = layer.plan(len(inputs)), list(inputs)

    def still(number: int) -> Array:
        """Return a value without anything moved; run the pass only if a step's is asked for."""
        if number >= len(values):
            values.extend(each.output for each in run(nodes, inputs))
        return values[number]

    # For each value the copies that reach it, by the argument of which they are copies.
    moving = {number: {number: copy} for number, copy in copies.items()}
    for position, (operation, reads, _) in enumerate(nodes):
        # Arguments that move the same inputs of this operation are computed together.
        alike: dict[tuple[int, ...], list[int]] = {}
        for argument in copies:
            copied = tuple(i for i, n in enumerate(reads) if argument in moving.get(n, {}))
            if copied:
                alike.setdefault(copied, []).append(argument)
        made: dict[int, Array] = {}
        for copied, arguments in alike.items():
            stacked = tuple(
                _joined([moving[number][argument] for argument in arguments])
                if i in copied
                else still(number)
                for i, number in enumerate(reads)
            )
            result = operation.outputs(copied, stacked)
            start = 0
            for argument in arguments:
                stop = start + len(copies[argument])
                made[argument], start = result[start:stop], stop
        moving[len(inputs) + position] = made
    reached = moving[len(inputs) + len(nodes) - 1]  # by all of them: every value is read
    return _joined([reached[argument] for argument in copies])


def _joined(parts: list[Array]) -> Array:
    return np.concatenate(parts) if len(parts) > 1 else parts[0]


def _is(method: Callable[..., Any], function: Callable[..., Any]) -> bool:
    return getattr(method, "__func__", None) is function


def as_planned(layer: Layer) -> bool:
    """Whether a layer computes what its plan says."""
    if isinstance(layer, Operation):
        return _is(layer.plan, Operation.plan)
    return (
        isinstance(layer, Composite)
        and _is(layer.apply, Composite.apply)
        and _is(layer.run, Composite.run)
    )


@dataclass(frozen=True, eq=False)
class Curve:
    """The output, weighted with dout and summed, as a function of single entries of the params."""

    forward: Forward
    params: tuple[Array, ...]  # float64: a difference in float32 is mostly rounding
    dout: Array  # in the output's shape
    output: Array  # at the params themselves
    layer: Layer | None
    """Whose forward this is, if its copies can be evaluated together; otherwise forward is called
    for one after the other."""
    precision: Precision  # the one that forward computes in, whatever it is given

    def place(self, argument: int, index: Index) -> int:
        """Return the position of an entry among all; raise ValueError if its param has no such."""
        return int(self.starts[argument]) + place_in(self.params[argument].shape, index)

    @cached_property
    def starts(self) -> Places:
        """The position of each param's first entry, and the number of all entries."""
        return np.cumsum([0, *(param.size for param in self.params)])

    @cached_property
    def entries(self) -> Array:
        """All entries, one param after the other."""
        return np.concatenate([param.ravel() for param in self.params])

    def split(self, each: Array) -> list[Array]:
        """Split numbers for all entries, (entries,), into one array for each param, (*shape,)."""
        return [
            each[start : start + param.size].reshape(param.shape)
            for start, param in zip(self.starts, self.params, strict=False)
        ]

    def changes(self, places: Places, values: Array) -> Iterator[tuple[slice, Array]]:
        """Yield how the outputs change as entries take other values, in parts that fit in memory.

        places: (E,), the entries, in order; values: (E, S), what each becomes, one after the other.
        Yields which n of the places a part is about, and the changes, (n, S, outputs).
        """
        for part in self._parts(*values.shape):
            yield part, self._outputs(places[part], values[part]) - self.output.ravel()

    def _outputs(self, places: Places, values: Array) -> Array:
        """Return the outputs with one entry moved each time: (E,), (E, S) -> (E, S, outputs)."""
        if self.layer is None:
            rows = zip(places, values, strict=True)
            called = [[self._called(place, value) for value in row] for place, row in rows]
            return np.array(called)
        bounds = np.searchsorted(places, self.starts)
        copies = {
            argument: self._copies(argument, places[first:last], values[first:last])
            for argument, (first, last) in enumerate(pairwise(bounds))
            if first < last
        }
        with np.errstate(all="ignore"):  # a result out of range is an error, not a warning
            return outputs_of_all(self.layer, self.params, copies).reshape(*values.shape, -1)

    def _copies(self, argument: int, places: Places, values: Array) -> Array:
        """Return a param with one entry moved each time: (E,), (E, S) -> (E·S, *shape)."""
        param = self.params[argument]
        copies = np.empty((param.size, *values.shape))  # in this order: the layers' batch is last
        copies[...] = param.reshape(-1, 1, 1)
        copies[places - self.starts[argument], np.arange(len(places))] = values
        return copies.reshape(param.size, -1).T.reshape((-1, *param.shape))

    def _called(self, place: int, value: float) -> Array:
        moved = self.entries.copy()
        moved[place] = value
        output = _evaluated(self.forward, self.split(moved))
        _check_shape(output, self.output)
        return output.ravel()

    def _parts(self, count: int, each: int) -> Iterator[slice]:
        """Yield slices of `count` things that fit into ROOM, if each needs `each` copies."""
        # Few small copies always fit, and to find out their width would cost as much.
        few = count * each * (self.output.size + self.starts[-1]) <= ENTRIES_FEW
        size = count if few else max(1, ROOM // (each * self._width))
        return (slice(start, start + size) for start in range(0, count, size))

    @cached_property
    def _width(self) -> int:
        """The number of entries of the largest array in the pass of one copy."""
        shapes = (each.shape for each in self.params)
        passing = 0 if self.layer is None else widest(self.layer, *shapes)
        return max(passing, self.output.size, *(param.size for param in self.params))


def _weighed(outputs: Array | Mask, weights: Array) -> Array:
    """Return Σ output · weight: (…, outputs), and weights of any shape -> (…)."""
    # Not by BLAS: its threads wait for each other if the machine has other things to do.
    return np.asarray(np.einsum("...p,p->...", outputs, weights.ravel()))


def curve(forward: Forward, params: tuple[ArrayLike, ...], dout: ArrayLike | None) -> Curve:
    """Return the curve of a function at its params.

    dout: in the shape of the output, or one number for every output. None: 1 for a scalar output,
    else random in [0.5, 1.5] from a fixed seed; with mixed signs the right gradient of overlapping
    windows can lie outside the bracket of its one-sided derivatives.
    Raises EngineError for bad input, or if an output is not finite, or not always the same.
    """
    if not params:
        raise ShapeError("check: needs at least one param; got none")
    names = [f"param #{i}" for i in range(len(params))]
    doubles = tuple(array.astype(np.float64) for array in real_arrays("check", names, params))
    layer, output = layer_behind(forward, doubles), _evaluated(forward, doubles)
    precision = precision_of([output])
    if precision is DOUBLE and layer is None:
        precision = AS_SINGLE if rounds_within(forward, doubles) else DOUBLE
    # Once more: forward has to give the same again, and may remember these params.
    again = _evaluated(forward, doubles).astype(np.float64)
    output = output.astype(np.float64)
    _check_same(again, output, precision)
    if dout is None:
        dout = 1.0 if output.ndim == 0 else np.random.default_rng(0).uniform(0.5, 1.5, output.shape)
    weights = upstream_array("check", dout, output, spread=True)
    return Curve(forward, doubles, weights, output, layer, precision)


def _evaluated(forward: Forward, params: Sequence[Array]) -> Array:
    """Return the output in its own dtype; of copies, as a student's forward may work in place."""
    (output,) = real_arrays("forward", ["the output"], [forward(*(each.copy() for each in params))])
    return output


def _check_shape(output: Array, before: Array) -> None:
    if output.shape != before.shape:
        raise ShapeError(
            f"forward: needs an output of one shape whatever the numbers; got {output.shape} "
            f"after {before.shape}"
        )


def _check_same(output: Array, before: Array, precision: Precision) -> None:
    """Raise EngineError if a second call with the same params gave something else.

    A difference that rounding may make, if sums are taken in another order, is allowed.
    """
    _check_shape(output, before)
    apart = np.abs(output - before) > precision.bend * np.maximum(1, np.abs(before))
    if apart.any():
        at = nonzero_at(apart)[0]
        raise EngineError(
            f"forward: needs the same output for the same params; got {before[at]}, then "
            f"{output[at]}{f' at index {at}' if at else ''}: what is random in it, or counts its "
            "calls, has to start anew in each"
        )


class Sides(NamedTuple):
    """One-sided derivatives of entries, equal if they cannot be told apart: (E,) each."""

    left: Array
    right: Array
    slack: Array  # how far from them a right gradient may lie


@dataclass(frozen=True, eq=False)
class Slopes:
    """What one step to either side of every entry shows, by which narrower steps are judged."""

    curve: Curve
    wide: Array  # the slopes to the left and to the right, (entries, 2)
    sizes: Array
    """What is added up in each output, |output| + Σ |entry · slope|: rounding moves the output by a
    part of that, however small the output itself is."""

    @cached_property
    def magnitude(self) -> Array:
        """What errors are relative to: the slope, but at least 1 or its param's largest if less."""
        return np.asarray(np.maximum(self._own, self._least))

    @cached_property
    def _own(self) -> Array:
        return np.asarray(np.abs(self.wide).max(axis=1))

    @cached_property
    def _least(self) -> Array:
        least = np.minimum(1, np.maximum.reduceat(self._own, self.curve.starts[:-1]))
        return np.asarray(least.repeat(np.diff(self.curve.starts)))

    def sides(self, places: Places, tol: float = TOLERANCE) -> Sides:
        """Return the one-sided derivatives of these entries, in order.

        A kink that is near, but not here, lies within the wider steps only: the widest step that
        agrees with all narrower ones is taken, since it is the most precise. tol: how far a right
        gradient may be off besides, relative to the magnitude.
        """
        found = np.empty((3, len(places), 2))
        at = self.curve.entries[places, None, None]
        values = at + self._ladder(at)
        shifts = values - at
        further = self._further(at, values)
        tried = np.concatenate([values, further], axis=-1)
        for part, changes in self.curve.changes(places, tried.reshape(len(places), -1)):
            changes = changes.reshape(*tried[part].shape, -1)
            grains = self._grains(changes) if further.size else 0.0
            changes, sizes = changes[:, :, : shifts.shape[-1]], np.abs(shifts[part])
            slopes = _weighed(changes, self.curve.dout) / shifts[part] + 0.0  # no negative zero
            noise = np.maximum(self._noise(changes, sizes), 2 * grains / sizes)
            found[:, part] = _settled(slopes, noise)
        sides, noise, doubt = found[0], found[1].sum(axis=1), found[2].sum(axis=1)
        # Not from the wide steps, within which there may be a jump that is merely near.
        magnitude = np.maximum(self._least[places], np.abs(sides).max(axis=1))
        slack = tol * magnitude + self.curve.precision.bend + noise
        slight = np.minimum(doubt, SLIGHT * magnitude)
        apart = np.abs(sides[:, 1] - sides[:, 0])
        one = apart <= slack + slight
        sides[one] = sides[one].mean(axis=1, keepdims=True)
        return Sides(sides[:, 0], sides[:, 1], slack + np.where(one, apart / 2, slight))

    def _noise(self, changes: Array, shifts: Array) -> Array:
        """Return how far rounding may move slopes: (E, 2, S, outputs), (E, 2, S) -> (E, 2, S).

        Rounding moves each output that changes with a side's steps. If an output changes with none
        of them, they leave it alone, or else rounding hides even the widest: then its slope is as
        small as that.
        """
        weights, precision = np.abs(self.curve.dout.ravel()), self.curve.precision
        added_up = (weights * self.sizes) ** precision.norm
        changed = _weighed(np.asarray(changes.any(axis=2, keepdims=True)), added_up)
        left, changed = (
            each ** (1 / precision.norm) for each in (added_up.sum() - changed, changed)
        )
        lost = left / (8 * shifts[..., :1])
        moved = changed + _weighed(np.abs(changes), weights)
        return np.asarray(precision.rounding * (moved / shifts + lost))

    def _further(self, at: Array, values: Array) -> Array:
        """Return values besides those of the ladder, which show in which grains outputs move.

        The size of an output does not show what it lost on the way, as tanh(x) + 1 does at -18. The
        engine's layers lose nothing in this way, and need none. (E, 1, 1), (E, 2, S) -> (E, 2,
        further).
        """
        if self.curve.layer is not None or self.curve.precision is not DOUBLE:
            return values[..., :0]
        widest, narrowest = values[..., :1], values[..., -1:]
        step, last = widest - at, np.nextafter(widest, np.inf * (widest - at))
        return np.concatenate([last, widest + step * FINER, at + (narrowest - at) * FINER], axis=-1)

    def _grains(self, changes: Array) -> Array:
        """Return by how much outputs are rounded, if their sizes do not show it.

        A grain is the least by which two values of an output differ. (E, 2, S, outputs) -> (E, 1,
        1).
        """
        zero = np.zeros((len(changes), 1, changes.shape[-1]))
        values = np.concatenate(
            [changes.reshape(len(changes), -1, changes.shape[-1]), zero], axis=1
        )
        apart = np.diff(np.sort(values, axis=1), axis=1)
        grain = apart.min(axis=1, initial=np.inf, where=apart > 0)
        largest = np.abs(self.curve.output.ravel()) + np.abs(values).max(axis=1)
        moves = np.isfinite(grain)
        # A single gap is a jump, unless it is so small that a loss may lose it in adding up.
        grain[(np.count_nonzero(apart, axis=1) == 1) & (grain > JUMP)] = 0.0
        # If nothing moves, the changes of numbers around 1 may have been lost altogether.
        grain[~moves.any(axis=1)] = np.finfo(np.float64).eps
        lost = np.isfinite(grain) & (grain > self.curve.precision.rounding * largest)
        weights = np.abs(self.curve.dout.ravel())
        return np.asarray(_weighed(np.where(lost, grain, 0.0), weights)[:, None, None])

    def _ladder(self, at: Array) -> Array:
        """Return the steps that entries make to the left and to the right, widest first.

        (E, 1, 1) -> (E, 2, S).
        """
        sizes, precision = self.sizes[self.sizes > 0], self.curve.precision
        smallest = min(0, int(np.frexp(sizes.min())[1])) if sizes.size else 0
        last = max(precision.narrowest + smallest, precision.last)
        steps = np.exp2(np.arange(precision.widest, last - 1, precision.ratio))
        # A step that is narrow for a small number would be lost in a large one.
        steps = np.maximum(unit(at) * steps, np.abs(at) * 2.0 ** (precision.narrowest - 1))
        return np.asarray(steps * [[-1.0], [1.0]])


def slopes_of(looked_at: Curve, step: float) -> Slopes:
    """Return the slopes of one step to either side of every entry, as `Slopes`.

    An entry of 2 or more is moved by its own power of two times the step, so that no step is lost
    in rounding. Raises SettingError for a step that is too small all the same.
    """
    at = looked_at.entries[:, None]
    values = at + unit(at) * [-step, step]
    shifts = values - at
    if not shifts.all():
        lost = at[(shifts == 0).any(axis=1)][0, 0]
        raise SettingError(f"check: needs a step that moves an entry of {lost}; got {step}")
    slopes, sizes = np.empty_like(values), np.abs(looked_at.output.ravel())
    for part, changes in looked_at.changes(np.arange(at.size), values):
        slopes[part] = _weighed(changes, looked_at.dout) / shifts[part] + 0.0
        sizes += np.einsum("es,esp->p", np.abs(at[part] / shifts[part]) / 2, np.abs(changes))
    return Slopes(looked_at, slopes, sizes)


def one_sided(
    forward: Forward, *params: ArrayLike, dout: ArrayLike = 1.0
) -> list[tuple[Array, Array]]:
    """Return the two one-sided derivatives of sum(dout * forward(*params)), for each entry.

    -> one (left, right) for each parameter, each in the parameter's shape. They differ exactly if
    the entry is on a kink, or so near to one that float64 cannot tell: nearer than 2^-41 (5e-13) of
    what is added up in the output. A pool of 3 and 3 + 1e-12 has a derivative, one of 3 and 3 +
    1e-13 is as good as a tie. A ReLU adds nothing up: the only inputs at a kink are 0 and those
    that are nearer to 0 than the narrowest step, 2^-195 (2e-59). For a function that is no layer's
    forward the limit is 2^-27 (7e-9) of the entry, or of 1 if that is more, where its output rounds
    away the last place of the entry: that of max(x) + 3, say, at 1. For a forward that computes in
    float32 the limit is what float32 can tell: 2^-12 of what is added up. Outputs that do not
    change with an entry, but in which more than 2^31 is added up, may hide a gap of 1 between its
    sides in their rounding: then both sides are the middle of it. At a jump, which has no slope, a
    side is the jump divided by the narrowest step; outputs that change once, by 2^-22 or less, may
    have been rounded.
    dout: in the shape of the output; a single number stands for that number at every output, as in
    `trace`. Raises EngineError (a ValueError) for bad input.
    """
    return _both_sides(curve(forward, params, dout))


@np.errstate(all="ignore")  # an output out of range is an error, a slope of inf is what it is
def _both_sides(looked_at: Curve) -> list[tuple[Array, Array]]:
    """Return the same for a curve: one (left, right) for each parameter."""
    widest = 2.0**looked_at.precision.widest
    sides = slopes_of(looked_at, widest).sides(
        np.arange(looked_at.entries.size), max(TOLERANCE, looked_at.precision.tol)
    )
    return list(zip(*map(looked_at.split, (sides.left, sides.right)), strict=True))


def _settled(slopes: Array, noise: Array) -> tuple[Array, Array, Array]:
    """Return the slope, noise and doubt of the step that is taken: (E, 2, S) twice -> (E, 2).

    The doubt is how far its slope lies from that of the next narrower step.
    """
    steps = np.arange(slopes.shape[-1])
    apart = np.abs(slopes[..., :, None] - slopes[..., None, :])
    narrower = np.less.outer(steps, steps)
    agrees = (~narrower | (apart <= noise[..., None, :])).all(axis=-1)
    taken = agrees.argmax(axis=-1)[..., None]
    beside = np.minimum(taken + 1, steps[-1])
    slope, other = (np.take_along_axis(slopes, each, axis=-1)[..., 0] for each in (taken, beside))
    return slope, np.take_along_axis(noise, taken, axis=-1)[..., 0], np.abs(slope - other)

"""One pass through a layer, forward and backward, with every step and every value kept.

`trace` computes it. A `Trace` says where a gradient was stopped, and why. The functions below give
the chain rule term by term, which outputs read which entries (within one step this is known from
engine/wiring.py), and which of these readings are muted because the entry is multiplied by 0.
"""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import repeat
from operator import index as whole
from operator import lt
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.arrays import (
    Array,
    Index,
    Mask,
    frozen,
    indices,
    nonzero_at,
    once,
    upstream_array,
)
from engine.errors import SettingError
from engine.kinks import LAB, RULES, Kinks, Rule, check_kinks
from engine.layers.base import ONE, Factor, Grads, Layer, Node, Operation, Pieces
from engine.layers.graph import ForwardStep, pull, readings, run, why_summed
from engine.why import WHYS, Why, WhyArray, paint
from engine.wiring import Ways, Wires, Wiring, wiring_of

Of = TypeVar("Of")
Told = TypeVar("Told")
Number = TypeVar("Number", bound=np.generic)


@dataclass(frozen=True, eq=False)
class Step:
    """One layer's part of a trace; the arrays are read-only.

    grads, why and kinked have one array per input, in the input's shape, and describe what this
    step alone adds to the input's gradient, which is all of it if no other step reads the same
    value. kinked marks the entries at a kink of this very step at which a gradient arrives, so that
    the rule, not calculus, decided them here. reads: the positions of its inputs in `Trace.values`.
    """

    name: str  # unique in its trace
    run: ForwardStep = field(repr=False)
    dout: Array
    pulled: Grads = field(repr=False)

    @property
    def layer(self) -> Operation:
        """The operation."""
        return self.run.layer

    @once
    def inputs(self) -> tuple[Array, ...]:
        """The operation's inputs."""
        return tuple(map(frozen, self.run.inputs))

    @once
    def output(self) -> Array:
        """The operation's output."""
        return frozen(self.run.output)

    @once
    def grads(self) -> tuple[Array, ...]:
        """The gradient of each input."""
        return tuple(map(frozen, self.pulled.grads))

    @property
    def reads(self) -> tuple[int, ...]:
        """The positions of the inputs in the trace's values."""
        return self.run.reads

    @property
    def arguments(self) -> tuple[str, ...]:
        """The names of the inputs."""
        return self.layer.names(len(self.run.inputs))

    def wires(self, argument: int) -> Wires:
        """Return the wires of an input, which must be small: one for each entry and its reader."""
        return self._wiring.wires(argument, self.run.cache)

    def fed(self, argument: int, index: Index) -> list[Index]:
        """Return the outputs that read an entry of an input, in order."""
        return [*self.layer.feeds(argument, index, self.run.cache)]

    def ways(self, argument: int, index: Index) -> Sequence[tuple[Index, Factor]]:
        """Return the outputs that read an entry of an input, each with its gradient's factor."""
        ways = self._ways(argument, index)
        if ways.known:
            return ways.each
        # The name of a slope may depend on the values.
        return [(output, self.factor(argument, index, output)) for output, _ in ways.each]

    def factor(self, argument: int, index: Index, output: Index) -> Factor:
        """Return what multiplies an output's gradient on its way to an entry of an input."""
        return self.layer.factor(argument, index, output, self.run.cache)

    def products(self, argument: int, index: Index) -> tuple[Array, Array] | None:
        """Return what multiplies the gradient on each of the `ways`, and the gradient itself.

        None unless all factors are entries of one other input; `terms` handles every case.
        """
        ways = self._ways(argument, index)
        if ways.factors is None:
            return None
        other, places = ways.factors
        return self.inputs[other].ravel()[places], self.dout.ravel()[ways.places]

    @once
    def _wiring(self) -> Wiring:
        return wiring_of(self.layer, tuple([each.shape for each in self.run.inputs]))

    def _ways(self, argument: int, index: Index) -> Ways:
        return self._wiring.ways(argument, index, self.run.cache)

    @once
    def gates(self) -> NDArray[np.object_] | None:
        """What the unit at each output does with a gradient, a Gate; None without units."""
        return self.layer.gates(self.run.inputs[0])

    @once
    def why(self) -> tuple[WhyArray, ...]:
        """The reason (a Why) for each entry of each gradient."""
        return _read_only(self.pulled.why())

    @once
    def kinked(self) -> tuple[Mask, ...]:
        """Whether the rule at this step's kinks decided each entry of each gradient."""
        return _read_only(self.pulled.kinked())


def _read_only(arrays: tuple[NDArray[Number], ...]) -> tuple[NDArray[Number], ...]:
    """Make new arrays, to which nothing else refers yet, read-only; return them."""
    for array in arrays:
        array.setflags(write=False)
    return arrays


@dataclass(frozen=True, slots=True)
class Stop:
    """A place at which an entry's gradient was stopped."""

    step: int  # the position of the step that stopped it
    index: Index  # the stopped entry's, as in `Trace.stop`
    why: Why  # the reason
    ways: int  # how many paths lead there from the entry that was asked about
    argument: int = 0  # the position of the step's input that has the stopped entry


def common_reason(stops: Sequence[Stop]) -> Why | None:
    """Return the one reason of all stops; None if they have different ones.

    Beside UPSTREAM_ZERO, NOT_COVERED counts as the same: no output is reached from there at all.
    """
    reasons = {stop.why for stop in stops}
    if Why.UPSTREAM_ZERO in reasons:
        reasons.discard(Why.NOT_COVERED)
    return reasons.pop() if len(reasons) == 1 else None


@dataclass(eq=False)  # a picture makes one per value: frozen, they would take four times as long
class Value:
    """One value of a pass: x, a parameter, or a step's output; the arrays are read-only."""

    name: str  # the input's if it comes from outside, otherwise the step's
    array: Array
    grad: Array  # the gradient, summed over all steps that read the value
    readers: tuple[tuple[int, int], ...]
    """For each reading (position of the step, of its input), in order; () for the pass's output."""
    _steps: tuple[Step, ...] = field(repr=False)

    @once
    def why(self) -> WhyArray:
        """The reason for each entry of the gradient; the sum over the readers may cancel, too."""
        if self.readers:
            whys = [self._steps[at].why[argument] for at, argument in self.readers]
            why = why_summed(self.grad, self.parts, whys)
        else:
            why = paint(self.grad, Why.UPSTREAM_ZERO)
        why.setflags(write=False)
        return why

    @property
    def parts(self) -> tuple[Array, ...]:
        """What each reader adds to the gradient."""
        return tuple(self._steps[at].grads[argument] for at, argument in self.readers)


class Pattern(Generic[Of]):
    """A key for things that are alike in everything except the size of their numbers.

    Two patterns are equal if their keys are. of: the thing that this pattern was made from.
    """

    def __init__(self, of: Of, *key: Hashable) -> None:
        """Hash the key once, since its hash is needed often."""
        self.of, self._key, self._hash = of, key, hash(key)

    def __hash__(self) -> int:
        """Return the hash of the key."""
        return self._hash

    def __eq__(self, other: object) -> bool:
        """Return whether the keys are equal."""
        return isinstance(other, Pattern) and self._key == other._key

    def kept(self) -> "Pattern[Of]":
        """Return the first of all equal patterns, as long as one of them was asked for lately."""
        return _kept(self)


@lru_cache(maxsize=256)  # while an entry moves, the pattern mostly stays the same
def _kept(pattern: Pattern[Any]) -> Pattern[Any]:
    return pattern


@dataclass(frozen=True, eq=False)
class Trace:
    """One pass through a layer; the arrays are read-only."""

    layer: Layer = field(repr=False)
    steps: tuple[Step, ...]
    """One for each operation, in forward order; a step's inputs are values from outside or earlier
    steps' outputs."""
    grads: tuple[Array, ...]  # the gradient of each value from outside, (dx, *dparams)
    dout: Array  # the gradient that the backward pass started from
    kinks: Kinks  # its rule at kinks

    def __reduce__(self) -> tuple[Callable[..., "Trace"], tuple[Any, ...]]:
        """Copy and pickle a trace as its layer and its inputs; the copy runs the pass again."""
        again = partial(trace, dout=self.dout, kinks=self.kinks)
        return again, (self.layer, *self.params)

    @property
    def output(self) -> Array:
        """The last step's output."""
        return self.steps[-1].output

    @property
    def outside(self) -> int:
        """How many values come from outside: x and the parameters."""
        return len(self.grads)

    @once
    def values(self) -> tuple[Value, ...]:
        """All values: x and the parameters, then each step's output."""
        steps, outside = self.steps, self.outside
        readers = readings(tuple([step.reads for step in steps]), outside)
        first = [each[0] for each in readers[:outside]]
        names = [*self.layer.names(outside), *[step.name for step in steps]]
        given = [steps[at].inputs[argument] for at, argument in first]
        arrays = [*given, *[step.output for step in steps]]
        grads = [*self.grads, *[step.dout for step in steps]]
        return tuple(map(Value, names, arrays, grads, readers, repeat(steps)))

    @once
    def pattern(self) -> "Pattern[Trace]":
        """Where the gradients are zero, and why: one object for all traces that agree in this."""
        pattern = Pattern(
            self,
            self.layer,
            *[grad.shape for grad in self.grads],
            *[why.tobytes() for step in self.steps for why in step.why],
            *[value.why.tobytes() for value in self.values if len(value.readers) > 1],
        ).kept()
        vars(self)["_memory"] = pattern.of._memory
        return pattern

    @once
    def _memory(self) -> dict[Hashable, Any]:
        return {}

    def remembered(self, key: Hashable, compute: Callable[[], Told]) -> Told:
        """Return what `compute` gives, run once per key; it may depend on the pattern alone.

        Traces with the same pattern share the result once their `pattern` has been read; until then
        each trace remembers its own.
        """
        if key not in self._memory:
            self._memory[key] = compute()
        told: Told = self._memory[key]
        return told

    def grad(self, number: int) -> Array:
        """Return the gradient of a value, given its position in `values`."""
        made = number - self.outside
        return self.grads[number] if made < 0 else self.steps[made].dout

    @property
    def params(self) -> tuple[Array, ...]:
        """The inputs of the pass: x and the parameters, in the order of `grads`."""
        return tuple(value.array for value in self.values[: self.outside])

    @np.errstate(all="ignore")  # a result out of range is an error here, not a warning
    def under(self, kinks: Kinks) -> "Trace":
        """Return the trace of the same forward pass, pulled back under another rule."""
        runs = tuple(step.run for step in self.steps)
        return _pulled(self.layer, runs, self.outside, self.dout, kinks)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules whose operations could do what the steps do here, in the order of RULES."""
        steps = [(step.layer, step.run.cache) for step in self.steps]
        return tuple(
            rule
            for rule in RULES.values()
            if all(layer.takes(rule, cache) for layer, cache in steps)
        )

    def cause(self, step: str | int, argument: str | int, index: Index) -> tuple[str, Why]:
        """Return where the gradient of this entry was stopped, and why: (step name, code).

        step and argument: a name or a position; index: a tuple, an index into that input. Follows
        UPSTREAM_ZERO along everything that the entry feeds; of several routes the stop nearest to
        the entry counts, then the lowest index. An entry whose gradient is not zero gives its own
        step and FLOWS. If dout is 0 at all outputs that the entry reaches, the result is the last
        step and UPSTREAM_ZERO.
        Raises KeyError for an unknown name, IndexError for an index outside the input.
        """
        position, _, code = self.stop(step, argument, index)
        return self.steps[position].name, code

    def stop(self, step: str | int, argument: str | int, index: Index) -> tuple[int, Index, Why]:
        """Return the same as `cause`, but with positions: (step position, index, code).

        The index is that of the stopped entry: an entry of the argument itself if this very step
        stopped it, otherwise of the value that was read by the step that stopped it.
        """
        first, argument, entry = self.place(step, argument, index)
        code = WHYS[self.steps[first].why[argument][entry]]
        if code is not Why.UPSTREAM_ZERO:
            return first, entry, code
        last, frontier = entry, self._fed_by({(first, argument, entry)})
        while frontier:
            for number, at in sorted(frontier):
                value = self.values[number]
                code = WHYS[value.why[at]]
                if code is not Why.UPSTREAM_ZERO:
                    return self._stopping(value, at, code), at, code
            readings = {
                (*each, at) for number, at in frontier for each in self.values[number].readers
            }
            ends = (at for step, _, at in readings if step == len(self.steps) - 1)
            last = min(ends, default=last)
            frontier = self._fed_by(readings)
        return len(self.steps) - 1, last, Why.UPSTREAM_ZERO

    def stops(self, step: str | int, argument: str | int, index: Index) -> list[Stop]:
        """Return all places where the gradient of this entry was stopped, the earliest step first.

        step, argument and index: as in `cause`. A path goes from the entry to an output that reads
        it, from there to an output that reads that one, and so on. It ends at the first entry whose
        gradient is zero for a reason of its own; or at the last step, with UPSTREAM_ZERO, if dout
        is 0 at every output that the entry feeds. `stop` is one of these places. An entry whose
        gradient is not zero has a single place: itself, with FLOWS. Raises KeyError and IndexError
        as `cause` does.
        """
        asked = self.place(step, argument, index)
        return [*self.remembered(("stops", asked), lambda: self._stops_from({}, asked))]

    def stops_of(self, number: int, index: Index) -> list[Stop]:
        """Return the same as `stops`, for an entry of a value and all steps that read it.

        number: the value's position in `values`. Gradients that flow back from several readers and
        cancel are stopped where they meet. Raises IndexError if there is no such value or entry.
        """
        number = _position("values", [value.name for value in self.values], number)
        entry = number, _entry(index, self.values[number].array.shape)
        return [*self.remembered(("stops of", entry), lambda: self._stops_from({entry: 1}))]

    def _stops_from(
        self, ways: dict[tuple[int, Index], int], *readings: tuple[int, int, Index]
    ) -> list[Stop]:
        """Return where the paths end that begin at entries of values, or at single readings.

        ways: by (value, index), the number of paths that begin there; what they lead to is added.
        readings: (step, input, index).
        """
        found: list[Stop] = []

        def follow(at: int, argument: int, entry: Index, count: int) -> None:
            code = WHYS[self.steps[at].why[argument][entry]]
            if code is not Why.UPSTREAM_ZERO or at == len(self.steps) - 1:
                found.append(Stop(at, entry, code, count, argument))
                return
            for output in self.steps[at].fed(argument, entry):
                made = self.outside + at, output
                ways[made] = ways.get(made, 0) + count

        for reading in readings:
            follow(*reading, 1)
        for number, value in enumerate(self.values):
            for made in sorted(each for each in ways if each[0] == number):
                at, count = made[1], ways[made]
                flowing = [
                    (step, argument)
                    for step, argument in value.readers
                    if self.steps[step].grads[argument][at]
                ]
                if flowing:  # though their sum is 0
                    step, argument = flowing[0]
                    found.append(Stop(step, at, WHYS[value.why[at]], count, argument))
                    continue
                for reader in value.readers:
                    follow(*reader, at, count)
        return sorted(found, key=lambda stop: (stop.step, stop.argument, stop.index))

    def place(self, step: str | int, argument: str | int, index: Index) -> tuple[int, int, Index]:
        """Return the positions of a step and of its input, and the index, none of them negative.

        Raises KeyError and IndexError as `cause` does.
        """
        at = self.position(step)
        asked = self.steps[at]
        if not (isinstance(argument, int) and 0 <= argument < len(asked.inputs)):
            argument = _position("inputs", asked.arguments, argument)
        return at, argument, _entry(index, asked.inputs[argument].shape)

    def position(self, step: str | int) -> int:
        """Return a step's position, given its name or position. Raises KeyError and IndexError."""
        if isinstance(step, int) and 0 <= step < len(self.steps):  # the usual case
            return step
        return _position("steps", [each.name for each in self.steps], step)

    def _fed_by(self, readings: set[tuple[int, int, Index]]) -> set[tuple[int, Index]]:
        """Return the entries (value, index) that these readings (step, input, index) feed."""
        return {
            (self.outside + at, output)
            for at, argument, entry in readings
            for output in self.steps[at].fed(argument, entry)
        }

    def _stopping(self, value: Value, index: Index, code: Why) -> int:
        """Return the first reader with this reason; if the sum cancels, the first that flows."""
        codes = [(at, self.steps[at].why[argument][index]) for at, argument in value.readers]
        for wanted in (Why.FLOWS, code):
            for at, found in codes:
                if found == wanted:
                    return at
        raise AssertionError(f"nobody gives {code!r} at {index} of {value.name}")


@np.errstate(all="ignore")
def trace(
    layer: Layer, x: ArrayLike, *params: ArrayLike, dout: ArrayLike = 1.0, kinks: Kinks = LAB
) -> Trace:
    """Run one pass forward through a layer, and back from dout under a rule at kinks.

    dout has the shape of the output; a single number stands for that number at every output.
    Pure: the layer remembers nothing, and the arrays that are passed in are neither kept nor
    changed. Raises EngineError (a ValueError) for bad input.
    """
    if not isinstance(layer, Layer):
        raise SettingError(f"trace: needs a layer like ReLU(); got {layer!r}")
    layer, inputs = layer.bind((x, *params))
    arrays = layer.admit(inputs)
    runs = run(layer.plan(len(arrays)), arrays)
    arriving = upstream_array(layer.title, dout, runs[-1].output, spread=True)
    return _pulled(layer, runs, len(arrays), arriving, kinks)


def _pulled(
    layer: Layer, runs: tuple[ForwardStep, ...], outside: int, dout: Array, kinks: Kinks
) -> Trace:
    check_kinks("trace", kinks)
    steps, grads = pull(runs, outside, dout, kinks)
    names = step_names(layer.plan(outside))
    made = tuple(
        Step(name, each, frozen(arriving), pulled)
        for name, each, (arriving, pulled) in zip(names, runs, steps, strict=True)
    )
    for step in reversed(made):  # backward, so that the error names where it arose
        step.layer.check_gradients(step.name, step.pulled.grads)
    if sum(len(run.reads) for run in runs) > outside + len(runs) - 1:  # some gradients were summed
        layer.check_gradients(layer.title, grads)
    return Trace(layer, made, tuple(map(frozen, grads)), frozen(dout), kinks)


def step_names(nodes: Sequence[Node]) -> list[str]:
    """Return unique names: the nodes' own or their layers', 'Conv1D 2' for the second of them."""
    names: dict[str, None] = {}
    counts: Counter[str] = Counter()
    for node in nodes:
        title = name = node.name or node.operation.title
        while name in names:
            counts[title] += 1
            name = f"{title} {counts[title] + 1}"
        names[name] = None
    return [*names]


def _position(what: str, names: Sequence[str], wanted: str | int) -> int:
    """Return the position of what is wanted among these names, given its name or position."""
    try:
        return names.index(wanted) if isinstance(wanted, str) else range(len(names))[wanted]
    except (ValueError, IndexError, TypeError):
        error = KeyError if isinstance(wanted, str) else IndexError
        raise error(f"the {what} are {', '.join(names)}; got {wanted!r}") from None


def _entry(index: Index, shape: Index) -> Index:
    """Return the index without negative numbers. Raises IndexError if it lies outside the shape."""
    try:
        numbers = tuple(map(whole, index))
    except TypeError:
        needed = f"{len(shape)} whole numbers in a tuple"
        raise IndexError(f"an index into shape {shape} needs {needed}; got {index!r}") from None
    if len(numbers) != len(shape):
        raise IndexError(f"an index into shape {shape} needs {len(shape)} numbers; got {index}")
    if all(map(lt, numbers, shape)) and min(numbers, default=0) >= 0:
        return numbers
    try:
        return tuple(range(extent)[i] for i, extent in zip(numbers, shape, strict=True))
    except IndexError:
        raise IndexError(f"an index into shape {shape} needs to lie within; got {index}") from None


@dataclass(frozen=True, slots=True)
class Term:
    """One term of an entry's gradient: slope · arriving, for one output that reads the entry."""

    output: Index
    slope: float  # ∂output/∂entry under the trace's rule
    arriving: float  # the output's upstream gradient
    step: int = field(default=0, compare=False)  # the position of the step that makes the output
    factor: Factor = field(default=ONE, compare=False)  # the name of the slope
    argument: int = field(default=0, compare=False)
    """The position of the step's input that has the entry."""


def terms(
    trace: Trace,
    step: str | int,
    argument: str | int,
    index: Index,
    only: Sequence[int] | None = None,
) -> list[Term]:
    """Return the terms that sum, up to rounding, to the gradient of an entry, in output order.

    step, argument and index: as in `Trace.cause`; only: the positions of the terms to return, all
    if None. Raises KeyError and IndexError if one of these does not exist.
    """
    step, argument, index = trace.place(step, argument, index)
    at = trace.steps[step]
    found, ways = [], at.ways(argument, index)
    if only is not None:
        ways = [ways[each] for each in only]
    for where, factor in ways:
        # In a product the slope is the other factor: a thousand terms need no pass backward.
        if factor.cofactor:
            slope = float(at.inputs[factor.cofactor[0]][factor.cofactor[1]])
        elif factor.slope is not None:
            slope = factor.slope
        else:
            slope = float(slopes(trace, step, where)[argument][index])
        found.append(Term(where, slope, float(at.dout[where]), step, factor, argument))
    return found


def arriving(
    trace: Trace, step: str | int, argument: str | int, index: Index
) -> list[tuple[Index, float]]:
    """Return the outputs that read an entry, in order, and the upstream gradient of each.

    The same as in `terms`, in less time.
    """
    step, argument, index = trace.place(step, argument, index)
    at = trace.steps[step]
    return [(output, float(at.dout[output])) for output in at.fed(argument, index)]


def slopes(trace: Trace, step: str | int, output: Index) -> tuple[Array, ...]:
    """∂output/∂input for one output of a step and each of its inputs, under the trace's rule.

    step: its name or position. Raises KeyError and IndexError for a step or output that does not
    exist.
    """
    at = trace.position(step)
    return _grads_from(trace, at, _entry(output, trace.steps[at].dout.shape), 1.0)


def pieces(trace: Trace, step: int, output: Index) -> Pieces:
    """Return the linear maps that meet at an output of a step; one if the step is smooth there."""
    at = trace.steps[step]
    if at.layer.kink_choices:
        return at.layer.pieces(output, at.run.cache)
    return Pieces.of(slopes(trace, step, output))


def flows(trace: Trace, step: str | int) -> dict[Index, tuple[Array, ...]]:
    """Return what each output's upstream gradient alone adds to the gradients of a step's inputs.

    -> {the output's index: one array for each input, in its shape}. Their sum over the outputs
    is, up to rounding, the step's gradients. step: as in `slopes`.
    """
    step = trace.position(step)
    at = trace.steps[step]
    nothing = tuple(map(np.zeros_like, at.inputs))
    return {
        # Most upstream gradients of a picture are 0 and need no pass backward.
        where: _grads_from(trace, step, where, at.dout[where]) if at.dout[where] else nothing
        for where in indices(at.dout.shape)
    }


def back_along(trace: Trace, step: int, argument: int) -> Array:
    """Return the gradient that comes back along each wire of a step's input: (wires,)."""
    at = trace.steps[step]
    wires = at.wires(argument)
    if wires.single:  # an entry's only wire brings its whole gradient
        return at.grads[argument].ravel()[wires.entries]
    if wires.factors:
        other, places = wires.factors
        return np.asarray(at.run.inputs[other].ravel()[places] * at.dout.ravel()[wires.outputs])
    back = np.zeros(len(wires.ends), at.dout.dtype)
    for output in nonzero_at(at.dout):
        if output in wires.into:  # otherwise it reads only padding
            own = wires.into[output]
            grads = _grads_from(trace, step, output, at.dout[output])
            back[own] = grads[argument].ravel()[wires.entries[own]]
    return back


def _grads_from(trace: Trace, step: int, output: Index, arriving: float) -> tuple[Array, ...]:
    """Return the gradients of a step's inputs if a gradient arrives at this output alone."""
    at = trace.steps[step]
    alone = np.zeros(at.dout.shape, at.dout.dtype)
    alone[output] = arriving
    return at.layer.vjp(alone, at.run.cache, trace.kinks).grads


def receptive_field(trace: Trace, step: int, index: Index) -> list[Mask]:
    """Return what an entry of a step's first input depends on: a mask for each earlier step.

    -> [over the first step's first input, over the second's, …], `step` of them. step: a position;
    the number of steps means the output.
    """
    number = trace.steps[step].reads[0] if step < len(trace.steps) else len(trace.values) - 1
    marked = np.zeros(trace.values[number].array.shape, bool)
    marked[index] = True
    masks = reading_masks(trace, {number: marked})
    return [masks[each.reads[0]] for each in trace.steps[:step]]


def reading_masks(trace: Trace, marked: dict[int, Mask]) -> list[Mask]:
    """Return which entries of each value are marked, or are read, also indirectly, by a marked one.

    marked: masks by the positions of values. -> a mask for each of trace.values.
    """
    masks = [np.zeros(value.array.shape, bool) for value in trace.values]
    for number, mask in marked.items():
        masks[number] |= mask
    for position in reversed(range(len(trace.steps))):
        made = masks[trace.outside + position]
        if made.any():
            step = trace.steps[position]
            for number, mask in zip(step.reads, read_by(step, made), strict=True):
                masks[number] |= mask
    return masks


def read_by(step: Step, marked: Mask) -> tuple[Mask, ...]:
    """Return what the marked outputs of a step read: a mask over each of its inputs."""
    return step.layer.read_by(marked, step.run.inputs, step.run.cache)


def muted(step: Step, argument: int, index: Index) -> list[Index]:
    """Return the outputs in which an entry is multiplied by a 0 of another input, in index order.

    None of them changes with the entry, as long as the other factor stays 0.
    """
    return [
        output
        for output, factor in step.ways(argument, index)
        if factor.cofactor and not step.run.inputs[factor.cofactor[0]][factor.cofactor[1]]
    ]


def affected(step: Step, argument: int, index: Index) -> list[Index]:
    """Return the outputs of a step that an entry of its input can change: those not muted."""
    silent = {*muted(step, argument, index)}
    return [output for output in step.fed(argument, index) if output not in silent]


def influence(
    trace: Trace, step: int, argument: int, index: Index, but: Collection[Index] = ()
) -> list[Mask]:
    """Return what reads an entry of a step's input: a mask over this and each later step's output.

    step and argument: positions. Only paths through this step count, even if other steps read the
    entry too. but: outputs of this step to leave out, such as those that are muted.
    """
    first = trace.outside + step
    masks = [np.zeros(each.output.shape, bool) for each in trace.steps[step:]]
    for output in trace.steps[step].fed(argument, index):
        masks[0][output] = output not in but
    for each, mask in zip(trace.steps[step + 1 :], masks[1:], strict=True):
        for i, number in enumerate(each.reads):
            for entry in nonzero_at(masks[number - first]) if number >= first else ():
                for output in each.fed(i, entry):
                    mask[output] = True
    return masks


def reached_from(trace: Trace, number: int, index: Index) -> dict[int, Mask]:
    """Return what reads an entry of a value, directly or through others: masks over later values.

    -> {a value's position: a mask in its shape}, for the outputs of its first reader and all later
    steps.
    """
    found: dict[int, Mask] = {}
    for step, argument in trace.values[number].readers:
        for made, mask in enumerate(influence(trace, step, argument, index), trace.outside + step):
            found[made] = mask | found[made] if made in found else mask
    return found

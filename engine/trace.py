"""One pass through a layer, forward and backward, with every step and every value kept.

And what it tells: where a gradient was stopped; the chain rule term by term; who reads whom, which
the layers' shapes and settings say, never the values: an inactive unit is read all the same; and
which of these readings an entry that is 0 mutes.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import repeat
from math import prod
from operator import lt
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.arrays import (
    Array,
    Extent,
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

Of = TypeVar("Of")
Told = TypeVar("Told")
Number = TypeVar("Number", bound=np.generic)


class Wires(NamedTuple):
    """Which outputs of an operation read which entries of one of its inputs.

    ends: (entry, output) of each wire, entry by entry. entries, outputs: the same, as places in
    the raveled arrays. into: by output which wires lead there. single: whether no entry has two.
    factors: where what multiplies the gradient along each wire is an entry of another input, which
    input that is, and the places in it; else None.
    """

    ends: Sequence[tuple[Index, Index]]
    entries: NDArray[np.intp]
    outputs: NDArray[np.intp]
    into: Mapping[Index, NDArray[np.intp]]
    single: bool
    factors: tuple[int, NDArray[np.intp]] | None


@dataclass(eq=False)
class _Wiring:
    """Who reads whom in an operation on inputs of these shapes, whatever their values are.

    cache: of some pass; any of them tells it.
    """

    layer: Operation
    shapes: tuple[Extent, ...]
    cache: Any = None


_wiring_of = lru_cache(maxsize=128)(_Wiring)


def _read(wiring: _Wiring, argument: int, entry: Index) -> list[tuple[Index, Factor]]:
    """The outputs that read an entry, and by what each multiplies a gradient."""
    layer, cache = wiring.layer, wiring.cache
    outputs = layer.feeds(argument, entry, cache)
    return [(output, layer.factor(argument, entry, output, cache)) for output in outputs]


@lru_cache(maxsize=256)  # a picture asks for the same ones whatever the values are
def _wires(wiring: _Wiring, argument: int) -> Wires:
    """Those of an input."""
    shape = wiring.shapes[argument]
    ends, factors = [], []
    for entry in indices(shape):
        for output, factor in _read(wiring, argument, entry):
            ends.append((entry, output))
            factors.append(factor)
    into: defaultdict[Index, list[int]] = defaultdict(list)
    for wire, (_, output) in enumerate(ends):
        into[output].append(wire)
    return Wires(
        ends,
        _places(shape, [entry for entry, _ in ends]),
        _places(wiring.layer.output_shape(*wiring.shapes), [output for _, output in ends]),
        {output: np.array(wires, np.intp) for output, wires in into.items()},
        single=len({entry for entry, _ in ends}) == len(ends),
        factors=_entries_of_another(factors, wiring.shapes),
    )


class _Ways(NamedTuple):
    """The outputs that read an entry, and the factors there.

    known: whether each factor's number is known, whatever the values are, or an entry's.
    """

    each: Sequence[tuple[Index, Factor]]
    known: bool


@lru_cache(maxsize=128)
def _ways(wiring: _Wiring, argument: int, index: Index) -> _Ways:
    """Those of an entry."""
    each = _read(wiring, argument, index)
    return _Ways(each, all(factor.cofactor or factor.slope is not None for _, factor in each))


@lru_cache(maxsize=128)
def _places_of(
    wiring: _Wiring, argument: int, index: Index
) -> tuple[NDArray[np.intp], tuple[int, NDArray[np.intp]] | None]:
    """The outputs that read an entry, as places in the raveled array; the factors as in `Wires`."""
    ways = _ways(wiring, argument, index).each
    made = wiring.layer.output_shape(*wiring.shapes)
    outputs = _places(made, [output for output, _ in ways])
    return outputs, _entries_of_another([factor for _, factor in ways], wiring.shapes)


def _places(shape: Extent, entries: Iterable[Index]) -> NDArray[np.intp]:
    """The places of these entries in a raveled array."""
    place = dict(zip(indices(shape), range(prod(shape)), strict=True))
    return np.array([place[entry] for entry in entries], np.intp)


def _entries_of_another(
    factors: Sequence[Factor], shapes: Sequence[Extent]
) -> tuple[int, NDArray[np.intp]] | None:
    """As `Wires` has it, where all are entries of the same input."""
    found = [each.cofactor for each in factors if each.cofactor]
    others = {other for other, _ in found}
    if len(others) != 1 or len(found) < len(factors):
        return None
    (other,) = others
    return other, _places(shapes[other], [index for _, index in found])


@dataclass(frozen=True, eq=False)
class Step:
    """One layer's part of a trace; the arrays are read-only.

    name is unique in its trace; reads: the positions of its inputs in `Trace.values`. grads, why
    and kinked have one array per input, in the input's shape: what this step alone adds to the
    input's gradient, which is all of it where no other step reads the same value. `kinked` marks
    the entries at a kink of this very step at which a gradient arrives, so that the rule, not
    calculus, decided them here.
    """

    name: str
    run: ForwardStep = field(repr=False)
    dout: Array
    pulled: Grads = field(repr=False)

    @property
    def layer(self) -> Operation:
        """The layer."""
        return self.run.layer

    @once
    def inputs(self) -> tuple[Array, ...]:
        """What it was given."""
        return tuple(map(frozen, self.run.inputs))

    @once
    def output(self) -> Array:
        """What it made of it."""
        return frozen(self.run.output)

    @once
    def grads(self) -> tuple[Array, ...]:
        """The gradient of each input."""
        return tuple(map(frozen, self.pulled.grads))

    @property
    def reads(self) -> tuple[int, ...]:
        """Where its inputs are among the trace's values."""
        return self.run.reads

    @property
    def arguments(self) -> tuple[str, ...]:
        """The names of the inputs."""
        return self.layer.names(len(self.run.inputs))

    def wires(self, argument: int) -> Wires:
        """Who reads the entries of an input: of one with few of them."""
        return _wires(self._wiring, argument)

    def fed(self, argument: int, index: Index) -> list[Index]:
        """The outputs that read an entry of an input, in order."""
        return [output for output, _ in _ways(self._wiring, argument, index).each]

    def ways(self, argument: int, index: Index) -> Sequence[tuple[Index, Factor]]:
        """The outputs that read an entry of an input, and by what each multiplies a gradient."""
        ways, layer = _ways(self._wiring, argument, index), self.layer
        if ways.known:
            return ways.each
        # What a slope is called may depend on the values.
        cache = self.run.cache
        return [(output, layer.factor(argument, index, output, cache)) for output, _ in ways.each]

    def products(self, argument: int, index: Index) -> tuple[Array, Array] | None:
        """What multiplies the gradient on each of the `ways`, and the gradient that arrives there.

        None where these are not entries of one other input: then only `terms` has them.
        """
        outputs, factors = _places_of(self._wiring, argument, index)
        if factors is None:
            return None
        other, places = factors
        return self.inputs[other].ravel()[places], self.dout.ravel()[outputs]

    @once
    def _wiring(self) -> _Wiring:
        wiring = _wiring_of(self.layer, tuple([each.shape for each in self.run.inputs]))
        if wiring.cache is None:
            wiring.cache = self.run.cache
        return wiring

    @once
    def gates(self) -> NDArray[np.object_] | None:
        """What the unit at each output does with a gradient, a Gate; None where it has none."""
        return self.layer.gates(self.run.inputs[0])

    @once
    def why(self) -> tuple[WhyArray, ...]:
        """The reason (a Why) for each entry of each gradient."""
        return _read_only(self.pulled.why())

    @once
    def kinked(self) -> tuple[Mask, ...]:
        """Whether this step's rule decided the entry."""
        return _read_only(self.pulled.kinked())


def _read_only(arrays: tuple[NDArray[Number], ...]) -> tuple[NDArray[Number], ...]:
    """These, of which nobody else knows."""
    for array in arrays:
        array.setflags(write=False)
    return arrays


@dataclass(frozen=True, slots=True)
class Stop:
    """Where ways of an entry's gradient end.

    step: the position of the step that stopped it there. index: of the stopped entry, as in
    `Trace.stop`. why: the reason. ways: how many ways from the entry lead there. argument: which
    of the step's inputs the entry is one of.
    """

    step: int
    index: Index
    why: Why
    ways: int
    argument: int = 0


def common_reason(stops: Sequence[Stop]) -> Why | None:
    """The one reason that holds on all ways; None where they end for different ones.

    UPSTREAM_ZERO holds too on ways that reach no output at all, beside some that do.
    """
    reasons = {stop.why for stop in stops}
    if Why.UPSTREAM_ZERO in reasons:
        reasons.discard(Why.NOT_COVERED)
    return reasons.pop() if len(reasons) == 1 else None


@dataclass(eq=False)  # a picture makes one for each: frozen, they would take four times as long
class Value:
    """One value of a pass: x, a parameter, or what a step made; the arrays are read-only.

    name: its name where it comes from outside, else the step's. grad: the gradient, the sum over
    all who read it. readers: (position of a step, of its input) of each, in order; none for the
    output.
    """

    name: str
    array: Array
    grad: Array
    readers: tuple[tuple[int, int], ...]
    _steps: tuple[Step, ...] = field(repr=False)

    @once
    def why(self) -> WhyArray:
        """The reason for each entry of the gradient; the readers' sum may cancel too."""
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
    """What things have in common that are alike in all but the size of their numbers.

    Equal where the key is. of: what it was made of.
    """

    def __init__(self, of: Of, *key: Hashable) -> None:
        """The key is hashed once: that is asked for often."""
        self.of, self._key, self._hash = of, key, hash(key)

    def __hash__(self) -> int:
        """That of the key."""
        return self._hash

    def __eq__(self, other: object) -> bool:
        """Whether all but the numbers is the same."""
        return isinstance(other, Pattern) and self._key == other._key

    def kept(self) -> "Pattern[Of]":
        """Of those that are equal the first, as long as one of them was asked for lately."""
        return _kept(self)


@lru_cache(maxsize=256)  # of what is in motion the pattern is mostly that of the moment before
def _kept(pattern: Pattern[Any]) -> Pattern[Any]:
    return pattern


@dataclass(frozen=True, eq=False)
class Trace:
    """One pass through a layer; the arrays are read-only.

    steps: one for each operation, in forward order; a step's inputs are values from outside or
    earlier steps' outputs. dout and kinks: what the backward pass started from, and under which
    rule.
    """

    layer: Layer = field(repr=False)
    steps: tuple[Step, ...]
    grads: tuple[Array, ...]
    dout: Array
    kinks: Kinks

    def __reduce__(self) -> tuple[Callable[..., "Trace"], tuple[Any, ...]]:
        """Copied and pickled as what it is the trace of: the pass is run there once more."""
        again = partial(trace, dout=self.dout, kinks=self.kinks)
        return again, (self.layer, *self.params)

    @property
    def output(self) -> Array:
        """The last step's output."""
        return self.steps[-1].output

    @property
    def outside(self) -> int:
        """How many values come from outside."""
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
        """Where its gradients are zero, and why: of traces of which that is the same, the same."""
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
        """What is computed of it once; it may depend on the trace's pattern alone.

        Traces with the same pattern share it as soon as their `pattern` has been read; until then
        each remembers its own.
        """
        if key not in self._memory:
            self._memory[key] = compute()
        told: Told = self._memory[key]
        return told

    def grad(self, number: int) -> Array:
        """The gradient of a value, by its number."""
        made = number - self.outside
        return self.grads[number] if made < 0 else self.steps[made].dout

    @property
    def params(self) -> tuple[Array, ...]:
        """What was handed over to the pass: x and the parameters, in the order of `grads`."""
        return tuple(value.array for value in self.values[: self.outside])

    @np.errstate(all="ignore")  # a result out of range is an error here, not a warning
    def under(self, kinks: Kinks) -> "Trace":
        """The same forward pass, pulled back under another rule."""
        runs = tuple(step.run for step in self.steps)
        return _pulled(self.layer, runs, self.outside, self.dout, kinks)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Those of RULES whose operations could do what the steps do here, in their order."""
        steps = [(step.layer, step.run.cache) for step in self.steps]
        return tuple(
            rule
            for rule in RULES.values()
            if all(layer.takes(rule, cache) for layer, cache in steps)
        )

    def cause(self, step: str | int, argument: str | int, index: Index) -> tuple[str, Why]:
        """Where the gradient of this entry was stopped, and why: (step name, code).

        step and argument: a name or a position; index: a tuple, an index into that input. Follows
        UPSTREAM_ZERO along everything that the entry feeds; of several routes the stop nearest to
        the entry counts, then the lowest index. An entry whose gradient is not zero gives its own
        step and FLOWS; one where nothing was sent in at the end, the last step and UPSTREAM_ZERO.
        Raises KeyError for an unknown name, IndexError for an index outside the input.
        """
        position, _, code = self.stop(step, argument, index)
        return self.steps[position].name, code

    def stop(self, step: str | int, argument: str | int, index: Index) -> tuple[int, Index, Why]:
        """As `cause`, but with the places: (step position, index, code).

        The index is the stopped entry's: of the argument itself where it was stopped at this very
        step, else of the value that the step that stopped it reads.
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
                if value.readers and code is not Why.UPSTREAM_ZERO:
                    return self._stopping(value, at, code), at, code
            readings = {
                (*each, at) for number, at in frontier for each in self.values[number].readers
            }
            ends = (at for step, _, at in readings if step == len(self.steps) - 1)
            last = min(ends, default=last)
            frontier = self._fed_by(readings)
        return len(self.steps) - 1, last, Why.UPSTREAM_ZERO

    def stops(self, step: str | int, argument: str | int, index: Index) -> list[Stop]:
        """All places where the gradient of this entry was stopped, the earliest step's first.

        step, argument and index: as in `cause`. A way goes from the entry to an output that reads
        it, from there to one that reads that, and so on, up to the first entry whose gradient is
        zero for a reason of its own; or to the last step, where nothing was sent in at any output
        that it feeds: UPSTREAM_ZERO. `stop` is one of these places. An entry whose gradient is not
        zero has a single one: itself, with FLOWS. Raises KeyError and IndexError as `cause`.
        """
        asked = self.place(step, argument, index)
        return [*self.remembered(("stops", *asked), lambda: self._stops_from(*asked))]

    def _stops_from(self, first: int, argument: int, entry: Index) -> list[Stop]:
        found: list[Stop] = []
        ways: dict[tuple[int, Index], int] = {}

        def follow(at: int, argument: int, entry: Index, count: int) -> None:
            code = WHYS[self.steps[at].why[argument][entry]]
            if code is not Why.UPSTREAM_ZERO or at == len(self.steps) - 1:
                found.append(Stop(at, entry, code, count, argument))
                return
            run = self.steps[at].run
            for output in run.layer.feeds(argument, entry, run.cache):
                made = self.outside + at, output
                ways[made] = ways.get(made, 0) + count

        follow(first, argument, entry, 1)
        for number in range(self.outside + first, len(self.values)):
            value = self.values[number]
            for made in sorted(each for each in ways if each[0] == number):
                at, count = made[1], ways[made]
                flowing = [
                    (step, argument)
                    for step, argument in value.readers
                    if self.steps[step].grads[argument][at]
                ]
                if flowing:  # though nothing comes of them together
                    step, argument = flowing[0]
                    found.append(Stop(step, at, WHYS[value.why[at]], count, argument))
                    continue
                for reader in value.readers:
                    follow(*reader, at, count)
        return sorted(found, key=lambda stop: (stop.step, stop.argument, stop.index))

    def place(self, step: str | int, argument: str | int, index: Index) -> tuple[int, int, Index]:
        """The positions of a step and of its input, and the index into that, none of them negative.

        Raises KeyError and IndexError as `cause`.
        """
        at = self.position(step)
        asked = self.steps[at]
        if not (isinstance(argument, int) and 0 <= argument < len(asked.inputs)):
            argument = _position("inputs", asked.arguments, argument)
        return at, argument, _entry(index, asked.inputs[argument].shape)

    def position(self, step: str | int) -> int:
        """That of a step by its name, or by its position. Raises KeyError and IndexError."""
        if isinstance(step, int) and 0 <= step < len(self.steps):  # as nearly always
            return step
        return _position("steps", [each.name for each in self.steps], step)

    def _fed_by(self, readings: set[tuple[int, int, Index]]) -> set[tuple[int, Index]]:
        """The values' entries that these readings (step, input, index) feed."""
        return {
            (self.outside + at, output)
            for at, argument, entry in readings
            for output in self.steps[at].layer.feeds(argument, entry, self.steps[at].run.cache)
        }

    def _stopping(self, value: Value, index: Index, code: Why) -> int:
        """The first reader that gives this reason; where the sum cancels, the first that flows."""
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
    """One pass forward through a layer, and back from dout under a rule at kinks.

    dout has the shape of the output; a single number stands for that number at every output.
    Pure: the layer remembers nothing, and nothing that is handed over is kept or changed.
    Raises EngineError (a ValueError) for bad input.
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
    for step in reversed(made):  # the way it came, so that where it arose is named
        step.layer.check_gradients(step.name, step.pulled.grads)
    if sum(len(run.reads) for run in runs) > outside + len(runs) - 1:  # some were added up
        layer.check_gradients(layer.title, grads)
    return Trace(layer, made, tuple(map(frozen, grads)), frozen(dout), kinks)


def step_names(nodes: Sequence[Node]) -> list[str]:
    """Their own names, or their layers'; 'Conv1D 2' for the second of them."""
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
    """Of what is wanted among these, by its name or its place."""
    try:
        return names.index(wanted) if isinstance(wanted, str) else range(len(names))[wanted]
    except (ValueError, IndexError):
        error = KeyError if isinstance(wanted, str) else IndexError
        raise error(f"the {what} are {', '.join(names)}; got {wanted!r}") from None


def _entry(index: Index, shape: Index) -> Index:
    """The index without negative numbers."""
    if len(index) != len(shape):
        raise IndexError(f"an index into shape {shape} needs {len(shape)} numbers; got {index}")
    if all(map(lt, index, shape)) and min(index, default=0) >= 0:
        return tuple(index)
    try:
        return tuple(range(extent)[i] for i, extent in zip(index, shape, strict=True))
    except IndexError:
        raise IndexError(f"an index into shape {shape} needs to lie within; got {index}") from None


@dataclass(frozen=True, slots=True)
class Term:
    """One term of an entry's gradient: slope · arriving, for one output that reads the entry.

    slope: ∂output/∂entry under the trace's rule. arriving: the output's upstream gradient.
    step: the position of the step that makes the output; argument: that of its input that has the
    entry. factor: the slope by name.
    """

    output: Index
    slope: float
    arriving: float
    step: int = field(default=0, compare=False)
    factor: Factor = field(default=ONE, compare=False)
    argument: int = field(default=0, compare=False)


def terms(
    trace: Trace,
    step: str | int,
    argument: str | int,
    index: Index,
    only: Sequence[int] | None = None,
) -> list[Term]:
    """The terms that sum, up to rounding, to the gradient of an entry; in order of the outputs.

    step, argument and index: as in `Trace.cause`; only: of these terms, by their places. Raises
    KeyError and IndexError for one that is not there.
    """
    step, argument, index = trace.place(step, argument, index)
    at = trace.steps[step]
    found, ways = [], at.ways(argument, index)
    if only is not None:
        ways = [ways[each] for each in only]
    for where, factor in ways:
        # In a product the slope is the other factor, and a sum may have a thousand of them.
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
    """The outputs that read an entry, in order, and the upstream gradient of each.

    As `terms` has them, in less time.
    """
    step, argument, index = trace.place(step, argument, index)
    at = trace.steps[step]
    return [(output, float(at.dout[output])) for output in at.fed(argument, index)]


def slopes(trace: Trace, step: str | int, output: Index) -> tuple[Array, ...]:
    """∂output/∂input for one output of a step and each of its inputs, under the trace's rule.

    step: its name or its position. Raises KeyError and IndexError for one that is not there.
    """
    at = trace.position(step)
    return _grads_from(trace, at, _entry(output, trace.steps[at].dout.shape), 1.0)


def pieces(trace: Trace, step: int, output: Index) -> Pieces:
    """The linear maps that meet at an output of a step; one where the step is smooth there."""
    at = trace.steps[step]
    if at.layer.kink_choices:
        return at.layer.pieces(output, at.run.cache)
    return Pieces.of(slopes(trace, step, output))


def flows(trace: Trace, step: str | int) -> dict[Index, tuple[Array, ...]]:
    """For each output of a step: what its upstream gradient alone adds to each input's gradient.

    -> {the output's index: one array for each input, in its shape}. Their sum over the outputs
    is, up to rounding, the step's gradients. step: as in `slopes`.
    """
    step = trace.position(step)
    at = trace.steps[step]
    nothing = tuple(map(np.zeros_like, at.inputs))
    return {
        # Most of a picture's are 0: no pass backward is needed for them.
        where: _grads_from(trace, step, where, at.dout[where]) if at.dout[where] else nothing
        for where in indices(at.dout.shape)
    }


def back_along(trace: Trace, step: int, argument: int) -> Array:
    """What comes back along each of the wires of a step's input."""
    at = trace.steps[step]
    wires = at.wires(argument)
    if wires.single:  # the only wire of an entry brings all that it gets
        return at.grads[argument].ravel()[wires.entries]
    if wires.factors:
        other, places = wires.factors
        return np.asarray(at.run.inputs[other].ravel()[places] * at.dout.ravel()[wires.outputs])
    back = np.zeros(len(wires.ends), at.dout.dtype)
    for output in nonzero_at(at.dout):
        if output in wires.into:  # else it reads padding alone
            own = wires.into[output]
            grads = _grads_from(trace, step, output, at.dout[output])
            back[own] = grads[argument].ravel()[wires.entries[own]]
    return back


def _grads_from(trace: Trace, step: int, output: Index, arriving: float) -> tuple[Array, ...]:
    """The gradients of a step's inputs where something arrives at this output alone."""
    at = trace.steps[step]
    alone = np.zeros(at.dout.shape, at.dout.dtype)
    alone[output] = arriving
    return at.layer.vjp(alone, at.run.cache, trace.kinks).grads


def receptive_field(trace: Trace, step: int, index: Index) -> list[Mask]:
    """What is read by an entry of a step's first input: a mask over x of each step before it.

    -> [over the first step's first input, over the second's, …], `step` of them. step: a position;
    the number of steps means the output.
    """
    number = trace.steps[step].reads[0] if step < len(trace.steps) else len(trace.values) - 1
    marked = np.zeros(trace.values[number].array.shape, bool)
    marked[index] = True
    masks = reading_masks(trace, {number: marked})
    return [masks[each.reads[0]] for each in trace.steps[:step]]


def reading_masks(trace: Trace, marked: dict[int, Mask]) -> list[Mask]:
    """Which entries of each value are marked, or are read by something that is.

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
    """What the marked outputs of a step read: a mask over each of its inputs."""
    return step.layer.read_by(marked, step.run.inputs, step.run.cache)


def muted(step: Step, argument: int, index: Index) -> list[Index]:
    """The outputs that read an entry times an entry of another input that is 0, in index order.

    None of them changes with it, as long as that one stays 0.
    """
    return [
        output
        for output, factor in step.ways(argument, index)
        if factor.cofactor and not step.run.inputs[factor.cofactor[0]][factor.cofactor[1]]
    ]


def affected(step: Step, argument: int, index: Index) -> list[Index]:
    """The outputs of a step that an entry of its input can change: those that are not muted."""
    silent = {*muted(step, argument, index)}
    return [output for output in step.fed(argument, index) if output not in silent]


def influence(
    trace: Trace, step: int, argument: int, index: Index, but: Collection[Index] = ()
) -> list[Mask]:
    """What reads an entry of a step's input: a mask over the output of that step and of each after.

    step and argument: positions. Through what this step makes alone, where others read the entry
    too. but: outputs of the step that are left out, like those that are muted.
    """
    first = trace.outside + step
    masks = [np.zeros(each.output.shape, bool) for each in trace.steps[step:]]
    for output in trace.steps[step].fed(argument, index):
        masks[0][output] = output not in but
    for each, mask in zip(trace.steps[step + 1 :], masks[1:], strict=True):
        for i, number in enumerate(each.reads):
            for entry in nonzero_at(masks[number - first]) if number >= first else ():
                for output in each.layer.feeds(i, entry, each.run.cache):
                    mask[output] = True
    return masks


def reached_from(trace: Trace, number: int, index: Index) -> dict[int, Mask]:
    """What reads an entry of a value, directly or through others: masks over later values.

    -> {a value's number: a mask in its shape}, of those that are made from its first reader on.
    """
    found: dict[int, Mask] = {}
    for step, argument in trace.values[number].readers:
        for made, mask in enumerate(influence(trace, step, argument, index), trace.outside + step):
            found[made] = mask | found[made] if made in found else mask
    return found

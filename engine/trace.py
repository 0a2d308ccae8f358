"""One pass through a block, forward and backward, with every step kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from engine.arrays import Array, Index, Mask, frozen, upstream_array
from engine.kinks import LAB, Kinks
from engine.layers.base import Grads, Layer, Reasons
from engine.layers.sequential import Run, as_runs, pull
from engine.why import WHYS, Why, WhyArray


@dataclass(frozen=True, eq=False)
class Step:
    """One layer's part of a trace; the arrays are read-only.

    name is unique in its trace; grads, why and kinked have one array per input, in the input's
    shape. `kinked` marks the entries at a kink of this very step at which a gradient arrives, so
    that the rule, not calculus, decided them here.
    """

    name: str
    run: Run = field(repr=False)
    dout: Array
    pulled: Grads = field(repr=False)

    @property
    def layer(self) -> Layer:
        """The layer."""
        return self.run.layer

    @cached_property
    def inputs(self) -> tuple[Array, ...]:
        """What it was given."""
        return tuple(map(frozen, self.run.inputs))

    @cached_property
    def output(self) -> Array:
        """What it made of it."""
        return frozen(self.run.output)

    @cached_property
    def grads(self) -> tuple[Array, ...]:
        """The gradient of each input."""
        return tuple(map(frozen, self.pulled.grads))

    @property
    def arguments(self) -> tuple[str, ...]:
        """The names of the inputs."""
        return self.layer.names(len(self.run.inputs))

    @property
    def why(self) -> tuple[WhyArray, ...]:
        """The reason (a Why) for each entry of each gradient."""
        return self._reasons.why

    @property
    def kinked(self) -> tuple[Mask, ...]:
        """Whether this step's rule decided the entry."""
        return self._reasons.kinked

    @cached_property
    def _reasons(self) -> Reasons:
        reasons = self.pulled.reasons()
        for array in (*reasons.why, *reasons.kinked):
            array.setflags(write=False)
        return reasons


@dataclass(frozen=True, slots=True)
class Stop:
    """Where ways of an entry's gradient end.

    step: the position of the step that stopped it there. index: of the stopped entry, as in
    `Trace.stop`. why: the reason. ways: how many ways from the entry lead there.
    """

    step: int
    index: Index
    why: Why
    ways: int


def common_reason(stops: Sequence[Stop]) -> Why | None:
    """The one reason that holds on all ways; None where they end for different ones.

    UPSTREAM_ZERO holds too on ways that reach no output at all, beside some that do.
    """
    reasons = {stop.why for stop in stops}
    if Why.UPSTREAM_ZERO in reasons:
        reasons.discard(Why.NOT_COVERED)
    return reasons.pop() if len(reasons) == 1 else None


@dataclass(frozen=True, eq=False)
class Trace:
    """One pass through a layer or a Sequential; the arrays are read-only.

    steps: one for each layer, in forward order. dout and kinks: what the backward pass started
    from, and under which rule.
    """

    layer: Layer = field(repr=False)
    steps: tuple[Step, ...]
    dout: Array
    kinks: Kinks

    @property
    def output(self) -> Array:
        """The last step's output."""
        return self.steps[-1].output

    @cached_property
    def grads(self) -> tuple[Array, ...]:
        """(dx, *dparams), in the order in which they were handed over."""
        first, *others = self.steps
        return (*first.grads, *(grad for step in others for grad in step.grads[1:]))

    @np.errstate(all="ignore")  # a result out of range is an error here, not a warning
    def under(self, kinks: Kinks) -> "Trace":
        """The same forward pass, pulled back under another rule."""
        return _pulled(self.layer, tuple(step.run for step in self.steps), self.dout, kinks)

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
        step, else of the first input of the step that stopped it.
        """
        first = _position("steps", [each.name for each in self.steps], step)
        fed = _position("inputs", self.steps[first].arguments, argument)
        entries = [_entry(index, self.steps[first].inputs[fed].shape)]
        for position, at in enumerate(self.steps[first:], first):
            for entry in entries:
                code = WHYS[at.why[fed][entry]]
                if code is not Why.UPSTREAM_ZERO:
                    return position, entry, code
            before, entries, fed = entries, at.run.fed_by(fed, entries), 0
        return len(self.steps) - 1, before[0], Why.UPSTREAM_ZERO

    def stops(self, step: str | int, argument: str | int, index: Index) -> list[Stop]:
        """All places where the gradient of this entry was stopped, the nearest first.

        step, argument and index: as in `cause`. A way goes from the entry to an output that reads
        it, from there to one that reads that, and so on, up to the first entry whose gradient is
        zero for a reason of its own; or to the last step, where nothing was sent in at any output
        that it feeds: UPSTREAM_ZERO. `stop` is one of these places. An entry whose gradient is not
        zero has a single one: itself, with FLOWS. Raises KeyError and IndexError as `cause`.
        """
        first = _position("steps", [each.name for each in self.steps], step)
        fed = _position("inputs", self.steps[first].arguments, argument)
        ways = {_entry(index, self.steps[first].inputs[fed].shape): 1}
        found = []
        for position, at in enumerate(self.steps[first:], first):
            onward: dict[Index, int] = {}
            for entry, count in sorted(ways.items()):
                code = WHYS[at.why[fed][entry]]
                if code is not Why.UPSTREAM_ZERO or position == len(self.steps) - 1:
                    found.append(Stop(position, entry, code, count))
                    continue
                for output in at.layer.feeds(fed, entry, at.run.cache):
                    onward[output] = onward.get(output, 0) + count
            ways, fed = onward, 0
        return found


@np.errstate(all="ignore")
def trace(
    layer: Layer,
    x: ArrayLike,
    *params: ArrayLike,
    dout: ArrayLike = 1.0,
    kinks: Kinks = LAB,
) -> Trace:
    """One pass forward through a layer or a Sequential, and back from dout under a rule at kinks.

    dout has the shape of the output; a single number stands for that number at every output.
    Pure: the layer remembers nothing, and nothing that is handed over is kept or changed.
    Raises EngineError (a ValueError) for bad input.
    """
    runs = as_runs(layer, (x, *params))
    arriving = upstream_array(layer.title, dout, runs[-1].output, spread=True)
    return _pulled(layer, runs, arriving, kinks)


def _pulled(layer: Layer, runs: tuple[Run, ...], dout: Array, kinks: Kinks) -> Trace:
    steps = tuple(
        Step(name, run, frozen(arriving), grads)
        for name, run, (arriving, grads) in zip(
            step_names(runs), runs, pull(runs, dout, kinks), strict=True
        )
    )
    for step in reversed(steps):  # the way it came, so that where it arose is named
        step.layer.check_gradients(step.name, step.pulled.grads)
    return Trace(layer, steps, frozen(dout), kinks)


def step_names(runs: Sequence[Run]) -> list[str]:
    """The layers' names; 'Conv1D 2' for the second of them."""
    names: list[str] = []
    for run in runs:
        title = name = run.layer.title
        count = 1
        while name in names:
            count += 1
            name = f"{title} {count}"
        names.append(name)
    return names


def _position(what: str, names: Sequence[str], wanted: str | int) -> int:
    if not isinstance(wanted, str):
        return range(len(names))[wanted]
    if wanted not in names:
        raise KeyError(f"the {what} are {', '.join(names)}; got {wanted!r}")
    return names.index(wanted)


def _entry(index: Index, shape: Index) -> Index:
    """The index without negative numbers."""
    if len(index) != len(shape):
        raise IndexError(f"an index into shape {shape} needs {len(shape)} numbers; got {index}")
    return tuple(range(extent)[i] for i, extent in zip(index, shape, strict=True))

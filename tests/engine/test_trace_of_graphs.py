"""The trace of a pass in which values are read more than once: sums, and where ways end."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from engine import (
    Abs,
    Add,
    Concat,
    Conv1D,
    Graph,
    Kinks,
    Layer,
    Maximum,
    MaxPool,
    ReLU,
    Residual,
    Sequential,
    Stop,
    Trace,
    Why,
    trace,
)
from engine.trace import Pattern
from tests.engine.cases import Case, on_cases
from tests.engine.rows import KINKS, Shape

Index = tuple[int, ...]

GRAPHS: dict[str, tuple[Layer, list[Shape]]] = {
    "residual": (Residual(Sequential(Conv1D(padding=1), ReLU())), [(3,), (3,)]),
    "difference": (
        Graph(
            ("a", Conv1D(), "x", "w"),
            ("h", ReLU(), "a"),
            ("g", ReLU(), "x"),
            ("y", Add(), "g", "h"),
        ),
        [(3,), ()],
    ),
    "ways of several lengths": (
        Graph(
            ("a", Conv1D(), "x", "w"),
            ("h", ReLU(), "a"),
            ("p", MaxPool(2, 1), "h"),
            ("c", Concat(), "p", "a", "h"),
            ("z", MaxPool(2, 2), "c"),
        ),
        [(3,), ()],
    ),
    "a weight that is shared": (
        Graph(
            ("a", Conv1D(padding=1), "x", "w"),
            ("h", ReLU(), "a"),
            ("b", Conv1D(), "h", "w"),
            ("m", MaxPool(2, 3), "b"),
            ("s", Add(), "m", "m"),
        ),
        [(4,), (2,)],
    ),
    "three readers": (
        Graph(
            ("a", Conv1D(), "x", "v"),
            ("h", ReLU(), "a"),
            ("m", Maximum(), "a", "x"),
            ("b", Conv1D(), "a", "w"),
            ("s", Add(), "h", "m", "b"),
        ),
        [(3,), (), ()],
    ),
    "the larger of two": (
        Graph(
            ("a", Conv1D(), "x", "w"),
            ("h", ReLU(), "a"),
            ("m", Maximum(), "a", "x"),
            ("s", Add(), "m", "h"),
            ("z", MaxPool(2), "s"),
        ),
        [(4,), ()],
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Way:
    """The end of a way: at which entry of which step, why, and after how many steps."""

    step: int
    argument: int
    index: Index
    why: Why
    walked: int

    @property
    def place(self) -> tuple[int, Index, Why]:
        """The form in which `Trace.stop` returns it."""
        return self.step, self.index, self.why


every_graph = pytest.mark.parametrize(("layer", "shapes"), GRAPHS.values(), ids=list(GRAPHS))


def drawn(layer: Layer, shapes: list[Shape], case: Case) -> Trace:
    inputs = case.inputs(*shapes)
    dout = case.integers(layer.forward(*inputs).shape, most=1)
    return trace(layer, *inputs, dout=dout, kinks=case.one_of(KINKS))


def places(traced: Trace) -> Iterator[tuple[int, int, Index]]:
    for position, step in enumerate(traced.steps):
        for argument, grad in enumerate(step.grads):
            for index in np.ndindex(*grad.shape):
                yield position, argument, index


def ways(traced: Trace, step: int, argument: int, index: Index, walked: int = 0) -> Iterator[Way]:
    """Yield the end of each way from an entry."""
    here = traced.steps[step]
    code = Why(int(here.why[argument][index]))
    if code is not Why.UPSTREAM_ZERO or step == len(traced.steps) - 1:
        yield Way(step, argument, index, code, walked)
        return
    for output in here.layer.feeds(argument, index, here.run.cache):
        readers = [
            (position, i)
            for position, each in enumerate(traced.steps)
            for i, number in enumerate(each.reads)
            if number == traced.outside + step
        ]
        flowing = [(at, i) for at, i in readers if traced.steps[at].grads[i][output]]
        if flowing:  # what the readers send back cancels
            yield Way(*flowing[0], output, Why.CANCELLED, walked + 1)
            continue
        for reader in readers:
            yield from ways(traced, *reader, output, walked + 1)


def assert_are_the_ends(found: Sequence[Stop], every: Sequence[Way]) -> None:
    """Each end of a way is found once, with the number of ways that end there, in order."""
    ends = [(stop.step, stop.argument, stop.index, stop.why) for stop in found]
    assert ends == sorted(ends)
    assert dict(zip(ends, (stop.ways for stop in found), strict=True)) == Counter(
        (each.step, each.argument, each.index, each.why) for each in every
    )


@every_graph
@on_cases(25)
def test_all_stops_are_where_the_ways_end(layer: Layer, shapes: list[Shape], case: Case) -> None:
    traced = drawn(layer, shapes, case)
    for position, argument, index in places(traced):
        every = list(ways(traced, position, argument, index))
        found = traced.stops(position, argument, index)
        assert_are_the_ends(found, every)
        nearest = traced.stop(position, argument, index)
        step, _, code = nearest
        assert traced.cause(position, argument, index) == (traced.steps[step].name, code)
        walked = [each.walked for each in every if each.place == nearest]
        own = traced.steps[position].why[argument][index]
        if own != Why.UPSTREAM_ZERO:
            assert nearest == (position, index, own)
        elif stopped := [each.walked for each in every if each.why > Why.UPSTREAM_ZERO]:
            # NOT_COVERED is not among the stops: beside UPSTREAM_ZERO it stops nothing.
            assert min(walked) <= min(stopped)
            assert code is not Why.UPSTREAM_ZERO
        else:
            assert code in {each.why for each in every}


@every_graph
@on_cases(15)
def test_a_value_is_stopped_where_the_ways_from_all_its_readers_end(
    layer: Layer, shapes: list[Shape], case: Case
) -> None:
    traced = drawn(layer, shapes, case)
    for number, value in enumerate(traced.values):
        for index in np.ndindex(*value.grad.shape):
            found = traced.stops_of(number, index)
            flowing = [(at, i) for at, i in value.readers if traced.steps[at].grads[i][index]]
            if flowing:  # what several readers send back may cancel
                (step, argument), *_ = flowing
                code = Why.FLOWS if value.grad[index] else Why.CANCELLED
                assert found == [Stop(step, index, code, 1, argument)]
                continue
            readers = (ways(traced, *reader, index) for reader in value.readers)
            assert_are_the_ends(found, [*chain.from_iterable(readers)])


def test_a_value_or_an_entry_that_is_not_there_has_no_stops() -> None:
    traced = trace(Residual(ReLU()), [-1.0, 2.0], dout=[1.0, 1.0])
    assert traced.stops_of(-3, (-2,)) == traced.stops_of(0, (0,))
    for number, index in ((3, (0,)), (0, (2,)), (0, (0, 0))):
        with pytest.raises(IndexError):
            traced.stops_of(number, index)


@every_graph
@on_cases(15)
def test_a_value_is_the_sum_of_what_its_readers_send(
    layer: Layer, shapes: list[Shape], case: Case
) -> None:
    traced = drawn(layer, shapes, case)
    arrays = [*traced.params, *(step.output for step in traced.steps)]
    grads = [*traced.grads, *(step.dout for step in traced.steps)]
    assert len(traced.values) == len(arrays)
    for number, value in enumerate(traced.values):
        assert_array_equal(value.array, arrays[number])
        assert_array_equal(value.grad, grads[number])
        readers = [
            (at, i)
            for at, step in enumerate(traced.steps)
            for i, read in enumerate(step.reads)
            if read == number
        ]
        assert list(value.readers) == readers
        parts = [traced.steps[at].grads[i] for at, i in readers]
        assert len(value.parts) == len(parts)
        for mine, theirs in zip(value.parts, parts, strict=True):
            assert_array_equal(mine, theirs)
        for index in np.ndindex(*value.array.shape):
            codes = [int(traced.steps[at].why[i][index]) for at, i in readers]
            assert value.why[index] == of_the_sum(float(value.grad[index]), codes)
        if parts:
            assert_array_equal(np.sum(parts, axis=0), value.grad)
        for array in (value.array, value.grad, value.why, *value.parts):
            assert not array.flags.writeable


def of_the_sum(grad: float, codes: list[int]) -> Why:
    if grad:
        return Why.FLOWS
    if Why.FLOWS in codes:
        return Why.CANCELLED
    stops = [code for code in codes if code > Why.UPSTREAM_ZERO]
    if stops:
        return Why(stops[0])
    return Why.NOT_COVERED if codes and set(codes) == {Why.NOT_COVERED} else Why.UPSTREAM_ZERO


def test_the_reason_is_that_of_the_first_of_several_readers() -> None:
    # a = −1 closes the ReLU, loses the maximum to x = 1, and is multiplied by 0.
    graph, _ = GRAPHS["three readers"]
    a = trace(graph, [1.0], -1.0, 0.0).values[3]
    assert [a.name, a.why.tolist()] == ["a", [Why.GATE_CLOSED]]


def test_parts_that_cancel_by_hand() -> None:
    # y = a − a: what the two readers send back to a cancels.
    graph = Graph(("a", Conv1D(), "x", "v"), ("n", Conv1D(), "a", "w"), ("y", Add(), "a", "n"))
    traced = trace(graph, [3.0], 2.0, -1.0)
    a = traced.values[3]
    assert (a.name, a.readers) == ("a", ((1, 0), (2, 0)))
    assert [part.tolist() for part in a.parts] == [[-1], [1]]
    assert a.grad == 0
    assert a.why == Why.CANCELLED
    assert traced.cause("a", "x", (0,)) == ("n", Why.CANCELLED)
    assert traced.stops("a", "x", (0,)) == [Stop(1, (0,), Why.CANCELLED, 1)]
    assert traced.stops_of(3, (0,)) == [Stop(1, (0,), Why.CANCELLED, 1)]


def test_a_reader_that_cancels_by_itself_hides_no_other() -> None:
    # a feeds a convolution in which its ways cancel, and a gate that is closed.
    graph = Graph(
        ("a", Conv1D(), "x", "v"),
        ("c", Conv1D(padding=1), "a", "w"),
        ("h", ReLU(), "a"),
        ("y", Concat(), "c", "h"),
    )
    traced = trace(graph, [-3.0], 2.0, [1.0, -1.0], dout=[1, 1, 1])
    assert traced.steps[1].why[0] == Why.CANCELLED
    assert traced.stops("a", "x", (0,)) == [
        Stop(1, (0,), Why.CANCELLED, 1),
        Stop(2, (0,), Why.GATE_CLOSED, 1),
    ]
    assert traced.cause("a", "x", (0,)) == ("c", Why.CANCELLED)


def test_a_sum_that_cancels_is_told_from_a_reader_that_does() -> None:
    graph = Graph(
        ("a", Conv1D(), "x", "v"),
        ("c", Conv1D(padding=1), "a", "w"),  # its two ways cancel
        ("n", Conv1D(), "a", "u"),
        ("m", Conv1D(), "a", "t"),
        ("y", Concat(), "c", "n", "m"),
    )
    traced = trace(graph, [3.0], 2.0, [1.0, -1.0], 1.0, -1.0, dout=[1, 1, 1, 1])
    assert traced.cause("a", "x", (0,)) == ("n", Why.CANCELLED)
    assert traced.stops("a", "x", (0,)) == [Stop(2, (0,), Why.CANCELLED, 1)]


@pytest.mark.parametrize("first", ["r", "p"])
def test_what_one_reader_alone_leaves_out_is_covered_all_the_same(first: str) -> None:
    """The pool's only window ends before x₃, but ReLU reads it: only dout is 0 there."""
    readers = {"r": ("r", ReLU(), "x"), "p": ("p", MaxPool(2), "x")}
    nodes = (readers.pop(first), *readers.values())
    value, *_ = trace(
        Graph(*nodes, ("y", Concat(), "r", "p")), [1.0, 2.0, 3.0], dout=[1.0, 1.0, 0.0, 1.0]
    ).values
    assert value.why.tolist() == [Why.FLOWS, Why.FLOWS, Why.UPSTREAM_ZERO]


def test_ways_of_several_lengths_by_hand() -> None:
    traced = trace(Residual(Sequential(ReLU(), Abs())), [-1.0, 2.0], dout=[1, 0], kinks=KINKS[0])
    assert traced.cause("ReLU", "x", (0,)) == ("ReLU", Why.GATE_CLOSED)
    assert traced.cause("Add", "x2", (0,)) == ("Add", Why.FLOWS)
    assert traced.cause("ReLU", "x", (1,)) == ("Add", Why.UPSTREAM_ZERO)
    x, *_ = traced.values
    assert x.why.tolist() == [Why.FLOWS, Why.UPSTREAM_ZERO]
    nothing = trace(Residual(ReLU()), [-1.0], dout=0, kinks=Kinks(0, "all"))
    assert nothing.stop("ReLU", "x", (0,)) == (1, (0,), Why.UPSTREAM_ZERO)


def test_passes_have_one_pattern_only_where_their_sums_cancel_alike() -> None:
    """dx = 1 + w: the steps give the same reasons, but only at w = −1 is the sum 0."""
    layer = Residual(Conv1D())
    cancels, flows, more = (trace(layer, [1.0], w) for w in (-1.0, -2.0, -3.0))
    assert cancels.values[0].why == Why.CANCELLED
    assert flows.pattern == more.pattern
    assert cancels.pattern != flows.pattern


def test_passes_through_other_shapes_have_no_pattern_in_common() -> None:
    layer = ReLU()
    wide, other, tall = (trace(layer, np.ones(shape)) for shape in ((2, 3), (2, 3), (3, 2)))
    assert wide.pattern == other.pattern
    assert wide.pattern != tall.pattern, "the entries have other names"


def test_passes_through_other_layers_have_no_pattern_in_common() -> None:
    assert trace(ReLU(), [1.0]).pattern != trace(Abs(), [1.0]).pattern
    # Python hashes both numbers alike.
    assert hash(-1) == hash(-2)
    assert Pattern(None, -1) != Pattern(None, -2)


def test_a_step_without_a_name_gets_none_that_another_has() -> None:
    row = Sequential(ReLU(), ReLU(), ReLU())
    traced = trace(Graph(("ReLU 2", ReLU(), "x"), ("y", row, "ReLU 2")), [1.0])
    assert [step.name for step in traced.steps] == ["ReLU 2", "ReLU", "ReLU 3", "y"]


def test_an_answer_is_the_callers_to_change() -> None:
    traced = trace(ReLU(), [-1.0, 2.0], dout=[1, 1])
    traced.stops(0, 0, (0,)).clear()
    assert traced.stops(0, 0, (0,)) == [Stop(0, (0,), Why.GATE_CLOSED, 1)]


def test_under_another_rule_the_values_are_the_same() -> None:
    traced = trace(
        Graph(("m", Maximum(), "x", "y"), ("s", Add(), "m", "x")), 1.0, 1.0, kinks=KINKS[0]
    )
    for ties, dx, dy in (("first", 2, 0), ("last", 1, 1), ("split", 1.5, 0.5), ("all", 2, 1)):
        under = traced.under(Kinks(0, "all", maximum_ties=ties))  # type: ignore[arg-type]
        assert [float(grad) for grad in under.grads] == [dx, dy]
        assert [float(value.grad) for value in under.values] == [dx, dy, 1, 1]
    assert traced.values[0].why == Why.FLOWS

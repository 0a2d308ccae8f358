"""Graphs: which node reads which, sums where a value is read twice, and what they refuse."""

from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine import (
    RULES,
    Abs,
    Add,
    Concat,
    Conv1D,
    Flatten,
    Graph,
    Layer,
    LeakyReLU,
    Linear,
    Maximum,
    MaxPool,
    NumberError,
    ReLU,
    Residual,
    Sequential,
    SettingError,
    ShapeError,
    SoftmaxCrossEntropy,
    Softplus,
    Why,
    gradient_check,
    one_sided,
    trace,
)
from engine.arrays import Array
from engine.layers.graph import pull, run, why_summed
from engine.training.passes import RULE, learn
from tests.engine.cases import Case, on_cases
from tests.engine.rows import KINKS, Shape, normals
from tests.for_each import for_each

SHARED = Graph(
    ("a", Conv1D(padding=1), "x", "w"), ("h", ReLU(), "a"), ("y", Conv1D(padding=1), "h", "w")
)

GRAPHS: dict[str, tuple[Layer, list[Shape]]] = {
    "a value twice by one step": (Graph(("s", Add(), "x", "x"), ("h", ReLU(), "s")), [(3,)]),
    "a value three times": (
        Graph(("h", ReLU(), "x"), ("s", Add(), "h", "x", "h"), ("m", Maximum(), "s", "x")),
        [(3,)],
    ),
    "a shared weight": (SHARED, [(4,), (3,)]),
    "residual": (Residual(Sequential(Conv1D(padding=1), ReLU())), [(2, 4), (2, 2, 3)]),
    "residual in a row": (
        Sequential(Conv1D(), Residual(Conv1D(padding=1)), ReLU(), Linear()),
        [(4,), (), (3,), (2, 4)],
    ),
    "residual in residual": (Residual(Residual(Abs())), [(3,)]),
    "a graph in a row in a graph": (
        Graph(
            ("r", Sequential(SHARED, LeakyReLU(), Conv1D()), "x", "w", "v"),
            ("c", Concat(), "r", "x"),
            ("n", Graph(("p", Softplus(), "q"), ("o", Maximum(), "p", "q")), "c"),
            ("y", Conv1D(), "n", "v"),
        ),
        [(4,), (3,), ()],
    ),
}

every_graph = pytest.mark.parametrize(("layer", "shapes"), GRAPHS.values(), ids=list(GRAPHS))


@every_graph
@on_cases(10)
def test_gradients_are_those_of_the_differences(
    layer: Layer, shapes: list[Shape], case: Case
) -> None:
    inputs = normals(shapes, case.whole(0, 99))
    output = layer.forward(*inputs)
    dout = case.integers(output.shape)
    grads = layer.backward(dout, RULES["pytorch-amax"].kinks)
    sides = one_sided(layer.forward, *inputs, dout=dout)
    for grad, (left, right) in zip(grads if len(inputs) > 1 else [grads], sides, strict=True):
        assert_allclose(grad, left, atol=1e-5)
        assert_allclose(grad, right, atol=1e-5)


@every_graph
def test_the_check_passes(layer: Layer, shapes: list[Shape]) -> None:
    results = gradient_check(layer.forward, layer.backward, *normals(shapes, 1))
    assert {result.verdict for result in results} == {"PASSED"}


def slow_gradients(layer: Layer, inputs: tuple[Array, ...], dout: Array, kinks: Any) -> list[Array]:
    """Sum over all paths from an input to the output, each the product of what lies on it."""
    traced = trace(layer, *inputs, dout=dout, kinks=kinks)
    count = len(inputs)

    def back_to(number: int) -> Array:
        """Return what arrives at a value, over all paths from it to the output."""
        if number == count + len(traced.steps) - 1:
            return dout
        total = np.zeros(traced.values[number].array.shape)
        for position, step in enumerate(traced.steps):
            for argument, read in enumerate(step.reads):
                if read == number:
                    arriving = back_to(count + position)
                    total += step.layer.vjp(arriving, step.run.cache, kinks).grads[argument]
        return total

    return [back_to(number) for number in range(count)]


@every_graph
@on_cases(8)
def test_gradients_are_sums_over_all_paths(layer: Layer, shapes: list[Shape], case: Case) -> None:
    inputs, kinks = case.inputs(*shapes), case.one_of(KINKS)
    dout = case.integers(layer.forward(*inputs).shape)
    traced = trace(layer, *inputs, dout=dout, kinks=kinks)
    for mine, theirs in zip(traced.grads, slow_gradients(layer, inputs, dout, kinks), strict=True):
        assert_allclose(mine, theirs, atol=1e-10)
    under = trace(layer, *inputs, dout=dout, kinks=KINKS[0]).under(kinks)
    output, cache = layer.apply(*inputs)
    pure = layer.vjp(dout, cache, kinks)
    for number, value in enumerate(traced.values):
        assert_array_equal(under.values[number].grad, value.grad)
        assert_array_equal(value.why == Why.FLOWS, value.grad != 0)
        if number < len(inputs):
            assert_array_equal(pure.why()[number], value.why)
    assert_array_equal(output, traced.output)


def test_by_hand() -> None:
    layer = Residual(ReLU())
    assert_array_equal(layer.forward([-1, 2]), [-1, 4])
    assert_array_equal(layer.backward([1, 3]), [1, 6])
    twice = Graph(("s", Add(), "x", "x"), ("t", Add(), "s", "x"))
    assert_array_equal(twice.forward([1, 2]), [3, 6])
    assert_array_equal(twice.backward([1, -1]), [3, -3])
    product = Graph(("a", Conv1D(), "x", "w"), ("b", Conv1D(), "a", "w"))  # w² x
    assert_array_equal(product.forward([5], 3), [45])
    assert [grad.tolist() for grad in product.backward([1])] == [[9], 30]


def test_inputs_come_in_the_order_in_which_they_are_read() -> None:
    graph = Graph(("a", Conv1D(), "u", "v"), ("y", Add(), "t", "a"))
    assert graph.names(3) == ("u", "v", "t")
    assert_array_equal(graph.forward([1, 2], 3, [10, 20]), [13, 26])
    for count in (0, 2, 4):
        with pytest.raises(ShapeError, match=rf"Graph: needs the inputs \(u, v, t\); got {count}"):
            graph.forward(*[[1.0]] * count)
    for names in ("pq", "pqrs"):  # however many the node passes on
        got = len(names)
        with pytest.raises(ShapeError, match=rf"Graph: needs the inputs \(u, v, t\); got {got}"):
            Graph(("z", graph, *names)).forward(*[[1.0]] * got)


def test_parameters_in_a_row() -> None:
    convs = Sequential(Conv1D(padding=1), ReLU(), Conv1D(padding=1))
    network = Sequential(Residual(convs), SHARED, Linear())
    assert network.names(5) == ("x", "w1", "w2", "w3", "w4")
    assert network.parametrised == 4
    assert network.names(8) == ("x", "w1", "b1", "w2", "b2", "w3", "w4", "b4")
    for count in (1, 4, 6, 7, 9):
        with pytest.raises(ShapeError, match=rf"Sequential: needs x, .* got {count} inputs"):
            network.names(count)
    without = Sequential(Graph(("h", ReLU(), "x")), Conv1D())
    assert (without.names(2), without.parametrised) == (("x", "w"), 1)
    of_two = Graph(("a", Conv1D(), "x", "v"), ("b", Conv1D(), "a", "w"))
    assert Sequential(of_two, Linear()).parametrised == 2, "a graph is one part with its two"
    only = Sequential(SHARED)
    assert only.names(2) == ("x", "w")
    assert Sequential(Residual(Conv1D())).names(3) == Residual(Conv1D()).names(3) == ("x", "w", "b")
    x, w, b, v = normals([(4,), (3,), (), (2, 4)])
    both = Sequential(Residual(Conv1D(padding=1)), Linear())
    expected = (x + Conv1D(padding=1).forward(x, w, b)) @ v.T
    assert_allclose(both.forward(x, w, b, v, np.zeros(2)), expected)
    assert len(both.backward([1, 1])) == 5


@for_each(
    ("nodes", "said"),
    [
        ((), "needs at least one node; got none"),
        ((ReLU(),), r"needs nodes \(name, layer, \*names that it reads\); got ReLU\(\)"),
        ((5,), "needs nodes .*; got 5"),
        (("abc",), "needs nodes .*; got 'abc'"),
        (((),), "needs nodes"),
        ((("y", ReLU()),), r"needs nodes .*; got \('y', ReLU\(\)\)"),
        ((("y", ReLU, "x"),), "needs nodes"),
        ((("", ReLU(), "x"),), "needs nodes"),
        (((1, ReLU(), "x"),), "needs nodes"),
        ((("y", ReLU(), ""),), "needs nodes"),
        ((("y", ReLU(), ["x"]),), "needs nodes"),
        (
            (("y", ReLU(), "x"), ("y", ReLU(), "y")),
            "needs a name of its own for each value; got 'y' twice",
        ),
        (
            (("y", ReLU(), "x"), ("x", ReLU(), "y")),
            "needs what is read to be made before; got 'x' later",
        ),
        (
            (("b", ReLU(), "a"), ("a", ReLU(), "x"), ("c", Add(), "a", "b")),
            "needs what is read to be made before; got 'a' later",
        ),
        ((("y", ReLU(), "y"),), "needs what is read to be made before; got 'y' later"),
        (
            (("a", ReLU(), "x"), ("y", ReLU(), "x")),
            "needs every value but the last to be read; got 'a'",
        ),
    ],
)
def test_what_is_no_graph_is_refused(nodes: tuple[Any, ...], said: str) -> None:
    with pytest.raises(SettingError, match=f"Graph: {said}"):
        Graph(*nodes)


def test_what_fits_no_row_is_refused() -> None:
    for join in (Add(), Maximum(), Concat(1)):
        with pytest.raises(SettingError, match=r"Sequential: needs layers of one value; got .*\("):
            Sequential(ReLU(), join)
    for thing in (ReLU, None, "ReLU"):
        with pytest.raises(SettingError, match="Residual: needs a layer; got"):
            Residual(thing)  # type: ignore[arg-type]
    with pytest.raises(ShapeError, match=r"Add: needs inputs of one shape; got \(1,\), \(2,\)"):
        Residual(MaxPool(2)).forward([1.0, 2.0])
    with pytest.raises(ShapeError, match="ReLU: needs the inputs"):
        Graph(("y", ReLU(), "x", "z")).forward([1.0], [1.0])
    with pytest.raises(ShapeError, match="Add: needs two inputs or more; got 1"):
        Graph(("y", Add(), "x")).forward([1.0])
    with pytest.raises(ValueError, match="Graph: w needs finite numbers; got nan"):
        SHARED.forward([1.0], [np.nan])
    sum_ = Graph(("y", Add(), "x", "x"))
    sum_.forward([1.0])
    with pytest.raises(ValueError, match="Graph: the gradient of x needs to stay within"):
        sum_.backward([1e308])
    with pytest.raises(ValueError, match="Graph: the gradient of x needs to stay within"):
        trace(sum_, [1.0], dout=1e308)


def test_graphs_are_written_as_they_are_constructed() -> None:
    for layer in (
        Residual(Conv1D()),
        Sequential(Residual(ReLU()), MaxPool()),
        SHARED,
        Graph(("y", Concat(1), "x", "z")),
    ):
        assert repr(eval(repr(layer))) == repr(layer)


def test_steps_and_values_have_names() -> None:
    inner = Graph(("h", ReLU(), "a"), ("y", Abs(), "h"))
    graph = Graph(
        ("a", Conv1D(), "x", "w"),
        ("i", inner, "a"),
        ("b", Sequential(ReLU(), ReLU()), "i"),
        ("y", Add(), "b", "a"),
    )
    traced = trace(graph, [1.0, -2.0], 3.0, kinks=RULES["jax-max"].kinks)
    assert [step.name for step in traced.steps] == ["a", "h", "i", "ReLU", "b", "y"]
    assert [value.name for value in traced.values] == ["x", "w", "a", "h", "i", "ReLU", "b", "y"]
    assert [value.readers for value in traced.values] == [
        ((0, 0),), ((0, 1),), ((1, 0), (5, 1)), ((2, 0),), ((3, 0),), ((4, 0),), ((5, 0),), (),
    ]  # fmt: skip
    assert [step.arguments for step in traced.steps][-1] == ("x1", "x2")


def test_the_gradient_of_a_number_that_is_read_twice_is_an_array() -> None:
    (dx,) = trace(Graph(("s", Add(), "x", "x")), 2.0).grads
    assert (type(dx), dx.tolist()) == (np.ndarray, 2.0)


def test_parts_that_cancel_are_told_from_those_that_are_rounded_away() -> None:
    for parts, code in (((1.0, -1.0), Why.CANCELLED), ((1e17, 1.0, -1e17), Why.ROUNDED)):
        flows = [np.array([Why.FLOWS], np.uint8) for _ in parts]
        assert why_summed(np.zeros(1), [np.array([part]) for part in parts], flows) == [code]


def test_a_pass_that_is_cut_off_gets_nothing_from_what_is_missing() -> None:
    graph = Graph(("h", ReLU(), "x"), ("b", Abs(), "x"), ("s", Add(), "h", "b"))
    made = graph.run(np.array([-1.0, 2.0]))
    pulled, (dx,) = pull(made[:2], 1, np.array([3.0, 3.0]), RULE)
    assert [arriving.tolist() for arriving, _ in pulled] == [[0.0, 0.0], [3.0, 3.0]]
    assert dx.tolist() == [-3.0, 3.0]
    single = graph.run(np.array([-1.0, 2.0], np.float32))
    pulled, _ = pull(single[:2], 1, np.ones(2, np.float32), RULE)
    assert [arriving.dtype for arriving, _ in pulled] == [np.float32] * 2


def test_a_rule_decides_where_it_does_for_any_that_reads_the_value() -> None:
    graph = Graph(("p", Softplus(), "x"), ("h", ReLU(), "x"), ("s", Add(), "p", "h"))
    output, cache = graph.apply(np.array([0.0, 1.0]))
    (kinked,) = graph.vjp(np.ones_like(output), cache, RULE).kinked()
    assert kinked.tolist() == [True, False]


TWICE = Graph(("h", Linear(), "x", "w", "b"), ("a", ReLU(), "h"), ("y", Linear(), "a", "w", "b"))


@pytest.mark.parametrize("inner", [Residual(Sequential(Linear(), ReLU())), TWICE])
def test_a_small_network_learns_by_its_true_gradients(inner: Layer) -> None:
    layers = Sequential(Flatten(), Linear(), inner, Linear())
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (5, 2, 2)).astype(np.uint8)
    labels = np.array([0, 1, 2, 1, 0])
    shapes = [(3, 4), (3,), (3, 3), (3,), (3, 3), (3,)]
    params = [random.normal(size=shape) for shape in shapes]
    network = Sequential(layers, SoftmaxCrossEntropy(labels))
    x = images[:, None] / 255

    def loss(*given_: Array) -> Array:
        return network.apply(x, *given_)[0]

    losses = []
    for _ in range(4):
        done = learn(layers, params, images, labels, watched=True)
        losses.append(done.loss)
        for grad, (left, right) in zip(done.grads, one_sided(loss, *params), strict=True):
            assert_allclose(grad, left, atol=1e-5)
            assert_allclose(grad, right, atol=1e-5)
        step = trace(network, x, *params, kinks=RULE)
        for grad, other in zip(done.grads, step.grads[1:], strict=True):
            assert_allclose(grad, other, atol=1e-6)
        params = [param - 0.2 * grad for param, grad in zip(params, done.grads, strict=True)]
    assert losses == sorted(losses, reverse=True)


@pytest.mark.parametrize("readers", [2, 3])
def test_the_reason_is_that_of_the_first_reader_that_stops_something_itself(readers: int) -> None:
    told = (Why.NOT_COVERED, Why.UPSTREAM_ZERO, Why.GATE_CLOSED, Why.NOT_MAX, Why.ZERO_FACTOR)
    each = [*product(told, repeat=readers)]
    nothing = np.zeros(len(each))
    why = why_summed(nothing, [nothing] * readers, list(np.array(each, np.uint8).T))
    assert why.tolist() == [
        next((code for code in codes if code > Why.UPSTREAM_ZERO), max(codes)) for codes in each
    ]


def test_a_pass_that_is_not_checked_goes_on_where_a_number_is_too_large() -> None:
    """1e200 · 1e200 is infinite in float64."""
    layer, large = Sequential(Linear()), np.array([1e200])
    with np.errstate(over="ignore"):
        with pytest.raises(NumberError):
            run(layer.plan(2), (large, large[None]))
        (step,) = run(layer.plan(2), (large, large[None]), checked=False)
    assert step.output == np.inf

"""The information for pictures, of passes that are no chain: values read twice, and sums."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any, Final

import numpy as np
import pytest

from engine import (
    RULES,
    Add,
    Conv1D,
    Graph,
    LeakyReLU,
    Maximum,
    ReLU,
    Residual,
    Trace,
    trace,
)
from pages.derive.script import Script
from pages.explain.sentences import explain
from pages.figures.info import (
    Cell,
    Naming,
    describe_graph,
    letters_of,
    numbered,
    parsed,
    plain,
)
from pages.figures.words import name
from tests.for_each import for_each

KINKS = RULES["pytorch-max-pool"].kinks


@for_each(
    ("entry", "letter", "index"),
    [
        ("x3", "x", (2,)),
        ("w1,12", "w", (0, 11)),
        ("a2.1", "a2", (0,)),
        ("w12.3,4,5", "w12", (2, 3, 4)),
        ("dz", "dz", ()),
        ("dh2,1", "dh", (1, 0)),
    ],
)
def test_a_plain_name_is_a_letter_and_an_index(
    entry: str, letter: str, index: tuple[int, ...]
) -> None:
    assert parsed(entry) == (letter, index)
    assert plain(letter, index) == entry


AROUND_RELU = Naming((("x",), ("h", "x")), "s")
AROUND_CONV = Naming((("x", "w"), ("a", "x")), "s")


def around_relu(dout: Sequence[float]) -> Trace:
    return trace(Residual(ReLU()), [2.0, -1.0, 0.0], dout=dout, kinks=KINKS)


def test_a_value_that_is_read_twice_is_one_cell_with_the_sum() -> None:
    info = describe_graph(around_relu([1.0, 1.0, -1.0]), AROUND_RELU)
    grads = {entry: cell.grad for entry, cell in info.cells.items()}
    assert [grads[f"x{i}"] for i in (1, 2, 3)] == [2.0, 1.0, -1.0]
    assert [grads[f"h{i}"] for i in (1, 2, 3)] == [1.0, 1.0, -1.0]
    back = {(edge.tail, edge.head): edge.amount for edge in info.edges}
    assert (back["x1", "h1"], back["x1", "s1"], back["x2", "h2"]) == (1.0, 1.0, 0.0)
    assert ("h1", "x1") not in back
    assert letters_of(around_relu([0.0] * 3), AROUND_RELU) == ["x", "h", "s"]


def test_letters_that_occur_several_times_are_numbered() -> None:
    assert numbered(["a", "h", "a"]) == ["a1", "h", "a2"]


def test_cells_come_in_the_order_in_which_they_are_read_and_gates_once_they_are_computed() -> None:
    layer = Graph(("a", Conv1D(), "x", "w"), ("h", ReLU(), "a"), ("z", Conv1D(), "h", "v"))
    passed = trace(layer, [1.0, -1.0], 2.0, 0.5, dout=[1.0, 1.0], kinks=KINKS)
    naming = Naming((("x", "w"), ("a",), ("h", "v")), "z")
    steps = [describe_graph(passed, naming, step) for step in (0, 1, 2, 6, None)]
    assert [*dict.fromkeys(cell.letter for cell in steps[0].cells.values())] == [*"xwahvz"]
    assert steps[0].inputs == frozenset("xwv")
    assert [len(info.gates) for info in steps] == [0, 0, 2, 2, 2]
    assert [info.now for info in steps] == [
        frozenset(), frozenset("a"), frozenset("h"), frozenset(), None
    ]  # fmt: skip


def test_the_reason_of_a_heat_map_is_that_of_the_next_operation_alone() -> None:
    passed = trace(Graph(("a", Conv1D(), "x", "w"), ("h", ReLU(), "a")), [-1.0], 1.0, dout=[1.0])
    naming = Naming((("x", "w"), ("a",)), "h")
    for merged, reason in (((), "→ inactive"), (("x",), "upstream 0")):
        assert describe_graph(passed, naming, merged=merged).cells["x1"].reason == reason


def test_a_gradient_below_0_is_counted_too() -> None:
    assert describe_graph(around_relu([1.0, 0.0, -1.0]), AROUND_RELU).counts["h"] == (2, 3)


def test_an_edge_that_stands_for_all_carries_the_sum_of_their_sizes() -> None:
    # Their sum is 0.
    passed = trace(ReLU(), [2.0, 1.0, 3.0], dout=[1.5, 0.5, -2.0])
    (edge,) = describe_graph(passed, Naming((("x",),), "h"), merged={"x", "h"}).edges
    assert edge.amount == 4
    (edge,) = describe_graph(passed, Naming((("x",),), "h"), merged={"h"}).edges
    assert (edge.tail, edge.head, edge.amount) == ("x", "h", 4)


def test_the_gradient_of_a_value_read_twice_is_known_once_all_of_it_is_back() -> None:
    infos = [describe_graph(around_relu([1.0, 1.0, 0.0]), AROUND_RELU, at) for at in range(5)]
    for info in infos:
        returned = {entry for entry, cell in info.cells.items() if cell.known == "gradient"}
        assert all((edge.known == "gradient") == (edge.tail in returned) for edge in info.edges)
    known = [[info.cells[entry].known for entry in ("x1", "h1", "s1")] for info in infos]
    assert known == [
        ["value", "nothing", "nothing"],
        ["value", "value", "nothing"],
        ["value", "value", "value"],
        ["value", "gradient", "gradient"],
        ["gradient", "gradient", "gradient"],
    ]
    counted = [{x: it for x, it in info.counts.items() if it is not None} for info in infos]
    back = {"h": (2, 3), "s": (2, 3)}
    assert counted == [{}, {}, {}, back, {"x": (2, 3), **back}]


def test_what_comes_back_on_two_ways_may_cancel() -> None:
    passed = trace(Residual(Conv1D()), [2.0, -1.0], -1.0, dout=[1.0, 1.0])
    cells = describe_graph(passed, AROUND_CONV).cells
    assert [cells[entry].reason for entry in ("x1", "x2", "w", "a1")] == ["cancelled"] * 2 + [
        ""
    ] * 2
    assert explain(passed, "x1", AROUND_CONV)[:2] == [
        "∂L/∂x₁ = 0: the contributions cancel: (−1) · 1 + 1 · 1 = 0.",
        "∂L/∂x₁ = w · ∂L/∂a₁ + 1 · ∂L/∂s₁ = (−1) · 1 + 1 · 1 = 0",
    ]


def test_where_nothing_comes_back_on_either_way_both_are_told() -> None:
    larger = Graph(("h", ReLU(), "x"), ("m", Maximum(), "h", "x"))
    passed = trace(larger, [2.0, -1.0], dout=[1.0, 1.0], kinks=KINKS)
    naming = Naming((("x",), ("h", "x")), "m")
    assert describe_graph(passed, naming).cells["x2"].reason == "several"
    assert explain(passed, "x2", naming)[0] == (
        "∂L/∂x₂ = 0: no gradient on any of its 2 paths: 1 is inactive, 1 is not the maximum."
    )
    silent = describe_graph(around_relu([0.0] * 3), AROUND_RELU).cells
    assert [silent[entry].reason for entry in ("x1", "x2", "h1")] == ["upstream 0"] * 3


def test_the_script_of_a_value_read_twice_prints_the_sum_of_its_gradients() -> None:
    passed = around_relu([1.0, 1.0, -1.0])
    printed: list[str] = []
    lines = str(Script(passed, AROUND_RELU, "pytorch-max-pool"))
    exec(lines, {"print": lambda *each: printed.append(" ".join(map(str, each)))})
    assert printed == [
        *("h: [2.0, 0.0, 0.0]", "s: [4.0, -1.0, 0.0]"),
        *("dh: [1.0, 1.0, -1.0]", "dx: [2.0, 1.0, -1.0]"),
    ]


@pytest.mark.parametrize(
    ("letter", "index", "entry", "label"),
    [
        ("x", (1,), "x2", "x₂"),
        ("w", (0, 1), "w1,2", "w₁‚₂"),
        ("z", (), "z", "z"),
        ("a2", (0,), "a2.1", "a⁽²⁾₁"),
        ("w12", (), "w12", "w⁽¹²⁾"),
    ],
)
def test_an_array_number_is_written_apart_from_the_index_of_an_entry(
    letter: str, index: tuple[int, ...], entry: str, label: str
) -> None:
    assert (plain(letter, index), name(letter, *index)) == (entry, label)


@for_each(
    "change",
    [
        {"grad": -1.0},
        {"known": "value"},
        {"reason": "not max"},
        {"guess": False},
        {"marked": True},
        {"wrong": True},
        {"shares": (0.5,)},
        {"entry": "x2"},
        {"letter": "a"},
        {"given": True},
    ],
)
def test_cells_of_one_form_differ_in_the_size_of_numbers_alone(change: dict[str, Any]) -> None:
    cell = describe_graph(around_relu([1.0] * 3), AROUND_RELU).cells["x1"]
    assert replace(cell, value=7.0, grad=9.0).form == cell.form
    assert (cell.right, replace(cell, guess=True).right) == (None, True)
    assert replace(cell, guess=True, wrong=True).right is False
    assert replace(cell, guess=True, known="value").right is None
    assert replace(cell, **change).form != cell.form


@for_each(
    "change",
    [
        {"cells": {}},
        {"edges": ()},
        {"gates": ()},
        {"counts": {"x": (2, 3), "a": (3, 3), "z": (1, 1)}},
        {"inputs": frozenset("w")},
        {"now": frozenset("a")},
        {"merged": frozenset("a")},
    ],
)
def test_graphs_of_one_form_differ_in_the_size_of_numbers_alone(change: dict[str, Any]) -> None:
    info = describe_graph(around_relu([-1.0, 1.0, 1.0]), AROUND_RELU)
    assert info.gates
    larger = {x: replace(cell, value=9 * cell.value) for x, cell in info.cells.items()}
    assert replace(info, cells=larger).form == info.form
    assert replace(info, **change).form != info.form


@for_each("sizes", [*combinations((-2.0, -1.0, 0.0, 1.0, 2.0), 2)])
def test_cells_and_edges_of_one_form_have_one_sign(sizes: tuple[float, float]) -> None:
    info = describe_graph(around_relu([1.0] * 3), AROUND_RELU)
    alike = np.sign(sizes[0]) == np.sign(sizes[1])
    one, other = (replace(info.cells["x1"], grad=size).form for size in sizes)
    assert (one == other) == alike
    one, other = (replace(info.edges[0], amount=size).form for size in sizes)
    assert (one == other) == alike
    changes: list[dict[str, Any]] = [{"tail": "x2"}, {"head": "a2"}, {"known": "value"}]
    for change in changes:
        assert replace(info.edges[0], **change).form != info.edges[0].form


@pytest.mark.parametrize(
    ("x", "w", "reason"),
    [
        (-1.0, 1.0, "→ inactive"),  # here, and behind the convolution
        (-1.0, -1.0, ""),
        (1.0, -1.0, ""),
        (-1.0, 0.0, "→ several"),  # here, and at the kink behind
    ],
)
def test_a_reason_that_holds_on_two_ways_points_to_the_farther_one(
    x: float, w: float, reason: str
) -> None:
    both = Graph(
        ("h", ReLU(), "x"), ("a", Conv1D(), "x", "w"), ("k", ReLU(), "a"), ("s", Add(), "h", "k")
    )
    passed = trace(both, [x], w, dout=[1.0], kinks=KINKS)
    naming = Naming((("x",), ("x", "w"), ("a",), ("h", "k")), "s")
    assert describe_graph(passed, naming).cells["x1"].reason == reason


AROUND_TWO: Final = Graph(("h", ReLU(), "x"), ("k", ReLU(), "x"), ("s", Add(), "h", "k"))
OF_TWO: Final = Naming((("x",), ("x",), ("h", "k")), "s")


def test_a_reason_that_holds_on_two_ways_right_here_points_nowhere() -> None:
    passed = trace(AROUND_TWO, [-1.0], dout=[1.0], kinks=KINKS)
    assert describe_graph(passed, OF_TWO).cells["x1"].reason == "inactive"
    assert [stop.step for stop in passed.stops_of(0, (0,))] == [0, 1]
    # The first reader is stopped behind the second one.
    later = trace(
        Graph(
            *(("a", LeakyReLU(0.5), "x"), ("k", ReLU(), "x"), ("h", ReLU(), "a")),
            ("s", Add(), "h", "k"),
        ),
        *([-1.0],),
        kinks=KINKS,
        dout=[1.0],
    )
    assert [stop.step for stop in later.stops_of(0, (0,))] == [1, 2]


def test_a_step_that_makes_nothing_known_has_a_form_of_its_own() -> None:
    passed = trace(AROUND_TWO, [1.0], dout=[1.0], kinks=KINKS)
    steps = [describe_graph(passed, OF_TWO, step) for step in range(7)]
    known = [[cell.known for cell in info.cells.values()] for info in steps]
    assert known[4] == known[5], "x waits for its other reader"
    assert (steps[4].now, steps[5].now) == (frozenset("hk"), frozenset())
    for one, other in combinations(steps, 2):
        assert (one.form == other.form) == (one.now == other.now and one.cells == other.cells)


@for_each(
    ("shares", "split"),
    [
        (None, False),  # no class is asked
        ((), False),  # the class is voting
        ((0.29,), False),
        ((0.3,), True),
        ((0.7,), True),
        ((0.71,), False),
        ((0.5, 1.0), False),  # the last vote counts
        ((1.0, 0.5), True),
    ],
)
def test_a_class_that_disagrees_in_its_last_vote_is_split(
    shares: tuple[float, ...] | None, split: bool
) -> None:
    cell = Cell("x1", "x₁", "x", (0,), "gradient", 1.0, 1.0, "", shares=shares)
    assert cell.split is split

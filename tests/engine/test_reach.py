"""Receptive fields and influence, against each other and against known results."""

import numpy as np
import pytest

from engine import (
    Abs,
    Add,
    Concat,
    Conv1D,
    Conv2D,
    ConvBlock,
    Graph,
    MaxPool,
    MaxPool2D,
    ReLU,
    Sequential,
    Trace,
    trace,
)
from engine.layers.base import Layer
from engine.trace import influence, reached_from, reading_masks, receptive_field


def test_the_masks_that_are_given_stay_as_they_were() -> None:
    given = np.array([False, True, False]), np.array([True, False])
    x, _, a = reading_masks(trace(Conv1D(), np.ones(3), np.ones(2)), {0: given[0], 2: given[1]})
    assert (x.tolist(), a.tolist()) == ([True, True, False], [True, False])
    assert [each.tolist() for each in given] == [[False, True, False], [True, False]]


def pass_through(layer: Layer, *shapes: tuple[int, ...]) -> Trace:
    """A pass with random numbers, whose values do not matter."""
    random = np.random.default_rng(2)
    return trace(layer, *(random.normal(size=shape) for shape in shapes))


CASES = {
    "lab": pass_through(ConvBlock(), (5,), ()),
    "gaps": pass_through(Sequential(Conv1D(4, 1), ReLU(), MaxPool(2, 3)), (2, 20), (3, 2, 2)),
    "pictures": pass_through(
        Sequential(Conv2D(2, 1), ReLU(), MaxPool2D((2, 3), (2, 1), 1)), (8, 7), (2, 3, 3)
    ),
    "batch": pass_through(Sequential(Conv2D(), ReLU(), MaxPool2D(2)), (2, 2, 5, 5), (2, 2, 2, 2)),
    "whole": pass_through(Sequential(Conv2D(), MaxPool2D()), (5, 5), (2, 2, 2)),
}


@pytest.mark.parametrize("name", CASES)
def test_fields_and_influence_are_each_other_transposed(name: str) -> None:
    here = CASES[name]
    last = len(here.steps)
    fields = {
        output: receptive_field(here, last, output) for output in np.ndindex(*here.output.shape)
    }
    for position, step in enumerate(here.steps):
        for entry in np.ndindex(*step.inputs[0].shape):
            reached = influence(here, position, 0, entry)[-1]
            for output, field in fields.items():
                assert field[position][entry] == reached[output]


def test_the_field_of_a_pooled_output_of_a_picture() -> None:
    here = pass_through(Sequential(Conv2D(), ReLU(), MaxPool2D(2)), (8, 8), (2, 3, 3))
    x, a, h = receptive_field(here, 3, (1, 0, 2))
    assert np.argwhere(a).tolist() == np.argwhere(h).tolist()
    assert np.argwhere(h).tolist() == [[1, 0, 4], [1, 0, 5], [1, 1, 4], [1, 1, 5]]
    assert x.sum() == 16
    assert x[:4, 4:8].all()


def test_the_receptive_field_of_an_inner_entry_and_of_an_input_by_hand() -> None:
    here = CASES["pictures"]
    assert [field.sum() for field in receptive_field(here, 1, (0, 1, 1))] == [9]
    assert receptive_field(here, 0, (0, 0)) == []


def test_a_weight_influences_its_own_channel_but_where_it_meets_padding() -> None:
    a, h, z = influence(CASES["pictures"], 0, 1, (1, 0, 0))
    for mask in (a, h, z):
        assert not mask[0].any()
    for mask in (a[1], h[1]):
        assert mask[1:, 1:].all()
        assert not mask[0].any()
        assert not mask[:, 0].any()
    assert z[1, 1:].all()


def test_an_entry_that_nobody_reads() -> None:
    here = pass_through(Sequential(Conv1D(2), ReLU()), (4,), (1, 1))
    assert [mask.any() for mask in influence(here, 0, 0, (3,))] == [False, False]


def test_an_operation_that_reads_an_entry_as_its_second_input_is_influenced_too() -> None:
    graph = Graph(("a", ReLU(), "x"), ("b", Abs(), "y"), ("s", Add(), "b", "a"))
    masks = influence(pass_through(graph, (3,), (3,)), 0, 0, (1,))
    assert [np.flatnonzero(mask).tolist() for mask in masks] == [[1], [], [1]]
    graph = Graph(("a", ReLU(), "x"), ("c", Concat(), "y", "a"))  # after the two entries of y
    masks = influence(pass_through(graph, (3,), (2,)), 0, 0, (1,))
    assert [np.flatnonzero(mask).tolist() for mask in masks] == [[1], [3]]


@pytest.mark.parametrize("others", [("x", "a"), ("a", "x")])
def test_everything_that_several_readers_reach_is_found(others: tuple[str, str]) -> None:
    """What one reader reaches through others is kept beside what the next one reads."""
    graph = Graph(("a", Conv1D(padding=1), "x", "w"), ("s", Add(), *others))
    found = reached_from(pass_through(graph, (5,), (3,)), 0, (1,))
    reached = {number: np.flatnonzero(mask).tolist() for number, mask in found.items()}
    assert reached == {2: [0, 1, 2], 3: [0, 1, 2]}


def test_outputs_that_are_left_out_influence_nothing_further() -> None:
    here = CASES["lab"]
    masks = influence(here, 0, 1, (), but={(0,), (3,)})
    assert [np.argwhere(mask).tolist() for mask in masks] == [
        [[1], [2], [4]],
        [[1], [2], [4]],
        [[]],
    ]
    every = {(output,) for output in range(5)}
    assert not any(mask.any() for mask in influence(here, 0, 1, (), but=every))

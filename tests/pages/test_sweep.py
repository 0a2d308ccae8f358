"""Sweeps by other processes: the same as ours, whatever becomes of the processes."""

from collections.abc import Iterator
from functools import partial
from multiprocessing import active_children

import pytest

from pages.components.picture import Screen
from pages.state.predict import Exercise
from pages.sweep import Order, Sweeper, made, sweep
from tests.pages.scenes import BLOCK

SCENE = BLOCK.presets["three-way-tie"]
VALUES = (-1.0, 0.0, 1.5)


def order(exercise: Exercise | None = None) -> Order:
    query = tuple(SCENE.query().items())
    return Order("conv-block", query, Screen("dark", exercise), "x2", VALUES, "key")


def expected(exercise: Exercise | None = None) -> str | None:
    draw = partial(BLOCK.picture, screen=Screen("dark", exercise))
    return sweep(SCENE, draw, "x2", VALUES, "key")


@pytest.fixture(scope="module")
def sweeper() -> Iterator[Sweeper]:
    running = Sweeper(1)
    running.start()
    yield running
    running.stop()


@pytest.mark.parametrize("exercise", [None, Exercise(frozenset({"x1"})), Exercise(revealed=True)])
def test_a_process_gives_what_the_page_would(sweeper: Sweeper, exercise: Exercise | None) -> None:
    assert made(order(exercise)) == expected(exercise)
    assert sweeper.made(order(exercise)) == expected(exercise)


def test_without_processes_it_is_made_here() -> None:
    assert Sweeper(1).made(order()) == expected()


def test_a_process_that_is_killed_costs_nobody_a_sweep(sweeper: Sweeper) -> None:
    sweeper.made(order())
    (process,) = active_children()
    process.kill()
    process.join()
    assert sweeper.made(order()) == expected()
    assert sweeper.made(order()) == expected()
    assert len(active_children()) == 1

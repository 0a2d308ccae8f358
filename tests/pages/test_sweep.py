"""Sweeps have the pictures that are drawn without them, also if made by other processes."""

import functools
import gc
import json
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from functools import partial
from multiprocessing import active_children
from queue import Queue
from threading import Event
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest

from pages.derive.picture import Picture, Screen, Slider, changes
from pages.derive.subject import Subject
from pages.registry import PICTURE_PAGES, SUBJECTS, named_scene
from pages.state.predict import Exercise
from pages.state.scene import STEP
from pages.sweep import LIMIT, Order, Sweeper, _get_ready, made, sweep
from tests.for_each import for_each
from tests.pages.export.drawing import ONE_A_PAGE
from tests.pages.scenes import BLOCK, FORMS

SCENE = BLOCK.presets["three-way-tie"]
VALUES = (-1.0, 0.0, 1.5)


def order(exercise: Exercise | None = None) -> Order:
    query = tuple(SCENE.query().items())
    return Order("conv-block", query, Screen("dark", exercise), "x2", VALUES, "key")


def expected(exercise: Exercise | None = None) -> str | None:
    return sweep(BLOCK, SCENE, "x2", VALUES, "key", Screen("dark", exercise))


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


@pytest.mark.parametrize(("count", "drawn"), [(6, 6), (12, 3)])
def test_a_sweep_is_given_up_where_three_pictures_tell_that_it_is_twice_too_long(
    monkeypatch: pytest.MonkeyPatch, count: int, drawn: int
) -> None:
    picture, asked = BLOCK.picture(SCENE), list[float]()

    def pictures(subject: object, scenes: Sequence[Any], screen: Screen) -> Iterator[Picture]:
        for scene in scenes:
            asked.append(scene.value("x2"))
            first = len(asked) <= 3  # they fill three quarters of a sweep's limit
            said = f"{asked[-1]}" + "x" * (LIMIT // 4 if first else 1)  # each has its own sentence
            yield replace(picture, explanation=[said])

    monkeypatch.setattr(Subject, "pictures", pictures)
    text = sweep(BLOCK, SCENE, "x2", [0.25 * each for each in range(count)], "key")
    assert len(asked) == drawn
    assert (text is None) == (drawn < count)


def test_what_the_first_picture_says_is_not_sent_again() -> None:
    first, alike, other = json.loads(
        sweep(BLOCK, SCENE, "x2", (-1.0, -2.0, 1.5), "key", Screen("dark")) or ""
    )["frames"]
    assert all(first["explanation"])
    assert {*alike["explanation"], alike["legend"]} == {None}
    assert [line is None for line in other["explanation"]] == [True, True, False, True]
    assert other["legend"] not in (None, first["legend"])


def test_without_processes_it_is_made_here() -> None:
    assert Sweeper(1).made(order()) == expected()


def test_without_processes_any_more_it_is_made_here(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = Mock(return_value=Mock(submit=Mock(side_effect=[None, RuntimeError("after shutdown")])))
    monkeypatch.setattr("pages.sweep.ProcessPoolExecutor", pool)
    sweeper = Sweeper(1)
    sweeper.start()
    sweeper.stop()
    pool.return_value.shutdown.assert_called_once_with(cancel_futures=True)
    assert sweeper.made(order()) == expected()


@pytest.mark.parametrize(
    ("act", "error"),
    [
        ("submit", BlockingIOError("Resource temporarily unavailable")),
        ("submit", RuntimeError("can't start new thread")),
        ("__init__", OSError("Function not implemented")),  # there are no semaphores
        ("__init__", NotImplementedError("This Python build lacks multiprocessing.synchronize")),
    ],
)
def test_where_no_process_can_be_started_it_is_made_here(
    monkeypatch: pytest.MonkeyPatch, act: str, error: Exception
) -> None:
    monkeypatch.setattr(f"pages.sweep.ProcessPoolExecutor.{act}", Mock(side_effect=error))
    sweeper = Sweeper(1)
    sweeper.start()
    assert sweeper.made(order()) == expected()


def test_a_process_that_is_killed_costs_nobody_a_sweep(sweeper: Sweeper) -> None:
    sweeper.made(order())
    (process,) = active_children()
    process.kill()
    process.join()
    assert sweeper.made(order()) == expected()
    assert sweeper.made(order()) == expected()
    assert len(active_children()) == 1


def test_where_no_other_process_can_be_started_the_one_that_was_killed_gets_nothing_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pool = Mock(submit=Mock(side_effect=[None, BrokenProcessPool]))
    pools = Mock(side_effect=[pool, OSError])
    monkeypatch.setattr("pages.sweep.ProcessPoolExecutor", pools)
    sweeper = Sweeper(1)
    sweeper.start()
    for _ in range(2):
        assert sweeper.made(order()) == expected()


def test_where_two_find_that_one_was_killed_one_starts_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The second notices it before the first has started others, and starts others itself first."""
    pools: list[Any] = []

    class Pool:
        def __init__(self, *_: Any) -> None:
            pools.append(self)

        def submit(self, act: Any, *_: Any) -> Any:
            if self is pools[0] and act is made:
                if others:
                    others.pop()()
                raise BrokenProcessPool
            return SimpleNamespace(result=str)

    monkeypatch.setattr("pages.sweep.ProcessPoolExecutor", Pool)
    sweeper = Sweeper(1)
    sweeper.start()
    others: list[Callable[[], object]] = [partial(sweeper.made, order())]
    assert sweeper.made(order()) == expected()
    assert (len(others), len(pools)) == (0, 2)


def test_a_process_leaves_ctrl_c_to_its_server_and_ends_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended, handled, statuses = Event(), list[Any](), Queue[int]()
    monkeypatch.setattr("pages.sweep.spare_the_collector", lambda: None)
    monkeypatch.setattr("pages.sweep.signal.signal", lambda *given: handled.append(given))
    monkeypatch.setattr("pages.sweep.parent_process", lambda: SimpleNamespace(join=ended.wait))
    monkeypatch.setattr("pages.sweep.os._exit", statuses.put)
    _get_ready()
    assert handled == [(signal.SIGINT, signal.SIG_IGN)]
    assert statuses.empty()
    ended.set()
    assert statuses.get(timeout=5) == 0


# --- sweeps have the pictures that would be drawn without them


@pytest.fixture(scope="module")
def memories() -> list[Any]:
    """All caches that last from one picture to the next, except that of the digits' files."""
    # By type, since isinstance asks a proxy for its object, which may be gone.
    found = (each for each in gc.get_objects() if type(each) is functools._lru_cache_wrapper)
    ours = [each for each in found if each.__module__.startswith(("pages.", "engine."))]
    return [each for each in ours if each.__module__ != "engine.mnist"]


SWEPT = ((0, Screen()), (-1, Screen("dark", narrow=True)))
"""Presets take turns: the first slider; the last one, on a phone. One preset a page has both."""


def overlaid(old: Any, changes: Any) -> Any:
    """Apply the changes to a trace as browser/sweeps.js does."""
    new = dict(enumerate(old)) if isinstance(old, list) else dict(old)
    for key, value in changes.items():
        at = int(key) if isinstance(old, list) else key
        new[at] = overlaid(new.get(at, {}), value) if isinstance(value, dict) else value
    return list(new.values()) if isinstance(old, list) else new


@pytest.mark.parametrize(
    ("name", "place", "screen"),
    [
        (name, *swept)
        for n, name in enumerate(FORMS)
        for swept in (SWEPT if name in ONE_A_PAGE else SWEPT[n % 2 :][:1])
    ],
)
def test_each_picture_of_a_sweep_is_the_one_made_alone(
    memories: list[Any], name: str, place: int, screen: Screen
) -> None:
    subject, scene, _ = named_scene(name)
    for slider, values in ((it.name, it.values[::11]) for it in subject.sliders(scene)[place:][:1]):
        text = sweep(subject, scene, slider, values, "key", screen)
        found = json.loads(text) if text else {"base": [], "frames": []}
        for value, frame in zip(values, found["frames"], strict=bool(text)):
            for each in memories:
                each.cache_clear()
            alone = subject.picture(scene.moved(slider, value), screen)
            traces = zip(found["base"], frame["traces"], strict=True)
            data = [overlaid(*each) for each in traces]
            said = [alone.explanation, alone.legend, alone.step]
            first = found["frames"][0]  # what is the same as there is left out
            lines = [
                first["explanation"][at] if line is None else line
                for at, line in enumerate(frame["explanation"])
            ]
            legend = first["legend"] if frame["legend"] is None else frame["legend"]
            assert data == json.loads(json.dumps(alone.figure["data"]))
            assert [lines, legend, frame["step"]] == json.loads(json.dumps(said))


@for_each("key", PICTURE_PAGES)
def test_each_picture_of_a_step_through_is_the_one_made_alone(key: str) -> None:
    subject = SUBJECTS[key]
    steps = range(len(subject.steps(subject.start)))
    scenes = [subject.start.moved(STEP, step) for step in (*steps[:2], *steps[-1:])]
    made = [picture.figure for picture in subject.pictures(scenes)] if scenes else []
    assert made == [subject.picture(scene).figure for scene in scenes]


@pytest.mark.parametrize(
    ("old", "new", "difference"),
    [
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, {"b": 3}),
        ({"a": 1}, {"a": 1, "b": 2, "c": {"d": 4}}, {"b": 2, "c": {"d": 4}}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, {"a": {"c": 3}}),
        ({"x": [1, 2, 3, 4, 5]}, {"x": [1, 2, 3, 4, 9]}, {"x": {4: 9}}),
        ({"x": [1, 2, 3, 4]}, {"x": [1, 2, 8, 9]}, {"x": [1, 2, 8, 9]}),
        ({"x": [1, 2, 3]}, {"x": [1, 2]}, {"x": [1, 2]}),
        ({"x": [[1, 2, 3], [4], [5]]}, {"x": [[1, 2, 9], [4], [5]]}, {"x": {0: {2: 9}}}),
    ],
)
def test_a_frame_has_what_differs_and_what_is_new(
    old: dict[str, Any], new: dict[str, Any], difference: dict[str, Any]
) -> None:
    assert changes(old, new) == difference


def test_a_slider_has_its_grid_and_the_value_that_lies_between() -> None:
    for value, grid in ((0.25, [-1, -0.5, 0, 0.25, 0.5, 1]), (0.5, [-1, -0.5, 0, 0.5, 1])):
        slider = Slider("x1", "x₁", value, 0.0, 0.0, 1.0, low=-1.0, high=1.0, grid=0.5)
        assert slider.values == grid

"""Processes that share a batch: the same gradients, and one sentence if one is lost."""

import os
import signal
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import engine
from engine import Network, mnist
from engine.cores import single_threaded
from engine.errors import OrderError
from engine.training import ARCHITECTURES, worker
from engine.training.network import Architecture
from engine.training.passes import PART, Pass, learn
from engine.training.workers import (
    IMAGES_LEAST,
    Task,
    Workers,
    read_result,
    read_task,
    write_result,
    write_task,
)

DIGITS = mnist.load("train")
LABELS = DIGITS.labels.astype(np.intp)
NETWORK = Network.new(seed=1)


def batch(workers: Workers, count: int) -> Pass:
    return workers.learn(NETWORK.params, DIGITS.images[:count], LABELS[:count], watched=True)


def alone(count: int) -> Pass:
    images, labels = DIGITS.images[:count], LABELS[:count]
    return learn(NETWORK.layers, NETWORK.params, images, labels, watched=True)


def test_a_worker_finds_what_its_caller_finds_the_engine_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = str(Path(engine.__file__).parents[1])
    for told, path in (("elsewhere", f"{root}{os.pathsep}elsewhere"), ("", root)):
        monkeypatch.setenv("PYTHONPATH", told)
        assert single_threaded()["PYTHONPATH"] == path


def test_every_library_that_numpy_may_multiply_with_is_told_to_take_one_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of_each = (
        "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
    )  # fmt: skip
    for name in of_each:
        monkeypatch.setenv(name, "8")
    assert [single_threaded()[name] for name in of_each] == ["1"] * 4


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(NETWORK.architecture, 3, 5 * PART) as made:
        yield made


@pytest.mark.parametrize(
    "count", [1, IMAGES_LEAST, 2 * IMAGES_LEAST + 1, 3 * IMAGES_LEAST, 5 * PART]
)
def test_workers_find_what_one_process_does(workers: Workers, count: int) -> None:
    one, shared, again = alone(count), batch(workers, count), batch(workers, count)
    assert (one.images, one.correct, one.zeros) == (shared.images, shared.correct, shared.zeros)
    assert_allclose(one.loss, shared.loss, rtol=1e-6)
    assert shared.loss == again.loss
    for mine, theirs, same in zip(one.grads, shared.grads, again.grads, strict=True):
        assert_allclose(mine, theirs, rtol=1e-3, atol=1e-5)
        assert_array_equal(theirs, same)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no sessions")
def test_ctrl_c_is_for_the_caller_alone(workers: Workers) -> None:
    for each in workers._workers:
        assert os.getsid(each._process.pid) == each._process.pid


def test_a_worker_whose_caller_has_ended_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signal.signal", lambda *_: None)
    reader, writer = os.pipe()
    os.close(reader)
    with (
        Path(os.devnull).open(encoding="utf-8") as tasks,
        os.fdopen(writer, "w", encoding="utf-8") as results,
    ):
        monkeypatch.setattr("sys.stdin", tasks)
        monkeypatch.setattr("sys.stdout", results)
        worker.main("linear")  # nor when what it has not written is, at the end


def test_one_process_needs_no_worker() -> None:
    with Workers(NETWORK.architecture, 1, 100) as workers:
        done, same = batch(workers, 100), alone(100)
    assert done.loss == same.loss
    for mine, theirs in zip(done.grads, same.grads, strict=True):
        assert_array_equal(mine, theirs)


def test_no_worker_is_started_that_would_never_get_an_image() -> None:
    with Workers(NETWORK.architecture, 1000, IMAGES_LEAST + 1) as workers:
        assert len(workers._workers) == 1
        assert batch(workers, IMAGES_LEAST + 1).images == IMAGES_LEAST + 1
    # Of 20 processes each would take 17 images, and the last none: 19 · 17 = 323.
    assert Workers(NETWORK.architecture, 20, 323).processes == 19


def test_a_worker_that_is_lost_is_one_sentence() -> None:
    with Workers(NETWORK.architecture, 2, PART) as workers:
        batch(workers, PART)
        workers._workers[0]._process.kill()
        workers._workers[0]._process.wait()
        with pytest.raises(OrderError, match="a process that shared the work has ended"):
            batch(workers, PART)


def test_workers_that_cannot_be_started_are_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    said = "no process can be started to share the work: No such file or directory"
    with (
        pytest.raises(OrderError, match=said) as caught,
        Workers(NETWORK.architecture, 2, PART),
    ):
        pass
    assert isinstance(caught.value.__cause__, FileNotFoundError)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no scripts")
def test_a_worker_is_ended_amidst_its_task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    busy = tmp_path / "python"
    busy.write_text("#!/bin/sh\nprintf ready\nexec sleep 5\n")
    busy.chmod(0o700)
    monkeypatch.setattr("sys.executable", str(busy))
    with Workers(NETWORK.architecture, 2, PART) as workers:
        (worker,) = workers._workers
    assert worker._process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("begun", [False, True])
def test_where_one_worker_fails_none_is_left(begun: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    running: list[object] = []

    class Failing:
        def __init__(self, architecture: Architecture) -> None:
            if running and not begun:
                raise OrderError("it cannot be started")
            running.append(self)

        def await_ready(self) -> None:
            raise OrderError("it has ended")

        def end(self) -> None:
            running.remove(self)

    monkeypatch.setattr("engine.training.workers._Worker", Failing)
    with pytest.raises(OrderError), Workers(NETWORK.architecture, 3, 5 * PART):
        pass
    assert running == []


@pytest.mark.parametrize("slug", ARCHITECTURES)
def test_tasks_and_results_arrive_as_they_were_sent(slug: str) -> None:
    network, stream = Network.new(slug, seed=2), BytesIO()
    turned = [np.asfortranarray(each) for each in network.params]  # still sent row by row
    asked = Task(turned, DIGITS.images[:5], LABELS[:5], 0.25, True)
    write_task(stream, asked)
    stream.seek(0)
    heard = read_task(stream)
    assert heard
    assert (heard.share, heard.watched) == (0.25, True)
    for mine, theirs in zip(
        (*asked.params, asked.images, asked.labels),
        (*heard.params, heard.images, heard.labels),
        strict=True,
    ):
        assert_array_equal(mine, theirs)
        assert mine.dtype == theirs.dtype
    assert read_task(stream) is None

    params, images, labels, share, watched = heard
    done = learn(network.layers, params, images, labels, share=share, watched=watched)
    stream = BytesIO()
    write_result(stream, done)
    stream.seek(0)
    result = read_result(stream)
    assert result
    assert (result.images, result.loss, result.correct, result.zeros) == (
        done.images, done.loss, done.correct, done.zeros,
    )  # fmt: skip
    for mine, theirs in zip(done.grads, result.grads, strict=True):
        assert_array_equal(mine, theirs)
    stream.truncate(len(stream.getvalue()) - 1)
    stream.seek(0)
    assert read_result(stream) is None

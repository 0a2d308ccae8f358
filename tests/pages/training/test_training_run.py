"""A run: its process does what the trainer does, and reports it; the progress that results."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from io import BytesIO
from threading import Thread
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import MagicMock

import numpy as np
import pytest

from engine import mnist
from engine.cores import single_threaded
from engine.training import SGD, Evaluation, Network, Record, Trainer
from pages.training.process import NICE, RunProcess, RunReport, main, read, write
from pages.training.settings import PRESETS, START, TrainingScene
from pages.training.training_run import (
    OVER,
    RECORDS_MOST,
    Phase,
    Progress,
    TrainingRun,
    thinned,
)
from tests.pages.training.records import progress, record

SMALL = TrainingScene("linear", epochs=1, batch_size=1000, learning_rate=0.05, seed=3)


def test_before_the_first_record_no_accuracy_is_about_any_images() -> None:
    assert Progress.of(SMALL).tested == ""


def test_an_interrupt_is_left_to_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    handled: list[Any] = []

    def stop(*given: Any) -> None:
        handled.append(given)
        raise InterruptedError

    monkeypatch.setattr("pages.training.process.signal.signal", stop)
    with pytest.raises(InterruptedError):
        main()
    assert handled == [(signal.SIGINT, signal.SIG_IGN)]


def test_what_is_done_is_a_part_of_the_whole_run() -> None:
    assert [Progress.of(SMALL).part, progress().part, progress(record(100)).part] == [0, 0, 0.25]


def test_before_the_start_the_network_is_the_one_that_the_seed_makes() -> None:
    for seed in (3, 4):
        shown = Progress.of(replace(SMALL, seed=seed)).network
        made = Network.new(SMALL.architecture, seed)
        assert all(map(np.array_equal, shown.params, made.params))


def sent(*messages: RunReport) -> bytes:
    stream = BytesIO()
    for message in messages:
        write(stream, message)
    return stream.getvalue()


def test_reports_arrive_as_they_were_sent() -> None:
    filters = np.arange(24, dtype=np.float32).reshape(2, 3, 4).transpose(2, 0, 1)
    whole = RunReport("record", {"worked": 0.1}, (filters, np.array([3, 1], np.uint8)))
    stream = BytesIO(sent(whole, RunReport("phase", {"phase": "paused"})))
    kind, said, arrays = read(stream) or RunReport("", {})
    assert (kind, said) == ("record", {"worked": 0.1})
    assert [array.dtype for array in arrays] == [np.float32, np.uint8]
    np.testing.assert_array_equal(arrays[0], filters)
    np.testing.assert_array_equal(arrays[1], [3, 1])
    assert read(stream) == RunReport("phase", {"phase": "paused"})
    assert read(stream) is None


def test_a_report_that_was_cut_off_is_none() -> None:
    whole = sent(RunReport("record", {}, (np.zeros(3),)))
    for length in (5, len(whole) - 1):
        assert read(BytesIO(whole[:length])) is None


@pytest.mark.parametrize(("asking", "again"), [(0.1, 10 + 20 * 0.1), (5.0, 4 * 10)])
def test_the_test_set_is_asked_again_at_the_earlier_of_two_times(
    asking: float, again: float
) -> None:
    run = RunProcess({**asdict(SMALL), "architecture": "linear"}, BytesIO())
    found = SimpleNamespace(predicted=np.array([1]), confidence=np.array([1.0]))
    run.trainer = cast("Trainer", SimpleNamespace(step=1, evaluate=lambda: found))
    run.worked, run.asking = 10.0, asking
    run.evaluate()
    assert run.next_evaluation == pytest.approx(again)


def test_how_soon_the_test_set_is_asked_again_is_told_by_the_longest_that_it_took(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = RunProcess({**asdict(SMALL), "architecture": "linear"}, BytesIO())
    found = SimpleNamespace(predicted=np.array([1]), confidence=np.array([1.0]))
    monkeypatch.setattr("pages.training.process.perf_counter", iter([1.0, 1.5, 2.0, 2.25]).__next__)
    for step, worked in ((1, 10.0), (2, 20.0)):
        run.trainer = cast("Trainer", SimpleNamespace(step=step, evaluate=lambda: found))
        run.worked = worked
        run.evaluate()
        assert run.next_evaluation == pytest.approx(worked + 20 * 0.5)


@pytest.mark.parametrize(
    ("ends_epoch", "due", "asked"), [(0, 5.0, [9]), (2, np.inf, [5]), (1, 4.0, [2, 5, 9])]
)
def test_while_it_trains_it_is_asked_where_an_epoch_ends_and_when_it_is_time(
    ends_epoch: int, due: float, asked: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    run, heard = RunProcess({**asdict(SMALL), "architecture": "linear"}, BytesIO()), []
    run.next_evaluation = due
    monkeypatch.setattr(run, "evaluate", lambda: heard.append(run.worked))
    monkeypatch.setattr("pages.training.process.perf_counter", iter([10.0, 12, 15, 19]).__next__)
    run.follow(record(step, end_of_epoch=step == ends_epoch) for step in (1, 2, 3))
    assert heard == asked


@pytest.mark.parametrize("orders", [("step",), ("run", "pause"), ("step", "run")])
def test_a_run_that_rests_has_been_asked_for_all_test_images(orders: tuple[str, ...]) -> None:
    output = BytesIO()
    run = RunProcess({**asdict(SMALL), "architecture": "linear"}, output)
    found = SimpleNamespace(predicted=np.array([1]), confidence=np.array([1.0]))
    trainer = SimpleNamespace(
        step=0, steps=2, steps_per_epoch=2, network=run.trainer.network, evaluate=lambda: found
    )

    asked = []

    def trained(**when: float) -> Iterator[Record]:
        asked.append(when)
        trainer.step += 1
        yield record(trainer.step)

    trainer.run = trained
    run.trainer = cast("Trainer", trainer)
    for order in (*orders, "step"):
        run.orders.put(order)
    run.work()
    output.seek(0)
    told = [
        (each.kind, each.said.get("phase") or each.said.get("step"))
        for each in iter(lambda: read(output), None)
    ]
    assert told == [
        ("begun", "running"),
        *[("phase", "running")] * (orders[0] == "run"),
        ("record", None),
        ("evaluation", 1),
        ("phase", "paused"),
        *[("phase", "running")] * (orders[-1] == "run"),
        ("record", None),
        ("evaluation", 2),
        *[("phase", "paused")] * (orders[-1] != "run"),
        ("phase", "finished"),
    ]
    assert all(0 < when.get("seconds", 1) <= 1 for when in asked)
    assert all(when == {"every": 1} or "seconds" in when for when in asked), "not per epoch alone"


def test_the_time_from_record_to_record_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    run = RunProcess({**asdict(SMALL), "architecture": "linear"}, BytesIO())
    run.next_evaluation = float("inf")
    monkeypatch.setattr("pages.training.process.perf_counter", iter([10.0, 12, 15, 19]).__next__)
    run.follow(iter([record(1), record(2), record(3)]))
    assert run.worked == 9


def test_a_record_brings_the_network_and_the_time() -> None:
    learned = Network.new("cnn", 7)
    said = {"record": asdict(record(5)), "worked": 0.25}
    message = read(BytesIO(sent(RunReport("record", said, learned.params))))
    assert message
    before = Progress.of(START, "running").after(
        RunReport("begun", {"phase": "running", "steps": 20, "steps_per_epoch": 10})
    )
    after = before.after(message)
    assert after.history == (record(5),)
    assert (after.step, after.part, after.worked) == (5, 0.25, 0.25)
    assert after.seconds_left is None, "the first seconds say little"
    assert replace(after, worked=2.5).seconds_left == pytest.approx(7.5)
    assert after.images_per_second == pytest.approx(5 * 64 / 0.25)
    for one, other in zip(after.network.params, learned.params, strict=True):
        np.testing.assert_array_equal(one, other)
    assert (before.history, before.seconds_left, before.images_per_second) == ((), None, 0)


def test_an_evaluation_is_the_engines() -> None:
    digits = mnist.load("test")
    found = Evaluation.of(Network.new("linear"), digits)
    arrays = (found.predicted.astype(np.uint8), found.confidence)
    before = replace(Progress.of(START), history=(record(6), record(7)))
    after = before.after(RunReport("evaluation", {"step": 7}, arrays))
    # The accuracy and the confusion matrix of one step are of the same images.
    exact = record(7, test_accuracy=found.accuracy, test_images=10_000)
    assert after.history == (record(6), exact)
    assert before.after(RunReport("evaluation", {"step": 6}, arrays)).history == before.history
    there = after.evaluation
    assert there
    assert after.evaluated_at == 7
    assert there.accuracy == found.accuracy
    np.testing.assert_array_equal(there.confusion, found.confusion)
    np.testing.assert_array_equal(there.wrong, found.wrong)


def test_what_is_no_message_of_ours_is_refused() -> None:
    for message in (RunReport("other", {}), RunReport("phase", {"phase": "flying"})):
        with pytest.raises(ValueError, match="a run says what it is"):
            Progress.of(START).after(message)


def test_a_long_history_loses_every_other_record_but_no_epoch() -> None:
    history = tuple(record(step, end_of_epoch=step % 100 == 1) for step in range(RECORDS_MOST + 1))
    assert thinned(history[:RECORDS_MOST]) == history[:RECORDS_MOST]
    kept = thinned(history)
    assert len(kept) <= RECORDS_MOST / 2 + 10
    assert {*range(0, RECORDS_MOST, 2)} <= {each.step for each in kept}
    assert kept[-1] == history[-1]
    assert [each for each in history if each.end_of_epoch] == [
        each for each in kept if each.end_of_epoch
    ]
    assert replace(kept[0], step=0) == kept[0]


def wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it never became true"
        time.sleep(0.005)


def wait_phase(run: TrainingRun, phase: str) -> None:
    wait(lambda: run.progress.phase in {phase, *OVER})
    assert run.progress.phase == phase, run.progress.sentence


@pytest.fixture(scope="module")
def trained() -> Trainer:
    trainer = Trainer(
        Network.new("linear", 3), SGD(0.05, 0.9, 0.0), epochs=1, batch_size=1000, seed=3
    )
    for _ in trainer.run():
        pass
    return trainer


def test_a_run_steps_goes_on_and_finishes_where_the_trainer_does(trained: Trainer) -> None:
    run = TrainingRun(SMALL, "step")
    wait_phase(run, "waiting")
    run.begin()
    wait_phase(run, "paused")
    assert (run.progress.step, run.progress.steps, run.progress.steps_per_epoch) == (1, 60, 60)
    run.order("step")
    wait(lambda: run.progress.step == 2 and run.progress.phase == "paused")
    run.order("run")
    wait_phase(run, "finished")
    assert run.progress.step == 60
    for found, wanted in zip(run.progress.network.params, trained.network.params, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-6)
    evaluation, last = run.progress.evaluation, run.progress.last
    assert evaluation
    assert last
    assert evaluation.accuracy == last.test_accuracy == pytest.approx(_accuracy(trained), abs=1e-3)
    run.order("run")  # no process is left to take it
    wait_phase(run, "finished")


def _accuracy(trainer: Trainer) -> float:
    return Evaluation.of(trainer.network, trainer.test).accuracy


def test_a_run_that_goes_on_at_once_is_not_said_to_be_paused() -> None:
    run = TrainingRun(TrainingScene("linear", epochs=20, batch_size=8, learning_rate=0.001), "step")
    run.begin()
    wait(lambda: run.progress.steps > 0)
    run.order("run")  # while all test images are classified after the first step
    wait(lambda: run.progress.step > 2)
    assert run.progress.phase == "running"
    assert run._process
    own, its = (os.getpriority(os.PRIO_PROCESS, of) for of in (0, run._process.pid))
    assert its == min(own + NICE, 19), "the server comes first"
    run.end()


def test_what_was_said_before_it_was_told_to_pause_is_not_heard() -> None:
    def phase(before: Phase, said: Phase) -> Phase:
        told = RunReport("phase", {"phase": said}, ())
        return replace(Progress.of(START), phase=before).after(told).phase

    assert phase("pausing", "running") == "pausing"
    assert phase("pausing", "paused") == "paused"
    assert phase("paused", "running") == "running"


def test_a_run_pauses_when_it_is_told_to() -> None:
    run = TrainingRun(TrainingScene("linear", epochs=20, batch_size=8, learning_rate=0.001))
    run.begin()
    wait(lambda: run.progress.step > 0)
    run.order("pause")
    phases = [run.progress.phase]
    run.order("pause")
    wait_phase(run, "paused")
    run.order("pause")
    phases.append(run.progress.phase)
    assert phases == ["pausing", "paused"]  # at once, and no more once it is
    step = run.progress.step
    assert run.progress.evaluation
    time.sleep(0.4)
    assert run.progress.step == step
    run.end("Enough.")
    assert (run.progress.phase, run.progress.sentence) == ("ended", "Enough.")
    assert run.progress.step == step
    assert run._process
    assert run._process.returncode is not None, "no process is left"


def test_what_was_still_on_its_way_does_not_bring_back_a_run_that_was_ended() -> None:
    run = TrainingRun(SMALL)
    run.end("Enough.")
    process = MagicMock(stdout=BytesIO(sent(RunReport("phase", {"phase": "running"}))))
    run._listen(process)
    assert (run.progress.phase, run.progress.sentence) == ("ended", "Enough.")
    process.kill.assert_called_once_with()  # one that is still running would train on unseen


def test_what_the_engine_refuses_is_its_sentence() -> None:
    run = TrainingRun(PRESETS["overflow"])
    run.begin()
    wait(lambda: run.progress.phase in OVER)
    assert run.progress.phase == "failed"
    assert run.progress.sentence.startswith("Trainer: the loss needs to stay ")
    assert run.progress.sentence.endswith(".")


def test_without_a_thread_that_listens_there_is_no_process_but_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    thread = MagicMock()
    thread.return_value.start.side_effect = RuntimeError("can't start new thread")
    monkeypatch.setattr("pages.training.training_run.Thread", thread)
    monkeypatch.setattr("pages.training.training_run.subprocess.Popen", MagicMock())
    (run := TrainingRun(START)).begin()
    assert run.progress.phase == "ended"
    assert run.progress.sentence == "The server cannot start a process: can't start new thread."
    assert run._process
    run._process.kill.assert_called_once()  # type: ignore[attr-defined]


def test_a_process_that_cannot_be_started_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.training.training_run._COMMAND", ("/nowhere/python",))
    started, popen = list[Any](), subprocess.Popen

    def start(command: Any, **named: Any) -> Any:
        started.append(named["env"])
        return popen(command, **named)

    monkeypatch.setattr("pages.training.training_run.subprocess.Popen", start)
    run = TrainingRun(START)
    run.begin()
    assert started == [single_threaded()]
    assert run.progress.phase == "failed"
    assert run.progress.sentence.startswith("The server cannot start a process: ")


def test_a_process_that_is_killed_is_a_sentence() -> None:
    run = TrainingRun(SMALL, "step")
    run.begin()
    wait_phase(run, "paused")
    assert run._process
    run._process.kill()
    wait_phase(run, "failed")
    assert run.progress.sentence == (
        "The process that trained has ended unexpectedly; perhaps the server is short of memory. "
        "Start again."
    )


def test_no_order_comes_before_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    run = TrainingRun(SMALL, "step")
    said = list[str]()
    monkeypatch.setattr(run, "_say", said.append)

    class Ordering(Thread):
        def start(self) -> None:
            run.order("run")
            super().start()

    monkeypatch.setattr("pages.training.training_run.Thread", Ordering)
    run.begin()
    run.end()
    assert said[1:] == ["step", "run"]
    assert json.loads(said[0])["epochs"] == SMALL.epochs


def test_the_process_ends_when_the_server_does() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "pages.training.process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin
        assert process.stdout
        settings = {name: getattr(SMALL, name) for name in SMALL.codecs()}
        process.stdin.write(json.dumps({**settings, "epochs": 20}).encode() + b"\nrun\n")
        process.stdin.flush()
        assert process.stdout.readline()
        process.stdin.close()
        assert b"finished" not in process.stdout.read(), "in the middle of what it computes"
        assert process.wait(10) == 0

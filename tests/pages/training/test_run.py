"""A run's process: what it does is what the trainer does, and it ends when it has to."""

import json
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import pytest

from engine.training import SGD, Evaluation, Network, Trainer
from pages.training.progress import OVER
from pages.training.run import Run
from pages.training.scene import START, TrainingScene

SMALL = TrainingScene("linear", epochs=1, batch_size=1000, learning_rate=0.05, seed=3)


def wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it never became true"
        time.sleep(0.005)


def wait_phase(run: Run, phase: str) -> None:
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


def test_it_steps_goes_on_and_finishes_where_the_trainer_does(trained: Trainer) -> None:
    run = Run(SMALL, "step")
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
    run.order("run")  # there is nobody any more to take it
    wait_phase(run, "finished")


def _accuracy(trainer: Trainer) -> float:
    return Evaluation.of(trainer.network, trainer.test).accuracy


def test_it_pauses_when_it_is_told_to() -> None:
    run = Run(TrainingScene("linear", epochs=20, batch_size=8, learning_rate=0.001))
    run.begin()
    wait(lambda: run.progress.step > 0)
    run.order("pause")
    wait_phase(run, "paused")
    step = run.progress.step
    assert run.progress.evaluation
    time.sleep(0.4)
    assert run.progress.step == step
    run.end("Enough.")
    assert (run.progress.phase, run.progress.sentence) == ("ended", "Enough.")
    assert run.progress.step == step


def test_what_the_engine_refuses_is_its_sentence() -> None:
    run = Run(TrainingScene(learning_rate=100.0, weight_decay=0.1))
    run.begin()
    wait(lambda: run.progress.phase in OVER)
    assert run.progress.phase == "failed"
    assert run.progress.sentence.startswith("Trainer: the loss needs to stay ")
    assert run.progress.sentence.endswith(".")


def test_a_process_that_cannot_be_started_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.training.run._COMMAND", ("/nowhere/python",))
    run = Run(START)
    run.begin()
    assert run.progress.phase == "failed"
    assert run.progress.sentence.startswith("The server cannot start a process: ")


def test_the_process_ends_when_the_server_does() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "pages.training.worker"],
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
        process.stdout.read()
        assert process.wait(10) == 0

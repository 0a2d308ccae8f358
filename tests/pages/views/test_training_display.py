"""The line about a run, and the texts of its charts for screen readers."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engine.training import Evaluation
from pages.components.live_charts import CHOSEN, CLAIM
from pages.language.catalogue import ordinal
from pages.training.settings import START, TrainingScene
from pages.training.training_run import Phase, Progress
from pages.views.training_page import RunDisplay, charts, left, status
from tests.for_each import for_each
from tests.pages.training.records import progress, record


@for_each(
    ("number", "said"),
    [(1, "first"), (3, "third"), (10, "tenth"), (11, "11th"), (12, "12th"), (21, "21st"),
     (22, "22nd"), (43, "43rd"), (100, "100th"), (111, "111th"), (113, "113th")],
)  # fmt: skip
def test_a_place_in_line(number: int, said: str) -> None:
    assert ordinal(number) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (75.2, "1 min 15 s")],
)
def test_the_time_left(seconds: float, said: str) -> None:
    assert left(seconds) == said.replace(" ", "\N{NO-BREAK SPACE}")


def test_before_the_start_it_says_what_is_about_to_happen() -> None:
    assert status(Progress.of(START), 0, 2) == (
        "Press Start: 5,258 parameters learn from 60,000 images, 3 times."
    )
    one = Progress.of(TrainingScene("linear", epochs=1))
    assert status(one, 0, 2) == "Press Start: 7,850 parameters learn from 60,000 images, once."


def test_a_waiting_visitor_is_told_the_place_in_line() -> None:
    said = status(Progress.of(START, "waiting"), 3, 2)
    assert said == (
        "You are third in line: this server trains 2 networks at a time. Yours begins by itself."
    )
    alone = status(Progress.of(START, "waiting"), 1, 1)
    assert "this server trains 1 network at a time." in alone


@pytest.mark.parametrize("phase", ["waiting", "starting"])
def test_a_run_whose_turn_it_is_says_what_comes_first(phase: Phase) -> None:
    assert status(Progress.of(START, phase), 0, 2) == "Reading the images…"
    assert status(Progress.of(START, "running"), 0, 2) == "The first steps…"


def test_while_it_trains_it_says_where_it_is_and_how_long_it_takes() -> None:
    # 100 of 400 steps, 64 images each, took 6 s: 18 s are left for the other 300.
    running = progress(record(100), worked=6.0)
    assert running.part == 0.25
    assert status(running, 0, 2) == (
        "Training: epoch 1 of 3, step 100 of 400 · 18\N{NO-BREAK SPACE}s left · 1,067 images/s"
    )
    early = replace(running, worked=1.5)
    assert status(early, 0, 2) == "Training: epoch 1 of 3, step 100 of 400"
    late = replace(running, phase="paused", steps=4000, history=(record(1000),))
    assert status(late, 0, 2) == "Paused in epoch 1 of 3, step 1,000 of 4,000."
    assert status(replace(running, phase="pausing"), 0, 2) == (
        "Pausing in epoch 1 of 3, step 100 of 400: all test images are classified first…"
    )


def test_an_end_that_nobody_wished_says_why() -> None:
    assert status(replace(progress(), phase="failed", sentence="No."), 0, 2) == "No."


def with_two_errors() -> Progress:
    """Two errors: image 30, a 2 taken for a 0, the more confident one; and image 7, an 8."""
    labels = np.zeros(10_000, np.uint8)
    labels[[7, 30]] = 8, 2
    predicted, confidence = np.zeros(10_000, int), np.full(10_000, 0.5)
    confidence[30] = 0.9
    return replace(progress(record(20)), evaluation=Evaluation(labels, predicted, confidence))


RUN = SimpleNamespace(progress=with_two_errors())


@pytest.mark.parametrize(
    ("run", "chosen", "onward"),
    [
        (RUN, "30", "look-inside/30"),
        (RUN, "8", ""),
        (RUN, "-1", ""),
        (RUN, "x", ""),
        (RUN, "", ""),
        (None, "30", ""),  # the run is gone, as when the server was started again
    ],
)
def test_an_error_that_is_shown_can_be_gone_to(
    run: Any, chosen: str, onward: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = SimpleNamespace(wants={CHOSEN: chosen})
    monkeypatch.setattr("pages.views.training_page.hear", lambda *_: message)
    monkeypatch.setattr("pages.training.session.present_run", lambda: run)
    state: Any = SimpleNamespace(onward="")
    RunDisplay("train", state)._hear()
    assert state.onward == onward


def test_the_most_confident_errors_can_be_chosen() -> None:
    first, second = charts(with_two_errors(), "light")[-1].targets
    assert (first.entry, first.said) == ("30", "Label 2, prediction 0: look inside")
    assert (second.entry, second.said) == ("7", "Label 8, prediction 0: look inside")
    assert second.box[0] == first.box[0] + first.box[2]


@pytest.mark.parametrize(
    ("images", "said"), [(500, "the first 500 test images"), (10_000, "10,000 test images")]
)
def test_a_reader_hears_of_how_many_test_images_the_accuracy_is(images: int, said: str) -> None:
    curves, *_ = charts(progress(record(20, test_accuracy=0.974, test_images=images)), "light")
    assert curves.said == (
        f"Accuracy and loss over the epochs: accuracy 97.4 % on {said}, training accuracy 90 %, "
        "loss 0.1"
    )
    done = progress(record(400, test_accuracy=0.974, test_images=images, train_seconds=12.34))
    assert status(replace(done, phase="finished"), 0, 2) == (
        "Finished, Two convolutions, 3 times through the images: accuracy 97.4 % on "
        f"{said}, after 12.3 s of training."
    )


def test_a_reader_hears_the_numbers_that_are_seen() -> None:
    near = [record(10, training_accuracy=0.5, loss=1e-6), record(11, loss=2e-6)]
    curves, *_ = charts(replace(progress(*near), steps_per_epoch=10_000), "light")
    assert curves.said.endswith("training accuracy 70 %, loss <0.001")
    for written in ("70 %", "<0.001"):
        assert f"training  <b>{written}</b>" in curves.figure
    apart = [record(10, training_accuracy=0.5, loss=1.0), record(20, loss=0.5)]
    curves, *_ = charts(progress(*apart), "light")
    assert curves.said.endswith("training accuracy 90 %, loss 0.5"), "of the last moment"


def test_a_reader_hears_what_is_zero_and_how_many_are_wrong() -> None:
    digits, sure = np.array([7, 2, 1], np.uint8), np.array([0.5, 0.75, 1.0])
    found = Evaluation(digits, np.array([7, 3, 1]), sure)
    known = replace(progress(record(20)), evaluation=found, evaluated_at=2000)
    _, layers, mistakes = charts(known, "light")
    assert layers.said == (
        "The first weights, and what is 0 in each layer. "
        "Conv2D: 75 % of the gradient is 0. ReLU: 50 % of the gradient is 0. "
        "MaxPool2D: 0 % of the gradient is 0"
    )
    assert mistakes.said == "After step 2,000, 1 of 3 test images are still wrong"
    assert charts(progress(record(20)), "light")[-1].said == "No predictions yet"


@pytest.mark.parametrize(
    ("run", "claimed", "said"),
    [
        (None, True, []),
        (
            None,
            False,
            [
                (
                    "The run of this tab is over: its connection was lost, or the server was "
                    "started anew."
                )
            ],
        ),
        (object(), False, []),
    ],
)
def test_a_tab_claims_its_run_after_a_reload_alone(
    run: object, claimed: bool, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def claim(token: str) -> bool:
        asked.append(token)
        return claimed

    message = SimpleNamespace(wants={CLAIM: "its token"})
    monkeypatch.setattr("pages.views.training_page.hear", lambda *_: message)
    monkeypatch.setattr("pages.training.session.present_run", lambda: run)
    monkeypatch.setattr("pages.training.session.claim", claim)
    state: Any = SimpleNamespace(problems=[], scene=START, onward="")
    display, now = RunDisplay("train", state), Progress.of(START)
    drawn = display._rest_of_page(now)
    display._hear()
    assert asked == ([] if run else ["its token"])
    assert state.problems == said
    assert (display._rest_of_page(now) != drawn) == bool(said), "else nobody would see it"

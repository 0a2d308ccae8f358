"""Trial calls of a layer: with what it is called, and what is noted of what it raises."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engine.grader import trials as module
from engine.grader.candidates import Candidate
from engine.grader.interfaces import SHAPES
from engine.grader.plan import Arguments, Axes, Plan
from engine.grader.trials import Told, Trials, Tried
from tests.for_each import for_each


class InPlace:
    """Writes into what it is given."""

    def forward(self, a: Any) -> Any:
        """Double the input itself."""
        a *= 2
        return a

    def backward(self, d: Any) -> Any:
        """Return the upstream gradient."""
        return d


def of(topic: str, thing: type = InPlace) -> Trials:
    """The trials of a layer."""
    return Trials(Candidate({"": thing}, (topic,), "forward", "backward"), topic)


ANY_SHAPE = Axes(("", "", ""), ("", "", ""))
PLAN = Plan("ReLU", "forward", "backward", [ANY_SHAPE], arguments=[["a", ["role", "x"]]])


def test_a_layer_that_writes_into_its_input_finds_the_same_one_at_each_call() -> None:
    trials = of("ReLU")
    asked = trials.asked(ANY_SHAPE, bias=False)
    first, second = (trials.called(trials.adapter(PLAN), asked) for _ in range(2))
    np.testing.assert_array_equal(first, 2 * asked.x)
    np.testing.assert_array_equal(second, first)
    assert trials.told == Told()


def test_a_search_ends_after_more_calls_than_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CALLS", 2)
    trials = of("ReLU")
    asked = trials.asked(ANY_SHAPE, bias=False)
    spent = []
    for _ in range(4):
        spent.append(trials.spent)
        trials.called(trials.adapter(PLAN), asked)
    assert spent == [False, False, False, True]


def test_what_is_asked_has_the_sizes_the_settings_and_the_numbers_that_are_tried() -> None:
    trials = of("MaxPool")
    (batch, *_) = SHAPES["MaxPool"]
    axes = Axes(batch.ours, batch.ours)
    first, other = (trials.asked(axes, bias=False, seed=seed) for seed in (1, 2))
    assert first.x.shape == other.x.shape == (2, 3, 8)
    assert not np.array_equal(first.x, other.x)
    assert first.output.shape == (2, 3, 4)
    assert trials.asked(axes, bias=False, N=1).x.shape == (1, 3, 8)
    trials.tried = Tried(SHAPES["MaxPool"], {"size": 4, "stride": 4}, {"W": 12, "N": 5})
    assert trials.asked(axes, bias=False, N=1).x.shape == (1, 3, 12)
    assert trials.asked(axes, bias=False).output.shape == (5, 3, 3)
    assert trials.adapter(Plan("MaxPool", "", "", [axes])).inputs.settings == {
        "size": 4,
        "stride": 4,
    }


def test_the_shapes_are_those_of_all_its_axes() -> None:
    trials = of("Conv2D")
    for shapes in SHAPES["Conv2D"]:
        assert trials.shapes_of(Axes(shapes.ours, shapes.ours)) is shapes


def test_what_is_noted_aside_is_forgotten() -> None:
    trials = of("ReLU")
    trials.tell("this")
    with trials.aside():
        trials.tell("that")
        assert trials.told.reasons == ["that"]
    assert trials.told.reasons == ["this"]


CACHE: Arguments = [["cache", ["role", "cache"]]]
IDENTITY: Arguments = [["activation", ["role", "identity"]]]
NONE: Arguments = [["activation", ["value", None]]]


@for_each(
    ("arguments", "back", "keeps_nothing", "guessed"),
    [
        ([], [], True, False),
        (IDENTITY, [], False, True),
        (NONE, [], False, True),
        ([], NONE, False, True),
        ([], CACHE, True, True),  # it is None then
        ([], CACHE, False, False),
    ],
)
def test_an_exception_is_noted_with_whether_an_argument_is_guessed(
    arguments: Arguments, back: Arguments, keeps_nothing: bool, guessed: bool
) -> None:
    trials = of("Linear")
    plan = Plan("Linear", "forward", "backward", arguments=arguments, back=back)
    adapter: Any = SimpleNamespace(plan=plan, keeps_nothing=keeps_nothing, at="backward")
    with trials.noting(adapter):
        raise SystemExit
    (failed,) = trials.told.failures
    assert (failed.at, type(failed.error)) == ("backward", SystemExit)
    assert (failed.guessed, failed.prepared) == (guessed, False)


def test_an_exception_is_noted_with_whether_a_layer_was_prepared() -> None:
    trials = of("Linear")
    plan = Plan("Linear", "forward", "backward", prepare=[("build", [])])
    adapter: Any = SimpleNamespace(plan=plan, keeps_nothing=False, at="forward")
    with trials.noting(adapter):
        raise ValueError
    assert [each.prepared for each in trials.told.failures] == [True]

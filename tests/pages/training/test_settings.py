"""The settings of a run: their limits; its command and its script make the same run."""

import shlex
from collections.abc import Mapping
from dataclasses import asdict, replace
from io import BytesIO
from typing import Any, ClassVar

import pytest

import engine
from engine.train import made, parser
from engine.training import SGD
from pages.session.page_state import PageState
from pages.training.process import RunProcess
from pages.training.settings import PRESETS, START, TrainingScene, texts
from tests.for_each import for_each

SEEN = ("architecture", "optimizer", "epochs", "batch_size", "schedule", "seed", "rate")


def test_the_settings_go_into_an_address_and_back() -> None:
    scene = TrainingScene("deeper", 7, 128, 0.05, 0.5, 0.001, 42)
    assert scene.query() == {
        "architecture": "deeper",
        "epochs": "7",
        "batch_size": "128",
        "learning_rate": "0.05",
        "momentum": "0.5",
        "weight_decay": "0.001",
        "seed": "42",
    }
    assert START.updated(scene.query()) == (scene, [])


@for_each(
    ("name", "text"),
    [
        ("epochs", "21"),
        ("epochs", "0"),
        ("epochs", "1e9"),
        ("batch_size", "1025"),
        ("batch_size", "0"),
        ("batch_size", "60000"),
        ("learning_rate", "0"),
        ("learning_rate", "nan"),
        ("learning_rate", "100.1"),
        ("learning_rate", "0.00009"),
        ("momentum", "0.991"),
        ("momentum", "-0.1"),
        ("weight_decay", "inf"),
        ("weight_decay", "0.101"),
        ("weight_decay", "-0.001"),
        ("seed", "-1"),
        ("seed", "100000000"),
        ("architecture", "resnet"),
        ("architecture", "<b>"),
    ],
)
def test_what_is_beyond_a_limit_is_not_taken_and_said(name: str, text: str) -> None:
    scene, (sentence,) = START.updated({name: text})
    assert scene == START
    assert sentence.startswith(f"The address asked for {name} = “{text}”, but {name} needs ")


@for_each(
    ("asked", "scene"),
    [
        ("linear", PRESETS["linear"]),
        ("linear?rule=lab", PRESETS["linear"]),
        ("?seed=3", replace(START, seed=3)),
        ("*", START),
        ("gallery/", START),
    ],
)
def test_a_message_that_the_page_never_sends_may_ask_for_a_preset(
    asked: str, scene: TrainingScene
) -> None:
    state = PageState(START, PRESETS, START)
    assert state.hear({"serial": "1", "preset": asked})
    assert state.scene == scene


def test_a_limit_itself_is_taken() -> None:
    names = ("epochs", "batch_size", "learning_rate", "momentum", "weight_decay", "seed")
    for limits in ((1, 1, 0.0001, 0, 0, 0), (20, 1024, 100, 0.99, 0.1, 99_999_999)):
        asked = {name: str(limit) for name, limit in zip(names, limits, strict=True)}
        assert START.updated(asked) == (TrainingScene("cnn", *limits), [])


def test_the_engine_takes_what_the_limits_allow() -> None:
    for scene in (*PRESETS.values(), TrainingScene("cnn", 20, 1, 0.0001, 0.99, 0.1, 0)):
        SGD(scene.learning_rate, scene.momentum, scene.weight_decay)


UNUSUAL = TrainingScene("linear", 2, 17, 0.03, momentum=0.5, weight_decay=0.001, seed=3)
"""Settings of which none is the trainer's default."""


class Untrained(engine.Trainer):
    """A trainer that does not train."""

    made: ClassVar["list[Untrained]"] = []

    def run(self, *_: Any, **__: Any) -> Any:
        self.made.append(self)
        return iter(())


def settings(trainer: engine.Trainer) -> Mapping[str, Any]:
    first = trainer.network.params[0].ravel()[:3].tolist()
    return {name: getattr(trainer, name, None) for name in SEEN} | {"first": first}


def test_nothing_of_the_unusual_run_goes_without_saying() -> None:
    usual = TrainingScene()
    said = [name for name in usual.codecs() if getattr(UNUSUAL, name) == getattr(usual, name)]
    assert said == [], "UNUSUAL needs another value of each setting"
    optimizer = engine.SGD()
    assert (optimizer.momentum, optimizer.weight_decay) != (0.5, 0.001)


@pytest.mark.parametrize("scene", [*PRESETS.values(), UNUSUAL])
def test_the_command_the_script_and_the_pages_process_are_of_the_same_run(
    scene: TrainingScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = texts(scene)
    python, flag, module, *options = shlex.split(said["command"])
    assert (python, flag, module) == ("python", "-m", "engine.train")
    told = parser().parse_args(options)
    assert told.processes == 1  # as on the page; with more, sums are rounded differently
    commanded = made(told)
    monkeypatch.setattr(engine, "Trainer", Untrained)
    exec(said["python"], {})
    assert settings(Untrained.made.pop()) == settings(commanded)
    assert settings(RunProcess(asdict(scene), BytesIO()).trainer) == settings(commanded)
    assert commanded.optimizer.learning_rate == scene.learning_rate
    assert (commanded.epochs, commanded.seed) == (scene.epochs, scene.seed)


def test_the_page_opens_with_the_settings_of_the_command_without_options() -> None:
    options = vars(parser().parse_args([]))
    assert vars(START) == {name: options[name] for name in vars(START)}


def test_beside_each_framework_stands_why_there_is_no_script_of_a_run_for_it() -> None:
    notes = {key: said for key, said in texts(START).items() if key.endswith("Note")}
    assert notes.keys() == {"torchNote", "jaxNote"}
    assert all(notes.values())

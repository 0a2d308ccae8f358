"""A run as a command and as a script: both of the same settings."""

import shlex
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

import engine
from engine.train import made, parser
from pages.training.code import texts
from pages.training.scene import PRESETS, TrainingScene

SEEN = ("architecture", "optimizer", "epochs", "batch_size", "schedule", "seed", "rate")


class Untrained(engine.Trainer):
    """A trainer that has nothing to do."""

    made: ClassVar["list[Untrained]"] = []

    def run(self, *_: Any, **__: Any) -> Any:
        self.made.append(self)
        return iter(())


def settings(trainer: engine.Trainer) -> Mapping[str, Any]:
    first = trainer.network.params[0].ravel()[:3].tolist()
    return {name: getattr(trainer, name, None) for name in SEEN} | {"first": first}


@pytest.mark.parametrize("scene", [*PRESETS.values(), TrainingScene(seed=3, batch_size=17)])
def test_the_command_and_the_script_are_of_the_same_run(
    scene: TrainingScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = texts(scene)
    python, flag, module, *options = shlex.split(said["command"])
    assert (python, flag, module) == ("python", "-m", "engine.train")
    commanded = made(parser().parse_args(options))
    monkeypatch.setattr(engine, "Trainer", Untrained)
    exec(said["python"], {})
    assert settings(Untrained.made.pop()) == settings(commanded)
    assert commanded.optimizer.learning_rate == scene.learning_rate
    assert (commanded.epochs, commanded.seed) == (scene.epochs, scene.seed)

"""The settings of a training run on the page "Train", as address, command line and script."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engine.layers.spelling import FRAMEWORKS
from engine.training import ARCHITECTURES
from pages.language.catalogue import say
from pages.state.codecs import Choice, Number, Whole, param
from pages.state.scene import Scene


@dataclass(frozen=True)
class TrainingScene(Scene):
    """The settings of a run, under the engine's names for them.

    The ranges of the codecs limit what a run may ask of the server: every number, from a widget or
    an address, is checked against them before anything is allocated.
    """

    architecture: str = param(Choice(tuple(ARCHITECTURES)), "cnn")
    epochs: int = param(Whole(1, 20), 3)
    batch_size: int = param(Whole(1, 1024), 64)
    learning_rate: float = param(Number(0.0001, 100.0), 0.1)
    momentum: float = param(Number(0.0, 0.99), 0.9)
    weight_decay: float = param(Number(0.0, 0.1), 0.0)
    seed: int = param(Whole(0, 99_999_999), 0)

    @property
    def rule(self) -> str:
        """None of the pages' rules: all runs follow the one of `engine.training`."""
        return ""


START: Final = TrainingScene()

PRESETS: Final[Mapping[str, TrainingScene]] = {
    "two-convolutions": START,
    "one-convolution": TrainingScene("one-conv"),
    "three-convolutions": TrainingScene("deeper"),
    "linear": TrainingScene("linear", learning_rate=0.02),
    "dead-relus": TrainingScene(epochs=1, learning_rate=1.0),
    "overflow": TrainingScene(epochs=1, learning_rate=100.0, weight_decay=0.1),
}
"""The presets that an address may name."""

_SCRIPT: Final = '''"""A run of "Train". Save it beside the folder `engine`, and run it there."""

from engine import SGD, Network, Trainer

trainer = Trainer(
    Network.new("{architecture}", seed={seed}),
    SGD(learning_rate={learning_rate}, momentum={momentum}, weight_decay={weight_decay}),
    epochs={epochs},
    batch_size={batch_size},
    seed={seed},
)
for record in trainer.run():
    print("epoch", record.epoch, "loss", record.loss, "test accuracy", record.test_accuracy)
'''


def texts(scene: TrainingScene) -> dict[str, str]:
    """Return the texts that the Slide button copies, by name, and the name for a chart's file."""
    settings = {name: getattr(scene, name) for name in scene.codecs()}
    options = " ".join(f"--{name.replace('_', '-')} {value}" for name, value in settings.items())
    return {
        "name": "train",
        # One process, as on the page: with more, sums are rounded differently.
        "command": f"python -m engine.train --processes 1 {options}",
        "python": _SCRIPT.format(**settings),
        **{f"{framework}Note": say("script.training") for framework in FRAMEWORKS},
    }

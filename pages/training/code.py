"""A run's settings as a command and as a Python script: `from engine import …`."""

from typing import Final

from pages.training.scene import TrainingScene

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
    """What the Slide button copies, by name; and the name of a file of the charts."""
    settings = {name: getattr(scene, name) for name in scene.codecs()}
    options = " ".join(f"--{name.replace('_', '-')} {value}" for name, value in settings.items())
    return {
        "name": "train",
        "command": f"python -m engine.train {options}",
        "python": _SCRIPT.format(**settings),
    }

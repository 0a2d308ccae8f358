"""Records and progress of training for tests, with simple numbers."""

from typing import Any

from engine.training import LayerRecord, Record
from pages.training.settings import START
from pages.training.training_run import Progress

LAYERS = (
    LayerRecord("Conv2D", 0.75, None, None),
    LayerRecord("ReLU", 0.5, 0.25, 0.125),
    LayerRecord("MaxPool2D", 0.0, None, None),
)


def record(step: int, **other: Any) -> Record:
    """A record after this step."""
    values: dict[str, Any] = {
        "epoch": 1,
        "images": 640,
        "loss": 0.1,
        "training_accuracy": 0.9,
        "test_accuracy": 0.95,
        "test_images": 500,
        "images_per_second": 10_000.0,
        "train_seconds": 1.0,
        "gradient_norms": {"w1": 1.0},
        "layers": LAYERS,
        "end_of_epoch": False,
    }
    return Record(step=step, **{**values, **other})


def progress(*history: Record, worked: float = 1.0) -> Progress:
    """The progress of a run of 400 steps that is under way."""
    start = Progress.of(START)
    return Progress(
        START, start.network, "running", 400, 100, history, worked=worked
    )  # fmt: skip

"""The charts of a run: what is known of it -> figures as JSON, each made once."""

import json
from functools import lru_cache
from typing import Any

import numpy as np

from engine import mnist
from engine.trace import step_names
from engine.training import ARCHITECTURES, Evaluation, Network, as_inputs
from pages.components.live_charts import Chart
from pages.figures.theme import Theme
from pages.figures.training import training_curves, training_layers, training_mistakes
from pages.figures.words import percent
from pages.training.progress import Progress


def charts(progress: Progress, theme: Theme) -> list[Chart]:
    """The curves, the layers, the mistakes."""
    return [
        _curves(progress, theme),
        _layers(progress, theme),
        _mistakes(progress.evaluation, progress.evaluated_at, theme),
    ]


@lru_cache(maxsize=64)
def _curves(progress: Progress, theme: Theme) -> Chart:
    last, epochs = progress.last, progress.scene.epochs
    figure = training_curves(progress.history, progress.steps_per_epoch, epochs, theme)
    said = "Right answers and loss over the epochs"
    if last is not None:
        said += (
            f": {percent(last.test_accuracy)} of the test images right, "
            f"{percent(last.training_accuracy)} of the training images, loss {last.loss:.3f}"
        )
    return _chart(figure, said)


@lru_cache(maxsize=64)
def _layers(progress: Progress, theme: Theme) -> Chart:
    layers = progress.last.layers if progress.last else ()
    shapes = output_shapes(progress.scene.architecture)
    figure = training_layers(progress.network, shapes, layers, theme)
    zeros = [
        f"{layer.name}: {percent(layer.zero_gradient)} of the gradient is 0"
        for layer in layers
        if layer.zero_gradient is not None
    ]
    return _chart(figure, ". ".join(["The first weights, and what is 0 in each layer", *zeros]))


@lru_cache(maxsize=64)
def _mistakes(evaluation: Evaluation | None, step: int, theme: Theme) -> Chart:
    if evaluation is None:
        nothing = np.empty((0, 28, 28), np.uint8)
        return _chart(training_mistakes(None, step, nothing, theme), "No answers yet")
    said = (
        f"After step {step:,}, {len(evaluation.wrong):,} of {len(evaluation.labels):,} test images "
        "are still wrong"
    )
    return _chart(training_mistakes(evaluation, step, mnist.load("test").images, theme), said)


@lru_cache
def output_shapes(architecture: str) -> dict[str, tuple[int, ...]]:
    """The shape of each layer's output for one image, by the layer's name in a trace."""
    network = Network(ARCHITECTURES[architecture], Network.new(architecture).params)
    inputs = as_inputs(np.zeros((1, 28, 28), np.uint8)), *network.params
    names = step_names(network.layers.plan(len(inputs)))
    runs = network.layers.run(*inputs)
    return {name: run.output.shape[1:] for name, run in zip(names, runs, strict=True)}


def _chart(figure: dict[str, Any], said: str) -> Chart:
    return Chart(json.dumps(figure, separators=(",", ":"), ensure_ascii=False), said)

"""What the page shows of a run: a line about it, and its charts, drawn again and again."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
import streamlit as st

from engine import mnist
from engine.trace import step_names
from engine.training import ARCHITECTURES, Evaluation, Network, as_inputs
from pages.components.controls import hear
from pages.components.live_charts import CHOSEN, CLAIM, Chart, live_charts
from pages.components.picture import Target
from pages.explain.catalogue import say
from pages.figures.theme import Theme
from pages.figures.training import (
    training_curves,
    training_layers,
    training_mistakes,
    wrong_images,
)
from pages.figures.words import percent
from pages.sharing.addresses import link
from pages.state.page_state import PageState, present_theme
from pages.training import session
from pages.training.settings import TrainingScene, texts
from pages.training.training_run import Progress

GONE: Final = (
    "The run of this tab is over: its connection was lost, or the server was started anew."
)

_ORDINALS: Final = (
    *("first", "second", "third", "fourth", "fifth"),
    *("sixth", "seventh", "eighth", "ninth", "tenth"),
)


@dataclass(frozen=True)
class RunDisplay:
    """The part of the page that follows this session's run; key: the component's."""

    key: str
    state: PageState[TrainingScene]

    def follow(self, progress: Progress) -> None:
        """Draws now, and as often as there may be news; then all else too, if that has changed.

        progress: what all else was drawn with; by now there may be news.
        """
        often = session.patience(progress.phase)
        st.fragment(self._draw, run_every=often)(self._rest_of_page(progress))

    def _rest_of_page(self, progress: Progress) -> object:
        """What the buttons, the settings, the problems and the way on depend on."""
        state = self.state
        return progress.phase, state.scene, tuple(state.problems), state.onward

    def _draw(self, drawn: object) -> None:
        progress = session.present_progress(self.state.scene)
        if self._rest_of_page(progress) != drawn:
            st.rerun()
        with st.container(key="run"):
            st.progress(progress.part, status(progress, *session.line()))
        run, theme = session.present_run(), present_theme(self.state)
        live_charts(
            self.key,
            charts(progress, theme),
            theme=theme,
            address=self.state.scene.query(),
            token=run.token if run else "",
            texts={**texts(progress.scene), **link(st.context.url or "")},
            on_message=self._hear,
        )

    def _hear(self) -> None:
        """Takes over what the browser says: a theme, an image, after a reload which run it had."""
        message = hear(self.key)
        wants = message.wants if message else {}
        token, chosen = wants.get(CLAIM), wants.get(CHOSEN)
        if token and session.present_run() is None and not session.claim(token):
            self.state.problems.append(GONE)
        run = session.present_run() if chosen else None
        if chosen and run and chosen in map(str, wrong_images(run.progress.evaluation)):
            self.state.onward = f"look-inside/{chosen}"


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
    said = "Accuracy and loss over the epochs"
    if last is not None:
        said += (
            f": accuracy {percent(last.test_accuracy)} on {progress.tested}, training accuracy "
            f"{percent(last.training_accuracy)}, loss {last.loss:.3f}"
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
        return _chart(training_mistakes(None, step, nothing, theme), "No predictions yet")
    said = (
        f"After step {step:,}, {len(evaluation.wrong):,} of {len(evaluation.labels):,} test images "
        "are still wrong"
    )
    figure = training_mistakes(evaluation, step, mnist.load("test").images, theme)
    predicted, labels = evaluation.predicted, evaluation.labels
    targets = [
        Target(
            str(image), say("train.wrong", label=labels[image], prediction=predicted[image]), box
        )
        for image, box in wrong_images(evaluation).items()
    ]
    return _chart(figure, said, targets)


@lru_cache
def output_shapes(architecture: str) -> dict[str, tuple[int, ...]]:
    """The shape of each layer's output for one image, by the layer's name in a trace."""
    network = Network(ARCHITECTURES[architecture], Network.new(architecture).params)
    inputs = as_inputs(np.zeros((1, 28, 28), np.uint8)), *network.params
    names = step_names(network.layers.plan(len(inputs)))
    runs = network.layers.run(*inputs)
    return {name: run.output.shape[1:] for name, run in zip(names, runs, strict=True)}


def _chart(figure: dict[str, Any], said: str, targets: Sequence[Target] = ()) -> Chart:
    text = json.dumps(figure, separators=(",", ":"), ensure_ascii=False)
    return Chart(text, said, tuple(targets))


def status(progress: Progress, line: int, places: int) -> str:
    """The line above the charts. line: which in line the run is; places: runs at a time."""
    scene, last = progress.scene, progress.last
    match progress.phase:
        case "none":
            parameters = ARCHITECTURES[scene.architecture].parameters
            images = f"60,000 images, {_times(scene.epochs)}"
            return f"Press Start: {parameters:,} parameters learn from {images}."
        case "waiting" if line:
            return (
                f"You are {ordinal(line)} in line: this server trains "
                f"{places} {'network' if places == 1 else 'networks'} at a time. "
                "Yours begins by itself."
            )
        case "waiting" | "starting":
            return "Reading the images…"
        case "failed" | "ended":
            return progress.sentence
    if last is None:
        return "The first steps…"
    if progress.phase == "finished":
        return (
            f"Finished, {ARCHITECTURES[scene.architecture].label}, {_times(scene.epochs)} through "
            f"the images: accuracy {percent(last.test_accuracy)} on {progress.tested}, after "
            f"{last.train_seconds:.1f} s of training."
        )
    where = f"epoch {last.epoch} of {scene.epochs}, step {last.step:,} of {progress.steps:,}"
    if progress.phase == "paused":
        return f"Paused in {where}."
    if progress.phase == "pausing":
        return say("train.pausing", where=where)
    if progress.seconds_left is None:
        return f"Training: {where}"
    pace = f"{left(progress.seconds_left)} left · {progress.images_per_second:,.0f} images/s"
    return f"Training: {where} · {pace}"


def ordinal(number: int) -> str:
    """1 -> first, 12 -> 12th, 23 -> 23rd."""
    if number <= len(_ORDINALS):
        return _ORDINALS[number - 1]
    teens = number // 10 % 10 == 1
    ending = "th" if teens else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def left(seconds: float) -> str:
    """75.2 -> 1 min 15 s, and no line ends between a number and its unit."""
    minutes, rest = divmod(round(seconds), 60)
    said = f"{minutes} min {rest} s" if minutes else f"{rest} s"
    return said.replace(" ", "\N{NO-BREAK SPACE}")


def _times(epochs: int) -> str:
    return "once" if epochs == 1 else f"{epochs} times"

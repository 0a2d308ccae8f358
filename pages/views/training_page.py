"""The page that trains a network of the layers of the other pages, live, on all of MNIST.

In the first 30 seconds: press Start, and watch the accuracy climb past 98 % while the filters form;
press Pause and look at what it still gets wrong, and in the table at how many entries of the
gradient are exactly 0. Then Reset, and a learning rate of 1: after a hundred steps all ReLUs are
dead, and every gradient except the last layer's is 0.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, Final

import numpy as np
import streamlit as st

from engine import mnist
from engine.trace import step_names
from engine.training import ARCHITECTURES, Evaluation, Network, as_inputs
from engine.training.trainer import PROBE
from pages.components.component import hear
from pages.components.controls import article, bound, bound_list, heading
from pages.components.live_charts import CHOSEN, CLAIM, Chart, live_charts
from pages.derive.page import Page
from pages.derive.picture import Target
from pages.figures.theme import Theme
from pages.figures.training import (
    moments,
    thousandths,
    training_curves,
    training_layers,
    training_mistakes,
    wrong_images,
)
from pages.figures.words import number, percent
from pages.language.catalogue import ordinal, say
from pages.navigation import to_look_inside
from pages.session.page_state import PageState, page_state, present_theme
from pages.sharing.addresses import link
from pages.state.codecs import Number, Whole
from pages.training import session
from pages.training.settings import PRESETS, START, TrainingScene, texts
from pages.training.training_run import BUSY, WORKING, Order, Phase, Progress
from pages.views.workbench import problems

_NUMBERS: Final = {
    "epochs": ("Epochs", 1, "%d", 92),
    "batch_size": ("Batch size", 16, "%d", 100),
    "learning_rate": ("Learning rate", 0.01, "%g", 118),
    "momentum": ("Momentum", 0.1, "%g", 104),
    "weight_decay": ("Weight decay", 0.0001, "%g", 112),
    "seed": ("Seed", 1, "%d", 96),
}
"""By field: its label, the step of its arrows, the format of its number, its width in pixels."""


def show(page: Page) -> None:
    """Draw the page."""
    state = page_state(page.key, START, PRESETS)
    progress = session.present_progress(state.scene)
    held = progress.phase in {*BUSY, "waiting"}
    if held and progress.scene != state.scene:
        state.change(progress.scene)  # an address cannot change a run that is under way
    problems(heading(page), state)
    with st.container(horizontal=True, vertical_alignment="bottom", key="toolbar"):
        _buttons(state, progress.phase)
        _network(state, disabled=held)
        with st.popover(_summary(state.scene), key="settings", width="content"):
            _settings(state, disabled=held)
        if run := session.trained():
            to_look_inside(state, () if run.evaluation is None else run.evaluation.wrong)
    RunDisplay(page.key, state).follow(progress)
    with st.container(key="terms"):
        st.caption(say("train.terms", images=f"{PROBE:,}"))
    article(page)
    state.give_address()


def _network(state: PageState[TrainingScene], *, disabled: bool) -> None:
    labels = {slug: row.label for slug, row in ARCHITECTURES.items()}
    st.selectbox(
        "Network",
        format_func=labels.__getitem__,
        width=260,
        disabled=disabled,
        **bound_list(
            "training:architecture",
            state.scene.architecture,
            labels,
            partial(_change, state, "architecture"),
        ),
    )


def _summary(scene: TrainingScene) -> str:
    """The settings in one line: "3 epochs, batches of 64, learning rate 0.1"."""
    rate = number(scene.learning_rate)
    return say("train.settings", scene.epochs, batch=scene.batch_size, rate=rate)


def _settings(state: PageState[TrainingScene], *, disabled: bool) -> None:
    """Draw a field for each setting; the scene's codecs read what is typed, as in an address."""
    for field, (label, step, written, width) in _NUMBERS.items():
        codec, present = state.scene.codecs()[field], getattr(state.scene, field)
        assert isinstance(codec, Number | Whole)
        changed = partial(_change, state, field)
        st.number_input(
            label, codec.low, codec.high, step=step, format=written, width=width,
            help=say("train.rate") if field == "learning_rate" else None, disabled=disabled,
            **bound(f"training:{field}", present, changed),
        )  # fmt: skip


def _change(state: PageState[TrainingScene], field: str, value: Any) -> None:
    state.change(state.scene.updated({field: str(value)})[0])


def _buttons(state: PageState[TrainingScene], phase: Phase) -> None:
    """Draw Start, which is Pause while the run trains; Step; Reset."""

    def begin(first: Order) -> Callable[[], None]:
        def act() -> None:
            state.problems = []
            session.start(state.scene, first)

        return act

    if phase in WORKING:
        _button(
            "Pausing…" if phase == "pausing" else "Pause",
            ":material/pause:",
            partial(session.order, "pause"),
            disabled=phase != "running",
        )
    elif phase == "paused":
        _button("Resume", ":material/play_arrow:", partial(session.order, "run"))
    else:
        _button("Start", ":material/play_arrow:", begin("run"), disabled=phase == "waiting")
    step = partial(session.order, "step") if phase in BUSY else begin("step")
    _button("Step", ":material/skip_next:", step, disabled=phase in {*WORKING, "waiting"})
    _button("Reset", ":material/replay:", session.leave, disabled=phase == "none")


def _button(label: str, icon: str, act: Callable[[], None], *, disabled: bool = False) -> None:
    main = label in ("Start", "Pause", "Pausing…", "Resume")
    st.button(
        label,
        # One place, one key: the focus stays where it is when the label changes.
        key="training:main" if main else f"training:{label}",
        icon=icon,
        type="primary" if main else "secondary",
        on_click=act,
        disabled=disabled,
    )


# --- a run: a line about it, and its charts, drawn repeatedly


@dataclass(frozen=True)
class RunDisplay:
    """The part of the page that follows this session's run."""

    key: str  # the component's
    state: PageState[TrainingScene]

    def follow(self, progress: Progress) -> None:
        """Draw the run now and whenever there may be news; rerun the page if its rest has changed.

        progress: what the rest of the page was drawn with; there may be news since.
        """
        often = session.patience(progress.phase)
        st.fragment(self._draw, run_every=often)(self._rest_of_page(progress))

    def _rest_of_page(self, progress: Progress) -> object:
        """What the buttons, the settings, the problems and the way to Look inside depend on."""
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
        """Apply the browser's message: a theme, an image or, after a reload, the run it had."""
        message = hear(self.state, self.key)
        wants = message.wants if message else {}
        token, chosen = wants.get(CLAIM), wants.get(CHOSEN)
        if token and session.present_run() is None and not session.claim(token):
            self.state.problems.append(say("train.gone"))
        run = session.present_run() if chosen else None
        if chosen and run and chosen in map(str, wrong_images(run.progress.evaluation)):
            self.state.onward = f"look-inside/{chosen}"


def charts(progress: Progress, theme: Theme) -> list[Chart]:
    """The charts of a run: the curves, the layers, the mistakes."""
    return [
        _curves(progress, theme),
        _layers(progress, theme),
        _mistakes(progress.evaluation, progress.evaluated_at, theme),
    ]


@lru_cache(maxsize=64)
def _curves(progress: Progress, theme: Theme) -> Chart:
    last = progress.last
    drawn = progress.history, progress.steps_per_epoch, progress.scene.epochs
    figure = training_curves(*drawn, theme)
    if last is None:
        return _chart(figure, say("train.curves"))
    *_, end = moments(*drawn)
    test, training = percent(last.test_accuracy), percent(end.training)
    loss, tested = thousandths(end.loss), progress.tested
    said = say("train.curves.at", test=test, tested=tested, training=training, loss=loss)
    return _chart(figure, said)


@lru_cache(maxsize=64)
def _layers(progress: Progress, theme: Theme) -> Chart:
    layers = progress.last.layers if progress.last else ()
    shapes = output_shapes(progress.scene.architecture)
    figure = training_layers(progress.network, shapes, layers, theme)
    zeros = [
        say("train.layers.zero", layer=layer.name, share=percent(layer.zero_gradient))
        for layer in layers
        if layer.zero_gradient is not None
    ]
    return _chart(figure, ". ".join([say("train.layers"), *zeros]))


@lru_cache(maxsize=64)
def _mistakes(evaluation: Evaluation | None, step: int, theme: Theme) -> Chart:
    if evaluation is None:
        nothing = np.empty((0, mnist.SIDE, mnist.SIDE), np.uint8)
        return _chart(training_mistakes(None, step, nothing, theme), say("train.mistakes.none"))
    wrong, images = f"{len(evaluation.wrong):,}", f"{len(evaluation.labels):,}"
    said = say("train.mistakes", step=f"{step:,}", wrong=wrong, images=images)
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
    network = Network.new(architecture)
    inputs = as_inputs(np.zeros((1, mnist.SIDE, mnist.SIDE), np.uint8)), *network.params
    names = step_names(network.layers.plan(len(inputs)))
    runs = network.layers.run(*inputs)
    return {name: run.output.shape[1:] for name, run in zip(names, runs, strict=True)}


def _chart(figure: dict[str, Any], said: str, targets: Sequence[Target] = ()) -> Chart:
    text = json.dumps(figure, separators=(",", ":"), ensure_ascii=False)
    return Chart(text, said, tuple(targets))


def status(progress: Progress, line: int, places: int) -> str:
    """The line above the charts. line: the run's place in the queue; places: most runs at once."""
    scene, last = progress.scene, progress.last
    times = say("train.times", scene.epochs)
    match progress.phase:
        case "none":
            parameters = f"{ARCHITECTURES[scene.architecture].parameters:,}"
            return say("train.start", parameters=parameters, times=times)
        case "waiting" if line:
            return say("train.waiting", line=ordinal(line), networks=say("train.networks", places))
        case "waiting" | "starting":
            return say("train.reading")
        case "failed" | "ended":
            return progress.sentence
    if last is None:
        return say("train.first_steps")
    if progress.phase == "finished":
        return say(
            "train.finished",
            times=times,
            network=ARCHITECTURES[scene.architecture].label,
            accuracy=percent(last.test_accuracy),
            tested=progress.tested,
            seconds=f"{last.train_seconds:.1f}",
        )
    step, steps = f"{last.step:,}", f"{progress.steps:,}"
    where = say("train.where", epoch=last.epoch, epochs=scene.epochs, step=step, steps=steps)
    if progress.phase == "paused":
        return say("train.paused", where=where)
    if progress.phase == "pausing":
        return say("train.pausing", where=where)
    if progress.seconds_left is None:
        return say("train.training", where=where)
    pace = f"{progress.images_per_second:,.0f}"
    return say("train.training.left", where=where, left=left(progress.seconds_left), pace=pace)


def left(seconds: float) -> str:
    """75.2 -> 1 min 15 s, with spaces at which no line is broken."""
    minutes, rest = divmod(round(seconds), 60)
    said = f"{minutes} min {rest} s" if minutes else f"{rest} s"
    return said.replace(" ", "\N{NO-BREAK SPACE}")

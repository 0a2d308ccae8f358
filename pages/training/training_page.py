"""Train a network of the very layers that the other pages show, live, on all of MNIST.

In the first 30 seconds: press Start, and watch the accuracy climb past 98 % while the filters form;
press Pause and look at what it still gets wrong, and in the table at how many entries of the
gradient are exactly 0. Then Reset, and a learning rate of 1: after a hundred steps all ReLUs are
dead, and every gradient but the last layer's is 0.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import streamlit as st

from engine.training import ARCHITECTURES
from engine.training.trainer import PROBE
from pages.components.controls import bound
from pages.explain.catalogue import say
from pages.figures.words import number
from pages.navigation import to_look_inside
from pages.page import Page
from pages.state.codecs import Number, Whole
from pages.state.page_state import PageState, page_state
from pages.training import session
from pages.training.display import RunDisplay
from pages.training.settings import PRESETS, START, TrainingScene
from pages.training.training_run import BUSY, WORKING, Order, Phase
from pages.workbench import article, heading, problems

_NUMBERS: Final = {
    "epochs": ("Epochs", 1, "%d", 92),
    "batch_size": ("Batch size", 16, "%d", 100),
    "learning_rate": ("Learning rate", 0.01, "%g", 118),
    "momentum": ("Momentum", 0.1, "%g", 104),
    "weight_decay": ("Weight decay", 0.0001, "%g", 112),
    "seed": ("Seed", 1, "%d", 96),
}
"""By field: what it is called, the step of its arrows, how it is written, how wide it is."""

_HELP: Final = {
    "learning_rate": "The largest: it rises in the first 200 steps, and falls to 0 at the end."
}


def show(page: Page) -> None:
    """The page."""
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
        list(labels),
        format_func=labels.__getitem__,
        width=260,
        disabled=disabled,
        **_bound(state, "architecture"),
    )


def _summary(scene: TrainingScene) -> str:
    """The settings in a line: "3 epochs, batches of 64, learning rate 0.1"."""
    rate = number(scene.learning_rate)
    return say("train.settings", scene.epochs, batch=scene.batch_size, rate=rate)


def _settings(state: PageState[TrainingScene], *, disabled: bool) -> None:
    """A field for each; what is typed goes through the scene's codecs, as an address does."""
    for field, (label, step, written, width) in _NUMBERS.items():
        codec = state.scene.codecs()[field]
        assert isinstance(codec, Number | Whole)
        st.number_input(
            label, codec.low, codec.high, step=step, format=written, width=width,
            help=_HELP.get(field), disabled=disabled, **_bound(state, field),
        )  # fmt: skip


def _bound(state: PageState[TrainingScene], field: str) -> dict[str, Any]:
    """A widget's key and callback, so that it shows this field and changes it."""

    def changed(value: Any) -> None:
        state.change(state.scene.updated({field: str(value)})[0])

    return bound(f"training:{field}", getattr(state.scene, field), changed)


def _buttons(state: PageState[TrainingScene], phase: Phase) -> None:
    """Start, which is Pause while it trains; Step; Reset."""

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

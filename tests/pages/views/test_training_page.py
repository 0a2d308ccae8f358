"""The script of the page Train, run without a browser."""

import json
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine import mnist
from engine.training import Evaluation
from pages.components.live_charts import Chart
from pages.figures.theme import PALETTES
from pages.session.page_state import PageState
from pages.training.session import KEY
from pages.training.settings import PRESETS, START, TrainingScene
from pages.training.training_run import Phase, Progress
from pages.views.training_page import RunDisplay, _change, output_shapes
from tests.pages import opening
from tests.pages.opening import turned_to
from tests.pages.training.records import progress, record


@pytest.fixture
def page() -> Iterator[AppTest]:
    site = turned_to(opening.site(), "train").run()
    assert not site.exception
    yield site
    if KEY in site.session_state and (run := site.session_state[KEY].run):
        run.end()


def scene_of(page: AppTest) -> TrainingScene:
    scene: TrainingScene = page.session_state["page:train"].scene
    return scene


def test_a_setting_is_the_scenes(page: AppTest) -> None:
    rate = opening.widget(page.number_input, "training:learning_rate")
    assert rate.help == (  # a short run rises for fewer than 200 steps
        "No step has a larger one: it rises in the first 200 steps, of fewer than 1,000 in the "
        "first fifth, and falls to 0 at the end."
    )
    rate.set_value(0.25).run()
    opening.widget(page.number_input, "training:epochs").set_value(5).run()
    opening.widget(page.selectbox, "training:architecture").select("deeper").run()
    assert scene_of(page) == TrainingScene("deeper", epochs=5, learning_rate=0.25)
    assert not page.exception


@pytest.mark.parametrize(("field", "value"), [("epochs", 10**6), ("batch_size", 0)])
def test_a_widget_that_lies_is_not_believed(page: AppTest, field: str, value: int) -> None:
    opening.widget(page.number_input, f"training:{field}").set_value(value).run()
    taken = getattr(scene_of(page), field)
    assert scene_of(page).codecs()[field].read(str(taken)) == taken
    assert opening.widget(page.number_input, f"training:{field}").value == taken
    state = PageState(START, PRESETS, START)
    _change(state, field, value)
    assert getattr(state.scene, field) == getattr(START, field)
    assert not page.exception


def test_start_becomes_pause_and_the_settings_are_held(page: AppTest) -> None:
    opening.widget(page.number_input, "training:batch_size").set_value(1).run()
    page.button(key="training:main").click().run()
    run = page.session_state[KEY].run
    deadline = time.monotonic() + 30
    while run.progress.phase != "running" and time.monotonic() < deadline:
        time.sleep(0.01)
    page.run()
    assert page.button(key="training:main").label == "Pause"
    assert page.button(key="training:Step").disabled
    assert all(field.disabled for field in page.number_input)
    page.button(key="training:Reset").click().run()
    assert run.progress.phase == "ended"
    assert page.session_state[KEY].run is None
    assert page.button(key="training:main").label == "Start"
    assert not page.exception


class StillRun:
    """A run that goes one phase further each time its progress is read, up to the last one."""

    token = ""

    def __init__(self, *phases: Phase, learnt: Progress | None = None) -> None:
        self.phases, self.learnt = deque(phases), learnt or Progress.of(TrainingScene())

    @property
    def progress(self) -> Progress:
        phase = self.phases.popleft() if len(self.phases) > 1 else self.phases[0]
        return replace(self.learnt, phase=phase)

    def end(self) -> None:
        """Do nothing, as the run has ended."""


def test_what_has_learnt_something_can_be_looked_into_at_its_worst_mistake(page: AppTest) -> None:
    labels = mnist.load("test").labels
    predicted, confidence = labels.astype(np.intp), np.full(labels.size, 0.5)
    predicted[[30, 8]] = (predicted[[30, 8]] + 1) % 10
    confidence[8] = 0.75
    evaluation = Evaluation(labels, predicted, confidence)
    for learnt, keys in ((progress(), []), (progress(record(1)), ["look-inside"])):
        page.session_state[KEY].run = StillRun(
            "paused", learnt=replace(learnt, evaluation=evaluation)
        )
        page.run()
        assert [each.key for each in page.button if each.key == "look-inside"] == keys
    page.button(key="look-inside").click().run()
    assert not page.exception
    assert page.session_state["page:look-inside"].scene.image == 8


@pytest.mark.parametrize(("phase", "epochs"), [("paused", TrainingScene().epochs), ("ended", 7)])
def test_an_address_changes_no_run_that_is_under_way(
    page: AppTest, phase: Phase, epochs: int
) -> None:
    page.session_state[KEY].run = StillRun(phase)
    page.session_state["page:train"].read_address({"epochs": "7"})
    page.run()
    assert scene_of(page) == TrainingScene(epochs=epochs)


def test_a_run_that_fails_while_the_page_is_drawn_frees_its_buttons(page: AppTest) -> None:
    page.session_state[KEY].run = StillRun("starting", "failed")
    page.run()
    assert page.button(key="training:main").label == "Start"
    assert not page.button(key="training:Step").disabled
    assert not page.exception


def test_in_each_phase_some_buttons_can_be_pressed(page: AppTest) -> None:
    pressed: dict[Phase, list[str]] = {
        "waiting": ["Reset"],
        "starting": ["Reset"],
        "running": ["Pause", "Reset"],
        "pausing": ["Reset"],
        "paused": ["Resume", "Step", "Reset"],
        "finished": ["Start", "Step", "Reset"],
        "failed": ["Start", "Step", "Reset"],
        "ended": ["Start", "Step", "Reset"],
    }
    for phase, labels in pressed.items():
        page.session_state[KEY].run = StillRun(phase)
        page.run()
        buttons = [page.button(key=f"training:{key}") for key in ("main", "Step", "Reset")]
        assert [each.label for each in buttons if not each.disabled] == labels, phase
        assert [each.proto.type for each in buttons] == ["primary", "secondary", "secondary"]
        assert (buttons[0].label == "Pausing…") == (phase == "pausing"), "pressed, but not done yet"
        over = phase in ("finished", "failed", "ended")
        assert opening.widget(page.number_input, "training:epochs").disabled != over, phase


def test_a_button_orders_what_it_says(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    told = list[Any]()
    monkeypatch.setattr("pages.training.session.order", told.append)
    monkeypatch.setattr(
        "pages.training.session.start", lambda _, first: told.append(("new", first))
    )
    buttons: list[tuple[Phase, str, Any]] = [
        ("running", "main", "pause"),
        ("paused", "main", "run"),
        ("paused", "Step", "step"),
        ("finished", "Step", ("new", "step")),
    ]
    for phase, key, _ in buttons:
        page.session_state[KEY].run = StillRun(phase)
        page.run()
        page.button(key=f"training:{key}").click().run()
    assert told == [order for *_, order in buttons]


def test_charts_have_the_pages_theme(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[tuple[Sequence[Chart], Mapping[str, Any]]] = []

    def draw(key: str, charts: Sequence[Chart], **said: Any) -> None:
        drawn.append((charts, said))

    monkeypatch.setattr("pages.views.training_page.live_charts", draw)
    for theme, palette in PALETTES.items():
        page.session_state["page:train"].theme = theme
        page.run()
        charts, said = drawn[-1]
        assert said["theme"] == theme
        papers = {json.loads(chart.figure)["layout"]["paper_bgcolor"] for chart in charts}
        assert papers == {palette.paper}
    done = StillRun("finished", learnt=Progress.of(TrainingScene(seed=7)))
    page.session_state[KEY].run = done
    page.run()
    command = drawn[-1][1]["texts"]["command"]
    assert "--seed 7" in command, "of the run that is drawn, not of the settings of the next"
    assert drawn[0][1]["token"] == "", "there was no run"
    done.token = "of this run"
    page.run()
    assert drawn[-1][1]["token"] == "of this run", "by which the browser finds it again"


def test_a_run_is_drawn_again_as_often_as_there_may_be_news(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    often = list[float | None]()

    def fragment(_: object, *, run_every: float | None) -> Callable[[object], None]:
        often.append(run_every)
        return lambda _: None

    monkeypatch.setattr("pages.views.training_page.st.fragment", fragment)
    display = RunDisplay("train", PageState(START, PRESETS, START))
    for phase in ("paused", "finished"):
        display.follow(replace(Progress.of(START), phase=phase))
    assert often == [1.0, None]


def test_outputs_are_told_of_one_image() -> None:
    """28 · 28 entries in a row, and a score for each digit."""
    assert [*output_shapes("linear").values()] == [(784,), (10,)]


def test_around_the_run_stand_the_settings_and_the_way_to_look_inside() -> None:
    state = PageState(START, PRESETS, START)
    display, there = RunDisplay("train", state), Progress.of(START)
    seen = [display._rest_of_page(there)]
    state.scene = replace(START, epochs=5)
    seen.append(display._rest_of_page(there))
    state.onward = "look-inside/61"
    seen.append(display._rest_of_page(there))
    assert len({*map(repr, seen)}) == 3


def test_a_new_run_begins_without_the_problems_of_the_one_before(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []
    monkeypatch.setattr("pages.training.session.start", lambda *given: started.append(given))
    page.session_state["page:train"].problems = ["It was lost."]
    page.button(key="training:main").click().run()
    assert started == [(TrainingScene(), "run")]
    assert page.session_state["page:train"].problems == []

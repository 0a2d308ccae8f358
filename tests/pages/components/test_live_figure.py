"""The live figure on the server: the messages that it accepts, and the sweeps that it sends."""

import json
from copy import copy
from functools import partial
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Trace
from pages.components import live_figure
from pages.components.live_charts import CHOSEN, CLAIM
from pages.derive.picture import MOVABLE, Picture, Screen, Slider
from pages.derive.subject import Subject
from pages.figures.legend import Look
from pages.figures.theme import Theme
from pages.registry import SUBJECTS
from pages.session.message import Message
from pages.session.page_state import PageState
from pages.state.acts import Act
from pages.state.codecs import GRID, HIGH, LOW
from pages.state.predict import Exercise
from pages.state.scene import STEP
from pages.sweep import LIMIT, sweep
from tests.for_each import for_each
from tests.pages.components.declared import misfits, names
from tests.pages.scenes import BLOCK, block
from tests.pages.state.test_scene import scenes

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
FIELDS = (
    "serial", "address", "values", "step", "entry", "clicked", "theme", "ask", "preset", "wants",
    "settled", "rested",
)  # fmt: skip


@for_each(("kind", "ours"), [("Act", Act), ("Look", Look), ("Theme", Theme)])
def test_the_browser_has_the_same_names_as_python(kind: str, ours: Any) -> None:
    assert names(kind) == [*get_args(ours)]


def test_a_chart_asks_under_the_names_that_python_reads() -> None:
    assert misfits({CLAIM: "its token", CHOSEN: "an entry"}, "ChartWants") == []


# --- the messages it accepts


@given(anything | st.dictionaries(st.sampled_from(FIELDS), anything))
def test_whatever_comes_is_a_message_of_the_right_form_or_none(raw: Any) -> None:
    message = Message.read(raw)
    if message is None:
        assert not isinstance(raw, dict) or not isinstance(raw.get("serial"), str)
        return
    assert isinstance(message.values, dict)
    assert isinstance(message.address, dict)
    assert isinstance(message.ask, str)
    assert isinstance(message.clicked, bool)
    assert isinstance(message.preset, str)
    assert all(isinstance(each, dict) for each in message.rested)
    assert all(isinstance(text, str) for pair in message.wants.items() for text in pair)


def test_a_message_is_read_as_it_was_sent() -> None:
    raw = {
        "serial": "a-1",
        "address": {"w": "2"},
        "values": {"x1": 0.5},
        "rested": [{"x2": 1.0}],
        "step": 3,
        "entry": "x1",
        "clicked": True,
        "theme": "dark",
        "narrow": True,
        "version": 4,
        "settled": False,
        "ask": "w",
        "preset": "max-tie",
        "act": "ask",
        "argument": "a" * 2001,
        "wants": {
            "look": "x2",
            "texts": "http://host/",
            "long": "x" * 2001,
            "no text": 1,
            "n" * 2001: "long",
        },
    }
    assert Message.read({**raw, "more": 1}) == Message(
        "a-1",
        address={"w": "2"},
        values={"x1": 0.5},
        rested=[{"x2": 1.0}],
        step=3,
        entry="x1",
        clicked=True,
        theme="dark",
        narrow=True,
        version=4,
        settled=False,
        ask="w",
        preset="max-tie",
        act="ask",
        argument="a" * 2000,
        wants={"look": "x2", "texts": "http://host/"},
    )


def test_a_message_says_nothing_that_was_not_sent() -> None:
    unsaid = Message("a-1", rested=[])
    assert Message.read({"serial": "a-1"}) == unsaid
    forged = {"clicked": 1, "narrow": 1, "version": 4.0, "act": None, "settled": 0}
    assert Message.read({"serial": "a-1", **forged}) == unsaid


def test_what_is_asked_for_is_answered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamlit.session_state", {})
    asked = Message("a-1", wants={"look": "x2"})
    answer = partial(live_figure._answers, "page", answer=lambda name, text: f"{name} {text}")
    expected = {"look": {"argument": "x2", "answer": "look x2"}}
    assert answer(asked) == expected
    assert answer(asked) is None
    assert answer(Message("a-2", wants={"look": "x2"})) == expected
    assert answer(Message("a-3")) is None
    assert answer(None) is None


# --- the sweeps it sends


def sweep_text(scene: Any, name: str) -> str | None:
    """The sweep of a slider as the text that is sent."""
    sliders = {slider.name: slider for slider in BLOCK.sliders(scene)}
    values = list(range(len(BLOCK.steps(BLOCK.start)))) if name == STEP else sliders[name].values
    return sweep(BLOCK, scene, name, values, "key")


def swept(scene: Any, name: str) -> dict[str, Any]:
    """The sweep of a slider as the browser parses it."""
    made: dict[str, Any] = json.loads(sweep_text(scene, name) or "")
    assert misfits(made, "SweepData") == []
    return made


def test_a_sweep_has_every_value_that_a_slider_can_take() -> None:
    made = swept(block(), "x1")
    assert made["values"] == [LOW + GRID * step for step in range(33)]
    assert made["values"][-1] == HIGH
    between = swept(block().moved("x1", 0.3), "x1")
    assert sorted({*made["values"], 0.3}) == between["values"]


@given(scenes, st.sampled_from(["x1", "x4", "w", "dz", STEP]))
@settings(max_examples=15)
def test_no_sweep_is_over_its_limit(scene: Any, name: str) -> None:
    text = sweep_text(scene, name)
    assert text is not None
    assert len(text.encode()) <= LIMIT == 200_000


def test_a_longer_sweep_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    text = sweep_text(block(), "w")
    assert text
    size = len(text.encode())
    monkeypatch.setattr("pages.sweep.LIMIT", size)
    assert sweep_text(block(), "w") == text
    monkeypatch.setattr("pages.sweep.LIMIT", size - 1)
    assert sweep_text(block(), "w") is None


def test_a_sweep_is_given_up_once_it_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Any] = []

    def one(subject: Any, scene: Any, passed: Trace, screen: Screen) -> Picture:
        drawn.append(scene)
        return draw(subject, scene, passed, screen)

    draw = Subject.drawn
    monkeypatch.setattr(Subject, "drawn", one)
    values = BLOCK.sliders(block())[0].values
    text = sweep(BLOCK, block(), "x1", values, "key")
    assert text
    assert len(drawn) == 33
    drawn.clear()
    monkeypatch.setattr("pages.sweep.LIMIT", len(text.encode()) // 2)
    assert sweep(BLOCK, block(), "x1", values, "key") is None
    assert 3 < len(drawn) < 33
    drawn.clear()
    monkeypatch.setattr("pages.sweep.LIMIT", len(text.encode()) // 8)
    assert sweep(BLOCK, block(), "x1", values, "key") is None
    assert len(drawn) == 3


def test_a_sweep_is_known_by_all_that_it_depends_on_and_by_nothing_else() -> None:
    scene = block()
    key = live_figure._key(scene, "x1", "light")
    assert live_figure._key(scene.moved("x1", 3.25), "x1", "light") == key
    of_another_page = copy(scene)
    another = type("MinibatchScene", (type(scene),), {})
    object.__setattr__(of_another_page, "__class__", another)
    assert of_another_page.query() == scene.query()
    others = {
        live_figure._key(of_another_page, "x1", "light"),
        live_figure._key(BLOCK.presets["unique-max"], "x1", "light"),
        live_figure._key(block(w=1.0), "x1", "light"),
        live_figure._key(block(rule="mlx"), "x1", "light"),
        live_figure._key(block(step=5), "x1", "light"),
        live_figure._key(block(entry="x1"), "x1", "light"),
        live_figure._key(scene, "x2", "light"),
        live_figure._key(scene, "x1", "dark"),
    }
    assert len({key, *others}) == 9


SCREENS = [
    # the screen, and whether gradients are marked
    (Screen(), False),
    (Screen("dark"), False),
    (Screen(narrow=True), False),
    (Screen(exercise=Exercise()), True),
    (Screen(exercise=Exercise(frozenset({"x1"}))), True),
    (Screen(exercise=Exercise(marking=False)), False),
    (Screen(exercise=Exercise(revealed=True)), False),
]


def shown_on(screen: Screen) -> live_figure.Shown:
    scene, steps = block(), BLOCK.steps(block())
    return live_figure.shown(
        scene, BLOCK.picture(scene, screen), BLOCK.sliders(scene), steps, screen
    )


def test_what_is_not_of_the_picture_alone_is_told_anew_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: dict[str, Any] = {}
    monkeypatch.setattr("streamlit.session_state", {})
    monkeypatch.setattr(live_figure, "_mount", lambda key, data, *_, **__: told.update(data))
    case, there = BLOCK.presets["max-tie"], shown_on(Screen())
    state = PageState(block(), BLOCK.presets, case, listed=("max-tie?", case))
    state.classroom.ended = "7KQM2XPA"

    def tell(serial: str, ask: str) -> dict[str, Any]:
        assert state.hear({"serial": serial, "news": "a-0", "ask": ask})
        live_figure.live_figure(
            "conv-block",
            there,
            state,
            task=None,
            still=MOVABLE,
            stepping=None,
            votes=True,
            sweep=lambda name, values, key: f"{name} {len(values)} {key}",
            answer=lambda *_: None,
            on_message=lambda: None,
        )
        return {**told}

    first, second = tell("a-1", "x1"), tell("a-2", "x99")
    assert [each["acknowledged"] for each in (first, second)] == ["a-1", "a-2"]
    assert [each["sweep"] for each in (first, second)] == [f"x1 33 {there.keys['x1']}", None]
    assert (first["case"], first["voteEnded"]) == ("max-tie?", "7KQM2XPA")
    assert first["session"] == second["session"]


def test_what_an_address_has_no_room_for_comes_with_the_picture() -> None:
    """Otherwise a browser could not give it back to a server that was started again."""
    picture = BLOCK.picture(block())
    x = ",".join(f"{value / 8192:.13f}" for value in range(600))
    long, _ = SUBJECTS["stack"].start.updated({"layers": "relu", "shape": "600", "x": x})
    for scene, query in ((block(), None), (long, long.query())):
        packed = live_figure.shown(scene, picture, [], [], Screen()).packed
        assert json.loads(packed)["query"] == query


def test_a_sweep_is_of_one_screen() -> None:
    found = [shown_on(screen).keys for screen, _ in SCREENS]
    for name in (*found[0],):
        assert len({keys[name] for keys in found}) == len(SCREENS), name
    assert shown_on(Screen()).keys == found[0]


@for_each(("screen", "marking"), SCREENS)
def test_gradients_are_marked_where_they_are_asked_for_and_hidden(
    screen: Screen, marking: bool
) -> None:
    assert json.loads(shown_on(screen).packed)["marking"] == marking


@pytest.mark.parametrize(
    ("low", "high", "grid", "count"), [(0, 0.3, 0.1, 4), (-4, 4, 0.25, 33), (0.7, 1, 0.1, 4)]
)
def test_a_slider_takes_every_value_from_the_lowest_to_the_highest(
    low: float, high: float, grid: float, count: int
) -> None:
    values = Slider("x", "x", low, 0, 0, 0, low=low, high=high, grid=grid).values
    assert len(values) == count
    assert [values[0], values[-1]] == pytest.approx([low, high])

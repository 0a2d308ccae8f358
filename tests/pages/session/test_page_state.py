"""A session's state: what it takes from the address and from messages, and what it ignores."""

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages import session
from pages.registry import SUBJECTS
from pages.session.class_vote import ClassVote
from pages.session.message import REMEMBERED
from pages.session.page_state import (
    OWN,
    PageState,
    is_narrow,
    name_of,
    page_state,
    present_theme,
)
from pages.state.predict import Exercise
from pages.state.quiz import ListQuestion, Quiz
from tests.for_each import for_each
from tests.pages.components.test_live_figure import FIELDS, anything
from tests.pages.scenes import BLOCK, block
from tests.pages.state.test_scene import scenes

PAGES = Path(session.__file__).parents[1]
OTHER = block(x=(1.0, 2.0, 3.0, 2.0, 1.0), w=-1.0, rule="mlx", step=4, entry="w")


def opened(address: dict[str, str] | None = None) -> PageState[Any]:
    """The state of a session that begins at an address."""
    state = PageState(block(), BLOCK.presets, block())
    state.read_address(address or {})
    state.give_address()
    return state


def message(serial: str, **said: Any) -> dict[str, Any]:
    return {"serial": serial, **said}


# --- the address


def test_what_its_address_asks_is_known_once_as_a_session_begins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = {"mode": "quiz", "question": "Which <b> are nonzero?"}
    query = SimpleNamespace(to_dict=lambda: {**asked, "w": "1"})
    monkeypatch.setattr("streamlit.session_state", {})
    monkeypatch.setattr("streamlit.query_params", query)
    state = page_state("conv-block", block(), BLOCK.presets)
    assert (state.reopened, state.scene.w) == (asked, 1)
    state.seen, state.reopened = {}, {}
    assert page_state("conv-block", block(), BLOCK.presets).reopened == {}


@given(scenes)
def test_an_address_gives_its_scene(scene: Any) -> None:
    state = opened(scene.query())
    assert (state.scene, state.problems) == (scene, [])


def test_no_address_gives_the_start() -> None:
    assert opened().scene == block()
    assert opened({"embed": "true"}).scene == block()


def test_a_preset_is_asked_for_by_name_and_changed_by_the_other_keys() -> None:
    assert opened({"preset": "all-negative"}).scene == BLOCK.presets["all-negative"]
    changed = opened({"preset": "all-negative", "w": "-2"})
    assert changed.scene == BLOCK.presets["all-negative"].moved("w", -2.0)
    unknown = opened({"preset": "<b>"})
    assert unknown.scene == block()
    (sentence,) = unknown.problems
    assert "“<b>”" in sentence
    assert len(opened({"preset": "<b>", "w": "heavy"}).problems) == 2


def test_what_an_address_leaves_unsaid_is_the_default() -> None:
    assert opened({"w": "1"}).scene == block(w=1.0)


def test_the_same_address_again_says_nothing_new() -> None:
    state = opened({"w": "1"})
    state.change(OTHER)
    state.read_address({"w": "1"})
    assert state.scene == OTHER


def test_an_address_that_was_given_is_no_news_when_it_is_seen() -> None:
    state = opened()
    state.change(OTHER)
    state.give_address()
    state.change(block(w=1.0))
    state.give_address()
    state.read_address(OTHER.query())
    assert state.scene == block(w=1.0)


def test_addresses_that_the_browser_never_had_are_skipped() -> None:
    state = opened()
    for w in (1.0, 2.5, 3.0):
        state.change(block(w=w))
        state.give_address()
    state.read_address(block(w=3.0).query())
    assert state.scene == block(w=3.0)
    assert state.given == []


def test_back_to_an_address_from_before_takes_it_over() -> None:
    state = opened(OTHER.query())
    for w in (1.0, 2.5):
        state.change(block(w=w))
        state.give_address()
        state.read_address(block(w=w).query())
    state.read_address(OTHER.query())
    assert state.scene == OTHER


def test_back_to_the_address_that_one_came_with_takes_it_over() -> None:
    state = opened(OTHER.query())
    state.read_address(block(w=1.0).query())
    state.read_address(OTHER.query())
    assert state.scene == OTHER


def test_what_was_given_is_not_remembered_for_ever() -> None:
    state = opened()
    for step in range(1000):
        state.change(block(w=step / 1024))
        state.give_address()
    assert len(state.given) <= 20


def test_a_page_switch_clears_the_address_and_the_scene_stays() -> None:
    state = opened(OTHER.query())
    state.read_address({})
    assert state.scene == OTHER
    state.give_address()
    state.read_address(OTHER.query())
    assert state.scene == OTHER


# --- the browser's message


def test_a_message_moves_what_it_names() -> None:
    state = opened()
    raw = message("a-1", values={"x2": 3, "w": -0.5}, step=5, entry="h1", theme="dark", ask="w")
    assert state.hear(raw)
    expected = block(x=(1.5, 3.0, 1.5, 0.5, 0.0), w=-0.5, step=5, entry="h1")
    assert state.scene == expected
    assert state.theme == "dark"
    assert state.message is not None
    assert state.message.ask == "w"


def test_a_preset_that_is_asked_for_is_the_whole_scene_and_a_new_prediction() -> None:
    state = opened()
    state.exercise = Exercise(frozenset({"x1"}), revealed=True)
    state.hear(message("a-1", values={"w": 3}, step=2, entry="h1", preset="all-negative"))
    assert state.scene == BLOCK.presets["all-negative"]
    assert state.exercise == Exercise()
    assert state.preset == "all-negative"
    state.hear(message("a-2", values={"w": 3}, preset="<b>"))
    assert state.scene == BLOCK.presets["all-negative"].moved("w", 3.0)
    assert state.preset == ""


def test_on_the_way_to_a_case_of_another_page_what_was_moved_last_can_be_come_back_to() -> None:
    state = opened()
    state.hear(message("a-1", values={"w": 3}, preset="relu/around-zero"))
    assert (state.onward, state.own) == ("relu/around-zero", block().moved("w", 3.0))


@pytest.mark.parametrize(
    ("page", "slug", "shown"),
    [
        ("at-a-kink", "three-way-tie", "mlx"),
        ("stack", "two-filters", "mlx"),
        ("gradient-check", "tie-first", "pytorch-max-pool"),  # this case is about its rule
        ("learn", "lesson-2", "pytorch-max-pool"),  # and so is every lesson
    ],
)
def test_the_next_case_is_under_the_present_rule(page: str, slug: str, shown: str) -> None:
    subject = SUBJECTS[page]
    state = PageState(subject.start, subject.presets, subject.start.updated({"rule": "mlx"})[0])
    state.hear(message("a-1", preset=slug))
    assert state.case == slug
    assert state.scene.rule == shown


def test_a_scene_of_a_list_has_its_name_as_long_as_it_is_that_scene() -> None:
    state = opened()
    mine = "?x=3,3,1,0,0&w=1"
    state.hear(message("a-1", preset=mine))
    assert state.scene == block(x=(3.0, 3.0, 1.0, 0.0, 0.0), w=1.0)
    assert (state.marked, state.case) == (mine, mine)
    state.hear(message("a-2", step=2, entry="h1"))
    assert state.case == mine
    state.hear(message("a-3", values={"w": 2}))
    assert (state.marked, state.case) == ("", "")
    state.hear(message("a-4", preset="max-tie?rule=mlx"))
    assert (state.marked, state.case) == ("max-tie?rule=mlx", "max-tie")


@pytest.mark.parametrize("slug", ["tie-lab", "tie-first"])
def test_of_two_cases_that_differ_in_how_they_are_shown_it_is_the_very_one(slug: str) -> None:
    subject = SUBJECTS["gradient-check"]
    state = PageState(subject.start, subject.presets, subject.presets[slug])
    assert state.case == slug
    state.change(state.scene.having("rule", "mlx"))
    assert state.case == "tie-first", "the first of those that are alike"


def test_the_next_case_begins_at_its_first_step_after_a_walk_through_the_steps() -> None:
    """Otherwise the next case would show a presenter's class its answer. End shows it whole."""
    state = opened()
    last = block().step
    for at, (steps, expected) in enumerate(
        [
            ([], last),
            ([0], 0),
            ([1, 2], 0),
            ([1, *range(2, last + 1)], 0),
            ([1, last], last),
            ([last - 1, last], 0),
        ]
    ):
        for step in steps:
            state.hear(message(f"{at}-{step}", step=step))
        slug = ["all-negative", "max-tie"][at % 2]
        state.hear(message(f"{at}-case", preset=slug))
        assert (state.case, state.scene.step) == (slug, expected), steps


def test_a_case_without_steps_is_whole_after_a_walk_through_those_of_another() -> None:
    subject = SUBJECTS["gradient-check"]
    state = PageState(subject.start, subject.presets, subject.start)
    case = subject.presets["tie-lab"]
    assert state.take_up("tie-lab", case.rule, walking=True) == case


def test_a_case_of_a_list_is_as_it_was_marked() -> None:
    state = opened({**block().query(), "rule": "mlx"})
    case = BLOCK.presets["max-tie"]
    state.hear(message("a-1", preset="max-tie"))
    assert state.scene == case.having("rule", "mlx")
    state.hear(message("a-2", preset="max-tie?rule=jax-max&entry=w&dz=x&more"))
    assert state.scene == case.having("rule", "jax-max").having("entry", "w")
    state.hear(message("a-3", preset="max-tie?"))
    assert state.scene == case
    state.hear(message("a-4", preset="relu/one-at-zero?rule=mlx"))
    assert (state.onward, state.scene) == ("relu/one-at-zero?rule=mlx", case)


def test_a_preset_of_another_page_leaves_this_one_as_it_is() -> None:
    state = opened()
    state.hear(message("a-1", preset="relu/one-at-zero"))
    assert (state.onward, state.scene) == ("relu/one-at-zero", block())
    state.hear(message("a-2", preset="max-tie"))
    assert state.scene == BLOCK.presets["max-tie"]


def test_what_one_had_made_is_come_back_to_from_any_case() -> None:
    state = opened(OTHER.query())
    state.hear(message("a-1", values={"w": 3}, preset="max-tie"))
    state.hear(message("a-2", preset="all-negative"))
    state.hear(message("a-3", preset=OWN))
    assert state.scene == OTHER.moved("w", 3.0)
    state.hear(message("a-4", preset="relu/one-at-zero"))
    state.change(BLOCK.presets["max-tie"])
    state.hear(message("a-5", values={"w": -1}, preset="max-tie"))  # now this is the user's own
    state.hear(message("a-6", preset=OWN))
    assert state.scene == BLOCK.presets["max-tie"].moved("w", -1.0)


def test_where_nothing_was_made_there_is_nothing_to_come_back_to() -> None:
    state = opened(BLOCK.presets["max-tie"].query())
    state.hear(message("a-1", preset="all-negative"))
    state.hear(message("a-2", preset=OWN))
    assert state.scene == BLOCK.presets["all-negative"]


def test_a_message_is_heard_once() -> None:
    state = opened()
    assert state.hear(message("a-1", values={"w": 3}))
    state.change(OTHER)
    assert not state.hear(message("-".join("a1"), values={"w": 3}))
    assert state.scene == OTHER


def test_what_an_address_brought_is_one_to_come_back_to() -> None:
    state = opened()
    state.rest()
    state.read_address(OTHER.query())
    state.hear(message("a-1", values={"w": 3}))
    for expected in (OTHER, block()):
        state.undo()
        assert state.scene == expected


def test_each_movement_of_a_message_is_one_to_come_back_to() -> None:
    state = opened()
    state.rest()
    rested = [{"w": 3, "step": 2}, {"w": 3, "step": 2}, {"w": 1, "x1": "no", "y": 2}, "none"]
    state.hear(message("a-1", rested=rested, values={"w": 1, "x1": -1}, step=2))
    for expected in (block(w=1.0, step=2), block(w=3.0, step=2), block(), block()):
        state.undo()
        assert state.scene == expected


def test_news_that_are_told_again_are_done_once() -> None:
    state = opened()
    state.rest()
    for value in (1, 2, 3):
        state.hear(message(f"b-{value}", values={"w": value}))
    for serial in ("a-1", "a-2", "a-3"):
        state.hear(message(serial, news="a-1", act="undo"))
    assert state.scene == block(w=2.0)
    for serial in ("a-4", "a-5"):
        state.hear(message(serial, news="a-4", rested=[{"w": 0}], values={"w": -1}))
    assert state.scene == block(w=-1.0), "what is true as often as it is said is taken"
    for expected in (0.0, 2.0, 1.0):
        state.undo()
        assert state.scene == block(w=expected)
    state.exercise = Exercise()
    for serial in ("a-6", "a-7"):
        state.hear(message(serial, news="a-6", clicked=True, entry="x1"))
    assert state.exercise.marked == {"x1"}
    for serial in ("a-8", "a-9"):  # messages of a browser that sends no news
        state.hear(message(serial, clicked=True, entry="x1"))
    assert state.exercise.marked == {"x1"}


def test_a_case_that_is_asked_for_again_is_not_begun_again() -> None:
    state = opened()
    state.hear(message("a-1", news="a-1", preset="max-tie"))
    state.hear(message("a-2", values={"w": 3}))
    state.hear(message("a-3", news="a-1", preset="max-tie"))
    assert state.scene.value("w") == 2.0, "others have come in between"
    state.hear(message("a-4", values={"w": 3}))
    state.hear(message("a-5", news="a-4", values={"w": 3}))
    state.hear(message("a-6", news="a-4", preset="max-tie"))
    assert state.scene.value("w") == 3.0
    for serial in ("a-7", "a-8"):  # with a movement made before it
        state.hear(message(serial, news="a-7", preset="max-tie", values={"w": 3}, version=0))
    assert state.scene == state.presets["max-tie"]


def test_after_a_movement_that_goes_on_nothing_is_redone() -> None:
    state = opened()
    state.rest()
    state.hear(message("a-1", values={"w": 3}))
    state.undo()
    state.hear(message("a-2", values={"w": 1}, settled=False))
    state.redo()
    assert state.scene == block(w=1.0)
    state.undo()
    assert state.scene == block()


def test_only_as_many_movements_of_a_message_are_read_as_can_be_undone() -> None:
    state = opened()
    state.rest()
    values = [(at % 31) / 4 - 4 for at in range(250)]
    rested = [{"w": value} for value in values]
    state.hear(message("a-1", rested=rested, values={"w": 4}))
    assert state.message
    assert [*state.message.rested] == rested[-REMEMBERED:]
    for value in reversed(values[-REMEMBERED:]):
        state.undo()
        assert state.scene == block(w=value)
    state.undo()
    assert state.scene == block(w=values[-REMEMBERED]), "no more are kept"


@pytest.mark.parametrize("more", [{"version": 7}, {"address": OTHER.query()}])
def test_a_movement_of_a_former_scene_is_nothing_to_come_back_to(more: dict[str, Any]) -> None:
    state = opened()
    state.rest()
    state.hear(message("a-1", rested=[{"w": 3}], **more))
    state.undo()
    assert state.scene == block()


@for_each("value", [None, True, "1", [1], {}, float("nan"), float("inf"), 4.25, -5, 10**400])
def test_a_value_that_is_no_number_of_the_range_moves_nothing(value: Any) -> None:
    state = opened()
    state.hear(message("a-1", values={"w": value, "x1": 1}, entry=value, theme=value))
    assert state.scene == block().moved("x1", 1.0)
    assert state.theme is None


@for_each("step", [None, True, "six", [1], 7, -1, 2.5, float("nan"), 10**400])
def test_a_step_that_there_is_not_leaves_the_step(step: Any) -> None:
    state = opened()
    state.hear(message("a-1", step=step))
    assert state.scene == block()


@given(anything | st.dictionaries(st.sampled_from(FIELDS), anything))
def test_nothing_that_is_said_breaks_a_scene(raw: Any) -> None:
    state = opened()
    state.hear(raw)
    assert block().updated(state.scene.query()) == (state.scene, [])


def test_values_between_the_grid_are_kept() -> None:
    state = opened()
    state.hear(message("a-1", values={"x1": 0.1, "w": -0.0}))
    assert state.scene.x[0] == 0.1
    assert state.scene.query()["w"] == "0"


def test_the_sentence_about_an_address_stays_until_something_changes() -> None:
    state = opened({"w": "7"})
    assert state.problems
    state.hear(message("a-1", values={"w": 2}, step=6, entry="x3", ask="x1", theme="light"))
    state.change(state.scene)  # as Predict does if all steps are shown
    assert state.problems
    state.hear(message("a-2", values={"w": 3}))
    assert state.problems == []


def test_after_a_restart_the_browser_says_what_the_server_has_forgotten() -> None:
    state = opened({"w": "1"})
    said = {"address": OTHER.query(), "values": {"w": -1, "dz": 3}}
    state.hear(message("a-7", **said, ask="dz", version=state.version + 7))
    assert state.scene == OTHER.moved("dz", 3.0)


def test_a_click_in_an_exercise_marks_a_cell_and_chooses_none() -> None:
    state = opened()
    state.exercise = Exercise()
    state.hear(message("a-1", entry="x3", clicked=True))
    assert state.exercise == Exercise(frozenset({"x3"}))
    assert state.scene == block()
    state.hear(message("a-2", entry="x3", clicked=True))
    assert state.exercise == Exercise()


def test_a_verdict_stays_where_another_entry_is_explained_and_nowhere_else() -> None:
    state = opened()
    state.exercise = revealed = Exercise(frozenset({"x1"}), revealed=True)
    state.hear(message("a-1", entry="h1", clicked=True))
    assert state.scene == block(entry="h1")
    assert state.exercise == revealed
    state.hear(message("a-2", entry="h1", values={"x1": 3.0}))
    assert state.exercise == Exercise()


def test_what_was_moved_from_a_former_scene_does_not_take_a_change_back() -> None:
    state = PageState(block(), {}, block())
    before = state.version
    state.change(block(w=-1.0))
    state.hear({"serial": "a-1", "values": {"w": 2.0, "x1": 3.0}, "version": before})
    assert state.scene == block(w=-1.0)
    state.hear({"serial": "a-2", "values": {"x1": 3.0}, "version": state.version})
    assert state.scene == block(w=-1.0).moved("x1", 3.0)


def test_what_was_moved_before_another_rule_was_chosen_is_moved_under_it() -> None:
    state = PageState(block(), {}, block())
    before = state.version
    state.change(block(rule="mlx"), values=False)
    state.hear({"serial": "a-1", "values": {"w": -1.0}, "version": before})
    assert state.scene == block(w=-1.0, rule="mlx")


def test_a_movement_of_a_former_scene_does_not_take_an_address_back() -> None:
    state = PageState(block(), {}, block())
    before = state.version
    state.read_address({"w": "-1"})
    state.hear({"serial": "a-1", "values": {"w": 2.0}, "version": before})
    assert state.scene == block(w=-1.0)


@pytest.mark.parametrize(
    ("seen", "called", "narrow"),
    [
        (None, "Mozilla/5.0 (iPhone) Mobile/15E148", True),
        (None, "Mozilla/5.0 (X11; Linux x86_64)", False),
        (None, None, False),
        # The component's report has precedence: a phone's browser on a screen, a small window.
        (False, "Mozilla/5.0 (iPhone) Mobile/15E148", False),
        (True, "Mozilla/5.0 (X11; Linux x86_64)", True),
    ],
)
def test_a_window_is_a_phones_as_it_was_seen_else_as_its_browser_is_called(
    seen: bool | None, called: str | None, narrow: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = SimpleNamespace(headers={"user-agent": called} if called else {})
    monkeypatch.setattr("pages.session.page_state.st", SimpleNamespace(context=context))
    state = opened()
    state.narrow = seen
    assert is_narrow(state) is narrow


@pytest.mark.parametrize(
    ("seen", "reported", "theme"),
    [
        (None, "dark", "dark"),
        (None, None, "light"),
        ("dark", "light", "dark"),
        ("light", "dark", "light"),
    ],
)
def test_a_theme_is_that_which_was_seen_else_that_which_streamlit_reports(
    seen: Any, reported: str | None, theme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = SimpleNamespace(theme=SimpleNamespace(type=reported))
    monkeypatch.setattr("pages.session.page_state.st", SimpleNamespace(context=context))
    state = opened()
    state.theme = seen
    assert present_theme(state) == theme


def test_a_vote_that_goes_on_with_another_page_ends_what_is_asked_there() -> None:
    nobody: Any = None
    vote = ClassVote(nobody, "", None, everywhere=False, case="max-tie", poll=nobody)
    here, there = opened(), opened()
    here.classroom.vote, here.mode = vote, "predict"
    there.mode, there.exercise = "quiz", Exercise()
    there.quiz = Quiz(("How many?",), before=OTHER, past=(TIE,))
    there.question = ListQuestion("How many?")
    here.hand_vote_to(there)
    left: list[Any] = [here.classroom.vote, here.mode]
    found: list[Any] = [
        there.classroom.vote,
        there.mode,
        there.exercise,
        there.quiz,
        there.question,
    ]
    assert left == [None, "look"]
    assert found == [replace(vote, case=""), "predict", None, None, None]
    assert (there.history.past, there.history.rested) == ([TIE], OTHER), "not what a quiz set up"


def test_another_case_is_asked_about_next_and_not_the_same_one_by_another_name() -> None:
    nobody: Any = None
    revealed: Any = SimpleNamespace(phase="revealed")
    still: Any = SimpleNamespace(phase="closed")
    vote = ClassVote(nobody, "", TIE, everywhere=False, case="max-tie", poll=revealed)
    assert vote.is_next(OTHER, "?w=3")
    assert not vote.is_next(OTHER, ""), "of one's own"
    assert not vote.is_next(OTHER, "max-tie")
    assert not vote.is_next(TIE.having("step", 0), "?step=0")
    assert not replace(vote, poll=still).is_next(OTHER, "?w=3")


@pytest.mark.parametrize(("phase", "revealed"), [("closed", False), ("revealed", True)])
def test_a_class_is_asked_and_answered_everywhere_if_it_is_so(phase: str, revealed: bool) -> None:
    nobody: Any = None
    poll: Any = SimpleNamespace(phase=phase)
    vote = ClassVote(nobody, "", TIE, everywhere=True, case="max-tie", poll=poll)
    expected = Exercise(everywhere=True, revealed=revealed, shares=())  # nobody has voted
    assert vote.exercise(TIE, "max-tie") == expected


def test_while_a_class_votes_no_case_is_opened_and_nothing_is_undone() -> None:
    nobody: Any = None
    poll: Any = SimpleNamespace(phase="closed")
    state = opened()
    state.rest()
    state.change(OTHER)
    state.classroom.vote = ClassVote(nobody, "", OTHER, everywhere=False, case="", poll=poll)
    version, past = state.version, [*state.history.past]
    asked: list[dict[str, Any]] = [
        {"preset": "max-tie"},
        {"preset": "relu/one-at-zero"},
        {"values": {"w": 3}},
    ]
    for serial, said in enumerate(asked):
        state.hear(message(f"a-{serial}", **said))
    state.undo()
    assert (state.scene, state.onward, state.own, state.version) == (OTHER, "", None, version)
    assert (state.history.past, state.history.future) == (past, [])


def test_a_page_opened_from_the_menu_asks_no_question_of_a_list() -> None:
    state = opened({"w": "-1"})
    state.question = ListQuestion("How many?")
    for address in ({"w": "-1"}, {"w": "2"}):
        state.read_address(address)
        assert state.question
    state.read_address({})
    assert state.question is None


def test_a_case_is_predicted_anew() -> None:
    state = opened()
    state.exercise = Exercise(frozenset({"x1"}), everywhere=True)
    state.hear(message("a-1", values={"w": 1.0}))
    assert state.exercise.marked
    state.hear(message("a-2", preset="max-tie"))
    assert state.exercise == Exercise(everywhere=True)


TIE, MINE = BLOCK.presets["max-tie"], block(w=2.5)


@pytest.mark.parametrize(
    ("before", "scene", "kept"),
    [
        (None, OTHER, OTHER),
        (None, TIE, MINE),
        (OTHER, block(w=1.0), OTHER),
        (TIE, block(w=1.0), MINE),
    ],
)
def test_ones_own_values_are_kept_before_a_case_and_no_quizs_are(
    before: Any, scene: Any, kept: Any
) -> None:
    state = opened()
    state.scene, state.own = scene, MINE
    state.quiz = Quiz(("How many?",), before) if before else None
    state.keep()
    assert state.own == kept


# --- the keys of the session


def test_the_keys_of_the_session_are_listed_with_the_modules_that_use_them() -> None:
    """A key is written where it is used, or as a constant or a local name; "key" is a widget's."""
    used = set()
    for path in PAGES.rglob("*.py"):
        if "session_state" not in (source := path.read_text("utf-8")):
            continue
        texts = re.findall(r"^ *(\w+)(?:: Final)? = f?\"(.*?)\"", source, re.MULTILINE)
        known = {"name": name_of("{key}"), **dict(texts), "key": ""}
        found = re.findall(r"session_state(?:\[|\.\w+\()f?(\"?)([\w{].*?)\1[\],)]", source)
        names = {text if quoted else known.get(text, text) for quoted, text in found}
        used |= {(name, path.relative_to(PAGES).as_posix()) for name in names if name}
    listed = re.findall(r"^    (\S+) +(\S+): ", session.__doc__ or "", re.MULTILINE)
    assert used == {*listed}, "the list is in pages/session/__init__.py"

"""Ask the class: what the lecturer's page shows, locks and says in each phase of a vote."""

import base64
import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any, Final
from unittest.mock import Mock

import numpy as np
import pytest
from numpy.typing import NDArray
from streamlit import net_util

from engine import LeakyReLU
from pages.derive import derivation
from pages.derive.page import PicturePage
from pages.derive.picture import Picture, Screen, Task, VoteCard
from pages.figures.cell_graph import says_further
from pages.figures.heat_maps import Packed
from pages.figures.words import shares_of
from pages.registry import PICTURE_PAGES
from pages.session.page_state import PageState
from pages.state.predict import Exercise
from pages.views import classroom, tasks
from pages.views.class_question import BallotError, ballot_of
from pages.vote.box import VoteError
from pages.vote.poll import Results, RoundResult
from tests.for_each import for_each
from tests.pages.components.declared import misfits
from tests.pages.views.test_tasks import PREDICTING, SERIALS, say
from tests.pages.views.test_tasks import opened as state_of
from tests.pages.vote.served import Served, served

ORIGIN: Final = "https://lecture.example:8443"


@pytest.fixture(scope="module")
def hall() -> Iterator[Served]:
    with served() as running:
        yield running


@pytest.fixture(autouse=True)
def own_votes(hall: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classroom, "VOTES", hall.votes)


def opened(key: str = "conv-block", preset: str = "max-tie") -> tuple[PicturePage, PageState[Any]]:
    page = PREDICTING[key]
    return page, state_of(page, preset)


def press(page: PicturePage, state: PageState[Any], *acts: str) -> None:
    for each in acts:
        say(page, state, act=each, argument=ORIGIN)


def beside(page: PicturePage, state: PageState[Any]) -> Task:
    found = tasks.task(page, state)
    assert found
    assert misfits(json.loads(json.dumps(asdict(found))), "TaskData") == []
    return found


def card(page: PicturePage, state: PageState[Any]) -> VoteCard:
    found = beside(page, state).vote
    assert found
    return found


def lines(page: PicturePage, state: PageState[Any]) -> list[str]:
    return [line for _, line in beside(page, state).lines]


def texts(page: PicturePage, state: PageState[Any]) -> list[str]:
    """All texts that are drawn."""
    picture = page.subject.picture(state.scene, Screen(exercise=state.hiding))
    drawn = [text for each in picture.figure["data"] for text in each.get("text", ())]
    return [text.replace("<b>", "").replace("</b>", "") for text in drawn]


def heard(page: PicturePage, state: PageState[Any]) -> dict[str, str]:
    """Entry -> its cell's label for screen readers."""
    picture = page.subject.picture(state.scene, Screen(exercise=state.hiding))
    return {target.entry: target.said for target in picture.targets}


def vote(hall: Served, code: str, round_: int, *votes: tuple[str, ...]) -> None:
    for at, marked in enumerate(votes):
        assert hall.vote(code, f"voter{at}", *marked, round_=round_).status == 200


# x = (1.5, -1, 1.5, 0.5, 0), w = 2: by the lab's rule both maxima get dz, dx = (2, 0, 2, 0, 0).


def test_a_question_with_two_rounds(hall: Served) -> None:
    page, state = opened()
    state.change(state.scene.having("entry", "w").moved("step", 0))
    tasks.turn(page, state, "predict")
    assert beside(page, state).keys == {"o": "vote ask"}
    assert beside(page, state).acts[-1] == ("vote ask", "Ask the class")
    press(page, state, "vote ask")
    code = card(page, state).code
    assert card(page, state).address == f"{ORIGIN}/vote/{code}"
    assert card(page, state).qr.startswith("<svg")
    assert [name for name, _ in beside(page, state).acts] == ["vote close"]
    assert beside(page, state).keys == {"o": "vote close"}, "the same key opens and closes"
    assert texts(page, state).count("∂ ≠ 0 ?") == 6
    rule = "At ties and kinks: slope 1 at 0, ties: all get it."
    assert lines(page, state)[-1] == rule, "the answer depends on it"
    assert not any("%" in text for text in texts(page, state))

    vote(hall, code, 1, ("x1",), ("x1", "x3"), ("x1", "x3", "w"), ("x1", "x2"))
    press(page, state, "vote look")
    assert card(page, state).votes == 4
    told = json.dumps([beside(page, state).lines, texts(page, state)])
    assert "%" not in told, "nobody sees how it goes"

    press(page, state, "vote close")
    assert lines(page, state) == [
        "4 have voted.",
        "The class is split on x₃: talk to your neighbour.",
    ]
    assert beside(page, state).keys == {"v": "vote again", "r": "vote reveal"}
    shown = texts(page, state)
    assert [text for text in shown if "%" in text] == [
        *("100 %", "25 %", "50 % split", "0 %", "0 %", "25 %")
    ]
    assert not any(text.startswith("∂ +") for text in shown if text != "∂ +1"), "no truth yet"
    assert "✓" not in "".join(shown)
    assert heard(page, state)["x3"] == "x3 = 1.5, 50 % say nonzero: the class is split"
    assert heard(page, state)["w"] == "w = 2, 25 % say nonzero"

    for _ in range(2):  # a double click
        press(page, state, "vote again")
        assert beside(page, state).heading == "The class votes: vote 2"
        assert lines(page, state)[-1] == rule, "and nothing that was wrong"
    assert not any("%" in text for text in texts(page, state))
    vote(hall, code, 2, ("x1", "x3", "w"), ("x1", "x3", "w"), ("x1",))
    press(page, state, "vote close")
    assert lines(page, state) == [
        "3 have voted.",
        "The class is split on x₃ and w: talk to your neighbour.",
    ]
    assert "50 → 67 % split" in texts(page, state)
    assert "25 → 67 % split" in texts(page, state)

    press(page, state, "vote reveal")
    assert state.hiding
    assert state.hiding.revealed
    assert lines(page, state) == [
        "**2 of 3** had all right (1 of 4 in the first vote).",
        "Of 3 who voted both times, 2 went from wrong to right, 1 from right to wrong.",
        "x₃: 50 → 67 % said nonzero.",
    ]
    assert state.scene.entry == "x3", "the one that most had wrong is explained"
    assert state.scene.step == len(page.subject.steps(state.scene)) - 1, "of the whole pass"
    assert "∂ +2 (50→67%)" in texts(page, state)
    assert heard(page, state)["x3"] == "x3 = 1.5, gradient +2, 50 → 67 % said nonzero"


def test_changes_are_counted_among_those_who_voted_both_times(hall: Served) -> None:
    page, state = opened()
    press(page, state, "vote ask")
    code = card(page, state).code
    vote(hall, code, 1, ("x1",), ("x1", "x3", "w"))
    press(page, state, "vote close", "vote again")
    vote(hall, code, 2, ("x1", "x3", "w"), ("x1", "x3", "w"), ("x1",), ())
    press(page, state, "vote close", "vote reveal")
    assert lines(page, state)[:2] == [
        "**2 of 4** had all right (1 of 2 in the first vote).",
        "Of 2 who voted both times, 1 went from wrong to right, 0 from right to wrong.",
    ]


@pytest.mark.parametrize("phase", ["open", "closed"])
def test_nothing_moves_before_the_answer(phase: str) -> None:
    page, state = opened()
    state.change(page.subject.presets["all-negative"])
    state.change(page.subject.presets["max-tie"])
    tasks.turn(page, state, "predict")
    press(page, state, "vote ask", *(["vote close"] if phase == "closed" else []))
    before, version, asked = state.scene, state.version, card(page, state)
    for said in (
        *({"values": {"x1": 3.0}}, {"preset": "unique-max"}, {"preset": "max-pool/overlap"}),
        *({"act": "undo"}, {"act": "redo"}, {"step": 0}, {"entry": "x2", "clicked": True}),
        *({"act": "reveal"}, {"act": "everywhere"}, {"address": {"w": "1"}}),
        *({"act": "vote ask", "argument": ORIGIN}, {"act": "vote next"}),
    ):
        say(page, state, **said)
    assert card(page, state) == asked, "pressed twice it is asked once"
    state.change(page.subject.presets["all-negative"])
    state.read_address({"preset": "all-negative"})
    for mode in ("look", "quiz"):
        tasks.turn(page, state, mode)
    assert (state.scene, state.mode, state.onward) == (before, "predict", "")
    assert state.version <= version + 1
    assert state.hiding
    assert not state.hiding.revealed


def test_after_the_answer_everything_moves_and_the_next_can_be_asked(hall: Served) -> None:
    page, state = opened()
    press(page, state, "vote ask")
    assert state.mode == "predict", "also from looking, as while presenting"
    code = card(page, state).code
    vote(hall, code, 1, ("x1", "x3", "w"))
    press(page, state, "vote close", "vote reveal")
    assert beside(page, state).keys == {"n": "vote next"}
    assert [line for line in lines(page, state) if "said nonzero" in line] != []
    say(page, state, values={"x1": 3.0})
    assert state.hiding is None, "shares belong to what was asked about"
    assert [line for line in lines(page, state) if "said nonzero" in line] == []
    assert beside(page, state).acts[0] == ("vote ask", "Ask the class this")
    assert beside(page, state).keys == {"n": "vote next", "o": "vote ask"}
    tasks.turn(page, state, "look")
    tasks.turn(page, state, "predict")
    assert state.exercise is None, "here the class predicts"
    state.classroom.problem = "Not now."
    assert beside(page, state).lines[-1] == ("wrong", "Not now.")
    press(page, state, "vote ask")
    assert "Not now." not in lines(page, state)
    assert (card(page, state).code, card(page, state).phase) == (code, "open")
    assert state.scene.query()["x"].startswith("3,")
    press(page, state, "vote close", "vote reveal", "vote next")
    assert state.case == "three-way-tie", "behind the case that was left"
    assert card(page, state).code == code
    vote(hall, code, 3, (), ())
    press(page, state, "vote close")
    assert lines(page, state) == ["2 have voted.", "The class is not split on any cell."]
    assert state.classroom.vote
    files = state.classroom.vote.files()
    assert misfits(files, "Answers.votes") == []
    assert [each["title"] for each in json.loads(files["json"])["questions"]] == [page.title] * 3
    rows = [*csv.DictReader(io.StringIO(files["csv"]))]
    assert {row["question"]: row["title"] for row in rows} == {
        "1": "The conv block: A tie of two maxima",
        "2": "The conv block: A tie of two maxima",
        "3": "The conv block: A tie of three maxima",
    }
    assert {row["votes"] for row in rows if row["question"] == "3"} == {"2"}
    press(page, state, "vote end")
    assert state.classroom.vote is None
    assert [state.mode, state.classroom.ended] == ["look", code]


def test_behind_a_case_that_is_only_looked_at_comes_the_one_after_it() -> None:
    page, state = opened()
    press(page, state, "vote ask", "vote close", "vote reveal")
    go_to(page, state, "three-way-tie")
    press(page, state, "vote next")
    slugs = [*page.subject.presets]
    assert state.case == slugs[slugs.index("three-way-tie") + 1]


def test_behind_a_state_of_ones_own_comes_the_first_case() -> None:
    page, state = opened()
    say(page, state, values={"x1": 3.0})
    press(page, state, "vote ask", "vote close", "vote reveal", "vote next")
    assert state.case == next(iter(page.subject.presets))


@pytest.mark.parametrize(
    ("before", "pressed"),
    [((), "vote end"), (("vote close", "vote reveal"), "vote reveal")],
    ids=["end before the vote is closed", "the answer a second time"],
)
def test_an_act_whose_time_is_not_now_changes_nothing(
    before: tuple[str, ...], pressed: str
) -> None:
    page, state = opened()
    press(page, state, "vote ask", *before)
    say(page, state, entry="x2", clicked=True)
    found, scene = beside(page, state), state.scene
    press(page, state, pressed)
    assert (beside(page, state), state.scene) == (found, scene)


def test_at_localhost_too_what_cannot_be_asked_is_said_at_once() -> None:
    page, state = opened("conv-2d", "patch")
    tasks.turn(page, state, "predict")
    press(page, state, "everywhere")
    say(page, state, act="vote ask", argument="http://localhost:8501")
    assert state.classroom.origin == ""
    assert lines(page, state)[-1].startswith("A class can vote on 1 to 128 cells; 145 are asked")


def test_a_second_question_asked_at_an_early_step_is_answered_of_the_whole_pass() -> None:
    page, state = opened()
    press(page, state, "vote ask", "vote close", "vote reveal")
    state.change(page.subject.presets["three-way-tie"].moved("step", 1))
    press(page, state, "vote ask", "vote close", "vote reveal")
    assert state.scene.step == len(page.subject.steps(state.scene)) - 1


def test_a_quiz_after_the_answer_asks_its_own_questions() -> None:
    page, state = opened()
    press(page, state, "vote ask", "vote close", "vote reveal")
    tasks.turn(page, state, "quiz")
    assert [name for name, _ in beside(page, state).acts] == ["answer"]


def test_a_vote_is_about_the_case_as_a_list_of_ones_own_names_it() -> None:
    page, state = opened()
    marked = "max-tie?x=1,-1,1,0.5,0"
    go_to(page, state, marked)
    press(page, state, "vote ask")
    assert state.classroom.vote
    assert (state.classroom.vote.case, state.classroom.vote.called) == (marked, "")


def go_to(page: PicturePage, state: PageState[Any], case: str) -> None:
    """Go to a case as the presenter does by Page Down."""
    assert state.hear({"serial": str(next(SERIALS)), "preset": case})
    assert state.case == case


@pytest.mark.parametrize(("acts", "cells"), [((), 6), (("everywhere",), 16)])
def test_another_case_after_the_answer_is_a_question_before_it_is_asked(
    acts: tuple[str, ...], cells: int
) -> None:
    """It is about x and w, or about a and h too, like the question before."""
    page, state = opened()
    tasks.turn(page, state, "predict")
    press(page, state, *acts, "vote ask")
    code = card(page, state).code
    press(page, state, "vote close", "vote reveal")
    answer = texts(page, state)
    go_to(page, state, "all-negative")
    assert texts(page, state).count("∂ ≠ 0 ?") == cells
    assert not any(text.startswith(("∂ +", "∂ 0")) for text in texts(page, state)[1:-1])
    assert beside(page, state).keys == {"o": "vote ask"}
    assert lines(page, state) == [], "what came of the former question is not about this one"
    go_to(page, state, "max-tie")
    assert texts(page, state) == answer
    say(page, state, address={"rule": "pytorch-amax"})
    assert state.hiding is None, "by another rule one looks at what was answered"
    go_to(page, state, "all-negative")
    press(page, state, "vote ask")
    assert (card(page, state).code, card(page, state).phase) == (code, "open")
    assert state.case == "all-negative"


@pytest.mark.parametrize("phase", ["open", "revealed"])
def test_a_vote_goes_on_where_one_asks_next(monkeypatch: pytest.MonkeyPatch, phase: str) -> None:
    page, state = opened()
    press(page, state, "vote ask", *(["vote close", "vote reveal"] if phase == "revealed" else []))
    code = card(page, state).code
    there, other = opened("max-pool", "overlap")
    monkeypatch.setattr(classroom, "in_session", {f"page:{page.key}": state}.get)
    press(there, other, "vote ask")
    assert (card(there, other).code, card(there, other).phase) == (code, "open")
    assert card(there, other).round == 2
    assert (state.classroom.vote, state.mode) == (None, "look")
    assert other.classroom.vote
    assert (other.classroom.vote.case, other.classroom.vote.called) == (
        "overlap",
        "Windows that overlap",
    )


def test_the_next_case_too_asks_only_for_as_much_as_can_be_marked() -> None:
    page, state = opened("conv-2d", "patch")
    press(page, state, "vote ask", "vote close", "vote reveal")
    go_to(page, state, "digit")
    press(page, state, "vote ask")
    digit = page.subject.presets["digit"]
    assert state.scene == page.to_predict(digit) != digit
    assert card(page, state).phase == "open"


@for_each("name", ["close", "again", "reveal", "next", "end", "look", "open"])
def test_an_act_of_a_vote_that_does_not_exist_changes_nothing(name: str) -> None:
    page, state = opened()
    tasks.turn(page, state, "predict")
    before = state.scene
    press(page, state, f"vote {name}")
    assert (state.scene, state.mode, state.classroom.vote) == (before, "predict", None)
    assert state.classroom.problem == ""


def test_from_one_address_twenty_votes_are_opened_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classroom, "context", Mock(ip_address="192.0.2.9"))
    page, state = opened()
    for _ in range(20):
        press(page, state, "vote ask", "vote close", "vote end")
    assert state.classroom.problem == ""
    press(page, state, "vote ask")
    assert state.classroom.vote is None
    assert state.classroom.problem == ("Votes were opened too often from here: wait a minute.")


def test_an_answer_explains_no_cell_of_a_page_that_is_not_asked_about(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The vote is still open there, but nothing on that page can be asked."""
    page, state = opened("conv-1d", "one-vector")
    press(page, state, "vote ask")
    there, other = opened()
    monkeypatch.setattr(classroom, "in_session", {f"page:{page.key}": state}.get)
    with monkeypatch.context() as refusing:
        refusing.setattr(classroom, "ballot_of", Mock(side_effect=BallotError("too much")))
        press(there, other, "vote ask")
    before = other.scene
    press(there, other, "vote close", "vote reveal")
    assert card(there, other).phase == "revealed"
    assert other.scene == before


def test_the_next_question_of_all_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    page, state = opened("conv-2d", "digit")
    press(page, state, "vote ask")
    asked = []
    elsewhere: PageState[Any] = opened("minibatch", "")[1]
    monkeypatch.setattr(classroom, "left_there", lambda *_: elsewhere)
    state.theme = "dark"
    while state.classroom.vote:
        asked.append(state.classroom.vote.case)
        press(page, state, "vote close", "vote reveal")
        say(page, state, act="vote next", argument=ORIGIN, narrow=True)
    assert asked == [*page.subject.presets], "each in its smaller form, in their order"
    first = next(iter(PREDICTING["minibatch"].subject.presets))
    assert state.onward == f"minibatch/{first}"
    assert elsewhere.classroom.vote
    assert (elsewhere.theme, elsewhere.narrow) == ("dark", True), "it is the same screen"
    assert (elsewhere.mode, elsewhere.classroom.vote.case) == ("predict", first)
    assert elsewhere.classroom.vote.poll.phase == "open"


def test_a_next_question_that_is_refused_leaves_everything_where_it_was(
    hall: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, state = opened("relu", [*PREDICTING["relu"].subject.presets][-1])
    press(page, state, "vote ask", "vote close", "vote reveal")
    elsewhere: PageState[Any] = opened("max-pool", "")[1]
    monkeypatch.setattr(classroom, "left_there", lambda *_: elsewhere)
    before = elsewhere.scene
    with monkeypatch.context() as refusing:
        refusing.setattr(hall.votes, "ask", Mock(side_effect=VoteError(503, "Try again.")))
        press(page, state, "vote next")
    assert lines(page, state)[-1] == "Try again."
    assert card(page, state).phase == "revealed"
    assert (elsewhere.scene, elsewhere.classroom.vote, state.onward) == (before, None, "")
    press(page, state, "vote next")
    assert elsewhere.classroom.vote


def test_a_tab_does_not_take_the_votes_on_another_tabs_question_for_its_own(hall: Served) -> None:
    page, state = opened(preset="unique-max")
    press(page, state, "vote ask", "vote close", "vote reveal")
    found, argument = card(page, state), json.dumps(kept(page, state))
    tabs = [opened(preset="unique-max")[1] for _ in range(2)]
    for tab in tabs:
        say(page, tab, address=state.scene.query(), act="vote resume", argument=argument)
    same, other = tabs
    press(page, state, "vote next")
    press(page, same, "vote next")  # before it has heard of that
    assert same.scene == state.scene
    assert card(page, same).round == card(page, state).round == 2
    go_to(page, other, "all-negative")
    before = hall.votes.standing(found.code).poll
    press(page, other, "vote ask")
    another = "The vote that this browser had opened is about another picture."
    assert lines(page, other)[-1] == another
    assert hall.votes.standing(found.code).poll == before, "the other tab's question stays"
    press(page, other, "vote look")
    assert other.classroom.vote is None
    assert lines(page, other)[-1] == another
    press(page, state, "vote close", "vote reveal")
    assert card(page, state).phase == "revealed"


def test_a_case_of_too_many_cells_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """All gradients of the 2D convolution's page: 8 · 8 of x, 3 · 3 of w, 6 · 6 each of a and h.

    If windows leave gaps, a and h are smaller.
    """
    page, state = opened("conv-1d", [*PREDICTING["conv-1d"].subject.presets][-1])
    tasks.turn(page, state, "predict")
    press(page, state, "everywhere", "vote ask")
    picture = PREDICTING["conv-2d"]
    scene = picture.to_predict(picture.subject.presets["patch"])
    with pytest.raises(BallotError, match=r"^A class can vote on 1 to 128 cells; 145 are asked"):
        ballot_of(picture, scene, everywhere=True)
    states = {
        key: PageState[Any](there.subject.start, there.subject.presets, there.subject.start)
        for key, there in PREDICTING.items()
    }
    monkeypatch.setattr(classroom, "left_there", lambda key, *_: states[key])
    press(page, state, "vote close", "vote reveal", "vote next")
    assert state.onward == "conv-2d/gaps"


def test_the_next_question_is_under_the_rule_that_is_chosen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page, state = opened("relu", "nothing-sent-back")  # its last case
    # A page that opens with PyTorch's rule, as the lab's rule has no slope for its kink.
    leaky = derivation.page(
        *("leaky", "Leaky", ""),
        LeakyReLU(),
        {"a": [1, 0, -1]},
        presets={"zero": derivation.preset("One at 0")},
    )
    there = PageState(leaky.subject.start, leaky.subject.presets, leaky.subject.start)
    monkeypatch.setattr(classroom, "PICTURE_PAGES", {"relu": page, "leaky": leaky})
    monkeypatch.setattr(classroom, "left_there", lambda *_: there)
    state.change(state.scene.having("rule", "jax-max"))
    press(page, state, "vote ask", "vote close", "vote reveal", "vote next")
    assert (state.onward, there.scene.rule) == ("leaky/zero", "jax-max")


def test_a_lecturer_at_localhost_is_warned_before_the_vote_opens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page, state = opened()
    monkeypatch.setattr(net_util, "get_internal_ip", lambda: "192.0.2.7")
    say(page, state, act="vote ask", argument="http://localhost:8501")
    assert state.classroom.vote is None
    assert lines(page, state) == [
        (
            "This page is open at localhost, which reaches only this computer. Phones in the same "
            "network are given http://192.0.2.7:8501."
        )
    ]
    told = tasks.task(page, state)
    assert told
    assert told.keys == {"o": "vote open"}, "as everywhere where a vote can be opened"
    state.classroom.problem = "No."
    assert beside(page, state).lines[1:] == [("wrong", "No.")]
    press(page, state, "vote not now")
    assert (state.mode, state.exercise, tasks.task(page, state)) == ("look", None, None)
    tasks.turn(page, state, "predict")
    state.exercise = Exercise(frozenset({"x1"}))
    say(page, state, act="vote ask", argument="http://localhost:8501")
    press(page, state, "vote not now")
    assert state.exercise == Exercise(frozenset({"x1"})), "what was marked before is still"
    say(page, state, act="vote ask", argument="http://localhost:8501")
    tasks.turn(page, state, "look")
    tasks.turn(page, state, "predict")
    assert lines(page, state)[0].startswith("Mark every entry"), "to go away is an answer too"
    say(page, state, act="vote ask", argument="http://127.0.0.1:8501")
    press(page, state, "vote open")
    assert card(page, state).address.startswith("http://192.0.2.7:8501/vote/")

    monkeypatch.setattr(net_util, "get_internal_ip", lambda: "127.0.0.1")
    page, state = opened()
    say(page, state, act="vote ask", argument="http://localhost:8501")
    assert lines(page, state) == [
        (
            "This page is open at localhost, which reaches only this computer, and no address was "
            "found by which phones reach it: only its own browsers can vote."
        )
    ]


def test_the_warning_of_localhost_goes_once_a_vote_is_opened_on_another_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (page, state), (there, other) = opened(), opened("max-pool", "overlap")
    tab = {f"page:{page.key}": state, f"page:{there.key}": other}
    monkeypatch.setattr(classroom, "in_session", tab.get)
    say(page, state, act="vote ask", argument="http://localhost:8501")
    press(there, other, "vote ask")
    code = card(there, other).code
    assert lines(page, state)[0].startswith("Mark every entry")
    press(page, state, beside(page, state).keys["o"])
    assert card(page, state).code == code, "the phones are there"


def test_not_now_gives_back_the_scene_that_the_question_made_smaller() -> None:
    page, state = opened("conv-2d", "")
    before = state.scene
    assert page.to_predict(before) != before
    say(page, state, act="vote ask", argument="http://localhost:8501")
    assert state.scene == page.to_predict(before)
    say(page, state, act="vote ask", argument="http://localhost:8501")  # a double click
    press(page, state, "vote not now")
    assert (state.mode, state.scene) == ("look", before)
    say(page, state, act="vote ask", argument="http://localhost:8501")
    moved = state.scene.moved("w1,1,1", 3.0)
    state.change(moved)
    press(page, state, "vote not now")
    assert (state.mode, state.scene) == ("look", moved), "what was moved since is newer"


def test_a_lists_question_is_a_class_s_as_soon_as_a_vote_is_open(hall: Served) -> None:
    page, state = opened()
    say(page, state, preset="unique-max?question=How many?")
    asked = beside(page, state)
    say(page, state, act="vote ask", argument="http://localhost:8501")
    press(page, state, "vote not now")
    assert beside(page, state) == asked, "still without its answer"
    press(page, state, "vote ask")
    vote(hall, card(page, state).code, 1, ("x1",))
    press(page, state, "vote close", "vote reveal")
    assert state.hiding
    assert state.hiding.revealed
    say(page, state, preset="max-tie?question=And now?")
    assert state.question is None, "the class is there to be asked"
    press(page, state, "vote end")
    assert tasks.task(page, state) is None
    assert state.question is None


def test_what_a_class_was_asked_is_asked_of_nobody_else() -> None:
    page, state = opened()
    say(page, state, preset="unique-max?question=How many?")
    press(page, state, "vote ask", "vote close", "vote reveal")
    assert state.question_in_address == {}, "a reload asks for no prediction"
    press(page, state, "vote end")
    assert (tasks.task(page, state), state.hiding) == (None, None)


def test_what_a_step_does_is_not_told_while_a_class_votes() -> None:
    page, state = opened()

    def said() -> str:
        return page.subject.picture(state.scene, Screen(exercise=state.hiding)).step

    assert said().startswith("Backward 3 of 3: Convolution")
    press(page, state, "vote ask")
    assert said() == "Backward 3 of 3: hidden until the answer."
    press(page, state, "vote close")
    assert said() == "Backward 3 of 3: hidden until the answer."
    press(page, state, "vote reveal")
    assert said().startswith("Backward 3 of 3: Convolution")


@for_each(
    "origin",
    [
        "", "javascript:alert(1)", "https://a.example/path", "https://u@a.example", "http://[", "x",
        "https://a.example:65536", "http://:80", f"https://{'a' * 300}.example",
    ],
)  # fmt: skip
def test_an_origin_that_is_none_opens_nothing(origin: str) -> None:
    page, state = opened()
    say(page, state, act="vote ask", argument=origin)
    assert state.classroom.vote is None
    assert state.classroom.origin == ""


def kept(page: PicturePage, state: PageState[Any]) -> dict[str, Any]:
    """The data of a vote that the browser stores."""
    found = card(page, state)
    names = ("code", "token", "address", "everywhere")
    return {name: getattr(found, name) for name in names}


@pytest.mark.parametrize("phase", ["open", "closed", "revealed"])
def test_a_reload_finds_the_vote_again(hall: Served, phase: str) -> None:
    page, state = opened()
    press(page, state, "vote ask")
    vote(hall, card(page, state).code, 1, ("x1",), ("x2",))
    further = {"closed": ["vote close"], "revealed": ["vote close", "vote reveal"]}
    press(page, state, *further.get(phase, []), "vote look")
    _, other = opened()
    argument = json.dumps(kept(page, state))
    say(page, other, address=state.scene.query(), act="vote resume", argument=argument)
    assert other.scene == state.scene
    assert beside(page, other) == beside(page, state)
    assert other.hiding == state.hiding
    assert texts(page, other) == texts(page, state)


def test_what_is_not_true_does_not_ask_for_everything_after_a_reload() -> None:
    page, state = opened()
    press(page, state, "vote ask")
    _, other = opened()
    argument = json.dumps({**kept(page, state), "everywhere": "no"})
    say(page, other, act="vote resume", argument=argument)
    assert other.classroom.vote
    assert not other.classroom.vote.everywhere


def test_a_vote_that_the_server_fails_to_end_is_over_here(
    hall: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, state = opened()
    press(page, state, "vote ask", "vote close")
    monkeypatch.setattr(hall.votes, "end", Mock(side_effect=VoteError(503, "Busy.")))
    press(page, state, "vote end")
    assert (state.classroom.vote, state.mode, state.classroom.problem) == (None, "look", "")


def test_a_vote_ended_before_its_answer_is_over_for_all(hall: Served) -> None:
    page, state = opened()
    press(page, state, "vote ask", "vote close")
    found, argument = card(page, state), json.dumps(kept(page, state))
    press(page, state, "vote end")
    assert hall.votes.standing(found.code).poll.for_phones["phase"] == "ended"
    _, other = opened()
    say(page, other, address=state.scene.query(), act="vote resume", argument=argument)
    assert [other.classroom.vote, other.classroom.ended] == [None, found.code]


def test_an_answer_stays_on_the_phones_after_the_end(hall: Served) -> None:
    page, state = opened()
    press(page, state, "vote ask", "vote close", "vote reveal")
    code, argument = card(page, state).code, json.dumps(kept(page, state))
    answered = hall.votes.standing(code).poll.for_phones
    press(page, state, "vote end")
    assert hall.votes.standing(code).poll.for_phones == {**answered, "phase": "done"}
    _, other = opened()
    say(page, other, address=state.scene.query(), act="vote resume", argument=argument)
    assert [other.classroom.vote, other.classroom.ended] == [None, code]


def test_a_reload_after_moving_on_looks_the_same_as_before() -> None:
    page, state = opened()
    press(page, state, "vote ask", "vote close", "vote reveal")
    go_to(page, state, "all-negative")
    _, other = opened()
    argument = json.dumps(kept(page, state))
    say(page, other, address=state.scene.query(), act="vote resume", argument=argument)
    assert texts(page, other) == texts(page, state)
    assert beside(page, other) == beside(page, state)


def test_a_vote_has_its_address_below_the_base_path(monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"server.baseUrlPath": "course/nets", "server.address": None}
    monkeypatch.setattr(classroom, "get_option", options.__getitem__)
    page, state = opened()
    press(page, state, "vote ask")
    found = card(page, state)
    assert found.path == f"/course/nets/vote/{found.code}"
    assert found.address == f"{ORIGIN}{found.path}"
    _, other = opened()
    say(page, other, act="vote resume", argument=json.dumps(kept(page, state)))
    assert card(page, other) == found


def test_only_the_browser_that_opened_it_finds_it_and_only_that_picture() -> None:
    page, state = opened()
    press(page, state, "vote ask")
    own, told = kept(page, state), []
    for argument, preset in (
        (json.dumps({**own, "token": "x" * 43}), "max-tie"),
        (json.dumps({**own, "code": "22222222"}), "max-tie"),
        (json.dumps(own), "unique-max"),
    ):
        _, other = opened(preset=preset)
        say(page, other, act="vote resume", argument=argument)
        assert other.classroom.vote is None
        assert other.classroom.ended == json.loads(argument)["code"]
        assert beside(page, other).lines[-1][0] == "wrong", "it is said why"
        told.append(beside(page, other).lines[-1][1])
    assert told[0] == told[1], "whoever tries codes is not told which ones there are"
    assert told[1:] == [
        "There is no vote with this code, or it has ended.",
        "The vote that this browser had opened is about another picture.",
    ]
    broken = json.dumps({**own, "code": "no code!"})
    for argument in (
        "",
        "[]",
        "{",
        "{}",
        "[" * 10**5,
        "7",
        broken,
        json.dumps({**own, "address": "javascript:1/vote/"}),
        *(json.dumps({**own, name: 7}) for name in ("code", "address")),
    ):
        _, other = opened()
        say(page, other, act="vote resume", argument=argument)
        assert (other.classroom.vote, other.classroom.ended) == (None, "")


def test_a_vote_that_the_server_has_forgotten_is_said_to_be_gone(hall: Served) -> None:
    page, state = opened()
    press(page, state, "vote ask")
    code = card(page, state).code
    assert hall.votes.box
    hall.votes.box.store._polls.pop(code)  # type: ignore[attr-defined]
    hall.votes.box._asked.clear()
    press(page, state, "vote close")
    assert (state.classroom.vote, state.classroom.ended) == (None, code)
    assert lines(page, state)[-1] == "There is no vote with this code, or it has ended."


@pytest.mark.parametrize(
    ("refusal", "over"),
    [
        *((VoteError(status, "No."), True) for status in (403, 404)),  # not our vote, or no longer
        *((VoteError(status, "No."), False) for status in (409, 429, 503)),
        (BallotError("No."), False),
    ],
    ids=["403", "404", "409", "429", "503", "ballot"],
)
def test_a_vote_that_is_not_ours_is_over_here_and_another_refusal_is_only_said(
    hall: Served, monkeypatch: pytest.MonkeyPatch, refusal: Exception, over: bool
) -> None:
    page, state = opened()
    press(page, state, "vote ask")
    code = card(page, state).code

    def close(*_: str) -> None:
        raise refusal

    monkeypatch.setattr(hall.votes, "close", close)
    press(page, state, "vote close")
    assert lines(page, state)[-1] == "No."
    assert (state.classroom.vote is None, state.classroom.ended) == (over, code if over else "")
    if not over:
        monkeypatch.undo()
        monkeypatch.setattr(classroom, "VOTES", hall.votes)
        press(page, state, "vote close")
        assert "No." not in lines(page, state), "what was done since is no refusal"


def test_a_vote_that_cannot_be_reached_after_a_reload_is_not_over(
    hall: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, state = opened()
    press(page, state, "vote ask")
    argument = json.dumps(kept(page, state))

    def owned(*_: str) -> None:
        raise VoteError(503, "Try again.")

    monkeypatch.setattr(hall.votes, "owned", owned)
    _, other = opened()
    say(page, other, act="vote resume", argument=argument)
    assert (other.classroom.problem, other.classroom.ended) == ("Try again.", "")


@pytest.mark.parametrize("key", PREDICTING)
def test_every_page_that_predicts_can_ask_and_tells_nothing_before(key: str, hall: Served) -> None:
    page, state = opened(key)
    press(page, state, "vote ask")
    vote(hall, card(page, state).code, 1, (), ())
    for act in ("vote look", "vote close"):
        press(page, state, act)
        picture = page.subject.picture(state.scene, Screen(exercise=state.hiding))
        # The only gradient that may be mentioned is the upstream one.
        assert not picture.explanation
        assert picture.summary().count("Gradient of") <= 1
    press(page, state, "vote reveal")
    picture = page.subject.picture(state.scene, Screen(exercise=state.hiding))
    assert picture.explanation
    assert beside(page, state).lines


@for_each("key", ["conv-block", [*PREDICTING][-1]])
def test_the_next_cases_are_those_behind_on_every_page_where_a_class_can_predict(key: str) -> None:
    every = [
        (each, slug)
        for each, page in PICTURE_PAGES.items()
        if page.predicts
        for slug in page.subject.presets
    ]
    *_, case = PICTURE_PAGES[key].subject.presets
    behind = [(page.key, slug) for page, slug in classroom._following(PICTURE_PAGES[key], case)]
    assert behind == every[every.index((key, case)) + 1 :]


def test_where_no_case_is_left_the_answer_stays_and_that_is_said(
    hall: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, state = opened()
    press(page, state, "vote ask")
    vote(hall, card(page, state).code, 1, ())
    press(page, state, "vote close")
    assert lines(page, state)[0] == "1 has voted."
    monkeypatch.setattr(classroom, "_following", lambda *_: iter(()))
    press(page, state, "vote reveal", "vote next")
    assert lines(page, state)[-1] == "There is no further case that a class could vote on."
    assert card(page, state).phase == "revealed"


@pytest.mark.parametrize(
    ("voters", "first"),
    [
        ([("x1", "x3", "w"), ("x1", "x3", "w")], "vote reveal"),
        ([("x1", "x3", "w"), ("x1", "w")], "vote again"),
        ([], "vote again"),
    ],
)
def test_a_class_that_agrees_is_told_the_answer_first_and_one_that_is_split_votes_again(
    hall: Served, voters: list[tuple[str, ...]], first: str
) -> None:
    page, state = opened()
    press(page, state, "vote ask")
    vote(hall, card(page, state).code, 1, *voters)
    press(page, state, "vote close")
    acts = [name for name, _ in beside(page, state).acts]
    assert acts[0] == first
    assert {*acts} == {"vote again", "vote reveal", "vote end"}


def test_shares_of_no_votes() -> None:
    assert RoundResult(0, (0, 0), None).shares == (0.0, 0.0)
    page, state = opened()
    press(page, state, "vote ask", "vote close")
    assert lines(page, state) == ["0 have voted."]
    assert beside(page, state).acts[0] == ("vote again", "Vote again"), "there is no outcome yet"
    assert not any("%" in text for text in texts(page, state))
    press(page, state, "vote reveal")
    assert lines(page, state) == ["**0 of 0** had all right."]
    assert "∂ 0 → not max" in texts(page, state), "where nobody voted a zero has its reason"
    assert isinstance(state.classroom.vote.results if state.classroom.vote else None, Results)
    page, state = opened()
    press(page, state, "vote ask", "vote close", "vote again", "vote close", "vote reveal")
    assert lines(page, state) == ["**0 of 0** had all right."], "nor the second time"


@pytest.mark.parametrize(
    ("share", "split"), [(0.0, False), (0.29, False), (0.3, True), (0.5, True), (0.71, False)]
)
def test_what_is_near_to_one_half_stands_out(share: float, split: bool) -> None:
    page, _ = opened()
    for revealed in (False, True):  # once the answer is revealed, no disagreement is marked
        exercise = Exercise(shares=(("x1", (0.9, share)),), revealed=revealed)
        picture = page.subject.picture(page.subject.presets["max-tie"], Screen(exercise=exercise))
        boxes = picture.figure["data"][0]["marker"]["line"]
        assert (max(boxes["width"]) > 5) == (split and not revealed)
        said = {sign.meaning for sign in picture.legend}
        assert ("the class is split" in said) == (split and not revealed)


@pytest.mark.parametrize(
    ("shares", "written"),
    [
        ([0.375], ("38 %",)),
        ([0.125, 1.0], ("13 → 100 %", "100 %")),
        ([0.0, 0.0], ("0 → 0 %", "0 %")),
        # Percentages that end in a half, for which 100 times the nearest float is too small.
        ([29 / 200, 23 / 40], ("15 → 58 %", "58 %")),
        ([0.144, 0.576], ("14 → 58 %", "58 %")),
    ],
)
def test_shares_are_written_in_whole_hundredths(
    shares: list[float], written: tuple[str, ...]
) -> None:
    assert shares_of(shares) == written


def test_the_share_of_a_vote_in_which_nobody_voted_is_none(hall: Served) -> None:
    page, state = opened()
    press(page, state, "vote ask", "vote close", "vote again")
    vote(hall, card(page, state).code, 2, ("x1", "w"), ("x1",))
    press(page, state, "vote close")
    shown = [text.removesuffix(" split") for text in texts(page, state) if "%" in text]
    assert shown == ["100 %", "0 %", "0 %", "0 %", "0 %", "50 %"]
    press(page, state, "vote again", "vote close", "vote reveal")
    assert lines(page, state)[0] == "**0 of 2** had all right.", "in the only vote that there was"
    assert getattr(state.scene, "entry", "") == "x3", "which none of the two had right"
    assert lines(page, state)[1:] == ["x₃: 0 % said nonzero."]


def test_a_vote_about_a_piece_of_a_case_says_so() -> None:
    page, state = opened("conv-2d", "digit")
    press(page, state, "vote ask")
    said = f"**A piece of “{page.preset_title('digit')}”**: all of it has too many cells to mark."
    assert lines(page, state)[0] == said
    press(page, state, "vote close", "vote reveal")
    state.change(state.scene.having("stride", 2))
    press(page, state, "vote ask")
    assert state.classroom.vote
    assert state.classroom.vote.case == "digit"
    assert not any("piece" in line for line in lines(page, state)), "it is about other settings"
    page, state = opened("conv-2d", "patch")
    press(page, state, "vote ask")
    assert not any("piece" in line for line in lines(page, state))


def test_beside_a_gradient_stand_the_shares_of_both_votes_and_are_none() -> None:
    page, _ = opened()
    shares = {"x1": (0.5, 1.0), "x2": (0.0, 0.0), "x4": (0.25, 0.0), "w": (1.0, 1.0)}

    def drawn(**exercise: Any) -> Picture:
        screen = Screen(exercise=Exercise(shares=tuple(shares.items()), **exercise))
        return page.subject.picture(replace(page.subject.presets["max-tie"], w=2.0), screen)

    before, after = drawn(), drawn(revealed=True)
    texts = [{*(each.get("text", ()))} for each in after.figure["data"]]
    # x is (1.5, −1, 1.5, 0.5, 0) and w is 2: x₁ and x₃ tie, so w gets 3.
    said = {"∂ +2 (50→100%)", "∂ 0 (0 → 0 %)", "∂ 0 (25 → 0 %)", "<b>∂ +3</b> (100 %)"}
    assert any(said <= each for each in texts)
    said = {"<b>50 → 100 %</b>", "<b>0 → 0 %</b>", "<b>100 → 100 %</b>"}
    assert any(said <= {*(each.get("text", ()))} for each in before.figure["data"])


def test_the_arrow_between_two_shares_is_not_that_of_a_later_layer() -> None:
    page = PICTURE_PAGES["max-pool"]
    scene = page.subject.presets["overlap"]  # the reasons for its zeros are in this very layer
    shares = tuple((f"h{i}", (0.0, 0.5)) for i in range(1, 6))
    picture = page.subject.picture(scene, Screen(exercise=Exercise(revealed=True, shares=shares)))
    assert "∂ 0 (0 → 50 %)" in str(picture.figure["data"])
    assert not says_further(picture.figure)


@pytest.mark.parametrize("narrow", [False, True])
def test_shares_on_heat_maps(narrow: bool) -> None:
    page, state = opened("conv-2d", "digit")
    tasks.turn(page, state, "predict")
    names = ("w1,1,1", "w1,1,2", "w1,1,3")
    shares = tuple((name, (share,)) for name, share in zip(names, (0.5, 1.0, 0.25), strict=True))
    said = []
    for exercise in (Exercise(shares=()), Exercise(shares=shares)):
        picture = page.subject.picture(state.scene, Screen(exercise=exercise, narrow=narrow))
        drawn = [text for each in picture.figure["data"] for text in each.get("text", ())]
        said.append({text for text in drawn if text in ("50", "100", "all", "25")})
        meanings = {sign.meaning for sign in picture.legend}
        assert ("the class is split" in meanings) == bool(exercise.shares)
    assert said == [set(), {"50", "100" if narrow else "all", "25"}]


@pytest.mark.parametrize(
    ("key", "names"),
    [("conv-2d", ("w1,1,1", "w1,2,3", "w1,3,2")), ("stack", ("x2,3", "x4,14", "x8,2"))],
)
def test_a_share_on_a_heat_map_is_heard_as_one(key: str, names: tuple[str, ...]) -> None:
    page, state = opened(key, "digit")
    tasks.turn(page, state, "predict")
    asked = tuple(zip(names, ((0.125,), (1.0,), (0.435,)), strict=True))
    for shares in ((), asked):  # while they vote, and when it is closed
        exercise = Exercise(shares=shares)
        picture = page.subject.picture(state.scene, Screen(exercise=exercise))
        said = [heard_on_maps(picture, name) for name in names]
        if shares:
            assert said == [
                "13 % say nonzero",
                "100 % say nonzero",
                "44 % say nonzero: the class is split",
            ]
        else:
            assert not any("%" in each or "gradient" in each for each in said)


@pytest.mark.parametrize(
    ("key", "marked", "other"), [("conv-2d", "w1,1,1", "w1,2,3"), ("stack", "x2,3", "x4,14")]
)
def test_a_mark_on_a_heat_map_is_heard(key: str, marked: str, other: str) -> None:
    page, state = opened(key, "digit")
    tasks.turn(page, state, "predict")
    screen = Screen(exercise=Exercise(frozenset({marked})))
    picture = page.subject.picture(state.scene, screen)
    said = [heard_on_maps(picture, name) for name in (marked, other)]
    assert said == ["marked as nonzero", "not marked"]


def heard_on_maps(picture: Picture, name: str) -> str:
    """The words of an entry's gradient on heat maps for screen readers."""
    (found,) = {
        each.gradients.words[int(places[int(row) - 1, int(column) - 1])]
        for each in picture.grids
        if each.gradients
        and (match := re.fullmatch(rf"{each.prefix}(\d+),(\d+)", name))
        and (places := unpacked(each.gradients, each.rows)) is not None
        for row, column in [match.groups()]
    }
    return found


def unpacked(packed: Packed, rows: int) -> NDArray[np.float64]:
    numbers = np.frombuffer(base64.b64decode(packed.data), f"<i{packed.size}")
    return numbers.reshape(rows, -1) * packed.scale

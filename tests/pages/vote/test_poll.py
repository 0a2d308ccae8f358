"""The phases, rounds and results of a poll, counted by hand."""

import csv
import io
from dataclasses import replace

import pytest

from pages.vote.poll import (
    MOST_ROUNDS,
    Ballot,
    Change,
    Poll,
    Results,
    RoundResult,
    Truth,
    VoteArray,
    VoteCell,
    WrongPhaseError,
    results_of,
)

CELLS = tuple(VoteCell(f"x{at + 1}", f"x{at + 1}", "1", 0, at) for at in range(3))
BALLOT = Ballot("A page", "", "Mark.", (VoteArray("x", 1, 3, asked=True, cells=CELLS),))
TRUTH = Truth((True, False, True), (("a",), ("b",), ("c",)))
STILL_OPEN = r"^The vote is still open: close it first\.$"
ANSWERED = r"^This question is answered already: ask the next one\.$"
OVER = r"^This vote is over: open another one\.$"
OPEN = Poll(BALLOT, TRUTH, "owner", 0.0)


def test_only_the_cells_of_what_is_asked_for_can_be_marked() -> None:
    given = VoteArray("dz", 1, 1, asked=False, cells=(VoteCell("dz", "dz", "1", 0, 0),))
    ballot = replace(BALLOT, arrays=(*BALLOT.arrays, given))
    assert ballot.names == ("x1", "x2", "x3")


def test_a_poll_is_closed_asked_again_and_revealed() -> None:
    closed = OPEN.closed()
    assert (closed.phase, closed.round) == ("closed", 1)
    assert closed.closed() == closed
    again = closed.again()
    assert (again.phase, again.round, again.attempt) == ("open", 2, 2)
    revealed = again.closed().revealed()
    assert (revealed.phase, revealed.round) == ("revealed", 2)
    assert revealed.revealed() == revealed


def test_a_phone_knows_the_question_as_it_stands_on_the_ballot() -> None:
    known = Poll(replace(BALLOT, rule="The first maximum"), TRUTH, owner="", until=0).for_phones
    said = {"title": "A page", "rule": "The first maximum", "ask": "Mark."}
    assert {name: known[name] for name in said} == said


def test_what_is_out_of_turn_is_refused_in_a_sentence() -> None:
    for early in (OPEN.again, OPEN.revealed):
        with pytest.raises(WrongPhaseError, match=STILL_OPEN):
            early()
    revealed = OPEN.closed().revealed()
    for late in (revealed.closed, revealed.again):
        with pytest.raises(WrongPhaseError, match=ANSWERED):
            late()


def test_a_poll_that_is_over_takes_no_further_step_but_the_next_question() -> None:
    with pytest.raises(WrongPhaseError, match=STILL_OPEN):
        OPEN.ended()
    ended, done = OPEN.closed().ended(), OPEN.closed().revealed().ended()
    assert (ended.phase, done.phase) == ("ended", "done")
    for poll in (ended, done):
        for late in (poll.closed, poll.again, poll.revealed, poll.ended):
            with pytest.raises(WrongPhaseError, match=OVER):
                late()
        assert poll.asking(BALLOT, TRUTH).phase == "open"


def test_what_is_known_of_an_answer_is_known_when_it_is_over() -> None:
    revealed = OPEN.closed().revealed()
    votes = [{"one": "101"}]
    assert results_of(revealed.ended(), votes) == results_of(revealed, votes)
    assert results_of(OPEN.closed().ended(), votes).rounds[0].all_right is None


def test_the_round_never_goes_back_so_that_no_vote_is_for_another_question() -> None:
    second = OPEN.closed().again().closed().revealed().asking(BALLOT, TRUTH)
    assert (second.phase, second.round, second.first, second.attempt) == ("open", 3, 3, 1)
    poll = second
    for _ in range(MOST_ROUNDS - 3):
        poll = poll.asking(BALLOT, TRUTH)
    with pytest.raises(
        WrongPhaseError, match=f"^One code is good for {MOST_ROUNDS} rounds: open another one.$"
    ):
        poll.asking(BALLOT, TRUTH)


def test_a_question_asked_since_is_not_replaced() -> None:
    revealed = OPEN.closed().revealed()
    second, other = revealed.asking(BALLOT, TRUTH, after=1), replace(BALLOT, title="Other")
    assert second.round == 2
    assert second.asking(BALLOT, TRUTH, after=1) == second
    for poll, ballot in ((second, other), (second.closed(), BALLOT)):
        with pytest.raises(WrongPhaseError, match="is about another picture"):
            poll.asking(ballot, TRUTH, after=1)
    assert second.asking(other, TRUTH, after=2).round == 3


def test_marks_are_in_the_ballots_order() -> None:
    assert OPEN.marks(["x3", "x1", "x3"]) == "101"
    assert OPEN.marks([]) == "000"
    with pytest.raises(KeyError):
        OPEN.marks(["x4"])


# Their sign is in no word, so that a voter is found only where one is named.
FIRST = {"@ann": "101", "@bob": "100", "@cem": "111", "@dia": "101"}
SECOND = {"@ann": "101", "@bob": "101", "@dia": "000", "@eva": "101"}


def test_shares_of_each_round_and_nothing_of_the_truth_before_the_reveal() -> None:
    results = results_of(OPEN.closed().again().closed(), [FIRST, SECOND])
    assert results.rounds == (
        RoundResult(4, (4, 1, 3), None),
        RoundResult(4, (3, 0, 3), None),
    )
    assert results.rounds[0].shares == (1.0, 0.25, 0.75)
    assert results.nonzero is None
    assert results.change is None
    assert "true" not in str(results.to_json()).lower()


def test_the_reveal_says_how_many_were_right_and_how_that_has_changed() -> None:
    poll = OPEN.closed().again().closed().revealed()
    results = results_of(poll, [FIRST, SECOND])
    assert [each.all_right for each in results.rounds] == [2, 3]
    # @ann stayed right, @bob became right, @dia became wrong; @cem and @eva voted once
    assert results.change == Change(1, 1, 1, 0)
    assert results.nonzero == (True, False, True)
    assert results_of(OPEN.closed().revealed(), [FIRST]).change is None
    better, worse = SECOND | {"@dia": "101"}, {"@bob": "000", "@dia": "000"}
    assert results_of(poll, [FIRST, better]).change == Change(2, 1, 0, 0)
    assert results_of(poll, [FIRST, worse]).change == Change(0, 0, 1, 1)
    # of three votes, those between the first and the last do not count
    assert results_of(replace(poll, round=3), [FIRST, {"@ann": "000"}, SECOND]).change == Change(
        1, 1, 1, 0
    )
    # nor does a round without votes
    for votes in ([FIRST, SECOND, {}], [{}, FIRST, SECOND], [FIRST, {}, SECOND]):
        assert results_of(replace(poll, round=3), votes).change == Change(1, 1, 1, 0)
    assert results_of(poll, [FIRST, {}]).change is None
    # a round to which no earlier voter came back has votes all the same
    assert results_of(poll, [FIRST, {"new": "101"}]).change == Change(0, 0, 0, 0)


def test_without_votes_all_shares_are_0() -> None:
    results = results_of(OPEN.closed().revealed(), [{}])
    assert results.rounds == (RoundResult(0, (0, 0, 0), 0),)
    assert results.rounds[0].shares == (0.0, 0.0, 0.0)


def test_csv_and_json_have_all_but_the_voters() -> None:
    results = results_of(OPEN.closed().again().closed().revealed(), [FIRST, SECOND])
    results = replace(results, title="A page")
    assert results.to_csv().splitlines()[1].startswith("A page,"), "without a case"
    results = replace(results, case="A case")
    rows = [*csv.DictReader(io.StringIO(results.to_csv()))]
    assert rows[1] == {
        "title": "A page: A case",
        "round": "1",
        "cell": "x2",
        "votes": "4",
        "marked": "1",
        "share": "0.2500",
        "nonzero": "0",
    }
    assert len(rows) == 6
    said = results.to_json()
    assert said["rounds"][1]["marked"] == {"x1": 3, "x2": 0, "x3": 3}
    assert said["change"]["became_right"] == 1
    told = f"{said}{results.to_csv()}"
    assert [name for name in (*FIRST, *SECOND) if name in told] == [], "these voters are named"


@pytest.mark.parametrize(
    ("votes", "voted"),
    [
        ([], []),
        ([0], []),
        ([3], [0]),
        ([3, 2], [0, 1]),
        ([3, 2, 4], [0, 2]),  # the first vote and the last
        ([0, 3, 0, 2, 4, 0], [1, 4]),
        ([0, 3, 0], [1]),
    ],
)
def test_what_was_voted_is_the_first_vote_and_the_last_in_which_somebody_did(
    votes: list[int], voted: list[int]
) -> None:
    rounds = tuple(RoundResult(each, (each,), None) for each in votes)
    results = Results("", ("x1",), ("x₁",), rounds, None, None)
    assert results.voted == tuple(rounds[at] for at in voted)

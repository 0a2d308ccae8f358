"""A class is asked what Predict asks, and nothing that phones get gives the answer away."""

import json
from dataclasses import asdict, replace

import pytest

from pages.registry import PICTURE_PAGES
from pages.state.predict import Exercise
from pages.state.scene import STEP
from pages.views.class_question import MOST_CELLS, BallotError, ballot_of
from pages.vote.poll import Ballot, Poll, Truth

PREDICTING = {key: page for key, page in PICTURE_PAGES.items() if page.predicts}
BLOCK = PREDICTING["conv-block"]
NOTHING = r"^Nothing is predicted here that a class could vote on\.$"


def test_a_class_is_asked_for_x_and_w_of_the_block_and_shown_its_other_arrays() -> None:
    scene = replace(BLOCK.subject.start, x=(1.5, -1.0, 1.5, 0.5, 0.0), w=2.0, rule="lab")
    ballot, truth = ballot_of(BLOCK, scene)
    assert ballot.names == ("x1", "x2", "x3", "x4", "x5", "w")
    assert [cell.label for cell in ballot.cells] == ["x₁", "x₂", "x₃", "x₄", "x₅", "w"]
    assert [cell.number for cell in ballot.cells] == ["1.5", "−1", "1.5", "0.5", "0", "2"]
    assert [(a.label, a.rows, a.columns, a.asked) for a in ballot.arrays] == [
        ("x", 1, 5, True),
        ("w", 1, 1, True),
        ("a", 1, 5, False),
        ("h", 1, 5, False),
        ("z", 1, 1, False),
    ]
    # the lab's rule gives every tied entry the gradient: dx = [2, 0, 2, 0, 0], dw = 3
    assert truth.nonzero == (True, False, True, False, False, True)
    assert truth.reasons[0][0].startswith("∂L/∂x₁ = +2: h₁ ties for the maximum")
    assert truth.reasons[1][0].startswith("∂L/∂x₂ = 0: ")
    assert (
        ballot.ask
        == "Mark every entry of x and w whose gradient will be nonzero: tap or click the cells."
    )
    assert ballot.rule.startswith("At ties and kinks: slope 1 at 0, ties: all")


def test_the_settings_are_said_and_what_is_sent_back_is_shown() -> None:
    pool = PREDICTING["max-pool"]
    ballot, _ = ballot_of(pool, pool.subject.presets["cancelled"])
    settings = "Here: size 3, stride 2, padding 0. At ties and kinks: all get it"
    assert ballot.rule.startswith(settings)
    *_, last = ballot.arrays
    assert (last.label, last.asked) == ("∂L/∂z", False)
    assert [(cell.label, cell.number) for cell in last.cells] == [("∂L/∂z₁", "1"), ("∂L/∂z₂", "−1")]
    conv = PREDICTING["conv-1d"]
    ballot, _ = ballot_of(conv, conv.subject.start)
    assert ballot.rule == "Here: one vector filter, stride 1, padding 0.", "nothing ties there"
    stack = PREDICTING["stack"]
    ballot, _ = ballot_of(stack, stack.subject.presets["two-filters"])
    assert [array.label for array in ballot.arrays][-1] == "y", "two outputs get 1 each"


@pytest.mark.parametrize(
    ("case", "settings"),
    [
        ("gaps", "stride 3, padding 0, pool 2 × 2, pool stride 2, pool padding 0"),
        ("overlap", "stride 1, padding 0, pool 3 × 3, pool stride 1, pool padding 0"),
    ],
)
def test_the_settings_of_a_page_that_arranges_them_itself_are_said(
    case: str, settings: str
) -> None:
    page = PREDICTING["conv-2d"]
    ballot, _ = ballot_of(page, page.to_predict(page.subject.presets[case]))
    assert ballot.rule.startswith(f"Here: L = Σ z, one filter, {settings}. ")


@pytest.mark.parametrize(("most", "shown"), [(5, ["a", "h", "z"]), (4, ["z"])])
def test_an_array_that_is_only_shown_is_left_out_where_it_is_larger_than_a_phone_shows(
    monkeypatch: pytest.MonkeyPatch, most: int, shown: list[str]
) -> None:
    """x, a and h have five entries; the class is asked about x, so it is always there."""
    monkeypatch.setattr("pages.views.class_question.MOST_SHOWN", most)
    ballot, _ = ballot_of(BLOCK, BLOCK.subject.start)
    assert [array.label for array in ballot.arrays] == ["x", "w", *shown]


def test_a_class_is_asked_about_as_many_cells_as_may_be_and_about_one_at_least(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pages.views.class_question.MOST_CELLS", 6)
    ballot, _ = ballot_of(BLOCK, BLOCK.subject.start)
    assert len(ballot.names) == 6  # x and w
    monkeypatch.setattr("pages.state.predict.Exercise.entries", lambda *_: {"x": []})
    with pytest.raises(BallotError, match="1 to 6 cells; 0 are asked for"):
        ballot_of(BLOCK, BLOCK.subject.start)


def test_another_rule_is_another_truth() -> None:
    scene = replace(
        BLOCK.subject.start, x=(1.5, -1.0, 1.5, 0.5, 0.0), w=2.0, rule="pytorch-max-pool"
    )
    _, truth = ballot_of(BLOCK, scene)
    assert truth.nonzero == (True, False, False, False, False, True)


def test_all_are_asked_for_where_predict_does() -> None:
    ballot, truth = ballot_of(BLOCK, BLOCK.subject.start, everywhere=True)
    assert len(ballot.names) == 16  # x, w, a, h; not z, whose gradient is given
    assert {name[0] for name in ballot.names} == {"x", "w", "a", "h"}
    assert len(truth.nonzero) == len(truth.reasons) == 16
    assert (
        ballot.ask
        == "Mark every entry of any array whose gradient will be nonzero: tap or click the cells."
    )


def test_what_the_step_through_has_not_computed_is_not_shown() -> None:
    ballot, truth = ballot_of(BLOCK, replace(BLOCK.subject.start, **{STEP: 0}))
    numbers = {array.label: {cell.number for cell in array.cells} for array in ballot.arrays}
    assert numbers["a"] == numbers["h"] == numbers["z"] == {""}
    assert any(truth.nonzero)


@pytest.mark.parametrize("key", PREDICTING)
def test_every_case_of_every_page_can_be_asked(key: str) -> None:
    page = PREDICTING[key]
    for slug, preset in page.subject.presets.items():
        scene = page.to_predict(preset)
        info = page.subject.describe(page.subject.trace(scene), scene)
        expected = {
            cell.entry: bool(cell.grad)
            for cell in Exercise().over(info).cells.values()
            if cell.guess is not None
        }
        if len(expected) > MOST_CELLS:
            many = (
                f"^A class can vote on 1 to {MOST_CELLS} cells; {len(expected)} are asked for "
                r"here: take a smaller case\.$"
            )
            with pytest.raises(BallotError, match=many):
                ballot_of(page, scene)
            continue
        ballot, truth = ballot_of(page, scene)
        assert dict(zip(ballot.names, truth.nonzero, strict=True)) == expected, slug
        assert all(reasons and all(reasons) for reasons in truth.reasons)
        assert len({*truth.reasons}) == len(truth.reasons), "each is about its own cell"
        for array in ballot.arrays:
            places = [(cell.row, cell.column) for cell in array.cells]
            assert len({*places}) == len(places)
            assert all(r < array.rows and c < array.columns for r, c in places)


def test_what_a_page_adds_to_its_pass_has_reasons_of_its_own() -> None:
    page = PREDICTING["minibatch"]
    scene = page.to_predict(page.subject.presets["one-without-share"])
    ballot, truth = ballot_of(page, scene, everywhere=True)
    assert {"share1", "share2", "share3"} < {*ballot.names}
    assert len({*truth.reasons}) == len(truth.reasons)


@pytest.mark.parametrize("key", PREDICTING)
def test_nothing_that_a_phone_gets_tells_the_answer(key: str) -> None:
    """Two truths have one ballot: phones get the same bytes for both."""
    page = PREDICTING[key]
    scene = page.to_predict(next(iter(page.subject.presets.values())))
    ballot, truth = ballot_of(page, scene)
    other = Truth(tuple(not each for each in truth.nonzero), (("other",),) * len(truth.nonzero))
    for poll in (Poll(ballot, truth, "", 0), Poll(ballot, truth, "", 0).closed()):
        seen = json.dumps(poll.for_phones)
        assert seen == json.dumps(replace(poll, truth=other).for_phones)
        for word in ('nonzero"', "reason", "owner", "until", "truth"):
            assert word not in seen
    revealed = Poll(ballot, truth, "", 0).closed().revealed().for_phones
    assert tuple(cell["nonzero"] for cell in revealed["cells"]) == truth.nonzero


def test_a_ballot_and_its_truth_survive_as_json() -> None:
    for page in PREDICTING.values():
        scene = page.to_predict(next(iter(page.subject.presets.values())))
        ballot, truth = ballot_of(page, scene)
        assert Ballot.from_json(json.loads(json.dumps(asdict(ballot)))) == ballot
        assert Truth.from_json(json.loads(json.dumps(asdict(truth)))) == truth


def test_what_nobody_can_mark_is_refused() -> None:
    kink = PICTURE_PAGES["at-a-kink"]
    with pytest.raises(BallotError, match=NOTHING):
        ballot_of(kink, kink.subject.start)

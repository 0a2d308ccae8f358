"""A question and its answer as two slides."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pages.export.document import document
from pages.export.question import pair, pairs, question_about
from pages.export.render_jobs import JobError, RenderJob, job_of_page, job_of_preset
from pages.export.slide import picture_of, slide
from pages.export.style import Style
from pages.registry import PAGES, PICTURE_PAGES
from pages.state.scene import STEP
from pages.views.tasks import modes_of
from tests.for_each import for_each
from tests.pages.export.drawing import ONE_A_PAGE
from tests.pages.export.test_slide import job
from tests.pages.scenes import FORMS

ASKING = {key: page for key, page in PICTURE_PAGES.items() if page.predicts and page.questions}
COUNTED = re.compile(r"\d(</b>)? of [\d,]+ (nonzero|≠)")

FIRST = "pytorch-max-pool"


def said(one: RenderJob) -> list[str]:
    return list(picture_of(one, one.scene).explanation)


def texts(figure: Mapping[str, Any]) -> list[str]:
    drawn = [each for each in figure["data"] if each.get("visible") is not False]
    return [text for trace in drawn for text in trace.get("text", ())]


@pytest.mark.parametrize(
    ("name", "question", "answer"),
    [  # the numbers that the lab's sheet asks for
        ("unique-max", "The maximum is unique. How many entries", 1),
        ("max-tie", "Two entries tie for the maximum. How many", 2),
        ("all-negative", "All a are negative. How many entries", 0),
        ("all-positive", "All a are positive. How many entries", 1),
        ("conv-1d/one-scalar", "One scalar filter. And how many entries of a does w", 5),
        ("conv-1d/one-vector", "One vector filter of three entries. How many", 3),
    ],
)
def test_a_page_asks_its_question_where_it_has_one(name: str, question: str, answer: int) -> None:
    one = job(name)
    asked, answered = pair(one, question_about(one.subject, one.scene))
    assert (asked.name, answered.name) == (f"{one.name}-question", f"{one.name}-answer")
    text, *rule = said(asked)
    assert text.startswith(question)
    assert rule == (["At ties and kinks: slope 1 at 0, ties: all get it."] * (name == "max-tie"))
    assert said(answered)[0].startswith(f"The answer is {answer}. ")
    assert len(said(answered)) > 2, "and the reason"


def test_an_answer_is_about_the_entry_that_was_chosen() -> None:
    one = job_of_preset("max-tie", Style(), {"entry": "x5", "rule": FIRST})
    _, answered = pair(one, question_about(one.subject, one.scene))
    assert answered.scene == one.scene
    assert said(answered)[:2] == [
        "The answer is 1. ∂L/∂x₁ = +2. Gradient 0: x₂, x₄ and x₅ (not max); x₃ (tie lost).",
        "∂L/∂x₅ = 0: h₅ = 0 is not the maximum; its ReLU is at its kink too (a₅ = 0).",
    ]


@pytest.mark.parametrize("name", [name for name in FORMS if not name.startswith("at-a-kink/")])
def test_a_question_shows_no_gradient(name: str) -> None:
    one = job(name)
    asked, _ = pair(one)
    assert said(asked)[0] == PAGES[one.subject.key].slide_question  # type: ignore[attr-defined]
    assert all(line.startswith("At ties and kinks: ") for line in said(asked)[1:])
    given = one.subject.trace(asked.scene).dout
    maps = [given, *(given.reshape(-1, *given.shape[-2:]) if given.ndim > 2 else ())]
    of_given = {f"<b>{np.count_nonzero(each)}</b> of {each.size} " for each in maps}
    # A slide has the texts of its picture; besides, it needs the picture's steps for its canvas.
    figure = slide(asked) if name in ONE_A_PAGE else picture_of(asked, asked.scene).figure
    counted = [text for text in texts(figure) if COUNTED.search(text)]
    assert [text for text in counted if not any(each in text for each in of_given)] == []


def test_an_answer_lies_exactly_over_its_question() -> None:
    """The question's title has another length, and the answer's caption more lines."""
    for name in ("max-tie", "relu-zero", "gradient-check/hidden-bug", "learn/lesson-5"):
        one = job(name, caption=True)
        asked, answered = pair(one, question_about(one.subject, one.scene))
        layouts = [slide(each)["layout"] for each in (asked, answered)]
        for key in ("width", "height", "margin"):
            assert layouts[0][key] == layouts[1][key], name
        assert layouts[0]["xaxis"]["range"] == layouts[1]["xaxis"]["range"]


@pytest.mark.parametrize("name", [name for name in ONE_A_PAGE if not name.startswith("at-a-kink/")])
def test_the_answer_shows_all(name: str) -> None:
    one = job(name)
    _, answered = pair(one)
    last = one.steps()[-1]
    assert texts(slide(answered)) == texts(slide(last))
    assert said(answered) == said(last)


@pytest.mark.parametrize(
    "name", ["max-tie", "relu-zero", "max-pool/overlap", "conv-2d/paper", "minibatch/tie-in-one"]
)
def test_rules_that_give_other_gradients_ask_the_same(name: str) -> None:
    """A forward pass has no rule, so anything that differs under two rules would be a gradient."""
    one = job(name)
    there = [replace(one, scene=one.scene.having("rule", rule)) for rule in ("lab", "mlx", FIRST)]
    asked, answered = (
        [texts(picture_of(each, each.scene).figure) for each in both]
        for both in zip(*map(pair, there), strict=True)
    )
    assert all(each == asked[0] for each in asked)
    assert any(each != answered[0] for each in answered)


def test_a_rule_is_told_where_any_gradient_depends_on_it() -> None:
    """Here w = 0 stops what ties and kinks decide before it reaches dx, and x = 0 dw."""
    asked, _ = pair(job_of_page("conv-block", Style(), {"x": "0,0,0,0,0", "w": "0"}))
    assert said(asked)[1:] == ["At ties and kinks: slope 1 at 0, ties: all get it."]


def test_a_question_is_about_the_last_step() -> None:
    one = job("max-tie")
    early = pair(RenderJob("early", "", one.subject, one.scene.moved("step", 2)))
    assert [each.scene for each in early] == [one.scene, one.scene]


@pytest.mark.parametrize(
    ("name", "sentences"),
    [
        *[("conv-1d/one-vector", 1), ("max-pool/gaps", 1), ("unique-max", 2)],
        *[("conv-2d/patch", 1), ("minibatch/shares-cancel", 1)],  # only the number is told
    ],
)
def test_a_gradient_has_its_reason_only_where_gradients_are_asked_for(
    name: str, sentences: int
) -> None:
    one = job(name)
    _, answered = pair(one, question_about(one.subject, one.scene))
    assert len([*answered.said(answered.scene)]) == sentences


@pytest.mark.parametrize("key", ASKING)
def test_every_question_of_a_quiz_is_asked_where_the_quiz_asks_it(key: str) -> None:
    page = ASKING[key]
    one = job_of_page(key, Style(), {})
    for question in page.questions:
        there = question.set_up(one.scene).possible()[0].having("entry", "")
        asked, _ = pair(replace(one, scene=there), question)
        assert asked.scene.is_but_for(("entry", STEP), there)


def test_at_every_step_the_same_is_asked() -> None:
    one = job("max-tie")
    asked = question_about(one.subject, one.scene)
    assert asked
    for step in range(len(one.steps())):
        assert question_about(one.subject, one.scene.moved("step", step)) is asked


def test_the_title_of_a_question_tells_nothing() -> None:
    asked, answered = pair(job("max-pool/left-over"))
    assert asked.title == "Max pool · ties: all get it"
    assert answered.title == "Max pool · The last entry is in no window · ties: all get it"


def test_a_question_and_its_answer_lie_exactly_over_each_other() -> None:
    asked, answered = (
        slide(each)["layout"] for each in pair(job("conv-1d/one-vector", theme="dark"))
    )
    for key in ("width", "height", "margin", "xaxis", "yaxis"):
        assert asked[key] == answered[key]


def test_a_question_is_asked_also_where_there_are_no_captions() -> None:
    asked, answered = pair(job("max-tie", caption=False))
    assert "Which gradients" in slide(asked)["layout"]["annotations"][0]["text"]
    assert not slide(answered)["layout"].get("annotations")


def test_what_plays_is_asked_about_what_is_true_of_every_state() -> None:
    style = {"formats": ("png", "torch", "html", "svg"), "pair": True}
    script, *found = pairs(job("unique-max", **style))
    assert (script.name, script.style.formats) == ("unique-max", ("torch",))
    assert [(each.name, each.style.formats) for each in found] == [
        ("unique-max-question", ("png", "svg")),
        ("unique-max-answer", ("png", "svg")),
        ("unique-max-question", ("html",)),
        ("unique-max-answer", ("html",)),
    ]
    assert said(found[0])[0].startswith("The maximum is unique")
    assert said(found[2]) == ["Which gradients are nonzero?"]
    assert not any(each.style.pair for each in (script, *found))


def test_a_question_that_plays_shows_no_gradient_and_its_answer_does() -> None:
    found = list(pairs(job("max-pool/padding", formats=("html",))))
    asked, answered = (document(each) for each in found)
    assert "Which gradients are nonzero?" in asked
    assert "∂L/∂h" not in asked
    assert "not max" not in asked
    assert "Which gradients are nonzero?" not in answered
    assert "∂L/∂h" in answered
    assert "not max" in answered


@for_each("key", PAGES)
def test_no_question_is_asked_of_a_page_that_hides_nothing(key: str) -> None:
    page: Any = PAGES[key]
    if key in ("train", "gallery"):
        return
    one = RenderJob(key, "", page.subject, page.subject.start)
    if key == "at-a-kink":
        assert modes_of(page) == ["look"]
        with pytest.raises(JobError, match="hides nothing"):
            pair(one)
    else:
        pair(one)

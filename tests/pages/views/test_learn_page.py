"""A walk through the lessons: the questions, the results of answers, and where it goes on."""

from typing import Any

import pytest

from pages.derive.picture import Screen
from pages.learn.learn_subject import LEARN_SUBJECT, LearnScene
from pages.learn.lessons import LESSONS, Marks, Outcome
from pages.registry import HOME, PAGES
from pages.session.page_state import PageState
from pages.views.learn_page import COURSE, Course, _around
from tests.for_each import for_each
from tests.pages import opening

PAGE: Any = PAGES["learn"]


class Desk:
    """A session of the lessons without a browser."""

    def __init__(self, lesson: int = 1) -> None:
        start = LearnScene.begun(lesson)
        self.state = PageState(LEARN_SUBJECT.start, LEARN_SUBJECT.presets, start)
        self.state.rest()
        self.course = Course()
        self.serial = 0
        self.course.prepare(PAGE, self.state)

    def click(self, *entries: str) -> None:
        for entry in entries:
            self.hear(clicked=True, entry=entry)

    def hear(self, **said: Any) -> None:
        self.serial += 1
        assert self.state.hear({"serial": str(self.serial), **said})
        self.course.prepare(PAGE, self.state)

    def act(self, name: str, argument: str = "") -> None:
        self.course.act(PAGE, self.state, name, argument)
        self.course.prepare(PAGE, self.state)

    def task(self) -> Any:
        return self.course.task(PAGE, self.state)

    def acts(self) -> list[str]:
        return [name for name, _ in self.task().acts]

    def main(self) -> str:
        """The act of the main button."""
        task = self.task()
        return str(task.acts[task.main][0])

    def among(self) -> list[str]:
        exercise = self.state.exercise
        return sorted(exercise.among or ()) if exercise else []

    def marked(self) -> set[str]:
        return {*self.state.exercise.marked} if self.state.exercise else set()

    def marks(self) -> list[str]:
        return [mark for mark, _ in self.task().lines if mark]

    def tries(self) -> bool:
        """Whether the task suggests what to try."""
        tried = f"**Try:** {self.state.scene.told.tried}"
        return ("", tried) in self.task().lines


def test_learn_is_the_first_page_and_not_the_one_that_opens() -> None:
    assert next(iter(PAGES)) == "learn"
    assert HOME == "conv-block"


def test_a_wrong_answer_comes_with_its_reason_and_may_be_tried_again() -> None:
    desk = Desk()
    assert desk.acts() == ["check", "", "next"]
    desk.click("h2", "x1")
    assert desk.state.exercise
    assert {*desk.state.exercise.marked} == {"x1"}
    desk.act("check")
    assert desk.marks() == ["wrong"]
    assert "a₁ = w · x₁ = (−2)·1.5 = −3, and h₁ = max(0, a₁) = 0" in str(desk.task().lines)
    assert desk.state.scene.step == 3, "what was computed is shown"
    assert (desk.acts(), desk.main()) == (["again", "", "next"], "again")
    assert desk.course.passed == set()
    desk.act("again")
    assert desk.state.scene == LearnScene.begun(1)
    assert desk.marks() == []
    desk.click("x2")
    desk.act("check")
    assert desk.marks() == ["right"]
    assert desk.task().lessons.passed == [1]
    assert desk.tries()


def test_no_step_is_taken_to_an_answer_that_was_not_given() -> None:
    desk = Desk()
    assert desk.course.still(PAGE, desk.state).steps == (
        "The steps show the answer. They can be taken once the question is answered."
    )
    desk.hear(step=3)  # as an address asks for
    assert desk.state.scene == LearnScene.begun(1)
    desk.act("check")
    assert desk.state.scene.step == 3
    assert not desk.course.still(PAGE, desk.state).steps
    desk.hear(step=2)
    assert desk.state.scene.step == 2
    for lesson in range(2, len(LESSONS) + 1):
        assert not Desk(lesson).course.still(PAGE, Desk(lesson).state).steps, lesson


def test_an_address_at_such_a_step_is_no_change_to_be_undone() -> None:
    desk = Desk()
    desk.state.read_address({"lesson": "1", "step": "3", "w": "banana"})
    desk.course.prepare(PAGE, desk.state)
    assert desk.state.scene == LearnScene.begun(1)
    assert [said[:25] for said in desk.state.problems] == ["The address asked for w ="]
    desk.state.undo()
    desk.course.prepare(PAGE, desk.state)
    assert desk.state.scene == LearnScene.begun(1)
    desk.state.scene = LearnScene.begun(1).moved("step", 3)  # a session that opens there
    desk.state.rest()
    before = [*desk.state.history.past]
    desk.course.prepare(PAGE, desk.state)
    assert desk.state.history.past == before


def test_a_wrong_mark_is_seen_on_the_picture_and_its_reason_stays_beside_what_is_tried() -> None:
    desk = Desk(2)
    desk.click("x3")
    desk.act("check")
    shown = desk.state.exercise
    assert shown
    picture = LEARN_SUBJECT.picture(desk.state.scene, Screen(exercise=shown))
    labels = {target.entry: target.said for target in picture.targets}
    assert labels["x3"] == "x3 = 1, gradient 0, → not max, your mark is wrong"
    assert [entry for entry, label in labels.items() if "mark" in label] == ["x3"]
    assert any(sign.meaning == "your mark is wrong" for sign in picture.legend)
    before = [*desk.task().asked, *desk.task().lines]
    assert ("", "∂L/∂x₃ = 0: h₃ = 2 is not the maximum.") in before
    desk.click("z")
    assert desk.state.exercise == shown
    after = [*desk.task().asked, *desk.task().lines]
    assert after == [line for line in before if line[1] != "∂L/∂x₃ = w · ∂L/∂a₃ = 2 · 0 = 0"]
    desk.hear(values={"x3": 2.0})
    assert desk.state.exercise is None, "it was about the numbers before"


def test_a_verdict_never_changes_whatever_is_moved_afterwards() -> None:
    desk = Desk(4)
    desk.click("h2")
    desk.act("check")
    lines = desk.task().lines
    desk.hear(values={"h1": 4.0})
    assert desk.state.exercise is None, "nothing is hidden again"
    assert desk.task().lines == lines
    desk.act("check")
    assert desk.task().lines == lines
    desk.click("h1")
    assert desk.marks() == ["right"]
    assert [line for line in desk.task().lines if line in lines] == desk.task().lines


def test_nothing_marked_is_not_right() -> None:
    for lesson in range(1, len(LESSONS) + 1):
        desk = Desk(lesson)
        desk.act("check")
        assert desk.marks() == ["wrong"], lesson
        assert desk.course.passed == set()


def test_where_there_is_nothing_to_be_marked_nothing_is_passed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = Desk(2)
    monkeypatch.setattr(Marks, "outcome", lambda *_: Outcome(None, "There is none."))
    desk.act("check")
    assert (desk.marks(), desk.course.passed) == ([], set())
    assert ("", "There is none.") in desk.task().lines


def test_what_is_to_be_done_stays_open_until_it_is() -> None:
    desk = Desk(11)
    assert desk.state.exercise is None
    desk.act("check")
    assert desk.acts() == ["check", "back", "next"]
    assert not desk.tries()
    desk.hear(values={"x3": 2.0})
    desk.act("check")
    assert desk.tries()
    assert desk.marks() == ["right"]
    assert (desk.acts(), desk.main()) == (["", "back", "next"], "next")


@pytest.mark.parametrize("lesson", [1, 2, 4])
def test_every_button_has_its_place_in_every_lesson_and_after_every_answer(lesson: int) -> None:
    desk = Desk(lesson)
    places = ["Check", "Previous lesson", "Next lesson"]
    assert [label for _, label in desk.task().acts] == places
    desk.act("check")  # with nothing marked
    assert [label for _, label in desk.task().acts] == ["Try again", *places[1:]]
    desk.act("again")
    desk.click({1: "x2", 2: "x1", 4: "h2"}[lesson])
    desk.act("check")
    assert desk.marks() == ["right"]
    assert desk.state.exercise is None, "no mark is wrong, so that none has to stay"
    assert [label for _, label in desk.task().acts] == places
    assert desk.main() == "next"


def test_from_lesson_to_lesson() -> None:
    desk = Desk()
    desk.act("back")
    assert desk.state.scene.lesson == 1
    for lesson in range(2, 13):
        desk.act("next")
        assert desk.state.scene == LearnScene.begun(lesson)
        assert desk.course.outcome is None
    assert desk.acts() == ["check", "back", ""]
    desk.act("next")
    assert desk.state.scene.lesson == 12
    desk.act("back")
    assert desk.state.scene == LearnScene.begun(11)
    desk.act("lesson", "6")
    assert desk.state.scene == LearnScene.begun(6)


@for_each("argument", ["0", "13", "", "-1", "x", "²", "1" * 5000])
def test_a_lesson_that_does_not_exist_cannot_be_gone_to(argument: str) -> None:
    desk = Desk(3)
    desk.act("lesson", argument)
    desk.act("nothing", argument)
    assert desk.state.scene == LearnScene.begun(3)


def test_around_the_figure_stand_the_lesson_and_the_rule_and_not_what_is_moved() -> None:
    scene = LearnScene.begun(1)
    assert _around(scene) == _around(scene.moved("x1", 0.25))
    assert _around(scene) != _around(scene.having("rule", "mlx"))
    assert _around(scene) != _around(LearnScene.begun(2))


def test_an_address_and_undo_ask_anew() -> None:
    desk = Desk(4)
    desk.click("h2")
    desk.act("check")
    desk.hear(preset="lesson-3")
    assert desk.among() == [f"a{i}" for i in range(1, 6)]
    desk.state.undo()
    desk.course.prepare(PAGE, desk.state)
    assert desk.state.scene.lesson == 4
    assert desk.course.outcome is None
    assert desk.among() == [f"h{i}" for i in range(1, 6)]


def test_marks_and_their_check_are_of_the_lesson_in_which_they_were_made() -> None:
    desk = Desk(4)
    desk.click("h1")
    desk.hear(address={"lesson": "5"})
    assert desk.marked() == set()
    desk.click("h2")
    desk.state.undo()
    desk.course.prepare(PAGE, desk.state)
    assert (desk.state.scene.lesson, desk.marked()) == (4, set())
    assert desk.state.hear({"serial": "last", "preset": "lesson-9", "clicked": True, "entry": "h1"})
    desk.act("check")
    assert (desk.course.lesson, desk.course.outcome, desk.marked()) == (9, None, set())


def test_a_lesson_begins_under_its_own_rule_whichever_was_chosen_before() -> None:
    desk = Desk(4)
    desk.state.change(desk.state.scene.having("rule", "jax-max"))
    desk.hear(preset="lesson-5")
    assert desk.state.scene == LearnScene.begun(5)


def test_a_lessons_page_opens_as_it_was_left_and_at_first_with_the_lessons_numbers() -> None:
    app = opening.turned_to(opening.site(), "learn")
    app.query_params["lesson"] = "5"  # lesson 5 is about max pooling
    app.run()
    app.button(key="bring").click().run()
    state = app.session_state["page:max-pool"]
    assert state.scene.h == (1.0, 2.5, -1.0, 2.5, 2.0)
    state.change(state.scene.moved("h1", -3.0))
    app = opening.turned_to(app, "learn").run()
    app.button(key="bring").click().run()
    assert app.session_state["page:max-pool"].scene.h == (-3.0, 2.5, -1.0, 2.5, 2.0)
    state.seen = None  # as if it had not been open, and something was moved in the lesson
    app = opening.turned_to(app, "learn")
    app.query_params["lesson"] = "5"
    app.run()
    lesson = app.session_state["page:learn"]
    lesson.change(lesson.scene.moved("h5", -1.5))
    app.run()
    app.button(key="bring").click().run()
    assert app.session_state["page:max-pool"].scene.h == (1.0, 2.5, -1.0, 2.5, -1.5)


def test_the_last_lesson_goes_on_to_training() -> None:
    app = opening.turned_to(opening.site(), "learn")
    app.query_params["lesson"] = str(len(LESSONS))
    app.run()
    app.button(key="next-page").click().run()
    assert not app.exception
    assert app.title[0].value == "Train"


def test_no_lesson_is_passed_once_the_course_is_begun_again() -> None:
    desk = Desk(4)
    desk.click("h2")
    desk.act("check")
    assert desk.course.passed == {4}
    desk.act("begin")
    assert desk.course.passed == set()
    assert desk.state.scene == LearnScene.begun(1)


@pytest.mark.parametrize("lesson", [1, 7, 9, 11, 12])
def test_the_page_opens_in_any_lesson(lesson: int) -> None:
    app = opening.turned_to(opening.site(), "learn")
    app.query_params["lesson"] = str(lesson)
    app.run()
    assert not app.exception
    assert app.session_state["page:learn"].scene == LearnScene.begun(lesson)
    assert app.session_state[COURSE].lesson == lesson
    assert app.title[0].value == "Learn"
    onward = [button for button in app.button if button.key == "next-page"]
    assert [button.label for button in onward] == ["Train"] * (lesson == len(LESSONS))
    own = LESSONS[lesson - 1].subject.key
    app.button(key="bring").click().run()
    assert not app.exception
    assert app.session_state[f"page:{own}"].scene == LESSONS[lesson - 1].scene

"""A lesson's scene: its address, and the parts of another page's scene that it keeps."""

from pages.learn.learn_subject import LEARN_SUBJECT, LearnScene
from pages.learn.lessons import LESSONS
from pages.session.page_state import PageState
from tests.for_each import for_each

every_lesson = for_each("number", range(1, len(LESSONS) + 1))


@every_lesson
def test_the_address_of_a_lesson_holds_it_whatever_was_there_before(number: int) -> None:
    scene = LearnScene.begun(number)
    query = scene.query()
    assert query["lesson"] == str(number)
    for before in LEARN_SUBJECT.presets.values():
        assert before.updated(query) == (scene, [])


@every_lesson
def test_a_number_alone_opens_the_lesson_as_it_begins(number: int) -> None:
    assert LEARN_SUBJECT.start.updated({"lesson": str(number)}) == (LearnScene.begun(number), [])
    assert LEARN_SUBJECT.presets[f"lesson-{number}"] == LearnScene.begun(number)


def test_without_an_address_it_begins_with_the_first_lesson() -> None:
    assert LEARN_SUBJECT.start == LearnScene.begun(1)


@every_lesson
def test_a_browser_brings_its_lesson_back_to_a_server_that_has_forgotten_it(number: int) -> None:
    there = LearnScene.begun(number)
    for before in LEARN_SUBJECT.presets.values():
        state: PageState[LearnScene] = PageState(before, LEARN_SUBJECT.presets, before)
        assert state.hear({"serial": "1", "address": there.query()})
        assert state.scene == there


def test_what_was_moved_is_in_the_address() -> None:
    moved = LearnScene.begun(5).moved("h1", 4.0)
    assert LEARN_SUBJECT.start.updated({"lesson": "5", "h": "4,2.5,-1,2.5,2"}) == (moved, [])
    assert moved.updated({"lesson": "5", "rule": "lab"})[0] == moved.having("rule", "lab")


@for_each("text", ["0", "13", "-1", "1.5", "x", "", "9" * 20])
def test_a_lesson_that_there_is_not_is_refused_in_words(text: str) -> None:
    scene, problems = LearnScene.begun(3).updated({"lesson": text})
    assert scene == LearnScene.begun(3)
    assert [problem[:30] for problem in problems] == ["The address asked for lesson ="]


def test_what_its_own_page_would_refuse_is_refused_here_too() -> None:
    scene, problems = LearnScene.begun(3).updated({"lesson": "4", "h": "banana"})
    assert scene == LearnScene.begun(4)
    assert [problem[:25] for problem in problems] == ["The address asked for h ="]
    padded = LearnScene.begun(4).having("size", "1").having("padding", "1")
    there, (problem,) = padded.possible()
    assert there == padded.having("padding", "0")
    assert problem.endswith("the padding is 0 instead.")


def test_steps_are_those_of_its_page() -> None:
    stepping = {number: LearnScene.begun(number).step for number in range(1, 13)}
    assert {number for number, step in stepping.items() if step is None} == {11, 12}
    assert stepping[1] == 0


@every_lesson
def test_a_lesson_is_the_same_case_whatever_is_looked_at(number: int) -> None:
    scene = LearnScene.begun(number)
    state: PageState[LearnScene] = PageState(scene, LEARN_SUBJECT.presets, scene)
    case = state.case
    for slug, there in LEARN_SUBJECT.presets.items():
        assert state.is_case(there) == (slug == case)
    if entries := [*LEARN_SUBJECT.picture(scene).targets]:
        state.change(scene.having("entry", entries[-1].entry))
        assert state.case == case


@every_lesson
def test_a_lesson_explains_an_entry_in_two_lines_and_says_nothing_without_one(number: int) -> None:
    scene = LearnScene.begun(number)
    every = LEARN_SUBJECT.picture(scene).targets
    for entry in ("", every[0].entry if every else ""):
        there = scene.having("entry", entry)
        own = there.told.subject.picture(there.inner).explanation
        assert [*LEARN_SUBJECT.picture(there).explanation] == (own[:2] if entry else [])

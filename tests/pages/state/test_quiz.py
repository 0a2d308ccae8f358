"""A quiz from its first question to its end, and back to answered questions."""

from pages.state.acts import act_of
from pages.state.quiz import Quiz, Verdict


def verdict(*, right: bool) -> Verdict:
    return Verdict(given=1, right=right, answer=1 + (not right), because=(), there=None)


def test_answers_are_looked_at_again_once_all_are_given() -> None:
    quiz = Quiz(("first", "second", "third"))
    for at, right in enumerate((True, False, True)):
        assert quiz.next() == quiz, "it waits for an answer"
        assert all(quiz.again(each) == quiz for each in range(3)), "others are not answered yet"
        quiz = quiz.answered(verdict(right=right))
        assert quiz.answered(verdict(right=not right)) == quiz, "an answer stays"
        assert all(quiz.again(each) == quiz for each in range(3))
        quiz = quiz.next()
        assert (quiz.at, quiz.done, quiz.waiting) == (at + 1, at == 2, at < 2)
    assert quiz.missed() == [1]
    back = quiz.again(1)
    assert back.verdict() == verdict(right=False)
    assert back.next() == quiz, "behind it is the end"
    assert all(quiz.again(nowhere) == quiz for nowhere in (-1, 3, 4))


def test_what_no_button_asks_for_is_no_act() -> None:
    assert [act_of(name) for name in ("answer", "look again", "Answer", "vote", "")] == [
        *("answer", "look again", "", "", "")
    ]

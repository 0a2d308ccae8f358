"""A question and its answer as two pictures: the first shows no gradient, the second the reason."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any, Final

from pages.explain.catalogue import say
from pages.explain.questions import Explained, Question
from pages.export.render_jobs import JobError, RenderJob
from pages.export.style import PLAYED
from pages.page import PicturePage
from pages.registry import PAGES
from pages.state.predict import Exercise
from pages.state.scene import Scene
from pages.subject import PageSubject

HIDDEN: Final = Exercise(marking=False)
_BESIDE: Final = ("entry", "step")
"""Keys of an address that are of no account for what is asked."""


def pair(job: RenderJob, question: Question[Any] | None = None) -> tuple[RenderJob, RenderJob]:
    """The job of a question, and that of its answer, after the last step.

    question: None for what the job's page asks of any state. Raises JobError for a page on which
    nothing can be hidden.
    """
    asked_in = replace(job, scene=question.set_up(job.scene)) if question else job
    scene = asked_in.steps()[-1].scene
    if job.subject.picture(scene, job.style.theme, HIDDEN).explanation:
        raise JobError("this page hides nothing, so that no question can be asked")
    job = replace(job, scene=scene, style=replace(job.style, pair=False))
    text = question.text.replace("**", "") if question else _page(job.subject).asks
    asked = replace(
        job,
        name=f"{job.name}-question",
        title=job.topic or job.title,
        style=replace(job.style, caption=True),
        exercise=HIDDEN,
        said=lambda _: [text],
    )
    answered = replace(job, name=f"{job.name}-answer", exercise=None)
    if question:
        answered = replace(answered, said=partial(_answer, job.subject, question))
    return replace(asked, together=(answered,)), replace(answered, together=(asked,))


def pairs(job: RenderJob) -> Iterator[RenderJob]:
    """The same in every format of the job's style, about the question that its page asks there.

    What plays goes on to other states: there is asked what can be asked of any. Raises JobError.
    """
    formats = job.style.formats
    still = tuple(each for each in formats if each not in PLAYED)
    played = tuple(each for each in formats if each in PLAYED)
    for kinds, question in ((still, question_about(job.subject, job.scene)), (played, None)):
        if kinds:
            yield from pair(replace(job, style=replace(job.style, formats=kinds)), question)


def question_about(subject: PageSubject[Any], scene: Scene) -> Question[Any] | None:
    """The first question of a page that is asked in this state; None for none."""
    rule = getattr(scene, "rule", "")
    start = subject.start.having("rule", rule) if rule else subject.start
    there = _settings(scene)
    return next(
        (each for each in _page(subject).questions if _settings(each.set_up(start)) == there), None
    )


def _page(subject: PageSubject[Any]) -> PicturePage:
    page = PAGES.get(subject.key)
    if not isinstance(page, PicturePage):
        raise JobError(f"{subject.key} is in no list of pages")
    return page


def _settings(scene: Scene) -> dict[str, str]:
    return {key: text for key, text in scene.query().items() if key not in _BESIDE}


def _answer(subject: PageSubject[Any], question: Question[Any], scene: Scene) -> list[str]:
    traced, answer = subject.trace(scene), question.answer
    said = [say("slide.answer", answer=answer(traced))]
    if isinstance(answer, Explained):
        said.append(answer.reason(traced, _page(subject).naming(scene)))
    return said

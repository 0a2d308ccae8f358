"""Make two pictures of a question and its answer: one without gradients, one with the reason."""

from collections.abc import Hashable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, Final

from engine import Trace
from pages.derive.picture import Screen
from pages.derive.questions import Explained, Question, by_the_rule
from pages.derive.subject import PageSubject
from pages.export.render_jobs import JobError, RenderJob
from pages.export.style import PLAYED, STILL
from pages.language.catalogue import say
from pages.registry import PICTURE_PAGES
from pages.state.predict import Exercise
from pages.state.scene import STEP, Scene

HIDDEN: Final = Exercise(marking=False)


def pair(job: RenderJob, question: Question[Any] | None = None) -> tuple[RenderJob, RenderJob]:
    """The job of a question, and that of its answer, after the last step.

    question: None for the question that the job's page asks about any state. Raises JobError if
    nothing can be hidden on the page.
    """
    if question:  # about the chosen entry
        there, _ = question.set_up(job.scene).possible()
        job = replace(job, scene=there.chosen(job.scene.entry))
    scene = job.steps()[-1].scene
    if not hides(job.subject, scene):
        raise JobError("this page hides nothing, so that no question can be asked")
    job = replace(job, scene=scene, style=replace(job.style, pair=False))
    page = PICTURE_PAGES[job.subject.key]
    text = question.text.replace("**", "") if question else page.slide_question
    answer = question.answer if question else _gradients
    told = [text, *by_the_rule(job.subject.trace(scene), answer)]
    asked = replace(
        job.on_topic(),
        name=f"{job.name}-question",
        style=replace(job.style, caption=True),
        exercise=question.exercise if question else HIDDEN,
        said=lambda _: told,
    )
    answered = replace(job, name=f"{job.name}-answer", exercise=None)
    if question:
        answered = replace(answered, said=partial(_answer, job.subject, question))
    return replace(asked, together=(answered,)), replace(answered, together=(asked,))


def hides(subject: PageSubject[Any], scene: Scene) -> bool:
    """Whether the scene has a picture that hides its gradients."""
    return not subject.picture(scene, Screen(exercise=HIDDEN)).explanation


def pairs(job: RenderJob) -> Iterator[RenderJob]:
    """The jobs of `pair` in every format of the job's style, about the page's question there.

    A format that plays moves on to other states, so that it asks what can be asked about any. A
    script is no question, and is written once. Raises JobError like `pair`.
    """
    formats = job.style.formats
    if others := tuple(each for each in formats if each not in (*STILL, *PLAYED)):
        yield replace(job, style=replace(job.style, formats=others, pair=False))
    still = tuple(each for each in formats if each in STILL)
    played = tuple(each for each in formats if each in PLAYED)
    for kinds, question in ((still, question_about(job.subject, job.scene)), (played, None)):
        if kinds:
            yield from pair(replace(job, style=replace(job.style, formats=kinds)), question)


def question_about(subject: PageSubject[Any], scene: Scene) -> Question[Any] | None:
    """The first question that a page asks in this state; None if there is none.

    A question about the chosen entry comes before others.
    """
    page, start = PICTURE_PAGES[subject.key], subject.start.having("rule", scene.rule)
    if page.questions_of:
        start, page = scene, page.about(scene)
    asked = [(each, each.set_up(start)) for each in page.questions]
    alike = [asks for asks in asked if asks[1].is_but_for(("entry", STEP), scene)]
    about = [each for each, there in alike if there.entry == scene.entry]
    return next(iter([*about, *(each for each, _ in alike)]), None)


def _answer(subject: PageSubject[Any], question: Question[Any], scene: Scene) -> list[str]:
    """The answer with its reason; if it is about gradients, also that of the chosen entry."""
    traced, answer = subject.trace(scene), question.answer
    said = say("slide.answer", answer=answer(traced))
    if not isinstance(answer, Explained):
        return [said]
    reason = answer.reason(traced, PICTURE_PAGES[subject.key].naming(scene))
    chosen = subject.picture(scene).explanation[:1] if answer.of_gradients else ()
    return [f"{said} {reason}", *chosen]


def _gradients(trace: Trace) -> Hashable:
    """All gradients of a trace, to be compared."""
    return tuple(grad.tobytes() for step in trace.steps for grad in step.grads)

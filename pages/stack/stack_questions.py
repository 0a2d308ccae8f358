"""Questions about a given stack, generated from its pass: the lab's, and some about its layers."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any, Final

from engine import Trace
from engine.arrays import Extent
from pages.derive.questions import Question, beaten, inactive, influenced, nonzero, unread
from pages.figures.info import Naming, letters_of
from pages.figures.words import gradient_of, name
from pages.language.catalogue import say, words_of
from pages.stack.snaps import reset
from pages.stack.stack import Stack
from pages.stack.stack_scene import StackScene

ALIKE: Final = 2  # the most questions of one kind, each about another layer


def questions_of(scene: StackScene) -> Sequence[Question[Any]]:
    """Return the questions about a scene's stack; they do not depend on its numbers."""
    return _questions(scene.stack, scene.shape)


@lru_cache(maxsize=32)
def _questions(stack: Stack, shape: Extent) -> tuple[Question[Any], ...]:
    opened = reset(StackScene.opened(stack, shape))
    trace, naming = opened.trace, opened.derivation.naming
    made = (*_of_the_lab(trace, naming), *_of_its_layers(trace, naming))
    return tuple(replace(each, set_up=partial(_of_this, opened)) for each in made)


def _of_this(opened: StackScene, scene: StackScene) -> StackScene:
    """Return the scene if it has the stack that is asked about; otherwise one that has it."""
    if (scene.stack, scene.shape) == (opened.stack, opened.shape):
        return scene
    return opened.under(scene.rule)


def _of_the_lab(trace: Trace, naming: Naming) -> Iterator[Question[Any]]:
    """Ask how many gradients are nonzero, and what the middle entries of x and w influence."""
    letters = letters_of(trace, naming)
    yield Question(say("stack.ask.nonzero", slope=gradient_of(letters[0])), nonzero(0))
    for value in trace.values[: min(trace.outside, 2)]:
        step, argument = value.readers[0]
        asked = influenced(step, argument)
        entry = naming.label(naming.inputs[step][argument], asked.index(trace))
        made = name(letters[trace.outside + step])
        yield Question(say("stack.ask.influence", made=made, entry=entry), asked)


def _of_its_layers(trace: Trace, naming: Naming) -> Iterator[Question[Any]]:
    """Ask how many units are inactive, how many entries lose, and how many no window reads."""
    asked: list[tuple[str, Question[Any]]] = []
    for at, step in enumerate(trace.steps):
        letter, words = name(naming.into(at)), words_of(step.layer)
        if step.layer.is_level:
            text = say("stack.ask.inactive", step.output.size, unit=words.name, letter=letter)
            asked.append(("inactive", Question(text, inactive(at))))
        if step.layer.picks and step.layer.flowing == 1:
            text = say("stack.ask.beaten", letter=letter, pool=words.name)
            asked.append(("beaten", Question(text, beaten(at))))
        if unread(at)(trace):
            text = say("stack.ask.unread", letter=letter, layer=words.name)
            asked.append(("unread", Question(text, unread(at))))
    for kind in dict.fromkeys(kind for kind, _ in asked):
        yield from [question for of, question in asked if of == kind][:ALIKE]

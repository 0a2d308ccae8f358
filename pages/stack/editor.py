"""A network that is being edited.

What cannot be shown stays here as a draft, with a sentence at the place, while the picture shows
what was there before: nothing is lost.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from engine import RULES
from engine.arrays import Extent
from engine.kinks import briefly
from pages.figures.words import name
from pages.language.catalogue import listed, say
from pages.session.page_state import PageState
from pages.stack.array_codec import ArrayCodec, Values
from pages.stack.cases import CASES
from pages.stack.grammar import read_stack
from pages.stack.known_values import is_list
from pages.stack.own_numbers import from_weights, shaped
from pages.stack.paste import Pasted, read_pytorch
from pages.stack.stack import Path, Stack, StackError
from pages.stack.stack_scene import SHAPE_CODEC, StackScene, from_file, nearest

State: TypeAlias = PageState[StackScene]


@dataclass
class Editor:
    """What a session has in the menu Network.

    chosen: the layer that is edited, () for x. text: what was typed as layers and is none, "" for
    nothing. draft: a stack, and the shape of x, that do not fit; over: the scene that is shown
    meanwhile; answer: what is said of an address that asked for it. problem: of the last edit, a
    sentence. outcome: of the last numbers, or file: a sentence, whether they were taken or not.
    letter: of the array whose numbers are set. remarks: about what was pasted; left_out: those that
    say how the picture differs from it, by the layers that came of it; begun: the numbers that were
    drawn for the last one that was shown, by letter, None without; given: each x that a paste began
    with, its own or a drawn one: nobody has set it. open: whether the menu is, used: whether it was
    before; stays: whether it shall be, None for as it is; tab: at which of its tabs it opens, ""
    for the first. marked: whether its button says that there is a draft. rule: that which a paste
    has chosen, "" for none; waits: that of a paste that is a draft, and the key of what is said of
    it, None for none.
    """

    chosen: Path = ()
    text: str = ""
    draft: tuple[Stack, Extent] | None = None
    over: tuple[Stack, Extent] | None = None
    answer: list[str] = field(default_factory=list)
    problem: str = ""
    outcome: str = ""
    letter: str = "x"
    remarks: tuple[str, ...] = ()
    left_out: tuple[Stack, tuple[str, ...]] | None = None
    begun: Mapping[str, Values] | None = None
    given: list[Values | None] = field(default_factory=list)
    open: bool = False
    stays: bool | None = None
    tab: str = ""
    used: bool = False
    marked: bool = False
    rule: str = ""
    waits: tuple[str, str] | None = None

    def keep_up(self, state: State) -> None:
        """With what the page shows, before the menu does.

        A draft is forgotten that was made over another picture; what an address asked for in vain
        becomes one.
        """
        scene = state.scene
        if self.over is not None and self.over != (scene.stack, scene.shape):
            self.forget()  # the picture is of another network than that which was edited
        asked, state.foreign_address = state.foreign_address, {}
        layers = asked.get("layers", "")
        if layers and state.problems and not _is_text_of(layers, scene.stack):
            self.typed(state, layers, partial(_shape_in, asked))
            self.answer = [*state.problems]

    def forget(self) -> None:
        """There is no draft any more."""
        self.text, self.problem, self.draft, self.over, self.answer = "", "", None, None, []
        self.waits = None

    def network(self, scene: StackScene) -> tuple[Stack, Extent]:
        """What is edited: the draft, or what the picture shows."""
        return self.draft or (scene.stack, scene.shape)

    def typed(
        self, state: State, text: str, shape_for: Callable[[Stack], Extent] | None = None
    ) -> None:
        """Layers as text. shape_for: what x shall be for these; None for as it is."""
        try:
            stack = read_stack(text)
            shape = shape_for(stack) if shape_for else self.network(state.scene)[1]
            self.take(state, stack, shape)
        except StackError as error:
            self.forget()
            self.text, self.problem = text, str(error)
            self.over = (state.scene.stack, state.scene.shape)

    def edit(self, state: State, edit: Callable[[Stack], Stack], then: Path | None = None) -> None:
        """Another stack in the place of that which is edited. then: the layer chosen after it."""
        stack, shape = self.network(state.scene)
        try:
            edited = edit(stack)
        except ValueError as error:
            self.problem = str(error)
            return
        self.take(state, edited, shape)
        self.chosen = self.chosen if then is None else then

    def take(self, state: State, stack: Stack, shape: Extent) -> None:
        """To the picture with the numbers that are there, where it fits; else it is a draft."""
        waits, scene = self.waits, state.scene
        self.forget()
        try:
            there = scene.over(stack, shape)
            there = there.under(waits[0]) if waits else there
        except StackError as error:
            self._keep_as_draft(scene, stack, shape, error)
            self.waits = waits
            return
        state.change(there)
        if waits:
            self.rule = waits[0]
            state.problems = _another_rule(scene.rule, state.scene, waits[1])

    def _begin(
        self, state: State, found: Pasted, shape: Extent, rule: str, x: Values | None
    ) -> None:
        """As `take`, but with numbers that are drawn anew, under this rule.

        But for x, where there is one, and for those that the code gives the parameters.
        """
        self.forget()
        try:
            begun = StackScene.opened(found.stack, shape)
            drawn = dict(zip(begun.letters, begun.arrays[:-1], strict=False))
            there = begun.under(rule)
            if x:
                there = there.having("x", x)
                del drawn["x"]
            for letter, given in found.numbers.items():
                with suppress(StackError):  # of another shape, or too large
                    its = there.array_codecs[letter].shape
                    array = shaped(given if is_list(given) else np.full(its, given), its)
                    there = there.numbered(letter, array)
                    del drawn[letter]
            there, self.begun = there.at_a_zero(), drawn
        except StackError as error:
            self._keep_as_draft(state.scene, found.stack, shape, error)
            return
        state.change(there)

    def _keep_as_draft(
        self, scene: StackScene, stack: Stack, shape: Extent, problem: StackError
    ) -> None:
        self.draft, self.over = (stack, shape), (scene.stack, scene.shape)
        self.problem = str(problem)

    def pasted(self, state: State, code: str) -> None:
        """The network of some PyTorch code."""
        try:
            found = read_pytorch(code)
        except StackError as error:
            self.remarks = (str(error),)
            return
        shape = found.input or nearest(found.stack)
        # That of the code's own operations, but for one that somebody has chosen here.
        before, start = state.scene.rule, state.scene.subject.start.rule
        undone = any(scene.rule == self.rule for scene in state.history.future)
        own_rule = before not in {self.rule or start, start if undone else self.rule}
        rule = before if own_rule else found.rule or start
        x = state.scene.values("x")
        given = _given(found.x, shape)
        theirs = [*self.given, *(case.values("x") for case in CASES.values())]
        moved = self.begun is not None and x not in theirs
        own = moved and state.scene.shape == shape
        self._begin(state, found, shape, rule, x if own else given)
        reads = say("network.reads", layers=found.stack, shape=shape)
        said = (self.problem, say("network.draft")) if self.problem else (reads,)
        self.remarks = (*found.remarks, *said)
        since = "network.rule" if found.rule else "network.rule.numpy"
        if self.problem:
            self.waits = None if own_rule else (rule, since)
        else:
            self.rule = self.rule if own_rule else rule
            self.given += [given, (self.begun or {}).get("x")]
            self.left_out = found.stack, found.remarks
            ruled = _another_rule(before, state.scene, since)
            state.problems = [*ruled, *found.slopes, *self.random(state.scene)]
        # Where there is nothing to be said one looks at the picture.
        self.stays = bool(found.remarks or self.problem)

    def numbers(self, state: State, made: Callable[[ArrayCodec], Values]) -> None:
        """Other numbers in the array that is chosen."""
        self.outcome, scene = "", state.scene
        try:
            there = scene.having(self.letter, made(scene.array_codecs[self.letter]))
        except ValueError as error:
            self.outcome = str(error)
            return
        state.change(there)
        state.problems = self.random(state.scene)
        self.outcome = say("network.numbers.set", letter=name(self.letter))

    def random(self, scene: StackScene) -> list[str]:
        """Which of the numbers that were drawn for a paste are still there, a sentence; [] none."""
        drawn = self.begun or {}
        arrays = zip(scene.letters, scene.arrays, strict=True)
        random = [name(letter) for letter, now in arrays if now == drawn.get(letter)]
        return [say("network.drawn", len(random), names=listed(random))] if random else []

    def weights(self, state: State, content: bytes) -> None:
        """All arrays of a file that have a letter here."""
        scene = state.scene
        shapes = {letter: scene.array_codecs[letter].shape for letter in scene.letters[:-1]}
        try:
            found = from_weights(content, shapes)
            for letter, array in found.items():
                scene = scene.numbered(letter, array)
        except StackError as error:
            self.outcome = str(error)
            return
        self.outcome = say("network.weights.set", names=listed(found))
        state.change(scene)
        state.problems = self.random(state.scene)

    def opened(self, state: State, content: bytes) -> None:
        """A state that was saved."""
        self.outcome = ""
        try:
            there, problems = from_file(content, state.start)
        except StackError as error:
            self.outcome = str(error)
            return
        state.change(there)
        state.problems = problems


def _is_text_of(text: str, stack: Stack) -> bool:
    """Whether somebody may write this stack so."""
    with suppress(StackError):
        return read_stack(text) == stack
    return False


def _shape_in(address: Mapping[str, str], stack: Stack) -> Extent:
    """Of x, with which its sentence says why these layers do not fit."""
    with suppress(ValueError):
        return SHAPE_CODEC.read(address.get("shape", ""))
    return nearest(stack)


def _given(numbers: Any, shape: Extent) -> Values | None:
    """Those of pasted code as an x of this shape; None where they are none, or too large."""
    with suppress(StackError, TypeError):
        return ArrayCodec(shape, is_input=True).flat(shaped(numbers, shape, flat=True))
    return None


def _another_rule(before: str, scene: StackScene, since: str) -> list[str]:
    """What is done at ties and kinks from now on, where that is not what was done before.

    since: the key of the sentence.
    """
    choices = scene.trace.layer.kink_choices
    did, does = (RULES[rule].kinks.chosen(choices) for rule in (before, scene.rule))
    return [] if does == did else [say(since, does=briefly(choices, does))]

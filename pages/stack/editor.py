"""The state of the menu Network, in which the network of the stack page is edited.

An edit that cannot be shown is kept as a draft, with a sentence that says why, while the picture
shows what was there before. So no edit is lost.
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
    """A session's state of the menu Network."""

    # Edits
    chosen: Path = ()  # the layer that is edited, or () for x
    text: str = ""  # for layers that cannot be read
    draft: tuple[Stack, Extent] | None = None  # a stack and a shape of x that do not fit
    over: tuple[Stack, Extent] | None = None  # what the picture shows meanwhile
    answer: list[str] = field(default_factory=list)
    """The sentences about an address that asked for the draft."""
    problem: str = ""  # a sentence about the last edit

    # Numbers
    outcome: str = ""  # a sentence about the last numbers or file, whether they were taken or not
    letter: str = "x"  # the array whose numbers are set

    # Pasted code
    remarks: tuple[str, ...] = ()  # about the last paste
    left_out: tuple[Stack, tuple[str, ...]] | None = None
    """The last paste that was shown, as its stack and remarks."""
    begun: Mapping[str, Values] | None = None  # the numbers drawn for it, by letter
    given: list[Values | None] = field(default_factory=list)
    """Each x with which a paste began, which the user has not set."""

    # The menu
    open: bool = False
    stays: bool | None = None  # whether it shall be open; None to leave it
    tab: str = ""  # the tab at which it opens; "" for the first
    used: bool = False  # whether it was open before
    marked: bool = False  # whether its button shows that there is a draft

    # The rule of pasted code
    rule: str = ""  # that a paste has chosen
    waits: tuple[str, str] | None = None
    """For a paste that is a draft, its rule and the key of the sentence about it."""

    def keep_up(self, state: State) -> None:
        """Adapt to the page's present state, before the menu is shown.

        A draft made over another network is dropped. An address that could not be shown becomes a
        draft.
        """
        scene = state.scene
        if self.over is not None and self.over != (scene.stack, scene.shape):
            self.forget()  # the picture now shows another network than the one that was edited
        asked, state.foreign_address = state.foreign_address, {}
        layers = asked.get("layers", "")
        if layers and state.problems and not _is_text_of(layers, scene.stack):
            self.typed(state, layers, partial(_shape_in, asked))
            self.answer = [*state.problems]

    def forget(self) -> None:
        """Drop the draft."""
        self.text, self.problem, self.draft, self.over, self.answer = "", "", None, None, []
        self.waits = None

    def network(self, scene: StackScene) -> tuple[Stack, Extent]:
        """Return the stack and shape that are edited: the draft, or what the picture shows."""
        return self.draft or (scene.stack, scene.shape)

    def typed(
        self, state: State, text: str, shape_for: Callable[[Stack], Extent] | None = None
    ) -> None:
        """Take layers typed as text. shape_for: gives x's shape for them; None leaves it."""
        try:
            stack = read_stack(text)
            shape = shape_for(stack) if shape_for else self.network(state.scene)[1]
            self.take(state, stack, shape)
        except StackError as error:
            self.forget()
            self.text, self.problem = text, str(error)
            self.over = (state.scene.stack, state.scene.shape)

    def edit(self, state: State, edit: Callable[[Stack], Stack], then: Path | None = None) -> None:
        """Apply an edit to the stack. then: the layer that is chosen afterwards; None leaves it."""
        stack, shape = self.network(state.scene)
        try:
            edited = edit(stack)
        except ValueError as error:
            self.problem = str(error)
            return
        self.take(state, edited, shape)
        self.chosen = self.chosen if then is None else then

    def take(self, state: State, stack: Stack, shape: Extent) -> None:
        """Show a network with the present numbers if it fits; otherwise keep it as a draft."""
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
        """Show or keep a pasted network as `take` does, but under this rule and with new numbers.

        x, unless it is None, and the numbers that the code gives parameters replace drawn ones.
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
        """Take the network in pasted PyTorch code."""
        try:
            found = read_pytorch(code)
        except StackError as error:
            self.remarks = (str(error),)
            return
        shape = found.input or nearest(found.stack)
        # The rule is that of the code's operations, unless the user has chosen another one here.
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
        # Without anything to read in the menu, it closes so that the picture is seen.
        self.stays = bool(found.remarks or self.problem)

    def numbers(self, state: State, made: Callable[[ArrayCodec], Values]) -> None:
        """Set the numbers of the array that is chosen."""
        self.outcome, scene = "", state.scene
        codec = scene.array_codecs.get(self.letter)
        if codec is None:  # of another network, whose menu has not been shown yet
            return
        try:
            there = scene.having(self.letter, made(codec))
        except ValueError as error:
            self.outcome = str(error)
            return
        state.change(there)
        state.problems = self.random(state.scene)
        self.outcome = say("network.numbers.set", letter=name(self.letter))

    def random(self, scene: StackScene) -> list[str]:
        """Return a sentence about the numbers drawn for a paste that are still there, or []."""
        drawn = self.begun or {}
        arrays = zip(scene.letters, scene.arrays, strict=True)
        random = [name(letter) for letter, now in arrays if now == drawn.get(letter)]
        return [say("network.drawn", len(random), names=listed(random))] if random else []

    def weights(self, state: State, content: bytes) -> None:
        """Set the arrays of a file that have a letter here."""
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
        """Open a saved state."""
        self.outcome = ""
        try:
            there, problems = from_file(content, state.start)
        except StackError as error:
            self.outcome = str(error)
            return
        state.change(there)
        state.problems = problems


def _is_text_of(text: str, stack: Stack) -> bool:
    """Whether a text is one way of writing this stack."""
    with suppress(StackError):
        return read_stack(text) == stack
    return False


def _shape_in(address: Mapping[str, str], stack: Stack) -> Extent:
    """Return the shape of x in an address, or without a valid one the shape that fits furthest."""
    with suppress(ValueError):
        return SHAPE_CODEC.read(address.get("shape", ""))
    return nearest(stack)


def _given(numbers: Any, shape: Extent) -> Values | None:
    """Return the numbers of pasted code as an x of this shape; None if they cannot be that."""
    with suppress(StackError, TypeError):
        return ArrayCodec(shape, is_input=True).flat(shaped(numbers, shape, flat=True))
    return None


def _another_rule(before: str, scene: StackScene, since: str) -> list[str]:
    """Return a sentence on what is done at ties and kinks now, if that has changed; otherwise [].

    since: the key of the sentence.
    """
    choices = scene.trace.layer.kink_choices
    did, does = (RULES[rule].kinks.chosen(choices) for rule in (before, scene.rule))
    return [] if does == did else [say(since, does=briefly(choices, does))]

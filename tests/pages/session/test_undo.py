"""Undo and redo on every page: all changes come back, scene by scene."""

from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pages.registry import SUBJECTS
from pages.session.page_state import PageState
from pages.state.codecs import Choice
from pages.state.scene import Scene

MOST = 100
"""How many changes are remembered."""

every_page = pytest.mark.parametrize("key", SUBJECTS)


class Hand:
    """A user at a page, who sends messages to its state."""

    def __init__(self, key: str) -> None:
        self.subject = SUBJECTS[key]
        start = self.subject.start
        self.state: PageState[Any] = PageState(start, self.subject.presets, start)
        self.state.rest()
        self.serials = count()
        self.seen: list[Scene] = [start]

    @property
    def scene(self) -> Scene:
        scene: Scene = self.state.scene
        return scene

    def say(self, **said: Any) -> None:
        assert self.state.hear({"serial": str(next(self.serials)), **said})

    def movable(self, number: int) -> tuple[str, list[Any]]:
        """A slider and its values; on a page without sliders, the drawing and some values of it."""
        sliders = self.subject.sliders(self.scene)
        if not sliders:
            return "painting", ["", "AABBo", "NNBBo", "AABBt"]
        slider = sliders[number % len(sliders)]
        return slider.name, slider.values

    def do(self, kind: str, number: int) -> None:
        """Make one change, which may change nothing."""
        name, values = self.movable(number)
        value = values[number % len(values)]
        match kind:
            case "drag":
                for passed in (values[0], values[-1], values[1]):
                    self.say(values={name: passed}, settled=False)
                self.say(values={name: value})
            case "key":
                self.say(values={name: value})
            case "preset":
                self.say(preset=[*self.subject.presets][number % len(self.subject.presets)])
            case "step":
                self.say(step=number % 7)
            case "cell":
                targets = self.subject.picture(self.scene).targets
                entry = targets[number % len(targets)].entry if targets else "x2,3"
                self.say(entry=entry, clicked=True)
            case "widget":
                codec = self.scene.codecs()["rule"]
                assert isinstance(codec, Choice)
                rule = codec.words[number % len(codec.words)]
                self.state.change(self.scene.having("rule", rule))
        if self.scene != self.seen[-1]:
            self.seen.append(self.scene)


changes = st.lists(
    st.tuples(
        st.sampled_from(["drag", "key", "preset", "step", "cell", "widget"]), st.integers(0, 40)
    ),
    max_size=12,
)


@every_page
def test_all_is_undone_to_the_beginning_and_redone_to_the_end(key: str) -> None:
    @settings(max_examples=10)
    @given(changes)
    def holds(sequence: list[tuple[str, int]]) -> None:
        hand = Hand(key)
        for kind, number in sequence:
            if kind != "widget" or "rule" in hand.scene.query():
                hand.do(kind, number)
        for before in hand.seen[-2::-1]:
            hand.say(act="undo")
            assert hand.scene == before
        hand.say(act="undo")
        assert hand.scene == hand.seen[0]
        for after in hand.seen[1:]:
            hand.say(act="redo")
            assert hand.scene == after
        hand.say(act="redo")
        assert hand.scene == hand.seen[-1]

    holds()


@every_page
def test_a_change_after_undo_forgets_what_could_be_redone(key: str) -> None:
    hand = Hand(key)
    for number in (3, 7, 11):
        hand.do("key", number)
    hand.say(act="undo")
    hand.say(act="undo")
    here = hand.scene
    hand.do("drag", 5)
    other = hand.scene
    assert other != here
    hand.say(act="redo")
    assert hand.scene == other
    hand.say(act="undo")
    assert hand.scene == here


@every_page
def test_what_changes_nothing_forgets_nothing(key: str) -> None:
    hand = Hand(key)
    hand.do("key", 3)
    moved = hand.scene
    hand.say(act="undo")
    hand.say(ask="w", theme="dark")
    hand.say(values={"nothing": 1}, preset="<b>")
    hand.state.change(hand.scene)
    hand.say(act="redo")
    assert hand.scene == moved


@every_page
def test_to_undo_while_something_moves_takes_that_back_and_no_more(key: str) -> None:
    hand = Hand(key)
    hand.do("key", 3)
    before = hand.scene
    name, values = hand.movable(0)
    hand.say(values={name: values[2]}, settled=False)
    moved = hand.scene
    assert moved != before
    hand.state.undo()
    assert hand.scene == before
    hand.state.redo()
    assert hand.scene == moved


def test_only_so_many_are_remembered() -> None:
    hand = Hand("conv-block")
    for number in range(MOST + 20):
        hand.say(values={"w": (number % 2) + 0.5})
    for _ in range(MOST + 20):
        hand.say(act="undo")
    assert hand.scene == hand.seen[0].having("w", 0.5 + (MOST + 20 - 1 - MOST) % 2)


def test_the_sentence_about_an_address_goes_with_what_it_was_about() -> None:
    hand = Hand("conv-block")
    hand.do("key", 3)
    hand.state.read_address({"w": "7"})
    assert hand.state.problems
    hand.say(act="undo")
    assert hand.state.problems == []

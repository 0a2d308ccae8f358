"""What is written in cells: large enough to be read, and in its own cell, high or flat."""

from collections.abc import Mapping
from functools import cache
from itertools import combinations
from typing import Any, Final

import pytest

from pages.components.picture import Screen
from pages.derive import derived
from pages.export.extent import Text, texts
from pages.figures.layout import SLIDE, Layout
from pages.registry import SUBJECTS
from pages.state.predict import Exercise
from pages.subject import Subject
from tests.pages.boxes import apart
from tests.pages.scenes import CONV, POOL, batch, conv, pool
from tests.pages.test_derive import GRAPHS
from tests.pages.test_overlaps import LEADING, common, crossing, said

SCENES: Final[dict[str, tuple[Subject[Any], Any]]] = {
    **{
        f"{key}/{slug}": (subject, scene)
        for key, subject in SUBJECTS.items()
        if isinstance(subject, Subject)
        for slug, scene in subject.presets.items()
    },
    **{
        f"conv-1d {filters} {padding}": (
            CONV,
            conv(filters=filters, padding=padding, w=(-1.625,) * 6),
        )
        for filters in ("vectors", "scalars", "scalar", "vector")
        for padding in (1, 2)
    },
    "max-pool padded": (POOL, pool(size="3", padding="2", h=(-1.0625,) * 5)),
    "minibatch long": (SUBJECTS["minibatch"], batch(w=1.0625, x=(-1.0625,) * 9)),  # type: ignore[dict-item]
    **{key: (it, it.start) for key in GRAPHS for it in [derived(key, *GRAPHS[key])]},
}
BORDER: Final = 1.5
"""Of a cell's border, what lies within the cell."""
PAGES: Final = [key for key, subject in SUBJECTS.items() if isinstance(subject, Subject)]
every_scene = pytest.mark.parametrize("key", SCENES)
either_size = pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])


@cache
def drawn(key: str, narrow: bool) -> tuple[Mapping[str, Any], Layout]:
    """A scene's figure, and where everything lies on it: both are only looked at."""
    subject, scene = SCENES[key]
    figure = subject.picture(scene, Screen(narrow=narrow)).figure
    return figure, subject.narrow(scene) if narrow else subject.layout(scene)


@cache
def within(key: str, narrow: bool) -> dict[str, list[tuple[str, Text]]]:
    """By cell the texts whose middle lies in it."""
    figure, layout = drawn(key, narrow)
    found = [(said(figure, text), text) for text in texts(figure)]
    return {
        entry: [
            (words, text)
            for words, text in found
            if left < text.x < left + width and top < text.y < top + height
        ]
        for entry, (left, top, width, height) in layout.boxes.items()
    }


@either_size
@every_scene
def test_every_text_can_be_read_from_the_last_row_and_on_a_phone(key: str, narrow: bool) -> None:
    figure, _ = drawn(key, narrow)
    assert min(text.size for text in texts(figure)) >= (12 if narrow else 25)


@either_size
@every_scene
def test_each_cell_holds_its_name_its_value_and_its_gradient(key: str, narrow: bool) -> None:
    subject, scene = SCENES[key]
    cells = subject.describe(subject.trace(scene), scene).cells
    _, layout = drawn(key, narrow)
    for entry, inside in within(key, narrow).items():
        assert len(inside) == 3, entry
        (label, named), (_, value), (gradient, arriving) = inside
        assert label == f"<i>{cells[entry].label}</i>"
        assert gradient.removeprefix("<b>").startswith("∂")
        height = layout.boxes[entry][3]
        if height < SLIDE.flat and not narrow:
            assert named.y == value.y == arriving.y
            assert named.x < value.x < arriving.x
        else:
            assert max(named.y, value.y) < arriving.y


@either_size
@every_scene
def test_no_text_touches_its_cells_border_or_lies_on_another(key: str, narrow: bool) -> None:
    _, layout = drawn(key, narrow)
    for entry, inside in within(key, narrow).items():
        left, top, width, height = layout.boxes[entry]
        for words, text in inside:
            assert left <= text.box[0] < text.box[0] + text.box[2] <= left + width, (entry, words)
            clear = text.box[3] / (1 + words.count("<br>")) * LEADING - BORDER
            assert top <= text.box[1] + clear, (entry, words)
            assert text.box[1] + text.box[3] - clear <= top + height, (entry, words)
        for (words, one), (others, other) in combinations(inside, 2):
            assert min(common(one.box, other.box)) <= 1, (entry, words, others)


@either_size
@every_scene
def test_no_text_of_the_picture_lies_over_another_or_beyond_its_edge(
    key: str, narrow: bool
) -> None:
    figure, layout = drawn(key, narrow)
    assert [*crossing(figure)] == []
    for text in texts(figure):
        _, top, _, height = text.box
        assert -LEADING * height <= top < top + height <= layout.height + LEADING * height


@every_scene
def test_a_finger_hits_every_cell_on_a_phone(key: str) -> None:
    _, layout = drawn(key, narrow=True)
    assert layout.width <= 374
    for entry, (left, top, width, height) in layout.boxes.items():
        assert min(width, height) >= 44, entry
        assert 0 <= left < left + width <= layout.width, entry
        assert 0 <= top < top + height <= layout.height, entry
    for (entry, one), (other, another) in combinations(layout.boxes.items(), 2):
        assert apart(one, another), (entry, other)


@either_size
@pytest.mark.parametrize("revealed", [False, True])
@pytest.mark.parametrize("key", PAGES)
def test_guesses_and_answers_have_room(key: str, revealed: bool, narrow: bool) -> None:
    subject = SUBJECTS[key]
    guessed = frozenset(target.entry for target in subject.picture(subject.start).targets[::2])
    exercise = Exercise(guessed, revealed=revealed, everywhere=True)
    figure = subject.picture(subject.start, Screen(exercise=exercise, narrow=narrow)).figure
    assert [*crossing(figure)] == []


@pytest.mark.parametrize("key", PAGES)
def test_a_phone_has_room_for_the_reason_and_the_slider_too(key: str) -> None:
    subject = SUBJECTS[key]
    assert isinstance(subject, Subject)
    most = 490 if key == "minibatch" else 360
    assert all(subject.narrow(scene).height <= most for scene in subject.presets.values())


def on_a_phone(scene: Any, exercise: Exercise | None = None) -> dict[str, set[str]]:
    """By cell of the block what is written there."""
    subject = SUBJECTS["conv-block"]
    assert isinstance(subject, Subject)
    figure = subject.picture(scene, Screen(exercise=exercise, narrow=True)).figure
    found = [(said(figure, text), text) for text in texts(figure)]
    return {
        entry: {
            words
            for words, text in found
            if left < text.x < left + width and top < text.y < top + height
        }
        for entry, (left, top, width, height) in subject.narrow(scene).boxes.items()
    }


def test_on_a_phone_a_mark_says_how_it_is_wrong() -> None:
    scene = SUBJECTS["conv-block"].presets["max-tie"]
    cells = on_a_phone(scene, Exercise(frozenset({"x2"}), revealed=True))
    assert "<b>∂ +2 ✗<br>missed</b>" in cells["x1"]
    assert "∂ 0: false<br>alarm ✗" in cells["x2"]
    asked = Exercise(
        frozenset({"x4"}), True, among=frozenset({"x2", "x4"}), wrong=frozenset({"x4"})
    )
    cells = on_a_phone(scene.having("step", 3), asked)
    assert ("∂ not yet" in cells["x2"], "∂ not yet" in cells["x4"]) == (True, False)


def test_on_a_phone_a_gradient_on_the_sliders_grid_is_whole_where_it_has_room() -> None:
    scene = SUBJECTS["conv-block"].presets["unique-max"].having("x", (1.0, -2.0, 3.25, 0.5, 0.25))
    cells = on_a_phone(scene.having("w", 1.25))
    assert "<b>∂ +3.3</b>" in cells["w"], "which has no room for +3.25"
    assert "<b>∂ +1.25</b>" in cells["x3"]

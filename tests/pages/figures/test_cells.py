"""What is written in cells: large enough to be read, and in its own cell, high or flat."""

from itertools import combinations
from typing import Any, Final

import pytest

from pages.derive import derived
from pages.export.extent import Text, texts
from pages.figures.layout import SLIDE
from pages.registry import SUBJECTS
from pages.subject import Subject
from tests.pages.scenes import CONV, POOL, batch, conv, pool
from tests.pages.test_derive import GRAPHS
from tests.pages.test_overlaps import common

SCENES: Final[dict[str, tuple[Subject[Any], Any]]] = {
    **{
        f"{key}/{slug}": (subject, scene)
        for key, subject in SUBJECTS.items()
        if isinstance(subject, Subject)
        for slug, scene in subject.presets.items()
    },
    **{
        f"conv-1d {filters}": (CONV, conv(filters=filters, padding=2, w=(-1.625,) * 6))
        for filters in ("vectors", "scalars", "scalar")
    },
    "max-pool padded": (POOL, pool(size="3", padding="2", h=(-1.0625,) * 5)),
    "minibatch long": (SUBJECTS["minibatch"], batch(w=1.0625, x=(-1.0625,) * 9)),  # type: ignore[dict-item]
    **{key: (it, it.start) for key in GRAPHS for it in [derived(key, *GRAPHS[key])]},
}
every_scene = pytest.mark.parametrize("key", SCENES)


def within(subject: Subject[Any], scene: Any) -> dict[str, list[tuple[str, Text]]]:
    """By cell the texts whose middle lies in it."""
    figure = subject.picture(scene).figure
    found = [(figure["data"][text.trace]["text"][text.position], text) for text in texts(figure)]
    return {
        entry: [
            (said, text)
            for said, text in found
            if left < text.x < left + width and top < text.y < top + height
        ]
        for entry, (left, top, width, height) in subject.layout(scene).boxes.items()
    }


@every_scene
def test_every_text_can_be_read_from_the_last_row(key: str) -> None:
    subject, scene = SCENES[key]
    assert min(text.size for text in texts(subject.picture(scene).figure)) >= 18


@every_scene
def test_each_cell_holds_its_name_its_value_and_its_gradient(key: str) -> None:
    subject, scene = SCENES[key]
    cells = subject.describe(subject.trace(scene), scene).cells
    for entry, inside in within(subject, scene).items():
        assert len(inside) == 3, entry
        (label, named), (_, value), (gradient, arriving) = inside
        assert label == f"<i>{cells[entry].label}</i>"
        assert gradient.removeprefix("<b>").startswith("∂ ")
        height = subject.layout(scene).boxes[entry][3]
        if height < SLIDE.flat:
            assert named.y == value.y == arriving.y
            assert named.x < value.x < arriving.x
        else:
            assert max(named.y, value.y) < arriving.y


@every_scene
def test_no_text_is_wider_than_its_cell_or_lies_on_another(key: str) -> None:
    subject, scene = SCENES[key]
    for entry, inside in within(subject, scene).items():
        left, _, width, _ = subject.layout(scene).boxes[entry]
        for said, text in inside:
            assert left <= text.box[0] < text.box[0] + text.box[2] <= left + width, (entry, said)
        for (said, one), (other_said, other) in combinations(inside, 2):
            assert min(common(one, other)) <= 1, (entry, said, other_said)

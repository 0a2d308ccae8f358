"""What is written in cells: large enough to be read, and in its own cell, high or flat."""

from typing import Any

import pytest

from pages.figures.layout import SLIDE
from pages.subject import Subject
from tests.pages.scenes import BATCH, BLOCK, CONV, batch, block, conv

PICTURES = [
    (BLOCK, block()),
    (CONV, conv()),
    (CONV, conv(filters="vectors", padding=2)),
    (CONV, conv(filters="scalars", padding=2)),
    (BATCH, batch()),
]


@pytest.mark.parametrize(("subject", "scene"), PICTURES, ids=[str(scene) for _, scene in PICTURES])
def test_every_text_can_be_read_from_the_last_row(subject: Subject[Any], scene: Any) -> None:
    for trace in subject.picture(scene).figure["data"]:
        if "text" in trace:
            sizes = trace["textfont"]["size"]
            assert min(sizes if isinstance(sizes, list) else [sizes]) >= 18


@pytest.mark.parametrize(("subject", "scene"), PICTURES, ids=[str(scene) for _, scene in PICTURES])
def test_each_cell_holds_its_name_its_value_and_its_gradient(
    subject: Subject[Any], scene: Any
) -> None:
    cells = subject.describe(subject.trace(scene), scene).cells
    texts = [
        (x, y, text)
        for trace in subject.picture(scene).figure["data"]
        for x, y, text in zip(
            trace["x"], trace["y"], trace.get("text") or [""] * len(trace["x"]), strict=False
        )
        if text
    ]
    for entry, (left, top, width, height) in subject.layout(scene).boxes.items():
        inside = [
            (x - left, y - top, text)
            for x, y, text in texts
            if 0 < x - left < width and 0 < y - top < height and text.strip()
        ]
        assert len(inside) == 3, entry
        (_, label_y, label), (value_x, value_y, _), (gradient_x, gradient_y, gradient) = inside
        assert label == f"<i>{cells[entry].label}</i>"
        assert gradient.removeprefix("<b>").startswith("∂ ")
        if height < SLIDE.flat:
            assert label_y == value_y == gradient_y
            assert value_x < gradient_x
        else:
            assert value_y < gradient_y
            assert value_x == gradient_x

"""No text of a picture overlaps another, crosses its edge, or is too small to be read."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest

from pages.derive.picture import Screen
from pages.derive.subject import Subject
from pages.explore.conv_2d import CONV_2D_SUBJECT
from pages.export.extent import Text, texts
from pages.figures.primitives import Box, text_width
from pages.gradient_check.check_subject import CHECK_SUBJECT
from pages.inside.inside_subject import INSIDE_SUBJECT
from pages.kink.kink_scene import KinkScene
from pages.kink.kink_subject import KINK_SUBJECT
from pages.kink.results import PAGES_WITH_A_SLICE, inputs_of
from tests.for_each import for_each
from tests.pages.scenes import pool

LEADING = 0.15
"""The free space above and below a line's characters, as a fraction of the line's height."""
SUBJECTS = (KINK_SUBJECT, CHECK_SUBJECT, CONV_2D_SUBJECT, INSIDE_SUBJECT)
DERIVED = [
    page.subject for page in PAGES_WITH_A_SLICE.values() if isinstance(page.subject, Subject)
]
"""The derived pages, including any new one, whose layer may draw something new."""


def cases(*subjects: Any) -> list[tuple[Any, str]]:
    return [(each, slug) for each in subjects for slug in each.presets]


CASES = cases(*SUBJECTS)
ROOM = {False: (906, 385), True: (374, 340)}
"""narrow -> the picture's CSS pixels: on a 1280 × 600 projector beside the text; on a phone."""
SMALLEST = {False: 14, True: 12}
"""narrow -> the least size of a text in CSS pixels."""


def crossing(figure: Mapping[str, Any]) -> Iterator[str]:
    """The texts that overlap others, or cross the picture's left or right edge."""
    found = [*texts(figure)]
    for one in found:
        (left, top, width, height), layout = one.box, figure["layout"]
        clear = height * LEADING
        across = left < 0 or left + width > layout["width"]
        if across or top + clear < 0 or top + height - clear > layout["height"]:
            yield f"{said(figure, one)} beyond the edge"
    rows = [(i, box) for i, text in enumerate(found) for box in lines(figure, text)]
    boxes = np.array([box for _, box in rows]).reshape(-1, 4).T
    across, down = common(boxes[:, :, None], boxes[:, None])
    both = {(rows[a][0], rows[b][0]) for a, b in np.argwhere((across > 1) & (down > 1))}
    for i, j in sorted(both):
        if j < i:
            yield f"{said(figure, found[j])} under {said(figure, found[i])}"


def lines(figure: Mapping[str, Any], text: Text) -> Iterator[Box]:
    """The box of each line of a text, centred in the text's box."""
    left, top, width, height = text.box
    each = said(figure, text).split("<br>")
    for row, line in enumerate(each):
        bold = "<b>" * ("<b>" in said(figure, text))
        wide = min(width, text_width(bold + line, text.size))
        yield left + (width - wide) / 2, top + row * height / len(each), wide, height / len(each)


def common(one: Any, other: Any) -> tuple[Any, Any]:
    """The overlap of two lines of text, across and down; arrays of boxes have the shape (4, …)."""
    (left, top, width, height), (x, y, w, h) = one, other
    across = np.minimum(left + width, x + w) - np.maximum(left, x)
    lower = np.minimum(top + height * (1 - LEADING), y + h * (1 - LEADING))
    return across, lower - np.maximum(top + height * LEADING, y + h * LEADING)


def said(figure: Mapping[str, Any], text: Text) -> str:
    return str(figure["data"][text.trace]["text"][text.position])


@for_each("narrow", [False, True])
@for_each(("subject", "slug"), cases(*SUBJECTS, *DERIVED))
def test_every_text_can_be_read(subject: Any, slug: str, narrow: bool) -> None:
    picture = subject.picture(subject.presets[slug], Screen(narrow=narrow))
    assert [*crossing(picture.figure)] == []
    layout = picture.figure["layout"]
    across, down = (
        room / layout[side] for room, side in zip(ROOM[narrow], ("width", "height"), strict=True)
    )
    scale = across if narrow else min(across, down)  # on a phone the rest is scrolled to
    for text in texts(picture.figure):
        assert text.size * scale >= SMALLEST[narrow], said(picture.figure, text)


@for_each("narrow", [False, True])
@for_each(("subject", "slug"), CASES)
def test_all_that_can_be_chosen_lies_on_the_picture(subject: Any, slug: str, narrow: bool) -> None:
    picture = subject.picture(subject.presets[slug], Screen(narrow=narrow))
    layout = picture.figure["layout"]
    for each in (*picture.targets, *picture.grids):
        left, top, width, height = each.box
        assert 0 <= left <= left + width <= layout["width"], each
        assert 0 <= top <= top + height <= layout["height"], each
    if narrow:  # so that a finger can hit them
        assert all(each.box[3] >= 44 for each in picture.targets)


@for_each(("subject", "slug"), CASES)
def test_no_slider_lies_over_a_text(subject: Any, slug: str) -> None:
    scene = subject.presets[slug]
    figure = subject.picture(scene).figure
    for slider in subject.sliders(scene):
        box = (slider.left, slider.top - 11, slider.width, 22.0)
        for text in texts(figure):
            shared = common(text.box, box)
            assert min(shared) <= 1, (slider.name, said(figure, text))


@pytest.mark.parametrize("slug", KINK_SUBJECT.presets)
def test_a_slice_along_any_entry_can_be_read(slug: str) -> None:
    scene = KINK_SUBJECT.presets[slug]
    for entry in inputs_of(scene.of, scene.inner):
        assert [*crossing(KINK_SUBJECT.picture(scene.chosen(entry)).figure)] == [], entry


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("sent", [2.0**-10, -(2.0**-10), 1e-5, -0.0123, -3.75])
def test_brackets_and_slices_of_any_size_can_be_read(sent: float, narrow: bool) -> None:
    inner = pool(
        h=(-1, -1, -1, -1, -2), dz=(sent,) * 7, size="3", stride="1", padding="1", entry="h2"
    )
    scene = KinkScene.over("max-pool", inner)
    assert [*crossing(KINK_SUBJECT.picture(scene, Screen(narrow=narrow)).figure)] == []


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize(
    "query",
    [
        {"x": "0.0025,2,2,0.5,-1", "w": "1", "dz": "-0.0004969293"},
        {"x": "0.0039,-0.0037,4,4,0.7652", "w": "0", "dz": "0.00061914986"},
    ],
)
def test_a_slice_with_long_numbers_lies_on_the_picture(query: dict[str, str], narrow: bool) -> None:
    scene, problems = KINK_SUBJECT.presets["three-way-tie"].updated(query | {"entry": "w"})
    assert problems == []
    assert [*crossing(KINK_SUBJECT.picture(scene, Screen(narrow=narrow)).figure)] == []


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize(
    ("slug", "changes"),
    [
        ("smooth", {"layer": "block-loss", "x": "1.5,-1,2,0.5", "w": "0,-1", "entry": "w2"}),
        ("sign", {"x": "4,-2.85,0.5,0,-1.25,2"}),
        ("flipped-filter", {"x": "4,3.75,0.6745,-4", "w": "0.00025,-4,-4", "b": "-3.5495"}),
        ("sign", {"x": "4,2,0.5,-1,-3.5,2", "eps": "1e-6", "entry": "s2,2"}),
    ],
)
def test_a_check_with_long_numbers_can_be_read(
    slug: str, changes: dict[str, str], narrow: bool
) -> None:
    scene, problems = CHECK_SUBJECT.presets[slug].updated(changes)
    assert problems == []
    picture = CHECK_SUBJECT.picture(scene, Screen(narrow=narrow))
    assert [*crossing(picture.figure)] == []
    row = min(target.box[3] for target in picture.targets)
    for text in texts(picture.figure):
        said = picture.figure["data"][text.trace]["text"][text.position]
        if said[0] in "✓✗":  # beside a row: on no other one, and on no frame
            assert (0.9 + 1.3 * said.count("<br>")) * text.size <= row


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("slug", ["smooth", "step-size", "missing-sum", "overwritten-overlaps"])
def test_a_check_with_any_step_can_be_read(slug: str, narrow: bool) -> None:
    scene = CHECK_SUBJECT.presets[slug]
    for quarters in range(-13 * 4, -3, 5):  # 5 quarters apart, so that every fraction occurs
        moved = scene.moved("eps", quarters / 4)
        figure = CHECK_SUBJECT.picture(moved, Screen(narrow=narrow)).figure
        assert [*crossing(figure)] == [], quarters / 4

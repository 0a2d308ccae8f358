"""No text of a picture lies over another, and none beyond its edge."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from pages.export.extent import Text, texts
from pages.gradient_check.check_subject import CHECK_SUBJECT
from pages.kink.kink_subject import KINK_SUBJECT
from pages.kink.results import inputs_of

LEADING = 0.15
"""Of a line's height, what is above its signs, and beneath them."""
SUBJECTS = (KINK_SUBJECT, CHECK_SUBJECT)


def crossing(figure: Mapping[str, Any]) -> Iterator[str]:
    """What lies over something else, or beyond the picture's left or right edge."""
    found = [*texts(figure)]
    for i, one in enumerate(found):
        left, _, width, _ = one.box
        if left < 0 or left + width > figure["layout"]["width"]:
            yield f"{said(figure, one)} beyond the edge"
        yield from (
            f"{said(figure, other)} under {said(figure, one)}"
            for other in found[:i]
            if all(shared > 1 for shared in common(one, other))
        )


def common(one: Text, other: Text) -> tuple[float, float]:
    """How much of two lines of text is in the same place, across and down."""
    (left, top, width, height), (x, y, w, h) = one.box, other.box
    across = min(left + width, x + w) - max(left, x)
    lower = min(top + height * (1 - LEADING), y + h * (1 - LEADING))
    return across, lower - max(top + height * LEADING, y + h * LEADING)


def said(figure: Mapping[str, Any], text: Text) -> str:
    return str(figure["data"][text.trace]["text"][text.position])


@pytest.mark.parametrize(
    ("subject", "slug"), [(each, slug) for each in SUBJECTS for slug in each.presets]
)
def test_every_text_can_be_read(subject: Any, slug: str) -> None:
    assert [*crossing(subject.picture(subject.presets[slug]).figure)] == []


@pytest.mark.parametrize("slug", KINK_SUBJECT.presets)
def test_a_slice_along_any_entry_can_be_read(slug: str) -> None:
    scene = KINK_SUBJECT.presets[slug]
    for entry in inputs_of(scene.of, scene.inner):
        assert [*crossing(KINK_SUBJECT.picture(scene.chosen(entry)).figure)] == [], entry


@pytest.mark.parametrize("slug", ["smooth", "step-size", "missing-sum", "overwritten-overlaps"])
def test_a_check_with_any_step_can_be_read(slug: str) -> None:
    scene = CHECK_SUBJECT.presets[slug]
    for quarters in range(-13 * 4, -3):
        figure = CHECK_SUBJECT.picture(scene.moved("eps", quarters / 4)).figure
        assert [*crossing(figure)] == [], quarters / 4

"""Drawings as text: reading returns what was drawn, and malformed texts are refused."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pages.inside.painting import (
    INK,
    PAPER,
    Painting,
    centred,
    cover,
    is_cover,
    painted,
    states,
    written,
)
from tests.for_each import for_each

drawings = arrays(np.uint8, (28, 28), elements=st.integers(0, INK), fill=st.just(0))


@given(drawings)
def test_what_is_written_is_read(drawing: Any) -> None:
    text = written(drawing)
    np.testing.assert_array_equal(states(text), drawing)
    touched = np.argwhere(drawing)
    rows, columns = np.ptp(touched, axis=0) + 1 if len(touched) else (0, 0)
    assert len(text) == (4 + (rows * columns + 1) // 2 if len(touched) else 0)


def test_by_hand() -> None:
    drawing = np.zeros((28, 28), np.uint8)
    drawing[2, 26] = INK
    drawing[3, 27] = PAPER
    # C, a, C, C: from row 2 and column 26 on, two rows and two columns; then 5 0, 0 1.
    assert written(drawing) == "CaCCoB"
    image = np.full((28, 28), 0.5, np.float32)
    over = painted(image, "CaCCoB")
    assert over.dtype == np.float32
    assert (over[2, 26], over[3, 27], over[2, 27]) == (1, 0, 0.5)
    assert painted(image * 0, "AABBY")[0, 0] == 0.5
    assert (painted(image, "") == image).all()
    assert not states("CaCCoB").flags.writeable, "everybody gets the same"


@for_each(
    "text",
    [
        "A",
        "AAA",
        "!!!!",
        "AAB",
        "AABBAA",
        "AABB-",
        "AABBH",
        "AABBp",
        "AABBw",  # 6 0, a level that there is not
        "AABBoo",
        "bbCBAA",
        "AAccA",
        "é",
        "A" * 397,
    ],
)
def test_what_is_no_drawing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*") as refused:
        states(text)
    assert len(str(refused.value)) <= 396, "no more is read than the longest drawing has"


def test_a_larger_box_than_needed_becomes_the_least() -> None:
    wide = "AABC" + "o"  # row 0, columns 0 and 1, of which one is touched
    drawing = states(wide)
    assert written(drawing) == Painting().read(wide) == "AABBo"
    assert written(states("AABBA")) == written(states("AAAA")) == ""


@pytest.mark.parametrize(("row", "column"), [(3, 20), (13, 13), (12, 1), (25, 14)])
def test_the_middle_is_between_the_pixels_14_and_15(row: int, column: int) -> None:
    drawing, middle = np.zeros((2, 28, 28), np.uint8)
    drawing[row : row + 2, column : column + 2] = middle[13:15, 13:15] = INK
    np.testing.assert_array_equal(states(centred(written(drawing))), middle)


def test_what_touches_an_edge_is_not_moved_over_it() -> None:
    drawing = np.zeros((28, 28), np.uint8)
    drawing[14, 5], drawing[14, 27] = INK, PAPER  # by the ink alone it would be moved to the right
    np.testing.assert_array_equal(states(centred(written(drawing))), drawing)
    turned = drawing[:, ::-1].copy()
    np.testing.assert_array_equal(states(centred(written(turned))), turned)


@given(drawings)
def test_centring_moves_all_of_it_by_the_same(drawing: Any) -> None:
    text = written(drawing)
    moved = states(centred(text))
    np.testing.assert_array_equal(np.sort(moved.ravel()), np.sort(drawing.ravel()))
    ink = np.where(moved > PAPER, moved - PAPER, 0).astype(float)
    if not ink.any():
        assert centred(text) == text
        return
    for axis in (0, 1):
        along = ink.sum(axis=1 - axis)
        away = abs(along @ np.arange(28) / along.sum() - 13.5)
        touched = np.flatnonzero(moved.any(axis=1 - axis))
        at_the_edge = touched[0] == 0 or touched[-1] == 27
        assert away <= 0.5 + 1e-9 or at_the_edge


@pytest.mark.parametrize("level", range(PAPER, INK + 1))
def test_what_has_any_ink_does_not_cover(level: int) -> None:
    over = states(cover(3, 4, 5)).copy()
    assert over.sum() == 25 * PAPER
    over[3, 4] = level
    assert is_cover(written(over)) == (level == PAPER)

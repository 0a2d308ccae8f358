"""Handwritten digits: which one comes next, and what is painted over one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.mnist import load
from pages.state.digits import Dot, Dots, digit, next_of, painted, toggled
from tests.for_each import for_each

DOTS = st.lists(
    st.builds(Dot, st.integers(0, 7), st.integers(0, 27), st.integers(0, 27), st.booleans()),
    max_size=20,
    unique_by=lambda dot: (dot.of, dot.row, dot.column),
).map(lambda some: tuple(sorted(some)))


def test_a_pixel_is_rounded_to_the_nearest_quarter() -> None:
    """In whole numbers: 4p/255 has no tie, because 8p is even and 255 · (2k + 1) is odd."""
    for number in range(20):
        bytes_ = load().images[number].astype(int)
        assert (4 * digit(number) == (8 * bytes_ + 255) // 510).all()
    with pytest.raises(ValueError, match="read-only"):
        digit(61)[0, 0] = 1.0


def test_the_next_image_of_a_digit() -> None:
    labels = load().labels
    found = next_of(8, 61)
    assert labels[found] == 8
    assert not (labels[62:found] == 8).any()
    assert next_of(int(labels[-1]), 9_999) < 9_999


def test_the_next_image_of_a_digit_among_others() -> None:
    # Of MNIST's first test images, 7 2 1 0 4 1 4 9 5 9: those that show a 1, a 4 or a 9.
    among = (9, 2, 4, 7, 5, 6)
    assert next_of(4, 9, among) == 4
    assert next_of(4, 4, among) == 6
    assert next_of(4, 6, among) == 4
    assert next_of(9, 7, among) == 9
    assert next_of(1, 0, among) == 2, "0 is none of them"
    assert next_of(9, 0, among) == 9, "so they are gone through from the first on"
    assert next_of(4, 4, (2, 4)) == 4, "there is no other"


@given(DOTS)
def test_dots_are_read_as_they_were_written(some: tuple[Dot, ...]) -> None:
    codec = Dots(8, 784)
    assert codec.read(codec.write(some)) == some


def test_paint_on_a_digit_that_the_minibatch_has_not_is_not_read() -> None:
    beyond = Dots(9, 784).write((Dot(8, 0, 0, ink=True),))
    with pytest.raises(ValueError, match=beyond):
        Dots(8, 784).read(beyond)


def test_paint_is_read_in_order_and_each_pixel_once() -> None:
    one, other, again = Dot(0, 0, 1, ink=True), Dot(0, 0, 3, ink=True), Dot(0, 0, 1, ink=False)
    codec = Dots(8, 2)
    assert codec.read(codec.write((other, one))) == (one, other)
    three = codec.write((one, other, Dot(1, 0, 1, ink=True)))
    for text in (codec.write((one, again)), codec.write((one, one)), three, three[:-1], three[:1]):
        with pytest.raises(ValueError, match=f"^{text}$"):
            codec.read(text)


def test_a_grey_pixel_becomes_ink_then_paper() -> None:
    there = digit(61)
    (row, column) = map(int, np.argwhere(there == 0.25)[0])
    once = toggled((), 0, (row, column), there)
    twice = toggled(once, 0, (row, column), there)
    assert [dot.ink for dot in (*once, *twice)] == [True, False]


@for_each(
    ("grey", "inks"),
    [
        (0.0, [[True], []]),  # at its own value again, it is no longer painted
        (0.5, [[False], [True]]),
        (0.75, [[False], [True]]),
        (1.0, [[False], []]),
    ],
)
def test_a_pixel_that_is_clicked_turns_from_ink_into_paper_or_back(
    grey: float, inks: list[list[bool]]
) -> None:
    there = digit(61)
    (row, column) = map(int, np.argwhere(there == grey)[0])
    once = toggled((), 0, (row, column), there)
    twice = toggled(once, 0, (row, column), there)
    assert [[dot.ink for dot in dots] for dots in (once, twice)] == inks


def test_a_digit_is_painted_over_by_its_own_dots_alone() -> None:
    there, of_another = digit(61), Dot(1, 0, 3, ink=True)
    both = toggled((of_another,), 0, (0, 3), there)
    assert both == (Dot(0, 0, 3, ink=True), of_another)
    assert toggled(both, 0, (0, 3), there) == (of_another,)
    assert (painted(there, (of_another,), 0) == there).all()
    assert np.argwhere(painted(there, both, 0) != there).tolist() == [[0, 3]]


def test_in_whatever_order_pixels_are_painted_the_drawing_is_one() -> None:
    there, (one, other) = digit(61), ((0, 3), (0, 1))
    first = toggled(toggled((), 0, one, there), 0, other, there)
    assert first == toggled(toggled((), 0, other, there), 0, one, there)
    assert {(dot.row, dot.column) for dot in first} == {one, other}

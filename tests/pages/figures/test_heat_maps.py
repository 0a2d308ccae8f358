"""Heat maps: colours that distinguish 0 from all other numbers, and numbers in few characters."""

import base64
import struct
from io import BytesIO
from math import dist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from pages.figures.heat_maps import (
    MIDDLE,
    Colouring,
    Mosaic,
    Packed,
    border,
    borders,
    cell_middles,
    cell_numbers,
    colours,
    data_uri,
    has_room,
    heat_map,
    lattice,
    levels,
    pack,
)
from pages.figures.theme import NEGATIVE, PALETTES, POSITIVE, Theme
from tests.for_each import for_each

BOX = (100.0, 50.0, 90.0, 80.0)
numbers = arrays(np.float64, (3, 4), elements=st.floats(-1e6, 1e6, allow_subnormal=False))


def unpacked(packed: Packed) -> np.ndarray:
    raw = base64.b64decode(packed.data)
    return np.frombuffer(raw, f"<i{packed.size}").reshape(3, 4) * packed.scale


def picture(uri: str) -> Image.Image:
    return Image.open(BytesIO(base64.b64decode(uri.removeprefix("data:image/png;base64,"))))


def pixels(uri: str) -> list[list[str]]:
    """The colours of a PNG's pixels, as "#RRGGBB"."""
    colours = np.asarray(picture(uri).convert("RGB"))
    return [[f"#{bytes(colour).hex().upper()}" for colour in row] for row in colours]


@for_each(("count", "bits"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 4), (16, 4), (17, 8), (256, 8)])
def test_a_picture_with_so_many_colours(count: int, bits: int) -> None:
    shades = [f"#{i:02X}00FF" for i in range(256)]
    numbers = np.arange(7 * 41).reshape(7, 41) % count + (256 - count)
    uri = data_uri(numbers.astype(np.uint8), shades)
    assert pixels(uri) == [[shades[i] for i in row] for row in numbers]
    width, height, *head = struct.unpack(">IIBB", base64.b64decode(uri.partition(",")[2])[16:26])
    assert (width, height, *head) == (41, 7, bits, 3), "the colours are in a palette"


@given(numbers)
def test_only_zero_has_the_colour_of_zero(array: np.ndarray) -> None:
    found = levels(array, max(float(np.abs(array).max()), 1e-9))
    assert ((found == MIDDLE) == (array == 0)).all()
    assert (np.sign(found.astype(int) - MIDDLE) == np.sign(array)).all()
    assert found.max() <= 2 * MIDDLE


@pytest.mark.parametrize("top", [5e-324, 1e-310, 1.0, 1e120])
def test_among_the_least_and_the_largest_numbers_only_zero_has_the_colour_of_zero(
    top: float,
) -> None:
    found = levels(np.array([-top, -5e-324, -0.0, 0.0, 5e-324, top]), top)
    assert found[[0, 2, 3, 5]].tolist() == [0, MIDDLE, MIDDLE, 2 * MIDDLE]
    assert found[1] < MIDDLE < found[4]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("pale", [False, True])
def test_gradients_are_grey_at_zero_alone(theme: Theme, pale: bool) -> None:
    scale = colours(theme, "gradients", pale=pale)
    assert len(scale) == 2 * MIDDLE + 1
    assert scale[MIDDLE] == PALETTES[theme].map_zero
    assert scale.count(scale[MIDDLE]) == 1
    assert pale or (scale[0], scale[-1]) == (NEGATIVE, POSITIVE)


def away(one: str, other: str) -> float:
    """The Euclidean distance of two colours."""
    return dist(*(bytes.fromhex(each[1:]) for each in (one, other)))


@for_each(("colouring", "faintest"), [("values", 0.0), ("gradients", 0.3)])
@for_each("theme", ["light", "dark"])
@for_each("pale", [False, True])
def test_from_the_smallest_number_on_colours_go_evenly_to_the_last(
    theme: Theme, colouring: Colouring, faintest: float, pale: bool
) -> None:
    zero, *_ = (scale := colours(theme, colouring, pale=pale))[MIDDLE:]
    for side in (scale[MIDDLE + 1 :], scale[:MIDDLE][::-1]):
        parts = [away(each, zero) / away(side[-1], zero) for each in side]
        shares = [faintest + (1 - faintest) * n / MIDDLE for n in range(1, MIDDLE + 1)]
        assert parts == pytest.approx(shares, abs=0.02)
        strongest = away(side[-1], zero)
        full = colours(theme, colouring, pale=False)
        ends = [away(each, zero) for each in (full[0], full[-1])]
        assert (strongest in ends) != pale


def test_a_heat_map_is_a_picture_with_a_pixel_for_each_cell() -> None:
    array = np.array([[0.0, 2.0, -2.0], [1e-9, 0.0, 2.0]])
    drawn = heat_map(array, BOX, 2.0, "light", "gradients", pale=False)
    zero = PALETTES["light"].map_zero
    first, second = pixels(drawn["source"])
    assert first == [zero, POSITIVE, NEGATIVE]
    assert second[1:] == [zero, POSITIVE]
    assert second[0] not in (zero, POSITIVE)
    assert (drawn["x0"], drawn["dx"], drawn["y0"], drawn["dy"]) == (115.0, 30.0, 70.0, 40.0)


@pytest.mark.parametrize("shape", [(1, 784), (784, 1), (99, 99), (28, 120)])
def test_a_heat_map_fills_its_box_however_many_cells_it_has(shape: tuple[int, int]) -> None:
    left, top, width, height = box = (100.0, 50.0, 90.0, 90.0)
    drawn = heat_map(np.ones(shape), box, 1.0, "light", "values", pale=False)
    rows, columns = shape
    right, bottom = (
        drawn[x] + (n - 0.5) * drawn[f"d{x[0]}"] for x, n in (("x0", columns), ("y0", rows))
    )
    assert (right, bottom) == pytest.approx((left + width, top + height), abs=0.06)


@given(numbers)
def test_what_is_packed_comes_out_again(array: np.ndarray) -> None:
    packed = pack(array)
    there = unpacked(packed)
    assert ((there == 0) == (array == 0)).all()
    assert np.abs(there - array).max() <= np.abs(array).max() * 2.0**-30


def test_the_least_numbers_are_packed_too() -> None:
    array = np.zeros((3, 4))
    array[0, :3] = 5e-324, -1e-322, 1e-315
    assert (unpacked(pack(array)) == array).all()


@given(arrays(np.float64, (3, 4), elements=st.integers(-500, 500).map(lambda n: n / 16)))
def test_sums_of_quarters_are_packed_exactly(array: np.ndarray) -> None:
    packed = pack(array)
    assert packed.size <= 2
    assert (unpacked(packed) == array).all()


def test_numbers_of_a_few_steps_take_a_byte_each() -> None:
    assert pack(np.array([[0.0, 1.0], [-1.0, 0.25]])).size == 1
    assert pack(np.array([[0.0, 1e-12], [1.0, 0.25]])).size == 4


@pytest.mark.parametrize(
    ("room", "said"), [(33, ["−⅓", "1"]), (32, ["−.3", "1"]), (30, [" ", " "])]
)
def test_a_fraction_is_as_wide_as_its_sign(room: float, said: list[str]) -> None:
    assert cell_numbers(np.array([[-1 / 3, 1.0]]), room) == said


@pytest.mark.parametrize(
    ("room", "said"),
    [
        (73, ["−1.3125", "0.25", "0"]),
        (52, ["−1.31", ".25", "0"]),
        (42, ["−1.3", ".3", "0"]),
        (30, [" ", " ", " "]),
    ],
)
def test_numbers_as_long_as_there_is_room(room: float, said: list[str]) -> None:
    assert cell_numbers(np.array([[-1.3125, 0.25, 0.0]]), room) == said


def test_only_a_zero_is_written_as_one() -> None:
    assert cell_numbers(np.array([[0.004, 0.0, -1.25, -0.03]]), 42) == ["≈0", "0", "−1.3", "≈0"]


def test_numbers_stand_in_the_middles_of_their_cells_row_by_row() -> None:
    first, second = [(15, 25), (25, 25), (35, 25)], [(15, 45), (25, 45), (35, 45)]
    assert cell_middles((10, 15, 30, 40), 2, 3) == [*first, *second]


def test_a_border_goes_around_a_block_once() -> None:
    mask = np.zeros((4, 6), np.bool_)
    mask[1:3, 2:5] = True
    points = border((0.0, 0.0, 60.0, 40.0), mask)
    lines = {frozenset(points[i : i + 2]) for i in range(0, len(points), 3)}
    corners = [(20.0, 10.0), (50.0, 10.0), (50.0, 30.0), (20.0, 30.0)]
    assert lines == {frozenset((corners[i], corners[i - 1])) for i in range(4)}
    assert points[2::3] == [None] * 4


def test_a_border_around_nothing_and_around_everything() -> None:
    assert border(BOX, np.zeros((3, 3), np.bool_)) == []
    assert len(border(BOX, np.ones((3, 3), np.bool_))) == 4 * 3


def test_a_border_lies_over_the_paper_around_it() -> None:
    under, over = borders([(0, 0), (9, 0), None], 3, POSITIVE, PALETTES["light"])
    assert (under["x"], under["y"]) == (over["x"], over["y"])
    assert (under["line"]["color"], over["line"]["color"]) == (PALETTES["light"].paper, POSITIVE)
    assert under["line"]["width"] > over["line"]["width"] == 3


def test_a_mosaic_has_every_tile_in_its_place() -> None:
    mosaic = Mosaic((10, 20), columns=2, rows=2, tile=4, cell=5, gap=(1, 2))
    assert mosaic.boxes == [
        (10, 20, 20, 20), (35, 20, 20, 20), (10, 50, 20, 20), (35, 50, 20, 20)
    ]  # fmt: skip
    tiles = [np.full((2, 2), 1.0), np.array([[0.0, -1.0], [0.5, 0.0]]), np.zeros((2, 2))]
    drawn = np.array(pixels(mosaic.drawn(tiles, 1.0, "light")["source"]))
    assert drawn.shape == (10, 9)
    ink, paper, below = drawn[0, 0], drawn[0, 4], drawn[0, 7]
    assert len({ink, paper, below}) == 3
    assert (drawn[:4, :4] == ink).all()
    assert (drawn[:, 4] == paper).all()
    assert (drawn[4:6] == paper).all()
    assert (drawn[:2, 7:9] == below).all()
    assert drawn[2, 5] not in {ink, paper, below}


def test_of_more_tiles_than_places_the_first_are_shown() -> None:
    mosaic = Mosaic((0, 0), columns=2, rows=1, tile=2, cell=5, gap=(1, 0))
    assert (
        mosaic.joined([np.full((2, 2), n) for n in (3, 4, 5)], 0).tolist() == [[3, 3, 0, 4, 4]] * 2
    )


@for_each(
    ("cell", "size", "fits"), [(25, 18, True), (24, 18, False), (13, 9, True), (30, 25, False)]
)
def test_smaller_numbers_have_room_in_smaller_cells(cell: float, size: int, fits: bool) -> None:
    assert has_room(cell, size) == fits


def test_there_is_a_line_between_any_two_rows_and_columns() -> None:
    across = [each for y in (10, 20) for each in ((0, y), (20, y), None)]
    assert lattice((0, 0, 20, 30), 3, 2) == [(10, 0), (10, 30), None, *across]

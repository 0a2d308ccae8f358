"""An array as two heat maps: what they show while values or gradients are unknown; their cells."""

from base64 import b64decode
from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageColor

from engine import ReLU, trace
from pages.derive.picture import Screen
from pages.derive.subject import grids
from pages.figures.array_maps import ArrayMap, Grid, _grid, _in_lines, map_drawings
from pages.figures.columns import layout_of
from pages.figures.info import Naming, describe_graph
from pages.figures.layout import View
from pages.figures.maps import Maps
from pages.figures.primitives import Box, outlines
from pages.figures.theme import PALETTES, Theme
from pages.language.catalogue import say
from pages.registry import SUBJECTS
from pages.state.predict import Exercise
from tests.for_each import for_each

BOX = (0.0, 0.0, 90.0, 30.0)
A = np.array([[-1.0, 2.0, 3.0], [4.0, -5.0, 6.0]])


@pytest.mark.parametrize(
    ("step", "values", "gradients"),
    [(0, 0 * A, 0 * A), (1, np.maximum(A, 0), 0 * A), (2, np.maximum(A, 0), 1 + 0 * A)],
)
def test_a_number_is_there_once_it_is_computed(
    step: int, values: np.ndarray, gradients: np.ndarray
) -> None:
    naming = Naming((("a",),), "h")
    info = describe_graph(trace(ReLU(), A), naming, step, ("a", "h"))
    cells = [cell for cell in info.cells.values() if cell.letter == "h"]
    shown = ArrayMap(cells, BOX, BOX).numbers
    np.testing.assert_array_equal(shown, [values.ravel(), gradients.ravel()])


@for_each("letter", ["a", "h"])
@for_each("step", [0, 1, 2])
def test_a_reader_hears_no_number_before_it_is_computed(step: int, letter: str) -> None:
    naming = Naming((("a",),), "h")
    info = describe_graph(trace(ReLU(), A), naming, step, ("a", "h"))
    cells = [cell for cell in info.cells.values() if cell.letter == letter]
    upper, lower = grids([ArrayMap(cells, BOX, BOX)])
    assert (upper.values, upper.gradients) == (None, None), "they are said of the lower one"
    assert (lower.values is None) == (step == 0 and letter == "h")
    assert (lower.gradients is None) == (step < 2)
    heard = [say(which, map=letter) for which in ("aria.map", "aria.map.gradients")]
    assert [upper.said, lower.said] == heard


@pytest.mark.parametrize(
    ("count", "width", "height", "lines"),
    [
        (12, 400.0, 100.0, (2, 6)),  # cells of 67 × 50; one line: 33 × 100, three: 100 × 33
        (36, 200.0, 200.0, (6, 6)),
        (7, 400.0, 100.0, (1, 7)),  # its lines would not be whole
        (64, 100.0, 400.0, (16, 4)),
    ],
)
def test_a_long_row_goes_on_in_lines_of_cells_as_square_as_can_be(
    count: int, width: float, height: float, lines: tuple[int, int]
) -> None:
    assert _in_lines(count, width, height) == lines


def test_rows_that_all_go_on_in_lines_share_the_height() -> None:
    box = (10.0, 20.0, 48.0, 6.0)
    grid, lined = _grid((2, 64), box)  # for each row 48 × 3: 2 lines of cells of 1.5 × 1.5
    assert (grid, lined) == (Grid(box, 1, 2, 2, 32), True)


def shades(source: str) -> set[tuple[int, ...]]:
    """The colours in a picture that is given as a data URI."""
    picture = Image.open(BytesIO(b64decode(source.partition(",")[2]))).convert("RGB")
    return {tuple(map(int, colour)) for colour in np.asarray(picture).reshape(-1, 3)}


@pytest.mark.parametrize("exercise", [None, Exercise(marking=False)])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_is_not_known_has_not_the_colour_of_zero(
    theme: Theme, exercise: Exercise | None
) -> None:
    subject = SUBJECTS["stack"]
    scene = subject.presets["digit"]
    if exercise is None:
        scene = scene.moved("step", 0)
    figure = subject.picture(scene, Screen(theme, exercise)).figure
    values, gradients = (
        [shades(each["source"]) for each in figure["data"] if each["type"] == "image"][half::2]
        for half in (0, 1)
    )
    empty = {ImageColor.getrgb(PALETTES[theme].paper)}
    assert len(gradients) > 2
    assert all(each == empty for each in gradients)
    assert empty != values[0], "x is known from the start"
    assert (values[1] == empty) == (exercise is None), "what is made of it is not"


def test_a_wrong_prediction_is_framed() -> None:
    subject = SUBJECTS["stack"]
    scene = subject.presets["digit"]
    exercise = Exercise(revealed=True)  # nothing was marked, so every nonzero gradient was missed
    picture = subject.picture(scene, Screen(exercise=exercise))
    info = subject.describe(subject.trace(scene), scene)
    maps = tuple(grid.prefix for grid in picture.grids)
    asked = {cell for cells in exercise.entries(info).values() for cell in cells}
    missed = [cell for cell in asked if info.cells[cell].grad and cell.startswith(maps)]
    framed = [
        each
        for each in picture.figure["data"]
        if each.get("line", {}).get("color") == PALETTES["light"].failed
    ]
    assert sum(each["x"].count(None) for each in framed) == len(missed) > 10
    marks = {text for each in picture.figure["data"] for text in each.get("text", ())}
    judged = {"right": "<b>✓</b>", "wrong": "<b>✗</b>"}
    looks = {sign.look for sign in picture.legend if sign.meaning.startswith("your mark is")}
    assert looks == {"frame", *(look for look, mark in judged.items() if mark in marks)}


@pytest.mark.parametrize(("shape", "hatched"), [("6,6", False), ("2", True)])
def test_only_cells_are_hatched_until_they_are_computed(shape: str, hatched: bool) -> None:
    subject = SUBJECTS["stack"]
    scene, problems = subject.start.updated({"layers": "relu", "shape": shape, "step": "0"})
    assert problems == []
    picture = subject.picture(scene)
    patterns = (each.get("marker", {}).get("pattern", {}) for each in picture.figure["data"])
    assert any("/" in each.get("shape", ()) for each in patterns) == hatched
    assert ("hatched" in {sign.look for sign in picture.legend}) == hatched


@pytest.mark.parametrize(
    ("seen", "marks"),
    [
        ({"shares": (0.75, 0.25)}, 0.25),  # the first vote of a class, and its last
        ({"shares": (0.75,)}, 0.75),
        ({"shares": ()}, 0.0),
        ({"guess": True}, 1.0),
        ({"guess": False}, 0.0),
    ],
)
def test_what_is_marked_stands_in_the_place_of_the_gradients(
    seen: dict[str, Any], marks: float
) -> None:
    info = describe_graph(trace(ReLU(), A), Naming((("a",),), "h"))
    cells = [
        replace(cell, known="value", **seen) for cell in info.cells.values() if cell.letter == "a"
    ]
    np.testing.assert_array_equal(ArrayMap(cells, BOX, BOX).numbers, [A.ravel(), [marks] * A.size])


@pytest.mark.parametrize(("share", "part"), [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0)])
def test_a_mark_has_its_colour_as_far_as_a_class_agrees(share: float, part: float) -> None:
    passed, naming = trace(ReLU(), A), Naming((("a",),), "h")
    cells = describe_graph(passed, naming).cells.values()
    there = [replace(each, known="value", shares=(share,)) for each in cells if each.letter == "a"]
    drawings = map_drawings([ArrayMap(there, BOX, BOX)], [], layout_of(passed, naming), View(""))
    _, marks = (each["source"] for each in drawings if each["type"] == "image")
    none, all_of_them = map(
        ImageColor.getrgb, (PALETTES["light"].fill_unknown, PALETTES["light"].muted)
    )
    expected = [low + part * (high - low) for low, high in zip(none, all_of_them, strict=True)]
    (found,) = shades(marks)
    np.testing.assert_allclose(found, expected, atol=5)  # the steps of the colour scale


@for_each("seen", [{"guess": False}, {"guess": True}, {"shares": ()}])
@for_each("places", [[], [0], [1, 4], [0, 1, 2, 3, 4], [*range(6)]])
def test_cells_that_somebody_is_asked_about_are_framed_unless_they_are_all(
    places: list[int], seen: dict[str, Any]
) -> None:
    info = describe_graph(trace(ReLU(), A), Naming((("a",),), "h"))
    cells = [cell for cell in info.cells.values() if cell.letter == "a"]
    cells = [replace(each, **seen) if at in places else each for at, each in enumerate(cells)]
    assert ArrayMap(cells, BOX, BOX).asked == (places if len(places) < A.size else [])


def test_most_of_a_class_is_more_than_half_of_it_in_the_last_vote() -> None:
    maps = Maps("h", ("h",), np.ones((1, 1, 4)), np.array([[[1.0, 0.0, 2.0, 0.0]]]))
    shares = {"h1,1": (0.75, 0.5), "h1,2": (0.25, 0.75), "h1,3": (0.75, 0.25), "h1,4": ()}
    voted = maps.voted(shares, revealed=True)
    assert voted.marks is not None
    assert voted.marks.ravel().tolist() == [False, True, False, False]
    assert voted.right is not None
    assert voted.right.ravel().tolist() == [False, False, False, True]
    assert maps.voted(shares, revealed=False).gradients is None
    # If nobody has voted, nobody was right or wrong.
    nobody = maps.voted({}, revealed=True)
    assert nobody.gradients is not None
    assert nobody.right is None


# --- the places of cells, and the frames around some of them


def test_tiles_lie_side_by_side_in_their_order_with_a_cell_between_them() -> None:
    # 7 cells down and 17 across, of 10 by 10.
    grid = Grid((10.0, 20.0, 170.0, 70.0), across=3, down=2, rows=3, columns=5)
    assert [grid.tile(tile) for tile in range(6)] == [
        (10 + 60 * column, 20 + 40 * row, 50, 30) for row in range(2) for column in range(3)
    ]


def test_once_the_gradients_are_there_they_are_shown_and_not_what_was_marked() -> None:
    info = describe_graph(trace(ReLU(), [2.0, -1.0]), Naming((("a",),), "h"))
    cells = [replace(info.cells[entry], guess=True) for entry in ("a1", "a2")]
    array = ArrayMap(cells, BOX, BOX)
    assert not array.marked
    assert array.numbers[1].tolist() == [1, 0]
    asked = ArrayMap([replace(cell, known="value") for cell in cells], BOX, BOX)
    assert asked.marked
    assert asked.numbers[1].tolist() == [1, 1]


@for_each(
    ("shape", "wide", "tiles"),
    [
        ((9,), 400.0, [("a", True, 9)]),
        ((2, 9), 400.0, [("a", False, 18)]),
        ((2, 9), 8.0, [("a1,", True, 9), ("a2,", True, 9)]),  # in lines
        ((2, 3, 3), 400.0, [("a1,", False, 9), ("a2,", False, 9)]),
    ],
)
def test_a_cell_of_one_row_is_named_by_its_position_and_others_by_row_and_column(
    shape: tuple[int, ...], wide: float, tiles: list[tuple[str, bool, int]]
) -> None:
    info = describe_graph(trace(ReLU(), np.ones(shape)), Naming((("a",),), "h"))
    box = (0.0, 0.0, wide, 90.0)
    array = ArrayMap([cell for cell in info.cells.values() if cell.letter == "a"], box, box)
    assert [(tile.prefix, tile.lined, tile.size) for tile in array.tiles(box)] == tiles


@pytest.mark.parametrize("box", [(10.0, 20.0, 300.0, 40.0), (10.0, 20.0, 40.0, 300.0)])
def test_images_have_square_cells_in_the_middle_of_their_box(box: Box) -> None:
    grid = Grid(box, 2, 3, 4, 5).squared()
    left, top, wide, tall = grid.box
    rows, columns = grid.cells
    assert wide / columns == pytest.approx(tall / rows)
    assert (left + wide / 2, top + tall / 2) == pytest.approx(
        (box[0] + box[2] / 2, box[1] + box[3] / 2)
    )
    assert wide == pytest.approx(box[2]) or tall == pytest.approx(box[3])
    assert wide <= box[2] + 1e-6
    assert tall <= box[3] + 1e-6


HALVES: tuple[Box, Box] = ((0.0, 0.0, 90.0, 30.0), (0.0, 40.0, 90.0, 30.0))
HERE: list[Box] = [(60.0, 15.0, 30.0, 15.0), (60.0, 55.0, 30.0, 15.0)]
"""The cells of the entry in row 2 and column 3, in both halves."""
PALETTE = PALETTES["light"]


@pytest.mark.parametrize(
    ("chosen", "seen", "look", "there"),
    [
        ("a2,3", {}, (PALETTE.accent, 4), HERE),
        ("", {}, (PALETTE.accent, 4), []),
        ("", {"known": "value", "guess": True}, (PALETTE.ink, 2), HERE),
        ("", {"guess": False}, (PALETTE.failed, 4), HERE[1:]),
        ("", {"known": "value", "shares": (0.5,)}, (PALETTE.accent, 4), HERE[1:]),
        ("", {"shares": (0.5,)}, (PALETTE.accent, 4), []),  # the answer is there
    ],
)
def test_what_is_chosen_or_asked_is_framed_in_both_maps_and_what_came_of_it_in_one(
    chosen: str, seen: dict[str, Any], look: tuple[str, float], there: list[Box]
) -> None:
    passed, naming = trace(ReLU(), A), Naming((("a",),), "h")
    cells = [cell for cell in describe_graph(passed, naming).cells.values() if cell.letter == "a"]
    cells = [replace(each, known=seen.get("known", each.known)) for each in cells]
    cells[-1] = replace(cells[-1], **seen)
    drawn = map_drawings([ArrayMap(cells, *HALVES)], [], layout_of(passed, naming), View(chosen))
    points = {
        (x, y)
        for each in drawn
        if each["type"] == "scatter" and (each["line"]["color"], each["line"]["width"]) == look
        for x, y in zip(each["x"], each["y"], strict=True)
    }
    assert points - {(None, None)} == {*outlines(there)} - {None}


def test_a_wrong_guess_is_framed_though_a_map_without_one_comes_later() -> None:
    passed, naming = trace(ReLU(), A), Naming((("a",),), "h")
    cells = describe_graph(passed, naming).cells.values()
    asked, other = ([cell for cell in cells if cell.letter == letter] for letter in "ah")
    asked[-1] = replace(asked[-1], guess=False)
    maps = [ArrayMap(each, *HALVES) for each in (asked, other)]
    drawn = map_drawings(maps, [], layout_of(passed, naming), View(""))
    lines = [each["line"]["color"] for each in drawn if each["type"] == "scatter"]
    assert lines.count(PALETTE.failed) == 1

"""The picture of a stack: weights as cells, consistent numbers, signs, and texts that fit."""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Context, Decimal
from itertools import combinations, product
from typing import Any, Final

import numpy as np
import pytest

from pages.derive.picture import Picture, Screen
from pages.export.extent import texts
from pages.figures.columns import COUNTS
from pages.figures.edges import ends_of
from pages.figures.info import letters_of
from pages.figures.strips import HEIGHT
from pages.figures.theme import NEGATIVE, PALETTES, POSITIVE
from pages.figures.words import name, number
from pages.registry import PICTURE_PAGES
from pages.stack.cases import CASES
from pages.stack.grammar import read_stack
from pages.stack.stack_scene import StackScene
from pages.stack.stack_subject import STACK_SUBJECT
from pages.state.predict import Exercise
from pages.sweep import sweep
from tests.for_each import for_each
from tests.pages.boxes import apart
from tests.pages.test_overlaps import crossing, said

NUMBERS: Final = {
    "x": "1,-2,0.5,3",
    "w1": "0.75,-1,0.5,0.5,-1,1,-0.5,-0.25,-0.25,-0.25,0,1.5",
    "b1": "0.25,-1.75,2",
    "w2": "0.5,1,0.5,-0.5,1,0.25",
    "b2": "1,-0.5",
    "entry": "w1.2,1",
}
"""A network as in an exercise: three hidden units, of which one is inactive."""
FINE: Final = {
    "x": "1,2,-1,0,3,1",
    "w1": "0.5,-1.75",
    "b1": "3.25",
    "w2": "0.25,1,0.25,0.25,-0.25,0.5,-1,0,0.25,0.5",
    "b2": "1,-0.5",
}
"""Numbers that a user enters for pasted code: short values, whose gradients are long."""
CLOSED: Final = {"x": "-1,0.5,-2,1.5,-0.75,0.25", "w": "1,-1,-0.5"}
"""Inactive and active units alternate, so that an edge passes another one's word."""
RESIDUAL: Final = "residual(conv1d(3,padding=1,bias=True)-relu-conv1d(3,padding=1,bias=True))-relu"


def scene_of(layers: str, shape: tuple[int, ...], **others: str) -> StackScene:
    scene, problems = StackScene.opened(read_stack(layers), shape).updated(others)
    assert not problems
    return scene


SCENES: Final = {
    **CASES,
    "exercise": scene_of("linear(3,bias=True)-relu-linear(2,bias=True)", (4,), **NUMBERS),
    "crossing": scene_of("concat(conv1d(3)-relu|maxpool(2))", (6,), **CLOSED),
    "passing": scene_of("residual(relu)-linear(2)", (3,), x="-1,0,-2"),
    "two sums": scene_of(RESIDUAL, (1, 1, 4), x="0.25,0.75,0.25,-1.25", entry="x2"),
    "third branch": scene_of("add(relu|abs|linear(2)-linear(3)|)", (3,)),
    "wide": scene_of("linear(8)-relu-linear(3)", (4,)),
    "long": scene_of("linear(3)-relu-linear(2)", (2,), x="1.0625,-0.9375"),
    "fine": scene_of(
        "conv1d(2,filters=1,bias=True)-relu-flatten-linear(2,bias=True)", (1, 1, 6), **FINE
    ),
    "finer": scene_of(
        "conv1d(2,filters=1,bias=True)-relu-flatten-linear(2,bias=True)",
        (1, 1, 6),
        **FINE | {"x": "1.25,2.75,-1.5,0.125,3.625,-1.0625", "w1": "0.4375,-1.8125"},
    ),
    "finest": scene_of(
        "conv1d(3,filters=2)-relu-maxpool(2)-flatten-linear(3)",
        (1, 1, 8),
        x=",".join(["-0.0625"] * 8),
        w1=",".join(["-1.5625"] * 6),
        w2=",".join(["0.8125"] * 18),
    ),
}
every_scene = for_each("slug", SCENES)


def picture_of(slug: str, *, narrow: bool = False) -> Picture:
    return STACK_SUBJECT.picture(SCENES[slug], Screen(narrow=narrow))


def written(value: float, digits: int) -> str:
    """A number of the exercise, rounded half away from zero."""
    rounded = Context(digits, ROUND_HALF_UP).create_decimal(Decimal(value))
    return f"{float(rounded):.{digits}g}".replace("-", "−")


def in_cells(slug: str, figure: Any) -> dict[str, list[str]]:
    """Entry -> the texts in its cell, without the marks."""
    found: dict[str, list[str]] = {}
    for entry, (left, top, wide, tall) in STACK_SUBJECT.layout(SCENES[slug]).boxes.items():
        inside = [
            said(figure, text).removeprefix("<b>").removesuffix("</b>")
            for text in texts(figure)
            if left < text.x < left + wide and top < text.y < top + tall
        ]
        found[entry] = [text for text in inside if not text.startswith("<i>")]
    return found


def test_on_a_phone_it_is_said_which_half_of_a_heat_map_is_what() -> None:
    figure = picture_of("two-filters", narrow=True).figure
    places = {said(figure, text): text for text in texts(figure)}
    values, gradients = places["<b>values</b>"], places["<b>gradients</b>"]
    for of_values, of_gradients in STACK_SUBJECT.narrow(SCENES["two-filters"]).maps.values():
        for half, heading in ((of_values, values), (of_gradients, gradients)):
            left, top, wide, _ = half
            assert heading.x == left + wide / 2
            assert heading.y < top


def test_a_scalar_that_has_no_room_as_a_cell_can_be_chosen_too() -> None:
    scene = scene_of(f"maxpool-add({'|'.join(['relu'] * 16)})", (5,), entry="h2")
    scalars = {f"h{branch}" for branch in range(1, 17)}
    assert STACK_SUBJECT.layout(scene).maps.keys() == scalars
    picture = STACK_SUBJECT.picture(scene)
    x = {f"x{n}" for n in range(1, 6)}
    assert {target.entry for target in picture.targets} == {*x, "z", *scalars, "s"}
    assert picture.grids == []


@for_each(("narrow", "marks"), [(False, [["x-thin", "diamond", "x-thin"]]), (True, [])])
def test_a_unit_is_marked_on_its_edge_where_edges_are_drawn(narrow: bool, marks: Any) -> None:
    figure = picture_of("passing", narrow=narrow).figure
    symbols = [each.get("marker", {}).get("symbol") for each in figure["data"]]
    assert [each for each in symbols if each] == marks


@pytest.mark.parametrize(
    "layers",
    [
        "residual(relu)",
        "maximum(|relu)",
        "residual(residual(relu))",
        "maximum(|relu)-maximum(|abs)",
    ],
)
def test_edges_past_a_column_go_through_no_text(layers: str) -> None:
    scene = scene_of(layers, (3,), x="1,-1,0")
    info, layout = STACK_SUBJECT.describe(scene.trace, scene), STACK_SUBJECT.layout(scene)
    figure = STACK_SUBJECT.picture(scene).figure
    boxes = [(text.box, said(figure, text)) for text in texts(figure)]
    columns = sorted({left for left, *_ in layout.boxes.values()})
    passing = [
        edge
        for edge in info.edges
        for tail, head in [(layout.boxes[edge.tail], layout.boxes[edge.head])]
        if columns.index(head[0]) - columns.index(tail[0]) > 1
    ]
    assert passing
    for edge in passing:
        (begin, start), (to, end) = ends_of(edge, info, layout)
        for along in np.linspace(0, 1, 200):
            x, y = begin + along * (to - begin), start + along * (end - start)
            for (left, top, wide, tall), text in boxes:
                inside = left < x < left + wide and top + tall / 4 < y < top + tall * 3 / 4
                assert not inside, (edge.tail, edge.head, text)


def test_a_formula_in_two_lines_stands_clear_of_the_cells() -> None:
    scene = scene_of("maximum(|relu)-maximum(|abs)", (4,))
    figure = STACK_SUBJECT.picture(scene).figure
    (formula,) = [text for text in texts(figure) if said(figure, text).endswith("<br>(4,)</i>")]
    # A browser's lines are 1.3 apart, and brackets reach 0.45 below the middle of theirs.
    end = formula.y + (1.3 / 2 + 0.45) * formula.size
    assert end + 4 < min(top for _, top, *_ in STACK_SUBJECT.layout(scene).boxes.values())


def test_on_a_phone_an_image_stays_square() -> None:
    layout = STACK_SUBJECT.narrow(SCENES["digit"])
    assert [(wide, tall) for _, _, wide, tall in layout.maps["x"]] == [(48, 48)] * 2
    assert layout.height - 2 * layout.measures.margin <= HEIGHT, "the others make room for it"
    oblong = scene_of("maxpool2d(2)", (1, 1, 6, 12))
    assert [wide / tall for _, _, wide, tall in STACK_SUBJECT.narrow(oblong).maps["x"]] == [2, 2]


def made_of(slug: str) -> Iterator[tuple[str, str, bool]]:
    """(letter of an output, letter of one of its inputs, whether the input is a parameter)."""
    scene = SCENES[slug]
    traced = STACK_SUBJECT.trace(scene)
    letters = letters_of(traced, PICTURE_PAGES["stack"].naming(scene))
    for made, step in enumerate(traced.steps, traced.outside):
        for read in step.reads:
            yield letters[made], letters[read], 0 < read < traced.outside


@every_scene
def test_on_a_phone_all_that_something_is_made_of_stands_above_it(slug: str) -> None:
    boxes = STACK_SUBJECT.narrow(SCENES[slug]).columns
    for made, read, _ in made_of(slug):
        _, top, _, tall = boxes[read]
        assert top + tall <= boxes[made][1], (read, made)


@every_scene
def test_all_that_something_is_made_of_stands_left_of_it(slug: str) -> None:
    boxes = STACK_SUBJECT.layout(SCENES[slug]).columns
    for made, read, is_parameter in made_of(slug):
        begin, _, wide, _ = boxes[read]
        assert is_parameter or begin + wide <= boxes[made][0], read


@pytest.mark.parametrize("slug", ["exercise", "two sums", "two-filters", "concat", "dead-relu"])
def test_every_number_of_a_picture_has_as_many_digits(slug: str) -> None:
    scene = SCENES[slug]
    cells = STACK_SUBJECT.describe(STACK_SUBJECT.trace(scene), scene).cells
    shown = in_cells(slug, picture_of(slug).figure)

    def alike(digits: int) -> bool:
        return all(
            written(cells[entry].value, digits) in inside
            and (
                not cells[entry].grad
                or f"∂ {'+' * (cells[entry].grad > 0)}{written(cells[entry].grad, digits)}"
                in inside
            )
            for entry, inside in shown.items()
        )

    assert any(map(alike, (6, 4, 3, 2)))


def test_the_numbers_of_an_exercise_are_all_there() -> None:
    w1, x = (
        np.array([[0.75, -1, 0.5, 0.5], [-1, 1, -0.5, -0.25], [-0.25, -0.25, 0, 1.5]]),
        [1, -2, 0.5, 3],
    )
    y = w1 @ x + [0.25, -1.75, 2]
    shown = in_cells("exercise", picture_of("exercise").figure)
    assert [shown[f"y1.{n}"][0] for n in (1, 2, 3)] == ["4.75", "−5.75", "6.75"]
    assert y.tolist() == [4.75, -5.75, 6.75]
    assert shown["w1.2,1"] == ["−1", "∂ 0"]
    assert shown["w1.3,4"] == ["1.5", "∂ +2.25"]  # x₄ = 3, times ∂L/∂y₃ = 0.5 + 0.25


@pytest.mark.parametrize(
    "layers",
    [
        "concat(linear(2)|linear(2))-relu",
        "add(linear(2)|linear(2))-leakyrelu(0.1)",
        "linear(2)-relu-linear(2)",
    ],
)
def test_weights_beside_each_other_have_their_names(layers: str) -> None:
    scene = scene_of(layers, (2,), x="1,-1", w1="-0.25,0.5,-1.75,2", w2="-1.25,0.25,1.75,-0.5")
    figure = STACK_SUBJECT.picture(scene).figure
    shown = [said(figure, text) for text in texts(figure)]
    for array, row, column in product(("w1", "w2"), (0, 1), (0, 1)):
        assert f"<i>{name(array, row, column)}</i>" in shown
    assert [*crossing(figure)] == []


def test_the_weights_of_an_output_are_a_line_of_cells() -> None:
    layout = STACK_SUBJECT.layout(SCENES["exercise"])
    assert not layout.maps
    for letter, outputs, inputs in (("w1", 3, 4), ("w2", 2, 3)):
        lines = [
            [layout.boxes[f"{letter}.{row},{column}"] for column in range(1, inputs + 1)]
            for row in range(1, outputs + 1)
        ]
        assert all(len({top for _, top, *_ in line}) == 1 for line in lines)
        assert [line[0][1] for line in lines] == sorted({line[0][1] for line in lines})
        assert all(len({left for left, *_ in column}) == 1 for column in zip(*lines, strict=True))
        bias = [layout.boxes[f"b{letter[1]}.{row}"][1] for row in range(1, outputs + 1)]
        assert bias == [line[0][1] for line in lines]


@pytest.mark.parametrize(
    ("slug", "entry"),
    [("exercise", "w1.3,1"), ("exercise", "w1.3,2"), ("fine", "b2.1"), ("two-filters", "w1.2,1")],
)
def test_beneath_a_weight_in_lines_its_arrow_goes_on_in_its_own_colour(
    slug: str, entry: str
) -> None:
    scene = SCENES[slug].having("entry", entry)
    grad = STACK_SUBJECT.describe(STACK_SUBJECT.trace(scene), scene).cells[entry].grad
    left, top, wide, tall = STACK_SUBJECT.layout(scene).reach[entry]
    ends = [
        (each["line"]["color"], each["x"][1])
        for each in STACK_SUBJECT.picture(scene).figure["data"]
        if each.get("mode") == "lines"
        and "fill" not in each
        and len(each["x"]) == 3
        and each["y"][:2] == [pytest.approx(top + tall + 3, abs=0.06)] * 2
    ]
    colour = POSITIVE if grad > 0 else NEGATIVE
    assert ends == [(colour, pytest.approx(left + wide / 2, abs=0.06))]


@every_scene
def test_no_cell_and_no_slider_lies_on_another(slug: str) -> None:
    scene, layout = SCENES[slug], STACK_SUBJECT.layout(SCENES[slug])
    for (entry, one), (other, another) in combinations(layout.boxes.items(), 2):
        assert apart(one, another), (entry, other)
    boxes = [*layout.boxes.values(), *(half for both in layout.maps.values() for half in both)]
    sliders = [(s.left, s.top - 11, s.width, 22.0) for s in STACK_SUBJECT.sliders(scene)]
    for slider in sliders:
        assert all(apart(slider, box) for box in boxes), slider
    assert all(apart(*both) for both in combinations(sliders, 2))


@every_scene
def test_no_text_lies_on_another(slug: str) -> None:
    assert [*crossing(picture_of(slug).figure)] == []


@pytest.mark.parametrize("slug", ["exercise", "two-filters", "crossing", "passing"])
def test_whatever_is_chosen_no_text_lies_on_another(slug: str) -> None:
    scene = SCENES[slug]
    for entry in STACK_SUBJECT.layout(scene).boxes:
        figure = STACK_SUBJECT.picture(scene.having("entry", entry)).figure
        assert [*crossing(figure)] == [], entry


@pytest.mark.parametrize("slug", ["crossing", "passing"])
def test_whatever_is_chosen_no_text_hides_a_mark(slug: str) -> None:
    for entry in STACK_SUBJECT.layout(SCENES[slug]).boxes:
        figure = STACK_SUBJECT.picture(SCENES[slug].chosen(entry)).figure
        (marks,) = [each for each in figure["data"] if each.get("mode") == "markers+text"]
        assert len(marks["x"]) > 1
        for left, top, wide, high in (text.box for text in texts(figure)):
            for x, y in zip(marks["x"], marks["y"], strict=True):
                assert not (left < x < left + wide and top < y < top + high), entry


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
@every_scene
def test_no_text_crosses_the_border_of_its_cell(slug: str, narrow: bool) -> None:
    scene, figure = SCENES[slug], picture_of(slug, narrow=narrow).figure
    boxes = (STACK_SUBJECT.narrow if narrow else STACK_SUBJECT.layout)(scene).boxes
    for text in texts(figure):
        for entry, (left, top, wide, tall) in boxes.items():
            if left < text.x < left + wide and top < text.y < top + tall:
                begin, _, long, _ = text.box
                assert left <= begin < begin + long <= left + wide, (entry, said(figure, text))


def test_a_gradient_has_the_room_that_its_value_leaves() -> None:
    # Of a₁ = 0.25, a₂ = 6, a₃ = 2.75, a₄ = −2, a₅ = 3 all but a₄ are above 0.
    shown = in_cells("fine", picture_of("fine").figure)
    assert shown["x2"] == ["2", "∂ −1.3125"]  # (0.25 + 0.5) · (−1.75) + (1 − 1) · 0.5


@every_scene
def test_the_legend_has_no_sign_that_is_not_there(slug: str) -> None:
    picture, layout = picture_of(slug), STACK_SUBJECT.layout(SCENES[slug])
    meanings = {sign.meaning for sign in picture.legend}
    cells = [text for inside in in_cells(slug, picture.figure).values() for text in inside]
    later = "the reason lies in a later layer" in meanings
    assert later == any(text.startswith("∂ 0") and "→" in text for text in cells)
    assert ("gradients between whole arrays" in meanings) == bool(layout.maps)
    assert ("value above 0" in meanings) == bool(layout.maps)
    if STACK_SUBJECT.narrow(SCENES[slug]).unlinked:
        on_a_phone = {sign.look for sign in picture_of(slug, narrow=True).legend}
        on_edges = {"dashed", "dotted", "cross", "diamond"}
        assert not on_a_phone & on_edges, "it has no edges"


def test_a_value_on_the_sliders_grid_is_whole_where_its_cell_has_room() -> None:
    stack = read_stack("linear(3,bias=True)-relu-linear(2,bias=True)")
    scene = StackScene.opened(stack, (4,))
    assert any(len(number(each)) > 4 for each in scene.values("x").numbers), "−1.25 is one"
    written = {
        text
        for drawing in STACK_SUBJECT.picture(scene).figure["data"]
        for text in drawing.get("text") or ()
    }
    assert {f"<b>{number(each)}</b>" for each in scene.values("x").numbers} <= written


@pytest.mark.parametrize("narrow", [False, True])
def test_the_least_number_there_is_can_be_seen_and_heard_of_a_heat_map(narrow: bool) -> None:
    scene = scene_of("relu", (2, 15), x=",".join(["5e-324"] * 30))
    for values in (
        grid.values for grid in STACK_SUBJECT.picture(scene, Screen(narrow=narrow)).grids
    ):
        assert values is None or values.scale == 5e-324


@pytest.mark.parametrize(
    ("layers", "shape", "counted"),
    [
        ("linear(1)", (8,), {"x", "w"}),
        ("linear(2)", (4,), {"x", "w"}),
        ("conv2d(3,filters=2)", (1, 9, 9), {"x"}),  # two rows of nine: no room is left
    ],
)
def test_how_many_gradients_of_a_parameter_are_nonzero_is_said_on_the_picture(
    layers: str, shape: tuple[int, ...], counted: set[str]
) -> None:
    scene = scene_of(layers, shape)
    assert {*STACK_SUBJECT.layout(scene).counts} == counted
    assert [*crossing(STACK_SUBJECT.picture(scene).figure)] == []


@pytest.mark.parametrize("side", [30, 44])
def test_on_a_phone_counts_of_very_many_gradients_are_brief(side: int) -> None:
    scene = scene_of(f"linear({side})", (side,), w="1", x="1")
    figure = STACK_SUBJECT.picture(scene, Screen(narrow=True)).figure
    assert [*crossing(figure)] == []
    assert f"{side**2}/{side**2} ≠ 0" in [said(figure, each) for each in texts(figure)]


@pytest.mark.parametrize(
    ("layers", "shape"),
    [("flatten-softmaxcrossentropy(0)", (1,)), ("relu-add(|abs)", (3, 3))],
)
def test_on_a_phone_what_strips_are_called_begins_on_the_picture(
    layers: str, shape: tuple[int, ...]
) -> None:
    figure = STACK_SUBJECT.picture(scene_of(layers, shape), Screen(narrow=True)).figure
    assert [*crossing(figure)] == []


@pytest.mark.parametrize(
    ("scene", "entry", "written"),
    [
        (scene_of("linear(5)", (5,)), "x1", 5),
        # No room between two columns, above cells too.
        (scene_of("linear(3)-linear(4)-leakyrelu-linear(5)", (4,)), "x1", 0),
        (scene_of("linear(3)-leakyrelu(0.25)-linear(2)-abs-linear(2)", (5,)), "x5", 0),
        (CASES["two-filters"], "w1.2,1", 0),
        (CASES["two-filters"], "w1.2,2", 1),
    ],
)
def test_what_comes_back_is_written_on_no_cell(scene: StackScene, entry: str, written: int) -> None:
    """Its background overlaps at most their borders."""
    (points,) = (
        [*zip(each["x"], each["y"], strict=True)]
        for each in STACK_SUBJECT.picture(scene.chosen(entry)).figure["data"]
        if each.get("fillcolor") == PALETTES["light"].paper
    )
    paper = [*zip(points[::6], points[2::6], strict=True)]  # five points each, and a gap
    assert len(paper) == written
    for first, last in paper:
        for left, top, wide, high in STACK_SUBJECT.layout(scene).boxes.values():
            across = min(last[0], left + wide) - max(first[0], left)
            assert min(across, min(last[1], top + high) - max(first[1], top)) <= 4


def test_an_arrow_passes_above_heat_maps_where_others_are_lower() -> None:
    """Two heat maps in a column have less room each than the one that the arrow passes."""
    layout = STACK_SUBJECT.layout(
        scene_of("residual(abs-relu)-concat(conv1d(4)|conv1d(1))-conv1d(2)", (12,))
    )
    assert {"x", "h2", "s"} < {*layout.maps}
    assert ("x", "s") in layout.passing
    _, top, _, high = layout.columns["x"]
    for letter in ("h1", "h2"):
        (_, upper, *_), _ = layout.maps[letter]
        assert upper > top + high / 2


def test_on_a_phone_no_name_lies_on_a_strip() -> None:
    scene = scene_of("concat(avgpool(2)|concat(abs|leakyrelu))-conv1d(4)", (5,))
    begin = min(left for (left, *_), _ in STACK_SUBJECT.narrow(scene).maps.values())
    figure = STACK_SUBJECT.picture(scene, Screen(narrow=True)).figure
    named = [each.box for each in texts(figure) if said(figure, each) == "<b>Concatenation</b>"]
    assert named
    assert all(left + width < begin for left, _, width, _ in named)


@pytest.mark.parametrize(
    ("layers", "shape"),
    [
        # A name wider than half the gap between two columns: over a heat map, in two lines, and
        # before the last one, which the picture's edge holds back.
        ("concat(avgpool(3,stride=1)|residual(relu))-maxpool(2,stride=1)-abs-abs-abs-abs", (12,)),
        ("maxpool(3,stride=1)-add(conv1d(1)-residual(relu)|leakyrelu)-conv1d(1)-abs-abs-abs", (6,)),
        ("softplus-conv1d(1)-residual(abs-relu)-concat(conv1d(4)|conv1d(1))-conv1d(2)", (12,)),
        # Shapes that are wider than that by themselves.
        (
            "maximum(maxpool(2,padding=1)-maxpool(3,padding=1)|conv1d(2,dilation=2))" + 6 * "-abs",
            (1, 1, 3),
        ),
    ],
)
def test_no_name_and_no_shape_over_a_column_lies_on_the_next_one(
    layers: str, shape: tuple[int, ...]
) -> None:
    assert [*crossing(STACK_SUBJECT.picture(scene_of(layers, shape)).figure)] == []


@pytest.mark.parametrize("marked", [True, False])
@every_scene
def test_no_mark_of_an_answer_lies_over_a_name_or_a_number(slug: str, marked: bool) -> None:
    scene = SCENES[slug]
    every = frozenset(scene.subject.describe(scene.trace, scene.inner).cells)
    answered = Exercise(every if marked else frozenset(), revealed=True, everywhere=True)
    figure = STACK_SUBJECT.picture(scene, Screen(exercise=answered)).figure
    assert {"<b>✓</b>", "<b>✗</b>"} & {said(figure, each) for each in texts(figure)}
    assert [*crossing(figure)] == []


def test_after_an_answer_a_value_with_mistakes_is_laid_over_one_without() -> None:
    scene = scene_of("linear(2)-relu", (12,), x=",".join(["1"] * 12), w="1", entry="x1")
    (slider,) = [each for each in STACK_SUBJECT.sliders(scene) if each.name == "x1"]
    every = frozenset(scene.subject.describe(scene.trace, scene.inner).cells)
    answered = Screen(exercise=Exercise(every, revealed=True))
    wrong = [
        PALETTES["light"].failed
        in {each.get("line", {}).get("color") for each in drawn if each.get("x")}
        for value in slider.values
        for drawn in [STACK_SUBJECT.picture(scene.moved("x1", value), answered).figure["data"]]
    ]
    assert {*wrong} == {True, False}
    assert sweep(STACK_SUBJECT, scene, "x1", slider.values, "key", answered)


WITH_LOSS: Final = (
    "abs-residual(conv1d(3,padding=1)-leakyrelu-relu)-avgpool(3,stride=1)-flatten-linear(3)-"
    "softmaxcrossentropy(0)"
)
"""The last heading is the widest, and ends where the picture does."""


@pytest.mark.parametrize(
    ("layers", "shape"),
    [
        (WITH_LOSS, (1, 1, 10)),
        ("linear(2)-softmaxcrossentropy(0)", (1, 2)),
        ("-".join(["conv1d(1,filters=1)"] * 11), (1, 1, 3)),
        ("linear(2)-residual(abs)-maximum(abs|)-linear(2)-relu-maximum(relu|relu)-relu", (2,)),
        ("concat(relu-relu|)-concat(relu|abs|softplus)-relu-relu-relu-relu-relu-relu", (4,)),
        # The last formula is moved to the left, as it would cross the picture's edge.
        ("maximum(softplus-maximum(|)|leakyrelu)", (1, 4, 1)),
        ("softplus-abs-maximum(maximum(||)|relu)", (2,)),
        # The two lines about the gradients are wider than a column and its edges.
        ("concat(softplus|flatten-concat(|))-add(|flatten)-" + "abs-" * 5 + "abs", (6, 6)),
    ],
)
def test_headings_of_many_columns_lie_beside_each_other(
    layers: str, shape: tuple[int, ...]
) -> None:
    figure = STACK_SUBJECT.picture(scene_of(layers, shape)).figure
    assert [*crossing(figure)] == []


def test_over_each_column_stands_the_shape_of_its_arrays() -> None:
    figure = picture_of("exercise").figure
    ends = [said(figure, text).removesuffix("</i>")[-4:] for text in texts(figure)]
    assert [end for end in ends if end[-1:] == ")"] == ["(4,)", "(3,)", "(3,)", "(2,)"]


@pytest.mark.parametrize("narrow", [False, True])
def test_a_parameter_of_one_entry_is_a_cell_however_little_room_there_is(narrow: bool) -> None:
    layers = (
        "concat(conv1d(3,padding=1,bias=True)|relu|relu)-conv1d(2,filters=3,bias=True)-"
        "conv1d(3,filters=2)-maxpool(2,stride=1)-conv1d(3,filters=3,bias=True)-flatten-linear(3)"
    )
    scene = scene_of(layers, (4,))
    assert STACK_SUBJECT.picture(scene, Screen(narrow=narrow)).grids
    assert "b1" in (STACK_SUBJECT.narrow if narrow else STACK_SUBJECT.layout)(scene).boxes


@pytest.mark.parametrize(
    ("layers", "shape"),
    [
        # Few outputs beside many inputs, whose cells are lower.
        ("relu-avgpool(2,padding=1)-conv1d(1,filters=2,bias=True)-leakyrelu-conv1d(2)", (8,)),
        ("maxpool(2)-flatten-linear(8,bias=True)-softmaxcrossentropy(0)", (1, 3, 3)),
        # A high column beside low ones, some of which edges pass.
        ("residual(relu-relu-relu)-residual(abs-relu-relu)-relu-maxpool(2,padding=1)", (9,)),
        ("residual(relu)-conv1d(2,filters=1,stride=2)-flatten-linear(4,bias=True)", (14,)),
        # Cells at the height of the upper half of a column of many low ones.
        ("maximum(abs-abs|softplus|)", (7,)),
        # A sum with its shape in a separate line.
        ("residual(relu)-" + "-".join(["abs"] * 9), (6,)),
        # A title in two lines above letters with their shape in a separate line.
        ("concat(relu|leakyrelu)-" + "-".join(["abs"] * 8), (4,)),
    ],
)
def test_no_cell_reaches_into_what_stands_above(layers: str, shape: tuple[int, ...]) -> None:
    scene = scene_of(layers, shape)
    layout = STACK_SUBJECT.layout(scene)
    boxes = [*layout.boxes.values(), *(half for both in layout.maps.values() for half in both)]
    assert all(apart(*both) for both in combinations(boxes, 2))
    assert [*crossing(STACK_SUBJECT.picture(scene).figure)] == []


def test_no_column_that_is_passed_ends_lower_than_all() -> None:
    """Not even if the highest column is not the one with the highest cells."""
    highest = "maximum(leakyrelu-softplus-leakyrelu|leakyrelu-relu|)"
    scene = scene_of(f"{highest}-residual(leakyrelu-leakyrelu)-relu", (11,))
    layout = STACK_SUBJECT.layout(scene)
    halves = [half for both in layout.maps.values() for half in both]
    ends = [top + height for _, top, _, height in (*layout.boxes.values(), *halves)]
    assert max(ends) <= layout.chosen - COUNTS


@pytest.mark.parametrize("shape", [(2,), (2, 2)])
def test_a_count_of_nonzero_gradients_lies_on_no_heading(shape: tuple[int, ...]) -> None:
    scene = scene_of("linear(3)", shape)
    assert [*crossing(STACK_SUBJECT.picture(scene).figure)] == []


def test_an_arrow_between_whole_arrays_passes_over_no_cells() -> None:
    layers = (
        "linear(2)-relu-linear(2)-linear(2)-linear(12)-leakyrelu-concat(abs|relu-relu)-linear(2)-"
        "maximum(relu-relu-relu||relu)"
    )
    scene = scene_of(layers, (8,))
    traced, layout = STACK_SUBJECT.trace(scene), STACK_SUBJECT.layout(scene)
    letters = letters_of(traced, PICTURE_PAGES["stack"].naming(scene))
    flowing = [letters[0], *letters[traced.outside :]]
    for position, step in enumerate(traced.steps):
        made = letters[traced.outside + position]
        for read in {letters[each] for each in step.reads}.intersection(flowing):
            begin, end = layout.columns[read][0], layout.columns[made][0]
            between = {each for each in flowing if begin < layout.columns[each][0] < end}
            assert not layout.maps.keys() & {read, made} or between <= layout.maps.keys()

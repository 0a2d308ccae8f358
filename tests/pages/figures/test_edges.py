"""Edges: each joins its two cells, in the direction of its numbers; and the texts on edges."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby, product
from math import dist
from typing import Any, Final

import pytest

from pages.figures.array_maps import apart, map_drawings
from pages.figures.cell_graph import graph_figure
from pages.figures.edges import (
    BESIDE,
    CLOSE,
    along_grids,
    amounts,
    ends_of,
    faint,
    flow,
    gate_marks,
    onward,
    parted,
    thin,
)
from pages.figures.info import GraphInfo
from pages.figures.layout import Layout, View
from pages.figures.primitives import Box, Drawing, Point, text_width
from pages.figures.theme import PALETTES
from pages.registry import SUBJECTS
from pages.stack.cases import CASES
from tests.for_each import for_each
from tests.pages.figures.test_cells import PAGES, SCENES, either_size, every_scene
from tests.pages.scenes import RELU, activation

PALETTE: Final = PALETTES["light"]


def laid_out(scene: Any, subject: Any, narrow: bool) -> tuple[GraphInfo, Layout]:
    """The cells and edges of a scene, and their layout."""
    layout = subject.narrow(scene) if narrow else subject.layout(scene)
    return apart(subject._shown(subject.trace(scene), scene, layout), layout)[0], layout


def of_case(key: str, narrow: bool) -> tuple[GraphInfo, Layout, View]:
    subject, scene = SCENES[key]
    return (*laid_out(scene, subject, narrow), View(getattr(scene, "entry", ""), focus=True))


def runs(drawing: Drawing) -> list[list[Point]]:
    """The lines or shapes of a trace, each as its points."""
    points = zip(drawing["x"], drawing["y"], strict=True)
    return [[*run] for there, run in groupby(points, lambda at: at[0] is not None) if there]


def middle(one: Point, other: Point) -> Point:
    return (one[0] + other[0]) / 2, (one[1] + other[1]) / 2


def is_at(point: Point, box: Box) -> bool:
    """Whether a point lies on the border of a box."""
    (x, y), (left, top, wide, tall) = point, box
    return abs(min(x - left, left + wide - x, y - top, top + tall - y)) < 0.12


def meets(point: Point, entry: str, info: GraphInfo, layout: Layout) -> bool:
    """Whether a point lies at a cell, or where the edges that leave the cell begin."""
    box = layout.reach.get(entry, layout.boxes[entry])
    return is_level(point, box, info.cells[entry].letter, layout)


def is_level(point: Point, box: Box, letter: str, layout: Layout) -> bool:
    """Like `meets`, for a box; edges begin level with a cell above which other things stand."""
    if letter not in layout.above:
        return is_at(point, box)
    (left, top, wide, tall), (x, y) = box, point
    ends, at = ((left, left + wide), x) if layout.down else ((top, top + tall), y)
    return min(abs(end - at) for end in ends) < 0.12


def arrow_ends(shapes: Sequence[Sequence[Point]]) -> tuple[Point, Point]:
    """Where an arrow begins and where it points, drawn in one piece, or as a head and dashes."""
    if len(shapes) == 1:
        return middle(shapes[0][0], shapes[0][-1]), shapes[0][3]
    return middle(shapes[1][0], shapes[1][-1]), shapes[0][2]


@either_size
@every_scene
def test_an_arrow_goes_from_the_output_back_to_what_it_was_made_of(key: str, narrow: bool) -> None:
    info, layout, _ = of_case(key, narrow)
    for edge in info.edges:
        drawings = [*flow(info, [edge], layout, PALETTE)]
        (shapes, *others) = [each for each in map(runs, drawings) if each] or [[]]
        assert not others
        assert bool(shapes) == bool(edge.amount)
        if shapes:
            start, tip = arrow_ends(shapes)
            assert meets(start, edge.head, info, layout), edge
            assert meets(tip, edge.tail, info, layout), edge


@either_size
@every_scene
def test_an_edge_that_recedes_is_there_between_its_cells(key: str, narrow: bool) -> None:
    info, layout, view = of_case(key, narrow)
    receding = [edge for edge in info.edges if view.entry not in (edge.tail, edge.head)]
    lines = runs(faint(info.form, layout, view))
    for edge, (start, end) in zip(receding, lines, strict=True):
        assert meets(start, edge.head, info, layout), edge
        assert meets(end, edge.tail, info, layout), edge


@either_size
@pytest.mark.parametrize("key", [key for key, (subject, _) in SCENES.items() if subject.focus])
def test_what_comes_back_stands_nearer_to_the_end_that_is_not_chosen(
    key: str, narrow: bool
) -> None:
    info, layout, view = of_case(key, narrow)
    for edge in parted(info.edges, view)[0]:
        _, texts = amounts(info, [edge], layout, view, 6, [])
        for at in zip(texts["x"], texts["y"], strict=True):
            there = replace(edge, amount=edge.amount or 1.0)  # an edge with 0 is drawn as no arrow
            (shapes,) = filter(None, map(runs, flow(info, [there], layout, PALETTE)))
            start, tip = arrow_ends(shapes)
            chosen, other = (tip, start) if edge.tail == view.entry else (start, tip)
            assert dist(at, other) <= dist(at, chosen) + 0.2, edge


@pytest.mark.parametrize("key", ["conv-1d/stride-2", "conv-1d/not-read", "conv-1d/zero-input"])
def test_on_a_phone_what_comes_back_stands_as_near_to_the_other_cell_as_it_has_room(
    key: str,
) -> None:
    info, layout, view = of_case(key, narrow=True)
    line, size = layout.measures.line, layout.measures.note
    for entry, edge in product(info.cells, info.edges):
        if entry not in (edge.tail, edge.head):
            continue
        _, texts = amounts(info, [edge], layout, replace(view, entry=entry), 6, [])
        head, tail = ends_of(edge, info, layout)
        (left, top), clear = (head, CLOSE) if entry == edge.tail else (tail, BESIDE)
        for text, x, y in zip(texts["text"], texts["x"], texts["y"], strict=True):
            half = text_width(text, size) / 2 + 3
            assert abs(x - left) <= half + clear * line + 0.1, (entry, edge)
            assert abs(y - top) <= 0.6 * size + clear * line + 0.1, (entry, edge)


@either_size
@every_scene
def test_only_an_edge_along_which_nothing_comes_back_is_dotted(key: str, narrow: bool) -> None:
    info, layout, view = of_case(key, narrow)
    strong, _ = parted(info.edges, view)
    dotted = runs(thin(info.form, layout, view, "gradient"))
    assert len(dotted) == sum(edge.known == "gradient" and not edge.amount for edge in strong)


def test_no_arrow_goes_on_under_a_grid_before_a_gradient_is_there() -> None:
    drawn: dict[int | None, list[list[Point]]] = {None: [], 1: []}
    for (step, found), case in product(drawn.items(), CASES.values()):
        scene = case.inner if step is None else case.inner.moved("step", step)
        info, layout = laid_out(scene, case.subject, narrow=False)
        for sign in (+1, -1):
            found += runs(along_grids(info, info.edges, layout, PALETTE, sign))
    assert drawn[None]
    assert not drawn[1]


@either_size
def test_an_amount_has_its_factors_before_it_even_if_it_is_0_but_not_on_a_phone(
    narrow: bool,
) -> None:
    info, layout, view = of_case(next(key for key in SCENES if SCENES[key][0].focus), narrow)
    edge = parted(info.edges, view)[0][0]
    for amount, term, said in ((2.0, "w·z", "w·z = +2"), (0.0, "w·z", "w·z = 0"), (0.0, "", None)):
        named = replace(edge, known="gradient", amount=amount, term=term)
        _, texts = amounts(info, [named], layout, view, 6, [])
        due = said and said.rpartition(" = ")[2] if narrow else said
        assert texts["text"] == ([] if due is None else [due])


@either_size
@pytest.mark.parametrize("key", PAGES)
def test_on_the_way_forward_heads_point_at_what_is_made(key: str, narrow: bool) -> None:
    subject = SCENES[next(each for each in SCENES if each.startswith(key))][0]
    start = subject.start
    for step in range(1, len(subject.steps(start)) // 2 + 1):
        info, layout = laid_out(start.moved("step", step), subject, narrow)
        shown = [edge for edge in info.edges if edge.known == "value"]
        found = runs(thin(info.form, layout, View(), "value"))
        lines, heads = found[: len(shown)], found[len(shown) :]
        for edge, line, head in zip(shown, lines, heads, strict=True):
            assert meets(line[0], edge.head, info, layout), edge
            assert meets(line[1], edge.tail, info, layout), edge
            assert meets(head[1], edge.head, info, layout), edge
            one, tip, other, _ = head  # both sides are as long, and as far from the line
            assert dist(one, tip) == pytest.approx(dist(other, tip), abs=0.2), edge
            neck, end = middle(one, other), line[1]
            assert dist(end, neck) + dist(neck, tip) == pytest.approx(dist(end, tip), abs=0.2), edge


@either_size
@every_scene
def test_no_edge_goes_through_a_cell_that_it_joins(key: str, narrow: bool) -> None:
    info, layout, _ = of_case(key, narrow)
    for edge in info.edges:
        ends = ends_of(edge, info, layout)
        for entry, (x, y), (to_x, to_y) in zip(
            (edge.head, edge.tail), ends, ends[::-1], strict=True
        ):
            left, top, wide, tall = layout.boxes[entry]
            near = x + 0.02 * (to_x - x), y + 0.02 * (to_y - y)
            within = left < near[0] < left + wide and top < near[1] < top + tall
            assert not within, edge


def test_a_mark_is_called_what_it_is() -> None:
    info, layout = laid_out(activation(a=(1.0, -2.0, 0.0, 3.0, -0.5)), RELU, narrow=False)
    marks = gate_marks(info.form, layout, PALETTE)
    assert [*zip(marks["marker"]["symbol"], marks["text"], strict=True)] == [
        ("x-thin", "inactive"), ("diamond", "kink"), ("x-thin", "inactive"),
    ]  # fmt: skip


@every_scene
def test_what_goes_on_to_a_cell_behind_others_does_not_go_through_it(key: str) -> None:
    _, layout, _ = of_case(key, narrow=True)
    lines = runs(onward(layout, PALETTE))
    for entry, (_, top, _, height) in layout.reach.items():
        left, upper, width, tall = layout.boxes[entry]
        own = [line for line in lines if line[0][0] == left + width / 2]
        parts = sorted((one[1], other[1]) for one, other in own)
        assert (top, upper) in parts
        assert (upper + tall, top + height) in parts


@for_each("slug", CASES)
def test_only_on_a_phone_does_something_go_on_to_a_cell_behind_others(slug: str) -> None:
    for narrow in (False, True):
        info, layout = laid_out(CASES[slug].inner, CASES[slug].subject, narrow)
        lines = onward(layout, PALETTE)
        drawn = [each.get("x") for each in graph_figure(info, layout, View())["data"]]
        assert not layout.reach or (lines["x"] in drawn) == layout.down == narrow


@for_each("slug", CASES)
def test_an_arrow_between_two_arrays_goes_back_too(slug: str) -> None:
    of, scene = CASES[slug].subject, CASES[slug].inner
    layout = of.layout(scene)
    _, maps, between = apart(of._shown(of.trace(scene), scene, layout), layout)
    for edge in between:
        drawings = map_drawings(maps, [edge], layout, View())
        (arrows,) = [runs(each) for each in drawings if each.get("fillcolor") == PALETTE.muted]
        assert len(arrows) == bool(edge.amount)
        for arrow in arrows:
            start, tip = arrow_ends([arrow])
            assert is_at(start, layout.columns[edge.head])
            assert is_level(tip, layout.columns[edge.tail], edge.tail, layout)


@pytest.mark.parametrize(
    ("layers", "shape"),
    [
        ("concat(conv1d(1,dilation=2)-avgpool(2,padding=1)|)-leakyrelu(0.25)", "5"),  # in cells
        ("concat(avgpool(3)-concat(maxpool(2,padding=1)-avgpool(3,padding=1)|abs)|)", "12"),
    ],
)
def test_an_arrow_past_other_arrays_goes_behind_what_they_are(layers: str, shape: str) -> None:
    scene, _ = (stack := SUBJECTS["stack"]).start.updated({"layers": layers, "shape": shape})
    drawn = stack.picture(scene).figure["data"]
    of_arrows = {PALETTE.muted, PALETTE.sign(+1), PALETTE.sign(-1)}
    arrows = [each for each in drawn if each.get("fillcolor") in of_arrows]
    levels = [each.get("zorder", 0) for each in drawn if each["type"] in ("bar", "image")]
    assert arrows
    assert levels
    assert max(each.get("zorder", 0) for each in arrows) < min(levels)

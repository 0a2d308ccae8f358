"""The page of ReLU alone: its numbers, curve, snaps and questions."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import RULES, Abs, Elementwise, Kinks, LeakyReLU, Softplus
from engine import trace as passed
from engine.arrays import Array
from engine.layers.base import Layer
from pages.derive import derivation
from pages.derive.page import Impossible
from pages.derive.picture import Screen
from pages.derive.snaps import ELEMENTWISE
from pages.explore.additions import ACTIVATION_CURVE, curve_of
from pages.explore.relu import QUESTIONS
from pages.export.extent import texts
from pages.figures.curves import (
    END,
    FULL_SLOPE,
    NO_SLOPE,
    UNIT,
    WIDTH,
    Break,
    Curve,
    CurvePoint,
    Frame,
    _axes,
    curve_drawings,
)
from pages.figures.layout import View
from pages.figures.theme import PALETTES
from pages.state.codecs import GRID, HIGH, LOW
from pages.sweep import sweep
from tests.for_each import for_each
from tests.pages.scenes import RELU, activation
from tests.pages.test_overlaps import crossing, said

LENGTH = 5
ZERO = 1330.0
"""The x of a = 0 on the curve, in px."""

on_grid = st.integers(-8, 8).map(lambda step: step * GRID)
scenes = st.builds(
    activation,
    a=st.tuples(*[on_grid] * LENGTH),
    dh=st.tuples(*[on_grid] * LENGTH),
    rule=st.sampled_from(list(RULES)),
    entry=st.sampled_from(["", "a1", "a5", "h2"]),
)


def slope(a: float, rule: str) -> float:
    """ReLU's slope as written on paper: at 0 it is 1 by the lab's rule, 0 by all others."""
    return 1.0 if a > 0 or (a == 0 and rule == "lab") else 0.0


def gradients(scene: Any) -> list[float]:
    info = RELU.describe(RELU.trace(scene), scene)
    return [info.cells[f"a{i + 1}"].grad for i in range(LENGTH)]


@given(scenes)
def test_what_comes_back_is_what_arrives_times_the_slope(scene: Any) -> None:
    expected = [dh * slope(a, scene.rule) for a, dh in zip(scene.a, scene.dh, strict=True)]
    assert gradients(scene) == expected
    points = curve_of(RELU.trace(scene), ("a", "h"), str, RULES[scene.rule]).points
    assert [point.slope for point in points] == [slope(a, scene.rule) for a in scene.a]
    assert [(point.a, point.h) for point in points] == [(a, max(0.0, a)) for a in scene.a]


def test_each_zero_has_its_reason() -> None:
    scene = activation(a=(1.0, -1.0, 0.0, 2.0, -2.0), dh=(1.0, 1.0, 1.0, 0.0, 0.0), rule="mlx")
    info = RELU.describe(RELU.trace(scene), scene)
    reasons = [info.cells[f"a{i + 1}"].reason for i in range(LENGTH)]
    assert reasons == ["", "inactive", "at kink", "upstream 0", "upstream 0"]
    assert info.counts == {"a": (1, 5), "h": (3, 5)}


def test_what_is_said_at_the_kink() -> None:
    assert RELU.picture(activation()).explanation[:2] == [
        "∂L/∂a₃ = +1: ∂L/∂h₃ = +1, a₃ = 0 is the ReLU's kink (1 by this rule).",
        "∂L/∂a₃ = (slope of ReLU at a₃ = 0) · ∂L/∂h₃ = 1 · 1 = +1",
    ]
    (first, *_, last) = RELU.picture(activation(rule="jax-max")).explanation
    assert first == "∂L/∂a₃ = 0: a₃ = 0 is the ReLU's kink, and this rule's slope there is 0."
    assert last.startswith("The rule decides here: +1 in the lab; 0 in PyTorch, TensorFlow, JAX, ")


# --- the curve


def drawn(scene: Any) -> list[dict[str, Any]]:
    return list(RELU.picture(scene).figure["data"])


@given(scenes)
@settings(max_examples=30)
def test_every_state_has_the_same_traces_and_lies_on_the_picture(scene: Any) -> None:
    traces, before = drawn(scene), drawn(activation())
    assert [trace["type"] for trace in traces] == [trace["type"] for trace in before]
    layout = RELU.picture(scene).figure["layout"]
    assert layout == RELU.picture(activation()).figure["layout"]
    for trace in traces:
        assert all(x is None or 0 <= x <= layout["width"] for x in trace["x"])
        assert all(y is None or 0 <= y <= layout["height"] for y in trace["y"])


@for_each("rule", RULES)
def test_the_rules_slope_at_zero_is_a_point_of_the_interval(rule: str) -> None:
    (diamond,) = (
        trace
        for trace in drawn(activation(rule=rule))
        if trace.get("marker", {}).get("symbol") == "diamond"
    )
    height = FULL_SLOPE if rule == "lab" else NO_SLOPE
    assert (diamond["x"], diamond["y"]) == ([ZERO], [height])


@pytest.mark.parametrize(("a", "shown"), [(0.0, True), (2.0**-10, False), (-GRID, False)])
def test_the_interval_is_drawn_out_when_an_entry_lies_at_zero(a: float, shown: bool) -> None:
    scene = activation(a=(a, 1.0, 2.0, -1.0, -2.0), entry="")
    texts = [text for trace in drawn(scene) for text in trace.get("text", ())]
    assert ("any of <b>[0, 1]</b>" in texts) == shown
    wedges = [t for t in drawn(scene) if t.get("fill") and (ZERO + 1.2 * UNIT) in t["x"]]
    assert bool(wedges) == shown


def test_the_interval_of_a_curve_that_bends_down_begins_with_the_smaller_slope() -> None:
    rule = RULES["pytorch-max-pool"]
    traced = passed(LeakyReLU(2.5), [0.0], kinks=rule.kinks)
    curve = curve_of(traced, ("a", "h"), str, rule)
    texts = [t for each in curve_drawings(curve, WIDTH, None, View()) for t in each.get("text", ())]
    assert "any of <b>[1, 2.5]</b>" in texts


@pytest.mark.parametrize(
    ("layer", "left", "right"), [(LeakyReLU(2.5), 1.0, 0.4), (Abs(), 0.0, 1.0)]
)
def test_slopes_beyond_0_and_1_lie_where_slopes_do(layer: Layer, left: float, right: float) -> None:
    rule = RULES["pytorch-max-pool"]
    curve = curve_of(passed(layer, [-1.0, 2.0], kinks=rule.kinks), ("a", "h"), str, rule)
    drawn = curve_drawings(curve, WIDTH, None, View())
    points = next(t for t in drawn if t.get("marker", {}).get("size") == 12)
    assert points["y"] == [
        pytest.approx(NO_SLOPE + share * (FULL_SLOPE - NO_SLOPE)) for share in (left, right)
    ]


@pytest.mark.parametrize(
    ("a", "labels"),
    [
        ((1.0, 1.0, -2.0, -2.0, 3.0), ["a₁ a₂", "a₃<br>a₄", "a₅"]),
        # The name of a point at 0 is left of the point, where the name of one at −0.75 would be.
        ((0.0, -0.75, 1.0, 0.0, -0.75), ["a₂<br>a₅<br>a₁<br>a₄", "a₃"]),
        ((-0.75, -1.5, 1.0, -2.25, 0.0), ["a₁<br>a₅", "a₂", "a₃", "a₄"]),
    ],
)
def test_points_that_lie_together_share_a_label(a: tuple[float, ...], labels: list[str]) -> None:
    scene = activation(a=a)
    texts = {text for trace in drawn(scene) for text in trace.get("text", ()) if "<b><i>" in text}
    names = [text.replace("<b><i>", "").replace("</i></b>", "") for text in texts]
    assert sorted(names) == labels


@pytest.mark.parametrize(
    ("a", "slope", "place"),
    [
        (3.0, 0.0, "top center"),
        (3.0, 1.0, "middle left"),
        (1.5, 1.0, "middle right"),  # below the line, near the kink
        (0.0, 1.0, "top center"),
    ],
)
def test_a_name_stands_beside_a_line_that_rises_and_above_one_that_is_level(
    a: float, slope: float, place: str
) -> None:
    point = CurvePoint("a₁", a, 1.0, slope)
    curve = Curve(("a", "h"), ((-4.0, 0.0), (4.0, 1.0)), (), (), (point,), "")
    traces = curve_drawings(curve, WIDTH, None, View())
    (names,) = (each for each in traces if any("a₁" in text for text in each.get("text", ())))
    assert names["textposition"] == [place]


@pytest.mark.parametrize("after", [-1.0, 0.0, 1.0])
@pytest.mark.parametrize("before", [-1.0, 0.0, 1.0])
def test_a_name_stands_above_a_point_where_the_curve_is_level_at_it_or_soon_after(
    before: float, after: float
) -> None:
    point, bend = CurvePoint("a₁", 2.0, 1.0, before), Break(2.1, 1.0, before, after, after)
    curve = Curve(("a", "h"), ((-4.0, 0.0), (4.0, 1.0)), (), (bend,), (point,), "")
    traces = curve_drawings(curve, WIDTH, None, View())
    (names,) = (each for each in traces if any("a₁" in text for text in each.get("text", ())))
    assert (names["textposition"] == ["top center"]) == (0.0 in (before, after))


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize(("rule", "claimed"), [("lab", 1), ("pytorch-amax", 0)])
def test_what_the_rule_takes_stands_clear_of_its_line(
    rule: str, claimed: int, narrow: bool
) -> None:
    figure = RELU.picture(activation(rule=rule), Screen(narrow=narrow)).figure
    (text,) = [each for each in texts(figure) if f"<b>{claimed}</b> at" in said(figure, each)]
    levels = {
        y
        for trace in figure["data"]
        if trace.get("marker", {}).get("symbol") == "diamond" and "text" not in trace
        for y in trace["y"]
    }
    # Two lines are 1.3 apart, and digits reach 0.36 beyond the middles of their lines.
    apart = min(abs(text.y - level) for level in levels) - (1.3 / 2 + 0.36) * text.size
    assert apart > text.size / 4


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize(
    "a",
    [
        (1.0, 1.75, 2.25, 2.25, 1.5),  # right of them there is no room for one line
        (-2.25, 2.0, -2.81, -1.64, 4.0),  # on a phone a name is wider than the gap between points
        (-0.5, -0.21, 4.0, -1.1, -1.75),
        (-1.14, -2.03, -0.53, -3.91, -0.47),  # two count as at the kink, their mean does not
    ],
)
def test_the_names_on_the_curve_can_be_read_wherever_the_points_are(
    a: tuple[float, ...], narrow: bool
) -> None:
    assert [*crossing(RELU.picture(activation(a=a), Screen(narrow=narrow)).figure)] == []


@pytest.mark.parametrize("narrow", [False, True])
@for_each("slope", [-1.0, -0.45, 0.5, 0.6, 0.85, 1.45, 1.85, 2.45])
def test_whatever_the_slopes_are_what_is_said_of_the_break_can_be_read(
    slope: float, narrow: bool
) -> None:
    """It covers no number, no name and neither piece of the slope."""
    leaky = derivation.page(
        *("leaky", "Leaky", ""),
        LeakyReLU(slope),
        {"a": (1.5, -1.0, 0.0, 3.0, -2.5)},
        additions=(ACTIVATION_CURVE,),
        presets={"zero": derivation.preset("One at 0")},
    )
    for rule in ("pytorch-max-pool", "jax-max"):
        scene = leaky.subject.start.having("rule", rule)
        figure = leaky.subject.picture(scene, Screen(narrow=narrow)).figure
        assert [*crossing(figure)] == []
        (graph,) = (each for each in figure["data"] if is_curve(each))
        points = [*zip(graph["x"], graph["y"], strict=True)]
        level = [(a, b) for a, b in pairwise(points) if None not in a + b and a[1] == b[1]]
        assert len(level) == 2
        words = [each for each in texts(figure) if re.search("any of| at a = ", said(figure, each))]
        assert len(words) == 2
        for word, (start, end) in product(words, level):
            left, top, width, height = word.box
            clear = 0.2 * word.size
            beside = left + width < start[0] or end[0] < left
            assert beside or not top + clear < start[1] < top + height - clear


class Clip(Elementwise):
    """h = a clipped to [low, high], with a kink at each bound."""

    settings = ("low", "high")
    kink_choices = ("leaky_relu_at_zero",)
    straight = True
    words = LeakyReLU.words

    def __init__(self, low: float, high: float) -> None:
        """Set the bounds."""
        self.low, self.high = low, high

    @property
    def breaks(self) -> Mapping[float, tuple[float, float]]:
        """A break of the slope at each bound."""
        return {self.low: (0.0, 1.0), self.high: (1.0, 0.0)}

    def value(self, a: Array) -> Array:
        """h = a, clipped to the bounds."""
        return np.clip(a, self.low, self.high)

    def derivative(self, a: Array, kinks: Kinks) -> Array:
        """1 between the bounds, 0 beyond."""
        at_bound = (a == self.low) | (a == self.high)
        there = kinks.stated("leaky_relu_at_zero")
        return np.where(at_bound, there, ((self.low < a) & (a < self.high)) * 1.0)


CLIPPED = {
    # the bounds, and the entries of a, of which the second is chosen
    "around 0": (-1.0, 1.0, (1.5, -1.0, 0.0, 1.0, -2.5)),
    "all at one bound": (-1.0, 1.0, (1.0,) * 5),
    "just beneath a bound": (-1.0, 1.0, (1.0, 0.75, 0.5, -0.75, -1.0)),
    "from 0": (0.0, 1.0, (0.0, 1.0, 0.5, 1.0, -1.0)),
    "far apart": (-2.0, 2.0, (-2.0, 2.0, 0.5, 1.0, -1.0)),
    "one far out": (0.0, 3.0, (0.0, 3.0, 3.0, 2.0, 1.0)),
    "one beyond what is shown": (0.0, 6.0, (1.0, 0.0, 2.0, 3.0, 4.0)),
}


@pytest.mark.parametrize("narrow", [False, True])
@for_each("case", CLIPPED)
def test_what_is_said_of_two_breaks_can_be_read_however_close_they_are(
    case: str, narrow: bool
) -> None:
    """They cover no text, no break and no name; and no name covers the curve."""
    low, high, a = CLIPPED[case]
    clip = derivation.page(
        *("clip", "Clip", ""), Clip(low, high), {"a": a}, entry="a2", additions=(ACTIVATION_CURVE,)
    )
    for rule in ("pytorch-max-pool", "jax-max"):
        scene = clip.subject.start.having("rule", rule)
        figure = clip.subject.picture(scene, Screen(narrow=narrow)).figure
        assert [*crossing(figure)] == []
        diamonds = [e for e in figure["data"] if e.get("marker", {}).get("symbol") == "diamond"]
        jumps = next(each["x"] for each in diamonds if "text" not in each)
        assert len(jumps) == 1 + (high < END)
        words = [
            each for each in texts(figure) if re.search(r"of <b>\[|</b> at ", said(figure, each))
        ]
        assert len(words) == len(jumps) + (a[1] in (low, high))
        for word, x in product(words, jumps):
            left, _, width, _ = word.box
            assert not left < x < left + width
        (graph,) = (each for each in figure["data"] if is_curve(each))
        points = [*zip(graph["x"], graph["y"], strict=True)]
        level = [(a, b) for a, b in pairwise(points) if None not in a + b and a[1] == b[1]]
        names = [each for each in texts(figure) if re.match("<b><i>a.</i>", said(figure, each))]
        for text, (start, end) in product([*words, *names], level):
            left, top, width, height = text.box
            clear = 0.15 * text.size
            beside = left + width < start[0] or end[0] < left
            assert beside or not top + clear < start[1] < top + height - clear


@pytest.mark.parametrize("narrow", [False, True])
def test_a_break_between_two_others_is_not_labelled_where_it_has_no_room(narrow: bool) -> None:
    breaks = [Break(a, 0.0, -1.0, 1.0, 0.0) for a in (-1.0, 0.0, 1.0)]
    point = CurvePoint("a₁", 0.0, 0.0, 0.0)
    curve = Curve(("a", "h"), ((-4.0, 0.0), (4.0, 1.0)), (), breaks, (point,), "PyTorch")
    drawn = curve_drawings(curve, WIDTH, 0, View(), 12.0 * narrow)
    (notes,) = (each for each in drawn if "<b>0</b> at −1" in each.get("text", ()))
    assert notes["text"] == ["<b>0</b> at −1", "", "", "", "<b>0</b> at 1", ""]


@pytest.mark.parametrize(
    ("low", "high", "least"),
    [(0.018, 0.982, "0.5"), (0.3, 0.45, "0.375"), (0.3, 0.31, "0.31"), (-4.0, -0.018, "−4")],
)
def test_a_curve_that_reaches_no_whole_number_has_a_number_all_the_same(
    low: float, high: float, least: str
) -> None:
    curve = Curve(("a", "h"), ((-4.0, low), (4.0, high)), (), (), (), "PyTorch")
    numbers = next(
        each["text"]
        for each in curve_drawings(curve, WIDTH, None, View())
        if "0" in each.get("text", ())
    )
    assert numbers[0] == least
    assert float(numbers[0].replace("−", "-")) <= high


def is_curve(trace: dict[str, Any]) -> bool:
    """Whether a trace is the line of the values together with the pieces of the slope."""
    ink = PALETTES["light"].ink
    return trace.get("mode") == "lines" and trace["line"]["color"] == ink and None in trace["x"]


def test_the_heading_of_the_curve_says_what_is_drawn_over_what() -> None:
    assert "<i>h, and its slope, for every a</i>" in str(drawn(activation()))


@pytest.mark.parametrize("narrow", [False, True])
def test_an_entry_of_a_and_its_h_are_one_point_of_the_curve(narrow: bool) -> None:
    scene = activation()
    layout = RELU.narrow(scene) if narrow else RELU.layout(scene)
    of_none, of_a, of_h, of_another = (
        [*ACTIVATION_CURVE.draw(scene, RELU.trace(scene), layout, View(entry))]
        for entry in ("", "a1", "h1", "h2")
    )
    assert of_none != of_a == of_h != of_another


@for_each("at", [-3.0, 3.0])
@for_each("beside", [0.6, 0.7, 0.8, 0.9, 1.0])
def test_far_out_the_rules_slope_is_written_clear_of_the_line_on_its_own_side(
    at: float, beside: float
) -> None:
    left, right = (0.0, beside) if at < 0 else (beside, 0.0)
    curve = Curve(
        ("a", "h"),
        ((-4.0, 0.0), (at, 0.0), (4.0, 4.0)),
        (((-4.0, left), (at, left)), ((at, right), (4.0, right))),
        (Break(at, 0.0, left, right, 1.0),),
        (CurvePoint("a₁", at, 0.0, 1.0),),
        "PyTorch",
    )
    drawn = curve_drawings(curve, WIDTH, None, View())
    (jump,) = (each for each in drawn if each.get("line", {}).get("dash") == "dot")
    (notes,) = (
        each for each in drawn if any("<b>1</b> at" in text for text in each.get("text", ()))
    )
    level = jump["y"][1] if at < 0 else jump["y"][0]
    size = notes["textfont"]["size"]
    assert all(notes["text"]), "what the rule takes, and the range"
    # Digits reach 0.36 beyond the middles of their lines.
    assert all(abs(y - level) > 0.36 * size for y in notes["y"])


@pytest.mark.parametrize(("chosen", "of"), [(None, ""), (0, "any of <b>[−0.5, 0]</b>"), (1, "")])
def test_what_is_said_of_two_breaks_far_out_is_short_and_stands_inwards(
    chosen: int | None, of: str
) -> None:
    breaks = Break(-3.0, 0.0, 0.0, -0.5, 0.0), Break(3.0, 3.0, 1.5, 1.0, 1.0)
    points = CurvePoint("a₁", -3.0, 0.0, 0.0), CurvePoint("a₂", 0.0, 0.0, 0.5)
    curve = Curve(("a", "h"), ((-4.0, 0.0), (4.0, 4.0)), (), breaks, points, "PyTorch")
    drawn = curve_drawings(curve, WIDTH, chosen, View())
    (diamonds,) = (each for each in drawn if each.get("marker", {}).get("symbol") == "diamond")
    (notes,) = (each for each in drawn if "<b>0</b> at −3" in each.get("text", ()))
    assert notes["text"] == ["<b>0</b> at −3", of, "<b>1</b> at 3", ""]
    assert diamonds["x"][0] < min(notes["x"]) < max(notes["x"][:3]) < diamonds["x"][1]
    assert notes["textposition"][:3] == ["middle right", "middle right", "middle left"]


def test_on_a_phone_the_curve_stands_beneath_the_cells_and_on_the_picture() -> None:
    scene, layout = activation(), RELU.narrow(activation())
    drawn = ACTIVATION_CURVE.draw(scene, RELU.trace(scene), layout, View("a1"))
    levels = [y for each in drawn for y in each["y"] if y is not None]
    assert max(top + height for _, top, _, height in layout.boxes.values()) < min(levels)
    assert max(levels) < layout.height


def test_on_the_axes_are_all_whole_numbers_that_have_room_up_to_the_highest() -> None:
    for low, high, step, up in ((0.0, 4.0, 2, ["0", "2", "4"]), (-1.0, 2.5, 2, ["0", "2"])):
        _, numbers, _ = _axes(Frame(500.0, low, high, (0.0, 1.0)), ("a", "h"), PALETTES["light"])
        across = [number.replace("-", "−") for number in map(str, range(-4, 5, step))]
        assert numbers["text"] == [*up, "0", "1", *across]


def test_the_lines_at_numbers_reach_from_the_lowest_value_to_the_highest() -> None:
    for low, high in ((0.0, 4.0), (-1.0, 2.5)):
        frame = Frame(500.0, low, high, (0.0, 1.0))
        lines, _, _ = _axes(frame, ("a", "h"), PALETTES["light"])
        for a in (-4, 0, 4):
            at = frame.pixel(a, 0)[0]
            levels = [y for x, y in zip(lines["x"], lines["y"], strict=True) if x == at]
            assert levels[:2] == [frame.pixel(a, high)[1], frame.pixel(a, low)[1]]


def test_over_the_axes_lies_the_wedge_then_the_curve_and_then_what_is_on_it() -> None:
    traced = RELU.trace(activation(a=(0.0, 1.0, 2.0, -1.0, -2.0)))
    curve = curve_of(traced, ("a", "h"), str, RULES["lab"])
    drawn, palette = curve_drawings(curve, WIDTH, 1, View()), PALETTES["light"]

    def places(key: str, **wanted: Any) -> list[int]:
        return [i for i, each in enumerate(drawn) if wanted.items() <= each.get(key, {}).items()]

    axes = places("line", color=palette.hatch) + places("textfont", color=palette.muted)[:2]
    (wedge,) = [i for i, each in enumerate(drawn) if each.get("fill") == "toself" and each["x"]]
    (graph,) = places("line", width=3, color=palette.ink)
    (tangents,) = places("line", width=7)
    assert max(axes) < wedge < graph < tangents < min(places("marker", size=15))


def test_one_dot_stands_out_that_of_the_chosen_entry_on_the_curve() -> None:
    traced = RELU.trace(activation(a=(0.0, 1.0, 2.0, -1.0, -2.0)))
    curve = curve_of(traced, ("a", "h"), str, RULES["lab"])
    for chosen in (None, 1, 3):
        drawn = curve_drawings(curve, WIDTH, chosen, View())
        (dots,) = (each for each in drawn if each.get("marker", {}).get("size") == 15)
        (accent,) = (each for each in drawn if each.get("marker", {}).get("size") == 17)
        there = [*zip(accent["x"], accent["y"], strict=True)]
        assert there == ([] if chosen is None else [(dots["x"][chosen], dots["y"][chosen])])


@pytest.mark.parametrize("slope", [-0.5, 0.0, 1.0, 2.0])
def test_a_tangent_goes_through_its_point_and_rises_as_its_slope_says(slope: float) -> None:
    point = CurvePoint("a₁", -1.0, 0.5, slope)
    curve = Curve(("a", "h"), ((-4.0, 0.0), (4.0, 1.0)), (), (), (point,), "")
    traces = curve_drawings(curve, WIDTH, None, View())
    (tangent,) = (each for each in traces if each.get("line", {}).get("width") == 7)
    (dot,) = (each for each in traces if each.get("marker", {}).get("size") == 15)
    (left, right, _), (start, end, _) = tangent["x"], tangent["y"]
    assert (start - end) / (right - left) == pytest.approx(slope, abs=0.01)
    assert ((left + right) / 2, (start + end) / 2) == pytest.approx(
        (dot["x"][0], dot["y"][0]), abs=0.1
    )


# --- presets, snaps, questions


TRUE_OF = {
    "all negative": lambda a: (a < 0).all(axis=1),
    "all positive": lambda a: (a > 0).all(axis=1),
    "one at zero": lambda a: (a == 0).sum(axis=1) == 1,
    "all at zero": lambda a: (a == 0).all(axis=1),
}


CANDIDATES = np.array([*product(np.arange(-1.0, 1.0 + GRID, GRID), repeat=LENGTH)])


@pytest.mark.parametrize("name", TRUE_OF)
@given(st.tuples(*[st.integers(-3, 3).map(lambda step: step * GRID)] * LENGTH))
@settings(max_examples=25)
def test_a_snap_makes_the_smallest_change_that_does_it(name: str, a: tuple[float, ...]) -> None:
    fit = CANDIDATES[TRUE_OF[name](CANDIDATES)]
    found = ELEMENTWISE[name](activation(a=a))
    assert not isinstance(found, Impossible)
    assert TRUE_OF[name](np.array([found.a]))[0]
    assert np.abs(np.array(found.a) - a).sum() == np.abs(fit - np.array(a)).sum(axis=1).min()
    assert replace(found, a=a) == activation(a=a)


def test_a_nudge_moves_what_has_a_slider() -> None:
    nudged = ELEMENTWISE["nudge +ε"](activation())
    assert nudged == activation(a=(1.5, -1.0, 2.0**-10, 3.0, -2.5))
    assert isinstance(ELEMENTWISE["nudge +ε"](activation(entry="h1")), Impossible)
    assert isinstance(ELEMENTWISE["nudge −ε"](activation(a=(LOW,) * LENGTH)), Impossible)
    assert isinstance(ELEMENTWISE["nudge +ε"](activation(a=(HIGH,) * LENGTH)), Impossible)


@pytest.mark.parametrize(
    ("rule", "answers"), [("lab", [5, 0, 3, 5, 1]), ("pytorch-amax", [5, 0, 2, 0, 1])]
)
def test_the_questions_are_answered_under_the_present_rule(rule: str, answers: list[int]) -> None:
    found = []
    for question in QUESTIONS:
        scene = activation(rule=rule)
        found.append(question.answer(RELU.trace(question.set_up(scene))))
    assert found == answers


# --- the arrangement, and its sliders


@pytest.mark.parametrize("name", ["a3", "dh5"])
def test_each_slider_is_swept(name: str) -> None:
    scene = activation()
    sliders = {slider.name: slider for slider in RELU.sliders(scene)}
    assert {*sliders, "step"} == set(scene.entry_names())
    values = sliders[name].values
    text = sweep(RELU, scene, name, values, "key")
    assert text is not None
    assert len(json.loads(text)["frames"]) == len(values)


def test_each_piece_of_the_slope_ends_with_its_own_number() -> None:
    curve = curve_of(RELU.trace(activation()), ("a", "h"), str, RULES["lab"])
    left, right = curve.slopes
    assert {slope for _, slope in left} == {0}
    assert {slope for _, slope in right} == {1}
    assert (left[-1][0], right[0][0]) == (0, 0)


def test_a_curve_that_bends_is_drawn_as_one() -> None:
    passing = passed(Softplus(), [0.5], kinks=RULES["lab"].kinks)
    curve = curve_of(passing, ("a", "h"), str, RULES["lab"])
    a = np.linspace(-END, END, 1001)
    (slopes,) = curve.slopes
    for points, due in ((curve.values, np.log1p(np.exp(a))), (slopes, 1 / (1 + np.exp(-a)))):
        at, drawn = np.array(points).T
        assert np.abs(np.interp(a, at, drawn) - due).max() * UNIT < 0.5, "px"


def test_a_break_stands_on_the_curve_where_the_operation_has_it() -> None:
    clipped = passed(Clip(-1.0, 2.0), [0.5], kinks=RULES["pytorch-max-pool"].kinks)
    curve = curve_of(clipped, ("a", "h"), str, RULES["pytorch-max-pool"])
    assert [(each.a, each.h) for each in curve.breaks] == [(-1, -1), (2, 2)]
    assert curve.values == ((-END, -1), (-1, -1), (2, 2), (END, 2))
    assert [[slope for _, slope in piece] for piece in curve.slopes] == [[0, 0], [1, 1], [0, 0]]

"""The page about kinks: its picture, its sentences and its table, for every case."""

import json
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from itertools import chain, combinations, pairwise
from math import dist
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import RULES, Graph, Maximum, ReLU, trace
from engine.errors import LimitError
from pages import registry
from pages.derive.derivation import letters
from pages.derive.picture import THUMB, Screen
from pages.export.extent import texts
from pages.figures.kink import _share_drawings
from pages.figures.kink_brackets import FINE, MOST_CHIPS, NOTHING, SHORT, row_middles
from pages.figures.kink_info import PROJECTOR, ClaimedSlope, KinkInfo, Look, Shares
from pages.figures.kink_slice import CENTRAL, EVERY_RULE, _names
from pages.figures.theme import PALETTES, RULE_SYMBOLS, Theme
from pages.figures.words import number
from pages.kink.explanation import explanation
from pages.kink.kink_scene import PRESETS, KinkScene
from pages.kink.kink_subject import KINK_SUBJECT, read_kink
from pages.kink.results import PAGES_WITH_A_SLICE, Tie, _shut
from pages.state.codecs import GRID
from pages.state.scene import Scene
from pages.views.kink_page import kink_table
from tests.for_each import for_each
from tests.pages.explain.test_sentences import sizes_of_text
from tests.pages.scenes import FORMS, activation, batch, block, conv
from tests.pages.sweeping import assert_is_sent
from tests.pages.test_overlaps import crossing

GROUPS = ("Lab", "First", "Split")
RING = 25
"""The size of the rings around claims; no other markers are this large."""
EVERYWHERE: Mapping[str, tuple[str, Scene]] = {
    f"{of}/{slug}": (of, inner)
    for of, explored in PAGES_WITH_A_SLICE.items()
    for slug, inner in explored.subject.presets.items()
    if of != "conv-2d"
}
THEMES: tuple[Theme, ...] = ("light", "dark")


def info_of(slug: str) -> KinkInfo:
    return read_kink(PRESETS[slug])


def said(slug: str) -> str:
    return " ".join(KINK_SUBJECT.picture(PRESETS[slug]).explanation)


def outcomes(info: KinkInfo) -> dict[str, str]:
    return {group.title: group.outcome for group in info.groups}


def test_on_a_phone_the_chosen_entry_is_among_those_to_choose_from() -> None:
    start = PRESETS["composed"]
    every = list(start.results.inputs)
    assert len(every) > MOST_CHIPS
    for entry in every:
        scene, _ = start.updated({"entry": entry})
        targets = KINK_SUBJECT.picture(scene, Screen(narrow=True)).targets
        shown = [target.entry for target in targets]
        first = every.index(shown[0])
        assert shown == every[first : first + MOST_CHIPS]
        assert entry in shown


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize(
    ("page", "slug", "entry"),
    [
        ("conv-2d", "digit", ""),  # most entries are left out, and two shares are shown
        ("stack", "two-filters", "x1"),
        ("stack", "digit", "w1.2,3,3"),  # long names
        ("stack", "digit", "w2.7,59"),
        ("stack", "digit", "x2,6"),
    ],
)
def test_all_texts_of_a_page_with_many_entries_can_be_read(
    page: str, slug: str, entry: str, narrow: bool
) -> None:
    inner = PAGES_WITH_A_SLICE[page].subject.presets[slug]
    scene = KinkScene.over(page, inner).chosen(entry)
    picture = KINK_SUBJECT.picture(scene, Screen(narrow=narrow))
    assert [*crossing(picture.figure)] == []
    assert scene.entry == entry or not entry
    found = [each.box for each in texts(picture.figure)]
    for target in picture.targets:
        left, top, width, height = target.box
        assert any(
            left <= x and x + wide <= left + width and top <= y and y + tall <= top + height
            for x, y, wide, tall in found
        ), target.entry


def test_words_beside_a_mark_end_before_a_bracket_in_long_numbers() -> None:
    digit = PAGES_WITH_A_SLICE["stack"].subject.presets["digit"]
    inner, problems = digit.updated({"x": "digit:0,8,7;6=-2.5"})
    assert problems == []
    figure = KINK_SUBJECT.picture(KinkScene.over("stack", inner).chosen("w1.1,2,1")).figure
    assert {"<b>no derivative</b>", "[−0.008, 0.04]"} & {
        *chain(*(each.get("text", ()) for each in figure["data"]))
    }
    assert [*crossing(figure)] == []


# --- each preset


def test_the_two_way_tie_of_the_lab() -> None:
    info = info_of("two-way-tie")
    along = info.slice
    assert (along.function, along.label, along.point) == ("L = z", "x₁", (3, 3))
    assert (along.left, along.right, along.kinked) == (0, 1, True)
    assert list(along.kinks) == [(3, 3)]
    assert [(line.slope, line.groups, line.central) for line in along.lines] == [
        (1, (0, 1), False),
        (0.5, (2,), True),
    ]
    assert info.row("x2").claims == (1, 0, 0.5)
    w = info.row("w")
    assert (w.left, w.right, w.kinked, w.claims) == (3, 3, False, (6, 3, 3))
    assert w.outside == {0}
    assert outcomes(info) == dict(
        zip(GROUPS, ("nothing", "subgradient", "subgradient"), strict=True)
    )
    assert info.shares.labels == ("h₁", "h₂")
    assert info.shares.parts == ((1, 1), (1, 0), (0.5, 0.5))


def test_three_share_in_a_triangle() -> None:
    shares = info_of("three-way-tie").shares
    assert shares.labels == ("h₁", "h₂", "h₃")
    assert shares.parts[1] == (1, 0, 0)
    assert shares.parts[2] == pytest.approx((1 / 3,) * 3)
    assert shares.parts[0] == (1, 1, 1)


def test_where_no_a_is_open_nothing_bends() -> None:
    info = info_of("all-negative")
    assert not info.slice.kinked
    assert not any(row.kinked for row in info.rows)
    assert set(outcomes(info).values()) == {"derivative"}
    assert info.shares.labels == ()
    assert "No kink: L is constant here" in said("all-negative")
    assert "every a before them is negative" in said("all-negative")
    assert "tie" in said("all-negative")


TOLD = {
    # x₁ and x₂ tie at 3: their h do too, and w · max(x) has the slope 3 in w.
    "two-way-tie": [
        "A kink: ∂L/∂x₁ is 0 from the left and +1 from the right.",
        "h₁ and h₂ tie at 3.",
        (
            "Lab: ∂L/∂w = +6, but it is +3 from both sides: no derivative at all. First and Split "
            "give a subgradient."
        ),
        "A central difference gives +0.5 for ∂L/∂x₁, as Split does.",
        "Here L = z.",
    ],
    "relu-zero": [
        "A kink: ∂L/∂x₂ is 0 from the left and +1 from the right.",
        "a₂ is 0, the kink of its ReLU; h₁, h₂, h₃ and 2 more tie at 0.",
        "Lab, First and Split give a subgradient.",
        "A central difference gives +0.5 for ∂L/∂x₂, as no rule does.",
        "5 entries tie: shares are drawn for ties of two or three only.",
        "Here L = z.",
    ],
    "all-negative": [
        (
            "No kink: L is constant here: 5 entries of h tie at 0, but every a before them is "
            "negative."
        ),
        "Every rule gives that.",
        "Here L = z.",
    ],
    "relu-alone": [
        "A kink: ∂L/∂a₃ is 0 from the left and +1 from the right.",
        "a₃ is 0, the kink of its ReLU.",
        "Lab and Slope 0 give a subgradient.",
        "A central difference gives +0.5 for ∂L/∂a₃, as no rule does.",
    ],
    # The subgradients of max(h₁, h₂) lie between (1, 0) and (0, 1): (1, 1) is none.
    "not-jointly": [
        "A kink: ∂L/∂h₁ is 0 from the left and +1 from the right.",
        "h₁ and h₂ tie at 3.",
        (
            "Lab: each entry lies between its one-sided derivatives, but together they are no "
            "subgradient: the shares of h₁ and h₂ sum to 2, not to 1. First and Split give a "
            "subgradient."
        ),
        "A central difference gives +0.5 for ∂L/∂h₁, as Split does.",
        "Here L = z.",
    ],
    # L = max(h₁, h₂) − max(h₂, h₃) / 4, whose slope in h₂ is −1/4 where h₁ > h₂ > h₃.
    "mixed-signs": [
        "A kink: ∂L/∂h₂ is 0 from the left and +0.75 from the right.",
        "h₁ and h₂ tie at 3; h₂ and h₃ tie at 3.",
        (
            "Lab: each entry lies between its one-sided derivatives, but together they are no "
            "subgradient: the shares of h₁ and h₂ sum to 2, not to 1. First and Split give a "
            "subgradient. First: ∂L/∂h₂ = −0.25 is outside the one-sided derivatives [0, 0.75]; "
            "together with the other entries it is a subgradient all the same."
        ),
        "A central difference gives +0.375 for ∂L/∂h₂, as Split does.",
    ],
    "composed": [
        "No kink: ∂L/∂w = +1 from both sides.",
        (
            "a₁‚₁, a₁‚₂, a₁‚₃ and 3 more are 0, the kink of their ReLU; h₁‚₁, h₁‚₂ and h₁‚₃ tie "
            "at 0; h₂‚₁, h₂‚₂ and h₂‚₃ tie at 0."
        ),
        (
            "Lab: ∂L/∂w = +3.5, but it is +1 from both sides: no derivative at all. First and "
            "Split: ∂L/∂w = 0, but it is +1 from both sides. Each layer's slope is allowed by "
            "itself, but composed they give no derivative here. That is no bug."
        ),
    ],
}


@for_each("slug", TOLD)
def test_what_is_said_of_a_case(slug: str) -> None:
    assert KINK_SUBJECT.picture(PRESETS[slug]).explanation == TOLD[slug]


def test_a_tie_behind_closed_gates_is_no_reason_for_a_kink_and_has_no_shares() -> None:
    # In the first example every a is below 0, and every h 0; in the second two tie for the maximum.
    x = (-1.0, -2.0, -3.0, 1.0, 1.0, -1.0, 2.0, 1.0, 0.5)
    for entry in ("x1,1", "x2,1"):
        scene = KinkScene.over("minibatch", batch(x=x, w=1.0, entry=entry))
        assert KINK_SUBJECT.picture(scene).explanation[1] == "h₂‚₁ and h₂‚₂ tie at 1."
        assert read_kink(scene).shares.labels == ("h₂‚₁", "h₂‚₂")


def test_where_another_entry_has_a_kink_it_is_said_which() -> None:
    # x₃ is below the maximum, w · max(x) a line in w; x₁ and x₂ alone have a kink.
    for entry, slope in (("x3", "0"), ("w", "+3")):
        picture = KINK_SUBJECT.picture(PRESETS["two-way-tie"].chosen(entry))
        label = {"x3": "x₃"}.get(entry, entry)
        assert picture.explanation[0] == (
            f"No kink along {label}: ∂L/∂{label} = {slope} from both sides; there is one along x₁ "
            "and x₂."
        )


def test_where_nothing_is_sent_back_or_every_unit_is_inactive_it_is_said() -> None:
    for scene, because in (
        (PRESETS["two-way-tie"].moved("dz", 0.0), "the upstream gradient is 0"),
        (
            KinkScene.over("relu", activation(a=(-1.0,) * 5)),
            "every unit with an upstream gradient is inactive",
        ),
        (
            KinkScene.over("relu", activation(a=(1.0, *(-1.0,) * 4), dh=(0.0, *(1.0,) * 4))),
            "every unit with an upstream gradient is inactive",
        ),
    ):
        first, *_ = KINK_SUBJECT.picture(scene).explanation
        assert first == f"No kink: L is constant here: {because}."


def test_a_relu_at_its_zero() -> None:
    info = info_of("relu-zero")
    assert (info.slice.left, info.slice.right) == (0, 1)
    assert {line.slope: line.groups for line in info.slice.lines} == {
        1: (0,),
        0.5: (),
        0: (1, 2),
    }
    assert set(outcomes(info).values()) == {"subgradient"}
    assert "a₂ is 0, the kink of its ReLU; h₁, h₂, h₃ and 2 more tie at 0." in said("relu-zero")
    assert "as no rule does" in said("relu-zero")


def test_a_smooth_point_beside_a_kink() -> None:
    info = info_of("smooth")
    assert [line.slope for line in info.slice.lines] == [1]
    assert info.slice.lines[0].groups == (0, 1, 2)
    assert info.slice.kinks
    assert (
        said("smooth") == "No kink: ∂L/∂x₂ = +1 from both sides. Every rule gives that. Here L = z."
    )


def test_where_not_every_rule_gives_the_derivative_it_is_told_which_do() -> None:
    info = info_of("smooth")
    lab, *others = info.groups
    strays = [replace(group, outcome="inside") for group in others]
    lines = explanation(PRESETS["smooth"].results, replace(info, groups=[lab, *strays]))
    assert lines[1] == (
        "Lab gives that. First and Split: each entry that is shown lies between its one-sided "
        "derivatives."
    )


def test_in_every_bracket_but_not_jointly() -> None:
    info = info_of("not-jointly")
    assert not any(row.outside for row in info.rows)
    assert outcomes(info)["Lab"] == "not jointly"
    assert "shown" not in next(group.said for group in info.groups if group.title == "Lab")
    assert "the shares of h₁ and h₂ sum to 2, not to 1" in said("not-jointly")
    assert "each entry lies between its one-sided derivatives, but together" in said("not-jointly")


def test_no_sum_of_shares_is_given_for_rules_whose_sums_differ() -> None:
    info = info_of("not-jointly")
    alike = [replace(group, outcome="not jointly") for group in info.groups]
    told = explanation(PRESETS["not-jointly"].results, replace(info, groups=alike))
    assert any(line.startswith("Lab, First and Split") for line in told)
    assert not any("sum to" in line for line in told)
    fair = replace(info.shares, parts=tuple((0.5, 0.5) for _ in info.groups))
    told = explanation(PRESETS["not-jointly"].results, replace(info, groups=alike, shares=fair))
    assert not any("sum to" in line for line in told), "a sum of 1 is as it should be"


def test_a_claim_at_a_kink_is_compared_with_both_of_its_slopes() -> None:
    """L(w) = max(w · x, 0) has slope max(x) = 1.5 where w > 0, and min(x) = −1 where w < 0.

    At w = 0 all five tie, and the lab, whose ReLU has slope 1 there, gives w the sum of x, 2.5.
    """
    inner = PAGES_WITH_A_SLICE["conv-block"].subject.presets["zero-weight"]
    told = " ".join(KINK_SUBJECT.picture(KinkScene.over("conv-block", inner)).explanation)
    assert "Lab: ∂L/∂w = +2.5 is outside the one-sided derivatives [−1, 1.5]: no der" in told


def test_a_verdict_in_words_speaks_only_of_the_entries_that_are_shown() -> None:
    query = {"layers": "maxpool", "shape": "16", "x": "3,3" + 14 * ",1"}
    scene = KinkScene.over("stack", PAGES_WITH_A_SLICE["stack"].subject.start.updated(query)[0])
    info = read_kink(scene)
    assert info.left_out
    drawn, whole = (str(KINK_SUBJECT.picture(it).figure) for it in (scene, KINK_SUBJECT.start))
    assert f"the truth</b> ({info.left_out} more entries)" in drawn
    assert "more entries" not in whole
    assert outcomes(info)["Lab"] == "not jointly"
    assert "shown" in next(group.said for group in info.groups if group.title == "Lab")
    told = " ".join(KINK_SUBJECT.picture(scene).explanation)
    assert "each entry that is shown lies between its one-sided derivatives" in told


def of_stack(layers: str, shape: str, x: str) -> KinkScene:
    query = {"layers": layers, "shape": shape, "x": x}
    scene, problems = PAGES_WITH_A_SLICE["stack"].subject.start.updated(query)
    assert not problems
    return KinkScene.over("stack", scene)


def test_one_of_several_arrays_of_a_letter_has_its_number_above() -> None:
    scene = of_stack("relu-maxpool(2)-relu-maxpool", "4", "-1,-2,-3,-4")
    lines = KINK_SUBJECT.picture(scene).explanation
    assert lines[0] == (
        "No kink: L is constant here: 2 entries of h⁽¹⁾ tie at 0, but every x before them is "
        "negative."
    )
    assert lines[-1] == "Here L = z⁽²⁾."
    assert read_kink(scene).slice.function == "L = z⁽²⁾"
    several = of_stack("relu-maxpool(2)-relu-maxpool(1)", "4", "1,2,3,4")
    assert read_kink(several).slice.function == "L = Σ ∂L/∂z⁽²⁾ · z⁽²⁾"


def test_entries_that_tie_behind_inactive_units_may_be_of_several_arrays() -> None:
    lines = KINK_SUBJECT.picture(of_stack("maximum(relu|relu)", "1", "-1")).explanation
    assert lines[0] == (
        "No kink: L is constant here: 2 entries of h⁽¹⁾ and h⁽²⁾ tie at 0, but every x before "
        "them is negative."
    )


def test_no_two_groups_of_rules_have_one_name() -> None:
    several = of_stack("leakyrelu(negative_slope=0.25)-maxpool", "2", "0,0")
    titles = [group.title for group in read_kink(several).groups]
    assert titles == ["First", "PyTorch amax", "JAX reduce_window", "JAX max"]
    assert "as JAX max does." in " ".join(KINK_SUBJECT.picture(several).explanation)
    for layers in ("abs-relu-maxpool", "maximum(abs|leakyrelu)-maxpool"):
        groups = read_kink(of_stack(layers, "2", "0,0")).groups
        assert len({group.title for group in groups}) == len(groups)


def test_rules_for_a_leaky_relu_are_named_after_the_side_whose_slope_they_take() -> None:
    of_one = of_stack("leakyrelu(negative_slope=0.25)", "1", "0")
    assert [group.title for group in read_kink(of_one).groups] == ["Left slope", "Right slope"]
    lines = KINK_SUBJECT.picture(of_one).explanation
    assert "Left slope and Right slope give a subgradient." in lines
    smooth = of_stack("softplus", "1", "0")
    assert [group.title for group in read_kink(smooth).groups] == ["Every rule"]


def test_the_script_asks_no_rule_for_what_it_does_not_state() -> None:
    scene = of_stack("leakyrelu(negative_slope=0.25)", "1", "0")
    with redirect_stdout(StringIO()) as printed:
        exec(str(KINK_SUBJECT.script(scene)), {})
    said = printed.getvalue()
    assert "pytorch-amax gives dx: [0.25]" in said
    assert "jax-max gives dx: [1.0]" in said
    assert "lab gives" not in said


def test_the_explanation_of_a_tie_of_two_arrays_says_what_stands_before_each() -> None:
    """x = (−1, −2) and a = w · x, w = 1, each behind a ReLU."""
    query = {"layers": "maximum(relu|conv1d(1)-relu)", "shape": "2", "x": "-1,-2", "w": "1"}
    scene, _ = PAGES_WITH_A_SLICE["stack"].subject.start.updated(query)
    told, *_ = KINK_SUBJECT.picture(KinkScene.over("stack", scene)).explanation
    assert "h⁽¹⁾ and h⁽²⁾ tie at 0, but every x and a before them is negative" in told


def test_what_the_other_page_adds_to_its_script_stays_in_it() -> None:
    script = str(KINK_SUBJECT.script(PRESETS["tie-in-a-minibatch"]))
    assert script.index("dw of example") < script.index("sides = one_sided(")


def test_the_script_of_a_kink_has_the_results_of_each_input() -> None:
    scene = KinkScene.over("conv-block", block(x=(1.5, -1.0, 1.5, 0.5, 0.0), w=2.0))
    with redirect_stdout(StringIO()) as printed:
        exec(str(KINK_SUBJECT.script(scene)), {})
    said = printed.getvalue()
    for line in (
        "dx from the left: [0.0, 0.0, 0.0, 0.0, 0.0]",
        "dx from the right: [2.0, 0.0, 2.0, 0.0, 0.0]",
        "dw from the left: 1.5",
        "dw from the right: 1.5",
        "pytorch-max-pool gives dx: [2.0, 0.0, 0.0, 0.0, 0.0]",
        "pytorch-max-pool gives dw: 1.5",
        "lab gives dw: 3.0",
    ):
        assert line in said


def test_a_tie_is_shut_only_behind_closed_gates_at_all_of_its_entries() -> None:
    """s = max(h, y) and s = max(h, k) at 0, where h and k are units of ReLUs of x = −1 and y."""
    one = Graph(("h", ReLU(), "x"), ("s", Maximum(), "h", "y"))
    both = Graph(("h", ReLU(), "x"), ("k", ReLU(), "y"), ("s", Maximum(), "h", "k"))
    found = [
        _shut(trace(graph, [-1.0], [y], kinks=RULES["mlx"].kinks), at, [(0, (0,)), (1, (0,))])
        for graph, at, y in ((one, 1, 0.0), (both, 2, 0.0), (both, 2, -2.0))
    ]
    assert found == [False, False, True]


@pytest.mark.parametrize("narrow", [False, True])
def test_a_long_name_leaves_the_picture_nowhere(narrow: bool) -> None:
    scene = of_stack("maximum(abs|leakyrelu)-maxpool", "2", "0,0")
    figure = KINK_SUBJECT.picture(scene, Screen(narrow=narrow)).figure
    boxes = [text.box for text in texts(figure)]
    assert max(box[0] + box[2] for box in boxes) <= figure["layout"]["width"]


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize(
    "layers", ["maximum(abs|leakyrelu)-maxpool", "leakyrelu(negative_slope=0.25)-maxpool"]
)
def test_however_many_rules_differ_no_text_lies_on_another(layers: str, narrow: bool) -> None:
    figure = KINK_SUBJECT.picture(of_stack(layers, "2", "0,0"), Screen(narrow=narrow)).figure
    boxes = [text.box for text in texts(figure)]
    for (x, y, wide, high), (other_x, other_y, other_wide, other_high) in combinations(boxes, 2):
        beside = min(x + wide, other_x + other_wide) - max(x, other_x) < 3
        assert beside or min(y + high, other_y + other_high) - max(y, other_y) < 3


def test_rules_without_room_for_a_line_each_are_told_by_what_comes_of_them() -> None:
    scene = of_stack("maximum(abs|leakyrelu)-maxpool", "2", "0,0")
    drawings = KINK_SUBJECT.picture(scene).figure["data"]
    said = [text for each in drawings for text in each.get("text", ())]
    assert "a subgradient" in said
    assert not any(": a subgradient" in text for text in said)


def test_where_names_have_no_room_those_of_several_are_left_out_and_of_no_one_else() -> None:
    groups: Any = [SimpleNamespace(title=each, stands_out=each == "B") for each in "ABC"]
    several, one = (ClaimedSlope(1.0, each, False, False) for each in ((0, 2), (1,)))
    assert _names(several, groups, brief=False) == [("A", (0,)), ("C", (2,))]
    assert _names(several, groups, brief=True) == [("", (0, 2))]
    for brief in (False, True):
        assert _names(one, groups, brief=brief) == [("<b>B</b>", (1,))]
        every = _names(ClaimedSlope(1.0, (0, 1, 2), True, True), groups, brief=brief)
        assert every == [(EVERY_RULE, ()), (CENTRAL, ())]


def test_a_tie_that_no_gradient_arrives_at_is_none_that_is_told_of() -> None:
    scene = of_stack("maxpool(2)", "4", "1,1,2,2")
    along = {dz: KINK_SUBJECT.picture(scene.moved("dz1", dz)).explanation for dz in (0.0, 1.0)}
    assert along[1.0][1] == "x₁ and x₂ tie at 1; x₃ and x₄ tie at 2."
    assert along[0.0][1] == "x₃ and x₄ tie at 2."


def test_several_units_of_any_operation_at_their_kink() -> None:
    lines = KINK_SUBJECT.picture(of_stack("abs", "2", "0,0")).explanation
    assert lines[1] == "x₁ and x₂ are 0, the kink of their abs."


@pytest.mark.parametrize(
    ("layers", "shape", "x", "because"),
    [
        ("relu", "2", "-1,-2", "every unit with an upstream gradient is inactive"),
        # The second unit is at its kink, whatever x is.
        ("relu-relu", "1", "-1", "no change of an entry reaches L"),
        # The tied numbers are made from zeros, not from negative numbers.
        ("relu-leakyrelu-maxpool", "2", "-1,-2", "no change of an entry reaches L"),
    ],
)
def test_why_nothing_changes_the_loss(layers: str, shape: str, x: str, because: str) -> None:
    lines = KINK_SUBJECT.picture(of_stack(layers, shape, x)).explanation
    assert lines[0] == f"No kink: L is constant here: {because}."
    assert "the kink of" not in " ".join(lines), "no unit's kink is one of L"


def test_where_only_padding_leads_to_the_loss_no_unit_is_blamed() -> None:
    scene = conv(padding=2, filters="scalar", da=(1.0, *[0.0] * 17))
    lines = KINK_SUBJECT.picture(KinkScene.over("conv-1d", scene)).explanation
    assert lines[0] == "No kink: L is constant here: no change of an entry reaches L."


def test_outside_its_bracket_and_right() -> None:
    info = info_of("mixed-signs")
    h2 = info.row("h2")
    assert (h2.left, h2.right, h2.claims[1]) == (0, 0.75, -0.25)
    assert not h2.outside
    assert h2.beside == {1}
    assert outcomes(info)["First"] == "subgradient"
    assert "is outside the one-sided derivatives [0, 0.75]" in said("mixed-signs")
    dz = PRESETS["mixed-signs"].results.trace.dout
    assert dz.min() < 0 < dz.max()
    article = registry.PAGES["at-a-kink"].article
    assert (
        "under gradients of both signs one may lie outside and be part of a subgradient" in article
    )


def test_rules_composed_are_called_that_and_no_bug() -> None:
    info = info_of("composed")
    w = info.row("w")
    assert (w.left, w.right, w.claims) == (1, 1, (3.5, 0, 0))
    assert list(outcomes(info).values()) == ["nothing", "composed", "composed"]
    assert "composed they give no derivative" in said("composed")
    assert "That is no bug." in said("composed")
    assert info.slice.function == "L = Σ ∂L/∂z · z"


@pytest.mark.parametrize(
    ("slug", "ringed"),
    [
        ("two-way-tie", {"w": [0]}),  # by the lab's rule dw is 6, which is no derivative
        ("composed", {"w": [0, 1, 2]}),  # the slope is 1, and no rule gives it
        ("relu-zero", {}),
        ("smooth", {}),
        ("not-jointly", {}),
        ("mixed-signs", {}),  # outside its bracket, and a subgradient
    ],
)
def test_a_ring_is_around_what_is_no_derivative_and_nothing_else(
    slug: str, ringed: dict[str, list[int]]
) -> None:
    info = info_of(slug)
    rows, groups = [row.entry for row in info.rows], len(info.groups)
    data = KINK_SUBJECT.picture(PRESETS[slug]).figure["data"]
    markers = [trace for trace in data if trace.get("mode") == "markers"]
    (claims,) = (
        list(zip(trace["x"], trace["y"], strict=True))
        for trace in markers
        if trace["marker"]["symbol"] == [*RULE_SYMBOLS[:groups]] * len(rows)
    )
    (rings,) = (
        set(zip(trace["x"], trace["y"], strict=True))
        for trace in markers
        if trace["marker"]["size"] == RING
    )
    found = {
        entry: [group for group in range(groups) if claims[groups * row + group] in rings]
        for row, entry in enumerate(rows)
    }
    assert {entry: around for entry, around in found.items() if around} == ringed
    assert len(rings) == sum(map(len, ringed.values()))
    meant = {
        "box": "from the left to the right derivative",
        "dotted": "slopes on the two sides",
        "ring": "no derivative",
    }
    looks = {look: words for look, _, words in KINK_SUBJECT.picture(PRESETS[slug]).legend}
    assert looks.items() <= meant.items()
    assert ("ring" in looks) == bool(ringed)
    assert ("box" in looks) == any(row.kinked for row in info.rows)
    assert ("dotted" in looks) == info.slice.kinked


@pytest.mark.parametrize("count", [1, 6, 10, 14])
def test_however_many_brackets_there_are_they_stand_above_the_axis(count: int) -> None:
    top, bottom = PROJECTOR.rows
    middles = row_middles(count)
    assert middles[0] - top <= PROJECTOR.pitch / 2
    assert middles[0] - top <= bottom - middles[-1] + 1e-6
    full = count * PROJECTOR.pitch > bottom - top
    assert not full or bottom - middles[-1] == pytest.approx(middles[0] - top)


@pytest.mark.parametrize("slug", ["two-way-tie", "relu-zero", "mixed-signs", "smooth"])
def test_each_rules_mark_lies_where_its_claim_is_on_the_axis(slug: str) -> None:
    info, (left, right) = info_of(slug), PROJECTOR.axis
    (low, high), rules = info.slopes, [*RULE_SYMBOLS[: len(info.groups)]]
    (marks,) = (
        each["x"]
        for each in KINK_SUBJECT.picture(PRESETS[slug]).figure["data"]
        if each.get("marker", {}).get("symbol") == rules * len(info.rows)
    )
    claims = [value for row in info.rows for value in row.claims]
    assert all(low <= value <= high for value in claims)
    places = [left + (value - low) / (high - low) * (right - left) for value in claims]
    assert [*marks] == pytest.approx(places, abs=0.1)


@for_each(
    ("slug", "narrow", "slopes", "words"),
    [
        ("three-way-tie", False, None, ["outside"]),  # 9 for w, whose derivative is 3
        ("composed", False, None, ["outside"]),
        ("composed", True, None, ["no derivative"]),
        ("composed", False, (0.0, 8.0), ["outside"]),  # at its right: no room at its left
        ("two-way-tie", False, None, []),  # there is no room
        ("mixed-signs", False, (-8.0, 0.25), ["still a<br>subgradient"]),
        ("tie-in-a-minibatch", False, (-8.0, 1.0), ["+5: outside"]),  # its ten rows are low
        ("smooth", False, None, []),
        ("not-jointly", False, None, []),
    ],
)
def test_beside_what_is_outside_its_bracket_stands_what_it_is(
    slug: str, narrow: bool, slopes: tuple[float, float] | None, words: list[str]
) -> None:
    scene = replace(PRESETS[slug], slopes=slopes or PRESETS[slug].slopes)
    figure = KINK_SUBJECT.picture(scene, Screen(narrow=narrow)).figure
    texts = [text for each in figure["data"] for text in each.get("text", ())]
    known = tuple(f"{each}</b>" for each in (*NOTHING, *FINE, SHORT))
    claimed = ("<b>Lab: ", "<b>First", "<b>Split")
    assert [text for text in texts if text.endswith(known) and not text.startswith(claimed)] == [
        f"<b>{each}</b>" for each in words
    ]


@pytest.mark.parametrize("slug", PRESETS)
def test_a_dotted_line_goes_from_the_point_down_to_where_its_value_is_told(slug: str) -> None:
    data = KINK_SUBJECT.picture(PRESETS[slug]).figure["data"]
    symbols = [[*each.get("marker", {}).get("symbol", "")] for each in data]
    (dots,) = (
        each
        for each, found in zip(data, symbols, strict=True)
        if found[-1:] == ["circle"] and "opacity" in each["marker"]
    )
    here = dots["x"][-1], dots["y"][-1]
    down = [here, (here[0], PROJECTOR.frame.bottom)]
    dotted = [
        [*zip(each["x"], each["y"], strict=True)]
        for each in data
        if each.get("line", {}).get("dash") == "dot"
    ]
    assert down in dotted


@for_each("theme", THEMES)
@for_each("slug", PRESETS)
def test_only_the_line_of_the_function_is_solid_and_in_ink(slug: str, theme: Theme) -> None:
    ink, right = PALETTES[theme].ink, PROJECTOR.frame.right
    lines = [
        each["line"]
        for each in KINK_SUBJECT.picture(PRESETS[slug], Screen(theme)).figure["data"]
        if each.get("mode") == "lines" and each["x"] and each["x"][0] <= right
    ]
    (whole,) = (each for each in lines if each["color"] == ink and each["dash"] == "solid")
    (sides,) = (each for each in lines if each["dash"] == "dash")
    assert sides["color"] == ink
    assert whole["width"] > sides["width"], "the function lies above the slopes at its two sides"


@for_each("slug", PRESETS)
def test_a_line_in_the_frame_has_its_slope_and_the_colour_of_who_claims_it(slug: str) -> None:
    info, palette = info_of(slug), PALETTES["light"]
    along, (left, right, top, bottom) = info.slice, PROJECTOR.frame
    (start, end), (low, high), (x, y) = along.reach, along.heights, along.point

    def values(drawing: Mapping[str, Any]) -> list[tuple[float, float]]:
        points = zip(drawing["x"], drawing["y"], strict=True)
        return [
            (
                start + (across - left) / (right - left) * (end - start),
                low + (bottom - down) / (bottom - top) * (high - low),
            )
            for across, down in points
            if across is not None
        ]

    def slopes(drawing: Mapping[str, Any]) -> list[float]:
        """The slopes from the point to points that are clearly beside it."""
        return [(b - y) / (a - x) for a, b in values(drawing) if abs(a - x) > 0.1]

    lines = [
        each
        for each in KINK_SUBJECT.picture(PRESETS[slug]).figure["data"]
        if each.get("mode") == "lines" and each["x"] and each["x"][0] <= right
    ]
    sides = sorted((along.left, along.right))
    (dashed,) = (slopes(each) for each in lines if each["line"]["dash"] == "dash")
    assert [min(dashed), max(dashed)] == pytest.approx(sides, abs=0.02)
    wedges = [slopes(each) for each in lines if "fill" in each]
    assert len(wedges) == along.kinked
    for wedge in wedges:
        assert [min(wedge), max(wedge)] == pytest.approx(sides, abs=0.02)
    drawn = [(each["line"], slopes(each)) for each in lines if each["line"]["width"] in (6, 9)]
    assert len(drawn) == len(along.lines)
    for (line, found), claim in zip(drawn, along.lines, strict=True):
        assert found == pytest.approx([claim.slope] * len(found), abs=0.02)
        assert (line["width"] == 9) == claim.stands_out
        whose = [each for each in claim.groups if info.groups[each].stands_out] or claim.groups
        assert line["color"] == (palette.rule(whose[0]) if whose else palette.line)


@for_each("slug", PRESETS)
def test_a_group_of_rules_has_its_mark_and_its_colour_wherever_it_is_named(slug: str) -> None:
    info, palette, (left, right) = info_of(slug), PALETTES["light"], PROJECTOR.names
    data = KINK_SUBJECT.picture(PRESETS[slug]).figure["data"]
    texts = [
        text
        for each in data
        if each.get("text")
        for text in zip(each["x"], each["y"], each["text"], each["textfont"]["color"], strict=True)
    ]
    marks = [
        (x, y, RULE_SYMBOLS.index(symbol), colour)
        for each in data
        if isinstance(each.get("marker", {}).get("symbol"), list)
        for x, y, symbol, colour in zip(
            each["x"],
            each["y"],
            each["marker"]["symbol"],
            [*each["marker"]["color"]]
            if isinstance(each["marker"]["color"], list)
            else [each["marker"]["color"]] * len(each["x"]),
            strict=True,
        )
        if symbol in RULE_SYMBOLS
    ]
    for at, group in enumerate(info.groups):
        named = {group.title, f"<b>{group.title}</b>"}
        told = {f"<b>{group.title}: {group.said}</b>", f"<b>{group.title}</b>: {group.said}"}
        places = [
            (x, y, colour)
            for x, y, text, colour in texts
            if text in told or (text in named and left <= x < right)
        ]
        assert places
        for x, y, colour in places:
            assert colour == palette.rule(at)
            beside = [mark for mark in marks if mark[1] == y and x - 50 < mark[0] < x]
            assert [mark[2:] for mark in beside] == [(at, colour)]


@for_each("slug", PRESETS)
def test_a_bracket_goes_from_one_of_its_derivatives_to_the_other(slug: str) -> None:
    info, (left, right), palette = info_of(slug), PROJECTOR.axis, PALETTES["light"]
    (low, high), picture = info.slopes, KINK_SUBJECT.picture(PRESETS[slug])
    lines = [
        [*zip(each["x"], each["y"], strict=True)]
        for each in picture.figure["data"]
        if each.get("mode") == "lines" and each["x"] and left <= each["x"][0] <= right
    ]

    def at(value: float) -> float:
        return left + (min(max(value, low), high) - low) / (high - low) * (right - left)

    levels = row_middles(len(info.rows))
    both = [
        (row, level, at(row.left), at(row.right))
        for row, level in zip(info.rows, levels, strict=True)
    ]
    kinked = [(level, *ends) for row, level, *ends in both if row.kinked]
    level_lines = [
        (y, x, other)
        for line in lines
        for (x, y), (other, level) in pairwise(line)
        if y is not None and y == level
    ]
    assert level_lines == [pytest.approx(each, abs=0.1) for each in kinked]
    ends = [
        (x, (y + level) / 2)
        for line in lines
        for (x, y), (other, level) in pairwise(line)
        if x is not None and x == other and level - y < PROJECTOR.pitch
    ]
    assert ends == [
        pytest.approx((end, level), abs=0.1)
        for row, level, *sides in both
        for end in (sides if row.kinked else sides[:1])
    ]
    (boxes,) = (
        each["marker"]["line"]["color"]
        for each in picture.figure["data"][:9]
        if each["type"] == "bar"
    )
    shown = [palette.accent if row.entry == info.slice.entry else palette.line for row in info.rows]
    assert boxes == shown


@for_each("slug", PRESETS)
def test_an_entry_is_chosen_at_the_level_at_which_its_derivatives_are_told(slug: str) -> None:
    picture = KINK_SUBJECT.picture(PRESETS[slug])
    told = [
        (y, text)
        for each in picture.figure["data"]
        if each.get("mode") == "text"
        for x, y, text in zip(each["x"], each["y"], each["text"], strict=True)
        if x == PROJECTOR.interval
    ]
    rows = info_of(slug).rows
    assert [text for _, text in told] == [
        row.interval() if row.kinked else number(row.left) for row in rows
    ]
    boxes = [target.box for target in picture.targets]
    assert [top + height / 2 for _, top, _, height in boxes] == pytest.approx([y for y, _ in told])
    levels = dict(zip((target.entry for target in picture.targets), told, strict=True))
    for slider in KINK_SUBJECT.sliders(PRESETS[slug]):
        if slider.name != PRESETS[slug].entry:  # that one is under the slice
            assert slider.top == pytest.approx(levels[slider.name][0])


OUTCOMES = {
    "derivative": "the derivative",
    "subgradient": "a subgradient",
    "not jointly": "fits only entry by entry",
    "composed": "composed, no derivative",
    "nothing": "no derivative",
}


@for_each("slug", PRESETS)
def test_the_rules_that_stand_out_are_written_in_bold(slug: str) -> None:
    info = info_of(slug)
    data = KINK_SUBJECT.picture(PRESETS[slug]).figure["data"]
    said = {text for each in data for text in each.get("text", ())}
    for group in info.groups:
        bold, plain = f"<b>{group.title}: {group.said}</b>", f"<b>{group.title}</b>: {group.said}"
        assert (bold in said, plain in said) == (group.stands_out, not group.stands_out)
        assert group.said == OUTCOMES[group.outcome]
    assert any(group.stands_out for group in info.groups)


@pytest.mark.parametrize(
    ("slug", "slopes"),
    [
        ("two-way-tie", ["+1", "Lab", "First", "+0.5", "Split", "central difference"]),
        ("composed", ["+3.5", "Lab", "+1", "central difference", "0", "First", "Split"]),
        (
            "mixed-signs",
            ["+0.75", "Lab", "+0.375", "Split", "central difference", "−0.25", "First"],
        ),
    ],
)
def test_the_rules_that_claim_a_slope_stand_beneath_it(slug: str, slopes: list[str]) -> None:
    left, right = PROJECTOR.names
    said = [
        text.removeprefix("<b>").removesuffix("</b>")
        for each in KINK_SUBJECT.picture(PRESETS[slug]).figure["data"]
        for text, x in zip(each.get("text", ()), each["x"], strict=False)
        if left <= x < right and "<i>" not in text
    ]
    assert said == slopes


Places = dict[str, tuple[float, float]]


def shared_out(*parts: tuple[float, ...]) -> tuple[list[tuple[float, float]], Places]:
    """The places of the marks of shares, and of the words beside them."""
    labels = ("h₁", "h₂", "h₃")[: len(parts[0])]
    look = Look(PALETTES["light"], PROJECTOR)
    *_, marks, words = _share_drawings(Shares(labels, parts), look)
    said = [text.removeprefix("<i>").removesuffix("</i>") for text in words["text"]]
    places = zip(words["x"], words["y"], strict=True)
    return [*zip(marks["x"], marks["y"], strict=True)], dict(zip(said, places, strict=True))


def test_in_the_triangle_all_of_it_lies_at_the_label_of_who_gets_it() -> None:
    parts = (1, 0, 0), (0, 1, 0), (0, 0, 1), (1 / 3,) * 3
    (*marks, middle, beyond), words = shared_out(*parts, (1, 1, 1))
    for mark, label in zip(marks, ("h₁", "h₂", "h₃"), strict=True):
        assert min(words, key=lambda it: dist(mark, words[it])) == label
        assert dist(middle, mark) == pytest.approx(dist(middle, marks[0]), abs=0.2)
    # A gradient shared out three times over lies outside the triangle: below it, beside its sum.
    assert beyond[1] == words["sum 3"][1] > max(y for it, (_, y) in words.items() if it != "sum 3")
    assert beyond[0] < words["sum 3"][0]


def test_in_the_square_the_first_share_goes_to_the_right_and_the_second_up() -> None:
    marks, words = shared_out((0, 0), (1, 0), (0, 1))
    (none, first, second), m = marks, PROJECTOR
    assert none[0] == second[0] < first[0]
    assert none[1] == first[1] > second[1] == words["1"][1]
    assert words["share of h₁"][1] > none[1] > second[1] > words["share of h₂"][1]
    assert abs(words["0"][1] - none[1]) < m.note / 2
    look = Look(PALETTES["light"], m)
    outline, *_ = _share_drawings(Shares(("h₁", "h₂"), ((0, 0),)), look)
    corners = [none, first, (first[0], second[1]), second, none]
    assert [*zip(outline["x"], outline["y"], strict=True)] == corners


def test_marks_in_one_place_lie_beside_each_other_around_it() -> None:
    (one, other, third), _ = shared_out((1, 0), (1, 0), (0, 1))
    (place, alone), _ = shared_out((1, 0), (0, 1))
    assert one[0] < place[0] < other[0]
    assert (one[0] + other[0]) / 2 == pytest.approx(place[0])
    assert one[1] == other[1] == place[1]
    assert third == alone


@pytest.mark.parametrize(
    ("slopes", "left", "right"),
    [
        ((-0.5, 6.5), 0, 0),
        ((-0.5, 4.0), 0, 1),  # the lab's 6 for w, whose bracket is on the axis
        ((0.25, 6.5), 5, 0),  # slope 0 on one side for x1 and x2, on both sides for the others
        ((-0.5, 0.75), 0, 3),
    ],
)
def test_what_lies_beyond_the_axis_has_an_arrow(
    slopes: tuple[float, float], left: int, right: int
) -> None:
    scene = replace(PRESETS["two-way-tie"], slopes=slopes)
    arrows = [
        (symbol, x)
        for trace in KINK_SUBJECT.picture(scene).figure["data"]
        for symbol, x in zip(trace.get("marker", {}).get("symbol") or (), trace["x"], strict=False)
        if symbol.startswith("triangle-") and symbol not in RULE_SYMBOLS
    ]
    low, high = PROJECTOR.axis
    assert [x < low for symbol, x in arrows if symbol == "triangle-left"] == [True] * left
    assert [x > high for symbol, x in arrows if symbol == "triangle-right"] == [True] * right
    assert len(arrows) == left + right


def test_a_point_beyond_the_slices_axis_stays_at_the_edge_of_its_frame() -> None:
    scene = replace(PRESETS["two-way-tie"], heights=(4.0, 7.0))  # L is 3
    drawn = KINK_SUBJECT.picture(scene).figure["data"]
    (point,) = (
        trace["y"][-1]
        for trace in drawn
        if "circle" in (trace.get("marker", {}).get("symbol") or ())[-1:]
        and trace["marker"]["size"] != RING
    )
    assert point == PROJECTOR.frame.bottom


def test_overlapping_windows_show_the_tie_of_the_chosen_entry() -> None:
    info = info_of("overlap")
    assert (info.slice.left, info.slice.right) == (1, 2)
    assert info.shares.labels == ("h₄", "h₅")


@pytest.mark.parametrize(
    ("entry", "said", "latex"),
    [
        ("x2", "x2, left derivative 0, right 1", r"\frac{\partial L}{\partial x_{2}} \in [0, 1]"),
        ("w", "w, derivative 3", r"\frac{\partial L}{\partial w} = 3"),
    ],
)
def test_the_bracket_of_the_chosen_entry_in_words_and_as_latex(
    entry: str, said: str, latex: str
) -> None:
    picture = KINK_SUBJECT.picture(PRESETS["two-way-tie"].chosen(entry))
    (target,) = (each for each in picture.targets if each.entry == entry)
    assert (target.said, picture.latex()) == (said, latex)


def test_a_bracket_as_latex_begins_with_the_lower_slope() -> None:
    """∂L/∂x₂ of −max(x) goes from 0 down to −1."""
    latex = KINK_SUBJECT.picture(PRESETS["two-way-tie"].chosen("x2").moved("dz", -1.0)).latex()
    assert latex == r"\frac{\partial L}{\partial x_{2}} \in [-1, 0]"


def test_a_loss_is_called_l_alone() -> None:
    scene = of_stack("softmaxcrossentropy(0)", "1,2", "1,-1")
    assert read_kink(scene).slice.function == "L"


@for_each(
    ("entry", "rule", "claimed"),
    [
        ("x1", "pytorch-max-pool", 1.0),
        ("x2", "lab", 1.0),
        ("x2", "pytorch-max-pool", 0.0),
        ("x2", "mlx", 0.5),
    ],
)
def test_the_line_that_stands_out_is_that_of_the_present_rule(
    entry: str, rule: str, claimed: float
) -> None:
    """Of a tie, x₂ gets all of the gradient from the lab, none if the first wins, or half."""
    scene = PRESETS["two-way-tie"].chosen(entry).having("rule", rule)
    assert [line.slope for line in read_kink(scene).slice.lines if line.stands_out] == [claimed]


def test_the_place_under_a_thumb_is_that_of_the_point_above_it() -> None:
    """The slider goes from −4 to 4, the slice from −4.5 to 6.5: 88 widths of 1/8 in its frame."""
    scene = PRESETS["two-way-tie"]
    (slider,) = (each for each in KINK_SUBJECT.sliders(scene) if each.name == scene.entry)
    frame = PROJECTOR.frame
    unit = (frame.right - frame.left) / 11
    area = (frame.left + unit / 2, frame.top, 8 * unit, frame.bottom - frame.top)
    assert slider.area == pytest.approx(area)
    assert slider.left + THUMB / 2 == pytest.approx(area[0])


def test_weighted_and_several_outputs_are_called_l() -> None:
    scene = PRESETS["two-way-tie"]
    weighted = read_kink(scene.moved("dz", -2.0)).slice
    assert (weighted.function, weighted.point) == ("L = −2 · z", (3, -6))
    several = KinkScene.over("relu", PAGES_WITH_A_SLICE["relu"].subject.start)
    assert read_kink(several).slice.function == "L = Σ ∂L/∂h · h"


def test_a_slice_that_bends_too_often_is_left_out_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> None:
        raise LimitError("too many")

    monkeypatch.setattr("pages.kink.results.slice_along", refuse)
    bent = block(x=(2.75, 2.75, 0.0, 0.0, 0.0), entry="x1")
    picture = KINK_SUBJECT.picture(KinkScene.over("conv-block", bent))
    assert "L has too many kinks along this entry to be drawn." in picture.explanation
    assert picture.explanation[0].startswith("A kink: ")


def test_hundreds_of_entries_show_those_around_the_chosen() -> None:
    start = PAGES_WITH_A_SLICE["conv-2d"].subject.presets["patch"]
    for entry, names in (
        ("w1,2,2", {f"w1,{r},{c}" for r in (1, 2, 3) for c in (1, 2, 3)}),
        ("x4,4", {f"x{r},{c}" for r in (3, 4, 5) for c in (3, 4, 5)}),
    ):
        info = read_kink(KinkScene.over("conv-2d", replace(start, entry=entry)))
        assert {row.entry for row in info.rows} == names
        assert info.left_out == 64 + 9 - 9
    sliders = KINK_SUBJECT.sliders(KinkScene.over("conv-2d", replace(start, entry="x4,4")))
    assert sliders == [], "a pixel cannot be moved"


def test_twelve_entries_are_all_shown_and_of_more_the_nine_around_the_chosen_in_order() -> None:
    twelve = of_stack("maxpool", "12", ",".join("1" * 12))
    assert twelve.results.shown == [f"x{n}" for n in range(1, 13)]
    more = of_stack("maxpool", "16", ",".join("1" * 16)).chosen("x10")
    assert more.results.shown == [f"x{n}" for n in range(6, 15)]
    scalar = of_stack("conv1d(3,bias=true)", "13", ",".join("1" * 13)).chosen("b")
    assert scalar.results.shown == ["b"]


def test_what_ties_in_a_maximum_is_called_by_its_own_input() -> None:
    layer = Graph(("h", ReLU(), "x"), ("y", Maximum(), "x", "h"))
    names = letters(trace(layer, [1.0, 2.0], kinks=RULES["jax-max"].kinks))
    assert Tie(1, (1,), ((0, (1,)), (1, (1,))), False).labels(names) == ["x₂", "h₂"]


def test_a_slice_along_a_pixel_goes_from_paper_to_ink_and_a_little_further() -> None:
    digit = KinkScene.over("conv-2d", PAGES_WITH_A_SLICE["conv-2d"].subject.presets["digit"])
    found = digit.chosen("x14,14").results
    assert (found.movable("x14,14"), found.drawn) == ((0, 1), (-0.5 / 8, 1 + 2.5 / 8))


def test_ties_are_those_that_any_rule_sends_a_gradient_to_the_chosen_entrys_first() -> None:
    """The first rule leaves out the second window of the first pool, whose entries tie as well."""
    scene = of_stack("maxpool(2)-maxpool", "4", "1,1,1,1").having("rule", "pytorch-max-pool")
    ties = {tuple(tie.labels(scene.results.naming)) for tie in scene.results.ties}
    assert ties == {("x₁", "x₂"), ("x₃", "x₄"), ("z⁽¹⁾₁", "z⁽¹⁾₂")}
    first = of_stack("maxpool(2)", "4", "1,1,2,2")
    assert [read_kink(first.chosen(each)).shares.labels for each in ("x2", "x3")] == [
        ("x₁", "x₂"),
        ("x₃", "x₄"),
    ]


def test_the_filter_of_the_chosen_weight_is_shown_of_several() -> None:
    several = PAGES_WITH_A_SLICE["conv-2d"].subject.presets["three-filters"]
    info = read_kink(KinkScene.over("conv-2d", replace(several, entry="w2,2,2")))
    assert {row.entry for row in info.rows} == {f"w2,{r},{c}" for r in (1, 2, 3) for c in (1, 2, 3)}


# --- every scene


@pytest.mark.parametrize("name", EVERYWHERE)
def test_every_preset_of_every_page_has_a_picture(name: str) -> None:
    of, inner = EVERYWHERE[name]
    scene = KinkScene.over(of, inner)
    picture = KINK_SUBJECT.picture(scene)
    assert json.loads(json.dumps(picture.figure, allow_nan=False)) == picture.figure
    assert len(picture.figure["data"]) == len(
        KINK_SUBJECT.picture(PRESETS["overlap"]).figure["data"]
    )
    assert [target.entry for target in picture.targets] == [
        row.entry for row in read_kink(scene).rows
    ]
    assert "" not in picture.explanation
    info = read_kink(scene)
    for group in info.groups:
        assert group.said
    shown = [slope for row in info.rows for slope in (row.left, row.right, *row.claims)]
    low, high = info.slopes
    assert low <= min(0, *shown) <= max(0, *shown) <= high, "a slope of 0 is on the axis too"


@pytest.mark.parametrize("slug", PRESETS)
def test_sentences_do_not_depend_on_the_rule_that_stands_out(slug: str) -> None:
    scene = PRESETS[slug]
    pictures = [KINK_SUBJECT.picture(scene.having("rule", rule)) for rule in RULES]
    assert len({tuple(picture.explanation) for picture in pictures}) == 1
    groups = 2 if scene.of == "relu" else len(GROUPS)  # of a ReLU alone two: its slope at 0
    assert len({json.dumps(picture.figure) for picture in pictures}) == groups


on_grid = st.integers(-12, 12).map(lambda step: step * GRID)
scenes = st.builds(
    lambda x, w, entry: replace(PRESETS["two-way-tie"], inner=block(x=x, w=w, entry=entry)),
    x=st.tuples(*[on_grid] * 5),
    w=on_grid,
    entry=st.sampled_from(["x1", "x5", "w"]),
)


@pytest.mark.parametrize("theme", THEMES)
def test_the_layout_stays_and_nothing_is_small(theme: Theme) -> None:
    layout = KINK_SUBJECT.picture(KINK_SUBJECT.start, Screen(theme)).figure["layout"]
    signs = {PALETTES[theme].sign(1), PALETTES[theme].sign(-1)}

    @given(scenes)
    @settings(max_examples=20)
    def every(scene: KinkScene) -> None:
        figure = KINK_SUBJECT.picture(scene, Screen(theme)).figure
        assert figure["layout"] == layout
        assert min(sizes_of_text(figure)) >= 18
        assert not any(colour in json.dumps(figure) for colour in signs), "a sign's colours"

    every()


@given(scenes)
@settings(max_examples=20)
def test_what_stands_still_is_the_same_for_every_value(scene: KinkScene) -> None:
    still = [
        [
            trace
            for trace in KINK_SUBJECT.picture(each).figure["data"]
            if trace.get("meta") == "still"
        ]
        for each in (scene, scene.moved("x2", 1.25), scene.moved(scene.entry, -2.0))
    ]
    assert still[0] == still[1] == still[2]


@pytest.mark.parametrize("slug", PRESETS)
def test_names_do_not_lie_over_each_other(slug: str) -> None:
    figure = KINK_SUBJECT.picture(PRESETS[slug]).figure
    texts = [
        (x, y, text)
        for trace in figure["data"]
        if trace.get("mode") == "text" and trace["visible"]
        for x, y, text in zip(trace["x"], trace["y"], trace["text"], strict=True)
    ]
    for i, (x, y, text) in enumerate(texts):
        for other_x, other_y, other in texts[i + 1 :]:
            assert abs(x - other_x) > 8 or abs(y - other_y) > 17, (text, other)


@pytest.mark.parametrize("slug", [slug for slug in PRESETS if f"at-a-kink/{slug}" in FORMS])
def test_a_sweep_is_short_enough_to_be_sent(slug: str) -> None:
    scene = PRESETS[slug]
    for slider in (KINK_SUBJECT.sliders(scene)[0], KINK_SUBJECT.sliders(scene)[-1]):
        assert_is_sent(KINK_SUBJECT, scene, slider.name, slider.values)


def test_a_digit_without_a_kink_at_any_entry_that_is_shown_may_have_one_elsewhere() -> None:
    digit = KinkScene.over("conv-2d", PAGES_WITH_A_SLICE["conv-2d"].subject.presets["digit"])
    smooth = digit.chosen("x14,14")
    assert not any(row.kinked for row in read_kink(smooth).rows)
    lines = KINK_SUBJECT.picture(smooth).explanation
    assert lines[0].startswith("No kink along x₁₄‚₁₄: ")
    assert any("Too many kinks meet here" in line for line in lines)


def test_the_rule_that_a_central_difference_agrees_with_is_that_of_the_chosen_entry() -> None:
    # In the first example two tie, and half is the mean of 0 and 1; in the second three do.
    scene = KinkScene.over(
        "minibatch",
        batch(x=(1.0, 1.0, -1.0, 2.0, 2.0, 2.0, 1.0, -1.0, -1.0), w=1.0, entry="x1,1"),
    )
    (*_, last) = KINK_SUBJECT.picture(scene).explanation
    assert last == "A central difference gives +0.5 for ∂L/∂x₁‚₁, as Split does."
    (*_, last) = KINK_SUBJECT.picture(scene.updated({"entry": "x2,1"})[0]).explanation
    assert last == "A central difference gives +0.5 for ∂L/∂x₂‚₁, as no rule does."
    assert kink_table(scene)[2]["central difference agrees"] == "no"


def test_nothing_is_claimed_about_entries_that_are_not_shown() -> None:
    preset = PAGES_WITH_A_SLICE["conv-2d"].subject.presets["overlap"]
    scene = KinkScene.over("conv-2d", preset).updated({"entry": "x3,3", "rule": "lab"})[0]
    lab = kink_table(scene)[0]
    assert lab["between the one-sided derivatives"] == "yes, where shown"
    assert lab["together a subgradient"] == "no"
    assert kink_table(scene)[2]["central difference agrees"] == "yes, where shown"
    said = " ".join(KINK_SUBJECT.picture(scene).explanation)
    assert (
        "Lab: each entry that is shown lies between its one-sided derivatives, but together they "
        "are no subgradient"
    ) in said
    assert read_kink(scene).groups[0].said == "fits only entry by entry, where shown"
    # None of nine entries has a kink; for others there are hundreds, too many to be examined.
    batch = PAGES_WITH_A_SLICE["conv-2d"].subject.presets["minibatch"]
    calm = KinkScene.over("conv-2d", batch).updated({"entry": "x14,14"})[0]
    assert not any(row.kinked for row in read_kink(calm).rows)
    answer, *others = KINK_SUBJECT.picture(calm).explanation
    assert answer.startswith("No kink along x₁₄‚₁₄: ")
    assert (
        "Too many kinks meet here: whether the entries of a gradient fit together is not computed."
    ) in " ".join(others)


@pytest.mark.parametrize(
    ("value", "bracket", "sides"),
    [
        (1.5, "[0, 2.25]", "slope <b>0</b> on its left, <b>+2.25</b> on its right"),
        (-1.5, "[0, 2.25]", "slope <b>+2.25</b> on its left, <b>0</b> on its right"),
        (1 / 3, "[0, ⅑]", "slope <b>0</b> on its left, <b>+⅑</b> on its right"),
        (0.333, "[0, 0.111]", "slope <b>0</b> on its left, <b>+0.110889</b> on its right"),
        (0.001234567, "[0, 1.5e−6]", "slope <b>0</b> on its left, <b>+1.524e−6</b> on its right"),
    ],
)
def test_long_numbers_have_as_many_digits_as_there_is_room_for(
    value: float, bracket: str, sides: str
) -> None:
    scene = PRESETS["two-way-tie"]
    for entry in ("x1", "x2", "x3", "x4", "x5", "w", "dz"):
        scene = scene.moved(entry, value)
    figure = KINK_SUBJECT.picture(scene).figure
    there = " ".join(chain.from_iterable(each.get("text", ()) for each in figure["data"]))
    assert bracket in there
    assert sides in there

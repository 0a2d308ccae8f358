"""The page of the one-dimensional convolution: numbers, influence, settings, presets."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Conv1D, trace
from pages.derive.derivation import DerivedScene, letters
from pages.derive.page import Impossible
from pages.derive.picture import Screen
from pages.derive.questions import influenced
from pages.explain.entry import entries
from pages.explain.formula import TERMS_MOST
from pages.explain.sentences import explain, influence_lines
from pages.explore.additions import _readers, _windows
from pages.explore.conv_1d import (
    FILTERS,
    KINDS,
    LENGTH,
    OUTPUTS_MOST,
    PADDINGS,
    QUESTIONS,
    SNAPS,
    STRIDES,
    TAPS,
)
from pages.export.extent import texts
from pages.figures.edges import parted
from pages.figures.info import describe_graph
from pages.figures.layout import View
from pages.figures.primitives import HINT, middle_of
from pages.state.codecs import GRID
from pages.state.predict import Exercise
from tests.for_each import for_each
from tests.pages.boxes import apart, assert_well_arranged
from tests.pages.scenes import CONV, POOL, conv, pool
from tests.pages.sweeping import assert_is_sent
from tests.pages.test_overlaps import said

on_grid = st.integers(-8, 8).map(lambda step: step * GRID)
scenes = st.builds(
    conv,
    x=st.tuples(*[on_grid] * LENGTH),
    filters=st.sampled_from(list(KINDS)),
    w=st.tuples(*[on_grid] * FILTERS * TAPS),
    stride=st.sampled_from(STRIDES),
    padding=st.sampled_from(PADDINGS),
    da=st.tuples(*[on_grid] * FILTERS * OUTPUTS_MOST),
)
SETTINGS = [
    conv(filters=filters, stride=stride, padding=padding)
    for filters, stride, padding in product(KINDS, STRIDES, PADDINGS)
]
PAIRED = [
    conv(filters=filters, stride=stride, padding=PADDINGS[(i - j) % len(PADDINGS)])
    for i, filters in enumerate(KINDS, -1)
    for j, stride in enumerate(STRIDES)
]
"""Scenes in which every pair of settings occurs, and the one with the most cells."""


def taps_of(scene: Any) -> int:
    """How many entries of x a window reads."""
    return (KINDS[scene.filters].shape or (1,))[-1]


def suffix(scene: Any, f: int, i: int, several: bool = True) -> str:
    """The end of the name of filter f's i-th number."""
    if len(KINDS[scene.filters].shape) == 2:
        return f"{f + 1},{i + 1}"
    return f"{i + 1}" if several else ""


def on_paper(scene: Any) -> dict[str, tuple[float, float]]:
    """The value and gradient of every entry, as sums over filters, windows and taps."""
    taps = {"vector": TAPS, "vectors": TAPS, "pair": 2}.get(scene.filters, 1)
    filters = FILTERS if scene.filters.endswith("s") else 1
    outputs = (LENGTH + 2 * scene.padding - taps) // scene.stride + 1
    dx = [0.0] * LENGTH
    found: dict[str, tuple[float, float]] = {}
    for f in range(filters):
        w, dw = scene.w[TAPS * f :][:taps], [0.0] * taps
        for o in range(outputs):
            a, da = 0.0, scene.da[OUTPUTS_MOST * f + o]
            for k in range(taps):
                i = o * scene.stride + k - scene.padding
                if 0 <= i < LENGTH:
                    a += w[k] * scene.x[i]
                    dx[i] += w[k] * da
                    dw[k] += scene.x[i] * da
            found[f"a{suffix(scene, f, o)}"] = (a, da)
        for k in range(taps):
            found[f"w{suffix(scene, f, k, taps > 1)}"] = (w[k], dw[k])
    return found | {f"x{i + 1}": pair for i, pair in enumerate(zip(scene.x, dx, strict=True))}


def readers(scene: Any, entry: int) -> int:
    """How many outputs read an entry of x, counted window by window."""
    taps = taps_of(scene)
    starts = range(-scene.padding, LENGTH + scene.padding - taps + 1, scene.stride)
    filters = FILTERS if len(KINDS[scene.filters].shape) == 2 else 1
    return filters * sum(start <= entry < start + taps for start in starts)


@for_each("scene", SETTINGS)
def test_padding_is_read_by_the_windows_that_lie_on_it(scene: Any) -> None:
    taps, padding = taps_of(scene), scene.padding
    filters = FILTERS if len(KINDS[scene.filters].shape) == 2 else 1
    starts = range(-padding, LENGTH + padding - taps + 1, scene.stride)
    read = [
        [
            f"a{suffix(scene, f, o)}"
            for f in range(filters)
            for o, start in enumerate(starts)
            if start <= place < start + taps
        ]
        for place in [*range(-padding, 0), *range(LENGTH, LENGTH + padding)]
    ]
    shape = CONV.trace(scene).output.shape
    found = dict(_readers(_windows(scene.setup.passed), scene.derivation.naming, shape))
    assert [found[place] for place in range(len(found))] == read


@pytest.mark.parametrize(
    ("subject", "scene", "signs"),
    [
        (CONV, conv(padding=1), ("0 · padding", "0")),
        (POOL, pool(padding="1", size="3"), ("padding: −∞", "−∞")),
    ],
)
def test_beyond_either_end_it_stands_what_padding_is(
    subject: Any, scene: Any, signs: tuple[str, str]
) -> None:
    (letter,) = subject.layout(scene).padding
    for narrow, sign in enumerate(signs):
        layout = subject.narrow(scene) if narrow else subject.layout(scene)
        figure = subject.picture(scene, Screen(narrow=bool(narrow))).figure
        at = [(each.x, each.y) for each in texts(figure) if said(figure, each) == sign]
        assert at == [middle_of(box) for box in layout.padding[letter]]
        assert len(at) == 2


@given(scenes)
def test_the_numbers_are_those_on_paper(scene: Any) -> None:
    info = CONV.describe(CONV.trace(scene), scene)
    drawn = {entry: (cell.value, cell.grad) for entry, cell in info.cells.items()}
    assert drawn == on_paper(scene)
    for letter in "xw":
        grads = [grad for entry, (_, grad) in on_paper(scene).items() if entry[0] == letter]
        assert info.counts[letter] == (sum(map(bool, grads)), len(grads))


@given(scenes)
@settings(max_examples=40)
def test_what_comes_back_along_the_ways_is_the_gradient(scene: Any) -> None:
    info = describe_graph(CONV.trace(scene), CONV.naming)
    for entry, cell in info.cells.items():
        if entry[0] != "a":
            assert sum(edge.amount for edge in info.edges if edge.tail == entry) == cell.grad


# --- influence


@given(scenes, st.integers(0, LENGTH - 1))
@settings(max_examples=60)
def test_an_explanation_says_how_many_outputs_an_entry_influences(scene: Any, entry: int) -> None:
    info = describe_graph(CONV.trace(scene), CONV.naming)
    count = readers(scene, entry)
    ways = [edge.head for edge in info.edges if edge.tail == f"x{entry + 1}"]
    assert len(ways) == len(set(ways)) == count
    (said,) = influence_lines(CONV.trace(scene), CONV.naming, f"x{entry + 1}")
    moved = scene.moved(f"x{entry + 1}", 3.0)
    before, after = (CONV.trace(each).output for each in (scene, moved))
    changed = int(np.count_nonzero(before != after))
    entries = {0: "no entry", 1: "1 entry"}.get(changed, f"{changed} entries")
    assert f" influences {entries} of a" in said
    assert all(info.cells[head].label in said for head in ways)
    assert ("it is multiplied by" in said) == (changed < count)
    assert ("It is in no window" in said) == (count == 0)


def test_a_weight_influences_no_output_where_it_multiplies_padding() -> None:
    # a₁ = w₁ · 0 + w₂ · x₁ + w₃ · x₂
    scene = conv(padding=1, entry="w1")
    (*_, said) = CONV.picture(scene).explanation
    assert said == "w₁ influences 4 entries of a: a₂, a₃, a₄, a₅."
    assert influenced(0, 1, 0)(CONV.trace(scene)) == 4


@given(scenes)
@settings(max_examples=30)
def test_formula_count_arrows_and_sentence_agree_also_over_padding(scene: Any) -> None:
    traced, naming = CONV.trace(scene), CONV.naming
    info = describe_graph(traced, naming)
    for name, entry in entries(traced, naming).items():
        if name[0] == "a":
            continue
        reached = [edge.head for edge in info.edges if edge.tail == name]
        assert [naming.entry("a", term.output) for term in entry.terms] == reached
        (influence,) = influence_lines(traced, naming, name)
        assert all(info.cells[head].label in influence for head in reached)
        said = " ".join(explain(traced, name, naming))
        assert "padding" not in said
        contributing = sum(bool(term.slope and term.arriving) for term in entry.terms)
        if entry.grad and contributing > 1:
            assert f"the sum of {contributing} contributions" in said
        if len(reached) <= TERMS_MOST:
            assert said.count("· ∂L/∂a") == len(reached)


def test_the_sum_is_written_out() -> None:
    assert list(CONV.picture(conv()).explanation) == [
        (
            "∂L/∂x₃ = +2.5: the sum of 3 contributions: +2 through a₁, +1 through a₃ and −0.5 "
            "through a₂."
        ),
        "∂L/∂x₃ = w₃ · ∂L/∂a₁ + w₂ · ∂L/∂a₂ + w₁ · ∂L/∂a₃ = 2 · 1 + (−0.5) · 1 + 1 · 1 = +2.5",
        "x₃ influences 3 entries of a: a₁, a₂, a₃.",
    ]


def test_a_bias_is_a_part_of_an_output() -> None:
    traced = trace(Conv1D(), [[1.0, -2.0, 3.0]], [[[1.0, 0.0]], [[2.0, 1.0]]], [0.5, -1.0])
    naming = letters(traced)
    assert influence_lines(traced, naming, "a2,1") == [
        "a₂‚₁ = w₂‚₁‚₁ · x₁‚₁ + w₂‚₁‚₂ · x₁‚₂ + b₂ = 2 · 1 + 1 · (−2) + (−1) = −1.",
        (
            "It is influenced by 2 entries of x: x₁‚₁, x₁‚₂, and 2 entries of w: w₂‚₁‚₁, w₂‚₁‚₂, "
            "and 1 entry of b: b₂."
        ),
    ]


def test_an_output_tells_what_it_is_made_of() -> None:
    assert list(CONV.picture(conv(padding=1, entry="a1")).explanation) == [
        "∂L/∂a₁ = +1: the upstream gradient, which is given.",
        "a₁ = w₁ · 0 + w₂ · x₁ + w₃ · x₂ = 1 · 0 + (−0.5) · 1 + 2 · (−2) = −4.5 (0 is padding).",
        "It is influenced by 2 entries of x: x₁, x₂, and 2 entries of w: w₂, w₃.",
    ]
    (*_, last) = CONV.picture(conv(filters="scalar", padding=1, entry="a1")).explanation
    assert last == "Nothing influences it: every product is 0."


def test_what_is_multiplied_by_0_influences_nothing() -> None:
    def last(**changes: Any) -> str:
        return list(CONV.picture(conv(**changes)).explanation)[-1]

    difference = (-1.0, 0.0, 1.0, 0.5, 1.5, -1.0)
    assert last(w=difference, entry="x3") == (
        "x₃ influences 2 entries of a: a₁, a₃. In a₂ it is multiplied by w₂ = 0."
    )
    assert last(w=difference, entry="a1") == (
        "It is influenced by 2 entries of x: x₁, x₃, and 3 entries of w: w₁, w₂, w₃."
    )
    assert last(x=(1.0, 0.0, 3.0, 0.5, -1.0), entry="a1") == (
        "It is influenced by 3 entries of x: x₁, x₂, x₃, and 2 entries of w: w₁, w₃."
    )
    zeros = (0.0,) * FILTERS * TAPS
    assert last(filters="scalar", w=zeros, entry="x1") == (
        "x₁ influences no entry of a. In a₁ it is multiplied by w = 0."
    )
    assert last(stride=3, entry="x5") == "x₅ influences no entry of a. It is in no window."
    nobody = influenced(0, 0, 4)
    assert nobody.reason(CONV.trace(conv(stride=3)), CONV.naming) == "No entry depends on x₅."
    passed, asked = CONV.trace(conv(w=difference)), influenced(0, 0, 2)
    assert asked(passed) == 2
    assert asked.reason(passed, CONV.naming) == (
        "2 entries depend on x₃: a₁ and a₃. In a₂ it is multiplied by w₂ = 0."
    )


def test_only_the_ways_of_the_chosen_entry_are_strong_and_say_what_they_carry() -> None:
    scene = conv(filters="vectors", entry="x3")
    info = CONV.describe(CONV.trace(scene), scene)
    strong, receding = parted(info.edges, View("x3", focus=True))
    assert {edge.tail for edge in strong} == {"x3"}
    assert [edge.term for edge in strong] == [
        *("w₁‚₃ · ∂L/∂a₁‚₁", "w₁‚₂ · ∂L/∂a₁‚₂", "w₁‚₁ · ∂L/∂a₁‚₃"),
        *("w₂‚₃ · ∂L/∂a₂‚₁", "w₂‚₂ · ∂L/∂a₂‚₂", "w₂‚₁ · ∂L/∂a₂‚₃"),
    ]
    assert len(strong) + len(receding) == len(info.edges)
    assert not any("x3" in (edge.tail, edge.head) or edge.term for edge in receding)
    assert parted(info.edges, View("x3"))[0] == info.edges
    texts = [text for t in CONV.picture(scene).figure["data"] for text in t.get("text", ())]
    assert {"w₁‚₃ · ∂L/∂a₁‚₁ = +2", "w₂‚₃ · ∂L/∂a₂‚₁ = −1"} <= set(texts)


def test_the_ways_of_the_chosen_entry_say_so_where_nothing_comes_back() -> None:
    scene = conv(filters="vectors", entry="x3", w=(0.0,) * FILTERS * TAPS)
    texts = [text for t in CONV.picture(scene).figure["data"] for text in t.get("text", ())]
    assert {"w₁‚₃ · ∂L/∂a₁‚₁ = 0", "w₂‚₃ · ∂L/∂a₂‚₁ = 0"} <= set(texts)


def test_a_hint_says_where_the_slider_of_an_output_is_until_one_is_chosen() -> None:
    for entry, shown in (("x3", True), ("", True), ("a1", False)):
        drawn = CONV.picture(conv(entry=entry)).figure["data"]
        (hint,) = (each for each in drawn if each.get("meta") == HINT)
        assert any(hint["text"]) == shown


def test_nothing_is_told_while_somebody_predicts() -> None:
    figure = CONV.picture(conv(), Screen(exercise=Exercise())).figure
    assert not any("da₁" in text for trace in figure["data"] for text in trace.get("text", ()))


@given(scenes)
@settings(max_examples=20)
def test_a_weight_over_padding_is_not_named(scene: Any) -> None:
    for entry in np.ndindex(*KINDS[scene.filters].shape):
        chosen = replace(scene, entry=CONV.naming.entry("w", entry))
        info = CONV.describe(CONV.trace(chosen), chosen)
        assert not any("padding" in edge.term for edge in info.edges)


# --- settings


@for_each("scene", SETTINGS)
def test_the_page_is_well_arranged_with_all_its_settings(scene: Any) -> None:
    layout = CONV.layout(scene)
    assert_well_arranged(layout)
    maps = {entry for entry in on_paper(scene) if entry[0] in layout.maps}
    assert set(layout.boxes) == set(on_paper(scene)) - maps
    assert min(height for *_, height in layout.boxes.values()) >= 20
    paddings = layout.padding.get("x", ())
    assert len(paddings) == 2 * scene.padding
    for padding in paddings:
        assert all(apart(padding, box) for box in layout.boxes.values())


@for_each("scene", SETTINGS)
def test_there_is_a_slider_for_each_number_in_use(scene: Any) -> None:
    chosen, _ = replace(scene, entry="a1").possible()
    sliders = {slider.name: slider for slider in CONV.sliders(chosen)}
    inputs = [entry for entry in on_paper(scene) if entry[0] != "a"]
    assert set(sliders) == {*inputs, f"d{chosen.entry}"}
    assert sliders.keys() <= chosen.entry_names().keys()
    for name in sliders:
        moved = chosen.moved(name, -3.75)
        assert moved.value(name) == -3.75
        before, after = on_paper(chosen), on_paper(moved)
        changed = after[chosen.entry][1] if name[0] == "d" else after[name][0]
        assert changed == -3.75 != (before[chosen.entry][1] if name[0] == "d" else before[name][0])


@for_each(
    ("entry", "filters", "stride", "counterpart"),
    [
        ("x3", "scalars", 1, "x3"),
        ("w2", "vectors", 1, "w1,2"),
        ("w2,3", "vector", 1, "w3"),
        ("w2,3", "scalar", 1, "w"),
        ("w", "vectors", 1, "w1,1"),
        ("a3", "vector", 2, "a2"),
        ("a2", "scalars", 1, "a1,2"),
        ("a2,9", "scalars", 3, "a2,2"),
        ("", "scalars", 1, ""),
    ],
)
def test_what_was_chosen_has_a_counterpart(
    entry: str, filters: str, stride: int, counterpart: str
) -> None:
    scene = conv(filters=filters, stride=stride, entry=entry)
    assert scene.possible() == (replace(scene, entry=counterpart), [])


@pytest.mark.parametrize("scene", PAIRED, ids=str)
def test_each_slider_is_swept(scene: Any) -> None:
    for entry in ("x3", *("w1" for _ in KINDS[scene.filters].shape[:1])):
        chosen, _ = replace(scene, entry=entry).possible()
        slider = next(it for it in CONV.sliders(chosen) if it.name == chosen.entry)
        assert_is_sent(CONV, chosen, slider.name, slider.values)


# --- presets, snaps, questions


@for_each(
    ("slug", "answer"),
    [
        ("cancelled", "∂L/∂x₃ = 0: the contributions cancel: 1 · 1 + (−1) · 1 = 0."),
        ("not-read", "∂L/∂x₅ = 0: no output depends on x₅."),
        ("zero-weight", "∂L/∂x₃ = 0: the upstream gradient is multiplied by w = 0."),
        (
            "zero-input",
            "∂L/∂w = 0: the upstream gradient is multiplied by x₁ = x₂ = x₃ = x₄ = x₅ = 0.",
        ),
        (
            "padding-1",
            (
                "∂L/∂w₁ = +2.5: the sum of 4 contributions: +3 through a₄, −2 through a₃, +1 "
                "through a₂ and +0.5 through a₅."
            ),
        ),
        (
            "stride-2",
            "∂L/∂x₃ = +3: the sum of 2 contributions: +2 through a₁ and +1 through a₂.",
        ),
    ],
)
def test_a_preset_is_what_it_is_called(slug: str, answer: str) -> None:
    assert (
        explain(CONV.trace(CONV.presets[slug]), CONV.presets[slug].entry, CONV.naming)[0] == answer
    )


def taken(name: str, scene: Any) -> Any:
    found = SNAPS[name](scene)
    assert isinstance(found, DerivedScene)
    return found


@pytest.mark.parametrize(
    ("name", "filter_"), [("−1 0 1", (-1.0, 0.0, 1.0)), ("¼ ½ ¼", (0.25, 0.5, 0.25))]
)
def test_a_filter_is_put_in(name: str, filter_: Sequence[float]) -> None:
    for filters in ("vector", "vectors"):
        scene = conv(filters=filters)
        assert taken(name, scene) == replace(scene, w=(*filter_, *scene.w[TAPS:]))
    for filters, taps in (("scalar", 1), ("scalars", 1), ("pair", 2)):
        refused = Impossible(f"Needs a filter of 3 entries; this one has {taps}.")
        assert SNAPS[name](conv(filters=filters)) == refused


@given(scenes)
@settings(max_examples=30)
def test_snaps_are_true_to_their_names(scene: Any) -> None:
    zero = on_paper(taken("w = 0", scene))
    assert all(value == 0 for entry, (value, _) in zero.items() if entry[0] in "wa")
    ones = on_paper(taken("∂L/∂a = 1", scene))
    assert all(grad == 1 for entry, (_, grad) in ones.items() if entry[0] == "a")
    for index in np.ndindex(*CONV.trace(scene).output.shape):
        chosen = replace(scene, entry=CONV.naming.entry("a", index))
        sent = on_paper(taken("only this a", chosen))
        assert {e for e, (_, grad) in sent.items() if e[0] == "a" and grad} == {chosen.entry}
    anywhere = taken("random", scene)
    assert (anywhere.filters, anywhere.da) == (scene.filters, scene.da)
    assert all((value / GRID).is_integer() for value in (*anywhere.x, *anywhere.w))
    assert taken("reset", scene) == conv()


def test_the_snap_only_this_a_needs_a_chosen_cell_of_a() -> None:
    assert SNAPS["only this a"](conv(entry="x3")) == Impossible(
        "Choose a cell of a first: its upstream gradient becomes 1, the others' 0."
    )
    # An upstream gradient of 1 in one entry of a comes back as the filter itself.
    scene = taken("only this a", conv(entry="a2"))
    assert [on_paper(scene)[f"x{i}"][1] for i in range(1, 6)] == [0, 1, -0.5, 2, 0]


@for_each("scene", SETTINGS)
def test_the_questions_are_answered_wherever_they_are_asked(scene: Any) -> None:
    set_up = [question.answer(CONV.trace(question.set_up(scene))) for question in QUESTIONS]
    assert set_up == [1, 5, 3, 3, 2, 2, 6, 4]
    here = [question.answer(CONV.trace(scene)) for question in QUESTIONS]
    assert here[0] == readers(scene, 2)
    stride_2, asked = QUESTIONS[5].set_up(scene), QUESTIONS[5].answer
    assert isinstance(asked, influenced)
    assert asked.reason(CONV.trace(stride_2), CONV.naming) == "2 entries depend on w₂: a₁ and a₂."


def test_what_is_said_of_an_answer_is_true_where_entries_are_0() -> None:
    # A factor of a number that is 0 has no influence.
    zeros = conv(x=(0.0,) * LENGTH, w=(1.0, 2.0, 1.0, 0.0, 0.0, 0.0))
    strided, filtered = (QUESTIONS[at].set_up(zeros) for at in (5, 6))
    assert [QUESTIONS[at].answer(CONV.trace(it)) for at, it in ((5, strided), (6, filtered))] == [
        0,
        3,
    ]
    assert QUESTIONS[5].because == "It is used in every window, and there are two."
    assert CONV.trace(strided).output.shape == (2,)
    assert QUESTIONS[6].because == "Every filter reads it."


@pytest.mark.parametrize("narrow", [False, True])
def test_what_comes_back_is_the_same_number_on_its_edge_and_in_the_sentence(narrow: bool) -> None:
    scene = conv(filters="scalar", x=(1.25, -1.75, 0.75, 0.5, 0.0), w=(1.0,) * 6, entry="w")
    picture = CONV.picture(scene, Screen(narrow=narrow))
    texts = [text for each in picture.figure["data"] for text in each.get("text", ())]
    written = {text.rpartition(" = ")[2] for text in texts}
    for amount in ("+1.25", "−1.75", "+0.75", "+0.5"):
        assert f"{amount} through" in picture.explanation[0]
        # On a phone there is less room beside the uppermost edge.
        assert ("+1.3" if narrow and amount == "+1.25" else amount) in written


def of_two(numbers: Sequence[float | None]) -> bool:
    """Whether every unbroken line has two points."""
    parts = groupby(numbers, lambda number: number is None)
    return {len([*part]) for broken, part in parts if not broken} == {2}


def test_on_a_phone_no_edge_lies_on_a_cell() -> None:
    """This includes edges from the padding, which pass between an entry and what reads it."""
    for scene in (conv(padding=2, entry="a1"), *CONV.presets.values()):
        drawn = CONV.picture(scene, Screen(narrow=True)).figure["data"]
        edges = [trace for trace in drawn if trace.get("mode") == "lines" and of_two(trace["x"])]
        assert edges
        assert all(trace.get("zorder", 0) < 0 for trace in edges)

"""The texts in cells, which are legible and inside their cells, high or flat; looks of cells."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from itertools import combinations, pairwise
from math import dist
from typing import Any, Final

import pytest

from engine import ReLU, trace
from pages.derive.derivation import derived
from pages.derive.picture import Screen
from pages.derive.subject import Subject
from pages.export.extent import Text, texts
from pages.figures.cell_graph import cell_boxes, cell_texts, counts, most_digits
from pages.figures.columns import layout_of
from pages.figures.edges import flow
from pages.figures.info import Naming, describe_graph
from pages.figures.layout import SLIDE, Layout
from pages.figures.ranks import Wishes
from pages.figures.rows import rows_of
from pages.figures.theme import NEGATIVE, PALETTES, POSITIVE
from pages.registry import SUBJECTS
from pages.state.predict import Exercise
from tests.for_each import for_each
from tests.pages.boxes import apart
from tests.pages.derive.test_derivation import GRAPHS
from tests.pages.scenes import CONV, POOL, batch, conv, pool
from tests.pages.test_overlaps import LEADING, common, crossing, said

SCENES: Final[dict[str, tuple[Subject[Any], Any]]] = {
    **{
        f"{key}/{slug}": (subject, scene)
        for key, subject in SUBJECTS.items()
        if isinstance(subject, Subject)
        for slug, scene in subject.presets.items()
    },
    **{
        f"conv-1d {filters} {padding}": (
            CONV,
            conv(filters=filters, padding=padding, w=(-1.625,) * 6),
        )
        for filters in ("vectors", "scalars", "scalar", "vector")
        for padding in (1, 2)
    },
    "max-pool padded": (POOL, pool(size="3", padding="2", h=(-1.0625,) * 5)),
    "minibatch long": (SUBJECTS["minibatch"], batch(w=1.0625, x=(-1.0625,) * 9)),  # type: ignore[dict-item]
    **{key: (it, it.start) for key in GRAPHS for it in [derived(key, *GRAPHS[key])]},
}
BORDER: Final = 1.5
"""The part of a cell's border, in px, that lies inside the cell."""
PAGES: Final = [key for key, subject in SUBJECTS.items() if isinstance(subject, Subject)]
every_scene = for_each("key", SCENES)
either_size = for_each("narrow", [False, True], ids=["wide", "narrow"])


@cache
def drawn(key: str, narrow: bool) -> tuple[Mapping[str, Any], Layout]:
    """A scene's figure and its layout; callers must not change them."""
    subject, scene = SCENES[key]
    figure = subject.picture(scene, Screen(narrow=narrow)).figure
    return figure, subject.narrow(scene) if narrow else subject.layout(scene)


@cache
def within(key: str, narrow: bool) -> dict[str, list[tuple[str, Text]]]:
    """Entry -> the texts whose middles lie in its cell."""
    figure, layout = drawn(key, narrow)
    found = [(said(figure, text), text) for text in texts(figure)]
    return {
        entry: [
            (words, text)
            for words, text in found
            if left < text.x < left + width and top < text.y < top + height
        ]
        for entry, (left, top, width, height) in layout.boxes.items()
    }


def test_a_count_has_all_its_words_where_the_next_one_stands_beneath_it() -> None:
    passed, naming = trace(ReLU(), [1.0, -2.0]), Naming((("a",),), "h")
    layout, info = layout_of(passed, naming), describe_graph(passed, naming)
    for level, words in ((400.0, "<b>1 of 2</b><br>nonzero"), (300.0, "1/2<br>nonzero")):
        places = {"a": (800.0, 300.0), "h": (810.0, level)}
        placed = replace(layout, counts=places, counts_in_lines=True)
        assert counts(info.form, placed, PALETTES["light"])["text"][0] == words


@either_size
@every_scene
def test_every_text_can_be_read_from_the_last_row_and_on_a_phone(key: str, narrow: bool) -> None:
    figure, _ = drawn(key, narrow)
    least = 12 if narrow else 25
    assert [said(figure, text) for text in texts(figure) if text.size < least] == []


@either_size
@every_scene
def test_each_cell_holds_its_name_its_value_and_its_gradient(key: str, narrow: bool) -> None:
    subject, scene = SCENES[key]
    cells = subject.describe(subject.trace(scene), scene).cells
    _, layout = drawn(key, narrow)
    for entry, inside in within(key, narrow).items():
        assert len(inside) == 3, entry
        (label, named), (_, value), (gradient, arriving) = inside
        assert label == f"<i>{cells[entry].label}</i>"
        assert gradient.removeprefix("<b>").startswith("∂")
        height = layout.boxes[entry][3]
        if height < SLIDE.flat and not narrow:
            assert named.y == value.y == arriving.y
            assert named.x < value.x < arriving.x
        else:
            assert max(named.y, value.y) < arriving.y


@either_size
@every_scene
def test_no_text_touches_its_cells_border_or_lies_on_another(key: str, narrow: bool) -> None:
    _, layout = drawn(key, narrow)
    for entry, inside in within(key, narrow).items():
        left, top, width, height = layout.boxes[entry]
        for words, text in inside:
            assert left <= text.box[0] < text.box[0] + text.box[2] <= left + width, (entry, words)
            clear = text.box[3] / (1 + words.count("<br>")) * LEADING - BORDER
            assert top <= text.box[1] + clear, (entry, words)
            assert text.box[1] + text.box[3] - clear <= top + height, (entry, words)
        for (words, one), (others, other) in combinations(inside, 2):
            assert min(common(one.box, other.box)) <= 1, (entry, words, others)


@pytest.mark.parametrize("height", [SLIDE.flat - 1, SLIDE.flat + 1], ids=["flat", "high"])
def test_a_name_gives_way_where_numbers_have_no_room_beside_it(height: float) -> None:
    passed = trace(ReLU(), [-1.0625, 1.0625, 3.0], dout=[1 / 3, -1.0625, 1.0])
    naming = Naming((("a",),), "h")
    info, layout = describe_graph(passed, naming, 2), layout_of(passed, naming)
    named = []
    for width in range(150, 320, 4):  # from the least width in which the longest numbers fit
        rows = {e: (9.0, 9 + 60.0 * row, width + 0.0, height) for row, e in enumerate(info.cells)}
        shown = replace(layout, boxes=rows)
        drawn = cell_texts(info, shown, PALETTES["light"], most_digits(info, shown))
        figure = {"data": drawn, "layout": {"width": 400, "height": 400}}
        assert min(text.size for text in texts(figure)) >= SLIDE.least, width
        assert [*crossing(figure)] == [], width
        named.append(sum(map(bool, drawn[0]["text"])))
    assert named[-1] == len(info.cells)
    assert (named[0] == 0) == (height < SLIDE.flat)


@for_each("width", [100.0, 130.0, SLIDE.narrow - 1])
@for_each("left", [9.0, 309.0])
def test_a_narrow_cell_has_its_name_beside_the_mark_of_its_answer(
    left: float, width: float
) -> None:
    passed = trace(ReLU(), [1.0, 2.0], dout=[3.0, 0.5])
    info, layout = describe_graph(passed, A), layout_of(passed, A)
    info = replace(info, cells={at: replace(it, guess=True) for at, it in info.cells.items()})
    boxes = {entry: (left, 9 + 120.0 * row, width, 110.0) for row, entry in enumerate(info.cells)}
    drawn = cell_texts(info, replace(layout, boxes=boxes), PALETTES["light"], 2)
    figure = {"data": drawn, "layout": {"width": 600, "height": 600}}
    assert [*crossing(figure)] == []
    assert drawn[0]["text"] == [f"<i>{cell.label}</i>" for cell in info.cells.values()]
    names, values, gradients, *_ = drawn
    assert names["x"] == values["x"], "the mark leaves room in the middle"
    sizes = (each["textfont"]["size"] for each in (values, gradients))
    assert all(value > gradient for value, gradient in zip(*sizes, strict=True))


@either_size
@every_scene
def test_no_text_of_the_picture_lies_over_another_or_beyond_its_edge(
    key: str, narrow: bool
) -> None:
    figure, layout = drawn(key, narrow)
    assert [*crossing(figure)] == []
    for text in texts(figure):
        _, top, _, height = text.box
        assert -LEADING * height <= top < top + height <= layout.height + LEADING * height


@either_size
@every_scene
def test_titles_and_values_are_ink_and_formulas_and_names_are_muted(key: str, narrow: bool) -> None:
    figure, layout = drawn(key, narrow)
    colours = {
        (text, x): colour
        for each in figure["data"]
        if each.get("mode") == "text"
        for text, x, colour in zip(each["text"], each["x"], each["textfont"]["color"], strict=True)
    }
    for heading in layout.headings:
        assert colours.get((f"<b>{heading.title}</b>", heading.at[0]), PALETTE.ink) == PALETTE.ink
        if heading.formula:
            assert colours[f"<i>{heading.formula}</i>", heading.at[0]] == PALETTE.muted
    for (name, named), (value, valued), _ in within(key, narrow).values():
        assert (colours[name, named.x], colours[value, valued.x]) == (PALETTE.muted, PALETTE.ink)


@every_scene
def test_a_finger_hits_every_cell_on_a_phone(key: str) -> None:
    _, layout = drawn(key, narrow=True)
    assert layout.width <= 374
    for entry, (left, top, width, height) in layout.boxes.items():
        assert min(width, height) >= 44, entry
        assert 0 <= left < left + width <= layout.width, entry
        assert 0 <= top < top + height <= layout.height, entry
    for (entry, one), (other, another) in combinations(layout.boxes.items(), 2):
        assert apart(one, another), (entry, other)


@either_size
@pytest.mark.parametrize(
    "key", [key for key, (it, scene) in SCENES.items() if it.layout(scene).padding]
)
def test_padding_is_as_far_before_the_first_entry_as_behind_the_last(
    key: str, narrow: bool
) -> None:
    _, layout = drawn(key, narrow)
    axis = 0 if narrow else 1
    for letter, places in layout.padding.items():
        spans = [(box[axis], box[axis] + box[axis + 2]) for box in places]
        before, behind = spans[: len(spans) // 2], spans[len(spans) // 2 :]
        own = layout.columns[letter]
        first, last = own[axis], own[axis] + own[axis + 2]
        left = [(first - end, first - start) for start, end in reversed(before)]
        right = [(start - last, end - last) for start, end in behind]
        assert left == [pytest.approx(span, abs=0.05) for span in right]
        apart_by = [further - nearer for (nearer, _), (further, _) in pairwise(right)]
        assert apart_by == [pytest.approx(apart_by[0], abs=0.05) for _ in apart_by]
        assert all(start >= 0 for start, _ in left)
        assert all(apart(one, other) for one, other in combinations(places, 2))


@either_size
@pytest.mark.parametrize("revealed", [False, True])
@pytest.mark.parametrize("key", PAGES)
def test_guesses_and_answers_have_room(key: str, revealed: bool, narrow: bool) -> None:
    subject = SUBJECTS[key]
    guessed = frozenset(target.entry for target in subject.picture(subject.start).targets[::2])
    exercise = Exercise(guessed, revealed=revealed, everywhere=True)
    figure = subject.picture(subject.start, Screen(exercise=exercise, narrow=narrow)).figure
    assert [*crossing(figure)] == []


@pytest.mark.parametrize("key", PAGES)
def test_a_phone_has_room_for_the_reason_and_the_slider_too(key: str) -> None:
    subject = SUBJECTS[key]
    assert isinstance(subject, Subject)
    most = 490 if key == "minibatch" else 360
    heights = {slug: subject.narrow(scene).height for slug, scene in subject.presets.items()}
    too_high = {slug: height for slug, height in heights.items() if height > most}
    assert too_high == {}, f"{most} at most: with fewer cells it has room"


def on_a_phone(scene: Any, exercise: Exercise | None = None) -> dict[str, set[str]]:
    """Entry of the conv block -> the texts in its cell, on a phone."""
    subject = SUBJECTS["conv-block"]
    assert isinstance(subject, Subject)
    figure = subject.picture(scene, Screen(exercise=exercise, narrow=True)).figure
    found = [(said(figure, text), text) for text in texts(figure)]
    return {
        entry: {
            words
            for words, text in found
            if left < text.x < left + width and top < text.y < top + height
        }
        for entry, (left, top, width, height) in subject.narrow(scene).boxes.items()
    }


def test_on_a_phone_a_mark_says_how_it_is_wrong() -> None:
    scene = SUBJECTS["conv-block"].presets["max-tie"]
    cells = on_a_phone(scene, Exercise(frozenset({"x2"}), revealed=True))
    assert "<b>∂ +2 ✗<br>missed</b>" in cells["x1"]
    assert "∂ 0: false<br>alarm ✗" in cells["x2"]
    asked = Exercise(
        frozenset({"x4"}), True, among=frozenset({"x2", "x4"}), wrong=frozenset({"x4"})
    )
    cells = on_a_phone(scene.having("step", 3), asked)
    assert ("∂ not yet" in cells["x2"], "∂ not yet" in cells["x4"]) == (True, False)


def test_on_a_phone_the_share_of_a_class_stands_beneath_a_gradient_if_not_beside_it() -> None:
    passed = trace(ReLU(), [1.0, 2.0], dout=3.0)
    info, layout = describe_graph(passed, A), rows_of(passed, A, Wishes())
    cells = {at: replace(it, shares=(0.5,)) for at, it in info.cells.items()}
    found = []
    for width in (60.0, 200.0):
        boxes = {entry: (*box[:2], width, box[3]) for entry, box in layout.boxes.items()}
        shown = replace(layout, boxes=boxes)
        found.append(cell_texts(replace(info, cells=cells), shown, PALETTE, 2)[2]["text"][0])
    assert found == ["∂ +3<br>50 %", "<b>∂ +3</b> (50 %)"]


def test_on_a_phone_only_a_gradient_in_one_line_gives_way_to_a_mark() -> None:
    passed = trace(ReLU(), [1.0, -2.0] * 4, dout=3.0)
    info, layout = describe_graph(passed, A), rows_of(passed, A, Wishes())
    right = {at: replace(it, guess=it.grad != 0) for at, it in info.cells.items()}
    plain, marked = (
        cell_texts(replace(info, cells=cells), layout, PALETTE, 2)[2]
        for cells in (info.cells, right)
    )
    lower = [now - before for before, now in zip(plain["y"], marked["y"], strict=True)]
    lines = dict(zip(marked["text"], lower, strict=True))
    assert lines["∂ 0<br>inactive"] == 0
    assert lines["<b>∂ +3</b>"] > 0


def test_in_the_narrowest_cell_on_a_phone_the_mark_is_level_with_the_name() -> None:
    passed = trace(ReLU(), [1.0, -2.0], dout=3.0)
    info, layout = describe_graph(passed, A), rows_of(passed, A, Wishes())
    right = {at: replace(it, guess=it.grad != 0) for at, it in info.cells.items()}
    boxes = {entry: (*box[:2], 40.0, box[3]) for entry, box in layout.boxes.items()}
    shown = replace(layout, boxes=boxes)
    names, values, _, marks = cell_texts(replace(info, cells=right), shown, PALETTE, 2)
    assert marks["text"] == ["<b>✓</b>"] * len(boxes)
    assert marks["y"] == names["y"]
    assert all(mark < value for mark, value in zip(marks["y"], values["y"], strict=True))


def test_on_a_phone_a_cell_without_room_for_its_name_takes_none_from_others() -> None:
    passed = trace(ReLU(), [-1.25e-100, *[1.0] * 5])
    info = describe_graph(passed, A)
    names = cell_texts(info, rows_of(passed, A, Wishes()), PALETTE, 2)[0]["text"]
    assert [not name for name in names[:6]] == [True, False, False, False, False, False]


def test_on_a_phone_a_gradient_on_the_sliders_grid_is_whole_where_it_has_room() -> None:
    scene = SUBJECTS["conv-block"].presets["unique-max"].having("x", (1.0, -2.0, 3.25, 0.5, 0.25))
    cells = on_a_phone(scene.having("w", 1.25))
    assert "<b>∂ +3.3</b>" in cells["w"], "which has no room for +3.25"
    assert "<b>∂ +1.25</b>" in cells["x3"]


# --- the look of a cell, and the gradient that arrives at it

A: Final = Naming((("a",),), "h")
PALETTE: Final = PALETTES["light"]


def relu_seen(selected: str = "", **changes: Any) -> tuple[dict[str, Any], str]:
    """The border, and the colour of the text, of a ReLU's first input with these changes."""
    passed = trace(ReLU(), [1.0, -2.0], dout=[3.0, 0.5])
    info, layout = describe_graph(passed, A), layout_of(passed, A)
    cell = replace(info.cells["a1"], **changes)
    info = replace(info, cells={**info.cells, "a1": cell})
    border = cell_boxes(info.form, layout, selected, PALETTE)["marker"]["line"]
    _, _, gradients, *_ = cell_texts(info, layout, PALETTE, 6)
    at = [*info.cells].index("a1")
    look = {"color": border["color"][at], "width": border["width"][at]}
    return look, gradients["textfont"]["color"][at]


def test_what_is_on_the_sliders_grid_is_whole_where_other_cells_have_two_digits() -> None:
    passed = trace(ReLU(), [103.25, 3.3], dout=[203.75, 0.375])
    info, layout = describe_graph(passed, A), layout_of(passed, A)
    _, values, gradients, *_ = cell_texts(info, layout, PALETTE, 2)
    a1, a2, *_ = zip(values["text"], gradients["text"], strict=True)
    assert a1 == ("<b>103.25</b>", "<b>∂ +203.75</b>")
    assert a2 == ("<b>3.3</b>", "<b>∂ +0.38</b>"), "an eighth is half a step"


def test_a_gradient_that_is_whole_has_the_room_for_it_beside_its_value_in_a_flat_cell() -> None:
    passed = trace(ReLU(), [1.0625], dout=[3.25])
    info, layout = describe_graph(passed, A), layout_of(passed, A)
    whole = []
    for width in range(150, 250, 2):
        rows = {
            each: (9.0, 9 + 60.0 * row, width + 0.0, SLIDE.flat - 1)
            for row, each in enumerate(info.cells)
        }
        _, _, gradients, *_ = cell_texts(info, replace(layout, boxes=rows), PALETTE, 2)
        assert min(gradients["textfont"]["size"]) >= SLIDE.least, width
        whole.append(gradients["text"].count("<b>∂ +3.25</b>"))
    assert whole[0] < whole[-1] == 2


@for_each(
    ("colour", "changes"),
    [
        (PALETTE.text_positive, {}),
        (PALETTE.text_negative, {"grad": -1.0}),
        (PALETTE.muted, {"grad": 0.0}),
        (PALETTE.muted, {"known": "value"}),
        (PALETTE.ink, {"known": "value", "guess": True}),
        (PALETTE.muted, {"known": "value", "guess": False}),
        (PALETTE.failed, {"guess": False}),
        (PALETTE.text_positive, {"guess": True}),
        (PALETTE.failed, {"known": "value", "wrong": True}),
        (PALETTE.ink, {"known": "value", "shares": (0.5,)}),
        (PALETTE.muted, {"known": "value", "shares": ()}),
        (PALETTE.ink, {"known": "value", "marked": True}),
        (PALETTE.muted, {"known": "value", "marked": False}),
    ],
)
def test_what_is_answered_is_ink_and_what_is_not_known_is_muted(
    colour: str, changes: dict[str, Any]
) -> None:
    assert relu_seen(**changes)[1] == colour


@for_each("selected", ["", "a1"])
@for_each(
    ("grad", "known", "fill", "border"),
    [
        (3.0, "gradient", PALETTE.fill_positive, POSITIVE),
        (-3.0, "gradient", PALETTE.fill_negative, NEGATIVE),
        (0.0, "gradient", PALETTE.fill_zero, PALETTE.line),
        (3.0, "value", PALETTE.fill_unknown, PALETTE.line),
        (-3.0, "nothing", PALETTE.fill_unknown, PALETTE.line),
    ],
)
def test_a_cell_has_the_colours_of_its_gradients_sign_once_that_is_known(
    grad: float, known: str, fill: str, border: str, selected: str
) -> None:
    passed = trace(ReLU(), [1.0, -2.0], dout=[grad, 0.5])
    info, layout = describe_graph(passed, A), layout_of(passed, A)
    cells = {at: replace(it, known=known) for at, it in info.cells.items()}  # type: ignore[arg-type]
    marker = cell_boxes(replace(info, cells=cells).form, layout, selected, PALETTE)["marker"]
    assert marker["color"][0] == fill
    assert marker["line"]["color"][0] == (PALETTE.accent if selected else border)
    assert marker["pattern"]["shape"][0] == ("/" if known == "nothing" else "")


@for_each(
    ("changes", "said"),  # the texts from the widest cell to the narrowest
    [
        ({"known": "nothing"}, [""]),
        ({"known": "value"}, ["∂ not yet", "∂ –"]),
        (
            {"known": "value", "guess": True},
            ["<b>your mark: ≠ 0</b>", "<b>mark ≠ 0</b>", "<b>≠ 0</b>"],
        ),
        ({"known": "value", "guess": False}, ["your mark: none", "no mark", "–"]),
        ({"known": "value", "wrong": True}, [""]),
        ({"known": "value", "marked": True}, ["<b>● marked</b>", "<b>●</b>"]),
        ({"known": "value", "marked": False}, ["○"]),
        ({"known": "value", "shares": ()}, ["∂ ≠ 0 ?", "≠ 0 ?", "?"]),
        (
            {"known": "value", "shares": (0.9, 0.5)},
            ["<b>90 → 50 % split</b>", "<b>50 % split</b>", "<b>50 %</b>"],
        ),
        ({"known": "value", "shares": (0.5, 0.9)}, ["<b>50 → 90 %</b>", "<b>90 %</b>"]),
        ({"guess": True}, ["<b>∂ +3</b>"]),
        ({"guess": False}, ["<b>∂ +3 · missed</b>", "<b>∂ +3</b>"]),
        ({"guess": True, "grad": 0.0, "reason": "inactive"}, ["∂ 0 · false alarm", "∂ 0"]),
        ({"guess": False, "grad": 0.0, "reason": "inactive"}, ["∂ 0: inactive", "∂ 0"]),
        ({"grad": 0.0, "reason": "→ inactive"}, ["∂ 0 → inactive", "∂ 0"]),
        ({"shares": (0.5,)}, ["<b>∂ +3</b> (50 %)", "∂ +3 (50 %)", "<b>∂ +3</b>"]),
        (
            {"grad": 0.0, "shares": (0.25, 0.75)},
            ["∂ 0 (25 → 75 %)", "∂ 0 (25→75%)", "∂ 0 (75 %)", "∂ 0"],
        ),
    ],
)
def test_a_gradient_is_said_at_such_length_as_its_cell_has_room_for(
    changes: dict[str, Any], said: list[str]
) -> None:
    passed = trace(ReLU(), 1.0, dout=3.0)
    info, layout = describe_graph(passed, A), layout_of(passed, A)
    info = replace(info, cells={**info.cells, "a": replace(info.cells["a"], **changes)})
    at, found = [*info.cells].index("a"), list[str]()
    for width in range(260, 58, -4):
        shown = replace(layout, boxes={**layout.boxes, "a": (9.0, 9.0, width + 0.0, 88.0)})
        found.append(cell_texts(info, shown, PALETTE, 6)[2]["text"][at])
    assert [*dict.fromkeys(found)] == said


@for_each("selected", ["", "a1", "a2"])
@for_each(
    ("width", "colour", "changes"),
    [
        (3, POSITIVE, {}),
        (1.5, PALETTE.line, {"grad": 0.0}),
        (1.5, PALETTE.line, {"known": "value"}),
        (1.5, PALETTE.line, {"known": "value", "shares": (0.5, 0.9)}),
        (8, PALETTE.accent, {"known": "value", "shares": (0.9, 0.5)}),
        (3, POSITIVE, {"shares": (0.5,)}),  # it is answered
    ],
)
def test_a_class_that_disagrees_is_seen_on_the_chosen_cell_too(
    width: float, colour: str, changes: dict[str, Any], selected: str
) -> None:
    border = relu_seen(selected, **changes)[0]
    if selected == "a1":
        width, colour = max(width, 5), PALETTE.accent
    assert border == {"color": colour, "width": width}


@pytest.mark.parametrize(
    ("sent", "widths"),
    [
        ((1.0, 0.0), [4.75]),
        ((4.0, 2.0), [10, 6.5]),
        ((8.0, 2.0), [10, 4.75]),
        ((0.5, 0.0), [3.875]),
    ],
)
def test_an_arrow_is_the_wider_the_more_comes_back_and_narrow_where_all_is_little(
    sent: tuple[float, float], widths: list[float]
) -> None:
    passed = trace(ReLU(), [1.0, 2.0], dout=sent)
    info, layout = describe_graph(passed, A), layout_of(passed, A)
    positive, _ = flow(info, info.edges, layout, PALETTE)
    points = [*zip(positive["x"], positive["y"], strict=True)]
    ends = [at for at, (x, _) in enumerate(points) if x is None]
    starts = [0, *(end + 1 for end in ends[:-1])]
    found = [dist(points[start], points[end - 1]) for start, end in zip(starts, ends, strict=True)]
    assert found == pytest.approx(widths, abs=0.15)


@pytest.mark.parametrize("preset", ["digit", "residual"])
def test_behind_all_that_is_computed_at_a_step_there_is_a_field_of_its_colour(preset: str) -> None:
    subject = SUBJECTS["stack"]
    scene = subject.presets[preset]
    for step in range(1, len(subject.steps(scene)), 3):
        there = scene.moved("step", step)
        info = subject.describe(subject.trace(there), there)
        layout = there.subject.layout(there.inner)
        now = {cell.letter for cell in info.cells.values()} & (info.now or frozenset())
        boxes = [layout.columns[letter] for letter in now & layout.maps.keys()]
        boxes += [
            layout.boxes[entry]
            for entry, cell in info.cells.items()
            if cell.letter in now - layout.maps.keys()
        ]
        fields = [
            trace
            for trace in subject.picture(there).figure["data"]
            if trace.get("fillcolor") == PALETTE.now
        ]
        found = [x for each in fields for x in each["x"] if x is not None]
        assert sorted(found[::5]) == pytest.approx(
            sorted(left - layout.measures.gap / 2 - 2 for left, *_ in boxes), abs=0.06
        )

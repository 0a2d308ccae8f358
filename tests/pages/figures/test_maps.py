"""Heat maps: what each panel shows, which entry has its last colour, and the counts above it."""

from dataclasses import replace
from typing import Final

import numpy as np
import pytest

from engine import Why
from pages.figures.heat_maps import MIDDLE, colours
from pages.figures.layout import View
from pages.figures.maps import (
    WAYS,
    Kind,
    MapLayout,
    MapMeasures,
    Maps,
    legend,
    maps_figure,
    mark_signs,
    nonzero_caption,
    one_map,
    shown_on,
)
from pages.figures.primitives import STILL, text_width
from pages.figures.theme import PALETTES, POSITIVE, Theme
from tests.for_each import for_each

VALUES = np.array([[[1.0, -4.0], [0.0, 2.0]], [[0.5, 0.0], [0.0, -0.25]]])
GRADIENTS = np.array([[[0.0, 0.0], [0.0, -0.5]], [[0.25, 0.0], [0.5, 0.5]]])
WHY = np.array([[[1, 2], [3, 0]], [[0, 4], [0, 0]]], np.uint8)
BOX = (0.0, 0.0, 400.0, 400.0)
KINDS: Final[tuple[Kind, ...]] = ("values", "gradients")
MEASURES: Final = MapMeasures()


def maps(**more: object) -> Maps:
    """Maps of two channels, of 2 × 2 entries each."""
    return Maps("a", ("a1,", "a2,"), VALUES, GRADIENTS, **more)  # type: ignore[arg-type]


def test_the_counts_over_maps_of_one_size_have_one_form() -> None:
    gradients = np.stack([np.ones((10, 10)), np.eye(10)])
    gradients[1, 1:] = 0
    seen = Maps("a", ("a1,", "a2,"), gradients, gradients)
    short, long = (text_width(WAYS[0].format(count, 100), 14) for count in (1, 100))
    assert short < long
    room = (short + long) / 2
    for channel, count in enumerate((100, 1)):
        panel = one_map("a", "gradients", (0.0, 0.0, room, room), 10, channel)
        assert nonzero_caption(panel, seen, 14) == f"<b>{count}</b> of 100 nonzero"


@for_each(
    ("kind", "more", "array", "colouring", "top"),
    [
        ("values", {"least": 9.0}, VALUES, "values", 4.0),
        ("gradients", {}, GRADIENTS, "gradients", 0.5),
        ("gradients", {"least": 1.0}, GRADIENTS, "gradients", 1.0),
        ("gradients", {"least": 0.25}, GRADIENTS, "gradients", 0.5),
        ("reasons", {"why": WHY}, WHY, "reasons", 1.0),
        ("reasons", {}, GRADIENTS, "gradients", 0.5),
        ("values", {"known": "nothing"}, 0 * VALUES, "marks", 1.0),
        ("gradients", {"known": "value"}, 0 * VALUES, "marks", 1.0),
    ],
)
def test_the_largest_of_all_channels_has_the_last_colour_unless_it_is_very_small(
    kind: Kind, more: dict[str, object], array: np.ndarray, colouring: str, top: float
) -> None:
    shown = shown_on(one_map("a", kind, BOX, 2), {"a": maps(**more)})
    np.testing.assert_array_equal(shown.array, array)
    assert (shown.colouring, shown.top) == (colouring, top)


@pytest.mark.parametrize("kind", ["gradients", "reasons"])
@pytest.mark.parametrize(("channel", "count"), [(0, 1), (1, 3)])
def test_over_each_map_its_own_gradients_are_counted(kind: Kind, channel: int, count: int) -> None:
    panel = one_map("a", kind, BOX, 2, channel)
    assert nonzero_caption(panel, maps(), 14) == f"gradient: <b>{count}</b> of 4 nonzero"
    assert nonzero_caption(one_map("a", "values", BOX, 2, channel), maps(), 14) == ""


@for_each(
    ("value", "said"),
    [(2.0, ["above", "positive"]), (-2.0, ["below", "negative"]), (0.0, ["zero"])],
)
def test_in_the_legend_is_what_is_there(value: float, said: list[str]) -> None:
    alike = np.full((1, 2, 2), value)
    there = {"a": Maps("a", ("a1,",), alike, alike)}
    panels = [one_map("a", kind, BOX, 2) for kind in ("values", "gradients")]
    signs = legend([shown_on(each, there) for each in panels], there, View(""), {})
    assert [sign.meaning for sign in signs] == said


def test_the_legend_frames_the_reason_that_has_the_colour_of_paper() -> None:
    there = {"a": maps(why=WHY)}
    panels = [one_map("a", "values", BOX, 2), one_map("a", "reasons", BOX, 2)]
    found = legend([shown_on(each, there) for each in panels], there, View(""), {})
    assert found.pop(0).meaning == "below", "what is above has the colour of what flows"
    assert {sign.meaning: sign.look for sign in found} == {
        Why(why).name.lower(): "frame" if why == Why.NOT_COVERED else "box" for why in range(5)
    }


@for_each("theme", PALETTES)
def test_the_legend_has_the_colours_of_the_maps(theme: Theme) -> None:
    both = np.array([[[1.0, -1.0], [0.0, 0.0]]])
    there = {"a": Maps("a", ("a1,",), both, both)}
    panels = [one_map("a", kind, BOX, 2) for kind in ("values", "gradients")]
    found = legend([shown_on(each, there) for each in panels], there, View("", theme=theme), {})
    below, *_, above = colours(theme, "values", pale=False)[: 2 * MIDDLE + 1]
    gradients = colours(theme, "gradients", pale=False)[: 2 * MIDDLE + 1]
    assert {sign.meaning: (sign.look, sign.colour) for sign in found} == {
        "above": ("box", above),
        "below": ("box", below),
        "positive": ("box", gradients[-1]),
        "negative": ("box", gradients[0]),
        "zero": ("box", gradients[MIDDLE]),
    }


@for_each(
    ("more", "said"),
    [
        ({}, []),  # no class is asked
        ({"marks": np.zeros((2, 2, 2), np.bool_)}, []),  # nothing is marked yet
        ({"marks": VALUES > 0}, [("box", "muted", "marked")]),
        ({"shares": np.full((2, 2, 2), 0.9)}, [("box", "muted", "share")]),
        (
            {"shares": np.full((2, 2, 2), 0.5)},
            [("box", "muted", "share"), ("frame", "accent", "split")],
        ),
        (
            {"shares": np.full((2, 2, 2), 0.5), "gradients": 0 * VALUES},
            [("box", "map_zero", "zero")],
        ),
    ],
)
def test_the_legend_says_what_is_marked_and_where_a_class_is_split(
    more: dict[str, object], said: list[tuple[str, str, str]]
) -> None:
    asked = Maps("a", ("a1,", "a2,"), VALUES, **more)  # type: ignore[arg-type]
    there = {"a": asked, "z": Maps("z", ("z",), np.zeros((1, 2, 2)))}  # no class is asked about z
    panels = one_map("a", "gradients", BOX, 2), one_map("z", "values", BOX, 2)
    palette = PALETTES["light"]
    found = legend([shown_on(each, there) for each in panels], there, View(""), {})
    assert [*map(tuple, found)] == [(look, getattr(palette, it), word) for look, it, word in said]


@for_each(
    ("chosen", "lit", "sent", "said"),
    [
        ("", ["x"], "", []),  # no entry that reads it is chosen
        ("b1,1", [], "", ["chosen"]),
        ("b1,1", ["a"], "", ["read", "chosen"]),
        ("b1,1", ["c"], "", ["affected", "chosen"]),
        ("b1,1", ["a", "c"], "", ["both", "chosen"]),
        ("b1,1", ["b", "c"], "", ["affected", "chosen"]),
        ("b1,1", ["d"], "", ["chosen"]),  # which is not on the picture
        ("", [], "d1,2", []),
        ("b1,1", [], "c1,2", ["chosen", "sent"]),
        ("", [], "c1,2", ["sent"]),
    ],
)
def test_the_legend_says_what_is_framed(
    chosen: str, lit: list[str], sent: str, said: list[str]
) -> None:
    there = {letter: Maps(letter, (letter,), np.zeros((1, 2, 2))) for letter in "abc"}
    everything = np.ones((1, 2, 2), np.bool_)
    masks = dict.fromkeys("abc", ~everything) | dict.fromkeys(lit, everything)
    found = legend([], there, View(chosen), masks, sent)
    meant = dict.fromkeys(("read", "affected", "both"), PALETTES["light"].lit)
    meant |= {"chosen": PALETTES["light"].accent, "sent": POSITIVE}
    assert [*map(tuple, found)] == [("frame", meant[word], word) for word in said]


def test_a_guess_is_right_where_it_says_whether_a_gradient_is_nonzero() -> None:
    marked = frozenset({"a1,2,2", "a2,1,2", "a3,1,1", "a1,3,1", "b1,1,1"})  # the last are elsewhere
    hidden, revealed = (maps(why=WHY).guessed(marked, revealed=shown) for shown in (False, True))
    for seen in (hidden, revealed):
        assert np.argwhere(np.asarray(seen.marks)).tolist() == [[0, 1, 1], [1, 0, 1]]
        assert seen.is_known("gradients")
    assert (hidden.right, hidden.nonzero) == (None, None)
    assert np.asarray(revealed.right).tolist() == [[[True, True], [True, True]], [[False] * 2] * 2]
    assert revealed.nonzero == [1, 3]
    nobody = maps().guessed(None, revealed=False)
    assert (nobody.marks, nobody.gradients) == (None, None)
    given = maps(given=True)
    assert given.guessed(marked, revealed=False) is given
    early = maps(why=WHY).at("value")
    assert (early.gradients, early.why, early.is_known("values")) == (None, None, True)
    assert not early.is_known("gradients")
    assert replace(early, marks=GRADIENTS > 0).is_known("gradients")
    assert nonzero_caption(one_map("a", "gradients", BOX, 2), early, 14) == ""
    assert maps(why=WHY).at("gradient").nonzero == [1, 3]
    assert not early.at("nothing").is_known("values")


def test_a_class_marks_what_more_than_half_of_it_marked_last() -> None:
    shares = {"a1,1,1": (0.2, 0.6), "a1,1,2": (0.9, 0.5), "a1,2,1": (1.0,), "a2,2,2": ()}
    seen = maps().voted(shares, revealed=False)
    assert np.asarray(seen.shares).tolist() == [[[0.6, 0.5], [1, 0]], [[0, 0], [0, 0]]]
    assert np.argwhere(np.asarray(seen.marks)).tolist() == [[0, 0, 0], [0, 1, 0]]
    assert np.argwhere(np.asarray(seen.split)).tolist() == [[0, 0, 0], [0, 0, 1]]
    assert maps().voted(shares, revealed=True).split is None
    panel = one_map("a", "gradients", (0.0, 0.0, 60.0, 60.0), 2)
    assert nonzero_caption(panel, seen, 14) == "% say nonzero"
    shown = shown_on(panel, {"a": seen})
    assert [text for _, text in shown.texts(MEASURES)] == ["60", "50", "all", "0"]
    wide = shown_on(one_map("a", "gradients", BOX, 2), {"a": seen})
    assert [text for _, text in wide.texts(MEASURES)][2] == "100"
    with_others = maps().voted({**shares, "b1,1,1": (0.9,)}, revealed=False)
    assert np.array_equal(np.asarray(with_others.shares), np.asarray(seen.shares))
    before = maps().voted({}, revealed=False)
    assert before.marks is not None
    assert not before.marks.any()
    assert nonzero_caption(panel, before, 14) == "nonzero?"
    assert maps().voted({}, revealed=True).marks is None


def test_only_where_there_is_room_and_something_known_do_cells_have_texts_and_lines() -> None:
    seen = maps().guessed(frozenset({"a1,1,1"}), revealed=True)
    for kind in KINDS:
        for side, room in ((400.0, True), (20.0, False)):
            panel = one_map("a", kind, (0.0, 0.0, side, side), 2)
            shown = shown_on(panel, {"a": seen})
            assert shown.roomy(MEASURES) == room
            signs = mark_signs([shown], MEASURES, "light")
            assert bool(signs) == (room and kind == "gradients")
            layout = MapLayout(400, 400, panels=(panel,), still=True)
            figure = maps_figure([shown], {"a": seen}, layout, View(""), lit={}, captions={})
            lattice, frames = [each for each in figure["data"] if each.get("mode") == "lines"][:2]
            assert (lattice["visible"], frames["visible"]) == (room, True)
            assert lattice["meta"] == frames["meta"] == STILL
        early = shown_on(one_map("a", kind, BOX, 2), {"a": maps(known="nothing")})
        assert not early.roomy(MEASURES)


def test_what_else_is_chosen_is_framed_beside_the_chosen_entry() -> None:
    panels = one_map("a", "values", BOX, 2), one_map("b", "values", (500, 0, 400, 400), 2)
    there = {"a": maps(), "b": replace(maps(), letter="b", prefixes=("b1,", "b2,"))}
    layout, shown = MapLayout(900, 400, panels=panels), [shown_on(each, there) for each in panels]
    also = {"b": np.ones((2, 2, 2), np.bool_)}
    figure = maps_figure(shown, there, layout, View("a1,1,1"), lit={}, captions={}, framed=also)
    accent = PALETTES["light"].accent
    around = [each["x"] for each in figure["data"] if each.get("line", {}).get("color") == accent]
    assert {x for each in around for x in each} == {0, 200, 500, 900, None}


def test_where_a_class_is_split_the_map_of_what_it_marks_is_framed() -> None:
    panels = one_map("a", "values", BOX, 2), one_map("a", "gradients", (500, 0, 400, 400), 2)
    there = {"a": maps().voted({"a1,1,1": (0.5,)}, revealed=False)}
    layout, shown = MapLayout(900, 400, panels=panels), [shown_on(each, there) for each in panels]
    figure = maps_figure(shown, there, layout, View(""), lit={}, captions={})
    accent = PALETTES["light"].accent
    around = [each["x"] for each in figure["data"] if each.get("line", {}).get("color") == accent]
    assert {x for each in around for x in each} == {500, 700, None}


def test_in_a_cell_stands_whether_a_guess_is_right_or_else_its_number() -> None:
    seen = maps().guessed(frozenset({"a1,1,1", "a1,2,2"}), revealed=True)
    texts = {
        kind: [
            text for _, text in shown_on(one_map("a", kind, BOX, 2), {"a": seen}).texts(MEASURES)
        ]
        for kind in KINDS
    }
    assert texts == {
        "values": ["1", "\N{MINUS SIGN}4", "0", "2"],
        "gradients": ["✗", "0", "0", "✓"],
    }
    signs = mark_signs(
        [shown_on(one_map("a", "gradients", BOX, 2), {"a": seen})], MEASURES, "light"
    )
    assert [sign.meaning for sign in signs] == ["right", "wrong"]
    voted = maps().voted({"a1,2,2": (0.9,)}, revealed=True)
    panel = one_map("a", "gradients", BOX, 2)
    asked = [shown_on(panel, {"a": voted}), shown_on(one_map("a", "values", BOX, 2), {"a": maps()})]
    signs = mark_signs(asked, MEASURES, "light")
    assert [sign.meaning for sign in signs] == ["most_right"]


@for_each("channel", [0, 1])
def test_over_what_is_read_lies_what_was_sent_and_over_both_what_is_chosen(channel: int) -> None:
    panel = one_map("a", "values", BOX, 2, channel)
    layout = MapLayout(400, 400, {}, (), {}, panels=(panel,))
    palette, lit = PALETTES["light"], np.ones((2, 2, 2), np.bool_)
    there = {"a": maps()}
    shown = [shown_on(panel, there) for panel in layout.panels]
    view, sent = View(f"a{channel + 1},1,2"), f"a{channel + 1},2,1"
    figure = maps_figure(shown, there, layout, view, lit={"a": lit}, captions={}, sent=sent)
    lines = [each for each in figure["data"] if each.get("mode") == "lines" and each["visible"]]
    around = [(each["line"]["color"], {*each["x"]} - {None}) for each in lines][-6:]
    paper, whole, right, left = palette.paper, {0, 400}, {200, 400}, {0, 200}
    assert around == [
        (paper, whole), (palette.lit, whole),
        (paper, left), (POSITIVE, left),
        (paper, right), (palette.accent, right),
    ]  # fmt: skip

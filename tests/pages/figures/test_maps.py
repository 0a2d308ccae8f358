"""Heat maps: what each panel shows, which entry has its last colour, and the counts above it."""

import numpy as np
import pytest

from pages.figures.heat_maps import MIDDLE, colours
from pages.figures.layout import View
from pages.figures.maps import (
    Kind,
    MapLayout,
    Maps,
    legend,
    maps_figure,
    nonzero_caption,
    one_map,
    shown_on,
)
from pages.figures.theme import PALETTES, POSITIVE, Theme
from tests.for_each import for_each

VALUES = np.array([[[1.0, -4.0], [0.0, 2.0]], [[0.5, 0.0], [0.0, -0.25]]])
GRADIENTS = np.array([[[0.0, 0.0], [0.0, -0.5]], [[0.25, 0.0], [0.5, 0.5]]])
WHY = np.array([[[1, 2], [3, 0]], [[0, 4], [0, 0]]], np.uint8)
BOX = (0.0, 0.0, 400.0, 400.0)


def maps(**more: object) -> Maps:
    """Maps of two channels, of 2 × 2 entries each."""
    return Maps("a", ("a1,", "a2,"), VALUES, GRADIENTS, **more)  # type: ignore[arg-type]


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
        ("b1,1", ["d"], "", ["chosen"]),  # which is not on the picture
        ("b1,1", [], "c1,2", ["chosen", "sent"]),
        ("", [], "c1,2", ["sent"]),
    ],
)
def test_the_legend_says_what_is_framed(
    chosen: str, lit: list[str], sent: str, said: list[str]
) -> None:
    there = {letter: Maps(letter, (letter,), np.zeros((1, 2, 2))) for letter in "abc"}
    everything = np.ones((1, 2, 2), np.bool_)
    masks = dict.fromkeys(lit, everything) | {"b": ~everything}
    found = legend([], there, View(chosen), masks, sent)
    meant = dict.fromkeys(("read", "affected", "both"), PALETTES["light"].lit)
    meant |= {"chosen": PALETTES["light"].accent, "sent": POSITIVE}
    assert [*map(tuple, found)] == [("frame", meant[word], word) for word in said]


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

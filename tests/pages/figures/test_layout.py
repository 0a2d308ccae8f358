"""The last step of every picture: its texts in few traces, titles that fit, names around one."""

from typing import Final

import pytest

from pages.figures.layout import LINE, LOWER, SLIDE, Heading, Layout, around, finished, fitted
from pages.figures.primitives import HINT, STILL, text_trace, text_width
from pages.figures.theme import PALETTES
from tests.for_each import for_each

PALETTE: Final = PALETTES["light"]


@for_each(("chosen", "shown"), [("a", "abc"), ("b", "abc"), ("d", "cde"), ("f", "efg")])
def test_around_the_chosen_name_are_as_many_as_there_is_room_for(chosen: str, shown: str) -> None:
    assert "".join(around(chosen, "abcdefg", 3)) == shown
    assert "".join(around(chosen, "abcdefg", 9)) == "abcdefg"


def test_texts_that_never_change_the_others_and_hints_have_a_trace_each() -> None:
    moving = text_trace([(3, 4), (5, 6)], ["", "B"], [13, 14], "#111111", "middle left")
    still = text_trace([(1, 2)], ["A"], 12, "#000000", still=True)
    hint = text_trace([(7, 8)], ["C"], 12, "#000000") | {"meta": HINT}
    first, second, third = finished([moving, hint, still], Layout(10, 10), PALETTE)["data"]
    assert (first["text"], first["meta"]) == (["A"], STILL)
    assert (third["text"], third["meta"]) == (["C"], HINT)
    assert "meta" not in second
    assert (second["x"], second["y"], second["text"]) == ([5], [6], ["B"])
    assert second["textfont"]["size"] == [14]
    assert second["textposition"] == ["middle left"]
    empty = finished([], Layout(10, 10), PALETTE)["data"]
    assert [each["visible"] for each in empty] == [False, False]


def test_a_title_is_as_large_as_fits_and_in_two_lines_where_none_fits() -> None:
    wide = text_width("<b>Max pool</b>", 1)
    for size in (SLIDE.title, SLIDE.least):
        assert fitted("Max pool", wide * size + 0.01, SLIDE) == ("<b>Max pool</b>", size)
    assert fitted("Max pool", None, SLIDE) == ("<b>Max pool</b>", SLIDE.title)
    assert fitted("Max pool", wide * SLIDE.least - 1, SLIDE) == ("<b>Max<br>pool</b>", SLIDE.least)


def test_a_heading_of_two_lines_stands_lower_and_none_begins_left_of_the_picture() -> None:
    def places(*heading: object) -> tuple[list[float], list[float]]:
        headings = [Heading(*heading)]  # type: ignore[arg-type]
        texts = finished([], Layout(400, 100, headings=headings), PALETTE)["data"][0]
        return texts["x"], texts["y"]

    _, (title, formula) = places((200, 22), "Max pool", "z")
    _, (same, longer) = places((200, 22), "Max pool", "z<br>(2)")
    assert same == title
    assert longer - formula == pytest.approx(LINE * SLIDE.note / 2)
    _, (broken, under) = places((200, 22), "Max pool", "z", 60.0)
    assert broken - title == pytest.approx(LOWER * SLIDE.least)
    assert under - formula == pytest.approx(2 * LOWER * SLIDE.least)
    (left, below), _ = places((10, 22), "Max pool", "z")
    assert (left, below) == (text_width("<b>Max pool</b>", SLIDE.title) / 2, 10)

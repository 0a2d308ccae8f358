"""The traces that every picture is made of: scaling one scales all of it."""

import pytest

from pages.figures.primitives import (
    boxes_trace,
    brief,
    corners,
    fitting,
    grown,
    line_trace,
    points_trace,
    smaller,
    text_trace,
    text_width,
    turned,
)

AT = [(0.0, 0.0), (300.0, 250.0)]


def test_what_is_drawn_smaller_is_so_in_its_places_its_lines_and_its_points() -> None:
    marker = {"size": 20, "color": "#000000", "line": {"width": 3, "color": "#FFFFFF"}}
    line, points = line_trace([*AT, None], 7, "#000000"), points_trace(AT, marker)
    for drawing in (line, points):
        small = smaller(drawing, 0.5, (10.0, 20.0), 12)
        assert (small["x"][:2], small["y"][:2]) == ([10, 160], [20, 145])
    assert smaller(line, 0.5, (0, 0), 12)["line"] == {**line["line"], "width": 3.5}
    assert smaller(points, 0.5, (0, 0), 12)["marker"] == {
        "size": 10, "color": "#000000", "line": {"width": 1.5, "color": "#FFFFFF"}
    }  # fmt: skip
    assert (marker["size"], line["line"]["width"]) == (20, 7), "what was given stays as it was"


def test_what_is_empty_is_not_drawn() -> None:
    box = (0.0, 0.0, 9.0, 9.0)
    for something in (False, True):
        drawings = (
            boxes_trace([box] * something, {}),
            points_trace(AT * something, {}),
            line_trace(AT * something, 1, "#000000"),
        )
        assert [each["visible"] for each in drawings] == [something] * 3


def test_a_box_grows_on_each_side_and_turns_with_its_sides() -> None:
    assert grown((10, 20, 30, 40), 2) == (8, 18, 34, 44)
    assert turned((10, 20, 30, 40)) == (20, 10, 40, 30)
    assert brief(12.54, -0.25) == (12.5, -0.2)
    assert [type(each) for each in brief(12.0, 0.04)] == [int, int]
    assert corners((0.04, 1.26, 2, 3)) == [(0, 1.3), (2, 1.3), (2, 4.3), (0, 4.3), (0, 1.3)]


@pytest.mark.parametrize(("size", "found"), [(40, 20), (25, 12), (20, 12), (13, 12)])
def test_no_text_becomes_smaller_than_can_be_read(size: int, found: int) -> None:
    drawn = text_trace(AT, ["one", "two"], size, "#000000")
    assert smaller(drawn, 0.5, (0, 0), 12)["textfont"]["size"] == found


def test_a_sign_for_less_than_is_no_tag() -> None:
    assert text_width("<b><0.01 %</b>", 20) == text_width("<b>&lt;0.01 %</b>", 20)
    assert fitting(("11", "1"), 20, text_width("11", 20)) == "11"
    assert fitting(("11", "1"), 20, text_width("11", 20) - 0.1) == "1"
    assert text_width("<b>1</b>", 20) > text_width("1", 20)
    assert text_width("1<br>111<br>11", 20) == text_width("111", 20)
    styled = '<b style="color:#00755E">1</b>'
    assert text_width(f"{styled} < <i>2</i>", 20) > text_width(styled, 20)

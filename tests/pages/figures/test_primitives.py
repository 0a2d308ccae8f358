"""The traces that every picture is made of: scaling one scales all of it."""

import pytest

from pages.figures.primitives import line_trace, points_trace, smaller, text_trace, text_width

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


@pytest.mark.parametrize(("size", "found"), [(40, 20), (25, 12), (20, 12), (13, 12)])
def test_no_text_becomes_smaller_than_can_be_read(size: int, found: int) -> None:
    drawn = text_trace(AT, ["one", "two"], size, "#000000")
    assert smaller(drawn, 0.5, (0, 0), 12)["textfont"]["size"] == found


def test_a_sign_for_less_than_is_no_tag() -> None:
    assert text_width("<b><0.01 %</b>", 20) == text_width("<b>&lt;0.01 %</b>", 20)
    styled = '<b style="color:#00755E">1</b>'
    assert text_width(f"{styled} < <i>2</i>", 20) > text_width(styled, 20)

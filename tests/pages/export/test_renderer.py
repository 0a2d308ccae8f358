"""The browser that draws."""

import logging
import re
import sys

import pytest
from choreographer.channels import JSONError, _wire

from pages.export.render_jobs import job_of_preset
from pages.export.renderer import RenderError, is_no_farewell
from pages.export.slide import slide
from pages.export.style import Style
from tests.pages.export.atelier import Atelier

SIZE = (400, 225)


def svg(atelier: Atelier, name: str) -> str:
    figure = slide(job_of_preset("max-tie", Style()))
    return atelier.wait(atelier.renderer.svg(figure, SIZE, name))


def test_the_names_in_an_svg_are_its_own_and_no_others(atelier: Atelier) -> None:
    one, other = svg(atelier, "one"), svg(atelier, "other")
    names = set(re.findall(r'id="([^"]+)"', one))
    assert names
    assert all("one" in name for name in names)
    used = set(re.findall(r"url\(['\"]?#([^)'\"]+)|href=\"#([^\"]+)", one))
    assert {first or second for first, second in used} <= names
    assert not names & set(re.findall(r'id="([^"]+)"', other))
    assert one == svg(atelier, "one")


def test_a_pdf_has_its_title_and_its_text_as_text(atelier: Atelier) -> None:
    made = atelier.wait(atelier.renderer.pdf(svg(atelier, "p"), SIZE, "A tie"))
    assert b"/Title (A tie)" in made
    assert b"/ToUnicode" in made
    assert b"/Subtype /Image" not in made


def test_what_the_browser_throws_is_said_and_forgotten(atelier: Atelier) -> None:
    with pytest.raises(RenderError, match="the browser says: TypeError: no such figure"):
        atelier.wait(atelier.renderer.evaluate("(() => { throw TypeError('no such figure') })()"))
    assert atelier.wait(atelier.renderer.evaluate("1 + 1")) == 2


@pytest.mark.parametrize(("message", "logged"), [("{bye}\n", False), ('{"id": 3', True)])
def test_a_farewell_is_no_error_and_everything_else_is(message: str, logged: bool) -> None:
    """The farewell is logged by choreographer as a message that cannot be read."""
    try:
        _wire.deserialize(message)
    except JSONError:
        record = logging.LogRecord("pipe", logging.ERROR, "", 0, "JSONError", None, sys.exc_info())
    assert is_no_farewell(record) == logged

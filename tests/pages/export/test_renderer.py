"""The browser that draws, and its pictures, on which no text is cut off or overlaps another.

test_formats, which draws presets in every format, reads their texts.
"""

import asyncio
import json
import logging
import re
import sys
from dataclasses import replace
from io import BytesIO
from typing import Any, Final, cast, get_args

import pytest
from choreographer import Tab
from choreographer.channels import ChannelClosedError, JSONError, _wire
from pypdf import PdfReader, PdfWriter

from pages.export import renderer as module
from pages.export.render_jobs import job_of_preset
from pages.export.renderer import (
    BrowserLostError,
    Renderer,
    RenderError,
    _undated,
    is_no_farewell,
    renderer,
)
from pages.export.slide import slide
from pages.export.style import SIZES, Style
from pages.figures.theme import Theme
from tests.pages.apart import apart
from tests.pages.export.drawing import ONE_A_PAGE, BlockingStudio, drawn

SIZE = (400, 225)
COLOUR: Final = re.compile(r"#[0-9A-F]{6}|rgba\([^)]*\)|data:image/png;base64,[\w+/=]*")
"""The colours in a figure's text; the colours of a heat map are in its image."""


def svg(studio: BlockingStudio, name: str) -> str:
    figure = slide(job_of_preset("max-tie", Style()))
    return studio.wait(studio.renderer.svg(figure, SIZE, name))


def test_the_names_in_an_svg_are_its_own_and_no_others(studio: BlockingStudio) -> None:
    one, other = svg(studio, "one"), svg(studio, "other")
    ids = set(re.findall(r'id="([^"]+)"', one))
    assert ids
    assert all("one" in name for name in ids)
    used = set(re.findall(r"url\(['\"]?#([^)'\"]+)|href=\"#([^\"]+)", one))
    assert {first or second for first, second in used} <= ids
    assert not ids & set(re.findall(r'id="([^"]+)"', other))
    assert one == svg(studio, "one")


def test_a_pdf_has_its_title_and_its_text_as_text(studio: BlockingStudio) -> None:
    made = studio.wait(studio.renderer.pdf(svg(studio, "p"), SIZE, "A tie"))
    assert b"/Title (A tie)" in made
    assert b"/ToUnicode" in made
    assert b"/Subtype /Image" not in made


def test_a_pdf_does_not_say_when_it_was_made_and_is_as_large_as_its_picture() -> None:
    writer, made = PdfWriter(), BytesIO()
    writer.add_blank_page(301, 170)
    writer.add_metadata({"/Title": "A tie", "/CreationDate": "D:2026", "/ModDate": "D:2026"})
    writer.write(made)
    read = PdfReader(BytesIO(_undated(made.getvalue(), SIZE)))
    assert read.metadata is not None
    assert read.metadata.title == "A tie"
    assert not any(key.endswith("Date") for key in read.metadata)
    assert [*map(float, read.pages[0].mediabox)] == [0, 170 - 168.75, 300, 170]


def test_what_the_browser_throws_is_said_and_forgotten(studio: BlockingStudio) -> None:
    with pytest.raises(RenderError, match=r"^the browser says: TypeError: no such figure$"):
        studio.wait(studio.renderer.evaluate("(() => { throw TypeError('no such figure') })()"))
    assert studio.wait(studio.renderer.evaluate("1 + 1")) == 2


@pytest.mark.parametrize(("message", "logged"), [("{bye}\n", False), ('{"id": 3', True)])
def test_a_farewell_is_no_error_and_everything_else_is(message: str, logged: bool) -> None:
    """choreographer logs the browser's farewell as a message that cannot be read."""
    try:
        _wire.deserialize(message)
    except JSONError:
        record = logging.LogRecord("pipe", logging.ERROR, "", 0, "JSONError", None, sys.exc_info())
    assert is_no_farewell(record) == logged


class Speechless:
    """A browser that ends, and whose last answer never comes."""

    def __init__(self, path: str) -> None:
        pass

    async def open(self) -> None:
        pass

    def get_tab(self) -> None:
        pass

    async def close(self) -> None:
        await asyncio.Event().wait()


def test_a_farewell_that_is_lost_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def ready(tab: None) -> str:
        return "drawn"

    async def draw() -> str:
        async with renderer() as made:
            return str(made)

    for name, value in {"Browser": Speechless, "_ready": ready, "ENDING": 0.01}.items():
        monkeypatch.setattr(module, name, value)
    assert apart(asyncio.run, asyncio.wait_for(draw(), 5)) == "drawn"


class Silent:
    """A browser's tab that never answers, or that raises what choreographer raises."""

    def __init__(self, error: BaseException | None) -> None:
        self._error = error

    async def send_command(self, _command: str, _parameters: dict[str, Any]) -> None:
        if self._error:
            raise self._error
        await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (None, "the browser has not answered for 0.01 s"),
        (ChannelClosedError(), "the browser has ended"),
        (asyncio.CancelledError(), "the browser has ended"),
    ],
)
def test_a_browser_that_hangs_or_has_ended_is_lost(
    monkeypatch: pytest.MonkeyPatch, error: BaseException | None, said: str
) -> None:
    """Only a lost browser is replaced, so that the pictures behind it can be drawn."""
    monkeypatch.setattr(module, "DRAWING", 0.01)
    tab = Renderer(cast("Tab", Silent(error)))
    with pytest.raises(BrowserLostError, match=said):
        apart(asyncio.run, tab.evaluate("1 + 1"))


def test_themes_differ_in_their_colours_alone() -> None:
    """So results for one theme are valid for the other."""
    for name in ONE_A_PAGE:
        light, dark = (
            COLOUR.sub("", json.dumps(slide(job_of_preset(name, Style(theme=each)))))
            for each in get_args(Theme)
        )
        assert light == dark, name


def test_every_step_can_be_read(studio: BlockingStudio) -> None:
    for step in job_of_preset("max-tie", Style()).steps():
        assert drawn(studio, step).mistakes() == []


@pytest.mark.parametrize("name", ["relu/one-at-zero", "conv-2d/patch"])
def test_larger_type_stays_apart(studio: BlockingStudio, name: str) -> None:
    plain = drawn(studio, job_of_preset(name, Style(caption=False)))
    for factor in (0.8, 1.3, 2.0):
        captioned = drawn(studio, job_of_preset(name, Style(font_scale=factor)))
        scaled = drawn(studio, job_of_preset(name, Style(font_scale=factor, caption=False)))
        assert [each for each in captioned.mistakes() if factor > 1 or "px" not in each] == []
        wrong = scaled.mistakes()
        assert [each for each in wrong if factor > 1 or "px" not in each] == []
        pairs = zip(plain.texts, scaled.texts, strict=True)
        grown = [new.size / old.size for old, new in pairs]
        assert min(1.0, factor) - 0.06 < min(grown) <= max(grown) < max(1.0, factor) + 0.01
        assert max(grown) > 1 or factor < 1


def test_a_title_of_any_length_is_whole(studio: BlockingStudio) -> None:
    for title, scale in (("a < b & c > d", 1), ("Why is it zero? " * 12, 2), ("w" * 200, 1)):
        style = Style(size=SIZES["square"], font_scale=scale)
        made = drawn(studio, replace(job_of_preset("max-tie", style), title=title))
        assert made.mistakes() == []
        written = "".join(text.said for text in made.texts).replace(" ", "")
        assert title.replace(" ", "") in written

"""Pictures drawn for real: no text is cut, none lies on another, all can be read.

Every preset is read where it is drawn in every format: test_formats.
"""

import json
import re
from dataclasses import replace
from typing import Final, get_args

import pytest

from pages.export.render_jobs import job_of_preset
from pages.export.slide import slide
from pages.export.style import SIZES, Style
from pages.figures.theme import Theme
from pages.subjects.every import names
from tests.pages.export.atelier import Atelier
from tests.pages.export.drawn_texts import drawn

COLOUR: Final = re.compile(r"#[0-9A-F]{6}|rgba\([^)]*\)|data:image/png;base64,[\w+/=]*")
"""How figures write colours; a heat map is an image with its colours in it."""


def test_themes_differ_in_their_colours_alone() -> None:
    """So what was found in one theme holds in the other."""
    for name in names():
        light, dark = (
            COLOUR.sub("", json.dumps(slide(job_of_preset(name, Style(theme=each)))))
            for each in get_args(Theme)
        )
        assert light == dark, name


def test_every_step_can_be_read(atelier: Atelier) -> None:
    for step in job_of_preset("max-tie", Style()).steps():
        assert drawn(atelier, step).mistakes() == []


@pytest.mark.parametrize("name", ["max-tie", "relu/one-at-zero", "conv-2d/patch"])
def test_larger_type_stays_apart(atelier: Atelier, name: str) -> None:
    plain = drawn(atelier, job_of_preset(name, Style()))
    for factor in (0.8, 1.3, 2.0):
        scaled = drawn(atelier, job_of_preset(name, Style(font_scale=factor)))
        wrong = scaled.mistakes()
        assert [each for each in wrong if factor > 1 or "px" not in each] == []
        pairs = zip(plain.texts, scaled.texts, strict=True)
        grown = [new.size / old.size for old, new in pairs]
        assert min(1.0, factor) - 0.06 < min(grown) <= max(grown) < max(1.0, factor) + 0.01
        assert max(grown) > 1 or factor < 1


def test_a_title_of_any_length_is_whole(atelier: Atelier) -> None:
    job = job_of_preset("max-tie", Style(size=SIZES["square"]))
    for title in ("a < b & c > d", "Why is it zero? " * 12, "w" * 200):
        made = drawn(atelier, replace(job, title=title))
        assert made.mistakes() == []
        written = "".join(text.said for text in made.texts).replace(" ", "")
        assert title.replace(" ", "") in written

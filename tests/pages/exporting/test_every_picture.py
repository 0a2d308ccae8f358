"""Every preset, drawn for real: no text is cut, none lies on another, all can be read."""

import json
import re
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any, Final, NamedTuple, get_args

import pytest

from pages.exporting.look import SIZES, Look, Size
from pages.exporting.shots import Shot, shot_of_preset
from pages.exporting.slide import slide
from pages.figures.theme import Theme
from pages.subjects.every import names
from tests.pages.exporting.atelier import Atelier

SCRIPT: Final = Path(__file__).with_name("text_boxes.js")
READABLE: Final = 18 / 1600
"""The least size of a text, of the picture's width."""
COLOUR: Final = re.compile(r"#[0-9A-F]{6}|rgba\([^)]*\)|data:image/png;base64,[\w+/=]*")
"""How figures write colours; a heat map is an image with its colours in it."""


class Text(NamedTuple):
    said: str
    left: float
    top: float
    width: float
    height: float
    size: float


def drawn_texts(atelier: Atelier, shot: Shot) -> list[Text]:
    """The texts of the shot's SVG file; asserts that the file is as large as it should be."""
    size = shot.look.size
    svg = atelier.wait(atelier.renderer.svg(slide(shot), size, "p"))
    script = f"{SCRIPT.read_text(encoding='utf-8')}; textBoxes({json.dumps(svg)})"
    found: Any = atelier.wait(atelier.renderer.evaluate(script))
    assert (found["width"], found["height"]) == size
    return [Text(*each) for each in found["texts"]]


def mistakes(texts: list[Text], size: Size) -> list[str]:
    """A sentence for each text that is cut, lies on another, or is too small."""
    width, height = size
    said = [
        f"{text.said!r} is cut"
        for text in texts
        if text.left < 0
        or text.top < 0
        or text.left + text.width > width
        or text.top + text.height > height
    ]
    said += [
        f"{text.said!r} has {text.size:.1f} px on {width}"
        for text in texts
        if text.size < READABLE * width - 0.01
    ]
    return said + [
        f"{one.said!r} lies on {other.said!r}"
        for one, other in combinations(texts, 2)
        if min(one.left + one.width, other.left + other.width) > max(one.left, other.left)
        and min(one.top + one.height, other.top + other.height) > max(one.top, other.top)
    ]


@pytest.mark.parametrize(("theme", "ratio"), [("light", "16:9"), ("dark", "4:3")])
def test_every_text_can_be_read(atelier: Atelier, theme: Theme, ratio: str) -> None:
    look = Look(theme=theme, size=SIZES[ratio])
    found: dict[str, list[str]] = {}
    for name in names():
        texts = drawn_texts(atelier, shot_of_preset(name, look))
        assert len(texts) > 3
        found |= {name: wrong} if (wrong := mistakes(texts, look.size)) else {}
    assert found == {}


@pytest.mark.parametrize("ratio", ["16:9", "4:3"])
def test_themes_differ_in_their_colours_alone(ratio: str) -> None:
    """So what was found in one theme holds in the other."""
    for name in names():
        light, dark = (
            COLOUR.sub("", json.dumps(slide(shot_of_preset(name, Look(SIZES[ratio], theme=each)))))
            for each in get_args(Theme)
        )
        assert light == dark, name


@pytest.mark.parametrize(
    "name", [name for name in names() if len(shot_of_preset(name, Look()).steps()) > 1][:2]
)
def test_every_step_can_be_read(atelier: Atelier, name: str) -> None:
    for step in shot_of_preset(name, Look()).steps():
        assert mistakes(drawn_texts(atelier, step), step.look.size) == []


@pytest.mark.parametrize("factor", [0.8, 1.3, 2.0])
def test_larger_type_stays_apart(atelier: Atelier, factor: float) -> None:
    for name in ("max-tie", "relu/one-at-zero", "conv-1d/one-vector", "conv-2d/patch"):
        look = Look(font_scale=factor)
        plain = drawn_texts(atelier, shot_of_preset(name, Look()))
        scaled = drawn_texts(atelier, shot_of_preset(name, look))
        wrong = mistakes(scaled, look.size)
        assert [each for each in wrong if factor > 1 or "px" not in each] == []
        grown = [new.size / old.size for old, new in zip(plain, scaled, strict=True)]
        assert min(1.0, factor) - 0.06 < min(grown) <= max(grown) < max(1.0, factor) + 0.01
        assert max(grown) > 1 or factor < 1


def test_a_title_of_any_length_is_whole(atelier: Atelier) -> None:
    shot = shot_of_preset("max-tie", Look(size=SIZES["square"]))
    for title in ("a < b & c > d", "Why is it zero? " * 12, "w" * 200):
        texts = drawn_texts(atelier, replace(shot, title=title))
        assert mistakes(texts, shot.look.size) == []
        first = "".join(text.said for text in texts if text.top < texts[0].top + 200)
        assert title.replace(" ", "") in "".join(text.said for text in texts).replace(" ", ""), (
            first
        )

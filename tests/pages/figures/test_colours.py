"""Colours as eyes see them: contrast by WCAG 2.2, and the signs' colours for a deuteranope."""

from typing import Final

import numpy as np
import pytest

from engine import Why
from pages.figures.theme import (
    NEGATIVE,
    PALETTES,
    POSITIVE,
    REASON_COLOURS,
    RULE_SYMBOLS,
    Theme,
)

AA: Final = 4.5
"""The least contrast of text with its background, WCAG 2.2, 1.4.3."""
GRAPHIC: Final = 3.0
"""The least contrast of graphical objects, 1.4.11."""

# Full deuteranopia in linear RGB: Machado, Oliveira and Fernandes, 2009, table 1, severity 1.
DEUTERANOPE: Final = np.array(
    [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]
)
themes = pytest.mark.parametrize("theme", ["light", "dark"])


def linear(colour: str) -> np.ndarray:
    """An sRGB colour, linearised as by WCAG."""
    values = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    luminances = sorted(linear(each) @ [0.2126, 0.7152, 0.0722] for each in (one, other))
    return float((luminances[1] + 0.05) / (luminances[0] + 0.05))


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of linear sRGB, with the white point D65."""
    xyz = rgb @ np.array(
        [[0.4124, 0.2126, 0.0193], [0.3576, 0.7152, 0.1192], [0.1805, 0.0722, 0.9505]]
    )
    f = np.cbrt(xyz / [0.9505, 1.0, 1.089])
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def difference(one: str, other: str) -> float:
    """ΔE*ab as a deuteranope sees it; 2.3 is just noticeable."""
    seen = [lab((DEUTERANOPE @ linear(each)).clip(0, 1)) for each in (one, other)]
    return float(np.linalg.norm(seen[0] - seen[1]))


def test_the_instruments() -> None:
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)  # WebAIM's checker
    # A red and a green that a deuteranope can hardly tell apart.
    assert difference("#A06000", "#6C7A00") < 15 < 40 < difference("#FF0000", "#0000FF")


@themes
def test_texts_can_be_read(theme: Theme) -> None:
    palette = PALETTES[theme]
    grounds = {
        "ink": ("paper", "fill_zero", "fill_positive", "fill_negative", "fill_unknown"),
        "muted": ("paper", "fill_zero", "fill_unknown"),
        "text_positive": ("paper", "fill_positive"),
        "text_negative": ("paper", "fill_negative"),
        "slope": ("paper",),
        "passed": ("paper",),
        "kink": ("paper",),
        "failed": ("paper",),
    }
    for text, under in grounds.items():
        for ground in under:
            colours = getattr(palette, text), getattr(palette, ground)
            assert contrast(*colours) >= AA, (text, ground)
    for colour in palette.rules:
        assert contrast(colour, palette.paper) >= AA


@themes
def test_the_signs_can_be_seen_on_paper_and_told_apart(theme: Theme) -> None:
    palette = PALETTES[theme]
    for colour in (POSITIVE, NEGATIVE):
        assert contrast(colour, palette.paper) >= GRAPHIC
    pairs = (
        (POSITIVE, NEGATIVE),
        (palette.text_positive, palette.text_negative),
        (palette.fill_positive, palette.fill_negative),
    )
    for one, other in pairs:
        assert difference(one, other) > 15


@themes
def test_a_number_has_the_colours_of_its_sign(theme: Theme) -> None:
    palette = PALETTES[theme]
    for number, line, fill, text in (
        (2.0, POSITIVE, palette.fill_positive, palette.text_positive),
        (-0.5, NEGATIVE, palette.fill_negative, palette.text_negative),
        (0.0, palette.line, palette.fill_zero, palette.muted),
    ):
        found = palette.sign(number), palette.fill(number), palette.text(number)
        assert found == (line, fill, text)
    assert palette.faint("#0A1420", 0.5) == "rgba(10,20,32,0.5)"
    groups = range(len(palette.rules) * len(RULE_SYMBOLS))
    looks = {(palette.rule(group), RULE_SYMBOLS[group % len(RULE_SYMBOLS)]) for group in groups}
    assert len(looks) == len(groups)


@themes
def test_flowing_gradients_have_the_colour_of_ink_and_unread_entries_that_of_paper(
    theme: Theme,
) -> None:
    palette, colours = PALETTES[theme], dict(zip(Why, REASON_COLOURS[theme], strict=True))
    assert colours[Why.FLOWS] == palette.ink
    assert colours[Why.NOT_COVERED] == palette.paper
    assert colours[Why.UPSTREAM_ZERO] == palette.map_zero
    assert len({*colours.values()}) == len(Why)

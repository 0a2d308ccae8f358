"""The paper that a picture stands on: how large it is, where the picture is, its title.

Everything here is in the picture's own pixels. A file of another size shows the same, larger.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from textwrap import wrap
from typing import Any, Final, Self

from pages.export.extent import LINE, text_width
from pages.export.style import Style
from pages.figures.arrangement import Box
from pages.figures.theme import FONT, HEADING_SIZE, Palette

EDGE: Final = 28
"""Pixels that stay free around everything."""
WIDEST: Final = 1600
"""Of a wider sheet the texts would be too small to read from the last row."""
TITLE_SIZES: Final = range(HEADING_SIZE + 5, HEADING_SIZE - 4, -1)
"""A title is as large as its line allows; one that is longer still gets several lines."""


@dataclass(frozen=True)
class Sheet:
    """The paper around a picture: its size, the part of the picture on it, the title's lines.

    beneath: how much stays free under the picture for what is no part of the figure. fonts: by
    its size, how many times as large a text is.
    """

    width: float
    height: float
    cut: Box
    title: tuple[str, ...]
    title_size: float
    beneath: float = 0.0
    fonts: Mapping[float, float] = field(default_factory=dict)

    @classmethod
    def around(cls, cut: Box, title: str, style: Style, beneath: float = 0.0) -> Self:
        """The smallest sheet of the style's ratio that has room for everything."""
        ratio = style.size[0] / style.size[1]
        _, _, width, height = cut
        least = max(width, min(width + 2 * EDGE, WIDEST))
        size, lines = _fitted(title, width, style.font_scale)
        above = _title_height(lines, size)
        full = max(least, ratio * (height + above + beneath + 2 * EDGE))
        return cls(full, full / ratio, cut, lines, size, beneath)

    @property
    def margins(self) -> dict[str, float]:
        """Of the figure: the picture is in the middle of what the title leaves."""
        _, _, width, height = self.cut
        above = _title_height(self.title, self.title_size)
        free = self.height - above - self.beneath - height
        beside = (self.width - width) / 2
        under = free / 2 + self.beneath
        return {"l": beside, "r": beside, "t": above + free / 2, "b": under, "pad": 0}


def title_on(sheet: Sheet, palette: Palette) -> dict[str, Any]:
    """The title as a layout has it."""
    lines = "<br>".join(escape(line, quote=False) for line in sheet.title)
    return {
        "text": f"<b>{lines}</b>",
        "font": {"size": sheet.title_size, "family": FONT, "color": palette.ink},
        "x": EDGE / sheet.width,
        "xanchor": "left",
        "y": 1 - EDGE / sheet.height,
        "yanchor": "top",
    }


def _fitted(title: str, room: float, scale: float) -> tuple[float, tuple[str, ...]]:
    """The size of a title, and its lines: one, or of the smallest size as many as it takes."""
    sizes = [size * scale for size in TITLE_SIZES]
    fits = [size for size in sizes if _wide(title, size) <= room]
    if fits:
        return fits[0], (title,) if title.strip() else ()
    widths = range(len(title), 0, -1)
    wrapped = (wrap(title, signs) for signs in widths)
    lines = next(
        lines for lines in wrapped if all(_wide(line, sizes[-1]) <= room for line in lines)
    )
    return sizes[-1], tuple(lines)


def _wide(line: str, size: float) -> float:
    return text_width(f"<b>{escape(line)}</b>", size)


def _title_height(lines: Sequence[str], size: float) -> float:
    return EDGE + len(lines) * size * LINE if lines else 0.0

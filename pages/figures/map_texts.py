"""What is written over maps and in their cells."""

from collections.abc import Mapping, Sequence
from typing import Final

from pages.figures.arrangement import Drawing, text_trace
from pages.figures.map_numbers import SIZE, middles
from pages.figures.map_shown import Shown
from pages.figures.theme import NEGATIVE, NOTE_SIZE, POSITIVE, Palette

WIDE: Final = 220
NARROW: Final = 105
"""From these widths on a map has room for a longer caption."""


def captions(shown: Sequence[Shown], said: Mapping[str, str], palette: Palette) -> Drawing:
    """What stands over each panel: what is said of it by its name, else how many are nonzero."""
    return text_trace(
        [(round(each.panel.middle, 1), round(each.panel.box[1] - 14, 1)) for each in shown],
        [said.get(each.panel.name) or _caption(each) for each in shown],
        NOTE_SIZE,
        palette.ink,
    )


def _caption(each: Shown) -> str:
    if each.panel.kind == "values":
        return ""
    if each.map.nonzero is None:
        return "gradient: nonzero?" if each.panel.box[2] >= WIDE else "nonzero?"
    counted = f"<b>{each.map.nonzero}</b> of {each.array.size}"
    if each.panel.box[2] >= WIDE:
        return f"gradient: {counted} nonzero"
    return f"{counted} ≠ 0" if each.panel.box[2] >= NARROW else counted


def legend(palette: Palette) -> str:
    """What the colours mean."""
    keys = {
        "values": {"below 0": palette.map_below, "above 0": palette.ink},
        "gradients": {"below 0": NEGATIVE, "0": palette.map_zero, "above 0": POSITIVE},
        "borders": {"reads, or is read by, the chosen cell": palette.lit, "sent in": POSITIVE},
    }
    parts = []
    for title, of in keys.items():
        said = (f'<span style="color:{colour}">■</span> {key}' for key, colour in of.items())
        parts.append(f"{title}: {' &nbsp;'.join(said)}")
    return " &nbsp; · &nbsp; ".join(parts)


def cell_texts(shown: Sequence[Shown], palette: Palette) -> Drawing:
    """What stands in the cells that have room."""
    roomy = [each for each in shown if each.roomy]
    return text_trace(
        [point for each in roomy for point in middles(each.panel.box, *each.array.shape)],
        [text for each in roomy for text in each.texts],
        SIZE,
        palette.ink,
    )

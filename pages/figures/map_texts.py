"""What is written over maps and in their cells."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from pages.figures.arrangement import Drawing, Point, text_trace
from pages.figures.map_numbers import Numbers, has_room, middles
from pages.figures.map_shown import Shown
from pages.figures.theme import GRADIENT_SIZE, NEGATIVE, NOTE_SIZE, POSITIVE, Palette

WIDE: Final = 220
NARROW: Final = 105
"""From these widths on a map has room for a longer caption."""


def captions(shown: Sequence[Shown], said: Mapping[str, str], palette: Palette) -> Drawing:
    """What stands over each panel: what is said of it by its name, else how many are nonzero."""
    return text_trace(
        [(each.panel.middle, each.panel.box[1] - 14) for each in shown],
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


def numbers_of(shown: Sequence[Shown]) -> list[Numbers]:
    """What a guess has left free."""
    return [
        Numbers(
            each.panel.box,
            each.array,
            each.dark,
            np.ones(each.array.shape, np.bool_) if each.marks is None else each.marks == "",
        )
        for each in shown
        if not each.hidden and has_room(each.panel.box, each.array.shape[1])
    ]


def guesses(shown: Sequence[Shown], palette: Palette) -> list[Drawing]:
    """For a prediction: what was marked; after it was revealed what of it was right, and wrong."""
    points: list[Point] = []
    said: list[str] = []
    dark: list[bool] = []
    for each in shown:
        if each.marks is not None:
            points += middles(each.panel.box, *each.marks.shape)
            said += each.marks.ravel().tolist()
            dark += each.dark.ravel().tolist()
    black, white = sorted((palette.ink, palette.paper))
    return [
        text_trace(
            points,
            [text if here is on_dark else "" for text, here in zip(said, dark, strict=True)],
            GRADIENT_SIZE,
            colour,
        )
        for on_dark, colour in ((False, black), (True, white))
    ]

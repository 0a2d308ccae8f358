"""What a network says of each digit: bars, numbers, the gradient in each logit."""

from collections.abc import Iterator
from typing import Final

from pages.figures.arrangement import STILL, Drawing, Point, line_trace, text_trace
from pages.figures.inside_info import Classes
from pages.figures.inside_places import BAR, BAR_TOP, RIGHT, bar_box
from pages.figures.theme import NOTE_SIZE, Palette
from pages.figures.words import percent, signed

BARS: Final = (RIGHT[0] + 28, RIGHT[0] + 128)
"""Where a bar begins, and where that of 100 % ends."""
PERCENT: Final = RIGHT[0] + 212
GRADIENT: Final = RIGHT[1] - 2
THICK: Final = 15
SMALL: Final = 18


def classes_drawn(classes: Classes, function: str, palette: Palette) -> Iterator[Drawing]:
    """A row for each digit."""
    left, right = BARS
    middles = [BAR_TOP + (digit + 0.5) * BAR for digit in range(len(classes.probabilities))]
    for mine, colour in ((True, palette.lit), (False, palette.muted)):
        points: list[Point | None] = []
        for digit, y in enumerate(middles):
            if (digit == classes.label) == mine:
                end = left + (right - left) * float(classes.probabilities[digit])
                points += [(left, y), (round(end, 2), y), None]
        yield line_trace(points, THICK, colour)
    axis = line_trace([(left, BAR_TOP), (left, BAR_TOP + BAR * len(middles))], 1.5, palette.line)
    yield {**axis, "meta": STILL}
    if classes.other is not None:
        marks: list[Point | None] = []
        for y, part in zip(middles, classes.other, strict=True):
            x = round(left + (right - left) * float(part), 2)
            marks += [(x, y - BAR / 2 + 2), (x, y + BAR / 2 - 2), None]
        yield line_trace(marks, 4, palette.ink)
    heads = text_trace(
        [(PERCENT, BAR_TOP - 12), (GRADIENT, BAR_TOP - 12)],
        ["p", f"<i>∂{function}/∂s</i>"],
        NOTE_SIZE,
        palette.muted,
    )
    yield {**heads, "textposition": "middle left", "meta": STILL}
    digits = [
        f"<b>{digit}</b>" if digit in (classes.label, classes.answer) else str(digit)
        for digit in range(len(middles))
    ]
    names = text_trace([(RIGHT[0] + 12, y) for y in middles], digits, NOTE_SIZE, palette.ink)
    yield {**names, "meta": STILL}
    said = [percent(float(each)) for each in classes.probabilities]
    yield {
        **text_trace([(PERCENT, y) for y in middles], said, SMALL, palette.ink),
        "textposition": "middle left",
    }
    slopes = [float(each) for each in classes.gradients]
    yield {
        **text_trace(
            [(GRADIENT, y) for y in middles],
            [signed(float(f"{slope:.2g}")) for slope in slopes],
            SMALL,
            [palette.text(slope) for slope in slopes],
        ),
        "textposition": "middle left",
    }


def class_frame(digit: int) -> list[Point | None]:
    """Around a class's row."""
    left, top, width, height = bar_box(digit)
    right, bottom = left + width, top + height
    return [(left, top), (right, top), (right, bottom), (left, bottom), (left, top), None]

"""The axes of an error against a step, both logarithmic, and what each line stands for."""

from collections.abc import Iterator
from math import log10
from typing import Final

from pages.figures.arrangement import STILL, Drawing, Point, line_trace, text_trace
from pages.figures.theme import HEADING_SIZE, NOTE_SIZE, Palette
from pages.figures.words import number

LEFT: Final = 1140.0
RIGHT: Final = 1500.0
TOP: Final = 108.0
BOTTOM: Final = 352.0
"""The axes; SLIDER is the level of the slider of eps beneath them."""
NONE: Final = 372.0
"""The level of errors of exactly 0, which no log axis has."""
SLIDER: Final = 424.0
STEPS: Final = (-13.0, -1.0)
ERRORS: Final = (-16.0, 1.0)
"""What the axes show: powers of ten."""
WORDS: Final = 1084.0
"""Where the lines over the axes begin, and those beneath them."""
SAMPLES: Final = ((1156.0, 1206.0), (1312.0, 1362.0))
"""From where to where a sample of a line goes, behind its name: of a central difference, and of a
one-sided."""


LEVELS: Final = (51.0, 79.0)
"""Of the lines over the axes: what is drawn, and the errors at the present step."""
CENTRAL: Final = (3.5, "solid")
ONE_SIDED: Final = (2.5, "dot")
"""How wide the lines are, and of what kind."""


def place(eps: float, error: float) -> Point:
    """Where an error stands: both by their logarithm, except for an error of 0."""
    x = LEFT + (RIGHT - LEFT) * (eps - STEPS[0]) / (STEPS[1] - STEPS[0])
    if error == 0:
        return round(x, 1), NONE
    height = min(max(log10(error), ERRORS[0]), ERRORS[1])
    return round(x, 1), round(level(height), 1)


def level(power: float) -> float:
    """Where an error of this power of ten stands."""
    return BOTTOM - (BOTTOM - TOP) * (power - ERRORS[0]) / (ERRORS[1] - ERRORS[0])


def axes(palette: Palette) -> Iterator[Drawing]:
    """Thin lines and their numbers, the same in every state."""
    steps, errors = range(-13, 0, 3), range(-16, 1, 4)
    grid: list[Point | None] = []
    for power in errors:
        grid += [(LEFT, level(power)), (RIGHT, level(power)), None]
    for power in steps:
        x, _ = place(power, 1)
        grid += [(x, TOP), (x, NONE + 10), None]
    yield line_trace([*grid, (LEFT, NONE), (RIGHT, NONE)], 1.5, palette.hatch)
    at = [(LEFT - 12, level(power)) for power in errors] + [(LEFT - 12, NONE + 2)]
    named = [f"1e{number(power)}" if power else "1" for power in errors] + ["0"]
    yield {
        **text_trace(at, named, 18, palette.muted),
        "textposition": "middle left",
        "meta": STILL,
    }
    below = [(place(power, 1)[0], NONE + 24) for power in steps]
    named = [f"1e{number(power)}" for power in steps]
    yield {**text_trace(below, named, 18, palette.muted), "meta": STILL}
    yield {
        **text_trace([(LEFT - 36, SLIDER)], ["<i>eps</i>"], NOTE_SIZE, palette.ink),
        "meta": STILL,
    }
    yield {
        **text_trace(
            [((LEFT + RIGHT) / 2 + 14, 22)],
            ["<b>Error of the difference, against eps</b>"],
            HEADING_SIZE - 2,
            palette.ink,
        ),
        "meta": STILL,
    }


def legend(palette: Palette) -> Iterator[Drawing]:
    """Over the axes: a line for each kind of difference."""
    names, level = ("central", "one-sided"), LEVELS[0]
    at = [(WORDS, level), (SAMPLES[0][1] + 14, level)]
    words = text_trace(at, names, NOTE_SIZE - 1, palette.ink)
    yield {**words, "textposition": "middle right", "meta": STILL}
    for (left, right), (width, dash) in zip(SAMPLES, (CENTRAL, ONE_SIDED), strict=True):
        yield {
            **line_trace([(left, level), (right, level)], width, palette.ink, dash),
            "meta": STILL,
        }

"""The names of the slice's lines, beside its frame, each level with its line's end."""

from collections.abc import Sequence
from typing import Final

from pages.figures.arrangement import Drawing, Point, line_trace, points_trace, text_trace
from pages.figures.kink_info import Group, Line
from pages.figures.kink_places import FRAME, NAMES
from pages.figures.kink_slice import Plane
from pages.figures.theme import GRADIENT_SIZE, NOTE_SIZE, RULE_SYMBOLS, Palette
from pages.figures.ticks import spread
from pages.figures.words import signed

LINE: Final = 26.0
"""From one line of a name to the next."""
BETWEEN: Final = 12.0
MARK: Final = 16.0
EVERYBODY: Final = "every rule"
CENTRAL: Final = "central difference"


def name_drawings(plane: Plane, groups: Sequence[Group], palette: Palette) -> list[Drawing]:
    """The slope of each line, and beneath it who claims it, with their shapes."""
    lines = plane.info.lines
    said = [_names(line, groups, palette) for line in lines]
    wanted = [plane.leaves(line.slope) for line in lines]
    sizes = [LINE * (1 + len(names)) + BETWEEN for names in said]
    middles = spread([y for _, y in wanted], sizes, (FRAME.top - 24, FRAME.bottom + 6))
    at: list[Point] = []
    texts: list[str] = []
    colours: list[str] = []
    marks: list[tuple[Point, int]] = []
    leaders: list[Point | None] = []
    for line, names, (x, y), middle, size in zip(lines, said, wanted, middles, sizes, strict=True):
        top = middle - (size - BETWEEN) / 2 + LINE / 2
        leaders += [(x, y), (NAMES - 6, top), None]
        at.append((NAMES, top))
        texts.append(f"<b>{signed(line.slope)}</b>")
        colours.append(palette.ink)
        for number, (text, group) in enumerate(names, 1):
            here = (NAMES, top + number * LINE)
            if group is not None:
                marks.append(((here[0] + MARK / 2 + 1, here[1]), group))
            at.append((here[0] + (MARK + 8 if group is not None else 0), here[1]))
            texts.append(text)
            colours.append(palette.muted if group is None else palette.rule(group))
    sizes_of_text = [GRADIENT_SIZE if text.startswith("<b>") else NOTE_SIZE for text in texts]
    return [
        line_trace(leaders, 2, palette.muted, "dot"),
        rule_marks([point for point, _ in marks], [group for _, group in marks], MARK, palette),
        {
            **text_trace(at, texts, sizes_of_text, colours),
            "textposition": "middle right",
        },
    ]


def rule_marks(
    points: Sequence[Point], groups: Sequence[int], size: float | list[float], palette: Palette
) -> Drawing:
    """The groups' marks, each with its shape and its colour."""
    return points_trace(
        points,
        {
            "symbol": [RULE_SYMBOLS[group % len(RULE_SYMBOLS)] for group in groups],
            "size": size,
            "color": [palette.rule(group) for group in groups],
            "line": {"width": 1.5, "color": palette.paper},
        },
    )


def _names(line: Line, groups: Sequence[Group], palette: Palette) -> list[tuple[str, int | None]]:
    """A line each: the text, and whose mark stands before it."""
    if len(line.groups) == len(groups):
        names: list[tuple[str, int | None]] = [(EVERYBODY, None)]
    else:
        names = [
            (
                f"<b>{groups[each].title}</b>" if groups[each].stands_out else groups[each].title,
                each,
            )
            for each in line.groups
        ]
    return [*names, (CENTRAL, None)] if line.central else names

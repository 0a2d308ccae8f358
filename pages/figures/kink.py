"""The picture of a kink: the slice, the brackets, who the rules are, and how they share a tie."""

from collections.abc import Sequence
from textwrap import wrap
from typing import Any, Final

from pages.figures.arrangement import STILL, Arrangement, Drawing, text_trace
from pages.figures.finish import finished
from pages.figures.kink_brackets import bracket_drawings, label_boxes
from pages.figures.kink_info import Group, KinkInfo
from pages.figures.kink_names import name_drawings, rule_marks
from pages.figures.kink_places import HEIGHT, LEGEND, LEGEND_PITCH, LEGEND_SIGNS, WIDTH
from pages.figures.kink_shares import share_drawings
from pages.figures.kink_slice import Plane, slice_drawings
from pages.figures.theme import GRADIENT_SIZE, NOTE_SIZE, PALETTES, Palette, Theme

LINES: Final = 4
"""So many slopes are drawn at least, of three groups of rules and a central difference: as many
traces on every page, so that one picture becomes another."""


def kink_arrangement(info: KinkInfo) -> Arrangement:
    """How large the picture is, and which boxes can be chosen."""
    return Arrangement(WIDTH, HEIGHT, label_boxes(info.rows), (), {})


def kink_figure(info: KinkInfo, theme: Theme) -> dict[str, Any]:
    """The figure, {"data": …, "layout": …}."""
    palette, along = PALETTES[theme], info.slice
    colours = [_colour(line.groups, info.groups, palette) for line in along.lines]
    return finished(
        [
            *bracket_drawings(info.rows, info.slopes, along.entry, info.left_out, palette),
            *slice_drawings(along, palette, colours, max(LINES, len(info.groups) + 1)),
            *name_drawings(Plane(along), info.groups, palette),
            *_legend(info.groups, palette),
            *share_drawings(info.shares, palette),
        ],
        kink_arrangement(info),
        palette,
    )


def _colour(claimants: Sequence[int], groups: Sequence[Group], palette: Palette) -> str:
    """A line's: that of the group that stands out where it is one of them, else the first's."""
    if not claimants:
        return palette.line
    first = next((each for each in claimants if groups[each].stands_out), claimants[0])
    return palette.rule(first)


def _legend(groups: Sequence[Group], palette: Palette) -> list[Drawing]:
    """Each group's mark, name and members, and what comes of its claim."""
    left, top = LEGEND
    pitch = min(LEGEND_PITCH, 3 * LEGEND_PITCH / len(groups))
    lines = [top + pitch * i for i in range(len(groups))]
    titles = [
        f"<b>{group.title}</b>: {group.said}"
        if not group.stands_out
        else f"<b>{group.title}: {group.said}</b>"
        for group in groups
    ]
    names = text_trace(
        [(left + 28, y) for y in lines],
        titles,
        GRADIENT_SIZE,
        [palette.rule(i) for i in range(len(groups))],
    )
    wrapped = [
        ((left + 28, y + 25 + 26 * line), text)
        for y, group in zip(lines, groups, strict=True)
        for line, text in enumerate(wrap(group.members, LEGEND_SIGNS))
    ]
    members = text_trace(
        [at for at, _ in wrapped], [text for _, text in wrapped], NOTE_SIZE - 2, palette.muted
    )
    marks = rule_marks([(left + 12, y) for y in lines], range(len(groups)), 20, palette)
    return [
        {**marks, "meta": STILL},
        {**names, "textposition": "middle right"},
        {**members, "textposition": "middle right", "meta": STILL},
    ]

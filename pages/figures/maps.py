"""Maps: the arrays of a trace as heat maps, one for each channel, on one picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, NamedTuple, TypeAlias, TypeVar

import numpy as np

from engine import Trace
from engine.arrays import Array, Mask
from pages.figures.arrangement import Arrangement, Box, Drawing, Point, View, line_trace, text_trace
from pages.figures.finish import finished
from pages.figures.heat_maps import (
    NUMBER_SIZE,
    SPACIOUS,
    Colouring,
    border,
    borders,
    cell_middles,
    cell_numbers,
    colour_legend,
    frame,
    has_room,
    heat_map,
    lattice,
    legend_key,
)
from pages.figures.info import Naming
from pages.figures.theme import NOTE_SIZE, PALETTES, POSITIVE, Palette

AnyArray = TypeVar("AnyArray", Array, Mask)

Kind: TypeAlias = Literal["values", "gradients"]

LEAST_TOP: Final = 2.0
"""A gradient of 1 everywhere shall not scream."""

WIDE_PANEL: Final = 220
NARROW_PANEL: Final = 105
"""From these widths on a map has room for a longer caption."""


@dataclass(frozen=True, eq=False)
class Map:
    """One channel: its letter, its numbers and their gradient, (rows, columns) each.

    gradients: None where they are not to be seen. given: they were sent in, not computed. marks:
    where somebody predicts a nonzero gradient; None where nobody is asked.
    """

    letter: str
    values: Array
    gradients: Array | None
    given: bool = False
    marks: Mask | None = None

    @property
    def nonzero(self) -> int | None:
        """How many gradients are nonzero; None where they are not to be seen."""
        return None if self.gradients is None else int(np.count_nonzero(self.gradients))

    @property
    def right(self) -> Mask | None:
        """Which guesses came true; None where there are none, or no answers yet."""
        if self.marks is None or self.gradients is None:
            return None
        return np.asarray(self.marks == (self.gradients != 0))


def read_maps(trace: Trace, naming: Naming) -> dict[str, Map]:
    """Every map of a trace, by the prefix of its cells' names: 'x', 'w1,', 'a2,'."""
    maps: dict[str, Map] = {}
    for step, letters in zip(trace.steps, naming.inputs, strict=True):
        for letter, values, grads in zip(letters, step.inputs, step.grads, strict=True):
            maps |= channels(letter, values, grads)
    given = channels(naming.output, trace.output, trace.dout)
    return maps | {prefix: replace(each, given=True) for prefix, each in given.items()}


def channels(letter: str, values: Array, gradients: Array | None) -> dict[str, Map]:
    """The maps of one array and its gradient, by prefix."""
    grads = {} if gradients is None else by_prefix(letter, gradients)
    return {
        prefix: Map(letter, each, grads.get(prefix))
        for prefix, each in by_prefix(letter, values).items()
    }


def by_prefix(letter: str, array: AnyArray) -> dict[str, AnyArray]:
    """The channels of an array by prefix: (rows, columns) is one, (F, rows, columns) are F."""
    if array.ndim == 2:
        return {letter: array}
    return {f"{letter}{channel + 1},": each for channel, each in enumerate(array)}


def guessed(maps: dict[str, Map], marked: frozenset[str], *, revealed: bool) -> dict[str, Map]:
    """The same with a guess at each gradient, and those hidden until they are revealed.

    marked: the cells whose gradient is predicted to be nonzero.
    """
    return {
        prefix: each
        if each.given or each.gradients is None
        else replace(
            each,
            marks=_marks(prefix, each.values.shape, marked),
            gradients=each.gradients if revealed else None,
        )
        for prefix, each in maps.items()
    }


def _marks(prefix: str, shape: tuple[int, ...], marked: frozenset[str]) -> Mask:
    marks = np.zeros(shape, np.bool_)
    for row, column in np.ndindex(*shape):
        marks[row, column] = f"{prefix}{row + 1},{column + 1}" in marked
    return marks


@dataclass(frozen=True)
class Panel:
    """A map's place: the prefix of its cells' names, which of its numbers are there, its box."""

    prefix: str
    kind: Kind
    box: Box

    @property
    def name(self) -> str:
        """By which a grid finds its numbers: "a2, values"."""
        return f"{self.prefix} {self.kind}"

    @property
    def middle(self) -> float:
        """Across."""
        return self.box[0] + self.box[2] / 2


@dataclass(frozen=True)
class MapArrangement(Arrangement):
    """Maps instead of single cells.

    legend: the middle of what explains the colours. sliders: where the first begins, if any.
    """

    panels: tuple[Panel, ...] = ()
    legend: Point = (0.0, 0.0)
    sliders: Point = (0.0, 0.0)


class Shown(NamedTuple):
    """A panel with the numbers that it shows, how they are coloured, and who has the last colour.

    marks: what stands in the cells because of a prediction; None where there is none.
    """

    panel: Panel
    map: Map
    array: Array
    colouring: Colouring
    top: float
    marks: list[str] | None = None

    @property
    def roomy(self) -> bool:
        """Whether there is room for a text in each cell."""
        return has_room(self.panel.box, self.array.shape[1])

    @property
    def texts(self) -> list[str]:
        """What stands in the cells, row by row: marks, and where these leave room the numbers."""
        if self.colouring == "marks":
            return self.marks or [""] * self.array.size
        numbers = cell_numbers(self.array, self.panel.box[2] / self.array.shape[1])
        return [
            mark or text
            for mark, text in zip(self.marks or [""] * self.array.size, numbers, strict=True)
        ]


def shown_on(panel: Panel, maps: Mapping[str, Map]) -> Shown:
    """What a panel shows of the maps; gradients that are hidden as the guesses at them."""
    here = maps[panel.prefix]
    if panel.kind == "values":
        return Shown(panel, here, here.values, "values", _top(here, "values", maps) or 1.0)
    if here.gradients is None:
        marks = np.zeros(here.values.shape) if here.marks is None else here.marks
        texts = np.where(marks, "≠", "?").ravel().tolist()
        return Shown(panel, here, marks.astype(np.float64), "marks", 1.0, texts)
    top = max(_top(here, "gradients", maps), LEAST_TOP)
    if here.marks is None or here.right is None:
        return Shown(panel, here, here.gradients, "gradients", top)
    answers = np.where(here.right, np.where(here.marks, "✓", ""), "✗").ravel().tolist()
    return Shown(panel, here, here.gradients, "gradients", top, answers)


def _top(here: Map, kind: str, maps: Mapping[str, Map]) -> float:
    """The largest number of all maps of a letter, which share their colours."""
    arrays = [getattr(each, kind) for each in maps.values() if each.letter == here.letter]
    return max(float(np.abs(array).max()) for array in arrays if array is not None)


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
        return "gradient: nonzero?" if each.panel.box[2] >= WIDE_PANEL else "nonzero?"
    counted = f"<b>{each.map.nonzero}</b> of {each.array.size}"
    if each.panel.box[2] >= WIDE_PANEL:
        return f"gradient: {counted} nonzero"
    return f"{counted} ≠ 0" if each.panel.box[2] >= NARROW_PANEL else counted


def legend(palette: Palette) -> str:
    """What the colours mean."""
    reads = legend_key("■", palette.lit, "reads, or is read by, the chosen cell")
    lines = f"borders: {reads} &nbsp;{legend_key('■', POSITIVE, 'sent in')}"
    return " &nbsp; · &nbsp; ".join([*colour_legend(palette), lines])


def cell_texts(shown: Sequence[Shown], palette: Palette) -> Drawing:
    """What stands in the cells that have room."""
    roomy = [each for each in shown if each.roomy]
    return text_trace(
        [point for each in roomy for point in cell_middles(each.panel.box, *each.array.shape)],
        [text for each in roomy for text in each.texts],
        NUMBER_SIZE,
        palette.ink,
    )


@dataclass(frozen=True)
class MapView(View):
    """How to look at maps: cells with a border around them, each a mask by prefix.

    chosen: the cell that is explained. lit: those that it reads, or that read it. sent: those at
    which a gradient was sent in. captions: what stands over a panel, by its name, where that is
    not the map's own name or count.
    """

    chosen: Mapping[str, Mask] = field(default_factory=dict)
    lit: Mapping[str, Mask] = field(default_factory=dict)
    sent: Mapping[str, Mask] = field(default_factory=dict)
    captions: Mapping[str, str] = field(default_factory=dict)


def maps_figure(
    maps: Mapping[str, Map], arrangement: MapArrangement, view: MapView
) -> dict[str, Any]:
    """The figure, {"data": …, "layout": …}: a heat map for each panel, numbers, captions, lines."""
    palette = PALETTES[view.theme]
    shown = [shown_on(panel, maps) for panel in arrangement.panels]
    frames = [point for each in shown for point in frame(each.panel.box)]
    lattices = [
        point
        for each in shown
        if each.panel.box[2] / each.array.shape[1] >= SPACIOUS
        for point in lattice(each.panel.box, *each.array.shape)
    ]
    return finished(
        [
            *(
                heat_map(
                    each.array,
                    each.panel.box,
                    each.top,
                    view.theme,
                    each.colouring,
                    pale=each.roomy,
                )
                for each in shown
            ),
            line_trace(lattices, 1, palette.line),
            line_trace(frames, 1.5, palette.line),
            captions(shown, view.captions, palette),
            *borders(_around(shown, view.lit), 4, palette.lit, palette),
            *borders(_around(shown, view.sent), 3, POSITIVE, palette),
            *borders(_around(shown, view.chosen), 5, palette.accent, palette),
            cell_texts(shown, palette),
            text_trace([arrangement.legend], [legend(palette)], NUMBER_SIZE, palette.muted),
        ],
        arrangement,
        palette,
    )


def _around(shown: Sequence[Shown], masks: Mapping[str, Mask]) -> list[Point | None]:
    return [
        point
        for each in shown
        if each.panel.prefix in masks
        for point in border(each.panel.box, masks[each.panel.prefix])
    ]

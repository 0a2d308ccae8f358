"""Draw a pass as a graph of cells, one per array entry, each with its name, value and gradient.

Values flow forward and gradients back along the edges, which `edges` draws. This module decides
which of name, value, gradient and reason have room in each cell, and in which size.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from typing import Any, Final, NamedTuple

from pages.figures.edges import (
    along_grids,
    amounts,
    behind,
    faint,
    filled,
    flow,
    gate_marks,
    onward,
    parted,
    thin,
)
from pages.figures.info import FURTHER, Cell, Edge, Form, GraphInfo
from pages.figures.layout import LINE, Layout, Measures, View, finished
from pages.figures.primitives import (
    Box,
    Drawing,
    Point,
    boxes_trace,
    corners,
    fitting,
    grown,
    text_trace,
    text_width,
)
from pages.figures.theme import PALETTES, Palette
from pages.figures.words import (
    DIGITS,
    FALSE_ALARM,
    MARKED,
    MARKS,
    MISSED,
    SPLIT_WORD,
    UNDECIDED,
    UNMARKED,
    digits_of,
    is_on_grid,
    number,
    shares_beside,
    shares_of,
    signed,
)

LOWER: Final = 6.0
"""How much lower a one-line gradient stands in room for two lines, if a mark is above its end."""
BRIEF: Final = 3.4  # the least width of a value beside its name, in units of the text size
VALUE: Final = 0.4
"""The share of the room behind the name that a flat cell's value gets, before `shared_by`."""
MARK: Final = 24.0  # the width of a mark
EXACT: Final = 1e-6  # a tolerance on text sizes: a text that fills its room exactly still fits


def graph_figure(
    info: GraphInfo, layout: Layout, view: View, extra: Sequence[Drawing] = ()
) -> dict[str, Any]:
    """The figure, {"data": …, "layout": …}; extra traces lie over the edges and under the texts."""
    palette, form = PALETTES[view.theme], info.form
    strong, _ = parted(info.edges, view)
    digits = most_digits(info, layout)
    texts = cell_texts(info, layout, palette, digits)
    gates = gate_marks(form, layout, palette)
    return finished(
        [
            cell_boxes(form, layout, view.entry, palette),
            *([] if info.now is None else [_now(form, layout, palette)]),
            *_edges(info, strong, layout, view),
            gates,
            *extra,
            *(amounts(info, strong, layout, view, digits, [*texts, gates]) if view.focus else []),
            *texts,
            counts(form, layout, palette),
        ],
        layout,
        palette,
    )


def _edges(
    info: GraphInfo, strong: Sequence[Edge], layout: Layout, view: View
) -> Iterator[Drawing]:
    """Draw the edges, each kind in a trace of its own."""
    palette, form = PALETTES[view.theme], info.form
    drawn = [
        *([faint(form, layout, view)] if view.focus else []),
        *([onward(layout, palette)] if layout.reach and layout.down else []),
        thin(form, layout, view, "gradient"),
        thin(form, layout, view, "value"),
        *flow(info, strong, layout, palette),
        *(along_grids(info, strong, layout, palette, sign) for sign in (+1, -1) if layout.grids),
    ]
    return behind(drawn, layout)


@lru_cache(maxsize=128)
def _now(form: Form, layout: Layout, palette: Palette) -> Drawing:
    """Shade the area behind the cells, or the heat maps, that are computed at this step."""
    letters = form.of.now or frozenset()
    around = 0.5 * layout.measures.gap + 2
    computed = [cell for cell in form.of.cells.values() if cell.letter in letters]
    boxes = [layout.boxes[cell.entry] for cell in computed if cell.entry in layout.boxes]
    boxes += [layout.columns[letter] for letter in sorted(letters & layout.maps.keys())]
    return {
        **filled([corners(grown(box, around)) for box in boxes], palette.now),
        "zorder": -1,
    }


# --- cells


class _Slots(NamedTuple):
    """The middles of a cell's texts, and how wide and how large these may be."""

    label: Point | None  # None if there is no room for the name
    value: Point
    gradient: Point
    mark: Point
    value_room: float
    gradient_room: float
    value_size: int
    gradient_size: int
    gradient_lines: int = 1  # the most lines of the gradient
    shared: float | None = None  # in a flat cell, the width that value and gradient share
    centred: float | None = None  # the width for a value in the middle of the cell
    wide_value_x: float = 0.0  # where a wider value is centred: the name leaves more room there

    def holds(self, value: str, gradient: str, least: int) -> bool:
        """Whether a value and a gradient fit in a readable size."""
        value_width, gradient_width = text_width(value, least), text_width(gradient, least)
        if self.shared is not None:
            return value_width + gradient_width <= self.shared
        return value_width <= self.value_room and gradient_width <= self.gradient_room

    def shared_by(self, value: str, gradient: str, least: int) -> "_Slots":
        """The slots with the value moved to where it fits; in a flat cell its share may change."""
        wide = text_width(value, self.value_size)
        if self.centred is not None:
            if wide <= self.centred:
                return self._replace(value_room=self.centred)
            return self._replace(value=(self.wide_value_x, self.value[1]))
        if self.shared is None:
            return self
        short, long = text_width(value, least), text_width(gradient, least)
        most = max(self.shared - long, short / (short + long) * self.shared)
        more = min(max(wide, self.value_room), most) - self.value_room
        (value_x, level), (gradient_x, _) = self.value, self.gradient
        return self._replace(
            value=(value_x + more / 2, level),
            gradient=(gradient_x + more / 2, level),
            value_room=self.value_room + more,
            gradient_room=self.shared - self.value_room - more,
        )


@lru_cache(maxsize=4096)  # a sweep asks for the same slots in every frame
def _slots(box: Box, label: str, size: Measures, *, marked: bool, apart: bool = False) -> _Slots:
    """The slots of a cell's texts: one beneath another, or side by side in a flat cell.

    label: "" for no name. marked: whether there is a mark, which takes room from the value.
    apart: whether name and value stand on separate lines; for stacked texts alone.
    """
    _, _, width, height = box
    named = text_width(label, size.note)
    if size.stacked:
        return _stacked(box, named, size, apart)
    if height < size.flat:
        return _in_one_line(box, named, size, marked=marked)
    if width < size.narrow and height >= 3 * LINE * size.least:
        return _in_three_lines(box, named, size, marked=marked)
    return _in_two_lines(box, named, size, marked=marked)


def _in_one_line(box: Box, named: float, size: Measures, *, marked: bool) -> _Slots:
    """Name, mark, value and gradient side by side, in a flat cell. named: the name's width."""
    left, top, width, height = box
    level, begin = top + height / 2, left + named + (2 if named else 1) * size.inside
    begin += MARK if marked else 0.0
    rest = left + width - begin
    return _Slots(
        label=(left + named / 2 + size.inside, level),
        value=(begin + VALUE / 2 * rest, level),
        gradient=(begin + (1 + VALUE) / 2 * rest, level),
        mark=(begin - MARK / 2, level),
        value_room=VALUE * rest - size.inside,
        gradient_room=(1 - VALUE) * rest - size.inside,
        value_size=max(size.least, min(size.flat_value, round(0.85 * height))),
        gradient_size=max(size.least, min(size.note, round(0.85 * height))),
        shared=rest - 2 * size.inside,
    )


def _in_three_lines(box: Box, named: float, size: Measures, *, marked: bool) -> _Slots:
    """Name, value and gradient one beneath another, in a narrow cell; the mark behind the name."""
    left, top, width, height = box
    x, mark_x, room = left + width / 2, left + width - 22, width - 2 * size.inside
    first, second, third = (top + height * (2 * line + 1) / 6 for line in range(3))
    label: Point | None = (x, first)
    end = mark_x - MARK / 2
    if marked and x + named / 2 > end:
        label = (end - named / 2, first) if end - named > left else None
    return _Slots(
        label=label,
        value=(x, second),
        gradient=(x, third),
        mark=(mark_x, top + 17),
        value_room=room,
        gradient_room=room,
        value_size=max(size.least, round(height / 3.6)),
        gradient_size=size.least,
    )


def _in_two_lines(box: Box, named: float, size: Measures, *, marked: bool) -> _Slots:
    """Value and mark above the gradient; the name in the upper left corner, beside the value."""
    left, top, width, height = box
    middle, mark_x, inside = left + width / 2, left + width - 22, size.inside
    # How far right the value is moved for the name; a wide cell has room for both.
    moved = 0.0 if width >= size.narrow else named / 2
    has_room = width - 2 * moved >= BRIEF * size.least
    moved = moved if has_room else 0.0
    value_size = max(size.least, min(size.value, round(0.42 * height)))
    gradient_size = max(size.least, min(size.gradient, round(0.36 * height)))
    value_line, gradient_line = LINE * value_size, LINE * gradient_size
    gap = max(0.5, (height - value_line - gradient_line) / 3)  # texts stay inside the border
    at = named / 2 + inside if moved else max(22, named / 2 + inside)
    begin = at + named / 2 + inside if has_room and named else inside
    free = left + width - mark_x + MARK / 2 if marked else inside  # right of the value
    level = top + gap + value_line / 2
    return _Slots(
        label=(left + at, top + min(17, 0.28 * height)) if has_room else None,
        value=(middle + moved, level),
        gradient=(middle, top + height - gap - gradient_line / 2),
        mark=(mark_x, min(top + 17, level)),
        value_room=width - free - begin,
        gradient_room=width - 2 * inside,
        value_size=value_size,
        gradient_size=gradient_size,
        centred=width - 2 * max(begin if not moved else 0, free + moved),
        wide_value_x=left + (begin + width - free) / 2,
    )


def _stacked(box: Box, named: float, size: Measures, apart: bool) -> _Slots:
    """Name and value in one line above the gradient in up to two; or a line for each text."""
    left, top, width, height = box
    begin, room, line = left + named + 2 * size.inside, width - 2 * size.inside, height / 3
    rest, middle, label_x = left + width - begin, left + width / 2, left + size.inside + named / 2
    if apart or rest < BRIEF * size.least:
        return _Slots(
            label=(label_x, top + 0.5 * line),
            value=(middle, top + 1.5 * line),
            gradient=(middle, top + 2.5 * line),
            mark=(left + width - 8, top + 0.5 * line),
            value_room=room,
            gradient_room=room,
            value_size=size.least + 1,
            gradient_size=size.least,
        )
    return _Slots(
        label=(label_x, top + 0.62 * line),
        value=(begin + rest / 2, top + 0.62 * line),
        gradient=(middle, top + 1.97 * line),
        mark=(left + width - 7, top + 1.45 * line),
        value_room=rest - 2 * size.inside,
        gradient_room=room,
        value_size=size.value,
        gradient_size=size.gradient,
        gradient_lines=2,
    )


def _fitting(
    texts: Iterable[str], room: float, size: int, least: int, free: float
) -> tuple[str, int]:
    """The first text that fits in a readable size, and its size, as large as fits up to `size`.

    If none fits, the last text may also fill the space that should stay free (`free`), and may be
    too small to read: no text crosses its cell's border.
    """
    text, wide = "", 0.0
    for text in texts:
        wide = text_width(text, 1)
        largest = int(room / wide + EXACT) if text else size
        if largest >= least:
            return text, min(size, largest)
    return text, max(1, min(least, int((room + free) / wide + EXACT))) if text else least


@lru_cache(maxsize=128)  # they depend on the form alone, not on the numbers
def cell_boxes(form: Form, layout: Layout, selected: str, palette: Palette) -> Drawing:
    """Draw the boxes of the cells, with fill and border by the sign of their gradient."""
    cells, line = list(form.of.cells.values()), layout.measures.line
    borders = [_border(cell, selected, palette) for cell in cells]
    return boxes_trace(
        [layout.boxes[cell.entry] for cell in cells],
        {
            "color": [
                palette.fill(cell.grad) if cell.known == "gradient" else palette.fill_unknown
                for cell in cells
            ],
            "pattern": {
                "shape": ["/" if cell.known == "nothing" else "" for cell in cells],
                "fillmode": "overlay",
                "bgcolor": palette.fill_unknown,
                "fgcolor": palette.hatch,
                "size": 12,
                "solidity": 0.25,
            },
            "line": {
                "color": [colour for colour, _ in borders],
                "width": [line * width for _, width in borders],
            },
        },
    )


def _border(cell: Cell, selected: str, palette: Palette) -> tuple[str, float]:
    """The colour and width of a border; widest if a class disagrees and has no answer yet."""
    if cell.split and cell.known == "value":
        return palette.accent, 8
    if cell.entry == selected:
        return palette.accent, 5
    grad = cell.grad if cell.known == "gradient" else 0
    return palette.sign(grad), 3 if grad else 1.5


def most_digits(info: GraphInfo, layout: Layout) -> int:
    """The number of digits for which every number in the picture has room.

    It is the same in all cells, so that equal numbers look equal. A cell drops its name before any
    digit.
    """
    size = layout.measures
    room = {_digits_held(cell, layout.boxes[cell.entry], size) for cell in info.cells.values()}
    return next((each for each in DIGITS if all(each in held for held in room)), DIGITS[-1])


@lru_cache(maxsize=4096)  # most cells are the same in the next picture too
def _digits_held(cell: Cell, box: Box, size: Measures) -> frozenset[int]:
    """The numbers of digits for which a cell has room."""
    slot = _slots(box, "", size, marked=cell.right is not None)
    return frozenset(digits for digits in DIGITS if _holds(cell, slot, digits, size))


def _holds(cell: Cell, slot: _Slots, digits: int, size: Measures) -> bool:
    """Whether a cell has room for its value and gradient with this many digits."""
    gradient = _gradient_text(cell, digits) if cell.known == "gradient" else ""
    return slot.holds(_value_text(cell, digits), gradient, size.least)


def _named(cell: Cell, box: Box, size: Measures, digits: int) -> tuple[str, _Slots]:
    """A cell's name and slots, the name beside the value or above it; "" if it has no room."""
    label, marked = f"<i>{cell.label}</i>", cell.right is not None
    for apart in (False, True) if size.stacked else (False,):
        slot = _slots(box, label, size, marked=marked, apart=apart)
        flat = slot.shared is not None
        has_room = (
            _holds(cell, slot, digits, size)
            if flat
            else text_width(_value_text(cell, digits), size.least) <= slot.value_room
        )
        if slot.label is not None and has_room:
            return label, slot
    return _unnamed(cell, box, size)


def _unnamed(cell: Cell, box: Box, size: Measures) -> tuple[str, _Slots]:
    return "", _slots(box, "", size, marked=cell.right is not None)


class _Texts(NamedTuple):
    """The texts of a cell, each with its middle and, if it varies from cell to cell, its size."""

    label_at: Point
    label: str
    value_at: Point
    value: str
    value_size: int
    gradient_at: Point
    gradient: str
    gradient_size: int
    mark_at: Point
    mark: str


@lru_cache(maxsize=4096)
def _texts(cell: Cell, box: Box, size: Measures, digits: int, *, named: bool) -> _Texts:
    """The texts of a cell. named: whether its name is shown if it has room."""
    label, slot = _named(cell, box, size, digits) if named else _unnamed(cell, box, size)
    value = _value_shown(cell, digits, slot, size.least)
    digits = _digits_shown(cell, digits, slot, value, size.least)
    gradient = _gradient_text(cell, digits)
    slot = slot.shared_by(value, gradient, size.least)
    free = size.inside * (2 if slot.shared is None else 1)
    value, large = _fitting([value], slot.value_room, slot.value_size, size.least, free)
    room = slot.gradient_room
    if slot.value[1] == slot.gradient[1]:  # on one line
        room = min(room, 2 * (slot.gradient[0] - slot.value[0]) - text_width(value, large))
    texts = _gradient_texts(cell, slot.gradient_lines, digits)
    gradient, gradient_size = _fitting(texts, room, slot.gradient_size, size.least, free)
    mark = "" if cell.right is None else MARKS[cell.right]
    mark = f"<b>{mark}</b>" if mark and mark not in gradient else ""
    x, y = slot.gradient
    if mark and slot.gradient_lines > 1 and "<br>" not in gradient:
        y += LOWER  # the mark is above the line's end
    return _Texts(
        slot.label or slot.value,
        label,
        slot.value,
        value,
        large,
        (x, y),
        gradient,
        min(size.least, gradient_size) if "<br>" in gradient else gradient_size,
        slot.mark,
        mark,
    )


def cell_texts(info: GraphInfo, layout: Layout, palette: Palette, digits: int) -> list[Drawing]:
    """Draw the names, values, gradients and, if there are any, marks of cells: a trace for each.

    Unless texts are stacked, either all cells of an array show their names or none do.
    """
    cells, size = list(info.cells.values()), layout.measures
    boxes = [layout.boxes[cell.entry] for cell in cells]
    texts = [
        _texts(cell, box, size, digits, named=True) for cell, box in zip(cells, boxes, strict=True)
    ]
    if not size.stacked and not all(each.label for each in texts):
        crowded = {cell.letter for cell, each in zip(cells, texts, strict=True) if not each.label}
        texts = [
            _texts(cell, box, size, digits, named=cell.letter not in crowded)
            for cell, box in zip(cells, boxes, strict=True)
        ]
    names_at, names, values_at, values, value_sizes, at, gradients, sizes, marks_at, marks = (
        zip(*texts, strict=True) if texts else [()] * len(_Texts._fields)
    )
    drawn = [
        text_trace(names_at, names, size.note, palette.muted, still=True),
        text_trace(values_at, values, [*value_sizes], palette.ink),
        text_trace(at, gradients, [*sizes], _gradient_colours(info.form, palette)),
    ]
    if any(marks):
        colours = [palette.passed if cell.right else palette.failed for cell in cells]
        large = size.least if size.stacked else size.gradient
        drawn.append(text_trace(marks_at, marks, large, colours))
    return drawn


@lru_cache(maxsize=128)
def counts(form: Form, layout: Layout, palette: Palette) -> Drawing:
    """Write under every column, or beside every row, how many of its gradients are nonzero.

    The short form is used if the long one would cross the picture's left edge or, in two lines,
    run into the next count.
    """
    size, texts, in_lines = layout.measures.count, [], layout.counts_in_lines
    what = "≠ 0" if layout.measures.stacked else "nonzero"
    between = "<br>" if in_lines else " "
    for letter, (middle, level) in layout.counts.items():
        nonzero, entries = form.of.counts[letter] or (0, 0)
        ways = (f"<b>{nonzero} of {entries}</b>", f"{nonzero}/{entries}") if entries else ()
        others = (x for x, y in layout.counts.values() if in_lines and y == level and x != middle)
        room = min([2 * middle, *(abs(x - middle) for x in others)])
        texts.append(fitting((f"{way}{between}{what}" for way in ways), size, room))
    return text_trace(list(layout.counts.values()), texts, size, palette.ink)


def _value_text(cell: Cell, digits: int) -> str:
    if cell.known == "nothing":
        return ""
    return f"<b>{number(cell.value, digits_of(cell.value, digits))}</b>"


def _value_shown(cell: Cell, digits: int, slot: _Slots, least: int) -> str:
    """A cell's value, with all its digits if it is on the sliders' grid and they have room."""
    if is_on_grid(cell.value):
        whole = _value_text(cell, DIGITS[0])
        if slot.holds(whole, _gradient_text(cell, digits), least):
            return whole
    return _value_text(cell, digits)


def _digits_shown(cell: Cell, digits: int, slot: _Slots, value: str, least: int) -> int:
    """The digits of a cell's gradient: all if it is on the sliders' grid and they have room."""
    whole = is_on_grid(cell.grad) and slot.holds(value, _gradient_text(cell, DIGITS[0]), least)
    return DIGITS[0] if whole else digits


def _gradient_text(cell: Cell, digits: int) -> str:
    """A cell's gradient as text: ∂ +2, or ∂ 0."""
    if not cell.grad or cell.known != "gradient":
        return "∂ 0"
    return f"<b>∂ {signed(cell.grad, digits_of(cell.grad, digits))}</b>"


def _gradient_texts(cell: Cell, lines: int, digits: int) -> Iterator[str]:
    """The texts that may stand for a cell's gradient, the most informative first."""
    if cell.marked is not None:
        yield from ("<b>● marked</b>", "<b>●</b>") if cell.marked else ("○",)
    elif cell.shares is not None and cell.known != "gradient":
        for share in shares_of(cell.shares) if cell.shares else ():
            words = [f"{each}{SPLIT_WORD}" for each in (" ", "<br>")[:lines]]
            yield from (f"<b>{share}{each}</b>" for each in (words if cell.split else [""]))
        yield from (f"<b>{shares_of(cell.shares)[-1]}</b>",) if cell.shares else UNDECIDED
    elif cell.known == "nothing" or (cell.wrong and cell.known == "value"):
        yield ""
    elif cell.shares:
        yield from _answered_texts(cell, lines, digits)
    elif cell.known == "value" and cell.guess is None:
        yield from ("∂ not yet", "∂ –")
    elif cell.known == "value":
        yield from (f"<b>{text}</b>" for text in MARKED) if cell.guess else UNMARKED
    elif cell.right is False and not cell.wrong:
        own = _gradient_text(cell, digits)
        said = f"{MISSED}</b>" if cell.grad else FALSE_ALARM  # a nonzero gradient is bold
        for apart in (" · ", f" {MARKS[False]}<br>")[:lines]:
            yield f"{own.removesuffix('</b>')}{apart}{said}"
        if lines > 1 and not cell.grad:
            yield f"{own}: {FALSE_ALARM.replace(' ', '<br>')} {MARKS[False]}"
        yield own
    elif cell.grad:
        yield _gradient_text(cell, digits)
    else:
        further = cell.reason.startswith(FURTHER)
        if cell.reason:
            yield f"∂ 0 {cell.reason}" if further else f"∂ 0: {cell.reason}"
        if cell.reason and lines > 1:
            yield f"∂ 0<br>{cell.reason}"
            yield f"∂ 0<br>{cell.reason}".replace(f"<br>{FURTHER}", f" {FURTHER.strip()}<br>")
        yield "∂ 0"


_STOPPED_FURTHER: Final = re.compile(rf"^∂ 0.*{FURTHER.strip()}( |<br>)[a-z]", re.MULTILINE)
"""A zero with a reason behind an arrow; behind the arrow between two votes stands a number."""


def says_further(figure: Mapping[str, Any]) -> bool:
    """Whether the figure shows an arrow before some reason; not every reason has room."""
    texts = chain.from_iterable(drawing.get("text", ()) for drawing in figure["data"])
    said = "\n".join(texts)
    return bool(_STOPPED_FURTHER.search(said))


def _answered_texts(cell: Cell, lines: int, digits: int) -> Iterator[str]:
    """The texts for a gradient that a class has predicted: the usual ones, with the shares."""
    for share in shares_beside(cell.shares or ()):
        for text in _gradient_texts(replace(cell, shares=None), 1, digits):
            plain = text.removeprefix("<b>").removesuffix("</b>")
            if cell.grad:
                yield f"<b>{plain}</b> {share}"
            yield f"{plain} {share}"
            if lines > 1:
                yield f"{plain}<br>{share.strip('()')}"
    yield from _gradient_texts(replace(cell, shares=None), lines, digits)


@lru_cache(maxsize=128)
def _gradient_colours(form: Form, palette: Palette) -> list[str]:
    return [_gradient_colour(cell, palette) for cell in form.of.cells.values()]


def _gradient_colour(cell: Cell, palette: Palette) -> str:
    if cell.right is False:
        return palette.failed
    if cell.known == "gradient" and cell.grad:
        return palette.text(cell.grad)
    answered = cell.marked or (cell.known == "value" and (cell.guess or cell.shares))
    return palette.ink if answered else palette.muted

"""Cells and the edges between them: values forward, gradients flowing back."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain, pairwise
from math import hypot
from typing import Any, Final, NamedTuple

from engine import Gate
from pages.figures.info import FURTHER, Cell, Edge, Form, GraphInfo
from pages.figures.layout import LINE, Layout, Measures, View, finished
from pages.figures.primitives import (
    Box,
    Drawing,
    Point,
    boxes_trace,
    line_trace,
    marks,
    middle_of,
    text_trace,
    text_width,
    turned,
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
    number,
    shares_beside,
    shares_of,
    signed,
)

LOWER: Final = 6.0
BRIEF: Final = 3.4
"""Of the size of text, what a value needs beside its name."""
VALUE: Final = 0.4
"""Of the room behind its name in a flat cell, what the value gets at least."""
GRIDDED: Final = 4
"""So many steps of the sliders are 1."""
DASH: Final = 20
GAP: Final = 9
"""The dashes of a negative edge, and the gaps between them."""
DASHES: Final = 10
"""An edge that would need more has longer ones: a sweep holds them all for every value."""
CLEAR: Final = 0.2
"""Of the room between two columns, what stays clear on either side of where edges begin."""
FARTHEST: Final = 0.75
"""How far along an edge an amount may be written, where others are in its way."""
BESIDE: Final = 26
GATE: Final = 2.5
"""Of the size of text, how far a mark is from the next one, at least, to have words."""
EXACT: Final = 1e-6
"""Of a size of text, so that one with exactly its room has it."""
CLOSE: Final = 6
"""How far from its end of an edge an amount is written: beyond the arrowhead; where none is."""


def graph_figure(
    info: GraphInfo, layout: Layout, view: View, extra: Sequence[Drawing] = ()
) -> dict[str, Any]:
    """The figure, {"data": …, "layout": …}; extra traces lie over the edges and under the text."""
    palette, form = PALETTES[view.theme], info.form
    strong, _ = parted(info.edges, view)
    digits = most_digits(info, layout)
    texts = cell_texts(info, layout, palette, digits)
    return finished(
        [
            cell_boxes(form, layout, view.entry, palette),
            *([] if info.now is None else [_now(form, layout, palette)]),
            *_edges(info, strong, layout, view),
            _gates(form, layout, palette),
            *extra,
            *(amounts(info, strong, layout, view, digits, texts) if view.focus else []),
            *texts,
            counts(form, layout, palette),
        ],
        layout,
        palette,
    )


def _edges(
    info: GraphInfo, strong: Sequence[Edge], layout: Layout, view: View
) -> Iterator[Drawing]:
    """Edges, behind the cells where some go between them."""
    palette, form = PALETTES[view.theme], info.form
    drawn = [
        *([faint(form, layout, view)] if view.focus else []),
        *([_onward(layout, palette)] if layout.reach and layout.down else []),
        thin(form, layout, view, "gradient"),
        thin(form, layout, view, "value"),
        *flow(info, strong, layout, palette),
        *(_along(info, strong, layout, palette, sign) for sign in (+1, -1) if layout.grids),
    ]
    yield from ({**each, "zorder": -1} if layout.down else each for each in drawn)


@lru_cache(maxsize=128)
def _now(form: Form, layout: Layout, palette: Palette) -> Drawing:
    """Behind the cells, or the heat maps, of what is computed at this step."""
    letters = form.of.now or frozenset()
    around = 0.5 * layout.measures.gap + 2
    computed = [cell for cell in form.of.cells.values() if cell.letter in letters]
    boxes = [layout.boxes[cell.entry] for cell in computed if cell.entry in layout.boxes]
    boxes += [layout.columns[letter] for letter in sorted(letters & layout.maps.keys())]
    grown = [
        (left - around, top - around, width + 2 * around, height + 2 * around)
        for left, top, width, height in boxes
    ]
    return {**filled(map(_corners, grown), palette.now), "zorder": -1}


# --- cells


class _Slots(NamedTuple):
    """Where the texts of a cell stand, by their middles, how wide and how large they may be.

    gradient_lines: how many the gradient has. label: None where the name has no room. shared: in a
    flat cell the room that value and gradient have together. centred: in the middle of a cell with
    a name the value's room, which has more beside the name, about the level `beside`.
    """

    label: Point | None
    value: Point
    gradient: Point
    mark: Point
    value_room: float
    gradient_room: float
    value_size: int
    gradient_size: int
    gradient_lines: int = 1
    shared: float | None = None
    centred: float | None = None
    beside: float = 0.0

    def holds(self, value: str, gradient: str, least: int) -> bool:
        """Whether both have room in a size that can be read."""
        wide, beside = text_width(value, least), text_width(gradient, least)
        if self.shared is not None:
            return wide + beside <= self.shared
        return wide <= self.value_room and beside <= self.gradient_room

    def shared_by(self, value: str, gradient: str, least: int) -> "_Slots":
        """With a value where it has room: in a flat cell with more than its share, or with less."""
        wide = text_width(value, self.value_size)
        if self.centred is not None:
            if wide <= self.centred:
                return self._replace(value_room=self.centred)
            return self._replace(value=(self.beside, self.value[1]))
        if self.shared is None:
            return self
        short, long = text_width(value, least), text_width(gradient, least)
        most = max(self.shared - long, short / (short + long) * self.shared)
        more = min(max(wide, self.value_room), most) - self.value_room
        (x, level), (beside, _) = self.value, self.gradient
        return self._replace(
            value=(x + more / 2, level),
            gradient=(beside + more / 2, level),
            value_room=self.value_room + more,
            gradient_room=self.shared - self.value_room - more,
        )


@lru_cache(maxsize=4096)  # a sweep asks for the same ones in every frame
def _slots(box: Box, label: str, size: Measures, *, apart: bool = False) -> _Slots:
    """Beneath each other; in a flat cell all three beside each other.

    label: "" without a name. apart: whether name and value are not to share a line.
    """
    left, top, width, height = box
    middle, named, inside = left + width / 2, text_width(label, size.note), size.inside
    if size.stacked:
        return _stacked(box, named, size, apart)
    if height < size.flat:
        level, begin = top + height / 2, left + named + (2 if named else 1) * inside
        rest = left + width - begin
        return _Slots(
            (left + named / 2 + inside, level),
            (begin + VALUE / 2 * rest, level),
            (begin + (1 + VALUE) / 2 * rest, level),
            (begin + 9, level),
            VALUE * rest - inside,
            (1 - VALUE) * rest - inside,
            max(size.least, min(size.flat_value, round(0.85 * height))),
            max(size.least, min(size.note, round(0.85 * height))),
            shared=rest - 2 * inside,
        )
    mark = (left + width - 22, top + 17)
    if width < size.narrow and height >= 3 * LINE * size.least:
        lines = [top + height * (2 * line + 1) / 6 for line in range(3)]
        label_at, value_at, gradient_at = ((middle, line) for line in lines)
        room, value_size = width - 2 * inside, max(size.least, round(height / 3.6))
        return _Slots(label_at, value_at, gradient_at, mark, room, room, value_size, size.least)
    beside = 0.0 if width >= size.narrow else named / 2  # the name has its room
    has_room = width - 2 * beside >= BRIEF * size.least
    beside = beside if has_room else 0.0
    value_size = max(size.least, min(size.value, round(0.42 * height)))
    gradient_size = max(size.least, min(size.gradient, round(0.36 * height)))
    value_line, gradient_line = LINE * value_size, LINE * gradient_size
    gap = max(0.5, (height - value_line - gradient_line) / 3)  # inside the border
    at = named / 2 + inside if beside else max(22, named / 2 + inside)
    begin = at + named / 2 + inside if has_room and named else inside
    return _Slots(
        (left + at, top + min(17, 0.28 * height)) if has_room else None,
        (middle + beside, top + gap + value_line / 2),
        (middle, top + height - gap - gradient_line / 2),
        (mark[0], min(mark[1], top + gap + value_line / 2)),
        width - inside - begin,
        width - 2 * inside,
        value_size,
        gradient_size,
        centred=width - 2 * (begin if not beside else inside + beside),
        beside=left + (begin + width - inside) / 2,
    )


def _stacked(box: Box, named: float, size: Measures, apart: bool) -> _Slots:
    """Name and value in one line, and beneath them the gradient in up to two; else a line each."""
    left, top, width, height = box
    begin, room, line = left + named + 2 * size.inside, width - 2 * size.inside, height / 3
    rest, middle = left + width - begin, left + width / 2
    if apart or rest < BRIEF * size.least:
        label, value, gradient = ((middle, top + line * (row + 0.5)) for row in range(3))
        label = (left + size.inside + named / 2, label[1])
        mark, one = (left + width - 8, top + 0.5 * line), size.least
        return _Slots(label, value, gradient, mark, room, room, one + 1, one)
    return _Slots(
        (left + size.inside + named / 2, top + 0.62 * line),
        (begin + rest / 2, top + 0.62 * line),
        (left + width / 2, top + 1.97 * line),
        (left + width - 7, top + 1.45 * line),
        rest - 2 * size.inside,
        room,
        size.value,
        size.gradient,
        2,
    )


def _fitting(
    texts: Iterable[str], room: float, size: int, least: int, free: float
) -> tuple[str, int]:
    """The first text that has room in a size that can be read, as large as it may be.

    The last one where none has, over what is to stay free, and then smaller than can be read: no
    text crosses its cell's border.
    """
    text, wide = "", 0.0
    for text in texts:
        wide = text_width(text, 1)
        largest = int(room / wide + EXACT) if text else size
        if largest >= least:
            return text, min(size, largest)
    return text, max(1, min(least, int((room + free) / wide + EXACT))) if text else least


@lru_cache(maxsize=128)  # of these one form has the same, whatever its numbers are
def cell_boxes(form: Form, layout: Layout, selected: str, palette: Palette) -> Drawing:
    """The cells themselves, filled and bordered by the sign of their gradient."""
    cells = list(form.of.cells.values())
    boxes = [layout.boxes[cell.entry] for cell in cells]
    return boxes_trace(
        boxes,
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
                "color": [_border(cell, selected, palette) for cell in cells],
                "width": [layout.measures.line * _border_width(cell, selected) for cell in cells],
            },
        },
    )


def _border(cell: Cell, selected: str, palette: Palette) -> str:
    if cell.entry == selected or _stands_out(cell):
        return palette.accent
    return palette.sign(cell.grad if cell.known == "gradient" else 0)


def _border_width(cell: Cell, selected: str) -> float:
    if _stands_out(cell):
        return 8
    if cell.entry == selected:
        return 5
    return 3 if cell.known == "gradient" and cell.grad else 1.5


def _stands_out(cell: Cell) -> bool:
    """Whether a class disagrees about it, and does not know yet."""
    return cell.split and cell.known == "value"


def most_digits(info: GraphInfo, layout: Layout) -> int:
    """As many as every number of the picture has room for: a number is the same wherever it is.

    A name gives way before they do.
    """
    size = layout.measures
    room = {_digits_held(cell, layout.boxes[cell.entry], size) for cell in info.cells.values()}
    return next((each for each in DIGITS if all(each in held for held in room)), DIGITS[-1])


@lru_cache(maxsize=4096)  # most cells are the same in the next picture too
def _digits_held(cell: Cell, box: Box, size: Measures) -> frozenset[int]:
    """With how many digits a cell has room for its numbers."""
    slot = _slots(box, "", size)
    return frozenset(digits for digits in DIGITS if _holds(cell, slot, digits, size))


def _holds(cell: Cell, slot: _Slots, digits: int, size: Measures) -> bool:
    """Whether a cell has room for its numbers with so many digits."""
    gradient = _gradient_text(cell, digits) if cell.known == "gradient" else ""
    return slot.holds(_value_text(cell, digits), gradient, size.least)


@lru_cache(maxsize=4096)
def _named(cell: Cell, box: Box, size: Measures, digits: int) -> tuple[str, _Slots]:
    """A cell's name, and where it is if all texts have room: beside the value, above it, or not."""
    label = f"<i>{cell.label}</i>"
    for apart in (False, True)[: 1 + size.stacked]:
        slot = _slots(box, label, size, apart=apart)
        flat = slot.shared is not None
        has_room = (
            _holds(cell, slot, digits, size)
            if flat
            else text_width(_value_text(cell, digits), size.least) <= slot.value_room
        )
        if slot.label is not None and has_room:
            return label, slot
    return "", _slots(box, "", size)


class _Texts(NamedTuple):
    """What is written in a cell, each text with its middle and, where that differs, its size."""

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
    """Those of a cell; named: whether its name is one of them, where it has room."""
    label, slot = _named(cell, box, size, digits) if named else ("", _slots(box, "", size))
    value = _value_shown(cell, digits, slot, size.least)
    digits = _digits_shown(cell, digits, slot, value, size.least)
    gradient = _gradient_text(cell, digits)
    slot = slot.shared_by(value, gradient, size.least)
    free = size.inside * (2 if slot.shared is None else 1)
    value, large = _fitting([value], slot.value_room, slot.value_size, size.least, free)
    room = slot.gradient_room
    if slot.value[1] == slot.gradient[1]:  # beside it
        room = min(room, 2 * (slot.gradient[0] - slot.value[0]) - text_width(value, large))
    texts = _gradient_texts(cell, slot.gradient_lines, digits)
    gradient, gradient_size = _fitting(texts, room, slot.gradient_size, size.least, free)
    mark = "" if cell.right is None else MARKS[cell.right]
    mark = f"<b>{mark}</b>" if mark and mark not in gradient else ""
    return _Texts(
        slot.label or slot.value,
        label,
        slot.value,
        value,
        large,
        _clear_of(mark, slot, gradient),
        gradient,
        min(size.least, gradient_size) if "<br>" in gradient else gradient_size,
        slot.mark,
        mark,
    )


def cell_texts(info: GraphInfo, layout: Layout, palette: Palette, digits: int) -> list[Drawing]:
    """The names of cells, their values, gradients and marks: a trace for each that there are.

    Beside their values all of an array have names, or none.
    """
    cells, size = list(info.cells.values()), layout.measures
    boxes = [layout.boxes[cell.entry] for cell in cells]
    texts = [
        _texts(cell, box, size, digits, named=True) for cell, box in zip(cells, boxes, strict=True)
    ]
    crowded = {
        cell.letter
        for cell, each in zip(cells, texts, strict=True)
        if not size.stacked and not each.label
    }
    if crowded:
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


def _clear_of(mark: str, slot: _Slots, text: str) -> Point:
    """Where a gradient stands: one line that might be two lower where a mark is above its end."""
    x, y = slot.gradient
    return (x, y + LOWER * bool(mark and slot.gradient_lines > 1 and "<br>" not in text))


@lru_cache(maxsize=128)
def counts(form: Form, layout: Layout, palette: Palette) -> Drawing:
    """Under every column, or beside every row: how many of its gradients are nonzero."""
    size = layout.measures.count
    known = [form.of.counts[letter] for letter in layout.counts]
    said = [f"<b>{count[0]} of {count[1]}</b>" if count else "" for count in known]
    nonzero = "≠ 0" if layout.measures.stacked else "nonzero"
    between = "<br>" if layout.counts_in_lines else " "
    texts = [f"{each}{between}{nonzero}" if each else "" for each in said]
    return text_trace(list(layout.counts.values()), texts, size, palette.ink)


def _on_grid(value: float) -> bool:
    """Whether a slider could have it."""
    return (value * GRIDDED).is_integer()


def _value_text(cell: Cell, digits: int) -> str:
    """A cell's value."""
    if cell.known == "nothing":
        return ""
    return f"<b>{number(cell.value, digits_of(cell.value, digits))}</b>"


def _value_shown(cell: Cell, digits: int, slot: _Slots, least: int) -> str:
    """A cell's value; whole where it is on the sliders' grid and has room."""
    if _on_grid(cell.value):
        whole = _value_text(cell, DIGITS[0])
        if slot.holds(whole, _gradient_text(cell, digits), least):
            return whole
    return _value_text(cell, digits)


def _digits_shown(cell: Cell, digits: int, slot: _Slots, value: str, least: int) -> int:
    """Those of a cell's gradient: all where it is on the sliders' grid, and has room."""
    on_grid = cell.known == "gradient" and _on_grid(cell.grad)
    whole = on_grid and slot.holds(value, _gradient_text(cell, DIGITS[0]), least)
    return DIGITS[0] if whole else digits


def _gradient_text(cell: Cell, digits: int) -> str:
    """A cell's gradient alone."""
    if not cell.grad or cell.known != "gradient":
        return "∂ 0"
    return f"<b>∂ {signed(cell.grad, digits_of(cell.grad, digits))}</b>"


def _gradient_texts(cell: Cell, lines: int, digits: int) -> Iterator[str]:
    """What is said of a cell's gradient, briefer and briefer."""
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
        for apart in (" · ", f" {MARKS[False]}<br>")[:lines]:
            said = MISSED if cell.grad else FALSE_ALARM
            yield f"{own.removesuffix('</b>')}{apart}{said}{'</b>' * bool(cell.grad)}"
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
"""Of a zero: words behind an arrow. Behind that of two votes stands a number."""


def says_further(figure: Mapping[str, Any]) -> bool:
    """Whether an arrow stands before some reason: not all have room."""
    texts = chain.from_iterable(drawing.get("text", ()) for drawing in figure["data"])
    return bool(_STOPPED_FURTHER.search("\n".join(texts)))


def _answered_texts(cell: Cell, lines: int, digits: int) -> Iterator[str]:
    """What is said of a gradient that a class has predicted: as of others, and the shares."""
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


# --- edges


def _ends(edge: Edge, info: GraphInfo, layout: Layout) -> tuple[Point, Point]:
    """Where the gradient comes from, at the head, and where it goes to, at the tail."""
    return _placed(edge.tail, edge.head, info.cells[edge.tail].letter, layout)


@lru_cache(maxsize=8192)  # edges are where they were, whatever moves
def _placed(tail: str, head: str, letter: str, layout: Layout) -> tuple[Point, Point]:
    at, to = (layout.reach.get(entry, layout.boxes[entry]) for entry in (tail, head))
    return ends(at, to, layout, letter)


def ends(tail: Box, head: Box, layout: Layout, letter: str = "") -> tuple[Point, Point]:
    """Where an edge between two boxes begins and ends; letter: of what is at its tail."""
    over = layout.above.get(letter)
    if not layout.down:
        return _between(tail, head, over, layout.height)
    start, end = _between(turned(tail), turned(head), over, layout.width)
    return start[::-1], end[::-1]


def _between(
    tail: Box, head: Box, over: tuple[float, float] | None, height: float
) -> tuple[Point, Point]:
    """The ends of an edge. over: from where to where those out of the tail begin, at its border."""
    left, top, width, tall = tail
    start = (head[0], head[1] + head[3] / 2)
    if over is None:
        return start, (left + width, top + tall / 2)
    # Spread along the border, the farthest head to the left: the edges do not cross.
    bottom, (first, last) = top + tall, over
    if start[1] > bottom:
        far, edge_y = (start[1] - bottom) / (height - bottom), bottom
    else:
        far, edge_y = (top - start[1]) / top, top
    if first <= left and left + width <= last:
        return start, (left + width * (0.95 - 0.9 * far), edge_y)
    # A cell that is wider than the room of its edges: they stay clear of the columns beside it.
    first, last = first + CLEAR * (last - first), last - CLEAR * (last - first)
    begin, end = (min(max(x, first), last) for x in (left, left + width))
    return start, (begin + (end - begin) * (0.95 - 0.9 * far), edge_y)


def parted(edges: Sequence[Edge], view: View) -> tuple[Sequence[Edge], Sequence[Edge]]:
    """The edges that are to be seen, and those that recede."""
    if not view.focus:
        return edges, ()
    touching = [edge for edge in edges if view.entry in (edge.tail, edge.head)]
    return touching, [edge for edge in edges if view.entry not in (edge.tail, edge.head)]


@lru_cache(maxsize=128)
def faint(form: Form, layout: Layout, view: View) -> Drawing:
    """Edges that recede: that they are there, and nothing else."""
    points = _points(parted(form.of.edges, view)[1], form.of, layout)
    return line_trace(points, max(1.0, 1.5 * layout.measures.line), PALETTES[view.theme].hatch)


def _onward(layout: Layout, palette: Palette) -> Drawing:
    """From where edges end to the cells that stand behind others."""
    lines: list[Point | None] = []
    for entry, (left, top, width, height) in layout.reach.items():
        _, upper, _, tall = layout.boxes[entry]
        x = left + width / 2
        lines += [(x, top), (x, upper), None, (x, upper + tall), (x, top + height), None]
    return line_trace(lines, 1.5, palette.line)


@lru_cache(maxsize=256)
def thin(form: Form, layout: Layout, view: View, known: str) -> Drawing:
    """Edges without a gradient, dotted; or those of the forward pass alone, with heads."""
    dotted, info, palette = known == "gradient", form.of, PALETTES[view.theme]
    strong, _ = parted(info.edges, view)
    shown = [edge for edge in strong if edge.known == known and not (dotted and edge.amount)]
    points = _points(shown, info, layout)
    width = (2.5 if dotted else 1.5) * layout.measures.line
    if dotted:
        return line_trace(points, max(1.0, width), palette.line, "dot")
    for edge in shown:
        head, tail = _ends(edge, info, layout)
        points += [*_head(tail, head, layout.measures.line), None]
    lines = line_trace(points, max(1.0, width), palette.line)
    return lines | {"fill": "toself", "fillcolor": palette.line}


def flow(
    info: GraphInfo, edges: Sequence[Edge], layout: Layout, palette: Palette
) -> Iterator[Drawing]:
    """Edges with a gradient: arrows, backwards, as filled shapes of their own width.

    First the positive ones. A negative one is broken into dashes, so that the sign is not told by
    colour alone.
    """
    shapes: dict[bool, list[Sequence[Point]]] = {False: [], True: []}
    largest = max([4.0, *(abs(edge.amount) for edge in edges)])
    for edge in edges:
        if edge.amount and edge.known == "gradient":
            width = (3 + 7 * abs(edge.amount) / largest) * layout.measures.line
            negative = edge.amount < 0
            shapes[negative] += arrow(
                *_ends(edge, info, layout), width, layout.measures.line, negative
            )
    return (filled(each, palette.sign(-1 if negative else +1)) for negative, each in shapes.items())


def _along(
    info: GraphInfo, edges: Sequence[Edge], layout: Layout, palette: Palette, sign: int
) -> Drawing:
    """From where arrows to cells in rows and columns end to beneath the cells themselves."""
    points: list[Point | None] = []
    for edge in edges:
        if edge.tail in layout.reach and edge.known == "gradient" and edge.amount * sign > 0:
            left, top, wide, tall = layout.reach[edge.tail]
            _, (end, _) = _ends(edge, info, layout)
            if not left <= end <= left + wide:
                level = top + tall + CLOSE / 2
                points += [_brief(end, level), _brief(left + wide / 2, level), None]
    return line_trace(points, CLOSE / 2, palette.sign(sign))


def amounts(
    info: GraphInfo,
    edges: Sequence[Edge],
    layout: Layout,
    view: View,
    digits: int,
    over: Sequence[Drawing],
) -> list[Drawing]:
    """What comes back along each edge, written on it at the end that is not the chosen one.

    Where that would lie on another text, of cells too, it is only said beside the picture. over:
    the texts of the cells.
    """
    shown = [edge for edge in edges if edge.known == "gradient" and (edge.amount or edge.term)]
    terms = ["" if layout.down else edge.term for edge in shown]
    taken = [box for each in over for box in _text_boxes(each)]
    places: list[tuple[Box, str]] = []
    for edge, term in zip(shown, terms, strict=True):
        for amount in _amount_texts(edge.amount, digits):
            text = f"{term} = {amount}".removeprefix(" = ")
            place = _place_on(edge, text, info, layout, view, taken)
            if place is not None:
                taken.append(place)
                places.append((place, text))
                break
    # Paper, so that what a text stands on does not go through it.
    under, palette = [_corners(place) for place, _ in places], PALETTES[view.theme]
    at, said = [_brief(*middle_of(place)) for place, _ in places], [text for _, text in places]
    return [filled(under, palette.paper), text_trace(at, said, layout.measures.note, palette.ink)]


def _amount_texts(amount: float, digits: int) -> Iterator[str]:
    """First as sentences have it, where it is on the sliders' grid, then as cells do."""
    if _on_grid(amount):
        yield signed(amount)
    yield signed(amount, digits_of(amount, digits))


def _place_on(
    edge: Edge, text: str, info: GraphInfo, layout: Layout, view: View, taken: Sequence[Box]
) -> Box | None:
    """Where a text has room on an edge, at the end that is not the chosen entry's."""
    size = layout.measures.note
    half, high = text_width(text, size) / 2 + 3, 0.6 * size
    head, tail = _ends(edge, info, layout)
    near, far = (head, tail) if edge.tail == view.entry else (tail, head)
    # No arrowhead is where the gradient comes from.
    clear = (BESIDE if near == tail else CLOSE) * layout.measures.line
    along = (half + clear) / max(abs(far[0] - near[0]), 1)
    if layout.down:
        along = min(along, (high + clear) / max(abs(far[1] - near[1]), 1))
    elif near == tail and info.cells[edge.tail].letter in layout.above:
        along = max(along, clear / max(abs(far[1] - near[1]), 1))
    return _free_place(near, far, min(along, 0.5), (2 * half, 2 * high), taken)


def _text_boxes(texts: Drawing) -> Iterator[Box]:
    """Where the texts of a trace are."""
    sizes = texts["textfont"]["size"]
    each = sizes if isinstance(sizes, list) else [sizes] * len(texts["text"])
    for x, y, text, size in zip(texts["x"], texts["y"], texts["text"], each, strict=True):
        if text:
            yield _text_box(x, y, text, size)


@lru_cache(maxsize=4096)
def _text_box(x: float, y: float, text: str, size: int) -> Box:
    wide, high = text_width(text, size), LINE * size * (1 + text.count("<br>"))
    return x - wide / 2, y - high / 2, wide, high


@lru_cache(maxsize=4096)  # texts of one length, on edges that stay
def _corners(box: Box) -> list[Point]:
    left, top, width, height = box
    across, down = (left, left + width), (top, top + height)
    turns = ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))
    return [_brief(across[x], down[y]) for x, y in turns]


def _free_place(
    near: Point, far: Point, along: float, size: tuple[float, float], taken: Sequence[Box]
) -> Box | None:
    """The first box of this size on an edge, from so far along it, that lies on none of these."""
    width, height = size
    while along < FARTHEST:
        x, y = near[0] + along * (far[0] - near[0]), near[1] + along * (far[1] - near[1])
        if not any(
            abs(x - left - wide / 2) < (width + wide) / 2
            and abs(y - top - tall / 2) < (height + tall) / 2
            for left, top, wide, tall in taken
        ):
            return x - width / 2, y - height / 2, width, height
        along += 0.04
    return None


def _points(edges: Sequence[Edge], info: GraphInfo, layout: Layout) -> list[Point | None]:
    """A line for each edge, with a gap behind it."""
    points: list[Point | None] = []
    for edge in edges:
        points += _line(*_ends(edge, info, layout))
    return points


@lru_cache(maxsize=4096)
def _line(start: Point, end: Point) -> Sequence[Point | None]:
    return _brief(*start), _brief(*end), None


def _brief(x: float, y: float) -> Point:
    """A tenth of a pixel is exact enough, and 12 is shorter to send than 12.0."""
    x, y = round(x, 1), round(y, 1)
    return int(x) if x == int(x) else x, int(y) if y == int(y) else y


def filled(shapes: Iterable[Sequence[Point]], colour: str) -> Drawing:
    """Closed shapes without a border."""
    points = [point for shape in shapes for point in (*shape, None)]
    return line_trace(points, 0, colour) | {"fill": "toself", "fillcolor": colour}


@lru_cache(maxsize=4096)  # of few widths while one entry moves
def arrow(
    start: Point, end: Point, width: float, line: float, dashed: bool = False
) -> Sequence[Sequence[Point]]:
    """An arrow as closed shapes: its head, and its shaft in one piece or in dashes."""
    dash, gap = round(DASH * line), round(GAP * line)
    (from_x, from_y), (to_x, to_y) = start, end
    length = hypot(to_x - from_x, to_y - from_y)
    along = ((to_x - from_x) / length, (to_y - from_y) / length)
    half, head_half = width / 2, 6 * line + width
    neck = length - 12 * line - 1.2 * width

    def at(distance: float, aside: float) -> Point:
        return _brief(
            from_x + along[0] * distance - along[1] * aside,
            from_y + along[1] * distance + along[0] * aside,
        )

    head = [at(neck, half), at(neck, head_half), at(length, 0), at(neck, -head_half)]
    if not dashed:
        return [[at(0, half), *head, at(neck, -half), at(0, -half)]]
    longer = max(1.0, neck / (DASHES * (dash + gap)))
    starts = (round(longer * begin) for begin in range(0, int(neck / longer), dash + gap))
    return [
        head,
        *(
            [at(begin, half), at(stop, half), at(stop, -half), at(begin, -half)]
            for begin in starts
            for stop in [min(begin + round(longer * dash), neck)]
        ),
    ]


def _head(start: Point, end: Point, line: float) -> list[Point]:
    """The head of a thin arrow, closed."""
    (from_x, from_y), (to_x, to_y) = start, end
    length = hypot(to_x - from_x, to_y - from_y)
    along = ((to_x - from_x) / length, (to_y - from_y) / length)
    back, half = 16 * line, 6 * line
    neck = (to_x - along[0] * back, to_y - along[1] * back)
    aside = (-along[1] * half, along[0] * half)
    return [
        _brief(neck[0] + aside[0], neck[1] + aside[1]),
        _brief(to_x, to_y),
        _brief(neck[0] - aside[0], neck[1] - aside[1]),
        _brief(neck[0] + aside[0], neck[1] + aside[1]),
    ]


@lru_cache(maxsize=128)
def _gates(form: Form, layout: Layout, palette: Palette) -> Drawing:
    """An inactive unit or a kink, on the edge itself, whether or not a gradient arrives there."""
    gates = form.of.gates
    shown = [gate for gate in gates if gate.gate is not Gate.OPEN]
    between = {gate: _across(gate.tail, gate.head, layout) for gate in gates}
    said = ["inactive" if gate.gate is Gate.CLOSED else "kink" for gate in shown]
    size = layout.measures
    places = sorted(_halfway(*each) for each in between.values())
    apart = min(
        (low - y for (x, y), (other, low) in pairwise(places) if round(x) == round(other)),
        default=layout.height,
    )
    roomy = not size.stacked and apart >= GATE * size.note
    own = [between[gate] for gate in shown]
    return marks(
        [_halfway(*each) for each in own],
        ["x-thin" if gate.gate is Gate.CLOSED else "diamond" for gate in shown],
        # The legend says it where there is no room.
        [
            text if roomy and text_width(text, size.note) < abs(one[0] - other[0]) else ""
            for text, (one, other) in zip(said, own, strict=True)
        ],
        palette,
        size.line,
    )


def _across(tail: str, head: str, layout: Layout) -> tuple[Point, Point]:
    """The ends of an edge between two cells themselves."""
    return ends(layout.boxes[tail], layout.boxes[head], layout)


def _halfway(one: Point, other: Point) -> Point:
    return (one[0] + other[0]) / 2, (one[1] + other[1]) / 2

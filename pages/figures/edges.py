"""Draw the edges between cells, the gradients that flow back along them, and the gates on them."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from math import hypot
from typing import Final

from engine import Gate
from pages.figures.info import Edge, Form, GraphInfo
from pages.figures.layout import LINE, Layout, View
from pages.figures.primitives import (
    Box,
    Drawing,
    Point,
    area_trace,
    brief,
    corners,
    grown,
    line_trace,
    middle_of,
    points_trace,
    text_trace,
    text_width,
    turned,
)
from pages.figures.theme import FONT, NOTE_SIZE, PALETTES, Palette
from pages.figures.words import digits_of, is_on_grid, signed

DASH: Final = 20  # the length of the dashes of a negative edge
GAP: Final = 9  # the length of the gaps between them
DASHES: Final = 10  # the most dashes of an edge; long edges have longer ones, to keep sweeps short
CLEAR: Final = 0.2
"""The share of the space between two columns that stays clear on either side of edges' starts."""
FARTHEST: Final = 0.75
"""How far along its edge an amount may move, as a share of its length, to avoid other texts."""
GATE: Final = 2.5  # the least distance between marks that have words, in units of the text size
SIDES: Final = ("top center", "bottom center")
"""Where the word of a mark stands: above it or, as second choice, beneath it."""
MARK: Final = 20  # the size of a mark
CORNER: Final = 4.0  # how far below a cell's upper corner edges that pass other cells begin and end
BESIDE: Final = 26  # the distance of an amount from the end of its edge, with an arrowhead there
CLOSE: Final = 6  # the same without an arrowhead there
BORDER: Final = 4  # how far the paper behind an amount may overlap a cell


def ends_of(edge: Edge, info: GraphInfo, layout: Layout) -> tuple[Point, Point]:
    """The two ends of an edge: at its head, where the gradient starts, and at its tail."""
    of_tail, of_head = (info.cells[entry].letter for entry in (edge.tail, edge.head))
    return _placed(edge.tail, edge.head, of_tail, of_head, layout)


@lru_cache(maxsize=8192)  # edges stay in place, whatever moves
def _placed(
    tail: str, head: str, of_tail: str, of_head: str, layout: Layout
) -> tuple[Point, Point]:
    at, to = (layout.reach.get(entry, layout.boxes[entry]) for entry in (tail, head))
    if (of_tail, of_head) in layout.corners:
        at = _upper(at)
    if (of_head, of_tail) in layout.corners:
        to = _upper(to)
    return ends(at, to, layout, of_tail)


def _upper(box: Box) -> Box:
    """The part of a box at which an edge begins or ends near the upper corner."""
    left, top, width, _ = box
    return left, top, width, 2 * CORNER


def ends(tail: Box, head: Box, layout: Layout, letter: str = "") -> tuple[Point, Point]:
    """The two ends of an edge between two boxes, head first. letter: of the array at its tail."""
    over = layout.above.get(letter)
    if not layout.down:
        return _between(tail, head, over, layout.height)
    start, end = _between(turned(tail), turned(head), over, layout.width)
    return start[::-1], end[::-1]


def _between(
    tail: Box, head: Box, over: tuple[float, float] | None, height: float
) -> tuple[Point, Point]:
    """The ends of an edge, head first. over: the range of x where edges leave the tail's border."""
    left, top, width, tall = tail
    start = (head[0], head[1] + head[3] / 2)
    if over is None:
        return start, (left + width, top + tall / 2)
    # Spread along the border, the farthest head leftmost, so that the edges do not cross.
    bottom, (first, last) = top + tall, over
    if start[1] > bottom:
        far, edge_y = (start[1] - bottom) / (height - bottom), bottom
    else:
        far, edge_y = (top - start[1]) / top, top
    if first <= left and left + width <= last:
        return start, (left + width * (0.95 - 0.9 * far), edge_y)
    # The cell is wider than the space for its edges: these stay clear of the columns beside it.
    first, last = first + CLEAR * (last - first), last - CLEAR * (last - first)
    begin, end = (min(max(x, first), last) for x in (left, left + width))
    return start, (begin + (end - begin) * (0.95 - 0.9 * far), edge_y)


def behind(drawn: Iterable[Drawing], layout: Layout) -> Iterator[Drawing]:
    """The edges, put behind cells and heat maps if some edges run between or past these."""
    crossing = layout.down or layout.passing
    return ({**each, "zorder": -1} if crossing else each for each in drawn)


def parted(edges: Sequence[Edge], view: View) -> tuple[Sequence[Edge], Sequence[Edge]]:
    """The edges that are drawn in full, and those that recede."""
    if not view.focus:
        return edges, ()
    touching = [edge for edge in edges if view.entry in (edge.tail, edge.head)]
    return touching, [edge for edge in edges if view.entry not in (edge.tail, edge.head)]


@lru_cache(maxsize=128)
def faint(form: Form, layout: Layout, view: View) -> Drawing:
    """Draw the receding edges as plain faint lines."""
    points = _points(parted(form.of.edges, view)[1], form.of, layout)
    return line_trace(points, max(1.0, 1.5 * layout.measures.line), PALETTES[view.theme].hatch)


def onward(layout: Layout, palette: Palette) -> Drawing:
    """Draw lines from where edges end to the cells that stand behind others."""
    lines: list[Point | None] = []
    for entry, (left, top, width, height) in layout.reach.items():
        _, upper, _, tall = layout.boxes[entry]
        x = left + width / 2
        lines += [(x, top), (x, upper), None, (x, upper + tall), (x, top + height), None]
    return line_trace(lines, 1.5, palette.line)


@lru_cache(maxsize=256)
def thin(form: Form, layout: Layout, view: View, known: str) -> Drawing:
    """Draw edges with a gradient of 0, dotted, or those of the forward pass alone, with heads."""
    dotted, info, palette = known == "gradient", form.of, PALETTES[view.theme]
    strong, _ = parted(info.edges, view)
    shown = [edge for edge in strong if edge.known == known and not (dotted and edge.amount)]
    points = _points(shown, info, layout)
    width = (2.5 if dotted else 1.5) * layout.measures.line
    if dotted:
        return line_trace(points, max(1.0, width), palette.line, "dot")
    for edge in shown:
        head, tail = ends_of(edge, info, layout)
        points += [*_head(tail, head, layout.measures.line), None]
    return area_trace(points, palette.line, palette.line, max(1.0, width))


def flow(
    info: GraphInfo, edges: Sequence[Edge], layout: Layout, palette: Palette
) -> Iterator[Drawing]:
    """Draw edges with a nonzero gradient: filled arrows that point back, wider for larger amounts.

    The positive arrows come first. The negative ones are dashed, so that the sign is not shown by
    colour alone.
    """
    shapes: dict[bool, list[Sequence[Point]]] = {False: [], True: []}
    largest = max([4.0, *(abs(edge.amount) for edge in edges)])
    for edge in edges:
        if edge.amount and edge.known == "gradient":
            width = (3 + 7 * abs(edge.amount) / largest) * layout.measures.line
            negative = edge.amount < 0
            shapes[negative] += arrow(
                *ends_of(edge, info, layout), width, layout.measures.line, negative
            )
    return (filled(each, palette.sign(-1 if negative else +1)) for negative, each in shapes.items())


def along_grids(
    info: GraphInfo, edges: Sequence[Edge], layout: Layout, palette: Palette, sign: int
) -> Drawing:
    """Draw lines from where the arrows to a grid of cells end to beneath their own cells."""
    points: list[Point | None] = []
    for edge in edges:
        if edge.tail in layout.reach and edge.known == "gradient" and edge.amount * sign > 0:
            left, top, wide, tall = layout.reach[edge.tail]
            _, (end, _) = ends_of(edge, info, layout)
            if not left <= end <= left + wide:
                level = top + tall + CLOSE / 2
                points += [brief(end, level), brief(left + wide / 2, level), None]
    return line_trace(points, CLOSE / 2, palette.sign(sign))


def amounts(
    info: GraphInfo,
    edges: Sequence[Edge],
    layout: Layout,
    view: View,
    digits: int,
    over: Sequence[Drawing],
) -> list[Drawing]:
    """Write on each edge what flows back along it, near the end that is not the chosen entry's.

    An amount that would lie on another text, or on a cell beside the edge, is omitted; it is stated
    beside the picture. over: the texts of cells and gates.
    """
    shown = [edge for edge in edges if edge.known == "gradient" and (edge.amount or edge.term)]
    terms = ["" if layout.down else edge.term for edge in shown]
    taken = [box for each in over for box in _occupied(each)] if shown else []
    if shown and not layout.down:
        taken += [grown(box, -BORDER) for box in layout.boxes.values()]
    places: list[tuple[Box, str]] = []
    for edge, term in zip(shown, terms, strict=True):
        for amount in _amount_texts(edge.amount, digits):
            text = f"{term} = {amount}".removeprefix(" = ")
            place = _place_on(edge, text, info, layout, view, taken)
            if place is not None:
                taken.append(place)
                places.append((place, text))
                break
    # Paper behind each text, so that nothing shows through it.
    under, palette = [corners(place) for place, _ in places], PALETTES[view.theme]
    at, said = [brief(*middle_of(place)) for place, _ in places], [text for _, text in places]
    return [filled(under, palette.paper), text_trace(at, said, layout.measures.note, palette.ink)]


def _amount_texts(amount: float, digits: int) -> Iterator[str]:
    """The forms of an amount: as in sentences, if it is on the sliders' grid; then as in cells."""
    if is_on_grid(amount):
        yield signed(amount)
    yield signed(amount, digits_of(amount, digits))


def _place_on(
    edge: Edge, text: str, info: GraphInfo, layout: Layout, view: View, taken: Sequence[Box]
) -> Box | None:
    """The box for a text on an edge, near the end that is not the chosen entry's; None if full."""
    size = layout.measures.note
    half, high = text_width(text, size) / 2 + 3, 0.6 * size
    head, tail = ends_of(edge, info, layout)
    near, far = (head, tail) if edge.tail == view.entry else (tail, head)
    # There is no arrowhead where the gradient starts.
    clear = (BESIDE if near == tail else CLOSE) * layout.measures.line
    along = (half + clear) / max(abs(far[0] - near[0]), 1)
    if layout.down:
        along = min(along, (high + clear) / max(abs(far[1] - near[1]), 1))
    elif near == tail and info.cells[edge.tail].letter in layout.above:
        along = max(along, clear / max(abs(far[1] - near[1]), 1))
    return _free_place(near, far, min(along, 0.5), (2 * half, 2 * high), taken)


def _occupied(texts: Drawing) -> Iterator[Box]:
    """The boxes of a trace's texts, centred or above or beneath their marks, and of its marks."""
    whole = (texts["textfont"]["size"], texts.get("textposition"))
    each = [it if isinstance(it, list) else [it] * len(texts["text"]) for it in whole]
    for x, y, text, size, side in zip(texts["x"], texts["y"], texts["text"], *each, strict=True):
        if text:
            off = _off_mark(texts["marker"]["size"], size) if side in SIDES else 0.0
            yield _text_box(x, y - off if side == SIDES[0] else y + off, text, size)
        if "marker" in texts:
            wide = texts["marker"]["size"]
            yield x - wide / 2, y - wide / 2, wide, wide


@lru_cache(maxsize=4096)
def _text_box(x: float, y: float, text: str, size: int) -> Box:
    wide, high = text_width(text, size), LINE * size * (1 + text.count("<br>"))
    return x - wide / 2, y - high / 2, wide, high


def _free_place(
    near: Point, far: Point, along: float, size: tuple[float, float], taken: Sequence[Box]
) -> Box | None:
    """The first free box of this size on an edge, from `along` on; None if there is none."""
    width, height = size
    (left, right), (top, bottom) = map(sorted, zip(near, far, strict=True))
    # Of a hundred texts, few are near the edge.
    there = [
        (x, y, wide, tall)
        for x, y, wide, tall in taken
        if x < right + width and x + wide > left - width
        if y < bottom + height and y + tall > top - height
    ]
    while along < FARTHEST:
        x, y = near[0] + along * (far[0] - near[0]), near[1] + along * (far[1] - near[1])
        if not any(
            abs(x - left - wide / 2) < (width + wide) / 2
            and abs(y - top - tall / 2) < (height + tall) / 2
            for left, top, wide, tall in there
        ):
            return x - width / 2, y - height / 2, width, height
        along += 0.04
    return None


def _points(edges: Sequence[Edge], info: GraphInfo, layout: Layout) -> list[Point | None]:
    """The points of a line for each edge, with gaps between the lines."""
    points: list[Point | None] = []
    for edge in edges:
        points += _line(*ends_of(edge, info, layout))
    return points


@lru_cache(maxsize=4096)
def _line(start: Point, end: Point) -> Sequence[Point | None]:
    return brief(*start), brief(*end), None


def filled(shapes: Iterable[Sequence[Point]], colour: str) -> Drawing:
    """Closed shapes without a border."""
    return area_trace([point for shape in shapes for point in (*shape, None)], colour, colour)


@lru_cache(maxsize=4096)  # few widths occur while one entry moves
def arrow(
    start: Point, end: Point, width: float, line: float, dashed: bool = False
) -> Sequence[Sequence[Point]]:
    """An arrow as closed shapes: its head, and its shaft in one piece or in dashes."""
    dash, gap = round(DASH * line), round(GAP * line)
    (from_x, from_y), (length, along) = start, _towards(start, end)
    half, head_half = width / 2, 6 * line + width
    neck = length - 12 * line - 1.2 * width

    def at(distance: float, aside: float) -> Point:
        return brief(
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
    _, along = _towards(start, end)
    back, half = 16 * line, 6 * line
    neck = (end[0] - along[0] * back, end[1] - along[1] * back)
    aside = (-along[1] * half, along[0] * half)
    first = brief(neck[0] + aside[0], neck[1] + aside[1])
    return [first, brief(*end), brief(neck[0] - aside[0], neck[1] - aside[1]), first]


def _towards(start: Point, end: Point) -> tuple[float, Point]:
    """The distance from start to end, and the unit vector in that direction."""
    across, down = end[0] - start[0], end[1] - start[1]
    length = hypot(across, down)
    return length, (across / length, down / length)


@lru_cache(maxsize=128)
def gate_marks(form: Form, layout: Layout, palette: Palette) -> Drawing:
    """Mark inactive units and kinks on their edges, whether or not a gradient arrives there.

    If there is room, the mark has a word above it, or beneath it if a passing edge would run
    through the word; otherwise only the legend explains it.
    """
    gates, boxes, size = form.of.gates, layout.boxes, layout.measures
    shown = [gate for gate in gates if gate.gate is not Gate.OPEN]
    between = {gate: ends(boxes[gate.tail], boxes[gate.head], layout) for gate in gates}
    said = ["inactive" if gate.gate is Gate.CLOSED else "kink" for gate in shown]
    places = sorted(_halfway(*each) for each in between.values())
    apart = min(
        (low - y for (x, y), (other, low) in pairwise(places) if round(x) == round(other)),
        default=layout.height,
    )
    roomy = not size.stacked and apart >= GATE * size.note
    own = [between[gate] for gate in shown]
    passing = _passing(form.of, layout)
    sides = [_beside_mark(*_halfway(*each), passing, layout) for each in own]
    marker = {
        "symbol": ["x-thin" if gate.gate is Gate.CLOSED else "diamond" for gate in shown],
        "size": MARK * size.line,
        "color": palette.paper,
        "line": {"width": 3.5 * size.line, "color": palette.muted},
    }
    return points_trace([_halfway(*each) for each in own], marker) | {
        "mode": "markers+text",
        "text": [
            text if roomy and text_width(text, size.note) < abs(one[0] - other[0]) else ""
            for text, (one, other) in zip(said, own, strict=True)
        ],
        "textposition": sides if SIDES[1] in sides else SIDES[0],
        "textfont": {"family": FONT, "size": NOTE_SIZE, "color": palette.muted},
    }


def _passing(info: GraphInfo, layout: Layout) -> list[tuple[Point, Point]]:
    """The ends of the edges that pass a column of cells."""
    cells = info.cells
    return [
        ends_of(edge, info, layout)
        for edge in info.edges
        if (cells[edge.tail].letter, cells[edge.head].letter) in layout.passing
    ]


def _off_mark(mark: float, text: float) -> float:
    """The distance between the middles of a mark and its word, given their sizes."""
    return (mark + LINE * text) / 2


def _beside_mark(x: float, y: float, passing: Sequence[tuple[Point, Point]], layout: Layout) -> str:
    """The side of a mark for its word: above, or beneath if only there no edge runs through it."""
    size = layout.measures.note
    off = _off_mark(MARK * layout.measures.line, size)
    for place, level in zip(SIDES, (y - off, y + off), strict=True):
        if not any(
            to < x < begin and abs(end + (start - end) * (x - to) / (begin - to) - level) < size / 2
            for (begin, start), (to, end) in passing
        ):
            return place
    return SIDES[0]


def _halfway(one: Point, other: Point) -> Point:
    return (one[0] + other[0]) / 2, (one[1] + other[1]) / 2

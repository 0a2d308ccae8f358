"""The ways between cells: arrows where a gradient flows back, dotted lines where none does."""

from collections.abc import Sequence
from dataclasses import replace
from math import hypot
from typing import Final

from pages.figures.arrangement import (
    Arrangement,
    Drawing,
    Point,
    View,
    line_trace,
    text_trace,
)
from pages.figures.info import Edge, GraphInfo
from pages.figures.theme import NOTE_SIZE, Palette
from pages.figures.words import signed

DASH: Final = 20
GAP: Final = 9
"""The dashes of a negative edge, and the gaps between them."""
DASHES: Final = 10
"""A way that would need more has longer ones: a sweep holds them all for every value."""
BESIDE: Final = 26
"""How far from its end of a way an amount is written: beyond the arrowhead."""


def _ends(edge: Edge, info: GraphInfo, arrangement: Arrangement) -> tuple[Point, Point]:
    """Where the gradient comes from, at the head, and where it goes to, at the tail."""
    head_left, head_top, _, head_height = arrangement.boxes[edge.head]
    left, top, width, height = arrangement.boxes[edge.tail]
    start = (head_left, head_top + head_height / 2)
    if info.cells[edge.tail].letter not in arrangement.above:
        return start, (left + width, top + height / 2)
    # Spread along the edge, the farthest head to the left: the ways do not cross.
    bottom = top + height
    if start[1] > bottom:
        far, edge_y = (start[1] - bottom) / (arrangement.height - bottom), bottom
    else:
        far, edge_y = (top - start[1]) / top, top
    return start, (left + width * (0.95 - 0.9 * far), edge_y)


def parted(info: GraphInfo, view: View) -> tuple[GraphInfo, GraphInfo]:
    """The picture with the ways that are to be seen, and the one with those that recede."""
    if not view.focus:
        return info, replace(info, edges=())
    touching = [edge for edge in info.edges if view.entry in (edge.tail, edge.head)]
    others = [edge for edge in info.edges if view.entry not in (edge.tail, edge.head)]
    return replace(info, edges=tuple(touching)), replace(info, edges=tuple(others))


def faint(info: GraphInfo, arrangement: Arrangement, palette: Palette) -> Drawing:
    """Ways that recede: that they are there, and nothing else."""
    return line_trace(_points(info.edges, info, arrangement), 1.5, palette.hatch)


def thin(info: GraphInfo, arrangement: Arrangement, palette: Palette, known: str) -> Drawing:
    """Ways without a gradient, dotted; or those that only the forward pass has gone, plain."""
    dotted = known == "gradient"
    shown = [edge for edge in info.edges if edge.known == known and not (dotted and edge.amount)]
    points = _points(shown, info, arrangement)
    return line_trace(points, 2.5 if dotted else 1.5, palette.line, "dot" if dotted else "solid")


def flow(info: GraphInfo, arrangement: Arrangement, palette: Palette, sign: int) -> Drawing:
    """The ways with a gradient of one sign: arrows, backwards, as filled shapes of their own width.

    A negative one is broken into dashes, so that the sign is not told by colour alone.
    """
    shapes: list[list[Point]] = []
    largest = max((abs(edge.amount) for edge in info.edges), default=0.0)
    for edge in info.edges:
        if edge.known == "gradient" and edge.amount * sign > 0:
            width = 3 + 7 * abs(edge.amount) / max(largest, 4.0)
            shapes += _arrow(*_ends(edge, info, arrangement), width, dashed=sign < 0)
    return _filled(shapes, palette.sign(sign))


def amounts(
    info: GraphInfo, arrangement: Arrangement, palette: Palette, chosen: str
) -> list[Drawing]:
    """What comes back along each way, written on it at the end that is not the chosen one."""
    shown = [edge for edge in info.edges if edge.known == "gradient" and (edge.amount or edge.term)]
    texts = [f"{edge.term} = {signed(edge.amount)}".removeprefix(" = ") for edge in shown]
    at: list[Point] = []
    under: list[list[Point]] = []
    for edge, text in zip(shown, texts, strict=True):
        half, high = 4.9 * len(text) + 4, 0.6 * NOTE_SIZE  # about, at NOTE_SIZE
        head, tail = _ends(edge, info, arrangement)
        near, far = (head, tail) if edge.tail == chosen else (tail, head)
        along = (half + BESIDE) / abs(far[0] - near[0])
        if near == tail and info.cells[edge.tail].letter in arrangement.above:
            along = max(along, BESIDE / max(abs(far[1] - near[1]), 1))
        along = min(along, 0.5)
        x, y = near[0] + along * (far[0] - near[0]), near[1] + along * (far[1] - near[1])
        at.append(_brief(x, y))
        # Paper, so that what the text stands on does not go through it.
        left, right, top, bottom = x - half, x + half, y - high, y + high
        corners = (left, top), (right, top), (right, bottom), (left, bottom), (left, top)
        under.append([_brief(*corner) for corner in corners])
    return [_filled(under, palette.paper), text_trace(at, texts, NOTE_SIZE, palette.ink)]


def _points(edges: Sequence[Edge], info: GraphInfo, arrangement: Arrangement) -> list[Point | None]:
    """A line for each way, with a gap behind it."""
    points: list[Point | None] = []
    for edge in edges:
        points += [_brief(*end) for end in _ends(edge, info, arrangement)]
        points.append(None)
    return points


def _brief(x: float, y: float) -> Point:
    """A tenth of a pixel is exact enough, and 12 is shorter to send than 12.0."""
    x, y = round(x, 1), round(y, 1)
    return int(x) if x == int(x) else x, int(y) if y == int(y) else y


def _filled(shapes: Sequence[Sequence[Point]], colour: str) -> Drawing:
    """Closed shapes without a border."""
    points = [point for shape in shapes for point in (*shape, None)]
    return line_trace(points, 0, colour) | {"fill": "toself", "fillcolor": colour}


def _arrow(start: Point, end: Point, width: float, *, dashed: bool) -> list[list[Point]]:
    """An arrow as closed shapes: its head, and its shaft in one piece or in dashes."""
    (from_x, from_y), (to_x, to_y) = start, end
    length = hypot(to_x - from_x, to_y - from_y)
    along = ((to_x - from_x) / length, (to_y - from_y) / length)
    half, head_half = width / 2, 6 + width
    neck = length - 12 - 1.2 * width

    def at(distance: float, aside: float) -> Point:
        return _brief(
            from_x + along[0] * distance - along[1] * aside,
            from_y + along[1] * distance + along[0] * aside,
        )

    head = [at(neck, half), at(neck, head_half), at(length, 0), at(neck, -head_half)]
    if not dashed:
        return [[at(0, half), *head, at(neck, -half), at(0, -half)]]
    longer = max(1.0, neck / (DASHES * (DASH + GAP)))
    starts = (round(longer * begin) for begin in range(0, int(neck / longer), DASH + GAP))
    return [
        head,
        *(
            [at(begin, half), at(stop, half), at(stop, -half), at(begin, -half)]
            for begin in starts
            for stop in [min(begin + round(longer * DASH), neck)]
        ),
    ]

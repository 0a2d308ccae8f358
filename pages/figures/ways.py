"""The ways between cells: arrows where a gradient flows back, dotted lines where none does."""

from math import hypot
from typing import Final

from pages.figures.arrangement import Arrangement, Drawing, Point
from pages.figures.info import Edge, GraphInfo
from pages.figures.theme import Palette

DASH: Final = 20
GAP: Final = 9
"""The dashes of a negative edge, and the gaps between them."""


def _ends(edge: Edge, info: GraphInfo, arrangement: Arrangement) -> tuple[Point, Point]:
    """Where the gradient comes from, at the head, and where it goes to, at the tail."""
    head_left, head_top, _, head_height = arrangement.boxes[edge.head]
    left, top, width, height = arrangement.boxes[edge.tail]
    start = (head_left, head_top + head_height / 2)
    if info.cells[edge.tail].letter in arrangement.above:
        # Spread along the lower edge, the lowest head to the left: the ways do not cross.
        down = (start[1] - top - height) / (arrangement.height - top - height)
        return start, (left + width * (0.95 - 0.9 * down), top + height)
    return start, (left + width, top + height / 2)


def thin(info: GraphInfo, arrangement: Arrangement, palette: Palette, known: str) -> Drawing:
    """Ways without a gradient, dotted; or those that only the forward pass has gone, plain."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    for edge in info.edges:
        if edge.known == known and not (known == "gradient" and edge.amount):
            (from_x, from_y), (to_x, to_y) = _ends(edge, info, arrangement)
            xs += [round(from_x, 1), round(to_x, 1), None]
            ys += [round(from_y, 1), round(to_y, 1), None]
    dotted = known == "gradient"
    line = {
        "color": palette.line,
        "width": 2.5 if dotted else 1.5,
        "dash": "dot" if dotted else "solid",
    }
    return {
        "type": "scatter",
        "mode": "lines",
        "x": xs,
        "y": ys,
        "line": line,
        "hoverinfo": "skip",
    }


def flow(info: GraphInfo, arrangement: Arrangement, palette: Palette, sign: int) -> Drawing:
    """The ways with a gradient of one sign: arrows, backwards, as filled shapes of their own width.

    A negative one is broken into dashes, so that the sign is not told by colour alone.
    """
    xs: list[float | None] = []
    ys: list[float | None] = []
    largest = max((abs(edge.amount) for edge in info.edges), default=0.0)
    for edge in info.edges:
        if edge.known == "gradient" and edge.amount * sign > 0:
            width = 3 + 7 * abs(edge.amount) / max(largest, 4.0)
            for shape in _arrow(*_ends(edge, info, arrangement), width, dashed=sign < 0):
                xs += [*(x for x, _ in shape), None]
                ys += [*(y for _, y in shape), None]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": xs,
        "y": ys,
        "fill": "toself",
        "fillcolor": palette.sign(sign),
        "line": {"width": 0, "color": palette.sign(sign)},
        "hoverinfo": "skip",
    }


def _arrow(start: Point, end: Point, width: float, *, dashed: bool) -> list[list[Point]]:
    """An arrow as closed shapes: its head, and its shaft in one piece or in dashes."""
    (from_x, from_y), (to_x, to_y) = start, end
    length = hypot(to_x - from_x, to_y - from_y)
    along = ((to_x - from_x) / length, (to_y - from_y) / length)
    half, head_half = width / 2, 6 + width
    neck = length - 12 - 1.2 * width

    def at(distance: float, aside: float) -> Point:
        return (
            round(from_x + along[0] * distance - along[1] * aside, 1),
            round(from_y + along[1] * distance + along[0] * aside, 1),
        )

    head = [at(neck, half), at(neck, head_half), at(length, 0), at(neck, -head_half)]
    if not dashed:
        return [[at(0, half), *head, at(neck, -half), at(0, -half)]]
    starts = range(0, int(neck), DASH + GAP)
    return [
        head,
        *(
            [at(begin, half), at(stop, half), at(stop, -half), at(begin, -half)]
            for begin in starts
            for stop in [min(begin + DASH, neck)]
        ),
    ]

"""The horizontal layout of columns: the first step of a layout in columns.

It depends on what is in each column and what stands over it, but not on heights: a value without
room for its cells becomes a heat map of the same width.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import Final, NamedTuple

from pages.figures.layout import Heading, Side, fitted, in_two_lines
from pages.figures.primitives import text_width
from pages.figures.ranks import Ranks
from pages.figures.words import gradient_of

MOST_IN_A_COLUMN: Final = 9  # a flowing array with more entries is a heat map
MOST_ALONE: Final = 14  # the same if there is only one operation, whose flat cells may be wide
APART: Final = 8.0  # the least space between the headings of two columns
FAN: Final = {"parameters": 10.0, "others": 7.0, "level": 4.0}
"""The proportions in which the edges before columns share the remaining width, by their kind."""


class Span(NamedTuple):
    """The left end of a column, and the width of its cells."""

    left: float
    width: float

    @property
    def right(self) -> float:
        """The right end of the column."""
        return self.left + self.width

    @property
    def middle(self) -> float:
        """The middle of the column."""
        return self.left + self.width / 2


@dataclass(frozen=True)
class Across:
    """Where columns lie on a picture of this width, and what is written over them."""

    width: float
    spans: list[Span]
    sent: Side  # the side of the outputs on which the sliders of the upstream gradient stand
    headings: list[Heading]
    counts: list[float]  # the middle of each column's text that counts its nonzero gradients
    counts_in_lines: bool
    """Whether these texts have two lines, because they would otherwise run into each other."""

    def gap(self, at: int) -> tuple[float, float]:
        """The left and the right end of the edges before a column."""
        return self.spans[at - 1].right, self.spans[at].left


def columns_across(ranks: Ranks, least: float) -> Across:
    """Lay out the columns across.

    least: the least width of the picture, for its parameters.
    """
    measures, room_right = ranks.measures, ranks.wishes.room_right
    sent = _side_of_sent(ranks)
    right = (measures.sent if sent == "right" else measures.margin) + room_right
    spans = _spans(ranks, right, least)
    width = max(round(spans[-1].right + right, 6), measures.width)
    counted = [count_width(ranks, column) for column in ranks.columns]
    middles, end = [span.middle for span in spans], width - room_right - 2
    both = pairwise(zip(middles, counted, strict=True))
    return Across(
        width=width,
        spans=spans,
        sent=sent,
        headings=[*_headings(ranks, middles, end), *_over_sent(ranks, sent, spans[-1])],
        counts=[_clear(middle, wide, end) for middle, wide in zip(middles, counted, strict=True)],
        counts_in_lines=any(
            left + wide / 2 > right - other / 2 for (left, wide), (right, other) in both
        ),
    )


def count_width(ranks: Ranks, numbers: list[int]) -> float:
    """The width of the text that counts the nonzero gradients of the first of these values."""
    count = ranks.size(numbers[0])
    return text_width(f"<b>{count} of {count}</b> nonzero", ranks.measures.count)


def _side_of_sent(ranks: Ranks) -> Side:
    output = ranks.passed.output
    many: Side = "chosen" if output.size > MOST_IN_A_COLUMN else "right"
    return ranks.wishes.sent or (many if output.ndim else "below")


# --- columns


def _spans(ranks: Ranks, right: float, least: float) -> list[Span]:
    """The left end and the width of each column.

    right: the space that stays free right of the columns.
    """
    measures = ranks.measures
    left = measures.left_if_shared if ranks.wishes.room_right else measures.left
    room = measures.width - left - right
    edges, widths = _edges_and_widths(ranks, room)
    spans = [Span(left, widths[0])]
    for gap, wide in zip(_gaps(ranks, widths, edges, room, right), widths[1:], strict=True):
        spans.append(Span(spans[-1].right + gap, wide))
    missing = least - max(spans[-1].right + right, measures.width)
    if missing <= 0:
        return spans
    # The width that parameters lack is added before the columns that they stand before.
    each, before = missing / len(ranks.parameters), [*ranks.parameters]
    return [
        Span(left + each * sum(one <= at for one in before), wide)
        for at, (left, wide) in enumerate(spans)
    ]


def _edges_and_widths(ranks: Ranks, room: float) -> tuple[float, list[float]]:
    """The least width of the edges between columns, and the cell width of each column."""
    measures, count = ranks.measures, len(ranks.columns)
    edges = measures.edges
    if (room - edges * (count - 1)) / count < measures.narrow:
        edges = measures.short
    wide = max(min(measures.cell[0], (room - edges * (count - 1)) / count), measures.narrowest)
    flat = [count == 2 and sum(map(ranks.size, c)) > MOST_IN_A_COLUMN for c in ranks.columns]
    return edges, [measures.flat_width if many else wide for many in flat]


def _gaps(
    ranks: Ranks, widths: list[float], edges: float, room: float, right: float
) -> Iterator[float]:
    """The distance between columns: the least width of edges, and a share of what is left.

    If headings need more than that, the picture gets wider.
    """
    free = max(0.0, room - sum(widths) - edges * (len(widths) - 1))
    shares = [_share(ranks, at) for at in range(1, len(widths))]
    headed = pairwise(_headed(ranks, widths, edges, right))
    for share, (wide, other), heads in zip(shares, pairwise(widths), headed, strict=True):
        yield max(edges + free * share / sum(shares), (sum(heads) - wide - other) / 2 + APART)


def _share(ranks: Ranks, at: int) -> float:
    """The share of the remaining width that the edges before a column get."""
    first = ranks.columns[at][0]
    if ranks.named[first] in ranks.wishes.room:
        return ranks.wishes.room[ranks.named[first]]
    if at in ranks.parameters:
        return FAN["parameters"]
    step = ranks.passed.steps[first - ranks.passed.outside]
    return FAN["level" if step.output.size == step.inputs[0].size else "others"]


def _headed(ranks: Ranks, widths: list[float], edges: float, right: float) -> list[float]:
    """The width that the heading of each column needs, for columns of these widths.

    The last heading moves left if it would leave the picture, and so needs more on its left.
    """
    measures, found = ranks.measures, []
    for column, width in zip(ranks.columns, widths, strict=True):
        _, formula = ranks.said(column)
        said = [text_width(formula, measures.note)]
        if ranks.wishes.shapes:
            shapes = _shapes(ranks, column)
            whole = text_width(f"{formula} {shapes}", measures.note)
            least = text_width(shapes, measures.note)
            said.append(max(least, min(whole, width + edges - 2 * APART)))
        found.append(max(_least(ranks, column), *said))
    # The last title is in one line, and larger, if it has room for that.
    title, _ = ranks.said(ranks.columns[-1])
    pitch = max(widths[-1] + edges, sum(found[-2:]) / 2 + APART)
    large = text_width(f"<b>{title}</b>", measures.title)
    if large <= pitch - 2 * APART:
        found[-1] = max(found[-1], large)
    found[-1] += 2 * max(0.0, (found[-1] - widths[-1]) / 2 - right)
    return found


# --- what is written


def _headings(ranks: Ranks, middles: list[float], end: float) -> Iterator[Heading]:
    """The headings: what made each column; its letters; shapes, on the same line or the next."""
    measures, (level, _) = ranks.measures, ranks.measures.heading
    titled = taken = 0.0
    rooms = _rooms(ranks, middles, end)
    for column, middle, room in zip(ranks.columns, middles, rooms, strict=True):
        title, formula = ranks.said(column)
        # The last title may move left, up to the title before it.
        room = min(room, end - titled - APART)
        wide = text_width(*fitted(title, room, measures))
        if ranks.wishes.shapes:
            shapes = _shapes(ranks, column)
            line = f"{formula} {shapes}"
            length = text_width(line, measures.note)
            begin = _clear(middle, max(wide, length), end) - length / 2
            has_room = length <= room and begin >= taken
            formula = line if has_room else f"{formula}<br>{shapes}"
        length = text_width(formula, measures.note)
        at = _clear(middle, max(wide, length), end)
        titled, taken = at + wide / 2, at + length / 2
        yield Heading((at, level), title, formula, room)


def _rooms(ranks: Ranks, middles: list[float], end: float) -> list[float]:
    """The largest width of each title: up to halfway to the next, less if the next needs more."""
    needs = [_least(ranks, column) for column in ranks.columns]
    places = [_clear(middle, need, end) for middle, need in zip(middles, needs, strict=True)]
    rooms = [inf] * len(places)
    for one, other in pairwise(range(len(places))):
        between = places[other] - places[one] - 2 * APART
        for at, need in ((one, needs[other]), (other, needs[one])):
            rooms[at] = min(rooms[at], between, 2 * (between + APART) - need)
    return rooms


def _least(ranks: Ranks, column: list[int]) -> float:
    """The least width of a column's title: in two lines of the smallest size."""
    title, _ = ranks.said(column)
    return text_width(in_two_lines(title), ranks.measures.least)


def _shapes(ranks: Ranks, column: list[int]) -> str:
    """The shapes of a column's arrays, each once."""
    return ", ".join(dict.fromkeys(str(ranks.shape(number)) for number in column))


def _over_sent(ranks: Ranks, sent: Side, last: Span) -> Iterator[Heading]:
    """The heading over the sliders of the upstream gradient, if these stand on the right."""
    if sent == "right":
        at = (last.right + ranks.measures.sent / 2, ranks.measures.heading[0])
        yield Heading(at, "upstream", gradient_of(ranks.naming.output))


def _clear(middle: float, wide: float, end: float) -> float:
    """The middle of a text of this width, moved left so that it does not pass the end."""
    return min(middle, end - wide / 2)

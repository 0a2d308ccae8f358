"""How columns lie across: the first step of a layout in columns.

It asks what is in which column and what stands over it, but not how high that is: what has no room
as cells is a heat map that is as wide.
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

MOST_IN_A_COLUMN: Final = 9
MOST_ALONE: Final = 14
"""An array of more entries that flows is a heat map; of one operation alone, where flat cells may
be wide."""
APART: Final = 8.0
"""Between the headings of two columns, at least."""
FAN: Final = {"parameters": 10.0, "others": 7.0, "level": 4.0}
"""Which share the edges before a column get of the room that is left: level ones need least."""


class Span(NamedTuple):
    """Where a column begins, and how wide its cells are."""

    left: float
    width: float

    @property
    def right(self) -> float:
        """Where it ends."""
        return self.left + self.width

    @property
    def middle(self) -> float:
        """Of it."""
        return self.left + self.width / 2


@dataclass(frozen=True)
class Across:
    """Where columns lie on a picture that is so wide, and what is written over them.

    sent: where sliders of what is sent into the outputs are. counts: of each column the middle of
    what is said of its gradients; counts_in_lines: whether that is in two lines, as it would else
    run into what is said of the next one.
    """

    width: float
    spans: list[Span]
    sent: Side
    headings: list[Heading]
    counts: list[float]
    counts_in_lines: bool

    def gap(self, at: int) -> tuple[float, float]:
        """From where to where the edges before a column go."""
        return self.spans[at - 1].right, self.spans[at].left


def columns_across(ranks: Ranks, least: float) -> Across:
    """Where columns lie.

    least: how wide the picture is at least, as parameters need it.
    """
    measures, beside = ranks.measures, ranks.wishes.beside
    sent = _side_of_sent(ranks)
    right = (measures.sent if sent == "right" else measures.margin) + beside
    spans = _spans(ranks, right, least)
    width = max(round(spans[-1].right + right, 6), measures.width)
    counted = [count_width(ranks, column) for column in ranks.columns]
    middles, end = [span.middle for span in spans], width - beside - 2
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
    """How wide it is what is said of how many gradients of these are nonzero."""
    count = ranks.size(numbers[0])
    return text_width(f"<b>{count} of {count}</b> nonzero", ranks.measures.count)


def _side_of_sent(ranks: Ranks) -> Side:
    output = ranks.passed.output
    many: Side = "chosen" if output.size > MOST_IN_A_COLUMN else "right"
    return ranks.wishes.sent or (many if output.ndim else "below")


# --- columns


def _spans(ranks: Ranks, right: float, least: float) -> list[Span]:
    """Each column.

    right: what stays free right of them.
    """
    measures = ranks.measures
    left = measures.left_beside if ranks.wishes.beside else measures.left
    room = measures.width - left - right
    edges, widths = _edges_and_widths(ranks, room)
    spans = [Span(left, widths[0])]
    for gap, wide in zip(_gaps(ranks, widths, edges, room, right), widths[1:], strict=True):
        spans.append(Span(spans[-1].right + gap, wide))
    missing = least - max(spans[-1].right + right, measures.width)
    if missing <= 0:
        return spans
    # What parameters miss comes before the columns that they stand before.
    each, before = missing / len(ranks.parameters), [*ranks.parameters]
    return [
        Span(left + each * sum(one <= at for one in before), wide)
        for at, (left, wide) in enumerate(spans)
    ]


def _edges_and_widths(ranks: Ranks, room: float) -> tuple[float, list[float]]:
    """How much room edges have at least, and how wide the cells of each column are."""
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
    """From each column to the next: besides the edges' least, a share of the room that is left.

    Where headings are wider than that, so is the picture.
    """
    free = max(0.0, room - sum(widths) - edges * (len(widths) - 1))
    shares = [_share(ranks, at) for at in range(1, len(widths))]
    headed = pairwise(_headed(ranks, widths, edges, right))
    for share, (wide, other), heads in zip(shares, pairwise(widths), headed, strict=True):
        yield max(edges + free * share / sum(shares), (sum(heads) - wide - other) / 2 + APART)


def _share(ranks: Ranks, at: int) -> float:
    """Of the room that is left, what the edges before a column get."""
    first = ranks.columns[at][0]
    if ranks.named[first] in ranks.wishes.room:
        return ranks.wishes.room[ranks.named[first]]
    if at in ranks.parameters:
        return FAN["parameters"]
    step = ranks.passed.steps[first - ranks.passed.outside]
    return FAN["level" if step.output.size == step.inputs[0].size else "others"]


def _headed(ranks: Ranks, widths: list[float], edges: float, right: float) -> list[float]:
    """How wide the headings of columns of these widths are, if they have no more room.

    The last one stands further left where it would go beyond the picture.
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
    # The last title is in one line, and larger, where it has room for that.
    title, _ = ranks.said(ranks.columns[-1])
    pitch = max(widths[-1] + edges, sum(found[-2:]) / 2 + APART)
    large = text_width(f"<b>{title}</b>", measures.title)
    found[-1] = max(found[-1], large * (large <= pitch - 2 * APART))
    found[-1] += 2 * max(0.0, (found[-1] - widths[-1]) / 2 - right)
    return found


# --- what is written


def _headings(ranks: Ranks, middles: list[float], end: float) -> Iterator[Heading]:
    """What made each column, and its letters; in the same line or in the next their shapes."""
    measures, (level, _) = ranks.measures, ranks.measures.heading
    titled = taken = 0.0
    rooms = _rooms(ranks, middles, end)
    for column, middle, room in zip(ranks.columns, middles, rooms, strict=True):
        title, formula = ranks.said(column)
        # The last one may stand further left, towards what stands before it.
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
    """How wide each title may be: half of what is between two, less where one needs more of it."""
    needs = [_least(ranks, column) for column in ranks.columns]
    places = [_clear(middle, need, end) for middle, need in zip(middles, needs, strict=True)]
    rooms = [inf] * len(places)
    for one, other in pairwise(range(len(places))):
        between = places[other] - places[one] - 2 * APART
        for at, need in ((one, needs[other]), (other, needs[one])):
            rooms[at] = min(rooms[at], between, 2 * (between + APART) - need)
    return rooms


def _least(ranks: Ranks, column: list[int]) -> float:
    """How wide a column's title is at least."""
    title, _ = ranks.said(column)
    return text_width(in_two_lines(title), ranks.measures.least)


def _shapes(ranks: Ranks, column: list[int]) -> str:
    """Those of a column's arrays, each once."""
    return ", ".join(dict.fromkeys(str(ranks.shape(number)) for number in column))


def _over_sent(ranks: Ranks, sent: Side, last: Span) -> Iterator[Heading]:
    """Over the sliders of what is sent into the outputs, that it is."""
    if sent == "right":
        at = (last.right + ranks.measures.sent / 2, ranks.measures.heading[0])
        yield Heading(at, "upstream", gradient_of(ranks.naming.output))


def _clear(middle: float, wide: float, end: float) -> float:
    """The middle of a text of this width, so far left that it does not go beyond the end."""
    return min(middle, end - wide / 2)

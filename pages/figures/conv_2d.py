"""Lay out the maps of a 2-D convolution: x, the filters, then a, h and z, a row for each filter."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Final

from pages.figures.layout import Heading
from pages.figures.maps import Kind, MapLayout, MapMeasures, Panel, one_map
from pages.figures.primitives import Point


@dataclass(frozen=True)
class ColumnMeasures(MapMeasures):
    """Where the parts of the picture begin, and how large they are."""

    height: float = 655.0
    left: float = 10.0
    top: float = 70.0  # of the maps
    bottom: float = 645.0  # of the maps
    titles: float = 16.0  # the level of the titles
    caption: float = 38.0  # the space above a map for its caption
    x: float = 290.0  # the width of the column of x
    w: float = 290.0  # the width of the column of filters
    thumb: float = 96.0  # the side of the small whole digit, of which x is a part
    beside: float = 8.0  # the space between a map and its gradient
    gap: float = 22.0  # the least space between columns
    pitches: tuple[float, float] = (29.0, 47.0)  # the least and largest distance between sliders
    filter: float = 112.0  # the side that the sliders leave for a filter's map
    largest: float = 64.0  # the largest side of a cell
    number: int = 25
    title: int = 26
    over: float = 18.0  # how far above a map its caption stands


FILTER_NUMBERS: Final = 9  # the numbers of a filter, each of which has a slider
PROJECTOR: Final = ColumnMeasures()
TITLES: Final = {"x": "input", "w": "filter", "a": "Conv", "h": "ReLU", "z": "Max pool"}


@dataclass(frozen=True)
class ColumnLayout:
    """The layout of the maps, for a projector."""

    sides: Mapping[str, int]  # by letter, the number of rows, which equals that of columns
    filters: int  # their number
    kinds: Sequence[Kind]  # what is shown of each map
    cut: bool  # whether x is a part of the digit
    batch: bool  # whether the filters' gradient over a minibatch has maps too
    measures: ColumnMeasures = PROJECTOR

    @cached_property
    def layout(self) -> MapLayout:
        """Where everything lies."""
        m = self.measures
        columns = {letter: [*self._column(at, letter)] for at, letter in enumerate("ahz")}
        titles = TITLES | ({"w": "filters"} if self.filters > 1 else {})
        middles = {"x": m.left + m.x / 2, "w": self._w_left + m.w / 2}
        for letter, panels in columns.items():
            left, right = panels[0].box, panels[-1].box
            middles[letter] = (left[0] + right[0] + right[2]) / 2
        return MapLayout(
            m.width,
            m.height,
            headings=[Heading((x, m.titles), titles[letter], "") for letter, x in middles.items()],
            panels=(*self._inputs(), *self._filters(), *chain(*columns.values())),
            measures=m,
        )

    @property
    def corner_sliders(self) -> list[tuple[float, float, float]]:
        """(left, middle, width) of the sliders for the crop's row and column, beside the digit."""
        m = self.measures
        across = m.thumb + 12
        return [(m.left + across, m.top + 12 + 40 * i, m.x - across) for i in range(2)]

    @property
    def sliders(self) -> Point:
        """Where the first slider of a filter begins."""
        _, rows, side = self._filter_grid
        m = self.measures
        return self._w_left, m.top + rows * (side + m.caption) + self.pitch / 2 - m.caption + 12

    @property
    def pitch(self) -> float:
        """The distance between the sliders of a filter."""
        m, (_, rows) = self.measures, self._filter_tiles
        least, most = m.pitches
        free = m.bottom - m.top - rows * (m.filter + m.caption)
        return min(most, max(least, free / FILTER_NUMBERS))

    @property
    def _stacked(self) -> bool:
        """Whether gradients stand beneath values, as for one filter; for several, beside them."""
        return self.filters == 1

    @property
    def _columns(self) -> tuple[int, float, float]:
        """For a, h and z: the number of columns of each, the side of a map, the gap between two."""
        m, columns = self.measures, 1 if self._stacked else len(self.kinds)
        down = len(self.kinds) if self._stacked else self.filters
        room = m.width - 2 * m.left - m.x - m.w - 3 * (columns - 1) * m.beside
        side = min((room - 4 * m.gap) / (3 * columns), self._share(down))
        return columns, side, (room - 3 * columns * side) / 4

    @property
    def _w_left(self) -> float:
        return self.measures.left + self.measures.x + self._columns[2]

    def _share(self, down: int, top: float | None = None) -> float:
        """The height of each map if this many stand beneath each other."""
        top = self.measures.top if top is None else top
        return (self.measures.bottom - top - (down - 1) * self.measures.caption) / down

    def _square(self, letter: str, kind: Kind, at: Point, room: float, channel: int = 0) -> Panel:
        """A map in a square with this side, centred across, no cell larger than the largest."""
        side = self.sides[letter]
        used = min(room, side * self.measures.largest)
        box = (at[0] + (room - used) / 2, at[1], used, used)
        return one_map(letter, kind, box, side, channel, caption=self.measures.over)

    def _inputs(self) -> Iterator[Panel]:
        m = self.measures
        top = m.top + (m.thumb + m.caption - 12 if self.cut else 0)
        room = min(m.x, self._share(len(self.kinds), top))
        if self.cut:
            box = (m.left, m.top - 16, m.thumb, m.thumb)
            yield one_map("d", "values", box, self.sides["d"])
        for row, kind in enumerate(self.kinds):
            at = (m.left + (m.x - room) / 2, top + row * (room + m.caption))
            yield self._square("x", kind, at, room)

    @property
    def _shown_of_filters(self) -> list[tuple[str, Kind]]:
        """The maps of a filter: its numbers, their gradient, and the gradient of the minibatch."""
        of_batch: list[tuple[str, Kind]] = [("b", "gradients")] if self.batch else []
        return [("w", "values"), ("w", "gradients"), *of_batch]

    @property
    def _filter_tiles(self) -> tuple[int, int]:
        """The columns and rows of the filters' maps."""
        # One filter has the minibatch's gradient beneath, several have it beside.
        shown = len(self._shown_of_filters)
        columns = 2 if self._stacked else shown
        return columns, -(-shown * self.filters // columns)

    @property
    def _filter_grid(self) -> tuple[int, int, float]:
        """The columns and rows of the filters' maps, and the side of one map."""
        m, (columns, rows) = self.measures, self._filter_tiles
        room = m.bottom - m.top - FILTER_NUMBERS * self.pitch - rows * m.caption
        return columns, rows, min((m.w - 10 * (columns - 1)) / columns, room / rows)

    def _filters(self) -> Iterator[Panel]:
        m, (columns, _, side) = self.measures, self._filter_grid
        across, down = (m.w - side) / (columns - 1), side + m.caption
        shown = self._shown_of_filters
        for i in range(self.filters):
            for k, (letter, kind) in enumerate(shown):
                row, column = divmod(i * len(shown) + k, columns)
                # The third of three stands beneath the second.
                column = 1 if row and columns < len(shown) else column
                at = (self._w_left + column * across, m.top + row * down)
                box = (*at, side, side)
                yield one_map(letter, kind, box, self.sides[letter], i, caption=m.over)

    def _column(self, at: int, letter: str) -> Iterator[Panel]:
        """The maps of a, h or z."""
        m, (columns, side, gap) = self.measures, self._columns
        left = self._w_left + m.w + gap + at * (columns * (side + m.beside) - m.beside + gap)
        for channel in range(self.filters):
            for k, kind in enumerate(self.kinds):
                across, row = (0, k) if self._stacked else (k, channel)
                place = (left + across * (side + m.beside), m.top + row * (side + m.caption))
                yield self._square(letter, kind, place, side, channel)


# --- for a phone


PHONE: Final = MapMeasures(
    width=374,
    height=338,
    number=12,
    note=12,
    title=13,
    least=12,
    frame=1,
    lit=2,
    upstream=2,
    chosen=3,
)
LINE: Final = 17.0  # the height above a map for its title, or for its number of nonzero gradients
EDGE: Final = 1.0  # the free space at the left and the right edge
BESIDE: Final = 8.0  # the space between two maps side by side
FILTER: Final = 84.0  # the largest side of a filter's map


def phone_layout(
    sides: Mapping[str, int], channel: int, kinds: Sequence[Kind], *, cut: bool, batch: bool
) -> MapLayout:
    """The layout for a phone, of one channel alone; otherwise the arguments of `ColumnLayout`.

    Values and gradients together take two rows, with the filter beneath. One of the two alone takes
    two rows of two maps, with the filter beside them.
    """
    m, both = PHONE, len(kinds) > 1
    if both:
        columns, head, aside = 4, LINE, 0.0
    else:  # gradients alone have a title and, beneath it, the number of those that are nonzero
        columns, head, aside = 2, LINE if kinds[0] == "values" else 2 * LINE, FILTER + BESIDE
    across = m.width - 2 * EDGE - (columns - 1) * BESIDE - aside
    side = min(across / columns, (m.height - 2 * head) / 2 - 3)
    panels, headings = [], []
    for place, letter in enumerate("xahz"):
        row, column = divmod(place, columns)
        left = EDGE + column * (side + BESIDE)
        tops = [head * (i + 1) + i * (side + 3) for i in range(2)]
        for down, kind in enumerate(kinds):
            box = (left, tops[row + down], side, side)
            first = 0 if letter == "x" else channel
            panels.append(one_map(letter, kind, box, sides[letter], first, caption=9))
        level = tops[row] - head + LINE / 2
        headings.append(Heading((left + side / 2, level), f"{TITLES[letter]} {letter}", ""))
    small: list[tuple[str, Kind]] = [("w", "values"), ("w", "gradients")]
    small += [("b", "gradients")] if batch else []
    small += [("d", "values")] if cut else []
    for at, (letter, kind) in enumerate(small):
        if both:
            box = (EDGE + at * (side + BESIDE), 2 * (side + LINE + 3) + LINE, FILTER, FILTER)
        else:
            each = min(FILTER, m.height / len(small) - LINE)
            box = (EDGE + 2 * (side + BESIDE), LINE + at * (each + LINE), each, each)
        first = channel if letter in "wb" else 0
        panels.append(one_map(letter, kind, box, sides[letter], first, caption=9))
    return MapLayout(m.width, m.height, headings=headings, panels=tuple(panels), measures=m)

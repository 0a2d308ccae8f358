"""Lay out a pass in columns, from left to right, by which operation reads which value.

There is a column for x and one for the output of each operation; the parameters stand in a row
above the edges out of them. The layout has four steps, each based on those before: the columns
across (`columns_across`), the parameters above them (`parameters_above`), the columns down, so that
everything has room, and finally the box of each entry.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final, NamedTuple

from engine import Trace
from engine.arrays import indices
from pages.figures.columns_across import MOST_ALONE, MOST_IN_A_COLUMN, Across, Span, columns_across
from pages.figures.info import Naming
from pages.figures.layout import LINE, SLIDE, Layout, Measures, halves, reaching
from pages.figures.parameters_above import (
    CLOSEST,
    Above,
    Band,
    least_width,
    parameters_above,
    placed,
)
from pages.figures.primitives import Box, Point, middle_of
from pages.figures.ranks import NO_WISHES, Ranks, Wishes

MAP: Final = 3  # the height of a heat map, in rows
LEAST_MAP: Final = 16.0  # its least height, in pixels
LOWER_MAP: Final = MAP / 2 + 0.3  # how many rows lower it stands if an arrow passes above it
BAND: Final = 0.36  # the space between the entries of two examples, or of two filters, in rows
CLOSE: Final = 74.0  # the least distance between entries that are level with what they are made of
PADDING: Final = (38.0, 30.0)  # the distance between entries of padding, and their height
UNDER: Final = 52.0  # the space under the columns
COUNTS: Final = 28.0  # the level of the counts in that space
BENEATH: Final = 112.0  # the space under the columns if a row of parameters stands there too
SLIDER: Final = 2.28
"""How far parameters stand beneath headings, with sliders between, in units of the least text."""


def layout_of(
    passed: Trace, naming: Naming, wishes: Wishes = NO_WISHES, measures: Measures = SLIDE
) -> Layout:
    """Lay out a pass in columns.

    A column stands half a row lower if a later operation reads a value from before it, so that
    these edges run between its cells. An array made of more entries than it has stands level with
    the entries that it is made of.
    """
    ranks = Ranks(passed, naming, wishes, measures)
    across = columns_across(ranks, least_width(ranks))
    in_a_row = _Down(ranks, across, parameters_above(ranks, across))
    if measures.grid[0]:
        in_grids = _Down(ranks, across, parameters_above(ranks, across, grids=True))
        # Grids are used only if parameters and flowing values keep the room for their cells.
        fits = not in_grids.above.mapped and in_grids.mapped <= in_a_row.mapped
        if fits and (in_a_row.flat or not in_grids.flat):
            return _layout(in_grids)
    return _layout(in_a_row)


class _Levels(NamedTuple):
    """Vertical positions."""

    band: Band  # of parameters
    top: float  # of columns
    under: float  # the space under the columns


SNUG: Final = _Levels(Band(40, 54), 98, 46)  # the levels for many rows


@dataclass(frozen=True)
class _Down:
    """The vertical layout of columns: which values are heat maps, and how high rows are."""

    ranks: Ranks
    across: Across
    above: Above

    def is_map(self, number: int) -> bool:
        """Whether a value has too many entries for cells."""
        return number in self.mapped or number in self.above.mapped

    # --- what has no room as cells

    @cached_property
    def mapped(self) -> set[int]:
        """The flowing values drawn as heat maps, for their many entries or for lack of room."""
        ranks = self.ranks
        most = MOST_ALONE if len(ranks.columns) == 2 else MOST_IN_A_COLUMN
        found = {number for number in ranks.at if ranks.size(number) > most}
        found |= self._crowded(found, 0.5 if ranks.passed_by else 0.0)
        # An arrow to or from a heat map must not cross cells: values of a column that it passes
        # become heat maps too. As it takes room itself, even more values may become heat maps.
        more: set[int] = set()
        while more != found:
            more = {*found}
            over = {
                at for *ends, between in ranks.passes if more.intersection(ends) for at in between
            }
            found |= {number for at in over for number in ranks.columns[at]}
            found = self._crowded(found, LOWER_MAP) if over else found
        return found

    def _crowded(self, mapped: set[int], lower: float) -> set[int]:
        """`mapped`, and the largest other values of each column until the rest have room as cells.

        lower: the number of rows that stay free because columns are passed.
        """
        measures, found = self.ranks.measures, {*mapped}
        top = measures.top
        if self.above.rows:
            top = self._levels_beneath_headings.top if self.above.beneath_headings else SNUG.top
        for column, span in zip(self.ranks.columns, self.across.spans, strict=True):
            lines = 1 if span.width >= measures.in_line else 2
            room = measures.height - top - SNUG.under - self._padded(column)
            rows = room / (lines * LINE * measures.least + CLOSEST) - lower
            cells = sorted(set(column) - found, key=self.ranks.size)
            while cells and self._rows(column, found) > rows:
                found.add(cells.pop())
        return found

    def _rows(self, column: list[int], mapped: set[int]) -> float:
        """The number of rows that a column takes if these of its values are heat maps."""
        size, groups = self.ranks.size, self.ranks.groups
        return sum(
            MAP if number in mapped else size(number) + BAND * (groups(number) - 1)
            for number in column
        )

    def _padded(self, column: list[int]) -> float:
        """The height of all padding in a column."""
        return 2 * PADDING[0] * self.ranks.padded(column)

    # --- how high a row is

    @cached_property
    def levels(self) -> _Levels:
        """The vertical positions; parameters stand beneath headings that they would lie on."""
        measures, above = self.ranks.measures, self.above
        if not above.rows:
            headed = max(reaching(heading, measures) for heading in self.across.headings)
            return _Levels(Band(0, 0), max(measures.top, headed), UNDER)
        below = any(row.below for row in above.rows.values())
        under = BENEATH if below else UNDER
        if above.beneath_headings:
            return self._levels_beneath_headings._replace(under=under)
        band = Band(44, above.tall)
        roomy = _Levels(band, max(measures.top, band.end + 8), under)
        snug = SNUG._replace(under=BENEATH) if below else SNUG
        # Snug levels leave more height: they are used if cells need not be flat then.
        helps = self._is_any_flat(roomy) and not self._is_any_flat(snug)
        return snug if helps else roomy

    @property
    def _levels_beneath_headings(self) -> _Levels:
        """The vertical positions if parameters stand beneath the headings."""
        measures = self.ranks.measures
        shapes = LINE * measures.least if self.ranks.wishes.shapes else 0.0
        band = Band(measures.heading[1] + SLIDER * measures.least + shapes, self.above.tall)
        return _Levels(band, band.end + 8, UNDER)

    @property
    def flat(self) -> bool:
        """Whether some cells have all of their texts in one line."""
        return self._is_any_flat(self.levels)

    def _is_any_flat(self, levels: _Levels) -> bool:
        return self._is_flat(min(self._own_pitches(levels)))

    def _is_flat(self, pitch: float) -> bool:
        """Whether cells in rows of this pitch have all of their texts in one line."""
        return pitch - self.between(pitch) < self.ranks.measures.flat

    def between(self, pitch: float) -> float:
        """The space between two cells, less if rows are close."""
        return min(self.ranks.measures.gap, max(CLOSEST, 0.2 * pitch - 6))

    @cached_property
    def pitches(self) -> list[float]:
        """The distance between rows by column, equal in all columns but those with flat cells."""
        own = self._own_pitches(self.levels)
        common = min((pitch for pitch in own if not self._is_flat(pitch)), default=0.0)
        return [pitch if self._is_flat(pitch) else common for pitch in own]

    def _own_pitches(self, levels: _Levels) -> list[float]:
        """The distance between rows that each column would have by itself."""
        measures, found = self.ranks.measures, []
        # A column of several values has several counts beneath, still within a slide's height.
        height = min(measures.height, SLIDE.height - _more_counts(self.ranks, self.across))
        for column in self.ranks.columns:
            room = height - levels.top - levels.under + CLOSEST - self._padded(column)
            rows = self._rows(column, self.mapped) + self._rows_lower
            pitch = min(measures.pitch, room / rows)
            if self.mapped.intersection(column):
                # Very many heat maps in a column make the picture higher.
                pitch = max(pitch, (measures.gap + LEAST_MAP) / MAP)
            found.append(pitch)
        return found

    # --- how high columns are

    @cached_property
    def _rows_lower(self) -> float:
        """How many rows lower passed columns stand; their heat maps lie beneath the arrow."""
        passed = self.ranks.passed_by
        if any(self.mapped.intersection(self.ranks.columns[at]) for at in passed):
            return LOWER_MAP
        return 0.5 if passed else 0.0

    @cached_property
    def _lower(self) -> float:
        """How much lower passed columns stand, in pixels."""
        if self._rows_lower < LOWER_MAP:
            return min(self.pitches) * self._rows_lower
        # Half of the highest map, and a little more, has to move below the arrow.
        return max(self.pitches[at] for at in self.ranks.passed_by) * self._rows_lower

    @cached_property
    def _heights(self) -> list[float]:
        """The height of each column."""
        return [
            pitch * self._rows(column, self.mapped) - self.between(pitch) + self._padded(column)
            for column, pitch in zip(self.ranks.columns, self.pitches, strict=True)
        ]

    @cached_property
    def _highest(self) -> tuple[float, float]:
        """The height of the highest column that is not passed, and of the highest that is, or 0."""
        alone = passed = 0.0
        for at, height in enumerate(self._heights):
            if at in self.ranks.passed_by:
                passed = max(passed, height)
            else:
                alone = max(alone, height)
        return alone, passed

    @cached_property
    def tall(self) -> float:
        """The height of all columns together."""
        alone, passed = self._highest
        return max(
            # The middles of the highest column and the highest passed one are `_lower` apart.
            self._lower + (alone + passed) / 2 if passed else alone,
            *(
                height + (pitch * self._rows_lower if at in self.ranks.passed_by else 0.0)
                for at, (height, pitch) in enumerate(zip(self._heights, self.pitches, strict=True))
            ),
        )

    @property
    def bottom(self) -> float:
        """The lower end of the columns."""
        return self.levels.top + self.tall

    @cached_property
    def tops(self) -> list[float]:
        """The top of each column: all have one middle, except that passed columns stand lower.

        To centre the whole, all columns then move up, but not beyond the first level.
        """
        (alone, passed), lower, shift = self._highest, self._lower, 0.0
        if self.ranks.passed_by:
            shift = min(max(-lower / 2, (alone - self.tall) / 2), (self.tall - passed) / 2 - lower)
        middle = self.levels.top + self.tall / 2
        return [
            middle + shift - height / 2 + (lower if at in self.ranks.passed_by else 0.0)
            for at, height in enumerate(self._heights)
        ]


# --- where each entry lies


def _layout(down: _Down) -> Layout:
    """The complete layout."""
    ranks, across, named = down.ranks, down.across, down.ranks.named
    levels, bottom = down.levels, down.bottom
    above = placed(ranks, across, down.above, levels.band, bottom)
    cells, maps, padding = _flowing(down)
    cells |= above.cells
    maps |= dict(sorted(above.maps.items()))
    around = ranks.around(cells, down.is_map)
    counts = _counts(ranks, across, bottom)
    if across.sent == "chosen":
        del counts[ranks.naming.output]
    # The values that are read beyond another column, and what is made of them.
    far = [(number, made) for number, made, between in ranks.passes if between]
    return Layout(
        width=across.width,
        height=bottom + levels.under + _more_counts(ranks, across),
        boxes=cells,
        headings=[*across.headings, *above.letters],
        counts=counts | above.counts,
        above={
            named[number]: across.gap(at)
            for at, numbers in ranks.parameters.items()
            for number in numbers
        },
        maps={letter: halves(box, ranks.measures.gap) for letter, box in maps.items()},
        columns=maps | around,
        padding=padding,
        reach=above.reach,
        grids={
            named[number]: around[named[number]]
            for number, row in down.above.rows.items()
            if row.lines > 1
        },
        passing=frozenset((named[number], named[made]) for number, made in far),
        corners=frozenset(
            (named[one], named[other])
            for ends in far
            for one, other in (ends, ends[::-1])
            if ranks.at[one] in ranks.passed_by
        ),
        sent=across.sent,
        chosen=bottom + COUNTS,
        counts_in_lines=across.counts_in_lines,
        measures=ranks.measures,
    )


def _counts(ranks: Ranks, across: Across, bottom: float) -> dict[str, Point]:
    """By letter, where the number of its nonzero gradients stands, beneath its column."""
    pitch, drop = _count_lines(ranks, across)
    return {
        ranks.named[number]: (x, bottom + COUNTS + pitch * place + drop)
        for column, x in zip(ranks.columns, across.counts, strict=True)
        for place, number in enumerate(column)
    }


def _more_counts(ranks: Ranks, across: Across) -> float:
    """The height of the counts beyond one line."""
    pitch, drop = _count_lines(ranks, across)
    return pitch * (max(map(len, ranks.columns)) - 1) + 2 * drop


def _count_lines(ranks: Ranks, across: Across) -> tuple[float, float]:
    """The distance between counts, and how much lower the middle of two lines is than of one."""
    line = LINE * ranks.measures.count
    return (2 * line, line / 2) if across.counts_in_lines else (line, 0.0)


def _flowing(down: _Down) -> tuple[dict[str, Box], dict[str, Box], dict[str, list[Box]]]:
    """Place the values of each column, downwards: cells by entry, maps and padding by letter."""
    ranks, cells = down.ranks, dict[str, Box]()
    maps, padding = dict[str, Box](), dict[str, list[Box]]()
    columns = zip(ranks.columns, down.across.spans, down.pitches, down.tops, strict=True)
    for column, span, pitch, top in columns:
        y, between = top, down.between(pitch)
        tall = min(ranks.measures.cell[1], pitch - between)
        for number in column:
            letter = ranks.named[number]
            around = ranks.wishes.padding.get(letter, 0)
            above = _padding(span, y, around)
            y += PADDING[0] * around
            if number in down.mapped:
                maps[letter] = (span.left, y, span.width, pitch * MAP - ranks.measures.gap)
                y += pitch * MAP
            elif levels := _level_with_read(down, number, cells):
                cells.update(_cells_at(levels, down, number, pitch, span, tall))
            else:
                common = None
                for index in indices(ranks.shape(number)):
                    group = ranks.naming.counted(letter, index)[:-1]
                    if common not in (None, group):
                        y += BAND * pitch
                    cells[ranks.naming.entry(letter, index)] = (span.left, y, span.width, tall)
                    y, common = y + pitch, group
            if around:
                below = _padding(span, y - between + PADDING[0] - PADDING[1], around)
                padding[letter] = [*above, *below]
                y += PADDING[0] * around
    return cells, maps, padding


def _padding(span: Span, top: float, count: int) -> list[Box]:
    """The boxes of this many places of padding, one beneath another."""
    return [(span.left, top + PADDING[0] * at, span.width, PADDING[1]) for at in range(count)]


def _level_with_read(down: _Down, number: int, cells: Mapping[str, Box]) -> list[float]:
    """The level of each entry if it stands level with what it is made of; [] if it cannot."""
    ranks, position = down.ranks, number - down.ranks.passed.outside
    if position < 0:
        return []
    step, at = ranks.passed.steps[position], ranks.at[number]
    letter, argument = ranks.named[step.reads[0]], step.inputs[0]
    apart = (at in ranks.passed_by) != (at - 1 in ranks.passed_by)
    alone = step.layer.flowing == len(ranks.columns[at]) == 1
    if not alone or apart or down.is_map(step.reads[0]):
        return []
    read: dict[tuple[int, ...], list[float]] = {i: [] for i in indices(step.output.shape)}
    for index in indices(argument.shape):
        level = middle_of(cells[ranks.naming.entry(letter, index)])[1]
        for fed in step.fed(0, index):
            read[fed].append(level)
    one_each = all(len(levels) == 1 for levels in read.values())
    if not (one_each or argument.size > step.output.size) or not all(read.values()):
        return []
    found = [sum(levels) / len(levels) for levels in read.values()]
    return found if all(low < high for low, high in pairwise(found)) else []


def _cells_at(
    levels: list[float], down: _Down, number: int, pitch: float, span: Span, tall: float
) -> Iterator[tuple[str, Box]]:
    """Place an array's cells at these levels, or around their middle if they are too close.

    tall: the height of the cells if there is room.
    """
    steps, close = len(levels) - 1, min(pitch, CLOSE)
    if steps and min(high - low for low, high in pairwise(levels)) < close - 1e-6:
        apart = max((levels[-1] - levels[0]) / steps, close)
        # Spread out around one half of a column, they still stay beside it.
        spare = max(0.0, down.tall - apart * steps - tall) / 2
        centre = down.levels.top + down.tall / 2
        middle = min(max((levels[0] + levels[-1]) / 2, centre - spare), centre + spare)
        levels = [middle + apart * (row - steps / 2) for row in range(steps + 1)]
    if steps:
        apart = min(high - low for low, high in pairwise(levels))
        # Cells that are higher than what they are made of must not reach into what stands above.
        free = down.levels.band.end + CLOSEST
        tall = min(tall, apart - down.between(apart), 2 * (levels[0] - free))
    for level, entry in zip(levels, down.ranks.entries(number), strict=True):
        yield entry, (span.left, level - tall / 2, span.width, tall)

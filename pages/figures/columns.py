"""A pass in columns: where its entries lie, told by what reads what.

A column for x and for what each operation makes, from left to right; the parameters in a row above
the edges out of them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Final, NamedTuple

from engine import Trace
from engine.arrays import indices
from pages.figures.cell_graph import BRIEF
from pages.figures.info import Naming
from pages.figures.layout import (
    LINE,
    SLIDE,
    Heading,
    Layout,
    Measures,
    Side,
    halves,
    in_two_lines,
    reaching,
)
from pages.figures.primitives import Box, Point, middle_of, text_width
from pages.figures.ranks import NO_WISHES, Ranks, Wishes, parameters_of
from pages.figures.words import gradient_of, name

MOST_PARAMETERS: Final = 8
MOST_IN_A_COLUMN: Final = 9
MOST_ALONE: Final = 14
"""An array of more entries is a heat map: a parameter; what flows; and that of one operation alone,
where flat cells may be wide."""
MOST_IN_A_GRID: Final = 20
"""An array of parameters of more entries is a heat map, where these stand in rows and columns."""
MAP: Final = 3
LEAST_MAP: Final = 16.0
LOWER_MAP: Final = MAP / 2 + 0.3
"""So many rows a heat map is high, and in pixels at least; and so much lower it stands where an
arrow passes above it."""
BAND: Final = 0.36
"""Of a row, what parts the entries of one example, or of one filter, from the next one's."""
CLOSE: Final = 74.0
"""From one entry to the next, at least, of what stands level with what it is made of."""
CLOSEST: Final = 4.0
"""Between two cells, at least."""
PADDING: Final = (38.0, 30.0)
"""From one entry of padding to the next, and how high it is."""
BETWEEN: Final = (25.0, 13.0)
"""From one parameter's cell to the next, where there is room, and at least."""
APART: Final = 8.0
"""Between the headings of two columns, at least."""
LETTER: Final = 8.0
"""Beside the letter of a heat map."""
COUNTED: Final = 214.0
"""Right of several parameters: how many of their gradients are nonzero."""
LEAST_WIDE: Final = 40.0
"""A parameter's heat map is so wide at least: where there is less room, the picture is wider."""
IN_LINES: Final = 150.0
"""Of a parameter's cell that is less wide its texts are in three lines."""
UNDER: Final = 52.0
COUNTS: Final = 28.0
BENEATH: Final = 112.0
"""Under the columns, where it is said of each how many; and with a row of parameters there."""
SLIDER: Final = 2.28
"""Of the least size of text, how far beneath headings parameters stand, with sliders between."""
FAN: Final = {"parameters": 10.0, "others": 7.0, "level": 4.0}
"""Which share the edges before a column get of the room that is left: level ones need least."""


def layout_of(
    passed: Trace, naming: Naming, wishes: Wishes = NO_WISHES, measures: Measures = SLIDE
) -> Layout:
    """Where everything lies.

    A column that is passed by somebody who reads what lies before it stands half a row lower, so
    that the edges go between its cells. What is made of more entries than it has stands level
    with what it is made of.
    """
    in_a_row = _Columns(passed, naming, wishes, measures)
    in_grids = replace(in_a_row, grids=True)
    # Not where some parameters, or what flows, would have no room for their cells.
    fits = measures.grid[0] and not in_grids.mapped_above and in_grids.mapped <= in_a_row.mapped
    return (in_grids if fits and in_grids.flat <= in_a_row.flat else in_a_row).layout()


class _Row(NamedTuple):
    """The cells of a parameter: their left ends, their width, in how many lines they stand.

    below: whether the second half stands below the columns.
    """

    lefts: list[float]
    width: float
    below: bool = False
    lines: int = 1


class _Levels(NamedTuple):
    """Where parameters begin and how high they are, where columns begin, what is free beneath."""

    parameters: float
    tall: float
    top: float
    under: float


SNUG: Final = _Levels(40, 54, 98, 46)
"""Where there are many rows."""


@dataclass(frozen=True)
class _Columns(Ranks):
    """grids: whether parameters may stand in rows and columns."""

    grids: bool = False

    def layout(self) -> Layout:
        """All of it; across first, as it depends on that whether parameters are under headings."""
        levels, (entries, maps, padding) = self.levels, self.flowing
        bottom = levels.top + self.tallest
        upper = dict(self.above(bottom))
        headings = [*self.headings(), *self.letters_above()]
        counts = {
            self.named[number]: (
                self.clear(middle, self.counted(column)),
                bottom + COUNTS + self._count_pitch * line + self._count_drop,
            )
            for column, middle in zip(self.columns, self.middles, strict=True)
            for line, number in enumerate(column)
        }
        more = self._count_pitch * (max(map(len, self.columns)) - 1) + 2 * self._count_drop
        if self.sent == "chosen":
            del counts[self.naming.output]
        cells = entries | {e: box for e, box in upper.items() if e not in self.named_maps}
        around = self.around(cells, self.is_map)
        maps = maps | {letter: upper[letter] for letter in sorted(self.named_maps & {*upper})}
        return Layout(
            width=self.width,
            height=bottom + levels.under + more,
            boxes=cells,
            headings=headings,
            counts=counts | dict(self.counts_above()),
            above={
                self.named[number]: self.gap(at)
                for at, numbers in self.parameters.items()
                for number in numbers
            },
            maps={letter: halves(box, self.measures.gap) for letter, box in maps.items()},
            columns=maps | around,
            padding=padding,
            reach=dict(self.beneath(upper)),
            grids={
                self.named[number]: around[self.named[number]]
                for number, row in self.rows.items()
                if row.lines > 1
            },
            passing=frozenset((self.named[n], self.named[made]) for n, made in self._far),
            corners=frozenset(
                (self.named[one], self.named[other])
                for ends in self._far
                for one, other in (ends, ends[::-1])
                if self.at[one] in self.passed_by
            ),
            sent=self.sent,
            chosen=bottom + COUNTS,
            counts_in_lines=self._counts_in_lines,
            measures=self.measures,
        )

    @property
    def _far(self) -> list[tuple[int, int]]:
        """What is read beyond another column, and what is made of it."""
        return [(number, made) for number, made, between in self.passes if between]

    def is_map(self, number: int) -> bool:
        """Whether a value has too many entries for cells."""
        return number in (self.mapped if number in self.at else self.mapped_above)

    @cached_property
    def named_maps(self) -> set[str]:
        """The letters of heat maps."""
        return {letter for number, letter in enumerate(self.named) if self.is_map(number)}

    @cached_property
    def mapped(self) -> set[int]:
        """Of what flows those with too many entries, or that have no room beside others."""
        most = MOST_ALONE if len(self.columns) == 2 else MOST_IN_A_COLUMN
        found = {number for number in self.at if self.size(number) > most}
        found |= self._crowded(found, 0.5 * bool(self.passed_by))
        # An arrow that stands for many passes over no cells, and takes room of its own: others may
        # have none then, which makes more such arrows.
        more: set[int] = set()
        while more != found:
            more = {*found}
            over = {
                at for *ends, between in self.passes if more.intersection(ends) for at in between
            }
            found |= {number for at in over for number in self.columns[at]}
            found = self._crowded(found, LOWER_MAP) if over else found
        return found

    def _crowded(self, mapped: set[int], lower: float) -> set[int]:
        """These, and the largest others in a column that have no room beside the rest of it.

        lower: how many rows stay free, where columns are passed.
        """
        found, top = {*mapped}, self.measures.top
        if self.rows:
            top = self._beneath_headings.top if self._under_headings() else SNUG.top
        for column, (_, wide) in zip(self.columns, self.spans, strict=True):
            lines = 1 if wide >= self.measures.in_line else 2
            room = self.measures.height - top - SNUG.under - self._padded(column)
            rows = room / (lines * LINE * self.measures.least + CLOSEST) - lower
            cells = sorted(set(column) - found, key=self.size)
            while cells and self._rows(column, found) > rows:
                found.add(cells.pop())
        return found

    def _rows(self, column: list[int], mapped: set[int]) -> float:
        """How many rows values take of which these are heat maps."""
        return sum(
            MAP if number in mapped else self.size(number) + BAND * (self.groups(number) - 1)
            for number in column
        )

    @cached_property
    def mapped_above(self) -> set[int]:
        """Of the parameters those with too many entries, or that have no room beside others."""
        if self.measures.grid[0]:
            return self._mapped_above_grids
        found = {
            number for number in parameters_of(self.passed) if self.size(number) > MOST_PARAMETERS
        }
        for at, numbers in self.parameters.items():
            cells = self._several(set(numbers) - found)
            while cells and self._wide(numbers, found) > self._room_above[at]:
                found.add(cells.pop())
        return found

    @property
    def _mapped_above_grids(self) -> set[int]:
        """The same where all of them share the room above the columns."""
        most = MOST_IN_A_GRID if self.grids else MOST_PARAMETERS
        numbers = [number for each in self.parameters.values() for number in each]
        found = {number for number in numbers if self.size(number) > most}
        cells = self._several(set(numbers) - found)
        least = self.measures.grid[0] if self.grids else self.measures.narrowest
        while cells and self._cell_above(found) < least:
            found.add(cells.pop())
        return found

    def _several(self, numbers: set[int]) -> list[int]:
        """Those of several entries, the largest last: of one, a cell takes less than a map."""
        return sorted((number for number in numbers if self.size(number) > 1), key=self.size)

    def _lines(self, numbers: list[int], mapped: set[int]) -> int:
        """How many lines an operation's parameters stand in: one for each output."""
        few = [number for number in numbers if number not in mapped]
        firsts = {(*self.shape(number), 1)[0] for number in few}
        several = self.grids and any(self.groups(number) > 1 for number in few)
        return firsts.pop() if several and len(firsts) == 1 and not self._has_room_in_a_row else 1

    @cached_property
    def _has_room_in_a_row(self) -> bool:
        """Whether all parameters have cells beside each other that are as wide as may be."""
        sizes = [self.size(number) for each in self.parameters.values() for number in each]
        room, wide = self.width - 2 * self.measures.margin, self.measures.grid[1] + BETWEEN[1]
        return max(sizes) <= MOST_PARAMETERS and wide * sum(sizes) <= room

    def _cell_above(self, mapped: set[int]) -> float:
        """How wide each parameter's cell may be, where all stand beside each other."""
        count, taken = 0, 2 * self.measures.margin
        for numbers in self.parameters.values():
            lines = self._lines(numbers, mapped)
            each = [1 if n in mapped else -(-self.size(n) // lines) for n in numbers]
            called = (self._label_room(n, n in mapped) for n in numbers if n in mapped or lines > 1)
            count, taken = count + sum(each), taken + sum(called)
        return (self.width - taken) / max(count, 1) - BETWEEN[1]

    def _label_room(self, number: int, mapped: bool) -> float:
        """How much room a parameter's letter takes left of a grid, or of a heat map."""
        letter = name(self.named[number])
        return text_width(gradient_of(letter) if mapped else letter, self.measures.note) + LETTER

    def _wide(self, numbers: list[int], mapped: set[int]) -> float:
        """How much room parameters take at least."""
        cells = sum(1 if number in mapped else self.size(number) for number in numbers)
        called = sum(self._label_room(number, True) for number in mapped.intersection(numbers))
        return cells * (self.measures.narrowest + BETWEEN[1]) - BETWEEN[1] + called

    @cached_property
    def _room_above(self) -> dict[int, float]:
        """How much room the parameters before a column have beside those before others."""
        middles = [sum(self.gap(at)) / 2 for at in self.parameters]
        margin = self.measures.margin
        firsts = [margin, *(sum(pair) / 2 for pair in pairwise(middles))]
        ends = [*firsts[1:], self.width - margin]
        return {
            at: 2 * min(middle - first, end - middle)
            for at, middle, first, end in zip(self.parameters, middles, firsts, ends, strict=True)
        }

    # --- across

    @property
    def width(self) -> float:
        """Of the picture: as wide as its columns need."""
        left, wide = self.spans[-1]
        return max(round(left + wide + self.right, 6), self.measures.width)

    @cached_property
    def sent(self) -> Side:
        """Where sliders of what is sent into the outputs are."""
        output = self.passed.output
        many: Side = "chosen" if output.size > MOST_IN_A_COLUMN else "right"
        return self.wishes.sent or (many if output.ndim else "below")

    @property
    def right(self) -> float:
        """What stays free right of the columns."""
        own = self.measures.sent if self.sent == "right" else self.measures.margin
        return own + self.wishes.beside

    @cached_property
    def spans(self) -> list[tuple[float, float]]:
        """Where each column begins, and how wide its cells are."""
        measures, count = self.measures, len(self.columns)
        left = measures.left_beside if self.wishes.beside else measures.left
        room = measures.width - left - self.right
        edges = measures.edges
        if (room - edges * (count - 1)) / count < measures.narrow:
            edges = measures.short
        wide = min(measures.cell[0], (room - edges * (count - 1)) / count)
        widths = [max(wide, measures.narrowest)] * count
        if count == 2:
            for at, column in enumerate(self.columns):
                if sum(map(self.size, column)) > MOST_IN_A_COLUMN:
                    widths[at] = measures.flat_width
        free = max(0.0, room - sum(widths) - edges * (count - 1))
        shares = [self._share(at) for at in range(1, count)]
        found = [(left, widths[0])]
        headed = pairwise(self._headed(widths, edges))
        for at, (share, both) in enumerate(zip(shares, headed, strict=True), 1):
            # Where headings are wider than that, so is the picture.
            least = (sum(both) - widths[at - 1] - widths[at]) / 2 + APART
            gap = max(edges + free * share / sum(shares), least)
            found.append((sum(found[-1]) + gap, widths[at]))
        missing = self._needed_above - max(sum(found[-1]) + self.right, measures.width)
        if missing > 0:
            each = missing / len(self.parameters)
            shifts = (each * sum(before <= at for before in self.parameters) for at in range(count))
            found = [
                (left + shift, wide) for (left, wide), shift in zip(found, shifts, strict=True)
            ]
        return found

    @property
    def _needed_above(self) -> float:
        """How wide the picture is at least, for all parameters as heat maps beside each other."""
        if not self.measures.grid[0]:
            return 0.0
        numbers = [number for each in self.parameters.values() for number in each]
        called = sum(self._label_room(n, True) for n in numbers if self.size(n) > 1)
        return 2 * self.measures.margin + called + len(numbers) * (LEAST_WIDE + BETWEEN[1])

    def _headed(self, widths: list[float], edges: float) -> list[float]:
        """How wide the headings of columns of these widths are, if they have no more room.

        The last one stands further left where it would go beyond the picture.
        """
        found = []
        for column, width in zip(self.columns, widths, strict=True):
            title, formula = self.said(column)
            said = [text_width(formula, self.measures.note)]
            if self.wishes.shapes:
                whole = text_width(f"{formula} {self._shapes(column)}", self.measures.note)
                said.append(min(whole, width + edges - 2 * APART))
            found.append(max(text_width(in_two_lines(title), self.measures.least), *said))
        # Its title is in one line, and larger, where it has room for that.
        pitch = max(widths[-1] + edges, sum(found[-2:]) / 2 + APART)
        large = text_width(f"<b>{title}</b>", self.measures.title)
        found[-1] = max(found[-1], large * (large <= pitch - 2 * APART))
        beyond = (found[-1] - widths[-1]) / 2 - self.right
        found[-1] += 2 * max(0.0, beyond)
        return found

    @cached_property
    def middles(self) -> list[float]:
        """Of each column."""
        return [left + width / 2 for left, width in self.spans]

    def _share(self, at: int) -> float:
        """Of the room that is left, what the edges before a column get."""
        first = self.columns[at][0]
        if self.named[first] in self.wishes.room:
            return self.wishes.room[self.named[first]]
        if at in self.parameters:
            return FAN["parameters"]
        step = self.passed.steps[first - self.passed.outside]
        return FAN["level" if step.output.size == step.inputs[0].size else "others"]

    def gap(self, at: int) -> tuple[float, float]:
        """From where to where the edges before a column go."""
        return sum(self.spans[at - 1]), self.spans[at][0]

    @cached_property
    def rows(self) -> dict[int, _Row]:
        """The cells of each parameter: those of an operation above the edges to what it makes.

        None comes near those of the next operation.
        """
        if self.measures.grid[0]:
            return self._rows_of_grids
        found: dict[int, _Row] = {}
        few = not self.mapped_above and max(map(self.size, self.at)) <= MOST_ALONE
        lone = few and len(self.columns) == 2
        for at, numbers in self.parameters.items():
            middle = sum(self.gap(at)) / 2
            # The second of two filters stands below: of an operation alone.
            below = lone and self.has_two_filters(numbers)
            halves = 2 if below else 1
            cells = [1 if self.is_map(n) else self.size(n) // halves for n in numbers]
            # Several not over the columns, unless they would be too narrow.
            begin, after = self.gap(at)
            begin -= self.spans[at - 1][1] * (sum(cells) == 1)
            beside = COUNTED * self._is_counted(numbers) + sum(map(self._called, numbers))
            least = (self.measures.narrowest + BETWEEN[1]) * sum(cells) + beside
            free = min(self._room_above[at], max(after - begin - 16, least))
            wide = self.measures.cell[0]
            apart = BETWEEN[(wide + BETWEEN[0]) * sum(cells) + beside > free]
            each = min(wide, (free - beside + apart) / sum(cells) - apart)
            left = middle - ((each + apart) * sum(cells) - apart + beside) / 2
            for number, count in zip(numbers, cells, strict=True):
                left += self._called(number)
                lefts = [left + (each + apart) * cell for cell in range(count)]
                found[number] = _Row(lefts * halves, each, below)
                left += (each + apart) * count
        return found

    @property
    def _rows_of_grids(self) -> dict[int, _Row]:
        """Each operation's as near to the edges out of them as the others leave room."""
        margin, mapped, found = self.measures.margin, self.mapped_above, dict[int, _Row]()
        wide = min(self._cell_above(mapped), self.measures.grid[1])
        pitch = wide + BETWEEN[1]
        lines = {
            number: 1 if number in mapped else self._lines(numbers, mapped)
            for numbers in self.parameters.values()
            for number in numbers
        }
        counts = {n: 1 if n in mapped else self.size(n) // lines[n] for n in lines}
        wished = []
        for at, numbers in self.parameters.items():
            taken = sum(self._called(n, lines[n]) + pitch * counts[n] for n in numbers)
            wished.append((sum(self.gap(at)) / 2 - taken / 2, taken))
        end = self.width - margin + BETWEEN[1]
        free = end - margin - sum(taken for _, taken in wished)
        counted = COUNTED * any(map(self._is_counted, self.parameters.values()))
        lefts = _beside_each_other(wished, margin, end - min(counted, max(0.0, free)))
        for numbers, left in zip(self.parameters.values(), lefts, strict=True):
            for number in numbers:
                left += self._called(number, lines[number])
                places = [left + pitch * at for at in range(counts[number])]
                found[number] = _Row(places * lines[number], wide, lines=lines[number])
                left += pitch * counts[number]
        return found

    def _called(self, number: int, lines: int = 1) -> float:
        """How much room the letter of what is a heat map or a grid takes."""
        mapped = self.is_map(number)
        return self._label_room(number, mapped) if mapped or lines > 1 else 0.0

    def _is_counted(self, numbers: list[int]) -> bool:
        """Whether it is said how many of a parameter's gradients are nonzero, if it has room."""
        return len(self.columns) == 2 and [self.size(number) > 1 for number in numbers] == [True]

    def counted(self, column: list[int]) -> float:
        """How wide it is what is said of a column's gradients."""
        count = self.size(column[0])
        return text_width(f"<b>{count} of {count}</b> nonzero", self.measures.count)

    @cached_property
    def _counts_in_lines(self) -> bool:
        """Whether what is said of a column would else run into what is said of the next one."""
        beside = zip(self.middles, self.columns, strict=True)
        return any(
            left + self.counted(column) / 2 > right - self.counted(other) / 2
            for (left, column), (right, other) in pairwise(beside)
        )

    @property
    def _count_pitch(self) -> float:
        """From what is said of an array to what is said of the one beneath it."""
        return LINE * self.measures.count * (1 + self._counts_in_lines)

    @property
    def _count_drop(self) -> float:
        """How much lower the middle of two lines is than that of one."""
        return LINE * self.measures.count * self._counts_in_lines / 2

    def clear(self, middle: float, wide: float) -> float:
        """Where the middle of a text of that width is that does not go beyond the picture."""
        return min(middle, self.width - self.wishes.beside - wide / 2 - 2)

    # --- down

    @cached_property
    def levels(self) -> _Levels:
        """Parameters stand beneath the headings where they would lie on them."""
        measures, rows = self.measures, self.rows.values()
        if not rows:
            top = max(reaching(heading, measures) for heading in self.headings())
            return _Levels(0, 0, max(measures.top, top), UNDER)
        below, tall = any(row.below for row in rows), self._tall
        under = BENEATH if below else UNDER
        if self._under_headings():
            return self._beneath_headings._replace(under=under)
        roomy = _Levels(44, tall, max(measures.top, 44 + tall + 8), under)
        snug = SNUG._replace(under=max(SNUG.under, under * below))
        # Cells of two lines need more than one of one line.
        return snug if self._is_flat(self.pitch(roomy)) > self._is_flat(self.pitch(snug)) else roomy

    @property
    def _tall(self) -> float:
        """How high parameters are where there is room: more with their texts in three lines."""
        rows = self.rows.values()
        if (lines := max(row.lines for row in rows)) > 1:
            return max(self.measures.cell[1], lines * (self._line + CLOSEST) - CLOSEST)
        narrow = any(row.width < self._in_one_line(number) for number, row in self.rows.items())
        lone = all(len(row.lefts) == 1 for row in rows)
        mapped = any(map(self.is_map, self.rows))
        return self.measures.cell[1] if narrow or lone or mapped else 60.0

    def _in_one_line(self, number: int) -> float:
        """How wide a parameter's cell is at least in which name and value share a line."""
        index, size = tuple(extent - 1 for extent in self.shape(number)), self.measures
        label = text_width(self.naming.label(self.named[number], index), size.note)
        return max(IN_LINES, label + BRIEF * size.least + 3 * size.inside)

    @property
    def _line(self) -> float:
        """How high a cell of a grid is: of two lines of text."""
        return 2 * LINE * self.measures.least + 0.5

    @property
    def flat(self) -> bool:
        """Whether some cells have all of their texts in one line."""
        return self._is_flat(self.pitch(self.levels))

    @property
    def _beneath_headings(self) -> _Levels:
        """Parameters stand there."""
        measures, shapes = self.measures, LINE * self.measures.least * self.wishes.shapes
        level = measures.heading[1] + SLIDER * measures.least + shapes
        return _Levels(level, self._tall, level + self._tall + 8, UNDER)

    def _under_headings(self) -> bool:
        """Whether a parameter's cell or slider would lie on a heading."""
        if any(row.lines > 1 for row in self.rows.values()):
            return True
        return any(
            abs(heading.at[0] - (left + row.width / 2)) < (wide + row.width) / 2 + 8
            for heading in self.headings()
            for wide in [text_width(f"<b>{heading.title}</b>", self.measures.title)]
            for row in self.rows.values()
            for left in row.lefts
        )

    def pitch(self, levels: _Levels) -> float:
        """From one row to the next in the fullest column."""
        return min(self._pitch(levels, column) for column in self.columns)

    def _pitch(self, levels: _Levels, column: list[int]) -> float:
        """From one row to the next: the same in all columns but in those with flat cells."""
        own = self._own_pitch(levels, column)
        if self._is_flat(own):
            return own
        all_of_them = [self._own_pitch(levels, each) for each in self.columns]
        return min(pitch for pitch in all_of_them if not self._is_flat(pitch))

    def _own_pitch(self, levels: _Levels, column: list[int]) -> float:
        measures = self.measures
        room = measures.height - levels.top - levels.under + CLOSEST - self._padded(column)
        pitch = min(measures.pitch, room / (self._rows(column, self.mapped) + self._lower))
        # Very many heat maps in a column make the picture higher.
        mapped = any(map(self.is_map, column))
        return max(pitch, (measures.gap + LEAST_MAP) / MAP) if mapped else pitch

    @property
    def _lower(self) -> float:
        """How many rows lower columns stand that are passed: heat maps beneath the arrow."""
        if any(self.is_map(number) for at in self.passed_by for number in self.columns[at]):
            return LOWER_MAP
        return 0.5 * bool(self.passed_by)

    def _padded(self, column: list[int]) -> float:
        """How much padding takes of a column."""
        return 2 * PADDING[0] * self.padded(column)

    @cached_property
    def tallest(self) -> float:
        """How high the columns are."""
        alone, passed = self._extents
        lower = self.pitch(self.levels) * self._lower
        return max(
            # The highest that is passed stands so much lower than the highest other.
            lower + (alone + passed) / 2 if passed else alone,
            *(
                self._extent(column)
                + self._pitch(self.levels, column) * self._lower * (at in self.passed_by)
                for at, column in enumerate(self.columns)
            ),
        )

    @property
    def _extents(self) -> tuple[float, float]:
        """How high the highest column is that is not passed, and that is; 0 where none is."""
        found = {False: 0.0, True: 0.0}
        for at, column in enumerate(self.columns):
            passed = at in self.passed_by
            found[passed] = max(found[passed], self._extent(column))
        return found[False], found[True]

    def _extent(self, column: list[int]) -> float:
        """How high a column is."""
        pitch = self._pitch(self.levels, column)
        rows = pitch * self._rows(column, self.mapped)
        return rows - self._gap(pitch) + self._padded(column)

    def _is_flat(self, pitch: float) -> bool:
        """Whether all of a cell's texts stand in one line."""
        return pitch - self._gap(pitch) < self.measures.flat

    def _gap(self, pitch: float) -> float:
        """Between two cells: less where there is little room."""
        return min(self.measures.gap, max(CLOSEST, 0.2 * pitch - 6))

    @cached_property
    def flowing(self) -> tuple[dict[str, Box], dict[str, Box], dict[str, list[Box]]]:
        """The cells of what flows, the heat maps by letter, and the padding by letter."""
        levels, cells = self.levels, dict[str, Box]()
        maps, padding = dict[str, Box](), dict[str, list[Box]]()
        middle = levels.top + self.tallest / 2
        lower = self.pitch(levels) * self._lower
        shift = self._shift(lower) if self.passed_by else 0.0
        for at, (column, (left, wide)) in enumerate(zip(self.columns, self.spans, strict=True)):
            pitch = self._pitch(levels, column)
            tall = min(self.measures.cell[1], pitch - self._gap(pitch))
            down = middle + shift - self._extent(column) / 2 + lower * (at in self.passed_by)
            for number in column:
                letter, level = self.named[number], self._level(number, cells)
                around = self.wishes.padding.get(letter, 0)
                above = [(left, down + PADDING[0] * k, wide, PADDING[1]) for k in range(around)]
                down += PADDING[0] * around
                if self.is_map(number):
                    maps[letter] = (left, down, wide, pitch * MAP - self.measures.gap)
                    down += pitch * MAP
                elif level:
                    cells |= self._on(number, level, pitch, (left, wide, tall))
                else:
                    common = None
                    for index in indices(self.shape(number)):
                        group = self.naming.counted(letter, index)[:-1]
                        down += BAND * pitch * (common not in (None, group))
                        cells[self.naming.entry(letter, index)] = (left, down, wide, tall)
                        down, common = down + pitch, group
                under = down - self._gap(pitch) + PADDING[0] - PADDING[1]
                below = [(left, under + PADDING[0] * k, wide, PADDING[1]) for k in range(around)]
                if around:
                    padding[letter] = [*above, *below]
                    down += PADDING[0] * around
        return cells, maps, padding

    def _shift(self, lower: float) -> float:
        """How much lower all columns stand, so that those that are passed are in the middle too.

        Higher, but not as far as above the first level.
        """
        room = self.tallest
        alone, passed = self._extents
        return min(max(-lower / 2, (alone - room) / 2), (room - passed) / 2 - lower)

    def _level(self, number: int, cells: Mapping[str, Box]) -> list[float]:
        """Where each entry would be level with what it is made of; [] where that says nothing."""
        position = number - self.passed.outside
        if position < 0 or self.is_map(number):
            return []
        step, at = self.passed.steps[position], self.at[number]
        letter, argument = self.named[step.reads[0]], step.inputs[0]
        apart = (at in self.passed_by) != (at - 1 in self.passed_by)
        alone = step.layer.flowing == len(self.columns[at]) == 1
        if not alone or apart or letter in self.named_maps:
            return []
        read: dict[tuple[int, ...], list[float]] = {i: [] for i in indices(step.output.shape)}
        for index in indices(argument.shape):
            level = middle_of(cells[self.naming.entry(letter, index)])[1]
            for fed in step.layer.feeds(0, index, step.run.cache):
                read[fed].append(level)
        one_each = all(len(levels) == 1 for levels in read.values())
        if not (one_each or argument.size > step.output.size) or not all(read.values()):
            return []
        found = [sum(levels) / len(levels) for levels in read.values()]
        return found if all(low < high for low, high in pairwise(found)) else []

    def _on(
        self, number: int, levels: list[float], pitch: float, cell: tuple[float, float, float]
    ) -> Iterator[tuple[str, Box]]:
        """An array's cells about these levels, not closer than they may be.

        cell: their left end, their width, their height where there is room.
        """
        left, wide, tall = cell
        steps, close = len(levels) - 1, min(pitch, CLOSE)
        if steps and min(high - low for low, high in pairwise(levels)) < close - 1e-6:
            apart = max((levels[-1] - levels[0]) / steps, close)
            # Level with one half of a column, and farther apart, they stay beside it.
            spare = max(0.0, self.tallest - apart * steps - tall) / 2
            centre = self.levels.top + self.tallest / 2
            middle = min(max((levels[0] + levels[-1]) / 2, centre - spare), centre + spare)
            levels = [middle + apart * (row - steps / 2) for row in range(steps + 1)]
        if steps:
            apart = min(high - low for low, high in pairwise(levels))
            # Higher than what it is made of, it does not reach into what stands above.
            free = self.levels.parameters + self.levels.tall + CLOSEST
            tall = min(tall, apart - self._gap(apart), 2 * (levels[0] - free))
        for level, entry in zip(levels, self.entries(number), strict=True):
            yield entry, (left, level - tall / 2, wide, tall)

    # --- what stands above

    def above(self, bottom: float) -> Iterator[tuple[str, Box]]:
        """The parameters' cells by entry; a heat map by its letter."""
        levels = self.levels
        for number, row in self.rows.items():
            letter = self.named[number]
            if self.is_map(number):
                yield letter, (row.lefts[0], levels.parameters, row.width, levels.tall)
                continue
            count = len(row.lefts) // (2 if row.below else row.lines)
            tall = self._line if row.lines > 1 else min(levels.tall, self.measures.cell[1])
            for place, entry in enumerate(self.entries(number)):
                line = place // count
                # The last line is right above the edges.
                up = (row.lines - line) * (tall + CLOSEST) - CLOSEST
                level = bottom + 14 if row.below and line else levels.parameters + levels.tall - up
                yield entry, (row.lefts[place], level, row.width, tall)

    def beneath(self, upper: Mapping[str, Box]) -> Iterator[tuple[str, Box]]:
        """What the edges out of cells in several lines begin at: all of the lines."""
        end = self.levels.parameters + self.levels.tall
        for number, row in self.rows.items():
            if row.lines > 1:
                for entry in self.entries(number):
                    left, top, wide, _ = upper[entry]
                    yield entry, (left, top, wide, end - top)

    def counts_above(self) -> Iterator[tuple[str, Point]]:
        """Right of several parameters, as far as there is room: how many are nonzero."""
        for numbers in self.parameters.values():
            row = self.rows[numbers[0]]
            x = max(row.lefts) + row.width + COUNTED / 2 + 8
            at, wide = (x, self.levels.parameters + self.levels.tall / 2), self.counted(numbers)
            has_room = self._is_counted(numbers) and x + wide / 2 <= self.width
            if has_room and not self._is_headed(at, wide):
                yield self.named[numbers[0]], at

    def _is_headed(self, at: Point, wide: float) -> bool:
        """Whether a count of this width would lie on what stands beneath a column's title."""
        _, formula = self.measures.heading
        over = at[1] - formula < LINE * (self.measures.note + self.measures.count) / 2
        return over and any(
            abs(heading.at[0] - at[0]) * 2 < text_width(heading.formula, self.measures.note) + wide
            for heading in self.headings()
        )

    def headings(self) -> Iterator[Heading]:
        """What made a column, and its letters; over the sliders of what is sent, that it is."""
        title, _ = self.measures.heading
        for column, middle in zip(self.columns, self.middles, strict=True):
            others = (abs(middle - other) for other in self.middles if other != middle)
            room, said = min(others) - 2 * APART, self.said(column)
            if self.wishes.shapes:
                said = (said[0], self._with_shapes(column, said[1], room))
            whole, least = f"<b>{said[0]}</b>", self.measures.least
            wide = min(room, text_width(whole, self.measures.title))
            if text_width(whole, least) > room:
                wide = text_width(in_two_lines(said[0]), least)
            wide = max(wide, text_width(said[1], self.measures.note))
            yield Heading((self.clear(middle, wide), title), *said, room)
        if self.sent == "right":
            output = self.naming.output
            left, width = self.spans[-1]
            middle = left + width + self.measures.sent / 2
            yield Heading((middle, title), "upstream", gradient_of(output))

    def letters_above(self) -> Iterator[Heading]:
        """Left of each grid its letter; of a heat map, of its values and of its gradients."""
        title, formula = self.measures.heading
        end = self.levels.parameters + self.levels.tall
        for number, row in self.rows.items():
            letter, mapped = name(self.named[number]), self.is_map(number)
            if mapped or row.lines > 1:
                tall = self.levels.tall if mapped else row.lines * (self._line + CLOSEST) - CLOSEST
                said = [letter, gradient_of(letter)] if mapped else [letter]
                left = row.lefts[0] - self._label_room(number, mapped) / 2
                for at, each in enumerate(said):
                    level = end - tall * (1 - (at + 0.5) / len(said))
                    yield Heading((left, level - formula + title), "", each)

    def _with_shapes(self, column: list[int], formula: str, room: float) -> str:
        """The letters, and in the same line or in the next what shapes these arrays have."""
        said = self._shapes(column)
        line = f"{formula} {said}"
        return line if text_width(line, self.measures.note) <= room else f"{formula}<br>{said}"

    def _shapes(self, column: list[int]) -> str:
        """Those of a column's arrays, each once."""
        return ", ".join(dict.fromkeys(str(self.shape(number)) for number in column))


def _beside_each_other(wished: list[tuple[float, float]], begin: float, end: float) -> list[float]:
    """Left ends of what has a wished one and a width, as near to it as the others leave room."""
    found: list[float] = []
    free = begin
    for left, width in wished:
        found.append(max(left, free))
        free = found[-1] + width
    for at in reversed(range(len(wished))):
        found[at] = min(found[at], end - wished[at][1])
        end = found[at]
    return found

"""Lay out a pass in rows, for a phone, with operations from top to bottom.

There is a row for x and one for the output of each operation, with its name on the left. The
parameters stand left of the edges out of them, the second of two filters on the right.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, groupby
from typing import Final

from engine import Trace
from engine.arrays import indices
from pages.figures.info import Naming
from pages.figures.layout import PHONE, Heading, Layout, halves, in_two_lines
from pages.figures.primitives import Box, Point, text_width
from pages.figures.ranks import Ranks, Wishes

MOST_PARAMETERS: Final = 8  # a parameter with more entries is a heat map
ROWS_OF_A_MAP: Final = (18.0, 44.0)
"""The height of a row of a heat map: of its values, and of its gradients, which a finger hits."""
HIGHEST_MAP: Final = 132.0  # the largest height of all rows of a heat map together
BAND: Final = 8.0  # the space between the entries of two examples, or of two filters
BEHIND: Final = 10.0  # the space between a line of cells and the one behind it
PADDING: Final = (20.0, 10.0)  # the preferred and the least distance between places of padding
ALONE: Final = 74.0  # the space between the rows of a lone operation: its edges may be many to many
WORDS: Final = 40.0  # the least width of the rows' names on the left
MOST_WORDS: Final = 94.0  # their largest width
TEXT: Final = 14.0  # the distance between two lines of text


def rows_of(passed: Trace, naming: Naming, wishes: Wishes) -> Layout:
    """Lay out a pass in rows.

    A row with too many entries for one line stands in two lines, the second shifted by half a cell,
    so that edges run between the cells of the first. With too many for that it is a heat map.
    """
    return _Rows(passed, naming, wishes, PHONE).layout()


@dataclass(frozen=True)
class _Rows(Ranks):
    def layout(self) -> Layout:
        """The complete layout, from top to bottom."""
        boxes: dict[str, Box] = {}
        maps: dict[str, Box] = {}
        reach: dict[str, Box] = {}
        padding: dict[str, list[Box]] = {}
        above: dict[str, tuple[float, float]] = {}
        spans: list[tuple[float, float]] = []
        down = self.measures.margin + 2
        for at, row in enumerate(self.columns):
            if at:
                gap = self.gap(at)
                for number in self.parameters.get(at, ()):
                    above[self.named[number]] = (down, down + gap)
                aside, mapped = self.aside(at, down, gap)
                boxes |= aside
                maps |= mapped
                down += gap
            top, lines = down, self.lines(row)
            for line in lines:
                boxes |= self.line(at, line, down)
                down += self.measures.cell[1] + BEHIND
            for number in row:
                letter = self.named[number]
                if not lines:
                    values, gradients = self.map_heights(number)
                    high = values + self.measures.gap + gradients
                    maps[letter] = (self.left, down, self.room, high)
                    down += high + BEHIND
                elif around := self.wishes.padding.get(letter, 0):
                    padding[letter] = [*self.padding(number, around, top, boxes)]
            down -= BEHIND
            for entry in chain.from_iterable(lines if len(lines) > 1 else ()):
                left, _, wide, _ = boxes[entry]
                reach[entry] = (left, top, wide, down - top)
            spans.append((top, down))
        return Layout(
            width=self.measures.width,
            height=down + self.measures.margin + 2,
            boxes=boxes,
            headings=[*self.headings(spans)],
            counts=dict(self.counts(spans)),
            above=above,
            maps={x: self.halves_of(x, box) for x, box in maps.items()},
            columns=maps | self.around(boxes, self.is_map),
            unlinked=frozenset(self.unlinked()),
            padding=padding,
            down=True,
            counts_in_lines=True,
            reach=reach,
            measures=self.measures,
        )

    # --- what there is

    def is_map(self, number: int) -> bool:
        """Whether a value has too many entries for cells."""
        if number not in self.at:
            return self.size(number) > MOST_PARAMETERS
        return not self.lines(self.columns[self.at[number]])

    def groups_of(self, number: int) -> list[list[str]]:
        """The entries of a value, grouped by example or filter."""
        letter, where = self.named[number], indices(self.shape(number))
        groups = [self.naming.counted(letter, index)[:-1] for index in where]
        names = zip(groups, self.entries(number), strict=True)
        return [[entry for _, entry in group] for _, group in groupby(names, lambda it: it[0])]

    def lines(self, row: Sequence[int]) -> list[list[str]]:
        """A row's entries, in lines of cells that a finger hits; [] if there are too many."""
        groups = [group for number in row for group in self.groups_of(number)]
        every = [entry for group in groups for entry in group]
        one, two = self.most(0.0), self.most(0.5)
        if len(groups) == 2 and len(every) > 5 and max(map(len, groups)) <= two:
            return groups
        if len(every) <= (two if self.passed_by else one):
            return [every]
        if len(every) <= 2 * two:
            return [every[::2], every[1::2]]
        return []

    def most(self, more: float) -> int:
        """The most cells that a finger hits in a line with room for `more` of another cell."""
        pitch = self.measures.narrowest + self.measures.gap / 2
        return int((self.room + self.measures.gap / 2) / pitch - more)

    # --- across

    @cached_property
    def left(self) -> float:
        """Where rows begin: right of the words, and of parameters."""
        titles = [in_two_lines(self.said(row)[0]) for row in self.columns]
        words = [text_width(title, self.measures.title) for title in titles]
        sizes = [self.size(row[0]) for row in self.columns]
        words += [text_width(f"<b>{n} of {n}</b>", self.measures.count) for n in sizes]
        own = min(MOST_WORDS, max(WORDS, *words) + 3)
        return max(own, self.measures.narrowest + 10) if self.parameters else own

    @cached_property
    def room(self) -> float:
        """The width of rows: up to the parameters on the right, if there are any."""
        on_both_sides = any(self.left_and_right(at)[1] for at in self.parameters)
        right = self.measures.narrowest + 10 if on_both_sides else self.measures.margin
        return self.measures.width - self.left - right

    def left_and_right(self, at: int) -> tuple[list[str], list[str]]:
        """The parameters' entries left and right of the edges before a row, except heat maps.

        On the right stands the second of two filters, or every other one of many entries.
        """
        few = [number for number in self.parameters.get(at, ()) if not self.is_map(number)]
        entries = [entry for number in few for entry in self.entries(number)]
        if len(few) == 1 and self.has_two_filters(few):
            half = len(entries) // 2
            return entries[:half], entries[half:]
        if len(entries) > 4:
            return entries[::2], entries[1::2]
        return entries, []

    def unlinked(self) -> Iterator[str]:
        """The parameters of heat maps that stand on both sides: one arrow cannot lead to both."""
        for at, numbers in self.parameters.items():
            if self.left_and_right(at)[1] and any(map(self.is_map, self.columns[at])):
                yield from (self.named[number] for number in numbers)

    def line(self, at: int, line: Sequence[str], down: float) -> Iterator[tuple[str, Box]]:
        """The cells of a line."""
        wide_most, tall = self.measures.cell
        gap, row = self.measures.gap, self.columns[at]
        lines = self.lines(row)
        place = lines.index([*line])
        aside = 0.5 if len(lines) > 1 or self.passed_by else 0.0
        count = max(map(len, lines))
        beyond = 2 * self.padding_pitch(row) * self.padded(row)
        groups = sum(map(self.groups, row)) - 1 if len(lines) == 1 else 0
        room = self.room - beyond - BAND * groups
        pitch = min((room + gap) / (count + aside), wide_most + gap)
        wide = max(pitch - gap, min(self.measures.narrowest, pitch - 1))
        steps = place if len(lines) > 1 else int(at in self.passed_by)
        taken = pitch * (count + aside) - gap + BAND * groups
        x = self.left + (self.room - taken) / 2 + aside * pitch * steps
        # A band comes behind the last entry of each of several examples or filters.
        parted = {group[-1] for number in row for group in self.groups_of(number)} if groups else ()
        for entry in line:
            yield entry, (x, down, wide, tall)
            x += pitch + (BAND if entry in parted else 0.0)

    def padding_pitch(self, row: Sequence[int]) -> float:
        """The distance between places of padding."""
        cells = len(self.lines(row)[0])
        roomy, snug = PADDING
        free = self.room - cells * (self.measures.narrowest + self.measures.gap)
        return roomy if free >= 2 * roomy * self.padded(row) else snug

    def padding(
        self, number: int, around: int, top: float, boxes: Mapping[str, Box]
    ) -> Iterator[Box]:
        """The boxes of padding beyond the two ends of a row."""
        row = self.columns[self.at[number]]
        (entries,), pitch, tall = self.lines(row), self.padding_pitch(row), self.measures.cell[1]
        first, last, wide = boxes[entries[0]], boxes[entries[-1]], 0.85 * pitch
        for place in range(around, 0, -1):
            yield (first[0] - pitch * place, top + 6, wide, tall - 12)
        for place in range(around):
            yield (last[0] + last[2] + pitch * (place + 1) - wide, top + 6, wide, tall - 12)

    # --- down

    def gap(self, at: int) -> float:
        """The height of the edges before a row."""
        mapped = any(map(self.is_map, self.parameters.get(at, ())))
        stacked = max(map(len, self.left_and_right(at))) + int(mapped)
        alone = ALONE if len(self.columns) == 2 and not self.wishes.room_right else 0.0
        aside = self._pitch_aside * stacked + 2 if stacked else 0.0
        return max(self.measures.edges, alone, aside)

    @property
    def _pitch_aside(self) -> float:
        return self.measures.cell[1] + self.measures.gap

    def aside(self, at: int, down: float, gap: float) -> tuple[dict[str, Box], dict[str, Box]]:
        """Place parameters beside the edges before a row: by entry cells, by letter heat maps."""
        boxes: dict[str, Box] = {}
        maps: dict[str, Box] = {}
        margin, right = self.measures.margin, self.left + self.room + 8
        places = ((margin, self.left - 8), (right, self.measures.width - right - margin))
        mapped = [self.named[n] for n in self.parameters.get(at, ()) if self.is_map(n)]
        first, second = self.left_and_right(at)
        for stack, (left, wide) in zip(([*first, *mapped], second), places, strict=True):
            y = down + (gap - self._pitch_aside * len(stack) + self.measures.gap) / 2
            for each in stack:
                into = maps if each in mapped else boxes
                into[each] = (left, y, wide, self.measures.cell[1])
                y += self._pitch_aside
        return boxes, maps

    def map_heights(self, number: int) -> tuple[float, float]:
        """The heights of the two halves of a heat map."""
        count = self.size(number) // self.shape(number)[-1]
        values, gradients = (min(HIGHEST_MAP, count * each) for each in ROWS_OF_A_MAP)
        return values, gradients

    def halves_of(self, letter: str, box: Box) -> tuple[Box, Box]:
        """The boxes of a heat map's values and gradients."""
        number = self.named.index(letter)
        if number not in self.at:
            return halves(box, self.measures.gap)
        left, top, wide, _ = box
        values, gradients = self.map_heights(number)
        return (left, top, wide, values), (left, top + values + self.measures.gap, wide, gradients)

    # --- what is said

    def _text(self, row: Sequence[int], span: tuple[float, float]) -> tuple[str, int, float]:
        """A row's title, its number of lines, and the level of the first; a count is beneath.

        span: the upper and the lower end of the row.
        """
        title, _ = self.said(row)
        wide = text_width(f"<b>{title}</b>", self.measures.title) > self.left - 4
        lines = 2 if wide and " " in title else 1
        return title, lines, sum(span) / 2 - TEXT * (lines + 1) / 2

    def headings(self, spans: Sequence[tuple[float, float]]) -> Iterator[Heading]:
        """The headings at the left of the rows: what made each."""
        for row, span in zip(self.columns, spans, strict=True):
            title, lines, begin = self._text(row, span)
            split = 0.5 * self.measures.least if lines > 1 else 0.0
            at = (self.left / 2 - 1, begin + TEXT * (lines - 1) / 2 - split)
            yield Heading(at, title, "", self.left - 4)

    def counts(self, spans: Sequence[tuple[float, float]]) -> Iterator[tuple[str, Point]]:
        """By letter, where the number of nonzero gradients stands: two lines under the heading."""
        for row, span in zip(self.columns, spans, strict=True):
            _, lines, begin = self._text(row, span)
            yield self.named[row[0]], (self.left / 2 - 1, begin + TEXT * (lines + 0.5))

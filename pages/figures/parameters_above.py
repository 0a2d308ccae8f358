"""How parameters stand above the edges out of them: the second step of a layout in columns.

First across, as far as columns lie there (`parameters_above`): those of an operation have a room by
themselves, or those of all of them share one, where each may stand in rows and columns;
`measures.grid` says which. Then, as soon as levels are known, each cell (`placed`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, NamedTuple

from pages.figures.cell_graph import BRIEF
from pages.figures.columns_across import MOST_ALONE, Across, count_width
from pages.figures.layout import LINE, Heading
from pages.figures.primitives import Box, Point, text_width
from pages.figures.ranks import Ranks, parameters_of
from pages.figures.words import gradient_of, name

MOST_PARAMETERS: Final = 8
MOST_IN_A_GRID: Final = 20
"""A parameter of more entries is a heat map; and where parameters stand in rows and columns."""
BETWEEN: Final = (25.0, 13.0)
"""From one parameter's cell to the next, where there is room, and at least."""
CLOSEST: Final = 4.0
"""Between a cell and the one beneath it, at least."""
LETTER: Final = 8.0
"""Beside the letter of a heat map."""
COUNTED: Final = 214.0
"""Right of several parameters: how many of their gradients are nonzero."""
LEAST_WIDE: Final = 40.0
"""A parameter's heat map is so wide at least: where there is less room, the picture is wider."""
IN_LINES: Final = 150.0
"""Of a parameter's cell that is less wide its texts are in three lines."""


class Row(NamedTuple):
    """The cells of a parameter: their left ends, their width, in how many lines they stand.

    below: whether the second half stands below the columns.
    """

    lefts: list[float]
    width: float
    lines: int = 1
    below: bool = False


@dataclass(frozen=True)
class Above:
    """How parameters stand, by number: those that are heat maps, and the rows of all with a place.

    tall: how high they are where there is room. beneath_headings: whether they stand there, as the
    cell or the slider of one would lie on a heading.
    """

    mapped: set[int] = field(default_factory=set)
    rows: dict[int, Row] = field(default_factory=dict)
    tall: float = 0.0
    beneath_headings: bool = False


def parameters_above(ranks: Ranks, across: Across, *, grids: bool = False) -> Above:
    """How they stand.

    grids: whether they may stand in rows and columns.
    """
    if not ranks.parameters:
        return Above()
    if ranks.measures.grid[0]:
        mapped, rows = _sharing_room(ranks, across, grids)
    else:
        mapped, rows = _by_operation(ranks, across)
    tall = _tall(ranks, mapped, rows)
    return Above(mapped, rows, tall, _is_on_headings(ranks, across, rows))


def least_width(ranks: Ranks) -> float:
    """How wide the picture is at least, for all parameters as heat maps beside each other."""
    measures, numbers = ranks.measures, [n for each in ranks.parameters.values() for n in each]
    if not measures.grid[0]:
        return 0.0
    letters = sum(_letter_room(ranks, n, True) for n in numbers if ranks.size(n) > 1)
    return 2 * measures.margin + letters + len(numbers) * (LEAST_WIDE + BETWEEN[1])


class _Block(NamedTuple):
    """A parameter's lines, how many cells each has, and the room of a letter left of them."""

    lines: int
    cells: int
    letter: float


def _blocks(
    ranks: Ranks, numbers: list[int], mapped: set[int], *, grids: bool = False
) -> dict[int, _Block]:
    """Those of an operation's parameters of which some are heat maps.

    grids: whether they stand in lines, one for each output, if all have as many.
    """
    few = [number for number in numbers if number not in mapped]
    outputs = {(*ranks.shape(number), 1)[0] for number in few}
    several = grids and len(outputs) == 1 and any(ranks.groups(number) > 1 for number in few)
    lines = outputs.pop() if several else 1
    found = {}
    for number in numbers:
        if number in mapped:
            found[number] = _Block(1, 1, _letter_room(ranks, number, True))
        else:
            letter = _letter_room(ranks, number, False) if several else 0.0
            found[number] = _Block(lines, ranks.size(number) // lines, letter)
    return found


def _letter_room(ranks: Ranks, number: int, mapped: bool) -> float:
    """How much room a parameter's letter takes left of a grid, or of a heat map."""
    return text_width(_beside(ranks, number, mapped)[-1], ranks.measures.note) + LETTER


def _beside(ranks: Ranks, number: int, mapped: bool) -> list[str]:
    """Left of a grid its letter; of a heat map, those of its values and of its gradients."""
    letter = name(ranks.named[number])
    return [letter, gradient_of(letter)] if mapped else [letter]


def _to_map(ranks: Ranks, numbers: list[int], mapped: set[int]) -> list[int]:
    """What may become a heat map too, the largest last: of one entry, a cell takes less."""
    several = (n for n in set(numbers) - mapped if ranks.size(n) > 1)
    return sorted(several, key=ranks.size)


# --- those of each operation by themselves


def _by_operation(ranks: Ranks, across: Across) -> tuple[set[int], dict[int, Row]]:
    """The heat maps, and each parameter's row, above the edges to what is made with it.

    None comes near those of the next operation.
    """
    mapped = {n for n in parameters_of(ranks.passed) if ranks.size(n) > MOST_PARAMETERS}
    rooms = _rooms(ranks, across)
    for numbers, room in zip(ranks.parameters.values(), rooms, strict=True):
        cells = _to_map(ranks, numbers, mapped)
        while cells and _least_wide(ranks, numbers, mapped) > room:
            mapped.add(cells.pop())
    few = not mapped and max(map(ranks.size, ranks.at)) <= MOST_ALONE
    rows: dict[int, Row] = {}
    for (at, numbers), room in zip(ranks.parameters.items(), rooms, strict=True):
        # The second of two filters stands below: of an operation alone.
        below = few and len(ranks.columns) == 2 and ranks.has_two_filters(numbers)
        rows |= _rows_before(ranks, across, at, room, _blocks(ranks, numbers, mapped), below)
    return mapped, rows


def _rooms(ranks: Ranks, across: Across) -> list[float]:
    """How much room the parameters of each operation have beside those of others."""
    middles = [sum(across.gap(at)) / 2 for at in ranks.parameters]
    between, margin = [sum(pair) / 2 for pair in pairwise(middles)], ranks.measures.margin
    ends = pairwise([margin, *between, across.width - margin])
    return [
        2 * min(middle - begin, end - middle)
        for middle, (begin, end) in zip(middles, ends, strict=True)
    ]


def _least_wide(ranks: Ranks, numbers: list[int], mapped: set[int]) -> float:
    """How much room an operation's parameters take at least."""
    blocks = _blocks(ranks, numbers, mapped).values()
    pitch = ranks.measures.narrowest + BETWEEN[1]
    return sum(b.cells for b in blocks) * pitch - BETWEEN[1] + sum(b.letter for b in blocks)


def _rows_before(
    ranks: Ranks, across: Across, at: int, room: float, blocks: dict[int, _Block], below: bool
) -> Iterator[tuple[int, Row]]:
    """The rows of the parameters before a column: beside each other, in the middle of the edges."""
    measures, (begin, end) = ranks.measures, across.gap(at)
    cells = [block.cells // (2 if below else 1) for block in blocks.values()]
    beside = COUNTED * _is_counted(ranks, [*blocks]) + sum(b.letter for b in blocks.values())
    least = (measures.narrowest + BETWEEN[1]) * sum(cells) + beside
    # Several not over the columns, unless they would be too narrow.
    over = across.spans[at - 1].width * (sum(cells) == 1)
    free = min(room, max(end - (begin - over) - 16, least))
    wide = measures.cell[0]
    apart = BETWEEN[(wide + BETWEEN[0]) * sum(cells) + beside > free]
    wide = min(wide, (free - beside + apart) / sum(cells) - apart)
    pitch = wide + apart
    left = (begin + end) / 2 - (pitch * sum(cells) - apart + beside) / 2
    for (number, block), count in zip(blocks.items(), cells, strict=True):
        left += block.letter
        yield number, Row([left + pitch * cell for cell in range(count)], wide, below=below)
        left += pitch * count


# --- those of all operations in a room that they share


def _sharing_room(ranks: Ranks, across: Across, grids: bool) -> tuple[set[int], dict[int, Row]]:
    """The heat maps, and each parameter's row: near the edges as far as others leave room."""
    measures, numbers = ranks.measures, [n for each in ranks.parameters.values() for n in each]
    most = MOST_IN_A_GRID if grids else MOST_PARAMETERS
    least = measures.grid[0] if grids else measures.narrowest
    grids = grids and not _has_room_in_a_row(ranks, numbers, across.width)

    def arranged() -> list[dict[int, _Block]]:
        return [_blocks(ranks, each, mapped, grids=grids) for each in ranks.parameters.values()]

    mapped = {number for number in numbers if ranks.size(number) > most}
    cells, operations = _to_map(ranks, numbers, mapped), arranged()
    while cells and _shared_width(ranks, across, operations) < least:
        mapped.add(cells.pop())
        operations = arranged()
    wide = min(_shared_width(ranks, across, operations), measures.grid[1])
    return mapped, dict(_rows_together(ranks, across, operations, wide))


def _has_room_in_a_row(ranks: Ranks, numbers: list[int], width: float) -> bool:
    """Whether all parameters have cells beside each other that are as wide as may be."""
    measures, sizes = ranks.measures, [ranks.size(number) for number in numbers]
    wide = measures.grid[1] + BETWEEN[1]
    return max(sizes) <= MOST_PARAMETERS and wide * sum(sizes) <= width - 2 * measures.margin


def _shared_width(ranks: Ranks, across: Across, operations: list[dict[int, _Block]]) -> float:
    """How wide each parameter's cell may be, where all stand beside each other."""
    blocks = [block for each in operations for block in each.values()]
    taken = 2 * ranks.measures.margin + sum(block.letter for block in blocks)
    return (across.width - taken) / sum(block.cells for block in blocks) - BETWEEN[1]


def _rows_together(
    ranks: Ranks, across: Across, operations: list[dict[int, _Block]], wide: float
) -> Iterator[tuple[int, Row]]:
    """The rows of all parameters, whose cells are so wide."""
    margin, pitch, wished = ranks.measures.margin, wide + BETWEEN[1], []
    for at, blocks in zip(ranks.parameters, operations, strict=True):
        taken = sum(block.letter + pitch * block.cells for block in blocks.values())
        wished.append((sum(across.gap(at)) / 2 - taken / 2, taken))
    end = across.width - margin + BETWEEN[1]
    free = end - margin - sum(taken for _, taken in wished)
    counted = COUNTED * any(_is_counted(ranks, numbers) for numbers in ranks.parameters.values())
    lefts = _beside_each_other(wished, margin, end - min(counted, max(0.0, free)))
    for blocks, left in zip(operations, lefts, strict=True):
        for number, (lines, cells, letter) in blocks.items():
            left += letter
            yield number, Row([left + pitch * cell for cell in range(cells)], wide, lines)
            left += pitch * cells


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


# --- how high they are


def _tall(ranks: Ranks, mapped: set[int], rows: dict[int, Row]) -> float:
    """How high parameters are where there is room: more with their texts in three lines."""
    tall, lines = ranks.measures.cell[1], max(row.lines for row in rows.values())
    if lines > 1:
        return max(tall, lines * (_cell_height(ranks) + CLOSEST) - CLOSEST)
    narrow = any(row.width < _in_one_line(ranks, number) for number, row in rows.items())
    lone = all(ranks.size(number) == 1 for number in rows)
    return tall if narrow or lone or mapped.intersection(rows) else 60.0


def _cell_height(ranks: Ranks) -> float:
    """How high a cell of a grid is: of two lines of text."""
    return 2 * LINE * ranks.measures.least + 0.5


def _in_one_line(ranks: Ranks, number: int) -> float:
    """How wide a parameter's cell is at least in which name and value share a line."""
    index, size = tuple(extent - 1 for extent in ranks.shape(number)), ranks.measures
    label = text_width(ranks.naming.label(ranks.named[number], index), size.note)
    return max(IN_LINES, label + BRIEF * size.least + 3 * size.inside)


def _is_on_headings(ranks: Ranks, across: Across, rows: dict[int, Row]) -> bool:
    """Whether the cell or the slider of a parameter would lie on a heading."""
    if any(row.lines > 1 for row in rows.values()):
        return True
    size = ranks.measures.title
    headings = [(each.at[0], text_width(f"<b>{each.title}</b>", size)) for each in across.headings]
    return any(
        abs(middle - (left + row.width / 2)) < (wide + row.width) / 2 + 8
        for middle, wide in headings
        for row in rows.values()
        for left in row.lefts
    )


# --- where all that lies


class Band(NamedTuple):
    """Where parameters begin down a picture, and how high they are."""

    top: float
    tall: float

    @property
    def end(self) -> float:
        """Where they end, right above the edges."""
        return self.top + self.tall


@dataclass(frozen=True)
class Placed:
    """Where parameters lie: cells by entry, heat maps by letter.

    reach: what the edges out of cells in several lines begin at, all of the lines. letters: beside
    grids and heat maps. counts: where it is said how many of a letter's gradients are nonzero.
    """

    cells: dict[str, Box]
    maps: dict[str, Box]
    reach: dict[str, Box]
    letters: list[Heading]
    counts: dict[str, Point]


def placed(ranks: Ranks, across: Across, above: Above, band: Band, bottom: float) -> Placed:
    """Where parameters lie whose rows are known.

    bottom: where the columns end.
    """
    cells: dict[str, Box] = {}
    maps: dict[str, Box] = {}
    reach: dict[str, Box] = {}
    letters: list[Heading] = []
    for number, row in above.rows.items():
        mapped, tall = number in above.mapped, band.tall
        if mapped:
            maps[ranks.named[number]] = (row.lefts[0], band.top, row.width, tall)
        else:
            cells.update(_cells(ranks, number, row, band, bottom))
        if row.lines > 1:
            tall = row.lines * (_cell_height(ranks) + CLOSEST) - CLOSEST
            for entry in ranks.entries(number):
                left, top, wide, _ = cells[entry]
                reach[entry] = (left, top, wide, band.end - top)
        if mapped or row.lines > 1:
            letters += _letters(ranks, number, mapped, row.lefts[0], band.end, tall)
    return Placed(cells, maps, reach, letters, dict(_counts(ranks, across, above, band)))


def _cells(
    ranks: Ranks, number: int, row: Row, band: Band, bottom: float
) -> Iterator[tuple[str, Box]]:
    """A parameter's cells by entry."""
    several = row.lines > 1
    tall = _cell_height(ranks) if several else min(band.tall, ranks.measures.cell[1])
    for place, entry in enumerate(ranks.entries(number)):
        line, cell = divmod(place, len(row.lefts))
        # The last line is right above the edges.
        up = (row.lines - line) * (tall + CLOSEST) - CLOSEST
        level = bottom + 14 if row.below and line else band.end - up
        yield entry, (row.lefts[cell], level, row.width, tall)


def _letters(
    ranks: Ranks, number: int, mapped: bool, left: float, end: float, tall: float
) -> Iterator[Heading]:
    """What is left of a grid, or of a heat map, that lies so."""
    title, formula = ranks.measures.heading
    x, said = left - _letter_room(ranks, number, mapped) / 2, _beside(ranks, number, mapped)
    for at, each in enumerate(said):
        level = end - tall * (1 - (at + 0.5) / len(said))
        yield Heading((x, level - formula + title), "", each)


def _counts(ranks: Ranks, across: Across, above: Above, band: Band) -> Iterator[tuple[str, Point]]:
    """Right of several parameters, as far as there is room: how many are nonzero."""
    for numbers in ranks.parameters.values():
        row, wide = above.rows[numbers[0]], count_width(ranks, numbers)
        at = (max(row.lefts) + row.width + COUNTED / 2 + 8, band.top + band.tall / 2)
        has_room = _is_counted(ranks, numbers) and at[0] + wide / 2 <= across.width
        if has_room and not _is_headed(ranks, across, at, wide):
            yield ranks.named[numbers[0]], at


def _is_counted(ranks: Ranks, numbers: list[int]) -> bool:
    """Whether it is said how many of a parameter's gradients are nonzero, if it has room."""
    return len(ranks.columns) == 2 and [ranks.size(number) > 1 for number in numbers] == [True]


def _is_headed(ranks: Ranks, across: Across, at: Point, wide: float) -> bool:
    """Whether a count of this width would lie on what stands beneath a column's title."""
    measures, (_, formula) = ranks.measures, ranks.measures.heading
    over = at[1] - formula < LINE * (measures.note + measures.count) / 2
    return over and any(
        abs(heading.at[0] - at[0]) * 2 < text_width(heading.formula, measures.note) + wide
        for heading in across.headings
    )

"""Place parameters above the edges out of them: the second step of a layout in columns.

First across, given the columns (`parameters_above`): the parameters of each operation have a space
of their own, or those of all operations share one, in which each may stand in rows and columns;
`measures.grid` says which. Then, once the vertical levels are known, each cell (`placed`).
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

MOST_PARAMETERS: Final = 8  # a parameter with more entries is a heat map
MOST_IN_A_GRID: Final = 20  # the same if parameters may stand in rows and columns
BETWEEN: Final = (25.0, 13.0)  # the preferred and the least space between two cells of parameters
CLOSEST: Final = 4.0  # the least space between a cell and the one beneath it
LETTER: Final = 8.0  # the space beside the letter of a grid or of a heat map
COUNTED: Final = 214.0
"""The width for the number of nonzero gradients, right of a parameter with several entries."""
LEAST_WIDE: Final = 40.0
"""The least width of a parameter's heat map: if there is less room, the picture is wider."""
IN_LINES: Final = 150.0  # a parameter's cell that is less wide has its texts in three lines


class Row(NamedTuple):
    """The cells of a parameter."""

    lefts: list[float]  # the left ends of the cells
    width: float  # of a cell
    lines: int = 1
    below: bool = False  # whether the second half stands below the columns


@dataclass(frozen=True)
class Above:
    """How parameters stand."""

    mapped: set[int] = field(default_factory=set)  # the numbers of those that are heat maps
    rows: dict[int, Row] = field(default_factory=dict)  # by number, of all that are placed
    tall: float = 0.0  # their height if there is room
    beneath_headings: bool = False
    """Whether they stand beneath the headings, because a cell or a slider would otherwise lie on
    one."""


def parameters_above(ranks: Ranks, across: Across, *, grids: bool = False) -> Above:
    """Arrange the parameters across.

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
    """The least width of the picture, for all parameters as heat maps beside each other."""
    measures, numbers = ranks.measures, [n for each in ranks.parameters.values() for n in each]
    if not measures.grid[0]:
        return 0.0
    letters = sum(_letter_room(ranks, n, True) for n in numbers if ranks.size(n) > 1)
    return 2 * measures.margin + letters + len(numbers) * (LEAST_WIDE + BETWEEN[1])


class _Block(NamedTuple):
    """The room that a parameter needs."""

    lines: int
    cells: int  # in each line
    letter: float  # the width of the letter on the left of the cells


def _blocks(
    ranks: Ranks, numbers: list[int], mapped: set[int], *, grids: bool = False
) -> dict[int, _Block]:
    """The blocks of an operation's parameters; mapped: those that are heat maps.

    grids: whether the others stand in lines, one for each output, if all have as many outputs.
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
    """The width of a parameter's letter on the left of a grid, or of a heat map."""
    return text_width(_texts_on_the_left(ranks, number, mapped)[-1], ranks.measures.note) + LETTER


def _texts_on_the_left(ranks: Ranks, number: int, mapped: bool) -> list[str]:
    """The texts left of a grid (its letter) or of a heat map (those of values and gradients)."""
    letter = name(ranks.named[number])
    return [letter, gradient_of(letter)] if mapped else [letter]


def _to_map(ranks: Ranks, numbers: list[int], mapped: set[int]) -> list[int]:
    """What may still become a heat map, the largest last; one entry takes less room as a cell."""
    several = (n for n in set(numbers) - mapped if ranks.size(n) > 1)
    return sorted(several, key=ranks.size)


# --- the parameters of each operation in a space of their own


def _by_operation(ranks: Ranks, across: Across) -> tuple[set[int], dict[int, Row]]:
    """The heat maps, and each parameter's row, above the edges to its operation's output.

    The parameters of different operations do not come near each other.
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
        # The second of two filters stands below the columns, if there is only one operation.
        below = few and len(ranks.columns) == 2 and ranks.has_two_filters(numbers)
        rows |= _rows_before(ranks, across, at, room, _blocks(ranks, numbers, mapped), below)
    return mapped, rows


def _rooms(ranks: Ranks, across: Across) -> list[float]:
    """The width that the parameters of each operation have between those of others."""
    middles = [sum(across.gap(at)) / 2 for at in ranks.parameters]
    between, margin = [sum(pair) / 2 for pair in pairwise(middles)], ranks.measures.margin
    ends = pairwise([margin, *between, across.width - margin])
    return [
        2 * min(middle - begin, end - middle)
        for middle, (begin, end) in zip(middles, ends, strict=True)
    ]


def _least_wide(ranks: Ranks, numbers: list[int], mapped: set[int]) -> float:
    """The least width of an operation's parameters."""
    blocks = _blocks(ranks, numbers, mapped).values()
    pitch = ranks.measures.narrowest + BETWEEN[1]
    return sum(b.cells for b in blocks) * pitch - BETWEEN[1] + sum(b.letter for b in blocks)


def _rows_before(
    ranks: Ranks, across: Across, at: int, room: float, blocks: dict[int, _Block], below: bool
) -> Iterator[tuple[int, Row]]:
    """The rows of the parameters before a column, side by side, in the middle of the edges."""
    measures, (begin, end) = ranks.measures, across.gap(at)
    cells = [block.cells // (2 if below else 1) for block in blocks.values()]
    counted = COUNTED if _is_counted(ranks, [*blocks]) else 0.0
    beside = counted + sum(b.letter for b in blocks.values())
    least = (measures.narrowest + BETWEEN[1]) * sum(cells) + beside
    # Several cells do not reach over the columns, unless they would be too narrow.
    over = across.spans[at - 1].width if sum(cells) == 1 else 0.0
    free = min(room, max(end - (begin - over) - 16, least))
    wide, (roomy, snug) = measures.cell[0], BETWEEN
    apart = roomy if (wide + roomy) * sum(cells) + beside <= free else snug
    wide = min(wide, (free - beside + apart) / sum(cells) - apart)
    pitch = wide + apart
    left = (begin + end) / 2 - (pitch * sum(cells) - apart + beside) / 2
    for (number, block), count in zip(blocks.items(), cells, strict=True):
        left += block.letter
        yield number, Row([left + pitch * cell for cell in range(count)], wide, below=below)
        left += pitch * count


# --- the parameters of all operations in one space


def _sharing_room(ranks: Ranks, across: Across, grids: bool) -> tuple[set[int], dict[int, Row]]:
    """The heat maps, and each parameter's row, as near its edges as the others leave room."""
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
    """Whether the cells of all parameters have room beside each other at their full width."""
    measures, sizes = ranks.measures, [ranks.size(number) for number in numbers]
    wide = measures.grid[1] + BETWEEN[1]
    return max(sizes) <= MOST_PARAMETERS and wide * sum(sizes) <= width - 2 * measures.margin


def _shared_width(ranks: Ranks, across: Across, operations: list[dict[int, _Block]]) -> float:
    """The largest width of each parameter's cell if all stand beside each other."""
    blocks = [block for each in operations for block in each.values()]
    taken = 2 * ranks.measures.margin + sum(block.letter for block in blocks)
    return (across.width - taken) / sum(block.cells for block in blocks) - BETWEEN[1]


def _rows_together(
    ranks: Ranks, across: Across, operations: list[dict[int, _Block]], wide: float
) -> Iterator[tuple[int, Row]]:
    """The rows of all parameters, with cells of this width."""
    margin, pitch, wished = ranks.measures.margin, wide + BETWEEN[1], []
    for at, blocks in zip(ranks.parameters, operations, strict=True):
        taken = sum(block.letter + pitch * block.cells for block in blocks.values())
        wished.append((sum(across.gap(at)) / 2 - taken / 2, taken))
    end = across.width - margin + BETWEEN[1]
    free = end - margin - sum(taken for _, taken in wished)
    if any(_is_counted(ranks, numbers) for numbers in ranks.parameters.values()):
        end -= min(COUNTED, max(0.0, free))
    lefts = _beside_each_other(wished, margin, end)
    for blocks, left in zip(operations, lefts, strict=True):
        for number, (lines, cells, letter) in blocks.items():
            left += letter
            yield number, Row([left + pitch * cell for cell in range(cells)], wide, lines)
            left += pitch * cells


def _beside_each_other(wished: list[tuple[float, float]], begin: float, end: float) -> list[float]:
    """The left ends of things with (wished left end, width), as near the wish as others allow."""
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
    """The height of parameters if there is room: more if their texts stand in three lines."""
    tall, lines = ranks.measures.cell[1], max(row.lines for row in rows.values())
    if lines > 1:
        return max(tall, lines * (_cell_height(ranks) + CLOSEST) - CLOSEST)
    narrow = any(row.width < _in_one_line(ranks, number) for number, row in rows.items())
    lone = all(ranks.size(number) == 1 for number in rows)
    return tall if narrow or lone or mapped.intersection(rows) else 60.0


def _cell_height(ranks: Ranks) -> float:
    """The height of a cell in a grid: two lines of text."""
    return 2 * LINE * ranks.measures.least + 0.5


def _in_one_line(ranks: Ranks, number: int) -> float:
    """The least width of a parameter's cell in which name and value share a line."""
    index, size = tuple(extent - 1 for extent in ranks.shape(number)), ranks.measures
    label = text_width(ranks.naming.label(ranks.named[number], index), size.note)
    return max(IN_LINES, label + BRIEF * size.least + 3 * size.inside)


def _is_on_headings(ranks: Ranks, across: Across, rows: dict[int, Row]) -> bool:
    """Whether the cell or slider of a parameter would lie on a heading; a grid always counts."""
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


# --- where parameters lie


class Band(NamedTuple):
    """The vertical range of the parameters: its top and its height."""

    top: float
    tall: float

    @property
    def end(self) -> float:
        """The lower end, directly above the edges."""
        return self.top + self.tall


@dataclass(frozen=True)
class Placed:
    """Where parameters lie."""

    cells: dict[str, Box]  # by entry
    maps: dict[str, Box]  # by letter
    reach: dict[str, Box]
    """For cells in several lines, the box at which their edges begin, down to the last line."""
    letters: list[Heading]  # the headings beside grids and heat maps
    counts: dict[str, Point]  # by letter, where the number of nonzero gradients stands


def placed(ranks: Ranks, across: Across, above: Above, band: Band, bottom: float) -> Placed:
    """Place the parameters, given their rows.

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
        # The last line is directly above the edges.
        up = (row.lines - line) * (tall + CLOSEST) - CLOSEST
        level = bottom + 14 if row.below and line else band.end - up
        yield entry, (row.lefts[cell], level, row.width, tall)


def _letters(
    ranks: Ranks, number: int, mapped: bool, left: float, end: float, tall: float
) -> Iterator[Heading]:
    """The texts on the left of a grid, or of a heat map, at this position."""
    title, formula = ranks.measures.heading
    x, said = (
        left - _letter_room(ranks, number, mapped) / 2,
        _texts_on_the_left(ranks, number, mapped),
    )
    for at, each in enumerate(said):
        level = end - tall * (1 - (at + 0.5) / len(said))
        yield Heading((x, level - formula + title), "", each)


def _counts(ranks: Ranks, across: Across, above: Above, band: Band) -> Iterator[tuple[str, Point]]:
    """By letter, where its number of nonzero gradients stands: on its right, if there is room."""
    for numbers in ranks.parameters.values():
        row, wide = above.rows[numbers[0]], count_width(ranks, numbers)
        at = (max(row.lefts) + row.width + COUNTED / 2 + 8, band.top + band.tall / 2)
        has_room = _is_counted(ranks, numbers) and at[0] + wide / 2 <= across.width
        if has_room and not _is_headed(ranks, across, at, wide):
            yield ranks.named[numbers[0]], at


def _is_counted(ranks: Ranks, numbers: list[int]) -> bool:
    """Whether these parameters get a count: a single one, of several entries, of one operation."""
    return len(ranks.columns) == 2 and [ranks.size(number) > 1 for number in numbers] == [True]


def _is_headed(ranks: Ranks, across: Across, at: Point, wide: float) -> bool:
    """Whether a count of this width would lie on the text beneath a column's title."""
    measures, (_, formula) = ranks.measures, ranks.measures.heading
    over = at[1] - formula < LINE * (measures.note + measures.count) / 2
    return over and any(
        abs(heading.at[0] - at[0]) * 2 < text_width(heading.formula, measures.note) + wide
        for heading in across.headings
    )

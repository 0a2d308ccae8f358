"""Lay out a pass of many layers on a phone: a strip for each array, values beside gradients.

Strips follow the forward pass from top to bottom, each parameter before the value made with it.
There is no room for edges; the titles say what is made of what.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from engine import Trace
from pages.figures.info import Naming
from pages.figures.layout import LINE, PHONE, Heading, Layout, in_two_lines
from pages.figures.primitives import Box, Point, text_width
from pages.figures.ranks import Ranks, Wishes
from pages.figures.words import name

HEIGHT: Final = 330.0  # the height of all strips together, unless some would become too low
LOWEST: Final = 20.0  # the least height of a heat map
HIGHEST: Final = 48.0  # the largest height of a heat map
BETWEEN: Final = 4.0  # the space between two strips, and between values and gradients
WORDS: Final = 92.0  # the least width of the strips' titles on the left
MOST_CELLS: Final = 5  # a value with more entries is a heat map, however much room there is


def strips_of(passed: Trace, naming: Naming, wishes: Wishes) -> Layout:
    """Lay out a pass in strips."""
    return _Strips(passed, naming, wishes, PHONE).layout()


@dataclass(frozen=True)
class _Strips(Ranks):
    def layout(self) -> Layout:
        """The complete layout, from top to bottom."""
        boxes: dict[str, Box] = {}
        maps: dict[str, tuple[Box, Box]] = {}
        around: dict[str, Box] = {}
        for number, top in self.tops.items():
            letter, tall = self.named[number], self.tall(number)
            if self.is_map(number):
                around[letter] = (self.words, top, self.room, tall)
                wide = self.wide(number)
                aside = (self.half - wide) / 2
                values, gradients = ((left + aside, top, wide, tall) for left in self.halves)
                maps[letter] = (values, gradients)
            else:
                boxes |= dict(self.cells(number, top))
        last, top = [*self.tops.items()][-1]
        return Layout(
            width=self.measures.width,
            height=top + self.tall(last) + self.measures.margin,
            boxes=boxes,
            headings=[*self.headings()],
            counts=dict(self.counts()),
            maps=maps,
            columns=around | self.around(boxes, self.is_map),
            down=True,
            unlinked=frozenset(self.named),
            measures=self.measures,
        )

    @cached_property
    def tops(self) -> dict[int, float]:
        """The top of each value's strip."""
        found, down = {}, self.measures.margin + self.titled
        for at, column in enumerate(self.columns):
            for number in (*self.parameters.get(at, ()), *column):
                found[number] = down
                down += self.tall(number) + BETWEEN
        return found

    @cached_property
    def maps(self) -> int:
        """The number of strips that are heat maps."""
        return sum(map(self.is_map, range(len(self.passed.values))))

    @property
    def titled(self) -> float:
        """The height of the line that names the two halves of heat maps."""
        return LINE * self.measures.title if self.maps else 0.0

    @property
    def half(self) -> float:
        """The largest width of a heat map."""
        return (self.room - BETWEEN) / 2

    @property
    def halves(self) -> tuple[float, float]:
        """The left ends of the values and of the gradients."""
        return self.words, self.words + self.half + BETWEEN

    def is_map(self, number: int) -> bool:
        """Whether a value has no room for cells that a finger can hit."""
        as_cells = len(self.passed.values) * (self.measures.flat + BETWEEN)
        return self.size(number) > (MOST_CELLS if as_cells <= HEIGHT else 1)

    def tall(self, number: int) -> float:
        """The height of a value's strip; an input image is high enough to be recognized."""
        if number in self._images:
            return HIGHEST
        return self._tall_map if self.is_map(number) else self.measures.flat

    def wide(self, number: int) -> float:
        """The width of a heat map: a single image has square cells."""
        *several, rows, columns = (1, *self.shape(number))
        if several == [1, 1, 1]:  # (1, 1, H, W)
            return min(self.half, self.tall(number) * columns / rows)
        return self.half

    @cached_property
    def _images(self) -> list[int]:
        """The values that flow in from outside as images, (N, C, H, W), and are heat maps."""
        return [n for n in self.columns[0] if len(self.shape(n)) == 4 and self.is_map(n)]

    @cached_property
    def _tall_map(self) -> float:
        count, images = len(self.passed.values), len(self._images)
        cells = count - self.maps
        taken = self.measures.flat * cells + HIGHEST * images
        free = HEIGHT - self.titled - BETWEEN * count - taken
        return min(HIGHEST, max(LOWEST, free / max(1, self.maps - images)))

    @property
    def room(self) -> float:
        """The width of strips."""
        return self.measures.width - self.words - self.measures.margin

    def cells(self, number: int, top: float) -> Iterator[tuple[str, Box]]:
        """The cells of an array in a strip."""
        pitch = (self.room + BETWEEN) / self.size(number)
        for place, entry in enumerate(self.entries(number)):
            yield entry, (self.words + pitch * place, top, pitch - BETWEEN, self.tall(number))

    def _has_two_lines(self, number: int) -> bool:
        return self.tall(number) >= 2 * LINE * self.measures.least

    def headings(self) -> Iterator[Heading]:
        """The headings: at the left of each strip its title, and above all the halves' names."""
        if self.maps:
            level = self.measures.margin + self.titled / 2
            for left, said in zip(self.halves, ("values", "gradients"), strict=True):
                yield Heading((left + self.half / 2, level), said, "", self.half)
        for number, top in self.tops.items():
            level = top + self.tall(number) / (4 if self._has_two_lines(number) else 2)
            yield Heading((self.words / 2 - 2, level), self.said_of(number), "", self.words)

    @cached_property
    def words(self) -> float:
        """The width of the titles on the left."""
        said = [in_two_lines(self.said_of(number)) for number in self.tops]
        return max([WORDS, *(text_width(each, self.measures.least) + BETWEEN for each in said)])

    def said_of(self, number: int) -> str:
        """A strip's title: what made the value, or a short formula of it; a parameter's name."""
        title, formula = self.titles([number])
        if " = " in formula and text_width(f"<b>{formula}</b>", self.measures.title) < WORDS:
            return formula
        return title if number in self.at else name(self.named[number])

    def counts(self) -> Iterator[tuple[str, Point]]:
        """By letter, where its count of nonzero gradients stands: beneath the title, if it fits."""
        for number, top in self.tops.items():
            if self.size(number) > 1 and self._has_two_lines(number):
                yield self.named[number], (self.words / 2 - 2, top + 0.76 * self.tall(number))

"""A pass of many layers on a phone: a strip for each array, its values beside its gradients.

From top to bottom in the order of the forward pass, each parameter before what is made with it.
Edges would have no room: what is made of what, the titles say.
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

HEIGHT: Final = 330.0
"""Of all strips, as far as none becomes lower than it may be."""
LOWEST: Final = 20.0
HIGHEST: Final = 48.0
BETWEEN: Final = 4.0
"""From one strip to the next, and between values and gradients."""
WORDS: Final = 92.0
"""At the left, where it is said what a strip is, at least."""
MOST_CELLS: Final = 5


def strips_of(passed: Trace, naming: Naming, wishes: Wishes) -> Layout:
    """Where everything lies."""
    return _Strips(passed, naming, wishes, PHONE).layout()


@dataclass(frozen=True)
class _Strips(Ranks):
    def layout(self) -> Layout:
        """All of it, from top to bottom."""
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
        """The upper end of each value's strip."""
        found, down = {}, self.measures.margin + self.titled
        for at, column in enumerate(self.columns):
            for number in (*self.parameters.get(at, ()), *column):
                found[number] = down
                down += self.tall(number) + BETWEEN
        return found

    @cached_property
    def maps(self) -> int:
        """How many strips are heat maps."""
        return sum(map(self.is_map, range(len(self.passed.values))))

    @property
    def titled(self) -> float:
        """How high the line is that says which half of a heat map is what."""
        return LINE * self.measures.title if self.maps else 0.0

    @property
    def half(self) -> float:
        """How wide a heat map is."""
        return (self.room - BETWEEN) / 2

    @property
    def halves(self) -> tuple[float, float]:
        """Where values begin, and gradients."""
        return self.words, self.words + self.half + BETWEEN

    def is_map(self, number: int) -> bool:
        """Whether a value has no room as cells that a finger hits."""
        as_cells = len(self.passed.values) * (self.measures.flat + BETWEEN)
        return self.size(number) > (MOST_CELLS if as_cells <= HEIGHT else 1)

    def tall(self, number: int) -> float:
        """How high a value's strip is; an image that comes from outside is to be recognized."""
        if number in self._images:
            return HIGHEST
        return self._tall_map if self.is_map(number) else self.measures.flat

    def wide(self, number: int) -> float:
        """How wide a heat map is: one image has square cells."""
        *several, rows, columns = (1, *self.shape(number))
        if several == [1, 1, 1]:  # (1, 1, H, W)
            return min(self.half, self.tall(number) * columns / rows)
        return self.half

    @cached_property
    def _images(self) -> list[int]:
        """Of what comes from outside and flows the heat maps of images, (N, C, H, W)."""
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
        """How wide strips are."""
        return self.measures.width - self.words - self.measures.margin

    def cells(self, number: int, top: float) -> Iterator[tuple[str, Box]]:
        """An array's cells in a strip."""
        pitch = (self.room + BETWEEN) / self.size(number)
        for place, entry in enumerate(self.entries(number)):
            yield entry, (self.words + pitch * place, top, pitch - BETWEEN, self.tall(number))

    def _has_two_lines(self, number: int) -> bool:
        return self.tall(number) >= 2 * LINE * self.measures.least

    def headings(self) -> Iterator[Heading]:
        """At the left of each strip what it is, and above them which half of a heat map."""
        if self.maps:
            level = self.measures.margin + self.titled / 2
            for left, said in zip(self.halves, ("values", "gradients"), strict=True):
                yield Heading((left + self.half / 2, level), said, "", self.half)
        for number, top in self.tops.items():
            level = top + self.tall(number) / (4 if self._has_two_lines(number) else 2)
            yield Heading((self.words / 2 - 2, level), self.said_of(number), "", self.words)

    @cached_property
    def words(self) -> float:
        """How wide it is what stands at the left."""
        said = [in_two_lines(self.said_of(number)) for number in self.tops]
        return max([WORDS, *(text_width(each, self.measures.least) + BETWEEN for each in said)])

    def said_of(self, number: int) -> str:
        """What made it, or how it is joined where that is short; a parameter's name."""
        title, formula = self.titles([number])
        if " = " in formula and text_width(f"<b>{formula}</b>", self.measures.title) < WORDS:
            return formula
        return title if number in self.at else name(self.named[number])

    def counts(self) -> Iterator[tuple[str, Point]]:
        """Beneath it how many gradients are nonzero."""
        for number, top in self.tops.items():
            if self.size(number) > 1 and self._has_two_lines(number):
                yield self.named[number], (self.words / 2 - 2, top + 0.76 * self.tall(number))

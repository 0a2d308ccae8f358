"""Names of cells in maps: x3,5 in row 3 and column 5, a2,3,5 in those of the second channel."""

import re
from dataclasses import dataclass
from typing import Final

from engine.arrays import Index

_PLAIN: Final = re.compile(r"([a-z])([1-9][0-9]?(?:,[1-9][0-9]?){1,2})")


@dataclass(frozen=True)
class CellName:
    """Reads and writes the name of a cell, or nothing.

    axes: by letter, how many numbers follow it.
    """

    axes: tuple[tuple[str, int], ...]

    @property
    def needs(self) -> str:
        """For messages."""
        return "a cell, like " + " or ".join(
            letter + ",".join("123"[:count]) for letter, count in self.axes
        )

    def read(self, text: str) -> str:
        """The name itself."""
        if text:
            letter, index = split(text)
            if dict(self.axes).get(letter) != len(index):
                raise ValueError(text)
        return text

    def write(self, value: str) -> str:
        """The name itself."""
        return value


def split(name: str) -> tuple[str, Index]:
    """'a2,3,5' -> ('a', (1, 2, 4)). Raises ValueError for what is no cell's name."""
    match = _PLAIN.fullmatch(name)
    if match is None:
        raise ValueError(name)
    letter, numbers = match.groups()
    return letter, tuple(int(number) - 1 for number in numbers.split(","))

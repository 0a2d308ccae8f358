"""What is said to those who hear a picture instead of seeing it."""

from collections.abc import Sequence
from typing import Final

from pages.figures.info import Cell, GraphInfo
from pages.figures.words import number, signed

LONGEST: Final = 12
"""So many entries of one letter are said each; of more only how many gradients are nonzero."""


def summary(info: GraphInfo) -> str:
    """The whole picture in words: "Gradient of x, 1 of 5 nonzero: x1 +2; x2 0, not max; …"."""
    known = {letter: count for letter, count in info.counts.items() if count is not None}
    return " ".join(
        counted(letter, *count, [cell for cell in info.cells.values() if cell.letter == letter])
        for letter, count in known.items()
    )


def counted(name: str, nonzero: int, size: int, cells: Sequence[Cell] = ()) -> str:
    """How many gradients of one array are nonzero, and where they are few each of them."""
    said = f"Gradient of {name}, {nonzero} of {size} nonzero"
    if not 0 < len(cells) <= LONGEST:
        return f"{said}."
    each = (
        f"{cell.entry} {signed(cell.grad)}" + (f", {cell.reason}" if cell.reason else "")
        for cell in cells
    )
    return f"{said}: {'; '.join(each)}."


def heard(cell: Cell) -> str:
    """The cell in words, for those who hear it."""
    if cell.known == "nothing":
        return f"{cell.entry}, not computed yet"
    said = f"{cell.entry} = {number(cell.value)}, gradient "
    if cell.known == "gradient":
        return said + signed(cell.grad) + (f", {cell.reason}" if cell.reason else "")
    if cell.guess is None:
        return said + "not computed yet"
    return said + ("marked as nonzero" if cell.guess else "not marked")

"""What is said to those who hear a picture instead of seeing it."""

from pages.figures.info import Cell
from pages.figures.words import number, signed


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

"""A picture in words, for screen readers: its summary, the labels of its cells, its legend."""

from collections.abc import Sequence
from typing import Any, Final

from pages.figures.info import Cell, GraphInfo, is_split
from pages.figures.legend import Sign
from pages.figures.words import number, shares_of, signed
from pages.language.catalogue import say

SAID_EACH: Final = 12  # of an array with more entries, only the number of nonzero gradients is said


def summary(info: GraphInfo) -> str:
    """The whole picture in words: "Gradient of x, 1 of 5 nonzero: x1 +2; x2 0, not max; …"."""
    return " ".join(
        array_summary(letter, *count, [c for c in info.cells.values() if c.letter == letter])
        for letter, count in info.counts.items()
        if count is not None
    )


def array_summary(name: str, nonzero: int, size: int, cells: Sequence[Cell] = ()) -> str:
    """How many gradients of one array are nonzero and, if it has few entries, each gradient."""
    if not 0 < len(cells) <= SAID_EACH:
        return say("aria.array", size, array=name, nonzero=nonzero)
    each = "; ".join(f"{cell.entry} {_gradient(cell)}" for cell in cells)
    return say("aria.entries", size, array=name, nonzero=nonzero, entries=each)


def cell_label(cell: Cell) -> str:
    """A cell in words: its aria-label."""
    if cell.known == "nothing":
        return say("aria.nothing", entry=cell.entry)
    value = number(cell.value)
    if cell.marked is not None:
        return say("aria.answer" if cell.marked else "aria.open", entry=cell.entry, value=value)
    if cell.shares:
        return _voted(cell, value, cell.shares)
    if cell.known == "gradient":
        said: dict[str, Any] = {"entry": cell.entry, "value": value, "gradient": _gradient(cell)}
        if cell.right is None:
            return say("aria.gradient", **said)
        return say("aria.judged", **said, verdict=say(f"aria.{_verdict(cell)}"))
    if cell.guess is None:
        return say("aria.value", entry=cell.entry, value=value)
    return say("aria.marked" if cell.guess else "aria.unmarked", entry=cell.entry, value=value)


def _verdict(cell: Cell) -> str:
    """The verdict on the prediction about a cell."""
    if cell.wrong:
        return "wrong"
    if cell.right:
        return "right"
    return "missed" if cell.grad else "alarm"


def _voted(cell: Cell, value: str, shares: Sequence[float]) -> str:
    """A cell in words, with what a class has voted on it."""
    if cell.known == "gradient":
        share, gradient = shares_of(shares)[0], _gradient(cell)
        return say("aria.answered", entry=cell.entry, value=value, gradient=gradient, share=share)
    return say("aria.voted", entry=cell.entry, value=value, said=share_in_words(shares))


def share_in_words(shares: Sequence[float] | None) -> str:
    """The share of a class that marked a cell, by `Cell.shares`, in words; "" if there is none."""
    if not shares:
        return ""
    key = "aria.split" if is_split(shares[-1]) else "aria.share"
    return say(key, share=shares_of(shares)[0])


def marks_in_words() -> tuple[str, str]:
    """The words for a cell of a map that is not marked, and for one that is."""
    return say("aria.mark.none"), say("aria.mark")


def legend_in_words(signs: Sequence[Sign]) -> list[Sign]:
    """The legend with the meaning of each sign in the catalogue's words."""
    return [Sign(look, colour, say(f"legend.{meaning}")) for look, colour, meaning in signs]


def _gradient(cell: Cell) -> str:
    """+2; 0, not max."""
    return signed(cell.grad) + (f", {cell.reason}" if cell.reason else "")

"""What there is on a picture, and what it means: made from what is on it, and nothing else."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

from engine import Gate
from pages.figures.array_maps import ArrayMap
from pages.figures.edges import parted
from pages.figures.info import FURTHER, Edge, Form, GraphInfo
from pages.figures.layout import View
from pages.figures.theme import NEGATIVE, PALETTES, POSITIVE, Palette

Look: TypeAlias = Literal[
    "box",
    "hatched",
    "line",
    "dashed",
    "dotted",
    "cross",
    "diamond",
    "arrow",
    "frame",
    "ring",
    "right",
    "wrong",
]


class Sign(NamedTuple):
    """How something looks, its colour, and what it means: a word of the legend's, or a text."""

    look: Look
    colour: str
    meaning: str


def legend(
    info: GraphInfo,
    view: View,
    *,
    later: bool = True,
    maps: Sequence[ArrayMap] = (),
    between: Sequence[Edge] = (),
) -> list[Sign]:
    """The signs of a picture of cells.

    later: whether an arrow stands before a reason. maps: the arrays that are heat maps, and
    between: the edges from array to array.
    """
    palette = PALETTES[view.theme]
    flows = any(edge.known == "gradient" and edge.amount for edge in between)
    values = [each.numbers[0] for each in maps]
    above = any((each > 0).any() for each in values)
    below = any((each < 0).any() for each in values)
    # Of thousands of cells it takes longer to tell whether they are like those of before.
    gradients, marks = _of_cells(info, view, later) if maps else _of_form(info.form, view, later)
    return [
        *gradients,
        *([Sign("line", palette.muted, "whole")] if flows else []),
        *([Sign("box", palette.ink, "above")] if above else []),
        *([Sign("box", palette.map_below, "below")] if below else []),
        *marks,
    ]


@lru_cache(maxsize=128)  # of these one form has the same, whatever its numbers are
def _of_form(form: Form, view: View, later: bool) -> tuple[Sequence[Sign], Sequence[Sign]]:
    return _of_cells(form.of, view, later)


def _of_cells(info: GraphInfo, view: View, later: bool) -> tuple[Sequence[Sign], Sequence[Sign]]:
    """What gradients there are, and what is marked."""
    palette = PALETTES[view.theme]
    edges, _ = parted(info.edges, view)  # those that recede have no sign
    gradients = _gradients(info, edges, palette, later)
    return [*gradients], [*_marks(info, view.entry, palette)]


def _gradients(
    info: GraphInfo, edges: Sequence[Edge], palette: Palette, later: bool
) -> Iterator[Sign]:
    known = [cell for cell in info.cells.values() if cell.known == "gradient"]
    if any(cell.grad > 0 for cell in known):
        yield Sign("box", POSITIVE, "positive")
    if any(cell.grad < 0 for cell in known):
        yield Sign("box", NEGATIVE, "negative")
    if any(cell.grad == 0 for cell in known):
        yield Sign("box", palette.line, "zero")
    if any(edge.known == "gradient" and edge.amount < 0 for edge in edges):
        yield Sign("dashed", NEGATIVE, "backwards")
    if any(edge.known == "gradient" and not edge.amount for edge in edges):
        yield Sign("dotted", palette.muted, "dotted")
    if later and any(cell.reason.startswith(FURTHER) for cell in known):
        yield Sign("arrow", palette.muted, "later")


def _marks(info: GraphInfo, chosen: str, palette: Palette) -> Iterator[Sign]:
    gates = {mark.gate for mark in info.gates}
    if Gate.CLOSED in gates:
        yield Sign("cross", palette.muted, "inactive")
    if Gate.KINK in gates:
        yield Sign("diamond", palette.muted, "kink")
    verdicts = {cell.right for cell in info.cells.values()}
    if True in verdicts:
        yield Sign("right", palette.passed, "right")
    if False in verdicts:
        yield Sign("wrong", palette.failed, "wrong")
    if any(cell.split and cell.known == "value" for cell in info.cells.values()):
        yield Sign("frame", palette.accent, "split")
    if info.now:
        yield Sign("box", palette.now, "now")
    if chosen in info.cells:
        yield Sign("frame", palette.accent, "chosen")
    if any(cell.known == "nothing" for cell in info.cells.values()):
        yield Sign("hatched", palette.line, "unknown")

"""What there is on a picture, and what it means: made from what is on it, and nothing else."""

from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from engine import Gate
from pages.figures.info import GraphInfo
from pages.figures.theme import NEGATIVE, POSITIVE, Palette

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


def legend(info: GraphInfo, chosen: str, palette: Palette) -> list[Sign]:
    """The signs of a picture of cells. chosen: the entry that is explained, or ""."""
    return [*_gradients(info, palette), *_marks(info, chosen, palette)]


def _gradients(info: GraphInfo, palette: Palette) -> Iterator[Sign]:
    known = [cell for cell in info.cells.values() if cell.known == "gradient"]
    if any(cell.grad > 0 for cell in known):
        yield Sign("box", POSITIVE, "positive")
    if any(cell.grad < 0 for cell in known):
        yield Sign("box", NEGATIVE, "negative")
    if any(cell.grad == 0 for cell in known):
        yield Sign("box", palette.line, "zero")
    if any(edge.known == "gradient" and edge.amount < 0 for edge in info.edges):
        yield Sign("dashed", NEGATIVE, "backwards")
    if any(edge.known == "gradient" and not edge.amount for edge in info.edges):
        yield Sign("dotted", palette.muted, "dotted")
    if any(cell.known == "gradient" and cell.reason.startswith("→") for cell in known):
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
    if info.now:
        yield Sign("box", palette.now, "now")
    if chosen in info.cells:
        yield Sign("frame", palette.accent, "chosen")
    if any(cell.known == "nothing" for cell in info.cells.values()):
        yield Sign("hatched", palette.line, "unknown")

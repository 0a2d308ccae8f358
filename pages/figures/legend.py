"""The legend of a picture: exactly the signs that are on it, and what each of them means."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

from engine import Gate
from pages.figures.array_maps import ArrayMap
from pages.figures.edges import parted
from pages.figures.info import FURTHER, Edge, Form, GraphInfo
from pages.figures.layout import View
from pages.figures.theme import NEGATIVE, PALETTES, POSITIVE

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
    """How something looks, and what it means."""

    look: Look
    colour: str
    meaning: str  # a key of the legend's words, or a text


def present(*signs: tuple[bool, Look, str, str]) -> list[Sign]:
    """The signs that are on a picture, of (whether it is there, look, colour, meaning)."""
    return [Sign(look, colour, meaning) for there, look, colour, meaning in signs if there]


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
    # For thousands of cells, finding them in the cache would take longer than describing them.
    gradients, marks = _of_cells(info, view, later) if maps else _of_form(info.form, view, later)
    return [
        *gradients,
        *present(
            (flows, "line", palette.muted, "whole"),
            (above, "box", palette.ink, "above"),
            (below, "box", palette.map_below, "below"),
        ),
        *marks,
    ]


@lru_cache(maxsize=128)  # they depend on the form alone, not on the numbers
def _of_form(form: Form, view: View, later: bool) -> tuple[Sequence[Sign], Sequence[Sign]]:
    return _of_cells(form.of, view, later)


def _of_cells(info: GraphInfo, view: View, later: bool) -> tuple[Sequence[Sign], Sequence[Sign]]:
    """The signs of the gradients, and those of marks."""
    palette, cells = PALETTES[view.theme], info.cells.values()
    edges, _ = parted(info.edges, view)  # those that recede have no sign
    known = [cell for cell in cells if cell.known == "gradient"]
    grads = {cell.grad for cell in known}
    amounts = {edge.amount for edge in edges if edge.known == "gradient"}
    further = later and any(cell.reason.startswith(FURTHER) for cell in known)
    gates = {mark.gate for mark in info.gates}
    # On a heat map nothing is written or hatched: only a mistake has a border.
    single = [cell for cell in cells if cell.letter not in info.merged]
    verdicts = {cell.right for cell in single}
    mistaken = any(cell.right is False for cell in cells if cell.letter in info.merged)
    split = any(cell.split and cell.known == "value" for cell in cells)
    unknown = any(cell.known == "nothing" for cell in single)
    gradients = present(
        (any(grad > 0 for grad in grads), "box", POSITIVE, "positive"),
        (any(grad < 0 for grad in grads), "box", NEGATIVE, "negative"),
        (0 in grads, "box", palette.line, "zero"),
        (any(amount < 0 for amount in amounts), "dashed", NEGATIVE, "backwards"),
        (0 in amounts, "dotted", palette.muted, "dotted"),
        (further, "arrow", palette.muted, "later"),
    )
    return gradients, present(
        (Gate.CLOSED in gates, "cross", palette.muted, "inactive"),
        (Gate.KINK in gates, "diamond", palette.muted, "kink"),
        (True in verdicts, "right", palette.passed, "right"),
        (False in verdicts, "wrong", palette.failed, "wrong"),
        (mistaken, "frame", palette.failed, "wrong"),
        (split, "frame", palette.accent, "split"),
        (bool(info.now), "box", palette.now, "now"),
        (view.entry in info.cells, "frame", palette.accent, "chosen"),
        (unknown, "hatched", palette.line, "unknown"),
    )

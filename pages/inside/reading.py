"""A look as plain data for the figure: every map with its gradient, the classes, the ways."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import numpy as np

from engine.arrays import Array, Index, Mask
from pages.figures.inside import Classes, Show, StageMaps
from pages.figures.inside_layout import InsideLayout, StageShape, inside_layout
from pages.inside.passes import Look, lit, winners
from pages.inside.stages import Stage, stages, written
from pages.place import Place

MOST_WAYS: Final = 160
STRONGEST: Final = 48
"""Of more ways through one pool than that, so many of the strongest are drawn."""


@lru_cache(maxsize=16)
def layout_of(slug: str) -> InsideLayout:
    """Where everything lies on the picture of an architecture."""
    return inside_layout(
        [
            StageShape(each.letter, each.title, written(each.letter), each.channels, each.side)
            for each in stages(slug)
            if each.letter != "x"
        ]
    )


def read_maps(seen: Look, show: Show) -> dict[str, StageMaps]:
    """Every stage by its letter."""
    return {each.letter: _maps(seen, each, show) for each in stages(seen.slug)}


def read_classes(seen: Look) -> Classes:
    """What is said of each digit."""
    logits = len(seen.network.layers.layers)
    steps = seen.trace.steps
    grads = steps[logits].grads[0] if len(steps) > logits else seen.trace.dout
    other = None if seen.other is None else seen.other.probabilities
    return Classes(seen.probabilities, grads[0], seen.label, seen.answer, other)


def lit_maps(slug: str, entry: str) -> dict[str, Mask]:
    """What an entry reads, and what reads it, by letter: (channels, rows, columns) each."""
    found = lit(slug, entry)
    return {
        each.letter: found[each.letter][0]
        for each in stages(slug)
        if each.letter in found and not each.weights
    }


def ways(seen: Look, place: Place | None) -> list[tuple[str, Index, str, Index, bool]]:
    """From the cells of pools that the entry reads, or that read it, to who won their windows."""
    if place is None:
        return []
    found: list[tuple[str, Index, str, Index, bool]] = []
    entry = seen.naming.entry(place.letter, place.index)
    for step, (tail, head) in _pools(seen):
        outputs = _concerned(seen, entry, place, tail, step + 1)
        entries = _concerned(seen, entry, place, head, step)
        if not outputs.any():
            continue
        arriving = seen.trace.steps[step].dout
        pairs = [pair for pair in winners(seen.trace, step, outputs) if entries[pair[0]]]
        pairs.sort(key=lambda pair: -abs(float(arriving[pair[1]])))
        found += [
            (tail, output[1:], head, winner[1:], bool(arriving[output]))
            for winner, output in (pairs if len(pairs) <= MOST_WAYS else pairs[:STRONGEST])
        ]
    return found


def stage_of(seen: Look, letter: str) -> Stage:
    """The stage with this letter."""
    return next(each for each in stages(seen.slug) if each.letter == letter)


def cell_of(seen: Look, entry: str) -> tuple[str, Index] | None:
    """The letter and the place (channel, row, column) of an entry; the digit of a logit."""
    if seen.place(entry) is None:
        return None
    if entry[0] == "s":
        return "s", (int(entry[1:]),)
    letter, _, numbers = ("x", "", entry[1:]) if entry[0] == "x" else entry.partition(".")
    counted = [int(number) for number in numbers.split(",")]
    if letter == "x":
        return letter, (0, counted[0] - 1, counted[1] - 1)
    stage = stage_of(seen, letter)
    return letter, (counted[0] - stage.first, counted[1] - 1, counted[2] - 1)


def _maps(seen: Look, stage: Stage, show: Show) -> StageMaps:
    step = seen.trace.steps[stage.step]
    shape = (stage.channels, stage.side, stage.side)

    def as_maps(array: Array) -> Array:
        return array.reshape(shape)

    why = step.why[stage.argument].reshape(shape) if show == "reasons" else None
    values, grads = step.inputs[stage.argument], step.grads[stage.argument]
    return StageMaps(as_maps(values), as_maps(grads), why)


def _pools(seen: Look) -> Iterator[tuple[int, tuple[str, str]]]:
    """Each pool's step, and the letters of its output and of its input."""
    for number, step in enumerate(seen.trace.steps):
        if "pool_ties" in step.layer.kink_choices:
            head = seen.naming.inputs[number][0]
            yield number, (f"p{head[1:]}", head)


def _concerned(seen: Look, entry: str, place: Place, letter: str, step: int) -> Mask:
    """What of a step's first input the entry reads, or reads it; the entry itself."""
    array = seen.trace.steps[step].inputs[0]
    if place.step == step and not place.argument:
        mask = np.zeros(array.shape, np.bool_)
        mask[place.index] = True
        return mask
    found = lit(seen.slug, entry)
    name = letter if letter in found else seen.naming.inputs[step][0]
    if name in found:
        return found[name]
    return np.zeros(array.shape, np.bool_)

"""What is said of a cell of a map: besides its gradient, what it is, and who reads whom."""

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

import numpy as np

from engine.arrays import Mask
from pages.explain.entry import Entry
from pages.explain.formula import MANY
from pages.explain.sentences import explain_entry, reason
from pages.explore.cell_names import split
from pages.explore.conv_2d_pass import INPUTS, OUTPUTS, batch_trace, place_of, shares
from pages.explore.conv_2d_scene import Conv2DScene
from pages.explore.digits import called
from pages.figures.info import Cell, GraphInfo
from pages.figures.maps import Map, Panel
from pages.figures.words import factor, name, number, signed

Masks: TypeAlias = Mapping[str, Mask]

ASK: Final = "Click every cell whose gradient you expect to be nonzero; then reveal."
CHOOSE: Final = (
    "Choose a cell: what it reads and what reads it lights up, and why it is what it is."
)


def said_of(scene: Conv2DScene, masks: Masks) -> list[str]:
    """The sentences about the chosen entry; masks: what it reads and what reads it."""
    if not scene.entry:
        return [CHOOSE]
    place = place_of(scene, scene.entry)
    if scene.entry[0] == "b":
        return _over_the_batch(scene, place)
    gradient = explain_entry(place)
    return [*gradient[:2], f"{_forward(place, masks)} {_reach(place, masks)}", *gradient[2:]]


def answers(scene: Conv2DScene, maps: dict[str, Map]) -> list[str]:
    """After a prediction: how many are right, and of the wrong ones what is true, and why."""
    guesses = {prefix: each.right for prefix, each in maps.items() if each.right is not None}
    wrong = [
        f"{prefix}{row + 1},{column + 1}"
        for prefix, right in guesses.items()
        for row, column in np.argwhere(~right)
    ]
    asked = sum(right.size for right in guesses.values())
    lines = [f"{asked - len(wrong)} of {asked} right."]
    for entry in wrong[:MANY]:
        place = place_of(scene, entry)
        truth = f"{signed(place.grad)}, not 0" if place.grad else f"0: {reason(place)}"
        lines.append(f"{place.slope} = {truth}.")
    return lines + ([f"… and {len(wrong) - MANY} more."] if len(wrong) > MANY else [])


def captions(scene: Conv2DScene, panels: Sequence[Panel]) -> dict[str, str]:
    """What stands over each panel, by its name, where that is no count."""
    which = f" ({scene.shown} of {scene.digits})" if scene.digits > 1 else ""
    said = {
        "x values": f"test image {scene.number}{which}: {called(scene.number)}",
        "d values": "",
    }
    for panel in panels:
        if panel.kind == "values" and panel.prefix[1:]:
            said[panel.name] = f"<i>{name(panel.prefix[0], int(panel.prefix[1]) - 1)}</i>"
        if scene.digits > 1 and panel.kind == "gradients" and panel.prefix[0] in "wb":
            said[panel.name] = "∂ this" if panel.prefix[0] == "w" else f"∂ all {scene.digits}"
    return said


def cells_of(maps: Mapping[str, Map]) -> GraphInfo:
    """The maps' cells, for a prediction; the ways between them are too many to show."""
    cells: dict[str, Cell] = {}
    counts: dict[str, tuple[int, int] | None] = {}
    for prefix, each in maps.items():
        for row, column in np.ndindex(*each.values.shape):
            entry = f"{prefix}{row + 1},{column + 1}"
            letter, index = split(entry)
            value, grad = float(each.values[row, column]), 0.0
            if each.gradients is not None:
                grad = float(each.gradients[row, column])
            label_there = name(letter, *index)
            cells[entry] = Cell(
                entry, label_there, letter, index, "gradient", value, grad, "", given=each.given
            )
        counts[each.letter] = None
    return GraphInfo(cells, (), (), counts)


def _forward(place: Entry, masks: Masks) -> str:
    """How the value came about: its formula with the numbers plugged in."""
    value = number(place.value)
    letter = place.letter
    if letter == "h":
        behind = place.at(1, place.index)
        return f"{place.name} = max(0, {behind.name}) = max(0, {number(behind.value)}) = {value}."
    if letter == "z":
        read = np.argwhere(masks[f"h{place.index[0] + 1},"])
        window = [place.at(2, (place.index[0], *map(int, at))) for at in read]
        numbers = ", ".join(number(each.value) for each in window)
        return f"{place.name} = max({numbers}) = {value}."
    if letter == "a":
        return f"{place.name} = {_products(place, masks)} = {value}."
    return f"{place.name} = {value}."


def _products(place: Entry, masks: Masks) -> str:
    """a as a sum, of which the products with a zero are left out."""
    step = place.trace.steps[0]
    terms = []
    for at in np.argwhere(masks["x"]):
        pixel = place.at(0, tuple(map(int, at)))
        other = step.layer.factor(0, pixel.index, place.index, step.run.cache).cofactor
        weight = None if other is None else place.at(0, other[1], other[0])
        if weight is not None and weight.value and pixel.value:
            terms.append(f"{factor(weight.value)}·{factor(pixel.value)}")
    return " + ".join(terms) or "0, a sum of products with 0 in them,"


def _reach(place: Entry, masks: Masks) -> str:
    """How many entries it reads, and how many read it, map by map."""
    count = {
        letter: sum(int(np.count_nonzero(m)) for prefix, m in masks.items() if prefix[0] == letter)
        for letter in dict.fromkeys(prefix[0] for prefix in masks)
    }
    before = [letters[0] for letters in INPUTS][: place.step]
    reads = _listed([f"{count[letter]} of {letter}" for letter in before if letter in count])
    readers = _listed([f"{count[letter]} of {letter}" for letter in OUTPUTS[place.step :]])
    parts = [f"It reads {reads}"] if reads and not place.argument else []
    parts += [f"{'it' if parts else 'It'} is read by {readers}"] if readers else []
    return "; ".join(parts) + "."


def _listed(parts: Sequence[str]) -> str:
    return ", ".join(parts[:-1]) + (" and " if parts[1:] else "") + parts[-1] if parts else ""


def _over_the_batch(scene: Conv2DScene, place: Entry) -> list[str]:
    """The gradient of a weight as the sum of each digit's share."""
    channel, *at = place.index
    total = float(batch_trace(scene).grads[1][channel, 0, *at])
    parts = " + ".join(
        f"{factor(float(share[place.index]))} (digit {i}, {called(n)})"
        for i, (share, n) in enumerate(zip(shares(scene), scene.numbers, strict=True), 1)
    )
    return [
        f"{place.slope} over the minibatch = {signed(total)}.",
        f"Each digit adds its share: {parts} = {signed(total)}.",
        "With one output of one digit sent back, the other digits add nothing."
        if scene.back == "one"
        else "It is a sum, since every digit meets the same filters.",
    ]

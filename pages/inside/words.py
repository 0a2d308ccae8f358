"""What is said of a network on an image, and of the entry that is chosen."""

from typing import Final

import numpy as np

from engine import Why
from engine.arrays import Mask
from engine.why import WhyArray
from pages.explain import explain_place
from pages.figures.words import REASONS, factor, number, percent, signed
from pages.formula import MANY
from pages.inside.passes import Look, lit
from pages.inside.scene import LookScene
from pages.inside.stages import inputs_of, stages, written
from pages.place import Place

CHOOSE: Final = (
    "Choose a cell: what it reads and what reads it lights up, with the ways through the pools, "
    "and why its gradient is what it is."
)

FALLEN_BACK: Final = (
    "On this image the numbers of your network leave the range of float32: the shipped network is "
    "shown instead."
)


def said_of(scene: LookScene, seen: Look) -> list[str]:
    """The sentences about the chosen entry; where none is, about the answer."""
    if seen.fallen_back:
        return [FALLEN_BACK, answer_said(scene, seen)]
    if not scene.entry:
        every = _tallies(seen) if scene.show == "reasons" else []
        return [CHOOSE, answer_said(scene, seen), *_step_said(scene, seen), *every]
    place = seen.place(scene.entry)
    if place is None:
        which = seen.network.architecture.label
        return [f"{scene.entry} is not in this network ({which}): choose an entry that is there."]
    lines = _logit(seen, place) if place.letter == "s" else explain_place(place)
    forward = _forward(place, seen, scene.entry)
    own = _tallies(seen, place.letter) if scene.show == "reasons" else []
    answer = [answer_said(scene, seen)] if scene.painting else []
    between = [*answer, *own, *_step_said(scene, seen)]
    return [lines[0], *between, *lines[1:2], forward, *lines[2:]]


def answer_said(scene: LookScene, seen: Look) -> str:
    """What the network takes the image for, and whether that is right, where that is known."""
    said = f"The network says {_a(seen.answer)} with {percent(float(seen.probabilities.max()))}"
    if not scene.labelled:
        return f"{said}, which is taken for right: loss {number(seen.loss, 4)}."
    right = "which is right" if seen.answer == seen.label else f"but it is {_a(seen.label)}"
    return f"{said}, {right}: loss {number(seen.loss, 4)}."


def _tallies(seen: Look, letter: str = "") -> list[str]:
    """How many entries of a stage's gradient are what they are for which reason; of every stage."""
    return [
        f"Of the {why.size:,} entries of ∂{written(stage.letter)}: {_tally(why)}."
        for stage in stages(seen.slug)
        if letter in ("", stage.letter)
        for why in [seen.trace.steps[stage.step].why[stage.argument]]
    ]


def _tally(why: WhyArray) -> str:
    codes, counts = np.unique(why, return_counts=True)
    pairs = sorted(zip(counts.tolist(), codes.tolist(), strict=True), reverse=True)
    return ", ".join(f"{REASONS[Why(code)]} {count:,}" for count, code in pairs)


def _a(digit: int) -> str:
    return f"{'an' if digit == 8 else 'a'} {digit}"


def _step_said(scene: LookScene, seen: Look) -> list[str]:
    """What one step of gradient descent on this image does."""
    if seen.other is None:
        return []
    was, now = seen.probabilities, seen.other.probabilities
    losses = [seen.loss, seen.other.loss]
    if scene.sgd == "after":
        was, now, losses = now, was, losses[::-1]
    label = seen.label
    rate = number(10**scene.rate, 3)
    then, there = (percent(float(each[label])) for each in (was, now))
    said = f"One step of SGD on this image, learning rate {rate}: the loss goes from "
    said += f"{number(losses[0], 4)} to {number(losses[1], 4)}, the probability of {label} from "
    return [f"{said}{then} to {there}."]


def _logit(seen: Look, place: Place) -> list[str]:
    """Of a logit the gradient, which comes from softmax and cross entropy."""
    digit = place.index[1]
    if seen.naming.output == "s":
        return [f"{place.slope} = {signed(place.grad)}: it is what was sent in."]
    probability = float(seen.probabilities[digit])
    truth = int(digit == seen.label)
    grad = signed(place.grad)
    sum_said = f"p{_sub(digit)} − {truth} = {number(probability)} − {truth} = {grad}"
    return [
        f"{place.slope} = {grad}.",
        f"{place.slope} = {sum_said}: the probability, less 1 at the right answer.",
    ]


def _sub(digit: int) -> str:
    return chr(ord("₀") + digit)


def _forward(place: Place, seen: Look, entry: str) -> str:
    """How the value came about, and whom the entry reads and who reads it."""
    masks = lit(seen.slug, entry)
    return f"{_made(place, seen, masks)} {_reach(place, seen, masks)}".strip()


def _made(place: Place, seen: Look, masks: dict[str, Mask]) -> str:
    value = number(place.value)
    kind = place.letter[0]
    if place.argument or kind == "x":
        return f"{place.name} = {value}."
    if kind == "h":
        behind = place.at(place.step - 1, place.index)
        return f"{place.name} = max(0, {behind.name}) = max(0, {number(behind.value)}) = {value}."
    read = masks[seen.naming.inputs[place.step - 1][0]]
    if kind == "p":
        window = [place.at(place.step - 1, tuple(map(int, at))) for at in np.argwhere(read)]
        numbers = ", ".join(number(each.value) for each in window)
        return f"{place.name} = max({numbers}) = {value}."
    return f"{place.name} = {_products(place, read)} = {value}."


def _products(place: Place, read: Mask) -> str:
    """A sum of products and a bias; of many products only how many there are."""
    step = place.trace.steps[place.step - 1]
    pairs = []
    for at in np.argwhere(read):
        index = tuple(map(int, at))
        other = step.layer.factor(0, index, place.index, step.run.cache).cofactor
        if other is not None:
            pairs.append((float(step.inputs[other[0]][other[1]]), float(step.inputs[0][index])))
    bias = place.at(place.step - 1, (place.index[1],), 2)
    there = [pair for pair in pairs if pair[0] and pair[1]]
    if len(there) > MANY:
        few = f"a sum of {len(pairs)} products, {len(there)} of them not 0"
    else:
        few = " + ".join(f"{factor(w)}·{factor(x)}" for w, x in there)
    return f"{number(bias.value)} (the bias {bias.name})" + (f" + {few}" if few else "")


def _reach(place: Place, seen: Look, masks: dict[str, Mask]) -> str:
    """How many entries it reads, and how many read it, stage by stage."""
    order = [row[0] for row in inputs_of(seen.slug)] + ["s"]
    count = {
        letter: int(np.count_nonzero(masks[letter]))
        for letter in order
        if letter in masks and letter != "f"
    }
    before = [letter for letter in order[: place.step] if letter in count]
    after = [letter for letter in order[place.step :] if letter in count]
    parts = []
    if before and not place.argument:
        parts.append(f"It reads {_listed(before, count)}")
    if after:
        parts.append(("it" if parts else "It") + f" is read by {_listed(after, count)}")
    return "; ".join(parts) + "." if parts else ""


def _listed(letters: list[str], count: dict[str, int]) -> str:
    parts = [f"{count[letter]} of {written(letter)}" for letter in letters]
    return ", ".join(parts[:-1]) + (" and " if parts[1:] else "") + parts[-1]

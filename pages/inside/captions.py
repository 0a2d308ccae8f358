"""What is said of a network on an image: on the picture, and beneath it."""

from typing import Final

import numpy as np

from engine import Why
from engine.arrays import Mask
from engine.training import shipped
from engine.why import WhyArray
from pages.explain.entry import Entry
from pages.explain.formula import MANY
from pages.explain.sentences import explain_entry
from pages.figures.words import REASONS, factor, number, percent, signed
from pages.inside.image_pass import ImagePass, lit
from pages.inside.scene import BLANK, InsideScene
from pages.inside.stages import inputs_of, stages, written

CHOOSE: Final = (
    "Choose a cell: what it reads and what reads it lights up, with the ways through the pools, "
    "and why its gradient is what it is."
)

FALLEN_BACK: Final = (
    "On this image the numbers of your network leave the range of float32: the shipped network is "
    "shown instead."
)


def captions(
    scene: InsideScene, passed: ImagePass, enlarged: str, nonzero: int, *, own: bool
) -> dict[str, str]:
    """What stands on the picture, by where it stands; own: whether the network is the session's."""
    drawn = ", painted over" if scene.painting else ""
    image = f"test image {scene.image}{drawn}"
    if scene.image == BLANK:
        image = "your drawing" if scene.painting else "a blank sheet: draw"
    when = {
        "off": f"{'Your' if own else 'Shipped'} network",
        "before": "Before the step (┃ after)",
    }
    verb = "says" if passed.answer == passed.label else "but says"
    answer = f"<b>{passed.label}</b>, {verb} <b>{passed.answer}</b>"
    if not scene.labelled:
        answer = f"says <b>{passed.answer}</b>"
    loss = f"loss {number(passed.loss, 3)}"
    if passed.other is not None:
        first, last = passed.loss, passed.other.loss
        if scene.sgd == "after":
            first, last = last, first
        loss = f"loss {number(first, 2)} → {number(last, 2)}"
    kind = {"activations": "", "gradients": ", gradient", "reasons": ", why"}[scene.show]
    function = passed.naming.function or "L"
    return {
        "image": image,
        "gradient": f"∂{function}/∂x: <b>{nonzero}</b> of 784 ≠ 0",
        "when": when.get(scene.sgd, "After the step (┃ before)"),
        "answer": f"{answer}; {loss}",
        "enlarged": f"<i>{enlarged}</i> enlarged{kind}",
        "function": function,
        "rate": "" if passed.other is None else f"η = {number(10**scene.rate, 2)}",
    }


def provenance() -> str:
    """How the network that comes with the program was made."""
    about = shipped().about
    return (
        f"The shipped network: {about['command']} --epochs {about['epochs']} --seed "
        f"{about['seed']}, {percent(about['test_accuracy'])} of the test images right."
    )


def sentences(scene: InsideScene, passed: ImagePass) -> list[str]:
    """The sentences about the chosen entry; where none is, about the answer."""
    if passed.fallen_back:
        return [FALLEN_BACK, answer_sentence(scene, passed)]
    if not scene.entry:
        every = _tallies(passed) if scene.show == "reasons" else []
        return [CHOOSE, answer_sentence(scene, passed), *_step_sentences(scene, passed), *every]
    place = passed.place(scene.entry)
    if place is None:
        which = passed.network.architecture.label
        return [f"{scene.entry} is not in this network ({which}): choose an entry that is there."]
    lines = _logit(passed, place) if place.letter == "s" else explain_entry(place)
    forward = _forward(place, passed, scene.entry)
    own = _tallies(passed, place.letter) if scene.show == "reasons" else []
    answer = [answer_sentence(scene, passed)] if scene.painting else []
    between = [*answer, *own, *_step_sentences(scene, passed)]
    return [lines[0], *between, *lines[1:2], forward, *lines[2:]]


def answer_sentence(scene: InsideScene, passed: ImagePass) -> str:
    """What the network takes the image for, and whether that is right, where that is known."""
    said = f"The network says {_a(passed.answer)} with {percent(float(passed.probabilities.max()))}"
    if not scene.labelled:
        return f"{said}, which is taken for right: loss {number(passed.loss, 4)}."
    right = "which is right" if passed.answer == passed.label else f"but it is {_a(passed.label)}"
    return f"{said}, {right}: loss {number(passed.loss, 4)}."


def _tallies(passed: ImagePass, letter: str = "") -> list[str]:
    """How many entries of a stage's gradient are what they are for which reason; of every stage."""
    return [
        f"Of the {why.size:,} entries of ∂{written(stage.letter)}: {_tally(why)}."
        for stage in stages(passed.slug)
        if letter in ("", stage.letter)
        for why in [passed.trace.steps[stage.step].why[stage.argument]]
    ]


def _tally(why: WhyArray) -> str:
    codes, counts = np.unique(why, return_counts=True)
    pairs = sorted(zip(counts.tolist(), codes.tolist(), strict=True), reverse=True)
    return ", ".join(f"{REASONS[Why(code)]} {count:,}" for count, code in pairs)


def _a(digit: int) -> str:
    return f"{'an' if digit == 8 else 'a'} {digit}"


def _step_sentences(scene: InsideScene, passed: ImagePass) -> list[str]:
    """What one step of gradient descent on this image does."""
    if passed.other is None:
        return []
    was, now = passed.probabilities, passed.other.probabilities
    losses = [passed.loss, passed.other.loss]
    if scene.sgd == "after":
        was, now, losses = now, was, losses[::-1]
    label = passed.label
    rate = number(10**scene.rate, 3)
    then, there = (percent(float(each[label])) for each in (was, now))
    said = f"One step of SGD on this image, learning rate {rate}: the loss goes from "
    said += f"{number(losses[0], 4)} to {number(losses[1], 4)}, the probability of {label} from "
    return [f"{said}{then} to {there}."]


def _logit(passed: ImagePass, place: Entry) -> list[str]:
    """Of a logit the gradient, which comes from softmax and cross entropy."""
    digit = place.index[1]
    if passed.naming.output == "s":
        return [f"{place.slope} = {signed(place.grad)}: it is what was sent in."]
    probability = float(passed.probabilities[digit])
    truth = int(digit == passed.label)
    grad = signed(place.grad)
    sum_said = f"p{_sub(digit)} − {truth} = {number(probability)} − {truth} = {grad}"
    return [
        f"{place.slope} = {grad}.",
        f"{place.slope} = {sum_said}: the probability, less 1 at the right answer.",
    ]


def _sub(digit: int) -> str:
    return chr(ord("₀") + digit)


def _forward(place: Entry, passed: ImagePass, entry: str) -> str:
    """How the value came about, and whom the entry reads and who reads it."""
    masks = lit(passed.slug, entry)
    return f"{_made(place, passed, masks)} {_reach(place, passed, masks)}".strip()


def _made(place: Entry, passed: ImagePass, masks: dict[str, Mask]) -> str:
    value = number(place.value)
    kind = place.letter[0]
    if place.argument or kind == "x":
        return f"{place.name} = {value}."
    if kind == "h":
        behind = place.at(place.step - 1, place.index)
        return f"{place.name} = max(0, {behind.name}) = max(0, {number(behind.value)}) = {value}."
    read = masks[passed.naming.inputs[place.step - 1][0]]
    if kind == "p":
        window = [place.at(place.step - 1, tuple(map(int, at))) for at in np.argwhere(read)]
        numbers = ", ".join(number(each.value) for each in window)
        return f"{place.name} = max({numbers}) = {value}."
    return f"{place.name} = {_products(place, read)} = {value}."


def _products(place: Entry, read: Mask) -> str:
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


def _reach(place: Entry, passed: ImagePass, masks: dict[str, Mask]) -> str:
    """How many entries it reads, and how many read it, stage by stage."""
    order = [row[0] for row in inputs_of(passed.slug)] + ["s"]
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

"""What is said about a network's pass on an image: on the picture, and in sentences under it."""

from collections.abc import Iterator
from math import isclose
from typing import Final

import numpy as np

from engine import Why
from engine.mnist import SIDE
from engine.trace import common_reason
from engine.training import shipped
from engine.why import WhyArray
from pages.explain.entry import Entry
from pages.explain.sentences import explain_entry, mostly
from pages.figures.inside import HIDDEN, RATE_SAID
from pages.figures.maps import BRIEF_WAYS
from pages.figures.words import (
    LOSS,
    REASONS,
    gradient_of,
    name,
    number,
    percent,
    power_of_ten,
    probability,
    signed,
    written,
)
from pages.inside.image_pass import PART, ImagePass, decisive_part, plain_image
from pages.inside.inside_scene import BLANK, COVERED, PRESETS, InsideScene
from pages.inside.painting import cover, is_cover
from pages.language.catalogue import say
from pages.state.digits import spoken
from pages.training.training_run import Progress

LONGEST: Final = 110
"""The length of an answer of three lines, in characters; a longer one starts with a summary."""


def over_the_classes(scene: InsideScene, passed: ImagePass, *, own: bool) -> dict[str, str]:
    """Return the texts over the classes: which network, its answer and loss, the learning rate.

    own: whether it is the user's own network.
    """
    when = {"off": "yours" if own else "built-in"}.get(scene.sgd, scene.sgd)
    answer = f"{passed.label}, predicted {passed.answer}"
    if not scene.labelled:
        answer = f"predicted {passed.answer}"
    loss = f"loss {number(passed.loss, 2)}"
    if passed.other is not None:
        is_loss = scene.back == "loss"  # otherwise L is a logit, and "loss" must be spelled out
        both = (passed.loss, passed.other.loss)
        losses = [_short(one if is_loss else round(one, 2)) for one in both]
        steps = losses if scene.sgd == "before" else losses[::-1]
        loss = f"{'L' if is_loss else 'loss'} {' → '.join(dict.fromkeys(steps))}"
    return {
        "when": f"<b>{when}</b>",
        "answer": f"{answer}; {loss}",
        "rate": "" if passed.other is None else RATE_SAID.format(power_of_ten(scene.rate)),
    }


def _short(loss: float) -> str:
    """Return a loss so short that two fit side by side: "<0.01" for a small one."""
    return number(loss, 2) if loss >= 0.01 else "<0.01"


def captions(
    scene: InsideScene, passed: ImagePass, letter: str, channel: int, *, hidden: bool = False
) -> list[str]:
    """Return the captions over the image, its gradient, and the large map, a channel of an array.

    hidden: whether gradients must not be shown.
    """
    if scene.image == BLANK:
        which = "drawing" if scene.painting else "blank"
    elif scene.painting:
        which = "covered" if is_cover(scene.painting) else "drawn_on"
    else:
        which = "test"
    nonzero = HIDDEN if hidden else np.count_nonzero(passed.trace.grads[0])
    return [
        say(f"inside.image.{which}", number=scene.image),
        f"<i>{gradient_of('x')}</i>: {BRIEF_WAYS[-1].format(nonzero, SIDE * SIDE)}",
        say(f"inside.map.{scene.show}", map=f"<i>{passed.label_of(letter, channel)}</i>"),
    ]


def about_shipped() -> str:
    """Return how the network that comes with the program was trained."""
    about = shipped().about
    right = percent(about["test_accuracy"])
    gaps = {gap: about[gap] for gap in ("command", "epochs", "seed")}
    return say("inside.shipped", percent=right, **gaps)


def about_own(progress: Progress) -> str:
    """Return how far the training of the user's own network has come."""
    last = progress.last
    assert last is not None, "there is a network of one's own from the first record on"
    return say(
        "inside.own",
        network=progress.network.architecture.label,
        step=f"{last.step:,}",
        steps=f"{progress.steps:,}",
        percent=percent(last.test_accuracy),
        images=progress.tested,
    )


def sentences(scene: InsideScene, passed: ImagePass, about: str = "") -> list[str]:
    """Return the sentences about the chosen entry; without one, about the network's answer.

    about: a sentence about the network, if it is not the shipped one.
    """
    if passed.fallen_back:
        return [say("inside.overflows"), answer_sentence(scene, passed, about)]
    if not scene.entry:
        every = _tallies(passed) if scene.show == "reasons" else []
        answer = [answer_sentence(scene, passed, about), *_because(scene, passed)]
        network = [about] if about else []
        return [*answer, say("inside.choose"), *step_sentences(scene, passed), *network, *every]
    place = passed.place(scene.entry)
    if place is None:
        label = passed.network.architecture.label
        return [say("inside.absent", entry=scene.entry, network=label)]
    own = _tallies(passed, place.letter) if scene.show == "reasons" else []
    answers = [answer_sentence(scene, passed, about)] if scene.painting else []
    if place.letter == "s" != passed.naming.output:
        first, *rest = [*_logit(passed, place), passed.forward(place)]
    else:
        first, *rest = _said(passed, place)
    return [first, *answers, *own, *step_sentences(scene, passed), *rest]


def answer_sentence(scene: InsideScene, passed: ImagePass, about: str) -> str:
    """Return the sentence on what the network takes the image for, and whether that is right.

    about: see `sentences`.
    """
    key = "inside.right" if passed.answer == passed.label else "inside.wrong"
    plain = passed.probabilities
    if not scene.labelled:
        key = "inside.unlabelled"
    elif scene.painting and not scene.label:
        key = "inside.covered" if is_cover(scene.painting) else "inside.painted"
        plain = passed.network.probabilities(plain_image(scene.image)[None, None])[0]
    return say(
        key,
        network=say("inside.network.own" if about else "inside.network"),
        answer=spoken(passed.answer),
        percent=probability(float(passed.probabilities.max())),
        label=spoken(passed.label),
        loss=number(passed.loss, 4),
        before=spoken(int(plain.argmax())),
        likely=probability(float(plain.max())),
    )


def _because(scene: InsideScene, passed: ImagePass) -> Iterator[str]:
    """Yield why an image is misclassified: which part, when covered, makes the answer right.

    For an unchanged test image, and for a drawing once the user has said what it shows.
    """
    known = scene.label != "" if scene.image == BLANK else not (scene.label or scene.painting)
    if not known or passed.answer == passed.label or (scene.sgd, scene.tool) != ("off", "look"):
        return
    image = passed.trace.values[0].array[0, 0]
    part = decisive_part(passed.network, image, passed.label)
    label = spoken(passed.label)
    if part is None:
        yield say("inside.part.none", side=PART, label=label)
        return
    rows, columns = (slice(at, at + PART) for at in part.at)
    ink = image[rows, columns]
    pulls = passed.trace.grads[0][0, 0, rows, columns] * ink
    orange = scene.back == "loss" and pulls.sum() > 0 and (pulls > 0).sum() > (pulls < 0).sum()
    said = say(
        "inside.part",
        top=rows.start + 1,
        bottom=rows.stop,
        left=columns.start + 1,
        right=columns.stop,
        orange=say("inside.part.orange") if orange else "",
        label=label,
        percent=probability(part.probability),
    )
    shown = PRESETS[COVERED]
    case = (shown.image, shown.painting) == (scene.image, cover(*part.at, PART))
    yield said + (say("inside.part.case") if case else "")


def _said(passed: ImagePass, place: Entry) -> list[str]:
    """Return the sentences about an entry: first its gradient's meaning, or why it is 0."""
    said = passed.said(place)
    if place.step == len(place.trace.steps):
        return said
    if place.grad:
        # An entry's own contributions, if there are several, already stand in the formula.
        several = len(place.largest_terms(2)[0]) > 1
        return [_meaning(place), *said[several:]]
    if len(said[0]) <= LONGEST:
        return said
    why = common_reason(place.stops)
    paths = "several" if place.function == LOSS else "several.logit"
    reason = say(f"inside.zero.{why.name if why else paths}", place.paths.total())
    return [say("entry.zero", slope=place.slope, reason=reason), *said]


def _meaning(place: Entry) -> str:
    """Return whether a larger entry raises the loss, and through which value most of all."""
    most = mostly(place)
    return say(
        "inside.lead",
        slope=place.slope,
        gradient=signed(place.grad, 3),
        more=say(f"inside.lead.{place.letter[0]}"),
        moves=say("inside.lead.raises" if place.grad > 0 else "inside.lead.lowers"),
        function=say("inside.lead.loss") if place.function == LOSS else place.function,
        most=say("inside.lead.most", output=most[0], part=signed(most[1], 3)) if most else "",
    )


def _tallies(passed: ImagePass, letter: str = "") -> list[str]:
    """Return for each stage, or the one with this letter, how many gradients have which reason."""
    return [
        say(
            "inside.tally",
            size=f"{each.why.size:,}",
            letter=name(each.letter),
            tally=_tally(each.why),
        )
        for each in passed.maps(why=True).values()
        if letter in ("", each.letter) and each.why is not None
    ]


def _tally(why: WhyArray) -> str:
    codes, counts = np.unique(why, return_counts=True)
    pairs = sorted(zip(counts.tolist(), codes.tolist(), strict=True), reverse=True)
    return ", ".join(f"{REASONS[Why(code)]} {count:,}" for count, code in pairs)


def step_sentences(
    scene: InsideScene, passed: ImagePass, template: str = "inside.step"
) -> list[str]:
    """Return what one step of gradient descent on this image does; [] if none is taken."""
    if passed.other is None:
        return []
    seen = (passed.loss, passed.probabilities), (passed.other.loss, passed.other.probabilities)
    (before, was), (after, now) = seen if scene.sgd == "before" else reversed(seen)
    return [
        say(
            template,
            rate=power_of_ten(scene.rate),
            before=number(before, 4),
            after=number(after, 4),
            label=passed.label,
            likely=probability(float(was[passed.label])),
            likelier=probability(float(now[passed.label])),
        )
    ]


def _logit(passed: ImagePass, place: Entry) -> list[str]:
    """Return the sentences about a logit, whose gradient is p − 1 or p: softmax, cross entropy."""
    digit = place.index[1]
    truth, probability = int(digit == passed.label), float(passed.probabilities[digit])
    difference = f"{name('p', digit - 1)} − {truth}"
    if is_the_difference(place.grad, probability, truth):
        difference += f" = {number(probability)} − {truth}"
    softmax = say(
        "inside.logit", slope=place.slope, difference=difference, gradient=signed(place.grad)
    )
    return [explain_entry(place)[0], softmax]


def is_the_difference(gradient: float, probability: float, truth: int) -> bool:
    """Whether the gradient equals the written probability minus the truth to five digits.

    With a probability near 1, what remains of the difference can be lost in the rounding.
    """
    return isclose(float(written(probability)) - truth, gradient, rel_tol=5e-6)

"""What is said of a network on an image: on the picture, and beneath it."""

import numpy as np

from engine import Why
from engine.training import shipped
from engine.why import WhyArray
from pages.explain.catalogue import say
from pages.explain.entry import Entry
from pages.explain.sentences import explain_entry
from pages.explore.digits import spoken
from pages.figures.inside import HIDDEN
from pages.figures.words import REASONS, gradient_of, name, number, percent, signed
from pages.inside.image_pass import ImagePass
from pages.inside.scene import BLANK, InsideScene


def over_the_classes(scene: InsideScene, passed: ImagePass, *, own: bool) -> dict[str, str]:
    """Which network it is, what it says, and its rate; own: whether it is the session's."""
    when = {"off": "yours" if own else "shipped"}.get(scene.sgd, scene.sgd)
    answer = f"{passed.label}, predicted {passed.answer}"
    if not scene.labelled:
        answer = f"predicted {passed.answer}"
    loss = f"loss {number(passed.loss, 3)}"
    if passed.other is not None:
        first, last = passed.loss, passed.other.loss
        if scene.sgd == "after":
            first, last = last, first
        loss = f"L {number(first, 2)} → {number(last, 2)}"
    return {
        "when": f"<b>{when}</b>",
        "answer": f"{answer}; {loss}",
        "rate": "" if passed.other is None else f"η = {number(10**scene.rate, 2)}",
    }


def captions(
    scene: InsideScene, passed: ImagePass, letter: str, channel: int, *, hidden: bool = False
) -> list[str]:
    """Over the image, its gradient, and the large map, which is one of an array's channels.

    hidden: whether the gradient is not to be seen.
    """
    image = f"{scene.image}, painted over" if scene.painting else f"test image {scene.image}"
    if scene.image == BLANK:
        image = "your drawing" if scene.painting else "a blank sheet: draw"
    nonzero = HIDDEN if hidden else np.count_nonzero(passed.trace.grads[0])
    kind = {"activations": "", "gradients": ", gradient", "reasons": ", why"}[scene.show]
    return [
        image,
        f"<i>{gradient_of('x')}</i>: <b>{nonzero}</b> of 784",
        f"<i>{passed.label_of(letter, channel)}</i>{kind}, enlarged",
    ]


def provenance() -> str:
    """How the network that comes with the program was made."""
    about = shipped().about
    right = percent(about["test_accuracy"])
    told = {gap: about[gap] for gap in ("command", "epochs", "seed")}
    return say("inside.shipped", percent=right, **told)


def sentences(scene: InsideScene, passed: ImagePass) -> list[str]:
    """The sentences about the chosen entry; where none is, about the answer."""
    if passed.fallen_back:
        return [say("inside.overflows"), answer_sentence(scene, passed)]
    if not scene.entry:
        every = _tallies(passed) if scene.show == "reasons" else []
        answer = answer_sentence(scene, passed)
        return [answer, say("inside.choose"), *_step_sentences(scene, passed), *every]
    place = passed.place(scene.entry)
    if place is None:
        label = passed.network.architecture.label
        return [say("inside.absent", entry=scene.entry, network=label)]
    own = _tallies(passed, place.letter) if scene.show == "reasons" else []
    answers = [answer_sentence(scene, passed)] if scene.painting else []
    if place.letter == "s" != passed.naming.output:
        first, *rest = [*_logit(passed, place), passed.forward(place)]
    else:
        first, *rest = passed.said(place)
    return [first, *answers, *own, *_step_sentences(scene, passed), *rest]


def answer_sentence(scene: InsideScene, passed: ImagePass) -> str:
    """What the network takes the image for, and whether that is right, where that is known."""
    key = "inside.right" if passed.answer == passed.label else "inside.wrong"
    if scene.painting and not scene.label and scene.labelled:
        key = "inside.painted"
    return say(
        key if scene.labelled else "inside.unlabelled",
        answer=spoken(passed.answer),
        percent=percent(float(passed.probabilities.max())),
        label=spoken(passed.label),
        loss=number(passed.loss, 4),
    )


def _tallies(passed: ImagePass, letter: str = "") -> list[str]:
    """How many entries of a stage's gradient are what they are for which reason; of every stage."""
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


def _step_sentences(scene: InsideScene, passed: ImagePass) -> list[str]:
    """What one step of gradient descent on this image does."""
    if passed.other is None:
        return []
    seen = (passed.loss, passed.probabilities), (passed.other.loss, passed.other.probabilities)
    (before, was), (after, now) = seen if scene.sgd == "before" else reversed(seen)
    return [
        say(
            "inside.step",
            rate=number(10**scene.rate, 3),
            before=number(before, 4),
            after=number(after, 4),
            label=passed.label,
            likely=percent(float(was[passed.label])),
            likelier=percent(float(now[passed.label])),
        )
    ]


def _logit(passed: ImagePass, place: Entry) -> list[str]:
    """Of a logit the gradient, which comes from softmax and cross entropy."""
    digit = place.index[1]
    truth, probability = int(digit == passed.label), number(float(passed.probabilities[digit]))
    difference = f"{name('p', digit - 1)} − {truth} = {probability} − {truth}"
    told = say(
        "inside.logit", slope=place.slope, difference=difference, gradient=signed(place.grad)
    )
    return [explain_entry(place)[0], told]

"""Sentences about one entry: the formula, its numbers, and where a zero comes from.

Everything said is read off a trace; nothing is worked out here.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from engine import RULES, Gate, ReLU, Stop, Trace, Why, slopes
from engine.arrays import Index
from engine.trace import common_reason
from pages.figures.block_info import BLOCK
from pages.figures.info import GraphInfo, Naming
from pages.figures.words import number, signed
from pages.formula import MANY, formula_line, name_of_factor, nonzero, sum_of
from pages.place import Place, places
from pages.predict import wrong


def explain(trace: Trace, entry: str, naming: Naming = BLOCK) -> list[str]:
    """What to say about an entry, a line each; the first line is the answer. [] for no entry."""
    place = places(trace, naming).get(entry)
    return [] if place is None else explain_place(place)


def explain_place(place: Place) -> list[str]:
    """As `explain`, for a place."""
    if place.step == len(place.trace.steps):
        return [f"{place.slope} = {signed(place.grad)}: it is what was sent in."]
    because = "." if place.grad else f": {reason(place)}."
    lines = [f"{place.slope} = {signed(place.grad)}{because}", formula_line(place), _chain(place)]
    return [line for line in (*lines, _rules(place)) if line]


def reason(place: Place) -> str:
    """Why the gradient of an entry is zero, as half a sentence that holds on all of its ways."""
    stops = _stops(place)
    why, ways = common_reason(stops), sum(stop.ways for stop in stops)
    at = place if stops[0].step == place.step else place.at(stops[0].step, stops[0].index)
    if why and (len(stops) == 1 or why is Why.UPSTREAM_ZERO):
        return _SAID[why](at)
    if why is Why.NOT_COVERED:
        return f"none of its {ways} ways reaches an output"
    if why is Why.GATE_CLOSED:
        return f"{_SAID[why](at)}, and on its other {_ways(ways - stops[0].ways)}"
    return f"none of its {ways} ways arrives: {_tally(stops)}"


def answers(info: GraphInfo, there: Mapping[str, Place]) -> list[str]:
    """After a prediction: how many are right, and of each wrong one what is true, and why.

    there: every entry that was asked for, by its plain name.
    """
    mistakes = [there[entry] for entry in wrong(info)]
    guesses = sum(cell.guess is not None for cell in info.cells.values())
    return [
        f"{guesses - len(mistakes)} of {guesses} right.",
        *(
            f"{place.slope} = {signed(place.grad)}, not 0."
            if place.grad
            else f"{place.slope} = 0: {reason(place)}."
            for place in mistakes
        ),
    ]


def _stops(place: Place) -> list[Stop]:
    return place.trace.stops(place.step, place.argument, place.index)


def _ways(count: int) -> str:
    return "way" if count == 1 else f"{count} ways"


def _tally(stops: list[Stop]) -> str:
    """For how many ways what is the reason: 3 are inactive, 1 is not the maximum."""
    counts: Counter[Why] = Counter()
    for stop in stops:
        counts[stop.why] += stop.ways
    return ", ".join(f"{n} {_TALLIED[why][n > 1]}" for why, n in counts.most_common())


def _nothing_elsewhere(at: Place) -> str:
    """Where something arrives from some of the outputs that read it: that from others nothing does.

    For a reason that concerns only what arrives.
    """
    silent = sum(not term.arriving for term in at.terms)
    return f"; on its other {_ways(silent)} nothing arrives" if silent else ""


def _not_max(at: Place) -> str:
    said = f"{at.name} = {number(at.value)} is not the maximum"
    if at.trace.steps[at.step].output.ndim:
        said += f" of {_windows(at, _arriving(at))}"
    before = at.trace.steps[at.step - 1] if at.step else None
    if before is not None and isinstance(before.layer, ReLU):
        behind = at.at(at.step - 1, at.index)
        gate = ReLU.gate(behind.value)
        if gate is Gate.CLOSED:
            said += f"; its ReLU is closed too ({behind.name} = {number(behind.value)})"
        elif gate is Gate.KINK:
            said += f"; its ReLU is at its kink too ({behind.name} = 0)"
    return said + _nothing_elsewhere(at)


def _tie_lost(at: Place) -> str:
    # The winner is the first entry that a window's gradient goes to.
    step, arriving = at.trace.steps[at.step], _arriving(at)
    tied = [output for output in arriving if step.output[output] == at.value]
    shares = (slopes(at.trace, at.step, output)[0] for output in tied)
    winners = [at.at(at.step, tuple(map(int, np.argwhere(share)[0]))).name for share in shares]
    of = f" of {_windows(at, tied, 'and')}" if step.output.ndim else ""
    gradients, alone = ("the gradient", " alone") if len(tied) == 1 else ("their gradients", "")
    said = f"{at.name} = {number(at.value)} ties for the maximum{of}, but this rule gives "
    said += f"{gradients} to {' and '.join(dict.fromkeys(winners))}{alone}"
    others = [output for output in arriving if output not in tied]
    if others:
        said += f"; it is not the maximum of {_windows(at, others)}"
    return said + _nothing_elsewhere(at)


def _arriving(at: Place) -> list[Index]:
    """The outputs that read it and at which something arrives."""
    return [term.output for term in at.terms if term.arriving]


def _zero_factor(at: Place) -> str:
    zeros = {name_of_factor(at, term.output): None for term in at.terms if term.arriving}
    names = sorted(zeros) if len(zeros) <= MANY else [*list(zeros)[:MANY], "…"]
    return f"what arrives is multiplied by {' = '.join(names)} = 0{_nothing_elsewhere(at)}"


def _cancelled(at: Place) -> str:
    shown, more = nonzero(at.terms)
    if not shown:  # in a loss it is the slope itself that is a difference
        return f"the slope at {at.name} is a difference that cancels to 0"
    return f"the contributions cancel: {sum_of(shown, more)} = 0"


_SAID: Final[dict[Why, Callable[[Place], str]]] = {
    Why.NOT_COVERED: lambda at: f"no output reads {at.name}",
    Why.UPSTREAM_ZERO: lambda at: (
        f"d{at.naming.output} = 0, so nothing is sent back"
        if at.trace.output.ndim == 0
        else "nothing is sent back to any output that it feeds"
    ),
    Why.GATE_CLOSED: lambda at: f"the ReLU is closed at {at.name} = {number(at.value)}",
    Why.AT_KINK: lambda at: f"{at.name} = 0 is the ReLU's kink, and this rule's slope there is 0",
    Why.NOT_MAX: _not_max,
    Why.TIE_LOST: _tie_lost,
    Why.ZERO_FACTOR: _zero_factor,
    Why.CANCELLED: _cancelled,
    Why.UNDERFLOW: lambda at: f"what comes back at {at.name} underflows to 0",
    Why.ROUNDED: lambda at: "the contributions all but cancel, and rounding takes what is left",
}
_TALLIED: Final[dict[Why, tuple[str, str]]] = {
    Why.NOT_COVERED: ("reaches no output", "reach no output"),
    Why.UPSTREAM_ZERO: ("ends where nothing is sent back", "end where nothing is sent back"),
    Why.GATE_CLOSED: ("is inactive", "are inactive"),
    Why.AT_KINK: (
        "is at a ReLU's kink, where this rule's slope is 0",
        "are at a ReLU's kink, where this rule's slope is 0",
    ),
    Why.NOT_MAX: ("is not the maximum", "are not the maximum"),
    Why.TIE_LOST: ("loses a tie under this rule", "lose a tie under this rule"),
    Why.ZERO_FACTOR: ("is multiplied by 0", "are multiplied by 0"),
    Why.CANCELLED: ("ends in a sum that cancels", "end in a sum that cancels"),
    Why.UNDERFLOW: ("underflows to 0", "underflow to 0"),
    Why.ROUNDED: ("ends in a sum that is rounded to 0", "end in a sum that is rounded to 0"),
}
"""Of one way, and of several."""


def _chain(place: Place) -> str:
    """For a zero that was stopped further on: from the entry to where it was, along one way."""
    if place.grad:
        return ""
    stops = _stops(place)
    why = common_reason(stops)
    target = next((stop for stop in stops if stop.why is why), stops[0])
    if target.step == place.step:
        return ""
    links = [place]
    while links[-1].step < target.step - 1:
        here = links[-1]
        links.append(here.at(here.step + 1, _towards(here, target)))
    links.append(place.at(target.step, target.index))
    ways = sum(stop.ways for stop in stops)
    along = f" along one of its {ways} ways" if ways > 1 else ""
    return f"Followed back{along}: " + " ← ".join(f"{link.slope} = 0" for link in links)


def _towards(here: Place, target: Stop) -> Index:
    """The output of a step by which one comes to the entry that was stopped."""
    step = here.trace.steps[here.step]
    return next(
        output
        for output in step.layer.feeds(here.argument, here.index, step.run.cache)
        for stop in here.trace.stops(here.step + 1, 0, output)
        if (stop.step, stop.index) == (target.step, target.index)
    )


def _windows(at: Place, outputs: list[Index], last: str = "or") -> str:
    letter = at.naming.into(at.step + 1)
    return f" {last} ".join(f"{at.naming.label(letter, index)}'s window" for index in outputs)


def _rules(place: Place) -> str:
    """Where the rule decides: what each would give. '' where all give the same."""
    if not any(kinked.any() for step in place.trace.steps for kinked in step.kinked):
        return ""  # going back, two rules can first differ only where a gradient meets a kink
    grads = {
        kinks: signed(Place(place.trace.under(kinks), *_where(place)).grad)
        for kinks in {rule.kinks for rule in RULES.values()} - {place.trace.kinks}
    }
    grads[place.trace.kinks] = signed(place.grad)
    by_number: dict[str, list[str]] = {}
    for rule in RULES.values():
        by_number.setdefault(grads[rule.kinks], []).append(rule.short)
    if len(by_number) == 1:
        return ""
    said = "; ".join(f"{value} in {', '.join(rules)}" for value, rules in by_number.items())
    return f"The rule decides here: {said}."


def _where(place: Place) -> tuple[Naming, int, int, Index]:
    return place.naming, place.step, place.argument, place.index

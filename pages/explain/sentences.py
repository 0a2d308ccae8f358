"""Sentences about one entry: the formula, its numbers, and where a zero comes from.

Everything said is read off a trace; nothing is worked out here.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from engine import RULES, Gate, Stop, Trace, Why, slopes
from engine.arrays import Index
from engine.kinks import groups
from engine.trace import common_reason
from pages.explain.entry import Place, places
from pages.explain.formula import MANY, formula_line, name_of_factor, nonzero, sum_of
from pages.figures.info import BLOCK, GraphInfo, Naming, stops_of
from pages.figures.words import number, signed
from pages.state.predict import wrong


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
    at = place.at(stops[0].step, stops[0].index, stops[0].argument)
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
    return stops_of(place.trace, place.number, place.index)


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
    said = _template(at, Why.NOT_MAX).format(
        subject=_subject(at), of=_of_windows(at, _arriving(at))
    )
    return said + _gate_behind(at) + _nothing_elsewhere(at)


def _gate_behind(at: Place) -> str:
    """Whether the unit that made an entry would let nothing through either."""
    made_by = at.number - at.trace.outside
    if made_by < 0:
        return ""
    step = at.trace.steps[made_by]
    gate = step.layer.gate(at.index, step.run.cache)
    if gate is None or gate is Gate.OPEN:
        return ""
    behind = at.at(made_by, at.index)
    how = "closed" if gate is Gate.CLOSED else "at its kink"
    return f"; its {step.layer.words.name} is {how} too ({behind.name} = {number(behind.value)})"


def _tie_lost(at: Place) -> str:
    # The winner is the first entry that a window's gradient goes to.
    step, arriving = at.trace.steps[at.step], _arriving(at)
    tied = [output for output in arriving if step.output[output] == at.value]
    winners = [_winner(at, output).name for output in tied]
    gradients, alone = ("the gradient", " alone") if len(tied) == 1 else ("their gradients", "")
    said = _template(at, Why.TIE_LOST).format(
        subject=_subject(at),
        of=_of_windows(at, tied, "and"),
        gradients=gradients,
        winners=f"{' and '.join(dict.fromkeys(winners))}{alone}",
    )
    others = [output for output in arriving if output not in tied]
    if others:
        lost = _template(at, Why.NOT_MAX).format(subject="it", of=_of_windows(at, others))
        said += f"; {lost}"
    return said + _nothing_elsewhere(at)


def _winner(at: Place, output: Index) -> Place:
    """The first entry that an output's gradient goes to."""
    for argument, share in enumerate(slopes(at.trace, at.step, output)):
        for index in np.argwhere(share):
            return at.at(at.step, tuple(map(int, index)), argument)
    raise AssertionError(f"nobody wins the output {output}")


def _template(at: Place, why: Why) -> str:
    """What the layer calls a zero of its own."""
    return at.trace.steps[at.step].layer.words.zeros[why]


def _subject(at: Place) -> str:
    return f"{at.name} = {number(at.value)}"


def _gated(why: Why) -> Callable[[Place], str]:
    """For a unit's own zero."""
    return lambda at: _template(at, why).format(subject=_subject(at), entry=at.name)


def _arriving(at: Place) -> list[Index]:
    """The outputs that read it and at which something arrives."""
    return [term.output for term in at.terms if term.arriving]


def _zero_factor(at: Place) -> str:
    zeros = {name_of_factor(at, term): None for term in at.terms if term.arriving}
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
    Why.GATE_CLOSED: _gated(Why.GATE_CLOSED),
    Why.AT_KINK: _gated(Why.AT_KINK),
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
        "is at a kink, where this rule's slope is 0",
        "are at a kink, where this rule's slope is 0",
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
    if (target.step, target.argument) in place.trace.values[place.number].readers:
        return ""
    links = [place]
    while (link := _towards(links[-1], target)).step < target.step:
        links.append(link)
    links.append(place.at(target.step, target.index, target.argument))
    ways = sum(stop.ways for stop in stops)
    along = f" along one of its {ways} ways" if ways > 1 else ""
    return f"Followed back{along}: " + " ← ".join(f"{link.slope} = 0" for link in links)


def _towards(here: Place, target: Stop) -> Place:
    """The next entry on a way to the one that was stopped."""
    values, steps = here.trace.values, here.trace.steps
    return next(
        here.at(reader, output, argument)
        for position, fed in values[here.number].readers
        for output in steps[position].layer.feeds(fed, here.index, steps[position].run.cache)
        for reader, argument in values[here.trace.outside + position].readers
        for stop in here.trace.stops(reader, argument, output)
        if (stop.step, stop.index) == (target.step, target.index)
    )


def _of_windows(at: Place, outputs: list[Index], last: str = "or") -> str:
    """' of z₁'s window or z₂'s window'; "" where the only output is the only window."""
    if at.trace.steps[at.step].output.ndim == 0:
        return ""
    names = (at.output(at.step, index).name for index in outputs)
    return " of " + f" {last} ".join(f"{name}'s window" for name in names)


def _rules(place: Place) -> str:
    """Where the rule decides: what each would give. '' where all give the same."""
    if not any(kinked.any() for step in place.trace.steps for kinked in step.kinked):
        return ""  # going back, two rules can first differ only where a gradient meets a kink
    choices = place.trace.layer.kink_choices
    present, alike = place.trace.kinks.chosen(choices), groups(choices)
    grads = {
        chosen: signed(
            place.grad
            if chosen == present
            else Place(place.trace.under(rules[0].kinks), *_where(place)).grad
        )
        for chosen, rules in alike.items()
    }
    by_number: dict[str, list[str]] = {}
    for rule in RULES.values():
        if rule.kinks.states(choices):
            by_number.setdefault(grads[rule.kinks.chosen(choices)], []).append(rule.short)
    if len(by_number) == 1:
        return ""
    said = "; ".join(f"{value} in {', '.join(rules)}" for value, rules in by_number.items())
    return f"The rule decides here: {said}."


def _where(place: Place) -> tuple[Naming, int, int, Index]:
    return place.naming, place.step, place.argument, place.index

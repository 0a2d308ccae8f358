"""Sentences about one entry: the formula, its numbers, and where a zero comes from.

Everything said is read off a trace; nothing is worked out here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from engine import RULES, Gate, ReLU, Term, Trace, Why, terms
from engine.arrays import Index
from pages.figures.words import factor, name, number, signed

LETTERS: Final = ("x", "a", "h", "z")
"""What flows into the block's three steps, and out of the last."""


@dataclass(frozen=True)
class Place:
    """One entry: whose input it is (the step's and the argument's position), where, its letter.

    The output has no step: step is then the number of steps.
    """

    step: int
    argument: int
    index: Index
    letter: str

    @property
    def name(self) -> str:
        """x₂, w."""
        return name(self.letter, *self.index)


def places(trace: Trace) -> dict[str, Place]:
    """Every entry of a block's picture by its plain name: 'x2', 'a1', 'w', 'z'."""
    found = {}
    for step, letter in enumerate(LETTERS):
        array = trace.output if step == len(trace.steps) else trace.steps[step].inputs[0]
        for index in np.ndindex(*array.shape):
            found[_plain(letter, index)] = Place(step, 0, index, letter)
    for index in np.ndindex(*trace.steps[0].inputs[1].shape):
        found[_plain("w", index)] = Place(0, 1, index, "w")
    return found


def explain(trace: Trace, entry: str) -> list[str]:
    """What to say about an entry, a line each; the first line is the answer. [] for no entry."""
    place = places(trace).get(entry)
    if place is None:
        return []
    if place.step == len(trace.steps):
        return [f"{_slope(trace, place)} = {signed(float(trace.dout))}: it is what was sent in."]
    grad = gradient(trace, place)
    lines = [f"{_slope(trace, place)} = {signed(grad)}" + ("." if grad else f": {reason(trace, place)}.")]
    lines.append(_formula(trace, place))
    if not grad:
        lines.append(_chain(trace, place))
    lines.append(_rules(trace, place))
    return [line for line in lines if line]


def gradient(trace: Trace, place: Place) -> float:
    """The gradient of an entry."""
    return float(trace.steps[place.step].grads[place.argument][place.index])


def reason(trace: Trace, place: Place) -> str:
    """Why the gradient of an entry is zero, as half a sentence."""
    step, index, why = trace.stop(place.step, place.argument, place.index)
    if step == place.step:
        return _SAID[why](trace, place)
    said = _SAID[why](trace, Place(step, 0, index, LETTERS[step]))
    return said + (_everywhere(trace, step, why) if place.letter == "w" else "")


def _not_max(trace: Trace, at: Place) -> str:
    said = f"{at.name} = {_value(trace, at)} is not the maximum"
    before = trace.steps[at.step - 1]
    if at.step and isinstance(before.layer, ReLU):
        a = float(before.inputs[0][at.index])
        gate = ReLU.gate(a)
        if gate is Gate.CLOSED:
            said += f"; its ReLU is closed too ({name('a', *at.index)} = {number(a)})"
        elif gate is Gate.KINK:
            said += f"; its ReLU is at its kink too ({name('a', *at.index)} = 0)"
    return said


def _tie_lost(trace: Trace, at: Place) -> str:
    step = trace.steps[at.step]
    winner = next(i for i in np.ndindex(*step.grads[0].shape) if step.grads[0][i])
    return (
        f"{at.name} = {_value(trace, at)} ties for the maximum, but this rule gives the gradient "
        f"to {name(at.letter, *winner)} alone"
    )


def _gate_closed(trace: Trace, at: Place) -> str:
    return f"the ReLU is closed at {at.name} = {_value(trace, at)}"


def _everywhere(trace: Trace, step: int, why: Why) -> str:
    everywhere = bool((trace.steps[step].why[0] == why).all())
    return ", and at every other a" if why is Why.GATE_CLOSED and everywhere else ""


def _at_kink(trace: Trace, at: Place) -> str:
    return f"{at.name} = 0 is the ReLU's kink, and this rule's slope there is 0"


def _zero_factor(trace: Trace, at: Place) -> str:
    if at.letter == "x":
        return "what arrives is multiplied by w = 0"
    zeros = [name("x", *term.output) for term in _terms_at(trace, at) if term.arriving]
    return f"what arrives is multiplied by {' = '.join(zeros)} = 0"


def _cancelled(trace: Trace, at: Place) -> str:
    products = [
        f"{factor(term.slope)}·{factor(term.arriving)}"
        for term in _terms_at(trace, at)
        if term.slope and term.arriving
    ]
    return f"the contributions cancel: {' + '.join(products)} = 0"


def _terms_at(trace: Trace, at: Place) -> list[Term]:
    return terms(trace, at.step, at.argument, at.index)


_SAID: Final[dict[Why, Callable[[Trace, Place], str]]] = {
    Why.NOT_COVERED: lambda trace, at: f"no output reads {at.name}",
    Why.UPSTREAM_ZERO: lambda trace, at: "dz = 0, so nothing is sent back",
    Why.GATE_CLOSED: _gate_closed,
    Why.AT_KINK: _at_kink,
    Why.NOT_MAX: _not_max,
    Why.TIE_LOST: _tie_lost,
    Why.ZERO_FACTOR: _zero_factor,
    Why.CANCELLED: _cancelled,
    Why.UNDERFLOW: lambda trace, at: f"a product of nonzero factors at {at.name} underflows to 0",
}


def _formula(trace: Trace, place: Place) -> str:
    """The chain rule's line for this entry, with the numbers plugged in."""
    each = terms(trace, place.step, place.argument, place.index)
    total = signed(gradient(trace, place))
    above = Place(place.step + 1, 0, each[0].output, LETTERS[place.step + 1])
    numbers = " + ".join(f"{factor(term.slope)}·{factor(term.arriving)}" for term in each)
    slope, arriving = _slope(trace, place), _slope(trace, above)
    if place.letter == "w":
        index_free = _slope(trace, Place(1, 0, (), "a"))
        return f"{slope} = Σ xᵢ · {index_free}ᵢ = {numbers} = {total}"
    return f"{slope} = {_LOCAL[place.letter](trace, place)} · {arriving} = {numbers} = {total}"


def _relu_slope(trace: Trace, place: Place) -> str:
    gate = ReLU.gate(float(trace.steps[place.step].inputs[0][place.index]))
    sign = {Gate.OPEN: "> 0", Gate.CLOSED: "< 0", Gate.KINK: "= 0"}[gate]
    return f"(slope of ReLU at {place.name} {sign})"


_LOCAL: Final[dict[str, Callable[[Trace, Place], str]]] = {
    "x": lambda trace, place: "w",
    "a": _relu_slope,
    "h": lambda trace, place: f"(share of {place.name} in the maximum)",
}
"""What multiplies the gradient that arrives, in words."""


def _chain(trace: Trace, place: Place) -> str:
    """For a zero: from the step that stopped it back to the entry."""
    step, index, _ = trace.stop(place.step, place.argument, place.index)
    if step == place.step:
        return ""
    links = [_slope(trace, place)]
    if place.letter == "w":
        index = ()
        links += [f"{_slope(trace, Place(at, 0, (), LETTERS[at]))}ᵢ" for at in range(1, step + 1)]
    else:
        links += [
            _slope(trace, Place(at, 0, place.index, LETTERS[at]))
            for at in range(place.step + 1, step + 1)
        ]
    return "Followed back: " + " ← ".join(f"{link} = 0" for link in links)


def _rules(trace: Trace, place: Place) -> str:
    """Where the rule decides: what each would give. '' where all give the same."""
    by_number: dict[str, list[str]] = {}
    grads: dict[tuple[float, str], str] = {}
    for rule in RULES.values():
        key = (rule.kinks.relu_at_zero, rule.kinks.pool_ties)
        if key not in grads:
            grads[key] = signed(gradient(trace.under(rule.kinks), place))
        by_number.setdefault(grads[key], []).append(rule.short)
    if len(by_number) == 1:
        return ""
    said = "; ".join(f"{value} in {', '.join(rules)}" for value, rules in by_number.items())
    return f"The rule decides here: {said}."


def _slope(trace: Trace, place: Place) -> str:
    """∂z/∂x₂; ∂L/∂x₂ where something else than 1 is sent in, so that it is another function's."""
    top = "z" if float(trace.dout) == 1 else "L"
    return f"∂{top}/∂{place.name}"


def _value(trace: Trace, place: Place) -> str:
    return number(float(trace.steps[place.step].inputs[place.argument][place.index]))


def _plain(letter: str, index: Index) -> str:
    return letter + ",".join(str(i + 1) for i in index)

"""Sentences about one entry: the formula, its numbers, where a zero comes from, whom it influences.

Everything said is read off a trace; nothing is worked out here, and how it is said stands in the
catalogue.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from engine import RULES, Gate, Stop, Trace, Why, slopes
from engine.arrays import Index, Mask
from engine.kinks import groups
from engine.trace import common_reason, influence, read_by
from pages.explain.catalogue import as_sentence, listed, say, words_of
from pages.explain.entry import Entry, entries
from pages.explain.formula import MANY, factor_name, formula_line, nonzero, sum_of
from pages.figures.info import BLOCK, GraphInfo, Naming, letters_of, stops_of
from pages.figures.words import factor, name, number, signed
from pages.state.predict import wrong

WINDOW: Final = 9
"""A sum of more products than a window of 3 × 3 has is not written out."""


def explain(trace: Trace, name: str, naming: Naming = BLOCK) -> list[str]:
    """What to say about an entry, a line each; the first line is the answer. [] for no entry."""
    entry = entries(trace, naming).get(name)
    return [] if entry is None else explain_entry(entry)


def explain_entry(entry: Entry) -> list[str]:
    """As `explain`, for an entry that is there."""
    if entry.step == len(entry.trace.steps):
        return [say("entry.sent", slope=entry.slope, gradient=signed(entry.grad))]
    lines = [_answer(entry, "entry.flows"), formula_line(entry), _chain(entry), _rules(entry)]
    return [line for line in lines if line]


def answers(info: GraphInfo, there: Mapping[str, Entry], most: int | None = None) -> list[str]:
    """After a prediction: how many are right, and of each wrong one what is true, and why.

    there: every entry that was asked for, by its plain name; with `most` the first so many that
    were guessed wrongly will do, as of more it is only said how many they are.
    """
    mistakes = wrong(info)
    guesses = sum(cell.guess is not None for cell in info.cells.values())
    lines = [_answer(there[name], "predict.flows") for name in mistakes[:most]]
    if more := len(mistakes) - len(lines):
        lines.append(say("predict.more", more))
    return [say("predict.right", guesses, right=guesses - len(mistakes)), *lines]


def _answer(entry: Entry, key: str) -> str:
    """The gradient, and why it is 0; key: of the text for one that is not."""
    if entry.grad:
        return say(key, slope=entry.slope, gradient=signed(entry.grad))
    return say("entry.zero", slope=entry.slope, reason=reason(entry))


# --- why a gradient is zero


def reason(entry: Entry) -> str:
    """Why the gradient of an entry is zero, as half a sentence that holds on all of its ways."""
    stops = _stops(entry)
    why, ways = common_reason(stops), sum(stop.ways for stop in stops)
    at = entry.at(stops[0].step, stops[0].index, stops[0].argument)
    if why and (len(stops) == 1 or why is Why.UPSTREAM_ZERO):
        return _own_reason(at, why)
    if why is Why.NOT_COVERED:
        return say("reason.uncovered", ways)
    if why is Why.GATE_CLOSED:
        return say("reason.gates", ways - stops[0].ways, reason=_own_reason(at, why))
    counts: Counter[Why] = Counter()
    for stop in stops:
        counts[stop.why] += stop.ways
    tally = ", ".join(say(f"tally.{why.name}", n) for why, n in counts.most_common())
    return say("reason.mixed", ways, tally=tally)


def _stops(entry: Entry) -> list[Stop]:
    return stops_of(entry.trace, entry.number, entry.index)


def _own_reason(at: Entry, why: Why) -> str:
    """Why the gradient of an entry is zero that was stopped there itself."""
    match why:
        case Why.NOT_MAX:
            not_max = _layers_reason(at, why, of=_of_windows(at, _arriving(at)))
            return "; ".join([not_max, *_gate_behind(at), *_nothing_elsewhere(at)])
        case Why.TIE_LOST:
            return "; ".join([*_tie_lost(at), *_nothing_elsewhere(at)])
        case Why.ZERO_FACTOR:
            zero = say("reason.ZERO_FACTOR", factors=" = ".join(_factors(at)))
            return "; ".join([zero, *_nothing_elsewhere(at)])
        case Why.CANCELLED:
            shown, more = nonzero(at.terms)
            if not shown:  # in a loss it is the slope itself that is a difference
                return say("reason.CANCELLED.slope", entry=at.name)
            return say("reason.CANCELLED", sum=sum_of(shown, more))
        case Why.UPSTREAM_ZERO if at.trace.output.ndim:
            return say("reason.UPSTREAM_ZERO.several")
        case Why.GATE_CLOSED | Why.AT_KINK:
            return _layers_reason(at, why)
    return say(f"reason.{why.name}", entry=at.name, output=at.naming.output)


def _layers_reason(at: Entry, why: Why, **gaps: str) -> str:
    """What the layer that reads an entry calls a zero of its own."""
    named = {"entry": at.name, "subject": f"{at.name} = {number(at.value)}", **gaps}
    return words_of(at.trace.steps[at.step].layer).zeros[why].format(**named)


def _arriving(at: Entry) -> list[Index]:
    """The outputs that read it and at which something arrives."""
    return [term.output for term in at.terms if term.arriving]


def _nothing_elsewhere(at: Entry) -> Iterator[str]:
    """Where something arrives from some of the outputs that read it: that from others nothing does.

    For a reason that concerns only what arrives.
    """
    if silent := sum(not term.arriving for term in at.terms):
        yield say("reason.silent", silent)


def _gate_behind(at: Entry) -> Iterator[str]:
    """Whether the unit that made an entry would let nothing through either."""
    made_by = at.number - at.trace.outside
    if made_by < 0:
        return
    step = at.trace.steps[made_by]
    gate = step.layer.gate(at.index, step.run.cache)
    if gate in (Gate.CLOSED, Gate.KINK):
        behind, unit = at.at(made_by, at.index), words_of(step.layer).name
        yield say(f"reason.{gate.value}", unit=unit, entry=behind.name, value=number(behind.value))


def _tie_lost(at: Entry) -> Iterator[str]:
    # The winner is the first entry that a window's gradient goes to.
    step, arriving = at.trace.steps[at.step], _arriving(at)
    tied = [output for output in arriving if step.output[output] == at.value]
    winners = dict.fromkeys(_winner(at, output).name for output in tied)
    yield _layers_reason(
        at,
        Why.TIE_LOST,
        of=_of_windows(at, tied, "list.and"),
        gradients=say("reason.gradients", len(tied)),
        winners=say("reason.winners", len(tied), winners=say("list.and").join(winners)),
    )
    if others := [output for output in arriving if output not in tied]:
        it = say("reason.it")
        yield _layers_reason(at, Why.NOT_MAX, subject=it, of=_of_windows(at, others))


def _winner(at: Entry, output: Index) -> Entry:
    """The first entry that an output's gradient goes to."""
    for argument, share in enumerate(slopes(at.trace, at.step, output)):
        for index in np.argwhere(share):
            return at.at(at.step, tuple(map(int, index)), argument)
    raise AssertionError(f"nobody wins the output {output}")


def _of_windows(at: Entry, outputs: list[Index], join: str = "list.or") -> str:
    """' of z₁'s window or z₂'s window'; "" where the only output is the only window."""
    if at.trace.steps[at.step].output.ndim == 0:
        return ""
    names = (say("reason.window", output=at.output(at.step, index).name) for index in outputs)
    return say("reason.windows", windows=say(join).join(names))


def _factors(at: Entry) -> list[str]:
    """The names of what multiplies that which arrives; of very many the first."""
    names = list(dict.fromkeys(factor_name(at, term) for term in at.terms if term.arriving))
    return sorted(names) if len(names) <= MANY else [*names[:MANY], "…"]


def _chain(entry: Entry) -> str:
    """For a zero that was stopped further on: from the entry to where it was, along one way."""
    if entry.grad:
        return ""
    stops = _stops(entry)
    why = common_reason(stops)
    target = next((stop for stop in stops if stop.why is why), stops[0])
    if (target.step, target.argument) in entry.trace.values[entry.number].readers:
        return ""
    links = [entry]
    while (link := _towards(links[-1], target)).step < target.step:
        links.append(link)
    links.append(entry.at(target.step, target.index, target.argument))
    said = " ← ".join(f"{link.slope} = 0" for link in links)
    return say("chain", sum(stop.ways for stop in stops), links=said)


def _towards(here: Entry, target: Stop) -> Entry:
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


def _rules(entry: Entry) -> str:
    """Where the rule decides: what each would give. '' where all give the same."""
    if not any(kinked.any() for step in entry.trace.steps for kinked in step.kinked):
        return ""  # going back, two rules can first differ only where a gradient meets a kink
    choices = entry.trace.layer.kink_choices
    present = entry.trace.kinks.chosen(choices)
    grads = {
        chosen: signed(
            entry.grad
            if chosen == present
            else replace(entry, trace=entry.trace.under(rules[0].kinks)).grad
        )
        for chosen, rules in groups(choices).items()
    }
    by_number: dict[str, list[str]] = {}
    for rule in RULES.values():
        if rule.kinks.states(choices):
            by_number.setdefault(grads[rule.kinks.chosen(choices)], []).append(rule.short)
    if len(by_number) == 1:
        return ""
    each = (
        say("rules.number", number=value, rules=", ".join(rules))
        for value, rules in by_number.items()
    )
    return say("rules", numbers="; ".join(each))


# --- who influences whom


def influence_lines(trace: Trace, naming: Naming, name: str) -> list[str]:
    """Of an input of the first step, what it influences; of its output, what influences that."""
    entry = entries(trace, naming).get(name)
    if entry is None:
        return []
    return [_forwards(entry)] if entry.step == 0 else _backwards(entry)


def _forwards(entry: Entry) -> str:
    reached = influence(entry.trace, entry.step, entry.argument, entry.index)[0]
    letter = entry.naming.into(entry.step + 1)
    if not reached.any():
        return say("influence.none", entry=entry.name, letter=letter)
    names = [entry.naming.label(letter, tuple(map(int, at))) for at in np.argwhere(reached)]
    return say("influence.forwards", entry=entry.name, entries=_counted(names, letter))


def _backwards(entry: Entry) -> list[str]:
    """How an output of the first step was made of the entries that influence it."""
    step = entry.trace.steps[0]
    weights = [
        each
        for each in (entry.at(0, index, 1) for index in np.ndindex(*step.inputs[1].shape))
        if influence(entry.trace, 0, 1, each.index)[0][entry.index]
    ]
    read = [step.layer.factor(1, w.index, entry.index, step.run.cache).cofactor for w in weights]
    inputs = [None if each is None else entry.at(0, each[1], each[0]) for each in read]
    pairs = list(zip(weights, inputs, strict=True))
    symbols = (f"{w.name}·{x.name if x else 0}" for w, x in pairs)
    numbers = (f"{factor(w.value)}·{factor(x.value if x else 0)}" for w, x in pairs)
    sums = f"{' + '.join(symbols)} = {' + '.join(numbers)} = {number(entry.value)}"
    inside = [x.name for x in inputs if x]
    padded = "influence.padded" if len(inside) < len(inputs) else "influence.sum"
    own = _counted([w.name for w in weights], weights[0].letter)
    others = _counted(inside, entry.naming.inputs[0][0])
    backwards = "influence.backwards" if inside else "influence.weights"
    return [say(padded, entry=entry.name, sum=sums), say(backwards, inputs=others, weights=own)]


def _counted(names: Sequence[str], letter: str) -> str:
    """3 entries of a: a₁, a₂, a₃; for one that is all there is of its letter, the letter."""
    if names == [letter]:
        return letter
    return say("influence.entries", len(names), letter=letter, names=", ".join(names))


# --- how a value came about


def value_line(entry: Entry) -> str:
    """The formula of a value, with the numbers plugged in."""
    value, made = number(entry.value), entry.number - entry.trace.outside
    formula = _value_formula(entry, made) if made >= 0 else ""
    if not formula:
        return say("value.given", entry=entry.name, value=value)
    return say("value", entry=entry.name, formula=formula, value=value)


def _value_formula(entry: Entry, made: int) -> str:
    """made: the position of the step that made it. "" where its layer has none that is known."""
    step = entry.trace.steps[made]
    marked = np.zeros(step.output.shape, np.bool_)
    marked[entry.index] = True
    read = [
        [entry.at(made, tuple(map(int, at)), argument) for at in np.argwhere(mask)]
        for argument, mask in enumerate(read_by(step, marked))
    ]
    values = ", ".join(number(each.value) for each in read[0])
    if len(read) > step.layer.flowing:
        return _products(entry, made, read)
    if "pool_ties" in step.layer.kink_choices:
        return f"max({values})"
    if "relu_at_zero" in step.layer.kink_choices:
        return f"max(0, {read[0][0].name}) = max(0, {values})"
    return ""


def _products(entry: Entry, made: int, read: Sequence[Sequence[Entry]]) -> str:
    """A bias and the products that are not 0; of very many only how many there are."""
    step, pairs = entry.trace.steps[made], []
    for x in read[0]:
        other = step.layer.factor(0, x.index, entry.index, step.run.cache).cofactor
        if other is not None:
            pairs.append((entry.at(made, other[1], other[0]).value, x.value))
    there = [f"{factor(w)}·{factor(x)}" for w, x in pairs if w and x]
    biases = (bias for each in read[2:] for bias in each)
    parts = [say("value.bias", value=number(bias.value), entry=bias.name) for bias in biases]
    if len(there) > WINDOW:
        there = [say("value.many", len(pairs), nonzero=len(there))]
    return " + ".join([*parts, *there]) or say("value.zeros")


def reach_line(entry: Entry, masks: Mapping[str, Mask]) -> str:
    """How many entries it reads and how many read it, array by array; "" for none.

    masks: what it reads and what reads it, by letter.
    """
    numbers = {letter: at for at, letter in enumerate(letters_of(entry.trace, entry.naming))}
    reads: list[str] = []
    read: list[str] = []
    for letter in sorted(masks, key=numbers.__getitem__):
        count = int(np.count_nonzero(masks[letter]))
        entries_said = say("value.entries", count, letter=name(letter))
        (reads if numbers[letter] < entry.number else read).append(entries_said)
    parts = [say("value.reads", entries=listed(reads))] if reads else []
    parts += [say("value.read", entries=listed(read))] if read else []
    return as_sentence("; ".join(parts)) if parts else ""

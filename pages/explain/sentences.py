"""Sentences about one entry: its gradient, the formula, where a zero comes from, what it affects.

Everything is read off a trace; nothing is computed here. The wording is in the catalogue,
pages/language.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from math import prod
from typing import Any, Final

import numpy as np

from engine import RULES, Gate, Stop, Term, Trace, Why, slopes
from engine.arrays import Index, Mask, indices, nonzero_at
from engine.check import CheckResult
from engine.kinks import called, groups
from engine.trace import affected, common_reason, reached_from
from pages.explain.entry import Entry, entry_of
from pages.explain.formula import TERMS_MOST, factor_name, formula_line, sum_of
from pages.figures.info import Naming, letters_of
from pages.figures.words import (
    INDEX_COMMA,
    LOSS,
    equated,
    factor,
    gradient_of,
    name,
    number,
    share,
    signed,
)
from pages.language.catalogue import as_sentence, listed, said_once, say, words_of

NAMED: Final = 3  # if there are more things than this, not every one is named
ADDENDS: Final = 4  # a loss that is a sum of more outputs than this is not written out


def explain(trace: Trace, name: str, naming: Naming) -> list[str]:
    """The lines about an entry, the answer first; [] if there is no entry of this name."""
    entry = entry_of(trace, naming, name)
    return [] if entry is None else explain_entry(entry)


def explain_entry(
    entry: Entry, value: str = "", reach: Mapping[int, Mask] | None = None
) -> list[str]:
    """As `explain`, for an entry of the trace. value: a line about the entry's value, or "".

    reach: what `reached_from` finds for the entry, if that is known already. It may leave out what
    only muted outputs lead to: a rule makes no difference there.
    """
    if entry.step == len(entry.trace.steps):
        key = "entry.itself" if entry.name == LOSS and entry.grad == 1 else "entry.given"
        given = say(key, slope=entry.slope, gradient=signed(entry.grad))
        lines = [given, value]
    else:
        answer, formula = _gradient_and_why(entry), formula_line(entry)
        lines = [answer, formula, value, _chain(entry), _rules(entry, reach)]
    return [line for line in lines if line] + loss_lines(entry.function)


def check_line(
    letter: str, result: CheckResult, *, closer: bool = False, narrow: bool = False
) -> str:
    """The gradient check's line about an array: x: PASSED, norm of the difference 1.1e−10."""
    key = "check.line"
    if closer:
        key = "check.line.closer.narrow" if narrow else "check.line.closer"
    difference = number(result.difference, 4)
    return say(key, letter=name(letter), verdict=result.verdict, difference=difference)


def weighted_loss(trace: Trace, naming: Naming) -> list[str]:
    """The line that L is the sum of the outputs, each times its upstream gradient.

    [] if there are too many outputs, or if the output is itself called L: L is not −2 · L.
    """
    output, dout, letter = trace.output, trace.dout, naming.output
    if letter == LOSS:
        return []
    sent = [(naming.label(letter, at), float(dout[at])) for at in indices(output.shape)]
    terms = [_times(by, label) for label, by in sent if by]
    if len(terms) <= ADDENDS:
        return loss_lines(" + ".join(terms).replace("+ −", "− ") or "0")
    every = say("entry.sum", output.size, letter=name(letter))
    return loss_lines(every) if (dout == 1).all() else []


def _times(factor_of: float, label: str) -> str:
    """y₁, −y₁, 2 · y₁."""
    if abs(factor_of) == 1:
        return label if factor_of > 0 else f"−{label}"
    return f"{number(factor_of)} · {label}"


def loss_lines(function: str) -> list[str]:
    """The line that says what L is, an output or a sum; [] if `function` is L itself."""
    return [] if function == LOSS else [say("entry.loss", function=function)]


def _gradient_and_why(entry: Entry) -> str:
    """The gradient, and why it is what it is."""
    if entry.grad:
        gradient = signed(entry.grad)
        return say("entry.flows", slope=entry.slope, gradient=gradient, reason=flow(entry))
    return say("entry.zero", slope=entry.slope, reason=reason(entry))


# --- why a gradient is not zero


def flow(entry: Entry) -> str:
    """Why the gradient of an entry is not zero, as half a sentence: the factors along its path.

    The factors begin at the output or, if several contributions meet on the way, where those meet;
    then the largest of them come first.
    """
    path, here, meeting = _path(entry)
    said = [*_flow_begins(here, meeting, alone=not path)]
    subject = bool(said) or len(path) == 1
    for at, term in reversed(path):
        words = words_of(at.trace.steps[term.step].layer)
        template = words.chosen if at.at_kink(term) else words.passes
        own = "flow.its" if subject else "flow.of"
        said.append(
            template.format(  # a text is made only if the template has its gap
                entry=at.name,
                its=say(own, entry=at.name) if "{its}" in template else "",
                factor=_named_factor(at, term) if "{factor}" in template else "",
                slope=number(term.slope),
                share=_shared(term.slope) if "{share}" in template else "",
            )
        )
        subject = template.startswith("{entry}")
    return ", ".join(said)


def _shared(slope: float) -> str:
    """A slope as a share of what arrives: all of it (1); ½ of it."""
    return say("flow.all") if slope == 1 else say("flow.share", share=share(slope))


def mostly(entry: Entry) -> tuple[str, float] | None:
    """The largest contribution of a gradient's own sign: the entry it comes through, and its value.

    None if no contributions meet, since there is only one path.
    """
    path, here, meeting = _path(entry)
    if not meeting:
        return None
    on_the_way = prod(term.slope for _, term in path)
    parts = ((on_the_way * term.slope * term.arriving, term) for term in meeting)
    part, term = max(parts, key=lambda each: each[0] * np.sign(entry.grad))
    return here.output(term.step, term.output).name, float(part)


def _path(entry: Entry) -> tuple[list[tuple[Entry, Term]], Entry, list[Term]]:
    """The path from an entry up to where contributions meet, that entry, and the contributions."""
    path: list[tuple[Entry, Term]] = []
    here, meeting = entry, _contributing(entry)
    while len(meeting) == 1:
        path.append((here, meeting[0]))
        here = here.output(meeting[0].step, meeting[0].output)
        meeting = _contributing(here)
    return path, here, meeting


def _contributing(entry: Entry) -> list[Term]:
    return [term for term in entry.terms if term.slope and term.arriving]


def _flow_begins(here: Entry, meeting: Sequence[Term], *, alone: bool) -> Iterator[str]:
    """What the factors start from: contributions that meet, or the upstream gradient of an output.

    alone: whether no factor follows.
    """
    if meeting:
        largest = sorted(meeting, key=lambda term: -abs(term.slope * term.arriving))
        yield say(
            "flow.sum" if alone else "flow.sum.within",
            len(meeting),
            slope=here.slope,
            gradient=signed(here.grad),
            each=listed(largest, NAMED, partial(_contribution, here)),
        )
    elif here.function == LOSS and (here.name != LOSS or here.grad != 1):
        yield say("flow.upstream", slope=here.slope, gradient=signed(here.grad))


def _contribution(here: Entry, term: Term) -> str:
    """+1 through y₂."""
    through = here.output(term.step, term.output).name
    return say("flow.through", gradient=signed(term.slope * term.arriving), output=through)


def _named_factor(at: Entry, term: Term) -> str:
    """w = 2; p₂ − 1 = −0.75; 1."""
    named, value = factor_name(at, term), number(term.slope)
    bare = named[1:-1] if named[:1] == "(" and named[-1:] == ")" else named
    return value if bare == value else f"{bare} = {value}"


# --- why a gradient is zero


def reason(entry: Entry) -> str:
    """Why the gradient of an entry is zero, as half a sentence that is true of all its paths."""
    stops = entry.stops
    why = common_reason(stops)
    at = entry.at(stops[0].step, stops[0].index, stops[0].argument)
    if why and (len(stops) == 1 or why is Why.UPSTREAM_ZERO):
        return _own_reason(at, why)
    paths = entry.paths
    if why is Why.NOT_COVERED:
        return say("reason.uncovered", paths.total())
    if why is Why.GATE_CLOSED:
        return say("reason.gates", paths.total() - stops[0].ways, reason=_own_reason(at, why))
    tally = ", ".join(say(f"tally.{why.name}", n) for why, n in paths.most_common())
    return say("reason.mixed", paths.total(), tally=tally)


def _own_reason(at: Entry, why: Why) -> str:
    """Why the gradient of an entry is zero, if it was stopped at the entry itself."""
    match why:
        case Why.NOT_MAX:
            not_max = _layers_reason(at, why, of=_of_windows(at, at.arrives_at))
            return "; ".join([not_max, *_gate_behind(at), *_nothing_elsewhere(at)])
        case Why.TIE_LOST:
            return "; ".join([*_tie_lost(at), *_nothing_elsewhere(at)])
        case Why.ZERO_FACTOR:
            factors = _factors(at, (term for term in at.terms if term.arriving))
            zero = say("reason.ZERO_FACTOR", factors=" = ".join(factors))
            return "; ".join([zero, *_nothing_elsewhere(at)])
        case Why.CANCELLED:
            shown, more = at.largest_terms(TERMS_MOST)
            if not shown:  # in a loss, the slope itself is a difference
                return say("reason.CANCELLED.slope")
            return say("reason.CANCELLED", sum=equated(sum_of(shown, more), "0"))
        case Why.UPSTREAM_ZERO if at.trace.output.ndim:
            return say("reason.UPSTREAM_ZERO.several")
        case Why.UPSTREAM_ZERO:
            return say("reason.UPSTREAM_ZERO", upstream=gradient_of(name(at.naming.output)))
        case Why.GATE_CLOSED | Why.AT_KINK:
            return _layers_reason(at, why)
    return say(f"reason.{why.name}", entry=at.name)


def _layers_reason(at: Entry, why: Why, **gaps: str) -> str:
    """A zero's reason in the words of the layer that reads the entry and makes the zero."""
    named = {"entry": at.name, "subject": f"{at.name} = {number(at.value)}", **gaps}
    return words_of(at.trace.steps[at.step].layer).zeros[why].format(**named)


def _nothing_elsewhere(at: Entry) -> Iterator[str]:
    """How many of the outputs that read the entry send back nothing, if any do.

    It follows a reason that is only about the outputs that send something back.
    """
    if silent := sum(not gradient for _, gradient in at.arriving):
        yield say("reason.silent", silent)


def _gate_behind(at: Entry) -> Iterator[str]:
    """The clause that the unit that made the entry would block its gradient too, if it would."""
    made_by = at.number - at.trace.outside
    if made_by < 0:
        return
    step = at.trace.steps[made_by]
    gate = None if step.gates is None else step.gates[at.index]
    if gate in (Gate.CLOSED, Gate.KINK):
        behind, unit = at.at(made_by, at.index), words_of(step.layer).name
        yield say(f"reason.{gate.value}", unit=unit, entry=behind.name, value=number(behind.value))


def _tie_lost(at: Entry) -> Iterator[str]:
    # The winner is the first entry that a window's gradient goes to.
    step, arriving = at.trace.steps[at.step], at.arrives_at
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
    """The first entry to which an output's gradient goes."""
    for argument, slope in enumerate(slopes(at.trace, at.step, output)):
        for index in nonzero_at(slope):
            return at.at(at.step, index, argument)
    raise AssertionError(f"nobody wins the output {output}")


def _of_windows(at: Entry, outputs: list[Index], join: str = "list.or") -> str:
    """' of z₁'s window or z₂'s window'; "" if there is only one output, and so one window."""
    if at.trace.steps[at.step].output.ndim == 0:
        return ""
    names = (say("reason.window", output=at.output(at.step, index).name) for index in outputs)
    return say("reason.windows", windows=say(join).join(names))


def _factors(at: Entry, terms: Iterable[Term]) -> list[str]:
    """The names of the factors of some of an entry's terms, in the order of the arrays they are in.

    If there are many, only the first are named.
    """
    ordered = sorted(terms, key=lambda term: (term.step, term.factor.cofactor or ()))
    names = list(dict.fromkeys(factor_name(at, term) for term in ordered))
    return names if len(names) <= TERMS_MOST else [*names[:TERMS_MOST], "…"]


def _chain(entry: Entry) -> str:
    """For a zero that was stopped further on: the entries on one path to the stop; otherwise ""."""
    if entry.grad:
        return ""
    key = ("links", entry.naming, entry.number, entry.index)
    links, paths = entry.trace.remembered(key, lambda: _links(entry))
    return say("chain", paths, links=" ← ".join(links)) if links else ""


def _links(entry: Entry) -> tuple[list[str], int]:
    """The gradients that are 0 along that path, [] if it is stopped here; the number of paths."""
    stops, paths = entry.stops, entry.paths.total()
    why = common_reason(stops)
    target = next((stop for stop in stops if stop.why is why), stops[0])
    if (target.step, target.argument) in entry.readers:
        return [], paths
    links = [entry]
    while (link := _towards(links[-1], target)).step < target.step:
        links.append(link)
    links.append(entry.at(target.step, target.index, target.argument))
    return [f"{link.slope} = 0" for link in links], paths


def _towards(here: Entry, target: Stop) -> Entry:
    """The next entry on a path to the one where the gradient was stopped."""
    values, steps = here.trace.values, here.trace.steps
    return next(
        here.at(reader, output, its_argument)
        for position, argument in here.readers
        for output in steps[position].fed(argument, here.index)
        for reader, its_argument in values[here.trace.outside + position].readers
        for stop in here.trace.stops(reader, its_argument, output)
        if (stop.step, stop.argument, stop.index) == (target.step, target.argument, target.index)
    )


def _rules(entry: Entry, reach: Mapping[int, Mask] | None) -> str:
    """What each rule would give here, if the rule decides; '' if all rules give the same."""
    if not _meets_a_kink(entry, reach):
        return ""
    choices = entry.trace.layer.kink_choices
    present = entry.trace.kinks.chosen(choices)
    by_number: dict[str, list[tuple[Any, ...]]] = {}
    for chosen, rules in groups(choices).items():
        other = chosen != present
        trace = entry.trace.under(rules[0].kinks) if other else entry.trace
        grad = float(trace.grad(entry.number)[entry.index])
        by_number.setdefault(signed(grad), []).append(chosen)
    if len(by_number) == 1:
        return ""
    here = tuple(rule.slug for rule in entry.trace.rules)
    each = (
        say("rules.number", number=value, rules=_called(tuple(choices), tuple(alike), here))
        for value, alike in by_number.items()
    )
    return say("rules", numbers="; ".join(each))


def _meets_a_kink(entry: Entry, reach: Mapping[int, Mask] | None) -> bool:
    """Whether an entry's gradient may come through a kink; only then can two rules differ."""
    trace, number = entry.trace, entry.number
    kinks = [
        (read, kinked)
        for step in trace.steps
        if step.layer.kink_choices  # the others have no kinks, and `kinked` takes long
        for read, kinked in zip(step.reads, step.kinked, strict=True)
        if read >= number and kinked.any()
    ]
    if not kinks:
        return False
    key = ("reach", number, entry.index)
    if reach is None:
        reach = trace.remembered(key, lambda: reached_from(trace, number, entry.index))
    return any(
        kinked[entry.index] if read == number else _comes_back(trace, read, kinked & reach[read])
        for read, kinked in kinks
        if read == number or read in reach
    )


def _comes_back(trace: Trace, number: int, met: Mask) -> bool:
    """Whether the rule's decision at some entries of a value makes a difference further back.

    A tie of inactive units makes none.
    """
    if not met.any():
        return False
    gates = trace.steps[number - trace.outside].gates
    return gates is None or bool((gates[met] != Gate.CLOSED).any())


@cache  # there are only as many results as groups of rules
def _called(
    choices: tuple[str, ...], chosen: tuple[tuple[Any, ...], ...], here: tuple[str, ...]
) -> str:
    """The names of the rules that make one of these choices. here: the slugs to choose from."""
    found = groups(choices)
    rules = [RULES[slug] for slug in here]
    alike = [rule for rule in rules if any(rule in found[each] for each in chosen)]
    return ", ".join(dict.fromkeys(called(rule, alike) for rule in alike))


# --- which entries influence which


def influence_lines(trace: Trace, naming: Naming, name: str) -> list[str]:
    """What an input of the first step influences, or what influences an output of that step."""
    entry = entry_of(trace, naming, name)
    if entry is None:
        return []
    if entry.step:
        return _backwards(entry)
    key = ("influence", naming, entry.number, entry.index, *entry.muted)
    return [said_once(trace, key, lambda: _forwards(entry))]


def _forwards(entry: Entry) -> str:
    letter = entry.naming.into(entry.step + 1)
    reached = affected(entry.trace.steps[entry.step], entry.argument, entry.index)
    names = [entry.naming.label(letter, at) for at in reached]
    # A letter of one example ends in a comma, which the entry's number follows.
    letter = letter.rstrip(INDEX_COMMA)
    entries = _counted(names, letter) if names else say("influence.none", letter=letter)
    said = say("influence.forwards", entry=entry.name, entries=entries)
    more = muted_line(entry) or ("" if names else say("influence.unread"))
    return f"{said} {more}".strip()


def muted_line(entry: Entry) -> str:
    """In which outputs of the step an entry is multiplied by 0, and by what; "" if in none."""
    if not entry.muted:
        return ""
    outputs = (entry.output(entry.step, index).name for index in entry.muted)
    terms = (term for term in entry.terms if term.step == entry.step)
    factors = _factors(entry, (term for term in terms if term.output in entry.muted))
    return say("influence.muted", outputs=listed(outputs, TERMS_MOST), factors=" = ".join(factors))


def _backwards(entry: Entry) -> list[str]:
    """How an output of the first step was computed, and which entries influence it."""
    step = entry.trace.steps[0]
    *of_filter, _ = entry.index
    met = {
        cofactor[1]: x
        for x in (entry.at(0, index) for index in indices(step.inputs[0].shape))
        if entry.index in step.fed(0, x.index)
        and (cofactor := step.factor(0, x.index, entry.index).cofactor)
    }
    pairs = [
        (entry.at(0, index, 1), met.get(index))
        for index in indices(step.inputs[1].shape)
        if index in met or [*index[:-1]] == of_filter
    ]
    added = [
        entry.at(0, index, argument)
        for argument, each in enumerate(step.inputs[2:], 2)
        for index in indices(each.shape)
        if entry.index in step.fed(argument, index)
    ]
    symbols = [f"{w.name} · {x.name if x else 0}" for w, x in pairs]
    symbols += [bias.name for bias in added]
    numbers = [f"{factor(w.value)} · {factor(x.value if x else 0)}" for w, x in pairs]
    numbers += [factor(bias.value) for bias in added]
    sums = equated(" + ".join(symbols), " + ".join(numbers), number(entry.value))
    padded = "influence.sum" if all(x for _, x in pairs) else "influence.padded"
    inputs, weights, *biases = entry.naming.inputs[0]
    influencing = {
        inputs: [x.name for w, x in pairs if x and w.value],
        weights: [w.name for w, x in pairs if x and x.value],
        **{letter: [each.name for each in added if each.letter == letter] for letter in biases},
    }
    each = [_counted(names, letter) for letter, names in influencing.items() if names]
    backwards = say("influence.backwards", entries=say("influence.and").join(each))
    said = backwards if each else say("influence.nothing")
    return [say(padded, entry=entry.name, sum=sums), said]


def _counted(names: Sequence[str], letter: str) -> str:
    """3 entries of a: a₁, a₂, a₃; the letter alone if it is a scalar."""
    if names == [letter]:
        return letter
    return say("influence.entries", len(names), letter=letter, names=", ".join(names))


def reach_line(entry: Entry, masks: Mapping[str, Mask]) -> str:
    """How many entries of each array an entry depends on, and how many it affects; "" if none.

    masks: the entries that it depends on and those that it affects, by the array's letter.
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
    if entry.muted:
        made = name(entry.output(entry.step, entry.muted[0]).letter)
        parts.append(say("value.muted", len(entry.muted), letter=made))
    return as_sentence("; ".join(parts)) if parts else ""

"""Sentences about a step of a pass: what its operation does, and what values and gradients result.

Everything is read off a trace; nothing is computed here. The wording is in the catalogue,
pages/language.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain, groupby, islice
from math import ceil, prod
from typing import Final

import numpy as np

from engine import Gate, Trace, Why, slopes
from engine.arrays import Extent, Index, Mask, indices, nonzero_at
from engine.kinks import CHOICES
from engine.layers.base import Operation
from engine.trace import Step, pieces, read_by
from pages.explain.entry import Entry
from pages.explain.formula import TERMS_MOST, formula_line, sum_of
from pages.explain.sentences import NAMED
from pages.figures.info import Naming, letters_of
from pages.figures.words import LOSS, equated, factor, gradient_of, name, number, signed
from pages.language.catalogue import listed, said_once, say, words_of

SENTENCE_MOST: Final = 110  # a sentence about a backward step should not have more characters
LOOKED: Final = 64  # a step's most telling output is sought among so many, spread evenly over all
WINDOW: Final = 9  # a sum of more products than a 3 × 3 window has is not written out


def step_sentence(trace: Trace, naming: Naming, step: int) -> str:
    """What happens at a step of the step-through, with the numbers of this pass.

    step: 0 is the inputs; from 1 on each operation goes forward, and then each backward, the last
    first. Raises IndexError if there is no such step.
    """
    count = len(trace.steps)
    if not 0 <= step <= 2 * count:
        raise IndexError(f"a step from 0 to {2 * count} is needed; got {step}")
    if step == 0:
        given = map(name, letters_of(trace, naming)[: trace.outside])
        return say("happens.given", trace.outside, given=listed(given))
    if step == count and not trace.output.ndim and naming.output != LOSS:
        forward = _forward_sentence(trace, naming, step - 1)
        slope = gradient_of(name(naming.output))
        gradient = signed(float(trace.dout))
        return say("happens.begins", forward=forward, slope=slope, gradient=gradient)
    sentence = _forward_sentence if step <= count else _backward_sentence
    return sentence(trace, naming, _position(trace, step))


def operation_at(trace: Trace, step: int) -> str:
    """The name of the operation that a step of the step-through is about; "" for the inputs."""
    return words_of(trace.steps[_position(trace, step)].layer).name if step else ""


def _position(trace: Trace, step: int) -> int:
    """The position of the operation that a step from 1 on is about."""
    count = len(trace.steps)
    return step - 1 if step <= count else 2 * count - step


def does(trace: Trace, naming: Naming, position: int) -> tuple[str, str]:
    """What an operation does forward and backward, one sentence each, in the letters of a pass."""
    step, named = trace.steps[position], letters_of(trace, naming)
    parameters = naming.inputs[position][step.layer.flowing :]
    gaps = {
        "input": name(naming.into(position)),
        "weight": name(parameters[0]) if parameters else "",
        "output": name(named[trace.outside + position]),
    }
    words = words_of(step.layer)
    return words.forward.format(**gaps), words.backward.format(**gaps)


# --- how a value came about


def value_line(entry: Entry) -> str:
    """The formula of a value, in names and in numbers."""
    return say("value", formula=_value(entry, WINDOW))


def _value(entry: Entry, most: int) -> str:
    """a₁ = w · x₁ = 2 · 1.5 = 3. most: the numbers of at most so many inputs are written out."""
    sides = [entry.name, *_made(entry, most), number(entry.value)]
    return equated(*(side for side, _ in groupby(sides)))


def _made(entry: Entry, most: int) -> list[str]:
    """What an output was computed from, in names, in numbers, or both; [] for a given value."""
    made = entry.number - entry.trace.outside
    if made < 0:
        return []
    step, marked = entry.trace.steps[made], np.zeros(entry.trace.steps[made].output.shape, bool)
    marked[entry.index] = True
    read = [
        [entry.at(made, at, argument) for at in nonzero_at(mask)]
        for argument, mask in enumerate(read_by(step, marked))
    ]
    template = words_of(step.layer).value
    if "{sum}" in template:
        # The sum of an output that covers only padding is empty.
        return [template.format(sum=each) for each in _summed(entry, made, read, most) if each]
    inputs = [each for row in read for each in row]
    if len(inputs) <= NAMED:
        names = [each.name for each in inputs]
    elif len(read) == 1 and len(inputs) == step.inputs[0].size:
        names = [name(inputs[0].letter)]
    else:
        names = [] if len(inputs) <= WINDOW else [inputs[0].name, "…", inputs[-1].name]
    forms = [names] if names else []
    if not names or len(inputs) <= most:
        forms.append([number(each.value) for each in inputs])
    padding = _padding(step, inputs, entry.index)
    every = (", ".join([*each, *padding]) for each in forms)
    return list(dict.fromkeys(template.format(inputs=each) for each in every))


def _padding(step: Step, inputs: Sequence[Entry], output: Index) -> list[str]:
    """The zeros that padding adds to a mean of K entries; each input has the factor 1/K."""
    first = inputs[0]
    _, _, whole = step.factor(first.argument, first.index, output).text.partition("1/")
    zeros = int(whole) - len(inputs) if whole.isdigit() else 0
    return ["0"] * zeros if zeros <= NAMED else [say("value.padding", zeros)]


def _summed(entry: Entry, made: int, read: Sequence[Sequence[Entry]], most: int) -> list[str]:
    """A sum of inputs, or of their products with the parameters, in names and in numbers."""
    step, flowing = entry.trace.steps[made], entry.trace.steps[made].layer.flowing
    products: list[tuple[Entry, ...]] = []
    for each in chain.from_iterable(read[:flowing]):
        other = step.factor(each.argument, each.index, entry.index).cofactor
        weight = () if other is None else (entry.at(made, other[1], other[0]),)
        products.append((*weight, each))
    weighted = any(len(product) > 1 for product in products)
    biases = [*chain.from_iterable(read[flowing + int(weighted) :])]

    def numbers(product: tuple[Entry, ...]) -> str:
        return " · ".join(factor(each.value) for each in product)

    if len(products) + len(biases) <= NAMED:
        every = [*products, *((bias,) for bias in biases)]
        names = " + ".join(" · ".join(each.name for each in product) for product in every)
        return [names, " + ".join(map(numbers, every))]
    there = [numbers(product) for product in products if all(each.value for each in product)]
    if len(there) > most:
        key = "value.many" if weighted else "value.several"
        there = [say(key, len(products), nonzero=len(there))]
    parts = [say("value.bias", value=number(bias.value), entry=bias.name) for bias in biases]
    return [" + ".join([*parts, *there]) or say("value.zeros", len(products))]


# --- what happens at a step


def _forward_sentence(trace: Trace, naming: Naming, position: int) -> str:
    """The operation, and how the most telling of its outputs came about."""
    step = trace.steps[position]
    telling, chosen = _telling_output(trace, position)
    output = Entry(trace, naming, position, 0, ()).output(position, telling)
    said = [_value(output, NAMED)]
    if chosen:
        names = list(dict.fromkeys(Entry(trace, naming, position, *at).name for at in chosen))
        said = [say("happens.chosen", len(names), made=said[0], entries=listed(names, NAMED))]
    kinks = [] if step.gates is None else nonzero_at(step.gates == Gate.KINK)
    if kinks:
        met = listed(kinks, 2, lambda at: _valued(Entry(trace, naming, position, 0, at)))
        said.append(say("happens.met", len(kinks), entries=met))
    return _of_operation(step.layer, "; ".join(said))


def _valued(at: Entry) -> str:
    """a₂ = −2."""
    return f"{at.name} = {number(at.value)}"


def _of_operation(layer: Operation, here: str) -> str:
    named = words_of(layer).name
    return say("happens", does=named[:1].upper() + named[1:], here=here)


def _telling_output(trace: Trace, position: int) -> tuple[Index, list[tuple[int, Index]]]:
    """The most telling output and, if the layer picks an input, the inputs that it may pick there.

    An output that is not 0, or a unit whose input is not 0, tells more than any other; among those
    a tie of the most inputs, or a unit that is not active. The first of equals is taken.
    -> its index, [(argument, index), …].
    """
    step = trace.steps[position]
    picks, gates = step.layer.picks, step.gates

    def how_telling(index: Index) -> tuple[bool, int]:
        if picks:
            return bool(step.output[index]), len(pieces(trace, position, index).maps)
        if gates is None:
            return bool(step.output[index]), 0
        return bool(step.inputs[0][index]), gates[index] is not Gate.OPEN

    index = max(_looked_at(step.output.shape), key=how_telling)
    maps = pieces(trace, position, index).maps if picks else ()
    return index, sorted({at for each in maps for at in each})


def _looked_at(shape: Extent) -> Iterator[Index]:
    """Some indices, spread over the whole array: the first entries of a digit are blank paper."""
    return islice(indices(shape), 0, None, ceil(prod(shape) / LOOKED))


def _backward_sentence(trace: Trace, naming: Naming, position: int) -> str:
    """What the operation does backward, and which entries get a gradient, as far as there is room.

    Return the first version that is short enough, or else the last.
    """
    step = trace.steps[position]
    key = ("does", naming, position)
    general = said_once(trace, key, lambda: does(trace, naming, position)[1].removesuffix("."))
    sentence = ""
    for here in _handed_back(trace, naming, position):
        for sentence in (say("happens", does=general, here=here), _of_operation(step.layer, here)):
            if len(sentence) <= SENTENCE_MOST:
                return sentence
    return sentence


def _handed_back(trace: Trace, naming: Naming, position: int) -> Iterator[str]:
    """What an operation makes of the upstream gradient here, in ever shorter versions."""
    step = trace.steps[position]
    inactive = step.layer.inactive(step.inputs[0], trace.kinks)
    if not step.dout.any():
        yield say("happens.zero")
        return
    if inactive is not None and (inactive | (step.dout == 0) | step.kinked[0]).any():
        yield from (_passed_on(trace, naming, position, inactive, most) for most in (2, 1))
        return
    yield from _tied(trace, naming, position)
    given = any(grad.any() for grad in step.grads)
    if not given and _is_lost(step):
        yield say("happens.lost")
        return
    entry = partial(Entry, trace, naming, position)
    if step.layer.picks and given:
        found = [*map(nonzero_at, step.grads)]
        every = [(argument, at) for argument, each in enumerate(found) for at in each]
        yield from (listed(every, most, lambda at: _received(entry(*at))) for most in (2, 1))
        return
    # The pattern of a trace does not tell where the upstream gradient is 0.
    key = ("first", position, (step.dout != 0).tobytes())
    firsts = [entry(*at) for at in trace.remembered(key, lambda: _firsts(trace, naming, position))]
    if not firsts:
        yield say("happens.nobody")
        return
    others = [_received(at, _summed_up) for at in firsts[1:]]
    yield "; ".join([_received(firsts[0], formula_line), *others])
    first = _received(firsts[0], _summed_up)
    yield "; ".join([first, *others])
    yield first


def _is_lost(step: Step) -> bool:
    """Whether some gradient is 0 only because of underflow or rounding."""
    return any(np.isin(why, (Why.UNDERFLOW, Why.ROUNDED)).any() for why in step.why)


def _firsts(trace: Trace, naming: Naming, position: int) -> list[tuple[int, Index]]:
    """For each input, the first entry that gets a gradient, or else the first at which one arrives.

    Of the latter, an entry whose contributions cancel is preferred. The entries that get a gradient
    come first. -> [(argument, index), …].
    """
    entry, ones = partial(Entry, trace, naming, position), []
    for argument, grad in enumerate(trace.steps[position].grads):
        if grad.any():
            first = np.unravel_index((grad != 0).argmax(), grad.shape)
            ones.append(entry(argument, tuple(map(int, first))))
        else:
            cancelled = nonzero_at(trace.steps[position].why[argument] == Why.CANCELLED)[:1]
            every = (entry(argument, index) for index in chain(cancelled, _looked_at(grad.shape)))
            ones += islice((each for each in every if each.arrives_at), 1)
    return [(at.argument, at.index) for at in sorted(ones, key=lambda at: not at.grad)]


def _passed_on(trace: Trace, naming: Naming, position: int, inactive: Mask, most: int) -> str:
    """Which units pass a gradient on, which stop it, and at which nothing arrives at all.

    most: how many of each are named.
    """
    step, entry = trace.steps[position], partial(Entry, trace, naming, position, 0)
    got, stopped = nonzero_at(step.grads[0]), nonzero_at(inactive & (step.dout != 0))
    silent = nonzero_at(step.dout == 0)
    said = [listed(got, most, lambda at: _received(entry(at)))] if got else []
    if stopped:
        entries = listed(stopped, most, lambda at: _valued(entry(at)))
        said.append(say("happens.stops", entries=entries))
    if step.kinked[0].any():
        said.append(say("happens.kink", rule=_does_at_kinks(trace, position)))
    if silent:
        others = say("happens.others", len(silent))
        alone = len(silent) == 1
        said.append(say("happens.silent", entries=entry(silent[0]).name if alone else others))
    return "; ".join(said)


def _does_at_kinks(trace: Trace, position: int) -> str:
    """What the rule does at an operation's kinks: "the first of a tie gets all"."""
    choices = trace.steps[position].layer.kink_choices
    return listed(CHOICES[choice].describe(trace.kinks.stated(choice)) for choice in choices)


def _tied(trace: Trace, naming: Naming, position: int) -> Iterator[str]:
    """For the first tie at which a gradient arrives: its entries, the rule, and what each gets."""
    step = trace.steps[position]
    if not step.layer.picks:
        return
    for index in sorted(_looked_at(step.output.shape), key=lambda at: not step.output[at]):
        maps = pieces(trace, position, index).maps if step.dout[index] else ()
        if len(maps) > 1:
            tied = [
                Entry(trace, naming, position, *at) for at in sorted({i for m in maps for i in m})
            ]
            shares = slopes(trace, position, index)
            got = [(at, float(shares[at.argument][at.index] * step.dout[index])) for at in tied]
            each = (f"{at.slope} = {signed(gradient)}" for at, gradient in got if gradient)
            alike = say("happens.each", gradient=signed(got[0][1]))
            yield say(
                "happens.tie",
                entries=listed((at.name for at in tied), NAMED),
                rule=_does_at_kinks(trace, position),
                gradients=listed(each) if len({gradient for _, gradient in got}) > 1 else alike,
            )
            return


def _slope_and_gradient(at: Entry) -> str:
    """∂L/∂w = +3."""
    return f"{at.slope} = {signed(at.grad)}"


def _summed_up(at: Entry) -> str:
    """∂L/∂w = 1.5 · 1 + 1.5 · 1 = +3: a gradient by its numbers alone."""
    shown, more = at.largest_terms(TERMS_MOST)
    shown = shown or [term for term in at.terms if term.arriving][:NAMED]
    return equated(at.slope, sum_of(shown, more), signed(at.grad))


def _received(at: Entry, whole: Callable[[Entry], str] = _slope_and_gradient) -> str:
    """What an entry gets from a step: its whole gradient, or a part of it if several steps read it.

    whole: how a whole gradient is written.
    """
    if len(at.readers) == 1:
        return whole(at)
    part = float(at.trace.steps[at.step].grads[at.argument][at.index])
    return say("happens.part", slope=at.slope, gradient=signed(part))

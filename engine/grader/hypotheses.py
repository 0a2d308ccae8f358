"""Ways to get an output or a gradient wrong, each with the numbers that it would give.

A new one is a row of OUTPUT or GRADIENT, and of MISTAKES in its test. Of several that explain the
same failures the first is told, so their order decides.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial
from itertools import chain, combinations, product
from math import prod
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from engine.arrays import Array, Index
from engine.grader.cases import Case, Convention, Reference, Topic
from engine.grader.interfaces import CONVOLUTIONS, LOSS, POOLS, WEIGHTED
from engine.grader.outcome import Outcome, close
from engine.grader.wire import Numbers
from engine.layers import Conv1D, ReLU
from engine.layers.loss import softmax
from engine.trace import Trace, trace

Predict: TypeAlias = Callable[["Answer"], ArrayLike | None]
"""Gives the numbers that a mistake would lead to; None, or the right ones, if it does not apply."""


@dataclass(frozen=True)
class Hypothesis:
    """A way to get a quantity wrong, an output or a gradient."""

    sentence: str
    """With {d} for the gradient (or the output), {up} for the upstream gradient, {x}, {w} for the
    inputs."""
    predict: Predict
    classes: tuple[str, ...] = ()  # to which it applies; () for all
    says_where: bool = False  # whether the sentence itself says which entries or cases are wrong


@dataclass(frozen=True, eq=False)
class Answer:
    """One wrong quantity of one case."""

    outcome: Outcome
    argument: int  # the input whose gradient it is; −1 for the output
    got: Numbers
    convention: Convention

    @property
    def reference(self) -> Reference:
        """The engine's results for the case."""
        return self.outcome.reference

    @property
    def case(self) -> Case:
        """The case."""
        return self.reference.case

    @property
    def topic(self) -> Topic:
        """The class."""
        return self.reference.topic

    @property
    def dout(self) -> Array:
        """The upstream gradient."""
        return self.case.dout

    @property
    def x(self) -> Array:
        """The first input."""
        return self.case.inputs[0]

    @property
    def w(self) -> Array | None:
        """The second input, if there is one."""
        return self.case.inputs[1] if len(self.case.inputs) > 1 else None

    @cached_property
    def expected(self) -> Array:
        """The right numbers."""
        if self.argument < 0:
            return self.reference.output
        return self.reference.grads(self.convention)[self.argument]

    @property
    def passed(self) -> Trace:
        """The engine's pass, which is right."""
        return self.reference.passed(self.convention)

    def grad(self, *inputs: Array, dout: Array | None = None, **settings: Any) -> Array:
        """Return this gradient as it would be with other inputs, another dout or other settings."""
        passed = self.reference.traced(self.convention, inputs or None, dout, **settings)
        return passed.grads[self.argument]

    def output(self, *inputs: Array, **settings: Any) -> Array:
        """Return the output as it would be with other inputs or settings; dout plays no part."""
        anything = np.asarray(1.0)
        return self.reference.traced(self.convention, inputs or None, anything, **settings).output

    def grad_of(self, where: Any) -> Array:
        """Return this gradient as it would be if only these outputs sent anything back."""
        return self.reference.grads_of(self.convention, where)[self.argument]

    def extents(self, setting: str) -> tuple[int, ...]:
        """Return a setting of this case for each spatial axis; 0 if the case does not have it."""
        value = self.case.settings.get(setting, 0)
        return value if isinstance(value, tuple) else (value,) * self.topic.axes

    @property
    def positions(self) -> tuple[int, ...]:
        """The spatial part of the shape of a convolution's output; () for other classes."""
        return self.dout.shape[-self.topic.axes :] if self.topic.name in CONVOLUTIONS else ()

    @property
    def examples(self) -> int:
        """The number of examples in a minibatch; 1 if there is none."""
        return len(self.x) if self.topic.batched(self.x) else 1

    @cached_property
    def predicted(self) -> Callable[[Hypothesis], ArrayLike | None]:
        """The numbers that a mistake would give, computed once."""
        return cache(lambda hypothesis: hypothesis.predict(self))

    def matches(self, predicted: ArrayLike | None) -> bool:
        """Whether the student's numbers are these, and these are not the right ones."""
        if predicted is None:
            return False
        predicted = np.asarray(predicted)
        return close(self.got, predicted) and not close(predicted, self.expected)

    def agrees(self, predicted: ArrayLike | None) -> bool:
        """Whether the student's numbers are these, or the mistake does not apply."""
        return predicted is None or close(self.got, np.asarray(predicted))


RELU: Final = ("ReLU",)
BLOCK: Final = ("ConvBlock",)
WINDOWS: Final = (*CONVOLUTIONS, *POOLS)
MEAN: Final = "is the mean, not the sum, over the minibatch"  # `judge` knows the pattern by it

# A ReLU, alone or in the block


def _relu(slope: Callable[[Array, Array], Any], answer: Answer) -> Numbers:
    """Return the gradient for da = dh · slope(a, dh), in a ReLU or in the block's."""
    if answer.topic.name == "ReLU":
        return np.asarray(answer.dout * slope(answer.x, answer.dout))
    conv, relu, _ = answer.passed.steps
    return _before_relu(relu.dout * slope(conv.output, relu.dout), answer)


def _before_relu(da: Array, answer: Answer) -> Numbers:
    """Return the gradient that the block's convolution makes of da."""
    return trace(Conv1D(), *answer.case.inputs, dout=da).grads[answer.argument]


def _pooled_to_every_entry(answer: Answer) -> Numbers:
    """Return the gradient of a block whose pool hands dz to every entry of h."""
    a = answer.passed.steps[0].output
    dh = np.broadcast_to(answer.dout[..., None], a.shape)
    return _before_relu(trace(ReLU(), a, dout=dh, kinks=answer.convention).grads[0], answer)


def _block_output(combined: Callable[[Array], Any], answer: Answer) -> Numbers:
    """Return the output of a block that computes something else than ReLU and max from a."""
    return np.asarray(combined(answer.passed.steps[0].output))


# A max pool


def _windows(answer: Answer, *, padded: bool) -> Iterator[tuple[Index, list[Index], Array]]:
    """Yield each output, the entries that it reads, their values; padded: −inf for padding.

    The −inf come last, wherever the padding is: only how many there are is right.
    """
    full = prod(answer.extents("size")) if padded else 0  # 0 for the whole axis: no padding
    for output, entries in answer.reference.readers.items():
        beyond = [-np.inf] * (full - len(entries))  # empty if that is negative
        yield output, entries, np.array([*(answer.x[entry] for entry in entries), *beyond])


def _pooled(of_window: Callable[[Array], Any], padded: bool, answer: Answer) -> Numbers:
    """Return the output of a pool that takes another number than the maximum of each window."""
    found = np.empty(answer.dout.shape)
    for output, _, values in _windows(answer, padded=padded):
        found[output] = of_window(values)
    return found


def _spread(weights: Callable[[Array], Any], answer: Answer, *, padded: bool = False) -> Numbers:
    """Return the gradient if each window hands on what arrives at it by these weights."""
    grad = np.zeros_like(answer.x)
    for output, entries, values in _windows(answer, padded=padded):
        for entry, weight in zip(entries, np.asarray(weights(values)), strict=False):
            grad[entry] += answer.dout[output] * weight
    return grad


def _wherever_alike(answer: Answer) -> Numbers:
    """Return the gradient if windows send it wherever their maximum occurs, in others too."""
    grad = np.zeros_like(answer.x)
    for output, entries, values in _windows(answer, padded=False):
        beside = entries[0][: -answer.topic.axes]  # of one example and channel
        grad[beside] += answer.dout[output] * (answer.x[beside] == values.max())
    return grad


def _divided_by_size(answer: Answer) -> Numbers:
    """Return the gradient if each window divides it by the number of entries that it reads."""
    counts = np.empty(answer.dout.shape)
    for output, entries in answer.reference.readers.items():
        counts[output] = len(entries)
    return answer.grad(dout=answer.dout / counts)


def _to_smallest(values: Array) -> Numbers:
    return np.asarray(np.arange(values.size) == values.argmin())


def _elsewhere(place: Callable[..., Array], answer: Answer) -> Numbers | None:
    """Return the gradient if each window sends it elsewhere than to its winner.

    place: computes where, from the winner, the window's index, the strides and the paddings, along
    each axis.
    """
    if "size" not in answer.case.settings:
        return None
    axes = answer.topic.axes
    extents = np.array(answer.extents("stride")), np.array(answer.extents("padding"))
    grad = np.zeros_like(answer.x)
    for output, entries, values in _windows(answer, padded=False):
        winner = entries[int(values.argmax())]
        at = place(np.array(winner[-axes:]), np.array(output[-axes:]), *extents)
        if (at >= 0).all() and (at < answer.x.shape[-axes:]).all():
            grad[(*winner[:-axes], *at)] += answer.dout[output]
    return grad


def _exchanged(winner: Array, index: Array, stride: Array, padding: Array) -> Array:
    """Return the winner's place with its row and its column within the window exchanged."""
    corner = index * stride - padding
    return corner + (winner - corner)[::-1]


def _zeros_around(answer: Answer) -> Numbers:
    """Return the output of a pool that pads with zeros, which may then be the largest."""
    ends = [(each, each) for each in answer.extents("padding")]
    return answer.output(_padded(answer, ends, 0.0), padding=0)


# Stride, padding and overlap, in convolutions and pools


def _with_settings(answer: Answer, **settings: int) -> Numbers | None:
    """Return the output under other settings; None if the case has none of them."""
    present = any(setting in answer.case.settings for setting in settings)
    return answer.output(**settings) if present else None


def _read_too_early(answer: Answer) -> Numbers | None:
    """Return the output of as many windows as there should be, but one entry apart."""
    ones = _with_settings(answer, stride=1)
    return None if ones is None else ones[_first_outputs(answer)]


def _first_outputs(answer: Answer) -> tuple[slice, ...]:
    return tuple(slice(count) for count in answer.dout.shape)


def _one_short(answer: Answer) -> Numbers | None:
    if "size" not in answer.case.settings and answer.topic.pool:
        return None
    where: tuple[Any, ...] = (..., *[slice(-1)] * answer.topic.axes)
    short = answer.expected[where]
    return answer.got if answer.got.size == short.size == 0 else short


def _padded(answer: Answer, ends: Sequence[tuple[int, int]], value: float | None = None) -> Array:
    """Return x padded before and after each axis, by default with what changes no output."""
    around = [(0, 0)] * (answer.x.ndim - len(ends)) + list(ends)
    neutral = -1e9 if answer.topic.pool else 0.0
    return np.pad(answer.x, around, constant_values=neutral if value is None else value)


def _one_side(front: bool, answer: Answer) -> Numbers:
    """Return the output with all the padding at one end."""
    twice = (2 * each for each in answer.extents("padding"))
    x = _padded(answer, [(each, 0) if front else (0, each) for each in twice])
    return answer.output(x, *answer.case.inputs[1:], padding=0)


def _cut_elsewhere(answer: Answer) -> Numbers | None:
    """Return the gradient of the padded input, cut at the wrong place where the student cuts it."""
    return next((each for each in _cuts(answer) if answer.matches(each)), None)


def _cuts(answer: Answer) -> Iterator[Numbers]:
    paddings = answer.extents("padding")
    if answer.argument != 0 or not any(paddings):
        return
    x = _padded(answer, [(each, each) for each in paddings])
    whole = answer.grad(x, *answer.case.inputs[1:], padding=0)
    yield whole
    for shift in product(*(range(2 * each + 1) for each in paddings)):
        place = zip(shift, answer.x.shape[-len(shift) :], strict=True)
        where: tuple[Any, ...] = (..., *(slice(at, at + size) for at, size in place))
        yield whole[where]


def _cut_to_nothing(answer: Answer) -> Numbers | None:
    """Return the gradient cut by [p:-p]: without the padding, but empty if p is 0 for some axis."""
    if answer.argument != 0:
        return None
    kept = (slice(None if each else 0) for each in answer.extents("padding"))
    return answer.expected[(..., *kept)]


def _written_too_early(answer: Answer) -> Numbers | None:
    """Return the gradient if window i is read and written at i, not at i · stride."""
    ones = _with_settings(answer, stride=1)
    if ones is None:
        return None
    spread = np.zeros_like(ones)
    spread[_first_outputs(answer)] = answer.dout
    return answer.grad(dout=spread, stride=1)


def _overwritten(grouped: bool, winners: bool, last: bool, answer: Answer) -> Numbers | None:
    """Return the gradient if each window overwrites what is there, instead of adding its share.

    grouped: all filters at one position are still added. winners: only shares other than 0 are
    written. last: whether the last window's share remains, or the first one's, as it does if all
    are put at once by their places in the windows (im2col, no np.add.at).
    """
    if answer.argument != 0 or (winners and answer.topic.name in CONVOLUTIONS):
        return None
    grad = np.zeros_like(answer.x)
    for share, entries in list(_shares(answer, grouped))[:: 1 if last else -1]:
        for entry in entries:
            if not winners or share[entry] != 0:
                grad[entry] = share[entry]
    return grad


def _shares(answer: Answer, grouped: bool) -> Iterator[tuple[Array, set[Index]]]:
    """Yield what each window sends back, and which entries it covers, in order."""
    axes = answer.topic.axes
    found: dict[Index, tuple[Array, set[Index]]] = {}
    for output, read in answer.reference.readers.items():
        share = answer.grad_of(output)
        place = output[-axes:] if len(output) >= axes else ()
        nothing = np.zeros_like(answer.x), set[Index]()
        total, entries = found.setdefault(place if grouped else output, nothing)
        total += share
        entries.update(read)
    yield from found.values()


# Sums of products of x and w, in a convolution or a fully connected layer

Alteration: TypeAlias = Callable[[Answer, Numbers], Numbers | None]
"""Alters a filter, or an array of its shape; gives None if nothing would change."""


def _flipped(answer: Answer, w: Numbers) -> Numbers | None:
    return np.flip(w, tuple(range(-answer.topic.axes, 0))) if w.ndim else None


def _transposed(_: Answer, w: Numbers) -> Numbers | None:
    """Exchange rows and columns, unless that would change the shape."""
    square = w.ndim >= 2 and w.shape[-2] == w.shape[-1]
    return w.swapaxes(-1, -2) if square else None


def _first_channel(answer: Answer, w: Numbers) -> Numbers | None:
    if w.ndim != answer.topic.axes + 2:
        return None
    first = np.arange(w.shape[1]) == 0
    return np.asarray(w * first.reshape(-1, *[1] * answer.topic.axes))


def _ones(_: Answer, w: Numbers) -> Numbers:
    return np.ones_like(w)


def _through(altered: Alteration, answer: Answer) -> Numbers | None:
    """Return the output with the altered filter."""
    w = None if answer.w is None else altered(answer, answer.w)
    return None if w is None else answer.output(answer.x, w, *answer.case.inputs[2:])


def _back_through(altered: Alteration, answer: Answer) -> Numbers | None:
    """Return dx with the altered filter, or dw altered itself."""
    w = None if answer.w is None else altered(answer, answer.w)
    if w is None or answer.argument > 1:
        return None
    if answer.argument == 0:
        return answer.grad(answer.x, w)
    return altered(answer, answer.expected)


def _with_bias(times: float, answer: Answer) -> Numbers | None:
    if len(answer.case.inputs) != 3:
        return None
    x, w, b = answer.case.inputs
    return answer.output(x, w, times * b)


def _mean_of_products(answer: Answer) -> Numbers:
    """Return the output if the bias is added to the mean of each filter's products."""
    assert answer.w is not None
    several = answer.w.ndim > answer.topic.axes
    count = prod(answer.w.shape[1:] if several else answer.w.shape)
    products = _with_bias(0, answer)
    products = answer.expected if products is None else products
    return answer.expected - products + products / count


def _without_factor(other: int, answer: Answer) -> Numbers | None:
    """Return a gradient as if the other factor were 1."""
    if answer.argument != 1 - other:
        return None
    inputs = list(answer.case.inputs)
    inputs[other] = np.ones_like(inputs[other])
    if answer.topic.name in BLOCK:  # the mask stays as it was
        return trace(Conv1D(), *inputs, dout=answer.passed.steps[0].dout).grads[answer.argument]
    return answer.grad(*inputs)


def _own_factor(answer: Answer) -> Numbers | None:
    """Return the gradient if an entry itself replaces its factor; for a scalar w."""
    if answer.w is None or answer.w.ndim or answer.case.settings:
        return None
    dout = answer.passed.steps[0].dout  # in a block, da
    if answer.argument == 0:
        return dout * answer.x
    return np.asarray(dout.sum() * answer.w) if answer.argument == 1 else None


def _mean(of_examples: bool, answer: Answer) -> Numbers | None:
    """Return a gradient divided by the number of positions, or of positions in all examples."""
    count = prod(answer.positions) * (answer.examples if of_examples else 1)
    return answer.expected / count if answer.argument > 0 else None


def _one_position(place: int, answer: Answer, *, alone: bool = False) -> Numbers | None:
    """Return dw or db from one position; alone: from a single one of several examples, too."""
    if answer.argument < 1 or not answer.positions:
        return None
    example = [place] if alone and answer.examples > 1 else []
    return answer.grad_of((*example, ..., *(place for _ in answer.positions)))


def _sum_of_all(answer: Answer) -> Numbers | None:
    """Return db as one sum for all outputs: a number, or that number in each place of the bias."""
    if answer.argument != 2:
        return None
    shape = answer.expected.shape if answer.got.shape == answer.expected.shape else ()
    return np.full(shape, answer.dout.sum())


def _along_other_axes(answer: Answer) -> Numbers | None:
    """Return db summed over those wrong axes that give the student's numbers."""
    axes = range(answer.dout.ndim if answer.argument == 2 else 0)
    some = chain.from_iterable(combinations(axes, 1 + count) for count in axes)
    sums = map(answer.dout.sum, some)
    wrong = (each for each in sums if not close(each, answer.expected))
    shaped = (each.reshape(answer.got.shape) for each in wrong if each.size == answer.got.size)
    return next(filter(answer.matches, shaped), None)


def _after_the_step(answer: Answer) -> Numbers | None:
    """Return dx through weights from which their gradient is already subtracted."""
    if answer.w is None or answer.argument != 0:
        return None
    w = answer.w - answer.passed.grads[1]
    return answer.grad(answer.x, w)


def _not_summed(answer: Answer) -> Numbers | None:
    """Return db, or dw for a scalar w, before the sum over the positions."""
    got, dout, w = answer.got, answer.passed.steps[0].dout, answer.w  # in a block, da
    if answer.argument == 2:
        return dout.reshape(got.shape) if got.size == dout.size else None
    if answer.argument == 1 and w is not None and not w.ndim:
        return dout * answer.x if dout.shape == answer.x.shape else None
    return None


# A softmax with cross entropy


def _one_hot(answer: Answer) -> Numbers:
    """Return 1 at each example's label, else 0: (N, K)."""
    labels = answer.case.labels
    assert labels is not None
    return np.eye(answer.x.shape[1])[labels]


def _probabilities(answer: Answer) -> Numbers:
    """Return softmax(logits), by adding the labels to the right gradient again."""
    gradient = answer.reference.traced(dout=np.asarray(1.0)).grads[0]
    return np.asarray(gradient * len(answer.x) + _one_hot(answer))


def _label_probabilities(answer: Answer) -> Numbers:
    return np.asarray((_probabilities(answer) * _one_hot(answer)).sum(axis=1))


def _over_examples(answer: Answer) -> Numbers:
    """Return the softmax along the wrong axis: (N, K)."""
    return softmax(answer.x.T).T


# Any layer


def _altered(how: Callable[[Array], Any], answer: Answer) -> Numbers:
    """Return the right numbers, altered."""
    return np.asarray(how(answer.expected))


def _with_dout(how: Callable[[Array], Any], answer: Answer) -> Numbers | None:
    """Return the gradient as it would be with another upstream gradient."""
    return answer.grad(dout=np.asarray(how(answer.dout)))


def _divided_by_dout(answer: Answer) -> Numbers | None:
    return _with_dout(np.reciprocal, answer) if answer.dout.all() else None


def _one_example(place: int, answer: Answer) -> Numbers | None:
    """Return the gradient if only one example sent anything back."""
    if answer.examples == 1:
        return None
    if answer.dout.ndim:
        return answer.grad_of(place)
    kept = np.zeros_like(answer.expected)  # a loss: one number for all of them
    kept[place] = answer.expected[place]
    return kept


def _right_example(place: int, answer: Answer) -> Numbers | None:
    """Return the student's output if this example alone is right, whatever the others are."""
    got, expected = answer.got, answer.expected
    if answer.examples == 1 or got.shape != expected.shape or not got.ndim:
        return None
    right = [close(*each) for each in zip(got, expected, strict=True)]
    return got if right[place] and sum(right) == 1 else None


def _without_outputs(axis: int | None, place: int, answer: Answer) -> Numbers | None:
    """Return the gradient if one output, or all at one place along an axis, sent nothing back."""
    if axis is not None and answer.dout.ndim < -axis:
        return None
    left = answer.dout.copy()
    if axis is None:
        left.flat[place] = 0
    else:
        left.swapaxes(axis, 0)[place] = 0
    return answer.grad(dout=left)


def _asked_of(classes: tuple[str, ...], *told: tuple[str, Predict]) -> Iterator[Hypothesis]:
    """Return hypotheses about the same classes."""
    return (Hypothesis(sentence, predict, classes) for sentence, predict in told)


ZERO: Final = Hypothesis("{d} is 0 everywhere", partial(_altered, np.zeros_like))
FLIPPED: Final = Hypothesis("the sign of {d} is flipped", partial(_altered, np.negative))
ELEMENTWISE: Final = tuple(
    _asked_of(
        (),
        ("{d} is rounded towards 0: an array of integers holds it", partial(_altered, np.trunc)),
        ("{d} is rounded to whole numbers", partial(_altered, np.rint)),
        ("{d} is rounded down to whole numbers", partial(_altered, np.floor)),
        ("{d} is transposed", partial(_altered, np.transpose)),
    )
)

# Mistakes of one kind of layer come before those that any layer may have.

OUTPUT: Final = (
    *_asked_of(
        RELU,
        ("{d} is |a|, not max(0, a)", lambda answer: np.abs(answer.x)),
        ("{d} is a itself: nothing is cut off", lambda answer: answer.x),
        ("{d} is min(0, a), not max(0, a)", lambda answer: np.minimum(0, answer.x)),
        ("{d} is max(0, -a), not max(0, a)", lambda answer: np.maximum(0, -answer.x)),
        ("{d} is max(1, a), not max(0, a)", lambda answer: np.maximum(1, answer.x)),
    ),
    Hypothesis(
        "{d} is 1 where a > 0: the mask, not max(0, a)",
        lambda answer: answer.x > 0,
        RELU,
        says_where=True,
    ),
    *(
        Hypothesis(sentence, partial(_block_output, combined), BLOCK)
        for sentence, combined in (
            ("{d} is max(a): the ReLU is missing", lambda a: a.max(axis=-1)),
            ("{d} is the minimum of h, not the maximum", lambda a: np.maximum(a, 0).min(axis=-1)),
            ("{d} is the mean of h, not the maximum", lambda a: np.maximum(a, 0).mean(axis=-1)),
            ("{d} is the sum of h, not the maximum", lambda a: np.maximum(a, 0).sum(axis=-1)),
            ("{d} is max |a|, not max(0, a)", lambda a: np.abs(a).max(axis=-1)),
            ("{d} is h: the pool is missing", lambda a: np.maximum(a, 0)),
        )
    ),
    *_asked_of(
        POOLS,
        (
            "the stride is ignored: windows lie side by side",
            lambda answer: answer.output(stride=answer.case.settings.get("size")),
        ),
        ("padding with zeros: they take part in the maximum", _zeros_around),
    ),
    *(
        Hypothesis(sentence, partial(_pooled, of_window, padded), POOLS)
        for padded in (False, True)
        for sentence, of_window in (
            ("{d} is the minimum, not the maximum", np.min),
            ("{d} is the mean, not the maximum", np.mean),
            ("{d} is the sum, not the maximum", np.sum),
            ("{d} is the place of the maximum, not its value", np.argmax),
            ("{d} is the largest absolute value", lambda each: np.abs(each).max()),
            ("{d} is never below 0: the search starts at 0", lambda each: max(0.0, each.max())),
            ("{d} is the first entry", lambda each: each[0]),
            ("{d} is the last entry", lambda each: each[-1]),
        )
    ),
    *_asked_of(
        WINDOWS,
        ("the stride is ignored", partial(_with_settings, stride=1)),
        ("window i begins at i, not at i * stride", _read_too_early),
        ("the padding is ignored", partial(_with_settings, padding=0)),
        ("stride and padding are ignored", partial(_with_settings, stride=1, padding=0)),
        ("the padding is all at the front", partial(_one_side, True)),
        ("the padding is all at the end", partial(_one_side, False)),
        ("the last window is missing: the output is one short", _one_short),
    ),
    Hypothesis(
        "the filter is flipped: a true convolution, not a cross-correlation",
        partial(_through, _flipped),
        CONVOLUTIONS,
    ),
    Hypothesis("the filter is transposed", partial(_through, _transposed), ("Conv2D",)),
    Hypothesis("the bias b is not added", partial(_with_bias, 0)),
    Hypothesis("the bias b is subtracted", partial(_with_bias, -1)),
    Hypothesis("the bias b is added twice", partial(_with_bias, 2)),
    Hypothesis("{d} is not multiplied by w", partial(_through, _ones), WEIGHTED),
    Hypothesis("{d} is the mean of the products, not their sum", _mean_of_products, CONVOLUTIONS),
    Hypothesis("only the first channel is read", partial(_through, _first_channel), CONVOLUTIONS),
    *_asked_of(
        (LOSS,),
        (
            "{d} is the sum over the examples, not the mean",
            lambda answer: answer.expected * answer.examples,
        ),
        (
            "{d} is divided by the number of classes too: a mean over all entries",
            lambda answer: answer.expected / answer.x.shape[1],
        ),
        (
            "{d} is the probability of the label: the logarithm is missing",
            lambda answer: _label_probabilities(answer).mean(),
        ),
        (
            "{d} is minus the probability of the label: the logarithm is missing",
            lambda answer: -_label_probabilities(answer).mean(),
        ),
        (
            "{d} is the logarithm of the mean probability, not the mean of the logarithms",
            lambda answer: -np.log(_label_probabilities(answer).mean()),
        ),
        ("{d} is taken with the logarithm to base 2", lambda answer: answer.expected / np.log(2)),
        (
            "the softmax is taken over the examples, not over the classes",
            lambda answer: -np.log(_over_examples(answer)[_one_hot(answer) > 0]).mean(),
        ),
    ),
    Hypothesis(
        "{d} is right only for the first example of the minibatch", partial(_right_example, 0)
    ),
    Hypothesis(
        "{d} is right only for the last example of the minibatch", partial(_right_example, -1)
    ),
    FLIPPED,
    ZERO,
    *ELEMENTWISE,
    Hypothesis(
        "{d}: the entries are in another order (order='F')",
        lambda answer: answer.x.reshape(len(answer.x), -1, order="F"),
        ("Flatten",),
    ),
)

GRADIENT: Final = (
    *(
        Hypothesis(sentence, partial(_relu, slope), (*RELU, *BLOCK))
        for sentence, slope in (
            ("{d}: ReLU's mask is for a < 0, not for a > 0", lambda a, dh: a < 0),
            ("{d}: ReLU's mask is for a <= 0, not for a > 0", lambda a, dh: a <= 0),
            ("{d}: ReLU's mask is missing, everything passes", lambda a, dh: np.ones_like(a)),
            ("{d}: ReLU's mask looks at the gradient, not at a", lambda a, dh: dh > 0),
            (
                "{d}: ReLU's mask looks at the gradient as well as at a",
                lambda a, dh: (a > 0) & (dh > 0),
            ),
            ("{d} is multiplied by relu(a), not by its slope", lambda a, dh: np.maximum(a, 0)),
            ("{d} is multiplied by a, not by ReLU's slope", lambda a, dh: a),
            ("{d}: ReLU's mask is for a > 1, not for a > 0", lambda a, dh: a > 1),
        )
    ),
    Hypothesis(
        "{d}: ReLU passes the sign of a: -1 where a < 0",
        partial(_relu, lambda a, dh: np.sign(a)),
        (*RELU, *BLOCK),
        says_where=True,
    ),
    *_asked_of(
        BLOCK, ("{d}: the pool hands the gradient to every entry of h", _pooled_to_every_entry)
    ),
    *_asked_of(
        POOLS,
        (
            "every entry of a window gets the gradient, not only the largest",
            partial(_spread, np.ones_like),
        ),
        ("the gradient is divided by the number of entries of the window", _divided_by_size),
        ("{d}: entries of other windows that are as large get the gradient too", _wherever_alike),
        *(
            (sentence, partial(_spread, weights, padded=padded))
            for sentence, weights in (
                (
                    "the gradient is spread evenly over the window, as for a mean",
                    lambda values: np.full(values.size, 1 / values.size),
                ),
                ("the gradient goes to the smallest entry", _to_smallest),
            )
            for padded in (False, True)
        ),
        (
            "the gradient goes to the first entry, wherever the largest is",
            partial(_spread, lambda values: np.arange(values.size) == 0),
        ),
        (
            "{d}: the winner's place in its window is taken for its place in h",
            partial(_elsewhere, lambda winner, index, stride, _: winner - index * stride),
        ),
    ),
    Hypothesis(
        "{d}: the winner's row in its window is taken for its column",
        partial(_elsewhere, _exchanged),
        ("MaxPool2D",),
    ),
    Hypothesis(
        "{d}: the stride is ignored on the way back",
        partial(_elsewhere, lambda winner, index, stride, _: winner - index * (stride - 1)),
        POOLS,
    ),
    *(
        Hypothesis(
            "{d}: where windows overlap, contributions are overwritten, not added",
            partial(_overwritten, grouped, winners, last),
            WINDOWS,
            says_where=True,
        )
        for last in (True, False)
        for grouped in (False, True)
        for winners in (False, True)
    ),
    *_asked_of(
        WINDOWS,
        ("{d}: the stride is ignored on the way back", _written_too_early),
        ("{d}: the padding is cut off at the wrong place, or not at all", _cut_elsewhere),
    ),
    Hypothesis(
        "{d} is empty where the padding is 0: [p:-p] keeps nothing then",
        _cut_to_nothing,
        WINDOWS,
        says_where=True,
    ),
    *_asked_of(
        CONVOLUTIONS,
        ("{d} is the mean, not the sum, over positions", partial(_mean, False)),
        ("{d} is the mean, not the sum, over examples and positions", partial(_mean, True)),
    ),
    *_asked_of(
        (*WEIGHTED, *BLOCK),
        ("{d} is not multiplied by {w}", partial(_without_factor, 1)),
        ("{d} is not multiplied by {x}", partial(_without_factor, 0)),
    ),
    Hypothesis(
        "{d} is multiplied by the entry itself, not by the other factor",
        _own_factor,
        ("Conv1D", *BLOCK),
    ),
    Hypothesis(
        "{d} comes from the last position alone: overwritten, not added", partial(_one_position, -1)
    ),
    Hypothesis("{d} comes from the first position alone", partial(_one_position, 0)),
    Hypothesis(
        "{d} comes from the last position of the last example alone: overwritten, not added",
        partial(_one_position, -1, alone=True),
    ),
    Hypothesis("{d}: the filter is flipped", partial(_back_through, _flipped), CONVOLUTIONS),
    Hypothesis("{d}: the filter is transposed", partial(_back_through, _transposed), ("Conv2D",)),
    Hypothesis(
        "{d} is not summed over the positions and examples", _not_summed, (*WEIGHTED, *BLOCK)
    ),
    Hypothesis("{d} is summed over everything, also over the filters", _sum_of_all, WEIGHTED),
    Hypothesis("{d} is summed over the wrong axes", _along_other_axes, WEIGHTED),
    Hypothesis("{d} goes through the weights after their step", _after_the_step, WEIGHTED),
    *_asked_of(
        (LOSS,),
        (
            "{d} is not divided by the number of examples",
            lambda answer: answer.expected * answer.examples,
        ),
        (
            "{d} is neither divided by the number of examples nor multiplied by {up}",
            lambda answer: _probabilities(answer) - _one_hot(answer),
        ),
        (
            "{d} is divided by the number of classes too: a mean over all entries",
            lambda answer: answer.expected / answer.x.shape[1],
        ),
        (
            "{d}: the softmax is taken over the examples, not over the classes",
            lambda answer: (
                (_over_examples(answer) - _one_hot(answer)) * (answer.dout / answer.examples)
            ),
        ),
        (
            "{d} is the softmax alone: the 1 at the label is not subtracted",
            lambda answer: _probabilities(answer) * (answer.dout / answer.examples),
        ),
        (
            "{d} is the softmax alone, neither less 1 at the label nor divided by the examples",
            lambda answer: _probabilities(answer) * answer.dout,
        ),
    ),
    ZERO,
    FLIPPED,
    *_asked_of(
        (),
        ("{d} is not multiplied by the upstream gradient {up}", partial(_with_dout, np.ones_like)),
        ("{d} is multiplied by {up} twice", partial(_with_dout, np.square)),
        ("{d} is divided by {up} instead of multiplied", _divided_by_dout),
        ("{d} is the upstream gradient {up} itself, unchanged", lambda answer: answer.dout),
        (
            "{d} gets the sum of {up} everywhere, not each its own",
            partial(_with_dout, lambda dout: np.full_like(dout, dout.sum())),
        ),
        ("{d} is right only for the first example of the minibatch", partial(_one_example, 0)),
        ("{d} is right only for the last example of the minibatch", partial(_one_example, -1)),
        (
            f"{{d}} {MEAN}",
            lambda answer: answer.expected / answer.examples if answer.argument > 0 else None,
        ),
        (
            "{d} is divided by the number of examples",
            lambda answer: answer.expected / answer.examples if answer.argument == 0 else None,
        ),
    ),
    *ELEMENTWISE,
    *_asked_of(
        (),
        (
            "{d} is multiplied by the output",
            lambda answer: answer.grad(dout=answer.dout * answer.reference.output),
        ),
        *(
            (
                f"{{d}}: the {name} output is forgotten on the way back",
                partial(_without_outputs, axis, place),
            )
            for name, place in (("last", -1), ("first", 0))
            for axis in (None, -1, -2)
        ),
    ),
    Hypothesis(
        "{d}: the entries are in another order (order='F')",
        lambda answer: answer.dout.reshape(answer.x.shape, order="F"),
        ("Flatten",),
    ),
)

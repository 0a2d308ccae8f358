"""The sentences about mistakes, by hand.

Each wrong way to compute a quantity gives the numbers that its sentence describes, and each kind of
cases is what its words say.
"""

import re
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, Literal, NamedTuple

import numpy as np
import pytest
from numpy.typing import ArrayLike

from engine.grader.cases import NO_KINKS, Case, Convention, Reference
from engine.grader.hypotheses import GRADIENT, OUTPUT, Answer, Hypothesis
from engine.grader.judge import of_cases
from engine.grader.outcome import Outcome, Problem, close
from engine.grader.patterns import (
    NUMBERS,
    SHAPES,
    TOGETHER,
    _are_integers,
    _made_in_part,
    _others,
    _right_behind,
    _slope,
    _where,
    patterns,
)
from engine.grader.process import EndedError
from engine.grader.questions import topic
from engine.grader.wire import Numbers, pack_value
from tests.for_each import for_each


class Asked(NamedTuple):
    """A class, its inputs, the upstream gradient, the settings, and the labels of a loss."""

    of: str
    inputs: tuple[ArrayLike, ...]
    dout: ArrayLike
    settings: dict[str, Any] = {}  # noqa: RUF012 - nobody writes to it
    labels: tuple[int, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """The case, without an answer."""
        about = topic(self.of)
        inputs = tuple(np.array(each, dtype=np.float64) for each in self.inputs)
        labels = np.array(self.labels) if self.labels else None
        case = Case("", inputs, np.array(self.dout, np.float64), self.settings, labels=labels)
        return Outcome(about.features[0], Reference(about, case), "")

    def right(self, argument: int) -> Numbers:
        """The right numbers of a quantity: the output, or the gradient of an argument."""
        reference = self.outcome.reference
        return reference.output if argument < 0 else reference.grads(Convention())[argument]

    def answered(self, argument: int, got: ArrayLike, convention: Convention = NO_KINKS) -> Answer:
        """The case, answered with these numbers for a quantity."""
        return Answer(self.outcome, argument, np.array(got, np.float64), convention)

    def fitting(
        self, argument: int, got: ArrayLike, convention: Convention = NO_KINKS
    ) -> list[str]:
        """The sentences of the hypotheses that give exactly these numbers for a quantity."""
        answer = self.answered(argument, got, convention)
        return [
            each.sentence
            for each in (OUTPUT if argument < 0 else GRADIENT)
            if self.of in (each.classes or (self.of,)) and answer.matches(each.predict(answer))
        ]


RELU = Asked("ReLU", ([1, -2, 3, 0.5, 0],), [1, 0.5, -1.5, 2, 4])
"""h = [1, 0, 3, 0.5, 0], da = [1, 0, −1.5, 2, 0]"""
BETWEEN = Asked("ReLU", ([1.5, 0.5],), [2, 3])
BLOCK = Asked("ConvBlock", ([1, -4, 3, 0.5], 2), 3)
"""a = [2, −8, 6, 1], h = [2, 0, 6, 1], z = 6; dx = [0, 0, 6, 0], dw = 9"""
SHUT = Asked("ConvBlock", ([1, 0, 3], 2), 3)
"""a = [2, 0, 6]: at 0 the slope is 0 by the rule that is asked for."""
BELOW = Asked("ConvBlock", ([-1, -2, -3], 1), 3)
SEVERAL = Asked("ConvBlock", ([-1, -2], [[1], [3]]), [1, 1])
"""a = [[−1, −2], [−3, −6]]"""
SIGNS = Asked("ConvBlock", ([1, -2, -3], [[1], [-1]]), [1, 1])
"""h = [[1, 0, 0], [0, 2, 3]]"""
OVERLAP = Asked("MaxPool", ([-3, -4, 1, 2],), [1, 0.5, 2], {"size": 2, "stride": 1})
"""z = [−3, 1, 2], dh = [1, 0, 0.5, 2]"""
CONV = Asked("Conv1D", ([1, 2, 4, 8, 16], [10, 1]), [1, 2], {"stride": 2})
"""a = [12, 48]; dx = [10, 1, 20, 2, 0], dw = [9, 18]"""
PADDED = Asked("Conv1D", ([1, 2, 4], [10, 1]), [1, 2, 3, 5], {"padding": 1})
"""a = [1, 12, 24, 40]; dx = [21, 32, 53], dw = [28, 17]"""
SCALAR = Asked("Conv1D", ([1, 2, 4], 10), [1, 2, -3])
"""a = [10, 20, 40]; dx = [10, 20, −30], dw = −7"""
CHANNELS = Asked("Conv1D", ([[1, 2], [3, 5]], [[[10], [1]]]), [[1, 2]])
"""a = [[13, 25]]"""
FILTERS = Asked("Conv1D", ([1, 2], [[10], [1]]), [[1, 2], [3, 4]])
BIASED = Asked("Conv1D", ([1, 2], [[10], [1]], [7, 8]), [[1, 2], [3, 4]])
"""db = [3, 7]"""
SINGLE = Asked("Conv1D", ([1, 2], [[10, 1], [1, 0]]), [[1], [1]])
"""a = [[12], [1]]"""
MOVED = Asked("Conv1D", ([1, 2, 4], [[10, 1], [1, 0]]), [[1, 2], [3, 5]])
"""dx = [13, 26, 2]: of the first position [13, 1], of the second [25, 2]"""
PEAK = Asked("MaxPool", ([1, 4, 2],), [1, 0.5], {"size": 2, "stride": 1})
"""dh = [0, 1.5, 0]"""
SQUARE = Asked("Conv2D", ([[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[1, 0], [0, 0]]), 1)
"""a = [[1, 2], [4, 5]]"""
BOTH = Asked("Conv1D", ([1, 2, 4], [10, 1]), [1, 2], {"stride": 2, "padding": 1})
"""a = [1, 24]"""
PAIR = Asked("Conv1D", ([[[1, 2]], [[3, 5]]], [[[10]]]), [[[1, 0]], [[0, 1]]])
"""dw = [[[6]]]"""
BATCH = Asked("Conv1D", ([[[1, 2]], [[3, 4]]], [[[10]]], [7]), [[[1, -1]], [[3, 2]]])
"""dw = [[[16]]], db = [5]"""
LINEAR = Asked("Linear", ([[1, 2], [3, 5]], [[10, 1]], [7]), [[1], [3]])
"""y = [[19], [42]]; dx = [[10, 1], [30, 3]], dw = [[10, 17]], db = [4]"""
THREE = Asked("Linear", ([[1, 2, 3]], [[10, 1, 2]]), [[1]])
EVEN = Asked("SoftmaxCrossEntropy", ([[0, 0], [0, np.log(3)]],), 4, labels=(0, 1))
"""p = [[1/2, 1/2], [1/4, 3/4]]; dlogits = [[−1, 1], [1/2, −1/2]]"""
ALONG = Asked("SoftmaxCrossEntropy", ([[0, 0], [0, np.log(3)]],), 4, labels=(1, 1))
"""softmax along the examples: [[1/2, 1/4], [1/2, 3/4]]"""
CLASSES = Asked("SoftmaxCrossEntropy", ([[0, 0, np.log(2)], [0, 0, 0]],), 4, labels=(2, 0))
"""p = [[1/4, 1/4, 1/2], [1/3, 1/3, 1/3]]; dlogits = [[1/2, 1/2, −1], [−4/3, 2/3, 2/3]]"""
LOSS = float(-np.log([1 / 2, 3 / 4]).mean())
QUARTERS = Asked("Conv1D", ([-1.75, 1.25, 0.75], 1), [-1.75, 1.25, 0.75])
"""a = x, dx = dout"""
RAISED = Asked("Conv1D", ([1, 2, 4], [[10, 1]], [7]), [[1, 2]])
"""a = [[19, 31]], dx = [10, 21, 2]"""
OBLIQUE = Asked("Conv2D", ([[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[1, 2], [0, 0]]), [[1, 2], [3, 5]])
"""a = [[5, 8], [14, 17]]; dw = [[42, 53], [75, 86]]"""
DEEP = Asked(
    "Conv2D", ([[[1, 2, 3], [4, 5, 6], [7, 8, 9]]], [[[[1, 2], [0, 0]]]]), [[[1, 2], [3, 5]]]
)
"""The same with channels: w (1, 1, 2, 2)"""
AROUND = Asked("MaxPool", ([-3, -4],), [1, 2, 3], {"size": 2, "stride": 1, "padding": 1})
"""z = [−3, −3, −4]"""
WITHIN = Asked("MaxPool", ([-3, -4, -2],), [1, 2, 3], {"size": 3, "stride": 1, "padding": 1})
"""z = [−3, −2, −2], dh = [1, 0, 5]"""
FALLING = Asked("MaxPool", ([2, 1, 4, 3],), [1, 1], {"size": 2, "stride": 2})
"""dh = [1, 0, 1, 0]"""
BESIDE = Asked(
    "MaxPool2D", ([[1, 2, 5], [4, 3, 0]],), [[5, 6]], {"size": 2, "stride": 2, "padding": (0, 1)}
)
"""The windows begin at columns -1 and 1; dh = [[0, 0, 6], [5, 0, 0]]"""
ALIKE = Asked("MaxPool", ([1, 4, 4, 5],), [2, 3], {"size": 2, "stride": 2})
"""dh = [0, 2, 0, 3]"""
BENEATH = Asked("MaxPool2D", ([[1, 2, 1, 2], [4, 3, 4, 3]],), [[5, 6]], {"size": 2, "stride": 2})
"""dh = [[0, 0, 0, 0], [5, 0, 6, 0]]"""
TALL = Asked("Conv2D", ([[1], [2]], [[10]]), [[0, 1, 0], [0, 2, 0]], {"padding": (0, 1)})
FLAT = Asked("Flatten", ([[[1, 2], [3, 4]]],), [[5, 6, 7, 8]])
TURNED = Asked("ConvBlock", ([1, -4], -2), 3)
"""a = [−2, 8]; dx = [0, −6]"""
LEVEL = Asked("ConvBlock", ([-1, -1], 1), 2)
"""h = [0, 0], a tie"""
CHANNELS_ALIKE = Asked(
    "MaxPool", ([[1, 4, 4, 5], [4, 1, 2, 3]],), [[2, 3], [7, 8]], {"size": 2, "stride": 2}
)
"""dh = [[0, 2, 0, 3], [7, 0, 0, 8]]"""
CHANNEL = Asked("MaxPool", ([[-3, -4, 1, 2]],), [[1, 0.5, 2]], {"size": 2, "stride": 1})
AROUND_2D = Asked(
    "MaxPool2D", ([[-1, -2], [-3, -5]],), [[1, 2], [3, 4]],
    {"size": 2, "stride": 2, "padding": 1},
)  # fmt: skip
"""Each window reads one entry."""
NINE = Asked("MaxPool2D", ([[-18]],), [[9]], {"size": 3, "stride": 1, "padding": 1})
"""Of the nine entries of the window eight are padding."""
UNDIVIDED = Asked("MaxPool", ([1, 4, 2],), 3)
OUTSIDE = Asked(
    "MaxPool2D", ([[9, 1, 5], [4, 3, 0]],), [[5, 6]], {"size": 2, "stride": 2, "padding": (0, 1)}
)
"""With row and column exchanged the first winner, 9, is in the padding."""
STRIDED = Asked(
    "Conv2D", ([[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[10]]), [[1, 2], [3, 4]], {"stride": 2}
)
"""a = [[10, 30], [70, 90]]"""
PADDED_B = Asked("Conv1D", ([1, 2, 4], [[10, 1]], [7]), [[1, 2, 3, 5]], {"padding": 1})
"""a = [[8, 19, 31, 47]]"""
BROAD = Asked("Conv2D", ([[1], [2]], [[10]]), [[3, 1, 5], [4, 2, 6]], {"padding": (0, 1)})
"""dx = [[10], [20]], between [[30], [40]] and [[50], [60]] of the padding"""
LATER = Asked("MaxPool", ([1, 2, 5, 3, 9],), [1, -0.5, 2], {"size": 3, "stride": 1})
"""dh = [0, 0, 0.5, 0, 2]: the first two windows have one winner, which the last reads too."""
SPACED = Asked("MaxPool", ([2, 0, 1, 4, 3],), [1, 1], {"size": 2, "stride": 3})
"""dh = [1, 0, 0, 1, 0]"""
ADDED = Asked("Conv1D", ([1, 2, 4], 10), [1, 2, 3])
"""dw = 17"""
EVERY_OTHER = Asked("Conv1D", ([1, 2, 4], 10), [1, 2], {"stride": 2})
"""dx = [10, 0, 20], dw = 9"""
COLUMNS = Asked("MaxPool", ([[1, 2], [3, 4]],), [1, 1])
"""z = [2, 4]"""
MIXED = Asked("Linear", ([[1, 2], [3, 5]], [[10, 1], [1, 0]]), [[1, 2], [3, 4]])
TIE = Asked("MaxPool", ([4, 4, 2],), [1, 0.5], {"size": 2, "stride": 1})
BIASED_EXAMPLES = Asked("Linear", (*MIXED.inputs, [7, 8]), MIXED.dout)
"""db = [4, 6]"""
APART = Asked("MaxPool", ([1, 4, 2],), [1, 1], {"size": 2, "stride": 2, "padding": 1})
"""z = [1, 4]"""
NEGATIVE = BLOCK._replace(dout=-3)
HALF = Asked("ConvBlock", ([0.25, -4], 2), 3)
"""a = [½, −8]; dx = [6, 0]"""

MISTAKES: list[tuple[Asked, int, Any, str]] = [
    # what is asked, the argument (−1: the output), what was given for it, how its sentence begins
    (RELU, -1, [1, 2, 3, 0.5, 0], "{d} is |a|, not max(0, a)"),
    (RELU, -1, [1, -2, 3, 0.5, 0], "{d} is a itself: nothing is cut off"),
    (RELU, -1, [0, -2, 0, 0, 0], "{d} is min(0, a), not max(0, a)"),
    (RELU, -1, [1, 0, 1, 1, 0], "{d} is 1 where a > 0: the mask, not max(0, a)"),
    (RELU, -1, [0, 2, 0, 0, 0], "{d} is max(0, -a), not max(0, a)"),
    (RELU, -1, [1, 1, 3, 1, 1], "{d} is max(1, a), not max(0, a)"),
    (RELU, -1, [0, 0, 0, 0, 0], "{d} is 0 everywhere"),
    (RELU, -1, [1, 0, 3, 0, 0], "{d} is rounded to whole numbers"),
    (RELU, -1, [-1, 0, -3, -0.5, 0], "the sign of {d} is flipped"),
    (BELOW, -1, -1, "{d} is max(a): the ReLU is missing"),
    (BLOCK, -1, 0, "{d} is the minimum of h, not the maximum"),
    (BLOCK, -1, 2.25, "{d} is the mean of h, not the maximum"),
    (BLOCK, -1, 9, "{d} is the sum of h, not the maximum"),
    (BLOCK, -1, 8, "{d} is max |a|, not max(0, a)"),
    (BLOCK, -1, [2, 0, 6, 1], "{d} is h: the pool is missing"),
    (SEVERAL, -1, [-1, -3], "{d} is max(a): the ReLU is missing"),
    (SEVERAL, -1, [2, 6], "{d} is max |a|, not max(0, a)"),
    (SIGNS, -1, [0, 0], "{d} is the minimum of h, not the maximum"),
    (SIGNS, -1, [1 / 3, 5 / 3], "{d} is the mean of h, not the maximum"),
    (SIGNS, -1, [1, 5], "{d} is the sum of h, not the maximum"),
    (OVERLAP, -1, [-3, 2], "the stride is ignored: windows lie side by side"),
    (OVERLAP, -1, [-4, -4, 1], "{d} is the minimum, not the maximum"),
    (OVERLAP, -1, [-3.5, -1.5, 1.5], "{d} is the mean, not the maximum"),
    (OVERLAP, -1, [-7, -3, 3], "{d} is the sum, not the maximum"),
    (OVERLAP, -1, [0, 1, 1], "{d} is the place of the maximum, not its value"),
    (OVERLAP, -1, [4, 4, 2], "{d} is the largest absolute value"),
    (OVERLAP, -1, [0, 1, 2], "{d} is never below 0: the search starts at 0"),
    (OVERLAP, -1, [-3, -4, 1], "{d} is the first entry"),
    (OVERLAP, -1, [-4, 1, 2], "{d} is the last entry"),
    (CONV, -1, [12, 24, 48, 96], "the stride is ignored"),
    (CONV, -1, [12, 24], "window i begins at i, not at i * stride"),
    (CONV, -1, [12], "the last window is missing: the output is one short"),
    (SINGLE, -1, [], "the last window is missing: the output is one short"),
    (SQUARE, -1, [[1]], "the last window is missing: the output is one short"),
    (PADDED, -1, [12, 24], "the padding is ignored"),
    (BOTH, -1, [12, 24], "stride and padding are ignored"),
    (CONV, -1, [12, 24, 48, 96], "stride and padding are ignored"),
    (PADDED, -1, [12, 24], "stride and padding are ignored"),
    (PADDED, -1, [0, 1, 12, 24], "the padding is all at the front"),
    (PADDED, -1, [12, 24, 40, 0], "the padding is all at the end"),
    (WITHIN, -1, [-3, -3, -2], "the padding is all at the front"),
    (WITHIN, -1, [-2, -2, -2], "the padding is all at the end"),
    (PADDED, -1, [10, 21, 42, 4], "the filter is flipped: a true convolution"),
    (PADDED, -1, [1, 3, 6, 4], "{d} is not multiplied by w"),
    (PADDED, -1, [0.5, 6, 12, 20], "{d} is the mean of the products, not their sum"),
    (CHANNELS, -1, [[6.5, 12.5]], "{d} is the mean of the products, not their sum"),
    (RAISED, -1, [[13, 19]], "{d} is the mean of the products, not their sum"),
    (CHANNELS, -1, [[10, 20]], "only the first channel is read"),
    (LINEAR, -1, [[12], [35]], "the bias b is not added"),
    (LINEAR, -1, [[5], [28]], "the bias b is subtracted"),
    (LINEAR, -1, [[26], [49]], "the bias b is added twice"),
    (LINEAR, -1, [[19], [0]], "{d} is right only for the first example of the minibatch"),
    (LINEAR, -1, [[0], [42]], "{d} is right only for the last example of the minibatch"),
    (EVEN, -1, 2 * LOSS, "{d} is the sum over the examples, not the mean"),
    (CLASSES, -1, np.log(6) / 6, "{d} is divided by the number of classes too"),
    (EVEN, -1, -5 / 8, "{d} is minus the probability of the label: the logarithm is missing"),
    (EVEN, -1, 5 / 8, "{d} is the probability of the label: the logarithm is missing"),
    (EVEN, -1, -np.log(5 / 8), "{d} is the logarithm of the mean probability"),
    (EVEN, -1, -np.log2([1 / 2, 3 / 4]).mean(), "{d} is taken with the logarithm to base 2"),
    (QUARTERS, -1, [-1, 1, 0], "{d} is rounded towards 0: an array of integers holds it"),
    (QUARTERS, -1, [-2, 1, 1], "{d} is rounded to whole numbers"),
    (QUARTERS, -1, [-2, 1, 0], "{d} is rounded down to whole numbers"),
    (RAISED, -1, [[28, 49]], "the filter is flipped: a true convolution"),
    (RAISED, -1, [[10, 13]], "{d} is not multiplied by w"),
    (OBLIQUE, -1, [[9, 12], [18, 21]], "the filter is transposed"),
    (DEEP, -1, [[[9, 12], [18, 21]]], "the filter is transposed"),
    (AROUND, -1, [0, -3, 0], "padding with zeros: they take part in the maximum"),
    (LINEAR, -1, [[19, 42]], "{d} is transposed"),
    (FLAT, -1, [[1, 3, 2, 4]], "{d}: the entries are in another order (order='F')"),
    (RELU, 0, [0, 0.5, 0, 0, 0], "{d}: ReLU's mask is for a < 0, not for a > 0"),
    (RELU, 0, [0, 0.5, 0, 0, 4], "{d}: ReLU's mask is for a <= 0, not for a > 0"),
    (RELU, 0, [1, 0.5, -1.5, 2, 4], "{d}: ReLU's mask is missing, everything passes"),
    (RELU, 0, [1, 0.5, 0, 2, 4], "{d}: ReLU's mask looks at the gradient, not at a"),
    (RELU, 0, [1, 0, 0, 2, 0], "{d}: ReLU's mask looks at the gradient as well as at a"),
    (RELU, 0, [1, 0, -4.5, 1, 0], "{d} is multiplied by relu(a), not by its slope"),
    (RELU, 0, [1, -1, -4.5, 1, 0], "{d} is multiplied by a, not by ReLU's slope"),
    (RELU, 0, [1, -0.5, -1.5, 2, 0], "{d}: ReLU passes the sign of a: -1 where a < 0"),
    (RELU, 0, [0, 0, -1.5, 0, 0], "{d}: ReLU's mask is for a > 1, not for a > 0"),
    (BETWEEN, 0, [2, 0], "{d}: ReLU's mask is for a > 1, not for a > 0"),
    (RELU, 0, [1, 0, 1, 1, 0], "{d} is not multiplied by the upstream gradient {up}"),
    (RELU, 0, [1, 0, 2.25, 4, 0], "{d} is multiplied by {up} twice"),
    (RELU, 0, [1, 0, -2 / 3, 0.5, 0], "{d} is divided by {up} instead of multiplied"),
    (RELU, 0, [1, 0.5, -1.5, 2, 4], "{d} is the upstream gradient {up} itself, unchanged"),
    (RELU, 0, [6, 0, 6, 6, 0], "{d} gets the sum of {up} everywhere, not each its own"),
    (RELU, 0, [1, 0, -1, 2, 0], "{d} is rounded towards 0: an array of integers holds it"),
    (RELU, 0, [1, 0, -2, 2, 0], "{d} is rounded down to whole numbers"),
    (RELU, 0, [0, 0, -1.5, 2, 0], "{d}: the first output is forgotten on the way back"),
    (BLOCK, 0, [0, 0, 36, 0], "{d} is multiplied by relu(a), not by its slope"),
    (BLOCK, 0, [6, 0, 6, 6], "{d}: the pool hands the gradient to every entry of h"),
    (SHUT, 0, [6, 0, 6], "{d}: the pool hands the gradient to every entry of h"),
    (BLOCK, 0, [0, 0, 36, 0], "{d} is multiplied by the output"),
    (ALONG, -1, -np.log([1 / 4, 3 / 4]).mean(), "the softmax is taken over the examples"),
    (ALONG, 0, [[1, -1.5], [1, -0.5]], "{d}: the softmax is taken over the examples"),
    (OVERLAP, 0, [1, 1.5, 2.5, 2], "every entry of a window gets the gradient"),
    (OVERLAP, 0, [0.5, 0, 0.25, 1], "the gradient is divided by the number of entries of the win"),
    (OVERLAP, 0, [0.5, 0.75, 1.25, 1], "the gradient is spread evenly over the window"),
    (AROUND, 0, [1.5, 2.5], "the gradient is spread evenly over the window"),
    (OVERLAP, 0, [1, 0.5, 2, 0], "the gradient goes to the first entry, wherever the largest is"),
    (OVERLAP, 0, [0, 1.5, 2, 0], "the gradient goes to the smallest entry"),
    (ALIKE, 0, [0, 2, 2, 3], "{d}: entries of other windows that are as large"),
    (OVERLAP, 0, [1, 2.5, 0, 0], "{d}: the winner's place in its window is taken"),
    (OVERLAP, 0, [1, 0, 0.5, 0], "{d}: the last output is forgotten on the way back"),
    (MOVED, 0, [3, 5, 0], "{d}: where windows overlap, contributions are overwritten"),
    (MOVED, 0, [13, 25, 2], "{d}: where windows overlap, contributions are overwritten"),
    (MOVED, 0, [13, 1, 2], "{d}: where windows overlap, contributions are overwritten"),
    (FILTERS, 0, [3, 4], "{d}: where windows overlap, contributions are overwritten"),
    (PEAK, 0, [0, 0.5, 0], "{d}: where windows overlap, contributions are overwritten"),
    (CONV, 0, [10, 21, 2, 0, 0], "{d}: the stride is ignored on the way back"),
    (PADDED, 0, [10, 21, 32], "{d}: the padding is cut off at the wrong place, or not at all"),
    (PADDED, 0, [32, 53, 5], "{d}: the padding is cut off at the wrong place, or not at all"),
    (WITHIN, 0, [0, 1, 0], "{d}: the padding is cut off at the wrong place, or not at all"),
    (WITHIN, 0, [0, 5, 0], "{d}: the padding is cut off at the wrong place, or not at all"),
    (CONV, 0, [], "{d} is empty where the padding is 0: [p:-p] keeps nothing then"),
    (TALL, 0, np.ones((0, 1)), "{d} is empty where the padding is 0: [p:-p] keeps nothing then"),
    (PADDED, 1, [7, 4.25], "{d} is the mean, not the sum, over positions"),
    (PAIR, 1, [[[1.5]]], "{d} is the mean, not the sum, over examples and positions"),
    (PADDED, 1, [0, 1], "{d} comes from the first position alone"),
    (PADDED, 1, [20, 0], "{d} comes from the last position alone: overwritten, not added"),
    (BATCH, 1, [[[8]]], "{d} comes from the last position of the last example alone: overwritten"),
    (BATCH, 2, [2], "{d} comes from the last position of the last example alone: overwritten"),
    (MOVED, 1, [[4, 8], [10, 20]], "{d} comes from the last position of the last example alone"),
    (SCALAR, 0, [1, 4, -12], "{d} is multiplied by the entry itself, not by the other factor"),
    (SCALAR, 1, [1, 4, -12], "{d} is not summed over the positions and examples"),
    (SCALAR, 0, [1, 2, -3], "{d} is not multiplied by {w}"),
    (BLOCK, 0, [0, 0, 3, 0], "{d} is not multiplied by {w}"),
    (BLOCK, 1, 3, "{d} is not multiplied by {x}"),
    (BLOCK, 1, [0, 0, 9, 0], "{d} is not summed over the positions and examples"),
    (BLOCK, 1, 6, "{d} is multiplied by the entry itself, not by the other factor"),
    (BLOCK, 0, [0, 0, 9, 0], "{d} is multiplied by the entry itself, not by the other factor"),
    (SCALAR, 1, 0, "{d} is not multiplied by {x}"),
    (LINEAR, 1, [[5, 8.5]], "{d} is the mean, not the sum, over the minibatch"),
    (LINEAR, 1, [[1, 2]], "{d} is right only for the first example of the minibatch"),
    (LINEAR, 1, [[9, 15]], "{d} is right only for the last example of the minibatch"),
    (LINEAR, 2, [1, 3], "{d} is not summed over the positions and examples"),
    (BIASED, 2, 10, "{d} is summed over everything, also over the filters"),
    (BIASED, 2, [10, 10], "{d} is summed over everything, also over the filters"),
    (BIASED, 2, [[4, 6]], "{d} is summed over the wrong axes"),
    (BATCH, 2, [4, 1], "{d} is summed over the wrong axes"),
    (BIASED, 2, [[10]], "{d} is summed over the wrong axes"),
    (BATCH, 2, [[1, -1], [3, 2]], "{d} is not summed over the positions and examples"),
    (LINEAR, 0, [[0, -16], [0, -48]], "{d} goes through the weights after their step"),
    (LINEAR, 0, [[5, 0.5], [15, 1.5]], "{d} is divided by the number of examples"),
    (BIASED, 2, [3, 3], "{d}: the last output is forgotten on the way back"),
    (BIASED, 2, [2, 7], "{d}: the first output is forgotten on the way back"),
    (BIASED, 2, [1, 3], "{d}: the last output is forgotten on the way back"),  # each filter's last
    (BIASED, 2, [2, 4], "{d}: the first output is forgotten on the way back"),
    (BIASED, 2, [3, 0], "{d}: the last output is forgotten on the way back"),  # the last filter
    (BIASED, 2, [0, 7], "{d}: the first output is forgotten on the way back"),
    (EVEN, 0, [[-2, 2], [1, -1]], "{d} is not divided by the number of examples"),
    (CLASSES, 0, [[1 / 4, 1 / 4, -1 / 2], [-2 / 3, 1 / 3, 1 / 3]],
     "{d} is neither divided by the number of examples nor multiplied by {up}"),
    (CLASSES, 0, [[1 / 6, 1 / 6, -1 / 3], [-4 / 9, 2 / 9, 2 / 9]],
     "{d} is divided by the number of classes too"),
    (EVEN, 0, [[1, 1], [0.5, 1.5]], "{d} is the softmax alone: the 1 at the label is not"),
    (EVEN, 0, [[-1, 1], [0, 0]], "{d} is right only for the first example of the minibatch"),
    (EVEN, 0, [[2, 2], [1, 3]], "{d} is the softmax alone, neither less 1 at the label"),
    (EVEN, 0, [[1, -1], [-0.5, 0.5]], "the sign of {d} is flipped"),
    (EVEN, 0, [[0, 0], [0, 0]], "{d} is 0 everywhere"),
    (QUARTERS, 0, [-2, 1, 1], "{d} is rounded to whole numbers"),
    (RAISED, 0, [1, 12, 20], "{d}: the filter is flipped"),
    (OBLIQUE, 0, [[0, 0, 0], [2, 5, 2], [6, 13, 5]], "{d}: the filter is flipped"),
    (OBLIQUE, 0, [[1, 2, 0], [5, 9, 0], [6, 10, 0]], "{d}: the filter is transposed"),
    (OBLIQUE, 1, [[86, 75], [53, 42]], "{d}: the filter is flipped"),
    (OBLIQUE, 1, [[42, 75], [53, 86]], "{d}: the filter is transposed"),
    (FALLING, 0, [1, 1, 0, 0], "{d}: the stride is ignored on the way back"),
    (BENEATH, 0, [[0, 5, 0, 6], [0, 0, 0, 0]], "{d}: the winner's row in its window is taken"),
    (BESIDE, 0, [[0, 0, 0], [5, 6, 0]], "{d}: the winner's row in its window is taken"),
    (LINEAR, 1, [[10], [17]], "{d} is transposed"),
    (FLAT, 0, [[[5, 7], [6, 8]]], "{d}: the entries are in another order (order='F')"),
    (MOVED, -1, [[21, 42], [2, 4]], "the filter is flipped: a true convolution"),
    (SINGLE, -1, [[6], [0.5]], "{d} is the mean of the products, not their sum"),
    (STRIDED, -1, [[10, 20], [40, 50]], "window i begins at i, not at i * stride"),
    (BOTH, -1, [1, 12, 24, 40], "the stride is ignored"),
    (WITHIN, -1, [-3], "the stride is ignored: windows lie side by side"),
    (PADDED_B, -1, [[7, 8, 19, 31]], "the padding is all at the front"),
    (AROUND_2D, -1, [[0, 0], [0, 0]], "padding with zeros: they take part in the maximum"),
    (BELOW, 0, [3, 0, 0], "{d}: ReLU's mask is for a < 0, not for a > 0"),
    (BELOW, 0, [3, 0, 0], "{d}: ReLU's mask looks at the gradient, not at a"),
    (TURNED, 0, [0, 3], "{d} is not multiplied by {w}"),
    (CHANNELS_ALIKE, 0, [[0, 2, 2, 3], [7, 0, 0, 8]], "{d}: entries of other windows that are as"),
    (AROUND, 0, [2, 3], "the gradient is divided by the number of entries of the window"),
    (AROUND_2D, 0, [[0.25, 0.5], [0.75, 1]], "the gradient is spread evenly over the window"),
    (ALIKE, -1, [4, 4, 5], "the stride is ignored"),
    (ALIKE, -1, [4, 4], "window i begins at i, not at i * stride"),
    (AROUND, -1, [-3], "the padding is ignored"),
    (APART, -1, [4, 4], "stride and padding are ignored"),
    (OVERLAP, -1, [-3, 1], "the last window is missing: the output is one short"),
    (SQUARE, -1, [[0.25, 0.5], [1, 1.25]], "{d} is the mean of the products, not their sum"),
    (LINEAR, -1, [[10], [15]], "{d} is not multiplied by w"),
    (BELOW, 0, [3, 0, 0], "{d}: ReLU's mask is for a <= 0, not for a > 0"),
    (BELOW, 0, [3, 0, 0], "{d}: ReLU's mask is missing, everything passes"),
    (BELOW, 0, [-3, 0, 0], "{d}: ReLU passes the sign of a: -1 where a < 0"),
    (NEGATIVE, 0, [0, 0, 0, 0], "{d}: ReLU's mask looks at the gradient as well as at a"),
    (BLOCK, 0, [0, 0, 36, 0], "{d} is multiplied by a, not by ReLU's slope"),
    (HALF, 0, [0, 0], "{d}: ReLU's mask is for a > 1, not for a > 0"),
    (OVERLAP, 0, [], "{d} is empty where the padding is 0: [p:-p] keeps nothing then"),
    (LINEAR, 0, [[1, 1], [3, 3]], "{d} is not multiplied by {w}"),
    (LINEAR, 1, [[4, 4]], "{d} is not multiplied by {x}"),
    (BIASED_EXAMPLES, 2, 10, "{d} is summed over everything, also over the filters"),
    (BIASED_EXAMPLES, 2, [3, 7], "{d} is summed over the wrong axes"),
    (PADDED, 0, [-52, -86, -138], "{d} goes through the weights after their step"),
    (NINE, 0, [[1]], "the gradient is spread evenly over the window"),
    (CHANNEL, 0, [[1, 2.5, 0, 0]], "{d}: the winner's place in its window is taken"),
    (WITHIN, 0, [4, 2, 0], "{d}: the winner's place in its window is taken"),
    (OUTSIDE, 0, [[0, 0, 0], [0, 6, 0]], "{d}: the winner's row in its window is taken"),
    (SPACED, 0, [1, 1, 0, 0, 0], "{d}: the stride is ignored on the way back"),
    (STRIDED, 0, [[10, 20, 0], [30, 40, 0], [0, 0, 0]], "{d}: the stride is ignored on the way"),
    (LATER, 0, [0, 0, -0.5, 0, 2], "{d}: where windows overlap, contributions are overwritten"),
    (PADDED, 0, [10, 21, 32, 53, 5], "{d}: the padding is cut off at the wrong place, or not at"),
    (BROAD, 0, [[30], [40]], "{d}: the padding is cut off at the wrong place, or not at all"),
    (EVERY_OTHER, 0, [1, 0, 2], "{d} is not multiplied by {w}"),
    (EVERY_OTHER, 1, 3, "{d} is not multiplied by {x}"),
    (ADDED, 1, 60, "{d} is multiplied by the entry itself, not by the other factor"),
]  # fmt: skip


@for_each(("asked", "argument", "got", "said"), MISTAKES)
def test_the_numbers_of_a_mistake(asked: Asked, argument: int, got: Any, said: str) -> None:
    assert any(each.startswith(said) for each in asked.fitting(argument, got))


NOT_ALONG_TWO = "last window is missing", "is empty where", "output is forgotten", "is transposed"
"""What means something else where there is another axis."""


@for_each(
    ("asked", "argument", "got", "said"),
    [
        row
        for row in MISTAKES
        if row[0].of in ("Conv1D", "MaxPool")
        and (row[0].settings.get("size") or np.ndim(row[0].inputs[-1]))
        and not any(each in row[3] for each in NOT_ALONG_TWO)
    ],
)
def test_a_mistake_along_one_axis_is_the_same_along_two(
    asked: Asked, argument: int, got: Any, said: str
) -> None:
    """Of images of one row, whose windows have one row, too."""
    x, *parameters = asked.inputs
    inputs = (x, *parameters[:1])
    alone = {"size": 1, "stride": 1, "padding": 0}
    image = Asked(
        f"{asked.of.removesuffix('1D')}2D",
        (*(np.expand_dims(each, -2) for each in inputs), *parameters[1:]),
        np.expand_dims(asked.dout, -2),
        {name: (alone[name], along) for name, along in asked.settings.items()},
    )
    answer = image.answered(argument, got if argument == 2 else np.expand_dims(got, -2))
    assert any(
        answer.matches(each.predict(answer))
        for each in (OUTPUT if argument < 0 else GRADIENT)
        if each.sentence.startswith(said) and image.of in (each.classes or (image.of,))
    )


@for_each(
    ("asked", "argument", "got", "said"),
    [
        (CONV, -1, [], "one short"),  # two are missing
        (PADDED, 1, [17], "the padding is cut off"),  # dw has none
        (UNDIVIDED, 0, [3, 3, 3], "place in its window"),  # there is one window only
        (COLUMNS, -1, [2], "the last window"),  # there is none, but a channel too few
        (SCALAR, 0, [10 / 3, 20 / 3, -10], "not the sum, over positions"),  # each is of one
        (LINEAR, 0, [[5, 0.5], [15, 1.5]], "not the sum, over the minibatch"),
        (LINEAR, 1, [[5, 8.5]], "is divided by the number of examples"),
        (LINEAR, 1, [[9, 15]], "position"),
        (MIXED, 1, [[0, 0], [14, 24]], "position"),  # of the last output
        (MIXED, 1, [[1, 4], [9, 20]], "is not summed"),  # dy · x: an entry of one example each
        (BIASED, 2, [[3], [7]], "the wrong axes"),  # but in the wrong shape
        (SCALAR, 1, 0, "summed over"),  # though 0 is the sum of dout
        (BLOCK, 0, [3, -12, 9, 1.5], "the entry itself"),  # nor the ReLU and the maximum
    ],
)
def test_a_mistake_is_not_said_of_numbers_that_others_explain(
    asked: Asked, argument: int, got: Any, said: str
) -> None:
    """Nor of a quantity about which its sentence would make no sense."""
    assert not [each for each in asked.fitting(argument, got) if said in each]


@for_each(
    ("asked", "got", "said"),
    [
        (CONV, [12, 24, 48, 96], "the stride is ignored"),
        (PADDED, [12, 24], "the padding is ignored"),
        (BOTH, [12, 24], "stride and padding are ignored"),
    ],
)
def test_a_setting_that_is_not_asked_for_is_not_said_to_be_ignored(
    asked: Asked, got: Any, said: str
) -> None:
    """Whichever of two sentences comes first is said."""
    assert asked.fitting(-1, got)[0] == said


@for_each(
    ("asked", "convention", "got", "said"),
    [
        (LEVEL, Convention(0.0, "all"), [2, 2], "{d}: ReLU's mask is missing, everything passes"),
        (LEVEL, Convention(0.0, "last"), [0, 2], "{d}: ReLU's mask is missing, everything passes"),
        (RELU, Convention(1.0), [-1, 0, 1.5, -2, -4], "the sign of {d} is flipped"),
        (RELU, Convention(0.5), [1, 0, 1, 1, 0.5], "{d} is not multiplied by the upstream"),
        (TIE, Convention(0.0, "last"), [0, 0.5, 0], "{d}: where windows overlap, contributions"),
    ],
)
def test_the_numbers_of_a_mistake_are_those_of_the_rule_at_kinks(
    asked: Asked, convention: Convention, got: Any, said: str
) -> None:
    assert any(each.startswith(said) for each in asked.fitting(0, got, convention))


def test_the_right_numbers_are_no_mistake() -> None:
    assert RELU.fitting(0, [1, 0, -1.5, 2, 0]) == []


def test_no_hypothesis_explains_arbitrary_numbers() -> None:
    """Nor whole ones, nor the same everywhere, nor those of one example with 0 for the others."""
    rows = {
        (repr(asked), argument, shape): asked
        for asked, argument, got, _ in MISTAKES
        for shape in (np.shape(got), asked.right(argument).shape)
        if 0 not in shape  # there is one way to have no entries
    }
    random = np.random.default_rng(7)
    for (_, argument, shape), asked in rows.items():
        got = 200 + random.normal(size=shape)
        ends = [np.zeros_like(got), np.zeros_like(got)]
        if shape and shape[0] > 1:
            ends[0][0], ends[1][-1] = got[0], got[-1]
        for wrong in (got, np.round(got), np.full_like(got, 190.5), *filter(np.any, ends)):
            assert asked.fitting(argument, wrong) == [], (asked, argument, wrong)


def test_a_bias_has_no_filter_that_could_be_flipped() -> None:
    assert not any("filter is" in each for each in BIASED.fitting(2, [7, 3]))


@pytest.mark.parametrize("got", [[[12], [34], [0]], [[0], [34], [56]], [[0], [34], [0]]])
def test_one_example_is_not_said_to_be_the_only_right_one_if_another_one_is_right(
    got: ArrayLike,
) -> None:
    asked = Asked("Linear", ([[1, 2], [3, 4], [5, 6]], [[10, 1]]), [[1]] * 3)
    assert not [said for said in asked.fitting(-1, got) if "is right only for" in said]


@pytest.mark.parametrize(("table", "outputs"), [(OUTPUT, True), (GRADIENT, False)])
def test_no_mistake_is_without_numbers(table: tuple[Hypothesis, ...], outputs: bool) -> None:
    rows = [(asked.of, said) for asked, at, _, said in MISTAKES if (at < 0) == outputs]
    for each in table:
        assert any(
            each.sentence.startswith(said) and of in (each.classes or (of,)) for of, said in rows
        ), f"no row of MISTAKES shows “{each.sentence}”: add (Asked, argument, numbers, sentence)"


def test_a_mistake_is_marked_as_saying_where_if_its_sentence_says_where() -> None:
    for each in (*OUTPUT, *GRADIENT):
        assert each.says_where == bool(re.search(r"\bwhere\b", each.sentence)), each.sentence


ONE = Asked("ReLU", ([2],), [1])
DOUBLED = Asked("ReLU", ([2],), [2])
EXAMPLE = Asked("Linear", ([1, 2], [[10, 1]]), [1])
WHOLE = Asked("MaxPool", ([1, 2, 2],), 1)
TILES = Asked("MaxPool", ([1, 2, 4, 8],), [1, 1], {"size": 2, "stride": 2})
PADDED_TILES = Asked("MaxPool", ([1, 2, 4, 8],), [1, 1, 1], {"size": 2, "stride": 2, "padding": 1})
REST = Asked("MaxPool", ([1, 2, 4, 8, 16],), [1, 1], {"size": 2, "stride": 2})
GAPS = Asked("MaxPool", ([1, 2, 4, 8, 16],), [1, 1], {"size": 2, "stride": 3})
FLAT = Asked("MaxPool2D", ([[1, 2], [4, 8]],), [[1], [1]], {"size": (1, 2), "stride": (1, 2)})
KINDS: dict[str, tuple[Asked, Asked]] = {
    # a case of the kind, and a similar one that is not of it
    "where stride > 1": (CONV, PADDED),
    "where there is padding": (PADDED, CONV),
    "where there is both a stride and padding": (BOTH, PADDED),
    "where windows overlap": (OVERLAP, TILES),
    "where windows skip entries": (GAPS, TILES),
    "where windows leave a remainder": (REST, PADDED_TILES),
    "where windows are smaller than the axis": (TILES, WHOLE),
    "where windows are no squares": (FLAT, TILES),
    "where images are no squares": (BENEATH, SQUARE),
    "where w is no square": (Asked("Conv2D", ([[1], [2]], [[10], [1]]), 1), SQUARE),
    "for minibatches": (LINEAR, EXAMPLE),
    "where there are several filters": (FILTERS, CONV),
    "where there are channels": (CHANNELS, FILTERS),
    "where w is no scalar": (CONV, SCALAR),
    "where w is a scalar": (SCALAR, CONV),
    "where there is a bias b": (BIASED, FILTERS),
    "at ties": (WHOLE, TILES),
    "where an a is exactly 0": (RELU, ONE),
    "at a kink: a tie, or an a of exactly 0": (Asked("ConvBlock", ([3, 3], 1), 1), BLOCK),
    "where there is no padding": (CONV, PADDED),
    "where the upstream gradient is not 1": (OVERLAP, TILES),
    "where an upstream gradient is negative": (RELU, OVERLAP),
    "where w is negative": (Asked("ConvBlock", ([1, -4], -2), 3), BLOCK),
    "where every entry is negative": (BELOW, BLOCK),
    "where some entry is negative": (BLOCK, SCALAR),
    "where some entry is 0": (RELU, BLOCK),
    "where there is a single entry": (ONE, RELU),
    "where there is more than one entry": (RELU, ONE),
    "where the examples or the matrix have more than one axis": (LINEAR, EXAMPLE),
}
WIDE = Asked("MaxPool2D", ([[1, 2], [4, 8]],), [[1], [1]], {"size": (1, 2), "stride": 1})
UNEVEN = Asked("MaxPool2D", ([[1, 2], [4, 8]],), [[1]], {"size": 2, "stride": (1, 2)})
LONGER = Asked("Conv1D", ([1, 2, 4, 8, 16, 32], np.ones((2, 3))), np.ones((2, 2)), {"stride": 2})
IMAGE = Asked("MaxPool2D", ([[[[1, 2]]]],), [[[[1, 1]]]], {"size": 1, "stride": 1})
PAIR = Asked("MaxPool2D", (np.ones((1, 2, 2, 2)),), np.ones((1, 2, 2, 2)), IMAGE.settings)
BROADER = Asked("MaxPool2D", (np.ones((2, 3)),), [[1]], {"size": 2, "stride": 2})
SCALAR_STRIDE = Asked("Conv1D", ([1, 2, 4, 8], 10), [1, 1], {"stride": 2})
LYING = Asked("Conv2D", (np.ones((3, 3)), [[1, 2]]), np.ones((3, 2)))
BLOCK_TIE = KINDS["at a kink: a tie, or an a of exactly 0"][0]
FURTHER_KINDS = [
    ("where stride > 1", (CONV, TILES)),
    ("where windows skip entries", (GAPS, CONV)),
    ("where windows leave a remainder", (LONGER, GAPS)),
    ("where windows leave a remainder", (BROADER, TILES)),  # along one axis
    ("where windows leave a remainder", (SCALAR_STRIDE, EVERY_OTHER)),
    ("where windows are no squares", (WIDE, UNEVEN)),
    ("where images are no squares", (IMAGE, PAIR)),
    ("where images are no squares", (TALL, FILTERS)),
    ("where images are no squares", (TALL, Asked("Conv1D", (np.ones((2, 3)), [[[1], [1]]]), 1))),
    ("where w is no square", (LYING, TALL)),
    ("at ties", (WHOLE, RELU)),
    ("at ties", (WHOLE, BLOCK_TIE)),
    ("where an a is exactly 0", (RELU, WHOLE)),
    ("where an a is exactly 0", (RELU, BLOCK_TIE)),
    ("at a kink: a tie, or an a of exactly 0", (BLOCK_TIE, RELU)),
]


@for_each(
    ("of", "least"),  # a class, and the least number of axes of its minibatches
    [("Conv1D", 3), ("MaxPool", 3), ("ConvBlock", 3), ("Conv2D", 4), ("MaxPool2D", 4),
     ("Linear", 2), ("ReLU", 2), ("SoftmaxCrossEntropy", 2), ("Flatten", 1)],
)  # fmt: skip
def test_an_input_with_an_axis_of_examples_is_a_minibatch(of: str, least: int) -> None:
    found = [topic(of).batched(np.ones((1,) * axes)) for axes in range(1, 6)]
    assert found == [axes >= least for axes in range(1, 6)]


def test_a_kind_of_cases_is_what_its_words_say() -> None:
    kinds = dict((*SHAPES, *NUMBERS))
    assert {*kinds} == {*KINDS}
    for words, (one, other) in (*KINDS.items(), *FURTHER_KINDS):
        assert kinds[words](one.outcome), words
        assert not kinds[words](other.outcome), words


@for_each(
    ("strided", "others", "failing", "said"),
    [
        (2, 3, (2, 0), "where stride > 1"),
        (2, 3, (1, 0), "only where stride > 1"),  # half of these cases fail
        (3, 2, (2, 0), "only where stride > 1"),
        (3, 2, (1, 0), ""),
        (2, 3, (2, 1), ""),
        (2, 3, (2, 3), ""),  # all cases fail
    ],
)
def test_where_it_is_wrong_is_said_of_a_kind_of_which_half_the_cases_fail(
    strided: int, others: int, failing: tuple[int, int], said: str
) -> None:
    one = Asked("Conv1D", CONV.inputs, [1, 2, 3, 4])
    cases = [[asked.outcome for _ in range(n)] for asked, n in ((CONV, strided), (one, others))]
    wrong = [each for kind, count in zip(cases, failing, strict=True) for each in kind[:count]]
    assert _where(wrong, [*cases[0], *cases[1]]) == said


def test_a_mistake_that_is_made_at_times_has_to_be_told_by_several_numbers() -> None:
    (absolute,) = (each for each in OUTPUT if each.sentence.startswith("{d} is |a|"))
    few, many, free, other = (
        Asked("ReLU", (a,), np.ones(len(a))).answered(-1, got)
        for a, got in (
            ([-2, 1, 2, 3], [2, 1, 2, 3]),
            ([-2, 1, 2, 3, 4], [2, 1, 2, 3, 4]),
            ([1, 2], [9, 9]),  # wrong, where the mistake would change nothing
            ([-1, 2], [9, 9]),  # wrong, where it would change something
        )
    )
    assert _made_in_part(absolute, [many, free]) == [many.outcome]
    for answers in ([few, free], [many], [many, other], [free]):
        assert _made_in_part(absolute, answers) == []


def test_it_is_not_said_that_only_some_numbers_are_wrong() -> None:
    """If only five of six cases with a negative entry are wrong, that entry explains little."""
    asked = (Asked("ReLU", ([1, second],), [1, 1]).outcome for second in (-2, 2))
    negative, positive = ([replace(each) for _ in range(6)] for each in asked)
    assert _where(negative, [*negative, *positive], forward=True) == "where some entry is negative"
    assert _where(negative[1:], [*negative, *positive], forward=True) == ""
    assert _where(negative, [*negative, *positive[:2]], forward=True) != ""
    assert _where(negative, [*negative, positive[0]], forward=True) == ""  # all but one have one
    few = negative[:3]  # of five cases some property holds by chance
    assert _where(few, [*few, *positive[:2]], forward=True) == ""
    assert _where(few, [*few, *positive[:3]], forward=True) == "where some entry is negative"


def test_a_forward_is_never_wrong_because_of_what_comes_from_above() -> None:
    doubled, ordinary = ([replace(each.outcome) for _ in range(6)] for each in (DOUBLED, ONE))
    assert _where(doubled, [*doubled, *ordinary]) == "where the upstream gradient is not 1"
    assert _where(doubled, [*doubled, *ordinary], forward=True) == ""


@for_each(
    ("got", "expected", "is_right"),
    [
        ([0.9e-5, 0], [0, 0], True),
        ([1.1e-5, 0], [0, 0], False),
        ([0.009, 1000], [0, 1000], True),  # relative to the largest
        ([0.011, 1000], [0, 1000], False),
        ([np.inf], [np.inf], True),
        ([np.nan], [np.nan], False),
        ([1.0, 2.0], [-np.inf, 2.0], False),  # nothing is near infinity
        ([-np.inf, 2.1], [-np.inf, 2.0], False),
        ([1.0], 1.0, False),
        (np.ones((0, 2)), np.ones((0, 2)), True),
    ],
)
def test_a_number_may_be_off_as_single_precision_is(
    got: ArrayLike, expected: ArrayLike, is_right: bool
) -> None:
    assert close(np.asarray(got), np.asarray(expected)) == is_right


TOGETHER_SAID: list[tuple[list[tuple[Asked, ArrayLike]], int, str]] = [
    # what was given for one quantity in each case, which one (−1: the output), what is said of all
    ([(RELU, [1, np.nan, 3, 0.5, 0]), (ONE, [np.nan])], -1, "{d} contains nan"),
    ([(RELU, [1, np.nan, 3, 0.5, 0]), (ONE, [7])], -1, ""),
    ([(PADDED, [[28, 17]])], 1, "{d} has the right numbers in the wrong shape"),
    ([(PADDED, [1, 1]), (CONV, [1, 1])], 1, "{d} is the same whatever the input is"),
    ([(EVEN, 1), (EVEN._replace(labels=(0, 0)), 1)] * 2, -1, ""),  # of the same logits
    ([(BLOCK, 0), (Asked("ConvBlock", ([1, -4], -2), 3), 0)], 1, ""),  # two may be 0 by chance
    # the same is asked twice: dx does not depend on x
    ([(PADDED, [1, 2, 3]), (PADDED._replace(inputs=([5, 6, 7], [10, 1])), [1, 2, 3])], 0, ""),
    (
        [(Asked("Conv1D", ([-1, -2, -4, -8, 0], 1), [1] * 5), [-3, -6, -12, -24, 0])],
        -1,
        "{d} is 3 times what it should be",
    ),
    ([(PADDED, [84, 51]), (CONV, [27, 54])], 1, "{d} is 3 times what it should be"),
    ([(PADDED, [0] * 3), (CONV, [0] * 5)], 0, ""),  # another sentence says that it is 0
    ([(PADDED, [np.inf] * 3), (SCALAR, [np.inf, np.inf, -np.inf])], 0, ""),
    ([(PADDED, [np.inf] * 3), (CONV, [np.inf] * 5)], 0, ""),
    ([(PADDED, [30, 19]), (CONV, [11, 20])], 1, "{d} is 2 too large, everywhere"),
    ([(PADDED, [27.5, 16.5]), (CONV, [8.5, 17.5])], 1, "{d} is 0.5 too small, everywhere"),
    ([(RELU, [1, 0, -1.5, 2, 8])], 0, "where a = 0 the slope is 2, which is not between 0 and 1"),
    ([(RELU, [1, 0.05, -1.5, 2, 0])], 0, "{d}: a leaky ReLU's, with slope 0.1 where a < 0"),
    ([(RELU, [1, -0.2, 3, 0.5, 0])], -1, "{d}: a leaky ReLU's, with slope 0.1 where a < 0"),
    ([(RELU, [1, 0.05, -1.5])], 0, ""),
    ([(RELU, [7, 0, -1.5, 2, 0])], 0, "{d} is wrong at the first entry only"),
    ([(PADDED, [21, 32, 7])], 0, "{d} is wrong at the last entry only"),
    ([(THREE, [[7, 1, 2]])], 0, "{d} is wrong at the first entry only"),
    ([(LINEAR, [[10, 7], [30, 8]])], 0, ""),  # one of two may be right by chance
]


@for_each(("given", "argument", "said"), TOGETHER_SAID)
def test_what_all_wrong_numbers_have_in_common(
    given: list[tuple[Asked, ArrayLike]], argument: int, said: str
) -> None:
    answers = [asked.answered(argument, got) for asked, got in given]
    assert next((found for each in TOGETHER for found in each(answers)), "") == said


def test_a_leaky_slope_may_be_that_at_0_too() -> None:
    answer = replace(RELU.answered(0, [1, 0.05, -1.5, 2, 0.4]), convention=Convention(0.1))
    assert [*_slope([answer])] == ["{d}: a leaky ReLU's, with slope 0.1 where a < 0"]


@for_each(
    ("asked", "dtype", "given", "dropped"),
    [
        (RELU, "int64", [[1, 0, 3, 0, 0]], True),
        (RELU, "uint8", [[1, 0, 3, 0, 0]], True),
        (RELU, "float64", [[1, 0, 3, 0, 0]], False),
        (RELU, "int64", [[1, 0, 3, 0, 0], [2, 0, 3, 0, 0]], True),
        (RELU, "int64", [[1, 0, 3]], False),
        (RELU, "int64", [[1, 1, 0, 1, 0]], False),
        (RELU, "int64", [[0, -3, 0, 1, 0]], True),
        (FALLING, "int64", [[2, 3]], False),  # no right number has a fraction
    ],
)
def test_an_array_of_integers_drops_fractions_where_there_are_some(
    asked: Asked, dtype: str, given: list[list[int]], dropped: bool
) -> None:
    answers = []
    for each in given:
        outcome = replace(asked.outcome, reply={"output": pack_value(np.array(each, dtype))})
        answers.append(Answer(outcome, -1, np.array(each, np.float64), Convention()))
    assert _are_integers(answers) == dropped


@pytest.mark.parametrize(("output", "gradient"), [("float64", "int64"), ("int64", "float64")])
def test_dropped_fractions_are_told_by_the_dtype_of_the_gradient_not_of_the_output(
    output: str, gradient: str
) -> None:
    made, got = np.array([1, 0, 3, 0, 0], output), np.array([1, 0, -2, 2, 0], gradient)
    reply = {"output": pack_value(made), "gradients": {"values": [pack_value(got)]}}
    answer = Answer(replace(RELU.outcome, reply=reply), 0, got.astype(np.float64), Convention())
    assert _are_integers([answer]) == (gradient == "int64")


def test_a_fraction_that_only_a_rule_at_a_kink_makes_is_none_that_is_dropped() -> None:
    at_kink = Asked("ReLU", ([1, 0, 3],), [2, 1, 4])
    # da = [2, 0, 4]; with a slope of 1/2 at 0 it is [2, ½, 4]
    got = np.array([4, 0, 8])
    outcome = replace(at_kink.outcome, reply={"gradients": {"values": [pack_value(got)]}})
    for slope in (0.0, 0.5):
        answer = Answer(outcome, 0, got.astype(np.float64), Convention(slope))
        assert not _are_integers([answer])


def given_in(asked: Asked, wrong: dict[int, Any], **reply: Any) -> Outcome:
    """A case, answered with these wrong numbers and otherwise the right ones.

    wrong: by the argument whose gradient they are (−1: the output)
    """
    outcome = asked.outcome
    right = (outcome.reference.output, *outcome.reference.grads(NO_KINKS))
    output, *grads = (pack_value(wrong.get(at, each)) for at, each in enumerate(right, -1))
    gave = {"output": output, "gradients": {"values": grads}, "changed": []}
    return replace(outcome, reply={**gave, **reply})


def said_of(*outcomes: Outcome) -> list[str]:
    """What is said of a class that gave this in all its cases."""
    exam: Any = SimpleNamespace(topic=outcomes[0].topic, outcomes=outcomes)
    failures = [*of_cases(outcomes, NO_KINKS)]
    return [each.sentence for each in patterns(exam, failures, [NO_KINKS])]


def of_relu(a: ArrayLike) -> Asked:
    """A ReLU at a, with an upstream gradient of unlike numbers."""
    return Asked("ReLU", (a,), 2 + np.arange(np.size(a)).reshape(np.shape(a)))


ROW = Asked("Conv1D", (2.0 ** np.arange(8), [10, 0]), np.ones(4), {"stride": 2})
WHOLE_ROW = {-1: 10 * 2.0 ** np.arange(7)}
MASK = "h is 1 where a > 0: the mask, not max(0, a)"
SAID: list[tuple[str, list[tuple[Asked, dict[int, Any]]], list[str]]] = [
    ("the inputs by their names", [(SCALAR, {0: [1, 2, -3]})], ["dx is not multiplied by w"]),
    (
        "the output by its name",
        [(RELU, {-1: [9, 8, 7.5, 5, 3]})],
        ["no pattern known here explains h"],
    ),
    (
        "several cases by their number",
        [(RELU, {0: [9, 8, 7.5, 5, 3]}), (BETWEEN, {0: [9, 7]}), (ONE, {})],
        ["no pattern known here explains da in all 2 of its wrong cases"],
    ),
    (
        "of the output nothing about what comes from above",
        [*[(DOUBLED, {-1: [7]})] * 6, *[(ONE, {})] * 6],
        ["h is 3.5 times what it should be, wherever it is wrong"],
    ),
    (
        "of a gradient what comes from above",
        [*[(DOUBLED, {0: [7]})] * 6, *[(ONE, {})] * 6],
        ["da is 3.5 times what it should be, where the upstream gradient is not 1"],
    ),
    ("where once", [(RELU, {-1: [1, 0, 1, 1, 0]}), (ONE._replace(inputs=([1],)), {})], [MASK]),
    (
        "where once, though it is made at times",
        [(of_relu([[1, 2], [3, -4]]), {-1: [[1, 1], [1, 0]]}), (of_relu([1, 2, 3]), {})],
        [MASK],
    ),
    (
        "where once, as a slope does",
        [(RELU, {-1: [1, -0.2, 3, 0.5, 0]}), (ONE, {})],
        ["h: a leaky ReLU's, with slope 0.1 where a < 0"],
    ),
    (
        "no place of what is plain",
        [(ONE, {-1: [np.nan]}), (ONE, {}), (ONE, {})],
        ["h contains nan"],
    ),
    (
        "a place of what is plain, if it has one",
        [*[(CONV, {-1: [12, np.nan]})] * 2, (CONV, {}), *[(PADDED, {})] * 3],
        ["a contains nan, only where stride > 1"],
    ),
    (
        "no mistake in a kind of cases in which it is not always made",
        [
            (of_relu([[2, -2], [-3, 4]]), {-1: [[1, 0], [0, 1]]}),
            (of_relu([[-1, 2], [3, 4]]), {}),
            (of_relu([1, 2]), {}),
        ],
        ["h is wrong only for minibatches"],
    ),
    (
        "0 of what is 0",
        [(of_relu([[1, 2], [3, 4]]), {0: np.zeros((2, 2))}), (of_relu([1, 2]), {})],
        ["da is 0 everywhere (wrong for minibatches)"],
    ),
    (
        "integers of an array of them",
        [(of_relu([[1.5, 2.5], [3.5, -1]]), {-1: np.array([[1, 2], [3, 0]])}), (BETWEEN, {})],
        ["h is an array of integers, which drops fractions (wrong for minibatches)"],
    ),
    (
        "one mistake rather than two",
        [
            (ROW, WHOLE_ROW),
            (ROW._replace(dout=np.ones(9), settings={"padding": 1}), WHOLE_ROW),
        ],
        ["stride and padding are ignored"],
    ),
    (
        "two mistakes where each changes nothing in the cases of the other",
        [
            (of_relu([1, -2, 3, 4, 5]), {-1: [1, 2, 3, 4, 5]}),
            (of_relu([1, 2, 3]), {}),
            (of_relu([[1, 2], [3, 4]]), {-1: [[1, 2], [9, 9]]}),
        ],
        [
            "h is |a|, not max(0, a)",
            "h is right only for the first example of the minibatch (wrong for minibatches)",
        ],
    ),
    (
        "not one of two mistakes that a right case contradicts",
        [
            (of_relu([1, -2, 3, 4, 5]), {-1: [1, 2, 3, 4, 5]}),
            (of_relu([1, -2, 3]), {}),
            (of_relu([[1, 2], [3, 4]]), {-1: [[1, 2], [9, 9]]}),
        ],
        ["no pattern known here explains h in all 2 of its wrong cases"],
    ),
]


@for_each(("what", "given", "said"), SAID)
def test_wrong_numbers_are_explained_in_sentences_that_are_true(
    what: str, given: list[tuple[Asked, dict[int, Any]]], said: list[str]
) -> None:
    assert said_of(*(given_in(*each) for each in given)) == said, what


def test_an_exception_is_said_once_whatever_its_messages() -> None:
    """They contain shapes, for example. That a program ended is said with the case alone."""
    raising = [
        replace(
            RELU.outcome, reply={"error": {"type": "ValueError", "message": each}, "at": "forward"}
        )
        for each in ("shape (2,)", "shape (3,)")
    ]
    assert said_of(*raising, given_in(RELU, {})) == ["forward raises ValueError"]
    ended = replace(RELU.outcome, ended=EndedError("forward", "ends", None))
    assert said_of(ended, replace(ended), given_in(RELU, {})) == []


@pytest.mark.parametrize("checked", [True, False])
def test_backward_is_the_derivative_of_a_forward_that_was_checked_where_it_is_wrong(
    checked: bool,
) -> None:
    passed = {"results": [{"coarse": "PASSED"}], "dout": pack_value(np.zeros(9))}
    wrong = given_in(RELU, {-1: [2, 1, 4, 1.5, 1]}, check=passed if checked else None)
    found = said_of(wrong, given_in(ONE, {}, check=passed))
    assert any("is the derivative" in each for each in found) == checked


def test_a_backward_is_right_behind_a_wrong_forward_if_it_is_so_everywhere_by_one_rule() -> None:
    exam: Any = SimpleNamespace(outcomes=())
    rules = NO_KINKS, Convention(0.0, "last")
    tied = Asked("MaxPool", ([4, 4, 2],), 1.5)
    wrong = {
        name: given_in(tied, {-1: 9, 0: dh})
        for name, dh in (("first", [1.5, 0, 0]), ("last", [0, 1.5, 0]), ("no", [0, 0, 1.5]))
    }
    for names, right in (
        (("first",), True),
        (("last", "last"), True),
        (("first", "last"), False),
        (("first", "no"), False),
    ):
        assert _right_behind(exam, [wrong[each] for each in names], rules) == right, names


@for_each(
    ("method", "at", "said"),
    [
        ("forward", "stride", " (wrong where stride > 1)"),
        ("backward", "stride", " (wrong where stride > 1)"),
        ("backward", "dout", " (wrong where the upstream gradient is not 1)"),
        ("forward", "dout", ""),  # of which forward knows nothing
    ],
)
def test_where_something_is_raised_is_said_of_what_the_method_is_given(
    method: Literal["forward", "backward"], at: str, said: str
) -> None:
    ordinary, strided, doubled = (
        [replace(Asked("Conv1D", CONV.inputs, dout, settings).outcome) for _ in range(3)]
        for dout, settings in (([1] * 4, {}), ([1] * 2, {"stride": 2}), ([2] * 4, {}))
    )
    problem = Problem("raises", method, "", raised="ValueError")
    failing = {"it raises": dict.fromkeys(strided if at == "stride" else doubled, problem)}
    exam: Any = SimpleNamespace(outcomes=[*ordinary, *strided, *doubled])
    assert [each.sentence for each in _others(exam, failing)] == [f"it raises{said}"]


def test_what_is_raised_in_a_single_case_is_said_where_a_kind_of_cases_tells_it() -> None:
    one, *others = CONV.outcome, PADDED.outcome, PADDED.outcome
    problem = Problem("raises", "forward", "", raised="ValueError")
    exam: Any = SimpleNamespace(outcomes=[one, *others])
    (found,) = _others(exam, {"it raises": {one: problem}})
    assert found.sentence == "it raises (wrong where stride > 1)"

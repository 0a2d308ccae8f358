"""Mistakes in a ReLU, by itself or in the block."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from engine.arrays import Array
from engine.check.student.patterns.look import Hypothesis, Look
from engine.check.student.wire import Numbers
from engine.layers import Conv1D, ReLU
from engine.trace import trace

BLOCK: Final = ("ConvBlock",)


def _slope(slope: Callable[[Array, Array], Any]) -> Callable[[Look], Numbers | None]:
    """da = dh · slope(a, dh), in a ReLU or in the block's."""

    def predict(look: Look) -> Numbers | None:
        if look.subject.name == "ReLU":
            return np.asarray(look.dout * slope(look.x, look.dout))
        conv, relu, _ = look.reference.traced(look.convention).steps
        da = relu.dout * slope(conv.output, relu.dout)
        return trace(Conv1D(), *look.case.inputs, dout=da).grads[look.argument]

    return predict


def _every_entry(look: Look) -> Numbers | None:
    """The block whose pool hands dz to every entry of h."""
    conv = look.reference.traced(look.convention).steps[0]
    dh = np.broadcast_to(look.dout[..., None], conv.output.shape)
    da = trace(ReLU(), conv.output, dout=dh, kinks=look.convention.kinks).grads[0]
    return trace(Conv1D(), *look.case.inputs, dout=da).grads[look.argument]


def _of_a(combined: Callable[[Array], Any]) -> Callable[[Look], Numbers | None]:
    """The block with something else than ReLU and max: of a."""
    return lambda look: np.asarray(combined(look.reference.traced(look.convention).steps[0].output))


OUTPUT: Final = (
    *(
        Hypothesis(sentence, lambda look, wrong=wrong: wrong(look.x), ("ReLU",))  # type: ignore[misc]
        for sentence, wrong in (
            ("{d} is |a|, not max(0, a)", np.abs),
            ("{d} is a itself: nothing is cut off", lambda a: a),
            ("{d} is min(0, a), not max(0, a)", lambda a: np.minimum(0, a)),
            ("{d} is 1 where a > 0: the mask, not max(0, a)", lambda a: a > 0),
            ("{d} is max(0, -a), not max(0, a)", lambda a: np.maximum(0, -a)),
            ("{d} is max(1, a), not max(0, a)", lambda a: np.maximum(1, a)),
        )
    ),
    *(
        Hypothesis(sentence, _of_a(combined), BLOCK)
        for sentence, combined in (
            ("{d} is max(a): the ReLU is missing", lambda a: a.max(axis=-1)),
            ("{d} is the minimum of h, not the maximum", lambda a: np.maximum(a, 0).min(axis=-1)),
            ("{d} is the mean of h, not the maximum", lambda a: np.maximum(a, 0).mean(axis=-1)),
            ("{d} is the sum of h, not the maximum", lambda a: np.maximum(a, 0).sum(axis=-1)),
            ("{d} is max |a|, not max(0, a)", lambda a: np.abs(a).max(axis=-1)),
            ("{d} is h: the pool is missing", lambda a: np.maximum(a, 0)),
        )
    ),
)

GRADIENT: Final = (
    *(
        Hypothesis(sentence, _slope(slope), ("ReLU", *BLOCK))
        for sentence, slope in (
            ("{d}: ReLU's mask is for a < 0, not for a > 0", lambda a, dh: a < 0),
            ("{d}: ReLU's mask is for a <= 0, not for a > 0", lambda a, dh: a <= 0),
            ("{d}: ReLU's mask is missing, everything passes", lambda a, dh: np.ones_like(a)),
            ("{d}: ReLU's mask looks at the gradient, not at a", lambda a, dh: dh > 0),
            ("{d}: ReLU's mask looks at the gradient, not at a", lambda a, dh: dh >= 0),
            (
                "{d}: ReLU's mask looks at the gradient as well as at a",
                lambda a, dh: (a > 0) & (dh > 0),
            ),
            ("{d} is multiplied by relu(a), not by its slope", lambda a, dh: np.maximum(a, 0)),
            ("{d} is multiplied by a, not by ReLU's slope", lambda a, dh: a),
            ("{d}: ReLU passes the sign of a: -1 where a < 0", lambda a, dh: np.sign(a)),
            ("{d}: ReLU's mask is for a > 1, not for a > 0", lambda a, dh: a > 1),
        )
    ),
    Hypothesis("{d}: the pool hands the gradient to every entry of h", _every_entry, BLOCK),
)

"""What is asked of ReLU, of the lab's block, and of the layers around them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np

from engine.arrays import Array
from engine.check.student.questions.cases import Case, Feature, Subject
from engine.check.student.questions.points import Form, Points, Shape, forms, stacked

Lift: TypeAlias = Callable[[Array, float], tuple[Any, Any]]
"""From the lab's x and scalar w to those of a form, with the same a = w x."""


def relu() -> Subject:
    """Entries of every sign in every shape."""
    at = Points("ReLU")
    names = "a vector a (L,)", "a matrix a (N, D)", "minibatches a (N, C, L)"
    features = (
        *(Feature("", _of_every_sign(form), form.name) for form in forms(at, *names)),
        Feature(
            "",
            (
                at.random((2, 1, 3, 2)),
                at.random((1, 3, 2, 2)),
                at.given("zeros", [[[[0, 2], [0, -1]]], [[[3, 0], [-2, 0]]]]),
                at.given("all 0", np.zeros((2, 2, 1, 2))),
                at.given("all negative", [[[[-1, -0.25], [-3, -2]]]]),
                at.given("all positive", [[[[1, 0.25], [3, 2]]]]),
            ),
            "minibatches a (N, C, H, W)",
        ),
        Feature(
            "",
            (at.given("by hand", 2, dout=0.5), at.given("by hand", -1, dout=0.5)),
            "a scalar a",
            free=(0,),
        ),
    )
    return Subject("ReLU", ("a",), "h", features, relu=True)


def _of_every_sign(form: Form) -> tuple[Case, ...]:
    return (
        form.given("by hand", [1, -2, 3, 0.5], dout=[1, 0.5, -1, 2]),
        form.random(6),
        form.random(4),
        form.given("zeros", [0, 2, 0, -1], dout=[0.5, 2, 1.5, 1]),
        form.given("all 0", [0, 0, 0], dout=[0.5, 2, 1.5]),
        form.given("all negative", [-1, -0.25, -3]),
        form.given("all positive", [1, 0.25, 3]),
        form.given("large and small", [1000, -1000, 2.0**-10, -(2.0**-10)]),
        form.given("a single entry", [2], dout=0.5),
    )


LAB: Final[Sequence[tuple[str, Sequence[float], float, float]]] = (
    ("a unique maximum", [1, -2, 3, 0.5], 2, 1),
    ("a unique maximum", [0.5, 2, -1, 1.5], 3, 0.5),
    ("a negative w", [1, -2, -3, 0.5], -2, 2),
    ("a tie of two", [3, 3, 1], 1, 1),
    ("a tie of two", [-2, 1, -2], -1.5, 0.5),
    ("a tie of three", [2, -1, 2, 2], 1, 2),
    ("all negative", [-1, -2, -3], 1, 0.5),
    ("all positive", [1, 2, 3], 1, 0.5),
    ("a = 0 is the largest", [-1, 0], 1, 0.5),
    ("w = 0", [1, -2], 0, 0.5),
    ("a single entry", [2], 1.5, 0.5),
)
"""The lab's points: x, a scalar w, dz."""


def conv_block() -> Subject:
    """The lab's block at the lab's points, in whatever form x and w have."""
    at = Points("ConvBlock", layers=("Conv1D", "ReLU", "MaxPool"))
    features = []
    for form, (drawn, biased, lifted) in BLOCKS.items():
        cases = (
            *(at.random(*shapes) for shapes in drawn),
            *(at.given(point, *lifted(np.array(x), w), dout=dz) for point, x, w, dz in LAB),
        )
        free = (0, 1) if "scalar filters" in form else ()
        features.append(Feature("", cases, form, free=free))
        if biased:
            features.append(Feature("b", (at.biased(*biased),), form, within=form, bias=True))
    return Subject(
        "ConvBlock", ("x", "w", "b"), "z", tuple(features), relu=True, pool=True, scalar=True
    )


def _kernel(w: float) -> Array:
    """(K,): a kernel that computes w x."""
    return np.array([w, 0.0])


def _kernels(w: float) -> Array:
    """(F, C, K): kernels that compute w x of the first channel and half as much of the second."""
    other = 0 * _kernel(w)
    return np.array([[_kernel(w), other], [other, 0.5 * _kernel(w)]])


def _longer(x: Array) -> Array:
    """The last entry twice: such kernels read the second one with a weight of 0."""
    return np.concatenate([x, x[..., -1:]], axis=-1)


BLOCKS: Final[Mapping[str, tuple[Sequence[Sequence[Shape]], Sequence[Shape], Lift]]] = {
    "a scalar w": ((((5,), ()), ((4,), ())), ((5,), ()), lambda x, w: (x, w)),
    "a vector w (K,)": (
        (((6,), (3,)), ((7,), (2,))),
        ((5,), (2,)),
        lambda x, w: (_longer(x), _kernel(w)),
    ),
    "several scalar filters w (F, 1)": (
        (((4,), (3, 1)), ((5,), (2, 1))),
        (),
        lambda x, w: (x, [[w], [0.5 * w]]),
    ),
    "several filters w (F, K)": (
        (((6,), (2, 3)), ((4,), (3, 2))),
        ((5,), (2, 3)),
        lambda x, w: (_longer(x), [_kernel(w), 0.5 * _kernel(w)]),
    ),
    "channels x (C, L)": (
        (((2, 5), (3, 2, 3)), ((3, 4), (2, 3, 2))),
        ((2, 5), (3, 2, 3)),
        lambda x, w: (_longer(stacked(x, 1)), _kernels(w)),
    ),
    "minibatches x (N, C, L)": (
        (((2, 3, 4), (5, 3, 2)), ((3, 1, 5), (2, 1, 3))),
        ((2, 3, 4), (4, 3, 2)),
        lambda x, w: (_longer(stacked(x, 2)), _kernels(w)),
    ),
}
"""For each form the shapes of x and w at random, those with a bias, and the lab's points in it."""


def linear() -> Subject:
    """One example and minibatches, with and without a bias."""
    at = Points("Linear")
    one, batch = "one example x (D,)", "minibatches x (N, D)"
    features = (
        Feature(
            "",
            (
                at.given("by hand", [1, -2, 3], [[2, 0, -1], [0.5, 4, 1]], dout=[1, 0.5]),
                at.random((4,), (3, 4)),
                at.random((1,), (2, 1)),
            ),
            one,
            free=(1, 2),
        ),
        Feature("b", (at.biased((3,), (2, 3)),), one, one, bias=True),
        Feature(
            "",
            (
                at.random((4, 3), (2, 3)),
                at.random((2, 3), (5, 3)),
                at.random((3, 3), (3, 3)),
                at.random((1, 4), (2, 4)),
                at.given("zeros", [[1, 0, 3], [0, 0, 2]], [[2, 0, -1], [0, 4, 1]]),
            ),
            batch,
            free=(1, 2),
        ),
        Feature(
            "b", (at.biased((4, 3), (2, 3)), at.biased((1, 2), (3, 2))), batch, batch, bias=True
        ),
    )
    return Subject("Linear", ("x", "w", "b"), "y", features, lab=False)


def flatten() -> Subject:
    """Any number of axes after the first."""
    at = Points("Flatten")
    features = (
        Feature("", (at.random((2, 2, 2)), at.random((2, 3, 4))), "x (N, C, L)"),
        Feature("", (at.random((3, 2, 2, 2)), at.random((1, 2, 3, 2))), "x (N, C, H, W)"),
        Feature("", (at.random((3, 4)), at.random((1, 2))), "x (N, D)"),
    )
    return Subject("Flatten", ("x",), "y", features, lab=False)


def softmax_cross_entropy() -> Subject:
    """Labels with the logits, or bound; logits that overflow an exponential taken as it stands."""
    at = Points("SoftmaxCrossEntropy")
    given = "labels with the logits"
    logits, alike = [[1, -2, 3], [0.5, 4, -1]], [[1, 1, 1, 1]] * 3
    features = (
        *(
            Feature(
                name,
                (
                    at.given("by hand", logits, dout=1, labels=[2, 0], bound=bound),
                    at.given("an upstream gradient", logits, dout=0.5, labels=[0, 1], bound=bound),
                    at.given("equal logits", alike, dout=2, labels=[0, 3, 1], bound=bound),
                ),
                claimed=False,
            )
            for name, bound in ((given, False), ("labels given to the constructor", True))
        ),
        Feature(
            "large logits",
            (at.given("logits of 1000", [[1000, 0, 2], [-1000, -999, 3]], dout=1, labels=[0, 1]),),
            within=given,
            advice="log(sum(exp(logits - m))) - (logits - m)[label], with m the largest logit of "
            "the row, does not overflow",
        ),
    )
    return Subject(
        "SoftmaxCrossEntropy", ("logits",), "loss", features, ("labels",), lab=False, scalar=True
    )


def sequential() -> Subject:
    """Layers of ours in a row, each with its w; away from kinks, where their rule has no say."""
    plain = Points("Sequential", layers=("ReLU",))
    several = Points("Sequential", layers=("MaxPool", "ReLU"))
    block = Points("Sequential", layers=("Conv1D", "ReLU", "MaxPool"))
    deep = Points("Sequential", layers=("Conv1D", "ReLU", "Conv1D", "ReLU", "MaxPool"))
    features = (
        Feature(
            "layers without w",
            (
                plain.random((5,)),
                plain.random((2, 3)),
                several.given("a maximum that is cut off", [[-3, -1, -2], [1, 3, 2]]),
            ),
        ),
        Feature("convolution, ReLU, pool", (block.random((5,), ()), block.random((6,), (3,)))),
        Feature("two convolutions", (deep.random((2, 3, 7), (4, 3, 2), (2, 4, 3)),)),
    )
    return Subject("Sequential", ("x", "w1", "w2"), "output", features, lab=False)

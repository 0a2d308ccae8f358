"""What is asked of ReLU, of the lab's block, and of the layers around them."""

from engine.check.student.questions.cases import Feature, Subject
from engine.check.student.questions.points import Points


def relu() -> Subject:
    """Entries of every sign in every shape."""
    at = Points("ReLU")
    features = (
        Feature(
            "a vector a (L,)",
            (
                at.given("by hand", [1, -2, 3, 0.5], dout=[1, 0.5, -1, 2]),
                at.random((6,)),
                at.given("zeros", [0, 2, 0, -1], dout=[0.5, 2, 1.5, 1]),
                at.given("all 0", [0, 0, 0], dout=[0.5, 2, 1.5]),
                at.given("all negative", [-1, -0.25, -3]),
                at.given("all positive", [1, 0.25, 3]),
                at.given("large and small", [1000, -1000, 2.0**-10, -(2.0**-10)]),
                at.given("a single entry", [2], dout=0.5),
            ),
        ),
        Feature("a matrix a (N, D)", (at.random((2, 3)), at.given("zeros", [[0, 1], [-1, 0]]))),
        Feature("minibatches a (N, C, L)", (at.random((2, 3, 4)), at.random((2, 1, 3, 2)))),
        Feature(
            "a scalar a",
            (at.given("a scalar", 2, dout=0.5), at.given("a scalar", -1, dout=0.5)),
            free=(0,),
        ),
    )
    return Subject("ReLU", ("a",), "h", features, relu=True)


def conv_block() -> Subject:
    """The lab's block at the lab's points, then whatever Conv1D may take."""
    at = Points("ConvBlock", layers=("Conv1D", "ReLU", "MaxPool"))
    scalar, vector, filters = "a scalar w", "a vector w (K,)", "several filters w (F, K)"
    batch = "minibatches x (N, C, L)"
    features = (
        Feature(
            scalar,
            (
                at.given("a unique maximum", [1, -2, 3, 0.5], 2, dout=1),
                at.given("a unique maximum", [0.5, 2, -1, 1.5], 3, dout=0.5),
                at.random((5,), ()),
                at.given("a negative w", [1, -2, -3, 0.5], -2, dout=2),
                at.given("a tie of two", [3, 3, 1], 1, dout=1),
                at.given("a tie of two", [-2, 1, -2], -1.5, dout=0.5),
                at.given("a tie of three", [2, -1, 2, 2], 1, dout=2),
                at.given("all negative", [-1, -2, -3], 1, dout=0.5),
                at.given("all positive", [1, 2, 3], 1, dout=0.5),
                at.given("a = 0 is the largest", [-1, 0], 1, dout=0.5),
                at.given("w = 0", [1, -2], 0, dout=0.5),
                at.given("a single entry", [2], 1.5, dout=0.5),
            ),
        ),
        Feature(
            vector,
            (
                at.random((6,), (3,)),
                at.random((7,), (2,)),
                at.given("a tie of two", [1, 2, 1, 2, 0], [1, 1], dout=0.5),
            ),
        ),
        Feature(
            "several scalar filters w (F, 1)",
            (at.random((4,), (3, 1)), at.random((5,), (2, 1))),
            free=(0, 1),
        ),
        Feature(filters, (at.random((6,), (2, 3)), at.random((4,), (3, 2)))),
        Feature("channels x (C, L)", (at.random((2, 5), (3, 2, 3)), at.random((3, 4), (2, 3, 2)))),
        Feature(
            batch,
            (
                at.random((2, 3, 4), (5, 3, 2)),
                at.random((3, 1, 5), (2, 1, 3)),
                at.given("ties", [[[1, 2, 1, 0.5]], [[0, 2, 0, 1]]], [[[1, 1]]]),
            ),
        ),
        *(
            Feature(f"b with {what}", (at.biased(*shapes),), within=what, bias=True)
            for what, shapes in (
                (scalar, ((5,), ())),
                (vector, ((5,), (2,))),
                (filters, ((5,), (2, 3))),
                (batch, ((2, 3, 4), (4, 3, 2))),
            )
        ),
    )
    return Subject("ConvBlock", ("x", "w", "b"), "z", features, relu=True, pool=True, scalar=True)


def linear() -> Subject:
    """One example and minibatches, with and without a bias."""
    at = Points("Linear")
    one, batch = "one example x (D,)", "minibatches x (N, D)"
    features = (
        Feature(
            one,
            (
                at.given("by hand", [1, -2, 3], [[2, 0, -1], [0.5, 4, 1]], dout=[1, 0.5]),
                at.random((4,), (3, 4)),
            ),
            free=(1, 2),
        ),
        Feature(batch, (at.random((4, 3), (2, 3)), at.random((2, 3), (5, 3))), free=(1, 2)),
        Feature(f"b with {one}", (at.biased((3,), (2, 3)),), one, bias=True),
        Feature(f"b with {batch}", (at.biased((4, 3), (2, 3)),), batch, bias=True),
    )
    return Subject("Linear", ("x", "w", "b"), "y", features, lab=False)


def flatten() -> Subject:
    """Any number of axes after the first."""
    at = Points("Flatten")
    features = (
        Feature("x (N, C, L)", (at.random((2, 2, 2)), at.random((2, 3, 4)))),
        Feature("x (N, C, H, W)", (at.random((3, 2, 2, 2)),)),
        Feature("x (N, D)", (at.random((3, 4)),)),
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
    block = Points("Sequential", layers=("Conv1D", "ReLU", "MaxPool"))
    deep = Points("Sequential", layers=("Conv1D", "ReLU", "Conv1D", "ReLU", "MaxPool"))
    features = (
        Feature("layers without w", (plain.random((5,)), plain.random((2, 3)))),
        Feature("convolution, ReLU, pool", (block.random((5,), ()), block.random((6,), (3,)))),
        Feature("two convolutions", (deep.random((2, 3, 7), (4, 3, 2), (2, 4, 3)),)),
    )
    return Subject("Sequential", ("x", "w1", "w2"), "output", features, lab=False)

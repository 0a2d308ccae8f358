"""What is asked of Conv1D and Conv2D."""

from engine.check.student.questions.cases import Feature, Subject
from engine.check.student.questions.points import Points

SETTINGS = ("stride", "padding")


def conv1d() -> Subject:
    """The lab's scalar w, vectors, sets of them, channels, minibatches; stride, padding, bias."""
    at = Points("Conv1D")
    scalar, vector, filters = "a scalar w", "a vector w (K,)", "several filters w (F, K)"
    batch = "minibatches x (N, C, L)"
    features = (
        Feature(
            scalar,
            (
                at.given("by hand", [1, -2, 3, 0.5], 2, dout=[1, 0.5, -1, 2]),
                at.random((5,), ()),
                at.given("w = 0", [1, -2, 3], 0),
                at.given("zeros in x", [0, 2, 0, -1], -1.5),
                at.given("a single entry", [3], 2),
                at.given("x all 0", [0, 0, 0], 2),
            ),
        ),
        Feature(
            vector,
            (
                at.given("by hand", [1, -2, 3, 0.5, 4], [2, -1, 0.5], dout=[1, 0.5, -1]),
                at.random((6,), (2,)),
                at.random((7,), (3,)),
                at.given("zeros in w", [1, 2, 3, 4], [0, 1]),
            ),
        ),
        Feature("a w as long as x", (at.random((3,), (3,)),), within=vector),
        Feature(
            "several scalar filters w (F, 1)",
            (at.random((4,), (3, 1)), at.random((5,), (2, 1))),
            free=(0, 1),
        ),
        Feature(filters, (at.random((6,), (2, 3)), at.random((6,), (3, 2)))),
        Feature("channels x (C, L)", (at.random((2, 5), (3, 2, 3)), at.random((3, 4), (2, 3, 2)))),
        Feature(batch, (at.random((3, 1, 5), (2, 1, 3)), at.random((2, 3, 4), (5, 3, 2)))),
        *(
            Feature(f"b with {what}", cases, within=what, bias=True)
            for what, cases in (
                (scalar, (at.biased((4,), ()), at.biased((3,), ()))),
                (vector, (at.biased((5,), (2,)), at.biased((6,), (3,)))),
                (filters, (at.biased((5,), (2, 3)),)),
                (batch, (at.biased((2, 3, 4), (4, 3, 2)), at.biased((3, 1, 5), (2, 1, 3)))),
            )
        ),
        *(
            Feature(f"{what} with {within}", cases, within=within, claimed=claimed)
            for within, shapes in (
                (vector, ((7,), (3,))),
                (scalar, ((5,), ())),
                (filters, ((7,), (2, 3))),
                (batch, ((2, 3, 5), (1, 3, 3))),
            )
            for what, claimed, cases in (
                ("stride", True, (at.random(*shapes, settings={"stride": 2}),)),
                (
                    "a stride that leaves a remainder",
                    True,
                    (at.random((*shapes[0][:-1], 8), shapes[1], settings={"stride": 3}),),
                ),
                (
                    "padding",
                    True,
                    (
                        at.random(*shapes, settings={"padding": 1}),
                        at.random(*shapes, settings={"padding": 2}),
                    ),
                ),
                (
                    "stride and padding",
                    True,
                    (at.random(*shapes, settings={"stride": 2, "padding": 1}),),
                ),
            )
        ),
        Feature(
            "a stride that skips entries",
            (at.random((8,), (2,), settings={"stride": 3}),),
            within=f"stride with {vector}",
        ),
    )
    return Subject("Conv1D", ("x", "w", "b"), "a", features, SETTINGS)


def conv2d() -> Subject:
    """Matrices, sets of filters, channels, minibatches; stride, padding, also by axis; bias."""
    at = Points("Conv2D")
    matrix, filters = "a matrix w (kh, kw)", "several filters w (F, kh, kw)"
    batch = "minibatches x (N, C, H, W)"
    features = (
        Feature(
            matrix,
            (
                at.given(
                    "by hand",
                    [[1, -2, 3], [0.5, 4, -1]],
                    [[2, -1], [0.5, 3]],
                    dout=[[1, 0.5]],
                ),
                at.random((3, 4), (2, 2)),
                at.random((4, 5), (3, 2)),
                at.given("zeros in w", [[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[0, 1], [2, 0]]),
            ),
        ),
        Feature("a w as large as x", (at.random((2, 3), (2, 3)),), within=matrix),
        Feature(filters, (at.random((3, 4), (3, 2, 2)), at.random((4, 4), (2, 2, 3)))),
        Feature(
            "channels x (C, H, W)",
            (at.random((2, 3, 4), (3, 2, 2, 2)), at.random((3, 3, 4), (2, 3, 2, 3))),
        ),
        Feature(
            batch, (at.random((3, 1, 2, 3), (2, 1, 2, 2)), at.random((2, 3, 2, 4), (4, 3, 2, 3)))
        ),
        *(
            Feature(f"b with {what}", cases, within=what, bias=True)
            for what, cases in (
                (matrix, (at.biased((3, 4), (2, 2)), at.biased((3, 3), (2, 2)))),
                (filters, (at.biased((3, 4), (3, 2, 2)),)),
                (batch, (at.biased((2, 3, 3, 3), (4, 3, 2, 2)),)),
            )
        ),
        *(
            Feature(f"{what} with {within}", (case,), within=within, claimed=claimed)
            for within, shapes in (
                (matrix, ((4, 5), (2, 3))),
                (filters, ((4, 5), (2, 2, 3))),
                (batch, ((2, 1, 4, 5), (2, 1, 2, 3))),
            )
            for what, claimed, case in (
                ("stride", True, at.random(*shapes, settings={"stride": 2})),
                (
                    "a stride that leaves a remainder",
                    True,
                    at.random((*shapes[0][:-2], 5, 6), shapes[1], settings={"stride": 2}),
                ),
                (
                    "padding",
                    True,
                    at.random((*shapes[0][:-2], 2, 3), shapes[1], settings={"padding": 1}),
                ),
                (
                    "stride and padding",
                    True,
                    at.random(*shapes, settings={"stride": 2, "padding": 1}),
                ),
            )
        ),
        *(
            Feature(
                f"a pair as {setting} with {within}",
                (case,),
                within=f"{setting} with {within}",
                claimed=False,
            )
            for within, shapes in (
                (matrix, ((4, 5), (2, 3))),
                (batch, ((2, 1, 4, 5), (3, 1, 2, 3))),
            )
            for setting, case in (
                ("stride", at.random(*shapes, settings={"stride": (2, 1)})),
                ("padding", at.random(*shapes, settings={"padding": (0, 1)})),
            )
        ),
    )
    return Subject("Conv2D", ("x", "w", "b"), "a", features, SETTINGS, axes=2)

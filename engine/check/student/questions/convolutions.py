"""What is asked of Conv1D and Conv2D, in each form that x and w may have."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

from engine.check.student.questions.cases import NO_SETTINGS, Case, Feature, Settings, Subject
from engine.check.student.questions.points import Points, Shape

SETTINGS = ("stride", "padding")
SCALAR: Final = "a scalar w"
RECTANGULAR: Final = "a rectangular w"


class Form(NamedTuple):
    """The axes of x and of w before the spatial ones."""

    name: str
    of_x: Shape
    of_w: Shape


Space: TypeAlias = tuple[Shape, Shape, Settings]
"""The spatial shapes of x and of w, and the settings."""

WINDOWS: Final[Mapping[str, Sequence[tuple[int, int, Settings]]]] = {
    "a w as long as x": ((3, 3, NO_SETTINGS),),
    "a w of one entry": ((4, 1, NO_SETTINGS),),
    "stride": ((7, 3, {"stride": 2}), (6, 2, {"stride": 2}), (6, 3, {"stride": 3})),
    "a stride that leaves a remainder": ((8, 3, {"stride": 2}), (8, 3, {"stride": 3})),
    "a stride that skips entries": ((8, 2, {"stride": 3}),),
    "padding": ((4, 3, {"padding": 1}), (3, 3, {"padding": 2}), (3, 2, {"padding": 1})),
    "stride and padding": (
        (5, 3, {"stride": 2, "padding": 1}),
        (6, 2, {"stride": 2, "padding": 1}),
    ),
}
"""Along each axis: how long x is, how long w, and the settings."""

OBLONG: Final[Mapping[str, Sequence[Space]]] = {
    "an x that is no square": (
        ((3, 4), (2, 2), NO_SETTINGS),
        ((5, 4), (3, 3), NO_SETTINGS),
    ),
    "stride, and an x that is no square": (
        ((4, 6), (2, 2), {"stride": 2}),
        ((6, 4), (2, 2), {"stride": 2}),
    ),
    "stride and padding, and an x that is no square": (
        ((3, 5), (3, 3), {"stride": 2, "padding": 1}),
    ),
    RECTANGULAR: (((4, 5), (3, 2), NO_SETTINGS), ((3, 4), (2, 3), NO_SETTINGS)),
    "a rectangular w as large as x": (((2, 3), (2, 3), NO_SETTINGS),),
    "a rectangular w and stride": (((4, 5), (2, 3), {"stride": 2}),),
    "a rectangular w and padding": (((2, 3), (2, 3), {"padding": 1}),),
    "a rectangular w, stride and padding": (((4, 5), (2, 3), {"stride": 2, "padding": 1}),),
    "a pair as stride": (
        ((4, 5), (2, 2), {"stride": (2, 1)}),
        ((4, 4), (2, 2), {"stride": (1, 2)}),
    ),
    "a pair as padding": (
        ((3, 3), (2, 2), {"padding": (0, 1)}),
        ((3, 3), (2, 2), {"padding": (1, 0)}),
    ),
    "pairs as stride and padding": (((3, 4), (2, 2), {"stride": (1, 2), "padding": (1, 0)}),),
}
"""What only two axes have."""


def conv1d() -> Subject:
    """The lab's scalar w, vectors, sets of them, channels, minibatches; stride, padding, bias."""
    at = Points("Conv1D")
    vector = Form("a vector w (K,)", (), ())
    filters = Form("several filters w (F, K)", (), (2,))
    channels = Form("channels x (C, L)", (2,), (3, 2))
    batch = Form("minibatches x (N, C, L)", (2, 3), (2, 3))
    features = (
        Feature(
            "",
            (
                at.given("by hand", [1, -2, 3, 0.5], 2, dout=[1, 0.5, -1, 2]),
                at.random((5,), ()),
                at.given("w = 0", [1, -2, 3], 0),
                at.given("zeros in x", [0, 2, 0, -1], -1.5),
                at.given("a single entry", [3], 2),
                at.given("x all 0", [0, 0, 0], 2),
            ),
            SCALAR,
        ),
        _biased(SCALAR, at.biased((4,), ()), at.biased((3,), ())),
        *_asked_of_a_scalar(at),
        Feature(
            "",
            (
                at.given("by hand", [1, -2, 3, 0.5, 4], [2, -1, 0.5], dout=[1, 0.5, -1]),
                at.random((6,), (2,)),
                at.random((7,), (3,)),
                at.given("zeros in w", [1, 2, 3, 4], [0, 1]),
            ),
            vector.name,
        ),
        _biased(vector.name, at.biased((5,), (2,)), at.biased((6,), (3,))),
        *_asked(at, vector),
        Feature(
            "",
            (at.random((4,), (3, 1)), at.random((5,), (2, 1))),
            "several scalar filters w (F, 1)",
            free=(0, 1),
        ),
        Feature("", (at.random((6,), (2, 3)), at.random((6,), (3, 2))), filters.name),
        _biased(filters.name, at.biased((5,), (2, 3))),
        *_asked(at, filters),
        Feature("", (at.random((2, 5), (3, 2, 3)), at.random((3, 4), (2, 3, 2))), channels.name),
        _biased(channels.name, at.biased((2, 5), (3, 2, 3))),
        *_asked(at, channels),
        Feature("", (at.random((3, 1, 5), (2, 1, 3)), at.random((2, 3, 4), (5, 3, 2))), batch.name),
        _biased(batch.name, at.biased((2, 3, 4), (4, 3, 2)), at.biased((3, 1, 5), (2, 1, 3))),
        *_asked(at, batch),
    )
    return Subject("Conv1D", ("x", "w", "b"), "a", features, SETTINGS)


def conv2d() -> Subject:
    """Matrices, sets of filters, channels, minibatches; stride, padding, also by axis; bias.

    Square first: a class may be for squares alone.
    """
    at = Points("Conv2D")
    matrix = Form("a matrix w (kh, kw)", (), ())
    filters = Form("several filters w (F, kh, kw)", (), (3,))
    channels = Form("channels x (C, H, W)", (2,), (3, 2))
    batch = Form("minibatches x (N, C, H, W)", (2, 1), (3, 1))
    features = (
        Feature(
            "",
            (
                at.given(
                    "by hand",
                    [[1, -2, 3], [0.5, 4, -1], [2, 0, -3]],
                    [[2, -1], [0.5, 3]],
                    dout=[[1, 0.5], [-1, 2]],
                ),
                at.random((4, 4), (2, 2)),
                at.random((5, 5), (3, 3)),
                at.given("zeros in w", [[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[0, 1], [2, 0]]),
            ),
            matrix.name,
        ),
        _biased(matrix.name, at.biased((4, 4), (2, 2)), at.biased((3, 3), (2, 2))),
        *_asked_in_2d(at, matrix),
        Feature("", (at.random((4, 4), (3, 2, 2)), at.random((4, 4), (2, 3, 3))), filters.name),
        _biased(filters.name, at.biased((3, 3), (3, 2, 2))),
        *_asked_in_2d(at, filters),
        Feature(
            "",
            (at.random((2, 3, 3), (3, 2, 2, 2)), at.random((3, 4, 4), (2, 3, 3, 3))),
            channels.name,
        ),
        _biased(channels.name, at.biased((2, 3, 3), (3, 2, 2, 2))),
        *_asked_in_2d(at, channels),
        Feature(
            "",
            (at.random((3, 1, 3, 3), (2, 1, 2, 2)), at.random((2, 3, 4, 4), (4, 3, 3, 3))),
            batch.name,
        ),
        _biased(batch.name, at.biased((2, 3, 3, 3), (4, 3, 2, 2))),
        *_asked_in_2d(at, batch),
    )
    return Subject("Conv2D", ("x", "w", "b"), "a", features, SETTINGS, axes=2)


def _biased(form: str, *cases: Case) -> Feature:
    return Feature("b", cases, form, within=form, bias=True)


def _asked_of_a_scalar(at: Points) -> Iterator[Feature]:
    """Of a scalar, which is a kernel of one entry."""
    for what, length, settings in (
        ("stride", 5, ({"stride": 2},)),
        ("a stride that leaves a remainder", 8, ({"stride": 3},)),
        ("padding", 5, ({"padding": 1}, {"padding": 2})),
        ("stride and padding", 5, ({"stride": 2, "padding": 1},)),
    ):
        cases = tuple(at.random((length,), (), settings=each) for each in settings)
        yield Feature(what, cases, SCALAR, within=SCALAR)


def _asked(at: Points, form: Form) -> Iterator[Feature]:
    for what, windows in WINDOWS.items():
        spaces = [((length,), (kernel,), settings) for length, kernel, settings in windows]
        yield _feature(at, what, form, spaces)


def _asked_in_2d(at: Points, form: Form) -> Iterator[Feature]:
    for what, windows in WINDOWS.items():
        spaces = [((side,) * 2, (kernel,) * 2, settings) for side, kernel, settings in windows]
        yield _feature(at, what.replace("long", "large"), form, spaces)
    for what, oblong in OBLONG.items():
        yield _feature(at, what, form, oblong)


def _feature(at: Points, what: str, form: Form, spaces: Sequence[Space]) -> Feature:
    """Everything about a rectangular w belongs to a class that takes one.

    Who names a setting claims neither pairs nor images that are no squares.
    """
    nested = what.startswith(RECTANGULAR) and what != RECTANGULAR
    cases = [
        at.random((*form.of_x, *x), (*form.of_w, *w), settings=settings)
        for x, w, settings in spaces
    ]
    return Feature(
        what,
        tuple(cases),
        form.name,
        within=f"{RECTANGULAR} with {form.name}" if nested else form.name,
        claimed="pair" not in what and "no square" not in what,
        free=(0,) if "pair" in what else (),
    )

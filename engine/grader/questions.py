"""What each class is asked: its features, and for each the cases on which it is run."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import cycle
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np

from engine.arrays import Array
from engine.grader.cases import BY_HAND, NO_SETTINGS, RANDOM, Case, Feature, Settings, Topic, layer
from engine.layers import ConvBlock
from engine.trace import trace

Shape = tuple[int, ...]

LEADS: Final[tuple[tuple[Shape, ...], ...]] = (
    ((),),
    ((2,), (3,), (1,)),
    ((3, 1), (2, 3), (1, 2)),
)
"""The axes before the spatial ones: none; channels; examples and channels. The shapes given for
each are used in turn."""


class Points:
    """Makes the cases of one class; the same ones each time.

    All numbers are dyadic, k / 2^n, so that sums are exact and ties are ties.
    """

    def __init__(self, name: str, layers: tuple[str, ...] = ()) -> None:
        self._name, self._layers = name, layers
        self._generator = np.random.default_rng(len(name))

    def of(self, *layers: str) -> "Points":
        """Return points of the same class built on these layers, drawn from the start again."""
        return Points(self._name, layers)

    def random(self, *shapes: Shape, settings: Settings = NO_SETTINGS) -> Case:
        """Return a case with inputs of these shapes, away from kinks."""
        while True:
            inputs = tuple(self._distinct(*shape) for shape in shapes)
            case = self._case(RANDOM, inputs, settings, None)
            if not self._at_kink(case):  # sums of products may tie
                return case

    def given(
        self,
        point: str,
        *inputs: Any,
        dout: Any = None,
        settings: Settings = NO_SETTINGS,
        labels: Sequence[int] | None = None,
        bound: bool = False,
    ) -> Case:
        """Return a case with inputs by hand, and dout by hand or drawn.

        A drawn dout is positive here: only then do brackets of one-sided derivatives hold the right
        gradients at kinks.
        """
        truth = None if labels is None else np.array(labels, dtype=np.int64)
        arrays = tuple(map(array, inputs))
        return self._case(point, arrays, settings, dout, labels=truth, bound=bound)

    def biased(self, *shapes: Shape) -> Case:
        """Return a random case with a bias b; with several filters not all of db is positive."""
        case = self.random(*shapes)
        b, dout = case.spare, case.dout.copy()
        assert b is not None
        if b.ndim:
            back = np.moveaxis(dout, -1 - {"Conv1D": 1, "Conv2D": 2}.get(self._name, 0), 0)
            if (back.reshape(b.size, -1).sum(axis=1) > 0).all():
                back[-1] *= -1
        return replace(case, inputs=(*case.inputs, b), dout=dout)

    def _case(
        self, point: str, inputs: tuple[Array, ...], settings: Settings, dout: Any, **more: Any
    ) -> Case:
        draft = Case(point, inputs, array(0), settings, layers=self._layers, **more)
        made = layer(self._name, draft)
        output = np.asarray(made.forward(*inputs))
        if dout is None:
            drawn = self._upstream(output.shape, positive=point != RANDOM)
        else:
            drawn = np.broadcast_to(array(dout), output.shape).copy()
        return replace(draft, dout=drawn, spare=self._spare(inputs))

    def _at_kink(self, case: Case) -> bool:
        passed = trace(layer(self._name, case), *case.inputs, dout=case.dout)
        return any(kinked.any() for step in passed.steps for kinked in step.kinked)

    def _spare(self, inputs: tuple[Array, ...]) -> Array | None:
        """Return a bias for w, the second input of ConvBlock, Conv and Linear; None without w."""
        if len(inputs) != 2:
            return None
        w = inputs[1]
        axes = 2 if self._name == "Conv2D" else 1
        filters = w.shape[:1] if w.ndim > axes else ()
        return self._distinct(*filters) + 0.25

    def _distinct(self, *shape: int) -> Array:
        """Return values of both signs, none of them 0 and no two alike."""
        count = int(np.prod(shape))
        drawn = (self._generator.permutation(count) - count // 2 + 0.5) / 2
        return np.asarray(drawn.reshape(shape))

    def _upstream(self, shape: Shape, *, positive: bool) -> Array:
        """Return upstream gradients: never 0, 1 or −1, and up to twelve of them of unequal size."""
        count = int(np.prod(shape))
        drawn = 0.5 + 0.25 * (self._generator.permutation(count) % 12)
        drawn[drawn == 1] = 3.75
        if not positive:
            drawn *= np.where(np.arange(count) % 3 == 1, -1, 1)
        return np.asarray(drawn.reshape(shape))


class Form:
    """Makes cases of one input, with the axes of this form before the spatial ones."""

    def __init__(self, at: Points, name: str, leads: Sequence[Shape]) -> None:
        self.name = name
        self._at, self._leads, self._axes = at, cycle(leads), len(leads[0])

    def random(self, *space: int, settings: Settings = NO_SETTINGS) -> Case:
        """Return a case away from kinks, with an input of the shape (*lead, *space)."""
        return self._at.random((*next(self._leads), *space), settings=settings)

    def given(
        self, point: str, values: Any, *, dout: Any = None, settings: Settings = NO_SETTINGS
    ) -> Case:
        """Return a case by hand; channels and examples have the same numbers, reversed in turn."""
        if not self._axes:
            return self._at.given(point, values, dout=dout, settings=settings)
        number = None if np.ndim(dout) else dout  # the same for every output
        return self._at.given(point, stacked(values, self._axes), dout=number, settings=settings)

    def asks(self, what: str, *cases: Case, **more: Any) -> Feature:
        """Return a feature: what a class is asked to do in this form."""
        return Feature(what, cases, self.name, **more)


def forms(at: Points, *names: str) -> Iterator[Form]:
    """Yield the forms by these names: without further axes, with channels, with examples too."""
    return (Form(at, name, leads) for name, leads in zip(names, LEADS, strict=True))


def array(values: Any) -> Array:
    """Return numbers that are written by hand as an array."""
    return np.array(values, dtype=np.float64)


def stacked(values: Any, axes: int) -> Array:
    """Put the values beside themselves, reversed: (*S,) -> (2, *S) or (2, 2, *S)."""
    channels = np.stack([array(values), np.flip(array(values))])
    return channels if axes == 1 else np.stack([channels, channels[::-1]])


CONVOLUTION_SETTINGS = ("stride", "padding")
SCALAR: Final = "a scalar w"


class Leads(NamedTuple):
    """The axes of x and of w before the spatial ones."""

    name: str
    of_x: Shape
    of_w: Shape


Space: TypeAlias = tuple[Shape, Shape, Settings]  # the spatial shapes of x and w, and the settings

CONVOLVED: Final[Mapping[str, Sequence[tuple[int, int, Settings]]]] = {
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
"""Along each axis: the length of x, that of w, and the settings."""

NO_SQUARES: Final[Mapping[str, Sequence[Space]]] = {
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
}
RECTANGULAR: Final[Sequence[Space]] = (
    ((4, 5), (3, 2), NO_SETTINGS),
    ((3, 4), (2, 3), NO_SETTINGS),
)
OF_RECTANGULAR: Final[Mapping[str, Sequence[Space]]] = {
    "a rectangular w as large as x": (((2, 3), (2, 3), NO_SETTINGS),),
    "a rectangular w and stride": (((4, 5), (2, 3), {"stride": 2}),),
    "a rectangular w and padding": (((2, 3), (2, 3), {"padding": 1}),),
    "a rectangular w, stride and padding": (((4, 5), (2, 3), {"stride": 2, "padding": 1}),),
}
"""What is asked only of a class that takes a rectangular w."""

PAIRS: Final[Mapping[str, Sequence[Space]]] = {
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


def _taking(form: str, *cases: Case, free: tuple[int, ...] = ()) -> Feature:
    """Return the feature that a form of the inputs is taken at all."""
    return Feature("", cases, form, free=free)


def conv1d(at: Points) -> Iterator[Feature]:
    """Yield the lab's scalar w, vectors, filters, channels, minibatches; stride, padding, b."""
    vector = Leads("a vector w (K,)", (), ())
    filters = Leads("several filters w (F, K)", (), (2,))
    channels = Leads("channels x (C, L)", (2,), (3, 2))
    batch = Leads("minibatches x (N, C, L)", (2, 3), (2, 3))
    yield _taking(
        SCALAR,
        at.given(BY_HAND, [1, -2, 3, 0.5], 2, dout=[1, 0.5, -1, 2]),
        at.random((5,), ()),
        at.given("w = 0", [1, -2, 3], 0),
        at.given("zeros in x", [0, 2, 0, -1], -1.5),
        at.given("a single entry", [3], 2),
        at.given("x all 0", [0, 0, 0], 2),
    )
    yield _biased(SCALAR, at.biased((4,), ()), at.biased((3,), ()))
    yield from _convolved_with_a_scalar(at)
    yield _taking(
        vector.name,
        at.given(BY_HAND, [1, -2, 3, 0.5, 4], [2, -1, 0.5], dout=[1, 0.5, -1]),
        at.random((6,), (2,)),
        at.random((7,), (3,)),
        at.given("zeros in w", [1, 2, 3, 4], [0, 1]),
    )
    yield _biased(vector.name, at.biased((5,), (2,)), at.biased((6,), (3,)))
    yield from _convolved(at, vector)
    scalars = at.random((4,), (3, 1)), at.random((5,), (2, 1))
    yield _taking("several scalar filters w (F, 1)", *scalars, free=(0, 1))
    yield _taking(filters.name, at.random((6,), (2, 3)), at.random((6,), (3, 2)))
    yield _biased(filters.name, at.biased((5,), (2, 3)))
    yield from _convolved(at, filters)
    yield _taking(channels.name, at.random((2, 5), (3, 2, 3)), at.random((3, 4), (2, 3, 2)))
    yield _biased(channels.name, at.biased((2, 5), (3, 2, 3)))
    yield from _convolved(at, channels)
    yield _taking(batch.name, at.random((3, 1, 5), (2, 1, 3)), at.random((2, 3, 4), (5, 3, 2)))
    yield _biased(batch.name, at.biased((2, 3, 4), (4, 3, 2)), at.biased((3, 1, 5), (2, 1, 3)))
    yield from _convolved(at, batch)


def conv2d(at: Points) -> Iterator[Feature]:
    """Yield matrices, several filters, channels, minibatches; stride and padding, by axis too; b.

    Squares come first, since a class may take nothing else.
    """
    matrix = Leads("a matrix w (kh, kw)", (), ())
    filters = Leads("several filters w (F, kh, kw)", (), (3,))
    channels = Leads("channels x (C, H, W)", (2,), (3, 2))
    batch = Leads("minibatches x (N, C, H, W)", (2, 1), (3, 1))
    hand = [[1, -2, 3], [0.5, 4, -1], [2, 0, -3]], [[2, -1], [0.5, 3]]
    yield _taking(
        matrix.name,
        at.given(BY_HAND, *hand, dout=[[1, 0.5], [-1, 2]]),
        at.random((4, 4), (2, 2)),
        at.random((5, 5), (3, 3)),
        at.given("zeros in w", [[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[0, 1], [2, 0]]),
    )
    yield _biased(matrix.name, at.biased((4, 4), (2, 2)), at.biased((3, 3), (2, 2)))
    yield from _convolved_2d(at, matrix)
    yield _taking(filters.name, at.random((4, 4), (3, 2, 2)), at.random((4, 4), (2, 3, 3)))
    yield _biased(filters.name, at.biased((3, 3), (3, 2, 2)))
    yield from _convolved_2d(at, filters)
    drawn = at.random((2, 3, 3), (3, 2, 2, 2)), at.random((3, 4, 4), (2, 3, 3, 3))
    yield _taking(channels.name, *drawn)
    yield _biased(channels.name, at.biased((2, 3, 3), (3, 2, 2, 2)))
    yield from _convolved_2d(at, channels)
    drawn = at.random((3, 1, 3, 3), (2, 1, 2, 2)), at.random((2, 3, 4, 4), (4, 3, 3, 3))
    # In the first two there are more filters than channels.
    yield _taking(batch.name, *drawn, at.of().random((2, 3, 3, 3), (2, 3, 2, 2)))
    yield _biased(batch.name, at.biased((2, 3, 3, 3), (4, 3, 2, 2)))
    yield from _convolved_2d(at, batch)


def _biased(form: str, *cases: Case) -> Feature:
    return Feature("b", cases, form, within=form, bias=True)


def _convolved_with_a_scalar(at: Points) -> Iterator[Feature]:
    """Yield the settings with a scalar w, which is a kernel of one entry."""
    for what, length, settings in (
        ("stride", 5, ({"stride": 2},)),
        ("a stride that leaves a remainder", 8, ({"stride": 3},)),
        ("padding", 5, ({"padding": 1}, {"padding": 2})),
        ("stride and padding", 5, ({"stride": 2, "padding": 1},)),
    ):
        cases = tuple(at.random((length,), (), settings=each) for each in settings)
        yield Feature(what, cases, SCALAR, within=SCALAR)


def _convolved(at: Points, leads: Leads) -> Iterator[Feature]:
    for what, windows in CONVOLVED.items():
        spaces = [((length,), (kernel,), settings) for length, kernel, settings in windows]
        yield _feature(at, what, leads, spaces)


def _convolved_2d(at: Points, leads: Leads) -> Iterator[Feature]:
    """Yield the settings; to name one claims neither images that are not square nor pairs."""
    for what, windows in CONVOLVED.items():
        spaces = [((side,) * 2, (kernel,) * 2, settings) for side, kernel, settings in windows]
        yield _feature(at, what.replace("long", "large"), leads, spaces)
    for what, no_squares in NO_SQUARES.items():
        yield _feature(at, what, leads, no_squares, claimed=False)
    rectangular = _feature(at, "a rectangular w", leads, RECTANGULAR)
    yield rectangular
    for what, further in OF_RECTANGULAR.items():
        yield _feature(at, what, leads, further, within=rectangular.name)
    for what, pairs in PAIRS.items():
        yield _feature(at, what, leads, pairs, claimed=False, free=(0,))


def _feature(
    at: Points, what: str, leads: Leads, spaces: Sequence[Space], *, within: str = "", **more: Any
) -> Feature:
    cases = tuple(
        at.random((*leads.of_x, *x), (*leads.of_w, *w), settings=settings)
        for x, w, settings in spaces
    )
    return Feature(what, cases, leads.name, within or leads.name, **more)


POOL_SETTINGS = ("size", "stride", "padding")

Rows = Sequence[Sequence[float]]


def max_pool(at: Points) -> Iterator[Feature]:
    """Yield the whole axis, as in the lab; windows that meet, overlap, skip, reach into padding."""
    for form in forms(at, "h (L,)", "channels h (C, L)", "minibatches h (N, C, L)"):
        yield _whole_axis(form)
        yield from _windows(form)


def max_pool_2d(at: Points) -> Iterator[Feature]:
    """Yield both axes whole, and windows as in MaxPool, with pairs too."""
    for form in forms(at, "h (H, W)", "channels h (C, H, W)", "minibatches h (N, C, H, W)"):
        yield _both_axes_whole(form)
        yield from _windows_2d(form)


def _settings(size: Any, stride: Any = None, padding: Any = 0) -> dict[str, Any]:
    """Return a pool's settings; a class that takes no stride still has stride = size."""
    settings = {"size": size, "stride": size if stride is None else stride}
    return {**settings, "padding": padding} if padding else settings


def _whole_axis(form: Form) -> Feature:
    return form.asks(
        "the whole axis",
        form.given(BY_HAND, [1, -2, 3, 0.5], dout=1),
        form.random(5),
        form.random(4),
        form.given("a tie of two", [3, 1, 3], dout=0.5),
        form.given("a tie of three", [2, -1, 2, 2], dout=2),
        form.given("all alike", [1, 1, 1, 1], dout=1.5),
        form.given("all negative", [-3, -1, -2], dout=0.5),
        form.given("a tie at 0", [0, -1, 0], dout=1.5),
        form.given("a single entry", [2], dout=0.5),
        form.given("nothing comes back", [1, 2, 3], dout=0),
    )


def _both_axes_whole(form: Form) -> Feature:
    return form.asks(
        "both axes whole",
        form.given(BY_HAND, [[1, -2, 3], [0.5, 4, -1]], dout=1),
        form.random(3, 4),
        form.random(4, 2),
        form.given("a tie of two", [[3, 1], [2, 3]], dout=0.5),
        form.given("all alike", [[1, 1], [1, 1]], dout=1.5),
        form.given("all negative", [[-3, -1], [-2, -4]], dout=0.5),
    )


def _windows(form: Form) -> Iterator[Feature]:
    two, three, overlap = _settings(2), _settings(3), _settings(3, 1)
    padded, both = _settings(2, 2, 1), _settings(3, 2, 1)
    ties, negative = [2, 2, 1, 3, -1, -1], [-1, -2, -4, -3]
    windows = form.asks(
        "windows",
        # An entry as large as another window's maximum is not one in its own window.
        form.given(BY_HAND, [1, 4, 4, 5, -1, -2], dout=[1, 0.5, 2], settings=two),
        form.random(4, settings=two),
        form.random(6, settings=three),
        form.given("ties", ties, settings=two),
        form.given("ties", ties, settings=three),
        form.given("all negative", negative, settings=two),
    )
    yield windows
    further = partial(form.asks, within=windows.name)
    yield further(
        "windows that leave a remainder",
        form.random(7, settings=two),
        form.random(5, settings=three),
        claimed=False,  # naming a setting does not claim this
    )
    yield further(
        "windows that overlap",
        form.random(6, settings=overlap),
        form.given(BY_HAND, [1, 4, 3, 2, 0], dout=[1, 0.5, 2], settings=overlap),
        form.random(7, settings=_settings(3, 2)),
        form.given("ties", [3, 3, 3, 1, 3], settings=_settings(2, 1)),
        form.given("ties", [3, 1, 3, 3, 2, 3], settings=overlap),
        form.given("all negative", negative, settings=overlap),
    )
    yield further(
        "windows that skip entries",
        form.random(8, settings=_settings(2, 3)),
        form.given("ties", [2, 2, 9, 1, 1, 9, -1, -1], settings=_settings(2, 3)),
    )
    yield further(
        "padding",
        form.given("all negative", negative, settings=padded),
        form.random(5, settings=both),
        form.random(4, settings=padded),
        form.random(4, settings=_settings(3, 1, 1)),
        form.given("all negative", negative, settings=_settings(3, 1, 1)),
        form.given("ties", [0, 0, 0, -1, -1, -2], settings=padded),
    )


def _windows_2d(form: Form) -> Iterator[Feature]:
    two, three, overlap = _settings(2), _settings(3), _settings(2, 1)
    padded = _settings(2, 2, 1)
    hand: Rows = [[1, 4, 4, 2], [-1, -2, 5, 6], [0, 0.5, -3, -4], [7, 2, -6, -5]]
    ties: Rows = [[2, 2, 1, 0], [2, 1, 0, 0], [3, 1, -1, -1], [1, 3, -2, -1]]
    negative: Rows = [[-1, -2, -5], [-4, -3, -6], [-9, -8, -7]]
    windows = form.asks(
        "windows",
        form.given(BY_HAND, hand, dout=[[1, 0.5], [2, -1]], settings=two),
        form.random(4, 4, settings=two),
        form.random(6, 6, settings=three),
        form.given("ties", ties, settings=two),
        form.given("ties", [row[:3] for row in ties[1:]], settings=three),
        form.given("all negative", [[-1, -2], [-4, -3]], settings=two),
        form.given("all negative", negative, settings=three),
    )
    yield windows
    further = partial(form.asks, within=windows.name)
    yield further(
        "windows over a rectangle",
        form.random(4, 6, settings=two),
        form.random(6, 2, settings=two),
    )
    yield further(
        "windows that leave a remainder",
        form.random(5, 5, settings=two),
        form.random(5, 5, settings=three),
        claimed=False,  # naming a setting does not claim this
    )
    yield further(
        "windows that overlap",
        form.random(4, 4, settings=overlap),
        form.random(5, 5, settings=_settings(3, 1)),
        form.random(5, 5, settings=_settings(3, 2)),
        form.given("ties", ties, settings=overlap),
        form.given("ties", ties, settings=_settings(3, 1)),
        form.given("all negative", negative, settings=overlap),
    )
    yield further(
        "windows that skip entries",
        form.random(5, 5, settings=_settings(2, 3)),
        form.given("ties", [[*row[:2], 9, *row[:2]] for row in ties[:2]], settings=_settings(2, 3)),
    )
    yield further(
        "padding",
        form.given("all negative", negative, settings=_settings(3, 2, 1)),
        form.random(4, 4, settings=padded),
        form.random(5, 5, settings=_settings(3, 2, 1)),
        form.random(4, 4, settings=_settings(3, 1, 1)),
        form.given("all negative", [[-1, -2], [-4, -3]], settings=padded),
        form.given("ties", ties, settings=padded),
    )
    paired = partial(further, claimed=False, free=(0,))
    yield paired(
        "a pair as size",
        form.random(4, 6, settings=_settings((2, 3))),
        form.random(6, 4, settings=_settings((3, 1))),
    )
    yield paired(
        "a pair as size, and a number as stride",
        form.random(4, 6, settings=_settings((2, 4), 2)),
        form.random(6, 4, settings=_settings((4, 2), 2)),
    )
    yield paired(
        "a pair as stride",
        form.random(4, 5, settings=_settings(2, (2, 1))),
        form.given("ties", ties, settings=_settings(2, (1, 2))),
    )
    yield paired(
        "a pair as padding",
        form.random(4, 4, settings=_settings(2, 2, (1, 0))),
        form.given(
            "all negative", [row[:2] for row in negative[:2]], settings=_settings(2, 2, (0, 1))
        ),
    )


Lift: TypeAlias = Callable[[Array, float], tuple[Any, Any]]
"""Turns the lab's x and scalar w into those of a form, with the same a = w x."""


def relu(at: Points) -> Iterator[Feature]:
    """Yield entries of every sign in every shape."""
    for form in forms(at, "a vector a (L,)", "a matrix a (N, D)", "minibatches a (N, C, L)"):
        yield _taking(form.name, *_of_every_sign(form))
    yield _taking(
        "minibatches a (N, C, H, W)",
        at.random((2, 1, 3, 2)),
        at.random((1, 3, 2, 2)),
        at.given("zeros", [[[[0, 2], [0, -1]]], [[[3, 0], [-2, 0]]]]),
        at.given("all 0", np.zeros((2, 2, 1, 2))),
        at.given("all negative", [[[[-1, -0.25], [-3, -2]]]]),
        at.given("all positive", [[[[1, 0.25], [3, 2]]]]),
    )
    scalars = at.given(BY_HAND, 2, dout=0.5), at.given(BY_HAND, -1, dout=0.5)
    yield _taking("a scalar a", *scalars, free=(0,))


def _of_every_sign(form: Form) -> tuple[Case, ...]:
    return (
        form.given(BY_HAND, [1, -2, 3, 0.5], dout=[1, 0.5, -1, 2]),
        form.random(6),
        form.random(4),
        form.given("zeros", [0, 2, 0, -1], dout=[0.5, 2, 1.5, 1]),
        form.given("all 0", [0, 0, 0], dout=[0.5, 2, 1.5]),
        form.given("all negative", [-1, -0.25, -3]),
        form.given("all positive", [1, 0.25, 3]),
        form.given("large and small", [1000, -1000, 2.0**-10, -(2.0**-10)]),
        form.given("a single entry", [2], dout=0.5),
    )


PARTS: Final = tuple(each.title for each in ConvBlock().layers)
"""The classes that a ConvBlock is, or may be, made of."""
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


def conv_block(at: Points) -> Iterator[Feature]:
    """Yield the lab's block at the lab's points, in every form that x and w have."""
    at = at.of(*PARTS)
    for form, block in BLOCKS.items():
        cases = (
            *(at.random(*shapes) for shapes in block.drawn),
            *(at.given(point, *block.lift(np.array(x), w), dout=dz) for point, x, w, dz in LAB),
        )
        yield _taking(form, *cases, free=block.free)
        if block.biased:
            yield _biased(form, at.biased(*block.biased))


def _kernel(w: float) -> Array:
    """Return a kernel (K,) that computes w x."""
    return np.array([w, 0.0])


def _kernels(w: float) -> Array:
    """Return kernels (F, C, K): w x of the first channel, and 0.5 w x of the second."""
    other = 0 * _kernel(w)
    return np.array([[_kernel(w), other], [other, 0.5 * _kernel(w)]])


def _longer(x: Array) -> Array:
    """Repeat the last entry, which such kernels read with a weight of 0."""
    return np.concatenate([x, x[..., -1:]], axis=-1)


class Block(NamedTuple):
    """A form of the block."""

    drawn: Sequence[Sequence[Shape]]  # random shapes of x and w
    biased: Sequence[Shape]  # shapes with a bias
    lift: Lift  # for the lab's points
    free: tuple[int, ...] = ()  # as in `Feature`


BLOCKS: Final[Mapping[str, Block]] = {
    "a scalar w": Block((((5,), ()), ((4,), ())), ((5,), ()), lambda x, w: (x, w)),
    "a vector w (K,)": Block(
        (((6,), (3,)), ((7,), (2,))),
        ((5,), (2,)),
        lambda x, w: (_longer(x), _kernel(w)),
    ),
    "several scalar filters w (F, 1)": Block(
        (((4,), (3, 1)), ((5,), (2, 1))),
        (),
        lambda x, w: (x, [[w], [0.5 * w]]),
        free=(0, 1),
    ),
    "several filters w (F, K)": Block(
        (((6,), (2, 3)), ((4,), (3, 2))),
        ((5,), (2, 3)),
        lambda x, w: (_longer(x), [_kernel(w), 0.5 * _kernel(w)]),
    ),
    "channels x (C, L)": Block(
        (((2, 5), (3, 2, 3)), ((3, 4), (2, 3, 2))),
        ((2, 5), (3, 2, 3)),
        lambda x, w: (_longer(stacked(x, 1)), _kernels(w)),
    ),
    "minibatches x (N, C, L)": Block(
        (((2, 3, 4), (5, 3, 2)), ((3, 1, 5), (2, 1, 3))),
        ((2, 3, 4), (4, 3, 2)),
        lambda x, w: (_longer(stacked(x, 2)), _kernels(w)),
    ),
}


def linear(at: Points) -> Iterator[Feature]:
    """Yield one example and minibatches, with and without a bias."""
    one, batch = "one example x (D,)", "minibatches x (N, D)"
    yield _taking(
        one,
        at.given(BY_HAND, [1, -2, 3], [[2, 0, -1], [0.5, 4, 1]], dout=[1, 0.5]),
        at.random((4,), (3, 4)),
        at.random((1,), (2, 1)),
        free=(1, 2),
    )
    yield _biased(one, at.biased((3,), (2, 3)))
    yield _taking(
        batch,
        at.random((4, 3), (2, 3)),
        at.random((2, 3), (5, 3)),
        at.random((3, 3), (3, 3)),
        at.random((1, 4), (2, 4)),
        at.given("zeros", [[1, 0, 3], [0, 0, 2]], [[2, 0, -1], [0, 4, 1]]),
        free=(1, 2),
    )
    yield _biased(batch, at.biased((4, 3), (2, 3)), at.biased((1, 2), (3, 2)))


def flatten(at: Points) -> Iterator[Feature]:
    """Yield one, two and three axes after the first."""
    yield _taking("x (N, C, L)", at.random((2, 2, 2)), at.random((2, 3, 4)))
    yield _taking("x (N, C, H, W)", at.random((3, 2, 2, 2)), at.random((1, 2, 3, 2)))
    yield _taking("x (N, D)", at.random((3, 4)), at.random((1, 2)))


def softmax_cross_entropy(at: Points) -> Iterator[Feature]:
    """Yield labels with the logits, or bound; logits whose exponentials overflow."""
    given = "labels with the logits"
    logits, alike = [[1, -2, 3], [0.5, 4, -1]], [[1, 1, 1, 1]] * 3
    for name, bound in ((given, False), ("labels given to the constructor", True)):
        cases = (
            at.given(BY_HAND, logits, dout=1, labels=[2, 0], bound=bound),
            at.given("an upstream gradient", logits, dout=0.5, labels=[0, 1], bound=bound),
            at.given("equal logits", alike, dout=2, labels=[0, 3, 1], bound=bound),
        )
        yield Feature(name, cases, claimed=False)
    large = at.given("logits of 1000", [[1000, 0, 2], [-1000, -999, 3]], dout=1, labels=[0, 1])
    advice = (
        "log(sum(exp(logits - m))) - (logits - m)[label], with m the largest logit of the row, "
        "does not overflow"
    )
    yield Feature("large logits", (large,), within=given, advice=advice)


def sequential(at: Points) -> Iterator[Feature]:
    """Yield rows of the engine's layers, each with its w; away from kinks and their rules."""
    plain, block = at.of("ReLU"), at.of(*PARTS)
    deep = at.of("Conv1D", "ReLU", "Conv1D", "ReLU", "MaxPool")
    pooled = at.of("MaxPool", "ReLU")
    cases = (
        plain.random((5,)),
        plain.random((2, 3)),
        pooled.given("a maximum that is cut off", [[-3, -1, -2], [1, 3, 2]]),
    )
    yield Feature("layers without w", cases)
    yield Feature("convolution, ReLU, pool", (block.random((5,), ()), block.random((6,), (3,))))
    # The second case's weights fit in either order: only the numbers show which is right.
    shapes = ((2, 3, 7), (4, 3, 2), (2, 4, 3)), ((2, 2, 6), (2, 2, 2), (2, 2, 2))
    yield Feature("two convolutions", tuple(deep.random(*each) for each in shapes))


TOPICS: Final = {
    each.name: (each, features)
    for each, features in (
        (Topic("Conv1D", ("x", "w", "b"), "a", CONVOLUTION_SETTINGS), conv1d),
        (Topic("ReLU", ("a",), "h", relu=True), relu),
        (Topic("MaxPool", ("h",), "z", POOL_SETTINGS, pool=True), max_pool),
        (Topic("ConvBlock", ("x", "w", "b"), "z", relu=True, pool=True, scalar=True), conv_block),
        (Topic("Conv2D", ("x", "w", "b"), "a", CONVOLUTION_SETTINGS, axes=2), conv2d),
        (Topic("MaxPool2D", ("h",), "z", POOL_SETTINGS, pool=True, axes=2), max_pool_2d),
        (Topic("Linear", ("x", "w", "b"), "y"), linear),
        (Topic("Flatten", ("x",), "y"), flatten),
        (Topic("Sequential", ("x", "w1", "w2"), "output"), sequential),
        (
            Topic("SoftmaxCrossEntropy", ("logits",), "loss", ("labels",), scalar=True),
            softmax_cross_entropy,
        ),
    )
}
SETTINGS: Final = {name: each.settings for name, (each, _) in TOPICS.items()}


@cache
def topic(name: str) -> Topic:
    """Return what is asked of a class."""
    bare, features = TOPICS[name]
    return replace(bare, features=tuple(features(Points(name))))

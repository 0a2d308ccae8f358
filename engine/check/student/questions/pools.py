"""What is asked of MaxPool and MaxPool2D."""

from collections.abc import Iterator, Sequence
from typing import Any

from engine.check.student.questions.cases import Case, Feature, Subject
from engine.check.student.questions.points import Form, Points, forms

SETTINGS = ("size", "stride", "padding")
WINDOWS = "windows"

Rows = Sequence[Sequence[float]]


def max_pool() -> Subject:
    """The whole axis, as in the lab; windows that meet, overlap, skip and reach into padding."""
    at = Points("MaxPool")
    features = [
        feature
        for form in forms(at, "h (L,)", "channels h (C, L)", "minibatches h (N, C, L)")
        for feature in (_whole_axis(form), *_windows(form))
    ]
    return Subject("MaxPool", ("h",), "z", tuple(features), SETTINGS, pool=True)


def max_pool_2d() -> Subject:
    """Both axes whole, and windows as in MaxPool, with pairs too."""
    at = Points("MaxPool2D")
    features = [
        feature
        for form in forms(at, "h (H, W)", "channels h (C, H, W)", "minibatches h (N, C, H, W)")
        for feature in (_both_axes_whole(form), *_windows_2d(form))
    ]
    return Subject("MaxPool2D", ("h",), "z", tuple(features), SETTINGS, pool=True, axes=2)


def _settings(size: Any, stride: Any = None, padding: Any = 0) -> dict[str, Any]:
    """The settings; a class without a stride of its own still takes stride = size."""
    settings = {"size": size, "stride": size if stride is None else stride}
    return {**settings, "padding": padding} if padding else settings


def _whole_axis(form: Form) -> Feature:
    cases = (
        form.given("by hand", [1, -2, 3, 0.5], dout=1),
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
    return Feature("the whole axis", cases, form.name)


def _both_axes_whole(form: Form) -> Feature:
    cases = (
        form.given("by hand", [[1, -2, 3], [0.5, 4, -1]], dout=1),
        form.random(3, 4),
        form.random(4, 2),
        form.given("a tie of two", [[3, 1], [2, 3]], dout=0.5),
        form.given("all alike", [[1, 1], [1, 1]], dout=1.5),
        form.given("all negative", [[-3, -1], [-2, -4]], dout=0.5),
    )
    return Feature("both axes whole", cases, form.name)


def _within(form: Form, named: dict[str, tuple[Case, ...]], *unclaimed: str) -> Iterator[Feature]:
    """Windows, and what is asked only of those that have them."""
    for what, cases in named.items():
        within = "" if what == WINDOWS else f"{WINDOWS} with {form.name}"
        free = (0,) if "pair" in what else ()
        yield Feature(what, cases, form.name, within, claimed=what not in unclaimed, free=free)


def _windows(form: Form) -> Iterator[Feature]:
    two, three, overlap = _settings(2), _settings(3), _settings(3, 1)
    padded, both = _settings(2, 2, 1), _settings(3, 2, 1)
    ties, negative = [2, 2, 1, 3, -1, -1], [-1, -2, -4, -3]
    cases = {
        WINDOWS: (
            form.given("by hand", [1, 4, 3, 2, -1, -2], dout=[1, 0.5, 2], settings=two),
            form.random(4, settings=two),
            form.random(6, settings=three),
            form.given("ties", ties, settings=two),
            form.given("ties", ties, settings=three),
            form.given("all negative", negative, settings=two),
        ),
        "windows that leave a remainder": (
            form.random(7, settings=two),
            form.random(5, settings=three),
        ),
        "windows that overlap": (
            form.random(6, settings=overlap),
            form.given("by hand", [1, 4, 3, 2, 0], dout=[1, 0.5, 2], settings=overlap),
            form.random(7, settings=_settings(3, 2)),
            form.given("ties", [3, 3, 3, 1, 3], settings=_settings(2, 1)),
            form.given("ties", [3, 1, 3, 3, 2, 3], settings=overlap),
            form.given("all negative", negative, settings=overlap),
        ),
        "windows that skip entries": (
            form.random(8, settings=_settings(2, 3)),
            form.given("ties", [2, 2, 9, 1, 1, 9, -1, -1], settings=_settings(2, 3)),
        ),
        "padding": (
            form.given("all negative", negative, settings=padded),
            form.random(5, settings=both),
            form.random(4, settings=padded),
            form.random(4, settings=_settings(3, 1, 1)),
            form.given("all negative", negative, settings=_settings(3, 1, 1)),
            form.given("ties", [0, 0, 0, -1, -1, -2], settings=padded),
        ),
    }
    yield from _within(form, cases, "windows that leave a remainder")


def _windows_2d(form: Form) -> Iterator[Feature]:
    two, three, overlap = _settings(2), _settings(3), _settings(2, 1)
    padded = _settings(2, 2, 1)
    hand: Rows = [[1, 4, 3, 2], [-1, -2, 5, 6], [0, 0.5, -3, -4], [7, 2, -6, -5]]
    ties: Rows = [[2, 2, 1, 0], [2, 1, 0, 0], [3, 1, -1, -1], [1, 3, -2, -1]]
    negative: Rows = [[-1, -2, -5], [-4, -3, -6], [-9, -8, -7]]
    cases = {
        WINDOWS: (
            form.given("by hand", hand, dout=[[1, 0.5], [2, -1]], settings=two),
            form.random(4, 4, settings=two),
            form.random(6, 6, settings=three),
            form.given("ties", ties, settings=two),
            form.given("ties", [row[:3] for row in ties[:3]], settings=three),
            form.given("all negative", [[-1, -2], [-4, -3]], settings=two),
            form.given("all negative", negative, settings=three),
        ),
        "windows over a rectangle": (
            form.random(4, 6, settings=two),
            form.random(6, 2, settings=two),
        ),
        "windows that leave a remainder": (
            form.random(5, 5, settings=two),
            form.random(5, 5, settings=three),
        ),
        "windows that overlap": (
            form.random(4, 4, settings=overlap),
            form.random(5, 5, settings=_settings(3, 1)),
            form.random(5, 5, settings=_settings(3, 2)),
            form.given("ties", ties, settings=overlap),
            form.given("ties", ties, settings=_settings(3, 1)),
            form.given("all negative", negative, settings=overlap),
        ),
        "windows that skip entries": (
            form.random(5, 5, settings=_settings(2, 3)),
            form.given(
                "ties", [[*row[:2], 9, *row[:2]] for row in ties[:2]], settings=_settings(2, 3)
            ),
        ),
        "padding": (
            form.given("all negative", negative, settings=_settings(3, 2, 1)),
            form.random(4, 4, settings=padded),
            form.random(5, 5, settings=_settings(3, 2, 1)),
            form.random(4, 4, settings=_settings(3, 1, 1)),
            form.given("all negative", [[-1, -2], [-4, -3]], settings=padded),
            form.given("ties", ties, settings=padded),
        ),
        "a pair as size": (
            form.random(4, 6, settings=_settings((2, 3))),
            form.random(6, 4, settings=_settings((3, 1))),
        ),
        "a pair as stride": (
            form.random(4, 5, settings=_settings(2, (2, 1))),
            form.given("ties", ties, settings=_settings(2, (1, 2))),
        ),
        "a pair as padding": (
            form.random(4, 4, settings=_settings(2, 2, (1, 0))),
            form.given(
                "all negative", [row[:2] for row in negative[:2]], settings=_settings(2, 2, (0, 1))
            ),
        ),
    }
    pairs = (what for what in cases if what.startswith("a pair"))
    yield from _within(form, cases, "windows that leave a remainder", *pairs)

"""Each preset of a page is what its title says, and its chosen cell shows it.

Pages that are left out have titles that claim nothing to be checked.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import Trace, Why
from engine.arrays import Array
from pages.registry import PICTURE_PAGES
from tests.for_each import for_each

Truth = Callable[[Any, Trace], bool | np.bool]


def given(at: Trace, argument: int = 0, step: int = 0) -> Array:
    return at.steps[step].inputs[argument]


def why(at: Trace, argument: int = 0) -> list[Why]:
    return [Why(int(code)) for code in at.values[argument].why.ravel()]


def tied(at: Trace, count: int) -> bool:
    """Whether this many entries tie for the pool's maximum, which is positive."""
    h = at.steps[-1].inputs[0]
    return bool(h.max() > 0) and int((h == h.max()).sum()) == count


def chosen(scene: Any, numbers: NDArray[Any]) -> float:
    """The number of the chosen entry, which belongs to the first array."""
    _, index = scene.entry_names()[scene.entry]
    return float(numbers[index])


def largest(at: Trace) -> Array:
    """The maximum of each example of a minibatch."""
    return np.asarray(given(at, step=1).max(axis=(1, 2)))


def wide(at: Trace, *shape: int) -> bool:
    return given(at, 1).shape == shape


TRUE: Mapping[str, Mapping[str, Truth]] = {
    "conv-block": {
        "A unique maximum": lambda _, at: tied(at, 1),
        "A tie of two maxima": lambda scene, at: (
            tied(at, 2) and chosen(scene, given(at)) == given(at).max()
        ),
        "A tie of three maxima": lambda _, at: tied(at, 3),
        "All a are negative": lambda _, at: given(at, step=1).max() < 0,
        "All a are positive": lambda _, at: given(at, step=1).min() > 0,
        "A maximum at ReLU's zero": lambda _, at: given(at, step=1).max() == 0,
        "A weight of zero": lambda _, at: not given(at, 1).any(),
    },
    "relu": {
        "One a is exactly at ReLU's zero": lambda scene, at: (
            (given(at) == 0).sum() == 1 and chosen(scene, given(at)) == 0
        ),
        "All a are positive": lambda _, at: given(at).min() > 0,
        "All a are negative": lambda _, at: given(at).max() < 0,
        "All a are exactly at ReLU's zero": lambda _, at: not given(at).any(),
        "An upstream gradient of zero": lambda scene, at: chosen(scene, at.dout) == 0,
    },
    "max-pool": {
        "Windows that overlap": lambda scene, _: int(scene.size) > int(scene.stride),
        "A tie in one window over everything": lambda _, at: (
            at.output.size == 1 and (given(at) == at.output).sum() > 1
        ),
        "The maximum of two windows": lambda scene, at: (
            at.output.tolist() == [chosen(scene, given(at))] * 2
        ),
        "Two windows that cancel": lambda scene, at: (
            chosen(scene, at.values[0].why) == Why.CANCELLED
        ),
        "Gaps between the windows": lambda scene, at: (
            int(scene.size) < int(scene.stride)
            and chosen(scene, at.values[0].why) == Why.NOT_COVERED
        ),
        "The last entry is in no window": lambda scene, at: (
            [each is Why.NOT_COVERED for each in why(at)] == [False] * 4 + [True]
            and scene.entry == "h5"
        ),
        "Padding around negative entries": lambda scene, at: (
            int(scene.padding) > 0 and given(at).max() < 0
        ),
        "All entries tie": lambda _, at: (given(at) == at.output).all(),
    },
    "conv-1d": {
        "One scalar filter": lambda scene, at: wide(at) and scene.entry == "w",
        "Several scalar filters": lambda _, at: wide(at, 2, 1),
        "One vector filter": lambda _, at: wide(at, 3),
        "A set of vector filters": lambda _, at: wide(at, 2, 3),
        "A filter of two entries": lambda _, at: wide(at, 2),
        "A vector filter with stride 2": lambda _, at: wide(at, 3) and at.output.shape == (2,),
        "A vector filter with padding 1": lambda _, at: wide(at, 3) and at.output.shape == (5,),
        "An entry that is in no window": lambda scene, at: (
            chosen(scene, at.values[0].why) == Why.NOT_COVERED
        ),
        "A filter that takes differences": lambda _, at: (
            bool(given(at, 1).any()) and given(at, 1).sum() == 0
        ),
        "A weight of zero": lambda _, at: wide(at) and not given(at, 1).any(),
        "An input of zeros": lambda _, at: not given(at).any(),
    },
    "conv-2d": {
        "A handwritten digit": lambda scene, at: given(at).shape == (28, 28) and scene.digits == 1,
        "A patch of a digit": lambda scene, _: scene.side < 28,
        "The sum of all outputs": lambda _, at: (at.dout == 1).all(),
        "Three filters on one digit": lambda _, at: wide(at, 3, 3, 3),
        "Pooling windows that overlap": lambda scene, _: scene.pool > scene.pool_stride,
        "A pixel that is in no window": lambda _, at: Why.NOT_COVERED in why(at),
        "A minibatch of four digits": lambda scene, _: scene.digits == 4,
        "Blank paper, where all entries tie": lambda scene, at: (
            scene.source == "z1,1,1" and len({*given(at, step=2)[0, :2, :2].ravel()}) == 1
        ),
    },
    "minibatch": {
        "One example is all negative": lambda _, at: (largest(at) < 0).sum() == 1,
        "A positive entry in every example": lambda _, at: largest(at).min() > 0,
        "All examples are negative": lambda _, at: largest(at).max() < 0,
        "Shares that cancel": lambda _, at: why(at, 1) == [Why.CANCELLED],
        "A tie within one example": lambda _, at: (
            sum((each == each.max()).sum() == 2 and each.max() > 0 for each in given(at, step=2))
            == 1
        ),
    },
}


@for_each(("key", "title"), [(key, title) for key, titles in TRUE.items() for title in titles])
def test_a_preset_is_what_its_title_says(key: str, title: str) -> None:
    page = PICTURE_PAGES[key]
    (slug,) = (slug for slug, said in page.titles.items() if said == title)
    scene = page.subject.presets[slug]
    assert TRUE[key][title](scene, page.subject.trace(scene))


@for_each("key", TRUE)
def test_no_title_of_such_a_page_is_left_out(key: str) -> None:
    assert {*TRUE[key]} == {*PICTURE_PAGES[key].titles.values()}

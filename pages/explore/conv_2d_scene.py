"""The scene of the 2-D convolution: digits, filters, a pool, the upstream gradient; its presets."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Final, Self

from engine import RULES
from engine.arrays import Index
from engine.layers.windows import windows
from engine.mnist import SIDE
from pages.derive.page import Select
from pages.language.catalogue import say
from pages.state.codecs import Choice, EntryName, Numbers, Whole, param
from pages.state.digits import IMAGES, Dot, Dots, digit, toggled
from pages.state.scene import STEP, Scene, taken, unread

KERNEL: Final = 3
MOST_FILTERS: Final = 3
MOST_DIGITS: Final = 8
CROPS: Final = ("28", "14", "8", "6")  # how many rows and columns of the digit are cut out
FILTERS: Final[dict[str, tuple[float, ...]]] = {
    "Sobel x": (-1.0, 0.0, 1.0, -2.0, 0.0, 2.0, -1.0, 0.0, 1.0),
    "Sobel y": (-1.0, -2.0, -1.0, 0.0, 0.0, 0.0, 1.0, 2.0, 1.0),
    "outline": (0.0, -1.0, 0.0, -1.0, 4.0, -1.0, 0.0, -1.0, 0.0),
    "blur": tuple(n / 16 for n in (1, 2, 1, 2, 4, 2, 1, 2, 1)),
    "identity": (0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0),
}
"""Filters set by hand, row by row."""
STEPS: Final = 6  # convolution, ReLU and pool, forward and backward
_AT: Final = "[1-9][0-9]?"
_NAME: Final = re.compile(rf"([a-z])({_AT}(?:,{_AT}){{1,2}})")
_OUTPUT: Final = EntryName(rf"z{_AT},{_AT},{_AT}", "a cell, like z1,2,3")
_ENTRY: Final = EntryName(
    rf"x{_AT},{_AT}|[wbahz]{_AT},{_AT},{_AT}",
    "a cell, like x1,2 or w1,2,3 or b1,2,3 or a1,2,3 or h1,2,3 or z1,2,3",
)


@dataclass(frozen=True)
class Conv2DScene(Scene):
    """A minibatch of digits cut to crop × crop pixels from (row, column) on, and all settings."""

    digit: int = param(Whole(0, IMAGES - 1), 61)
    digits: int = param(Whole(1, MOST_DIGITS), 1)
    shown: int = param(Whole(1, MOST_DIGITS), 1)  # the digit that is shown, counted from 1
    crop: str = param(Choice(CROPS), "28")
    row: int = param(Whole(1, SIDE), 7)
    column: int = param(Whole(1, SIDE), 9)
    paint: str = param(Choice(("off", "on")), "off")
    painted: tuple[Dot, ...] = param(Dots(MOST_DIGITS, SIDE * SIDE), ())
    filters: int = param(Whole(1, MOST_FILTERS), 1)
    filter: int = param(Whole(1, MOST_FILTERS), 1)  # the one that has the sliders, from 1
    w: tuple[float, ...] = param(
        Numbers(MOST_FILTERS * KERNEL**2), sum(list(FILTERS.values())[:MOST_FILTERS], ())
    )
    stride: int = param(Whole(1, 3), 1)
    padding: int = param(Whole(0, 2), 0)
    pool: int = param(Whole(1, 4), 2)
    pool_stride: int = param(Whole(1, 4), 2)
    pool_padding: int = param(Whole(0, 2), 0)
    back: str = param(Choice(("one", "sum")), "one")  # dz is 1 at `source` or everywhere
    source: str = param(_OUTPUT, "z1,6,5")
    show: str = param(Choice(("both", "values", "gradients")), "both")
    rule: str = param(Choice(tuple(RULES)), "lab")
    step: int = param(Whole(0, STEPS), STEPS)
    entry: str = param(_ENTRY, "z1,6,5")

    @property
    def side(self) -> int:
        """The number of rows, and of columns, of x."""
        return int(self.crop)

    @property
    def corner(self) -> tuple[int, int]:
        """The digit's row and column, from 0, where the crop begins."""
        last = SIDE - self.side
        return min(self.row - 1, last), min(self.column - 1, last)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The test images of the minibatch, which follow one another."""
        return tuple((self.digit + i) % IMAGES for i in range(self.digits))

    @property
    def number(self) -> int:
        """The test image that is shown."""
        return self.numbers[self.shown - 1]

    @property
    def sides(self) -> dict[str, int]:
        """The number of rows, and of columns, of each letter's maps."""
        a = _side(self.side, KERNEL, self.stride, self.padding)
        z = _side(a, self.pool, self.pool_stride, self.pool_padding)
        return {"d": SIDE, "x": self.side, "w": KERNEL, "b": KERNEL, "a": a, "h": a, "z": z}

    def own(self) -> tuple[float, ...]:
        """The numbers of the filter that has the sliders, row by row."""
        return self.w[(self.filter - 1) * KERNEL**2 : self.filter * KERNEL**2]

    def with_filter(self, own: tuple[float, ...]) -> Self:
        """The scene with other numbers in the filter that has the sliders."""
        first, last = (self.filter - 1) * KERNEL**2, self.filter * KERNEL**2
        return replace(self, w=(*self.w[:first], *own, *self.w[last:]))

    def with_digit(self, number: int) -> Self:
        """The scene with another digit, shown as the first of the minibatch; nothing is painted."""
        return replace(self, digit=number % IMAGES, shown=1, painted=())

    def has(self, entry: str) -> bool:
        """Whether a cell of this name exists; the name is well formed, or "" for no cell."""
        if not entry:
            return False
        letter, index = split(entry)
        if letter == "b" and self.digits == 1:
            return False
        bounds = (self.filters, self.sides[letter], self.sides[letter])[-len(index) :]
        return all(0 <= i < bound for i, bound in zip(index, bounds, strict=True))

    def possible(self) -> tuple[Self, list[str]]:
        """As every scene: with a filter, a digit and cells that exist, and a window that fits."""
        a = _side(self.side, KERNEL, self.stride, self.padding)
        pool = min(self.pool, a)
        limits = {"shown": self.digits, "filter": self.filters, "pool": a, "pool_padding": pool - 1}
        beyond: dict[str, Any] = {
            name: most for name, most in limits.items() if getattr(self, name) > most
        }
        scene = replace(self, **beyond)
        middle = (scene.sides["z"] + 1) // 2
        scene = replace(
            scene,
            source=scene.source if scene.has(scene.source) else f"z1,{middle},{middle}",
            entry=scene.entry if scene.has(scene.entry) else "",
        )
        return scene, [
            say(f"scene.most.{name}", asked=getattr(self, name), most=most, size=most + 1)
            for name, most in beyond.items()
        ]

    def updated(self, query: Mapping[str, str]) -> tuple[Self, list[str]]:
        """As every scene; a cell that does not exist is replaced too, with a sentence about it."""
        scene, problems = super().updated(query)
        for name in ("source", "entry"):
            codec, got = self.codecs()[name], getattr(scene, name)
            asked, _ = taken(name, codec, query, got)
            if asked != got:
                needs = f"{codec.needs}, that is there"
                problems.append(unread(name, asked, needs, got or "nothing"))
        return scene, problems

    def chosen(self, entry: str) -> Self:
        """The scene after a cell is chosen: it is explained or, if painting is on, a pixel painted.

        An output sends the gradient back, and a channel's filter gets the sliders. A cell d3,5 of
        the small whole digit becomes the middle of the crop.
        """
        try:
            letter, index = split(entry)
        except ValueError:
            return self
        if letter == "d" and len(index) == 2:
            first, last = self.side // 2, SIDE - self.side + 1
            row, column = (min(max(1, i + 1 - first), last) for i in index)
            return replace(self, row=row, column=column)
        if letter == "x" and self.paint == "on" and max(index) < self.side and len(index) == 2:
            at = self.corner[0] + index[0], self.corner[1] + index[1]
            dots = toggled(self.painted, self.shown - 1, at, digit(self.number))
            return replace(self, painted=dots)
        scene, _ = self.updated({"entry": entry})
        if scene.entry != entry or letter == "x":
            return scene
        return replace(scene, filter=index[0] + 1, source=entry if letter == "z" else self.source)

    def entry_names(self) -> dict[str, tuple[str, int | None]]:
        """A weight's name begins with its filter: w2,1,3. The crop's corner can be moved too."""
        along = range(1, KERNEL + 1)
        places = product(range(1, MOST_FILTERS + 1), along, along)
        weights: dict[str, tuple[str, int | None]] = {
            f"w{','.join(map(str, place))}": ("w", i) for i, place in enumerate(places)
        }
        return weights | {name: (name, None) for name in ("row", "column", STEP)}


def _side(side: int, kernel: int, stride: int, padding: int) -> int:
    return windows("Conv2D", (side,), (kernel,), (stride,), (padding,)).output[0]


def split(name: str) -> tuple[str, Index]:
    """'a2,3,5' -> ('a', (1, 2, 4)). Raises ValueError if it is not a cell's name."""
    match = _NAME.fullmatch(name)
    if match is None:
        raise ValueError(name)
    letter, numbers = match.groups()
    return letter, tuple(int(number) - 1 for number in numbers.split(","))


def controls(scene: Conv2DScene) -> list[Select]:
    """The selects for the settings of the pass, in the order of the page.

    They offer no pool larger than h, and only paddings of it that are smaller than its window.
    """
    limits = {"pool": scene.sides["h"], "pool_padding": scene.pool - 1}

    def numbers(field: str, label: str, template: str, width: int) -> Select:
        codec: Any = scene.codecs()[field]
        most = min(codec.high, limits.get(field, codec.high))
        labels = {number: template.format(number) for number in range(codec.low, most + 1)}
        return Select(field, label, labels, width)

    filters = numbers("filters", "Filters", "{} filters", 125)
    return [
        Select("back", "What L is", {"one": "L = one z", "sum": "L = Σ z"}, 200),
        filters._replace(labels={**filters.labels, 1: "one filter"}),
        numbers("stride", "Stride", "stride {}", 125),
        numbers("padding", "Padding", "padding {}", 130),
        numbers("pool", "The pool's window", "pool {0} × {0}", 125),
        numbers("pool_stride", "From one window to the next", "pool stride {}", 135),
        numbers("pool_padding", "Around h", "pool padding {}", 150),
    ]


START: Final = Conv2DScene(back="sum", entry="x12,11")
"""A pixel on the stroke, whose gradient is a sum of three products."""

_PATCH: Final = Conv2DScene(crop="8", row=9, column=9, source="z1,2,2", entry="z1,2,2")

_CASES: Final = {
    "digit": ("A handwritten digit", START),
    "patch": ("A patch of a digit", _PATCH),
    "sum": ("The sum of all outputs", replace(_PATCH, back="sum", entry="x4,4")),
    "three-filters": (
        "Three filters on one digit",
        Conv2DScene(filters=3, back="sum", entry="x13,13"),
    ),
    "overlap": (
        "Pooling windows that overlap",
        replace(_PATCH, pool=3, pool_stride=1, back="sum", entry="h1,2,2"),
    ),
    "gaps": (
        "A pixel that is in no window",
        replace(_PATCH, stride=3, back="sum", source="z1,1,1", entry="x1,8"),
    ),
    "minibatch": (
        "A minibatch of four digits",
        Conv2DScene(digits=4, back="sum", entry="b1,1,1"),
    ),
    "paper": ("Blank paper, where all entries tie", Conv2DScene(source="z1,1,1", entry="h1,1,1")),
}
TITLES: Final = {slug: title for slug, (title, _) in _CASES.items()}
PRESETS: Final = {slug: scene for slug, (_, scene) in _CASES.items()}

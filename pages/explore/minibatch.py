"""The page of a minibatch on the lab's block: one pass of the engine, x (N, 1, L).

An example's share, which is what it adds to the gradient of w, is read off a pass of that example
alone.

In the first thirty seconds a lecturer reads the sum under the picture, drags x3,2 up and sees
the third share grow with it, lifts an entry of example 2 above 0 so that it contributes too; then
makes the shares cancel, and asks whether nothing was learnt from that batch.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cache, lru_cache
from itertools import product
from typing import Any, Final

import numpy as np

from engine import ConvBlock, Kinks, Layer, Trace, trace
from engine.arrays import Array
from pages.derive.derivation import page, preset
from pages.derive.page import Impossible, Snap
from pages.derive.questions import Question, nonzero, opened
from pages.derive.script import traced_as
from pages.derive.snaps import ANYWHERE, every
from pages.derive.subject import Addition
from pages.explain.entry import Entry
from pages.explain.sentences import influence_lines
from pages.explore.conv_block import HEADINGS
from pages.figures.info import Cell, Edge, GraphInfo, Known, Naming, describe_cell, edge_of, plain
from pages.figures.layout import SLIDE, Heading, Layout, View
from pages.figures.primitives import (
    Box,
    Drawing,
    Point,
    fitting,
    line_trace,
    middle_of,
    text_trace,
    text_width,
)
from pages.figures.ranks import Wishes
from pages.figures.theme import PALETTES, Palette
from pages.figures.words import DIGITS, factor, name, signed, written
from pages.language.catalogue import say
from pages.state.codecs import GRID, ON_GRID

X: Final = ((1.5, -1.0, 0.5), (-1.0, -2.0, -0.5), (0.5, 2.0, -1.5))
EXAMPLES, LENGTH = np.shape(X)
SHARES: Final = [plain("share", (n,)) for n in range(EXAMPLES)]
OWN: Final = (36.0, 184.0, 52.0)
"""The top, width and height of w itself: it ends above the first edge from x to a."""
SHARE: Final = (258.0, 36.0)
"""The width and height of an example's own w: it fits between two edges from x to a."""
CLEAR: Final = (14.0, 36.0)  # the space between x and w, and between the examples' w and a
SMALL: Final = 79.0  # on a phone, the width of a cell
SMALL_BAND: Final = 6.0  # on a phone, the space between two examples

PRESETS: Final = {
    "one-without-share": preset("One example is all negative"),
    "all-contribute": preset(
        "A positive entry in every example", x=(1.5, -1.0, 0.5, -1.0, 1.0, -0.5, 0.5, 2.0, -1.5)
    ),
    "all-negative": preset(
        "All examples are negative", x=(-1.5, -1.0, -0.5, -1.0, -2.0, -0.5, -0.5, -2.0, -1.5)
    ),
    "shares-cancel": preset(
        "Shares that cancel",
        x=(1.5, -1.0, 0.5, -1.0, 0.5, -0.5, 0.5, 2.0, -1.5),
        dz=(1.0, 1.0, -1.0),
    ),
    "tie-in-one": preset(
        "A tie within one example", x=(1.5, -1.0, 1.5, -1.0, -2.0, -0.5, 0.5, 2.0, -1.5)
    ),
}


# --- the shares


@lru_cache(maxsize=4)  # a picture asks several times
def shares(batch: Trace) -> tuple[Entry, ...]:
    """w as each example uses it, in a pass of that example alone: its gradient is the share."""
    x, w = (each.tolist() for each in batch.params)
    dz = batch.dout[:, 0].tolist()
    return tuple(
        _share(batch.layer, n, tuple(x[n][0]), w[0][0][0], dout, batch.kinks)
        for n, dout in enumerate(dz)
    )


@lru_cache(maxsize=64)  # while one example moves, the others stay the same
def _share(
    layer: Layer, n: int, x: tuple[float, ...], w: float, dout: float, kinks: Kinks
) -> Entry:
    # The example's number is part of every letter: x₂‚ and then the entry's own number.
    x_n, a_n, h_n = (name(letter, n, 0)[:-1] for letter in "xah")
    letters = ((x_n, name(f"w{n + 1}")), (a_n,), (h_n,))
    alone = trace(layer, x, w, dout=dout, kinks=kinks)
    return Entry(alone, Naming(letters, name("z", n), function="L"), 0, 1, ())


def _with_shares(info: GraphInfo, batch: Trace, naming: Naming, scene: Any) -> GraphInfo:
    """The batch, with a copy of w for each example between w and the example's outputs."""
    own, known = shares(batch), info.cells["w"].known
    copies = {entry: _copy(entry, share, known) for entry, share in zip(SHARES, own, strict=True)}
    giving = (contributing(batch), len(own))
    return replace(
        info,
        cells=info.cells | copies,
        edges=tuple(_through_copies(info.edges, own, known)),
        counts=info.counts | {"share": giving if known == "gradient" else None},
    )


@lru_cache(maxsize=64)  # it stays the same while its example does
def _copy(entry: str, share: Entry, known: Known) -> Cell:
    return _renamed(describe_cell(share.trace, share.naming, 0, 1, (), known), entry)


@lru_cache(maxsize=256)  # the same object for the same cell: drawings are cached by the cell
def _renamed(cell: Cell, entry: str) -> Cell:
    return replace(cell, entry=entry, letter="share")


def _through_copies(
    edges: tuple[Edge, ...], own: tuple[Entry, ...], known: Known
) -> Iterator[Edge]:
    for edge in edges:
        if edge.tail == "w":
            example = edge.head[1:].partition(",")[0]  # a2,1 belongs to example 2
            yield edge_of(f"share{example}", edge.head, edge.known, edge.amount)
        else:
            yield edge
    for entry, share in zip(SHARES, own, strict=True):
        yield edge_of("w", entry, known, share.grad)


def sum_of_shares(batch: Trace, digits: int = DIGITS[0], equals: str = "") -> str:
    """∂L/∂w = 3 + 0 + (−1.5) = +1.5: the shares, and the gradient of the batch; ≈ if rounded."""
    terms = " + ".join(factor(share.grad, digits) for share in shares(batch))
    equals = equals or _equals(batch, digits) or "≈"
    return f"∂L/∂w = {terms} {equals} {signed(_total(batch), digits)}"


def _equals(batch: Trace, digits: int) -> str:
    """The sign between the shares and their sum as written: =, or ≈ if the sum is rounded.

    "" if the written shares add up to another number: (−14) + 11 + 2.8 is not 0.063.
    """
    found = sum((written(share.grad, digits) for share in shares(batch)), Fraction())
    total = written(_total(batch), digits)
    if found == total:
        return "="
    return "≈" if written(float(found), digits) == total else ""


def _total(batch: Trace) -> float:
    return float(batch.grads[1].sum())


def _remarks(batch: Trace, naming: Naming, entry: str) -> list[str]:
    own = shares(batch)
    if entry == "w":
        names = " + ".join(share.slope for share in own)
        sums = sum_of_shares(batch).replace("∂L/∂w", f"∂L/∂w = {names}", 1)
        said = say("minibatch.sum", contributing(batch), sum=sums, examples=len(own))
        return [*influence_lines(batch, naming, entry), said]
    if entry.startswith("share"):
        share = own[SHARES.index(entry)]
        said = say("minibatch.share", example=entry.removeprefix("share"))
        return [*influence_lines(share.trace, share.naming, share.letter), said]
    return []


def _others(batch: Trace) -> Mapping[str, Entry]:
    return dict(zip(SHARES, shares(batch), strict=True))


def _code(scene: Any) -> Iterator[str]:
    """The lines of code that print each example's share."""
    yield ""
    yield f"for n in range({EXAMPLES}):"
    alone = ("x[n, 0]", "w[0, 0, 0]")
    yield f"    {traced_as('alone', alone, 'dz[n, 0]', scene.rule)}"
    yield '    print(f"dw of example {n + 1}:", alone.grads[1].tolist())'


def _place(naming: Naming, passed: Trace, layout: Layout) -> Layout:
    """Place w between x and a and, to its right, a column with a copy for each example."""
    if layout.down:
        return _across(layout)
    boxes, (wide, tall), (top, own, high) = dict(layout.boxes), SHARE, OWN
    left, _, width, _ = layout.columns["x"]
    begin, end = left + width + CLEAR[0], layout.columns["a"][0] - CLEAR[1]
    boxes["w"] = (begin, top, own, high)
    for n, entry in enumerate(SHARES):
        (_, first, _, height), (_, second, *_) = (boxes[plain("x", (n, i))] for i in (0, 1))
        boxes[entry] = (end - wide, (first + second + height - tall) / 2, wide, tall)
    room = end - begin - own + 12
    at = (begin + own + 8 + room / 2, layout.measures.heading[0])
    heading = Heading(at, "w per example", "the same w", room)
    # The edges out of w begin left of the column, so that none goes through a copy.
    above, (_, level) = {"w": (begin, end - wide)}, layout.counts["x"]
    counts = {**layout.counts, "x": ((left + width) / 2, level)}  # the sum has room beside it
    headings = [*layout.headings, heading]
    return replace(layout, boxes=boxes, headings=headings, above=above, counts=counts)


def _across(layout: Layout) -> Layout:
    """The layout on a phone: columns of cells that a finger hits, above the sum of the shares."""
    size, boxes = layout.measures, dict[str, Box]()
    tall, gap = size.flat, (layout.width - 2 * size.margin - 4 * SMALL) / 3
    lefts = [size.margin + (SMALL + gap) * place for place in range(4)]
    levels = [
        20 + (tall + 1) * row + SMALL_BAND * (row // LENGTH) for row in range(EXAMPLES * LENGTH)
    ]
    for left, letter in zip(lefts, "xah", strict=False):
        for level, index in zip(levels, np.ndindex(EXAMPLES, LENGTH), strict=True):
            boxes[plain(letter, index)] = (left, level, SMALL, tall)
    for n in range(EXAMPLES):
        boxes[plain("z", (n,))] = (lefts[3], levels[LENGTH * n + LENGTH // 2], SMALL, tall)
    bottom = levels[-1] + tall + SMALL_BAND
    for left, entry in zip(lefts, [*SHARES, "w"], strict=True):
        boxes[entry] = (left, bottom, SMALL, tall)
    titles = [HEADINGS[letter][0] for letter in "xahz"]
    headings = [
        Heading((left + SMALL / 2, 9.0), title, "", SMALL + gap)
        for left, title in zip(lefts, titles, strict=True)
    ]
    return replace(
        layout,
        height=bottom + tall + size.margin,
        boxes=boxes,
        headings=headings,
        counts={},
        columns={
            letter: (left, levels[0], SMALL, bottom - levels[0])
            for left, letter in zip(lefts, "xahz", strict=True)
        },
        down=False,
        reach={},
        unlinked=frozenset(("w", "share")),
    )


def _draw(scene: Any, batch: Trace, layout: Layout, view: View) -> list[Drawing]:
    """Draw the lines between the examples, their names, and the sum of their shares."""
    palette, size = PALETTES[view.theme], layout.measures.count
    sums = _signs(layout) if layout.unlinked else _sum(batch, layout)
    shown = [] if view.hidden and not layout.unlinked else sums
    at, said = [at for at, _ in shown], [said for _, said in shown]
    return [*_examples(layout, palette), text_trace(at, said, size, palette.ink)]


@lru_cache(maxsize=64)
def _examples(layout: Layout, palette: Palette) -> tuple[Drawing, Drawing]:
    """The lines between the examples, and their names."""
    boxes = layout.boxes
    lines: list[Point | None] = []
    for n in range(1, EXAMPLES):
        _, above, _, height = boxes[plain("x", (n - 1, LENGTH - 1))]
        between = (above + height + boxes[plain("x", (n, 0))][1]) / 2
        lines += [(8, between), (layout.width - 8, between), None]
    over_z = middle_of(layout.columns["z"])[0]
    at = [(over_z, middle_of(boxes[plain("x", (n, 0))])[1]) for n in range(EXAMPLES)]
    names = [f"example {n + 1}" for n in range(EXAMPLES)]
    return (
        line_trace(lines, 2, palette.hatch),
        text_trace(at, names, layout.measures.count, palette.ink),
    )


def _sum(batch: Trace, layout: Layout) -> list[tuple[Point, str]]:
    """The sum, between the counts of x and of a, with as many digits as there is room for."""
    size, (left, level), (right, _) = layout.measures, layout.counts["x"], layout.counts["a"]
    counted = text_width("<b>9 of 9</b> nonzero", size.count)
    text = fitting(_sums(batch), size.count, right - left - counted - 16)
    return [(((left + right) / 2, level), text)]


def _sums(batch: Trace) -> Iterator[str]:
    """The sum of the shares in ever shorter forms that add up; at last its value alone."""
    for digits in DIGITS:
        if equals := _equals(batch, digits):
            yield (text := f"<b>{sum_of_shares(batch, digits, equals)}</b>")
            yield text.replace("∂L/∂w = ", "")
    yield f"<b>∂L/∂w = {signed(_total(batch))}</b>"


def _signs(layout: Layout) -> list[tuple[Point, str]]:
    """The signs between the shares and their sum."""
    boxes = [layout.boxes[entry] for entry in (*SHARES, "w")]
    return [
        (((one[0] + one[2] + other[0]) / 2, middle_of(one)[1]), f"<b>{sign}</b>")
        for one, other, sign in zip(boxes, boxes[1:], "++=", strict=False)
    ]


SHARES_OF_W: Final = Addition(
    _draw, _place, entries=SHARES, info=_with_shares, others=_others, remarks=_remarks, code=_code
)


# --- snaps and questions


def shares_cancel(scene: Any) -> Any:
    """Make ∂L/∂w 0 though examples contribute, with the least change of upstream gradients."""
    now = PAGE.subject.trace(scene)
    if contributing(now) >= 2 and not now.grads[1].any():
        return scene
    ones = replace(scene, dz=(1.0,) * EXAMPLES)
    each = [share.grad for share in shares(PAGE.subject.trace(ones))]
    if np.count_nonzero(each) < 2:
        return Impossible(say("snap.shares.few"))
    choices = _every_dz()
    giving = np.count_nonzero(choices * each, axis=1)
    cancelling = choices[(choices @ each == 0) & (giving >= 2)]
    if not len(cancelling):
        return Impossible(say("snap.shares.none"))
    nearest = np.abs(cancelling - scene.dz).sum(axis=1).argmin()
    return replace(scene, dz=tuple(cancelling[nearest].tolist()))


@cache
def _every_dz() -> Array:
    """All upstream gradients on the sliders' grid: (33³, 3)."""
    return np.array(list(product(ON_GRID, repeat=EXAMPLES)))


def one_negative(scene: Any) -> Any:
    """Make all a of one example negative, so that its share is 0: the one that changes least."""
    if scene.w == 0:
        return Impossible(say("snap.weight", weight="w", made="a"))
    below = -GRID if scene.w > 0 else GRID

    def sunk(n: int) -> Any:
        own = range(n * LENGTH, (n + 1) * LENGTH)
        x = [below if i in own and x * below <= 0 else x for i, x in enumerate(scene.x)]
        return replace(scene, x=tuple(x))

    return min(
        map(sunk, range(EXAMPLES)), key=lambda it: float(np.abs(np.subtract(it.x, scene.x)).sum())
    )


SNAPS: Final[dict[str, Snap[Any]]] = {
    "shares cancel": shares_cancel,
    "one all negative": one_negative,
    "∂L/∂z = 1": every(1.0, "dz"),
    **ANYWHERE,
}


def contributing(batch: Trace) -> int:
    """How many examples have a share that is not 0."""
    return int(np.count_nonzero([share.grad for share in shares(batch)]))


def differing(batch: Trace) -> int:
    """In how many entries of w the sum of the examples' gradients differs from the batch's."""
    total = np.sum([share.grad for share in shares(batch)])
    return int(np.count_nonzero(~np.isclose(batch.grads[1], total)))


QUESTIONS: Final[tuple[Question[Any], ...]] = (
    Question(
        "How many of the three examples contribute to **∂L/∂w**?",
        contributing,
        "Follow the arrows into w.",
        opened(**PRESETS["all-contribute"].changes),
    ),
    Question(
        "All entries of **one example** are negative. How many examples contribute?",
        contributing,
        "Its ReLUs are inactive: no gradient comes as far as its w.",
        opened(),
    ),
    Question(
        "∂L/∂w is **0**. How many examples contribute all the same?",
        contributing,
        "A gradient of 0 may be a sum whose terms cancel.",
        opened(**PRESETS["shares-cancel"].changes),
    ),
    Question(
        "Three students each take **one example** and add up their ∂L/∂w. In how many entries "
        "does the sum differ from the gradient of the **batch**?",
        differing,
        "The gradient of a sum is the sum of the gradients: that is why a batch can be split.",
    ),
    Question(
        "How many of the **nine** entries of ∂L/∂x are nonzero?",
        nonzero(0),
        "What an example passes back concerns its own x alone.",
        opened(**PRESETS["all-contribute"].changes),
    ),
)

PAGE: Final = page(
    key="minibatch",
    title="Minibatch",
    icon="stacks",
    layer=ConvBlock(),
    inputs={"x": np.expand_dims(X, 1), "w": [[[2.0]]]},
    entry="w",
    axes={"x": (0, 2), "w": (), "a": (0, 2), "h": (0, 2), "z": (0,)},
    wishes=lambda settings: Wishes(
        headings=HEADINGS, room={"a": 1000.0}, sent="below", aside=("w",)
    ),
    measures=replace(
        SLIDE, left=190.0, margin=20.0, cell=(200.0, 88.0), edges=80.0, top=72.0, gap=4.0
    ),
    additions=(SHARES_OF_W,),
    snaps=SNAPS,
    questions=QUESTIONS,
    presets=PRESETS,
)

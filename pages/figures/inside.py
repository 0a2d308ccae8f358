"""A network on an image: every map, what it says, and what comes back down to the pixels."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine import Why
from engine.arrays import Array, Index, Mask
from pages.figures.arrangement import STILL, Box, Drawing, Point, View, line_trace, text_trace
from pages.figures.finish import finished
from pages.figures.heat_maps import (
    HALO,
    MIDDLE,
    SPACIOUS,
    Colouring,
    Mosaic,
    border,
    borders,
    cell_middles,
    cell_numbers,
    colour_legend,
    colours,
    data_uri,
    frame,
    has_room,
    lattice,
    legend_key,
    levels,
)
from pages.figures.inside_layout import (
    BAR,
    BAR_TOP,
    COUNTS,
    LARGE,
    LEGEND,
    NONZERO,
    RATE,
    RIGHT,
    TITLE,
    UNDER,
    WIDTH,
    X_GRADIENT,
    InsideLayout,
    X,
    bar_box,
    cell_box,
    middle,
)
from pages.figures.theme import (
    NOTE_SIZE,
    PALETTES,
    POSITIVE,
    REASON_COLOURS,
    Palette,
    Theme,
)
from pages.figures.words import REASONS, percent, signed

Show: TypeAlias = Literal["activations", "gradients", "reasons"]

GAP: Final = 2 * MIDDLE + 1
"""The colour between tiles, behind the levels."""

BARS: Final = (RIGHT[0] + 28, RIGHT[0] + 128)
"""Where a bar begins, and where that of 100 % ends."""
PERCENT_LEFT: Final = RIGHT[0] + 212
GRADIENT_LEFT: Final = RIGHT[1] - 2
BAR_WIDTH: Final = 15

SMALL_SIZE: Final = 18


@dataclass(frozen=True, eq=False)
class StageMaps:
    """The numbers of one stage and their gradient, (channels, side, side) each.

    why: the reason for each entry of the gradient; None where it is not shown.
    """

    values: Array
    gradients: Array
    why: NDArray[np.uint8] | None = None

    @property
    def nonzero(self) -> int:
        """How many gradients are nonzero."""
        return int(np.count_nonzero(self.gradients))


@dataclass(frozen=True)
class Classes:
    """What the network says of each digit, and the gradient in its logits: (10,) each.

    label: the right answer. answer: the likeliest. other: the probabilities before or after a step
    of gradient descent; None where no step is taken.
    """

    probabilities: Array
    gradients: Array
    label: int
    answer: int
    other: Array | None = None


@dataclass(frozen=True, kw_only=True)
class InsideView(View):
    """How a network on an image is looked at.

    chosen: the letter and the place (channel, row, column) of the explained entry, or "s" and the
    digit; None for none. enlarged: which map is shown large, its letter and channel. lit: by letter
    what the chosen entry reads and what reads it. ways: from a pool's cell to who won its window:
    (letter, channel, row, column) twice, and whether a gradient goes that way. texts: what is to
    be said, by where it is said.
    """

    show: Show
    enlarged: tuple[str, int]
    chosen: tuple[str, Index] | None = None
    lit: Mapping[str, Mask] = field(default_factory=dict)
    ways: Sequence[tuple[str, Index, str, Index, bool]] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    legend: str = ""


def inside_figure(
    maps: Mapping[str, StageMaps],
    classes: Classes,
    layout: InsideLayout,
    view: InsideView,
) -> dict[str, Any]:
    """The figure, {"data": …, "layout": …}; maps: by letter, the image's too."""
    theme, palette = view.theme, PALETTES[view.theme]
    below: Show = "reasons" if view.show == "reasons" else "gradients"
    letter, channel = view.enlarged
    return finished(
        [
            _one_map(maps["x"], 0, X, "activations", theme),
            _one_map(maps["x"], 0, X_GRADIENT, below, theme),
            *(
                _tiles(maps[shape.letter], mosaic, view.show, theme)
                for shape, mosaic in layout.mosaics
            ),
            _one_map(maps[letter], channel, LARGE, view.show, theme),
            *_still(layout, palette),
            *_classes(classes, view.texts["function"], palette),
            *_lines(maps, layout, view, palette),
            *_texts(maps, layout, view, palette),
        ],
        layout,
        palette,
    )


def _tiles(maps: StageMaps, mosaic: Mosaic, show: Show, theme: Theme) -> Drawing:
    """Every map of a stage."""
    pixels, palette = _pixels(maps, show, theme)
    down, across = (mosaic.tile + gap for gap in reversed(mosaic.gap))
    whole = np.full((mosaic.rows * down, mosaic.columns * across), GAP, np.uint8)
    times = mosaic.tile // pixels.shape[1]
    for at, tile in enumerate(pixels):
        row, column = divmod(at, mosaic.columns)
        place = whole[row * down :, column * across :][: mosaic.tile, : mosaic.tile]
        place[:] = tile.repeat(times, axis=0).repeat(times, axis=1)
    whole = whole[: down * mosaic.rows - mosaic.gap[1], : across * mosaic.columns - mosaic.gap[0]]
    left, top = mosaic.at
    box = (left, top, whole.shape[1] * mosaic.cell, whole.shape[0] * mosaic.cell)
    return _image(whole, box, palette)


def _one_map(maps: StageMaps, channel: int, box: Box, show: Show, theme: Theme) -> Drawing:
    """One map alone, in the colours that it has among the others."""
    # What has numbers in its cells is paler: they are written in ink.
    pale = has_room(box, maps.values.shape[2]) and show != "reasons"
    pixels, palette = _pixels(maps, show, theme, pale=pale)
    return _image(pixels[channel], box, palette)


def reasons_legend(theme: Theme, present: set[int]) -> str:
    """What the colours of the reasons mean, of those that there are."""
    marks = {why: ("■", colour) for why, colour in zip(Why, REASON_COLOURS[theme], strict=True)}
    marks[Why.NOT_COVERED] = ("□", PALETTES[theme].muted)  # which has the paper's colour
    said = (
        legend_key(mark, colour, REASONS[why])
        for why, (mark, colour) in marks.items()
        if int(why) in present
    )
    return f"{' &nbsp; '.join(said)} &nbsp; · &nbsp; {_borders(theme)}"


def legend(theme: Theme) -> str:
    """What the colours of values and gradients mean."""
    return " &nbsp; · &nbsp; ".join([*colour_legend(PALETTES[theme]), _borders(theme)])


def _borders(theme: Theme) -> str:
    reads = legend_key("■", PALETTES[theme].lit, "reads, or is read by, the chosen entry")
    return f"{reads} &nbsp; {legend_key('━', POSITIVE, 'to who won the window')}"


def _pixels(
    maps: StageMaps, show: Show, theme: Theme, *, pale: bool = False
) -> tuple[NDArray[np.uint8], list[str]]:
    """Each entry's colour by its number, and the colours."""
    paper = PALETTES[theme].paper
    if show == "reasons" and maps.why is not None:
        own = [*REASON_COLOURS[theme]]
        return maps.why.astype(np.uint8), own + [paper] * (GAP + 1 - len(own))
    array = maps.values if show == "activations" else maps.gradients
    kind: Colouring = "values" if show == "activations" else "gradients"
    return levels(array, _top(array)), [*colours(theme, kind, pale=pale), paper]


def _top(array: Array) -> float:
    return float(np.abs(array).max()) or 1.0


def _image(pixels: NDArray[np.uint8], box: Box, palette: list[str]) -> Drawing:
    left, top, width, height = box
    across, down = width / pixels.shape[1], height / pixels.shape[0]
    return {
        "type": "image",
        "source": data_uri(pixels, palette),
        "x0": round(left + across / 2, 3),
        "dx": round(across, 4),
        "y0": round(top + down / 2, 3),
        "dy": round(down, 4),
        "hoverinfo": "skip",
    }


def _classes(classes: Classes, function: str, palette: Palette) -> Iterator[Drawing]:
    """A row for each digit."""
    left, right = BARS
    middles = [BAR_TOP + (digit + 0.5) * BAR for digit in range(len(classes.probabilities))]
    for mine, colour in ((True, palette.lit), (False, palette.muted)):
        points: list[Point | None] = []
        for digit, y in enumerate(middles):
            if (digit == classes.label) == mine:
                end = left + (right - left) * float(classes.probabilities[digit])
                points += [(left, y), (round(end, 2), y), None]
        yield line_trace(points, BAR_WIDTH, colour)
    axis = line_trace([(left, BAR_TOP), (left, BAR_TOP + BAR * len(middles))], 1.5, palette.line)
    yield {**axis, "meta": STILL}
    if classes.other is not None:
        marks: list[Point | None] = []
        for y, part in zip(middles, classes.other, strict=True):
            x = round(left + (right - left) * float(part), 2)
            marks += [(x, y - BAR / 2 + 2), (x, y + BAR / 2 - 2), None]
        yield line_trace(marks, 4, palette.ink)
    heads = text_trace(
        [(PERCENT_LEFT, BAR_TOP - 12), (GRADIENT_LEFT, BAR_TOP - 12)],
        ["p", f"<i>∂{function}/∂s</i>"],
        NOTE_SIZE,
        palette.muted,
    )
    yield {**heads, "textposition": "middle left", "meta": STILL}
    digits = [
        f"<b>{digit}</b>" if digit in (classes.label, classes.answer) else str(digit)
        for digit in range(len(middles))
    ]
    names = text_trace([(RIGHT[0] + 12, y) for y in middles], digits, NOTE_SIZE, palette.ink)
    yield {**names, "meta": STILL}
    said = [percent(float(each)) for each in classes.probabilities]
    yield {
        **text_trace([(PERCENT_LEFT, y) for y in middles], said, SMALL_SIZE, palette.ink),
        "textposition": "middle left",
    }
    slopes = [float(each) for each in classes.gradients]
    yield {
        **text_trace(
            [(GRADIENT_LEFT, y) for y in middles],
            [signed(float(f"{slope:.2g}")) for slope in slopes],
            SMALL_SIZE,
            [palette.text(slope) for slope in slopes],
        ),
        "textposition": "middle left",
    }


def _still(layout: InsideLayout, palette: Palette) -> list[Drawing]:
    """Frames and headings."""
    points = [*frame(X), *frame(X_GRADIENT), *frame(LARGE)]
    titles = {(middle(X)[0], TITLE): "<b>Image</b> <i>x</i>"}
    counted = {NONZERO: "nonzero ∂:"}
    for shape, _ in layout.mosaics:
        points += [point for box in layout.tiles[shape.letter] for point in frame(box)]
        across = layout.across(shape.letter)
        titles[across, TITLE] = f"<b>{shape.title}</b>"
        titles[across, UNDER] = f"<i>{shape.written}</i>"
        counted[across, COUNTS[1]] = f"of {shape.channels * shape.side**2:,}"
    places = ["middle left", *["middle center"] * (len(counted) - 1)]
    muted = text_trace([*counted], [*counted.values()], SMALL_SIZE, palette.muted)
    return [
        {**line_trace(points, 1, palette.line), "meta": STILL},
        {**muted, "textposition": places, "meta": STILL},
        {**text_trace([*titles], [*titles.values()], NOTE_SIZE, palette.ink), "meta": STILL},
    ]


def _lines(
    maps: Mapping[str, StageMaps],
    layout: InsideLayout,
    view: InsideView,
    palette: Palette,
) -> list[Drawing]:
    """What the chosen entry reads, what reads it, who won, and the entry itself."""
    lit = [point for each in view.lit.items() for point in _around(*each, layout, view)]
    large = LARGE[2] / maps[view.enlarged[0]].values.shape[-1]
    grid = lattice(LARGE, *maps[view.enlarged[0]].values.shape[1:]) if large >= SPACIOUS else []
    ways: dict[bool, list[Point | None]] = {True: [], False: []}
    for tail, tail_at, head, head_at, flowing in view.ways:
        ends = _cell(tail, tail_at, layout, maps), _cell(head, head_at, layout, maps)
        ways[flowing] += [middle(ends[0]), middle(ends[1]), None]
    chosen: list[Point | None] = []
    if view.chosen and view.chosen[0] == "s":
        chosen = frame(bar_box(view.chosen[1][0]))
    elif view.chosen:
        letter, (channel, row, column) = view.chosen
        side = maps[letter].values.shape[-1]
        for box in _boxes(letter, channel, layout, view):
            chosen += frame(cell_box(box, side, row, column))
    # All but the ways stays as it is while somebody draws.
    kept = [line_trace(grid, 1, palette.line), *borders(lit, 2, palette.lit, palette)]
    kept += borders(chosen, 3, palette.accent, palette)
    return [
        line_trace(ways[False], 1.2, palette.muted, "dot"),
        # On the colours of reasons the ways need something to stand out from.
        line_trace(ways[True] if view.show == "reasons" else [], 1.6 + HALO / 2, palette.paper),
        line_trace(ways[True], 1.6, POSITIVE),
        *({**drawing, "meta": STILL} for drawing in kept),
    ]


def _around(letter: str, mask: Mask, layout: InsideLayout, view: InsideView) -> list[Point | None]:
    """Around what is marked, on every map of a letter; most of them are marked alike."""
    drawn: dict[tuple[bytes, float, float], list[Point | None]] = {}
    points: list[Point | None] = []
    for channel, marked in enumerate(mask):
        if not marked.any():
            continue
        for left, top, width, height in _boxes(letter, channel, layout, view):
            key = marked.tobytes(), width, height
            if key not in drawn:
                drawn[key] = border((0, 0, width, height), marked)
            points += [at and (round(left + at[0], 1), round(top + at[1], 1)) for at in drawn[key]]
    return points


def _boxes(letter: str, channel: int, layout: InsideLayout, view: InsideView) -> list[Box]:
    """Every place where a map is shown."""
    boxes = [X, X_GRADIENT] if letter == "x" else [layout.tiles[letter][channel]]
    return [*boxes, LARGE] if view.enlarged == (letter, channel) else boxes


def _cell(letter: str, at: Index, layout: InsideLayout, maps: Mapping[str, StageMaps]) -> Box:
    channel, row, column = at
    side = maps[letter].values.shape[-1]
    return cell_box(layout.tiles[letter][channel], side, row, column)


def _texts(
    maps: Mapping[str, StageMaps],
    layout: InsideLayout,
    view: InsideView,
    palette: Palette,
) -> list[Drawing]:
    counts = {
        (layout.across(shape.letter), COUNTS[0]): f"<b>{maps[shape.letter].nonzero:,}</b>"
        for shape, _ in layout.mosaics
    }
    x = middle(X)[0]
    right = (RIGHT[0] + RIGHT[1]) / 2
    said = [
        ((x, UNDER), view.texts["image"]),
        ((x, X_GRADIENT[1] - 15), view.texts["gradient"]),
        ((right, TITLE), f"<b>{view.texts['when']}</b>"),
        ((right, UNDER), view.texts["answer"]),
        ((right, LARGE[1] - 18), view.texts["enlarged"]),
        (RATE, view.texts["rate"]),
    ]
    points, sentences = zip(*said, strict=True)
    return [
        text_trace([*counts], [*counts.values()], SMALL_SIZE, palette.muted),
        text_trace(points, sentences, NOTE_SIZE, palette.ink),
        _numbers(maps, view, palette),
        # It seldom changes, and its many colours take Plotly's time.
        {
            **text_trace([(WIDTH / 2 - 30, LEGEND)], [view.legend], SMALL_SIZE, palette.muted),
            "meta": STILL,
        },
    ]


def _numbers(maps: Mapping[str, StageMaps], view: InsideView, palette: Palette) -> Drawing:
    """In the cells of the large map, where there is room."""
    letter, channel = view.enlarged
    there = maps[letter]
    array = (there.values if view.show == "activations" else there.gradients)[channel]
    rows, columns = array.shape
    if view.show == "reasons" or not has_room(LARGE, columns):
        return text_trace([], [], SMALL_SIZE, palette.ink)
    rounded = cell_numbers(np.asarray(array, np.float64), LARGE[2] / columns)
    # On a page about zeros only a zero is written as one.
    texts = [
        "≈0" if text == "0" and value else text
        for text, value in zip(rounded, array.flat, strict=True)
    ]
    return text_trace(cell_middles(LARGE, rows, columns), texts, SMALL_SIZE, palette.ink)

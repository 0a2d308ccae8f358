"""A network on an image: where its maps lie, what it says, and the ways through its pools.

A stage's maps are tiles of one mosaic. Convolution n's maps stand in rows, so that the first
filter, what it makes, and what ReLU and pool make of that are beside each other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any, Final, NamedTuple

from engine.arrays import Array, Index, Mask
from pages.figures.heat_maps import HALO, Mosaic, borders, frame, legend_key
from pages.figures.layout import View
from pages.figures.maps import (
    Kind,
    MapLayout,
    MapMeasures,
    Maps,
    Panel,
    legend,
    maps_figure,
    one_map,
    reads_key,
)
from pages.figures.primitives import STILL, Drawing, Point, line_trace, text_trace
from pages.figures.theme import PALETTES, POSITIVE, Palette
from pages.figures.words import name, percent, signed

LEAST_TILE: Final = 12
"""Pixels of a tile's picture: smaller maps are enlarged, so that a gap of one is no wide one."""
FILTER_SIDE: Final = 3
"""Maps of so many rows or less are filters."""
MOST_IN_ROWS: Final = 16
"""More maps than these stand in rows of half the height."""


# --- where everything lies


@dataclass(frozen=True)
class NetworkMeasures(MapMeasures):
    """Where the parts of the picture begin, and how large they are.

    titles and under: the levels of the two lines above the pictures. image: its side, and gap what
    is between it and its gradient. stages: from where to where the stages may go; down: how far the
    tiles go. counts: the levels of the counts of nonzero gradients. right: from where to where what
    the network says is; bars: where the classes begin, and from one to the next; bar: of a class,
    where its bar begins, how long that may be, and where its probability is. large: where the large
    map is, and its side.
    """

    height: float = 710.0
    frame: float = 1  # the maps are small
    lit: float = 2
    chosen: float = 3
    legend: Point = (770.0, 698.0)
    titles: float = 18.0
    under: float = 50.0
    top: float = 74.0
    image: float = 270.0
    gap: float = 32.0
    stages: Point = (304.0, 1258.0)
    down: float = 560.0
    counts: Point = (650.0, 674.0)
    right: Point = (1284.0, 1590.0)
    bars: Point = (92.0, 25.0)
    bar: tuple[float, float, float] = (28.0, 100.0, 212.0)
    rate: float = 362.0
    large: tuple[float, float, float] = (1303.0, 406.0, 268.0)

    @property
    def rate_slider(self) -> tuple[float, float, float]:
        """That of the learning rate: where it begins, its middle, its width."""
        start, end = self.right
        return start + 112, self.rate, end - start - 112


PROJECTOR: Final = NetworkMeasures()


@dataclass(frozen=True)
class Stage:
    """The maps of one array: what made them, and (channels, rows, columns)."""

    title: str
    shape: tuple[int, ...]

    @property
    def columns(self) -> int:
        """How many tiles stand beside each other."""
        return ceil(self.shape[0] / self.rows)

    @property
    def rows(self) -> int:
        """How many stand beneath each other."""
        if self.shape[0] == 10:  # one for each class
            return 5
        return 8 if self.shape[0] <= MOST_IN_ROWS else MOST_IN_ROWS

    @property
    def narrow(self) -> bool:
        """Whether they are filters."""
        return self.shape[1] <= FILTER_SIDE and self.title == "Filters"

    @property
    def width(self) -> float:
        """Of the whole height, what all of them need."""
        return (0.72 if self.narrow else 1.0) * self.columns / self.rows

    def mosaic(self, at: Point, down: float) -> Mosaic:
        """Where its tiles are; down: how high all of them are together."""
        side, pitch = self.shape[1], down / self.rows
        tile = max(1, -(-LEAST_TILE // side)) * side
        across = max(1, round(tile / 13))
        if self.narrow:  # as far apart as the maps that the filters make
            cell = pitch / (1.5 * tile)
            return Mosaic(at, self.columns, self.rows, tile, cell, (across, tile // 2))
        return Mosaic(at, self.columns, self.rows, tile, pitch / (tile + across), (across, across))


@dataclass(frozen=True)
class NetworkLayout(MapLayout):
    """stages: by letter, the image first."""

    stages: Mapping[str, Stage] = field(default_factory=dict)
    measures: NetworkMeasures = PROJECTOR

    @property
    def middles(self) -> dict[str, float]:
        """Across, of each stage."""
        tiles = {each.letter: [*each.boxes.values()] for each in self.panels if each.count > 1}
        ends = {letter: (boxes[0], max(boxes)) for letter, boxes in tiles.items()}
        return {
            letter: (first[0] + last[0] + last[2]) / 2 for letter, (first, last) in ends.items()
        }


def network_layout(
    stages: Mapping[str, Stage],
    show: Kind,
    enlarged: tuple[str, int],
    measures: NetworkMeasures = PROJECTOR,
) -> NetworkLayout:
    """Where everything lies.

    stages: by letter, the image first. show: what is seen of the maps. enlarged: the letter and
    the channel of the map that is shown large.
    """
    m = measures
    below: Kind = "reasons" if show == "reasons" else "gradients"
    image = (10.0, m.top, m.image, m.image)
    beneath = (10.0, m.top + m.image + m.gap, m.image, m.image)
    (letter, channel), side = enlarged, stages["x"].shape[1]
    left, top, across = m.large
    large = (left, top, across, across)
    (start, end), (first, pitch) = m.right, m.bars
    return NetworkLayout(
        m.width,
        m.height,
        {f"s{digit}": (start, first + digit * pitch, end - start, pitch) for digit in range(10)},
        (),
        {},
        panels=(
            one_map("x", "values", image, side, said="image", caption=m.top - m.under),
            one_map("x", below, beneath, side, said="image, gradient", caption=15),
            *_tiles(stages, show, m),
            one_map(
                letter,
                show,
                large,
                stages[letter].shape[1],
                channel,
                said="{map}, enlarged",
                caption=18,
            ),
        ),
        still=True,
        stages=stages,
        measures=measures,
    )


def _tiles(stages: Mapping[str, Stage], show: Kind, m: NetworkMeasures) -> Iterator[Panel]:
    """All but the image beside each other, as high as there is room for all of them."""
    (left, right), count = m.stages, len(stages) - 1
    parts, spaces = sum(stage.width for stage in [*stages.values()][1:]), count - 1
    down = min(m.down, (right - left - 18.0 * spaces) / parts)
    gap = min((right - left - down * parts) / max(1, count), 60.0)
    left += (right - left - down * parts - gap * spaces) / 2
    for letter, stage in [*stages.items()][1:]:
        mosaic = stage.mosaic((left, m.top), down)
        yield Panel(letter, show, mosaic, count=stage.shape[0], said="{map}")
        left += stage.width * down + gap


# --- what is drawn


@dataclass(frozen=True)
class Classes:
    """What the network says of each digit, and the gradient in its logits: (10,) each.

    function: what is differentiated. label: the right answer. answer: the likeliest. other: the
    probabilities before or after a step of gradient descent; None where no step is taken.
    """

    probabilities: Array
    gradients: Array
    function: str
    label: int
    answer: int
    other: Array | None = None


class Way(NamedTuple):
    """From a pool's cell to who won its window, and whether a gradient goes that way."""

    tail: str
    tail_at: Index
    head: str
    head_at: Index
    flowing: bool


def inside_figure(
    maps: Mapping[str, Maps],
    classes: Classes,
    layout: NetworkLayout,
    view: View,
    *,
    lit: Mapping[str, Mask],
    ways: Sequence[Way],
    said: Mapping[str, str],
    captions: Sequence[str],
) -> dict[str, Any]:
    """The figure, {"data": …, "layout": …}; maps: by letter, the image's too.

    said: "when", "answer" and "rate", over the classes and beneath. captions: over the image, its
    gradient, and the large map.
    """
    palette, m = PALETTES[view.theme], layout.measures
    reasons = layout.panels[-1].kind == "reasons"
    won = legend_key("━", POSITIVE, "to who won the window")
    middle = sum(m.right) / 2
    at = {
        "when": (middle, m.titles),
        "answer": (middle, m.under),
        "rate": (m.right[0] + 52, m.rate),
    }
    return maps_figure(
        maps,
        layout,
        view,
        lit=lit,
        captions=dict(
            zip([each for each in layout.panels if each.count == 1], captions, strict=True)
        ),
        legend=legend(
            view.theme,
            f"{reads_key(palette, 'entry')} &nbsp; {won}",
            maps.values() if reasons else (),
        ),
        extra=[
            *_headings(maps, layout, palette),
            *_class_rows(classes, layout, palette),
            *_ways(ways, layout, palette, halo=reasons),
            *_chosen_class(view.entry, layout, palette),
            text_trace(
                [at[place] for place in said], [*said.values()], layout.measures.note, palette.ink
            ),
        ],
    )


def _headings(
    maps: Mapping[str, Maps], layout: NetworkLayout, palette: Palette
) -> Iterator[Drawing]:
    """What stands over each stage, and under it how many of its gradients are nonzero."""
    m, middles = layout.measures, layout.middles
    titles = {(layout.panels[0].middle, m.titles): "<b>Image</b> <i>x</i>"}
    sizes: dict[Point, str] = {}
    counts: dict[Point, str] = {}
    for letter, x in middles.items():
        titles[x, m.titles] = f"<b>{layout.stages[letter].title}</b>"
        titles[x, m.under] = f"<i>{name(letter)}</i>"
        counts[x, m.counts[0]] = f"<b>{sum(maps[letter].nonzero or ()):,}</b>"
        sizes[x, m.counts[1]] = f"of {maps[letter].values.size:,}"
    still = {"meta": STILL}
    yield {**text_trace([*titles], [*titles.values()], m.note, palette.ink), **still}
    yield {**text_trace([*sizes], [*sizes.values()], m.number, palette.muted), **still}
    yield text_trace([*counts], [*counts.values()], m.number, palette.muted)
    begin = (m.stages[0] - 10, sum(m.counts) / 2 + 1)
    said = text_trace([begin], ["nonzero ∂:"], m.number, palette.muted)
    yield {**said, "textposition": "middle left", **still}


def _class_rows(classes: Classes, layout: NetworkLayout, palette: Palette) -> Iterator[Drawing]:
    """A row for each digit: its name, a bar, its probability, its gradient."""
    boxes = [layout.boxes[f"s{digit}"] for digit in range(len(classes.probabilities))]
    (left, top, across, pitch), m = boxes[0], layout.measures
    start, length, percents = left + m.bar[0], m.bar[1], left + m.bar[2]
    right = left + across - 2
    middles = [upper + pitch / 2 for _, upper, _, _ in boxes]
    for mine, colour in ((True, palette.lit), (False, palette.muted)):
        points: list[Point | None] = []
        for digit, y in enumerate(middles):
            if (digit == classes.label) == mine:
                end = start + length * float(classes.probabilities[digit])
                points += [(start, y), (round(end, 2), y), None]
        yield line_trace(points, 0.6 * pitch, colour)
    axis = line_trace([(start, top), (start, top + pitch * len(boxes))], 1.5, palette.line)
    yield {**axis, "meta": STILL}
    if classes.other is not None:
        marks: list[Point | None] = []
        for y, part in zip(middles, classes.other, strict=True):
            x = round(start + length * float(part), 2)
            marks += [(x, y - pitch / 2 + 2), (x, y + pitch / 2 - 2), None]
        yield line_trace(marks, 4, palette.ink)
    digits = [
        f"<b>{digit}</b>" if digit in (classes.label, classes.answer) else str(digit)
        for digit in range(len(boxes))
    ]
    names = text_trace([(left + 12, y) for y in middles], digits, m.note, palette.ink)
    yield {**names, "meta": STILL}
    heads = text_trace(
        [(percents, top - 12), (right, top - 12)],
        ["p", f"<i>∂{classes.function}/∂s</i>"],
        m.note,
        palette.muted,
    )
    yield {**heads, "textposition": "middle left", "meta": STILL}
    slopes = [*map(float, classes.gradients)]
    shades = [palette.text(slope) for slope in slopes]
    for x, said, colours in (
        (percents, [percent(float(each)) for each in classes.probabilities], palette.ink),
        (right, [signed(float(f"{slope:.2g}")) for slope in slopes], shades),
    ):
        drawn = text_trace([(x, y) for y in middles], said, m.number, colours)
        yield {**drawn, "textposition": "middle left"}


def _chosen_class(entry: str, layout: NetworkLayout, palette: Palette) -> list[Drawing]:
    box = layout.boxes.get(entry)
    drawn = borders(frame(box), layout.measures.chosen, palette.accent, palette) if box else []
    return [{**each, "meta": STILL} for each in drawn]


def _ways(
    ways: Sequence[Way],
    layout: NetworkLayout,
    palette: Palette,
    *,
    halo: bool,
) -> Iterator[Drawing]:
    """halo: on the colours of reasons the ways need something to stand out from."""
    tiles = {panel.letter: panel.boxes for panel in layout.panels if panel.count > 1}
    points: dict[bool, list[Point | None]] = {True: [], False: []}
    for tail, tail_at, head, head_at, flowing in ways:
        for letter, (channel, row, column) in ((tail, tail_at), (head, head_at)):
            left, top, side, _ = tiles[letter][channel]
            cell = side / layout.stages[letter].shape[1]
            points[flowing].append((left + (column + 0.5) * cell, top + (row + 0.5) * cell))
        points[flowing].append(None)
    yield line_trace(points[False], 1.2, palette.muted, "dot")
    yield line_trace(points[True] if halo else [], 1.6 + HALO / 2, palette.paper)
    yield line_trace(points[True], 1.6, POSITIVE)

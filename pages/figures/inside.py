"""Draw a network on one image: its maps, its answer, and the ways of gradients through its pools.

The maps of a stage are the tiles of one mosaic. A filter, the map that it makes, and what ReLU and
pool make of that map stand in the same row.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any, Final, NamedTuple

from engine.arrays import Array, Index, Mask
from pages.figures.heat_maps import HALO, Mosaic, borders, frame
from pages.figures.layout import View, around
from pages.figures.legend import Sign, present
from pages.figures.maps import (
    Kind,
    MapLayout,
    MapMeasures,
    Maps,
    Panel,
    ShownPanel,
    legend,
    maps_figure,
    one_map,
)
from pages.figures.primitives import (
    STILL,
    Box,
    Drawing,
    Point,
    choices_trace,
    line_trace,
    middle_of,
    text_trace,
    text_width,
)
from pages.figures.theme import PALETTES, POSITIVE, Palette
from pages.figures.words import gradient_of, name, probability, signed

HIDDEN: Final = "?"  # stands for a hidden number
LEAST_TILE: Final = 12
"""The least pixels along a tile; smaller maps are enlarged, so that a gap of one is narrow."""
FILTER_SIDE: Final = 3  # the most rows of a filter that takes less room than other maps
MOST_IN_ROWS: Final = 16  # more maps than this stand in rows of half the height


# --- where everything lies


RATE_SAID: Final = "η = {}"  # the text of a learning rate beside its slider


@dataclass(frozen=True)
class NetworkMeasures(MapMeasures):
    """Where the parts of the picture begin, and how large they are."""

    height: float = 670.0
    frame: float = 1  # the maps are small
    lit: float = 2
    chosen: float = 3
    number: int = 25
    title: int = 26
    titles: float = 16.0  # the level of the first line above the pictures
    under: float = 48.0  # the level of the second line
    top: float = 70.0
    image: Point = (10.0, 258.0)  # (left, side)
    gap: float = 36.0  # between the image and its gradient
    over: float = 20.0  # how far above these two their texts stand
    stages: Point = (284.0, 1236.0)  # (left, right)
    down: float = 556.0  # the largest height of the tiles
    counts: float = 650.0  # the level of the counts of nonzero gradients
    right: Point = (1262.0, 1592.0)  # (left, right) of the network's answer
    answer: float = 16.0  # the level of the first line over the classes
    head: float = 46.0  # the level of the second line
    bars: Point = (64.0, 30.0)  # (top, distance) of the rows of the classes
    bar: tuple[float, float, float] = (28.0, 60.0, 202.0)
    """In a row: (offset of the bar, its largest length, offset of the probability)."""
    rate: float = 382.0  # the level of the learning-rate slider
    large: tuple[float, float, float] = (1318.0, 440.0, 220.0)
    """(left, top, side) of the enlarged map."""

    @property
    def rate_slider(self) -> tuple[float, float, float]:
        """The learning-rate slider: its left end, its level, its width."""
        start, end = self.right
        said = text_width(RATE_SAID.format("8.88e−8"), self.note)
        return start + said, self.rate, end - start - said


PROJECTOR: Final = NetworkMeasures()
PHONE: Final = NetworkMeasures(
    width=374.0,
    height=338.0,
    number=12,
    note=12,
    title=13,
    least=12,
    titles=8.0,
    top=17.0,
    image=(0.0, 126.0),
    gap=17.0,
    over=9.0,
    stages=(138.0, 374.0),
    down=80.0,
    counts=196.0,
    right=(138.0, 374.0),
    answer=8.0,
    head=25.0,
    bars=(33.0, 15.0),
    bar=(16.0, 84.0, 156.0),
)
TILES: Final = 206.0
"""On a phone, the top of the tiles of the one stage; its title and its count stand above."""
CHIPS: Final = (292.0, 44.0)
"""On a phone, the top and the height of the row of names from which the stage is chosen."""
MOST_CHIPS: Final = 7
"""The most stages to choose from, those around the one shown: a finger needs its room."""
SCORES: Final = "s"  # the letter of the logits, which are no maps


@dataclass(frozen=True)
class Stage:
    """The maps of one array."""

    title: str  # what made them
    shape: tuple[int, ...]  # (channels, rows, columns)
    filters: bool = False  # whether they are a convolution's weights

    @property
    def columns(self) -> int:
        """The number of tiles beside each other."""
        return ceil(self.shape[0] / self.rows)

    @property
    def rows(self) -> int:
        """The number of tiles beneath each other."""
        if self.shape[0] == 10:  # one for each class
            return 5
        return 8 if self.shape[0] <= MOST_IN_ROWS else MOST_IN_ROWS

    @property
    def narrow(self) -> bool:
        """Whether the maps are filters with so few rows that they need no more room."""
        return self.filters and self.shape[1] <= FILTER_SIDE

    @property
    def width(self) -> float:
        """The width of all tiles, in units of their whole height."""
        return (0.72 if self.narrow else 1.0) * self.columns / self.rows

    def mosaic(self, at: Point, down: float) -> Mosaic:
        """The mosaic of the tiles. down: the height of all of them together."""
        (tile, gap), pitch = self._tile, down / self.rows
        if self.narrow:  # as far apart as the maps that the filters make
            cell = pitch / (1.5 * tile)
            return Mosaic(at, self.columns, self.rows, tile, cell, (gap, tile // 2))
        return Mosaic(at, self.columns, self.rows, tile, pitch / (tile + gap), (gap, gap))

    def spread(self, box: Box) -> Mosaic:
        """The mosaic of the tiles in a box, with tiles as large as possible."""
        (left, top, width, height), (tile, gap) = box, self._tile
        found = []
        for rows in range(1, self.shape[0] + 1):
            columns = ceil(self.shape[0] / rows)
            cells = [count * (tile + gap) - gap for count in (columns, rows)]
            found.append((min(width / cells[0], height / cells[1]), columns, rows))
        cell, columns, rows = max(found)
        return Mosaic((left, top), columns, rows, tile, cell, (gap, gap))

    @property
    def _tile(self) -> tuple[int, int]:
        """The number of cells along a tile's side, and between two tiles."""
        side = self.shape[1]
        tile = -(-LEAST_TILE // side) * side
        return tile, max(1, round(tile / 13))


@dataclass(frozen=True, eq=False)
class NetworkLayout(MapLayout):
    """A layout of maps."""

    stages: Mapping[str, Stage] = field(default_factory=dict)  # by letter, the image first
    chips: Mapping[str, Box] = field(default_factory=dict)  # a phone's choices of stages
    measures: NetworkMeasures = PROJECTOR

    @property
    def tiles(self) -> dict[str, dict[int, Box]]:
        """For each stage, the box of each channel."""
        return {panel.letter: panel.boxes for panel in self.panels if panel.count > 1}

    @property
    def middles(self) -> dict[str, float]:
        """For each stage, its horizontal middle."""
        return {panel.letter: panel.middle for panel in self.panels if panel.count > 1}


def network_layout(
    stages: Mapping[str, Stage],
    show: Kind,
    enlarged: tuple[str, int],
    measures: NetworkMeasures = PROJECTOR,
) -> NetworkLayout:
    """Lay out a network's picture.

    stages: by letter, the image first. show: what is shown of the maps. enlarged: the letter and
    the channel of the map that is shown large; on a phone its stage is the only one.
    """
    m = measures
    below: Kind = "reasons" if show == "reasons" else "gradients"
    (left, across), side = m.image, stages["x"].shape[1]
    image = (left, m.top, across, across)
    beneath = (left, m.top + across + m.gap, across, across)
    (start, end), (first, pitch) = m.right, m.bars
    chips: dict[str, Box] = {}
    if m is PHONE:
        letter, (top, high) = enlarged[0], CHIPS
        names = [*around(letter, [*stages][1:], MOST_CHIPS), SCORES]
        wide = m.width / len(names)
        for at, each in enumerate(names):
            chips[each] = (at * wide + 1, top, wide - 2, high)
        box = (m.stages[0], TILES, m.stages[1] - m.stages[0], m.down)
        count = stages[letter].shape[0]
        panels = [Panel(letter, show, stages[letter].spread(box), count=count, said="{map}")]
    else:
        (letter, channel), (x, y, wide) = enlarged, m.large
        box, rows, said = (x, y, wide, wide), stages[letter].shape[1], "{map}, enlarged"
        large = one_map(letter, show, box, rows, channel, said=said, caption=m.over)
        panels = [*_tiles(stages, show, m), large]
    return NetworkLayout(
        m.width,
        m.height,
        {f"s{digit}": (start, first + digit * pitch, end - start, pitch) for digit in range(10)},
        panels=(
            one_map("x", "values", image, side, said="image", caption=m.over),
            one_map("x", below, beneath, side, said="image, gradient", caption=m.over),
            *panels,
        ),
        still=True,
        stages=stages,
        chips=chips,
        measures=measures,
    )


def _tiles(stages: Mapping[str, Stage], show: Kind, m: NetworkMeasures) -> Iterator[Panel]:
    """The panels of all stages but the image, side by side, as high as there is room for all."""
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
    """The probability of each digit, and the loss's gradient in the logits."""

    probabilities: Array  # (10,)
    gradients: Array | None  # (10,); None if they are hidden
    label: int  # the digit on the image
    answer: int  # the likeliest digit
    other: Array | None = None
    """The probabilities on the other side (before or after) of a step of gradient descent; None if
    no step is taken."""


class Way(NamedTuple):
    """A way from a pool's cell (tail) to the winner of its window (head)."""

    tail: str
    tail_at: Index  # (channel, row, column)
    head: str
    head_at: Index  # (channel, row, column)
    flowing: bool  # whether a gradient takes this way


def inside_figure(
    shown: Sequence[ShownPanel],
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
    """The figure, {"data": …, "layout": …}; maps: by letter, including the image's.

    shown: what each panel of the layout shows of the maps. said: the texts "when" and "answer",
    over the classes, and "rate", beneath. captions: over the image, its gradient, the large map.
    """
    palette, m = PALETTES[view.theme], layout.measures
    reasons = layout.panels[-1].kind == "reasons"
    start, end = m.right
    wide = text_width(said.get("answer", ""), m.note) > end - start
    places = {
        # A wide answer ends at the right edge, as there is room only on its left.
        "answer": (end, m.answer, "middle left")
        if wide
        else ((start + end) / 2, m.answer, "middle center"),
        "when": (start, m.head, "middle right"),
        "rate": (start, m.rate, "middle right"),
    }
    there = [places[place] for place in said]
    return maps_figure(
        shown,
        maps,
        layout,
        view,
        lit=lit,
        captions=dict(
            zip([each for each in layout.panels if each.count == 1], captions, strict=False)
        ),
        extra=[
            *(
                _stage_names(maps, layout, view, palette)
                if layout.chips
                else _headings(maps, layout, palette)
            ),
            *_class_rows(classes, layout, palette),
            *_ways(ways, layout, palette, halo=reasons),
            *_chosen_class(view.entry, layout, palette),
            text_trace(
                [(x, y) for x, y, _ in there],
                [*said.values()],
                m.note,
                palette.ink,
                [side for *_, side in there],
            ),
        ],
    )


def inside_legend(
    shown: Sequence[ShownPanel],
    maps: Mapping[str, Maps],
    classes: Classes,
    layout: NetworkLayout,
    view: View,
    *,
    lit: Mapping[str, Mask],
    ways: Sequence[Way],
    before: bool,
) -> list[Sign]:
    """The legend of the picture; arguments are as for `inside_figure`.

    before: whether the picture shows the network before the step, if one is taken.
    """
    palette = PALETTES[view.theme]
    return legend(shown, maps, view, lit) + present(
        (any(way.flowing for way in _seen(ways, layout)), "line", POSITIVE, "winner"),
        (True, "box", palette.lit, "label"),
        (classes.other is not None, "line", palette.ink, "stepped" if before else "unstepped"),
    )


def _headings(
    maps: Mapping[str, Maps], layout: NetworkLayout, palette: Palette
) -> Iterator[Drawing]:
    """Write the title over each stage, and under it how many of its gradients are nonzero."""
    m, middles = layout.measures, layout.middles
    titles = {(layout.panels[0].middle, m.titles): "<b>Image</b> <i>x</i>"}
    counts: dict[Point, str] = {}
    for letter, x in middles.items():
        titles[x, m.titles] = f"<b>{layout.stages[letter].title}</b>"
        titles[x, m.under] = f"<i>{name(letter)}</i>"
        counts[x, m.counts] = _count(maps[letter])
    yield text_trace([*titles], [*titles.values()], m.note, palette.ink, still=True)
    yield text_trace([*counts], [*counts.values()], m.number, palette.muted)
    at = [(m.stages[0] - 12, m.counts)]
    yield text_trace(at, ["nonzero ∂:"], m.number, palette.muted, "middle left", still=True)


def _count(here: Maps) -> str:
    return HIDDEN if here.nonzero is None else f"<b>{sum(here.nonzero):,}</b>"


def _stage_names(
    maps: Mapping[str, Maps], layout: NetworkLayout, view: View, palette: Palette
) -> Iterator[Drawing]:
    """On a phone, write over the one stage what it is, and draw beneath it all to choose from."""
    m, shown = layout.measures, layout.panels[-1].letter
    said = f"<b>{layout.stages[shown].title}</b> <i>{name(shown)}</i>; ∂: {_count(maps[shown])} of "
    said += f"{maps[shown].values.size:,} ≠ 0"
    at = [(m.stages[0], m.counts)]
    yield text_trace(at, [said], m.note, palette.ink, "middle right")
    seen = {shown, SCORES} if view.entry in layout.boxes else {shown}
    yield choices_trace(layout.chips, seen, (3, 1), palette)
    middles = [middle_of(box) for box in layout.chips.values()]
    yield text_trace(middles, [f"<i>{name(each)}</i>" for each in layout.chips], 15, palette.ink)


def _class_rows(classes: Classes, layout: NetworkLayout, palette: Palette) -> Iterator[Drawing]:
    """Draw a row for each digit: its name, a bar, its probability, its gradient."""
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
    at = [(left + m.bar[0] / 2, y) for y in middles]
    yield text_trace(at, digits, m.note, palette.ink, still=True)
    heads = ["p", f"<i>{gradient_of('s')}</i>"]
    at = [(percents, m.head), (right, m.head)]
    yield text_trace(at, heads, m.note, palette.muted, "middle left", still=True)
    seen = classes.gradients
    slopes = [] if seen is None else [*map(float, seen)]
    said_slopes = [signed(float(f"{slope:.2g}")) for slope in slopes] or [HIDDEN] * len(middles)
    shades = [palette.text(slope) for slope in slopes] or [palette.muted] * len(middles)
    for x, said, colours in (
        (percents, [probability(float(each)) for each in classes.probabilities], palette.ink),
        (right, said_slopes, shades),
    ):
        yield text_trace([(x, y) for y in middles], said, m.number, colours, "middle left")


def _chosen_class(entry: str, layout: NetworkLayout, palette: Palette) -> list[Drawing]:
    box = layout.boxes.get(entry)
    drawn = borders(frame(box), layout.measures.chosen, palette.accent, palette) if box else []
    return [{**each, "meta": STILL} for each in drawn]


def _ways(
    ways: Sequence[Way], layout: NetworkLayout, palette: Palette, *, halo: bool
) -> Iterator[Drawing]:
    """Draw the ways. halo: whether with a border of paper, to stand out on colours of reasons."""
    tiles = layout.tiles
    points: dict[bool, list[Point | None]] = {True: [], False: []}
    for tail, tail_at, head, head_at, flowing in _seen(ways, layout):
        for letter, (channel, row, column) in ((tail, tail_at), (head, head_at)):
            left, top, side, _ = tiles[letter][channel]
            cell = side / layout.stages[letter].shape[1]
            points[flowing].append((left + (column + 0.5) * cell, top + (row + 0.5) * cell))
        points[flowing].append(None)
    yield line_trace(points[False], 1.2, palette.muted, "dot")
    yield line_trace(points[True] if halo else [], 1.6 + HALO / 2, palette.paper)
    yield line_trace(points[True], 1.6, POSITIVE)


def _seen(ways: Sequence[Way], layout: NetworkLayout) -> list[Way]:
    """The ways with both ends on the picture."""
    tiles = layout.tiles
    return [way for way in ways if way.tail in tiles and way.head in tiles]

"""A network on an image: every map, what it says, and what comes back down to the pixels."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from engine.arrays import Index, Mask
from pages.figures.arrangement import STILL, Box, Drawing, Point, line_trace, text_trace
from pages.figures.finish import finished
from pages.figures.heat_maps import (
    HALO,
    SPACIOUS,
    border,
    borders,
    cell_middles,
    cell_numbers,
    frame,
    has_room,
    lattice,
)
from pages.figures.inside_classes import class_frame, classes_drawn
from pages.figures.inside_info import Classes, Maps, Seen, Show
from pages.figures.inside_places import (
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
    InsideArrangement,
    X,
    cell_box,
    middle,
)
from pages.figures.inside_tiles import one_map, tiles
from pages.figures.theme import NOTE_SIZE, PALETTES, POSITIVE, Palette, Theme

SMALL: Final = 18


def inside_figure(
    maps: Mapping[str, Maps],
    classes: Classes,
    arrangement: InsideArrangement,
    seen: Seen,
    theme: Theme,
) -> dict[str, Any]:
    """The figure, {"data": …, "layout": …}; maps: by letter, the image's too."""
    palette = PALETTES[theme]
    below: Show = "reasons" if seen.show == "reasons" else "gradients"
    letter, channel = seen.enlarged
    return finished(
        [
            one_map(maps["x"], 0, X, "activations", theme),
            one_map(maps["x"], 0, X_GRADIENT, below, theme),
            *(
                tiles(maps[shape.letter], mosaic, seen.show, theme)
                for shape, mosaic in arrangement.mosaics
            ),
            one_map(maps[letter], channel, LARGE, seen.show, theme),
            *_still(arrangement, palette),
            *classes_drawn(classes, seen.texts["function"], palette),
            *_lines(maps, arrangement, seen, palette),
            *_texts(maps, arrangement, seen, palette),
        ],
        arrangement,
        palette,
    )


def _still(arrangement: InsideArrangement, palette: Palette) -> list[Drawing]:
    """Frames and headings."""
    points = [*frame(X), *frame(X_GRADIENT), *frame(LARGE)]
    titles = {(middle(X)[0], TITLE): "<b>Image</b> <i>x</i>"}
    counted = {NONZERO: "nonzero ∂:"}
    for shape, _ in arrangement.mosaics:
        points += [point for box in arrangement.tiles[shape.letter] for point in frame(box)]
        across = arrangement.across(shape.letter)
        titles[across, TITLE] = f"<b>{shape.title}</b>"
        titles[across, UNDER] = f"<i>{shape.written}</i>"
        counted[across, COUNTS[1]] = f"of {shape.channels * shape.side**2:,}"
    places = ["middle left", *["middle center"] * (len(counted) - 1)]
    muted = text_trace([*counted], [*counted.values()], SMALL, palette.muted)
    return [
        {**line_trace(points, 1, palette.line), "meta": STILL},
        {**muted, "textposition": places, "meta": STILL},
        {**text_trace([*titles], [*titles.values()], NOTE_SIZE, palette.ink), "meta": STILL},
    ]


def _lines(
    maps: Mapping[str, Maps], arrangement: InsideArrangement, seen: Seen, palette: Palette
) -> list[Drawing]:
    """What the chosen entry reads, what reads it, who won, and the entry itself."""
    lit = [point for each in seen.lit.items() for point in _around(*each, arrangement, seen)]
    large = LARGE[2] / maps[seen.enlarged[0]].values.shape[-1]
    grid = lattice(LARGE, *maps[seen.enlarged[0]].values.shape[1:]) if large >= SPACIOUS else []
    ways: dict[bool, list[Point | None]] = {True: [], False: []}
    for tail, tail_at, head, head_at, flowing in seen.ways:
        ends = _cell(tail, tail_at, arrangement, maps), _cell(head, head_at, arrangement, maps)
        ways[flowing] += [middle(ends[0]), middle(ends[1]), None]
    chosen: list[Point | None] = []
    if seen.chosen and seen.chosen[0] == "s":
        chosen = class_frame(seen.chosen[1][0])
    elif seen.chosen:
        letter, (channel, row, column) = seen.chosen
        side = maps[letter].values.shape[-1]
        for box in _boxes(letter, channel, arrangement, seen):
            chosen += frame(cell_box(box, side, row, column))
    # All but the ways stays as it is while somebody draws.
    kept = [line_trace(grid, 1, palette.line), *borders(lit, 2, palette.lit, palette)]
    kept += borders(chosen, 3, palette.accent, palette)
    return [
        line_trace(ways[False], 1.2, palette.muted, "dot"),
        # On the colours of reasons the ways need something to stand out from.
        line_trace(ways[True] if seen.show == "reasons" else [], 1.6 + HALO / 2, palette.paper),
        line_trace(ways[True], 1.6, POSITIVE),
        *({**drawing, "meta": STILL} for drawing in kept),
    ]


def _around(
    letter: str, mask: Mask, arrangement: InsideArrangement, seen: Seen
) -> list[Point | None]:
    """Around what is marked, on every map of a letter; most of them are marked alike."""
    drawn: dict[tuple[bytes, float, float], list[Point | None]] = {}
    points: list[Point | None] = []
    for channel, marked in enumerate(mask):
        if not marked.any():
            continue
        for left, top, width, height in _boxes(letter, channel, arrangement, seen):
            key = marked.tobytes(), width, height
            if key not in drawn:
                drawn[key] = border((0, 0, width, height), marked)
            points += [at and (round(left + at[0], 1), round(top + at[1], 1)) for at in drawn[key]]
    return points


def _boxes(letter: str, channel: int, arrangement: InsideArrangement, seen: Seen) -> list[Box]:
    """Every place where a map is shown."""
    boxes = [X, X_GRADIENT] if letter == "x" else [arrangement.tiles[letter][channel]]
    return [*boxes, LARGE] if seen.enlarged == (letter, channel) else boxes


def _cell(letter: str, at: Index, arrangement: InsideArrangement, maps: Mapping[str, Maps]) -> Box:
    channel, row, column = at
    side = maps[letter].values.shape[-1]
    return cell_box(arrangement.tiles[letter][channel], side, row, column)


def _texts(
    maps: Mapping[str, Maps], arrangement: InsideArrangement, seen: Seen, palette: Palette
) -> list[Drawing]:
    counts = {
        (arrangement.across(shape.letter), COUNTS[0]): f"<b>{maps[shape.letter].nonzero:,}</b>"
        for shape, _ in arrangement.mosaics
    }
    x = middle(X)[0]
    right = (RIGHT[0] + RIGHT[1]) / 2
    said = [
        ((x, UNDER), seen.texts["image"]),
        ((x, X_GRADIENT[1] - 15), seen.texts["gradient"]),
        ((right, TITLE), f"<b>{seen.texts['when']}</b>"),
        ((right, UNDER), seen.texts["answer"]),
        ((right, LARGE[1] - 18), seen.texts["enlarged"]),
        (RATE, seen.texts["rate"]),
    ]
    points, sentences = zip(*said, strict=True)
    return [
        text_trace([*counts], [*counts.values()], SMALL, palette.muted),
        text_trace(points, sentences, NOTE_SIZE, palette.ink),
        _numbers(maps, seen, palette),
        # It seldom changes, and its many colours take Plotly's time.
        {
            **text_trace([(WIDTH / 2 - 30, LEGEND)], [seen.legend], SMALL, palette.muted),
            "meta": STILL,
        },
    ]


def _numbers(maps: Mapping[str, Maps], seen: Seen, palette: Palette) -> Drawing:
    """In the cells of the large map, where there is room."""
    letter, channel = seen.enlarged
    there = maps[letter]
    array = (there.values if seen.show == "activations" else there.gradients)[channel]
    rows, columns = array.shape
    if seen.show == "reasons" or not has_room(LARGE, columns):
        return text_trace([], [], SMALL, palette.ink)
    rounded = cell_numbers(np.asarray(array, np.float64), LARGE[2] / columns)
    # On a page about zeros only a zero is written as one.
    texts = [
        "≈0" if text == "0" and value else text
        for text, value in zip(rounded, array.flat, strict=True)
    ]
    return text_trace(cell_middles(LARGE, rows, columns), texts, SMALL, palette.ink)

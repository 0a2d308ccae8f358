"""Draw maps: the arrays of a pass as heat maps, one for each channel, on one picture."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import compress
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine import Why
from engine.arrays import Array, Index, Mask, once
from pages.figures.heat_maps import (
    BETWEEN,
    NUMBER_SIZE,
    SPACIOUS,
    Colouring,
    Mosaic,
    border,
    borders,
    cell_middles,
    cell_numbers,
    colours,
    frame,
    has_room,
    image,
    largest,
    lattice,
    levels,
)
from pages.figures.info import Known, is_split
from pages.figures.layout import Layout, Measures, View, finished
from pages.figures.legend import Sign, present
from pages.figures.primitives import (
    STILL,
    Box,
    Drawing,
    Point,
    fitting,
    line_trace,
    text_trace,
)
from pages.figures.theme import NEGATIVE, PALETTES, POSITIVE, REASON_COLOURS, Palette, Theme
from pages.figures.words import ALL_MARK_IT, MARKS, hundredths

Kind: TypeAlias = Literal["values", "gradients", "reasons"]

CAPTION: Final = 14.0  # how far above a map its caption stands
_CELL: Final = re.compile(r"([a-z]|.*,)([1-9][0-9]?),([1-9][0-9]?)")


@dataclass(eq=False)  # a picture makes five: frozen, they would take three times as long
class Maps:
    """An array and its gradient as maps, (channels, rows, columns) each."""

    letter: str
    prefixes: tuple[str, ...]
    """What the names of a channel's entries begin with: 'x', 'a2,', 'h1.2,'."""
    values: Array
    gradients: Array | None = None  # None if they are hidden
    why: NDArray[np.uint8] | None = None
    """The reason for each gradient; None if reasons are not shown."""
    given: bool = False  # whether the gradients are sent in, not computed
    marks: Mask | None = None
    """Where the user predicts a nonzero gradient; None if nobody is asked."""
    shares: Array | None = None
    """The share (0 to 1) of a class that predicts a nonzero gradient, once it has voted; marks are
    then the majority's."""
    least: float = 0.0  # a gradient smaller than this never has the last colour
    known: Known = "gradient"  # what is computed at this step of the step-through

    def at(self, known: Known) -> "Maps":
        """The maps as they are shown if no more than this is computed yet."""
        if known == "gradient":
            return self
        return replace(self, gradients=None, why=None, known=known)

    def is_known(self, kind: Kind) -> bool:
        """Whether what a panel of this kind shows is computed, or is being predicted."""
        if kind == "values":
            return self.known != "nothing"
        return self.known == "gradient" or self.marks is not None

    @once
    def nonzero(self) -> list[int] | None:
        """The number of nonzero gradients in each channel; None if they are hidden."""
        if self.gradients is None:
            return None
        return [int(np.count_nonzero(channel)) for channel in self.gradients]

    @property
    def split(self) -> Mask | None:
        """The cells about which a class disagrees before the answer; None if no class is asked."""
        if self.shares is None or self.gradients is not None:
            return None
        return np.asarray(np.vectorize(is_split)(self.shares))

    @property
    def right(self) -> Mask | None:
        """Which guesses are right; None if there are none, or no answers yet."""
        if self.marks is None or self.gradients is None:
            return None
        return np.asarray(self.marks == (self.gradients != 0))

    def entry(self, at: Index) -> str:
        """The name of an entry."""
        channel, row, column = at
        return f"{self.prefixes[channel]}{row + 1},{column + 1}"

    def cell(self, entry: str) -> Index | None:
        """The index of an entry; None if it is not on these maps."""
        return cell_named(entry, self.prefixes, self.values.shape)

    def mask(self, entries: Iterable[str]) -> Mask:
        """A mask of those of the entries that are on these maps."""
        mask = np.zeros(self.values.shape, np.bool_)
        for at in filter(None, map(self.cell, entries)):
            mask[at] = True
        return mask

    def guessed(self, marked: frozenset[str] | None, *, revealed: bool) -> "Maps":
        """The maps with a guess for each gradient, and the gradients hidden until revealed.

        marked: the entries whose gradient is predicted to be nonzero; None if nobody is asked.
        """
        if self.given or self.gradients is None:
            return self
        seen = replace(self, gradients=self.gradients if revealed else None)
        return seen if marked is None else replace(seen, marks=self.mask(marked))

    def voted(self, shares: Mapping[str, tuple[float, ...]], *, revealed: bool) -> "Maps":
        """The maps with a class's predictions. shares: by entry, like `Cell.shares`."""
        nobody = revealed and not shares
        seen = self.guessed(None if nobody else frozenset(), revealed=revealed)
        if seen is self or not shares:
            return seen
        found = np.zeros(self.values.shape)
        for entry, each in shares.items():
            at = self.cell(entry)
            if at is not None and each:
                found[at] = each[-1]
        return replace(seen, shares=found, marks=found > 0.5)


def cell_named(entry: str, prefixes: Sequence[str], shape: tuple[int, ...]) -> Index | None:
    """The index of an entry in maps (channels, rows, columns); None if it is not there."""
    match = _CELL.fullmatch(entry)
    if match is None or match[1] not in prefixes:
        return None
    at = (prefixes.index(match[1]), int(match[2]) - 1, int(match[3]) - 1)
    return at if all(i < size for i, size in zip(at, shape, strict=True)) else None


# --- where they lie


@dataclass(frozen=True, eq=False)  # a cache key in every picture; each belongs to one layout
class Panel:
    """Maps of one array side by side; a single map is a mosaic of one tile."""

    letter: str  # of the array
    kind: Kind  # what is shown of it
    mosaic: Mosaic
    first: int = 0  # the first channel
    count: int = 1  # the number of channels
    said: str = "{map}, {kind}"  # what a screen reader says of each map
    caption: float = CAPTION  # how far above the panel its caption stands

    @once
    def boxes(self) -> dict[int, Box]:
        """Each channel's box."""
        return dict(enumerate(self.mosaic.boxes[: self.count], self.first))

    @property
    def box(self) -> Box:
        """The box around the panel."""
        return self.mosaic.box

    def cell(self, columns: int) -> float:
        """A cell's width, if each map has this many columns."""
        return self.mosaic.tile * self.mosaic.cell / columns

    @property
    def middle(self) -> float:
        """The horizontal middle."""
        return self.box[0] + self.box[2] / 2


def one_map(letter: str, kind: Kind, box: Box, side: int, channel: int = 0, **said: Any) -> Panel:
    """A panel of one map with `side` rows and columns, in a square box."""
    left, top, width, _ = box
    return Panel(
        letter, kind, Mosaic((left, top), 1, 1, side, width / side, (0, 0)), channel, **said
    )


@dataclass(frozen=True)
class MapMeasures(Measures):
    """The sizes of a picture of maps and of everything on it, in pixels."""

    number: int = NUMBER_SIZE  # the text size in cells
    # The widths of lines.
    frame: float = 1.5
    lit: float = 4
    upstream: float = 3
    chosen: float = 5


SLIDE: Final = MapMeasures()


@dataclass(frozen=True, eq=False)
class MapLayout(Layout):
    """A layout with maps besides single cells."""

    panels: tuple[Panel, ...] = ()
    measures: MapMeasures = SLIDE
    still: bool = False
    """Whether the lines stay the same while the images change, so that they are drawn once."""


# --- what is drawn

NOTHING: Final[Mapping[str, Mask]] = MappingProxyType({})


class ShownPanel(NamedTuple):
    """A panel, and what it shows."""

    panel: Panel
    maps: Maps
    array: NDArray[Any]  # the numbers that it shows
    colouring: Colouring | Literal["reasons"]
    top: float  # the number that has the last colour

    def roomy(self, measures: MapMeasures) -> bool:
        """Whether there is room for a text in each cell."""
        there = self.maps.is_known(self.panel.kind) and self.colouring != "reasons"
        return there and has_room(self.cell, measures.number)

    @property
    def cell(self) -> float:
        """A cell's width."""
        return self.panel.cell(self.array.shape[2])

    def image(self, theme: Theme, *, pale: bool) -> Drawing:
        """Draw all of the panel's maps."""
        look = theme, self.colouring, pale
        tiles = self.array[self._own]
        numbers = tiles.tobytes(), tiles.dtype.str, tiles.shape
        return _image(self.panel.mosaic, self.top, *look, *numbers)

    def texts(self, measures: MapMeasures) -> Iterable[tuple[Point, str]]:
        """The texts in the cells: marks, and numbers in the cells without a mark."""
        room = self.cell * NUMBER_SIZE / measures.number
        marks = self._marks(room)
        for channel, box in self.panel.boxes.items():
            array = self.array[channel]
            numbers = [] if self.colouring == "marks" else cell_numbers(array, room)
            texts = numbers if marks is None else marks[channel].ravel().tolist()
            if marks is not None and numbers:
                texts = [mark or text for mark, text in zip(texts, numbers, strict=True)]
            yield from zip(cell_middles(box, *array.shape), texts, strict=True)

    def verdicts(self, measures: MapMeasures) -> set[str]:
        """Which of ✓ and ✗ stand in the cells."""
        if self.maps.right is None or not self.roomy(measures):
            return set()
        return {text for _, text in self.texts(measures)} & {*MARKS.values()}

    @property
    def _own(self) -> slice:
        return slice(self.panel.first, self.panel.first + self.panel.count)

    def _marks(self, room: float) -> NDArray[np.str_] | None:
        """The texts in the cells that come from a prediction; None if there is none."""
        here, right = self.maps, self.maps.right
        if self.colouring == "marks" and here.shares is not None:
            whole = fitting(ALL_MARK_IT, NUMBER_SIZE, room)
            shares = map(hundredths, here.shares.ravel().tolist())
            written = [whole if share == 100 else f"{share}" for share in shares]
            return np.array(written).reshape(here.shares.shape)
        if self.colouring == "marks":
            return np.where(self.array, "≠", "?")
        if here.marks is None or right is None or self.panel.kind == "values":
            return None
        return np.where(right, np.where(here.marks, MARKS[True], ""), MARKS[False])


def shown_on(panel: Panel, maps: Mapping[str, Maps]) -> ShownPanel:
    """What a panel shows of the maps: instead of hidden gradients, the guesses.

    Numbers that are not computed yet look like guesses without any mark.
    """
    here = maps[panel.letter]
    if not here.is_known(panel.kind):
        return ShownPanel(panel, here, np.zeros(here.values.shape), "marks", 1.0)
    if panel.kind == "values":
        return ShownPanel(panel, here, here.values, "values", largest(here.values))
    if panel.kind == "reasons" and here.why is not None:
        return ShownPanel(panel, here, here.why, "reasons", 1.0)
    if here.gradients is None:
        marks = here.marks if here.shares is None else here.shares
        shown = np.zeros(here.values.shape) if marks is None else marks.astype(np.float64)
        return ShownPanel(panel, here, shown, "marks", 1.0)
    top = max(largest(here.gradients), here.least)
    return ShownPanel(panel, here, here.gradients, "gradients", top)


@lru_cache(maxsize=256)  # most maps are the same in the next picture too
def _image(
    mosaic: Mosaic,
    top: float,
    theme: Theme,
    colouring: Colouring | Literal["reasons"],
    pale: bool,
    numbers: bytes,
    dtype: str,
    shape: tuple[int, ...],
) -> Drawing:
    tiles: NDArray[Any] = np.frombuffer(numbers, dtype).reshape(shape)
    if colouring == "reasons":
        pixels, shades = tiles.astype(np.uint8), [*REASON_COLOURS[theme]]
    else:
        pixels, shades = levels(tiles, top), [*colours(theme, colouring, pale=pale)]
    shades += [PALETTES[theme].paper] * (BETWEEN + 1 - len(shades))  # the last fills the gaps
    return image(mosaic.joined([*pixels], BETWEEN), mosaic.box, shades)


def maps_figure(
    shown: Sequence[ShownPanel],
    maps: Mapping[str, Maps],
    layout: MapLayout,
    view: View,
    *,
    lit: Mapping[str, Mask],
    captions: Mapping[Panel, str],
    framed: Mapping[str, Mask] = NOTHING,
    sent: str | None = None,
    extra: Sequence[Drawing] = (),
) -> dict[str, Any]:
    """The figure, {"data": …, "layout": …}: heat maps, numbers, captions, lines.

    shown: what each panel of the layout shows of the maps. lit, framed: by letter, masks (channels,
    rows, columns) of the cells with a border: those that the chosen entry reads or that read it,
    and those chosen besides it. sent: the entry at which a gradient is sent in, "" for none; None
    if the page never has one. captions: the text over a panel. extra: drawings over the frames.
    """
    palette, measures = PALETTES[view.theme], layout.measures
    # Maps with numbers in their cells are paler, as numbers are written in ink.
    pale = [each.roomy(measures) for each in shown]
    cells = [text for each in compress(shown, pale) for text in each.texts(measures)]
    meta = {"meta": STILL} if layout.still else {}
    chosen = {**cell_mask(maps, view.entry), **framed}
    grid = _grid(layout, palette, *(each.array.shape for each in shown))
    upstream = {} if sent is None else cell_mask(maps, sent)
    around = [
        *_around(shown, lit, measures.lit, palette.lit, palette),
        *([] if sent is None else _around(shown, upstream, measures.upstream, POSITIVE, palette)),
        *_around(shown, chosen, measures.chosen, palette.accent, palette),
        *_splits(shown, measures, palette),
    ]
    over = [(round(p.middle, 1), round(p.box[1] - p.caption, 1)) for p in captions]
    return finished(
        [
            *(each.image(view.theme, pale=so) for each, so in zip(shown, pale, strict=True)),
            *({**each, **meta} for each in grid),
            text_trace(over, [*captions.values()], measures.note, palette.ink),
            *extra,
            *({**each, **meta} for each in around),
            text_trace(
                [at for at, _ in cells], [text for _, text in cells], measures.number, palette.ink
            ),
        ],
        layout,
        palette,
    )


@lru_cache(maxsize=64)  # they stay whatever moves
def _grid(layout: MapLayout, palette: Palette, *shapes: tuple[int, ...]) -> Sequence[Drawing]:
    """Draw lines between cells, if these are large enough, and around each map."""
    boxes = [
        (panel, shape, box)
        for panel, shape in zip(layout.panels, shapes, strict=True)
        for box in panel.boxes.values()
    ]
    lattices = [
        point
        for panel, (_, *sides), box in boxes
        if panel.cell(sides[1]) >= SPACIOUS
        for point in lattice(box, *sides)
    ]
    frames = [point for *_, box in boxes for point in frame(box)]
    return (
        line_trace(lattices, 1, palette.line),
        line_trace(frames, layout.measures.frame, palette.line),
    )


def _splits(shown: Sequence[ShownPanel], measures: MapMeasures, palette: Palette) -> list[Drawing]:
    """Draw borders around the cells about which a class disagrees."""
    asked = [each for each in shown if each.colouring == "marks"]
    masks = {each.panel.letter: each.maps.split for each in asked}
    split = {letter: mask for letter, mask in masks.items() if mask is not None}
    return _around(asked, split, measures.chosen, palette.accent, palette) if split else []


def cell_mask(maps: Mapping[str, Maps], entry: str) -> dict[str, Mask]:
    """A mask of one entry, by its letter; {} if it is no cell of a map."""
    return {
        letter: each.mask([entry]) for letter, each in maps.items() if each.cell(entry) is not None
    }


def _around(
    shown: Iterable[ShownPanel],
    masks: Mapping[str, Mask],
    width: float,
    colour: str,
    palette: Palette,
) -> list[Drawing]:
    """Draw lines around the cells that the masks mark, on each panel of their arrays."""
    marked = [
        (box, own.tobytes(), own.shape)
        for each in shown
        if each.panel.letter in masks
        for channel, box in each.panel.boxes.items()
        for own in [masks[each.panel.letter][channel]]
    ]
    return _borders(tuple(marked), width, colour, palette)


@lru_cache(maxsize=256)  # most borders stay in place, whatever moves
def _borders(
    marked: Sequence[tuple[Box, bytes, tuple[int, ...]]],
    width: float,
    colour: str,
    palette: Palette,
) -> list[Drawing]:
    points = [
        point
        for box, mask, shape in marked
        for point in border(box, np.frombuffer(mask, np.bool_).reshape(shape))
    ]
    return borders(points, width, colour, palette)


# --- what is written beside them


BRIEF_WAYS: Final = ("<b>{}</b> of {} ≠ 0", "<b>{}</b>/{} ≠ 0")  # those for little room
WAYS: Final = ("gradient: <b>{}</b> of {} nonzero", "<b>{}</b> of {} nonzero", *BRIEF_WAYS)
"""How to write the number of nonzero gradients, longest first."""


def nonzero_caption(panel: Panel, here: Maps, size: int, ways: tuple[str, ...] = WAYS) -> str:
    """The caption of a map: how many of its gradients are nonzero; "" for a map of values.

    size: the text size. ways: the forms of the caption; the first one that fits is used.
    """
    if panel.kind == "values" or not here.is_known(panel.kind):
        return ""
    if here.nonzero is None:
        return "nonzero?" if here.shares is None else "% say nonzero"
    whole = here.values[panel.first].size
    # No count of this map is longer than the number of its cells.
    longest = {way.format(whole, whole): way for way in ways}
    way = longest[fitting(longest, size, panel.box[2])]
    return way.format(here.nonzero[panel.first], whole)


# --- what there is on them


def legend(
    shown: Sequence[ShownPanel],
    maps: Mapping[str, Maps],
    view: View,
    lit: Mapping[str, Mask],
    sent: str = "",
) -> list[Sign]:
    """The legend of a picture of maps; arguments are as for `maps_figure`."""
    palette = PALETTES[view.theme]
    return [*_colour_signs(shown, view.theme), *_border_signs(maps, view.entry, lit, sent, palette)]


def mark_signs(shown: Sequence[ShownPanel], measures: MapMeasures, theme: Theme) -> list[Sign]:
    """The legend of ✓ and ✗ in cells: about the user's marks, or about a class's majority."""
    found = {text for each in shown for text in each.verdicts(measures)}
    most = "" if all(each.maps.shares is None for each in shown) else "most_"
    ink = PALETTES[theme].ink
    return present(
        (MARKS[True] in found, "right", ink, f"{most}right"),
        (MARKS[False] in found, "wrong", ink, f"{most}wrong"),
    )


def _colour_signs(shown: Sequence[ShownPanel], theme: Theme) -> Iterator[Sign]:
    palette = PALETTES[theme]
    values, gradients, marks, reasons = (
        [each.array for each in shown if each.colouring == colouring]
        for colouring in ("values", "gradients", "marks", "reasons")
    )
    # Beside reasons, only the image has values, and a nonzero gradient has the colour of ink.
    above = not reasons and any((each > 0).any() for each in values)
    marked = "marked" if all(each.maps.shares is None for each in shown) else "share"
    splits = [each.maps.split for each in shown]
    yield from present(
        (above, "box", palette.ink, "above"),
        (any((each < 0).any() for each in values), "box", palette.map_below, "below"),
        (any((each > 0).any() for each in gradients), "box", POSITIVE, "positive"),
        (any((each < 0).any() for each in gradients), "box", NEGATIVE, "negative"),
        (any((each == 0).any() for each in gradients), "box", palette.map_zero, "zero"),
        (any(each.any() for each in marks), "box", palette.muted, marked),
        (any(each is not None and each.any() for each in splits), "frame", palette.accent, "split"),
    )
    found = {int(why) for array in reasons for why in np.unique(array)}
    for why, colour in zip(Why, REASON_COLOURS[theme], strict=True):
        if int(why) in found:
            if why is Why.NOT_COVERED:  # it has the paper's colour
                yield Sign("frame", palette.line, why.name.lower())
            else:
                yield Sign("box", colour, why.name.lower())


def _border_signs(
    maps: Mapping[str, Maps], chosen: str, lit: Mapping[str, Mask], sent: str, palette: Palette
) -> Iterator[Sign]:
    letters, own = [*maps], [*cell_mask(maps, chosen)]
    if own:
        around = [letter for letter in lit if letter in maps and lit[letter].any()]
        before = any(letters.index(letter) < letters.index(own[0]) for letter in around)
        after = any(letters.index(letter) > letters.index(own[0]) for letter in around)
        meanings = {(True, True): "both", (True, False): "read", (False, True): "affected"}
        if meaning := meanings.get((before, after)):
            yield Sign("frame", palette.lit, meaning)
        yield Sign("frame", palette.accent, "chosen")
    if cell_mask(maps, sent):
        yield Sign("frame", POSITIVE, "sent")

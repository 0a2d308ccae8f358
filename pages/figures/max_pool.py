"""The picture of a max pool: h, its windows, z; the gradient flowing back through each window."""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import Final

from pages.figures.arrangement import (
    Arrangement,
    Drawing,
    Heading,
    Point,
    View,
    column,
    line_trace,
    text_trace,
)
from pages.figures.theme import NOTE_SIZE, PALETTES, Palette

HEIGHT: Final = 699
TOP: Final = 112
BOTTOM: Final = 632
"""Between these lie the entries of h, and the padding."""
MOST: Final = 100
"""From one entry to the next, at most; with padding it is less."""
TIGHTEST: Final = 74
"""From one output to the next, at least: so many fit."""
PADDING: Final = 38
"""From one entry of padding to the next."""
GAP: Final = 10
"""Between two cells, at least."""
INSET: Final = 4
"""Between the bracket of a window and that of the next, at least, twice."""
WIDTH: Final = 190
TALLEST: Final = 82
H: Final = 385
Z: Final = 1175
"""The middle of each column; left of h and right of z there is room for sliders."""
LANE: Final = 20
"""From the bracket of a window to that of the next one that overlaps it."""


@dataclass(frozen=True)
class Pooling:
    """The windows over so many entries: the first and the last entry of each.

    Counted from 0; padding lies before 0 and behind the last entry. whole: it has one output, z,
    not z1, z2, ….
    """

    entries: int
    padding: int
    spans: tuple[tuple[int, int], ...]
    stride: int = 1
    whole: bool = False

    @property
    def size(self) -> int:
        """Entries in a window."""
        first, last = self.spans[0]
        return last - first + 1

    @property
    def lanes(self) -> int:
        """How many windows may read one entry."""
        return min(len(self.spans), -(-self.size // self.stride))


def pool_arrangement(pool: Pooling) -> Arrangement:
    """Where everything lies."""
    pitch = _pitch(pool)
    cell = (WIDTH, min(TALLEST, pitch - GAP))
    boxes = column("h", H, [_edge(pool, i) + pitch / 2 for i in range(pool.entries)], cell)
    cell = (WIDTH, min(TALLEST, _output_pitch(pool) - GAP))
    outputs = column("z", Z, list(_output_middles(pool)), cell)
    if pool.whole:
        outputs = {"z": outputs["z1"]}
    return Arrangement(
        width=1600,
        height=HEIGHT,
        boxes=boxes | outputs,
        headings=list(_headings(pool)),
        counts={"h": (H, HEIGHT - 24), "z": (Z, HEIGHT - 24)},
    )


def _headings(pool: Pooling) -> Iterator[Heading]:
    between, beside, count = (H + Z) / 2, Z + 235, len(pool.spans)
    yield Heading((H, 34), "input", "h")
    if pool.whole:
        yield Heading((between, 34), "1 window", "all of h")
        yield Heading((Z, 34), "Max pool", "z = max(h)")
    else:
        counted = "1 window" if count == 1 else f"{count} windows"
        padded = f", padding {pool.padding}" if pool.padding else ""
        yield Heading((between, 34), counted, f"size {pool.size}, stride {pool.stride}{padded}")
        yield Heading((Z, 34), "Max pool", "z = max of its window")
    yield Heading((beside, 34), "sent back", "dz" if pool.whole else "dz = ∂L/∂z")


def windows(pool: Pooling, chosen: Set[int], view: View) -> list[Drawing]:
    """The traces behind everything: a bracket along each window, and its way to its output.

    chosen: the windows that stand out.
    """
    palette = PALETTES[view.theme]
    drawn: list[Drawing] = []
    for position, (span, middle) in enumerate(zip(pool.spans, _output_middles(pool), strict=True)):
        colour = palette.windows[position % len(palette.windows)]
        left = H + WIDTH / 2 + 26 + LANE * (position % pool.lanes)
        top, bottom = _extent(pool, span)
        out = position in chosen
        way = [(left, top), (Z - WIDTH / 2, middle - 24), (Z - WIDTH / 2, middle + 24)]
        drawn += [
            {
                **line_trace([*way, (left, bottom), (left, top)], 0, colour),
                "fill": "toself",
                "fillcolor": palette.faint(colour, 0.2 if out else 0.09),
                "zorder": -2,
            },
            {
                **line_trace(_bracket(left, top, bottom), 7 if out else 4, colour),
                "zorder": -1,
            },
        ]
    return [*drawn, *_padding(pool, palette)]


def _bracket(left: float, top: float, bottom: float) -> list[Point]:
    return [(left - 12, top), (left, top), (left, bottom), (left - 12, bottom)]


def _padding(pool: Pooling, palette: Palette) -> list[Drawing]:
    """The entries that padding adds, which are no cells: there is nothing to choose."""
    rows = [*range(-pool.padding, 0), *range(pool.entries, pool.entries + pool.padding)]
    outline: list[Point | None] = []
    for row in rows:
        left, top, width, height = H - WIDTH / 2, _edge(pool, row) + 3, WIDTH, PADDING - 6
        right, bottom = left + width, top + height
        corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
        outline += [*corners, None]
    at = [(H, _edge(pool, row) + PADDING / 2) for row in rows]
    return [
        line_trace(outline, 1.5, palette.line, dash="dash"),
        text_trace(at, ["padding: −∞"] * len(at), NOTE_SIZE, palette.muted),
    ]


def _pitch(pool: Pooling) -> float:
    """From one entry of h to the next."""
    return min(MOST, (BOTTOM - TOP - 2 * pool.padding * PADDING) / pool.entries)


def _edge(pool: Pooling, row: int) -> float:
    """The upper edge of the room for an entry, of h or of padding."""
    pitch = _pitch(pool)
    first = (TOP + BOTTOM - pool.entries * pitch) / 2
    inside = min(max(row, 0), pool.entries)
    return first + pitch * inside + PADDING * (row - inside)


def _extent(pool: Pooling, span: tuple[int, int]) -> tuple[float, float]:
    """The upper and the lower end of a window, where its outermost cells have theirs."""
    first, last = span
    return _edge(pool, first) + INSET, _edge(pool, last + 1) - INSET


def _output_middles(pool: Pooling) -> Iterator[float]:
    """The middles of the outputs: level with their windows, unless that would be too tight."""
    middle = sum(_middle(pool, at) for at in (0, -1)) / 2
    steps = len(pool.spans) - 1
    for position in range(steps + 1):
        yield middle + _output_pitch(pool) * (position - steps / 2)


def _output_pitch(pool: Pooling) -> float:
    """From one output to the next."""
    steps = len(pool.spans) - 1
    return max((_middle(pool, -1) - _middle(pool, 0)) / steps, TIGHTEST) if steps else MOST


def _middle(pool: Pooling, position: int) -> float:
    return sum(_extent(pool, pool.spans[position])) / 2

"""Where the maps of a picture lie: x, the filters, then a, h and z, one row for each filter."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pages.figures.arrangement import Box, Heading, Point
from pages.figures.maps import Kind, MapArrangement, Panel

WIDTH: Final = 1600.0
HEIGHT: Final = 700.0
LEFT: Final = 10.0
TOP: Final = 62.0
BOTTOM: Final = 666.0
LEGEND: Final = 686.0
"""Where the colours are explained."""
CAPTION: Final = 28.0
"""Above each map, for its caption."""
X_WIDTH: Final = 300.0
W_WIDTH: Final = 250.0
THUMB: Final = 96.0
"""The side of the small whole digit, of which x is a part."""
BESIDE: Final = 8.0
"""Between a map and its gradient, where they stand beside each other."""
LEAST_GAP: Final = 26.0
"""Between columns."""
PITCH: Final = 29.0
"""From one slider to the next."""
LARGEST: Final = 64.0
"""A cell's side at most."""


@dataclass(frozen=True)
class Plan:
    """What is to be laid out: sides by letter, how many filters, what is shown of each map.

    cut: x is a part of the digit. batch: the filters' gradient over a minibatch has maps too.
    """

    sides: Mapping[str, int]
    filters: int
    kinds: tuple[Kind, ...] = ("values", "gradients")
    cut: bool = False
    batch: bool = False


def conv_2d_arrangement(plan: Plan) -> MapArrangement:
    """Where everything lies."""
    w_left, lefts, side = _columns(plan)
    filters, sliders = _filters(plan, w_left)
    panels = [*_inputs(plan), *filters, *_channels(plan, lefts, side)]
    middles = {
        letter: (min(box[0] for box in boxes) + max(box[0] + box[2] for box in boxes)) / 2
        for letter in "ahz"
        for boxes in [[panel.box for panel in panels if panel.prefix[0] == letter]]
    }
    titles = {"a": "Conv: a = w ∗ x", "h": "ReLU: h = max(0, a)", "z": "Max pool: z = max h"}
    headings = [Heading((LEFT + X_WIDTH / 2, 14), "input x", "")]
    headings.append(Heading((w_left + W_WIDTH / 2, 14), "filters w", ""))
    headings += [Heading((middles[letter], 14), titles[letter], "") for letter in "ahz"]
    return MapArrangement(
        WIDTH,
        HEIGHT,
        {},
        headings,
        {},
        panels=tuple(panels),
        legend=(WIDTH / 2, LEGEND),
        sliders=sliders,
    )


def corner_sliders() -> list[tuple[float, float, float]]:
    """For the row and the column of the crop, beside the small digit: left, middle, width."""
    left = LEFT + THUMB + 12
    return [(left, TOP + 12 + 40 * i, X_WIDTH - THUMB - 12) for i in range(2)]


def _columns(plan: Plan) -> tuple[float, dict[tuple[str, Kind], float], float]:
    """Where the filters begin, where each column of a, h and z begins, and a map's side."""
    # One filter has its gradients beneath its values, several have them beside.
    stacked = plan.filters == 1
    columns = 1 if stacked else len(plan.kinds)
    down = len(plan.kinds) if stacked else plan.filters
    room = WIDTH - 2 * LEFT - X_WIDTH - W_WIDTH - 3 * (columns - 1) * BESIDE
    side = min((room - 4 * LEAST_GAP) / (3 * columns), _share(down))
    gap = (room - 3 * columns * side) / 4
    w_left = LEFT + X_WIDTH + gap
    first = w_left + W_WIDTH + gap
    group = columns * (side + BESIDE) - BESIDE + gap
    lefts = {
        (letter, kind): first + i * group + (0 if stacked else k * (side + BESIDE))
        for i, letter in enumerate("ahz")
        for k, kind in enumerate(plan.kinds)
    }
    return w_left, lefts, side


def _share(down: int, top: float = TOP) -> float:
    """The height of a map, of so many beneath each other."""
    return (BOTTOM - top - (down - 1) * CAPTION) / down


def _square(left: float, top: float, room: float, side: int) -> Box:
    """A map in the middle of a square of this room, no cell larger than the largest."""
    used = min(room, side * LARGEST)
    return left + (room - used) / 2, top, used, used


def _inputs(plan: Plan) -> list[Panel]:
    top = TOP + (THUMB + CAPTION - 12 if plan.cut else 0)
    room = min(X_WIDTH, _share(len(plan.kinds), top))
    panels = [Panel("d", "values", (LEFT, TOP - 16, THUMB, THUMB))] if plan.cut else []
    for row, kind in enumerate(plan.kinds):
        box = _square(
            LEFT + (X_WIDTH - room) / 2, top + row * (room + CAPTION), room, plan.sides["x"]
        )
        panels.append(Panel("x", kind, box))
    return panels


def _filters(plan: Plan, left: float) -> tuple[list[Panel], Point]:
    """For each filter its numbers, their gradient, that of the minibatch; then the sliders."""
    shown: list[tuple[str, Kind]] = [("w", "values"), ("w", "gradients")]
    shown += [("b", "gradients")] if plan.batch else []
    # One filter has room for the minibatch's beneath, several have it beside.
    columns = 2 if plan.filters == 1 else len(shown)
    rows = -(-len(shown) * plan.filters // columns)
    room = BOTTOM - TOP - 9 * PITCH - rows * CAPTION
    side = min((W_WIDTH - 10 * (columns - 1)) / columns, room / rows)
    across, down = (W_WIDTH - side) / (columns - 1), side + CAPTION
    panels = []
    for i in range(plan.filters):
        for k, (letter, kind) in enumerate(shown):
            row, column = divmod(i * len(shown) + k, columns)
            # The third of three stands beneath the second.
            column = 1 if row and columns < len(shown) else column
            box = (left + column * across, TOP + row * down, side, side)
            panels.append(Panel(f"{letter}{i + 1},", kind, box))
    return panels, (left, TOP + rows * down + PITCH / 2 - 8)


def _channels(plan: Plan, lefts: Mapping[tuple[str, Kind], float], side: float) -> list[Panel]:
    stacked = plan.filters == 1
    return [
        Panel(
            f"{letter}{channel + 1},",
            kind,
            _square(
                lefts[letter, kind],
                TOP + (plan.kinds.index(kind) if stacked else channel) * (side + CAPTION),
                side,
                plan.sides[letter],
            ),
        )
        for letter in "ahz"
        for channel in range(plan.filters)
        for kind in plan.kinds
    ]

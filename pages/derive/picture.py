"""A picture and all that belongs to it: what a live figure shows. No Streamlit here."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress
from operator import ne
from typing import Any, Final

from pages.figures.heat_maps import Packed
from pages.figures.legend import Sign
from pages.figures.primitives import Box
from pages.figures.theme import Theme
from pages.figures.words import number, power_of_ten
from pages.state.codecs import GRID, HIGH, LOW
from pages.state.predict import Exercise

THUMB: Final = 16.0
"""The width of a slider's thumb: its middle stays by half of that within the ends of the track."""
FIELD: Final = 84.0
"""What the number field behind a slider takes, and the gap before it."""


@dataclass(frozen=True)
class Slider:
    """A slider: the entry that it moves, and where it stands on the picture."""

    name: str
    label: str
    value: float
    left: float
    top: float
    width: float
    low: float = LOW
    high: float = HIGH
    grid: float = GRID
    named: bool = False
    """Whether its label is shown beside it too: it stands beside no cell of that name."""
    said: str = ""
    """What a reader hears instead of the entry's name."""
    power: bool = False
    """Whether it moves the exponent of a power of ten, which is what the number field shows."""
    area: Box | None = None
    """Where one can drag too, from low at its left edge to high at its right."""

    @property
    def values(self) -> list[float]:
        """Every value that it can take, and the present one where that is between them."""
        steps = round((self.high - self.low) / self.grid)
        return sorted({self.low + self.grid * step for step in range(steps + 1)} | {self.value})

    def written(self, value: float) -> str:
        """One of its values, as its number field has it."""
        return power_of_ten(value) if self.power else number(value)


def track(low: float, high: float, level: float) -> tuple[float, float, float]:
    """Where a slider stands whose thumb goes from low to high: its left end, level and width."""
    return low - THUMB / 2, level, high - low + THUMB + FIELD


@dataclass(frozen=True)
class Target:
    """A place on the picture that can be chosen: the entry, its box, and what a reader hears.

    valued: whether the entry's value stands there.
    """

    entry: str
    said: str
    box: Box
    valued: bool = True


@dataclass(frozen=True)
class Grid:
    """Cells in rows and columns that can be chosen: too many for a target each.

    The cell in row r and column c is the entry prefix + "r,c", counted from one; if lined, one row
    that goes on in lines, prefix + its place in that. box: all of it.
    said: what a reader hears of it. values, gradients: the cells' own, to be said; None for none.
    group: grids of one are one stop of the Tab key, and the arrow keys go from one to the next; ""
    for a grid by itself.
    """

    prefix: str
    said: str
    rows: int
    columns: int
    box: Box
    values: Packed | None = None
    gradients: Packed | None = None
    group: str = ""
    lined: bool = False


@dataclass(frozen=True)
class Pad:
    """A picture that can be drawn on, 28 × 28 pixels: the field of the scene, its text, its box.

    prefix: of its pixels' names. tool: what the hand does there, "look" for nothing. image: what
    is drawn over, a byte from 0 to 255 each pixel, in base 64. colours: of the paper and of the
    ink.
    """

    name: str
    text: str
    prefix: str
    box: Box
    tool: str
    image: str
    colours: tuple[str, str]


@dataclass(frozen=True)
class Lessons:
    """The lessons of a course, by their titles: the present one's number, and those passed here.

    The browser keeps the numbers of those that were ever passed.
    """

    titles: Sequence[str]
    at: int
    passed: Sequence[int]


@dataclass(frozen=True)
class VoteCard:
    """Where a class votes, as the projector shows it; the browser that opened it keeps the token.

    path: of its events on this server. address: the phones', and its QR code. everywhere: what it
    asks for. votes: how many there were when this was made.
    """

    code: str
    token: str
    path: str
    address: str
    qr: str
    everywhere: bool
    phase: str
    round: int
    votes: int


@dataclass(frozen=True)
class Task:
    """What is asked beside the picture, or said about an answer.

    lines: each "right", "wrong" or "", and a sentence, in which **…** is bold. acts: of the
    buttons: what the server hears, "" for one that cannot be pressed and keeps its place, and the
    label. main: the main one's place among them. highest: of the whole number from 0 that is asked
    for, which goes with the first act; 0 for none.
    asked: what stays above the buttons, as lines are, and keeps them in their place.
    missed: what was answered wrongly, by its number: to it by the act "look again".
    lessons: of the course that it belongs to, if it does: to another by the act "lesson" with its
    number, to the first, with none passed, by "begin". keys: by letter the acts for which a key
    does too. vote: that of a class, if one is asked.
    """

    heading: str
    lines: Sequence[tuple[str, str]]
    acts: Sequence[tuple[str, str]]
    main: int = 0
    highest: int = 0
    asked: Sequence[tuple[str, str]] = ()
    missed: Sequence[tuple[int, str]] = ()
    lessons: Lessons | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    vote: VoteCard | None = None


@dataclass(frozen=True)
class Still:
    """What of a picture cannot be moved at present, in a sentence why; "" for what can."""

    sliders: str = ""
    steps: str = ""


MOVABLE: Final = Still()
"""Everything can be moved."""


@dataclass(frozen=True)
class Screen:
    """What a picture is shown on: in which theme, how wide; exercise: what hides its gradients."""

    theme: Theme = "light"
    exercise: Exercise | None = None
    narrow: bool = False

    @property
    def hidden(self) -> bool:
        """Whether no gradient may be seen."""
        return self.exercise is not None and not self.exercise.revealed


SCREEN: Final = Screen()
"""A wide one, on which all may be seen."""


@dataclass(frozen=True)
class Picture:
    """One state's picture: the figure, what can be chosen on it, and the sentences beneath it.

    make_targets, make_grids: what can be chosen; latex: the explained formula, or ""; summary: all
    of it in words, for those who hear it: each made when asked for, since a sweep goes without.
    left: where the picture begins without its sliders; None for where its leftmost cell does. pad:
    what can be drawn on. legend: what there is on it. step: what happens at this step of the
    step-through.
    """

    figure: Mapping[str, Any]
    make_targets: Callable[[], Iterable[Target]]
    explanation: Sequence[str]
    make_grids: Callable[[], Iterable[Grid]] = tuple
    latex: Callable[[], str] = lambda: ""
    left: float | None = None
    pad: Pad | None = None
    summary: Callable[[], str] = lambda: ""
    legend: Sequence[Sign] = ()
    step: str = ""

    @cached_property
    def targets(self) -> Sequence[Target]:
        """The places that can be chosen."""
        return [*self.make_targets()]

    @cached_property
    def grids(self) -> Sequence[Grid]:
        """The cells in rows and columns that can be chosen."""
        return [*self.make_grids()]


# --- what differs between two pictures of one arrangement: far less than the pictures;
# components/browser/sweeps.js lays it over the one to get the other


def as_frame(base: Sequence[Mapping[str, Any]], picture: Picture) -> dict[str, Any]:
    """A picture as what to lay over these traces, and its sentences."""
    return {
        "traces": changes_of_traces(base, picture.figure["data"]),
        "explanation": list(picture.explanation),
        "legend": list(picture.legend),
        "step": picture.step,
    }


def changes_of_traces(
    old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """For each trace what to lay over the old one to get the new one; they are as many."""
    return [{} if was is now else changes(was, now) for was, now in zip(old, new, strict=True)]


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """What to lay over the old one, key by key, to get the new one."""
    found = {}
    for key, value in new.items():
        was = old.get(key)
        if value is was or value == was:
            continue
        found[key] = changes(was or {}, value) if isinstance(value, dict) else _entries(was, value)
    return found


def _entries(old: Any, new: Any) -> Any:
    """Of a list the entries that differ, by index; the whole of it where that is not much less."""
    if not (isinstance(old, list) and isinstance(new, list) and len(old) == len(new)):
        return new
    different = [*compress(range(len(new)), map(ne, old, new))]
    if 2 * len(different) >= len(new):
        return new
    return {index: _entries(old[index], new[index]) for index in different}

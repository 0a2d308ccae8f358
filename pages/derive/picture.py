"""A picture and everything a live figure shows with it. Nothing here needs Streamlit."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress
from operator import ne
from typing import Any, Final, TypeAlias

from pages.figures.heat_maps import Packed
from pages.figures.legend import Sign
from pages.figures.primitives import Box
from pages.figures.theme import Theme
from pages.figures.words import number, power_of_ten
from pages.state.acts import Act
from pages.state.codecs import GRID, HIGH, LOW
from pages.state.predict import Exercise

THUMB: Final = 16.0
"""The width of a slider's thumb. Its middle stays half of that inside either end of the track."""
FIELD: Final = 84.0  # the width of the number field right of a slider, including the gap before it


@dataclass(frozen=True)
class Slider:
    """A slider: the entry it moves, and its place on the picture."""

    name: str
    label: str
    value: float
    left: float
    top: float  # of its middle
    width: float  # with its label, if that is drawn, and with the number field
    low: float = LOW
    high: float = HIGH
    grid: float = GRID
    named: bool = False
    """Whether its label is drawn beside it, because no cell of that name is there."""
    said: str = ""  # what a screen reader says instead of the entry's name
    power: bool = False
    """Whether it moves the exponent of a power of ten. The number field shows the power itself."""
    area: Box | None = None
    """A box in which the user can drag as well: low at its left edge, high at its right."""

    @property
    def values(self) -> list[float]:
        """Every value on the slider's grid, and the present one if it lies between them."""
        steps = round((self.high - self.low) / self.grid)
        return sorted({self.low + self.grid * step for step in range(steps + 1)} | {self.value})

    def written(self, value: float) -> str:
        """Return one of its values as the number field shows it."""
        return power_of_ten(value) if self.power else number(value)


def track(low: float, high: float, level: float) -> tuple[float, float, float]:
    """Return the left end, level and width of a slider whose thumb goes from low to high."""
    return low - THUMB / 2, level, high - low + THUMB + FIELD


@dataclass(frozen=True)
class Target:
    """A clickable place on the picture."""

    entry: str
    said: str  # by a screen reader
    box: Box
    valued: bool = True  # whether the entry's value is shown there


@dataclass(frozen=True)
class Grid:
    """Clickable cells in rows and columns, for cells too many to have a `Target` each.

    The cell in row r and column c, counted from one, is the entry prefix + "r,c". If lined, the
    grid is one long row broken into lines, and a cell is prefix + its place in that row.
    """

    prefix: str
    said: str  # of the grid, by a screen reader
    rows: int
    columns: int
    box: Box  # of the whole grid
    values: Packed | None = None  # of the cells, for a screen reader
    gradients: Packed | None = None  # of the cells, for a screen reader
    group: str = ""
    """Grids of one group are a single stop of the Tab key, and the arrow keys move between them;
    "" for a grid of its own."""
    lined: bool = False


@dataclass(frozen=True)
class Pad:
    """An image of 28 × 28 pixels that the user can draw on."""

    name: str  # the field of the scene that contains the drawing
    text: str  # the drawing, as it is in that field
    prefix: str  # of the names of its pixels
    box: Box
    tool: str  # the drawing tool in use; "look" if there is none
    image: str  # what is drawn over, one byte (0 to 255) per pixel, in base 64
    colours: tuple[str, str]  # of the paper and of the ink


@dataclass(frozen=True)
class Lessons:
    """The lessons of a course."""

    titles: Sequence[str]
    at: int  # the number of the present lesson
    passed: Sequence[int]
    """The numbers of those passed here. The browser keeps those of all that were ever passed."""


@dataclass(frozen=True)
class VoteCard:
    """A class vote as the projector shows it."""

    code: str
    token: str  # kept by the browser that opened the vote
    path: str  # of the vote's events on this server
    address: str  # that phones open
    qr: str  # the QR code of that address
    everywhere: bool  # whether it is about all gradients
    phase: str
    round: int
    votes: int  # cast when this was made


Button: TypeAlias = tuple[Act, str]  # what it asks the server for, and its label


@dataclass(frozen=True)
class Task:
    """What is asked beside the picture, or said about an answer."""

    heading: str
    lines: Sequence[tuple[str, str]]
    """("right", "wrong" or "", a sentence); **…** in a sentence is bold."""
    acts: Sequence[Button]
    main: int = 0  # the index of the main button
    highest: int = 0
    """The largest answer, if a whole number from 0 is asked for, which is sent with the first act;
    otherwise 0."""
    asked: Sequence[tuple[str, str]] = ()  # lines above the buttons, which keep them in place
    missed: Sequence[tuple[int, str]] = ()
    """(number, text) of each question answered wrongly; the act "look again" goes to one."""
    lessons: Lessons | None = None  # of the course that the task belongs to, if any
    keys: Mapping[str, Act] = field(default_factory=dict)  # by letter, the acts that a key does too
    vote: VoteCard | None = None


@dataclass(frozen=True)
class Still:
    """Why the sliders or the steps cannot be moved at present, in a sentence; "" if they can."""

    sliders: str = ""
    steps: str = ""


MOVABLE: Final = Still()  # nothing is held still


@dataclass(frozen=True)
class Screen:
    """What a picture is drawn for."""

    theme: Theme = "light"
    exercise: Exercise | None = None  # that hides gradients
    narrow: bool = False

    @property
    def hidden(self) -> bool:
        """Whether gradients must not be shown."""
        return self.exercise is not None and not self.exercise.revealed


SCREEN: Final = Screen()  # a wide screen on which everything may be shown


@dataclass(frozen=True)
class Picture:
    """The picture of one scene: the figure, what can be clicked on it, and the sentences under it.

    What is a function is called only when needed, because a sweep does without it.
    """

    figure: Mapping[str, Any]
    make_targets: Callable[[], Iterable[Target]]
    explanation: Sequence[str]
    make_grids: Callable[[], Iterable[Grid]] = tuple
    latex: Callable[[], str] = lambda: ""  # the explained formula
    left: float | None = None
    """Where the picture begins if its sliders are left out; None: at its leftmost cell."""
    pad: Pad | None = None  # what can be drawn on
    summary: Callable[[], str] = lambda: ""  # the whole picture in words, for a screen reader
    legend: Sequence[Sign] = ()
    step: str = ""  # what happens at this step of the step-through

    @cached_property
    def targets(self) -> Sequence[Target]:
        """The clickable places."""
        return [*self.make_targets()]

    @cached_property
    def grids(self) -> Sequence[Grid]:
        """The clickable cells in rows and columns."""
        return [*self.make_grids()]


# --- The difference between two pictures with the same layout, far smaller than a picture.
# components/browser/sweeps.js applies it to one to get the other.


def as_frame(base: Sequence[Mapping[str, Any]], picture: Picture) -> dict[str, Any]:
    """Return a picture as its difference from these traces, and its sentences."""
    return {
        "traces": changes_of_traces(base, picture.figure["data"]),
        "explanation": list(picture.explanation),
        "legend": list(picture.legend),
        "step": picture.step,
    }


def changes_of_traces(
    old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return for each trace the difference from old to new. Both lists are equally long."""
    return [{} if was is now else changes(was, now) for was, now in zip(old, new, strict=True)]


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return what differs, key by key, to be laid over the old mapping.

    It gives the new one, but for keys that only the old one has: these stay, as the fill of a
    triangle that becomes a line, where it is not seen.
    """
    found = {}
    for key, value in new.items():
        was = old.get(key)
        if value is was or value == was:
            continue
        found[key] = changes(was or {}, value) if isinstance(value, dict) else _entries(was, value)
    return found


def _entries(old: Any, new: Any) -> Any:
    """Return the entries of a list that differ, by index; all of it if that saves little."""
    if not (isinstance(old, list) and isinstance(new, list) and len(old) == len(new)):
        return new
    different = [*compress(range(len(new)), map(ne, old, new))]
    if 2 * len(different) >= len(new):
        return new
    return {index: _entries(old[index], new[index]) for index in different}

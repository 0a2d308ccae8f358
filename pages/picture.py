"""A page's subject: how its scene becomes a pass, and the pass a picture. No Streamlit here."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from engine import Trace
from pages.codecs import GRID, HIGH, LOW
from pages.explain import answers, explain_place
from pages.figures.arrangement import Arrangement, Box, Drawing, View
from pages.figures.graph import graph_figure
from pages.figures.info import GraphInfo, Naming
from pages.figures.pack import Packed
from pages.figures.theme import Theme
from pages.heard import heard, summary
from pages.place import Place, places
from pages.predict import Exercise
from pages.scene import Scene
from pages.sharing import latex
from pages.sharing.code import Script

SceneType = TypeVar("SceneType", bound=Scene)


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

    The cell in row r and column c is the entry prefix + "r,c", counted from one. box: all of it.
    said: what a reader hears of it. values, gradients: the cells' own, to be said; None for none.
    """

    prefix: str
    said: str
    rows: int
    columns: int
    box: Box
    values: Packed | None = None
    gradients: Packed | None = None


@dataclass(frozen=True)
class Tile(Grid):
    """One of several grids side by side, without numbers of its own.

    group: those of one are one stop of the Tab key; the arrow keys go from one to the next.
    """

    group: str = ""


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
class Picture:
    """One state's picture: the figure, its targets and grids, and the sentences beneath it.

    latex: the explained formula, made when asked for, or "". left: where the picture begins without
    its sliders; None for where its leftmost cell does. pad: what can be drawn on. summary: all of
    it in words, for those who hear it.
    """

    figure: Mapping[str, Any]
    targets: Sequence[Target]
    explanation: Sequence[str]
    grids: Sequence[Grid] = ()
    latex: Callable[[], str] = lambda: ""
    left: float | None = None
    pad: Pad | None = None
    summary: str = ""


class PageSubject(Protocol[SceneType]):
    """What a page needs to know of its subject; `Subject` is one of single cells."""

    @property
    def key(self) -> str:
        """The page's, in the session and in the browser."""

    @property
    def start(self) -> SceneType:
        """What the page opens with."""

    @property
    def presets(self) -> Mapping[str, SceneType]:
        """By the names that an address may ask for."""

    @property
    def steps(self) -> Sequence[str]:
        """Those of the step-through; () for none."""

    @property
    def trace(self) -> Callable[[SceneType], Trace]:
        """The pass of a scene."""

    @property
    def describe(self) -> Callable[[Trace, SceneType], GraphInfo]:
        """What there is to show of it."""

    @property
    def sliders(self) -> Callable[[SceneType], list[Slider]]:
        """What can be moved, beside what."""

    def picture(
        self, scene: SceneType, theme: Theme = "light", exercise: Exercise | None = None
    ) -> Picture:
        """The scene's figure, what can be chosen on it, and what is to be said."""


@dataclass(frozen=True)
class Subject(Generic[SceneType]):
    """What a page is about.

    trace: the pass of a scene. describe: what there is to show of it. arrangement: where. sliders:
    what can be moved, beside what. extra: what else is drawn. steps: those of the step-through.
    focus: whether all ways but the chosen entry's recede. others: places by entry that are not
    the trace's own. remarks: what is to be said of an entry besides its explanation. more_code:
    what its script prints besides the trace.
    """

    key: str
    start: SceneType
    trace: Callable[[SceneType], Trace]
    naming: Naming
    describe: Callable[[Trace, SceneType], GraphInfo]
    arrangement: Callable[[SceneType], Arrangement]
    sliders: Callable[[SceneType], list[Slider]]
    extra: Callable[[SceneType, Trace, View], list[Drawing]] = lambda scene, trace, view: []
    presets: Mapping[str, SceneType] = field(default_factory=dict)
    steps: Sequence[str] = ()
    focus: bool = False
    others: Callable[[Trace], Mapping[str, Place]] = lambda trace: {}
    remarks: Callable[[Trace, str], list[str]] = lambda trace, entry: []
    more_code: Callable[[SceneType], Iterable[str]] = lambda scene: ()

    def picture(
        self, scene: SceneType, theme: Theme = "light", exercise: Exercise | None = None
    ) -> Picture:
        """The scene's figure, what can be chosen on it, and what is to be said."""
        trace = self.trace(scene)
        info = self.describe(trace, scene)
        if exercise:
            info = exercise.over(info)
        chosen = "" if exercise else getattr(scene, "entry", "")
        hidden = exercise is not None and not exercise.revealed
        arrangement, view = self.arrangement(scene), View(chosen, theme, self.focus, hidden)
        return Picture(
            graph_figure(info, arrangement, view, self.extra(scene, trace, view)),
            [
                Target(entry, heard(info.cells[entry]), box)
                for entry, box in arrangement.boxes.items()
            ],
            self._said(trace, info, chosen, exercise),
            latex=lambda: self._latex(trace, info, chosen),
            summary=summary(info),
        )

    def script(self, scene: SceneType) -> Script:
        """The scene as a script."""
        trace, more = self.trace(scene), self.more_code(scene)
        explained = self._places(trace).get(getattr(scene, "entry", ""))
        return Script(trace, self.naming, getattr(scene, "rule", ""), explained, after=more)

    def _latex(self, trace: Trace, info: GraphInfo, chosen: str) -> str:
        cell = info.cells.get(chosen)
        known = cell is not None and cell.known == "gradient"
        return latex.formula(self._places(trace)[chosen]) if known else ""

    def _said(
        self, trace: Trace, info: GraphInfo, chosen: str, exercise: Exercise | None
    ) -> list[str]:
        if exercise and not exercise.revealed:
            return ["Click every cell whose gradient you expect to be nonzero; then reveal."]
        if exercise:
            return answers(info, self._places(trace))
        cell = info.cells.get(chosen)
        if cell is None:
            return ["Choose a cell to see its formula, its numbers, and why it is what it is."]
        if cell.known != "gradient":
            return [f"The gradient of {cell.label} is not computed yet at this step."]
        return explain_place(self._places(trace)[chosen]) + self.remarks(trace, chosen)

    def _places(self, trace: Trace) -> dict[str, Place]:
        return {**places(trace, self.naming), **self.others(trace)}

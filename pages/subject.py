"""What a page is about: what makes pictures of its scenes; for a pass in cells, its graph."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, Protocol, TypeVar

from engine import Trace
from pages.components.picture import Picture, Slider, Target
from pages.explain.aria import cell_label, summary
from pages.explain.catalogue import say
from pages.explain.entry import Entry, entries
from pages.explain.formula import latex_formula
from pages.explain.sentences import answers, explain_entry
from pages.figures.arrangement import Arrangement, Box, Drawing, View
from pages.figures.graph import apart, graph_figure, map_drawings
from pages.figures.info import GraphInfo, Naming, describe_graph
from pages.figures.theme import Theme
from pages.sharing.script import Script
from pages.state.predict import Exercise
from pages.state.scene import STEP, Scene

SceneType = TypeVar("SceneType", bound=Scene)


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

    trace: the pass of a scene. arrangement: where its entries lie. sliders: what can be moved,
    beside what. special: what there is to show, where that is not just the trace. maps: by letter
    the boxes of the values and of the gradients of those arrays that are heat maps, not cells.
    extra: what else is drawn. steps: those of the step-through. focus: whether all ways but the
    chosen entry's recede. others: places by entry that are not the trace's own. remarks: what is
    to be said of an entry besides its explanation. more_code: what its script prints besides the
    trace.
    """

    key: str
    start: SceneType
    trace: Callable[[SceneType], Trace]
    naming: Naming
    arrangement: Callable[[SceneType], Arrangement]
    sliders: Callable[[SceneType], list[Slider]]
    special: Callable[[Trace, SceneType], GraphInfo] | None = None
    maps: Mapping[str, tuple[Box, Box]] = field(default_factory=dict)
    extra: Callable[[SceneType, Trace, View], list[Drawing]] = lambda scene, trace, view: []
    presets: Mapping[str, SceneType] = field(default_factory=dict)
    steps: Sequence[str] = ()
    focus: bool = False
    others: Callable[[Trace], Mapping[str, Entry]] = lambda trace: {}
    remarks: Callable[[Trace, str], list[str]] = lambda trace, entry: []
    more_code: Callable[[SceneType], Iterable[str]] = lambda scene: ()

    def describe(self, trace: Trace, scene: SceneType) -> GraphInfo:
        """What there is to show of a pass, at the scene's step."""
        if self.special:
            return self.special(trace, scene)
        return describe_graph(trace, self.naming, getattr(scene, STEP, None))

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
        drawn, maps = apart(info, self.maps)
        extra = [*map_drawings(maps, view), *self.extra(scene, trace, view)]
        boxes = {**arrangement.boxes, **{e: box for each in maps for e, box in each.boxes.items()}}
        return Picture(
            graph_figure(drawn, arrangement, view, extra),
            [Target(entry, cell_label(info.cells[entry]), box) for entry, box in boxes.items()],
            self._said(trace, info, chosen, exercise),
            latex=lambda: self._latex(trace, info, chosen),
            summary=partial(summary, info),
        )

    def script(self, scene: SceneType) -> Script:
        """The scene as a script."""
        trace, more = self.trace(scene), self.more_code(scene)
        explained = self._places(trace).get(getattr(scene, "entry", ""))
        return Script(trace, self.naming, getattr(scene, "rule", ""), explained, after=more)

    def _latex(self, trace: Trace, info: GraphInfo, chosen: str) -> str:
        cell = info.cells.get(chosen)
        known = cell is not None and cell.known == "gradient"
        return latex_formula(self._places(trace)[chosen]) if known else ""

    def _said(
        self, trace: Trace, info: GraphInfo, chosen: str, exercise: Exercise | None
    ) -> list[str]:
        if exercise and not exercise.revealed:
            return [say("predict.ask")]
        if exercise:
            return answers(info, self._places(trace))
        cell = info.cells.get(chosen)
        if cell is None:
            return [say("entry.choose")]
        if cell.known != "gradient":
            return [say("entry.unknown", entry=cell.label)]
        return explain_entry(self._places(trace)[chosen]) + self.remarks(trace, chosen)

    def _places(self, trace: Trace) -> dict[str, Entry]:
        return {**entries(trace, self.naming), **self.others(trace)}

"""What a page is about: what makes pictures of its scenes; for a pass in cells, its graph."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from typing import Any, Generic, Protocol, TypeVar

from engine import Trace
from pages.components.picture import Picture, Slider, Target
from pages.explain.aria import cell_label, legend_in_words, summary
from pages.explain.catalogue import say
from pages.explain.entry import Entry, entries
from pages.explain.formula import latex_formula
from pages.explain.sentences import explain_entry, mistakes, step_sentence
from pages.figures.cell_graph import apart, graph_figure, map_drawings, parted
from pages.figures.info import GraphInfo, Naming, describe_graph
from pages.figures.layout import Layout, View
from pages.figures.legend import legend
from pages.figures.primitives import Drawing
from pages.figures.theme import PALETTES, Theme
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
        self,
        scene: SceneType,
        theme: Theme = "light",
        exercise: Exercise | None = None,
        *,
        narrow: bool = False,
    ) -> Picture:
        """The scene's figure, what can be chosen on it, and what is to be said."""


def _unchanged(info: GraphInfo, trace: Trace, naming: Naming, scene: Any) -> GraphInfo:
    return info


@dataclass(frozen=True)
class Addition:
    """What a page shows and says besides its pass.

    draw: what lies over the edges and under the text. place: the layout with what it adds. beside:
    how much room it takes right of the columns. entries: cells that it adds. info: what there is to
    show, with these. others: what they are. remarks: what is to be said of an entry besides its
    explanation. code: what the script prints besides the trace.
    """

    draw: Callable[[Any, Trace, Layout, View], list[Drawing]] = lambda *_: []
    place: Callable[[Any, Layout], Layout] = lambda case, layout: layout
    beside: float = 0.0
    entries: Sequence[str] = ()
    info: Callable[[GraphInfo, Trace, Naming, Any], GraphInfo] = _unchanged
    others: Callable[[Trace], Mapping[str, Entry]] = lambda trace: {}
    remarks: Callable[[Trace, Naming, str], list[str]] = lambda *_: []
    code: Callable[[Any], Iterable[str]] = lambda scene: ()


@dataclass(frozen=True)
class Subject(Generic[SceneType]):
    """What a page is about.

    trace: the pass of a scene. layout: where its entries lie; narrow: on a
    phone. sliders: what can be moved, beside
    what. steps: those of the step-through. focus: whether all edges but the chosen entry's recede.
    additions: what is shown besides.
    """

    key: str
    start: SceneType
    trace: Callable[[SceneType], Trace]
    naming: Naming
    layout: Callable[[SceneType], Layout]
    narrow: Callable[[SceneType], Layout]
    sliders: Callable[[SceneType], list[Slider]]
    presets: Mapping[str, SceneType] = field(default_factory=dict)
    steps: Sequence[str] = ()
    focus: bool = False
    additions: Sequence[Addition] = ()

    def describe(self, trace: Trace, scene: SceneType) -> GraphInfo:
        """What there is to show of a pass, at the scene's step."""
        info = describe_graph(trace, self.naming, getattr(scene, STEP, None))
        for addition in self.additions:
            info = addition.info(info, trace, self.naming, scene)
        return info

    def picture(
        self,
        scene: SceneType,
        theme: Theme = "light",
        exercise: Exercise | None = None,
        *,
        narrow: bool = False,
    ) -> Picture:
        """The scene's figure, what can be chosen on it, and what is to be said."""
        trace = self.trace(scene)
        info = self.describe(trace, scene)
        if exercise:
            info = exercise.over(info)
        hidden = exercise is not None and not exercise.revealed
        chosen = "" if hidden else getattr(scene, "entry", "")
        layout = self.narrow(scene) if narrow else self.layout(scene)
        view = View(chosen, theme, self.focus, hidden)
        drawn, maps, between = apart(info, layout)
        seen = replace(info, edges=parted(drawn, view)[0].edges)  # edges that recede have no sign
        extra = map_drawings(maps, between, layout, view)
        for addition in self.additions:
            extra += addition.draw(scene, trace, layout, view)
        boxes = {**layout.boxes, **{e: box for each in maps for e, box in each.boxes.items()}}
        return Picture(
            graph_figure(drawn, layout, view, extra),
            [Target(entry, cell_label(info.cells[entry]), box) for entry, box in boxes.items()],
            [] if hidden else self._said(trace, info, chosen),
            left=0.0 if narrow else None,
            latex=lambda: self._latex(trace, info, chosen),
            summary=partial(summary, info),
            legend=legend_in_words(legend(seen, chosen, PALETTES[theme])),
            step="" if hidden else self._step(trace, scene),
        )

    def script(self, scene: SceneType) -> Script:
        """The scene as a script."""
        trace, more = self.trace(scene), chain(*(each.code(scene) for each in self.additions))
        explained = self._places(trace).get(getattr(scene, "entry", ""))
        return Script(trace, self.naming, getattr(scene, "rule", ""), explained, after=more)

    def _latex(self, trace: Trace, info: GraphInfo, chosen: str) -> str:
        cell = info.cells.get(chosen)
        known = cell is not None and cell.known == "gradient"
        return latex_formula(self._places(trace)[chosen]) if known else ""

    def _step(self, trace: Trace, scene: SceneType) -> str:
        """What happens at the scene's step, in this very state."""
        if not self.steps:
            return ""
        step = int(scene.value(STEP))
        where, _, _ = self.steps[step].partition(":")
        return f"{where}: {step_sentence(trace, self.naming, step)}"

    def mistakes(self, scene: SceneType, info: GraphInfo) -> list[str]:
        """Of each wrong guess what is true, and why."""
        return mistakes(info, self._places(self.trace(scene)))

    def _said(self, trace: Trace, info: GraphInfo, chosen: str) -> list[str]:
        cell = info.cells.get(chosen)
        if cell is None:
            return [say("entry.choose")]
        if cell.known != "gradient":
            return [say("entry.unknown", entry=cell.label)]
        remarks = (each.remarks(trace, self.naming, chosen) for each in self.additions)
        return [*explain_entry(self._places(trace)[chosen]), *chain(*remarks)]

    def _places(self, trace: Trace) -> dict[str, Entry]:
        found = entries(trace, self.naming)
        for addition in self.additions:
            found |= addition.others(trace)
        return found

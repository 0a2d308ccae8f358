"""What a page is about: how its scenes become pictures.

`PageSubject` is what every page needs of its subject; `Subject` draws a pass in cells.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from typing import Any, Generic, Protocol

from engine import Trace
from pages.derive.picture import SCREEN, Grid, Picture, Screen, Slider, Target
from pages.derive.script import Script
from pages.explain.aria import cell_label, legend_in_words, marks_in_words, share_in_words, summary
from pages.explain.entry import Entry, entry_of
from pages.explain.formula import latex_formula
from pages.explain.sentences import explain_entry
from pages.explain.steps import operation_at, step_sentence
from pages.figures.array_maps import ArrayMap, apart, map_drawings
from pages.figures.cell_graph import graph_figure, says_further
from pages.figures.heat_maps import Packed, pack, pack_words
from pages.figures.info import GraphInfo, Naming, describe_graph
from pages.figures.layout import Layout, View
from pages.figures.legend import legend
from pages.figures.primitives import Drawing
from pages.language.catalogue import as_sentence, say
from pages.state.scene import STEP, SceneType


@dataclass(frozen=True)
class StepThrough:
    """A pass at one step of its step-through."""

    trace: Trace
    naming: Naming
    names: Sequence[str]  # of all steps
    step: int

    @property
    def is_under_way(self) -> bool:
        """Whether some gradients are not computed yet."""
        return self.step < len(self.names) - 1

    @property
    def sentence(self) -> str:
        """What happens at this step."""
        return step_sentence(self.trace, self.naming, self.step)

    def line(self, *, said_elsewhere: bool, hidden: bool) -> str:
        """Return which step this is and what happens at it.

        said_elsewhere: whether the latter is. hidden: whether gradients are hidden, so that it must
        not be told which are nonzero.
        """
        where, _, _ = self.names[self.step].partition(":")
        if hidden:
            back = self.step > len(self.trace.steps)
            return f"{where}{say('happens.hidden') if back else '.'}"
        if not said_elsewhere:
            return f"{where}: {self.sentence}"
        operation = operation_at(self.trace, self.step)
        return f"{where}: {as_sentence(operation)}" if operation else f"{where}."


class PageSubject(Protocol[SceneType]):
    """What a page needs of its subject. `Subject` is one whose pass is drawn in cells."""

    @property
    def key(self) -> str:
        """The page's key, in the session and in the browser."""

    @property
    def start(self) -> SceneType:
        """The scene that the page opens with."""

    @property
    def presets(self) -> Mapping[str, SceneType]:
        """The preset scenes, by the name used in an address."""

    def steps(self, scene: SceneType, /) -> Sequence[str]:
        """Return the names of a scene's steps; () if it has none."""

    def trace(self, scene: SceneType, /) -> Trace:
        """Return the pass of a scene."""

    def describe(self, trace: Trace, scene: SceneType, /) -> GraphInfo:
        """Return what there is to show of a pass."""

    def sliders(self, scene: SceneType, /) -> list[Slider]:
        """Return the sliders of a scene."""

    def picture(self, scene: SceneType, screen: Screen = SCREEN) -> Picture:
        """Return the scene's figure, what can be clicked on it, and what is said about it."""

    def pictures(self, scenes: Sequence[SceneType], screen: Screen = SCREEN) -> Iterable[Picture]:
        """Return the picture of each scene. The scenes differ in a single entry."""

    def script(self, scene: SceneType) -> Script:
        """Return the scene as a Python script."""


def at_last_step(subject: PageSubject[SceneType], scene: SceneType) -> SceneType:
    """Return a scene at its last step, at which all of the pass is shown."""
    steps = subject.steps(scene)
    return scene.having(STEP, len(steps) - 1) if steps else scene


class OneByOne(ABC, Generic[SceneType]):
    """A subject without a step-through, whose pictures have nothing in common."""

    def steps(self, scene: SceneType) -> Sequence[str]:
        """No steps."""
        return ()

    @abstractmethod
    def picture(self, scene: SceneType, screen: Screen = SCREEN) -> Picture:
        """See `PageSubject.picture`."""

    def pictures(self, scenes: Sequence[SceneType], screen: Screen = SCREEN) -> Iterator[Picture]:
        """See `PageSubject.pictures`."""
        return (self.picture(scene, screen) for scene in scenes)


@dataclass(frozen=True)
class Addition:
    """What a page shows and says in addition to its pass."""

    draw: Callable[[Any, Trace, Layout, View], list[Drawing]] = lambda *_: []
    """Returns drawings that lie over the edges and under the text."""
    place: Callable[[Naming, Trace, Layout], Layout] = lambda naming, passed, layout: layout
    """Adds what it needs to the layout, given some pass under the scene's settings."""
    room_right: float = 0.0  # the width it takes right of the columns
    entries: Sequence[str] = ()  # the names of the cells it adds
    info: Callable[[GraphInfo, Trace, Naming, Any], GraphInfo] = lambda info, *_: info
    """Adds these cells to what there is to show."""
    others: Callable[[Trace], Mapping[str, Entry]] = lambda trace: {}
    """For these cells, by name, the `Entry` each stands for."""
    remarks: Callable[[Trace, Naming, str], list[str]] = lambda *_: []
    """Returns what to say of an entry after its explanation."""
    code: Callable[[Any], Iterable[str]] = lambda scene: ()  # further lines of the script


@dataclass(frozen=True, eq=False)
class Subject(Generic[SceneType]):
    """A page's subject: a pass drawn in cells."""

    key: str
    start: SceneType
    trace: Callable[[SceneType], Trace]
    traces: Callable[[Sequence[SceneType]], Iterable[Trace]]  # of scenes that differ in one entry
    naming: Naming
    layout: Callable[[SceneType], Layout]
    narrow: Callable[[SceneType], Layout]  # the layout on a phone
    sliders: Callable[[SceneType], list[Slider]]
    steps: Callable[[SceneType], Sequence[str]]  # their names
    presets: Mapping[str, SceneType] = field(default_factory=dict)
    focus: bool = False  # whether all edges recede but those of the chosen entry
    additions: Sequence[Addition] = ()

    def describe(self, trace: Trace, scene: SceneType) -> GraphInfo:
        """Return what there is to show of a pass at the scene's step."""
        return self._shown(trace, scene, self.layout(scene))

    def _shown(self, trace: Trace, scene: SceneType, layout: Layout) -> GraphInfo:
        info = describe_graph(trace, self.naming, getattr(scene, STEP), layout.maps)
        for addition in self.additions:
            info = addition.info(info, trace, self.naming, scene)
        return info

    def picture(self, scene: SceneType, screen: Screen = SCREEN) -> Picture:
        """See `PageSubject.picture`."""
        return self.drawn(scene, self.trace(scene), screen)

    def pictures(self, scenes: Sequence[SceneType], screen: Screen = SCREEN) -> Iterator[Picture]:
        """See `PageSubject.pictures`."""
        return map(partial(self.drawn, screen=screen), scenes, self.traces(scenes))

    def drawn(self, scene: SceneType, trace: Trace, screen: Screen) -> Picture:
        """Return the picture of a scene, given its pass."""
        layout = self.narrow(scene) if screen.narrow else self.layout(scene)
        info = self._shown(trace, scene, layout)
        if screen.exercise:
            info = screen.exercise.over(info)
        walk = StepThrough(trace, self.naming, self.steps(scene), getattr(scene, STEP))
        hidden = screen.hidden
        happens = self._happens(walk, info, scene)
        chosen = "" if hidden or happens else scene.entry
        view = View(chosen, screen.theme, self.focus, hidden)
        drawn, maps, between = apart(info, layout)
        extra = map_drawings(maps, between, layout, view)
        of_additions = replace(view, hidden=hidden or walk.is_under_way)
        for addition in self.additions:
            extra += addition.draw(scene, trace, layout, of_additions)
        figure = graph_figure(drawn, layout, view, extra)
        further = says_further(figure)
        # In the legend, every cell of a heat map counts, but only edges and gates that are drawn.
        seen = replace(info, edges=drawn.edges, gates=drawn.gates)
        signs = legend(seen, view, later=further, maps=maps, between=between)
        return Picture(
            figure,
            partial(_targets, info, layout),
            [] if hidden else self._said(trace, info, scene, happens),
            partial(grids, maps),
            left=0.0 if screen.narrow else None,
            latex=lambda: self._latex(trace, info, chosen),
            summary=partial(summary, info),
            legend=legend_in_words(signs),
            step=walk.line(said_elsewhere=bool(happens), hidden=hidden),
        )

    def script(self, scene: SceneType) -> Script:
        """See `PageSubject.script`."""
        trace, more = self.trace(scene), chain(*(each.code(scene) for each in self.additions))
        chosen = scene.entry
        explained = self._place(trace, chosen) if chosen else None
        return Script(trace, self.naming, scene.rule, explained, after=more)

    def _latex(self, trace: Trace, info: GraphInfo, chosen: str) -> str:
        cell = info.cells.get(chosen)
        known = cell is not None and cell.known == "gradient"
        return latex_formula(self._place(trace, chosen)) if known else ""

    def _happens(self, walk: StepThrough, info: GraphInfo, scene: SceneType) -> str:
        """Return what happens at the scene's step, if the chosen entry has no gradient yet."""
        cell = info.cells.get(scene.entry)
        waits = cell is not None and cell.known != "gradient"
        return walk.sentence if waits else ""

    def _said(self, trace: Trace, info: GraphInfo, scene: SceneType, happens: str) -> list[str]:
        """Return the explanation. happens: said instead while the entry has no gradient yet."""
        chosen = scene.entry
        if chosen not in info.cells:
            return [say("entry.choose")]
        if happens:
            return [happens]
        remarks = (each.remarks(trace, self.naming, chosen) for each in self.additions)
        return [*explain_entry(self._place(trace, chosen)), *chain(*remarks)]

    def _place(self, trace: Trace, chosen: str) -> Entry:
        """Return the entry with this name, of the pass or of an addition."""
        for addition in self.additions:
            if chosen in addition.entries:
                return addition.others(trace)[chosen]
        entry = entry_of(trace, self.naming, chosen)
        if entry is None:
            raise KeyError(chosen)
        return entry


def _targets(info: GraphInfo, layout: Layout) -> Iterator[Target]:
    """Yield a clickable place for each single cell, and for each scalar that is a heat map."""
    scalars = {x: layout.columns[x] for x in layout.maps if x in info.cells}
    places = {**layout.boxes, **scalars}
    return (Target(e, cell_label(info.cells[e]), box) for e, box in places.items())


def grids(maps: Iterable[ArrayMap]) -> Iterator[Grid]:
    """Yield the clickable grids of heat maps: one over the values, one over the gradients.

    A scalar has none, since the names in a grid end in a number.
    """
    for each in (each for each in maps if each.shape):
        for upper, half in ((True, each.values), (False, each.gradients)):
            for tile in each.tiles(half):
                own = slice(tile.first, tile.first + tile.size)
                name = tile.prefix.rstrip(",.")
                yield Grid(
                    tile.prefix,
                    say("aria.map" if upper else "aria.map.gradients", map=name),
                    tile.rows,
                    tile.columns,
                    tile.box,
                    group=f"{each.cells[0].letter} {upper}",
                    lined=tile.lined,
                    **({} if upper else _packed_numbers(each, own)),
                )


def _packed_numbers(here: ArrayMap, own: slice) -> dict[str, Packed]:
    """Return what a screen reader says of some cells of a heat map: their values, gradients."""
    values, gradients = (each[own] for each in here.numbers)
    said = {} if here.known == "nothing" else {"values": pack(values)}
    if here.marked and here.voted:
        said["gradients"] = pack_words([share_in_words(cell.shares) for cell in here.cells[own]])
    elif here.marked:
        said["gradients"] = pack(gradients, marks_in_words())
    elif here.known == "gradient":
        said["gradients"] = pack(gradients)
    return said

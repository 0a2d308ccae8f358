"""The scene of the page about kinks: another page's, and how far the two axes reach.

The address has `of`, the key of that page's subject, then that scene's own keys, its rule and its
entry among them: the rule that stands out, and the entry along which the slice is taken. The
axes are a part of the state, so that they stay as they are while anything moves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from engine.check.claims import point
from pages.derive.page import Impossible, Snap
from pages.derive.snaps import NUDGES, landed
from pages.figures.words import number
from pages.kink.pages import PAGES_WITH_A_SLICE, inputs_of
from pages.kink.results import AXIS_LEAST, Reach, Results, results
from pages.language.catalogue import say
from pages.state.codecs import Choice, Codec, Number, Numbers
from pages.state.scene import STEP, Scene, SceneAround, taken, unread


@dataclass(frozen=True)
class Ends(Numbers):
    """Two numbers, the lower one first."""

    @property
    def needs(self) -> str:
        """For messages."""
        return f"{super().needs}, the lower one first"

    def read(self, text: str) -> tuple[float, ...]:
        """Each number in turn."""
        low, high = super().read(text)
        if high - low < AXIS_LEAST:
            raise ValueError(text)
        return low, high


OF: Final = Choice(tuple(PAGES_WITH_A_SLICE))
REACH: Final = Ends(2, Number(-1e150, 1e150))
"""No number of a pass is nearly as large."""
AXES: Final = ("heights", "slopes")
_STILL: Final = {"of", "entry", "rule", "step", *AXES}
"""Keys that leave the point where it is."""


@dataclass(frozen=True)
class KinkScene(SceneAround):
    """inner is of the page `of`; its entry, along which the slice is taken, is one of x or w.

    heights: from where to where the slice's axis goes; slopes: that of the brackets. While
    something is moved there, they stay.
    """

    of: str
    heights: Reach
    slopes: Reach

    @classmethod
    def over(cls, of: str, inner: Scene) -> Self:
        """A scene of another page, with axes that hold what is there.

        Where its explained entry is none of x or w, the slice is taken along the first that has a
        slider.
        """
        inner = _along(of, inner, inner.entry)
        return cls(inner, of, *results(of, inner, inner.entry).axes)

    @property
    def results(self) -> Results:
        """What the engine says about it."""
        return results(self.of, self.inner, self.entry)

    @property
    def step(self) -> int:
        """Of the step-through there, which every page has that can be looked at."""
        return int(getattr(self.inner, STEP))

    def codecs(self) -> dict[str, Codec]:
        """Those of the scene that is looked at, and the page's own."""
        return {"of": OF, **self.inner.codecs(), **dict.fromkeys(AXES, REACH)}

    def keys(self) -> set[str]:
        """Those of every scene that there may be."""
        every = (explored.subject.start.keys() for explored in PAGES_WITH_A_SLICE.values())
        return {*self.codecs()}.union(*every)

    def query(self) -> dict[str, str]:
        """The whole state as an address has it."""
        return self._around(self.inner.query())

    def _around(self, inner: Mapping[str, str]) -> dict[str, str]:
        axes = {name: REACH.write(getattr(self, name)) for name in AXES}
        return {"of": self.of, **inner, **axes}

    def address(self) -> tuple[dict[str, str], list[str]]:
        """As far as the scene that is looked at has room in one."""
        inner, left_out = self.inner.address()
        return self._around(inner), left_out

    def updated(self, query: Mapping[str, str]) -> tuple[Self, list[str]]:
        """As every scene. That of another page than before begins with what that page begins with.

        Where the point becomes another one, or the entry, axes that are not given are fitted.
        """
        of, problems = taken("of", OF, query, self.of)
        before = self.inner if of == self.of else PAGES_WITH_A_SLICE[of].subject.start
        others = {name: text for name, text in query.items() if name != "entry"}
        inner, more = before.updated(others)
        asked = query.get("entry", "")
        inner = _along(of, inner, asked)
        if asked not in ("", inner.entry):
            needs = Choice((*inputs_of(of, inner),)).needs
            more.append(unread("entry", asked, needs, inner.entry))
        scene = replace(self, of=of, inner=inner)
        if of != self.of or scene.entry != self.entry or {*others} & {*inner.codecs()} - _STILL:
            scene = scene.fitted()
        for name in AXES:
            reach, worse = taken(name, REACH, query, getattr(scene, name))
            scene, more = replace(scene, **{name: reach}), more + worse
        return scene, problems + more

    def fitted(self) -> Self:
        """With axes that hold what is there."""
        heights, slopes = self.results.axes
        return replace(self, heights=heights, slopes=slopes)

    def possible(self) -> tuple[Self, list[str]]:
        """As far as the scene that is looked at is possible."""
        inner, problems = self.inner.possible()
        return replace(self, inner=_along(self.of, inner, inner.entry)), problems


def _along(of: str, inner: Scene, wanted: str) -> Scene:
    """A scene that explains one of x or w: what is wanted, its own, the first with a slider."""
    inputs = inputs_of(of, inner)
    movable = [name for name in inner.entry_names() if name in inputs]
    entry = next(name for name in (wanted, inner.entry, *movable) if name in inputs)
    return inner if entry == inner.entry else inner.updated({"entry": entry})[0]


def _over(of: str, **changes: Any) -> KinkScene:
    """What a page opens with, with these fields changed."""
    return KinkScene.over(of, replace(PAGES_WITH_A_SLICE[of].subject.start, **changes))


def _block(*x: float, w: float = 1.0, entry: str = "x1") -> KinkScene:
    return _over("conv-block", x=x, w=w, entry=entry)


_CASES: Final = {
    "two-way-tie": ("A tie of two maxima", _block(3.0, 3.0, 1.0, 0.0, -1.0)),
    "three-way-tie": ("A tie of three maxima", _block(2.0, 2.0, 2.0, 0.5, -1.0, entry="x2")),
    "relu-zero": ("A maximum at ReLU's zero", _block(-1.0, 0.0, -2.0, -0.5, -1.5, entry="x2")),
    "all-negative": (
        "All a are negative: a tie, but no kink",
        _block(-1.0, -2.0, -3.0, -0.5, -1.5),
    ),
    "smooth": ("A unique maximum: no kink", _block(1.0, 3.0, 2.0, 0.5, -1.0, entry="x2")),
    "zero-weight": ("A weight of zero", _block(1.5, -1.0, 0.5, -2.0, 1.0, w=0.0, entry="w")),
    "relu-alone": ("ReLU alone, at its zero", _over("relu")),
    "not-jointly": (
        "In each bracket, but not jointly",
        _over("max-pool", h=(3.0, 3.0, 1.0, 0.5, -1.0), size="whole", entry="h1"),
    ),
    "overlap": ("Ties in windows that overlap", _over("max-pool")),
    "mixed-signs": (
        "Ties under gradients of both signs",
        _over("max-pool", h=(3.0, 3.0, 3.0, 1.0, -1.0), dz=(1.0, -0.25, *(1.0,) * 5), entry="h2"),
    ),
    # z₁ − z₂ = max(0, w) − max(0, −w) = w
    "composed": (
        "Rules composed: no derivative",
        _over(
            "minibatch",
            x=(1.0, 0.5, 0.25, -1.0, -0.5, -0.25, 0.5, 2.0, -1.5),
            w=0.0,
            dz=(1.0, -1.0, 0.0),
            entry="w",
        ),
    ),
    "tie-in-a-minibatch": (
        "A tie within a minibatch",
        _over("minibatch", x=(1.5, -1.0, 1.5, -1.0, -2.0, -0.5, 0.5, 2.0, -1.5), entry="x1,1"),
    ),
}
TITLES: Final = {slug: title for slug, (title, _) in _CASES.items()}
PRESETS: Final = {slug: scene for slug, (_, scene) in _CASES.items()}


def to_a_kink(scene: KinkScene) -> KinkScene | Impossible:
    """The chosen entry goes to the nearest kink along the slice that it is not at already."""
    found, entry = scene.results, scene.entry
    name = found.chosen.name
    if entry not in scene.entry_names():
        return Impossible(say("kink.still", entry=name))
    along, (low, high) = found.slice, found.movable(entry)
    kink = None if along is None else along.nearest_kink(scene.value(entry), low, high)
    if kink is None:
        return Impossible(say("kink.nowhere", entry=name))
    there = landed(
        scene,
        entry,
        found.place_of(kink),
        lambda each: low <= each.value(entry) <= high and _is_there(each.results),
    )
    if there:
        return there
    return Impossible(say("kink.between", entry=name, value=number(kink)))


def _is_there(found: Results) -> bool:
    """Whether the point is on a kink of its slice: a tie is one to the last bit, or none."""
    key = found.inputs[found.name]
    there = point(found.trace, [key])
    return there.brackets[key].kinked and there.is_exact(key)


def fitted(scene: KinkScene) -> KinkScene | Impossible:
    """The axes hold what is there."""
    there = scene.fitted()
    return Impossible(say("kink.fitted")) if there == scene else there


SNAPS: Final[dict[str, Snap[KinkScene]]] = {
    "to the nearest kink": to_a_kink,
    **NUDGES,
    "fit the axes": fitted,
    "reset": lambda scene: PRESETS["two-way-tie"],
}

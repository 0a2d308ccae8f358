"""The scene of the page about kinks: another page's scene, and the ranges of the two axes.

In the address, `of` is the key of the other page, followed by that scene's own keys. Its rule is
the rule that is highlighted here, and its entry is the one along which the slice is taken. The axes
are part of the scene, so that they stay put while anything moves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from engine.check.claims import point
from pages.derive.page import Impossible, Snap
from pages.derive.snaps import NUDGES, landed
from pages.figures.words import number
from pages.kink.results import AXIS_LEAST, PAGES_WITH_A_SLICE, Reach, Results, inputs_of, results
from pages.language.catalogue import say
from pages.state.codecs import Choice, Codec, Number, Numbers
from pages.state.scene import STEP, Scene, SceneAround, taken, unread


@dataclass(frozen=True)
class Ends(Numbers):
    """Reads two numbers, the lower one first, that are not too near each other for an axis."""

    @property
    def needs(self) -> str:
        """For messages."""
        return f"{super().needs}, at least {AXIS_LEAST} apart, the lower one first"

    def read(self, text: str) -> tuple[float, ...]:
        """Each number in turn."""
        low, high = super().read(text)
        if high - low < AXIS_LEAST:
            raise ValueError(text)
        return low, high


OF: Final = Choice(tuple(PAGES_WITH_A_SLICE))
REACH: Final = Ends(2, Number(-1e150, 1e150))
"""The ends of an axis. No number in a pass comes near this limit."""
AXES: Final = ("heights", "slopes")
_STILL: Final = {"rule", STEP}  # keys of the other page's scene that do not move the point


@dataclass(frozen=True)
class KinkScene(SceneAround):
    """A scene of the page `of`, sliced along its chosen entry, which is one of x or of a parameter.

    The ranges of the axes do not change while a slider moves.
    """

    of: str
    heights: Reach  # the range of the slice's vertical axis
    slopes: Reach  # the range of the axis of the brackets

    @classmethod
    def over(cls, of: str, inner: Scene) -> Self:
        """Return a scene over another page's, with axes that fit what is there.

        If the entry explained there is not one of x or of a parameter, the slice is taken along
        the first entry that has a slider.
        """
        inner = _along(of, inner)
        return cls(inner, of, *results(of, inner, inner.entry).axes)

    @property
    def results(self) -> Results:
        """What the engine finds for this scene."""
        return results(self.of, self.inner, self.entry)

    @property
    def step(self) -> int:
        """The step in the other page's step-through, which all those pages have."""
        return int(getattr(self.inner, STEP))

    def codecs(self) -> dict[str, Codec]:
        """Return the codecs of the inner scene and this page's own."""
        return {"of": OF, **self.inner.codecs(), **dict.fromkeys(AXES, REACH)}

    def keys(self) -> set[str]:
        """Return the keys of every possible inner scene, and this page's own."""
        every = (explored.subject.start.keys() for explored in PAGES_WITH_A_SLICE.values())
        return {*self.codecs()}.union(*every)

    def query(self) -> dict[str, str]:
        """Return the whole state as the parameters of an address."""
        return self._around(self.inner.query())

    def _around(self, inner: Mapping[str, str]) -> dict[str, str]:
        axes = {name: REACH.write(getattr(self, name)) for name in AXES}
        return {"of": self.of, **inner, **axes}

    def address(self) -> tuple[dict[str, str], list[str]]:
        """Return the parameters of the address, and what the inner scene has no room for in it."""
        inner, left_out = self.inner.address()
        return self._around(inner), left_out

    def updated(self, query: Mapping[str, str]) -> tuple[Self, list[str]]:
        """See `Scene.updated`. If the page changes, its opening scene is what is updated.

        If the point or the entry changes, axes that are not given are fitted anew.
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
        """Return this scene with axes that fit what is there."""
        heights, slopes = self.results.axes
        return replace(self, heights=heights, slopes=slopes)

    def possible(self) -> tuple[Self, list[str]]:
        """Return this scene with an inner scene that is possible."""
        inner, problems = self.inner.possible()
        return replace(self, inner=_along(self.of, inner)), problems


def _along(of: str, inner: Scene, wanted: str = "") -> Scene:
    """Return a scene that explains an input's entry: as wanted, its own, or the first movable."""
    inputs = inputs_of(of, inner)
    movable = [name for name in inner.entry_names() if name in inputs]
    entry = next(name for name in (wanted, inner.entry, *movable) if name in inputs)
    return inner if entry == inner.entry else inner.updated({"entry": entry})[0]


def _over(of: str, **changes: Any) -> KinkScene:
    """Return a scene over a page's opening scene, with these fields changed."""
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
    """Move the chosen entry to the nearest kink along the slice other than the one it is at."""
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
    """Whether the point is exactly at a kink of its slice, to the last bit."""
    key = found.inputs[found.name]
    there = point(found.trace, [key])
    return there.brackets[key].kinked and there.is_exact(key)


def fitted(scene: KinkScene) -> KinkScene | Impossible:
    """Fit the axes to what is there."""
    there = scene.fitted()
    return Impossible(say("kink.fitted")) if there == scene else there


SNAPS: Final[dict[str, Snap[KinkScene]]] = {
    "to the nearest kink": to_a_kink,
    **NUDGES,
    "fit the axes": fitted,
    "reset": lambda scene: PRESETS["two-way-tie"],
}

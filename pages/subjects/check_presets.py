"""The presets of the page about the gradient check: points, kinks, step sizes, and every bug."""

from dataclasses import replace
from typing import Final

from pages.subjects.check_cases import CASES
from pages.subjects.check_scene import RIGHT, CheckScene


def _on(layer: str, bug: str = RIGHT, *, entry: str = "", rule: str = "") -> CheckScene:
    scene = CheckScene().on(layer)
    return replace(scene, bug=bug, entry=entry or scene.entry, rule=rule or scene.rule)


def _three(*x: float, entry: str, rule: str, w: float = 1.0) -> CheckScene:
    """The block on three entries, few enough to be worked out by hand."""
    return _on("conv-block", entry=entry, rule=rule).at((x, (w,)))


_FIRST: Final = "pytorch-max-pool"

PRESETS: Final[dict[str, CheckScene]] = {
    "smooth": CheckScene(),
    "tie-first": _three(3.0, 3.0, 1.0, entry="x1", rule=_FIRST),
    "tie-lab": _three(3.0, 3.0, 1.0, entry="w", rule="lab"),
    "all-negative": _three(-1.0, -2.0, -3.0, entry="x1", rule="lab"),
    "near-a-kink": _three(3.0000001, 3.0, 1.0, entry="x1", rule=_FIRST),
    "relu-zero": _on("relu", rule="lab").at(CASES["relu"].kink or ()),
    "step-size": _on("loss"),
    "no-truncation": _three(3.0, 2.99, 1.0, entry="x1", rule=_FIRST, w=0.7),
    "hidden-bug": _on("conv-block", "no-mask"),
    "forgotten-factor": _on("relu", "forgotten-factor", entry="a1"),
    "wrong-mask": _on("relu", "wrong-mask", entry="a2"),
    "no-mask": _on("relu", "no-mask", entry="a2"),
    "sign": _on("loss", "sign"),
    "missing-sum": _on("conv-1d", "missing-sum", entry="w2"),
    "flipped-filter": _on("conv-1d", "flipped-filter"),
    "not-transposed": _on("linear", "not-transposed", entry="x1,1"),
    "exchanged": _on("linear", "exchanged", entry="w1,2"),
    "padding-off-by-one": _on("conv-1d", "padding-off-by-one", entry="x1"),
    "overwritten-overlaps": _on("conv-2d", "overwritten-overlaps"),
    "place-in-window": _on("max-pool", "place-in-window"),
    "integer-gradient": _on("max-pool", "integer-gradient"),
    "forgotten-mean": _on("loss", "forgotten-mean"),
    "no-truth": _on("loss", "no-truth"),
}

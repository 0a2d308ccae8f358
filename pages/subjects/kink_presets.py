"""States of the page about kinks that can be asked for by name."""

from typing import Final

from pages.scene import BlockScene
from pages.subjects.kink_scene import KinkScene
from pages.subjects.max_pool import WHOLE, PoolScene
from pages.subjects.minibatch import BatchScene
from pages.subjects.relu import ReLUScene


def _block(*x: float, w: float = 1.0, entry: str = "x1") -> KinkScene:
    return KinkScene.over("conv-block", BlockScene(x=x, w=w, entry=entry))


_COMPOSED: Final = BatchScene(
    x=(1.0, 0.5, 0.25, -1.0, -0.5, -0.25, 0.5, 2.0, -1.5), w=0.0, dz=(1.0, -1.0, 0.0), entry="w"
)
"""z₁ − z₂ = max(0, w) − max(0, −w) = w."""

PRESETS: Final[dict[str, KinkScene]] = {
    "two-way-tie": _block(3.0, 3.0, 1.0, 0.0, -1.0),
    "three-way-tie": _block(2.0, 2.0, 2.0, 0.5, -1.0, entry="x2"),
    "relu-zero": _block(-1.0, 0.0, -2.0, -0.5, -1.5, entry="x2"),
    "all-negative": _block(-1.0, -2.0, -3.0, -0.5, -1.5),
    "smooth": _block(1.0, 3.0, 2.0, 0.5, -1.0, entry="x2"),
    "zero-weight": _block(1.5, -1.0, 0.5, -2.0, 1.0, w=0.0, entry="w"),
    "relu-alone": KinkScene.over("relu", ReLUScene()),
    "not-jointly": KinkScene.over(
        "max-pool", PoolScene(h=(3.0, 3.0, 1.0, 0.5, -1.0), size=WHOLE, entry="h1")
    ),
    "overlap": KinkScene.over("max-pool", PoolScene()),
    "mixed-signs": KinkScene.over(
        "max-pool",
        PoolScene(h=(3.0, 3.0, 3.0, 1.0, -1.0), dz=(1.0, -0.25, *(1.0,) * 5), entry="h2"),
    ),
    "composed": KinkScene.over("minibatch", _COMPOSED),
    "tie-in-a-minibatch": KinkScene.over(
        "minibatch",
        BatchScene(x=(1.5, -1.0, 1.5, -1.0, -2.0, -0.5, 0.5, 2.0, -1.5), w=2.0, entry="x1,1"),
    ),
}

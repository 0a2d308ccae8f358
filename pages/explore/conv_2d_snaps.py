"""The snap buttons of the page about pictures."""

import random
from dataclasses import replace
from typing import Final

import numpy as np

from engine import slopes
from engine.arrays import Index
from pages.explore.conv_2d_pass import conv_2d_trace
from pages.explore.conv_2d_scene import KERNEL, Conv2DScene
from pages.figures.info import plain
from pages.state.codecs import GRID, HIGH, LOW
from pages.state.snaps import Impossible, Snap


def strongest(scene: Conv2DScene) -> Conv2DScene | Impossible:
    """The largest output sends back."""
    z = conv_2d_trace(scene).output
    return _from(scene, tuple(map(int, np.argwhere(z == z.max())[0])))


def tied(scene: Conv2DScene) -> Conv2DScene | Impossible:
    """An output above 0 sends back, whose maximum several entries of h share."""
    # Under the lab's rule everyone who ties gets a part.
    traced = conv_2d_trace(replace(scene, back="sum", rule="lab"))
    last = len(traced.steps) - 1
    pool = traced.steps[last]
    (h,), (kinked,) = pool.inputs, pool.kinked
    for at in np.argwhere(kinked & (h > 0)):
        for output in pool.layer.feeds(0, tuple(map(int, at)), pool.run.cache):
            if np.count_nonzero(slopes(traced, last, output)[0]) > 1 and pool.output[output] > 0:
                return _from(scene, output)
    return Impossible("Every maximum above 0 is unique here: paint pixels, or change the filter.")


def background(scene: Conv2DScene) -> Conv2DScene | Impossible:
    """An output that is 0 sends back, as all of the white paper is: a kink, and often a tie."""
    zeros = np.argwhere(conv_2d_trace(scene).output == 0)
    if not zeros.size:
        return Impossible("No output is 0 here.")
    return _from(scene, tuple(map(int, zeros[0])))


def at_random(scene: Conv2DScene) -> Conv2DScene:
    """Any numbers of the sliders' grid in the filter."""
    steps = round((HIGH - LOW) / GRID)
    return scene.with_filter(tuple(LOW + GRID * random.randint(0, steps) for _ in range(KERNEL**2)))


def unpainted(scene: Conv2DScene) -> Conv2DScene | Impossible:
    """The digits as they were."""
    return replace(scene, painted=()) if scene.painted else Impossible("Nothing is painted.")


def _from(scene: Conv2DScene, output: Index) -> Conv2DScene:
    entry = plain("z", output)
    return replace(scene, back="one", source=entry, entry=entry)


SOURCE_SNAPS: Final[dict[str, Snap[Conv2DScene]]] = {
    "largest z": strongest,
    "tied z": tied,
    "z = 0": background,
}
FILTER_SNAPS: Final[dict[str, Snap[Conv2DScene]]] = {"random filter": at_random}
DIGIT_SNAPS: Final[dict[str, Snap[Conv2DScene]]] = {"wipe the paint off": unpainted}

"""The pass of a picture through x -> Conv2D -> ReLU -> MaxPool2D, and that of its minibatch."""

from dataclasses import replace
from functools import lru_cache
from typing import Final

import numpy as np

from engine import RULES, Conv2D, MaxPool2D, ReLU, Sequential, Trace, trace
from engine.arrays import Array, Mask
from engine.limits import check_size
from engine.reach import influence, receptive_field
from pages.explain.entry import Entry
from pages.explore.cell_names import split
from pages.explore.conv_2d_scene import KERNEL, Conv2DScene
from pages.explore.digits import Pixels, digit, painted
from pages.figures.info import Naming
from pages.figures.maps import by_prefix
from pages.figures.words import name

LIMIT: Final = 1_000_000
"""Unfolded entries of one pass, at most: a thousand people share the server."""
INPUTS: Final = (("x", "w"), ("a",), ("h",))
OUTPUTS: Final = "ahz"
PLACES: Final = {"x": (0, 0), "w": (0, 1), "a": (1, 0), "h": (2, 0), "z": (3, 0)}
"""Each letter's step and argument."""


def whole_digit(scene: Conv2DScene, of: int) -> Pixels:
    """One digit of the minibatch (from 0), with what was painted over it."""
    return painted(digit(scene.numbers[of]), scene.painted, of)


def pixels(scene: Conv2DScene, of: int) -> Pixels:
    """What is cut out of it: x."""
    top, left = scene.corner
    return whole_digit(scene, of)[top : top + scene.side, left : left + scene.side]


def weights(scene: Conv2DScene) -> Array:
    """w: (F, 3, 3)."""
    return np.reshape(scene.w, (-1, KERNEL, KERNEL))[: scene.filters]


@lru_cache(maxsize=16)  # a picture asks several times; each takes 0.1 MB
def conv_2d_trace(scene: Conv2DScene) -> Trace:
    """The pass of the digit that is looked at: x (H, W), w (F, 3, 3) -> z (F, Ho, Wo)."""
    of = scene.shown - 1
    return _trace(scene, pixels(scene, of), _sent_back(scene, of))


def batch_trace(scene: Conv2DScene) -> Trace:
    """That of the whole minibatch: x (N, 1, H, W), w (F, 1, 3, 3) -> z (N, F, Ho, Wo)."""
    batch = range(scene.digits)
    x = np.stack([pixels(scene, of) for of in batch])[:, None]
    return _trace(scene, x, np.stack([_sent_back(scene, of) for of in batch]))


def shares(scene: Conv2DScene) -> list[Array]:
    """What each digit of the minibatch alone adds to the gradient of w: (F, 3, 3) each."""
    return [
        _trace(scene, pixels(scene, of), _sent_back(scene, of)).grads[1]
        for of in range(scene.digits)
    ]


def naming(scene: Conv2DScene) -> Naming:
    """The letters, and what is differentiated: one output, or the sum of all."""
    function = "Σz" if scene.back == "sum" else name("z", *split(scene.source)[1])
    return Naming(INPUTS, "z", function)


def place_of(scene: Conv2DScene, entry: str) -> Entry:
    """Where an entry of the trace is; entries of w over the minibatch are those of w."""
    letter, index = split(entry)
    step, argument = PLACES["w" if letter == "b" else letter]
    return Entry(conv_2d_trace(scene), naming(scene), step, argument, index)


def lit(scene: Conv2DScene, entry: str) -> dict[str, Mask]:
    """What an entry reads, in every map before it, and what reads it: masks by prefix."""
    # Told by the settings alone: the digit and the filters may move on.
    start = Conv2DScene()
    moved = {name: getattr(start, name) for name in ("digit", "digits", "shown", "painted", "w")}
    still = replace(scene, rule=start.rule, row=1, column=1, back="sum", **moved)
    return _lit(still, entry)


@lru_cache(maxsize=256)
def _lit(scene: Conv2DScene, entry: str) -> dict[str, Mask]:
    place = place_of(scene, entry)
    trace, step, index = place.trace, place.step, place.index
    masks: dict[str, Mask] = {}
    if place.argument == 0:
        fields = receptive_field(trace, step, index)
        for letters, field in zip(INPUTS, fields, strict=False):
            masks |= by_prefix(letters[0], field)
    if step < len(trace.steps):
        reached = influence(trace, step, place.argument, index)
        for letter, mask in zip(OUTPUTS[step:], reached, strict=True):
            masks |= by_prefix(letter, mask)
    return masks


def _trace(scene: Conv2DScene, x: Array, dout: Array) -> Trace:
    w = weights(scene)
    layer = Sequential(
        Conv2D(scene.stride, scene.padding),
        ReLU(),
        MaxPool2D(scene.pool, scene.pool_stride, scene.pool_padding),
    )
    w = w if x.ndim == 2 else w[:, None]
    check_size(layer, x.shape, w.shape, limit=LIMIT)
    return trace(layer, x, w, dout=dout, kinks=RULES[scene.rule].kinks)


def _sent_back(scene: Conv2DScene, of: int) -> Array:
    """dz of one digit: 1 at every output, or at the one that was chosen on the shown digit."""
    side = scene.sides["z"]
    dout = np.full((scene.filters, side, side), float(scene.back == "sum"))
    if scene.back == "one" and of == scene.shown - 1:
        dout[split(scene.source)[1]] = 1.0
    return dout

"""The questions of the page about pictures, and what a prediction starts from."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import numpy as np

from engine import Trace
from engine.arrays import Array, Index
from engine.mnist import SIDE
from engine.reach import influence, receptive_field
from pages.explain.questions import Question
from pages.explore.cell_names import split
from pages.explore.conv_2d_presets import PRESETS
from pages.explore.conv_2d_scene import Conv2DScene
from pages.figures.info import plain

SMALL: Final = 8
"""Rows of a picture whose cells somebody can mark one by one."""


def for_a_prediction(scene: Conv2DScene) -> Conv2DScene:
    """Cut down to a few cells around the output that sends back.

    It stays the same one where these hold all that it reads; else the pool's window gives way.
    """
    if scene.side <= SMALL:
        return scene
    step = scene.stride * scene.pool_stride
    _, (channel, *at) = split(scene.source)
    tops = [
        min(corner + max(0, place - 1) * step, SIDE - SMALL)
        for corner, place in zip(scene.corner, at, strict=True)
    ]
    places = [
        (corner - top) // step + place
        for corner, top, place in zip(scene.corner, tops, at, strict=True)
    ]
    source = plain("z", (channel, *places))
    row, column = (top + 1 for top in tops)
    return replace(scene, crop=str(SMALL), row=row, column=column, source=source, entry="")


def _middle(array: Array) -> Index:
    """The entry in the middle of the first channel."""
    rows, columns = array.shape[-2:]
    return (*(0,) * (array.ndim - 2), rows // 2, columns // 2)


def _influenced(argument: int) -> Callable[[Trace], int]:
    def count(trace: Trace) -> int:
        at = _middle(trace.steps[0].inputs[argument])
        return int(np.count_nonzero(influence(trace, 0, argument, at)[0]))

    return count


def _read(trace: Trace) -> int:
    last = len(trace.steps)
    return int(np.count_nonzero(receptive_field(trace, last, _middle(trace.output))[0]))


def _nonzero(step: int, argument: int = 0) -> Callable[[Trace], int]:
    return lambda trace: int(np.count_nonzero(trace.steps[step].grads[argument]))


def _patch(**settings: Any) -> Callable[[Conv2DScene], Conv2DScene]:
    return lambda scene: replace(PRESETS["patch"], rule=scene.rule, **settings)


QUESTIONS: Final[tuple[Question[Conv2DScene], ...]] = (
    Question(
        "How many entries of a does a pixel in the **middle** influence?",
        _influenced(0),
        "Click the pixel: they light up.",
        _patch(),
    ),
    Question(
        "And with **stride 2**?",
        _influenced(0),
        "Not every pixel is read equally often.",
        _patch(stride=2),
    ),
    Question(
        "How many entries of a does **one number** of a filter influence?",
        _influenced(1),
        "Click it: the same filter is everywhere.",
        _patch(),
    ),
    Question(
        "How many pixels does one z read, its **receptive field**?",
        _read,
        "Windows of 3 × 3 that overlap, from a window of 2 × 2.",
        _patch(),
    ),
    Question(
        "Back from **one** z: how many entries of its gradient in a are nonzero?",
        _nonzero(1),
        "Change the rule where h ties.",
        _patch(back="one"),
    ),
    Question(
        "Back from the **sum** of all z: how many pixels have a nonzero gradient?",
        _nonzero(0),
        "The others are read by nobody who won.",
        _patch(back="sum"),
    ),
)

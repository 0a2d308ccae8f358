"""States of the page "Look inside" that can be asked for by name."""

from dataclasses import replace
from typing import Final

import numpy as np

from engine.mnist import SIDE
from pages.inside.painting import PAPER, written
from pages.inside.scene import BLANK, LookScene

START: Final = LookScene()
"""A 4 that the shipped network takes for a 9."""

_THREE: Final = (
    "EITLAATQAAEttqAFtttqCtiTtoDYADtQAAAVqAAADtQAATtoAAVtqAADttYAACdtQAAAVsAAAAloAAAEtlAAAttsAAdrltbltAl"
    "tttQAdtsAA"
)
"""Drawn by hand."""


def _covered(top: int, left: int, side: int) -> str:
    """A sheet of paper over a part of the image."""
    over = np.zeros((SIDE, SIDE), np.uint8)
    over[top : top + side, left : left + side] = PAPER
    return written(over)


PRESETS: Final[dict[str, LookScene]] = {
    "a-mistake": START,
    "paths-through-the-pools": replace(START, show="gradients", entry="p2.13,1,5"),
    "why-zero": replace(START, image=61, show="reasons", entry="h1.1,14,14"),
    "why-another-digit": replace(START, show="gradients", back="4", entry="x6,17"),
    "one-part-covered": replace(START, painting=_covered(4, 12, 7), tool="erase", entry="x8,15"),
    "one-step": replace(START, sgd="before", rate=-2.5, entry="w1.7,1,2"),
    "a-drawing": replace(START, image=BLANK, painting=_THREE, tool="draw", entry="p2.7,4,4"),
}

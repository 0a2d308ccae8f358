"""Scenes of the derived pages, by what is different from what these open with."""

from dataclasses import replace
from typing import Any, Final

from pages.explore import conv_1d, conv_block, max_pool, minibatch, relu
from pages.page import PicturePage
from pages.subject import Subject


def _subject(page: PicturePage) -> Subject[Any]:
    assert isinstance(page.subject, Subject)
    return page.subject


BLOCK: Final = _subject(conv_block.PAGE)
RELU: Final = _subject(relu.PAGE)
POOL: Final = _subject(max_pool.PAGE)
CONV: Final = _subject(conv_1d.PAGE)
BATCH: Final = _subject(minibatch.PAGE)


def block(**changes: Any) -> Any:
    """Of the conv block."""
    return replace(BLOCK.start, **changes)


def activation(**changes: Any) -> Any:
    """Of ReLU alone."""
    return replace(RELU.start, **changes)


def pool(**changes: Any) -> Any:
    """Of max pooling alone, where the first of a tie gets all."""
    return replace(POOL.start, **{"rule": "pytorch-max-pool", **changes})


def conv(**changes: Any) -> Any:
    """Of the 1-D convolution."""
    return replace(CONV.start, **changes)


def batch(**changes: Any) -> Any:
    """Of the minibatch."""
    return replace(BATCH.start, **changes)


LENGTH: Final = len(BLOCK.start.x)
LAST_STEP: Final = len(BLOCK.steps(BLOCK.start)) - 1
"""Of the conv block."""

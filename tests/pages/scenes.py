"""Scenes of the derived pages, each given by its changes from the page's opening scene."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from pages.derive.page import PicturePage
from pages.derive.subject import Subject
from pages.explore import conv_1d, conv_block, max_pool, minibatch, relu
from pages.registry import SUBJECTS, named_scene, names
from pages.session.page_state import PageState


def _subject(page: PicturePage) -> Subject[Any]:
    assert isinstance(page.subject, Subject)
    return page.subject


BLOCK: Final = _subject(conv_block.PAGE)
RELU: Final = _subject(relu.PAGE)
POOL: Final = _subject(max_pool.PAGE)
CONV: Final = _subject(conv_1d.PAGE)
BATCH: Final = _subject(minibatch.PAGE)


def block(**changes: Any) -> Any:
    """A scene of the conv block."""
    return replace(BLOCK.start, **changes)


def activation(**changes: Any) -> Any:
    """A scene of ReLU alone."""
    return replace(RELU.start, **changes)


def pool(**changes: Any) -> Any:
    """A scene of max pooling alone; by default the first of a tie gets all."""
    return replace(POOL.start, **{"rule": "pytorch-max-pool", **changes})


def conv(**changes: Any) -> Any:
    """A scene of the 1D convolution."""
    return replace(CONV.start, **changes)


def batch(**changes: Any) -> Any:
    """A scene of the minibatch."""
    return replace(BATCH.start, **changes)


def page_state(key: str) -> PageState[Any]:
    """What a session keeps of a page, as the page opens."""
    subject = SUBJECTS[key]
    return PageState(subject.start, subject.presets, subject.start)


def one_of_each_form(ordered: Iterable[str]) -> list[str]:
    """For each page and shapes of arrays, the first of these presets: others have its layout."""
    found: dict[object, str] = {}
    for name in ordered:
        subject, scene, _ = named_scene(name)
        shapes = tuple(value.array.shape for value in subject.trace(scene).values)
        found.setdefault((name.rpartition("/")[0], shapes), name)
    return [*found.values()]


FORMS: Final = one_of_each_form(names())
"""One preset of each form in which a page is drawn."""
LENGTH: Final = len(BLOCK.start.x)
LAST_STEP: Final = len(BLOCK.steps(BLOCK.start)) - 1
"""The last step of the conv block."""

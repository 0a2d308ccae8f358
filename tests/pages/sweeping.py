"""A check that a sweep is short enough to be sent, by some of its pictures."""

import json
from collections.abc import Sequence
from typing import Final, TypeVar

from pages.derive.subject import PageSubject
from pages.state.scene import Scene
from pages.sweep import LIMIT, sweep

SceneType = TypeVar("SceneType", bound=Scene)

EACH: Final = 8
"""Only every EACH-th picture is drawn, as the others are about as long."""


def assert_is_sent(
    subject: PageSubject[SceneType], scene: SceneType, name: str, values: Sequence[float]
) -> None:
    """Assert that a slider's sweep has a picture for each value, and would be within the limit."""
    some = values[::EACH]
    text = sweep(subject, scene, name, some, "key")
    assert text is not None
    frames = json.loads(text)["frames"]
    assert len(frames) == len(some)
    drawn = len(text.partition('"frames":')[2].encode())
    assert len(text.encode()) + drawn * (len(values) / len(some) - 1) <= LIMIT

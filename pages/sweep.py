"""A sweep: the pictures of every value that a slider can take, as one text for the browser."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from pages.changes import as_frame
from pages.picture import Picture
from pages.scene import Scene

SceneType = TypeVar("SceneType", bound=Scene)

LIMIT: Final = 200_000
"""Bytes. A longer sweep is not sent: a round trip for each value is better than a long wait."""

ENOUGH: Final = 3
"""So many of its pictures tell how long a sweep will be."""


def sweep(
    scene: SceneType,
    draw: Callable[[SceneType], Picture],
    name: str,
    values: Sequence[float],
    key: str,
) -> str | None:
    """The pictures of these values, each as what differs from the first; None where that is long.

    What the scene's own value is makes no difference, so whoever moves this slider in the same
    state may have the same text. key: by which the browser knows it. JSON, made here, once, since
    Streamlit walks through all it is given several times.
    """
    frames: list[str] = []
    base: Sequence[Mapping[str, Any]] = ()
    for value in values:
        picture = draw(scene.moved(name, value))
        base = base or picture.figure["data"]
        frames.append(_json(as_frame(base, picture)))
        if len(frames) == ENOUGH and _bytes(frames) * len(values) > 2 * LIMIT * ENOUGH:
            return None  # the others will be as long: nobody need wait for them
    head = {"name": name, "key": key, "values": list(values), "base": base}
    text = f'{_json(head)[:-1]},"frames":[{",".join(frames)}]}}'
    return text if _bytes([text]) <= LIMIT else None


def _json(content: object) -> str:
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False)


def _bytes(texts: Sequence[str]) -> int:
    return sum(len(text.encode()) for text in texts)

"""What is said, looked up in a language's catalogue: templates by key, their gaps filled here.

A language is a module like `english`: TEXTS, with a template or one for each form of a count;
`form`, which of these a count takes; `ordinal`, what it calls a place in a line; `words` and
`factor`, what it calls what the layers say.
"""

import fnmatch
import os
from collections.abc import Callable, Hashable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Final, TypeVar

from engine import Layer, Trace
from engine.arrays import Extent
from engine.errors import EngineError
from engine.layers.base import Operation, Words
from pages.language import english as language

Thing = TypeVar("Thing")

TEXTS_KEPT: Final = 1024
"""So many texts are kept of the passes of a layer."""

_ROOT: Final = f"{Path(__file__).parents[2]}{os.sep}"


def say(key: str, count: int = 1, **gaps: object) -> str:
    """The text of this key with its gaps filled; count: what its form agrees with, a gap too.

    Raises KeyError for a key, and for a gap, that there is not.
    """
    text = language.TEXTS[key]
    template = text if isinstance(text, str) else text[language.form(count)]
    return template.format(count=count, **gaps)


def said_once(trace: Trace, key: Hashable, told: Callable[[], str]) -> str:
    """What is said alike of all passes of a layer through inputs of these shapes: made once.

    In each language. key: which of all that is said of them.
    """
    texts = _texts(trace.layer, tuple([grad.shape for grad in trace.grads]), language.words)
    if (text := texts.get(key)) is None:
        text = told()
        if len(texts) >= TEXTS_KEPT:
            texts.clear()
        texts[key] = text
    return text


@lru_cache(maxsize=64)
def _texts(layer: Layer, shapes: tuple[Extent, ...], words: object) -> dict[Hashable, str]:
    """By key; words: the language's."""
    return {}


def templates(pattern: str) -> dict[str, str]:
    """The texts of a pattern such as "vote.phone.*" as they are, by the rest of their keys.

    For a browser that fills the gaps itself.
    """
    found = {key: language.TEXTS[key] for key in fnmatch.filter(language.TEXTS, pattern)}
    return {
        key.removeprefix(pattern.rstrip("*")): text
        for key, text in found.items()
        if isinstance(text, str)
    }


def words_of(layer: Operation) -> Words:
    """How a layer is spoken of."""
    return language.words(layer)


def factor_text(template: str) -> str:
    """The name of a factor, with the gaps that its layer leaves: "share of {entry} in {output}"."""
    return language.factor(template)


def ordinal(number: int) -> str:
    """A place in a line, from 1."""
    return language.ordinal(number)


def listed(
    things: Iterable[Thing], most: int | None = None, told: Callable[[Thing], str] = str
) -> str:
    """a, b and c; of more than one above `most` the first, and how many more. told: each in words.

    There may be very many: only those that are named are put into words.
    """
    whole = list(things)
    cut = most if most is not None and len(whole) > most + 1 else len(whole)
    every = [*map(told, whole[:cut])]
    if more := len(whole) - cut:
        every.append(say("list.more", more))
    if len(every) < 2:
        return "".join(every)
    return say("list", first=", ".join(every[:-1]), last=every[-1])


def as_sentence(clause: str) -> str:
    """With a capital and a full stop."""
    return f"{clause[0].upper()}{clause[1:]}."


def fault(error: EngineError) -> str:
    """What a visitor is told where something fails: our own folder stays untold."""
    return f"{error}.".replace(_ROOT, "")

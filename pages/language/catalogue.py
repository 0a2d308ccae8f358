"""The texts of the program, looked up by key in a language's catalogue, with their gaps filled.

A language is a module like `english`. It has TEXTS, with one template for a key, or one for each
form of a count; `form`, which says the form that a count takes; `ordinal`, which names a place in a
line; `words` and `factor`, which translate what the layers say of themselves. A process speaks one
language, that of the import below.
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

TEXTS_KEPT: Final = 1024  # the number of texts that are kept for the passes of a layer

_ROOT: Final = f"{Path(__file__).parents[2]}{os.sep}"


def say(key: str, count: int = 1, **gaps: object) -> str:
    """The text of this key with its gaps filled.

    count: decides the form, and fills {count}. Raises KeyError for an unknown key, and for a gap
    that is not given.
    """
    text = language.TEXTS[key]
    template = text if isinstance(text, str) else text[language.form(count)]
    return template.format(count=count, **gaps)


def said_once(trace: Trace, key: Hashable, make: Callable[[], str]) -> str:
    """A text that is the same for all passes of a layer with inputs of these shapes; made once.

    It is made once for each language. key: which of these texts it is. make: returns the text.
    """
    texts = _texts(trace.layer, tuple([grad.shape for grad in trace.grads]), language.words)
    if (text := texts.get(key)) is None:
        text = make()
        if len(texts) >= TEXTS_KEPT:
            texts.clear()
        texts[key] = text
    return text


@lru_cache(maxsize=64)
def _texts(layer: Layer, shapes: tuple[Extent, ...], words: object) -> dict[Hashable, str]:
    """The texts kept for a layer and these shapes, by key. words: those of the language."""
    return {}


def templates(pattern: str) -> dict[str, str]:
    """The templates for a pattern such as "vote.phone.*", unfilled, by the rest of their keys.

    They are for a script in the browser, which fills the gaps itself.
    """
    found = {key: language.TEXTS[key] for key in fnmatch.filter(language.TEXTS, pattern)}
    return {
        key.removeprefix(pattern.rstrip("*")): text
        for key, text in found.items()
        if isinstance(text, str)
    }


def words_of(layer: Operation) -> Words:
    """The words in which a layer is spoken of."""
    return language.words(layer)


def factor_text(template: str) -> str:
    """The name of a factor, with its layer's gaps unfilled: "share of {entry} in {output}"."""
    return language.factor(template)


def ordinal(number: int) -> str:
    """The word for a place in a line, from 1."""
    return language.ordinal(number)


def listed(
    things: Iterable[Thing], most: int | None = None, word: Callable[[Thing], str] = str
) -> str:
    """a, b and c; if there are more than `most` + 1, the first `most` and how many more.

    word: puts one of them into words. There may be very many: only those that are named are put
    into words.
    """
    whole = list(things)
    cut = most if most is not None and len(whole) > most + 1 else len(whole)
    every = [*map(word, whole[:cut])]
    if more := len(whole) - cut:
        every.append(say("list.more", more))
    if len(every) < 2:
        return "".join(every)
    return say("list", first=", ".join(every[:-1]), last=every[-1])


def as_sentence(clause: str) -> str:
    """The clause as a sentence, with a capital and a full stop."""
    return f"{clause[0].upper()}{clause[1:]}."


def fault(error: EngineError) -> str:
    """What a visitor is told of an error, without the path of the program's folder."""
    return f"{error}.".replace(_ROOT, "")

"""The pages whose scenes can be sliced along an entry of x or of a parameter."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from engine import Trace
from engine.check.claims import Entry as Key
from pages.derive.page import PicturePage
from pages.explore import pages as explore
from pages.figures.info import letters_of, places_of
from pages.stack.stack_subject import PAGE as STACK
from pages.state.scene import Scene

PAGES_WITH_A_SLICE: Final[Mapping[str, PicturePage]] = {**explore.PAGES, STACK.key: STACK}
"""By their keys, in the menu's order."""


@lru_cache(maxsize=64)
def trace_of(page: str, inner: Scene) -> Trace:
    """Return the pass of a scene of the page with this key."""
    trace: Trace = PAGES_WITH_A_SLICE[page].subject.trace(inner)
    return trace


def inputs_of(page: str, inner: Scene) -> Mapping[str, Key]:
    """Return the place of every entry of x and of the parameters, by its plain name, x first."""
    trace, naming = trace_of(page, inner), PAGES_WITH_A_SLICE[page].naming(inner)
    letters = letters_of(trace, naming)[: trace.outside]
    return places_of(naming, tuple(letters), tuple(each.shape for each in trace.params))

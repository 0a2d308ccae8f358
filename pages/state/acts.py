"""The acts: what a button beside the picture, or a key, asks for, by the name in a message."""

from typing import Final, Literal, TypeAlias, get_args

Act: TypeAlias = Literal[
    "",  # none; on a button: it is disabled, but keeps its place
    "undo",
    "redo",
    "claim",  # the run that the tab had before it was reloaded
    # In a prediction; "reveal" also answers a list's question
    "reveal",
    "again",
    "everywhere",
    "inputs",
    # In a quiz
    "answer",
    "next",
    "look again",
    "from the start",
    # In a lesson, besides "again" and "next"
    "check",
    "back",
    "lesson",  # the one with the number in the argument
    "begin",  # the first lesson, with none passed
    # While a list is presented; the browser does this one itself
    "list next",
    # To a class
    "vote ask",
    "vote open",
    "vote not now",
    "vote close",
    "vote again",
    "vote reveal",
    "vote next",
    "vote end",
    "vote look",
    "vote resume",
]
"""Also in components/browser/server.d.ts."""

_ACTS: Final[frozenset[Act]] = frozenset(get_args(Act))


def act_of(name: str) -> Act:
    """Return the act with this name; "" if there is none, since a browser may send anything."""
    return name if name in _ACTS else ""

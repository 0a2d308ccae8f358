"""What differs between two pictures of one arrangement: far less than the pictures.

browser/sweeps.js lays it over the one to get the other.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pages.picture import Picture

Changes = dict[str, Any]


def as_frame(base: Sequence[Mapping[str, Any]], picture: Picture) -> dict[str, Any]:
    """A picture as what to lay over these traces, and its sentences."""
    return {
        "traces": changes_of_traces(base, picture.figure["data"]),
        "explanation": list(picture.explanation),
    }


def changes_of_traces(
    old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]
) -> list[Changes]:
    """For each trace what to lay over the old one to get the new one; they are as many."""
    return [changes(was, now) for was, now in zip(old, new, strict=True)]


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    """What to lay over the old one, key by key, to get the new one."""
    found = {}
    for key, value in new.items():
        if isinstance(value, Mapping):
            if deeper := changes(old.get(key, {}), value):
                found[key] = deeper
        elif value != old.get(key):
            found[key] = _entries(old.get(key), value)
    return found


def _entries(old: Any, new: Any) -> Any:
    """Of a list the entries that differ, by index; the whole of it where that is not much less."""
    if not (isinstance(old, list) and isinstance(new, list) and len(old) == len(new)):
        return new
    pairs = enumerate(zip(old, new, strict=True))
    different = {index: _entries(was, now) for index, (was, now) in pairs if was != now}
    return different if 2 * len(different) < len(new) else new

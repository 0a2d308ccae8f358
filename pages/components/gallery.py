"""All presets as thumbnails, to choose slides from and download them.

The browser's half is browser/gallery.js.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import streamlit as st

from pages.components.component import component, said_by
from pages.server.assets import url_below

_FIRST: Final = "gallery:first"
"""The session's key for the first case of a list to be presented."""
_FILE: Final = "gallery:file"
"""The session's key for the open lecture file."""

_mount = component("gallery")


def gallery(
    groups: Sequence[Mapping[str, Any]],
    files: str,
    present: Callable[[str], None],
    read: Callable[[str, str], Mapping[str, Any]],
) -> None:
    """Show groups of slides, each {"title", "about", "slides"}.

    A slide is {"name", "title", "address", "page", "slug", "scene", "versions"}: the name of its
    file without a suffix, the title above it, the end of the address that opens it, its page, its
    name there, the slide as a file of scenes has it, and by theme the end of its thumbnail's
    address. files: the start of the addresses of thumbnails and figures. present: called with the
    first slide, "page/slug", when a list is presented. read: from a lecture file's name and text to
    {"stops", "problems"}.
    """
    asked: list[object] = st.session_state.setdefault(_FIRST, [])
    first = asked.pop() if asked else None
    if isinstance(first, str):
        present(first)
    home = url_below(st.get_option("server.baseUrlPath")).rstrip("/") + "/"
    opened: list[object] = st.session_state.setdefault(_FILE, [])
    lecture = next(({"name": name, **read(name, text)} for name, text in _files(opened)), None)
    data = {"files": files, "home": home, "groups": groups, "lecture": lecture}

    def heard() -> None:  # a callback cannot open a page
        asked[:] = [said_by("gallery", "first")]

    def handed() -> None:
        opened[:] = [said_by("gallery", "file")]

    _mount("gallery", data, on_first_change=heard, on_file_change=handed)


def _files(opened: Sequence[object]) -> Iterator[tuple[str, str]]:
    """Yield the open file's name and text, if what the browser sent is that."""
    for file in opened:
        match file:
            case {"name": str(name), "text": str(text)} if name:
                yield name, text

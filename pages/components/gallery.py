"""All presets as thumbnails, from which slides are chosen and downloaded.

The browser's half is browser/gallery.js.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import streamlit as st

from pages.components.component import component, said_by
from pages.server.assets import url_below

_FIRST: Final = "gallery:first"
"""The session's name for what is to be presented."""
_FILE: Final = "gallery:file"
"""The session's name for the lecture file that is open."""

_mount = component("gallery")


def gallery(
    groups: Sequence[Mapping[str, Any]],
    files: str,
    present: Callable[[str], None],
    read: Callable[[str, str], Mapping[str, Any]],
) -> None:
    """Shows the groups, each {"title", "about", "slides"}.

    A slide is {"name", "title", "address", "page", "slug", "scene", "versions"}: its file's name
    without an ending, what stands above it, what follows the app's address to open its page, its
    page and what that is asked for by a presenter, itself as a file of scenes has it, and by the
    theme what follows its thumbnail's address. files: what the addresses of thumbnails and figures
    begin with. present: is called where somebody presents a list, with its first, "page/slug".
    read: what a lecture file says, by its name and its text, {"stops", "problems"}.
    """
    asked: list[object] = st.session_state.setdefault(_FIRST, [])
    first = asked.pop() if asked else None
    if isinstance(first, str):
        present(first)
    home = url_below(st.get_option("server.baseUrlPath")).rstrip("/") + "/"
    opened: list[object] = st.session_state.setdefault(_FILE, [])
    lecture = next(({"name": name, **read(name, text)} for name, text in _files(opened)), None)
    data = {"files": files, "home": home, "groups": groups, "lecture": lecture}

    def heard() -> None:  # a callback opens no page
        asked[:] = [said_by("gallery", "first")]

    def handed() -> None:
        opened[:] = [said_by("gallery", "file")]

    _mount("gallery", data, on_first_change=heard, on_file_change=handed)


def _files(opened: Sequence[object]) -> Iterator[tuple[str, str]]:
    """The file that is open: its name and its text; none where the browser says something else."""
    for file in opened:
        match file:
            case {"name": str(name), "text": str(text)} if name:
                yield name, text

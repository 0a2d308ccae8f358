"""All presets as thumbnails, from which slides are chosen and downloaded.

The browser's half is browser/gallery.js.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from pages.components.component import component

_mount = component("gallery")


def gallery(groups: Sequence[Mapping[str, Any]], files: str) -> None:
    """Shows the groups, each {"title", "about", "slides"}.

    A slide is {"name", "title", "address", "scene", "versions"}: its file's name without an ending,
    what stands beneath it, what follows the app's address to open its page, itself as a file of
    scenes has it, and by the theme what follows its thumbnail's address. files: what the addresses
    of thumbnails and figures begin with.
    """
    base = st.get_option("server.baseUrlPath").strip("/")
    home = f"/{base}/" if base else "/"
    _mount("gallery", {"files": files, "home": home, "groups": groups})

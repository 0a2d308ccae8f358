"""Gallery: all presets as pictures, in the order of a lecture, to open or to download.

In the first thirty seconds somebody who prepares a lecture finds the picture of the question at
hand, opens its page in that state, comes back, marks a group, and has its slides in one .zip.
"""

import streamlit as st

from pages.components.gallery import gallery
from pages.figures.theme import PALETTES
from pages.gallery.exhibits import groups
from pages.gallery.routes import files_url
from pages.gallery.thumbnails import version_of
from pages.page import Page


def show(_: Page) -> None:
    """The page."""
    gallery(
        [
            {
                "title": group.title,
                "about": group.about,
                "slides": [
                    {
                        "name": exhibit.name,
                        "title": exhibit.caption,
                        "address": exhibit.address,
                        "scene": exhibit.scene(),
                        "versions": {theme: version_of(exhibit.name, theme) for theme in PALETTES},
                    }
                    for exhibit in group.exhibits
                ],
            }
            for group in groups()
        ],
        files_url(st.get_option("server.baseUrlPath")),
    )

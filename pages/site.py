"""The sections and their pages; runs at every rerun, then runs the page that is open."""

import logging

import streamlit as st

from engine.errors import DataError
from pages.language.catalogue import fault
from pages.navigation import streamlit_page
from pages.registry import PAGES
from pages.server.assets import ICON


def run() -> None:
    """The page that is open, below the names of all."""
    st.set_page_config(
        page_icon=ICON,
        layout="wide",
        # On a narrow screen the pages' names are in it, and it would lie over everything.
        initial_sidebar_state="auto",
    )
    menu: dict[str, list[st.Page]] = {}
    for each in PAGES.values():
        menu.setdefault(each.section, []).append(streamlit_page(each))
    page = st.navigation(menu, position="top")
    try:
        page.run()
    except DataError as error:  # an image file is missing or damaged: the other pages go on
        logging.getLogger(__name__).exception("%s cannot be shown", page.title)
        st.text(fault(error))


# Not so in a process that the server starts, for sweeps: there it has another name.
if __name__ == "__main__":
    run()

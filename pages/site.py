"""Streamlit's script: at every rerun it builds the menu of pages and runs the open page."""

import logging

import streamlit as st

from engine.errors import DataError
from pages.language.catalogue import fault
from pages.navigation import streamlit_page
from pages.registry import PAGES
from pages.server.assets import ICON


def run() -> None:
    """Draw the menu and, below it, the page that is open."""
    st.set_page_config(
        page_icon=ICON,
        layout="wide",
        # On a narrow screen the menu is in the sidebar, which would cover the page when open.
        initial_sidebar_state="auto",
    )
    menu: dict[str, list[st.Page]] = {}
    for each in PAGES.values():
        menu.setdefault(each.section, []).append(streamlit_page(each))
    page = st.navigation(menu, position="top")
    try:
        page.run()
    except DataError as error:  # an image file is missing or damaged: the other pages still work
        logging.getLogger(__name__).exception("%s cannot be shown", page.title)
        st.text(fault(error))


# A process that the server starts for sweeps imports this file under another name.
if __name__ == "__main__":
    run()

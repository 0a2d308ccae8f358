"""The sections and their pages; runs at every rerun, then runs the page that is open."""

from pathlib import Path

import streamlit as st

from pages.navigation import streamlit_page
from pages.registry import PAGES
from pages.workbench import told_of_faults

HERE = Path(__file__).parent

st.set_page_config(
    page_icon=str(HERE / "icon.svg"),
    layout="wide",
    # On a narrow screen the pages' names are in it, and it would lie over everything.
    initial_sidebar_state="auto",
)
menu: dict[str, list[st.Page]] = {}
for each in PAGES.values():
    menu.setdefault(each.section, []).append(streamlit_page(each))
page = st.navigation(menu, position="top")
with told_of_faults(page.title):
    page.run()

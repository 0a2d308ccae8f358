"""The sections and their pages; runs at every rerun, then runs the page that is open."""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from engine.errors import DataError
from pages import workbench
from pages.explain.faults import said
from pages.explore import digit_controls
from pages.gallery import page as gallery_page
from pages.inside import page as inside_page
from pages.kink import page as kink_page
from pages.navigation import streamlit_page
from pages.registry import PAGES
from pages.training import page as training_page

HERE = Path(__file__).parent

st.set_page_config(
    page_title="Backpropagation, live",
    page_icon=str(HERE / "icon.svg"),
    layout="wide",
    # There is no sidebar unless somebody asks for the questions, and then it shall be seen; but on
    # a narrow screen the pages' names are in it, and it would lie over everything.
    initial_sidebar_state="auto",
)
OWN: Mapping[str, Callable[[Any], None]] = {
    "conv-2d": digit_controls.show,
    "at-a-kink": kink_page.show,
    "train": training_page.show,
    "look-inside": inside_page.show,
    "gallery": gallery_page.show,
}
"""The pages that show more than what is data, or something else."""
menu: dict[str, list[st.Page]] = {}
for each in PAGES.values():
    whole = partial(OWN.get(each.key, workbench.show), each)
    menu.setdefault(each.section, []).append(streamlit_page(each, whole))
st.html(HERE / "site.css")
page = st.navigation(menu, position="top")
try:
    page.run()
except DataError as error:  # an image file is missing or damaged: the other pages go on
    logging.getLogger(__name__).exception("%s cannot be shown", page.title)
    st.text(said(error))

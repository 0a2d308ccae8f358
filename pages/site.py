"""The sections and their pages; runs at every rerun, then runs the page that is open."""

import logging
from pathlib import Path

import streamlit as st

from engine.errors import DataError
from pages.faults import said

HERE = Path(__file__).parent

st.set_page_config(
    page_title="Backpropagation, live",
    page_icon=str(HERE / "icon.svg"),
    layout="wide",
    # There is no sidebar unless somebody asks for the questions, and then it shall be seen; but on
    # a narrow screen the pages' names are in it, and it would lie over everything.
    initial_sidebar_state="auto",
)
PAGES = {
    "Explore": [
        st.Page(
            "explore/conv_block.py",
            title="The conv block",
            icon=":material/account_tree:",
            default=True,
        ),
        st.Page("explore/relu.py", title="ReLU", icon=":material/show_chart:"),
        st.Page("explore/max_pool.py", title="Max pool", icon=":material/filter_alt:"),
        st.Page("explore/conv_1d.py", title="Convolution, 1-D", icon=":material/linear_scale:"),
        st.Page("explore/conv_2d.py", title="Convolution, 2-D", icon=":material/grid_on:"),
        st.Page("explore/minibatch.py", title="Minibatch", icon=":material/stacks:"),
    ],
    "Check": [
        st.Page("check/at_a_kink.py", title="At a kink", icon=":material/call_split:"),
        st.Page("check/gradient_check.py", title="Gradient check", icon=":material/rule:"),
    ],
    "Train": [
        st.Page("train/train.py", title="Train", icon=":material/model_training:"),
        st.Page("train/look_inside.py", title="Look inside", icon=":material/frame_inspect:"),
    ],
    "Slides": [
        st.Page("slides/gallery.py", title="Gallery", icon=":material/photo_library:"),
    ],
}
st.html(HERE / "site.css")
page = st.navigation(PAGES, position="top")
try:
    page.run()
except DataError as error:  # an image file is missing or damaged: the other pages go on
    logging.getLogger(__name__).exception("%s cannot be shown", page.title)
    st.text(said(error))

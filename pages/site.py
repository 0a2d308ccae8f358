"""The sections and their pages; runs at every rerun, then runs the page that is open."""

from pathlib import Path

import streamlit as st

HERE = Path(__file__).parent

st.set_page_config(
    page_title="Backpropagation, live",
    page_icon=str(HERE / "icon.svg"),
    layout="wide",
    # There is no sidebar unless somebody asks for the questions, and then it shall be seen.
    initial_sidebar_state="expanded",
)
PAGES = {
    "Explore": [
        st.Page(
            "explore/conv_block.py",
            title="The conv block",
            icon=":material/account_tree:",
            default=True,
        ),
    ],
}
st.html(HERE / "site.css")
st.navigation(PAGES, position="top").run()

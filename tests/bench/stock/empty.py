"""An empty page, to be compared with: what Streamlit itself needs."""

import streamlit as st

st.text("empty")

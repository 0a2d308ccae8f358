"""An empty page to compare with: what Streamlit itself needs."""

import streamlit as st

st.text("empty")

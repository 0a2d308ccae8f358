"""The lab's block with st.slider and st.plotly_chart, to compare with."""

import streamlit as st

from pages.state.codecs import GRID, HIGH, LOW
from tests.pages.scenes import BLOCK, block

st.set_page_config(layout="wide")
scene = block()
x1 = st.slider("x1", LOW, HIGH, scene.x[0], GRID)
picture = BLOCK.picture(scene.moved("x1", x1))
st.plotly_chart(picture.figure)
for line in picture.explanation:
    st.text(line)

"""Turn engine results into Plotly figures, as plain dicts: no Streamlit, no gradients computed."""

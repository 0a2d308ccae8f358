"""Engine results -> Plotly figures as plain dicts; no Streamlit, and no computing of gradients."""

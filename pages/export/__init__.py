"""From scenes to files: shots.py -> slide.py -> renderer.py, document.py -> batch.py.

A *shot* is one scene with its name, its title and its *look*. A *slide* is the shot's figure as it
stands on its *sheet*: without sliders, in the wanted ratio, under its title. The renderer's browser
makes SVG, PNG and PDF of it; a document is one html file with all the states. No Streamlit here.
"""

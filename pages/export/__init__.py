"""From scenes to files: render_jobs.py -> slide.py -> renderer.py, document.py -> batch.py.

A *render job* is one scene with its name, its title and its *style*. A *slide* is the job's figure
as it stands on its *canvas*: without sliders, in the wanted ratio, under its title. The renderer's
browser makes SVG, PNG and PDF of it; a document is one html file with all the states. No Streamlit
here.
"""

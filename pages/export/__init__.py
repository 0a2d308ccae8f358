"""Turn scenes into files: render_jobs.py -> slide.py -> renderer.py, document.py -> batch.py.

A *render job* is one scene with its name, its title and its *style*. A *slide* is the job's figure
on its *canvas*: without sliders, in the style's aspect ratio, under its title. The renderer's
browser turns slides into SVG, PNG and PDF; a document is one html file with all the states. Nothing
here uses Streamlit.

__main__.py is the command. The menu of the Slide button is in pages/components/browser (`Tools` in
live_figure.js, and slide.js); pages/views/requests.py answers what it asks for.
"""

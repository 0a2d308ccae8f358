"""Make one html file of a render job, which plays without a server and without a network."""

import json
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from math import ceil
from pathlib import Path
from typing import Final

from pages.derive.picture import Picture
from pages.export.animation import Track, as_changes, pictures_of, tracks_of
from pages.export.render_jobs import RenderJob
from pages.export.slide import CLEAR, EDGE, Canvas, canvas_of, on_canvas
from pages.figures.primitives import text_width
from pages.figures.theme import FONT, NEGATIVE, PALETTES
from pages.server.scripts import as_one_script, plotly_source

PLOTLY: Final = "/* plotly.js */"
"""The placeholder for plotly.js in a document; the caller that has plotly.js inserts it."""

LENGTH_MOST: Final = 3_000_000
"""The most bytes, without plotly.js; a document that would be longer plays less."""

BAR: Final = 54  # the height of the row of buttons, and of the slider's row; no text moves them
ANSWER: Final = (23, 32)  # the text size and the line height of the explanation's first line
DETAIL: Final = (20, 28)  # the text size and the line height of all its other lines
_HERE: Final = Path(__file__).parent

_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<noscript>This picture needs JavaScript.</noscript>
<main id="slide" data-testid="slide" data-revision="0">
<div id="picture" role="img" aria-label="{title}"></div>
<div id="beneath">
{bar}<div id="explanation" data-testid="explanation" aria-live="polite"></div>
</div>
</main>
<script type="application/json" id="content">{content}</script>
<script>{plotly}</script>
<script type="module">{player}</script>
</body>
</html>
"""
_STEPS: Final = """
<button id="start" type="button" title="To the first step">⇤ Start</button>
<button id="back" type="button" title="One step back (key B or ←)">◀ Step</button>
<button id="next" type="button" title="One step on (key N or →)">Step ▶</button>
<button id="play" type="button" title="All the steps, one after the other (key P)">Play</button>
<span id="step" aria-live="polite"></span>
"""
_SLIDER: Final = """
<label><i>{label} =</i><span id="value"></span>
<input id="range" type="range" min="0" max="{last}" step="1" aria-label="{said}"></label>
"""


def html_file(job: RenderJob) -> str:
    """The whole document; raises JobError if the job does not have the style's slider."""
    script = "<script>{}</script>"  # with it, as a title may have the placeholder's letters too
    return document(job).replace(script.format(PLOTLY), script.format(plotly_source()), 1)


def document(job: RenderJob) -> str:
    """The document without plotly.js: `PLOTLY` stands in its place.

    It plays as much as LENGTH_MOST allows, but all of it if the style names a slider. While the
    slider is not at its initial value, the title is the job's topic.
    """
    for track in tracks_of(job):
        text = _playing(job, track)
        if job.style.slider or len(text.encode()) <= LENGTH_MOST:
            break
    return text


def _playing(job: RenderJob, track: Track) -> str:
    rows = pictures_of(job, track)
    if not job.style.caption:
        rows = [[replace(picture, explanation=()) for picture in row] for row in rows]
    bar = [*_bar(track)]
    every = [picture for row in rows for picture in row]
    width = canvas_of(job, pictures=every).width - 2 * EDGE
    said = max(_height(picture, width) for picture in every)
    beneath = said + EDGE + BAR * len(bar)
    moved = job.on_topic()
    canvas = canvas_of(replace(job, together=(moved,)), beneath, every)
    placed = [
        [replace(each, figure=on_canvas(each.figure, canvas, job.style)) for each in row]
        for row in rows
    ]
    row, place = track.at
    as_large = replace(job.style, font_scale=canvas.scale)
    elsewhere = canvas.titled(moved.title if job.style.title else "", as_large)
    content = {
        "layout": placed[row][place].figure["layout"],
        "moved": on_canvas(rows[row][place].figure, elsewhere, job.style)["layout"].get("title"),
        "canvas": {"width": canvas.width, "height": canvas.height},
        "values": [track.slider.written(value) for value in track.values] if track.slider else [],
        "at": track.at,
        **as_changes(placed, track.at),
    }
    return _PAGE.format(
        title=escape(job.title),
        style=_variables(job, canvas) + (_HERE / "player.css").read_text(encoding="utf-8"),
        bar="".join(f'<div class="bar">{row}</div>\n' for row in bar),
        content=_inside_script(content),
        plotly=PLOTLY,
        player=as_one_script(_HERE / "player.js"),
    )


def _bar(track: Track) -> Iterator[str]:
    """The buttons of the steps, and the slider, if there are any."""
    if len(track.scenes) > 1:
        yield _STEPS
    if track.slider:
        said = escape(track.slider.said or track.slider.name)
        yield _SLIDER.format(
            label=escape(track.slider.label), said=said, last=len(track.values) - 1
        )


def _height(picture: Picture, room: float) -> float:
    """The approximate height of the explanation, in lines of this width."""
    height = 0.0
    for number_of, line in enumerate(picture.explanation):
        size, pitch = DETAIL if number_of else ANSWER
        height += pitch * max(1, ceil(text_width(escape(line), size) / room))
    return height


def _variables(job: RenderJob, canvas: Canvas) -> str:
    """The CSS variables that the style sheet needs."""
    palette = PALETTES[job.style.theme]
    known = {
        "paper": CLEAR if job.style.transparent else palette.paper,
        "ink": palette.ink,
        "muted": palette.muted,
        "fill": palette.fill_zero,
        "focus": NEGATIVE,
        "font": FONT,
        "width": f"{canvas.width:g}px",
        "height": f"{canvas.height:g}px",
        "edge": f"{EDGE}px",
        "beneath": f"{canvas.beneath:g}px",
    }
    return f":root {{ {'; '.join(f'--{name}: {value}' for name, value in known.items())} }}\n"


def _inside_script(content: object) -> str:
    """JSON that cannot end the script element in which it stands."""
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    return text.replace("<", "\\u003c")

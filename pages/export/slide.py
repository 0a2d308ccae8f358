"""A render job's figure as it stands on a slide: no sliders, the wanted ratio, its title above.

Everything here is in the picture's own pixels. A file of another size shows the same, larger.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from math import ceil, floor
from typing import Any, Final

from pages.export.extent import extent, in_pixels
from pages.export.fonts import growths, with_fonts
from pages.export.render_jobs import RenderJob
from pages.export.sheet import Sheet, title_on
from pages.export.style import Style
from pages.figures.arrangement import HINT, Box, Drawing
from pages.figures.theme import COUNT_SIZE, FONT, PALETTES, Palette
from pages.figures.words import number
from pages.picture import Picture, Slider
from pages.scene import Scene

Figure = Mapping[str, Any]
"""A Plotly figure: {"data": …, "layout": …}."""

ROUND: Final = 10
"""The picture is cut at whole multiples of this, so that its states agree where."""
CLEAR: Final = "rgba(0,0,0,0)"


def sheet_of(job: RenderJob, beneath: float = 0.0) -> Sheet:
    """The sheet for all steps of a job: none of them needs more than the first or the last."""
    steps = job.steps()
    ends = dict.fromkeys((steps[0].scene, steps[-1].scene))
    pictures = [picture_of(job, scene) for scene in ends]
    boxes = [_cut(picture) for picture in pictures]
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
    cut = (left, top, right - left, bottom - top)
    sheet = Sheet.around(cut, job.title if job.style.title else "", job.style, beneath)
    fonts: dict[float, float] = {}
    for picture in pictures if job.style.font_scale != 1 else ():
        grown = growths(picture.figure, _cells(picture), job.style.font_scale)
        for size, growth in grown.items():
            fonts[size] = min(growth, fonts.get(size, growth))
    return replace(sheet, fonts=fonts)


def slide(job: RenderJob, sheet: Sheet | None = None) -> dict[str, Any]:
    """The job's figure, {"data": …, "layout": …}; its layout's size is the sheet's."""
    return on_sheet(picture_of(job, job.scene).figure, sheet or sheet_of(job), job.style)


def on_sheet(figure: Figure, sheet: Sheet, style: Style) -> dict[str, Any]:
    """A figure of that sheet's picture, cut, in the middle, under the title."""
    layout, palette = figure["layout"], PALETTES[style.theme]
    left, top, width, height = sheet.cut
    axes = {}
    if in_pixels(layout):
        axes["xaxis"] = {**layout["xaxis"], "range": [left, left + width]}
        axes["yaxis"] = {**layout["yaxis"], "range": [top + height, top]}
        margins = sheet.margins
    else:
        own = layout.get("margin", {})
        margins = {s: sheet.margins[s] + own.get(s, 80) for s in "lrtb"} | {"pad": 0}
    paper = CLEAR if style.transparent else palette.paper
    slide = {
        "data": [{**trace, "uid": f"trace{i}"} for i, trace in enumerate(figure["data"])],
        "layout": {
            **layout,
            **axes,
            "width": sheet.width,
            "height": sheet.height,
            "margin": margins,
            "paper_bgcolor": paper,
            "plot_bgcolor": paper,
            **({"title": title_on(sheet, palette)} if sheet.title else {}),
        },
    }
    return with_fonts(slide, sheet.fonts, style.font_scale) if sheet.fonts else slide


def picture_of(job: RenderJob, scene: Scene) -> Picture:
    """The picture of a scene without hints, and with what its sliders say if nothing else does."""
    picture: Picture = job.subject.picture(scene, job.style.theme)
    said = _sliders_said(picture, job.subject.sliders(scene), PALETTES[job.style.theme])
    drawn = [trace for trace in picture.figure["data"] if trace.get("meta") != HINT]
    data = [*drawn, said]
    return replace(picture, figure={**picture.figure, "data": data})


def _sliders_said(picture: Picture, sliders: Sequence[Slider], palette: Palette) -> Drawing:
    """Where a slider stands whose value stands nowhere else: its name and its value."""
    cells = {target.entry for target in picture.targets}
    bare = {target.entry for target in picture.targets if not target.valued}
    prefixes = tuple(grid.prefix for grid in picture.grids)
    told = [
        slider
        for slider in sliders
        if in_pixels(picture.figure["layout"])
        and (slider.named or slider.name in bare)
        and slider.label[:1].isalpha()
        and slider.name not in cells - bare
        and not (prefixes and slider.name.startswith(prefixes))
    ]
    return {
        "type": "scatter",
        "mode": "text",
        "x": [slider.left for slider in told],
        "y": [slider.top for slider in told],
        "text": [f"<i>{escape(each.label)}</i> = {number(each.value)}" for each in told],
        "textposition": "middle right",
        "textfont": {"family": FONT, "size": COUNT_SIZE, "color": palette.ink},
        "cliponaxis": False,
        "hoverinfo": "skip",
        "visible": bool(told),
    }


def _cells(picture: Picture) -> list[Box]:
    return [target.box for target in picture.targets] + [grid.box for grid in picture.grids]


def _cut(picture: Picture) -> Box:
    """The part of a picture that has something on it."""
    layout = picture.figure["layout"]
    if not in_pixels(layout):
        return 0.0, 0.0, float(layout["width"]), float(layout["height"])
    left, top, width, height = extent(picture.figure, _cells(picture))
    right, bottom = ceil((left + width) / ROUND) * ROUND, ceil((top + height) / ROUND) * ROUND
    left, top = floor(left / ROUND) * ROUND, floor(top / ROUND) * ROUND
    return float(left), float(top), float(right - left), float(bottom - top)

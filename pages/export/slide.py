"""A render job's figure as it stands on a slide: no sliders, the wanted ratio, its title above.

Everything here is in the picture's own pixels. A file of another size shows the same, larger.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from math import ceil, floor
from textwrap import wrap
from typing import Any, Final, Self

from pages.components.picture import Picture, Slider
from pages.export.extent import LINE, extent, growths, in_pixels, with_fonts
from pages.export.render_jobs import RenderJob
from pages.export.style import Style
from pages.figures.primitives import HINT, Box, Drawing, text_width
from pages.figures.theme import COUNT_SIZE, FONT, HEADING_SIZE, PALETTES, Palette
from pages.figures.words import number
from pages.state.scene import Scene

Figure = Mapping[str, Any]
"""A Plotly figure: {"data": …, "layout": …}."""

ROUND: Final = 10
"""The picture is cut at whole multiples of this, so that its states agree where."""
CLEAR: Final = "rgba(0,0,0,0)"
EDGE: Final = 28
"""Pixels that stay free around everything."""
WIDEST: Final = 1600
"""Of a wider canvas the texts would be too small to read from the last row."""
TITLE_SIZES: Final = range(HEADING_SIZE + 5, HEADING_SIZE - 4, -1)
"""A title is as large as its line allows; one that is longer still gets several lines."""


@dataclass(frozen=True)
class Canvas:
    """The paper around a picture: its size, the part of the picture on it, the title's lines.

    beneath: how much stays free under the picture for what is no part of the figure. fonts: by
    its size, how many times as large a text is.
    """

    width: float
    height: float
    cut: Box
    title: tuple[str, ...]
    title_size: float
    beneath: float = 0.0
    fonts: Mapping[float, float] = field(default_factory=dict)

    @classmethod
    def around(cls, cut: Box, title: str, style: Style, beneath: float = 0.0) -> Self:
        """The smallest canvas of the style's ratio that has room for everything."""
        ratio = style.size[0] / style.size[1]
        _, _, width, height = cut
        least = max(width, min(width + 2 * EDGE, WIDEST))
        size, lines = _fitted(title, width, style.font_scale)
        above = _title_height(lines, size)
        full = max(least, ratio * (height + above + beneath + 2 * EDGE))
        return cls(full, full / ratio, cut, lines, size, beneath)

    @property
    def margins(self) -> dict[str, float]:
        """Of the figure: the picture is in the middle of what the title leaves."""
        _, _, width, height = self.cut
        above = _title_height(self.title, self.title_size)
        free = self.height - above - self.beneath - height
        beside = (self.width - width) / 2
        under = free / 2 + self.beneath
        return {"l": beside, "r": beside, "t": above + free / 2, "b": under, "pad": 0}


def canvas_of(job: RenderJob, beneath: float = 0.0) -> Canvas:
    """The canvas for all steps of a job: none of them needs more than the first or the last."""
    steps = job.steps()
    ends = dict.fromkeys((steps[0].scene, steps[-1].scene))
    pictures = [picture_of(job, scene) for scene in ends]
    boxes = [_cut(picture) for picture in pictures]
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
    cut = (left, top, right - left, bottom - top)
    canvas = Canvas.around(cut, job.title if job.style.title else "", job.style, beneath)
    fonts: dict[float, float] = {}
    for picture in pictures if job.style.font_scale != 1 else ():
        grown = growths(picture.figure, _cells(picture), job.style.font_scale)
        for size, growth in grown.items():
            fonts[size] = min(growth, fonts.get(size, growth))
    return replace(canvas, fonts=fonts)


def slide(job: RenderJob, canvas: Canvas | None = None) -> dict[str, Any]:
    """The job's figure, {"data": …, "layout": …}; its layout's size is the canvas's."""
    return on_canvas(picture_of(job, job.scene).figure, canvas or canvas_of(job), job.style)


def on_canvas(figure: Figure, canvas: Canvas, style: Style) -> dict[str, Any]:
    """A figure of that canvas's picture, cut, in the middle, under the title."""
    layout, palette = figure["layout"], PALETTES[style.theme]
    left, top, width, height = canvas.cut
    axes = {}
    if in_pixels(layout):
        axes["xaxis"] = {**layout["xaxis"], "range": [left, left + width]}
        axes["yaxis"] = {**layout["yaxis"], "range": [top + height, top]}
        margins = canvas.margins
    else:
        own = layout.get("margin", {})
        margins = {s: canvas.margins[s] + own.get(s, 80) for s in "lrtb"} | {"pad": 0}
    paper = CLEAR if style.transparent else palette.paper
    slide = {
        "data": [{**trace, "uid": f"trace{i}"} for i, trace in enumerate(figure["data"])],
        "layout": {
            **layout,
            **axes,
            "width": canvas.width,
            "height": canvas.height,
            "margin": margins,
            "paper_bgcolor": paper,
            "plot_bgcolor": paper,
            **({"title": _title_on(canvas, palette)} if canvas.title else {}),
        },
    }
    return with_fonts(slide, canvas.fonts, style.font_scale) if canvas.fonts else slide


def picture_of(job: RenderJob, scene: Scene) -> Picture:
    """The picture of a scene without hints, and with what its sliders say if nothing else does."""
    picture: Picture = job.subject.picture(scene, job.style.theme)
    said = _slider_values(picture, job.subject.sliders(scene), PALETTES[job.style.theme])
    drawn = [trace for trace in picture.figure["data"] if trace.get("meta") != HINT]
    data = [*drawn, said]
    return replace(picture, figure={**picture.figure, "data": data})


def _slider_values(picture: Picture, sliders: Sequence[Slider], palette: Palette) -> Drawing:
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


def _title_on(canvas: Canvas, palette: Palette) -> dict[str, Any]:
    """The title as a layout has it."""
    lines = "<br>".join(escape(line, quote=False) for line in canvas.title)
    return {
        "text": f"<b>{lines}</b>",
        "font": {"size": canvas.title_size, "family": FONT, "color": palette.ink},
        "x": EDGE / canvas.width,
        "xanchor": "left",
        "y": 1 - EDGE / canvas.height,
        "yanchor": "top",
    }


def _fitted(title: str, room: float, scale: float) -> tuple[float, tuple[str, ...]]:
    """The size of a title, and its lines: one, or of the smallest size as many as it takes."""
    sizes = [size * scale for size in TITLE_SIZES]
    fits = [size for size in sizes if _wide(title, size) <= room]
    if fits:
        return fits[0], (title,) if title.strip() else ()
    widths = range(len(title), 0, -1)
    wrapped = (wrap(title, signs) for signs in widths)
    lines = next(
        lines for lines in wrapped if all(_wide(line, sizes[-1]) <= room for line in lines)
    )
    return sizes[-1], tuple(lines)


def _wide(line: str, size: float) -> float:
    return text_width(f"<b>{escape(line)}</b>", size)


def _title_height(lines: Sequence[str], size: float) -> float:
    return EDGE + len(lines) * size * LINE if lines else 0.0

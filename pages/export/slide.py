"""Put a render job's figure on a slide: no sliders, its title above, the reason beneath.

All lengths are in the picture's own pixels. A file of another size shows the same slide, scaled.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from html import escape
from math import ceil
from textwrap import wrap
from typing import Any, Final, NamedTuple, Self

import numpy as np

from pages.derive.picture import Picture, Screen, Slider
from pages.export.extent import LINE, extent, growths, texts, with_fonts
from pages.export.render_jobs import RenderJob
from pages.export.style import Style
from pages.figures.primitives import HINT, Box, Drawing, text_trace, text_width
from pages.figures.theme import COUNT_SIZE, FONT, HEADING_SIZE, NOTE_SIZE, PALETTES, Palette
from pages.state.scene import Scene

Figure = Mapping[str, Any]  # a Plotly figure: {"data": …, "layout": …}

ROUND: Final = 10
"""The picture is cut at multiples of this, so that all its states are cut at the same place."""
CLEAR: Final = "rgba(0,0,0,0)"
EDGE: Final = 28  # the pixels that stay free around everything
WIDEST: Final = 1600  # on a wider canvas, the texts would be too small to read from the last row
TITLE_SIZES: Final = range(HEADING_SIZE + 5, HEADING_SIZE - 4, -1)
"""The sizes of a title, tried in turn; one that does not fit in the last gets several lines."""
CAPITAL: Final = 0.7  # the height of a capital letter in units of its size, for plotly.js

CAPTION_SIZES: Final = range(COUNT_SIZE, NOTE_SIZE - 1, -1)
"""The sizes of a caption, tried in turn; none is smaller than the notes on the picture."""
CAPTION_LINES: Final = 3  # the most lines of a caption, unless its answer alone is longer
SCALE_STEP: Final = 0.05
"""The step in which the scale of title and caption is reduced until the picture keeps its size."""
TEXT_LEAST: Final = 18  # the pixels of the smallest text on a slide that is as wide as WIDEST
CAPTION_GAP: Final = 16
"""The pixels above and beneath a picture with a caption, which itself marks the picture's end."""


class Caption(NamedTuple):
    """How captions are set."""

    size: float
    formula: bool = True  # whether there is one
    apart: bool = True  # whether the formula has its own line

    def lines(self, explanation: Sequence[str], room: float) -> list[str]:
        """The lines of an explanation, up to `room` wide: the answer in bold, and a formula."""
        size = self.size
        answer = [f"<b>{line}</b>" for line in _wrapped(explanation[0], room, size, bold=True)]
        if not self.formula:
            return answer
        formula = [each for line in explanation[1:2] for each in _wrapped(line, room, size)]
        lines = [*answer, *formula]
        if self.apart or text_width(" ".join(lines), size) > room:
            return lines
        return [" ".join(lines)]


NO_CAPTION: Final = Caption(0.0)


@dataclass(frozen=True)
class Canvas:
    """The paper around a picture."""

    width: float
    height: float
    cut: Box  # the part of the picture that is on the paper
    title: tuple[str, ...]  # its lines
    title_size: float
    above: float  # the height for the title
    beneath: float = 0.0  # the height left for a caption, or for something outside the figure
    caption: Caption = NO_CAPTION  # how captions are set, if there are any
    scale: float = 1.0  # the factor by which title and caption are enlarged
    fonts: Mapping[float, float] = field(default_factory=dict)
    """The factors by which the picture's texts are enlarged, by their size."""

    @classmethod
    def around(
        cls,
        cut: Box,
        titles: Sequence[str],
        style: Style,
        beneath: float = 0.0,
        space: float = EDGE,
    ) -> Self:
        """The smallest canvas of the style's ratio that has room for everything.

        titles: its own first, then those of others that lie over it. space: the height that stays
        free above and under the picture.
        """
        ratio, scale = style.size[0] / style.size[1], style.font_scale
        _, _, width, height = cut
        least = max(width, min(width + 2 * EDGE, WIDEST))
        fitted = [_fitted(title, width, scale) for title in titles]
        above = max(EDGE + len(lines) * size * LINE if lines else 0.0 for size, lines in fitted)
        size, lines = fitted[0]
        full = max(least, ratio * (height + above + beneath + 2 * space))
        return cls(full, full / ratio, cut, lines, size, above, beneath, scale=scale)

    def titled(self, title: str, style: Style) -> Self:
        """The same canvas under another title, for which it has room."""
        size, lines = _fitted(title, self.cut[2], style.font_scale)
        return replace(self, title=lines, title_size=size)

    @property
    def margins(self) -> dict[str, float]:
        """The figure's margins: the picture is centred in what title and caption leave free."""
        _, _, width, height = self.cut
        free = self.height - self.above - self.beneath - height
        beside = (self.width - width) / 2
        under = free / 2 + self.beneath
        return {"l": beside, "r": beside, "t": self.above + free / 2, "b": under, "pad": 0}


def canvas_of(
    job: RenderJob, beneath: float = 0.0, pictures: Sequence[Picture] | None = None
) -> Canvas:
    """The canvas for all steps of a job, and of the jobs that are shown together with it.

    No step reaches further than the first or the last. Texts are only as large as every picture
    allows. beneath: the height that stays free under the picture. pictures: all that are shown, if
    there are more than those.
    """
    pictures = pictures or _shown(job)
    cut = _cut_of(pictures)
    canvas = _as_large(lambda style: Canvas.around(cut, _titles(job), style, beneath), job.style)
    fonts: dict[float, float] = {}
    for picture in pictures if job.style.font_scale != 1 else ():
        grown = growths(picture.figure, _cells(picture), job.style.font_scale)
        for size, growth in grown.items():
            fonts[size] = min(growth, fonts.get(size, growth))
    return replace(canvas, fonts=fonts)


def captioned(job: RenderJob) -> Canvas:
    """The canvas with room for the captions of all jobs shown together, which are set alike.

    They have the formula if the picture's texts stay large enough, and otherwise do not. An even
    longer answer gets more lines: nothing is cut off.
    """
    return _captioned(replace(job.steps()[0], name=""))


@lru_cache(maxsize=8)  # all steps are mostly drawn, and each needs the explanations of all
def _captioned(job: RenderJob) -> Canvas:
    plain, jobs = canvas_of(job), (job, *job.together)
    steps = [step for each in jobs if each.style.caption for step in each.steps()]
    pictures = [picture_of(step, step.scene) for step in steps]
    told = [picture.explanation for picture in pictures if picture.explanation]
    if not told:
        return plain
    least = min((text.size for each in pictures for text in texts(each.figure)), default=TEXT_LEAST)
    widest = max(plain.width, WIDEST * least / TEXT_LEAST)
    kinds = ((True, True), (True, False), (False, False))

    def around(style: Style) -> Canvas:
        sizes = [size * style.font_scale for size in CAPTION_SIZES]
        for caption in (Caption(size, *kind) for kind in kinds for size in sizes):
            count = max(len(caption.lines(each, _room(plain))) for each in told)
            beneath = EDGE + count * caption.size * LINE
            canvas = Canvas.around(plain.cut, _titles(job), style, beneath, CAPTION_GAP)
            if count <= CAPTION_LINES and canvas.width <= widest:
                break
        return replace(canvas, caption=caption)

    return replace(_as_large(around, job.style), fonts=plain.fonts)


def _as_large(around: Callable[[Style], Canvas], style: Style) -> Canvas:
    """The canvas with title and caption as large as the style says, if there is room.

    There is room if the picture stays as large as at a scale of 1, and the formula is kept.
    """
    scale = style.font_scale
    plain = around(replace(style, font_scale=min(scale, 1.0)))
    for step in range(ceil((scale - 1) / SCALE_STEP)):
        canvas = around(replace(style, font_scale=scale - step * SCALE_STEP))
        no_less = canvas.width <= plain.width and canvas.title_size >= plain.title_size
        if no_less and canvas.caption.formula == plain.caption.formula:
            return canvas
    return plain


def slide(job: RenderJob, canvas: Canvas | None = None) -> dict[str, Any]:
    """The job's figure, {"data": …, "layout": …}; its layout's size is that of its canvas."""
    canvas = canvas or captioned(job)
    picture = picture_of(job, job.scene)
    figure = on_canvas(picture.figure, canvas, job.style)
    if not (job.style.caption and picture.explanation):
        return figure
    layout = figure["layout"]
    lines = canvas.caption.lines(picture.explanation, _room(canvas))
    said = _caption_on(canvas, layout["margin"], lines, PALETTES[job.style.theme])
    return {**figure, "layout": {**layout, "annotations": [said]}}


def on_canvas(figure: Figure, canvas: Canvas, style: Style) -> dict[str, Any]:
    """A figure on its canvas: cut, centred, under the title."""
    layout, palette = figure["layout"], PALETTES[style.theme]
    left, top, width, height = canvas.cut
    traces = [{**trace, "uid": f"trace{i}"} for i, trace in enumerate(figure["data"])]
    if canvas.fonts:
        traces = with_fonts(traces, canvas.fonts, style.font_scale)
    paper = CLEAR if style.transparent else palette.paper
    return {
        "data": traces,
        "layout": {
            **layout,
            "xaxis": {**layout["xaxis"], "range": [left, left + width]},
            "yaxis": {**layout["yaxis"], "range": [top + height, top]},
            "width": canvas.width,
            "height": canvas.height,
            "margin": canvas.margins,
            "paper_bgcolor": paper,
            "plot_bgcolor": paper,
            **({"title": _title_on(canvas, palette)} if canvas.title else {}),
        },
    }


def picture_of(job: RenderJob, scene: Scene) -> Picture:
    """The picture of a scene, without hints, and with values that otherwise only its sliders show.

    Its explanation is what the job says first, then the reason, if an entry is chosen.
    """
    picture: Picture = job.subject.picture(scene, Screen(job.style.theme, job.exercise))
    reason = picture.explanation if scene.entry else ()
    said = _slider_values(picture, job.subject.sliders(scene), PALETTES[job.style.theme])
    drawn = [trace for trace in picture.figure["data"] if trace.get("meta") != HINT]
    data = [*drawn, said]
    figure = {**picture.figure, "data": data}
    return replace(picture, figure=figure, explanation=[*job.said(scene), *reason])


def _slider_values(picture: Picture, sliders: Sequence[Slider], palette: Palette) -> Drawing:
    """Write name and value in the place of each slider whose value is shown nowhere else."""
    cells = {target.entry for target in picture.targets}
    bare = {target.entry for target in picture.targets if not target.valued}
    prefixes = tuple(grid.prefix for grid in picture.grids)
    told = [
        slider
        for slider in sliders
        if (slider.named or slider.name in bare)
        and slider.label.lstrip("∂")[:1].isalpha()  # an arrow is no name
        and slider.name not in cells - bare
        and not slider.name.startswith(prefixes)
    ]
    at = [(slider.left, slider.top) for slider in told]
    said = [f"<i>{escape(each.label)}</i> = {each.written(each.value)}" for each in told]
    drawn = text_trace(at, said, COUNT_SIZE, palette.ink, "middle right")
    return {**drawn, "visible": bool(told)}


def _shown(job: RenderJob) -> list[Picture]:
    """The first and the last picture of each job shown together; all if texts are scaled."""
    return [
        picture_of(each, scene)
        for each in (job, *job.together)
        for steps in [each.steps()]
        for scene in dict.fromkeys(
            step.scene for step in (steps if job.style.font_scale != 1 else (steps[0], steps[-1]))
        )
    ]


def _cut_of(pictures: Iterable[Picture]) -> Box:
    """The part of the picture on which any of these has something."""
    boxes = np.array([extent(picture.figure, _cells(picture)) for picture in pictures])
    left, top = np.floor(boxes[:, :2].min(axis=0) / ROUND) * ROUND
    right, bottom = np.ceil((boxes[:, :2] + boxes[:, 2:]).max(axis=0) / ROUND) * ROUND
    return float(left), float(top), float(right - left), float(bottom - top)


def _cells(picture: Picture) -> list[Box]:
    return [target.box for target in picture.targets] + [grid.box for grid in picture.grids]


def _title_on(canvas: Canvas, palette: Palette) -> dict[str, Any]:
    lines = "<br>".join(escape(line, quote=False) for line in canvas.title)
    lines = lines.replace("%{", "&#37;{")  # which plotly.js would look up in layout.meta
    # If there are several lines, a browser puts the foot of the first at the title's position,
    # whatever the anchor; and librsvg draws the first line of an SVG with "top" over the second.
    several = len(canvas.title) > 1
    lower = CAPITAL * canvas.title_size if several else 0.0
    return {
        "text": f"<b>{lines}</b>",
        "font": {"size": canvas.title_size, "family": FONT, "color": palette.ink},
        "x": EDGE / canvas.width,
        "xanchor": "left",
        "y": 1 - (EDGE + lower) / canvas.height,
        "yanchor": "bottom" if several else "top",
    }


def _titles(job: RenderJob) -> list[str]:
    """The job's title, and those of the jobs shown together with it; "" for no title."""
    return [each.title if each.style.title else "" for each in (job, *job.together)]


def _caption_on(
    canvas: Canvas, margin: Mapping[str, float], lines: Sequence[str], palette: Palette
) -> dict[str, Any]:
    """A caption as an annotation of a layout; its first line is at one level under every step."""
    return {
        "text": "<br>".join(lines),
        "font": {"size": canvas.caption.size, "family": FONT, "color": palette.ink},
        "align": "left",
        "showarrow": False,
        "borderpad": 0,
        "xref": "paper",
        "x": 0,
        "xanchor": "left",
        "xshift": EDGE - margin["l"],
        "yref": "paper",
        "y": 0,
        "yanchor": "top",
        "yshift": canvas.beneath - margin["b"],
    }


def _room(canvas: Canvas) -> float:
    """The largest width of a caption's line."""
    return canvas.width - 2 * EDGE


def _wrapped(text: str, room: float, size: float, *, bold: bool = False) -> list[str]:
    """The lines of a text, escaped for a figure; broken between words, but not in a product."""
    lines: list[str] = []
    for word in re.split(r"(?<!·) (?!·)", escape(text.strip(), quote=False)):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(f"<b>{longer}" if bold else longer, size) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _fitted(title: str, room: float, scale: float) -> tuple[float, tuple[str, ...]]:
    """The size of a title, and its lines: one, or as many as it takes in the smallest size."""
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

"""Whether all that is written on a drawn picture can be read."""

import json
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, Final, NamedTuple

from pages.export.render_jobs import RenderJob
from pages.export.slide import slide
from pages.export.style import Size
from tests.pages.export.atelier import Atelier

SCRIPT: Final = Path(__file__).with_name("text_boxes.js")
READABLE: Final = 18 / 1600
"""The least size of a text, of the picture's width."""


class Text(NamedTuple):
    """A text and its box, in pixels of the paper; the size of its letters."""

    said: str
    left: float
    top: float
    width: float
    height: float
    size: float


@dataclass(frozen=True)
class Drawn:
    """The size of an SVG file, that of its paper, and the texts on this."""

    size: Size
    paper: tuple[float, float]
    texts: list[Text]

    def mistakes(self) -> list[str]:
        """A sentence for each text that is cut, lies on another, or is too small."""
        width, height = self.paper
        said = [
            f"{text.said!r} is cut"
            for text in self.texts
            if text.left < 0
            or text.top < 0
            or text.left + text.width > width
            or text.top + text.height > height
        ]
        said += [
            f"{text.said!r} has {text.size:.1f} px on {width}"
            for text in self.texts
            if text.size < READABLE * width - 0.01
        ]
        return said + [
            f"{one.said!r} lies on {other.said!r}"
            for one, other in combinations(self.texts, 2)
            if min(one.left + one.width, other.left + other.width) > max(one.left, other.left)
            and min(one.top + one.height, other.top + other.height) > max(one.top, other.top)
        ]


def read(atelier: Atelier, svg: str) -> Drawn:
    """What the browser finds on an SVG."""
    script = f"{SCRIPT.read_text(encoding='utf-8')}; textBoxes({json.dumps(svg)})"
    found: Any = atelier.wait(atelier.renderer.evaluate(script))
    width, height = found["size"]
    return Drawn((width, height), found["paper"], [Text(*each) for each in found["texts"]])


def drawn(atelier: Atelier, job: RenderJob) -> Drawn:
    """The job's SVG file; asserts that it is as large as it should be, and says something."""
    made = read(atelier, atelier.wait(atelier.renderer.svg(slide(job), job.style.size, "p")))
    assert made.size == job.style.size
    assert len(made.texts) > 3
    return made

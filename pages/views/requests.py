"""The answers to what the browser asks about the scene on the screen: a sweep, a slide, texts."""

import json
import shlex
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final, Generic

from engine.layers.spelling import FRAMEWORKS
from pages.derive.picture import Screen
from pages.derive.questions import Question
from pages.derive.script import Script
from pages.derive.subject import PageSubject
from pages.export.document import PLOTLY, document
from pages.export.fingerprint import fingerprint, own_name
from pages.export.question import pair, question_about
from pages.export.render_jobs import JobError, RenderJob, job_of_page, job_of_preset
from pages.export.slide import slide
from pages.export.style import Style
from pages.figures.theme import PALETTES
from pages.registry import PAGES, SUBJECTS, preset_name, titled
from pages.sharing.addresses import for_others, link, note_on, qr_code, short_address
from pages.sharing.frameworks import FrameworkScript, NoScriptError
from pages.state.scene import SceneType, escaped
from pages.sweep import Order, kept_sweep, sweep

DOCUMENTS_KEPT: Final = 5  # the number of documents that are kept, 6 MB each at most in memory


@dataclass(frozen=True)
class SceneRequests(Generic[SceneType]):
    """The answers about one scene of a page, as it is shown."""

    subject: PageSubject[SceneType]
    scene: SceneType
    preset: str  # the scene's name among the presets, or ""
    screen: Screen
    question: Question[SceneType] | None = None  # of a quiz, asked about the scene

    def sweep(self, name: str, values: Sequence[float], key: str) -> str | None:
        """The sweep of a slider, from another process unless the subject is this session's own."""
        if SUBJECTS[self.subject.key] is not self.subject:
            return sweep(self.subject, self.scene, name, values, key, self.screen)
        anywhere = tuple(self.scene.moved(name, values[0]).query().items())
        order = Order(self.subject.key, anywhere, self.screen, name, tuple(values), key)
        return kept_sweep(order)

    def answer(self, name: str, argument: str) -> object:
        """What is asked for under a name, as values for JSON; None for an unknown name."""
        asked: Mapping[str, Callable[[str], object]] = {
            "texts": self.texts,
            "slide": self.slide,
            "html": self.html,
            "presenter": self.presenter,
            "address": self.address,
            "look": self.look,
        }
        return asked[name](argument) if name in asked else None

    def texts(self, here: str) -> dict[str, str]:
        """The file's name, without an ending, and all texts that can be copied."""
        job = self._job()
        script = replace(self.subject.script(self.scene), title=job.title)
        url = shlex.quote(f"{here}?{escaped(self.scene.query())}")
        return {
            "name": job.name,
            **link(here),
            "command": f"python -m pages.export --url {url} --format png",
            "python": str(script),
            **_in_frameworks(script, hidden=self.screen.hidden),
            "latex": self.subject.picture(self.scene, self.screen).latex(),
        }

    def slide(self, how: str) -> list[dict[str, Any]]:
        """The figure as it is on a slide, the size of its file, and a name for what is drawn of it.

        how: any of these words: "plain" leaves out the reason; "light" or "dark" sets another theme
        than the screen's; "pair" gives two slides, a question and its answer, or none on a page
        that hides nothing. In each slide, suffix is what follows the file's name, and the figure is
        a JSON text, which nothing reads on its way to the browser.
        """
        words = how.split()
        job = self._job(words)
        jobs = [("", job)]
        if "pair" in words:
            try:
                jobs = list(zip(("-question", "-answer"), self._pair(job), strict=True))
            except JobError:
                return []
        figures = [(suffix, slide(each)) for suffix, each in jobs]
        return [
            {
                "suffix": suffix,
                "figure": json.dumps(figure),
                "size": job.style.size,
                "name": own_name(fingerprint(figure)),
            }
            for suffix, figure in figures
        ]

    def _pair(self, job: RenderJob) -> tuple[RenderJob, RenderJob]:
        """The jobs of a question and its answer: the quiz's, the prediction's, or the page's."""
        predicting = self.screen.exercise and self.screen.exercise.marking
        if self.question or predicting:
            return pair(job, self.question)
        return pair(job, question_about(self.subject, self.scene))

    def html(self, how: str) -> dict[str, str]:
        """A document that plays without a server, and the mark in it that plotly.js replaces.

        how: as in `slide`. Nothing can be answered in the document, so it hides nothing, even if a
        prediction or a question is under way.
        """
        job = replace(self._job(how.split()), exercise=None)
        if self.screen.exercise and not self.screen.exercise.revealed:
            job = job.on_topic()
        return {"html": _document(job), "mark": PLOTLY}

    def presenter(self, _: str) -> dict[str, Any]:
        """Every page's presets in their order, and a cell's fill, border and text by its sign."""
        palette = PALETTES[self.screen.theme]
        return {
            "presets": [
                {"page": key, "slug": slug, "group": PAGES[key].title, "title": titled(key, slug)}
                for key, subject in SUBJECTS.items()
                for slug in subject.presets
            ],
            "colours": {
                sign: (palette.fill(value), palette.sign(value), palette.text(value))
                for sign, value in {"positive": 1.0, "negative": -1.0, "zero": 0.0}.items()
            },
        }

    def address(self, here: str) -> dict[str, str]:
        """The address for other computers, its QR code, and what there is to say about it."""
        address = short_address(for_others(here), self.scene, self.preset)
        return {"address": address, "qr": qr_code(address), "note": note_on(here)}

    def look(self, entry: str) -> str:
        """The first sentence about an entry under the pointer; "" during a prediction."""
        if self.screen.exercise:
            return ""
        scene, problems = self.scene.updated({"entry": entry})
        if problems or scene.entry != entry:
            return ""
        said = self.subject.picture(scene, Screen(self.screen.theme)).explanation
        return said[0] if said else ""

    def _job(self, words: Collection[str] = ()) -> RenderJob:
        """The scene as a job that shows only what may be seen. words: as in `slide`."""
        theme = next((each for each in PALETTES if each in words), self.screen.theme)
        style = Style(theme=theme, caption="plain" not in words)
        if self.preset:
            job = job_of_preset(preset_name(self.subject.key, self.preset), style)
        else:
            job = job_of_page(self.subject.key, style, self.scene.query())
        return replace(job, subject=self.subject, exercise=self.screen.exercise)


@lru_cache(DOCUMENTS_KEPT)
def _document(job: RenderJob) -> str:
    """The document of a job, kept because a thousand pictures take seconds, and users ask again."""
    return document(job)


def _in_frameworks(script: Script, *, hidden: bool) -> dict[str, str]:
    """The script in each framework, "" if there is none, and what there is to say about it.

    hidden: whether nothing may be said of any gradient.
    """
    found: dict[str, str] = {}
    for framework in FRAMEWORKS:
        try:
            other = FrameworkScript(script, framework)
            text, said = str(other), "" if hidden else other.said
        except NoScriptError as error:
            text, said = "", str(error)
        found |= {framework: text, f"{framework}Note": said}
    return found

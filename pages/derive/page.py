"""A page as data: what it is called, what it is about, what can be set on it, what it asks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

from pages.derive.questions import Question
from pages.derive.subject import PageSubject
from pages.figures.info import Naming
from pages.language.catalogue import say
from pages.state.scene import Scene

SceneType = TypeVar("SceneType", bound=Scene)


class Select(NamedTuple):
    """A select for one field of the scene.

    labels: by value. width: in pixels. then: what else comes with a choice. note: what stands
    beneath it.
    """

    field: str
    label: str
    labels: Mapping[Any, str]
    width: int
    then: Callable[[Any], Any] = lambda scene: scene
    note: str = ""


@dataclass(frozen=True)
class Impossible:
    """Why a snap cannot be had here."""

    reason: str


Snap: TypeAlias = Callable[[SceneType], SceneType | Impossible]
"""From a scene to the nearest in which something happens."""


SECTION: Final = "Explore"
"""Of the menu, for the pages on which one moves an input and watches the gradient."""
ARTICLES: Final = Path(__file__).parents[1] / "articles"
"""A file for each page, by its key: what it is for in a sentence, then what "?" opens."""


@dataclass(frozen=True)
class Page:
    """A page of the site.

    key: of its state in the session and in the browser; its path is made of it. icon: a Material
    symbol's name. section: of the menu. show: the function that shows it, "module:name", imported
    when the page is opened: who reads the list of pages need not have Streamlit.
    """

    key: str
    title: str
    icon: str
    section: str
    show: str

    @property
    def path(self) -> str:
        """Of its address: "max_pool"."""
        return self.key.replace("-", "_")

    @property
    def purpose(self) -> str:
        """In one sentence, under the title."""
        return self._text[0]

    @property
    def article(self) -> str:
        """What it is, why it matters, what to try, the terms: Markdown, at most 200 words."""
        return self._text[1]

    @cached_property
    def _text(self) -> tuple[str, str]:
        text = (ARTICLES / f"{self.key}.md").read_text(encoding="utf-8")
        purpose, _, article = text.partition("\n\n")
        return purpose.replace("\n", " "), article

    def open(self) -> None:
        """Shows it, in a Streamlit session."""
        module, _, name = self.show.partition(":")
        getattr(import_module(module), name)(self)


def _untold(scene: Any) -> Naming:
    raise NotImplementedError("this page's pass has no letters that other pages know")


@dataclass(frozen=True)
class PicturePage(Page):
    """A page with a live figure; most are data and nothing else.

    naming: the letters of a scene's pass, where other pages look at it too. controls: what can be
    chosen above the picture. questions: of a quiz; questions_of: those about a scene, where they
    depend on it. predicts: whether one can predict which gradients are nonzero; to_predict: from a
    scene to one in which there are few enough. slide_question: what a slide asks of any scene.
    titles: what the presets are called. may_open_hidden: whether it may hide gradients as soon as
    it opens.
    """

    show: str = field(default="pages.views.workbench:show", kw_only=True)
    subject: PageSubject[Any]
    naming: Callable[[Any], Naming] = _untold
    controls: Callable[[Any], Sequence[Select]] = lambda scene: ()
    snaps: Mapping[str, Snap[Any]] = field(default_factory=dict)
    questions: Sequence[Question[Any]] = ()
    questions_of: Callable[[Any], Sequence[Question[Any]]] | None = None
    predicts: bool = False
    to_predict: Callable[[Any], Any] = lambda scene: scene
    slide_question: str = say("slide.question")
    titles: Mapping[str, str] = field(default_factory=dict)
    may_open_hidden: bool = False

    def about(self, scene: Any) -> "PicturePage":
        """The page with the questions about a scene."""
        return replace(self, questions=self.questions_of(scene)) if self.questions_of else self

    def preset_title(self, slug: str) -> str:
        """What a preset is called."""
        return self.titles[slug]

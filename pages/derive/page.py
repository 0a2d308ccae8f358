"""A page as data: its title, its subject, its controls, its questions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

from pages.derive.questions import Question
from pages.derive.subject import PageSubject
from pages.figures.info import Naming
from pages.language.catalogue import say
from pages.state.scene import SceneType


class Select(NamedTuple):
    """A select box for one field of the scene."""

    field: str
    label: str
    labels: Mapping[Any, str]  # the text of each value
    width: int  # in pixels
    then: Callable[[Any], Any] = lambda scene: scene
    """Maps the scene after a choice to one with whatever else that choice implies."""
    note: str = ""  # the text under the box


@dataclass(frozen=True)
class Impossible:
    """The result of a snap that is impossible for this scene, with the reason."""

    reason: str


Snap: TypeAlias = Callable[[SceneType], SceneType | Impossible]
"""A snap button's function: from a scene to the nearest one with a property, say a tie."""


SECTION: Final = "Explore"
"""The menu section of the pages where the user moves an input and watches the gradient."""
ARTICLES: Final = Path(__file__).parents[1] / "articles"
"""One Markdown file per page, named by its key: its purpose in a sentence, then the help text."""


@dataclass(frozen=True)
class Page:
    """A page of the site."""

    key: str  # names its state in the session and in the browser, and its path
    title: str
    icon: str  # the name of a Material symbol
    section: str  # of the menu
    show: str
    """The function that shows the page, as "module:name". It is imported only when the page is
    opened, so that reading the list of pages does not need Streamlit."""

    @property
    def path(self) -> str:
        """The path in the page's address: "max_pool"."""
        return self.key.replace("-", "_")

    @property
    def purpose(self) -> str:
        """What the page is for: the sentence under the title."""
        return self._text[0]

    @property
    def article(self) -> str:
        """The help text: what it shows, why that matters, what to try, terms. At most 200 words."""
        return self._text[1]

    @cached_property
    def _text(self) -> tuple[str, str]:
        text = (ARTICLES / f"{self.key}.md").read_text(encoding="utf-8")
        purpose, _, article = text.partition("\n\n")
        return purpose.replace("\n", " "), article

    def open(self) -> None:
        """Show the page, in a Streamlit session."""
        module, _, name = self.show.partition(":")
        getattr(import_module(module), name)(self)


def _untold(scene: Any) -> Naming:
    raise NotImplementedError("this page's pass has no letters that other pages know")


@dataclass(frozen=True)
class PicturePage(Page):
    """A page with a live figure; most of them are nothing but data."""

    show: str = field(default="pages.views.workbench:show", kw_only=True)
    subject: PageSubject[Any]
    naming: Callable[[Any], Naming] = _untold
    """The letters of a scene's pass, for pages whose pass other pages show too."""
    controls: Callable[[Any], Sequence[Select]] = lambda scene: ()  # above the picture
    snaps: Mapping[str, Snap[Any]] = field(default_factory=dict)
    questions: Sequence[Question[Any]] = ()  # of the quiz
    questions_of: Callable[[Any], Sequence[Question[Any]]] | None = None
    """The questions about a scene, if they depend on it."""
    predicts: bool = False  # whether the user can predict which gradients are nonzero
    to_predict: Callable[[Any], Any] = lambda scene: scene
    """From a scene to one with few enough gradients to predict."""
    slide_question: str = say("slide.question")  # on a slide of any scene
    titles: Mapping[str, str] = field(default_factory=dict)  # of the presets, by slug
    may_open_hidden: bool = False  # whether the page may hide gradients from the moment it opens

    def about(self, scene: Any) -> "PicturePage":
        """Return this page with the questions about a scene."""
        return replace(self, questions=self.questions_of(scene)) if self.questions_of else self

    def preset_title(self, slug: str) -> str:
        """The title of a preset."""
        return self.titles[slug]

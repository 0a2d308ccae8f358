"""A page as data: what it is called, what it is about, what can be set on it, what it asks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, NamedTuple

from engine.kinks import groups
from pages.explain.questions import Question
from pages.figures.info import Naming
from pages.state.scene import Scene
from pages.state.snaps import Snap
from pages.subject import PageSubject


class Select(NamedTuple):
    """A select for one field of the scene.

    labels: by value. width: in pixels. then: what else comes with a choice.
    """

    field: str
    label: str
    labels: Mapping[Any, str]
    width: int
    then: Callable[[Any], Any] = lambda scene: scene


def rule_select(subject: PageSubject[Any], scene: Scene, width: int = 250) -> Select:
    """The rule at kinks: it moves the backward pass alone.

    Those that state the choices which the page's layers read; who chooses alike stands together.
    """
    choices = subject.trace(scene).layer.kink_choices
    labels = {rule.slug: rule.label for alike in groups(choices).values() for rule in alike}
    return Select("rule", "Rule at kinks", labels, width)


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
    chosen above the picture. predicts: whether one can predict which gradients are nonzero.
    titles: of those presets that are called otherwise than their slugs say.
    """

    show: str = field(default="pages.workbench:show", kw_only=True)
    subject: PageSubject[Any]
    naming: Callable[[Any], Naming] = _untold
    controls: Callable[[Any], Sequence[Select]] = lambda scene: ()
    snaps: Mapping[str, Snap[Any]] = field(default_factory=dict)
    questions: Sequence[Question[Any]] = ()
    predicts: bool = False
    titles: Mapping[str, str] = field(default_factory=dict)

    def preset_title(self, slug: str) -> str:
        """What a preset is called."""
        return self.titles.get(slug) or slug.replace("-", " ")

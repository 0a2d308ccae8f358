"""The one list of pages: navigation, export, gallery, sweeps, presenter and tests read it."""

from collections.abc import Mapping
from typing import Any, Final, cast

from pages.bugs.table import BUGS
from pages.explore import pages as explore
from pages.gradient_check import check_scene
from pages.gradient_check.check_scene import NO_BUG, CheckScene, fitting
from pages.gradient_check.check_subject import CHECK_SUBJECT
from pages.gradient_check.layers import LAYERS
from pages.gradient_check.results import to_a_wrong_entry
from pages.inside.subject import INSIDE_SUBJECT
from pages.kink import kink_scene
from pages.kink.kink_subject import KINK_SUBJECT
from pages.page import Page, PicturePage, Select, rule_select
from pages.state.scene import Scene
from pages.subject import PageSubject


def _check_controls(scene: CheckScene) -> list[Select]:
    bugs = {slug: f"bug: {BUGS[slug].title}" for slug in fitting(scene.layer)}
    return [
        Select("layer", "Layer", {slug: layer.title for slug, layer in LAYERS.items()}, 205),
        Select("bug", "Bug", {NO_BUG: "no bug", **bugs}, 230, to_a_wrong_entry),
        rule_select(CHECK_SUBJECT, scene, 300),
    ]


PAGES: Final[Mapping[str, Page]] = {
    **explore.PAGES,
    **{
        page.key: page
        for page in (
            PicturePage(
                "at-a-kink",
                "At a kink",
                "call_split",
                "Check",
                KINK_SUBJECT,
                show="pages.kink.kink_page:show",
                controls=lambda scene: [rule_select(KINK_SUBJECT, scene, 300)],
                snaps=kink_scene.SNAPS,
            ),
            PicturePage(
                "gradient-check",
                "Gradient check",
                "rule",
                "Check",
                CHECK_SUBJECT,
                controls=_check_controls,
                snaps=check_scene.SNAPS,
                questions=check_scene.QUESTIONS,
            ),
            Page("train", "Train", "model_training", "Train", "pages.training.training_page:show"),
            PicturePage(
                "look-inside",
                "Look inside",
                "frame_inspect",
                "Train",
                INSIDE_SUBJECT,
                show="pages.inside.page:show",
            ),
            Page(
                "gallery", "Gallery", "photo_library", "Slides", "pages.gallery.gallery_page:show"
            ),
        )
    },
}
"""By their keys, in the order of the menu; the first is the one that an address without a path
opens."""
HOME: Final = next(iter(PAGES))
SUBJECTS: Final[Mapping[str, PageSubject[Any]]] = {
    key: page.subject for key, page in PAGES.items() if isinstance(page, PicturePage)
}
"""Of those pages that have a picture."""


def subject_of(path: str) -> tuple[PageSubject[Any], str]:
    """The subject and the title of a page by its path: '' or 'max_pool'. KeyError for another."""
    key = path.replace("_", "-") or HOME
    return SUBJECTS[key], PAGES[key].title


def named_scene(name: str) -> tuple[PageSubject[Any], Scene, str]:
    """What a preset's name stands for: the subject, the scene, a title.

    A preset of the conv block has its slug for a name, one of another page 'page/slug':
    'max-tie', 'max-pool/overlap'. Raises KeyError for another name.
    """
    key, _, slug = name.rpartition("/")
    key = key or HOME
    subject, title = SUBJECTS[key], PAGES[key].title
    called = cast("PicturePage", PAGES[key]).preset_title(slug)
    return subject, subject.presets[slug], called if key == HOME else f"{title}: {called}"


def names() -> list[str]:
    """Every name that `named_scene` knows."""
    return [
        slug if key == HOME else f"{key}/{slug}"
        for key, subject in SUBJECTS.items()
        for slug in subject.presets
    ]

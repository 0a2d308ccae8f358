"""The one list of pages: navigation, export, gallery, sweeps, presenter and tests read it."""

from collections.abc import Mapping
from typing import Any, Final

from pages.derive.page import Page, PicturePage
from pages.derive.subject import PageSubject
from pages.explore import pages as explore
from pages.gradient_check import check_scene
from pages.gradient_check.check_subject import CHECK_SUBJECT, controls
from pages.inside import inside_scene
from pages.inside.inside_subject import INSIDE_SUBJECT
from pages.kink import kink_scene
from pages.kink.kink_subject import KINK_SUBJECT
from pages.language.catalogue import say
from pages.learn.learn_subject import LEARN_SUBJECT
from pages.stack import stack_subject
from pages.state.scene import Scene

_LEARN: Final = PicturePage(
    key="learn",
    title="Learn",
    icon="school",
    section="",
    subject=LEARN_SUBJECT,
    show="pages.views.learn_page:show",
    titles={
        slug: f"{scene.lesson}. {scene.told.title}" for slug, scene in LEARN_SUBJECT.presets.items()
    },
    may_open_hidden=True,
)


PAGES: Final[Mapping[str, Page]] = {
    _LEARN.key: _LEARN,
    **explore.PAGES,
    **{
        page.key: page
        for page in (
            stack_subject.PAGE,
            PicturePage(
                key="at-a-kink",
                title="At a kink",
                icon="call_split",
                section="Check",
                subject=KINK_SUBJECT,
                show="pages.views.kink_page:show",
                snaps=kink_scene.SNAPS,
                titles=kink_scene.TITLES,
            ),
            PicturePage(
                key="gradient-check",
                title="Gradient check",
                icon="rule",
                section="Check",
                subject=CHECK_SUBJECT,
                controls=controls,
                snaps=check_scene.SNAPS,
                questions=check_scene.QUESTIONS,
                slide_question=say("slide.question.check"),
                titles=check_scene.TITLES,
            ),
            Page(
                key="train",
                title="Train",
                icon="model_training",
                section="Train",
                show="pages.views.training_page:show",
            ),
            PicturePage(
                key="look-inside",
                title="Look inside",
                icon="frame_inspect",
                section="Train",
                subject=INSIDE_SUBJECT,
                show="pages.views.inside_page:show",
                titles=inside_scene.TITLES,
            ),
            Page(
                key="gallery",
                title="Gallery",
                icon="photo_library",
                section="Slides",
                show="pages.gallery.gallery_page:show",
            ),
        )
    },
}
"""All pages by their keys, in the order of the menu."""
HOME: Final = "conv-block"  # the key of the home page, which an address without a path opens
PICTURE_PAGES: Final[Mapping[str, PicturePage]] = {
    page.key: page
    for page in sorted(PAGES.values(), key=lambda page: page is _LEARN)
    if isinstance(page, PicturePage)
}
"""The pages that have a picture, in the order of a lecture: the lessons come last."""
SUBJECTS: Final[Mapping[str, PageSubject[Any]]] = {
    key: page.subject for key, page in PICTURE_PAGES.items()
}
"""What each page with a picture is about, by the page's key."""


def page_path(key: str) -> str:
    """The path of a page's address, as `subject_of` takes it: '' for the home page."""
    return "" if key == HOME else PAGES[key].path


def subject_of(path: str) -> tuple[PageSubject[Any], str]:
    """The subject and title of the page at a path: '' or 'max_pool'. KeyError if there is none."""
    page = PICTURE_PAGES[path.replace("_", "-") or HOME]
    return page.subject, page.title


def preset_name(key: str, slug: str) -> str:
    """A preset's name: the slug alone on the home page, 'max-pool/overlap' on another page."""
    return slug if key == HOME else f"{key}/{slug}"


def page_and_slug(name: str) -> tuple[str, str]:
    """The page's key and the slug in a preset's name: the inverse of `preset_name`."""
    key, _, slug = name.rpartition("/")
    return key or HOME, slug


def named_scene(name: str) -> tuple[PageSubject[Any], Scene, str]:
    """The subject, the scene and a title for a preset's name. KeyError if there is none."""
    key, slug = page_and_slug(name)
    page = PICTURE_PAGES[key]
    called = page.preset_title(slug)
    title = called if key == HOME else f"{page.title} · {called}"
    return page.subject, page.subject.presets[slug], title


def titled(key: str, slug: str) -> str:
    """The title of a preset without that of its page, capitalized: "A tie of two maxima"."""
    own = PICTURE_PAGES[key].preset_title(slug)
    return own[:1].upper() + own[1:]


def names() -> list[str]:
    """Every name that `named_scene` knows."""
    return [preset_name(key, slug) for key, subject in SUBJECTS.items() for slug in subject.presets]

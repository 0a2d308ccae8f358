"""Every page's subject, in the order of the pages, and what can be asked for by name."""

from collections.abc import Mapping
from typing import Any, Final

from pages.gradient_check.check_subject import CHECK_SUBJECT
from pages.inside.subject import INSIDE_SUBJECT
from pages.kink.kink_subject import KINK_SUBJECT
from pages.picture import PageSubject
from pages.scene import PRESETS, Scene
from pages.subjects.conv_block import BLOCK_SUBJECT
from pages.subjects.explore import EXPLORED

TITLES: Final[Mapping[str, tuple[PageSubject[Any], str]]] = {
    **{key: (explored.subject, explored.title) for key, explored in EXPLORED.items()},
    "at-a-kink": (KINK_SUBJECT, "At a kink"),
    "gradient-check": (CHECK_SUBJECT, "Gradient check"),
    "look-inside": (INSIDE_SUBJECT, "Look inside"),
}


def subject_of(page: str) -> tuple[PageSubject[Any], str]:
    """The subject and the title of a page by its path: '' or 'max_pool'. KeyError for another."""
    return TITLES[page.replace("_", "-") or "conv-block"]


def named_scene(name: str) -> tuple[PageSubject[Any], Scene, str]:
    """What a preset's name stands for: the subject, the scene, a title.

    A preset of the conv block has its slug for a name, one of another page 'page/slug':
    'max-tie', 'max-pool/overlap'. Raises KeyError for another name.
    """
    if name in PRESETS:
        return BLOCK_SUBJECT, PRESETS[name].scene, PRESETS[name].title
    page, _, slug = name.partition("/")
    subject, title = TITLES[page]
    return subject, subject.presets[slug], f"{title}: {slug.replace('-', ' ')}"


def names() -> list[str]:
    """Every name that `named_scene` knows."""
    return [
        slug if key == "conv-block" else f"{key}/{slug}"
        for key, (subject, _) in TITLES.items()
        for slug in subject.presets
    ]

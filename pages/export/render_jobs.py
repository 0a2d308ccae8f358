"""Render jobs: by the name of a preset, by a page, or by an address copied from the app."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any, Final, Self
from urllib.parse import parse_qsl, urlsplit

from engine import RULES
from pages.export.style import Style
from pages.registry import HOME, PAGES, SUBJECTS, named_scene, names, subject_of
from pages.state.scene import Scene
from pages.subject import PageSubject

PRESET: Final = "preset"
"""The key of an address for a state by name; all other keys change that state."""
_KEPT: Final = frozenset({"rule", "step", "entry"})
"""What may change without a preset's title becoming untrue."""


class JobError(ValueError):
    """What was asked for cannot be read; the sentence says what, and what there is."""


@dataclass(frozen=True)
class RenderJob:
    """One picture to be made: its file's name without the ending, its title, what it shows."""

    name: str
    title: str
    subject: PageSubject[Any]
    scene: Scene
    style: Style = field(default_factory=Style)

    def steps(self) -> list[Self]:
        """A job for each step of the step-through; the job itself where there is none."""
        last = len(self.subject.steps) - 1
        if last < 0:
            return [self]
        return [
            replace(self, name=f"{self.name}-step-{step}", scene=self.scene.moved("step", step))
            for step in range(last + 1)
        ]


def job_of_preset(name: str, style: Style, overrides: Mapping[str, str] | None = None) -> RenderJob:
    """The job of a name that `names()` has; raises JobError for another.

    overrides: what is different, by the keys and in the form of an address.
    """
    if name not in names():
        near = get_close_matches(name, names(), 3, 0.4)
        meant = f"; near it: {', '.join(near)}" if near else ""
        raise JobError(f"{name!r} is no preset{meant}; --list names them all")
    subject, scene, title = named_scene(name)
    if overrides and not overrides.keys() <= _KEPT:
        title = PAGES[name.partition("/")[0] if "/" in name else HOME].title
    scene = overridden(scene, overrides or {})
    return RenderJob(name.replace("/", "-"), _titled(title, scene), subject, scene, style)


def job_of_page(page: str, style: Style, overrides: Mapping[str, str]) -> RenderJob:
    """The job of what a page opens with, changed; page: "max-pool" or "max_pool"."""
    try:
        subject, title = subject_of(page)
    except KeyError:
        raise JobError(
            f"{page!r} is no page with a picture; there are: {', '.join(SUBJECTS)}"
        ) from None
    scene = overridden(subject.start, overrides)
    return RenderJob(subject.key, _titled(title, scene), subject, scene, style)


def job_of_address(
    url: str, style: Style, overrides: Mapping[str, str] | None = None, name: str = "picture"
) -> RenderJob:
    """The job of an address copied from the app; raises JobError where it cannot be read.

    The host and a base path do not matter: 'http://…/base/max_pool?h=1,2,3,0,-1', '/?w=2'. Keys
    that are not the page's own are ignored, as the page ignores them.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise JobError(f"{url!r} is no address: {error}") from None
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    page = _page(parts.path, query)
    subject, _ = subject_of(page)
    known = subject.start.keys()
    own = {key: text for key, text in query.items() if key in known}
    changed = own | dict(overrides or {})
    if slug := query.get(PRESET, ""):
        if slug not in subject.presets:
            raise JobError(
                f"preset={slug!r} is none of this page's; there are: {', '.join(subject.presets)}"
            )
        preset = slug if subject.key == HOME else f"{subject.key}/{slug}"
        job = job_of_preset(preset, style, changed)
    else:
        job = job_of_page(page, style, changed)
    return replace(job, name=name)


def overridden(scene: Scene, overrides: Mapping[str, str]) -> Scene:
    """The scene with other values; raises JobError for a key or a value that it does not take."""
    keys = {**dict.fromkeys(scene.codecs()), **dict.fromkeys(sorted(scene.keys()))}
    for key in overrides:
        if key not in keys:
            raise JobError(f"{key} is no key of this page; there are: {', '.join(keys)}")
    changed, problems = scene.updated(overrides)
    if not problems:
        return changed
    # What a key needs may depend on the others: the codecs are those of what came of them.
    for key, codec in changed.codecs().items():
        try:
            codec.read(overrides.get(key, codec.write(getattr(changed, key))))
        except ValueError:
            raise JobError(f"{key} needs {codec.needs}; got {overrides[key]!r}") from None
    raise JobError(" ".join(problems))


def _page(path: str, query: Mapping[str, str]) -> str:
    """The last part of a path, where that is a page; else "", which is the page at the base path.

    A base path is told from a page that there is not by the slash behind it, or by all that the
    address says of the page that lies there.
    """
    *_, last = path.rstrip("/").split("/")
    if not last or last.replace("_", "-") in SUBJECTS:
        return last
    at_home = SUBJECTS[HOME].start.keys() <= query.keys()
    if path.endswith("/") or at_home:
        return ""
    raise JobError(f"{last!r} is no page with a picture; there are: {', '.join(SUBJECTS)}")


def _titled(title: str, scene: Scene) -> str:
    rule = getattr(scene, "rule", "")
    return f"{title} · {RULES[rule].short}" if rule in RULES else title

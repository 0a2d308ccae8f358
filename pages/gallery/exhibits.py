"""The exhibits of the gallery: all presets as pictures, grouped in the order of a lecture."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from engine import RULES
from pages.export.render_jobs import RenderJob, job_of_preset
from pages.export.style import Style
from pages.figures.theme import Theme
from pages.registry import PAGES, SUBJECTS, named_scene, names, page_and_slug, page_path
from pages.state.quiz import QUESTION
from pages.state.scene import PRESET

FOLDER: Final = Path(__file__).parent / "pictures"
"""The folder of the thumbnails, with a folder for each theme."""
THUMBNAIL: Final = (960, 540)
"""Width and height of a thumbnail in pixels: sharp with two in a row, and readable alone."""
LESSONS: Final = "learn"
"""The page whose presets are lessons on other pages' pictures, and so no exhibits."""


def is_question(title: str) -> bool:
    """Whether a title asks something."""
    return title.endswith("?")


@dataclass(frozen=True)
class Exhibit:
    """One picture in the gallery."""

    preset: str  # its name
    changes: tuple[tuple[str, str], ...] = ()
    """Values that differ from the preset, by the address's keys."""
    title: str = ""  # its own title, or "" for that of the preset

    @property
    def name(self) -> str:
        """The name of its files without extension: 'max-pool-overlap', 'max-tie-pytorch-amax'."""
        return "-".join((self.preset.replace("/", "-"), *(value for _, value in self.changes)))

    @property
    def address(self) -> str:
        """The address that opens its page in this state, relative to the app's own."""
        slug = page_and_slug(self.preset)[1]
        return f"{page_path(self.page)}?{urlencode({PRESET: slug, **self.overrides})}"

    @property
    def page(self) -> str:
        """The key of its page."""
        return page_and_slug(self.preset)[0]

    @property
    def case(self) -> str:
        """The case that a presenter opens on its page (`PageState.take_up`), with its question."""
        asked = ((QUESTION, self.title),) if is_question(self.title) else ()
        return f"{page_and_slug(self.preset)[1]}?{urlencode((*self.changes, *asked))}"

    @property
    def overrides(self) -> Mapping[str, str]:
        """The values that differ from the preset, by the address's keys."""
        return dict(self.changes)

    @property
    def caption(self) -> str:
        """The text above its thumbnail: its own title, or the preset's with a rule that differs."""
        if self.title:
            return self.title
        title = named_scene(self.preset)[2]
        rule = self.overrides.get("rule", "")
        return f"{title} · {RULES[rule].short}" if rule else title

    def job(self, style: Style) -> RenderJob:
        """Return the job from which `pages.export` makes its picture."""
        job = job_of_preset(self.preset, style, self.overrides)
        if self.title:
            job = replace(job, title=self.title, topic="")
        return replace(job, name=self.name)

    def thumbnail(self, theme: Theme) -> RenderJob:
        """Return the job of its thumbnail, without title and caption, which are on the page."""
        return self.job(Style(size=THUMBNAIL, theme=theme, title=False, caption=False))

    def scene(self) -> str:
        """Return the exhibit as TOML for a scene file of `pages.export`."""
        lines = [f"[scenes.{self.name}]", f'preset = "{self.preset}"']
        if self.changes:
            said = ", ".join(f'{key} = "{value}"' for key, value in self.changes)
            lines.append(f"overrides = {{ {said} }}")
        if self.title:
            lines.append(f'title = "{self.title}"')
        return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class ExhibitGroup:
    """Pictures that a lecture shows one after the other."""

    title: str
    about: str
    exhibits: tuple[Exhibit, ...] = ()  # those that come first
    pages: tuple[str, ...] = ()  # keys of pages whose presets follow, unless a group lists them


def _presets(*of: str) -> tuple[Exhibit, ...]:
    return tuple(map(Exhibit, of))


def _under(preset: str, rule: str) -> Exhibit:
    return Exhibit(preset, (("rule", rule),))


GROUPS: Final = (
    ExhibitGroup(
        "The six questions",
        "How many entries of the gradient are nonzero, and how many does one entry reach?",
        (
            Exhibit("unique-max", title="The maximum is unique: how many ∂L/∂x are nonzero?"),
            Exhibit("max-tie", title="Two tie: how many ∂L/∂x are nonzero, by the lab's rule?"),
            Exhibit("all-negative", title="All a are negative: how many ∂L/∂x are nonzero?"),
            Exhibit("all-positive", title="All a are positive: how many ∂L/∂x are nonzero?"),
            Exhibit(
                "conv-1d/one-scalar",
                (("entry", "x3"),),
                "How many entries of a does x₃ influence?",
            ),
            Exhibit("conv-1d/one-scalar", title="How many entries of a does w influence?"),
        ),
    ),
    ExhibitGroup(
        "Rules at a tie",
        "Who gets the gradient of a maximum that several share: all, the first, or each a part?",
        (
            *_presets("three-way-tie"),
            _under("three-way-tie", "pytorch-max-pool"),
            _under("three-way-tie", "pytorch-amax"),
            *_presets(
                "max-pool/two-gradients",
                "max-pool/all-equal",
                "minibatch/tie-in-one",
                "at-a-kink/two-way-tie",
                "at-a-kink/three-way-tie",
                "at-a-kink/not-jointly",
                "at-a-kink/mixed-signs",
                "at-a-kink/tie-in-a-minibatch",
            ),
        ),
    ),
    ExhibitGroup(
        "Kinks",
        "Where a slope jumps, and what a rule may give there.",
        (*_presets("relu-zero"), _under("relu-zero", "pytorch-max-pool")),
        ("relu", "at-a-kink"),
    ),
    ExhibitGroup(
        "Convolution",
        "Scalar filters, a vector filter, sets of them; stride, padding, and their zeros.",
        pages=("conv-1d", "conv-block"),
    ),
    ExhibitGroup(
        "Pooling",
        "Windows that overlap, leave gaps or reach into the padding.",
        pages=("max-pool",),
    ),
    ExhibitGroup("2-D", "Filters and pooling on images.", pages=("conv-2d",)),
    ExhibitGroup("Minibatch", "Each example's share of the gradient of w.", pages=("minibatch",)),
    ExhibitGroup(
        "Your own stack", "Layers and branches of any kind, pasted or built.", pages=("stack",)
    ),
    ExhibitGroup(
        "Gradient check",
        "What passes, what fails, what is a kink, and which bug it is.",
        pages=("gradient-check",),
    ),
    ExhibitGroup(
        "Look inside",
        "A trained network on one image, there and back.",
        pages=("look-inside",),
    ),
)


def groups() -> list[ExhibitGroup]:
    """Return all groups, complete; a page that no group names gets a group of its own."""
    listed = {exhibit.preset for group in GROUPS for exhibit in group.exhibits}
    rest = [exhibit for exhibit in map(Exhibit, names()) if exhibit.preset not in listed]
    named = {page for group in GROUPS for page in group.pages}
    others = [
        ExhibitGroup(PAGES[page].title, "", pages=(page,)) for page in SUBJECTS if page != LESSONS
    ]
    return [
        whole
        for group in (*GROUPS, *(each for each in others if not named.intersection(each.pages)))
        for whole in [replace(group, exhibits=(*group.exhibits, *_of(group, rest)))]
        if whole.exhibits
    ]


def exhibits() -> list[Exhibit]:
    """Return all exhibits in the order of the gallery."""
    return [exhibit for group in groups() for exhibit in group.exhibits]


@cache
def exhibits_by_name() -> Mapping[str, Exhibit]:
    """Return the exhibits by name."""
    return {exhibit.name: exhibit for exhibit in exhibits()}


def _of(group: ExhibitGroup, rest: list[Exhibit]) -> Iterator[Exhibit]:
    """Yield the remaining exhibits of a group's pages, page by page."""
    for page in group.pages:
        yield from (exhibit for exhibit in rest if exhibit.page == page)


def path_of(name: str, theme: Theme) -> Path:
    """Return the path of an exhibit's thumbnail."""
    return FOLDER / theme / f"{name}.png"


@cache
def thumbnails() -> dict[tuple[str, str], Path]:
    """Return the existing thumbnails by name and theme; no other can be requested."""
    return {(path.stem, path.parent.name): path for path in FOLDER.glob("*/*.png")}


@cache
def version_of(name: str, theme: Theme) -> str:
    """Return digits that change with the file, so that browsers may cache it; "" if missing."""
    path = path_of(name, theme)
    return sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else ""

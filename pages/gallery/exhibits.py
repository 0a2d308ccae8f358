"""One picture of the gallery: a preset, or a preset with something changed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from engine import RULES
from pages.export.render_jobs import HOME, PRESET, RenderJob, job_of_preset
from pages.export.style import Style
from pages.figures.theme import Theme
from pages.subjects.every import named_scene

THUMBNAIL: Final = (480, 270)
"""Width and height of a thumbnail, in pixels; it is shown smaller, so that it is sharp."""


@dataclass(frozen=True)
class Exhibit:
    """A preset by its name, what is different from it, by the address's keys, and its own title."""

    preset: str
    changes: tuple[tuple[str, str], ...] = ()
    title: str = ""

    @property
    def name(self) -> str:
        """Of its files, without an ending: 'max-pool-overlap', 'max-tie-pytorch-amax'."""
        return "-".join((self.preset.replace("/", "-"), *(value for _, value in self.changes)))

    @property
    def address(self) -> str:
        """What opens its page in this state, below the app's own address."""
        page, _, slug = self.preset.rpartition("/")
        query = urlencode({PRESET: slug, **self.overrides})
        return f"{page.replace('-', '_')}?{query}"

    @property
    def page(self) -> str:
        """The key of its page."""
        return self.preset.rpartition("/")[0] or HOME

    @property
    def overrides(self) -> Mapping[str, str]:
        """What is different, by the address's keys."""
        return dict(self.changes)

    @property
    def caption(self) -> str:
        """What stands beneath its thumbnail: its title, and the rule where that is the point."""
        if self.title:
            return self.title
        title = named_scene(self.preset)[2]
        rule = self.overrides.get("rule", "")
        return f"{title} · {RULES[rule].short}" if rule else title

    def job(self, style: Style) -> RenderJob:
        """What `pages.export` makes a picture of."""
        job = job_of_preset(self.preset, style, self.overrides)
        return replace(job, name=self.name, title=self.title or job.title)

    def thumbnail(self, theme: Theme) -> RenderJob:
        """The job of its thumbnail, which has its title beneath it, on the page."""
        return self.job(Style(size=THUMBNAIL, theme=theme, title=False))

    def scene(self) -> str:
        """The same for a file of scenes of `pages.export`, in TOML."""
        lines = [f"[scenes.{self.name}]", f'preset = "{self.preset}"']
        if self.changes:
            said = ", ".join(f'{key} = "{value}"' for key, value in self.changes)
            lines.append(f"overrides = {{ {said} }}")
        if self.title:
            lines.append(f'title = "{self.title}"')
        return "\n".join(lines) + "\n"

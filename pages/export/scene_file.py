"""A file of scenes, in TOML: a whole lecture's pictures, which can be kept in git."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from pages.export.render_jobs import (
    JobError,
    RenderJob,
    job_of_address,
    job_of_page,
    job_of_preset,
)
from pages.export.style import KEYS, Style

EXAMPLE: Final = """\
  # lecture.toml. What stands here holds for all scenes: any option of a look, without its dashes.
  size = "16:9"
  format = ["svg", "html"]

  [scenes.tie]                        # writes tie.svg and tie.html
  preset = "max-tie"                  # or page = "max-pool", or url = "http://…/max_pool?h=…"
  title = "Two maxima share one gradient?"
  overrides = { rule = "pytorch-max-pool", x = [3, -1, 3, 0.5, 0] }   # keys of the address
  slider = "x3"

  [scenes.the-pass]                   # writes the-pass-step-0.png, the-pass-step-1.png, …
  page = "conv-block"
  title = false                       # none
  theme = "dark"
  format = "png"
  steps = true
"""

_SCENES: Final = "scenes"
_MAKERS: Final[Mapping[str, Callable[[str, Style, Mapping[str, str]], RenderJob]]] = {
    "preset": job_of_preset,
    "page": job_of_page,
    "url": job_of_address,
}
_OWN: Final = (*_MAKERS, "title", "overrides")
_NAME: Final = re.compile(r"\w[\w.-]*")


@dataclass(frozen=True)
class Problem:
    """A scene that cannot be made: what it is called, and why, in a sentence."""

    name: str
    reason: str


def read_scene_file(path: Path, asked: Mapping[str, Any]) -> Iterator[RenderJob | Problem]:
    """The render jobs of a file of scenes in its order, and a problem for each scene that is none.

    asked: fields of a Style that the command line changes. They go before what the file says of
    all its scenes, and after what it says of one. A file that cannot be read at all is one problem.
    """
    try:
        with path.open("rb") as file:
            content = tomllib.load(file)
        general = _look_of({key: value for key, value in content.items() if key != _SCENES})
        scenes = content.get(_SCENES, {})
        if not isinstance(scenes, dict) or not scenes:
            raise JobError("it has no scenes; each begins with a line like [scenes.tie]")
        style = Style().with_changes({**general, **asked})
    except OSError as error:
        yield Problem(str(path), f"{path} cannot be read: {error.strerror}.")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        yield Problem(str(path), f"{path} is no TOML: {error}.")
    except ValueError as error:
        yield Problem(str(path), f"{path}: {error}.")
    else:
        for name, table in scenes.items():
            try:
                yield _job(name, table, style)
            except ValueError as error:
                yield Problem(name, f"{path}: scene {name}: {error}.")


def _job(name: str, table: object, style: Style) -> RenderJob:
    """The job of one scene; raises ValueError, whose sentence begins with the key."""
    if not isinstance(table, dict):
        raise JobError(f"needs a table, [{_SCENES}.{name}]; got {table!r}")
    if not _NAME.fullmatch(name):
        raise JobError("a name becomes a file's: it needs letters, digits, '-', '_' and '.'")
    style = style.with_changes(
        _look_of({key: value for key, value in table.items() if key not in _OWN}, more=_OWN)
    )
    title = table.get("title", style.title)
    if isinstance(title, bool):
        style = replace(style, title=title)
    elif isinstance(title, str):
        style = replace(style, title=True)
    else:
        raise JobError(f"title needs text, true or false; got {title!r}")
    job = _source(table, style)
    return replace(job, name=name, title=title if isinstance(title, str) else job.title)


def _source(table: Mapping[str, object], style: Style) -> RenderJob:
    """The job that a scene starts from, with its overrides."""
    given = [key for key in _MAKERS if key in table]
    if len(given) != 1:
        raise JobError(f"needs one of {', '.join(_MAKERS)}; got {' and '.join(given) or 'none'}")
    (key,) = given
    source, overrides = table[key], table.get("overrides", {})
    if not isinstance(source, str):
        raise JobError(f"{key} needs text; got {source!r}")
    if not isinstance(overrides, dict):
        raise JobError(f"overrides needs a table of keys of the address; got {overrides!r}")
    texts = {each: _as_address(each, value) for each, value in overrides.items()}
    try:
        return _MAKERS[key](source, style, texts)
    except JobError as error:
        about = "" if any(str(error).startswith(f"{each} ") for each in texts) else f"{key}: "
        raise JobError(f"{about}{error}") from None


def _look_of(table: Mapping[str, object], more: tuple[str, ...] = ()) -> dict[str, Any]:
    """Fields of a Style by what a file says; raises JobError, which names the key."""
    read = {}
    for key, value in table.items():
        if key not in KEYS:
            known = ", ".join(dict.fromkeys((*more, *KEYS, *(() if more else (_SCENES,)))))
            raise JobError(f"{key} is no key; there are: {known}")
        try:
            read[KEYS[key].field] = KEYS[key].read(value)
        except ValueError as error:
            raise JobError(f"{key} {error}") from None
    return read


def _as_address(key: str, value: object) -> str:
    """A value of TOML as an address has it: [3, -1.5] -> "3,-1.5"."""
    if isinstance(value, list):
        return ",".join(_as_address(key, each) for each in value)
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(value).removesuffix(".0")
    raise JobError(f"{key} needs a number, a text or a list of them; got {value!r}")

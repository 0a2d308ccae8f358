"""Make render jobs from the name of a preset, a page, an address, or a TOML file of scenes.

A file of scenes describes the pictures of a whole lecture, and can be kept in git.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from engine import RULES
from engine.kinks import briefly
from pages.derive.subject import PageSubject
from pages.export.style import KEYS, Style
from pages.registry import HOME, PAGES, SUBJECTS, named_scene, names, preset_name, subject_of
from pages.server.addresses import letters
from pages.stack.stack import StackError
from pages.state.predict import Exercise
from pages.state.scene import PRESET, Scene

NAMED: Final = 40  # the most keys listed in the error for an unknown key: any stack has a thousand
_INSTEAD: Final = re.compile(r"[:.] (?:(?![:.] ).)* instead\.$")
"""The end of a page's message on a bad value: what it shows instead. An export shows nothing."""
_KEPT: Final = frozenset({"rule", "step", "entry"})
"""The keys that may change while a preset's title stays true."""

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

  [scenes.how-many]                   # writes how-many-question.png and how-many-answer.png
  preset = "unique-max"
  format = "png"
  pair = true
  caption = false                     # no reason beneath the answer

  [scenes.what-they-said]             # how many of a class say nonzero, in the first vote and then
  preset = "max-pool/all-equal"
  format = "png"
  shares = { h1 = [0.43, 0.71], h2 = [0.4, 0.69], h3 = [0.4, 0.7], h4 = [0.5, 1], h5 = [0, 0] }
"""


class JobError(ValueError):
    """A request cannot be read; the message says what is wrong, and what there is."""


@dataclass(frozen=True)
class RenderJob:
    """One picture to be made."""

    name: str  # of its file, without the ending
    title: str
    subject: PageSubject[Any]
    scene: Scene
    style: Style = field(default_factory=Style)
    topic: str = ""  # a title that tells no answer; "" if the title tells none
    exercise: Exercise | None = None  # what hides gradients
    said: Callable[[Scene], list[str]] = lambda scene: []  # the lines before a scene's reason
    together: "tuple[RenderJob, ...]" = ()
    """Other jobs that are shown before or after it, and must lie exactly over it."""

    def on_topic(self) -> Self:
        """The job under a title that tells no answer, and is true for all slider values."""
        return replace(self, title=self.topic or self.title)

    def steps(self) -> list[Self]:
        """A job for each step of the step-through; the job itself if there is none."""
        last = len(self.subject.steps(self.scene)) - 1
        if last < 0:
            return [self]
        return [
            replace(self, name=f"{self.name}-step-{step}", scene=self.scene.moved("step", step))
            for step in range(last + 1)
        ]


def job_of_preset(name: str, style: Style, overrides: Mapping[str, str] | None = None) -> RenderJob:
    """The job of a name in `names()`; raises JobError for any other.

    overrides: the changed values, by key, as in an address.
    """
    if name not in names():
        near = get_close_matches(name, names(), 3, 0.4)
        meant = f"; near it: {', '.join(near)}" if near else ""
        listed = "python -m pages.export --list names them all"
        raise JobError(f"{name!r} is no preset{meant}; {listed}")
    subject, scene, title = named_scene(name)
    topic = PAGES[subject.key].title
    if overrides and not overrides.keys() <= _KEPT:
        title = topic
    scene = overridden(scene, overrides or {})
    title, topic = (_titled(each, subject, scene) for each in (title, topic))
    return RenderJob(name.replace("/", "-"), title, subject, scene, style, topic)


def job_of_page(page: str, style: Style, overrides: Mapping[str, str]) -> RenderJob:
    """The job of a page's opening scene, with overrides; page: "max-pool" or "max_pool"."""
    try:
        subject, title = subject_of(page)
    except KeyError:
        raise JobError(
            f"{page!r} is no page with a picture; there are: {', '.join(SUBJECTS)}"
        ) from None
    scene = overridden(subject.start, overrides)
    return RenderJob(subject.key, _titled(title, subject, scene), subject, scene, style)


def job_of_address(
    url: str, style: Style, overrides: Mapping[str, str] | None = None, name: str = "picture"
) -> RenderJob:
    """The job of an address copied from the app; raises JobError if it cannot be read.

    The host and a base path do not matter: 'http://…/base/max_pool?h=1,2,3,0,-1', '/?w=2'. Keys
    that are not the page's own are ignored, as the page ignores them. If the whole scene is a
    preset's, the title is the preset's too, as on the page.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise JobError(f"{url!r} is no address: {error}") from None
    if not any(parts):
        raise JobError(f"{url!r} is no address: it is empty")
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
        job = job_of_preset(preset_name(subject.key, slug), style, changed)
    else:
        job = job_of_page(page, style, changed)
        presets = job.subject.presets.items()
        if named := next((each for each, scene in presets if scene == job.scene), ""):
            job = job_of_preset(preset_name(job.subject.key, named), style)
    return replace(job, name=name)


def overridden(scene: Scene, overrides: Mapping[str, str]) -> Scene:
    """The scene with other values; raises JobError for a key or a value that it does not accept."""
    keys = {**dict.fromkeys(scene.codecs()), **dict.fromkeys(sorted(scene.keys()))}
    for key in overrides:
        if key not in keys:
            more = ", …" if len(keys) > NAMED else ""
            known = ", ".join(islice(keys, NAMED))
            raise JobError(f"{key} is no key of this page; there are: {known}{more}")
    changed, problems = scene.updated(overrides)
    if not problems:
        return changed
    # What a key needs may depend on other keys: the codecs are those of the changed scene.
    written = changed.query()
    for key, codec in changed.codecs().items():
        try:
            codec.read(overrides.get(key, written[key]))
        except StackError as error:  # its message says why
            raise JobError(f"{key}: {error}".removesuffix(".")) from None
        except ValueError:
            raise JobError(f"{key} needs {codec.needs}; got {overrides[key]!r}") from None
    needed = (_INSTEAD.sub(".", problem) for problem in problems)
    raise JobError(" ".join(needed).removesuffix("."))


def _page(path: str, query: Mapping[str, str]) -> str:
    """The page that a path's last part names, in any spelling; "" for the page at the base path.

    A base path differs from an unknown page in the slash behind it, or in a query that has all keys
    of the page at the base path.
    """
    *_, last = path.rstrip("/").split("/")
    heard = letters(unquote(last))
    if key := next((key for key in SUBJECTS if letters(key) == heard), ""):
        return key
    if not last:
        return ""
    at_home = SUBJECTS[HOME].start.keys() <= query.keys()
    if path.endswith("/") or at_home:
        return ""
    raise JobError(f"{last!r} is no page with a picture; there are: {', '.join(SUBJECTS)}")


def _titled(title: str, subject: PageSubject[Any], scene: Scene) -> str:
    """A title with the rule's choices at ties and kinks, if the pass can have any."""
    choices = subject.trace(scene).layer.kink_choices
    if not choices:
        return title
    chosen = RULES[scene.rule].kinks.chosen(choices)
    return f"{title} · {briefly(choices, chosen, labelled=False)}"


_SCENES: Final = "scenes"
_MAKERS: Final[Mapping[str, Callable[[str, Style, Mapping[str, str]], RenderJob]]] = {
    "preset": job_of_preset,
    "page": job_of_page,
    "url": job_of_address,
}
_OWN: Final = (*_MAKERS, "title", "overrides", "shares")
_NAME: Final = re.compile(r"\w[\w.-]*")
_BARE: Final = re.compile(
    rf"(?m)^[ \t]*\[{_SCENES}\.([^\]\"'\n\x80-\U0010ffff]*[^\x00-\x7f][^\]\"'\n]*)\]"
)
"""A name without the quotes that TOML needs: a bare name has letters from A to Z alone. Written so
that the time of a search grows with the length of the text alone, whatever the text."""
_NO_TEXT: Final = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
"""Characters that XML, and so an svg file, cannot contain."""


@dataclass(frozen=True)
class SceneProblem:
    """A scene that cannot be made."""

    name: str
    reason: str  # in a sentence


def read_scene_file(path: Path, asked: Mapping[str, Any]) -> Iterator[RenderJob | SceneProblem]:
    """What `read_scenes` finds in a file; a file that cannot be read at all is one problem."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # an editor may write a byte order mark
    except OSError as error:
        yield SceneProblem(str(path), f"{path} cannot be read: {error.strerror}.")
    except UnicodeDecodeError as error:
        yield SceneProblem(str(path), f"{path} is no TOML: {error}.")
    else:
        yield from read_scenes(str(path), text, asked)


def read_scenes(
    file: str, text: str, asked: Mapping[str, Any]
) -> Iterator[RenderJob | SceneProblem]:
    """The render jobs of a file of scenes in its order, or a problem for a scene that has none.

    file: its name, for the problems; text: its content. asked: the fields of a Style that the
    command line sets. They take precedence over what the file says of all scenes, but not over what
    it says of one.
    """
    try:
        content = tomllib.loads(text)
        general = _style_of({key: value for key, value in content.items() if key != _SCENES})
        scenes = content.get(_SCENES, {})
        if not isinstance(scenes, dict) or not scenes:
            raise JobError("it has no scenes; each begins with a line like [scenes.tie]")
        style = Style().with_changes({**general, **asked})
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        bare = _BARE.search(text)
        hint = f'; this name needs quotes: [{_SCENES}."{bare[1]}"]' if bare else ""
        yield SceneProblem(file, f"{file} is no TOML: {error}{hint}.")
    except ValueError as error:
        yield SceneProblem(file, _ended(f"{file}: {error}"))
    else:
        for name, table in scenes.items():
            try:
                yield _job(name, table, style)
            except ValueError as error:
                yield SceneProblem(name, _ended(f"{file}: scene {name}: {error}"))


def _ended(sentence: str) -> str:
    """The sentence with a full stop, unless it ends with a question mark."""
    return sentence if sentence.endswith("?") else f"{sentence}."


def _job(name: str, table: object, style: Style) -> RenderJob:
    """The job of one scene; raises ValueError, whose message begins with the key."""
    if not isinstance(table, dict):
        raise JobError(f"needs a table, [{_SCENES}.{name}]; got {table!r}")
    if not _NAME.fullmatch(name):
        raise JobError(
            "a name becomes a file's: it needs letters, digits, '-', '_' and '.', and neither '-' "
            "nor '.' comes first"
        )
    style = style.with_changes(
        _style_of({key: value for key, value in table.items() if key not in _OWN}, more=_OWN)
    )
    title = table.get("title", style.title)
    if not isinstance(title, str | bool):
        raise JobError(f"title needs text, true or false; got {title!r}")
    if isinstance(title, str) and _NO_TEXT.search(title):
        raise JobError(f"title needs text without control characters; got {title!r}")
    job = _source(table, replace(style, title=title is not False))
    if "shares" in table:
        if style.pair:
            raise JobError("pair and shares do not go together: a question shows no share")
        if style.slider:
            raise JobError(
                "slider and shares do not go together: the class voted on the scene's own values"
            )
        job = replace(job, exercise=_voted(job, table["shares"]))
    job = replace(job, name=name)
    return replace(job, title=title, topic="") if isinstance(title, str) else job


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
        own = any(str(error).startswith((f"{each} ", f"{each}: ")) for each in texts)
        raise JobError(str(error) if own else f"{key}: {error}") from None


def _voted(job: RenderJob, said: object) -> Exercise:
    """The votes of a class on a scene, as an exercise; said: by entry, its share in each vote."""
    info = job.subject.describe(job.subject.trace(job.scene), job.scene)
    asked = [entry for entries in Exercise().entries(info).values() for entry in entries]
    if not asked:
        raise JobError("shares needs a scene whose gradients can be predicted; here are none")
    if not isinstance(said, dict) or said.keys() != {*asked}:
        raise JobError(f"shares needs a share for each of {', '.join(asked)}; got {said!r}")
    shares = {name: each if isinstance(each, list) else [each] for name, each in said.items()}
    for name, each in shares.items():
        numbers = all(type(share) in (int, float) and 0 <= share <= 1 for share in each)
        if not (numbers and 1 <= len(each) <= 2):
            raise JobError(
                f"shares needs one number from 0 to 1, or two; got {name} = {said[name]!r}"
            )
    return Exercise(shares=tuple((name, tuple(shares[name])) for name in asked))


def _style_of(table: Mapping[str, object], more: tuple[str, ...] = ()) -> dict[str, Any]:
    """The fields of a Style that a file sets; raises JobError, which names the key."""
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
    """A TOML value as an address contains it: [3, -1.5] -> "3,-1.5"."""
    if isinstance(value, list):
        return ",".join(_as_address(key, each) for each in value)
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(value).removesuffix(".0")
    raise JobError(f"{key} needs a number, a text or a list of them; got {value!r}")

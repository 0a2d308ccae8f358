"""A lecture file: scenes to be drawn, as TOML."""

import re
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from pages.export.render_jobs import EXAMPLE, RenderJob, SceneProblem, read_scene_file, read_scenes
from pages.export.style import Style
from pages.state.predict import Exercise
from tests.for_each import for_each

SHARES = "shares.h1 = 0\nshares.h2 = 1\nshares.h3 = 0.5\nshares.h4 = [0, 1.0]\nshares.h5 = "


def lecture(tmp_path: Path, text: str, **asked: Any) -> list[RenderJob | SceneProblem]:
    path = tmp_path / "lecture.toml"
    path.write_text(dedent(text), encoding="utf-8")
    return list(read_scene_file(path, asked))


def only_job(tmp_path: Path, text: str, **asked: Any) -> RenderJob:
    (job,) = lecture(tmp_path, text, **asked)
    assert isinstance(job, RenderJob), job.reason
    return job


def only_problem(tmp_path: Path, text: str) -> str:
    (problem,) = lecture(tmp_path, text)
    assert isinstance(problem, SceneProblem)
    assert problem.reason.startswith(f"{tmp_path / 'lecture.toml'}")
    assert problem.reason.rstrip(".?") == problem.reason[:-1], "it ends once"
    return problem.reason


def test_the_example_of_the_help_is_read(tmp_path: Path) -> None:
    # As an editor on Windows may save it: with a byte order mark.
    tie, step, many, said = lecture(tmp_path, "\ufeff" + EXAMPLE.replace("  #", "#"))
    assert isinstance(tie, RenderJob)
    assert isinstance(step, RenderJob)
    assert isinstance(many, RenderJob)
    assert isinstance(said, RenderJob)
    assert (tie.name, tie.title) == ("tie", "Two maxima share one gradient?")
    assert tie.scene.query()["x"] == "3,-1,3,0.5,0"
    assert tie.scene.query()["rule"] == "pytorch-max-pool"
    assert tie.style == Style(formats=("svg", "html"), slider="x3")
    assert step.style == Style(title=False, theme="dark", formats=("png",), steps=True)
    assert step.subject.key == "conv-block"
    assert many.style == Style(formats=("png",), pair=True, caption=False)
    assert said.exercise == Exercise(
        shares=(
            ("h1", (0.43, 0.71)),
            ("h2", (0.4, 0.69)),
            ("h3", (0.4, 0.7)),
            ("h4", (0.5, 1)),
            ("h5", (0, 0)),
        )
    )


def test_what_is_nearer_to_a_scene_goes_before(tmp_path: Path) -> None:
    text = """
        theme = "dark"
        scale = 2
        [scenes.one]
        preset = "max-tie"
        scale = 3
    """
    assert only_job(tmp_path, text).style == Style(theme="dark", scale=3.0)
    asked = only_job(tmp_path, text, theme="light", scale=4.0, size=(800, 600))
    assert asked.style == Style(theme="light", scale=3.0, size=(800, 600))


@pytest.mark.parametrize(
    ("source", "key", "text"),
    [
        ('preset = "max-pool/overlap"', "size", "2"),
        ('page = "max_pool"\noverrides = { size = 3, h = [1, -2.5, 3, 0, 4.0] }', "size", "3"),
        ('page = "max-pool"\noverrides = { h = [1, -2.5, 3, 0, 4.0] }', "h", "1,-2.5,3,0,4"),
        ('page = "max-pool"\noverrides = { size = 3.0 }', "size", "3"),
        ('page = "max-pool"\noverrides = { h = "1,2,3,0,4" }', "h", "1,2,3,0,4"),
        ('url = "http://host/max_pool?size=3"\noverrides = { entry = "" }', "entry", ""),
    ],
)
def test_a_scene_starts_from_a_preset_a_page_or_an_address(
    tmp_path: Path, source: str, key: str, text: str
) -> None:
    job = only_job(tmp_path, f"[scenes.a-1_b]\n{source}")
    assert job.name == "a-1_b"
    assert job.scene.query()[key] == text


def test_a_scene_has_its_own_title_or_none(tmp_path: Path) -> None:
    head = 'title = false\n[scenes.one]\npreset = "max-tie"\n'
    assert not only_job(tmp_path, head).style.title
    assert only_job(tmp_path, f"{head}title = true").style.title
    for title in ("a < b", "a\tb", "\u2202L/\u2202x \U0001f600"):
        own = only_job(tmp_path, f'{head}title = "{title}"')
        assert (own.title, own.style.title) == (title, True)


@pytest.mark.parametrize(
    ("scene", "said"),
    [
        ("", r"scene one: needs one of preset, page, url; got none\."),
        ('preset = "max-tie"\npage = "relu"', r"got preset and page\."),
        ('preset = "nothing"', r"scene one: preset: 'nothing' is no preset"),
        ("preset = 3", r"scene one: preset needs text; got 3\."),
        ('page = "nothing"', r"scene one: page: 'nothing' is no page with"),
        ('url = "/?w=9"', r"scene one: url: w needs a number from -4 to 4; got '9'\."),
        ('url = ""', r"scene one: url: '' is no address: it is empty\."),
        ('preset = "max-tie"\nthme = "dark"', r"scene one: thme is no key; there are: preset, "),
        ('preset = "max-tie"\ntheme = "drak"', r"scene one: theme needs one of light, dark; got"),
        ('preset = "max-tie"\nscale = true', r"scene one: scale needs a number .* got True"),
        ('preset = "max-tie"\ntitle = 3', r"scene one: title needs text, true or false; got 3"),
        (r'title = "a\u000Cb"', r"scene one: title needs text without control .* got 'a\\x0cb'\."),
        (r'title = "\u0000"', r"scene one: title needs text without control .* got '\\x00'\."),
        (r'title = "a\uFFFE"', r"scene one: title needs text without control characters"),
        ('preset = "max-tie"\noverrides = 3', r"scene one: overrides needs a table"),
        ('preset = "max-tie"\noverrides.h = 3', r"scene one: h is no key of this page"),
        ('preset = "max-tie"\noverrides.w = nan', r"scene one: w needs a number .* got 'nan'"),
        ('preset = "max-tie"\noverrides.w = true', r"scene one: w needs a number, a text or a"),
        ('preset = "max-tie"\noverrides.w = 2026-12-03', r"scene one: w needs a number, a text"),
        ('page = "stack"\noverrides.layers = "foo"', r"scene one: layers: .*there is no layer foo"),
        ('page = "conv-2d"\noverrides.shown = 3', r"to be at most 1, the minibatch's size\.$"),
        ('url = "/max_pool?size=2&padding=2"', r"padding alone, which has no maximum\.$"),
        ('url = "/stack?layers=relux"', r"there is no layer relux; is it relu\?$"),
        ('preset = "look-inside/a-mistake"\nshares.s0 = 1', r"scene one: shares needs a scene "),
        (
            'preset = "max-pool/overlap"\nshares = 1',
            r"scene one: shares needs a share for each of ",
        ),
        (
            'preset = "max-pool/overlap"\nshares.h1 = 1',
            r"each of h1, h2, h3, h4, h5; got {'h1': 1}",
        ),
        (f'preset = "max-pool/overlap"\n{SHARES}43', r"shares needs .* 0 to 1, .* got h5 = 43\."),
        (f'preset = "max-pool/overlap"\n{SHARES}[0, 1, 1]', r"or two; got h5 = \[0, 1, 1\]\."),
        (f'preset = "max-pool/overlap"\n{SHARES}[]', r"or two; got h5 = \[\]\."),
        (f'preset = "max-pool/overlap"\n{SHARES}[0.5, 1.5]', r"or two; got h5 = \[0.5, 1.5\]\."),
        (f'preset = "max-pool/overlap"\n{SHARES}[-0.5, 0.5]', r"or two; got h5 = \[-0.5, 0.5\]"),
        (f'preset = "max-pool/overlap"\n{SHARES}true', r"or two; got h5 = True\."),
        (
            f'preset = "max-pool/overlap"\npair = true\n{SHARES}1',
            r"scene one: pair and shares do not go together: a question shows no share\.$",
        ),
        (
            f'preset = "max-pool/overlap"\nslider = "h2"\n{SHARES}1',
            r"scene one: slider and shares do not go together: the class voted on the scene's own ",
        ),
        ('preset = "max-tie"\nsize = "8192x8192"\nscale = 8', r"scene one: size times scale"),
    ],
)
def test_what_is_wrong_is_said_with_file_scene_and_key(
    tmp_path: Path, scene: str, said: str
) -> None:
    assert re.search(said, only_problem(tmp_path, f"[scenes.one]\n{scene}"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it has no scenes; each begins with a line like [scenes.tie]"),
        ("scenes = 3", "it has no scenes"),
        ("[scenes]", "it has no scenes"),
        ("[scenes.one", "is no TOML: "),
        ("[scenes.one]\npreset = 1\npreset = 2", "is no TOML: "),
        ("[scenes.größe]", '; this name needs quotes: [scenes."größe"].'),
        ('colour = "red"\n[scenes.one]', "colour is no key; there are: size, "),
        ('colour = "red"\n[scenes.one]', ", scenes."),
        ("scale = 99\n[scenes.one]", "scale needs a number from 0.25 to 8; got 99"),
        ("scenes.one = 3", "scene one: needs a table, [scenes.one]; got 3"),
        ('[scenes."../one"]\npreset = "max-tie"', "a name becomes a file's"),
        ('[scenes.""]\npreset = "max-tie"', "a name becomes a file's"),
        ('[scenes.-one]\npreset = "max-tie"', ", and neither '-' nor '.' comes first."),
    ],
)
def test_a_file_that_is_none_is_one_problem(tmp_path: Path, text: str, said: str) -> None:
    assert said in only_problem(tmp_path, text)


@for_each("text", ["\n" * 200_000 + "[", "[scenes." + "ß" * 200_000])
def test_what_is_no_toml_is_told_however_long_it_is(text: str) -> None:
    """The time grows with the length: with its square this test would hang."""
    (problem,) = read_scenes("long.toml", text, {})
    assert isinstance(problem, SceneProblem)
    assert problem.reason.startswith("long.toml is no TOML: ")


def test_a_bad_scene_does_not_stop_the_others(tmp_path: Path) -> None:
    text = '[scenes.bad]\npreset = 1\n[scenes.good]\npreset = "max-tie"\n'
    bad, good = lecture(tmp_path, text)
    assert isinstance(bad, SceneProblem)
    assert isinstance(good, RenderJob)


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path):
        (problem,) = read_scene_file(path, {})
        assert isinstance(problem, SceneProblem)
        assert problem.reason.startswith(f"{path} cannot be read: ")
    (tmp_path / "latin.toml").write_bytes(b"# \xff")
    (problem,) = read_scene_file(tmp_path / "latin.toml", {})
    assert isinstance(problem, SceneProblem)
    assert "is no TOML" in problem.reason

"""Render jobs that are asked for by a preset's name or by an address."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.export.render_jobs import (
    JobError,
    RenderJob,
    job_of_address,
    job_of_page,
    job_of_preset,
)
from pages.export.style import Style
from pages.registry import SUBJECTS, names, subject_of
from pages.stack.stack import LAYERS
from tests.for_each import for_each
from tests.pages.scenes import BLOCK as SUBJECT
from tests.pages.scenes import block

STYLE = Style()
BLOCK = "x=3,3,1,0,0&w=-1.5&dz=1&rule=mlx&step=4&entry="


def address(url: str) -> RenderJob:
    return job_of_address(url, STYLE)


def test_every_preset_of_every_page_can_be_asked_for() -> None:
    assert names()[: len(SUBJECT.presets)] == list(SUBJECT.presets)
    jobs = [job_of_preset(name, STYLE) for name in names()]
    assert [job.name for job in jobs] == [name.replace("/", "-") for name in names()]
    assert len({job.name for job in jobs}) == len(jobs)
    assert all(job.title for job in jobs)


@pytest.mark.parametrize("name", ["nothing", "max-pool/nothing", "../max-tie", "", "MAX-TIE"])
def test_an_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(JobError, match=r"is no preset.*--list names them all"):
        job_of_preset(name, STYLE)


def test_a_slip_is_told_what_it_may_have_meant() -> None:
    with pytest.raises(JobError, match=r"near it: .*max-pool/overlap"):
        job_of_preset("max_pool/overlap", STYLE)


@for_each(
    ("url", "page", "said"),
    [
        ("http://127.0.0.1:1/max_pool?h=1,2,3,0,-1&size=3", "max-pool", {"h": "1,2,3,0,-1"}),
        ("https://example.org/base/path/max-pool/?h=1,2,3,0,-1", "max-pool", {"h": "1,2,3,0,-1"}),
        ("/?w=-1.5", "conv-block", {"w": "-1.5"}),
        ("?w=-1.5", "conv-block", {"w": "-1.5"}),
        ("http://host", "conv-block", {"w": "2"}),
        (f"http://host/base/?{BLOCK}", "conv-block", {"step": "4"}),
        (f"http://host/base?{BLOCK}", "conv-block", {"rule": "mlx"}),
        ("http://host/base/?w=1", "conv-block", {"w": "1"}),
        ("/?w=1&w=2#part", "conv-block", {"w": "2"}),
        ("/?x=3%2C3%2C1%2C0%2C0&embed=true&present=1&unknown=%00", "conv-block", {}),
        ("/?preset=all-negative&dz=-2", "conv-block", {"dz": "-2", "x": "-1,-2,-3,-0.5,-1.5"}),
        ("/max_pool?preset=overlap", "max-pool", {}),
        # The site itself redirects these addresses to the pages.
        ("http://x/MaxPool?size=2", "max-pool", {"size": "2"}),
        ("http://x/base/Max%20Pool?size=2", "max-pool", {"size": "2"}),
        ("/ReLU?a=1,2,3,4,-1", "relu", {"a": "1,2,3,4,-1"}),
        ("/convblock?w=1", "conv-block", {"w": "1"}),
    ],
)
def test_an_address_is_read_with_its_page(url: str, page: str, said: dict[str, str]) -> None:
    job = address(url)
    assert job.subject is subject_of(page)[0]
    assert said.items() <= job.scene.query().items()


@for_each("name", names())
def test_an_address_that_the_app_gives_is_the_same_picture(name: str) -> None:
    job = job_of_preset(name, STYLE)
    page = name.partition("/")[0].replace("-", "_") if "/" in name else ""
    query = "&".join(f"{key}={text}" for key, text in job.scene.query().items())
    found = address(f"http://localhost:8501/{page}?{query}")
    assert (found.scene, found.title, found.topic) == (job.scene, job.title, job.topic)


def test_what_is_but_like_a_preset_is_called_like_its_page() -> None:
    scene = SUBJECT.presets["max-tie"].having("entry", "x5")
    said = "&".join(f"{key}={text}" for key, text in scene.query().items())
    assert address(f"/?{said}").title == "The conv block · slope 1 at 0, ties: all get it"


def test_nothing_chosen_is_nothing_chosen() -> None:
    assert block().entry
    assert address(f"/?{BLOCK}").scene.query()["entry"] == ""


@for_each(
    ("url", "said"),
    [
        ("/?w=nan", r"w needs a number from -4 to 4; got 'nan'"),
        ("/?w=<b>", r"w needs a number .* got '<b>'"),
        ("/?x=1,2", r"x needs 5 numbers"),
        ("/?rule=", r"rule needs one of"),
        ("/at_a_kink?of=relu&a=1", r"a needs 5 numbers .* got '1'"),
        (
            "/stack?layers=relu-foo(2)",
            rf"layers: Character 6: there is no layer foo; .* {max(LAYERS)}$",
        ),
        ("/stack?layers=relu&shape=abc", r"shape needs one to 4 whole numbers.* got 'abc'"),
        (
            "/stack?layers=conv1d(3)&shape=2",
            r"^conv1d\(3\) does not fit: .*; got 3\. conv1d\(2\) or .* would fit$",
        ),
        ("/max_pool?size=2&padding=2", r"see padding alone, which has no maximum$"),
        ("/nowhere?w=1", r"'nowhere' is no page with a picture; there are: conv-block, "),
        ("/?preset=nothing", r"preset='nothing' is none of this page's; there are: unique-max"),
        ("", "'' is no address: it is empty"),
        ("http://[", r"'http://\[' is no address"),
    ],
)
def test_an_unreadable_address_is_refused(url: str, said: str) -> None:
    with pytest.raises(JobError, match=said):
        address(url)


@given(st.text())
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        job = address(text)
    except JobError:
        return
    assert job.scene.codecs()


def test_a_title_says_what_is_shown() -> None:
    def title(name: str, **overrides: str) -> str:
        return job_of_preset(name, STYLE, overrides).title

    assert title("max-tie") == "A tie of two maxima · slope 1 at 0, ties: all get it"
    assert title("max-tie", rule="mlx") == "A tie of two maxima · slope 0 at 0, ties: split"
    assert title("max-tie", x="1,2,3,4,0") == "The conv block · slope 1 at 0, ties: all get it"
    both = {"rule": "mlx", "x": "1,2,3,4,0"}
    assert title("max-tie", **both) == "The conv block · slope 0 at 0, ties: split"
    assert title("max-pool/overlap", h="1,2,3,4,0") == "Max pool · ties: all get it"
    assert title("conv-1d/one-vector") == "Convolution, 1-D · One vector filter"
    assert job_of_page("max_pool", STYLE, {"rule": "mlx"}).title == "Max pool · ties: split"
    asked = job_of_preset("max-tie", STYLE, {"rule": "mlx"}).on_topic()
    assert asked.title == "The conv block · slope 0 at 0, ties: split"
    titled = replace(asked, title="My own", topic="")
    assert titled.on_topic().title == "My own"


def test_a_key_of_another_page_is_refused() -> None:
    with pytest.raises(JobError, match=r"h is no key of this page; there are: x, w"):
        job_of_preset("max-tie", STYLE, {"h": "1"})
    with pytest.raises(JobError, match=r"'tie' is no page with a picture; there are: conv-block"):
        job_of_page("tie", STYLE, {})


@pytest.mark.parametrize(
    ("most", "said"), [(5, "a, dh, rule, step, entry"), (4, "a, dh, rule, step, …")]
)
def test_of_very_many_keys_the_first_are_named(
    most: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.export.render_jobs.NAMED", most)
    with pytest.raises(JobError, match=rf"^h is no key of this page; there are: {said}$"):
        job_of_page("relu", STYLE, {"h": "1"})


def test_a_step_through_has_a_job_for_each_step() -> None:
    steps = job_of_preset("max-tie", STYLE).steps()
    scenes: list[Any] = [step.scene for step in steps]
    assert [scene.step for scene in scenes] == list(range(7))
    assert [step.name for step in steps[:2]] == ["max-tie-step-0", "max-tie-step-1"]
    (still,) = job_of_preset("at-a-kink/two-way-tie", STYLE).steps()
    assert still.name == "at-a-kink-two-way-tie"
    assert all(SUBJECTS[page].start.codecs() for page in SUBJECTS)

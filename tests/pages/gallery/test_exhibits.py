"""The pictures of the gallery, and the addresses that they lead to."""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from engine.arrays import Array
from pages.export.question import hides
from pages.export.render_jobs import RenderJob, job_of_address, read_scene_file
from pages.export.style import Style
from pages.gallery.exhibits import GROUPS, LESSONS, Exhibit, exhibits, groups, is_question
from pages.registry import PAGES, PICTURE_PAGES, SUBJECTS, names
from pages.state.quiz import QUESTION
from tests.pages.scenes import page_state

CASES = [name for name in names() if name.partition("/")[0] != LESSONS]


def test_every_case_is_shown_and_none_twice() -> None:
    assert {exhibit.preset for exhibit in exhibits()} == {*CASES}
    shown = [exhibit.name for exhibit in exhibits()]
    assert len({name.casefold() for name in shown}) == len(shown)
    plain = [exhibit.preset for exhibit in exhibits() if not exhibit.changes]
    assert sorted(plain) == sorted(CASES)


def test_a_scene_with_several_changes_is_read_as_it_is() -> None:
    exhibit = Exhibit("conv-block/max-tie", (("rule", "jax"), ("w", "2")))
    (scene,) = tomllib.loads(exhibit.scene())["scenes"].values()
    assert scene == {"preset": exhibit.preset, "overrides": dict(exhibit.changes)}


def test_a_title_is_a_question_if_it_ends_as_one() -> None:
    titles = ("How many?", "How many? Two", "Two")
    assert [is_question(title) for title in titles] == [True, False, False]


def test_the_groups_are_those_of_a_lecture() -> None:
    assert [(group.title, group.about) for group in groups()[: len(GROUPS)]] == [
        (
            "The six questions",
            "How many entries of the gradient are nonzero, and how many does one entry reach?",
        ),
        (
            "Rules at a tie",
            (
                "Who gets the gradient of a maximum that several share: all, the first, or each a "
                "part?"
            ),
        ),
        ("Kinks", "Where a slope jumps, and what a rule may give there."),
        (
            "Convolution",
            "Scalar filters, a vector filter, sets of them; stride, padding, and their zeros.",
        ),
        ("Pooling", "Windows that overlap, leave gaps or reach into the padding."),
        ("2-D", "Filters and pooling on images."),
        ("Minibatch", "Each example's share of the gradient of w."),
        ("Your own stack", "Layers and branches of any kind, pasted or built."),
        ("Gradient check", "What passes, what fails, what is a kink, and which bug it is."),
        ("Look inside", "A trained network on one image, there and back."),
    ]


def test_the_group_of_ties_has_these_pictures_in_this_order() -> None:
    assert [exhibit.name for exhibit in groups()[1].exhibits] == [
        "three-way-tie",
        "three-way-tie-pytorch-max-pool",
        "three-way-tie-pytorch-amax",
        "max-pool-two-gradients",
        "max-pool-all-equal",
        "minibatch-tie-in-one",
        "at-a-kink-two-way-tie",
        "at-a-kink-three-way-tie",
        "at-a-kink-not-jointly",
        "at-a-kink-mixed-signs",
        "at-a-kink-tie-in-a-minibatch",
    ]


SIX: dict[str, Callable[[Array, Mapping[str, str]], Any]] = {
    "The maximum is unique: how many ∂L/∂x are nonzero?": lambda a, _: (a == a.max()).sum() == 1,
    "Two tie: how many ∂L/∂x are nonzero, by the lab's rule?": lambda a, address: (
        (a == a.max()).sum() == 2 and address["rule"] == "lab"
    ),
    "All a are negative: how many ∂L/∂x are nonzero?": lambda a, _: a.max() < 0,
    "All a are positive: how many ∂L/∂x are nonzero?": lambda a, _: a.min() > 0,
    "How many entries of a does x₃ influence?": lambda _, address: address["entry"] == "x3",
    "How many entries of a does w influence?": lambda _, address: address["entry"] == "w",
}
"""Question of the lab -> what it presupposes about a and the address."""


def test_the_six_questions_are_the_labs() -> None:
    found = groups()[0].exhibits
    assert [exhibit.title for exhibit in found] == [*SIX]
    for exhibit in found:
        scene = exhibit.job(Style()).scene
        a = SUBJECTS[exhibit.page].trace(scene).steps[0].output
        assert SIX[exhibit.title](a, scene.query()), exhibit.title


def test_a_page_that_no_group_names_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.gallery.exhibits.GROUPS", GROUPS[:1])
    found = {group.title: group for group in groups()}
    assert [each.preset for each in found["ReLU"].exhibits][:1] == ["relu/one-at-zero"]
    assert found.keys() == {
        "The six questions",
        *(PAGES[k].title for k in SUBJECTS if k != LESSONS),
    }
    assert "max-tie" not in [each.preset for each in found["The conv block"].exhibits]


def test_an_exhibit_opens_its_page_in_its_state() -> None:
    for exhibit in exhibits():
        job = exhibit.job(Style())
        opened = job_of_address(f"http://host/{exhibit.address}", Style())
        assert (opened.subject, opened.scene) == (job.subject, job.scene)
        assert urlsplit(exhibit.address).path in ("", *(page.path for page in PAGES.values()))


def test_a_presenter_opens_it_in_its_state_under_whatever_rule_that_is() -> None:
    for exhibit in exhibits():
        there = page_state(exhibit.page)
        assert there.take_up(exhibit.case, "mlx") == exhibit.job(Style()).scene


def test_a_presenter_asks_the_six_questions_and_no_others() -> None:
    questions = {exhibit.title for exhibit in groups()[0].exhibits}
    asked = {}
    for exhibit in exhibits():
        there = page_state(exhibit.page)
        there.take_up(exhibit.case, "mlx")
        if there.list_question:
            asked[there.list_question.text] = hides(SUBJECTS[exhibit.page], there.scene)
    assert asked == dict.fromkeys(questions, True)


def test_no_page_takes_what_a_list_asks_for_a_part_of_its_scene() -> None:
    known = set[str]().union(*(subject.start.keys() for subject in SUBJECTS.values()))
    assert QUESTION not in known


def test_the_scene_of_an_exhibit_in_a_file_is_its_job(tmp_path: Path) -> None:
    lecture = tmp_path / "lecture.toml"
    lecture.write_text("".join(each.scene() for each in exhibits()), encoding="utf-8")
    assert list(read_scene_file(lecture, {})) == [each.job(Style()) for each in exhibits()]


def test_every_preset_has_a_title_of_its_own() -> None:
    for key, subject in SUBJECTS.items():
        page = PICTURE_PAGES[key]
        titles = [page.preset_title(slug) for slug in subject.presets]
        assert page.titles.keys() == subject.presets.keys()
        assert len({*titles}) == len(titles)


def test_an_exhibit_has_a_name_a_title_and_a_caption() -> None:
    exhibit = Exhibit("max-pool/all-equal", (("rule", "mlx"),))
    assert exhibit.name == "max-pool-all-equal-mlx"
    assert exhibit.caption == "Max pool · All entries tie · MLX"
    job = exhibit.job(Style())
    assert isinstance(job, RenderJob)
    assert job.scene.query()["rule"] == "mlx"
    assert job.title == "Max pool · All entries tie · ties: split"
    assert Exhibit("max-tie", title="Why?").job(Style()).title == "Why?"

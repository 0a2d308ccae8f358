"""What hangs in the gallery, and where it leads."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from pages.export.question import hides
from pages.export.render_jobs import RenderJob, job_of_address, read_scene_file
from pages.export.style import Style
from pages.gallery.exhibits import GROUPS, LESSONS, Exhibit, exhibits, groups
from pages.page import PicturePage
from pages.registry import PAGES, SUBJECTS, names
from pages.state.page_state import PageState
from pages.state.quiz import QUESTION

CASES = [name for name in names() if name.partition("/")[0] != LESSONS]


def test_every_case_is_shown_and_none_twice() -> None:
    assert {exhibit.preset for exhibit in exhibits()} == {*CASES}
    shown = [exhibit.name for exhibit in exhibits()]
    assert len({name.casefold() for name in shown}) == len(shown)
    plain = [exhibit.preset for exhibit in exhibits() if not exhibit.changes]
    assert sorted(plain) == sorted(CASES)


def test_the_groups_are_those_of_a_lecture() -> None:
    titles = [group.title for group in groups()]
    assert titles[: len(GROUPS)] == [group.title for group in GROUPS]
    assert titles[:3] == ["The six questions", "Rules at a tie", "Kinks"]
    assert len(groups()[0].exhibits) == 6


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
        subject = SUBJECTS[exhibit.page]
        there: PageState[Any] = PageState(subject.start, subject.presets, subject.start)
        assert there.named(exhibit.case, "mlx") == exhibit.job(Style()).scene


def test_a_presenter_asks_the_six_questions_and_no_others() -> None:
    questions = {exhibit.title for exhibit in groups()[0].exhibits}
    asked = {}
    for exhibit in exhibits():
        subject = SUBJECTS[exhibit.page]
        there: PageState[Any] = PageState(subject.start, subject.presets, subject.start)
        there.named(exhibit.case, "mlx")
        if there.asking:
            asked[there.asking.text] = hides(subject, there.scene)
    assert asked == dict.fromkeys(questions, True)


def test_no_page_takes_what_a_list_asks_for_a_part_of_its_scene() -> None:
    known = set[str]().union(*(subject.start.keys() for subject in SUBJECTS.values()))
    assert QUESTION not in known


def test_its_scene_is_its_job_in_a_file_of_scenes(tmp_path: Path) -> None:
    lecture = tmp_path / "lecture.toml"
    lecture.write_text("".join(each.scene() for each in exhibits()), encoding="utf-8")
    assert list(read_scene_file(lecture, {})) == [each.job(Style()) for each in exhibits()]


def test_every_preset_has_a_title_of_its_own() -> None:
    for key, subject in SUBJECTS.items():
        page = PAGES[key]
        assert isinstance(page, PicturePage)
        titles = [page.preset_title(slug) for slug in subject.presets]
        assert page.titles.keys() == subject.presets.keys()
        assert len({*titles}) == len(titles)


def test_its_name_title_and_caption() -> None:
    exhibit = Exhibit("max-pool/all-equal", (("rule", "mlx"),))
    assert exhibit.name == "max-pool-all-equal-mlx"
    assert exhibit.caption == "Max pool · All entries tie · MLX"
    job = exhibit.job(Style())
    assert isinstance(job, RenderJob)
    assert job.scene.query()["rule"] == "mlx"
    assert job.title == "Max pool · All entries tie · ties: split"
    assert Exhibit("max-tie", title="Why?").job(Style()).title == "Why?"

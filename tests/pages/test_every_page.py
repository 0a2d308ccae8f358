"""Properties of every page with a picture; a new page is covered automatically."""

import json
import re
from collections.abc import Iterator

import pytest

from pages.derive.page import Impossible
from pages.derive.picture import Screen
from pages.derive.subject import Subject
from pages.explore.conv_2d_scene import Conv2DScene
from pages.figures.theme import PALETTES, Palette, Theme
from pages.registry import PICTURE_PAGES, SUBJECTS, named_scene, names
from pages.state.predict import Exercise
from tests.for_each import for_each
from tests.pages.boxes import assert_drawable, assert_well_arranged
from tests.pages.export.drawing import ONE_A_PAGE
from tests.pages.scenes import FORMS, page_state

every_page = for_each("key", PICTURE_PAGES)
every_preset = for_each("name", names())


def colours_of(palette: Palette) -> Iterator[str]:
    """Each colour as figures write it: "#RRGGBB", and "rgba(1,2,3,", how its faint form begins."""
    for colour in re.findall("#[0-9A-F]{6}", str(palette)):
        yield from (colour, palette.faint(colour, 0).removesuffix("0)"))


@every_preset
def test_a_preset_survives_its_address_whatever_was_there_before(name: str) -> None:
    subject, scene, _ = named_scene(name)
    for before in (subject.start, *list(subject.presets.values())[-2:]):
        assert before.updated(scene.query()) == (scene, [])


@every_preset
def test_a_preset_is_possible_and_comes_once(name: str) -> None:
    subject, scene, _ = named_scene(name)
    assert scene.possible() == (scene, [])
    assert list(subject.presets.values()).count(scene) == 1


@pytest.mark.parametrize("name", FORMS)
def test_every_form_of_a_page_is_well_arranged(name: str) -> None:
    subject, scene, _ = named_scene(name)
    if isinstance(subject, Subject):
        assert_well_arranged(subject.layout(scene))
    pictures = [subject.picture(scene, Screen(narrow=each)) for each in (False, True)]
    assert pictures[1].left == 0, "beside its cells a phone has no room for sliders"
    wide, narrow = (picture.figure for picture in pictures)
    assert narrow["layout"]["width"] <= 374 < wide["layout"]["width"] <= 1600
    for each in (wide, narrow) if name in ONE_A_PAGE else (wide,):
        assert_drawable(each)
    for layout in (wide["layout"], narrow["layout"]):  # a unit of the axes is a pixel
        assert [layout["margin"][side] for side in "lrtb"] == [0, 0, 0, 0]
        assert layout["xaxis"]["range"] == [0, layout["width"]]
        assert layout["yaxis"]["range"] == [layout["height"], 0]
    beside_images = isinstance(getattr(scene, "inner", scene), Conv2DScene)
    for slider in subject.sliders(scene):
        # Cells and axes already show a name; but a given gradient's cell shows another name.
        rule = "a slider is named exactly if no cell or axis beside it shows its name"
        assert slider.named == (slider.name[0] == "d" or beside_images), f"{slider.name}: {rule}"
        if slider.area:  # the drag area is within the width of the track
            left, _, width, _ = slider.area
            assert slider.left <= left < left + width <= slider.left + slider.width


@every_page
def test_a_key_is_its_subjects_and_fits_into_a_path(key: str) -> None:
    page = PICTURE_PAGES[key]
    assert page.key == key == page.subject.key
    assert "_" not in key


@every_page
def test_every_page_opens_on_one_of_its_cases(key: str) -> None:
    assert page_state(key).case


@every_page
@pytest.mark.parametrize(("theme", "other"), [("light", "dark"), ("dark", "light")])
def test_a_picture_has_the_colours_of_its_theme(key: str, theme: Theme, other: Theme) -> None:
    subject, revealed = SUBJECTS[key], Exercise(revealed=True)
    *_, last = subject.presets.values()
    told = Screen(theme, narrow=True, exercise=revealed if PICTURE_PAGES[key].predicts else None)
    pictures = subject.picture(subject.start, Screen(theme)), subject.picture(last, told)
    used = json.dumps([(it.figure, it.legend, it.pad and it.pad.colours) for it in pictures])
    own, others = (set(colours_of(PALETTES[each])) for each in (theme, other))
    assert any(colour in used for colour in own - others)
    assert [colour for colour in others - own if colour in used] == []


@every_page
def test_every_slider_moves_its_own_entry_and_nothing_else(key: str) -> None:
    subject = SUBJECTS[key]
    for slider in subject.sliders(subject.start):
        other = slider.high if slider.value != slider.high else slider.low
        moved = subject.start.moved(slider.name, other)
        assert moved.value(slider.name) == other != subject.start.value(slider.name)
        assert moved.moved(slider.name, slider.value) == subject.start
        assert slider.value == subject.start.value(slider.name)


@every_page
def test_what_can_be_chosen_is_explained(key: str) -> None:
    subject = SUBJECTS[key]
    targets = subject.picture(subject.start).targets
    assert len({target.entry for target in targets}) == len(targets)
    for target in targets[:: max(1, len(targets) // 12)]:
        assert target.said
        scene = subject.start.chosen(target.entry)
        assert scene.entry == target.entry
        assert subject.picture(scene).explanation


@every_page
def test_a_control_offers_what_the_scene_takes(key: str) -> None:
    page = PICTURE_PAGES[key]
    start = page.subject.start
    for control in page.controls(start):
        assert getattr(start, control.field) in control.labels
        for value in control.labels:
            changed = control.then(start.having(control.field, value)).possible()[0]
            assert start.updated(changed.query()) == (changed, []), (control.field, value)


@every_page
def test_a_snap_gives_a_scene_that_its_address_can_have(key: str) -> None:
    page = PICTURE_PAGES[key]
    for label, snap in page.snaps.items():
        there = snap(page.subject.start)
        if isinstance(there, Impossible):
            assert there.reason
        else:
            assert page.subject.start.updated(there.query()) == (there, []), label


@every_page
def test_a_question_can_be_set_up_and_answered(key: str) -> None:
    page = PICTURE_PAGES[key]
    for question in page.questions:
        scene = question.set_up(page.subject.start).possible()[0]
        assert question.answer(page.subject.trace(scene)) >= 0
        assert page.subject.start.updated(scene.query()) == (scene, [])


@pytest.mark.parametrize("key", [key for key, page in PICTURE_PAGES.items() if page.predicts])
def test_a_prediction_asks_and_then_tells(key: str) -> None:
    subject = SUBJECTS[key]
    asked = subject.picture(subject.start, Screen(exercise=Exercise()))
    told = subject.picture(subject.start, Screen(exercise=Exercise(revealed=True)))
    assert asked.explanation == []
    assert told.explanation
    assert asked.figure != told.figure
    for each in (asked, told):
        assert_drawable(each.figure)

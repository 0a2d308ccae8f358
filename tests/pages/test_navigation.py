"""Navigation between pages: the next page of a presentation, and addresses of no page."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import streamlit as st

from pages import navigation
from pages.registry import PAGES, SUBJECTS
from pages.session.class_vote import ClassVote
from pages.session.page_state import PageState
from pages.state.predict import Exercise
from tests.pages.opening import site, turned_to
from tests.pages.scenes import BLOCK, RELU, block, page_state

ROOT = Path(__file__).parents[2]


def state(onward: str) -> PageState[Any]:
    return PageState(block(), BLOCK.presets, block(), theme="dark", onward=onward)


@pytest.mark.parametrize("key", SUBJECTS)
def test_every_page_is_found_and_opened_at_its_preset(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = SUBJECTS[key]
    opened: list[tuple[str, dict[str, str]]] = []
    predicting = PageState(
        subject.start, subject.presets, subject.start, exercise=Exercise(revealed=True)
    )
    monkeypatch.setattr(st, "session_state", {f"page:{key}": predicting})
    monkeypatch.setattr(navigation, "streamlit_page", lambda page: page.key)
    monkeypatch.setattr(
        st, "switch_page", lambda page, query_params: opened.append((page, query_params))
    )
    slug, scene = list(subject.presets.items())[-1]
    here = state(f"{key}/{slug}")
    if key == "stack":  # a stack's cases have the rule of its start, so the present rule is kept
        scene = scene.having("rule", here.scene.rule)
    navigation.walk_on(here)
    ((page, query),) = opened
    assert page == key
    assert query == {**scene.query(), "present": "1"}
    there = st.session_state[f"page:{key}"]
    assert (there.scene, there.theme, here.onward) == (scene, "dark", "")
    assert there.exercise is None


def test_a_page_that_was_walked_away_from_is_come_back_to_as_it_was_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mine = block(x=(0.5, 0.25, -1.0, 2.0, 0.0), w=-3.0)
    there = PageState(block(), BLOCK.presets, mine)
    monkeypatch.setattr(st, "session_state", {"page:conv-block": there})
    monkeypatch.setattr(st, "switch_page", lambda page, query_params: None)
    elsewhere = PageState(RELU.start, RELU.presets, RELU.start, onward="conv-block/max-tie")
    navigation.walk_on(elsewhere)
    assert there.scene.x == BLOCK.presets["max-tie"].x
    elsewhere.onward, elsewhere.walking = "conv-block/*", True
    navigation.walk_on(elsewhere)
    assert there.scene == mine
    assert not there.walking, "one's own scene is no step of a walk"


def test_what_is_marked_is_presented_as_it_was_marked_whatever_the_rule_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = PageState(block(), BLOCK.presets, block())
    monkeypatch.setattr(st, "session_state", {"page:conv-block": there})
    monkeypatch.setattr(st, "switch_page", lambda page, query_params: None)
    case = BLOCK.presets["three-way-tie"]
    navigation.present("conv-block/three-way-tie?rule=mlx")
    assert there.scene == case.having("rule", "mlx")
    here = PageState(RELU.start, RELU.presets, RELU.start.having("rule", "mlx"))
    navigation.present("conv-block/three-way-tie", here)
    assert there.scene == case.having("rule", "mlx"), "a rule that is chosen goes on with the cases"
    navigation.present("conv-block/three-way-tie?", here)
    assert there.scene == case


def test_a_list_asks_on_a_page_that_was_left_in_another_mode(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = PageState(block(), BLOCK.presets, block())
    there.mode, there.exercise = "predict", Exercise()
    monkeypatch.setattr(st, "session_state", {"page:conv-block": there})
    monkeypatch.setattr(st, "switch_page", lambda page, query_params: None)
    navigation.present("conv-block/max-tie?question=How many?")
    assert (there.mode, there.hiding) == ("look", Exercise(marking=False))


def test_on_a_page_where_a_class_was_asked_that_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    vote: Any = SimpleNamespace(locked=False)
    there = PageState(block(), BLOCK.presets, block(), mode="predict")
    there.classroom.vote = vote
    monkeypatch.setattr(st, "session_state", {"page:conv-block": there})
    monkeypatch.setattr(st, "switch_page", lambda page, query_params: None)
    navigation.present("conv-block/max-tie", state(""))
    assert (there.scene.x, there.mode) == (BLOCK.presets["max-tie"].x, "predict")


@pytest.mark.parametrize(
    ("case", "goes"), [("relu/one-at-zero", True), ("at-a-kink/smooth", False)]
)
def test_a_vote_goes_along_to_a_page_that_can_be_asked_about(
    case: str, goes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = case.partition("/")[0]
    there, here, revealed = page_state(key), state(""), SimpleNamespace(phase="revealed")
    nobody: Any = None
    here.classroom.vote = ClassVote(
        nobody, "", None, everywhere=False, case="max-tie", poll=cast("Any", revealed)
    )
    monkeypatch.setattr(st, "session_state", {f"page:{key}": there})
    monkeypatch.setattr(st, "switch_page", lambda page, query_params: None)
    navigation.present(case, here)
    assert [each.classroom.vote is not None for each in (here, there)] == [not goes, goes]


def test_leaving_a_list_goes_back_to_the_gallery(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[str, dict[str, str]]] = []
    monkeypatch.setattr(navigation, "_open", lambda key, query: opened.append((key, query)))
    here = state("gallery/")
    navigation.walk_on(here)
    assert (opened, here.onward) == ([("gallery", {})], "")


@pytest.mark.parametrize(
    "onward", ["", "/", "gallery/max-tie", "nowhere/max-tie", "relu/max-tie", "relu/", "<b>/<b>"]
)
def test_what_is_no_preset_of_a_page_leads_nowhere(
    onward: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(st, "switch_page")
    here = state(onward)
    navigation.walk_on(here)
    assert (here.onward, here.scene) == ("", block())


@pytest.mark.parametrize("key", PAGES)
def test_every_page_opens_under_its_path(key: str) -> None:
    opened = turned_to(site(), key).run()
    assert not opened.exception
    if key in SUBJECTS:
        assert opened.session_state[f"page:{key}"].scene == SUBJECTS[key].start


def test_in_the_menu_each_page_has_its_title_and_its_icon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "Page", lambda _, **said: (said["title"], said["icon"]))
    menu: list[Any] = [navigation.streamlit_page(page) for page in PAGES.values()]
    assert menu == [(page.title, f":material/{page.icon}:") for page in PAGES.values()]
    for named in zip(*menu, strict=True):
        twice = {each for each in named if named.count(each) > 1}
        assert not twice, "each page needs its own title and its own icon"


def test_the_old_paths_stay_valid_and_in_their_order() -> None:
    old = [
        ("learn", ""),
        *((path, "Explore") for path in ("conv_block", "relu", "max_pool", "conv_1d", "conv_2d")),
        *((path, "Explore") for path in ("minibatch", "stack")),
        *((path, "Check") for path in ("at_a_kink", "gradient_check")),
        *((path, "Train") for path in ("train", "look_inside")),
        ("gallery", "Slides"),
    ]
    assert [here for page in PAGES.values() if (here := (page.path, page.section)) in old] == old


def test_the_list_of_pages_is_read_without_streamlit() -> None:
    """The processes that draw and that make sweeps import it too."""
    code = "import sys, pages.registry; sys.exit('streamlit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


@pytest.mark.parametrize(
    ("seen", "brought", "goes"), [(None, False, True), ({}, False, False), ({}, True, True)]
)
def test_the_page_of_a_scene_opens_with_it_where_it_was_not_open_before(
    seen: dict[str, str] | None, brought: bool, goes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, scene, opened, told = state(""), block(w=-1.5), list[Any](), list[str]()
    there.seen = seen

    def pressed(*_: object, **given: Any) -> bool:
        told.append(given["help"])
        return True

    monkeypatch.setattr(navigation, "_left", lambda key: there)
    monkeypatch.setattr(st, "button", pressed)
    monkeypatch.setattr(navigation, "_open", lambda key, query: opened.append((key, query)))
    navigation.own_page("conv-block", scene, brought=brought)
    assert there.scene == (scene if goes else block())
    assert opened == [("conv-block", there.scene.query())]
    assert told == [f"The page itself, {'with these numbers' if goes else 'as you left it'}"]


@pytest.mark.parametrize(
    ("key", "there_are", "said"),
    [
        ("relu", True, "L as this entry alone moves, with what each rule gives at the kink"),
        ("conv-1d", False, "No ties or kinks here"),
    ],
)
def test_the_page_of_kinks_is_offered_where_a_pass_can_have_any(
    key: str, there_are: bool, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: dict[str, Any] = {}
    monkeypatch.setattr(st, "button", lambda *_, **given: told.update(given))
    navigation.to_the_kink(key, SUBJECTS[key].start)
    assert (told["disabled"], told["help"]) == (not there_are, said)


@pytest.mark.parametrize(
    ("pressed", "onward", "seen", "image"),
    [
        (False, "", None, None),
        (True, "", None, 2130),  # the most confident error
        (True, "", {}, 61),  # as it was left
        (False, "look-inside/8", None, 8),
        (False, "look-inside/8", {}, 8),
        (False, "look-inside/99999999", None, None),
        (False, "look-inside/x", None, None),
        (False, "conv-block/max-tie", None, None),
        (False, "conv-block/8", None, None),
    ],
)
def test_one_looks_inside_at_the_image_that_was_chosen_or_left_or_at_the_worst(
    pressed: bool, onward: str, seen: Any, image: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, opened = SUBJECTS["look-inside"].start.with_image(61), list[Any]()
    there, here = PageState(start, {}, start.having("tool", "draw")), state(onward)
    there.seen = seen
    monkeypatch.setattr(st, "button", lambda *_, **__: pressed)
    monkeypatch.setattr(navigation, "_left", lambda key: there)
    monkeypatch.setattr(navigation, "_open", lambda key, query: opened.append(query))
    navigation.to_look_inside(here, [2130, 7])
    assert here.onward == ""
    assert opened == ([] if image is None else [there.scene.query()])
    if image is not None:
        assert (there.scene.image, there.scene.net) == (image, "yours")
        assert there.scene.tool == ("look" if onward else "draw"), "what was chosen is looked at"

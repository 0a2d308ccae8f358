"""The row of controls above every picture, and the title, article and modes around it."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

from engine import RULES
from pages.derive.page import ARTICLES, PicturePage
from pages.derive.picture import SCREEN, Picture, Screen
from pages.derive.subject import Subject
from pages.inside.inside_subject import InsideSubject
from pages.registry import PAGES, PICTURE_PAGES, SUBJECTS, titled
from pages.session.page_state import OWN, History, PageState
from pages.state.predict import Exercise
from pages.state.quiz import MODE, Quiz, Verdict
from pages.state.scene import Scene
from pages.views import tasks, workbench
from pages.views.network_menu import MENU
from pages.views.requests import SceneRequests
from tests.pages import opening
from tests.pages.components.declared import misfits
from tests.pages.scenes import BLOCK
from tests.pages.scenes import block as blocked

LONGEST = 200
"""The most words that an article may have, besides its code."""


def opened(key: str, *popovers: str) -> AppTest:
    app = opening.turned_to(opening.site(), key)
    for popover in popovers:
        opening.unfolded(app, popover)
    app.run()
    assert not app.exception
    return app


def assert_as_declared(app: AppTest) -> None:
    """Assert that the data sent fits the declarations against which the scripts are checked."""
    for each in app.get("bidi_component"):
        said = json.loads(each.proto.bytes)
        said.pop("seen", None)  # its only use is to make a message differ if the address does
        kind = "".join(word.capitalize() for word in each.proto.component_name.split("_"))
        assets = "{ assets: { components: string; plotly: string } }"
        assert misfits(said, f"{kind}Data & {assets}") == []


def scene_of(app: AppTest, key: str) -> Any:
    return app.session_state[f"page:{key}"].scene


# --- title, purpose, article


@pytest.mark.parametrize("key", PAGES)
def test_every_page_says_what_it_is_for_in_a_sentence_and_more_beneath(key: str) -> None:
    page = PAGES[key]
    assert re.fullmatch(r"[A-ZÀ-Ý][^.!?\n]*[.?]", page.purpose), page.purpose
    words = re.sub(r"```.*?```", "", page.article, flags=re.DOTALL).split()
    assert 20 <= len(words) <= LONGEST, len(words)
    app = opened(key)
    assert [each.value for each in app.title] == [page.title]
    assert app.text[0].value == page.purpose
    assert any(each.value.startswith(page.article.strip()) for each in app.markdown)
    sent = [each.proto for each in app.get("bidi_component")]
    figures = [it for it in sent if it.component_name == "live_figure"]
    stepping = {json.loads(it.bytes)["stepping"] for it in figures}
    assert stepping <= {None if key == "learn" else False}, "the lessons have no modes"
    predicting = PICTURE_PAGES[key].predicts if key in PICTURE_PAGES else None
    assert {json.loads(it.bytes)["votes"] for it in figures} <= {predicting}
    assert_as_declared(app)


def test_no_article_is_of_a_page_that_there_is_not() -> None:
    assert {path.stem for path in ARTICLES.glob("*")} == {*PAGES}


# --- the picture


def test_a_picture_is_drawn_when_it_has_changed_and_not_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draw, drawn = Subject.picture, []

    def drawing(subject: Any, scene: Any, screen: Screen = SCREEN) -> Picture:
        drawn.append((scene, screen))
        return draw(subject, scene, screen)

    monkeypatch.setattr(Subject, "picture", drawing)
    app = opened("conv-block")
    opened_with = scene_of(app, "conv-block")
    app.run()
    assert drawn == [(opened_with, Screen())]
    state = app.session_state["page:conv-block"]
    state.scene = opened_with.moved("x1", -1.5)
    app.run()
    state.scene = opened_with
    app.run()
    assert drawn[1:] == [(opened_with.moved("x1", -1.5), Screen()), (opened_with, Screen())]
    state.theme = "dark"
    app.run()
    state.mode, state.exercise = "predict", Exercise()
    app.run()
    assert drawn[3:] == [
        (opened_with, Screen("dark")),
        (opened_with, Screen("dark", Exercise())),
    ]


def test_where_only_other_layers_of_a_page_have_kinks_the_button_keeps_its_place() -> None:
    """The open menu beside it, in which the layer was chosen, does not move."""
    app = opened("gradient-check")

    def button() -> Any:
        return next(
            block.proto.popover
            for block in app.get("popover")
            if "kinks" in block.proto.popover.label
        )

    before = button()
    assert not before.disabled
    app.session_state["page:gradient-check"].change(
        scene_of(app, "gradient-check").having("layer", "linear")
    )
    app.run()
    after = button()
    assert (after.label, after.disabled) == ("No ties or kinks here", True)
    assert "gradient-check:rule" not in [radio.key for radio in app.radio]


# --- the case


def test_while_a_question_waits_its_values_stay() -> None:
    app = opened("conv-1d")

    def edit() -> Any:
        (found,) = (each.proto for each in app.get("popover") if each.proto.popover.label == "Edit")
        return found.popover

    def case() -> Any:
        return app.menu_button("conv-1d:case")

    assert not case().disabled
    page, state = PICTURE_PAGES["conv-1d"], app.session_state["page:conv-1d"]
    state.change(state.scene.moved("x1", 3.5))
    app.run()
    assert case().label == "Case: **your own values**"
    tasks.turn(page, state, "quiz")
    app.run()
    assert case().disabled
    assert edit().disabled
    assert edit().help.startswith("The question is about these values.")
    assert case().label == "Case: **set by the question**"
    tasks.act(page, state, "answer", "1")
    app.run()
    assert not case().disabled
    assert not edit().disabled
    assert case().label == "Case: **set by the question**"
    state.change(state.scene.moved("x1", 3.0))
    app.run()
    assert case().label == "Case: **your own values**"


# --- the rule


def choices(key: str) -> tuple[str, ...]:
    subject = SUBJECTS[key]
    return tuple(subject.trace(subject.start).layer.kink_choices)


RULED = [key for key in SUBJECTS if choices(key)]


@pytest.mark.parametrize("key", RULED)
def test_the_behaviours_are_offered_with_who_has_them(key: str) -> None:
    stating = {
        slug: tuple(getattr(rule.kinks, choice) for choice in choices(key))
        for slug, rule in RULES.items()
        if None not in (getattr(rule.kinks, choice) for choice in choices(key))
    }
    app = opened(key)
    radio = opening.widget(app.radio, f"{key}:rule")
    behaviours = [*dict.fromkeys(stating.values())]
    assert len(radio.options) == len({*radio.options}) == len(behaviours)
    assert radio.value == stating[scene_of(app, key).query()["rule"]]
    for behaviour, caption in zip(behaviours, radio.proto.captions, strict=True):
        theirs = [RULES[slug] for slug, does in stating.items() if does == behaviour]
        if "pool_ties" in choices(key):
            assert caption.split("; ") == [rule.label for rule in theirs]
        else:  # it must not name the operations of pools
            frameworks = dict.fromkeys(rule.framework for rule in theirs)
            assert [each.split()[0] for each in caption.split("; ")] == [*frameworks]
            own = "maximum_ties" in choices(key)  # an operation whose name begins like a pool's
            assert not re.search(r"pool|max\b|im2col" if own else "pool|max|im2col", caption)
    # For each behaviour, the last rule that has it, which is not the one that a choice would set.
    # The conv block has all behaviours; other pages have some of them.
    last_of = {does: slug for slug, does in stating.items()}
    for does, slug in [*last_of.items()] if key == "conv-block" else [last_of.popitem()]:
        app.session_state[f"page:{key}"].change(scene_of(app, key).having("rule", slug))
        app.run()
        shown = opening.widget(app.radio, f"{key}:rule")
        assert shown.value == does
        shown.set_value(does).run()
        assert scene_of(app, key).query()["rule"] == slug, "to choose what is there changes nothing"
    # The rule changes to another one of the same behaviour while the browser has the old one.
    app.session_state[f"page:{key}"].change(scene_of(app, key).having("rule", next(iter(stating))))
    app.run()
    last = [*stating][-1]
    app.session_state[f"page:{key}"].change(scene_of(app, key).having("rule", last))
    opening.widget(app.radio, f"{key}:rule").set_value(stating[last]).run()
    assert scene_of(app, key).query()["rule"] == last
    version = app.session_state[f"page:{key}"].version
    first = opening.widget(app.radio, f"{key}:rule").set_value(behaviours[0]).run()
    slug = scene_of(first, key).query()["rule"]
    assert stating[slug] == behaviours[0]
    if key == "conv-block":
        several = max(behaviours, key=[*stating.values()].count)
        opening.widget(app.radio, f"{key}:rule").set_value(several).run()
        among = [each for each, does in stating.items() if does == several]
        assert scene_of(app, key).query()["rule"] == among[0] != among[-1], "the first that has it"
    moved = "what the browser says of values that it moved before holds under the rule too"
    assert first.session_state[f"page:{key}"].version == version, moved


@pytest.mark.parametrize("key", sorted(SUBJECTS.keys() - {*RULED}))
def test_where_nothing_ties_there_is_no_rule(key: str) -> None:
    assert f"{key}:rule" not in [radio.key for radio in opened(key).radio]


# --- the case


@pytest.mark.parametrize("key", sorted(SUBJECTS.keys() - {"at-a-kink", "learn"}))
def test_a_case_is_its_preset_and_what_is_moved_is_none(key: str) -> None:
    app = opened(key)
    slugs = [*SUBJECTS[key].presets]
    titles = [titled(key, slug) for slug in slugs]
    case = app.menu_button(f"{key}:case")
    opens_with = app.session_state[f"page:{key}"].case
    assert case.options == marked(titles, slugs.index(opens_with) if opens_with else None)
    case.click(slugs[1]).run()
    case = app.menu_button(f"{key}:case")
    assert (case.label, case.options) == (f"Case: **{titles[1]}**", marked(titles, 1))
    assert scene_of(app, key) == SUBJECTS[key].presets[slugs[1]]
    sliders = SUBJECTS[key].sliders(scene_of(app, key))
    values = {slider.name: slider.values[1] for slider in sliders[:1]}
    state = app.session_state[f"page:{key}"]
    if values:
        state.hear({"serial": "a-1", "values": values})
    else:  # a network's image has no slider, so another logit is chosen
        state.change(state.scene.having("back", "3"))
    app.run()
    case = app.menu_button(f"{key}:case")
    assert (case.label, case.options) == ("Case: **your own values**", titles)
    case.click(slugs[1]).run()
    case = app.menu_button(f"{key}:case")
    assert case.options == [*marked(titles, 1), "your own values"]
    case.click(OWN).run()
    case = app.menu_button(f"{key}:case")
    assert (case.label, case.options) == ("Case: **your own values**", titles)


def test_a_case_is_under_the_rule_that_was_chosen() -> None:
    app = opened("conv-block")
    state = app.session_state["page:conv-block"]
    state.change(state.scene.having("rule", "jax-max"))
    app.run()
    app.menu_button("conv-block:case").click("unique-max").run()
    preset: Any = SUBJECTS["conv-block"].presets["unique-max"]
    assert scene_of(app, "conv-block") == preset.having("rule", "jax-max") != preset


def test_the_figure_is_told_its_case_as_a_list_has_it() -> None:
    """By this name the presenter knows its place among the presets, or in the list."""
    app, preset = opened("conv-block"), SUBJECTS["conv-block"].presets["max-tie"]
    state = app.session_state["page:conv-block"]
    names = ["max-tie", "max-tie?rule=mlx", "?w=3", f"?{urlencode(preset.query())}"]
    for serial, name in enumerate(names):
        state.hear({"serial": f"a-{serial}", "preset": name})
        app.run()
        assert case_told(app) == name
    state.change(state.scene.moved("x1", -1.5))
    app.run()
    assert case_told(app) == ""
    # A lone surrogate cannot be encoded in UTF-8.
    state.hear({"serial": "b", "preset": "?w=3&question=\ud800"})
    app.run()
    assert not app.exception
    assert case_told(app) == "?w=3&question=?"


def case_told(app: AppTest) -> str:
    """The name of the case that is sent to the figure."""
    (figure,) = (
        each.proto
        for each in app.get("bidi_component")
        if each.proto.component_name == "live_figure"
    )
    case: str = json.loads(figure.bytes)["case"]
    return case


def marked(titles: list[str], at: int | None) -> list[str]:
    """A menu's titles, with the present case's title marked."""
    return [f"**{title}** ✓" if n == at else title for n, title in enumerate(titles)]


# --- edit


HISTORY = ["Undo", "Redo"]
MODES = "Mode: Look, Predict, Quiz"
WITHOUT_SETTINGS = [*HISTORY, "<snaps>", "At a kink", MODES]
CONTROLS = {
    "max-pool": [
        *HISTORY,
        "Size of a window: one window, size 1, size 2, size 3, size 4, size 5",
        "From one window to the next: stride 1, stride 2, stride 3, stride 4, stride 5",
        "Padding at either end: padding 0, padding 1",
        "<snaps>",
        "At a kink",
        MODES,
    ],
    "conv-1d": [
        *HISTORY,
        (
            "Filters: one scalar filter, several scalar filters, one vector filter, a vector "
            "filter of two, a set of vector filters"
        ),
        "Stride: stride 1, stride 2, stride 3",
        "Padding: padding 0, padding 1, padding 2",
        "<snaps>",
        "At a kink",
        MODES,
    ],
    "conv-2d": [
        *HISTORY,
        "What L is: L = one z, L = Σ z",
        "paint",
        "Filters: one filter, 2 filters, 3 filters",
        "The one with the sliders: filter 1",
        "<snaps:filter>",
        "Stride: stride 1, stride 2, stride 3",
        "Padding: padding 0, padding 1, padding 2",
        "The pool's window: pool 1 × 1, pool 2 × 2, pool 3 × 3, pool 4 × 4",
        "From one window to the next: pool stride 1, pool stride 2, pool stride 3, pool stride 4",
        "Around h: pool padding 0, pool padding 1",
        "Shown: values and gradients, values alone, gradients alone",
        "<snaps:source>",
        "At a kink",
        "How much of the digit: 28 × 28, 14 × 14, 8 × 8, 6 × 6",
        "The next image that shows a …: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9",
        "Test image",
        (
            "In the minibatch: one digit, 2 digits, 3 digits, 4 digits, 5 digits, 6 digits, 7 "
            "digits, 8 digits"
        ),
        "<snaps:digit>",
        "◀",
        "▶",
        "Filter: Sobel x, Sobel y, outline, blur, identity, own filter",
        MODES,
    ],
    "minibatch": [*HISTORY, "<snaps>", "At a kink", MODES],
    "stack": [*HISTORY, "Gradient check", "<snaps>", "At a kink", MODES],
    "at-a-kink": [*HISTORY, "<snaps>", "The conv block"],
    "gradient-check": [
        *HISTORY,
        (
            "Layer: Conv block + loss, Conv block, ReLU, Max pool, Convolution, 1-D, Convolution,"
            " 2-D, Max pool, 2-D, Linear, Softmax loss, Minibatch of blocks"
        ),
        "Bug: no bug, bug: forgotten factor, bug: wrong mask, bug: no mask, bug: wrong sign",
        "<snaps>",
        "Mode: Look, Quiz",
    ],
    "look-inside": [
        "Draw on this image",
        "Test image",
        "The next image that shows a …: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9",
        "wrong ones only, the most confident error first",
        "◀",
        "▶",
        "Draw your own",
        *HISTORY,
        "What the image shows: its own label, a 0, a 1, a 2, a 3, a 4, a 5, a 6, a 7, an 8, a 9",
        "Shown: activations, gradients, why zero",
        (
            "What L is: L = the loss, L = s0, L = s1, L = s2, L = s3, L = s4, L = s5, L = s6, L ="
            " s7, L = s8, L = s9"
        ),
        "One step of SGD on this image: no step, before a step, after a step",
        "Mode: Look, Quiz",
    ],
    "learn": [*HISTORY, "The conv block"],
}
"""Page -> the controls above its picture besides case and rule, for pages with special ones."""


def controls_of(page: PicturePage) -> list[str]:
    """The controls of a page that is not in `CONTROLS`, from its own list of choices."""
    selects = page.controls(page.subject.start)
    chosen = [f"{each.label}: {', '.join(each.labels.values())}" for each in selects]
    return [*HISTORY, *chosen, *WITHOUT_SETTINGS[len(HISTORY) :]]


FOLDED = {"conv-2d": ("digit:open",), "look-inside": ("image:open",)}


def controls(within: Block) -> Iterator[str]:
    """The controls in a block: labels with their choices, and the key of a row of buttons."""
    for each in within.children.values():
        if isinstance(each, Block):
            yield from controls(each)
        elif (key := getattr(each, "key", None)) and key.startswith("snaps"):
            yield f"<{key}>"
        elif key and key not in SUBJECTS and not key.endswith((":case", ":rule")):
            options = ", ".join(getattr(each, "options", ()))
            yield f"{each.label}: {options}" if options else each.label


@pytest.mark.parametrize("key", SUBJECTS)
def test_all_that_can_be_changed_is_there_and_undone_when_it_was(key: str) -> None:
    app = opened(key, "edit", *FOLDED.get(key, ()))
    assert [*controls(app.main)] == (CONTROLS.get(key) or controls_of(PICTURE_PAGES[key]))
    assert app.session_state[f"page:{key}"].unfolded, "anything in a menu may follow what moves"
    assert app.button(key="Undo").disabled
    assert app.button(key="Redo").disabled
    why = [app.button(key=each).help for each in ("Undo", "Redo")]
    assert why == ["Nothing has been changed yet", "Nothing has been undone yet"]
    start = scene_of(app, key)
    slug, preset = [*SUBJECTS[key].presets.items()][-1]
    assert preset != start, slug
    app.session_state[f"page:{key}"].change(preset)
    app.run()
    assert not app.button(key="Undo").help
    app.button(key="Undo").click().run()
    assert scene_of(app, key) == start
    assert app.button(key="Undo").disabled
    app.button(key="Redo").click().run()
    assert scene_of(app, key) == preset
    assert app.button(key="Redo").disabled
    assert not app.exception


def test_while_the_hand_draws_it_can_take_up_something_else() -> None:
    app = opened("look-inside")
    state = app.session_state["page:look-inside"]
    state.change(state.scene.having("tool", "draw"))
    app.run()
    found = [*controls(app.main)]
    assert found[0] == "What the hand does on the image: draw, erase, restore, done"
    assert "Draw your own" not in found


def test_what_an_address_opens_with_is_no_change() -> None:
    app = opening.unfolded(opening.site(), "edit")
    app.query_params["w"] = "-1"
    app.run()
    assert app.button(key="Undo").disabled
    assert app.session_state["page:conv-block"].unfolded
    app.session_state["edit"] = False
    assert not app.run().session_state["page:conv-block"].unfolded, "the menu is shut"


def test_what_comes_with_a_choice_comes_with_it() -> None:
    """Choosing a bug also chooses an entry that it makes wrong."""
    app, page = opened("gradient-check", "edit"), PICTURE_PAGES["gradient-check"]
    start = scene_of(app, "gradient-check")
    (select,) = (each for each in page.controls(start) if each.field == "bug")
    scene, bug = next(
        (scene, bug)
        for scene in (start.having("entry", entry) for entry in start.entries)
        for bug in select.labels
        if select.then(scene.having("bug", bug)).entry != scene.entry
    )
    app.session_state["page:gradient-check"].change(scene)
    app.run()
    opening.widget(app.selectbox, "CheckScene:bug").set_value(bug).run()
    (note,) = [caption.value for caption in app.caption]
    assert "python -m engine.check" in note, "what checks a layer of one's own"
    assert scene_of(app, "gradient-check") == select.then(scene.having("bug", bug))


@pytest.mark.parametrize("key", SUBJECTS)
def test_what_nobody_sees_is_not_made(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    alone: list[str] = []
    monkeypatch.setattr(workbench, "_figure_alone", lambda page, *_: alone.append(page.key))
    app = opened(key)
    assert not {each.key for each in app.button} & {*HISTORY}
    assert not app.session_state[f"page:{key}"].unfolded
    # On these pages the text beside the figure changes too.
    assert alone == [key] * (key not in ("at-a-kink", "look-inside"))


def test_a_run_that_is_left_for_another_page_leaves_that_page_its_figure() -> None:
    app = opened("conv-2d")
    left = dict(app._fragment_storage._fragments)
    opening.turned_to(app, "conv-block").run()
    present = dict(app._fragment_storage._fragments)
    assert left
    assert present
    for name, figure in left.items():  # the other run registers it now, after this one
        app._fragment_storage.register(name, figure)
    assert {name: app._fragment_storage.lookup(name) for name in present} == present


@pytest.mark.parametrize(("key", "menu"), [("conv-2d", "digit:open"), ("stack", MENU)])
def test_in_a_menu_of_a_page_anything_may_follow_what_moves(key: str, menu: str) -> None:
    assert opened(key, menu).session_state[f"page:{key}"].unfolded


# --- the modes


@pytest.mark.parametrize("key", SUBJECTS)
def test_one_turns_from_mode_to_mode_and_begins_anew(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions: list[Any] = []  # with which slides are made, for each run

    def requests(*asked: Any) -> Any:
        questions.append(asked[-1])
        return SceneRequests(*asked)

    monkeypatch.setattr(workbench, "SceneRequests", requests)
    app = opened(key)
    found = [each for each in app.segmented_control if each.label == "Mode"]
    state = app.session_state[f"page:{key}"]
    if not found:
        assert (key, state.mode) in (("at-a-kink", "look"), ("learn", "look"))
        return
    # The key is this page's own, so that messages about another page's modes do not reach it.
    assert [each.key for each in found] == [f"{key}:mode"]
    assert found[0].value == "look"
    assert found[0].proto.required, "a click on the mode that one is in leaves it chosen"
    for option, attribute in (("predict", "exercise"), ("quiz", "quiz")):
        if option.capitalize() in found[0].options:
            opening.widget(app.segmented_control, f"{key}:mode").select(option).run()
            assert not app.exception
            assert_as_declared(app)
            state = app.session_state[f"page:{key}"]
            assert getattr(state, attribute) is not None
            about = state.quiz.questions[0] if state.quiz else None
            assert getattr(questions[-1], "text", None) == about
    opening.widget(app.segmented_control, f"{key}:mode").select("look").run()
    state = app.session_state[f"page:{key}"]
    assert (state.mode, state.exercise, state.quiz, state.hiding) == ("look", None, None, None)


def test_a_page_that_only_looks_offers_no_modes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "modes_of", lambda *_, **__: ["look"])
    assert "Mode" not in [each.label for each in opened("conv-block").segmented_control]


def besides(**changes: Any) -> Any:
    """The values on which everything on the conv block's page except its figure depends."""
    page = PICTURE_PAGES["conv-block"]
    state = PageState(blocked(), BLOCK.presets, changes.pop("scene", blocked()), narrow=False)
    for name, value in changes.items():
        setattr(state, name, value)
    return workbench._besides(page, state, Scene.settings)


def test_the_figure_alone_is_shown_anew_where_nothing_else_follows_what_is_moved() -> None:
    assert besides() == besides()
    assert besides(scene=blocked(w=0.25)) == besides(scene=blocked(w=0.5)), "no case"
    moved = [besides(scene=blocked(w=w), unfolded=True) for w in (0.25, 0.5)]
    assert moved[0] != moved[1], "a menu is open, in which anything may follow"


def test_another_network_has_another_picture_of_the_same_scene(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn: list[Any] = []
    monkeypatch.setattr(workbench, "on_screen", lambda subject, *_: drawn.append(subject))
    page, one, other = PICTURE_PAGES["look-inside"], InsideSubject(), InsideSubject()
    state: PageState[Any] = PageState(one.start, one.presets, one.start)
    for subject in (one, one, other):
        workbench._there(replace(page, subject=subject), state)
    assert drawn == [one, other]


def test_a_question_that_waits_is_part_of_what_the_page_depends_on() -> None:
    """Whether it waits, and, also to whoever moves its values away and back, that these are its."""
    said = ((0, Verdict(1, True, 1, (), blocked())),)
    waits, answered, moved = (
        besides(quiz=Quiz(("?",), verdicts=verdicts, there=there))
        for verdicts, there in (((), blocked()), (said, blocked()), (said, blocked(w=0.25)))
    )
    assert waits != answered != moved


def test_the_case_and_an_addresss_problems_are_part_of_what_the_page_depends_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = {key: scene for key, scene in BLOCK.presets.items() if scene.rule == "lab"}
    assert len({repr(besides(scene=scene)) for scene in settings.values()}) == len(settings) > 2
    before = besides()
    monkeypatch.setattr(type(blocked()), "address", lambda _: ({}, ["It is too long."]))
    assert besides() != before


CHANGES: dict[str, dict[str, Any]] = {
    "what is moved that stands around the figure": {"scene": blocked(rule="mlx")},
    "Undo": {"history": History(past=[blocked(w=1.0)])},
    "Redo": {"history": History(future=[blocked(w=1.0)])},
    "what one had oneself": {"own": blocked(w=1.0)},
    "a mode": {"mode": "predict"},
    "a phone": {"narrow": True},
    "another page": {"onward": "relu/one-at-zero"},
    "an address that could not be read": {"problems": ["w: needs a number"]},
}


@pytest.mark.parametrize("what", CHANGES)
def test_the_whole_page_is_shown_anew_with_what_stands_around_the_figure(what: str) -> None:
    assert besides(**CHANGES[what]) != besides()


def test_a_page_asks_about_the_scene_that_it_shows() -> None:
    """A stack of another preset has other questions than that with which the page opens."""
    app = opening.turned_to(opening.site(), "stack")
    app.query_params["preset"] = "residual"
    app.run()
    opening.widget(app.segmented_control, "stack:mode").select("quiz").run()
    page, state = PICTURE_PAGES["stack"], app.session_state["page:stack"]
    questions = [each.text for each in page.about(page.subject.presets["residual"]).questions]
    assert [*state.quiz.questions] == questions != [each.text for each in page.questions]


@pytest.mark.parametrize(("key", "mode"), [("conv-block", "predict"), ("look-inside", "quiz")])
def test_a_page_that_is_opened_in_a_mode_shows_that_mode(key: str, mode: str) -> None:
    app = opened(key)
    app.session_state[f"page:{key}"].reopened = {MODE: mode}
    app.run()
    assert opening.widget(app.segmented_control, f"{key}:mode").value == mode
    assert app.session_state[f"page:{key}"].asked_about is (mode == "quiz")


def test_a_quiz_that_is_over_has_set_up_nothing() -> None:
    said = ((0, Verdict(1, True, 1, (), blocked())),)
    state = PageState(blocked(), BLOCK.presets, blocked(), quiz=None)
    set_up = []
    for at in (0, 1):
        state.quiz = Quiz(("?",), verdicts=said, there=blocked(), at=at)
        set_up.append(workbench._is_set_up(state))
    assert set_up == [True, False]


def test_an_address_that_could_not_be_read_is_quoted_letter_by_letter() -> None:
    app = opening.site()
    app.query_params["w"] = "**two**"
    app.run()
    assert not app.exception
    assert any("**two**" in each.value for each in app.text)
    assert not any("**two**" in each.value for each in app.markdown)

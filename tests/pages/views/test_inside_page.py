"""The script of the page "Look inside", run without a browser."""

from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine.mnist import load
from engine.training import Network
from pages.derive.picture import Screen
from pages.figures.words import probability
from pages.inside.image_pass import plain_image, shipped_network, wrong_ones
from pages.inside.inside_scene import BLANK, PRESETS, START, InsideScene, questions_of
from pages.inside.inside_subject import INSIDE_SUBJECT
from pages.language.catalogue import say
from pages.registry import PAGES, titled
from pages.session.message import Message
from pages.state.digits import IMAGES
from pages.training.session import KEY, Place
from pages.training.settings import TrainingScene
from pages.training.training_run import Progress, TrainingRun
from tests.pages import opening
from tests.pages.opening import turned_to, unfolded
from tests.pages.training.records import record


@dataclass
class Trained:
    """A finished run."""

    progress: Progress

    def end(self) -> None:
        """Do nothing, as the run has ended."""


@pytest.fixture
def site() -> AppTest:
    return opening.site()


def opened(site: AppTest, **address: str) -> AppTest:
    turned_to(site, "look-inside")
    for name, text in address.items():
        site.query_params[name] = text
    site.run()
    assert not site.exception
    return site


def scene_of(page: AppTest) -> InsideScene:
    scene: InsideScene = page.session_state["page:look-inside"].scene
    return scene


def test_the_page_opens_with_a_mistake_without_evaluating_all_images(
    site: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.training.Evaluation.of", lambda *_: pytest.fail("evaluated"))
    assert scene_of(opened(site)) == START
    assert START.image == 2130


def test_a_bad_address_is_said_and_the_rest_is_taken(site: AppTest) -> None:
    page = opened(site, image="10000", painting="<i>", entry="a2.17,1,1", back="4", sgd="after")
    assert scene_of(page) == replace(START, back="4", sgd="after", entry="")
    said = [each.value for each in page.text[1:]]  # after the page's purpose
    assert len(said) == 3
    for name in ("image", "painting", "entry"):
        assert any(text.startswith(f"The address asked for {name} = ") for text in said)


def test_the_arrows_go_from_image_to_image_and_round_the_end(site: AppTest) -> None:
    page = opened(site, image="0", painting="CaCCoB", label="3")
    page.button(key="image:-1").click().run()
    assert scene_of(page) == replace(START, image=IMAGES - 1)
    page.button(key="image:1").click().run()
    page.button(key="image:1").click().run()
    assert scene_of(page) == replace(START, image=1)
    assert not page.exception


def test_what_a_drawing_shows_can_be_said_while_one_draws(site: AppTest) -> None:
    page = opening.unfolded(opened(site, image="blank", painting="CaCCoB", tool="draw"), "edit")
    labels = opening.widget(page.run().selectbox, "InsideScene:label")
    assert labels.options[0] == "none: what is predicted"
    labels.select("7").run()
    assert (scene_of(page).label, scene_of(page).tool) == ("7", "draw")
    assert not page.exception


@pytest.mark.parametrize(("by", "image"), [(1, 0), (-1, IMAGES - 1)])
def test_from_a_blank_sheet_one_goes_to_the_ends(site: AppTest, by: int, image: int) -> None:
    page = opened(unfolded(site, "image:open"), image="blank")
    assert scene_of(page).image == BLANK
    assert opening.widget(page.number_input, "image:number").value is None
    page.button(key=f"image:{by}").click().run()
    assert scene_of(page).image == image


def test_the_arrows_go_through_the_wrong_ones_by_confidence(site: AppTest) -> None:
    page = opened(site, image="61", only="wrong")
    passed = []
    for _ in range(3):
        page.button(key="image:1").click().run()
        passed.append(scene_of(page).image)
    assert tuple(passed) == wrong_ones(shipped_network())[:3], "the most confident errors first"
    page.button(key="image:-1").click().run()
    assert scene_of(page) == replace(START, image=passed[1], only="wrong")
    assert not page.exception


def test_the_next_image_of_a_digit(site: AppTest) -> None:
    page = opened(unfolded(site, "image:open"), image="8")
    page.button_group(key="image:next").select(7).run()
    # Of MNIST's first test images, 7 2 1 0 4 1 4 9 5 9 0 6 9 0 1 5 9 7, whatever is predicted.
    assert scene_of(page) == replace(START, image=17)
    assert not page.exception


def test_among_the_wrong_ones_a_digit_leads_to_its_own_wrong_ones(site: AppTest) -> None:
    page = opened(unfolded(site, "image:open"), image="17", only="wrong")
    labels, confidence = load().labels, []
    for _ in range(3):
        page.button_group(key="image:next").select(7).run()
        image = scene_of(page).image
        (likely,) = shipped_network().probabilities(plain_image(image)[None, None])
        assert labels[image] == 7 != likely.argmax()
        confidence.append(likely.max())
    assert confidence == sorted(confidence, reverse=True), "in the order of the buttons beside it"
    wrong = wrong_ones(shipped_network())
    following = wrong[wrong.index(image) + 1]
    page.button(key="image:1").click().run()
    assert scene_of(page).image == following
    assert labels[following] != 7, "there it goes on whatever the images show"
    assert not page.exception


def test_only_digits_with_wrong_ones_are_offered(
    site: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.views.inside_page.wrong_ones", lambda _: (17, 0, 1))  # 7, 7 and 2
    page = opened(unfolded(site, "image:open"), image="1", only="wrong")
    assert page.button_group(key="image:next").options == ["2", "7"]
    page.button_group(key="image:next").select(7).run()
    assert scene_of(page).image == 17
    monkeypatch.setattr("pages.views.inside_page.wrong_ones", lambda _: ())
    page.run()
    assert [each for each in page.button_group if each.key == "image:next"] == []
    page.button(key="image:1").click().run()
    assert scene_of(page).image == 17, "there is none to go to"
    monkeypatch.setattr("pages.views.inside_page.wrong_ones", lambda _: (17, 0, 1))
    for by, image in ((-1, 1), (1, 17)):
        page.button(key=f"image:{by}").click().run()
        assert scene_of(page).image == image, "after the last comes the first"
    assert not page.exception


def test_the_arrows_say_to_which_image_they_lead(site: AppTest) -> None:
    page = opened(site, image="0")
    assert page.button(key="image:-1").help == f"Test image {IMAGES - 1}"
    assert page.button(key="image:1").help == "Test image 1"
    page = opened(site, image="0", only="wrong")
    assert "the most confident error first" in page.button(key="image:1").help


@pytest.mark.parametrize(("image", "stays"), [(2130, True), (0, False)])
def test_switching_on_the_wrong_ones_alone_goes_to_one_unless_one_is_shown(
    site: AppTest, image: int, stays: bool
) -> None:
    page = opened(unfolded(site, "image:open"), image=str(image))
    opening.widget(page.toggle, "image:wrong").set_value(True).run()
    passed = INSIDE_SUBJECT.image_pass(scene_of(page))
    assert passed.answer != passed.label
    assert (scene_of(page).image == image) == stays
    state = page.session_state["page:look-inside"]
    state.undo()
    assert state.scene == replace(START, image=image), "one change, taken back at once"


def test_switching_off_the_wrong_ones_alone_shows_all_images_again(site: AppTest) -> None:
    page = opened(unfolded(site, "image:open"), image="2130", only="wrong")
    opening.widget(page.toggle, "image:wrong").set_value(False).run()
    assert scene_of(page) == replace(START, image=2130, only="all")


def test_a_drawing_is_wiped_and_centred_by_its_buttons(site: AppTest) -> None:
    page = opened(site, image="blank", painting="AABBo", tool="draw")
    page.button(key="image:centre").click().run()
    assert scene_of(page).painting == "NNBBo" or scene_of(page).painting == "OOBBo"
    assert page.button(key="image:centre").disabled
    page.button(key="image:undo drawing").click().run()
    assert scene_of(page) == replace(START, image=BLANK, tool="draw")
    assert page.button(key="image:undo drawing").disabled
    page = opened(site, image="61", painting="AABBo", tool="draw")
    assert page.button(key="image:centre").disabled, "an image lies as it lies"
    page = opened(site, image="61", painting="AABBo", label="3", tool="draw")
    page.button(key="image:undo drawing").click().run()
    assert scene_of(page) == replace(START, image=61, label="3", tool="draw"), "it is still a 3"
    page = opened(site, image="61", painting="AABBo", tool="look", entry="s3")
    page.button(key="image:draw").click().run()
    assert scene_of(page) == replace(START, image=BLANK, tool="draw", entry=""), "an empty sheet"


def test_what_is_drawn_after_a_button_was_made_is_centred_too(site: AppTest) -> None:
    page = opened(site, image="blank", painting="AABBo", tool="draw")
    page.session_state["page:look-inside"].scene = replace(scene_of(page), painting="AACBt")
    page.button(key="image:centre").click().run()
    assert scene_of(page).painting in ("NNCBt", "NOCBt")


def test_one_goes_on_drawing_on_an_image_over_what_is_drawn_already(site: AppTest) -> None:
    page = opened(unfolded(site, "image:open"), image="61", painting="AABBo")
    assert page.caption[0].value.endswith(say("inside.none_yet"))
    page.button(key="image:over").click().run()
    assert scene_of(page) == replace(START, image=61, painting="AABBo", tool="draw")


def test_the_selects_are_the_scenes(site: AppTest) -> None:
    page = opened(unfolded(site, "edit"))
    assert opening.widget(page.selectbox, "InsideScene:label").options[0] == "its own label"
    logits = [f"L = s{digit}" for digit in range(10)]
    assert opening.widget(page.selectbox, "InsideScene:back").options == ["L = the loss", *logits]
    for field, value in {"show": "reasons", "back": "9", "sgd": "before"}.items():
        opening.widget(page.selectbox, f"InsideScene:{field}").select(value).run()
        assert getattr(scene_of(page), field) == value
    opening.widget(page.radio, "look-inside:rule").set_value((1.0, "all")).run()
    page.session_state["page:look-inside"].change(replace(scene_of(page), tool="draw"))
    page.run()
    opening.widget(page.segmented_control, "image:tool").select("erase").run()
    assert scene_of(page) == replace(
        START, show="reasons", back="9", sgd="before", rule="lab", tool="erase"
    )
    opening.widget(page.segmented_control, "image:tool").set_value(None).run()
    assert scene_of(page).tool == "look", "none is chosen any more"
    assert not page.exception


def test_without_a_network_of_ones_own_the_shipped_one_is_shown(site: AppTest) -> None:
    page = opened(unfolded(site, "edit"), net="yours")
    assert scene_of(page).net == "yours"
    _, said = [each.value for each in page.text]
    assert said == (
        "There is no network of yours in this tab: train one on the page Train. "
        "Until then the built-in one is shown."
    )


def trained(site: AppTest, network: str, entry: str) -> AppTest:
    """The page with the network of a finished run of the same tab."""
    progress = replace(
        Progress.of(TrainingScene(network), "finished"),
        network=Network.new(network, 4),
        history=(record(1),),
    )
    site.session_state[KEY] = Place(cast(TrainingRun, Trained(progress)))
    return opened(unfolded(site, "edit"), net="yours", entry=entry)


def test_the_network_of_the_tabs_run_is_seen(site: AppTest) -> None:
    page = trained(site, "deeper", "p3.30,3,3")
    assert scene_of(page).entry == "p3.30,3,3"
    assert [each.value for each in page.text] == [PAGES["look-inside"].purpose]
    (drawn, scene, _), _ = page.session_state["page:look-inside"].last_shown
    assert drawn.network(scene).architecture.slug == "deeper"
    opening.widget(page.selectbox, "InsideScene:net").select("shipped").run()
    assert scene_of(page).entry == ""
    assert not page.exception


def test_a_tab_claims_its_run_only_where_it_has_none(
    site: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    claimed: list[str] = []
    monkeypatch.setattr("pages.views.inside_page.claim", claimed.append)
    page = trained(site, "linear", "")
    page.session_state["page:look-inside"].message = Message("1", act="claim", argument="token")
    assert not page.run().exception
    assert claimed == []
    del page.session_state[KEY]
    assert not page.run().exception
    assert claimed == ["token"]


def test_the_quiz_asks_about_the_network_that_is_shown(site: AppTest) -> None:
    # A network without a pool can answer the first question only.
    page = trained(site, "linear", "")
    opening.widget(page.segmented_control, "look-inside:mode").select("quiz").run()
    assert len(page.session_state["page:look-inside"].quiz.questions) == 1
    opening.widget(page.selectbox, "InsideScene:net").select("shipped").run()
    assert len(page.session_state["page:look-inside"].quiz.questions) == 5
    assert not page.exception


@pytest.mark.parametrize("slug", PRESETS)
def test_the_first_question_needs_nothing_but_what_is_on_the_screen(slug: str) -> None:
    scene = PRESETS[slug]
    first = next(questions_of(INSIDE_SUBJECT.trace(scene)))
    there = first.set_up(scene)
    passed = INSIDE_SUBJECT.image_pass(there)
    label = np.arange(10) == passed.label
    # By the probabilities shown and the right digit, as the reason says.
    assert first.answer(passed.trace) == np.count_nonzero(passed.probabilities - label > 0) == 9
    drawn = INSIDE_SUBJECT.picture(there, Screen(exercise=first.exercise)).figure["data"]
    texts = [text for each in drawn for text in each.get("text", ())]
    assert probability(float(passed.probabilities[passed.label])) in texts
    shown = INSIDE_SUBJECT.picture(there).figure["data"]
    answer = {text for each in shown for text in each.get("text", ()) if text[:1] in {*"+−"}}
    assert len(answer) > 1
    assert answer.isdisjoint(texts)


def test_a_case_keeps_the_network_and_the_rule_that_it_has_no_need_of(site: AppTest) -> None:
    progress = replace(
        Progress.of(TrainingScene(), "finished"),
        network=Network.new("cnn", 4),
        history=(record(1),),
    )
    site.session_state[KEY] = Place(cast(TrainingRun, Trained(progress)))
    unfolded(site, "image:open")
    page = opened(site, net="yours", rule="jax-max")
    assert page.caption[0].value.startswith("Your network: Two convolutions, after step ")

    def case(slug: str) -> InsideScene:
        page.menu_button("look-inside:case").click(slug).run()
        assert not page.exception
        # The case is named, although the network is the user's own.
        title = titled("look-inside", slug)
        assert page.menu_button("look-inside:case").label == f"Case: **{title}**"
        return scene_of(page)

    assert case("one-part-covered") == replace(
        PRESETS["one-part-covered"], net="yours", rule="jax-max"
    )
    # The select is still there while the user draws; a case that needs its own rule has it.
    assert case("why-zero") == replace(PRESETS["why-zero"], net="yours")
    assert case("a-mistake") == replace(START, rule=PRESETS["why-zero"].rule)


def test_what_somebody_has_drawn_outlasts_a_case_that_is_of_no_image() -> None:
    drawn = InsideScene(image=BLANK, painting="AABBo", tool="draw", label="7")
    there = drawn.into(PRESETS["why-zero"])
    assert there == replace(PRESETS["why-zero"], image=BLANK, painting="AABBo", label="7")
    assert drawn.into(PRESETS["a-mistake"]) == START
    other = InsideScene(image=61, rule="jax-max")  # no case of this page
    assert drawn.into(other) == replace(other, image=BLANK, painting="AABBo", label="7")
    assert drawn.into(PRESETS["a-drawing"]) == replace(PRESETS["a-drawing"], rule=START.rule)


def test_presets_are_of_this_page() -> None:
    labels = load().labels
    assert labels[START.image] == 4
    for slug, scene in PRESETS.items():
        assert InsideScene().updated(scene.query()) == (scene, []), slug

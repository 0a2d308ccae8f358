"""The widgets that the pages about images share."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from pages.explore.conv_2d_scene import Conv2DScene
from pages.views.conv_2d_page import OWN, _around
from tests.pages.opening import site, turned_to, unfolded, widget


def page() -> None:
    import streamlit as st

    from pages.views.digit_controls import folded

    def fill() -> None:
        st.text("which")

    st.session_state["told"] = folded("Digit", "digit", fill)


@pytest.mark.parametrize("unfolded", [False, True])
def test_what_is_folded_is_made_once_it_is_open_and_says_which(unfolded: bool) -> None:
    app = AppTest.from_function(page)
    app.session_state["digit:open"] = unfolded
    app.run()
    assert app.session_state["told"] is unfolded
    assert [each.value for each in app.text] == ["which"] * unfolded


@pytest.mark.parametrize(("key", "field"), [("look-inside", "image"), ("conv-2d", "digit")])
def test_the_first_image_has_the_number_0(key: str, field: str) -> None:
    page = unfolded(turned_to(site(), key), f"{field}:open")
    page.query_params[field] = "61"
    widget(page.run().number_input, f"{field}:number").set_value(0).run()
    assert not page.exception
    assert getattr(page.session_state[f"page:{key}"].scene, field) == 0


@pytest.mark.parametrize(
    ("address", "field", "seen"),
    [
        ({"digit": "61"}, "digit", [62, 61, 60]),
        # A minibatch, whose digits repeat in a cycle.
        ({"digit": "61", "digits": "2", "shown": "2"}, "shown", [1, 2, 1]),
    ],
)
def test_the_arrows_go_to_the_next_digit_and_back(
    address: dict[str, str], field: str, seen: list[int]
) -> None:
    page = turned_to(site(), "conv-2d")
    page.query_params.update(address)
    page.run()
    found = []
    for arrow in ("after", "before", "before"):
        page.button(key=arrow).click().run()
        found.append(getattr(page.session_state["page:conv-2d"].scene, field))
    assert found == seen


def test_the_menus_of_convolution_2_d_offer_every_digit_filter_and_size() -> None:
    page = turned_to(site(), "conv-2d")
    page.query_params.update({"digit": "0", "filters": "2"})
    state = page.run().session_state["page:conv-2d"]
    assert not state.unfolded
    assert page.button(key="before").help == "Test image 9999", "before the first comes the last"
    before = state.scene
    assert not widget(page.selectbox, "filter:kind").select(OWN).run().exception
    assert state.scene == before, "it has no numbers of its own"
    unfolded(page, "digit:open").run()
    assert state.unfolded, "so that the menu is drawn anew when a slider moves"
    unfolded(page, "edit").run()
    sizes = widget(page.selectbox, "Conv2DScene:digits").options
    assert sizes == ["one digit", *(f"{count} digits" for count in range(2, 9))]
    assert widget(page.selectbox, "Conv2DScene:filter").options == ["filter 1", "filter 2"]
    for wanted, image in ((1, 2), (1, 5), (0, 10)):  # of 7 2 1 0 4 1 4 9 5 9 0
        page.button_group(key="digit:next").select(wanted).run()
        assert state.scene.digit == image
    assert not page.exception


def test_around_the_figure_stands_the_filter_by_its_name_and_not_by_its_numbers() -> None:
    scene = Conv2DScene()
    own, other = (scene.moved("w1,1,1", weight) for weight in (0.25, 0.75))
    assert _around(scene) != _around(own) == _around(other)


@pytest.mark.parametrize(("mode", "offered"), [("look", True), ("predict", False)])
def test_a_digit_cannot_be_painted_while_predicting(mode: str, offered: bool) -> None:
    page = unfolded(turned_to(site(), "conv-2d"), "edit").run()
    looking = [each.label for each in page.selectbox]
    assert "What L is" in looking
    rows = [each.proto for each in page.get("bidi_component")]
    snaps = [json.loads(it.bytes) for it in rows if it.component_name == "button_row"]
    assert ["largest z", "tied z", "z = 0"] in [[*dict(each["buttons"])] for each in snaps]
    widget(page.button_group, "conv-2d:mode").set_value(mode).run()
    assert page.session_state["page:conv-2d"].mode == mode
    assert ("paint" in [each.key for each in page.toggle]) == offered
    assert [each.label for each in page.selectbox] == looking, "a prediction depends on each"
    assert not page.exception

"""The page of the minibatch, in the browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.live_page import LivePage


def test_a_share_follows_the_hand_and_the_sum_with_it(page: LivePage) -> None:
    page.visit("minibatch")
    assert "∂L/∂w = 1.5 + 0 + 2 = +3.5" in page.texts()
    page.wait_sweep("x2,2")
    page.hold_answers()
    page.hold("x2,2")
    for value, total in ((-1.0, "0 + 2 = +3.5"), (0.5, "0.5 + 2 = +4"), (3.0, "3 + 2 = +6.5")):
        page.move("x2,2", value)
        page.until(lambda total=total: f"∂L/∂w = 1.5 + {total}" in page.texts())  # type: ignore[misc]
    assert page.numbers()["share2"] == (2, 3)
    assert page.numbers()["w"] == (2, 6.5)
    page.release()
    swept = page.everything()
    page.release_answers()
    page.wait_address(x="1.5,-1,0.5,-1,3,-0.5,0.5,2,-1.5")
    assert page.everything() == swept
    assert page.explanation()[-1].endswith("= 1.5 + 3 + 2 = +6.5: 3 of 3 examples contribute.")


@pytest.mark.window(1280, 600)
def test_no_number_field_is_cut_by_the_pictures_edge(page: LivePage) -> None:
    page.visit("minibatch")
    tops = page.page.evaluate(
        """() => [".live-figure-box", "[data-testid=live-figure] .live-figure-number"].map((name) =>
          Math.min(...[...document.querySelectorAll(name)].map((each) =>
            each.getBoundingClientRect().top)))"""
    )
    assert tops[0] <= tops[1] < 200


def test_snap_click_predict_and_reveal(page: LivePage) -> None:
    page.visit("minibatch", preset="all-contribute")
    page.edit("shares cancel")
    page.wait_address(dz="1,1,-1.25")
    page.until(lambda: page.cells()["w"][-1] == "∂ 0: cancelled")
    page.cell("share3").click()
    page.wait_address(entry="share3")
    assert page.explanation()[0].startswith("∂L/∂w⁽³⁾ = −2.5: ")
    page.edit("one all negative")
    page.wait_address(x="1.5,-1,0.5,-1,-0.25,-0.5,0.5,2,-1.5")
    page.turn_to("Predict")
    page.button("Ask for all arrays").click()
    page.until(lambda: page.cells()["share2"][-1] == "no mark")
    assert not any(text.startswith("∂L/∂w =") for text in page.texts())
    for entry in ("w", "share1", "share2", "share3"):
        page.cell(entry).click()
        page.until(lambda entry=entry: page.cells()[entry][-1].endswith("≠ 0"))  # type: ignore[misc]
    page.button("Reveal").click()
    page.until(lambda: "✓ w: all right, 1 of 1 nonzero found." in page.told())
    cells = page.cells()
    assert {entry for entry, texts in cells.items() if entry[0] == "s" and "✗" in texts} == {
        "share2"
    }
    page.turn_to("Look")  # at what was marked wrongly
    page.until(lambda: page.explanation()[0].startswith("∂L/∂x₁‚₁ = +2: "))


def test_on_a_phone_a_finger_hits_what_is_asked_for_wherever_it_has_scrolled(
    phone: LivePage,
) -> None:
    phone.page.set_viewport_size({"width": 390, "height": 664})
    phone.visit("minibatch")
    phone.turn_to("Predict")
    expect(phone.task).to_be_visible()
    phone.page.locator(".live-figure-frame").evaluate("(it) => (it.scrollTop = it.scrollHeight)")
    w = phone.cell("w")
    hit = """(cell) => {
      const { left, right, top, bottom } = cell.getBoundingClientRect();
      return [top + 2, bottom - 2].every(
        (y) => document.elementFromPoint((left + right) / 2, y) === cell);
    }"""
    for further in (150, 200, 250):  # where the picture stays at the top
        phone.page.locator(".stMain").evaluate("(main, to) => (main.scrollTop = to)", further)
        assert w.evaluate(hit), further

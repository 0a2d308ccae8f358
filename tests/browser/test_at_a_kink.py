"""The page about kinks, in the browser."""

import re

from playwright.sync_api import expect

from engine import RULES
from tests.browser.live_page import LivePage, box_of
from tests.browser.test_layout import WIDER_THAN_ITS_PLACE, is_whole_on_paper


def said(page: LivePage) -> str:
    """The explanation of the picture, in one line."""
    return " ".join(page.explanation())


def slice_point(page: LivePage, value: float) -> tuple[float, float]:
    """The place on the screen at which the slice shows this value of the chosen entry."""
    box = box_of(page.page.locator(".live-figure-field"))
    return box["x"] + box["width"] * (value + 4) / 8, box["y"] + 80


def test_the_point_is_dragged_on_the_slice_itself_and_that_of_another_entry_has_its_slider(
    page: LivePage,
) -> None:
    page.visit("at_a_kink")
    assert said(page).startswith("A kink: ∂L/∂x₁ is 0 from the left and +1 from the right.")
    rules = page.page.locator(".st-key-rules tbody tr")
    lab = [
        "✖ Lab",
        "Lab",
        "the exercise this tool grew from",
        "1, 1, 0, 0, 0",
        "6",
        "no: outside at w",
        "no",
        "no",
    ]
    expect(rules.first.locator("td")).to_have_text(lab)
    before = box_of(page.slider("w"))
    page.cell("w").click()
    page.wait_address(entry="w", heights="-5,22.5")
    assert page.explanation()[0].startswith("No kink along w: ∂L/∂w = +3 from both sides")
    after = box_of(page.slider("w"))
    assert after["width"] > 2 * before["width"]
    assert after["x"] < before["x"] - 300
    page.wait_sweep("x2", page.slider("x2").focus)
    page.page.keyboard.press("ArrowLeft")
    page.wait_address(x="3,2.75,1,0,-1", entry="w")
    assert page.explanation()[0] == "No kink: ∂L/∂w = +3 from both sides."
    page.page.keyboard.press("ArrowRight")
    page.wait_address(x="3,3,1,0,-1")
    page.cell("x1").click()
    page.wait_address(entry="x1")
    page.page.mouse.move(*slice_point(page, 3))
    page.wait_sweep("x1", page.page.mouse.down)
    page.page.mouse.move(*slice_point(page, 2))
    page.until(lambda: page.explanation()[0] == "No kink: ∂L/∂x₁ = 0 from both sides.")
    assert page.address()["x"] == "3,3,1,0,-1", "the button is still down"
    page.page.mouse.move(*slice_point(page, 4))
    page.until(lambda: page.explanation()[0] == "No kink: ∂L/∂x₁ = +1 from both sides.")
    swept = page.everything()
    page.page.mouse.up()
    page.wait_address(x="4,3,1,0,-1", heights="2,7")
    expect(rules.filter(has_text="yes, the derivative")).to_have_count(len(RULES))
    assert page.everything() == swept, "the settled picture is the swept one"
    expect(page.slider("x1")).to_be_focused()


def test_a_state_is_brought_over_and_back_leads_to_its_page(page: LivePage) -> None:
    page.open(x="2,-1,2,0.5,0", w="1.5", rule="mlx", entry="x3")
    page.page.get_by_role("button", name="Edit").click()
    page.button("At a kink").click()
    expect(page.page).to_have_url(re.compile(r"/at_a_kink\?"))
    page.wait_address(of="conv-block", x="2,-1,2,0.5,0", w="1.5", rule="mlx", entry="x3")
    page.until(lambda: "∂L/∂x₃ is 0 from the left and +1.5 from the right" in said(page))
    page.page.go_back()
    expect(page.page).to_have_url(re.compile(rf"^{page.base}\?"))
    page.until(lambda: "a1" in page.cells())
    page.wait_address(x="2,-1,2,0.5,0", entry="x3")


def test_on_a_projector_and_on_paper_the_table_is_whole_and_on_a_phone_the_slice_comes_first(
    page: LivePage,
) -> None:
    page.page.set_viewport_size({"width": 1280, "height": 600})
    page.visit("at_a_kink")
    box = page.page.locator(".st-key-rules .stTable > div")
    beyond = "({ scrollWidth, clientWidth }) => scrollWidth - clientWidth"
    page.until(lambda: box.evaluate(beyond) == 0)
    page.page.set_viewport_size({"width": 718, "height": 1047})  # what margins leave of A4
    is_cut = "(table) => table.getBoundingClientRect().right > innerWidth"
    is_whole_on_paper(page, ".st-key-rules table", is_cut)
    page.page.set_viewport_size({"width": 390, "height": 844})
    title = page.page.locator(".js-plotly-plot text", has_text="alone moves")

    def fits() -> bool:
        box = box_of(title)
        return 0 < box["x"] < 390 - box["width"]

    page.until(fits)
    wide: list[str] = page.page.evaluate(WIDER_THAN_ITS_PLACE)
    assert [name for name in wide if "stMain" in name] == []
    row = box_of(page.page.locator(".st-key-rules tbody tr").first)
    assert row["height"] < 50, "a row of the table is one line"

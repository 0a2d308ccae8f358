"""The page of the 2D convolution, in the browser: heat maps, paint, the crop, predictions.

test_touch.py tests what a finger does on a heat map.
"""

from typing import Any

from playwright.sync_api import Locator, expect

from tests.browser.live_page import LivePage, box_of


def grid(page: LivePage, prefix: str, kind: str = "values") -> Locator:
    """The heat map of an array, of its values or of its gradients."""
    return page.page.get_by_role("grid", name=f"{prefix.removesuffix(',')}, {kind}", exact=True)


def click(page: LivePage, prefix: str, row: int, column: int, kind: str = "values") -> None:
    """Click a cell of a heat map with the mouse, near its lower right corner."""
    box = box_of(grid(page, prefix, kind))
    rows, columns = (
        int(grid(page, prefix, kind).get_attribute(f"aria-{name}count") or 0)
        for name in ("row", "col")
    )
    x = box["x"] + (column - 0.3) * box["width"] / columns
    y = box["y"] + (row - 0.3) * box["height"] / rows
    page.page.mouse.click(x, y)


def images(page: LivePage) -> list[Any]:
    """The heat maps as Plotly was given them."""
    return [trace["source"] for trace in page.data() if trace["type"] == "image"]


def said(page: LivePage, *lines: str) -> None:
    """Wait until the explanation begins with these lines."""
    page.until(lambda: page.explanation()[: len(lines)] == list(lines))


def test_a_map_is_walked_by_keyboard_and_a_click_explains_and_sends_back(page: LivePage) -> None:
    page.visit("conv_2d", preset="patch", entry="a1,2,2")
    maps = grid(page, "a1,")
    maps.focus()
    cursor = maps.get_by_role("gridcell")
    expect(cursor).to_have_attribute("aria-label", "a1,2,2 = 2, gradient 0")
    expect(cursor).to_have_attribute("aria-selected", "true")
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        page.page.keyboard.press(key)
    expect(cursor).to_have_attribute("aria-label", "a1,4,3 = 1.5, gradient +1")
    expect(cursor).to_be_visible()
    expect(page.page.locator(".live-figure-readout:visible")).to_have_text(
        "a₁‚₄‚₃ = 1.5, gradient +1"
    )
    page.page.keyboard.press("Enter")
    page.wait_address(entry="a1,4,3")
    expect(cursor).to_have_attribute("aria-selected", "true")
    for _ in range(9):
        page.page.keyboard.press("ArrowLeft")
    expect(cursor).to_have_attribute("data-entry", "a1,4,1")
    click(page, "x", 4, 4)
    page.wait_address(entry="x4,4", source="z1,2,2")
    stopped = (
        "the upstream gradient is multiplied by w₁‚₁‚₂ = 0; on its other 8 paths the upstream "
        "gradient is 0."
    )
    said(page, f"∂L/∂x₄‚₄ = 0: {stopped}")
    before = images(page)
    click(page, "z1,", 1, 1, "gradients")
    page.wait_address(entry="z1,1,1", source="z1,1,1")
    page.until(lambda: images(page) != before)
    said(page, "∂L/∂z₁‚₁‚₁ = +1: the upstream gradient, which is given.")
    assert page.explanation()[1].endswith("Its receptive field is 16 of x, 4 of a and 4 of h.")


def test_paint_is_put_on_and_taken_off_and_the_crop_is_a_choice(page: LivePage) -> None:
    page.visit("conv_2d", preset="patch", paint="on")
    plain = images(page)
    click(page, "x", 1, 1)
    page.until(lambda: len(page.address()["painted"]) == 3)
    click(page, "x", 2, 8)
    page.until(lambda: len(page.address()["painted"]) == 6)
    page.until(lambda: images(page) != plain)
    click(page, "x", 1, 1)
    page.until(lambda: len(page.address()["painted"]) == 3)
    with page.unfolded("Digit") as body:
        body.get_by_role("button", name="undo painting", exact=True).click()
        page.wait_address(painted="")
        page.until(lambda: images(page) == plain)
        body.get_by_label("How much of the digit", exact=True).click()
        page.page.get_by_role("option", name="28 × 28", exact=True).click()
        page.wait_address(crop="28")
    expect(page.slider("row")).to_have_count(0)


def test_a_number_of_a_filter_is_swept(page: LivePage) -> None:
    page.visit("conv_2d", preset="patch")
    page.wait_sweep("w1,2,2", page.slider("w2,2").hover)
    page.hold_answers()
    before = images(page)
    page.hold("w2,2")
    page.move("w2,2", 1.0, 2.0)
    page.until(lambda: page.value("w2,2") == 2 and images(page) != before)
    page.release()
    swept = page.everything()
    page.release_answers()
    page.until(lambda: page.address()["w"].split(",")[4] == "2")
    page.until(lambda: page.everything() == swept)


def test_a_crop_of_a_minibatch_is_moved_and_its_slider_that_is_gone_has_nothing_to_say(
    page: LivePage,
) -> None:
    page.visit("conv_2d", preset="minibatch", crop=8)
    expect(page.slider("row")).to_have_attribute("max", "21")
    click(page, "d", 20, 20)
    page.wait_address(row="16", column="16")
    page.until(lambda: page.value("row") == 16)
    first = images(page)
    page.button("▶").click()
    page.wait_address(shown="2")
    page.until(lambda: images(page) != first)
    assert any("image 62, 2 of 4: a 9" in text for text in page.texts())
    page.button("◀").click()
    page.wait_address(shown="1")
    page.until(lambda: images(page) == first)
    page.kept = True  # so that the whole digit is opened as Back does
    page.visit("conv_2d", crop=28, row=3)
    expect(page.slider("row")).to_have_count(0)
    page.slider("w2,2").press("End")
    page.until(lambda: page.address()["w"].split(",")[4] == "4")
    assert page.address()["row"] == "3"


def test_predict_on_a_few_cells_and_reveal(page: LivePage) -> None:
    page.visit("conv_2d", preset="digit")
    page.turn_to("Predict")
    page.wait_address(crop="8", source="z1,2,2")
    asked = "Mark every entry of x and w whose gradient will be nonzero: tap or click the cells."
    expect(page.task).to_contain_text(asked)
    page.button("Ask for all arrays").click()
    page.until(lambda: "any array" in page.told()[0])
    hidden = images(page)
    click(page, "h1,", 3, 3, "gradients")
    page.until(lambda: images(page) != hidden)
    label = grid(page, "h1,", "gradients").get_by_role("gridcell")
    expect(label).to_have_attribute("aria-label", "h1,3,3 = 3.5, marked as nonzero")
    page.button("Reveal").click()
    page.until(lambda: "✓" in page.texts())
    assert "✓ h: all right, 1 of 1 nonzero found." in page.told()
    assert page.explanation()[0].startswith("∂L/∂"), "why it is otherwise"
    click(page, "x", 4, 4)
    page.until(lambda: page.explanation()[0].startswith("∂L/∂x₄‚₄ = "))
    page.look_again()
    page.until(lambda: "✓" not in page.texts())

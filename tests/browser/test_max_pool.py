"""The page of the max pool, in the browser: its settings change which cells and sliders it has."""

from playwright.sync_api import expect

from tests.browser.live_page import LivePage
from tests.browser.test_layout import WIDER_THAN_ITS_PLACE


def gradients(page: LivePage) -> list[float | None]:
    """The entries of ∂L/∂h as they are drawn."""
    return [gradient for entry, (_, gradient) in page.numbers().items() if entry[0] == "h"]


def level(page: LivePage, slider: str, cell: str) -> bool:
    """Whether a slider is at the height of its cell."""
    one, other = page.slider(slider).bounding_box(), page.cell(cell).bounding_box()
    assert one
    assert other
    return abs(one["y"] + one["height"] / 2 - other["y"] - other["height"] / 2) < 2


def test_a_setting_brings_its_cells_and_sliders(page: LivePage) -> None:
    page.visit("max_pool", rule="pytorch-max-pool", size=3, padding=2)
    expect(page.slider("dz7")).to_be_visible()
    assert all(level(page, f"dz{i}", f"z{i}") for i in range(1, 8))
    assert all(level(page, f"h{i}", f"h{i}") for i in range(1, 6))
    page.until(lambda: gradients(page) == [3, 1, 0, 2, 1])
    with page.unfolded("Edit") as body:
        for option, state in (
            ("size 2", {"size": "2", "padding": "1"}),
            ("one window", {"size": "whole"}),
        ):
            body.get_by_label("Size of a window", exact=True).click()
            page.page.get_by_role("option", name=option, exact=True).click()
            page.wait_address(**state)
            if option == "size 2":
                said = page.page.get_by_text("A window of 2 with a padding of 2 might see padding")
                expect(said).to_be_visible()
                expect(page.slider("dz7")).to_have_count(0)
                expect(page.slider("dz6")).to_be_visible()
    expect(page.slider("dz")).to_be_visible()
    assert level(page, "dz", "z")
    page.until(lambda: gradients(page) == [1, 0, 0, 0, 0])


# The fields for text or a choice with letters smaller than 16 px, into which a phone zooms.
SMALL_FIELDS = """() => {
  const fields = document.querySelectorAll(
    "input:not([type=range], [type=radio], [type=checkbox], [type=file]), select, textarea");
  return [...fields].filter((field) => parseFloat(getComputedStyle(field).fontSize) < 16)
    .map((field) => field.outerHTML);
}"""


def test_on_a_narrow_screen_the_picture_alone_scrolls_and_the_sliders_follow_their_settings(
    page: LivePage,
) -> None:
    page.page.set_viewport_size({"width": 390, "height": 844})
    page.visit("max_pool")
    page.button("All sliders").click()
    expect(page.slider("dz4")).to_be_visible()
    assert set(page.page.evaluate(WIDER_THAN_ITS_PLACE)) <= {"live-figure-box"}
    with page.unfolded("Edit") as body:
        stride = body.get_by_label("From one window to the next", exact=True)
        assert page.page.evaluate(SMALL_FIELDS) == []
        stride.click()
        page.page.get_by_role("option", name="stride 3", exact=True).click()
        page.wait_address(stride="3")
    expect(page.slider("dz2")).to_be_visible()
    expect(page.slider("dz3")).to_have_count(0)
    page.slider("h3").focus()
    page.page.keyboard.press("Home")
    page.wait_address(h="3,3,-4,3,3")

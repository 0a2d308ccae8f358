"""The page of the max pool, in the browser: its settings change what there is to see and move."""

from playwright.sync_api import expect

from tests.browser.live_page import LivePage


def gradients(page: LivePage) -> list[float | None]:
    """∂L/∂h as it is drawn."""
    return [gradient for entry, (_, gradient) in page.numbers().items() if entry[0] == "h"]


def level(page: LivePage, slider: str, cell: str) -> bool:
    """Whether a slider stands beside its cell."""
    one, other = page.slider(slider).bounding_box(), page.cell(cell).bounding_box()
    assert one
    assert other
    return abs(one["y"] + one["height"] / 2 - other["y"] - other["height"] / 2) < 2


def test_a_setting_brings_its_cells_and_sliders(page: LivePage) -> None:
    page.visit("max_pool", rule="pytorch-max-pool", size=3)
    expect(page.slider("dz4")).to_have_count(0)
    page.choose("Padding at either end", "padding 2")
    page.wait_address(padding="2")
    expect(page.slider("dz7")).to_be_visible()
    assert all(level(page, f"dz{i}", f"z{i}") for i in range(1, 8))
    assert all(level(page, f"h{i}", f"h{i}") for i in range(1, 6))
    page.until(lambda: gradients(page) == [3, 1, 0, 2, 1])
    page.choose("Size of a window", "size 2")
    page.wait_address(size="2", padding="1")
    said = page.page.get_by_text("A window of 2 with a padding of 2 might see padding alone")
    expect(said).to_be_visible()
    expect(page.slider("dz7")).to_have_count(0)
    page.choose("Size of a window", "one window")
    page.wait_address(size="whole")
    assert level(page, "dz", "z")
    page.until(lambda: gradients(page) == [1, 0, 0, 0, 0])


def test_a_slider_that_a_setting_brought_is_swept(page: LivePage) -> None:
    page.visit("max_pool", preset="two-gradients")
    page.choose("From one window to the next", "stride 1")
    page.wait_address(stride="1")
    page.wait_sweep("dz3")
    page.hold_answers()
    page.hold("dz3")
    for value in (0.5, -1.0, -2.0):
        page.move("dz3", value)
        page.until(lambda value=value: gradients(page) == [0, 0, 2 + value, 0, 0])  # type: ignore[misc]
    page.release()
    swept = page.everything()
    page.release_answers()
    page.wait_address(dz="1,1,-2,1,1,1,1")
    assert page.everything() == swept
    assert (
        page.explanation()[0]
        == "∂L/∂h₃ = 0: the contributions cancel: 1 · 1 + 1 · 1 + 1 · (−2) = 0."
    )


def test_on_a_narrow_screen_the_sliders_follow_their_settings(page: LivePage) -> None:
    page.page.set_viewport_size({"width": 390, "height": 844})
    page.visit("max_pool")
    page.button("All sliders").click()
    expect(page.slider("dz4")).to_be_visible()
    page.choose("From one window to the next", "stride 3")
    page.wait_address(stride="3")
    expect(page.slider("dz2")).to_be_visible()
    expect(page.slider("dz3")).to_have_count(0)
    page.slider("h3").focus()
    page.page.keyboard.press("Home")
    page.wait_address(h="3,3,-4,3,3")

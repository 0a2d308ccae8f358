"""The page of the one-dimensional convolution, in the browser."""

from playwright.sync_api import expect

from tests.browser.live_page import LivePage


def test_other_filters_bring_their_cells_and_sliders(page: LivePage) -> None:
    page.visit("conv_1d", entry="w2")
    page.choose("Filters", "a set of vector filters")
    page.wait_address(filters="vectors", entry="w1,2")
    expect(page.slider("w2")).to_have_count(0)
    page.choose("Padding", "padding 2")
    page.wait_address(padding="2")
    page.until(lambda: "a2,7" in page.cells())
    for i in range(1, 6):
        one, other = page.slider(f"x{i}").bounding_box(), page.cell(f"x{i}").bounding_box()
        assert one
        assert other
        assert abs(one["y"] + one["height"] / 2 - other["y"] - other["height"] / 2) < 2
    page.cell("a2,7").click()
    expect(page.slider("da2,7")).to_be_visible()
    page.wait_address(entry="a2,7")
    page.hold("da2,7")
    page.move("da2,7", 0, -2)
    page.release()
    page.wait_address(da="1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,-2,1,1")
    page.until(lambda: page.numbers()["a2,7"] == (-0.5, -2))
    assert page.explanation()[0] == "∂L/∂a₂‚₇ = −2: the upstream gradient, which is given."


def test_marks_are_judged_and_what_was_marked_wrongly_is_looked_at(page: LivePage) -> None:
    page.visit("conv_1d", preset="cancelled", w="0,0,0,0.5,1.5,-1")
    page.turn_to("Predict")
    page.until(lambda: page.numbers()["x3"] == (3, None))
    assert not any("da" in text and "=" in text for text in page.texts())
    for entry in ("w1", "w2", "x1"):
        page.cell(entry).click()
        page.until(lambda entry=entry: page.cells()[entry][-1].endswith("≠ 0"))  # type: ignore[misc]
    page.button("Reveal").click()
    page.until(
        lambda: (
            page.told()[:2]
            == [
                "✗ x: 1 false alarm (0 of 0 nonzero found).",
                "✗ w: 1 missed (2 of 3 nonzero found).",
            ]
        )
    )
    page.turn_to("Look")  # at what was marked wrongly
    page.until(lambda: page.explanation()[0].startswith("∂L/∂x₁ = 0"))
    page.until(lambda: not any("✓" in texts for texts in page.cells().values()))

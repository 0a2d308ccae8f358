"""The page of the one-dimensional convolution, in the browser."""

from playwright.sync_api import expect

from tests.browser.live_page import LivePage
from tests.pages.lab import Numbers


def with_w2(w2: float) -> Numbers:
    """Value and gradient of every entry at x = (1, −2, 3, 0.5, −1), w = (1, w2, 2), on paper."""
    dx = (1, w2 + 1, 3 + w2, 2 + w2, 2)
    numbers: dict[str, tuple[float, float]] = {
        f"x{i}": pair for i, pair in enumerate(zip((1, -2, 3, 0.5, -1), dx, strict=True), 1)
    }
    numbers |= {"w1": (1, 2), "w2": (w2, 1.5), "w3": (2, 2.5)}
    return numbers | {"a1": (7 - 2 * w2, 1), "a2": (-1 + 3 * w2, 1), "a3": (1 + 0.5 * w2, 1)}


def test_the_contributions_follow_the_hand(page: LivePage) -> None:
    page.visit("conv_1d")
    assert page.numbers() == with_w2(-0.5)
    page.wait_sweep("w2")
    page.hold_answers()
    page.hold("w2")
    for w2 in (0.0, -3.0, 1.5):
        page.move("w2", w2)
        page.wait_numbers(with_w2(w2))
    page.until(lambda: "w₂ · ∂L/∂a₂ = +1.5" in page.texts())
    assert page.explanation()[1].endswith("= 2 · 1 + 1.5 · 1 + 1 · 1 = +4.5")
    page.release()
    swept = page.everything()
    page.release_answers()
    page.wait_address(w="1,1.5,2,0.5,1.5,-1")
    assert page.everything() == swept


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
    page.choose("Stride", "stride 3")
    page.wait_address(stride="3", entry="a2,3")
    expect(page.slider("da2,7")).to_have_count(0)


def test_snap_click_predict_and_reveal(page: LivePage) -> None:
    page.visit("conv_1d", preset="cancelled", entry="a1")
    page.cell("x3").click()
    page.wait_address(entry="x3")
    assert page.explanation()[0] == "∂L/∂x₃ = 0: the contributions cancel: 1 · 1 + (−1) · 1 = 0."
    assert page.explanation()[-1] == (
        "x₃ influences 2 entries of a: a₁, a₃. In a₂ it is multiplied by w₂ = 0."
    )
    page.edit("w = 0")
    page.wait_address(w="0,0,0,0.5,1.5,-1")
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

"""The page of the one-dimensional convolution, in the browser."""

from tests.browser.live_page import LivePage


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

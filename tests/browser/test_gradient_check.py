"""The page of the gradient check, in the browser: a tie and a step size during a drag."""

from tests.browser.live_page import LivePage, box_of


def said(page: LivePage, words: str) -> bool:
    """Whether some text of the picture has these words."""
    texts = [*page.texts(), *(text for cell in page.cells().values() for text in cell)]
    return any(words in text for text in texts)


def numbers(page: LivePage, entry: str) -> list[str]:
    """Value, analytic and numeric gradient, and their difference, as drawn for an entry."""
    return page.cells()[entry][1:5]


def test_a_tie_under_the_hand_is_a_kink(page: LivePage) -> None:
    page.visit("gradient_check", layer="conv-block", x="1.5,-1,3,0.5,-2", w=2)
    assert said(page, "x: PASSED, norm of the difference ")
    assert numbers(page, "x3")[:3] == ["3", "+2", "+2"]

    page.wait_sweep("x1")
    page.hold_answers()  # what is drawn now comes from the sweep
    page.hold("x1")
    page.move("x1", 2.5, 3)
    page.until(lambda: said(page, "x: KINK, norm of the difference 1.414"))
    assert numbers(page, "x1") == ["3", "+2", "+1", "1"]
    assert said(page, "◆ in [0, 2]")
    page.release()
    page.release_answers()
    page.wait_address(x="3,-1,3,0.5,-2")


def test_the_step_is_dragged_along_the_curve(page: LivePage) -> None:
    page.visit("gradient_check", preset="step-size")
    page.wait_sweep("eps")
    page.hold_answers()
    page.hold("eps")
    page.move("eps", -4, -2)
    page.until(lambda: page.typed("eps").input_value() == "1e-2" and said(page, "float64 8e−7"))
    assert numbers(page, "s1,1")[2] == "−0.3844"  # the table follows in the same frame
    page.release()
    page.release_answers()
    page.wait_address(eps="1e-2")
    assert page.typed("eps").input_value() == "1e-2"

    curve = box_of(page.page.locator(".live-figure-field"))
    page.page.mouse.move(curve["x"] + curve["width"] * 7 / 12, curve["y"] + 60)
    page.page.mouse.down()
    page.until(lambda: page.typed("eps").input_value() == "1e-6")
    page.page.mouse.up()
    page.wait_address(eps="1e-6")

    page.typed("eps").fill("3e-5")
    page.typed("eps").press("Enter")
    page.until(lambda: page.address()["eps"].startswith("1e-4.5"))
    assert page.typed("eps").input_value() == "3e-5"
    assert float(page.address()["eps"].removeprefix("1e")) < -4

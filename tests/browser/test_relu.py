"""The page of the ReLU, in the browser: the curve follows the hand."""

from collections.abc import Sequence

from tests.browser.live_page import LivePage
from tests.pages.lab import Numbers

A = (1.5, -1.0, 0.0, 3.0, -2.5)
DH = (1.0, 2.0, 1.0, -1.5, -1.0)


def relu(a: Sequence[float], dh: Sequence[float], at_zero: float = 1.0) -> Numbers:
    """Value and gradient of every entry, on paper."""
    slopes = [1.0 if each > 0 else at_zero if each == 0 else 0.0 for each in a]
    numbers: dict[str, tuple[float | None, float | None]] = {}
    for i, (each, slope, arriving) in enumerate(zip(a, slopes, dh, strict=True), 1):
        numbers[f"a{i}"] = (each, slope * arriving + 0.0)
        numbers[f"h{i}"] = (max(0.0, each), arriving)
    return numbers


def circles(page: LivePage) -> list[Sequence[float]]:
    """The points of the entries, (x, y), on the curve."""
    points = next(
        trace
        for trace in page.data()
        if trace.get("marker", {}).get("symbol") == "circle" and len(trace["x"]) == len(A)
    )
    return list(zip(points["x"], points["y"], strict=True))


def test_the_points_go_round_the_bend_while_the_button_is_down(page: LivePage) -> None:
    page.visit("relu")
    assert page.numbers() == relu(A, DH)
    page.wait_sweep("a1")
    page.hold_answers()
    page.hold("a1")
    beside = circles(page)[2]  # a3 sits at the kink
    for value in (0.5, 0.0, -1.0, 2.0):
        page.move("a1", value)
        page.wait_numbers(relu((value, *A[1:]), DH))
        x, y = circles(page)[0]
        assert y == beside[1] - max(0.0, x - beside[0])  # a slope of 1 is one of 45 degrees
    page.release()
    swept = page.everything()
    page.release_answers()
    page.wait_address(a="2,-1,0,3,-2.5")
    page.until(lambda: page.everything() == swept)


def test_what_is_sent_back_is_moved_too(page: LivePage) -> None:
    page.visit("relu", entry="a4", rule="mlx")
    page.hold("dh4")
    page.move("dh4", 0, 2)
    page.release()
    page.wait_address(dh="1,2,1,2,-1")
    page.wait_numbers(relu(A, (1, 2, 1, 2, -1), 0.0))
    assert page.explanation()[0] == "∂L/∂a₄ = +2: ∂L/∂h₄ = +2, its ReLU is active (1)."


def test_snap_click_predict_and_reveal(page: LivePage) -> None:
    page.visit("relu")
    page.edit("all at zero")
    page.wait_address(a="0,0,0,0,0")
    page.choose_rule("slope 0 at 0")
    page.wait_address(rule="pytorch-max-pool")
    page.cell("a2").click()
    page.wait_address(entry="a2")
    assert page.explanation()[0].startswith("∂L/∂a₂ = 0: a₂ = 0 is the ReLU's kink")
    page.turn_to("Predict")
    page.until(lambda: page.numbers()["a1"] == (0, None))
    page.cell("a1").click()
    page.until(lambda: page.cells()["a1"][-1] == "your mark: ≠ 0")
    page.button("Reveal").click()
    page.until(lambda: page.told()[0] == "✗ a: 1 false alarm (0 of 0 nonzero found).")
    assert page.explanation()[0].startswith("∂L/∂a₁ = 0: a₁ = 0 is the ReLU's kink")
    page.turn_to("Look")
    page.until(lambda: not any("✓" in texts for texts in page.cells().values()))
    assert page.numbers() == relu((0,) * 5, DH, 0.0)

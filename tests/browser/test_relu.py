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

"""A chosen cell is explained by formula, numbers and reason; other rules give other gradients."""

from playwright.sync_api import expect

from tests.browser.live_page import LivePage
from tests.pages.lab import OPENED_WITH, lab


def test_a_click_and_the_keys_explain_and_what_is_heard_is_what_is_drawn(page: LivePage) -> None:
    page.open(entry="x3")
    *_, decides, loss = page.explanation()
    assert decides.startswith("The rule decides here: +2 in the lab")
    assert loss == "Here L = z."
    expect(page.cell("x2")).to_have_attribute("aria-label", "x2 = −1, gradient 0, → not max")
    page.cell("x2").click()
    page.wait_address(entry="x2")
    reason, *more = page.explanation()
    assert reason == "∂L/∂x₂ = 0: h₂ = 0 is not the maximum; its ReLU is inactive too (a₂ = −2)."
    assert not any("rule decides" in line for line in more)
    page.page.keyboard.press("ArrowRight")
    page.page.keyboard.press("ArrowDown")
    expect(page.cell("a3")).to_be_focused()
    page.page.keyboard.press("Enter")
    page.wait_address(entry="a3")
    expect(page.cell("a3")).to_have_attribute("aria-pressed", "true")
    assert page.explanation()[0].startswith("∂L/∂a₃ = +1: ")
    page.drag("x2", 2)
    expect(page.cell("x2")).to_have_attribute("aria-label", "x2 = 2, gradient +2")


def test_another_rule_moves_the_backward_pass_alone(page: LivePage) -> None:
    page.open(entry="x3")
    page.choose_rule("slope 0 at 0, ties: the first")
    page.wait_address(rule="pytorch-max-pool")
    before = lab(*OPENED_WITH)
    after = page.numbers()
    assert {entry: value for entry, (value, _) in after.items()} == {
        entry: value for entry, (value, _) in before.items()
    }
    # Only x₁, the first of the tied x₁ and x₃, gets a gradient: dw = x₁.
    changed = {entry: gradient for entry, (_, gradient) in after.items() if after != before}
    assert {entry: changed[entry] for entry in ("x1", "x3", "a3", "h3", "w")} == {
        "x1": 2,
        "x3": 0,
        "a3": 0,
        "h3": 0,
        "w": 1.5,
    }
    assert page.explanation()[0].startswith(
        "∂L/∂x₃ = 0: h₃ = 3 ties for the maximum, but this rule"
    )

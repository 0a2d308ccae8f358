"""Quiz, Undo and Help in the browser; a question and its verdict stay beside the picture."""

from playwright.sync_api import expect

from tests.browser.live_page import LivePage
from tests.pages.lab import OPENED_WITH, lab

SEEN = """(box) => {
  const [outer, inner] = [box, box.querySelector(".live-figure-task")].map((each) =>
    each.getBoundingClientRect()
  );
  const { scrollHeight, clientHeight, dataset } = box;
  return {
    whole: outer.top <= inner.top && inner.bottom <= Math.min(outer.bottom, innerHeight),
    over: scrollHeight > clientHeight + 2,
    more: dataset.more === "true",
    fades: getComputedStyle(box).maskImage !== "none",
  };
}"""


def verdict(page: LivePage) -> dict[str, bool]:
    """Answer a question wrongly; return how its verdict fits in beside the picture, as in SEEN."""
    page.task.get_by_label("Your answer").fill("9999")
    page.task.get_by_role("button", name="Check").click()
    expect(page.task.locator("[data-mark=wrong]")).to_be_visible()
    seen: dict[str, bool] = page.page.locator(".live-figure-side").evaluate(SEEN)
    assert seen["whole"]
    assert seen["over"] == seen["more"] == seen["fades"]
    return seen


def test_a_verdict_stays_and_is_whole_and_takes_the_room_that_is_there(page: LivePage) -> None:
    page.page.set_viewport_size({"width": 1280, "height": 600})
    page.visit("", rule="pytorch-max-pool")  # which the second question names
    page.turn_to("Quiz")
    heading = page.task.get_by_role("heading")
    side = page.page.locator(".live-figure-side")
    expect(heading).to_contain_text("Question 1 of")
    page.wait_address(x="1.5,-1,1,0.5,0")
    assert page.told() == ["The maximum is unique. How many entries of ∂L/∂x are nonzero?"]
    assert not any("nonzero" in text for text in page.texts())
    for control in (page.slider("x3"), page.typed("x3")):
        expect(control).to_be_disabled()
    expect(page.page.get_by_title("The question is about these values.")).not_to_have_count(0)
    for key in ("1", "Enter"):  # typed right after the quiz was chosen, into no field
        page.page.keyboard.press(key)
    page.until(lambda: page.told()[1:2] == ["✓ Right: 1."])
    given = page.told()
    page.until(lambda: "1 of 5 nonzero" in page.texts())
    page.drag("x3", 3)
    assert page.told() == given
    page.button("Next question").click()
    expect(heading).to_contain_text("Question 2 of")  # the one with the longest text
    assert verdict(page)["over"], "what stands beneath it makes room, and fades out"
    assert page.told()[1] == "✗ You said 9999; it is 1."
    page.page.set_viewport_size({"width": 1366, "height": 768})
    page.until(lambda: side.evaluate(SEEN)["whole"] and not side.evaluate(SEEN)["over"])
    page.look_again()


def test_what_was_done_is_undone_and_redone_by_keys(page: LivePage) -> None:
    page.open()
    press = page.page.keyboard.press
    page.hold_answers()  # so that no movement can be reported before the next one begins
    for name, value in (("x1", 3), ("x1", 2), ("w", -1)):
        page.hold(name)
        page.move(name, value)
        page.release()
    page.release_answers()
    page.wait_settled()
    for x, w in (("2", "2"), ("3", "2"), ("1.5", "2")):
        press("Control+z")
        page.wait_address(x=f"{x},-1,1.5,0.5,0", w=w)
    page.wait_numbers(lab(*OPENED_WITH))
    press("Control+Shift+Z")
    page.wait_address(x="3,-1,1.5,0.5,0", w="2")
    press("Control+y")
    page.wait_address(x="2,-1,1.5,0.5,0", w="2")
    typed = page.typed("x1")
    typed.fill("3")
    typed.press("Control+z")  # is left to the field
    assert page.address()["x"] == "2,-1,1.5,0.5,0"
    typed.fill("3")
    typed.press("Enter")
    page.wait_address(x="3,-1,1.5,0.5,0")
    typed.press("Control+z")  # after Enter the key is the page's
    page.wait_address(x="2,-1,1.5,0.5,0")
    assert typed.input_value() == "2"


def test_help_is_the_article_over_everything(page: LivePage) -> None:
    page.open()
    page.page.set_viewport_size({"width": 390, "height": 664})  # it is longer than the screen
    page.page.get_by_role("button", name="Help").click()
    dialog = page.page.get_by_role("dialog", name="The conv block")
    expect(dialog).to_contain_text("Upstream gradient")
    expect(dialog).to_contain_text("Undo under Edit, or Ctrl+Z, takes any change back")
    expect(dialog).to_contain_text("Which inputs get a gradient")
    beneath = page.page.locator(".live-figure > .live-figure-legend li").all_inner_texts()
    assert dialog.locator(".live-figure-legend li").all_inner_texts() == beneath != []
    expect(dialog.get_by_role("heading", name="The conv block")).to_be_in_viewport(ratio=1)
    expect(dialog.get_by_role("button", name="Close")).to_be_in_viewport(ratio=1)
    assert dialog.evaluate("(it) => it.scrollTop") == 0
    dialog.get_by_role("heading", name="The conv block").click()
    expect(dialog).to_be_visible()
    page.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.page.get_by_role("button", name="Help").click()
    page.page.mouse.click(3, 3)  # beside it
    expect(dialog).to_be_hidden()

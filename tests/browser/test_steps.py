"""The step-through: with buttons and with keys, forward and then backward."""

from playwright.sync_api import expect

from tests.browser.live_page import LivePage, box_of
from tests.pages.lab import OPENED_WITH, Numbers, lab

LAST = 6
VALUE_FROM = {"x": 0, "w": 0, "a": 1, "h": 2, "z": 3}
GRADIENT_FROM = {"z": 4, "h": 4, "a": 5, "x": 6, "w": 6}
"""Letter -> the step from which on its values, or its gradients, are known."""

# From now on playing goes on when `beat` is called, and not by the clock.
BEATS = """() => {
  const { setInterval, clearInterval } = window;
  const BEAT = 3000;
  window.beat = null;
  window.setInterval = (act, pause, ...given) => {
    if (pause !== BEAT) return setInterval(act, pause, ...given);
    window.beat = act;
    return -1;
  };
  window.clearInterval = (timer) => {
    if (timer === -1) window.beat = null;
    else clearInterval(timer);
  };
  window.keepTime = () => Object.assign(window, { setInterval, clearInterval });
}"""


def at_step(step: int) -> Numbers:
    return {
        entry: (
            value if step >= VALUE_FROM[entry[0]] else None,
            gradient if step >= GRADIENT_FROM[entry[0]] else None,
        )
        for entry, (value, gradient) in lab(*OPENED_WITH).items()
    }


def test_back_and_forth_by_keys_and_buttons(page: LivePage) -> None:
    back, on = page.button("◀ Step"), page.button("Step ▶")
    page.open()
    expect(on).to_be_disabled()
    for step in range(LAST - 1, -1, -1):
        page.page.keyboard.press("b")
        page.wait_numbers(at_step(step))
    expect(back).to_be_disabled()
    page.cell("x2").focus()
    page.page.keyboard.press("n")
    page.wait_numbers(at_step(1))
    # What is not computed yet does not look like zero.
    hatched = page.page.locator(".js-plotly-plot .bars path[style*='fill: url']")
    nothing = [entry for entry, (value, _) in at_step(1).items() if value is None]
    assert hatched.count() == len(nothing)
    assert {page.cells()[entry][-1] for entry in ("x1", "x2", "w", "a5")} == {"∂ not yet"}
    for step in (2, 3):
        on.click()
        page.wait_numbers(at_step(step))
    for _ in range(LAST - 3):  # faster than the server answers
        on.click()
    page.wait_numbers(at_step(LAST))
    expect(hatched).to_have_count(0)
    assert page.cells()["x2"][-1] == "∂ 0 → not max"
    back.click()
    page.wait_address(step=LAST - 1)
    page.typed("x1").press("b")  # a letter that is typed into a field does not step
    page.page.keyboard.press("Tab")
    page.page.keyboard.press("n")
    page.wait_address(step=LAST)


def test_on_a_phone_the_row_stays_under_the_thumb(phone: LivePage) -> None:
    phone.page.set_viewport_size({"width": 390, "height": 664})
    phone.open()
    expect(phone.button("⇤ Start")).to_be_hidden()
    phone.turn_to("Step")
    phone.wait_numbers(at_step(0))
    expect(phone.slider("x1")).to_be_hidden()
    expect(phone.page.locator(".st-key-toolbar .st-key-rule")).to_be_in_viewport(ratio=1)
    on, said = phone.button("Step ▶"), phone.page.locator(".live-figure-said")
    box = box_of(on)
    tabs = box_of(phone.page.locator(".st-key-modes"))
    assert tabs["y"] - 8 <= box["y"] + box["height"] <= tabs["y"], "right above the tabs"
    for step in range(1, LAST + 1):
        phone.page.touchscreen.tap(box["x"] + 9, box["y"] + 9)
        phone.wait_numbers(at_step(step))
        expect(said).to_be_in_viewport(ratio=1)
        assert on.bounding_box() == box
    expect(phone.button("⇤ Start")).to_be_visible()
    phone.turn_to("Look")
    expect(phone.page.locator(".live-figure-list")).to_be_in_viewport(ratio=1)
    # Turned sideways: the picture stays.
    phone.page.set_viewport_size({"width": 664, "height": 390})
    phone.wait_for_run()
    phone.turn_to("Step")
    phone.wait_numbers(at_step(0))
    phone.wait_for_run()
    for part in (phone.cell("x1"), phone.button("Step ▶"), phone.page.locator(".st-key-modes")):
        expect(part).to_be_in_viewport(ratio=1)
    phone.look_again()


def test_what_plays_begins_at_the_first_step_and_goes_on_until_it_is_paused(page: LivePage) -> None:
    page.open()
    page.page.evaluate(BEATS)
    press = page.page.keyboard.press
    press("p")
    expect(page.button("Pause")).to_be_visible()
    page.wait_numbers(at_step(0))
    page.page.evaluate("beat()")
    page.wait_numbers(at_step(1))
    press("p")
    expect(page.button("Play")).to_be_visible()
    assert page.page.evaluate("beat") is None
    page.wait_address(step=1)
    page.page.evaluate("keepTime()")

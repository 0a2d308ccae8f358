"""Checks by axe-core in both themes and of the content security policy; use by keyboard alone.

test_first_minute.py, which walks through all pages, runs the checks on them.
"""

from importlib.resources import files
from typing import Any, Final

from playwright.sync_api import expect

from tests.browser.live_page import LivePage, stop_at

AXE: Final = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")

# The violations that are serious or worse, as "rule: element". No audio or video is loaded. The
# rule about landmarks ("region"), whose violations are less than serious, takes long: it is off.
RUN: Final = """
async ({ within = document, ...which }) => {
  const options = { resultTypes: ["violations"], preload: false, ...which };
  const { violations } = await axe.run(within, options);
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html, any }) =>
      `${id}: ${html.slice(0, 120)} ${any[0]?.message ?? ""}`));
}
"""

# Whether the page has its theme, and no colour is still changing.
SETTLED: Final = """
(theme) => {
  const ground = getComputedStyle(document.querySelector(".stApp")).backgroundColor;
  const [red] = ground.match(/[0-9]+/g).map(Number);
  const still = document.getAnimations().every(({ playState }) => playState !== "running");
  return (red > 127) === (theme === "light") && still;
}
"""


CONTRAST: Final = "color-contrast"
BUT_COLOURS: Final[dict[str, Any]] = {
    "rules": {each: {"enabled": False} for each in ("region", CONTRAST)},
}
# The colours of pictures are tested in tests/pages/figures/test_colours.py.
COLOURS: Final[dict[str, Any]] = {
    "within": {"exclude": [".js-plotly-plot"]},
    "runOnly": [CONTRAST],
}


def violations(page: LivePage, which: dict[str, Any]) -> list[str]:
    """The violations of the rules, in the part of the page, that these axe-core options name."""
    if not page.page.evaluate("'axe' in window"):
        page.page.evaluate(AXE)
    found: list[Any] = page.page.evaluate(RUN, which)
    return found


def no_violation(guarded: LivePage) -> None:
    """Assert that there is no serious violation, of any kind, and that nothing was refused."""
    guarded.until(lambda: guarded.page.evaluate(SETTLED, "light"))
    assert violations(guarded, BUT_COLOURS) + violations(guarded, COLOURS) == []
    assert guarded.page.evaluate("refused") == []


def no_violation_in_the_dark(guarded: LivePage) -> None:
    """Turn the page dark, leave it so, and assert the same of its colours."""
    guarded.page.emulate_media(color_scheme="dark")
    guarded.until(lambda: guarded.page.evaluate(SETTLED, "dark"))
    assert violations(guarded, COLOURS) == [], "in the dark nothing else is another"
    assert guarded.page.evaluate("refused") == []


# The longest animation on the page or transition in the sidebar, in seconds.
LONGEST: Final = """
() => Math.max(
  ...[...document.querySelectorAll("*")].flatMap((element) => {
    const { animationDuration, transitionDuration } = getComputedStyle(element);
    const slides = element.closest(".stSidebar") ? transitionDuration : "0s";
    return `${animationDuration},${slides}`.split(",").map(parseFloat);
  }))
"""


def test_nothing_moves_where_less_motion_is_wanted(page: LivePage) -> None:
    page.page.set_viewport_size({"width": 390, "height": 844})  # so that there is a sidebar
    page.open()
    assert page.page.evaluate(LONGEST) > 0.1  # Streamlit's own animations
    page.page.emulate_media(reduced_motion="reduce")
    assert page.page.evaluate(LONGEST) < 0.001


def test_every_kind_of_control_on_a_page_is_reached_and_used_by_keyboard(page: LivePage) -> None:
    """A case, the rule, a snap button, every kind of slider, a cell and a step, without a mouse."""
    page.open()
    press, go_to = page.page.keyboard.press, page.reach

    learn = page.page.get_by_role("link", name="Learn")
    go_to(learn)
    expect(learn).to_have_css("outline-style", "solid")
    case = page.page.get_by_role("button", name="Case: ")
    go_to(case)
    press("Enter")
    page.until(lambda: page.page.evaluate("document.activeElement.role === 'menu'"))
    press("ArrowDown")
    press("ArrowDown")
    press("Enter")
    expect(page.page.get_by_role("menu")).to_have_count(0)
    expect(case).to_be_focused()
    page.wait_settled()
    rule = page.page.get_by_role("button", name="At ties and kinks")
    go_to(rule)
    press("Enter")
    radio = page.page.get_by_role("radio", checked=True).and_(page.page.locator("input"))
    expect(radio).to_be_focused()
    press("ArrowDown")
    page.until(lambda: page.address()["rule"] != "lab")
    press("Escape")
    expect(rule).to_be_focused()
    go_to(page.page.get_by_role("button", name="Edit"))
    press("Enter")
    go_to(page.button("three-way tie"))
    press("Enter")
    page.until(lambda: page.address()["x"].count("1.5") == 3)
    press("Escape")
    go_to(page.page.get_by_role("radio", name="Look"))
    press("ArrowRight")
    press("Enter")
    expect(page.task).to_be_visible()
    go_to(page.slider("x1"))
    before = page.value("x1")
    press("ArrowRight")
    page.until(lambda: page.value("x1") > before)
    go_to(page.cell("x3"))  # the chosen one
    press("ArrowDown")
    press("Enter")
    page.until(lambda: page.cells()["x4"][-1] == "your mark: ≠ 0")
    for control in (page.slider("x2"), page.typed("x2"), page.slider("w"), page.slider("dz")):
        stop_at(control)
    go_to(page.button("Reveal"))
    press("Enter")
    expect(page.button("Predict again")).to_be_focused()
    go_to(page.button("\N{BLACK LEFT-POINTING TRIANGLE} Step"))
    press("Enter")
    page.wait_address(step="5")
    page.look_again()

"""Every page, in both themes, by the rules of axe-core."""

from importlib.resources import files
from typing import Any, Final

import pytest

from pages.subjects.every import TITLES
from tests.browser.live_page import LivePage

AXE: Final = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
PATHS: Final = ["", *(key.replace("-", "_") for key in TITLES if key != "conv-block")]
WITHOUT_A_FIGURE: Final = {"train": "Start", "gallery": "Download"}
"""The other pages, and a button that is there once they are."""

# What is serious or worse, as "rule: element".
RUN: Final = """
async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html, any }) =>
      `${id}: ${html.slice(0, 120)} ${any[0]?.message ?? ""}`));
}
"""

# The page has its theme, and no colour is on its way to another.
SETTLED: Final = """
(theme) => {
  const ground = getComputedStyle(document.querySelector(".stApp")).backgroundColor;
  const [red] = ground.match(/[0-9]+/g).map(Number);
  const still = document.getAnimations().every(({ playState }) => playState !== "running");
  return (red > 127) === (theme === "light") && still;
}
"""


def violations(page: LivePage) -> list[str]:
    page.page.evaluate(AXE)
    found: list[Any] = page.page.evaluate(RUN)
    return found


@pytest.mark.parametrize("path", [*PATHS, *WITHOUT_A_FIGURE])
def test_no_page_has_a_serious_violation(page: LivePage, path: str) -> None:
    if path in WITHOUT_A_FIGURE:
        page.page.goto(f"{page.base}{path}")
        page.page.get_by_role("button", name=WITHOUT_A_FIGURE[path]).first.wait_for()
    else:
        page.visit(path)
    for theme in ("light", "dark"):
        page.page.emulate_media(color_scheme=theme)
        page.page.wait_for_function(SETTLED, arg=theme)
        assert violations(page) == []

"""The picture inside the html is seen before Streamlit has a session, in the live one's place."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, ViewportSize, expect

from pages.registry import PAGES, page_path
from tests.browser.live_page import FIGURE
from tests.browser.server import Server

LAPTOP: ViewportSize = {"width": 1600, "height": 900}
PROJECTOR: ViewportSize = {"width": 1280, "height": 720}
PHONE: ViewportSize = {"width": 390, "height": 844}
CHOSE_DARK = {"stActiveTheme-/conv_2d-v2": '"Dark"'}
FIRST = ".first-picture .live-figure[data-drawn=true]"
LIVE = f'{FIGURE}:not([data-revision="0"])'
SEEN = """() => {
  const figure = document.querySelector(".live-figure");
  const places = [".live-figure-frame", ".live-figure-answer", ".live-figure-legend"];
  const boxes = places.map((each) => {
    const { left, top, width, height } = figure.querySelector(each).getBoundingClientRect();
    return [left, top, width, height].map(Math.round);
  });
  const texts = [...figure.querySelectorAll(".js-plotly-plot text")];
  const lines = [...figure.querySelectorAll(".live-figure-explanation p")];
  return {
    boxes,
    drawn: texts.map((each) => [each.textContent, getComputedStyle(each).fill]),
    said: lines.map((each) => each.textContent),
    colours: ["--st-text-color", "--st-background-color"].map((name) =>
      getComputedStyle(figure).getPropertyValue(name)),
    title: document.title,
  };
}"""

GROUND = "getComputedStyle(document.querySelector('.first-picture')).backgroundColor"


@pytest.fixture(scope="module")
def browser(launch: Callable[..., Browser]) -> Iterator[Browser]:
    """A browser whose scrollbars take room."""
    with launch(scrollbars=True) as running:
        yield running


@contextmanager
def before_streamlit(
    browser: Browser, url: str, store: dict[str, str] | None = None, **options: Any
) -> Iterator[tuple[Page, Callable[[], None]]]:
    """A page that Streamlit's server does not answer until the second value is called."""
    held: list[Route] = []
    free = False

    def asked(route: Route) -> None:
        if free:
            route.continue_()
        else:
            held.append(route)

    with browser.new_context(bypass_csp=True, **options) as context:
        page = context.new_page()
        for name, text in (store or {}).items():
            page.add_init_script(f"localStorage.setItem({json.dumps(name)}, {json.dumps(text)})")
        page.route("**/_stcore/health", asked)

        def let_go() -> None:
            nonlocal free
            free = True
            for each in held:
                each.continue_()

        page.goto(url)
        yield page, let_go


@pytest.mark.parametrize(
    ("key", "query", "options"),
    [
        (
            "conv-block",
            "?preset=all-negative",
            {"viewport": PHONE, "user_agent": "Mobile", "color_scheme": "dark"},
        ),
        ("conv-2d", "", {"viewport": PROJECTOR, "store": CHOSE_DARK}),  # one row of controls
    ],
)
def test_the_first_picture_is_the_live_one(
    browser: Browser, server: Server, key: str, query: str, options: dict[str, Any]
) -> None:
    with before_streamlit(browser, f"{server.url}{page_path(key)}{query}", **options) as (page, go):
        page.wait_for_selector(FIRST)
        assert page.locator("[data-testid=live-figure]").count() == 0, "nothing can be moved yet"
        assert page.locator(".first-picture").get_attribute("inert") is not None
        page.wait_for_selector(".stApp")  # Streamlit's placeholders, in its own colours
        assert page.evaluate(GROUND) == "rgb(14, 17, 23)"
        first = page.evaluate(SEEN)
        assert first["title"] == PAGES[key].title
        page.evaluate("document.querySelector('.js-plotly-plot').mine = true")
        go()
        page.wait_for_selector(LIVE)
        expect(page.locator(".first-picture")).to_have_count(0)
        page.wait_for_selector(".stApp[data-test-script-state=notRunning]")
        live = page.evaluate(SEEN)
        first["title"] = live["title"]  # Streamlit sets it by then
        assert first == live
        assert page.evaluate("document.querySelector('.js-plotly-plot').mine"), "not drawn again"


def test_the_first_picture_goes_with_its_page_and_is_not_shown_while_a_vote_is_open(
    browser: Browser, server: Server
) -> None:
    with before_streamlit(browser, server.url, viewport=LAPTOP) as (page, _):
        page.wait_for_selector(FIRST)
        assert page.evaluate(GROUND) == "rgb(255, 255, 255)"
        page.evaluate("""() => {
          history.pushState({}, "", "relu");
          dispatchEvent(new PopStateEvent("popstate"));
        }""")
        expect(page.locator(".first-picture")).to_have_count(0)
        vote = {"page": "conv-block", "address": "{}", "query": {}, "vote": {"code": "ABCD"}}
        keep = "(text) => localStorage.setItem('backpropagation-live:vote', text)"
        page.evaluate(keep, json.dumps(vote))
        page.goto(server.url)
        page.wait_for_function("window.Plotly")
        page.wait_for_timeout(200)
        assert page.locator(".first-picture").count() == 0

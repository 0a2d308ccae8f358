"""What a first visit and a second one load; tests/bench measures how long that takes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser

from pages.server.streamlit_files import FOLDER
from tests.browser.live_page import LivePage
from tests.browser.server import Server

NAMED = re.findall(r'="\./([^"]+)"', (FOLDER / "index.html").read_text(encoding="utf-8"))
"""The files that every page of Streamlit loads, even an empty one."""

ARTICLE = """
  window.stood = [];
  const look = () => {
    const article = document.querySelector(".st-key-article");
    if (article) stood.push(article.getBoundingClientRect().top / innerHeight);
    if (!document.querySelector("[data-testid=live-figure]")) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
"""


@dataclass
class Load:
    """The answers while a page loads: path -> headers, and the bytes of all.

    article: its top, in heights of the window, in each frame until the figure is there.
    """

    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    bytes: float = 0
    article: list[float] = field(default_factory=list)


@pytest.fixture(scope="module")
def loads(browser: Browser, server: Server) -> Iterator[list[Load]]:
    """The loads of a first visit and of a second one, each until all has come."""
    with browser.new_context(bypass_csp=True) as context:
        found = []
        for _ in range(2):
            tab = LivePage(context.new_page(), server.url)
            found.append(watched(tab))
            tab.page.add_init_script(ARTICLE)
            tab.open()
            tab.page.wait_for_load_state("networkidle")
            found[-1].article = tab.page.evaluate("stood")
            tab.page.close()
        yield found


def watched(tab: LivePage) -> Load:
    """The load of a tab, which records what the tab loads from now on."""
    load = Load()
    session = tab.page.context.new_cdp_session(tab.page)

    def came(event: dict[str, Any]) -> None:
        answer = event["response"]
        if answer["url"].startswith(tab.base):
            path = answer["url"].removeprefix(tab.base).partition("?")[0]
            load.headers[path] = {key.lower(): value for key, value in answer["headers"].items()}

    def finished(event: dict[str, Any]) -> None:
        load.bytes += event["encodedDataLength"]

    session.on("Network.responseReceived", came)
    session.on("Network.loadingFinished", finished)
    session.send("Network.enable")
    return load


def test_a_first_visit_is_light(loads: list[Load]) -> None:
    first, _ = loads
    assert first.bytes < 1.8e6
    assert len(first.headers.keys() - {*NAMED}) <= 20 + len(["the page", "a font", "_stcore"] * 2)
    assert [path for path in first.headers if "Italic" in path] == []


def test_the_article_is_not_where_the_picture_will_be(loads: list[Load]) -> None:
    # The last frame of each load has the figure; on a busy machine that may be the first frame too.
    before = [place for each in loads for place in each.article[:-1]]
    assert len(before) > 1
    assert min(before) >= 1


def test_all_scripts_and_styles_come_gzipped_and_ours_are_three_files(loads: list[Load]) -> None:
    first, _ = loads
    texts = {path: it for path, it in first.headers.items() if path.endswith((".js", ".css"))}
    assert {it.get("content-encoding") for it in texts.values()} == {"gzip"}
    ours = [path for path in texts if not path.startswith("static/")]
    assert sorted(re.sub("-[0-9a-f]{12}", "", path) for path in ours) == [
        "components.js",
        "plotly.js",
        "site.css",
    ]
    assert len(texts) > len(NAMED) / 2


def test_a_second_visit_asks_for_nothing_that_has_a_hash_in_its_name(loads: list[Load]) -> None:
    _, second = loads
    assert second.bytes < 30e3

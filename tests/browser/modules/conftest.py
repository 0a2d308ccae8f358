"""Fixtures for tests of single browser modules, without a page of the app."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

from pages.server.scripts import MODULES


@pytest.fixture(scope="session")
def tab(browser: Browser) -> Iterator[Page]:
    """A tab that can import the files of folders given to `serve`, without a server."""
    page = browser.new_page()
    # After a mouse or key press it would be granted, and a window in full screen cannot be resized.
    page.add_init_script("delete Element.prototype.requestFullscreen")
    page.route("http://modules.test/", lambda route: route.fulfill(content_type="text/html"))
    page.goto("http://modules.test/")
    yield page
    page.close()


def serve(page: Page, name: str, folder: Path) -> None:
    """Let a tab load the files of a folder, below a name."""

    def answer(route: Route) -> None:
        file = folder / route.request.url.partition(f"/{name}/")[2]
        route.fulfill(content_type="text/javascript", body=file.read_text(encoding="utf-8"))

    page.route(f"http://modules.test/{name}/**", answer)


@pytest.fixture(scope="session")
def modules(tab: Page) -> Page:
    """A tab that can import the browser modules, and the helpers in page.js."""
    serve(tab, "browser", MODULES)
    serve(tab, "tests", Path(__file__).parent)
    return tab

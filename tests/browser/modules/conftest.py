"""The browser's modules by themselves, apart from any page."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

from pages.server.scripts import MODULES


@pytest.fixture(scope="session")
def tab(browser: Browser) -> Iterator[Page]:
    """A tab that may import what lies in a folder, as its server gives it: no server is asked."""
    page = browser.new_page()
    # After a test with a mouse or a key it would be granted, and a window that fills the screen has
    # no other size.
    page.add_init_script("delete Element.prototype.requestFullscreen")
    page.route("http://modules.test/", lambda route: route.fulfill(content_type="text/html"))
    page.goto("http://modules.test/")
    yield page
    page.close()


def serve(page: Page, name: str, folder: Path) -> None:
    """Gives the files of a folder to a tab, below a name."""

    def answer(route: Route) -> None:
        file = folder / route.request.url.partition(f"/{name}/")[2]
        route.fulfill(content_type="text/javascript", body=file.read_text(encoding="utf-8"))

    page.route(f"http://modules.test/{name}/**", answer)


@pytest.fixture(scope="session")
def modules(tab: Page) -> Page:
    """A tab that may import them, and what stands around them on a page."""
    serve(tab, "browser", MODULES)
    serve(tab, "tests", Path(__file__).parent)
    return tab

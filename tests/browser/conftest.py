"""Fixtures of the browser tests: one server, one browser, and tabs that the tests share.

A tab goes on with the page that the last test left, at another address; or it loads a new one.
"""

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, expect, sync_playwright

from tests.browser.live_page import PATIENCE, LivePage, launched
from tests.browser.server import ROOT, Server

LAPTOP = (1600, 900)
FAILED = pytest.StashKey[bool]()
expect.set_options(timeout=1000 * PATIENCE)
# Chromium without what only a window needs: a page takes a quarter less processor time.
SHELL = "chromium-headless-shell"
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "anew: needs a page that is loaded anew")
    config.addinivalue_line(
        "markers", "window(width, height): in CSS pixels; not drawn for another one before"
    )


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


@pytest.fixture(scope="session")
def launch() -> Iterator[Callable[..., Browser]]:
    """A function that starts a browser, with the options of `launched`."""
    found = filter(None, map(shutil.which, NAMES))
    path = shutil.which(SHELL) or os.environ.get("CHROME_PATH") or next(found, None)
    if path is None:
        pytest.fail("no browser: name one in CHROME_PATH, or start `python3 tests/run.py`")
    with sync_playwright() as playwright:
        yield partial(launched, playwright, path, short_lived=True)


@pytest.fixture(scope="session")
def browser(launch: Callable[..., Browser]) -> Iterator[Browser]:
    with launch() as running:
        yield running


@pytest.fixture(scope="session")
def tab(browser: Browser, server: Server) -> LivePage:
    """The tab of a laptop. Tests share it, since a new tab compiles two megabytes of scripts."""
    return LivePage(browser.new_page(bypass_csp=True), server.url)


# Records what the content security policy refuses. WebAssembly is left out: the library that
# decodes Streamlit's messages tries it for 64-bit integers, and can do without it.
WITNESS = """
  window.refused = [];
  addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => {
    if (blockedURI !== "wasm-eval") refused.push(`${effectiveDirective} ${blockedURI}`);
  });
"""


@pytest.fixture(scope="session")
def guarded_tab(browser: Browser, server: Server) -> LivePage:
    """A tab under the content security policy; others bypass it, as `wait_for_function` is eval."""
    page = browser.new_page()
    page.add_init_script(WITNESS)
    return LivePage(page, server.url)


@pytest.fixture
def guarded(guarded_tab: LivePage, request: pytest.FixtureRequest) -> Iterator[LivePage]:
    """A page in a laptop's window, in the guarded tab."""
    yield from lent(guarded_tab, request.node, *LAPTOP)


@pytest.fixture
def page(tab: LivePage, request: pytest.FixtureRequest) -> Iterator[LivePage]:
    """A page in a laptop's window."""
    yield from lent(tab, request.node, *LAPTOP)


@pytest.fixture(scope="session")
def phone_tab(browser: Browser, server: Server) -> LivePage:
    """The tab of a phone, which tests share too."""
    context = browser.new_context(
        has_touch=True,
        is_mobile=True,
        user_agent="Mozilla/5.0 (Linux; Android 15) Mobile",
        bypass_csp=True,
    )
    return LivePage(context.new_page(), server.url)


@pytest.fixture
def phone(phone_tab: LivePage, request: pytest.FixtureRequest) -> Iterator[LivePage]:
    """A page on a phone with a touch screen."""
    yield from lent(phone_tab, request.node, 390, 844)


def lent(tab: LivePage, test: pytest.Item, width: int, height: int) -> Iterator[LivePage]:
    """Lend a tab to a test, whatever scene it shows; decide whether its page may be reused."""
    # The server is told of a change of theme, and its answer would overtake the next address.
    dark = tab.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    anew = test.get_closest_marker("anew") is not None
    tab.kept = tab.kept and not (anew or dark)
    tab.altered = False
    tab.page.evaluate("window.network?.reset()")
    tab.problems.clear()
    window = test.get_closest_marker("window")
    width, height = window.args if window else (width, height)
    tab.page.set_viewport_size({"width": width, "height": height})
    # An element that has the mouse or the focus already would not notice that a test moves there.
    tab.page.mouse.move(0, 0)
    tab.page.evaluate("document.activeElement?.blur()")
    tab.page.emulate_media(
        media="screen", color_scheme="light", reduced_motion="no-preference", forced_colors="none"
    )
    yield tab
    tab.kept = not (tab.altered or test.stash.get(FAILED, False))
    tab.page.mouse.up()
    assert tab.problems == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the server's log to the report of a failure, and save a picture of the page."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
        used: dict[str, Any] = item.funcargs
        for server in (each for each in used.values() if isinstance(each, Server)):
            report.sections.append(("The server's log", server.log()))
        if call.when == "teardown":
            return report  # the page may be closed by now
        for page in (each for each in used.values() if isinstance(each, LivePage)):
            picture = ROOT / "test-results" / f"{item.name}.png"
            with suppress(Error, OSError):  # it may have crashed; an error here would end the run
                page.page.screenshot(path=picture)
                report.sections.append(("The page", f"{picture}\n{page.page.url}"))
    return report

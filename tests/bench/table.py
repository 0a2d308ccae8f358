"""What the browser's benchmarks share: the browser, and a table of found and wanted figures."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Browser, sync_playwright

from tests.browser.live_page import launched


@dataclass(frozen=True)
class Row:
    """A figure, and the most that it may be; None if there is no limit."""

    name: str
    value: float
    wanted: float | None
    unit: str = ""


def print_table(*rows: Row) -> None:
    """Print a line for each row: the figure, the limit, and whether the limit is missed."""
    for row in rows:
        line = f"{row.name:40} {row.value:8.2f} {row.unit:3}"
        if row.wanted is not None:
            line += f" wanted {row.wanted:g}{'' if row.value <= row.wanted else '   MISSED'}"
        print(line)


def load() -> str:
    """The load on this machine, and its number of cores."""
    if not hasattr(os, "getloadavg"):
        return "unknown"
    return f"{os.getloadavg()[0]:.2f} on {os.cpu_count()} cores"


def with_browser(act: Callable[[Browser], None]) -> None:
    """Start a browser, measure with it, and close it."""
    path = (
        os.environ.get("CHROME_PATH") or shutil.which("chromium") or shutil.which("google-chrome")
    )
    if not path:
        raise SystemExit("no browser: name one in CHROME_PATH")
    with sync_playwright() as playwright:
        browser = launched(playwright, path)
        act(browser)
        browser.close()

"""Turn figures into SVG, PNG and PDF in one browser: an installed Chrome or Chromium."""

import asyncio
import json
import logging
import os
from base64 import b64decode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from choreographer import Browser, Tab
from choreographer.browsers.chromium import Chromium
from choreographer.channels import ChannelClosedError, JSONError
from pypdf import PdfWriter
from pypdf.generic import RectangleObject

from pages.export.style import Size
from pages.server.scripts import MODULES, as_one_script, plotly_source

STARTING: Final = 60.0  # the seconds in which a browser must start
DRAWING: Final = 120.0  # the seconds that a picture may take
ENDING: Final = 10.0
"""The seconds in which a browser must confirm that it ends. If its last answer comes together with
the "{bye}" of the process around it, choreographer waits forever for the rest of the latter."""
POINT: Final = 96 / 72  # the CSS pixels in a point
INSTALL: Final = (
    "Install Chrome or Chromium (on Debian or Ubuntu: apt install chromium; on macOS: brew install "
    "--cask google-chrome; on Windows: winget install Google.Chrome; anywhere, for this program "
    "alone: choreo_get_chrome, which is beside this Python), or name its path in BROWSER_PATH. "
    "Without one, html files can still be written, and the Slide button of each page and the "
    "gallery give pictures as PNG or SVG."
)


class RenderError(RuntimeError):
    """The browser did not draw a picture; the message says why."""


class NoBrowserError(RenderError):
    """There is no browser to draw with; the message says what to install."""


class BrowserLostError(RenderError):
    """The browser ended or hangs; all further requests to it will fail too."""


class Renderer:
    """A browser tab with plotly.js in which figures are drawn."""

    def __init__(self, tab: Tab) -> None:
        self._tab = tab

    async def svg(self, figure: Mapping[str, Any], size: Size, name: str) -> str:
        """The figure as SVG text with this width and height; the same text each time.

        name: a few letters and digits that no other picture in the same document has.
        """
        arguments = f"{json.dumps(figure)}, {size[0]}, {size[1]}, {json.dumps(name)}"
        return str(await self.evaluate(f"svgOf({arguments})"))

    async def png(self, svg: str, size: Size) -> bytes:
        """SVG text as a PNG with this many pixels."""
        return b64decode(await self.evaluate(f"pngOf({json.dumps(svg)}, {size[0]}, {size[1]})"))

    async def pdf(self, svg: str, size: Size, title: str) -> bytes:
        """SVG text as a PDF with one page of the picture's size; the same bytes each time."""
        width, height = size
        page = f"@page {{ size: {width}px {height}px; margin: 0 }}"
        await self.evaluate(f"onPaper({', '.join(map(json.dumps, (svg, page, title)))})")
        try:
            answer = await self._send(
                "Page.printToPDF", printBackground=True, preferCSSPageSize=True, pageRanges="1"
            )
        finally:
            await self.evaluate("onPaper('', '', '')")
        return _undated(b64decode(answer["data"]), size)

    async def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression, awaited; raises RenderError if it throws."""
        answer = await self._send(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            thrown = answer["exceptionDetails"]
            said = thrown.get("exception", {}).get("description", thrown.get("text", ""))
            raise RenderError(f"the browser says: {said.splitlines()[0]}")
        return answer["result"].get("value")

    async def _send(self, command: str, **parameters: Any) -> Any:
        try:
            async with asyncio.timeout(DRAWING):
                answer = await self._tab.send_command(command, parameters)
        except TimeoutError:
            raise BrowserLostError(f"the browser has not answered for {DRAWING:g} s") from None
        except (asyncio.CancelledError, ChannelClosedError):
            _let_go()
            raise BrowserLostError("the browser has ended") from None
        if "error" in answer:
            raise RenderError(f"the browser says: {answer['error'].get('message', answer)}")
        return answer["result"]


def _undated(pdf: bytes, size: Size) -> bytes:
    """The browser's PDF without its dates, on a page of exactly this size.

    The browser's own page is up to a point larger; the picture is at its upper left corner.
    """
    writer = PdfWriter(BytesIO(pdf), full=True)
    known: Mapping[str, Any] = writer.metadata or {}
    writer.metadata = {key: text for key, text in known.items() if not key.endswith("Date")}
    page, (width, height) = writer.pages[0], size
    top = float(page.mediabox.top)
    page.mediabox = RectangleObject((0, top - height / POINT, width / POINT, top))
    file = BytesIO()
    writer.write(file)
    return file.getvalue()


@asynccontextmanager
async def renderer() -> AsyncIterator[Renderer]:
    """Start a browser, and end it afterwards; raises NoBrowserError if none starts."""
    path = _browser_path()
    logging.getLogger("choreographer.channels.pipe").addFilter(is_no_farewell)
    browser = Browser(path)
    try:
        try:
            async with asyncio.timeout(STARTING):
                await browser.open()
                made = await _ready(browser.get_tab())
        except (OSError, RuntimeError, TimeoutError, asyncio.CancelledError):
            _let_go()
            raise NoBrowserError(f"{path} does not start as a browser. {INSTALL}") from None
        yield made
    finally:
        with suppress(RuntimeError, TimeoutError):  # it has ended already
            async with asyncio.timeout(ENDING):
                await browser.close()


def _let_go() -> None:
    """Raise CancelledError if the present task is cancelled; otherwise do nothing.

    choreographer cancels what waits for a browser that has ended, and mistakes a cancelled task for
    such a browser: the errors do not tell one from the other.
    """
    task = asyncio.current_task()
    if task and task.cancelling():
        raise asyncio.CancelledError


async def _ready(tab: Tab | None) -> Renderer:
    """Load an empty page, plotly.js and the drawing functions into a tab."""
    if tab is None:
        raise RenderError("the browser has no tab")
    loaded = tab.subscribe_once("Page.loadEventFired")
    await tab.send_command("Page.enable")
    # A new tab's own page accepts no scripts from elsewhere; and a file of ours might lie where the
    # browser may not read.
    await tab.send_command("Page.navigate", {"url": "data:text/html,<!doctype html><body></body>"})
    await loaded
    made = Renderer(tab)
    await made.evaluate(f"{plotly_source()};0")
    await made.evaluate(f"{as_one_script(MODULES / 'files.js')};{_PAPER};0")
    return made


_PAPER: Final = """
const { svgOf, pngOf } = $files;
function onPaper(svg, page, title) {
  document.head.innerHTML = `<style>${page} body { margin: 0 } svg { display: block }</style>`;
  document.body.innerHTML = svg;
  document.title = title;
}
"""


def _browser_path() -> str:
    """The browser's path, checked first: choreographer would wait forever for a wrong one."""
    named = os.environ.get("BROWSER_PATH", "")
    path = named or Chromium.find_browser(skip_local=False)
    if not path:
        raise NoBrowserError(f"Drawing needs a browser, and none was found. {INSTALL}")
    if not Path(path).is_file() or not os.access(path, os.X_OK):
        raise NoBrowserError(f"BROWSER_PATH names {path}, which is no program. {INSTALL}")
    return str(path)


def is_no_farewell(record: logging.LogRecord) -> bool:
    """Whether a message of the pipe to the browser is to be logged.

    When the browser has ended, the process around it writes "{bye}" into the pipe, which is not
    JSON. If that comes together with the browser's last answer, it is read as another answer, and
    logged as an error with its traceback, although nothing is wrong.
    """
    error = record.exc_info[1] if record.exc_info else None
    cause = error.__cause__ if isinstance(error, JSONError) else None
    return getattr(cause, "doc", "").strip() != "{bye}"

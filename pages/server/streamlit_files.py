"""Streamlit's own page, scripts and styles, as they are served here.

Streamlit sends them uncompressed, because it would compress them again for every visitor. A first
visit needs 2.1 MB of them, 0.5 MB gzipped; here each is gzipped once and kept. The page names our
files too, so that a browser asks for them while it still prepares Streamlit's, and draws the
picture that is in the page before Streamlit has drawn any.
"""

import gzip
import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

import streamlit
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.server.assets import (
    FOREVER,
    accepts_gzip,
    components_url,
    plotly_url,
    style_url,
    unpacked_for,
    url_below,
)

FOLDER: Final = Path(streamlit.__file__).parent / "static"
_SCRIPTS: Final = FOLDER / "static" / "js"
_PAGE: Final = (FOLDER / "index.html").read_bytes()
_SCRIPT: Final = b'<script type="module"'
_END: Final = b"</body>"
PARTS: Final = ("BidiComponent", "ButtonGroup", "MenuButton")
"""Parts of Streamlit's script that nearly every page of ours needs, but an empty page does not."""
_VARIES: Final = {"vary": "accept-encoding"}
_NAMES: Final = re.compile(r'(?:from|import|href=|src=)"\./(?:static/js/)?([^"/]+\.js)"')
_TYPES: Final = {".js": "text/javascript", ".css": "text/css"}


@cache
def _gzipped(file: Path) -> bytes:
    return gzip.compress(file.read_bytes(), mtime=0)


def gzip_what_every_page_needs(base: str) -> None:
    """Gzip in advance what the first visitor would otherwise wait for."""
    for name in re.findall(rb'"\./(static/[^"]+\.(?:js|css))"', page_with_our_files(base)):
        _gzipped(FOLDER / name.decode())


def _imported_by(*files: Path) -> set[Path]:
    """These scripts, or a page, and all scripts that they import, directly or indirectly."""
    found: set[Path] = set()
    asked = [*files]
    while asked:
        file = asked.pop()
        if file not in found:
            found.add(file)
            asked += [_SCRIPTS / name for name in _NAMES.findall(file.read_text(encoding="utf-8"))]
    return found


@cache
def _parts(base: str) -> tuple[bytes, bytes]:
    """Streamlit's page up to its script, and the rest of it, both with our files.

    Our script comes before Streamlit's. The preloaded PARTS and our style come at the end, so that
    our style comes after Streamlit's. Raises RuntimeError if Streamlit's files are not as expected.
    """
    parts = [file for part in PARTS for file in _SCRIPTS.glob(f"{part}.*.js")]
    if len(parts) != len(PARTS) or {_PAGE.count(each) for each in (_SCRIPT, _END)} != {1}:
        raise RuntimeError(
            f"needs a Streamlit with one {_SCRIPT.decode()}, one {_END.decode()} and the parts "
            f"{PARTS}"
        )
    early = sorted(_imported_by(*parts) - _imported_by(FOLDER / "index.html"))
    ours = f'<script type="module" fetchpriority="high" src="{components_url(base)}"></script>'
    lines = [
        *(f'<link rel="modulepreload" href="./static/js/{file.name}" />' for file in early),
        f'<link rel="stylesheet" href="{style_url(base)}" />',
    ]
    page = _PAGE.replace(_END, "\n".join(lines).encode() + _END)
    at = page.index(_SCRIPT)
    return page[:at], ours.encode() + page[at:]


def page_with_our_files(base: str, picture: str = "") -> bytes:
    """Streamlit's page with our files in it.

    picture: what is drawn before Streamlit is ready, as JSON, for which the page names plotly.js
    too; "" for no picture.
    """
    before, after = _parts(base)
    if not picture:
        return before + after
    # Nothing in it can end the element, since every "<" is written as its JSON escape.
    said = picture.replace("<", r"\u003c")
    lines = (
        f'<script defer fetchpriority="high" src="{plotly_url(base)}"></script>',
        f'<script type="application/json" id="first-picture">{said}</script>',
    )
    return before + "\n".join(lines).encode() + after


@lru_cache(maxsize=64)  # all of a class open the link that they are shown
def gzipped_page(base: str, picture: str) -> bytes:
    """`page_with_our_files`, gzipped."""
    return gzip.compress(page_with_our_files(base, picture), mtime=0)


class StreamlitFiles:
    """Middleware that answers for these files, and passes all other requests on to the app.

    picture: gives the picture to put inside a page, as JSON, for its path below the base path, the
    query of its address and the browser's user agent; "" for no picture.
    """

    def __init__(
        self,
        app: ASGIApp,
        base: str = "",
        picture: Callable[[str, Mapping[str, str], str], str] = lambda *_: "",
    ) -> None:
        self.app = app
        gzipped_page(base, "")  # to raise its error, if any, as soon as the app starts
        self.base = base
        self.picture = picture
        self.files = {
            url_below(base, *file.relative_to(FOLDER).parts): file
            for file in (FOLDER / "static").rglob("*")
            if file.suffix in _TYPES
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer for a script or a style, whose name has a hash of it, or for a page."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self.app(scope, receive, send)
        elif file := self.files.get(scope["path"]):
            await self._file(file, scope, receive, send)
        elif "text/html" in Headers(scope=scope).get("accept", ""):
            await self._page(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _file(self, file: Path, scope: Scope, receive: Receive, send: Send) -> None:
        """Send a file gzipped, to be kept for ever; the app answers clients without gzip."""
        if accepts_gzip(Headers(scope=scope)):
            body = await run_in_threadpool(_gzipped, file)
            headers = {"cache-control": FOREVER, "content-encoding": "gzip", **_VARIES}
            answer = Response(body, media_type=_TYPES[file.suffix], headers=headers)
            await answer(scope, receive, send)
            return

        async def varying(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_VARIES)
            await send(message)

        await self.app(scope, receive, varying)

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; if the app answers with Streamlit's page, send ours instead."""
        replaced = False

        async def unless_a_page(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start":
                headers = Headers(raw=message["headers"])
                known = headers.get("content-length") == str(len(_PAGE))
                replaced = known and headers.get("content-type", "").startswith("text/html")
            if not replaced:
                await send(message)

        # Without these headers, since Streamlit cannot know whether the page that a browser has
        # kept is still ours, and a page that it compresses or cuts would not be recognized here.
        unsaid = (b"if-none-match", b"if-modified-since", b"accept-encoding", b"range")
        headers = [(name, value) for name, value in scope["headers"] if name not in unsaid]
        await self.app({**scope, "headers": headers}, receive, unless_a_page)
        if replaced:
            request = Request(scope)
            body = await run_in_threadpool(self._gzipped_page, request)
            page = unpacked_for(request, body, "text/html", "no-cache")
            await page(scope, receive, send)

    def _gzipped_page(self, request: Request) -> bytes:
        path = request.url.path.removeprefix(url_below(self.base)).strip("/")
        name = request.headers.get("user-agent", "")
        picture = self.picture(path, request.query_params, name)
        return gzipped_page(self.base, picture)

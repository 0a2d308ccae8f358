"""Streamlit's own page, scripts and styles, as they are served here.

It serves them as they are, since it would compress them for every visitor anew. A first visit needs
2.1 MB of them, 0.5 MB gzipped; here each is gzipped once and kept. Its page names our files too: a
browser asks for them while it still gets Streamlit's ready, and draws the picture that is in the
page before Streamlit has any.
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
"""The parts of Streamlit's script that nearly every page of ours needs, besides an empty one's."""
_VARIES: Final = {"vary": "accept-encoding"}
_NAMES: Final = re.compile(r'(?:from|import|href=|src=)"\./(?:static/js/)?([^"/]+\.js)"')
_TYPES: Final = {".js": "text/javascript", ".css": "text/css"}


@cache
def _gzipped(file: Path) -> bytes:
    return gzip.compress(file.read_bytes(), mtime=0)


def gzip_what_every_page_needs(base: str) -> None:
    """Does beforehand what the first visitor would wait for."""
    for name in re.findall(rb'"\./(static/[^"]+\.(?:js|css))"', page_with_our_files(base)):
        _gzipped(FOLDER / name.decode())


def _imported_by(*files: Path) -> set[Path]:
    """These scripts, or a page, and all that they import by name, and all that those do."""
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
    """Streamlit's page up to its script, and from there.

    Our script comes before that; the parts, and our style, which so comes after its own, at the
    end. Raises RuntimeError for a Streamlit that is another one.
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
    """Streamlit's page, which names our files.

    picture: what is drawn before Streamlit is there, JSON, and with it plotly.js; "" for nothing.
    """
    before, after = _parts(base)
    if not picture:
        return before + after
    # Nothing in it can end the element: where a "<" stands JSON has its number.
    said = picture.replace("<", r"\u003c")
    lines = (
        f'<script defer fetchpriority="high" src="{plotly_url(base)}"></script>',
        f'<script type="application/json" id="first-picture">{said}</script>',
    )
    return before + "\n".join(lines).encode() + after


@lru_cache(maxsize=64)  # a class opens the link that it is shown
def gzipped_page(base: str, picture: str) -> bytes:
    """The same, gzipped."""
    return gzip.compress(page_with_our_files(base, picture), mtime=0)


class StreamlitFiles:
    """Answers for these files; all else is the app's.

    picture: what a page has inside of the picture that its address asks for, by its path below the
    base path, the address's keys and the browser's name; "" for nothing.
    """

    def __init__(
        self,
        app: ASGIApp,
        base: str = "",
        picture: Callable[[str, Mapping[str, str], str], str] = lambda *_: "",
    ) -> None:
        self.app = app
        gzipped_page(base, "")  # which raises, if it has to, as soon as the app starts
        self.base = base
        self.picture = picture
        self.files = {
            url_below(base, *file.relative_to(FOLDER).parts): file
            for file in (FOLDER / "static").rglob("*")
            if file.suffix in _TYPES
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A script or a style whose name has a hash of it, a page, or something else."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self.app(scope, receive, send)
        elif file := self.files.get(scope["path"]):
            await self._file(file, scope, receive, send)
        elif "text/html" in Headers(scope=scope).get("accept", ""):
            await self._page(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _file(self, file: Path, scope: Scope, receive: Receive, send: Send) -> None:
        """A browser need never ask for it again."""
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
        """The app decides what is a page of its own: where it answers Streamlit's, it gets ours."""
        replaced = False

        async def unless_a_page(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start":
                headers = Headers(raw=message["headers"])
                known = headers.get("content-length") == str(len(_PAGE))
                replaced = known and headers.get("content-type", "").startswith("text/html")
            if not replaced:
                await send(message)

        # Streamlit does not know whether what a browser has kept is still ours; and a page that it
        # packs is not known again here.
        unsaid = (b"if-none-match", b"if-modified-since", b"accept-encoding")
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

"""Streamlit's own page, scripts and styles, as they are served here.

It serves them as they are, since it would compress them for every visitor anew. A first visit needs
2.1 MB of them, 0.5 MB gzipped; here each is gzipped once and kept. Its page names our files too: a
browser asks for them while it still gets Streamlit's ready, not when the first picture comes.
"""

import gzip
import re
from functools import cache
from pathlib import Path
from typing import Final

import streamlit
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.components.assets import (
    FOREVER,
    accepts_gzip,
    components_url,
    style_url,
    unpacked_for,
    url_below,
)

FOLDER: Final = Path(streamlit.__file__).parent / "static"
_SCRIPTS: Final = FOLDER / "static" / "js"
_PAGE: Final = (FOLDER / "index.html").read_bytes()
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
def page_with_our_files(base: str) -> bytes:
    """Streamlit's page, which names at its end the parts, our style and our script.

    So our style comes after its own, and our script runs after its own. Raises RuntimeError for a
    Streamlit that is another one.
    """
    parts = [file for part in PARTS for file in _SCRIPTS.glob(f"{part}.*.js")]
    if len(parts) != len(PARTS) or _PAGE.count(_END) != 1:
        raise RuntimeError(f"needs a Streamlit with one {_END.decode()} and the parts {PARTS}")
    early = sorted(_imported_by(*parts) - _imported_by(FOLDER / "index.html"))
    lines = [
        *(f'<link rel="modulepreload" href="./static/js/{file.name}" />' for file in early),
        f'<link rel="stylesheet" href="{style_url(base)}" />',
        f'<script type="module" src="{components_url(base)}"></script>',
    ]
    return _PAGE.replace(_END, "\n".join(lines).encode() + _END)


class StreamlitFiles:
    """Answers for these files; all else is the app's."""

    def __init__(self, app: ASGIApp, base: str = "") -> None:
        self.app = app
        self.page = gzip.compress(page_with_our_files(base), mtime=0)
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
            page = unpacked_for(Request(scope), self.page, "text/html", "no-cache")
            await page(scope, receive, send)

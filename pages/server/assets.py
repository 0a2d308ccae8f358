"""The files that every page loads, each gzipped once for everybody: a class asks for it at once.

A hash of what is in it is in a file's address, so a browser need never ask again.
"""

import gzip
import re
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from pages.server.scripts import PLOTLY, components_source

FOREVER: Final = "public, max-age=31536000, immutable"

_PAGES: Final = Path(__file__).parents[1]
_STYLE_FILES: Final = (_PAGES / "site.css", *sorted(_PAGES.glob("components/*.css")))
"""What is Streamlit's, then our components: sent with a component they would come at each run."""
ICON: Final = f"data:image/svg+xml;base64,{b64encode((_PAGES / 'icon.svg').read_bytes()).decode()}"
"""The icon on the browser's tab: as an address, since a file would be read again at each run."""
_NO_GZIP: Final = re.compile(r"gzip\s*;\s*q=0(\.0*)?\s*(,|$)")


def url_below(base: str, *parts: str) -> str:
    """A path below the base path: ("backprop", "a", "b") -> "/backprop/a/b"."""
    return "/" + "/".join(part for part in (base.strip("/"), *parts) if part)


@dataclass(frozen=True)
class File:
    """A file: its name, with {version} in it, what it is, what is in it, and a hash of that."""

    name: str
    media_type: str
    gzipped: bytes
    version: str

    @classmethod
    def of(cls, name: str, media_type: str, text: str) -> "File":
        """A file with this text, which is gzipped here."""
        return cls.packed(name, media_type, gzip.compress(text.encode(), mtime=0))

    @classmethod
    def packed(cls, name: str, media_type: str, gzipped: bytes) -> "File":
        """A file that is gzipped already."""
        return cls(name, media_type, gzipped, sha256(gzipped).hexdigest()[:12])

    def url(self, base: str) -> str:
        """Where it is, below the server's base path ("" or "backprop")."""
        return url_below(base, self.name.format(version=self.version))

    def route(self, base: str) -> Route:
        """By which it is got."""
        return Route(url_below(base, self.name), self._answer)

    async def _answer(self, request: Request) -> Response:
        # A page of another version of the app, which has just been replaced, gets what there is.
        cache = FOREVER if request.path_params["version"] == self.version else "no-store"
        return unpacked_for(request, self.gzipped, self.media_type, cache)


_PLOTLY: Final = File.packed("plotly-{version}.js", "text/javascript", PLOTLY.read_bytes())
_COMPONENTS: Final = File.of(
    "components-{version}.js", "text/javascript", components_source(_PLOTLY.url(""))
)
_STYLE: Final = File.of(
    "site-{version}.css",
    "text/css",
    "\n".join(file.read_text(encoding="utf-8") for file in _STYLE_FILES),
)

plotly_url: Final = _PLOTLY.url
"""Where plotly.js is, below the server's base path."""
components_url: Final = _COMPONENTS.url
"""Where the module is that all components are in; it begins to load plotly.js."""
style_url: Final = _STYLE.url
"""Where the style sheet of the pages and of all components is."""


def routes(base: str) -> list[BaseRoute]:
    """Where the files are, below the server's base path ("" or "backprop"); nothing else is."""
    files = (_PLOTLY, _COMPONENTS, _STYLE)
    return [
        *(file.route(base) for file in files),
        Route(url_below(base, "{page}", "_stcore", "{name}"), _not_here),
    ]


def accepts_gzip(headers: Headers) -> bool:
    """Whether who asks takes a body that is gzipped."""
    accepted = headers.get("accept-encoding", "").lower()
    return "gzip" in accepted and not _NO_GZIP.search(accepted)


def unpacked_for(request: Request, body: bytes, media_type: str, cache: str) -> Response:
    """A gzipped body, unpacked for whoever does not take it as it is. cache: cache-control."""
    headers = {"cache-control": cache, "vary": "accept-encoding"}
    if accepts_gzip(request.headers):
        headers["content-encoding"] = "gzip"
    else:
        body = gzip.decompress(body)
    return Response(body, media_type=media_type, headers=headers)


async def _not_here(request: Request) -> Response:
    """Streamlit's script looks for its server beneath a page's address first, and then here.

    It goes on after any answer that is no success; this one, unlike a 404, is no error to a
    browser's console.
    """
    return Response(status_code=300)

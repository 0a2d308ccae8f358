"""The files that every page loads: plotly.js, our scripts and our styles.

Each file is gzipped once for everybody, because a whole class asks for it at the same time. Its
address contains a hash of its content, so that a browser never has to ask for it again.
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
"""The style of Streamlit's elements, then that of our components, which would be sent at each run
if it came with a component."""
ICON: Final = f"data:image/svg+xml;base64,{b64encode((_PAGES / 'icon.svg').read_bytes()).decode()}"
"""The icon on the browser's tab, as a data address: a file would be read again at each run."""
_NO_GZIP: Final = re.compile(r"gzip\s*;\s*q=0(\.0*)?\s*(,|$)")


def url_below(base: str, *parts: str) -> str:
    """A path below the base path: ("backprop", "a", "b") -> "/backprop/a/b"."""
    return "/" + "/".join(part for part in (base.strip("/"), *parts) if part)


@dataclass(frozen=True)
class File:
    """A file, at an address that contains a hash of its content."""

    name: str  # with {version} in it
    media_type: str
    gzipped: bytes
    version: str  # a hash of the gzipped text

    @classmethod
    def of(cls, name: str, media_type: str, text: str) -> "File":
        """Make a file of this text, which is gzipped here."""
        return cls.packed(name, media_type, gzip.compress(text.encode(), mtime=0))

    @classmethod
    def packed(cls, name: str, media_type: str, gzipped: bytes) -> "File":
        """Make a file of a text that is gzipped already."""
        return cls(name, media_type, gzipped, sha256(gzipped).hexdigest()[:12])

    def url(self, base: str) -> str:
        """The file's address, below the server's base path ("" or "backprop")."""
        return url_below(base, self.name.format(version=self.version))

    def route(self, base: str) -> Route:
        """The route that sends the file, below the server's base path."""
        return Route(url_below(base, self.name), self._answer)

    async def _answer(self, request: Request) -> Response:
        # A page of an earlier version of the app asks for another hash, and gets this file.
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

# Addresses, below a given base path
plotly_url: Final = _PLOTLY.url
components_url: Final = _COMPONENTS.url  # the module of all components; begins to load plotly.js
style_url: Final = _STYLE.url  # the style sheet of the pages and of all components


def routes(base: str) -> list[BaseRoute]:
    """The routes of the files, and of `_not_here`, below the base path ("" or "backprop")."""
    files = (_PLOTLY, _COMPONENTS, _STYLE)
    return [
        *(file.route(base) for file in files),
        Route(url_below(base, "{page}", "_stcore", "{name}"), _not_here),
    ]


def accepts_gzip(headers: Headers) -> bool:
    """Whether the client accepts a gzipped body."""
    accepted = headers.get("accept-encoding", "").lower()
    return "gzip" in accepted and not _NO_GZIP.search(accepted)


def unpacked_for(request: Request, body: bytes, media_type: str, cache: str) -> Response:
    """Send a gzipped body, unpacked if the client does not accept it so. cache: cache-control."""
    headers = {"cache-control": cache, "vary": "accept-encoding"}
    if accepts_gzip(request.headers):
        headers["content-encoding"] = "gzip"
    else:
        body = gzip.decompress(body)
    return Response(body, media_type=media_type, headers=headers)


async def _not_here(request: Request) -> Response:
    """Answer Streamlit's script that its server is not below a page's address.

    The script looks there first and, if the answer is not a success, then below the base path.
    Unlike a 404, this one is not an error in the browser's console.
    """
    return Response(status_code=300)

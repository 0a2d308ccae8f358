"""The files that the components load: their own modules, and plotly.js of the installed package."""

import gzip
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from pages.components.scripts import MODULES, plotly_source

_SOURCES: Final = {path.name: path.read_bytes() for path in sorted(MODULES.glob("*.js"))}
_MODULES: Final = {name: gzip.compress(source) for name, source in _SOURCES.items()}
_MODULES_VERSION: Final = sha256(b"".join(_SOURCES.values())).hexdigest()[:12]
_PLOTLY: Final = version("plotly")  # once: it reads the disk, and fails now and then in a thread
FOREVER: Final = "public, max-age=31536000, immutable"


def routes(base: str) -> list[BaseRoute]:
    """Where the files are, below the server's base path ("" or "backprop"); nothing else is."""
    return [
        Route(plotly_url(base), _plotly),
        Route(url_below(base, "live-figure", "{version}", "{name}"), _module),
        Route(url_below(base, "{page}", "_stcore", "{name}"), _not_here),
    ]


def plotly_url(base: str) -> str:
    """Where plotly.js is. The version is in the path, so a browser need never ask again."""
    return url_below(base, f"plotly-{_PLOTLY}.min.js")


def module_url(base: str, name: str) -> str:
    """Where a component's first module is, the live figure's or another one's.

    A hash of all modules is in the path, so a browser asks for each of them only once: they import
    one another by relative paths, thus under the same hash.
    """
    return url_below(base, "live-figure", _MODULES_VERSION, name)


@cache
def plotly_compressed() -> bytes:
    """plotly.js, compressed once for everybody: a class of a hundred asks for it at once."""
    return gzip.compress(plotly_source().encode(), compresslevel=6)


def unpacked_for(request: Request, body: bytes, media_type: str, cache: str) -> Response:
    """A gzipped body, unpacked for whoever does not take it as it is. cache: cache-control."""
    headers = {"cache-control": cache, "vary": "accept-encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
    else:
        body = gzip.decompress(body)
    return Response(body, media_type=media_type, headers=headers)


async def _plotly(request: Request) -> Response:
    body = await run_in_threadpool(plotly_compressed)
    return unpacked_for(request, body, "text/javascript", FOREVER)


async def _not_here(request: Request) -> Response:
    """Streamlit's script looks for its server beneath a page's address first, and then here.

    It goes on after any answer that is no success; this one, unlike a 404, is no error to a
    browser's console.
    """
    return Response(status_code=300)


async def _module(request: Request) -> Response:
    module = _MODULES.get(request.path_params["name"])
    if module is None:
        return Response("There is no such module.", status_code=404, media_type="text/plain")
    # A page of another version of the app, which has just been replaced, gets what there is.
    current = request.path_params["version"] == _MODULES_VERSION
    return unpacked_for(request, module, "text/javascript", FOREVER if current else "no-store")


def url_below(base: str, *parts: str) -> str:
    """A path below the base path: ("backprop", "a", "b") -> "/backprop/a/b"."""
    return "/" + "/".join(part for part in (base.strip("/"), *parts) if part)

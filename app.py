"""The ASGI app, started with `streamlit run app.py`.

Streamlit runs pages/site.py as its script. This module does the work that is done once, at
start-up, and adds routes and middleware to Streamlit's own.
"""

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from types import FrameType
from typing import Any

import streamlit as st
from starlette.middleware import Middleware

from pages.gallery.gallery_page import routes as gallery_routes
from pages.registry import PAGES, page_path
from pages.server.addresses import AddressesAsHeard
from pages.server.assets import routes
from pages.server.connections import WholePageFirst
from pages.server.headers import SecurityHeaders
from pages.server.streamlit_files import StreamlitFiles, gzip_what_every_page_needs
from pages.training.session import pool
from pages.views.first_picture import first_picture
from pages.vote.box import VOTES
from pages.vote.routes import VoteRoutes

BASE = st.get_option("server.baseUrlPath")
OPEN_FILES = 65_536  # the limit of open files, and so of connections, that is asked of the system


@asynccontextmanager
async def at_start(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Prepare what the first visitor would otherwise wait for; clean up when the server ends."""
    from pages.sweep import SWEEPER, spare_the_collector

    pool()  # so that its settings are read now, not at the first visit to Train
    SWEEPER.start()
    allow_open_files()
    gzipping = asyncio.create_task(asyncio.to_thread(gzip_what_every_page_needs, BASE))
    spare_the_collector()
    async with VOTES.running() as box:
        when_asked_to_end(box.end)
        yield {}
    await gzipping
    SWEEPER.stop()


def allow_open_files() -> None:
    """Raise the limit of open files: each connection is one, and the default is often 1,024."""
    with suppress(ImportError, OSError, ValueError):  # Windows has no module of that name
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def when_asked_to_end(act: Callable[[], None]) -> None:
    """Schedule `act` when the process is told to end, then run the handler installed before.

    The server waits until its connections are closed before it ends the app. A stream, of which
    there may be a thousand, closes only when it is told to.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()

    def before(number: int, then: Any) -> None:
        def asked(signal_number: int, frame: FrameType | None) -> None:
            with suppress(RuntimeError):  # the loop is closed already
                loop.call_soon_threadsafe(act)
            then(signal_number, frame)

        signal.signal(number, asked)

    for number in (signal.SIGTERM, signal.SIGINT):
        if callable(then := signal.getsignal(number)):
            before(number, then)


MIDDLEWARE = [
    Middleware(SecurityHeaders),
    Middleware(WholePageFirst),
    Middleware(
        AddressesAsHeard,
        base=BASE,
        paths={key: page_path(key) for key in PAGES},
        folders=("vote",),
    ),
    Middleware(StreamlitFiles, base=BASE, picture=first_picture),
]
app = st.App(
    "pages/site.py",
    lifespan=at_start,
    routes=[*routes(BASE), *gallery_routes(BASE), *VoteRoutes(VOTES).routes(BASE)],
    middleware=MIDDLEWARE,
)
for each in MIDDLEWARE:
    # Starlette makes them later, and if one raises, the server starts and answers nothing but 500.
    each.cls(app, *each.args, **each.kwargs)

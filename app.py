"""The ASGI app: `streamlit run app.py`.

Its script is pages/site.py. Here is what happens once, at the start, and the files that the
browser asks for besides Streamlit's own.
"""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st
from starlette.middleware import Middleware

from pages.components.assets import routes
from pages.components.headers import SecurityHeaders
from pages.components.streamlit_files import StreamlitFiles, gzip_what_every_page_needs
from pages.gallery.gallery_page import routes as gallery_routes

BASE = st.get_option("server.baseUrlPath")


@asynccontextmanager
async def at_start(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Gets ready what the first visitor would otherwise wait for."""
    from pages.sweep import SWEEPER

    SWEEPER.start()
    gzipping = asyncio.create_task(asyncio.to_thread(gzip_what_every_page_needs))
    gc.collect()
    # What is loaded by now stays: the collector need not walk through it again and again.
    gc.freeze()
    yield {}
    await gzipping
    SWEEPER.stop()


app = st.App(
    "pages/site.py",
    lifespan=at_start,
    routes=[*routes(BASE), *gallery_routes(BASE)],
    middleware=[Middleware(SecurityHeaders), Middleware(StreamlitFiles, base=BASE)],
)

"""The whole app, with one more address: POST /open-a-vote opens a vote on the conv block.

Normally a lecturer's session opens it; this way the load test needs none. Start it with
`streamlit run tests/load/voting.py`.
"""

import runpy
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from pages.vote.box import VOTES
from tests.pages.vote.served import asked

ROOT = Path(__file__).resolve().parents[2]
ours = runpy.run_path(str(ROOT / "app.py"))


async def opened(_request: Request) -> JSONResponse:
    """Open a vote; answer with its code and its token."""
    assert VOTES.box is not None
    return JSONResponse(await VOTES.box.open(*asked()))


app = st.App(
    str(ROOT / "pages" / "site.py"),
    lifespan=ours["at_start"],
    routes=[Route("/open-a-vote", opened, methods=["POST"]), *ours["app"]._user_routes],
    middleware=ours["app"]._user_middleware,
)

"""What every answer tells the browser to refuse: foreign scripts, foreign frames, guessed types.

Streamlit's page has one inline script, which is allowed by its hash and by nothing else. Streamlit
sets inline styles throughout, so those are allowed. It loads the modules of custom components from
`blob:` addresses, from which slides are downloaded too.
"""

import base64
import hashlib
import os
import re
from pathlib import Path
from typing import Final

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

EMBEDDERS: Final = "BACKPROP_EMBEDDERS"
"""The environment variable for the sites that may show the pages in a frame, besides our own:
origins separated by spaces, 'https://slides.example.org', or '*' for every site."""

_INLINE: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_ORIGIN: Final = re.compile(r"\*|https?://(\*\.)?[A-Za-z0-9.-]+(:\d+)?")


def policy(page: str, embedders: str) -> str:
    """The content security policy for Streamlit's page.

    Raises ValueError if an embedder is not an origin: it could smuggle in other rules.
    """
    for origin in embedders.split():
        if not _ORIGIN.fullmatch(origin):
            raise ValueError(
                f"{EMBEDDERS} needs origins such as https://slides.example.org, with spaces "
                f"between them, or *; got {origin!r}"
            )
    inline = " ".join(f"'sha256-{_hash(script)}'" for script in _INLINE.findall(page))
    rules = {
        "default-src": "'self'",
        "script-src": f"'self' blob: {inline}",
        "style-src": "'self' 'unsafe-inline'",
        "font-src": "'self' data:",
        "img-src": "'self' data: blob:",
        "worker-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": " ".join(["'self'", *embedders.split()]),
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


class SecurityHeaders:
    """Middleware that adds the headers to every answer. When made, it raises as `policy` does."""

    def __init__(self, app: ASGIApp) -> None:
        page = Path(streamlit.__file__).parent / "static" / "index.html"
        self.app = app
        self.headers = {
            "content-security-policy": policy(
                page.read_text(encoding="utf-8"), os.environ.get(EMBEDDERS, "")
            ),
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what the app answers, with the headers."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self.headers)
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()

"""A page's address as it was heard in a hall: /ReLU, /max-pool and /maxpool lead to the pages."""

import re
from collections.abc import Mapping
from typing import Final

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from pages.server.assets import url_below

_NO_LETTERS: Final = re.compile(r"[\W_]+")


class AddressesAsHeard:
    """Sends who writes a page's address in another way to the page, with what the address holds.

    paths: the pages', below the server's base path, by their keys.
    """

    def __init__(self, app: ASGIApp, base: str, paths: Mapping[str, str]) -> None:
        self.app = app
        self._home = url_below(base).rstrip("/") + "/"
        self._paths = {letters(key): path for key, path in paths.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers only where a page is meant that has another address."""
        meant = self._meant(scope["path"]) if scope["type"] == "http" else None
        answer = self.app
        if meant is not None:
            query = scope["query_string"].decode("latin-1")
            answer = RedirectResponse(f"{meant}?{query}" if query else meant)
        await answer(scope, receive, send)

    def _meant(self, address: str) -> str | None:
        name = address.removeprefix(self._home)
        if "/" in name:
            return None
        path = self._paths.get(letters(name))
        return None if path in (None, name) else f"{self._home}{path}"


def letters(name: str) -> str:
    """What is heard of a page's name: "maxpool" of Max_Pool and of max-pool."""
    return _NO_LETTERS.sub("", name).lower()

"""Redirects for an address that was only heard: /ReLU, /max-pool, /maxpool and /Vote work too."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from pages.server.assets import url_below

_NO_LETTERS: Final = re.compile(r"[\W_]+")


class AddressesAsHeard:
    """Middleware that redirects another spelling of a page's address to the page, with its query.

    paths: the pages' paths below the server's base path, by their keys. folders: paths below which
    there are further addresses, such as "vote" with /vote/CODE.
    """

    def __init__(
        self, app: ASGIApp, base: str, paths: Mapping[str, str], folders: Iterable[str] = ()
    ) -> None:
        self.app = app
        self._home = url_below(base).rstrip("/") + "/"
        self._folders = {letters(folder): folder for folder in folders}
        self._paths = {letters(key): path for key, path in paths.items()} | self._folders

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Redirect another spelling of a page's address; pass every other request on."""
        meant = self._meant(scope["path"]) if scope["type"] == "http" else None
        answer = self.app
        if meant is not None:
            query = scope["query_string"].decode("latin-1")
            answer = RedirectResponse(f"{meant}?{query}" if query else meant)
        await answer(scope, receive, send)

    def _meant(self, address: str) -> str | None:
        name, slash, rest = address.removeprefix(self._home).partition("/")
        path = (self._folders if slash else self._paths).get(letters(name))
        return None if path in (None, name) else f"{self._home}{path}{slash}{rest}"


def letters(name: str) -> str:
    """The letters and digits of a page's name: "maxpool" for Max_Pool and for max-pool."""
    return _NO_LETTERS.sub("", name).lower()

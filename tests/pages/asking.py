"""A request to an ASGI app, and the app's answer, without a server."""

import asyncio
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message

from tests.pages.apart import apart


@dataclass(frozen=True)
class Answer:
    """An app's answer."""

    status: int
    headers: Headers
    body: bytes


def asked(app: ASGIApp, path: str, method: str = "GET", **headers: str) -> Answer:
    """The app's answer to a request; in the names of headers _ stands for -."""
    said = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    way, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"spec_version": "2.4"},
        "method": method,
        "path": way,
        "headers": said,
        "query_string": query.encode(),
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    async def ask() -> None:
        await app(scope, receive, send)

    apart(lambda: asyncio.run(ask()))
    start, *bodies = sent
    body = b"".join(message["body"] for message in bodies)
    return Answer(start["status"], Headers(raw=start["headers"]), body)

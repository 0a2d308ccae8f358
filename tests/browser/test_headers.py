"""What every answer of the server allows, and what it does not serve."""

import http.client
import re
from contextlib import closing
from email.message import Message
from urllib.parse import urlsplit

import pytest

from pages.server.streamlit_files import FOLDER
from tests.browser.server import Server

STYLE = f"/static/css/{min((FOLDER / 'static' / 'css').glob('index.*')).name}"


def answer(server: Server, path: str, accepted: str = "") -> tuple[int, Message, bytes]:
    """Status, headers and body of the answer for exactly this path, which no client tidies up.

    accepted: the encodings that the client accepts.
    """
    port = urlsplit(server.url).port
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", path, headers={"accept-encoding": accepted})
        got = connection.getresponse()
        return got.status, got.headers, got.read()


@pytest.mark.parametrize("accepted", ["", "gzip"])
@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/components-x.js", STYLE, "/no/such"])
def test_every_answer_has_the_headers(server: Server, path: str, accepted: str) -> None:
    _, headers, _ = answer(server, path, accepted)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert re.search(r"script-src 'self' blob: 'sha256-", headers["content-security-policy"])


def test_only_the_components_files_are_served(server: Server) -> None:
    up = ("..", "%2e%2e", "..%2f..", "%2e%2e%2f%2e%2e", "..%5c..", "....//", "%252e%252e")
    wanted = (
        "app.py",
        "pages/server/headers.py",
        "etc/passwd",
        "live_figure.css",
        "../assets.py",
    )
    roots = (
        "/",
        "/components/",
        "/_stcore/",
        "/static/",
        "/app/static/",
        "/media/",
        "/component/",
    )
    for root in roots:
        for tried in (f"{root}{way}/{file}" for way in ("", *up) for file in wanted):
            status, _, body = answer(server, tried)
            # Streamlit answers with its page if it knows no such file, as it does for a page.
            assert status >= 300 or body.startswith((b"<!--", b"<!doctype html>")), tried
            assert b"SecurityHeaders" not in body, tried
            assert b"root:" not in body, tried

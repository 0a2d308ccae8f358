"""Streamlit's own files: gzipped for clients that accept it, unchanged for all others.

Also Streamlit's html page, to which the app's own files are added.
"""

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.testing.v1.element_tree import Block

import pages.components
from pages.server.assets import components_url, routes, style_url
from pages.server.streamlit_files import FOLDER, PARTS, StreamlitFiles, page_with_our_files
from tests.pages.asking import Answer, asked
from tests.pages.opening import site

SCRIPT = min((FOLDER / "static" / "js").glob("index.*.js"))
STYLE = min((FOLDER / "static" / "css").glob("index.*.css"))
FONT = min((FOLDER / "static" / "media").glob("*.woff2"))

PAGE = (FOLDER / "index.html").read_bytes()
NOT_OURS: ASGIApp = PlainTextResponse("Streamlit's own answer.")


def answer(path: str, base: str = "", method: str = "GET", **headers: str) -> Answer:
    """The answer of StreamlitFiles in front of an app that answers everything."""
    return asked(StreamlitFiles(NOT_OURS, base), path, method, **headers)


@pytest.mark.parametrize("base", ["", "backprop", "/a/b/"])
@pytest.mark.parametrize(
    ("file", "media"), [(SCRIPT, "text/javascript"), (STYLE, "text/css")], ids=["script", "style"]
)
def test_a_file_is_itself_gzipped(file: Path, media: str, base: str) -> None:
    path = file.relative_to(FOLDER).as_posix()
    below = "/".join(["", *filter(None, base.split("/")), path])
    got = answer(below, base, accept_encoding="gzip, deflate, br")
    assert gzip.decompress(got.body) == file.read_bytes()
    assert len(got.body) < file.stat().st_size / 2
    assert got.headers["content-encoding"] == "gzip"
    assert got.headers["content-length"] == str(len(got.body))
    assert got.headers["content-type"] == f"{media}; charset=utf-8"
    assert got.headers["vary"] == "accept-encoding"
    assert "immutable" in got.headers["cache-control"]


@pytest.mark.parametrize(
    "accepted", ["", "identity", "br", "gzip;q=0", "br, gzip; q=0.0, deflate", "GZIP;Q=0"]
)
def test_a_browser_that_takes_no_gzip_gets_the_file_from_streamlit(accepted: str) -> None:
    got = answer(f"/static/js/{SCRIPT.name}", accept_encoding=accepted)
    assert got.body == b"Streamlit's own answer."
    assert "content-encoding" not in got.headers
    assert got.headers["vary"] == "accept-encoding", "or a cache on the way gives it to others"


@pytest.mark.parametrize(
    "accepted", ["gzip", "GZip", "br;q=1.0, gzip;q=0.8, *;q=0.1", "gzip;q=0.001"]
)
def test_a_browser_that_takes_gzip_gets_the_file_gzipped(accepted: str) -> None:
    got = answer(f"/static/js/{SCRIPT.name}", accept_encoding=accepted)
    assert got.headers["content-encoding"] == "gzip"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/relu",
        "/static/js/none.js",
        f"/static/js/../js/{SCRIPT.name}",
        f"/static/css/{SCRIPT.name}",
        f"/other/static/js/{SCRIPT.name}",
        f"/static/media/{FONT.name}",
    ],
)
def test_streamlit_answers_everything_but_its_own_files(path: str) -> None:
    got = answer(path, accept_encoding="gzip")
    assert got.body == b"Streamlit's own answer."
    assert "vary" not in got.headers


def test_streamlit_hears_what_a_browser_has_cached_of_files_that_are_no_page() -> None:
    heard = []

    async def streamlit(scope: Scope, receive: Receive, send: Send) -> None:
        heard.append(dict(Headers(scope=scope)))
        await Response(status_code=304)(scope, receive, send)

    said = {"accept": "*/*", "if_none_match": "its"}
    assert asked(StreamlitFiles(streamlit), f"/static/media/{FONT.name}", **said).status == 304
    assert heard == [{"accept": "*/*", "if-none-match": "its"}]


@pytest.mark.parametrize("base", ["", "backprop"])
def test_a_page_is_streamlits_and_names_our_files(base: str) -> None:
    heard = []

    async def streamlit(scope: Scope, receive: Receive, send: Send) -> None:
        heard.append(Headers(scope=scope))
        await Response(PAGE, media_type="text/html", headers={"etag": "its"})(scope, receive, send)

    got = asked(
        StreamlitFiles(streamlit, base),
        "/relu",
        accept="text/html,*/*;q=0.8",
        accept_encoding="gzip",
        if_none_match="its",
        range="bytes=0-10",
        host="here",
    )
    page = gzip.decompress(got.body)
    ours = f'<link rel="stylesheet" href="{style_url(base)}" />'
    assert ours.encode() in page
    script = f'<script type="module" fetchpriority="high" src="{components_url(base)}"></script>'
    page = page.replace(script.encode(), b"")
    start, end = page.index(b'<div id="root"></div>'), page.index(b"</body>")
    assert (
        page[:start] + page[end:]
        == PAGE[: PAGE.index(b'<div id="root"></div>')] + PAGE[PAGE.index(b"</body>") :]
    )
    assert got.headers["cache-control"] == "no-cache"
    assert "etag" not in got.headers, "Streamlit's says nothing about what we add"
    # Otherwise the app could answer that nothing is new, or with a compressed page, or a part.
    assert [dict(each) for each in heard] == [{"accept": "text/html,*/*;q=0.8", "host": "here"}]


@pytest.mark.parametrize("base", ["", "backprop", "/a/b/"])
@pytest.mark.parametrize(("path", "own"), [("/", ""), ("/relu", "relu"), ("/relu/", "relu")])
def test_a_picture_is_inside_the_page_and_drawn_before_streamlit_begins(
    base: str, path: str, own: str
) -> None:
    said = {"x": "</script><script>alert(1)</script>", "y": "<!--", "z": "h₁ ≤ 0 & more"}
    heard = []

    def picture(path: str, address: Mapping[str, str], name: str) -> str:
        heard.append((path, dict(address), name))
        return json.dumps(said, ensure_ascii=False)

    app = StreamlitFiles(Response(PAGE, media_type="text/html"), base, picture)
    below = "/".join(["", *filter(None, base.split("/"))]) + path
    got = asked(app, f"{below}?x=1&x=%3C&w=2", accept="text/html", user_agent="its name", host="a")
    page = got.body.decode()
    assert heard == [(own, {"x": "<", "w": "2"}, "its name")]
    found = re.findall(r'<script type="application/json" id="first-picture">(.*?)</script>', page)
    assert [json.loads(each) for each in found] == [said]
    scripts = re.findall(r'<script ([^>]*)src="([^"]*)"', page)
    names = ["plotly", "components", "index"]
    assert [name in url for name, (_, url) in zip(names, scripts, strict=True)] == [True] * 3
    # Whichever arrives first, they run in this order, once the whole page is there.
    assert ["defer" in how or "module" in how for how, _ in scripts] == [True] * 3
    assert [each for each in scripts if "async" in each[0]] == []


@pytest.mark.parametrize(
    "other",
    [
        Response("<p>A page of the app's own.", media_type="text/html"),
        Response("<p>There is none.", 404, media_type="text/html"),
        Response(PAGE, media_type="application/octet-stream"),
    ],
    ids=["own", "none", "download"],
)
def test_answers_that_are_not_the_page_of_the_app_pass_unchanged(other: Response) -> None:
    got = asked(StreamlitFiles(other), "/vote", accept="text/html", accept_encoding="gzip")
    assert got.body == other.body
    assert "content-encoding" not in got.headers


def test_what_is_asked_for_beforehand_is_all_that_the_parts_import() -> None:
    named = re.findall(rb'(?:href|src)="\./static/js/([^"]+)"', page_with_our_files(""))
    folder = FOLDER / "static" / "js"
    assert len(named) == len({*named})
    for name in named:
        text = (folder / name.decode()).read_bytes()
        for imported in re.findall(rb'from"\./([^"]+)"', text):
            assert imported in named, name
    for part in PARTS:
        assert any(name.startswith(f"{part}.".encode()) for name in named)


def test_what_the_first_page_shows_of_streamlits_is_asked_for_beforehand() -> None:
    def in_sight(block: Block) -> Iterator[str]:
        for each in block.children.values():
            yield each.type
            if isinstance(each, Block) and each.type != "popover":
                yield from in_sight(each)

    names = {kind.title().replace("_", "") for kind in in_sight(site().run().main)}
    scripts = {path.name for name in names for path in SCRIPT.parent.glob(f"{name}.*.js")}
    named = re.findall(r'(?:href|src)="\./static/js/([^"]+)"', page_with_our_files("").decode())
    assert {*PARTS} <= {name.partition(".")[0] for name in scripts}
    assert scripts <= {*named}


def test_a_server_with_another_streamlit_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.server.streamlit_files.PARTS", (*PARTS, "NoLongerThere"))
    with pytest.raises(RuntimeError, match=r"^needs a Streamlit with .*'NoLongerThere'\)$"):
        StreamlitFiles(NOT_OURS, "at-its-start")


def test_a_post_to_a_file_is_left_to_streamlit() -> None:
    assert answer(f"/static/js/{SCRIPT.name}", method="POST", accept_encoding="gzip").body == (
        b"Streamlit's own answer."
    )


@pytest.mark.parametrize("accepted", ["gzip", "identity"])
def test_a_head_request_gets_the_same_headers(accepted: str) -> None:
    path = f"/static/js/{SCRIPT.name}"
    whole, head = (answer(path, "", way, accept_encoding=accepted) for way in ("GET", "HEAD"))
    assert head.headers == whole.headers


def test_the_styles_of_all_components_are_in_the_pages_style_sheet() -> None:
    got = asked(Starlette(routes=routes("")), style_url(""), accept_encoding="gzip")
    sheet = gzip.decompress(got.body).decode()
    components = Path(pages.components.__file__).parent
    assert "live_figure.css" in {file.name for file in components.glob("*.css")}
    for file in (components.parent / "site.css", *components.glob("*.css")):
        assert file.read_text(encoding="utf-8") in sheet, file.name

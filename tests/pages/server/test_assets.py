"""The files that every page loads: their encoding, and how long browsers may keep them."""

import gzip

import pytest
from starlette.routing import Router

from pages.server.assets import _STYLE_FILES, FOREVER, File, routes
from tests.for_each import for_each
from tests.pages.asking import asked

TEXT = "const one = 1;\n" * 9
FILE = File.of("one-{version}.js", "text/javascript", TEXT)


@for_each("base", ["", "backprop", "/a/b/"])
@for_each("accepted", ["", "gzip, br"])
@for_each(("version", "kept"), [(FILE.version, FOREVER), ("another", "no-store")])
def test_a_file_comes_as_it_is_asked_for_and_only_its_own_version_is_kept(
    version: str, kept: str, accepted: str, base: str
) -> None:
    path = FILE.url(base).replace(FILE.version, version)
    got = asked(Router([FILE.route(base)]), path, accept_encoding=accepted)
    packed = got.headers.get("content-encoding") == "gzip"
    assert packed == bool(accepted)
    assert (gzip.decompress(got.body) if packed else got.body) == TEXT.encode()
    assert got.headers["content-type"] == "text/javascript; charset=utf-8"
    assert got.headers["cache-control"] == kept
    assert got.headers["vary"] == "accept-encoding", "or a cache on the way gives it to others"


@pytest.mark.parametrize("base", ["", "backprop"])
def test_streamlits_server_is_not_below_a_page_and_that_is_no_error(base: str) -> None:
    """A browser writes an answer from 400 on to its console, and takes one below 300 for yes."""
    below = f"/{base}/relu" if base else "/relu"
    got = asked(Router(routes(base)), f"{below}/_stcore/health")
    assert 300 <= got.status < 400


@pytest.mark.parametrize("text", [TEXT, "", "∂L/∂x"])
def test_a_file_has_the_same_address_after_every_start_and_another_text_another(text: str) -> None:
    file = File.of("one-{version}.js", "text/javascript", text)
    assert file.gzipped[4:8] == bytes(4), "the time at which it was gzipped, by RFC 1952"
    assert (file.url("") == FILE.url("")) == (text == TEXT)


def test_the_style_of_a_component_comes_behind_that_of_the_site_which_it_may_change() -> None:
    first, *others = [file.name for file in _STYLE_FILES]
    assert first == "site.css"
    assert others == sorted(others)
    assert others

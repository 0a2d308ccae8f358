"""The files that the server sends to the gallery, and that it sends no others."""

import gzip
import json
from typing import Any

import pytest
from starlette.routing import Router

from pages.export.render_jobs import RenderJob, job_of_preset
from pages.export.slide import slide
from pages.export.style import Style
from pages.gallery import gallery_page
from pages.gallery.exhibits import exhibits, path_of, version_of
from pages.gallery.gallery_page import files_url, routes
from pages.registry import PAGES
from tests.for_each import for_each
from tests.pages.asking import Answer, asked


def answer(path: str, base: str = "", **headers: str) -> Answer:
    """The answer of a server that has only the gallery's routes."""
    return asked(Router(routes(base)), path, **headers)


def test_a_thumbnail_is_kept_by_the_browser() -> None:
    address = "/gallery-files/dark/max-tie.png"
    got = answer(address)
    assert got.body == path_of("max-tie", "dark").read_bytes()
    assert got.headers["content-type"] == "image/png"
    assert "immutable" in got.headers["cache-control"]


def test_a_thumbnail_is_not_kept_under_another_version() -> None:
    address = "/gallery-files/dark/max-tie.png"
    own = answer(f"{address}?{version_of('max-tie', 'dark')}")
    assert "immutable" in own.headers["cache-control"]
    for other in (version_of("max-tie", "light"), "0123456789ab"):
        assert answer(f"{address}?{other}").headers["cache-control"] == "no-store"


def test_each_slide_has_its_own_case_and_a_version_for_each_theme(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown, around = list[Any](), list[Any]()
    for name in ("heading", "article"):
        monkeypatch.setattr(gallery_page, name, around.append)
    monkeypatch.setattr(gallery_page, "gallery", lambda groups, *_: shown.extend(groups))
    gallery_page.show(PAGES["gallery"])
    slides = {slide["name"]: slide for group in shown for slide in group["slides"]}
    assert [slide["slug"] for slide in slides.values()] == [each.case for each in exhibits()]
    themes = {theme: version_of("max-tie", theme) for theme in ("light", "dark")}
    assert slides["max-tie"]["versions"] == themes
    assert around == [PAGES["gallery"]] * 2


def test_a_slide_is_the_exported_figure() -> None:
    plain = answer("/backprop/gallery-files/light/max-pool-overlap.json", "/backprop/")
    packed = answer("/gallery-files/light/max-pool-overlap.json", accept_encoding="br, gzip")
    assert packed.headers["content-encoding"] == "gzip"
    for got in (plain, packed):
        # Otherwise a cache would give one of them to other clients.
        assert got.headers["vary"] == "accept-encoding"
        assert got.headers["cache-control"] == "no-cache", "its address names no version"
    assert gzip.decompress(packed.body) == plain.body
    said = json.loads(plain.body)
    figure = slide(job_of_preset("max-pool/overlap", Style()))
    assert said["figure"] == json.loads(json.dumps(figure))
    assert said["size"] == [1920, 1080]
    assert said["id"].startswith("p")
    assert said["explanation"][0].startswith("∂L/∂h₄ = ")


@for_each(
    "path",
    [
        "light/no.png",
        "light/no.json",
        "pink/max-tie.png",
        "pink/max-tie.json",
        "light/..%2Fdark%2Fmax-tie.png",
        "light/../../thumbnails.png",
    ],
)
def test_there_is_nothing_else(path: str) -> None:
    missing = answer(f"/gallery-files/{path}")
    assert missing.status == 404
    assert "../" in path or missing.body == b"There is no such picture."


def test_a_drawing_that_fails_is_no_missing_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(job: RenderJob) -> dict[str, Any]:
        raise KeyError(job.name)

    gallery_page.slide_of.cache_clear()
    monkeypatch.setattr(gallery_page, "slide", fails)
    with pytest.raises(KeyError, match="max-tie"):
        answer("/gallery-files/light/max-tie.json")


def test_the_addresses_are_below_the_base_path() -> None:
    assert files_url("") == "/gallery-files"
    assert files_url("/a/b/") == "/a/b/gallery-files"

"""The gallery: thumbnails are loaded as needed, slides are downloaded, marked cases presented."""

import re
import struct
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import expect

from pages.export.render_jobs import read_scene_file
from pages.export.style import Style
from pages.gallery.exhibits import exhibits, groups
from tests.browser.live_page import GO_BACK, LivePage, box_of

LOADED = """
(theme) => {
  const near = [...document.querySelectorAll(".gallery-picture")]
    .filter((picture) => picture.getBoundingClientRect().top < innerHeight);
  return near.length && near.every((picture) =>
    picture.complete && picture.naturalWidth === 960 && picture.src.includes(`/${theme}/`));
}
"""


FORGET = "location.protocol === 'about:' || sessionStorage.clear()"
"""Forget which groups were open; an empty tab has no storage that could keep them."""


@pytest.fixture
def gallery(page: LivePage) -> LivePage:
    """The gallery's page, reached as Back does or loaded, with its pictures."""
    page.page.evaluate(FORGET)
    page.come_to("gallery")
    expect(page.page.locator(".gallery-card")).to_have_count(len(exhibits()))
    page.page.wait_for_function(LOADED, arg="light")
    return page


@pytest.fixture
def asked(page: LivePage) -> list[str]:
    """The addresses that the tab requests from now on."""
    urls: list[str] = []
    page.page.on("request", lambda request: urls.append(request.url))
    return urls


UNDER_THE_BAR = """() => {
  document.querySelector(".stMain").scrollTop = 900;
  const [bar, header] = [".gallery-bar", "[data-testid=stHeader]"]
    .map((name) => document.querySelector(name).getBoundingClientRect());
  return bar.top - header.bottom;
}"""


@pytest.mark.anew
def test_pictures_are_marked_and_seen_larger_and_open_their_page(
    asked: list[str], gallery: LivePage
) -> None:
    page = gallery.page
    pictures = [url for url in asked if "gallery-files" in url]
    assert 1 < len(pictures) < len(exhibits()), "what is far below is not loaded yet"
    assert not any("plotly" in url for url in asked)
    bar = page.locator(".gallery-bar button")
    across = "(all) => all.map((each) => [each.offsetLeft, each.offsetWidth])"
    places = bar.evaluate_all(across)
    marked = page.get_by_label("Mark: ReLU · All a are positive")
    marked.check()
    expect(bar.first).to_have_text("Download 1 as .zip")
    assert bar.evaluate_all(across) == places, "a button has moved"
    page.get_by_role("button", name="Unmark all").click()
    expect(page.get_by_role("button", name="Download marked as .zip")).to_be_disabled()
    page.get_by_role("button", name="Mark 1 again").click()
    expect(marked).to_be_checked()
    of_its_group = page.locator(".gallery-group", has=marked)
    boxes, all_of_it = (
        of_its_group.get_by_role("checkbox"),
        of_its_group.get_by_role("button", name="Mark all"),
    )
    for checked in (True, False):  # the unmarked ones first
        all_of_it.click()
        expect(of_its_group.get_by_role("checkbox", checked=checked)).to_have_count(boxes.count())
    is_seen_larger_with_its_reason(gallery, "A tie of three maxima · PyTorch amax")
    page.get_by_role("dialog").get_by_role("link", name="Open the page").click()
    gallery.wait_drawn()
    gallery.wait_address(x="1.5,-1,1.5,1.5,0", rule="pytorch-amax")
    gallery.asks("", "preset=three-way-tie&rule=pytorch-amax")


def is_seen_larger_with_its_reason(gallery: LivePage, title: str) -> None:
    """Enlarge a picture by its button, which gets the focus back; at the end, enlarge it again."""
    page = gallery.page
    widths = page.locator(".gallery-picture").evaluate_all(
        "(all) => all.map((each) => each.getBoundingClientRect().width)"
    )
    assert min(widths) > 360, "two or three in a row, so that they can be read"
    assert page.evaluate(UNDER_THE_BAR) <= 0, "no picture shows above it"
    button = page.get_by_role("button", name=f"Larger: {title}")
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name=title)
    expect(dialog.get_by_role("heading", name=title)).to_be_visible()
    expect(dialog.locator(".gallery-reason")).to_contain_text(
        "∂L/∂x₃ = +⅔: h₃ ties for the maximum"
    )
    box, window = box_of(dialog.locator("img")), page.viewport_size
    assert window
    assert box["width"] > max(widths)
    assert box["y"] + box["height"] < window["height"]
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()
    button.click()


def test_what_is_marked_is_presented_in_its_order(gallery: LivePage) -> None:
    page, press = gallery.page, gallery.page.keyboard.press
    titles = (
        "How many entries of a does x₃ influence?",
        "A tie of three maxima",
        "A tie of three maxima · PyTorch amax",
    )
    for title in titles:
        page.get_by_label(f"Mark: {title}", exact=True).check()
    bar = page.locator(".gallery-bar")
    expect(bar.get_by_text("any other case shows its answer at once")).to_be_visible()
    page.get_by_role("button", name="Present 3").click()
    position = page.locator(".live-figure-position[role=status]")
    shown = page.get_by_label("Cases").locator("option:checked")
    reveal = gallery.task.get_by_role("button", name="Reveal")

    def is_shown(place: str, title: str, **address: str) -> None:
        expect(position).to_have_text(place)
        expect(shown).to_have_text(title)
        gallery.wait_address(**address, present="1")

    # A question is asked first.
    expect(position).to_have_text("1 of 3")
    expect(gallery.task).to_contain_text(titles[0])
    expect(reveal).to_be_visible()
    expect(page.locator(".live-figure-keys")).to_contain_text("R\u00a0answer")
    gallery.wait_address(filters="scalar", entry="x3", present="1")
    gallery.until(lambda: not any("nonzero" in text for text in gallery.texts()))
    assert gallery.explanation() == []
    press("r")
    expect(reveal).to_have_count(0)
    gallery.until(lambda: any("nonzero" in text for text in gallery.texts()))
    expect(gallery.task).to_contain_text(titles[0])
    assert gallery.explanation() != []
    expect(position).to_have_text("1 of 3")
    # Then the next case comes, which may be on another page.
    press("PageDown")
    is_shown("2 of 3", titles[1], x="1.5,-1,1.5,1.5,0", rule="lab")
    gallery.slider("x1").press("End")
    is_shown("2 of 3, changed", titles[1], x="4,-1,1.5,1.5,0")
    press("PageDown")
    is_shown("3 of 3", titles[2], x="1.5,-1,1.5,1.5,0", rule="pytorch-amax")
    expect(page.get_by_role("button", name="Next case")).to_be_disabled()
    press("PageUp")
    is_shown("2 of 3, changed", "your own values", x="4,-1,1.5,1.5,0", rule="lab")
    press("Escape")
    page.wait_for_function("document.fullscreenElement === null")
    for title in titles:  # back where the list began
        expect(page.get_by_label(f"Mark: {title}", exact=True)).to_be_checked()
    expect(page.get_by_test_id("stHeader")).to_be_visible()
    page.get_by_role("button", name="Unmark all").click()
    page.evaluate("sessionStorage.clear()")


def test_slides_are_drawn_here(gallery: LivePage, tmp_path: Path) -> None:
    page = gallery.page
    one = page.get_by_role("button", name="Download: ReLU · One a is exactly at")
    path = gallery.downloaded(one.click, tmp_path)
    assert path.name == "relu-one-at-zero.png"
    expect(page.locator(".gallery-status")).to_have_text("relu-one-at-zero.png is downloaded.")
    png = path.read_bytes()
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", png[16:24]) == (1920, 1080)
    page.get_by_label("Format").select_option("svg")
    page.get_by_label("Theme").select_option("dark")
    sources = page.locator(".gallery-card img").evaluate_all("(all) => all.map(({ src }) => src)")
    assert all("/dark/" in source for source in sources), "seen as it will be drawn"
    # The keyboard does it all.
    page.get_by_role("button", name="Minibatch", exact=True).press("Enter")
    bar, group = box_of(page.locator(".gallery-bar")), box_of(page.locator("summary:focus"))
    assert bar["y"] + bar["height"] <= group["y"], "it is not beneath the bar"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_label("Mark: The maximum is unique: how many ∂L/∂x are nonzero?").press("Space")
    chosen = [groups()[0].exhibits[0], *groups()[6].exhibits]
    every = page.get_by_role("button", name=f"Download {len(chosen)} as .zip")
    path = gallery.downloaded(every.click, tmp_path)
    with ZipFile(path) as files:
        assert files.testzip() is None
        assert {each.date_time for each in files.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert files.namelist() == [*(f"{each.name}.svg" for each in chosen), "lecture.toml"]
        drawn = files.read("unique-max.svg").decode()
        lecture = tmp_path / "lecture.toml"
        lecture.write_bytes(files.read("lecture.toml"))
    assert 'width="1920" height="1080"' in drawn
    assert "The maximum is unique" in drawn
    assert re.search(r' id="defs-p[0-9a-f]{8}"', drawn), "named after its figure"
    again = list(read_scene_file(lecture, {}))
    assert again == [each.job(Style(theme="dark", formats=("svg",))) for each in chosen]
    expect(page.locator(".gallery-status")).to_have_text("slides.zip is downloaded.")
    page.get_by_role("button", name="Unmark all").click()
    expect(page.get_by_role("button", name="Download marked as .zip")).to_be_disabled()


SMALL = """
() => [...document.querySelectorAll(
  ".gallery :is(a, button, select, summary), .gallery-mark")].filter((each) => each.offsetParent)
  .map((each) => [each.textContent, each.getBoundingClientRect()])
  .filter(([, { width, height }]) => width < 44 || height < 44).map(([text]) => text)
"""


def test_on_a_phone_the_gallery_is_folded_and_a_finger_hits_all_of_it(page: LivePage) -> None:
    page.page.set_viewport_size({"width": 390, "height": 844})
    page.visit("relu")
    page.page.evaluate(FORGET)
    page.page.evaluate(GO_BACK, f"{page.base}gallery")
    page.page.wait_for_function(LOADED, arg="light")
    assert page.page.evaluate("document.documentElement.scrollWidth") <= 390
    cards = page.page.locator(".gallery-card").evaluate_all(
        "(cards) => cards.map((card) => card.getBoundingClientRect().right)"
    )
    assert max(cards) <= 390
    expect(page.page.locator("details[open]")).to_have_count(1)
    height = page.page.locator(".gallery").evaluate("(all) => all.scrollHeight")
    assert height < 3500, "folded: it was 12,000 px long"
    assert page.page.evaluate(SMALL) == []
    page.altered = True  # the tab keeps which groups are open

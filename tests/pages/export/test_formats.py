"""Presets as they are drawn, and files of every format, opened by a program that reads it."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from io import BytesIO
from typing import Any, Final, cast
from xml.etree import ElementTree

import pytest
from PIL import Image, ImageSequence

from pages.export import batch
from pages.export.animation import (
    LAST_MILLISECONDS,
    STEP_MILLISECONDS,
    VALUE_MILLISECONDS,
    played,
)
from pages.export.batch import Output, Studio
from pages.export.document import PLOTLY, document, html_file
from pages.export.fingerprint import fingerprint_in
from pages.export.render_jobs import RenderJob, job_of_preset
from pages.export.renderer import BrowserLostError, Renderer
from pages.export.slide import Canvas, captioned, slide
from pages.export.style import SIZES, Size, Style
from pages.figures.theme import PALETTES, Theme
from pages.registry import named_scene, names
from pages.server.scripts import plotly_source
from tests.pages.apart import apart
from tests.pages.export.drawing import ONE_A_PAGE, BlockingStudio, drawn

SIZE: Final = (480, 270)
POINTS: Final = 72 / 96
"""Points per CSS pixel."""
KINDS: Final = ("look-inside", "at-a-kink", "conv-2d", "max-pool")
UNLIKE: Final = [name for name in ONE_A_PAGE if name.partition("/")[0] in KINDS]
"""Presets with and without steps, sliders, heat maps, and explanations."""


def opened_svg(content: bytes) -> None:
    root = ElementTree.fromstring(content)
    assert (root.get("width"), root.get("height")) == tuple(map(str, SIZE))
    across, down = (float(side) for side in (root.get("viewBox") or "").split()[2:])
    assert across / down == pytest.approx(SIZE[0] / SIZE[1])
    families = set(re.findall(r"font-family: ([^;]*)", content.decode()))
    assert {family.split(",")[0] for family in families} == {"Arial"}
    assert all("Liberation Sans" in each and each.endswith("sans-serif") for each in families)
    assert not re.search(rb"https?://(?!www\.w3\.org/)", content)


def opened_png(content: bytes) -> None:
    picture = Image.open(BytesIO(content))
    picture.load()
    assert (picture.format, picture.size) == ("PNG", SIZE)
    assert picture.convert("RGBA").getchannel("A").getextrema() == (255, 255)
    assert len(picture.convert("RGB").getcolors(1 << 20) or ()) > 20
    assert re.fullmatch(rf"{SIZE[0]}x{SIZE[1]} [0-9a-f]{{64}}", fingerprint_in(content))


def opened_pdf(content: bytes) -> None:
    assert content.startswith(b"%PDF-")
    assert re.findall(rb"/Count (\d+)", content) == [b"1"]
    left, bottom, right, top = map(float, page_of(content).split())
    assert (right - left, top - bottom) == pytest.approx((SIZE[0] * POINTS, SIZE[1] * POINTS))
    fonts = re.findall(rb"/Type /FontDescriptor.*?>>", content, re.DOTALL)
    assert fonts
    assert all(re.search(rb"/FontFile[23]? ", font) for font in fonts)
    assert b"Date" not in content


def page_of(pdf: bytes) -> bytes:
    """The box of the only page, found as a reader does, by the table that the file's end names."""
    (start,) = re.findall(rb"startxref\n(\d+)\n%%EOF\s*$", pdf)
    table = re.match(rb"xref\n(\d+) \d+\n((?:\d{10} \d{5} [nf] \n)+)", pdf[int(start) :])
    assert table
    entries = enumerate(table[2].splitlines(), int(table[1]))
    places = {number: int(entry[:10]) for number, entry in entries if entry.strip().endswith(b"n")}
    objects = {n: pdf[at : pdf.index(b"endobj", at)] for n, at in places.items()}
    assert all(content.startswith(b"%d 0 obj" % n) for n, content in objects.items())
    (page,) = [content for content in objects.values() if b"/Type /Page\n" in content]
    (box,) = re.findall(rb"/MediaBox \[([^\]]*)\]", page)
    return bytes(box)


def opened_gif(content: bytes, job: RenderJob) -> None:
    picture = Image.open(BytesIO(content))
    assert (picture.format, picture.size) == ("GIF", SIZE)
    times = [frame.info.get("duration", 0) for frame in ImageSequence.Iterator(picture)]
    if not job.subject.steps(job.scene):
        assert times == [0]
        return
    assert picture.info["loop"] == 0
    assert len(times) <= len(
        job.subject.steps(job.scene)
    )  # frames with the same picture are one frame, which is shown longer
    assert (
        sum(times)
        == STEP_MILLISECONDS * (len(job.subject.steps(job.scene)) - 1) + LAST_MILLISECONDS
    )


def opened_html(text: str, job: RenderJob) -> None:
    assert text.startswith("<!doctype html>")
    assert text.count(f"<script>{PLOTLY}</script>") == 1
    assert not re.search(r"""(?:src|href|url)\s*[=(]\s*["']?(?!data:)[\w/]""", text)
    (content,) = re.findall(r'<script type="application/json" id="content">(.*?)</script>', text)
    said = json.loads(content)
    row, place = said["at"]
    explained = bool(getattr(job.scene, "entry", ""))
    assert bool(said["rows"][row]["frames"][place]["explanation"]) == explained
    assert all(len(each["frames"]) == max(1, len(said["values"])) for each in said["rows"])
    assert len(said["rows"]) == max(1, len(job.subject.steps(job.scene)))


def told(name: str) -> int:
    """How many letters a preset's slide has besides its picture."""
    job = job_of_preset(name, Style())
    return len(job.title) + len("".join(job.subject.picture(job.scene).explanation[:2]))


def entries(name: str) -> int:
    """How many entries a preset's picture has."""
    subject, scene, _ = named_scene(name)
    return sum(value.array.size for value in subject.trace(scene).values)


def test_every_page_can_be_read_with_the_most_that_is_told(studio: BlockingStudio) -> None:
    """And with the most entries. test_overlaps checks that the texts of every preset lie apart."""
    longest, largest = (
        {name.rpartition("/")[0]: name for name in sorted(names(), key=each)}.values()
        for each in (told, entries)
    )
    cases = [(name, Style(size=SIZE)) for name in dict.fromkeys((*longest, *largest))]
    # On a narrower page title and reason break into other lines, and the picture is smaller.
    cases += [(name, Style(SIZES["4:3"], theme="dark")) for name in longest]
    found = {
        (name, *style.size): drawn(studio, job_of_preset(name, style)).mistakes()
        for name, style in cases
    }
    assert {case: wrong for case, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("name", UNLIKE)
def test_every_format_is_opened_by_what_reads_it(studio: BlockingStudio, name: str) -> None:
    job = job_of_preset(name, Style(size=SIZE))
    opened_svg(studio.content(Output(job, "svg")))
    opened_png(studio.content(Output(job, "png")))
    opened_pdf(studio.content(Output(job, "pdf")))
    opened_gif(studio.content(Output(job, "gif")), job)
    opened_html(document(job), job)


@pytest.mark.usefixtures("one_picture")
def test_a_document_without_its_reason_and_one_in_the_dark() -> None:
    looks: list[tuple[bool, Theme]] = [(False, "dark"), (True, "light")]
    plain, told = (
        document(job_of_preset("max-tie", Style(caption=caption, theme=theme)))
        for caption, theme in looks
    )
    assert "ties for the maximum" in told
    assert "ties for the maximum" not in plain
    for text, palette in ((plain, PALETTES["dark"]), (told, PALETTES["light"])):
        known = dict(re.findall(r"--(paper|ink|muted|fill): ([^;]+);", text))
        assert known["paper"] == palette.paper
        assert known["ink"] == palette.ink
        assert known["muted"] == palette.muted
        assert known["fill"] == palette.fill_zero


def test_a_script_of_a_scene_without_a_title_has_that_of_any_script() -> None:
    job = job_of_preset("max-tie", Style())
    plain = str(job.subject.script(job.scene))
    for kind in ("py", "torch", "jax"):
        of_its_own = str(Output(replace(job, title="Who wins a tie?"), kind).script)
        assert of_its_own.startswith('"""Who wins a tie?')
    for title in ("", "  "):
        assert str(Output(replace(job, title=title), "py").script) == plain


@pytest.mark.usefixtures("one_picture")
def test_an_html_file_has_plotly_in_it() -> None:
    job = replace(job_of_preset("max-tie", Style()), title=PLOTLY)
    text, plotly = document(job), plotly_source()
    assert f"<title>{PLOTLY}</title>" in text
    assert html_file(job) == text.replace(f"<script>{PLOTLY}<", f"<script>{plotly}<")
    (content,) = re.findall(r'<script type="application/json" id="content">(.*?)</script>', text)
    assert "<" not in content, "nothing in it ends the element that it stands in"
    assert "<b>" in str(json.loads(content))


@pytest.mark.usefixtures("one_picture")
def test_a_title_is_text_in_an_html_file_whatever_it_is() -> None:
    text = document(replace(job_of_preset("max-tie", Style()), title='h < 1 & "dead"'))
    assert "<title>h &lt; 1 &amp; &quot;dead&quot;</title>" in text
    assert 'aria-label="h &lt; 1 &amp; &quot;dead&quot;"' in text


def test_a_transparent_picture_has_no_ground(studio: BlockingStudio) -> None:
    job = job_of_preset("max-tie", Style(size=SIZE, transparent=True))
    picture = Image.open(BytesIO(studio.content(Output(job, "png"))))
    corner = (0, SIZE[1] - 1)
    assert picture.convert("RGBA").getpixel(corner) == (0, 0, 0, 0)
    assert picture.convert("RGBA").getchannel("A").getextrema() == (0, 255)
    moving = Image.open(BytesIO(studio.content(Output(job, "gif"))))
    for frame in ImageSequence.Iterator(moving):
        pixel = frame.convert("RGBA").getpixel(corner)
        assert isinstance(pixel, tuple)
        assert pixel[3] == 0


def test_a_scale_makes_more_pixels_of_the_same(studio: BlockingStudio) -> None:
    job = job_of_preset("max-tie", Style(size=SIZE, scale=2.5))
    assert Image.open(BytesIO(studio.content(Output(job, "png")))).size == (1200, 675)
    opened_svg(studio.content(Output(job, "svg")))
    opened_pdf(studio.content(Output(job, "pdf")))


@pytest.mark.parametrize(
    ("name", "slider", "some", "title"),
    [
        ("max-pool/overlap", "h3", slice(3), "Max pool · ties: all get it"),
        # Inactive, then the maximum: the reasons differ. No tie remains.
        ("max-tie", "x2", slice(0, 33, 32), "The conv block · slope 1 at 0, ties: all get it"),
    ],
)
def test_a_gif_plays_the_slider_that_is_named_and_nothing_jumps(
    studio: BlockingStudio,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    slider: str,
    some: slice,
    title: str,
) -> None:
    # Some pictures suffice here; test_animation tests which pictures there are.
    monkeypatch.setattr(batch, "played", lambda job: tuple(row[some] for row in played(job)))
    titles: list[str] = []

    def noted(job: RenderJob, canvas: Canvas) -> dict[str, Any]:
        titles.append(job.title)
        return slide(job, canvas)

    shared: list[RenderJob] = []

    def fitted(job: RenderJob) -> Canvas:
        shared.append(job)
        return captioned(job)

    monkeypatch.setattr(batch, "slide", noted)
    monkeypatch.setattr(batch, "captioned", fitted)
    job = job_of_preset(name, Style(size=SIZE, slider=slider))
    picture = Image.open(BytesIO(studio.content(Output(job, "gif"))))
    frames = [frame.convert("RGB") for frame in ImageSequence.Iterator(picture)]
    times = [frame.info["duration"] for frame in ImageSequence.Iterator(picture)]
    assert times == [VALUE_MILLISECONDS] * len(range(33)[some])
    # At the top are the title and the headings, which all of them have.
    tops = [frame.crop((0, 0, SIZE[0], SIZE[1] // 5)).tobytes() for frame in frames]
    assert tops == tops[:1] * len(frames)
    assert {*titles} == {title}
    (all_of_it,) = shared
    scenes, _ = played(job)
    assert {each.scene for each in all_of_it.together} == {*scenes[some]}, "each reason has room"


class Paper:
    """A browser whose drawing of a figure is the figure's width."""

    async def svg(self, figure: dict[str, Any], size: Size, name: str) -> str:
        return str(figure["layout"]["width"])


class Lost:
    """A browser that has ended."""

    async def svg(self, figure: dict[str, Any], size: Size, name: str) -> str:
        raise BrowserLostError("the browser has ended")


def test_behind_a_browser_that_is_lost_the_next_picture_gets_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    browsers = iter((Lost(), Paper()))
    output = Output(job_of_preset("max-tie", Style()), "svg")

    @asynccontextmanager
    async def started() -> AsyncIterator[Lost | Paper]:
        yield next(browsers)

    async def drawn() -> bytes:
        async with AsyncExitStack() as stack:
            studio = Studio(stack)
            with pytest.raises(BrowserLostError):
                await studio.content(output)
            return await studio.content(output)

    monkeypatch.setattr(batch, "renderer", started)
    width = captioned(output.job).width
    assert apart(lambda: asyncio.run(drawn())) == str(width).encode()


def test_a_picture_on_another_canvas_is_drawn_anew() -> None:
    """The first frame of a gif may be one, drawn after the png of the same scene."""
    studio = Studio(AsyncExitStack())
    studio._renderer = cast("Renderer", Paper())
    job = job_of_preset("max-tie", Style())
    alone = captioned(job)

    def width(canvas: Canvas) -> str:
        with pytest.raises(StopIteration) as done:  # there is nothing to wait for
            studio._drawn(job, canvas).send(None)
        return str(done.value.value.svg)

    assert width(alone) == str(alone.width)
    assert width(replace(alone, width=2 * alone.width)) == str(2 * alone.width)

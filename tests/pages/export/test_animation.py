"""The animation in a document: every step and every value, stored as differences."""

import json
import re
from dataclasses import replace
from io import BytesIO
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import pages.export.document
from pages.export.animation import as_changes, gif, pictures_of, played, track_of, tracks_of
from pages.export.document import LENGTH_MOST, _height, document
from pages.export.extent import texts
from pages.export.render_jobs import JobError, RenderJob, job_of_page, job_of_preset
from pages.export.slide import on_canvas
from pages.export.style import Style
from pages.figures.primitives import text_width
from pages.figures.theme import PALETTES
from pages.state.predict import Exercise

CSS = Path(pages.export.document.__file__).with_name("player.css").read_text(encoding="utf-8")


def job(name: str = "max-tie", slider: str = "") -> RenderJob:
    return job_of_preset(name, Style(slider=slider))


def laid_over(old: Any, changes: Any) -> Any:
    """Apply changes to a value as the browser does."""
    if isinstance(old, list):
        return [laid_over(each, changes[i]) if i in changes else each for i, each in enumerate(old)]
    nested = (
        {
            key: laid_over(old.get(key, {}), value) if isinstance(value, dict) else value
            for key, value in changes.items()
        }
        if isinstance(old, dict)
        else changes
    )
    return {**old, **nested} if isinstance(old, dict) else nested


@pytest.mark.parametrize(
    ("name", "slider"),
    [("max-tie", "w"), ("conv-1d/one-vector", ""), ("conv-2d/patch", "row")],
)
def test_a_picture_that_plays_is_the_picture_of_its_scene(name: str, slider: str) -> None:
    one = job(name, slider)
    track = track_of(one, slider=True)
    rows = pictures_of(one, track)
    packed = as_changes(rows, track.at)
    assert track.scenes[track.at[0]][track.at[1]] == one.scene
    own = packed["base"]
    for row, said in zip(rows, packed["rows"], strict=True):
        own = [laid_over(old, new) for old, new in zip(own, said["traces"], strict=True)]
        for picture, frame in zip(row, said["frames"], strict=True):
            traces = zip(own, frame["traces"], strict=True)
            assert [laid_over(old, new) for old, new in traces] == picture.figure["data"]
            assert frame["explanation"] == list(picture.explanation)


def test_the_slider_is_that_of_the_explained_entry_or_the_named_one() -> None:
    track = track_of(job(), slider=True)
    assert track.slider
    assert track.slider.name == "x3"
    assert track.values == tuple(-4 + 0.25 * i for i in range(33))
    assert len(track.scenes) == 7
    named = track_of(job(slider="dz"), slider=True).slider
    assert named
    assert named.name == "dz"
    assert track_of(job("conv-2d/digit"), slider=True).slider is None  # z has no slider


def test_what_a_class_has_said_of_a_scene_is_shown_at_its_own_values_alone() -> None:
    voted = replace(job(), exercise=Exercise(shares=(("x1", (0.5,)), ("x3", (0.75,)))))
    assert next(tracks_of(job())).slider is not None
    for track in tracks_of(voted):
        assert {scene.moved("step", 0) for row in track.scenes for scene in row} == {
            voted.scene.moved("step", 0)
        }


def test_a_value_between_the_sliders_grid_is_kept() -> None:
    one = job(slider="w")
    off = RenderJob(one.name, one.title, one.subject, one.scene.moved("w", 0.3), one.style)
    track = track_of(off, slider=True)
    assert 0.3 in track.values
    assert len(track.values) == 34
    assert track.scenes[6][track.at[1]] == off.scene


def stack_of(layers: str, shape: str, slider: str = "") -> RenderJob:
    asked = {"layers": layers, "shape": shape}
    return job_of_page("stack", Style(slider=slider), asked)


@pytest.mark.parametrize(
    ("layers", "shape", "rows", "values"),
    [
        ("conv2d(3)-relu-maxpool2d(2)", "22,22", 7, 0),  # 7 · 33 pictures of 1,400 entries
        ("-".join(["relu"] * 63), "1,1,10,12", 1, 0),
    ],
)
def test_a_file_plays_as_much_as_there_is_room_for(
    layers: str, shape: str, rows: int, values: int
) -> None:
    text = document(stack_of(layers, shape))
    assert len(text.encode()) <= LENGTH_MOST == 3_000_000
    plays(text, rows, values)


@pytest.mark.parametrize(("count", "played"), [(5, [True, False]), (20, [False])])
def test_very_many_pictures_are_not_made_however_small_they_are(
    count: int, played: list[bool]
) -> None:
    """Of 11 and 41 steps, with 33 values each."""
    asked = {"layers": "-".join(["relu"] * count), "shape": "1", "entry": "x1"}
    tracks = [*tracks_of(job_of_page("stack", Style(), asked))]
    assert [track.slider is not None for track in tracks] == [*played, False]


def test_what_would_be_longer_plays_less(monkeypatch: pytest.MonkeyPatch) -> None:
    for rows, values in ((5, 33), (5, 0), (1, 0)):
        text = document(stack_of("relu-abs", "2"))
        plays(text, rows, values)
        monkeypatch.setattr("pages.export.document.LENGTH_MOST", len(text.encode()) - 1)
    plays(document(stack_of("relu-abs", "2", "x1")), 5, 33)  # which was asked for


def plays(text: str, rows: int, values: int) -> None:
    content = json.loads(re.findall(r'id="content">(.*?)</script>', text)[0])
    assert [len(each["frames"]) for each in content["rows"]] == [max(1, values)] * rows
    assert len(content["values"]) == values
    ends = re.findall(r'id="range" type="range" min="0" max="(\d+)"', text)
    assert ends == ([f"{values - 1}"] if values else [])
    assert ('id="range"' in text, 'id="next"' in text) == (values > 0, rows > 1)


def test_larger_type_stays_apart_at_every_value(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def kept(*given: Any) -> Any:
        made.append(on_canvas(*given))
        return made[-1]

    monkeypatch.setattr("pages.export.document.on_canvas", kept)
    # If the loss is small, gradients have more digits than in the picture that opens the file.
    asked = {"layers": "linear(2)-softmaxcrossentropy(0)", "shape": "1,2", "w": "1,2,-2,-1"}
    document(job_of_page("stack", Style(font_scale=1.5, slider="x2"), asked))
    said = [[*texts(figure)] for figure in made]
    beside = [pair for each in said for pair in combinations(each, 2) if pair[0].y == pair[1].y]
    assert beside
    apart = (sorted((one.box, other.box)) for one, other in beside)
    assert all(left + wide <= right for (left, _, wide, _), (right, *_) in apart)


def test_a_slider_that_moves_an_exponent_says_the_power_as_its_field_does() -> None:
    one = job_of_preset("gradient-check/step-size", Style(slider="eps"))
    content = json.loads(re.findall(r'id="content">(.*?)</script>', document(one))[0])
    assert content["values"][::16] == ["1e−13", "1e−9", "1e−5", "1e−1"]
    assert content["values"][1] == "1.78e−13"


def test_a_file_opens_with_the_picture_of_its_scene() -> None:
    """Even if the scene is at a middle step; a file without a title stays without one."""
    asked = {"layers": "relu-abs", "shape": "5", "step": "2"}
    one = job_of_page("stack", Style(slider="x2", title=False), asked)
    content = json.loads(re.findall(r'id="content">(.*?)</script>', document(one))[0])
    row, place = content["at"]
    assert row == 2
    assert track_of(one, slider=True).scenes[row][place] == one.scene
    assert content["layout"].get("title") is content["moved"] is None


def test_what_the_style_sheet_asks_for_is_said_and_in_the_colours_of_the_theme() -> None:
    palette = PALETTES["dark"]
    (said,) = re.findall(
        r":root \{(.*?)\}", document(job_of_preset("relu/one-at-zero", Style(theme="dark")))
    )
    variables = dict(re.findall(r"--([\w-]+): ([^;]+?)(?:;| $)", said))
    assert {*variables} == {*re.findall(r"var\(--([\w-]+)", CSS)}
    for name in ("paper", "ink", "muted"):
        assert variables[name] == getattr(palette, name)


def test_the_room_for_a_reason_is_that_of_its_lines() -> None:
    sizes = r"\{.*font-size: (\d+)px; line-height: (\d+)px"
    ((large, high),) = re.findall(f"#explanation p:first-child {sizes}", CSS)
    ((_, low),) = re.findall(f"#explanation p {sizes}", CSS)
    for lines in ((), ("one",), ("one", "two", "three")):
        picture = replace(job().subject.picture(job().scene), explanation=lines)
        pitches = [int(low) if line else int(high) for line in range(len(lines))]
        assert _height(picture, 1e6) == sum(pitches)
    long = ("word " * 400,)
    for room in (300, 1000):
        needed = text_width(long[0], int(large)) / room
        picture = replace(job().subject.picture(job().scene), explanation=long)
        assert needed <= _height(picture, room) / int(high) < needed + 1


def test_a_slider_that_is_named_is_there_however_many_pictures_it_takes() -> None:
    track = next(tracks_of(stack_of("conv2d(3)-relu-maxpool2d(2)", "22,22", "x1,1")))
    assert track.slider
    assert track.slider.name == "x1,1"


def test_a_slider_that_is_not_there_is_refused() -> None:
    with pytest.raises(JobError, match=r"slider 'h3' is not there; there are: x1, x2"):
        track_of(job(slider="h3"), slider=True)
    with pytest.raises(JobError, match=r"slider 'x1' is not there; there is none$"):
        track_of(job("look-inside/a-mistake", slider="x1"), slider=True)


def test_a_gif_shows_the_named_slider_else_the_steps_else_one_picture() -> None:
    scenes, times = played(job())
    assert [scene.query()["step"] for scene in scenes] == list("0123456")
    assert times == [1400] * 6 + [3000]
    scenes, times = played(job("max-pool/overlap", slider="h1"))
    values = [float(scene.query()["h"].split(",")[0]) for scene in scenes]
    assert values == [*(-4 + 0.25 * i for i in range(33)), *(3.75 - 0.25 * i for i in range(31))]
    assert set(times) == {120}
    # They are at the scene's step: at step 2 of 6 there are no gradients yet.
    steady = job_of_preset("max-tie", Style(slider="w"), {"step": "2"})
    scenes, _ = played(steady)
    assert {scene.query()["step"] for scene in scenes} == {"2"}
    scenes, _ = played(job("at-a-kink/two-way-tie"))
    assert scenes == [job("at-a-kink/two-way-tie").scene]


def test_a_pixel_of_a_gif_is_shown_from_half_on() -> None:
    picture = Image.new("RGBA", (4, 1))
    picture.putdata([(255, 0, 0, alpha) for alpha in (0, 127, 128, 255)])
    picture.save(png := BytesIO(), "PNG")
    with Image.open(BytesIO(gif([png.getvalue()], [100]))) as made:
        shown = made.convert("RGBA")
        assert [shown.getpixel((x, 0))[3] for x in range(4)] == [0, 0, 255, 255]  # type: ignore[index]


def test_a_gif_may_have_larger_pictures_than_pillow_opens_by_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Image.new("RGB", (6, 4), "red").save(png := BytesIO(), "PNG")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    made = gif([png.getvalue()], [100])
    monkeypatch.undo()
    with Image.open(BytesIO(made)) as picture:
        assert (picture.size, picture.convert("RGB").getcolors()) == ((6, 4), [(24, (255, 0, 0))])

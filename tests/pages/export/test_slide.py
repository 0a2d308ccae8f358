"""A slide: where the figure, its title, its caption and its texts lie on the canvas."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import unescape
from itertools import chain
from typing import Any

import pytest

from pages.derive.picture import Picture
from pages.export.extent import LINE, extent, growths, texts, with_fonts
from pages.export.render_jobs import RenderJob, job_of_preset
from pages.export.slide import CLEAR, EDGE, Canvas, Caption, canvas_of, picture_of, slide
from pages.export.style import SIZES, Size, Style
from pages.figures.primitives import HINT, line_trace, text_trace, text_width
from pages.figures.theme import NOTE_SIZE, PALETTES
from pages.state.scene import Scene
from tests.for_each import for_each
from tests.pages.scenes import FORMS
from tests.pages.test_overlaps import crossing

RATIOS = [*SIZES.values(), (1600, 900), (100, 8192), (8192, 100)]


def job(name: str = "max-tie", **style: Any) -> RenderJob:
    return job_of_preset(name, Style(**style))


def shown_texts(figure: Mapping[str, Any]) -> list[str]:
    shown = [trace for trace in figure["data"] if trace.get("visible") is not False]
    return [text for trace in shown for text in trace.get("text", ()) if text.strip()]


@for_each("size", RATIOS)
@for_each("titled", [True, False])
def test_a_slide_has_its_ratio_and_the_picture_its_own(size: Size, titled: bool) -> None:
    layout = slide(job(size=size, title=titled, caption=False))["layout"]
    assert layout["width"] / layout["height"] == pytest.approx(size[0] / size[1])
    margin = layout["margin"]
    across = layout["width"] - margin["l"] - margin["r"]
    down = layout["height"] - margin["t"] - margin["b"]
    assert across == pytest.approx(layout["xaxis"]["range"][1] - layout["xaxis"]["range"][0])
    assert down == pytest.approx(layout["yaxis"]["range"][0] - layout["yaxis"]["range"][1])
    assert margin["l"] == pytest.approx(margin["r"])
    assert min(margin.values()) >= 0
    assert margin["b"] > EDGE - 1e-9
    assert ("title" in layout) == titled
    if not titled:
        assert margin["t"] == pytest.approx(margin["b"])


@pytest.mark.parametrize("name", FORMS)
def test_everything_of_the_picture_is_on_its_slide_and_its_reason_beneath(name: str) -> None:
    one = job(name)
    figure, picture = slide(one), picture_of(one, one.scene)
    all_is_on(figure, picture)
    little_more_is_cut_out(one)
    if getattr(one.scene, "entry", ""):
        reason_is_beneath(figure, one.subject.picture(one.scene).explanation)
    else:
        assert not figure["layout"].get("annotations")


def all_is_on(figure: Mapping[str, Any], picture: Picture) -> None:
    boxes = [target.box for target in picture.targets] + [grid.box for grid in picture.grids]
    left, top, width, height = extent(picture.figure, boxes)
    low, high = figure["layout"]["xaxis"]["range"]
    bottom, upper = figure["layout"]["yaxis"]["range"]
    assert low <= left <= left + width <= high
    assert upper <= top <= top + height <= bottom


def little_more_is_cut_out(one: RenderJob) -> None:
    """Than the first and the last step draw; where no step is taken, there is one picture."""
    drawn = []
    for step in (one.steps()[0], one.steps()[-1]):
        picture = picture_of(one, step.scene)
        boxes = [target.box for target in picture.targets] + [grid.box for grid in picture.grids]
        left, top, width, height = extent(picture.figure, boxes)
        drawn.append((left, top, left + width, top + height))
    left, top, width, height = canvas_of(one).cut
    lefts, tops, rights, bottoms = zip(*drawn, strict=True)
    assert 0 <= min(lefts) - left < 10
    assert 0 <= min(tops) - top < 10
    assert 0 <= left + width - max(rights) < 10
    assert 0 <= top + height - max(bottoms) < 10


def test_the_steps_lie_exactly_over_each_other() -> None:
    layouts = [slide(step)["layout"] for step in job().steps()]
    captions = [layout.pop("annotations") for layout in layouts]
    assert all(layout == layouts[0] for layout in layouts)
    texts = [caption.pop("text") for (caption,) in captions]
    assert all(caption == captions[0] for caption in captions)
    assert len({*texts}) > 1


def test_where_the_steps_stand_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Scene] = []

    def counted(one: RenderJob, scene: Scene) -> Picture:
        drawn.append(scene)
        return picture_of(one, scene)

    monkeypatch.setattr("pages.export.slide.picture_of", counted)
    steps = replace(job(), title="A title of its own").steps()
    for step in steps:
        slide(step)
    once_each, ends = 2 * len(steps), 2
    assert len(drawn) == once_each + ends, "for the captions and for its slide; for what is cut"


def caption(figure: Mapping[str, Any]) -> Any:
    (found,) = figure["layout"]["annotations"]
    return found


def reason_is_beneath(figure: Mapping[str, Any], said: Sequence[str]) -> None:
    layout, found = figure["layout"], caption(figure)
    assert layout["width"] / layout["height"] == pytest.approx(16 / 9)
    lines, size = found["text"].split("<br>"), found["font"]["size"]
    assert 1 <= len(lines) <= 3
    assert size >= NOTE_SIZE
    assert all(text_width(line, size) <= layout["width"] - 2 * EDGE for line in lines)
    words = unescape(re.sub("<[^>]*>", " ", found["text"])).split()
    whole = [line.split() for line in said[:2]]
    assert words in (whole[0], [*chain(*whole)])
    assert found["text"].startswith("<b>")
    # The caption begins below the picture, and ends above the lower edge.
    bottom = layout["margin"]["b"]
    assert found["yshift"] < 0
    assert bottom + found["yshift"] - len(lines) * size * LINE >= EDGE - 0.01


def test_a_caption_is_text() -> None:
    strange = replace(job(), said=lambda _: ["a < b & <b>c</b> $x$"])
    assert caption(slide(strange))["text"].startswith(
        "<b>a &lt; b &amp; &lt;b&gt;c&lt;/b&gt; $x$</b>"
    )


def test_an_answer_of_any_length_is_whole() -> None:
    long = replace(job(), said=lambda _: ["why is it zero " * 60])
    text = caption(slide(long))["text"]
    assert text.count("zero") == 60
    layout = slide(long)["layout"]
    assert layout["margin"]["b"] + caption(slide(long))["yshift"] > text.count("<br>") * NOTE_SIZE


def test_a_line_of_a_caption_does_not_end_in_a_product() -> None:
    terms = " + ".join(["(−0.75) · 0.125"] * 40)
    text = caption(slide(replace(job(), said=lambda _: [f"Why? {terms}", terms])))["text"]
    lines = re.sub("<b>|</b>", "", text).split("<br>")
    assert len(lines) > 3
    assert all(re.fullmatch(r"(Why\? )?[+(].*(\.125|\+)", line) for line in lines), lines


@pytest.mark.parametrize(
    ("formula", "apart", "room", "lines"),
    [
        (True, True, 500.0, ["<b>Why is it zero?</b>", "a = b"]),
        (True, False, 500.0, ["<b>Why is it zero?</b> a = b"]),
        (True, False, 160.0, ["<b>Why is it zero?</b>", "a = b"]),
        (False, False, 500.0, ["<b>Why is it zero?</b>"]),
    ],
)
def test_a_formula_stands_in_the_answers_line_only_where_it_may_and_fits(
    formula: bool, apart: bool, room: float, lines: list[str]
) -> None:
    assert Caption(20.0, formula, apart).lines(["Why is it zero?", "a = b"], room) == lines


@for_each(("size", "own_line"), [((1920, 1080), True), ((2650, 1000), False)])
def test_a_caption_does_not_make_the_picture_too_small_to_be_read(
    size: Size, own_line: bool
) -> None:
    figure = slide(job(size=size))
    assert ("<br>∂L/∂x₃ = w · ∂L/∂a₃" in caption(figure)["text"]) == own_line
    smallest = min(text.size for text in texts(figure))
    assert smallest / figure["layout"]["width"] >= 18 / 1600


def test_a_slide_without_a_caption_has_none() -> None:
    figure = slide(job(caption=False))
    assert not figure["layout"].get("annotations")
    assert figure["layout"]["width"] < slide(job())["layout"]["width"]


def test_a_slider_that_moves_no_cell_is_said_where_it_stands() -> None:
    assert "<i>∂L/∂z</i> = 1" in shown_texts(slide(job()))
    assert not any(
        text.startswith(("<i>x₁</i> =", "<i>w</i> =")) for text in shown_texts(slide(job()))
    )
    scene = job().scene.moved("dz", -2.5)
    assert "<i>∂L/∂z</i> = −2.5" in shown_texts(slide(replace(job(), scene=scene)))
    # The step of a gradient check is shown on the axis of its curve.
    checked = shown_texts(slide(job("gradient-check/step-size")))
    assert not any(text.startswith("<i>eps</i> =") for text in checked)


def test_an_arrow_is_no_name_of_what_a_slider_moves() -> None:
    said = " ".join(shown_texts(slide(job("conv-2d/patch"))))
    assert "image 61" in said
    assert not {"↕", "↔"} & {*said}
    assert "<i>w₁‚₁‚₁</i> =" not in said, "a weight's value stands in its cell of the heat map"


@pytest.mark.parametrize(
    ("xs", "right"),
    [
        ((0.0, 1000.0), 106.0),  # a line across the whole picture is shortened with the picture
        ((10.0, 990.0), 106.0),
        ((10.0, 900.0), 906.0),
        ((0.0, 500.0, 1000.0), 1000.0),  # no line that divides the picture
        ((300.0, 300.0), 306.0),
    ],
)
def test_a_line_across_the_picture_takes_no_room(xs: tuple[float, ...], right: float) -> None:
    line = {"type": "scatter", "mode": "lines", "x": xs, "y": (50.0,) * len(xs)}
    figure = {"data": [line], "layout": {"width": 1000.0, "height": 100.0}}
    left, _, width, _ = extent(figure, [(20.0, 20.0, 80.0, 40.0)])
    assert left + width == right


def test_beside_a_bracket_stands_the_value_of_its_entry() -> None:
    on_slide = shown_texts(slide(job("at-a-kink/two-way-tie")))
    for value in ("x₁</i> = 3", "x₂</i> = 3", "x₃</i> = 1", "x₄</i> = 0", "x₅</i> = −1"):
        assert f"<i>{value}" in on_slide
    assert "<i>w</i> = 1" in on_slide


def test_a_slide_has_no_hints() -> None:
    one = job("conv-1d/one-vector")
    figure = one.subject.picture(one.scene).figure
    (hint,) = [trace["text"] for trace in figure["data"] if trace.get("meta") == HINT]
    assert hint == ["choose an a to set its ∂L/∂a"]
    assert not {*hint} & {*shown_texts(slide(one))}


@pytest.mark.parametrize("theme", PALETTES)
def test_a_transparent_slide_has_no_ground(theme: Any) -> None:
    for transparent, ground in ((True, CLEAR), (False, PALETTES[theme].paper)):
        layout = slide(job(theme=theme, transparent=transparent))["layout"]
        assert (layout["paper_bgcolor"], layout["plot_bgcolor"]) == (ground, ground)


def test_a_title_is_text_and_takes_as_many_lines_as_it_needs() -> None:
    plain = slide(job())["layout"]
    assert plain["title"]["text"] == "<b>A tie of two maxima · slope 1 at 0, ties: all get it</b>"
    strange = slide(replace(job(), title="<script>$x$</script> & more"))["layout"]
    assert strange["title"]["text"] == "<b>&lt;script&gt;$x$&lt;/script&gt; &amp; more</b>"
    # plotly.js would replace %{…} by a part of layout.meta, or by nothing.
    braced = slide(replace(job(), title="90 %{x} of all"))["layout"]["title"]["text"]
    assert "%{" not in braced
    assert unescape(braced) == "<b>90 %{x} of all</b>"
    long = slide(replace(job(), title="a title of many words " * 20))["layout"]
    lines = long["title"]["text"].split("<br>")
    assert len(lines) > 2
    room, size = plain["width"] - 2 * EDGE, long["title"]["font"]["size"]
    assert all(text_width(line, size) <= room for line in lines)
    assert len(lines) < 1.5 * text_width("a title of many words " * 20, size) / room
    assert long["margin"]["t"] > plain["margin"]["t"]
    # With another anchor plotly.js lowers the <text>, by which librsvg lowers its first line alone,
    # and browsers lower none.
    assert long["title"]["yanchor"] == "bottom"


def test_there_is_room_for_the_titles_of_all_that_lie_over_each_other() -> None:
    cut, long = (0.0, 0.0, 600.0, 300.0), "a title of many words " * 20
    canvas = Canvas.around(cut, ["How many?", long], Style())
    assert canvas.title == ("How many?",)
    assert canvas.above == Canvas.around(cut, [long], Style()).above


@pytest.mark.parametrize(
    ("text", "arial", "dejavu"),  # by the fonts' own tables, in thousandths of the size
    [
        ("0123456789", 5560, 5723),
        ("−1.25 + 3 = 1.75", 7312, 7981),
        ("gradient", 3613, 3790),
        ("<b>Max pool</b>", 4334, 4584),
        ("Why is it zero?", 6557, 6572),
        ("梯度は零か", 5000, 5000),  # in the font that the browser takes instead: a square each
    ],
)
def test_a_text_has_room_in_the_fonts_that_there_may_be(
    text: str, arial: float, dejavu: float
) -> None:
    assert max(arial, dejavu) <= text_width(text, 1000) <= 1.15 * max(arial, dejavu)


def test_a_text_is_as_wide_as_its_widest_line() -> None:
    assert text_width("one<br>three &amp; more", 20) == text_width("three &amp; more", 20)


def two(apart: float, places: Sequence[str] = ("middle center",) * 2) -> dict[str, Any]:
    """Two texts of six digits and one size, side by side; places: of texts at their points."""
    return {
        "data": [text_trace([(0, 0), (apart, 0)], ["000000"] * 2, 20, "#000000", places)],
        "layout": {},
    }


def test_a_size_that_no_growth_is_known_of_grows_by_the_factor() -> None:
    fonts = [
        trace["textfont"]["size"]
        for trace in with_fonts(
            [
                {"textfont": {"size": 20}},
                {"textfont": {"size": [20, 30]}},
                {"textfont": {"size": 30}},
            ],
            {20: 1.25},
            1.5,
        )
    ]
    assert fonts == [25, [25, 45], 45]


def test_a_text_that_is_not_shown_takes_no_room() -> None:
    figure = two(100)
    assert [text.x for text in texts(figure)] == [0, 100]
    figure["data"][0]["visible"] = False
    assert [*texts(figure)] == []


def test_a_text_is_as_high_as_its_lines() -> None:
    for lines in (1, 2, 3):
        said = "<br>".join(["0"] * lines)
        trace = text_trace([(0, 0)], [said], 20, "#000000", "middle center")
        (text,) = texts({"data": [trace]})
        assert text.box[3] == lines * 20 * LINE


def test_type_grows_until_it_meets_the_next() -> None:
    width = text_width("000000", 20)
    assert growths(two(10 * width), [], 1.5) == {20: 1.5}
    # 2 pixels stay free.
    assert growths(two(1.2 * (width + 2)), [], 1.5) == {20: pytest.approx(1.2)}
    assert growths(two(width), [], 1.5) == {20: 1.0}
    assert growths(two(width), [], 0.7) == {20: 0.7}
    # A text that begins at its point extends to the left by the free pixel only.
    beside = two(1.2 * (width / 2 + 2), ("middle center", "middle right"))
    assert growths(beside, [], 1.5) == {20: pytest.approx(1.2)}


def test_type_grows_until_it_meets_the_border_of_a_cell() -> None:
    width, height = text_width("000000", 20) + 2, 20 * 1.3 + 2
    inside = (-0.65 * width, -100.0, 1.3 * width, 200.0)
    assert growths(two(9999), [inside], 1.5) == {20: pytest.approx(1.3)}
    beneath = (-50.0, 0.7 * height, 100.0, 40.0)
    assert growths(two(9999), [beneath], 1.5) == {20: pytest.approx(1.4)}
    # A text that begins at its point, in a cell, and left of one less a free pixel.
    begun, reach = two(9999, ("middle right",) * 2), width - 1
    around, behind = (-2.0, -100.0, 2 + 1.3 * reach, 200.0), (1.4 * reach, -100.0, 50.0, 200.0)
    assert growths(begun, [around], 1.5) == {20: pytest.approx(1.3)}
    assert growths(begun, [behind], 1.5) == {20: pytest.approx(1.4)}


def test_what_is_shown_together_grows_as_the_picture_that_has_least_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = iter([{20.0: 1.1, 30.0: 1.5}, {20.0: 1.3, 30.0: 1.2, 40.0: 1.4}])
    monkeypatch.setattr("pages.export.slide.growths", lambda *_: next(found))
    one = job(font_scale=1.5)
    beside = replace(one, together=(job("unique-max", font_scale=1.5),))
    monkeypatch.setattr(RenderJob, "steps", lambda self: [self])
    assert canvas_of(beside).fonts == {20: 1.1, 30: 1.2, 40: 1.4}


def test_the_pictures_texts_are_as_large_as_the_style_says() -> None:
    def sizes(factor: float) -> list[float]:
        return [text.size for text in texts(slide(job(font_scale=factor, caption=False)))]

    plain = sizes(1)
    assert len(plain) > 20
    assert sizes(0.8) == pytest.approx([0.8 * size for size in plain])
    grown = [large / size for size, large in zip(plain, sizes(1.2), strict=True)]
    assert 1 <= min(grown) <= max(grown) <= 1.2, "as far as there is room"
    assert max(grown) > 1


def test_smaller_type_is_that_of_title_and_caption_too() -> None:
    def sizes(factor: float) -> tuple[float, float]:
        figure = slide(job(font_scale=factor))
        return figure["layout"]["title"]["font"]["size"], caption(figure)["font"]["size"]

    small, plain = sizes(0.5), sizes(1)
    assert small[0] < plain[0]
    assert small[1] < plain[1]


def test_larger_type_lies_on_no_other_at_any_step() -> None:
    """During the forward pass long values stand in cells whose gradients are not known yet."""
    numbers = {"x": "1,0,0.75,2,0.5", "w1": "1,1", "w2": "-0.75,-0.75"}
    style = Style(font_scale=1.25, title=False, caption=False)
    for step in job_of_preset("stack/maximum-tie", style, numbers).steps():
        figure = slide(step)
        wide = {**figure["layout"], "width": 8192, "height": 8192}
        assert [*crossing({**figure, "layout": wide})] == [], step.scene.query()


@pytest.mark.parametrize("name", ["max-tie", "conv-2d/patch", "gradient-check/near-a-kink"])
@pytest.mark.parametrize("size", SIZES.values())
def test_larger_type_is_never_at_the_cost_of_the_picture(name: str, size: Size) -> None:
    plain, larger = (slide(job(name, size=size, font_scale=scale)) for scale in (1, 2))
    one, other = plain["layout"], larger["layout"]
    assert all(other[key] == one[key] for key in ("width", "height", "xaxis", "yaxis"))
    titles = other["title"]["font"]["size"] / one["title"]["font"]["size"]
    captions = caption(larger)["font"]["size"] / caption(plain)["font"]["size"]
    assert 1 <= min(titles, captions) <= max(titles, captions) <= 2
    assert captions > 1.19 or size == SIZES["16:9"], "there is room"
    words = [re.sub("<[^>]*>", " ", caption(each)["text"]).split() for each in (plain, larger)]
    assert words[0] == words[1], "the formula stays"


def test_what_was_larger_stays_larger() -> None:
    trace = text_trace(
        [(0, 0), (70, 0), (500, 500)], ["0000", "0000", "0"], [30, 30, 20], "#000000"
    )
    grown = growths({"data": [trace], "layout": {}}, [], 2.0)
    assert grown[30] < 1.1
    assert grown[20] * 20 == pytest.approx(grown[30] * 30)


def test_where_texts_stand_is_known_from_the_figure() -> None:
    figure = slide(job())
    found = {figure["data"][each.trace]["text"][each.position]: each for each in texts(figure)}
    value = found["<b>−2</b>"]
    left, top, width, height = value.box
    assert (left + width / 2, top + height / 2) == pytest.approx((value.x, value.y))
    assert set(shown_texts(figure)) == {*found}


def test_a_text_that_says_nothing_or_stands_nowhere_takes_no_room() -> None:
    places = [(0.0, 0.0), (50.0, 50.0), (90.0, 90.0), (80.0, 80.0)]
    drawn = text_trace(places, ["a", " ", "b", "c"], 20, "#000000")
    drawn |= {"x": [0.0, 50.0, None, 80.0], "y": [0.0, 50.0, 90.0, None]}
    assert [text.position for text in texts({"data": [drawn]})] == [0]


@pytest.mark.parametrize("mode", ["markers+text", "text"])
def test_a_text_stands_beside_its_marker(mode: str) -> None:
    places = ["top center", "bottom center", "middle left", "middle right", "middle center"]
    at = [(100.0 * i, 50.0) for i in range(5)]
    drawn = text_trace(at, ["0"] * 5, 20, "#000000", places)
    figure = {"data": [{**drawn, "mode": mode, "marker": {"size": 16}}]}
    beside = 8 if mode == "markers+text" else 0
    (above, below, before, behind, on) = (each.box for each in texts(figure))
    assert above[1] + above[3] == 50 - beside
    assert below[1] == 50 + beside
    assert before[0] + before[2] == pytest.approx(200 - beside)
    assert behind[0] == 300 + beside
    assert on[1] + on[3] / 2 == 50


def test_around_all_that_is_drawn_there_is_room_for_its_lines_as_far_as_the_picture_goes() -> None:
    layout = {"width": 400, "height": 300}
    line = line_trace([(100, 120), (250, 180), None], 4, "#000000")
    assert extent({"data": [line], "layout": layout}, []) == (94, 114, 162, 72)
    hidden = {**line_trace([(10, 10), (60, 290), None], 4, "#000000"), "visible": False}
    assert extent({"data": [line, hidden], "layout": layout}, []) == (94, 114, 162, 72)
    upright = line_trace([(250, 120), (250, 180), None, (350, 120), (350, 180)], 4, "#000000")
    assert extent({"data": [upright], "layout": layout}, []) == (244, 114, 112, 72)
    cells = [(0.0, 40.0, 20.0, 10.0), (380.0, 290.0, 20.0, 10.0)]
    assert extent({"data": [line], "layout": layout}, cells) == (0, 34, 400, 266)
    # A bar's x is its middle: from 180 to 220 across, from 50 to 150 down.
    bar = {"type": "bar", "x": [200], "base": [50], "y": [100], "width": [40]}
    assert extent({"data": [bar], "layout": layout}, []) == (174, 44, 52, 112)


def test_another_title_stands_on_a_canvas_as_it_does_on_its_own() -> None:
    short, long = "A tie", "Which of these entries of the gradient are nonzero, and why? " * 2
    style, cut = Style(font_scale=1.5), (0.0, 0.0, 600.0, 300.0)
    for titles in ((short, long), (long, short)):
        canvas, other = (Canvas.around(cut, order, style) for order in (titles, titles[::-1]))
        moved = canvas.titled(titles[1], style)
        assert (moved.title, moved.title_size) == (other.title, other.title_size)
        assert moved.title_size != canvas.title_size
        assert (moved.above, moved.height) == (canvas.above, canvas.height)

"""The picture of "Look inside", and the sentences about it."""

import base64
import contextlib
import io
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine import Why
from engine.mnist import load
from engine.training import Network
from pages.derive.picture import Screen
from pages.figures.heat_maps import cell_numbers, frame
from pages.figures.inside import PROJECTOR, Way, _ways, network_layout
from pages.figures.primitives import text_width
from pages.figures.theme import NEGATIVE, PALETTES, POSITIVE, REASON_COLOURS
from pages.figures.words import REASONS, name, number, percent
from pages.inside.captions import (
    _short,
    about_own,
    about_shipped,
    is_the_difference,
    over_the_classes,
)
from pages.inside.image_pass import (
    PART,
    decisive_part,
    plain_image,
    shipped_network,
    wrong_ones,
)
from pages.inside.inside_scene import BLANK, PRESETS, START, TITLES, InsideScene, questions_of
from pages.inside.inside_subject import INSIDE_SUBJECT, InsideSubject, latex_of
from pages.inside.network_maps import stages
from pages.inside.painting import cover, painted
from pages.language.catalogue import say
from pages.state.predict import Exercise
from tests.for_each import for_each
from tests.pages.test_overlaps import crossing
from tests.pages.training.records import progress, record

SCENE = InsideScene(image=61, entry="")
STAGES = stages("cnn")
NETWORK_LAYOUT = network_layout(STAGES, "gradients", ("a1", 0))
DECIMAL = re.compile(r"−?\d+\.\d+")


def colours(trace: dict[str, Any]) -> Any:
    """The colours of an image's pixels, (rows, columns), as "#rrggbb"."""
    raw = base64.b64decode(trace["source"].removeprefix("data:image/png;base64,"))
    pixels = np.asarray(Image.open(io.BytesIO(raw)).convert("RGB")).astype(int)
    return np.vectorize(lambda *rgb: "#{:02X}{:02X}{:02X}".format(*rgb))(*np.moveaxis(pixels, 2, 0))


def images(scene: InsideScene) -> list[dict[str, Any]]:
    figure = INSIDE_SUBJECT.picture(scene).figure
    return [trace for trace in figure["data"] if trace["type"] == "image"]


def texts(scene: InsideScene, *, narrow: bool = False) -> list[str]:
    figure = INSIDE_SUBJECT.picture(scene, Screen(narrow=narrow)).figure
    return [text for trace in figure["data"] for text in trace.get("text", [])]


def test_a_mosaic_has_every_number_in_its_place() -> None:
    maps = INSIDE_SUBJECT.image_pass(SCENE).maps()
    panels = network_layout(stages("cnn"), "gradients", ("a1", 0)).panels
    (at,) = [n for n, panel in enumerate(panels) if panel.letter == "a2"]
    mosaic = panels[at].mosaic
    there = colours(images(replace(SCENE, show="gradients"))[at])
    times, pitch = mosaic.tile // 11, mosaic.tile + mosaic.gap[0]
    tiles = [
        there[row * pitch :, column * pitch :][: mosaic.tile, : mosaic.tile][::times, ::times]
        for row in range(8)
        for column in range(2)
    ]
    zero, gradients = PALETTES["light"].map_zero, np.asarray(maps["a2"].gradients)
    np.testing.assert_array_equal(np.stack(tiles) == zero, gradients == 0)
    largest = np.unravel_index(np.abs(gradients).argmax(), gradients.shape)
    assert np.stack(tiles)[largest] == (POSITIVE if gradients[largest] > 0 else NEGATIVE)


WORDS = {
    Why.FLOWS: "not 0 (on the image: ink)",
    Why.NOT_COVERED: "0: in no window",
    Why.UPSTREAM_ZERO: "0: nothing arrives",
    Why.GATE_CLOSED: "0: ReLU inactive",
    Why.AT_KINK: "0: at the kink",
    Why.NOT_MAX: "0: not the maximum",
    Why.TIE_LOST: "0: tie lost",
    Why.ZERO_FACTOR: "0: times zero",
    Why.CANCELLED: "0: cancelled",
    Why.UNDERFLOW: "0: underflow",
    Why.ROUNDED: "0: rounded",
}


def test_a_reason_has_its_colour_and_is_in_the_legend() -> None:
    # Under a rule by which entries can lose a tie.
    scene = replace(SCENE, show="reasons", entry="h1.1,14,14", rule="pytorch-max-pool")
    maps = INSIDE_SUBJECT.image_pass(scene).maps(why=True)
    enlarged, why = colours(images(scene)[-1]), maps["h1"].why
    assert why is not None
    for reason in Why:
        expected = REASON_COLOURS["light"][reason]
        np.testing.assert_array_equal(enlarged == expected, why[0] == reason)
    told = INSIDE_SUBJECT.picture(scene).legend
    ways = [meaning for look, colour, meaning in told if (look, colour) == ("line", POSITIVE)]
    assert ways == ["to the maximum of the window"]
    legend = {sign[1:] for sign in told}
    present = {int(why) for each in maps.values() for why in np.unique(np.asarray(each.why))}
    shades = {**dict(zip(Why, REASON_COLOURS["light"], strict=True))}
    shades[Why.NOT_COVERED] = PALETTES["light"].line  # a frame, as it has the paper's colour
    assert not any(said == say("legend.above") for _, said in legend), "ink has one meaning"
    looks = {meaning: look for look, _, meaning in told}
    assert (looks[WORDS[Why.NOT_COVERED]], looks[WORDS[Why.TIE_LOST]]) == ("frame", "box")
    meant = {why: (shades[why], WORDS[why]) for why in Why}
    assert {why for why in Why if meant[why] in legend} == present >= {Why.TIE_LOST}
    assert len({*REASON_COLOURS["light"]}) == len({*REASON_COLOURS["dark"]}) == len(Why)


def test_counts_and_captions() -> None:
    said = texts(replace(SCENE, image=2130))
    maps = INSIDE_SUBJECT.image_pass(replace(SCENE, image=2130)).maps()
    for each in maps.values():
        nonzero = np.count_nonzero(np.asarray(each.gradients))
        assert any(f"<b>{nonzero:,}</b>" in text for text in said)
    assert any("∂L/∂x</i>: <b>293</b>/784 ≠ 0" in text for text in said)
    assert "4, predicted 9; loss 3.9" in said
    assert "your drawing" in texts(PRESETS["a-drawing"])
    assert "a blank sheet: draw" in texts(replace(PRESETS["a-drawing"], painting="", entry=""))


@pytest.mark.parametrize(
    ("sgd", "own", "when"),
    [
        ("off", False, "<b>built-in</b>"),
        ("off", True, "<b>yours</b>"),
        ("before", True, "<b>before</b>"),
        ("after", True, "<b>after</b>"),
    ],
)
def test_over_the_digits_stands_whose_network_it_is_or_on_which_side_of_the_step(
    sgd: str, own: bool, when: str
) -> None:
    scene = replace(SCENE, sgd=sgd)
    assert over_the_classes(scene, INSIDE_SUBJECT.image_pass(scene), own=own)["when"] == when


def test_what_is_heard_of_the_digits_adds_up_to_a_hundred_per_cent() -> None:
    picture = INSIDE_SUBJECT.picture(replace(SCENE, image=2130))
    heard = [re.search(r"probability ([\d.]+) %", target.said) for target in picture.targets]
    assert sum(float(each[1]) for each in heard if each) == pytest.approx(100, abs=0.1)


def test_the_built_in_network_is_said_to_be_right_as_often_as_it_is() -> None:
    """Of 10,000 images it has fewer wrong than 250."""
    right = re.search(r"([\d.]+) %", about_shipped())
    assert right
    assert float(right[1]) == round(100 - len(wrong_ones(shipped_network())) / 100, 2) > 97.5


def test_the_label_and_the_answer_stand_out_of_the_digits() -> None:
    for image, bold in ((2130, {4, 9}), (61, {8})):
        passed = INSIDE_SUBJECT.image_pass(replace(SCENE, image=image))
        assert {passed.label, passed.answer} == bold
        said = texts(replace(SCENE, image=image))
        for digit in range(10):
            assert (f"<b>{digit}</b>" in said, f"{digit}" in said) == (
                digit in bold,
                digit not in bold,
            )


def test_a_bar_is_as_long_as_its_digit_is_likely_and_the_labels_has_its_own_colour() -> None:
    scene, palette = replace(SCENE, image=2130), PALETTES["light"]  # a 4, predicted 9
    passed, boxes = INSIDE_SUBJECT.image_pass(scene), NETWORK_LAYOUT.boxes
    start, longest = boxes["s0"][0] + PROJECTOR.bar[0], PROJECTOR.bar[1]
    bars = {
        (each["line"]["color"], y): (start, end)
        for each in INSIDE_SUBJECT.picture(scene).figure["data"]
        if each.get("line", {}).get("width") == 0.6 * PROJECTOR.bars[1]
        for start, end, y in zip(each["x"][::3], each["x"][1::3], each["y"][::3], strict=True)
    }
    assert len(bars) == 10
    for digit, likely in enumerate(passed.probabilities):
        _, top, _, tall = boxes[f"s{digit}"]
        colour = palette.lit if digit == passed.label else palette.muted
        expected = (start, start + longest * float(likely))
        assert bars[colour, top + tall / 2] == pytest.approx(expected, abs=0.01)


def test_a_mark_on_a_bar_is_how_likely_the_digit_is_before_or_after_the_step() -> None:
    scene, boxes = replace(SCENE, image=2130), NETWORK_LAYOUT.boxes
    start, longest = boxes["s0"][0] + PROJECTOR.bar[0], PROJECTOR.bar[1]
    for shown, other in (("before", "after"), ("after", "before")):
        likely = INSIDE_SUBJECT.image_pass(replace(scene, sgd=other)).probabilities
        (marks,) = (
            each["x"][::3]
            for each in INSIDE_SUBJECT.picture(replace(scene, sgd=shown)).figure["data"]
            if each.get("mode") == "lines" and each["line"]["width"] == 4 and len(each["x"]) == 30
        )
        assert marks == pytest.approx([start + longest * float(each) for each in likely], abs=0.01)


def test_the_gradient_of_a_logit_has_the_colour_of_its_sign_and_a_chosen_digit_a_frame() -> None:
    scene, palette = replace(SCENE, image=2130), PALETTES["light"]  # a 4
    for entry in ("s9", "h2.3,1,1"):
        data = INSIDE_SUBJECT.picture(scene.chosen(entry)).figure["data"]
        told = {
            (round(x, 1), round(y, 1)): colour
            for each in data
            if "text" in each
            for x, y, colour in zip(each["x"], each["y"], each["textfont"]["color"], strict=True)
        }
        framed = [
            {*zip(each["x"], each["y"], strict=True)}
            for each in data
            if each.get("mode") == "lines" and each["line"]["color"] == palette.accent
        ]
        for digit in range(10):
            left, top, wide, high = box = NETWORK_LAYOUT.boxes[f"s{digit}"]
            if entry != "s9":  # the gradient of the loss: a probability, less 1 at the label
                colour = palette.text_negative if digit == 4 else palette.text_positive
                assert told[round(left + wide - 2, 1), round(top + high / 2, 1)] == colour
            around = {corner for corner in frame(box) if corner}
            assert any(around <= each for each in framed) == (entry == f"s{digit}")


def test_a_way_that_no_gradient_goes_is_dotted() -> None:
    way = Way("p1", (3, 1, 4), "h1", (3, 2, 9), flowing=False)
    dotted, _, flowing = _ways([way], NETWORK_LAYOUT, PALETTES["light"], halo=False)
    assert (dotted["line"]["dash"], dotted["line"]["color"]) == ("dot", PALETTES["light"].muted)
    assert (len(dotted["x"]), flowing["x"]) == (3, [])


def test_a_way_goes_from_the_middle_of_one_cell_to_that_of_another() -> None:
    ends = {"p1": (3, 1, 4), "h1": (3, 2, 9)}
    way = Way("p1", ends["p1"], "h1", ends["h1"], flowing=True)
    *_, drawn = _ways([way], NETWORK_LAYOUT, PALETTES["light"], halo=False)
    assert drawn["line"]["color"] == POSITIVE
    tiles = {each.letter: each.boxes for each in NETWORK_LAYOUT.panels if each.count > 1}
    for x, y, (letter, (channel, row, column)) in zip(
        drawn["x"], drawn["y"], ends.items(), strict=False
    ):
        (left, top, side, _), (_, rows, _) = tiles[letter][channel], STAGES[letter].shape
        assert (x - left) / side * rows == pytest.approx(column + 0.5, abs=0.01)
        assert (y - top) / side * rows == pytest.approx(row + 0.5, abs=0.01)


@pytest.mark.parametrize(
    ("sgd", "other"), [("off", set()), ("before", {"after"}), ("after", {"before"})]
)
def test_the_legend_says_which_network_the_marks_on_the_bars_are_of(
    sgd: str, other: set[str]
) -> None:
    legend = {said for _, _, said in INSIDE_SUBJECT.picture(replace(SCENE, sgd=sgd)).legend}
    assert {each for each in ("before", "after") if f"{each} the step" in legend} == other


@pytest.mark.parametrize("narrow", [False, True])
def test_the_legend_tells_of_ways_where_they_are_drawn(narrow: bool) -> None:
    """A phone shows a few maps, and no paths to other ones."""
    picture = INSIDE_SUBJECT.picture(SCENE.chosen("a1.1,14,14"), Screen(narrow=narrow))
    lines = [each for each in picture.figure["data"] if each.get("line", {}).get("width") == 1.6]
    assert any(each["x"] for each in lines) == (not narrow)
    assert (say("legend.winner") in {said for _, _, said in picture.legend}) == (not narrow)


def test_over_a_phones_map_of_values_it_is_gradients_that_are_counted() -> None:
    scene = replace(SCENE, image=2130)
    drawn = INSIDE_SUBJECT.picture(scene, Screen(narrow=True)).figure["data"]
    said = [text for each in drawn for text in each.get("text", ())]
    assert any("∂: <b>256</b> of 5,408 ≠ 0" in text for text in said)


def test_only_a_zero_is_written_as_one() -> None:
    scene = replace(SCENE, image=2130, show="gradients", entry="p2.5,1,1")
    maps = INSIDE_SUBJECT.image_pass(scene).maps()["p2"].gradients
    assert maps is not None
    gradients = maps[4]
    assert np.count_nonzero(gradients) == 25
    assert (np.abs(gradients) < 0.005).any()
    written = cell_numbers(gradients, 40.0)
    assert len(written) == 25
    assert "≈0" in written
    assert "0" not in written


@pytest.mark.parametrize(
    ("entry", "lines"),
    [
        (
            "p2.7,4,2",
            [
                (
                    "∂L/∂p⁽²⁾₇‚₄‚₂ = −0.163: a larger activation here lowers the loss, most of "
                    "all through s₉ (−0.114)."
                ),
                (
                    "∂L/∂p⁽²⁾₇‚₄‚₂ = −0.163348: ∂L/∂f₁₆₇ = −0.163348 is the sum of 10 "
                    "contributions (−0.114164 through s₉, −0.0501296 through s₄, +0.000811043 "
                    "through s₈ and 7 more), flatten passes the gradient on (1)."
                ),
                "∂L/∂p⁽²⁾₇‚₄‚₂ = 1 · ∂L/∂f₁₆₇ = 1 · (−0.163348) = −0.163348",
            ],
        ),
        (
            "h2.1,11,11",
            ["∂L/∂h⁽²⁾₁‚₁₁‚₁₁ = 0: no output depends on h⁽²⁾₁‚₁₁‚₁₁."],
        ),
    ],
)
def test_what_is_said(entry: str, lines: list[str]) -> None:
    said = INSIDE_SUBJECT.picture(InsideScene(entry=entry)).explanation[: len(lines)]
    assert [DECIMAL.split(line) for line in said] == [DECIMAL.split(line) for line in lines]
    # The network computes in float32: the sixth digit depends on the processor.
    np.testing.assert_allclose(decimals(said), decimals(lines), rtol=1e-5)


def decimals(lines: Sequence[str]) -> list[float]:
    """The decimal numbers in some lines, in their order."""
    return [float(each.replace("−", "-")) for each in DECIMAL.findall(" ".join(lines))]


def test_the_reason_of_a_pixel_says_whether_more_ink_raises_the_loss_or_a_score() -> None:
    for back, function in (("loss", "the loss"), ("4", "s₄")):
        scene = InsideScene(entry="x6,17", back=back)
        grad = float(INSIDE_SUBJECT.trace(scene).grads[0][0, 0, 5, 16])
        moves = "raises" if grad > 0 else "lowers"
        said = INSIDE_SUBJECT.picture(scene).explanation
        assert f": more ink here {moves} {function}, most of all through a⁽¹⁾" in said[0]
        part = said[0].rpartition("(")[2].rstrip(").").replace("−", "-")
        assert float(part) * grad > 0, "the largest contribution of its own sign"
        assert said[1].startswith("∂L/∂x₆‚₁₇ = w⁽¹⁾"), "the products come behind that"


def test_the_reason_of_a_weight_that_meets_one_pixel_of_ink_names_its_path() -> None:
    scene = InsideScene(image=BLANK, painting="NNBBo", entry="w1.3,2,1")
    assert INSIDE_SUBJECT.trace(scene).values[0].array.sum() == 1
    _, _, path, products, *_ = INSIDE_SUBJECT.picture(scene).explanation
    assert path.endswith("is the maximum (1), its ReLU is active (1), times x₁₄‚₁₄ = 1.")
    assert products.endswith("(the other 675 are 0)")


def test_a_long_reason_is_said_in_short_first() -> None:
    scene = InsideScene(entry="w1.2,2,2", rule="pytorch-max-pool")
    said = INSIDE_SUBJECT.picture(scene).explanation
    assert said[0] == "∂L/∂w⁽¹⁾₂‚₂‚₂ = 0: no gradient on any of its 5744 paths to the loss."
    assert said[1].startswith("∂L/∂w⁽¹⁾₂‚₂‚₂ = 0: no gradient on any of its 5744 paths: 4800 reach")
    short, *_ = INSIDE_SUBJECT.picture(
        replace(scene, image=61, back="4", entry="h1.1,7,1")
    ).explanation
    assert short == "∂L/∂h⁽¹⁾₁‚₇‚₁ = 0: no gradient on any of its 48 paths to the logit."
    for why in Why:
        assert why is Why.FLOWS or say(f"inside.zero.{why.name}")
    # Only the pool's window is meant that this entry of a reaches as h.
    scene = replace(scene, entry="a1.1,1,4")
    h = INSIDE_SUBJECT.trace(scene).steps[2].inputs[0][0, 0]
    assert h[0, 3] == h[:2, 2:4].max() == h[0, 2]
    assert INSIDE_SUBJECT.picture(scene).explanation[0] == (
        "∂L/∂a⁽¹⁾₁‚₁‚₄ = 0: the maximum of its window is a tie, and this rule gives the gradient "
        "to another entry."
    )
    scene = replace(scene, entry="a2.1,1,4")
    h = INSIDE_SUBJECT.trace(scene).steps[5].inputs[0][0, 0]
    assert h[0, 3] < h[:2, 2:4].max()
    assert INSIDE_SUBJECT.picture(scene).explanation[0] == (
        "∂L/∂a⁽²⁾₁‚₁‚₄ = 0: none of the entries that it leads to is the maximum of its window."
    )


def test_an_entry_in_no_window_is_said_to_be_so_when_a_logit_is_sent_back_too() -> None:
    said = INSIDE_SUBJECT.picture(InsideScene(entry="h2.1,11,11", back="4")).explanation
    assert said[0] == "∂L/∂h⁽²⁾₁‚₁₁‚₁₁ = 0: no output depends on h⁽²⁾₁‚₁₁‚₁₁."


def test_the_gradient_of_a_logit_is_a_probability_less_one_at_the_answer() -> None:
    passed = INSIDE_SUBJECT.image_pass(InsideScene())
    p4, p9 = (number(float(passed.probabilities[digit])) for digit in (4, 9))
    assert passed.classes.gradients is not None
    rest = number(float(passed.classes.gradients[4]))
    said = INSIDE_SUBJECT.picture(InsideScene(entry="s4")).explanation
    assert said[0] == f"∂L/∂s₄ = {rest}: p₄ − 1 = {rest}."
    less = "the probability, less 1 at the label."
    assert said[1] == f"∂L/∂s₄ = p₄ − 1 = {p4} − 1 = {rest}: {less}"
    said = INSIDE_SUBJECT.picture(InsideScene(entry="s9")).explanation
    assert said[1].startswith(f"∂L/∂s₉ = p₉ − 0 = {p9} − 0 = +{p9}: ")


def test_a_probability_that_is_rounded_to_nearly_one_is_not_said_to_make_its_gradient() -> None:
    scene = replace(PRESETS["why-zero"], entry="s8")
    p8 = float(INSIDE_SUBJECT.image_pass(scene).probabilities[8])
    assert (number(p8), number(p8 - 1, 2)) == ("0.999999", "−9.5e−7")  # not 1e−6
    picture = INSIDE_SUBJECT.picture(scene)
    assert picture.explanation[1].startswith("∂L/∂s₈ = p₈ − 1 = −8.36353e−7: ")
    assert picture.latex().endswith(r"p_{8} - 1 = -8.36353 \cdot 10^{-7}")
    said = INSIDE_SUBJECT.picture(InsideScene(entry="s9", back="4")).explanation
    assert said[0] == "∂L/∂s₉ = 0: the upstream gradient, which is given."
    assert [line.partition(" = ")[0] for line in said] == ["∂L/∂s₉", "s₉", "Here L"]
    said = INSIDE_SUBJECT.picture(InsideScene(entry="s4", back="4")).explanation
    assert said[0] == "∂L/∂s₄ = +1: the upstream gradient, which is given."


def test_how_a_value_came_about() -> None:
    def about(entry: str) -> str:
        return next(
            line
            for line in INSIDE_SUBJECT.picture(InsideScene(entry=entry)).explanation
            if ("affects" in line or "receptive" in line) and not line.startswith("∂")
        )

    passed = INSIDE_SUBJECT.image_pass(InsideScene())
    bias, value = passed.network.params[1][2], passed.trace.steps[0].output[0, 2, 0, 0]
    assert bias == value, "over the paper there is nothing but the bias"
    assert about("a1.3,1,1") == (
        "a⁽¹⁾₃‚₁‚₁ = −0.158954 (the bias b⁽¹⁾₃) = −0.158954. Its receptive field is 9 of x; it "
        "affects 1 of h⁽¹⁾, 1 of p⁽¹⁾, 16 of a⁽²⁾, 16 of h⁽²⁾, 16 of p⁽²⁾ and 10 of s."
    )
    assert about("h1.3,1,1").startswith("h⁽¹⁾₃‚₁‚₁ = max(0, a⁽¹⁾₃‚₁‚₁) = max(0, −0.158954) = 0.")
    assert about("p1.3,1,1").startswith("p⁽¹⁾₃‚₁‚₁ = max(0, 0, 0, 0) = 0.")
    assert "a sum of 400 products, 154 of them not 0" in about("s7")


def test_no_entry_and_one_that_is_not_there() -> None:
    said = INSIDE_SUBJECT.picture(InsideScene(entry="")).explanation
    assert said[0] == "The built-in network predicts a 9 with 96.6 %, but it is a 4: loss 3.89."
    assert said[2] == (
        "Choose a cell: its receptive field and what it affects light up, with the paths through "
        "any pools, and the reason for its gradient."
    )
    shallow = InsideSubject(Network.new("one-conv"))
    picture = shallow.picture(InsideScene(net="yours", entry="a2.1,1,1"))
    assert picture.explanation[0] == (
        "a2.1,1,1 is not in this network (One convolution): choose an entry that is there."
    )
    assert shallow.picture(InsideScene(net="yours", entry="p1.8,13,13")).explanation


def covering(number: int) -> dict[tuple[int, int], Any]:
    """(first row, first column) of a covered part -> the shipped network's probabilities."""
    places = [divmod(at, 28 - PART + 1) for at in range((28 - PART + 1) ** 2)]
    images = [painted(plain_image(number), cover(*place, PART)) for place in places]
    found = shipped_network().probabilities(np.stack(images)[:, None])
    return dict(zip(places, found, strict=True))


def test_why_a_digit_is_taken_for_another_is_a_part_without_which_it_is_not() -> None:
    by_place = covering(2130)
    right = {place: each[4] for place, each in by_place.items() if each.argmax() == 4}
    (top, left), likely = max(right.items(), key=lambda each: each[1])
    assert INSIDE_SUBJECT.picture(InsideScene()).explanation[1] == (
        f"Why: the ink in rows {top + 1} to {top + 5}, columns {left + 1} to {left + 5}, which is "
        "orange in ∂L/∂x: it raises the loss. With that part covered, the network predicts a 4 "
        f"with {percent(float(likely))}. The case “One part of the digit is covered” shows it."
    )
    assert PRESETS["one-part-covered"].painting == cover(top, left, PART)
    assert f"“{TITLES['one-part-covered']}”" in say("inside.part.case")
    # For another network it is another part, and the case does not show it.
    other = InsideSubject(Network.new("linear", 0)).picture(InsideScene(net="yours"))
    assert other.explanation[1].startswith("Why: the ink in rows 17 to 21, columns 11 to 15, ")
    assert TITLES["one-part-covered"] not in other.explanation[1]
    # No reason is given for a right prediction, with another label, or for a drawing.
    others = (InsideScene(label="3"), InsideScene(label="8"))
    drawn_on = InsideScene(painting=cover(0, 0, 1))
    for scene in (SCENE, *others, drawn_on, PRESETS["a-drawing"], PRESETS["one-step"]):
        said = INSIDE_SUBJECT.picture(scene).explanation
        assert not any(line.startswith(("Why", "No single part")) for line in said)


def test_a_script_tells_why_a_gradient_is_zero_of_those_that_are() -> None:
    seen = set()
    for entry in ("p2.7,4,4", "x8,15", "a1.1,5,5", "h1.1,14,14", ""):
        scene = replace(SCENE, entry=entry)
        place = INSIDE_SUBJECT.image_pass(scene).place(entry)
        zero = place is not None and not place.grad
        assert ("is 0, stopped" in str(INSIDE_SUBJECT.script(scene))) == zero, entry
        seen.add(zero)
    assert seen == {False, True}


def test_ink_is_not_said_to_raise_the_loss_when_a_logit_is_sent_back() -> None:
    # That part raises the logit of the predicted 9, whose gradient is orange there too.
    said = INSIDE_SUBJECT.picture(InsideScene(back="9")).explanation[1]
    assert said.startswith("Why: the ink in rows ")
    assert "orange" not in said


@for_each(
    ("image", "orange"),
    [
        (2130, True),
        (445, False),  # 12 of its 20 pixels with ink are orange, and together they lower the loss
        (1641, False),  # its ink raises the loss, but 10 of its 19 pixels with ink are blue
    ],
)
def test_a_part_is_called_orange_where_most_of_its_ink_is_and_all_of_it_raises_the_loss(
    image: int, orange: bool
) -> None:
    said = INSIDE_SUBJECT.picture(InsideScene(image=image)).explanation[1]
    assert said.startswith("Why: the ink in rows ")
    assert ("which is orange in ∂L/∂x: it raises the loss" in said) == orange


def test_where_no_part_decides_that_is_said() -> None:
    number = next(
        each
        for each in wrong_ones(shipped_network())
        if decisive_part(shipped_network(), plain_image(each), load().labels[each]) is None
    )
    label = int(load().labels[number])
    assert all(each.argmax() != label for each in covering(number).values())
    said = INSIDE_SUBJECT.picture(InsideScene(image=number)).explanation[1]
    assert said == (
        "No single part of it is why: whichever 5 × 5 pixels are covered, the network does not "
        f"predict {'an' if label == 8 else 'a'} {label}."
    )


def test_a_drawing_that_is_labelled_is_looked_at_likewise() -> None:
    three = replace(PRESETS["a-drawing"], tool="look", entry="")
    wrong = INSIDE_SUBJECT.picture(replace(three, label="8")).explanation
    assert any(
        line.startswith(("Why: the ink in rows ", "No single part of it is why")) for line in wrong
    )
    for scene in (three, replace(three, label="3"), replace(three, label="8", tool="draw")):
        said = INSIDE_SUBJECT.picture(scene).explanation
        assert not any(line.startswith(("Why", "No single")) for line in said)


def test_what_a_cover_or_a_stroke_has_changed_is_what_the_network_says_without_it() -> None:
    covered = PRESETS["one-part-covered"]
    said = INSIDE_SUBJECT.picture(replace(covered, entry="")).explanation[0]
    assert said.startswith(
        "With a part of it covered the network predicts a 4 with 99.94 %, without the cover a 9 "
        "with 96.6 %. The label is a 4: loss "
    )
    assert "2130, a part covered" in texts(covered)
    drawn = replace(covered, painting=PRESETS["a-drawing"].painting, entry="")
    said = INSIDE_SUBJECT.picture(drawn).explanation[0]
    assert said.startswith("With what is drawn on it the network predicts a")
    assert ", without that a 9 with 96.6 %. The label is a 4: loss " in said
    assert "2130, drawn on" in texts(drawn)


def test_the_reason_says_how_far_ones_own_network_was_trained() -> None:
    own = InsideSubject(Network.new("cnn", 5), "Your network.")
    assert "Your network." in own.picture(InsideScene(net="yours")).explanation
    assert "Your network." not in own.picture(InsideScene()).explanation
    for net, whose, when in (("yours", "Your", "yours"), ("shipped", "The built-in", "built-in")):
        picture = own.picture(InsideScene(net=net))
        assert picture.explanation[0].startswith(f"{whose} network predicts")
        every = {text for each in picture.figure["data"] for text in each.get("text", [])}
        assert f"<b>{when}</b>" in every
    run = replace(progress(record(1072, test_accuracy=0.898)), steps=2000)
    about = "Your network: Two convolutions, after step 1,072 of 2,000: accuracy 89.8 % on "
    assert about_own(run) == f"{about}the first 500 test images."
    run = replace(run, history=(record(1072, test_accuracy=0.898, test_images=10_000),))
    assert about_own(run) == f"{about}10,000 test images."


def test_reasons_are_counted_layer_by_layer() -> None:
    scene = InsideScene(image=61, show="reasons", entry="h1.1,14,14", rule="pytorch-max-pool")
    said = INSIDE_SUBJECT.picture(scene).explanation
    (counted,) = [line for line in said if line.startswith("Of the")]
    why = INSIDE_SUBJECT.trace(scene).steps[2].why[0]
    for reason in Why:
        count = int((why == reason).sum())
        assert (f"{REASONS[reason]} {count:,}" in counted) == (count > 0), reason
    assert counted.startswith("Of the 5,408 entries of ∂L/∂h⁽¹⁾: tie lost 2,")
    said = INSIDE_SUBJECT.picture(replace(scene, entry="")).explanation
    assert sum(line.startswith("Of the") for line in said) == 8
    assert (
        INSIDE_SUBJECT.picture(replace(scene, entry="s1")).explanation[1].startswith("∂L/∂s₁ = p")
    )


@pytest.mark.parametrize("entry", ["", "x9,9", "p3.1,1,1"])
def test_an_address_of_a_network_that_is_not_here_gives_another_with_a_sentence(entry: str) -> None:
    scene = InsideScene(net="yours", entry=entry)
    *said, missing = INSIDE_SUBJECT.picture(scene).explanation
    assert missing == (
        "There is no network of yours in this tab: train one on the page Train. "
        "Until then the built-in one is shown."
    )
    assert missing not in InsideSubject(Network.new("deeper")).picture(scene).explanation
    assert said == INSIDE_SUBJECT.picture(replace(scene, net="shipped")).explanation


def test_a_network_that_overflows_gives_way_with_a_sentence() -> None:
    network = Network.new("one-conv")
    huge = Network(
        network.architecture, tuple(param * np.float32(1e30) for param in network.params)
    )
    scene = InsideScene(net="yours", entry="p1.1,1,1")
    picture = InsideSubject(huge).picture(scene)
    assert picture.explanation[0] == (
        "On this image the numbers of your network leave the range of float32: the built-in "
        "network is shown instead."
    )
    assert picture.figure == INSIDE_SUBJECT.picture(replace(scene, net="shipped")).figure


def test_a_network_that_overflows_under_another_rule_gives_way_too() -> None:
    network = Network.new("deeper")
    huge = Network(
        network.architecture, tuple(param * np.float32(1e12) for param in network.params)
    )
    # A blank sheet is a tie everywhere: the first of each window gets a gradient, or all of them.
    scene = InsideScene(net="yours", image=BLANK, rule="tensorflow-max-pool", entry="x1,1")
    told = InsideSubject(huge).picture(scene).explanation
    assert "leave the range of float32" in told[0]


def test_what_is_drawn_has_no_right_answer_but_one_that_is_given() -> None:
    drawn = PRESETS["a-drawing"]
    said = INSIDE_SUBJECT.picture(drawn).explanation[1]
    assert said.startswith("The built-in network predicts a 3 with ")
    assert ". A drawing has no label: this prediction serves as one, loss " in said
    assert said.endswith(". Under Edit, choose what the image shows.")
    assert any(text.startswith("predicted 3; loss ") for text in texts(drawn))
    called_five = replace(drawn, label="5")
    assert ", but it is a 5: loss " in INSIDE_SUBJECT.picture(called_five).explanation[1]
    assert any(text.startswith("5, predicted 3; ") for text in texts(called_five))


def test_a_difference_is_written_where_it_is_the_gradient_to_five_digits() -> None:
    assert is_the_difference(-0.1, 0.9, 1)
    assert not is_the_difference(-0.1001, 0.9, 1)


def test_what_an_entry_reads_and_affects_is_lit_and_in_the_legend() -> None:
    told = [
        {said for *_, said in INSIDE_SUBJECT.picture(replace(SCENE, entry=entry)).legend}
        for entry in ("p1.1,2,2", "")
    ]
    assert [say("legend.both") in each for each in told] == [True, False]


@for_each("narrow", [False, True])
def test_while_gradients_are_hidden_nothing_tells_of_what_they_are_gradients(narrow: bool) -> None:
    hidden = Screen(exercise=Exercise(marking=False), narrow=narrow)
    shown = [
        INSIDE_SUBJECT.picture(replace(SCENE, back=back, entry="s1"), hidden)
        for back in ("loss", "4")
    ]
    for picture in shown:
        assert ([*picture.explanation], picture.latex()) == ([], "")
    of_loss, of_logit = shown
    assert json.dumps(of_loss.figure) == json.dumps(of_logit.figure)
    assert (of_loss.targets, of_loss.grids) == (of_logit.targets, of_logit.grids)


def test_a_step_says_what_it_did() -> None:
    said = INSIDE_SUBJECT.picture(PRESETS["one-step"]).explanation[1]
    # The loss is −log p: exp(−3.89) = 0.02 and exp(−1.09) = 0.336.
    assert said == (
        "One step of SGD on this image, learning rate η = 3.16e−3: the loss goes from 3.89 to "
        "1.09, the probability of 4 from 2 % to 33.6 %."
    )
    for sgd, entry in (("before", ""), ("after", ""), ("after", PRESETS["one-step"].entry)):
        scene = replace(PRESETS["one-step"], sgd=sgd, entry=entry)
        lines = INSIDE_SUBJECT.picture(scene).explanation
        assert said in lines, "whichever of the two networks is shown"
        assert not any(line.startswith("Why") for line in lines), "it is not the trained one alone"
    assert [slider.name for slider in INSIDE_SUBJECT.sliders(PRESETS["one-step"])] == ["rate"]
    assert INSIDE_SUBJECT.sliders(InsideScene()) == []


@pytest.mark.parametrize(
    ("exponent", "said"),
    [
        (-4.0, "1e−4"),
        (-3.75, "1.78e−4"),
        (-2.5, "3.16e−3"),
        (-1.0, "1e−1"),
        (-0.25, "5.62e−1"),
        (np.log10(0.05), "5e−2"),
    ],
)
def test_a_learning_rate_is_written_in_one_way_and_beside_its_slider(
    exponent: float, said: str
) -> None:
    scene = replace(PRESETS["one-step"], rate=float(exponent))
    picture = INSIDE_SUBJECT.picture(scene)
    assert f"η = {said}" in texts(scene)
    assert f"η = {said}" not in texts(replace(scene, sgd="off"))
    assert f"η = {said}" not in texts(scene, narrow=True)  # its slider's field shows it
    assert f"η = {said}:" in picture.explanation[1]
    (slider,) = INSIDE_SUBJECT.sliders(scene)
    assert slider.said == "learning rate", "to a screen reader η is a letter"
    assert PROJECTOR.right[0] + text_width(f"η = {said}", PROJECTOR.note) <= slider.left
    assert slider.left + slider.width <= PROJECTOR.right[1]


@pytest.mark.parametrize("sgd", ["before", "after"])
@pytest.mark.parametrize("image", [2130, 61])
@pytest.mark.parametrize("exponent", [-4.0, -2.0, -1.0])
def test_what_a_step_does_fits_over_the_digits(sgd: str, image: int, exponent: float) -> None:
    # At 1e−1 the loss of the 4 falls to about 6e−19; the loss of the 8 is nearly 0 from the start.
    scene = replace(START, image=image, sgd=sgd, rate=exponent)
    assert not [*crossing(INSIDE_SUBJECT.picture(scene).figure)]


def test_a_loss_that_is_next_to_nothing_is_said_to_be() -> None:
    scene = replace(START, sgd="before", rate=-1.0)
    assert "4, predicted 9; L 3.9 → <0.01" in texts(scene)
    assert "4, predicted 4; L 3.9 → <0.01" in texts(replace(scene, sgd="after"))
    given = replace(scene, back="9")  # L is s₉ then
    assert "4, predicted 9; loss 3.9 → <0.01" in texts(given)
    assert [*map(_short, (0.05, 0.01, 0.0099))] == ["0.05", "0.01", "<0.01"]
    assert not [*crossing(INSIDE_SUBJECT.picture(given).figure)]
    scene = replace(scene, image=17)  # a 7 for which the loss is 1.6e−5
    assert "7, predicted 7; L <0.01" in texts(scene)


def test_what_can_be_chosen() -> None:
    picture = INSIDE_SUBJECT.picture(InsideScene(entry="p2.2,2,3"))
    assert [target.entry for target in picture.targets] == [f"s{digit}" for digit in range(10)]
    prefixes = [grid.prefix for grid in picture.grids]
    assert prefixes[:2] == ["x", "x"]
    assert {"w1.8,", "a1.1,", "h2.16,", "p2.16,"} < {*prefixes}
    assert len(prefixes) == 2 + 4 * 8 + 3 * 16 + 1
    assert [grid.prefix for grid in picture.grids if grid.values] == ["x", "p2.2,"]
    of_pixel = INSIDE_SUBJECT.picture(InsideScene(entry="x2,3")).grids
    assert [grid.prefix for grid in of_pixel if grid.values] == ["x", "a1.1,"], "x is large enough"
    assert picture.pad is not None
    assert base64.b64decode(picture.pad.image) == load().images[START.image].tobytes()
    assert picture.pad.colours == (PALETTES["light"].paper, PALETTES["light"].ink)
    width, height = (picture.figure["layout"][side] for side in ("width", "height"))
    for left, top, across, down in (grid.box for grid in picture.grids):
        assert left >= 0
        assert left + across <= width
        assert top >= 0
        assert top + down <= height


def test_on_a_phone_a_stage_is_chosen_by_its_name_and_the_digits_in_turn() -> None:
    def chosen(scene: InsideScene, subject: InsideSubject = INSIDE_SUBJECT) -> list[str]:
        picture = subject.picture(scene, Screen(narrow=True))
        assert all(min(target.box[2:]) >= 44 for target in picture.targets)
        return [target.entry for target in picture.targets]

    start = InsideScene(entry="")  # the network takes this 4 for a 9
    stages_of_it = ["w1.1,2,2", "a1.1,14,14", "h1.1,14,14", "p1.1,7,7", "a2.1,6,6", "h2.1,6,6"]
    assert chosen(start) == [*stages_of_it, "p2.1,3,3", "s9"]
    assert chosen(replace(start, entry="s9"))[-1] == "s0"
    grids = INSIDE_SUBJECT.picture(replace(start, entry="h2.3,1,1"), Screen(narrow=True)).grids
    assert {grid.prefix.split(".")[0] for grid in grids} == {"x", "h2"}
    deeper = chosen(
        InsideScene(net="yours", entry="p3.1,1,1"), InsideSubject(Network.new("deeper"))
    )
    assert [entry.split(".")[0] for entry in deeper[:-1]] == [
        "p1",
        "a2",
        "h2",
        "p2",
        "a3",
        "h3",
        "p3",
    ]


@for_each("box", [(138.0, 206.0, 236.0, 80.0), (0.0, 10.0, 90.0, 300.0)])
@for_each("letter", [*STAGES][1:])
def test_the_maps_of_one_stage_are_as_large_as_their_box_lets_them_be(
    letter: str, box: tuple[float, float, float, float]
) -> None:
    count, side, _ = STAGES[letter].shape
    mosaic = STAGES[letter].spread(box)
    assert mosaic.tile % side == 0
    pitch, gap = mosaic.tile + mosaic.gap[0], mosaic.gap[0]
    cells = [
        min(box[2] / (columns * pitch - gap), box[3] / (rows * pitch - gap))
        for columns, rows in product(range(1, count + 1), repeat=2)
        if columns * rows >= count
    ]
    assert mosaic.columns * mosaic.rows >= count
    assert mosaic.cell == pytest.approx(max(cells))


@pytest.mark.parametrize("entry", ["", "h2.3,1,1", "s9"])
def test_on_a_phone_the_stage_that_is_seen_stands_out_and_a_chosen_digits(entry: str) -> None:
    picture = INSIDE_SUBJECT.picture(InsideScene(entry=entry), Screen(narrow=True))
    figure, (seen,) = picture.figure, {each.prefix.split(".")[0] for each in picture.grids} - {"x"}
    (chips,) = (each for each in figure["data"] if each["type"] == "bar")
    names = [
        (text.removeprefix("<i>").removesuffix("</i>"), x)
        for each in figure["data"]
        if each.get("mode") == "text"
        for x, y, text in zip(each["x"], each["y"], each["text"], strict=True)
        if y > min(chips["base"])
    ]
    by_place = {round(x, 3): said for said, x in names}
    found = {
        by_place[round(x, 3)]
        for x, colour in zip(chips["x"], chips["marker"]["line"]["color"], strict=True)
        if colour == PALETTES["light"].accent
    }
    assert found == {name(seen), *entry[:1].replace("h", "")}


def test_a_figure_is_small_enough_to_be_sent_at_every_stroke() -> None:
    for scene in PRESETS.values():
        assert len(json.dumps(INSIDE_SUBJECT.picture(scene).figure)) < 100_000


def test_formulas() -> None:
    passed = INSIDE_SUBJECT.image_pass(InsideScene())
    assert latex_of(passed, "") == ""
    slope, names, numbers, total = latex_of(passed, "s4").split(" = ")
    assert (slope, names) == (r"\frac{\partial L}{\partial s_{4}}", "p_{4} - 1")
    first, last = map(float, numbers.split(" - "))
    assert first - last == pytest.approx(float(total), abs=1e-6)
    of_one = INSIDE_SUBJECT.image_pass(InsideScene(back="4"))
    for digit, grad in ((4, 1), (5, 0)):  # L is s₄ itself, without any probability
        slope = rf"\frac{{\partial L}}{{\partial s_{{{digit}}}}}"
        assert latex_of(of_one, f"s{digit}") == f"{slope} = {grad}"
    assert latex_of(passed, "p2.7,4,2").startswith(
        r"\frac{\partial L}{\partial p^{(2)}_{7,4,2}} = "
    )


def test_the_script_of_somebodys_own_network_names_its_file() -> None:
    scene = replace(PRESETS["a-drawing"], net="yours", sgd="after")
    own = InsideSubject(Network.new("cnn", 5))
    text = str(own.script(scene))
    assert "weights.load('network.npz').network" in text
    assert "\nfrom engine.training import as_inputs, weights\n" in text
    # What the network has learnt is loaded from its file, instead of thousands of numbers.
    assert "\nw1 = network.params[0]\nb1 = network.params[1]\nw2 = network.params[2]\n" in text
    compile(text, "script", "exec")


def test_the_script_takes_the_step_too() -> None:
    scene = replace(
        PRESETS["one-part-covered"], sgd="after", rate=-1.5, label="9", back="9", entry="x1,14"
    )
    text = str(INSIDE_SUBJECT.script(scene))
    printed = io.StringIO()
    with np.printoptions(), contextlib.redirect_stdout(printed):
        exec(compile(text, "script", "exec"), {})
    traced = INSIDE_SUBJECT.trace(scene)
    said = re.search(r"^s: \[(.*?)\]", printed.getvalue(), re.MULTILINE)
    assert said
    logits = np.array(said[1].strip("[]").split(", "), np.float32)
    np.testing.assert_allclose(logits, traced.steps[-1].output[0], rtol=1e-4)  # in doubles
    assert "\ndx[0, 0, 0, 13] is 0, stopped on " in printed.getvalue()
    for sgd in ("off", "before"):
        assert "descent" not in str(INSIDE_SUBJECT.script(replace(scene, sgd=sgd)))


def test_the_script_draws_in_the_same_shades() -> None:
    scene = replace(PRESETS["a-drawing"], entry="")
    text, printed = str(INSIDE_SUBJECT.script(scene)), io.StringIO()
    pixels = [line for line in text.splitlines() if line.startswith("x[")]
    assert len({*pixels}) == len(pixels), "each row of pixels is drawn once in each shade"
    with contextlib.redirect_stdout(printed):
        exec(compile(text, "script", "exec"), {})
    said = re.search(r"^s: \[(.*?)\]", printed.getvalue(), re.MULTILINE)
    assert said
    logits = np.array(said[1].strip("[]").split(", "), np.float32)
    np.testing.assert_allclose(logits, INSIDE_SUBJECT.trace(scene).steps[-1].inputs[0][0], 1e-4)


def test_every_question_has_an_answer() -> None:
    counts = {"cnn": 5, "one-conv": 5, "deeper": 5, "linear": 1}
    for slug, count in counts.items():
        subject = InsideSubject(Network.new(slug))
        questions = list(questions_of(subject.trace(InsideScene(net="yours"))))
        assert len(questions) == count
        for question in questions:
            assert question.set_up is not None
            scene, problems = question.set_up(InsideScene(net="yours")).possible()
            assert problems == []
            assert not scene.entry or subject.image_pass(scene).place(scene.entry)
            assert question.set_up(replace(scene, back="7")).back == "loss"
            assert 0 <= question.answer(subject.trace(scene)) <= 5000
    answers = [
        question.answer(INSIDE_SUBJECT.trace(question.set_up(InsideScene())))
        for question in questions_of(INSIDE_SUBJECT.trace(InsideScene()))
    ]
    assert answers == [9, 400, 400, 154, 100]
    *_, last = questions_of(INSIDE_SUBJECT.trace(InsideScene()))
    assert last.set_up is not None
    scene = last.set_up(InsideScene())
    lit = INSIDE_SUBJECT.image_pass(scene).place(scene.entry)
    assert lit
    assert lit.letter == "p2", "the last of two pools"
    # Of a network that is sure of the right digit, float32 has no other probability above 0.
    sure = Network.new("linear", 0)
    sure = Network(sure.architecture, tuple(param * np.float32(1e8) for param in sure.params))
    traced = InsideSubject(sure).trace(InsideScene(net="yours", image=BLANK, painting="NNBBo"))
    assert np.count_nonzero(traced.steps[-1].grads[0]) == 0
    assert next(questions_of(traced)).answer(traced) == 0

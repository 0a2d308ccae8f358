"""The charts of training: places of numbers, texts, and which wrong image is which."""

import json
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from engine import mnist
from engine.training import ARCHITECTURES, Evaluation, LayerRecord, Network
from engine.training.trainer import PROBE
from pages.figures.heat_maps import colours
from pages.figures.primitives import STILL, middle_of, text_width
from pages.figures.theme import PALETTES
from pages.figures.training import (
    BAR_WIDTH,
    CONFUSION_MATRIX,
    ERRORS,
    GRADIENT_COLUMN,
    LOSSES,
    MISTAKES_SIZE,
    NOTE_SIZE,
    UNITS_COLUMN,
    WRONG_IMAGES,
    across,
    training_curves,
    training_layers,
    training_mistakes,
    wrong_images,
)
from pages.views.training_page import output_shapes
from tests.for_each import for_each
from tests.pages.boxes import assert_drawable
from tests.pages.figures.test_colours import AA, contrast
from tests.pages.figures.test_heat_maps import pixels
from tests.pages.test_overlaps import common, crossing
from tests.pages.training.records import LAYERS, record


def texts(figure: dict[str, Any]) -> list[str]:
    return [said for trace in figure["data"] for said in trace.get("text", [])]


def moving_texts(figure: dict[str, Any]) -> set[tuple[str, float, float]]:
    """The texts that are redrawn with each record, and their places."""
    return {
        each
        for trace in figure["data"]
        if trace.get("mode") == "text" and trace.get("meta") != STILL
        for each in zip(trace["text"], trace["x"], trace["y"], strict=True)
    }


def lines(figure: dict[str, Any], dash: str) -> list[list[tuple[float, float]]]:
    return [
        [*zip(trace["x"], trace["y"], strict=True)]
        for trace in figure["data"]
        if trace.get("mode") == "lines" and trace["line"]["dash"] == dash and not trace.get("meta")
    ]


def test_from_80_to_90_percent_is_as_long_as_from_98_to_99() -> None:
    eighty, ninety, late, later = map(ERRORS.pixel, (0.2, 0.1, 0.02, 0.01))
    assert eighty - ninety == pytest.approx(late - later, abs=0.11)
    assert ninety < eighty
    assert ERRORS.pixel(1.0) == ERRORS.bottom
    assert ERRORS.pixel(0.0) == ERRORS.top
    assert LOSSES.pixel(1e30) == LOSSES.top
    assert LOSSES.pixel(0.0) == LOSSES.bottom


@for_each(
    ("epochs", "numbers"),
    [(1, [0, 1]), (10, [*range(11)]), (11, [0, 2, 4, 6, 8, 10]), (20, [*range(0, 21, 2)])],
)
def test_up_to_ten_epochs_have_a_number_each_and_of_more_every_other(
    epochs: int, numbers: list[int]
) -> None:
    figure = training_curves((), 100, epochs, "light")
    below = {
        text: x
        for trace in figure["data"]
        for text, x, y in zip(trace.get("text", ()), trace["x"], trace["y"], strict=False)
        if text.isdigit() and y > LOSSES.bottom
    }
    assert below == {str(number): across(number, epochs) for number in numbers}


def test_at_each_number_of_the_axes_is_a_line() -> None:
    data = training_curves((), 100, 4, "light")["data"]
    still = [each for each in data if each.get("meta") == STILL]
    lines = next(each for each in still if each["mode"] == "lines")
    grid = {*zip(lines["x"], lines["y"], strict=True)}
    numbers = [
        at
        for each in still
        if each["mode"] == "text"
        for at in zip(each["text"], each["x"], each["y"], strict=True)
    ]
    left, right = across(0, 4), across(4, 4)
    for axis in (ERRORS, LOSSES):
        beside = {text: y for text, x, y in numbers if x < left and axis.top <= y <= axis.bottom}
        assert beside == {text: axis.pixel(value) for value, text in axis.ticks.items()}
        for level in beside.values():
            assert {(left, level), (right, level)} <= grid
        below = {text: x for text, x, y in numbers if x >= left and y > LOSSES.bottom}
        assert below == {str(epoch): across(epoch, 4) for epoch in range(5)}
        for x in below.values():
            assert {(x, axis.top), (x, axis.bottom)} <= grid


def test_a_wrong_image_has_its_room_around_it_and_none_lies_in_anothers() -> None:
    count = 20
    wrong = Evaluation(np.zeros(count, int), np.ones(count, int), np.linspace(0, 1, count))
    rooms = [*wrong_images(wrong).values()]
    assert len(rooms) == len(WRONG_IMAGES.boxes) < count
    for room, tile in zip(rooms, WRONG_IMAGES.boxes, strict=True):
        assert middle_of(room)[0] == pytest.approx(middle_of(tile)[0])
        assert room[1] < tile[1] < tile[1] + tile[3] < room[1] + room[3]
    for one, other in combinations(rooms, 2):
        assert min(common(one, other)) <= 1e-6


def test_a_sign_of_the_weights_scale_has_the_colour_that_it_stands_for() -> None:
    figure = training_layers(Network.new("cnn"), output_shapes("cnn"), (), "light")
    (scale,) = [each for each in figure["data"] if "■" in "".join(each.get("text", ()))]
    below, *_, above = colours("light", "values", pale=False)
    signs = [text.split()[1][0] for text in scale["text"]]
    assert dict(zip(signs, scale["textfont"]["color"], strict=True)) == {"+": above, "−": below}


def test_a_record_lies_at_its_step_and_its_numbers() -> None:
    history = [
        record(50, test_accuracy=0.8, training_accuracy=0.5, loss=1.0),
        record(100, test_accuracy=0.98, training_accuracy=0.9, loss=0.1, test_images=10_000),
    ]
    figure = training_curves(history, 100, 4, "light")
    xs = [across(0.5, 4), across(1, 4)]
    (test,) = lines(figure, "solid")
    assert test == [(xs[0], ERRORS.pixel(0.2)), (xs[1], ERRORS.pixel(0.02))]
    training, loss = lines(figure, "dot")
    assert training == [(xs[0], ERRORS.pixel(0.5)), (xs[1], ERRORS.pixel(0.1))]
    assert loss == [(xs[0], LOSSES.pixel(1.0)), (xs[1], LOSSES.pixel(0.1))]
    assert "test  <b>98 %</b>" in texts(figure)
    assert "training  <b>0.1</b>" in texts(figure)
    assert "<b>Accuracy at step 100</b>" in texts(figure)


def test_a_name_stands_behind_a_piece_of_its_line() -> None:
    figure = training_curves([record(100, test_accuracy=0.5)], 100, 1, "light")
    still = [trace for trace in figure["data"] if trace["mode"] == "lines" and trace.get("meta")]
    ends = {end for trace in still for end in zip(trace["x"], trace["y"], strict=True)}
    written = next(trace for trace in figure["data"] if "test  " in "".join(trace.get("text", ())))
    named = [*zip(*(written[key] for key in ("text", "x", "y")), strict=True)][:3]
    for text, left, middle in named:
        assert 3 <= min(left - x for x, y in ends if y == middle and x < left) <= 10, text


def test_the_chart_says_of_how_many_test_images_an_accuracy_is_unless_of_all() -> None:
    # 487 and 480 of the probe's 500; the curve has their mean, which no count of images gives.
    history = [record(step, test_accuracy=right / 500) for step, right in ((10, 480), (12, 487))]
    assert "test  <b>97.4 %</b> of 500" in texts(training_curves(history, 10_000, 4, "light"))
    end = record(14, test_accuracy=0.9612, test_images=10_000)
    assert "test  <b>96.1 %</b>" in texts(training_curves([*history, end], 10_000, 4, "light"))
    assert "test  " in texts(training_curves([], 10_000, 4, "light"))


@pytest.mark.parametrize(
    ("loss", "written"), [(2.30259, "2.303"), (0.0005, "0.001"), (0.0004, "<0.001"), (0.0, "0")]
)
def test_a_loss_of_0_is_exactly_0(loss: float, written: str) -> None:
    figure = training_curves([record(10, loss=loss)], 10_000, 4, "light")
    assert f"training  <b>{written}</b>" in texts(figure)


def test_records_within_few_pixels_are_their_mean_but_exact_where_all_images_were_asked() -> None:
    close = [record(step, test_accuracy=0.9 + step / 1000, loss=step / 10) for step in (10, 12)]
    (only,) = lines(training_curves(close, 10_000, 4, "light"), "solid")
    assert only == [(across(0.0012, 4), ERRORS.pixel(1 - 0.911))]
    end = record(14, test_accuracy=0.97, test_images=10_000)
    (only,) = lines(training_curves([*close, end], 10_000, 4, "light"), "solid")
    assert only == [(across(0.0014, 4), ERRORS.pixel(0.03))]
    later = record(16, test_accuracy=0.98, test_images=10_000)
    (only,) = lines(training_curves([*close, end, later], 10_000, 4, "light"), "solid")
    assert only == [(across(0.0016, 4), ERRORS.pixel(0.02))]
    # An epoch's end stays where it is, with its number, however near the next one begins.
    first = record(18, epoch=2, test_accuracy=0.5)
    (both,) = lines(training_curves([*close, end, first], 10_000, 4, "light"), "solid")
    assert both == [(across(0.0014, 4), ERRORS.pixel(0.03)), (across(0.0018, 4), ERRORS.pixel(0.5))]


def test_the_mean_of_near_records_is_over_their_images() -> None:
    few = record(10, training_accuracy=0.5, loss=1.0, images=100)
    many = record(12, training_accuracy=0.9, loss=0.2, images=300)
    training, loss = lines(training_curves([few, many], 10_000, 4, "light"), "dot")
    assert training == [(across(0.0012, 4), ERRORS.pixel(0.2))]
    assert loss == [(across(0.0012, 4), LOSSES.pixel(0.4))]


def test_there_is_a_dot_at_the_end_of_each_line_and_where_all_test_images_were_asked() -> None:
    accuracies = {100: 0.5, 200: 0.8, 300: 0.9, 400: 0.95}
    history = [
        record(
            step, test_accuracy=right, training_accuracy=0.6, loss=0.3,
            test_images=10_000 if step in (200, 300) else PROBE,
        )
        for step, right in accuracies.items()
    ]  # fmt: skip
    figure = training_curves(history, 100, 4, "light")
    ink, colour = (
        [*zip(each["x"], each["y"], strict=True)]
        for each in figure["data"]
        if each.get("mode") == "markers"
    )
    places = {
        step: (across(step / 100, 4), ERRORS.pixel(1 - accuracies[step])) for step in accuracies
    }
    assert ink == [places[200], places[300], places[400]]
    end = across(4, 4)
    assert colour == [(end, ERRORS.pixel(0.4)), (end, LOSSES.pixel(0.3))]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_layout_does_not_depend_on_what_happened(theme: Any) -> None:
    network, shapes = Network.new("cnn"), output_shapes("cnn")
    evaluation = Evaluation.of(network, mnist.load("test"))
    images = mnist.load("test").images
    for empty, full in (
        (training_curves((), 0, 3, theme), training_curves([record(5)], 100, 3, theme)),
        (
            training_layers(network, shapes, (), theme),
            training_layers(Network.new("cnn", seed=1), shapes, LAYERS, theme),
        ),
        (
            training_mistakes(None, 0, images, theme),
            training_mistakes(evaluation, 20, images, theme),
        ),
    ):
        assert empty["layout"] == full["layout"]
        assert len(empty["data"]) == len(full["data"])
        json.dumps(full, allow_nan=False)
        assert_drawable(full)
        assert moving_texts(empty) & moving_texts(full) == set(), "what stays is drawn once"


@for_each(
    ("architecture", "title"),
    [
        ("cnn", "<b>Filters of the first convolution</b>"),
        ("linear", "<b>Weights of each digit</b>"),
    ],
)
def test_over_the_first_weights_stands_what_they_are(architecture: str, title: str) -> None:
    network, shapes = Network.new(architecture), output_shapes(architecture)
    assert texts(training_layers(network, shapes, (), "light"))[0] == title


def test_each_layer_has_its_shape_and_its_fractions() -> None:
    assert output_shapes("cnn")["Conv2D 2"] == (16, 11, 11)
    assert [*output_shapes("linear")] == ["Flatten", "Linear"]
    figure = training_layers(Network.new("cnn"), output_shapes("cnn"), LAYERS, "light")
    said = texts(figure)
    assert "16×11×11" in said
    assert [each for each in said if each.endswith(" %")] == [
        "75 %", "50 %", "25 %", "12.5 %", "0 %"
    ]  # fmt: skip
    bars = next(t for t in figure["data"] if t.get("line", {}).get("width") == BAR_WIDTH)
    lengths = [end - start for start, end in zip(bars["x"][::3], bars["x"][1::3], strict=True)]
    widths = [GRADIENT_COLUMN[1] * 0.75, GRADIENT_COLUMN[1] * 0.5, UNITS_COLUMN[1] * 0.25]
    assert lengths[:3] == pytest.approx(widths, abs=0.1)


def test_the_answers_are_counted_and_the_most_confident_errors_shown_first() -> None:
    digits = mnist.load("test")
    labels = digits.labels[:6]  # 7 2 1 0 4 1
    predicted = np.array([7, 1, 1, 0, 9, 7])
    confidence = np.array([0.9, 0.4, 0.8, 0.7, 0.5, 0.6])
    evaluation = Evaluation(labels, predicted, confidence)
    said = texts(training_mistakes(evaluation, 1234, digits.images, "light"))
    assert "<b>Confusion matrix at step 1,234</b>" in said
    assert "<b>Wrong at step 1,234: 3 of 6</b>" in said
    assert [each for each in said if "→ <b>" in each] == [
        "1 → <b>7</b>", "4 → <b>9</b>", "2 → <b>1</b>"
    ]  # fmt: skip
    counts = [each for each in said if each.strip("<b>/").isdigit() and len(each) != 1]
    assert counts == ["<b>1</b>"] * 3


def test_what_was_shown_is_a_row_and_what_was_answered_a_column() -> None:
    evaluation = Evaluation(np.array([2, 2]), np.array([5, 5]), np.array([0.9, 0.8]))
    figure = training_mistakes(evaluation, 1, mnist.load("test").images, "light")
    count, (column, above), (before, row) = [
        (x, y)
        for still in (None, STILL)
        for trace in figure["data"]
        for x, y, text in zip(trace.get("x", ()), trace.get("y", ()), trace.get("text", ()),
                              strict=False)
        if text == "2" and trace.get("meta") == still
    ]  # fmt: skip
    left, top, width, height = CONFUSION_MATRIX
    assert count == pytest.approx((left + width * 0.55, top + height * 0.25), abs=0.1)
    # The digit that the count is about is above the third column and before the third row.
    assert (column, row) == pytest.approx((left + width * 0.25, top + height * 0.25), abs=0.1)
    assert (before < left, above < top) == (True, True)
    # Each row and column has lines around it, the last ones included.
    across, down = np.linspace(left, left + width, 11), np.linspace(top, top + height, 11)
    grid = {(x, y) for x in (left, left + width) for y in down.tolist()}
    grid |= {(x, y) for y in (top, top + height) for x in across.tolist()}
    drawn = [{*zip(each["x"], each["y"], strict=True)} for each in figure["data"] if "x" in each]
    assert any(grid <= points for points in drawn)


def test_mistakes_have_a_colour_on_which_ink_can_be_read_and_right_answers_have_none() -> None:
    evaluation = Evaluation(np.array([2, 3, 3]), np.array([5, 3, 3]), np.array([0.9, 0.8, 0.7]))
    data = training_mistakes(evaluation, 1, mnist.load("test").images, "light")["data"]
    matrix = pixels(next(each["source"] for each in data if each["type"] == "image"))
    palette = PALETTES["light"]
    assert matrix[2][5] == colours("light", "values", pale=True)[0]
    assert contrast(matrix[2][5], palette.ink) >= AA
    matrix[2][5] = palette.paper
    assert {colour for row in matrix for colour in row} == {palette.paper}


def test_the_last_of_many_layers_stands_in_the_last_row() -> None:
    for slug, last in (("deeper", 450.0), ("linear", None)):
        shapes = output_shapes(slug)
        figure = training_layers(Network.new(slug), shapes, (), "light")
        levels = {
            text: y
            for trace in figure["data"]
            for text, y in zip(trace.get("text", ()), trace.get("y", ()), strict=False)
        }
        rows = [levels[layer] for layer in shapes]
        assert rows == sorted(rows)
        assert rows[1] - rows[0] <= 30
        assert rows[-1] == pytest.approx(last) if last else rows[-1] < 450


def test_a_wrong_image_is_as_grey_as_it_was() -> None:
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 0] = [0, 255, 128, *[0] * 25]
    evaluation = Evaluation(np.array([2]), np.array([5]), np.array([0.9]))
    *_, last = [
        each
        for each in training_mistakes(evaluation, 1, image, "light")["data"]
        if each["type"] == "image"
    ]
    paper, ink, grey = pixels(last["source"])[0][:3]
    assert (paper, ink) == (PALETTES["light"].paper, PALETTES["light"].ink)
    assert grey not in (paper, ink)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_no_text_lies_over_another_however_long_the_numbers_are(architecture: str) -> None:
    network, shapes, labels = Network.new(architecture), output_shapes(architecture), np.arange(10)
    everywhere = [LayerRecord(name, 0.12345, 0.99999, 0.12345) for name in shapes]
    shown, predicted = np.repeat(labels, 1000), np.tile(np.repeat(labels, 100), 10)
    evaluation = Evaluation(shown.astype(np.uint8), predicted, np.linspace(0, 1, 10_000))
    images = np.zeros((10_000, 28, 28), np.uint8)
    for test in (
        {"test_accuracy": 0.98765, "test_images": 10_000},
        {"test_accuracy": 493 / PROBE, "test_images": PROBE},
    ):
        last = record(93_750, **test, training_accuracy=0.98765, loss=0.123)
        for epochs in (1, 20):
            assert [*crossing(training_curves([last], 93_750, epochs, "light"))] == []
    assert [*crossing(training_layers(network, shapes, everywhere, "light"))] == []
    assert [*crossing(training_mistakes(evaluation, 93_750, images, "light"))] == []
    left, _, width, _ = CONFUSION_MATRIX
    assert text_width("<b>1135</b>", NOTE_SIZE) < width / 10
    assert left + width + 0.5 <= MISTAKES_SIZE[0], "its last line is whole"

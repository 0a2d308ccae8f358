"""Strips, on a phone: their order, and which of them have a count."""

import numpy as np

from engine import Conv1D, MaxPool, ReLU, Sequential, trace
from pages.derive.derivation import letters
from pages.figures.layout import LINE
from pages.figures.ranks import NO_WISHES
from pages.figures.strips import strips_of


def test_each_parameter_comes_before_what_is_made_with_it() -> None:
    network = Sequential(Conv1D(), ReLU(), Conv1D())
    passed = trace(network, np.ones(6), np.ones((2, 2)), np.ones((1, 2, 2)))
    layout = strips_of(passed, letters(passed), NO_WISHES)
    tops = {letter: top for letter, (_, top, _, _) in layout.columns.items()}
    assert sorted(tops, key=lambda letter: tops[letter]) == ["x", "w1", "a1", "h", "w2", "a2"]


def test_beside_a_parameter_stands_its_name_and_beside_what_is_made_how() -> None:
    network = Sequential(Conv1D(), MaxPool(2))
    passed = trace(network, np.ones(6), np.ones((2, 2)), np.ones(2))
    layout = strips_of(passed, letters(passed), NO_WISHES)
    said = [each.title for each in layout.headings if each.title not in ("values", "gradients")]
    assert said == ["input", "w", "b", "Convolution", "Max pool"]


def test_over_heat_maps_stands_which_half_is_of_values_and_which_of_gradients() -> None:
    for size, said in ((3, ["input", "ReLU"]), (9, ["values", "gradients", "input", "ReLU"])):
        passed = trace(ReLU(), np.ones(size))
        layout = strips_of(passed, letters(passed), NO_WISHES)
        assert [heading.title for heading in layout.headings] == said


def test_a_single_number_has_no_count() -> None:
    passed = trace(Sequential(Conv1D(), ReLU(), MaxPool()), np.ones(6), 2.0)
    layout = strips_of(passed, letters(passed), NO_WISHES)
    assert {"w", "z"} <= layout.columns.keys()
    assert {"w", "z"}.isdisjoint(layout.counts)


def test_the_cells_of_a_single_map_alone_are_square() -> None:
    for maps in (1, 3):
        passed = trace(ReLU(), np.ones((1, maps, 12, 12)))
        layout = strips_of(passed, letters(passed), NO_WISHES)
        for _, _, wide, tall in layout.maps["x"]:
            assert (wide == tall) == (maps == 1)


def test_an_image_takes_its_height_from_the_other_heat_maps() -> None:
    for layers in (6, 7, 8):
        network = Sequential(*[ReLU()] * layers)
        passes = [trace(network, np.ones(shape)) for shape in ((1, 1, 12, 12), (12, 12))]
        image, plain = (strips_of(passed, letters(passed), NO_WISHES) for passed in passes)
        assert image.maps["x"][0][3] > plain.maps["x"][0][3] > image.maps["h1"][0][3]
        assert abs(image.height - plain.height) < 1e-9


def test_a_finger_hits_each_cell_however_low_heat_maps_are() -> None:
    for layers in (1, 4, 8):
        passed = trace(Sequential(*[Conv1D()] * layers), np.ones(40), *[2.0] * layers)
        layout = strips_of(passed, letters(passed), NO_WISHES)
        assert len(layout.boxes) == layers
        assert min(tall for _, _, _, tall in layout.boxes.values()) >= layout.measures.flat


def test_a_count_stands_a_line_beneath_its_title() -> None:
    for size in (3, 9):  # as cells, and as heat maps
        passed = trace(ReLU(), np.ones(size))
        layout = strips_of(passed, letters(passed), NO_WISHES)
        titles = [each.at for each in layout.headings if each.title in ("input", "ReLU")]
        for (x, level), (other, beneath) in zip(titles, layout.counts.values(), strict=True):
            assert x == other
            assert beneath - level >= LINE * layout.measures.count


def test_below_the_last_strip_is_as_much_room_as_beside_it() -> None:
    passed = trace(ReLU(), np.ones(3))
    layout = strips_of(passed, letters(passed), NO_WISHES)
    assert layout.height - max(top + tall for _, top, _, tall in layout.boxes.values()) == 2

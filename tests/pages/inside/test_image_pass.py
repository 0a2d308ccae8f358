"""Passes of an image: the page shows what the network computes, and which entry reads which."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine import RULES, Why
from engine.mnist import load
from engine.training import ARCHITECTURES, Network, as_inputs
from pages.inside.image_pass import (
    STRONGEST,
    Part,
    after_step,
    decisive_part,
    image_pass,
    shipped_network,
    ways,
    winners,
    wrong_ones,
)
from pages.inside.inside_scene import BLANK, PRESETS, InsideScene
from pages.inside.network_maps import empty_pass, stages
from tests.for_each import for_each

NETWORK = shipped_network()
SCENE = InsideScene(image=61, rule="pytorch-max-pool")


def test_an_image_pass_is_the_pass_of_its_image() -> None:
    passed = image_pass(NETWORK, SCENE)
    image = load().images[61:62]
    np.testing.assert_array_equal(passed.trace.steps[0].inputs[0], as_inputs(image))
    np.testing.assert_allclose(passed.probabilities, NETWORK.probabilities(image)[0], rtol=1e-5)
    assert passed.label == passed.answer == load().labels[61] == 8
    assert passed.loss == pytest.approx(float(passed.trace.output))
    truth = np.eye(10)[8]
    assert passed.classes.gradients is not None
    np.testing.assert_allclose(passed.classes.gradients, passed.probabilities - truth, atol=2e-7)


@pytest.mark.parametrize("digit", [0, 7])
def test_back_from_a_logit_come_its_own_weights(digit: int) -> None:
    passed = image_pass(NETWORK, replace(SCENE, back=str(digit)))
    np.testing.assert_array_equal(passed.trace.steps[-1].grads[0][0], NETWORK.params[4][digit])
    assert passed.naming.function == f"s{'₀₁₂₃₄₅₆₇₈₉'[digit]}"


def test_the_label_is_the_scenes_else_the_images_else_the_answer() -> None:
    assert image_pass(NETWORK, replace(SCENE, label="3")).label == 3
    blank = image_pass(NETWORK, InsideScene(image=BLANK))
    assert blank.label == blank.answer
    assert not blank.trace.steps[0].inputs[0].any()
    drawn = image_pass(NETWORK, PRESETS["a-drawing"])
    assert drawn.label == drawn.answer == 3


def test_a_pass_is_computed_once_however_it_is_shown() -> None:
    shown = replace(SCENE, net="yours", tool="draw", only="wrong", show="reasons", entry="s1")
    assert image_pass(NETWORK, shown) is image_pass(NETWORK, SCENE)
    assert image_pass(NETWORK, replace(shown, back="3")) is not image_pass(NETWORK, SCENE)


def test_what_is_covered_changes_the_answer() -> None:
    passed = image_pass(NETWORK, PRESETS["one-part-covered"])
    assert image_pass(NETWORK, PRESETS["a-mistake"]).answer == 9
    assert passed.answer == passed.label == 4
    x = passed.trace.steps[0].inputs[0][0, 0]
    assert not x[6:11, 13:18].any()
    assert x[11:].sum() == pytest.approx(load().images[2130][11:].sum() / 255)


def test_one_step_of_descent() -> None:
    scene = replace(PRESETS["one-step"], sgd="before")
    before = image_pass(NETWORK, scene)
    after = image_pass(NETWORK, replace(scene, sgd="after"))
    rate = np.float32(10**scene.rate)
    for moved, param, grad in zip(
        after_step(NETWORK, scene).params, NETWORK.params, before.trace.grads[1:], strict=True
    ):
        np.testing.assert_allclose(moved, param - rate * grad, rtol=1e-6, atol=1e-7)
    assert before.network is NETWORK
    assert after.loss < before.loss
    assert before.other is not None
    assert after.other is not None
    np.testing.assert_array_equal(before.other.probabilities, after.probabilities)
    np.testing.assert_array_equal(after.other.probabilities, before.probabilities)
    assert (before.other.loss, after.other.loss) == (after.loss, before.loss)
    # The step descends the loss, whatever L is looked at.
    sideways = image_pass(NETWORK, replace(scene, sgd="after", back="3"))
    np.testing.assert_array_equal(sideways.network.params[0], after.network.params[0])


@for_each(
    ("entry", "expected"),
    [
        ("p2.3,2,2", {"x": 100, "p1": 128, "h2": 4, "s": 10}),
        ("a2.1,1,1", {"x": 64, "a1": 8 * 36, "p1": 72, "h2": 1, "p2": 1}),
        ("s7", {"x": 676, "p2": 400}),
        ("x14,14", {"a1": 72, "s": 10}),
        ("x28,28", {"a1": 8, "p1": 8, "a2": 16, "h2": 16, "p2": 0, "s": 0}),
        # On a blank sheet a weight is multiplied by 0 everywhere.
        ("w1.1,1,1", {"a1": 0, "p1": 0, "p2": 0}),
    ],
)
def test_the_reach_of_an_entry_in_each_map_by_hand(entry: str, expected: dict[str, int]) -> None:
    passed = empty_pass("cnn")
    place = passed.place(entry)
    assert place
    found = passed.reach(place)
    assert {letter: int(found[letter].sum()) for letter in expected} == expected
    assert passed.lit(place).keys() <= stages("cnn").keys()


def test_what_a_pixel_changes_is_lit() -> None:
    scene = replace(SCENE, painting="NNBBo")  # the pixel in row 14 and column 14
    plain, moved = image_pass(NETWORK, SCENE), image_pass(NETWORK, scene)
    pixel = plain.place("x14,14")
    assert pixel
    masks = plain.lit(pixel)
    maps = plain.maps(), moved.maps()
    changed = {letter: maps[0][letter].values != maps[1][letter].values for letter in masks}
    assert changed["a1"].sum() > 30
    for letter, mask in masks.items():
        assert not (changed[letter] & ~mask).any(), letter


@for_each("back", ["loss", "3"])
@for_each(("rule", "reached"), [("lab", 4), ("mlx", 4), ("pytorch-max-pool", 1)])
def test_ties_of_a_blank_sheet_get_the_gradient_as_the_rule_says(
    back: str, rule: str, reached: int
) -> None:
    # A blank sheet: all windows of the first pool are ties.
    scene = replace(SCENE, image=BLANK, painting="", rule=rule, back=back)
    pool = image_pass(NETWORK, scene).trace.steps[2]
    windows = pool.grads[0].reshape(*pool.dout.shape[:2], 13, 2, 13, 2)
    found = np.count_nonzero(windows, axis=(3, 5))
    assert {*found[pool.dout != 0].tolist()} == {reached}


@pytest.mark.parametrize("rule", ["lab", "pytorch-max-pool", "mlx"])
def test_winners_by_the_window(rule: str) -> None:
    traced = image_pass(NETWORK, replace(SCENE, rule=rule)).trace
    (h,), p = traced.steps[2].inputs, traced.steps[2].output
    found = winners(traced, 2, np.ones(p.shape, np.bool_))
    expected = set()
    for n, channel, row, column in np.ndindex(*p.shape):
        window = [(2 * row + i, 2 * column + j) for i in (0, 1) for j in (0, 1)]
        best = [at for at in window if h[n, channel, *at] == p[n, channel, row, column]]
        if RULES[rule].kinks.pool_ties == "first":
            best = best[:1]
        expected |= {((n, channel, *at), (n, channel, row, column)) for at in best}
    assert set(found) == expected
    assert len(found) == len(expected)


def test_ways_lead_through_what_is_read() -> None:
    passed = image_pass(NETWORK, SCENE)
    place = passed.place("p2.3,2,2")
    assert place
    found = ways(passed, place)
    assert [way[0] for way in found] == ["p1"] * 128 + ["p2"]
    masks, maps = passed.lit(place), passed.maps()
    for tail, output, head, winner, flowing in found:
        assert masks[head][winner]
        gradients = maps[tail].gradients
        assert gradients is not None
        assert flowing == bool(gradients[output])
        assert maps[head].values[winner] == maps[tail].values[output]
    # No path continues from an entry that won no window.
    (lost,) = np.argwhere(passed.trace.steps[2].why[0][0, :, :2, :2] == Why.TIE_LOST)[:1]
    channel, row, column = (int(number) + 1 for number in lost)
    further = ways(passed, passed.place(f"h1.{channel},{row},{column}"))
    assert {way[2] for way in further} == {"h2"}
    assert ways(passed, None) == []
    # If a pool's cell gets no gradient, neither does the entry that won its window.
    (dry,) = np.argwhere(passed.trace.steps[3].grads[0][0, :, :12, :12] == 0)[:1]
    first, *_ = ways(passed, passed.place("p1." + ",".join(str(number + 1) for number in dry)))
    assert (first[0], first[4]) == ("p1", False)


def test_the_ways_with_the_largest_gradients_are_shown_when_there_are_very_many() -> None:
    passed = image_pass(NETWORK, SCENE)
    found, maps = ways(passed, passed.place("s4")), passed.maps()
    for pool in ("p1", "p2"):
        gradients = maps[pool].gradients
        assert gradients is not None
        shown = [abs(float(gradients[way.tail_at])) for way in found if way.tail == pool]
        assert shown == sorted(np.abs(gradients).ravel().tolist(), reverse=True)[: len(shown)]
        assert len(shown) == STRONGEST


@pytest.mark.parametrize("slug", ARCHITECTURES)
def test_every_architecture_can_be_seen(slug: str) -> None:
    network = Network.new(slug, 3)
    passed = image_pass(network, SCENE)
    maps = passed.maps(why=True)
    assert [*maps] == [*stages(slug)]
    for each in maps.values():
        assert each.why is not None
        assert each.gradients is not None
        np.testing.assert_array_equal(each.why == Why.FLOWS, each.gradients != 0)
        assert each.nonzero == [int((channel != 0).sum()) for channel in each.gradients]


def test_the_wrong_ones_are_wrong() -> None:
    wrong = wrong_ones(NETWORK)
    assert 100 < len(wrong) < 135
    assert 2130 in wrong
    assert 61 not in wrong
    sure = [image_pass(NETWORK, InsideScene(image=number)) for number in wrong[:20]]
    assert all(passed.answer != passed.label for passed in sure)
    confidences = [float(passed.probabilities.max()) for passed in sure]
    assert confidences == sorted(confidences, reverse=True)


def test_a_network_that_overflows_gets_no_image_wrong() -> None:
    huge = tuple(param * np.float32(1e30) for param in NETWORK.params)
    assert wrong_ones(Network(NETWORK.architecture, huge)) == ()


@pytest.mark.parametrize("corner", [(0, 0), (0, 27), (27, 0), (27, 27)])
def test_every_part_of_an_image_is_covered_up_to_its_edges(
    corner: tuple[int, int],
) -> None:
    """On a sheet of ink whose label is recognised only if one corner is covered."""
    label = 3

    class Cornered:
        def probabilities(self, images: np.ndarray) -> np.ndarray:
            covered = images[:, 0, *corner] == 0
            found = np.zeros((len(images), 10))
            found[:, label] = np.where(covered, 0.75, 0.25)
            found[:, label - 1] = 1 - found[:, label]
            return found

    network: Any = Cornered()
    part = Part((min(corner[0], 23), min(corner[1], 23)), 0.75)
    assert decisive_part(network, np.ones((28, 28)), label) == part

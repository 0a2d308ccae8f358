"""The scene of "Look inside" and its address."""

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.training import ARCHITECTURES
from pages.inside.inside_scene import BLANK, COVERED, DIGITS, PRESETS, InsideScene
from pages.inside.inside_subject import INSIDE_SUBJECT
from pages.inside.network_maps import empty_pass, naming, stages
from pages.session.page_state import PageState
from pages.state.digits import IMAGES
from tests.for_each import for_each

ENTRIES = ("", "x1,1", "x28,28", "w1.8,3,3", "a1.8,26,26", "p2.16,5,5", "s0", "s9")
scenes = st.builds(
    InsideScene,
    net=st.sampled_from(("shipped", "yours")),
    image=st.integers(BLANK, IMAGES - 1),
    painting=st.sampled_from(("", "CaCCoB")),
    tool=st.sampled_from(("look", "draw", "erase", "restore")),
    only=st.sampled_from(("all", "wrong")),
    show=st.sampled_from(("activations", "gradients", "reasons")),
    back=st.sampled_from(("loss", *DIGITS)),
    label=st.sampled_from(("", *DIGITS)),
    sgd=st.sampled_from(("off", "before", "after")),
    rate=st.sampled_from((-4.0, -2.5, -0.25)),
    entry=st.sampled_from(ENTRIES),
)


@given(scenes)
def test_an_address_holds_the_whole_scene(scene: InsideScene) -> None:
    assert InsideScene().updated(scene.query()) == (scene, [])


@for_each(
    ("name", "text"),
    [
        *(("image", text) for text in ("10000", "-1", "Blank", "", "1.5", "²")),
        *(("entry", text) for text in ("a3.1,1,1", "x29,1", "s10", "a1.9,1,1", "a1.1,27,1", "<b>")),
        *(("entry", text) for text in ("w1.0,1,1", "w1.1,4,1", "a1", "x1", "x1,1,1", "s", "s²")),
        *(("painting", text) for text in ("A", "AABBH", "<script>")),
        *(("rate", text) for text in ("0", "1", "2", "nan", "1e-9")),
        ("net", "mine"),
        ("back", "11"),
        ("tool", "paint"),
    ],
)
def test_a_bad_value_is_said_and_loses_nothing_else(name: str, text: str) -> None:
    asked = PRESETS["why-zero"].query() | {name: text}
    scene, problems = InsideScene().updated(asked)
    (problem,) = problems
    assert problem.startswith(f"The address asked for {name} = “{text}”, but {name} needs ")
    expected = "" if name == "entry" and scene.entry == "" else getattr(InsideScene(), name)
    assert scene == PRESETS["why-zero"].having(name, expected)


@pytest.mark.parametrize("slug", ARCHITECTURES)
def test_every_entry_has_a_name_of_its_own(slug: str) -> None:
    passed, seen = empty_pass(slug), set()
    for letter, each in passed.maps().items():
        channels, rows, columns = each.values.shape
        for channel, row, column in product(range(channels), (0, rows - 1), (0, columns - 1)):
            entry = f"{each.prefixes[channel]}{row + 1},{column + 1}"
            place = passed.place(entry)
            assert place
            assert (place.letter, passed.naming.entry(letter, place.index)) == (letter, entry)
            array = passed.trace.steps[place.step].inputs[place.argument]
            marked = np.zeros(array.shape)
            marked[place.index] = 1
            assert np.argwhere(marked.reshape(each.values.shape)).tolist() == [
                [channel, row, column]
            ]
            seen.add(entry)
        assert passed.place(f"{each.prefixes[0]}{rows + 1},1") is None
        assert passed.place(f"{each.prefixes[0]}1,{columns + 1}") is None
    assert len(seen) == sum(4 * len(each.prefixes) for each in passed.maps().values())


def test_the_maps_of_a_network_and_their_titles() -> None:
    assert {letter: (each.title, each.shape) for letter, each in stages("cnn").items()} == {
        "x": ("Image", (1, 28, 28)),
        "w1": ("Filters", (8, 3, 3)),
        "a1": ("Conv", (8, 26, 26)),
        "h1": ("ReLU", (8, 26, 26)),
        "p1": ("Pool", (8, 13, 13)),
        "a2": ("Conv", (16, 11, 11)),
        "h2": ("ReLU", (16, 11, 11)),
        "p2": ("Pool", (16, 5, 5)),
    }
    assert {letter: (each.title, each.shape) for letter, each in stages("linear").items()} == {
        "x": ("Image", (1, 28, 28)),
        "w1": ("Weights", (10, 28, 28)),
    }


def test_names_by_hand() -> None:
    names = naming("cnn", "7")
    assert names.function == "s₇"
    assert names.label("x", (0, 0, 4, 2)) == "x₅‚₃"
    assert names.label("a1", (0, 1, 4, 2)) == "a⁽¹⁾₂‚₅‚₃"
    assert names.label("w2", (4, 0, 2, 1)) == "w⁽²⁾₅‚₁‚₃‚₂"
    assert names.label("w3", (7, 0)) == "w⁽³⁾₇‚₁", "digits count from 0"
    assert names.label("s", (0, 7)) == "s₇"
    assert naming("linear", "loss").label("w1", (7, 28)) == "w⁽¹⁾₇‚₂‚₁", "as its images have it"
    for slug, entry, expected in (
        ("linear", "w1.7,2,1", (1, 1, (7, 28))),
        ("cnn", "w1.2,2,1", (0, 1, (1, 0, 1, 0))),
        ("cnn", "s7", (8, 0, (0, 7))),
    ):
        place = empty_pass(slug).place(entry)
        assert place
        assert (place.step, place.argument, place.index) == expected


def test_a_drawing_comes_from_the_browser_as_text() -> None:
    state = PageState(INSIDE_SUBJECT.start, PRESETS, INSIDE_SUBJECT.start)
    for number, (said, kept) in enumerate(
        [("CaCCoB", "CaCCoB"), ("nonsense", "CaCCoB"), (7, "CaCCoB"), ("", "")]
    ):
        state.hear({"serial": f"a-{number}", "values": {"painting": said, "label": "3"}})
        assert state.scene == replace(INSIDE_SUBJECT.start, painting=kept)


def test_a_case_stays_itself_whatever_tool_is_taken_up_or_put_down() -> None:
    assert PRESETS[COVERED].tool == "look", "it is to be looked at"
    for slug in (COVERED, "a-drawing"):
        state = PageState(PRESETS[slug], PRESETS, InsideScene())
        for tool in ("erase", "look", "draw"):
            state.change(replace(PRESETS[slug], tool=tool))
            assert state.case == slug
        state.change(replace(PRESETS[slug], painting=""))
        assert state.case != slug


def test_a_case_is_shown_on_what_the_user_has_where_it_needs_nothing_else() -> None:
    """The drawing, its label, the network, the rule and the choice of images stay."""
    drawing: dict[str, Any] = {"image": BLANK, "painting": "CaCCoB", "label": "3"}
    own = InsideScene(net="yours", rule="mlx", only="wrong", back="7", entry="s7", **drawing)
    step, paths, mistake = (
        PRESETS[slug] for slug in ("one-step", "paths-through-the-pools", "a-mistake")
    )
    kept: dict[str, Any] = {"net": "yours", "only": "wrong"}
    assert own.into(step) == replace(step, rule="mlx", **kept, **drawing)
    assert own.into(paths) == replace(paths, **kept, **drawing), "it needs a rule of its own"
    assert own.into(mistake) == replace(mistake, rule="mlx", only="wrong")
    for other in (replace(own, image=61), replace(own, painting="")):
        assert other.into(step) == replace(step, rule="mlx", **kept), "that is no drawing"


def test_another_image_comes_without_what_was_drawn_and_said_of_the_last() -> None:
    scene = InsideScene(painting="CaCCoB", label="3", entry="s7")
    assert scene.with_image(61) == InsideScene(image=61, entry="s7")

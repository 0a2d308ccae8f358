"""A scene, written to an address and read back."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import RULES
from pages.explore.conv_2d_scene import Conv2DScene
from pages.inside.inside_scene import InsideScene
from pages.state.codecs import HIGH, LOW
from pages.state.scene import escaped
from tests.for_each import for_each
from tests.pages.lab import lab
from tests.pages.scenes import BLOCK, LAST_STEP, LENGTH, block, pool

numbers = st.floats(LOW, HIGH)
ENTRIES = ["", *(f"{letter}{i}" for letter in "xah" for i in range(1, LENGTH + 1)), "w", "z"]
scenes = st.builds(
    block,
    x=st.tuples(*[numbers] * LENGTH),
    w=numbers,
    dz=numbers,
    rule=st.sampled_from(list(RULES)),
    step=st.integers(0, LAST_STEP),
    entry=st.sampled_from(ENTRIES),
)


@given(scenes)
def test_what_is_written_reads_back_as_the_same(scene: Any) -> None:
    assert block().updated(scene.query()) == (scene, [])


def test_the_defaults_are_written_too() -> None:
    assert block().query() == {
        "x": "1.5,-1,1.5,0.5,0",
        "w": "2",
        "dz": "1",
        "rule": "lab",
        "step": "6",
        "entry": "x3",
    }


def test_values_are_written_as_short_as_they_can_be_and_never_rounded() -> None:
    scene = block(x=(0.1 + 0.2, -4.0, 2.0**-10, 1e-7, 0.0))
    assert scene.query()["x"] == "0.30000000000000004,-4,0.0009765625,1e-07,0"


BAD = [
    ("x", ""),
    ("x", "1,2,3,4"),
    ("x", "1,2,3,4,5"),
    ("x", "1,2,3,4,"),
    ("x", "1,2,3,1,0,0"),
    ("x", "1;2;3;4;0"),
    ("x", "1,2,3,nan,0"),
    ("w", "inf"),
    ("w", "-4.0001"),
    ("w", "1e400"),
    ("w", "two"),
    ("w", "0x1"),
    ("w", "0_1"),
    ("w", "\N{MINUS SIGN}1"),
    ("w", "\N{ARABIC-INDIC DIGIT ONE}"),
    ("dz", "<b>1</b>"),
    ("dz", "1\n2"),
    ("rule", "Lab"),
    ("rule", ""),
    ("step", "7"),
    ("step", "-1"),
    ("step", "1.0"),
    ("step", "\N{SUPERSCRIPT TWO}"),
    ("step", "9" * 5000),
    ("entry", "x6"),
    ("entry", "x0"),
    ("entry", "x1; DROP TABLE"),
]


@for_each(("name", "text"), BAD)
def test_a_bad_value_gives_that_ones_default_and_one_sentence(name: str, text: str) -> None:
    good = block(x=(1.0,) * LENGTH, w=-1.0, dz=0.5, rule="mlx", step=3, entry="w")
    scene, problems = block().updated({**good.query(), name: text})
    assert scene == replace(good, **{name: getattr(block(), name)})
    (sentence,) = problems
    shown = text if len(text) <= 24 else f"{text[:24]}…"
    assert sentence.startswith(f"The address asked for {name} = “{shown}”, but {name} needs ")
    assert len(sentence) < 400


@pytest.mark.parametrize(("entry", "now"), [("w", "w"), ("", "nothing")])
def test_a_bad_value_leaves_what_is_there_and_that_is_said(entry: str, now: str) -> None:
    _, (sentence,) = block(entry=entry).updated({"entry": "x6"})
    assert sentence.endswith(f": it is {now} instead.")


@given(st.dictionaries(st.sampled_from([*block().codecs(), "other"]), st.text()))
def test_no_address_breaks_anything(query: dict[str, str]) -> None:
    scene, problems = block().updated(query)
    assert block().updated(scene.query()) == (scene, [])
    assert len(problems) <= len(query)


def test_what_cannot_be_read_and_what_does_not_go_together_are_both_said() -> None:
    scene, problems = pool().updated({"stride": "9", "size": "2", "padding": "2"})
    assert (scene.stride, scene.size, scene.padding) == ("1", "2", "1")
    unreadable, impossible = problems
    assert "stride = “9”" in unreadable
    assert "padding" in impossible


def test_a_value_of_an_address_cannot_end_it() -> None:
    assert escaped({"layers": "a(1,b=2)&c d+e", "x": "1"}) == "layers=a(1,b=2)%26c%20d%2Be&x=1"


def test_scenes_of_two_pages_differ_in_more_than_how_they_are_looked_at() -> None:
    inside = InsideScene()
    assert not inside.is_but_for(inside.looks, block())
    assert inside.is_but_for(inside.looks, replace(inside, rule="mlx", entry="s7", tool="draw"))
    assert not inside.is_but_for(inside.looks, replace(inside, rule="mlx", show="gradients"))


def test_settings_are_what_neither_a_slider_nor_a_click_changes_but_whole_numbers() -> None:
    scene = Conv2DScene(crop="8")
    for alike in (scene.moved("w1,2,3", 0.5), scene.moved("step", 2), scene.chosen("a1,2,2")):
        assert alike != scene
        assert alike.settings() == scene.settings()
    for other in (scene.moved("row", 3), replace(scene, stride=2), replace(scene, rule="mlx")):
        assert other.settings() != scene.settings()


def test_unknown_keys_are_ignored() -> None:
    assert block().updated({"embed": "true", "X": "1", "w ": "1"}) == (block(), [])


def test_there_is_no_negative_zero() -> None:
    scene, _ = block().updated({"w": "-0", "x": "-0.0,1,2,3,-0"})
    assert scene.query()["w"] == "0"
    assert scene.query()["x"] == "0,1,2,3,0"


def test_an_entry_is_moved_alone() -> None:
    scene = block().moved("x2", 3.5)
    assert scene == block(x=(1.5, 3.5, 1.5, 0.5, 0.0))
    assert scene.value("x2") == 3.5
    assert scene.moved("w", -1).w == -1
    assert scene.moved("step", 2.0).step == 2
    assert scene.moved("step", 2.0).query()["step"] == "2"
    with pytest.raises(KeyError):
        scene.moved("a1", 0)


def test_the_names_of_what_can_be_moved_are_the_sliders() -> None:
    assert list(block().entry_names()) == ["x1", "x2", "x3", "x4", "x5", "w", "dz", "step"]


# Preset -> how many entries share the maximum, and how many a are below 0, at 0 and above.
SAID = {
    "unique-max": (1, (1, 1, 3)),
    "max-tie": (2, (1, 1, 3)),
    "three-way-tie": (3, (1, 1, 3)),
    "all-negative": (5, (5, 0, 0)),
    "all-positive": (1, (0, 0, 5)),
    "relu-zero": (5, (4, 1, 0)),
    "zero-weight": (5, (0, 5, 0)),
}


def test_the_presets_are_those_that_can_be_relied_on() -> None:
    assert list(BLOCK.presets) == list(SAID)
    assert BLOCK.presets["max-tie"] == block()


@for_each("slug", SAID)
def test_a_preset_is_what_its_name_says(slug: str) -> None:
    scene = BLOCK.presets[slug]
    numbers = lab(scene.x, scene.w)
    h = [value for entry, (value, _) in numbers.items() if entry[0] == "h"]
    a = [scene.w * x for x in scene.x]
    signs = (sum(v < 0 for v in a), sum(v == 0 for v in a), sum(v > 0 for v in a))
    assert (h.count(numbers["z"][0]), signs) == SAID[slug]
    assert scene.entry in numbers

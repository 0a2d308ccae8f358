"""What the Slide button and a presentation are told."""

import json
import shlex
from typing import Any

import pytest

from pages.export.render_jobs import job_of_address, job_of_preset
from pages.export.slide import slide
from pages.export.style import Style
from pages.predict import Exercise
from pages.sharing.desk import Desk
from pages.subjects.every import TITLES, named_scene, names

HERE = "http://127.0.0.1:8501/"
BLOCK, START, _ = named_scene("max-tie")


def desk(preset: str = "max-tie", **changed: float) -> Desk[Any]:
    scene = START
    for name, value in changed.items():
        scene = scene.moved(name, value)
    return Desk(BLOCK, scene, preset, "light")


def test_a_file_has_the_name_of_its_preset_or_of_its_page() -> None:
    assert desk().texts(HERE)["name"] == "max-tie"
    assert desk("", x1=0.25).texts(HERE)["name"] == "conv-block"
    pool = TITLES["max-pool"][0]
    assert Desk(pool, pool.start, "overlap", "light").texts(HERE)["name"] == "max-pool-overlap"


@pytest.mark.parametrize("key", TITLES)
def test_the_command_exports_exactly_this_state(key: str) -> None:
    subject, _ = TITLES[key]
    path = "" if key == "conv-block" else key.replace("-", "_")
    command = Desk(subject, subject.start, "", "dark").texts(f"http://host:1/base/{path}")[
        "command"
    ]
    python, flag, module, *options = shlex.split(command)
    assert (python, flag, module) == ("python", "-m", "pages.export")
    given = dict(zip(options[::2], options[1::2], strict=True))
    assert given.keys() == {"--url", "--format", "--theme"}
    assert (given["--format"], given["--theme"]) == ("png", "dark")
    assert job_of_address(given["--url"], Style()).scene == subject.start


def test_the_picture_is_the_one_that_is_exported() -> None:
    exported = slide(job_of_preset("max-tie", Style()))
    answer = desk().slide("")
    assert json.loads(answer["figure"]) == json.loads(json.dumps(exported))
    assert answer["size"] == (1920, 1080)


def test_the_texts_are_those_of_the_scene() -> None:
    texts = desk("", w=-0.5).texts(HERE)
    assert "w = -0.5\n" in texts["python"]
    assert texts["python"].startswith('"""The conv block · the lab.')
    assert r"= -0.5 \cdot " in texts["latex"] or r"= (-0.5) \cdot " in texts["latex"]


def test_a_prediction_is_not_given_away() -> None:
    asked = Desk(BLOCK, START, "max-tie", "light", Exercise())
    assert asked.texts(HERE)["latex"] == ""
    assert asked.look("x1") == ""
    for text in (asked.slide("")["figure"], asked.html("")["html"]):
        assert "\\u2202 = 0 ?" in text or "∂ = 0 ?" in text
        assert "not max" not in text
    assert "not max" in desk().slide("")["figure"]


def test_what_a_pointer_rests_on_is_explained() -> None:
    assert desk().look("x4") == "∂z/∂x₄ = 0: h₄ = 1 is not the maximum."
    assert desk().look("<b>") == ""
    conv, scene, _ = named_scene("conv-2d/patch")
    assert Desk(conv, scene, "", "light").look("x1,1").startswith("∂z₁‚₂‚₂/∂x₁‚₁ = 0: ")


def test_the_presets_have_their_order_and_titles() -> None:
    presets = desk().presenter("")["presets"]
    assert len(presets) == len(names())
    assert [each["slug"] for each in presets if each["page"] == "max-pool"] == list(
        TITLES["max-pool"][0].presets
    )
    assert presets[1] == {
        "page": "conv-block",
        "slug": "max-tie",
        "group": "The conv block",
        "title": "A tie of two maxima",
    }
    assert ("max-pool", "Max pool", "Two gradients") in [
        (each["page"], each["group"], each["title"]) for each in presets
    ]


@pytest.mark.parametrize("key", TITLES)
def test_no_two_presets_of_a_page_are_the_same(key: str) -> None:
    scenes = list(TITLES[key][0].presets.values())
    assert all(scenes.count(scene) == 1 for scene in scenes), "one could not walk past them"


def test_an_address_that_only_this_computer_understands_is_said_to_be_one() -> None:
    assert desk().address(HERE)["note"].startswith("localhost reaches only this computer")
    assert desk().address("http://192.168.0.2/")["note"] == ""


def test_nothing_else_is_answered() -> None:
    assert desk().answer("__class__", "") is None
    assert desk().answer("address", HERE) == desk().address(HERE)

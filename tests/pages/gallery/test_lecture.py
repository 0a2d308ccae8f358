"""A lecture file as the list of cases that a presenter walks through."""

import pytest

from pages.gallery.exhibits import exhibits
from pages.gallery.gallery_page import LECTURE_MOST, lecture
from pages.registry import HOME, PAGES, SUBJECTS
from tests.pages.scenes import BLOCK, block, page_state

FILE = """
format = "svg"

[scenes.pasted]
preset = "max-tie"
overrides = { rule = "mlx" }
title = "Who gets it?"

[scenes.nobody]
preset = "max-tied"

[scenes.mine]
url = "http://localhost:8501/base/?x=3,3,1,0,0&w=1"

[scenes.pool]
page = "max-pool"
"""


def test_the_scenes_of_a_lecture_file_stand_in_its_order_as_it_says_them() -> None:
    read = lecture("monday.toml", FILE)
    first, second, third = read["stops"]
    assert (first["page"], first["group"], first["title"]) == (
        "conv-block",
        "The conv block",
        "Who gets it?",
    )
    there = page_state("conv-block")
    tie = BLOCK.presets["max-tie"].having("rule", "mlx")
    assert there.take_up(first["slug"], "pytorch-amax") == tie
    mine = block(x=(3.0, 3.0, 1.0, 0.0, 0.0), w=1.0)
    assert there.take_up(second["slug"], "mlx") == mine, "under its own rule"
    assert second["address"] == second["slug"], "the page at the app's own address"
    assert (third["page"], third["address"]) == ("max-pool", f"max_pool{third['slug']}")
    (problem,) = read["problems"]
    assert problem.startswith("monday.toml: scene nobody: preset: 'max-tied' is no preset;")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[[", "monday.toml is no TOML: "),
        ("a = " + "[" * 100_000, "monday.toml is no TOML: "),
        ("size = '16:9'", "monday.toml: it has no scenes; "),
        (
            "#" * (LECTURE_MOST + 1),
            f"monday.toml is longer than {LECTURE_MOST:,} characters: a lecture file is not.",
        ),
    ],
)
def test_a_text_that_is_no_lecture_is_refused_in_a_sentence(text: str, said: str) -> None:
    read = lecture("monday.toml", text)
    assert read["stops"] == []
    (problem,) = read["problems"]
    assert problem.startswith(said)


def test_what_has_no_title_on_its_picture_is_called_like_its_page() -> None:
    scenes = (f'[scenes.{n}]\npage = "max-pool"\ntitle = "{" " * n}"\n' for n in range(2))
    stops = lecture("monday.toml", "".join(scenes))["stops"]
    assert [stop["title"] for stop in stops] == ["Max pool", "Max pool"]


def test_what_no_address_has_of_a_scene_is_told() -> None:
    x = ", ".join(f"{value / 8192:.13f}" for value in range(600))
    read = lecture(
        "monday.toml",
        f'[scenes.long]\npage = "stack"\n'
        f'overrides = {{ layers = "relu", shape = "600", x = [{x}] }}',
    )
    assert [stop["page"] for stop in read["stops"]] == ["stack"]
    (problem,) = read["problems"]
    assert problem.startswith("monday.toml: scene long: This state is too long for an address, ")


ASKING = """
[scenes.hidden]
preset = "max-tie"
title = "Who gets it?"

[scenes.nothing-is-hidden]
preset = "at-a-kink/two-way-tie"
title = "Is it one?"

[scenes.a-lesson]
preset = "learn/lesson-2"
title = "Which one?"

[scenes.no-question]
preset = "max-tie"
title = "A tie"
"""


def test_a_title_that_is_a_question_is_asked_where_its_answer_can_be_hidden() -> None:
    asked = []
    for stop in lecture("monday.toml", ASKING)["stops"]:
        there = page_state(stop["page"])
        there.change(there.take_up(stop["slug"], "lab"))
        asked.append(there.list_question and there.list_question.text)
        assert "question=" not in stop["address"]
    assert asked == ["Who gets it?", None, None, None]


@pytest.mark.parametrize("key", SUBJECTS)
def test_every_case_comes_back_from_a_file(key: str) -> None:
    """It comes back by its address, with a stack's arrays, a digit, or a layer to check."""
    names = [slug if key == HOME else f"{key}/{slug}" for slug in SUBJECTS[key].presets]
    text = "".join(f'[scenes.n{at}]\npreset = "{name}"\n' for at, name in enumerate(names))
    read = lecture("all.toml", text)
    assert read["problems"] == []
    there = page_state(key)
    found = [there.take_up(stop["slug"], "mlx") for stop in read["stops"]]
    assert found == [*SUBJECTS[key].presets.values()]


def test_what_the_gallery_packs_is_a_lecture_file() -> None:
    read = lecture("lecture.toml", "".join(each.scene() for each in exhibits()))
    assert [stop["page"] for stop in read["stops"]] == [each.page for each in exhibits()]
    assert read["problems"] == []


def test_the_example_of_the_article_is_a_scene_of_ones_own_values() -> None:
    _, example, _ = PAGES["gallery"].article.replace("```text", "```").split("```")
    read = lecture("lecture.toml", example)
    assert read["problems"] == []
    (stop,) = read["stops"]
    assert stop["title"] == "Which ∂L/∂h are nonzero?"
    assert stop["address"].startswith("max_pool?h=3,3,1,3,3")

"""The server's answers to the Slide button and to a presentation."""

import json
import shlex
from dataclasses import replace
from typing import Any

import pytest
from streamlit import net_util

from engine.layers.spelling import FRAMEWORKS
from engine.training import Network
from pages.derive.picture import Screen
from pages.derive.questions import Question
from pages.explore.conv_block import QUESTIONS
from pages.export.render_jobs import RenderJob, job_of_address, job_of_page, job_of_preset
from pages.export.slide import slide
from pages.export.style import Style
from pages.figures.theme import NEGATIVE, PALETTES, POSITIVE, Theme
from pages.inside.inside_subject import InsideSubject
from pages.registry import SUBJECTS, named_scene, names
from pages.sharing.addresses import qr_code
from pages.state.predict import Exercise
from pages.sweep import sweep
from pages.views.requests import SceneRequests
from tests.for_each import for_each
from tests.pages.components.declared import misfits

HERE = "http://127.0.0.1:8501/"
PAGE = "http://192.168.1.5:8501/base/"
BLOCK, START, _ = named_scene("max-tie")

pytestmark = pytest.mark.usefixtures("one_picture")


def requests(preset: str = "max-tie", **changed: float) -> SceneRequests[Any]:
    scene = START
    for name, value in changed.items():
        scene = scene.moved(name, value)
    return SceneRequests(BLOCK, scene, preset, Screen())


def test_the_sweep_of_a_slider_does_not_depend_on_its_own_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    orders: list[Any] = []
    monkeypatch.setattr("pages.views.requests.kept_sweep", orders.append)
    for there in (requests(), requests(x1=0.25), requests(x1=-4), requests(x2=0.25)):
        there.sweep("x1", (-1.0, 0.0, 1.5), "key")
    first, *same, other = orders
    assert same == [first, first], "whatever its own value is"
    assert other != first


def test_a_slider_of_a_network_of_ones_own_shows_that_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Other processes have only the built-in network."""
    orders: list[Any] = []
    monkeypatch.setattr("pages.views.requests.kept_sweep", orders.append)
    own, rates = InsideSubject(Network.new("cnn", 5)), (-3.0, -1.0)
    scene = replace(own.start, net="yours", sgd="before")
    found = SceneRequests(own, scene, "", Screen()).sweep("rate", rates, "key")
    assert orders == []
    (slide_of_it,) = SceneRequests(own, scene, "", Screen()).slide("")
    job = job_of_page("look-inside", Style(), scene.query())
    assert json.loads(slide_of_it["figure"]) == slide(replace(job, subject=own)) != slide(job)
    assert found == sweep(own, scene, "rate", rates, "key", Screen())


def test_in_place_of_a_script_that_there_is_not_stands_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.sharing.frameworks.RULES", {})
    texts = requests().texts(HERE)
    for framework, name in FRAMEWORKS.items():
        assert (texts[framework], texts[f"{framework}Note"]) == (
            "",
            f"What {name} does at such kinks is not recorded, so there is no script.",
        )


def test_a_file_has_the_name_of_its_preset_or_of_its_page() -> None:
    assert requests().texts(HERE)["name"] == "max-tie"
    assert requests("", x1=0.25).texts(HERE)["name"] == "conv-block"
    pool = SUBJECTS["max-pool"]
    texts = SceneRequests(pool, pool.start, "overlap", Screen()).texts(HERE)
    assert texts["name"] == "max-pool-overlap"


@pytest.mark.parametrize("key", SUBJECTS)
def test_the_command_exports_exactly_this_state(key: str) -> None:
    subject = SUBJECTS[key]
    path = "" if key == "conv-block" else key.replace("-", "_")
    command = SceneRequests(subject, subject.start, "", Screen("dark")).texts(
        f"http://host:1/base/{path}"
    )["command"]
    python, flag, module, *options = shlex.split(command)
    assert (python, flag, module) == ("python", "-m", "pages.export")
    given = dict(zip(options[::2], options[1::2], strict=True))
    assert given.keys() == {"--url", "--format"}, "the browser adds how it is to look"
    assert given["--format"] == "png"
    assert shlex.quote(given["--url"]) in command, "to a shell & and ? mean something"
    of_one = requests().texts("http://it's.there/")["command"]
    assert shlex.split(of_one)[4].startswith("http://it's.there/?"), "and so does a quotation mark"
    assert job_of_address(given["--url"], Style()).scene == subject.start


def test_the_picture_is_the_one_that_is_exported() -> None:
    exported = slide(job_of_preset("max-tie", Style()))
    (answer,) = requests().slide("")
    assert json.loads(answer["figure"]) == json.loads(json.dumps(exported))
    assert answer["size"] == (1920, 1080)


def test_scripts_for_frameworks_say_what_differs() -> None:
    texts = requests().texts(HERE)
    for framework, title in (("torch", "PyTorch 2.13"), ("jax", "JAX 0.10")):
        assert texts[framework].startswith(
            '"""A tie of two maxima · slope 1 at 0, ties: all get it, in ' + title
        )
        said = texts[f"{framework}Note"]
        assert said.startswith(title.split()[0] + " gives other numbers than this page for dh3, ")
    assert requests("", x1=0.25).texts(HERE)["torchNote"] == ""


def test_the_texts_are_those_of_the_scene() -> None:
    texts = requests("", w=-0.5).texts(HERE)
    assert "w = -0.5\n" in texts["python"]
    assert texts["python"].startswith('"""The conv block · slope 1 at 0, ties: all get it.')
    assert r"= -0.5 \cdot " in texts["latex"] or r"= (-0.5) \cdot " in texts["latex"]


def test_a_prediction_is_not_given_away() -> None:
    asked = SceneRequests(BLOCK, START, "max-tie", Screen(exercise=Exercise()))
    assert asked.texts(HERE)["latex"] == asked.texts(HERE)["torchNote"] == ""
    assert asked.look("x1") == ""
    slide = asked.slide("")[0]["figure"]
    assert "your mark: none" in slide
    assert "not max" not in slide
    assert "not max" in requests().slide("")[0]["figure"]


def test_an_animation_is_as_one_looks_at_it_also_during_a_prediction() -> None:
    predicting = Screen(exercise=Exercise())
    predicted = SceneRequests(BLOCK, START, "max-tie", predicting).html("")["html"]
    assert "not max" in predicted
    assert "your mark" not in predicted


@pytest.mark.parametrize(
    ("exercise", "title"),
    [
        (None, "All a are negative"),
        (Exercise(), "The conv block"),
        (Exercise(revealed=True), "All a are negative"),
    ],
)
def test_the_title_of_an_animation_tells_the_answer_only_where_that_is_shown(
    exercise: Exercise | None, title: str
) -> None:
    scene = BLOCK.presets["all-negative"]
    asked = SceneRequests(BLOCK, scene, "all-negative", Screen(exercise=exercise))
    assert f"<title>{title} · slope 1 at 0, ties: all get it</title>" in asked.html("")["html"]


def test_an_animation_is_what_is_exported_made_once_for_all_who_ask_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[RenderJob] = []

    def document(job: RenderJob) -> str:
        made.append(job)
        return f"{len(made)}"

    monkeypatch.setattr("pages.views.requests.document", document)
    for _ in range(2):
        asked = [requests("", x1=x1) for x1 in (0.125, 0.25)]
        found = [each.html(how)["html"] for each in asked for how in ("", "plain")]
        assert found == ["1", "2", "3", "4"]
    url = shlex.split(requests("", x1=0.125).texts(HERE)["command"])[4]
    exported = [job_of_address(url, style) for style in (Style(), Style(caption=False))]
    assert made[:2] == [replace(job, name="conv-block") for job in exported]


def slides(how: str, question: Question[Any] | None = None, **more: Any) -> list[dict[str, Any]]:
    return SceneRequests(BLOCK, START, "max-tie", Screen(**more), question).slide(how)


def captions(found: list[dict[str, Any]]) -> list[str]:
    layouts = [json.loads(each["figure"])["layout"] for each in found]
    return [layout.get("annotations", [{"text": ""}])[0]["text"] for layout in layouts]


def test_a_slide_has_its_reason_or_none() -> None:
    (with_it,), (without,) = captions(slides("")), captions(slides("plain"))
    assert with_it.startswith("<b>∂L/∂x₃ = +2: h₃ ties for the maximum")
    assert without == ""
    told, plain = (requests().html(how)["html"] for how in ("", "plain"))
    assert "ties for the maximum" in told
    assert "ties for the maximum" not in plain


def test_a_slide_has_the_theme_that_is_wanted() -> None:
    def paper(how: str, theme: Theme) -> str:
        (found,) = slides(how, theme=theme)
        colour: str = json.loads(found["figure"])["layout"]["paper_bgcolor"]
        return colour

    dark, light = PALETTES["dark"].paper, PALETTES["light"].paper
    assert [paper("dark plain", "light"), paper("", "dark"), paper("light", "dark")] == [
        dark,
        dark,
        light,
    ]
    assert dark in requests().html("dark")["html"]


def test_a_question_and_its_answer_are_two_slides() -> None:
    found = slides("pair")
    assert [each["suffix"] for each in found] == ["-question", "-answer"]
    asked, answered = captions(found)
    assert asked == (
        "<b>Two entries tie for the maximum. How many entries of ∂L/∂x are nonzero?</b><br>"
        "At ties and kinks: slope 1 at 0, ties: all get it."
    )
    assert answered.startswith("<b>The answer is 2. ∂L/∂x₁ = +2")
    assert "not max" not in found[0]["figure"]
    assert "not max" in found[1]["figure"]
    assert captions(slides("pair plain")) == [asked, ""]


def test_a_prediction_asks_for_the_nonzero_ones_and_shows_no_mark() -> None:
    guess = Exercise(marked=frozenset({"x1"}), everywhere=True)
    for exercise in (guess, guess.tallied({})):
        found = slides("pair", exercise=exercise)
        assert captions(found)[0].startswith("<b>Which gradients are nonzero?</b>")
        assert "?" not in "".join(json.loads(found[0]["figure"])["data"][0].get("text", ""))
        assert "your mark" not in found[0]["figure"]
        assert json.loads(found[1]["figure"])["data"] == json.loads(slides("")[0]["figure"])["data"]


def test_a_quiz_asks_its_own_question_where_it_is_asked() -> None:
    question = QUESTIONS[0]  # about a unique maximum, while two entries tie at present
    asked, answered = captions(slides("pair", question, exercise=Exercise(marking=False)))
    assert asked.startswith("<b>The maximum is unique.")
    assert answered.startswith("<b>The answer is 1. ∂L/∂x₁ = +2. Gradient 0: ")
    between = slides("pair", exercise=Exercise(marking=False))
    assert captions(between) == captions(slides("pair")), "nothing is asked or predicted"


@for_each("name", ["texts", "slide", "html", "presenter", "address", "look"])
def test_an_answer_is_what_the_browser_reads(name: str) -> None:
    answer = requests().answer(name, "x4" if name == "look" else HERE)
    assert misfits(answered := json.loads(json.dumps(answer)), f"Answers.{name}") == []
    assert answered


def test_a_page_that_hides_nothing_has_no_question() -> None:
    kink = SUBJECTS["at-a-kink"]
    assert SceneRequests(kink, kink.start, "", Screen()).slide("pair") == []


def test_a_question_and_its_answer_are_drawn_under_two_names() -> None:
    question, answer = requests().slide("pair")
    assert (question["suffix"], answer["suffix"]) == ("-question", "-answer")
    assert question["name"] != answer["name"]


def test_what_a_pointer_rests_on_is_explained() -> None:
    assert requests().look("x4") == "∂L/∂x₄ = 0: h₄ = 1 is not the maximum."
    assert requests().look("<b>") == ""
    check, of_three, _ = named_scene("gradient-check/tie-first")
    assert SceneRequests(check, of_three, "", Screen()).look("x3")
    assert SceneRequests(check, of_three, "", Screen()).look("x4") == "", "there is none here"
    conv, scene, _ = named_scene("conv-2d/patch")
    assert SceneRequests(conv, scene, "", Screen()).look("x1,1").startswith("∂L/∂x₁‚₁ = 0: ")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_cell_that_is_enlarged_has_the_colours_of_the_theme(theme: Theme) -> None:
    own = PALETTES[theme]
    assert SceneRequests(BLOCK, START, "", Screen(theme)).presenter("")["colours"] == {
        "positive": (own.fill_positive, POSITIVE, own.text_positive),
        "negative": (own.fill_negative, NEGATIVE, own.text_negative),
        "zero": (own.fill_zero, own.line, own.muted),
    }


def test_the_presets_have_their_order_and_titles() -> None:
    presets = requests().presenter("")["presets"]
    assert len(presets) == len(names())
    assert [each["slug"] for each in presets if each["page"] == "max-pool"] == list(
        SUBJECTS["max-pool"].presets
    )
    assert presets[1] == {
        "page": "conv-block",
        "slug": "max-tie",
        "group": "The conv block",
        "title": "A tie of two maxima",
    }
    assert ("max-pool", "Max pool", "Windows that overlap") in [
        (each["page"], each["group"], each["title"]) for each in presets
    ]


@for_each("key", SUBJECTS)
def test_no_two_presets_of_a_page_are_the_same(key: str) -> None:
    scenes = list(SUBJECTS[key].presets.values())
    assert all(scenes.count(scene) == 1 for scene in scenes), "one could not walk past them"


def test_other_computers_are_given_an_address_that_reaches_this_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(net_util, "get_internal_ip", lambda: "192.0.2.7")
    there = requests().address(HERE)
    assert there["address"] == "http://192.0.2.7:8501/?preset=max-tie"
    assert there["qr"] == qr_code(there["address"])
    assert there["note"].endswith("and only there it can be opened.")
    texts = requests().texts(HERE)
    assert (texts["here"], texts["hereNote"]) == ("http://192.0.2.7:8501/", there["note"])
    assert HERE in texts["command"], "it is for this computer"
    assert requests().texts(PAGE)["here"] == PAGE
    assert requests().address(PAGE)["note"] == requests().texts(PAGE)["hereNote"] == ""
    monkeypatch.setattr(net_util, "get_internal_ip", lambda: None)
    assert requests().address(HERE)["address"].startswith(HERE)
    assert "no address was found" in requests().address(HERE)["note"]


def test_nothing_else_is_answered() -> None:
    assert requests().answer("__class__", "") is None
    assert requests().answer("address", HERE) == requests().address(HERE)

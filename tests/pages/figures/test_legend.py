"""The legend names exactly the signs that are in the picture, as read from the drawing."""

from dataclasses import replace
from typing import Any

import pytest

from engine import ReLU
from engine import trace as traced
from pages.derive.picture import Screen
from pages.derive.subject import Subject
from pages.figures.array_maps import ArrayMap
from pages.figures.info import Edge, Naming, describe_graph
from pages.figures.layout import View
from pages.figures.legend import legend
from pages.figures.theme import NEGATIVE, PALETTES, POSITIVE, Palette, Theme
from pages.registry import SUBJECTS
from pages.state.predict import Exercise
from tests.for_each import for_each

CELLED = {key: subject for key, subject in SUBJECTS.items() if isinstance(subject, Subject)}
SCENES = [
    pytest.param(key, slug, id=f"{key}/{slug}")
    for key, subject in CELLED.items()
    for slug in subject.presets
]


def drawn(figure: Any, palette: Palette) -> set[tuple[str, str]]:
    """The look and colour of every sign in a figure."""
    found: set[tuple[str, str]] = set()
    for trace in figure["data"]:
        texts = [each.replace("<b>", "") for each in trace.get("text") or ()]
        gradients = [each.removeprefix("∂ ") for each in texts if each.startswith("∂ ")]
        found |= {("box", POSITIVE) for each in gradients if each[0] == "+"}
        found |= {("box", NEGATIVE) for each in gradients if each[0] == "\N{MINUS SIGN}"}
        found |= {("box", palette.line) for each in gradients if each[0] == "0"}
        found |= {("arrow", palette.muted) for each in gradients if "→" in each}
        line = trace.get("line", {})  # other dotted lines are no paths
        if (line.get("dash"), line.get("color")) == ("dot", palette.line) and len(trace["x"]):
            found.add(("dotted", palette.muted))
        marker = trace.get("marker", {})
        symbols = marker.get("symbol") or ()
        found |= {("cross", palette.muted) for each in symbols if each == "x-thin"}
        found |= {("diamond", palette.muted) for each in symbols if each == "diamond"}
        judged = {f"<b>{mark}</b>": name for mark, name in (("✓", "right"), ("✗", "wrong"))}
        colours = {"right": palette.passed, "wrong": palette.failed}
        there = {judged[each] for each in trace.get("text") or () if each in judged}
        found |= {(name, colours[name]) for name in there}
        patterns = marker.get("pattern", {}).get("shape") or ()
        found |= {("hatched", palette.line) for each in patterns if each == "/"}
        if len(trace.get("x") or ()):
            filled = {NEGATIVE: ("dashed", NEGATIVE), palette.now: ("box", palette.now)}
            found |= {filled[trace["fillcolor"]]} if trace.get("fillcolor") in filled else set()
        borders = marker.get("line", {}).get("width")
        if isinstance(borders, list) and 5 in borders:
            found.add(("frame", palette.accent))
    return found


MEANT = {
    ("box", "positive"): "gradient above 0",
    ("box", "negative"): "gradient below 0",
    ("box", "line"): "gradient 0",
    ("box", "now"): "computed at this step",
    ("dashed", "negative"): "negative contribution",
    ("dotted", "muted"): "no gradient comes this way",
    ("arrow", "muted"): "the reason lies in a later layer",
    ("cross", "muted"): "inactive",
    ("diamond", "muted"): "at the kink",
    ("frame", "accent"): "explained here",
    ("right", "passed"): "your mark is right",
    ("wrong", "failed"): "your mark is wrong",
    ("hatched", "line"): "not computed yet",
}


def meanings(palette: Palette) -> dict[tuple[str, str], str]:
    """(look, colour) -> the meaning of a sign, for signs that have a colour of their own."""
    signs = {"positive": POSITIVE, "negative": NEGATIVE}
    return {
        (look, signs.get(colour) or getattr(palette, colour)): meaning
        for (look, colour), meaning in MEANT.items()
    }


def named(signs: Any) -> list[tuple[str, str]]:
    return [(sign.look, sign.colour) for sign in signs]


@pytest.mark.parametrize(("key", "slug"), SCENES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_legend_names_exactly_what_is_on_the_picture(key: str, slug: str, theme: Theme) -> None:
    subject = CELLED[key]
    scene = subject.presets[slug]
    cells = [target.entry for target in subject.picture(scene).targets]
    for entry in {getattr(scene, "entry", ""), "", cells[0], cells[-1]}:
        picture = subject.picture(scene.having("entry", entry), Screen(theme))
        signs = named(picture.legend)
        assert len({*signs}) == len(signs)
        assert {*signs} == drawn(picture.figure, PALETTES[theme]), entry
        meant = meanings(PALETTES[theme])
        assert [sign.meaning for sign in picture.legend] == [meant[each] for each in signs]


@pytest.mark.parametrize(("key", "slug"), SCENES)
def test_the_legend_gives_nothing_away_that_is_hidden(key: str, slug: str) -> None:
    subject = CELLED[key]
    for exercise in (Exercise(), Exercise(marking=False), Exercise(revealed=True)):
        picture = subject.picture(subject.presets[slug], Screen(exercise=exercise))
        assert {*named(picture.legend)} == drawn(picture.figure, PALETTES["light"])
        meant = meanings(PALETTES["light"])
        assert all(sign.meaning == meant[sign[:2]] for sign in picture.legend)


@for_each("step", range(7))
def test_the_legend_follows_the_step_through(step: int) -> None:
    subject = CELLED["conv-block"]
    picture = subject.picture(subject.presets["all-negative"].having("step", step))
    assert {*named(picture.legend)} == drawn(picture.figure, PALETTES["light"])
    assert ("hatched", PALETTES["light"].line) in named(picture.legend) or step >= 3
    assert (("box", PALETTES["light"].now) in named(picture.legend)) == (0 < step < 6)


def test_on_a_heat_map_nothing_is_hatched_and_only_a_mistake_is_framed() -> None:
    passed, naming = traced(ReLU(), [1.0, -1.0]), Naming((("a",),), "h")

    def meant(step: int | None, entry: str = "", **change: Any) -> set[str]:
        info = describe_graph(passed, naming, step, merged={"a", "h"})
        cells = {name: replace(cell, **change) for name, cell in info.cells.items()}
        signs = legend(replace(info, cells=cells), View(entry))
        return {sign.look for sign in signs if sign.look != "box"}

    assert meant(0) == set()
    assert meant(None, guess=True) == {"frame"}
    assert meant(None, "b1") == set(), "it is not on the picture"
    assert meant(None, "a1") == {"frame"}
    assert meant(1, shares=(0.5,)) == {"frame"}
    assert meant(None, shares=(0.5,)) == set(), "the answer is there"


@pytest.mark.parametrize("later", [True, False])
def test_an_arrow_for_which_there_is_no_room_is_not_explained(later: bool) -> None:
    subject = CELLED["conv-block"]
    scene = subject.presets["max-tie"]
    signs = legend(subject.describe(subject.trace(scene), scene), View(), later=later)
    assert ("arrow" in {sign.look for sign in signs}) == later


def test_where_a_step_is_told_no_entry_is_framed_as_explained() -> None:
    subject = CELLED["conv-block"]
    scene = replace(subject.presets["max-tie"], entry="x2")
    last = len(subject.steps(scene)) - 1
    for step in range(last + 1):
        picture = subject.picture(replace(scene, step=step))
        explained = picture.explanation[0].startswith("∂L/∂x₂")
        assert explained == (step == last)
        assert ("frame" in {sign.look for sign in picture.legend}) == explained
        assert ("frame" in {look for look, _ in drawn(picture.figure, PALETTES["light"])}) == (
            explained
        )


@for_each(
    ("values", "meant"),
    [
        ((0.0, 0.0), set()),
        ((1.0, 0.0), {"above"}),
        ((0.0, -1.0), {"below"}),
        ((1.0, -1.0), {"above", "below"}),
    ],
)
@for_each(("amount", "flows"), [(0.5, {"whole"}), (-0.5, {"whole"}), (0.0, set())])
def test_the_legend_of_heat_maps_has_only_the_colours_that_are_there(
    values: tuple[float, float], meant: set[str], amount: float, flows: set[str]
) -> None:
    info = describe_graph(traced(ReLU(), values), Naming((("a",),), "h"))
    cells = [cell for cell in info.cells.values() if cell.letter == "a"]
    box = (0.0, 0.0, 90.0, 30.0)
    signs = legend(
        info,
        View(),
        maps=[ArrayMap(cells, box, box)],
        between=[Edge("a", "h", "gradient", amount), Edge("a", "h", "value", 1.0)],
    )
    own = {"above", "below", "whole"}
    assert {sign.meaning for sign in signs} & own == meant | flows

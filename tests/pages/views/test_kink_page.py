"""The table of all rules below the slice of the page At a kink."""

import numpy as np
import pytest

from engine import RULES, one_sided
from pages.figures.theme import RULE_SYMBOLS
from pages.kink.kink_scene import PRESETS, KinkScene
from pages.kink.kink_subject import KINK_SUBJECT
from pages.kink.results import PAGES_WITH_A_SLICE
from pages.registry import titled
from pages.views.kink_page import MARKS, _entries_or_count, cases, kink_table
from tests.pages.opening import site, turned_to, widget
from tests.pages.scenes import pool


def test_a_group_of_rules_has_the_mark_in_the_table_that_it_has_on_the_picture() -> None:
    shapes = {"x": "✖", "circle": "●", "diamond": "◆", "square": "■", "star": "★"}
    shapes |= {"triangle-up": "▲", "hexagon": "⬢"}
    assert tuple(shapes[symbol] for symbol in RULE_SYMBOLS) == MARKS


def test_a_case_is_the_same_one_under_another_rule_at_another_entry_and_at_another_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = turned_to(site(), "at-a-kink").run()
    before = widget(app.selectbox, "kink:case").value
    state = app.session_state["page:at-a-kink"]
    # At the step at which it was brought from its own page, of which nothing is seen here.
    state.change(state.scene.updated({"rule": "mlx", "entry": "x2", "step": "2"})[0])
    assert (state.scene.rule, state.scene.step) == ("mlx", 2)
    app.run()
    assert widget(app.selectbox, "kink:case").value == before is not None
    state.change(state.scene.moved("x1", -0.75))
    app.run()
    assert widget(app.selectbox, "kink:case").value is None
    state.brought = state.scene.of
    taken_back = list[bool]()
    monkeypatch.setattr(
        "pages.views.kink_page.own_page", lambda *_, brought: taken_back.append(brought)
    )
    for scene in (PRESETS["two-way-tie"], state.scene):
        state.change(scene)
        app.run()
    assert taken_back == [False, True], "a case was not brought, though another scene was"
    monkeypatch.undo()
    widget(app.selectbox, "kink:case").select_index(1).run()
    assert state.brought == "", "what is chosen here was not brought from that page"
    assert state.scene.rule == "mlx", "another case is under the rule that was chosen"
    own = [titled("at-a-kink", slug) for slug in PRESETS]
    assert widget(app.selectbox, "kink:case").options[: len(own)] == own, "they come first"


def test_the_table_has_every_rule() -> None:
    rows = kink_table(PRESETS["two-way-tie"])
    assert [row["operation"] for row in rows] == [rule.operation for rule in RULES.values()]
    lab, first, split = rows[0], rows[1], rows[2]
    assert lab["framework"] == "Lab", "it has no version"
    assert (lab["∂L/∂x"], lab["∂L/∂w"]) == ("1, 1, 0, 0, 0", "6")
    assert [each["rule"] for each in (lab, first, split)] == ["✖ Lab", "● First", "◆ Split"]
    for scene in PRESETS.values():
        behaviours = {row["rule"] for row in kink_table(scene)}
        assert len({each[0] for each in behaviours}) == len(behaviours)
    assert lab["between the one-sided derivatives"] == "no: outside at w"
    assert lab["together a subgradient"] == "no"
    assert (first["framework"], first["∂L/∂x"], first["∂L/∂w"]) == (
        "PyTorch 2.13",
        "1, 0, 0, 0, 0",
        "3",
    )
    assert first["together a subgradient"] == split["together a subgradient"] == "yes"
    assert first["central difference agrees"] == "no"
    assert split["central difference agrees"] == "yes"


def test_of_a_pass_that_some_rules_say_nothing_of_the_table_has_the_others() -> None:
    """Where maximum joins two branches."""
    of, inner = cases()["Your own stack · Two branches, of which a tie is kept"]
    scene = KinkScene.over(of, inner)
    choices = scene.results.trace.layer.kink_choices
    stated = [rule.operation for rule in RULES.values() if rule.kinks.states(choices)]
    assert [row["operation"] for row in kink_table(scene)] == stated
    assert 0 < len(stated) < len(RULES)


def test_the_table_says_what_was_composed_and_what_was_not_computed() -> None:
    assert kink_table(PRESETS["composed"])[1]["together a subgradient"] == "no: slopes composed"
    assert kink_table(PRESETS["smooth"])[0]["together a subgradient"] == "yes, the derivative"
    many = KinkScene.over("conv-2d", PAGES_WITH_A_SLICE["conv-2d"].subject.presets["three-filters"])
    (first, *_) = kink_table(many)
    assert first["together a subgradient"] == "not computed"
    assert first["between the one-sided derivatives"] == "yes, where shown", "at few of 811 entries"
    nonzero = np.count_nonzero(KINK_SUBJECT.trace(many.having("rule", "lab")).grads[0])
    assert first["∂L/∂x"] == f"{nonzero} of 784 nonzero"


def test_up_to_twelve_entries_are_written_and_of_more_those_that_are_not_0_are_counted() -> None:
    assert _entries_or_count(np.eye(3, 4)) == "1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0"
    assert _entries_or_count(np.arange(13.0)) == "12 of 13 nonzero"


def test_another_pages_letters_head_the_table() -> None:
    scene = KinkScene.over("max-pool", pool())
    assert "∂L/∂h" in kink_table(scene)[0]
    assert "∂L/∂x" not in kink_table(scene)[0]


def test_the_entries_outside_their_brackets_are_counted() -> None:
    preset = PAGES_WITH_A_SLICE["conv-2d"].subject.presets["overlap"]
    scene = KinkScene.over("conv-2d", preset).updated({"entry": "w1,1,1", "rule": "lab"})[0]
    traced = KINK_SUBJECT.trace(scene)
    left, right = one_sided(traced.layer.forward, *traced.params, dout=traced.dout)[1]
    low, high, claimed = np.minimum(left, right), np.maximum(left, right), traced.grads[1]
    outside = np.argwhere((claimed < low - 1e-6) | (claimed > high + 1e-6))
    first, count = "‚".join("₀₁₂₃"[i + 1] for i in outside[0]), len(outside)
    assert count > 2
    assert kink_table(scene)[0]["between the one-sided derivatives"] == (
        f"no: outside at w{first} and {count - 1} more"
    )

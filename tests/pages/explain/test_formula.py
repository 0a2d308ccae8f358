"""The explained formula as LaTeX: it can be typeset, and it has the pass's own numbers."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from engine import RULES, Add, ConvBlock, Graph, LeakyReLU, Linear, Softplus, trace
from pages.derive.derivation import letters
from pages.derive.picture import Screen
from pages.derive.subject import Subject
from pages.explain.entry import entries
from pages.explain.formula import (
    formula_line,
    latex_formula,
    latex_name,
    latex_number,
    latex_slope,
    latex_sum,
)
from pages.figures.info import Naming
from pages.registry import SUBJECTS, named_scene, names
from pages.state.predict import Exercise
from tests.engine import written
from tests.for_each import for_each

COMMANDS = {
    "frac": 2,
    "partial": 0,
    "cdot": 0,
    "cdots": 0,
    "mathrm": 1,
    "to": 0,
    "in": 0,
    "approx": 0,
    "Sigma": 0,
    " ": 0,
}
"""Command -> its number of arguments; every TeX knows these commands."""
TOKEN = re.compile(r"\\([A-Za-z]+| )|([{}_^])|([A-Za-z0-9+\-=(),.'/\[\]\s])")


def tokens(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        match = TOKEN.match(text, at)
        assert match, f"TeX would not take {text[at:]!r}"
        at = match.end()
        if not match[0].isspace():
            yield match[0]


def check(text: str) -> None:
    """Parse TeX mathematics; AssertionError for what could not be typeset."""
    left = list(tokens(text))

    def group() -> None:
        assert left, "an argument is missing"
        assert left.pop(0) == "{", "an argument has no brace"
        while left and left[0] != "}":
            item()
        assert left, "a brace is not closed"
        left.pop(0)

    def item() -> None:
        if left[0] == "{":
            group()
            return
        token = left.pop(0)
        assert token != "}", "a brace closes nothing"
        if token in "_^":
            group()
        elif token.startswith("\\"):
            for _ in range(COMMANDS[token[1:]]):
                group()

    while left:
        item()


def worked_out(numbers: str) -> float:
    r"""1.5 \cdot (-1) + 2 \cdot 3 -> 4.5."""
    return written.worked_out(written.of_latex(numbers))


def every_place() -> Iterator[Any]:
    for name in names():
        subject, scene, _ = named_scene(name)
        if isinstance(subject, Subject):
            passed = subject.trace(scene)
            places = entries(passed, subject.naming)
            for addition in subject.additions:
                places |= addition.others(passed)
            for entry, place in places.items():
                yield pytest.param(place, id=f"{name} {entry}")
    # A sum of slopes that have many digits.
    curves = Graph(("a", Softplus(), "x"), ("b", Softplus(), "x"), ("s", Add(), "a", "b"))
    passed = trace(curves, [1.5, -2.0], dout=[3.0, 0.25])
    for entry, place in entries(passed, letters(passed)).items():
        yield pytest.param(place, id=f"curves {entry}")


def test_every_formula_can_be_set_and_is_true() -> None:
    for case in every_place():
        (place,) = case.values
        text = latex_formula(place)
        check(text)
        slope, *between, total = re.split(r" = | \\approx ", text)
        assert slope.startswith(r"\frac{\partial ")
        assert worked_out(total) == pytest.approx(place.grad, rel=1e-5), case.id
        if between and "cdots" not in between[-1]:
            assert worked_out(between[-1]) == pytest.approx(place.grad, rel=1e-5), case.id


@for_each("name", names())
def test_what_a_page_explains_has_a_formula_or_none(name: str) -> None:
    subject, scene, _ = named_scene(name)
    text = subject.picture(scene).latex()
    check(text)
    assert text.startswith(r"\frac{\partial ") == bool(getattr(scene, "entry", ""))


def test_by_hand() -> None:
    block, scene, _ = named_scene("unique-max")
    x2 = r"\frac{\partial L}{\partial x_{2}} = w \cdot \frac{\partial L}{\partial a_{2}}"
    assert block.picture(scene).latex() == rf"{x2} = 2 \cdot 0 = 0"
    pool, scene, _ = named_scene("max-pool/cancelled")
    ways = [
        rf"\mathrm{{share}}(h_{{3}} \to z_{{{z}}}) \cdot \frac{{\partial L}}{{\partial z_{{{z}}}}}"
        for z in (1, 2)
    ]
    assert pool.picture(scene).latex() == (
        rf"\frac{{\partial L}}{{\partial h_{{3}}}} = {ways[0]} + {ways[1]}"
        r" = 1 \cdot 1 + 1 \cdot (-1) = 0"
    )
    leaky = trace(LeakyReLU(0.25), np.array([-1.0]), kinks=RULES["mlx"].kinks)
    text = latex_formula(entries(leaky, letters(leaky))["x1"])
    check(text)  # a name of two words
    assert text == (
        r"\frac{\partial L}{\partial x_{1}} = \mathrm{leaky\ ReLU}'(x_{1}) \cdot "
        r"\frac{\partial L}{\partial h_{1}} = 0.25 \cdot 1 = 0.25"
    )
    assert latex_name("w⁽²⁾") == "w^{(2)}"
    assert latex_slope("∂Σz/∂x₁‚₁₂") == r"\frac{\partial \Sigma z}{\partial x_{1,12}}"
    assert latex_number(-1.5e-7) == r"-1.5 \cdot 10^{-7}"
    assert latex_number(1e-6) == "10^{-6}"
    assert latex_number(-1e-6) == r"-1 \cdot 10^{-6}"
    assert latex_number(-0.0) == "0"
    assert latex_sum("∂L/∂w₁", [1.5, -2.0], -0.5) == (
        r"\frac{\partial L}{\partial w_{1}} = 1.5 + (-2) = -0.5"
    )
    kink, scene, _ = named_scene("at-a-kink/two-way-tie")
    assert kink.picture(scene).latex() == r"\frac{\partial L}{\partial x_{1}} \in [0, 1]"
    check_page, scene, _ = named_scene("gradient-check/wrong-mask")
    moved = r"L(a_{1} + 10^{-6}) - L(a_{1} - 10^{-6})"
    numeric = rf"\frac{{{moved}}}{{2 \cdot 10^{{-6}}}} = 0.5"
    assert check_page.picture(scene.updated({"entry": "a1"})[0]).latex() == (
        rf"\frac{{\partial L}}{{\partial a_{{1}}}} \approx {numeric}"
    )


def test_a_long_sum_is_cut_as_the_explanation_is() -> None:
    subject, scene, _ = named_scene("conv-2d/minibatch")
    text = subject.picture(scene.updated({"entry": "w1,1,1"})[0]).latex()
    check(text)
    assert text.count(r"\cdots") == 2
    text = subject.picture(scene).latex()
    check(text)
    slope, shares, total = text.split(" = ")
    assert slope == r"\frac{\partial L}{\partial w_{1,1,1}}"
    assert shares.count("+") == 3, "four digits"
    assert worked_out(shares) == float(total) != 0


def test_a_long_sum_shows_its_largest_contributions() -> None:
    # sₘ = wₘ x: dx is the sum of all wₘ dsₘ. The products are 0.5, −4, 1, 0, 2, −1, 1, 3, 1.
    w = np.array([[0.25, 4.0, 1.0, 5.0, 2.0, -0.5, 1.0, -1.5, 1.0]]).T
    dout = np.array([2.0, -1.0, 1.0, 0.0, 1.0, 2.0, 1.0, -2.0, 1.0])
    traced = trace(Linear(), np.array([7.0]), w, dout=dout)
    place = entries(traced, Naming((("x", "w"),), "s"))["x1"]
    assert formula_line(place) == (
        "∂L/∂x₁ = w₂‚₁ · ∂L/∂s₂ + w₃‚₁ · ∂L/∂s₃ + w₅‚₁ · ∂L/∂s₅ + w₆‚₁ · ∂L/∂s₆ + w₇‚₁ · ∂L/∂s₇ + "
        "w₈‚₁ · ∂L/∂s₈ + 2 more = 4 · (−1) + 1 · 1 + 2 · 1 + (−0.5) · 2 + 1 · 1 + (−1.5) · (−2) + "
        "2 more = +3.5 (the other is 0)"
    )
    _, symbols, numbers, total = latex_formula(place).split(" = ")
    shown = [
        rf"w_{{{m},1}} \cdot \frac{{\partial L}}{{\partial s_{{{m}}}}}" for m in (2, 3, 5, 6, 7, 8)
    ]
    assert symbols == " + ".join([*shown, r"\cdots"])
    assert numbers == (
        r"4 \cdot (-1) + 1 \cdot 1 + 2 \cdot 1 + (-0.5) \cdot 2 + 1 \cdot 1 + (-1.5) \cdot (-2)"
        r" + \cdots"
    )
    assert total == "3.5"


def test_a_sum_of_six_terms_is_written_out_and_one_of_seven_without_its_zeros() -> None:
    naming = Naming((("x", "w"),), "s")
    for count, shown, rest in ((6, 6, ""), (7, 1, " (the other 6 are 0)")):
        w, dout = np.ones((count, 1)), np.zeros(count)
        dout[2] = 4
        place = entries(trace(Linear(), np.array([7.0]), w, dout=dout), naming)["x1"]
        line = formula_line(place)
        assert line.count("∂L/∂s") == shown
        assert line.endswith(f" = +4{rest}")


def test_the_names_in_a_formula_are_those_of_its_own_pass() -> None:
    """Also after another pass of the same layer, with inputs of the same shapes, was explained."""
    linear, leaky = Linear(), LeakyReLU(0.25)
    for output in "sy":
        for at, row in ((3, "₄"), (6, "₇")):
            passed = trace(linear, np.ones(2), np.ones((8, 2)), dout=np.eye(8)[at])
            places = entries(passed, Naming((("x", "w"),), output))
            for entry, n in (("x1", "₁"), ("x2", "₂")):
                names = f"∂L/∂x{n} = w{row}‚{n} · ∂L/∂{output}{row} = "
                assert formula_line(places[entry]).startswith(names)
    for x, side in ((-1.0, "<"), (1.0, ">")):
        passed = trace(leaky, np.array([x]), kinks=RULES["mlx"].kinks)
        line = formula_line(entries(passed, letters(passed))["x1"])
        assert f"(slope of leaky ReLU at x₁ {side} 0) · ∂L/∂h₁ = " in line


def test_a_result_that_the_written_numbers_do_not_give_is_only_about_that() -> None:
    # 1.234567 · 2 = 2.469134, but 1.23457 · 2 = 2.46914; 1.234567 · 1 is written as both are.
    for dout, sign, about, total in ((2.0, "≈", r"\approx", 2.46913), (1.0, "=", "=", 1.23457)):
        traced = trace(Linear(), np.array([1.234567]), np.array([[1.0]]), dout=np.array([dout]))
        place = entries(traced, Naming((("x", "w"),), "s"))["w1,1"]
        numbers = f"1.23457 · {dout:g} {sign} +{total}"
        assert formula_line(place) == f"∂L/∂w₁‚₁ = x₁ · ∂L/∂s₁ = {numbers}"
        assert latex_formula(place).endswith(rf" = 1.23457 \cdot {dout:g} {about} {total}")


def test_a_product_that_is_negative_zero_is_0() -> None:
    passed = trace(ConvBlock(), [-1.0, -2.0], 0.0, kinks=RULES["pytorch-max-pool"].kinks)
    assert formula_line(entries(passed, letters(passed))["a2"]) == (
        "∂L/∂a₂ = (slope of ReLU at a₂ = 0) · ∂L/∂h₂ = 0 · 0 = 0"
    )


def test_where_nothing_is_explained_there_is_no_formula() -> None:
    for subject in SUBJECTS.values():
        picture = subject.picture(subject.start.updated({"entry": ""})[0])
        said = picture.explanation or ["Choose a cell"]  # the text of a lesson says so itself
        asked = any(line.startswith("Choose a cell") for line in said)
        assert (picture.latex() == "") == asked
    block = SUBJECTS["conv-block"]
    assert block.picture(block.start.moved("step", 3)).latex() == ""
    assert block.picture(block.start, Screen(exercise=Exercise())).latex() == ""


def test_the_parser_knows_what_cannot_be_set() -> None:
    for wrong in (r"\frac{a}", r"x_2", r"{", r"}", r"\frac{a}{b", "∂", r"\unknown"):
        with pytest.raises((AssertionError, KeyError)):
            check(wrong)

"""The scripts for PyTorch and JAX: their recorded output is what the engine computes."""

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine import (
    RULES,
    Abs,
    Add,
    Conv1D,
    Elementwise,
    Flatten,
    Graph,
    Kinks,
    LeakyReLU,
    Maximum,
    ReLU,
    Residual,
    Sequential,
    trace,
)
from engine.layers.spelling import FRAMEWORKS, Framework
from pages.derive.derivation import letters
from pages.derive.script import Script, printed
from pages.registry import SUBJECTS, named_scene
from pages.sharing.frameworks import FrameworkScript, NoScriptError
from tests.engine.test_leaving_out import Double
from tests.fixtures.record_scripts import numbers, plain_script, recorded, scripts

RECORDS = {(each["id"], each["framework"]): each for each in recorded()}
SCRIPTS = dict(scripts())


def arrays(lines: list[str]) -> dict[str, Any]:
    """Each line 'name: values'."""
    return {name: json.loads(values) for name, values in (each.split(": ") for each in lines)}


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_what_was_recorded_is_what_the_engine_has(framework: Framework) -> None:
    again = "run python -m tests.fixtures.record_scripts torch=PYTHON jax=PYTHON"
    assert {name for name, own in RECORDS if own == framework} == {*SCRIPTS}, f"others: {again}"
    for name, script in SCRIPTS.items():
        record, other = RECORDS[name, framework], FrameworkScript(script, framework)
        assert record["text"] == str(other), f"the script of {name} changed: {again}"
        # It imports the engine only for the digits, whichever layers its comments mention.
        needs_ours = any(line.startswith("from engine") for line in script.imports)
        assert ("from engine" in record["text"]) == needs_ours, name
        assert record["version"].startswith(f"{other.rule.version}.")
        right = script.right or script.trace
        expected = numbers(right.under(other.rule.kinks), script.naming)
        found = arrays(record["printed"])
        assert list(found) == list(expected)
        for letter, values in expected.items():
            assert np.shape(found[letter]) == np.shape(values)
            # PyTorch's softplus is the input itself above a threshold of 20.
            assert_allclose(
                found[letter], values, rtol=1e-8, atol=1e-12, err_msg=f"{name}, {letter}"
            )


def test_every_kink_of_a_curve_is_met_by_a_record() -> None:
    met: dict[str, set[float]] = {}
    there: dict[str, set[float]] = {}
    for script in SCRIPTS.values():
        for step in script.trace.steps:
            if isinstance(step.layer, Elementwise):
                there[repr(step.layer)] = {*step.layer.breaks}
                met.setdefault(repr(step.layer), set()).update(step.inputs[0].ravel())
    missed = {layer: breaks - met[layer] for layer, breaks in there.items()}
    assert {layer: breaks for layer, breaks in missed.items() if breaks} == {}, (
        "the inputs are whole numbers from -2 to 2: a row has its kinks there"
    )


def of(name: str, rule: str, framework: Framework) -> FrameworkScript:
    subject, scene, _ = named_scene(name)
    return FrameworkScript(subject.script(scene.having("rule", rule)), framework)


def test_a_script_follows_the_rule_of_an_operation() -> None:
    # x = [1.5, -1, 1.5, 0.5, 0]: the first of the two that tie gets the gradient, or each a half.
    first, split = (of("max-tie", rule, "torch") for rule in ("pytorch-max-pool", "pytorch-amax"))
    assert "\nz = h.max(dim=-1).values\n" in str(first)
    assert "\nz = h.amax(dim=-1)\n" in str(split)
    assert (first.said, split.said) == ("", "")
    assert "lax.reduce_window(" in str(of("max-tie", "tensorflow-max-pool", "jax"))
    assert "lambda h: jnp.max(h, axis=-1)" in str(of("max-tie", "tinygrad", "jax"))


def test_what_differs_is_said_with_its_reason() -> None:
    tie = of("max-tie", "lab", "torch")
    said = tie.said
    assert said == (
        "PyTorch gives other numbers than this page for dh3, da3, dx3 and dw: there the first of a "
        "tie gets all, here each of a tie gets all."
    )
    comment = re.search(r"((?:# .*\n)+)z\.backward\(gradient=dz\)\n", str(tie))
    assert comment
    assert " ".join(line[2:] for line in comment[1].splitlines()) == said
    assert of("unique-max", "lab", "torch").said == ""
    # A kink of ReLU, where ties do not matter: the rule's other choices are not named.
    (relu,) = of("relu/one-at-zero", "lab", "jax").said.split(": ")[1:]
    assert relu == "there slope of ReLU at 0 is 0, here slope of ReLU at 0 is 1."


@pytest.mark.parametrize(
    ("most", "entries"),
    [(4, "dh3, da3, dx3 and dw"), (3, "1 entry of dh, 1 entry of da, 1 entry of dx and 1 entry")],
)
def test_as_many_entries_as_are_named_are_named(
    monkeypatch: pytest.MonkeyPatch, most: int, entries: str
) -> None:
    monkeypatch.setattr("pages.sharing.frameworks.NAMED_MOST", most)
    said = of("max-tie", "lab", "torch").said
    assert said.startswith(f"PyTorch gives other numbers than this page for {entries}")


def test_a_remark_about_many_entries_counts_them() -> None:
    script = of("look-inside/a-mistake", "lab", "torch")
    entries, _ = script.said.split(": ")
    there = script.script.trace.under(script.rule.kinks)
    for letter, number, gradient in printed(there, script.script.naming):
        here = script.script.trace.values[number].grad
        count = np.count_nonzero(here != there.values[number].grad)
        if gradient:
            counted = re.search(rf"\b(\d+) entr(y|ies) of d{letter}\b", entries)
            assert (int(counted[1]) if counted else 0) == count


def test_what_is_said_is_what_the_engine_computes() -> None:
    for name, script in SCRIPTS.items():
        for framework in FRAMEWORKS:
            other = FrameworkScript(script, framework)
            there = numbers((script.right or script.trace).under(other.rule.kinks), script.naming)
            assert bool(other.said) == (there != numbers(script.trace, script.naming)), name


@pytest.mark.parametrize("x", [[1.0], [1.0, -1.0]])
def test_what_is_the_same_but_for_rounding_is_not_said_to_differ(x: list[float]) -> None:
    # dx = 1 + u, where u = 2^-52 goes to x twice: 1 + u/2 + u/2 is 1 for a computer. Where x is
    # negative the ReLU passes nothing and dx is u, which does not make the rounding of 1 large.
    graph = Graph(
        ("m", Maximum(), "x", "x"),
        ("a", Conv1D(), "m", "w"),
        ("h", ReLU(), "x"),
        ("s", Add(), "h", "a"),
    )
    passed = trace(graph, x, 2.0**-52, kinks=RULES["mlx"].kinks)
    assert passed.grads[0][0] != passed.under(RULES["pytorch-amax"].kinks).grads[0][0]
    assert FrameworkScript(Script(passed, letters(passed), "mlx"), "torch").said == ""


def test_a_flatten_that_changes_no_shape_has_a_gradient_of_its_own() -> None:
    # s = f + x: df is 1 and dx is 2, which would be one and the same under f = x.
    passed = trace(Residual(Flatten()), [[1.0, 2]], kinks=RULES["jax-max"].kinks)
    script = FrameworkScript(Script(passed, letters(passed), "jax-max"), "torch")
    assert "\nf = x.reshape(1, 2)\n" in str(script)


def test_a_leaky_relu_at_0_differs_from_framework_to_framework() -> None:
    passed = trace(Sequential(LeakyReLU(0.25)), [1.0, 0, -1], kinks=RULES["pytorch-amax"].kinks)
    torch, jax = (FrameworkScript(plain_script(passed), each) for each in FRAMEWORKS)
    assert torch.said == ""
    assert "JAX gives other numbers than this page for dx2: there slope of leaky" in jax.said


def test_a_choice_is_named_that_matters_only_together_with_another() -> None:
    # At x = 0 the maximum of |x| and 0 * x ties. MLX gives all to the last, and its slope of |x| is
    # 0: with either of them JAX's dx would be 0 too, as with both.
    graph = Graph(("h", Abs(), "x"), ("a", Conv1D(), "x", "w"), ("m", Maximum(), "h", "a"))
    passed = trace(graph, [0.0], 0.0, dout=[1.0], kinks=RULES["mlx"].kinks)
    script = FrameworkScript(Script(passed, letters(passed), "mlx"), "jax")
    assert script.said == (
        "JAX gives other numbers than this page for dh1, da1 and dx1: "
        "there slope of |a| at 0 is 1, here slope of |a| at 0 is 0 and "
        "there a tie gets equal shares, here the last of a tie gets all."
    )


def test_a_broken_layer_is_told_from_what_is_right() -> None:
    script = of("gradient-check/sign", "lab", "torch")
    assert script.said.endswith(": the page's layer is broken on purpose.")
    assert "BUGS" in str(script.script)
    assert "BUGS" not in str(script)


def test_a_layer_without_a_spelling_in_a_framework_refuses_a_script() -> None:
    passed = trace(Double(), [1.0], kinks=RULES["pytorch-amax"].kinks)
    script = FrameworkScript(plain_script(passed), "torch")
    with pytest.raises(NoScriptError, match=r"Double does not say how it is written in PyTorch"):
        str(script)


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("key", SUBJECTS)
def test_every_page_has_a_script(key: str, framework: Framework) -> None:
    subject = SUBJECTS[key]
    script = subject.script(subject.start)
    text = str(FrameworkScript(replace(script, title='A "title" \\ of """three"""'), framework))
    compile(text, key, "exec")
    ours = re.findall(r'^ *print\(f?"([^"]*)":?', str(script), re.MULTILINE)
    names = re.findall(r'^print\("(\w+):"', text, re.MULTILINE)
    assert names
    assert ours[: len(names)] == [f"{name}:" for name in names]


def test_large_arrays_and_those_of_files_go_through_numpy() -> None:
    text = str(of("conv-2d/patch", "lab", "torch"))
    assert "from engine.mnist import load\n" in text
    assert "\nx = torch.tensor(np.float64(x), requires_grad=True)\n" in text
    assert "Save it beside the folder `engine`" in text.splitlines()[0]
    assert "engine" not in str(of("max-tie", "lab", "torch"))


def test_rules_of_a_framework_that_state_nothing_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = RULES["pytorch-amax"]
    monkeypatch.setattr(
        "pages.sharing.frameworks.RULES", {"x": replace(rule, kinks=Kinks(0.0, "split"))}
    )
    passed = trace(LeakyReLU(), [1.0], kinks=rule.kinks)
    script: Script = replace(SCRIPTS["max-tie · lab"], trace=passed)
    said = r"^What PyTorch does at such kinks is not recorded, so there is no script\.$"
    with pytest.raises(NoScriptError, match=said):
        str(FrameworkScript(script, "torch"))

"""The script of a scene: it runs on its own, and prints the numbers of the scene's pass."""

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from engine import (
    RULES,
    Add,
    Concat,
    Conv1D,
    ConvBlock,
    Graph,
    Layer,
    ReLU,
    Residual,
    Sequential,
    Trace,
    one_sided,
    trace,
)
from engine.arrays import Array
from pages.derive.derivation import letters
from pages.derive.script import Script, assigned, headed, why_zero
from pages.explain.entry import entries
from pages.explore.conv_2d import batch_trace, conv_2d_trace
from pages.explore.conv_2d_scene import Conv2DScene
from pages.explore.minibatch import shares
from pages.figures.info import Naming, letters_of
from pages.gradient_check.check_scene import PRESETS as CHECKS
from pages.gradient_check.results import results
from pages.kink.kink_scene import PRESETS as KINKS
from pages.registry import SUBJECTS, named_scene, names
from pages.state.codecs import GRID
from pages.state.digits import Dot
from tests.fixtures.record_scripts import plain_script

ROOT = Path(__file__).parents[3]
ALL_OF_THEM = """
import runpy, sys
for path in sys.argv[1:]:
    print(f"<<{path}>>")
    runpy.run_path(path)
"""
PAINTED = Conv2DScene(
    crop="8", row=5, column=9, painted=(Dot(0, 6, 10, ink=True), Dot(1, 7, 11, ink=False)),
    digits=2, filters=2, stride=2, padding=1, pool=3, pool_stride=1, pool_padding=1,
    back="sum", entry="b1,2,2",
)  # fmt: skip


def moved(key: str) -> Any:
    """A page's scene with every slider at a value that lies on no grid."""
    subject = SUBJECTS[key]
    scene = subject.start
    chance = np.random.default_rng(1)
    for slider in subject.sliders(scene):
        if slider.grid == GRID and not slider.power:
            scene = scene.moved(slider.name, round(chance.uniform(slider.low, slider.high), 3))
    return scene


def run(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Name of a preset -> what its script prints; a painted scene is included."""
    folder = tmp_path_factory.mktemp("scripts")
    named = {name: named_scene(name) for name in names()}
    scripts = {name: subject.script(scene) for name, (subject, scene, _) in named.items()}
    scripts["painted"] = SUBJECTS["conv-2d"].script(PAINTED)
    scripts |= {f"{key} moved": SUBJECTS[key].script(moved(key)) for key in SUBJECTS}
    paths = {name: folder / f"script_{number}.py" for number, name in enumerate(scripts)}
    for name, path in paths.items():
        path.write_text(str(scripts[name]), encoding="utf-8")
    parts = re.split(r"<<(.*)>>\n", run("-c", ALL_OF_THEM, *map(str, paths.values())))
    said = dict(zip(parts[1::2], parts[2::2], strict=True))
    return {name: said[str(path)] for name, path in paths.items()}


def arrays(text: str) -> dict[str, Any]:
    """Name -> the values of its line 'name: values', which is the only one of that name."""
    found = re.findall(r"^([\w -]+): (\[.*\]|-?\d\S*)$", text, re.MULTILINE)
    values = {name: json.loads(said) for name, said in found}
    assert len(values) == len(found)
    return values


def expected(traced: Trace, naming: Naming) -> Iterator[tuple[str, Array]]:
    letters = letters_of(traced, naming)
    for letter, value in zip(letters, traced.values, strict=True):
        if value.readers:
            yield f"d{letter}", value.grad
    for letter, step in zip(letters[traced.outside :], traced.steps, strict=True):
        yield letter, step.output


@pytest.mark.parametrize("name", [*names(), *(f"{key} moved" for key in SUBJECTS)])
def test_a_script_prints_the_numbers_of_its_scene(name: str, printed: dict[str, str]) -> None:
    key = name.removesuffix(" moved")
    subject, scene = named_scene(name)[:2] if key == name else (SUBJECTS[key], moved(key))
    numbers, traced = arrays(printed[name]), subject.trace(scene)
    if traced.output.dtype != np.float64:  # a script computes in double precision
        double = [x.astype(np.float64) for x in traced.params]
        traced = trace(traced.layer, *double, dout=np.float64(traced.dout), kinks=traced.kinks)
    for letter, array in expected(traced, subject.script(scene).naming):
        assert numbers[letter] == array.tolist(), letter


def test_by_hand(printed: dict[str, str]) -> None:
    assert arrays(printed["max-tie"]) == {
        "a": [3.0, -2.0, 3.0, 1.0, 0.0],
        "h": [3.0, 0.0, 3.0, 1.0, 0.0],
        "z": 3.0,
        "dh": [1.0, 0.0, 1.0, 0.0, 0.0],
        "da": [1.0, 0.0, 1.0, 0.0, 0.0],
        "dx": [2.0, 0.0, 2.0, 0.0, 0.0],
        "dw": 3.0,
    }
    assert "dx2 is 0, stopped in MaxPool by NOT_MAX" in printed["unique-max"]
    assert "is 0" not in printed["all-positive"]


def test_a_minibatch_prints_each_share(printed: dict[str, str]) -> None:
    for slug, scene in SUBJECTS["minibatch"].presets.items():
        own = [share.grad for share in shares(SUBJECTS["minibatch"].trace(scene))]
        numbers = arrays(printed[f"minibatch/{slug}"])
        assert [numbers[f"dw of example {n + 1}"] for n in range(len(own))] == own


@pytest.mark.parametrize("scene", [named_scene("conv-2d/minibatch")[1], PAINTED])
def test_digits_are_loaded_painted_and_cut(scene: Conv2DScene, printed: dict[str, str]) -> None:
    numbers = arrays(printed["painted" if scene is PAINTED else "conv-2d/minibatch"])
    whole = batch_trace(scene).grads[1]
    assert numbers["dw of the minibatch"] == whole[:, 0].tolist()
    assert numbers["z"] == conv_2d_trace(scene).output.tolist()
    assert np.count_nonzero(whole)
    for dot in scene.painted:  # it would be seen on the other digit
        elsewhere = replace(scene, painted=(*scene.painted, replace(dot, of=1 - dot.of)))
        assert (batch_trace(elsewhere).grads[1] != whole).any()


@pytest.mark.parametrize("slug", KINKS)
def test_a_kink_prints_its_brackets_and_every_claim(slug: str, printed: dict[str, str]) -> None:
    subject, scene, _ = named_scene(f"at-a-kink/{slug}")
    traced, numbers = subject.trace(scene), arrays(printed[f"at-a-kink/{slug}"])
    params = [*traced.steps[0].inputs, *(x for s in traced.steps[1:] for x in s.inputs[1:])]
    sides = one_sided(traced.layer.forward, *params, dout=traced.dout)
    letters = subject.script(scene).naming.inputs[0]
    for letter, (left, right) in zip(letters, sides, strict=True):
        assert numbers[f"d{letter} from the left"] == left.tolist()
        assert numbers[f"d{letter} from the right"] == right.tolist()
    for rule in RULES.values():
        claimed = traced.under(rule.kinks).grads[0].tolist()
        assert numbers[f"{rule.slug} gives d{letters[0]}"] == claimed


def unrounded(said: str) -> str:
    """Remove the differences that passed, which consist of rounding errors."""
    return re.sub(r"(PASSED .*) \S+!", r"\1", said)


@pytest.mark.parametrize("slug", CHECKS)
def test_a_gradient_check_prints_what_its_page_says(slug: str, printed: dict[str, str]) -> None:
    said = "".join(f"{result}\n" for result in results(CHECKS[slug]).examined.results)
    assert unrounded(printed[f"gradient-check/{slug}"]).endswith(unrounded(said))


def test_every_digit_of_a_number_is_there() -> None:
    subject, scene, _ = named_scene("max-tie")
    moved = scene.moved("x1", 0.1).moved("x2", 1.0009765625)
    numbers = arrays(run("-c", str(subject.script(moved))))
    assert numbers["a"] == [0.2, 2.001953125, 3.0, 1.0, 0.0]


def test_a_script_imports_what_it_uses_and_nothing_else() -> None:
    subject, scene, _ = named_scene("conv-2d/patch")
    text = str(subject.script(scene))
    assert "from engine import RULES, Conv2D, MaxPool2D, ReLU, Sequential, trace\n" in text
    assert "from engine.mnist import load\n" in text
    assert max(map(len, text.splitlines())) <= 100


def test_a_trace_alone_is_enough() -> None:
    traced = trace(ConvBlock(), [1.5, -1.0], 2.0)
    numbers = arrays(run("-c", str(plain_script(traced))))
    assert numbers == {
        "y1": [3.0, -2.0], "y2": [3.0, 0.0], "y3": 3.0,
        "dy2": [1.0, 0.0], "dy1": [1.0, 0.0], "dx": [2.0, 0.0], "dw": 1.5,
    }  # fmt: skip


def test_single_precision_is_made_double() -> None:
    x = np.array([0.1, -0.7], np.float32)
    text = str(plain_script(trace(ConvBlock(), x, np.float32(0.3))))
    assert "\nx, w = map(np.float64, (x, w))\n" in text
    assert arrays(run("-c", text))["dw"] == float(x[0])
    alone = str(plain_script(trace(ReLU(), x)))
    assert "\nx = np.float64(x)\n" in alone


def test_a_script_says_what_stopped_a_gradient_that_is_0_of_its_own_pass_alone() -> None:
    block, batch = SUBJECTS["conv-block"], SUBJECTS["minibatch"]
    unsent = replace(block.start, dz=0.0)
    for entry, stopped in (("x2", True), ("h1", True), ("z", False)):
        text = str(block.script(unsent.chosen(entry)))
        assert (f"d{entry} is 0, stopped" in text) == stopped
    scene = batch.start.moved("dz1", 0.0)
    share, *_ = shares(batch.trace(scene))
    assert share.grad == 0
    (addition,) = (each for each in getattr(batch, "additions", ()))
    first = addition.entries[0]
    assert "is 0, stopped" not in str(batch.script(scene.chosen(first)))


def test_paths_that_end_for_one_reason_have_one_cause() -> None:
    # a₁ and a₂ read x₂.
    layer = Sequential(Conv1D(), ReLU())
    for dout, asked in (([1.0, 1.0], "result.cause("), ([1.0, 0.0], "result.stops(")):
        passed = trace(layer, [-1.0, -1.0, -1.0], [1.0, 1.0], dout=dout)
        lines = [*why_zero(entries(passed, letters(passed))["x2"], "x2")]
        assert asked in lines[0]


@pytest.mark.parametrize(
    ("layer", "inputs", "said"),
    [
        # y = x + w · x, and w = −1
        (Residual(Conv1D()), ([1.0], -1.0), "dx1 is 0, stopped in Conv1D by CANCELLED"),
        # y = [ReLU(a), |w · a|], w = 0: a step reads a, and another one too
        (
            Graph(("h", ReLU(), "x"), ("a", Conv1D(), "x", "w"), ("y", Concat(), "h", "a")),
            ([-1.0], 0.0),
            "stopped on 1 of its paths by GATE_CLOSED\ndx1 is 0, stopped on 1 of its paths by ZERO",
        ),
    ],
    ids=["cancelled", "two reasons"],
)
def test_a_script_follows_the_paths_from_all_readers_of_an_entry(
    layer: Layer, inputs: tuple[Any, ...], said: str
) -> None:
    passed = trace(layer, *inputs)
    names = letters(passed)
    script = Script(passed, names, "lab", explained=entries(passed, names)["x1"])
    assert said in run("-c", str(script))


def test_each_path_to_one_place_counts(capsys: pytest.CaptureFixture[str]) -> None:
    # y = [ReLU(x + x), w · x], w = 0: two paths lead to the ReLU.
    twice = ("s", Add(), "x", "x")
    layer = Graph(twice, ("h", ReLU(), "s"), ("a", Conv1D(), "x", "w"), ("y", Concat(), "h", "a"))
    passed = trace(layer, [-1.0], 0.0)
    exec("\n".join(why_zero(entries(passed, letters(passed))["x1"], "x1")), {"result": passed})
    assert [line.split()[5] for line in capsys.readouterr().out.splitlines()] == ["2", "1"]


@pytest.mark.parametrize(
    ("body", "imports", "head"),
    [
        ('print("trace")  # np.pi, ReLU', [], ""),
        (
            "load()",
            ["import torch", "from engine.mnist import load"],
            "from engine.mnist import load",
        ),
        ("BUGS", ["from pages.bugs.table import BUGS"], "from pages.bugs.table import BUGS"),
        ("F.relu(np.ones(2))", ["import F"], "import F\nimport numpy as np"),
    ],
)
def test_a_script_begins_with_what_its_code_needs(body: str, imports: list[str], head: str) -> None:
    saved = " Save it beside the folder `engine`, and run it there." if "from" in head else ""
    parts = [f'"""A title.{saved}"""', *filter(None, [head]), f"{body}\n"]
    assert headed("A title", body, imports) == "\n\n".join(parts)


def test_a_title_that_ends_as_a_sentence_gets_no_full_stop_more() -> None:
    script = plain_script(trace(ConvBlock(), [1.5], 2.0))
    for title, first in (
        ("Who ties?", '"""Who ties? Save it beside the folder `engine`, and run it there."""'),
        ("A tie", '"""A tie. Save it beside the folder `engine`, and run it there."""'),
    ):
        assert str(replace(script, title=title)).startswith(first)


def test_a_title_of_any_text_is_a_string() -> None:
    script = plain_script(trace(ConvBlock(), [1.5], 2.0))
    for title in ('three """ of them', "a \\ at the end \\", "two\nlines", "a\\name"):
        made = ast.parse(str(replace(script, title=title)))
        told = title.replace('"""', "'''")
        assert (ast.get_docstring(made, clean=False) or "").startswith(told)


def test_a_number_has_all_its_digits_and_a_small_array_all_its_numbers() -> None:
    assert assigned("w", np.array(-1 / 3)) == [f"w = {-1 / 3!r}"]
    for number in (0.0, 0.5):
        assert assigned("x", np.full(3, number)) == [
            f"x = np.array([{number}, {number}, {number}])"
        ]


def test_a_large_array_of_one_number_is_written_as_such() -> None:
    assert assigned("x", np.full((8, 9), 0.1)) == ["x = np.full((8, 9), 0.1)"]
    assert assigned("x", np.full((8, 9), np.float32(0.5))) == ["x = np.full((8, 9), 0.5)"]


@pytest.mark.parametrize(("nonzero", "lines"), [(0, 1), (7, 8), (8, 1), (70, 1)])
def test_a_large_array_is_written_by_its_entries_where_a_tenth_are_not_0_at_most(
    nonzero: int, lines: int
) -> None:
    value = np.arange(70.0)[::-1] * (np.arange(70) < nonzero)
    written = assigned("x", value)
    assert len(written) == lines
    found: dict[str, np.ndarray] = {}
    exec("\n".join(written), {"np": np}, found)
    assert_array_equal(found["x"], value)

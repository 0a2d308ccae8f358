"""Pasted code with all its numbers computes here what numpy computes of it."""

import random
from typing import Any

import numpy as np
import pytest

from pages.stack.editor import Editor
from pages.stack.stack_subject import STACK_SUBJECT
from pages.state.page_state import PageState

X, W = "x = np.array([1.0, -2.0, 3.0])\n", "[[1.0, 0.5, -2.0], [-1.0, 2.0, 5.0]]"
RELUS = (
    *("np.maximum({0}, 0)", "np.maximum(0, {0})", "np.where({0} > 0, {0}, 0)"),
    *("{0} * ({0} > 0)", "np.clip({0}, 0, None)"),
)


def numbers(draw: random.Random, *shape: int) -> object:
    """Some that floating-point numbers have exactly."""
    drawn = draw.choices((1.0, -2.0, 0.5, 3, -1, 2.5, -0.25, 0.0), k=int(np.prod(shape)))
    return np.reshape(drawn, shape).tolist()


def written(draw: random.Random) -> str:
    """Some layers in numpy on an x of one or two axes, each line a layer or its numbers."""
    shape = draw.choice(((2,), (4,), (1, 3), (3, 2)))
    scaled = draw.choice(("", "", " * 2", " / 4 - 1", " + 0.5"))
    lines = [f"x = np.array({numbers(draw, *shape)}){scaled}"]
    before = "x"
    for n in range(1, draw.randint(2, 5)):
        kind = draw.choice(("relu", "weight", "linear"))
        if kind == "relu":
            made = draw.choice(RELUS).format(before)
        elif kind == "weight" and len(shape) == 1:
            many = draw.choice(("{}", "np.array({})", "np.array([{}])"))
            lines += [f"{name}{n} = {many.format(numbers(draw))}" for name in "wb"]
            made = draw.choice((f"w{n} * {before}", f"{before} * w{n} + b{n}"))
        else:
            outputs = draw.randint(1, 3)
            turned = len(shape) == 1 and draw.random() < 0.5
            sizes = (outputs, *shape) if turned else (shape[-1], outputs)
            lines += [f"W{n} = np.array({numbers(draw, *sizes)})"]
            lines += [f"b{n} = np.array({numbers(draw, outputs)})"]
            made = f"W{n} @ {before}" if turned else f"{before} @ W{n}"
            made += draw.choice(("", f" + b{n}"))
            shape = (*shape[:-1], outputs)
        before = f"v{n}"
        lines.append(f"{before} = {made}")
    whole = draw.choice(("", ".max()")) if len(shape) == 1 else ""
    return "\n".join([*lines, f"y = {before}{whole}"])


@pytest.mark.parametrize(
    "code",
    [
        f"{X}w = 2.0\na = w * x\ny = np.maximum(a, 0)",
        f"{X}w, b = 0.5, 1\ny = np.maximum(w * x + b, 0)",
        f"{X}w1 = 2\nw2 = np.array([3.0])\ny = np.maximum(w1 * x + w2 * x, 0)",
        f"{X}W = np.array({W})\nb = np.array([0.25, -9.0])\ny = np.maximum(0, W @ x + b)",
        f"x = np.array([[1.0, -2.0]])\ny = np.maximum(x @ np.array({W}) + np.array([1, 2, 3]), 0)",
        f"{X}w = np.array([1, -0.5])\ny = np.maximum(np.convolve(x, w, 'valid'), 0)",
        f"{X}y = np.maximum(np.convolve(x, np.array([2.0, 1.0, -3.0]), 'same'), 0)",
        f"{X}y = np.correlate(x, np.array([1, -0.5]))",
        f"{X}w = np.array([1, -0.5])\ny = np.convolve(np.maximum(x, 0), w[::-1], mode='valid')",
        f"{X}w = np.array([1, -0.5])\na = np.convolve(x, w)\ny = np.maximum(a, 0).max()",
        "x = 2 - np.arange(5) / 2\ny = np.maximum(x, 0)",
        "x = -np.array([[1, 2], [-3, 0]]) ** 2 % 5 * 0.5\ny = np.maximum(x, 0)",
        *(written(random.Random(seed)) for seed in range(40)),
    ],
)
def test_it_computes_what_it_says(code: str) -> None:
    state, editor = PageState(STACK_SUBJECT.start, {}, STACK_SUBJECT.start), Editor()
    editor.pasted(state, code)
    own: dict[str, Any] = {"np": np}
    exec(code, own)
    assert np.ravel(state.scene.trace.output).tolist() == np.ravel(own["y"]).tolist()
    assert not [each for each in state.problems if "random" in each]

"""A look as a script that prints the same numbers, and its explained formula as LaTeX."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from pages.inside.painting import INK, PAPER, states
from pages.inside.passes import Look
from pages.inside.scene import BLANK, LookScene
from pages.sharing import latex
from pages.sharing.script import Script, called, why_zero

_IMPORTS: Final = ("from engine.mnist import load",)
_OWN: Final = (
    "network = weights.load('network.npz').network  # python -m engine.train --save network.npz"
)


def script_of(seen: Look, scene: LookScene, *, own: bool) -> Script:
    """The pass of the image. own: whether the network is of somebody's own, and not at hand."""
    letters = [letter for row in seen.naming.inputs for letter in row[1:]]
    inputs = {"x": tuple(_given(seen, scene, own=own, letters=letters))}
    inputs |= {
        letter: (f"{letter} = network.params[{number}]",) for number, letter in enumerate(letters)
    }
    loss = seen.naming.output == "L"
    names = ["as_inputs", "weights"] if own else ["as_inputs", "shipped"]
    return Script(
        seen.trace,
        seen.naming,
        scene.rule,
        inputs=inputs,
        layer=f"network.with_loss([{seen.label}])" if loss else "network.layers",
        after=tuple(_why(seen, scene.entry)),
        imports=(*_IMPORTS, f"from engine.training import {', '.join(names)}"),
    )


def latex_of(seen: Look, entry: str) -> str:
    """The explained formula; "" where no entry is chosen."""
    place = seen.place(entry)
    if place is None:
        return ""
    if place.letter != "s" or seen.naming.output == "s":
        return latex.formula(place)
    digit = place.index[1]
    truth = int(digit == seen.label)
    probability = latex.number(float(seen.probabilities[digit]))
    parts = (latex.slope(place.slope), f"p_{{{digit}}} - {truth}", f"{probability} - {truth}")
    return " = ".join((*parts, latex.number(place.grad)))


def _given(seen: Look, scene: LookScene, *, own: bool, letters: list[str]) -> Iterator[str]:
    """The lines that make the image and the network."""
    yield _OWN if own else "network = shipped().network"
    if scene.image == BLANK:
        yield "x = np.zeros((1, 1, 28, 28), np.float32)"
    else:
        yield f"x = as_inputs(load().images[{scene.image} : {scene.image + 1}])"
    over = states(scene.painting)
    for state in range(PAPER, INK + 1):
        rows, columns = np.nonzero(over == state)
        if rows.size:
            level = (state - PAPER) / (INK - PAPER)
            yield from _set(rows.tolist(), columns.tolist(), level)
    if scene.sgd == "after":
        yield f"layer = network.with_loss([{seen.label}])"
        yield called("before", ("x", "*network.params"), "1.0", scene.rule)
        yield f"descent = SGD(learning_rate={10.0**scene.rate!r}, momentum=0.0)"
        yield "start = descent.start(network.params)"
        yield "params, _ = descent.step(network.params, before.grads[1:], start)"
        yield "network = type(network)(network.architecture, tuple(params))"


def _set(rows: list[int], columns: list[int], level: float) -> Iterator[str]:
    """The lines that give pixels a level, each row's in one."""
    for row in dict.fromkeys(rows):
        there = [column for at, column in zip(rows, columns, strict=True) if at == row]
        yield f"x[0, 0, {row}, {there}] = {level}"


def _why(seen: Look, entry: str) -> Iterator[str]:
    """Why the gradient of the explained entry is zero, where it is."""
    place = seen.place(entry)
    if place is None or place.grad or place.step >= len(seen.trace.steps):
        return
    yield from why_zero(place, f"{place.letter}[{', '.join(map(str, place.index))}]")

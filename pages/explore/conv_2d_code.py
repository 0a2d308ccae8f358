"""The page about pictures as a script: the digits come from engine.mnist, and what was painted."""

from collections.abc import Iterator
from typing import Final

from pages.explain.formula import latex_formula, latex_sum
from pages.explore.conv_2d_pass import (
    batch_trace,
    conv_2d_trace,
    naming,
    place_of,
    shares,
    weights,
)
from pages.explore.conv_2d_scene import Conv2DScene
from pages.explore.digits import LEVELS
from pages.sharing.script import Script, assigned, called

_IMPORTS: Final = ("from engine.mnist import load",)


def script_of(scene: Conv2DScene) -> Script:
    """The pass of the digit that is looked at; after it, that of the whole minibatch."""
    explained = place_of(scene, scene.entry) if scene.entry and scene.entry[0] != "b" else None
    return Script(
        conv_2d_trace(scene),
        naming(scene),
        scene.rule,
        explained,
        inputs={"x": tuple(_pixels("x", scene, scene.shown - 1))},
        after=tuple(_batch(scene)) if scene.digits > 1 else (),
        imports=_IMPORTS,
    )


def latex_of(scene: Conv2DScene) -> str:
    """The explained formula as LaTeX; "" where no cell is chosen."""
    if not scene.entry:
        return ""
    place = place_of(scene, scene.entry)
    if scene.entry[0] != "b":
        return latex_formula(place)
    channel, *at = place.index
    total = float(batch_trace(scene).grads[1][channel, 0, *at])
    own = [float(share[place.index]) for share in shares(scene)]
    return latex_sum(place.slope, own, total)


def _pixels(letter: str, scene: Conv2DScene, of: int) -> Iterator[str]:
    """The lines that make one digit of the minibatch: rounded, painted over, cut out."""
    number, (top, left) = scene.numbers[of], scene.corner
    yield f"{letter} = np.round(load().images[{number}] * ({LEVELS} / 255)) / {LEVELS}"
    for dot in scene.painted:
        if dot.of == of:
            yield f"{letter}[{dot.row}, {dot.column}] = {float(dot.ink)}"
    if scene.crop != "28":
        rows, columns = f"{top}:{top + scene.side}", f"{left}:{left + scene.side}"
        yield f"{letter} = {letter}[{rows}, {columns}]"


def _batch(scene: Conv2DScene) -> Iterator[str]:
    """The pass of the whole minibatch, x (N, 1, H, W), and the gradient of w that it gives."""
    traced = batch_trace(scene)
    letters = [f"x{of + 1}" for of in range(scene.digits)]
    yield ""
    for of, letter in enumerate(letters):
        yield from _pixels(letter, scene, of)
    yield f"batch = np.stack([{', '.join(letters)}])[:, np.newaxis]"
    yield from assigned("dz", traced.dout)
    filters = f"w.reshape({weights(scene)[:, None].shape})"
    yield called("of_all", ("batch", filters), "dz", scene.rule)
    yield 'print("dw of the minibatch =", of_all.grads[1][:, 0])'

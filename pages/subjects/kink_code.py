"""A kink as a script that prints its brackets and every rule's claims; its bracket as LaTeX."""

from collections.abc import Iterator
from dataclasses import replace

from pages.figures.kink_info import KinkInfo
from pages.sharing import latex
from pages.sharing.script import Script, script_of
from pages.subjects.explore import EXPLORED
from pages.subjects.kink_pass import inputs_of
from pages.subjects.kink_scene import KinkScene


def script_of_kink(scene: KinkScene) -> Script:
    """The script of the scene that is looked at, and after it what is true there, and claimed."""
    script = script_of(EXPLORED[scene.of].subject, scene.inner)
    return replace(script, after=[*script.after, *_brackets(script)])


def latex_of(scene: KinkScene, info: KinkInfo) -> str:
    r"""∂z/∂x_{1} \in [0, 1]: the bracket of the entry along which the slice is taken."""
    row = next(row for row in info.rows if row.entry == scene.entry)
    name = latex.slope(inputs_of(scene.of, scene.inner)[scene.entry].slope)
    low, high = map(latex.number, sorted((row.left, row.right)))
    return rf"{name} \in [{low}, {high}]" if row.kinked else f"{name} = {low}"


def _brackets(script: Script) -> Iterator[str]:
    letters, sent = script.naming.inputs[0], f"d{script.naming.output}"
    yield ""
    yield f"sides = one_sided(layer.forward, {', '.join(letters)}, dout={sent})"
    for argument, letter in enumerate(letters):
        yield f'print("d{letter} from the left =", sides[{argument}][0])'
        yield f'print("d{letter} from the right =", sides[{argument}][1])'
    yield "for slug, rule in RULES.items():"
    for argument, letter in enumerate(letters):
        claimed = f"result.under(rule.kinks).grads[{argument}]"
        yield f'    print(slug, "claims d{letter} =", {claimed})'

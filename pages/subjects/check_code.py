"""The gradient check as a script, and its central difference as LaTeX."""

from typing import Final

from pages.sharing import latex
from pages.sharing.script import Script
from pages.subjects.check_results import Results
from pages.subjects.check_scene import RIGHT
from pages.subjects.check_words import slope

_CHECK: Final = """
gradient_check(
    lambda *params: np.vdot(layer.forward(*params), {sent}),
    lambda dout: layer.backward(dout * {sent}, RULES["{rule}"].kinks),
    {params},
    eps={eps!r},
)"""


def script_of(found: Results) -> Script:
    """The pass and its check as a script; of the broken layer where there is a bug."""
    scene, case = found.scene, found.scene.case
    broken = scene.bug != RIGHT
    checked = _CHECK.format(
        sent=f"d{case.naming.output}",
        rule=scene.rule,
        params=", ".join(case.letters),
        eps=scene.step,
    )
    return Script(
        found.examined.passed,
        case.naming,
        scene.rule,
        layer=f'BUGS["{scene.bug}"].layers["{scene.layer}"]()' if broken else "",
        after=[checked],
        imports=["from pages.bugs.table import BUGS"] if broken else (),
    )


def latex_of(found: Results) -> str:
    r"""∂L/∂x_{2} ≈ \frac{L(x_{2} + eps) - L(x_{2} - eps)}{2 · eps} = …: what the check says."""
    name = slope(found.scene, *found.entry)
    function, _, entry = (latex.letter(part) for part in name.replace("∂", "").partition("/"))
    argument, index = found.entry
    eps = latex.number(found.scene.step)
    moved = rf"{function}({entry} + {eps}) - {function}({entry} - {eps})"
    numeric = latex.number(float(found.examined.central[argument][index]))
    return rf"{latex.slope(name)} \approx \frac{{{moved}}}{{2 \cdot {eps}}} = {numeric}"

"""Works out a formula that a page shows: "max(0, −2) + 2 · |−3|" is 6."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import numpy as np

FUNCTIONS: Final[Mapping[str, Any]] = {
    "max": lambda *each: np.max(np.hstack(each)),
    "min": lambda *each: np.min(np.hstack(each)),
    "mean": lambda *each: np.mean(np.hstack(each)),
    "sum": lambda *each: np.sum(np.hstack(each)),
    "exp": lambda *each: np.exp(np.hstack(each)),
    "log": lambda *each: np.log(np.hstack(each)),
    "sqrt": lambda *each: np.sqrt(np.hstack(each)),
}
"""Functions that a formula may use; each takes one number or several."""
_PYTHONS: Final = {"−": "-", "·": "*", "^": "**"}
_FRACTION: Final = re.compile(r"\\frac\{([^{}]*)\}\{([^{}]*)\}")


def words_in(text: str) -> set[str]:
    """The words in a text: all but its numbers and signs."""
    return {*re.findall(r"[^\W\d_]+", text)}


@cache
def of_latex(latex: str) -> str:
    r"""Rewrite LaTeX without commands: \frac{2 \cdot 3}{4} -> ((2 · 3)/(4))."""
    while (text := _FRACTION.sub(r"((\1)/(\2))", latex)) != latex:  # from the inside out
        latex = text
    text = re.sub(r"\\(left|right)\b", "", text.replace(r"\cdot", "·"))
    text = re.sub(r"\\([lr]vert)\b", "|", text).translate({ord("{"): "(", ord("}"): ")"})
    return re.sub(r"\\([a-z]+)", r"\1", text)


@cache
def worked_out(text: str, **letters: float) -> float:
    """Work out a formula with numbers. Raises NameError for an unknown function.

    letters: the values of the letters in it, if there are any.
    """
    for sign, python in _PYTHONS.items():
        text = text.replace(sign, python)
    text = re.sub("[¼-¾⅐-⅞]", lambda each: f"({unicodedata.numeric(each[0])})", text)
    text = re.sub(r"\|([^|]*)\|", r"abs(\1)", text)
    return float(np.squeeze(eval(text, {**FUNCTIONS, **letters})))

"""The explained formula as LaTeX: core commands alone, so that it needs no package.

Everything said is read off a trace, as the explanation is.
"""

from collections.abc import Iterable
from itertools import groupby
from unicodedata import decomposition, normalize

from engine import Term
from pages.explain.entry import Place
from pages.explain.formula import written_out
from pages.figures.words import INDEX_COMMA


def formula(place: Place) -> str:
    r"""\frac{∂z}{∂x_{2}} = w · \frac{∂z}{∂a_{2}} = 2 · 0 = 0: with names, numbers, the gradient."""
    every = place.terms if place.step < len(place.trace.steps) else []
    shown, left_out = written_out(every)
    more = [r"\cdots"] if left_out else []
    symbols = " + ".join([_symbols(place, term) for term in shown] + more)
    numbers = " + ".join([_numbers(term) for term in shown] + more)
    return " = ".join(filter(None, (slope(place.slope), symbols, numbers, number(place.grad))))


def sum_formula(name: str, shares: Iterable[float], total: float) -> str:
    """A gradient as the sum of numbers that are told elsewhere, like each example's share."""
    return f"{slope(name)} = {' + '.join(map(factor, shares))} = {number(total)}"


def slope(name: str) -> str:
    r"""'∂z/∂x₂' -> \frac{\partial z}{\partial x_{2}}."""
    above, _, below = name.replace("∂", "").partition("/")
    return rf"\frac{{\partial {letter(above)}}}{{\partial {letter(below)}}}"


def letter(label: str) -> str:
    r"""'x₁‚₂' -> x_{1,2}; 'w⁽¹⁾' -> w^{(1)}; 'Σz' -> \Sigma z."""
    parts = []
    for sign, found in groupby(label, _script):
        text = normalize("NFKC", "".join(found)).replace(INDEX_COMMA, ",")
        parts.append(f"{sign}{{{text}}}" if sign else text.replace("Σ", r"\Sigma "))
    return "".join(parts)


def number(value: float) -> str:
    r"""Six significant digits at most: -1.5, 2, 1 \cdot 10^{-7}."""
    mantissa, e, exponent = f"{value + 0.0:.6g}".partition("e")
    if not e:
        return mantissa
    power = f"10^{{{int(exponent)}}}"
    return power if mantissa == "1" else rf"{mantissa} \cdot {power}"


def factor(value: float) -> str:
    """As `number`, in brackets where it is negative: for a product or a sum."""
    return f"({number(value)})" if value < 0 else number(value)


def _symbols(place: Place, term: Term) -> str:
    arriving = place.output(term.step, term.output)
    return rf"{place.filled(term.factor.latex, term, letter)} \cdot {slope(arriving.slope)}"


def _numbers(term: Term) -> str:
    return rf"{factor(term.slope)} \cdot {factor(term.arriving)}"


def _script(sign: str) -> str:
    """TeX's sign: "_" for what is written below the line, "^" above, "" on it."""
    kind = decomposition(sign).partition(" ")[0]
    return "_" if kind == "<sub>" or sign == INDEX_COMMA else "^" if kind == "<super>" else ""

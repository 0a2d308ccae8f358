r"""The chain rule for one entry, in names and in numbers, as text and as LaTeX.

∂L/∂x₂ = w · ∂L/∂a₂ = 2 · 0 = 0, or \frac{\partial L}{\partial x_{2}} = w \cdot …. Everything is
read off a trace; nothing is computed here. The LaTeX uses core commands only, and needs no package.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import groupby
from typing import Final
from unicodedata import decomposition, normalize

from engine import Term, Trace
from pages.explain.entry import Entry, entry_of
from pages.figures.info import Edge, GraphInfo, Naming, edge_of
from pages.figures.words import INDEX_COMMA, equated, factor, signed
from pages.language.catalogue import factor_text, said_once, say

TERMS_MOST: Final = 6  # the most terms of a sum that are written out: those that contribute most


def _written_out(entry: Entry) -> tuple[Sequence[Term], int]:
    """The terms of a gradient that are written out, and how many others are not 0."""
    return entry.largest_terms(TERMS_MOST) if entry.term_count > TERMS_MOST else (entry.terms, 0)


# --- as text


def formula_line(entry: Entry) -> str:
    """The chain rule for this entry, in names and in numbers; "" if its gradient has no terms."""
    count = entry.term_count
    if not count:
        return ""
    shown, more = _written_out(entry)
    if not shown:
        return say("formula.zeros", count, slope=entry.slope)
    symbols = _sum([_symbols(entry, shown)], more)
    line = equated(entry.slope, symbols, sum_of(shown, more), signed(entry.grad))
    none = count - len(shown) - more
    return f"{line} {say('formula.others', none)}" if none else line


def factor_name(entry: Entry, term: Term) -> str:
    """The factor of the gradient that arrives at a term's output, as a name, w₂, or in words."""
    return entry.filled(factor_text(term.factor.text), term)


def sum_of(terms: Iterable[Term], more: int) -> str:
    """2 · (−1) + 1 · 3 + 4 more: the terms in numbers, and how many are left out."""
    return _sum((f"{factor(term.slope)} · {factor(term.arriving)}" for term in terms), more)


def with_terms(info: GraphInfo, trace: Trace, naming: Naming, chosen: str) -> GraphInfo:
    """The picture with, on each edge out of the chosen entry, the product that comes back there."""
    entry = entry_of(trace, naming, chosen)
    if entry is None or entry.step:
        return info
    terms = {term.output: term for term in entry.terms if term.factor.cofactor}

    def named(edge: Edge) -> Edge:
        if edge.tail != chosen:
            return edge
        # An array that is drawn whole has one edge for all its entries, and no cell at its head.
        head = info.cells.get(edge.head)
        term = terms.get(head.index) if head else None
        if term is None:
            return edge  # a weight over padding has no factor to name
        product = _product_name(entry, term)
        return edge_of(edge.tail, edge.head, edge.known, edge.amount, product)

    return replace(info, edges=tuple(map(named, info.edges)))


def _symbols(entry: Entry, shown: Sequence[Term]) -> str:
    """w · ∂L/∂a₂ + …: the terms in the names of their factors."""

    def said() -> str:
        return " + ".join(_product_name(entry, term) for term in shown)

    chosen = []
    for term in shown:
        if not term.factor.cofactor and term.factor.slope is None:
            return said()  # not kept: this name may depend on the values
        chosen.append((term.step, term.argument, term.output))
    key = ("symbols", entry.naming, entry.number, entry.index, *chosen)
    return said_once(entry.trace, key, said)


def _product_name(entry: Entry, term: Term) -> str:
    return f"{factor_name(entry, term)} · {entry.output(term.step, term.output).slope}"


def _sum(products: Iterable[str], more: int) -> str:
    left_out = [say("formula.more", more)] if more else []
    return " + ".join([*products, *left_out])


# --- as LaTeX


def latex_formula(entry: Entry) -> str:
    r"""\frac{∂L}{∂x_{2}} = w · \frac{∂L}{∂a_{2}} = 2 · 0 = 0: with names, numbers, the gradient."""
    shown, more = _written_out(entry)
    dots = [r"\cdots"] if more else []
    symbols = [
        rf"{entry.filled(term.factor.latex, term, latex_name)} \cdot "
        rf"{latex_slope(entry.output(term.step, term.output).slope)}"
        for term in shown
    ]
    numbers = [rf"{latex_factor(term.slope)} \cdot {latex_factor(term.arriving)}" for term in shown]
    sums = (" + ".join([*each, *dots]) for each in (symbols, numbers))
    come_to = sum(_as_latex(term.slope) * _as_latex(term.arriving) for term in shown)
    is_told = more or not shown  # the sum is not complete, or the gradient is given
    sign = "=" if is_told else _equals(come_to, entry.grad)
    left = " = ".join(filter(None, (latex_slope(entry.slope), *sums)))
    return f"{left} {sign} {latex_number(entry.grad)}"


def latex_sum(name: str, shares: Sequence[float], total: float) -> str:
    """A gradient as the sum of given numbers, such as each example's share."""
    sides = f"{latex_slope(name)} = {' + '.join(map(latex_factor, shares))}"
    return f"{sides} {_equals(sum(map(_as_latex, shares)), total)} {latex_number(total)}"


def _equals(come_to: Fraction | int, total: float) -> str:
    r"""The sign before a total: =, or \approx if what is written before it comes to another one."""
    return "=" if come_to == _as_latex(total) else r"\approx"


def latex_slope(name: str) -> str:
    r"""'∂L/∂x₂' -> \frac{\partial L}{\partial x_{2}}."""
    above, _, below = name.replace("∂", "").partition("/")
    return rf"\frac{{\partial {latex_name(above)}}}{{\partial {latex_name(below)}}}"


def latex_name(label: str) -> str:
    r"""'x₁‚₂' -> x_{1,2}; 'w⁽¹⁾' -> w^{(1)}; 'Σz' -> \Sigma z."""
    parts = []
    for sign, found in groupby(label, _script):
        text = normalize("NFKC", "".join(found)).replace(INDEX_COMMA, ",")
        parts.append(f"{sign}{{{text}}}" if sign else text.replace("Σ", r"\Sigma "))
    return "".join(parts)


def latex_number(value: float) -> str:
    r"""Six significant digits at most: -1.5, 2, 10^{-7}, -1 \cdot 10^{-7}."""
    mantissa, e, exponent = f"{value + 0.0:.6g}".partition("e")
    if not e:
        return mantissa
    power = f"10^{{{int(exponent)}}}"
    return power if mantissa == "1" else rf"{mantissa} \cdot {power}"


def _as_latex(value: float) -> Fraction:
    """The number that `latex_number` writes, exactly."""
    return Fraction(f"{value:.6g}")


def latex_factor(value: float) -> str:
    """As `latex_number`, in brackets if it is negative: for a product or a sum."""
    return f"({latex_number(value)})" if value < 0 else latex_number(value)


def _script(sign: str) -> str:
    """The TeX sign before a character: "_" if it is a subscript, "^" a superscript, "" neither."""
    kind = decomposition(sign).partition(" ")[0]
    if kind == "<sub>" or sign == INDEX_COMMA:
        return "_"
    return "^" if kind == "<super>" else ""

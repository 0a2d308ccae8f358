"""What the page of a layer may show besides its pass: a curve, windows, padding, influence."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final, cast

import numpy as np

from engine import RULES, Kinks, Trace
from engine.arrays import indices
from engine.kinks import Rule, called, groups
from engine.layers.activations import Elementwise
from engine.layers.windows import Windows
from pages.derive.subject import Addition
from pages.explain.formula import with_terms
from pages.explain.sentences import influence_lines
from pages.figures.curves import (
    END,
    SMALL,
    SMALL_HEIGHT,
    WIDTH,
    Break,
    Curve,
    CurvePoint,
    curve_drawings,
    small_curve,
)
from pages.figures.info import Naming
from pages.figures.layout import Heading, Layout, View
from pages.figures.primitives import HINT, Box, Drawing, Point, text_trace, text_width
from pages.figures.theme import PALETTES
from pages.figures.windows import Window, padding_drawings, window_drawings
from pages.figures.words import gradient_of
from pages.language.catalogue import say

SAMPLES: Final = 61  # the number of points on each smooth piece of a curve that is not straight


# --- the curve of an elementwise operation


def curve_of(
    traced: Trace, letters: tuple[str, str], label: Callable[[Any], str], rule: Rule
) -> Curve:
    """The curve of the only operation of a pass, under a rule, with the pass's entries on it."""
    (step,) = traced.steps
    layer = cast("Elementwise", step.layer)
    slopes = np.asarray(layer.derivative(step.inputs[0], traced.kinks))
    points = [
        CurvePoint(
            label(index),
            float(step.inputs[0][index]),
            float(step.output[index]),
            float(slopes[index]),
        )
        for index in indices(step.output.shape)
    ]
    choices = layer.kink_choices
    alike = groups(choices)[rule.kinks.chosen(choices)]
    return Curve(letters, *_sampled(layer, rule.kinks), points, called(rule, alike))


@lru_cache(maxsize=32)  # the curve stays the same while the points move on it
def _sampled(
    layer: Elementwise, kinks: Kinks
) -> tuple[Sequence[Point], Sequence[Sequence[Point]], Sequence[Break]]:
    """The values, the slopes of each smooth piece, and the breaks between the pieces shown."""
    jumps = {at: sides for at, sides in layer.breaks.items() if abs(at) < END}
    ends = [-END, *sorted(jumps), END]
    values: list[Point] = []
    slopes = []
    for left, right in pairwise(ends):
        at = np.linspace(left, right, 2 if layer.straight else SAMPLES)
        slope = layer.derivative(at, kinks).astype(float)
        if left in jumps:
            slope[0] = jumps[left][1]
        if right in jumps:
            slope[-1] = jumps[right][0]
        piece = [*zip(map(float, at), map(float, layer.value(at)), strict=True)]
        values += piece[1:] if values else piece
        slopes.append(tuple(zip(map(float, at), map(float, slope), strict=True)))
    breaks = [
        Break(at, float(layer.value(here)[0]), left, right, float(claimed[0]))
        for at, (left, right) in jumps.items()
        for here in [np.array([at])]
        for claimed in [layer.derivative(here, kinks)]
    ]
    return tuple(values), tuple(slopes), breaks


def _draw_curve(scene: Any, traced: Trace, layout: Layout, view: View) -> list[Drawing]:
    naming = scene.derivation.naming
    letter = naming.into(0)
    curve = curve_of(
        traced,
        (letter, naming.output),
        lambda index: naming.label(letter, index),
        RULES[scene.rule],
    )
    places = {
        naming.entry(either, index): place
        for either in (letter, naming.output)
        for place, index in enumerate(indices(traced.output.shape))
    }
    chosen = places.get(view.entry)
    if not layout.down:
        return curve_drawings(curve, layout.width, chosen, view)
    at = ((layout.width - SMALL * WIDTH) / 2, layout.height - SMALL_HEIGHT)
    return small_curve(curve, at, layout.measures.least, chosen, view)


def _place_curve(naming: Naming, passed: Trace, layout: Layout) -> Layout:
    if layout.down:
        return replace(layout, height=layout.height + SMALL_HEIGHT)
    a, h = naming.into(0), naming.output
    at = (layout.width - WIDTH / 2, layout.measures.heading[0])
    heading = Heading(at, say("curve"), say("curve.every", h=h, a=a))
    return replace(layout, headings=[*layout.headings, heading])


ACTIVATION_CURVE: Final = Addition(_draw_curve, _place_curve, room_right=WIDTH)
"""The curve and the slope of an elementwise operation, beside its cells or below them."""


# --- windows, and the padding that they read


def _windows(passed: Trace) -> Windows:
    """The windows of the only operation of a pass, a convolution or a pool."""
    (step,) = passed.steps
    where: Windows = step.run.cache.geometry.windows
    return where


def _rows(layout: Layout, scene: Any) -> list[Box]:
    """The boxes of an operation's input, with as much padding before it as after it."""
    letter = scene.derivation.naming.into(0)
    padding = [*layout.padding.get(letter, ())]
    own = [layout.boxes[entry] for entry, (of, _) in scene.setup.entries.items() if of == letter]
    half = len(padding) // 2
    return [*padding[:half], *own, *padding[half:]]


def _draw_windows(scene: Any, traced: Trace, layout: Layout, view: View) -> list[Drawing]:
    naming, where = scene.derivation.naming, _windows(scene.setup.passed)
    rows, (reach,), (stride,) = _rows(layout, scene), where.reach, where.stride
    outputs = [naming.entry(naming.output, index) for index in indices(traced.output.shape)]
    spans = [
        Window(rows[stride * at], rows[min(stride * at + reach, len(rows)) - 1], output)
        for at, output in enumerate(outputs)
    ]
    lanes = min(len(spans), -(-reach // stride))
    chosen = {view.entry} & {*outputs} or _reading(traced, naming, view.entry)
    drawn = window_drawings(spans, lanes, chosen, layout, view)
    return drawn + padding_drawings(naming.into(0), "padding: −∞", "−∞", {}, layout, view)


def _place_windows(naming: Naming, passed: Trace, layout: Layout) -> Layout:
    heading = _heading(_windows(passed), naming, layout)
    return replace(layout, headings=[*layout.headings, heading])


WINDOWS_BEHIND: Final = Addition(_draw_windows, _place_windows)
"""The windows of an operation, behind its cells; those of the chosen entry stand out."""


def _reading(traced: Trace, naming: Naming, entry: str) -> set[str]:
    """The outputs that read an entry."""
    (step,) = traced.steps
    return {
        naming.entry(naming.output, fed)
        for index in indices(step.inputs[0].shape)
        if naming.entry(naming.into(0), index) == entry
        for fed in step.fed(0, index)
    }


def _heading(where: Windows, naming: Naming, layout: Layout) -> Heading:
    """The heading over the edges: how many windows there are, and how they lie."""
    left, top, width, height = layout.columns[naming.into(0)]
    middle = (left + width + layout.columns[naming.output][0]) / 2
    at, counted = (middle, layout.measures.heading[0]), say("windows", where.count)
    if layout.down:
        between = (top + height + layout.columns[naming.output][1]) / 2
        words = max(text_width(f"<b>{word}</b>", layout.measures.title) for word in counted.split())
        return Heading((words / 2 + layout.measures.margin, between), counted, "", words)
    (size,), (stride,), ((padding, _),) = where.kernel, where.stride, where.padding
    if where.kernel == where.size and not padding:
        return Heading(at, counted, say("windows.all", letter=naming.into(0)))
    lie = say(
        "windows.padded" if padding else "windows.lie", size=size, stride=stride, padding=padding
    )
    return Heading(at, counted, lie)


def _draw_zeros(scene: Any, traced: Trace, layout: Layout, view: View) -> list[Drawing]:
    naming = scene.derivation.naming
    readers = _readers(_windows(scene.setup.passed), naming, traced.output.shape)
    return padding_drawings(naming.into(0), "0 · padding", "0", readers, layout, view)


ZERO_PADDING: Final = Addition(_draw_zeros)
"""The zeros around an operation's input, with their edges to the outputs that read them."""


def _readers(where: Windows, naming: Naming, shape: tuple[int, ...]) -> dict[int, list[str]]:
    """The outputs that read each place of padding, from top to bottom."""
    (size,), ((before, after),) = where.size, where.around
    places = [*range(-before, 0), *range(size, size + after)]
    return {
        number: [
            naming.entry(naming.output, index)
            for index in indices(shape)
            if place in where.places(index[-1:])[0]
        ]
        for number, place in enumerate(places)
    }


# --- influence


def _hint(scene: Any, traced: Trace, layout: Layout, view: View) -> list[Drawing]:
    """Where to find the slider of an upstream gradient, if only the chosen output has one."""
    if layout.down or layout.sent != "chosen":  # then it is below the picture, or each has one
        return []
    output = scene.derivation.naming.output
    left, _, width, _ = layout.columns[output]
    chosen = view.entry.startswith(output)
    said = "" if chosen else say("influence.hint", output=output, slope=gradient_of(output))
    muted = PALETTES[view.theme].muted
    at, size = (left + width, layout.chosen), layout.measures.note
    drawn = text_trace([at], [said], size, muted, "middle left")
    return [{**drawn, "meta": HINT}]


INFLUENCE: Final = Addition(
    _hint,
    info=lambda info, traced, naming, scene: with_terms(info, traced, naming, scene.entry),
    remarks=influence_lines,
)
"""What the chosen entry influences, and on its edges the products that come back along them."""

"""The 2-D convolution page as data: digits x -> Conv2D -> ReLU -> MaxPool2D, shown as maps."""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any, Final

import numpy as np

from engine import RULES, Conv2D, MaxPool2D, ReLU, Sequential, Trace, slopes, trace
from engine.arrays import Array, Extent, Index, Mask, nonzero_at
from engine.layers.graph import check_size
from engine.mnist import SIDE
from engine.trace import receptive_field
from engine.traces import traces
from pages.derive.derivation import letters, steps_of
from pages.derive.page import SECTION, Impossible, PicturePage, Snap
from pages.derive.picture import SCREEN, Picture, Screen, Slider
from pages.derive.questions import Question, influenced, nonzero_into
from pages.derive.script import Script, assigned, traced_as
from pages.derive.subject import StepThrough
from pages.explain.aria import legend_in_words
from pages.explain.entry import Entry
from pages.explain.formula import latex_formula, latex_sum
from pages.explore.conv_2d_scene import (
    FILTERS,
    KERNEL,
    PRESETS,
    START,
    TITLES,
    Conv2DScene,
    controls,
    split,
)
from pages.explore.map_pass import MapPass, cells_of, grids, summary
from pages.figures.conv_2d import PHONE, ColumnLayout, phone_layout
from pages.figures.info import GraphInfo, Naming, plain
from pages.figures.layout import View
from pages.figures.maps import (
    BRIEF_WAYS,
    WAYS,
    Kind,
    MapLayout,
    Maps,
    Panel,
    legend,
    maps_figure,
    mark_signs,
    nonzero_caption,
    shown_on,
)
from pages.figures.words import equated, factor, name, signed
from pages.language.catalogue import say
from pages.state.codecs import ON_GRID
from pages.state.digits import LEVELS, Pixels, digit, painted, spoken_label
from pages.state.predict import Exercise

LIMIT: Final = 1_000_000  # the most unfolded entries of a pass: a thousand people share the server
LEAST_TOP: Final = 2.0  # the least end of the gradients' colours, so that 1 everywhere looks pale
FORMULAS: Final = {"a": "a = w ∗ x", "h": "h = max(0, a)", "z": "z = max h"}
ASKED: Final = frozenset({"x", "w"})  # the letters whose gradients a prediction asks for first
KINDS: Final[dict[str, tuple[Kind, ...]]] = {
    "both": ("values", "gradients"),
    "values": ("values",),
    "gradients": ("gradients",),
}


# --- the pass


def whole_digit(scene: Conv2DScene, of: int) -> Pixels:
    """One digit of the minibatch, counted from 0, with what was painted over it."""
    return painted(digit(scene.numbers[of]), scene.painted, of)


def pixels(scene: Conv2DScene, of: int) -> Pixels:
    """The pixels that are cut out of that digit: x."""
    top, left = scene.corner
    return whole_digit(scene, of)[top : top + scene.side, left : left + scene.side]


def weights(scene: Conv2DScene) -> Array:
    """w: (F, 3, 3)."""
    return np.reshape(scene.w, (-1, KERNEL, KERNEL))[: scene.filters]


@lru_cache(maxsize=16)  # a picture asks several times; each takes 0.1 MB
def conv_2d_trace(scene: Conv2DScene) -> Trace:
    """The pass of the shown digit: x (H, W), w (F, 3, 3) -> z (F, Ho, Wo)."""
    return _trace_of(scene, scene.shown - 1)


def batch_trace(scene: Conv2DScene) -> Trace:
    """The pass of the whole minibatch: x (N, 1, H, W), w (F, 1, 3, 3) -> z (N, F, Ho, Wo)."""
    batch = range(scene.digits)
    x = np.stack([pixels(scene, of) for of in batch])[:, None]
    return _trace(scene, x, np.stack([_sent_back(scene, of) for of in batch]))


def shares(scene: Conv2DScene) -> list[Array]:
    """What each digit of the minibatch adds to the gradient of w: (F, 3, 3) each."""
    return [_trace_of(scene, of).grads[1] for of in range(scene.digits)]


def naming(scene: Conv2DScene) -> Naming:
    """The letters of the pass, and the function L: one output, or the sum of all."""
    function = "Σz" if scene.back == "sum" else name("z", *split(scene.source)[1])
    return replace(_LETTERS, function=function)


@lru_cache(maxsize=16)
def map_pass(scene: Conv2DScene) -> MapPass:
    """The pass of the shown digit, as maps."""
    return _in_maps(scene, conv_2d_trace(scene))


def _in_maps(scene: Conv2DScene, passed: Trace) -> MapPass:
    side, channels = scene.sides, scene.filters
    shapes = {letter: (channels, side[letter], side[letter]) for letter in "wahz"}
    return MapPass(passed, naming(scene), {"x": (1, scene.side, scene.side)} | shapes)


def entry_of(scene: Conv2DScene, entry: str) -> Entry:
    """The entry of this name; for one of b, w's gradient over the minibatch, the entry of w."""
    return _entry_in(map_pass(scene), entry)


def _entry_in(passed: MapPass, entry: str) -> Entry:
    place = passed.place(entry.replace("b", "w"))
    assert place is not None
    return place


@lru_cache(maxsize=64)  # it stays the same while the numbers move
def _layer(convolution: tuple[int, int], pool: tuple[int, int, int]) -> Sequential:
    return Sequential(Conv2D(*convolution), ReLU(), MaxPool2D(*pool))


def _trace_of(scene: Conv2DScene, of: int) -> Trace:
    """The pass of one digit of the minibatch alone."""
    return _trace(scene, pixels(scene, of), _sent_back(scene, of))


def _trace(scene: Conv2DScene, x: Array, dout: Array) -> Trace:
    w = weights(scene)
    w = w if x.ndim == 2 else w[:, None]
    layer = _layer_of(scene, x.shape, w.shape)
    return trace(layer, x, w, dout=dout, kinks=RULES[scene.rule].kinks)


def _traces(scenes: Sequence[Conv2DScene]) -> Iterable[Trace]:
    """The passes of the shown digit in scenes whose settings are the same, computed at once."""
    first, of = scenes[0], scenes[0].shown - 1
    x = np.stack([pixels(scene, of) for scene in scenes])
    w = np.stack([weights(scene) for scene in scenes])
    dout = np.stack([_sent_back(scene, of) for scene in scenes])
    layer = _layer_of(first, x.shape[1:], w.shape[1:])
    return traces(layer, x, w, dout=dout, kinks=RULES[first.rule].kinks)


def _layer_of(scene: Conv2DScene, *shapes: Extent) -> Sequential:
    """The layers under a scene's settings. Raises LimitError if they would unfold too much."""
    pool = scene.pool, scene.pool_stride, scene.pool_padding
    layer = _layer((scene.stride, scene.padding), pool)
    check_size(layer, *shapes, limit=LIMIT)
    return layer


def _sent_back(scene: Conv2DScene, of: int) -> Array:
    """dz of one digit: 1 at every output, or only at the chosen output of the shown digit."""
    side = scene.sides["z"]
    dout = np.full((scene.filters, side, side), float(scene.back == "sum"))
    if scene.back == "one" and of == scene.shown - 1:
        dout[split(scene.source)[1]] = 1.0
    return dout


_SOME: Final = _trace(Conv2DScene(), np.zeros((6, 6)), np.ones((Conv2DScene().filters, 2, 2)))
_LETTERS: Final = letters(_SOME)
_STEPS: Final = steps_of(_SOME, _LETTERS)


def column_layout(scene: Conv2DScene, *, both: bool = False) -> ColumnLayout:
    """The layout of the maps. both: values and gradients, whatever is shown, for a prediction."""
    kinds = KINDS["both" if both else scene.show]
    sides = tuple(scene.sides.items())
    return _column_layout(
        sides, scene.filters, kinds, cut=scene.side < SIDE, batch=scene.digits > 1
    )


@lru_cache(maxsize=64)  # it stays the same while the numbers move
def _column_layout(
    sides: tuple[tuple[str, int], ...],
    filters: int,
    kinds: tuple[Kind, ...],
    *,
    cut: bool,
    batch: bool,
) -> ColumnLayout:
    return ColumnLayout(dict(sides), filters, kinds, cut, batch)


# --- the subject


class Conv2DSubject:
    """What the page is about: a PageSubject whose pictures have maps instead of single cells."""

    key: Final = "conv-2d"
    start: Final = START
    presets: Final = PRESETS

    def steps(self, scene: Conv2DScene) -> Sequence[str]:
        """The steps of the step-through."""
        return _STEPS

    def trace(self, scene: Conv2DScene) -> Trace:
        """The pass of the shown digit."""
        return conv_2d_trace(scene)

    def describe(self, traced: Trace, scene: Conv2DScene) -> GraphInfo:
        """The cells whose gradients can be predicted."""
        passed = replace(map_pass(scene), trace=traced)
        asked = [each for each in _maps(scene, passed).values() if each.gradients is not None]
        return cells_of(asked, passed.naming, ASKED)

    def sliders(self, scene: Conv2DScene) -> list[Slider]:
        """A slider for each number of the chosen filter, and two that move the crop."""
        where = column_layout(scene)
        (left, top), m = where.sliders, where.measures
        sliders = []
        for i, value in enumerate(scene.own()):
            at = divmod(i, KERNEL)
            said = f"w{at[0] + 1},{at[1] + 1}"
            entry = f"w{scene.filter},{said[1:]}"
            label = name("w", scene.filter - 1, *at)
            sliders.append(
                Slider(entry, label, value, left, top + i * where.pitch, m.w, named=True, said=said)
            )
        if scene.side < SIDE:
            last = SIDE - scene.side + 1
            for entry, arrow, corner, place in zip(
                ("row", "column"), "↕↔", scene.corner, where.corner_sliders, strict=True
            ):
                sliders.append(Slider(entry, arrow, corner + 1, *place, 1, last, 1, named=True))
        return sliders

    def picture(self, scene: Conv2DScene, screen: Screen = SCREEN) -> Picture:
        """The scene's maps, the cells that can be chosen on them, and the sentences about them."""
        return self._drawn(scene, map_pass(scene), screen)

    def pictures(self, scenes: Sequence[Conv2DScene], screen: Screen = SCREEN) -> Iterator[Picture]:
        """The pictures of scenes that differ only in the one entry that is moved."""
        passes = map(_in_maps, scenes, _traces(scenes))
        return map(partial(self._drawn, screen=screen), scenes, passes)

    def _drawn(self, scene: Conv2DScene, passed: MapPass, screen: Screen) -> Picture:
        walk = StepThrough(passed.trace, passed.naming, _STEPS, scene.step)
        maps = _maps(scene, passed)
        lit: Mapping[str, Mask] = {}
        said: list[str] = []
        hidden = screen.hidden
        if screen.exercise:
            maps = {letter: _guessed(each, screen.exercise) for letter, each in maps.items()}
        known = passed.known_at(scene.step)
        known |= {"d": "value", "b": known["w"]}
        maps = {letter: each.at(known[letter]) for letter, each in maps.items()}
        waits = bool(scene.entry) and known[scene.entry[0]] != "gradient"
        chosen = "" if hidden or waits else scene.entry
        if not hidden:
            said = [walk.sentence if waits else say("image.choose")]
        if chosen:
            place = _entry_in(passed, scene.entry)
            lit = passed.lit(place)
            over_batch = scene.entry[0] == "b"
            said = _over_the_batch(scene, place) if over_batch else passed.said(place)
        where = column_layout(scene, both=screen.exercise is not None)
        layout = where.layout
        if screen.narrow:
            layout = phone_layout(
                where.sides, scene.filter - 1, where.kinds, cut=where.cut, batch=where.batch
            )
        view = View(chosen, screen.theme)
        sent = scene.source if scene.back == "one" and known["z"] == "gradient" else ""
        shown = [shown_on(panel, maps) for panel in layout.panels]
        signs = legend(shown, maps, view, lit, sent)
        signs += mark_signs(shown, layout.measures, screen.theme)
        figure = maps_figure(
            shown,
            maps,
            layout,
            view,
            lit=lit,
            framed={"d": _cut(scene)},
            sent=sent,
            captions=captions(scene, layout, maps),
        )
        return Picture(
            figure,
            tuple,
            said,
            partial(grids, layout.panels, maps),
            partial(latex_of, scene) if chosen else str,
            left=0 if screen.narrow else None,
            summary=partial(summary, maps.values()),
            legend=legend_in_words(signs),
            step=walk.line(said_elsewhere=waits, hidden=hidden),
        )

    def script(self, scene: Conv2DScene) -> Script:
        """The pass of the shown digit as a script; after it, that of the whole minibatch."""
        own = scene.entry and scene.entry[0] != "b"
        return Script(
            conv_2d_trace(scene),
            naming(scene),
            scene.rule,
            entry_of(scene, scene.entry) if own else None,
            inputs={"x": tuple(_pixel_lines("x", scene, scene.shown - 1))},
            after=tuple(_batch_lines(scene)) if scene.digits > 1 else (),
            imports=("from engine.mnist import load",),
        )


def _guessed(maps: Maps, exercise: Exercise) -> Maps:
    """The maps as they are shown during a prediction."""
    about = exercise.covers(maps.letter, ASKED)
    about = about and not (exercise.revealed and exercise.among is not None)
    if about and exercise.shares is not None:
        return maps.voted(dict(exercise.shares), revealed=exercise.revealed)
    return maps.guessed(exercise.marked if about else None, revealed=exercise.revealed)


def _maps(scene: Conv2DScene, passed: MapPass) -> dict[str, Maps]:
    """The maps of a pass, of the whole digit, and of the gradient over the minibatch."""
    maps = passed.maps(least=LEAST_TOP)
    if scene.side < SIDE:
        maps["d"] = Maps("d", ("d",), whole_digit(scene, scene.shown - 1)[None])
    if scene.digits > 1:
        prefixes = tuple(f"b{i + 1}," for i in range(scene.filters))
        of_all = batch_trace(scene).grads[1][:, 0]
        maps["b"] = Maps("b", prefixes, weights(scene), of_all, least=LEAST_TOP)
    return maps


CONV_2D_SUBJECT: Final = Conv2DSubject()


def _cut(scene: Conv2DScene) -> Mask:
    """The part of the whole digit that is x."""
    top, left = scene.corner
    mask = np.zeros((1, SIDE, SIDE), np.bool_)
    mask[0, top : top + scene.side, left : left + scene.side] = True
    return mask


# --- what is said


def captions(scene: Conv2DScene, layout: MapLayout, maps: Mapping[str, Maps]) -> dict[Panel, str]:
    """The caption over each panel; on a phone, values other than a filter's have only a title."""
    size, ways = layout.measures.note, BRIEF_WAYS if layout.measures is PHONE else WAYS
    said = {p: nonzero_caption(p, maps[p.letter], size, ways) for p in layout.panels}
    for panel in layout.panels:
        if panel.kind == "values" and panel.letter != "d":
            said[panel] = _caption(scene, panel, narrow=layout.measures is PHONE)
        elif scene.digits > 1 and panel.letter in "wb":
            said[panel] = "∂ this" if panel.letter == "w" else f"∂ all {scene.digits}"
    return said


def _caption(scene: Conv2DScene, panel: Panel, *, narrow: bool) -> str:
    """The caption over a panel of values."""
    if panel.letter == "w":
        return f"<i>{'filter ' if narrow else ''}{_map_name(scene, panel)}</i>"
    if narrow:
        return ""
    if panel.letter == "x":
        which = f", {scene.shown} of {scene.digits}" if scene.digits > 1 else ""
        return f"image {scene.number}{which}: {spoken_label(scene.number)}"
    formula = FORMULAS[panel.letter] if scene.filters == 1 else _map_name(scene, panel)
    return f"<i>{formula}</i>"


def _map_name(scene: Conv2DScene, panel: Panel) -> str:
    """The name of a map: w, or w₂ if there are several."""
    return name(panel.letter, panel.first) if scene.filters > 1 else panel.letter


def _over_the_batch(scene: Conv2DScene, place: Entry) -> list[str]:
    """The gradient of a weight as the sum of each digit's share."""
    total = signed(_of_all(scene, place))
    parts = (
        say("image.share", i, share=factor(float(share[place.index])), digit=spoken_label(n))
        for i, (share, n) in enumerate(zip(shares(scene), scene.numbers, strict=True), 1)
    )
    return [
        say("image.sum", slope=place.slope, gradient=total),
        say("image.shares", sum=equated(" + ".join(parts), total)),
        say("image.shares.one", scene.digits - 1)
        if scene.back == "one"
        else say("image.shares.all"),
    ]


def _of_all(scene: Conv2DScene, place: Entry) -> float:
    """The gradient of a weight over the minibatch."""
    channel, *at = place.index
    return float(batch_trace(scene).grads[1][channel, 0, *at])


def latex_of(scene: Conv2DScene) -> str:
    """The explained formula as LaTeX."""
    place = entry_of(scene, scene.entry)
    if scene.entry[0] != "b":
        return latex_formula(place)
    own = [float(share[place.index]) for share in shares(scene)]
    return latex_sum(place.slope, own, _of_all(scene, place))


def _pixel_lines(letter: str, scene: Conv2DScene, of: int) -> Iterator[str]:
    """The lines of code that make one digit of the minibatch: rounded, painted over, cut out."""
    number, (top, left) = scene.numbers[of], scene.corner
    yield f"{letter} = np.round(load().images[{number}] * ({LEVELS} / 255)) / {LEVELS}"
    for dot in scene.painted:
        if dot.of == of:
            yield f"{letter}[{dot.row}, {dot.column}] = {float(dot.ink)}"
    if scene.side < SIDE:
        rows, columns = f"{top}:{top + scene.side}", f"{left}:{left + scene.side}"
        yield f"{letter} = {letter}[{rows}, {columns}]"


def _batch_lines(scene: Conv2DScene) -> Iterator[str]:
    """The lines of code for the pass of the minibatch, x (N, 1, H, W), and its gradient of w."""
    traced = batch_trace(scene)
    digits = [f"x{of + 1}" for of in range(scene.digits)]
    yield ""
    for of, letter in enumerate(digits):
        yield from _pixel_lines(letter, scene, of)
    yield f"batch = np.stack([{', '.join(digits)}])[:, np.newaxis]"
    yield from assigned("dz", traced.dout)
    filters = f"w.reshape({weights(scene)[:, None].shape})"
    yield traced_as("of_all", ("batch", filters), "dz", scene.rule)
    yield 'print("dw of the minibatch:", of_all.grads[1][:, 0].tolist())'


# --- snaps


def strongest(scene: Conv2DScene) -> Conv2DScene | Impossible:
    """Send the gradient back from the largest output alone."""
    z = conv_2d_trace(scene).output
    return _from(scene, nonzero_at(z == z.max())[0])


def tied(scene: Conv2DScene) -> Conv2DScene | Impossible:
    """Send the gradient back from an output above 0 whose maximum several entries of h share."""
    # Under the lab's rule every tied entry gets a gradient.
    traced = conv_2d_trace(replace(scene, back="sum", rule="lab"))
    last = len(traced.steps) - 1
    pool = traced.steps[last]
    (h,), (kinked,) = pool.inputs, pool.kinked
    for at in nonzero_at(kinked & (h > 0)):
        for output in pool.fed(0, at):
            if np.count_nonzero(slopes(traced, last, output)[0]) > 1:
                return _from(scene, output)
    return Impossible(say("snap.unique"))


def background(scene: Conv2DScene) -> Conv2DScene | Impossible:
    """Send the gradient back from an output of 0, as on blank paper: a kink, and often a tie."""
    zeros = nonzero_at(conv_2d_trace(scene).output == 0)
    return _from(scene, zeros[0]) if zeros else Impossible(say("snap.no_zero"))


def at_random(scene: Conv2DScene) -> Conv2DScene:
    """Fill the chosen filter with random numbers of the sliders' grid."""
    return scene.with_filter(tuple(random.choice(ON_GRID) for _ in range(KERNEL**2)))


def unpainted(scene: Conv2DScene) -> Conv2DScene | Impossible:
    """Remove what was painted over the digits."""
    return replace(scene, painted=()) if scene.painted else Impossible(say("snap.unpainted"))


def _from(scene: Conv2DScene, output: Index) -> Conv2DScene:
    entry = plain("z", output)
    return replace(scene, back="one", source=entry, entry=entry)


SOURCE_SNAPS: Final[dict[str, Snap[Conv2DScene]]] = {
    "largest z": strongest,
    "tied z": tied,
    "z = 0": background,
}
FILTER_SNAPS: Final[dict[str, Snap[Conv2DScene]]] = {"random filter": at_random}
DIGIT_SNAPS: Final[dict[str, Snap[Conv2DScene]]] = {"undo painting": unpainted}


# --- predictions and questions

MARKED_ROWS_MOST: Final = 8  # the most rows of a picture whose cells can be marked one by one


def for_a_prediction(scene: Conv2DScene) -> Conv2DScene:
    """Cut the digit down to a few cells around a single output that sends the gradient back.

    The output stays the same if these cells contain all that it reads; otherwise the pool's window
    becomes smaller, or a neighbouring output takes its place.
    """
    if scene.side <= MARKED_ROWS_MOST:
        return scene
    _, (channel, *at) = split(scene.source)
    crops = [_around(scene, corner, place) for corner, place in zip(scene.corner, at, strict=True)]
    tops, places = zip(*crops, strict=True)
    source = plain("z", (channel, *places))
    row, column = (top + 1 for top in tops)
    return replace(
        scene,
        crop=str(MARKED_ROWS_MOST),
        row=row,
        column=column,
        source=source,
        back="one",
        entry="",
    )


def _around(scene: Conv2DScene, corner: int, place: int) -> tuple[int, int]:
    """Along one axis, where the crop around an output begins, and the output's place in that crop.

    One output comes before it if there is room for both. corner: where the crop begins now.
    """
    step, last = scene.stride * scene.pool_stride, SIDE - MARKED_ROWS_MOST
    start = corner + place * step
    count = replace(scene, crop=str(MARKED_ROWS_MOST)).possible()[0].sides["z"]
    for before in (1, 0, *range(2, count)):
        if before < count and before <= place and start - before * step <= last:
            return start - before * step, before
    return last, min((start - last) // step, count - 1)


def _middle(array: Array) -> Index:
    """The entry in the middle of the first channel."""
    rows, columns = array.shape[-2:]
    leading = (0,) * (array.ndim - 2)
    return (*leading, rows // 2, columns // 2)


def _used(trace: Trace) -> int:
    first = trace.steps[0]
    return len(first.fed(1, _middle(first.inputs[1])))


def _read(trace: Trace) -> int:
    last = len(trace.steps)
    return int(np.count_nonzero(receptive_field(trace, last, _middle(trace.output))[0]))


def _patch(**settings: Any) -> Callable[[Conv2DScene], Conv2DScene]:
    return lambda scene: replace(PRESETS["patch"], rule=scene.rule, **settings)


_NOWHERE_ZERO: Final = PRESETS["patch"].with_filter(FILTERS["blur"]).w
"""A filter without zeros: otherwise not every window that contains a pixel depends on it."""

QUESTIONS: Final[tuple[Question[Conv2DScene], ...]] = (
    Question(
        "How many entries of a does a pixel in the **middle** influence?",
        influenced(0, 0),
        "Choose the pixel: they light up.",
        _patch(w=_NOWHERE_ZERO),
    ),
    Question(
        "And with **stride 2**?",
        influenced(0, 0),
        "Not every pixel is in equally many windows.",
        _patch(stride=2, w=_NOWHERE_ZERO),
    ),
    Question(
        "In how many entries of a is **one number** of a filter used?",
        _used,
        "Choose it: the same filter is everywhere.",
        _patch(),
    ),
    Question(
        "How many pixels are in the **receptive field** of one z?",
        _read,
        "Windows of 3 × 3 that overlap, from a window of 2 × 2.",
        _patch(),
    ),
    Question(
        "L is **one** z: how many entries of its gradient in a are nonzero?",
        nonzero_into(1),
        "Change the rule where h ties.",
        _patch(back="one"),
    ),
    Question(
        "L is the **sum** of all z: how many pixels have a nonzero gradient?",
        nonzero_into(0),
        "The others affect no maximum above 0.",
        _patch(back="sum"),
    ),
)

PAGE: Final = PicturePage(
    key=CONV_2D_SUBJECT.key,
    title="Convolution, 2-D",
    icon="grid_on",
    section=SECTION,
    subject=CONV_2D_SUBJECT,
    naming=naming,
    show="pages.views.conv_2d_page:show",
    controls=controls,
    questions=QUESTIONS,
    predicts=True,
    to_predict=for_a_prediction,
    titles=TITLES,
)

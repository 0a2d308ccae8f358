"""From a layer and its inputs to a page: any graph of layers, in cells.

What a layer knows of itself and what a pass is made of tell the letters, where the cells lie, the
sliders, the steps of the step-through, the address; `Subject` tells the rest from these. A page
that wants some of it otherwise says so, and what it shows besides is an `Addition`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, make_dataclass, replace
from functools import cached_property, lru_cache
from itertools import product, repeat
from math import prod
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, Self, cast

import numpy as np
from numpy.typing import ArrayLike

from engine import RULES, Layer, Trace, trace
from engine.arrays import Array, Extent, Index, indices, once
from engine.traces import traces
from pages.derive.page import SECTION, PicturePage, Select, Snap
from pages.derive.picture import Slider
from pages.derive.questions import Question
from pages.derive.subject import Addition, Subject
from pages.explain.steps import does
from pages.figures.columns import layout_of
from pages.figures.info import Naming, indices_of, letters_of, numbered, parsed
from pages.figures.layout import NETWORK, SLIDE, Layout, Measures, Side
from pages.figures.primitives import Box
from pages.figures.ranks import NO_WISHES, Wishes, parameters_of
from pages.figures.rows import rows_of
from pages.figures.strips import strips_of
from pages.figures.words import gradient_of, name
from pages.language.catalogue import say
from pages.state.codecs import Choice, Codec, Number, Numbers, Whole, param
from pages.state.scene import STEP, Scene

# --- letters


def letters(passed: Trace, given_letters: Sequence[str] = ()) -> Naming:
    """The letters of a pass: of what an operation makes its own, w and b of parameters.

    Numbered where several have one: a1, a2. given_letters: those of x and the parameters, where
    they are not to be told by the layer.
    """
    made = [step.layer.words.letter for step in passed.steps]
    given = list(given_letters) or ["x", *(_argument(passed, n) for n in range(1, passed.outside))]
    named = numbered([*given, *made])
    reads = tuple(tuple(named[number] for number in step.reads) for step in passed.steps)
    return Naming(reads, named[-1])


def _argument(passed: Trace, number: int) -> str:
    """What the operation that reads a parameter first calls it."""
    position, argument = passed.values[number].readers[0]
    return passed.steps[position].arguments[argument]


def _rules(layer: Layer) -> list[str]:
    """The rules that state what the layer reads, the lab's first, or else PyTorch's."""
    return [rule.slug for rule in RULES.values() if rule.kinks.states(layer.kink_choices)]


# --- steps


def steps_of(passed: Trace, naming: Naming) -> tuple[str, ...]:
    """The steps of the step-through: the inputs, each operation forward, and each backward."""
    count, last = len(passed.steps), len(passed.steps) - 1
    said = [does(passed, naming, position) for position in range(count)]
    return (
        say("pass.inputs"),
        *(say("pass.forward", count, at=n, does=each) for n, (each, _) in enumerate(said, 1)),
        *(
            say("pass.backward", count, at=n, does=said[last + 1 - n][1])
            for n in range(1, count + 1)
        ),
    )


# --- scenes


SETUPS_MOST: Final = 256
"""So many of a page are kept: of a setting that may be any number there is no end."""


class Setting(NamedTuple):
    """A field of a scene that is no array: its codec, and what a page opens with."""

    codec: Codec
    start: Any


class DerivedScene(Scene):
    """The inputs of a pass, what is sent into it, the settings, the rule, the entry explained.

    Its fields are made for each page: the arrays under their letters, which are the address's keys,
    with as many numbers as any setting has a use for.
    """

    derivation: ClassVar["Derivation"]

    if TYPE_CHECKING:

        def __getattr__(self, field: str) -> Any:
            """A field that a page has made."""

    @once
    def setup(self) -> "Setup":
        """What follows from the settings."""
        return self.derivation.setup(self)

    def array(self, letter: str) -> Array:
        """The numbers under a letter that are in use, in their shape."""
        return np.asarray(np.ravel(getattr(self, letter))[self.setup.places[letter]])

    def entry_names(self) -> dict[str, tuple[str, int | None]]:
        """x1, w1,2, dz, … (of the second of several a, a2.1) as far as in use, and the step."""
        return self.setup.named

    def possible(self) -> tuple[Self, list[str]]:
        """Settings that go together; where the chosen entry is not there, its counterpart is."""
        scene, problems = self.derivation.mend(self)
        there = scene.setup.cells
        if scene.entry and scene.entry not in there:
            letter, _ = parsed(scene.entry)
            alike = [entry for entry in there if parsed(entry)[0] == letter]
            scene = replace(scene, entry=min(alike, key=lambda it: _apart(it, scene.entry)))
        return scene, problems


def _apart(one: str, other: str) -> tuple[int, ...]:
    """How far two entries of a letter are apart, axis by axis, the last ones being the same."""
    first, second = (parsed(entry)[1] for entry in (one, other))
    rank = max(len(first), len(second))
    both = zip(*((0,) * (rank - len(each)) + each for each in (first, second)), strict=True)
    return tuple(abs(i - j) for i, j in both)


@dataclass(frozen=True, eq=False)
class Setup:
    """What follows from a page's settings.

    places: by letter of an input, and of what is sent in, where its numbers in use are kept, in
    their shape. entries: what can be moved, by name. cells: the names of all entries.
    """

    derivation: "Derivation"
    settings: Any
    layer: Layer
    places: Mapping[str, Any]
    entries: Mapping[str, tuple[str, int | None]]
    cells: Sequence[str]
    passed: Trace

    @cached_property
    def named(self) -> dict[str, tuple[str, int | None]]:
        """What can be moved, by name, and the step."""
        return {**self.entries, STEP: (STEP, None)}

    @cached_property
    def layout(self) -> Layout:
        """Where everything lies."""
        naming, measures = self.derivation.naming, self.derivation.measures
        return self._with_additions(layout_of(self.passed, naming, self._wishes, measures))

    @cached_property
    def narrow(self) -> Layout:
        """Where everything lies on a phone."""
        lay = strips_of if self.derivation.measures is NETWORK else rows_of
        return self._with_additions(lay(self.passed, self.derivation.naming, self._wishes))

    @property
    def _wishes(self) -> Wishes:
        beside = sum(each.beside for each in self.derivation.additions)
        return replace(self.derivation.wishes(self.settings), beside=beside)

    def _with_additions(self, layout: Layout) -> Layout:
        for addition in self.derivation.additions:
            layout = addition.place(self.derivation.naming, self.settings, layout)
        return layout


@dataclass(frozen=True, eq=False)
class Derivation:
    """A page's layer and inputs, and what it wants otherwise than it follows from these.

    layer: itself, or what makes it of the settings. inputs: x and the parameters as the page opens
    with them, by their letters, or with those that the layer gives them. settings: the fields of
    the scene that are no arrays; what is made of them gets them alone, as fields. shapes: under
    these the shapes of inputs of which not all numbers are in use, by letter; an entry is then kept
    at its index with zeros before it. upstream: what is sent in, with as many numbers as any
    setting needs; None for ones. mend: a scene, or settings alone, that go together, and a sentence
    for each that gave way. entry: that which the page opens with. axes: as a `Naming` has them.
    wishes: of the layout, under the settings. measures: how large all of it is.
    """

    key: str
    layer: Layer | Callable[[Any], Layer]
    inputs: Mapping[str, ArrayLike] | Sequence[ArrayLike]
    settings: Mapping[str, Setting] = field(default_factory=dict)
    shapes: Callable[[Any], Mapping[str, Extent]] = lambda settings: {}
    upstream: ArrayLike | None = None
    mend: Callable[[Any], tuple[Any, list[str]]] = lambda scene: (scene, [])
    entry: str = ""
    axes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    wishes: Callable[[Any], Wishes] = lambda settings: NO_WISHES
    additions: Sequence[Addition] = ()
    measures: Measures = SLIDE

    @cached_property
    def _settings(self) -> type[Any]:
        """The settings alone, as a scene has them."""
        fields = [(name, object, setting.start) for name, setting in self.settings.items()]
        return make_dataclass("Settings", fields, frozen=True)

    @cached_property
    def _given(self) -> list[Array]:
        """x and the parameters."""
        given = self.inputs.values() if isinstance(self.inputs, Mapping) else self.inputs
        return [np.asarray(each, float) for each in given]

    def _pass(self, settings: Any, letters: Sequence[str]) -> Trace:
        """Some pass under these settings."""
        layer = self.layer_of(settings)
        shapes = self.shapes(settings)
        used = [
            np.ravel(array)[_places(array.shape, shapes.get(letter, array.shape))]
            for letter, array in zip(letters, self._given, strict=True)
        ]
        return trace(layer, *used, kinks=RULES[_rules(layer)[0]].kinks)

    @cached_property
    def naming(self) -> Naming:
        """The letters of the pass."""
        named = [*self.inputs] if isinstance(self.inputs, Mapping) else []
        passed = self._pass(self._settings(), named or [""] * len(self._given))
        return replace(letters(passed, named), axes=self.axes)

    @cached_property
    def given_letters(self) -> list[str]:
        """The letters of x and the parameters."""
        if isinstance(self.inputs, Mapping):
            return [*self.inputs]
        passed = self._pass(self._settings(), [""] * len(self._given))
        return letters_of(passed, self.naming)[: passed.outside]

    @cached_property
    def arrays(self) -> dict[str, Array]:
        """All that a scene keeps, by letter: what the page opens with."""
        sent = self._pass(self._settings(), self.given_letters).dout
        upstream = sent if self.upstream is None else np.asarray(self.upstream, float)
        given = dict(zip(self.given_letters, self._given, strict=True))
        return given | {self.upstream_letter: upstream}

    @property
    def upstream_letter(self) -> str:
        """That of what is sent in: dz."""
        return f"d{self.naming.output}"

    def layer_of(self, settings: Any) -> Layer:
        """The layer under a scene's settings."""
        return self.layer if isinstance(self.layer, Layer) else self.layer(settings)

    def trace(self, scene: DerivedScene) -> Trace:
        """The pass that a scene describes."""
        given = map(scene.array, self.given_letters)
        dout, kinks = scene.array(self.upstream_letter), RULES[scene.rule].kinks
        return trace(scene.setup.layer, *given, dout=dout, kinks=kinks)

    def traces(self, scenes: Sequence[DerivedScene]) -> Iterable[Trace]:
        """Those of scenes; of the steps of one pass, that one."""
        first, letters = scenes[0], (*self.given_letters, self.upstream_letter)
        if any(scene.setup is not first.setup or scene.rule != first.rule for scene in scenes):
            return map(self.trace, scenes)
        kept = [[getattr(scene, letter) for scene in scenes] for letter in letters]
        moved = [any(each is not rows[0] for each in rows) for rows in kept]
        if not any(moved):
            return repeat(self.trace(first), len(scenes))
        rows = (each if own else each[:1] for each, own in zip(kept, moved, strict=True))
        *given, dout = (
            np.reshape(numbers, (len(numbers), -1))[:, first.setup.places[letter]]
            for letter, numbers in zip(letters, rows, strict=True)
        )
        return traces(first.setup.layer, *given, dout=dout, kinks=RULES[first.rule].kinks)

    def setup(self, scene: Any) -> Setup:
        """What follows from a scene's settings."""
        return self._kept_setup(*(getattr(scene, name) for name in self.settings))

    @cached_property
    def _kept_setup(self) -> Callable[..., Setup]:
        return lru_cache(SETUPS_MOST)(self._derive)

    def _derive(self, *values: Any) -> Setup:
        settings = self._settings(*values)
        passed = self._pass(settings, self.given_letters)
        naming, sent = self.naming, self.upstream_letter
        shapes = {x: v.array.shape for x, v in zip(self.given_letters, passed.values, strict=False)}
        shapes[sent] = passed.output.shape
        places = {x: _places(self.arrays[x].shape, shape) for x, shape in shapes.items()}
        entries: dict[str, tuple[str, int | None]] = {}
        for letter, shape in shapes.items():
            alone = self._is_number(letter)
            for index in indices(shape):
                place = None if alone else int(places[letter][index])
                entries[self._entry(letter, index)] = (letter, place)
        cells = [
            entry
            for letter, value in zip(letters_of(passed, naming), passed.values, strict=True)
            for entry in indices_of(naming, letter, value.array.shape)
        ]
        cells += [entry for addition in self.additions for entry in addition.entries]
        return Setup(self, settings, self.layer_of(settings), places, entries, cells, passed)

    def _entry(self, letter: str, index: Index) -> str:
        """What is called so can be moved: x2, dz1."""
        if letter == self.upstream_letter:
            return f"d{self.naming.entry(self.naming.output, index)}"
        return self.naming.entry(letter, index)

    def _is_number(self, letter: str) -> bool:
        """Whether an array is one number, called like its letter."""
        shape = self.arrays[letter].shape
        return all(n == 1 for n in shape) and self._entry(letter, (0,) * len(shape)) == letter

    @cached_property
    def scene_class(self) -> type[DerivedScene]:
        """That of the page's scenes; its fields begin with what the page opens with."""
        setup, cells = self.setup(self._settings()), [""]
        for values in product(*map(_values, self.settings.values())):
            settings, _ = self.mend(self._settings(*values))
            cells += self.setup(settings).cells
        fields: list[tuple[str, Any, Any]] = []
        for letter, array in self.arrays.items():
            numbers, one = tuple(map(float, array.ravel())), self._is_number(letter)
            codec: Codec = Number() if one else Numbers(array.size)
            fields.append((letter, Any, param(codec, numbers[0] if one else numbers)))
        fields += [(name, Any, param(*setting)) for name, setting in self.settings.items()]
        rules, steps = _rules(setup.layer), 2 * len(setup.passed.steps)
        fields.append(("rule", str, param(Choice(tuple(rules)), rules[0])))
        fields.append((STEP, int, param(Whole(0, steps), steps)))
        chosen = self.entry or setup.cells[0]
        fields.append(("entry", str, param(Choice(tuple(dict.fromkeys(cells))), chosen)))
        title = "".join(map(str.capitalize, self.key.split("-")))
        made = make_dataclass(
            f"{title}Scene",
            fields,
            bases=(DerivedScene,),
            namespace={"derivation": self},
            frozen=True,
        )
        return cast("type[DerivedScene]", made)

    @cached_property
    def start(self) -> DerivedScene:
        """What the page opens with."""
        return self.scene_class()


def _places(whole: Extent, used: Extent) -> Any:
    """Where the numbers of an array are kept, in the shape in which they are used."""
    flat = np.arange(prod(whole)).reshape(whole)
    return flat[(0,) * (len(whole) - len(used)) + tuple(map(slice, used))]


def _values(setting: Setting) -> Sequence[Any]:
    """Every value of a setting; of any number the one that the page opens with."""
    match setting.codec:
        case Choice(words=words):
            return words
        case Whole(low=low, high=high):
            return range(low, high + 1)
    return (setting.start,)


# --- sliders


def _beside(box: Box, side: Side, layout: Layout) -> tuple[float, float, float]:
    """Where a slider stands that moves a cell, or what is sent into it: left end, level, width."""
    left, top, wide, height = box
    # Where a cell is near the edge, midway: the number field is as high as what is free there.
    above = max(top - 20, top / 2)
    return {
        "left": (4.0, top + height / 2, left - 14),
        "right": (left + wide + 14, top + height / 2, layout.measures.sent - 28),
        "above": (left, above, wide),
        "under": (left, top + height + 18, wide),
        "below": (left - 36, top + height + 34, wide + 36),
        "chosen": (left, layout.chosen, wide),
    }[side]


def sliders_of(scene: DerivedScene) -> list[Slider]:
    """One beside each cell of what comes from outside; of a heat map that of the chosen entry.

    Those of what is sent in stand right of several outputs and below one; of very many there is
    that of the chosen one alone.
    """
    derivation, layout, found = scene.derivation, scene.setup.layout, []
    for entry, (letter, _) in scene.setup.entries.items():
        sent = letter == derivation.upstream_letter
        # dz1, which is sent in, is moved beside z1.
        cell, array = (each.removeprefix("d") if sent else each for each in (entry, letter))
        there = _box_and_side(layout, array, cell, sent=sent, chosen=cell == scene.entry)
        if there is None:
            continue
        counted = cell[len(array) :].removeprefix(".")
        index = [int(number) - 1 for number in counted.split(",")] if counted else []
        label = name(array, *index)
        place = _beside(*there, layout)
        said = gradient_of(label) if sent else label
        found.append(Slider(entry, said, scene.value(entry), *place, named=sent))
    return found


def _box_and_side(
    layout: Layout, array: str, cell: str, *, sent: bool, chosen: bool
) -> tuple[Box, Side] | None:
    """Beside what a cell's slider stands, and on which side of it; None for no slider."""
    side: Side = layout.sent if sent else "left"
    if chosen:
        box = _box_of_chosen(layout, array, cell)
    elif side == "chosen" or array in layout.grids or cell not in layout.boxes:
        return None
    else:
        box = layout.boxes[cell]
    if array in layout.above:
        return box, "above" if box[1] < layout.height / 2 else "under"
    return box, side


def _box_of_chosen(layout: Layout, array: str, cell: str) -> Box:
    """Its array's, where that is a grid or a heat map, or else its own."""
    if array in layout.grids:
        return layout.grids[array]
    if cell in layout.boxes:
        return layout.boxes[cell]
    return layout.columns[array] if array in layout.above else layout.maps[array][1]


# --- pages


class Preset(NamedTuple):
    """What it is called, and what is different from what a page opens with, by field."""

    title: str
    changes: Mapping[str, Any]


def preset(title: str, **changes: Any) -> Preset:
    """A preset with these fields changed."""
    return Preset(title, changes)


def derived(
    key: str,
    layer: Layer | Callable[[Any], Layer],
    inputs: Mapping[str, ArrayLike] | Sequence[ArrayLike],
    presets: Mapping[str, Preset] = MappingProxyType({}),
    **others: Any,
) -> Subject[Any]:
    """The subject of a layer at these inputs. others: the rest of a `Derivation`.

    Raises ValueError where it opens with an entry that is not there.
    """
    derivation = Derivation(key, layer, inputs, **others)
    start = derivation.start
    if start.entry and start.entry not in start.setup.cells:
        such = ", ".join(start.setup.cells[:3])
        raise ValueError(f"{key}: needs an entry such as {such} to open with; got {start.entry!r}")
    passed = start.setup.passed
    steps = steps_of(passed, derivation.naming)
    return Subject(
        key=key,
        start=start,
        # A picture and the row of controls above it ask for the same pass.
        trace=lru_cache(maxsize=4)(derivation.trace),
        traces=derivation.traces,
        naming=derivation.naming,
        layout=lambda scene: scene.setup.layout,
        narrow=lambda scene: scene.setup.narrow,
        sliders=sliders_of,
        presets={slug: replace(start, **it.changes) for slug, it in presets.items()},
        steps=lambda scene: steps,
        # The edges out of many weights cross everything else.
        focus=any(passed.values[n].array.size > 1 for n in parameters_of(passed)),
        additions=derivation.additions,
    )


def page(
    key: str,
    title: str,
    icon: str,
    layer: Layer | Callable[[Any], Layer],
    inputs: Mapping[str, ArrayLike],
    *,
    controls: Callable[[Any], Sequence[Select]] = lambda scene: (),
    snaps: Mapping[str, Snap[Any]] = MappingProxyType({}),
    questions: Sequence[Question[Any]] = (),
    presets: Mapping[str, Preset] = MappingProxyType({}),
    **others: Any,
) -> PicturePage:
    """A page of a layer at these inputs.

    controls: what can be chosen besides the rule. others: the rest of a `Derivation`.
    """
    subject = derived(key, layer, inputs, presets, **others)
    return PicturePage(
        key,
        title,
        icon,
        SECTION,
        subject,
        lambda scene: subject.naming,
        controls,
        snaps,
        questions,
        predicts=True,
        titles={slug: each.title for slug, each in presets.items()},
    )

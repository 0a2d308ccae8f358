"""From a layer and its inputs to a page: any graph of layers, drawn in cells.

The letters, the place of every cell, the sliders, the steps and the address follow from what the
layers declare about themselves and from the graph of the pass; `Subject` derives the rest from
these. A page states only what it wants to differ; whatever it shows in addition is an `Addition`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, make_dataclass, replace
from functools import cached_property, lru_cache
from itertools import product, repeat
from math import prod
from types import MappingProxyType
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Final,
    NamedTuple,
    Self,
    TypedDict,
    Unpack,
    cast,
)

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
    """Return the letters of a pass: each layer's own for its output; x, w, b for the inputs.

    Letters that occur several times are numbered: a1, a2. given_letters: of x and the parameters,
    if the layer is not to choose them.
    """
    made = [step.layer.words.letter for step in passed.steps]
    given = list(given_letters) or ["x", *(_argument(passed, n) for n in range(1, passed.outside))]
    named = numbered([*given, *made])
    reads = tuple(tuple(named[number] for number in step.reads) for step in passed.steps)
    return Naming(reads, named[-1])


def _argument(passed: Trace, number: int) -> str:
    """Return a parameter's name in the first operation that reads it."""
    position, argument = passed.values[number].readers[0]
    return passed.steps[position].arguments[argument]


def _rules(layer: Layer) -> list[str]:
    """Return the rules that make every choice the layer needs at kinks, the lab's first."""
    return [rule.slug for rule in RULES.values() if rule.kinks.states(layer.kink_choices)]


# --- steps


def steps_of(passed: Trace, naming: Naming) -> tuple[str, ...]:
    """Return the names of the steps: the inputs, each operation forward, each backward."""
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
"""How many setups are kept per page: a setting that may be any number has endlessly many."""


class Setting(NamedTuple):
    """A field of a scene that is not an array."""

    codec: Codec
    start: Any  # its value when the page opens


class DerivedScene(Scene):
    """The inputs of a pass, the upstream gradient, the settings, the rule, the entry explained.

    Each page has a subclass of its own, made from its layer and inputs. An array is a field under
    its letter, which is also its key in the address, with as many numbers as any setting needs.
    """

    derivation: ClassVar["Derivation"]

    if TYPE_CHECKING:

        def __getattr__(self, field: str) -> Any:
            """A field of the page's own subclass."""

    @once
    def setup(self) -> "Setup":
        """Everything that follows from the settings."""
        return self.derivation.setup(self)

    def array(self, letter: str) -> Array:
        """Return the numbers in use of the array with this letter, in their shape."""
        return np.asarray(np.ravel(getattr(self, letter))[self.setup.places[letter]])

    def entry_names(self) -> dict[str, tuple[str, int | None]]:
        """The names in use: x1, w1,2, dz, … (a2.1 for the second array called a), and the step."""
        return self.setup.named

    def possible(self) -> tuple[Self, list[str]]:
        """This scene with settings that go together, and an entry that exists under them."""
        scene, problems = self.derivation.mend(self)
        there = scene.setup.cells
        if scene.entry and scene.entry not in there:
            letter, _ = parsed(scene.entry)
            alike = [entry for entry in there if parsed(entry)[0] == letter]
            scene = replace(scene, entry=min(alike, key=lambda it: _apart(it, scene.entry)))
        return scene, problems


def _apart(one: str, other: str) -> tuple[int, ...]:
    """Return the distance of two entries of a letter along each axis, aligned at the last axis."""
    first, second = (parsed(entry)[1] for entry in (one, other))
    rank = max(len(first), len(second))
    both = zip(*((0,) * (rank - len(each)) + each for each in (first, second)), strict=True)
    return tuple(abs(i - j) for i, j in both)


@dataclass(frozen=True, eq=False)
class Setup:
    """Everything that follows from a page's settings."""

    derivation: "Derivation"
    settings: Any
    layer: Layer
    places: Mapping[str, Any]
    """By the letter of an input or of the upstream gradient, the positions of its numbers in use
    among those that the scene keeps, in the array's shape."""
    entries: Mapping[str, tuple[str, int | None]]
    """By the name of an entry that can be moved, its array's letter and its position there."""
    cells: Sequence[str]  # the names of all entries
    passed: Trace  # some pass under these settings

    @cached_property
    def named(self) -> dict[str, tuple[str, int | None]]:
        """The entries that can be moved, by name, and the step."""
        return {**self.entries, STEP: (STEP, None)}

    @cached_property
    def layout(self) -> Layout:
        """Where everything lies on a wide screen."""
        naming, measures = self.derivation.naming, self.derivation.measures
        return self._with_additions(layout_of(self.passed, naming, self._wishes, measures))

    @cached_property
    def narrow(self) -> Layout:
        """Where everything lies on a phone."""
        lay = strips_of if self.derivation.measures is NETWORK else rows_of
        return self._with_additions(lay(self.passed, self.derivation.naming, self._wishes))

    @property
    def _wishes(self) -> Wishes:
        room = sum(each.room_right for each in self.derivation.additions)
        return replace(self.derivation.wishes(self.settings), room_right=room)

    def _with_additions(self, layout: Layout) -> Layout:
        for addition in self.derivation.additions:
            layout = addition.place(self.derivation.naming, self.passed, layout)
        return layout


class Options(TypedDict, total=False):
    """Whatever a page wants to differ from what follows of its layer and inputs.

    Functions of the settings get an object that has these alone, as fields.
    """

    settings: Mapping[str, Setting]
    """The fields of the scene that are not arrays."""
    shapes: Callable[[Any], Mapping[str, Extent]]
    """Of the settings: the shapes of inputs whose numbers are not all in use, by letter. An entry
    is then kept at its index, with zeros for the missing axes."""
    upstream: ArrayLike | None
    """The upstream gradient, with as many numbers as any setting needs; None for ones."""
    mend: Callable[[Any], tuple[Any, list[str]]]
    """From a scene, or settings alone, to one whose settings go together, and a sentence for each
    setting that was changed."""
    entry: str  # explained when the page opens; "" for the first
    axes: Mapping[str, tuple[int, ...]]  # see `Naming`
    wishes: Callable[[Any], Wishes]  # of the settings: for the layout
    additions: Sequence[Addition]  # what the page shows and says in addition
    measures: Measures  # the sizes of everything drawn


@dataclass(frozen=True, eq=False)
class Derivation:
    """A page's layer and inputs, and its `Options`."""

    key: str
    layer: Layer | Callable[[Any], Layer]  # itself, or made from the settings
    inputs: Mapping[str, ArrayLike] | Sequence[ArrayLike]
    """x and the parameters when the page opens, by letter; or in a list, if the layer is to choose
    their letters."""
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
        """The class of an object with the settings alone, named as the fields of a scene."""
        fields = [(name, object, setting.start) for name, setting in self.settings.items()]
        return make_dataclass("Settings", fields, frozen=True)

    @cached_property
    def _given(self) -> list[Array]:
        """The arrays of x and the parameters."""
        given = self.inputs.values() if isinstance(self.inputs, Mapping) else self.inputs
        return [np.asarray(each, float) for each in given]

    def _pass(self, settings: Any, letters: Sequence[str]) -> Trace:
        """Run a pass under these settings, with the numbers that the page opens with."""
        layer = self.layer_of(settings)
        shapes = self.shapes(settings)
        used = [
            np.ravel(array)[_positions(array.shape, shapes.get(letter, array.shape))]
            for letter, array in zip(letters, self._given, strict=True)
        ]
        return trace(layer, *used, kinks=RULES[_rules(layer)[0]].kinks)

    @cached_property
    def naming(self) -> Naming:
        """The letters of the pass and what each operation reads."""
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
        """Every array that a scene keeps, by letter, as the page opens with it."""
        sent = self._pass(self._settings(), self.given_letters).dout
        upstream = sent if self.upstream is None else np.asarray(self.upstream, float)
        given = dict(zip(self.given_letters, self._given, strict=True))
        return given | {self.upstream_letter: upstream}

    @property
    def upstream_letter(self) -> str:
        """The letter of the upstream gradient: dz."""
        return f"d{self.naming.output}"

    def layer_of(self, settings: Any) -> Layer:
        """Return the layer under a scene's settings."""
        return self.layer if isinstance(self.layer, Layer) else self.layer(settings)

    def trace(self, scene: DerivedScene) -> Trace:
        """Return the pass of a scene."""
        given = map(scene.array, self.given_letters)
        dout, kinks = scene.array(self.upstream_letter), RULES[scene.rule].kinks
        return trace(scene.setup.layer, *given, dout=dout, kinks=kinks)

    def traces(self, scenes: Sequence[DerivedScene]) -> Iterable[Trace]:
        """Return the passes of scenes, all computed at once if only numbers differ among them."""
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
        """Return everything that follows from a scene's settings."""
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
        places = {x: _positions(self.arrays[x].shape, shape) for x, shape in shapes.items()}
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
        """Return the name of an entry that can be moved: x2, dz1."""
        if letter == self.upstream_letter:
            return f"d{self.naming.entry(self.naming.output, index)}"
        return self.naming.entry(letter, index)

    def _is_number(self, letter: str) -> bool:
        """Whether an array is a single number whose name is its letter."""
        shape = self.arrays[letter].shape
        return all(n == 1 for n in shape) and self._entry(letter, (0,) * len(shape)) == letter

    @cached_property
    def scene_class(self) -> type[DerivedScene]:
        """The class of the page's scenes; its defaults are what the page opens with."""
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
        """The scene that the page opens with."""
        return self.scene_class()


def _positions(whole: Extent, used: Extent) -> Any:
    """Return the flat positions in a whole array of the part that is used, in the part's shape."""
    flat = np.arange(prod(whole)).reshape(whole)
    return flat[(0,) * (len(whole) - len(used)) + tuple(map(slice, used))]


def _values(setting: Setting) -> Sequence[Any]:
    """Return every value of a setting; if it may be any number, only the opening one."""
    match setting.codec:
        case Choice(words=words):
            return words
        case Whole(low=low, high=high):
            return range(low, high + 1)
    return (setting.start,)


# --- sliders


def _slider_place(box: Box, side: Side, layout: Layout) -> tuple[float, float, float]:
    """Return the left end, level and width of the slider beside a cell, on the given side."""
    left, top, wide, height = box
    # Near the upper edge there is just room for the number field: midway between edge and cell.
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
    """Return a slider for each entry of an input; of a heat map only for the chosen entry.

    The sliders of the upstream gradient stand right of several outputs, or below a single one. If
    there are very many, only the chosen entry has a slider.
    """
    derivation, layout, found = scene.derivation, scene.setup.layout, []
    for entry, (letter, _) in scene.setup.entries.items():
        sent = letter == derivation.upstream_letter
        # The slider of the upstream gradient dz1 stands beside the cell z1.
        cell, array = (each.removeprefix("d") if sent else each for each in (entry, letter))
        there = _box_and_side(layout, array, cell, sent=sent, chosen=cell == scene.entry)
        if there is None:
            continue
        counted = cell[len(array) :].removeprefix(".")
        index = [int(number) - 1 for number in counted.split(",")] if counted else []
        label = name(array, *index)
        place = _slider_place(*there, layout)
        said = gradient_of(label) if sent else label
        found.append(Slider(entry, said, scene.value(entry), *place, named=sent))
    return found


def _box_and_side(
    layout: Layout, array: str, cell: str, *, sent: bool, chosen: bool
) -> tuple[Box, Side] | None:
    """Return the box beside which a cell's slider stands, and on which side; None: no slider."""
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
    """Return the box of its whole array if that is a grid or a heat map, otherwise its own."""
    if array in layout.grids:
        return layout.grids[array]
    if cell in layout.boxes:
        return layout.boxes[cell]
    return layout.columns[array] if array in layout.above else layout.maps[array][1]


# --- pages


class Preset(NamedTuple):
    """A preset's title, and the fields in which it differs from the page's opening scene.

    What is said of it follows from the entry that is chosen, as in any other state; what else is
    worth noticing is asked by a question of the page, or stands in its article.
    """

    title: str
    changes: Mapping[str, Any]


def preset(title: str, **changes: Any) -> Preset:
    """Return a preset with these fields changed."""
    return Preset(title, changes)


def derived(
    key: str,
    layer: Layer | Callable[[Any], Layer],
    inputs: Mapping[str, ArrayLike] | Sequence[ArrayLike],
    presets: Mapping[str, Preset] = MappingProxyType({}),
    **options: Unpack[Options],
) -> Subject[Any]:
    """Return the subject of a layer at these inputs.

    Raises ValueError if the entry that it is to open with does not exist, or if a preset has too
    few or too many numbers.
    """
    derivation = Derivation(key, layer, inputs, **options)
    start = derivation.start
    if start.entry and start.entry not in start.setup.cells:
        such = ", ".join(start.setup.cells[:3])
        raise ValueError(f"{key}: needs an entry such as {such} to open with; got {start.entry!r}")
    for (slug, it), (letter, array) in product(presets.items(), derivation.arrays.items()):
        if (got := np.size(it.changes.get(letter, array))) != array.size:
            raise ValueError(f"{key}: {slug} needs {array.size} numbers in {letter}; got {got}")
    passed = start.setup.passed
    steps = steps_of(passed, derivation.naming)
    return Subject(
        key=key,
        start=start,
        # The picture and the controls above it both ask for the same pass.
        trace=lru_cache(maxsize=4)(derivation.trace),
        traces=derivation.traces,
        naming=derivation.naming,
        layout=lambda scene: scene.setup.layout,
        narrow=lambda scene: scene.setup.narrow,
        sliders=sliders_of,
        presets={slug: replace(start, **it.changes) for slug, it in presets.items()},
        steps=lambda scene: steps,
        # With many weights, the edges from them cross everything else: only the chosen stand out.
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
    **options: Unpack[Options],
) -> PicturePage:
    """Return a page about a layer at these inputs.

    controls: the select boxes besides the rule's.
    """
    subject = derived(key, layer, inputs, presets, **options)
    return PicturePage(
        key=key,
        title=title,
        icon=icon,
        section=SECTION,
        subject=subject,
        naming=lambda scene: subject.naming,
        controls=controls,
        snaps=snaps,
        questions=questions,
        predicts=True,
        titles={slug: each.title for slug, each in presets.items()},
    )

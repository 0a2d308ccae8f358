"""From a layer and its inputs to a page's subject: any graph of layers, in cells.

What a layer knows of itself and what a pass is made of tell the letters, where the cells lie, the
sliders, the steps of the step-through, the address; `Subject` tells the rest from these. A page
that wants some of it otherwise says so.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, make_dataclass, replace
from math import prod
from typing import Any, ClassVar, Final, Literal, TypeAlias, cast

import numpy as np
from numpy.typing import ArrayLike

from engine import RULES, Layer, Trace, trace
from engine.arrays import Array, Extent, indices
from pages.components.picture import Slider
from pages.figures.arrangement import CELL, Arrangement, Box, Heading
from pages.figures.info import Naming, describe_graph, letters_of, plain
from pages.figures.words import name
from pages.state.codecs import Choice, Numbers, Whole, param
from pages.state.scene import STEP, Scene
from pages.subject import Subject

Side: TypeAlias = Literal["left", "right", "above", "below"]

WIDTH: Final = 1600.0
HEIGHT: Final = 700.0
"""Of a picture: what fits a projector. A row of very many columns is wider."""
MANY: Final = 8
"""An array of more entries is a heat map."""
MAP: Final = 3
"""So many rows a heat map is high."""
LEFT: Final = 290.0
"""Where the first column begins: left of it there is room for its sliders."""
MARGIN: Final = 10.0
SENT: Final = 280.0
"""Right of several outputs there is room for sliders of what is sent into them."""
GAP: Final = 13.0
"""Between two cells, downwards or across."""
ROOM: Final = 110.0
"""From one column to the next, at least: for the ways."""
NARROWEST: Final = 100.0
"""A cell's width, at least."""
PITCH: Final = 95.0
"""From one row to the next, at most."""
PARAMETER: Final = (150.0, 60.0)
"""A parameter's cell, at most."""
LEVEL: Final = 108.0
"""Where parameters begin, beneath the headings and their own sliders."""
TOP: Final = 190.0
"""Where columns begin, beneath the parameters."""
BELOW: Final = 67.0
"""Under the columns: how many gradients are nonzero."""


# --- letters


def letters(layer: Layer, inputs: Sequence[ArrayLike], outside: Sequence[str] = ()) -> Naming:
    """The letters of a pass: of what an operation makes its own, w and b of parameters.

    Numbered where several have one: a1, a2. outside: those of x and the parameters, where they
    are not to be told by the layer.
    """
    passed = trace(layer, *inputs, kinks=RULES[_rules(layer)[0]].kinks)
    made = [step.layer.words.letter for step in passed.steps]
    given = list(outside) or ["x", *(_argument(passed, n) for n in range(1, passed.outside))]
    several = {letter for letter, count in Counter([*given, *made]).items() if count > 1}
    seen: Counter[str] = Counter()
    named = []
    for letter in (*given, *made):
        seen[letter] += 1
        named.append(f"{letter}{seen[letter]}" if letter in several else letter)
    reads = tuple(tuple(named[number] for number in step.reads) for step in passed.steps)
    return Naming(reads, named[-1])


def _argument(passed: Trace, number: int) -> str:
    """What the operation that reads a parameter first calls it."""
    position, argument = passed.values[number].readers[0]
    return passed.steps[position].arguments[argument]


# --- steps


def steps_of(passed: Trace, naming: Naming) -> tuple[str, ...]:
    """The steps of the step-through: the inputs, each operation forward, and each backward."""
    count, last = len(passed.steps), len(passed.steps) - 1
    said = [_said(passed, naming, position) for position in range(count)]
    return (
        "Inputs: nothing is computed yet",
        *(f"Forward {n} of {count}: {forward}" for n, (forward, _) in enumerate(said, 1)),
        *(f"Backward {n} of {count}: {said[last + 1 - n][1]}" for n in range(1, count + 1)),
    )


def _said(passed: Trace, naming: Naming, position: int) -> tuple[str, str]:
    """What an operation does, forward and backward, in the letters of this pass."""
    step, named = passed.steps[position], letters_of(passed, naming)
    parameters = naming.inputs[position][step.layer.flowing :]
    gaps = {
        "input": name(naming.inputs[position][0]),
        "weight": name(parameters[0]) if parameters else "",
        "output": name(named[passed.outside + position]),
    }
    words = step.layer.words
    return words.forward.format(**gaps), words.backward.format(**gaps)


# --- where everything lies


@dataclass(frozen=True)
class Layout:
    """Where cells and heat maps lie. maps: by letter the boxes of its values and its gradients."""

    cells: Arrangement
    maps: Mapping[str, tuple[Box, Box]] = field(default_factory=dict)


def layout(passed: Trace, naming: Naming) -> Layout:
    """A column for x and for what each operation makes, the parameters in a row above the ways.

    A column that is passed by somebody who reads what lies before it stands half a row lower, so
    that the ways go between its cells.
    """
    named, columns = letters_of(passed, naming), _columns(passed)
    lefts, wide = _lefts(passed, len(columns))
    lower = _passed_by(passed, columns)
    slots = [sum(_rows(passed, number) for number in column) for column in columns]
    most = max(count + (at in lower) / 2 for at, count in enumerate(slots))
    pitch = min(PITCH, (HEIGHT - TOP - BELOW) / most)
    boxes: dict[str, Box] = {}
    maps: dict[str, tuple[Box, Box]] = {}
    headings, counts = [], {}
    bottom = TOP + pitch * most
    for at, (column, left) in enumerate(zip(columns, lefts, strict=True)):
        middle = left + wide / 2
        down = TOP + pitch * ((max(slots) - slots[at]) / 2 + (at in lower) / 2)
        for number in column:
            letter, shape = named[number], passed.values[number].array.shape
            if prod(shape) > MANY:
                maps[letter] = _halves((left, down, wide, pitch * MAP - GAP))
            else:
                for row, index in enumerate(indices(shape)):
                    box = (left, down + pitch * row, wide, min(CELL[1], pitch - GAP))
                    boxes[naming.entry(letter, index)] = box
            down += pitch * _rows(passed, number)
        headings.append(Heading((middle, 34), *_titles(passed, named, column)))
        counts[named[column[0]]] = (middle, bottom + 43)
    parameters = _parameters(passed, columns)
    for number, box in _row(passed, parameters, lefts, wide):
        letter, shape = named[number], passed.values[number].array.shape
        if prod(shape) > MANY:
            maps[letter] = _halves(box)
            continue
        each = (box[2] + GAP) / prod(shape)
        for place, index in enumerate(indices(shape)):
            start = box[0] + each * place
            boxes[naming.entry(letter, index)] = (start, box[1], each - GAP, box[3])
    above = tuple(named[number] for row in parameters.values() for number in row)
    width = lefts[-1] + wide + (SENT if passed.output.ndim else MARGIN)
    return Layout(
        Arrangement(max(width, WIDTH), bottom + BELOW, boxes, headings, counts, above), maps
    )


def _columns(passed: Trace) -> list[list[int]]:
    """The numbers of the values that flow, by how many operations lie before them."""
    parameters = _parameter_numbers(passed)
    depth = {number: 0 for number in range(passed.outside) if number not in parameters}
    for position, step in enumerate(passed.steps):
        flowing = step.reads[: step.layer.flowing]
        depth[passed.outside + position] = 1 + max(depth[number] for number in flowing)
    columns: list[list[int]] = [[] for _ in range(max(depth.values()) + 1)]
    for number, at in depth.items():
        columns[at].append(number)
    return columns


def _parameters(passed: Trace, columns: Sequence[Sequence[int]]) -> dict[int, list[int]]:
    """The parameters, by the column of what is first made with them."""
    flowing = {number: at for at, column in enumerate(columns) for number in column}
    found: dict[int, list[int]] = {}
    for number in _parameter_numbers(passed):
        position, _ = passed.values[number].readers[0]
        found.setdefault(flowing[passed.outside + position], []).append(number)
    return found


def _parameter_numbers(passed: Trace) -> list[int]:
    """Of those values from outside that nobody reads as one that flows."""
    return [
        number
        for number, value in enumerate(passed.values[: passed.outside])
        if all(fed >= passed.steps[at].layer.flowing for at, fed in value.readers)
    ]


def _passed_by(passed: Trace, columns: Sequence[Sequence[int]]) -> set[int]:
    """The columns that lie between a value and somebody who reads it."""
    at = {number: column for column, numbers in enumerate(columns) for number in numbers}
    return {
        between
        for number, column in at.items()
        for position, _ in passed.values[number].readers
        for between in range(column + 1, at[passed.outside + position])
    }


def _lefts(passed: Trace, columns: int) -> tuple[list[float], float]:
    """Where each column begins, and how wide its cells are."""
    room = WIDTH - LEFT - (SENT if passed.output.ndim else MARGIN)
    wide = min(CELL[0], (room - ROOM * (columns - 1)) / columns)
    wide = max(wide, NARROWEST)
    pitch = max((room - wide) / (columns - 1), wide + ROOM)
    return [LEFT + pitch * at for at in range(columns)], wide


def _row(
    passed: Trace, parameters: Mapping[int, Sequence[int]], lefts: Sequence[float], wide: float
) -> Iterator[tuple[int, Box]]:
    """The boxes of the parameters, those of one operation above the ways to what it makes."""
    free = MARGIN
    for at, numbers in sorted(parameters.items()):
        middle = (lefts[at - 1] + wide + lefts[at]) / 2
        cells = [_cells(passed.values[number].array.shape) for number in numbers]
        each = min(PARAMETER[0], 2 * (lefts[1] - lefts[0]) / sum(cells) - GAP)
        left = max(free, middle - ((each + GAP) * sum(cells) - GAP) / 2)
        for number, count in zip(numbers, cells, strict=True):
            yield number, (left, LEVEL, (each + GAP) * count - GAP, PARAMETER[1])
            left += (each + GAP) * count
        free = left


def _rows(passed: Trace, number: int) -> int:
    size = passed.values[number].array.size
    return size if size <= MANY else MAP


def _cells(shape: Extent) -> int:
    return prod(shape) if prod(shape) <= MANY else 1


def _halves(box: Box) -> tuple[Box, Box]:
    """The upper half, for the values, and the lower one, for the gradients."""
    left, top, width, height = box
    half = (height - GAP) / 2
    return (left, top, width, half), (left, top + half + GAP, width, half)


def _titles(passed: Trace, named: Sequence[str], column: Sequence[int]) -> tuple[str, str]:
    """What stands over a column: what made it, and its letters."""
    made = [number - passed.outside for number in column if number >= passed.outside]
    titles = dict.fromkeys(passed.steps[position].layer.words.name for position in made)
    title = ", ".join(titles) or "input"
    return title[:1].upper() + title[1:], ", ".join(name(named[number]) for number in column)


# --- scenes


class DerivedScene(Scene):
    """The inputs of a pass, what is sent into it, the rule, the step, the entry explained.

    shapes: of the inputs and of what is sent in, by their letters, which are the address's keys.
    """

    shapes: ClassVar[Mapping[str, Extent]]

    def array(self, letter: str) -> Array:
        """The numbers under a letter, in their shape."""
        return np.reshape(getattr(self, letter), self.shapes[letter])

    def entry_names(self) -> dict[str, tuple[str, int | None]]:
        """x1, w1.2, dz, …, and the step."""
        named: dict[str, tuple[str, int | None]] = {
            plain(letter, index): (letter, at)
            for letter, shape in self.shapes.items()
            for at, index in enumerate(indices(shape))
        }
        return named | {STEP: (STEP, None)}


def _scenes(
    key: str, given: Mapping[str, Array], steps: int, rules: Sequence[str], entries: Sequence[str]
) -> type[DerivedScene]:
    """The class of a page's scenes. given: what it opens with, by letter."""
    numbers = [
        (letter, tuple, param(Numbers(array.size), tuple(map(float, array.ravel()))))
        for letter, array in given.items()
    ]
    made = make_dataclass(
        "".join(map(str.capitalize, key.split("-"))) + "Scene",
        [
            *numbers,
            ("rule", str, param(Choice(tuple(rules)), rules[0])),
            (STEP, int, param(Whole(0, steps), steps)),
            ("entry", str, param(Choice(("", *entries)), entries[0])),
        ],
        bases=(DerivedScene,),
        namespace={"shapes": {letter: array.shape for letter, array in given.items()}},
        frozen=True,
    )
    return cast("type[DerivedScene]", made)


# --- sliders


def beside(box: Box, side: Side, width: float = SENT - 24) -> tuple[float, float, float]:
    """Where a slider stands that moves a cell, or what is sent into it: left end, level, width.

    width: of one on the right side.
    """
    left, top, wide, height = box
    return {
        "left": (4.0, top + height / 2, left - 14),
        "right": (left + wide + 14, top + height / 2, width),
        "above": (left, top - 20, wide),
        "below": (left - 36, top + height + 34, wide + 36),
    }[side]


def sliders_beside(
    scene: Scene,
    naming: Naming,
    where: Layout,
    sent: Side | None = None,
    width: float = SENT - 24,
) -> list[Slider]:
    """One beside each cell of what comes from outside; of a heat map that of the chosen entry.

    sent: where those stand that move what is sent into the outputs: right of several, else below.
    width: of those on the right side.
    """
    upstream, found = f"d{naming.output}", []
    for entry, (letter, place) in scene.entry_names().items():
        of_output = letter == upstream
        own, of = (each[of_output:] for each in (entry, letter))
        box = where.cells.boxes.get(own)
        if box is None and of in where.maps and own == getattr(scene, "entry", ""):
            box = where.maps[of][1]
        if box is None:
            continue
        side: Side = "above" if of in where.cells.above else "left"
        if of_output:
            side = sent or ("below" if own == of or place is None else "right")
        counted = own[len(of) :].removeprefix(".")
        index = [int(number) - 1 for number in counted.split(",")] if counted else []
        label = "d" * of_output + name(of, *index)
        found.append(
            Slider(entry, label, scene.value(entry), *beside(box, side, width), named=of_output)
        )
    return found


# --- subjects


def derived(
    key: str,
    layer: Layer,
    inputs: Mapping[str, ArrayLike] | Sequence[ArrayLike],
    presets: Mapping[str, Mapping[str, Any]] | None = None,
) -> Subject[Any]:
    """The subject of a layer at these inputs, which the page opens with.

    inputs: x and the parameters; by the letters that they shall have, or with those that the layer
    gives them. presets: by slug what is different there, by field.
    """
    given = list(inputs.values()) if isinstance(inputs, Mapping) else list(inputs)
    naming = letters(layer, given, [*inputs] if isinstance(inputs, Mapping) else ())
    first = trace(layer, *given, kinks=RULES[_rules(layer)[0]].kinks)
    named = letters_of(first, naming)[: first.outside]
    arrays = dict(zip(named, first.params, strict=True)) | {f"d{naming.output}": first.dout}
    where = layout(first, naming)
    entries = [*describe_graph(first, naming).cells]
    start = _scenes(key, arrays, 2 * len(first.steps), _rules(layer), entries)()

    def passed(scene: Any) -> Trace:
        dout = scene.array(f"d{naming.output}")
        return trace(layer, *map(scene.array, named), dout=dout, kinks=RULES[scene.rule].kinks)

    return Subject(
        key=key,
        start=start,
        trace=passed,
        naming=naming,
        arrangement=lambda scene: where.cells,
        maps=where.maps,
        sliders=lambda scene: sliders_beside(scene, naming, where),
        presets={slug: replace(start, **other) for slug, other in (presets or {}).items()},
        steps=steps_of(first, naming),
        # The ways out of many weights cross everything else.
        focus=any(first.values[n].array.size > 1 for n in _parameter_numbers(first)),
    )


def _rules(layer: Layer) -> list[str]:
    """The rules that state what the layer reads, the lab's first, or else PyTorch's."""
    return [rule.slug for rule in RULES.values() if rule.kinks.states(layer.kink_choices)]

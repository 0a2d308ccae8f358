"""A stack of layers as an address has it: what it is made of, how it is edited, its shapes.

    conv1d(3,filters=2)-relu-residual(conv1d(3,filters=2,padding=1)-relu)-maxpool(2)-flatten-linear(2)

A layer is its class's name in small letters. In the parentheses come the branches of one that joins
several, then data (the labels of a loss), then the sizes of its parameters and the arguments of its
constructor, under the names of torch.nn; the first of these is written without its name. All of it
is read off the layers: a new one can be used on the day on which it is written. Weights have no
bias unless bias=True says so.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property, lru_cache
from inspect import isabstract
from itertools import islice
from math import prod
from types import MappingProxyType
from typing import Any, Final, NamedTuple, NoReturn, TypeAlias, cast

import engine.layers
from engine import EngineError, Graph, Layer, Operation, Sequential
from engine.arrays import Extent
from engine.layers.windows import extent
from pages.figures.info import numbered
from pages.language.catalogue import say
from pages.state.scene import escaped

Path: TypeAlias = tuple[int, ...]
"""Of a layer: its place, or a place, a branch there, and the place in that: (2, 0, 1)."""

LAYERS_MOST: Final = 64
"""So many layers a stack may have, those in branches with the others."""
DEPTH_MOST: Final = 4
"""So deep branches may lie in branches."""
LENGTH_MOST: Final = 5_900
"""Signs as an address has them: of its 6,000 the rest is for what else cannot be left out."""
ENTRIES_MOST: Final = 2_000
"""Of one array, of a layer's data, and of a size."""
TOGETHER_MOST: Final = 8_000
"""Entries of all values and parameters of a pass."""
SETTING_MOST: Final = 200
"""Of a stride, a padding, …, which make work and no entries."""
DATA_MOST: Final = 1_000_000
"""So large a number of a layer's data may be."""
MENDED_MOST: Final = 3
"""At so many joints where a shape does not fit something is proposed."""
PROPOSALS_MOST: Final = 2
"""So many layers are proposed at one of these."""
TRIED_MOST: Final = 200
"""So many are tried for that."""
HIGHER_MOST: Final = 9
"""Numbers that are less than so far above one that is said of a layer are tried."""

_OPERATIONS: Final = {
    name.lower(): each
    for name in engine.layers.__all__
    for each in [getattr(engine.layers, name)]
    if issubclass(each, Operation) and not isabstract(each)
}
RESIDUAL: Final = "residual"
"""residual(A) is the sum of A and of what it reads."""
LAYERS: Final[Mapping[str, type[Operation]]] = MappingProxyType(
    {**_OPERATIONS, RESIDUAL: _OPERATIONS["add"]}
)
"""The engine's operations, by their names in a stack."""
BIAS: Final = "bias"


class StackError(ValueError):
    """What cannot be a stack, in one sentence. position: of the sign in a text, from 0."""

    def __init__(self, problem: str, position: int | None = None) -> None:
        super().__init__(problem)
        self.position = position


def refuse(key: str, count: int = 1, **gaps: object) -> NoReturn:
    """Raises StackError with this text of the catalogue."""
    raise StackError(say(key, count, **gaps))


class Field(NamedTuple):
    """What can be said of a layer: its name in a stack, and in its constructor, "" for none.

    unstated: of a size, what is meant where it is not said; None for nothing.
    """

    name: str
    own: str = ""
    unstated: int | None = None


def joins(name: str) -> bool:
    """Whether a layer has branches."""
    return LAYERS[name].flowing > 1


@lru_cache
def fields_of(name: str) -> tuple[Field, ...]:
    """What can be said of a layer with this name, in order; its data aside."""
    of = LAYERS[name]
    settings = (Field(of.torch_names.get(each, each), each) for each in of.settings)
    bias = (Field(BIAS),) if of.optional else ()
    return (*(Field(each.name, unstated=each.unstated) for each in of.sizes), *settings, *bias)


@dataclass(frozen=True)
class Item:
    """A layer of a stack; `item` makes it.

    given: what is said of it, in order, as it is written. data: what is bound to it. branches: of
    one that joins several.
    """

    name: str
    given: tuple[tuple[str, Any], ...] = ()
    data: tuple[Any, ...] = ()
    branches: tuple["Stack", ...] = ()

    def __str__(self) -> str:
        """As an address has it."""
        parts = ["|".join(map(str, self.branches))] if self.branches else []
        parts += map(written, self.data)
        first = fields_of(self.name)[:1] if not parts else ()
        for name, value in self.given:
            unnamed = any(name == each.name for each in first)
            parts.append(written(value) if unnamed else f"{name}={written(value)}")
        return f"{self.name}({','.join(parts)})" if parts else self.name

    @property
    def values(self) -> dict[str, Any]:
        """What is said of it, by name."""
        return dict(self.given)

    @cached_property
    def layer(self) -> Operation:
        """The engine's; of a residual the sum."""
        return _constructed(self.name, self.values, self.data)

    @cached_property
    def sizes(self) -> dict[str, Extent]:
        """The sizes of its parameters, a number for each axis."""
        return _sized(self.name, self.values)

    @cached_property
    def arguments(self) -> tuple[str, ...]:
        """What its parameters are called: w and, with a bias, b."""
        own = self.layer.arguments[self.layer.flowing :]
        left_out = 0 if self.values.get(BIAS) else self.layer.optional
        return own[: len(own) - left_out]

    def parameter_shapes(self, *reads: Extent) -> tuple[Extent, ...]:
        """Those for an input of this shape. Raises EngineError."""
        bias = bool(self.values.get(BIAS))
        return self.layer.parameter_shapes(reads[0], self.sizes, bias=bias)


def _constructed(name: str, values: Mapping[str, Any], data: tuple[Any, ...]) -> Operation:
    of = LAYERS[name]
    own = {
        each.own: values[each.name] for each in fields_of(name) if each.own and each.name in values
    }
    return of(**own, **({of.data: data} if of.data else {}))


def _sized(name: str, values: Mapping[str, Any]) -> dict[str, Extent]:
    sizes = [each for each in LAYERS[name].sizes if each.name in values]
    return {each.name: extent(name, each.name, values[each.name], each.axes) for each in sizes}


def item(
    name: str,
    given: Mapping[str, Any] = MappingProxyType({}),
    data: Sequence[Any] = (),
    branches: Sequence["Stack"] = (),
) -> Item:
    """A layer, with nothing said that goes without saying. Raises StackError."""
    if name not in LAYERS:
        plain = name.removesuffix("1d")  # torch.nn has two kinds of MaxPool
        close = [plain] if plain in LAYERS else get_close_matches(name, LAYERS, 1)
        if close:
            refuse("stack.unknown.close", name=name, close=close[0])
        refuse("stack.unknown", name=name, names=", ".join(sorted(LAYERS)))
    given = {key: _plain(value) for key, value in given.items() if value is not None}
    bound: tuple[Any, ...] = _plain(tuple(data))
    _check(name, given, bound, len(branches))
    try:
        order = [each.name for each in fields_of(name) if each.name in given]
        said = _simplest(name, {key: given[key] for key in order}, bound)
    except EngineError as error:
        refuse("stack.refused", layer=name, error=_said_by(error))
    return Item(name, tuple(said.items()), bound, tuple(branches))


def _check(name: str, given: Mapping[str, Any], data: tuple[Any, ...], branches: int) -> None:
    """Raises StackError for what a layer with this name cannot be given at all."""
    of, fields = LAYERS[name], {each.name: each for each in fields_of(name)}
    if joins(name):
        least = 1 if name == RESIDUAL else 2
        if branches < least or (name == RESIDUAL and branches > 1):
            example = f"{name}(relu)" if least == 1 else f"{name}(relu|)"
            refuse("stack.branches", least, layer=name, example=example)
    elif branches:
        refuse("stack.no_branches", layer=name)
    if data and not of.data:
        refuse("stack.no_data", layer=name)
    if of.data and not data:
        refuse("stack.data", layer=name, data=of.data, example=f"{name}(0)")
    for key, value in given.items():
        if key not in fields:
            known = ", ".join(fields) or say("stack.nothing")
            refuse("stack.argument", layer=name, argument=key, known=known)
        most = SETTING_MOST if fields[key].own else ENTRIES_MOST
        if any(abs(number) > most for number in _numbers(value)):
            refuse("stack.setting", layer=name, argument=key, most=f"{most:,}")
    numbers = [*_numbers(data)]
    if len(numbers) > ENTRIES_MOST or any(abs(number) > DATA_MOST for number in numbers):
        many = say("stack.data.most", ENTRIES_MOST, most=DATA_MOST)
        refuse("stack.setting", layer=name, argument=of.data, most=many)
    for size in of.sizes:
        if size.unstated is None and size.name not in given:
            refuse("stack.size", layer=name, size=size.name, example=f"{name}(2)")
    if not isinstance(given.get(BIAS, False), bool):
        refuse("stack.bias", layer=name, value=written(given[BIAS]))


def _plain(value: Any) -> Any:
    """Lists as tuples, whole numbers as such."""
    if isinstance(value, list | tuple):
        return tuple(map(_plain, value))
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _said_by(error: EngineError) -> str:
    """What the engine says, without whose it is."""
    return str(error).partition(": ")[2]


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, tuple):
        for each in value:
            yield from _numbers(each)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value


def _simplest(name: str, given: dict[str, Any], data: tuple[Any, ...]) -> dict[str, Any]:
    """The same layer with less said: what it is anyway is left out, (2, 2) is 2."""

    def meant(values: Mapping[str, Any]) -> tuple[Any, ...]:
        layer = _constructed(name, values, data)
        settings = [getattr(layer, each) for each in layer.settings]
        return settings, _sized(name, values), values.get(BIAS, False)

    said, wanted = given, meant(given)
    for key, value in given.items():
        others = {each: it for each, it in said.items() if each != key}
        for shorter in (others, *({**said, key: each} for each in _simpler(value))):
            with suppress(EngineError):
                if meant(shorter) == wanted:
                    said = shorter
                    break
    return said


def _simpler(value: Any) -> Iterator[Any]:
    """A setting that may mean the same, with less said first."""
    if isinstance(value, tuple) and value:
        within = tuple(next(_simpler(each)) for each in value)
        if len({*within}) == 1:
            yield within[0]
        yield within
    yield value


def written(value: Any) -> str:
    """A value as an address has it."""
    if isinstance(value, tuple):
        return f"({','.join(map(written, value))}{',' if len(value) == 1 else ''})"
    return str(value)


def new_item(name: str) -> Item:
    """A layer as somebody adds it, with the least that has to be said; a pool has windows of 2."""
    if joins(name):
        return item(name, branches=[Stack()] * (1 if name == RESIDUAL else 2))
    of = LAYERS[name]
    given = {each.name: 2 for each in of.sizes if each.unstated is None}
    given |= {each.name: 2 for each in fields_of(name) if each.own == "size"}
    return item(name, given, (0,) if of.data else ())


class Step(NamedTuple):
    """An operation of a stack: whose it is, and the numbers of the values that it reads.

    Values are numbered: 0 is x, then what each step makes. comes: what comes to the layer, which
    one with branches gives to these.
    """

    path: Path
    item: Item
    reads: tuple[int, ...]
    comes: int


@dataclass(frozen=True)
class Joint:
    """What a layer makes of the shapes that it reads.

    parameters: their shapes by letter. shape: of what it makes, None where that is not known.
    problem: why it does not fit, and what would; fits: stacks in which it does.
    """

    path: Path
    reads: tuple[Extent | None, ...]
    parameters: Mapping[str, Extent] = field(default_factory=dict)
    shape: Extent | None = None
    problem: str = ""
    fits: tuple["Stack", ...] = ()

    @property
    def sentence(self) -> str:
        """The problem where it stands alone; the name of an array, or of a layer, stays small."""
        begins = self.problem.startswith(say("stack.output", layer=""))
        return self.problem[0].upper() + self.problem[1:] if begins else self.problem


@dataclass(frozen=True)
class Stack:
    """Layers in a row, some of which may have branches. Each edit makes a new one."""

    items: tuple[Item, ...] = ()

    def __str__(self) -> str:
        """As an address has it; `read_stack` is the way back."""
        return "-".join(map(str, self.items))

    def __bool__(self) -> bool:
        """Whether there is a layer."""
        return bool(self.items)

    # --- edits

    def at(self, path: Path) -> Item:
        """The layer there. Raises StackError where there is none."""
        row, place = self._row(path)
        if not 0 <= place < len(row.items):
            refuse("stack.path", path=".".join(map(str, path)))
        return row.items[place]

    def added(self, path: Path, *items: Item) -> "Stack":
        """With these before the layer there, or behind the last one."""
        row, place = self._row(path)
        if not 0 <= place <= len(row.items):
            refuse("stack.path", path=".".join(map(str, path)))
        return self._spliced(path, 0, items)

    def removed(self, path: Path) -> "Stack":
        """Without the layer there, and its branches."""
        return self.replaced(path)

    def moved(self, path: Path, to: Path) -> "Stack":
        """With the layer from there elsewhere; to: its path in the stack without it."""
        return self.removed(path).added(to, self.at(path))

    def replaced(self, path: Path, *items: Item) -> "Stack":
        """With these in the place of the layer there."""
        self.at(path)
        return self._spliced(path, 1, items)

    def changed(self, path: Path, **given: Any) -> "Stack":
        """With this said of the layer there, by the names in a stack; None leaves it unsaid."""
        old = self.at(path)
        data = given.pop(old.layer.data, old.data)
        return self.replaced(path, item(old.name, {**old.values, **given}, data, old.branches))

    def _row(self, path: Path) -> tuple["Stack", int]:
        if len(path) == 1:
            return self, path[0]
        if len(path) < 3 or not 0 <= path[1] < len(branches := self.at(path[:1]).branches):
            refuse("stack.path", path=".".join(map(str, path)))
        return branches[path[1]]._row(path[2:])

    def _spliced(self, path: Path, gone: int, items: tuple[Item, ...]) -> "Stack":
        """With these from a place on, in that of as many layers as are gone."""
        place, *deeper = path
        if deeper:
            old, (branch, *inner) = self.items[place], deeper
            new = old.branches[branch]._spliced(tuple(inner), gone, items)
            branches = (*old.branches[:branch], new, *old.branches[branch + 1 :])
            gone, items = 1, (replace(old, branches=branches),)
        return Stack(self.items[:place] + items + self.items[place + gone :]).checked()

    def checked(self) -> "Stack":
        """Itself. Raises StackError beyond a limit."""
        if self.count > LAYERS_MOST:
            refuse("stack.layers", count=self.count, most=LAYERS_MOST)
        if self.depth > DEPTH_MOST:
            refuse("stack.depth", most=DEPTH_MOST)
        if (length := len(escaped({"layers": str(self)}))) > LENGTH_MOST:
            refuse("stack.length", length=f"{length:,}", most=f"{LENGTH_MOST:,}")
        return self

    @cached_property
    def count(self) -> int:
        """How many layers there are, in branches too."""
        return sum(1 + sum(each.count for each in it.branches) for it in self.items)

    @cached_property
    def depth(self) -> int:
        """How deep branches lie in branches."""
        return max((1 + each.depth for it in self.items for each in it.branches), default=0)

    # --- what it computes

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Its operations in the order of a pass."""
        steps: list[Step] = []
        self._lay_out(steps, 0, ())
        return tuple(steps)

    def _lay_out(self, steps: list[Step], flowing: int, row: Path) -> int:
        for place, each in enumerate(self.items):
            path = (*row, place)
            ends = [
                branch._lay_out(steps, flowing, (*path, number))
                for number, branch in enumerate(each.branches)
            ]
            reads = (*ends, flowing) if each.name == RESIDUAL else tuple(ends) or (flowing,)
            steps.append(Step(path, each, reads, flowing))
            flowing = len(steps)
        return flowing

    @cached_property
    def letters(self) -> tuple[str, ...]:
        """Of x, of the parameters, and of what each step makes, as a page has them."""
        parameters = (name for step in self.steps for name in step.item.arguments)
        made = (step.item.layer.words.letter for step in self.steps)
        return tuple(numbered(["x", *parameters, *made]))

    @cached_property
    def parameter_letters(self) -> tuple[tuple[str, ...], ...]:
        """Of each step's parameters, in the order in which the layer takes them."""
        waiting = iter(self.letters[1:])
        return tuple(tuple(next(waiting) for _ in step.item.arguments) for step in self.steps)

    @cached_property
    def layer(self) -> Layer:
        """The engine's: a Sequential, or a Graph where that cannot be. Raises StackError."""
        if not self.items:
            refuse("stack.empty")
        with suppress(EngineError):  # one that joins values, or some weights with a bias
            row = Sequential(*(step.item.layer for step in self.steps))
            row.names(1 + sum(map(len, self.parameter_letters)))
            return row
        made = self.letters[-len(self.steps) :]
        values = ("x", *made)
        parameters = zip(self.steps, made, self.parameter_letters, strict=True)
        return Graph(
            *(
                (letter, step.item.layer, *(values[number] for number in step.reads), *own)
                for step, letter, own in parameters
            )
        )

    def joints(self, shape: Extent) -> tuple[Joint, ...]:
        """What each step makes of an x of this shape, and what would fit where it cannot."""
        joints = list(self._joints(shape))
        wrong = [place for place, joint in enumerate(joints) if joint.problem]
        for place in wrong[:MENDED_MOST]:
            joints[place] = self._mended(joints, place, shape)
        return tuple(joints)

    def fitting(self, shape: Extent) -> tuple[Joint, ...] | None:
        """The joints for an x of this shape; None where one does not fit."""
        joints = self.reached(shape)
        return None if any(joint.problem for joint in joints[-1:]) else joints

    def reached(self, shape: Extent) -> tuple[Joint, ...]:
        """The joints for an x of this shape, up to the first that does not fit."""
        joints: list[Joint] = []
        for joint in self._joints(shape):
            joints.append(joint)
            if joint.problem:
                break
        return tuple(joints)

    def shape(self, shape: Extent) -> Extent | None:
        """What comes out for an x of this shape; None where something does not fit."""
        joints = self.fitting(shape)
        if joints is None:
            return None
        return joints[-1].shape if joints else shape

    def _joints(self, shape: Extent) -> Iterator[Joint]:
        together, problem = prod(shape), _wrong_size("x", shape)
        values: list[Extent | None] = [None if problem else shape]
        for step, letters in zip(self.steps, self.parameter_letters, strict=True):
            reads = tuple(values[number] for number in step.reads)
            joint = Joint(step.path, reads, problem=problem)
            if None not in reads:
                joint = _joint(step, letters, cast("tuple[Extent, ...]", reads))
                together += sum(map(prod, joint.parameters.values())) + prod(joint.shape or ())
                if not joint.problem and together > TOGETHER_MOST:
                    many = say("stack.together", entries=f"{together:,}", most=f"{TOGETHER_MOST:,}")
                    joint = replace(joint, shape=None, problem=many)
            problem = ""
            values.append(joint.shape)
            yield joint

    def _mended(self, joints: Sequence[Joint], place: int, shape: Extent) -> Joint:
        """The joint of a step, with what would fit; joints: those of the steps before it too."""
        joint, step = joints[place], self.steps[place]
        flowing = joints[step.comes - 1].shape if step.comes else shape
        if flowing is None or _fit((step.item,), flowing):
            return joint
        first = dict(islice(self._proposals(step, flowing), PROPOSALS_MOST))
        if not first:
            return joint
        said = say("stack.fits", fits=say("list.or").join(map(str, first)))
        return replace(joint, problem=f"{joint.problem} {said}", fits=tuple(first.values()))

    def _proposals(self, step: Step, flowing: Extent) -> Iterator[tuple["Stack", "Stack"]]:
        """What would fit in the place of a layer, and this stack with it."""
        for items in islice(_variants(step.item, flowing), TRIED_MOST):
            if _fit(items, flowing):
                with suppress(StackError):  # beyond a limit
                    yield Stack(items), self.replaced(step.path, *items)

    def misfit(self, shape: Extent) -> str:
        """Why an x of this shape cannot be taken, a sentence; "" where it can."""
        joints = self.reached(shape)
        if not joints or not joints[-1].problem:
            return ""
        return self._mended(joints, len(joints) - 1, shape).sentence

    def parameters(self, shape: Extent) -> dict[str, Extent]:
        """The shapes of the parameters, in order. Raises StackError where they do not fit."""
        joints = self.fitting(shape)
        if joints is None:
            raise StackError(self.misfit(shape))
        return {name: it for joint in joints for name, it in joint.parameters.items()}


def _joint(step: Step, letters: tuple[str, ...], reads: tuple[Extent, ...]) -> Joint:
    """What a step makes of known shapes."""
    parameters: dict[str, Extent] = {}
    try:
        own = step.item.parameter_shapes(*reads)
        parameters = dict(zip(letters, own, strict=True))
        shape = step.item.layer.output_shape(*reads, *own)
    except EngineError as error:
        problem = say("stack.misfit", layer=str(step.item), error=_said_by(error))
        return Joint(step.path, reads, parameters, problem=problem)
    for name, each in {**parameters, say("stack.output", layer=step.item.name): shape}.items():
        if problem := _wrong_size(name, each):
            return Joint(step.path, reads, parameters, problem=problem)
    return Joint(step.path, reads, parameters, shape)


def _variants(one: Item, flowing: Extent) -> Iterator[tuple[Item, ...]]:
    """What might fit in the place of a layer to which this shape comes: one thing is changed."""
    if flowing:
        yield new_item("flatten"), one
    values = one.values
    for name in values:
        yield from _lower(one, name, flowing)
    for length in range(1, LAYERS_MOST) if one.data else ():
        cycled = (one.data * length)[:length]
        yield (replace(one, data=cycled),)
        yield (replace(one, data=(0,) * length),)
    for each in fields_of(one.name):
        if each.own:
            yield from _higher(one, each)
    for number, branch in enumerate(one.branches):
        for place, inner in enumerate(branch.items):
            for each in sorted(fields_of(inner.name), key=lambda it: not it.own):
                for (changed,) in _higher(inner, each):
                    items = (*branch.items[:place], changed, *branch.items[place + 1 :])
                    others = (*one.branches[:number], Stack(items), *one.branches[number + 1 :])
                    yield (replace(one, branches=others),)


def _fit(items: tuple[Item, ...], flowing: Extent) -> bool:
    return Stack(items).shape(flowing) is not None


def _lower(one: Item, name: str, flowing: Extent) -> Iterator[tuple[Item, ...]]:
    """The largest number below the one that is said that fits, found by halving."""
    most = one.values[name]
    if not isinstance(most, int):
        return
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        fits = any(_fit(each, flowing) for each in _said(one, name, [middle]))
        low, high = (middle, high) if fits else (low, middle)
    yield from _said(one, name, [low])


def _higher(one: Item, what: Field) -> Iterator[tuple[Item, ...]]:
    """With higher numbers than that which is said."""
    least = one.values.get(what.name, 0)
    if isinstance(least, int):
        yield from _said(one, what.name, range(least + 1, least + HIGHER_MOST))


def _said(one: Item, name: str, numbers: Iterable[int]) -> Iterator[tuple[Item, ...]]:
    """The layer with these numbers said, as far as it can be."""
    for number in numbers:
        with suppress(StackError):
            yield (item(one.name, {**one.values, name: number}, one.data, one.branches),)


def _wrong_size(name: str, shape: Extent) -> str:
    if min(shape, default=1) < 1:
        return say("stack.entries.none", name=name, shape=shape)
    if (entries := prod(shape)) <= ENTRIES_MOST:
        return ""
    most = f"{ENTRIES_MOST:,}"
    return say("stack.entries", name=name, shape=shape, entries=f"{entries:,}", most=most)

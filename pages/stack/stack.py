"""A stack of layers: what it consists of, how it is written and edited, and its shapes.

    conv1d(3,filters=2)-relu-residual(conv1d(3,filters=2,padding=1)-relu)-maxpool(2)-flatten-linear(2)

A layer is written as its class's name in lower case. The parentheses contain the branches of a
layer that joins several, then data (the labels of a loss), then the sizes of its parameters and the
arguments of its constructor, under the names of torch.nn; the first of these is written without its
name. All of this is read from the layers' classes, so that a new layer can be used at once. Layers
have no bias unless bias=True is given. `grammar` reads this text.
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
"""Where a layer is: its place in the row, or a place, a branch, and the place in it: (2, 0, 1)."""

LAYERS_MOST: Final = 64  # the most layers of a stack, those in branches included
DEPTH_MOST: Final = 4  # the deepest that branches may be nested
LENGTH_MOST: Final = 5_900
"""The most characters in an address, of 6,000; the rest is for what else cannot be left out."""
RANK_MOST: Final = 4  # the most axes of x
ENTRIES_MOST: Final = 2_000
"""The most entries of one array and of a layer's data, and the largest size."""
TOGETHER_MOST: Final = 8_000  # the most entries of all values and parameters of a pass together
SETTING_MOST: Final = 200
"""The largest stride, padding, …: settings that cost computation but no entries."""
DATA_MOST: Final = 1_000_000  # the largest number in a layer's data
MENDED_MOST: Final = 3  # the most joints for which something that fits is proposed
PROPOSALS_MOST: Final = 2  # the most proposals for one joint
TRIED_MOST: Final = 200  # the most variants that are tried for one joint
HIGHER_MOST: Final = 9  # variants raise a number in a layer by less than this

_OPERATIONS: Final = {
    name.lower(): each
    for name in engine.layers.__all__
    for each in [getattr(engine.layers, name)]
    if issubclass(each, Operation) and not isabstract(each)
}
RESIDUAL: Final = "residual"  # residual(A) is the sum of A's output and A's input
LAYERS: Final[Mapping[str, type[Operation]]] = MappingProxyType(
    {**_OPERATIONS, RESIDUAL: _OPERATIONS["add"]}
)
"""The engine's operations, by their names in a stack."""
BIAS: Final = "bias"


class StackError(ValueError):
    """Why something is no valid stack, in one sentence."""

    def __init__(self, problem: str, position: int | None = None) -> None:
        super().__init__(problem)
        self.position = position  # of the character, from 0


def refuse(key: str, count: int = 1, **gaps: object) -> NoReturn:
    """Raise StackError with this text of the catalogue."""
    raise StackError(say(key, count, **gaps))


class Field(NamedTuple):
    """An argument of a layer in a stack."""

    name: str  # in a stack
    own: str = ""  # its name in the layer's constructor; "" if that does not take it
    unstated: int | None = None  # the default of a size, or None


def joins(name: str) -> bool:
    """Whether a layer has branches."""
    return LAYERS[name].flowing > 1


@lru_cache
def fields_of(name: str) -> tuple[Field, ...]:
    """Return the arguments of a layer with this name, in order, without its data."""
    of = LAYERS[name]
    settings = (Field(of.torch_names.get(each, each), each) for each in of.settings)
    bias = (Field(BIAS),) if of.optional else ()
    return (*(Field(each.name, unstated=each.unstated) for each in of.sizes), *settings, *bias)


@dataclass(frozen=True)
class Item:
    """A layer of a stack; `item` makes it."""

    name: str
    given: tuple[tuple[str, Any], ...] = ()  # its arguments as they are written, in order
    data: tuple[Any, ...] = ()  # what is bound to it, such as labels
    branches: tuple["Stack", ...] = ()  # of a layer that joins several

    def __str__(self) -> str:
        """Return the layer as it is written in an address."""
        parts = ["|".join(map(str, self.branches))] if self.branches else []
        parts += map(written, self.data)
        first = fields_of(self.name)[:1] if not parts else ()
        for name, value in self.given:
            unnamed = any(name == each.name for each in first)
            parts.append(written(value) if unnamed else f"{name}={written(value)}")
        return f"{self.name}({','.join(parts)})" if parts else self.name

    @property
    def values(self) -> dict[str, Any]:
        """Its arguments, by name."""
        return dict(self.given)

    @cached_property
    def layer(self) -> Operation:
        """The engine's layer; for a residual the sum."""
        return _constructed(self.name, self.values, self.data)

    @cached_property
    def sizes(self) -> dict[str, Extent]:
        """The sizes of its parameters, by name, with a number for each axis."""
        return _sized(self.name, self.values)

    @cached_property
    def arguments(self) -> tuple[str, ...]:
        """The names of its parameters: w and, with a bias, b."""
        own = self.layer.arguments[self.layer.flowing :]
        left_out = 0 if self.values.get(BIAS) else self.layer.optional
        return own[: len(own) - left_out]

    def parameter_shapes(self, *reads: Extent) -> tuple[Extent, ...]:
        """Return the parameters' shapes for an input of this shape. Raises EngineError."""
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
    """Return a layer of a stack, without arguments that are defaults. Raises StackError."""
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
    """Raise StackError for arguments, data or branches that a layer with this name cannot have."""
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
    """Return lists as tuples, and floats that are whole numbers as integers."""
    if isinstance(value, list | tuple):
        return tuple(map(_plain, value))
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _said_by(error: EngineError) -> str:
    """Return an error's message without the name in front of it."""
    return str(error).partition(": ")[2]


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, tuple):
        for each in value:
            yield from _numbers(each)
    elif isinstance(value, int | float):
        yield value


def _simplest(name: str, given: dict[str, Any], data: tuple[Any, ...]) -> dict[str, Any]:
    """Return the shortest arguments for the same layer: without defaults, and 2 for (2, 2)."""

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
    """Yield values that may mean the same as a setting, the shortest first."""
    if isinstance(value, tuple) and value:
        within = tuple(next(_simpler(each)) for each in value)
        if len({*within}) == 1:
            yield within[0]
        yield within
    yield value


def written(value: Any) -> str:
    """Return a value as it is written in an address."""
    if isinstance(value, tuple):
        return f"({','.join(map(written, value))}{',' if len(value) == 1 else ''})"
    return str(value)


def new_item(name: str) -> Item:
    """Return a new layer with as few arguments as possible; sizes and a pool's windows are 2."""
    if joins(name):
        return item(name, branches=[Stack()] * (1 if name == RESIDUAL else 2))
    of = LAYERS[name]
    given = {each.name: 2 for each in of.sizes if each.unstated is None}
    given |= {each.name: 2 for each in fields_of(name) if each.own == "size"}
    return item(name, given, (0,) if of.data else ())


class Step(NamedTuple):
    """An operation of a stack's pass. Values are numbered: 0 is x, then come the steps' outputs."""

    path: Path  # of the layer
    item: Item  # the layer
    reads: tuple[int, ...]  # the values that it reads
    comes: int  # the value that arrives at the layer; one with branches passes it to them


@dataclass(frozen=True)
class Joint:
    """The shapes at one layer."""

    path: Path
    reads: tuple[Extent | None, ...]  # the shapes that it reads; None for one that is not known
    parameters: Mapping[str, Extent] = field(default_factory=dict)  # their shapes, by letter
    shape: Extent | None = None  # of its output
    problem: str = ""  # why it does not fit, and what would; "" if it fits
    fits: tuple["Stack", ...] = ()  # stacks in which it does

    @property
    def sentence(self) -> str:
        """The problem as a sentence; the name of an array or a layer stays in lower case."""
        begins = self.problem.startswith(say("stack.output", layer=""))
        return self.problem[0].upper() + self.problem[1:] if begins else self.problem


@dataclass(frozen=True)
class Stack:
    """Layers in a row, some of which may have branches. Each edit returns a new stack."""

    items: tuple[Item, ...] = ()

    def __str__(self) -> str:
        """Return the stack as it is written in an address; `read_stack` is the inverse."""
        return "-".join(map(str, self.items))

    def __bool__(self) -> bool:
        """Whether there is a layer."""
        return bool(self.items)

    # --- edits

    def at(self, path: Path) -> Item:
        """Return the layer at a path. Raises StackError if there is none."""
        row, place = self._row(path)
        if not 0 <= place < len(row.items):
            refuse("stack.path", path=".".join(map(str, path)))
        return row.items[place]

    def added(self, path: Path, *items: Item) -> "Stack":
        """Insert layers before the layer at a path, or behind the last one."""
        row, place = self._row(path)
        if not 0 <= place <= len(row.items):
            refuse("stack.path", path=".".join(map(str, path)))
        return self._spliced(path, 0, items)

    def removed(self, path: Path) -> "Stack":
        """Remove the layer at a path, with its branches."""
        return self.replaced(path)

    def moved(self, path: Path, to: Path) -> "Stack":
        """Move the layer at a path. to: its new path, in the stack without it."""
        return self.removed(path).added(to, self.at(path))

    def replaced(self, path: Path, *items: Item) -> "Stack":
        """Replace the layer at a path by these."""
        self.at(path)
        return self._spliced(path, 1, items)

    def changed(self, path: Path, **given: Any) -> "Stack":
        """Change arguments or data of the layer at a path, by name; None removes an argument."""
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
        """Replace `gone` layers from a path on by these."""
        place, *deeper = path
        if deeper:
            old, (branch, *inner) = self.items[place], deeper
            new = old.branches[branch]._spliced(tuple(inner), gone, items)
            branches = (*old.branches[:branch], new, *old.branches[branch + 1 :])
            gone, items = 1, (replace(old, branches=branches),)
        return Stack(self.items[:place] + items + self.items[place + gone :]).checked()

    def checked(self) -> "Stack":
        """Return the stack itself. Raises StackError if it exceeds a limit."""
        if self.count > LAYERS_MOST:
            refuse("stack.layers", count=self.count, most=LAYERS_MOST)
        if self.depth > DEPTH_MOST:
            refuse("stack.depth", most=DEPTH_MOST)
        if (length := len(escaped({"layers": str(self)}))) > LENGTH_MOST:
            refuse("stack.length", length=f"{length:,}", most=f"{LENGTH_MOST:,}")
        return self

    @cached_property
    def count(self) -> int:
        """The number of layers, those in branches included."""
        return sum(1 + sum(each.count for each in it.branches) for it in self.items)

    @cached_property
    def depth(self) -> int:
        """How deep branches are nested."""
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
        """The letters of x, of the parameters, and of each step's output, as on a page."""
        parameters = (name for step in self.steps for name in step.item.arguments)
        made = (step.item.layer.words.letter for step in self.steps)
        return tuple(numbered(["x", *parameters, *made]))

    @cached_property
    def parameter_letters(self) -> tuple[tuple[str, ...], ...]:
        """The letters of each step's parameters, in the order in which the layer takes them."""
        waiting = iter(self.letters[1:])
        return tuple(tuple(next(waiting) for _ in step.item.arguments) for step in self.steps)

    @cached_property
    def layer(self) -> Layer:
        """The engine's layer: a Sequential, or otherwise a Graph. Raises StackError if empty."""
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
        """Return all joints for an x of this shape, with proposals where something does not fit."""
        joints = list(self._joints(shape))
        wrong = [place for place, joint in enumerate(joints) if joint.problem]
        for place in wrong[:MENDED_MOST]:
            joints[place] = self._mended(joints, place, shape)
        return tuple(joints)

    def fitting(self, shape: Extent) -> tuple[Joint, ...] | None:
        """Return the joints for an x of this shape; None if one does not fit."""
        joints = self.reached(shape)
        return None if any(joint.problem for joint in joints[-1:]) else joints

    def reached(self, shape: Extent) -> tuple[Joint, ...]:
        """Return the joints for an x of this shape, up to the first that does not fit."""
        joints: list[Joint] = []
        for joint in self._joints(shape):
            joints.append(joint)
            if joint.problem:
                break
        return tuple(joints)

    def shape(self, shape: Extent) -> Extent | None:
        """Return the output's shape for an x of this shape; None if something does not fit."""
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
        """Return a step's joint with what would fit. joints: those of all steps up to it."""
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
        """Yield layers that would fit in place of a step's, each with the stack that has them."""
        for items in islice(_variants(step.item, flowing), TRIED_MOST):
            if _fit(items, flowing):
                with suppress(StackError):  # beyond a limit
                    yield Stack(items), self.replaced(step.path, *items)

    def misfit(self, shape: Extent) -> str:
        """Return a sentence that says why an x of this shape does not fit; "" if it does."""
        joints = self.reached(shape)
        if not joints or not joints[-1].problem:
            return ""
        return self._mended(joints, len(joints) - 1, shape).sentence

    def parameters(self, shape: Extent) -> dict[str, Extent]:
        """Return the parameters' shapes for an x of this shape, by letter and in order.

        Raises StackError if something does not fit.
        """
        joints = self.fitting(shape)
        if joints is None:
            raise StackError(self.misfit(shape))
        return {name: it for joint in joints for name, it in joint.parameters.items()}


def _joint(step: Step, letters: tuple[str, ...], reads: tuple[Extent, ...]) -> Joint:
    """Return the joint of a step that reads known shapes."""
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
    """Yield what might fit in place of a layer that reads this shape, with one thing changed."""
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
    """Yield the layer with the largest smaller number that fits, found by bisection."""
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
    """Yield the layer with larger numbers than its own."""
    least = one.values.get(what.name, 0)
    if isinstance(least, int):
        yield from _said(one, what.name, range(least + 1, least + HIGHER_MOST))


def _said(one: Item, name: str, numbers: Iterable[int]) -> Iterator[tuple[Item, ...]]:
    """Yield the layer with each of these numbers in an argument, if that is allowed."""
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

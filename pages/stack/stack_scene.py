"""The scene of the stack page: the layers, the shape of x, all numbers, and what is looked at.

An address has `layers`, as `grammar` reads them, and `shape`, the shape of x; then x, the
parameters and the upstream gradient under their letters, as `array_codec` writes them; then the
rule, the step and the entry. If there is only `layers`, a shape that fits and numbers that show
something are chosen by `start`.
"""

import json
import operator
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from math import prod
from typing import Any, Final, Self

import numpy as np
from numpy.typing import ArrayLike

from engine import Trace, trace
from engine.arrays import Array, Extent, Index, indices, once
from engine.errors import NumberError
from engine.kinks import EVERYBODY
from pages.derive.derivation import Derivation, DerivedScene, derived
from pages.derive.subject import Subject
from pages.figures.layout import NETWORK
from pages.figures.ranks import Wishes
from pages.language.catalogue import listed, say
from pages.stack.array_codec import SEED, ArrayCodec, Values
from pages.stack.grammar import read_stack
from pages.stack.own_numbers import check_bytes
from pages.stack.stack import (
    ENTRIES_MOST,
    LAYERS,
    LAYERS_MOST,
    RANK_MOST,
    Item,
    Stack,
    StackError,
    new_item,
    refuse,
)
from pages.stack.start import input_shape, seeds, start
from pages.state.codecs import Codec, Whole
from pages.state.scene import STEP, Scene, escaped, unread

KEY: Final = "stack"
TRIED: Final = ((5,), (1, 1, 16, 16), (6, 6), (1, 1, 6), (1, 1, 6, 6))
"""If no shape is given and none fits, the error is about the one of these that fits furthest."""
KEPT: Final = 40  # the most characters that a message quotes of a value that is kept
HUGE: Final = 1e120
"""The largest number of a pass, so that results of several numbers stay in the range of floats."""
ADDRESS_MOST: Final = 6_000  # the most characters in an address: nginx refuses 8 kB


class _Layers:
    """Reads and writes a stack."""

    @property
    def needs(self) -> str:
        """What it reads, for messages."""
        return say("stack.needs")

    def read(self, text: str) -> Stack:
        """Read a stack from an address. Raises StackError, also for an empty one."""
        stack = read_stack(text)
        return stack or refuse("stack.empty")

    def write(self, stack: Stack) -> str:
        """Write a stack as in an address."""
        return str(stack)


class _Shape:
    """Reads and writes the shape of x: 1,1,6."""

    @property
    def needs(self) -> str:
        """What it reads, for messages."""
        return say("stack.shape", most=RANK_MOST, entries=f"{ENTRIES_MOST:,}")

    def read(self, text: str) -> Extent:
        """Read a shape, with or without parentheses. Raises ValueError."""
        inner = text.strip().removeprefix("(").removesuffix(")").removesuffix(",")
        sides = inner.split(",")
        if len(sides) > RANK_MOST:
            raise ValueError(text)
        shape = tuple(Whole(1, ENTRIES_MOST).read(each.strip()) for each in sides)
        if prod(shape) > ENTRIES_MOST:
            raise ValueError(text)
        return shape

    def write(self, shape: Extent) -> str:
        """Write a shape as in an address."""
        return ",".join(map(str, shape))


LAYERS_CODEC: Final = _Layers()
SHAPE_CODEC: Final = _Shape()


def _letters() -> Iterator[str]:
    """Yield the letters of the parameters and the upstream gradient of every layer, unnumbered."""
    for layer in (new_item(each).layer for each in LAYERS):
        yield from layer.arguments[layer.flowing :]
        yield f"d{layer.words.letter}"


KEYS: Final = frozenset(
    {
        "layers",
        "shape",
        "x",
        *Scene.looks,
        *(f"{each}{n}" for each in {*_letters()} for n in ("", *range(1, LAYERS_MOST + 1))),
    }
)
"""Every key that an address of the page may have."""


@lru_cache(maxsize=32)
def subject_of(stack: Stack, shape: Extent) -> Subject[DerivedScene]:
    """Return the subject of a stack for an x of this shape: its picture, sliders and words.

    Raises StackError.
    """
    return derived(
        KEY,
        stack.layer,
        start(stack, shape),
        axes=_axes(stack, shape),
        wishes=lambda settings: Wishes(sent="chosen", shapes=True),
        measures=NETWORK,
    )


def _axes(stack: Stack, shape: Extent) -> dict[str, tuple[int, ...]]:
    """Return by letter the axes that number an array's entries: those with more than one entry."""
    made = stack.letters[-len(stack.steps) :]
    joints = zip(made, stack.joints(shape), strict=True)
    shapes = {"x": shape, **stack.parameters(shape), **{x: joint.shape for x, joint in joints}}
    return {
        letter: tuple(axis for axis, size in enumerate(each) if size > 1) or (len(each) - 1,)
        for letter, each in shapes.items()
        if each
    }


@lru_cache(maxsize=128)
def _computes(stack: Stack, shape: Extent, reaches: tuple[float, ...]) -> bool:
    """Whether no number of a pass gets too large if all sliders are at these upper ends."""
    shapes = [shape, *stack.parameters(shape).values()]
    *given, sent = reaches
    full = [np.full(each, reach) for each, reach in zip(shapes, given, strict=True)]
    try:
        passed = trace(stack.layer, *full, kinks=EVERYBODY)
        passed = trace(stack.layer, *full, dout=np.full(passed.output.shape, sent), kinks=EVERYBODY)
    except NumberError:
        return False
    return all(np.abs(each).max() < HUGE for v in passed.values for each in (v.array, v.grad))


@dataclass(frozen=True)
class StackScene(Scene):
    """A stack and the shape of x, with the rule, the step and the entry of every derived page."""

    stack: Stack
    shape: Extent
    arrays: tuple[Values, ...]  # of x, of the parameters, and of the upstream gradient
    rule: str
    step: int
    entry: str

    @classmethod
    def opened(cls, stack: Stack, shape: Extent) -> Self:
        """Return a scene with numbers that show something, at the first zero. Raises StackError.

        The rule is the lab's, or PyTorch's if there is a kink that the lab's does not cover.
        """
        if not stack or stack.fitting(shape) is None:
            raise StackError(_misfit(stack, shape))
        begun = subject_of(stack, shape).start
        its = [f"{SEED}:{each}" for each in seeds(stack, shape)]
        begin = zip(begun.derivation.arrays.values(), [*its, "1"], strict=True)
        arrays = tuple(
            ArrayCodec(it.shape, not at).of(origin) for at, (it, origin) in enumerate(begin)
        )
        return cls(stack, shape, arrays, begun.rule, begun.step, begun.entry).at_a_zero()

    def at_a_zero(self) -> Self:
        """Return the scene with the first entry of x selected whose gradient is 0, if any is."""
        x = self.trace.values[0]
        for index in indices(x.array.shape):
            if not x.grad[index]:
                return replace(self, entry=self.derivation.naming.entry(self.letters[0], index))
        return self

    # --- what follows from its layers and its shape

    @once
    def subject(self) -> Subject[DerivedScene]:
        """The subject that draws its pictures."""
        return subject_of(self.stack, self.shape)

    @property
    def derivation(self) -> Derivation:
        """The derivation of its letters, cells and sliders."""
        return self.subject.start.derivation

    @property
    def letters(self) -> list[str]:
        """The letters of x, of the parameters, and of the upstream gradient."""
        return [*self.derivation.arrays]

    @once
    def array_codecs(self) -> dict[str, ArrayCodec]:
        """The codecs of its arrays, by letter."""
        shapes = zip(self.derivation.arrays.items(), self.arrays, strict=True)
        return {
            letter: ArrayCodec(array.shape, not at, values.reach)
            for at, ((letter, array), values) in enumerate(shapes)
        }

    @once
    def inner(self) -> DerivedScene:
        """The same state as a scene of the subject of this one stack."""
        begun, arrays = self.subject.start, zip(self.letters, self.arrays, strict=True)
        numbers: Any = {
            letter: values.numbers[0]
            if isinstance(getattr(begun, letter), float)
            else values.numbers
            for letter, values in arrays
        }
        return replace(begun, **numbers, **{each: getattr(self, each) for each in Scene.looks})

    @property
    def trace(self) -> Trace:
        """Its pass."""
        return self.subject.trace(self.inner)

    # --- as every scene

    def codecs(self) -> dict[str, Codec]:
        """The codecs by the keys of the address."""
        looks = self.subject.start.codecs()
        own: dict[str, Codec] = {"layers": LAYERS_CODEC, "shape": SHAPE_CODEC, **self.array_codecs}
        return own | {name: looks[name] for name in Scene.looks}

    def keys(self) -> set[str]:
        """The keys of every possible stack."""
        return {*KEYS}

    def query(self) -> dict[str, str]:
        """The whole state, whatever its length."""
        arrays = zip(self.array_codecs.items(), self.arrays, strict=True)
        return {
            "layers": str(self.stack),
            "shape": SHAPE_CODEC.write(self.shape),
            **{letter: codec.write(values) for (letter, codec), values in arrays},
            "rule": self.rule,
            STEP: str(self.step),
            "entry": self.entry,
        }

    def address(self) -> tuple[dict[str, str], list[str]]:
        """Return what an address has room for, and a sentence about what is left out."""
        query, left_out = self.query(), []
        lengths = {key: len(escaped({key: text})) for key, text in query.items()}
        while sum(lengths.values()) + len(lengths) > ADDRESS_MOST:
            longest = max(self.letters, key=lambda letter: lengths.get(letter, 0))
            left_out.append(longest)
            del query[longest], lengths[longest]
        if not left_out:
            return query, []
        return query, [say("stack.too_long", letters=listed(left_out))]

    def updated(self, query: Mapping[str, str]) -> tuple[Self, list[str]]:
        """Update as every scene does. Other layers, or another shape, begin with new numbers."""
        if not query.keys() & {"layers", "shape"}:
            return self._read(query, self.codecs())
        try:
            stack, shape, problems = self._network(query)
        except StackError as error:  # the other values are for another network
            return self, [say("stack.address", problem=error)]
        same = (stack, shape) == (self.stack, self.shape)
        scene = self if same else type(self).opened(stack, shape)
        scene, more = scene._read(query, scene.codecs())
        if problems:  # numbers that do not fit were for the shape that was asked for
            more = []
        if not same and "entry" not in query:
            scene = scene.at_a_zero()
        return scene, problems + more

    def _network(self, query: Mapping[str, str]) -> tuple[Stack, Extent, list[str]]:
        """Return the layers and the shape of an address, or a shape that fits, and problems.

        Raises StackError.
        """
        stack = LAYERS_CODEC.read(query["layers"]) if "layers" in query else self.stack
        own = self.shape if stack == self.stack else None
        try:
            wanted = SHAPE_CODEC.read(query["shape"]) if "shape" in query else own
        except ValueError:
            wanted = None
        if wanted and stack.fitting(wanted) is not None:
            return stack, wanted, []
        shape = own or input_shape(stack)
        if shape is None:
            raise StackError(_misfit(stack, wanted or nearest(stack)))
        if "shape" not in query:
            return stack, shape, []
        if wanted is None:
            instead = SHAPE_CODEC.write(shape)
            return stack, shape, [unread("shape", query["shape"], SHAPE_CODEC.needs, instead)]
        problem = _misfit(stack, wanted)
        return stack, shape, [say("stack.other_shape", problem=problem, shape=shape)]

    def _read(
        self, query: Mapping[str, str], codecs: Mapping[str, Codec]
    ) -> tuple[Self, list[str]]:
        """Return the scene with an address's other values, and a sentence for each not taken."""
        scene, problems = self, []
        for name, codec in codecs.items():
            if name not in query or name in ("layers", "shape"):
                continue
            try:
                scene = scene.having(name, codec.read(query[name]))
            except StackError as error:
                problems.append(f"{name}: {error}")
            except ValueError:
                kept = self.query()[name]
                kept = f"{kept[:KEPT]}…" if len(kept) > KEPT else kept or say("stack.nothing")
                problems.append(unread(name, query[name], codec.needs, kept))
        return scene, problems

    def having(self, name: str, value: Any) -> Self:
        """Return the scene with a new rule, step or entry, or new numbers under a letter.

        Raises StackError if numbers of the pass might get too large.
        """
        if name in Scene.looks:
            return replace(self, **{name: value})
        at = self.letters.index(name)
        there = replace(self, arrays=(*self.arrays[:at], value, *self.arrays[at + 1 :]))
        reaches = tuple(each.reach for each in there.arrays)
        if value.reach > self.arrays[at].reach and not _computes(self.stack, self.shape, reaches):
            refuse("stack.overflows")
        return there

    def values(self, letter: str) -> Values:
        """Return the numbers under a letter."""
        return self.arrays[self.letters.index(letter)]

    def array(self, letter: str) -> Array:
        """Return the numbers under a letter as an array."""
        return np.reshape(self.values(letter).numbers, self.array_codecs[letter].shape)

    def entry_names(self) -> dict[str, tuple[str, int | None]]:
        """Return the entries x1, w1.2, dz, … and the step: each name's letter and flat position."""
        return self.subject.start.entry_names()

    def value(self, entry: str) -> float:
        """Return the number of an entry. Raises KeyError for another name."""
        letter, at = self.entry_names()[entry]
        return float(self.step) if letter == STEP else self.values(letter).numbers[at or 0]

    def moved(self, entry: str, value: float) -> Self:
        """Return the scene with one entry moved. Raises KeyError for another name."""
        letter, at = self.entry_names()[entry]
        if letter == STEP:
            return replace(self, step=int(value))
        return self.having(
            letter, self.array_codecs[letter].moved(self.values(letter), at or 0, value)
        )

    def numbered(self, letter: str, numbers: ArrayLike, origin: str = "") -> Self:
        """Return the scene with these numbers under a letter. Raises StackError like `having`."""
        flat = np.ravel(np.asarray(numbers, float)).tolist()
        return self.having(letter, self.array_codecs[letter].made(flat, origin))

    def place(self, entry: str) -> tuple[int, Index] | None:
        """Return the number of an entry's array, among x and the parameters, and its index there.

        None for another name.
        """
        letter, flat = self.entry_names().get(entry, (STEP, None))
        if letter not in self.letters[:-1]:
            return None
        at, shape = self.letters.index(letter), self.array_codecs[letter].shape
        return at, tuple(map(int, np.unravel_index(flat or 0, shape)))

    # --- other networks

    def over(self, stack: Stack, shape: Extent) -> Self:
        """Return another network, with the numbers of the layers that it keeps, as far as they fit.

        A kept layer is recognized as the same object, whatever its letters become, and its arrays
        may differ in axes of length 1. A layer that was changed or written anew takes the numbers
        of a layer of the same name that is gone, if the shapes agree. Raises StackError.
        """
        scene, left = type(self).opened(stack, shape), self._owners()
        waiting = scene._owners()
        for is_same, axes in ((operator.is_, _long), (_alike, tuple)):
            for letter, (owner, what, size) in [*waiting.items()]:
                mine = (
                    each
                    for each, (other, its, before) in left.items()
                    if what == its and is_same(owner, other) and axes(size) == axes(before)
                )
                if kept := next(mine, ""):
                    scene = scene.having(
                        letter, scene.array_codecs[letter].taken(self.values(kept))
                    )
                    del waiting[letter], left[kept]
        return scene.under(self.rule).at_a_zero()

    def _owners(self) -> dict[str, tuple[Item | None, str, Extent]]:
        """Return by letter an array's layer, or None, its name in that layer, and its shape."""
        steps = self.stack.steps
        names = [(step.item, name) for step in steps for name in step.item.arguments]
        every = zip(self.array_codecs.items(), [(None, "x"), *names, (None, "d")], strict=True)
        return {letter: (*owner, codec.shape) for (letter, codec), owner in every}


# --- as a file


def as_file(scene: StackScene) -> str:
    """Return the whole state as JSON, with what an address has no room for."""
    return json.dumps({"page": KEY, **scene.query()}, indent=1)


def from_file(content: bytes, before: StackScene) -> tuple[StackScene, list[str]]:
    """Return the state in a file, and a sentence for each value not taken. Raises StackError."""
    check_bytes(len(content))
    try:
        query = json.loads(content)
    except (ValueError, RecursionError):
        query = None
    if not (isinstance(query, dict) and isinstance(query.get("layers"), str)):
        refuse("stack.file")
    said = {key: text for key, text in query.items() if isinstance(text, str)}
    before._network(said)  # raises if the file's network is not valid; updated would keep `before`
    return before.updated(said)


def nearest(stack: Stack) -> Extent:
    """Return a shape of x that fits, or the one in TRIED that fits furthest."""
    return input_shape(stack) or max(TRIED, key=lambda shape: _reached(stack, shape))


def _long(shape: Extent) -> Extent:
    return tuple(size for size in shape if size > 1)


def _alike(one: Item | None, other: Item | None) -> bool:
    return one is not None and other is not None and one.name == other.name


def _reached(stack: Stack, shape: Extent) -> int:
    """Return how many layers come before one that does not fit."""
    return sum(not joint.problem for joint in stack.reached(shape))


def _misfit(stack: Stack, shape: Extent) -> str:
    """Return a sentence that says why a stack takes no x of this shape."""
    return stack.misfit(shape) if stack else say("stack.empty")

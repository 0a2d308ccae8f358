"""The scene of a page of any stack: its layers, the shape of x, all numbers, what is looked at.

The address has `layers`, as `grammar` reads them, and `shape`, that of x; then x, the parameters
and the upstream gradient under their letters, each as `arrays` has it; the rule, the step, the
entry. With `layers` alone a shape is found that fits, and numbers with which something happens.
"""

import json
import operator
from collections.abc import Iterator, Mapping
from contextlib import suppress
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
RANK_MOST: Final = 4
TRIED: Final = ((5,), (1, 1, 16, 16), (6, 6), (1, 1, 6), (1, 1, 6, 6))
"""Where no shape is said, and none fits, it is said of the first best of these why it does not."""
KEPT: Final = 40
"""So many signs are quoted of what stays as it is."""
HUGE: Final = 1e120
"""No number of a pass is larger, so that what is made of several stays in the range of floats."""
ADDRESS_MOST: Final = 6_000
"""So many signs may be in an address: nginx refuses 8 kB."""


class _Layers:
    """Reads and writes a stack."""

    @property
    def needs(self) -> str:
        """For messages."""
        return say("stack.needs")

    def read(self, text: str) -> Stack:
        """Raises StackError."""
        stack = read_stack(text)
        return stack or refuse("stack.empty")

    def write(self, stack: Stack) -> str:
        """As an address has it."""
        return str(stack)


class _Shape:
    """Reads and writes the shape of x: 1,1,6."""

    @property
    def needs(self) -> str:
        """For messages."""
        return say("stack.shape", most=RANK_MOST, entries=f"{ENTRIES_MOST:,}")

    def read(self, text: str) -> Extent:
        """Raises ValueError."""
        inner = text.strip().removeprefix("(").removesuffix(")").removesuffix(",")
        sides = inner.split(",")
        if len(sides) > RANK_MOST:
            raise ValueError(text)
        shape = tuple(Whole(1, ENTRIES_MOST).read(each.strip()) for each in sides)
        if prod(shape) > ENTRIES_MOST:
            raise ValueError(text)
        return shape

    def write(self, shape: Extent) -> str:
        """Its sides."""
        return ",".join(map(str, shape))


LAYERS_CODEC: Final = _Layers()
SHAPE_CODEC: Final = _Shape()


def _letters() -> Iterator[str]:
    """Of all parameters and of all upstream gradients that there may be."""
    for layer in (new_item(each).layer for each in LAYERS):
        yield from layer.arguments[layer.flowing :]
        yield f"d{layer.words.letter}"


KEYS: Final = frozenset(
    {
        *("layers", "shape", "x", *Scene.looks),
        *(f"{each}{n}" for each in {*_letters()} for n in ("", *range(1, LAYERS_MOST + 1))),
    }
)
"""Every key that an address of the page may have."""


@lru_cache(maxsize=32)
def subject_of(stack: Stack, shape: Extent) -> Subject[DerivedScene]:
    """A stack's picture, sliders and words for an x of this shape. Raises StackError."""
    return derived(
        KEY,
        stack.layer,
        start(stack, shape),
        axes=_axes(stack, shape),
        wishes=lambda settings: Wishes(sent="chosen", shapes=True),
        measures=NETWORK,
    )


def _axes(stack: Stack, shape: Extent) -> dict[str, tuple[int, ...]]:
    """Of each array the axes that its entries' names count: those along which there are several."""
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
    """Whether no number can get too large where sliders go so far: with all of them there."""
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
    """A stack, the shape of x; and as on every derived page the rule, the step, the entry.

    arrays: the numbers of x, of the parameters, and of the upstream gradient.
    """

    stack: Stack
    shape: Extent
    arrays: tuple[Values, ...]
    rule: str
    step: int
    entry: str

    @classmethod
    def opened(cls, stack: Stack, shape: Extent) -> Self:
        """With numbers with which something happens, at the first zero. Raises StackError.

        Under the lab's rule, or PyTorch's where there is a kink that the lab does not have.
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
        """With the first entry of x explained whose gradient is 0, if there is one."""
        x = self.trace.values[0]
        for index in indices(x.array.shape):
            if not x.grad[index]:
                return replace(self, entry=self.derivation.naming.entry(self.letters[0], index))
        return self

    # --- what follows from its layers and its shape

    @once
    def subject(self) -> Subject[DerivedScene]:
        """What makes its pictures."""
        return subject_of(self.stack, self.shape)

    @property
    def derivation(self) -> Derivation:
        """What its letters, its cells and its sliders follow from."""
        return self.subject.start.derivation

    @property
    def letters(self) -> list[str]:
        """Of x, of the parameters, and of the upstream gradient."""
        return [*self.derivation.arrays]

    @once
    def array_codecs(self) -> dict[str, ArrayCodec]:
        """Those of its arrays, by letter."""
        shapes = zip(self.derivation.arrays.items(), self.arrays, strict=True)
        return {
            letter: ArrayCodec(array.shape, not at, values.reach)
            for at, ((letter, array), values) in enumerate(shapes)
        }

    @once
    def inner(self) -> DerivedScene:
        """The same as a scene of a page of this stack alone."""
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
        """By the address's keys."""
        looks = self.subject.start.codecs()
        own: dict[str, Codec] = {"layers": LAYERS_CODEC, "shape": SHAPE_CODEC, **self.array_codecs}
        return own | {name: looks[name] for name in Scene.looks}

    def keys(self) -> set[str]:
        """Those of every stack that there may be."""
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
        """What an address has room for, and a sentence where that is not all."""
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
        """As every scene. Other layers, or another shape, begin with numbers of their own."""
        if not query.keys() & {"layers", "shape"}:
            return self._read(query, self.codecs())
        try:
            stack, shape, problems = self._network(query)
        except StackError as error:  # what else is said is of another network than this one
            return self, [say("stack.address", problem=error)]
        same = (stack, shape) == (self.stack, self.shape)
        scene = self if same else type(self).opened(stack, shape)
        scene, more = scene._read(query, scene.codecs())
        if problems:  # what does not fit is of the shape that was asked for
            more = []
        if not same and "entry" not in query:
            scene = scene.at_a_zero()
        return scene, problems + more

    def _network(self, query: Mapping[str, str]) -> tuple[Stack, Extent, list[str]]:
        """The layers and the shape that an address asks for, or the nearest. Raises StackError."""
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
        """With what else an address says."""
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
        """With another value of how it is looked at, or under a letter. Raises StackError."""
        if name in Scene.looks:
            return replace(self, **{name: value})
        at = self.letters.index(name)
        there = replace(self, arrays=(*self.arrays[:at], value, *self.arrays[at + 1 :]))
        reaches = tuple(each.reach for each in there.arrays)
        if value.reach > self.arrays[at].reach and not _computes(self.stack, self.shape, reaches):
            refuse("stack.overflows")
        return there

    def values(self, letter: str) -> Values:
        """Those under a letter."""
        return self.arrays[self.letters.index(letter)]

    def array(self, letter: str) -> Array:
        """The same in its shape."""
        return np.reshape(self.values(letter).numbers, self.array_codecs[letter].shape)

    def entry_names(self) -> dict[str, tuple[str, int | None]]:
        """x1, w1.2, dz, … and the step."""
        return self.subject.start.entry_names()

    def value(self, entry: str) -> float:
        """What it is. Raises KeyError for another name."""
        letter, at = self.entry_names()[entry]
        return float(self.step) if letter == STEP else self.values(letter).numbers[at or 0]

    def moved(self, entry: str, value: float) -> Self:
        """With one entry moved. Raises KeyError for another name."""
        letter, at = self.entry_names()[entry]
        if letter == STEP:
            return replace(self, step=int(value))
        return self.having(
            letter, self.array_codecs[letter].moved(self.values(letter), at or 0, value)
        )

    def numbered(self, letter: str, numbers: ArrayLike, origin: str = "") -> Self:
        """With these numbers under a letter. Raises StackError where a pass cannot have them."""
        flat = np.ravel(np.asarray(numbers, float)).tolist()
        return self.having(letter, self.array_codecs[letter].made(flat, origin))

    def place(self, entry: str) -> tuple[int, Index] | None:
        """Which of x and the parameters an entry is of, and where in it; None for another."""
        letter, flat = self.entry_names().get(entry, (STEP, None))
        if letter not in self.letters[:-1]:
            return None
        at, shape = self.letters.index(letter), self.array_codecs[letter].shape
        return at, tuple(map(int, np.unravel_index(flat or 0, shape)))

    # --- other networks

    def over(self, stack: Stack, shape: Extent) -> Self:
        """The same numbers in another network, in the layers that are kept, as far as they fit.

        A layer is known by itself, whatever its letters become, and an axis of one entry changes
        no number of its arrays; one that was changed, or written anew, takes what one of its kind
        leaves. Raises StackError.
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
        """Of each array whose it is, None for no layer's, what that calls it, and its shape."""
        steps = self.stack.steps
        names = [(step.item, name) for step in steps for name in step.item.arguments]
        every = zip(self.array_codecs.items(), [(None, "x"), *names, (None, "d")], strict=True)
        return {letter: (*owner, codec.shape) for (letter, codec), owner in every}

    def under(self, rule: str) -> Self:
        """Under this rule, where it states what the layers need of it."""
        with suppress(ValueError):
            return self.having("rule", self.codecs()["rule"].read(rule))
        return self


# --- as a file


def as_file(scene: StackScene) -> str:
    """The whole state, also what an address has no room for: JSON."""
    return json.dumps({"page": KEY, **scene.query()}, indent=1)


def from_file(content: bytes, before: StackScene) -> tuple[StackScene, list[str]]:
    """The state in a file, and a sentence for each value that was not taken. Raises StackError."""
    check_bytes(len(content))
    try:
        query = json.loads(content)
    except (ValueError, RecursionError):
        query = None
    if not (isinstance(query, dict) and isinstance(query.get("layers"), str)):
        refuse("stack.file")
    said = {key: text for key, text in query.items() if isinstance(text, str)}
    before._network(said)  # else what is there would give way to none of the file's
    return before.updated(said)


def nearest(stack: Stack) -> Extent:
    """A shape of x that fits, or one with which a stack gets furthest."""
    return input_shape(stack) or max(TRIED, key=lambda shape: _reached(stack, shape))


def _long(shape: Extent) -> Extent:
    return tuple(size for size in shape if size > 1)


def _alike(one: Item | None, other: Item | None) -> bool:
    return one is not None and other is not None and one.name == other.name


def _reached(stack: Stack, shape: Extent) -> int:
    """How many layers come before one that does not fit."""
    return sum(not joint.problem for joint in stack.reached(shape))


def _misfit(stack: Stack, shape: Extent) -> str:
    """Why a stack takes no x of this shape."""
    return stack.misfit(shape) if stack else say("stack.empty")

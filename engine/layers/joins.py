"""Operations that join several values into one: sum, entrywise maximum and concatenation."""

from collections.abc import Iterator, Sequence
from sys import maxsize
from types import MappingProxyType
from typing import ClassVar, NamedTuple

import numpy as np

from engine.arrays import Array, Extent, Index, Mask
from engine.errors import ShapeError, whole_number
from engine.kinks import Kinks, Ties
from engine.layers.base import (
    ONE,
    SHARE,
    Bends,
    EntryByEntry,
    Factor,
    Grads,
    Operation,
    Pieces,
    Words,
    passed_on,
    through_zero,
)
from engine.layers.copies import Beside, leading
from engine.layers.pooling import shares
from engine.layers.spelling import Framework, call
from engine.why import Why, WhyArray, paint


class _Join(Operation):
    """The base of all joins, which take two or more values and have no parameters."""

    arguments = ("x1", "x2")
    flowing = maxsize  # every input
    straight = True

    def names(self, count: int) -> tuple[str, ...]:
        """Return x1, x2, and so on. Raises ShapeError for fewer than two inputs."""
        if count < 2:
            raise ShapeError(f"{self.title}: needs two inputs or more; got {count}")
        return tuple(f"x{number}" for number in range(1, count + 1))


class Add(_Join, EntryByEntry):
    """y = x1 + x2 + …, entry by entry: (…), (…) -> (…).

    Backward: every input gets what arrives.
    """

    kink_choices = ()
    words = Words(
        letter="s",
        name="sum",
        forward="The sum adds its inputs entry by entry.",
        backward="The sum passes the gradient to every input.",
        value="{sum}",
        passes="the sum passes the gradient on ({slope})",
    )

    def apply(self, *inputs: Array) -> tuple[Array, int]:
        """x1, x2, … -> (y, how many inputs)."""
        self.output_shape(*(each.shape for each in inputs))
        total = inputs[0] + inputs[1]
        for each in inputs[2:]:
            total = total + each
        return np.asarray(total), len(inputs)

    def vjp(self, dout: Array, cache: int, kinks: Kinks) -> Grads:
        """dx1 = dx2 = … = dy."""
        return passed_on(tuple(dout.copy() for _ in range(cache)))

    def factor(self, argument: int, index: Index, output: Index, cache: int) -> Factor:
        """1."""
        return ONE

    def spelled(
        self, framework: Framework, names: Sequence[str], shapes: Sequence[Extent], kinks: Kinks
    ) -> str:
        """Return x1 + x2 + …, the same in both frameworks."""
        return " + ".join(names)


class _Compared(NamedTuple):
    """What the pullback of a maximum needs."""

    inputs: Array  # all of them in one array (k, …)
    largest: Array  # their maximum

    @property
    def tied(self) -> Mask:
        """(k, …): which entries equal the maximum."""
        return np.equal(self.inputs, self.largest)


class Maximum(_Join, EntryByEntry):
    """y = max(x1, x2, …), entry by entry: (…), (…) -> (…).

    Backward: what arrives goes to the largest input; the rule decides a tie (maximum_ties).
    """

    kink_choices = ("maximum_ties",)
    words = Words(
        letter="m",
        name="maximum",
        forward="The maximum keeps the larger of its inputs, entry by entry.",
        backward="The maximum hands the gradient to the larger of its inputs.",
        value="max({inputs})",
        passes="{entry} is the larger ({slope})",
        chosen="{entry} ties for the maximum and by this rule gets {share}",
        zeros=MappingProxyType(
            {
                Why.NOT_MAX: "{subject} is not the maximum",
                Why.TIE_LOST: "{subject} ties for the maximum, but this rule gives {gradients} to "
                "{winners}",
            }
        ),
    )

    def apply(self, *inputs: Array) -> tuple[Array, _Compared]:
        """Return the largest, entry by entry."""
        self.output_shape(*(each.shape for each in inputs))
        every = np.stack(inputs)
        largest = np.asarray(every.max(axis=0))
        return largest, _Compared(every, largest)

    def vjp(self, dout: Array, cache: _Compared, kinks: Kinks) -> Grads:
        """Give what arrives to those of the largest entries that the rule names."""
        tied = cache.tied
        several = tied.sum(axis=0) > 1
        # The rule is read only if several entries tie.
        ties: Ties = kinks.stated("maximum_ties") if several.any() else "all"
        (winners,), (parts,) = shares(tied[None], dout[None], ties)
        grads = tuple(map(np.asarray, parts))

        def why() -> tuple[WhyArray, ...]:
            arrives = dout.astype(np.bool_)
            return tuple(
                paint(
                    grad,
                    Why.UPSTREAM_ZERO,
                    (arrives, Why.NOT_MAX),
                    (arrives & equal, Why.TIE_LOST),
                    (arrives & won, Why.UNDERFLOW),
                )
                for grad, equal, won in zip(grads, tied, winners, strict=True)
            )

        def kinked() -> tuple[Mask, ...]:
            met = several & dout.astype(np.bool_)
            return tuple(np.asarray(met & equal) for equal in tied)

        return Grads(grads, why, kinked)

    def factor(self, argument: int, index: Index, output: Index, cache: _Compared) -> Factor:
        """Return the entry's share, by name."""
        return SHARE

    def pieces(self, output: Index, cache: _Compared) -> Pieces:
        """Return a map for each tied entry: the output is the largest of them."""
        tied = np.moveaxis(cache.tied, 0, -1)[output]
        return Pieces(tuple({(int(argument), output): 1.0} for argument in np.flatnonzero(tied)))

    def bends(self, inputs: tuple[Array, ...], marked: Mask, cache: _Compared) -> list[Bends]:
        """Return where two inputs cross, even if another is above both and nothing bends there."""
        found = []
        for position, one in enumerate(inputs):
            for other in inputs[position + 1 :]:
                stretch, _, share = through_zero(one[:, marked] - other[:, marked])
                found.append((stretch, share))
        return found

    def spelled(
        self, framework: Framework, names: Sequence[str], shapes: Sequence[Extent], kinks: Kinks
    ) -> str:
        """Return torch.maximum or jnp.maximum; for three or more a maximum along a new axis."""
        torch = framework == "torch"
        if len(names) == 2:
            return call("torch.maximum" if torch else "jnp.maximum", *names)
        every = f"({', '.join(names)})"
        return f"torch.stack({every}).amax(dim=0)" if torch else f"jnp.stack({every}).max(axis=0)"


class Concat(_Join):
    """y = the inputs one after the other along an axis: (…, n1, …), (…, n2, …) -> (…, n1 + n2, …).

    Backward: each input gets its own part of what arrives.
    """

    settings = ("axis",)
    torch_names = MappingProxyType({"axis": "dim"})
    kink_choices: ClassVar[tuple[str, ...]] = ()
    words = Words(
        letter="c",
        name="concatenation",
        forward="Concatenation lays its inputs one behind the other.",
        backward="Concatenation cuts the gradient up again.",
        value="{inputs}",
        passes="concatenation passes the gradient on ({slope})",
    )

    def __init__(self, axis: int = 0) -> None:
        """axis: a whole number from 0. Raises SettingError for anything else."""
        self.axis = whole_number(self.title, "axis", axis, 0)

    def output_shape(self, *shapes: Extent) -> Extent:
        """Return the shape of the inputs, with the sum of their extents along the axis."""
        self.names(len(shapes))
        around = {(*shape[: self.axis], -1, *shape[self.axis + 1 :]) for shape in shapes}
        if len(around) > 1 or min(map(len, shapes)) <= self.axis:
            raise ShapeError(
                f"{self.title}: needs inputs that differ along axis {self.axis} alone; "
                f"got {', '.join(map(str, shapes))}"
            )
        first = shapes[0]
        length = sum(shape[self.axis] for shape in shapes)
        return (*first[: self.axis], length, *first[self.axis + 1 :])

    def apply(self, *inputs: Array) -> tuple[Array, tuple[int, ...]]:
        """x1, x2, … -> (y, where each input ends)."""
        self.output_shape(*(each.shape for each in inputs))
        ends = np.cumsum([each.shape[self.axis] for each in inputs])
        return np.concatenate(inputs, axis=self.axis), tuple(map(int, ends))

    def beside(self, copies: int, *shapes: Extent) -> Beside:
        """Return passes that concatenate along the next axis, as the copies' axis comes first."""
        return leading(self, copies, *shapes, wide=Concat(self.axis + 1))

    def vjp(self, dout: Array, cache: tuple[int, ...], kinks: Kinks) -> Grads:
        """Each input's own part of dy."""
        parts = np.split(dout, cache[:-1], axis=self.axis)
        return passed_on(tuple(part.copy() for part in parts))

    def feeds(self, argument: int, index: Index, cache: tuple[int, ...]) -> Iterator[Index]:
        """Yield the one output that the entry feeds."""
        before = (0, *cache)[argument]
        yield (*index[: self.axis], index[self.axis] + before, *index[self.axis + 1 :])

    def factor(self, argument: int, index: Index, output: Index, cache: tuple[int, ...]) -> Factor:
        """1."""
        return ONE

    def read_by(
        self, marked: Mask, inputs: tuple[Array, ...], cache: tuple[int, ...]
    ) -> tuple[Mask, ...]:
        """Return each input's own part of the mask."""
        return tuple(np.split(marked, cache[:-1], axis=self.axis))

    def spelled(
        self, framework: Framework, names: Sequence[str], shapes: Sequence[Extent], kinks: Kinks
    ) -> str:
        """Return torch.cat or jnp.concatenate."""
        every = f"({', '.join(names)})"
        if framework == "torch":
            return call("torch.cat", every, dim=self.axis)
        return call("jnp.concatenate", every, axis=self.axis)

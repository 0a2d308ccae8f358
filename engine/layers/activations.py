"""Activation functions, which work entry by entry: each is a curve and its slope."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from functools import reduce
from types import MappingProxyType
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array, Extent, Index, Mask
from engine.errors import real_number
from engine.kinks import EVERYBODY, Kinks
from engine.layers.base import Bends, EntryByEntry, Factor, Gate, Grads, Pieces, Words, through_zero
from engine.layers.spelling import Framework
from engine.why import Why, WhyArray, paint

_NONE: Final[Mapping[float, tuple[float, float]]] = MappingProxyType({})


class Elementwise(EntryByEntry):
    """y = f(a), entry by entry: (…) -> (…).

    Backward: da = dy · f'(a); if the slope jumps at a, the rule chooses it.
    """

    spellings: ClassVar[Mapping[Framework, str]] = MappingProxyType({})
    """Its expression by framework, with gaps for the settings too: "F.leaky_relu({a}, {slope})"."""

    @property
    def breaks(self) -> Mapping[float, tuple[float, float]]:
        """Where the slope jumps: {place: (slope on the left, slope on the right)}."""
        return _NONE

    @abstractmethod
    def value(self, a: Array) -> Array:
        """f(a)."""

    @abstractmethod
    def derivative(self, a: Array, kinks: Kinks) -> Array | Mask:
        """f'(a); at a break the slope that the rule states, which is read only if it is needed."""

    def apply(self, *inputs: Array) -> tuple[Array, Array]:
        """a -> (y, a)."""
        (a,) = inputs
        return np.asarray(self.value(a)), a

    def vjp(self, dout: Array, cache: Array, kinks: Kinks) -> Grads:
        """da = dy · slope, where the slope follows from a and the rule."""
        a = cache
        slope = self.derivative(a, kinks)
        da = np.asarray(dout * slope)

        def kinked() -> tuple[Mask]:
            met = reduce(np.logical_or, [a == at for at in self.breaks])
            return (np.asarray(np.logical_and(dout, met)),)

        def why() -> tuple[WhyArray]:
            arrives, level = dout.astype(np.bool_), np.logical_not(slope)
            # Without a flat part, a slope of 0 underflowed.
            coats = [
                (arrives, Why.UNDERFLOW),
                (arrives & level, Why.GATE_CLOSED if self.is_level else Why.UNDERFLOW),
            ]
            if self.breaks:
                coats.append((kinked()[0] & level, Why.AT_KINK))
            return (paint(da, Why.UPSTREAM_ZERO, *coats),)

        return Grads((da,), why, kinked if self.breaks else None)

    def factor(self, argument: int, index: Index, output: Index, cache: Array) -> Factor:
        """Return the slope at the entry, by name."""
        a, name = float(cache[index]), self.words.name
        where = "= {value}"
        if self.straight and len(self.breaks) == 1 and a not in self.breaks:
            (at,) = self.breaks
            where = f"> {at:g}" if a > at else f"< {at:g}"
        upright = name.replace(" ", r"\ ")  # LaTeX drops plain spaces in a formula
        return Factor(
            f"(slope of {name} at {{entry}} {where})", rf"\mathrm{{{{{upright}}}}}'({{entry}})"
        )

    def spelled(
        self, framework: Framework, names: Sequence[str], shapes: Sequence[Extent], kinks: Kinks
    ) -> str:
        """Return the expression from `spellings`."""
        if framework not in self.spellings:
            return super().spelled(framework, names, shapes, kinks)
        settings = {name: getattr(self, name) for name in self.settings}
        return self.spellings[framework].format(a=names[0], **settings)

    def pieces(self, output: Index, cache: Array) -> Pieces:
        """Return the slope; at a break both, the larger of which wins if the curve bends up."""
        a = float(cache[output])
        if a in self.breaks:
            left, right = self.breaks[a]
            maps = tuple({(0, output): slope} if slope else {} for slope in (left, right))
            return Pieces(maps, largest=left < right)
        # Away from the breaks every rule gives the same slope.
        (slope,) = np.ravel(self.derivative(np.array([a]), EVERYBODY)).astype(float)
        return Pieces(({(0, output): slope} if slope else {},))

    def bends(self, inputs: tuple[Array, ...], marked: Mask, cache: Array) -> list[Bends]:
        """Return where an input passes a break."""
        (a,) = inputs
        found = [through_zero(a[:, marked] - at) for at in self.breaks]
        return [(stretches, shares) for stretches, _, shares in found]

    def gates(self, x: Array) -> NDArray[np.object_]:
        """Return KINK at a break, CLOSED where the curve is flat, otherwise OPEN."""
        level = np.logical_and(self.is_level, self.derivative(x, EVERYBODY) == 0)
        gates = np.where(level, _CLOSED, _OPEN)
        for at in self.breaks:
            gates[x == at] = Gate.KINK
        return gates

    def inactive(self, x: Array, kinks: Kinks) -> Mask:
        """Return where the slope is 0."""
        return np.asarray(self.derivative(x, kinks) == 0)

    def __init_subclass__(cls, **keywords: object) -> None:
        """Raise TypeError for breaks without kinks or the reverse, or a flat side without words."""
        super().__init_subclass__(**keywords)
        choices, breaks, words = cls.kink_choices, cls.breaks, cls.words
        if not (isinstance(choices, tuple) and isinstance(breaks, Mapping)):
            return  # each instance has its own
        if bool(choices) != bool(breaks):
            raise TypeError(f"{cls.__name__}: needs breaks exactly where it has kinks")
        level = any(0 in slopes for slopes in breaks.values())
        if level and isinstance(words, Words) and Why.GATE_CLOSED not in words.zeros:
            raise TypeError(f"{cls.__name__}: is level beside a break; its words need GATE_CLOSED")


_OPEN, _CLOSED = (np.array(gate, np.object_) for gate in (Gate.OPEN, Gate.CLOSED))


class ReLU(Elementwise):
    """h = max(0, a), entry by entry: (…) -> (…).

    Backward: da = dh where a > 0, 0 where a < 0, relu_at_zero · dh where a = 0.
    """

    kink_choices = ("relu_at_zero",)
    straight = True
    breaks = MappingProxyType({0.0: (0.0, 1.0)})
    spellings = MappingProxyType({"torch": "F.relu({a})", "jax": "jax.nn.relu({a})"})
    words = Words(
        letter="h",
        name="ReLU",
        forward="ReLU keeps what is above 0 and makes the rest 0.",
        backward="ReLU passes the gradient where {input} > 0.",
        value="max(0, {inputs})",
        passes="{its} ReLU is active ({slope})",
        chosen="{entry} = 0 is the ReLU's kink ({slope} by this rule)",
        zeros=MappingProxyType(
            {
                Why.GATE_CLOSED: "the ReLU is inactive at {subject}",
                Why.AT_KINK: "{entry} = 0 is the ReLU's kink, and this rule's slope there is 0",
            }
        ),
    )

    def value(self, a: Array) -> Array:
        """max(0, a)."""
        return np.maximum(a, a.dtype.type(0))

    def derivative(self, a: Array, kinks: Kinks) -> Array | Mask:
        """1 where a > 0, 0 where a < 0."""
        at_zero = kinks.relu_at_zero
        if at_zero == 1:
            return a >= 0
        if at_zero == 0:
            return a > 0
        return np.heaviside(a, a.dtype.type(at_zero))


class LeakyReLU(Elementwise):
    """h = a where a > 0, slope · a elsewhere, entry by entry: (…) -> (…).

    Backward: da = dh where a > 0, slope · dh where a < 0; where a = 0, dh times a slope between the
    two, leaky_relu_at_zero of the way from the slope on the left to the one on the right.
    """

    settings = ("slope",)
    torch_names = MappingProxyType({"slope": "negative_slope"})
    kink_choices = ("leaky_relu_at_zero",)
    straight = True
    spellings = MappingProxyType(
        {"torch": "F.leaky_relu({a}, {slope})", "jax": "jax.nn.leaky_relu({a}, {slope})"}
    )
    words = Words(
        letter="h",
        name="leaky ReLU",
        forward="Leaky ReLU keeps what is above 0 and multiplies the rest by its slope.",
        backward="Leaky ReLU passes the gradient where {input} > 0, else its slope times that.",
        value="leaky ReLU({inputs})",
        passes="{its} leaky ReLU has the slope {slope}",
        chosen="{entry} = 0 is the leaky ReLU's kink ({slope} by this rule)",
        zeros=MappingProxyType(
            {
                Why.GATE_CLOSED: "the slope of the leaky ReLU is 0 at {subject}",
                Why.AT_KINK: "{entry} = 0 is the leaky ReLU's kink, and the slope there is 0",
            }
        ),
    )

    def __init__(self, slope: float = 0.01) -> None:
        """slope: the slope left of 0. Raises SettingError unless it is a finite number."""
        self.slope = real_number(self.title, "slope", slope, "a finite number")

    @property
    def breaks(self) -> Mapping[float, tuple[float, float]]:
        """At 0, unless both sides have a slope of 1."""
        return {0.0: (self.slope, 1.0)} if self.slope != 1 else _NONE

    def value(self, a: Array) -> Array:
        """a or slope · a."""
        return np.where(a > 0, a, a.dtype.type(self.slope) * a)

    def derivative(self, a: Array, kinks: Kinks) -> Array:
        """1 or the slope."""
        slope = np.where(a > 0, a.dtype.type(1), a.dtype.type(self.slope))
        if self.breaks and (at_zero := a == 0).any():
            share = kinks.stated("leaky_relu_at_zero")
            slope[at_zero] = (1 - share) * self.slope + share  # exact for a share of 0 or 1
        return slope


class Abs(Elementwise):
    """h = |a|, entry by entry: (…) -> (…).

    Backward: da = dh where a > 0, −dh where a < 0, abs_at_zero · dh where a = 0.
    """

    kink_choices = ("abs_at_zero",)
    straight = True
    breaks = MappingProxyType({0.0: (-1.0, 1.0)})
    spellings = MappingProxyType({"torch": "torch.abs({a})", "jax": "jnp.abs({a})"})
    words = Words(
        letter="h",
        name="abs",
        forward="The absolute value turns what is below 0 around.",
        backward="The absolute value passes the gradient where {input} > 0, and turns its sign "
        "around where {input} < 0.",
        value="|{inputs}|",
        passes="{its} absolute value has the slope {slope}",
        chosen="{entry} = 0 is the kink of |{entry}| ({slope} by this rule)",
        zeros=MappingProxyType(
            {Why.AT_KINK: "{entry} = 0 is the kink of |{entry}|, and this rule's slope there is 0"}
        ),
    )

    def value(self, a: Array) -> Array:
        """|a|."""
        return np.abs(a)

    def derivative(self, a: Array, kinks: Kinks) -> Array:
        """The sign of a."""
        slope = np.asarray(np.sign(a))
        if (at_zero := a == 0).any():
            slope[at_zero] = kinks.stated("abs_at_zero")
        return slope


class Softplus(Elementwise):
    """h = log(1 + e^a), a ReLU without its kink, entry by entry: (…) -> (…).

    Backward: da = dh / (1 + e^−a).
    """

    kink_choices = ()
    straight = False
    spellings = MappingProxyType({"torch": "F.softplus({a})", "jax": "jax.nn.softplus({a})"})
    words = Words(
        letter="h",
        name="softplus",
        forward="Softplus bends from 0 to {input} without a kink.",
        backward="Softplus multiplies the gradient by 1 / (1 + e^−{input}).",
        value="log(1 + exp({inputs}))",
        passes="{its} softplus has the slope {slope}",
    )

    def value(self, a: Array) -> Array:
        """log(e^0 + e^a), without an overflow."""
        return np.logaddexp(a, a.dtype.type(0))

    def derivative(self, a: Array, kinks: Kinks) -> Array:
        """1 / (1 + e^−a), without an overflow."""
        return np.exp(-np.logaddexp(-a, a.dtype.type(0)))

"""What a class is asked: features, and for each the points at which it is run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array

Setting: TypeAlias = int | tuple[int, int]
Settings: TypeAlias = Mapping[str, Setting]

NO_SETTINGS: Final[Settings] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Case:
    """One pass: the inputs, each of which has a gradient, and what comes back from above.

    point: what is special about the numbers. spare: the bias of a class that demands one.
    labels: for a loss; bound tells that its constructor gets them. layers: what a class is built
    on that takes layers.
    """

    point: str
    inputs: tuple[Array, ...]
    dout: Array
    settings: Settings = field(default_factory=lambda: NO_SETTINGS)
    spare: Array | None = None
    labels: NDArray[np.int64] | None = None
    bound: bool = False
    layers: tuple[str, ...] = ()

    @property
    def ordinary(self) -> bool:
        """Whether nothing is special about the numbers: who refuses these refuses the feature."""
        return self.point in ("random", "by hand")

    @property
    def kind(self) -> tuple[Any, ...]:
        """All but its numbers: the shapes and the settings."""
        return (*(each.shape for each in self.inputs), *self.settings.items())


@dataclass(frozen=True, eq=False)
class Feature:
    """Something that a class may offer or not.

    what: what it is asked to do; "" where that is to take a form at all. form: the shapes of what
    it is given; a class may take one alone, and is then asked for everything in that one. within:
    the feature that must be offered before this one is asked for. bias: whether it hands over b.
    claimed: a constructor that names its settings claims it, so that a wrong shape is wrong. free:
    numpy's broadcasting may give the right output to a class that never thought of it; then
    gradients of the wrong shape at all these inputs say "not offered". advice: what is said in a
    note where it fails, since failing here is not wrong.
    """

    what: str
    cases: tuple[Case, ...]
    form: str = ""
    within: str = ""
    bias: bool = False
    claimed: bool = True
    free: tuple[int, ...] = ()
    advice: str = ""

    @property
    def name(self) -> str:
        """'padding with h (N, C, L)'."""
        return " with ".join(filter(None, (self.what, self.form)))

    @property
    def settings(self) -> tuple[str, ...]:
        """The settings of the constructor that it needs."""
        bound = ("labels",) if any(case.bound for case in self.cases) else ()
        return (*{setting: None for case in self.cases for setting in case.settings}, *bound)


@dataclass(frozen=True, eq=False)
class Subject:
    """A class of the lab's interface.

    inputs and output: their names in the lab's formulas. settings: of the constructor, in order.
    relu and pool: whether a rule at kinks can decide a gradient. lab: whether its name belongs to
    the lab, so that one of another interface is wrong, not merely something else. axes: the
    spatial ones. scalar: whether backward may go without dout, the output being one number.
    """

    name: str
    inputs: tuple[str, ...]
    output: str
    features: tuple[Feature, ...] = field(repr=False)
    settings: tuple[str, ...] = ()
    relu: bool = False
    pool: bool = False
    lab: bool = True
    axes: int = 1
    scalar: bool = False

    @property
    def upstream(self) -> str:
        """What the gradient that comes back is called."""
        return f"d{self.output}"

    def batched(self, x: Array) -> bool:
        """Whether the first axis of x counts examples; of a ReLU it may as well be another."""
        axes = {"Linear": 2, "ReLU": 2, "Flatten": 1, "SoftmaxCrossEntropy": 2}
        return x.ndim >= axes.get(self.name, self.axes + 2)

    def gradient(self, argument: int) -> str:
        """What the gradient of an input is called."""
        return f"d{self.inputs[argument]}"


class Drawer:
    """Draws numbers, the same ones each time: dyadic, so that sums are exact and ties are ties."""

    def __init__(self, seed: int) -> None:
        self._generator = np.random.default_rng(seed)

    def distinct(self, *shape: int) -> Array:
        """Values with both signs, none of them 0 and no two alike."""
        count = int(np.prod(shape))
        drawn = (self._generator.permutation(count) - count // 2 + 0.5) / 2
        return np.asarray(drawn.reshape(shape))

    def upstream(self, shape: tuple[int, ...], *, positive: bool = False) -> Array:
        """Upstream gradients: nowhere 0, 1 or −1, and no two in a row alike."""
        count = int(np.prod(shape))
        drawn = 0.5 + 0.25 * (self._generator.permutation(count) % 12)
        drawn[drawn == 1] = 3.75
        if not positive:
            drawn *= np.where(np.arange(count) % 3 == 1, -1, 1)
        return np.asarray(drawn.reshape(shape))


def array(values: Any) -> Array:
    """Numbers written by hand."""
    return np.array(values, dtype=np.float64)

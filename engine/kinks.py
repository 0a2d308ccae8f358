"""What is done where the derivative does not exist: at a ReLU's 0 and at a max pool's ties.

The chain rule says nothing there, so every framework has chosen, and they have not chosen alike.
`RULES` records what was measured, framework by framework and version by version: a row names the
operations that were run, and the runs are recorded in tests/fixtures. Where a row is the code of a
course, its formula was written anew and run in numpy.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, get_args

from engine.errors import SettingError

PoolTies: TypeAlias = Literal["all", "first", "split"]


@dataclass(frozen=True, slots=True)
class Kinks:
    """A rule at kinks.

    relu_at_zero: the slope of ReLU at exactly 0, a number from 0 to 1 (any of them is a
    subgradient). pool_ties: which of the entries that share a window's maximum get what arrives
    there: "all" of them the whole of it, only the "first", or each an equal share ("split").
    Raises SettingError for anything else.
    """

    relu_at_zero: float
    pool_ties: PoolTies

    def __post_init__(self) -> None:
        """Checks both settings."""
        slope = self.relu_at_zero
        if isinstance(slope, bool) or not (isinstance(slope, Real) and 0 <= slope <= 1):
            raise SettingError(f"Kinks: relu_at_zero needs a number from 0 to 1; got {slope!r}")
        # A Python float takes the dtype of what it is multiplied with; a np.float64 does not.
        object.__setattr__(self, "relu_at_zero", float(slope))
        if self.pool_ties not in get_args(PoolTies):
            raise SettingError(
                f"Kinks: pool_ties needs one of {get_args(PoolTies)}; got {self.pool_ties!r}"
            )


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of RULES: who does it, with which operation, in which version, and what.

    short is what a sentence calls it; label, what a list of choices does.
    """

    slug: str
    short: str
    framework: str
    version: str
    operation: str
    kinks: Kinks

    @property
    def label(self) -> str:
        """'PyTorch 2.13 · max_pool1d, max_pool2d'."""
        return f"{f'{self.framework} {self.version}'.strip()} · {self.operation}"


LAB: Final = Kinks(1.0, "all")

_FIRST: Final = Kinks(0.0, "first")
_SPLIT: Final = Kinks(0.0, "split")

_ROWS: Final = (
    Rule("lab", "the lab", "Lab", "", "the lab's code", LAB),
    Rule(
        "pytorch-max-pool",
        "PyTorch max_pool",
        "PyTorch",
        "2.13",
        "max_pool1d, max_pool2d, max(dim)",
        _FIRST,
    ),
    Rule(
        "pytorch-amax",
        "PyTorch amax",
        "PyTorch",
        "2.13",
        "amax, max() of the whole tensor",
        _SPLIT,
    ),
    Rule(
        "tensorflow-max-pool",
        "TensorFlow max_pool",
        "TensorFlow",
        "2.21",
        "max_pool1d, max_pool2d",
        _FIRST,
    ),
    Rule(
        "tensorflow-reduce-max", "TensorFlow reduce_max", "TensorFlow", "2.21", "reduce_max", _SPLIT
    ),
    Rule("jax-reduce-window", "JAX reduce_window", "JAX", "0.10", "lax.reduce_window", _FIRST),
    Rule("jax-max", "JAX max", "JAX", "0.10", "jnp.max", _SPLIT),
    Rule("tinygrad", "tinygrad", "tinygrad", "0.14", "max_pool2d, max", _SPLIT),
    Rule("mlx", "MLX", "MLX", "0.32", "MaxPool1d, MaxPool2d, max", _SPLIT),
    Rule(
        "cs231n-fast-layers",
        "CS231n reshape",
        "CS231n",
        "",
        "fast layers by reshape (windows that tile)",
        _SPLIT,
    ),
    Rule(
        "cs231n-im2col",
        "CS231n im2col",
        "CS231n",
        "",
        "fast layers by im2col (all other windows)",
        _FIRST,
    ),
)

RULES: Final[Mapping[str, Rule]] = MappingProxyType({rule.slug: rule for rule in _ROWS})

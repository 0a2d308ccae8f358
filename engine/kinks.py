"""What is done where the derivative does not exist: at a ReLU's 0 and at a max pool's ties.

The chain rule says nothing there, so every framework has chosen, and they have not chosen alike.
`RULES` records what was measured, framework by framework and version by version: a row names the
operations that were run, and the runs are recorded in tests/fixtures. Where a row is the code of a
course, its formula was written anew and run in numpy.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from numbers import Real
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias, get_args

from engine.errors import SettingError

PoolTies: TypeAlias = Literal["all", "first", "split"]
Ties: TypeAlias = Literal["all", "first", "last", "split"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One kind of kink: what can be chosen there, and how that is said.

    allowed: the names of what can be done, or the least and the largest slope. said: what is done,
    by name; of a slope, where it has no words of its own under its value, those under None, with a
    gap for it. brief: the same in a word or two. names: what all that choose so are called.
    operation: what every framework calls what has this kink; "" where each has several.
    """

    allowed: tuple[Any, ...]
    said: Mapping[Any, str]
    brief: Mapping[Any, str]
    names: Mapping[Any, str]
    operation: str

    @property
    def of_ties(self) -> bool:
        """Whether it shares out what arrives at a tie; else it is a slope."""
        return isinstance(self.allowed[0], str)

    def takes(self, value: Any) -> bool:
        """Whether this can be chosen."""
        if self.of_ties:
            return value in self.allowed
        least, most = self.allowed
        real = isinstance(value, Real) and not isinstance(value, bool)
        return real and bool(least <= value <= most)

    def describe(self, value: Any) -> str:
        """'the first of a tie gets all', 'the slope of ReLU at 0 is 1'."""
        return _filled(self.said, value)

    def short(self, value: Any) -> str:
        """'the first', 'slope 1 at 0'."""
        return _filled(self.brief, value)

    def name(self, value: Any) -> str:
        """'First', 'Slope 1'."""
        return _filled(self.names, value)

    def __str__(self) -> str:
        """What is needed, for messages."""
        if self.of_ties:
            return f"one of {self.allowed}"
        return f"a number from {self.allowed[0]} to {self.allowed[1]}"


def _filled(said: Mapping[Any, str], value: Any) -> str:
    return said[value] if value in said else said[None].format(f"{value:g}")


_TIES: Final = {
    "all": "each of a tie gets all",
    "first": "the first of a tie gets all",
    "last": "the last of a tie gets all",
    "split": "a tie gets equal shares",
}
_TIES_IN_BRIEF: Final = {
    "all": "all get it",
    "first": "the first",
    "last": "the last",
    "split": "split",
}
_TIES_NAMED: Final = {each: each.capitalize() for each in _TIES}
_SLOPE_NAMED: Final = {None: "Slope {}"}
CHOICES: Final[Mapping[str, Choice]] = MappingProxyType(
    {
        "relu_at_zero": Choice(
            (0, 1),
            {None: "slope of ReLU at 0 is {}"},
            {None: "slope {} at 0"},
            _SLOPE_NAMED,
            "relu",
        ),
        "pool_ties": Choice(get_args(PoolTies), _TIES, _TIES_IN_BRIEF, _TIES_NAMED, ""),
        "leaky_relu_at_zero": Choice(
            (0, 1),
            {
                0: "slope of leaky ReLU at 0 is that on its left",
                1: "slope of leaky ReLU at 0 is that on its right",
                None: "slope of leaky ReLU at 0 is {} of the way from its left to its right",
            },
            {
                0: "the left slope at 0",
                1: "the right slope at 0",
                None: "slope {} of the way at 0",
            },
            {0: "Left slope", 1: "Right slope", None: "Slope {} of the way"},
            "leaky_relu",
        ),
        "abs_at_zero": Choice(
            (-1, 1),
            {None: "slope of |a| at 0 is {}"},
            {None: "slope {} at 0"},
            _SLOPE_NAMED,
            "abs",
        ),
        "maximum_ties": Choice(get_args(Ties), _TIES, _TIES_IN_BRIEF, _TIES_NAMED, "maximum"),
    }
)
"""By the fields of Kinks."""


@dataclass(frozen=True, slots=True)
class Kinks:
    """A rule at kinks: a choice for each kind of kink, None where the rule does not state it.

    relu_at_zero: the slope of ReLU at exactly 0, a number from 0 to 1 (any of them is a
    subgradient). pool_ties: which of the entries that share a window's maximum get what arrives
    there: "all" of them the whole of it, only the "first", or each an equal share ("split").
    leaky_relu_at_zero: the slope of leaky ReLU at 0, from 0 for that on its left to 1 for that on
    its right. abs_at_zero: the slope of |a| at 0, a number from −1 to 1. maximum_ties: as
    pool_ties, or the "last", for the largest of several arrays, entry by entry.
    Raises SettingError for anything else.
    """

    relu_at_zero: float
    pool_ties: PoolTies
    leaky_relu_at_zero: float | None = None
    abs_at_zero: float | None = None
    maximum_ties: Ties | None = None

    def __post_init__(self) -> None:
        """Checks every choice."""
        for name, choice in CHOICES.items():
            value = getattr(self, name)
            if value is None and name not in ("relu_at_zero", "pool_ties"):
                continue
            if not choice.takes(value):
                raise SettingError(f"Kinks: {name} needs {choice}; got {value!r}")
            if not choice.of_ties:
                # A Python float takes the dtype of what it is multiplied with, a np.float64 not.
                object.__setattr__(self, name, float(value))

    def states(self, choices: Iterable[str]) -> bool:
        """Whether all of these choices are made."""
        return all(getattr(self, choice) is not None for choice in choices)

    def chosen(self, choices: Iterable[str]) -> tuple[Any, ...]:
        """What it chooses for each of these."""
        return tuple(getattr(self, choice) for choice in choices)

    def gives_subgradient(self, choice: str) -> bool:
        """Whether what it does at a single kink of this kind is a subgradient there.

        Any slope between the two sides is, and so are shares of a tie that sum to 1.
        """
        return bool(self.stated(choice) != "all")

    def stated(self, choice: str) -> Any:
        """A choice that a pullback reads. Raises SettingError where the rule does not state it."""
        chosen = getattr(self, choice)
        if chosen is None:
            raise SettingError(
                f"Kinks: {choice} needs to be stated where a layer reads it; got None"
            )
        return chosen


def check_kinks(owner: str, kinks: object) -> None:
    """Raises SettingError for anything that is no rule at kinks."""
    if not isinstance(kinks, Kinks):
        raise SettingError(
            f'{owner}: kinks needs a rule like LAB or RULES["lab"].kinks; got {kinks!r}'
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of RULES: who does it, with which operation, in which version, and what.

    short is what a sentence calls it; label, what a list of choices does. tiled: whether the
    operation is for a pool whose windows tile its input, or for all others; None where it is for
    any.
    """

    slug: str
    short: str
    framework: str
    version: str
    operation: str
    kinks: Kinks
    tiled: bool | None = None

    @property
    def label(self) -> str:
        """'PyTorch 2.13 · max_pool1d, max_pool2d'."""
        return self._labelled(self.operation)

    def label_for(self, choices: Sequence[str]) -> str:
        """The same where only these choices are read: without a pool 'PyTorch 2.13 · relu'."""
        named = [CHOICES[choice].operation for choice in choices]
        own = not all(named) or self.kinks == LAB
        return self._labelled(self.operation if own else ", ".join(dict.fromkeys(named)))

    def _labelled(self, operation: str) -> str:
        return f"{f'{self.framework} {self.version}'.strip()} · {operation}"


LAB: Final = Kinks(1.0, "all")
EVERYBODY: Final = Kinks(
    **{name: each.allowed[0 if each.of_ties else 1] for name, each in CHOICES.items()}
)
"""Under it a gradient arrives wherever some rule lets one arrive."""


def _rules(
    framework: str,
    version: str,
    elsewhere: Mapping[str, Any],
    *rows: tuple[str, str, str, PoolTies],
) -> Iterator[Rule]:
    """The rows of a framework, each (slug, short, operation, pool_ties), and its other choices."""
    for slug, short, operation, ties in rows:
        kinks = Kinks(0.0, ties, **elsewhere)
        yield Rule(slug, short, framework, version, operation, kinks)


_ROWS: Final = (
    Rule("lab", "the lab", "Lab", "", "the exercise this tool grew from", LAB),
    *_rules(
        *("PyTorch", "2.13"),
        {"leaky_relu_at_zero": 0.0, "abs_at_zero": 0.0, "maximum_ties": "split"},
        ("pytorch-max-pool", "PyTorch max_pool", "max_pool1d, max_pool2d, max(dim)", "first"),
        ("pytorch-amax", "PyTorch amax", "amax, max() of the whole tensor", "split"),
    ),
    *_rules(
        *("TensorFlow", "2.21"),
        {"leaky_relu_at_zero": 0.0, "abs_at_zero": 0.0, "maximum_ties": "first"},
        ("tensorflow-max-pool", "TensorFlow max_pool", "max_pool1d, max_pool2d", "first"),
        ("tensorflow-reduce-max", "TensorFlow reduce_max", "reduce_max", "split"),
    ),
    *_rules(
        *("JAX", "0.10"),
        {"leaky_relu_at_zero": 1.0, "abs_at_zero": 1.0, "maximum_ties": "split"},
        ("jax-reduce-window", "JAX reduce_window", "lax.reduce_window", "first"),
        ("jax-max", "JAX max", "jnp.max", "split"),
    ),
    *_rules(
        *("tinygrad", "0.14"),
        {"leaky_relu_at_zero": 1.0, "abs_at_zero": 0.0, "maximum_ties": "split"},
        ("tinygrad", "tinygrad", "max_pool2d, max", "split"),
    ),
    *_rules(
        *("MLX", "0.32"),
        {"leaky_relu_at_zero": 1.0, "abs_at_zero": 0.0, "maximum_ties": "last"},
        ("mlx", "MLX", "MaxPool1d, MaxPool2d, max", "split"),
    ),
    Rule(
        *("cs231n-fast-layers", "CS231n reshape", "CS231n", ""),
        "fast layers by reshape (windows that tile)",
        Kinks(0.0, "split"),
        tiled=True,
    ),
    Rule(
        *("cs231n-im2col", "CS231n im2col", "CS231n", ""),
        "fast layers by im2col (all other windows)",
        Kinks(0.0, "first"),
        tiled=False,
    ),
)

RULES: Final[Mapping[str, Rule]] = MappingProxyType({rule.slug: rule for rule in _ROWS})


@cache  # there are as many as sets of choices
def groups(choices: tuple[str, ...]) -> Mapping[tuple[Any, ...], Sequence[Rule]]:
    """The rules that state these choices, by what they choose, in the order of RULES.

    Rules that choose alike do the same wherever a pullback reads no other choice; where it reads
    none, all are one group.
    """
    found: dict[tuple[Any, ...], list[Rule]] = {}
    for rule in RULES.values():
        if rule.kinks.states(choices):
            found.setdefault(rule.kinks.chosen(choices), []).append(rule)
    return MappingProxyType({chosen: tuple(alike) for chosen, alike in found.items()})


def briefly(choices: Sequence[str], chosen: Sequence[Any], *, labelled: bool = True) -> str:
    """What is chosen there: 'slope 1 at 0, ties: all get it'; of ties alone 'all get it'.

    labelled: whether it stands where one knows that it is about ties; else 'ties: all get it'.
    """
    named = not labelled or len({CHOICES[name].of_ties for name in choices}) > 1
    each = (
        f"{'ties: ' if named and CHOICES[name].of_ties else ''}{CHOICES[name].short(value)}"
        for name, value in zip(choices, chosen, strict=True)
    )
    return ", ".join(dict.fromkeys(each))


def called(rule: Rule, alike: Sequence[Rule]) -> str:
    """What a sentence calls a rule that does as these: its framework, where all its rules do."""
    own = [each for each in RULES.values() if each.framework == rule.framework]
    return rule.framework if len(own) > 1 and all(each in alike for each in own) else rule.short

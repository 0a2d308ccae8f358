"""Rules at kinks: what the gradient is where no derivative exists, as at a ReLU's 0 or at a tie.

The chain rule says nothing there, so every framework has made a choice, and the choices differ.
`RULES` records what was measured, per framework and version: a row names the operations that were
run, and the runs are recorded in tests/fixtures. If a row is the code of a course, its formula was
reimplemented and run in numpy.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from numbers import Real
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias, get_args

from engine.errors import SettingError

PoolTies: TypeAlias = Literal["all", "first", "split"]
Ties: TypeAlias = Literal["all", "first", "last", "split"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One kind of kink: the choices that a rule has there, and the words for each choice."""

    allowed: tuple[Any, ...]
    """For ties, the names of the choices; for a slope, the smallest and the largest."""
    said: Mapping[Any, str]
    """The words for each choice; a slope without words of its own takes those under None, which
    have a gap for its value."""
    brief: Mapping[Any, str]  # the same in a word or two
    names: Mapping[Any, str]  # what the rules that make this choice are called
    operation: str
    """The operation with this kink, by its name in every framework; "" if one has several."""

    @property
    def of_ties(self) -> bool:
        """Whether the choice is who gets the gradient at a tie; otherwise it is a slope."""
        return isinstance(self.allowed[0], str)

    def takes(self, value: Any) -> bool:
        """Return whether this value can be chosen."""
        if self.of_ties:
            return value in self.allowed
        least, most = self.allowed
        real = isinstance(value, Real) and not isinstance(value, bool)
        return real and bool(least <= value <= most)

    def describe(self, value: Any) -> str:
        """Return it in words: 'the first of a tie gets all', 'slope of ReLU at 0 is 1'."""
        return _filled(self.said, value)

    def short(self, value: Any) -> str:
        """Return the same in a word or two: 'the first', 'slope 1 at 0'."""
        return _filled(self.brief, value)

    def name(self, value: Any) -> str:
        """Return what the rules that make this choice are called: 'First', 'Slope 1'."""
        return _filled(self.names, value)

    def __str__(self) -> str:
        """Return what can be chosen, for messages."""
        if self.of_ties:
            return f"one of {self.allowed}"
        return f"a number from {self.allowed[0]} to {self.allowed[1]}"


def _filled(said: Mapping[Any, str], value: Any) -> str:
    return said[value] if value in said else said[None].format(f"{value:g}")


_TIES: Final = {
    "all": ("each of a tie gets all", "all get it"),
    "first": ("the first of a tie gets all", "the first"),
    "last": ("the last of a tie gets all", "the last"),
    "split": ("a tie gets equal shares", "split"),
}
"""Who gets the gradient of a tie: in words, and in brief."""


def _choice_of_ties(allowed: tuple[str, ...], operation: str) -> Choice:
    return Choice(
        allowed=allowed,
        said={each: said for each, (said, _) in _TIES.items()},
        brief={each: brief for each, (_, brief) in _TIES.items()},
        names={each: each.capitalize() for each in _TIES},
        operation=operation,
    )


_SLOPE_NAMED: Final = {None: "Slope {}"}
CHOICES: Final[Mapping[str, Choice]] = MappingProxyType(
    {
        "relu_at_zero": Choice(
            allowed=(0, 1),
            said={None: "slope of ReLU at 0 is {}"},
            brief={None: "slope {} at 0"},
            names=_SLOPE_NAMED,
            operation="relu",
        ),
        "pool_ties": _choice_of_ties(get_args(PoolTies), operation=""),
        "leaky_relu_at_zero": Choice(
            allowed=(0, 1),
            said={
                0: "slope of leaky ReLU at 0 is that on its left",
                1: "slope of leaky ReLU at 0 is that on its right",
                None: "slope of leaky ReLU at 0 is {} of the way from its left to its right",
            },
            brief={
                0: "the left slope at 0",
                1: "the right slope at 0",
                None: "slope {} of the way at 0",
            },
            names={0: "Left slope", 1: "Right slope", None: "Slope {} of the way"},
            operation="leaky_relu",
        ),
        "abs_at_zero": Choice(
            allowed=(-1, 1),
            said={None: "slope of |a| at 0 is {}"},
            brief={None: "slope {} at 0"},
            names=_SLOPE_NAMED,
            operation="abs",
        ),
        "maximum_ties": _choice_of_ties(get_args(Ties), operation="maximum"),
    }
)
"""The kinds of kink, by the field of `Kinks` that states the choice."""


@dataclass(frozen=True, slots=True)
class Kinks:
    """A rule at kinks: a choice for each kind of kink, None if the rule does not state it.

    Raises SettingError for any other choice than those stated below.
    """

    relu_at_zero: float
    """The slope of ReLU at exactly 0, from 0 to 1 (any of them is a subgradient)."""
    pool_ties: PoolTies
    """Which of the entries that tie for a window's maximum get the gradient that arrives there:
    "all" get the whole of it, only the "first" gets it, or each gets an equal share ("split")."""
    leaky_relu_at_zero: float | None = None
    """The slope of leaky ReLU at 0, from 0 (the slope on the left) to 1 (that on the right)."""
    abs_at_zero: float | None = None  # the slope of |a| at 0, a number from −1 to 1
    maximum_ties: Ties | None = None
    """As pool_ties, or the "last", for the maximum of several arrays, entry by entry."""

    def __post_init__(self) -> None:
        """Check every choice."""
        for each in fields(self):
            value, choice = getattr(self, each.name), CHOICES[each.name]
            if value is None and each.default is None:  # a rule need not state this choice
                continue
            if not choice.takes(value):
                raise SettingError(f"Kinks: {each.name} needs {choice}; got {value!r}")
            if not choice.of_ties:
                # A Python float takes the dtype of the array it multiplies; an np.float64 does not.
                object.__setattr__(self, each.name, float(value))

    def states(self, choices: Iterable[str]) -> bool:
        """Return whether the rule states all of these choices."""
        return all(getattr(self, choice) is not None for choice in choices)

    def chosen(self, choices: Iterable[str]) -> tuple[Any, ...]:
        """Return the rule's choice for each of these kinds of kink."""
        return tuple(getattr(self, choice) for choice in choices)

    def gives_subgradient(self, choice: str) -> bool:
        """Return whether this rule gives a subgradient at a single kink of this kind.

        Any slope between those of the two sides is one, and so are shares of a tie that sum to 1.
        """
        return bool(self.stated(choice) != "all")

    def stated(self, choice: str) -> Any:
        """Return a choice that a pullback reads. Raises SettingError if it is not stated."""
        chosen = getattr(self, choice)
        if chosen is None:
            raise SettingError(
                f"Kinks: {choice} needs to be stated where a layer reads it; got None"
            )
        return chosen


def check_kinks(owner: str, kinks: object) -> None:
    """Raise SettingError for anything that is not a rule at kinks."""
    if not isinstance(kinks, Kinks):
        raise SettingError(
            f'{owner}: kinks needs a rule like LAB or RULES["lab"].kinks; got {kinks!r}'
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of RULES: what an operation does at kinks, in one version of one framework."""

    slug: str
    short: str  # its name in a sentence; `label` is its name in a list of choices
    framework: str
    version: str
    operation: str
    kinks: Kinks
    tiled: bool | None = None
    """True if the operation is only for pools whose windows tile the input, False if only for all
    other pools, None if for any."""

    @property
    def label(self) -> str:
        """'PyTorch 2.13 · max_pool1d, max_pool2d'."""
        return self._labelled(self.operation)

    def label_for(self, choices: Sequence[str]) -> str:
        """Return the label if only these choices are read: 'PyTorch 2.13 · relu' without a pool."""
        named = [CHOICES[choice].operation for choice in choices]
        own = not all(named) or self.kinks == LAB
        return self._labelled(self.operation if own else ", ".join(dict.fromkeys(named)))

    def _labelled(self, operation: str) -> str:
        return f"{f'{self.framework} {self.version}'.strip()} · {operation}"


LAB: Final = Kinks(1.0, "all")
EVERYBODY: Final = Kinks(
    **{name: each.allowed[0 if each.of_ties else 1] for name, each in CHOICES.items()}
)
"""A rule under which a gradient arrives wherever it does under some rule."""


def _rules(
    framework: str,
    version: str,
    elsewhere: Mapping[str, Any],
    *rows: tuple[str, str, str, PoolTies],
) -> Iterator[Rule]:
    """Yield a framework's rules, given as rows (slug, short, operation, pool_ties).

    elsewhere: its choices beside those at ReLU's 0, where the slope is 0, and at a pool's ties.
    """
    for slug, short, operation, ties in rows:
        kinks = Kinks(0.0, ties, **elsewhere)
        yield Rule(slug, short, framework, version, operation, kinks)


_ROWS: Final = (
    Rule("lab", "the lab", "Lab", "", "the exercise this tool grew from", LAB),
    *_rules(
        "PyTorch",
        "2.13",
        {"leaky_relu_at_zero": 0.0, "abs_at_zero": 0.0, "maximum_ties": "split"},
        ("pytorch-max-pool", "PyTorch max_pool", "max_pool1d, max_pool2d, max(dim)", "first"),
        ("pytorch-amax", "PyTorch amax", "amax, max() of the whole tensor", "split"),
    ),
    *_rules(
        "TensorFlow",
        "2.21",
        {"leaky_relu_at_zero": 0.0, "abs_at_zero": 0.0, "maximum_ties": "first"},
        ("tensorflow-max-pool", "TensorFlow max_pool", "max_pool1d, max_pool2d", "first"),
        ("tensorflow-reduce-max", "TensorFlow reduce_max", "reduce_max", "split"),
    ),
    *_rules(
        "JAX",
        "0.10",
        {"leaky_relu_at_zero": 1.0, "abs_at_zero": 1.0, "maximum_ties": "split"},
        ("jax-reduce-window", "JAX reduce_window", "lax.reduce_window", "first"),
        ("jax-max", "JAX max", "jnp.max", "split"),
    ),
    *_rules(
        "tinygrad",
        "0.14",
        {"leaky_relu_at_zero": 1.0, "abs_at_zero": 0.0, "maximum_ties": "split"},
        ("tinygrad", "tinygrad", "max_pool2d, max", "split"),
    ),
    *_rules(
        "MLX",
        "0.32",
        {"leaky_relu_at_zero": 1.0, "abs_at_zero": 0.0, "maximum_ties": "last"},
        ("mlx", "MLX", "MaxPool1d, MaxPool2d, max", "split"),
    ),
    Rule(
        slug="cs231n-fast-layers",
        short="CS231n reshape",
        framework="CS231n",
        version="",
        operation="fast layers by reshape (windows that tile)",
        kinks=Kinks(0.0, "split"),
        tiled=True,
    ),
    Rule(
        slug="cs231n-im2col",
        short="CS231n im2col",
        framework="CS231n",
        version="",
        operation="fast layers by im2col (all other windows)",
        kinks=Kinks(0.0, "first"),
        tiled=False,
    ),
)

RULES: Final[Mapping[str, Rule]] = MappingProxyType({rule.slug: rule for rule in _ROWS})


@cache  # one entry for each set of choices
def groups(choices: tuple[str, ...]) -> Mapping[tuple[Any, ...], Sequence[Rule]]:
    """Return the rules that state these choices, grouped by what they choose, in order of RULES.

    The rules of a group do the same if a pullback reads no other choice. For no choices at all,
    all rules are one group.
    """
    found: dict[tuple[Any, ...], list[Rule]] = {}
    for rule in RULES.values():
        if rule.kinks.states(choices):
            found.setdefault(rule.kinks.chosen(choices), []).append(rule)
    return MappingProxyType({chosen: tuple(alike) for chosen, alike in found.items()})


def briefly(choices: Sequence[str], chosen: Sequence[Any], *, labelled: bool = True) -> str:
    """Return the choices in brief: 'slope 1 at 0, ties: all get it'; for ties alone 'all get it'.

    labelled: whether the context says that it is about ties; if not, always 'ties: all get it'.
    """
    named = not labelled or len({CHOICES[name].of_ties for name in choices}) > 1
    each = (
        f"{'ties: ' if named and CHOICES[name].of_ties else ''}{CHOICES[name].short(value)}"
        for name, value in zip(choices, chosen, strict=True)
    )
    return ", ".join(dict.fromkeys(each))


def called(rule: Rule, alike: Sequence[Rule]) -> str:
    """Return what a sentence calls a rule of the group `alike`.

    That is its framework if it has several rules and all are in the group, otherwise `short`.
    """
    own = [each for each in RULES.values() if each.framework == rule.framework]
    return rule.framework if len(own) > 1 and all(each in alike for each in own) else rule.short

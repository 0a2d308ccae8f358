"""How a layer with an interface other than the lab's is called: a `Plan`, and the same in words."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

import numpy as np

from engine.grader.interfaces import LOSS, arranged, axes_in_words, restored
from engine.grader.settings import NotTakenError
from engine.grader.wire import Json, Numbers

Way: TypeAlias = list[list[Any]]
"""The path from an instance to an array in it: [["attr", "params"], ["item", "W"]]."""
Arguments: TypeAlias = list[list[Any]]
"""For each parameter its name and what it is given: ["role", "C"] or ["value", 1.0]."""

HANDED: Final = "handed"
UNKNOWN: Final = "unknown"
WeightAt: TypeAlias = Way | Literal["handed", "unknown"] | None
"""Where w or b is: at a path in the instance, HANDED if it is an argument of forward, next to the
input, UNKNOWN while no place has been tried yet, None if there is none."""
GradientAt: TypeAlias = (
    tuple[Literal["returned"], int]
    | tuple[Literal["attribute"], Way]
    | tuple[Literal["step"], None]
)
"""Where the gradient of w or b is: at a position in what backward returns, at a path in the
instance, or in the step of backward, which subtracts it from the weights at a rate of 1."""
STEP: Final[GradientAt] = ("step", None)


def roles_in(*lists: Arguments) -> set[str]:
    """Return the roles that occur in these lists of arguments."""
    return {role for each in lists for _, (kind, role) in each if kind == "role"}


@dataclass(frozen=True)
class Axes:
    """The axes of x, w and the output, each "" for a layer that takes any shape."""

    ours: Sequence[str]  # in the lab's order
    theirs: Sequence[str]  # in the layer's own

    @property
    def singly(self) -> bool:
        """Whether a minibatch has to be passed one example at a time."""
        return "N" in self.ours[0] and "N" not in self.theirs[0]

    @property
    def of_one(self) -> list[str]:
        """The layer's axes for one example, without axes of length 1.

        They are the same whether the layer takes several examples or one. If there are no weights,
        channels count as examples.
        """
        several = "[N1]" if self.ours[1] else "[NC1]"
        return [re.sub(several, "", each) for each in self.theirs]

    def first(self, array: Numbers) -> Numbers:
        """Return what is passed first: the first example, or the whole array."""
        return array[0] if self.singly else array

    def at(self, place: int) -> tuple[str, str]:
        """Return (ours, theirs) of x, w or the output; without N if examples are passed singly."""
        ours, theirs = self.ours[place], self.theirs[place]
        return (ours.replace("N", ""), theirs) if self.singly else (ours, theirs)

    def sizes(self, x: Numbers, w: Numbers | None) -> dict[str, int]:
        """Return the length of each axis that x and w have."""
        if not self.ours[0]:
            return {}
        told = dict(zip(self.ours[0], x.shape, strict=True))
        if w is not None:
            told |= dict(zip(self.ours[1], w.shape, strict=True))
        return told

    def arranged(self, array: Numbers, place: int, sizes: Mapping[str, int]) -> Numbers:
        """Return an array in the lab's order of axes, put into the layer's order."""
        ours, theirs = self.at(place)
        if not ours:
            return array
        told = dict(zip(ours, array.shape, strict=True)) if "(" not in ours else {}
        return arranged(array, ours, theirs, {**sizes, **told})

    def restored(self, array: Any, place: int, sizes: Mapping[str, int]) -> Any:
        """Return an array in the layer's order of axes, put back into the lab's order."""
        ours, theirs = self.at(place)
        if not ours:
            return array
        if place == 2 and "(" not in theirs and np.ndim(array) == len(theirs):
            # The layer itself decides how large its output is.
            sizes = {**sizes, **dict(zip(theirs, np.shape(array), strict=True))}
        return restored(array, ours, theirs, sizes)


@dataclass(frozen=True)
class Plan:
    """How a layer is called.

    constructor, prepare, arguments and back say what each parameter is given: of the constructor,
    of methods that are called right after it, of forward and of backward.
    """

    topic: str
    forward: str
    backward: str
    forms: list[Axes] = field(default_factory=list)  # the forms of the inputs that it takes
    functions: bool = False  # whether it is a pair of functions of a module
    constructor: Arguments = field(default_factory=list)
    arguments: Arguments = field(default_factory=list)
    back: Arguments = field(default_factory=list)
    weight: WeightAt = None
    bias: WeightAt = None
    gradients: list[GradientAt] = field(default_factory=list)  # those of w and of b
    axes: str = ""  # those of the gradient of w
    returned: int = 0  # the position of dx in what backward returns
    pairs: list[str] = field(default_factory=list)  # settings that are passed as pairs
    fixed: dict[str, int] = field(default_factory=dict)
    """Settings that cannot be chosen, with their values."""
    oblong: bool = True  # whether kernels need not be square
    square: bool = False  # whether images must be square
    rate: Way | None = None  # an attribute that is set to 1
    builds: bool = False  # whether the weights exist only after a forward
    cleared: bool = False
    """Whether gradients are set to 0 before each pass, since backward adds to them."""
    slope: bool = False
    """Whether backward only gives the derivative at the input of forward, not yet multiplied by the
    upstream gradient."""
    bias_axes: str = "F"  # the axes that a bias has as an argument
    untied: bool = False  # whether the bias has an entry for each entry of the output
    prepare: list[tuple[str, Arguments]] = field(default_factory=list)  # the methods by their names
    output: Way | None = None  # the attribute for what forward gives, None if it returns that
    dx: Way | None = None  # the attribute for the gradient of x, None if backward returns it
    read: list[str] = field(default_factory=list)  # settings that the layer looks up in a dict
    one_hot: str = ""  # the axes of one-hot labels, "" if labels are whole numbers

    def fitting(self, x: Numbers, w: Numbers | None) -> Axes:
        """Return the form for x and w; raise NotTakenError if none has their numbers of axes."""
        for axes in self.forms:
            ours = axes.ours
            if not ours[0] or (len(ours[0]) == x.ndim and (w is None or len(ours[1]) == w.ndim)):
                return axes
        fitting = [each for each in self.forms if len(each.ours[0]) == x.ndim]
        place, letter = (1, "w") if fitting else (0, "x")
        taken = (each.theirs[place] for each in fitting or self.forms)
        shown = dict.fromkeys(axes_in_words(axes) if axes else "a number" for axes in taken)
        raise NotTakenError(f"takes {letter} as {' or '.join(shown)} only")

    @classmethod
    def of(cls, message: Json) -> "Plan":
        """Return the plan that `asdict` turned into this message."""
        pairs = {name: [*map(tuple, message[name])] for name in ("gradients", "prepare")}
        return cls(**{**message, **pairs, "forms": [Axes(**each) for each in message["forms"]]})


def sentences(plan: Plan) -> Iterator[str]:
    """Yield in words how the layer is called, as far as it differs from the lab's interface."""
    if plan.slope:
        given = "a" if plan.back else ""
        yield f"its gradient is dh times what {plan.backward}({given}) gives"
    elif plan.functions or roles_in(plan.back) & {"x", "w", "probabilities"}:
        if plan.forward != plan.backward:
            words = {"scores": "logits", "padding-word": "padding", "padding-WORD": "padding"}
            given = ", ".join(
                words.get(role, role) if kind == "role" else repr(role)
                for _, (kind, role) in plan.back
            )
            yield f"{plan.backward}({given}) as its backward"
    elif (plan.forward, plan.backward) != ("forward", "backward"):
        yield f"{plan.forward} as forward, {plan.backward} as backward"
    if "context" in roles_in(plan.arguments):
        yield "a context that has save_for_backward"
    if plan.output or plan.dx:
        kept = [(plan.output, "output"), (plan.dx, "gradient of its input")]
        yield ", ".join(f"{name} from {attribute(path)}" for path, name in kept if path)
    if plan.prepare:
        yield f"after {' and '.join(name for name, _ in plan.prepare)}"
    if places := list(_places(plan)):
        yield ", ".join(places)
    if order := _unusual_order(plan):
        yield f"{order} as what {plan.backward} gives"
    if plan.untied:
        yield "a bias for each entry of the output"
    axes = plan.forms[0]
    for ours, theirs, what in zip(axes.ours, axes.theirs, ("x", "w", "output"), strict=True):
        if ours and ours != theirs:
            yield f"{what} as {axes_in_words(theirs)}"
    if axes.singly:
        loss = plan.topic == LOSS
        yield f"a minibatch one example at a time{', then their mean' if loss else ''}"
    if [what for _, what in plan.arguments[:1]] == [["role", "labels"]]:
        yield "labels before the logits"
    if plan.one_hot:
        yield "labels one-hot"
    if zeros := [name for name, what in plan.constructor if what == ["value", 0.0]]:
        yield f"{' and '.join(zeros)} of 0"
    if plan.cleared:
        yield "gradients set to 0 before each pass, since backward adds to them"
    if any(kind == "step" for kind, _ in plan.gradients):
        yield "backward with a learning rate of 1"


def _places(plan: Plan) -> Iterator[str]:
    """Yield where weights and their gradients are: 'weights from .W', 'their gradient from .dW'."""
    named = (("weights", "their"), ("bias", "its"))
    for (name, whose), own, source in zip(
        named, (plan.weight, plan.bias), (*plan.gradients, None, None), strict=False
    ):
        if isinstance(own, list):
            yield f"{name} from {attribute(own)}"
        match source:
            case "attribute", path:
                of = f"gradient of the {name}" if own == HANDED else f"{whose} gradient"
                yield f"{of} from {attribute(path)}"
            case "step", _:
                yield f"{whose} gradient from the step that {plan.backward} takes"


def _unusual_order(plan: Plan) -> str:
    """Return the gradients in the order in which they are returned, "" if that is (dx, dw, db)."""
    places = [(plan.returned, "dx")]
    for name, source in zip(("dw", "db"), plan.gradients, strict=False):
        match source:
            case "returned", place:
                places.append((place, name))
    order = ", ".join(name for _, name in sorted(places))
    return "" if places == sorted(places) else f"({order})"


def attribute(path: Way) -> str:
    """Return a path as Python: '.params['W']'."""
    return "".join(f".{key}" if kind == "attr" else f"[{key!r}]" for kind, key in path)

"""How a layer of another interface is taken: a `Plan`, and what it says in words."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import numpy as np

from engine.grader.interfaces import LOSS, arranged, axes_in_words, restored
from engine.grader.settings import NotTakenError
from engine.grader.wire import Json, Numbers

Way: TypeAlias = list[list[Any]]
"""The way from an instance to an array in it: [["attr", "params"], ["item", "W"]]."""
Arguments: TypeAlias = list[list[Any]]
"""Of each parameter the name, and what it gets: ["role", "C"] or ["value", 1.0]."""

HANDED: Final = "handed"
"""In the place of where weights lie: with the input."""
UNKNOWN: Final = "unknown"
"""Where a bias lies of which nothing has been tried yet."""


def roles_in(*lists: Arguments) -> set[str]:
    """The roles that parameters have."""
    return {role for each in lists for _, (kind, role) in each if kind == "role"}


@dataclass(frozen=True)
class Axes:
    """The axes of x, w and the output: ours, and those that the layer has in their place.

    All are "" for a layer that takes any shape.
    """

    ours: Sequence[str]
    theirs: Sequence[str]

    @property
    def singly(self) -> bool:
        """Whether a minibatch has to be handed over one example at a time."""
        return "N" in self.ours[0] and "N" not in self.theirs[0]

    @property
    def of_one(self) -> list[str]:
        """Theirs of one example, without axes of length 1: alike where a layer takes several.

        Where there are no weights, channels are examples.
        """
        several = "[N1]" if self.ours[1] else "[NC1]"
        return [re.sub(several, "", each) for each in self.theirs]

    def first(self, array: Numbers) -> Numbers:
        """What is handed over first: the first example, or all of them."""
        return array[0] if self.singly else array

    def at(self, place: int) -> tuple[str, str]:
        """Ours and theirs, of x, w or the output; without the examples where they come singly."""
        ours, theirs = self.ours[place], self.theirs[place]
        return (ours.replace("N", ""), theirs) if self.singly else (ours, theirs)

    def sizes(self, x: Numbers, w: Numbers | None) -> dict[str, int]:
        """The length of each axis that x and w tell."""
        if not self.ours[0]:
            return {}
        told = dict(zip(self.ours[0], x.shape, strict=True))
        if w is not None:
            told |= dict(zip(self.ours[1], w.shape, strict=True))
        return told

    def arranged(self, array: Numbers, place: int, sizes: Mapping[str, int]) -> Numbers:
        """An array of ours in their order."""
        ours, theirs = self.at(place)
        if not ours:
            return array
        told = dict(zip(ours, array.shape, strict=True)) if "(" not in ours else {}
        return arranged(array, ours, theirs, {**sizes, **told})

    def restored(self, array: Any, place: int, sizes: Mapping[str, int]) -> Any:
        """An array of theirs in our order."""
        ours, theirs = self.at(place)
        if not ours:
            return array
        if place == 2 and "(" not in theirs and np.ndim(array) == len(theirs):
            # How large the output is, is theirs to say.
            sizes = {**sizes, **dict(zip(theirs, np.shape(array), strict=True))}
        return restored(array, ours, theirs, sizes)


@dataclass(frozen=True)
class Plan:
    """How a layer is taken.

    forms: the shapes of ours that it takes. functions: whether it is two functions of a module.
    constructor, prepare, arguments, back: of the constructor, of methods that are called after it,
    of forward and of backward, each parameter with what it gets. weight, bias: where they lie in
    the instance, HANDED where they are handed over, None where there are none; bias_axes: as which
    a bias is handed over; untied: whether it has an entry for each entry of the output. output, dx:
    the attributes in which forward and backward leave them, None where they give them; returned:
    which of what backward gives is dx. gradients: of w and b, where they are found: ["returned",
    i], ["attribute", path] or ["step", None], which is what backward takes off the weights at rate
    1; axes: of the gradient of w. pairs: settings that are given as pairs. fixed: those that cannot
    be chosen; read: those that are looked up in a dict. oblong: whether kernels need not be square.
    square: whether images must be. rate: an attribute that is set to 1. builds: whether only
    forward makes the weights. cleared: whether gradients are set to 0 before each pass, since they
    are added to what is there. slope: whether backward is a derivative at what forward was given.
    one_hot: the axes of labels that are no whole numbers.
    """

    topic: str
    forward: str
    backward: str
    forms: list[Axes] = field(default_factory=list)
    functions: bool = False
    constructor: Arguments = field(default_factory=list)
    arguments: Arguments = field(default_factory=list)
    back: Arguments = field(default_factory=list)
    weight: Any = None
    bias: Any = None
    gradients: list[Any] = field(default_factory=list)
    axes: str = ""
    returned: int = 0
    pairs: list[str] = field(default_factory=list)
    fixed: dict[str, int] = field(default_factory=dict)
    oblong: bool = True
    square: bool = False
    rate: Way | None = None
    builds: bool = False
    cleared: bool = False
    slope: bool = False
    bias_axes: str = "F"
    untied: bool = False
    prepare: list[list[Any]] = field(default_factory=list)
    output: Way | None = None
    dx: Way | None = None
    read: list[str] = field(default_factory=list)
    one_hot: str = ""

    def fitting(self, x: Numbers, w: Numbers | None) -> Axes:
        """The form in which x and w are taken; refuses what has other numbers of axes."""
        for axes in self.forms:
            ours = axes.ours
            if not ours[0] or (len(ours[0]) == x.ndim and (w is None or len(ours[1]) == w.ndim)):
                return axes
        fitting = [each for each in self.forms if len(each.ours[0]) == x.ndim]
        place = int(bool(fitting))
        taken = (each.theirs[place] for each in fitting or self.forms)
        shown = dict.fromkeys(axes_in_words(axes) if axes else "a number" for axes in taken)
        raise NotTakenError(f"takes {'xw'[place]} as {' or '.join(shown)} only")

    @classmethod
    def of(cls, message: Json) -> "Plan":
        """What `asdict` made of it."""
        return cls(**{**message, "forms": [Axes(**each) for each in message["forms"]]})


def sentences(plan: Plan) -> Iterator[str]:
    """How a layer is taken, in words: what differs from the lab's interface."""
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
    if plan.untied:
        yield "a bias for each entry of the output"
    axes = plan.forms[0]
    for ours, theirs, what in zip(axes.ours, axes.theirs, ("x", "w", "output"), strict=True):
        if ours and ours != theirs:
            yield f"{what} as {axes_in_words(theirs)}"
    if axes.singly:
        loss = plan.topic == LOSS
        yield f"a minibatch one example at a time{', then their mean' if loss else ''}"
    if plan.one_hot:
        yield "labels one-hot"
    if zeros := [name for name, what in plan.constructor if what == ["value", 0.0]]:
        yield f"{' and '.join(zeros)} of 0"
    if plan.cleared:
        yield "gradients set to 0 before each pass, since backward adds to them"
    if any(kind == "step" for kind, _ in plan.gradients):
        yield "backward with a learning rate of 1"


def _places(plan: Plan) -> Iterator[str]:
    """'weights from .W, their gradient from .dW'."""
    named = (("weights", "their"), ("bias", "its"))
    for (name, whose), own, source in zip(
        named, (plan.weight, plan.bias), (*plan.gradients, None, None), strict=False
    ):
        if own not in (None, HANDED):
            yield f"{name} from {attribute(own)}"
        if source is not None and source[0] == "attribute":
            of = f"gradient of the {name}" if own == HANDED else f"{whose} gradient"
            yield f"{of} from {attribute(source[1])}"
        elif source is not None and source[0] == "step":
            yield f"{whose} gradient from the step that {plan.backward} takes"


def attribute(path: Way) -> str:
    """'.params['W']'."""
    return "".join(f".{key}" if kind == "attr" else f"[{key!r}]" for kind, key in path)

"""What the parameters of a student's layer are given, by their roles: as values and as Python.

`drafts` gives each parameter a role: "x", "labels", "cache[1]", "stride". `ROLES` says what each of
them stands for, and `settings` does so if that follows from the settings and the axis lengths.
"""

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np

from engine.grader.interfaces import GENERATORS, INITIALIZERS, LOSS, arranged, shape_of
from engine.grader.plan import Plan
from engine.grader.settings import NotTakenError, Parameters, parameters, setting_for
from engine.grader.wire import Numbers
from engine.layers.loss import softmax


class Inputs:
    """The inputs and settings of a request, as a plan hands them to a layer.

    example, dout and labels are those of the present call, which may be for a single example.
    """

    def __init__(self, plan: Plan, settings: Mapping[str, Any], names: Sequence[str]) -> None:
        self.plan, self.settings = plan, settings
        self.names = names  # of x and of the upstream gradient, as Python
        self._all_labels: Any = None
        self.example: Any = None
        self.dout: Any = None
        self.kept: tuple[Any, ...] = ()  # what forward has returned besides its output
        self.context: Any = None  # where static methods keep values
        self.read: set[str] = set()  # the settings looked up in a dict, by the lab's names
        self.looked_up: set[str] = set()  # the same settings by the layer's own names

    def begin(self, x: Any, *rest: Any) -> None:
        """Keep the inputs and decide how they are passed; raise NotTakenError if that fails."""
        self.x = np.asarray(x)  # in the lab's order of axes, as w and b
        self._all_labels = rest[0] if self.is_loss else None
        weights = [] if self.is_loss else [np.asarray(each) for each in rest]
        self.w: Any = weights[0] if weights else None
        self.b: Any = weights[1] if len(weights) > 1 else None
        if self.b is not None and self.plan.bias is None:
            raise NotTakenError("has no bias")
        for setting, value in self.plan.fixed.items():
            if self.settings.get(setting) != value:
                raise NotTakenError(f"takes {value} as {setting} only")
        self.axes = self.plan.fitting(self.x, self.w)  # the form of the plan
        # The label of the first example, until it is another example's turn.
        singly = self.is_loss and self.axes.singly
        self.labels = self._all_labels[0] if singly else self._all_labels
        self.sizes = self.axes.sizes(self.x, self.w)  # the length of each axis
        if self.plan.square and self.sizes["H"] != self.sizes["W"]:
            raise NotTakenError("takes square images only")

    @property
    def is_loss(self) -> bool:
        """Whether the layer is a loss, which takes labels instead of weights."""
        return self.plan.topic == LOSS

    @property
    def cache(self) -> Any:
        """What forward has returned besides its output: a value, a tuple of several, or None."""
        return self.kept if len(self.kept) > 1 else next(iter(self.kept), None)

    def examples(self) -> Iterator[Numbers]:
        """Yield one example after the other, and keep its label if there are labels."""
        for n, x in enumerate(self.x):
            if self.is_loss:
                self.labels = self._all_labels[n]
            yield x

    def value(self, what: Sequence[Any]) -> Any:
        """Return what a parameter of the layer's is given."""
        kind, role = what
        if kind == "value":
            return sys.intern(role) if isinstance(role, str) else role  # for `is "max"`
        return role_of(role).value(self)

    def text(self, what: Sequence[Any]) -> str:
        """Return what a parameter of the layer's is given, as Python."""
        kind, role = what
        if kind == "value":
            return repr(role)
        text = role_of(role).text
        if callable(text):
            return text(self)
        return text or repr(self.value(what))

    def arranged(self, array: Numbers, place: int) -> Numbers:
        """Return an x, w or output in the layer's order of axes."""
        return self.axes.arranged(array, place, self.sizes)

    def restored(self, array: Any, place: int) -> Any:
        """Return an x, w or output of the layer in the lab's order of axes."""
        return self.axes.restored(array, place, self.sizes)

    def weight(self) -> Numbers:
        """Return w in the layer's order of axes."""
        assert self.w is not None
        return self.arranged(self.w, 1).copy()  # backward may take a step on it

    def bias(self) -> Numbers:
        """Return b, or zeros if there is none."""
        assert self.w is not None
        shape = self.w.shape[:1] if self.axes.ours[1][:1] in ("F", "M") else ()
        return np.zeros(shape) if self.b is None else self.b.copy()

    def turned(self, name: str, place: int) -> str:
        """Return an array as Python, 'x.transpose(0, 2, 3, 1)' if its axes differ."""
        if self.axes.singly and place != 1 and not (self.is_loss and place == 2):
            name += "[n]"
        ours, theirs = self.axes.at(place)
        if not ours or ours == theirs:
            return name
        letters = [each for each in theirs if each.isalpha()]
        order = tuple(ours.index(each) for each in letters)
        turned = "" if order == tuple(range(len(order))) else f".transpose{order}"
        if len(letters) == len(theirs):
            return f"{name}{turned}"
        return f"{name}{turned}.reshape{shape_of(theirs, self.sizes)}"


class Role(NamedTuple):
    """What a parameter with a role is given."""

    value: Callable[[Inputs], Any]
    text: str | Callable[[Inputs], str] = ""  # the same as Python; "" for the repr of the value


class Optimizer:
    """An optimizer that subtracts the gradient itself from the weights: a step at rate 1."""

    def update(self, w: Any, grad_wrt_w: Any) -> Any:
        """Return the weights after a step."""
        return w - grad_wrt_w


def _upstream(inputs: Inputs) -> Any:
    whole = np.asarray(inputs.dout)
    return inputs.arranged(whole, 2) if whole.ndim else inputs.dout


def _examples(inputs: Inputs) -> int:
    if "N" in inputs.sizes:
        return inputs.sizes["N"]
    # One example, or a ReLU, which has no known axes.
    return 1 if inputs.axes.ours[0] else len(np.atleast_1d(inputs.x))


def _bias(inputs: Inputs) -> Numbers:
    bias = inputs.bias()
    return arranged(bias, "F", inputs.plan.bias_axes, {"F": bias.size}) if bias.ndim else bias


def _bias_text(inputs: Inputs) -> str:
    bias = _bias(inputs)
    if inputs.b is None:
        return f"np.zeros({bias.shape})"
    return f"b.reshape({bias.shape})" if bias.ndim > 1 else "b"


def _labels(inputs: Inputs) -> Numbers:
    labels = np.asarray(inputs.labels)
    if not inputs.plan.one_hot:
        return labels
    one_hot = np.eye(inputs.sizes["D"])[labels]
    if inputs.axes.singly:
        return inputs.arranged(one_hot, 0)
    return arranged(one_hot, "ND", inputs.plan.one_hot, inputs.sizes)


def _labels_text(inputs: Inputs) -> str:
    labels = "labels[n]" if inputs.axes.singly else "labels"
    if not inputs.plan.one_hot:
        return labels
    turned = ".T" if inputs.plan.one_hot == "DN" else ""
    if inputs.axes.theirs[0] == "D1":
        turned = "[:, None]"
    return f"np.eye({inputs.sizes['D']})[{labels}]{turned}"


def _probabilities(inputs: Inputs) -> Numbers:
    return inputs.arranged(softmax(np.asarray(inputs.example)), 0)


def _probabilities_text(inputs: Inputs) -> str:
    x = f"{inputs.names[0]}[n]" if inputs.axes.singly else inputs.names[0]
    turned = {"DN": ".T", "D1": "[:, None]"}.get(inputs.axes.theirs[0], "")
    return f"(np.exp({x}) / np.exp({x}).sum(axis=-1, keepdims=True)){turned}"


def _parameters(inputs: Inputs) -> Parameters:
    values = parameters(inputs.plan.topic, inputs.settings, inputs.sizes)
    even = values["pool_height"] == values["pool_width"]
    if not even and "size[1]" not in inputs.plan.read:
        del values["pool_height"]  # it is for squares if it looks up no width
    return Parameters(values, inputs.read, inputs.looked_up)


def _parameters_text(inputs: Inputs) -> str:
    given = _parameters(inputs)
    return repr({name: given[name] for name in sorted(inputs.looked_up)})


def _kept(place: int, inputs: Inputs) -> Any:
    kept = inputs.kept if len(inputs.kept) > 1 else ()
    if place >= len(kept):
        raise NotTakenError("gives less beside its output than backward takes")
    return kept[place]


def _generator(name: str, inputs: Inputs) -> Any:
    return getattr(np.random, name)(0)


def _initializer(name: str, inputs: Inputs) -> Any:
    return getattr(np.random, name)


def _setting(role: str, inputs: Inputs) -> Any:
    return setting_for(role, inputs.plan.topic, inputs.settings, inputs.sizes, inputs.plan.pairs)


INPUT: Final = Role(
    lambda inputs: inputs.arranged(inputs.example, 0),
    lambda inputs: inputs.turned(inputs.names[0], 0),
)
ROLES: Final[Mapping[str, Role]] = {
    "x": INPUT,
    "scores": INPUT,
    "x.shape": Role(lambda inputs: inputs.arranged(inputs.axes.first(inputs.x), 0).shape),
    "x.shape[1:]": Role(lambda inputs: inputs.x.shape[1:]),
    "N": Role(_examples),
    "dout": Role(_upstream, lambda inputs: inputs.turned(inputs.names[1], 2)),
    # [()] turns a scalar w into a number.
    "w": Role(lambda inputs: inputs.weight()[()], lambda inputs: inputs.turned("w", 1)),
    "b": Role(_bias, _bias_text),
    "labels": Role(_labels, _labels_text),
    "probabilities": Role(_probabilities, _probabilities_text),
    "cache": Role(lambda inputs: inputs.cache, "cache"),
    "context": Role(lambda inputs: inputs.context, "context"),
    "optimizer": Role(lambda inputs: Optimizer(), "optimizer"),
    "identity": Role(lambda inputs: lambda each: each, "lambda each: each"),
    "parameters": Role(_parameters, _parameters_text),
    **{name: Role(partial(_generator, name), f"np.random.{name}(0)") for name in GENERATORS},
    **{name: Role(partial(_initializer, name), f"np.random.{name}") for name in INITIALIZERS},
}
"""The roles that depend on more than the settings and the axis lengths."""
KEPT: Final = re.compile(r"cache\[(\d+)\]")
"""The role of one of several values that forward returns besides its output."""


def role_of(name: str) -> Role:
    """Return the role with this name; if there is none, its value raises KeyError."""
    if name in ROLES:
        return ROLES[name]
    if kept := KEPT.fullmatch(name):
        return Role(partial(_kept, int(kept[1])), name)
    return Role(partial(_setting, name))

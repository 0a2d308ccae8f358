"""Gives any layer the lab's interface: forward(x, w, b), backward(dout) -> (dx, dw, db).

A `Plan` says how the layer is called; `probing` finds plans. What a layer does not take is refused
with NotTakenError, in words; whatever else the layer does, right or wrong, passes through
unchanged.
"""

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from inspect import unwrap
from types import SimpleNamespace
from typing import Any, Final

import numpy as np

from engine.grader.drafts import is_guessed
from engine.grader.held import at_path, put, written
from engine.grader.interfaces import (
    GENERATORS,
    INITIALIZERS,
    LOSS,
    arranged,
    counts,
    restored,
    shape_of,
    signature_of,
)
from engine.grader.plan import HANDED, UNKNOWN, Arguments, Plan, Way, attribute, roles_in
from engine.grader.settings import NotTakenError, Parameters, parameters, setting_for
from engine.grader.wire import Json, Numbers

RESETS: Final = (
    "zero_grad zero_grads zero_gradients reset_grad reset_gradients clear_gradients flush_gradients"
)
"""Methods with which a layer may clear what it keeps from its last pass."""
COMPUTED: Final = (np.ndarray, np.floating, float)


class Adapter:
    """One student's layer, with the settings of a request."""

    def __init__(
        self,
        things: Mapping[str, Any],
        plan: Plan,
        settings: Mapping[str, Any],
        name: str = "",
        names: Sequence[str] = ("x", "dout"),
    ) -> None:
        self._things, self.plan, self._settings = things, plan, settings
        self._name, self._names = name, names
        self._made_for: Any = None
        self._cache: Any = None
        self._output_place: int | None = None
        self._several = False
        self._context: Any = None
        self._all_labels: Any = None
        self.instance: Any = None
        self.read: set[str] = set()  # the settings that it looked up in a dict, by the lab's names
        self.looked_up: set[str] = set()  # the same settings by its own names
        self.at = "__init__"  # the layer's method that was called last

    def forward(self, *inputs: Any) -> Any:
        """Return the output, in the lab's order of axes."""
        self.begin(*inputs)
        if not self.axes.singly:
            return self._restored_output(self._x)
        outputs = np.stack([np.asarray(self._restored_output(each)) for each in self._examples()])
        return outputs.mean(axis=0) if self._is_loss else outputs

    def backward(self, dout: Any = None) -> Any:
        """Return the gradients, in the lab's order of axes: dx, or (dx, dw) or (dx, dw, db)."""
        if not self.axes.singly:
            return self._gradients(self._x, dout)
        found = []
        backs = [dout] * len(self._x) if self._is_loss else dout
        for x, back in zip(self._examples(), backs, strict=True):
            self._restored_output(x)  # the layer remembers one example only
            found.append(self._gradients(x, back))
        stacked = np.stack(found)
        mean = self._is_loss and stacked.dtype.kind in "fiu"
        return stacked / len(found) if mean else stacked

    def begin(self, x: Any, *rest: Any) -> None:
        """Keep the inputs and decide how they are passed; raise NotTakenError if that fails."""
        self._x = np.asarray(x)
        self._all_labels = rest[0] if self._is_loss else None
        weights = [] if self._is_loss else [np.asarray(each) for each in rest]
        self._w: Any = weights[0] if weights else None
        self._b: Any = weights[1] if len(weights) > 1 else None
        if self._b is not None and self.plan.bias is None:
            raise NotTakenError("has no bias")
        for setting, value in self.plan.fixed.items():
            if self._settings.get(setting) != value:
                raise NotTakenError(f"takes {value} as {setting} only")
        self.axes = self.plan.fitting(self._x, self._w)
        # The label of the first example, until it is another example's turn.
        singly = self._is_loss and self.axes.singly
        self._labels = self._all_labels[0] if singly else self._all_labels
        self.sizes = self.axes.sizes(self._x, self._w)
        if self.plan.square and self.sizes["H"] != self.sizes["W"]:
            raise NotTakenError("takes square images only")

    @property
    def keeps_nothing(self) -> bool:
        """Whether forward has returned nothing besides its output."""
        return self._cache is None

    @property
    def _is_loss(self) -> bool:
        return self.plan.topic == LOSS

    def _examples(self) -> Iterator[Numbers]:
        """Yield one example after the other, and keep its label if there are labels."""
        for n, x in enumerate(self._x):
            if self._is_loss:
                self._labels = self._all_labels[n]
            yield x

    def _restored_output(self, x: Numbers) -> Any:
        given = self.call(x)
        if self._is_loss and np.size(given) == 1:
            return np.reshape(given, ())  # products of matrices give a loss the shape (1, 1)
        return self.axes.restored(given, 2, self.sizes)

    def call(self, x: Numbers) -> Any:
        """Return what the layer's forward gives, unchanged."""
        plan = self.plan
        key = self._instance_key()
        if self.instance is None or key != self._made_for:
            self.instance, self._made_for = self.make(), key
            if plan.builds:
                self._forward(x)
                begin_anew(self.instance)
        else:
            begin_anew(self.instance)
        if plan.rate:
            put(self.instance, plan.rate, 1.0)
        if plan.weight not in (None, HANDED):
            weight = self._their_weight()
            there = np.shape(at_path(self.instance, plan.weight))
            if there != weight.shape:
                raise NotTakenError(f"makes weights of the shape {there} here")
            put(self.instance, plan.weight, weight)
        if plan.bias not in (None, HANDED, UNKNOWN):
            there = np.shape(at_path(self.instance, plan.bias))
            bias = np.reshape(self._their_bias(), self.bias_shape)
            put(self.instance, plan.bias, np.broadcast_to(bias, there).copy())
        return self._forward(x)

    @property
    def bias_shape(self) -> tuple[int, ...]:
        """The shape in which a bias is written into the layer."""
        if not self.plan.untied:
            return np.shape(at_path(self.instance, self.plan.bias))
        axes = self.axes.theirs[2].replace("N", "")
        return tuple(self.sizes["F"] if each == "F" else 1 for each in axes)

    def _forward(self, x: Numbers) -> Any:
        self.at = self.plan.forward
        if "context" in roles_in(self.plan.arguments):
            self._context = context_for(getattr(self.instance, self.plan.forward))
        output = self._apply(self.plan.forward, self.plan.arguments, x, None)
        several = isinstance(output, tuple) and len(output) > 1
        if several and (self.plan.functions or isinstance(output[0], COMPUTED)):
            kept = list(output)
            # The loss is the single number among them: the probabilities may come before it.
            self._output_place = next(
                (i for i, each in enumerate(kept) if self._is_loss and _is_number(each)), 0
            )
            output = kept.pop(self._output_place)
            self._several = len(kept) > 1
            self._cache = tuple(kept) if self._several else kept[0]
        return at_path(self.instance, self.plan.output) if self.plan.output else output

    def call_back(self, x: Numbers, dout: Any) -> Any:
        """Return what the layer's backward gives, unchanged."""
        self.at = self.plan.backward
        if self.plan.backward == self.plan.forward:
            return self._cache
        given = self._apply(self.plan.backward, self.plan.back, x, dout)
        return at_path(self.instance, self.plan.dx) if self.plan.dx else given

    def _apply(self, method: str, arguments: Sequence[Sequence[Any]], x: Any, dout: Any) -> Any:
        """Call a method: the first argument by position if it takes any, the others by name."""
        call = getattr(self.instance, method)
        given = [(name, self.value(what, x, dout)) for name, what in arguments]
        placed = 1 if counts(signature_of(call))[1] else 0
        first = [value for _, value in given[:placed]]
        return call(*first, **dict(given[placed:]))

    def _instance_key(self) -> Any:
        """Return what an instance is made for: if this changes, another instance is needed."""
        prepared = (arguments for _, arguments in self.plan.prepare)
        used = roles_in(self.plan.constructor, *prepared) - {"optimizer", "w", "b"}
        shape = None if self._w is None else self._w.shape
        return shape, {role: str(self.value(["role", role])) for role in used}

    def make(self) -> Any:
        """Return an instance for these sizes and settings."""
        self.at = "__init__"
        plan = self.plan
        if plan.functions:
            return SimpleNamespace(**self._things)
        square = self._w is None or self.sizes.get("K") == self.sizes.get("L")
        if plan.topic == "Conv2D" and not square and not plan.oblong:
            raise NotTakenError("takes square kernels only")
        named = {name: self.value(what) for name, what in plan.constructor}
        try:
            made = self._things[""](**named)
        except Exception as error:
            # A NameError does not come from guessed arguments.
            if isinstance(error, NameError) or not (self._name and is_guessed(plan)):
                raise
            kind = type(error).__name__  # the guess was right for other sizes
            raise NotTakenError(
                f"cannot be tried for such sizes: what its constructor is given raises {kind}"
            ) from error
        for method, arguments in plan.prepare:
            getattr(made, method)(**{name: self.value(what) for name, what in arguments})
        return made

    def value(self, what: Sequence[Any], x: Any = None, dout: Any = None) -> Any:
        """Return what a parameter of the layer's is given."""
        kind, role = what
        if kind == "value":
            return sys.intern(role) if isinstance(role, str) else role  # for `is "max"`
        match role:
            case "x" | "scores":
                return self.axes.arranged(x, 0, self.sizes)
            case "x.shape":
                first = self.axes.first(self._x)
                return self.axes.arranged(first, 0, self.sizes).shape
            case "x.shape[1:]":
                return self._x.shape[1:]
            case "dout":
                whole = np.asarray(dout)
                return self.axes.arranged(whole, 2, self.sizes) if whole.ndim else dout
            case "N" if "N" not in self.sizes:  # a ReLU, which has no known axes, or one example
                return 1 if self.axes.ours[0] else len(np.atleast_1d(self._x))
            case "cache":
                return self._cache
            case _ if role.startswith("cache["):
                kept, place = self._cache if self._several else (), int(role[6:-1])
                if place >= len(kept):
                    raise NotTakenError("gives less beside its output than backward takes")
                return kept[place]
            case "context":
                return self._context
            case "w":
                return self._their_weight()[()]  # a scalar w as a number
            case "b":
                bias = self._their_bias()
                axes = self.plan.bias_axes
                return arranged(bias, "F", axes, {"F": bias.size}) if bias.ndim else bias
            case "optimizer":
                return Optimizer()
            case "identity":
                return lambda each: each
            case _ if role in GENERATORS:
                return getattr(np.random, role)(0)
            case _ if role in INITIALIZERS:
                return getattr(np.random, role)
            case "probabilities":
                exponentials = np.exp(x - np.max(x, axis=-1, keepdims=True))
                shares = exponentials / exponentials.sum(axis=-1, keepdims=True)
                return self.axes.arranged(shares, 0, self.sizes)
            case "labels":
                labels = np.asarray(self._labels)
                if not self.plan.one_hot:
                    return labels
                one_hot = np.eye(self.sizes["D"])[labels]
                if self.axes.singly:
                    return self.axes.arranged(one_hot, 0, self.sizes)
                return arranged(one_hot, "ND", self.plan.one_hot, self.sizes)
            case "parameters":
                values = parameters(self.plan.topic, self._settings, self.sizes)
                even = values["pool_height"] == values["pool_width"]
                if not even and "size[1]" not in self.plan.read:
                    del values["pool_height"]  # it is for squares if it looks up no width
                return Parameters(values, self.read, self.looked_up)
            case _:
                plan = self.plan
                return setting_for(role, plan.topic, self._settings, self.sizes, plan.pairs)

    def _their_weight(self) -> Numbers:
        assert self._w is not None
        return self.axes.arranged(self._w, 1, self.sizes).copy()  # backward may take a step on it

    def _their_bias(self) -> Numbers:
        assert self._w is not None
        shape = self._w.shape[:1] if self.axes.ours[1][:1] in ("F", "M") else ()
        return np.zeros(shape) if self._b is None else self._b.copy()

    def _gradients(self, x: Numbers, dout: Any) -> Any:
        """Call the layer's backward once, and return the gradients that are found afterwards."""
        plan = self.plan
        for kind, path in plan.gradients:
            if plan.cleared and kind == "attribute":
                written(self.instance, path, 0)  # the next gradient may be added to it
        places = (plan.weight, plan.bias)
        before = [
            np.copy(at_path(self.instance, place)) if kind == "step" else None
            for (kind, _), place in zip(plan.gradients, places, strict=False)
        ]
        given = self.call_back(x, dout)
        if plan.slope:
            return dout * np.asarray(given)
        values = leaves(given)
        dx = values[plan.returned] if plan.returned < len(values) else given
        dx = self.axes.restored(dx, 0, self.sizes)
        if self._w is None:
            return dx
        wanted = [dx]
        for i, (kind, where) in enumerate(plan.gradients[: 1 if self._b is None else 2]):
            match kind:
                case "returned":
                    value = values[where]
                case "attribute":
                    value = at_path(self.instance, where)
                case _:
                    value = before[i] - at_path(self.instance, places[i])
            if i == 0:
                first, ours = plan.forms[0].ours, self.axes.ours
                # In a form other than the first its axes are those of the weights.
                theirs = plan.axes if ours == first else self.axes.theirs[1]
                value = restored(value, ours[1], theirs, self.sizes)
            elif plan.untied and np.ndim(value) == len(self.bias_shape):
                # A bias that is shared by several entries gets the sum of their gradients.
                along = (at for at, length in enumerate(self.bias_shape) if length == 1)
                value = np.sum(value, axis=tuple(along)).reshape(np.shape(self._b))
            elif np.size(value) == np.size(self._b):
                value = np.reshape(np.asarray(value), np.shape(self._b))  # np.matrix stays 2-D
            wanted.append(value)
        return tuple(wanted)

    def as_python(self) -> Json:
        """Return the last pass as Python: made (the layer, its weights), forward, back."""
        plan = self.plan
        forward = self._call(plan.forward, plan.arguments)
        back = self._call(plan.backward, plan.back)
        output, kept = ("out", "cache") if plan.forward != plan.backward else ("loss", "dx")
        given = [] if self._output_place is None else [f"*{kept}" if self._several else kept]
        given.insert(self._output_place or 0, output)
        assigned = f"{', '.join(given)} = "
        if plan.functions:
            forward = f"{assigned}{forward}"
            back = back if plan.forward != plan.backward else forward
            return self._of_each({"made": [], "forward": forward, "back": back})
        made = [f"layer = {self._call(self._name, plan.constructor, named=True)}"]
        made += [f"layer.{self._call(name, each, named=True)}" for name, each in plan.prepare]
        assigned = assigned if "cache" in roles_in(plan.back) else ""
        forward, back = f"{assigned}layer.{forward}", f"layer.{back}"
        if plan.slope:
            back = f"dh * {back}"
        if plan.builds:
            made.append(forward.replace("[n]", "[0]"))
            if name := forgets(self.instance):
                made.append(f"layer.{name}()")
        if plan.weight not in (None, HANDED):
            made.append(f"layer{self._written_to(plan.weight)} = {self._turned('w', 1)}")
        if plan.bias not in (None, HANDED):
            there = self.bias_shape
            value = f"b.reshape({there})" if len(there) != 1 else "b"
            bias = 0 if self._b is None else value
            made.append(f"layer{self._written_to(plan.bias)} = {bias}")
        return self._of_each({"made": made, "forward": forward, "back": back})

    def _written_to(self, path: Way) -> str:
        """Return what a value is assigned to: '.W[...]', or '.w' if it is a number."""
        return attribute(path) + ("[...]" if np.ndim(at_path(self.instance, path)) else "")

    def _of_each(self, lines: Json) -> Json:
        """Return the lines, within a loop over the examples if these are passed singly."""
        if not self.axes.singly:
            return lines
        each = f"for n in range(len({self._names[0]})): "
        both = dict.fromkeys((lines["forward"], lines["back"]))
        return {**lines, "forward": each + lines["forward"], "back": each + "; ".join(both)}

    def _call(self, method: str, arguments: Arguments, *, named: bool = False) -> str:
        """Return 'forward(x, training=True)'; named: with a name for the first argument too."""
        words = [
            self._word(what) if i == 0 and not named else f"{name}={self._word(what)}"
            for i, (name, what) in enumerate(arguments)
        ]
        return f"{method}({', '.join(words)})"

    def _word(self, what: Sequence[Any]) -> str:
        """Return what a parameter of the layer's is given, as Python."""
        kind, role = what
        if kind == "value":
            return repr(role)
        x, dout = self._names
        match role:
            case "x" | "scores":
                return self._turned(x, 0)
            case "w":
                return self._turned("w", 1)
            case "dout":
                return self._turned(dout, 2)
            case "probabilities":
                turned = {"DN": ".T", "D1": "[:, None]"}.get(self.axes.theirs[0], "")
                each = f"{x}[n]" if self.axes.singly else x
                return f"(np.exp({each}) / np.exp({each}).sum(axis=-1, keepdims=True)){turned}"
            case "labels":
                labels = "labels[n]" if self.axes.singly else "labels"
                turned = ".T" if self.plan.one_hot == "DN" else ""
                if self.axes.theirs[0] == "D1":
                    turned = "[:, None]"
                one_hot = f"np.eye({self.sizes['D']})[{labels}]{turned}"
                return one_hot if self.plan.one_hot else labels
            case "b":
                bias = self.value(what)
                if self._b is None:
                    return f"np.zeros({bias.shape})"
                return f"b.reshape({bias.shape})" if bias.ndim > 1 else "b"
            case "parameters":
                given = self.value(what)
                return repr({name: given[name] for name in sorted(self.looked_up)})
            case "identity":
                return "lambda each: each"
            case "cache" | "optimizer" | "context":
                return str(role)
            case _ if role.startswith("cache["):
                return str(role)
            case _ if role in GENERATORS:
                return f"np.random.{role}(0)"
            case _ if role in INITIALIZERS:
                return f"np.random.{role}"
            case _:
                return repr(self.value(what))

    def _turned(self, name: str, place: int) -> str:
        """Return an array as Python, 'x.transpose(0, 2, 3, 1)' if its axes differ."""
        if self.axes.singly and place != 1 and not (self._is_loss and place == 2):
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


class Context:
    """Where static methods keep values between forward and backward: as attributes, or saved."""

    def save_for_backward(self, *values: Any) -> None:
        """Keep values, as PyTorch does."""
        self.saved_tensors = self.saved_values = values


def context_for(forward: Callable[..., Any]) -> Any:
    """Return a context for forward: of the file's own class if there is one, else a `Context`."""
    for each in [*getattr(unwrap(forward), "__globals__", {}).values()]:
        theirs = isinstance(each, type) and each.__module__ == forward.__module__
        if theirs and _has_method(each, "save_for_backward"):
            with contextlib.suppress(Exception):
                return each()
    return Context()


class Optimizer:
    """An optimizer that subtracts the gradient itself from the weights: a step at rate 1."""

    def update(self, w: Any, grad_wrt_w: Any) -> Any:
        """Return the weights after a step."""
        return w - grad_wrt_w


def forgets(layer: Any) -> str:
    """Return the method with which a layer clears its last pass; "" if it has none."""
    return next((name for name in RESETS.split() if _has_method(layer, name)), "")


def begin_anew(layer: Any) -> None:
    """Clear a layer's last pass, if it has a method for that."""
    if name := forgets(layer):
        with contextlib.suppress(Exception):
            getattr(layer, name)()


def passes_once(layer: Any) -> bool:
    """Whether a layer is a node of a graph, made for one pass: the next one needs a new node."""
    made = layer.instance if isinstance(layer, Adapter) else layer
    return _has_method(made, "save_for_backward")


def _has_method(layer: Any, name: str) -> bool:
    """Whether a layer has a method; its own __getattr__ may raise anything when it is asked."""
    try:
        return callable(getattr(layer, name, None))
    except Exception:  # noqa: BLE001
        return False


def between_passes(layer: Any) -> list[str]:
    """Return what has to be done between two passes, in a list of at most one sentence."""
    if passes_once(layer):
        return ["another instance for each further pass"]
    return [f"{name} before each further pass"] if (name := forgets(layer)) else []


def _is_number(given: Any) -> bool:
    return isinstance(given, COMPUTED) and np.size(given) == 1


def leaves(given: Any) -> list[Any]:
    """Return all that a method gave as a flat list: of dx, of (dx, dw), of (dx, [dw, db])."""
    if isinstance(given, dict):
        given = tuple(given.values())
    nested = isinstance(given, list) and any(
        isinstance(each, np.ndarray | tuple | dict) for each in given
    )
    if isinstance(given, tuple) or nested:
        return [leaf for each in given for leaf in leaves(each)]
    return [] if given is None else [given]

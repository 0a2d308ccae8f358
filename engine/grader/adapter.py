"""Gives any layer the lab's interface: forward(x, w, b), backward(dout) -> (dx, dw, db).

A `Plan` says how the layer is called; `probing` finds plans. What a layer does not take is refused
with NotTakenError, in words; whatever else the layer does, right or wrong, passes through
unchanged.
"""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from inspect import unwrap
from types import SimpleNamespace
from typing import Any, Final

import numpy as np

from engine.grader.drafts import is_guessed
from engine.grader.given import Inputs
from engine.grader.held import at_path, put, written
from engine.grader.interfaces import (
    counts,
    restored,
    signature_of,
)
from engine.grader.plan import HANDED, Arguments, Plan, Way, attribute, roles_in
from engine.grader.settings import NotTakenError
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
        self._things, self.plan, self._name = things, plan, name
        self.inputs = Inputs(plan, settings, names)
        self._made_for: Any = None
        self._output_place: int | None = None
        self.instance: Any = None
        self.bias_gradient_shape: tuple[int, ...] = ()  # as the layer gave it last
        self.at = "__init__"  # the layer's method that was called last

    def forward(self, *inputs: Any) -> Any:
        """Return the output, in the lab's order of axes."""
        self.begin(*inputs)
        if not self.inputs.axes.singly:
            return self._restored_output(self.inputs.x)
        outputs = np.stack([np.asarray(self._restored_output(x)) for x in self.inputs.examples()])
        return outputs.mean(axis=0) if self.inputs.is_loss else outputs

    def backward(self, dout: Any = None) -> Any:
        """Return the gradients, in the lab's order of axes: dx, or (dx, dw) or (dx, dw, db)."""
        inputs = self.inputs
        if not inputs.axes.singly:
            return self._gradients(inputs.x, dout)
        found = []
        backs = [dout] * len(inputs.x) if inputs.is_loss else dout
        for x, back in zip(inputs.examples(), backs, strict=True):
            self._restored_output(x)  # the layer remembers one example only
            found.append(self._gradients(x, back))
        stacked = np.stack(found)
        mean = inputs.is_loss and stacked.dtype.kind in "fiu"
        return stacked / len(found) if mean else stacked

    def begin(self, *inputs: Any) -> None:
        """Keep the inputs and decide how they are passed; raise NotTakenError if that fails."""
        self.inputs.begin(*inputs)

    @property
    def keeps_nothing(self) -> bool:
        """Whether forward has returned nothing besides its output."""
        return self.inputs.cache is None

    def _restored_output(self, x: Numbers) -> Any:
        given = self.call(x)
        if self.inputs.is_loss and np.size(given) == 1:
            return np.reshape(given, ())  # products of matrices give a loss the shape (1, 1)
        return self.inputs.restored(given, 2)

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
        if isinstance(plan.weight, list):
            weight = self.inputs.weight()
            there = np.shape(at_path(self.instance, plan.weight))
            if there != weight.shape:
                raise NotTakenError(f"makes weights of the shape {there} here")
            put(self.instance, plan.weight, weight)
        if isinstance(plan.bias, list):
            there = np.shape(at_path(self.instance, plan.bias))
            bias = np.reshape(self.inputs.bias(), self.bias_shape)
            put(self.instance, plan.bias, np.broadcast_to(bias, there).copy())
        return self._forward(x)

    @property
    def bias_shape(self) -> tuple[int, ...]:
        """The shape in which a bias is written into the layer, or handed over."""
        if not self.plan.untied:
            handed = self.plan.bias == HANDED
            own = self.value(["role", "b"]) if handed else at_path(self.instance, self.plan.bias)
            return np.shape(own)
        sizes, axes = self.inputs.sizes, self.inputs.axes.theirs[2].replace("N", "")
        return tuple(sizes["F"] if each == "F" else 1 for each in axes)

    def _forward(self, x: Numbers) -> Any:
        self.at = self.plan.forward
        if "context" in roles_in(self.plan.arguments):
            self.inputs.context = context_for(getattr(self.instance, self.plan.forward))
        output = self._apply(self.plan.forward, self.plan.arguments, x, None)
        several = isinstance(output, tuple) and len(output) > 1
        if several and (self.plan.functions or isinstance(output[0], COMPUTED)):
            kept = list(output)
            # The loss is the single number among them: the probabilities may come before it.
            self._output_place = next(
                (i for i, each in enumerate(kept) if self.inputs.is_loss and _is_number(each)), 0
            )
            output = kept.pop(self._output_place)
            self.inputs.kept = tuple(kept)
        return at_path(self.instance, self.plan.output) if self.plan.output else output

    def call_back(self, x: Numbers, dout: Any) -> Any:
        """Return what the layer's backward gives, unchanged."""
        self.at = self.plan.backward
        if self.plan.backward == self.plan.forward:
            return self.inputs.cache
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
        w = self.inputs.w
        shape = None if w is None else w.shape
        return shape, {role: str(self.value(["role", role])) for role in used}

    def make(self) -> Any:
        """Return an instance for these sizes and settings."""
        self.at = "__init__"
        plan, sizes = self.plan, self.inputs.sizes
        if plan.functions:
            return SimpleNamespace(**self._things)
        square = self.inputs.w is None or sizes.get("K") == sizes.get("L")
        if not (square or plan.oblong):
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
        """Return what a parameter of the layer's is given in a call with these arrays."""
        self.inputs.example, self.inputs.dout = x, dout
        return self.inputs.value(what)

    def _gradients(self, x: Numbers, dout: Any) -> Any:
        """Call the layer's backward once, and return the gradients that are found afterwards."""
        plan, inputs = self.plan, self.inputs
        for where in plan.gradients:
            if plan.cleared and where[0] == "attribute":
                written(self.instance, where[1], 0)  # the next gradient may be added to it
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
        dx = inputs.restored(dx, 0)
        if inputs.w is None:
            return dx
        wanted = [dx]
        for i, where in enumerate(plan.gradients[: 1 if inputs.b is None else 2]):
            match where:
                case "returned", place:
                    value = values[place]
                case "attribute", path:
                    value = at_path(self.instance, path)
                case _:
                    value = before[i] - at_path(self.instance, places[i])
            if i == 0:
                first, ours = plan.forms[0].ours, inputs.axes.ours
                # In a form other than the first its axes are those of the weights.
                theirs = plan.axes if ours == first else inputs.axes.theirs[1]
                value = restored(value, ours[1], theirs, inputs.sizes)
            elif plan.untied and np.ndim(value) == len(self.bias_shape):
                # A bias that is shared by several entries gets the sum of their gradients.
                along = (at for at, length in enumerate(self.bias_shape) if length == 1)
                value = np.sum(value, axis=tuple(along)).reshape(np.shape(inputs.b))
            elif np.size(value) == np.size(inputs.b):
                self.bias_gradient_shape = np.shape(value)
                value = np.reshape(np.asarray(value), np.shape(inputs.b))  # np.matrix stays 2-D
            wanted.append(value)
        return tuple(wanted)

    def as_python(self) -> Json:
        """Return the last pass as Python: made (the layer, its weights), forward, back."""
        plan = self.plan
        forward = self._call(plan.forward, plan.arguments)
        back = self._call(plan.backward, plan.back)
        output, kept = ("out", "cache") if plan.forward != plan.backward else ("loss", "dx")
        several = len(self.inputs.kept) > 1
        given = [] if self._output_place is None else [f"*{kept}" if several else kept]
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
        if isinstance(plan.weight, list):
            made.append(f"layer{self._written_to(plan.weight)} = {self.inputs.turned('w', 1)}")
        if isinstance(plan.bias, list):
            there = self.bias_shape
            value = f"b.reshape({there})" if len(there) != 1 else "b"
            bias = 0 if self.inputs.b is None else value
            made.append(f"layer{self._written_to(plan.bias)} = {bias}")
        return self._of_each({"made": made, "forward": forward, "back": back})

    def _written_to(self, path: Way) -> str:
        """Return what a value is assigned to: '.W[...]', or '.w' if it is a number."""
        return attribute(path) + ("[...]" if np.ndim(at_path(self.instance, path)) else "")

    def _of_each(self, lines: Json) -> Json:
        """Return the lines, within a loop over the examples if these are passed singly."""
        if not self.inputs.axes.singly:
            return lines
        each = f"for n in range(len({self.inputs.names[0]})): "
        both = dict.fromkeys((lines["forward"], lines["back"]))
        return {**lines, "forward": each + lines["forward"], "back": each + "; ".join(both)}

    def _call(self, method: str, arguments: Arguments, *, named: bool = False) -> str:
        """Return 'forward(x, training=True)'; named: with a name for the first argument too."""
        text = self.inputs.text
        words = [
            text(what) if i == 0 and not named else f"{name}={text(what)}"
            for i, (name, what) in enumerate(arguments)
        ]
        return f"{method}({', '.join(words)})"


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

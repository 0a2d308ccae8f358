"""A layer of another interface behind the lab's: forward(x, w, b), backward(dout) -> (dx, dw, db).

A `Plan` says how it is taken; `probing` finds plans. What a layer does not take is refused with
NotTakenError, in words; whatever else it does, right or wrong, passes through unchanged.
"""

import contextlib
import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import FunctionType, MemberDescriptorType, MethodType, ModuleType, SimpleNamespace
from typing import Any, Final, NoReturn, TypeAlias

import numpy as np

from engine.grader.interfaces import (
    GENERATORS,
    INITIALIZERS,
    arranged,
    axes_in_words,
    counts,
    restored,
    roles,
    shape_of,
    signature_of,
)
from engine.grader.wire import Json, Numbers

Path: TypeAlias = list[list[Any]]
"""The way from an instance to an array in it: [["attr", "params"], ["item", "W"]]."""
Arguments: TypeAlias = list[list[Any]]
"""Of each parameter the name, and what it gets: ["role", "C"] or ["value", 1.0]."""

HANDED: Final = "handed"
UNKNOWN: Final = "unknown"
DEEPEST: Final = 3
RESETS: Final = (
    "zero_grad zero_grads zero_gradients reset_grad reset_gradients clear_gradients flush_gradients"
)
"""Methods by which a layer may forget its last pass."""
PLAIN: Final = (str, bytes, int, float, complex, type(None), type)
CODE: Final = (ModuleType, FunctionType, MethodType)
COMPUTED: Final = (np.ndarray, np.floating, float)


class NotTakenError(ValueError):
    """Something that a layer is not meant for, as its interface says."""


class NoSettingError(NotTakenError, KeyError):
    """A setting that a dict of them has not; theirs may catch it as what any dict raises."""

    __str__ = Exception.__str__  # that of KeyError quotes the sentence


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
        return {"N": 1, "C": 1, "F": 1, **told}

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
    rate: Path | None = None
    builds: bool = False
    cleared: bool = False
    slope: bool = False
    bias_axes: str = "F"
    untied: bool = False
    prepare: list[list[Any]] = field(default_factory=list)
    output: Path | None = None
    dx: Path | None = None
    read: list[str] = field(default_factory=list)
    one_hot: str = ""

    @classmethod
    def of(cls, message: Json) -> "Plan":
        """What `asdict` made of it."""
        return cls(**{**message, "forms": [Axes(**each) for each in message["forms"]]})


def arrays(thing: Any) -> Iterator[tuple[Path, Numbers]]:
    """The arrays that an instance holds, also in its dicts, lists and parts."""
    yield from _arrays(thing, [], set())


def _arrays(thing: Any, path: Path, seen: set[int]) -> Iterator[tuple[Path, Numbers]]:
    if isinstance(thing, np.ndarray | np.floating):  # of a scalar w the gradient is a number
        yield path, np.asarray(thing)
        return
    if isinstance(thing, (*PLAIN, *CODE)) or len(path) > DEEPEST or id(thing) in seen:
        return
    seen.add(id(thing))
    for step, inside in _parts(thing):
        yield from _arrays(inside, [*path, step], seen)


def _parts(thing: Any) -> Iterator[tuple[list[Any], Any]]:
    if isinstance(thing, dict):
        yield from ((["item", key], each) for key, each in thing.items() if type(key) in (str, int))
    elif isinstance(thing, list | tuple):
        yield from ((["item", i], each) for i, each in enumerate(thing[:8]))
    else:
        for name, each in list(getattr(thing, "__dict__", {}).items()):
            yield ["attr", name], each
        for name, each in inspect.getmembers_static(type(thing)):
            if isinstance(each, property | MemberDescriptorType) and not name.startswith("__"):
                try:
                    yield ["attr", name], getattr(thing, name)
                except Exception:  # noqa: BLE001 - a property of theirs may raise anything
                    continue


def at_path(thing: Any, path: Path) -> Any:
    """What lies at the end of a path; None where it ends early."""
    for kind, key in path:
        try:
            thing = getattr(thing, key) if kind == "attr" else thing[key]
        except (AttributeError, KeyError, IndexError, TypeError):
            return None
    return thing


def written(thing: Any, path: Path, value: Any) -> bool:
    """Whether numbers could be written into the array at the end of a path."""
    there = at_path(thing, path)
    if isinstance(there, np.ndarray) and there.dtype.kind == "f" and there.flags.writeable:
        there[...] = value
        return True
    return False


def put(thing: Any, path: Path, value: Any) -> None:
    """Another array at the end of a path: into the one that is there, where that can be."""
    if written(thing, path, value):
        return
    *way, (kind, key) = path
    owner = at_path(thing, way)
    if kind == "attr":
        setattr(owner, key, value)
    else:
        owner[key] = value


class Adapter:
    """One layer, with the settings of a request.

    at: the method of theirs that was called last. read, looked_up: the settings that it has looked
    up in a dict of them, by our names and by theirs.
    """

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
        self._context: Any = None
        self._all_labels: Any = None
        self.instance: Any = None
        self.read: set[str] = set()
        self.looked_up: set[str] = set()
        self.at = "__init__"

    def forward(self, *inputs: Any) -> Any:
        """The output, in our order of axes."""
        self.begin(*inputs)
        if not self.axes.singly:
            return self._restored_output(self._x)
        outputs = np.stack([np.asarray(self._restored_output(each)) for each in self._examples()])
        return outputs.mean(axis=0) if self._is_loss else outputs

    def backward(self, dout: Any = None) -> Any:
        """The gradients, in our order of axes: dx, or (dx, dw) or (dx, dw, db)."""
        if not self.axes.singly:
            return self._gradients(self._x, dout)
        found = []
        backs = [dout] * len(self._x) if self._is_loss else dout
        for x, back in zip(self._examples(), backs, strict=True):
            self._restored_output(x)  # they remember one example only
            found.append(self._gradients(x, back))
        if self._w is None:
            stacked = np.stack(found)
            mean = self._is_loss and stacked.dtype.kind in "fiu"
            return stacked / len(found) if mean else stacked
        dx, *others = zip(*found, strict=True)
        return (np.stack(dx), *(sum(map(np.asarray, each)) for each in others))

    def begin(self, x: Any, *rest: Any) -> None:
        """What is given, and how it is to be handed over."""
        self._x = np.asarray(x)
        self._all_labels = rest[0] if self._is_loss else None
        self._w, self._b = (*(() if self._is_loss else map(np.asarray, rest)), None, None)[:2]
        if self._b is not None and self.plan.bias is None:
            raise NotTakenError("has no bias")
        for setting, value in self.plan.fixed.items():
            if self._settings.get(setting) != value:
                raise NotTakenError(f"takes {value} as {setting} only")
        self.axes = self._fitting()
        # Of the first example, until it is another one's turn.
        singly = self._is_loss and self.axes.singly
        self._labels = self._all_labels[0] if singly else self._all_labels
        self.sizes = self.axes.sizes(self._x, self._w)
        if self.plan.square and self.sizes["H"] != self.sizes["W"]:
            raise NotTakenError("takes square images only")

    @property
    def _is_loss(self) -> bool:
        return self.plan.topic == "SoftmaxCrossEntropy"

    def _examples(self) -> Iterator[Numbers]:
        """One after the other, each with its label where there are some."""
        for n, x in enumerate(self._x):
            if self._is_loss:
                self._labels = self._all_labels[n]
            yield x

    def _fitting(self) -> Axes:
        for axes in self.plan.forms:
            x, w, _ = axes.ours
            if not x or (len(x) == self._x.ndim and (self._w is None or len(w) == self._w.ndim)):
                return axes
        fitting = [each for each in self.plan.forms if len(each.ours[0]) == self._x.ndim]
        place = int(bool(fitting))
        taken = (each.theirs[place] for each in fitting or self.plan.forms)
        shown = dict.fromkeys(axes_in_words(axes) if axes else "a number" for axes in taken)
        raise NotTakenError(f"takes {'xw'[place]} as {' or '.join(shown)} only")

    def _restored_output(self, x: Numbers) -> Any:
        given = self.call(x)
        if self._is_loss and np.size(given) == 1:
            return np.reshape(given, ())  # (1, 1) is what products of matrices make of a loss
        return self.axes.restored(given, 2, self.sizes)

    def call(self, x: Numbers) -> Any:
        """What their forward gives, as it stands."""
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
        """The shape in which a bias is written into theirs."""
        if not self.plan.untied:
            return np.shape(at_path(self.instance, self.plan.bias))
        axes = self.axes.theirs[2].replace("N", "")
        return tuple(self.sizes["F"] if each == "F" else 1 for each in axes)

    def _forward(self, x: Numbers) -> Any:
        self.at, self._context = self.plan.forward, Context()
        output = self._apply(self.plan.forward, self.plan.arguments, x, None)
        several = isinstance(output, tuple) and len(output) > 1
        if several and (self.plan.functions or isinstance(output[0], COMPUTED)):
            kept = list(output)
            # Of what a loss gives, it is the one number: the probabilities may come before it.
            self._output_place = next(
                (i for i, each in enumerate(kept) if self._is_loss and _is_number(each)), 0
            )
            output = kept.pop(self._output_place)
            self._cache = kept[0] if len(kept) == 1 else tuple(kept)
        return at_path(self.instance, self.plan.output) if self.plan.output else output

    def call_back(self, x: Numbers, dout: Any) -> Any:
        """What their backward gives, as it stands."""
        self.at = self.plan.backward
        if self.plan.backward == self.plan.forward:
            return self._cache
        given = self._apply(self.plan.backward, self.plan.back, x, dout)
        return at_path(self.instance, self.plan.dx) if self.plan.dx else given

    def _apply(self, method: str, arguments: Sequence[Sequence[Any]], x: Any, dout: Any) -> Any:
        """The first argument by its place, where it has one, the others by their names."""
        call = getattr(self.instance, method)
        given = [(name, self.value(what, x, dout)) for name, what in arguments]
        placed = 1 if counts(signature_of(call))[1] else 0
        first = [value for _, value in given[:placed]]
        return call(*first, **dict(given[placed:]))

    def _instance_key(self) -> Any:
        """What an instance is made for; another one is needed where it differs."""
        prepared = (arguments for _, arguments in self.plan.prepare)
        used = roles_in(self.plan.constructor, *prepared) - {"optimizer", "w", "b"}
        shape = None if self._w is None else self._w.shape
        return shape, {role: str(self.value(["role", role])) for role in used}

    def make(self) -> Any:
        """An instance for these sizes and settings."""
        self.at = "__init__"
        plan = self.plan
        if plan.functions:
            return SimpleNamespace(**self._things)
        square = self._w is None or self.sizes.get("K") == self.sizes.get("L")
        if plan.topic == "Conv2D" and not square and not plan.oblong:
            raise NotTakenError("takes square kernels only")
        named = {name: self.value(what) for name, what in plan.constructor}
        made = self._things[""](**named)
        for method, arguments in plan.prepare:
            getattr(made, method)(**{name: self.value(what) for name, what in arguments})
        return made

    def value(self, what: Sequence[Any], x: Any = None, dout: Any = None) -> Any:
        """What a parameter of theirs gets."""
        kind, role = what
        if kind == "value":
            return role
        match role:
            case "x" | "scores":
                return self.axes.arranged(x, 0, self.sizes)
            case "x.shape":
                return self._x.shape
            case "x.shape[1:]":
                return self._x.shape[1:]
            case "dout":
                whole = np.asarray(dout)
                return self.axes.arranged(whole, 2, self.sizes) if whole.ndim else dout
            case "cache":
                return self._cache
            case "context":
                return self._context
            case "w":
                return self._their_weight()[()]  # of one number, a number
            case "b":
                bias = self._their_bias()
                axes = self.plan.bias_axes
                return arranged(bias, "F", axes, {"F": bias.size}) if bias.ndim else bias
            case "optimizer":
                return Optimizer()
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
                    del values["pool_height"]  # who never looks up the other has squares in mind
                return Parameters(values, self.read, self.looked_up)
            case _:
                plan = self.plan
                return setting_for(role, plan.topic, self._settings, self.sizes, plan.pairs)

    def _their_weight(self) -> Numbers:
        assert self._w is not None
        return self.axes.arranged(self._w, 1, self.sizes).copy()  # backward may step on it

    def _their_bias(self) -> Numbers:
        assert self._w is not None
        shape = self._w.shape[:1] if self.axes.ours[1][:1] in ("F", "M") else ()
        return np.zeros(shape) if self._b is None else self._b.copy()

    def _gradients(self, x: Numbers, dout: Any) -> Any:
        """One call of their backward, and what is found afterwards."""
        plan = self.plan
        for kind, path in plan.gradients:
            if plan.cleared and kind == "attribute":
                written(self.instance, path, 0)  # to which the next one may be added
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
                # Where forms differ, its axes are those of the weights.
                theirs = plan.axes if ours == first else self.axes.theirs[1]
                value = restored(value, ours[1], theirs, self.sizes)
            elif plan.untied and np.ndim(value) == len(self.bias_shape):
                # One that is the same everywhere gets the gradients of all.
                along = (at for at, length in enumerate(self.bias_shape) if length == 1)
                value = np.sum(value, axis=tuple(along)).reshape(np.shape(self._b))
            elif np.size(value) == np.size(self._b):
                value = np.reshape(np.asarray(value), np.shape(self._b))  # a matrix has two axes
            wanted.append(value)
        return tuple(wanted)

    def as_python(self) -> Json:
        """The calls of the last pass, as Python: made (the layer, its weights), forward, back."""
        plan = self.plan
        forward = self._call(plan.forward, plan.arguments)
        back = self._call(plan.backward, plan.back)
        if plan.functions:
            output, kept = ("out", "cache") if plan.forward != plan.backward else ("loss", "dx")
            given = [] if self._output_place is None else [kept]
            given.insert(self._output_place or 0, output)
            forward = f"{', '.join(given)} = {forward}"
            back = back if plan.forward != plan.backward else forward
            return self._of_each({"made": [], "forward": forward, "back": back})
        made = [f"layer = {self._call(self._name, plan.constructor, named=True)}"]
        made += [f"layer.{self._call(name, each, named=True)}" for name, each in plan.prepare]
        forward, back = f"layer.{forward}", f"layer.{back}"
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

    def _written_to(self, path: Path) -> str:
        """'.W[...]'; '.w' of a number."""
        return attribute(path) + "[...]" * bool(np.ndim(at_path(self.instance, path)))

    def _of_each(self, lines: Json) -> Json:
        """The same, for one example after the other where they come singly."""
        if not self.axes.singly:
            return lines
        each = f"for n in range(len({self._names[0]})): "
        both = dict.fromkeys((lines["forward"], lines["back"]))
        return {**lines, "forward": each + lines["forward"], "back": each + "; ".join(both)}

    def _call(self, method: str, arguments: Arguments, *, named: bool = False) -> str:
        """'forward(x, training=True)'; named: the first argument, too."""
        words = [
            self._word(what) if i == 0 and not named else f"{name}={self._word(what)}"
            for i, (name, what) in enumerate(arguments)
        ]
        return f"{method}({', '.join(words)})"

    def _word(self, what: Sequence[Any]) -> str:
        """What a parameter of theirs gets, as Python."""
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
            case "cache" | "optimizer" | "context":
                return str(role)
            case _ if role in GENERATORS:
                return f"np.random.{role}(0)"
            case _ if role in INITIALIZERS:
                return f"np.random.{role}"
            case _:
                return repr(self.value(what))

    def _turned(self, name: str, place: int) -> str:
        """'x.transpose(0, 2, 3, 1)', where the axes differ."""
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
    """What static methods keep from forward to backward: attributes of their own, or saved."""

    def save_for_backward(self, *values: Any) -> None:
        """Keeps values, as PyTorch does."""
        self.saved_tensors = self.saved_values = values


class Optimizer:
    """One that takes the gradient itself off the weights: a step at rate 1."""

    def update(self, w: Any, grad_wrt_w: Any) -> Any:
        """The weights after a step."""
        return w - grad_wrt_w


def forgets(layer: Any) -> str:
    """The method by which a layer, or its class, forgets its last pass; "" where it has none."""
    return next((name for name in RESETS.split() if _has_method(layer, name)), "")


def begin_anew(layer: Any) -> None:
    """Calls that method."""
    if name := forgets(layer):
        with contextlib.suppress(Exception):
            getattr(layer, name)()


def passes_once(layer: Any) -> bool:
    """Whether it is a node of a graph, which has one pass: each further one makes its own."""
    made = layer.instance if isinstance(layer, Adapter) else layer
    return _has_method(made, "save_for_backward")


def _has_method(layer: Any, name: str) -> bool:
    """Whether it has one; a __getattr__ of theirs that is asked for it may raise anything."""
    try:
        return callable(getattr(layer, name, None))
    except Exception:  # noqa: BLE001
        return False


def between_passes(layer: Any) -> list[str]:
    """What is done between two passes, as a sentence."""
    if passes_once(layer):
        return ["another instance for each further pass"]
    return [f"{name} before each further pass"] if (name := forgets(layer)) else []


def _is_number(given: Any) -> bool:
    return isinstance(given, COMPUTED) and np.size(given) == 1


def leaves(given: Any) -> list[Any]:
    """What a method gave, one after the other: dx of dx, of (dx, dw), of (dx, [dw, db])."""
    if isinstance(given, dict):
        given = tuple(given.values())
    nested = isinstance(given, list) and any(
        isinstance(each, np.ndarray | tuple | dict) for each in given
    )
    if isinstance(given, tuple) or nested:
        return [leaf for each in given for leaf in leaves(each)]
    return [] if given is None else [given]


class Parameters(dict[str, Any]):
    """A dict of settings that notes which of them are looked up."""

    def __init__(self, values: Mapping[str, Any], read: set[str], names: set[str]) -> None:
        super().__init__(values)
        self._read, self._names = read, names

    def __getitem__(self, name: str) -> Any:
        """The setting."""
        self._note(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """The setting, or a default."""
        self._note(name)
        return super().get(name, default)

    def __missing__(self, name: str) -> NoReturn:
        """The size of what is no square has no one number."""
        size = roles(name, ("size", "size[0]"))
        raise NoSettingError(f"takes one number as {name} only" if size else f"needs a {name!r}")

    def _note(self, name: str) -> None:
        if name in self:
            self._names.add(name)
        meant_by = roles(name, ("stride", "padding", "size", "size[0]", "size[1]"))
        self._read.update(each.removesuffix("[0]") for each in meant_by)


def parameters(topic: str, settings: Mapping[str, Any], known: Mapping[str, int]) -> dict[str, Any]:
    """A dict of settings, under all the names that such dicts use."""
    whole = topic.startswith("Conv")
    height, width = (1, 1) if whole else _pair(settings.get("size", 1))
    stride, padding = settings.get("stride", height), settings.get("padding", 0)
    extent: dict[str, Any] = {}
    if whole:
        if known.get("K", known.get("L")) == known.get("L"):
            extent = {"f": known.get("L")}
    elif height == width:
        extent = dict.fromkeys(("f", "size", "pool_size", "kernel_size"), height)
    return {
        **extent,
        "pool_height": height,
        "pool_width": width,
        **dict.fromkeys(("stride", "strides", "s"), stride),
        **dict.fromkeys(("pad", "padding", "p"), padding),
    }


def setting_for(
    role: str,
    topic: str,
    settings: Mapping[str, Any],
    known: Mapping[str, int],
    pairs: Sequence[str] = (),
) -> Any:
    """What a parameter of a role gets, for these settings and sizes."""
    match role:
        case "k":
            height, width = known.get("K", known.get("L", 1)), known.get("L", 1)
            even = height == width and "k" not in pairs
            return height if even or topic == "Conv1D" else (height, width)
        case "stride" | "padding" | "size":
            stride = 1 if topic.startswith("Conv") else settings.get("size")
            chosen = {"stride": stride, "padding": 0, **settings}
            if role not in chosen:
                raise NotTakenError("takes windows of some size only")
            return _pair(chosen[role]) if role in pairs else chosen[role]
        case "size[0]" | "size[1]":
            size = setting_for("size", topic, settings, known, ["size"])
            return size[int(role[5])]
        case "padding-word" | "padding-WORD":
            word = _padding_word(settings, known)
            return word if role.islower() else word.upper()
        case "1":
            return 1.0
        case _ if set(role) <= set("NCHWDFKL") and len(role) > 1:
            return shape_of(role, known)
        case "D,":
            return (known["D"],)
        case _:
            return known[role]


def _padding_word(settings: Mapping[str, Any], known: Mapping[str, int]) -> str:
    padding = settings.get("padding", 0)
    if padding == 0:
        return "valid"
    kernel = [known[each] for each in "KL" if each in known] or [settings.get("size", 0)]
    same = isinstance(padding, int) and all(2 * padding == each - 1 for each in kernel)
    if same and settings.get("stride", 1) == 1:
        return "same"
    raise NotTakenError("takes 'valid' and 'same' as padding only")


def _pair(value: Any) -> tuple[Any, Any]:
    return tuple(value) if isinstance(value, list | tuple) else (value, value)


def sentences(plan: Plan) -> Iterator[str]:
    """How a layer is taken, in words: what differs from the lab's interface."""
    if plan.slope:
        given = "a" if plan.back else ""
        yield f"its gradient is dh times what {plan.backward}({given}) gives"
    elif plan.functions or roles_in(plan.back) & {"x", "w", "probabilities"}:
        if plan.forward != plan.backward:
            words = {"scores": "logits"}
            given = ", ".join(words.get(role, str(role)) for _, (_, role) in plan.back)
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
        loss = plan.topic == "SoftmaxCrossEntropy"
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


def attribute(path: Path) -> str:
    """'.params['W']'."""
    return "".join(f".{key}" if kind == "attr" else f"[{key!r}]" for kind, key in path)

"""Finds out, by trying, how a layer of another interface is taken: a `Plan`, where it is certain.

The sizes that are tried are all different, so that shapes tell axes. A layer whose forward gives
the engine's numbers is taken as it then was called; where none does, a layer is still taken whose
weights and axes no other reading fits, and which is linear in both: then it is wrong, not other.
"""

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from inspect import Parameter, Signature
from itertools import product
from typing import Any, Final, NamedTuple

import numpy as np

import engine
from engine.grader.adapter import (
    HANDED,
    UNKNOWN,
    Adapter,
    Arguments,
    Axes,
    Functions,
    NotTakenError,
    Path,
    Plan,
    arrays,
    at_path,
    between_passes,
    leaves,
    roles_in,
    sentences,
)
from engine.grader.interfaces import (
    CORE,
    EXACT,
    GENERATORS,
    GUESSED,
    PROBED,
    ROLES,
    SHAPES,
    VARIABLE,
    Shapes,
    arguments,
    arranged,
    is_static,
    roles,
    same_order,
    shape_of,
    signature_of,
)
from engine.grader.loading import Candidate, Home, blame, described, lines, required
from engine.grader.wire import Json, Numbers, pack_gradients
from engine.trace import trace

WEIGHTED: Final = ("Conv1D", "Conv2D", "Linear")
POOLS: Final = ("MaxPool", "MaxPool2D")
MOST_CALLS: Final = 1500
MOST_CONSTRUCTORS: Final = 200
LINEAR: Final = ("linear", "identity", "none", None, "")
"""How a constructor is told to have no activation."""
GRADIENT: Final = re.compile(r"_*(d|g|nabla|delta)_?\w*|.*grad\w*", re.IGNORECASE)
SETTINGS: Final = {pool: {"size": 2, "stride": 2} for pool in POOLS}
"""Those with which a pool is tried."""
NATIVE: Final[Mapping[str, Sequence[Mapping[str, Any]]]] = {
    "MaxPool": (SETTINGS["MaxPool"], {}),
    "MaxPool2D": (
        SETTINGS["MaxPool2D"],
        {},
        *({"size": size, "stride": stride} for size in (2, (2, 2)) for stride in (2, (2, 2))),
    ),
}
"""The settings with which a pool is tried as the lab's."""
INPUTS: Final[Mapping[str, Sequence[str]]] = {
    "Conv2D": ("CHW", "HWC", "NCHW", "NHWC", "HW"),
    "Conv1D": ("CW", "WC", "NCW", "NWC"),
    "Linear": ("D", "D,", "ND"),
    "MaxPool2D": ("CHW", "HWC", "NCHW", "NHWC"),
    "MaxPool": ("CW", "WC"),
    "ReLU": ("x.shape", "x.shape[1:]"),
    "Flatten": ("CHW", "HWC", "NCHW"),
}

PREPARE: Final = (
    "set_input_shape build init setup initialize initialise init_weights initialize_weights"
    " initialize_parameters init_params init_parameters initialize_params"
)
"""Methods that may have to be called once a layer is made."""
OUTPUTS: Final = "output outputs out result"
INPUT_GRADIENTS: Final = (
    "dinputs dinput d_inputs d_input dx dX grad_input input_grad input_gradient grad_inputs"
)
"""Where a forward and a backward that give nothing may leave what they have computed."""
STEP: Final[list[Any]] = ["step", None]
"""Where the gradient is of who takes it off the weights at once."""
BIASES: Final = ("F", "F1", "1F", "111F", "1F11", "F11")
"""The shapes of a bias that is handed over."""
ANSWERS, FALLS = "answers", "falls"
"""What a class does that is called as the lab's; it falls where only its backward raises."""
UNMISTAKABLE: Final = ("Conv1D", "Conv2D", "Linear", "ReLU", "Flatten")


@dataclass(frozen=True, eq=False)
class Probe:
    """One call: what a layer of ours is given, and what it gives."""

    x: Numbers
    w: Numbers | None
    b: Numbers | None
    dout: Numbers
    output: Numbers
    grads: tuple[Numbers, ...]
    labels: Numbers | None = None

    @property
    def inputs(self) -> tuple[Numbers, ...]:
        """What forward is given: copies, for theirs may write into them."""
        rest = (self.labels,) if self.labels is not None else (self.w, self.b)
        return tuple(np.copy(each) for each in (self.x, *rest) if each is not None)

    def theirs(self, array: Numbers, axes: Axes, place: int) -> Numbers:
        """An input or the output, as theirs would be."""
        return axes.arranged(axes.first(array), place, axes.sizes(self.x, self.w))


def probe(
    topic: str,
    ours: Sequence[str],
    *,
    bias: bool,
    seed: int = 1,
    settings: Mapping[str, int] | None = None,
    sizes: Mapping[str, int] | None = None,
) -> Probe:
    """Numbers for a set of shapes, drawn, with what the engine makes of them."""
    settings = SETTINGS.get(topic, {}) if settings is None else settings
    known = {**PROBED[topic], **(sizes or {})}
    draw = np.random.default_rng(seed)
    shapes = [shape_of(axes, known) for axes in (ours[0] or "ND", *ours[1:])]
    x, w, _ = (np.asarray(draw.normal(size=shape)) for shape in shapes)
    filters = ours[1][:1] in ("F", "M")
    b = np.asarray(draw.normal(size=known[ours[1][0]] if filters else ())) if bias else None
    labels = draw.integers(known["D"], size=known["N"]) if topic.startswith("Softmax") else None
    layer = getattr(engine, topic)
    made = layer(**settings) if labels is None else layer(labels)
    given = [x, *([w] if ours[1] else []), *([] if b is None else [b])]
    dout = np.asarray(draw.normal(size=np.shape(made.forward(*given))))
    passed = trace(made, *given, dout=dout)
    return Probe(x, w if ours[1] else None, b, dout, passed.output, passed.grads, labels)


def shape(got: Any) -> tuple[int, ...] | None:
    """The shape of what came back; None where it has none."""
    try:
        return tuple(np.shape(got))
    except ValueError:
        return None


def same(got: Any, expected: Numbers) -> bool:
    """Whether numbers are the engine's, up to single precision."""
    if shape(got) != expected.shape:
        return False
    array = np.asarray(got)
    if array.dtype.kind not in "fiub":
        return False
    return bool(np.allclose(array, expected, rtol=1e-4, atol=1e-4))


class Failed(NamedTuple):
    """A call of theirs raised; at: in which method."""

    at: str
    error: BaseException


class Left(NamedTuple):
    """What a backward pass left.

    instance: with the arrays in it. before: these by their paths, before the pass. values: what
    backward gave; the one at `dx` is the gradient of x.
    """

    instance: Any
    before: Mapping[str, Numbers]
    values: Sequence[Any]
    dx: int


class Prober:
    """Tries one layer.

    slope: its backward is a derivative at what forward was given. telling: whether its name leaves
    no doubt of what it is, so that wrong numbers are wrong.
    """

    def __init__(self, layer: Candidate, topic: str, *, telling: bool) -> None:
        self._things, self._topic = layer.things, topic
        self._forward, self._backward = layer.forward, layer.backward
        self._slope, self._telling = layer.slope, telling
        self._functions = "" not in layer.things
        self._weighted = topic in WEIGHTED
        self._calls = 0
        self._unsure = False
        self._misread = False
        self._matched: list[bool] = []
        self.kept = False
        self.failures: list[Failed] = []
        self.reasons: list[str] = []

    def plan(self) -> Plan | None:
        """How it is taken; None where nothing is certain."""
        likely: list[tuple[Plan, Any]] = []
        certain: list[tuple[list[str], list[Failed]]] = []
        for draft in self._drafts():
            if self._calls > MOST_CALLS:
                break
            for sure, plan, alike in self._forwards(draft):
                if sure:
                    before = len(self.failures)
                    if whole := self._with_backward(plan):
                        return self._with_more_forms(whole)
                    certain.append((self.reasons[-1:], self.failures[before:]))
                    if self._unsure:
                        self.failures = []
                        return None
                elif self._telling and not _guessed(draft):
                    likely.append((plan, alike))
        if certain:
            self.reasons, self.failures = certain[0]
            return None
        if self._weighted and likely:
            likely = [each for each in likely if self._linear(each[0])]
            if not likely:
                self.reasons.append(
                    "what forward gives is not linear in x and its weights (there may be an "
                    "activation, or a bias of more than one number for each output channel)"
                )
        if likely and len({str(alike) for _, alike in likely}) == 1:
            return self._with_backward(likely[0][0])
        if likely:
            self.reasons.append("its weights and axes can be read in more than one way")
        return None

    # Signatures

    def _drafts(self) -> Iterator[Plan]:
        """Ways to call the constructor, forward and backward, the likeliest first."""
        loss = self._topic == "SoftmaxCrossEntropy"
        calls = [[*self._context(self._forward), *each] for each in self._argument_lists()]
        constructors = [([], [])] if self._functions else list(self._constructors())
        handed_pairs = [
            role
            for each in self._parameters(self._forward)
            if isinstance(each.default, tuple)
            for role in roles(each.name, ("size", "stride", "padding"))
        ]
        for (constructor, pairs), prepare in product(constructors, list(self._preparations())):
            for given in calls:
                handed = roles_in(given)
                several = "b" in roles_in(given, constructor)
                for bias_axes, one_hot in product(
                    BIASES if several else ("F",), ("", "ND", "DN") if loss else ("",)
                ):
                    yield Plan(
                        self._topic,
                        self._forward,
                        self._backward,
                        functions=self._functions,
                        constructor=constructor,
                        arguments=given,
                        weight=HANDED if "w" in handed else None,
                        bias=HANDED if "b" in handed else None,
                        pairs=[*pairs, *handed_pairs],
                        slope=self._slope,
                        one_hot=one_hot,
                        fixed=_fixed(self._topic, constructor, given),
                        bias_axes=bias_axes,
                        prepare=prepare,
                    )

    def _preparations(self) -> Iterator[list[list[Any]]]:
        """Methods that are to be called once it is made: build(input_shape), say."""
        yield []
        thing = self._things.get("")
        names = [each for each in PREPARE.split() if callable(getattr(thing, each, None))]
        if self._functions or not names:
            return
        for role in INPUTS[self._topic]:
            calls: list[list[Any]] = []
            for name in names:
                given: Arguments = []
                for each in self._parameters(name):
                    if roles(each.name, ("input",)):
                        given.append([each.name, ["role", role]])
                    elif "optim" in each.name.lower():
                        given.append([each.name, ["role", "optimizer"]])
                    elif each.default is Parameter.empty:
                        break
                else:
                    calls.append([name, given])
            if calls:
                yield calls

    def _constructors(self) -> Iterator[tuple[Arguments, list[str]]]:
        """What a constructor is called with, and which settings are given as pairs."""
        signature = signature_of(self._things[""])
        parameters = list(signature.parameters.values()) if signature else []
        named = [
            (each, roles(each.name, ("k", "size", "stride", "padding"))) for each in parameters
        ]
        tuples = [role for each, its in named if isinstance(each.default, tuple) for role in its]
        names = {role for _, its in named for role in its}
        kinds = [tuples, [], ["k"], ["size"], ["k", "stride"], ["size", "stride"]]
        pairs = dict.fromkeys(
            tuple(role for role in kind if role in names) for kind in kinds[0 if tuples else 1 :]
        )
        count = 0
        for chosen in product(*(list(self._choices(each)) for each in parameters)):
            constructor = [
                [each.name, what] for each, what in zip(parameters, chosen, strict=True) if what
            ]
            used = sum(kind == "role" for _, (kind, _) in constructor)
            if len(roles_in(constructor)) < used:
                continue
            count += 1
            if count > MOST_CONSTRUCTORS:
                return
            for each in pairs:
                yield constructor, list(each)

    def _choices(self, parameter: Parameter) -> Iterator[list[Any] | None]:
        """What a parameter of a constructor may get; None: it is left out."""
        if parameter.kind in VARIABLE:
            yield None
            return
        required = parameter.default is Parameter.empty
        known = roles(parameter.name, (*CORE[self._topic], "rate", "activation", "mode"))
        if not known and roles(parameter.name, ("nothing",)):
            neutral = required or isinstance(parameter.default, int | float)
            yield ["value", 0.0] if neutral else None
            return
        if not known and required and (random := roles(parameter.name, ("generator", "seed"))):
            yield from [["value", 0]] if "seed" in random else (["role", it] for it in GENERATORS)
            return
        for role in known:
            match role:
                case "rate":
                    if not (required or self._weighted):  # a slope, say
                        yield None
                    yield ["role", "1"]
                case "activation":
                    if not required:
                        yield None
                    yield from (["value", each] for each in LINEAR)
                case "mode":
                    if isinstance(parameter.default, str) or required:
                        yield ["value", "max"]
                case "padding" if isinstance(parameter.default, str):
                    upper = parameter.default.isupper()
                    yield ["role", "padding-WORD" if upper else "padding-word"]
                case "input":
                    yield from (["role", each] for each in INPUTS[self._topic])
                case "w" | "b" if not required:
                    yield None
                case _:
                    yield ["role", role]
        if not required:
            if not known or known in (["input"], ["N"], ["C"]):
                yield None
        elif not known or parameter.name.lower() == "n":  # examples, or neurons
            yield from (["role", each] for each in GUESSED.get(self._topic, ()))
            yield ["value", None]

    def _argument_lists(self) -> Iterator[Arguments]:
        """What forward is called with."""
        parameters = self._parameters(self._forward)
        if self._topic == "SoftmaxCrossEntropy":
            if len(parameters) > 1:
                more = self._further(parameters[2:])
                yield [*_named(parameters, ("x", "labels")), *more]
                yield [*_named(parameters, ("labels", "x")), *more]
            return
        given = ["x"]
        for role, each in zip("wb" if self._weighted else "", parameters[1:], strict=False):
            if not roles(each.name, (role,)):
                break
            given.append(role)
        if parameters:
            yield [*_named(parameters, given), *self._further(parameters[len(given) :])]

    def _further(self, parameters: Sequence[Parameter]) -> Arguments:
        """Settings, flags, and what must be given though it means nothing here."""
        found: Arguments = []
        for each in parameters:
            required = each.default is Parameter.empty
            if each.kind in VARIABLE:
                continue
            free = self._functions or self._context(self._forward)
            settings = ("stride", "padding", "size") if free else ()
            known = roles(each.name, ("rate", "N", "mode", "training", "parameters", *settings))
            match known[:1]:
                case ["rate"]:
                    found.append([each.name, ["role", "1"]])
                case ["training"] if required or each.default is False:
                    found.append([each.name, ["value", True]])
                case ["mode"] if required or isinstance(each.default, str):
                    found.append([each.name, ["value", "max"]])
                case ["N"] if required:
                    found.append([each.name, ["role", "N"]])
                case [("parameters" | "stride" | "padding" | "size") as role]:
                    found.append([each.name, ["role", role]])
                case _ if required:
                    found.append([each.name, ["value", None]])
        return found

    def _parameters(self, name: str) -> list[Parameter]:
        """The parameters of a method or function, without self."""
        thing = self._things.get("")
        method = self._things[name] if self._functions else getattr(thing, name)
        signature = signature_of(method) or Signature()
        parameters = [
            each for each in signature.parameters.values() if each.kind is not Parameter.VAR_KEYWORD
        ]
        static = (self._functions or is_static(thing, name)) and not _takes_context(parameters)
        # A decorator's (*args) takes self too.
        wrapped = len(parameters) == 1 and parameters[0].kind is Parameter.VAR_POSITIONAL
        return parameters if static or wrapped else parameters[1:]

    def _context(self, name: str) -> Arguments:
        """The first argument of a static method that saves in it what it needs later."""
        thing = self._things.get("")
        method = self._things[name] if self._functions else getattr(thing, name)
        first = list((signature_of(method) or Signature()).parameters.values())[:1]
        static = self._functions or is_static(thing, name)
        return _named(first, ["context"]) if static and _takes_context(first) else []

    def _backward_lists(self, plan: Plan) -> Iterator[Arguments]:
        """What backward is called with."""
        parameters = [
            each
            for place, each in enumerate(self._parameters(self._backward))
            if place == 0 or each.kind is not Parameter.VAR_POSITIONAL
        ]
        if self._slope:
            yield _named(parameters, ["scores"])
        elif self._topic == "SoftmaxCrossEntropy":
            if len(parameters) > 1:
                for first in ("scores", "dout", "probabilities"):
                    yield _named(parameters, (first, "labels"))
                yield _named(parameters, ("labels", "scores"))
            elif parameters and (
                parameters[0].default is None or parameters[0].name.startswith("_")
            ):
                yield []  # it is asked for 1 only
            else:
                if parameters and roles(parameters[0].name, ("labels",)):
                    yield _named(parameters, ["labels"])
                yield _named(parameters, ["cache" if self._functions else "dout"])
        elif parameters:
            at = 1 if len(parameters) > 1 and "cache" in parameters[0].name.lower() else 0
            arguments = _named(parameters[at:], ["dout"])
            rest = [each for i, each in enumerate(parameters) if i != at]
            if rest and (self._functions or "cache" in rest[0].name.lower()):
                arguments[1 - at : 1 - at] = _named([rest.pop(0)], ["cache"])
            arguments += self._further(rest)
            again = self._again(parameters, plan)
            lacking = any(what == ["value", None] for _, what in arguments)
            if self._functions or not (again and lacking):
                yield arguments
            if self._functions or lacking:
                yield from again

    def _again(self, parameters: Sequence[Parameter], plan: Plan) -> list[Arguments]:
        """What backward is called with that gets again, by their names, what forward got."""
        found = {name: what for name, what in plan.arguments if what[1] in ("x", "w", "b")}
        others = [each for each in parameters if each.name not in found]
        if not others or len(others) == len(parameters) or "cache" in others[0].name.lower():
            return []
        found |= dict([*_named(others, ["dout"]), *self._further(others[1:])])
        return [[[each.name, found[each.name]] for each in parameters if each.name in found]]

    # Forward

    def _shapes(self, axes: Axes) -> Shapes:
        return next(each for each in SHAPES[self._topic] if each.ours == axes.ours)

    def _asked(self, axes: Axes, *, bias: Any, seed: int = 1, **sizes: int) -> Probe:
        return probe(self._topic, axes.ours, bias=bool(bias), seed=seed, sizes=sizes)

    def _adapter(self, plan: Plan) -> Adapter:
        return Adapter(self._things, plan, SETTINGS.get(self._topic, {}))

    def _called(self, adapter: Adapter, asked: Probe) -> Any:
        """What forward gives as it stands; None where it raises."""
        self._calls += 1
        with self._noting(adapter):
            adapter.begin(*asked.inputs)
            return adapter.call(adapter.axes.first(np.copy(asked.x)))

    @contextlib.contextmanager
    def _noting(self, adapter: Adapter) -> Iterator[None]:
        """Whatever theirs raises is noted, and no more."""
        try:
            yield
        except BaseException as error:  # noqa: BLE001 - theirs may raise anything
            self.failures.append(Failed(adapter.at, error))

    def _is_right(self, plan: Plan, asked: Probe) -> bool:
        """Whether forward gives the engine's numbers."""
        raw = self._called(self._adapter(plan), asked)
        return raw is not None and same(raw, asked.theirs(asked.output, plan.forms[0], 2))

    def _forwards(self, draft: Plan) -> Iterator[tuple[bool, Plan, Any]]:
        """Readings of a draft: whether the numbers are the engine's, the plan, and its essence."""
        for shapes in SHAPES[self._topic]:
            for axes in shapes.inputs:
                yield from self._readings(draft, shapes, axes)

    def _readings(self, draft: Plan, shapes: Shapes, x: str) -> Iterator[tuple[bool, Plan, Any]]:
        """Of one order of x's axes: every place for the weights, every order of theirs."""
        handed = "w" in roles_in(draft.arguments, draft.constructor)
        output = shapes.outputs[0] if shapes.outputs else ""
        for w in shapes.weights if handed else shapes.weights[:1] or ("",):
            axes = Axes(shapes.ours, (x, w, output))
            asked = self._asked(axes, bias=self._weighted)
            plan = replace(draft, forms=[axes], bias=draft.bias or UNKNOWN)
            adapter, failed = self._adapter(plan), len(self.failures)
            raw = self._called(adapter, asked)
            if raw is None and (kept := _kept(adapter.instance, OUTPUTS)):
                self.kept = len(self.failures) == failed
                plan = replace(plan, output=kept)
                adapter = self._adapter(plan)
                raw = self._called(adapter, asked)
            if raw is None:
                continue
            for output in self._outputs(raw, shapes, axes, asked):
                axes = Axes(shapes.ours, (x, w, output))
                read = replace(plan, forms=[axes], bias=draft.bias)
                if draft.weight == HANDED:
                    right = asked if read.bias else self._asked(axes, bias=False)
                    yield self._is_right(read, right), read, axes.theirs
                elif self._weighted:
                    yield from self._held(read, shapes, asked, adapter)
                elif self._topic == "SoftmaxCrossEntropy":
                    # One of the two being right tells that the other one is wrong.
                    if same(raw, asked.output) or self._gives_gradient(read, asked):
                        yield True, read, ""
                    else:
                        self.reasons.append(
                            "neither what forward gives nor its gradient is that of the mean "
                            "cross entropy of softmax(logits) (it may take probabilities)"
                        )
                else:
                    yield same(raw, asked.theirs(asked.output, axes, 2)), read, axes.theirs

    def _gives_gradient(self, plan: Plan, asked: Probe) -> bool:
        """Whether what a loss gives back is the gradient of ours."""
        for back in self._backward_lists(plan):
            adapter = self._adapter(replace(plan, back=[*self._context(self._backward), *back]))
            if self._called(adapter, asked) is None:
                return False
            given: Any = None
            with contextlib.suppress(BaseException):  # theirs may raise anything
                given = adapter.call_back(np.copy(asked.x), np.float64(asked.dout))
            scale = 1.0 if "dout" in roles_in(back) else float(asked.dout)
            right = asked.theirs(asked.grads[0] / scale, plan.forms[0], 0)
            if any(same(each, right) for each in leaves(given)):
                return True
        return False

    def _outputs(self, raw: Any, shapes: Shapes, axes: Axes, asked: Probe) -> Iterator[str]:
        """The order of axes that an output's shape allows."""
        if not shapes.outputs:
            if isinstance(raw, int | float | np.number | np.ndarray) and np.size(raw) == 1:
                yield ""
            return
        x, w, _ = axes.theirs
        orders = [each for each in shapes.outputs if ("N" in each) == ("N" in x)]
        needed = [
            asked.theirs(asked.output, Axes(axes.ours, (x, w, each)), 2).shape for each in orders
        ]
        got = shape(raw)
        fitting = [order for order, needs in zip(orders, needed, strict=True) if got == needs]
        if not fitting and axes.ours[2] and got is not None:
            given = asked.theirs(asked.x, axes, 0).shape
            self.reasons.insert(0, f"forward gives the shape {got} for {given}, not {needed[0]}")
        yield from fitting[:1]

    def _held(
        self, plan: Plan, shapes: Shapes, asked: Probe, adapter: Adapter
    ) -> Iterator[tuple[bool, Plan, Any]]:
        """The weights lie in the instance: every array of their shape is tried."""
        x, _, output = plan.forms[0].theirs
        known = plan.forms[0].sizes(asked.x, asked.w)
        held = list(_distinct(arrays(adapter.instance)))
        assert asked.b is not None
        biases = [path for path, array in held if array.size == asked.b.size and _is_line(array)]
        fits = [
            (path, axes)
            for path, array in held
            for axes in shapes.weights
            if array.shape == shape_of(axes, known)
        ]
        if not fits:
            needs = shape_of(shapes.weights[0], known)
            self.reasons.append(
                f"no attribute of it holds its weights as one array of the shape {needs}, "
                "in whatever order of axes"
            )
            return
        fresh, rate = self._instance_before(plan, asked), _rate(adapter.instance)
        without = self._asked(plan.forms[0], bias=False)
        for path, w in fits:
            axes = Axes(shapes.ours, (x, w, output))
            builds = fresh is None or at_path(fresh, path) is None
            base = replace(plan, forms=[axes], weight=path, builds=builds, rate=rate)
            taken = [bias for bias in biases if bias != path]
            for bias in (*taken, None):
                tried = replace(base, bias=bias)
                if self._is_right(tried, asked if bias else without):
                    yield True, tried, (path, w, bias)
                    break
            else:
                bias = next((each for each in taken if self._moves(base, each, asked)), None)
                yield False, replace(base, bias=bias), (path, w, axes.theirs)

    def _instance_before(self, plan: Plan, asked: Probe) -> Any:
        """One that has had no pass yet; None where none can be made."""
        adapter = self._adapter(replace(plan, bias=UNKNOWN))
        with contextlib.suppress(BaseException):  # theirs may raise anything
            adapter.begin(*asked.inputs)
            return adapter.make()

    def _moves(self, plan: Plan, bias: Path, asked: Probe) -> bool:
        """Whether an array is added to the output."""
        tried = self._adapter(replace(plan, bias=bias))
        assert asked.b is not None
        first = self._called(tried, asked)
        second = self._called(tried, replace(asked, b=asked.b + 1))
        return first is not None and second is not None and same(second, np.asarray(first) + 1)

    def _linear(self, plan: Plan) -> bool:
        """Whether the output is linear in x and in w, and w counts at all."""
        asked = self._asked(plan.forms[0], bias=plan.bias)
        other = self._asked(plan.forms[0], bias=plan.bias, seed=2)
        assert asked.w is not None
        assert other.w is not None
        b = None if asked.b is None else np.zeros_like(asked.b)
        outputs = [
            self._called(self._adapter(plan), replace(asked, x=x, w=w, b=b))
            for x, w in (
                (asked.x, asked.w),
                (other.x, asked.w),
                (asked.x + other.x, asked.w),
                (asked.x, other.w),
                (asked.x, asked.w + other.w),
            )
        ]
        if any(each is None for each in outputs):
            return False
        one, two, both, turned, total = (np.asarray(each, float) for each in outputs)
        counts = not np.allclose(one, turned)
        return counts and same(both, one + two) and same(total, one + turned)

    # Backward

    def _with_backward(self, plan: Plan) -> Plan | None:
        """The plan with what backward takes and gives; None where that is not certain."""
        before, self._misread = len(self.failures), False
        for back in self._backward_lists(plan):
            whole = [*self._context(self._backward), *back]
            read = self._read_backward(replace(plan, back=whole))
            if read is not None and (confirmed := self._confirmed(read)):
                return confirmed
        if self._misread:
            del self.failures[before:]
            self.reasons.append(f"in no reading of its parameters {self._backward} gives dlogits")
        return None

    def _confirmed(self, plan: Plan) -> Plan | None:
        """The plan, where a second pass of one instance gives its gradients at the same places.

        A list to which each pass appends has them at its end.
        """
        if plan.functions or all(kind == "returned" for kind, _ in plan.gradients):
            return plan
        ended = [
            ["attribute", [*where[:-1], ["item", -1]]]
            if kind == "attribute" and where[-1][0] == "item" and isinstance(where[-1][1], int)
            else [kind, where]
            for kind, where in plan.gradients
        ]
        for cleared, sources in product((False, True), (plan.gradients, ended)):
            tried = replace(plan, gradients=sources, cleared=cleared)
            if self._repeats(tried):
                return tried
        self._unsure = True
        self.reasons.append(
            "the gradient of its weights is found after the first pass only: what comes "
            "later is something else"
        )
        return None

    def _repeats(self, plan: Plan) -> bool:
        """Whether gradients are as right or wrong in each pass as when they were found."""
        adapter = self._adapter(plan)
        for seed in (1, 4):
            asked = self._asked(plan.forms[0], bias=plan.bias, seed=seed)
            given: Any = None
            with contextlib.suppress(BaseException):  # theirs may raise anything
                adapter.forward(*asked.inputs)
                given = adapter.backward(np.copy(asked.dout))
            if given is None:
                return False
            right = [same(*each) for each in zip(given[1:], asked.grads[1:], strict=True)]
            if right[: len(self._matched)] != self._matched:
                return False
        return True

    def _read_backward(self, plan: Plan) -> Plan | None:
        axes, loss = plan.forms[0], self._topic == "SoftmaxCrossEntropy"
        asked = self._asked(axes, bias=plan.bias, **({"N": 1} if axes.singly else {}))
        adapter = self._adapter(plan)
        if self._called(adapter, asked) is None:
            return None
        before = {str(path): np.copy(array) for path, array in arrays(adapter.instance)}
        told = not loss or "dout" in roles_in(plan.back)
        dout = np.copy(asked.dout) if told else np.ones(())
        given = failed = object()
        with self._noting(adapter):
            handed = np.float64(dout) if loss else axes.first(dout)
            given = adapter.call_back(axes.first(np.copy(asked.x)), handed)
        if given is failed:
            return None
        if plan.slope:
            return self._read_slope(plan, adapter, asked, given)
        if given is None and (kept := _kept(adapter.instance, INPUT_GRADIENTS)):
            plan = replace(plan, dx=kept)
            given = at_path(adapter.instance, kept)
        values = leaves(given)
        right = asked.theirs(asked.grads[0] / (1.0 if told else asked.dout), axes, 0)
        place = next(
            (i for i, each in enumerate(values) if same(each, right)),
            next((i for i, each in enumerate(values) if shape(each) == right.shape), None),
        )
        if place is None and plan.weight == HANDED and len(values) == len(asked.grads):
            place = 0  # (dx, dw, db), as it is everywhere
        if place is None and self._weighted and len(values) == 1:
            left = Left(adapter.instance, before, values, 0)
            if misshapen := self._misshapen(plan, asked, left):
                return misshapen
        if place is None:
            gives = "None" if given is None else "something else"
            what = f"{gives}, not the gradient of its input"
            if not axes.ours[0]:
                what = "nothing of the shape of its input"
            self.reasons.append(f"{self._backward} gives {what}")
            return None
        plan = replace(plan, returned=place)
        if loss and not same(values[place], right):
            alone = len(plan.back) - len(self._context(self._backward)) <= 1
            self._misread = not alone and self._backward != self._forward
            return None if self._misread else plan
        left = Left(adapter.instance, before, values, place)
        return self._with_gradients(plan, asked, left) if self._weighted else plan

    def _misshapen(self, plan: Plan, asked: Probe, left: Left) -> Plan | None:
        """The plan of a layer of which all is right but the shape of dx; None of any other."""
        axes, unsure = plan.forms[0], self._unsure
        found = self._with_gradients(plan, asked, left)
        self._unsure = unsure
        if found is None or not all(self._matched):
            return None
        known = axes.sizes(asked.x, asked.w)
        of_w = (shape_of(each, known) for each in self._shapes(axes).weights)
        return None if shape(left.values[0]) in (None, (), *of_w) else found

    def _read_slope(self, plan: Plan, adapter: Adapter, asked: Probe, given: Any) -> Plan | None:
        """A derivative at what forward was given, or a backward by the name of one."""
        slope = 1.0 * (asked.x > 0)
        with self._noting(adapter):
            pulled = adapter.call_back(np.copy(asked.dout), asked.dout)
            if same(given, slope):
                return plan
            if same(pulled, asked.dout * slope):
                back = [[name, ["role", "dout"]] for name, _ in plan.back]
                return replace(plan, slope=False, back=back)
            self.reasons.append(f"{self._backward} gives no slope")
        return None

    def _with_gradients(self, plan: Plan, asked: Probe, left: Left) -> Plan | None:
        """Where the gradients of w and b are."""
        axes = plan.forms[0]
        known = axes.sizes(asked.x, asked.w)
        orders = dict.fromkeys((axes.theirs[1], *self._shapes(axes).weights))
        dw = [(each, arranged(asked.grads[1], axes.ours[1], each, known)) for each in orders]
        wanted = [(plan.weight, dw)]
        if plan.bias:
            wanted.append((plan.bias, [("", np.ravel(asked.grads[2]))]))
        self._matched = []
        sources = [self._source(plan, own, right, left) for own, right in wanted]
        steps = [each is not None and each[0] == STEP for each in sources]
        if any(map(min, steps, self._matched)):  # who steps by the one gradient does by the other
            pairs = zip(sources, wanted, strict=True)
            sources = [source or (STEP, right[0][0]) for source, (_, right) in pairs]
        weights, *bias = sources
        if weights is None:
            self.reasons.append(
                "the gradient of its weights is found neither in what "
                f"{self._backward} gives nor in an attribute"
            )
            return None
        plan = replace(plan, gradients=[weights[0]], axes=weights[1])
        if not plan.bias:
            return plan
        if found := bias[0]:
            return replace(plan, gradients=[weights[0], found[0]])
        # Of another shape it is wrong, unless it is not summed over what may be one example.
        place, db = _beside(plan, left)
        one = self._topic == "Linear" and np.size(db) == asked.dout.size
        if place and not one and np.size(db) != asked.grads[2].size:
            return replace(plan, gradients=[weights[0], place])
        self._unsure = True
        self.reasons.append(
            "no gradient of its bias is found in the shape of the bias: "
            + (
                "it is not summed over the examples, which is right for one at a time alone"
                if one
                else "whether it is for one example alone, or a mistake, cannot be told"
            )
        )
        return None

    def _source(
        self, plan: Plan, own: Any, orders: Sequence[tuple[str, Numbers]], left: Left
    ) -> tuple[list[Any], str] | None:
        """The one place that holds this gradient, and its axes there."""
        line = orders[0][0] == ""
        candidates = [
            (where, np.ravel(array) if line and _is_line(array) else array)
            for where, array in self._places(plan, own, left)
        ]
        for axes, right in orders:
            for where, array in candidates:
                if same(array, right) and np.any(right):
                    # In another order than the weights it is no gradient of theirs.
                    own_order = same_order(axes, orders[0][0])
                    self._matched.append(own_order)
                    return where, axes if own_order else orders[0][0]
        self._matched.append(False)
        axes, right = orders[0]
        fitting = [each for each in candidates if each[1].shape == right.shape]
        named = [
            each
            for each in fitting
            if each[0][0] == "attribute"
            and any(GRADIENT.fullmatch(str(key)) for _, key in each[0][1])
            and not np.array_equal(
                np.ravel(each[1]), np.ravel(left.before.get(str(each[0][1]), np.zeros(0)))
            )
        ]
        for found in ([each for each in fitting if each[0][0] == "returned"], named):
            if len(found) == 1:
                return found[0][0], axes
        # Told the rate, what it takes off is its gradient.
        steps = [each for each in fitting if each[0] == STEP and np.any(each[1])]
        if steps and not named and "1" in roles_in(plan.back):
            return steps[0][0], axes
        return None

    def _places(self, plan: Plan, own: Any, left: Left) -> Iterator[tuple[list[Any], Numbers]]:
        """What may hold the gradient of what lies at `own`."""
        for i, each in enumerate(left.values):
            if i != left.dx and shape(each) is not None:
                yield ["returned", i], np.asarray(each)
        mine = None if own in (None, HANDED) else at_path(left.instance, own)
        if not plan.functions:
            for path, array in _distinct(arrays(left.instance)):
                if array is not mine and path not in (plan.weight, plan.bias):
                    yield ["attribute", path], array
        if mine is not None and str(own) in left.before:
            yield STEP, left.before[str(own)] - mine

    # Further shapes

    def _with_more_forms(self, plan: Plan) -> Plan:
        """The other shapes that it takes in the same way; whether kernels may be oblong."""
        first = plan.forms[0]
        if not first.ours[0]:
            return plan
        adapter = self._adapter(plan)
        self._called(adapter, self._asked(first, bias=plan.bias))
        plan = replace(plan, read=sorted(adapter.read))
        found = (
            first if shapes.ours == first.ours else self._same_way(plan, shapes)
            for shapes in SHAPES[self._topic]
        )
        forms = [each for each in found if each is not None]
        if "N" in forms[0].theirs[0]:  # then (1, in) is a minibatch of one
            forms = [each for each in forms if "1" not in each.theirs[0]]
        plan = replace(plan, forms=forms)
        if self._topic == "Conv2D":
            plan = replace(plan, oblong=self._oblong(plan))
        return plan

    def _same_way(self, plan: Plan, shapes: Shapes) -> Axes | None:
        for theirs in product(shapes.inputs, shapes.weights or ("",), shapes.outputs or ("",)):
            if ("N" in theirs[0]) != ("N" in theirs[2]) and shapes.outputs:
                continue
            axes = Axes(shapes.ours, theirs)
            asked = self._asked(axes, bias=plan.bias)
            tried = replace(plan, forms=[axes])
            if self._is_right(tried, asked) and self._goes_back(tried, asked):
                return axes
        return None

    def _goes_back(self, plan: Plan, asked: Probe) -> bool:
        """Whether gradients have the right shapes: forward may be right by broadcasting alone."""
        adapter, packed = self._adapter(plan), {}
        with contextlib.suppress(BaseException):  # theirs may raise anything
            adapter.forward(*asked.inputs)
            packed = pack_gradients(adapter.backward(np.copy(asked.dout)), asked.inputs)
        given = [each.get("shape") for each in packed.get("values", [])]
        return given == [list(each.shape) for each in asked.inputs]

    def _oblong(self, plan: Plan) -> bool:
        if "k" in plan.pairs or roles_in(plan.constructor, plan.arguments) & {"K", "w", "shape"}:
            return True
        asked = self._asked(plan.forms[0], bias=plan.bias, K=2, Y=7)
        return self._called(self._adapter(plan), asked) is not None


def _named(parameters: Sequence[Parameter], given: Sequence[str]) -> Arguments:
    """The first of some parameters, each with its role."""
    return [[each.name, ["role", role]] for each, role in zip(parameters, given, strict=False)]


def _takes_context(parameters: Sequence[Parameter]) -> bool:
    return [each.name for each in parameters[:1]] in (["ctx"], ["context"])


def _fixed(topic: str, *lists: Arguments) -> dict[str, int]:
    """The settings of a pool that cannot be chosen, as they are asked for when it is tried."""
    chosen = roles_in(*lists) & {"size", "size[0]", "size[1]", "parameters"}
    return {} if topic not in POOLS or chosen else {**SETTINGS[topic]}


def _guessed(plan: Plan) -> bool:
    """Whether a parameter gets something that its name does not tell."""
    return any(
        (kind == "value" and role is None and not roles(name, ("activation",)))
        or (kind == "role" and role in ROLES and not roles(name, (role,)))
        for name, (kind, role) in plan.constructor
    )


def _kept(instance: Any, names: str) -> Path | None:
    """The attribute, among some, that holds an array."""
    held = getattr(instance, "__dict__", {})
    kept = (name for name in names.split() if isinstance(held.get(name), np.ndarray))
    return next(([["attr", name]] for name in kept), None)


def _beside(plan: Plan, left: Left) -> tuple[list[Any], Any]:
    """What lies where the bias's gradient is if it lies as that of the weights; [] for nothing."""
    kind, where = plan.gradients[0]
    if kind == "returned" and len(left.values) == len(("dx", "dw", "db")):
        (last,) = {0, 1, 2} - {left.dx, where}
        return [kind, last], left.values[last]
    if kind != "attribute" or HANDED in (plan.weight, plan.bias):
        return [], None
    keys = zip(reversed(plan.weight), reversed(plan.bias), strict=False)
    old, new = next(((w, b) for (_, w), (_, b) in keys if w != b), ("", ""))

    def renamed(key: Any) -> Any:
        words = isinstance(key, str) and isinstance(old, str)
        return key.replace(old, str(new)) if words else new if key == old else key

    path = [[step, renamed(key)] for step, key in where]
    if path == where and where[-1] == ["item", 0]:  # grads[1] after grads[0]
        path = [*where[:-1], ["item", 1]]
    found, before = at_path(left.instance, path), left.before.get(str(path), np.nan)
    given = isinstance(found, np.ndarray | np.generic) and not np.array_equal(found, before)
    return ([kind, path], found) if given and path != where else ([], None)


def _is_line(array: Numbers) -> bool:
    """Whether at most one axis is longer than 1."""
    return len([each for each in array.shape if each > 1]) <= 1


def _distinct(held: Iterator[tuple[Path, Numbers]]) -> Iterator[tuple[Path, Numbers]]:
    """Each array once, by its shortest way; views of one memory are one."""
    seen: set[tuple[Any, ...]] = set()
    for path, array in sorted(held, key=lambda each: len(each[0])):
        memory = array.__array_interface__["data"][0], array.shape
        if memory not in seen:
            seen.add(memory)
            yield path, array


def _rate(instance: Any) -> Path | None:
    """An attribute that holds the learning rate."""
    for name, value in getattr(instance, "__dict__", {}).items():
        if isinstance(value, float) and roles(name, ("rate",)):
            return [["attr", name]]
    return None


def as_lab(
    layer: Candidate, name: str, orders: Mapping[str, Sequence[str]], home: Home
) -> Json | None:
    """How it is asked as the lab's, where its name and its signatures are the lab's."""
    if not layer.exact or layer.slope:
        return None
    about = described(layer.things[""], orders[name], home)
    return {**about, "topic": name} if about and _fits(about, name) else None


def describe(layer: Candidate, name: str, orders: Mapping[str, Sequence[str]], home: Home) -> Json:
    """How a layer is to be asked: as the lab's, or through a plan; {"unknown": why} where neither.

    The lab's interface comes first: where its forward, called as the lab's, gives an output of the
    right shape. topic: which of our classes it is. taken: sentences on how it is taken.
    """
    thing = layer.things.get("")
    lab = as_lab(layer, name, orders, home)
    maximum = "max" in name.lower()
    for topic in layer.topics if thing is not None and not layer.slope else ():
        order = orders[topic]
        about = described(thing, order, home)
        if about is None:
            break
        sure = layer.exact and topic == name
        # What is named like ours, or not called a maximum, may be another thing of that shape.
        vague = not sure and (topic.startswith("Softmax") or not maximum)
        numbers = vague and topic not in UNMISTAKABLE
        if answers := _answers_as_the_lab(thing, topic, about, order, numbers=numbers):
            lab = {**about, "topic": topic, "taken": between_passes(thing)}
            if answers == ANSWERS:
                return lab
    failures: list[Failed] = []
    reasons: list[str] = []
    if name in EXACT or (lab is not None and layer.topics[0] not in SHAPES):
        return lab or _unknown(layer, failures, reasons, home)
    for topic in layer.topics:
        prober = Prober(layer, topic, telling=topic not in (*POOLS, "Flatten") or maximum)
        if plan := prober.plan():
            return _description(plan, layer, home)
        if topic == layer.topics[0]:
            failures, reasons = prober.failures, prober.reasons
        if prober.kept:
            lab = None  # that forward gives nothing is its way
    return lab or _unknown(layer, failures, reasons, home)


def _fits(about: Json, topic: str) -> bool:
    """Whether a class could be called as the lab's, by its signatures."""
    least, most = about["forward"]
    back_least, back_most = about["backward"]
    if topic == "Sequential" and not back_most:
        return False
    two = topic in (*WEIGHTED, "ConvBlock", "SoftmaxCrossEntropy")
    bound = topic == "SoftmaxCrossEntropy" and "labels" in about["settings"]
    known = {parameter for parameter, *_ in about["settings"].values()}
    enough = least <= (3 if two else 1) and most >= (2 if two and not bound else 1)
    free = topic in EXACT or known.issuperset(about["needs"])
    return bool(enough and free and back_least <= 1)


def _answers_as_the_lab(
    thing: Any, topic: str, about: Json, order: Sequence[str], *, numbers: bool
) -> str:
    """Whether forward and backward, called as the lab's, give what has the right shapes.

    numbers: whether the output has to be right too. -> ANSWERS; FALLS, where forward does and
    backward raises something; "".
    """
    if topic not in SHAPES or not _fits(about, topic):
        return ""
    if topic in WEIGHTED and _may_be(thing.forward, 2, "training", "rate", "mode", "N"):
        return ""  # it is no w
    if topic.startswith("Softmax") and _may_be(thing.backward, 1, "labels"):
        return ""  # it is no upstream gradient
    found = ""
    for shapes, settings in product(SHAPES[topic], NATIVE.get(topic, ({},))):
        found = (
            _answers(thing, about, order, topic, shapes.ours, settings, numbers=numbers) or found
        )
        if found == ANSWERS:
            break
    return found


def _may_be(method: Any, place: int, *meant: str) -> bool:
    """Whether a parameter, self being the first, has the name of something else that is meant."""
    signature = signature_of(method)
    named = list(signature.parameters)[place : place + 1] if signature else []
    return any(roles(name, meant) for name in named)


def _answers(
    thing: Any,
    about: Json,
    order: Sequence[str],
    topic: str,
    ours: Sequence[str],
    settings: Mapping[str, Any],
    *,
    numbers: bool,
) -> str:
    asked = probe(topic, ours, bias=about["forward"][0] == 3, settings=settings)
    chosen = {key: value for key, value in settings.items() if key in about["settings"]}
    if settings and "size" not in chosen:
        return ""
    given = asked.inputs
    try:
        args, kwargs = arguments(signature_of(thing), order, chosen)
        layer = thing(*args, **kwargs)
        raw = layer.forward(*given)
        if shape(raw) != asked.output.shape or (numbers and not same(raw, asked.output)):
            return ""
        if topic in WEIGHTED:
            moved = layer.forward(given[0], given[1] + 1, *given[2:])
            layer.forward(*given)
            if shape(moved) == shape(raw) and same(moved, np.asarray(raw)):
                return ""  # it has weights of its own
    except BaseException:  # noqa: BLE001 - theirs may raise anything
        return ""
    dout = asked.dout.copy() if asked.dout.ndim else np.float64(asked.dout)
    try:
        back = layer.backward(dout) if about["backward"][1] else layer.backward()
    except TypeError as error:
        entered = error.__traceback__
        return FALLS if entered and entered.tb_next else ""
    except BaseException:  # noqa: BLE001 - wrong, if it is the lab's
        return FALLS
    if back is None and _kept(layer, INPUT_GRADIENTS):
        return ""
    inputs = given[:1] if topic.startswith("Softmax") else given
    return "" if "count" in pack_gradients(back, inputs) else ANSWERS


def _unknown(
    layer: Candidate, failures: Sequence[Failed], reasons: Sequence[str], home: Home
) -> Json:
    """Why no way to take it was found: what came furthest."""
    raised = [each for each in failures if not isinstance(each.error, NotTakenError)]
    order = {layer.backward: 2, layer.forward: 1}
    last = max(raised, key=lambda each: order.get(each.at, 0), default=None)
    if reasons and (last is None or last.at != layer.backward):
        return {"unknown": {"sentence": reasons[-1]}, "topic": layer.topics[0]}
    thing = layer.things.get("")
    why = {
        "needs": list(required(thing)) if thing is not None else [],
        "at": "" if last is None else last.at,
        "error": None if last is None else blame(last.error, home),
    }
    return {"unknown": why, "topic": layer.topics[0]}


def _description(plan: Plan, layer: Candidate, home: Home) -> Json:
    """A plan, with what `described` says of the lab's classes."""
    named = {role: name for name, (kind, role) in plan.constructor if kind == "role"}
    names = {
        "padding-word": "padding",
        "padding-WORD": "padding",
        "size[0]": "size",
        "size[1]": "size",
    }
    settings = {setting: [setting, "named"] for setting in plan.fixed} | {
        names.get(role, role): [named.get(role, role), "named"]
        for role in (*sorted(roles_in(plan.constructor, plan.arguments)), *plan.read)
        if names.get(role, role) in ("stride", "padding", "size")
    }
    if plan.topic.startswith("Conv"):
        settings.pop("size", None)
    loss = plan.topic == "SoftmaxCrossEntropy"
    weights = 2 + (plan.bias is not None) if plan.topic in WEIGHTED else 1 + loss
    thing = layer.things.get("") or Functions(layer.things)
    return {
        "topic": plan.topic,
        "settings": settings,
        "needs": [],
        "layers": "",
        "forward": [min(weights, 2), weights],
        "backward": [0, 0] if loss and "dout" not in roles_in(plan.back) else [1, 1],
        "lines": lines(thing, plan.forward, plan.backward, home),
        "plan": plan.message(),
        "taken": [*sentences(plan), *between_passes(thing)],
    }

"""Finds out, by trying, how a layer of another interface is taken: a `Plan`, where it is certain.

The sizes that are tried are all different, so that shapes tell axes. A layer whose forward gives
the engine's numbers is taken as it then was called; where none does, a layer is still taken whose
weights and axes no other reading fits, and which is linear in both: then it is wrong, not other.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from inspect import Parameter, Signature
from itertools import product
from typing import Any, Final

import numpy as np

import engine
from engine.grader.adapter import (
    HANDED,
    UNKNOWN,
    Adapter,
    Axes,
    Functions,
    NotTakenError,
    Path,
    Plan,
    arrays,
    at_path,
    between_passes,
    leaves,
    sentences,
    sizes,
)
from engine.grader.interfaces import (
    CORE,
    EXACT,
    GUESSED,
    PROBED,
    ROLES,
    SHAPES,
    Shapes,
    arguments,
    arranged,
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
SETTING_ORDER: Final = {
    "Conv1D": ("stride", "padding"),
    "Conv2D": ("stride", "padding"),
    "MaxPool": ("size", "stride", "padding"),
    "MaxPool2D": ("size", "stride", "padding"),
    "SoftmaxCrossEntropy": ("labels",),
}
GRADIENT: Final = re.compile(r"_*(d|g|nabla|delta)_?\w*|.*grad\w*", re.IGNORECASE)
SETTINGS: Final[Mapping[str, Mapping[str, int]]] = {
    "MaxPool": {"size": 2, "stride": 2},
    "MaxPool2D": {"size": 2, "stride": 2},
}
NATIVE: Final[Mapping[str, Sequence[Mapping[str, Any]]]] = {
    "MaxPool": ({"size": 2, "stride": 2}, {}),
    "MaxPool2D": (
        {"size": 2, "stride": 2},
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
    "set_input_shape",
    "build",
    "init",
    "setup",
    "initialize",
    "initialise",
    "init_weights",
    "initialize_weights",
    "initialize_parameters",
    "init_params",
    "init_parameters",
    "initialize_params",
)
OUTPUTS: Final = ("output", "outputs", "out", "result")
INPUT_GRADIENTS: Final = (
    "dinputs",
    "dinput",
    "d_inputs",
    "d_input",
    "dx",
    "dX",
    "grad_input",
    "input_grad",
    "input_gradient",
    "grad_inputs",
)
"""Where a forward and a backward that give nothing may leave what they have computed."""
BIASES: Final = ("F", "F1", "1F", "111F", "1F11", "F11")

Arguments = list[list[Any]]


class FailedError(Exception):
    """A call of theirs raised; at: in which method."""

    def __init__(self, at: str, error: BaseException) -> None:
        super().__init__(at)
        self.at, self.error = at, error


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
        """What forward is given."""
        rest = (self.labels,) if self.labels is not None else (self.w, self.b)
        return (self.x, *(each for each in rest if each is not None))


def probe(
    topic: str,
    ours: Sequence[str],
    changed: Mapping[str, int],
    *,
    bias: bool,
    seed: int = 1,
    settings: Mapping[str, int] | None = None,
) -> Probe:
    """Numbers for a set of shapes, drawn, with what the engine makes of them."""
    settings = SETTINGS.get(topic, {}) if settings is None else settings
    known = {**PROBED[topic], **changed}
    draw = np.random.default_rng(seed)
    x, w, _ = (np.asarray(draw.normal(size=shape_of(axes, known))) for axes in ours)
    filters = ours[1][:1] in ("F", "M")
    b = np.asarray(draw.normal(size=known[ours[1][0]] if filters else ())) if bias else None
    labels = draw.integers(known["D"], size=known["N"]) if topic.startswith("Softmax") else None
    layer = getattr(engine, topic)
    made = layer(**settings) if labels is None else layer(labels)
    given = [x] if not ours[1] else [x, w] if b is None else [x, w, b]
    dout = draw.normal(size=np.shape(made.forward(*given)))
    passed = trace(made, *given, dout=dout)
    return Probe(
        x, w if ours[1] else None, b, np.asarray(dout), passed.output, passed.grads, labels
    )


def _shape(got: Any) -> tuple[int, ...] | None:
    """The shape of what came back; None where it has none."""
    try:
        return tuple(np.shape(got))
    except ValueError:
        return None


def same(got: Any, expected: Numbers) -> bool:
    """Whether numbers are the engine's, up to single precision."""
    if _shape(got) != expected.shape:
        return False
    array = np.asarray(got)
    if array.dtype.kind not in "fiub":
        return False
    return bool(np.allclose(array, expected, rtol=1e-4, atol=1e-4))


class Prober:
    """Tries one layer: a class {"": it}, or functions by their names."""

    def __init__(self, things: Mapping[str, Any], topic: str, forward: str, backward: str) -> None:
        self._things, self._topic = things, topic
        self._forward, self._backward = forward, backward
        self._functions = "" not in things
        self._slope = False
        self._calls = 0
        self._unsure = False
        self._matched: list[bool] = []
        self._raised = self.kept = False
        self.failures: list[FailedError] = []
        self.reasons: list[str] = []

    def plan(self, *, slope: bool, telling: bool) -> Plan | None:
        """How it is taken; None where nothing is certain.

        slope: its backward is a derivative at what forward was given. telling: whether its name
        leaves no doubt of what it is, so that wrong numbers are wrong.
        """
        self._slope = slope
        weighted = self._topic in WEIGHTED
        likely: list[tuple[Plan, Any]] = []
        certain: list[list[str]] = []
        for draft in self._drafts():
            if self._calls > MOST_CALLS:
                break
            for sure, plan, alike in self._forwards(draft):
                if sure:
                    if whole := self._with_backward(plan):
                        return self._with_more_forms(whole)
                    if self._unsure:
                        return None
                    certain.append(self.reasons[-1:])
                    continue
                if telling and not _guessed(draft):
                    likely.append((plan, alike))
        if certain:
            self.reasons = certain[0]
            return None
        if weighted and likely:
            likely = [each for each in likely if self._linear(each[0])]
            if not likely:
                self.reasons.append("what forward gives is not linear in x and its weights")
        if likely and len({str(alike) for _, alike in likely}) == 1:
            return self._with_backward(likely[0][0])
        if likely:
            self.reasons.append("its weights and axes can be read in more than one way")
        return None

    # Signatures

    def _drafts(self) -> Iterator[Plan]:
        """Ways to call the constructor, forward and backward, the likeliest first."""
        calls = list(self._argument_lists())
        constructors = [([], [])] if self._functions else list(self._constructors())
        for (constructor, pairs), prepare in product(constructors, list(self._preparations())):
            for handed, weight, bias in calls:
                for bias_axes, one_hot in product(
                    self._bias_axes(constructor, bias), self._label_kinds()
                ):
                    yield Plan(
                        self._topic,
                        self._forward,
                        self._backward,
                        functions=self._functions,
                        constructor=constructor,
                        arguments=handed,
                        weight=weight,
                        bias=bias,
                        pairs=pairs,
                        slope=self._slope,
                        one_hot=one_hot,
                        fixed=_fixed(self._topic, constructor, handed),
                        bias_axes=bias_axes,
                        prepare=prepare,
                    )

    def _preparations(self) -> Iterator[list[list[Any]]]:
        """Methods that are to be called once it is made: build(input_shape), say."""
        yield []
        thing = self._things.get("")
        names = [each for each in PREPARE if callable(getattr(thing, each, None))]
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

    def _bias_axes(self, constructor: Arguments, bias: Any) -> Sequence[str]:
        """The shapes of a bias that is handed over."""
        handed = bias == HANDED or any(what == ["role", "b"] for _, what in constructor)
        return BIASES if handed else ("F",)

    def _label_kinds(self) -> Sequence[str]:
        return ("", "ND", "DN") if self._topic == "SoftmaxCrossEntropy" else ("",)

    def _constructors(self) -> Iterator[tuple[Arguments, list[str]]]:
        signature = signature_of(self._things[""])
        parameters = list(signature.parameters.values()) if signature else []
        choices = [list(self._choices(each)) for each in parameters]
        count = 0
        tuples = [
            role
            for each in parameters
            for role in roles(each.name, ("k", "size", "stride"))
            if isinstance(each.default, tuple)
        ]
        first = [tuples] if tuples else []
        kinds = [*first, [], ["k"], ["size"], ["k", "stride"], ["size", "stride"]]
        names = {role for each in parameters for role in roles(each.name, ("k", "size", "stride"))}
        pairs = list(dict.fromkeys(tuple(p for p in kind if p in names) for kind in kinds))
        for chosen in product(*choices):
            used = [what[1] for what in chosen if what and what[0] == "role"]
            if len(set(used)) < len(used):
                continue
            count += 1
            if count > MOST_CONSTRUCTORS:
                return
            constructor = [
                [each.name, what] for each, what in zip(parameters, chosen, strict=True) if what
            ]
            for each in pairs:
                yield constructor, list(each)

    def _choices(self, parameter: Parameter) -> Iterator[list[Any] | None]:
        """What a parameter of a constructor may get; None: it is left out."""
        if parameter.kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD):
            yield None
            return
        required = parameter.default is Parameter.empty
        known = roles(parameter.name, (*CORE[self._topic], "rate", "activation", "mode"))
        if not known and roles(parameter.name, ("nothing",)):
            neutral = required or isinstance(parameter.default, int | float)
            yield ["value", 0.0] if neutral else None
            return
        for role in known:
            match role:
                case "rate":
                    yield ["role", "1"]
                case "activation":
                    if not required:
                        yield None
                    yield from (["value", each] for each in LINEAR)
                case "mode":
                    if isinstance(parameter.default, str) or required:
                        yield ["value", "max"]
                case "padding" if isinstance(parameter.default, str):
                    yield ["role", "padding-word"]
                case "input":
                    yield from (["role", each] for each in INPUTS[self._topic])
                case "w" | "b" if not required:
                    yield None
                case _:
                    yield ["role", role]
        if not required:
            if not known or known in (["input"], ["N"], ["C"]):
                yield None
        elif not known:
            yield from (["role", each] for each in GUESSED.get(self._topic, ()))
            yield ["value", None]

    def _argument_lists(self) -> Iterator[tuple[Arguments, Any, Any]]:
        """What forward is called with, and how it gets w and b."""
        parameters = self._parameters(self._forward)
        if not parameters:
            return
        first, *rest = parameters
        if self._topic == "SoftmaxCrossEntropy":
            if rest:
                more = self._further(rest[1:])
                yield (
                    [[first.name, ["role", "x"]], [rest[0].name, ["role", "labels"]], *more],
                    *(
                        None,
                        None,
                    ),
                )
                yield (
                    [[first.name, ["role", "labels"]], [rest[0].name, ["role", "x"]], *more],
                    *(
                        None,
                        None,
                    ),
                )
            return
        arguments: Arguments = [[first.name, ["role", "x"]]]
        weight = bias = None
        if self._topic in WEIGHTED and rest and roles(rest[0].name, ("w",)):
            arguments.append([rest[0].name, ["role", "w"]])
            weight, rest = HANDED, rest[1:]
            if rest and roles(rest[0].name, ("b",)):
                arguments.append([rest[0].name, ["role", "b"]])
                bias, rest = HANDED, rest[1:]
        yield [*arguments, *self._further(rest)], weight, bias

    def _further(self, parameters: Sequence[Parameter]) -> Arguments:
        """Settings, flags, and what must be given though it means nothing here."""
        found: Arguments = []
        for each in parameters:
            required = each.default is Parameter.empty
            if each.kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD):
                continue
            settings = ("stride", "padding", "size") if self._functions else ()
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
        thing = self._things.get("")
        method = self._things[name] if self._functions else getattr(thing, name)
        signature = signature_of(method) or Signature()
        parameters = [
            each for each in signature.parameters.values() if each.kind is not Parameter.VAR_KEYWORD
        ]
        static = self._functions or isinstance(
            next((vars(t)[name] for t in getattr(thing, "__mro__", ()) if name in vars(t)), None),
            staticmethod | classmethod,
        )
        # A decorator's (*args) takes self too.
        wrapped = len(parameters) == 1 and parameters[0].kind is Parameter.VAR_POSITIONAL
        return parameters if static or wrapped else parameters[1:]

    def _backward_lists(self) -> Iterator[Arguments]:
        """What backward is called with."""
        parameters = [
            each
            for place, each in enumerate(self._parameters(self._backward))
            if place == 0 or each.kind is not Parameter.VAR_POSITIONAL
        ]
        if self._slope:
            yield [[parameters[0].name, ["role", "scores"]]] if parameters else []
            return
        if self._topic == "SoftmaxCrossEntropy":
            if not parameters:
                yield []
                return
            if len(parameters) == 1:
                if parameters[0].default is None or parameters[0].name.startswith("_"):
                    yield []  # it is asked for 1 only
                    return
                kind = "cache" if self._functions else "dout"
                yield [[parameters[0].name, ["role", kind]]]
                return
            names = [each.name for each in parameters[:2]]
            for pair in (("scores", "labels"), ("labels", "scores"), ("dout", "labels")):
                yield [[n, ["role", role]] for n, role in zip(names, pair, strict=True)]
            return
        if not parameters:
            return
        at = 1 if len(parameters) > 1 and "cache" in parameters[0].name.lower() else 0
        arguments: Arguments = [[parameters[at].name, ["role", "dout"]]]
        rest = [each for i, each in enumerate(parameters) if i != at]
        if rest and (self._functions or "cache" in rest[0].name.lower()):
            cache = rest.pop(0)
            arguments.insert(1 - at, [cache.name, ["role", "cache"]])
        yield [*arguments, *self._further(rest)]

    # Forward

    def _forwards(self, draft: Plan) -> Iterator[tuple[bool, Plan, Any]]:
        """Readings of a draft: whether the numbers are the engine's, the plan, and its essence."""
        if self._topic == "ReLU":
            yield from self._entrywise(draft)
            return
        for shapes in SHAPES[self._topic]:
            for axes in shapes.inputs:
                yield from self._readings(draft, shapes, axes)

    def _entrywise(self, draft: Plan) -> Iterator[tuple[bool, Plan, Any]]:
        x = np.random.default_rng(1).normal(size=(3, 4))
        adapter = Adapter(self._things, draft, {})
        output = self._called(adapter, (x,), x)
        if output is None and (kept := _kept(adapter.instance, OUTPUTS)):
            self.kept = not self._raised
            draft = replace(draft, output=kept)
            output = self._called(Adapter(self._things, draft, {}), (x,), x)
        if output is not None and _shape(output) == x.shape:
            yield same(output, np.maximum(x, 0)), draft, ""

    def _readings(self, draft: Plan, shapes: Shapes, axes: str) -> Iterator[tuple[bool, Plan, Any]]:
        """Of one order of x's axes: every place for the weights, every order of theirs."""
        needs_weights = self._topic in WEIGHTED
        handed = draft.weight == HANDED or any(
            what == ["role", "w"] for _, what in draft.constructor
        )
        asked = probe(self._topic, shapes.ours, {}, bias=needs_weights)
        for weights in shapes.weights if handed else shapes.weights[:1] or ("",):
            form = Axes(
                list(shapes.ours), [axes, weights, shapes.outputs[0] if shapes.outputs else ""]
            )
            plan = replace(draft, forms=[form])
            adapter = self._adapter(replace(plan, bias=plan.bias or UNKNOWN))
            given = _first(asked.x, form)
            raw = self._called(adapter, asked.inputs, given)
            if raw is None and (kept := _kept(adapter.instance, OUTPUTS)):
                self.kept = not self._raised
                plan = replace(plan, output=kept)
                adapter = self._adapter(replace(plan, bias=plan.bias or UNKNOWN))
                raw = self._called(adapter, asked.inputs, given)
            if raw is None:
                continue
            for output in self._outputs(raw, shapes, axes, form, asked):
                read = replace(plan, forms=[Axes(form.ours, [axes, weights, output])])
                if not needs_weights:
                    right = _expected(asked, read.forms[0])
                    if self._topic == "SoftmaxCrossEntropy":
                        # One of the two being right tells that the other one is wrong.
                        if same(raw, asked.output) or self._gives_gradient(read, asked):
                            yield True, read, ""
                        continue
                    yield same(raw, right), read, (axes, output)
                elif draft.weight == HANDED:
                    yield from self._handed(read, asked, (axes, weights, output))
                else:
                    yield from self._held(read, shapes, asked, adapter)

    def _gives_gradient(self, plan: Plan, asked: Probe) -> bool:
        """Whether what a loss gives back is the gradient of ours."""
        for back in self._backward_lists():
            adapter = self._adapter(replace(plan, back=back))
            if self._called(adapter, asked.inputs, asked.x) is None:
                return False
            try:
                given = adapter.call_back(asked.x, np.float64(asked.dout))
            except BaseException:  # noqa: BLE001 - theirs may raise anything
                continue
            scale = float(asked.dout) if ["role", "dout"] in [what for _, what in back] else 1.0
            right = scale * asked.grads[0] / float(asked.dout)
            if any(same(each, _theirs(right, plan.forms[0], 0, asked)) for each in leaves(given)):
                return True
        return False

    def _outputs(
        self, raw: Any, shapes: Shapes, axes: str, form: Axes, asked: Probe
    ) -> Iterator[str]:
        """The orders of axes that an output's shape allows."""
        if not shapes.outputs:
            if isinstance(raw, int | float | np.number | np.ndarray) and np.size(raw) == 1:
                yield ""
            return
        known = {**PROBED[self._topic], **sizes(form, asked.x, asked.w)}
        fitting = [
            each
            for each in shapes.outputs
            if ("N" in each) == ("N" in axes) and _shape(raw) == shape_of(each, known)
        ]
        if not fitting and (shape := _shape(raw)) is not None:
            self.reasons.insert(0, f"forward gives something of the shape {shape}")
        yield from fitting[:1]

    def _handed(self, plan: Plan, asked: Probe, alike: Any) -> Iterator[tuple[bool, Plan, Any]]:
        right = asked if plan.bias else probe(self._topic, plan.forms[0].ours, {}, bias=False)
        raw = self._called(self._adapter(plan), right.inputs, _first(right.x, plan.forms[0]))
        yield same(raw, _expected(right, plan.forms[0])), plan, alike

    def _held(
        self, plan: Plan, shapes: Shapes, asked: Probe, adapter: Adapter
    ) -> Iterator[tuple[bool, Plan, Any]]:
        """The weights lie in the instance: every array of their shape is tried."""
        known = sizes(plan.forms[0], asked.x, asked.w)
        held = list(_distinct(arrays(adapter.instance)))
        biases = [
            path
            for path, array in held
            if asked.b is not None and array.size == asked.b.size and _is_line(array)
        ]
        fits = [
            (path, axes)
            for path, array in held
            for axes in shapes.weights
            if array.shape == shape_of(axes, known)
        ]
        if not fits:
            self.reasons.append("no attribute of it holds weights of the shape that it needs")
        ours = plan.forms[0].ours
        without = probe(self._topic, ours, {}, bias=False)
        for path, axes in fits:
            form = Axes(ours, [plan.forms[0].theirs[0], axes, plan.forms[0].theirs[2]])
            fresh = self._instance_before(plan, asked)
            held_before = fresh is not None and at_path(fresh, path) is not None
            base = replace(
                plan,
                forms=[form],
                weight=path,
                builds=not held_before,
                rate=_rate(adapter.instance),
            )
            taken = [bias for bias in biases if bias != path]
            for bias in (*taken, None):
                tried = replace(base, bias=bias)
                right = asked if bias else without
                raw = self._called(self._adapter(tried), right.inputs, _first(right.x, form))
                if raw is not None and same(raw, _expected(right, form)):
                    yield True, tried, (path, axes, bias)
                    break
            else:
                bias = next((each for each in taken if self._moves(base, each, asked)), None)
                yield False, replace(base, bias=bias), (path, axes, form.theirs)

    def _instance_before(self, plan: Plan, asked: Probe) -> Any:
        adapter = self._adapter(replace(plan, bias=UNKNOWN))
        adapter.begin(*asked.inputs)
        try:
            return adapter.make()
        except BaseException:  # noqa: BLE001 - theirs may raise anything
            return None

    def _moves(self, plan: Plan, bias: Path, asked: Probe) -> bool:
        """Whether an array is added to the output."""
        tried = self._adapter(replace(plan, bias=bias))
        at = _first(asked.x, plan.forms[0])
        first = self._called(tried, asked.inputs, at)
        assert asked.w is not None
        assert asked.b is not None
        second = self._called(tried, (asked.x, asked.w, asked.b + 1), at)
        return first is not None and second is not None and same(second, np.asarray(first) + 1)

    def _linear(self, plan: Plan) -> bool:
        """Whether the output is linear in x and in w, and w counts at all."""
        asked = probe(self._topic, plan.forms[0].ours, {}, bias=False)
        other = probe(self._topic, plan.forms[0].ours, {}, bias=False, seed=2)
        assert asked.w is not None
        assert other.w is not None

        def output(x: Numbers, w: Numbers) -> Any:
            tried = self._adapter(plan)
            return self._called(tried, (x, w, *_zero(plan, asked)), _first(x, plan.forms[0]))

        one, two = output(asked.x, asked.w), output(other.x, asked.w)
        both, turned = output(asked.x + other.x, asked.w), output(asked.x, other.w)
        sum_ = output(asked.x, asked.w + other.w)
        if any(each is None for each in (one, two, both, turned, sum_)):
            return False
        one, two, both, turned, sum_ = (
            np.asarray(each, float) for each in (one, two, both, turned, sum_)
        )
        counts = not np.allclose(one, turned)
        return counts and same(both, one + two) and same(sum_, one + turned)

    def _adapter(self, plan: Plan) -> Adapter:
        return Adapter(self._things, plan, SETTINGS.get(self._topic, {}))

    def _called(self, adapter: Adapter, inputs: tuple[Any, ...], x: Any) -> Any:
        """What forward gives as it stands; None where it raises."""
        self._calls += 1
        self._raised = True
        try:
            adapter.begin(*inputs)
            output = adapter.call(x)
            self._raised = False
            return output
        except BaseException as error:  # noqa: BLE001 - theirs may raise anything
            self.failures.append(FailedError(adapter.at, error))
            return None

    # Backward

    def _with_backward(self, plan: Plan) -> Plan | None:
        """The plan with what backward takes and gives; None where that is not certain."""
        for back in self._backward_lists():
            read = self._read_backward(replace(plan, back=back))
            if read is not None and (confirmed := self._confirmed(read)):
                return confirmed
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
        form = plan.forms[0]
        adapter = self._adapter(plan)
        right: list[list[bool]] = []
        for seed in (1, 4):
            asked = probe(self._topic, form.ours, {}, bias=bool(plan.bias), seed=seed)
            try:
                adapter.forward(*asked.inputs)
                given = adapter.backward(asked.dout)
            except BaseException:  # noqa: BLE001 - theirs may raise anything
                return False
            right.append(
                [same(got, wanted) for got, wanted in zip(given[1:], asked.grads[1:], strict=True)]
            )
        return all(each[: len(self._matched)] == self._matched for each in right)

    def _read_backward(self, plan: Plan) -> Plan | None:
        if plan.topic == "ReLU":
            return self._entrywise_backward(plan)
        form = plan.forms[0]
        asked = probe(self._topic, form.ours, {}, bias=bool(plan.bias))
        if "N" in form.ours[0] and "N" not in form.theirs[0]:
            asked = _single(asked, self._topic, form)
        adapter = self._adapter(plan)
        x = _first(asked.x, form)
        if self._called(adapter, asked.inputs, x) is None:
            return None
        before = {str(path): np.copy(array) for path, array in arrays(adapter.instance)}
        dout: Any = asked.dout
        if self._topic == "SoftmaxCrossEntropy":
            dout = np.float64(1.0)
            if any(what == ["role", "dout"] for _, what in plan.back):
                dout = np.float64(asked.dout)
        elif len(form.ours[2]) and "N" in form.ours[0] and "N" not in form.theirs[0]:
            dout = asked.dout[0]
        try:
            given = adapter.call_back(x, dout)
        except BaseException as error:  # noqa: BLE001 - theirs may raise anything
            self.failures.append(FailedError(self._backward, error))
            return None
        if given is None and (kept := _kept(adapter.instance, INPUT_GRADIENTS)):
            plan = replace(plan, dx=kept)
            given = at_path(adapter.instance, kept)
        values = leaves(given)
        expected = [*asked.grads]
        if self._topic == "SoftmaxCrossEntropy" and float(dout) == 1.0:
            expected = [asked.grads[0] / float(asked.dout)]
        right_dx = _theirs(expected[0], form, 0, asked)
        place = next(
            (i for i, each in enumerate(values) if same(each, right_dx)),
            next((i for i, each in enumerate(values) if _shape(each) == right_dx.shape), None),
        )
        if place is None and plan.weight == HANDED and len(values) == len(asked.grads):
            place = 0  # (dx, dw, db), as it is everywhere
        if place is None:
            shown = "None" if given is None else "something else"
            self.reasons.append(f"{self._backward} gives {shown}, not the gradient of its input")
            return None
        plan = replace(plan, returned=place)
        if self._topic == "SoftmaxCrossEntropy" and not same(values[place], right_dx):
            return plan if len(plan.back) <= 1 or self._backward == self._forward else None
        if self._topic not in WEIGHTED:
            return plan
        return self._with_gradients(plan, adapter, before, values, asked, place)

    def _entrywise_backward(self, plan: Plan) -> Plan | None:
        draw = np.random.default_rng(2)
        x, dout = draw.normal(size=(3, 4)), draw.normal(size=(3, 4))
        adapter = Adapter(self._things, plan, {})
        if self._called(adapter, (x,), x) is None:
            return None
        try:
            given = adapter.call_back(x.copy(), dout.copy())
            pulled = adapter.call_back(dout.copy(), dout) if plan.slope else None
        except BaseException as error:  # noqa: BLE001 - theirs may raise anything
            self.failures.append(FailedError(self._backward, error))
            return None
        if plan.slope:
            if same(given, 1.0 * (x > 0)):
                return plan
            if same(pulled, dout * (x > 0)):
                back = [[name, ["role", "dout"]] for name, _ in plan.back]
                return replace(plan, slope=False, back=back)
            self.reasons.append(f"{self._backward} gives no slope")
            return None
        if given is None and (kept := _kept(adapter.instance, INPUT_GRADIENTS)):
            plan = replace(plan, dx=kept)
            given = at_path(adapter.instance, kept)
        values = leaves(given)
        place = next((i for i, each in enumerate(values) if _shape(each) == x.shape), None)
        if place is None:
            self.reasons.append(f"{self._backward} gives nothing of the shape of its input")
            return None
        return replace(plan, returned=place)

    def _with_gradients(
        self,
        plan: Plan,
        adapter: Adapter,
        before: Mapping[str, Numbers],
        values: Sequence[Any],
        asked: Probe,
        place: int,
    ) -> Plan | None:
        """Where the gradients of w and b are."""
        form, instance = plan.forms[0], adapter.instance
        known = sizes(form, asked.x, asked.w)
        shapes = next(each for each in SHAPES[self._topic] if list(each.ours) == form.ours)
        orders = [form.theirs[1], *(each for each in shapes.weights if each != form.theirs[1])]
        assert asked.w is not None
        dw = [(axes, arranged(asked.grads[1], form.ours[1], axes, known)) for axes in orders]
        self._matched = []
        source = self._source(plan, plan.weight, dw, instance, before, values, place)
        if source is None:
            self.reasons.append(
                "the gradient of its weights is found neither in what "
                f"{self._backward} gives nor in an attribute"
            )
            return None
        sources: list[Any] = [source[0]]
        if plan.bias:
            db = [("", np.ravel(asked.grads[2]))]
            found_db = self._source(plan, plan.bias, db, instance, before, values, place)
            if found_db is None:
                self._unsure = True
                self.reasons.append(
                    "no gradient of its bias is found in the shape of the bias: for one example, "
                    "or a mistake, is not to be told"
                )
                return None
            sources.append(found_db[0])
        return replace(plan, gradients=sources, axes=source[1])

    def _source(
        self,
        plan: Plan,
        own: Any,
        orders: Sequence[tuple[str, Numbers]],
        instance: Any,
        before: Mapping[str, Numbers],
        values: Sequence[Any],
        place: int,
    ) -> tuple[list[Any], str] | None:
        """The one place that holds this gradient, and its axes there."""
        candidates: list[tuple[list[Any], Numbers, bool]] = []
        for i, each in enumerate(values):
            if i != place and _shape(each) is not None:
                candidates.append((["returned", i], np.asarray(each), False))
        mine = None if own in (None, HANDED) else at_path(instance, own)
        if not plan.functions:
            for path, array in _distinct(arrays(instance)):
                if array is not mine and path not in (plan.weight, plan.bias):
                    telling = any(GRADIENT.fullmatch(str(key)) for _, key in path)
                    candidates.append((["attribute", path], array, telling))
        step = None
        if mine is not None and str(own) in before:
            step = before[str(own)] - mine
            candidates.append((["step", None], step, False))
        line = orders[0][0] == ""
        for axes, right in orders:
            for where, array, _ in candidates:
                shown = np.ravel(array) if line and _is_line(array) else array
                if same(shown, right) and np.any(right):
                    # In another order than the weights it is no gradient of theirs.
                    own_order = same_order(axes, orders[0][0])
                    self._matched.append(own_order)
                    return where, axes if own_order else orders[0][0]
        self._matched.append(False)
        axes, right = orders[0]
        fitting = [
            (where, telling, array)
            for where, array, telling in candidates
            if (np.ravel(array) if line and _is_line(array) else array).shape == right.shape
        ]
        returned = [where for where, _, _ in fitting if where[0] == "returned"]
        if len(returned) == 1:
            return returned[0], axes
        named = [
            where
            for where, telling, array in fitting
            if telling and not np.array_equal(array, before.get(str(where[1]), np.zeros(0)))
        ]
        if len(named) == 1:
            return named[0], axes
        steps = [where for where, _, _ in fitting if where[0] == "step"]
        if steps and np.any(step) and not named and self._takes_rate(plan):
            return ["step", None], axes
        return None

    def _takes_rate(self, plan: Plan) -> bool:
        """Whether backward is told the rate, so that what it takes off is its gradient."""
        return any(what == ["role", "1"] for _, what in plan.back)

    # Further shapes

    def _with_more_forms(self, plan: Plan) -> Plan:
        """The other shapes that it takes in the same way; whether kernels may be oblong."""
        if not plan.forms:
            return plan
        first = plan.forms[0]
        plan = replace(plan, read=self._read(plan))
        forms = [first]
        for shapes in SHAPES[self._topic]:
            if list(shapes.ours) == first.ours:
                continue
            form = self._same_way(plan, shapes)
            if form is not None:
                forms.append(form)
        order = [list(shapes.ours) for shapes in SHAPES[self._topic]]
        forms.sort(key=lambda form: order.index(form.ours))
        if "N" in forms[0].theirs[0]:  # then (1, in) is a minibatch of one
            forms = [form for form in forms if "1" not in form.theirs[0]]
        plan = replace(plan, forms=forms)
        if self._topic == "Conv2D":
            plan = replace(plan, oblong=self._oblong(plan))
        return plan

    def _read(self, plan: Plan) -> list[str]:
        """The settings that it looks up in a dict of them."""
        asked = probe(self._topic, plan.forms[0].ours, {}, bias=bool(plan.bias))
        adapter = self._adapter(plan)
        self._called(adapter, asked.inputs, _first(asked.x, plan.forms[0]))
        return sorted(adapter.read)

    def _same_way(self, plan: Plan, shapes: Shapes) -> Axes | None:
        asked = probe(self._topic, shapes.ours, {}, bias=bool(plan.bias))
        for axes, weights, output in product(
            shapes.inputs, shapes.weights or ("",), shapes.outputs or ("",)
        ):
            if ("N" in axes) != ("N" in output) and shapes.outputs:
                continue
            form = Axes(list(shapes.ours), [axes, weights, output])
            tried = replace(plan, forms=[form])
            raw = self._called(self._adapter(tried), asked.inputs, _first(asked.x, form))
            right = raw is not None and same(raw, _expected(asked, form))
            if right and self._goes_back(tried, asked):
                return form
        return None

    def _goes_back(self, plan: Plan, asked: Probe) -> bool:
        """Whether gradients have the right shapes: forward may be right by broadcasting alone."""
        adapter = self._adapter(plan)
        try:
            adapter.forward(*asked.inputs)
            packed = pack_gradients(adapter.backward(asked.dout), asked.inputs)
        except BaseException:  # noqa: BLE001 - theirs may raise anything
            return False
        given = [each.get("shape") for each in packed.get("values", [])]
        return given == [list(each.shape) for each in asked.inputs]

    def _oblong(self, plan: Plan) -> bool:
        form = plan.forms[0]
        changed = {"K": 2, "Y": 7}
        given = [role for _, (_, role) in (*plan.constructor, *plan.arguments)]
        if "K" in given or "w" in given or "shape" in given or "k" in plan.pairs:
            return True
        asked = probe(self._topic, form.ours, changed, bias=bool(plan.bias))
        return self._called(self._adapter(plan), asked.inputs, _first(asked.x, form)) is not None


def _fixed(topic: str, *lists: Arguments) -> dict[str, int]:
    """The settings of a pool that cannot be chosen, as they are asked for when it is tried."""
    if topic not in POOLS:
        return {}
    given = {what[1] for each in lists for _, what in each if what[0] == "role"}
    chosen = given & {"size", "size[0]", "size[1]", "parameters"}
    return {} if chosen else {**SETTINGS[topic]}


def _guessed(plan: Plan) -> bool:
    """Whether a parameter gets something that its name does not tell."""
    for name, (kind, role) in plan.constructor:
        if kind == "value" and role is None and not roles(name, ("activation",)):
            return True
        if kind == "role" and role in ROLES and not roles(name, (role,)):
            return True
    return False


def _first(x: Numbers, form: Axes) -> Numbers:
    return x[0] if "N" in form.ours[0] and "N" not in form.theirs[0] else x


def _expected(asked: Probe, form: Axes) -> Numbers:
    """The engine's output, as theirs would be."""
    return _theirs(asked.output, form, 2, asked)


def _theirs(array: Numbers, form: Axes, place: int, asked: Probe) -> Numbers:
    ours, theirs = form.ours[place], form.theirs[place]
    if not ours:
        return array
    if "N" in form.ours[0] and "N" not in form.theirs[0]:
        array, ours = array[0], ours.replace("N", "")
    known = dict(sizes(form, asked.x, asked.w))
    if "(" not in ours:
        known |= dict(zip(ours, array.shape, strict=True))
    return arranged(array, ours, theirs, known)


def _single(asked: Probe, topic: str, form: Axes) -> Probe:
    """The first example alone."""
    layer = getattr(engine, topic)(**SETTINGS.get(topic, {}))
    inputs = [asked.x[:1], *asked.inputs[1:]]
    passed = trace(layer, *inputs, dout=asked.dout[:1])
    return replace(
        asked, x=asked.x[:1], dout=asked.dout[:1], output=passed.output, grads=passed.grads
    )


def _zero(plan: Plan, asked: Probe) -> tuple[Numbers, ...]:
    if plan.bias is None or asked.w is None:
        return ()
    return (np.zeros(asked.w.shape[:1] if plan.forms[0].ours[1][0] in "FM" else ()),)


def _kept(instance: Any, names: Sequence[str]) -> Path | None:
    """The attribute, among some, that holds an array."""
    held = getattr(instance, "__dict__", {})
    return next(
        ([["attr", name]] for name in names if isinstance(held.get(name), np.ndarray)), None
    )


def _is_line(array: Numbers) -> bool:
    """Whether at most one axis is longer than 1."""
    return len([each for each in np.shape(array) if each > 1]) <= 1


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
    for topic in layer.topics:
        if thing is None or layer.slope:
            break
        about = described(thing, orders[topic], home)
        if about is None:
            break
        sure = layer.exact and topic == name
        # What is named like ours, or not called a maximum, may be another thing of that shape.
        vague = not sure and (topic.startswith("Softmax") or "max" not in name.lower())
        if answers_as_the_lab(thing, topic, about, numbers=vague and topic not in UNMISTAKABLE):
            return {**about, "topic": topic, "taken": between_passes(thing)}
    if name in EXACT or (lab is not None and layer.topics[0] not in (*SHAPES, "ReLU")):
        return lab or _unknown(layer, [], [], home)
    failures: list[FailedError] = []
    reasons: list[str] = []
    for topic in layer.topics:
        prober = Prober(layer.things, topic, layer.forward, layer.backward)
        telling = topic not in (*POOLS, "Flatten") or "max" in name.lower()
        plan = prober.plan(slope=layer.slope, telling=telling)
        if plan is not None:
            return _description(plan, layer, home)
        if topic == layer.topics[0]:
            failures, reasons = prober.failures, prober.reasons
        if prober.kept:
            lab = None  # that forward gives nothing is its way
    return lab or _unknown(layer, failures, reasons, home)


UNMISTAKABLE: Final = ("Conv1D", "Conv2D", "Linear", "ReLU", "Flatten")


def _fits(about: Json, topic: str) -> bool:
    """Whether a class could be called as the lab's, by its signatures."""
    least, most = about["forward"]
    needed = 2 if topic in WEIGHTED or topic in ("ConvBlock", "SoftmaxCrossEntropy") else 1
    back_least, _ = about["backward"]
    known = {parameter for parameter, *_ in about["settings"].values()}
    free = topic in EXACT or all(each in known for each in about["needs"])
    bound = topic == "SoftmaxCrossEntropy" and "labels" in about["settings"]
    enough = most >= needed or (bound and most >= 1)
    if topic == "Sequential" and not about["backward"][1]:
        return False
    return bool(least <= (3 if needed == 2 else 1) and enough and back_least <= 1 and free)


def answers_as_the_lab(thing: type, topic: str, about: Json, *, numbers: bool) -> bool:
    """Whether forward and backward, called as the lab's, give what has the right shapes.

    numbers: whether the output has to be right too.
    """
    if topic not in (*SHAPES, "ReLU") or not _fits(about, topic):
        return False
    if topic in WEIGHTED and _is_flag(thing):
        return False
    shapes = [each.ours for each in SHAPES.get(topic, ())] or [("ND", "", "ND")]
    return any(
        _answers(thing, topic, about, ours, settings, numbers=numbers)
        for ours in shapes
        for settings in NATIVE.get(topic, ({},))
    )


def _is_flag(thing: type) -> bool:
    """Whether forward's second parameter is something else than weights."""
    signature = signature_of(thing.forward)  # type: ignore[attr-defined]
    names = list(signature.parameters)[2:3] if signature else []
    return bool(names and roles(names[0], ("training", "rate", "mode", "N")))


def _answers(
    thing: type, topic: str, about: Json, ours: Any, settings: Any, *, numbers: bool
) -> bool:
    bias = about["forward"][0] == 3
    if topic == "ReLU":
        x = np.random.default_rng(1).normal(size=(4, 3))
        given: tuple[Any, ...] = (x,)
        output, dout = np.maximum(x, 0), x
    else:
        asked = probe(topic, ours, {}, bias=bias, settings=settings)
        given, output, dout = asked.inputs, asked.output, asked.dout
    names = about["settings"]
    left = {key: value for key, value in settings.items() if key in names}
    if settings and "size" not in left:
        return False
    try:
        args, kwargs = arguments(signature_of(thing), tuple(SETTING_ORDER.get(topic, ())), left)
        layer = thing(*args, **kwargs)
        raw = layer.forward(*given)
        if np.shape(raw) != output.shape or (numbers and not same(raw, output)):
            return False
        if topic in WEIGHTED:
            moved = layer.forward(given[0], given[1] + 1, *given[2:])
            layer.forward(*given)
            if np.shape(moved) == np.shape(raw) and same(moved, np.asarray(raw)):
                return False
    except BaseException:  # noqa: BLE001 - theirs may raise anything
        return False
    handed = (
        () if about["backward"][1] == 0 else (np.float64(dout) if np.ndim(dout) == 0 else dout,)
    )
    inputs = given[:1] if topic.startswith("Softmax") else given
    try:
        back = layer.backward(*handed)
        if back is None and _kept(layer, INPUT_GRADIENTS):
            return False
    except TypeError as error:
        trace = error.__traceback__
        return bool(trace and trace.tb_next)
    except BaseException:  # noqa: BLE001 - wrong, and the lab's
        return True
    return "count" not in pack_gradients(back, inputs)


def _unknown(
    layer: Candidate, failures: Sequence[FailedError], reasons: Sequence[str], home: Home
) -> Json:
    """Why no way to take it was found: what came furthest."""
    raised = [each for each in failures if not isinstance(each.error, NotTakenError)]
    order = {layer.backward: 2, layer.forward: 1}
    last = max(raised, key=lambda each: order.get(each.at, 0), default=None)
    if reasons and (last is None or last.at != layer.backward):
        return {"unknown": {"sentence": reasons[-1]}, "topic": layer.topics[0]}
    thing = layer.things.get("")
    return {
        "unknown": {
            "needs": list(required(thing)) if thing is not None else [],
            "at": "" if last is None else last.at,
            "error": None if last is None else blame(last.error, home),
        },
        "topic": layer.topics[0],
    }


def _description(plan: Plan, layer: Candidate, home: Home) -> Json:
    """A plan, with what `described` says of the lab's classes."""
    used = {what[1] for _, what in (*plan.constructor, *plan.arguments) if what[0] == "role"}
    named = {what[1]: name for name, what in plan.constructor if what[0] == "role"}
    names = {"padding-word": "padding", "size[0]": "size", "size[1]": "size"}
    settings = {setting: [setting, "named"] for setting in plan.fixed} | {
        names.get(role, role): [named.get(role, role), "named"]
        for role in (*sorted(used), *plan.read)
        if names.get(role, role) in ("stride", "padding", "size")
    }
    if plan.topic.startswith("Conv"):
        settings.pop("size", None)
    back = [what for _, what in plan.back]
    loss = plan.topic == "SoftmaxCrossEntropy"
    weights = 2 + (plan.bias is not None) if plan.topic in WEIGHTED else 1 + loss
    thing = layer.things.get("") or Functions(layer.things)
    return {
        "topic": plan.topic,
        "settings": settings,
        "needs": [],
        "layers": "",
        "forward": [min(weights, 2), weights],
        "backward": [0, 0] if loss and ["role", "dout"] not in back else [1, 1],
        "lines": lines(thing, plan.forward, plan.backward, home),
        "plan": plan.message(),
        "taken": [*sentences(plan), *between_passes(thing)],
    }

"""The ways in which a layer may have to be called, by its signatures, the likeliest first."""

import re
from collections.abc import Iterator, Mapping, Sequence
from inspect import Parameter
from itertools import count, islice, product
from typing import Any, Final

from engine.grader.candidates import Candidate, names_beside
from engine.grader.interfaces import (
    CORE,
    GENERATORS,
    GUESSED,
    INITIALIZERS,
    LOSS,
    POOLS,
    ROLES,
    VARIABLE,
    WEIGHTED,
    is_static,
    parameters_of,
    roles,
)
from engine.grader.plan import HANDED, Arguments, Plan, roles_in
from engine.grader.probe import SETTINGS_TRIED

PREPARE: Final = (
    "set_input_shape build init setup initialize initialise init_weights initialize_weights"
    " initialize_parameters init_params init_parameters initialize_params"
)
"""Methods that may have to be called once a layer is made."""
LINEAR: Final = ("linear", "identity", "none", None, "")  # tell a constructor to use no activation
INPUTS: Final[Mapping[str, Sequence[str]]] = {
    "Conv2D": ("CHW", "HWC", "NCHW", "NHWC", "HW"),
    "Conv1D": ("CW", "WC", "NCW", "NWC"),
    "Linear": ("D", "D,", "ND"),
    "MaxPool2D": ("CHW", "HWC", "NCHW", "NHWC"),
    "MaxPool": ("CW", "WC"),
    "ReLU": ("x.shape", "x.shape[1:]"),
    "Flatten": ("CHW", "HWC", "NCHW"),
    "SoftmaxCrossEntropy": ("D", "D,"),
}
DRAWING: Final[Mapping[str, Sequence[list[Any]]]] = {
    "generator": [["role", each] for each in GENERATORS],
    "seed": [["value", 0]],
    "initializer": [["role", each] for each in INITIALIZERS],
}
"""What a constructor may need to draw its weights, and what it is given."""
WHOLE: Final = ("FCKL", "KLCF")
"""The axes of the shape of all filters, which a constructor may take instead of a kernel's size."""
UPSTREAM_NAME: Final = re.compile(
    r"_*(d|g|dvalues|d_?[a-z]\d?|(d_?)?(out|output|loss)\w*|d_?l_?d_?\w+)"
    r"|.*(grad|delta|err|upstream)\w*",
    re.IGNORECASE,
)
"""Names of the upstream gradient in a backward."""
MOST_CONSTRUCTORS: Final = 200
BIASES: Final = ("F", "F1", "1F", "111F", "1F11", "F11")  # the axes that a bias argument may have


class Drafts:
    """The ways to call a layer's constructor, forward and backward, if it is of this topic."""

    def __init__(self, layer: Candidate, topic: str) -> None:
        self._things, self._topic = layer.things, topic
        self._forward, self._backward = layer.forward, layer.backward
        self._slope = layer.slope
        self.functions = "" not in layer.things  # whether it is a pair of functions, not a class

    def plans(self) -> Iterator[Plan]:
        """Yield plans with what the constructor and forward are given; backward is found later."""
        loss = self._topic == LOSS
        calls = [[*self._context(self._forward), *each] for each in self._argument_lists()]
        constructors = [([], [])] if self.functions else list(self._constructors())
        for (constructor, pairs), prepare, handed_pairs in product(
            constructors, list(self._preparations()), list(self._handed_pairs())
        ):
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
                        functions=self.functions,
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

    def _handed_pairs(self) -> Iterator[list[str]]:
        """Yield which settings of forward are pairs: those whose default is one, then the size too.

        If one setting is a pair, the size is likely to be one as well.
        """
        named = [
            (each, roles(each.name, ("size", "stride", "padding")))
            for each in self._parameters(self._forward)
        ]
        pairs = [role for each, its in named if isinstance(each.default, tuple) for role in its]
        yield pairs
        if pairs and "size" not in pairs and any("size" in its for _, its in named):
            yield ["size", *pairs]

    def _preparations(self) -> Iterator[list[tuple[str, Arguments]]]:
        """Yield methods to be called once the layer is made: build(input_shape), for example."""
        yield []
        thing = self._things.get("")
        names = [each for each in PREPARE.split() if callable(getattr(thing, each, None))]
        for role in INPUTS[self._topic]:
            calls: list[tuple[str, Arguments]] = []
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
                    calls.append((name, given))
            if calls:
                yield calls

    def _constructors(self) -> Iterator[tuple[Arguments, list[str]]]:
        """Yield what a constructor is called with, and which settings are passed as pairs."""
        parameters = parameters_of(self._things[""])
        named = [
            (each, roles(each.name, ("k", "size", "stride", "padding"))) for each in parameters
        ]
        tuples = [role for each, its in named if isinstance(each.default, tuple) for role in its]
        names = {role for _, its in named for role in its}
        kinds = [tuples, [], ["k"], ["size"], ["k", "stride"], ["size", "stride"]]
        pairs = dict.fromkeys(
            tuple(role for role in kind if role in names) for kind in kinds[0 if tuples else 1 :]
        )
        choices = [list(self._choices(each)) for each in parameters]
        if self._topic == "Conv2D" and not any(["role", "F"] in each for each in choices):
            for may_get in choices:
                may_get += [["role", whole] for whole in WHOLE if ["role", "k"] in may_get]
        lists = (
            [[each.name, what] for each, what in zip(parameters, chosen, strict=True) if what]
            for chosen in product(*choices)
        )
        constructors = islice(filter(_has_each_role_once, lists), MOST_CONSTRUCTORS)
        for constructor, each in product(constructors, pairs):
            yield constructor, list(each)

    def _choices(self, parameter: Parameter) -> Iterator[list[Any] | None]:
        """Yield what a parameter of a constructor may be given; None: it is left out."""
        if parameter.kind in VARIABLE:
            yield None
            return
        required = parameter.default is Parameter.empty
        known = roles(parameter.name, (*CORE[self._topic], "rate", "activation", "mode"))
        if not known and roles(parameter.name, ("nothing",)):
            neutral = required or isinstance(parameter.default, int | float)
            yield ["value", 0.0] if neutral else None
            return
        if not known and required and (random := roles(parameter.name, [*DRAWING])):
            yield from DRAWING[random[0]]
            return
        for role in known:
            match role:
                case "rate":
                    if not (required or self._topic in WEIGHTED):  # a slope, say
                        yield None
                    yield ["role", "1"]
                case "activation":
                    if not required:
                        yield None
                    yield from (["value", each] for each in LINEAR)
                case "mode":
                    word = isinstance(parameter.default, str) or required
                    yield ["value", "max"] if word else None  # an enum keeps its default
                case "padding" if isinstance(parameter.default, str):
                    yield _padding_word(parameter.default)
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
        """Yield what forward is called with."""
        parameters = self._parameters(self._forward)
        if self._topic == LOSS:
            if len(parameters) > 1:
                more = self._further(parameters[2:])
                yield [*_named(parameters, ("x", "labels")), *more]
                yield [*_named(parameters, ("labels", "x")), *more]
            return
        given = ["x"]
        weights = "wb" if self._topic in WEIGHTED else ""
        for role, each in zip(weights, parameters[1:], strict=False):
            # The second argument of a function is not a kernel's size: it has no other weights.
            kernel = role == "w" and self.functions and each.name.lower() == "k"
            if not (roles(each.name, (role,)) or kernel):
                break
            given.append(role)
        if parameters:
            plain = [*_named(parameters, given), *self._further(parameters[len(given) :])]
            yield plain
            # An activation may be a flag, or a function that is called in any case.
            identity = [
                [name, ["role", "identity"]]
                if what == ["value", None] and roles(name, ("activation",))
                else [name, what]
                for name, what in plain
            ]
            if self.functions and identity != plain:
                yield identity

    def _further(self, parameters: Sequence[Parameter]) -> Arguments:
        """Return settings, flags, and required arguments that mean nothing here."""
        found: Arguments = []
        for each in parameters:
            required = each.default is Parameter.empty
            if each.kind in VARIABLE:
                continue
            free = self.functions or self._context(self._forward)
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
                case ["padding"] if isinstance(each.default, str):
                    found.append([each.name, _padding_word(each.default)])
                case [("parameters" | "stride" | "padding" | "size") as role]:
                    found.append([each.name, ["role", role]])
                case _ if required:
                    found.append([each.name, ["value", None]])
        return found

    def _parameters(self, name: str) -> list[Parameter]:
        """Return the parameters of a method or function, without self and without a context."""
        parameters = [each for each in self._said(name) if each.kind is not Parameter.VAR_KEYWORD]
        alone = self._is_static(name) and not _takes_context(parameters)
        # A decorator's (*args) takes self too.
        wrapped = len(parameters) == 1 and parameters[0].kind is Parameter.VAR_POSITIONAL
        return parameters if alone or wrapped else parameters[1:]

    def _context(self, name: str) -> Arguments:
        """Return the first argument of a static method that keeps in it what backward needs."""
        first = self._said(name)[:1]
        return _named(first, ["context"]) if self._is_static(name) and _takes_context(first) else []

    def _said(self, name: str) -> list[Parameter]:
        """Return all parameters of a method or function, as they are written."""
        method = self._things[name] if self.functions else getattr(self._things[""], name)
        return parameters_of(method)

    def _is_static(self, name: str) -> bool:
        return self.functions or is_static(self._things[""], name)

    def backwards(self, plan: Plan) -> Iterator[Arguments]:
        """Yield what backward may be called with."""
        context = self._context(self._backward)
        words = [what for _, what in plan.arguments if str(what[1]).lower() == "padding-word"]
        for each in self._backward_lists(plan):
            # If forward takes its padding as a word, so does a backward without a default.
            given = (
                [name, words[0] if words and what == ["role", "padding"] else what]
                for name, what in each
            )
            yield [*context, *given]

    def is_plain(self, plan: Plan, back: Arguments) -> bool:
        """Whether what forward and backward are given is certain, each parameter by its name.

        A flag of forward that is left out may be what tells it to keep what backward needs.
        """
        of_forward = len(self._parameters(self._forward)) == len(without_context(plan.arguments))
        of_backward = len(self._parameters(self._backward)) == len(without_context(back))
        known = all(kind == "role" for _, (kind, _) in (*plan.arguments, *back))
        upstream = [name for name, (_, role) in back if role == "dout"]
        named = len(upstream) == 1 and UPSTREAM_NAME.fullmatch(upstream[0]) is not None
        kept = [name for name, (_, role) in back if role == "cache"]
        return of_forward and of_backward and known and named and all(map(is_cache, kept))

    def _backward_lists(self, plan: Plan) -> Iterator[Arguments]:
        parameters = [
            each
            for place, each in enumerate(self._parameters(self._backward))
            if place == 0 or each.kind is not Parameter.VAR_POSITIONAL
        ]
        if self._slope:
            yield _named(parameters, ["scores"])
        elif self._topic == LOSS:
            yield from self._backward_lists_of_loss(parameters)
        elif parameters:
            yield from self._backward_lists_of_layer(parameters, plan)

    def _backward_lists_of_loss(self, parameters: Sequence[Parameter]) -> Iterator[Arguments]:
        first = parameters[0] if parameters else None
        caches = [is_cache(each.name) for each in parameters[:2]]
        if len(parameters) > 1 and any(caches):
            pair = ("cache", "dout") if caches[0] else ("dout", "cache")
            yield [*_named(parameters, pair), *self._further(parameters[2:])]
        elif len(parameters) > 1:
            for scores in ("scores", "dout", "probabilities"):
                yield _named(parameters, (scores, "labels"))
            yield _named(parameters, ("labels", "scores"))
            if self.functions:
                yield _named(parameters, ("dout", "cache"))
        elif first and (
            first.default is None
            or (first.name.startswith("_") and first.default is not Parameter.empty)
        ):
            yield []  # dout is 1 then
        else:
            if first and roles(first.name, ("labels",)):
                yield _named(parameters, ["labels"])
            yield _named(parameters, ["cache" if self.functions else "dout"])

    def _backward_lists_of_layer(
        self, parameters: Sequence[Parameter], plan: Plan
    ) -> Iterator[Arguments]:
        at = 1 if len(parameters) > 1 and is_cache(parameters[0].name) else 0
        arguments = _named(parameters[at:], ["dout"])
        rest = [each for i, each in enumerate(parameters) if i != at]
        if rest and (self.functions or is_cache(rest[0].name)):
            arguments[1 - at : 1 - at] = _named([rest.pop(0)], ["cache"])
        arguments += self._further(rest)
        again = self._again(parameters, plan)
        lacking = any(what == ["value", None] for _, what in arguments)
        if self.functions or not (again and lacking):
            yield arguments
        if self.functions or lacking:
            yield from again
        if self.functions:
            yield from (each for each in self._by_names(parameters, plan) if each != arguments)

    def _by_names(self, parameters: Sequence[Parameter], plan: Plan) -> Iterator[Arguments]:
        """Yield backward's arguments by their names: again what forward got, or the shape of x.

        The others are what forward gave besides its output: by their names there, or in order.
        """
        again, settings = _got(plan), ("stride", "padding", "size", "parameters")
        found: Arguments = []
        for each in parameters:
            if each.name in again:
                found.append([each.name, again[each.name]])
            elif roles(each.name, (*settings, "rate", "N", "mode", "training", "activation")):
                found += self._further([each])
            elif each.name.endswith("shape"):
                found.append([each.name, ["role", "x.shape"]])
            elif UPSTREAM_NAME.fullmatch(each.name) and "dout" not in roles_in(found):
                found.append([each.name, ["role", "dout"]])
            elif each.default is Parameter.empty:
                found.append([each.name, ["role", "cache"]])
        kept = [argument for argument in found if argument[1] == ["role", "cache"]]
        if "dout" not in roles_in(found) or not roles_in(found) & {"cache", "x.shape"}:
            return
        there = names_beside(self._things[self._forward]) if kept else []
        places = {name: there.index(name) for name, _ in kept if name in there}
        others = (place for place in count() if place not in places.values())
        if len(kept) > 1 or (places and len(there) > 1):
            for argument in kept:
                place = places[argument[0]] if argument[0] in places else next(others)
                argument[1] = ["role", f"cache[{place}]"]
        yield found

    def is_doubtful(self, back: Arguments) -> bool:
        """Whether backward may be meant to take other values than those it is given.

        This is about what forward returned besides its output. It is doubtful if backward takes
        several of these values by names that forward does not use, or one, while forward returns a
        value by the name of an input that backward takes again.
        """
        kept = {name for name, (_, role) in back if str(role).startswith("cache")}
        again = {name for name, (_, role) in back if role in ("x", "w", "b")}
        if len(kept) < 2 and not again:
            return False
        there = {*names_beside(self._things[self._forward])} if self.functions else set()
        return not kept <= there and (len(kept) > 1 or bool(again & there))

    def _again(self, parameters: Sequence[Parameter], plan: Plan) -> list[Arguments]:
        """Return backward's arguments if some of them are, by name, what forward got."""
        found = _got(plan)
        others = [each for each in parameters if each.name not in found]
        if not others or len(others) == len(parameters) or is_cache(others[0].name):
            return []
        found |= dict([*_named(others, ["dout"]), *self._further(others[1:])])
        return [[[each.name, found[each.name]] for each in parameters if each.name in found]]


def without_context(arguments: Arguments) -> Arguments:
    """Return the arguments other than a context."""
    return [each for each in arguments if each[1] != ["role", "context"]]


def is_cache(name: str) -> bool:
    """Whether a parameter is named like what forward keeps for backward."""
    return "cache" in name.lower()


def _named(parameters: Sequence[Parameter], given: Sequence[str]) -> Arguments:
    """Return the first of some parameters, each with its role."""
    return [[each.name, ["role", role]] for each, role in zip(parameters, given, strict=False)]


def _padding_word(default: str) -> list[Any]:
    """Return a padding as a word, in the upper or lower case of the default."""
    return ["role", "padding-WORD" if default.isupper() else "padding-word"]


def _got(plan: Plan) -> dict[str, Any]:
    """Return the inputs that forward got, by their names there."""
    return {name: what for name, what in plan.arguments if what[1] in ("x", "w", "b")}


def _has_each_role_once(arguments: Arguments) -> bool:
    given = [role for _, (kind, role) in arguments if kind == "role"]
    return len(given) == len({*given})


def _takes_context(parameters: Sequence[Parameter]) -> bool:
    return [each.name for each in parameters[:1]] in (["ctx"], ["context"])


def _fixed(topic: str, *lists: Arguments) -> dict[str, int]:
    """Return the settings of a pool that cannot be chosen, as they are when it is tried."""
    chosen = roles_in(*lists) & {"size", "size[0]", "size[1]", "parameters"}
    return {} if topic not in POOLS or chosen else {**SETTINGS_TRIED[topic]}


def is_guessed(plan: Plan) -> bool:
    """Whether a parameter of the constructor is given something that its name does not say."""
    return any(
        (kind == "value" and role is None and not roles(name, ("activation",)))
        or (kind == "role" and role in ROLES and not roles(name, (role,)))
        for name, (kind, role) in plan.constructor
    )

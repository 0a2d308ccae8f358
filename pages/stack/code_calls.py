"""The results of calls in pasted code: layers that are made or applied, objects, numbers.

nn.Linear(4, 3) makes a Leaf (`new_layer`) and nn.Sequential(…) a Row (`container_or_numbers`).
Applying either to x makes a Flow (`Operations.applied`), and so does F.relu(x)
(`Operations.result_of_torch_function`).
"""

import ast
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Any, Final

from pages.stack.code_changes import Changes, values_in
from pages.stack.code_syntax import (
    ADDS,
    HOOKS,
    INITIAL,
    TAKE,
    WRITES,
    changes_numbers,
    leaves_numbers,
    returns,
    sides_of,
)
from pages.stack.code_text import Remarks, last_name, quoted
from pages.stack.code_values import (
    MODULES,
    Class,
    Default,
    Function,
    Instance,
    Mask,
    Named,
    Names,
    Row,
    Some,
    children_of,
    is_module,
    is_of,
    kind_of_error,
    makes,
    mapping_in,
    modules_in,
    pairs_in,
    register,
    several_in,
)
from pages.stack.dataflow import Flow, flows_in, joined
from pages.stack.known_values import (
    CHANGES,
    CHANGES_OF_DICTS,
    SET,
    SHAPE,
    SORT,
    UNKNOWN,
    UPDATE,
    VIEWS,
    ModuleList,
    Unknown,
    as_dict,
    built_in,
    filled,
    is_list,
    is_number,
    leaves,
    part,
    viewed,
)
from pages.stack.operations import (
    ELSEWHERE,
    FIRST,
    MATHEMATICS,
    SAME_MODULE,
    SAME_NUMBERS,
    SEEN,
    first_of,
)
from pages.stack.stack import BIAS, refuse
from pages.stack.torch_layers import (
    TURNS,
    WEIGHT,
    Leaf,
    LogSoftmax,
    Parameter,
    Tensor,
    as_leaf,
    constant,
    known_layer,
    parameter,
    replace_parameter,
    shape_in,
    side_by_side,
    spaced,
    taken,
    tensor,
    turned,
    unit,
)
from pages.stack.written_loss import event_of_call

CALLS_MOST: Final = 8  # the deepest that calls of the code's own functions may be nested
SELF: Final = "super()"  # the name in a method's scope for the method's object and class
_TURNED: Final = ("T", "mT")
CONTAINERS: Final = ("Sequential", "ModuleList")
_DICTS: Final = ("OrderedDict", "ModuleDict", "dict")
_FLAGS: Final = {"store_true": False, "store_false": True}
"""By its action, the value of an option that is not given."""
_OF_WORDS: Final = {"lower": 0, "upper": 0, "startswith": 1, "endswith": 1}
"""The known methods of a string, with the number of their arguments."""
_COPIES: Final = ("array", "asarray", "as_tensor", "from_numpy")
_OF_SIZES: Final = ("Tensor", "FloatTensor", "LongTensor")
"""Classes that make an array without values of sizes, and of a list its numbers."""
_NUMBERS: Final = (*_COPIES, *_OF_SIZES, "tensor", "Parameter", "float64")
"""Functions that make numbers from a list or other numbers; a flow given to one stays a flow."""
_WRAPPERS: Final = ("DataParallel", "DistributedDataParallel", "compile", "script")
_NO_LAYERS: Final = ("torch", "cuda", "optim", "lr_scheduler", "data", "datasets", "transforms")
"""Modules of torch and torchvision without layers: torch.Tensor, optim.Adam, datasets.MNIST."""
_OF_ALL: Final = ("parameters", "named_parameters", "state_dict", "modules", "named_modules")
"""Methods that return something of every layer of a module, unless an argument leaves some out."""
_WRAPPED: Final = ("module", "model", "obj")  # their names for the module that they are given


class Calls(Changes):
    """Evaluates calls.

    `result_of_call` handles any call by means of the others. Each result_of_… handles one kind: a
    method, a helper, a function of the code, one of torch. container_or_numbers, new_layer and
    instance make new values. Some of these return ELSEWHERE if the call is of another kind.
    what_is_called returns the value before the parentheses, arguments_of those in them.
    """

    def __init__(self, remarks: Remarks, *, printed: bool) -> None:
        super().__init__(remarks)
        self.printed = printed  # whether the text is the output of print(model)
        self.within = 0
        """How many bodies of functions and classes, and arguments of containers, the current code
        is in."""
        self.plain = 0  # how many of these are bodies of functions, not methods
        self.inside: list[Any] = []  # modules made in functions that may be the network
        self.called: list[Any] = []  # the modules that are applied
        self.copies: list[tuple[Any, Any]] = []  # each copy, and what it is a copy of
        self.layers = 0  # how many layers were made
        self.raises = 0  # how many exceptions the code has raised outside of any try

    @abstractmethod
    def run(self, body: Sequence[ast.stmt], names: Names) -> Any:
        """Interpret a body. Return what it returns, or its break or continue; None at its end."""

    @abstractmethod
    def values(
        self, each: Sequence[ast.expr], names: Names, *, told: bool = False
    ) -> tuple[Any, ...]:
        """Return the values of expressions, *layers unpacked. told: remark on unknown *layers."""

    def result_of_call(self, node: ast.Call, names: Names) -> Any:
        """Return the result of a call: a layer that is made, a layer's output, or another value.

        The call is first tried as a method of the value before the dot; then by name, as one of
        Python's functions and helpers around modules; then as a function, module or class of the
        code; then by name again, as something that makes numbers. What remains is a function or a
        layer of torch or numpy.
        """
        chained = isinstance(node.func, ast.Attribute) and not isinstance(node.func.value, ast.Name)
        meant = UNKNOWN if chained else self.what_is_called(node.func, names)
        if isinstance(meant, Named) and last_name(meant.name) != last_name(node.func):
            node = ast.copy_location(ast.Call(meant.name, node.args, node.keywords), node)
        name = last_name(node.func)
        given, named = self.arguments_of(node, name, names)
        found, of = ELSEWHERE, UNKNOWN
        if isinstance(node.func, ast.Attribute):
            of = self.value(node.func.value, names)
            found = self.result_of_method(node, node.func, of, given, named, names)
        if found is ELSEWHERE:
            found = self.result_of_helper(name, given, named, node, names)
        if found is not ELSEWHERE:
            return found
        callee = self.attribute(of, name) if chained else self.what_is_called(node.func, names)
        if chained and isinstance(callee, Named):  # self.config.activation()
            node = ast.copy_location(ast.Call(callee.name, node.args, node.keywords), node)
            name = last_name(callee.name)
        if name in ("forward", "__call__") and isinstance(of, MODULES) and callee is UNKNOWN:
            callee = of  # conv.forward(x)
        if (found := self.result_of_callee(node, callee, given, named)) is not ELSEWHERE:
            return found
        if (found := self.container_or_numbers(name, given, named, node)) is not ELSEWHERE:
            return found
        if name in TAKE and (taken_from := _with_parameters([of, *given])):
            return Some(taken_from)
        self.forget_what_is_handed(node, name, of, [*given, *named.values()], names)
        given = self.arguments_with_x(node, name, given, named) if name.islower() else given
        if flows := flows_in(given):
            return self.result_of_torch_function(node, name, flows, given, named)
        made = self.new_layer(node, name, given, named)
        if isinstance(made, Leaf) and not made.item.layer.data:
            self.layers += 1
        return made

    def result_of_callee(
        self, node: ast.Call, callee: Any, given: list[Any], named: dict[str, Any]
    ) -> Any:
        """Call a function or a class of the code, or apply a module; otherwise ELSEWHERE."""
        if isinstance(callee, Function):
            said, before = len(self.remarks.said), (len(self.inside), self.layers, self.raises)
            made = self.result_of_own_function(callee, given, named)
            other = not makes(made) and (made is not None or not self.making)
            if other and (len(self.inside), self.layers, self.raises) == before:  # about no layers
                plain = all(is_number(it) or isinstance(it, str) for it in leaves([made]))
                unsure = (
                    plain and len(self.remarks.said) > said
                )  # it may depend on what is left out
                del self.remarks.said[said:]
                return UNKNOWN if unsure else made
            return made
        if isinstance(callee, MODULES):
            self.called.append(callee)
            given = given or [*named.values()]
            if isinstance(callee, Leaf) and callee.in_place:
                self.forget(given[:1])  # nn.ReLU(inplace=True)(conv.weight)
            return self.applied(node, callee, [*map(self.take_for_x, given[:1]), *given[1:]])
        if isinstance(callee, Class):
            return self.instance(node, callee, given, named)
        return ELSEWHERE

    def forget_what_is_handed(
        self, node: ast.Call, name: str, of: Any, given: list[Any], names: Names
    ) -> None:
        """Forget the numbers of modules that a call which is not followed may overwrite."""
        if leaves_numbers(name) or flows_in([of, *given]):
            return
        if changes_numbers(name):
            self.forget(values_in(node, names))
            return
        self.forget(it for it in given if not isinstance(it, Tensor))
        if isinstance(of, MODULES) and name not in getattr(of, "attributes", ()):
            self.forget([of])

    def what_is_called(self, func: ast.expr, names: Names) -> Any:
        """Return the value of what stands before the parentheses of a call."""
        if isinstance(func, ast.Attribute):
            return self.attribute(self.value(func.value, names), func.attr)
        return self.value(func, names)

    def arguments_of(
        self, node: ast.Call, name: str, names: Names
    ) -> tuple[list[Any], dict[str, Any]]:
        """Return a call's positional and keyword arguments."""
        within = self.within
        if name in CONTAINERS or name in _DICTS:
            self.within += 1
        given = [*self.values(node.args, names, told=name in CONTAINERS)]
        starred = any(isinstance(each, ast.Starred) for each in node.args)
        for at, made in zip(node.args, given, strict=False) if not starred else ():
            if name in CONTAINERS and isinstance(made, Unknown | Class | Function):
                self.remarks.at(at, "paste.no_layer", code=quoted(at))  # nn.ReLU, not nn.ReLU()
        listed = given if starred else [it for it in given if is_list(it) or isinstance(it, dict)]
        if name in CONTAINERS and any(isinstance(each, Unknown) for each in leaves(listed)):
            self.remarks.at(node, "paste.joined", name=name)
        named: dict[str, Any] = {}
        for each in node.keywords:
            made = self.value(each.value, names)
            named |= {each.arg: made} if each.arg else mapping_in(made) or {}
        self.within = within
        return given, named

    def result_of_method(
        self,
        node: ast.Call,
        method: ast.Attribute,
        of: Any,
        given: list[Any],
        named: dict[str, Any],
        names: Names,
    ) -> Any:
        """Return the result of a known method of a value; otherwise ELSEWHERE."""
        place, name = method.value, method.attr
        if isinstance(of, Flow):
            return self.result_of_flow_method(node, name, of, given, named)
        if isinstance(of, MODULES) and name in SAME_MODULE:
            return of
        if isinstance(of, Mask) and name in ("astype", *SAME_NUMBERS):
            return of
        inherited = isinstance(of, MODULES) and (
            not isinstance(of, Instance) or of.found(name) is UNKNOWN
        )
        made = ELSEWHERE
        if inherited:
            made = self.result_of_module_method(name, of, given, named)
        if isinstance(of, Tensor):
            made = self.result_of_tensor_method(node, name, of, given, named)
            if made is ELSEWHERE and changes_numbers(name):
                return self.write(place, UNKNOWN, names)
        if isinstance(of, str):
            made = _result_of_string_method(name, of, given)
        if made is ELSEWHERE and isinstance(of, Instance) and inherited:
            made = self.result_of_inherited_method(node, name, of, given, named)
        if made is not ELSEWHERE:
            return made
        if name == "step" and not isinstance(of, Instance):
            self.trained = True
            self.steps += 1
        if name in WRITES and not isinstance(of, Named):  # conv.weight.copy_(w)
            return self.write(place, [*given, *named.values(), WRITES[name]][0], names)
        if name in ADDS:
            given = _in_order(["name", "module"], given, named)
            return self.add_module(node, place, of, given, names)
        if name in HOOKS and any(isinstance(it, Function) and returns(it.body) for it in given):
            self.remarks.at(node, "paste.statement", what=quoted(method))
            return UNKNOWN
        return self.result_of_container_method(place, name, of, given, named, names)

    def result_of_inherited_method(
        self, node: ast.Call, name: str, of: Instance, given: list[Any], named: dict[str, Any]
    ) -> Any:
        """Return the result of a method that an object's own class lacks; otherwise ELSEWHERE.

        It is one of super(), or one of an ArgumentParser.
        """
        if of.after and name == "__init__":
            if of.of.layer:
                given = [as_leaf(of.of.layer, given, named, node, self.remarks)]
            if given or of.of.container:  # with layers
                self.modules_given(node, given if of.of.container else ())
                of.attributes[""] = Row(modules_in(given))
        if of.after and name == "__call__":
            forward = replace(of, after=None).found("forward")
            if isinstance(forward, Function):
                return self.result_of_own_function(forward, given, named)
        if name == "add_argument" and given:
            option = next((it for it in given if str(it).startswith("--")), given[0])
            absent = _FLAGS.get(str(named.get("action")), UNKNOWN)
            option = named.get("dest", str(option).lstrip("-").replace("-", "_"))
            of.attributes[str(option)] = named.get("default", absent)
            return UNKNOWN
        if name == "set_defaults":
            of.attributes |= named
            return UNKNOWN
        if name == "parse_args" and not any((*given, *named.values())):
            return of
        return ELSEWHERE

    def add_module(
        self, node: ast.Call, place: ast.expr, of: Any, given: list[Any], names: Names
    ) -> Any:
        """Add a module to the one at `place`, given its name and itself; otherwise ELSEWHERE."""
        match of, given:
            case Instance(), [name, module]:
                self.modules_given(place, [module] if of.of.container else ())
                register(of, name, module)
            case Row(), _:
                self.modules_given(place, given[1:])
                of.add([*given, UNKNOWN][0], modules_in(given[1:]))
            case dict(), [_, _]:
                return self.change(place, of, SET, given, names)
            case ModuleList(), _:
                self.remarks.at(node, "paste.statement", what=quoted(node.func))
            case _:
                return ELSEWHERE
        return UNKNOWN

    def result_of_container_method(
        self,
        place: ast.expr,
        name: str,
        of: Any,
        given: list[Any],
        named: dict[str, Any],
        names: Names,
    ) -> Any:
        """Return the result of a method of a list, dict or row of modules; otherwise ELSEWHERE."""
        if name == "children" and isinstance(of, Row | Instance):
            self.count_work(len(several := children_of(of)))
            return several
        pairs = mapping_in(of)
        if pairs is not None and name in VIEWS:
            return viewed(pairs, name, given)
        if isinstance(of, dict) and name == UPDATE:
            more = [it for each in given for it in pairs_in(each)]
            update = [as_dict([*more, *named.items()])]
            return self.change(place, of, UPDATE, update, names)
        if isinstance(of, dict) and name in CHANGES_OF_DICTS:
            return self.change(place, of, name, [*given, *named.values()], names)
        if name in (*CHANGES, SORT) and several_in(of) is not None:
            given = [*map(several_in, given)] if name == "extend" else [*given, *named.values()]
            return self.change(place, of, name, given, names)
        return ELSEWHERE

    def result_of_module_method(
        self, name: str, of: Any, given: list[Any], named: dict[str, Any]
    ) -> Any:
        """Return the result of a torch method about all layers of a module; otherwise ELSEWHERE."""
        if name in _OF_ALL and any(it is not True for it in (*given, *named.values())):
            return UNKNOWN  # parameters(recurse=False)
        match name:
            case "parameters":
                return [each for _, each in self.parameters_of(of)]
            case "named_parameters":
                return self.parameters_of(of)
            case "state_dict":  # a number stands for a name that is not known
                pairs = enumerate(self.parameters_of(of))
                return {at if name is UNKNOWN else name: each for at, (name, each) in pairs}
            case "modules":
                return [*self.modules(of)]
            case "named_modules":
                return [(name, each) for each, name in self.modules(of).items()]
            case "apply" if given and isinstance(given[0], Function) and self.depth < CALLS_MOST:
                said = len(self.remarks.said)
                for each in reversed(self.modules(of, last_first=True)):
                    self.result_of_own_function(given[0], [each], {})
                del self.remarks.said[said:]
                return of
            case "apply":
                self.forget([of])
                return of
            case "load_state_dict":
                self.load(of, given[0] if given else UNKNOWN)
                return UNKNOWN
            case "reset_parameters":
                self.forget([of])
                return UNKNOWN
        return ELSEWHERE

    def result_of_helper(
        self, name: str, given: list[Any], named: dict[str, Any], node: ast.Call, names: Names
    ) -> Any:
        """Return the result of a Python function or a helper of modules; otherwise ELSEWHERE."""
        match name, [*given, *(named[it] for it in _WRAPPED if it in named)]:
            case "getattr", [of, str(attribute), *default]:
                found = self.attribute(of, attribute)
                return default[0] if found is UNKNOWN and default else found
            case "hasattr", [Instance() as of, str(attribute)]:
                return attribute in of.attributes or of.found(attribute) is not UNKNOWN
            case "setattr", [Instance() as of, attribute, made]:
                register(of, attribute, made)
                return UNKNOWN
            case "setattr", [Leaf() as of, str(attribute), made] if attribute in (WEIGHT, BIAS):
                if not replace_parameter(of, attribute, made):
                    self.remarks.at(node, "paste.statement", what=quoted(node))
                return UNKNOWN
            case "setattr", [Row(), _, _]:
                self.remarks.at(node, "paste.statement", what=quoted(node))
                return UNKNOWN
            case "delattr", [of, attribute]:
                self.delete_attribute(node, of, attribute)
                return UNKNOWN
            case "isinstance", [of, _] if len(node.args) == 2:
                return is_of(of, leaves(self.values(sides_of(node.args[1]), names)))
            case "super", _ if SELF in names:
                of, after = names[SELF]
                return Instance(getattr(of, "of", of), of.attributes, after)  # self may be a class
            case "next", [of, *_] if several_in(of) and isinstance(first_of(node), ast.Call):
                return part(several_in(of), 0)
            case "sum", _ if isinstance(node.func, ast.Name):
                terms = flows_in([*given, named.get("start")])
                return joined("add", terms, {}, node, self.remarks) if terms[1:] else ELSEWHERE
            case "partial", _ if given:
                return _partial(node, given, named, names)
            case "cast", _:
                return [*_in_order(["typ", "val"], given, named), ELSEWHERE, ELSEWHERE][1]
            case "copy", _:
                of = [*_in_order(["x"], given, named), ELSEWHERE][0]
                return copy(of) if is_list(of) or isinstance(of, dict) else of
            case "deepcopy", _:
                of = [*_in_order(["x"], given, named), ELSEWHERE][0]
                self.copies.append((self.copied(of, {}), of))
                return self.copies[-1][0]
            case "is_available", _ if self.is_of_torch(node, names):  # a GPU: x.cuda() is x
                return True
            case "Variable", [x, *_] if self.is_of_torch(node, names):  # x without its gradient
                return x.stopped(node) if isinstance(x, Flow) and not x.stops else x
            case "weight_norm" | "spectral_norm", [module, *_] if is_module(module):  # does more
                its = (it.value for it in node.keywords if it.arg in _WRAPPED)
                kept = quoted([*node.args, *its, node][0])
                self.remarks.at(node, "paste.left_out", code=quoted(node), kept=kept)
                return module
            case _, [module, *_] if name in _WRAPPERS and is_module(module):
                return module
        return self.overwritten_by(node, name, given, named, names)

    def is_of_torch(self, node: ast.Call, names: Names) -> bool:
        """Whether a function is none that the code defines."""
        return isinstance(self.what_is_called(node.func, names), Named)

    def overwritten_by(
        self, node: ast.Call, name: str, given: list[Any], named: dict[str, Any], names: Names
    ) -> Any:
        """Do what a function writes over numbers: nn.init.constant_(w, 1), np.exp(w, out=w).

        Return what it writes over its first argument; ELSEWHERE if its result may be another.
        """
        place = first_of(node)
        if place and name in INITIAL:
            others = [*given[1:], *(it for key, it in named.items() if key not in FIRST)]
            return self.write(place, [*others, INITIAL[name]][0], names)
        changes = changes_numbers(name) or named.get("inplace") is True
        # A function of a layer's name may read any numbers as x, except a layer's parameters.
        numbers = isinstance(
            [*given, *(named[it] for it in FIRST if it in named), None][0],
            Parameter if known_layer(name) else Tensor,
        )
        if place and changes and numbers and self.is_of_torch(node, names):
            return self.write(place, UNKNOWN, names)  # nn.init.normal_(conv.weight)
        for out in [it.value for it in node.keywords if it.arg == "out"]:
            self.write(out, UNKNOWN, names)
        return ELSEWHERE

    def container_or_numbers(
        self, name: str, given: list[Any], named: dict[str, Any], node: ast.Call
    ) -> Any:
        """Return a row of modules, a dict, numbers or what is computed from them, or ELSEWHERE."""
        some = any(isinstance(each, Some) for each in given)
        match name, given:
            case "Sequential", _:
                pairs = given[0] if len(given) == 1 and isinstance(given[0], dict) else {}
                own = tuple(pairs) if all(map(is_module, pairs.values())) else ()
                return Row(modules_in(given), node, bool(pairs), own)
            case "ModuleList", _:
                several = given or [*named.values()]
                one = len(several) == 1 and is_list(several[0])
                return ModuleList(several[0] if one else several)
            case "ModuleDict", []:
                return as_dict([it for each in named.values() for it in pairs_in(each)])
            case "OrderedDict" | "ModuleDict" | "dict", _ if not some:
                if given and isinstance(given[0], Unknown):
                    return UNKNOWN
                return as_dict([*(pairs_in(given[0]) if given else ()), *named.items()])
            case "SimpleNamespace" | "Namespace" | "ArgumentParser", _:
                return Instance(Class({}), dict(named))
            case "field", _:  # in a dataclass
                return named.get("default", UNKNOWN)
            case "len", [Tensor() as of, *_]:
                return part(of.shape, 0)
        made = self.numbers_of(name, given, named, node)
        place = getattr(node.func, "value", None)  # math, for math.prod
        if made is ELSEWHERE and (place is None or last_name(place) in MATHEMATICS):
            of_numpy = place is not None and last_name(place) != "math"
            named = _without_axis(given, named) if of_numpy else named
            made = built_in(name, [several_in(it) or it for it in given], named)
            made = ELSEWHERE if made is UNKNOWN else made
        return made

    def numbers_of(self, name: str, given: list[Any], named: dict[str, Any], node: ast.Call) -> Any:
        """Return the numbers that a function of torch or numpy makes; otherwise ELSEWHERE."""
        match name, given:
            case "normal" | "uniform", _:
                means = _in_order(["mean"], given, named)
                if len(means) in (1, 2) and type(means[0]) is Tensor and "size" not in named:
                    return Tensor(means[0].shape)  # each entry has its own mean
                return _drawn(given[2:], named)  # the size is the third argument
            case "randn" | "rand" | "standard_normal", _:
                return _drawn(given, named)
            case "random", _ if given or named:
                return _drawn(given, named)
            case "zeros" | "ones" | "full" | "empty", _:
                given = given or [named.get("size", named.get("shape", ()))]
                fill = [named["fill_value"]] if "fill_value" in named else []
                return constant(name, [*given, *fill])
            case "eye" | "identity", [size]:
                return UNKNOWN if named.keys() & {"m", "M", "k"} else unit(size)
            case "one_hot", [Tensor() as labels, *_]:
                of = unit([*given[1:], *named.values(), UNKNOWN][0])
                return taken(of, labels) if isinstance(of, Tensor) else UNKNOWN
            case "arange" | "linspace", _:
                return spaced(name, given, **named)
            case _, [each, *_] if known_layer(name) == "concat" and self.are_arrays(each):
                self.count_work(sum(it.known for it in each) // 100)
                axis = named.get("dim", named.get("axis", 0))
                return side_by_side(each, [*given[1:], axis][0])
            case _, [Tensor() as of, *_] if name in TURNS:
                return turned(of, name, [*given[1:], *named.values()])
            case _, [size, *_] if name in _OF_SIZES and is_number(size):
                return _drawn(given, {})
            case _, [Flow() as of, *_] if name in _NUMBERS:
                return of._replace() if name in _COPIES else of.stopped(node)
            case _, [of, *_] if name in _NUMBERS and not flows_in(given):
                if "ndmin" in named:
                    return UNKNOWN
                if not isinstance(of, Tensor):
                    return tensor(of)
                return replace(of) if name in ("array", "tensor") else of
        return ELSEWHERE

    def are_arrays(self, values: Any) -> bool:
        """Whether a value is a list of arrays, none of which is an input of the network."""
        every = is_list(values) and bool(values) and all(type(it) is Tensor for it in values)
        return every and not any(map(self.is_input, values))

    def new_layer(self, node: ast.Call, name: str, given: list[Any], named: dict[str, Any]) -> Any:
        """Return a new module of torch.nn; for an unknown one add a remark and return an empty row.

        UNKNOWN if the call makes no layer.
        """
        known = known_layer(name)
        place = last_name(node.func.value) if isinstance(node.func, ast.Attribute) else ""
        if place in _NO_LAYERS:
            return UNKNOWN
        of_torch = place == "nn"
        is_printed = self.printed and not any(isinstance(it, ast.Name) for it in node.args)
        if is_printed and not known and name not in SEEN and modules_in(given):
            self.remarks.at(node, "paste.printed", name=name)
            return Row(modules_in(given))
        if name.islower() or not (known or of_torch or self.making):
            return UNKNOWN
        if name == "Identity":
            return Row((), node)
        if name == "LogSoftmax" and event_of_call("log_softmax", [*given, *named.values()]):
            return LogSoftmax(node)
        if name == "NLLLoss":
            loss = as_leaf("CrossEntropyLoss", given, named, node, self.remarks)
            return loss and replace(loss, reads_logarithms=node)
        leaf = as_leaf(name, given, named, node, self.remarks) if known else None
        if not known and name[:1].isupper():
            self.remarks.at(node, "paste.layer", name=name)
        return leaf or (Row((), node) if known or name[:1].isupper() else UNKNOWN)

    def attribute(self, of: Any, name: str) -> Any:
        """Return of.name; UNKNOWN if it is not known."""
        if isinstance(of, Class):
            of = Instance(of)
            made = of.found(name)
            unbound = isinstance(made, Function) and "classmethod" not in made.kinds
            return replace(made, bound=()) if unbound else made
        if isinstance(of, Named):
            return Named(ast.copy_location(ast.Attribute(of.name, name), of.name))
        if isinstance(of, Tensor | Flow) and name == "shape":
            return of.shape if isinstance(of, Tensor) else SHAPE
        if isinstance(of, tuple) and of and isinstance(of[0], Flow) and name == "values":
            return of[0]  # the maxima, without their places
        if isinstance(of, Leaf) and name in (WEIGHT, BIAS) and of.weights:
            return parameter(of, name)
        if isinstance(of, Tensor) and name == "data":
            return of.data if isinstance(of, Parameter) else of
        if isinstance(of, Tensor) and name == "ndim":
            return len(of.shape)
        if isinstance(of, Tensor) and name in _TURNED:
            return turned(of, name, ())
        if isinstance(of, Instance) and name == "_modules":
            return of.attributes
        made = of.found(name) if isinstance(of, Instance) else UNKNOWN
        if isinstance(made, Function) and {"property", "cached_property"} & {*made.kinds}:
            its = self.result_of_own_function(made, [], {})
            of.attributes |= {name: its} if "cached_property" in made.kinds else {}
            return its
        return made

    def function(
        self,
        arguments: ast.arguments,
        body: Sequence[ast.stmt],
        names: Names,
    ) -> Function:
        """Return a function that is defined here, with the present values of its defaults."""
        each = [*arguments.posonlyargs, *arguments.args]
        last = each[len(each) - len(arguments.defaults) :]
        pairs: list[tuple[ast.arg, ast.expr | None]]
        pairs = [*zip(last, arguments.defaults, strict=True)]
        pairs += zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        defaults = {it.arg: Default() for it in (*each, *arguments.kwonlyargs)}
        self.plain += 1  # a default makes no layer of a class that is not known
        for it, default in pairs:
            said = len(self.remarks.said)
            made = self.value(default, names) if default else UNKNOWN
            defaults[it.arg] = Default(made, self.remarks.taken_back(said))
        self.plain -= 1
        return Function(arguments, body, names, defaults=defaults)

    def result_of_own_function(
        self, of: Function, given: list[Any], named: Mapping[str, Any]
    ) -> Any:
        """Call a function of the code and return its result."""
        if self.depth >= CALLS_MOST:
            refuse("paste.calls", most=CALLS_MOST)
        self.tell_unread(of)
        names = of.names.new_child()
        arguments = of.arguments
        each = [it.arg for it in (*arguments.posonlyargs, *arguments.args)]
        given = [*of.bound, *given]
        own = {*of.defaults} - {it.arg for it in arguments.posonlyargs}  # those given by name
        more = {name: it for name, it in named.items() if name not in own}
        names |= {name: it for name, it in named.items() if name in own}
        names |= dict(zip(each, given, strict=False))
        for name, default in of.defaults.items():
            if name not in names.maps[0]:
                names[name] = default.value
                self.remarks.once(default.remarks)
        if arguments.vararg:
            names[arguments.vararg.arg] = tuple(given[len(each) :])
        if arguments.kwarg:
            names[arguments.kwarg.arg] = more
        if of.bound:
            names[SELF] = (of.bound[0], of.of)
        plain = 0 if of.bound else 1
        self.depth += 1
        self.within += 1
        self.plain += plain
        try:
            return self.run(of.body, names)
        finally:
            self.depth -= 1
            self.within -= 1
            self.plain -= plain

    def own_decorators(
        self, of: ast.FunctionDef | ast.ClassDef, made: Function | Class, names: Names
    ) -> tuple[ast.expr, ...]:
        """Return the decorators of the code that do not return what they decorate.

        The decorators that the code does not define are taken to leave it as it is.
        """
        unread = []
        for each in of.decorator_list:
            by = self.what_is_called(getattr(each, "func", each), names)
            if not isinstance(by, Function | Class):
                continue
            said = len(self.remarks.said)
            by = self.value(each, names) if isinstance(each, ast.Call) else by
            if not (
                isinstance(by, Function)
                and self.depth < CALLS_MOST
                and self.result_of_own_function(by, [made], {}) is made
            ):
                unread.append(each)
            del self.remarks.said[said:]
        return tuple(unread)

    def tell_unread(self, of: Function | Class) -> None:
        """Add a remark about each decorator that may replace what is called."""
        for each in of.unread:
            self.remarks.at(each, "paste.statement", what=f"@{quoted(each)}")

    def instance(self, at: ast.AST, of: Class, given: list[Any], named: dict[str, Any]) -> Any:
        """Make an object of a class of the code."""
        made = Instance(of)
        for it in of.order:
            self.tell_unread(it)
        init = made.found("__init__")
        if isinstance(init, Function):
            self.result_of_own_function(init, given, named)
        elif of.layer:
            leaf = as_leaf(of.layer, given, named, at, self.remarks)
            made.attributes[""] = Row(modules_in([leaf]))
        elif of.container:
            made.attributes[""] = Row(self.modules_given(at, given))
        else:
            fields = [name for each in reversed(of.order) for name in each.fields]
            made.attributes |= {**dict(zip(fields, given, strict=False)), **named}
        return made

    def made_class(self, node: ast.ClassDef, around: Names) -> Class:
        """Make a class of the code, with the names that its body assigns as attributes."""
        own = around.new_child()
        self.within += 1
        self.run(node.body, own)
        self.within -= 1
        bases = [self.value(each, around) for each in node.bases]
        classes = tuple(each for each in bases if isinstance(each, Class))
        layers = [last_name(each.name) for each in bases if isinstance(each, Named)]
        layers += [each.layer for each in classes]
        attributes = {
            name: replace(made, names=around)
            if isinstance(made, Function) and made.names is own
            else made
            for name, made in own.maps[0].items()
        }
        fields = [each.target for each in node.body if isinstance(each, ast.AnnAssign)]
        made = Class(
            attributes,
            classes,
            next((each for each in layers if known_layer(each)), ""),
            tuple(map(last_name, fields)),
            "Sequential" in layers or any(each.container for each in classes),
            errors=tuple(it for it in map(kind_of_error, bases) if isinstance(it, type)),
        )
        unread = self.own_decorators(node, made, around)
        return replace(made, unread=unread) if unread else made

    @property
    def making(self) -> bool:
        """Whether a module is being made, so that a call of an unknown class makes a layer.

        Plain functions do not count: main() makes optimizers and data too.
        """
        return self.within > self.plain


def _result_of_string_method(name: str, of: str, given: list[Any]) -> Any:
    """Return the result of a known method of a string; otherwise ELSEWHERE."""
    if name == "format":
        return filled(of, of.format, *given)
    if len(given) == _OF_WORDS.get(name) and all(isinstance(it, str) for it in given):
        return getattr(of, name)(*given)
    return ELSEWHERE


def _without_axis(given: Sequence[Any], named: Mapping[str, Any]) -> dict[str, Any]:
    """Return numpy's keywords without those that change nothing: np.prod(sizes, dtype=int)."""
    flat = bool(given) and is_list(given[0]) and all(map(is_number, given[0]))
    idle = {"dtype", *(["axis"] if flat and named.get("axis") in (None, 0, -1) else [])}
    return {key: it for key, it in named.items() if key not in idle}


def _drawn(sizes: list[Any], named: Mapping[str, Any]) -> Any:
    """Return numbers of a shape that have unknown values; UNKNOWN if the shape is not known."""
    shape = shape_in(sizes or [named.get("size", ())])
    return UNKNOWN if shape is None else Tensor(shape)


def _in_order(names: Sequence[str], given: list[Any], named: Mapping[str, Any]) -> list[Any]:
    """Return arguments in the order of their names: add_module(module=a, name="a")."""
    return [*given, *(named[it] for it in names[len(given) :] if it in named)]


def _with_parameters(values: Sequence[Any]) -> tuple[Any, ...]:
    """Return the modules and parameters among the values and in lists, each once."""
    every = [
        it for each in leaves(values) for it in (each.of if isinstance(each, Some) else [each])
    ]
    return tuple(dict.fromkeys(it for it in every if isinstance(it, (*MODULES, Parameter))))


def _partial(node: ast.Call, given: list[Any], named: dict[str, Any], names: Names) -> Function:
    """Return partial(f, 2, c=3) as the function lambda *a, **b: f(2, *a, **{"c": 3, **b}).

    Its names are no names of the code. f, 2 and 3 have the values that they have now.
    """
    own = names.new_child({"f(": given[0], "(": tuple(given[1:]), "{": named})
    each: list[ast.expr] = [ast.Starred(ast.Name(name)) for name in ("(", "*")]
    call = ast.Call(ast.Name("f("), each, [ast.keyword(None, ast.Name(it)) for it in ("{", "**")])
    arguments = ast.arguments([], [], ast.arg("*"), [], [], ast.arg("**"), [])
    # As an attribute of a class it is bound to no object.
    return Function(arguments, [ast.Return(ast.copy_location(call, node))], own, ("staticmethod",))

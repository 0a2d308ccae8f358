"""The values that the interpreter works with: functions, classes, objects and rows of modules.

Other modules define the rest: a layer (Leaf) and numbers (Tensor) are in torch_layers; w * x for
numbers that may turn out to be x (Product) in operations; a value computed from x (Flow) in
dataflow; a value that is not known (Unknown) in known_values. Python's numbers, strings, lists and
dicts stand for themselves.
"""

import ast
import builtins
import collections.abc
import numbers
from collections import ChainMap, Counter
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, NamedTuple

from pages.stack.code_text import NOWHERE, last_name
from pages.stack.dataflow import Flow
from pages.stack.known_values import (
    EXAMPLES,
    SHAPE,
    SUM,
    UNKNOWN,
    ModuleList,
    Unknown,
    is_list,
    is_number,
    leaves,
)
from pages.stack.stack import LAYERS_MOST
from pages.stack.torch_layers import Leaf, LogSoftmax, Tensor, known_layer


@dataclass(eq=False)
class Row:
    """Modules that are applied one after the other, as in nn.Sequential; more may be added."""

    parts: tuple[Any, ...]
    at: ast.AST = NOWHERE  # where in the code it is made
    named: bool = False
    """Whether the code names the modules. Otherwise torch numbers them."""
    names: tuple[Any, ...] = ()  # those that the code gives; () if they are not known

    @property
    def keys(self) -> tuple[Any, ...]:
        """The modules' names, as far as they are known."""
        return self.names if self.named else tuple(map(str, range(len(self.parts))))

    def add(self, name: Any, modules: tuple[Any, ...]) -> None:
        """Do add_module(name, module): a module of that name is replaced, where it stands."""
        if not self.named and name == str(len(self.parts)):
            self.parts += modules
            return
        keys = self.keys
        if isinstance(name, str) and name in keys:
            at = keys.index(name)
            self.parts = (*self.parts[:at], *modules, *self.parts[at + 1 :])
        else:
            self.named, keys = True, (*keys, name)
            self.parts += modules
        self.names = keys if len(keys) == len(self.parts) else ()

    def lengthen(self, modules: Sequence[Any]) -> None:
        """Do row += modules: torch gives them the numbers behind the count of those before."""
        for number, each in enumerate(modules, len(self.parts)):
            self.add(str(number), (each,))


class Default(NamedTuple):
    """What a parameter of a function is unless it is given, as the definition computes it."""

    value: Any = UNKNOWN
    remarks: Sequence[str] = ()  # what was not understood of it


@dataclass(frozen=True, eq=False)
class Function:
    """A function of the code."""

    arguments: ast.arguments
    body: Sequence[ast.stmt]
    names: "Names"  # of the scope around it
    kinds: tuple[str, ...] = ()  # its decorators' names
    unread: tuple[ast.expr, ...] = ()  # its decorators that are not read
    defaults: Mapping[str, Default] = field(default_factory=dict)  # by parameter
    of: "Class | None" = None  # the class of a method
    bound: tuple[Any, ...] = ()  # the object to which a method is bound, or ()


@dataclass(frozen=True, eq=False)
class Class:
    """A class of the code."""

    attributes: dict[str, Any]
    bases: tuple["Class", ...] = ()  # its base classes in the code
    layer: str = ""  # the layer of torch that it derives from
    fields: tuple[str, ...] = ()  # of a dataclass
    container: bool = False  # whether it derives from nn.Sequential
    unread: tuple[ast.expr, ...] = ()  # its decorators that are not read
    errors: tuple[type, ...] = ()  # Python's exceptions that it derives from

    @cached_property
    def order(self) -> tuple["Class", ...]:
        """The classes in which an attribute is looked up, in this order: each behind its own.

        It is Python's order: again and again the first class comes that is behind no other.
        """
        orders = [it.order for it in self.bases]
        if len(orders) < 2:
            return (self, *(it for order in orders for it in order))
        found, rows = [self], [[*reversed(it)] for it in (*orders, self.bases)]
        behind = Counter(it for row in rows for it in row[:-1])  # how often
        while rows := [row for row in rows if row]:
            firsts = [row[-1] for row in rows]
            found.append(next((it for it in firsts if not behind[it]), firsts[0]))
            for row in rows:
                if row[-1] is found[-1]:
                    row.pop()
                    behind.subtract(row[-1:])
        return tuple(dict.fromkeys(found))


class RaisedError(Exception):
    """An exception that the code raises within a try of its own."""

    def __init__(self, at: ast.Raise | ast.Assert, kind: Any) -> None:
        super().__init__(kind)
        self.at = at
        self.kind = kind  # Python's class, the code's own, or the name of another; or UNKNOWN


def catches(by: Any, kind: Any) -> bool | None:
    """Whether except by: … catches an exception of this kind; None if that cannot be told."""
    own = kind.order if isinstance(kind, Class) else ()
    its = [kind] if isinstance(kind, type) else [it for each in own for it in each.errors]
    if isinstance(by, type):
        caught = any(issubclass(it, by) for it in its or [Exception])
        return caught if caught or its else None
    if isinstance(by, Class):
        return None if isinstance(kind, Unknown) else by in own
    same = isinstance(by, str) and by == kind
    return same if same or (its and isinstance(by, str)) else None


@dataclass(eq=False)
class Instance:
    """An object of a class of the code."""

    of: Class
    attributes: dict[str, Any] = field(default_factory=dict)
    after: Class | None = None  # for super(), the class behind which it looks

    def found(self, name: str) -> Any:
        """Return an attribute, a method bound to the object; UNKNOWN if there is none."""
        if self.after is None and name in self.attributes:
            return self.attributes[name]
        order = self.of.order
        behind = order.index(self.after) + 1 if self.after in order else 0
        for of in order[behind:]:
            made = of.attributes.get(name, UNKNOWN)
            if isinstance(made, Function) and "staticmethod" not in made.kinds:
                of_class = "classmethod" in made.kinds
                bound = self.of if of_class else replace(self, after=None)
                made = replace(made, bound=(bound,), of=of)
            if made is not UNKNOWN:
                return made
        return UNKNOWN


@dataclass(frozen=True, eq=False)
class Named(Unknown):
    """A name that the code does not define: nn.ReLU."""

    name: ast.expr


@dataclass(frozen=True, eq=False)
class Some(Unknown):
    """Some of these values, without knowing which."""

    of: tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class Mask(Unknown):
    """The comparison of a value with 0."""

    of: Flow
    above: bool  # whether it is true above 0; otherwise it is true below
    with_zero: bool  # whether it is true at 0

    def keeps(self, value: Any, *, above: bool) -> bool:
        """Whether the mask selects this side of 0 of this value."""
        return isinstance(value, Flow) and value.nodes == self.of.nodes and above == self.above


MODULES: Final = (Leaf, Row, Instance, LogSoftmax)


class Names(ChainMap[str, Any]):
    """The values of names, from the innermost scope to the module's."""

    def __init__(self, *scopes: MutableMapping[str, Any]) -> None:
        super().__init__(*scopes)
        self.elsewhere: dict[str, MutableMapping[str, Any]] = {}
        """By name, the outer scope in which `global` or `nonlocal` has it assigned."""

    def __setitem__(self, name: str, value: Any) -> None:
        self.elsewhere.get(name, self.maps[0])[name] = value


def kind_of_error(value: Any) -> Any:
    """Return the kind of an exception, by its class or as an object: see `RaisedError.kind`."""
    if isinstance(value, Named):
        name = last_name(value.name)
        known = getattr(builtins, name, None)
        is_known = isinstance(known, type) and issubclass(known, BaseException)
        return known if is_known else name
    value = value.of if isinstance(value, Instance) else value
    return value if isinstance(value, Class) else UNKNOWN


def register(of: Instance | Class, name: Any, made: Any) -> None:
    """Set an attribute; if the object derives from nn.Sequential, its row gets the modules too."""
    if not isinstance(name, str):  # the name is not known
        name = str(len(of.attributes))
    if isinstance(of, Instance) and of.of.container and (modules := modules_in([made])):
        of.attributes.setdefault("", Row(())).add(name, modules)
    of.attributes[name] = made


def lengthened(node: ast.BinOp, row: Row, by: Any) -> Row | None:
    """Return row + row or row * number as torch makes them, numbered anew; otherwise None."""
    if isinstance(by, Row):
        return Row((*row.parts, *by.parts), node) if ast.dump(node.op) == SUM else None
    if isinstance(node.op, ast.Mult) and isinstance(by, int) and by > 0:
        return Row(row.parts * min(by, LAYERS_MOST + 1), node)
    return None


def held_in(value: Any) -> Any:
    """Return the row of modules that an object holds, or None; any other value as it is."""
    return value.attributes.get("") if isinstance(value, Instance) else value


def several_in(value: Any) -> list[Any] | tuple[Any, ...] | None:
    """Return a list's values, a dict's keys or a row's modules, as in a loop; otherwise None."""
    held = held_in(value)
    parts = held.parts if isinstance(held, Row) else held
    parts = tuple(parts) if isinstance(parts, dict) else parts
    return parts if is_list(parts) else None


def children_of(value: Any) -> tuple[Any, ...]:
    """Return the direct children of a module, in order and each once."""
    several = several_in(value)
    own = value.attributes.values() if isinstance(value, Instance) else ()
    return tuple(dict.fromkeys(filter(is_module, own if several is None else several)))


def modules_of(value: Any, *, last_first: bool) -> dict[Any, Any]:
    """Return a module and all those in it, each once and in torch's order, with its name in torch.

    A name that is not known is UNKNOWN. A plain list is taken for a ModuleList. last_first: whether
    the last child of each module comes first; this reversed is the order of torch's apply.
    """
    found: dict[Any, Any] = {}
    seen: set[int] = set()  # a list may contain itself
    pending: list[tuple[Any, Any]] = [("", value)]
    while pending:
        name, of = pending.pop()
        if id(of) in seen:
            continue
        seen.add(id(of))
        inner: list[tuple[Any, Any]] = []
        if isinstance(of, MODULES):
            found.setdefault(of, name)
        if isinstance(of, Row):
            inner = [(UNKNOWN if of.named else at, part) for at, part in enumerate(of.parts)]
        elif isinstance(of, Instance | dict):
            inner = [*(of.attributes if isinstance(of, Instance) else of).items()]
        elif is_list(of):
            inner = [*enumerate(of)]
        for key, part in inner if last_first else reversed(inner):
            whole = ".".join(str(it) for it in (name, key) if it != "")
            pending.append((UNKNOWN if UNKNOWN in (name, key) else whole, part))
    return found


def mapping_in(value: Any) -> Mapping[Any, Any] | None:
    """Return a value that is a dict, as a ModuleDict is; otherwise None."""
    held = held_in(value)
    return held if isinstance(held, dict) else None


def pairs_in(value: Any) -> tuple[Any, ...]:
    """Return the pairs of a dict, or of a list of pairs."""
    return tuple(value.items() if isinstance(value, dict) else several_in(value) or ())


def is_made(value: Any) -> bool:
    """Whether a value is known to be an object, and so not None."""
    return isinstance(value, (*MODULES, Flow, Tensor, Function, Class))


def is_of(value: Any, kinds: Sequence[Any]) -> Any:
    """Return whether a value is of one of these classes; UNKNOWN if that cannot be told."""
    own = [it for it in kinds if isinstance(it, Class)]
    each = [last_name(it.name) for it in kinds if isinstance(it, Named)]
    found = _is_of(value, own, each)
    return UNKNOWN if found is False and len(own) + len(each) < len(kinds) else found


def _is_of(value: Any, own: Sequence[Class], each: Sequence[str]) -> Any:
    """Do `is_of` for the code's own classes and for the names of others."""
    if isinstance(value, Leaf):
        return any(_is_leaf_of(value, kind) for kind in each)
    if isinstance(value, Row) and value.parts:
        return any(kind in ("Sequential", "Module") for kind in each)
    if isinstance(value, Row) and isinstance(of := getattr(value.at, "func", None), ast.Attribute):
        # A layer that was left out; _BatchNorm and RNNBase are bases of several layers.
        bases = [kind for kind in each if not kind[:1].isupper() or kind.endswith("Base")]
        plain = last_name(of.value) == "nn" and not bases
        if {of.attr, "Module"} & {*each}:
            return True
        return False if plain else UNKNOWN
    if isinstance(value, Instance) and not own and all(map(known_layer, each)):
        return known_layer(value.of.layer) in map(known_layer, each)
    if isinstance(value, ModuleList):
        return not {"ModuleList", "Module"}.isdisjoint(each)
    if value is None or is_number(value) or is_list(value) or isinstance(value, str | dict):
        every = (builtins, collections.abc, numbers)
        classes = [getattr(of, kind, None) for of in every for kind in each]
        if isinstance(value, tuple(it for it in classes if isinstance(it, type))):
            return True
        return UNKNOWN if isinstance(value, dict) and "dict" in "".join(each).lower() else False
    return UNKNOWN


def _is_leaf_of(leaf: Leaf, kind: str) -> bool:
    """Whether a layer is of a class of torch, as a Conv1d is of Conv1d, _ConvNd and Module."""
    if kind.endswith("Nd"):
        return leaf.item.name in (known_layer(kind.replace("Nd", axes)) for axes in ("1d", "2d"))
    if kind in ("_Loss", "_WeightedLoss"):
        return bool(leaf.item.layer.data)
    return kind == "Module" or known_layer(kind) == leaf.item.name


def unpacked(value: Any, targets: Sequence[ast.expr]) -> list[Any]:
    """Return the value of each target of a, *b = value; a flow goes to the first of them."""
    count = len(targets)
    several = several_in(value)
    if several is None:
        first = value if isinstance(value, Flow) else UNKNOWN
        first = EXAMPLES if value is SHAPE else first
        return [first, *[UNKNOWN] * count][:count]
    starred = [at for at, each in enumerate(targets) if isinstance(each, ast.Starred)]
    for at in starred[:1]:
        behind = len(several) - (count - at - 1)
        if behind >= at:
            return [*several[:at], [*several[at:behind]], *several[behind:]]
    return [*several] if len(several) == count and not starred else [UNKNOWN] * count


def forward_of(of: Instance) -> Any:
    """Return the method that applies a module: __call__, if it does more than to call forward."""
    made = of.found("__call__")
    match made:
        case Function(ast.arguments(args=[first, *_]), [ast.Return(ast.Call() as call)]):
            given = [*call.args, *(it.value for it in call.keywords)]
            plain = all(isinstance(getattr(it, "value", it), ast.Name) for it in given)
            if plain and ast.unparse(call.func) == f"{first.arg}.forward":
                made = UNKNOWN
    return of.found("forward") if made is UNKNOWN else made


def is_module(value: Any) -> bool:
    """Whether a value can be applied to x."""
    if isinstance(value, Instance):
        container = value.of.container or "" in value.attributes
        return container or isinstance(forward_of(value), Function)
    return isinstance(value, (Leaf, Row, LogSoftmax))


def makes(value: Any) -> bool:
    """Whether a value is or contains a module, or a flow."""
    return any(is_module(each) or isinstance(each, Flow) for each in leaves([value]))


def modules_in(values: Sequence[Any]) -> tuple[Any, ...]:
    """Return all modules in lists, in dicts and in pairs of name and module, in order."""
    return tuple(each for each in leaves(values) if is_module(each))

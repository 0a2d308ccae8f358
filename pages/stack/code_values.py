"""What the values of a pasted code are: its functions, classes and objects, modules in a row.

Others are a layer (Leaf) and numbers (Tensor), of torch_layers; w * x of numbers that may yet turn
out to be x (Product), of operations; what comes from x (Flow), of dataflow; Python's own numbers,
texts, lists and dicts; and what is not known (Unknown), of known_values.
"""

import ast
from collections import ChainMap
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from pages.stack.code_text import NOWHERE, last_name
from pages.stack.dataflow import Flow
from pages.stack.known_values import (
    EXAMPLES,
    SHAPE,
    SUM,
    UNKNOWN,
    Unknown,
    is_list,
    is_number,
    leaves,
)
from pages.stack.stack import LAYERS_MOST
from pages.stack.torch_layers import Leaf, LogSoftmax, Tensor, known_layer


@dataclass(eq=False)
class Row:
    """Modules that are applied one after the other; more may come. at: where it is made.

    named: whether the code gives them names, which are not kept; else torch counts them.
    """

    parts: tuple[Any, ...]
    at: ast.AST = NOWHERE
    named: bool = False


@dataclass(frozen=True, eq=False)
class Function:
    """Of the code; names: those around it. of: of which class it is a method, and bound: to what.

    kinds: what decorates it.
    """

    arguments: ast.arguments
    body: Sequence[ast.stmt]
    names: "Names"
    kinds: tuple[str, ...] = ()
    of: "Class | None" = None
    bound: tuple[Any, ...] = ()


@dataclass(frozen=True, eq=False)
class Class:
    """Of the code. bases: those that are too; fields: what a dataclass is made of.

    layer: the layer of torch that it derives from, "" for none; container: from nn.Sequential.
    """

    attributes: dict[str, Any]
    bases: tuple["Class", ...] = ()
    layer: str = ""
    fields: tuple[str, ...] = ()
    container: bool = False

    @property
    def order(self) -> tuple["Class", ...]:
        """In which an attribute is looked for."""
        return (self, *(it for base in self.bases for it in base.order))


@dataclass(eq=False)
class Instance:
    """Of a class of the code; behind super() it is looked for after one of its classes."""

    of: Class
    attributes: dict[str, Any] = field(default_factory=dict)
    after: Class | None = None

    def found(self, name: str) -> Any:
        """An attribute; a method is bound to it."""
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
    """What is not of the code, by its name: nn.ReLU."""

    name: ast.expr


@dataclass(frozen=True, eq=False)
class Some(Unknown):
    """Of these values some, it is not known which."""

    of: tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class Mask(Unknown):
    """Where a value is above 0, or where it is below; with_zero: where it is 0 too."""

    of: Flow
    above: bool
    with_zero: bool

    def keeps(self, value: Any, *, above: bool) -> bool:
        """Whether it is this side of this very value."""
        return isinstance(value, Flow) and value.nodes == self.of.nodes and above == self.above


MODULES: Final = (Leaf, Row, Instance, LogSoftmax)


class Names(ChainMap[str, Any]):
    """The values of names, from the innermost scope to the module's.

    elsewhere: by name, the outer scope in which `global` or `nonlocal` has it assigned.
    """

    def __init__(self, *scopes: MutableMapping[str, Any]) -> None:
        super().__init__(*scopes)
        self.elsewhere: dict[str, MutableMapping[str, Any]] = {}

    def __setitem__(self, name: str, value: Any) -> None:
        self.elsewhere.get(name, self.maps[0])[name] = value


def register(of: Instance | Class, name: Any, made: Any) -> None:
    """Gives an attribute; one that derives from nn.Sequential applies its modules in order."""
    if not isinstance(name, str):  # it cannot be told
        name = str(len(of.attributes))
    if isinstance(of, Instance) and of.of.container and name not in of.attributes:
        held = of.attributes.setdefault("", Row(()))
        held.parts += modules_in([made])
        held.named = True
    of.attributes[name] = made


def lengthened(node: ast.BinOp, row: Row, by: Any) -> Row | None:
    """Of two rows, or of one several times over, as torch's + and * make it; None of others."""
    if isinstance(by, Row):
        parts, named = (*row.parts, *by.parts), row.named or by.named
        return Row(parts, node, named) if ast.dump(node.op) == SUM else None
    if isinstance(node.op, ast.Mult) and isinstance(by, int) and by > 0:
        return Row(row.parts * min(by, LAYERS_MOST + 1), node, row.named)
    return None


def held_in(value: Any) -> Any:
    """What an object of a class that derives from a container holds; another value itself."""
    return value.attributes.get("") if isinstance(value, Instance) else value


def several_in(value: Any) -> list[Any] | tuple[Any, ...] | None:
    """What a loop goes through: a list's values, or modules in a row; None of another."""
    held = held_in(value)
    parts = held.parts if isinstance(held, Row) else held
    parts = tuple(parts) if isinstance(parts, dict) else parts
    return parts if is_list(parts) else None


def children_of(value: Any) -> tuple[Any, ...]:
    """The modules right in it, in order."""
    several = several_in(value)
    own = value.attributes.values() if isinstance(value, Instance) else ()
    return tuple(filter(is_module, own if several is None else several))


def modules_of(value: Any, *, last_first: bool) -> dict[Any, Any]:
    """A module and all those in it, each once and in torch's order, with its name in torch.

    UNKNOWN where the name is. A plain list is taken for a ModuleList. last_first: of those
    in a module; backwards they are in the order of torch's apply.
    """
    found: dict[Any, Any] = {}
    seen: set[int] = set()  # a list may lie in itself
    pending: list[tuple[Any, Any]] = [("", value)]
    while pending:
        name, of = pending.pop()
        if id(of) in seen:
            continue
        inner: list[tuple[Any, Any]] = []
        if isinstance(of, MODULES):
            found.setdefault(of, name)
        if isinstance(of, Row):
            inner = [(UNKNOWN if of.named else at, part) for at, part in enumerate(of.parts)]
        elif isinstance(of, Instance | dict):
            inner = [*(of.attributes if isinstance(of, Instance) else of).items()]
        elif is_list(of):
            inner = [*enumerate(of)]
        seen |= {id(of)} if inner else set()
        for key, part in inner if last_first else reversed(inner):
            whole = ".".join(str(it) for it in (name, key) if it != "")
            pending.append((UNKNOWN if UNKNOWN in (name, key) else whole, part))
    return found


def mapping_in(value: Any) -> Mapping[Any, Any] | None:
    """What a dict has, or modules with names; None of another."""
    held = held_in(value)
    return held if isinstance(held, dict) else None


def pairs_in(value: Any) -> tuple[Any, ...]:
    """Of a dict, or of a list of them."""
    return tuple(value.items() if isinstance(value, dict) else several_in(value) or ())


def is_made(value: Any) -> bool:
    """Whether it is an object, of a class or by a function, and so not None."""
    return isinstance(value, (*MODULES, Flow, Tensor, Function, Class))


def is_of(value: Any, kinds: ast.expr) -> Any:
    """Whether isinstance(value, kinds) holds, as far as both are known."""
    each = [*map(last_name, kinds.elts if isinstance(kinds, ast.Tuple) else [kinds])]
    if isinstance(value, Leaf):
        return any(kind == "Module" or known_layer(kind) == value.item.name for kind in each)
    if isinstance(value, Row) and value.parts:
        return any(kind in ("Sequential", "Module") for kind in each)
    if isinstance(value, Row) and isinstance(of := getattr(value.at, "func", None), ast.Attribute):
        # Of a layer that is left out; _BatchNorm and RNNBase are bases of several.
        bases = [kind for kind in each if not kind[:1].isupper() or kind.endswith("Base")]
        plain = last_name(of.value) == "nn" and not bases
        return True if {of.attr, "Module"} & {*each} else False if plain else UNKNOWN
    if isinstance(value, Instance) and all(map(known_layer, each)):
        return any(known_layer(kind) == value.of.layer for kind in each)
    if is_number(value) or is_list(value) or isinstance(value, str | dict):
        own = (type(value).__name__, *(["ModuleList"] if isinstance(value, list) else []))
        return any(kind in own for kind in each)
    return UNKNOWN


def unpacked(value: Any, targets: Sequence[ast.expr]) -> list[Any]:
    """What each target of a, *b = value is; what is no list is the first of them."""
    count = len(targets)
    several = several_in(value)
    if several is None:
        first = EXAMPLES if value is SHAPE else value if isinstance(value, Flow) else UNKNOWN
        return [first, *[UNKNOWN] * count][:count]
    starred = [at for at, each in enumerate(targets) if isinstance(each, ast.Starred)]
    for at in starred[:1]:
        behind = len(several) - (count - at - 1)
        if behind >= at:
            return [*several[:at], [*several[at:behind]], *several[behind:]]
    return [*several] if len(several) == count and not starred else [UNKNOWN] * count


def forward_of(of: Instance) -> Any:
    """What applies it."""
    made = of.found("forward")
    return of.found("__call__") if made is UNKNOWN else made


def is_module(value: Any) -> bool:
    """Whether it can be applied to x."""
    if isinstance(value, Instance):
        container = value.of.container or "" in value.attributes
        return container or isinstance(forward_of(value), Function)
    return isinstance(value, (Leaf, Row, LogSoftmax))


def makes(value: Any) -> bool:
    """Whether there is a module in it, or what comes from x."""
    return any(is_module(each) or isinstance(each, Flow) for each in leaves([value]))


def modules_in(values: Sequence[Any]) -> tuple[Any, ...]:
    """All modules of lists, of dicts and of pairs with their names, in order."""
    return tuple(each for each in leaves(values) if is_module(each))

"""From PyTorch code to a stack: its syntax tree is read, and nothing of it is ever run.

What is understood are layers of torch.nn, nn.Sequential, classes with a forward of plain calls,
functions that are layers (F.relu, F.conv1d with its weights, torch.cat, x + y), the code's own
functions, names, lists and loops over them, conditions that are known, arithmetic on small numbers.
What is not is named with its line and column, and the rest is kept.
"""

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, takewhile
from math import prod
from typing import Any, Final, NamedTuple

from engine.arrays import Extent
from pages.explain.catalogue import say
from pages.stack.known_values import (
    CHANGES,
    LIST_MOST,
    SUM,
    UNKNOWN,
    Unknown,
    built_in,
    changed,
    compared,
    computed,
    is_list,
    is_number,
    part,
    truth,
)
from pages.stack.stack import (
    BIAS,
    ENTRIES_MOST,
    LAYERS,
    LAYERS_MOST,
    RESIDUAL,
    Item,
    Path,
    Stack,
    StackError,
    fields_of,
    item,
    joins,
    new_item,
    refuse,
)
from pages.stack.start import input_shape, other_shapes

TEXT_MOST: Final = 50_000
NESTED_MOST: Final = 40
"""So deep may brackets lie in each other."""
UNREAD_MOST: Final = 60
TRIED_MOST: Final = 1_500_000
"""So many lines that are no Python are left out, and so many signs are read again for them."""
CALLS_MOST: Final = 8
"""So deep may the forward of one class call that of another."""
QUOTED_MOST: Final = 40
"""So many signs of the code are quoted."""
WORK_MOST: Final = 100_000
"""So many expressions are looked at."""

_ALIASES: Final[Mapping[str, str]] = {
    "maxpool1d": "maxpool",
    "avgpool1d": "avgpool",
    "crossentropyloss": "softmaxcrossentropy",
    "crossentropy": "softmaxcrossentropy",
    "cat": "concat",
    "concatenate": "concat",
    "max": "maximum",
}
"""Where torch's name is not that of the layer here, in small letters, without underscores."""
_POSITIONS: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("conv1d", "conv2d"),
        "in_channels out_channels kernel_size stride padding dilation groups bias padding_mode",
    ),
    "linear": "in_features out_features bias",
    **dict.fromkeys(
        ("maxpool", "maxpool2d"), "kernel_size stride padding dilation return_indices ceil_mode"
    ),
    **dict.fromkeys(
        ("avgpool", "avgpool2d"),
        "kernel_size stride padding ceil_mode count_include_pad divisor_override",
    ),
    "leakyrelu": "negative_slope inplace",
    "relu": "inplace",
    "softplus": "beta threshold",
    "flatten": "start_dim end_dim",
}
"""The arguments of torch.nn's layers in their order; of others those that are known here."""
_BEHIND: Final[Mapping[str, str]] = dict.fromkeys(
    ("conv1d", "conv2d"), "stride padding dilation groups"
)
"""Those that follow the weight and the bias of a function."""
_DEFAULTS: Final[Mapping[str, Any]] = {
    "padding_mode": "zeros",
    "return_indices": False,
    "divisor_override": None,
    "beta": 1,
    "threshold": 20,
    "start_dim": 1,
    "end_dim": -1,
    "weight": None,
    "reduction": "mean",
    "label_smoothing": 0,
    "ignore_index": -100,
}
"""What torch.nn takes where nothing is said: said, it means nothing to a layer without it."""
_KERAS: Final = re.compile(r"\bkeras\b|\bDense\(|\bMaxPooling[12]D\(")
_TORCH: Final = re.compile(r"\btorch\b|\bnn\.")
_SILENT: Final = ("inplace", "device", "dtype")
_SAME_MODULE: Final = ("to", "cuda", "cpu", "eval", "train", "float", "double")
_CONTAINERS: Final = ("Sequential", "ModuleList", "OrderedDict")
_TENSORS: Final = ("randn", "rand", "zeros", "ones", "empty", "full")
_NUMBERS: Final = ("tensor", "LongTensor", "FloatTensor", "Parameter", "array", "float64")
_SAME_NUMBERS: Final = (*_SAME_MODULE, "requires_grad_", "clone", "detach", "contiguous")
_SEEN: Final = ("size", "dim", "numel", "retain_grad", "backward", "tolist", "item")
"""What is asked of a value, or done with it, that makes no other."""


@dataclass(frozen=True)
class Pasted:
    """What was understood: the stack, what was not, a sentence each, and a shape of x that fits."""

    stack: Stack
    remarks: tuple[str, ...]
    input: Extent | None


def read_pytorch(text: str) -> Pasted:
    """The network in a text with PyTorch code. Raises StackError where there is none."""
    if len(text) > TEXT_MOST:
        refuse("paste.length", length=f"{len(text):,}", most=f"{TEXT_MOST:,}")
    if _KERAS.search(text) and not _TORCH.search(text):
        refuse("paste.keras")
    try:
        reader = _Reader()
        reader.run(reader.parsed(text).body, reader.names)
        return reader.pasted()
    except (RecursionError, MemoryError):
        refuse("paste.deep", most=NESTED_MOST)


# --- what the code's values are


@dataclass(frozen=True, eq=False)
class _Leaf:
    """A layer with its own weights; weights: the shape of w as the code has it."""

    item: Item
    weights: Extent = ()


@dataclass(frozen=True, eq=False)
class _Row:
    """Modules that are applied one after the other."""

    parts: tuple[Any, ...]


@dataclass(eq=False)
class _Instance:
    """Of a class of the code."""

    of: ast.ClassDef
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _Node:
    """A layer that was applied once."""

    leaf: _Leaf
    at: ast.AST
    branches: tuple["_Flow", ...] = ()


class _Flow(NamedTuple):
    """A value that comes from x: what was applied to it, one after the other."""

    nodes: tuple[_Node, ...] = ()


@dataclass(frozen=True, eq=False)
class _Tensor:
    """Numbers that are made in the code: their shape, and what they are where that is said."""

    shape: Extent
    numbers: Any = None


_MODULES: Final = (_Leaf, _Row, _Instance)


class _Reader:
    """Reads statements as far as they make layers or apply them."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {}
        self.classes: dict[str, ast.ClassDef] = {}
        self.remarks: list[str] = []
        self.unread: dict[int, str] = {}  # why, by line
        self.found: list[Any] = []
        self.loose: list[Any] = []
        self.input: Extent | None = None
        self.x: _Tensor | None = None
        self.loss: _Leaf | None = None
        self.depth = self.within = self.indent = self.work = 0

    # --- from text to a tree

    def parsed(self, text: str) -> ast.Module:
        """The tree of what is Python in the text, on the same lines."""
        lines = _code(text)
        indents = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
        self.indent = min(indents, default=0)
        lines = [line[self.indent :] for line in lines]
        if _nested("\n".join(lines)) > NESTED_MOST:
            refuse("paste.deep", most=NESTED_MOST)
        most = min(UNREAD_MOST, TRIED_MOST // max(1, len(text)))
        commas: list[int] = []
        while True:
            try:
                tree = ast.parse("\n".join(lines))
                break
            except (SyntaxError, ValueError) as error:
                line = getattr(error, "lineno", None) or 0
                what = getattr(error, "msg", str(error)).rstrip("?")
                tried = len(self.unread) + len(commas)
                if not 0 < line <= len(lines) or line in self.unread or tried >= most:
                    refuse("paste.python", line=line or 1, error=what)
                if "forgot a comma" in what and line not in commas and line < len(lines):
                    commas.append(line)  # before the next line, since behind this may be a remark
                    lines[line] = f",{lines[line].removeprefix(' ')}"
                else:
                    self.unread[line] = what
                    lines[line - 1] = ""
                    if line in commas:
                        lines[line] = lines[line].removeprefix(",")
        for key, found in (("comma", {*commas} - {*self.unread}), ("unread", {*self.unread})):
            if found:
                said = ", ".join(map(str, sorted(found)))
                self.remarks.append(say(f"paste.{key}", len(found), lines=said))
        return tree

    def remark(self, at: ast.AST, key: str, **gaps: Any) -> None:
        """Says something about a place, once."""
        column = getattr(at, "col_offset", 0) + 1 + self.indent
        line = getattr(at, "lineno", 1)
        said = say("paste.place", line=line, column=column, problem=say(key, **gaps))
        if said not in self.remarks:
            self.remarks.append(said)

    # --- statements

    def run(self, body: Sequence[ast.stmt], names: dict[str, Any]) -> Any:
        """What is returned."""
        for statement in body:
            match statement:
                case ast.Assign(targets=targets, value=value):
                    made = self.value(value, names)
                    for target in targets:
                        self.assign(target, made, names)
                case ast.AnnAssign(target=target, value=ast.expr() as value):
                    self.assign(target, self.value(value, names), names)
                case ast.AugAssign(target=target, op=op, value=value):
                    both = ast.copy_location(ast.BinOp(target, op, value), statement)
                    self.assign(target, self.value(both, names), names)
                case ast.Return(value=ast.expr() as value):
                    return self.value(value, names)
                case ast.Expr(value=value):
                    made = self.value(value, names)
                    if names is self.names:
                        self.loose += made if isinstance(made, tuple) else [made]
                        self.note(made)
                case ast.ClassDef(name=name):
                    self.classes[name] = statement
                case ast.FunctionDef(name=name):
                    names[name] = statement
                case ast.With(body=inner):
                    if (made := self.run(inner, names)) is not None:
                        return made
                case ast.If(test=ast.Compare(left=ast.Name(id="__name__")), body=inner):
                    self.run(inner, names)
                case ast.For(target=target, iter=over, body=inner) if (
                    several := _several(self.value(over, names))
                ) is not None:
                    for one in several:
                        self.assign(target, one, names)
                        self.run(inner, names)
                case ast.If(test=test, body=inner, orelse=other) if (
                    holds := self.holds(test, names)
                ) is not None:
                    if (made := self.run(inner if holds else other, names)) is not None:
                        return made
                case ast.If() | ast.For() | ast.While() | ast.Try() if self.within:
                    what = type(statement).__name__.lower()
                    self.remark(statement, "paste.statement", what=what)
        return None

    def assign(self, target: ast.expr, made: Any, names: dict[str, Any]) -> None:
        """Gives a name to a value."""
        match target:
            case ast.Name(id=name):
                names[name] = made
                if names is self.names:
                    self.note(made)
            case ast.Attribute(value=of, attr=name):
                if isinstance(instance := self.value(of, names), _Instance):
                    instance.attributes[name] = made
            case ast.Tuple(elts=each) if isinstance(made, tuple) and len(made) == len(each):
                for one, its in zip(each, made, strict=True):
                    self.assign(one, its, names)

    def note(self, made: Any) -> None:
        """What may be the network that is meant."""
        if isinstance(made, _Leaf) and made.item.layer.data:
            self.loss = made
        elif isinstance(made, (*_MODULES, _Flow)):
            self.found.append(made)

    # --- expressions

    def value(self, node: ast.expr, names: dict[str, Any]) -> Any:
        """What an expression stands for."""
        self.work += 1
        if self.work > WORK_MOST:
            refuse("paste.work", most=f"{WORK_MOST:,}")
        match node:
            case ast.Constant(value=int() | float() | str() | None as value):
                return value
            case ast.Name(id=name):
                return names.get(name, UNKNOWN)
            case ast.Attribute(value=of, attr=name):
                made = self.value(of, names)
                return (
                    made.attributes.get(name, UNKNOWN) if isinstance(made, _Instance) else UNKNOWN
                )
            case ast.Tuple(elts=each) | ast.List(elts=each):
                return self.values(each, names, told=self.within > 0)
            case (
                ast.ListComp(elt=one, generators=loops)
                | ast.GeneratorExp(elt=one, generators=loops)
            ):
                if (made := self.comprehended(one, loops, names)) is None and self.within:
                    self.remark(node, "paste.statement", what="for")
                return UNKNOWN if made is None else made
            case ast.IfExp(test=test, body=one, orelse=other):
                holds = self.holds(test, names)
                for kept in (one, other) if holds is None else ():
                    if isinstance(made := self.value(kept, names), (*_MODULES, _Flow)):
                        self.remark(node, "paste.left_out", code=_quoted(node), kept=_quoted(kept))
                        return made
                return UNKNOWN if holds is None else self.value(one if holds else other, names)
            case ast.Dict(keys=keys, values=values) if None not in keys:
                return tuple(("", self.value(value, names)) for value in values)
            case ast.UnaryOp(op=op, operand=operand):
                value = self.seen(self.value(operand, names))
                if isinstance(value, _Flow):
                    self.remark(node, "paste.left_out", code=_quoted(node), kept=_quoted(operand))
                    return value
                return -value if isinstance(op, ast.USub) and is_number(value) else UNKNOWN
            case ast.BinOp(left=left, op=op, right=right):
                return self.operation(node, self.value(left, names), op, self.value(right, names))
            case ast.Subscript(value=of, slice=at):
                several = self.seen(self.value(of, names))
                if isinstance(several, _Flow):
                    self.remark(node, "paste.left_out", code=_quoted(node), kept=_quoted(of))
                    return several
                found = part(_several(several) or (), self.index(at, names))
                return _Row(found) if isinstance(several, _Row) and is_list(found) else found
            case ast.Call():
                return self.call(node, names)
        return UNKNOWN

    def values(
        self, each: Sequence[ast.expr], names: dict[str, Any], *, told: bool = False
    ) -> tuple[Any, ...]:
        """Those of a list; *layers are all of them. told: it is said where they are not known."""
        found: list[Any] = []
        for one in each:
            if isinstance(one, ast.Starred):
                several = _several(self.value(one.value, names))
                itself = isinstance(one.value, ast.ListComp | ast.GeneratorExp)  # tells it
                if several is None and told and not itself:
                    self.remark(one, "paste.statement", what=_quoted(one))
                found += several or ()
            else:
                found.append(self.value(one, names))
        return tuple(found[:ENTRIES_MOST])

    def operation(self, node: ast.BinOp, left: Any, op: ast.operator, right: Any) -> Any:
        """x + y, of flows and of lists, and arithmetic on numbers that stay small."""
        if isinstance(left, _Flow) or isinstance(right, _Flow):
            left, right = self.seen(left), self.seen(right)
        if isinstance(left, _Flow) or isinstance(right, _Flow):
            if ast.dump(op) == SUM and isinstance(left, _Flow) and isinstance(right, _Flow):
                return self.joined(node, "add", {}, [left, right])
            kept = node.left if isinstance(left, _Flow) else node.right
            self.remark(node, "paste.operation", code=_quoted(node), kept=_quoted(kept))
            return left if isinstance(left, _Flow) else right
        return computed(op, left, right)

    def index(self, at: ast.expr, names: dict[str, Any]) -> Any:
        """What stands in the brackets behind a list: a number, or a slice."""
        if not isinstance(at, ast.Slice):
            return self.value(at, names)
        return slice(*(each and self.value(each, names) for each in (at.lower, at.upper, at.step)))

    def comprehended(
        self, one: ast.expr, loops: Sequence[ast.comprehension], names: dict[str, Any]
    ) -> tuple[Any, ...] | None:
        """[layer(size) for size in sizes if size]; None where it is not known over what."""
        if not loops:
            return (self.value(one, names),)
        loop, *inner = loops
        found: tuple[Any, ...] = ()
        over = _several(self.value(loop.iter, names))
        for each in over or ():
            own = dict(names)
            self.assign(loop.target, each, own)
            conditions = [self.holds(test, own) for test in loop.ifs]
            made = self.comprehended(one, inner, own) if all(conditions) else ()
            if made is None or None in conditions:
                return None
            found += made
        return None if over is None else found[:LIST_MOST]

    def holds(self, test: ast.expr, names: dict[str, Any]) -> bool | None:
        """Whether a condition holds; None where that is not known."""
        match test:
            case ast.UnaryOp(op=ast.Not(), operand=of):
                holds = self.holds(of, names)
                return None if holds is None else not holds
            case ast.BoolOp(op=op, values=values):
                decides = isinstance(op, ast.Or)
                each = [self.holds(value, names) for value in values]
                if decides in each:
                    return decides
                return None if None in each else not decides
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return compared(op, self.value(left, names), self.value(right, names))
        return truth(self.value(test, names))

    def call(self, node: ast.Call, names: dict[str, Any]) -> Any:
        """A layer that is made, or one that is applied."""
        within = self.within
        name = _last(node.func)
        if name in _CONTAINERS:
            self.within += 1
        given = [*self.values(node.args, names, told=name in _CONTAINERS)]
        named = {each.arg: self.value(each.value, names) for each in node.keywords if each.arg}
        self.within = within
        if isinstance(node.func, ast.Attribute):
            of = self.value(node.func.value, names)
            if isinstance(of, _Flow):
                return self.method(node, name, of, given, named)
            if isinstance(of, _MODULES) and name in _SAME_MODULE:
                return of
            if isinstance(of, _Tensor):
                sizes, reshaped = _sizes(given), name in ("view", "reshape")
                rows = reshaped and len(sizes) == 2 < len(of.shape)
                if name in _SAME_NUMBERS or (reshaped and _alike(of.shape, sizes) and not rows):
                    return of
                if _known(name) or rows:  # x.relu()
                    return self.method(node, name, self.as_flow(of), given, named)
            if name == "__init__" and "super" in names and given:  # super().__init__(layers)
                names["super"].attributes[""] = _Row(_modules(given))
            if self.changes(node.func.value, of, name, given, names):
                return UNKNOWN
            own = _method(of.of, name) if isinstance(of, _Instance) else None
            if own is not None and name not in of.attributes:
                return self.inner(own, [of, *given], named)
        callee = self.value(node.func, names)
        if isinstance(callee, ast.FunctionDef):
            said = len(self.remarks)
            made = self.inner(callee, given, named)
            if not isinstance(made, (*_MODULES, _Flow)):  # it was about something else
                del self.remarks[said:]
            return made
        if isinstance(callee, _MODULES):
            return self.applied(node, callee, [*map(self.as_flow, given[:1]), *given[1:]])
        if name in self.classes and isinstance(node.func, ast.Name):
            return self.instance(self.classes[name], given, named)
        if name in _CONTAINERS:
            return _Row(_modules(given)) if name == "Sequential" else _modules(given)
        if name in _TENSORS:
            given = given or [named.get("size", ())]
            sizes = _sizes(given)
            whole = all(isinstance(each, int) and each > 0 for each in sizes)
            return _Tensor(sizes) if whole else UNKNOWN
        if name in _NUMBERS and given:
            return given[0] if isinstance(given[0], _Tensor) else _tensor(given[0])
        if isinstance(node.func, ast.Name) and (made := built_in(name, given)) is not UNKNOWN:
            return made
        if name.islower() and (_known(name) or _last(getattr(node.func, "value", node)) == "F"):
            if not _flows(given):
                for each in _sizes(given)[:1]:
                    self.as_flow(each)
            given = [*map(self.seen, given)]
        if flows := _flows(given):
            return self.function(node, name, flows, given, named)
        return self.made(node, name, given, named)

    def changes(
        self, place: ast.expr, of: Any, name: str, given: list[Any], names: dict[str, Any]
    ) -> bool:
        """Whether a method changes a list, or modules, in a place: layers.append(nn.ReLU())."""
        if name == "add_module" and isinstance(of, _Instance) and len(given) == 2:
            of.attributes[str(given[0])] = given[1]
            return True
        if name == "add_module" and isinstance(of, _Row):
            name, given = "append", given[1:]
        several = _several(of)
        if several is None or name not in CHANGES:
            return False
        made = changed(several, name, [*map(_several, given)] if name == "extend" else given)
        row = isinstance(of, _Row) and is_list(made)
        self.assign(place, _Row(_modules(made)) if row else made, names)
        return True

    def as_flow(self, value: Any) -> Any:
        """Numbers that are made in the code are an x."""
        if isinstance(value, _Tensor):
            self.input, self.x = value.shape, value
            return _Flow()
        return value

    def seen(self, value: Any) -> Any:
        """Where it is x, or has it in it, what comes from there."""
        if is_list(value):
            return tuple(map(self.seen, value))
        return _Flow() if value is self.x and self.x else value

    # --- modules

    def made(self, node: ast.Call, name: str, given: list[Any], named: dict[str, Any]) -> Any:
        """A module of torch.nn; nothing, and a remark, where it is not known."""
        known = _known(name)
        of_torch = isinstance(node.func, ast.Attribute) and _last(node.func.value) == "nn"
        if name.islower() or not (known or of_torch or self.within):
            return UNKNOWN
        if name == "Identity":
            return _Row(())
        leaf = self.leaf(node, name, known, given, named) if known else None
        if not known and name[:1].isupper():
            self.remark(node, "paste.layer", name=name)
        return leaf or (_Row(()) if known or name[:1].isupper() else UNKNOWN)

    def leaf(
        self, node: ast.Call, name: str, known: str, given: list[Any], named: dict[str, Any]
    ) -> _Leaf | None:
        """A layer with torch's arguments; None, and a remark, where it cannot be."""
        fields = [each.name for each in fields_of(known)]
        order = _POSITIONS.get(known, " ".join(fields)).split()[name.startswith("Lazy") :]
        said = {**dict(zip(order, given, strict=False)), **named}
        read = 0
        arguments: dict[str, Any] = {BIAS: True} if BIAS in fields else {}
        for key, value in said.items():
            own = "filters" if key == "out_channels" and "filters" in fields else key
            if own in fields and isinstance(value, int | float | str | tuple | None):
                arguments[own] = value
            elif key in ("in_channels", "in_features") and isinstance(value, int):
                read = value
            elif key not in _SILENT and (key not in _DEFAULTS or value != _DEFAULTS[key]):
                self.remark(node, "paste.argument", layer=name, argument=key)
        kernel = [each.axes for each in LAYERS[known].sizes if each.name == "kernel_size"]
        if kernel and arguments.get("padding") in ("same", "valid"):
            arguments["padding"] = _padding(arguments, *kernel)
        try:
            new = item(known, arguments, new_item(known).data if LAYERS[known].data else ())
        except StackError as error:
            self.remark(node, "paste.refused", problem=error)
            return None
        return _Leaf(new, _weights(new, read) if read else ())

    def instance(self, of: ast.ClassDef, given: list[Any], named: dict[str, Any]) -> Any:
        """An object of a class of the code."""
        made = _Instance(of)
        init = _method(of, "__init__")
        if init is not None:
            self.inner(init, [made, *given], named)
        if _method(of, "forward") is None:
            return made.attributes.get("", _Row(()))
        return made

    def inner(self, of: ast.FunctionDef, given: list[Any], named: Mapping[str, Any]) -> Any:
        """What a method of a class returns."""
        if self.depth >= CALLS_MOST:
            refuse("paste.calls", most=CALLS_MOST)
        arguments = [each.arg for each in (*of.args.posonlyargs, *of.args.args)]
        defaults = [self.value(each, self.names) for each in of.args.defaults]
        names = dict(self.names)
        names |= dict(zip(arguments[len(arguments) - len(defaults) :], defaults, strict=True))
        names |= {**dict(zip(arguments, given, strict=False)), **named}
        names |= {"super": given[0]} if given and isinstance(given[0], _Instance) else {}
        self.depth += 1
        self.within += 1
        try:
            return self.run(of.body, names)
        finally:
            self.depth -= 1
            self.within -= 1

    def applied(self, node: ast.AST, module: Any, given: list[Any]) -> Any:
        """What a module makes of a flow."""
        if not given or not isinstance(given[0], _Flow):
            return UNKNOWN
        flow: Any = given[0]
        if isinstance(module, _Row):
            for part in module.parts:
                flow = self.applied(node, part, [flow])
            return flow
        if isinstance(module, _Instance):
            forward = _method(module.of, "forward")
            assert forward is not None
            returned = self.inner(forward, [module, *given], {})
            return next(iter(_flows([returned])), UNKNOWN)
        if isinstance(module, _Leaf):
            if module.item.layer.data and len(given) > 1:
                module = _labelled(module, given[1])
            if len(flow.nodes) >= LAYERS_MOST:
                refuse("stack.layers", count=len(flow.nodes) + 1, most=LAYERS_MOST)
            return _Flow((*flow.nodes, _Node(module, node)))
        return flow

    # --- functions

    def method(
        self, node: ast.Call, name: str, flow: _Flow, given: list[Any], named: dict[str, Any]
    ) -> Any:
        """x.relu(), x.view(x.size(0), -1), …"""
        if name in _SEEN:
            return UNKNOWN
        if name in ("view", "reshape"):
            sizes = _sizes(given)
            shape = _stack(flow, {}).shape(self.input) if self.input else None
            rows = shape and len(shape) > 2 and len(sizes) == 2 and sizes[0] == shape[0]
            if rows or (len(sizes) == 2 and -1 in sizes):
                return self.applied(node, _Leaf(new_item("flatten")), [flow])
            if shape is None or not _alike(shape, sizes):
                self.remark(node, "paste.function", name=name)
            return flow
        if name in _SAME_NUMBERS:
            return flow
        return self.function(node, name, [flow, *_flows(given)], given, named)

    def function(
        self,
        node: ast.Call,
        name: str,
        flows: list[_Flow],
        given: list[Any],
        named: dict[str, Any],
    ) -> Any:
        """F.relu(x), torch.cat([x, y], 1), …; the flow as it was, and a remark, if not known."""
        known = _known(name)
        several = known and joins(known) and len(flows) > 1
        parts = _sizes(given)
        listed = bool(given) and parts is given[0]  # then all of it is to be joined
        if several and any(
            isinstance(it, Unknown) or (listed and not _flows([it])) for it in parts
        ):
            self.remark(node, "paste.joined", name=name)
        given = [each for each in given if not _flows([each])]
        if several:
            if given and "dim" not in named:
                named["dim"] = given[0]
            return self.joined(node, known, named, flows)
        if known and not joins(known) and not LAYERS[known].sizes and len(flows) == 1:
            if known == "flatten" and not (given or named):
                self.remark(node, "paste.examples")
            if LAYERS[known].data:
                return self.applied(node, self.leaf(node, name, known, [], {}), [*flows, *given])
            leaf = self.leaf(node, name, known, given, named)
            return self.applied(node, leaf, list(flows))
        if known and LAYERS[known].sizes and len(flows) == 1:
            leaf = self.weighted(node, name, known, given, named)
            if leaf:
                return self.applied(node, leaf, list(flows))
        self.remark(node, "paste.function", name=name)
        return flows[0]

    def weighted(
        self, node: ast.Call, name: str, known: str, given: list[Any], named: dict[str, Any]
    ) -> _Leaf | None:
        """F.conv1d(x, w, b): its sizes are those of w."""
        said = dict(zip(("weight", BIAS, *_BEHIND.get(known, "").split()), given, strict=False))
        said |= named
        weight = said.pop("weight", None)
        if not isinstance(weight, _Tensor):
            return None
        said[BIAS] = isinstance(said.get(BIAS), _Tensor)
        shape, axes = weight.shape, 0
        for size in LAYERS[known].sizes:
            if size.name == "kernel_size" and shape:  # a number alone is a kernel of one
                axes = size.axes
                said[size.name] = shape[-axes:]
            elif len(shape) > axes:
                said[size.name] = shape[0]
        leaf = self.leaf(node, name, known, [], said)
        whole = leaf and len(shape) == len(_weights(leaf.item, 1))
        return replace(leaf, weights=shape) if leaf and whole else leaf

    def joined(self, node: ast.AST, name: str, named: dict[str, Any], flows: list[_Flow]) -> _Flow:
        """Several flows in one: what they have in common comes before."""
        each = [flow.nodes for flow in flows]
        together = zip(*each, strict=False)
        common = len([*takewhile(lambda level: all(it is level[0] for it in level), together)])
        rests = [_Flow(nodes[common:]) for nodes in each]
        nodes = [id(each) for rest in rests for each in _all(rest)]
        if len({*nodes}) < len(nodes):
            self.remark(node, "paste.crossing")
            return flows[0]
        if name == "add" and len(rests) == 2 and not all(rest.nodes for rest in rests):
            name, rests = RESIDUAL, [max(rests, key=lambda rest: len(rest.nodes))]
        try:
            leaf = _Leaf(item(name, named, (), [Stack()] * len(rests)))
        except StackError as error:
            self.remark(node, "paste.refused", problem=error)
            return flows[0]
        return _Flow((*each[0][:common], _Node(leaf, node, tuple(rests))))

    # --- the result

    def pasted(self) -> Pasted:
        """The network that is meant, and an x that fits."""
        flow = self.flow()
        weights: dict[Path, Extent] = {}
        stack = _stack(flow, weights).checked()
        if not stack and self.unread:
            line, error = next(iter(self.unread.items()))
            refuse("paste.python", line=line, error=error)
        if not stack:
            refuse("paste.nothing")
        seen: set[_Leaf] = set()
        for node in _all(flow):
            if node.leaf in seen and node.leaf.item.arguments:
                self.remark(node.at, "paste.shared", layer=node.leaf.item.name)
            seen.add(node.leaf)
        return Pasted(stack, *self.sized(stack, weights))

    def flow(self) -> _Flow:
        """What is applied to x: by the largest network that there is."""
        flows = [each for each in self.found if isinstance(each, _Flow)]
        modules = [each for each in self.found if isinstance(each, (_Row, _Instance))]
        if not modules and not flows:
            whole = [it for it in self.classes.values() if _method(it, "forward")]
            modules = [self.instance(whole[-1], [], {})] if whole else []
        if len(self.loose) > 1 and not modules:
            modules = [_Row(_modules(self.loose))]
        if not modules and not flows:
            modules = [_Row(tuple(each for each in self.found if isinstance(each, _Leaf)))]
        at = ast.Module([], [])
        every = _flows([*(self.applied(at, each, [_Flow()]) for each in modules), *flows])
        found = max(reversed(every), key=lambda it: len(_all(it)), default=_Flow())
        if self.loss and found.nodes and not found.nodes[-1].leaf.item.layer.data:
            found = self.applied(at, self.loss, [found])
        return found

    def sized(
        self, stack: Stack, weights: Mapping[Path, Extent]
    ) -> tuple[tuple[str, ...], Extent | None]:
        """The remarks, and a shape of x with which the weights are as the code has them, or not."""
        made = (each for each in self.names.values() if isinstance(each, _Tensor))
        for given in (self.input, *(each.shape for each in made if each.numbers is None)):
            joints = stack.fitting(given) if given else None
            if given and joints and not other_shapes(joints, weights):
                return (*self.remarks,), given
        shape = input_shape(stack, weights)
        if shape is None and weights:
            first = next(iter(weights))
            shape = input_shape(stack, {first: weights[first]}) or input_shape(stack)
            large = [path for path, each in weights.items() if prod(each) > ENTRIES_MOST][:1]
            for path in large:
                gaps = {"layer": stack.at(path), "shape": weights[path]}
                self.remarks.append(say("paste.large", 1, most=f"{ENTRIES_MOST:,}", **gaps))
            joints = stack.fitting(shape) if shape else None
            needed = other_shapes(joints, weights) if joints else {}
            for path in [it for it in needed if it not in large][:1]:
                layer, given = stack.at(path), weights[path]
                said = say("paste.input", layer=layer, shape=given, needed=needed[path])
                self.remarks.append(said)
        named = self.names.get("x")
        meant = self.input or (named.shape if isinstance(named, _Tensor) else None)
        if meant and shape and meant != shape:
            problem = _misfit(stack, meant, weights)
            self.remarks.append(say("paste.x", shape=shape, meant=meant, problem=problem))
        return (*self.remarks,), shape or self.input


def _misfit(stack: Stack, shape: Extent, weights: Mapping[Path, Extent]) -> str:
    """Why an x of this shape cannot be taken, a sentence."""
    joints = stack.joints(shape)
    for problem in (joint.problem for joint in joints if joint.problem):
        return problem
    path, needed = next(iter(other_shapes(joints, weights).items()))
    return say("paste.misfit", layer=stack.at(path), shape=weights[path], needed=needed)


def _code(text: str) -> list[str]:
    """Its lines, empty where they are no code: within fences, behind prompts, as printed."""
    lines = text.replace("\r\n", "\n").replace("\t", "    ").split("\n")
    fences = [at for at, line in enumerate(lines) if line.lstrip().startswith("```")]
    if fences:
        inside = [sum(fence < at for fence in fences) % 2 == 1 for at in range(len(lines))]
        lines = [
            line if within and at not in fences else ""
            for at, (line, within) in enumerate(zip(lines, inside, strict=True))
        ]
    if any(line.lstrip().startswith(">>>") for line in lines):
        prompt = re.compile(r"\s*(>>>|\.\.\.) ?")
        lines = [line[found.end() :] if (found := prompt.match(line)) else "" for line in lines]
    printed = re.compile(r"(\s*)\((\w+)\): (?=[A-Z])")
    if any(map(printed.match, lines)):  # as print(model) has it
        lines = [printed.sub(lambda found: " " * len(found[0]), line) for line in lines]
        lines = [
            f"{line}," if line[:1] == " " and line.rstrip()[-1:] == ")" else line for line in lines
        ]
    return ["" if line.lstrip()[:1] in ("%", "!") else line for line in lines]


def _nested(text: str) -> int:
    """How deep brackets lie in each other at the most."""
    steps = ((sign in "([{") - (sign in ")]}") for sign in text)
    return max(accumulate(steps), default=0)


def _last(of: ast.expr) -> str:
    """relu of torch.nn.functional.relu."""
    return str(getattr(of, "attr", getattr(of, "id", "")))


def _quoted(node: ast.expr) -> str:
    """Its code, as far as a sentence has room for it."""
    code = " ".join(ast.unparse(node).split())
    return code if len(code) <= QUOTED_MOST else f"{code[:QUOTED_MOST]}…"


def _known(name: str) -> str:
    """The layer here that torch calls so; "" for none."""
    plain = name.lower().replace("_", "").removeprefix("lazy")
    plain = _ALIASES.get(plain, plain)
    return plain if plain in LAYERS else ""


def _sizes(given: Sequence[Any]) -> tuple[Any, ...]:
    """(2, 3) of f(2, 3) and of f((2, 3))."""
    return given[0] if given and type(given[0]) is tuple else tuple(given)


def _alike(shape: Extent, sizes: tuple[Any, ...]) -> bool:
    """Whether they differ in axes of length 1 alone."""
    return [each for each in shape if each != 1] == [each for each in sizes if each != 1]


def _tensor(value: Any) -> Any:
    """Of nested lists of numbers."""
    if is_number(value):
        return _Tensor((), value)
    each = [_tensor(inner) for inner in value] if is_list(value) else []
    shapes: set[Any] = {getattr(inner, "shape", None) for inner in each}
    if len(shapes) != 1 or None in shapes:
        return UNKNOWN
    (shape,) = shapes
    return _Tensor((len(each), *shape), value)


def _flows(values: Sequence[Any]) -> list[_Flow]:
    """Those among the values, and in lists among them."""
    each = [inner for value in values for inner in (value if is_list(value) else (value,))]
    return [it for it in each if isinstance(it, _Flow)]


def _several(value: Any) -> tuple[Any, ...] | None:
    """What a loop goes through: a list's values, or modules in a row; None of another."""
    parts = value.parts if isinstance(value, _Row) else value
    return parts if is_list(parts) else None


def _modules(values: Sequence[Any]) -> tuple[Any, ...]:
    """All modules of lists and of pairs with their names, in order."""
    found: list[Any] = []
    for value in values:
        if is_list(value):
            found += _modules(value)
        elif isinstance(value, _MODULES):
            found.append(value)
    return tuple(found)


def _method(of: ast.ClassDef, name: str) -> ast.FunctionDef | None:
    found = [it for it in of.body if isinstance(it, ast.FunctionDef) and it.name == name]
    return found[-1] if found else None


def _padding(arguments: Mapping[str, Any], axes: int) -> Any:
    """padding="same" in numbers, as torch has it; 0 for "valid", and where other sizes are none."""
    kernel, dilation = (
        value if isinstance(value := arguments.get(key, 1), tuple) else (value,) * axes
        for key in ("kernel_size", "dilation")
    )
    whole = all(isinstance(each, int) for each in (*kernel, *dilation))
    if arguments["padding"] == "valid" or not whole:
        return 0
    around = [by * (size - 1) for by, size in zip(dilation, kernel, strict=False)]
    each = tuple(it // 2 if it % 2 == 0 else (it // 2, it - it // 2) for it in around)
    return each[0] if len(each) == 1 else each


def _weights(of: Item, read: int) -> Extent:
    """The shape of w: how many outputs, how many channels each reads, its kernel."""
    sizes = of.sizes
    outputs, *_ = sizes.get("filters") or sizes.get("out_features") or (1,)
    return (outputs, read // of.values.get("groups", 1), *sizes.get("kernel_size", ()))


def _labelled(loss: _Leaf, labels: Any) -> _Leaf:
    numbers = labels.numbers if isinstance(labels, _Tensor) else None
    if numbers and all(isinstance(each, int) and each >= 0 for each in numbers):
        return replace(loss, item=item(loss.item.name, loss.item.values, numbers))
    return loss


def _all(flow: _Flow) -> list[_Node]:
    """Every node of a flow, in branches too."""
    return [
        inner
        for node in flow.nodes
        for inner in (node, *(it for branch in node.branches for it in _all(branch)))
    ]


def _stack(flow: _Flow, weights: dict[Path, Extent], row: Path = ()) -> Stack:
    """The stack of a flow; weights: shapes by path, to be filled."""
    items = []
    for place, node in enumerate(flow.nodes):
        path = (*row, place)
        branches = [
            _stack(branch, weights, (*path, number)) for number, branch in enumerate(node.branches)
        ]
        if node.leaf.weights:
            weights[path] = node.leaf.weights
        items.append(replace(node.leaf.item, branches=tuple(branches)))
    return Stack(tuple(items))

"""From PyTorch code to a stack: its syntax tree is read, and nothing of it is ever run.

What is understood are layers of torch.nn, nn.Sequential, classes with a forward of plain calls,
functions that are layers (F.relu, F.conv1d with its weights, torch.cat, x + y), the code's own
functions, names, lists and loops over them, conditions that are known, arithmetic on small numbers.
What is not is named with its line and column, and the rest is kept.
"""

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from engine.arrays import Extent
from pages.stack.code_text import Code, last_name, parsed, quoted, refuse_depth
from pages.stack.dataflow import Flow, Node, as_stack, every_node, fitting_input, flows_in, joined
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
from pages.stack.stack import ENTRIES_MOST, LAYERS, LAYERS_MOST, Stack, joins, new_item, refuse
from pages.stack.torch_layers import (
    Leaf,
    Tensor,
    alike,
    as_leaf,
    as_weighted_leaf,
    known_layer,
    labelled,
    sizes_in,
    tensor,
)

CALLS_MOST: Final = 8
"""So deep may the forward of one class call that of another."""
WORK_MOST: Final = 100_000
"""So many expressions are looked at."""

_KERAS: Final = re.compile(r"\bkeras\b|\bDense\(|\bMaxPooling[12]D\(")
_TORCH: Final = re.compile(r"\btorch\b|\bnn\.")
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
    if _KERAS.search(text) and not _TORCH.search(text):
        refuse("paste.keras")
    try:
        code = parsed(text)
        reader = _Reader(code)
        reader.run(code.tree.body, reader.names)
        return reader.pasted()
    except (RecursionError, MemoryError):
        refuse_depth()


# --- what the code's values are


@dataclass(frozen=True, eq=False)
class _Row:
    """Modules that are applied one after the other."""

    parts: tuple[Any, ...]


@dataclass(eq=False)
class _Instance:
    """Of a class of the code."""

    of: ast.ClassDef
    attributes: dict[str, Any] = field(default_factory=dict)


_MODULES: Final = (Leaf, _Row, _Instance)


class _Reader:
    """Reads statements as far as they make layers or apply them."""

    def __init__(self, code: Code) -> None:
        self.unread, self.remarks = code.unread, code.remarks
        self.names: dict[str, Any] = {}
        self.classes: dict[str, ast.ClassDef] = {}
        self.found: list[Any] = []
        self.loose: list[Any] = []
        self.input: Extent | None = None
        self.x: Tensor | None = None
        self.loss: Leaf | None = None
        self.depth = self.within = self.work = 0

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
                    self.remarks.at(statement, "paste.statement", what=what)
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
        if isinstance(made, Leaf) and made.item.layer.data:
            self.loss = made
        elif isinstance(made, (*_MODULES, Flow)):
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
                    self.remarks.at(node, "paste.statement", what="for")
                return UNKNOWN if made is None else made
            case ast.IfExp(test=test, body=one, orelse=other):
                holds = self.holds(test, names)
                for kept in (one, other) if holds is None else ():
                    if isinstance(made := self.value(kept, names), (*_MODULES, Flow)):
                        self.remarks.at(
                            node, "paste.left_out", code=quoted(node), kept=quoted(kept)
                        )
                        return made
                return UNKNOWN if holds is None else self.value(one if holds else other, names)
            case ast.Dict(keys=keys, values=values) if None not in keys:
                return tuple(("", self.value(value, names)) for value in values)
            case ast.UnaryOp(op=op, operand=operand):
                value = self.seen(self.value(operand, names))
                if isinstance(value, Flow):
                    self.remarks.at(node, "paste.left_out", code=quoted(node), kept=quoted(operand))
                    return value
                return -value if isinstance(op, ast.USub) and is_number(value) else UNKNOWN
            case ast.BinOp(left=left, op=op, right=right):
                return self.operation(node, self.value(left, names), op, self.value(right, names))
            case ast.Subscript(value=of, slice=at):
                several = self.seen(self.value(of, names))
                if isinstance(several, Flow):
                    self.remarks.at(node, "paste.left_out", code=quoted(node), kept=quoted(of))
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
                    self.remarks.at(one, "paste.statement", what=quoted(one))
                found += several or ()
            else:
                found.append(self.value(one, names))
        return tuple(found[:ENTRIES_MOST])

    def operation(self, node: ast.BinOp, left: Any, op: ast.operator, right: Any) -> Any:
        """x + y, of flows and of lists, and arithmetic on numbers that stay small."""
        if isinstance(left, Flow) or isinstance(right, Flow):
            left, right = self.seen(left), self.seen(right)
        if isinstance(left, Flow) or isinstance(right, Flow):
            if ast.dump(op) == SUM and isinstance(left, Flow) and isinstance(right, Flow):
                return joined("add", [left, right], {}, node, self.remarks)
            kept = node.left if isinstance(left, Flow) else node.right
            self.remarks.at(node, "paste.operation", code=quoted(node), kept=quoted(kept))
            return left if isinstance(left, Flow) else right
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
        name = last_name(node.func)
        if name in _CONTAINERS:
            self.within += 1
        given = [*self.values(node.args, names, told=name in _CONTAINERS)]
        named = {each.arg: self.value(each.value, names) for each in node.keywords if each.arg}
        self.within = within
        if isinstance(node.func, ast.Attribute):
            of = self.value(node.func.value, names)
            if isinstance(of, Flow):
                return self.method(node, name, of, given, named)
            if isinstance(of, _MODULES) and name in _SAME_MODULE:
                return of
            if isinstance(of, Tensor):
                sizes, reshaped = sizes_in(given), name in ("view", "reshape")
                rows = reshaped and len(sizes) == 2 < len(of.shape)
                if name in _SAME_NUMBERS or (reshaped and alike(of.shape, sizes) and not rows):
                    return of
                if known_layer(name) or rows:  # x.relu()
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
            said = len(self.remarks.said)
            made = self.inner(callee, given, named)
            if not isinstance(made, (*_MODULES, Flow)):  # it was about something else
                del self.remarks.said[said:]
            return made
        if isinstance(callee, _MODULES):
            return self.applied(node, callee, [*map(self.as_flow, given[:1]), *given[1:]])
        if name in self.classes and isinstance(node.func, ast.Name):
            return self.instance(self.classes[name], given, named)
        if name in _CONTAINERS:
            return _Row(_modules(given)) if name == "Sequential" else _modules(given)
        if name in _TENSORS:
            given = given or [named.get("size", ())]
            sizes = sizes_in(given)
            whole = all(isinstance(each, int) and each > 0 for each in sizes)
            return Tensor(sizes) if whole else UNKNOWN
        if name in _NUMBERS and given:
            return given[0] if isinstance(given[0], Tensor) else tensor(given[0])
        if isinstance(node.func, ast.Name) and (made := built_in(name, given)) is not UNKNOWN:
            return made
        if name.islower() and (
            known_layer(name) or last_name(getattr(node.func, "value", node)) == "F"
        ):
            if not flows_in(given):
                for each in sizes_in(given)[:1]:
                    self.as_flow(each)
            given = [*map(self.seen, given)]
        if flows := flows_in(given):
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
        if isinstance(value, Tensor):
            self.input, self.x = value.shape, value
            return Flow()
        return value

    def seen(self, value: Any) -> Any:
        """Where it is x, or has it in it, what comes from there."""
        if is_list(value):
            return tuple(map(self.seen, value))
        return Flow() if value is self.x and self.x else value

    # --- modules

    def made(self, node: ast.Call, name: str, given: list[Any], named: dict[str, Any]) -> Any:
        """A module of torch.nn; nothing, and a remark, where it is not known."""
        known = known_layer(name)
        of_torch = isinstance(node.func, ast.Attribute) and last_name(node.func.value) == "nn"
        if name.islower() or not (known or of_torch or self.within):
            return UNKNOWN
        if name == "Identity":
            return _Row(())
        leaf = as_leaf(name, given, named, node, self.remarks) if known else None
        if not known and name[:1].isupper():
            self.remarks.at(node, "paste.layer", name=name)
        return leaf or (_Row(()) if known or name[:1].isupper() else UNKNOWN)

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
        if not given or not isinstance(given[0], Flow):
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
            return next(iter(flows_in([returned])), UNKNOWN)
        if isinstance(module, Leaf):
            if module.item.layer.data and len(given) > 1:
                module = labelled(module, given[1])
            if len(flow.nodes) >= LAYERS_MOST:
                refuse("stack.layers", count=len(flow.nodes) + 1, most=LAYERS_MOST)
            return Flow((*flow.nodes, Node(module, node)))
        return flow

    # --- functions

    def method(
        self, node: ast.Call, name: str, flow: Flow, given: list[Any], named: dict[str, Any]
    ) -> Any:
        """x.relu(), x.view(x.size(0), -1), …"""
        if name in _SEEN:
            return UNKNOWN
        if name in ("view", "reshape"):
            sizes = sizes_in(given)
            shape = as_stack(flow)[0].shape(self.input) if self.input else None
            rows = shape and len(shape) > 2 and len(sizes) == 2 and sizes[0] == shape[0]
            if rows or (len(sizes) == 2 and -1 in sizes):
                return self.applied(node, Leaf(new_item("flatten")), [flow])
            if shape is None or not alike(shape, sizes):
                self.remarks.at(node, "paste.function", name=name)
            return flow
        if name in _SAME_NUMBERS:
            return flow
        return self.function(node, name, [flow, *flows_in(given)], given, named)

    def function(
        self,
        node: ast.Call,
        name: str,
        flows: list[Flow],
        given: list[Any],
        named: dict[str, Any],
    ) -> Any:
        """F.relu(x), torch.cat([x, y], 1), …; the flow as it was, and a remark, if not known."""
        known = known_layer(name)
        several = known and joins(known) and len(flows) > 1
        parts = sizes_in(given)
        listed = bool(given) and parts is given[0]  # then all of it is to be joined
        if several and any(
            isinstance(it, Unknown) or (listed and not flows_in([it])) for it in parts
        ):
            self.remarks.at(node, "paste.joined", name=name)
        given = [each for each in given if not flows_in([each])]
        if several:
            if given and "dim" not in named:
                named["dim"] = given[0]
            return joined(known, flows, named, node, self.remarks)
        if known and not joins(known) and not LAYERS[known].sizes and len(flows) == 1:
            if known == "flatten" and not (given or named):
                self.remarks.at(node, "paste.examples")
            if LAYERS[known].data:
                loss = as_leaf(name, [], {}, node, self.remarks)
                return self.applied(node, loss, [*flows, *given])
            leaf = as_leaf(name, given, named, node, self.remarks)
            return self.applied(node, leaf, list(flows))
        if known and LAYERS[known].sizes and len(flows) == 1:
            leaf = as_weighted_leaf(name, given, named, node, self.remarks)
            if leaf:
                return self.applied(node, leaf, list(flows))
        self.remarks.at(node, "paste.function", name=name)
        return flows[0]

    # --- the result

    def pasted(self) -> Pasted:
        """The network that is meant, and an x that fits."""
        flow = self.flow()
        stack, weights = as_stack(flow)
        stack.checked()
        if not stack and self.unread:
            line, error = next(iter(self.unread.items()))
            refuse("paste.python", line=line, error=error)
        if not stack:
            refuse("paste.nothing")
        seen: set[Leaf] = set()
        for node in every_node(flow):
            if node.leaf in seen and node.leaf.item.arguments:
                self.remarks.at(node.at, "paste.shared", layer=node.leaf.item.name)
            seen.add(node.leaf)
        made = [each for each in self.names.values() if isinstance(each, Tensor)]
        shapes = [each.shape for each in made if each.numbers is None]
        x = self.names.get("x")
        meant = self.input or (x.shape if isinstance(x, Tensor) else None)
        given = [self.input, *shapes] if self.input else shapes
        fitting = fitting_input(stack, weights, given, meant, self.remarks)
        return Pasted(stack, (*self.remarks.said,), fitting or self.input)

    def flow(self) -> Flow:
        """What is applied to x: by the largest network that there is."""
        flows = [each for each in self.found if isinstance(each, Flow)]
        modules = [each for each in self.found if isinstance(each, (_Row, _Instance))]
        if not modules and not flows:
            whole = [it for it in self.classes.values() if _method(it, "forward")]
            modules = [self.instance(whole[-1], [], {})] if whole else []
        if len(self.loose) > 1 and not modules:
            modules = [_Row(_modules(self.loose))]
        if not modules and not flows:
            modules = [_Row(tuple(each for each in self.found if isinstance(each, Leaf)))]
        at = ast.Module([], [])
        every = flows_in([*(self.applied(at, each, [Flow()]) for each in modules), *flows])
        found = max(reversed(every), key=lambda it: len(every_node(it)), default=Flow())
        if self.loss and found.nodes and not found.nodes[-1].leaf.item.layer.data:
            found = self.applied(at, self.loss, [found])
        return found


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

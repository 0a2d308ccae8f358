"""Pasted code as Python would go through it: statements, names, loops, conditions and functions.

What a call or an operation gives is up to who reads the code for something: see paste.
"""

import ast
from abc import ABC, abstractmethod
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any, Final

from pages.stack.code_text import Remarks, last_name, quoted
from pages.stack.code_values import (
    MODULES,
    Class,
    Function,
    Instance,
    Named,
    Names,
    Row,
    held_in,
    is_made,
    is_module,
    mapping_in,
    modules_in,
    pairs_in,
    register,
    several_in,
    unpacked,
)
from pages.stack.dataflow import Flow
from pages.stack.known_values import (
    CHANGES,
    DELETE,
    EXAMPLES,
    LIST_MOST,
    SET,
    SHAPE,
    UNKNOWN,
    as_dict,
    changed,
    compared,
    filled,
    is_list,
    is_number,
    joined_text,
    part,
    truth,
)
from pages.stack.stack import BIAS, ENTRIES_MOST, refuse
from pages.stack.torch_layers import Leaf, Tensor, known_layer, turned

CALLS_MOST: Final = 8
"""So deep may the forward of one class call that of another."""
WORK_MOST: Final = 100_000
"""So many expressions and statements are looked at."""

SELF: Final = "super()"
"""Under this name a method knows of whom it is, and of which class."""
_TURNED: Final = ("T", "mT")
_ASKED: Final = (
    *("shape", "ndim", "dtype", "device", "layout", "itemsize", "nbytes", "is_cuda", "is_leaf"),
    *("grad", "grad_fn", "requires_grad"),
)
"""What is told of a value by its attributes; others are values."""
_CHANGING: Final = (*CHANGES, "add_module", "register_module", "update", "setattr")


class CodeReader(ABC):
    """Goes through code; nothing of it is run.

    names: those of the text itself. own: what is called self there, where the line of its class is
    missing. depth: in how many of its functions one is. within: of how many
    functions and classes the bodies are gone through, and plain: how many of them are no methods.
    """

    def __init__(self, remarks: Remarks) -> None:
        self.remarks = remarks
        self.own = Instance(Class({}))
        self.names: Names = ChainMap({"self": self.own})
        self.depth = self.within = self.plain = self.work = 0
        # In a loop the same is looked at again.
        self.called, self.given_names, self.matters = cache(_called), cache(_given), cache(_matters)

    # --- what it is read for

    @abstractmethod
    def call(self, node: ast.Call, names: Names) -> Any:
        """What a call gives."""

    @abstractmethod
    def operation(self, node: ast.BinOp, left: Any, op: ast.operator, right: Any) -> Any:
        """What left + right is, or another operation."""

    @abstractmethod
    def seen(self, value: Any) -> Any:
        """What a value is where something is done with it."""

    @abstractmethod
    def has_layers(self, statement: ast.stmt) -> bool:
        """Whether something is made in it that the code is read for."""

    @abstractmethod
    def expression(self, value: ast.expr, names: Names) -> None:
        """One that stands alone, as a statement."""

    @abstractmethod
    def defined(self, statement: ast.ClassDef, made: Class) -> None:
        """Hears of a class of the code."""

    @abstractmethod
    def given_to(self, names: Names, made: Any) -> None:
        """Hears of a value that has got a name."""

    @property
    def making(self) -> bool:
        """Whether a module is being made; in main() optimizers and data are made as well."""
        return self.within > self.plain

    def go_on(self) -> None:
        """Counts what is looked at: a text may be short and its loops long."""
        self.work += 1
        if self.work > WORK_MOST:
            refuse("paste.work", most=f"{WORK_MOST:,}")

    # --- statements

    def run(self, body: Sequence[ast.stmt], names: Names) -> Any:
        """What is returned, or what ends a turn of a loop; None at the end of the body."""
        for statement in body:
            self.go_on()
            match statement:
                case ast.Assign(targets=targets, value=value):
                    made = self.value(value, names)
                    for target in targets:
                        self.assign(target, made, names)
                case ast.AnnAssign(target=target, value=ast.expr() as value):
                    self.assign(target, self.value(value, names), names)
                case ast.AugAssign(target=target, op=op, value=value):
                    both = ast.copy_location(ast.BinOp(target, op, value), statement)
                    made, before = self.value(both, names), self.value(target, names)
                    if isinstance(made, list) and isinstance(before, list):
                        before[:] = made  # under its other names too
                    else:
                        self.assign(target, made, names)
                case ast.Return(value=value):
                    made = self.value(value, names) if value else None
                    return UNKNOWN if made is None else made
                case ast.Break() | ast.Continue():
                    return statement
                case ast.Expr(value=value):
                    self.expression(value, names)
                case ast.ClassDef(name=name):
                    names[name] = self.made_class(statement, names)
                    self.defined(statement, names[name])
                case ast.ImportFrom(names=every):
                    names |= {it.asname: Named(ast.Name(it.name)) for it in every if it.asname}
                case ast.Delete(targets=[ast.Subscript(value=of, slice=at)]):
                    several = self.value(of, names)
                    self.change(of, several, DELETE, [self.index(at, names)], names)
                case ast.FunctionDef(name=name, args=arguments, body=inner):
                    kinds = tuple(map(last_name, statement.decorator_list))
                    names[name] = Function(arguments, inner, names, kinds)
                case ast.With(items=items, body=inner):
                    made = self.run(inner, names)
                    for by in [it.context_expr for it in items if _no_gradient(it.context_expr)]:
                        for name in self.given_names(statement):
                            if isinstance(its := names.get(name), Flow):
                                names[name] = its.stopped(by)
                        made = made.stopped(by) if isinstance(made, Flow) else made
                    if made is not None:
                        return made
                case ast.If(test=ast.Compare(left=ast.Name(id="__name__")), body=inner):
                    self.run(inner, names)
                case ast.For(target=target, iter=over, body=inner) if (
                    several := several_in(self.value(over, names))
                ) is not None:
                    turns = self.each_named(target, several, names)
                    if (made := self.repeated(turns, inner, names)) is not None:
                        return made
                case ast.While(test=test, body=inner) if self.holds(
                    test, names
                ) is not None and not isinstance(test, ast.Constant):
                    turns = self.while_it_holds(statement, names)
                    if (made := self.repeated(turns, inner, names)) is not None:
                        return made
                case ast.If(test=test, body=inner, orelse=other) if (
                    holds := self.holds(test, names)
                ) is not None:
                    if (made := self.run(inner if holds else other, names)) is not None:
                        return made
                case ast.Try(body=inner, orelse=other, finalbody=last):
                    if (made := self.run([*inner, *other, *last], names)) is not None:
                        return made
                case ast.If() | ast.For() | ast.While() | ast.Match() if (
                    self.matters(statement) if self.within else self.has_layers(statement)
                ):
                    what = type(statement).__name__.lower()
                    self.remarks.at(statement, "paste.statement", what=what)
                    for name in self.given_names(statement):
                        self.go_on()
                        if is_number(names.get(name)):
                            names[name] = UNKNOWN
        return None

    def repeated(self, turns: Iterable[None], body: Sequence[ast.stmt], names: Names) -> Any:
        """What a loop returns; None where it goes to its end, or to a break."""
        for _ in turns:
            made = self.run(body, names)
            if made is not None and not isinstance(made, ast.Continue):
                return None if isinstance(made, ast.Break) else made
        return None

    def each_named(self, target: ast.expr, several: Sequence[Any], names: Names) -> Iterator[None]:
        """The turns of a loop over values."""
        for one in several:
            self.assign(target, one, names)
            yield

    def while_it_holds(self, loop: ast.While, names: Names) -> Iterator[None]:
        """The turns of a loop with a condition, as many as can be told."""
        for _ in range(LIST_MOST):
            holds = self.holds(loop.test, names)
            if holds is None and self.within:
                self.remarks.at(loop, "paste.statement", what="while")
            if not holds:
                return
            yield

    def assign(self, target: ast.expr, made: Any, names: Names) -> None:
        """Gives a name to a value."""
        match target:
            case ast.Name(id=name):
                names[name] = made
                self.given_to(names, made)
            case ast.Attribute(value=of, attr=name):
                instance = self.value(of, names)
                if isinstance(instance, Instance | Class):
                    register(instance, name, made)
                    if instance is self.own:
                        self.given_to(names, made)
                elif is_module(made) if isinstance(instance, Row) else _ties(instance, name, made):
                    self.remarks.at(target, "paste.statement", what=quoted(target))
            case ast.Tuple(elts=each) | ast.List(elts=each):
                for one, its in zip(each, unpacked(made, each), strict=True):
                    self.assign(one, its, names)
            case ast.Starred(value=several):
                self.assign(several, made, names)
            case ast.Subscript(value=of, slice=at):
                several = self.seen(self.value(of, names))
                if isinstance(several, Flow):
                    self.remarks.at(target, "paste.left_out", code=quoted(target), kept=quoted(of))
                elif isinstance(several, Tensor):
                    self.assign(of, Tensor(several.shape), names)
                else:
                    self.change(of, several, SET, [self.index(at, names), made], names)

    # --- expressions

    def value(self, node: ast.expr, names: Names) -> Any:
        """What an expression stands for."""
        self.go_on()
        match node:
            case ast.Constant(value=int() | float() | str() | None as value):
                return value
            case ast.Name(id=name):
                return names.get(name, Named(node))
            case ast.Attribute(value=of, attr=name):
                its = self.value(of, names)
                if not isinstance(its, Flow) or name in _ASKED:
                    return self.attribute(its, name)
                if name == "data":
                    return its.stopped(node)
                self.remarks.at(node, "paste.left_out", code=quoted(node), kept=quoted(of))
                return its
            case ast.NamedExpr(target=target, value=value):
                self.assign(target, made := self.value(value, names), names)
                return made
            case ast.Lambda(args=arguments, body=body):
                return Function(arguments, [ast.Return(body)], names)
            case ast.Tuple(elts=each) | ast.List(elts=each):
                made = self.values(each, names, told=self.within > 0)
                return [*made] if isinstance(node, ast.List) else made
            case (
                ast.ListComp(elt=one, generators=loops)
                | ast.GeneratorExp(elt=one, generators=loops)
            ):
                if (made := self.comprehended(one, loops, names)) is None:
                    if self.within:
                        self.remarks.at(node, "paste.statement", what="for")
                    return UNKNOWN
                return [*made] if isinstance(node, ast.ListComp) else made
            case ast.IfExp(test=test, body=one, orelse=other):
                holds = self.holds(test, names)
                for kept in (one, other) if holds is None else ():
                    if isinstance(made := self.value(kept, names), (*MODULES, Flow)):
                        self.remarks.at(
                            node, "paste.left_out", code=quoted(node), kept=quoted(kept)
                        )
                        return made
                return UNKNOWN if holds is None else self.value(one if holds else other, names)
            case ast.Dict(keys=keys, values=values):
                pairs: list[Any] = []
                for key, value in zip(keys, values, strict=True):
                    made = self.value(value, names)
                    pairs += [(self.value(key, names), made)] if key else pairs_in(made)
                return as_dict(pairs)
            case ast.DictComp(key=key, value=ast.expr() as value, generators=loops):
                both = ast.copy_location(ast.Tuple([key, value]), node)
                return as_dict(self.comprehended(both, loops, names))
            case ast.JoinedStr(values=each):
                return joined_text([self.value(one, names) for one in each])
            case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
                return self.value(value, names)
            case ast.FormattedValue(value=value, conversion=-1, format_spec=ast.expr() as spec):
                template = f"{{:{self.value(spec, names)}}}"
                return filled(template, template.format, self.value(value, names))
            case ast.Compare() | ast.UnaryOp(op=ast.Not()):
                holds = self.holds(node, names)
                return UNKNOWN if holds is None else holds
            case ast.BoolOp(op=op, values=values):
                for one in values:
                    holds = self.holds(one, names)
                    if holds is None or holds == isinstance(op, ast.Or) or one is values[-1]:
                        return UNKNOWN if holds is None else self.value(one, names)
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
                whole, index = mapping_in(several), self.index(at, names)
                if several is SHAPE:
                    return EXAMPLES if index == 0 else UNKNOWN
                found = part(several_in(several) if whole is None else whole, index)
                return Row(tuple(found)) if isinstance(several, Row) and is_list(found) else found
            case ast.Call():
                return self.call(node, names)
        return UNKNOWN

    def values(
        self, each: Sequence[ast.expr], names: Names, *, told: bool = False
    ) -> tuple[Any, ...]:
        """Those of a list; *layers are all of them. told: it is said where they are not known."""
        found: list[Any] = []
        for one in each:
            if isinstance(one, ast.Starred):
                several = several_in(self.value(one.value, names))
                itself = isinstance(one.value, ast.ListComp | ast.GeneratorExp)  # tells it
                if several is None and told and not itself:
                    self.remarks.at(one, "paste.statement", what=quoted(one))
                found += several or ()
            else:
                found.append(self.value(one, names))
        return tuple(found[:ENTRIES_MOST])

    def index(self, at: ast.expr, names: Names) -> Any:
        """What stands in the brackets behind a list: a number, or a slice."""
        if not isinstance(at, ast.Slice):
            return self.value(at, names)
        return slice(*(each and self.value(each, names) for each in (at.lower, at.upper, at.step)))

    def comprehended(
        self, one: ast.expr, loops: Sequence[ast.comprehension], names: Names
    ) -> tuple[Any, ...] | None:
        """[layer(size) for size in sizes if size]; None where it is not known over what."""
        if not loops:
            return (self.value(one, names),)
        loop, *inner = loops
        found: tuple[Any, ...] = ()
        over = several_in(self.value(loop.iter, names))
        for each in over or ():
            self.go_on()
            own = names.new_child()
            self.assign(loop.target, each, own)
            conditions = [self.holds(test, own) for test in loop.ifs]
            made = self.comprehended(one, inner, own) if all(conditions) else ()
            if made is None or None in conditions:
                return None
            found += made
        return None if over is None else found[:LIST_MOST]

    def holds(self, test: ast.expr, names: Names) -> bool | None:
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
            case ast.Compare(left=left, ops=ops, comparators=others):
                sides = [self.value(each, names) for each in (left, *others)]
                if None in sides:  # is not None
                    sides = ["" if is_made(each) else each for each in sides]
                each = [_compared(op, *two) for op, two in zip(ops, pairwise(sides), strict=True)]
                return False if False in each else None if None in each else True
        value = self.value(test, names)
        if (several := several_in(value)) is not None:
            return bool(several)  # of no modules is False
        return is_made(value) or truth(value)

    def change(self, place: ast.expr, of: Any, method: str, given: list[Any], names: Names) -> Any:
        """What a method gives back that changes a list, a dict or modules: layers.pop().

        Where that cannot be told, what is in this place is not known from there on.
        """
        held = held_in(of)
        several = [*held.parts] if isinstance(held, Row) else held
        try:
            returned = changed(several, method, given)
        except ValueError:
            self.assign(place, UNKNOWN, names)
            return UNKNOWN
        if isinstance(held, Row):
            held.parts = modules_in(several)
        return returned

    def copied(self, value: Any, made: dict[int, Any]) -> Any:
        """As deepcopy has it: modules with weights of their own. made: what is copied already."""
        if id(value) in made:
            return made[id(value)]
        self.go_on()
        match value:
            case Leaf():
                made[id(value)] = replace(value)
            case Row(parts=parts):
                made[id(value)] = row = Row((), value.at)
                row.parts = tuple(self.copied(each, made) for each in parts)
            case Instance(of=of, attributes=own):
                made[id(value)] = instance = Instance(of)
                instance.attributes |= {key: self.copied(it, made) for key, it in own.items()}
            case dict():
                return {key: self.copied(it, made) for key, it in value.items()}
            case _ if is_list(value):
                return type(value)([self.copied(each, made) for each in value])
        return made.get(id(value), value)

    def made_class(self, node: ast.ClassDef, around: Names) -> Class:
        """A class of the code, with what its body gives names to."""
        own = around.new_child()
        self.within += 1
        self.run(node.body, own)
        self.within -= 1
        bases = [self.value(each, around) for each in node.bases]
        classes = tuple(each for each in bases if isinstance(each, Class))
        layers = [last_name(each.name) for each in bases if isinstance(each, Named)]
        layers += [each.layer for each in classes]
        attributes = {
            name: replace(made, names=around) if isinstance(made, Function) else made
            for name, made in own.maps[0].items()
        }
        fields = [each.target for each in node.body if isinstance(each, ast.AnnAssign)]
        return Class(
            attributes,
            classes,
            next((each for each in layers if known_layer(each)), ""),
            tuple(map(last_name, fields)),
            "Sequential" in layers or any(each.container for each in classes),
        )

    def attribute(self, of: Any, name: str) -> Any:
        """of.name."""
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
            return of[0]  # of the maxima of rows
        if isinstance(of, Tensor) and name in _TURNED:
            return turned(of, name, ())
        if isinstance(of, Instance) and name == "_modules":
            return of.attributes
        made = of.found(name) if isinstance(of, Instance) else UNKNOWN
        if isinstance(made, Function) and "property" in made.kinds:
            return self.inner(made, [], {})
        return made

    def inner(self, of: Function, given: list[Any], named: Mapping[str, Any]) -> Any:
        """What a function of the code returns."""
        if self.depth >= CALLS_MOST:
            refuse("paste.calls", most=CALLS_MOST)
        names = of.names.new_child()
        arguments = of.arguments
        each = [it.arg for it in (*arguments.posonlyargs, *arguments.args)]
        given = [*of.bound, *given]
        defaults = [self.value(it, of.names) for it in arguments.defaults]
        names |= dict.fromkeys([*each, *(it.arg for it in arguments.kwonlyargs)], UNKNOWN)
        names |= dict(zip(each[len(each) - len(defaults) :], defaults, strict=True))
        for only, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            names[only.arg] = self.value(default, of.names) if default else UNKNOWN
        more = {name: it for name, it in named.items() if name not in names.maps[0]}
        names |= {**dict(zip(each, given, strict=False)), **named}
        if arguments.vararg:
            names[arguments.vararg.arg] = tuple(given[len(each) :])
        if arguments.kwarg:
            names[arguments.kwarg.arg] = more
        if of.bound:
            names[SELF] = (of.bound[0], of.of)
        plain = not of.bound
        self.depth += 1
        self.within += 1
        self.plain += plain
        try:
            return self.run(of.body, names)
        finally:
            self.depth -= 1
            self.within -= 1
            self.plain -= plain


def _called(statement: ast.AST) -> set[str]:
    """The last names of what is called in it."""
    return {last_name(it.func) for it in ast.walk(statement) if isinstance(it, ast.Call)}


def _given(statement: ast.AST) -> set[str]:
    """The names that something is given to in it."""
    names = (it for it in ast.walk(statement) if isinstance(it, ast.Name))
    return {it.id for it in names if isinstance(it.ctx, ast.Store)}


def _matters(statement: ast.stmt) -> bool:
    """Whether it may make something; not where it looks only, or fills weights with numbers."""
    made = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.NamedExpr, ast.Break, ast.Continue)
    return any(
        isinstance(each, made)
        or (isinstance(each, ast.Return) and each.value is not None)
        or (isinstance(each, ast.Call) and last_name(each.func) in _CHANGING)
        for each in ast.walk(statement)
    )


def _compared(op: ast.cmpop, left: Any, right: Any) -> bool | None:
    """Whether a comparison holds; of modules whether they are the same. None where unknown."""
    if isinstance(left, MODULES) and isinstance(right, MODULES):
        left, right = 0, int(left is not right)
    return compared(op, left, right)


def _no_gradient(context: ast.expr) -> bool:
    """Whether PyTorch remembers nothing of what is computed in it: torch.no_grad()."""
    return last_name(getattr(context, "func", context)) in ("no_grad", "inference_mode")


def _ties(of: Any, name: str, made: Any) -> bool:
    """Whether a layer gets weights that are not made for it: self.a.weight = self.b.weight."""
    return isinstance(of, Leaf) and name in ("weight", BIAS) and not isinstance(made, Tensor)

"""What a pasted code makes of layers: it is gone through as Python would, statement by statement.

What is understood are layers of torch.nn, nn.Sequential, classes with a forward of plain calls,
functions that are layers (F.relu, F.conv1d with its weights, torch.cat, x + y), the code's own
functions, names, lists and loops over them, conditions that are known, arithmetic on small numbers.
Another layer, or what else is done with a value that comes from x, is named with its line and
column, and the rest is kept.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from math import prod
from typing import Any, Final

from pages.stack.code_text import Code, last_name, quoted
from pages.stack.code_values import (
    MODULES,
    Class,
    Function,
    Instance,
    Mask,
    Named,
    Names,
    Row,
    Some,
    children_of,
    held_in,
    is_made,
    is_module,
    is_of,
    makes,
    mapping_in,
    modules_in,
    modules_of,
    pairs_in,
    register,
    several_in,
    unpacked,
)
from pages.stack.dataflow import (
    Flow,
    flows_in,
    joined,
    largest,
)
from pages.stack.known_values import (
    CHANGES,
    DELETE,
    EXAMPLES,
    LIST_MOST,
    SET,
    SHAPE,
    UNKNOWN,
    UPDATE,
    VIEWS,
    Long,
    Unknown,
    as_dict,
    built_in,
    changed,
    compared,
    filled,
    is_list,
    is_number,
    joined_text,
    leaves,
    lengthen,
    listed,
    part,
    truth,
    viewed,
)
from pages.stack.operations import (
    ELSEWHERE,
    MATHEMATICS,
    SAME_MODULE,
    SAME_NUMBERS,
    SEEN,
    Operations,
    Product,
    changed_place,
    is_zero,
    kept_whole,
)
from pages.stack.stack import (
    BIAS,
    LAYERS_MOST,
    refuse,
)
from pages.stack.torch_layers import (
    TURNS,
    WEIGHT,
    Leaf,
    LogSoftmax,
    Parameter,
    Tensor,
    as_index,
    as_leaf,
    constant,
    known_layer,
    parameter,
    shape_in,
    spaced,
    taken,
    tensor,
    turned,
    unit,
    written,
)
from pages.stack.written_loss import OF_LABELS, event_of_call, event_of_index

LARGEST_INTEGER: Final = 2**1023
"""Of a larger one there is no floating-point number."""
TURNS_SURE: Final = 256
"""So many turns of a loop are gone through, and more of one that makes little in each."""
LOOP_WORK: Final = 20_000
"""So much is looked at in a loop before its turns are counted."""
CALLS_MOST: Final = 8
"""So deep may the forward of one class call that of another."""

SELF: Final = "super()"
"""Under this name a method knows of whom it is, and of which class."""
_TURNED: Final = ("T", "mT")
_ASKED: Final = (
    *("shape", "ndim", "dtype", "device", "layout", "itemsize", "nbytes", "is_cuda", "is_leaf"),
    *("grad", "grad_fn", "requires_grad"),
)
"""What is told of a value by its attributes; others are values."""
_ADDS: Final = ("add_module", "register_module")
"""The methods of a module that give it another."""
_CHANGING: Final = (*CHANGES, *_ADDS, UPDATE, "setattr")

_CONTAINERS: Final = ("Sequential", "ModuleList")
_DICTS: Final = ("OrderedDict", "ModuleDict", "dict")
_NAMESPACES: Final = ("SimpleNamespace", "Namespace", "ArgumentParser")
_WRITES: Final = {"copy_": UNKNOWN, "fill_": UNKNOWN, "fill": UNKNOWN, "zero_": 0.0}
"""The methods that write over numbers, and with which, where none are given."""
_INITIAL: Final = {"constant_": UNKNOWN, "zeros_": 0.0, "ones_": 1.0, "copyto": UNKNOWN}
"""So too the functions of torch.nn.init, and numpy's."""
_CHANGE_NUMBERS: Final = ("sort", "partition", "put", "shuffle", "fill_diagonal", "place")
"""Of numpy, methods and functions: what they write is not known; nor in torch, of names with _."""
_LEAVE_NUMBERS: Final = (
    *(*SEEN, *CHANGES, UPDATE, *_ADDS, "super", "summary", "save"),
    *("repr", "str", "type", "id", "isinstance", "hasattr", "getattr", "zero_grad"),
    *("clip_grad_norm_", "clip_grad_value_", "parameters_to_vector", "register_buffer"),
    *("sum", "any", "all", "add_graph", "export", "trace"),
    *("register_forward_hook", "register_full_backward_hook", "buffers", "named_buffers"),
    *("share_memory", "compile", "callable"),
)
"""What is handed modules, or is a method of theirs, and leaves their numbers as they are."""
_TAKE: Final = (
    *("filter", "map", "iter", "next", "sorted", "set", "list", "tuple", "dict", "chain"),
    *("children", "named_children", "get_submodule", "get_parameter"),
)
"""So too these; but what they give back are some of them."""
_OF_ALL_LAYERS: Final = ("apply", "load_state_dict", "reset_parameters")
"""The methods of a module that may write over the numbers of all that is in it."""
_CONSTANTS: Final = ("zeros", "ones", "full", "empty")
_TENSORS: Final = ("randn", "rand", "standard_normal")
_DISTRIBUTIONS: Final = ("normal", "uniform")
"""Their size is the third that they are given."""
_COPIES: Final = ("array", "asarray", "as_tensor", "from_numpy")
_NUMBERS: Final = (*_COPIES, "tensor", "LongTensor", "FloatTensor", "Parameter", "float64")
_SAME: Final = ("cast", "deepcopy", "copy")
_WRAPPERS: Final = ("DataParallel", "DistributedDataParallel", "compile", "script")
_NORMS: Final = ("weight_norm", "spectral_norm")


class CodeReader(Operations):
    """Goes through a code, as far as it makes layers or applies them; nothing of it is run.

    own: what is called self in the text itself, where the line of its class is missing. within: of
    how many functions and classes the bodies are gone through, and plain: how many of them are no
    methods.

    inside: what may be the network within functions; loose: what stands alone; kept: what objects
    keep of what comes from x. used: names that are parts of others, or losses. changes: the lists
    and dicts that were changed, each with its place.
    """

    def __init__(self, code: Code) -> None:
        super().__init__(code.remarks)
        self.tree, self.unread, self.printed = code.tree, code.unread, code.printed
        self.own = Instance(Class({}))
        self.names["self"] = self.own
        self.within = self.plain = 0
        # In a loop the same is looked at again.
        self.called, self.given_names, self.matters = cache(_called), cache(_given), cache(_matters)
        self.written, self.handed = cache(_written), cache(_handed)
        self.as_operation = cache(_as_operation)
        self.classes: list[Class] = []
        self.changes: list[tuple[ast.expr, Any, Names]] = []
        self.inside: list[Any] = []
        self.used: set[str] = set()
        self.loose: list[Any] = []
        self.kept: list[Flow] = []
        self.loss: Leaf | None = None

    # --- what may be the network

    def has_layers(self, statement: ast.stmt) -> bool:
        """Whether layers are made in it, or objects of the code's classes."""
        for name in self.called(statement):
            self.go_on()
            known = name[:1].isupper() and (name in _CONTAINERS or known_layer(name))
            if known or isinstance(self.names.get(name), Class):
                return True
        return False

    def expression(self, value: ast.expr, names: Names) -> None:
        """A call that stands alone: what it gives, or changes in its place."""
        func = getattr(value, "func", None)
        if self.printed and isinstance(func, ast.Name) and isinstance(names.get(func.id), Class):
            return  # what print(model) writes
        self.alone = value
        made = self.value(value, names)
        place = changed_place(value)
        if not place and isinstance(value, ast.Call) and value.args and _overwrites(made):
            before = self.value(value.args[0], names)  # relu(x), of nn.ReLU(inplace=True)
            place = value.args[0] if made.nodes[:-1] == getattr(before, "nodes", None) else None
        before = self.value(place, names) if place else None
        if place and isinstance(made, Flow) and isinstance(self.seen(before), Flow):
            told = any(node.changes for node in made.nodes[-1:])  # where it is read once more
            self.assign_over(place, None if told else before, made, names)
        if names is self.names:
            self.loose += made if is_list(made) else [made]
            self.note(made)

    def defined(self, statement: ast.ClassDef, made: Class) -> None:
        """A class: the network itself, or, named in another one, a part of it or a loss."""
        self.classes.append(made)
        if is_module(Instance(made)):
            self.used |= _names_in(statement) - {statement.name}
            if not self.has_layers(statement):  # a loss
                self.used.add(statement.name)

    def given_to(self, names: Names, made: Any) -> None:
        """A value with a name, of the text itself or within a function."""
        if names is self.names:
            self.note(made)
        elif SELF not in names and is_module(made):
            self.inside.append(made)

    def note(self, made: Any) -> None:
        """What may be the network that is meant."""
        if isinstance(made, Leaf) and made.item.layer.data:
            self.loss = made
        elif is_module(made):
            self.found.append(made)
        else:
            self.found += largest(flows_in([made]))

    @property
    def making(self) -> bool:
        """Whether a module is being made; in main() optimizers and data are made as well."""
        return self.within > self.plain

    # --- statements

    def run(self, body: Sequence[ast.stmt], names: Names) -> Any:
        """What is returned, or what ends a turn of a loop; None at the end of the body."""
        for statement in body:
            self.go_on()
            match statement:
                case ast.Assign() | ast.AugAssign() if self.is_step(statement, names):
                    pass
                case ast.Assign(targets=targets, value=value):
                    made = self.value(value, names)
                    for target in targets:
                        self.assign(target, made, names)
                        self.tell_filled(target, value, made, names)
                case ast.AnnAssign(target=target, value=ast.expr() as value):
                    self.assign(target, self.value(value, names), names)
                case ast.AugAssign(target=target):
                    both = self.as_operation(statement)
                    made, before = self.value(both, names), self.value(target, names)
                    if isinstance(made, list) and isinstance(before, list):
                        before[:] = made  # under its other names too
                    else:
                        self.assign_over(target, before, made, names)
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
                case ast.For(target=target, iter=over) if (
                    several := _first_in(self.value(over, names))
                ) is not None:
                    turns = self.each_named(target, several, names)
                    if (made := self.repeated(turns, statement, names)) is not None:
                        return made
                case ast.While(test=test) if self.holds(test, names) is not None and not isinstance(
                    test, ast.Constant
                ):
                    turns = self.while_it_holds(statement, names)
                    if (made := self.repeated(turns, statement, names)) is not None:
                        return made
                case ast.If(test=test, body=inner, orelse=other) if (
                    holds := self.holds(test, names)
                ) is not None:
                    if (made := self.run(inner if holds else other, names)) is not None:
                        return made
                case ast.Try(body=inner, orelse=other, finalbody=last):
                    if (made := self.run([*inner, *other, *last], names)) is not None:
                        return made
                case ast.If() | ast.For() | ast.While() | ast.Match() if self.changes_values(
                    statement, names
                ) or (self.matters(statement) if self.within else self.has_layers(statement)):
                    what = type(statement).__name__.lower()
                    self.remarks.at(statement, "paste.statement", what=what)
                    for name in self.given_names(statement):
                        self.go_on()
                        if is_number(names.get(name)):
                            names[name] = UNKNOWN
        return None

    def leave_off(self, loop: ast.For | ast.While, since: int, names: Names) -> None:
        """What a loop counts and collects is not known where not all of its turns are gone through.

        since: of so many changes it is not that they were made in it. Layers, and what comes from
        x, are kept: of a loop that trains they are read.
        """
        self.forget_written(loop, names)
        for name in self.given_names(loop):
            self.go_on()
            made = names.get(name)
            if isinstance(made, int | float | str) or (is_list(made) and not makes(made)):
                names[name] = UNKNOWN
        for place, of, where in {id(it[1]): it for it in self.changes[since:]}.values():
            self.go_on()
            if not makes(of):
                self.assign_over(place, of, UNKNOWN, where)
                if isinstance(of, list):
                    lengthen(of)

    def changes_values(self, statement: ast.stmt, names: Names) -> bool:
        """Whether what comes from x is made anew in a statement that is not gone through.

        Of numbers that are written over there it is not known what they are.
        """
        self.forget_written(statement, names)
        self.trained |= "step" in self.called(statement)
        before = [names.get(name) for name in self.given_names(statement)]
        for array in [it for it in before if isinstance(it, Tensor)]:
            array.numbers = None
        return bool(flows_in(before))

    def is_step(self, statement: ast.Assign | ast.AugAssign, names: Names) -> bool:
        """Whether it is w -= lr * dw, or w = w - lr * dw, of numbers that are no x.

        What they are then is not known.
        """
        match statement:
            case ast.Assign(targets=[target], value=ast.BinOp() as value):
                first: ast.expr = value
                while isinstance(first, ast.BinOp) and not isinstance(first.op, ast.MatMult):
                    first = first.left
                again = ast.unparse(target) == ast.unparse(first)
            case ast.AugAssign(target=target, value=value):
                again = True
            case _:
                return False
        before = self.value(target, names) if again else UNKNOWN
        if not isinstance(before, Tensor) or before is self.x or self.is_input(before):
            return False
        self.value(value, names)  # it may be that x is read there
        if is_step := before is not self.x:
            if isinstance(statement, ast.Assign):
                self.assign(target, Tensor(before.shape), names)
            else:
                self.overwrite(target, before, Tensor(before.shape), names)
        return is_step

    def repeated(self, turns: Iterable[None], loop: ast.For | ast.While, names: Names) -> Any:
        """What a loop returns; None where it goes to its end, or to a break."""
        since, before = len(self.changes), self.work
        for turn, _ in enumerate(turns):
            long = turn >= TURNS_SURE and self.work - before > LOOP_WORK
            if long or turn == LIST_MOST:
                return self.leave_off(loop, since, names)
            made = self.run(loop.body, names)
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
        while True:
            holds = self.holds(loop.test, names)
            if holds is None:
                self.forget_written(loop, names)
            if holds is None and self.within:
                self.remarks.at(loop, "paste.statement", what="while")
            if not holds:
                return
            yield

    def assign(self, target: ast.expr, made: Any, names: Names) -> None:
        """Gives a name to a value."""
        match target:
            case ast.Name(id=name):
                if name == "x" and isinstance(made, Product) and not made.flow.nodes:
                    made = Tensor(made.shape, made.numbers)  # x = x / 255
                if name == "x" and type(made) is Tensor and not made.shape:  # a row of one number
                    made = turned(made, "reshape", (1,))
                names[name] = made
                self.given_to(names, made)
            case ast.Attribute(value=ast.Attribute() as of, attr="data"):
                held = self.value(of, names)
                alike = isinstance(held, Parameter) and held.shape == getattr(made, "shape", None)
                if alike and type(made) is Tensor:
                    held.overwrite(made)
                else:
                    self.assign(of, made, names)
            case ast.Attribute(value=of, attr=name):
                instance = self.value(of, names)
                if isinstance(instance, Instance | Class):
                    register(instance, name, made)
                    self.kept += [made] if isinstance(made, Flow) else []
                    if instance is self.own:
                        self.given_to(names, made)
                elif isinstance(instance, Leaf) and type(made) is Tensor:
                    instance.numbers[name] = made.numbers
                    if held := instance.parameters.pop(name, None):
                        held.of = None  # another has its place
                elif isinstance(instance, Tensor) and name == "data":  # p.data = w
                    fits = isinstance(made, Tensor) and made.shape == instance.shape
                    instance.overwrite(made if fits else Tensor(instance.shape))
                elif isinstance(instance, Unknown) and name not in _ASKED:
                    self.forget(_named_in(of, names))
                elif is_module(made) if isinstance(instance, Row) else _ties(instance, name, made):
                    self.remarks.at(target, "paste.statement", what=quoted(target))
            case ast.Tuple(elts=each) | ast.List(elts=each):
                for one, its in zip(each, unpacked(made, each), strict=True):
                    self.assign(one, its, names)
            case ast.Starred(value=several):
                self.assign(several, made, names)
            case ast.Subscript(value=of, slice=at):
                where = as_index(self.index(at, names))  # which may tell that a is an x: a[a < 0]
                before = self.value(of, names)
                several = self.seen(before)
                several = self.as_flow(several) if isinstance(several, Product) else several
                if isinstance(where, Mask) and where.keeps(several, above=False) and is_zero(made):
                    self.assign_over(of, before, self.positive(target, several), names)
                elif isinstance(several, Flow):
                    self.remarks.at(target, "paste.left_out", code=quoted(target), kept=quoted(of))
                elif isinstance(several, Tensor):
                    self.go_on(prod(several.shape) // 100)
                    self.overwrite(of, several, written(several, where, made), names)
                elif where in (slice(None), ...) and isinstance(of, ast.Attribute):
                    self.assign(of, made, names)  # conv.weight[:] = w
                else:
                    self.change(of, several, SET, [where, made], names)

    def assign_over(self, target: ast.expr, before: Any, made: Any, names: Names) -> None:
        """Gives a value that was changed in its place to all names of it: h = a; h[h < 0] = 0."""
        own = names.maps[0]
        if isinstance(before, Flow | Product | list | dict):
            own.update({name: made for name in own if own[name] is before})
        self.assign(target, made, names)

    # --- expressions

    def value(self, node: ast.expr, names: Names) -> Any:
        """What an expression stands for."""
        self.go_on()
        match node:
            case ast.Constant(value=int() as value) if abs(value) > LARGEST_INTEGER:
                return UNKNOWN
            case ast.Constant(value=int() | float() | str() | None as value):
                return value
            case ast.Name(id=name):
                made = names.get(name, Named(node))
                if is_list(made):
                    self.go_on(len(made) // 100)  # of which each takes so much less
                    return listed(made)  # it may have grown under another name
                return made
            case ast.Attribute(value=of, attr=name):
                its = self.value(of, names)
                if not isinstance(its, Flow) or name in _ASKED:
                    return self.attribute(its, name)
                if name == "data":
                    return its.stopped(node)
                return self.follow(its, name, kept_whole(node, of))
            case ast.NamedExpr(target=target, value=value):
                self.assign(target, made := self.value(value, names), names)
                return made
            case ast.Lambda(args=arguments, body=body):
                return Function(arguments, [ast.Return(body)], names)
            case ast.Tuple(elts=each) | ast.List(elts=each):
                made = self.values(each, names, told=self.within > 0)
                return listed([*made] if isinstance(node, ast.List) else made)
            case (
                ast.ListComp(elt=one, generators=loops)
                | ast.GeneratorExp(elt=one, generators=loops)
            ):
                if (made := self.comprehended(one, loops, names)) is None:
                    self.forget_written(node, names)
                    if self.within:
                        self.remarks.at(node, "paste.statement", what="for")
                    return UNKNOWN
                return listed([*made] if isinstance(node, ast.ListComp) else made)
            case ast.IfExp(test=test, body=one, orelse=other):
                holds = self.holds(test, names)
                for kept in (one, other) if holds is None else ():
                    made = self.value(kept, names)
                    self.forget_written(kept, names)
                    if isinstance(made, (*MODULES, Flow)):
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
            case ast.Compare(of, [ast.Gt() | ast.GtE() | ast.Lt() | ast.LtE() as op], [zero]) if (
                is_zero(self.value(zero, names))
                and isinstance(its := self.tested(self.value(of, names)), Flow)
            ):
                return Mask(
                    its, isinstance(op, ast.Gt | ast.GtE), isinstance(op, ast.GtE | ast.LtE)
                )
            case ast.Compare() | ast.UnaryOp(op=ast.Not()):
                holds = self.holds(node, names)
                return UNKNOWN if holds is None else holds
            case ast.BoolOp(op=op, values=values):
                for one in values:
                    holds = self.holds(one, names)
                    if holds is None and one is not values[-1]:
                        self.forget_written(node, names)
                    if holds is None or holds == isinstance(op, ast.Or) or one is values[-1]:
                        return UNKNOWN if holds is None else self.value(one, names)
            case ast.UnaryOp(op=op, operand=operand):
                value = self.seen(self.value(operand, names))
                if isinstance(value, Flow):
                    event = "minus" if isinstance(op, ast.USub) else ""
                    return self.follow(value, event, kept_whole(node, operand))
                if isinstance(op, ast.USub) and self.is_input(value):
                    return self.negated(node, value)
                if isinstance(op, ast.USub) and type(value) is Tensor:
                    return self.for_each(ast.Mult(), -1, value)
                return -value if isinstance(op, ast.USub) and is_number(value) else UNKNOWN
            case ast.BinOp(op=op):
                left, right = self.value(node.left, names), self.value(node.right, names)
                if self.printed and isinstance(left, int) and is_module(right):  # 2 x Linear(…)
                    return [self.copied(right, {}) for _ in range(min(left, LAYERS_MOST))]
                return self.operation(node, left, op, right)
            case ast.Subscript(value=of, slice=at):
                several = self.seen(self.value(of, names))
                whole, index = mapping_in(several), self.index(at, names)
                if isinstance(several, Flow):
                    labels = index[1] if (event := event_of_index(index)) == OF_LABELS else None
                    return self.follow(several, event, kept_whole(node, of), labels)
                if isinstance(several, Tensor):
                    self.go_on(prod(several.shape) // 100)
                    return taken(several, as_index(index))
                if several is SHAPE:
                    return EXAMPLES if index == 0 else UNKNOWN
                found = part(several_in(several) if whole is None else whole, index)
                if isinstance(several, Row) and is_list(found):
                    return Row(tuple(found), named=True)  # torch counts them from the first of all
                return found
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
                several = _first_in(self.value(one.value, names))
                itself = isinstance(one.value, ast.ListComp | ast.GeneratorExp)  # tells it
                if several is None and told and not itself:
                    self.remarks.at(one, "paste.statement", what=quoted(one))
                found += several or ()
            else:
                found.append(self.value(one, names))
            if len(found) > LIST_MOST:
                found[LIST_MOST:] = [UNKNOWN]
        return tuple(found)

    def index(self, at: ast.expr, names: Names) -> Any:
        """What stands in the brackets behind a list: a number, or a slice."""
        if isinstance(at, ast.Tuple):
            return tuple(self.index(each, names) for each in at.elts)
        if isinstance(at, ast.Constant) and at.value is ...:
            return ...
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
        found: list[Any] = []
        whole = self.value(loop.iter, names)
        over = _first_in(whole)
        for each in over or ():
            self.go_on()
            own = names.new_child()
            self.assign(loop.target, each, own)
            conditions = [self.holds(test, own) for test in loop.ifs]
            made = self.comprehended(one, inner, own) if all(conditions) else ()
            if made is None or None in conditions:
                return None
            found += made
        cut = isinstance(whole, Long) and len(found) <= LIST_MOST
        return None if over is None or cut else tuple(found)

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
        self.changes += [(place, of, names)] if several is of else []
        try:
            returned = changed(several, method, given)
        except ValueError:
            self.forget(_named_in(place, names))
            self.assign_over(place, of, UNKNOWN, names)
            return UNKNOWN
        if isinstance(held, Row):
            held.parts = modules_in(several)
        return returned

    def write(self, place: ast.expr, numbers: Any, names: Names) -> Any:
        """One number, or numbers, over those of an array or of a layer's parameter."""
        of = self.value(place, names)
        if isinstance(of, Tensor) and not isinstance(numbers, Tensor):
            numbers = constant("full", (of.shape, numbers))
        elif is_number(numbers):
            numbers = tensor(numbers)
        if isinstance(of, Tensor):
            self.overwrite(place, of, numbers, names)
        elif isinstance(place, ast.Attribute):
            self.assign(place, numbers, names)
        elif isinstance(of, Unknown):
            self.forget(_named_in(place, names))
        return numbers

    def overwrite(self, place: ast.expr, of: Tensor, numbers: Any, names: Names) -> None:
        """Others over these: under all names of an array, and of a part in what it is a part of."""
        alike = isinstance(numbers, Tensor) and numbers.shape == of.shape
        if not (isinstance(place, ast.Subscript) and of.views):  # the whole is written below
            of.overwrite(numbers if alike else Tensor(of.shape))
        if isinstance(place, ast.Subscript) or (isinstance(of, Parameter) and not alike):
            self.assign(place, numbers, names)

    def forget(self, values: Iterable[Any]) -> None:
        """Of the parameters among the values, and of modules, it is not known what they are."""
        for each in leaves([*values]):
            self.go_on()
            if isinstance(each, Some):
                self.forget(each.of)
            if isinstance(each, Parameter):
                each.overwrite(Tensor(each.shape))
            for it in self.modules(each) if isinstance(each, MODULES) else ():
                if isinstance(it, Leaf):
                    self.forget(it.parameters.values())
                    it.numbers.clear()

    def forget_written(self, node: ast.AST, names: Names) -> None:
        """So too of what may be written over in a part of the code that is not gone through."""
        for place in self.written(node):
            self.go_on()
            self.forget(_named_in(place, names))
        for name in self.handed(node):
            self.forget([names[name]] if isinstance(names.get(name), MODULES) else ())

    def modules(self, module: Any, *, last_first: bool = False) -> dict[Any, Any]:
        """As `modules_of` has them."""
        found = modules_of(module, last_first=last_first)
        self.go_on(len(found))
        return found

    def parameters_of(self, module: Any) -> list[tuple[Any, Parameter]]:
        """Those of its layers, with their names in torch; UNKNOWN where the name is."""
        return [
            (
                within if within is UNKNOWN else f"{within}.{name}".removeprefix("."),
                parameter(leaf, name),
            )
            for leaf, within in self.modules(module).items()
            if isinstance(leaf, Leaf) and leaf.weights
            for name, _ in zip((WEIGHT, BIAS), leaf.item.arguments, strict=False)
        ]

    def load(self, module: Any, saved: Any) -> None:
        """module.load_state_dict(saved): what is not in it stays, if all names are known."""
        known = mapping_in(saved)
        if known is None:
            self.forget([module])
            return
        named = all(isinstance(key, str) for key in known)
        for name, its in self.parameters_of(module):
            made = None if name is UNKNOWN else known.get(name)
            if made is its:
                continue
            if isinstance(made, Tensor) and made.shape == its.shape:
                its.overwrite(made)
            elif name in known or name is UNKNOWN or not named:
                its.overwrite(Tensor(its.shape))

    def copied(self, value: Any, made: dict[int, Any]) -> Any:
        """As deepcopy has it: modules with weights of their own. made: what is copied already."""
        if id(value) in made:
            return made[id(value)]
        self.go_on()
        match value:
            case Leaf():
                made[id(value)] = replace(value, numbers={**value.numbers})
            case Tensor():
                made[id(value)] = replace(value)
            case Row(parts=parts):
                made[id(value)] = row = Row((), value.at, value.named)
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
        if isinstance(of, Leaf) and name in (WEIGHT, BIAS) and of.weights:
            return parameter(of, name)
        if isinstance(of, Tensor) and name == "data":
            return of
        if isinstance(of, Parameter) and name == "ndim":
            return len(of.shape)
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

    # --- calls

    def call(self, node: ast.Call, names: Names) -> Any:
        """A layer that is made, or one that is applied."""
        chained = isinstance(node.func, ast.Attribute) and not isinstance(node.func.value, ast.Name)
        meant = UNKNOWN if chained else self.callee(node.func, names)
        if isinstance(meant, Named) and last_name(meant.name) != last_name(node.func):
            node = ast.copy_location(ast.Call(meant.name, node.args, node.keywords), node)
        name = last_name(node.func)
        given, named = self.given(node, name, names)
        found, of = ELSEWHERE, UNKNOWN
        if isinstance(node.func, ast.Attribute):
            of = self.value(node.func.value, names)
            found = self.called_on(node, node.func, of, given, named, names)
        if found is ELSEWHERE:
            found = self.called_by_name(name, given, named, node, names)
        if found is not ELSEWHERE:
            return found
        callee = self.attribute(of, name) if chained else self.callee(node.func, names)
        if chained and isinstance(callee, Named):  # self.config.activation()
            node = ast.copy_location(ast.Call(callee.name, node.args, node.keywords), node)
            name = last_name(callee.name)
        if isinstance(callee, Function):
            said, before = len(self.remarks.said), len(self.inside)
            made = self.inner(callee, given, named)
            other = not makes(made) and (made is not None or not self.making)
            if other and len(self.inside) == before:  # of something else
                del self.remarks.said[said:]
            return made
        if isinstance(callee, MODULES):
            given = given or [*named.values()]
            return self.applied(node, callee, [*map(self.as_flow, given[:1]), *given[1:]])
        if isinstance(callee, Class):
            return self.instance(node, callee, given, named)
        if (found := self.made_by_name(name, given, named, node)) is not ELSEWHERE:
            return found
        if name in _TAKE and (taken_from := _with_parameters([of, *given])):
            return Some(taken_from)
        self.forget_what_is_handed(node, name, of, [*given, *named.values()], names)
        given = self.read(node, name, given, named) if name.islower() else given
        if flows := flows_in(given):
            return self.function(node, name, flows, given, named)
        return self.made(node, name, given, named)

    def forget_what_is_handed(
        self, node: ast.Call, name: str, of: Any, given: list[Any], names: Names
    ) -> None:
        """Of what a call that is not followed may write over: modules, or what they are made of."""
        if _leaves_numbers(name) or flows_in([of, *given]):
            return
        if _changes_numbers(name):
            self.forget(_named_in(node, names))
            return
        self.forget(it for it in given if not isinstance(it, Tensor))
        if isinstance(of, MODULES) and name not in getattr(of, "attributes", ()):
            self.forget([of])

    def callee(self, func: ast.expr, names: Names) -> Any:
        """What is called; the method of a value is none of its attributes."""
        if isinstance(func, ast.Attribute):
            return self.attribute(self.value(func.value, names), func.attr)
        return self.value(func, names)

    def given(self, node: ast.Call, name: str, names: Names) -> tuple[list[Any], dict[str, Any]]:
        """What a call is given in its brackets."""
        within = self.within
        if name in _CONTAINERS or name in _DICTS:
            self.within += 1
        given = [*self.values(node.args, names, told=name in _CONTAINERS)]
        starred = any(isinstance(each, ast.Starred) for each in node.args)
        for at, made in zip(node.args, given, strict=False) if not starred else ():
            if name in _CONTAINERS and isinstance(made, Unknown | Class | Function):
                self.remarks.at(at, "paste.no_layer", code=quoted(at))  # nn.ReLU, not nn.ReLU()
        listed = given if starred else [each for each in given if is_list(each)]
        if name in _CONTAINERS and any(isinstance(each, Unknown) for each in leaves(listed)):
            self.remarks.at(node, "paste.joined", name=name)
        named: dict[str, Any] = {}
        for each in node.keywords:
            made = self.value(each.value, names)
            named |= {each.arg: made} if each.arg else mapping_in(made) or {}
        self.within = within
        return given, named

    def called_on(
        self,
        node: ast.Call,
        method: ast.Attribute,
        of: Any,
        given: list[Any],
        named: dict[str, Any],
        names: Names,
    ) -> Any:
        """What a method gives back of a value, a module, a list, a dict; ELSEWHERE of others."""
        place, name = method.value, method.attr
        if isinstance(of, Flow):
            return self.method(node, name, of, given, named)
        if isinstance(of, MODULES) and name in SAME_MODULE:
            return of
        own = isinstance(of, Instance) and of.found(name) is not UNKNOWN
        if (
            isinstance(of, MODULES)
            and not own
            and (made := self.method_of_modules(name, of, given)) is not ELSEWHERE
        ):
            return made
        if isinstance(of, Mask) and name in ("astype", *SAME_NUMBERS):
            return of
        if (
            isinstance(of, Tensor)
            and (made := self.method_of_numbers(node, name, of, given, named)) is not ELSEWHERE
        ):
            return made
        if isinstance(of, Tensor) and _changes_numbers(name):
            return self.write(place, UNKNOWN, names)
        self.trained |= name == "step" and not isinstance(of, Instance)
        if isinstance(of, Instance) and of.found(name) is UNKNOWN:
            if of.after and name == "__init__" and of.of.layer:
                given = [as_leaf(of.of.layer, given, named, node, self.remarks)]
            if of.after and name == "__init__" and (given or of.of.container):  # of the layers
                of.attributes[""] = Row(modules_in(given))
            if of.after and name == "forward":
                return self.applied(node, of.attributes.get("", UNKNOWN), given)
            if name == "add_argument" and given:
                option = next((it for it in given if str(it).startswith("--")), given[0])
                absent = False if named.get("action") == "store_true" else UNKNOWN
                option = str(option).lstrip("-").replace("-", "_")
                of.attributes[option] = named.get("default", absent)
                return UNKNOWN
            if name == "parse_args" and not any((*given, *named.values())):
                return of
        if isinstance(of, str) and name == "format" and not named:
            return filled(of, of.format, *given)
        if name in _WRITES and not isinstance(of, Named):  # conv.weight.copy_(w)
            return self.write(place, [*given, *named.values(), _WRITES[name]][0], names)
        if name == "children" and isinstance(of, Row | Instance):
            self.go_on(len(several := children_of(of)))
            return several
        pairs = mapping_in(of)
        if pairs is not None and name in VIEWS:
            return viewed(pairs, name, given)
        if isinstance(of, dict) and name == UPDATE:
            more = [it for each in given for it in pairs_in(each)]
            update = [as_dict([*more, *named.items()])]
            return self.change(place, of, UPDATE, update, names)
        if name in _ADDS and isinstance(of, Instance) and len(given) == 2:
            register(of, given[0], given[1])
            return UNKNOWN
        if name in _ADDS and isinstance(of, Row):
            of.named = True
            return self.change(place, of, "append", given[1:], names)
        if name in CHANGES and several_in(of) is not None:
            given = [*map(several_in, given)] if name == "extend" else given
            return self.change(place, of, name, given, names)
        return ELSEWHERE

    def method_of_modules(self, name: str, of: Any, given: list[Any]) -> Any:
        """What those of torch give that are about all layers in it; ELSEWHERE of others."""
        match name:
            case "parameters":
                return [each for _, each in self.parameters_of(of)]
            case "named_parameters":
                return self.parameters_of(of)
            case "state_dict":  # a number is no key of theirs
                pairs = enumerate(self.parameters_of(of))
                return {at if name is UNKNOWN else name: each for at, (name, each) in pairs}
            case "modules":
                return [*self.modules(of)]
            case "named_modules":
                return [(name, each) for each, name in self.modules(of).items()]
            case "apply" if given and isinstance(given[0], Function) and self.depth < CALLS_MOST:
                said = len(self.remarks.said)
                for each in reversed(self.modules(of, last_first=True)):
                    self.inner(given[0], [each], {})
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

    def called_by_name(
        self, name: str, given: list[Any], named: dict[str, Any], node: ast.Call, names: Names
    ) -> Any:
        """What functions of Python's own, and around modules, give back; ELSEWHERE of others."""
        if name == "getattr" and len(given) > 1 and isinstance(given[1], str):
            found = self.attribute(given[0], given[1])
            return given[2] if found is UNKNOWN and len(given) > 2 else found
        if name == "hasattr" and len(given) == 2 and isinstance(given[0], Instance):
            its = str(given[1])
            return its in given[0].attributes or given[0].found(its) is not UNKNOWN
        if name in _SAME and given and isinstance(node.func, ast.Name | ast.Attribute):
            return self.copied(given[-1], {}) if name == "deepcopy" else given[-1]
        if name in _NORMS and given and is_module(given[0]):
            self.remarks.at(node, "paste.left_out", code=quoted(node), kept=quoted(node.args[0]))
        if name in (*_WRAPPERS, *_NORMS) and given and is_module(given[0]):
            return given[0]
        if name in _INITIAL and node.args:  # nn.init.constant_(conv.weight, 0.5)
            return self.write(node.args[0], [*given[1:], *named.values(), _INITIAL[name]][0], names)
        numbers = bool(given) and isinstance(given[0], Tensor) and not known_layer(name)
        if numbers and _changes_numbers(name) and isinstance(self.callee(node.func, names), Named):
            return self.write(node.args[0], UNKNOWN, names)  # nn.init.normal_(conv.weight)
        for out in [it.value for it in node.keywords if it.arg == "out"]:
            self.write(out, UNKNOWN, names)
        if name == "sum" and isinstance(node.func, ast.Name) and len(flows_in(given)) > 1:
            return joined("add", flows_in(given), {}, node, self.remarks)
        if name == "partial" and node.args:
            return _partial(node, names)
        if name == "setattr" and len(given) == 3 and isinstance(given[0], Instance):
            register(given[0], given[1], given[2])
            return UNKNOWN
        if name == "isinstance" and len(node.args) == 2:
            return is_of(given[0], node.args[1])
        if name == "next" and given and isinstance(node.args[0], ast.Call) and several_in(given[0]):
            return part(several_in(given[0]), 0)
        if name == "super" and SELF in names:
            of, after = names[SELF]
            return Instance(getattr(of, "of", of), of.attributes, after)  # of a class too
        return ELSEWHERE

    def made_by_name(
        self, name: str, given: list[Any], named: dict[str, Any], node: ast.Call
    ) -> Any:
        """Rows of modules, dicts, numbers and what is computed of them; ELSEWHERE of others."""
        if name == "Sequential":
            named_too = any(isinstance(each, dict) for each in given)
            return Row(modules_in(given), node, named_too)
        if name in _CONTAINERS:
            return [*(given[0] if len(given) == 1 and is_list(given[0]) else given)]
        if name in _DICTS and not any(isinstance(each, Some) for each in given):
            return as_dict([*(pairs_in(given[0]) if given else ()), *named.items()])
        if name == "field":  # of a dataclass
            return named.get("default", UNKNOWN)
        if name in _NAMESPACES:
            return Instance(Class({}), dict(named))
        if name in _DISTRIBUTIONS:
            name, given = _TENSORS[0], given[2:]
        if name in _CONSTANTS:
            given = given or [named.get("size", named.get("shape", ()))]
            fill = [named["fill_value"]] if "fill_value" in named else []
            return constant(name, [*given, *fill])
        if name in _TENSORS or (name == "random" and (given or named)):
            shape = shape_in(given or [named.get("size", ())])
            return UNKNOWN if shape is None else Tensor(shape)
        if name in ("eye", "identity") and len(given) == 1:
            return unit(given[0])
        if name == "one_hot" and isinstance(given[0] if given else None, Tensor):
            of = unit([*given[1:], *named.values(), UNKNOWN][0])
            return taken(of, as_index(given[0])) if isinstance(of, Tensor) else UNKNOWN
        if name in ("arange", "linspace"):
            return spaced(name, given, **named)
        if name in TURNS and given and isinstance(given[0], Tensor):
            return turned(given[0], name, [*given[1:], *named.values()])
        if name in _NUMBERS and given and isinstance(given[0], Flow):
            return given[0]._replace() if name in _COPIES else given[0].stopped(node)
        if name in _NUMBERS and given and not flows_in(given):
            if not isinstance(given[0], Tensor):
                return tensor(given[0])
            return replace(given[0]) if name in ("array", "tensor") else given[0]
        if name == "len" and isinstance(given[0] if given else None, Tensor):
            return part(given[0].shape, 0)
        place = getattr(node.func, "value", None)  # of math.prod
        if (place is None or last_name(place) in MATHEMATICS) and (
            made := built_in(name, [several_in(it) or it for it in given])
        ) is not UNKNOWN:
            return made
        return ELSEWHERE

    # --- modules

    def made(self, node: ast.Call, name: str, given: list[Any], named: dict[str, Any]) -> Any:
        """A module of torch.nn; nothing, and a remark, where it is not known."""
        known = known_layer(name)
        of_torch = isinstance(node.func, ast.Attribute) and last_name(node.func.value) == "nn"
        if self.printed and not known and name not in SEEN and modules_in(given):
            self.remarks.at(node, "paste.printed", name=name)
            return Row(modules_in(given))
        if name.islower() or not (known or of_torch or self.making):
            return UNKNOWN
        if name == "Identity":
            return Row(())
        if name == "LogSoftmax" and event_of_call("log_softmax", [*given, *named.values()]):
            return LogSoftmax(node)
        if name == "NLLLoss":
            loss = as_leaf("CrossEntropyLoss", given, named, node, self.remarks)
            return loss and replace(loss, reads_logarithms=node)
        leaf = as_leaf(name, given, named, node, self.remarks) if known else None
        if not known and name[:1].isupper():
            self.remarks.at(node, "paste.layer", name=name)
        return leaf or (Row(()) if known or name[:1].isupper() else UNKNOWN)

    def instance(self, at: ast.AST, of: Class, given: list[Any], named: dict[str, Any]) -> Any:
        """An object of a class of the code."""
        made = Instance(of)
        init = made.found("__init__")
        if isinstance(init, Function):
            self.inner(init, given, named)
        elif of.layer:
            leaf = as_leaf(of.layer, given, named, at, self.remarks)
            made.attributes[""] = Row(modules_in([leaf]))
        elif of.container:
            made.attributes[""] = Row(modules_in(given))
        else:
            fields = [name for each in reversed(of.order) for name in each.fields]
            made.attributes |= {**dict(zip(fields, given, strict=False)), **named}
        return made

    def tell_filled(self, target: ast.expr, value: ast.expr, made: Any, names: Names) -> None:
        """That what is made of x entry by entry is not read: a[i] = np.sum(w * x[i : i + 2])."""
        if not (isinstance(target, ast.Subscript) and isinstance(made, Unknown)):
            return
        read = [names.get(it.id) for it in ast.walk(value) if isinstance(it, ast.Name)]
        if any(map(self.is_input, read)):
            self.remarks.at(target, "paste.statement", what=quoted(target))
            self.assign(target.value, UNKNOWN, names)


def _first_in(value: Any) -> list[Any] | tuple[Any, ...] | None:
    """What a loop goes through at first: of a list that is too long to be known its beginning."""
    return value.first if isinstance(value, Long) else several_in(value)


def _called(statement: ast.AST) -> set[str]:
    """The last names of what is called in it."""
    return {last_name(it.func) for it in ast.walk(statement) if isinstance(it, ast.Call)}


def _as_operation(statement: ast.AugAssign) -> ast.BinOp:
    """y + 1, of y += 1."""
    operation = ast.BinOp(statement.target, statement.op, statement.value)
    return ast.copy_location(operation, statement)


def _given(statement: ast.AST) -> set[str]:
    """The names that something is given to in it, or to a part of what they are."""
    given = [it for it in ast.walk(statement) if isinstance(getattr(it, "ctx", 0), ast.Store)]
    parts = [it.value if isinstance(it, ast.Subscript) else it for it in given]
    return {it.id for it in parts if isinstance(it, ast.Name)}


def _matters(statement: ast.stmt) -> bool:
    """Whether it may make something; not where it looks only, or fills weights with numbers."""
    made = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.NamedExpr, ast.Break, ast.Continue)
    return any(
        isinstance(each, made)
        or (isinstance(each, ast.Return) and each.value is not None)
        or (isinstance(each, ast.Call) and last_name(each.func) in _CHANGING)
        for each in ast.walk(statement)
    )


def _written(statement: ast.AST) -> list[ast.AST]:
    """The parts of it that may write over numbers, and all that their names are given from."""
    found: list[ast.AST] = []
    sources: dict[str, list[ast.expr]] = {}
    for each in ast.walk(statement):
        match each:
            case ast.Call(func=place) if not _leaves_numbers(name := last_name(place)) and (
                name in (*_WRITES, *_INITIAL, *_OF_ALL_LAYERS) or _changes_numbers(name)
            ):
                found += [] if _is_of_gradient(place) else [each]
            case ast.Attribute(ctx=ast.Store()) | ast.Subscript(ctx=ast.Store()):
                found += [] if _is_of_gradient(each) else [each]
            case ast.AugAssign(target=target):
                found.append(target)
            case (
                ast.For(target=target, iter=source)
                | ast.comprehension(target=target, iter=source)
                | ast.Assign(targets=[target], value=source)
            ):
                for one in ast.walk(target):
                    if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
                        sources.setdefault(one.id, []).append(source)
    for its in found:  # which grows by what it is taken from
        for name in _names_in(its):
            found += sources.pop(name, ())
    return found


def _handed(statement: ast.AST) -> set[str]:
    """The names of what is handed in it to a call that may write over the numbers of layers."""
    calls = [it for it in ast.walk(statement) if isinstance(it, ast.Call)]
    calls = [it for it in calls if not _leaves_numbers(last_name(it.func))]
    given = [it for call in calls for it in (*call.args, *(each.value for each in call.keywords))]
    return {it.id for it in given if isinstance(it, ast.Name)}


def _leaves_numbers(name: str) -> bool:
    """Whether a function or a method of this name leaves those of layers as they are, or makes."""
    return name in (*_LEAVE_NUMBERS, *_TAKE) or name[:1].isupper() or name.startswith("__")


def _is_of_gradient(node: ast.expr) -> bool:
    """Whether it is p.grad.zero_, p.grad, p.requires_grad: what is told of a value."""
    return any(isinstance(it, ast.Attribute) and it.attr in _ASKED for it in ast.walk(node))


def _named_in(node: ast.AST, names: Names) -> list[Any]:
    """The values of all names in a part of the code, and of objects what it takes of them."""
    if isinstance(node, ast.Name):
        return [names.get(node.id)]
    if isinstance(node, ast.Attribute):
        of = [] if node.attr in _ASKED else _named_in(node.value, names)
        return [
            it.attributes[node.attr]
            if isinstance(it, Instance) and node.attr in it.attributes
            else it
            for it in of
        ]
    return [it for inner in ast.iter_child_nodes(node) for it in _named_in(inner, names)]


def _with_parameters(values: Sequence[Any]) -> tuple[Any, ...]:
    """Those among the values, and in lists, that have parameters or are some, each once."""
    every = [
        it for each in leaves(values) for it in (each.of if isinstance(each, Some) else [each])
    ]
    return tuple(dict.fromkeys(it for it in every if isinstance(it, (*MODULES, Parameter))))


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
    given = isinstance(made, Tensor) and not isinstance(made, Parameter)
    return isinstance(of, Leaf) and name in (WEIGHT, BIAS) and not given


def _changes_numbers(name: str) -> bool:
    """Whether a function or a method of this name writes over what it is given: w.mul_(2)."""
    of_torch = name.endswith("_") and not name.startswith("_")
    return name in _CHANGE_NUMBERS or (of_torch and name not in (*_WRITES, *_INITIAL))


def _names_in(statement: ast.AST) -> set[str]:
    """The names that are read or given in it."""
    return {it.id for it in ast.walk(statement) if isinstance(it, ast.Name)}


def _overwrites(made: Any) -> bool:
    """Whether what made a value wrote it over its input."""
    return isinstance(made, Flow) and any(node.leaf.in_place for node in made.nodes[-1:])


def _partial(node: ast.Call, names: Names) -> Function:
    """partial(f, 2, c=3), which is lambda *a, **b: f(2, *a, **{"c": 3, **b})."""
    more = [ast.Starred(ast.Name("*"))]
    named = [ast.keyword(None, ast.Name("**"))]
    call = ast.Call(node.args[0], [*node.args[1:], *more], [*node.keywords, *named])
    arguments = ast.arguments([], [], ast.arg("*"), [], [], ast.arg("**"), [])
    return Function(arguments, [ast.Return(ast.copy_location(call, node))], names)

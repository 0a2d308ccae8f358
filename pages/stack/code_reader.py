"""The interpreter of pasted code: it goes through the syntax tree statement by statement.

It understands layers of torch.nn, nn.Sequential, classes with a forward of plain calls, functions
that are layers (F.relu, F.conv1d with its weights, torch.cat, x + y), the code's own functions,
names, lists and loops over them, conditions whose value is known, and arithmetic on small numbers.
A remark with line and column names any other layer, and anything else that is done with a value
computed from x; the rest is still read. paste.py turns the values that are found into a network.
"""

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any, Final

from pages.stack.code_calls import CALLS_MOST, CONTAINERS, SELF, Calls
from pages.stack.code_changes import values_in
from pages.stack.code_syntax import (
    ASKED,
    as_operation,
    called_in,
    changed_in,
    given_in,
    leaves_a_loop,
    matters,
    names_in,
    no_gradient,
    walrus_in,
)
from pages.stack.code_text import Code, last_name, quoted
from pages.stack.code_values import (
    MODULES,
    Class,
    Function,
    Instance,
    Mask,
    Named,
    Names,
    RaisedError,
    Row,
    catches,
    forward_of,
    is_made,
    is_module,
    kind_of_error,
    lengthened,
    makes,
    mapping_in,
    modules_in,
    pairs_in,
    register,
    several_in,
    unpacked,
)
from pages.stack.dataflow import Flow, flows_in, largest
from pages.stack.known_values import (
    ADDED,
    DELETE,
    EXAMPLES,
    LIST_MOST,
    SET,
    SHAPE,
    UNKNOWN,
    Long,
    Unknown,
    as_dict,
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
)
from pages.stack.operations import Product, changed_place, first_of, is_zero, kept_whole
from pages.stack.stack import BIAS, LAYERS_MOST
from pages.stack.torch_layers import (
    WEIGHT,
    Leaf,
    Tensor,
    is_true,
    known_layer,
    replace_parameter,
    sets,
    taken,
    turned,
    written,
)
from pages.stack.written_loss import OF_LABELS, event_of_index

LARGEST_INTEGER: Final = 2**1023  # a larger integer has no floating-point number
GAP: Final = (Unknown(),)  # in a list, what stands for entries whose number is not known
SETTER: Final = "{}="
"""The name of a property's setter in its class; the property's own is that of its getter."""
TURNS_SURE: Final = 256
"""After so many turns a loop is left, if it has taken more than LOOP_WORK by then."""
LOOP_WORK: Final = 20_000
"""The work in a loop up to which no turn of it is left out; see `Operations.count_work`."""


class CodeReader(Calls):
    """Interprets code as far as it makes layers or applies them; nothing of it is run.

    This class handles statements and expressions by a method for each type of node: run_… for
    statements, assign_… for targets and value_of_… for expressions (`method_for` finds them). Its
    base classes handle the rest: `Operations` computes with values that come from x, `Changes`
    follows what is changed in place, and `Calls` evaluates calls.
    """

    def __init__(self, code: Code) -> None:
        super().__init__(code.remarks, printed=code.printed)
        self.tree, self.unread = code.tree, code.unread
        self.own = Instance(Class({}))
        """The object named self at the top level, for text in which the class line is missing."""
        self.names["self"] = self.own
        # The statements of a loop are examined once per turn.
        self.called_names, self.given_names = cache(called_in), cache(given_in)
        self.matters, self.as_operation = cache(matters), cache(as_operation)
        self.walrus, self.changed = cache(walrus_in), cache(changed_in)
        self.leaves_a_loop = cache(leaves_a_loop)
        self.classes: list[Class] = []  # the text's, in order
        self.used: set[str] = set()  # the names that classes of modules use, and those of losses
        self.loose: list[Any] = []  # values of expressions that stand alone at the top level
        self.kept: list[Flow] = []  # flows that objects keep as attributes
        self.loss: Leaf | None = None  # the last loss that is made
        self.tries = 0  # how many bodies of try the current code is in
        self.loop: ast.stmt | None = None  # the innermost loop that the current code is in
        self.caught: RaisedError | None = None  # what the last except caught
        self.abstract: set[ast.AST] = set()  # each raise that is all that a method does

    # --- what may be the network

    def has_layers(self, statement: ast.stmt) -> bool:
        """Whether a statement makes layers, or objects of the code's classes."""
        for name in self.called_names(statement):
            self.count_work()
            known = name[:1].isupper() and (name in CONTAINERS or known_layer(name))
            if known or isinstance(self.names.get(name), Class):
                return True
        return False

    def given_to(self, names: Names, made: Any) -> None:
        """Note a value that is given a name, at the top level or in a function."""
        if names is self.names:
            self.note(made)
        elif SELF not in names and is_module(made):
            self.inside.append(made)

    def note(self, made: Any) -> None:
        """Keep a value that may be the network that is meant, or its loss."""
        if isinstance(made, Leaf) and made.item.layer.data:
            self.loss = made
        elif is_module(made):
            self.noted.append(made)
        else:
            self.noted += largest(flows_in([made]))

    # --- statements

    def method_for(self, verb: str, node: ast.AST) -> Callable[..., Any] | None:
        """Return the method for a node's type, as ast.NodeVisitor does: run_for for an ast.For.

        The docstrings of these methods show the code that they interpret.
        """
        return getattr(self, f"{verb}_{type(node).__name__.lower()}", None)

    def run(self, body: Sequence[ast.stmt], names: Names) -> Any:
        """Interpret a body. Return what it returns, or its break or continue; None at its end.

        A statement for which there is no method is passed over.
        """
        for statement in body:
            self.count_work()
            run = self.method_for("run", statement)
            if run and (returned := run(statement, names)) is not None:
                return returned
        return None

    def run_assign(self, statement: ast.Assign, names: Names) -> None:
        """y = net(x)"""
        if self.is_step(statement, names):
            return
        made = self.value(statement.value, names)
        for target in statement.targets:
            self.assign(target, made, names)
            self.tell_filled(target, statement.value, made, names)

    def run_annassign(self, statement: ast.AnnAssign, names: Names) -> None:
        """size: int = 3"""
        if statement.value:
            self.assign(statement.target, self.value(statement.value, names), names)

    def run_augassign(self, statement: ast.AugAssign, names: Names) -> None:
        """y += x"""
        if self.is_step(statement, names):
            return
        made = self.value(self.as_operation(statement), names)
        before = self.value(statement.target, names)
        if isinstance(made, list) and isinstance(before, list):
            before[:] = made  # under its other names too
        elif isinstance(made, Row) and isinstance(before, Row):
            before.lengthen(made.parts[len(before.parts) :])
        else:
            self.assign_over(statement.target, before, made, names)

    def run_return(self, statement: ast.Return, names: Names) -> Any:
        """return y"""
        made = self.by_now(self.value(statement.value, names)) if statement.value else None
        return UNKNOWN if made is None else made

    def run_break(self, statement: ast.Break | ast.Continue, _: Names) -> ast.stmt:
        """break, continue"""
        return statement

    run_continue = run_break

    def run_expr(self, statement: ast.Expr, names: Names) -> None:
        """layers.append(nn.ReLU()): an expression that stands alone, also for what it changes"""
        value = statement.value
        func = getattr(value, "func", None)
        if self.printed and isinstance(func, ast.Name) and isinstance(names.get(func.id), Class):
            return  # what print(model) writes
        self.alone = value
        made = self.value(value, names)
        place = changed_place(value)
        if not place and isinstance(value, ast.Call) and _overwrites(made):
            place = first_of(value)  # relu(x), of nn.ReLU(inplace=True)
        if isinstance(place, ast.Name | ast.Attribute | ast.Subscript) and isinstance(made, Flow):
            before = self.value(place, names)
            now = self.by_now(self.flow_if_x(before))
            if now is made or getattr(now, "nodes", None) == made.nodes[:-1]:
                self.assign_over(place, before, made, names)
        if names is self.names and not _adds(value):
            self.loose.append(made)
            self.note(made)

    def run_classdef(self, statement: ast.ClassDef, names: Names) -> None:
        """class Net(nn.Module): …, which may be the network, a part of another class, or a loss"""
        names[statement.name] = self.made_class(statement, names)
        self.classes.append(made := names[statement.name])
        if is_module(Instance(made)):
            self.used |= names_in(statement) - {statement.name}
            if not self.has_layers(statement):  # a loss
                self.used.add(statement.name)

    def run_importfrom(self, statement: ast.ImportFrom, names: Names) -> None:
        """from torch.nn import Linear as Dense"""
        names |= {it.asname: Named(ast.Name(it.name)) for it in statement.names if it.asname}

    def run_delete(self, statement: ast.Delete, names: Names) -> None:
        """del layers[0]"""
        for target in statement.targets:
            self.delete(target, names)

    def run_global(self, statement: ast.Global, names: Names) -> None:
        """global net"""
        names.elsewhere |= dict.fromkeys(statement.names, names.maps[-1])

    def run_nonlocal(self, statement: ast.Nonlocal, names: Names) -> None:
        """nonlocal net"""
        for name in statement.names:
            around = (scope for scope in names.maps[1:] if name in scope)
            names.elsewhere[name] = next(around, names.maps[-1])

    def run_functiondef(self, statement: ast.FunctionDef, names: Names) -> None:
        """def forward(self, x): …"""
        match statement.body:
            case [ast.Raise() as alone] | [ast.Expr(ast.Constant()), ast.Raise() as alone]:
                self.abstract.add(alone)
        kinds = tuple(map(last_name, statement.decorator_list))
        made = self.function(statement.args, statement.body, names)
        name = SETTER.format(statement.name) if "setter" in kinds else statement.name
        names[name] = replace(made, kinds=kinds, unread=self.own_decorators(statement, made, names))

    def run_with(self, statement: ast.With, names: Names) -> Any:
        """with torch.no_grad(): …"""
        returned = self.run(statement.body, names)
        for by in filter(no_gradient, [it.context_expr for it in statement.items]):
            for name in self.given_names(statement):
                if isinstance(its := names.get(name), Flow):
                    names[name] = its.stopped(by)
            if isinstance(returned, Flow):
                returned = returned.stopped(by)
        return returned

    def run_raise(self, statement: ast.Raise, names: Names) -> None:
        """raise ValueError(kind)"""
        again = self.caught if statement.exc is None else None
        of = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
        kind = kind_of_error(self.value(of, names)) if of else UNKNOWN
        self.raised(again or RaisedError(statement, kind))

    def run_assert(self, statement: ast.Assert, names: Names) -> None:
        """assert size > 0, within a try"""
        if self.tries and self.holds(statement.test, names) is False:
            raise RaisedError(statement, AssertionError)

    def raised(self, raised: RaisedError) -> None:
        """Go on in the try around. Without one, only remark: sizes may be given that do not fit."""
        if self.tries:
            raise raised
        if raised.at not in self.abstract:
            self.tell_raised(raised)

    def tell_raised(self, raised: RaisedError) -> None:
        """Remark that an exception is not followed with certainty."""
        self.raises += 1
        self.remarks.at(raised.at, "paste.statement", what=quoted(raised.at))

    def run_try(self, statement: ast.Try, names: Names) -> Any:
        """try: … except ValueError: … else: … finally: …; an except runs after a raise in the code

        What Python itself may raise is not known here.
        """
        returned, raised = None, None
        try:
            returned = self.attempted(statement, names)
        except RaisedError as error:
            raised = error
        ended = self.run(statement.finalbody, names)
        if raised and ended is None:
            self.raised(raised)
        return returned if ended is None else ended

    def attempted(self, statement: ast.Try, names: Names) -> Any:
        """Interpret the body of a try, and then its else, or the except for what is raised."""
        returned, raised, within, plain = None, None, self.within, self.plain
        self.tries += 1
        try:
            returned = self.run(statement.body, names)
        except RaisedError as error:
            raised, self.within, self.plain = error, within, plain
        finally:
            self.tries -= 1
        if not raised:
            return self.run(statement.orelse, names) if returned is None else returned
        for handler in statement.handlers:
            kinds = leaves([self.value(handler.type, names)]) if handler.type else ()
            each = [catches(kind_of_error(it), raised.kind) for it in kinds]
            if handler.type and True not in each and None not in each:
                continue
            if handler.type and True not in each:
                self.tell_raised(raised)
            names |= {handler.name: UNKNOWN} if handler.name else {}
            before, self.caught = self.caught, raised
            try:
                return self.run(handler.body, names)
            finally:
                self.caught = before
        raise raised

    def run_if(self, statement: ast.If, names: Names) -> Any:
        """if bias: … else: …"""
        match statement.test:
            case ast.Compare(left=ast.Name(id="__name__")):
                self.run(statement.body, names)
                return None
        holds = self.holds(statement.test, names)
        if holds is None:
            return self.leave_out(statement, names)
        return self.run(statement.body if holds else statement.orelse, names)

    def run_for(self, statement: ast.For, names: Names) -> Any:
        """for layer in layers: …"""
        several = first_in(self.value(statement.iter, names))
        if several is None:
            return self.leave_out(statement, names)
        turns = self.each_named(statement.target, several, names)
        return self.repeated(turns, statement, names)

    def run_while(self, statement: ast.While, names: Names) -> Any:
        """while size > 1: …; while True: … is left out"""
        holds = self.holds(statement.test, names)
        if holds is None or isinstance(statement.test, ast.Constant):
            return self.leave_out(statement, names)
        return self.repeated(self.while_it_holds(statement, names), statement, names)

    def leave_out(self, statement: ast.stmt, names: Names) -> None:
        """Leave out match kind: …, or a branch or loop on unknown values; remark if it matters."""
        matters = self.matters if self.within else self.has_layers
        changes = self.changes_values(statement, names)
        changes |= self.changes_lists(statement, names)
        ends = self.leaves_a_loop(statement) and self.loop and self.has_layers(self.loop)
        if not (changes or ends or matters(statement)):
            return
        what = type(statement).__name__.lower()
        self.remarks.at(statement, "paste.statement", what=what)
        for name in self.given_names(statement):
            self.count_work()
            if is_number(names.get(name)) or names.get(name, UNKNOWN) is None:
                names[name] = UNKNOWN

    run_match = leave_out

    def changes_lists(self, statement: ast.stmt, names: Names) -> bool:
        """Whether a statement that is not interpreted changes a list, a dict or a row with layers.

        Lists and dicts without layers are forgotten, unless they may get some. A branch at the top
        level may be an option: the code around it is meant.
        """
        if isinstance(statement, ast.If) and not self.within:
            return False
        found = False
        for place in self.changed(statement):
            self.count_work()
            of = self.value(place, names)
            found |= isinstance(of, list | dict | Row) and makes(of)
            if isinstance(of, list | dict) and not (makes(of) or self.has_layers(statement)):
                self.assign_over(place, of, UNKNOWN, names)
                if isinstance(of, list):
                    lengthen(of)
        return found

    def leave_off(self, loop: ast.For | ast.While, since: int, names: Names) -> None:
        """Forget what a loop counts and collects, since not all of its turns are interpreted.

        since: how many changes were recorded before the loop. Layers and values computed from x are
        kept, so that a training loop can still be read.
        """
        self.forget_written(loop, names)
        for name in self.given_names(loop):
            self.count_work()
            made = names.get(name)
            if isinstance(made, int | float | str) or (is_list(made) and not makes(made)):
                names[name] = UNKNOWN
        for place, of, where in {id(it[1]): it for it in self.changes[since:]}.values():
            self.count_work()
            if not makes(of):
                self.assign_over(place, of, UNKNOWN, where)
                if isinstance(of, list):
                    lengthen(of)

    def changes_values(self, statement: ast.stmt, names: Names) -> bool:
        """Whether a statement that is not interpreted replaces a value computed from x.

        Numbers that the statement may overwrite are forgotten.
        """
        self.forget_written(statement, names)
        self.trained |= "step" in self.called_names(statement)
        before = [names.get(name) for name in self.given_names(statement)]
        for array in [it for it in before if isinstance(it, Tensor)]:
            array.numbers = None
        return bool(flows_in(before))

    def is_step(self, statement: ast.Assign | ast.AugAssign, names: Names) -> bool:
        """Whether a statement is w -= lr * dw, or w = w - lr * dw, for numbers that are no x.

        If so, forget the numbers.
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
        self.value(value, names)  # which may find that these numbers are x
        if is_step := before is not self.x:
            if isinstance(statement, ast.Assign):
                self.assign(target, Tensor(before.shape), names)
            else:
                self.overwrite(target, before, Tensor(before.shape), names)
        return is_step

    def repeated(self, turns: Iterable[None], loop: ast.For | ast.While, names: Names) -> Any:
        """Interpret the turns of a loop. Return what it returns; None at its end or at a break."""
        since, before, steps, around = len(self.changes), self.work, self.steps, self.loop
        for turn, _ in enumerate(turns):
            long = self.work - before > LOOP_WORK
            enough = long and (turn >= TURNS_SURE or self.only_trains(loop, since, steps))
            if enough or turn == LIST_MOST:
                self.leave_off(loop, since, names)
                break
            self.loop = loop
            made = self.run(loop.body, names)
            self.loop = around
            if made is not None and not isinstance(made, ast.Continue):
                return None if isinstance(made, ast.Break) else made
        return self.run(loop.orelse, names)

    def only_trains(self, loop: ast.For | ast.While, since: int, steps: int) -> bool:
        """Whether further turns of a loop make nothing new, since it only trains.

        That is so if an optimizer has made steps in it, it collects no layers, and no if in it
        makes layers. since, steps: how many changes and steps there were before the loop.
        """
        changed = {id(of): of for _, of, _ in self.changes[since:]}
        collects = any(modules_in([it]) for it in changed.values())
        ifs = (it for it in ast.walk(loop) if isinstance(it, ast.If))
        return self.steps > steps and not collects and not any(map(self.has_layers, ifs))

    def each_named(self, target: ast.expr, several: Sequence[Any], names: Names) -> Iterator[None]:
        """Yield once per turn of a loop over values, with its target assigned."""
        for one in several:
            self.assign(target, one, names)
            yield

    def while_it_holds(self, loop: ast.While, names: Names) -> Iterator[None]:
        """Yield once per turn of a while loop, as long as its condition is known to hold."""
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
        """Assign a value to a name, an attribute, an entry, or several of these."""
        if assign := self.method_for("assign", target):
            assign(target, made, names)

    def assign_name(self, target: ast.Name, made: Any, names: Names) -> None:
        """y = …"""
        name = target.id
        if name == "x" and isinstance(made, Product) and not made.flow.nodes:
            made = Tensor(made.shape, made.numbers)  # x = x / 255
        if name == "x" and type(made) is Tensor and not made.shape:  # a row of one number
            made = turned(made, "reshape", (1,))
        names[name] = made
        is_global = names.elsewhere.get(name) is self.names.maps[0]
        self.given_to(self.names if is_global else names, made)

    def assign_attribute(self, target: ast.Attribute, made: Any, names: Names) -> None:
        """self.conv = …, conv.weight = …, conv.weight.data = …"""
        of, name = target.value, target.attr
        owner = self.value(of, names)
        both = isinstance(owner, Tensor) and isinstance(made, Tensor)
        if both and name == "data" and made.shape == owner.shape:  # p.data = w
            owner.move(made)
        elif name == "data" and isinstance(of, ast.Attribute):
            self.assign(of, made, names)
        elif isinstance(owner, Instance | Class):
            self.give_attribute(target, owner, made, names)
        elif isinstance(owner, Leaf) and owner.item.arguments and name in (WEIGHT, BIAS):
            if not replace_parameter(owner, name, made):
                self.remarks.at(target, "paste.statement", what=quoted(target))
        elif isinstance(owner, Tensor) and name == "data":
            owner.overwrite(Tensor(owner.shape))
        elif isinstance(owner, Unknown) and name not in ASKED:
            self.forget(values_in(of, names))
        elif (isinstance(owner, Row) and is_module(made)) or _sets(owner, name, made):
            self.remarks.at(target, "paste.statement", what=quoted(target))

    def give_attribute(
        self, target: ast.Attribute, owner: Instance | Class, made: Any, names: Names
    ) -> None:
        """Assign a value to an attribute of one of the code's objects or classes."""
        setter = owner.found(SETTER.format(target.attr)) if isinstance(owner, Instance) else None
        if isinstance(setter, Function) and self.depth < CALLS_MOST:
            self.result_of_own_function(setter, [made], {})
            return
        register(owner, target.attr, made)
        whole = isinstance(made, Instance | Row) and is_module(made)
        whole = whole and any(isinstance(it, Leaf) for it in self.modules(made))
        if whole and not is_module(owner):  # of an agent with networks
            self.inside.append(made)
        if isinstance(made, Flow):
            self.kept.append(made)
        if owner is self.own:
            self.given_to(names, made)
        if _sets(owner, target.attr, made):
            self.remarks.at(target, "paste.statement", what=quoted(target))

    def assign_subscript(self, target: ast.Subscript, made: Any, names: Names) -> None:
        """layers[0] = …, w[:, 0] = …, h[h < 0] = 0, conv.weight[:] = …"""
        match of := target.value:
            case ast.Attribute(attr="_modules") if isinstance(self.value(of.value, names), Row):
                self.remarks.at(target, "paste.statement", what=quoted(target))
                return
        where = self.index(target.slice, names)  # which may show that a is an x: a[a < 0]
        before = self.value(of, names)
        several = self.flow_if_x(before)
        several = self.take_for_x(several) if isinstance(several, Product) else several
        if isinstance(where, Mask) and where.keeps(several, above=False) and is_zero(made):
            self.assign_over(of, before, self.positive(target, several), names)
        elif isinstance(several, Flow):
            self.remarks.at(target, "paste.left_out", code=quoted(target), kept=quoted(of))
        elif isinstance(several, Tensor):
            self.count_work(several.known // 100)
            self.overwrite(of, several, written(several, where, made), names)
        elif where in (slice(None), ...) and isinstance(of, ast.Attribute):
            self.assign(of, made, names)
        else:
            self.change(of, several, SET, [where, made], names)

    def assign_tuple(self, target: ast.Tuple | ast.List, made: Any, names: Names) -> None:
        """a, b = …, [a, b] = …"""
        for one, its in zip(target.elts, unpacked(made, target.elts), strict=True):
            if getattr(one, "id", "") == "_":  # _, predicted = y.max(1)
                names["_"] = its
            else:
                self.assign(one, its, names)

    assign_list = assign_tuple

    def assign_starred(self, target: ast.Starred, made: Any, names: Names) -> None:
        """The *rest of first, *rest = …"""
        self.assign(target.value, made, names)

    def delete(self, target: ast.expr, names: Names) -> None:
        """Follow del layers[0], del self.b, or several of these; a mere name is not read again."""
        match target:
            case ast.Subscript(value=of, slice=at):
                several = self.value(of, names)
                self.change(of, several, DELETE, [self.index(at, names)], names)
            case ast.Attribute(value=of, attr=name):
                self.delete_attribute(target, self.value(of, names), name)
            case ast.Tuple(elts=each) | ast.List(elts=each):
                for one in each:
                    self.delete(one, names)

    def assign_over(self, target: ast.expr, before: Any, made: Any, names: Names) -> None:
        """Assign a value that was changed in place to all its names: h = a; h[h < 0] = 0."""
        own, before = names.maps[0], self.by_now(before)
        if isinstance(before, Flow | Product | list | dict):
            own.update({name: made for name in own if self.by_now(own[name]) is before})
        if isinstance(before, Flow) and isinstance(made, Flow) and made is not before:
            self.overwritten[id(before)] = before, made
        self.assign(target, made, names)

    def tell_filled(self, target: ast.expr, value: ast.expr, made: Any, names: Names) -> None:
        """Remark that an array filled by entries is not read: a[i] = np.sum(w * x[i : i + 2])."""
        if not (isinstance(target, ast.Subscript) and isinstance(made, Unknown)):
            return
        read = [names.get(it.id) for it in ast.walk(value) if isinstance(it, ast.Name)]
        if any(map(self.is_input, read)):
            self.remarks.at(target, "paste.statement", what=quoted(target))
            self.assign(target.value, UNKNOWN, names)

    # --- expressions

    def value(self, node: ast.expr, names: Names) -> Any:
        """Return the value of an expression; UNKNOWN if it is not understood."""
        self.count_work()
        value_of = self.method_for("value_of", node)
        return value_of(node, names) if value_of else UNKNOWN

    value_of_call = Calls.result_of_call

    def value_of_constant(self, node: ast.Constant, _: Names) -> Any:
        """3, 0.1, True, None, "mean"; other constants are unknown"""
        if isinstance(node.value, int) and abs(node.value) > LARGEST_INTEGER:
            return UNKNOWN
        return node.value if isinstance(node.value, int | float | str | None) else UNKNOWN

    def value_of_name(self, node: ast.Name, names: Names) -> Any:
        """x"""
        made = names.get(node.id, Named(node))
        if not is_list(made):
            return made
        self.count_work(len(made) // 100)  # an entry takes far less than an expression
        return listed(made)  # it may have grown under another name

    def value_of_attribute(self, node: ast.Attribute, names: Names) -> Any:
        """self.conv, w.T, x.shape; x[0].shape is the shape of one example"""
        match node:
            case ast.Attribute(ast.Subscript(ast.Name(id=name), ast.Constant(0)), "shape") if (
                isinstance(its := names.get(name), Flow) and its.input
            ):
                shape = self.shape_of(its)
                return UNKNOWN if shape is None else shape[1:]
        its = self.value(node.value, names)
        if not isinstance(its, Flow) or node.attr in ASKED:
            return self.attribute(its, node.attr)
        if node.attr == "data":
            return its.stopped(node)
        return self.follow(its, node.attr, kept_whole(node, node.value))

    def value_of_namedexpr(self, node: ast.NamedExpr, names: Names) -> Any:
        """(y := net(x))"""
        self.assign(node.target, made := self.value(node.value, names), names)
        return made

    def value_of_lambda(self, node: ast.Lambda, names: Names) -> Function:
        """lambda x: x.relu()"""
        return self.function(node.args, [ast.Return(node.body)], names)

    def value_of_tuple(self, node: ast.Tuple | ast.List, names: Names) -> Any:
        """(4, 3), [nn.ReLU(), *layers]"""
        made = self.values(node.elts, names, told=self.within > 0, gap=GAP)
        if GAP[0] in made:
            made = tuple(each for each in made if each not in GAP)
            if not makes(made):
                return UNKNOWN
        return listed([*made] if isinstance(node, ast.List) else made)

    value_of_list = value_of_tuple

    def value_of_listcomp(self, node: ast.ListComp | ast.GeneratorExp, names: Names) -> Any:
        """[nn.ReLU() for _ in range(3)], (size for size in sizes)"""
        made = self.comprehended(node.elt, node.generators, names)
        if made is not None:
            return listed([*made] if isinstance(node, ast.ListComp) else made)
        self.forget_written(node, names)
        if self.within:
            self.remarks.at(node, "paste.statement", what="for")
        return UNKNOWN

    value_of_generatorexp = value_of_listcomp

    def value_of_ifexp(self, node: ast.IfExp, names: Names) -> Any:
        """net(x) if deep else x; if deep is unknown, the first side that is a module or a flow"""
        holds = self.holds(node.test, names)
        if holds is not None:
            return self.value(node.body if holds else node.orelse, names)
        for kept in (node.body, node.orelse):
            made = self.value(kept, names)
            self.forget_written(kept, names)
            if isinstance(made, (*MODULES, Flow)):
                self.remarks.at(node, "paste.left_out", code=quoted(node), kept=quoted(kept))
                return made
        return UNKNOWN

    def value_of_dict(self, node: ast.Dict, names: Names) -> Any:
        """{"size": 3, **others}"""
        pairs: list[Any] = []
        for key, value in zip(node.keys, node.values, strict=True):
            made = self.value(value, names)
            pairs += [(self.value(key, names), made)] if key else pairs_in(made)
        return as_dict(pairs)

    def value_of_dictcomp(self, node: ast.DictComp, names: Names) -> Any:
        """{size: nn.Linear(4, size) for size in sizes}"""
        both = ast.copy_location(ast.Tuple([node.key, node.value]), node)
        return as_dict(self.comprehended(both, node.generators, names))

    def value_of_joinedstr(self, node: ast.JoinedStr, names: Names) -> Any:
        """An f-string: f"layer{i}" or f"{size:02}"."""
        return joined_text([self.value(one, names) for one in node.values])

    def value_of_formattedvalue(self, node: ast.FormattedValue, names: Names) -> Any:
        """{i} or {size:02} in an f-string; {i!r} is unknown"""
        if node.conversion != -1:
            return UNKNOWN
        if not node.format_spec:
            return self.value(node.value, names)
        template = f"{{:{self.value(node.format_spec, names)}}}"
        return filled(template, template.format, self.value(node.value, names))

    def value_of_compare(self, node: ast.Compare, names: Names) -> Any:
        """h > 0, which is a Mask if h is computed from x; size == 3"""
        match node:
            case ast.Compare(of, [ast.Gt() | ast.GtE() | ast.Lt() | ast.LtE() as op], [zero]) if (
                is_zero(self.value(zero, names))
                and isinstance(its := self.tested(self.value(of, names)), Flow)
            ):
                above, at_zero = isinstance(op, ast.Gt | ast.GtE), isinstance(op, ast.GtE | ast.LtE)
                return Mask(its, above, at_zero)
        holds = self.holds(node, names)
        return UNKNOWN if holds is None else holds

    def value_of_boolop(self, node: ast.BoolOp, names: Names) -> Any:
        """size or 3, deep and net"""
        *first, last = node.values
        for one in first:
            holds = self.holds(one, names)
            if holds is None:
                self.forget_written(node, names)
                return UNKNOWN
            if holds == isinstance(node.op, ast.Or):
                return self.value(one, names)
        return UNKNOWN if self.holds(last, names) is None else self.value(last, names)

    def value_of_unaryop(self, node: ast.UnaryOp, names: Names) -> Any:
        """not deep, -x, +x, ~x"""
        if isinstance(node.op, ast.Not):
            holds = self.holds(node, names)
            return UNKNOWN if holds is None else holds
        minus = isinstance(node.op, ast.USub)
        value = self.flow_if_x(self.value(node.operand, names))
        if isinstance(value, Flow):
            return self.follow(value, "minus" if minus else "", kept_whole(node, node.operand))
        if minus and self.is_input(value):
            return self.negated(node, value)
        if minus and type(value) is Tensor:
            return self.for_each(ast.Mult(), -1, value)
        return -value if minus and is_number(value) else UNKNOWN

    def value_of_binop(self, node: ast.BinOp, names: Names) -> Any:
        """x @ w + b"""
        left, right = self.value(node.left, names), self.value(node.right, names)
        if self.printed and isinstance(left, int) and is_module(right):  # 2 x Linear(…)
            return [self.copied(right, {}) for _ in range(min(left, LAYERS_MOST))]
        if isinstance(left, Row) and (row := lengthened(node, left, right)):
            return row
        return self.operation(node, left, node.op, right)

    def value_of_subscript(self, node: ast.Subscript, names: Names) -> Any:
        """layers[0], sizes["hidden"], w[:, 1:], x.shape[0]"""
        several = self.flow_if_x(self.value(node.value, names))
        whole, index = mapping_in(several), self.index(node.slice, names)
        if isinstance(several, Flow):
            return self.part_of_flow(node, several, index)
        if isinstance(several, Tensor):
            made = taken(several, index)
            self.count_work((several.known + getattr(made, "known", 0)) // 100)
            return made
        if several is SHAPE:
            return EXAMPLES if index == 0 else UNKNOWN
        found = part(several_in(several) if whole is None else whole, index)
        if isinstance(several, Row) and is_list(found):
            return Row(tuple(found), named=True, names=part(several.keys, index))
        return found

    def part_of_flow(self, node: ast.Subscript, flow: Flow, index: Any) -> Any:
        """Return a part of a value computed from x: y[:, 0], and loss.data[0] as loss.item()."""
        if flow.nodes and last_name(node.value) == "data" and index == 0:
            return self.looked_at([flow])
        labels = index[1] if (event := event_of_index(index)) == OF_LABELS else None
        return self.follow(flow, event, kept_whole(node, node.value), labels)

    def values(
        self,
        each: Sequence[ast.expr],
        names: Names,
        *,
        told: bool = False,
        gap: tuple[Unknown, ...] = (),
    ) -> tuple[Any, ...]:
        """Return the values of expressions, *layers unpacked.

        told: remark on *layers that are not known. gap: what stands for these.
        """
        found: list[Any] = []
        for one in each:
            if isinstance(one, ast.Starred):
                several = first_in(self.value(one.value, names))
                itself = isinstance(one.value, ast.ListComp | ast.GeneratorExp)  # has its remark
                if several is None and told and not itself:
                    self.remarks.at(one, "paste.statement", what=quoted(one))
                found += gap if several is None else several
            else:
                found.append(self.value(one, names))
            if len(found) > LIST_MOST:
                found[LIST_MOST:] = [UNKNOWN]
        return tuple(found)

    def index(self, at: ast.expr, names: Names) -> Any:
        """Return the value of what stands in brackets: an index, a slice, or a tuple of these."""
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
        """Return the values of [layer(size) for size in sizes if size]; None if not known."""
        if not loops:
            return (self.value(one, names),)
        loop, *inner = loops
        found: list[Any] = []
        whole = self.value(loop.iter, names)
        over = first_in(whole)
        own = names.new_child()  # one for all turns: each lambda made in them sees the last
        given = {name for part in (one, *loop.ifs) for name in self.walrus(part)}
        own.elsewhere |= {name: names.elsewhere.get(name, names.maps[0]) for name in given}
        for each in over or ():
            self.count_work()
            self.assign(loop.target, each, own)
            conditions = [self.holds(test, own) for test in loop.ifs]
            made = self.comprehended(one, inner, own) if all(conditions) else ()
            if made is None or None in conditions:
                return None
            found += made
        cut = isinstance(whole, Long) and len(found) <= LIST_MOST
        return None if over is None or cut else tuple(found)

    def holds(self, test: ast.expr, names: Names) -> bool | None:
        """Whether a condition holds; None if that is not known."""
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
                if False in each:
                    return False
                return None if None in each else True
        value = self.value(test, names)
        if (several := several_in(value)) is not None:
            return bool(several)  # an empty row of modules is false
        if isinstance(value, Tensor):
            return is_true(value)
        return is_made(value) or truth(value)


def first_in(value: Any) -> list[Any] | tuple[Any, ...] | None:
    """Return the values that a loop takes first: of a `Long` list its beginning."""
    return value.first if isinstance(value, Long) else several_in(value)


def _compared(op: ast.cmpop, left: Any, right: Any) -> bool | None:
    """Whether a comparison holds, for modules by their identity; None if that is not known."""
    if isinstance(left, MODULES) and isinstance(right, MODULES):
        left, right = 0, int(left is not right)
    return compared(op, left, right)


def _adds(node: ast.expr) -> bool:
    """Whether an expression is layers.append(…), which makes no other value, or several of these.

    Torch's methods return the modules that get more.
    """
    one = node.elt if isinstance(node, ast.ListComp) else node
    return isinstance(one, ast.Call) and last_name(one.func) in ADDED


def _sets(of: Any, name: str, made: Any) -> bool:
    """Whether a layer, or an object whose class derives from a layer, gets another setting."""
    alone = isinstance(of, Instance) and of.of.layer and not isinstance(forward_of(of), Function)
    leaf = next(iter(several_in(of) or ()), None) if alone else of
    return isinstance(leaf, Leaf) and sets(leaf, name, made)


def _overwrites(made: Any) -> bool:
    """Whether the layer that made a value wrote it over its input."""
    return isinstance(made, Flow) and any(node.leaf.in_place for node in made.nodes[-1:])

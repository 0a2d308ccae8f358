"""What pasted code changes in place: lists, dicts, and the numbers of arrays and of layers."""

import ast
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from pages.stack.code_syntax import ASKED, handed_in, written_in
from pages.stack.code_text import Remarks, quoted
from pages.stack.code_values import (
    MODULES,
    Instance,
    Names,
    Row,
    Some,
    held_in,
    mapping_in,
    modules_in,
    modules_of,
)
from pages.stack.known_values import (
    ADDED,
    APPENDED,
    DELETE,
    SET,
    UNKNOWN,
    ModuleList,
    Unknown,
    changed,
    is_list,
    is_number,
    leaves,
)
from pages.stack.operations import Operations
from pages.stack.torch_layers import Leaf, Parameter, Tensor, constant, parameter, tensor


class Changes(Operations):
    """Follows changes in place under all names of a value; forgets what cannot be followed."""

    def __init__(self, remarks: Remarks) -> None:
        super().__init__(remarks)
        self.changes: list[tuple[ast.expr, Any, Names]] = []
        """For each list or dict that was changed, its expression in the code, the list or dict
        itself, and the names in scope there."""
        # The statements of a loop are examined once per turn.
        self.written, self.handed = cache(written_in), cache(handed_in)

    @abstractmethod
    def value(self, node: ast.expr, names: Names) -> Any:
        """Return the value of an expression; UNKNOWN if it is not understood."""

    @abstractmethod
    def assign(self, target: ast.expr, made: Any, names: Names) -> None:
        """Assign a value to a name, an attribute, an entry, or several of these."""

    @abstractmethod
    def assign_over(self, target: ast.expr, before: Any, made: Any, names: Names) -> None:
        """Assign a value that was changed in place to all its names: h = a; h[h < 0] = 0."""

    def change(self, place: ast.expr, of: Any, method: str, given: list[Any], names: Names) -> Any:
        """Apply a method that changes a list, a dict or modules: layers.pop(). Return its result.

        If its effect cannot be told, the changed value is UNKNOWN from there on.
        """
        held = held_in(of)
        several = [*held.parts] if isinstance(held, Row) else held
        if several is of:
            self.changes.append((place, of, names))
        try:
            returned = changed(several, method, given)
        except ValueError:
            self.forget(values_in(place, names))
            self.assign_over(place, of, UNKNOWN, names)
            return UNKNOWN
        if isinstance(held, Row):
            self.modules_given(place, given)
            if method in APPENDED:
                for each in modules_in(given):
                    held.add(str(len(held.parts)), (each,))
            else:
                held.parts = modules_in(several)
                held.named = held.named and method not in (DELETE, "pop")  # these number anew
                held.names = held.names if method == SET else ()
            return of if method in ADDED else returned
        return of if isinstance(held, ModuleList) and method in APPENDED else returned

    def delete_attribute(self, at: ast.AST, of: Any, name: Any) -> None:
        """Do del of.name; remark if it changes a row of modules, whose names are not all kept."""
        known = isinstance(name, str)
        made = of.attributes.pop(name, None) if known and isinstance(of, Instance) else None
        row = held_in(of)
        if not known or (isinstance(row, Row) and (row is of or made in row.parts)):
            self.remarks.at(at, "paste.statement", what=quoted(at))

    def modules_given(self, at: ast.AST, values: Sequence[Any]) -> tuple[Any, ...]:
        """Return the modules among values given to a row; remark on values that are not known."""
        if any(isinstance(each, Unknown) for each in leaves(values)):
            self.remarks.at(at, "paste.joined", name=quoted(getattr(at, "func", at)))
        return modules_in(values)

    def write(self, place: ast.expr, numbers: Any, names: Names) -> Any:
        """Overwrite an array or a layer's parameter with numbers, or with one number throughout."""
        of = self.value(place, names)
        if isinstance(of, Tensor) and not isinstance(numbers, Tensor):
            numbers = constant("full", (of.shape, numbers))
        elif is_number(numbers):
            numbers = tensor(numbers)
        if isinstance(of, Tensor):
            self.overwrite(place, of, numbers, names)
        elif isinstance(place, ast.Attribute):
            self.assign(place, numbers, names)
        else:
            self.forget(values_in(place, names))
        return numbers

    def overwrite(self, place: ast.expr, of: Tensor, numbers: Any, names: Names) -> None:
        """Overwrite an array under all its names; a part of an array in the whole array too."""
        alike = isinstance(numbers, Tensor) and numbers.shape == of.shape
        if not (isinstance(place, ast.Subscript) and of.views):  # the whole is written below
            of.overwrite(numbers if alike else Tensor(of.shape))
        if isinstance(place, ast.Subscript) or (isinstance(of, Parameter) and not alike):
            self.assign(place, numbers, names)

    def forget(self, values: Iterable[Any]) -> None:
        """Forget the numbers of the parameters among the values, and of the modules' parameters."""
        for each in leaves([*values]):
            self.count_work()
            if isinstance(each, Some):
                self.forget(each.of)
            if isinstance(each, Parameter):
                each.overwrite(Tensor(each.shape))
            for it in self.modules(each) if isinstance(each, MODULES) else ():
                if isinstance(it, Leaf):
                    self.forget(it.parameters.values())
                    it.numbers.clear()

    def forget_written(self, node: ast.AST, names: Names) -> None:
        """Forget the numbers that code which is not interpreted may overwrite."""
        for place in self.written(node):
            self.count_work()
            self.forget(values_in(place, names))
        for name in self.handed(node):
            self.forget([names[name]] if isinstance(names.get(name), MODULES) else ())

    def modules(self, module: Any, *, last_first: bool = False) -> dict[Any, Any]:
        """Return a module and all modules in it, as `modules_of` does, and count them as work."""
        found = modules_of(module, last_first=last_first)
        self.count_work(len(found))
        return found

    def parameters_of(self, module: Any) -> list[tuple[Any, Parameter]]:
        """Return the parameters of a module's layers, with torch's names or UNKNOWN."""
        return [
            (
                within if within is UNKNOWN else f"{within}.{name}".removeprefix("."),
                parameter(leaf, name),
            )
            for leaf, within in self.modules(module).items()
            if isinstance(leaf, Leaf) and leaf.weights
            for name in leaf.parameter_names
        ]

    def load(self, module: Any, saved: Any) -> None:
        """Do module.load_state_dict(saved). Parameters not in it stay if all names are known."""
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
        """Copy a value as deepcopy does: modules get weights of their own. made: copies, by id."""
        if id(value) in made:
            return made[id(value)]
        self.count_work()
        match value:
            case Leaf():
                made[id(value)] = replace(value, numbers={**value.numbers})
            case Tensor():
                made[id(value)] = replace(value)
            case Row(parts=parts):
                made[id(value)] = row = Row((), value.at, value.named, value.names)
                row.parts = tuple(self.copied(each, made) for each in parts)
            case Instance(of=of, attributes=own):
                made[id(value)] = instance = Instance(of)
                instance.attributes |= {key: self.copied(it, made) for key, it in own.items()}
            case dict():
                return {key: self.copied(it, made) for key, it in value.items()}
            case _ if is_list(value):
                return type(value)([self.copied(each, made) for each in value])
        return made.get(id(value), value)


def values_in(node: ast.AST, names: Names) -> list[Any]:
    """Return the values of all names in a part of the code; of objects the attributes it reads."""
    if isinstance(node, ast.Name):
        return [names.get(node.id)]
    if isinstance(node, ast.Attribute):
        of = [] if node.attr in ASKED else values_in(node.value, names)
        return [
            it.attributes[node.attr]
            if isinstance(it, Instance) and node.attr in it.attributes
            else it
            for it in of
        ]
    return [it for inner in ast.iter_child_nodes(node) for it in values_in(inner, names)]

"""What the syntax of pasted code shows by itself: which names it uses, calls and overwrites."""

import ast
from collections.abc import Sequence
from typing import Final

from pages.stack.code_text import last_name
from pages.stack.known_values import CHANGES, SORT, UNKNOWN, UPDATE
from pages.stack.operations import SEEN

ASKED: Final = (
    "shape", "ndim", "dtype", "device", "layout", "itemsize", "nbytes", "is_cuda", "is_leaf",
    "grad", "grad_fn", "requires_grad",
)  # fmt: skip
"""Attributes that describe a value or its gradient; other attributes are values themselves."""
ADDS: Final = ("add_module", "register_module")  # the methods that add a module to a module
HOOKS: Final = ("register_forward_hook", "register_forward_pre_hook")
"""The methods of a module whose function may replace its output, or its input."""
CHANGING: Final = (*CHANGES, SORT, *ADDS, UPDATE, "setattr")
"""Calls that change a list, a dict, a module or an object."""
WRITES: Final = {"copy_": UNKNOWN, "fill_": UNKNOWN, "fill": UNKNOWN, "zero_": 0.0}
"""The methods that overwrite numbers, each with the number it writes if it is given none."""
INITIAL: Final = {"constant_": UNKNOWN, "zeros_": 0.0, "ones_": 1.0, "copyto": UNKNOWN}
"""The functions of torch.nn.init, and numpy's copyto, that overwrite their first argument."""
CHANGE_NUMBERS: Final = (SORT, "partition", "put", "shuffle", "fill_diagonal", "place")
"""numpy's methods and functions that write numbers not known here; those of torch end in _."""
LEAVE_NUMBERS: Final = (
    *SEEN, *CHANGES, UPDATE, *ADDS, "super", "summary", "save",
    "repr", "str", "type", "id", "isinstance", "hasattr", "getattr", "zero_grad",
    "clip_grad_norm_", "clip_grad_value_", "parameters_to_vector", "register_buffer",
    "sum", "any", "all", "add_graph", "export", "trace",
    *HOOKS, "register_full_backward_hook", "buffers", "named_buffers",
    "share_memory", "compile", "callable",
)  # fmt: skip
"""Functions given modules, and methods of modules, that leave the modules' numbers as they are."""
TAKE: Final = (
    "filter", "map", "iter", "next", "sorted", "set", "list", "tuple", "dict", "chain",
    "children", "named_children", "get_submodule", "get_parameter",
)  # fmt: skip
"""Functions and methods that return some of the modules or parameters given, unchanged."""
OF_ALL_LAYERS: Final = ("apply", "load_state_dict", "reset_parameters")
"""The methods of a module that may overwrite the numbers of all its layers."""


def called_in(statement: ast.AST) -> set[str]:
    """Return the last names of all that is called in a statement."""
    return {last_name(it.func) for it in ast.walk(statement) if isinstance(it, ast.Call)}


def as_operation(statement: ast.AugAssign) -> ast.BinOp:
    """Return y + 1 for y += 1."""
    operation = ast.BinOp(statement.target, statement.op, statement.value)
    return ast.copy_location(operation, statement)


def returns(body: Sequence[ast.stmt]) -> bool:
    """Whether a function with this body returns anything but None."""
    every = (it for statement in body for it in ast.walk(statement))
    return any(isinstance(it, ast.Return) and it.value is not None for it in every)


def given_in(statement: ast.AST) -> set[str]:
    """Return the names that a statement assigns to, also by their entries."""
    given = [it for it in ast.walk(statement) if isinstance(getattr(it, "ctx", 0), ast.Store)]
    parts = [it.value if isinstance(it, ast.Subscript) else it for it in given]
    return {it.id for it in parts if isinstance(it, ast.Name)}


def sides_of(node: ast.expr) -> list[ast.expr]:
    """Return int and float of int | float, and any other expression by itself."""
    match node:
        case ast.BinOp(left, ast.BitOr(), right):
            return [*sides_of(left), *sides_of(right)]
    return [node]


def walrus_in(node: ast.AST) -> set[str]:
    """Return the names that := assigns, in a comprehension to the scope around it."""
    return {it.target.id for it in ast.walk(node) if isinstance(it, ast.NamedExpr)}


def matters(statement: ast.stmt) -> bool:
    """Whether leaving a statement out may lose a value that it makes.

    A statement that only looks at values, or fills weights with numbers, does not matter.
    """
    made = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.NamedExpr, ast.Break, ast.Continue)
    return any(
        isinstance(each, made)
        or (isinstance(each, ast.Return) and each.value is not None)
        or (isinstance(each, ast.Call) and last_name(each.func) in CHANGING)
        for each in ast.walk(statement)
    )


def leaves_a_loop(statement: ast.stmt) -> bool:
    """Whether a statement contains break or continue."""
    return any(isinstance(each, ast.Break | ast.Continue) for each in ast.walk(statement))


def changed_in(statement: ast.AST) -> list[ast.expr]:
    """Return the names and attributes whose list or dict a statement changes in place."""
    found: list[ast.expr] = []
    for each in ast.walk(statement):
        match each:
            case ast.Call(func=ast.Attribute(value=place, attr=name)) if name in CHANGING:
                found.append(place)
            case ast.Subscript(value=place, ctx=ast.Store() | ast.Del()):
                found.append(place)
            case ast.AugAssign(target=place):
                found.append(place)
    return [it for it in found if isinstance(it, ast.Name | ast.Attribute)]


def written_in(statement: ast.AST) -> list[ast.AST]:
    """Return the parts of a statement that may overwrite numbers, with their names' sources."""
    found: list[ast.AST] = []
    sources: dict[str, list[ast.expr]] = {}
    for each in ast.walk(statement):
        match each:
            case ast.Call(func=place) if not leaves_numbers(name := last_name(place)) and (
                name in (*WRITES, *INITIAL, *OF_ALL_LAYERS) or changes_numbers(name)
            ):
                if not is_of_gradient(place):
                    found.append(each)
            case ast.Attribute(ctx=ast.Store()) | ast.Subscript(ctx=ast.Store()):
                if not is_of_gradient(each):
                    found.append(each)
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
    for its in found:  # which grows by the sources of the names in it
        for name in names_in(its):
            found += sources.pop(name, ())
    return found


def handed_in(statement: ast.AST) -> set[str]:
    """Return the names that a statement gives to calls that may overwrite the numbers of layers."""
    calls = [it for it in ast.walk(statement) if isinstance(it, ast.Call)]
    calls = [it for it in calls if not leaves_numbers(last_name(it.func))]
    given = [it for call in calls for it in (*call.args, *(each.value for each in call.keywords))]
    return {it.id for it in given if isinstance(it, ast.Name)}


def leaves_numbers(name: str) -> bool:
    """Whether a function or a method of this name leaves the numbers of layers as they are.

    Classes, with a capital letter, and Python's methods, with two underscores, are among these.
    """
    return name in (*LEAVE_NUMBERS, *TAKE) or name[:1].isupper() or name.startswith("__")


def changes_numbers(name: str) -> bool:
    """Whether a function or method of this name overwrites numbers by unknown ones: w.mul_(2)."""
    of_torch = name.endswith("_") and not name.startswith("_")
    return name in CHANGE_NUMBERS or (of_torch and name not in (*WRITES, *INITIAL))


def is_of_gradient(node: ast.expr) -> bool:
    """Whether an expression uses an attribute in ASKED: p.grad.zero_, p.grad, p.requires_grad."""
    return any(isinstance(it, ast.Attribute) and it.attr in ASKED for it in ast.walk(node))


def names_in(statement: ast.AST) -> set[str]:
    """Return the names that are read or assigned in a statement."""
    return {it.id for it in ast.walk(statement) if isinstance(it, ast.Name)}


def no_gradient(context: ast.expr) -> bool:
    """Whether PyTorch computes without gradients in this context: torch.no_grad()."""
    return last_name(getattr(context, "func", context)) in ("no_grad", "inference_mode")

"""No code outside engine/layers asks for a layer's class: the layer answers itself."""

import ast
from collections.abc import Iterator
from pathlib import Path

import engine.layers
from engine.layers import Layer
from tests.for_each import for_each

ROOT = Path(__file__).parents[2]
ABOUT_LAYERS = ("engine", "pages")
ASIDE = ("engine/layers/", "engine/grader/")
"""The layers themselves, and the grader, which knows the ten names that students use."""

LAYERS = {
    name
    for module in (engine, engine.layers)
    for name, thing in vars(module).items()
    if isinstance(thing, type) and issubclass(thing, Layer)
} - {"Layer", "Operation", "Composite"}
"""All layers by name. Code may still ask whether something is a layer at all."""
TITLES = {name.lower() for name in LAYERS}


def names_in(node: ast.AST) -> set[str]:
    """All names that a node mentions, Conv1D and engine.Conv1D alike."""
    return {
        each.id if isinstance(each, ast.Name) else each.attr
        for each in ast.walk(node)
        if isinstance(each, ast.Name | ast.Attribute)
    }


def strings_in(node: ast.AST) -> set[str]:
    return {
        each.value.lower()
        for each in ast.walk(node)
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    }


def is_of_a_class(node: ast.AST) -> bool:
    """Whether a node asks for a class: type(x), x.__class__, or its .title or .__name__."""
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1
    if called and node.func.id == "type":  # type: ignore[attr-defined]
        return True
    return isinstance(node, ast.Attribute) and node.attr in ("__class__", "__name__", "title")


def asked(source: str) -> Iterator[tuple[int, str]]:
    """Yield every place that asks for a class of layers, or for its name: (line, what)."""
    nodes = [*ast.walk(ast.parse(source))]
    others = {
        alias.asname: alias.name
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname
    }

    def of_layers(node: ast.AST) -> set[str]:
        return {others.get(name, name) for name in names_in(node)} & LAYERS

    for node in nodes:
        match node:
            case ast.Call(func=ast.Name(id="isinstance" | "issubclass" as name), args=[_, kind]):
                if of_layers(kind):
                    yield node.lineno, name
            case ast.MatchClass(cls=kind) if of_layers(kind):
                yield node.lineno, "case"
            case ast.Compare(left=left, comparators=right):
                sides = [left, *right]
                if any(is_of_a_class(each) for side in sides for each in ast.walk(side)) and any(
                    of_layers(side) or strings_in(side) & TITLES for side in sides
                ):
                    yield node.lineno, "a comparison"
            case (
                ast.Subscript(value=ast.Dict(keys=keys), slice=at)
                | ast.Call(func=ast.Attribute(value=ast.Dict(keys=keys), attr="get"), args=[at, *_])
            ):
                if is_of_a_class(at) and any(of_layers(key) for key in keys if key):
                    yield node.lineno, "a table"
            case (
                ast.Subscript(slice=at) | ast.Call(func=ast.Attribute(attr="get"), args=[at, *_])
            ) if isinstance(at, ast.Call | ast.Attribute) and is_of_a_class(at):
                if "type" in names_in(at) or "__class__" in names_in(at):
                    yield node.lineno, "a table by class"
            case ast.Match(subject=subject) if is_of_a_class(subject):
                yield node.lineno, "match"


def sources() -> Iterator[str]:
    for folder in ABOUT_LAYERS:
        for file in sorted((ROOT / folder).rglob("*.py")):
            path = file.relative_to(ROOT).as_posix()
            if not path.startswith(ASIDE):
                yield path


def test_nobody_asks_a_layer_for_its_class() -> None:
    paths = list(sources())
    assert "engine/check/slices.py" in paths
    found = [
        f"{path}:{line} asks by {what}"
        for path in paths
        for line, what in asked((ROOT / path).read_text(encoding="utf-8"))
    ]
    assert not found, "\n".join(found)


@for_each(
    "source",
    [
        "isinstance(layer, ReLU)",
        "isinstance(step.layer, MaxPool | MaxPool2D)",
        "isinstance(step.layer, (engine.Conv1D, int))",
        "issubclass(kind, Conv2D)",
        "type(layer) is ReLU",
        "type(layer) == Conv1D",
        "type(layer) in (ReLU, MaxPool)",
        "ReLU is step.layer.__class__",
        "layer.title == 'ReLU'",
        "type(layer).__name__ in {'MaxPool', 'MaxPool2D'}",
        "layer.__class__.__name__.lower() == 'conv1d'",
        "layer.title.startswith('Max') == ('MaxPool')",
        "match layer:\n    case ReLU(): pass",
        "match layer:\n    case engine.Conv1D(stride=s): pass",
        "match type(layer).__name__:\n    case 'ReLU': pass",
        "{ReLU: 1}[type(layer)]",
        "{ReLU: 1}.get(type(layer))",
        "WORDS[type(layer)]",
        "WORDS.get(type(step.layer), None)",
        "from engine import ReLU as Gate\nisinstance(layer, Gate)",
    ],
)
def test_code_that_asks_for_the_class_of_a_layer_is_found(source: str) -> None:
    assert list(asked(source))


@for_each(
    "source",
    [
        "isinstance(layer, Layer)",
        "isinstance(layer, Operation)",
        "isinstance(trace, Trace)",
        "type(error).__name__",
        "Sequential(Conv1D(), ReLU())",
        "message = f'{layer.title}: needs'",
        "page.title == 'A kink'",
        "type(value) is int",
        "layer.kink_choices == ('relu_at_zero',)",
    ],
)
def test_code_that_does_not_ask_for_the_class_of_a_layer_is_not_reported(source: str) -> None:
    assert not list(asked(source))

"""Every operation says how it is written in PyTorch and in JAX.

tests/pages/sharing/test_frameworks.py compares recorded results of these expressions with the
engine's numbers.
"""

import ast
from inspect import isabstract

import numpy as np
import pytest

import engine
from engine import (
    RULES,
    AvgPool,
    AvgPool2D,
    Conv1D,
    Conv2D,
    Elementwise,
    Kinks,
    MaxPool,
    MaxPool2D,
    Operation,
    trace,
)
from engine.layers.spelling import FRAMEWORKS, Framework
from tests.engine.rows import Row, every_layer, normals
from tests.engine.test_leaving_out import Double
from tests.engine.test_what_a_layer_says import operations
from tests.for_each import for_each

OPERATIONS = [
    each
    for each in vars(engine).values()
    if isinstance(each, type) and issubclass(each, Operation) and not isabstract(each)
]
MODULES = {"torch": {"torch", "F"}, "jax": {"jax", "jnp", "lax"}}


@pytest.mark.parametrize("kind", OPERATIONS)
def test_no_operation_leaves_out_its_spelling(kind: type[Operation]) -> None:
    have_rows = {type(each) for each in operations().values()}
    assert kind in have_rows, f"add a row for {kind.__name__} to tests/engine/rows.py"
    inherits = kind.spelled is Operation.spelled
    curve = issubclass(kind, Elementwise) and kind.spelled is Elementwise.spelled
    assert not inherits, f"{kind.__name__} needs spellings, or a method spelled"
    assert not curve or set(kind.spellings) == set(FRAMEWORKS)  # type: ignore[attr-defined]


@every_layer
def test_a_spelling_is_an_expression_of_the_inputs(row: Row) -> None:
    for step in trace(row.make(), *normals(row.shapes)).steps:
        names = [f"value{number}" for number in range(len(step.inputs))]
        shapes = [each.shape for each in step.inputs]
        for framework, title in FRAMEWORKS.items():
            for rule in (each for each in RULES.values() if each.framework == title):
                text = step.layer.spelled(framework, names, shapes, rule.kinks)
                tree = ast.parse(text, mode="eval")
                bound = {
                    node.target for node in ast.walk(tree) if isinstance(node, ast.comprehension)
                }
                used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
                local = {each.id for each in bound if isinstance(each, ast.Name)}
                assert set(names) <= used
                assert used <= {*names, *local, *MODULES[framework], "range"}


FIRST, SPLIT = RULES["pytorch-max-pool"].kinks, RULES["pytorch-amax"].kinks
SPELLED: list[tuple[Operation, list[tuple[int, ...]], Kinks, str, str]] = [
    # an operation, shapes of its inputs, a rule, PyTorch's way to write it, and JAX's
    (
        Conv1D(2, 1), [(3, 2, 7), (4, 2, 3), (4,)], FIRST,
        "F.conv1d(x, w, b, stride=2, padding=1)",
        "lax.conv_general_dilated(x, w, (2,), [(1, 1)]) + b.reshape(4, 1)",
    ),
    (
        Conv2D(1, ((0, 1), 2), (1, 2), 2), [(2, 5, 6), (4, 1, 2, 2)], FIRST,
        "F.conv2d(F.pad(x, (2, 2, 0, 1)), w, dilation=(1, 2), groups=2)",
        ("lax.conv_general_dilated(x.reshape(1, 2, 5, 6), w, (1, 1), [(0, 1), (2, 2)], "
        "rhs_dilation=(1, 2), feature_group_count=2).reshape(4, 5, 8)"),
    ),
    (Conv1D(), [(5,), ()], FIRST, "w * x", "w * x"),
    (Conv1D(), [(5,), (), ()], FIRST, "w * x + b", "w * x + b"),
    (
        Conv1D(2), [(5,), ()], FIRST,
        "F.conv1d(x.reshape(1, 5), w.reshape(1, 1, 1), stride=2).reshape(3)",
        ("lax.conv_general_dilated(x.reshape(1, 1, 5), w.reshape(1, 1, 1), (2,), "
        '"VALID").reshape(3)'),
    ),
    (  # padding of more than half a window, which PyTorch's own cannot be
        MaxPool(3, 1, 2), [(1, 5)], FIRST,
        "F.max_pool1d(F.pad(x, (2, 2), value=-torch.inf), 3, stride=1)",
        "lax.reduce_window(x, -jnp.inf, lax.max, (1, 3), (1, 1), [(0, 0), (2, 2)])",
    ),
    (
        MaxPool(3, 2, 1, 2, True), [(2, 9)], FIRST,
        "F.max_pool1d(x, 3, stride=2, padding=1, dilation=2, ceil_mode=True)",
        ("lax.reduce_window(jnp.stack([padded[..., i:i + 7:2] for padded in "
        "[jnp.pad(x, ((0, 0), (1, 1)), constant_values=-jnp.inf)] for i in range(0, 5, 2)], "
        'axis=-1), -jnp.inf, lax.max, (1, 1, 3), (1, 1, 3), "VALID")[..., 0]'),
    ),
    (  # padding of half a window, which PyTorch's own can be
        MaxPool(2, 2, 1), [(1, 2, 4)], FIRST,
        "F.max_pool1d(x, 2, padding=1)",
        "lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, 2), (1, 1, 2), [(0, 0), (0, 0), (1, 1)])",
    ),
    (  # more than half a window along one of the axes
        MaxPool2D((3, 2), 1, (2, 1)), [(1, 2, 3)], FIRST,
        "F.max_pool2d(F.pad(x, (1, 1, 2, 2), value=-torch.inf), (3, 2), stride=1)",
        "lax.reduce_window(x, -jnp.inf, lax.max, (1, 3, 2), (1, 1, 1), [(0, 0), (2, 2), (1, 1)])",
    ),
    (
        MaxPool(2, 2, (0, 1)), [(1, 2, 5)], FIRST,
        "F.max_pool1d(F.pad(x, (0, 1), value=-torch.inf), 2)",
        "lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, 2), (1, 1, 2), [(0, 0), (0, 0), (0, 1)])",
    ),
    (
        MaxPool2D(2), [(4, 4)], SPLIT,
        "x.unfold(-2, 2, 2).unfold(-2, 2, 2).amax(dim=(-2, -1))",
        ("jnp.max(jnp.stack([x[..., i:i + 3:2, j:j + 3:2] for i in range(2) for j in range(2)], "
        "axis=-1), axis=-1)"),
    ),
    (  # PyTorch pools with one or two leading axes; more are merged into one, and none is made one
        MaxPool(2), [(4,)], FIRST,
        "F.max_pool1d(x.reshape(1, 4), 2).reshape(2)",
        'lax.reduce_window(x, -jnp.inf, lax.max, (2,), (2,), "VALID")',
    ),
    (
        MaxPool2D(2), [(2, 1, 3, 4, 4)], FIRST,
        "F.max_pool2d(x.reshape(6, 4, 4), 2).reshape(2, 1, 3, 2, 2)",
        'lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, 1, 2, 2), (1, 1, 1, 2, 2), "VALID")',
    ),
    (
        AvgPool(2, 1, (0, 1)), [(1, 1, 4)], FIRST,
        "F.avg_pool1d(F.pad(x, (0, 1)), 2, stride=1)",
        ("lax.reduce_window(x, 0.0, lax.add, (1, 1, 2), (1, 1, 1), [(0, 0), (0, 0), (0, 1)])"
        " / 2"),
    ),
    (
        AvgPool(3, 2, 1, True, False), [(1, 1, 4)], FIRST,
        "F.avg_pool1d(x, 3, stride=2, padding=1, ceil_mode=True, count_include_pad=False)",
        ("lax.reduce_window(x, 0.0, lax.add, (1, 1, 3), (1, 1, 2), [(0, 0), (0, 0), (1, 2)]) / "
        "jnp.array([2, 3, 1])"),
    ),
    (  # the output is as long as x, but is not w * x
        Conv1D(2, 2), [(5,), ()], FIRST,
        "F.conv1d(x.reshape(1, 5), w.reshape(1, 1, 1), stride=2, padding=2).reshape(5)",
        ("lax.conv_general_dilated(x.reshape(1, 1, 5), w.reshape(1, 1, 1), (2,), [(2, 2)])"
        ".reshape(5)"),
    ),
    (  # PyTorch counts the padding that is added to x beforehand
        AvgPool(3, 1, 2, count_include_pad=False), [(1, 1, 4)], FIRST,
        "F.avg_pool1d(F.pad(x, (2, 2)), 3, stride=1) * 3 / torch.tensor([1, 2, 3, 3, 2, 1])",
        ("lax.reduce_window(x, 0.0, lax.add, (1, 1, 3), (1, 1, 1), [(0, 0), (0, 0), (2, 2)]) / "
        "jnp.array([1, 2, 3, 3, 2, 1])"),
    ),
    (
        AvgPool2D(), [(1, 3, 4)], FIRST, "x.mean(dim=(-2, -1))", "jnp.mean(x, axis=(-2, -1))",
    ),
    (
        AvgPool2D(2, 2, ((0, 1), 0), count_include_pad=False), [(1, 3, 4)], FIRST,
        "F.avg_pool2d(F.pad(x, (0, 0, 0, 1)), 2) * 4 / torch.tensor([[4, 4], [2, 2]])",
        ("lax.reduce_window(x, 0.0, lax.add, (1, 2, 2), (1, 2, 2), [(0, 0), (0, 1), (0, 0)]) / "
        "jnp.array([[4, 4], [2, 2]])"),
    ),
]  # fmt: skip


@for_each(("layer", "shapes", "rule", "torch", "jax"), SPELLED)
def test_by_hand(
    layer: Operation, shapes: list[tuple[int, ...]], rule: Kinks, torch: str, jax: str
) -> None:
    expected: dict[Framework, str] = {"torch": torch, "jax": jax}
    for framework, text in expected.items():
        assert layer.spelled(framework, "xwb"[: len(shapes)], shapes, rule) == text


def test_what_is_in_no_framework_says_so() -> None:
    layer = Double()
    np.testing.assert_array_equal(layer.forward([1.0]), [2.0])
    with pytest.raises(NotImplementedError, match="Double: does not say how it is written in JAX"):
        layer.spelled("jax", ["x"], [(1,)], FIRST)

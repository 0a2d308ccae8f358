"""Operations and modules applied to values computed from x: x @ w + b, F.relu(x), x.view(…).

A value computed from the network's input is a Flow. Numbers in the code are a Tensor, until they
are used as a network's input is used (`take_for_x`). Only `applied` adds a layer to a flow, and
only `dataflow.joined` makes branches of several flows.
"""

import ast
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any, Final

from engine.arrays import Extent
from pages.stack.code_text import NOWHERE, Remarks, last_name, quoted
from pages.stack.code_values import (
    Function,
    Instance,
    Mask,
    Named,
    Names,
    Row,
    forward_of,
    is_module,
)
from pages.stack.dataflow import (
    Flow,
    Node,
    as_stack,
    every_node,
    flows_in,
    joined,
    largest,
)
from pages.stack.known_values import (
    EXAMPLES,
    SHAPE,
    SUM,
    UNKNOWN,
    Unknown,
    computed,
    is_list,
    is_number,
    part,
)
from pages.stack.stack import LAYERS, LAYERS_MOST, item, joins, new_item, refuse
from pages.stack.start import input_shape
from pages.stack.torch_layers import (
    TURNS,
    WEIGHT,
    Leaf,
    LogSoftmax,
    Parameter,
    Tensor,
    alike,
    as_leaf,
    as_weighted_leaf,
    for_each,
    known_layer,
    labelled,
    one_hot,
    sizes_in,
    taken,
    tensor,
    turned,
    windows_in,
    without_unknown,
)
from pages.stack.written_loss import (
    CROSS_ENTROPY,
    LOGARITHMS,
    PROBABILITIES,
    TIMES_LABELS,
    TINY,
    TRANSPOSED,
    WINDOWS,
    Told,
    Written,
    event_of_call,
)

WORK_MOST: Final = 100_000  # the most expressions and statements that are interpreted

MATHEMATICS: Final = ("math", "np", "numpy")
SAME_MODULE: Final = (
    "to", "cuda", "cpu", "eval", "train", "float", "double", "half", "requires_grad_",
)  # fmt: skip
SAME_NUMBERS: Final = (*SAME_MODULE, "apply", "clone", "copy", "detach", "contiguous")
_KINDS: Final = {
    **dict.fromkeys(("float", "double", "half"), "copy"),
    **dict.fromkeys(("int", "uint", "long"), "long"),
}
"""Types of numbers, without their bits, and the method that does what x.astype(type) does."""
_COPIED: Final = ("clone", "copy")
"""Methods that return a copy: overwriting it leaves the original as it is."""
SEEN: Final = (
    "size", "dim", "numel", "retain_grad", "backward", "tolist", "item", "numpy", "len", "print",
)  # fmt: skip
"""Functions and methods that only look at a value, and compute no other from it."""
ELSEWHERE: Final = object()
"""The result of a function for a kind of calls, if a call is of another kind."""
LOSSES_OF_LOGARITHMS: Final = ("nll_loss", "NLLLoss")
"""A function and a layer of torch; behind log_softmax they are the cross entropy."""
_BETWEEN: Final = {"Sub()": "minus", "Div()": "over"}
"""The events of written_loss for operations on two values."""
FIRST: Final = ("input", "tensor", "tensors")
"""Torch's names for the first argument of its functions."""
_WEIGHT: Final = re.compile(r"[wW]\d*|weight")
"""The names of numbers that are read as a weight: w = 2.0, but not alpha of alpha * x."""
_BIAS: Final = re.compile(r"[bB]\d*|bias")  # the names of numbers that are read as a bias
_PRODUCTS: Final = ("matmul", "mm", "mv", "dot")
_CONVOLUTIONS: Final = {"correlate": "valid", "convolve": "full"}
"""numpy's convolutions, with their default mode: how far they reach beyond the ends."""
_TAKEN: Final = ("a", "v", "mode")  # the arguments of numpy's convolutions
_RESHAPES: Final = ("view", "reshape")
_POOLS: Final = {"max": "max_pool", "amax": "max_pool", "mean": "avg_pool"}
"""Functions that make a pool when applied to windows, and torch's names for these pools."""
_CLAMPS: Final = {
    **dict.fromkeys(("clamp", "clamp_", "clamp_min", "clip"), "1"),
    **dict.fromkeys(("max", "maximum"), "1/2"),
}
"""Functions that are a ReLU if the bound is 0, with PyTorch's slope at 0, as in tests/fixtures."""


@dataclass(eq=False)
class Product(Tensor):
    """Numbers computed as w * x, which may turn out to be computed from the network's input."""

    of: Tensor = field(kw_only=True)  # the x
    flow: Flow = field(kw_only=True)  # the value if x is the network's input
    unread: tuple[Told, ...] = ()  # the remarks about what is left out of the flow


class Operations(ABC):
    """Makes layers of operations on values computed from x, or on numbers that may be x."""

    def __init__(self, remarks: Remarks) -> None:
        self.remarks = remarks
        self.slopes = Remarks(remarks.moved)  # where PyTorch's slope of a ReLU at 0 differs
        self.names = Names({})  # of the top level
        self.depth = 0  # how many calls of the code's functions are nested
        self.work = 0  # how many expressions and statements were interpreted
        self.noted: list[Any] = []  # values that may be the network
        self.alone: ast.expr | None = None  # the latest expression that stands alone
        self.x: Tensor | None = None  # the numbers that were last taken for an input
        self.input: Extent | None = None  # their shape
        self.reshaped: list[Extent] = []
        """Shapes that the code gives to numbers and that differ from theirs in axes of length 1
        only."""
        self.splits = False  # whether the gradient of a tie is split somewhere
        self.trained = False  # whether an optimizer has made a step
        self.steps = 0  # how many of its steps were interpreted
        self.ends: list[tuple[Flow, int]] = []
        """Values that contain labels, on the way to a loss, each with the number of remarks at
        that time."""
        self.of_loss: list[str] = []  # the remarks about what is computed from a loss
        self.factors_of_x: list[Tensor] = []  # every W of x @ W
        self.overwritten: dict[int, tuple[Flow, Flow]] = {}
        """By its id, a value that was overwritten in place, and the new value."""

    @abstractmethod
    def result_of_own_function(
        self, of: Function, given: list[Any], named: Mapping[str, Any]
    ) -> Any:
        """Call a function of the code and return its result."""

    def count_work(self, count: int = 1) -> None:
        """Count interpreted code, since loops may run long. Raises StackError if it is too much."""
        self.work += count
        if self.work > WORK_MOST:
            refuse("paste.work", most=f"{WORK_MOST:,}")

    # --- numbers that are x

    def is_x(self, value: Any) -> bool:
        """Whether a value is the numbers named x at the top level."""
        return isinstance(value, Tensor) and value is self.names.get("x")

    def is_input(self, value: Any) -> bool:
        """Whether a value is the text's own x, or a Product of some x."""
        return isinstance(value, Product) or self.is_x(value)

    def take_for_x(self, value: Any) -> Any:
        """Take numbers for the network's input from here on, and return their flow.

        Any other value is returned as it is.
        """
        x = getattr(value, "of", value)
        may_be = isinstance(value, Tensor) and not isinstance(value, Parameter)
        if may_be and (not self.depth or self.x in (None, x)):
            self.input, self.x = value.shape, x
        return self.flow_if_x(value)

    def tested(self, value: Any) -> Any:
        """Return a value whose sign is compared; x and w * x become flows."""
        return self.take_for_x(value) if self.is_input(value) else self.flow_if_x(value)

    def flow_if_x(self, value: Any) -> Any:
        """Return the flow of x, or of a Product of x, also in lists; any other value as it is."""
        if is_list(value):
            return self.each_of(value, self.flow_if_x)
        if isinstance(value, Product) and value.of is self.x:
            for at, key, gaps in value.unread:
                self.remarks.at(at, key, **gaps)
            of = self.flow_of_x()
            return value.flow._replace(x=of.x, input=of.input)
        return self.flow_of_x() if value is self.x and self.x else value

    def each_of(self, several: Any, act: Callable[[Any], Any]) -> Any:
        """Apply a function to each value in a list; return the list itself if nothing changes."""
        self.count_work()
        made = [*map(act, several)]
        same = all(one is other for one, other in zip(made, several, strict=True))
        return several if same else type(several)(made)

    def flow_of_x(self) -> Flow:
        """Return the flow of x, to which no layer was applied yet."""
        return Flow(x=self.x and replace(self.x), input=self.input)

    def input_of(self, flow: Flow) -> Extent | None:
        """Return the shape of the x that a flow comes from, or of the last x if it names none."""
        return flow.input or self.input

    # --- operations

    def operation(self, node: ast.BinOp, left: Any, op: ast.operator, right: Any) -> Any:
        """Return the result of a binary operation: x + y of flows, tensors, lists or numbers."""
        left, right = self.by_now(left), self.by_now(right)
        if isinstance(op, ast.MatMult):
            left, right = self.factors(left, right)
        if any(isinstance(each, Flow | Mask) for each in (left, right)):
            left, right = self.flow_if_x(left), self.flow_if_x(right)
        if isinstance(left, Flow) or isinstance(right, Flow):
            return self.operation_on_flow(node, left, op, right)
        for one, other in ((left, right), (right, left)):  # torch.randn(4, 3) * 0.1
            if isinstance(op, ast.Mult) and (made := self.scaled(node, one, other)):
                return made
            plain = isinstance(one, Tensor) and (is_number(other) or isinstance(other, Unknown))
            if self.is_input(one) and (plain or isinstance(other, Tensor)):
                return self.with_product(node, op, left, right)
            if plain and isinstance(op, ast.MatMult):
                return Product(one.shape, of=one, flow=Flow(), unread=(_of_product(node),))
            if plain and isinstance(other, Unknown) and prod(one.shape) == 1:
                return UNKNOWN  # it may be an array
            if plain:
                return self.for_each(op, left, right)
        return computed(op, left, right)

    def operation_on_flow(self, node: ast.BinOp, left: Any, op: ast.operator, right: Any) -> Any:
        """Return the result of a binary operation of which one operand or both are flows."""
        is_sum = ast.dump(op) == SUM
        if is_sum and (is_zero(left) or is_zero(right)):
            return right if is_zero(left) else left
        if made := self.written_out(node, left, op, right):
            return made
        self.tell_written([left, right])
        several = isinstance(left, Flow) and isinstance(right, Flow)
        if is_sum and several and not any(map(_is_entry, (node.left, node.right))):
            return joined("add", [left, right], {}, node, self.remarks)
        sides = (left, right) if isinstance(left, Flow) else (right, left)
        if is_sum and (made := self.with_bias(node, *sides)):
            return made
        if isinstance(op, ast.MatMult) and (made := self.product(node, left, right)):
            return made
        if isinstance(op, ast.Mult) and (made := self.scaled(node, *sides)):
            return made
        if isinstance(op, ast.Mult) and _keeps_positive(sides[1], sides[0]):
            return self.positive(node, sides[0])
        (kept,) = largest(flows_in([left, right]))
        its = node.left if kept is left else node.right
        return self.left_out(kept, _told(node, its))._replace(apart=True)

    def written_out(self, node: ast.BinOp, left: Any, op: ast.operator, right: Any) -> Flow | None:
        """Return s − max s, exp(s) / Σ exp(s) or Σ / N as a step to a loss; None for others."""
        flow, other = (left, right) if isinstance(left, Flow) else (right, left)
        told = _told(node, node.left if flow is left else node.right)
        match ast.dump(op):
            case "Mult()" if labels := one_hot(other):
                return self.towards_loss(flow, TIMES_LABELS, told, labels=labels)
            case "Add()" if flow.written.step in PROBABILITIES and _is_tiny(other):
                self.remarks.at(node, "paste.operation", code=quoted(node), kept=told[2]["kept"])
                return flow
            case "Sub()" | "Div()" as sign if flow is left and isinstance(other, Flow):
                event = f"{_BETWEEN[sign]} {other.written.step}"
                event = event if other.nodes == flow.nodes else ""
                return self.towards_loss(flow, event, told, other.written.told)
            case "Div()" if flow is left:
                rows = self.shape_of(flow)
                event = "over rows" if other in (EXAMPLES, rows and rows[0]) else ""
                return self.towards_loss(flow, event, told)
        return None

    def for_each(self, op: ast.operator, left: Any, right: Any) -> Tensor:
        """Call torch_layers.for_each, and count its work."""
        self.count_work(sum(it.known for it in (left, right) if isinstance(it, Tensor)))
        return for_each(op, left, right)

    def factors(self, left: Any, right: Any) -> tuple[Any, Any]:
        """Return the factors of a matrix product, of which numbers that are x become a flow.

        These are the numbers named x, or otherwise those on the left. A column x becomes a row.
        """
        if not (isinstance(left, Tensor) and isinstance(right, Tensor)):
            return left, right
        if any(_undoes(it, self.factors_of_x) for it in (left, right)):
            return left, right  # dout @ W.T, of the backward pass
        x = [it for name in ("x", "X") if (it := self.names.get(name))]
        given = [self.x] if self.x else []
        if right.transposed in (*x, *given) or left.transposed in given:
            return left, right  # dW = dout @ x.T
        if isinstance(right, Product) or right in x:
            right = self.take_for_x(right)
            if isinstance(right, Flow) and right.input and right.input[1:] == (1,):
                right = right._replace(input=right.input[:1])
        elif isinstance(left, Product) or left in x or len(right.shape) == 2:
            left = self.take_for_x(left)
        return left, right

    def product(self, node: ast.expr, left: Any, right: Any) -> Any:
        """Return x @ w, or w @ x for a row x, as a Linear; None if it is neither.

        The weight of the Linear is w, transposed for x @ w; a w with one axis makes one output.
        UNKNOWN for a product of a backward pass.
        """
        if isinstance(left, Flow) and left.written.step == TRANSPOSED:
            self.tell_written([left])
            return UNKNOWN  # dW = h.T @ ds
        both = isinstance(left, Tensor) and isinstance(right, Flow)
        of_row = both and self.dimensions(right) == 1
        flow, weight = (right, left) if of_row else (left, right)
        if not (isinstance(flow, Flow) and isinstance(weight, Tensor)):
            return None
        if len(weight.shape) == 1:
            weight = turned(weight, "unsqueeze", (0 if of_row else 1,))
        if len(weight.shape) != 2:
            return None
        if flow.apart and _undoes(weight, self.factors_of_x):
            self.ends.append((flow, len(self.remarks.said)))
            return UNKNOWN  # the backward pass: ds @ W.T
        given = weight if of_row else turned(weight, "T", ())
        leaf = as_weighted_leaf("linear", [given], {}, node, self.remarks)
        self.factors_of_x.append(weight)
        return self.applied(node, leaf, [flow])

    def with_bias(self, node: ast.BinOp, flow: Any, bias: Any) -> Flow | None:
        """Return x @ w + b or w * x + b: a flow whose last layer has this bias; None for others."""
        *before, last = getattr(flow, "nodes", ()) or (None,)
        if not isinstance(last, Node):
            return None
        its, numbers = last.leaf.item, last.numbers.get(WEIGHT)
        weights = Tensor(last.leaf.weights, numbers)
        bias = _parameter(node, bias, _BIAS)
        shape, fits = getattr(bias, "shape", None), False
        if its == new_item("conv1d"):
            fits = shape in ((), (1,))
        elif its.name == "linear" and last.leaf.weights and not its.arguments[1:]:
            outputs = weights.shape[:1]
            # b of (1, M) is one of (M,). With x as a column it is one of (M, 1): numpy would make
            # a matrix of a column and a row.
            as_row, as_column = shape in (outputs, (1, *outputs)), shape == (*outputs, 1)
            fits = as_column if _is_column(flow) else as_row
            fits = fits or (as_column and not flow.x and self.dimensions(flow) == 1)
            fits = fits or (outputs == (1,) and shape in ((), (1,), (1, 1)))
        if not fits:
            return None
        leaf = as_weighted_leaf(its.name, [weights, bias], {}, node, self.remarks)
        if not (leaf and isinstance(flow, Flow)):
            return None
        leaf = replace(leaf, handed=last.leaf.handed)
        return flow._replace(
            nodes=(*before, replace(last, leaf=leaf, at=node, numbers=leaf.numbers))
        )

    def negated(self, node: ast.UnaryOp, value: Tensor) -> Product:
        """Return −x or −(w * x); as a flow it is x or w * x, with a remark about the sign."""
        numbers = self.for_each(ast.Mult(), -1, value).numbers
        one = value if isinstance(value, Product) else Product(value.shape, of=value, flow=Flow())
        unread = _once([*one.unread, kept_whole(node, node.operand)])
        return replace(one, numbers=numbers, unread=unread)

    def with_product(self, node: ast.BinOp, op: ast.operator, left: Any, right: Any) -> Product:
        """Return w * x + b or w * x + x; otherwise x or w * x with a remark, as for x / 255."""
        one, other = (left, right) if self.is_input(left) else (right, left)
        if not isinstance(one, Product):
            one = Product(one.shape, one.numbers, of=one, flow=Flow())
        flow: Any = None
        if (is_sum := ast.dump(op) == SUM) and is_zero(other):
            return one
        if is_sum and getattr(other, "of", other) is one.of:
            theirs = getattr(other, "flow", Flow())
            flow = joined("add", [one.flow, theirs], {}, node, self.remarks)
        elif is_sum:
            flow = self.with_bias(node, one.flow, other)
        if flow:
            unread = _once([*one.unread, *getattr(other, "unread", ())])
            return replace(one, numbers=None, flow=flow, unread=unread)
        numbers = self.for_each(op, left, right).numbers if is_number(other) else None
        return replace(one, numbers=numbers, unread=(_of_product(node),))

    def scaled(self, node: ast.BinOp, row: Any, by: Any) -> Any:
        """Return w * x for a row x as a convolution with a kernel of one number; otherwise None."""
        by = _parameter(node, by, _WEIGHT)
        if self.is_input(by) or not (isinstance(by, Tensor) and by.shape in ((), (1,))):
            return None
        of_x = self.is_input(row) and len(row.shape) == 1
        if not (of_x or (isinstance(row, Flow) and len(self.shape_of(row) or ()) == 1)):
            return None
        kernel = turned(by, "reshape", [()])
        leaf = as_weighted_leaf("conv1d", [kernel], {}, node, self.remarks)
        if isinstance(row, Product):
            return replace(row, flow=self.applied(node, leaf, [row.flow]))
        made = self.applied(node, leaf, [Flow() if of_x else row])
        return Product(row.shape, of=row, flow=made) if of_x else made

    def convolved(
        self, node: ast.Call, name: str, given: list[Any], named: Mapping[str, Any]
    ) -> Any:
        """Return np.correlate(x, w, "valid") as a conv1d of a row; np.convolve reverses w first.

        None if w is no row of numbers, or if no equal padding at both ends does the same.
        """
        read = {"mode": _CONVOLUTIONS[name], **dict(zip(_TAKEN, given, strict=False)), **named}
        x, weight, mode = map(read.get, _TAKEN)
        if not isinstance(weight, Tensor) or len(weight.shape) != 1:
            return None
        beyond = weight.shape[0] - 1
        both = {"valid": 0, "same": beyond, "full": 2 * beyond}  # padding at both ends together
        if not isinstance(mode, str) or both.get(mode, 1) % 2:
            return None
        weight = taken(weight, slice(None, None, -1)) if name == "convolve" else weight
        leaf = as_weighted_leaf(
            "conv1d", [weight], {"padding": both[mode] // 2}, node, self.remarks
        )
        return self.applied(node, leaf, [x])

    def positive(self, node: ast.expr, flow: Flow) -> Any:
        """Return the ReLU of a flow: x * (x > 0), or x after x[x < 0] = 0."""
        return self.applied(node, Leaf(new_item("relu")), [flow])

    def pooled(
        self, node: ast.Call, name: str, flow: Flow, named: Mapping[str, Any], over: list[Any]
    ) -> Any:
        """Return h.amax(-1) or h.max(dim=-1) as a pool over whole rows; None if it is no pool.

        Windows side by side make a pool of maxima or means: h.reshape(n // 2, 2).mean(axis=1).
        h.max(dim=-1) of torch is a pair, with the places. over: the axes; [] for all.
        """
        of_library = isinstance(node.func, ast.Attribute)  # max(h) is Python's
        if name not in _POOLS or not of_library or named.keys() - {"dim", "axis"}:
            return None
        windows = flow.written.windows if self.axes_of_windows(flow, over) else ()
        if not windows and (name == "mean" or not self.axes_of_rows(flow, over)):
            return None
        leaf: Leaf | None = Leaf(item("maxpool"))
        if windows:
            called = f"{_POOLS[name]}{len(windows)}d"
            leaf = as_leaf(called, [windows], {}, node, self.remarks)
            flow = flow._replace(written=Written())
        if leaf is None:
            return None
        self.splits |= name == "amax" or not over
        made = self.applied(node, leaf, [flow])
        of_numpy = "axis" in named or _is_of_numpy(node.func)
        return (made, UNKNOWN) if name == "max" and over and not of_numpy else made

    def axes_of_rows(self, flow: Flow, over: list[Any]) -> bool:
        """Whether `over` is the last axis of a value, or all axes of a row."""
        shape = self.shape_of(flow) or ()
        axes = flow.written.axes or shape
        last = max((at for at, size in enumerate(axes) if size != 1 or axes is shape), default=0)
        whole = over in ([last - len(axes)], [last]) or (not over and len(shape) == 1)
        column = axes is not shape and shape[-1] == 1
        return bool(shape) and whole and not column

    def axes_of_windows(self, flow: Flow, over: list[Any]) -> bool:
        """Whether `over` is exactly the axes within the windows."""
        axes, windows = sizes_in(over), flow.written.windows
        count = len(self.shape_of(flow) or ()) + len(windows)
        within = [count - 1 - 2 * place for place in reversed(range(len(windows)))]
        known = bool(windows) and all(isinstance(axis, int) for axis in axes)
        return known and sorted(axis % count for axis in axes) == within

    # --- modules

    def applied(self, node: ast.AST, module: Any, given: list[Any]) -> Any:
        """Apply a module to a flow. UNKNOWN if given[0] is no flow."""
        if not given or not isinstance(given[0], Flow):
            return UNKNOWN
        flow = self.by_now(given[0])
        if isinstance(module, LogSoftmax):
            told = module.at, "paste.layer", {"name": "LogSoftmax"}
            return self.follow(flow, "log_softmax", told)
        if isinstance(module, Leaf) and module.reads_logarithms:
            if flow.written.step != LOGARITHMS:
                self.remarks.at(module.reads_logarithms, "paste.layer", name="NLLLoss")
                return flow
            flow = flow._replace(written=Written())
        self.tell_written([flow])
        if isinstance(module, Row):
            return self.applied_row(node, module, flow)
        if isinstance(module, Instance):
            return self.applied_instance(node, module, given)
        return self.applied_leaf(node, module, flow, given) if isinstance(module, Leaf) else flow

    def applied_row(self, node: ast.AST, module: Row, flow: Flow) -> Any:
        """Apply modules one after another, of whose outputs each hands on its first."""
        if not module.parts:  # a layer that was left out, or an Identity
            return flow._replace(apart=True)
        node = module.at if node is NOWHERE else node
        handed: Any = flow
        for each in module.parts:
            flows = flows_in([self.applied(node, each, [handed])])
            handed = next(iter(flows), UNKNOWN)
            if any(other is not handed for other in flows):
                self.remarks.at(node, "paste.first")
        return handed

    def applied_instance(self, node: ast.AST, module: Instance, given: list[Any]) -> Any:
        """Call an object's forward; without one, apply the layers that it was made with."""
        forward = forward_of(module)
        if not is_module(module) and isinstance(node, ast.Call):
            self.remarks.at(node, "paste.function", name=quoted(node.func))
        if not isinstance(forward, Function):
            return self.applied(node, module.attributes.get("", Row(())), given)
        if not self.depth:
            self.tell_inputs(forward, given)
        returned = self.result_of_own_function(forward, given, {})
        flows = flows_in([returned])
        whole = {node for it in largest(flows) for node in every_node(it)}
        if not self.depth and any({*every_node(it)} - whole for it in flows):
            count = len({*map(id, flows)})
            self.remarks.at(forward.body[-1], "paste.outputs", count=count)
        return returned

    def applied_leaf(self, node: ast.AST, module: Leaf, flow: Flow, given: list[Any]) -> Flow:
        """Add a layer to a flow; a loss takes its labels from given[1]."""
        if module.item.layer.data and len(given) > 1:
            module = self.with_labels(node, module, given[1], flow)
        if len(flow.nodes) >= LAYERS_MOST:
            refuse("stack.layers", count=len(flow.nodes) + 1, most=LAYERS_MOST)
        numbers = {key: None if self.trained else it for key, it in module.numbers.items()}
        last = Node(module, node, stops=flow.stops, numbers=numbers)
        made = Flow((*flow.nodes, last), x=flow.x, input=flow.input)
        if module.in_place:
            self.overwritten[id(flow)] = flow, made
        if module.item.layer.data:
            self.ends.append((made, len(self.remarks.said)))
        return made

    def by_now(self, value: Any) -> Any:
        """Return the present value of one that was overwritten in place: z = y; F.relu_(z)."""
        while id(value) in self.overwritten:
            _, value = self.overwritten[id(value)]
        return value

    def tell_inputs(self, forward: Function, given: list[Any]) -> None:
        """Add remarks if a forward reads more than x."""
        needed = forward.arguments.args[len(forward.bound) :]
        needed = needed[: max(1, len(needed) - len(forward.arguments.defaults))]
        values = [*given, *[UNKNOWN] * len(needed)]
        for each, value in [*zip(needed, values, strict=False)][1:]:
            said = isinstance(value, Tensor) and value.numbers is not None and not value.alike
            if isinstance(value, Unknown | Tensor) and not said:
                self.remarks.at(each, "paste.input_more", name=each.arg)

    def tell_written(self, given: Sequence[Any]) -> None:
        """Add the remarks that wait in flows on the way to a loss, since they do not reach it."""
        for flow in flows_in(given):
            for at, key, gaps in flow.written.told:
                self.remarks.at(at, key, **gaps)

    def towards_loss(
        self, flow: Flow, event: str, told: Told, others: Sequence[Told] = (), labels: Any = None
    ) -> Flow | None:
        """Return the next value on the way to a loss that the code writes out; None if it is none.

        told: the remark to be made unless the loss is reached. others: those of the other operands.
        """
        if not (step := flow.written.after(event)):
            return None
        labels = flow.written.labels if labels is None else labels
        if step != CROSS_ENTROPY:
            each = (*flow.written.told, *others, told)
            made = flow._replace(written=Written(step, each, labels))
            if labels is not None:
                self.ends.append((made, len(self.remarks.said)))
            return made
        loss = as_leaf("cross_entropy", (), {}, told[0], self.remarks)
        made = self.applied(told[0], loss, [flow._replace(written=Written()), labels])
        return made if isinstance(made, Flow) else None

    def follow(self, flow: Flow, event: str, told: Told, labels: Any = None) -> Flow:
        """Return the next value on the way to a loss; otherwise leave the operation out."""
        return self.towards_loss(flow, event, told, labels=labels) or self.left_out(flow, told)

    def left_out(self, flow: Flow, told: Told) -> Flow:
        """Return a flow as it is, and add a remark that an operation on it is left out."""
        self.tell_written([flow])
        at, key, gaps = told
        before = len(self.remarks.said)
        self.remarks.at(at, key, **gaps)
        if flow.has_loss:
            self.of_loss += self.remarks.said[before:]
        return flow._replace(written=Written())

    # --- functions and methods

    def arguments_with_x(
        self, node: ast.Call, name: str, given: list[Any], named: dict[str, Any]
    ) -> list[Any]:
        """Return the arguments of a function of torch or numpy, with flows for numbers that are x.

        If there is no flow among them, the first numbers are taken for x.
        """
        given = given or [named.pop(key) for key in FIRST if key in named]
        if not (
            name in _PRODUCTS
            or known_layer(name)
            or (name in _CLAMPS and any(map(self.is_input, given)))
            or (name in _CONVOLUTIONS and self.is_input(given[0] if given else None))
            or (name == "where" and any(isinstance(each, Mask) for each in given))
            or last_name(getattr(node.func, "value", node)) == "F"
        ):
            return given
        if name in _PRODUCTS:
            given = [*self.factors(*given)] if len(given) == 2 else given
        elif not flows_in(given):
            known, parts = known_layer(name), sizes_in(given)
            alone = len(parts) == 1 and not isinstance(parts[0], Product)
            whole = known and joins(known) and alone  # torch.max(x)
            for each in () if whole else [it for it in parts if not is_zero(it)][:1]:
                self.take_for_x(each)
        return [*map(self.flow_if_x, given)]

    def result_of_tensor_method(
        self, node: ast.Call, name: str, of: Tensor, given: list[Any], named: dict[str, Any]
    ) -> Any:
        """Return x.relu() or x.reshape(1, 1, 6) for numbers; ELSEWHERE for an unknown method."""
        if name in ("size", *_RESHAPES):
            given = given or [*named.values()]
        sizes, reshaped = sizes_in(given), name in _RESHAPES
        rows = reshaped and len(sizes) == 2 < len(of.shape)
        of_matrix = len(sizes) == 2 and not self.is_input(of)  # for F.linear, and not x
        if reshaped and alike(of.shape, sizes) and not rows and not of_matrix:
            self.reshaped.append(sizes)
            return of
        if name in ("astype", "type") and given:
            name, given = _kind(given[0]) or name, []
        if name in (*SAME_NUMBERS, "numpy"):  # numpy's array has the same memory
            return replace(of) if name in _COPIED else of
        if name in ("dim", "numel", "size"):
            counted = len(of.shape) if name == "dim" else prod(of.shape)
            sizes_of = part(of.shape, given[0]) if given else of.shape
            return sizes_of if name == "size" else counted
        if name in _PRODUCTS and given:
            both = [*self.factors(of, given[0])]
            flows = flows_in(both)
            return (
                self.result_of_torch_function(node, name, flows, both, named) if flows else UNKNOWN
            )
        applied = (known := known_layer(name)) and not joins(known)
        applied = applied or isinstance(of, Product)
        applied = applied or (name in _CLAMPS and name != "max" and self.is_x(of))
        flow = self.take_for_x(of) if applied or rows else of
        if isinstance(flow, Flow):
            return self.result_of_flow_method(node, name, flow, given, named)
        return turned(of, name, [*given, *named.values()]) if name in TURNS else ELSEWHERE

    def looked_at(self, flows: list[Flow]) -> Any:
        """Note the flows that a call only looks at: f(x) of print(f(x)) may be the network."""
        if not self.depth:
            self.noted += [each for each in flows if each.nodes]
        return UNKNOWN

    def result_of_flow_method(
        self, node: ast.Call, name: str, flow: Flow, given: list[Any], named: dict[str, Any]
    ) -> Any:
        """Return the result of a method of a flow: x.relu(), x.view(x.size(0), -1), …"""
        flow = self.by_now(flow)
        if name == "unsqueeze" and not flow.nodes:  # x with one more axis, of length 1
            x = self.input_of(flow)
            made = turned(Tensor(x or ()), name, [*given, *named.values()])
            first = flow.input in (None, flow.x and flow.x.shape)
            whole = x and first and isinstance(made, Tensor)
            return flow._replace(input=made.shape) if whole else flow
        if name in ("size", *_RESHAPES):
            given = given or [*named.values()]
        if name == "size":
            if not given:
                return SHAPE
            return EXAMPLES if given == [0] else UNKNOWN
        if name in SEEN:
            return self.looked_at([flow])
        if name in _RESHAPES:
            return self.in_shape(node, name, flow, sizes_in(given))
        if name == "type" and given and _kind(given[0]) == "copy":
            return flow._replace()
        if name in SAME_NUMBERS:  # an equal value, but another object
            return flow.stopped(node) if name == "detach" else flow._replace()
        if name in _PRODUCTS and given and (made := self.product(node, flow, given[0])):
            return made
        return self.result_of_torch_function(node, name, [flow, *flows_in(given)], given, named)

    def in_shape(self, node: ast.Call, name: str, flow: Flow, sizes: tuple[Any, ...]) -> Any:
        """Return x.view(N, -1) as a Flatten, and x.reshape(n // 2, 2) as windows of x.

        A shape that differs in axes of length 1 only leaves the flow as it is.
        """
        told, shape = (node, "paste.function", {"name": name}), self.shape_of(flow)
        if flow.written.windows:
            return self.left_out(flow, told)
        windows = windows_in(shape, sizes)
        if shape and 1 < prod(windows) < prod(shape):
            made = self.follow(flow, WINDOWS, told)
            return made._replace(written=made.written._replace(windows=windows))
        if shape:
            known, rows = without_unknown(shape, sizes), (shape[0], prod(shape[1:]))
            kept = len(shape) == 2 or known[-1:] == shape[-1:] or alike(shape, known)
            sizes = known if kept and known != rows else sizes
        of_examples = shape is not None and len(shape) > 2 and sizes[:1] == shape[:1]
        if sizes == (-1,):
            self.remarks.at(node, "paste.examples")
        if sizes == (-1,) or (
            len(sizes) == 2 and (of_examples or -1 in sizes or sizes[0] is EXAMPLES)
        ):
            return self.applied(node, Leaf(new_item("flatten")), [flow])
        if shape is None or not alike(shape, sizes):
            self.remarks.at(node, "paste.function", name=name)
            return flow
        return flow._replace(written=flow.written._replace(axes=sizes))

    def result_of_torch_function(
        self, node: ast.Call, name: str, flows: list[Flow], given: list[Any], named: dict[str, Any]
    ) -> Any:
        """Return F.relu(x), torch.cat([x, y], 1), …; if unknown, the flow as it is and a remark."""
        flows = [*map(self.by_now, flows)]
        given = [self.each_of(it, self.by_now) if is_list(it) else self.by_now(it) for it in given]
        if name in _RESHAPES and given[:1] == flows[:1]:
            return self.result_of_flow_method(node, name, flows[0], given[1:], named)
        if name == "len" and given == flows:
            return EXAMPLES
        if name in SEEN:
            return self.looked_at(flows)
        if name in LOSSES_OF_LOGARITHMS and flows[0].written.step == LOGARITHMS:
            name, flows[0] = "cross_entropy", flows[0]._replace(written=Written())
        told = node, "paste.function", {"name": name or quoted(node.func)}
        of_python = isinstance(node.func, ast.Name) and name in ("sum", "max")  # of a list
        if len(flows) == 1 and not of_python:
            event = event_of_call(name, [*(it for it in given if it != flows[0]), *named.values()])
            if made := self.towards_loss(flows[0], event, told):
                return made
        named = {key: it for key, it in named.items() if key != "out"}
        numbers = [*(it for it in given if not isinstance(it, Flow | None)), *named.values()]
        if len(flows) == 1 and (pooled := self.pooled(node, name, flows[0], named, numbers)):
            return pooled
        self.tell_written(flows)
        if name in _PRODUCTS and len(given) == 2 and (made := self.product(node, *given)):
            return made
        if (
            name in _CONVOLUTIONS
            and given[:1] == flows
            and (made := self.convolved(node, name, given, named))
        ):
            return made
        if name in ("zeros_like", "ones_like"):
            return tensor(1.0 if name == "ones_like" else 0.0)
        if name.endswith("_like"):
            return UNKNOWN
        of_axis = name == "max" and not all(isinstance(it, Tensor) for it in numbers)  # h.max(0)
        made = None if of_axis else self.positive_of(node, name, flows, given, named)
        if made := made or self.layer_of_function(node, name, flows, given, named):
            return made
        if node is self.alone and not changed_place(node):  # print(x)
            return UNKNOWN
        return self.left_out(largest(flows)[0], told)._replace(apart=True)

    def positive_of(
        self, node: ast.Call, name: str, flows: list[Flow], given: list[Any], named: dict[str, Any]
    ) -> Any:
        """Return torch.clamp(x, 0) or np.where(x > 0, x, 0) as a ReLU; None for others.

        It is noted where PyTorch gives the function another slope at 0 than a ReLU.
        """
        slope = _CLAMPS.get(name, "0")
        if name == "where" and len(given) == 3 and _keeps_positive(*given[:2]):
            slope = "1" if given[0].with_zero else "0"
            name, given = "clamp", given[1:]
        if not _is_of_zero(name, given, named):
            return None
        if slope != "0" and not _is_of_numpy(node.func):
            self.slopes.at(node, "paste.slope", code=quoted(node.func), slope=slope)
        return self.layer_of_function(node, "relu", flows, [*flows], {})

    def layer_of_function(
        self, node: ast.Call, name: str, flows: list[Flow], given: list[Any], named: dict[str, Any]
    ) -> Any:
        """Return F.relu(x) or torch.cat([x, y]) as the layer of that name; None without one."""
        known = known_layer(name)
        if known and joins(known):
            return self.put_together(node, name, flows, given, named)
        if not known or any(it is flows[0] for it in given[1:]):  # as a weight: F.linear(w, h)
            return None
        others = [each for each in given if not flows_in([each])]
        return self.layer(node, name, flows, others, named)

    def put_together(
        self, node: ast.Call, name: str, flows: list[Flow], given: list[Any], named: dict[str, Any]
    ) -> Flow | None:
        """Return torch.cat([x, y], 1) or torch.maximum(x, y); None if only one value is given."""
        parts = sizes_in(given)
        listed = bool(given) and is_list(given[0])  # the list is joined
        if listed and [*parts] == flows[:1]:
            return flows[0]
        unknown = [it for it in parts if isinstance(it, Unknown | Tensor)]
        if len(flows) == 1 and not unknown:
            return None
        if unknown or (listed and not all(flows_in([it]) for it in parts)):
            self.remarks.at(node, "paste.joined", name=name)
        if len(flows) == 1:
            return flows[0]
        others = [each for each in given if not flows_in([each])]
        if others and "dim" not in named:
            named["dim"] = others[0]
        axes = 0
        if is_number(named.get("dim")) and named["dim"] < 0:
            axes = max(map(self.dimensions, flows))
            named["dim"] += axes
        known = known_layer(name)
        return joined(known, flows, named, node, self.remarks, axes=axes)

    def layer(
        self, node: ast.Call, name: str, flows: list[Flow], given: list[Any], named: dict[str, Any]
    ) -> Any:
        """Return F.leaky_relu(x, 0.1), F.conv1d(x, w, b) or F.cross_entropy(x, labels).

        None for several flows, or for a layer whose weight is not known.
        """
        kind = LAYERS[known_layer(name)]
        if len(flows) > 1:
            return None
        if kind.sizes:
            leaf = as_weighted_leaf(name, given, named, node, self.remarks)
            return self.applied(node, leaf, [*flows]) if leaf else None
        if kind.data:
            labels = [named.pop("target")] if "target" in named else given[:1]
            loss = as_leaf(name, given[1:], named, node, self.remarks)
            return self.applied(node, loss, [*flows, *labels])
        if known_layer(name) == "flatten" and not (given or named):
            self.remarks.at(node, "paste.examples")
        return self.applied(node, as_leaf(name, given, named, node, self.remarks), [*flows])

    def shape_of(self, flow: Flow) -> Extent | None:
        """Return the shape of a value for the code's x; None if the code states no shape of x."""
        x = self.input_of(flow)
        return as_stack(flow)[0].shape(x) if x else None

    def dimensions(self, flow: Flow) -> int:
        """Return how many axes a value has for the code's x, or for one that fits; 0 without."""
        stack, weights = as_stack(flow)
        x = self.input_of(flow) or input_shape(stack, weights)
        return len((x and stack.shape(x)) or ())

    def with_labels(self, at: ast.AST, loss: Leaf, labels: Any, flow: Flow) -> Leaf:
        """Return a loss with the code's labels; without any, with label 0 per row and a remark.

        flow: the logits.
        """
        made = labelled(loss, labels)
        if made is not loss:
            return made
        self.remarks.at(at, "paste.labels")
        rows = self.shape_of(flow) or (1,)
        return labelled(loss, Tensor(rows[:1], [0] * rows[0])) if len(rows) == 2 else loss


def kept_whole(node: ast.expr, kept: ast.expr) -> Told:
    """Return the remark that an operation is left out and its operand is used as it is."""
    return node, "paste.left_out", {"code": quoted(node), "kept": quoted(kept)}


def _kind(given: Any) -> str:
    """Return the method like x.astype(np.float32) or x.type(torch.LongTensor); "" if unknown."""
    kind = last_name(given.name) if isinstance(given, Named) else given
    if not isinstance(kind, str):
        return ""
    kind = kind.rpartition(".")[2].removesuffix("Tensor").lower().rstrip("0123456789")
    return _KINDS.get(kind, "")


def _is_column(flow: Flow) -> bool:
    """Whether a flow comes from an x that is a column in the code, and is read as a row."""
    return bool(flow.x and flow.input and flow.x.shape == (*flow.input, 1))


def _is_entry(node: ast.expr) -> bool:
    """Whether an expression is one entry of an array, as x[i, j]; sums of these are no layer."""
    at = node.slice if isinstance(node, ast.Subscript) else None
    each = at.elts if isinstance(at, ast.Tuple) else []
    others = [isinstance(it, ast.Slice) or getattr(it, "value", 0) in (None, ...) for it in each]
    return bool(others) and not any(others)


def _of_product(node: ast.BinOp) -> Told:
    """Return the remark that an operation on x, or on w * x, is not known."""
    return node, "paste.product", {"code": quoted(node)}


def _once(told: Sequence[Told]) -> tuple[Told, ...]:
    """Return remarks, one for each place: a loop may come to it again and again."""
    return tuple({each[0]: each for each in told}.values())


def _told(node: ast.BinOp, kept: ast.expr) -> Told:
    """Return the remark that an operation is not known, and one side of it is used alone."""
    return node, "paste.operation", {"code": quoted(node), "kept": quoted(kept)}


def _parameter(node: ast.BinOp, value: Any, called: re.Pattern[str]) -> Any:
    """Return a number as a tensor without axes if an operand's name matches `called`."""
    names = map(last_name, (node.left, node.right))
    return tensor(value) if is_number(value) and any(map(called.fullmatch, names)) else value


def _is_of_zero(name: str, given: Sequence[Any], named: Mapping[str, Any]) -> bool:
    """Whether a function of one flow is its maximum with 0: clamp(x, 0), and not clamp(x, None, 0).

    given, named: the function's arguments, the flow among them.
    """
    others = [it for it in given if not isinstance(it, Flow)]
    if _CLAMPS.get(name) == "1":
        ends = dict(zip(("min", "max"), others, strict=False))
        ends |= {key.removeprefix("a_"): it for key, it in named.items()}
        return is_zero(ends.pop("min", None)) and not any(it is not None for it in ends.values())
    return name in _CLAMPS and [*map(is_zero, [*others, *named.values()])] == [True]


def is_zero(value: Any) -> bool:
    """Whether a value is 0 or torch.tensor(0.0); False does not count."""
    number = value.numbers if isinstance(value, Tensor) else value
    return is_number(number) and number is not False and number == 0


def _is_tiny(value: Any) -> bool:
    """Whether a number is so small that it only keeps a logarithm finite: 1e-9."""
    return is_number(value) and abs(value) <= TINY


def _undoes(factor: Tensor, others: Sequence[Tensor]) -> bool:
    """Whether a factor is the transpose of one of the others: W.T of W."""
    turned_back = [other.transposed for other in others]
    return factor in turned_back or bool(factor.transposed and factor.transposed in others)


def _is_of_numpy(func: ast.expr) -> bool:
    """Whether a function is numpy's: np.maximum, not torch.maximum."""
    return last_name(getattr(func, "value", func)) in MATHEMATICS


def _keeps_positive(mask: Any, value: Any) -> bool:
    """Whether a mask is value > 0, or value >= 0."""
    return isinstance(mask, Mask) and mask.keeps(value, above=True)


def first_of(call: ast.Call) -> ast.expr | None:
    """Return what a function of torch reads: its first argument, or input=x; None without any."""
    return next(iter((*call.args, *(it.value for it in call.keywords if it.arg in FIRST))), None)


def changed_place(node: ast.expr) -> ast.expr | None:
    """Return what a call changes in place: x of x.relu_(), F.relu_(x), F.relu(x, inplace=True).

    Also x of np.maximum(x, 0, out=x). None if it changes nothing.
    """
    match node:
        case ast.Call(keywords=[*_, ast.keyword(arg="out", value=out)]):
            return out
        case ast.Call(func=ast.Attribute(value=of, attr=name), keywords=keywords):
            said = any(it.arg == "inplace" and getattr(it.value, "value", False) for it in keywords)
            if said or (name.endswith("_") and not name.startswith("_")):
                return first_of(node) if last_name(of) in ("F", "torch", "functional") else of
    return None

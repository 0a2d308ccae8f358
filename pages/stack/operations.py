"""What operations and modules make of values that come from x: x @ w + b, F.relu(x), x.view(…).

What comes from the network's input is a flow; what the code gives in numbers is a tensor, until
something is done with it that is done with a network's input (`take_for_x`). A layer more of a
flow is added in `applied` alone, branches of several flows in `dataflow.joined`.
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

WORK_MOST: Final = 100_000
"""So many expressions and statements are looked at."""

MATHEMATICS: Final = ("math", "np", "numpy")
SAME_MODULE: Final = (
    *("to", "cuda", "cpu", "eval", "train", "float", "double", "half"),
    "requires_grad_",
)
SAME_NUMBERS: Final = (*SAME_MODULE, "apply", "clone", "copy", "detach", "contiguous")
_KINDS: Final = {
    **dict.fromkeys(("float", "double", "half"), "copy"),
    **dict.fromkeys(("int", "uint", "long"), "long"),
}
"""What else makes of numbers what x.astype(np.float32) makes of them, without their sizes."""
_COPIED: Final = ("clone", "copy")
"""Those that give others, if the same: what is written over them changes them alone."""
SEEN: Final = (
    *("size", "dim", "numel", "retain_grad", "backward", "tolist", "item", "numpy"),
    *("len", "print"),
)
"""What is asked of a value, or done with it, that makes no other."""
ELSEWHERE: Final = object()
"""What is none of a kind of calls, and is looked for among the others."""
LOSSES_OF_LOGARITHMS: Final = ("nll_loss", "NLLLoss")
"""A function and a layer of torch: behind log_softmax they are its cross entropy."""
_BETWEEN: Final = {"Sub()": "minus", "Div()": "over"}
"""What an operation does with two values, as a loss that is written out has it."""
_FIRST: Final = ("input", "tensors")
"""What torch calls what its functions read."""
_WEIGHT: Final = re.compile(r"[wW]\d*|weight")
_BIAS: Final = re.compile(r"[bB]\d*|bias")
"""What a number is called that is a parameter: w = 2.0; alpha * x has none."""
_PRODUCTS: Final = ("matmul", "mm", "mv", "dot")
_CONVOLUTIONS: Final = {"correlate": "valid", "convolve": "full"}
"""Of numpy's convolutions, how far they reach over the ends where nothing is said."""
_TAKEN: Final = ("a", "v", "mode")
"""What these take."""
_RESHAPES: Final = ("view", "reshape")
_POOLS: Final = {"max": "max_pool", "amax": "max_pool", "mean": "avg_pool"}
"""What makes a pool of windows, and how torch calls it."""
_CLAMPS: Final = {
    **dict.fromkeys(("clamp", "clamp_", "clamp_min", "clip"), "1"),
    **dict.fromkeys(("max", "maximum"), "1/2"),
}
"""What makes a ReLU with a 0, and PyTorch's slope of it at 0, as in tests/fixtures."""


@dataclass(eq=False)
class Product(Tensor):
    """w * x of numbers, and what that is where x is the network's input.

    unread: what is to be said then of what is left out of it.
    """

    of: Tensor = field(kw_only=True)
    flow: Flow = field(kw_only=True)
    unread: Told | None = None


class Operations(ABC):
    """Makes layers of what a code does with values that come from x, or with numbers that may be x.

    names: those of the text itself. depth: in how many of its functions one is. work: how much was
    looked at. noted: what may be the network. alone: the expression that just stands alone.

    x: numbers of the code that are the last to be taken for an input, and input: their shape;
    reshaped: what shapes the code gives to numbers that differ in axes of length 1. splits: whether
    a tie's gradient is split somewhere. trained: whether an optimizer has made a step,
    and steps: how many of them were gone through.
    slopes: where PyTorch's slope at a ReLU's 0 is another.
    ends: the values in which labels are, up to a loss, and how many remarks there were then;
    of_loss: the remarks about what is made of a loss. factors_of_x: every W of x @ W.
    overwritten: the values over which a layer wrote what it made of them, with that, by their id.
    """

    def __init__(self, remarks: Remarks) -> None:
        self.remarks, self.slopes = remarks, Remarks(remarks.moved)
        self.names = Names({})
        self.depth = self.work = self.steps = 0
        self.noted: list[Any] = []
        self.input: Extent | None = None
        self.x: Tensor | None = None
        self.splits = self.trained = False
        self.reshaped: list[Extent] = []
        self.ends: list[tuple[Flow, int]] = []
        self.of_loss: list[str] = []
        self.factors_of_x: list[Tensor] = []
        self.overwritten: dict[int, tuple[Flow, Flow]] = {}
        self.alone: ast.expr | None = None

    @abstractmethod
    def result_of_own_function(
        self, of: Function, given: list[Any], named: Mapping[str, Any]
    ) -> Any:
        """What a function of the code returns."""

    def count_work(self, count: int = 1) -> None:
        """Counts what is looked at: a text may be short and its loops long."""
        self.work += count
        if self.work > WORK_MOST:
            refuse("paste.work", most=f"{WORK_MOST:,}")

    # --- numbers that are x

    def is_x(self, value: Any) -> bool:
        """Whether it is numbers that the text calls x."""
        return isinstance(value, Tensor) and value is self.names.get("x")

    def is_input(self, value: Any) -> bool:
        """Whether it is the text's own x, or a weight times it."""
        return isinstance(value, Product) or self.is_x(value)

    def take_for_x(self, value: Any) -> Any:
        """What comes from numbers of the code that are an x from here on; another value itself."""
        x = getattr(value, "of", value)
        may_be = isinstance(value, Tensor) and not isinstance(value, Parameter)
        if may_be and (not self.depth or self.x in (None, x)):
            self.input, self.x = value.shape, x
        return self.flow_if_x(value)

    def tested(self, value: Any) -> Any:
        """A value whose sign is asked for: of x and w * x that of what the network makes."""
        return self.take_for_x(value) if self.is_input(value) else self.flow_if_x(value)

    def flow_if_x(self, value: Any) -> Any:
        """Where it is x, or has it in it, what comes from there; another value itself."""
        if is_list(value):
            return self.each_of(value, self.flow_if_x)
        if isinstance(value, Product) and value.of is self.x:
            if value.unread:
                at, key, gaps = value.unread
                self.remarks.at(at, key, **gaps)
            of = self.flow_of_x()
            return value.flow._replace(x=of.x, input=of.input)
        return self.flow_of_x() if value is self.x and self.x else value

    def each_of(self, several: Any, act: Callable[[Any], Any]) -> Any:
        """What is made of each in a list; the list itself where that is nothing else."""
        self.count_work()
        made = [*map(act, several)]
        same = all(one is other for one, other in zip(made, several, strict=True))
        return several if same else type(several)(made)

    def flow_of_x(self) -> Flow:
        """Of the numbers that are x."""
        return Flow(x=self.x and replace(self.x), input=self.input)

    def input_of(self, flow: Flow) -> Extent | None:
        """The shape of the x that it comes from; of the text's own where it comes from none."""
        return flow.input or self.input

    # --- operations

    def operation(self, node: ast.BinOp, left: Any, op: ast.operator, right: Any) -> Any:
        """x + y, of flows and of lists, and arithmetic on numbers that stay small."""
        left, right = self.by_now(left), self.by_now(right)
        if isinstance(op, ast.MatMult):
            left, right = self.factors(left, right)
        if any(isinstance(each, Flow | Mask) for each in (left, right)):
            left, right = self.flow_if_x(left), self.flow_if_x(right)
        if isinstance(left, Flow) or isinstance(right, Flow):
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
        for one, other in ((left, right), (right, left)):  # torch.randn(4, 3) * 0.1
            if isinstance(op, ast.Mult) and (made := self.scaled(node, one, other)):
                return made
            plain = isinstance(one, Tensor) and (is_number(other) or isinstance(other, Unknown))
            if self.is_input(one) and (plain or isinstance(other, Tensor)):
                return self.with_product(node, op, left, right)
            if plain and isinstance(op, ast.MatMult):
                return Product(one.shape, of=one, flow=Flow(), unread=_of_product(node))
            if plain:
                return self.for_each(op, left, right)
        return computed(op, left, right)

    def written_out(self, node: ast.BinOp, left: Any, op: ast.operator, right: Any) -> Flow | None:
        """s − max s, exp(s) / Σ exp(s), Σ / N, on the way to a loss; None of others."""
        flow, other = (left, right) if isinstance(left, Flow) else (right, left)
        told = _told(node, node.left if flow is left else node.right)
        match ast.dump(op):
            case "Mult()" if labels := one_hot(other):
                return self.towards_loss(flow, TIMES_LABELS, told, labels=labels)
            case "Add()" if flow.written.step in PROBABILITIES and _is_tiny(other):
                self.remarks.at(node, "paste.operation", code=quoted(node), kept=told[2]["kept"])
                return flow
            case "Sub()" | "Div()" as sign if flow is left and isinstance(other, Flow):
                event = f"{_BETWEEN[sign]} {other.written.step}" * (other.nodes == flow.nodes)
                return self.towards_loss(flow, event, told, other.written.told)
            case "Div()" if flow is left:
                rows = self.shape_of(flow)
                event = "over rows" if other in (EXAMPLES, rows and rows[0]) else ""
                return self.towards_loss(flow, event, told)
        return None

    def for_each(self, op: ast.operator, left: Any, right: Any) -> Tensor:
        """As the function of this name, counted."""
        self.count_work(sum(it.known for it in (left, right) if isinstance(it, Tensor)))
        return for_each(op, left, right)

    def factors(self, left: Any, right: Any) -> tuple[Any, Any]:
        """Those of a product: of numbers those that are called x are an x, else those on the left.

        A column is a row here.
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
        """x @ w, or w @ x of a row x: a Linear, in the first of w turned round; else None.

        w of one axis is a Linear of one output.
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
        """x @ w + b, w * x + b: the last layer of a flow with this bias; None where it is none."""
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
            # b of (1, M) is one of (M,), and of a column one of its row.
            fits = shape in (outputs, (1, *outputs), () if outputs == (1,) else outputs)
            fits = fits or (shape == (*outputs, 1) and self.dimensions(flow) == 1)
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
        """−x, −(w * x), of which x or w * x goes on alone."""
        numbers = self.for_each(ast.Mult(), -1, value).numbers
        one = value if isinstance(value, Product) else Product(value.shape, of=value, flow=Flow())
        return replace(one, numbers=numbers, unread=kept_whole(node, node.operand))

    def with_product(self, node: ast.BinOp, op: ast.operator, left: Any, right: Any) -> Product:
        """w * x + b, w * x + x; else x or w * x goes on alone, as in x / 255."""
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
            return replace(one, numbers=None, flow=flow)
        numbers = self.for_each(op, left, right).numbers if is_number(other) else None
        return replace(one, numbers=numbers, unread=_of_product(node))

    def scaled(self, node: ast.BinOp, row: Any, by: Any) -> Any:
        """w * x, where x is a row: a convolution with a kernel of one number; else None."""
        by = _parameter(node, by, _WEIGHT)
        if not (isinstance(by, Tensor) and by.shape in ((), (1,))):
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
        """np.correlate(x, w, "valid"), a convolution of a row; of np.convolve w is turned round."""
        read = {"mode": _CONVOLUTIONS[name], **dict(zip(_TAKEN, given, strict=False)), **named}
        x, weight, mode = map(read.get, _TAKEN)
        if not isinstance(weight, Tensor) or len(weight.shape) != 1:
            return None
        beyond = weight.shape[0] - 1
        both = {"valid": 0, "same": beyond, "full": 2 * beyond}  # over both ends
        if not isinstance(mode, str) or both.get(mode, 1) % 2:
            return None
        weight = taken(weight, slice(None, None, -1)) if name == "convolve" else weight
        leaf = as_weighted_leaf(
            "conv1d", [weight], {"padding": both[mode] // 2}, node, self.remarks
        )
        return self.applied(node, leaf, [x])

    def positive(self, node: ast.expr, flow: Flow) -> Any:
        """x * (x > 0), or what x is after x[x < 0] = 0."""
        return self.applied(node, Leaf(new_item("relu")), [flow])

    def pooled(
        self, node: ast.Call, name: str, flow: Flow, named: Mapping[str, Any], over: list[Any]
    ) -> Any:
        """h.amax(-1), h.max(dim=-1): the maxima of rows, with torch's places; else None.

        Of windows that lie side by side also their means: h.reshape(n // 2, 2).mean(axis=1).
        over: the axes, none for all, of a value whose axes are those of the text's x.
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
        """Whether it is the last axis of a value, or all of a row."""
        shape = self.shape_of(flow) or ()
        axes = flow.written.axes or shape
        last = max((at for at, size in enumerate(axes) if size != 1 or axes is shape), default=0)
        whole = over in ([last - len(axes)], [last]) or (not over and len(shape) == 1)
        column = axes is not shape and shape[-1] == 1
        return bool(shape) and whole and not column

    def axes_of_windows(self, flow: Flow, over: list[Any]) -> bool:
        """Whether it is the axes within the windows, and no others."""
        axes, windows = sizes_in(over), flow.written.windows
        count = len(self.shape_of(flow) or ()) + len(windows)
        within = [count - 1 - 2 * place for place in reversed(range(len(windows)))]
        known = bool(windows) and all(isinstance(axis, int) for axis in axes)
        return known and sorted(axis % count for axis in axes) == within

    # --- modules

    def applied(self, node: ast.AST, module: Any, given: list[Any]) -> Any:
        """What a module makes of a flow."""
        if not given or not isinstance(given[0], Flow):
            return UNKNOWN
        flow: Any = self.by_now(given[0])
        if isinstance(module, Leaf) and module.reads_logarithms:
            if flow.written.step != LOGARITHMS:
                self.remarks.at(module.reads_logarithms, "paste.layer", name="NLLLoss")
                return flow
            flow = flow._replace(written=Written())
        if isinstance(module, LogSoftmax):
            told = module.at, "paste.layer", {"name": "LogSoftmax"}
            return self.follow(flow, "log_softmax", told)
        self.tell_written([flow])
        if isinstance(module, Row):
            if not module.parts:  # or nothing that is known
                return flow._replace(apart=True)
            node = module.at if node is NOWHERE else node
            for part in module.parts:
                returned = self.applied(node, part, [flow])
                flows = flows_in([returned])
                flow = next(iter(flows), UNKNOWN)
                if any(other is not flow for other in flows):
                    self.remarks.at(node, "paste.first")
            return flow
        if isinstance(module, Instance):
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
        if isinstance(module, Leaf):
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
        return flow

    def by_now(self, value: Any) -> Any:
        """What a value is that was written over under another name: z = y; F.relu_(z)."""
        while id(value) in self.overwritten:
            _, value = self.overwritten[id(value)]
        return value

    def tell_inputs(self, forward: Function, given: list[Any]) -> None:
        """That a forward reads more than x."""
        needed = forward.arguments.args[len(forward.bound) :]
        needed = needed[: max(1, len(needed) - len(forward.arguments.defaults))]
        values = [*given, *[UNKNOWN] * len(needed)]
        for each, value in [*zip(needed, values, strict=False)][1:]:
            said = isinstance(value, Tensor) and value.numbers is not None and not value.alike
            if isinstance(value, Unknown | Tensor) and not said:
                self.remarks.at(each, "paste.input_more", name=each.arg)

    def tell_written(self, given: Sequence[Any]) -> None:
        """That those among what is given are left out of which something else is made."""
        for flow in flows_in(given):
            for at, key, gaps in flow.written.told:
                self.remarks.at(at, key, **gaps)

    def towards_loss(
        self, flow: Flow, event: str, told: Told, others: Sequence[Told] = (), labels: Any = None
    ) -> Flow | None:
        """A value on the way to a loss that the code writes out; None where this leads to none.

        told: what is to be said unless it gets there. others: the same of what else it is made of.
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
        """A value on the way to a loss, or as it was where this leads to none."""
        return self.towards_loss(flow, event, told, labels=labels) or self.left_out(flow, told)

    def left_out(self, flow: Flow, told: Told) -> Flow:
        """A value as it was, of which something is made that is not read; and that is said."""
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
        """What a function of torch or numpy is given, a flow for numbers that are x.

        Where none are yet, the first are from here on.
        """
        given = given or [named.pop(key) for key in _FIRST if key in named]
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
        """x.relu(), x.reshape(1, 1, 6), of numbers of the code; ELSEWHERE where it is another."""
        sizes, reshaped = sizes_in(given), name in _RESHAPES
        rows = reshaped and len(sizes) == 2 < len(of.shape)
        if reshaped and alike(of.shape, sizes) and not rows:
            self.reshaped.append(sizes)
            return of
        if name in ("astype", "type") and given:
            name, given = _kind(given[0]) or name, []
        if name in SAME_NUMBERS:
            return replace(of) if name in _COPIED else of
        if isinstance(of, Parameter) and name in ("dim", "numel", "size"):
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
        """What is asked of values: f(x) of print(f(x)) may be the network."""
        self.noted += [] if self.depth else [each for each in flows if each.nodes]
        return UNKNOWN

    def result_of_flow_method(
        self, node: ast.Call, name: str, flow: Flow, given: list[Any], named: dict[str, Any]
    ) -> Any:
        """x.relu(), x.view(x.size(0), -1), …"""
        flow = self.by_now(flow)
        if name == "unsqueeze" and not flow.nodes:  # x with one more axis, of length 1
            x = self.input_of(flow)
            made = turned(Tensor(x or ()), name, [*given, *named.values()])
            first = flow.input in (None, flow.x and flow.x.shape)
            whole = x and first and isinstance(made, Tensor)
            return flow._replace(input=made.shape) if whole else flow
        if name == "size":
            return SHAPE if not given else EXAMPLES if given == [0] else UNKNOWN
        if name in SEEN:
            return self.looked_at([flow])
        if name in _RESHAPES:
            return self.in_shape(node, name, flow, sizes_in(given))
        if name == "type" and given and _kind(given[0]) == "copy":
            return flow._replace()
        if name in SAME_NUMBERS:  # another value, if one that is alike
            return flow.stopped(node) if name == "detach" else flow._replace()
        if name in _PRODUCTS and given and (made := self.product(node, flow, given[0])):
            return made
        return self.result_of_torch_function(node, name, [flow, *flows_in(given)], given, named)

    def in_shape(self, node: ast.Call, name: str, flow: Flow, sizes: tuple[Any, ...]) -> Any:
        """x.view(N, -1), a Flatten; x.reshape(n // 2, 2), windows; with axes of length 1 itself."""
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
        """F.relu(x), torch.cat([x, y], 1), …; the flow as it was, and a remark, if not known."""
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
        slope = _CLAMPS.get(name, "0")
        if name == "where" and len(given) == 3 and _keeps_positive(*given[:2]):
            slope = "1" if given[0].with_zero else "0"
            name, given = "clamp", given[1:]
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
            return tensor(float(name == "ones_like"))
        if name.endswith("_like"):
            return UNKNOWN
        own = all(isinstance(it, Tensor) for it in numbers)  # else max(x, 0) is over an axis
        if (name != "max" or own) and _is_of_zero(name, given, named):
            if slope != "0" and not _is_of_numpy(node.func):
                self.slopes.at(node, "paste.slope", code=quoted(node.func), slope=slope)
            name, given, named = "relu", [*flows], {}
        known = known_layer(name)
        if known and joins(known):
            made = self.put_together(node, name, flows, given, named)
        else:
            is_read = all(it is not flows[0] for it in given[1:])  # and no weight: F.linear(w, h)
            given = [each for each in given if not flows_in([each])]
            made = self.layer(node, name, flows, given, named) if known and is_read else None
        if made:
            return made
        if node is self.alone and not changed_place(node):  # print(x)
            return UNKNOWN
        return self.left_out(largest(flows)[0], told)._replace(apart=True)

    def put_together(
        self, node: ast.Call, name: str, flows: list[Flow], given: list[Any], named: dict[str, Any]
    ) -> Flow | None:
        """torch.cat([x, y], 1), torch.maximum(x, y); None of one value alone."""
        parts = sizes_in(given)
        listed = bool(given) and is_list(given[0])  # then all of it is to be joined
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
        if from_last := is_number(named.get("dim")) and named["dim"] < 0:
            named["dim"] += max(map(self.dimensions, flows))
        known = known_layer(name)
        return joined(known, flows, named, node, self.remarks, from_last=from_last)

    def layer(
        self, node: ast.Call, name: str, flows: list[Flow], given: list[Any], named: dict[str, Any]
    ) -> Any:
        """F.leaky_relu(x, 0.1), F.conv1d(x, w, b), F.cross_entropy(x, labels); None of several."""
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
        """Of a value, where x is as in the code; None where that says none."""
        x = self.input_of(flow)
        return as_stack(flow)[0].shape(x) if x else None

    def dimensions(self, flow: Flow) -> int:
        """How many axes a value has where x is as in the code, or one that fits; 0 without any."""
        stack, weights = as_stack(flow)
        x = self.input_of(flow) or input_shape(stack, weights)
        return len((x and stack.shape(x)) or ())

    def with_labels(self, at: ast.AST, loss: Leaf, labels: Any, flow: Flow) -> Leaf:
        """A loss with the labels that the code has; else with label 0 for each row, and it is said.

        flow: the logits.
        """
        made = labelled(loss, labels)
        if made is not loss:
            return made
        self.remarks.at(at, "paste.labels")
        rows = self.shape_of(flow) or (1,)
        return labelled(loss, Tensor(rows[:1], [0] * rows[0])) if len(rows) == 2 else loss


def kept_whole(node: ast.expr, kept: ast.expr) -> Told:
    """That something is not known, and what it is made of goes on as it is."""
    return node, "paste.left_out", {"code": quoted(node), "kept": quoted(kept)}


def _kind(given: Any) -> str:
    """What x.astype(np.float32) and x.type(torch.LongTensor) do like it; "" where unknown."""
    kind = last_name(given.name) if isinstance(given, Named) else given
    if not isinstance(kind, str):
        return ""
    kind = kind.rpartition(".")[2].removesuffix("Tensor").lower().rstrip("0123456789")
    return _KINDS.get(kind, "")


def _is_entry(node: ast.expr) -> bool:
    """Whether it is one entry of an array, as x[i, j] is: sums of these are no layer."""
    at = node.slice if isinstance(node, ast.Subscript) else None
    each = at.elts if isinstance(at, ast.Tuple) else []
    others = [isinstance(it, ast.Slice) or getattr(it, "value", 0) in (None, ...) for it in each]
    return bool(others) and not any(others)


def _of_product(node: ast.BinOp) -> Told:
    """That what is done with x, or with w * x, is not known."""
    return node, "paste.product", {"code": quoted(node)}


def _told(node: ast.BinOp, kept: ast.expr) -> Told:
    """That an operation is not known, and one side of it goes on alone."""
    return node, "paste.operation", {"code": quoted(node), "kept": quoted(kept)}


def _parameter(node: ast.BinOp, value: Any, called: re.Pattern[str]) -> Any:
    """A number of an operation as numbers of no axis, where one of the two is called so."""
    names = map(last_name, (node.left, node.right))
    return tensor(value) if is_number(value) and any(map(called.fullmatch, names)) else value


def _is_of_zero(name: str, given: Sequence[Any], named: Mapping[str, Any]) -> bool:
    """Whether a function of one flow is its maximum with 0: clamp(x, 0), and not clamp(x, None, 0).

    given, named: what the function is given, the flow too.
    """
    others = [it for it in given if not isinstance(it, Flow)]
    if _CLAMPS.get(name) == "1":
        ends = dict(zip(("min", "max"), others, strict=False))
        ends |= {key.removeprefix("a_"): it for key, it in named.items()}
        return is_zero(ends.pop("min", None)) and not any(it is not None for it in ends.values())
    return name in _CLAMPS and [*map(is_zero, [*others, *named.values()])] == [True]


def is_zero(value: Any) -> bool:
    """Whether it is 0, or torch.tensor(0.0); False is none."""
    number = value.numbers if isinstance(value, Tensor) else value
    return is_number(number) and number is not False and number == 0


def _is_tiny(value: Any) -> bool:
    """Whether it is added so that a logarithm is finite: 1e-9."""
    return is_number(value) and abs(value) <= TINY


def _undoes(factor: Tensor, others: Sequence[Tensor]) -> bool:
    """Whether it is the transpose of one of these: W.T of W."""
    turned_back = [other.transposed for other in others]
    return factor in turned_back or bool(factor.transposed and factor.transposed in others)


def _is_of_numpy(func: ast.expr) -> bool:
    """Whether it is np.maximum, not torch.maximum."""
    return last_name(getattr(func, "value", func)) in MATHEMATICS


def _keeps_positive(mask: Any, value: Any) -> bool:
    """Whether a mask is value > 0."""
    return isinstance(mask, Mask) and mask.keeps(value, above=True)


def first_of(call: ast.Call) -> ast.expr | None:
    """What a function of torch reads: the first in its brackets, or input=x."""
    return next(iter((*call.args, *(it.value for it in call.keywords if it.arg in _FIRST))), None)


def changed_place(node: ast.expr) -> ast.expr | None:
    """What a call changes in its place: x of x.relu_(), F.relu_(x) and F.relu(x, inplace=True).

    And of np.maximum(x, 0, out=x).
    """
    match node:
        case ast.Call(keywords=[*_, ast.keyword(arg="out", value=out)]):
            return out
        case ast.Call(func=ast.Attribute(value=of, attr=name), keywords=keywords):
            said = any(it.arg == "inplace" and getattr(it.value, "value", False) for it in keywords)
            if said or (name.endswith("_") and not name.startswith("_")):
                return first_of(node) if last_name(of) in ("F", "torch", "functional") else of
    return None

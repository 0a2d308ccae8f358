"""Read PyTorch code into a stack by interpreting its syntax tree; the code itself is never run.

These are the steps, for example for nn.Sequential(nn.Linear(4, 3), nn.ReLU()). If the picture shows
other gradients than the code computes, the mistake is in one of them:

    text        `code_text.parsed` returns the syntax tree of the lines that are Python
    statements  `CodeReader.run` goes through the statements in order and gives names their values
    values      `CodeReader.value` evaluates an expression, `Calls.result_of_call` a call: a layer
                of torch becomes a Leaf, whose settings `torch_layers.as_leaf` reads, and
                nn.Sequential becomes a Row of them (code_values lists the kinds of values)
    flows       `Operations.applied` adds a Node to a Flow for each layer that is applied to x
    network     `_network`, in this module, applies the modules in the text to x and chooses the
                largest flow, with its loss
    stack       `dataflow.as_stack` returns its layers, `numbers_in` their parameters' numbers

The page shows the gradients of this stack for these numbers and this x, under the code's own rule
for ties and kinks (`Pasted.rule`). The remarks name everything that was left out on the way.
"""

import ast
import re
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, NoReturn

from engine.arrays import Extent
from pages.language.catalogue import say
from pages.stack.code_reader import CodeReader
from pages.stack.code_syntax import names_in
from pages.stack.code_text import NOWHERE, last_name, parsed, quoted, refuse_depth
from pages.stack.code_values import (
    Class,
    Function,
    Instance,
    Row,
    is_module,
    modules_in,
    modules_of,
    several_in,
)
from pages.stack.dataflow import (
    Flow,
    as_stack,
    counts_right,
    every_node,
    fitting_input,
    flows_in,
    largest,
    numbers_in,
    with_one_more_axis,
)
from pages.stack.known_values import is_number, leaves
from pages.stack.operations import LOSSES_OF_LOGARITHMS, WORK_MOST, Product
from pages.stack.stack import LAYERS, RANK_MOST, Stack, StackError, refuse
from pages.stack.start import input_shape
from pages.stack.torch_layers import Leaf, Tensor, known_layer
from pages.stack.written_loss import LOGARITHMS, SUM

_OTHERS: Final[Mapping[str, tuple[str, str]]] = {
    "JAX": (r"\b(jax|jnp|nnx|hk|eqx)\.\w|\bnn\.(compact|Dense)\b", r"\b(torch|keras|mxnet)\b"),
    "Keras": (
        r"\bkeras\b|\bDense\(|\bMaxPooling[12]D\(|\bConv[12]D\(.*\bactivation=",
        r"\btorch\b|\bnn\.|\bclass Dense\b",
    ),
    "TensorFlow": (r"\btf\.\w", r"\btorch\b"),
}
"""By framework, a pattern that its code contains, and one that it does not contain."""
_COMMENT: Final = re.compile(r"#.*")

_OF_NUMPY: Final = re.compile(r"\b(np|numpy)\b")
_OF_TORCH: Final = re.compile(r"\btorch\b|\b(nn|F)\.")

POOLING: Final = "pytorch-max-pool"  # the rule of PyTorch's pools, joins, units and max(dim)
SPLITTING: Final = "pytorch-amax"  # the rule of PyTorch's amax and max()
REMARKS_MOST: Final = 3  # the most remarks that are quoted to explain why no layer was found
_WITH_OWN_NAMES: Final = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda,
    ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
)  # fmt: skip


@dataclass(frozen=True)
class Pasted:
    """What was understood of pasted code."""

    stack: Stack
    remarks: tuple[str, ...]  # what was not understood, one sentence each
    input: Extent | None  # a shape of x, one that fits if any does
    rule: str  # what the code's own operations do at ties and kinks; "" for numpy code
    slopes: tuple[str, ...]  # one sentence for each operation whose slope is that of no rule
    x: Any  # the numbers that the code gives x, or None
    numbers: Mapping[str, Any]  # those that it gives the parameters, by their letters


def read_pytorch(text: str) -> Pasted:
    """Return the network in a text with PyTorch code. Raises StackError if there is none."""
    own = _COMMENT.sub("", text)
    for framework, (its, other) in _OTHERS.items():
        if re.search(its, own) and not re.search(other, text):
            refuse("paste.other", framework=framework)
    try:
        code = parsed(text)
        reader = CodeReader(code)
        try:
            reader.run(code.tree.body, reader.names)
        except StackError as error:
            if reader.work <= WORK_MOST or not reader.noted:
                raise
            reader.remarks.said.append(str(error))
            reader.work = reader.within = 0
        numpy_alone = _OF_NUMPY.search(own) and not _OF_TORCH.search(own)
        return _pasted(reader, has_gradients=not numpy_alone)
    except (RecursionError, MemoryError):
        refuse_depth()


def _pasted(reader: CodeReader, *, has_gradients: bool) -> Pasted:
    """Return the network that the code means, and a shape of x that fits."""
    flow = _counted_from_last(_network(reader), reader)
    stack, weights = as_stack(flow)
    if not stack.checked():
        _refuse_nothing(reader)
    _tell_shared_and_stopped(reader, flow)
    reader.x, reader.input = flow.x or reader.x, reader.input_of(flow)
    made = [each for each in reader.names.values() if type(each) in (Tensor, Product)]
    shapes = [each.shape for each in made if each.numbers is None]
    x = reader.names.get("x")
    meant = reader.input or (x.shape if isinstance(x, Tensor) else None)
    given = [*([meant] if meant else []), *reader.reshaped, *shapes]
    fitting = fitting_input(stack, weights, given, meant, reader.remarks)
    of_torch = SPLITTING if reader.splits else POOLING
    rule = of_torch if has_gradients else ""
    numbers = numbers_in(flow)
    # x = torch.zeros(1, 1, 8) may be written for its shape alone.
    of_shape = reader.x and reader.x.alike and len(numbers) < sum(map(len, stack.parameter_letters))
    own = reader.x.numbers if reader.x and not of_shape else None
    said, slopes = tuple(reader.remarks.said), tuple(reader.slopes.said)
    return Pasted(stack, said, fitting or reader.input, rule, slopes, own, numbers)


def _counted_from_last(flow: Flow, reader: CodeReader) -> Flow:
    """Return a flow whose axes that are counted from the last one are those of an x that fits.

    An x of which the code says nothing may need more axes than it was taken to have.
    """
    if not any(node.axes for node in every_node(flow)):
        return flow
    further = flow
    for _ in range(RANK_MOST):
        shape = input_shape(*as_stack(further))
        if shape and (reader.input_of(flow) or counts_right(further, shape)):
            return further
        further = with_one_more_axis(further)
    return flow


def _refuse_nothing(reader: CodeReader) -> NoReturn:
    """Raise StackError with the reason why no layer was found."""
    if reader.unread:
        line, error = next(iter(reader.unread.items()))
        refuse("paste.python", line=line, error=error)
    if reader.remarks.said:
        refuse("paste.nothing_known", remarks=" ".join(reader.remarks.said[:REMARKS_MOST]))
    known = any(map(is_module, map(Instance, reader.classes)))
    refuse("paste.applied" if known else "paste.nothing")


def _tell_shared_and_stopped(reader: CodeReader, flow: Flow) -> None:
    """Add remarks where weights are used again, and where the code stops a gradient."""
    seen: set[Leaf | Tensor] = set()
    for node in every_node(flow):
        if node.leaf.owner in seen and node.leaf.item.arguments:
            reader.remarks.at(node.at, "paste.shared", layer=node.leaf.item.name)
        seen.add(node.leaf.owner)
        for stop in node.stops:
            reader.remarks.at(stop, "paste.stops", code=quoted(stop))


class _Candidate(NamedTuple):
    """A module that may be the network, and what it computes from x."""

    module: Any
    outputs: list[Flow]
    remarks: list[str]  # those added while it was applied
    again: list[str]  # those that had been made before


def _network(reader: CodeReader) -> Flow:
    """Return what the largest network in the code computes from x."""
    said = len(reader.remarks.said)
    reader.trained = False  # from here on modules are applied as they were made, before training
    _note_own_module(reader)
    flows, called = _flows_of_text(reader), {*map(id, reader.called)}
    made = _made_by_text(reader)
    modules = made or (_standing_alone(reader) if flows else _not_made(reader))
    candidates = [_applied(reader, each) for each in modules]
    layers = [leaf.item.layer for each in candidates for leaf in _leaves(each.outputs)]
    if made and not flows and all(layer.data for layer in layers):  # only losses
        besides = [it.of for it in made if isinstance(it, Instance)]
        others = [_applied(reader, each) for each in _not_made(reader, besides)]
        candidates += [it for it in others if any(map(_has_weights, _leaves(it.outputs)))]
    candidates = _without_sources(reader, candidates, flows, called)
    every = [*(it for each in candidates for it in largest(each.outputs)), *flows]
    found = max(reversed(every or reader.kept), key=_weight, default=Flow())
    _take_back(reader, candidates, found)
    found = _until_loss(reader, found, said)
    if _is_there_another(reader, candidates, found):
        reader.remarks.add("paste.networks")
    found = _with_loss(reader, found)
    if found.written.step != SUM:
        reader.tell_written([found])
    return found


def _note_own_module(reader: CodeReader) -> None:
    """Make a module of the methods of a class whose own line is missing in the text."""
    reader.own.of.attributes.update(
        (name, it)
        for name, it in reader.names.items()
        if isinstance(it, Function) and [each.arg for each in it.arguments.args[:1]] == ["self"]
    )
    if is_module(reader.own):
        init = reader.own.found("__init__")
        if isinstance(init, Function):
            reader.result_of_own_function(init, [], {})
        reader.noted.append(reader.own)


def _flows_of_text(reader: CodeReader) -> list[Flow]:
    """Return what the text itself computes from x, outside of modules."""
    flows = [each for each in reader.noted if isinstance(each, Flow)]
    products = [it for it in reader.names.values() if isinstance(it, Product) and it.flow.nodes]
    if not flows and products:  # a = w * x, and nothing else
        return [reader.take_for_x(products[-1])]
    return flows


def _made_by_text(reader: CodeReader) -> list[Any]:
    """Return the modules that the text makes and that may be the network."""
    return [each for each in reader.noted if isinstance(each, (Row, Instance))]


def _not_made(reader: CodeReader, besides: Container[Class] = ()) -> list[Any]:
    """Return candidates built from parts of the text, for use if the text itself makes no network.

    besides: classes to skip, since the text has objects of them.
    """
    within = _within_functions(reader)
    return (
        [each for each in within if not _is_layer(each)]
        or [*within, *_of_last_class(reader, besides)]
        or _standing_alone(reader)
        or [Row(tuple(each for each in reader.noted if isinstance(each, Leaf)))]
    )


def _of_last_class(reader: CodeReader, besides: Container[Class]) -> list[Any]:
    """Return an object of the last class that is no part of another one; [] without a class.

    If that object applies no layer, it may be a loss. Then an earlier class that has weights is
    taken.
    """
    whole = [it for it in reader.classes if is_module(Instance(it)) and it not in besides]
    parts = [*map(reader.names.get, reader.used)]  # parts of other classes, or losses
    whole = [it for it in whole if it not in parts] or whole
    for it in reversed(whole):
        said = len(reader.remarks.said)
        made = _made_of(reader, it)
        before = len(reader.remarks.said)
        applied = _leaves(largest(_applied(reader, made).outputs))
        meant = bool(applied) and (it is whole[-1] or any(map(_has_weights, applied)))
        del reader.remarks.said[before if meant else said :]  # it is applied again later
        if meant:
            return [made]
    return [_made_of(reader, it) for it in whole[-1:]]


def _made_of(reader: CodeReader, of: Class) -> Any:
    """Return an object of a class, with the arguments of a call in the text if they are known.

    The call may be in a function that nothing calls. Its arguments are known if they are literals
    or use names of the text's top level. Without such a call, the class is called without any.
    """
    inner: dict[ast.AST, set[str]] = {}
    for around in ast.walk(reader.tree):
        if isinstance(around, _WITH_OWN_NAMES):
            its = {it.arg for it in ast.walk(around) if isinstance(it, ast.arg)}
            for call in (it for it in ast.walk(around) if isinstance(it, ast.Call)):
                inner.setdefault(call, set()).update(its | reader.given_names(around))
    for node in ast.walk(reader.tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) if (
                reader.names.get(name) is of
                and (node.args or node.keywords)
                and not names_in(node) & inner.get(node, set())
            ):
                given, named = reader.arguments_of(node, name, reader.names)
                if all(map(_is_said, leaves([*given, *named.values()]))):
                    return reader.instance(NOWHERE, of, given, named)
    return _without_sizes(reader, of)


def _is_said(value: Any) -> bool:
    """Whether a value is a number, a string, None or a class."""
    return is_number(value) or isinstance(value, str | Class | None)


def _standing_alone(reader: CodeReader) -> list[Any]:
    """Return the layers that stand alone on lines of the text, as one Row; [] of fewer than two."""
    loose = modules_in(reader.loose)
    return [Row(loose)] if len(loose) > 1 else []


def _applied(reader: CodeReader, module: Any) -> _Candidate:
    """Apply a module to x."""
    remarks = reader.remarks
    before, again = len(remarks.said), len(remarks.again)
    outputs = flows_in([reader.applied(NOWHERE, module, [Flow()])])
    return _Candidate(module, outputs, remarks.said[before:], remarks.again[again:])


def _without_sources(
    reader: CodeReader,
    candidates: Sequence[_Candidate],
    flows: Sequence[Flow],
    called: Container[int],
) -> list[_Candidate]:
    """Return the candidates without those that only lend their layers to a later candidate.

    A candidate goes if the text does not apply it, a later one shares some of its layers, and
    either no name refers to the candidate any more, or the text applies the later one, or the later
    one adds weights. It also goes if no name refers to it any more and a later one is its copy.
    called: ids of the modules that the text applies, also within its functions.
    """
    kept = {*map(id, (*reader.names.values(), *reader.inside))}
    leaves = [_leaves(each.outputs) for each in candidates]
    applied = [
        id(each.module) in called or any(its <= _leaves([flow]) for flow in flows)
        for each, its in zip(candidates, leaves, strict=True)
    ]

    def replaces(later: int, number: int) -> bool:
        its, other = leaves[number], leaves[later]
        both = (candidates[later].module, candidates[number].module)
        if id(both[1]) not in kept:
            return both in reader.copies or bool(other & its and other != its)
        more = applied[later] or any(map(_has_weights, other - its))
        return more and bool(other & its and other != its)

    every = range(len(candidates))
    return [
        each
        for number, each in enumerate(candidates)
        if applied[number] or not any(replaces(later, number) for later in every[number + 1 :])
    ]


def _take_back(reader: CodeReader, candidates: Sequence[_Candidate], found: Flow) -> None:
    """Remove the remarks on candidates all of whose layers are in the network that was found.

    The code applies these itself with everything they need, so remarks from applying them alone
    are wrong. Remarks that concern the network too stay, as with two objects of one class, or one
    object under two names.
    """
    places = _applied_at([found])
    own = [it for each in candidates if found in each.outputs for it in each.again]
    again = [
        remark
        for each in candidates
        if found not in each.outputs and set() < _applied_at(each.outputs) <= places
        for remark in each.remarks
        if remark not in own
    ]
    reader.remarks.said = [it for it in reader.remarks.said if it not in again]


def _is_there_another(reader: CodeReader, candidates: Sequence[_Candidate], found: Flow) -> bool:
    """Whether the code keeps another network, of two layers or more, that shares none with this."""

    def has_layers(module: Any) -> bool:
        return any(isinstance(it, Leaf) for it in modules_of(module, last_first=False))

    kept = [*map(id, (*reader.names.values(), *reader.inside))]
    stack, places, leaves = as_stack(found)[0], _applied_at([found]), _leaves([found])
    others = [
        _leaves(each.outputs)
        for each in candidates
        if id(each.module) in kept
        and not any(_begins(stack, as_stack(it)[0]) for it in each.outputs)
        and (has_layers(each.module) or not _applied_at(each.outputs) <= places)
    ]
    return any(len(its) > 1 and not its & leaves for its in others)


def _until_loss(reader: CodeReader, found: Flow, said: int) -> Flow:
    """Return a flow up to its loss, without a backward pass that is written by hand behind it.

    Of the same loss in several turns of a loop, take the first, with the numbers before a step.
    Among the first `said` remarks, those about code behind the loss are removed, except those about
    the loss itself.
    """
    ends = []
    for end, _ in reader.ends:
        if end.has_loss and found.nodes[: len(end.nodes)] == end.nodes != found.nodes:
            return found  # layers follow the loss itself, so this is no backward pass
        before = end.nodes[: len(end.nodes) - end.has_loss]
        if before and before == found.nodes[: len(before)]:
            ends.append(end)
    if not ends:
        return found
    last = max(reversed(ends), key=lambda end: end.has_loss)
    places = [node.at for node in last.nodes]
    alike = [it for it in reader.ends if [node.at for node in it[0].nodes] == places]
    first, until = max(alike, key=lambda it: len(it[0].written.told))
    remarks = reader.remarks.said
    remarks[until:said] = [each for each in remarks[until:said] if each in reader.of_loss]
    return first


def _without_sizes(reader: CodeReader, of: Class) -> Any:
    """Return an object of a class, made without arguments. Raises StackError if it needs sizes."""
    said = len(reader.remarks.said)
    made = reader.instance(NOWHERE, of, [], {})
    init, left_out = made.found("__init__"), say("paste.refused", problem="")
    names = [name for name, it in reader.names.items() if it is of]  # none for one in a function
    fell_out = any(left_out in it for it in reader.remarks.said[said:])
    if names and fell_out and isinstance(init, Function):
        its = init.arguments
        if needed := len(its.posonlyargs) + len(its.args) - len(its.defaults) - 1:
            sizes = ", ".join(map(str, range(needed + 1, 1, -1)))
            refuse("paste.sizes", name=names[0], example=f"{names[0]}({sizes})")
    return made


def _with_loss(reader: CodeReader, flow: Flow) -> Flow:
    """Return the flow with the code's loss behind it, unless it has a loss already or no layer."""
    if not flow.nodes or any(leaf.item.layer.data for leaf in _leaves([flow])):
        return flow
    made = (
        reader.applied(NOWHERE, reader.loss, [flow])
        if reader.loss
        else _with_called_loss(reader, flow)
    )
    return made if isinstance(made, Flow) else flow


def _with_called_loss(reader: CodeReader, flow: Flow) -> Any:
    """Return the flow with a loss that the code calls on something else, as in a loop over data."""
    top = [it for it in reader.tree.body if not isinstance(it, ast.FunctionDef | ast.ClassDef)]
    outside = [call for it in top for call in ast.walk(it)]
    for node in [*outside, *ast.walk(reader.tree)]:
        if not (isinstance(node, ast.Call) and _is_loss(node.func)):
            continue
        name = last_name(getattr(node.func, "func", node.func))
        known = known_layer(name)
        follows = name in LOSSES_OF_LOGARITHMS and flow.written.step == LOGARITHMS
        if node in outside or follows or (known and LAYERS[known].data):
            others = [it for it in node.keywords if it.arg != "input"]
            call = ast.copy_location(ast.Call(node.func, node.args[1:], others), node)
            given, named = reader.arguments_of(call, name, reader.names)
            if isinstance(node.func, ast.Call):
                loss = reader.value(node.func, reader.names)
                return reader.applied(node, loss, [flow, *given, *named.values()])
            return reader.result_of_torch_function(node, name, [flow], [flow, *given], named)
    return flow


def _within_functions(reader: CodeReader) -> list[Any]:
    """Return the modules that functions of the code make without arguments: main(), resnet18()."""
    made = []
    functions = [] if any(map(_is_whole, reader.inside)) else [*reader.names.values()]
    for of in [it for it in functions if isinstance(it, Function)]:
        needed = len(of.arguments.posonlyargs) + len(of.arguments.args)
        if needed == len(of.arguments.defaults) and None not in of.arguments.kw_defaults:
            said = len(reader.remarks.said)
            before = len(reader.inside)
            made.append(reader.result_of_own_function(of, [], {}))
            if not is_module(made[-1]) and len(reader.inside) == before:
                del reader.remarks.said[said:]
    if returned := [each for each in made if is_module(each)][-1:]:
        return returned
    whole = [it for it in reader.inside if _is_whole(it)]
    reader.inside = [*{getattr(it, "of", it): it for it in whole}.values()]
    for each in reader.inside:
        reader.note(each)
    return [each for each in reader.inside if each in reader.noted]


def _is_loss(of: ast.expr) -> bool:
    """Whether the expression that is called is a loss: F.mse_loss, or nn.CrossEntropyLoss()."""
    if isinstance(of, ast.Call):
        return last_name(of.func).endswith("Loss")
    name = last_name(of)
    of_torch = last_name(getattr(of, "value", of)) in ("F", "functional")
    return of_torch and (name.endswith("_loss") or "cross_entropy" in name)


def _is_layer(module: Any) -> bool:
    """Whether a module is a single layer, such as a function may make for a class to use."""
    return isinstance(module, Leaf) or (isinstance(module, Instance) and bool(module.of.layer))


def _is_whole(module: Any) -> bool:
    """Whether a module is no empty row; an optimizer is read as an empty row of modules."""
    return several_in(module) != ()


def _weight(flow: Flow) -> tuple[int, bool, int]:
    """Return how many layers a network has, whether its x is given, and how many parameters are."""
    nodes = every_node(flow)
    known = [it for node in nodes for it in node.numbers.values() if it is not None]
    return len(nodes), bool(flow.x), len(known)


def _begins(stack: Stack, other: Stack) -> bool:
    """Whether a stack begins with the layers of another one, which is not empty."""
    return bool(other) and stack.items[: len(other.items)] == other.items


def _applied_at(flows: Sequence[Flow]) -> set[ast.AST]:
    """Return the places in the code where layers are applied."""
    return {node.at for flow in flows for node in every_node(flow)}


def _has_weights(leaf: Leaf) -> bool:
    return bool(leaf.item.arguments)


def _leaves(flows: Sequence[Flow]) -> Counter[Leaf]:
    """Return the layers that are applied in the flows, each with the number of times."""
    return Counter(node.leaf for node in {node for flow in flows for node in every_node(flow)})

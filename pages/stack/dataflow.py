"""The layers that code applies to x, in a row and in branches, and the stack that they form."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from math import prod
from typing import Any, NamedTuple

import numpy as np

from engine.arrays import Extent
from pages.language.catalogue import say
from pages.stack.code_text import Remarks
from pages.stack.known_values import leaves
from pages.stack.stack import (
    BIAS,
    ENTRIES_MOST,
    LAYERS_MOST,
    RESIDUAL,
    Path,
    Stack,
    StackError,
    item,
    refuse,
)
from pages.stack.start import input_shape, other_shapes, shape_at_a_join
from pages.stack.torch_layers import WEIGHT, Leaf, Tensor
from pages.stack.written_loss import Written


@dataclass(frozen=True, eq=False)
class Node:
    """One application of a layer."""

    leaf: Leaf
    at: ast.AST  # where in the code
    branches: tuple["Flow", ...] = ()  # the values that a layer with branches joins
    stops: tuple[ast.expr, ...] = ()  # the expressions that stop the gradient of what it reads
    axes: int = 0
    """How many axes its inputs are taken to have, if its axis is counted from the last; else 0."""
    numbers: Mapping[str, Any] = field(default_factory=dict)
    """Those of its parameters at that moment; what the code changes later does not change them."""


class Flow(NamedTuple):
    """A value computed from x, as the layers that were applied to x one after the other."""

    nodes: tuple[Node, ...] = ()
    apart: bool = False
    """Whether an operation that is left out made it a new value, with its own memory."""
    stops: tuple[ast.expr, ...] = ()  # the expressions that stop its gradient
    written: Written = Written()  # what was computed behind the last layer, which may become a loss
    x: Tensor | None = None  # the numbers of the code that it comes from; None if it does not say
    input: Extent | None = None  # the shape in which they are read; None if the code does not say

    @property
    def has_loss(self) -> bool:
        """Whether its last layer is a loss, which compares a value with labels."""
        return any(node.leaf.item.layer.data for node in self.nodes[-1:])

    def stopped(self, by: ast.expr) -> "Flow":
        """Return it without a gradient. x itself stays as it is: it has no gradient in the code."""
        return self._replace(stops=(*self.stops, by)) if self.nodes else self


def flows_in(values: Sequence[Any]) -> list[Flow]:
    """Return the flows among the values, and in lists and dicts among them."""
    return [each for each in leaves(values) if isinstance(each, Flow)]


def largest(flows: Sequence[Flow]) -> list[Flow]:
    """Return the first of the flows with the most layers, in a list; [] if there are none."""
    return [max(flows, key=lambda it: len(every_node(it)))] if flows else []


def every_node(flow: Flow) -> list[Node]:
    """Return all nodes of a flow, with those in branches."""
    return [
        inner
        for node in flow.nodes
        for inner in (node, *(it for branch in node.branches for it in every_node(branch)))
    ]


def joined(
    name: str,
    flows: Sequence[Flow],
    named: Mapping[str, Any],
    at: ast.AST,
    remarks: Remarks,
    *,
    axes: int = 0,
) -> Flow:
    """Join several flows in one, behind the nodes that they have in common. axes: as in Node.

    Flows from another x are left out with a remark. If the rest cannot be joined, return one of
    them and add a remark.
    """
    x = next((flow for flow in flows if flow.x), flows[0])
    several, flows = flows, [flow for flow in flows if _is_same(flow.x or x.x, x.x)]
    if len(flows) < len(several):
        remarks.at(at, "paste.joined", name=name)
    if len(flows) == 1:
        return flows[0]
    each = [flow.nodes for flow in flows]
    together = zip(*each, strict=False)
    common = len([*takewhile(lambda level: all(it is level[0] for it in level), together)])
    if common >= LAYERS_MOST:
        refuse("stack.layers", count=common + 1, most=LAYERS_MOST)
    rests = [Flow(nodes[common:]) for nodes in each]
    nodes = [id(each) for rest in rests for each in every_node(rest)]
    if len({*nodes}) < len(nodes):
        remarks.at(at, "paste.crossing")
        return flows[0]
    if name == "add" and len(rests) == 2 and not all(rest.nodes for rest in rests):
        name, rests = RESIDUAL, [max(rests, key=lambda rest: len(rest.nodes))]
    try:
        leaf = Leaf(item(name, named, (), [Stack()] * len(rests)))
    except StackError as error:
        remarks.at(at, "paste.refused", problem=error)
        return largest(flows)[0]
    stops = tuple(stop for flow in flows for stop in flow.stops)
    node = Node(leaf, at, tuple(rests), stops=stops, axes=axes)
    return Flow((*each[0][:common], node), x=x.x, input=x.input)


def _is_same(x: Tensor | None, other: Tensor | None) -> bool:
    """Whether two x are the same numbers, perhaps with other axes, or one of them is None."""
    each = [np.ravel(it.numbers) for it in (x, other) if it]
    return all(np.array_equal(one, each[0]) for one in each)


def with_one_more_axis(flow: Flow) -> Flow:
    """Return a flow for an x with one more axis: axes counted from the last one move with it."""
    nodes = []
    for node in flow.nodes:
        node = replace(node, branches=tuple(map(with_one_more_axis, node.branches)))
        if node.axes:
            its = node.leaf.item
            dim = its.values.get("dim", 0) + 1
            its = item(its.name, {**its.values, "dim": dim}, its.data, its.branches)
            node = replace(node, leaf=replace(node.leaf, item=its), axes=node.axes + 1)
        nodes.append(node)
    return flow._replace(nodes=tuple(nodes))


def counts_right(flow: Flow, shape: Extent) -> bool:
    """Whether all that is counted from the last axis is, for an x of this shape that fits."""
    nodes: dict[Path, Node] = {}
    outputs = {joint.path: joint.shape or () for joint in _stack(flow, nodes).joints(shape)}
    return all(len(outputs[path]) == node.axes for path, node in nodes.items() if node.axes)


def as_stack(flow: Flow) -> tuple[Stack, dict[Path, Extent]]:
    """Return the stack of a flow, and the shapes of w that the code states, by path."""
    nodes: dict[Path, Node] = {}
    stack = _stack(flow, nodes)
    weights = {path: node.leaf.weights for path, node in nodes.items()}
    return stack, {path: its for path, its in weights.items() if its}


def numbers_in(flow: Flow) -> dict[str, Any]:
    """Return the numbers that the code gives parameters, by their letters in the stack.

    A parameter with only some of its entries given is left out.
    """
    nodes: dict[Path, Node] = {}
    stack = _stack(flow, nodes)
    own = {path: {**node.leaf.numbers, **node.numbers} for path, node in nodes.items()}
    return {
        letter: own[step.path][name]
        for step, letters in zip(stack.steps, stack.parameter_letters, strict=True)
        for letter, name in zip(letters, (WEIGHT, BIAS), strict=False)
        if not np.isnan(np.array(own[step.path].get(name), dtype=float)).any()
    }


def _stack(flow: Flow, nodes: dict[Path, Node], row: Path = ()) -> Stack:
    items = []
    for place, node in enumerate(flow.nodes):
        path = (*row, place)
        branches = [
            _stack(branch, nodes, (*path, number)) for number, branch in enumerate(node.branches)
        ]
        nodes[path] = node
        items.append(replace(node.leaf.item, branches=tuple(branches)))
    return Stack(tuple(items))


def fitting_input(
    stack: Stack,
    weights: Mapping[Path, Extent],
    shapes: Sequence[Extent],
    meant: Extent | None,
    remarks: Remarks,
) -> Extent | None:
    """Return a shape of x for which the weights have the shapes that the code states.

    If there is none, add a remark why, and return a shape that fits the stack, or None. shapes:
    shapes in the code that may be x's, which are tried first. meant: x's own in the code, or None;
    an x that does not fit is tried as a single example too.
    """

    def fits(shape: Extent) -> bool:
        joints = stack.fitting(shape)
        return joints is not None and not other_shapes(joints, weights)

    for given in shapes:
        if fits(given):
            return given
    alone = [(1, *meant)] if meant else []
    shape = next(filter(fits, alone), None) or input_shape(stack, weights)
    if shape is None and weights:
        first = next(iter(weights))
        most = f"{ENTRIES_MOST:,}"
        shape = input_shape(stack, {first: weights[first]}) or input_shape(stack)
        large = [path for path, each in weights.items() if prod(each) > ENTRIES_MOST][:1]
        for path in large:
            remarks.add("paste.large", most=most, layer=stack.at(path), shape=weights[path])
        joints = stack.fitting(shape) if shape else None
        needed = other_shapes(joints, weights) if joints else {}
        joined = shape_at_a_join(stack, weights) if stack.depth else None
        meant = meant or joined
        for path in [it for it in needed if it not in large and not joined][:1]:
            layer, own = stack.at(path), weights[path]
            # PyTorch may make it fit, by what is left out here or by broadcasting in a sum.
            wrong = "paste.misfit" if remarks.said or stack.depth else "paste.input"
            key = "paste.size" if _reads_all(stack, path) else wrong
            remarks.add(key, most=most, layer=layer, shape=own, needed=needed[path])
    if meant and shape and meant != shape:
        remarks.add("paste.x", shape=shape, meant=meant, problem=_misfit(stack, meant, weights))
    return shape


def _reads_all(stack: Stack, path: Path) -> bool:
    """Whether a layer reads flattened pictures, so that the number of entries depends on x."""
    before = (stack.at((*path[:-1], place)) for place in reversed(range(path[-1])))
    names = [each.name for each in takewhile(lambda it: not it.arguments, before)]
    return "flatten" in names


def _misfit(stack: Stack, shape: Extent, weights: Mapping[Path, Extent]) -> str:
    """Return a sentence that says why an x of this shape does not fit."""
    if problem := stack.misfit(shape):
        return problem
    path, needed = next(iter(other_shapes(stack.joints(shape), weights).items()))
    return say("paste.misfit", layer=stack.at(path), shape=weights[path], needed=needed)

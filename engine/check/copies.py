"""Many copies of a pass in one: a copy is an example of a minibatch, or a filter, of its own.

A difference needs the same pass again and again, with one entry moved. A layer's copies are laid
side by side where the layer keeps its examples or its filters apart anyway, and its own `apply`
computes them in one call.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias, cast

import numpy as np
from numpy.typing import ArrayLike

from engine.arrays import Array, check_finite
from engine.layers import (
    Conv1D,
    Conv2D,
    Flatten,
    Layer,
    Linear,
    MaxPool,
    MaxPool2D,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
)
from engine.layers.loss import losses_of, one_hot
from engine.layers.sequential import Run, as_runs
from engine.limits import unfolded_sizes

Inputs: TypeAlias = tuple[Array, ...]
Form: TypeAlias = Callable[[Any, int, Inputs], Array]
"""(layer, which input is copied, the inputs) -> the outputs, as `outputs` has them."""


def layer_behind(forward: Callable[..., ArrayLike], params: Inputs) -> Layer | None:
    """The layer whose own forward this is; None where it has to be called copy by copy.

    So has any other function, and the forward of a layer that overrides what it is made of: what
    is evaluated must be what was handed in.
    """
    layer = getattr(forward, "__self__", None)
    if not isinstance(layer, Layer) or not _is(forward, Layer.forward):
        return None
    if not _is(layer.admit, Layer.admit) or form_of(layer) is None:
        return None
    bound, inputs = layer.bind(params)
    return layer if bound is layer and inputs is params else None


def form_of(layer: Layer) -> Form | None:
    """How this layer evaluates copies; None where nobody has said so.

    Looked up by the very function that `apply` is: a class that overrides it does not inherit the
    form of the one that it replaces.
    """
    if isinstance(layer, Sequential) and not _is(layer.run, Sequential.run):
        return None
    return FORMS.get(getattr(layer.apply, "__func__", None))


def outputs(layer: Layer, copied: int, inputs: Inputs) -> Array:
    """The outputs for many copies: inputs[copied] has a leading axis of M, the others are shared.

    (M, *shape), the others as they are -> (M, *output.shape). Raises EngineError where an output
    leaves the range of its dtype.
    """
    form = form_of(layer)
    if form is None:
        before, after = inputs[:copied], inputs[copied + 1 :]
        each = [layer.apply(*before, copy, *after)[0] for copy in inputs[copied]]
        result = np.stack(each)
    else:
        result = form(layer, copied, inputs)
    check_finite(layer.title, "the output", result)
    return result


def outputs_of_all(layer: Layer, inputs: Inputs, copies: Mapping[int, Array]) -> Array:
    """The outputs for copies of several inputs in turn, all others being as they are.

    copies: by argument, in order, each with a leading axis. -> (ΣM, *output.shape), one argument's
    after the other's.
    """
    if form_of(layer) is _chain:
        return _chain_of_all(cast(Sequential, layer), inputs, copies)
    parts = [
        outputs(layer, copied, (*inputs[:copied], stacked, *inputs[copied + 1 :]))
        for copied, stacked in copies.items()
    ]
    return np.concatenate(parts) if len(parts) > 1 else parts[0]


def width(layer: Layer, inputs: Inputs) -> int:
    """Entries of the largest array in a pass: an output, or what a layer's windows see."""
    most = 0
    for run in as_runs(layer, inputs):
        shapes = [each.shape for each in run.inputs]
        unfolded = unfolded_sizes(run.layer, shapes[0], shapes[1:2])
        most = max(most, run.output.size, *(size for _, size in unfolded))
    return most


def _is(method: Callable[..., Any], function: Callable[..., Any]) -> bool:
    return getattr(method, "__func__", None) is function


def _entry_by_entry(layer: Layer, copied: int, inputs: Inputs) -> Array:
    """What each entry becomes depends on itself alone."""
    return layer.apply(*inputs)[0]


def _examples(layer: Layer, copied: int, inputs: Inputs) -> Array:
    """(M, N, …): a copy's examples are examples among others."""
    (x,) = inputs
    output = layer.apply(x.reshape(-1, *x.shape[2:]))[0]
    return output.reshape(*x.shape[:2], *output.shape[1:])


def _channels(layer: MaxPool | MaxPool2D, copied: int, inputs: Inputs) -> Array:
    """(M, …, *S): all leading axes are alike to a pool, and it likes two of them best."""
    (x,) = inputs
    lead, space = x.shape[: -layer.axes], x.shape[-layer.axes :]
    output = layer.apply(x.reshape(len(x), -1, *space))[0]
    return output.reshape(*lead, *output.shape[2:])


def _filters(layer: Conv1D | Conv2D | Linear, copied: int, inputs: Inputs) -> Array:
    """Copies of x are examples; copies of w and b are filters, which all see the same x."""
    axes = 0 if isinstance(layer, Linear) else layer.axes
    one = [each[0] if i == copied else each for i, each in enumerate(inputs)]
    x, w = one[:2]
    space = x.shape[x.ndim - axes :]
    kernel = (w.shape[w.ndim - axes :] if w.ndim else ()) or (1,) * axes
    channels = x.shape[-axes - 1] if x.ndim > axes else 1
    batch = x.shape[:1] if x.ndim == axes + 2 else ()
    filters = w.shape[:1] if w.ndim > axes else ()
    copies = len(inputs[copied])
    folded = [inputs[0].reshape(-1, channels, *space)]
    for i, each in enumerate(inputs[1:], 1):
        if copied and i != copied:  # beside copies of w, b is repeated, and the other way round
            each = np.broadcast_to(each, (copies, *each.shape))
        folded.append(each.reshape(-1, channels, *kernel) if i == 1 else each.reshape(-1))
    output = layer.apply(*folded)[0]
    after = output.shape[2:]
    if copied:
        output = np.moveaxis(output.reshape(len(folded[0]), copies, -1, *after), 1, 0)
    return output.reshape(copies, *batch, *filters, *after)


def _losses(layer: SoftmaxCrossEntropy, copied: int, inputs: Inputs) -> Array:
    """(M, N, K) -> (M,): a mean for each copy."""
    (logits,) = inputs
    losses, _ = losses_of(logits, one_hot(layer.labels_for(logits[0]), logits.shape[-1]))
    return np.asarray(losses.mean(axis=-1))


def _chain(layer: Sequential, copied: int, inputs: Inputs) -> Array:
    """One layer after the other."""
    return _chain_of_all(layer, inputs, {copied: inputs[copied]})


def _chain_of_all(layer: Sequential, inputs: Inputs, copies: Mapping[int, Array]) -> Array:
    """Each layer once; where its own inputs are copied, those join the copies that flow into it."""
    flowing, first, last = inputs[0], 1, max(copies)
    moving = [copies[0]] if 0 in copies else []
    for each, own in zip(layer.layers, layer.handed_out(inputs[1:]), strict=True):
        moving = [outputs(each, 0, (copy, *own)) for copy in moving]
        for i in range(len(own)):
            if first + i in copies:
                replaced = (*own[:i], copies[first + i], *own[i + 1 :])
                moving.append(outputs(each, i + 1, (flowing, *replaced)))
        if len(moving) > 1:
            moving = [np.concatenate(moving)]
        first += len(own)
        if first <= last:
            flowing = Run.of(each, (flowing, *own)).output
    return moving[0]


FORMS: Final[Mapping[Any, Form]] = {
    Conv1D.apply: _filters,
    Conv2D.apply: _filters,
    Flatten.apply: _examples,
    Linear.apply: _filters,
    MaxPool.apply: _channels,
    MaxPool2D.apply: _channels,
    ReLU.apply: _entry_by_entry,
    Sequential.apply: _chain,
    SoftmaxCrossEntropy.apply: _losses,
}
"""By the function that `apply` is."""

"""Translate layers of torch.nn, and functions that are layers, with their arguments and weights.

The numbers that code computes before it uses them as weights or as x are here too (`Tensor`).
"""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil, isnan, prod
from typing import Any, Final
from weakref import WeakSet

import numpy as np

from engine.arrays import Array, Extent
from pages.language.catalogue import ordinal
from pages.stack.code_text import NESTED_MOST, Remarks
from pages.stack.known_values import UNKNOWN, Unknown, computed, is_list, is_number, leaves, part
from pages.stack.stack import (
    BIAS,
    DATA_MOST,
    ENTRIES_MOST,
    LAYERS,
    Item,
    StackError,
    fields_of,
    item,
    new_item,
)

_ALIASES: Final[Mapping[str, str]] = {
    "maxpool1d": "maxpool",
    "avgpool1d": "avgpool",
    "crossentropyloss": "softmaxcrossentropy",
    "crossentropy": "softmaxcrossentropy",
    "cat": "concat",
    "concatenate": "concat",
    "max": "maximum",
}
"""Torch's names in lower case, without underscores, where the layer has another name here."""
_POSITIONS: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("conv1d", "conv2d"),
        "in_channels out_channels kernel_size stride padding dilation groups bias padding_mode "
        "device dtype",
    ),
    "linear": "in_features out_features bias device dtype",
    **dict.fromkeys(
        ("maxpool", "maxpool2d"), "kernel_size stride padding dilation return_indices ceil_mode"
    ),
    **dict.fromkeys(
        ("avgpool", "avgpool2d"),
        "kernel_size stride padding ceil_mode count_include_pad divisor_override",
    ),
    "leakyrelu": "negative_slope inplace",
    "softplus": "beta threshold",
    "flatten": "start_dim end_dim",
    "softmaxcrossentropy": "weight size_average ignore_index reduce reduction label_smoothing",
}
"""The arguments of torch.nn's layers, in order. Others take those known here, then `inplace`."""
_OF_FUNCTIONS: Final[Mapping[str, str]] = dict.fromkeys(
    ("maxpool", "maxpool2d"), "kernel_size stride padding dilation ceil_mode return_indices"
)
"""The arguments of torch's functions, where their order differs from the layer's."""
_BEHIND: Final[Mapping[str, str]] = dict.fromkeys(
    ("conv1d", "conv2d"), "stride padding dilation groups"
)
"""The arguments of a function behind its weight and bias."""
_DEFAULTS: Final[Mapping[str, Any]] = {
    "padding_mode": "zeros",
    "return_indices": False,
    "divisor_override": None,
    "beta": 1,
    "threshold": 20,
    "start_dim": 1,
    "end_dim": -1,
    "weight": None,
    "size_average": None,
    "reduce": None,
    "reduction": "mean",
    "label_smoothing": 0,
    "ignore_index": -100,
}
"""Defaults of torch.nn's arguments that a layer here does not have; stating one changes nothing."""
WEIGHT: Final = "weight"  # torch's name of the first parameter; that of the second is BIAS
_OF_ALL_AXES: Final = ("stride", "padding", "dilation")
"""Arguments that apply to every axis if torch is given a tuple of one: stride=(1,)."""
_SILENT: Final = ("device", "dtype")
"""Arguments that are ignored: where the numbers of a layer are stored, and their precision."""


def _as_whole(x: Array) -> Array:
    """Round towards 0. Raises ValueError for numbers that do not fit into 64 bits."""
    if not (abs(x) < 2.0**63).all():
        raise ValueError("needs numbers that are not too large")
    return x.astype(np.int64)


TURNS: Final[Mapping[str, Callable[..., Array]]] = {
    "reshape": lambda x, *sizes: np.reshape(x, sizes_in(sizes)),
    "view": lambda x, *sizes: np.reshape(x, sizes_in(sizes)),
    "ravel": lambda x, *order: np.reshape(x, -1, *order),  # np.ravel copies a broadcast array
    "unsqueeze": np.expand_dims,
    "squeeze": lambda x, *axes: np.squeeze(
        x, tuple(axis for axis in sizes_in(axes) or range(x.ndim) if x.shape[axis] == 1)
    ),
    "permute": lambda x, *axes: np.transpose(x, sizes_in(axes)),
    # torch's transpose has two axes; numpy's has none or all.
    "transpose": lambda x, *axes: (
        np.swapaxes(x, *axes) if len(axes) == 2 else np.transpose(x, sizes_in(axes) or None)
    ),
    "t": np.transpose,
    "T": np.transpose,
    "mT": lambda x: np.swapaxes(x, -1, -2),
    "int": _as_whole,
    "long": _as_whole,
}
"""Methods that reshape numbers, permute their axes, or round them to whole numbers."""
TAKEN_MOST: Final = 10**8  # the most bytes that numpy may need for entries taken by an index
_SPACED: Final = ("start", "stop", "step", "endpoint")
"""The arguments of numpy's functions for numbers at equal distances, arange and linspace."""
_SPACED_TOO: Final = {"end": "stop", "steps": "step", "num": "step"}  # other names of these
_TRANSPOSES: Final = ("transpose", "t", "T", "mT")


@dataclass(frozen=True, eq=False)
class Leaf:
    """A layer with its own weights."""

    item: Item
    weights: Extent = ()  # the shape of w that the code states, or ()
    in_place: bool = False  # whether it overwrites its input
    numbers: dict[str, Any] = field(default_factory=dict)
    """Those that the code gives its parameters, by torch's names."""
    reads_logarithms: ast.AST | None = None  # for a loss that reads logarithms, where it is made
    handed: "Tensor | None" = field(repr=False, default=None)  # for a function, the w it is given
    parameters: dict[str, "Parameter"] = field(init=False, repr=False, default_factory=dict)
    """The parameters of it that the code has used, by torch's names."""

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """Torch's names of its parameters."""
        return (WEIGHT, BIAS)[: len(self.item.arguments)]

    @property
    def owner(self) -> "Leaf | Tensor":
        """Whose weights it uses: a's for F.linear(h, a.weight), W for x @ W; otherwise its own."""
        held = self.handed
        while held and held.whole and prod(held.whole.shape) == prod(held.shape):
            held = held.whole
        return held.of[0] if isinstance(held, Parameter) and held.of else held or self


@dataclass(frozen=True, eq=False)
class LogSoftmax:
    """nn.LogSoftmax(dim=1), and where it is made."""

    at: ast.AST


@dataclass(eq=False)
class Tensor:
    """Numbers that the code makes: their shape, and their values if these are known.

    The code may overwrite them, and then they change under all names of the tensor.
    """

    shape: Extent
    numbers: Any = None
    alike: bool = False  # whether all are equal, as torch.ones makes them
    transposed: "Tensor | None" = None  # W, for W.T
    views: "WeakSet[Tensor]" = field(init=False, repr=False, default_factory=WeakSet)
    """All tensors in the same memory, such as W, W[0] and W.T."""
    place: object = field(init=False, repr=False, default_factory=object)
    """Where in the memory its entries are: the same for W and p after p.data = W."""
    whole: "Tensor | None" = field(init=False, repr=False, default=None)
    """W, for W[0], so that W lives as long as its part."""

    @property
    def known(self) -> int:
        """The number of its entries if they are known; otherwise 0."""
        return 0 if self.numbers is None else prod(self.shape)

    def overwrite(self, made: "Tensor") -> None:
        """Overwrite its numbers; those of views of other entries are no longer known."""
        for view in self.views - {self}:
            view.take(made if view.place is self.place else Tensor(view.shape))
        self.take(made)

    def move(self, other: "Tensor") -> None:
        """Leave its memory for that of another tensor of its shape: p.data = W."""
        self.views.discard(self)
        other.views |= {other, self}
        self.views, self.place = other.views, other.place
        self.take(other)

    def take(self, made: "Tensor") -> None:
        """Set its own numbers, and not those of its views."""
        self.numbers, self.alike = made.numbers, made.alike


@dataclass(eq=False)
class Parameter(Tensor):
    """A layer's parameter, which is never taken for x.

    If only some of its entries are known, the others are NaN.
    """

    of: tuple[Leaf, str] | None = field(init=False, repr=False, default=None)
    """The layer, and torch's name of the parameter; None for a copy."""

    @property
    def data(self) -> "Parameter":
        """Its present memory, which it may leave for another: a.data, b.data = b.data, a.data."""
        data = replace(self)
        data.move(self)
        data.whole = self
        return data

    def take(self, made: Tensor) -> None:
        """Set its numbers, and the layer's."""
        super().take(made)
        if self.of:
            leaf, name = self.of
            leaf.numbers[name] = made.numbers


def parameter(leaf: Leaf, name: str) -> Parameter:
    """Return a layer's weight or bias, the same object each time."""
    if name not in leaf.parameters:
        shape = leaf.weights if name == WEIGHT else leaf.weights[:1]
        leaf.parameters[name] = Parameter(shape, leaf.numbers.get(name))
        leaf.parameters[name].of = leaf, name
    return leaf.parameters[name]


def replace_parameter(leaf: Leaf, name: str, by: Any) -> bool:
    """Do leaf.weight = Parameter(by). Return whether by is an array of the shape that it had.

    Otherwise the numbers of that parameter are no longer known.
    """
    if name not in leaf.parameter_names:
        return by is None
    if before := leaf.parameters.pop(name, None):
        before.of = None  # the code may still change its numbers, but no longer the layer's
    leaf.numbers[name] = None
    shape = leaf.weights if name == WEIGHT else leaf.weights[:1]
    shared = isinstance(by, Parameter) and by.of  # a.weight = b.weight adds their gradients up
    if shared or type(by) not in (Tensor, Parameter) or (shape and by.shape != shape):
        return False
    leaf.numbers[name] = by.numbers
    if shape:
        parameter(leaf, name).move(by)
    return True


def tensor(value: Any) -> Any:
    """Return the tensor of nested lists of numbers; UNKNOWN if they are ragged or too many."""
    shape: Extent = ()
    first = value
    # A list may contain itself.
    while is_list(first) and first and prod(shape) <= ENTRIES_MOST and len(shape) < NESTED_MOST:
        shape, first = (*shape, len(first)), first[0]
    fits = prod(shape) <= ENTRIES_MOST and _has_shape(value, shape)
    return Tensor(shape, value) if fits else UNKNOWN


def constant(name: str, given: Sequence[Any]) -> Any:
    """Return zeros(sizes), ones(sizes) or full(sizes, number); UNKNOWN if sizes are no shape."""
    sizes = shape_in(given if name != "full" else given[:1])
    if sizes is None:
        return UNKNOWN
    number = {"zeros": 0.0, "ones": 1.0, "full": part(given, 1)}.get(name)
    if not is_number(number) or prod(sizes) > ENTRIES_MOST:
        return Tensor(sizes)
    return Tensor(sizes, np.full(sizes, number).tolist(), alike=True)


def side_by_side(each: Sequence[Tensor], axis: Any) -> Any:
    """Return torch.cat of tensors along an axis; UNKNOWN if they do not fit."""
    first = each[0].shape
    if type(axis) is not int or not -len(first) <= axis < len(first):
        return UNKNOWN
    axis %= len(first)
    around = [(*it.shape[:axis], *it.shape[axis + 1 :]) for it in each if len(it.shape) > axis]
    if around != [(*first[:axis], *first[axis + 1 :])] * len(each):
        return UNKNOWN
    shape = (*first[:axis], sum(it.shape[axis] for it in each), *first[axis + 1 :])
    if any(it.numbers is None for it in each) or prod(shape) > ENTRIES_MOST:
        return Tensor(shape)
    return Tensor(shape, np.concatenate([it.numbers for it in each], axis).tolist())


def unit(size: Any) -> Any:
    """Return the unit matrix eye(size); UNKNOWN if the size is not valid or too large."""
    few = type(size) is int and size > 0 and size * size <= ENTRIES_MOST
    return Tensor((size, size), np.eye(size).tolist()) if few else UNKNOWN


def _as_index(index: Any, of: Array) -> tuple[Any, ...]:
    """Return numpy's index for W[rows, labels], whose parts may be tensors or lists.

    of: the array to be indexed. Raises ValueError if it might take too many numbers.
    """
    each = index if isinstance(index, tuple) else (index,)
    tensors = [tensor(it) if is_list(it) else it for it in each]
    places = [
        it if getattr(it, "numbers", None) is None else np.array(it.numbers) for it in tensors
    ]
    arrays = [it.shape for it in places if isinstance(it, np.ndarray)]
    if arrays and prod(np.broadcast_shapes(*arrays)) * of.nbytes > TAKEN_MOST:
        raise ValueError("takes too many")
    return tuple(places)


def written(of: Tensor, index: Any, number: Any) -> Tensor:
    """Return numbers after x[0] = 2 or x[:, 1:] = y; with unknown values if that cannot be told."""
    small = prod(of.shape) <= ENTRIES_MOST
    if of.numbers is None and not (isinstance(of, Parameter) and small):
        return Tensor(of.shape)
    try:
        made = np.full(of.shape, np.nan if of.numbers is None else of.numbers, dtype=float)
        made[_as_index(index, made)] = number.numbers if isinstance(number, Tensor) else number
    except (TypeError, ValueError, IndexError):
        return Tensor(of.shape)
    return Tensor(of.shape, made.tolist())


def spaced(name: str, given: Sequence[Any], /, **named: Any) -> Any:
    """Return arange(stop), arange(start, stop, step) or linspace(start, stop, count), or UNKNOWN.

    named: the keyword arguments, by torch's names or by numpy's.
    """
    alone = name == "arange" and len(given) == 1 and not {"stop", "end"} & {*named}
    order = ("stop",) if alone else _SPACED
    said: dict[str, Any] = dict(zip(order, given, strict=False))
    said |= {_SPACED_TOO.get(key, key): value for key, value in named.items()}
    known: list[Any] = [said.get(each) for each in _SPACED[:3]]
    start, stop, step = known
    try:
        if name == "linspace":  # numpy's default is 50, torch has none
            count = 50 if step is None else step
            step = (stop - start) / max(1, count - said.get("endpoint", True))
        else:
            start, step = start or 0, 1 if step is None else step
            count = ceil((stop - start) / step)
        few = range(count)[: ENTRIES_MOST + 1]  # tensor refuses one more than ENTRIES_MOST
        return tensor([start + step * at for at in few]) if few else UNKNOWN
    except (ArithmeticError, TypeError, ValueError):
        return UNKNOWN


def turned(of: Tensor, method: str, given: Sequence[Any]) -> Any:
    """Return x.unsqueeze(0), or the result of another method in TURNS; UNKNOWN if it fails."""
    if of.numbers is None and TURNS[method] is _as_whole:
        return Tensor(of.shape)
    return _part(of, lambda array: TURNS[method](array, *given), method in _TRANSPOSES)


def is_true(of: Tensor) -> bool | None:
    """Whether a condition that is this tensor holds: whether its only number is not 0.

    None if the number is not known, or if there are several, for which torch raises an error.
    """
    if of.numbers is None or prod(of.shape) != 1:
        return None
    (number,) = leaves([of.numbers])
    return None if isnan(number) else bool(number)


def taken(of: Tensor, index: Any) -> Any:
    """Return x[0], x[:, 1:], x[None] or x[[0, 2]]; UNKNOWN if that cannot be told."""
    return _part(of, lambda array: array[_as_index(index, array)])


def _part(of: Tensor, make: Callable[[Array], Any], transposes: bool = False) -> Any:
    """Apply a numpy function to numbers; the result may be a view of them. UNKNOWN if it fails."""
    known = of.numbers is not None
    array = np.array(of.numbers) if known else np.broadcast_to(False, of.shape)
    try:
        made = make(array)
    except (TypeError, ValueError, IndexError):
        return UNKNOWN
    numbers = made.tolist() if known else None
    view = Tensor(made.shape, numbers, of.alike, of if transposes else None)
    if np.may_share_memory(made, array):
        of.views |= {of, view}
        view.views, view.whole = of.views, of
    return view


def for_each(op: ast.operator, left: Any, right: Any) -> Tensor:
    """Return an operation between each entry of a tensor and one number, in either order.

    The values of the result are unknown if any of them cannot be computed.
    """
    (of,) = (it for it in (left, right) if isinstance(it, Tensor))

    def made(left: Any, right: Any) -> Any:
        if is_list(left):
            return [made(each, right) for each in left]
        if is_list(right):
            return [made(left, each) for each in right]
        return computed(op, left, right)

    numbers = made(*(it.numbers if isinstance(it, Tensor) else it for it in (left, right)))
    unknown = any(isinstance(each, Unknown) for each in leaves([numbers]))
    return Tensor(of.shape, None if unknown else numbers, of.alike)


def _has_shape(value: Any, shape: Extent) -> bool:
    if not shape:
        return is_number(value)
    alike = is_list(value) and len(value) == shape[0]
    return alike and all(_has_shape(inner, shape[1:]) for inner in value)


def sizes_in(given: Sequence[Any]) -> tuple[Any, ...]:
    """Return (2, 3) for f(2, 3) and for f((2, 3))."""
    return tuple(given[0] if given and is_list(given[0]) else given)


def shape_in(given: Sequence[Any]) -> Extent | None:
    """Return an array's shape for f(2, 3) and for f((2, 3)); None if it is not known.

    Sizes are positive integers; True is none. There are at most NESTED_MOST axes: numpy allows 64.
    """
    sizes = sizes_in(given)
    whole = all(type(each) is int and each > 0 for each in sizes)
    return sizes if whole and len(sizes) <= NESTED_MOST else None


def alike(shape: Extent, sizes: tuple[Any, ...]) -> bool:
    """Whether a shape and sizes differ in axes of length 1 only."""
    return [each for each in shape if each != 1] == [each for each in sizes if each != 1]


def without_unknown(shape: Extent, sizes: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the sizes of x.reshape(…) for a value of this shape, with -1 replaced by its size."""
    others = [each for each in sizes if each != -1]
    whole = len(others) == len(sizes) - 1 and all(isinstance(each, int) and each for each in others)
    return tuple(prod(shape) // prod(others) if each == -1 and whole else each for each in sizes)


def windows_in(shape: Extent | None, sizes: Sequence[Any]) -> Extent:
    """Return the windows that x.reshape(…) forms: 2 for (N, n // 2, 2), 2 × 2 for (m, 2, n, 2).

    The sizes split each of the last one or two axes of x's shape in two; one of each two sizes may
    be -1, or not known. () if they do not.
    """
    count = len(sizes) - len(shape or ())
    if not shape or count not in (1, 2) or count > len(shape):
        return ()
    kept = len(shape) - count
    known = [each if isinstance(each, int) and each > 0 else None for each in sizes]
    if any(each not in (None, size) for each, size in zip(known[:kept], shape, strict=False)):
        return ()
    windows = []
    for size, number, length in zip(
        shape[kept:], known[kept::2], known[kept + 1 :: 2], strict=True
    ):
        length = length or (number and size // number)
        if not length or length * (number or size // length) != size:
            return ()
        windows.append(length)
    return tuple(windows)


def known_layer(name: str) -> str:
    """Return the name here of a layer that torch calls so; "" if there is none."""
    plain = name.lower().replace("_", "").removeprefix("lazy")
    plain = _ALIASES.get(plain, plain)
    return plain if plain in LAYERS else ""


def as_leaf(
    name: str, given: Sequence[Any], named: Mapping[str, Any], at: ast.AST, remarks: Remarks
) -> Leaf | None:
    """Return a known layer with torch's arguments; None, with a remark, if they are refused."""
    known = known_layer(name)
    said = _arguments_by_name(name, given, named, at, remarks)
    arguments, read = _arguments_read(name, said, at, remarks)
    kernel = [each.axes for each in LAYERS[known].sizes if each.name == "kernel_size"]
    if kernel and arguments.get("padding") in ("same", "valid"):
        arguments["padding"] = _padding(arguments, *kernel)
    try:
        new = item(known, arguments, new_item(known).data if LAYERS[known].data else ())
    except StackError as error:
        remarks.at(at, "paste.refused", problem=error)
        return None
    in_place = said.get("inplace") is True or name.endswith("_")
    known_sizes = all(each.name in arguments for each in LAYERS[known].sizes)
    return Leaf(new, _weights_of(new, read) if read and known_sizes else (), in_place)


def _arguments_by_name(
    name: str, given: Sequence[Any], named: Mapping[str, Any], at: ast.AST, remarks: Remarks
) -> dict[str, Any]:
    """Return a layer's arguments by torch's names; a remark names those that are too many."""
    known, is_function = known_layer(name), name.islower()
    orders = {**_POSITIONS, **_OF_FUNCTIONS} if is_function else _POSITIONS
    fields = [each.name for each in fields_of(known)]
    order = orders.get(known, " ".join((*fields, "inplace"))).split()[name.startswith("Lazy") :]
    for place in range(len(order), len(given)):
        # A function's first argument is what it is applied to, which is not in `given`.
        argument = f"{ordinal(place + 1 + is_function)} argument"
        remarks.at(at, "paste.argument", layer=name, argument=argument)
    return {**dict(zip(order, given, strict=False)), **named}


def _arguments_read(
    name: str, said: Mapping[str, Any], at: ast.AST, remarks: Remarks
) -> tuple[dict[str, Any], int]:
    """Return the arguments that a layer here has, and how many channels or features it reads.

    The latter is 0 if it is not said. A remark names every other argument that changes something.
    """
    fields = [each.name for each in fields_of(known_layer(name))]
    read = 0
    arguments: dict[str, Any] = {BIAS: True} if BIAS in fields else {}
    for key, value in said.items():
        own = "filters" if key == "out_channels" else key
        value = tuple(value) if is_list(value) else value
        if key in _OF_ALL_AXES and isinstance(value, tuple) and len(value) == 1:
            (value,) = value
        if own == "negative_slope" and isinstance(value, bool):
            value = float(value)  # nn.LeakyReLU(True)
        if key in _SILENT:
            continue
        # No size is a list of lists, which might contain itself.
        if any(isinstance(it, Unknown) or is_list(it) for it in sizes_in([value])):
            remarks.at(at, "paste.value", layer=name, argument=key)
        elif own in fields and isinstance(value, int | float | str | tuple | None):
            arguments[own] = value
        elif key in ("in_channels", "in_features") and isinstance(value, int):
            read = value
        elif key != "inplace" and (key not in _DEFAULTS or value != _DEFAULTS[key]):
            remarks.at(at, "paste.argument", layer=name, argument=key)
    return arguments, read


def sets(leaf: Leaf, name: str, value: Any) -> bool:
    """Whether assigning this value to a setting changes a layer: conv.padding = 1."""
    its = leaf.item
    if name == BIAS or name not in [each.name for each in fields_of(its.name)]:
        return False
    try:
        known = not any(isinstance(it, Unknown) for it in leaves([value]))
        return not known or item(its.name, {**its.values, name: value}, its.data) != its
    except StackError:
        return True


def as_weighted_leaf(
    name: str, given: Sequence[Any], named: Mapping[str, Any], at: ast.AST, remarks: Remarks
) -> Leaf | None:
    """Return the layer of F.conv1d(x, w, b), given w and b; None if w is not known.

    The layer's sizes are those of w.
    """
    known = known_layer(name)
    said = dict(zip((WEIGHT, BIAS, *_BEHIND.get(known, "").split()), given, strict=False))
    said |= named
    weight = said.pop(WEIGHT, None)
    if not isinstance(weight, Tensor):
        return None
    bias = said.get(BIAS)
    said[BIAS] = bias if isinstance(bias, Unknown) else isinstance(bias, Tensor)
    shape, axes = weight.shape, 0
    for size in LAYERS[known].sizes:
        if size.name == "kernel_size" and shape:  # a number alone is a kernel of one
            axes = size.axes
            said[size.name] = shape[-axes:]
        elif len(shape) > axes:
            said[size.name] = shape[0]
    leaf = as_leaf(name, [], said, at, remarks)
    if leaf is None:
        return None
    leaf.numbers[WEIGHT] = weight.numbers
    leaf.numbers[BIAS] = bias.numbers if isinstance(bias, Tensor) else None
    whole = len(shape) == len(_weights_of(leaf.item, 1))
    return replace(leaf, weights=shape if whole else leaf.weights, handed=weight)


def labelled(loss: Leaf, labels: Any) -> Leaf:
    """Return a loss with the code's labels; as it is if they are not known or not allowed here."""
    numbers = labels.numbers if isinstance(labels, Tensor) else is_list(labels) and labels
    each = tuple(numbers if is_list(numbers) else [numbers])  # torch.tensor(2), of a row alone
    if each and all(type(it) is int and 0 <= it <= DATA_MOST for it in each):
        return replace(loss, item=item(loss.item.name, loss.item.values, each))
    return loss


def one_hot(numbers: Any) -> Tensor | None:
    """Return the labels of one-hot rows; None for other numbers."""
    rows = np.array(numbers.numbers) if isinstance(numbers, Tensor) else np.zeros(0)
    each = rows.ndim == 2 and np.isin(rows, (0, 1)).all() and (rows.sum(axis=1) == 1).all()
    return tensor(rows.argmax(axis=1).tolist()) if each else None


def _weights_of(of: Item, read: int) -> Extent:
    """Return the shape of w: (outputs, channels that each output reads, *kernel)."""
    sizes = of.sizes
    outputs, *_ = sizes.get("filters") or sizes.get("out_features") or (1,)
    return (outputs, read // of.values.get("groups", 1), *sizes.get("kernel_size", ()))


def _padding(arguments: Mapping[str, Any], axes: int) -> Any:
    """Return torch's padding="same" in numbers; 0 for "valid", or if the sizes are no integers."""
    kernel, dilation = (
        value if isinstance(value := arguments.get(key, 1), tuple) else (value,) * axes
        for key in ("kernel_size", "dilation")
    )
    whole = all(isinstance(each, int) for each in (*kernel, *dilation))
    if arguments["padding"] == "valid" or not whole:
        return 0
    around = [by * (size - 1) for by, size in zip(dilation, kernel, strict=False)]
    each = tuple((it // 2, it - it // 2) for it in around)
    return each[0] if len(each) == 1 else each

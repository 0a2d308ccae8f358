"""The interfaces that students' layers have: names, parameters, the order of the axes.

Axes are letters: N examples, C channels, H W the image, F filters, K L the kernel, Y X the output's
image, D and M the features into and out of a linear layer. "N(CH)" joins two axes into one, "1" is
an axis of length 1.
"""

import inspect
import re
from collections.abc import Mapping, Sequence
from functools import cache
from inspect import Parameter, Signature
from math import prod
from typing import Any, Final, NamedTuple

import numpy as np

from engine.grader.wire import Numbers

FORWARD: Final = tuple(
    "forward forward_pass forward_propagate forward_prop forward_propagation feed_forward "  # noqa: SIM905
    "feedforward propagate fprop forwards _forward _forwards __call__ call".split()
)
BACKWARD: Final = tuple(
    "backward backward_pass back_propagate backpropagate back_prop backprop backward_prop "  # noqa: SIM905
    "back_propagation backward_propagation backward_propagate backpropagation bprop backwards "
    "_backward _backwards compute_gradients _compute_gradients".split()
)
DERIVATIVE: Final = ["gradient", "derivative", "deriv", "derive", "prime", "grad"]
"""Methods that give, for an activation, the slope at the input of forward, not yet multiplied by
the upstream gradient; for a loss, its gradient."""

AFFIXES: Final = re.compile(
    r"layer|module|activation|function|naive|vectori[sz]ed|numpy|custom|im2col|strides?1?|reshape|"
    r"^my|^np|(?<=.)(fast|slow|vec|np|op|node|unit)$"
)
KINDS: Final[Mapping[str, Sequence[str]]] = {
    r"conv(olution(al)?)?(3x3|5x5)?": ("Conv2D", "Conv1D"),
    r"conv(olution(al)?)?2d": ("Conv2D",),
    r"conv(olution(al)?)?1d": ("Conv1D",),
    r"relu|rectifiedlinear(unit)?": ("ReLU",),
    r"(max)?pool(ing)?2?": ("MaxPool2D", "MaxPool"),
    r"(max)?pool(ing)?2d": ("MaxPool2D",),
    r"(max)?pool(ing)?1d": ("MaxPool",),
    r"linear|dense|densenn|fullyconnected|fullconnect(ed|ion)?|fc|affine|innerproduct": ("Linear",),
    r"flatten(ing)?": ("Flatten",),
    r"softmax(with|and)?(loss)?(categorical)?(crossentropy|ce|cce|loss)(with)?(loss|logits)*": (
        "SoftmaxCrossEntropy",
    ),
    r"crossentropy(loss)?(with(softmax|logits))?(loss)?": ("SoftmaxCrossEntropy",),
}
EXACT: Final = ("Sequential", "ConvBlock")
LOSS: Final = "SoftmaxCrossEntropy"
CONVOLUTIONS: Final = ("Conv1D", "Conv2D")
WEIGHTED: Final = (*CONVOLUTIONS, "Linear")
POOLS: Final = ("MaxPool", "MaxPool2D")


def kinds(name: str) -> tuple[str, ...]:
    """Return which of the engine's layers a name may mean, the likeliest first; () if none."""
    plain = name.lower().replace("_", "")
    for candidate in (plain, AFFIXES.sub("", plain)):
        for pattern, meant in KINDS.items():
            if re.fullmatch(pattern, candidate):
                return tuple(meant)
    return ()


class Shapes(NamedTuple):
    """Shapes that a layer of the engine takes, and the orders of axes that others use."""

    ours: tuple[str, ...]  # the axes of x, w and the output, "" if there is none
    inputs: tuple[str, ...]  # the orders in which a student's layer may have the axes of x
    weights: tuple[str, ...]  # those of w
    outputs: tuple[str, ...]  # those of the output


def _shapes(ours: str, inputs: str, weights: str, outputs: str) -> Shapes:
    orders = (tuple(each.split()) or ("",) for each in (inputs, weights, outputs))
    return Shapes(tuple(ours.split(",")), *orders)


KERNELS: Final = "FCKL KLCF FKLC CFKL CKLF KLFC F(CKL) (CKL)F F(KLC) (KLC)F"
SHAPES: Final[Mapping[str, Sequence[Shapes]]] = {
    "Conv2D": (
        _shapes("NCHW,FCKL,NFYX", "NCHW NHWC CHWN", KERNELS, "NFYX NYXF FYXN YXFN"),
        _shapes("CHW,FCKL,FYX", "CHW HWC", KERNELS, "FYX YXF"),
        _shapes("HW,FKL,FYX", "HW 1HW HW1", "FKL KLF F1KL KL1F", "FYX YXF"),
        _shapes("HW,KL,YX", "HW", "KL", "YX"),
    ),
    "Conv1D": (
        _shapes("NCW,FCL,NFX", "NCW NWC", "FCL LCF FLC CFL F(CL) (CL)F", "NFX NXF"),
        _shapes("CW,FCL,FX", "CW WC", "FCL LCF FLC CFL F(CL) (CL)F", "FX XF"),
        _shapes("W,FL,FX", "W", "FL LF", "FX XF"),
        _shapes("W,L,X", "W", "L", "X"),
    ),
    "Linear": (
        _shapes("ND,MD,NM", "ND DN", "MD DM", "NM MN"),
        _shapes("D,MD,M", "D", "MD DM", "M"),
        _shapes("D,MD,M", "D1 1D D", "MD DM", "M M1 1M"),
    ),
    "MaxPool2D": (
        _shapes("NCHW,,NCYX", "NCHW NHWC CHWN", "", "NCYX NYXC CYXN"),
        _shapes("CHW,,CYX", "CHW HWC", "", "CYX YXC"),
        _shapes("HW,,YX", "HW", "", "YX"),
    ),
    "MaxPool": (
        _shapes("NCW,,NCX", "NCW NWC", "", "NCX NXC"),
        _shapes("CW,,CX", "CW WC", "", "CX XC"),
        _shapes("W,,X", "W", "", "X"),
    ),
    "Flatten": (
        _shapes("NCHW,,N(CHW)", "NCHW CHW", "", "N(CHW) (CHW)N (CHW) (CHW)1 1(CHW)"),
        _shapes("NCW,,N(CW)", "NCW CW", "", "N(CW) (CW)N (CW) (CW)1 1(CW)"),
        _shapes("ND,,ND", "ND D", "", "ND DN D D1 1D"),
    ),
    "SoftmaxCrossEntropy": (_shapes("ND,,", "ND DN D D1", "", ""),),
    "ReLU": (_shapes(",,", "", "", ""),),
}
"""The first set of each layer tells most about a layer that takes it; ReLU takes any shape."""

LAB_SHAPES: Final[Mapping[str, Sequence[Shapes]]] = {
    "Conv1D": (_shapes("W,,W", "W", "", "W"),),
    "MaxPool": (
        _shapes("NCW,,NC", "NCW", "", "NC"),
        _shapes("CW,,C", "CW", "", "C"),
        _shapes("W,,", "W", "", ""),
    ),
    "ReLU": (_shapes("D,,D", "D", "", "D"),),
}
"""The shapes of the lab's own exercise: a scalar w, a whole axis, a vector. They tell little about
a layer, and are tried only if it takes no others."""

PROBED: Final[Mapping[str, Mapping[str, int]]] = {
    "Conv2D": {"N": 2, "C": 4, "H": 8, "W": 9, "F": 5, "K": 3, "L": 3, "Y": 6, "X": 7},
    "Conv1D": {"N": 2, "C": 4, "W": 8, "F": 5, "L": 3, "X": 6, "K": 3},
    "Linear": {"N": 4, "D": 3, "M": 5},
    "MaxPool2D": {"N": 2, "C": 3, "H": 8, "W": 10, "Y": 4, "X": 5},
    "MaxPool": {"N": 2, "C": 3, "W": 8, "X": 4},
    "Flatten": {"N": 2, "C": 3, "H": 4, "W": 5, "D": 6},
    "SoftmaxCrossEntropy": {"N": 3, "D": 4},
    "ReLU": {"N": 3, "D": 4},
}
"""Axis lengths that are all different, apart from K = L, so that a shape shows its axes."""

WORDS: Final = {"K": "kh", "L": "kw", "Y": "H", "X": "W", "M": "out", "D": "in"}
ALONG: Final = {**WORDS, "W": "L", "X": "L", "L": "K"}  # for layers with a single spatial axis


def axes_in_words(axes: str) -> str:
    """Return axes in words: '(N, H, W, C)', '(F, C·kh·kw)', '(N, L, C)'."""
    words = WORDS if {*"HKY"} & {*axes} else ALONG
    groups = ["·".join(words.get(each, each) for each in group) for group in _groups(axes)]
    return f"({', '.join(groups)}{',' if len(groups) == 1 else ''})"


@cache
def _groups(axes: str) -> list[str]:
    return [joined or single for joined, single in re.findall(r"\((\w+)\)|(\w)", axes)]


@cache
def _letters(axes: str) -> str:
    return "".join(each for each in axes if each.isalpha())


def shape_of(axes: str, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """Return the shape of an array with these axes."""
    lengths = {**sizes, "1": 1}
    return tuple(prod(lengths[each] for each in group) for group in _groups(axes))


def arranged(array: Numbers, ours: str, theirs: str, sizes: Mapping[str, int]) -> Numbers:
    """Return an array with axes `ours` in the order `theirs`: itself, or a contiguous copy."""
    if ours == theirs:
        return array
    order = [_letters(ours).index(each) for each in _letters(theirs)]
    plain = array.reshape(shape_of(_letters(ours), sizes))
    return np.ascontiguousarray(plain.transpose(order)).reshape(shape_of(theirs, sizes))


def restored(array: Any, ours: str, theirs: str, sizes: Mapping[str, int]) -> Any:
    """Return an array with axes `theirs` in the order `ours`; a wrong shape remains wrong.

    If only lengths are wrong, and no axes are joined, the axes are put in order all the same. Any
    other array is returned as it is, unless it has the lab's own shape, which is wrong here: it is
    flattened.
    """
    if ours == theirs:
        return array
    given = np.asarray(array)
    letters = _letters(theirs)
    order = [letters.index(each) for each in _letters(ours)]
    if given.shape != shape_of(theirs, sizes):
        if letters == theirs and given.ndim == len(letters):
            return given.transpose(order)
        return given.ravel() if given.shape == shape_of(ours, sizes) else array
    plain = given.reshape(shape_of(letters, sizes))
    return plain.transpose(order).reshape(shape_of(ours, sizes))


def same_order(axes: str, others: str) -> bool:
    """Whether two sets of axes have the same order, joined or not."""
    return _letters(axes) == _letters(others)


ROLES: Final[Mapping[str, str]] = {
    "C": "in_channels input_channels channels_in in_ch ch_in c_in n_c_prev nb_channels num_channels"
    " n_channels channels channel input_depth in_depth num_input_channels in_features n_in c"
    " number_of_input_channels n_input_channels in_planes depth_in depth"
    " n_chan input_channel in_channel inc",
    "F": "out_channels output_channels channels_out out_ch ch_out c_out num_filters n_filters"
    " nb_filters filters number_of_filters num_kernels n_kernels kernel_num filter_num kernels"
    " num_filter n_filter n_c number_of_output_channel number_of_output_channels output_depth"
    " out_depth depth num_output out_features filters_count filter_count f n_out"
    " num_output_channels n_out_channels out_planes output_channel out_channel number_filters outc",
    "k": "kernel_size filter_size ksize kernel kernel_shape filter_shape k f size window_size fs"
    " filt_shape filter_dim filter_dimension field receptive_field w_size"
    " kernel_dim kernel_width_height filter",
    "K": "kernel_height filter_height kernel_h filter_h h_filter kh fh hh h",
    "L": "kernel_width filter_width kernel_w filter_w w_filter kw fw ww w",
    "D": "in_features input_features input_size in_size input_dim in_dim n_in n_inputs num_inputs"
    " input_len input_units fan_in inputs input_neurons input_dimension input_neuron_size"
    " channels_in in_channels d_in num_input input_num n_input in_neurons",
    "M": "out_features output_features output_size out_size output_dim out_dim n_out n_outputs"
    " num_outputs nodes units n_units neurons n_neurons num_neurons fan_out num_nodes"
    " output_dimension output_neuron_size output_units hidden_size hidden channels_out"
    " out_channels d_out num_output neurons_count neurons_per_layer numofneurons n_output"
    " number_of_neurons out_neurons num_units",
    "input": "input_shape in_shape x_dim input_dims input_dim inp_shape x_shape shape input_size"
    " in_dim input_dimensions shape_in",
    "N": "batch_size batch n n_images",
    "w": "w weights weight kernels filters kernel filter w_init",
    "b": "b bias biases b_init",
    "size": "size kernel_size pool_size window window_size kernel pool ksize k f pool_shape"
    " kernel_shape filter_size filter_shape filt_shape filter_dim filter_dimension pooling_size"
    " pooling_shape pool_dim fs",
    "size[0]": "pool_h pool_height h_pool ph kernel_h kernel_height hh size_h height h rows"
    " window_h window_height",
    "size[1]": "pool_w pool_width w_pool pw kernel_w kernel_width ww size_w width w cols columns"
    " window_w window_width",
    "stride": "stride strides step s stride_size stride_shape",
    "stride[0]": "stride_h stride_height h_stride sh stride_y",
    "stride[1]": "stride_w stride_width w_stride sw stride_x",
    "padding": "padding pad pads p zero_padding pad_size padding_size",
    "labels": "labels label targets target y t y_true true_labels ground_truth y_batch",
    "rate": "learning_rate lr alpha eta learn_rate step_size rate l_rate",
    "activation": "activation act activation_function act_fn nonlinearity act_type",
    "mode": "mode variant pool_type pool_mode method type",
    "training": "training train is_training is_train save_cache cache_it trainable train_mode"
    " remember",
    "nothing": "l1 l2 reg regularization regularisation lambda lambd lam weight_decay l1_reg l2_reg"
    " reg_lambda momentum mu beta dropout dropout_rate",
    "generator": "rng generator random_generator random_state",
    "seed": "seed random_seed",
    "initializer": "weight_init_fn bias_init_fn w_init_fn b_init_fn weight_init bias_init"
    " weight_initializer bias_initializer weights_initializer kernel_initializer",
    "parameters": "conv_param pool_param hparameters hparams hparam params conv_params pool_params",
}
"""The names that parameters have for a size, a setting or something else, each in one spelling:
`roles` disregards underscores and capitals. `nothing` is what would change a gradient, such as a
regularization, and is set to 0."""

HALVES: Final = ("size[0]", "size[1]", "stride[0]", "stride[1]")
"""Along a single axis: the roles of parameters that only together are a setting."""

CORE: Final[Mapping[str, tuple[str, ...]]] = {
    "Conv2D": ("C", "F", "k", "K", "L", "w", "b", "input", "N", "stride", "padding"),
    "Conv1D": ("C", "F", "k", "L", "w", "b", "input", "N", "stride", "padding"),
    "Linear": ("D", "M", "w", "b", "input", "N"),
    "MaxPool2D": (*HALVES, "size", "input", "N", "stride", "padding", "C"),
    "MaxPool": ("size", "input", "N", "stride", "padding", "C"),
    "ReLU": ("input", "N"),
    "Flatten": ("input", "N"),
    "SoftmaxCrossEntropy": ("N",),
}
"""The roles that a parameter of each layer's constructor may have."""

GENERATORS: Final = ("default_rng", "RandomState")
"""Makers of random number generators, by their names in np.random."""

INITIALIZERS: Final = ("randn", "rand")
"""Functions that draw an array of given lengths, by their names in np.random; two, since a
constructor may take two and each is given once."""

GUESSED: Final[Mapping[str, tuple[str, ...]]] = {
    "Conv2D": ("F", "C", "k", "w", "b"),
    "Conv1D": ("F", "C", "k", "w", "b"),
    "Linear": ("D", "M", "w", "b"),
}
"""What a required parameter whose name tells nothing may stand for: trying decides."""


def roles(name: str, possible: Sequence[str]) -> list[str]:
    """Return those of the possible roles that a parameter's name allows: poolSize is pool_size."""
    plain = name.lower().replace("_", "")
    return [role for role in possible if plain in ROLES[role].replace("_", "").split()]


POSITIONAL: Final = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
VARIABLE: Final = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
ANY_NUMBER: Final = 99  # the number of arguments that a method with *args is said to take


class Access(NamedTuple):
    """How a setting is passed."""

    parameter: str
    how: str  # how the parameter was found: named, position or any
    kind: str = Parameter.KEYWORD_ONLY.name  # the parameter's kind, as in `inspect`


def signature_of(function: Any) -> Signature | None:
    """Return the signature; None if Python knows none."""
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):
        return None


def is_static(thing: Any, method: str) -> bool:
    """Whether a method of a class takes no self."""
    bases = getattr(thing, "__mro__", ())
    written = next((vars(base)[method] for base in bases if method in vars(base)), None)
    return isinstance(written, staticmethod | classmethod)


def parameters_of(function: Any) -> list[Parameter]:
    """Return a function's parameters; none if Python knows no signature."""
    signature = signature_of(function)
    return list(signature.parameters.values()) if signature else []


def accesses(signature: Signature | None, order: Sequence[str]) -> dict[str, Access]:
    """Return how settings are passed, those that can be; order: that of the lab's signature.

    A class whose parameter has a setting's name claims that setting, so that a wrong result is
    wrong; unless the parameter's default is a word, 'valid'. A parameter whose name means another
    setting is not taken by position, nor is one of a height and a width.
    any: through *args or **kwargs, which also accept what is not meant for them.
    """
    if signature is None:
        return {setting: Access(setting, "any") for setting in order}
    parameters = list(signature.parameters.values())
    plain = [each for each in parameters if each.kind not in VARIABLE]
    found = {
        setting: Access(each.name, "named", each.kind.name)
        for setting in order
        for each in reversed(plain)  # of several, the first
        if roles(each.name, (setting,)) and not isinstance(each.default, str)
    }
    by_position = [each for each in parameters if each.kind in POSITIONAL]
    sides = [each.name for each in plain if roles(each.name, HALVES)]
    halves = sides if len(sides) > 1 else []
    rest = next((each for each in parameters if each.kind in VARIABLE), None)
    for position, setting in enumerate(order):
        if setting in found:
            continue
        if position < len(by_position):
            each = by_position[position]
            if not roles(each.name, order) and each.name not in halves:
                found[setting] = Access(each.name, "position", each.kind.name)
        elif rest is not None:
            found[setting] = Access(rest.name, "any", rest.kind.name)
    return found


def arguments(
    signature: Signature | None, order: Sequence[str], settings: Mapping[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the settings as the constructor's (args, kwargs)."""
    if signature is None:
        return (), dict(settings)
    if not settings:
        return (), {}
    found = accesses(signature, order)
    bound = signature.bind_partial()
    for setting, value in settings.items():
        parameter = found[setting].parameter
        match signature.parameters[parameter].kind:
            case Parameter.VAR_POSITIONAL:
                bound.arguments[parameter] = _in_order(order, settings, parameter, found)
            case Parameter.VAR_KEYWORD:
                bound.arguments.setdefault(parameter, {})[setting] = value
            case _:
                bound.arguments[parameter] = value
    bound.apply_defaults()
    return bound.args, bound.kwargs


def _in_order(
    order: Sequence[str], settings: Mapping[str, Any], parameter: str, found: dict[str, Access]
) -> tuple[Any, ...]:
    """Return all that goes into *args, up to the last setting given; defaults fill the gaps."""
    fillers = defaults(order)
    last = max(order.index(setting) for setting in settings)
    return tuple(
        settings.get(setting, fillers.get(setting))
        for setting in order[: last + 1]
        if found[setting].parameter == parameter
    )


def defaults(order: Sequence[str]) -> Mapping[str, int | None]:
    """Return the value that each setting has if it is not given."""
    return {"size": None, "stride": None if "size" in order else 1, "padding": 0}


def counts(signature: Signature | None) -> tuple[int, int]:
    """Return how many arguments a bound method needs at least, and takes at most.

    An optional parameter whose name begins with `_` does not count: it is only there so that
    anything may be passed.
    """
    if signature is None:
        return 0, ANY_NUMBER
    parameters = [
        each
        for each in signature.parameters.values()
        if each.kind in POSITIONAL
        and (each.default is Parameter.empty or not each.name.startswith("_"))
    ]
    least = sum(each.default is Parameter.empty for each in parameters)
    kinds = {each.kind for each in signature.parameters.values()}
    return least, ANY_NUMBER if Parameter.VAR_POSITIONAL in kinds else len(parameters)

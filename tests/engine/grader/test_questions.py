"""What a class is asked: each case is what the names of its feature and of its point say."""

import re
from collections.abc import Callable
from inspect import signature
from itertools import product

import numpy as np
import pytest

import engine
from engine.arrays import Array
from engine.grader.cases import Case, Convention, Feature, Reference, Topic
from engine.grader.questions import BLOCKS, LAB, SETTINGS, Block, Points, topic
from engine.grader.questions import TOPICS as TOPICS_OF
from tests.for_each import for_each

TOPICS = [topic(name) for name in SETTINGS]
WINDOWED = ("Conv1D", "Conv2D", "MaxPool", "MaxPool2D")


def extents(about: Topic, case: Case, name: str, default: int) -> list[int]:
    """A setting along each axis; a convolution's size is that of its w."""
    if name == "size" and not about.pool:
        shape = case.inputs[1].shape
        return list(shape[-about.axes :]) if shape else [1] * about.axes
    value = case.settings.get(name, default)
    return list(value) if isinstance(value, tuple) else [value] * about.axes


def remainders(about: Topic, case: Case) -> list[int]:
    """Along each axis, how many entries lie behind the last window, padding included."""
    steps = extents(about, case, "stride", 1)
    sizes = case.inputs[0].shape[-about.axes :]
    spans, pads = extents(about, case, "size", 1), extents(about, case, "padding", 0)
    each = zip(sizes, pads, spans, steps, strict=True)
    return [(size + 2 * pad - span) % step for size, pad, span, step in each]


def above(about: Topic, case: Case) -> list[int]:
    """Along each axis, by how much the stride exceeds the size."""
    steps = extents(about, case, "stride", 1)
    return list(np.subtract(steps, extents(about, case, "size", 1)))


def square(about: Topic, case: Case, argument: int) -> bool:
    return len(set(case.inputs[argument].shape[-about.axes :])) == 1


FEATURES: dict[str, Callable[[Topic, Case], bool]] = {
    # part of a feature's name -> whether it is true of a case
    "windows that leave a remainder": lambda about, case: any(remainders(about, case)),
    "windows that overlap": lambda about, case: min(above(about, case)) < 0,
    "windows that skip entries": lambda about, case: max(above(about, case)) > 0,
    "a stride that leaves a remainder": lambda about, case: any(remainders(about, case)),
    "a stride that skips entries": lambda about, case: max(above(about, case)) > 0,
    "padding": lambda about, case: max(extents(about, case, "padding", 0)) > 0,
    "stride": lambda about, case: max(extents(about, case, "stride", 1)) > 1,
    "an x that is no square": lambda about, case: not square(about, case, 0),
    "a rectangular w": lambda about, case: not square(about, case, 1),
    "windows over a rectangle": lambda about, case: not square(about, case, 0),
    "a pair as size": lambda _, case: isinstance(case.settings["size"], tuple),
    "a pair as stride": lambda _, case: isinstance(case.settings["stride"], tuple),
    "a pair as padding": lambda _, case: isinstance(case.settings["padding"], tuple),
}


@for_each("said", FEATURES)
def test_a_feature_is_asked_for_by_nothing_else(said: str) -> None:
    asked = [
        (about, case)
        for about in TOPICS
        if about.name in WINDOWED
        for each in about.features
        if said in each.what
        for case in each.cases
    ]
    assert asked
    assert [case for about, case in asked if not FEATURES[said](about, case)] == []


@pytest.mark.parametrize(
    ("word", "said"),
    [("remainder", "windows that leave a remainder"), ("padding", "padding")],
)
def test_a_feature_that_does_not_say_so_does_not_ask_for_it(word: str, said: str) -> None:
    asked = [
        (each.name, case.settings)
        for about in TOPICS
        if about.name in WINDOWED
        for each in about.features
        if word not in each.name
        for case in each.cases
        if FEATURES[said](about, case)
    ]
    assert asked == []


def test_every_feature_is_claimed_but_those_that_few_classes_take() -> None:
    few = re.compile("no square|pairs? as|windows that leave a remainder|labels")
    for about in TOPICS:
        for each in about.features:
            assert each.claimed != bool(few.search(each.name)), each.name


def largest(x: Array) -> int:
    """How many entries equal the maximum."""
    return int((x == x.max()).sum())


POINTS: dict[str, Callable[[Array], bool | np.bool]] = {
    # a point's name -> whether it is true of these numbers as one window
    "a unique maximum": lambda x: largest(x) == 1,
    "a tie of two": lambda x: largest(x) == 2,
    "a tie of three": lambda x: largest(x) == 3,
    "a tie at 0": lambda x: largest(x) > 1 and x.max() == 0,
    "a = 0 is the largest": lambda x: largest(x) == 1 and x.max() == 0,
    "all negative": lambda x: x.max() < 0,
    "all positive": lambda x: x.min() > 0,
    "all alike": lambda x: largest(x) == x.size > 1,
    "all 0": lambda x: not x.any(),
    "zeros": lambda x: bool(x.any()) and not x.all(),
    "a single entry": lambda x: x.size == 1,
}


@for_each("said", POINTS)
def test_a_points_numbers_are_what_its_name_says(said: str) -> None:
    of_one_axis = [
        case.inputs[0]
        for about in TOPICS
        if about.name in ("ReLU", "MaxPool", "MaxPool2D")
        for case in (each for feature in about.features for each in feature.cases)
        # only the shortest form, which the others stack
        if case.point == said and case.inputs[0].ndim == about.axes
    ]
    of_lab = [np.multiply(x, w) for point, x, w, _ in LAB if point == said]
    assert of_one_axis or of_lab
    for numbers in (*of_one_axis, *of_lab):
        assert POINTS[said](numbers), numbers


def covered(about: Topic, case: Case) -> list[list[tuple[int, ...]]]:
    """Of each window of a pool the entries that it covers, without padding."""
    along = []
    for axis, length in enumerate(case.inputs[0].shape[-about.axes :]):
        settings = (("size", 1), ("stride", 1), ("padding", 0))
        size, step, pad = (extents(about, case, each, default)[axis] for each, default in settings)
        starts = range(-pad, length + pad - size + 1, step)
        along.append([[at for at in range(length) if 0 <= at - start < size] for start in starts])
    return [[*product(*each)] for each in product(*along)]


def test_at_ties_a_window_has_several_entries_that_are_its_largest() -> None:
    asked = [
        (about, case)
        for about in (topic("MaxPool"), topic("MaxPool2D"))
        for each in about.features
        for case in each.cases
        if case.point == "ties"
    ]
    assert asked
    for about, case in asked:
        channel = case.inputs[0][(0,) * (case.inputs[0].ndim - about.axes)]
        windows = [np.array([channel[at] for at in each]) for each in covered(about, case)]
        assert any(largest(each) > 1 for each in windows), (channel, case.settings)


def test_where_nothing_comes_back_nothing_is_sent_in() -> None:
    asked = [
        (about.name, case.inputs[0].ndim, case.dout)
        for about in TOPICS
        for each in about.features
        for case in each.cases
        if case.point == "nothing comes back"
    ]
    assert {(name, axes) for name, axes, _ in asked} >= {("MaxPool", axes) for axes in (1, 2, 3)}
    assert not any(np.any(dout) for *_, dout in asked)


def test_the_labs_points_of_w_are_what_their_names_say() -> None:
    named = {point: w for point, _, w, _ in LAB}
    assert named["a negative w"] < 0
    assert named["w = 0"] == 0


def test_at_the_labs_points_the_upstream_gradient_is_the_labs_too() -> None:
    """If it were always 1, a block that forgets it would be right at all of them."""
    dz = {(point, tuple(np.multiply(w, x))): dz for point, x, w, dz in LAB}
    assert {*dz.values()} > {1}
    first, *others = topic("ConvBlock").features
    for case in first.cases:
        if case.point != "random":
            x, w = case.inputs
            assert case.dout == dz[case.point, tuple(w * x)]
    for each in others:
        sent = [case.dout.flat[0] for case in each.cases if case.point != "random"]
        assert sent == ([] if each.bias else [*dz.values()])


RANDOM = [
    (about, case)
    for about in TOPICS
    for each in about.features
    for case in each.cases
    if case.point == "random"
]


def test_random_numbers_hide_nothing() -> None:
    # A 0 hides a wrong factor, a 1 a missing one, two equal numbers that they were exchanged.
    for about, case in RANDOM:
        for name, values in zip(about.inputs, case.inputs, strict=False):
            assert name == "b" or values.all()
            assert len({*values.flat}) == values.size
            assert name == "b" or values.size < 2 or values.min() < 0 < values.max()


def test_the_gradient_of_a_bias_has_either_sign() -> None:
    """Otherwise db * (db > 0), say, would be right, too."""
    for about, case in RANDOM:
        b = case.inputs[2] if about.inputs[2:] == ("b",) and len(case.inputs) == 3 else np.array(0)
        if b.ndim and about.name != "ConvBlock":
            filters = case.dout.ndim - 1 - about.axes * (about.name in WINDOWED)
            others = tuple(axis for axis in range(case.dout.ndim) if axis != filters)
            db = case.dout.sum(axis=others)
            assert db.min() < 0 < db.max()


def test_what_comes_back_hides_nothing() -> None:
    for _, case in RANDOM:
        flat = case.dout.ravel()
        assert flat.all()
        assert not (np.abs(flat) == 1).any()
        assert len({*np.abs(flat)}) == min(flat.size, 12)
        assert flat.size < 2 or flat.min() < 0 < flat.max()
    by_hand = {"by hand", "random", "an upstream gradient"}
    drawn = [
        case
        for about in TOPICS
        for each in about.features
        for case in each.cases
        if case.point not in by_hand
    ]
    assert all((case.dout >= 0).all() for case in drawn)  # so brackets are valid at kinks


def test_axes_before_the_spatial_ones_are_told_apart() -> None:
    """By their lengths: code that exchanges them, or reads only the first, is wrong somewhere."""
    for about, case in RANDOM:
        x = case.inputs[0]
        if about.name in ("Conv1D", "Conv2D") and x.ndim > about.axes:
            filters, channels = case.inputs[1].shape[:2]
            assert filters != channels
            assert x.ndim == about.axes + 1 or x.shape[0] != x.shape[1]
            assert x.shape[0] > 1
    for about in TOPICS:
        if about.name in ("MaxPool", "MaxPool2D", "ReLU"):
            shapes = [case.inputs[0].shape for of, case in RANDOM if of is about]
            axes = 1 if about.name == "ReLU" else about.axes
            single = {1} if about.pool else set()  # of a ReLU an axis of 1 is no special case
            assert {shape[0] for shape in shapes if len(shape) == axes + 1} >= {2, 3, *single}
            leads = {shape[:2] for shape in shapes if len(shape) == axes + 2}
            assert any(1 < examples < channels for examples, channels in leads)
            assert any(examples > channels for examples, channels in leads)
            assert single <= {examples for examples, _ in leads}


def test_height_and_width_are_told_apart_by_cases_of_either_order() -> None:
    """One order alone is right for code that takes the larger of the two, or always the first."""
    for about in TOPICS:
        for each in about.features:
            if each.what == "windows over a rectangle":
                pairs = [[*case.inputs[0].shape[-2:]] for case in each.cases]
            elif one := re.match(r"a pair as (\w+)", each.what):
                pairs = [extents(about, case, one[1], 1) for case in each.cases]
            else:
                continue
            assert {height > width for height, width in pairs} == {True, False}, each.name
            assert all(height != width for height, width in pairs), each.name


@pytest.mark.parametrize("name", ["MaxPool", "MaxPool2D"])
def test_numbers_by_hand_differ_from_channel_to_channel_and_example(name: str) -> None:
    about = topic(name)
    by_hand = [
        case.inputs[0] for each in about.features for case in each.cases if case.point == "by hand"
    ]
    stacks = [h for h in by_hand if h.ndim > about.axes]
    stacks += [
        case.dout
        for each in about.features
        for case in each.cases
        # if there is one output only, they all are sent the same number
        if case.point == "by hand" and "size" in case.settings and case.dout.ndim > about.axes
    ]
    assert stacks
    for h in stacks:
        assert not np.array_equal(h[0], h[1])
        if h.ndim > about.axes + 1:
            assert not np.array_equal(h[0, 0], h[0, 1])


@pytest.mark.parametrize("name", ["MaxPool", "MaxPool2D"])
def test_by_hand_the_maximum_of_one_window_is_an_entry_of_another(name: str) -> None:
    about = topic(name)
    asked = next(each for each in about.features if each.what == "windows")
    case = next(case for case in asked.cases if case.point == "by hand")
    assert case.settings == {"size": 2, "stride": 2}
    windows = np.lib.stride_tricks.sliding_window_view(case.inputs[0], (2,) * about.axes)
    side_by_side = windows[(slice(None, None, 2),) * about.axes].reshape(-1, 2**about.axes)
    largest = side_by_side.max(axis=1, keepdims=True)
    assert (np.isin(side_by_side, largest) & (side_by_side < largest)).any()


def test_a_bias_hides_nothing() -> None:
    for about, case in RANDOM:
        if case.spare is None:
            continue
        w = case.inputs[1]
        lead = w.shape[:1] if w.ndim > about.axes or about.name == "Linear" else ()
        assert case.spare.shape == lead
        assert case.spare.any()
        assert len({*case.spare.flat}) == case.spare.size
        # A number of x or of w in its place would be noticed.
        assert not np.isin(case.spare, [*case.inputs[0].flat, *w.flat]).any()


@for_each("about", TOPICS)
def test_a_topic_has_the_settings_and_the_kinks_of_the_engines_layer(about: Topic) -> None:
    if about.name != "Sequential":
        parameters = tuple(signature(getattr(engine, about.name)).parameters)
        assert about.settings == parameters[: len(about.settings)]
    references = [
        Reference(about, case)
        for each in about.features
        for case in each.cases
        if case.point != "random"
    ]

    def matters(one: Convention, other: Convention) -> bool:
        return any(
            not all(map(np.array_equal, each.grads(one), each.grads(other))) for each in references
        )

    assert about.relu == matters(Convention(0.0), Convention(1.0))
    assert about.pool == matters(Convention(0.0, "first"), Convention(0.0, "all"))


@for_each(
    ("name", "output", "alone"),
    [
        *((name, "a", False) for name in ("Conv1D", "Conv2D")),
        *((name, "z", False) for name in ("MaxPool", "MaxPool2D")),
        *((name, "y", False) for name in ("Linear", "Flatten")),
        ("ReLU", "h", False),
        ("ConvBlock", "z", True),  # whose output is one number, as that of a loss is
        ("SoftmaxCrossEntropy", "loss", True),
        ("Sequential", "output", False),
    ],
)
def test_an_output_has_its_name_in_the_lab_and_may_be_one_number(
    name: str, output: str, alone: bool
) -> None:
    assert (topic(name).output, topic(name).scalar) == (output, alone)


def test_random_numbers_are_away_from_kinks_and_the_same_each_time() -> None:
    for about, case in RANDOM:
        if about.name in ("ReLU", "MaxPool", "ConvBlock"):
            assert not Reference(about, case).kinked
    for name, (_, features) in TOPICS_OF.items():
        if "2D" in name:
            continue  # of which there are many, drawn by the same means
        for one, other in zip(topic(name).features, features(Points(name)), strict=True):
            for case, again in zip(one.cases, other.cases, strict=True):
                assert all(map(np.array_equal, case.inputs, again.inputs))
                assert np.array_equal(case.dout, again.dout)


FIRST = {
    *("", "the whole axis", "both axes whole", "windows", "layers without w"),
    *("labels with the logits", "labels given to the constructor"),
    *("convolution, ReLU, pool", "two convolutions"),
}
"""What is asked whatever else is offered; everything else only of a class that offers that."""


def test_a_further_question_is_asked_within_one_of_the_same_form_before_it() -> None:
    for about in TOPICS:
        before: dict[str, Feature] = {}
        for each in about.features:
            assert bool(each.within) == (each.what not in FIRST), each.name
            if each.within:
                assert before[each.within].form == each.form
                narrow = before[each.within].what
                assert narrow in ("", "windows", "labels with the logits", "a rectangular w")
                of_rectangles = re.match("a rectangular w.", each.what) is not None
                assert (narrow == "a rectangular w") == of_rectangles
            before[each.name] = each


def test_a_bias_is_given_where_it_is_asked_for() -> None:
    for about in TOPICS:
        for each in about.features:
            assert each.bias == (each.what == "b")
            taken = [len(case.inputs) == 3 for case in each.cases if about.inputs[2:] == ("b",)]
            assert not taken or {*taken} == {each.bias}


FREE: dict[tuple[str, str], tuple[int, ...]] = {
    # what numpy's broadcasting alone gives the right output for, and whose gradients then do not
    # have these inputs' shapes: x of several filters, the weights of a w · x or of an x @ w.T
    ("Conv1D", "several scalar filters w (F, 1)"): (0, 1),
    ("ConvBlock", "several scalar filters w (F, 1)"): (0, 1),
    ("ReLU", "a scalar a"): (0,),
    ("Linear", "one example x (D,)"): (1, 2),
    ("Linear", "minibatches x (N, D)"): (1, 2),
}


def test_what_broadcasting_offers_is_known() -> None:
    for about in TOPICS:
        for each in about.features:
            pairs = each.what.startswith(("a pair", "pairs"))
            free = (0,) if pairs else FREE.get((about.name, each.name), ())
            assert each.free == free, (about.name, each.name)


@for_each(("form", "block"), BLOCKS.items())
def test_the_labs_block_computes_w_times_x_in_every_form(form: str, block: Block) -> None:
    x, w = np.array([1, -2, 3, 0.5]), -1.5
    a = engine.Conv1D().forward(*(np.array(each, float) for each in block.lift(x, w)))
    first, *others = a.reshape(-1, 4)
    assert np.array_equal(first, w * x)
    if len(others) == 3:  # (N, F, L): the second example has the channels the other way round
        assert np.array_equal(others, w * np.array([0.5 * x[::-1], x[::-1], 0.5 * x]))
    else:
        assert all(
            np.array_equal(each, 0.5 * w * x[:: -1 if "C" in form else 1]) for each in others
        )
    assert ("F" in form or "C" in form) == bool(others)


def test_a_block_that_takes_layers_gets_those_of_the_lab() -> None:
    cases = [case for each in topic("ConvBlock").features for case in each.cases]
    assert {case.layers for case in cases} == {("Conv1D", "ReLU", "MaxPool")}


def test_labels_are_bound_where_the_constructor_is_to_get_them() -> None:
    features = {each.what: each for each in topic("SoftmaxCrossEntropy").features}
    for what, bound in (
        ("labels with the logits", False),
        ("labels given to the constructor", True),
        ("large logits", False),
    ):
        assert {case.bound for case in features[what].cases} == {bound}
        assert len({float(case.dout) for case in features[what].cases}) == len(features[what].cases)


def test_what_is_advised_for_large_logits_does_not_overflow_and_is_right() -> None:
    *_, large = topic("SoftmaxCrossEntropy").features
    (case,) = large.cases
    formula = large.advice.partition(", with m")[0]
    assert case.labels is not None
    with np.errstate(over="ignore"):
        assert np.isinf(np.exp(case.inputs[0])).any()
    losses = [
        eval(formula, {**vars(np), "logits": row, "m": row.max(), "label": label})
        for row, label in zip(case.inputs[0], case.labels, strict=True)
    ]
    # log(e^1000 + 1 + e²) − 0 and log(e^−1000 + e^−999 + e³) + 999, of which the largest counts
    np.testing.assert_allclose(losses, [0, 1002])


def test_a_maximum_that_is_cut_off_is_negative() -> None:
    (case,) = (
        case
        for each in topic("Sequential").features
        for case in each.cases
        if case.point == "a maximum that is cut off"
    )
    assert case.layers == ("MaxPool", "ReLU")
    assert case.inputs[0].max(axis=-1).min() < 0 < case.inputs[0].max()

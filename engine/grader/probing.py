"""Finds out, by trying, how a layer of another interface is taken: a `Plan`, where it is certain.

A layer whose forward gives the engine's numbers is taken as it then was called; where none does, a
layer is still taken whose weights and axes no other reading fits, and which is linear in both: then
it is wrong, not other.
"""

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from traceback import walk_tb
from typing import Any, Final, NamedTuple

import numpy as np

from engine.grader.adapter import Adapter, leaves
from engine.grader.blame import has_raised
from engine.grader.candidates import Candidate, gives_several
from engine.grader.drafts import WHOLE, Drafts, is_cache, is_guessed, without_context
from engine.grader.held import arrays, at_path, kept_array
from engine.grader.interfaces import (
    LAB_SHAPES,
    LOSS,
    SHAPES,
    WEIGHTED,
    Shapes,
    arranged,
    roles,
    same_order,
    shape_of,
)
from engine.grader.plan import HANDED, UNKNOWN, Axes, Plan, Way, roles_in
from engine.grader.probe import (
    INPUT_GRADIENTS,
    RECOGNIZED,
    SETTINGS_TRIED,
    Probe,
    probe,
    same,
    shape,
)
from engine.grader.wire import Numbers, pack_gradients

MOST_CALLS: Final = 1500
SQUARE_SIZES: Final = {"Conv2D": {"W": 8, "X": 6}, "MaxPool2D": {"W": 8, "X": 4}}
"""The sizes in which a layer is tried that may be for square images alone."""
EQUAL_SIZES: Final = {
    "Conv2D": dict.fromkeys("NCFKLYX", 3) | dict.fromkeys("HW", 5),
    "Conv1D": dict.fromkeys("NCFLX", 3) | {"W": 5},
    "Linear": dict.fromkeys("NDM", 3),
}
"""Sizes in which all that may be multiplied is as long."""
SPECIAL_SIZES: Final[Mapping[str, Sequence[Mapping[str, int]]]] = {
    "Conv2D": [{"N": 1}, {"C": 1}, {"F": 1}],
    "Conv1D": [{"N": 1}, {"C": 1}, {"F": 1}],
    "Linear": [{"M": 1}, *({"N": examples} for examples in (1, 32, 64, 100, 128))],
}
"""Sizes for which alone a backward may be meant; of an x of one entry the transpose is the same."""
OF_LENGTHS: Final = re.compile(
    r"mismatch|not aligned|could not be broadcast|non-broadcastable|out of bounds"
)
"""What numpy says where the lengths of arrays do not go together; of their number of axes, other
words, for then an array of another kind may be meant."""
GRADIENT_NAME: Final = re.compile(r"_*(d|g|nabla|delta)_?\w*|.*grad\w*", re.IGNORECASE)
OUTPUTS: Final = "output outputs out result"
STEP: Final[list[Any]] = ["step", None]
"""Where the gradient is of who takes it off the weights at once."""


class Failed(NamedTuple):
    """A call of theirs raised; at: in which method."""

    at: str
    error: BaseException


@dataclass
class Told:
    """Why there is no plan: what was raised, and what was found in the place of what is needed."""

    failures: list[Failed] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


class Tried(NamedTuple):
    """What a layer is tried with: shapes, settings of a pool, sizes in the place of `PROBED`."""

    shapes: Sequence[Shapes]
    settings: Mapping[str, int]
    sizes: Mapping[str, int] = {}


class Search(NamedTuple):
    """What came of all drafts: a plan; whether some forward gave the engine's numbers.

    fallen: the plans of which only backward raises, where that is all whose forward is right.
    """

    plan: Plan | None
    right: bool
    fallen: Sequence[Plan] = ()


class Left(NamedTuple):
    """What a backward pass left.

    instance: with the arrays in it. before: these by their paths, before the pass. values: what
    backward gave; the one at `dx` is the gradient of x.
    """

    instance: Any
    before: Mapping[str, Numbers]
    values: Sequence[Any]
    dx: int


class Source(NamedTuple):
    """Where a gradient is, None where it is not found; its axes there; whether it is right."""

    where: list[Any] | None = None
    axes: str = ""
    right: bool = False


class Reading(NamedTuple):
    """One way to call backward: the plan with what it gives, None where that is not certain.

    right: of the gradients of w and b, which are right. unsure: that nobody can tell whether one is
    wrong or something else, which ends the search. misread: that it may be meant for other inputs.
    """

    plan: Plan | None = None
    right: Sequence[bool] = ()
    unsure: bool = False
    misread: bool = False


class Prober:
    """Tries one layer.

    telling: whether its name leaves no doubt of what it is, so that wrong numbers are wrong. alone:
    whether nothing but a plan will do, so that the shapes of the lab's own exercise are tried, too.
    kept: whether a forward leaves its output in an attribute alone; otherwise: whether a loss was
    called otherwise than the lab's, and is none so. told: why there is no plan.
    """

    def __init__(self, layer: Candidate, topic: str, *, telling: bool, alone: bool) -> None:
        self._things, self._topic = layer.things, topic
        self._forward, self._backward = layer.forward, layer.backward
        self._telling, self._alone = telling, alone
        self._drafts = Drafts(layer, topic)
        self._weighted, self._loss = topic in WEIGHTED, topic == LOSS
        self._tried = Tried(SHAPES[topic], SETTINGS_TRIED.get(topic, {}))
        self._calls = 0
        self._near = self.kept = self.otherwise = False
        self.told = Told()

    def plan(self) -> Plan | None:
        """How it is taken; None where nothing is certain."""
        search, told = self._search(), self.told
        if search.fallen:
            self.told = Told()
            found = self._as_falling(search.fallen)
            self.told = told
            return found
        for tried in self._otherwise():
            if search.plan or search.right or self._calls > MOST_CALLS:
                break
            self._tried, self.told = tried, Told()
            search = self._search()
            if not (search.plan or search.right):
                self.told = told
        return search.plan

    def _otherwise(self) -> Iterator[Tried]:
        """What is tried next: square images, for which alone it may be, and the lab's own exercise.

        Not that where an output had as many axes as there should be: it is for other shapes.
        """
        if squares := SQUARE_SIZES.get(self._topic):
            yield self._tried._replace(sizes=squares)
        if self._alone and not self._near and (shapes := LAB_SHAPES.get(self._topic)):
            yield Tried(shapes, {})

    def _as_falling(self, fallen: Sequence[Plan]) -> Plan | None:
        """How it is taken whose backward raises, whatever the shapes: then it is wrong, not other.

        One that goes back through square images alone is taken for these. Else where the gradients
        are is seen where all lengths are alike, for there a forgotten transpose raises nothing.
        """
        ordinary = self._tried
        if squares := SQUARE_SIZES.get(self._topic):
            self._tried = ordinary._replace(sizes=squares)
            search = self._search()
            if search.plan or len(fallen) != len(search.fallen):
                return search.plan
        for plan in fallen:
            self._tried = ordinary._replace(sizes=EQUAL_SIZES[self._topic])
            found = self._with_backward(plan).plan
            self._tried = ordinary
            if found:
                return self._with_more_forms(found)
        return None

    def _falls(self, plan: Plan) -> bool:
        """Whether backward, called in the only possible way, raises for lengths that do not match.

        In whatever order of the output's axes it is given what comes back, and forward takes
        nothing that could be meant otherwise; nor is it right where some axis has one entry alone,
        or as many as a minibatch often has, for which it then is.
        """
        backs = list(self._drafts.backwards(plan))
        if not self._weighted or len(backs) != 1 or not self._drafts.is_plain(plan, backs[0]):
            return False
        axes, plan = plan.forms[0], replace(plan, back=backs[0])
        x, w, given = axes.theirs
        turned = [
            Axes(axes.ours, (x, w, order))
            for order in dict.fromkeys((given, *self._shapes_of(axes).outputs))
            if ("N" in order) == ("N" in given)
        ]
        gone = (
            self._gone_back(replace(plan, forms=[each]), self._asked(axes, bias=plan.bias))
            for each in turned
        )
        if not all(isinstance(each, BaseException) and _is_of_lengths(each) for each in gone):
            return False
        return not any(self._may_be_for(plan, **sizes) for sizes in SPECIAL_SIZES[self._topic])

    def _may_be_for(self, plan: Plan, **sizes: int) -> bool:
        """Whether backward is right for these sizes, or, as forward raises, none can tell."""
        asked = self._asked(plan.forms[0], bias=plan.bias, **sizes)
        given = self._gone_back(plan, asked)
        if isinstance(given, BaseException):
            return False
        right = asked.theirs(asked.grads[0], plan.forms[0], 0)
        return given is None or any(same(each, right) for each in given)

    def _gone_back(self, plan: Plan, asked: Probe) -> Sequence[Any] | BaseException | None:
        """What backward gives, or raises; None where forward raises."""
        axes, adapter = plan.forms[0], self._adapter(plan)
        if self._called(adapter, asked) is None:
            return None
        try:
            x, dout = (axes.first(np.copy(each)) for each in (asked.x, asked.dout))
            return leaves(adapter.call_back(x, dout))
        except BaseException as error:  # noqa: BLE001 - theirs may raise anything
            return error

    def _search(self) -> Search:
        """How it is taken, in the shapes that are tried now."""
        likely: list[tuple[Plan, Any]] = []
        certain: list[Told] = []
        fallen: list[Plan] = []
        settings = self._tried.settings
        for each in self._drafts.plans():
            fixed = {name: value for name, value in each.fixed.items() if name in settings}
            draft = replace(each, square=bool(self._tried.sizes), fixed=fixed)
            if self._calls > MOST_CALLS:
                break
            for sure, plan, alike in self._forwards(draft):
                if sure:
                    before = len(self.told.failures)
                    whole = self._with_backward(plan)
                    if whole.plan:
                        return Search(self._with_more_forms(whole.plan), True)
                    certain.append(Told(self.told.failures[before:], self.told.reasons[-1:]))
                    if self._falls(plan):
                        fallen.append(plan)
                    if whole.unsure:
                        self.told = Told([], self.told.reasons)
                        return Search(None, True)
                elif self._telling and not is_guessed(draft):
                    likely.append((plan, alike))
        if certain:
            self.told = certain[0]
            return Search(None, True, fallen if len(fallen) == len(certain) else ())
        if self._weighted and likely:
            likely = [each for each in likely if self._linear(each[0])]
            if not likely:
                self.told.reasons.append(
                    "what forward gives is not linear in x and its weights (there may be an "
                    "activation, or a bias of more than one number for each output channel)"
                )
        if likely and len({str(alike) for _, alike in likely}) == 1:
            return Search(self._with_backward(likely[0][0]).plan, False)
        if likely:
            self.told.reasons.append("its weights and axes can be read in more than one way")
        return Search(None, False)

    # Forward

    def _shapes_of(self, axes: Axes) -> Shapes:
        return next(each for each in self._tried.shapes if each.ours == axes.ours)

    def _asked(self, axes: Axes, *, bias: Any, seed: int = 1, **sizes: int) -> Probe:
        _, settings, known = self._tried
        known = {**known, **sizes}
        return probe(
            self._topic, axes.ours, bias=bool(bias), seed=seed, settings=settings, sizes=known
        )

    def _adapter(self, plan: Plan) -> Adapter:
        return Adapter(self._things, plan, self._tried.settings)

    def _called(self, adapter: Adapter, asked: Probe) -> Any:
        """What forward gives as it stands; None where it raises."""
        self._calls += 1
        with self._noting(adapter):
            adapter.begin(*asked.inputs)
            return adapter.call(adapter.axes.first(np.copy(asked.x)))

    @contextlib.contextmanager
    def _noting(self, adapter: Adapter) -> Iterator[None]:
        """Whatever theirs raises is noted, and no more."""
        try:
            yield
        except BaseException as error:  # noqa: BLE001 - theirs may raise anything
            self.told.failures.append(Failed(adapter.at, error))

    def _is_right(self, plan: Plan, asked: Probe) -> bool:
        """Whether forward gives the engine's numbers."""
        raw = self._called(self._adapter(plan), asked)
        return raw is not None and same(raw, asked.theirs(asked.output, plan.forms[0], 2))

    def _forwards(self, draft: Plan) -> Iterator[tuple[bool, Plan, Any]]:
        """Readings of a draft: whether the numbers are the engine's, the plan, and its essence."""
        for shapes in self._tried.shapes:
            if self._topic == "Flatten" and shapes.ours[0] == "ND":
                continue  # there is nothing to flatten: one more axis would be as right
            for axes in shapes.inputs:
                yield from self._readings(draft, shapes, axes)

    def _readings(self, draft: Plan, shapes: Shapes, x: str) -> Iterator[tuple[bool, Plan, Any]]:
        """Of one order of x's axes: every place for the weights, every order of theirs."""
        handed = "w" in roles_in(draft.arguments, draft.constructor)
        for w in shapes.weights if handed else shapes.weights[:1]:
            axes = Axes(shapes.ours, (x, w, shapes.outputs[0]))
            if axes.singly and draft.one_hot == "ND":
                continue  # once all ways to take several at a time have been tried
            alone = {"N": 1} if axes.singly and self._loss else {}
            asked = self._asked(axes, bias=self._weighted, **alone)
            plan = replace(draft, forms=[axes], bias=draft.bias or UNKNOWN)
            adapter, failed = self._adapter(plan), len(self.told.failures)
            raw = self._called(adapter, asked)
            if raw is None and (kept := kept_array(adapter.instance, OUTPUTS)):
                self.kept |= len(self.told.failures) == failed
                plan = replace(plan, output=kept)
                adapter = self._adapter(plan)
                raw = self._called(adapter, asked)
            if raw is None:
                continue
            for output in self._outputs(raw, shapes, axes, asked):
                axes = Axes(shapes.ours, (x, w, output))
                read = replace(plan, forms=[axes], bias=draft.bias)
                if draft.weight == HANDED:
                    right = asked if read.bias else self._asked(axes, bias=False)
                    yield self._is_right(read, right), read, axes.of_one
                elif self._weighted:
                    yield from self._held(read, shapes, asked, adapter)
                elif self._loss:
                    # One of the two being right tells that the other one is wrong.
                    loss = same(np.reshape(raw, ()), asked.output)
                    if (loss or self._gives_gradient(read, asked)) and not self._sums(read):
                        yield True, read, ""
                    else:
                        self.otherwise |= bool(read.one_hot or axes.singly)
                        self.told.reasons.append(
                            "neither what forward gives nor its gradient is that of the mean "
                            "cross entropy of softmax(logits) (it may take probabilities)"
                        )
                else:
                    yield same(raw, asked.theirs(asked.output, axes, 2)), read, axes.of_one

    def _sums(self, plan: Plan) -> bool:
        """Whether a loss that is right of one example gives of several not their mean, but the sum.

        Then it is meant for several.
        """
        if not plan.forms[0].singly:
            return False
        for order in ("ND", "DN"):
            several = Axes(plan.forms[0].ours, (order, "", ""))
            asked = self._asked(several, bias=False)
            tried = replace(plan, forms=[several], one_hot=plan.one_hot and order)
            total = self._called(self._adapter(tried), asked)
            if total is not None and same(total, asked.output * len(asked.x)):
                return True
        return False

    def _gives_gradient(self, plan: Plan, asked: Probe) -> bool:
        """Whether what a loss gives back is the gradient of ours.

        One of probabilities says nothing of a forward of logits: both may be of probabilities.
        """
        for back in self._drafts.backwards(plan):
            if "probabilities" in roles_in(back):
                continue
            adapter = self._adapter(replace(plan, back=back))
            if self._called(adapter, asked) is None:
                return False
            given: Any = None
            with contextlib.suppress(BaseException):  # theirs may raise anything
                given = adapter.call_back(
                    plan.forms[0].first(np.copy(asked.x)), np.float64(asked.dout)
                )
            if given is None and (kept := kept_array(adapter.instance, INPUT_GRADIENTS)):
                given = at_path(adapter.instance, kept)
            scale = 1.0 if "dout" in roles_in(back) else float(asked.dout)
            right = asked.theirs(asked.grads[0] / scale, plan.forms[0], 0)
            if any(same(each, right) for each in leaves(given)):
                return True
        return False

    def _outputs(self, raw: Any, shapes: Shapes, axes: Axes, asked: Probe) -> Iterator[str]:
        """The order of axes that an output's shape allows."""
        if self._loss:
            if isinstance(raw, int | float | np.number | np.ndarray) and np.size(raw) == 1:
                yield ""
            else:
                kind = type(raw).__name__
                self.told.reasons.append(f"forward gives something of type {kind}, not one number")
            return
        x, w, _ = axes.theirs
        orders = [each for each in shapes.outputs if ("N" in each) == ("N" in x)]
        needed = [
            asked.theirs(asked.output, Axes(axes.ours, (x, w, each)), 2).shape for each in orders
        ]
        got = shape(raw)
        given = asked.theirs(asked.x, axes, 0)
        # A scalar w makes of any x one of its shape.
        scaled = self._weighted and got == given.shape
        self._near |= got is not None and not scaled and len(got) in map(len, needed)
        fitting = [order for order, needs in zip(orders, needed, strict=True) if got == needs]
        if not fitting and axes.ours[2] and got is not None:
            reason = f"forward gives the shape {got} for {given.shape}, not {needed[0]}"
            if self._weighted and same(raw, given):
                reason = "forward gives back what it is given, as an activation of no effect does"
            self.told.reasons.insert(0, reason)
        yield from fitting[:1]

    def _held(
        self, plan: Plan, shapes: Shapes, asked: Probe, adapter: Adapter
    ) -> Iterator[tuple[bool, Plan, Any]]:
        """The weights lie in the instance: every array of their shape is tried."""
        x, _, output = plan.forms[0].theirs
        known = plan.forms[0].sizes(asked.x, asked.w)
        held = list(_distinct(arrays(adapter.instance)))
        assert asked.b is not None
        biases = [path for path, array in held if array.size == asked.b.size and _is_line(array)]
        whole = _without_examples(asked.theirs(asked.output, plan.forms[0], 2), output).shape
        untied = [path for path, array in held if array.shape == whole and path not in biases]
        fits = [
            (path, axes)
            for path, array in held
            for axes in shapes.weights
            if array.shape == shape_of(axes, known)
        ]
        if not fits:
            needs = shape_of(shapes.weights[0], known)
            self.told.reasons.append(
                f"no attribute of it holds its weights as one array of the shape {needs}, "
                "in whatever order of axes"
            )
            return
        fresh, rate = self._instance_before(plan, asked), _rate(adapter.instance)
        without = self._asked(plan.forms[0], bias=False)
        for path, w in fits:
            axes = Axes(shapes.ours, (x, w, output))
            builds = fresh is None or at_path(fresh, path) is None
            base = replace(plan, forms=[axes], weight=path, builds=builds, rate=rate)
            taken = [
                replace(base, bias=bias, untied=bias in untied)
                for bias in (*biases, *untied)
                if bias != path
            ]
            for tried in (*taken, base):
                if self._is_right(tried, asked if tried.bias else without):
                    found = tried if tried.bias else self._without_its_bias(taken) or tried
                    yield True, found, (path, w, found.bias)
                    break
            else:
                tried = next((each for each in taken if self._moves(each, asked)), base)
                yield False, tried, (path, axes.of_one)

    def _instance_before(self, plan: Plan, asked: Probe) -> Any:
        """One that has had no pass yet; None where none can be made."""
        adapter = self._adapter(replace(plan, bias=UNKNOWN))
        with contextlib.suppress(BaseException):  # theirs may raise anything
            adapter.begin(*asked.inputs)
            return adapter.make()

    def _moves(self, plan: Plan, asked: Probe) -> bool:
        """Whether what is taken for a bias is added to the output."""
        tried = self._adapter(plan)
        assert asked.b is not None
        first = self._called(tried, asked)
        second = self._called(tried, replace(asked, b=asked.b + 1))
        return first is not None and second is not None and same(second, np.asarray(first) + 1)

    def _without_its_bias(self, taken: Sequence[Plan]) -> Plan | None:
        """The plan with a bias that forward forgets, as backward gives the gradient of one."""
        told, self.told = self.told, Told()
        named = (each for each in taken if any(roles(str(key), ("b",)) for _, key in each.bias))
        found = (
            plan
            for plan in named
            for back in self._drafts.backwards(plan)
            if (read := self._read_backward(replace(plan, back=back))).plan and all(read.right)
        )
        forgotten = next(found, None)
        self.told = told
        return forgotten

    def _linear(self, plan: Plan) -> bool:
        """Whether the output is linear in x and in w, and w counts at all."""
        asked = self._asked(plan.forms[0], bias=plan.bias)
        other = self._asked(plan.forms[0], bias=plan.bias, seed=2)
        assert asked.w is not None
        assert other.w is not None
        b = None if asked.b is None else np.zeros_like(asked.b)
        outputs = [
            self._called(self._adapter(plan), replace(asked, x=x, w=w, b=b))
            for x, w in (
                (asked.x, asked.w),
                (other.x, asked.w),
                (asked.x + other.x, asked.w),
                (asked.x, other.w),
                (asked.x, asked.w + other.w),
            )
        ]
        if any(each is None for each in outputs):
            return False
        one, two, both, turned, total = (np.asarray(each, float) for each in outputs)
        counts = not same(one, turned)
        return counts and same(both, one + two) and same(total, one + turned)

    # Backward

    def _with_backward(self, plan: Plan) -> Reading:
        """The plan with what backward takes and gives; of none whether one reading is unsure."""
        before, unsure, misread = len(self.told.failures), False, False
        for back in self._drafts.backwards(plan):
            read = self._confirmed(self._read_backward(replace(plan, back=back)))
            if read.plan:
                return read
            unsure, misread = unsure or read.unsure, misread or read.misread
        if misread:
            del self.told.failures[before:]
            self.told.reasons.append(
                f"in no reading of its parameters {self._backward} gives dlogits"
            )
        return Reading(unsure=unsure)

    def _confirmed(self, read: Reading) -> Reading:
        """The same, where a second pass of one instance gives its gradients at the same places.

        A list to which each pass appends has them at its end.
        """
        plan = read.plan
        if plan is None or plan.functions or all(kind == "returned" for kind, _ in plan.gradients):
            return read
        ended = [
            ["attribute", [*where[:-1], ["item", -1]]]
            if kind == "attribute" and where[-1][0] == "item" and isinstance(where[-1][1], int)
            else [kind, where]
            for kind, where in plan.gradients
        ]
        for cleared, sources in product((False, True), (plan.gradients, ended)):
            tried = replace(plan, gradients=sources, cleared=cleared)
            if self._repeats(tried, read.right):
                return read._replace(plan=tried)
        self.told.reasons.append(
            "the gradient of its weights is found after the first pass only: what comes "
            "later is something else"
        )
        return Reading(unsure=True)

    def _repeats(self, plan: Plan, before: Sequence[bool]) -> bool:
        """Whether gradients are as right or wrong in each pass as when they were found."""
        adapter = self._adapter(plan)
        for seed in (1, 4):
            asked = self._asked(plan.forms[0], bias=plan.bias, seed=seed)
            given: Any = None
            with contextlib.suppress(BaseException):  # theirs may raise anything
                adapter.forward(*asked.inputs)
                given = adapter.backward(np.copy(asked.dout))
            if given is None:
                return False
            right = [same(*each) for each in zip(given[1:], asked.grads[1:], strict=True)]
            if right[: len(before)] != before:
                return False
        return True

    def _read_backward(self, plan: Plan) -> Reading:
        axes, loss = plan.forms[0], self._loss
        asked = self._asked(axes, bias=plan.bias, **({"N": 1} if axes.singly else {}))
        adapter = self._adapter(plan)
        if self._called(adapter, asked) is None:
            return Reading()
        before = {str(path): np.copy(array) for path, array in arrays(adapter.instance)}
        takes_dout = not loss or "dout" in roles_in(plan.back)
        dout = np.copy(asked.dout) if takes_dout else np.ones(())
        given = failed = object()
        with self._noting(adapter):
            handed = dout if loss else axes.first(dout)
            given = adapter.call_back(axes.first(np.copy(asked.x)), handed[()])
        if given is failed:
            return Reading()
        plan = replace(plan, read=sorted(adapter.read))
        if plan.slope:
            return Reading(self._read_slope(plan, adapter, asked, given))
        if given is None and (kept := kept_array(adapter.instance, INPUT_GRADIENTS)):
            plan = replace(plan, dx=kept)
            given = at_path(adapter.instance, kept)
        values = leaves(given)
        right = asked.theirs(asked.grads[0] / (1.0 if takes_dout else asked.dout), axes, 0)
        place = next(
            (i for i, each in enumerate(values) if same(each, right)),
            next((i for i, each in enumerate(values) if shape(each) == right.shape), None),
        )
        if place is None and plan.weight == HANDED and len(values) == len(asked.grads):
            place = 0  # (dx, dw, db), as it is everywhere
        if place is None and self._weighted and len(values) == 1:
            left = Left(adapter.instance, before, values, 0)
            misshapen = self._misshapen(plan, asked, left)
            if misshapen.plan:
                return misshapen
        if place is None:
            gives = "None" if given is None else "something else"
            what = f"{gives}, not the gradient of its input"
            if not axes.ours[0]:
                what = "nothing of the shape of its input"
            self.told.reasons.append(f"{self._backward} gives {what}")
            return Reading()
        plan = replace(plan, returned=place)
        if self._weighted:
            return self._with_gradients(plan, asked, Left(adapter.instance, before, values, place))
        if loss and not same(values[place], right):
            return self._with_other_numbers(plan, adapter, asked, values[place])
        return Reading(plan)

    def _with_other_numbers(
        self, plan: Plan, adapter: Adapter, asked: Probe, given: Any
    ) -> Reading:
        """A loss whose gradient is wrong, as far as it is certain that it is meant as one."""
        axes, both, why = plan.forms[0], self._backward == self._forward, ""
        shares = adapter.value(["role", "probabilities"], axes.first(asked.x))
        if any(same(given, each) for each in (shares, np.log(shares))):
            why = f"{self._backward} gives probabilities, not dlogits"
        elif both and not self._is_meant(given, shares, asked, axes):
            why = f"what {self._forward} gives beside the loss is not dlogits, nor called so"
        if why:
            self.told.reasons.append(why)
            return Reading()
        others = [name for name, _ in without_context(plan.back) if not is_cache(name)]
        return Reading(misread=True) if len(others) > 1 and not both else Reading(plan)

    def _is_meant(self, given: Any, shares: Numbers, asked: Probe, axes: Axes) -> bool:
        """Whether what comes beside a loss is meant as its gradient, by its name or its numbers.

        Those of a wrong one are a softmax(logits) + b labels, neither of which is 0.
        """
        if gives_several(self._things[self._forward], GRADIENT_NAME):
            return True
        labels = asked.theirs(np.eye(asked.x.shape[1])[asked.labels], axes, 0)
        parts = np.stack([np.ravel(shares), labels.ravel()], axis=1)
        weights = np.linalg.lstsq(parts, np.ravel(given), rcond=None)[0]
        return same(np.ravel(given), parts @ weights) and bool(np.abs(weights).min() > RECOGNIZED)

    def _misshapen(self, plan: Plan, asked: Probe, left: Left) -> Reading:
        """The plan of a layer of which all is right but the shape of dx; None of any other."""
        axes = plan.forms[0]
        found = self._with_gradients(plan, asked, left)
        known = axes.sizes(asked.x, asked.w)
        of_w = (shape_of(each, known) for each in self._shapes_of(axes).weights)
        of_dx = shape(left.values[0]) not in (None, (), *of_w)
        return found if found.plan and all(found.right) and of_dx else Reading()

    def _read_slope(self, plan: Plan, adapter: Adapter, asked: Probe, given: Any) -> Plan | None:
        """A derivative at what forward was given, or a backward by the name of one."""
        slope = 1.0 * (asked.x > 0)
        with self._noting(adapter):
            pulled = adapter.call_back(np.copy(asked.dout), np.copy(asked.dout))
            if same(given, slope) or (not plan.back and shape(given) == slope.shape):
                return plan  # without dout it can be nothing else
            if same(pulled, asked.dout * slope):
                back = [[name, ["role", "dout"]] for name, _ in plan.back]
                return replace(plan, slope=False, back=back)
            self.told.reasons.append(f"{self._backward} gives no slope")
        return None

    def _with_gradients(self, plan: Plan, asked: Probe, left: Left) -> Reading:
        """Where the gradients of w and b are."""
        axes = plan.forms[0]
        known = axes.sizes(asked.x, asked.w)
        orders = dict.fromkeys((axes.theirs[1], *self._shapes_of(axes).weights))
        dw = [(each, arranged(asked.grads[1], axes.ours[1], each, known)) for each in orders]
        if not axes.ours[1]:  # a scalar may be found as an array of one entry, as that of a bias
            dw = [("", np.ravel(asked.grads[1]))]
        wanted = [(plan.weight, dw)]
        if plan.bias:
            output = axes.theirs[2]
            each = _without_examples(asked.theirs(asked.dout, axes, 2), output)
            db = (output, each) if plan.untied else ("", np.ravel(asked.grads[2]))
            wanted.append((plan.bias, [db]))
        sources = [self._source(plan, own, orders, left) for own, orders in wanted]
        right = [each.right for each in sources]
        # Who steps by the one gradient does by the other.
        if any(each.right and each.where == STEP for each in sources):
            pairs = zip(sources, wanted, strict=True)
            sources = [
                source if source.where else Source(STEP, orders[0][0])
                for source, (_, orders) in pairs
            ]
        weights, *bias = sources
        if weights.where is None:
            self.told.reasons.append(
                "the gradient of its weights is found neither in what "
                f"{self._backward} gives nor in an attribute"
            )
            return Reading()
        plan = replace(plan, gradients=[weights.where], axes=weights.axes)
        if not plan.bias:
            return Reading(plan, right)
        if found := bias[0].where:
            return Reading(replace(plan, gradients=[weights.where, found]), right)
        # Of another shape it is wrong, unless it is not summed over what may be one example.
        place, db = _beside(plan, left)
        one = self._topic == "Linear" and np.size(db) == asked.dout.size
        if place and not one and np.size(db) != asked.grads[2].size:
            return Reading(replace(plan, gradients=[weights.where, place]), right)
        self.told.reasons.append(
            "no gradient of its bias is found in the shape of the bias: "
            + (
                "it is not summed over the examples, which is right for one at a time alone"
                if one
                else "whether it is for one example alone, or a mistake, cannot be told"
            )
        )
        return Reading(unsure=True)

    def _source(
        self, plan: Plan, own: Any, orders: Sequence[tuple[str, Numbers]], left: Left
    ) -> Source:
        """The one place that holds this gradient."""
        line = orders[0][0] == ""
        candidates = [
            (where, np.ravel(array) if line and _is_line(array) else array)
            for where, array in self._places(plan, own, left)
        ]
        for axes, right in orders:
            for where, array in candidates:
                if same(array, right) and np.any(right):
                    # In another order than the weights it is no gradient of theirs.
                    own_order = same_order(axes, orders[0][0])
                    return Source(where, axes if own_order else orders[0][0], own_order)
        axes, right = orders[0]
        fitting = [each for each in candidates if each[1].shape == right.shape]
        named = [
            each
            for each in fitting
            if each[0][0] == "attribute"
            and any(GRADIENT_NAME.fullmatch(str(key)) for _, key in each[0][1])
            and not np.array_equal(
                np.ravel(each[1]), np.ravel(left.before.get(str(each[0][1]), np.zeros(0)))
            )
        ]
        for found in ([each for each in fitting if each[0][0] == "returned"], named):
            if len(found) == 1:
                return Source(found[0][0], axes)
        # Told the rate, what it takes off is its gradient.
        steps = [each for each in fitting if each[0] == STEP and np.any(each[1])]
        if steps and not named and "1" in roles_in(plan.back):
            return Source(steps[0][0], axes)
        return Source()

    def _places(self, plan: Plan, own: Any, left: Left) -> Iterator[tuple[list[Any], Numbers]]:
        """What may hold the gradient of what lies at `own`."""
        for i, each in enumerate(left.values):
            if i != left.dx and shape(each) is not None:
                yield ["returned", i], np.asarray(each)
        mine = None if own in (None, HANDED) else at_path(left.instance, own)
        if not plan.functions:
            for path, array in _distinct(arrays(left.instance)):
                if array is not mine and path not in (plan.weight, plan.bias):
                    yield ["attribute", path], array
        if mine is not None and str(own) in left.before:
            yield STEP, left.before[str(own)] - mine

    # Further shapes

    def _with_more_forms(self, plan: Plan) -> Plan:
        """The other shapes that it takes in the same way; whether kernels may be oblong."""
        first = plan.forms[0]
        if not first.ours[0]:
            return plan
        scalar = LAB_SHAPES.get(self._topic, ()) if plan.weight == HANDED else ()
        found = (
            first if shapes.ours == first.ours else self._same_way(plan, shapes)
            for shapes in dict.fromkeys((*self._tried.shapes, *scalar))
        )
        forms = [each for each in found if each is not None]
        if "N" in forms[0].theirs[0]:  # then (1, in) is a minibatch of one
            forms = [each for each in forms if "1" not in each.theirs[0]]
        plan = replace(plan, forms=forms)
        if self._topic == "Conv2D":
            plan = replace(plan, oblong=self._oblong(plan))
        return plan

    def _same_way(self, plan: Plan, shapes: Shapes) -> Axes | None:
        for theirs in product(shapes.inputs, shapes.weights, shapes.outputs):
            if ("N" in theirs[0]) != ("N" in theirs[2]):
                continue
            axes = Axes(shapes.ours, theirs)
            asked = self._asked(axes, bias=plan.bias)
            tried = replace(plan, forms=[axes], axes=theirs[1])
            if self._is_right(tried, asked) and self._goes_back(tried, asked):
                return axes
        return None

    def _goes_back(self, plan: Plan, asked: Probe) -> bool:
        """Whether gradients have the right shapes: forward may be right by broadcasting alone."""
        adapter, packed = self._adapter(plan), {}
        with contextlib.suppress(BaseException):  # theirs may raise anything
            adapter.forward(*asked.inputs)
            packed = pack_gradients(adapter.backward(np.copy(asked.dout)[()]), asked.inputs)
        given = [each.get("shape") for each in packed.get("values", [])]
        return given == [list(each.shape) for each in asked.inputs]

    def _oblong(self, plan: Plan) -> bool:
        if "k" in plan.pairs or roles_in(plan.constructor, plan.arguments) & {"K", "w", *WHOLE}:
            return True
        asked = self._asked(plan.forms[0], bias=plan.bias, K=2, Y=7)
        return self._called(self._adapter(plan), asked) is not None


def _beside(plan: Plan, left: Left) -> tuple[list[Any], Any]:
    """What lies where the bias's gradient is if it lies as that of the weights; [] for nothing."""
    kind, where = plan.gradients[0]
    if kind == "returned" and len(left.values) == len(("dx", "dw", "db")):
        (last,) = {0, 1, 2} - {left.dx, where}
        return [kind, last], left.values[last]
    if kind != "attribute" or HANDED in (plan.weight, plan.bias):
        return [], None
    keys = zip(reversed(plan.weight), reversed(plan.bias), strict=False)
    own = next(((w, b) for (_, w), (_, b) in keys if w != b), ("", ""))
    for old, new in (own, ("w", "b"), ("W", "b")):  # dw of what is called weight
        path = [[step, _renamed(key, old, new)] for step, key in where]
        if path == where and where[-1] == ["item", 0]:  # grads[1] after grads[0]
            path = [*where[:-1], ["item", 1]]
        found, before = at_path(left.instance, path), left.before.get(str(path), np.nan)
        given = isinstance(found, np.ndarray | np.generic) and not np.array_equal(found, before)
        if given and path != where:
            return [kind, path], found
    return [], None


def _renamed(key: Any, old: Any, new: Any) -> Any:
    words = isinstance(key, str) and isinstance(old, str)
    return key.replace(old, str(new)) if words else new if key == old else key


def _without_examples(output: Numbers, axes: str) -> Numbers:
    """Summed over the examples, of which no bias knows."""
    return np.asarray(output.sum(axis=axes.index("N")) if "N" in axes else output)


def _is_line(array: Numbers) -> bool:
    """Whether at most one axis is longer than 1."""
    return len([each for each in array.shape if each > 1]) <= 1


def _distinct(held: Iterator[tuple[Way, Numbers]]) -> Iterator[tuple[Way, Numbers]]:
    """Each array once, by its shortest way; views of one memory are one."""
    seen: set[tuple[Any, ...]] = set()
    for path, array in sorted(held, key=lambda each: len(each[0])):
        memory = array.__array_interface__["data"][0], array.shape
        if memory not in seen:
            seen.add(memory)
            yield path, array


def _is_of_lengths(error: BaseException) -> bool:
    """Whether lengths did not go together, in numpy: no raise of theirs."""
    *_, (last, _) = walk_tb(error.__traceback__)
    by_numpy = str(last.f_globals.get("__name__")).partition(".")[0] == "numpy"
    if not isinstance(error, ValueError | IndexError) or (has_raised(error) and not by_numpy):
        return False
    return OF_LENGTHS.search(str(error)) is not None


def _rate(instance: Any) -> Way | None:
    """An attribute that holds the learning rate."""
    for name, value in getattr(instance, "__dict__", {}).items():
        if isinstance(value, float) and roles(name, ("rate",)):
            return [["attr", name]]
    return None

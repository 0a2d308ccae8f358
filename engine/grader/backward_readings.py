"""Finds out how a backward of another interface is called, and where it puts its gradients."""

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any, Final, NamedTuple

import numpy as np

from engine.grader.adapter import Adapter, leaves
from engine.grader.candidates import gives_several
from engine.grader.drafts import is_cache, without_context
from engine.grader.held import arrays, at_path, distinct, kept_array, put
from engine.grader.interfaces import arranged, same_order, shape_of
from engine.grader.plan import HANDED, STEP, Axes, GradientAt, Plan, WeightAt, roles_in
from engine.grader.probe import INPUT_GRADIENTS, RECOGNIZED, Probe, is_line, same, without_examples
from engine.grader.trials import Trials
from engine.grader.wire import Numbers, pack_gradients, shape

GRADIENT_NAME: Final = re.compile(r"_*(d|g|nabla|delta)_?\w*|.*grad\w*", re.IGNORECASE)


class Left(NamedTuple):
    """What a backward pass left behind."""

    instance: Any  # with the arrays in it
    before: Mapping[str, Numbers]  # these arrays by their paths, before the pass
    values: Sequence[Any]  # what backward gave
    dx: int  # the position of the gradient of x in `values`


class Source(NamedTuple):
    """A gradient in what backward left behind."""

    where: GradientAt | None = None  # its place; None if it is not found
    axes: str = ""  # those of the gradient in that place
    right: bool = False  # whether the gradient is right


class Reading(NamedTuple):
    """One way to call backward."""

    plan: Plan | None = None  # the plan with what backward gives, None if that is not certain
    right: Sequence[bool] = ()
    """For each gradient of w and b, or for that of x alone, whether it is right."""
    unsure: bool = False
    """Whether nobody can tell a wrong gradient from something else, which ends the search."""
    misread: bool = False  # whether backward may be meant for other arguments


class BackwardReadings:
    """Tries the backward of one layer whose forward has been read."""

    def __init__(self, trials: Trials) -> None:
        self._trials = trials

    def read(self, plan: Plan) -> Reading:
        """Return the plan with what backward takes and gives; without one, whether it is unsure."""
        before, unsure, misread = len(self._trials.told.failures), False, False
        backs = list(self._trials.drafts.backwards(plan))
        if not backs:
            self._trials.tell(f"{self._trials.layer.backward} takes no gradient that comes back")
        for back in backs:
            read = self._confirmed(self.read_once(replace(plan, back=back)))
            if not all(read.right) and self._trials.drafts.is_doubtful(back):
                read = Reading(misread=True)
            if read.plan:
                return read._replace(plan=_in_order_of_inputs(read.plan))
            unsure, misread = unsure or read.unsure, misread or read.misread
        if misread:
            del self._trials.told.failures[before:]
            what = "dlogits" if self._trials.loss else "the gradient of its input"
            self._trials.tell(
                f"in no reading of its parameters {self._trials.layer.backward} gives {what}"
            )
        return Reading(unsure=unsure)

    def _confirmed(self, read: Reading) -> Reading:
        """Return the reading if a second pass of the instance leaves gradients at the same places.

        If each pass appends them to a list, they are at its end. Otherwise the reading is unsure,
        and so is a step that is taken for a gradient but does not grow with the learning rate.
        """
        plan = read.plan
        if plan is None or all(kind == "returned" for kind, _ in plan.gradients):
            return read
        if name := self._steps_at_any_rate(plan):
            self._trials.tell(
                f"the step of its {name} at a learning rate of 0.5 is not half of that at 1 (is "
                "the rate forgotten?)"
            )
            return Reading(unsure=True)
        ended = [_at_the_end(where) for where in plan.gradients]
        for cleared, sources in product((False, True), (plan.gradients, ended)):
            tried = replace(plan, gradients=sources, cleared=cleared)
            if all(self._repeating(tried, read.right)):
                by_itself = cleared and self._clears_one(tried, read.right)
                return read._replace(plan=replace(tried, cleared=cleared and not by_itself))
        self._trials.tell(
            "the gradient of its weights is found after the first pass only: what comes "
            "later is something else"
        )
        return Reading(unsure=True)

    def _steps_at_any_rate(self, plan: Plan) -> str:
        """Return whose step is not half as long at half the learning rate; "" if each one is."""
        steps: list[Sequence[Any]] = []
        for rate in (1.0, 0.5) if plan.rate or "1" in roles_in(plan.back) else ():
            back = [
                [name, ["value", rate] if what == ["role", "1"] else what]
                for name, what in plan.back
            ]
            adapter = self._trials.adapter(replace(plan, back=back))
            asked = self._trials.asked(plan.forms[0], bias=plan.bias)
            with contextlib.suppress(BaseException):  # the layer may raise anything
                adapter.forward(*asked.inputs)
                if plan.rate:
                    put(adapter.instance, plan.rate, rate)
                steps.append(adapter.backward(np.copy(asked.dout))[1:])
        if len(steps) < 2:
            return ""
        both = zip(("weights", "bias"), plan.gradients, *steps, strict=False)
        return next(
            (
                name
                for name, where, whole, half in both
                if where == STEP and not same(half, np.asarray(whole) / 2)
            ),
            "",
        )

    def _clears_one(self, plan: Plan, before: Sequence[bool]) -> bool:
        """Whether a layer clears one gradient by itself, and adds to the other.

        Nobody means to do that: the other one was forgotten.
        """
        repeating = self._repeating(replace(plan, cleared=False), before)
        kinds = (kind for kind, _ in plan.gradients)
        return any(
            kind == "attribute" and right and again
            for kind, right, again in zip(kinds, before, repeating, strict=False)
        )

    def _repeating(self, plan: Plan, before: Sequence[bool]) -> Sequence[bool]:
        """Return for each gradient whether later passes give it as right or wrong as the first."""
        adapter, repeating = self._trials.adapter(plan), [True] * len(before)
        for seed in (1, 4):
            asked = self._trials.asked(plan.forms[0], bias=plan.bias, seed=seed)
            given: Any = None
            with contextlib.suppress(BaseException):  # the layer may raise anything
                adapter.forward(*asked.inputs)
                given = adapter.backward(np.copy(asked.dout))
            if given is None:
                return [False]
            right = [same(*each) for each in zip(given[1:], asked.grads[1:], strict=True)]
            # `before` may be about the weights alone: then it says nothing of a bias.
            each = zip(repeating, right, before, strict=False)
            repeating = [so_far and now == then for so_far, now, then in each]
        return repeating

    def read_once(self, plan: Plan) -> Reading:
        """Return the plan with what backward gives in one pass, called as the plan says."""
        axes, loss = plan.forms[0], self._trials.loss
        asked = self._trials.asked(axes, bias=plan.bias, **({"N": 1} if axes.singly else {}))
        adapter = self._trials.adapter(plan)
        if self._trials.called(adapter, asked) is None:
            return Reading()
        before = {str(path): np.copy(array) for path, array in arrays(adapter.instance)}
        takes_dout = not loss or "dout" in roles_in(plan.back)
        dout = np.copy(asked.dout)
        given = failed = object()
        with self._trials.noting(adapter):
            handed = dout if loss else axes.first(dout)
            given = adapter.call_back(axes.first(np.copy(asked.x)), handed[()])
        if given is failed:
            return Reading()
        plan = replace(plan, read=sorted(adapter.inputs.read))
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
            place = 0  # (dx, dw, db) is the usual order
        if place is None and self._trials.weighted and len(values) == 1:
            left = Left(adapter.instance, before, values, 0)
            misshapen = self._misshapen(plan, asked, left)
            if misshapen.plan:
                return misshapen
        if place is None:
            gives = "None" if given is None else "something else"
            if given is None and self._trials.layer.forward == self._trials.layer.backward:
                gives = "a loss alone"
            what = f"{gives}, not the gradient of its input"
            if not axes.ours[0]:
                what = "nothing of the shape of its input"
            self._trials.tell(f"{self._trials.layer.backward} gives {what}")
            return Reading()
        plan = replace(plan, returned=place)
        if self._trials.weighted:
            return self._with_gradients(plan, asked, Left(adapter.instance, before, values, place))
        is_right = same(values[place], right)
        if loss and not is_right:
            return self._with_other_numbers(plan, adapter, asked, values[place])
        return Reading(plan, [is_right])

    def _with_other_numbers(
        self, plan: Plan, adapter: Adapter, asked: Probe, given: Any
    ) -> Reading:
        """Return the reading of a loss with a wrong gradient, if it surely is meant as one."""
        axes, layer, why = plan.forms[0], self._trials.layer, ""
        both = layer.backward == layer.forward
        shares = adapter.value(["role", "probabilities"], axes.first(asked.x))
        if any(same(given, each) for each in (shares, np.log(shares))):
            why = f"{layer.backward} gives probabilities, not dlogits"
        elif both and not self._is_meant(given, shares, asked, axes):
            why = f"what {layer.forward} gives beside the loss is not dlogits, nor called so"
        if why:
            self._trials.tell(why)
            return Reading()
        others = [name for name, _ in without_context(plan.back) if not is_cache(name)]
        # A backward that takes logits or probabilities may be right except for a factor.
        a, b = self._mixture(given, shares, asked, axes)
        takes = roles_in(plan.back) & {"scores", "probabilities"}
        told = takes and a != 0 and abs(a + b) < RECOGNIZED
        return Reading(plan) if len(others) < 2 or both or told else Reading(misread=True)

    def _is_meant(self, given: Any, shares: Numbers, asked: Probe, axes: Axes) -> bool:
        """Whether what comes with a loss is meant as its gradient, by its name or its numbers."""
        layer = self._trials.layer
        named = gives_several(layer.things[layer.forward], GRADIENT_NAME)
        return named or all(self._mixture(given, shares, asked, axes))

    def _mixture(
        self, given: Any, shares: Numbers, asked: Probe, axes: Axes
    ) -> tuple[float, float]:
        """Return (a, b) if numbers are a softmax(logits) + b labels, tiny ones as 0; or (0, 0)."""
        labels = asked.theirs(np.eye(asked.x.shape[1])[asked.labels], axes, 0)
        parts = np.stack([np.ravel(shares), labels.ravel()], axis=1)
        weights = np.linalg.lstsq(parts, np.ravel(given), rcond=None)[0]
        if not same(np.ravel(given), parts @ weights):
            return 0.0, 0.0
        a, b = (float(each) if abs(each) > RECOGNIZED else 0.0 for each in weights)
        return a, b

    def _misshapen(self, plan: Plan, asked: Probe, left: Left) -> Reading:
        """Return the reading of a layer in which only the shape of dx is wrong, or an empty one."""
        axes = plan.forms[0]
        found = self._with_gradients(plan, asked, left)
        known = axes.sizes(asked.x, asked.w)
        of_w = (shape_of(each, known) for each in self._trials.shapes_of(axes).weights)
        of_dx = shape(left.values[0]) not in (None, (), *of_w)
        return found if found.plan and all(found.right) and of_dx else Reading()

    def _read_slope(self, plan: Plan, adapter: Adapter, asked: Probe, given: Any) -> Plan | None:
        """Return the plan of a derivative at forward's input, or of a backward named like one."""
        slope = 1.0 * (asked.x > 0)
        with self._trials.noting(adapter):
            pulled = adapter.call_back(np.copy(asked.dout), np.copy(asked.dout))
            if same(given, slope) or (not plan.back and shape(given) == slope.shape):
                return plan  # without dout it can be nothing else
            if same(pulled, asked.dout * slope):
                back = [[name, ["role", "dout"]] for name, _ in plan.back]
                return replace(plan, slope=False, back=back)
            self._trials.tell(f"{self._trials.layer.backward} gives no slope")
        return None

    def _with_gradients(self, plan: Plan, asked: Probe, left: Left) -> Reading:
        """Find where the gradients of w and b are."""
        axes = plan.forms[0]
        known = axes.sizes(asked.x, asked.w)
        orders = dict.fromkeys((axes.theirs[1], *self._trials.shapes_of(axes).weights))
        dw = [(each, arranged(asked.grads[1], axes.ours[1], each, known)) for each in orders]
        if not axes.ours[1]:  # that of a scalar may be an array of one entry, like that of a bias
            dw = [("", np.ravel(asked.grads[1]))]
        wanted = [(plan.weight, dw)]
        if plan.bias:
            output = axes.theirs[2]
            each = without_examples(asked.theirs(asked.dout, axes, 2), output)
            db = (output, each) if plan.untied else ("", np.ravel(asked.grads[2]))
            wanted.append((plan.bias, [db]))
        sources = [self._source(plan, own, orders, left) for own, orders in wanted]
        right = [each.right for each in sources]
        # A layer that takes a step by one gradient takes a step by the other.
        if any(each.right and each.where == STEP for each in sources):
            pairs = zip(sources, wanted, strict=True)
            sources = [
                source if source.where else Source(STEP, orders[0][0])
                for source, (_, orders) in pairs
            ]
        weights, *bias = sources
        if weights.where is None:
            self._trials.tell(
                "the gradient of its weights is found neither in what "
                f"{self._trials.layer.backward} gives nor in an attribute"
            )
            return Reading()
        plan = replace(plan, gradients=[weights.where], axes=weights.axes)
        if not plan.bias:
            return Reading(plan, right)
        if found := bias[0].where:
            return Reading(replace(plan, gradients=[weights.where, found]), right)
        # With another shape it is wrong, unless it is not summed, and may be for one example alone.
        place, db = _beside(plan, left)
        unsummed = self._trials.topic == "Linear" and np.size(db) == asked.dout.size
        one = unsummed and self._may_be_for_one(plan, left, db)
        if place and not one and np.size(db) != asked.grads[2].size:
            return Reading(replace(plan, gradients=[weights.where, place]), right)
        self._trials.tell(
            "no gradient of its bias is found in the shape of the bias: "
            + (
                "it is not summed over the examples, which is right for one at a time alone"
                if one
                else "whether it is for one example alone, or a mistake, cannot be told"
            )
        )
        return Reading(unsure=True)

    def _may_be_for_one(self, plan: Plan, left: Left, db: Any) -> bool:
        """Whether a db that is not summed over the examples would be right for one of them.

        Its shape is then that of the bias: (1, out), or (out,) where x is a vector (in,).
        """
        axes, own = plan.forms[0], plan.bias
        of_own = plan.bias_axes if own == HANDED else np.shape(at_path(left.instance, own))
        if "N" not in axes.theirs[0] or np.ndim(db) == len(of_own):
            return True
        vector = Axes(("D", "MD", "M"), ("D", axes.theirs[1], "M"))
        with self._trials.aside():
            read = self.read_once(replace(plan, forms=[vector]))
        return read.plan is not None and all(read.right)

    def _source(
        self, plan: Plan, own: WeightAt, orders: Sequence[tuple[str, Numbers]], left: Left
    ) -> Source:
        """Return the one place that holds this gradient."""
        line = orders[0][0] == ""
        candidates = [
            (where, np.ravel(array) if line and is_line(array) else array)
            for where, array in self._places(plan, own, left)
        ]
        for axes, right in orders:
            for where, array in candidates:
                if same(array, right):
                    # In another order of axes than the weights it is not their gradient.
                    own_order = same_order(axes, orders[0][0])
                    return Source(where, axes if own_order else orders[0][0], own_order)
        axes, right = orders[0]
        fitting = [(where, array) for where, array in candidates if array.shape == right.shape]
        returned = [where for where, _ in fitting if where[0] == "returned"]
        named = [
            where
            for where, array in fitting
            if where[0] == "attribute"
            and any(GRADIENT_NAME.fullmatch(str(key)) for _, key in where[1])
            and not np.array_equal(
                np.ravel(array), np.ravel(left.before.get(str(where[1]), np.zeros(0)))
            )
        ]
        for found in (returned, named):
            if len(found) == 1:
                return Source(found[0], axes)
        # What backward subtracts is its gradient if it is given the learning rate.
        stepped = any(where == STEP and np.any(array) for where, array in fitting)
        if stepped and not named and "1" in roles_in(plan.back):
            return Source(STEP, axes)
        return Source()

    def _places(
        self, plan: Plan, own: WeightAt, left: Left
    ) -> Iterator[tuple[GradientAt, Numbers]]:
        """Yield what may hold the gradient of the array at `own`, with the array there."""
        for i, each in enumerate(left.values):
            if i != left.dx and shape(each) is not None:
                yield ("returned", i), np.asarray(each)
        mine = at_path(left.instance, own)
        for path, array in distinct(arrays(left.instance)):
            if array is not mine and path not in (plan.weight, plan.bias, plan.output, plan.dx):
                yield ("attribute", path), array
        if mine is not None and str(own) in left.before:
            yield STEP, left.before[str(own)] - mine

    def gives_gradient(self, plan: Plan) -> bool:
        """Whether what a loss gives back is the engine's gradient.

        A backward that takes probabilities says nothing about whether forward takes logits: both
        may take probabilities.
        """
        backs = self._trials.drafts.backwards(plan)
        of_logits = (back for back in backs if "probabilities" not in roles_in(back))
        with self._trials.aside():
            return any(any(self.read_once(replace(plan, back=back)).right) for back in of_logits)

    def gone_back(self, plan: Plan, asked: Probe) -> Sequence[Any] | BaseException | None:
        """Return what backward gives, or the exception that it raises; None if forward raises."""
        axes, adapter = plan.forms[0], self._trials.adapter(plan)
        if self._trials.called(adapter, asked) is None:
            return None
        try:
            x, dout = (axes.first(np.copy(each)) for each in (asked.x, asked.dout))
            return leaves(adapter.call_back(x, dout))
        except BaseException as error:  # noqa: BLE001 - the layer may raise anything
            return error

    def goes_back(self, plan: Plan, asked: Probe) -> bool:
        """Whether gradients have the right shapes: forward may be right by broadcasting alone."""
        adapter, packed = self._trials.adapter(plan), {}
        with contextlib.suppress(BaseException):  # the layer may raise anything
            adapter.forward(*asked.inputs)
            packed = pack_gradients(adapter.backward(np.copy(asked.dout)[()]), asked.inputs)
        given = [each.get("shape") for each in packed.get("values", [])]
        return given == [list(each.shape) for each in asked.inputs]


def _in_order_of_inputs(plan: Plan) -> Plan:
    """Return a plan with a context with the gradients in the order of the inputs, (dx, dw, db).

    Nothing else tells whoever calls backward which of them is that of which input.
    """
    returned = all(kind == "returned" for kind, _ in plan.gradients)
    if "context" not in roles_in(plan.arguments) or plan.weight != HANDED or not returned:
        return plan
    places: list[GradientAt] = [("returned", 1), ("returned", 2)]
    return replace(plan, returned=0, gradients=places[: len(plan.gradients)])


def _at_the_end(where: GradientAt) -> GradientAt:
    """Return the place at the end of the list in which a gradient is; else the same place."""
    match where:
        case "attribute", [*owner, ["item", int()]]:
            return "attribute", [*owner, ["item", -1]]
    return where


def _beside(plan: Plan, left: Left) -> tuple[GradientAt | None, Any]:
    """Return where db would be if it lies like dw, and what is there; else (None, None)."""
    match plan.gradients[0]:
        case "returned", dw if len(left.values) == len(("dx", "dw", "db")):
            (db,) = {0, 1, 2} - {left.dx, dw}
            return ("returned", db), left.values[db]
        case "attribute", where if isinstance(plan.weight, list) and isinstance(plan.bias, list):
            keys = zip(reversed(plan.weight), reversed(plan.bias), strict=False)
            own = next(((w, b) for (_, w), (_, b) in keys if w != b), ("", ""))
            for old, new in (own, ("w", "b"), ("W", "b")):  # dw for an array called weight
                path = [[step, _renamed(key, old, new)] for step, key in where]
                if path == where and where[-1] == ["item", 0]:  # grads[1] after grads[0]
                    path = [*where[:-1], ["item", 1]]
                found, before = at_path(left.instance, path), left.before.get(str(path), np.nan)
                given = isinstance(found, np.ndarray | np.generic)
                if given and path != where and not np.array_equal(found, before):
                    return ("attribute", path), found
    return None, None


def _renamed(key: Any, old: Any, new: Any) -> Any:
    if isinstance(key, str) and isinstance(old, str):
        return key.replace(old, str(new))
    return new if key == old else key

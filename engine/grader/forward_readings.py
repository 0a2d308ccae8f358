"""Finds out where a layer of another interface has its weights, and the order of its axes."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from engine.grader.adapter import Adapter
from engine.grader.backward_readings import BackwardReadings
from engine.grader.held import arrays, at_path, distinct, kept_array
from engine.grader.interfaces import Shapes, roles, shape_of
from engine.grader.plan import HANDED, UNKNOWN, Axes, Plan, Way, roles_in
from engine.grader.probe import Probe, is_line, same, without_examples
from engine.grader.trials import Trials
from engine.grader.wire import shape

OUTPUTS: Final = "output outputs out result"


class ForwardReadings:
    """Tries the forward of one layer."""

    def __init__(self, trials: Trials, backward: BackwardReadings) -> None:
        self._trials, self._backward = trials, backward
        self.near = False  # whether an output had as many axes as it should
        self.kept = False  # whether a forward only leaves its output in an attribute
        # Whether a loss takes one-hot labels or single examples, unlike the lab's, though its
        # numbers are wrong.
        self.otherwise = False

    def of_draft(self, draft: Plan) -> Iterator[tuple[bool, Plan, Any]]:
        """Yield a draft's readings: whether the numbers are right, the plan, what identifies it."""
        for shapes in self._trials.tried.shapes:
            if self._trials.topic == "Flatten" and shapes.ours[0] == "ND":
                continue  # there is nothing to flatten: one more axis would be as right
            for axes in shapes.inputs:
                yield from self._readings(draft, shapes, axes)

    def _readings(self, draft: Plan, shapes: Shapes, x: str) -> Iterator[tuple[bool, Plan, Any]]:
        """Yield readings for one order of x's axes: with each place and order of the weights."""
        handed = "w" in roles_in(draft.arguments, draft.constructor)
        for w in shapes.weights if handed else shapes.weights[:1]:
            axes = Axes(shapes.ours, (x, w, shapes.outputs[0]))
            if axes.singly and draft.one_hot == "ND":
                continue  # once all ways to take several at a time have been tried
            alone = {"N": 1} if axes.singly and self._trials.loss else {}
            asked = self._trials.asked(axes, bias=self._trials.weighted, **alone)
            plan = replace(draft, forms=[axes], bias=draft.bias or UNKNOWN)
            adapter, failed = self._trials.adapter(plan), len(self._trials.told.failures)
            raw = self._trials.called(adapter, asked)
            if raw is None and (kept := kept_array(adapter.instance, OUTPUTS)):
                self.kept |= len(self._trials.told.failures) == failed
                plan = replace(plan, output=kept)
                adapter = self._trials.adapter(plan)
                raw = self._trials.called(adapter, asked)
            if raw is None:
                if len(self._trials.told.failures) == failed:
                    gives = f"{draft.forward} gives None, not its output"
                    self._trials.told.reasons.insert(0, gives)
                continue
            # A loss that takes one-hot labels is not the lab's, whatever it makes of them.
            self.otherwise |= bool(self._trials.loss and draft.one_hot and np.size(raw) > 1)
            for output in self._outputs(raw, shapes, axes, asked):
                axes = Axes(shapes.ours, (x, w, output))
                read = replace(plan, forms=[axes], bias=draft.bias)
                if draft.weight == HANDED:
                    right = asked if read.bias else self._trials.asked(axes, bias=False)
                    yield self._trials.is_right(read, right), read, axes.of_one
                elif self._trials.weighted:
                    yield from self._held(read, shapes, asked, adapter)
                elif self._trials.loss:
                    # If the loss or its gradient is right, the other one is simply wrong.
                    loss = same(np.reshape(raw, ()), asked.output)
                    sure = loss or self._backward.gives_gradient(read)
                    if sure and not self._sums(read):
                        yield True, read, ""
                    else:
                        self.otherwise |= bool(read.one_hot or axes.singly)
                        self._trials.tell(
                            "neither what forward gives nor its gradient is that of the mean "
                            "cross entropy of softmax(logits) (it may take probabilities)"
                        )
                else:
                    sure = same(raw, asked.theirs(asked.output, axes, 2))
                    if not sure and x:
                        topic = self._trials.topic
                        self._trials.tell(f"forward gives the shapes of {topic}, not its numbers")
                    yield sure, read, axes.of_one

    def _sums(self, plan: Plan) -> bool:
        """Whether a loss that is right for one example gives the sum, not the mean, for several.

        Then it is meant for several.
        """
        if not plan.forms[0].singly:
            return False
        for order in ("ND", "DN"):
            several = Axes(plan.forms[0].ours, (order, "", ""))
            asked = self._trials.asked(several, bias=False)
            tried = replace(plan, forms=[several], one_hot=plan.one_hot and order)
            total = self._trials.called(self._trials.adapter(tried), asked)
            if total is not None and same(total, asked.output * len(asked.x)):
                return True
        return False

    def _outputs(self, raw: Any, shapes: Shapes, axes: Axes, asked: Probe) -> Iterator[str]:
        """Yield the order of axes that an output's shape allows."""
        if self._trials.loss:
            if isinstance(raw, int | float | np.number | np.ndarray) and np.size(raw) == 1:
                yield ""
            else:
                kind = type(raw).__name__
                self._trials.tell(f"forward gives something of type {kind}, not one number")
            return
        x, w, _ = axes.theirs
        orders = [each for each in shapes.outputs if ("N" in each) == ("N" in x)]
        needed = [
            asked.theirs(asked.output, Axes(axes.ours, (x, w, each)), 2).shape for each in orders
        ]
        got = shape(raw)
        given = asked.theirs(asked.x, axes, 0)
        # A scalar w gives an output of the shape of x, whatever that is.
        scaled = self._trials.weighted and got == given.shape
        self.near |= got is not None and not scaled and len(got) in map(len, needed)
        fitting = [order for order, needs in zip(orders, needed, strict=True) if got == needs]
        # What is empty comes from a loop without any turns, which tells nothing.
        if not fitting and got is not None and 0 not in got:
            reason = f"forward gives the shape {got} for {given.shape}, not {needed[0]}"
            if self._trials.weighted and same(raw, given):
                reason = "forward gives back what it is given, as an activation of no effect does"
            self._trials.told.reasons.insert(0, reason)
        yield from fitting

    def _held(
        self, plan: Plan, shapes: Shapes, asked: Probe, adapter: Adapter
    ) -> Iterator[tuple[bool, Plan, Any]]:
        """Yield readings with weights in the instance: every array of their shape is tried."""
        x, _, output = plan.forms[0].theirs
        known = plan.forms[0].sizes(asked.x, asked.w)
        held = list(distinct(arrays(adapter.instance)))
        assert asked.b is not None
        biases = [path for path, array in held if array.size == asked.b.size and is_line(array)]
        whole = without_examples(asked.theirs(asked.output, plan.forms[0], 2), output).shape
        untied = [path for path, array in held if array.shape == whole and path not in biases]
        fits = [
            (path, axes)
            for path, array in held
            for axes in shapes.weights
            if array.shape == shape_of(axes, known)
        ]
        if not fits:
            needs = shape_of(shapes.weights[0], known)
            self._trials.tell(
                f"no attribute of it holds its weights as one array of the shape {needs}, "
                "in whatever order of axes"
            )
            return
        fresh, rate = self._instance_before(plan, asked), _rate(adapter.instance)
        without = self._trials.asked(plan.forms[0], bias=False)
        for path, w in fits:
            axes = Axes(shapes.ours, (x, w, output))
            builds = fresh is None or at_path(fresh, path) is None
            base = replace(plan, forms=[axes], weight=path, builds=builds, rate=rate)
            taken = [replace(base, bias=bias, untied=bias in untied) for bias in (*biases, *untied)]
            for tried in (*taken, base):
                if self._trials.is_right(tried, asked if tried.bias else without):
                    found = tried if tried.bias else self._without_its_bias(taken) or tried
                    yield True, found, (path, w, found.bias)
                    break
            else:
                tried = next((each for each in taken if self._moves(each, asked)), base)
                yield False, tried, (path, axes.of_one)

    def _instance_before(self, plan: Plan, asked: Probe) -> Any:
        """Return an instance that has had no pass yet; None if none can be made."""
        adapter = self._trials.adapter(replace(plan, bias=UNKNOWN))
        with contextlib.suppress(BaseException):  # the layer may raise anything
            adapter.begin(*asked.inputs)
            return adapter.make()

    def _moves(self, plan: Plan, asked: Probe) -> bool:
        """Whether what is taken for a bias is added to the output."""
        tried = self._trials.adapter(plan)
        assert asked.b is not None
        first = self._trials.called(tried, asked)
        second = self._trials.called(tried, replace(asked, b=asked.b + 1))
        return first is not None and second is not None and same(second, np.asarray(first) + 1)

    def _without_its_bias(self, taken: Sequence[Plan]) -> Plan | None:
        """Return the plan with a bias that forward forgets, if backward gives its gradient."""
        named = (
            each
            for each in taken
            if isinstance(each.bias, list) and any(roles(str(key), ("b",)) for _, key in each.bias)
        )
        found = (
            plan
            for plan in named
            for back in self._trials.drafts.backwards(plan)
            if (read := self._backward.read_once(replace(plan, back=back))).plan and all(read.right)
        )
        with self._trials.aside():
            return next(found, None)

    def linear(self, plan: Plan) -> bool:
        """Whether the output is linear in x and in w, and depends on w at all."""
        asked = self._trials.asked(plan.forms[0], bias=plan.bias)
        other = self._trials.asked(plan.forms[0], bias=plan.bias, seed=2)
        assert asked.w is not None
        assert other.w is not None
        b = None if asked.b is None else np.zeros_like(asked.b)
        outputs = [
            self._trials.called(self._trials.adapter(plan), replace(asked, x=x, w=w, b=b))
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


def _rate(instance: Any) -> Way | None:
    """Return the path of an attribute that holds the learning rate; None if there is none."""
    for name, value in getattr(instance, "__dict__", {}).items():
        if isinstance(value, float) and roles(name, ("rate",)):
            return [["attr", name]]
    return None

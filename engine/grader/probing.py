"""Finds out by trying how a layer with another interface is called: a `Plan`, if it is certain.

A layer whose forward gives the engine's numbers is called in the way that gave them. If no way
does, a layer is still called if its weights and axes can be read in one way only and if it is
linear in its input and in its weights: then it is wrong, not a layer of another kind.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from traceback import walk_tb
from typing import Any, Final, NamedTuple

from engine.grader.backward_readings import BackwardReadings
from engine.grader.blame import has_raised
from engine.grader.candidates import Candidate
from engine.grader.drafts import WHOLE, is_guessed
from engine.grader.forward_readings import ForwardReadings
from engine.grader.interfaces import CONVOLUTIONS, LAB_SHAPES, POOLS, PROBED, WEIGHTED, Shapes
from engine.grader.plan import HANDED, Axes, Plan, roles_in
from engine.grader.probe import same
from engine.grader.trials import Told, Trials, Tried

SQUARE_SIZES: Final = {"Conv2D": {"W": 8, "X": 6}, "MaxPool2D": {"W": 8, "X": 4}}
"""The sizes for trying a layer that may take square images only."""
IN_ROWS: Final = {
    "Conv2D": {"N": 1, "C": 1, "F": 9, "K": 3, "L": 3, "H": 5, "W": 5, "Y": 3, "X": 3},
    "Conv1D": {"N": 1, "C": 3, "F": 9, "L": 3, "W": 11, "X": 9},
}
"""Sizes with as many windows as filters, and as entries in a window."""
EQUAL_SIZES: Final = {
    topic: [
        {**dict.fromkeys(PROBED[topic], 3), "H": 5, "W": 5},
        *([IN_ROWS[topic]] if topic in IN_ROWS else []),
    ]
    for topic in WEIGHTED
}
"""Sizes at which all factors of a matrix product are equally long, also if its rows are windows."""
SPECIAL_SIZES: Final[Mapping[str, Sequence[Mapping[str, int]]]] = {
    "Conv2D": [{"N": 1}, {"C": 1}, {"F": 1}],
    "Conv1D": [{"N": 1}, {"C": 1}, {"F": 1}],
    "Linear": [{"M": 1}, *({"N": examples} for examples in (1, 32, 64, 100, 128))],
}
"""The only sizes for which a backward may be written: one entry along an axis, where a transpose
changes nothing, or a usual size of a minibatch."""
OF_LENGTHS: Final = re.compile(
    r"mismatch|not aligned|could not be broadcast|non-broadcastable|out of bounds"
)
"""What numpy says if the lengths of arrays do not match. If their numbers of axes do not, it says
something else: then an array of another kind may be meant."""

BY_ONE: Final = {"size": 2, "stride": 1}  # for trying a pool that may always move by one entry
STRIDES: Final = {"stride", "parameters"}  # roles by which a pool can be told to move by more
PADDED: Final = {"padding": 1}  # for trying a convolution that may fail without padding: [p:-p]
PADS: Final = {"padding", "padding-word", "padding-WORD", "parameters"}
"""Roles by which a convolution can be told to pad."""


class Search(NamedTuple):
    """The result of trying all drafts."""

    plan: Plan | None
    right: bool  # whether some forward gave the engine's numbers
    fallen: Sequence[Plan] = ()
    """The plans of which only backward raises, if there is no other whose forward is right."""


class Prober:
    """Tries one layer.

    telling: whether its name leaves no doubt what it is, so that wrong numbers are wrong. alone:
    whether it can only be called through a plan, so that the shapes of the lab's own exercise are
    tried, too. by_one: whether its name says that it always moves by one entry, as no other pool
    does.
    """

    def __init__(
        self, layer: Candidate, topic: str, *, telling: bool, alone: bool, by_one: bool = False
    ) -> None:
        self.trials = Trials(layer, topic)
        self._backward = BackwardReadings(self.trials)
        self.forward = ForwardReadings(self.trials, self._backward)
        self._telling, self._alone, self._by_one = telling, alone, by_one

    def plan(self) -> Plan | None:
        """Return how the layer is called; None if nothing is certain."""
        search, told = self._search(), self.trials.told
        if search.right and not search.plan:
            with self.trials.aside():
                found = self._as_falling(search.fallen) if search.fallen else None
                if not found and self.trials.topic in CONVOLUTIONS:
                    self.trials.tried = self.trials.tried._replace(settings=PADDED, sizes={})
                    found = self._search().plan
                return found
        for tried in self._otherwise():
            if search.plan or search.right or self.trials.spent:
                break
            self.trials.tried, self.trials.told = tried, Told()
            search = self._search()
            if not (search.plan or search.right):
                self.trials.told = told
        return search.plan

    def _otherwise(self) -> Iterator[Tried]:
        """Yield what is tried next: other settings, square images, and the lab's own exercise.

        A pool may always move by one entry, and a layer may take square images only. The exercise
        is left out if an output had as many axes as it should: then the layer is for other shapes.
        """
        ordinary = self.trials.tried
        if self.trials.topic in POOLS and self._by_one:
            yield ordinary._replace(settings=BY_ONE)
        if squares := SQUARE_SIZES.get(self.trials.topic):
            yield ordinary._replace(sizes=squares)
        if self.trials.topic in CONVOLUTIONS and self.forward.near:
            yield ordinary._replace(settings=PADDED)
        if self._alone and not self.forward.near and (shapes := LAB_SHAPES.get(self.trials.topic)):
            yield Tried(shapes, {})

    def _as_falling(self, fallen: Sequence[Plan]) -> Plan | None:
        """Return how a layer is called whose backward raises for all shapes, and so is wrong.

        If its backward works for square images alone, the layer is called with these. Otherwise its
        gradients are located at equal lengths, at which a forgotten transpose raises nothing.
        """
        ordinary = self.trials.tried
        if squares := SQUARE_SIZES.get(self.trials.topic):
            self.trials.tried = ordinary._replace(sizes=squares)
            search = self._search()
            if search.plan or len(fallen) != len(search.fallen):
                return search.plan
        for plan, sizes in product(fallen, EQUAL_SIZES[self.trials.topic]):
            self.trials.tried = ordinary._replace(sizes=sizes)
            found = self._backward.read(plan).plan
            self.trials.tried = ordinary
            if found:
                return self._with_more_forms(found)
        return None

    def _falls(self, plan: Plan) -> bool:
        """Whether backward, called in the only possible way, raises for lengths that do not match.

        It has to raise in every order of axes of the upstream gradient, and forward must take
        nothing that could be meant otherwise. Nor may backward be right if some axis has a single
        entry, or if a minibatch has a usual size: then it is written for these.
        """
        trials = self.trials
        backs = list(trials.drafts.backwards(plan))
        if not trials.weighted or len(backs) != 1 or not trials.drafts.is_plain(plan, backs[0]):
            return False
        axes, plan = plan.forms[0], replace(plan, back=backs[0])
        x, w, given = axes.theirs
        turned = [
            Axes(axes.ours, (x, w, order))
            for order in dict.fromkeys((given, *trials.shapes_of(axes).outputs))
        ]
        asked = trials.asked(axes, bias=plan.bias)
        gone = (self._backward.gone_back(replace(plan, forms=[each]), asked) for each in turned)
        if not all(isinstance(each, BaseException) and _is_of_lengths(each) for each in gone):
            return False
        # For one neuron the upstream gradient (1, out) is a single number, its own transpose.
        special = SPECIAL_SIZES[trials.topic]
        of_several = [each for each in special if "N" in x or each != {"M": 1}]
        return not any(self._may_be_for(plan, **sizes) for sizes in of_several)

    def _may_be_for(self, plan: Plan, **sizes: int) -> bool:
        """Whether backward is right for these sizes, or this is unknown because forward raises."""
        asked = self.trials.asked(plan.forms[0], bias=plan.bias, **sizes)
        given = self._backward.gone_back(plan, asked)
        if isinstance(given, BaseException):
            return False
        right = asked.theirs(asked.grads[0], plan.forms[0], 0)
        return given is None or any(same(each, right) for each in given)

    def _search(self) -> Search:
        """Return how the layer is called, among the shapes that are tried now."""
        likely: list[tuple[Plan, Any]] = []
        certain: list[Told] = []
        fallen: list[Plan] = []
        settings = self.trials.tried.settings
        for each in self.trials.drafts.plans():
            fixed = {name: value for name, value in each.fixed.items() if name in settings}
            given = roles_in(each.constructor, each.arguments)
            if (settings == BY_ONE and STRIDES & given) or (
                settings == PADDED and not PADS & given
            ):
                continue
            if settings == BY_ONE:
                fixed |= {"stride": 1}
            draft = replace(each, square=bool(self.trials.tried.sizes), fixed=fixed)
            if self.trials.spent:
                break
            for sure, plan, alike in self.forward.of_draft(draft):
                if sure:
                    before = len(self.trials.told.failures)
                    whole, told = self._backward.read(plan), self.trials.told
                    if whole.plan:
                        return Search(self._with_more_forms(whole.plan), True)
                    failures = [each._replace(behind=True) for each in told.failures[before:]]
                    certain.append(Told(failures, told.reasons[-1:]))
                    if self._falls(plan):
                        fallen.append(plan)
                    if whole.unsure:
                        self.trials.told = Told([], told.reasons)
                        return Search(None, True)
                elif self._telling and not is_guessed(draft):
                    likely.append((plan, alike))
        if certain:
            self.trials.told = certain[0]
            return Search(None, True, fallen if len(fallen) == len(certain) else ())
        if self.trials.weighted and likely:
            likely = [each for each in likely if self.forward.linear(each[0])]
            if not likely:
                self.trials.tell(
                    "what forward gives is not linear in x and its weights (there may be an "
                    "activation, or a bias of more than one number for each output channel)"
                )
        if likely and len({str(alike) for _, alike in likely}) == 1:
            return Search(self._backward.read(likely[0][0]).plan, False)
        if likely:
            self.trials.tell("its weights and axes can be read in more than one way")
        return Search(None, False)

    def _with_more_forms(self, plan: Plan) -> Plan:
        """Return the plan with all shapes that are taken alike, and with `oblong` found out."""
        first = plan.forms[0]
        if not first.ours[0]:
            return plan
        scalar = LAB_SHAPES.get(self.trials.topic, ()) if plan.weight == HANDED else ()
        found = (
            first if shapes.ours == first.ours else self._same_way(plan, shapes)
            for shapes in dict.fromkeys((*self.trials.tried.shapes, *scalar))
        )
        forms = [each for each in found if each is not None]
        if "N" in forms[0].theirs[0]:  # then (1, in) is a minibatch of one
            forms = [each for each in forms if "1" not in each.theirs[0]]
        plan = replace(plan, forms=forms)
        if self.trials.topic == "Conv2D":
            plan = replace(plan, oblong=self._oblong(plan))
        return plan

    def _same_way(self, plan: Plan, shapes: Shapes) -> Axes | None:
        for theirs in product(shapes.inputs, shapes.weights, shapes.outputs):
            if ("N" in theirs[0]) != ("N" in theirs[2]):
                continue
            axes = Axes(shapes.ours, theirs)
            asked = self.trials.asked(axes, bias=plan.bias)
            tried = replace(plan, forms=[axes], axes=theirs[1])
            if self.trials.is_right(tried, asked) and self._backward.goes_back(tried, asked):
                return axes
        return None

    def _oblong(self, plan: Plan) -> bool:
        if "k" in plan.pairs or roles_in(plan.constructor, plan.arguments) & {"K", "w", *WHOLE}:
            return True
        asked = self.trials.asked(plan.forms[0], bias=plan.bias, K=2, Y=7)
        return self.trials.called(self.trials.adapter(plan), asked) is not None


def _is_of_lengths(error: BaseException) -> bool:
    """Whether numpy raised because lengths do not match; a student's own raise does not count."""
    *_, (last, _) = walk_tb(error.__traceback__)
    by_numpy = str(last.f_globals.get("__name__")).partition(".")[0] == "numpy"
    if not isinstance(error, ValueError | IndexError) or (has_raised(error) and not by_numpy):
        return False
    return OF_LENGTHS.search(str(error)) is not None

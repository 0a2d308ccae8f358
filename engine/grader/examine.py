"""Asks a class for everything that it may offer, and decides what it was not meant for."""

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import InitVar, asdict, dataclass, field, replace
from itertools import combinations, pairwise
from typing import Any, Final

import numpy as np

from engine.grader.cases import NO_KINKS, Case, Feature, Reference, Topic, reference_at
from engine.grader.interfaces import ANY_NUMBER, POOLS, Access, defaults
from engine.grader.outcome import CHECKING, Outcome, Special, close, compared
from engine.grader.process import EndedError, StudentProcess
from engine.grader.wire import Description, Json, Raised, pack, unpack
from engine.grader.words import listed


@dataclass(eq=False)
class Exam:
    """What a class answered."""

    topic: Topic
    description: InitVar[Json]  # how the class is called, as it was sent; unpacked in `about`
    asked: list[Outcome] = field(default_factory=list)  # everything, in order
    outcomes: list[Outcome] = field(default_factory=list)  # of the features that the class offers
    refused: dict[str, tuple[str, Outcome | None]] = field(default_factory=dict)
    """The other features, each with the reason and the outcome that shows it, None if it was clear
    from the signatures."""
    offered: list[Feature] = field(default_factory=list)
    passes: list[tuple[Special, Outcome, Outcome]] = field(default_factory=list)
    """A second pass of the same instance ("again"), or one with another instance in between
    ("twin"), each with the outcome of the other pass."""
    integers: Outcome | None = None  # with whole numbers as x
    advised: list[Outcome] = field(default_factory=list)  # what only leads to advice

    def __post_init__(self, description: Json) -> None:
        self.about = Description(**description)

    @property
    def never_gives_dx(self) -> bool:
        """Whether forward is right somewhere, and backward nowhere gives the right dx."""
        forward = False
        for each in self.asked:
            right = each.reference
            if each.output is not None:
                forward |= compared("forward", "", each.output, right.output) is None
            dx = each.gradients[0].array if each.gradients else None
            if dx is not None and close(dx, right.grads(NO_KINKS)[0]):
                return False
        return forward


class Examiner:
    """Asks one class its questions, within its time."""

    def __init__(
        self, topic: Topic, description: Json, process: StudentProcess, seconds: float
    ) -> None:
        self._topic, self._exam = topic, Exam(topic, description)
        self.asker = Asker(topic, description, process, seconds)
        self._checked: set[str] = set()

    def examine(self) -> Exam:
        """Ask for feature after feature; end early if the student's process does."""
        exam = self._exam
        postponed: list[tuple[Feature, list[Outcome], str]] = []
        for feature in self._features():
            names = {each.name for each in exam.offered}
            if feature.within and feature.within not in names:
                continue
            if missing := self._missing(feature):
                exam.refused[missing[0]] = (missing[1], None)
                continue
            outcomes = self._answers(feature)
            exam.asked += outcomes
            reasons = [refusal(each) for each in outcomes]
            counted = _counted(outcomes, reasons)
            if not counted:
                refused = zip(reasons, outcomes, strict=True)
                exam.refused[feature.name] = next(each for each in refused if each[0])
                continue
            if feature.advice:
                exam.advised += counted
                continue
            lenient = [refusal(each, leniently=True) for each in outcomes]
            if not feature.within and not _counted(outcomes, lenient):
                postponed.append((feature, outcomes, lenient[0]))
                continue
            for outcome, reason in zip(outcomes, reasons, strict=True):
                if outcome not in counted:
                    exam.refused[_described(outcome)] = (reason, outcome)
            exam.offered.append(feature)
            exam.outcomes += counted
            if _has_ended(outcomes[-1]):
                return exam
            exam.outcomes += filter(None, map(self._by_check, counted))
        self._settle(exam, postponed)
        self._leave_out_chance(exam)
        for setting in self.asker.pairs:
            exam.refused[f"a number as {setting}"] = ("it needs a pair", None)
        self._further(exam)
        return exam

    def _features(self) -> Iterator[Feature]:
        """Yield the features to ask for; of a pool that always moves by one entry, such cases only.

        The windows of such a pool always overlap, so that windows side by side do not come first.
        """
        plan = self._exam.about.plan
        by_one = bool(plan and plan["fixed"].get("stride") == 1)
        for feature in self._topic.features:
            if not by_one:
                yield feature
            elif cases := [each for each in feature.cases if each.settings.get("stride") == 1]:
                yield replace(feature, cases=tuple(cases), within="")
            else:
                self._exam.refused["another stride than 1"] = ("forward has no other", None)

    def _settle(self, exam: Exam, postponed: Sequence[tuple[Feature, list[Outcome], str]]) -> None:
        """Decide on postponed features: what a class claims, it must do in some form.

        If it does so in no form, the one in which it comes furthest is offered, and wrong.
        """
        elsewhere = {each.what for each in exam.offered}
        for feature, outcomes, reason in postponed:
            alike = [each for each in postponed if each[0].what == feature.what]
            nearest = max(alike, key=lambda each: max(answer.progress for answer in each[1]))
            if feature.what in elsewhere or nearest[0] is not feature:
                exam.refused[feature.name] = (reason, outcomes[0])
            else:
                exam.offered.append(feature)
                exam.outcomes += outcomes

    def _leave_out_chance(self, exam: Exam) -> None:
        """Take back forms that only forward takes, by numpy's broadcasting: `w @ windows.T`, say.

        In such a form backward gets the shapes wrong in every case, while in a form with more axes
        it gives gradients of the right shapes, whether their numbers are right or wrong.
        """
        forms: dict[str, list[Outcome]] = {}
        for outcome in exam.outcomes:
            forms.setdefault(outcome.feature.form, []).append(outcome)
        meant = [form for form, outcomes in forms.items() if all(map(_gives_shapes, outcomes))]
        for form, outcomes in forms.items() if len(self._topic.inputs) > 1 and meant else ():
            reasons = [_by_chance(each) for each in outcomes]
            if [*forms].index(form) < [*forms].index(meant[-1]) and all(reasons):
                exam.refused[form] = reasons[0], outcomes[0]
                exam.outcomes = [each for each in exam.outcomes if each.feature.form != form]
                exam.offered = [each for each in exam.offered if each.form != form]

    def _missing(self, feature: Feature) -> tuple[str, str] | None:
        """Return what the signatures show not to be offered, and why; None if nothing."""
        about = self._exam.about
        for setting in feature.settings:
            default = setting == "stride" and all(
                each.settings.get("size") == each.settings["stride"] for each in feature.cases
            )
            if setting not in about.settings and not default:
                if not (about.plan and about.plan["functions"]):
                    return setting, f"the constructor takes no {setting}"
                if setting == "labels":
                    return setting, "a function takes them with the logits"
                return setting, f"forward takes no {setting}"
        _, most = about.forward
        return ("a bias b", "forward takes none") if feature.bias and most < 3 else None

    def _answers(self, feature: Feature) -> list[Outcome]:
        """Return the outcomes of a feature's cases, in the way in which the class takes them."""
        outcomes = self._asked(feature)
        if self._topic.axes == 2:
            return self._in_pairs(feature, outcomes)
        if self._topic.name == "Sequential" and self._are_refused(outcomes):
            self.asker.own.add(feature)  # it may need something that only the student's layers have
            again = self._asked(feature)
            if any(each.error.of_layers for each in outcomes) or not self._are_refused(again):
                return again
            self.asker.own.remove(feature)
        return outcomes

    def _asked(self, feature: Feature) -> list[Outcome]:
        """Return the outcomes of a feature's cases; of the first two only, if both are refused."""
        outcomes: list[Outcome] = []
        for case in feature.cases:
            check = (feature.what or feature.form) not in self._checked
            outcome = self.asker.ask(feature, self.asker.adapted(case), check=check)
            outcome = self._where_it_fell(self._carried_through(outcome))
            if self._is_of_its_layers(outcome):
                outcome = _not_judged(outcome)
            outcomes.append(outcome)
            if outcome.checks:
                self._checked.add(feature.what or feature.form)
            if _has_ended(outcome):
                break
            if len(outcomes) == 2 and self._are_refused(outcomes):
                break
        return outcomes

    def _carried_through(self, outcome: Outcome) -> Outcome:
        """Drop an error that only the shape of dout causes, if forward's own shape is wrong.

        A class that takes a pair and pools by its first number alone has not refused the pair.
        """
        output, feature = outcome.output, outcome.feature
        asked = feature.free and feature.within and outcome.error
        if not asked or output is None:
            return outcome
        if output.odd or output.shape == outcome.reference.output.shape:
            return outcome
        theirs = replace(outcome.case, dout=np.ones(output.shape))
        return outcome if self.asker.ask(feature, theirs).error else _without_error(outcome)

    def _where_it_fell(self, outcome: Outcome) -> Outcome:
        """Return the case at which a gradient check raised something, in place of the first one.

        What a class itself refuses there is not an error: the check goes beyond what was asked. Nor
        is an exception before anything was moved (the instance could not be made), or one for a
        gradient in the shape of a wrong output.
        """
        if outcome.reply.get("at") != CHECKING or not outcome.error:
            return outcome
        if outcome.error.deliberate or "moved" not in outcome.reply:
            return _without_error(outcome)
        *inputs, dout = (None if each is None else unpack(each) for each in outcome.reply["moved"])
        if dout is not None and dout.shape != outcome.case.dout.shape:
            return _without_error(outcome)
        case = replace(
            outcome.case,
            point=CHECKING,
            inputs=tuple(each for each in inputs if each is not None),
            dout=outcome.case.dout if dout is None else dout,
        )
        again = self.asker.ask(outcome.feature, case)
        return again if again.error else outcome

    def _is_of_its_layers(self, outcome: Outcome, **passes: Any) -> bool:
        """Whether a row of the student's layers fails without the student's Sequential, too."""
        theirs = outcome.feature in self.asker.own and outcome.reply.get("layers")
        if self._topic.name != "Sequential" or not theirs or not outcome.problems(NO_KINKS):
            return False
        row = self.asker.ask(outcome.feature, outcome.case, by_hand=True, **passes)
        return bool(row.problems(NO_KINKS))

    def _are_refused(self, outcomes: Sequence[Outcome]) -> bool:
        return all(refusal(each, leniently=True) for each in outcomes)

    def _in_pairs(self, feature: Feature, outcomes: list[Outcome]) -> list[Outcome]:
        """Ask the same with pairs instead of numbers, if a class takes nothing else."""
        values = [value for case in feature.cases for value in case.settings.values()]
        if not all(isinstance(each, int) for each in values) or not self._are_refused(outcomes):
            return outcomes
        before = self.asker.pairs
        for count in range(1, len(feature.settings) + 1):
            for settings in combinations(feature.settings, count):
                self.asker.pairs = settings
                again = self._asked(feature)
                if not self._are_refused(again):
                    return again
        self.asker.pairs = before
        return outcomes

    def _by_check(self, outcome: Outcome) -> Outcome | None:
        """Return a failure that only the gradient check's own dout brought to light, else None.

        The case is asked once more with that dout, in as few digits as show the failure.
        """
        found = outcome.as_checked
        if found is None or outcome.problems(NO_KINKS) or not found.wrong_gradients(NO_KINKS):
            return None
        for digits in (1, 2, 4):
            shorter = replace(found.case, dout=np.round(found.case.dout, digits))
            again = self.asker.ask(outcome.feature, shorter)
            if not again.before_gradients and again.wrong_gradients(NO_KINKS):
                return again
        return found

    def _further(self, exam: Exam) -> None:
        """Ask what only two passes show, with the longest row of layers, and about whole numbers.

        Both need a feature with two cases of the same settings and layers.
        """
        pairs = [*_pairs(exam.outcomes)]
        if not pairs:
            return
        one, another = max(pairs, key=lambda each: len(each[0].case.layers))
        self._pass_twice(exam, "again", one, another)
        self._pass_twice(exam, "twin", one, another)
        # Only a pass of the same shapes shows what is kept as long as the shapes are the same.
        self._pass_twice(exam, "again", one, self._turned(one))
        if biased := next((each for each in exam.outcomes if each.feature.bias), None):
            self._pass_twice(exam, "again", biased, self._turned(biased))
        first, other = pairs[0][0], pairs[0][1].case
        whole = np.rint(4 * other.inputs[0]).astype(np.int64)  # as distinct, and nowhere 0
        floats = replace(other, inputs=(whole.astype(np.float64), *other.inputs[1:]))
        integers = replace(other, inputs=(whole, *other.inputs[1:]))  # type: ignore[arg-type]
        if Reference(self._topic, integers).kinked:
            return
        outcome = self.asker.ask(first.feature, integers)
        # What is wrong with the same numbers as floats is not wrong because they are whole.
        if not (
            outcome.problems(NO_KINKS) and self.asker.ask(first.feature, floats).problems(NO_KINKS)
        ):
            exam.integers = outcome

    def _turned(self, outcome: Outcome) -> Outcome:
        """Return the outcome of the same case with the sign of each input changed."""
        case = outcome.case
        turned = replace(case, inputs=tuple(-each for each in case.inputs))
        return self.asker.ask(outcome.feature, turned)

    def _pass_twice(self, exam: Exam, special: Special, one: Outcome, another: Outcome) -> None:
        """Ask a case with another pass before or during it; drop it if its layers are to blame."""
        given: Json = {PASS[special]: self.asker.given(another.case)}
        outcome = self.asker.ask(one.feature, one.case, **given)
        if not self._is_of_its_layers(outcome, **given):
            exam.passes.append((special, outcome, another))


def _without_error(outcome: Outcome) -> Outcome:
    reply = {name: each for name, each in outcome.reply.items() if name != "error"}
    return replace(outcome, reply=reply)


def _not_judged(outcome: Outcome) -> Outcome:
    """Return a refusal: the file's own layers in a row already differ from the engine's."""
    layers = listed(outcome.reply["layers"])
    says = (
        f"it cannot be judged with the file's own {layers}: gone through by hand, "
        "these too give something else than ours"
    )
    error = Raised(message=says, refusal=True, of_layers="theirs")
    return replace(outcome, reply={**outcome.reply, "error": asdict(error)})


def _counted(outcomes: Sequence[Outcome], reasons: Sequence[str]) -> list[Outcome]:
    """Return the outcomes that count: all that the class does not refuse; [] if it offers nothing.

    It offers nothing if it refuses all cases, or all ordinary ones, or one ordinary case and not
    another that differs in its numbers alone; or if some output is of another kind and no case is
    right before its gradients: a loop over len(w) makes of several filters something whose shape is
    sometimes right. It also offers nothing if it could not use the engine's layers in place of its
    own: a row of one ReLU, which is all that remains, says little.
    """
    if any(each.error.of_layers for each in outcomes):
        return []
    foreign = any(
        reason and each.output is not None and each.output.shape != each.reference.output.shape
        for each, reason in zip(outcomes, reasons, strict=True)
    )
    if all(reasons) or (foreign and all(each.before_gradients for each in outcomes)):
        return []
    counted = [each for each in outcomes if not refuses(each)]
    ordinary = [each.case.kind for each in outcomes if each.case.ordinary]
    answered = [each.case.kind for each in counted if each.case.ordinary]
    by_numbers = any(ordinary.count(kind) > answered.count(kind) for kind in answered)
    return [] if ordinary and (by_numbers or not answered) else counted


def _described(outcome: Outcome) -> str:
    """Return one case of a feature in words: 'MaxPool2D(size=3) for h of shape (3, 3)'."""
    case, names = outcome.case, outcome.topic.inputs
    shapes = " and ".join(
        f"{name} of shape {each.shape}" for name, each in zip(names, case.inputs, strict=False)
    )
    return f"{outcome.made} for {shapes}" + ("" if case.ordinary else f", {case.point}")


def _has_ended(outcome: Outcome) -> bool:
    """Whether to stop here: the process is gone, or would fill the memory again and again."""
    return outcome.error.type == "MemoryError" or outcome.ended is not None


def _pairs(outcomes: Sequence[Outcome]) -> Iterator[tuple[Outcome, Outcome]]:
    """Yield two cases of one feature, away from kinks, with the same settings and layers."""
    for first, second in pairwise(outcomes):
        one, other = first.case, second.case
        alike = (one.settings, one.layers) == (other.settings, other.layers)
        same = first.feature is second.feature and alike
        if same and not (first.reference.kinked or second.reference.kinked):
            yield first, second


CHECKED: Final = 100
"""A gradient check is made for one case of each form, and of each thing to do in whatever form, if
it has at most so many entries."""
CALLS: Final = 4  # how often a gradient check calls forward for each entry
SECONDS_LEFT: Final = 0.05  # seconds that are always left for one more answer
PASS: Final[Mapping[str, str]] = {"again": "first", "twin": "other"}
"""The name of the other pass in a request, for each kind of second pass."""
NAMELESS: Final = ("POSITIONAL_ONLY", "VAR_POSITIONAL")


class Asker:
    """Puts cases to one class in the way in which it takes them."""

    def __init__(
        self, topic: Topic, description: Json, process: StudentProcess, seconds: float
    ) -> None:
        self._topic, self._about = topic, Description(**description)
        self._process, self._pace = process, math.inf
        self._seconds = self._left = seconds
        # A class that takes layers is given the student's in these features, if there are any, and
        # the engine's in all others.
        self.own = {*topic.features} if topic.name == "ConvBlock" else set()
        self.pairs: tuple[str, ...] = ()  # settings that it takes as pairs only, (2, 2) for 2

    def adapted(self, case: Case) -> Case:
        """Return the case as this class takes it: with b if needed, dout 1 if it takes none."""
        if self._about.forward[0] == 3 and len(case.inputs) == 2:
            assert case.spare is not None
            case = replace(case, inputs=(*case.inputs, case.spare))
        if not self._takes_dout:
            case = replace(case, dout=np.ones_like(case.dout))
        return case

    @property
    def _takes_dout(self) -> bool:
        return not self._topic.scalar or self._about.backward[1] > 0

    def ask(self, feature: Feature, case: Case, *, check: bool = False, **more: Any) -> Outcome:
        """Return the outcome of a case; more: what a second pass is given, or `by_hand`."""
        reference, takes_dout = reference_at(self._topic, case), self._takes_dout
        # A class that can take a bias may give its gradient even if it is given none.
        takes_b = self._topic.inputs[2:] == ("b",) and self._about.forward[1] > 2
        request = {
            "class": self._about.name,
            "topic": self._topic.name,
            "plan": self._about.plan,
            "names": [self._topic.inputs[0], self._topic.upstream],
            "takes_layers": self._about.layers,
            "settings": self._settings(case),
            "layers": case.layers,
            "own": feature in self.own,
            "check": check and not reference.kinked and self._affordable(case),
            "left_out": int(takes_b and len(case.inputs) == 2),
            **self.given(case),
            **more,
        }
        reply, ended, started = {}, None, time.monotonic()
        try:
            reply = self._process.ask(request, max(SECONDS_LEFT, self._left))
        except EndedError as error:
            ended = error
        took = time.monotonic() - started
        self._left -= took
        if not request["check"]:
            self._pace = min(self._pace, took)
        # A stride that the constructor does not take is the size, and is left out.
        settings = self._about.settings
        ways = {settings[each][1] for each in feature.settings if each in settings}
        if feature.bias and self._about.forward[1] >= ANY_NUMBER:
            ways.add("any")
        made = self._made(case, reply)
        return Outcome(feature, reference, made, reply, ended, takes_dout, frozenset(ways))

    def begin_anew(self) -> None:
        """Go on in a process that has seen nothing, with all the time."""
        self._process.end()
        self._left = self._seconds

    def _affordable(self, case: Case) -> bool:
        """Whether a gradient check takes at most a quarter of the time left, at the best pace."""
        entries = sum(each.size for each in case.inputs)
        return entries <= CHECKED and CALLS * entries * self._pace < self._left / 4

    def _settings(self, case: Case) -> Json:
        settings: Json = {
            name: (value, value) if name in self.pairs and isinstance(value, int) else value
            for name, value in case.settings.items()
        }
        if "stride" not in self._about.settings:
            settings.pop("stride", None)  # stride = size; `_missing` has ensured it
        if case.bound and case.labels is not None:
            settings["labels"] = pack(case.labels)
        return settings

    def _made(self, case: Case, reply: Json) -> str:
        """Return the constructor's call, as the student would write it."""
        if case.layers and self._about.layers:
            layers = ", ".join(reply.get("layers", ()))
            given = f"[{layers}]" if self._about.layers == "list" else layers
            return f"{self._about.name}({given})"
        settings, order = self._settings(case), self._topic.settings
        ways = {
            setting: Access(*way)
            for setting, way in self._about.settings.items()
            if setting in order
        }
        nameless = [each for each in order if each in ways and ways[each].kind in NAMELESS]
        last = max((nameless.index(each) for each in settings if each in nameless), default=-1)
        words = [
            _written(settings.get(each, defaults(order).get(each))) for each in nameless[: last + 1]
        ]
        for setting in (each for each in settings if each not in nameless):
            way = ways[setting]
            word = setting if way.how == "any" else way.parameter
            words.append(f"{word}={_written(settings[setting])}")
        return f"{self._about.name}({', '.join(words)})"

    def given(self, case: Case) -> Json:
        """Return what forward and backward are given, as it is sent."""
        return {
            "inputs": [pack(each) for each in case.inputs],
            "labels": None if case.handed is None else pack(case.handed),
            "dout": pack(case.dout) if self._takes_dout else None,
        }


def _written(value: Any) -> str:
    """Return a setting as Python; labels as the array that they are."""
    return f"np.array({value['values']})" if isinstance(value, dict) else f"{value}"


# Not offered, or wrong? What an answer says about whether a class was meant for such a case

SHAPELESS: Final = ("ReLU", *POOLS, "Flatten")
"""Classes whose forward may be one numpy call for any shape, even if backward is for fewer."""


def refusal(outcome: Outcome, *, leniently: bool = False) -> str:
    """Return why an outcome counts as not offered; "" if it counts, right or wrong.

    Whatever a class raises itself, before it has given anything wrong, is a refusal; so is it if
    the engine's layers, in place of its own, take something else. Errors of code that was not
    written for such inputs are refusals too, and so is an output of another kind; but not if the
    class names the setting, unless it is looked at leniently, since backward may be for fewer
    shapes than forward.
    """
    if outcome.ended is not None:
        return ""
    error = outcome.error
    if refuses(outcome) or error.of_layers:
        return what_it_raised(outcome)
    claimed = outcome.ways == {"named"} and outcome.feature.claimed and not leniently
    if outcome.output is not None and (said_so := _of_output(outcome, claimed)):
        return said_so
    if not error:
        return _of_gradients(outcome)
    early = outcome.output is None and (error.binding or not claimed)
    shapeless = leniently and outcome.topic.name in SHAPELESS and not outcome.feature.within
    by_numpy = shapeless or (outcome.feature.free and not _reads_settings(outcome))
    return what_it_raised(outcome) if error.refusal and (early or by_numpy) else ""


def _reads_settings(outcome: Outcome) -> bool:
    """Whether the output is the right one for a setting, which broadcasting cannot bring about."""
    output, right = outcome.output, outcome.reference.output
    if output is None or not outcome.feature.settings:
        return False
    return compared("forward", "", output, right) is None


def refuses(outcome: Outcome) -> bool:
    """Whether the student's own code refuses, with a raise or assert of whatever exception.

    Not if it has given a wrong output before.
    """
    problem = outcome.before_gradients
    return bool(outcome.error.deliberate and problem and problem.kind == "raises")


def _of_output(outcome: Outcome, claimed: bool) -> str:
    output, right, topic = outcome.output, outcome.reference.output, outcome.topic
    assert output is not None
    if outcome.vague and outcome.before_gradients is not None and _comes_to_nothing(outcome):
        taker = "forward" if outcome.feature.bias else "the constructor"
        return f"{taker} takes it, under no name that tells so, and nothing comes of it"
    if output.odd:
        return "" if claimed else f"forward gives {output.odd}"
    if output.shape == right.shape:
        return ""
    lead = max(0, right.ndim - topic.axes)
    whole = "size" not in outcome.case.settings and topic.pool
    # An empty output is of another kind: it comes from a loop without any turns.
    ours = len(output.shape) == right.ndim and not whole and 0 not in output.shape
    if claimed or (ours and output.shape[:lead] == right.shape[:lead]):
        return ""
    # In a form that is taken, the right numbers may have lost an axis of length 1: squeeze().
    taken = outcome.feature.within and not topic.pool
    if taken and output.array is not None and close(output.array.ravel(), right.ravel()):
        return ""
    return f"{topic.output} has the shape {output.shape}, such a case needs {right.shape}"


def _comes_to_nothing(outcome: Outcome) -> bool:
    """Whether a wrong output shows that what went through *args was not read.

    A bias changes no shape: it was read unless the output is the right one without it, and is
    meant to be if backward gives its gradient.
    """
    if not outcome.feature.bias:
        return True
    if outcome.gradients:
        return False
    assert outcome.output is not None
    plain = replace(outcome.case, inputs=outcome.case.inputs[:-1])
    right = reference_at(outcome.topic, plain).output
    return compared("forward", "", outcome.output, right) is None


def _of_gradients(outcome: Outcome) -> str:
    """Return how gradients show that only numpy's broadcasting made the output right; else ""."""
    free = [i for i in outcome.feature.free if i < len(outcome.case.inputs)]
    if not free or not outcome.gradients:
        return ""
    shapes = [(outcome.gradients[i].shape, outcome.case.inputs[i].shape) for i in free]
    # Right; or wrong: with its axes in another order, or for each example separately.
    lead = int(outcome.topic.batched(outcome.case.inputs[0]))
    if any(sorted(needed) in (sorted(got), sorted(got[lead:])) for got, needed in shapes):
        return ""
    got, needed = shapes[0]
    name = outcome.topic.gradient(free[0])
    return f"{name} has the shape {got}, such a case needs {needed}"


def _gives_shapes(outcome: Outcome) -> bool:
    """Whether forward is right, and backward gives gradients of the right shapes."""
    return outcome.before_gradients is None and all(
        each.kind == "numbers" for each in outcome.wrong_gradients(NO_KINKS)
    )


def _by_chance(outcome: Outcome) -> str:
    """Return what shows that backward is not meant for shapes that forward gets right; else ""."""
    problem = outcome.before_gradients
    if problem is not None:
        raises = problem.kind == "raises" and outcome.output is not None
        return what_it_raised(outcome) if raises and outcome.error.refusal else ""
    for each in outcome.wrong_gradients(NO_KINKS):
        got, right = each.got, each.expected
        if each.kind != "shape" or got is None or right is None:
            continue
        # An axis was summed over; or what should be a number is an array of one.
        if got.ndim < right.ndim or close(got.ravel(), right.ravel()):
            return f"{each.quantity} has the shape {got.shape}, such a case needs {right.shape}"
    return ""


def what_it_raised(outcome: Outcome) -> str:
    """Return what a class raised, with the message only if it is the student's own."""
    method, error = outcome.reply["at"], outcome.error
    if error.of_layers == "theirs":
        return error.message
    theirs = error.deliberate or error.binding or error.of_layers
    says = error.words if theirs else f"raises {error.type}"
    whose = ", of a layer that is ours for want of its own" if error.of_layers else ""
    return f"{'the constructor' if method == '__init__' else method} {says}{error.where}{whose}"

"""One case as a student's class answered it, and what is wrong with the answer, in words."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final, Literal, TypeAlias

import numpy as np

from engine.arrays import Array
from engine.grader.cases import Case, Convention, Feature, Reference, Topic
from engine.grader.process import EndedError
from engine.grader.wire import Json, Numbers, Raised, Value, unpack, unpack_value

Kind: TypeAlias = Literal[
    "raises", "ended", "odd", "count", "shape", "numbers", "changed", "differences"
]

TOLERANCE: Final = 1e-5  # how far a number may be off: single precision is good enough


def close(got: Numbers, expected: Array, tolerance: float = TOLERANCE) -> bool:
    """Whether numbers are the expected ones: the same shape, and none off by more than allowed.

    tolerance: relative to the largest finite one of all, if that is above 1: a 0 may be the sum of
    large terms, which have been rounded.
    """
    if got.shape != expected.shape:
        return False
    largest = np.abs(expected).max(initial=0, where=np.isfinite(expected))
    with np.errstate(invalid="ignore"):
        off = np.abs(got - expected)
    return bool(((got == expected) | (off <= tolerance * max(1.0, float(largest)))).all())


@dataclass(frozen=True, eq=False)
class Problem:
    """Something wrong."""

    kind: Kind
    method: str  # the one that went wrong
    sentence: str
    quantity: str = ""  # "z", "dx"; "" if it is about none
    argument: int = -1
    got: Numbers | None = None  # the student's numbers, if it is about numbers
    expected: Array | None = None  # the right ones
    place: Json | None = None  # the student's line
    raised: str = ""  # the type of an exception that the sentence names

    @property
    def off(self) -> Array:
        """How far each number is from the right one."""
        assert self.got is not None
        assert self.expected is not None
        return np.abs(self.got - self.expected)


def compared(method: str, name: str, value: Value, right: Array) -> Problem | None:
    """Return what is wrong with the numbers that a method gave for a quantity; None if nothing."""
    if value.odd:
        return Problem("odd", method, f"{method} gives {value.odd} as {name}, needs numbers", name)
    if value.shape != right.shape:
        needed = f"{right.shape}" if right.ndim else "(), a single number"
        sentence = f"{name} has the wrong shape: got {value.shape}, needs {needed}"
        return Problem("shape", method, sentence, name, -1, value.array, right)
    assert value.array is not None
    if close(value.array, right):
        return None
    infinite = value.array[~np.isfinite(value.array)]
    sentence = f"{name} contains {infinite[0]}" if infinite.size else f"{name} is wrong"
    return Problem("numbers", method, sentence, name, -1, value.array, right)


CHECKING = "gradient check"


@dataclass(frozen=True, eq=False)
class Outcome:
    """A case and what came of it. Exactly one of reply and ended is there."""

    feature: Feature
    reference: Reference
    made: str  # how the instance was made, 'MaxPool(kernel_size=2)', by the student's own names
    reply: Json = field(default_factory=dict)
    ended: EndedError | None = None
    takes_dout: bool = True  # whether backward is given the upstream gradient
    ways: frozenset[str] = frozenset()
    """How the constructor takes the feature's settings, each as `Access.how`; "any" of a bias that
    forward takes through *args."""

    @property
    def case(self) -> Case:
        """The case."""
        return self.reference.case

    @property
    def topic(self) -> Topic:
        """The class."""
        return self.reference.topic

    @property
    def vague(self) -> bool:
        """Whether a setting went through *args, **kwargs or a parameter of another name.

        Or a bias through the *args of forward.
        """
        return not self.ways <= {"named"}

    @cached_property
    def error(self) -> Raised:
        """What was raised."""
        return Raised(**self.reply.get("error", {}))

    @cached_property
    def output(self) -> Value | None:
        """What forward gave; None if it did not come so far."""
        return unpack_value(self.reply["output"]) if "output" in self.reply else None

    @cached_property
    def gradients(self) -> tuple[Value, ...]:
        """What backward gave, one for each input; () if it gave something else."""
        given = self.reply.get("gradients", {}).get("values", [])
        return tuple(map(unpack_value, given))

    @property
    def checks(self) -> list[Json]:
        """What the gradient check found, one result for each input; [] if there was no check."""
        check = self.reply.get("check")
        return [] if check is None else list(check["results"])

    @cached_property
    def as_checked(self) -> "Outcome | None":
        """The case once more, as the gradient check asked it: with the dout that it chose."""
        if not self.checks:
            return None
        dout = unpack(self.reply["check"]["dout"])
        if dout.shape != self.case.dout.shape:
            return None  # forward gives a wrong shape
        case = replace(self.case, point=CHECKING, dout=dout)
        values = [result["analytic"] for result in self.checks]
        reply = {"output": self.reply["output"], "gradients": {"values": values}, "changed": []}
        return replace(self, reference=Reference(self.topic, case), reply=reply)

    @cached_property
    def before_gradients(self) -> Problem | None:
        """What is wrong before any gradient is looked at, and so under every convention."""
        return self._ended() or self._forward() or self._raised() or self._handed_over()

    @property
    def progress(self) -> float:
        """How far the answer came: 0 the constructor, 1 forward, 2 backward, 3 and 4 gradients.

        And by a fraction further, the further down the line is that raised: inputs with too few
        axes raise in the first line, which unpacks their shape.
        """
        if "gradients" in self.reply:
            return 4 if self.before_gradients is None else 3
        line = self.error.place["line"] if self.error.place else 0
        stage = {"__init__": 0, "forward": 1, "backward": 2}.get(self.reply.get("at", ""), 0)
        return stage + line / (line + 1)

    def problems(self, convention: Convention) -> tuple[Problem, ...]:
        """Return what is wrong under a convention: something before the gradients, else these."""
        before = self.before_gradients
        return (before,) if before else tuple(self.wrong_gradients(convention))

    def wrong_gradients(self, convention: Convention) -> list[Problem]:
        """Return what is wrong with the gradients under a convention, if there are any."""
        found, expected = [], self.reference.grads(convention)
        for argument, (value, right) in enumerate(zip(self.gradients, expected, strict=True)):
            name = self.topic.gradient(argument)
            if problem := compared("backward", name, value, right):
                found.append(replace(problem, argument=argument))
        return found

    def _ended(self) -> Problem | None:
        ended = self.ended
        if ended is None:
            return None
        checking = ended.at == CHECKING
        method = "forward" if checking or not ended.at else ended.at
        often = ", called again for each entry that is moved a little," if checking else ""
        sentence = f"{self.topic.name}.{method}{often} {ended.how}; what follows was not run"
        return Problem("ended", method, sentence, place=ended.place)

    def _raised(self) -> Problem | None:
        if not self.error:
            return None
        method, says = self.reply["at"], self.error.words
        if method == CHECKING:
            method, says = "forward", f"{says} (while one entry after the other was moved a little)"
        sentence, place = f"{method} {says}", self.error.place
        return Problem("raises", str(method), sentence, place=place, raised=self.error.name)

    def _forward(self) -> Problem | None:
        if self.output is None:
            return None
        found = compared("forward", self.topic.output, self.output, self.reference.output)
        return found or self._changed("forward")

    def _handed_over(self) -> Problem | None:
        given = self.reply["gradients"]
        names = [self.topic.gradient(i) for i in range(len(self.case.inputs))]
        needs = names[0] if len(names) == 1 else f"({', '.join(names)})"
        if "odd" in given:
            return Problem("odd", "backward", f"backward gives {given['odd']}, needs {needs}")
        if "count" in given:
            gradients = f"{given['count']} gradient{'' if given['count'] == 1 else 's'}"
            sentence = f"backward gives {gradients}, needs {len(names)}: {needs}"
            return Problem("count", "backward", sentence)
        return self._changed("backward")

    def _changed(self, method: str) -> Problem | None:
        """Return a problem if a method has changed an input, which is then lost to the caller."""
        for each in self.reply["changed"]:
            if each["dout"] or each["method"] != method:
                continue
            name = self.topic.inputs[each["argument"]]
            sentence = (
                f"{method} writes into {name}, which belongs to the caller, and may be used again: "
                f"work on a copy"
            )
            before = self.case.inputs[each["argument"]]
            return Problem("changed", method, sentence, name, -1, unpack(each["now"]), before)
        return None


Special: TypeAlias = Literal["", "again", "twin", "after"]
SPECIAL: Final[Mapping[str, str]] = {
    "again": (
        "the second pass through one instance goes wrong: something is left over from the first "
        "(is a gradient added to what was there?)"
    ),
    "twin": (
        "two instances share what forward remembers (a class attribute, a global?): after another "
        "one's forward this one's backward goes wrong"
    ),
    "after": (
        "by itself this case is right: it goes wrong after the one before it, though each is given "
        "an instance of its own (is something left over in a class attribute, a global?)"
    ),
}
OF_FUNCTIONS: Final[Mapping[str, str]] = {
    "again": "the second call goes wrong: something is left over from the first (in a global?)",
    "twin": "all calls share what forward remembers (a global?): after another forward it is gone",
    "after": (
        "by itself this case is right: it goes wrong after the one before it (is something left "
        "over in a global?)"
    ),
}
"""The same for functions, which have no instances."""


@dataclass(frozen=True, eq=False)
class Failure:
    """A case that fails, and in what: at least one problem."""

    outcome: Outcome
    problems: tuple[Problem, ...]
    special: Special = ""
    """For passes that are no cases of a feature: "again" for the second pass of an instance, "twin"
    for a pass with another instance in between. "after" for a case that fails only if another
    instance has had a pass before it."""
    other: Outcome | None = None  # the outcome of that other pass
    alone: bool = True  # whether it fails as it is shown
    step: float = 0.0
    """By how much entries are moved, if only differences of forward show the failure."""

"""One case after the other to one class, within its time."""

import math
import time
from dataclasses import replace
from typing import Any, Final

import numpy as np

from engine.check.student.outcome import Outcome
from engine.check.student.process import EndedError, StudentProcess
from engine.check.student.questions.cases import Case, Feature, Subject
from engine.check.student.reference import Reference
from engine.check.student.theirs.construct import Access, defaults
from engine.check.student.wire import Message, pack

CHECKED: Final = 100
"""A gradient check is taken of one case a feature, with at most so many entries."""
CALLS: Final = 4
"""So many times it calls forward for each entry."""
LEAST: Final = 0.05
"""Seconds that are always left for one more answer."""


NAMELESS: Final = ("POSITIONAL_ONLY", "VAR_POSITIONAL")


class Asker:
    """Puts cases to one class as it can take them.

    own: whether a class that takes layers is given theirs, where they have some; else ours.
    pairs: the settings that it takes as pairs alone, (2, 2) for 2.
    """

    def __init__(
        self, subject: Subject, description: Message, process: StudentProcess, seconds: float
    ) -> None:
        self._subject, self._description = subject, description
        self._name = description["name"]
        self._process, self._pace = process, math.inf
        self._seconds = self._left = seconds
        self.own = subject.name == "ConvBlock"
        self.pairs: tuple[str, ...] = ()

    def adapted(self, case: Case) -> Case:
        """The case as this class can take it: with b where it must have one, without dout."""
        if self._description["forward"][0] == 3 and len(case.inputs) == 2:
            assert case.spare is not None
            case = replace(case, inputs=(*case.inputs, case.spare))
        if not self._takes_dout:
            case = replace(case, dout=np.ones_like(case.dout))
        return case

    @property
    def _takes_dout(self) -> bool:
        return not self._subject.scalar or self._description["backward"][1] > 0

    def ask(self, feature: Feature, case: Case, *, check: bool = False, **more: Message) -> Outcome:
        """What came of a case; more: what a second pass is about."""
        reference = Reference(self._subject, case)
        request = {
            "class": self._name,
            "subject": self._subject.name,
            "plan": self._description.get("plan"),
            "names": [self._subject.inputs[0], self._subject.upstream],
            "takes_layers": self._description["layers"],
            "settings": self._settings(case),
            "layers": case.layers,
            "own": self.own,
            "check": check and not reference.kinked and self._affordable(case),
            **self.given(case),
            **more,
        }
        started = time.monotonic()
        try:
            reply = self._process.ask(request, max(LEAST, self._left))
        except EndedError as ended:
            return Outcome(feature, reference, self._made(case, {}), ended=ended)
        finally:
            took = time.monotonic() - started
            self._left -= took
            if not request["check"]:
                self._pace = min(self._pace, took)
        return Outcome(feature, reference, self._made(case, reply), reply)

    def begin_anew(self) -> None:
        """In a process that has seen nothing, and with all the time."""
        self._process.restart()
        self._left = self._seconds

    def _affordable(self, case: Case) -> bool:
        """Whether a gradient check takes a quarter of the time at most, as fast as they are."""
        entries = sum(each.size for each in case.inputs)
        return entries <= CHECKED and CALLS * entries * self._pace < self._left / 4

    def _settings(self, case: Case) -> Message:
        settings: Message = {
            name: (value, value) if name in self.pairs and isinstance(value, int) else value
            for name, value in case.settings.items()
        }
        if "stride" not in self._description["settings"]:
            settings.pop("stride", None)  # stride = size, as ours; `_missing` saw to that
        if case.bound and case.labels is not None:
            settings["labels"] = pack(case.labels)
        return settings

    def _made(self, case: Case, reply: Message) -> str:
        """The constructor's call, as the student would write it."""
        if case.layers and (how := self._description["layers"]):
            layers = ", ".join(reply.get("layers", ()))
            return f"{self._name}({f'[{layers}]' if how == 'list' else layers})"
        given, order = self._settings(case), self._subject.settings
        ways = {
            setting: Access(*way)
            for setting, way in self._description["settings"].items()
            if setting in order
        }
        nameless = [each for each in order if each in ways and ways[each].kind in NAMELESS]
        last = max((nameless.index(each) for each in given if each in nameless), default=-1)
        words = [
            _written(given.get(each, defaults(order).get(each))) for each in nameless[: last + 1]
        ]
        for setting in (each for each in given if each not in nameless):
            way = ways[setting]
            word = setting if way.how == "any" else way.parameter
            words.append(f"{word}={_written(given[setting])}")
        return f"{self._name}({', '.join(words)})"

    def given(self, case: Case) -> Message:
        """What forward and backward are given."""
        handed = case.labels is not None and not case.bound
        return {
            "inputs": [pack(each) for each in case.inputs],
            "labels": pack(case.labels) if handed and case.labels is not None else None,
            "dout": pack(case.dout) if self._takes_dout else None,
        }


def _written(value: Any) -> str:
    """A setting as Python; labels as the array that they are."""
    return f"np.array({value['values']})" if isinstance(value, dict) else f"{value}"

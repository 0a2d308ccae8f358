"""A wrong number beside the right one, and the means to ask how else it could have come about."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from engine.arrays import Array, Index
from engine.check.student.problem import close
from engine.check.student.questions.cases import Case, Subject
from engine.check.student.reference import Convention, Reference, layer
from engine.check.student.wire import Numbers
from engine.errors import EngineError
from engine.reach import influence
from engine.trace import Trace, trace

Predict = Callable[["Look"], Numbers | None]


@dataclass(frozen=True)
class Hypothesis:
    """A way to get a quantity wrong.

    sentence: with {d} for the gradient (or the output), {up} for what comes from above, {x}, {w}
    for the inputs. predict: the numbers that it would give, None where it says nothing. classes:
    of which it is asked; none: of all.
    """

    sentence: str
    predict: Predict
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Look:
    """One wrong quantity of one case: the output (argument −1), or the gradient of an input."""

    reference: Reference
    argument: int
    got: Numbers
    convention: Convention

    @property
    def case(self) -> Case:
        """The case."""
        return self.reference.case

    @property
    def subject(self) -> Subject:
        """The class."""
        return self.reference.subject

    @property
    def dout(self) -> Array:
        """What comes from above."""
        return self.case.dout

    @property
    def x(self) -> Array:
        """The first input."""
        return self.case.inputs[0]

    @property
    def w(self) -> Array | None:
        """The second input, where there is one."""
        return self.case.inputs[1] if len(self.case.inputs) > 1 else None

    @cached_property
    def expected(self) -> Array:
        """The right numbers."""
        if self.argument < 0:
            return self.reference.output
        return self.reference.grads(self.convention)[self.argument]

    def passed(self, *inputs: Array, dout: Array | None = None, **settings: Any) -> Trace | None:
        """A pass with something else changed; None where the engine refuses that."""
        try:
            return self.reference.traced(self.convention, inputs or None, dout, **settings)
        except EngineError:
            return None

    def grad(self, *inputs: Array, dout: Array | None = None, **settings: Any) -> Array | None:
        """This gradient, had something else been changed."""
        passed = self.passed(*inputs, dout=dout, **settings)
        return None if passed is None else passed.grads[self.argument]

    def output(self, *inputs: Array, **settings: Any) -> Array | None:
        """The output, had something else been changed; whatever dout is then."""
        passed = self.passed(*inputs, dout=np.asarray(1.0), **settings)
        return None if passed is None else passed.output

    def shares(self) -> Iterator[tuple[Index, Array]]:
        """For each output what it alone sends back; together they are this gradient."""
        for index in np.ndindex(*self.dout.shape):
            alone = np.zeros_like(self.dout)
            alone[index] = self.dout[index]
            grad = self.grad(dout=alone)
            assert grad is not None
            yield index, grad

    @cached_property
    def readers(self) -> dict[Index, list[Index]]:
        """For each output the entries of x that it reads."""
        ours = layer(self.subject.name, self.case)
        passed = trace(ours, *self.case.inputs)
        read: dict[Index, list[Index]] = {index: [] for index in np.ndindex(*self.dout.shape)}
        for entry in np.ndindex(*self.x.shape):
            for index in np.argwhere(influence(passed, 0, 0, entry)[-1]):
                read[tuple(map(int, index))].append(entry)
        return read

    def extents(self, setting: str) -> tuple[int, ...]:
        """A setting of this case for each spatial axis; 0 where it has none."""
        value = self.case.settings.get(setting, 0)
        return value if isinstance(value, tuple) else (value,) * self.subject.axes

    @property
    def positions(self) -> tuple[int, ...]:
        """The spatial part of the output's shape."""
        name, axes = self.subject.name, self.subject.axes
        return self.dout.shape[-axes:] if name in ("Conv1D", "Conv2D") else ()

    @property
    def examples(self) -> int:
        """The examples of a minibatch; 1 where there is none."""
        return len(self.x) if self.subject.batched(self.x) else 1

    def matches(self, predicted: Numbers | None) -> bool:
        """Whether the student's numbers are these, and these are not the right ones."""
        if predicted is None:
            return False
        predicted = np.asarray(predicted, dtype=np.float64)
        return close(self.got, predicted) and not close(predicted, self.expected)

    def agrees(self, predicted: Numbers | None) -> bool:
        """Whether these are the student's numbers, or say nothing."""
        return predicted is None or close(self.got, np.asarray(predicted, dtype=np.float64))

"""One entry of a trace, as a page speaks of it: its name, its value, its gradient."""

from dataclasses import dataclass

from engine import Term, Trace, terms
from engine.arrays import Index, indices
from pages.figures.block_info import BLOCK
from pages.figures.info import Naming


@dataclass(frozen=True)
class Place:
    """One entry of a trace: whose input it is (the step's and the argument's position), and where.

    The output has no step: step is then the number of steps.
    """

    trace: Trace
    naming: Naming
    step: int
    argument: int
    index: Index

    @property
    def letter(self) -> str:
        """x, a, w."""
        if self.step == len(self.trace.steps):
            return self.naming.output
        return self.naming.inputs[self.step][self.argument]

    @property
    def name(self) -> str:
        """x₂, w."""
        return self.naming.label(self.letter, self.index)

    @property
    def function(self) -> str:
        """Whose gradient it is: z; L where not simply the output's own derivative is sent back."""
        own = self.trace.output.ndim == 0 and float(self.trace.dout) == 1
        return self.naming.function or (self.naming.output if own else "L")

    @property
    def slope(self) -> str:
        """∂z/∂x₂."""
        return f"∂{self.function}/∂{self.name}"

    @property
    def value(self) -> float:
        """What stands there."""
        if self.step == len(self.trace.steps):
            return float(self.trace.output[self.index])
        return float(self.trace.steps[self.step].inputs[self.argument][self.index])

    @property
    def grad(self) -> float:
        """The gradient of it."""
        if self.step == len(self.trace.steps):
            return float(self.trace.dout[self.index])
        return float(self.trace.steps[self.step].grads[self.argument][self.index])

    @property
    def terms(self) -> list[Term]:
        """The terms of its gradient."""
        return terms(self.trace, self.step, self.argument, self.index)

    def at(self, step: int, index: Index, argument: int = 0) -> "Place":
        """Another place of the same trace."""
        return Place(self.trace, self.naming, step, argument, index)

    def partner(self, output: Index) -> "Place | None":
        """What multiplies the gradient that arrives at an output; None where nothing does."""
        step = self.trace.steps[self.step]
        other = step.layer.partner(self.argument, self.index, output, step.run.cache)
        return None if other is None else self.at(self.step, other, 1 - self.argument)


def places(trace: Trace, naming: Naming = BLOCK) -> dict[str, Place]:
    """Every entry of a trace by its plain name: 'x2', 'a1', 'w', 'z'."""
    found = {}
    for step, letters in enumerate(naming.inputs):
        for argument, letter in enumerate(letters):
            for index in indices(trace.steps[step].inputs[argument].shape):
                entry = naming.entry(letter, index)
                found[entry] = Place(trace, naming, step, argument, index)
    for index in indices(trace.output.shape):
        entry = naming.entry(naming.output, index)
        found[entry] = Place(trace, naming, len(trace.steps), 0, index)
    return found

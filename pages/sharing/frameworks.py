"""Write a scene as a script for PyTorch or JAX, which prints the same lines as our engine's script.

Each layer knows how it is written in each framework (`spelled`). If the framework does not have the
scene's rule at kinks, the script follows the framework's own, and names the entries that change.
"""

import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from engine import RULES, Kinks, Rule, Trace
from engine.arrays import Array, nonzero_at
from engine.kinks import CHOICES
from engine.layers.spelling import FRAMEWORKS, Framework
from pages.derive.script import SPARSE, WIDTH, Script, assigned, headed, printed
from pages.figures.info import letters_of
from pages.language.catalogue import listed, say

NAMED_MOST: Final = 12
"""The most entries that are named one by one; of more, their number in each array is given."""
ROUNDING: Final = 1e-12
"""A smaller difference, relative to an array's largest entry, is due to the order of summation."""


@dataclass(frozen=True)
class _Idioms:
    """How a framework writes things, with a gap {} for the value."""

    imports: Mapping[str, str]  # the import lines, by the name that needs them
    before: str  # the first line
    tensor: str  # for numbers
    leaf: str  # for numbers with a gradient
    cast: str  # for an array of numpy
    leaf_cast: str  # for an array of numpy with a gradient


_IDIOMS: Final[Mapping[Framework, _Idioms]] = {
    "torch": _Idioms(
        imports={"torch": "import torch", "F": "import torch.nn.functional as F"},
        before="torch.set_default_dtype(torch.float64)",
        tensor="torch.tensor({})",
        leaf="torch.tensor({}, requires_grad=True)",
        cast="torch.tensor(np.float64({}))",
        leaf_cast="torch.tensor(np.float64({}), requires_grad=True)",
    ),
    "jax": _Idioms(
        imports={
            "jax": "import jax",
            "jnp": "import jax.numpy as jnp",
            "lax": "from jax import lax",
        },
        before='jax.config.update("jax_enable_x64", True)',
        tensor="jnp.array({})",
        leaf="jnp.array({})",
        cast="jnp.float64({})",
        leaf_cast="jnp.float64({})",
    ),
}


class NoScriptError(ValueError):
    """Raised if a scene cannot be written for a framework, with a sentence that says why."""


@dataclass(frozen=True)
class FrameworkScript:
    """A script's pass in a framework. Raises NoScriptError if it cannot be written there."""

    script: Script
    framework: Framework

    @property
    def name(self) -> str:
        """The framework's name: 'PyTorch'."""
        return FRAMEWORKS[self.framework]

    @cached_property
    def _right(self) -> Trace:
        """The pass, with the correct layers in place of those that are broken on purpose."""
        return self.script.right or self.script.trace

    @cached_property
    def rule(self) -> Rule:
        """The framework's rule that changes the fewest gradients, and then the fewest choices."""
        choices = self._right.layer.kink_choices
        own = [
            rule
            for rule in RULES.values()
            if rule.framework == self.name and rule.kinks.states(choices)
        ]
        if not own:
            raise NoScriptError(say("script.unruled", framework=self.name))

        mine = self._right.kinks

        def apart(rule: Rule) -> tuple[int, int]:
            other = [c for c in choices if getattr(rule.kinks, c) != getattr(mine, c)]
            return sum(map(len, self._changed(rule.kinks).values())), len(other)

        return min(own, key=apart)

    @cached_property
    def said(self) -> str:
        """A sentence on which gradients differ from the scene's, and why; "" if none does."""
        changed = self._changed(self.rule.kinks)
        if not changed:
            return ""
        mine, why = self._right.kinks, []
        if self._changed(mine):
            why.append(say("script.broken"))
        there = self._right.under(self.rule.kinks)
        for choice in self._right.layer.kink_choices:
            ours, theirs = getattr(mine, choice), getattr(self.rule.kinks, choice)
            # Where another choice stops the gradient here, this one matters only there.
            if self._changed(replace(mine, **{choice: theirs}), self._right) or self._changed(
                replace(self.rule.kinks, **{choice: ours}), there
            ):
                described = CHOICES[choice].describe
                why.append(say("script.choice", theirs=described(theirs), ours=described(ours)))
        entries = [entry for named in changed.values() for entry in named]
        if len(entries) > NAMED_MOST:
            entries = [
                say("script.entries", len(named), array=letter) for letter, named in changed.items()
            ]
        return say("script.changed", framework=self.name, entries=listed(entries), why=listed(why))

    def __str__(self) -> str:
        """Return the whole script."""
        idioms = _IDIOMS[self.framework]
        body = ["", *self._given(), "", *self._computed(), "", *self._printed()]
        text = "\n".join([idioms.before, *body])
        own = [line for name, line in idioms.imports.items() if re.search(rf"\b{name}\.", text)]
        title = f"{self.script.title}, in {self.name} {self.rule.version}"
        return headed(title, text, [*own, *self.script.imports])

    def _changed(self, kinks: Kinks, of: Trace | None = None) -> dict[str, list[str]]:
        """Return the gradients that differ from the scene's, by array, in the order of printing."""
        here, there, naming = of or self.script.trace, self._right.under(kinks), self.script.naming
        found = {}
        for letter, number, gradient in printed(here, naming):
            one, other = here.values[number].grad, there.values[number].grad
            differs = np.abs(one - other) > ROUNDING * np.abs(one).max()
            if gradient and differs.any():
                places = nonzero_at(differs)
                found[f"d{letter}"] = [f"d{naming.entry(letter, at)}" for at in places]
        return found

    def _given(self) -> Iterator[str]:
        """Yield the lines for x, the parameters, and the upstream gradient."""
        idioms, naming, passed = _IDIOMS[self.framework], self.script.naming, self._right
        letters = letters_of(passed, naming)[: passed.outside]
        for letter, value in zip(letters, passed.params, strict=True):
            yield from self._tensor(letter, value, idioms.leaf, idioms.leaf_cast)
        yield from self._tensor(f"d{naming.output}", passed.dout, idioms.tensor, idioms.cast)

    def _tensor(self, name: str, value: Array, direct: str, cast: str) -> Iterator[str]:
        """Yield the lines that make a tensor; a large one is made in numpy first."""
        own = self.script.inputs.get(name)
        if not own and value.size <= SPARSE:
            yield from assigned(name, value, direct)
            return
        yield from own or assigned(name, value)
        yield f"{name} = {cast.format(name)}"

    def _spelled(self, step: int, names: list[str]) -> str:
        """Return the expression that a step computes from variables with these names."""
        run = self._right.steps[step].run
        shapes = [each.shape for each in run.inputs]
        try:
            return run.layer.spelled(self.framework, names, shapes, self.rule.kinks)
        except NotImplementedError:
            raise NoScriptError(
                say("script.unspelled", layer=run.layer.title, framework=self.name)
            ) from None

    def _computed(self) -> Iterator[str]:
        """Yield the lines of the forward and the backward pass."""
        said = [f"# {line}" for line in textwrap.wrap(self.said, WIDTH)]
        passes = {"torch": self._by_tape, "jax": self._by_vjp}
        yield from passes[self.framework](said)

    def _by_tape(self, said: list[str]) -> Iterator[str]:
        """Yield both passes for PyTorch; intermediate values are told to retain their gradients."""
        passed, output = self._right, self.script.naming.output
        letters = letters_of(passed, self.script.naming)
        made = letters[passed.outside :]
        for at, (letter, step) in enumerate(zip(made, passed.steps, strict=True)):
            yield f"{letter} = {self._spelled(at, [letters[number] for number in step.reads])}"
        if len(kept := made[:-1]) > 1:
            yield f"for value in ({', '.join(kept)}):"
            yield "    value.retain_grad()"
        else:
            yield from (f"{letter}.retain_grad()" for letter in kept)
        yield from ("", *said)
        yield f"{output}.backward(gradient=d{output})"

    def _by_vjp(self, said: list[str]) -> Iterator[str]:
        """Yield both passes with jax.vjp for each step; a value read several times gets a sum."""
        passed = self._right
        letters = letters_of(passed, self.script.naming)
        made = letters[passed.outside :]
        for at, (letter, step) in enumerate(zip(made, passed.steps, strict=True)):
            reads = [letters[number] for number in step.reads]
            names = list(dict.fromkeys(reads))
            if len(names) < len(reads):  # one value is read twice
                names = list(step.arguments)
            function = f"lambda {', '.join(names)}: {self._spelled(at, names)}"
            line = f"{letter}, back_{letter} = jax.vjp({function}, {', '.join(reads)})"
            if len(line) > WIDTH:
                inside = f"    {function},\n    {', '.join(reads)},\n"
                line = f"{letter}, back_{letter} = jax.vjp(\n{inside})"
            yield line
        yield from ("", *said)
        parts: dict[int, list[str]] = {}
        for at in range(len(made) - 1, -1, -1):
            whole, names = [], []
            for number in passed.steps[at].reads:
                part = f"d{letters[number]}"
                if (readers := len(passed.values[number].readers)) > 1:
                    each = parts.setdefault(number, [])
                    part = f"{part}_{len(each) + 1}"
                    each.append(part)
                    if len(each) == readers:
                        whole.append(f"d{letters[number]} = {' + '.join(each)}")
                names.append(part)
            got = f"({names[0]},)" if len(names) == 1 else ", ".join(names)
            yield f"{got} = back_{made[at]}(d{made[at]})"
            yield from whole

    def _printed(self) -> Iterator[str]:
        for letter, _, gradient in printed(self._right, self.script.naming):
            if not gradient:
                yield f'print("{letter}:", {letter}.tolist())'
                continue
            held = f"{letter}.grad" if self.framework == "torch" else f"d{letter}"
            yield f'print("d{letter}:", {held}.tolist())'

"""A scene as a short Python script that prints the same numbers: `from engine import …`."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pprint import pformat
from typing import Final

import numpy as np

import engine
from engine import Layer, Trace
from engine.arrays import Array
from pages.explain.entry import Entry
from pages.figures.info import Naming, letters_of
from pages.figures.words import REASONS

WIDTH: Final = 88  # the length of a line of numbers, in characters
SPARSE: Final = 60  # a larger array is written by its nonzero entries alone, if these are few


@dataclass(frozen=True)
class Script:
    """What a script is about, and whatever cannot be read off the trace."""

    trace: Trace
    naming: Naming
    rule: str
    explained: Entry | None = None  # the entry explained on the page
    inputs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By letter, the lines that make an input, if these say more than its numbers."""
    layer: str = ""  # the code that makes the layer, if that is not its own constructor call
    after: Iterable[str] = ()  # the last lines
    imports: Sequence[str] = ()  # what these lines need besides the engine
    title: str = "The same numbers"
    right: Trace | None = None

    def __str__(self) -> str:
        """The whole script."""
        body = "\n".join([*self._given(), "", *self._printed(), *self.after])
        return headed(self.title, body, self.imports)

    @property
    def said(self) -> str:
        """A remark about the script: none here, because its numbers are the scene's."""
        return ""

    def _given(self) -> Iterator[str]:
        letters = letters_of(self.trace, self.naming)[: self.trace.outside]
        for letter, value in zip(letters, self.trace.params, strict=True):
            yield from self.inputs.get(letter) or assigned(letter, value)
        sent = f"d{self.naming.output}"
        yield from assigned(sent, self.trace.dout)
        yield from _doubled(letters, self.trace)
        yield f"layer = {self.layer or _constructed(self.trace.layer)}"
        yield traced_as("result", letters, sent, self.rule)

    def _printed(self) -> Iterator[str]:
        """The lines that print the values, the gradients, and why the explained gradient is 0."""
        last, values = len(self.trace.steps) - 1, self.trace.values
        for letter, number, gradient in printed(self.trace, self.naming):
            name, held = letter, f"steps[{number - self.trace.outside}].output"
            if gradient:
                name, held = f"d{letter}", f"values[{number}].grad"
                if len(values[number].readers) == 1:
                    step, argument = values[number].readers[0]
                    held = f"steps[{step}].grads[{argument}]"
            yield f'print("{name}:", result.{held}.tolist())'
        at = self.explained
        if at is None or at.trace is not self.trace or at.grad or at.step > last:
            return
        yield from why_zero(at, self.naming.entry(at.letter, at.index))


def why_zero(at: Entry, entry: str) -> Iterator[str]:
    """Yield the lines that print where a zero gradient was stopped, and why. entry: its name."""
    own = at.trace.steps[at.step]
    asked = f'("{own.name}", "{own.arguments[at.argument]}", {at.index})'
    several = len(at.readers) > 1
    found = f"result.stops_of({at.number}, {at.index})" if several else f"result.stops{asked}"
    if len({stop.why for stop in at.stops}) == 1:
        if several:
            yield f"stop = {found}[0]"
            yield "step, why = result.steps[stop.step].name, stop.why"
        else:
            yield f"step, why = result.cause{asked}"
        said = REASONS[at.stops[0].why]
        yield f'print("d{entry} is 0, stopped in", step, "by", why.name)  # {said}'
        return
    yield f"stops = {found}"
    yield "for why in sorted({stop.why for stop in stops}):"
    yield "    paths = sum(stop.ways for stop in stops if stop.why is why)"
    yield f'    print("d{entry} is 0, stopped on", paths, "of its paths by", why.name)'


def printed(trace: Trace, naming: Naming) -> Iterator[tuple[str, int, bool]]:
    """Yield what a script prints, in order: (letter, number of the value, whether its gradient).

    Forward, the output of each step; backward, the gradient of each value a step reads, at the step
    that read it first, because only there is the gradient complete.
    """
    letters = letters_of(trace, naming)
    for number in range(trace.outside, len(trace.values)):
        yield letters[number], number, False
    for step in range(len(trace.steps) - 1, -1, -1):
        for argument, number in enumerate(trace.steps[step].reads):
            if trace.values[number].readers[0] == (step, argument):
                yield letters[number], number, True


def headed(title: str, body: str, imports: Iterable[str]) -> str:
    """Return a script with its title and those of the imports that its body uses.

    The imports from the engine and of numpy are found by reading the body.
    """
    code = re.sub(r'"[^"]*"|#.*', "", body)
    used = {*re.findall(r"\w+", code)}
    lines = [line for line in imports if used & {*re.findall(r"\w+", line.split("import", 1)[1])}]
    # Constants first, as import sorters order them.
    own = sorted(used & {*engine.__all__}, key=lambda name: (not name.isupper(), name))
    if own:
        lines.append(f"from engine import {', '.join(own)}")
    about = title.replace("\\", "\\\\").replace('"""', "'''")
    header = [about if about.endswith((".", "!", "?")) else f"{about}."]
    ours = [line for line in lines if line.startswith(("from engine", "from pages"))]
    if ours:
        header.append("Save it beside the folder `engine`, and run it there.")
    others = sorted({*lines} - {*ours})
    if re.search(r"\bnp\.", code):
        others.append("import numpy as np")
    others.sort(key=lambda line: (line.startswith("from"), line))
    groups = ("\n".join(group) for group in (others, ours) if group)
    return "\n\n".join([f'"""{" ".join(header)}"""', *groups, f"{body}\n"])


def traced_as(result: str, inputs: Sequence[str], sent: str, rule: str) -> str:
    """Return the line that traces `layer`."""
    given = ", ".join(("layer", *inputs))
    return f'{result} = trace({given}, dout={sent}, kinks=RULES["{rule}"].kinks)'


def assigned(name: str, value: Array, array: str = "np.array({})") -> list[str]:
    """Return the lines that assign an array to a name. array: the call that makes an array.

    With numpy, a single number is written as it is, and a large array by a few entries if possible.
    """
    before, after = array.split("{}")
    if before == "np.array(":
        if value.ndim == 0:
            return [f"{name} = {float(value)!r}"]
        there = [tuple(map(int, at)) for at in zip(*value.nonzero(), strict=True)]
        if value.size > SPARSE and 10 * len(there) <= value.size:
            entries = [f"{name}[{', '.join(map(str, at))}] = {float(value[at])!r}" for at in there]
            return [f"{name} = np.zeros({value.shape})", *entries]
        if value.size > SPARSE and (value == value.flat[0]).all():
            return [f"{name} = np.full({value.shape}, {float(value.flat[0])!r})"]
    rows = pformat(value.tolist(), width=WIDTH - len(name), compact=True)
    indented = rows.replace("\n", "\n" + " " * (len(name) + 3 + len(before)))
    return [f"{name} = {before}{indented}{after}"]


def _doubled(letters: Sequence[str], trace: Trace) -> Iterator[str]:
    """Yield the line that converts inputs of single precision to double, if there are any."""
    single = [
        letter
        for letter, value in zip(letters, trace.params, strict=True)
        if value.dtype != np.float64
    ]
    names = ", ".join(single)
    if len(single) > 1:
        yield f"{names} = map(np.float64, ({names}))"
    elif single:
        yield f"{names} = np.float64({names})"


def _constructed(layer: Layer) -> str:
    """Return the layer's constructor call, with one line for each layer inside it."""
    written = repr(layer)
    call = ast.parse(written, mode="eval").body
    if not (isinstance(call, ast.Call) and call.args):
        return written
    inside = "".join(f"    {ast.unparse(each)},\n" for each in call.args)
    return f"{ast.unparse(call.func)}(\n{inside})"

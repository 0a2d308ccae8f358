"""Building the tables: cases from shapes and from numbers, with an upstream gradient that fits."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import cycle
from typing import Any, Final

import numpy as np

from engine.arrays import Array
from engine.check.student.questions.cases import NO_SETTINGS, Case, Drawer, Settings, array
from engine.check.student.reference import layer
from engine.trace import trace

Shape = tuple[int, ...]

LEADS: Final[tuple[tuple[Shape, ...], ...]] = (
    ((),),
    ((2,), (3,), (1,)),
    ((3, 1), (2, 3), (1, 2)),
)
"""The axes before the spatial ones: none, channels, examples and channels; one after the other."""


class Points:
    """Makes the cases of one class; the same ones each time."""

    def __init__(self, name: str, **common: Any) -> None:
        self._name = name
        self._common = common
        self._drawer = Drawer(len(name))

    def random(self, *shapes: Shape, settings: Settings = NO_SETTINGS) -> Case:
        """Inputs of these shapes, away from kinks."""
        while True:
            inputs = tuple(self._drawer.distinct(*shape) for shape in shapes)
            case = self._case("random", inputs, settings, None)
            if not self._at_kink(case):  # sums of products may tie
                return case

    def given(
        self,
        point: str,
        *inputs: Any,
        dout: Any = None,
        settings: Settings = NO_SETTINGS,
        labels: Sequence[int] | None = None,
        bound: bool = False,
    ) -> Case:
        """Inputs by hand; dout by hand or drawn, and then positive: at kinks brackets hold so."""
        truth = None if labels is None else np.array(labels, dtype=np.int64)
        arrays = tuple(map(array, inputs))
        return self._case(point, arrays, settings, dout, labels=truth, bound=bound)

    def biased(self, *shapes: Shape, settings: Settings = NO_SETTINGS) -> Case:
        """A random case that hands over b, which is the spare one of its shape."""
        case = self.random(*shapes, settings=settings)
        assert case.spare is not None
        return replace(case, inputs=(*case.inputs, case.spare))

    def _case(
        self, point: str, inputs: tuple[Array, ...], settings: Settings, dout: Any, **more: Any
    ) -> Case:
        draft = Case(point, inputs, array(0), settings, **{**self._common, **more})
        made = layer(self._name, draft)
        output = np.asarray(made.forward(*inputs))
        if dout is None:
            drawn = self._drawer.upstream(output.shape, positive=point != "random")
        else:
            drawn = np.broadcast_to(array(dout), output.shape).copy()
        return replace(draft, dout=drawn, spare=self._spare(inputs))

    def _at_kink(self, case: Case) -> bool:
        passed = trace(layer(self._name, case), *case.inputs, dout=case.dout)
        return any(kinked.any() for step in passed.steps for kinked in step.kinked)

    def _spare(self, inputs: tuple[Array, ...]) -> Array | None:
        """A bias in the shape that fits w; ConvBlock, Conv and Linear have w second."""
        if len(inputs) != 2:
            return None
        w = inputs[1]
        axes = 2 if self._name == "Conv2D" else 1
        filters = w.shape[:1] if w.ndim > axes or self._name == "Linear" else ()
        return self._drawer.distinct(*filters) + 0.25


class Form:
    """Makes cases of one input whose shape has axes of this form before the spatial ones."""

    def __init__(self, at: Points, name: str, leads: Sequence[Shape]) -> None:
        self.name = name
        self._at, self._leads, self._axes = at, cycle(leads), len(leads[0])

    def random(self, *space: int, settings: Settings = NO_SETTINGS) -> Case:
        """Away from kinks: (*lead, *space)."""
        return self._at.random((*next(self._leads), *space), settings=settings)

    def given(
        self, point: str, values: Any, *, dout: Any = None, settings: Settings = NO_SETTINGS
    ) -> Case:
        """Numbers by hand, in every channel and example, each time the other way round."""
        if not self._axes:
            return self._at.given(point, values, dout=dout, settings=settings)
        number = None if np.ndim(dout) else dout  # for every output the same
        return self._at.given(point, stacked(values, self._axes), dout=number, settings=settings)


def forms(at: Points, *names: str) -> Iterator[Form]:
    """The names of the forms in order: without further axes, with channels, with examples too."""
    return (Form(at, name, leads) for name, leads in zip(names, LEADS, strict=True))


def stacked(values: Any, axes: int) -> Array:
    """(*S,) -> (2, *S) or (2, 2, *S): the values beside the same ones the other way round."""
    channels = np.stack([array(values), np.flip(array(values))])
    return channels if axes == 1 else np.stack([channels, channels[::-1]])

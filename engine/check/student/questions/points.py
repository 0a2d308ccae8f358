"""Building the tables: cases from shapes and from numbers, with an upstream gradient that fits."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from engine.arrays import Array
from engine.check.student.questions.cases import NO_SETTINGS, Case, Drawer, Settings, array
from engine.check.student.reference import layer

Shape = tuple[int, ...]


class Points:
    """Makes the cases of one class; the same ones each time."""

    def __init__(self, name: str, **common: Any) -> None:
        self._name = name
        self._common = common
        self._drawer = Drawer(len(name))

    def random(self, *shapes: Shape, settings: Settings = NO_SETTINGS) -> Case:
        """Inputs of these shapes, away from kinks."""
        inputs = tuple(self._drawer.distinct(*shape) for shape in shapes)
        return self._case("random", inputs, settings, None)

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

    def _spare(self, inputs: tuple[Array, ...]) -> Array | None:
        """A bias in the shape that fits w; ConvBlock, Conv and Linear have w second."""
        if len(inputs) != 2:
            return None
        w = inputs[1]
        axes = 2 if self._name == "Conv2D" else 1
        filters = w.shape[:1] if w.ndim > axes or self._name == "Linear" else ()
        return self._drawer.distinct(*filters) + 0.25

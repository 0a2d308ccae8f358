"""The classes of the lab's interface, by name."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

from engine.check.student.questions import convolutions, others, pools
from engine.check.student.questions.cases import Subject

MAKERS: Final[Mapping[str, Callable[[], Subject]]] = {
    "Conv1D": convolutions.conv1d,
    "ReLU": others.relu,
    "MaxPool": pools.max_pool,
    "ConvBlock": others.conv_block,
    "Conv2D": convolutions.conv2d,
    "MaxPool2D": pools.max_pool_2d,
    "Linear": others.linear,
    "Flatten": others.flatten,
    "Sequential": others.sequential,
    "SoftmaxCrossEntropy": others.softmax_cross_entropy,
}

SETTINGS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(MAKERS, ()),
    **dict.fromkeys(("Conv1D", "Conv2D"), convolutions.SETTINGS),
    **dict.fromkeys(("MaxPool", "MaxPool2D"), pools.SETTINGS),
    "SoftmaxCrossEntropy": ("labels",),
}
"""The settings of each constructor, in order: asked for before any table is made."""


@cache
def subject(name: str) -> Subject:
    """What is asked of a class."""
    return MAKERS[name]()

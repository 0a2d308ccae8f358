"""The presets of the stack page. Their slugs are part of addresses and never change."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from pages.stack.grammar import read_stack
from pages.stack.stack_scene import SHAPE_CODEC, StackScene


class _Case(NamedTuple):
    """A preset's title, layers and shape of x, and the other values of its address."""

    title: str
    layers: str
    shape: str
    others: Mapping[str, str]


_CASES: Final[Mapping[str, _Case]] = {
    "two-filters": _Case(
        "Two filters, then a linear layer",
        "conv1d(3,filters=2)-relu-maxpool(2)-flatten-linear(2)",
        "1,1,6",
        {"x": "1,-0.5,2,1,-1,0.5", "w1": "1,0,-1,-1,0.5,1", "w2": "1,-1,0.5,1,-0.5,1,1,-1"},
    ),
    "residual": _Case(
        "A residual block: two paths back",
        "residual(conv1d(3,padding=1)-relu)-maxpool(2)",
        "6",
        {"x": "1,-2,0.5,1.5,-1,0.25", "w": "-1,0.5,1"},
    ),
    "dead-relu": _Case(
        "A small network with a dead ReLU",
        "linear(3)-relu-linear(2)",
        "2",
        {"x": "1,-0.5", "w1": "1,1,-1.5,0.5,0.5,-1", "w2": "1,2,-1,-0.5,1,0.5", "entry": "w1.2,1"},
    ),
    "maximum-tie": _Case(
        "Two branches, of which a tie is kept",
        "maximum(conv1d(2)|conv1d(2)-relu)",
        "5",
        {"x": "1,0,-1,2,0.5", "w1": "1,1", "w2": "1,-1", "entry": "a1.1"},
    ),
    "concat": _Case(
        "Two branches side by side",
        "concat(conv1d(3)-relu|maxpool(2))",
        "6",
        {"x": "-1,0.5,-2,1.5,-0.75,0.25", "w": "1,1,-0.5", "entry": "x3"},
    ),
    "digit": _Case(
        "A digit, all the way to its loss",
        "conv2d(3,filters=2,bias=True)-relu-maxpool2d(2)-flatten-linear(10)-softmaxcrossentropy(7)",
        "1,1,14,14",
        {
            "x": "digit:0,8,7",
            "w1": "0.25,0.5,0.25,0,0,0,-0.25,-0.5,-0.25,0.25,0,-0.25,0.5,0,-0.5,0.25,0,-0.25",
            "b": "0.125,-0.25",
        },
    ),
}


def _opened(case: _Case) -> StackScene:
    stack, shape = read_stack(case.layers), SHAPE_CODEC.read(case.shape)
    scene, problems = StackScene.opened(stack, shape).updated(case.others)
    if problems:
        raise ValueError(f"{case.title}: {problems}")
    return scene if "entry" in case.others else scene.at_a_zero()


CASES: Final[Mapping[str, StackScene]] = {slug: _opened(it) for slug, it in _CASES.items()}
TITLES: Final[Mapping[str, str]] = {slug: it.title for slug, it in _CASES.items()}

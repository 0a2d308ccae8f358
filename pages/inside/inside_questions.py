"""The questions of the page "Look inside", about the network that is looked at."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from engine import Trace
from engine.trace import receptive_field
from pages.inside.inside_scene import ONE_WINNER, START, InsideScene
from pages.state.questions import Question, nonzero_into


def questions_of(traced: Trace) -> Iterator[Question[InsideScene]]:
    """Those that the network of a pass has an answer to."""
    pools = [n for n, step in enumerate(traced.steps) if "pool_ties" in step.layer.kink_choices]
    yield Question(
        "L is the loss: how many of the ten entries of **∂L/∂s** are above 0?",
        lambda trace: int(np.count_nonzero(trace.steps[-1].grads[0] > 0)),
        "Of every digit it is its probability p, of the label p − 1: to raise its s lowers L.",
        _shown("gradients"),
    )
    if not pools:
        return
    last = pools[-1]
    yield Question(
        "How many entries of the gradient **after** the last pool are nonzero?",
        nonzero_into(last + 1),
        "All of them affect the linear layer, and none of its weights is 0.",
        _shown("gradients"),
    )
    yield Question(
        "How many entries of the gradient **before** the last pool are nonzero?",
        nonzero_into(last),
        "Under this rule each window has one maximum that gets its gradient.",
        _shown("reasons", rule=ONE_WINNER),
    )
    yield Question(
        "How many entries of the gradient before the last **ReLU** are nonzero?",
        nonzero_into(last - 1),
        "The maximum of many a window is 0, from an inactive ReLU.",
        _shown("reasons", rule=ONE_WINNER),
    )
    yield Question(
        "How many pixels are in the receptive field of **one** entry after the last pool?",
        lambda trace: int(np.count_nonzero(receptive_field(trace, last + 1, (0, 0, 1, 1))[0])),
        "Choose it: its receptive field lights up.",
        lambda scene: replace(START, net=scene.net, entry=f"p{len(pools)}.1,2,2"),
    )


def _shown(show: str, rule: str = "") -> Callable[[InsideScene], InsideScene]:
    """Back from the loss, under a rule that the answer needs; "" for that which there is."""
    return lambda scene: replace(scene, back="loss", show=show, rule=rule or scene.rule)

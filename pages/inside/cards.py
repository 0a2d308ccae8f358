"""The questions of the page "Look inside", each answered by the pass that is on the screen."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from engine import Trace
from engine.reach import receptive_field
from pages.cards import Card
from pages.inside.presets import START
from pages.inside.scene import LookScene


def cards_of(traced: Trace) -> Iterator[Card[LookScene]]:
    """Those that the network has an answer to."""
    pools = [n for n, step in enumerate(traced.steps) if "pool_ties" in step.layer.kink_choices]
    yield Card(
        "Back from the loss: how many **pixels** have a nonzero gradient?",
        _nonzero(0),
        "The paper around the digit is read too: look there at why it gets nothing.",
        _shown("gradients"),
    )
    if not pools:
        return
    last = pools[-1]
    yield Card(
        "How many entries of the gradient behind the **last pool** are nonzero?",
        _nonzero(last + 1),
        "A linear layer reads all of them, and none of its weights is 0.",
        _shown("gradients"),
    )
    yield Card(
        "And **before** that pool?",
        _nonzero(last),
        "Each window has one winner, under a rule that names one.",
        _shown("reasons"),
    )
    yield Card(
        "And before the **ReLU** that comes before it?",
        _nonzero(last - 1),
        "Many a window was won by a 0, behind a closed gate.",
        _shown("reasons"),
    )
    yield Card(
        "How many pixels does **one** entry behind the last pool read?",
        lambda trace: _read(trace, last),
        "Click it: its receptive field lights up.",
        lambda scene: replace(START, net=scene.net, entry=f"p{len(pools)}.1,2,2"),
    )


def _shown(show: str) -> Callable[[LookScene], LookScene]:
    """Back from the loss, under a rule that names one winner."""
    return lambda scene: replace(scene, back="loss", show=show, rule=START.rule)


def _nonzero(step: int) -> Callable[[Trace], int]:
    return lambda trace: int(np.count_nonzero(trace.steps[step].grads[0]))


def _read(trace: Trace, pool: int) -> int:
    field = receptive_field(trace, pool + 1, (0, 0, 1, 1))[0]
    return int(np.count_nonzero(field))

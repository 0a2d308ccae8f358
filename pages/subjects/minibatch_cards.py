"""Questions about a minibatch; the engine answers them for what is on the screen."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from engine import Trace
from pages.cards import Card, nonzero
from pages.subjects.minibatch import PRESETS, BatchScene, shares


def contributing(batch: Trace) -> int:
    """How many examples have a share that is not 0."""
    return int(np.count_nonzero([share.grad for share in shares(batch)]))


def differing(batch: Trace) -> int:
    """In how many entries of w the sum of the examples' own gradients is not that of the batch."""
    total = np.sum([share.grad for share in shares(batch)])
    return int(np.count_nonzero(~np.isclose(batch.grads[1], total)))


def _preset(slug: str) -> Callable[[BatchScene], BatchScene]:
    return lambda scene: replace(PRESETS[slug], rule=scene.rule)


CARDS: Final[tuple[Card[BatchScene], ...]] = (
    Card(
        "How many of the three examples contribute to **∂L/∂w**?",
        contributing,
        "Follow the arrows into w.",
    ),
    Card(
        "All entries of **one example** are negative. How many examples contribute?",
        contributing,
        "Its gates are closed: no gradient comes as far as its w.",
        _preset("one-without-share"),
    ),
    Card(
        "∂L/∂w is **0**. How many examples contribute all the same?",
        contributing,
        "A gradient of 0 may be a sum whose terms cancel.",
        _preset("shares-cancel"),
    ),
    Card(
        "Three students each take **one example** and add up their ∂L/∂w. In how many entries of "
        "w do they miss the gradient of the **batch**?",
        differing,
        "The gradient of a sum is the sum of the gradients: that is why a batch can be split.",
    ),
    Card(
        "How many of the **nine** entries of ∂L/∂x are nonzero?",
        nonzero(0),
        "What an example passes back concerns its own x alone.",
        _preset("all-contribute"),
    ),
)

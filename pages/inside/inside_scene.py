"""The scene of the page "Look inside": which network, which image, how shown; and its questions."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, Self

import numpy as np

from engine import RULES, Trace
from engine.trace import receptive_field
from pages.derive.questions import Question, nonzero_into
from pages.inside.network_maps import empty_pass
from pages.inside.painting import Painting, cover
from pages.state.codecs import Choice, EntryName, Power, Whole, param
from pages.state.digits import IMAGES
from pages.state.scene import Scene, unread

BLANK: Final = -1  # the number of the image that is a blank sheet
DIGITS: Final = tuple("0123456789")
TOOLS: Final = ("look", "draw", "erase", "restore")
"""The tools for drawing on the image; see browser/pad.js."""
SHIPPED: Final = "cnn"  # the architecture of the network that comes with the program
RATES: Final = (-4.0, -0.25)  # the least and the largest exponent of a learning rate
_ENTRY: Final = EntryName(
    r"(x|[ahpw][1-9]\.[0-9]{1,2},)[1-9][0-9]?,[1-9][0-9]?|s[0-9]",
    "an entry that is there, like x5,3, a1.2,5,3 or s7",
)


@dataclass(frozen=True)
class ImageNumber:
    """Reads and writes the number of a test image, or "blank"."""

    needs: str = f"a whole number from 0 to {IMAGES - 1}, or “blank”"

    def read(self, text: str) -> int:
        """Return the number; BLANK for a blank sheet."""
        return BLANK if text == "blank" else Whole(0, IMAGES - 1).read(text)

    def write(self, value: int) -> str:
        """Return the number's digits, or "blank"."""
        return "blank" if value == BLANK else str(value)


@dataclass(frozen=True)
class InsideScene(Scene):
    """A network on an image with a drawing over it, and how both are shown."""

    # Choosing a tool does not draw anything yet, so it is the same case.
    looks: ClassVar[tuple[str, ...]] = (*Scene.looks, "tool")

    net: str = param(Choice(("shipped", "yours")), "shipped")
    image: int = param(ImageNumber(), 2130)
    painting: str = param(Painting(), "")
    tool: str = param(Choice(TOOLS), "look")
    only: str = param(Choice(("all", "wrong")), "all")  # which images "next" chooses from
    show: str = param(Choice(("activations", "gradients", "reasons")), "activations")
    back: str = param(Choice(("loss", *DIGITS)), "loss")  # differentiated: the loss or a logit
    label: str = param(Choice(("", *DIGITS)), "")  # the right answer; "" for the image's own
    sgd: str = param(Choice(("off", "before", "after")), "off")  # the network before or after it
    rate: float = param(Power(*RATES), -2.0)  # the exponent of the learning rate
    rule: str = param(Choice(tuple(RULES)), "lab")
    entry: str = param(_ENTRY, "")

    @property
    def labelled(self) -> bool:
        """Whether it is known what the image shows; if not, the network's answer is the label."""
        return self.image != BLANK or bool(self.label)

    def with_image(self, number: int) -> Self:
        """Return the scene with another image, without a drawing and with its own label."""
        return replace(self, image=number, painting="", label="")

    def into(self, case: Self) -> Self:
        """See `Scene.into`: keeps the network, rule and drawing unless the case needs its own."""
        needs = next((needs for _, needs, there in _CASES.values() if there == case), ("rule",))
        kept: dict[str, Any] = {"only": self.only}
        kept |= {name: getattr(self, name) for name in ("net", "rule") if name not in needs}
        if "image" not in needs and self.image == BLANK and self.painting:
            kept |= {"image": BLANK, "painting": self.painting, "label": self.label}
        return replace(case, **kept)

    def possible(self) -> tuple[Self, list[str]]:
        """Return the scene with an entry that exists, as far as the network is known here."""
        if not self.entry or self.net == "yours" or empty_pass(SHIPPED).place(self.entry):
            return self, []
        needs = self.codecs()["entry"].needs
        return replace(self, entry=""), [unread("entry", self.entry, needs, "nothing")]

    def texts(self) -> frozenset[str]:
        """The drawing, which the browser sends as text."""
        return frozenset({"painting"})


START: Final = InsideScene()  # a 4 that the shipped network takes for a 9

_THREE: Final = (
    "EITLAATQAAEttqAFtttqCtiTtoDYADtQAAAVqAAADtQAATtoAAVtqAADttYAACdtQAAAVsAAAAloAAAEtlAAAttsAAdrltbltAl"
    "tttQAdtsAA"
)
"""A three drawn by hand."""


ONE_WINNER: Final = "pytorch-max-pool"
"""A rule by which each window has a single maximum, as when the network was trained."""
COVERED: Final = "one-part-covered"
"""The case in which the decisive part of the image is covered: see `decisive_part`."""


def _trained(title: str, *needs: str, **changes: Any) -> tuple[str, tuple[str, ...], InsideScene]:
    return title, needs, replace(START, rule=ONE_WINNER, **changes)


_CASES: Final = {
    "a-mistake": ("A digit that the network gets wrong", ("image", "net"), START),
    "paths-through-the-pools": _trained(
        "Paths through the pools", "rule", show="gradients", entry="p2.13,1,5"
    ),
    "why-zero": _trained(
        "Why most gradients are zero", "rule", image=61, show="reasons", entry="h1.1,14,14"
    ),
    "why-another-digit": _trained(
        "What would make it another digit", show="gradients", back="4", entry="x6,17"
    ),
    COVERED: _trained(
        "One part of the digit is covered", "image", painting=cover(6, 13, 5), entry="x8,15"
    ),
    "one-step": _trained("One step of SGD on one image", sgd="before", rate=-2.5, entry="w1.7,1,2"),
    "a-drawing": _trained(
        "A digit drawn by hand",
        "image",
        image=BLANK,
        painting=_THREE,
        tool="draw",
        entry="p2.7,4,4",
    ),
}
"""Title, what the case needs (of image, rule and network), scene. What a case does not need stays
as the user has it."""
TITLES: Final = {slug: title for slug, (title, _, _) in _CASES.items()}
PRESETS: Final = {slug: scene for slug, (_, _, scene) in _CASES.items()}


# --- what it asks


def questions_of(traced: Trace) -> Iterator[Question[InsideScene]]:
    """Yield the questions that make sense for the network of a pass."""
    pools = [n for n, step in enumerate(traced.steps) if step.layer.picks]
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
    """Return a set-up: back from the loss, under the rule the answer needs; "": the present one."""
    return lambda scene: replace(scene, back="loss", show=show, rule=rule or scene.rule)

"""The English of all that is said: a template for each text, with named gaps.

Beside these stand only the words that the layers, the rules and the checks bring themselves. A
pair has the form for one and that for several, told by the gap {count}.
"""

from collections.abc import Mapping
from typing import Final

from engine.layers.base import Operation, Words


def form(count: int) -> int:
    """Which template of a pair is the one for so many."""
    return int(count != 1)


def words(layer: Operation) -> Words:
    """A layer's own: they are English."""
    return layer.words


TEXTS: Final[Mapping[str, str | tuple[str, str]]] = {
    "list": "{first} and {last}",
    "list.and": " and ",
    "list.or": " or ",
    "list.more": "{count} more",
    # --- an entry of a pass
    "entry.choose": "Choose a cell to see its formula, its numbers, and why it is what it is.",
    "entry.unknown": "The gradient of {entry} is not computed yet at this step.",
    "entry.sent": "{slope} = {gradient}: it is what was sent in.",
    "entry.flows": "{slope} = {gradient}.",
    "entry.zero": "{slope} = 0: {reason}.",
    "formula.zeros": "{slope} is a sum of {count} products, each of them 0",
    "formula.more": "{count} more",
    "formula.others": "(the other {count} are 0)",
    "chain": ("Followed back: {links}", "Followed back along one of its {count} ways: {links}"),
    "rules": "The rule decides here: {numbers}.",
    "rules.number": "{number} in {rules}",
    "reason.NOT_COVERED": "no output reads {entry}",
    "reason.UPSTREAM_ZERO": "d{output} = 0, so nothing is sent back",
    "reason.UPSTREAM_ZERO.several": "nothing is sent back to any output that it feeds",
    "reason.ZERO_FACTOR": "what arrives is multiplied by {factors} = 0",
    "reason.CANCELLED": "the contributions cancel: {sum} = 0",
    "reason.CANCELLED.slope": "the slope at {entry} is a difference that cancels to 0",
    "reason.UNDERFLOW": "what comes back at {entry} underflows to 0",
    "reason.ROUNDED": "the contributions all but cancel, and rounding takes what is left",
    "reason.uncovered": "none of its {count} ways reaches an output",
    "reason.mixed": "none of its {count} ways arrives: {tally}",
    "reason.gates": (
        "{reason}, and on its other way",
        "{reason}, and on its other {count} ways",
    ),
    "reason.silent": (
        "on its other way nothing arrives",
        "on its other {count} ways nothing arrives",
    ),
    "reason.closed": "its {unit} is closed too ({entry} = {value})",
    "reason.kink": "its {unit} is at its kink too ({entry} = {value})",
    "reason.gradients": ("the gradient", "their gradients"),
    "reason.winners": ("{winners} alone", "{winners}"),
    "reason.it": "it",
    "reason.windows": " of {windows}",
    "reason.window": "{output}'s window",
    "tally.NOT_COVERED": ("{count} reaches no output", "{count} reach no output"),
    "tally.UPSTREAM_ZERO": (
        "{count} ends where nothing is sent back",
        "{count} end where nothing is sent back",
    ),
    "tally.GATE_CLOSED": ("{count} is inactive", "{count} are inactive"),
    "tally.AT_KINK": (
        "{count} is at a kink, where this rule's slope is 0",
        "{count} are at a kink, where this rule's slope is 0",
    ),
    "tally.NOT_MAX": ("{count} is not the maximum", "{count} are not the maximum"),
    "tally.TIE_LOST": (
        "{count} loses a tie under this rule",
        "{count} lose a tie under this rule",
    ),
    "tally.ZERO_FACTOR": ("{count} is multiplied by 0", "{count} are multiplied by 0"),
    "tally.CANCELLED": ("{count} ends in a sum that cancels", "{count} end in a sum that cancels"),
    "tally.UNDERFLOW": ("{count} underflows to 0", "{count} underflow to 0"),
    "tally.ROUNDED": (
        "{count} ends in a sum that is rounded to 0",
        "{count} end in a sum that is rounded to 0",
    ),
    # --- who influences whom
    "influence.none": "{entry} influences no entry of {letter}: no window reads it.",
    "influence.forwards": "{entry} influences {entries}.",
    "influence.sum": "{entry} = {sum}.",
    "influence.padded": "{entry} = {sum} (0 is padding).",
    "influence.backwards": "It is influenced by {inputs}, and {weights}.",
    "influence.weights": "It is influenced by {weights}.",
    "influence.entries": ("1 entry of {letter}: {names}", "{count} entries of {letter}: {names}"),
    # --- a prediction
    "predict.ask": "Click every cell whose gradient you expect to be nonzero; then reveal.",
    "predict.right": "{right} of {count} right.",
    "predict.flows": "{slope} = {gradient}, not 0.",
    # --- to those who hear a picture
    "aria.array": "Gradient of {array}, {nonzero} of {count} nonzero.",
    "aria.entries": "Gradient of {array}, {nonzero} of {count} nonzero: {entries}.",
    "aria.nothing": "{entry}, not computed yet",
    "aria.value": "{entry} = {value}, gradient not computed yet",
    "aria.gradient": "{entry} = {value}, gradient {gradient}",
    "aria.marked": "{entry} = {value}, gradient marked as nonzero",
    "aria.unmarked": "{entry} = {value}, gradient not marked",
}

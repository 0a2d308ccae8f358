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
    # --- at a kink
    "kink.constant": "No kink: {function} is constant here: {because}.",
    "kink.kink": "A kink: {slope} is {left} from the left and {right} from the right.",
    "kink.smooth": "No kink: {slope} = {value} from both sides.",
    "kink.along": "No kink along {entry}: {slope} = {value} from both sides.",
    "kink.elsewhere": "No kink along {entry}: {slope} = {value} from both sides; there is one "
    "along {entries}.",
    "kink.unsent": "nothing is sent back",
    "kink.closed": "every gate that a gradient arrives at is closed",
    "kink.shut": "{count} entries of {letter} tie at 0, but every {before} behind them is negative",
    "kink.unit": (
        "{entries} is {value}, the kink of its {unit}",
        "{entries} are {value}, a {unit}'s kink",
    ),
    "kink.tie": "{entries} tie at {value}",
    "kink.central": (
        "A central difference says {value} for {slope}, as {who} does.",
        "A central difference says {value} for {slope}, as {who} do.",
    ),
    "kink.central.nobody": "A central difference says {value} for {slope}, as no rule does.",
    "kink.uncomputed": "More meets here than is looked at: whether all entries of a claim fit "
    "together is not computed.",
    "kink.bends": "The output bends too often along this entry to be drawn.",
    "kink.shares": "{count} entries tie: their shares are drawn for two or three.",
    "kink.aria": "{entry}, left derivative {left}, right {right}",
    "kink.aria.smooth": "{entry}, derivative {left}",
    "kink.still": "{entry} has no slider: it cannot be moved.",
    "kink.nowhere": "There is no other kink along {entry}, as far as the slider reaches.",
    "kink.between": "The kink is near {entry} = {value}: no floating-point number hits it.",
    "kink.fitted": "The axes fit as they are.",
    "verdict.derivative": ("{who} gives that.", "{who} give that."),
    "verdict.derivative.everybody": "Every rule gives that.",
    "verdict.subgradient": ("{who} gives a subgradient.", "{who} give a subgradient."),
    "verdict.not jointly": "{who}: every entry in its bracket, but not jointly{sum}.",
    "verdict.not jointly.shown": "{who}: every entry that is shown in its bracket, but not "
    "jointly{sum}.",
    "verdict.composed": "{claims}. At each step that slope is allowed; rules composed give no "
    "derivative here, and none of them has a bug.",
    "verdict.nothing": "{claims}: no derivative at all.",
    "verdict.outside": "{claims}.",
    "verdict.inside": "{who}: in every bracket that is shown.",
    "verdict.claim": "{who}: {slope} = {claim}, but it is {truth} from both sides",
    "verdict.claim.kinked": "{who}: {slope} = {claim}, but its bracket is {truth}",
    "verdict.beside": "{who}: {slope} = {claim} lies outside its bracket {bracket}; together with "
    "the other entries it is a subgradient all the same.",
    "verdict.sum": ": the shares of {entries} sum to {sum}, not to 1",
    "outcome.derivative": "the derivative",
    "outcome.subgradient": "a subgradient",
    "outcome.not jointly": "in every bracket, but not jointly",
    "outcome.not jointly.shown": "in every bracket shown, but not jointly",
    "outcome.composed": "rules composed, no derivative",
    "outcome.nothing": "no derivative at all",
    "outcome.inside": "in every bracket shown",
    "outcome.outside": "outside a bracket",
    "group.slope": "Slope {value}",
    "group.everybody": "Every rule",
    "table.rule": "rule",
    "table.framework": "framework",
    "table.operation": "operation",
    "table.brackets": "in every bracket",
    "table.jointly": "jointly a subgradient",
    "table.central": "central difference agrees",
    "table.yes": "yes",
    "table.no": "no",
    "table.shown": "yes, where shown",
    "table.outside": "no: outside at {entry}",
    "table.more": "no: outside at {entry} and {count} more",
    "table.composed": "no: rules composed",
    "table.derivative": "yes, the derivative",
    "table.uncomputed": "not computed",
    "table.nonzero": "{nonzero} of {count} nonzero",
}

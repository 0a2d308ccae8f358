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


def factor(template: str) -> str:
    """The name of a factor, with its gaps: the layers' own are English."""
    return template


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
    # --- how a value came about
    "value.given": "{entry} = {value}.",
    "value": "{entry} = {formula} = {value}.",
    "value.bias": "{value} (the bias {entry})",
    "value.many": "a sum of {count} products, {nonzero} of them not 0",
    "value.zeros": "0, a sum of products with 0 in them,",
    "value.reads": "it reads {entries}",
    "value.read": "it is read by {entries}",
    "value.entries": "{count} of {letter}",
    # --- an image
    "image.choose": "Choose a cell: what it reads and what reads it lights up, and why it is what "
    "it is.",
    **{f"image.digit.{n}": f"{'an' if n == 8 else 'a'} {n}" for n in range(10)},
    "image.sum": "{slope} over the minibatch = {gradient}.",
    "image.shares": "Each digit adds its share: {shares} = {gradient}.",
    "image.share": "{share} (digit {count}, {digit})",
    "image.shares.one": "With one output of one digit sent back, the other digits add nothing.",
    "image.shares.all": "It is a sum, since every digit meets the same filters.",
    # --- a network on an image
    "inside.choose": "Choose a cell: what it reads and what reads it lights up, with the ways "
    "through the pools, and why its gradient is what it is.",
    "inside.absent": "{entry} is not in this network ({network}): choose an entry that is there.",
    "inside.overflows": "On this image the numbers of your network leave the range of float32: "
    "the shipped network is shown instead.",
    "inside.shipped": "The shipped network: {command} --epochs {epochs} --seed {seed}, {percent} "
    "of the test images right.",
    "inside.right": "The network says {answer} with {percent}, which is right: loss {loss}.",
    "inside.wrong": "The network says {answer} with {percent}, but it is {label}: loss {loss}.",
    "inside.unlabelled": "The network says {answer} with {percent}, which is taken for right: "
    "loss {loss}.",
    "inside.logit": "{slope} = {difference} = {gradient}: the probability, less 1 at the right "
    "answer.",
    "inside.class": "{entry} = {value}, gradient {gradient}, probability {percent}",
    "inside.step": "One step of SGD on this image, learning rate {rate}: the loss goes from "
    "{before} to {after}, the probability of {label} from {likely} to {likelier}.",
    "inside.tally": "Of the {size} entries of ∂{letter}: {tally}.",
    # --- a minibatch
    "minibatch.sum": "{sum}: {giving} of {count} examples contribute.",
    "minibatch.share": "It is what example {example} adds to ∂L/∂w.",
    # --- a prediction
    "predict.ask": "Click every cell whose gradient you expect to be nonzero; then reveal.",
    "predict.right": "{right} of {count} right.",
    "predict.more": "… and {count} more.",
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
    # --- a gradient check
    "check.choose": "Choose an entry to see what the check says about it, and how its error goes.",
    "check.agrees": "{slope}: claimed {claimed}, and the central difference says the same.",
    "check.rounded": "{slope}: claimed {claimed}. The central difference with eps = {step} says "
    "{numeric}, which is as near as rounding lets it be.",
    "check.closer": "{slope}: claimed {claimed}. The central difference with eps = {step} says "
    "{numeric}; other steps agree with the claim on both sides, so the check passes it.",
    "check.closer.kinked": "{slope}: claimed {claimed}. The central difference with eps = {step} "
    "says {numeric}; with other steps it agrees with the claim, so the check passes it, though the "
    "slopes on the two sides differ.",
    "check.wrong": "{slope}: claimed {claimed}, but the slope is {left} on both sides: FAILED.",
    "check.inside": "{slope}: claimed {claimed} lies between the one-sided derivatives, {left} on "
    "the left and {right} on the right: {verdict}.",
    "check.outside": "{slope}: claimed {claimed} lies outside the one-sided derivatives, {left} on "
    "the left and {right} on the right: {verdict}.",
    "check.aria": "{entry} = {value}, analytic {analytic}, numeric {numeric}, {verdict} {beside}",
    "check.passed": "passed",
    "check.smooth": "{layer} has no kink: it is smooth everywhere.",
    "check.values": "{layer} takes {values} for {letter}, not {given}: {letter} is {now} instead.",
    "check.count": ("1 value", "{count} values"),
    "check.range": "{least} to {count} values",
    "check.bug": "The bug “{bug}” is none of {layer}: there is none.",
    "beside.closer": "at a closer look",
    "beside.rounded": "but for rounding",
    "beside.slope": "slope is {slope}",
    "beside.inside": "in {bracket}",
    "beside.outside": "not in {bracket}",
    "finding.pattern": "{letters}: {pattern}",
    "finding.rule": "It is no bug: the rule itself gives that.",
    "finding.rule.bug": "The bug does not show at this point: the rule itself gives that.",
    "finding.kink": (
        "{letter}: 1 entry sits on a kink; the claim lies between its two slopes.",
        "{letter}: {count} entries sit on a kink; the claim lies between its two slopes.",
    ),
    "finding.hidden": "The layer is wrong, but not at this point: every gradient that it claims "
    "here agrees. Check at other points too.",
    "finding.agrees": "Every entry agrees.",
    "finding.closer": "Every entry agrees, {count} only at a closer look.",
    "heading.right": "The pattern",
    "heading.right.code": "No bug: the layer is the engine's own.",
    "heading.bug": "The bug: {bug}",
    "heading.bug.code": "{written}, not {meant}",
    "crossing": "{crossings}: that kink lies within eps = {step}.",
    "crossing.zero": ("{entries} of the {unit} is 0", "{entries} of the {unit} are 0"),
    "crossing.passing": ("{entries} of the {unit} passes 0", "{entries} of the {unit} pass 0"),
    "crossing.tie": "{entries} tie",
    "crossing.change": "{entries} change places",
    "crossing.inside": "{crossings} in the {unit}",
    "crossing.mean": "So there is no derivative: the slope is {left} on the left, {right} on the "
    "right. The claim is their mean, which a central difference cannot tell from one.",
    "origin.bug": "The bug is “{bug}”. {pattern}",
    "origin.right": "The layer is right",
    "origin.hidden": "The bug does not show here",
    "origin.composed": "{layer}: it is the rule ({rules}) that gives {claimed} here. At each step "
    "it takes a slope that could be: rules composed.",
    "origin.ties": "{layer}: it is the rule ({rules}) that gives {claimed} here, where ties make "
    "it send back more than arrives. No derivative is that.",
    "step.wrong": "A smaller eps does not help: the error tends to {error}, not to 0, so the claim "
    "is wrong.",
    "step.kink": "A smaller eps does not help: at a kink a central difference tends to the mean of "
    "the two slopes.",
    "step.constant": "No kink: along {entry} the function is constant here, so that every "
    "difference is exactly 0.",
    "step.straight": "No truncation: along {entry} the function is a straight line; {error}.",
    "step.straight.kink": "No truncation: along {entry} the function is a straight line, until a "
    "kink lies within eps, from eps = {kink} on. Before that, {error}.",
    "step.exact": "every difference is exact",
    "step.rounding": "all error is rounding, as 1/eps",
    "step.mixed": "From eps = {kink} on a kink lies within eps, and the difference mixes the "
    "slopes on its two sides.",
    "step.mixed.below": "From eps = {kink} on a kink lies within eps, and the difference mixes the "
    "slopes on its two sides; below that {error}.",
    "step.truncation": "Large eps: truncation, which on these axes has slope {central} for the "
    "central difference, {one_sided} for the one-sided. Small eps: rounding, which grows as 1/eps.",
    "step.least": "the smallest error is {error}, at eps = {step}",
    "step.float32": "In float32 the smallest error is {error}, at eps = {step}.",
    "curve.lost": "step lost",
    "curve.truncation": "truncation ∝ eps{power}",
    "curve.one_sided": "∝ eps{power}",
    "curve.rounding": "rounding ∝ 1/eps",
}

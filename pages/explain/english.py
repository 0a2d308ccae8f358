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
    "entry.choose": "Choose a cell to see its gradient, its formula with numbers, and the reason.",
    "entry.unknown": "The gradient of {entry} is not computed yet at this step.",
    "entry.given": "{slope} = {gradient}: the upstream gradient, which is given.",
    "entry.itself": "{slope} = {gradient}: the derivative of L by itself.",
    "entry.flows": "{slope} = {gradient}: {reason}.",
    "entry.zero": "{slope} = 0: {reason}.",
    "entry.loss": "Here L = {function}.",
    "flow.upstream": "{slope} = {gradient}",
    "flow.sum": "the sum of {count} contributions: {each}",
    "flow.sum.within": "{slope} = {gradient} is the sum of {count} contributions ({each})",
    "flow.through": "{gradient} through {output}",
    "flow.its": "its",
    "flow.of": "{entry}'s",
    "formula.zeros": "{slope} is a sum of {count} products, each of them 0",
    "formula.more": "{count} more",
    "formula.others": "(the other {count} are 0)",
    "chain": ("Followed back: {links}", "Followed back along one of its {count} paths: {links}"),
    "rules": "The rule decides here: {numbers}.",
    "rules.number": "{number} in {rules}",
    "reason.NOT_COVERED": "no output depends on {entry}",
    "reason.UPSTREAM_ZERO": "the upstream gradient {upstream} is 0",
    "reason.UPSTREAM_ZERO.several": "the upstream gradient of every output that it affects is 0",
    "reason.ZERO_FACTOR": "the upstream gradient is multiplied by {factors} = 0",
    "reason.CANCELLED": "the contributions cancel: {sum} = 0",
    "reason.CANCELLED.slope": "its factor is a difference of two equal numbers",
    "reason.UNDERFLOW": "the product is so small that it underflows to 0",
    "reason.ROUNDED": "the contributions nearly cancel, and the rest is lost in rounding",
    "reason.uncovered": "none of its {count} paths reaches an output",
    "reason.mixed": "no gradient on any of its {count} paths: {tally}",
    "reason.gates": (
        "{reason}, and on its other path",
        "{reason}, and on its other {count} paths",
    ),
    "reason.silent": (
        "on its other path the upstream gradient is 0",
        "on its other {count} paths the upstream gradient is 0",
    ),
    "reason.closed": "its {unit} is inactive too ({entry} = {value})",
    "reason.kink": "its {unit} is at its kink too ({entry} = {value})",
    "reason.gradients": ("the gradient", "their gradients"),
    "reason.winners": ("{winners} alone", "{winners}"),
    "reason.it": "it",
    "reason.windows": " of {windows}",
    "reason.window": "{output}'s window",
    "tally.NOT_COVERED": ("{count} reaches no output", "{count} reach no output"),
    "tally.UPSTREAM_ZERO": (
        "{count} ends where the upstream gradient is 0",
        "{count} end where the upstream gradient is 0",
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
    "influence.none": "{entry} influences no entry of {letter}: it is in no window.",
    "influence.forwards": "{entry} influences {entries}.",
    "influence.sum": "{entry} = {sum}.",
    "influence.padded": "{entry} = {sum} (0 is padding).",
    "influence.backwards": "It is influenced by {inputs}, and {weights}.",
    "influence.weights": "It is influenced by {weights}.",
    "influence.entries": ("1 entry of {letter}: {names}", "{count} entries of {letter}: {names}"),
    # --- how a value came about
    "value": "{formula}.",
    "value.bias": "{value} (the bias {entry})",
    "value.many": "a sum of {count} products, {nonzero} of them not 0",
    "value.zeros": "a sum of {count} products, each of them 0",
    "value.reads": "its receptive field is {entries}",
    "value.read": "it affects {entries}",
    "value.entries": "{count} of {letter}",
    # --- what happens at a step
    "happens": "{does}: {here}.",
    "happens.given": ("{given} is given.", "{given} are given."),
    "happens.chosen": ("{made}, at {entries}", "{made}, at {entries}, which tie"),
    "happens.none": ("{entries} gets none", "{entries} get none"),
    "happens.zero": "the upstream gradient is 0",
    "happens.lost": "what it gives is too small to be told from 0",
    "happens.part": "{gradient} is added to {slope}",
    # --- an image
    "image.choose": "Choose a cell: its receptive field and what it affects light up, with the "
    "reason for its gradient.",
    **{f"image.digit.{n}": f"{'an' if n == 8 else 'a'} {n}" for n in range(10)},
    "image.sum": "{slope} over the minibatch = {gradient}.",
    "image.shares": "Each digit adds its share: {shares} = {gradient}.",
    "image.share": "{share} (digit {count}, {digit})",
    "image.shares.one": "L is one output of one digit: the other digits add nothing.",
    "image.shares.all": "It is a sum, since every digit meets the same filters.",
    # --- a network on an image
    "inside.choose": "Choose a cell: its receptive field and what it affects light up, with the "
    "paths through the pools, and the reason for its gradient.",
    "inside.absent": "{entry} is not in this network ({network}): choose an entry that is there.",
    "inside.overflows": "On this image the numbers of your network leave the range of float32: "
    "the shipped network is shown instead.",
    "inside.shipped": "The shipped network: {command} --epochs {epochs} --seed {seed}, {percent} "
    "test accuracy.",
    "inside.right": "The network predicts {answer} with {percent}, correctly: loss {loss}.",
    "inside.wrong": "The network predicts {answer} with {percent}, but it is {label}: loss {loss}.",
    "inside.painted": "The network predicts {answer} with {percent}; it was a {label} before "
    "you drew on it: loss {loss}.",
    "inside.unlabelled": "The network predicts {answer} with {percent}. A drawing has no label: "
    "this prediction serves as one, loss {loss}.",
    "inside.logit": "{slope} = {difference} = {gradient}: the probability, less 1 at the label.",
    "inside.class": "{entry} = {value}, gradient {gradient}, probability {percent}",
    "inside.stage": "show {stage}",
    "inside.step": "One step of SGD on this image, learning rate {rate}: the loss goes from "
    "{before} to {after}, the probability of {label} from {likely} to {likelier}.",
    "inside.tally": "Of the {size} entries of ∂L/∂{letter}: {tally}.",
    # --- a minibatch
    "minibatch.sum": "{sum}: {giving} of {count} examples contribute.",
    "minibatch.share": "It is what example {example} adds to ∂L/∂w.",
    # --- a prediction
    "predict.heading": "Predict",
    "predict.ask": "Mark every entry of {arrays} whose gradient will be nonzero.",
    "predict.any": "any array",
    "predict.worth": "{array}: {worth}",
    "predict.found": (
        "{found} of {nonzero} nonzero found, {count} false alarm.",
        "{found} of {nonzero} nonzero found, {count} false alarms.",
    ),
    "predict.more": "… and {count} more, marked on the picture.",
    "predict.sum": "So far: {worth}",
    "predict.reveal": "Reveal",
    "predict.everywhere": "Ask for all",
    "predict.again": "Predict again",
    # --- the quiz
    "quiz.heading": "Question {position} of {count}",
    "quiz.check": "Check",
    "quiz.right": "Right: {answer}.",
    "quiz.wrong": "You said {given}; it is {answer}.",
    "quiz.influence": ("{entry} affects {outputs}.", "{entry} affects {count} entries: {outputs}."),
    "quiz.next": "Next question",
    "quiz.last": "How it went",
    "quiz.score": "{right} of {count} right.",
    "quiz.look": "Look again at:",
    "quiz.again": "Once more",
    # --- training
    "train.settings": (
        "{count} epoch, batches of {batch}, learning rate {rate}",
        "{count} epochs, batches of {batch}, learning rate {rate}",
    ),
    "train.terms": "Accuracy: the share of images that are classified correctly. Gradient: the "
    "share of its entries that are exactly 0. Dead unit: a ReLU that was inactive for every image "
    "looked at, so that nothing before it gets a gradient through it; dead map: a filter all of "
    "whose units are dead. Confusion matrix: which digit was taken for which.",
    # --- the lessons
    "lesson.heading": "{lesson} of {count}: {title}",
    "lesson.check": "Check",
    "lesson.again": "Try again",
    "lesson.next": "Next lesson",
    "lesson.back": "Back",
    "lesson.try": "**Try:** {tried}",
    "lesson.right": "Right: {answer}.",
    "lesson.right.any": "Right: {marked}.",
    "lesson.wrong": "You marked {marked}; it is {answer}.",
    "lesson.wrong.any": "You marked {marked}; it is any of {answer}.",
    "lesson.unmarked": "You marked nothing; it is {answer}.",
    "lesson.unmarked.any": "You marked nothing; it is any of {answer}.",
    "lesson.done": "Right.",
    "lesson.undone": "Not yet.",
    "lesson.nothing": "With these values there is nothing to be found.",
    "lesson.forwards": "{a} = w · {x} = {product}, and {h} = max(0, {a}) = {height}. The largest "
    "h is {largest}: that is z.",
    # --- a slide
    "slide.question": "Which gradients are nonzero?",
    "slide.question.check": "With which entries does a central difference agree?",
    "slide.answer": "Answer: {answer}.",
    # --- the modes
    "mode.look": "Look",
    "mode.predict": "Predict",
    "mode.quiz": "Quiz",
    # --- the legend
    "legend.positive": "gradient above 0",
    "legend.negative": "gradient below 0",
    "legend.zero": "gradient 0",
    "legend.dotted": "no gradient comes this way",
    "legend.later": "it was stopped further on",
    "legend.inactive": "inactive",
    "legend.kink": "at the kink",
    "legend.chosen": "explained here",
    "legend.unknown": "not computed yet",
    "legend.above": "value above 0",
    "legend.below": "value below 0",
    "legend.marked": "marked as nonzero",
    "legend.read": "receptive field",
    "legend.affected": "what it affects",
    "legend.both": "receptive field, and what it affects",
    "legend.sent": "upstream gradient 1",
    "legend.label": "the label",
    "legend.stepped": "after the step",
    "legend.unstepped": "before the step",
    "legend.winner": "to the maximum of the window",
    "legend.flows": "not 0",
    "legend.not_covered": "0: in no window",
    "legend.upstream_zero": "0: nothing arrives",
    "legend.gate_closed": "0: ReLU inactive",
    "legend.at_kink": "0: at the kink",
    "legend.not_max": "0: not the maximum",
    "legend.tie_lost": "0: tie lost",
    "legend.zero_factor": "0: times zero",
    "legend.cancelled": "0: cancelled",
    "legend.underflow": "0: underflow",
    "legend.rounded": "0: rounded",
    "legend.bracket": "from the left to the right derivative",
    "legend.sides": "slopes on the two sides",
    "legend.outside": "no derivative",
    "legend.central": "central difference",
    "legend.one_sided": "one-sided difference",
    "legend.within": "a kink within eps",
    "predict.flows": "{slope} = {gradient}, not 0: {reason}.",
    # --- to those who hear a picture
    "aria.array": "Gradient of {array}, {nonzero} of {count} nonzero.",
    "aria.entries": "Gradient of {array}, {nonzero} of {count} nonzero: {entries}.",
    "aria.nothing": "{entry}, not computed yet",
    "aria.value": "{entry} = {value}, gradient not computed yet",
    "aria.gradient": "{entry} = {value}, gradient {gradient}",
    "aria.marked": "{entry} = {value}, gradient marked as nonzero",
    "aria.unmarked": "{entry} = {value}, gradient not marked",
    "aria.answer": "{entry} = {value}, marked",
    "aria.open": "{entry} = {value}, not marked",
    # --- at a kink
    "kink.constant": "No kink: L is constant here: {because}.",
    "kink.kink": "A kink: {slope} is {left} from the left and {right} from the right.",
    "kink.smooth": "No kink: {slope} = {value} from both sides.",
    "kink.along": "No kink along {entry}: {slope} = {value} from both sides.",
    "kink.elsewhere": "No kink along {entry}: {slope} = {value} from both sides; there is one "
    "along {entries}.",
    "kink.zero": "the upstream gradient is 0",
    "kink.inactive": "every unit with an upstream gradient is inactive",
    "kink.shut": "{count} entries of {letter} tie at 0, but every {before} before them is negative",
    "kink.unit": (
        "{entries} is {value}, the kink of its {unit}",
        "{entries} are {value}, a {unit}'s kink",
    ),
    "kink.tie": "{entries} tie at {value}",
    "kink.central": (
        "A central difference gives {value} for {slope}, as {who} does.",
        "A central difference gives {value} for {slope}, as {who} do.",
    ),
    "kink.central.nobody": "A central difference gives {value} for {slope}, as no rule does.",
    "kink.uncomputed": "Too many kinks meet here: whether the entries of a gradient fit together "
    "is not computed.",
    "kink.bends": "L has too many kinks along this entry to be drawn.",
    "kink.shares": "{count} entries tie: shares are drawn for ties of two or three only.",
    "kink.aria": "{entry}, left derivative {left}, right {right}",
    "kink.aria.smooth": "{entry}, derivative {left}",
    "kink.still": "{entry} has no slider: it cannot be moved.",
    "kink.nowhere": "There is no other kink along {entry}, as far as the slider reaches.",
    "kink.between": "The kink is near {entry} = {value}: no floating-point number hits it.",
    "kink.fitted": "The axes fit as they are.",
    "verdict.derivative": ("{who} gives that.", "{who} give that."),
    "verdict.derivative.everybody": "Every rule gives that.",
    "verdict.subgradient": ("{who} gives a subgradient.", "{who} give a subgradient."),
    "verdict.not jointly": "{who}: each entry lies between its one-sided derivatives, but together "
    "they are no subgradient{sum}.",
    "verdict.not jointly.shown": "{who}: each entry that is shown lies between its one-sided "
    "derivatives, but together they are no subgradient{sum}.",
    "verdict.composed": "{claims}. Each layer's slope is allowed by itself, but composed they give "
    "no derivative here. That is no bug.",
    "verdict.nothing": "{claims}: no derivative at all.",
    "verdict.outside": "{claims}.",
    "verdict.inside": "{who}: each entry that is shown lies between its one-sided derivatives.",
    "verdict.claim": "{who}: {slope} = {claim}, but it is {truth} from both sides",
    "verdict.claim.kinked": "{who}: {slope} = {claim} is outside the one-sided derivatives {truth}",
    "verdict.beside": "{who}: {slope} = {claim} is outside the one-sided derivatives {bracket}; "
    "together with the other entries it is a subgradient all the same.",
    "verdict.sum": ": the shares of {entries} sum to {sum}, not to 1",
    "outcome.derivative": "the derivative",
    "outcome.subgradient": "a subgradient",
    "outcome.not jointly": "fits only entry by entry",
    "outcome.not jointly.shown": "fits only entry by entry, where shown",
    "outcome.composed": "composed, no derivative",
    "outcome.nothing": "no derivative at all",
    "outcome.inside": "fits entry by entry, where shown",
    "outcome.outside": "outside the one-sided derivatives",
    "group.slope": "Slope {value}",
    "group.everybody": "Every rule",
    "table.rule": "rule",
    "table.framework": "framework",
    "table.operation": "operation",
    "table.brackets": "between the one-sided derivatives",
    "table.jointly": "together a subgradient",
    "table.central": "central difference agrees",
    "table.yes": "yes",
    "table.no": "no",
    "table.shown": "yes, where shown",
    "table.outside": "no: outside at {entry}",
    "table.more": "no: outside at {entry} and {count} more",
    "table.composed": "no: slopes composed",
    "table.derivative": "yes, the derivative",
    "table.uncomputed": "not computed",
    "table.nonzero": "{nonzero} of {count} nonzero",
    # --- a gradient check
    "check.choose": "Choose an entry to see what the check says about it, and its error over eps.",
    "check.agrees": "{slope}: the layer gives {claimed}, and the central difference agrees.",
    "check.rounded": "{slope}: the layer gives {claimed}. The central difference with eps = {step} "
    "is {numeric}, as close as rounding allows.",
    "check.closer": "{slope}: the layer gives {claimed}. The central difference with eps = {step} "
    "is {numeric}; with other eps it agrees on both sides, so the check passes.",
    "check.closer.kinked": "{slope}: the layer gives {claimed}. The central difference with "
    "eps = {step} is {numeric}; with other eps it agrees, so the check passes, though the slopes "
    "on the two sides differ.",
    "check.wrong": "{slope}: the layer gives {claimed}, but the slope is {left} on both "
    "sides: FAILED.",
    "check.inside": "{slope}: the layer gives {claimed}, between the one-sided derivatives, {left} "
    "on the left and {right} on the right: {verdict}.",
    "check.outside": "{slope}: the layer gives {claimed}, outside the one-sided derivatives, "
    "{left} on the left and {right} on the right: {verdict}.",
    "check.aria": "{entry} = {value}, analytic {analytic}, numeric {numeric}, {verdict} {beside}",
    "check.passed": "passed",
    "check.smooth": "{layer} has no kink: it is smooth everywhere.",
    "check.values": "{layer} takes {values} for {letter}, not {given}: {letter} is {now} instead.",
    "check.count": ("1 value", "{count} values"),
    "check.range": "{least} to {count} values",
    "check.bug": "The bug “{bug}” is none of {layer}: there is none.",
    "beside.closer": "with other eps",
    "beside.rounded": "up to rounding",
    "beside.slope": "slope is {slope}",
    "beside.inside": "in {bracket}",
    "beside.outside": "not in {bracket}",
    "finding.pattern": "{letters}: {pattern}",
    "finding.rule": "It is no bug: the rule itself gives that.",
    "finding.rule.bug": "The bug does not show at this point: the rule itself gives that.",
    "finding.kink": (
        "{letter}: 1 entry is at a kink; the layer's gradient lies between its slopes.",
        "{letter}: {count} entries are at a kink; the layer's gradients lie between its slopes.",
    ),
    "finding.hidden": "The layer is wrong, but not at this point: every gradient that it gives "
    "here agrees. Check at other points too.",
    "finding.agrees": "Every entry agrees.",
    "finding.closer": "Every entry agrees, {count} only with other eps.",
    "heading.right": "The pattern",
    "heading.right.code": "No bug: the engine's own layer.",
    "heading.bug": "The bug: {bug}",
    "heading.bug.code": "{written}, not {meant}",
    "crossing": "{crossings}: that kink lies within eps = {step}.",
    "crossing.zero": ("{entries} of the {unit} is 0", "{entries} of the {unit} are 0"),
    "crossing.passing": ("{entries} of the {unit} passes 0", "{entries} of the {unit} pass 0"),
    "crossing.tie": "{entries} tie",
    "crossing.change": "{entries} change places",
    "crossing.inside": "{crossings} in the {unit}",
    "crossing.mean": "So there is no derivative: the slope is {left} on the left, {right} on the "
    "right. The layer gives their mean, which a central difference cannot tell from a derivative.",
    "origin.bug": "The bug is “{bug}”. {pattern}",
    "origin.right": "The layer is right",
    "origin.hidden": "The bug does not show here",
    "origin.composed": "{layer}: it is the rule ({rules}) that gives {claimed} here. Each "
    "layer's slope is allowed by itself, but composed they give no derivative.",
    "origin.ties": "{layer}: it is the rule ({rules}) that gives {claimed} here, where ties "
    "get more in all than the upstream gradient: that is no derivative.",
    "step.wrong": "A smaller eps does not help: the error tends to {error}, not to 0, so the "
    "layer's gradient is wrong.",
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
    "curve.lost": "lost",
    "curve.truncation": "truncation ∝ eps{power}",
    "curve.one_sided": "∝ eps{power}",
    "curve.rounding": "rounding ∝ 1/eps",
}

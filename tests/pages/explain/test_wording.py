"""The wording of the catalogue: every text appears in a test as it should appear on a page."""

import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Final

from pages.language.english import TEXTS

TESTS: Final = Path(__file__).parents[2]
READ: Final[dict[str, str | tuple[str, str]]] = {
    "tally.NOT_COVERED": ("{count} reaches no output", "{count} reach no output"),
    "tally.UPSTREAM_ZERO": (
        "{count} ends where the upstream gradient is 0",
        "{count} end where the upstream gradient is 0",
    ),
    "tally.AT_KINK": (
        "{count} is at a kink, where this rule's slope is 0",
        "{count} are at a kink, where this rule's slope is 0",
    ),
    "tally.NOT_MAX": ("{count} is not the maximum", "{count} are not the maximum"),
    "tally.TIE_LOST": ("{count} loses a tie under this rule", "{count} lose a tie under this rule"),
    "tally.ZERO_FACTOR": ("{count} is multiplied by 0", "{count} are multiplied by 0"),
    "tally.CANCELLED": ("{count} ends in a sum that cancels", "{count} end in a sum that cancels"),
    "tally.UNDERFLOW": ("{count} underflows to 0", "{count} underflow to 0"),
    "tally.ROUNDED": (
        "{count} ends in a sum that is rounded to 0",
        "{count} end in a sum that is rounded to 0",
    ),
    "influence.forwards": "{entry} influences {entries}.",
    "influence.entries": ("1 entry of {letter}: {names}", "{count} entries of {letter}: {names}"),
    "curve": "The curve",
    "curve.every": "{h}, and its slope, for every {a}",
    "value.reads": "its receptive field is {entries}",
    "pass.inputs": "Inputs: nothing is computed yet",
    "button.kink": "L as this entry alone moves, with what each rule gives at the kink",
    "button.inside": "Every map and every gradient of the network that you have trained",
    "button.own": "The page itself, with these numbers",
    "button.own.left": "The page itself, as you left it",
    "image.choose": (
        "Choose a cell: its receptive field and what it affects light up, with the reason for its "
        "gradient."
    ),
    "image.sum": "{slope} over the minibatch = {gradient}.",
    "image.shares": "Each digit adds its share: {sum}.",
    "image.share": "{share} (digit {count}, {digit})",
    "inside.image.drawn_on": "{number}, drawn on",
    "inside.map.activations": "{map}, enlarged",
    "inside.map.gradients": "{map}, gradient, enlarged",
    "inside.map.reasons": "{map}, why, enlarged",
    "inside.none_yet": "One of your own can be chosen here once it is trained on the page Train.",
    "inside.only": "wrong ones only, the most confident error first",
    "inside.next.wrong": "The next wrong one that shows a …",
    "inside.onward.wrong": (
        "Among all wrong ones, whatever they show: the most confident error first"
    ),
    "inside.shipped": (
        "The built-in network: {command} --epochs {epochs} --seed {seed}, {percent} test accuracy."
    ),
    "inside.right": "{network} predicts {answer} with {percent}, correctly: loss {loss}.",
    "inside.covered": (
        "With a part of it covered the network predicts {answer} with {percent}, without the cover "
        "{before} with {likely}. The label is {label}: loss {loss}."
    ),
    "inside.painted": (
        "With what is drawn on it the network predicts {answer} with {percent}, without that "
        "{before} with {likely}. The label is {label}: loss {loss}."
    ),
    "inside.part": (
        "Why: the ink in rows {top} to {bottom}, columns {left} to {right}{orange}. With that part "
        "covered, the network predicts {label} with {percent}."
    ),
    "inside.part.none": (
        "No single part of it is why: whichever {side} × {side} pixels are covered, the network "
        "does not predict {label}."
    ),
    "inside.lead.w": "a larger weight here",
    "inside.lead.a": "a larger value here",
    "inside.zero.NOT_COVERED": "no output depends on it",
    "inside.zero.GATE_CLOSED": "every ReLU that it leads to is inactive",
    "inside.zero.AT_KINK": "it leads to a kink, where this rule's slope is 0",
    "inside.zero.ZERO_FACTOR": "wherever a gradient arrives, it is multiplied by 0",
    "inside.own": (
        "Your network: {network}, after step {step} of {steps}: accuracy {percent} on {images}."
    ),
    "inside.unlabelled": (
        "{network} predicts {answer} with {percent}. A drawing has no label: this prediction "
        "serves as one, loss {loss}. Under Edit, choose what the image shows."
    ),
    "inside.logit": "{slope} = {difference} = {gradient}: the probability, less 1 at the label.",
    "inside.class": "{entry} = {value}, gradient {gradient}, probability {percent}",
    "inside.tally": "Of the {size} entries of ∂L/∂{letter}: {tally}.",
    "predict.ask.some": (
        "Mark those of {entries} whose gradient will be nonzero: tap or click them."
    ),
    "predict.right": "{array}: all right, {found} of {nonzero} nonzero found.",
    "predict.wrong": "{array}: {faults} ({found} of {nonzero} nonzero found).",
    "predict.alarms": ("{count} false alarm", "{count} false alarms"),
    "predict.sum": "So far: {found} of {nonzero} nonzero found, {alarms}.",
    "predict.everywhere": "Ask for all arrays",
    "predict.inputs": "Ask for {arrays} only",
    "predict.again": "Predict again",
    "vote.class.open": "Open the vote",
    "vote.class.close": "Close the vote",
    "vote.class.next": "Next question",
    "vote.many": (
        "A class can vote on 1 to {most} cells; {count} is asked for here.",
        "A class can vote on 1 to {most} cells; {count} are asked for here: take a smaller case.",
    ),
    "vote.phone.which": "Which vote?",
    "vote.phone.code": "The code on the projector, behind /vote/",
    "vote.phone.go": "Go there",
    "vote.phone.loading": "One moment.",
    "vote.phone.second": "Vote {attempt} on the same question",
    "vote.phone.open": "Open. Nothing is sent yet.",
    "vote.phone.reopened": "Open again. Change your marks or leave them, and send them.",
    "vote.phone.sending": "Sending …",
    "vote.phone.sent": "Sent: {marked}. You can change it until the vote is closed.",
    "vote.phone.differs": "Sent: {marked}. Your changes since then are not sent yet.",
    "vote.phone.closed": "Closed. Your vote counts: {marked}.",
    "vote.phone.missed": "Closed. You have not voted.",
    "vote.phone.unknown": "Closed. It is not known whether your vote arrived: {marked}.",
    "vote.phone.revealed": "The answer: {right} of {count} cells right. {next}",
    "vote.phone.unvoted": "The answer. You have not voted. {next}",
    "vote.phone.unsure": "The answer. It is not known whether your vote arrived. {next}",
    "vote.phone.next": "The next question comes by itself; a new vote has a new code.",
    "vote.phone.down": "Not reached. This page goes on trying; your marks are kept.",
    "vote.phone.wait": "Look at the projector: this page changes by itself.",
    "vote.phone.over": "The vote is over.",
    "vote.phone.send": "Send: {marked}",
    "vote.phone.done": "Sent",
    "vote.phone.none": "no cell",
    "vote.phone.right.marked": "{label}: right, you marked it.",
    "vote.phone.right.left": "{label}: right, you left it out.",
    "vote.phone.wrong.marked": "{label}: wrong, you marked it, but its gradient is 0.",
    "vote.phone.wrong.left": "{label}: wrong, you left it out, but its gradient is not 0.",
    "vote.phone.told.nonzero": "{label}: its gradient is not 0.",
    "vote.phone.told.zero": "{label}: its gradient is 0.",
    "vote.phone.more": "In full",
    "quiz.heading": "Question {position} of {count}",
    "quiz.influence": (
        "{outputs} depends on {entry}.",
        "{count} entries depend on {entry}: {outputs}.",
    ),
    "quiz.wrong": "You said {given}; it is {answer}.",
    "quiz.many": (
        "{count} of the {size} entries of {slope} is nonzero.",
        "{count} of the {size} entries of {slope} are nonzero.",
    ),
    "quiz.next": "Next question",
    "quiz.last": "How it went",
    "quiz.score": "{right} of {count} right.",
    "quiz.look": "Look again at:",
    "quiz.again": "Once more",
    "train.settings": (
        "{count} epoch, batches of {batch}, learning rate {rate}",
        "{count} epochs, batches of {batch}, learning rate {rate}",
    ),
    "train.times": ("once", "{count} times"),
    "train.networks": ("{count} network at a time", "{count} networks at a time"),
    "train.waiting": (
        "You are {line} in line: this server trains {networks}. Yours begins by itself."
    ),
    "train.lost": (
        "The connection was lost for more than {count} second: the run was ended.",
        "The connection was lost for more than {count} seconds: the run was ended.",
    ),
    "train.reset": "The run was reset in another tab.",
    "train.terms": (
        "Accuracy: the share of images that are classified correctly; while it trains, “of "
        "{images}” means the first {images} test images. Gradient: the share of its entries that "
        "are exactly 0. Dead unit: a ReLU that was inactive for every image looked at, so that "
        "nothing before it gets a gradient through it; dead map: a filter all of whose units are "
        "dead. Confusion matrix: which digit was taken for which."
    ),
    "lesson.heading": "{lesson} of {count}: {title}",
    "lesson.try": "**Try:** {tried}",
    "lesson.wrong": "You marked {marked}; it is {answer}.",
    "lesson.wrong.any": "You marked {marked}; it is any of {answer}.",
    "lesson.unmarked": "You marked nothing; it is {answer}.",
    "lesson.unmarked.any": "You marked nothing; it is any of {answer}.",
    "lesson.done": "Right.",
    "lesson.undone": "Not yet.",
    "lesson.nothing": "With these values there is nothing to be found.",
    "lesson.stepped": (
        "With the learning rate η = {rate}, one step took the loss from {before} to {after}, the "
        "probability of {label} from {likely} to {likelier}."
    ),
    "script.training": "A training is no single pass: its script is of our engine alone.",
    "script.unspelled": (
        "{layer} does not say how it is written in {framework}, so there is no script."
    ),
    "slide.question.check": "With which entries does a central difference agree?",
    "kinks.menu": "At ties and kinks: **{chosen}**",
    "legend.share": "the darker, the more say nonzero",
    "legend.stepped": "after the step",
    "legend.unstepped": "before the step",
    "help.undo": (
        "*Undo* under *Edit*, or **Ctrl+Z**, takes any change back; *Redo*, or **Ctrl+Y**, brings "
        "it again."
    ),
    "help.list": (
        "Several pictures, in a list of your own, are made and presented in the *Gallery*, in the "
        "menu *Slides*."
    ),
    "help.nothing": "Nothing has been {done} yet",
    "aria.open": "{entry} = {value}, not marked",
    "kink.along": "No kink along {entry}: {slope} = {value} from both sides.",
    "kink.elsewhere": (
        "No kink along {entry}: {slope} = {value} from both sides; there is one along {entries}."
    ),
    "kink.between": "The kink is near {entry} = {value}: no floating-point number hits it.",
    "verdict.derivative": ("{who} gives that.", "{who} give that."),
    "verdict.subgradient": ("{who} gives a subgradient.", "{who} give a subgradient."),
    "verdict.not jointly.shown": (
        "{who}: each entry that is shown lies between its one-sided derivatives, but together they "
        "are no subgradient{sum}."
    ),
    "verdict.claim.kinked": "{who}: {slope} = {claim} is outside the one-sided derivatives {truth}",
    "outcome.inside": "fits entry by entry, where shown",
    "table.more": "no: outside at {entry} and {count} more",
    "table.nonzero": "{nonzero} of {count} nonzero",
    "check.rounded": (
        "{slope}: the layer gives {claimed}. The central difference with eps = {step} is "
        "{numeric}, as close as rounding allows."
    ),
    "check.closer.kinked": (
        "{slope}: the layer gives {claimed}. The central difference with eps = {step} is "
        "{numeric}; with {other} it agrees, so the check passes, though the slopes on the two "
        "sides differ."
    ),
    "check.own": (
        "Your own code, where this program is installed: `python -m engine.check FILE` in its "
        "folder; under **?** stands an example of such a file."
    ),
    "check.count": ("1 value", "{count} values"),
    "beside.closer.other": "with other eps",
    "finding.rule.bug": (
        "{letters}: FAILED, but not by the bug, which does not show at this point: the rule itself "
        "gives that, which is no derivative."
    ),
    "crossing.passing": ("{entries} of the {unit} passes 0", "{entries} of the {unit} pass 0"),
    "step.straight": "No truncation: along {entry} the function is a straight line; {error}.",
    "step.mixed": (
        "From eps = {kink} on a kink lies within eps, and the difference mixes the slopes on its "
        "two sides."
    ),
    "step.truncation": (
        "Large eps: truncation, which on these axes has slope {central} for the central "
        "difference, {one_sided} for the one-sided. Small eps: rounding, which grows as 1/eps."
    ),
    "step.least": "the smallest error is {error}, at eps = {step}",
    "step.float32": "In float32 the smallest error is {error}, at eps = {step}.",
    "stack.value": "a number or a word is needed here; got “{found}”.",
    "stack.unknown": "there is no layer {name}; there are {names}.",
    "stack.unnamed": "{layer} needs a name before each value but the first; its names: {known}.",
    "stack.no_data": "{layer} has no data.",
    "stack.data": "{layer} needs its {data}, as in {example}.",
    "stack.no_branches": "{layer} has no branches.",
    "stack.path": "there is no layer at {path}.",
    "stack.length": (
        "A stack takes at most {most} characters in an address; this one takes {length}."
    ),
    "paste.large": (
        "{layer} has weights of shape {shape} in the code: an array has at most {most} entries "
        "here."
    ),
    "paste.x": "Here x has shape {shape}. With {meant}, as in the code: {problem}",
    "values.crop": (
        "A part of {rows} × {columns} pixels is needed; from row {top} and column {left} an image "
        "of {side} × {side} has none."
    ),
    "stack.misfit": "{layer} does not fit: it {error}.",
    "stack.needs": "layers, as in relu-maxpool(2)",
    "stack.number": "a number from −{most} to {most}",
    "stack.other_shape": "{problem} So x has shape {shape} instead.",
    "stack.ask.nonzero": "How many entries of **{slope}** are nonzero?",
    "stack.ask.influence": "How many entries of {made} does **{entry}** influence?",
    "stack.ask.inactive": (
        "The {unit} after **{letter}** has one unit: how many are inactive?",
        "How many of the {count} units of the {unit} after **{letter}** are inactive?",
    ),
    "stack.ask.beaten": (
        "How many entries of **{letter}** are the maximum of no window of the {pool} that has them?"
    ),
    "stack.ask.unread": "How many entries of **{letter}** are in no window of the {layer}?",
    "stack.snap.bends": "There are too many kinks along {entry}.",
    "stack.snap.tie": (
        "Nothing new ties with an effect on L as {entry} moves, as far as its slider reaches."
    ),
    "stack.snap.zero": (
        "Nothing new comes to its kink with an effect on L as {entry} moves, as far as its slider "
        "reaches."
    ),
    "network.code": "The code of a network: it is read, and never run",
    "network.read.help": "Ctrl+Enter in the field does so too",
    "network.reads": "It is {layers}, with x of shape {shape}.",
    "network.drawn": (
        "{names} is random: enter yours under Network, Numbers.",
        "{names} are random: enter yours under Network, Numbers.",
    ),
    "network.enter": "Enter numbers",
    "network.list": "The layers in order",
    "network.empty": "as it comes",
    "network.remove": "Remove",
    "network.add": "Add a layer",
    "network.add.where": "It comes after the chosen one.",
    "network.maps": (
        "There is no room for the cells of {arrays}: a heat map shows them.",
        "There is no room for the cells of {arrays}: heat maps show them.",
    ),
    "network.use.shape": "Use x of shape {shape}",
    "network.discard": "Back to what the picture shows",
    "network.which": "Which numbers",
    "network.array": "{letter}, shape {shape}",
    "network.source": "Where they come from",
    "network.pasted": "A list",
    "network.digit": "A digit",
    "network.image": "An image",
    "network.seed": "Seed",
    "network.list.text": "A Python list, or what numpy or PyTorch prints",
    "network.digit.top": "From row",
    "network.digit.left": "From column",
    "network.image.file": "A PNG or a JPEG: it becomes grey, and as small as the array",
    "network.weights.file": "What `python -m engine.train --save` wrote, with arrays {names}",
    "network.weights.set": "Taken from the file: {names}.",
    "network.save": "Save this state",
    "network.open": "Open a saved state",
    "check.button": "Gradient check",
    "check.button.help": "Each gradient of this very state beside a central difference",
}
"""Key -> a text that no other test has as a whole, in the catalogue's order."""

JOINED = re.compile(r"""["']\s*\n\s*[rf]{0,2}["']""")
"""The quotes and line break between two parts of one string."""


def literals(template: str) -> Iterator[str]:
    """The parts of a template between its gaps that contain a word."""
    for text, *_ in Formatter().parse(template):
        if re.search("[A-Za-z]{2}", text):
            yield text.strip()


def test_these_texts_are_as_they_are_to_be_read() -> None:
    assert {key: TEXTS[key] for key in READ} == READ


def test_every_text_is_read_in_a_test() -> None:
    """A word changed in the catalogue alone is a mistake, or a test still has to be changed."""
    read = "\n".join(
        JOINED.sub("", file.read_text(encoding="utf-8")) for file in TESTS.rglob("pages/**/*.py")
    ).replace("\\", "")
    unread = {
        key: part
        for key, text in TEXTS.items()
        for template in ([text] if isinstance(text, str) else text)
        for part in literals(template)
        if part not in read
    }
    assert unread == {}, "quote these parts of the catalogue in READ, or in a test of the pages"

"""The program's texts in English: a template for each key, with named gaps.

A pair has the form for one and the form for several, chosen by the count. Some texts stand
elsewhere: the words of the layers, the rules, the checks and the codecs of an address, in their
modules; the title, the controls and the questions of a page, in its data; the shortest labels of a
picture and the words in its cells, with the figures; what the browser's scripts say, in those.
"""

from collections.abc import Mapping
from typing import Final

from engine.layers.base import Operation, Words


def form(count: int) -> int:
    """The position of the template for this count in a pair."""
    return int(count != 1)


def words(layer: Operation) -> Words:
    """The words of a layer, which are English already."""
    return layer.words


def factor(template: str) -> str:
    """The name of a factor, with its gaps, which is English already."""
    return template


_ORDINALS: Final = (
    "first", "second", "third", "fourth", "fifth",
    "sixth", "seventh", "eighth", "ninth", "tenth",
)  # fmt: skip


def ordinal(number: int) -> str:
    """1 -> first, 12 -> 12th, 23 -> 23rd."""
    if number <= len(_ORDINALS):
        return _ORDINALS[number - 1]
    teens = number // 10 % 10 == 1
    ending = "th" if teens else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


TEXTS: Final[Mapping[str, str | tuple[str, str]]] = {
    "list": "{first} and {last}",
    "list.and": " and ",
    "list.or": " or ",
    "list.more": "{count} more",
    # --- an entry of a pass
    "entry.choose": "Choose a cell to see its gradient, its formula with numbers, and the reason.",
    "entry.given": "{slope} = {gradient}: the upstream gradient, which is given.",
    "entry.itself": "{slope} = {gradient}: the derivative of L by itself.",
    "entry.flows": "{slope} = {gradient}: {reason}.",
    "entry.zero": "{slope} = 0: {reason}.",
    "entry.loss": "Here L = {function}.",
    "entry.sum": "the sum of all {count} entries of {letter}",
    "flow.upstream": "{slope} = {gradient}",
    "flow.sum": "the sum of {count} contributions: {each}",
    "flow.sum.within": "{slope} = {gradient} is the sum of {count} contributions ({each})",
    "flow.through": "{gradient} through {output}",
    "flow.its": "its",
    "flow.of": "{entry}'s",
    "flow.all": "all of it (1)",
    "flow.share": "{share} of it",
    "formula.zeros": "{slope} is a sum of {count} products, each of them 0",
    "formula.more": "{count} more",
    "formula.others": ("(the other is 0)", "(the other {count} are 0)"),
    "chain": ("Followed back: {links}", "Followed back along one of its {count} paths: {links}"),
    "rules": "The rule decides here: {numbers}.",
    "rules.number": "{number} in {rules}",
    "reason.NOT_COVERED": "no output depends on {entry}",
    "reason.UPSTREAM_ZERO": "the upstream gradient {upstream} is 0",
    "reason.UPSTREAM_ZERO.several": "the upstream gradient of every output that it affects is 0",
    "reason.ZERO_FACTOR": "the upstream gradient is multiplied by {factors} = 0",
    "reason.CANCELLED": "the contributions cancel: {sum}",
    "reason.CANCELLED.slope": "its factor is a difference of two equal numbers",
    "reason.UNDERFLOW": "the product is so small that it underflows to 0",
    "reason.ROUNDED": "the contributions nearly cancel, and the rest is lost in rounding",
    "reason.uncovered": "none of its {count} paths reaches an output",
    "reason.mixed": "no gradient on any of its {count} paths: {tally}",
    "reason.gates": ("{reason}, and on its other path", "{reason}, and on its other {count} paths"),
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
    "tally.TIE_LOST": ("{count} loses a tie under this rule", "{count} lose a tie under this rule"),
    "tally.ZERO_FACTOR": ("{count} is multiplied by 0", "{count} are multiplied by 0"),
    "tally.CANCELLED": ("{count} ends in a sum that cancels", "{count} end in a sum that cancels"),
    "tally.UNDERFLOW": ("{count} underflows to 0", "{count} underflow to 0"),
    "tally.ROUNDED": (
        "{count} ends in a sum that is rounded to 0",
        "{count} end in a sum that is rounded to 0",
    ),
    # --- which entries influence which
    "influence.none": "no entry of {letter}",
    "influence.unread": "It is in no window.",
    "influence.muted": "In {outputs} it is multiplied by {factors} = 0.",
    "influence.forwards": "{entry} influences {entries}.",
    "influence.sum": "{entry} = {sum}.",
    "influence.padded": "{entry} = {sum} (0 is padding).",
    "influence.backwards": "It is influenced by {entries}.",
    "influence.and": ", and ",
    "influence.nothing": "Nothing influences it: every product is 0.",
    "influence.entries": ("1 entry of {letter}: {names}", "{count} entries of {letter}: {names}"),
    "influence.hint": "choose an {output} to set its {slope}",
    # --- beside the cells of an operation
    "curve": "The curve",
    "curve.every": "{h}, and its slope, for every {a}",
    "windows": ("{count} window", "{count} windows"),
    "windows.all": "all of {letter}",
    "windows.lie": "size {size}, stride {stride}",
    "windows.padded": "size {size}, stride {stride}, padding {padding}",
    # --- how a value came about
    "value": "{formula}.",
    "value.bias": "{value} (the bias {entry})",
    "value.many": "a sum of {count} products, {nonzero} of them not 0",
    "value.several": "a sum of {count} values, {nonzero} of them not 0",
    "value.zeros": "a sum of {count} zeros",
    "value.padding": "{count} times 0",
    "value.reads": "its receptive field is {entries}",
    "value.read": "it affects {entries}",
    "value.muted": "in {count} more of {letter} it is multiplied by 0",
    "value.entries": "{count} of {letter}",
    # --- what happens at a step
    "happens": "{does}: {here}.",
    "happens.hidden": ": hidden until the answer.",
    "happens.given": ("{given} is given.", "{given} are given."),
    "happens.chosen": ("{made}, at {entries}", "{made}, at {entries}, which tie"),
    "happens.met": ("{entries} is exactly at the kink", "{entries} are exactly at the kink"),
    "happens.tie": "{entries} tie, and by this rule {rule}: {gradients}",
    "happens.each": "{gradient} each",
    "happens.kink": "by this rule the {rule}",
    "happens.stops": "it stops at {entries}",
    "happens.silent": "nothing arrives at {entries}",
    "happens.others": "the other {count}",
    "happens.zero": "the upstream gradient is 0",
    "happens.lost": "what it gives is too small to be told from 0",
    "happens.nobody": "no entry gets a gradient",
    "happens.part": "{gradient} is a part of {slope}",
    "happens.begins": "{forward} Backward begins with {slope} = {gradient}.",
    # --- the steps through a pass
    "pass.inputs": "Inputs: nothing is computed yet",
    "pass.forward": "Forward {at} of {count}: {does}",
    "pass.backward": "Backward {at} of {count}: {does}",
    # --- settings that do not go together
    "scene.most.shown": "shown = {asked} needs to be at most {most}, the minibatch's size: it is "
    "{most} instead.",
    "scene.most.filter": "filter = {asked} needs to be at most {most}, the filters: it is {most} "
    "instead.",
    "scene.most.pool": "pool = {asked} needs to be at most {most}, the rows of h: it is {most} "
    "instead.",
    "scene.most.pool_padding": "pool_padding = {asked} needs to be less than the pool's size "
    "{size}: it is {most} instead.",
    "scene.padding": "A window of {size} with a padding of {padding} might see padding alone, "
    "which has no maximum: the padding is {instead} instead.",
    # --- a snap that is impossible
    "snap.weight": "At {weight} = 0 every {made} is 0: move {weight} first.",
    "snap.alone": "Every window has one entry alone: nothing can tie with it.",
    "snap.no_slider": "Choose a cell that has a slider first: all others follow from these.",
    "snap.end": "{entry} is at the end of its range.",
    "snap.filter": "Needs a filter of {needed} entries; this one has {taps}.",
    "snap.this_alone": "Choose a cell of a first: its upstream gradient becomes 1, the others' 0.",
    "snap.shares.few": "Fewer than two examples can contribute: nothing cancels.",
    "snap.shares.none": "No upstream gradients on the sliders' grid let these shares cancel.",
    "snap.unique": "Every maximum above 0 is unique here: paint pixels, or change the filter.",
    "snap.no_zero": "No output is 0 here.",
    "snap.unpainted": "Nothing is painted.",
    # --- the way to another page
    "button.kink": "L as this entry alone moves, with what each rule gives at the kink",
    "button.inside": "Every map and every gradient of the network that you have trained",
    "button.own": "The page itself, with these numbers",
    "button.own.left": "The page itself, as you left it",
    # --- an image
    "image.test": "Test image {number}",
    "image.choose": "Choose a cell: its receptive field and what it affects light up, with the "
    "reason for its gradient.",
    **{f"image.digit.{n}": f"{'an' if n == 8 else 'a'} {n}" for n in range(10)},
    "image.sum": "{slope} over the minibatch = {gradient}.",
    "image.shares": "Each digit adds its share: {sum}.",
    "image.share": "{share} (digit {count}, {digit})",
    "image.shares.one": (
        "L is one output of one digit: the other digit adds nothing.",
        "L is one output of one digit: the other digits add nothing.",
    ),
    "image.shares.all": "It is a sum, since every digit meets the same filters.",
    # --- a network on an image
    "inside.image.test": "test image {number}",
    "inside.image.covered": "{number}, a part covered",
    "inside.image.drawn_on": "{number}, drawn on",
    "inside.image.drawing": "your drawing",
    "inside.image.blank": "a blank sheet: draw",
    "inside.map.activations": "{map}, enlarged",
    "inside.map.gradients": "{map}, gradient, enlarged",
    "inside.map.reasons": "{map}, why, enlarged",
    "inside.none_of_yours": "There is no network of yours in this tab: train one on the page "
    "Train. Until then the built-in one is shown.",
    "inside.none_yet": "One of your own can be chosen here once it is trained on the page Train.",
    "inside.choose": "Choose a cell: its receptive field and what it affects light up, with the "
    "paths through any pools, and the reason for its gradient.",
    "inside.only": "wrong ones only, the most confident error first",
    "inside.next.wrong": "The next wrong one that shows a …",
    "inside.onward": "Test image {image}",
    "inside.onward.wrong": "Among all wrong ones, whatever they show: the most confident error "
    "first",
    "inside.absent": "{entry} is not in this network ({network}): choose an entry that is there.",
    "inside.overflows": "On this image the numbers of your network leave the range of float32: "
    "the built-in network is shown instead.",
    "inside.shipped": "The built-in network: {command} --epochs {epochs} --seed {seed}, {percent} "
    "test accuracy.",
    "inside.network": "The built-in network",
    "inside.network.own": "Your network",
    "inside.right": "{network} predicts {answer} with {percent}, correctly: loss {loss}.",
    "inside.wrong": "{network} predicts {answer} with {percent}, but it is {label}: loss {loss}.",
    "inside.covered": "With a part of it covered the network predicts {answer} with {percent}, "
    "without the cover {before} with {likely}. The label is {label}: loss {loss}.",
    "inside.painted": "With what is drawn on it the network predicts {answer} with {percent}, "
    "without that {before} with {likely}. The label is {label}: loss {loss}.",
    "inside.part": "Why: the ink in rows {top} to {bottom}, columns {left} to {right}{orange}. "
    "With that part covered, the network predicts {label} with {percent}.",
    "inside.part.orange": ", which is orange in ∂L/∂x: it raises the loss",
    "inside.part.case": " The case “One part of the digit is covered” shows it.",
    "inside.part.none": "No single part of it is why: whichever {side} × {side} pixels are "
    "covered, the network does not predict {label}.",
    "inside.lead": "{slope} = {gradient}: {more} {moves} {function}{most}.",
    "inside.lead.raises": "raises",
    "inside.lead.lowers": "lowers",
    "inside.lead.loss": "the loss",
    "inside.lead.most": ", most of all through {output} ({part})",
    "inside.lead.x": "more ink here",
    "inside.lead.w": "a larger weight here",
    "inside.lead.a": "a larger value here",
    "inside.lead.h": "a larger activation here",
    "inside.lead.p": "a larger activation here",
    "inside.zero.NOT_COVERED": "no output depends on it",
    "inside.zero.UPSTREAM_ZERO": "the upstream gradient is 0",
    "inside.zero.GATE_CLOSED": "every ReLU that it leads to is inactive",
    "inside.zero.AT_KINK": "it leads to a kink, where this rule's slope is 0",
    "inside.zero.NOT_MAX": "none of the entries that it leads to is the maximum of its window",
    "inside.zero.TIE_LOST": "the maximum of its window is a tie, and this rule gives the gradient "
    "to another entry",
    "inside.zero.CANCELLED": "the contributions cancel",
    "inside.zero.UNDERFLOW": "the product is so small that it underflows to 0",
    "inside.zero.ROUNDED": "the contributions nearly cancel, and the rest is lost in rounding",
    "inside.zero.ZERO_FACTOR": "wherever a gradient arrives, it is multiplied by 0",
    "inside.zero.several": "no gradient on any of its {count} paths to the loss",
    "inside.zero.several.logit": "no gradient on any of its {count} paths to the logit",
    "inside.own": "Your network: {network}, after step {step} of {steps}: accuracy {percent} on "
    "{images}.",
    "inside.unlabelled": "{network} predicts {answer} with {percent}. A drawing has no label: "
    "this prediction serves as one, loss {loss}. Under Edit, choose what the image shows.",
    "inside.logit": "{slope} = {difference} = {gradient}: the probability, less 1 at the label.",
    "inside.class": "{entry} = {value}, gradient {gradient}, probability {percent}",
    "inside.stage": "show {stage}",
    "inside.step": "One step of SGD on this image, learning rate η = {rate}: the loss goes from "
    "{before} to {after}, the probability of {label} from {likely} to {likelier}.",
    "inside.tally": "Of the {size} entries of ∂L/∂{letter}: {tally}.",
    # --- a minibatch
    "minibatch.sum": (
        "{sum}: {count} of {examples} examples contributes.",
        "{sum}: {count} of {examples} examples contribute.",
    ),
    "minibatch.share": "It is what example {example} adds to ∂L/∂w.",
    # --- a prediction
    "predict.heading": "Predict",
    "predict.ask": "Mark every entry of {arrays} whose gradient will be nonzero: tap or click the "
    "cells.",
    "predict.ask.some": "Mark those of {entries} whose gradient will be nonzero: tap or click "
    "them.",
    "predict.ask.both": "Mark those of {entries}, and of all entries of {arrays}, whose gradient "
    "will be nonzero: tap or click the cells.",
    "predict.any": "any array",
    "predict.right": "{array}: all right, {found} of {nonzero} nonzero found.",
    "predict.wrong": "{array}: {faults} ({found} of {nonzero} nonzero found).",
    "predict.missed": "{count} missed",
    "predict.alarms": ("{count} false alarm", "{count} false alarms"),
    "predict.why": "Choose what is wrong to see its reason.",
    "predict.sum": "So far: {found} of {nonzero} nonzero found, {alarms}.",
    "predict.reveal": "Reveal",
    "predict.everywhere": "Ask for all arrays",
    "predict.inputs": "Ask for {arrays} only",
    "predict.again": "Predict again",
    # --- an address for others
    "address.network": "This page is open at localhost, which reaches only this computer: "
    "others are given its address in your network, and only there it can be opened.",
    "address.nowhere": "localhost reaches only this computer, and no address was found by which "
    "others reach it.",
    "gallery.missing": "There is no such picture.",
    "gallery.long": "{file} is longer than {most} characters: a lecture file is not.",
    # --- a class that votes
    "vote.class.ask": "Ask the class",
    "vote.class.local": "This page is open at localhost, which reaches only this computer. Phones "
    "in the same network are given {address}.",
    "vote.class.nowhere": "This page is open at localhost, which reaches only this computer, and "
    "no address was found by which phones reach it: only its own browsers can vote.",
    "vote.class.open": "Open the vote",
    "vote.class.cancel": "Not now",
    "vote.class.voting": "The class votes",
    "vote.class.second": "The class votes: vote {attempt}",
    "vote.class.smaller": "**A piece of “{case}”**: all of it has too many cells to mark.",
    "vote.class.close": "Close the vote",
    "vote.class.closed": "The vote is closed",
    "vote.class.voted": ("{count} has voted.", "{count} have voted."),
    "vote.class.split": "The class is split on {cells}: talk to your neighbour.",
    "vote.class.alike": "The class is not split on any cell.",
    "vote.class.again": "Vote again",
    "vote.class.reveal": "Reveal",
    "vote.class.end": "End",
    "vote.class.answer": "The answer",
    "vote.class.right": "**{right} of {count}** had all right.",
    "vote.class.right.twice": "**{right} of {count}** had all right ({before} of {first} in the "
    "first vote).",
    "vote.class.change": "Of {count} who voted both times, {better} went from wrong to right, "
    "{worse} from right to wrong.",
    "vote.class.cell": "{label}: {share} said nonzero.",
    "vote.class.next": "Next question",
    "vote.class.this": "Ask the class this",
    "vote.class.last": "There is no further case that a class could vote on.",
    "vote.class.other": "The vote that this browser had opened is about another picture.",
    "vote.nothing": "Nothing is predicted here that a class could vote on.",
    "vote.many": (
        "A class can vote on 1 to {most} cells; {count} is asked for here.",
        "A class can vote on 1 to {most} cells; {count} are asked for here: take a smaller case.",
    ),
    "vote.settings": "Here: {settings}.",
    "vote.not_closed.open": "The vote is still open: close it first.",
    "vote.not_closed.revealed": "This question is answered already: ask the next one.",
    "vote.not_closed.over": "This vote is over: open another one.",
    "vote.rounds": "One code is good for {most} rounds: open another one.",
    "vote.often": "Votes were opened too often from here: wait a minute.",
    "vote.polls": "This server has no room for another vote ({most} open at most): wait until one "
    "has ended.",
    "vote.no_server": "Nobody can vote now: the server is starting or ending.",
    "vote.store": "The server cannot reach what keeps the votes: try again in a few seconds.",
    "vote.not_yours": "Only the browser that opened this vote can do that.",
    "vote.closed": "The vote is closed: this came too late.",
    "vote.other_round": "This was for another round than the present one.",
    "vote.full": "{most} have voted already, and no more can.",
    "vote.unknown": "A vote can only mark cells that are asked for.",
    "vote.voter": "A vote needs a voter: 16 to 64 letters and digits.",
    "vote.round": "A vote needs its round, a whole number.",
    "vote.marked": "A vote needs marked, a list of names of cells; an empty one is a vote too.",
    "vote.host": "This server does not answer under that name.",
    "vote.origin": "Only this site's own pages can send that.",
    "vote.type": "This needs JSON: a content type of application/json.",
    "vote.size": "This is too large: at most {most} bytes are taken.",
    "vote.json": "This needs a JSON object.",
    "vote.too_often": (
        "Too often: try again in {count} second.",
        "Too often: try again in {count} seconds.",
    ),
    # the phone's page, whose script fills the gaps
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
    "vote.phone.gone": "There is no vote with this code, or it has ended.",
    "vote.phone.which": "Which vote?",
    "vote.phone.code": "The code on the projector, behind /vote/",
    "vote.phone.go": "Go there",
    "vote.phone.wait": "Look at the projector: this page changes by itself.",
    "vote.phone.over": "The vote is over.",
    "vote.phone.send": "Send: {marked}",
    "vote.phone.done": "Sent",
    "vote.phone.none": "no cell",
    "vote.phone.cell": "{label}, {number}",
    "vote.phone.nonzero": "≠ 0",
    "vote.phone.zero": "= 0",
    "vote.phone.right.marked": "{label}: right, you marked it.",
    "vote.phone.right.left": "{label}: right, you left it out.",
    "vote.phone.wrong.marked": "{label}: wrong, you marked it, but its gradient is 0.",
    "vote.phone.wrong.left": "{label}: wrong, you left it out, but its gradient is not 0.",
    "vote.phone.told.nonzero": "{label}: its gradient is not 0.",
    "vote.phone.told.zero": "{label}: its gradient is 0.",
    "vote.phone.more": "In full",
    # --- a list's question
    "list.heading": "Question",
    # --- the quiz
    "quiz.heading": "Question {position} of {count}",
    "quiz.check": "Check",
    "quiz.right": "Right: {answer}.",
    "quiz.wrong": "You said {given}; it is {answer}.",
    "quiz.influence.none": "No entry depends on {entry}.",
    "quiz.influence": (
        "{outputs} depends on {entry}.",
        "{count} entries depend on {entry}: {outputs}.",
    ),
    "quiz.nonzero": "{gradients}.",
    "quiz.zero": "Gradient 0: {zeros}.",
    "quiz.zeros": "{entries} ({reason})",
    "quiz.many": (
        "{count} of the {size} entries of {slope} is nonzero.",
        "{count} of the {size} entries of {slope} are nonzero.",
    ),
    "quiz.inactive": ("It is the one after {entries}.", "They are those after {entries}."),
    "quiz.entries": ("It is {entries}.", "They are {entries}."),
    "quiz.nobody": "There is none.",
    "quiz.rule": "At ties and kinks: {rule}.",
    "quiz.still": "The question is about these values. They can be moved once it is answered.",
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
    "train.times": ("once", "{count} times"),
    "train.networks": ("{count} network at a time", "{count} networks at a time"),
    "train.start": "Press Start: {parameters} parameters learn from 60,000 images, {times}.",
    "train.waiting": "You are {line} in line: this server trains {networks}. Yours begins by "
    "itself.",
    "train.reading": "Reading the images…",
    "train.first_steps": "The first steps…",
    "train.where": "epoch {epoch} of {epochs}, step {step} of {steps}",
    "train.training": "Training: {where}",
    "train.training.left": "Training: {where} · {left} left · {pace} images/s",
    "train.paused": "Paused in {where}.",
    "train.finished": "Finished, {network}, {times} through the images: accuracy {accuracy} on "
    "{tested}, after {seconds} s of training.",
    "train.gone": "The run of this tab is over: its connection was lost, or the server was started "
    "anew.",
    "train.made_room": "The run made room: others were waiting, and it had had its place for five "
    "minutes.",
    "train.lost": (
        "The connection was lost for more than {count} second: the run was ended.",
        "The connection was lost for more than {count} seconds: the run was ended.",
    ),
    "train.reset": "The run was reset in another tab.",
    "train.no_process": "The server cannot start a process: {reason}.",
    "train.process_lost": "The process that trained has ended unexpectedly; perhaps the server is "
    "short of memory. Start again.",
    "train.rate": "No step has a larger one: it rises in the first 200 steps, of fewer than 1,000 "
    "in the first fifth, and falls to 0 at the end.",
    "train.curves": "Accuracy and loss over the epochs",
    "train.curves.at": "Accuracy and loss over the epochs: accuracy {test} on {tested}, training "
    "accuracy {training}, loss {loss}",
    "train.layers": "The first weights, and what is 0 in each layer",
    "train.layers.zero": "{layer}: {share} of the gradient is 0",
    "train.mistakes": "After step {step}, {wrong} of {images} test images are still wrong",
    "train.mistakes.none": "No predictions yet",
    "train.pausing": "Pausing in {where}: all test images are classified first…",
    "train.wrong": "Label {label}, prediction {prediction}: look inside",
    "train.tested": "{images} test images",
    "train.tested.probe": "the first {images} test images",
    "train.terms": "Accuracy: the share of images that are classified correctly; while it trains, "
    "“of {images}” means the first {images} test images. Gradient: the share of its entries that "
    "are exactly 0. Dead unit: a ReLU that was inactive for every image looked at, so that nothing "
    "before it gets a gradient through it; dead map: a filter all of whose units are dead. "
    "Confusion matrix: which digit was taken for which.",
    # --- the lessons
    "lesson.heading": "{lesson} of {count}: {title}",
    "lesson.check": "Check",
    "lesson.again": "Try again",
    "lesson.next": "Next lesson",
    "lesson.back": "Previous lesson",
    "lesson.try": "**Try:** {tried}",
    "lesson.right": "Right: {answer}.",
    "lesson.right.any": "Right: {marked}.",
    "lesson.wrong": "You marked {marked}; it is {answer}.",
    "lesson.wrong.any": "You marked {marked}; it is any of {answer}.",
    "lesson.unmarked": "You marked nothing; it is {answer}.",
    "lesson.unmarked.any": "You marked nothing; it is any of {answer}.",
    "lesson.done": "Right.",
    "lesson.undone": "Not yet.",
    "lesson.still": "The steps show the answer. They can be taken once the question is answered.",
    "lesson.nothing": "With these values there is nothing to be found.",
    "lesson.stepped": "With the learning rate η = {rate}, one step took the loss from {before} to "
    "{after}, the probability of {label} from {likely} to {likelier}.",
    "lesson.forwards": "{a} = w · {x} = {product}, and {h} = max(0, {a}) = {height}. The largest "
    "h is {largest}: that is z.",
    # --- a slide
    "script.changed": "{framework} gives other numbers than this page for {entries}: {why}.",
    "script.entries": ("{count} entry of {array}", "{count} entries of {array}"),
    "script.choice": "there {theirs}, here {ours}",
    "script.broken": "the page's layer is broken on purpose",
    "script.training": "A training is no single pass: its script is of our engine alone.",
    "script.unruled": "What {framework} does at such kinks is not recorded, so there is no script.",
    "script.unspelled": "{layer} does not say how it is written in {framework}, so there is no "
    "script.",
    "slide.question": "Which gradients are nonzero?",
    "slide.question.check": "With which entries does a central difference agree?",
    "slide.answer": "The answer is {answer}.",
    # --- the cases
    "kinks.all": "At ties and kinks",
    "kinks.menu": "At ties and kinks: **{chosen}**",
    "kinks.none": "No ties or kinks here",
    "case.here": "**{title}** ✓",
    "case.own": "your own values",
    "case.asked": "set by the question",
    # --- the modes
    "mode.look": "Look",
    "mode.predict": "Predict",
    "mode.quiz": "Quiz",
    "mode.step": "Step",
    # --- the legend
    "legend.positive": "gradient above 0",
    "legend.negative": "gradient below 0",
    "legend.zero": "gradient 0",
    "legend.whole": "gradients between whole arrays",
    "legend.dotted": "no gradient comes this way",
    "legend.backwards": "negative contribution",
    "legend.later": "the reason lies in a later layer",
    "legend.now": "computed at this step",
    "legend.inactive": "inactive",
    "legend.kink": "at the kink",
    "legend.chosen": "explained here",
    "legend.right": "your mark is right",
    "legend.wrong": "your mark is wrong",
    "legend.most_right": "most were right",
    "legend.most_wrong": "half or more were wrong",
    "legend.split": "the class is split",
    "legend.share": "the darker, the more say nonzero",
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
    "legend.flows": "not 0 (on the image: ink)",
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
    "legend.kinked": "KINK: between the slopes on the two sides",
    "legend.failed": "FAILED: not the derivative",
    "legend.central": "central difference",
    "legend.one_sided": "one-sided difference",
    "legend.within": "a kink within eps",
    # --- the help
    "help.undo": "*Undo* under *Edit*, or **Ctrl+Z**, takes any change back; *Redo*, or "
    "**Ctrl+Y**, brings it again.",
    "help.list": "Several pictures, in a list of your own, are made and presented in the "
    "*Gallery*, in the menu *Slides*.",
    "help.nothing": "Nothing has been {done} yet",
    # --- a picture for screen readers
    "aria.array": "Gradient of {array}, {nonzero} of {count} nonzero.",
    "aria.entries": "Gradient of {array}, {nonzero} of {count} nonzero: {entries}.",
    "aria.nothing": "{entry}, not computed yet",
    "aria.value": "{entry} = {value}, gradient not computed yet",
    "aria.gradient": "{entry} = {value}, gradient {gradient}",
    "aria.judged": "{entry} = {value}, gradient {gradient}, {verdict}",
    "aria.right": "your mark is right",
    "aria.wrong": "your mark is wrong",
    "aria.missed": "missed",
    "aria.alarm": "false alarm",
    "aria.marked": "{entry} = {value}, gradient marked as nonzero",
    "aria.unmarked": "{entry} = {value}, gradient not marked",
    "aria.voted": "{entry} = {value}, {said}",
    "aria.share": "{share} say nonzero",
    "aria.split": "{share} say nonzero: the class is split",
    "aria.answered": "{entry} = {value}, gradient {gradient}, {share} said nonzero",
    "aria.map": "{map}, values",
    "aria.map.gradients": "{map}, gradients",
    "aria.mark": "marked as nonzero",
    "aria.mark.none": "not marked",
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
    "kink.unreached": "no change of an entry reaches L",
    "kink.shut": "{count} entries of {letter} tie at 0, but every {before} before them is negative",
    "kink.unit": (
        "{entries} is {value}, the kink of its {unit}",
        "{entries} are {value}, the kink of their {unit}",
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
    "outcome.nothing": "no derivative",
    "outcome.inside": "fits entry by entry, where shown",
    "outcome.outside": "outside the one-sided derivatives",
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
    "check.closer": "{slope}: the layer gives {claimed}, and the check passes with {other}. With "
    "eps = {step} the central difference is {numeric}: {because}.",
    "check.closer.kinked": "{slope}: the layer gives {claimed}. The central difference with "
    "eps = {step} is {numeric}; with {other} it agrees, so the check passes, though the slopes "
    "on the two sides differ.",
    "closer.smaller": "a smaller eps",
    "closer.other": "other eps",
    "closer.kink": "it reaches over a kink beside this point",
    "closer.coarse": "the step is too coarse",
    "closer.fine": "the step is lost in rounding",
    "check.own": "Your own code, where this program is installed: `python -m engine.check FILE` in "
    "its folder; under **?** stands an example of such a file.",
    "check.line": "{letter}: {verdict}, norm of the difference {difference}",
    "check.line.closer": "{letter}: {verdict} with smaller eps, norm of difference there "
    "{difference}",
    "check.line.closer.narrow": "{letter}: {verdict} with smaller eps, difference there "
    "{difference}",
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
    "beside.closer": "with smaller eps",
    "beside.closer.other": "with other eps",
    "beside.rounded": "up to rounding",
    "beside.slope": "slope is {slope}",
    "beside.inside": "in {bracket}",
    "beside.outside": "not in {bracket}",
    "finding.pattern": "{letters}: {pattern}",
    "finding.rule": "{letters}: FAILED, but no bug: the rule itself gives that, which is no "
    "derivative.",
    "finding.rule.bug": "{letters}: FAILED, but not by the bug, which does not show at this point: "
    "the rule itself gives that, which is no derivative.",
    "finding.kink": (
        "{letter}: 1 entry is at a kink: its gradient lies between L's slopes on the two sides.",
        "{letter}: {count} entries are at a kink: each gradient lies between L's two slopes there.",
    ),
    "finding.hidden": "The layer is wrong, but not at this point: every gradient that it gives "
    "here agrees. Check at other points too.",
    "finding.agrees": "Every entry agrees.",
    "finding.closer": "Every entry agrees, {count} only with {other}.",
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
    "origin.right": "It is no bug",
    "origin.hidden": "The bug does not show here",
    "origin.composed": "{layer}: the rule itself ({rules}) gives {claimed} here. Each layer's "
    "slope is allowed by itself, but composed they give no derivative, and that is what FAILED "
    "says.",
    "origin.ties": "{layer}: the rule itself ({rules}) gives {claimed} here, where ties get more "
    "in all than the upstream gradient. That is no derivative, which is what FAILED says.",
    "step.wrong": "A smaller eps does not help: the error tends to {error}, not to 0, so the "
    "layer's gradient is wrong.",
    "step.rule": "A smaller eps does not help: the error tends to {error}, not to 0.",
    "step.kink": "A smaller eps does not help: at a kink a central difference tends to the mean of "
    "the two slopes.",
    "step.constant.kink": "All the same, along {entry} the function is constant here, so that "
    "every difference is exactly 0.",
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
    # --- a stack that is typed
    "stack.place": "Character {position}: {problem}",
    "stack.end": "the end",
    "stack.expected": "“{wanted}” is needed here; got “{found}”.",
    "stack.layer": "a layer's name is needed here, as in relu-maxpool(2); got “{found}”.",
    "stack.value": "a number or a word is needed here; got “{found}”.",
    "stack.unknown": "there is no layer {name}; there are {names}.",
    "stack.unknown.close": "there is no layer {name}; is it {close}?",
    "stack.nothing": "none",
    "stack.argument": "{layer} has no argument {argument}; it has {known}.",
    "stack.twice": "{layer} has {argument} twice; once is enough.",
    "stack.unnamed": "{layer} needs a name before each value but the first; its names: {known}.",
    "stack.no_arguments": "{layer} has no arguments.",
    "stack.no_data": "{layer} has no data.",
    "stack.size": "{layer} needs {size}, as in {example}.",
    "stack.bias": "{layer} needs bias=True or nothing; got bias={value}.",
    "stack.data": "{layer} needs its {data}, as in {example}.",
    "stack.branches": (
        "{layer} needs one branch, as in {example}.",
        "{layer} needs two branches or more, as in {example}.",
    ),
    "stack.no_branches": "{layer} has no branches.",
    "stack.setting": "{layer} takes at most {most} for {argument}.",
    "stack.data.most": "{count:,} numbers up to {most:,}",
    "stack.refused": "{layer}: {error}.",
    "stack.path": "there is no layer at {path}.",
    "stack.empty": "A stack needs at least one layer.",
    "stack.layers": "A stack has at most {most} layers; this one has {count}.",
    "stack.depth": "Branches lie at most {most} deep in each other.",
    "stack.length": "A stack takes at most {most} characters in an address; this one takes "
    "{length}.",
    # --- PyTorch code that is pasted
    "paste.place": "Line {line}, column {column}: {problem}",
    "paste.length": "At most {most} characters are read; this text has {length}.",
    "paste.deep": "This text is nested too deep to be read; brackets may lie at most {most} deep "
    "in each other.",
    "paste.python": "Line {line} is no Python: {error}.",
    "paste.comma": (
        "Behind line {lines} a comma is missing; it was read as if it were there.",
        "Behind lines {lines} commas are missing; they were read as if they were there.",
    ),
    "paste.unread": (
        "Line {lines} is no Python and was left out.",
        "Lines {lines} are no Python and were left out.",
    ),
    "paste.nothing": "There is no network in this text: it needs nn.Sequential(…), or a class with "
    "a forward.",
    "paste.applied": "Nothing that a layer makes is returned in this text: it needs "
    "nn.Sequential(…), or a class whose forward(self, x) returns what it makes of x.",
    "paste.networks": "There are several networks in this text: the largest is read.",
    "paste.no_layer": "{code} is no layer that this text makes, as nn.ReLU() makes one; it was "
    "left out.",
    "paste.nothing_known": "No layer that is known here is applied in this text. {remarks}",
    "paste.layer": "{name} is not known here and was left out.",
    "paste.function": "{name} is not known here and was left out: its input goes on as it is.",
    "paste.joined": "{name} joins something here that is not read; that was left out.",
    "paste.outputs": "{count} values are returned here, and a stack has one output: what leads to "
    "the others was left out.",
    "paste.printed": "what {name} does with its layers is not printed: here they follow one "
    "another.",
    "paste.first": "several values come from here, and a layer behind it reads one: the first goes "
    "on alone.",
    "paste.input_more": "{name} is one more input, and a stack has one: what comes from it was "
    "left out.",
    "paste.operation": "{code} is not known here, where only sums of values are: {kept} goes on "
    "alone.",
    "paste.product": "one side of {code} is not known here, and the other goes on alone.",
    "paste.left_out": "{code} is not known here, and that was left out: {kept} goes on as it is.",
    "paste.other": "This is code for {framework}; what is read here is PyTorch's: "
    "nn.Sequential(…), or a class with a forward.",
    "paste.statement": "{what} is not read here: what stands in it was left out.",
    "paste.argument": "{layer} cannot have this {argument} here; it was left out.",
    "paste.value": "what {argument} of {layer} is cannot be told from this text; it was left out.",
    "paste.labels": "the labels are not read here: each is 0.",
    "paste.sizes": "The sizes of {name} are not in this text: add a line such as {example} below "
    "it.",
    "paste.refused": "this layer was left out: {problem}",
    "paste.shared": "{layer} is used twice with the same weights; here the second has its own.",
    "paste.slope": "PyTorch's slope of {code} at 0 is {slope}; that of the ReLU as which it is "
    "read is 0.",
    "paste.stops": "PyTorch sends no gradient back through {code}; here it goes on.",
    "paste.crossing": "a stack cannot join what comes from the middle of another branch: the "
    "first value goes on alone.",
    "paste.examples": "flatten makes one row of each example here.",
    "paste.calls": "Classes may call each other at most {most} deep.",
    "paste.work": "At most {most} expressions are looked at; this text has more.",
    "paste.large": "{layer} has weights of shape {shape} in the code: an array has at most {most} "
    "entries here.",
    "paste.input": "PyTorch refuses this: {layer} has weights of shape {shape} in the code, which "
    "do not fit what comes before it. Here they have shape {needed}.",
    "paste.size": "{layer} has weights of shape {shape} in the code. They fit no x that was tried "
    "here, where an array has at most {most} entries; here they have shape {needed}.",
    "paste.x": "Here x has shape {shape}. With {meant}, as in the code: {problem}",
    "paste.misfit": "{layer} would need weights of shape {needed}, and has {shape} in the code.",
    # --- the user's own numbers
    "values.length": "At most {most} characters are read; this text has {length}.",
    "values.number": "Numbers are needed, as in [1, 0.5, -2]; got “{found}”.",
    "values.comma": "A comma separates numbers here; decimals have a point, as in {example}.",
    "values.left_out": "The text leaves entries out (…): print the whole array.",
    "values.ragged": "Rows of one length are needed, in shape {shape}; got rows of several.",
    "values.brackets": "One list is needed, with as many brackets closed as opened.",
    "values.nested": "Lists are read at most {most} deep in brackets; these go deeper.",
    "values.several": "One list is needed, with all numbers in it; got several.",
    "values.large": "Finite numbers are needed, from −{most} to {most}.",
    "values.shape": "Numbers of shape {needed} are needed; got shape {came}.",
    "values.digit": "The digits are numbered from 0 to {most}.",
    "values.crop": "A part of {rows} × {columns} pixels is needed; from row {top} and column "
    "{left} an image of {side} × {side} has none.",
    "values.file": "At most {most} bytes are read, packed or not; this file has more.",
    "values.pixels": "At most {most} pixels are read; this image has {wide} × {high}.",
    "values.image": "A PNG or a JPEG is needed; this file is none, or is damaged.",
    "values.npz": "An .npz file of numbers is needed; this file is none, or is damaged.",
    "values.names": "Arrays with the names {needed} are needed; the file has {came}.",
    "values.array": "{name} needs shape {needed}; the file has {came}.",
    "values.array.numbers": "{name} needs numbers; the file has something else.",
    # --- the shapes of a stack
    "stack.misfit": "{layer} does not fit: it {error}.",
    "stack.output": "the output of {layer}",
    "stack.entries": "{name} has shape {shape}, {entries} entries: an array has at most {most}.",
    "stack.entries.none": "{name} has shape {shape}: an array has at least one entry.",
    "stack.fits": "{fits} would fit.",
    # --- the page of any stack
    "stack.needs": "layers, as in relu-maxpool(2)",
    "stack.shape": "one to {most} whole numbers, as in 1,1,6, of {entries} entries at most",
    "stack.number": "a number from −{most} to {most}",
    "stack.numbers": "{count} numbers from −{most} to {most}, or an origin as in {seed}",
    "stack.address": "The address asks for a network that cannot be shown. {problem}",
    "stack.other_shape": "{problem} So x has shape {shape} instead.",
    "stack.overflows": "With numbers that are so large the pass leaves the range of numbers.",
    "stack.ask.nonzero": "How many entries of **{slope}** are nonzero?",
    "stack.ask.influence": "How many entries of {made} does **{entry}** influence?",
    "stack.ask.inactive": (
        "The {unit} after **{letter}** has one unit: how many are inactive?",
        "How many of the {count} units of the {unit} after **{letter}** are inactive?",
    ),
    "stack.ask.beaten": "How many entries of **{letter}** are the maximum of no window of the "
    "{pool} that has them?",
    "stack.ask.unread": "How many entries of **{letter}** are in no window of the {layer}?",
    "stack.snap.still": "Choose an entry of x or of a parameter first: it is what is moved.",
    "stack.snap.bends": "There are too many kinks along {entry}.",
    "stack.snap.tie": "Nothing new ties with an effect on L as {entry} moves, as far as its slider "
    "reaches.",
    "stack.snap.zero": "Nothing new comes to its kink with an effect on L as {entry} moves, as far "
    "as its slider reaches.",
    "stack.file": "A file is needed that was saved under Network; this one is none, or is damaged.",
    "network.button": "Network",
    "network.paste": "Paste PyTorch",
    "network.layers": "Layers",
    "network.numbers": "Numbers",
    "network.file": "File",
    "network.code": "The code of a network: it is read, and never run",
    "network.code.example": "nn.Sequential(\n    nn.Conv1d(1, 2, 3),\n    nn.ReLU(),\n"
    "    nn.MaxPool1d(2),\n    nn.Flatten(),\n    nn.Linear(4, 3),\n)",
    "network.read": "Read",
    "network.read.help": "Ctrl+Enter in the field does so too",
    "network.reads": "It is {layers}, with x of shape {shape}.",
    "network.drawn": (
        "{names} is random: enter yours under Network, Numbers.",
        "{names} are random: enter yours under Network, Numbers.",
    ),
    "network.enter": "Enter numbers",
    "network.more": (
        "{count} more is under Network, Paste PyTorch.",
        "{count} more are under Network, Paste PyTorch.",
    ),
    "network.rule": "Since it is PyTorch code, at ties and kinks: {does}.",
    "network.rule.numpy": "Since numpy has no gradients, at ties and kinks as in the lab: {does}.",
    "network.list": "The layers in order",
    "network.text": "All of them as text",
    "network.x": "x",
    "network.x.shape": "The shape of x",
    "network.x.needs": "The shape of x needs {needs}; got “{text}”.",
    "network.empty": "as it comes",
    "network.row": "{row} → {shape}",
    "network.up": "Up",
    "network.down": "Down",
    "network.remove": "Remove",
    "network.add": "Add a layer",
    "network.add.where": "It comes after the chosen one.",
    "network.maps": (
        "There is no room for the cells of {arrays}: a heat map shows them.",
        "There is no room for the cells of {arrays}: heat maps show them.",
    ),
    "network.use": "Use {layers}",
    "network.use.shape": "Use x of shape {shape}",
    "network.draft": "The picture shows what was there before: the layers under Network do "
    "not fit.",
    "network.discard": "Back to what the picture shows",
    "network.which": "Which numbers",
    "network.array": "{letter}, shape {shape}",
    "network.source": "Where they come from",
    "network.random": "Random",
    "network.pasted": "A list",
    "network.digit": "A digit",
    "network.image": "An image",
    "network.weights": "weights.npz",
    "network.seed": "Seed",
    "network.set": "Use",
    "network.numbers.set": "{letter} has these numbers now.",
    "network.list.text": "A Python list, or what numpy or PyTorch prints",
    "network.digit.number": "Test image",
    "network.digit.top": "From row",
    "network.digit.left": "From column",
    "network.image.file": "A PNG or a JPEG: it becomes grey, and as small as the array",
    "network.weights.file": "What `python -m engine.train --save` wrote, with arrays {names}",
    "network.weights.set": "Taken from the file: {names}.",
    "network.save": "Save this state",
    "network.open": "Open a saved state",
    "check.button": "Gradient check",
    "check.button.help": "Each gradient of this very state beside a central difference",
    "check.entries": "They disagree at {entries}.",
    "stack.too_long": "This state is too long for an address, which leaves out {letters}: Slide "
    "and Network have all of it as a file.",
    "stack.together": "Up to here all arrays have {entries} entries: together they have at most "
    "{most}.",
}

"""The lessons as data, and the two kinds of questions they ask.

The right answer and its reason are computed from the pass of the scene in which the student
answers, so that they are right even if the student has moved sliders before.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, Protocol, TypeAlias

from engine import Gate
from pages.derive.page import PicturePage
from pages.derive.subject import PageSubject, at_last_step
from pages.explain.entry import entry_of
from pages.explore import conv_1d, conv_block, max_pool, minibatch, relu
from pages.explore.conv_2d import CONV_2D_SUBJECT
from pages.explore.conv_2d_scene import PRESETS as CONV_2D_PRESETS
from pages.explore.max_pool import WHOLE
from pages.figures.info import GraphInfo
from pages.figures.words import factor, number
from pages.gradient_check.check_scene import FIRST, CheckScene
from pages.gradient_check.check_subject import CHECK_SUBJECT
from pages.gradient_check.results import results
from pages.inside.captions import step_sentences
from pages.inside.inside_scene import START as INSIDE_START
from pages.inside.inside_scene import InsideScene
from pages.inside.inside_subject import INSIDE_SUBJECT
from pages.language.catalogue import listed, say
from pages.state.predict import Exercise
from pages.state.scene import STEP, Scene

MOST: Final = 3  # the most right answers that a verdict names

Entries: TypeAlias = frozenset[str]  # entries of a picture, by their plain names


@dataclass(frozen=True)
class Outcome:
    """The result of an answer in the state in which it was given. It never changes."""

    right: bool | None  # None if there is nothing to be found in that state
    said: str  # the verdict
    because: tuple[str, ...] = ()  # the reason
    wrong: Entries = frozenset()  # the entries that were marked by mistake


class Question(Protocol):
    """A question about a lesson's picture."""

    @property
    def keeps_open(self) -> bool:
        """Whether it stays open after a wrong answer, until the answer is right."""

    def exercise(self, subject: PageSubject[Any], scene: Scene) -> Exercise | None:
        """Return what can be marked while all gradients are hidden; None if nothing is hidden."""

    def outcome(self, subject: PageSubject[Any], scene: Scene, marked: Entries) -> Outcome:
        """Judge the marked entries, or the scene itself."""


def described(subject: PageSubject[Any], scene: Scene) -> GraphInfo:
    """Return what the figure of a scene shows."""
    return subject.describe(subject.trace(scene), scene)


def explained(subject: PageSubject[Any], scene: Scene, entry: str) -> tuple[str, ...]:
    """Return the explanation of an entry on its own page: its gradient, and the formula."""
    return tuple(subject.picture(scene.updated({"entry": entry})[0]).explanation[:2])


def concluded(subject: PageSubject[Any], scene: Scene, entry: str) -> tuple[str, ...]:
    """Return an entry's gradient, and the last sentence: about the rules, or several examples."""
    said = subject.picture(scene.updated({"entry": entry})[0]).explanation
    named = say("entry.loss", function="z")  # the sentence "L = z" may come last; leave it out
    lines = [line for line in said if line != named]
    return lines[0], lines[-1]


@dataclass(frozen=True)
class Marks:
    """A question that is answered by marking cells."""

    letter: str  # cells with this letter can be marked
    answer: Callable[[PageSubject[Any], Any], Entries]
    """Computes the right entries from a subject and its scene."""
    alone: bool = False  # whether a single one is to be marked, which may be any right one
    about: str = ""
    """The entry whose explanation is the reason; "" for one that was wrong, missed or right."""
    reason: Callable[[PageSubject[Any], Any, str], tuple[str, ...]] = explained
    keeps_open: ClassVar = False

    def exercise(self, subject: PageSubject[Any], scene: Scene) -> Exercise:
        """Return the exercise in which every entry of the letter can be marked."""
        cells = described(subject, scene).cells.values()
        among = frozenset(cell.entry for cell in cells if cell.letter == self.letter)
        return Exercise(among=among, alone=self.alone)

    def outcome(self, subject: PageSubject[Any], scene: Scene, marked: Entries) -> Outcome:
        """Judge the marks: right if they are exactly the answer, or one entry of it if `alone`.

        The answer is about the whole pass, whatever step the student is at.
        """
        scene = at_last_step(subject, scene)
        answer, cells = self.answer(subject, scene), described(subject, scene).cells
        if not answer:
            return Outcome(None, say("lesson.nothing"))
        right = bool(marked) and (marked <= answer if self.alone else marked == answer)

        def names(those: Entries) -> str:
            return listed((cell.label for cell in cells.values() if cell.entry in those), MOST)

        wrong = "wrong" if marked else "unmarked"
        key = "right" if right else wrong
        said = say(
            f"lesson.{key}{'.any' if self.alone and len(answer) > 1 else ''}",
            marked=names(marked),
            answer=names(answer),
        )
        # The reason is about an entry marked by mistake, or else missed, or else marked rightly.
        telling = marked - answer or answer - marked if not right else marked
        about = self.about or next(entry for entry in cells if entry in telling)
        return Outcome(right, said, self.reason(subject, scene, about), marked - answer)


@dataclass(frozen=True)
class Deed:
    """A question that is answered by moving something."""

    done: Callable[[Any], bool]  # whether the scene is what was asked for
    reason: Callable[[Any], tuple[str, ...]]  # the sentences about it
    keeps_open: ClassVar = True

    def exercise(self, subject: PageSubject[Any], scene: Scene) -> None:
        """Return None, since nothing is hidden."""

    def outcome(self, subject: PageSubject[Any], scene: Scene, marked: Entries) -> Outcome:
        """Judge whether it is done."""
        right = self.done(scene)
        return Outcome(right, say("lesson.done" if right else "lesson.undone"), self.reason(scene))


@dataclass(frozen=True)
class Lesson:
    """A picture in a state, a few sentences, a question about it, and what to try afterwards."""

    title: str
    subject: PageSubject[Any]
    scene: Scene
    text: str
    asked: str
    question: Question
    tried: str
    answered: tuple[tuple[str, str], ...] = ()
    """Changes to the scene once the question is answered, by the keys of an address. If they
    contain a step, the steps are locked before that."""
    next_page: str = ""  # the key of a page to go on to, besides the picture's own

    @property
    def steps_tell(self) -> bool:
        """Whether going through the steps would give the answer away."""
        return STEP in dict(self.answered)


# --- answers


def nonzero(letter: str) -> Callable[[PageSubject[Any], Any], Entries]:
    """Return a function that finds the entries of a letter whose gradient is not 0."""
    return lambda subject, scene: frozenset(
        cell.entry
        for cell in described(subject, scene).cells.values()
        if cell.letter == letter and cell.grad
    )


def undivided(letter: str) -> Callable[[PageSubject[Any], Any], Entries]:
    """Return a function that finds the entries of a letter that get the whole upstream gradient.

    At a tie whose gradient is split there are none.
    """

    def found(subject: PageSubject[Any], scene: Scene) -> Entries:
        cells = described(subject, scene).cells.values()
        arrives = sum(cell.grad for cell in cells if cell.given)
        return frozenset(
            cell.entry for cell in cells if cell.letter == letter and cell.grad == arrives != 0
        )

    return found


def largest(letter: str) -> Callable[[PageSubject[Any], Any], Entries]:
    """Return a function that finds the entries of a letter with the largest gradient above 0."""

    def found(subject: PageSubject[Any], scene: Scene) -> Entries:
        cells = [cell for cell in described(subject, scene).cells.values() if cell.letter == letter]
        most = max(cell.grad for cell in cells)
        return frozenset(cell.entry for cell in cells if cell.grad == most > 0)

    return found


def becoming(subject: PageSubject[Any], scene: Any) -> Entries:
    """Return the entries of x from which z comes, if z > 0, whatever the upstream gradient is."""
    cells = described(subject, scene).cells
    highest = cells["z"].value
    return frozenset(
        f"x{cell.entry[1:]}"
        for cell in cells.values()
        if cell.letter == "h" and cell.value == highest > 0
    )


def moving(subject: PageSubject[Any], scene: Any) -> Entries:
    """Return the entries of x that change z, on one side at least, for any upstream gradient."""
    cells = described(subject, scene).cells
    reached = {cell.entry for cell in cells.values() if cell.value == cells["z"].value}
    each = {cell.entry for cell in cells.values() if cell.letter == "x" and cells["w"].value}
    return frozenset(entry for entry in each if f"a{entry[1:]}" in reached)


def kinked(subject: PageSubject[Any], scene: Scene) -> Entries:
    """Return the entries that are at a ReLU's kink."""
    marks = described(subject, scene).gates
    return frozenset(mark.tail for mark in marks if mark.gate is Gate.KINK)


def multiplied(entry: str) -> Callable[[PageSubject[Any], Any], Entries]:
    """Return a function that finds the entries that a convolution's weight is multiplied by.

    With other settings, which an address may have, there is perhaps no weight of this name.
    """

    def found(subject: PageSubject[Any], scene: Any) -> Entries:
        naming = scene.derivation.naming
        shared = entry_of(subject.trace(scene), naming, entry)
        others = map(shared.cofactor, shared.terms) if shared else ()
        return frozenset(naming.entry(x.letter, x.index) for x in others if x)

    return found


# --- reasons


def forwards(subject: PageSubject[Any], scene: Any, entry: str) -> tuple[str, ...]:
    """Return the computation from an entry of x to z, in numbers."""
    cells = described(subject, scene).cells
    x, a, h = (cells[f"{letter}{entry[1:]}"] for letter in "xah")
    said = say(
        "lesson.forwards",
        x=x.label,
        a=a.label,
        h=h.label,
        product=f"{factor(cells['w'].value)}·{factor(x.value)} = {number(a.value)}",
        height=number(h.value),
        largest=number(cells["z"].value),
    )
    return (said,)


def checked(scene: CheckScene) -> tuple[str, ...]:
    """Return what the check says about the first entry that it disagrees with, or the first."""
    status = results(scene).examined.status
    agrees = {name: status(*at) not in ("kink", "wrong") for name, at in scene.entries.items()}
    return explained(CHECK_SUBJECT, scene, min(agrees, key=agrees.__getitem__))[:1]


def stepped(scene: InsideScene) -> tuple[str, ...]:
    """Return what the step did to the loss, naming the rate, as the slider may be moved later."""
    return tuple(step_sentences(scene, INSIDE_SUBJECT.image_pass(scene), "lesson.stepped"))


def is_right(scene: InsideScene) -> bool:
    """Whether the network classifies the image correctly after the step."""
    after = INSIDE_SUBJECT.image_pass(replace(scene, sgd="after"))
    return scene.sgd != "off" and after.answer == after.label


# --- the lessons


def _begun(page: PicturePage, **changes: Any) -> Scene:
    """Return a page's opening scene under the rule FIRST, without a selected entry, and changed."""
    scene: Scene = replace(page.subject.start, rule=FIRST, entry="", **changes)
    return scene


LESSONS: Final[tuple[Lesson, ...]] = (
    Lesson(
        "Forward",
        conv_block.PAGE.subject,
        _begun(conv_block.PAGE, x=(1.5, -1.0, 1.0, 0.5, 0.0), w=-2.0, step=0),
        "Forward, numbers run from x to z: a = w · x, then h = max(0, a), and z is the "
        "largest h. Work it out before you look.",
        "Choose the entry of x that z will be made from.",
        Marks("x", becoming, alone=True, reason=forwards),
        "Go back and forward with ◀ Step and Step ▶, then move a slider: which h wins?",
        answered=(("step", "3"),),
    ),
    Lesson(
        "One gradient",
        conv_block.PAGE.subject,
        _begun(conv_block.PAGE, x=(1.5, -1.0, 1.0, 0.5, 0.0)),
        "∂L/∂x₁ says by how much L changes when x₁ changes a little. Here L = z. Backward, each "
        "layer multiplies its upstream gradient by its own slope: the chain rule.",
        "Choose the entry of x that z depends on here.",
        Marks("x", moving, alone=True),
        "Choose z, then h₁, a₁ and x₁: each gradient is the one before, times one slope.",
    ),
    Lesson(
        "An inactive ReLU",
        relu.PAGE.subject,
        _begun(relu.PAGE, a=(1.5, -1.0, 0.5, 3.0, -2.5)),
        "A ReLU has slope 1 where a > 0. Where a < 0 it is inactive: its slope is 0, and its "
        "upstream gradient ∂L/∂h ends there, however large.",
        "Mark every entry of a whose gradient is not 0.",
        Marks("a", nonzero("a")),
        "Drag a₂ above 0: what waits at h₂ goes through at once.",
    ),
    Lesson(
        "The maximum",
        max_pool.PAGE.subject,
        _begun(max_pool.PAGE, h=(1.0, 2.5, -1.0, 0.5, 2.0), size=WHOLE),
        "A max pool hands on its largest entry. The others could change a little without changing "
        "z, so their gradient is 0.",
        "Choose the entry of h that gets all of the gradient.",
        Marks("h", undivided("h"), alone=True),
        "Raise another entry above it: the whole gradient changes over.",
    ),
    Lesson(
        "A tie, and who decides",
        max_pool.PAGE.subject,
        _begun(max_pool.PAGE, h=(1.0, 2.5, -1.0, 2.5, 2.0), size=WHOLE),
        "At a tie for the maximum there is no derivative: each framework has a rule of its own. "
        "“At ties and kinks”, above, says which is taken here.",
        "Mark every entry of h that gets a gradient.",
        Marks("h", nonzero("h"), reason=concluded),
        "Choose the other rules above. Which one sends back more than arrives?",
    ),
    Lesson(
        "A kink",
        relu.PAGE.subject,
        _begun(relu.PAGE),
        "Where the slope on the left differs from the slope on the right, there is no derivative: "
        "a kink. Every slope between the two is a subgradient, and a rule takes one.",
        "Choose the entry of a that sits on a kink.",
        Marks("a", kinked, alone=True, reason=concluded),
        "Choose another rule, then move that entry off the kink: does the rule still matter?",
    ),
    Lesson(
        "A shared weight",
        conv_1d.PAGE.subject,
        _begun(conv_1d.PAGE),
        "The same weights are used at every position, so ∂L/∂w₂ is a sum: each upstream gradient "
        "times the x that w₂ meets there.",
        "Mark every entry of x that is in the sum for w₂.",
        Marks("x", multiplied("w2"), about="w2"),
        "Choose w₂ and read its sum, then x₃: that is read by several windows, and is a sum too.",
    ),
    Lesson(
        "Windows that overlap",
        max_pool.PAGE.subject,
        _begun(max_pool.PAGE, h=(1.0, 3.0, 2.0, 0.5, -1.0)),
        "Each window hands on its largest entry. An entry that wins several windows gets the "
        "gradient of each, and they add.",
        "Choose the entry of h with the largest gradient.",
        Marks("h", largest("h"), alone=True),
        "Make dz₁ and dz₂ opposite: the two gradients cancel, and h₂ gets 0.",
    ),
    Lesson(
        "Two dimensions",
        CONV_2D_SUBJECT,
        replace(CONV_2D_PRESETS["patch"], source="z1,1,1", rule=FIRST, entry=""),
        "On an image, windows are squares: 3 × 3 for the filter w, 2 × 2 for the pool. Here 1 is "
        "sent back into one z, the framed one; go back from there.",
        "Choose a pixel of x that gets a gradient.",
        Marks("x", nonzero("x"), alone=True),
        "Choose the other cells of z: how many pixels get a gradient from each, and why so few?",
    ),
    Lesson(
        "The minibatch",
        minibatch.PAGE.subject,
        _begun(minibatch.PAGE),
        "Three examples meet the same w: ∂L/∂w is the sum of their shares. Where all ReLUs are "
        "inactive, the share is 0.",
        "Mark the copy of w of every example that contributes.",
        Marks("share", nonzero("share"), about="w", reason=concluded),
        "Drag an entry of example 2 above 0. Then make two contributions cancel with dz.",
    ),
    Lesson(
        "The gradient check, and how it fails",
        CHECK_SUBJECT,
        replace(CheckScene(), x=(2.0, -1.0, 1.5, 0.5), rule=FIRST, entry=""),
        "The check compares each gradient with (L(x + eps) − L(x − eps)) / (2 eps). This layer has "
        "no bug. But at a kink the two can differ all the same.",
        "Move an x until the check no longer says PASSED.",
        Deed(
            lambda scene: any(each.verdict != "PASSED" for each in results(scene).examined.results),
            checked,
        ),
        "Move eps along its curve. Then, on the page Gradient check, choose a bug: FAILED is not "
        "KINK.",
    ),
    Lesson(
        "Training",
        INSIDE_SUBJECT,
        replace(INSIDE_START, sgd="before", rate=-3.5, entry=""),
        "A step of gradient descent moves every weight against its gradient: w − η · ∂L/∂w. The "
        "digits' bars show the network before it, the marks on them after it.",
        "Find a learning rate η whose one step makes the network right on this image.",
        Deed(is_right, stepped),
        "Make η large: one image is learned at once, but others can be forgotten. So training "
        "takes many small steps, each on a minibatch: go on to Train.",
        next_page="train",
    ),
)
"""In their order. A lesson is known by its number, in addresses and in the browsers that remember
what is done, so a new one comes last; its `next_page` is then that of this one, whose last sentence
goes with it. `live_figure.css` has room for twelve in a line."""

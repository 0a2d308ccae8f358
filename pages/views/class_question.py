"""The question that a class votes on, and the truth, made from a page and one of its scenes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import prod
from typing import Any, Final

from engine import Trace
from engine.kinks import briefly
from pages.derive.page import PicturePage
from pages.explain.entry import entries
from pages.explain.sentences import explain_entry
from pages.figures.info import Cell, GraphInfo
from pages.figures.words import gradient_of, name, number
from pages.language.catalogue import say
from pages.state.predict import Exercise
from pages.state.scene import Scene
from pages.vote.poll import Ballot, Truth, VoteArray, VoteCell

MOST_CELLS: Final = 128  # the most cells to ask about: nobody marks more on a phone in a minute
MOST_SHOWN: Final = 64  # the most cells of an array that is only shown; a larger one is left out


class BallotError(ValueError):
    """A class cannot be asked about a scene; the text says why, and what to do."""


def ballot_of(page: PicturePage, scene: Scene, *, everywhere: bool = False) -> tuple[Ballot, Truth]:
    """Return the ballot about a scene, with the cells that Predict asks for, and the truth.

    everywhere: whether all gradients are asked for, not only those of the inputs. Raises
    BallotError if the page has nothing to predict, or too much.
    """
    if not page.predicts:
        raise BallotError(say("vote.nothing"))
    subject, exercise = page.subject, Exercise(everywhere=everywhere)
    trace = subject.trace(scene)
    info = subject.describe(trace, scene)
    asked = exercise.entries(info)
    count = sum(map(len, asked.values()))
    if not 0 < count <= MOST_CELLS:
        raise BallotError(say("vote.many", count, most=MOST_CELLS))
    arrays = [_array(info, letter, entries) for letter, entries in asked.items()]
    others = (letter for letter in info.counts if letter not in asked)
    shown = [*(_array(info, letter) for letter in others), *_sent_back(page, info, scene)]
    ballot = Ballot(
        page.title,
        " ".join(filter(None, (_settings(page, scene), _rule(trace)))),
        exercise.sentence(info),
        (*arrays, *(array for array in shown if len(array.cells) <= MOST_SHOWN)),
    )
    cells = [info.cells[name] for name in ballot.names]
    truth = Truth(
        tuple(bool(cell.grad) for cell in cells), tuple(_reasons(page, scene, trace, cells))
    )
    return ballot, truth


def _sent_back(page: PicturePage, info: GraphInfo, scene: Scene) -> Iterator[VoteArray]:
    """The upstream gradient of the output, which is given, unless it is 1 throughout."""
    letter = page.naming(scene).output
    cells = [cell for cell in info.cells.values() if cell.letter == letter]
    if any(cell.grad != 1 for cell in cells):
        yield replace(_array(info, letter, gradients=True), label=gradient_of(name(letter)))


def _settings(page: PicturePage, scene: Any) -> str:
    """What the page's controls are set to, as it is written there; "" if it has none."""
    chosen = [each.labels[getattr(scene, each.field)] for each in page.controls(scene)]
    return say("vote.settings", settings=", ".join(chosen)) if chosen else ""


def _array(
    info: GraphInfo, letter: str, asked: Sequence[str] = (), *, gradients: bool = False
) -> VoteArray:
    """One array, in rows along its last axis.

    asked: the cells to take, or none for all; a part of an array becomes one row. gradients:
    whether the cells show these instead of their values.
    """
    names = asked or [cell.entry for cell in info.cells.values() if cell.letter == letter]
    cells = [info.cells[entry] for entry in names]
    shape = [1 + max(axis) for axis in zip(*(cell.index for cell in cells), strict=True)]
    # A part of the cells has no rows; and a cell that a page adds to a pass has no index.
    columns = shape[-1] if shape and prod(shape) == len(cells) else len(cells)
    found = []
    for at, cell in enumerate(cells):
        text = "" if cell.known == "nothing" else number(cell.grad if gradients else cell.value)
        label = gradient_of(cell.label) if gradients else cell.label
        found.append(VoteCell(cell.entry, label, text, *divmod(at, columns)))
    return VoteArray(name(letter), len(cells) // columns, columns, bool(asked), tuple(found))


def _rule(trace: Trace) -> str:
    """What is done at ties and kinks; "" if the pass has none."""
    choices = trace.layer.kink_choices
    rule = briefly(choices, trace.kinks.chosen(choices))
    return say("quiz.rule", rule=rule) if choices else ""


def _reasons(
    page: PicturePage, scene: Any, trace: Trace, cells: Sequence[Cell]
) -> Iterator[tuple[str, ...]]:
    """The sentences about each cell; for one that the page adds to the pass, the page's own."""
    places = entries(trace, page.naming(scene))
    for cell in cells:
        if place := places.get(cell.entry):
            yield tuple(explain_entry(place))
        else:
            yield tuple(page.subject.picture(scene.chosen(cell.entry)).explanation)

"""Predict, then look: a guess at which gradients are nonzero, and what came of it."""

from dataclasses import dataclass, replace

from pages.figures.info import GraphInfo


@dataclass(frozen=True)
class Exercise:
    """A prediction under way: the entries marked as nonzero, and whether it has been revealed."""

    marked: frozenset[str] = frozenset()
    revealed: bool = False

    def toggled(self, entry: str) -> "Exercise":
        """The same with one entry's mark set or taken away; itself once it has been revealed."""
        return self if self.revealed else replace(self, marked=self.marked ^ {entry})

    def over(self, info: GraphInfo) -> GraphInfo:
        """What may be seen of the gradients."""
        return asked(info, self.marked, revealed=self.revealed)


@dataclass(frozen=True)
class Score:
    """Right guesses out of all of a session."""

    right: int = 0
    guesses: int = 0

    def with_answers(self, info: GraphInfo) -> "Score":
        """After one more prediction was revealed."""
        guessed = [cell for cell in info.cells.values() if cell.guess is not None]
        right = sum(cell.right for cell in guessed)
        return Score(self.right + right, self.guesses + len(guessed))


def asked(info: GraphInfo, guessed: frozenset[str], *, revealed: bool) -> GraphInfo:
    """The same with a guess at each gradient, and those hidden until they are revealed.

    guessed: the entries whose gradient is predicted to be nonzero.
    """
    cells = {
        entry: cell
        if cell.given
        else replace(
            cell,
            guess=entry in guessed,
            known=cell.known if revealed or cell.known == "nothing" else "value",
        )
        for entry, cell in info.cells.items()
    }
    if revealed:
        return replace(info, cells=cells)
    edges = tuple(
        replace(edge, known="value") if edge.known == "gradient" else edge for edge in info.edges
    )
    return replace(info, cells=cells, edges=edges, counts=dict.fromkeys(info.counts))


def wrong(info: GraphInfo) -> list[str]:
    """The entries that were guessed wrongly."""
    cells = info.cells.values()
    return [cell.entry for cell in cells if cell.guess is not None and not cell.right]

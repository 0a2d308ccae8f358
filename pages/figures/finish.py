"""The last step of every figure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pages.figures.arrangement import HINT, STILL, Arrangement, Drawing, plain_layout, text_trace
from pages.figures.theme import HEADING_SIZE, NOTE_SIZE, Palette


def finished(
    drawings: Sequence[Drawing], arrangement: Arrangement, palette: Palette
) -> dict[str, Any]:
    """The figure, {"data": …, "layout": …}: the drawings in order, and over them all their texts.

    Plotly takes its time for each trace, each annotation and each text, also for those without
    anything new: so what is empty is not shown, and all texts are two traces: those that stay as
    they are, the headings among them, which can be drawn once; and all others. Only hints have a
    trace of their own, where there are any.
    """
    texts = [drawing for drawing in drawings if drawing.get("mode") == "text"]
    still = [drawing for drawing in texts if drawing.get("meta") == STILL]
    hints = [drawing for drawing in texts if drawing.get("meta") == HINT]
    moving = [drawing for drawing in texts if drawing.get("meta") not in (STILL, HINT)]
    return {
        "data": [
            *(
                {**drawing, "visible": drawing.get("x") != []}
                for drawing in drawings
                if drawing.get("mode") != "text"
            ),
            {**_together([*_headings(arrangement, palette), *still]), "meta": STILL},
            _together(moving),
            *([{**_together(hints), "meta": HINT}] if hints else []),
        ],
        "layout": plain_layout(arrangement, palette),
    }


def _headings(arrangement: Arrangement, palette: Palette) -> Iterator[Drawing]:
    at = [heading.at for heading in arrangement.headings]
    titles = [f"<b>{heading.title}</b>" for heading in arrangement.headings]
    yield text_trace(at, titles, HEADING_SIZE, palette.ink)
    formulas = [f"<i>{heading.formula}</i>" for heading in arrangement.headings]
    yield text_trace([(x, y + 34) for x, y in at], formulas, NOTE_SIZE, palette.muted)


def _together(texts: Iterable[Drawing]) -> Drawing:
    """One trace of all these texts, without those that say nothing."""
    said = [point for each in texts for point in _points(each) if point[1]]
    at, words, places, sizes, colours = map(list, zip(*said, strict=True)) if said else [[]] * 5
    whole = text_trace(at, words, sizes, colours)
    return {**whole, "textposition": places, "visible": bool(said)}


def _points(texts: Drawing) -> Iterator[tuple[Any, ...]]:
    """Point, text, place, size and colour of each."""
    count, font = len(texts["x"]), texts["textfont"]
    place = texts.get("textposition", "middle center")
    each = (place, font["size"], font["color"])
    spread = (value if isinstance(value, list) else [value] * count for value in each)
    return zip(zip(texts["x"], texts["y"], strict=True), texts["text"], *spread, strict=True)

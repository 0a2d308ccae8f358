"""Windows and padding: each way leads to its output, each edge to what reads the padding."""

from typing import Final

from pages.figures.layout import PHONE, Layout, View
from pages.figures.primitives import Box, Point, turned
from pages.figures.windows import LANE, Window, padding_drawings, window_drawings
from tests.for_each import for_each
from tests.pages.figures.test_edges import runs

READ: Final[list[Box]] = [(0, 20.0 * at, 10, 10) for at in range(4)]
MADE: Final[dict[str, Box]] = {f"a{at + 1}": (90, 20.0 * at + 10, 10, 10) for at in range(3)}


def drawn(*, down: bool) -> list[list[list[Point]]]:
    """The way and the bracket of each of three windows of two entries; a2 is chosen."""

    def place(box: Box) -> Box:
        return turned(box) if down else box

    layout = Layout(100, 100, {entry: place(box) for entry, box in MADE.items()}, down=down)
    ends = zip(READ, READ[1:], MADE, strict=False)
    windows = [Window(place(first), place(last), entry) for first, last, entry in ends]
    return [*map(runs, window_drawings(windows, 2, {"a2"}, layout, View()))]


def test_windows_that_overlap_have_brackets_beside_each_other() -> None:
    lefts = [bracket[1][0] for (bracket,) in drawn(down=False)[1::2]]
    assert (lefts[1] - lefts[0], lefts[2]) == (LANE, lefts[0])
    for (way,), (_, upper, _, height) in zip(drawn(down=False)[::2], MADE.values(), strict=True):
        (end, above), (other, beneath) = way[1:3]
        assert (end, other, (above + beneath) / 2) == (90, 90, upper + height / 2)
        assert above < beneath, "its sides do not cross"


def test_a_picture_from_top_to_bottom_is_the_same_turned() -> None:
    turned_back = [[[at[::-1] for at in run] for run in each] for each in drawn(down=True)]
    assert turned_back == drawn(down=False)


def test_the_way_and_the_bracket_of_a_chosen_output_stand_out() -> None:
    layout = Layout(100, 100, MADE)
    windows = [Window(READ[0], READ[1], entry) for entry in MADE]
    brackets = window_drawings(windows, 1, {"a2"}, layout, View())[1::2]
    widths = [each["line"]["width"] for each in brackets]
    assert widths[0] == widths[2] < widths[1]


@for_each(("chosen", "dotted"), [("", 0), ("a1", 2), ("a2", 1)])
def test_from_padding_an_edge_leads_to_each_cell_that_reads_it(chosen: str, dotted: int) -> None:
    layout = Layout(100, 100, MADE, padding={"x": READ[:2]})
    readers = {0: ["a1", "b1"], 1: ["a1", "a2"]}  # b is a heat map
    edges, own, boxes, texts = padding_drawings(
        "x", "0 as padding", "0", readers, layout, View(chosen)
    )
    assert [(start[1], end[1]) for start, end in runs(edges)] == [(15, 5), (15, 25), (35, 25)]
    assert len(runs(own)) == dotted
    assert len(runs(boxes)) == 2
    assert texts["text"] == ["0 as padding"] * 2
    small = Layout(100, 100, MADE, padding={"x": READ[:1]}, measures=PHONE)
    *_, texts = padding_drawings("x", "0 as padding", "0", {}, small, View())
    assert texts["text"] == ["0"]


def test_what_has_no_padding_draws_none() -> None:
    nothing = padding_drawings("w", "0", "0", {}, Layout(100, 100, MADE), View())
    assert [*map(runs, nothing[:3])] == [[], [], []]

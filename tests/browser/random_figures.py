"""Figures with every kind of mark, where each replaces two traces of the last one at random."""

from collections.abc import Iterator, Sequence
from itertools import product
from random import Random
from typing import Any, Final, TypeAlias

Trace: TypeAlias = dict[str, Any]

SIDE: Final = 200
LAYOUT: Final = {
    "width": SIDE,
    "height": SIDE,
    "margin": dict.fromkeys("lrtb", 0),
    "showlegend": False,
    "barmode": "overlay",
    "xaxis": {"visible": False, "range": [0, SIDE]},
    "yaxis": {"visible": False, "range": [SIDE, 0]},
}
COLOURS: Final = ("#00857A", "#B0195F", "rgba(1, 2, 3, 0.5)")
PLACES: Final = [
    f"{high} {across}"
    for high, across in product(("top", "middle", "bottom"), ("left", "center", "right"))
]
TEXTS: Final = (
    "",
    "0.5",
    "<b>kink</b>",
    "∂L/∂x<br><i>0</i>",
    '<b style="color:#B0195F">1<br>2</b> · 3',
)
PNG: Final = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4n"
SOURCES: Final = (  # one pixel, black or grey
    f"{PNG}GNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC",
    f"{PNG}GM4ceIEAAS0AlkWLoFAAAAAAElFTkSuQmCC",
)
# Name: usual and rare value of a property whose changes a repainting leaves to Plotly.
RARE: Final = {
    "dash": ("dot", "dash"),
    "symbol": ("circle", "diamond"),
    "patterned": COLOURS[:2],
    "place": (20, 30),
    "text": ("x", "a &amp; b"),
    "paper": ("#FFFFFF", "#EEEEEE"),
}


class RandomFigures:
    """Figures with a few traces of each kind of mark, in the order and the px of the pages."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.kinds = (
            self.bars,
            self.image,
            self.image,
            lambda: self.lines(zorder=-1),
            lambda: self.area(zorder=-1),
            self.lines,
            self.area,
            self.lines,
            self.markers,
            self.labelled,
            lambda: self.texts(4),
            lambda: {**self.texts(2), "meta": "still"},
        )

    def figures(self) -> Iterator[dict[str, Any]]:
        """Yield figures without end; a trace that is not visible has no points, as on a page."""
        traces: list[Trace] = [{**kind(), "visible": True} for kind in self.kinds]
        while True:
            yield {"data": traces, "layout": {**LAYOUT, "paper_bgcolor": self.seldom("paper")}}
            traces = list(traces)
            for i in self.random.sample(range(len(traces)), 2):
                if traces[i]["visible"] and self.random.random() < 0.3:
                    points = ("x", "y", "base", "text") & traces[i].keys()
                    traces[i] = {**traces[i], **{name: [] for name in points}, "visible": False}
                else:
                    traces[i] = {**self.kinds[i](), "visible": True}

    def some(self, choices: Sequence[Any], number: int) -> list[Any]:
        """Choose a number of values at random, possibly the same ones several times."""
        return self.random.choices(choices, k=number)

    def seldom(self, name: str) -> Any:
        """The rare value of a property with probability 0.1, otherwise the usual one."""
        often, rare = RARE[name]
        return rare if self.random.random() < 0.1 else often

    def points(self, number: int) -> Trace:
        """Random points, in px."""
        return {axis: [self.random.randrange(SIDE) / 2 for _ in range(number)] for axis in "xy"}

    def lines(self, **more: Any) -> Trace:
        """Staircases with gaps between them, and single points."""
        x: list[float | None] = []
        y: list[float | None] = []
        for _ in range(self.random.randrange(1, 4)):
            at = self.some(range(20, 90), 2)
            for i in range(self.random.randrange(1, 6)):
                x.append(at[0])
                y.append(at[1])
                at[i % 2] += self.random.randrange(5, 20)
            x.append(None)
            y.append(None)
        looks = {"width": self.random.choice((1.5, 4)), "color": self.random.choice(COLOURS)}
        line = {**looks, "dash": self.seldom("dash")}
        return {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": line, **more}

    def area(self, **more: Any) -> Trace:
        """The areas that such lines enclose."""
        return self.lines(fill="toself", fillcolor=self.random.choice(COLOURS), **more)

    def markers(self) -> Trace:
        """Markers at a few fixed places, where the markers of an earlier figure may have been."""
        number = self.random.randrange(1, 4)
        looks = {"color": self.some(COLOURS[:2], number), "symbol": self.seldom("symbol")}
        marker = {**looks, "size": 20, "line": {"width": 1.5, "color": "#FFFFFF"}}
        lying = {"x": [20, 50, 80][:number], "y": [self.random.choice((20, 60))] * number}
        return {"type": "scatter", "mode": "markers", **lying, "marker": marker}

    def texts(self, number: int) -> Trace:
        """Texts with tags, texts of several lines, and empty ones."""
        sizes, colours = self.some((14, 20), number), self.some(COLOURS, number)
        said = {
            "text": self.some((*TEXTS, self.seldom("text")), number),
            "textposition": self.some(PLACES, number),
            "textfont": {"size": sizes, "color": colours},
        }
        return {"type": "scatter", "mode": "text", **self.points(number), **said}

    def labelled(self) -> Trace:
        """Markers with a text beside each."""
        marked = self.markers()
        return {**self.texts(len(marked["x"])), **marked, "mode": "markers+text"}

    def bars(self) -> Trace:
        """Three bars, of which the last has a pattern."""
        borders = {
            "width": [*self.some((0, 2), 2), 1],
            "color": [*self.some(COLOURS, 2), "#000000"],
        }
        pattern = {"shape": ["", "", "/"], "solidity": 0.2, "size": 6}
        colours = [*self.some(COLOURS, 2), self.seldom("patterned")]
        marker = {"color": colours, "line": borders, "pattern": pattern}
        lying = {"x": [30, 90, 150], "base": [30, 90, 150], "y": [20] * 3, "width": 40}
        return {"type": "bar", **lying, "marker": marker}

    def image(self) -> Trace:
        """An image of one pixel."""
        lying = {"x0": self.seldom("place"), "dx": 9, "y0": 20, "dy": 9}
        return {"type": "image", "source": self.random.choice(SOURCES), **lying}

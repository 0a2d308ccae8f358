"""The colours, font and text sizes of all pictures. Both sign colours suit colour-blind readers."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Theme: TypeAlias = Literal["light", "dark"]

POSITIVE: Final = "#D55E00"
NEGATIVE: Final = "#0072B2"
FONT: Final = (
    "Arial, Helvetica, Liberation Sans, Arimo, DejaVu Sans Condensed, DejaVu Sans, sans-serif"
)
"""Windows and macOS have Arial; a Linux system has one of the others, which is about as wide."""

VALUE_SIZE: Final = 34
GRADIENT_SIZE: Final = 27
HEADING_SIZE: Final = 28
COUNT_SIZE: Final = 26
NOTE_SIZE: Final = 25

RULE_SYMBOLS: Final = ("x", "circle", "diamond", "square", "triangle-up", "star", "hexagon")
"""The marker shapes of the groups of rules, in turn: a group differs in shape and in colour."""


@dataclass(frozen=True, eq=False)
class Palette:
    """One theme's colours. The text_ colours have WCAG AA contrast on the fill_ colours."""

    paper: str
    ink: str
    muted: str
    line: str
    fill_zero: str
    fill_unknown: str
    hatch: str
    fill_positive: str
    fill_negative: str
    text_positive: str
    text_negative: str
    accent: str
    now: str  # behind what is computed at this step
    slope: str  # for local slopes, which multiply a gradient
    windows: tuple[str, ...]  # in turn, so that overlapping windows differ
    map_zero: str  # on heat maps, a gradient of 0
    map_below: str  # on heat maps, a value below 0
    lit: str  # around the cells that the chosen one reads or is read by
    rules: tuple[str, ...]
    """In turn, for groups of rules that behave alike at kinks; never a sign's colour."""
    bracket: str  # between two one-sided derivatives
    # The verdicts of a check.
    passed: str
    kink: str
    failed: str

    def rule(self, group: int) -> str:
        """The colour of a group of rules; colour and symbol together are unique for 35 groups."""
        return self.rules[group % len(self.rules)]

    def sign(self, value: float) -> str:
        """The colour of an edge or a border for a number of this sign."""
        return self._by_sign(value, POSITIVE, NEGATIVE, self.line)

    @staticmethod
    def faint(colour: str, opacity: float = 0.22) -> str:
        """A translucent form of one of these colours, for areas drawn over something visible."""
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        return f"rgba({red},{green},{blue},{opacity})"

    def fill(self, value: float) -> str:
        """The fill of a cell with this gradient."""
        return self._by_sign(value, self.fill_positive, self.fill_negative, self.fill_zero)

    def text(self, value: float) -> str:
        """The colour of the gradient's text in that cell."""
        return self._by_sign(value, self.text_positive, self.text_negative, self.muted)

    @staticmethod
    def _by_sign(value: float, positive: str, negative: str, zero: str) -> str:
        if value > 0:
            return positive
        return negative if value < 0 else zero


PALETTES: Final[dict[Theme, Palette]] = {
    "light": Palette(
        paper="#FFFFFF",
        ink="#1A1C22",
        muted="#565C66",
        line="#A9B0BA",
        fill_zero="#F0F2F4",
        fill_unknown="#FFFFFF",
        hatch="#DDE1E6",
        fill_positive="#FBE3D3",
        fill_negative="#D6E8F4",
        text_positive="#9A4300",
        text_negative="#005482",
        accent="#1A1C22",
        now="#CDCED2",
        slope="#7B3294",
        windows=("#00857A", "#A0529C", "#7A7A00"),
        map_zero="#DCE0E5",
        map_below="#7B55B8",
        lit="#009E73",
        rules=("#B0195F", "#7B3294", "#007A55", "#6B4E16", "#4D5560"),
        bracket="#C3C9D1",
        passed="#00755E",
        kink="#7B3294",
        failed="#B0003A",
    ),
    "dark": Palette(
        paper="#0E1117",
        ink="#F4F6F8",
        muted="#AEB6C0",
        line="#5B6572",
        fill_zero="#1D232B",
        fill_unknown="#0E1117",
        hatch="#2C343E",
        fill_positive="#4A2508",
        fill_negative="#0A3350",
        text_positive="#FFB27A",
        text_negative="#8CCBF5",
        accent="#F4F6F8",
        now="#414650",
        slope="#C792EA",
        windows=("#4DD0C0", "#E09BDC", "#D2D25A"),
        map_zero="#2A313A",
        map_below="#9D7BD8",
        lit="#2BD9A5",
        rules=("#FF7EB6", "#C792EA", "#2BD9A5", "#D9B45B", "#AEB6C0"),
        bracket="#4A5461",
        passed="#2BD9A5",
        kink="#C792EA",
        failed="#FF7A96",
    ),
}

REASON_COLOURS: Final[dict[Theme, tuple[str, ...]]] = {
    "light": (
        "#1A1C22", "#FFFFFF", "#DCE0E5", "#C9629B", "#7B3294",
        "#8FA31E", "#E6B800", "#00857A", "#8C564B", "#17A2B8",
        "#4F56C4",
    ),
    "dark": (
        "#F4F6F8", "#0E1117", "#2A313A", "#B84E87", "#C792EA",
        "#77891A", "#D9B114", "#2BB3A5", "#B07A6D", "#35BFD6",
        "#8F97F2",
    ),
}  # fmt: skip
"""The colours of the reasons on maps, in the order of Why. The first three are those of ink
(FLOWS), of paper (NOT_COVERED) and of a gradient of 0 (UPSTREAM_ZERO)."""

"""The style and the formats of a picture, as the command line or a file of scenes sets them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, NamedTuple, Self, TypeAlias, get_args

from pages.figures.theme import PALETTES, Theme

Format: TypeAlias = Literal["png", "svg", "pdf", "gif", "html", "py", "torch", "jax"]
Size: TypeAlias = tuple[int, int]  # width and height in pixels

FORMATS: Final[tuple[Format, ...]] = get_args(Format)
PLAYED: Final[tuple[Format, ...]] = ("gif", "html")  # the formats with all the steps in one file
SCRIPTS: Final[tuple[Format, ...]] = ("py", "torch", "jax")
"""The formats that are scripts of the same numbers: of our engine, in PyTorch, in JAX. They need no
browser, and a question and its answer have one together."""
STILL: Final = tuple(each for each in FORMATS if each not in (*PLAYED, *SCRIPTS))
"""The formats with one picture, of one step."""
SIZES: Final[Mapping[str, Size]] = {
    "16:9": (1920, 1080),
    "4:3": (1440, 1080),
    "square": (1080, 1080),
}
SIDES: Final = (100, 8192)  # the shortest and the longest side of a size
SCALES: Final = (0.25, 8.0)
FONT_SCALES: Final = (0.5, 2.0)
LARGEST: Final = 16384  # the most pixels of a side, after scaling: a browser's canvas has no more


@dataclass(frozen=True)
class Style:
    """How a picture is to look."""

    size: Size = SIZES["16:9"]
    scale: float = 1.0  # the pixels of a png or gif for each pixel of the size
    theme: Theme = "light"
    transparent: bool = False
    font_scale: float = 1.0  # how much larger texts are, if there is room
    title: bool = True
    caption: bool = True  # whether the reason stands beneath the picture
    steps: bool = False  # whether each step of the step-through has a picture
    pair: bool = False  # whether there are two pictures, of a question and of its answer
    slider: str = ""
    """The slider that an html file has and a gif plays; "" for that of the explained entry, and
    in a gif for none."""
    formats: tuple[Format, ...] = ("png",)

    @property
    def pixels(self) -> Size:
        """Width and height of a png or a gif."""
        return round(self.size[0] * self.scale), round(self.size[1] * self.scale)

    def with_changes(self, changes: Mapping[str, Any]) -> Self:
        """This style with other values; raises ValueError if they do not go together."""
        style = replace(self, **changes)
        if style.steps and style.pair:
            raise ValueError("pair and steps do not go together: a question hides the gradients")
        if max(style.pixels) > LARGEST:
            raise ValueError(
                f"size times scale needs {LARGEST} pixels a side at most; "
                f"got {style.pixels[0]}x{style.pixels[1]}"
            )
        return style


def read_size(value: object) -> Size:
    """(1920, 1080) from "1920x1080" or "16:9"; raises ValueError for anything else."""
    if isinstance(value, str) and value in SIZES:
        return SIZES[value]
    width, _, height = value.partition("x") if isinstance(value, str) else ("", "", "")
    sides = [int(side) for side in (width, height) if side.isascii() and side.isdigit()]
    low, high = SIDES
    if len(sides) != 2 or not all(low <= side <= high for side in sides):
        raise ValueError(
            f"needs WIDTHxHEIGHT from {low} to {high}, or one of {', '.join(SIZES)}; got {value!r}"
        )
    return sides[0], sides[1]


def read_formats(value: object) -> tuple[Format, ...]:
    """One format or several, each once; raises ValueError for anything else."""
    asked = [value] if isinstance(value, str) else value
    if not isinstance(asked, list) or not asked or any(each not in FORMATS for each in asked):
        raise ValueError(f"needs some of {', '.join(FORMATS)}; got {value!r}")
    return tuple(dict.fromkeys(asked))


def read_theme(value: object) -> Theme:
    """The theme of this name; raises ValueError if there is none."""
    for theme in PALETTES:
        if value == theme:
            return theme
    raise ValueError(f"needs one of {', '.join(PALETTES)}; got {value!r}")


def _read_flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"needs true or false; got {value!r}")
    return value


def _read_text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"needs text; got {value!r}")
    return value


def _number(low: float, high: float) -> Callable[[object], float]:
    def read(value: object) -> float:
        if isinstance(value, int | float) and value is not True and low <= value <= high:
            return float(value)  # False is below every low
        raise ValueError(f"needs a number from {low:g} to {high:g}; got {value!r}")

    return read


class Key(NamedTuple):
    """How a key is read."""

    field: str  # of a Style
    read: Callable[[object], Any]  # raises ValueError, which says what is needed


KEYS: Final[Mapping[str, Key]] = {
    "size": Key("size", read_size),
    "scale": Key("scale", _number(*SCALES)),
    "theme": Key("theme", read_theme),
    "transparent": Key("transparent", _read_flag),
    "font-scale": Key("font_scale", _number(*FONT_SCALES)),
    "title": Key("title", _read_flag),
    "caption": Key("caption", _read_flag),
    "steps": Key("steps", _read_flag),
    "pair": Key("pair", _read_flag),
    "slider": Key("slider", _read_text),
    "format": Key("formats", read_formats),
}
"""The keys, by their names on the command line and in a file."""

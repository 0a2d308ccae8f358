"""The command line of `python -m pages.export`."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from pages.exporting.lecture import EXAMPLE
from pages.exporting.look import FORMATS, KEYS, SIZES
from pages.figures.theme import PALETTES

INTERRUPTED: Final = 130
"""The exit status after Ctrl-C, as shells have it."""
EPILOG: Final = f"""\
examples:
  python -m pages.export max-tie max-pool/overlap --out slides
  python -m pages.export --all --format svg pdf --theme dark --size 4:3 --out slides
  python -m pages.export --url 'http://localhost:8501/max_pool?h=3,3,1,3,3&size=2' --out slides
  python -m pages.export max-tie --format html gif --slider x1 --out slides
  python -m pages.export max-tie --steps --transparent --no-title --scale 2 --out slides
  python -m pages.export lecture.toml --out slides

a file of scenes, lecture.toml:
{EXAMPLE}
  What is said of one scene goes before the command line, and this before what is said of all.

Drawing needs a Chrome or Chromium (html files need none); BROWSER_PATH may name it. The same
scene gives the same bytes on the same machine. The exit status is 0 when every file was written,
1 when one was not, 2 when the command cannot be read, {INTERRUPTED} after Ctrl-C.
"""


def _argument(name: str, convert: Callable[[str], object] = str) -> Callable[[str], Any]:
    """The reader of a key as argparse wants it."""

    def read(text: str) -> Any:
        try:
            return KEYS[name].read(convert(text))
        except ValueError as error:
            said = str(error) if "needs" in str(error) else f"needs a number; got {text!r}"
            raise argparse.ArgumentTypeError(said) from None

    return read


def command_line() -> argparse.ArgumentParser:
    """What can be said, and what --help says of it."""
    parser = argparse.ArgumentParser(
        prog="python -m pages.export",
        usage="%(prog)s [PRESET | FILE.toml …] [option …]",
        description="Writes pictures of scenes, as the pages show them, without the sliders.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    of = parser.add_argument_group("what")
    of.add_argument(
        "what", nargs="*", metavar="SCENE", help="a preset, see --list; or a TOML file of scenes"
    )
    of.add_argument("--all", action="store_true", help="every preset")
    of.add_argument(
        "--url",
        nargs="+",
        action="extend",
        default=[],
        help="an address copied from the app; its host does not matter",
    )
    of.add_argument("--list", action="store_true", help="print the presets, and nothing else")
    into = parser.add_argument_group("into which files")
    into.add_argument(
        "--format",
        dest="formats",
        nargs="+",
        action="extend",
        default=[],
        metavar="FORMAT",
        help=f"some of {', '.join(FORMATS)} (default: png); gif and html play the steps",
    )
    into.add_argument("--out", type=Path, default=Path(), help="the folder (default: this one)")
    into.add_argument("--force", action="store_true", help="overwrite what is there")
    flag = argparse.BooleanOptionalAction
    into.add_argument("--steps", action=flag, help="a picture for each step of the step-through")
    into.add_argument(
        "--slider",
        type=_argument("slider"),
        metavar="NAME",
        help="the slider of an html file (default: that of the entry explained); a gif plays it "
        "where there are no steps",
    )
    look = parser.add_argument_group("look")
    named = ", ".join(f"{name} for {size[0]}x{size[1]}" for name, size in SIZES.items())
    look.add_argument(
        "--size",
        type=_argument("size"),
        metavar="WIDTHxHEIGHT",
        help=f"pixels, or {named} (default: 1920x1080)",
    )
    look.add_argument(
        "--scale",
        type=_argument("scale", float),
        help="pixels of a png or gif for each of the size's (default: 1)",
    )
    look.add_argument(
        "--theme", type=_argument("theme"), metavar="|".join(PALETTES), help="default: light"
    )
    look.add_argument("--transparent", action=flag, help="no background")
    look.add_argument(
        "--font-scale",
        type=_argument("font-scale", float),
        help="how much larger all text is, as far as there is room (default: 1)",
    )
    look.add_argument("--title", action=flag, help="whether the title stands above (default: yes)")
    return parser

"""Pictures for slides and for the README: `python -m pages.export [PRESET …] --out DIR`.

The same scene gives the same picture as on the page, without the sliders.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import kaleido
from choreographer.browsers.chromium import Chromium

from engine import RULES
from pages.figures.theme import FONT, HEADING_SIZE, PALETTES, Theme
from pages.picture import PageSubject
from pages.scene import Scene
from pages.subjects.every import named_scene, names, subject_of

FORMATS: Final = ("png", "svg", "pdf")
MARGIN: Final = 12
"""Pixels of the picture that stay free left of its leftmost cell."""
TITLE_HEIGHT: Final = 72

EXAMPLES: Final = """examples:
  python -m pages.export max-tie max-pool/overlap --out slides
  python -m pages.export --all --format svg --theme dark --out slides
  python -m pages.export --url 'http://localhost:8501/?x=3,3,1,0,0&w=1' --out slides
"""


@dataclass(frozen=True)
class Job:
    """One picture to be made: its file's name without the ending, its title, what it shows."""

    name: str
    title: str
    subject: PageSubject[Any]
    scene: Scene


class UnreadableError(ValueError):
    """An address or a name that says nothing that could be drawn."""


def as_slide(job: Job, theme: Theme, size: tuple[int, int], *, titled: bool) -> dict[str, Any]:
    """The scene's figure without the room for sliders, at this ratio, with its title above."""
    picture = job.subject.picture(job.scene, theme)
    figure = picture.figure
    boxes = [*(target.box for target in picture.targets), *(grid.box for grid in picture.grids)]
    left = min(box[0] for box in boxes) - MARGIN
    layout, palette = figure["layout"], PALETTES[theme]
    width, height = layout["width"] - left, layout["height"]
    # Whatever the ratio, the picture is shown whole: the paper grows around it.
    full_width = max(width, height * size[0] / size[1])
    full_height = full_width * size[1] / size[0]
    beside, free = (full_width - width) / 2, full_height - height
    for_title = min(free, TITLE_HEIGHT)
    below = (free - for_title) / 2
    title = {
        "text": f"<b>{job.title}</b>",
        "font": {"size": HEADING_SIZE + 3, "family": FONT, "color": palette.ink},
        "x": (beside + MARGIN) / full_width,
        "xanchor": "left",
        "y": 1 - 0.5 * for_title / full_height,
        "yanchor": "middle",
    }
    return {
        "data": figure["data"],
        "layout": {
            **layout,
            "width": full_width,
            "height": full_height,
            "margin": {"l": beside, "r": beside, "t": free - below, "b": below, "pad": 0},
            "xaxis": {**layout["xaxis"], "range": [left, layout["width"]]},
            **({"title": title} if titled else {}),
        },
    }


def jobs(wanted: Sequence[str], urls: Sequence[str]) -> Iterator[Job]:
    """What was asked for. Raises UnreadableError for a name or an address that cannot be read."""
    for name in wanted:
        if name not in names():
            raise UnreadableError(f"{name} is no preset; there are: {', '.join(names())}")
        subject, scene, title = named_scene(name)
        yield Job(name.replace("/", "-"), _titled(title, scene), subject, scene)
    for number, url in enumerate(urls, 1):
        parts = urlsplit(url)
        try:
            subject, title = subject_of(parts.path.rstrip("/").rpartition("/")[2])
        except KeyError as error:
            raise UnreadableError(f"{url} is the address of no page with a picture") from error
        scene, problems = subject.start.updated(dict(parse_qsl(parts.query)))
        if problems:
            raise UnreadableError(" ".join(problems))
        yield Job(f"picture-{number}", _titled(title, scene), subject, scene)


def _titled(title: str, scene: Scene) -> str:
    rule = getattr(scene, "rule", "")
    return f"{title} · {RULES[rule].short}" if rule else title


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes one file for each picture; returns the exit status."""
    options = _parser().parse_args(arguments)
    if options.list:
        print("\n".join(f"{name:24} {named_scene(name)[2]}" for name in names()))
        return 0
    try:
        wanted = list(jobs(names() if options.all else options.presets, options.url))
    except UnreadableError as error:
        print(error, file=sys.stderr)
        return 1
    if not wanted:
        print("Nothing was asked for: name presets, or --all, or --url.", file=sys.stderr)
        return 1
    if not _browser_is_there():
        print(
            "A Chrome or Chromium is needed to draw pictures, and none was found: install one "
            "(on Debian or Ubuntu: apt install chromium), or name its path in BROWSER_PATH.",
            file=sys.stderr,
        )
        return 1
    options.out.mkdir(parents=True, exist_ok=True)
    kaleido.start_sync_server(silence_warnings=True)
    try:
        return max(_write(job, options) for job in wanted)
    finally:
        kaleido.stop_sync_server(silence_warnings=True)


def _browser_is_there() -> bool:
    """Asked beforehand: the drawing library would wait for ever for one that does not start."""
    named = os.environ.get("BROWSER_PATH")
    return Path(named).is_file() if named else bool(Chromium.find_browser(skip_local=False))


def _write(job: Job, options: argparse.Namespace) -> int:
    path: Path = options.out / f"{job.name}.{options.format}"
    if path.exists() and not options.force:
        print(f"{path} is there already; --force overwrites it.", file=sys.stderr)
        return 1
    figure = as_slide(job, options.theme, options.size, titled=not options.no_title)
    scale = options.size[0] / figure["layout"]["width"]
    path.write_bytes(kaleido.calc_fig_sync(figure, opts={"format": options.format, "scale": scale}))
    print(path)
    return 0


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit() and int(width) >= 100 and int(height) >= 100):
        raise argparse.ArgumentTypeError(f"needs WIDTHxHEIGHT, 100 at least; got {text!r}")
    return int(width), int(height)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pages.export",
        description="Writes pictures of scenes, as the pages show them, without the sliders.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("presets", nargs="*", metavar="PRESET", help="a preset; see --list")
    parser.add_argument("--all", action="store_true", help="every preset")
    parser.add_argument("--list", action="store_true", help="the presets, and nothing else")
    parser.add_argument("--url", action="append", default=[], help="an address from the page")
    parser.add_argument("--out", type=Path, default=Path(), help="the folder (default: here)")
    parser.add_argument("--format", choices=FORMATS, default="png")
    parser.add_argument("--theme", choices=tuple(PALETTES), default="light")
    parser.add_argument("--size", type=_size, default=(1600, 900), help="default: 1600x900")
    parser.add_argument("--no-title", action="store_true", help="leave the title out")
    parser.add_argument("--force", action="store_true", help="overwrite what is there")
    return parser


if __name__ == "__main__":
    sys.exit(main())

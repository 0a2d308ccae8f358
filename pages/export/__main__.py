"""Export pictures for slides and for the README: `python -m pages.export [PRESET …] --out DIR`.

A scene gives the same picture as on its page, without the sliders; or a script that prints its
numbers, with our engine, in PyTorch or in JAX.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from engine.files import silence
from pages.export.batch import BatchProgress, outputs_of, write_batch
from pages.export.question import pairs
from pages.export.render_jobs import (
    EXAMPLE,
    JobError,
    RenderJob,
    SceneProblem,
    job_of_address,
    job_of_preset,
    read_scene_file,
)
from pages.export.style import FORMATS, KEYS, SIZES, Style, read_formats
from pages.figures.theme import PALETTES
from pages.registry import named_scene, names

FILE: Final = ".toml"  # the ending of the name of a file of scenes
INTERRUPTED: Final = 130  # the exit status after Ctrl-C, as in shells
EPILOG: Final = f"""\
examples:
  python -m pages.export max-tie max-pool/overlap --out slides
  python -m pages.export --all --format svg pdf --theme dark --size 4:3 --out slides
  python -m pages.export --url 'http://localhost:8501/max_pool?h=3,3,1,3,3&size=2' --out slides
  python -m pages.export max-tie --format html gif --slider x1 --out slides
  python -m pages.export max-tie --steps --transparent --no-title --scale 2 --out slides
  python -m pages.export unique-max all-negative --pair --format pdf --out slides
  python -m pages.export max-tie --format py torch jax --out scripts
  python -m pages.export lecture.toml --out slides

a file of scenes, lecture.toml:
{EXAMPLE}
  What is said of one scene goes before the command line, and this before what is said of all.

Drawing needs a Chrome or Chromium (html files and scripts need none); BROWSER_PATH may name it.
The same scene gives the same bytes on the same machine. The exit status is 0 when every file was
written, 1 when one was not, 2 when the command cannot be read, {INTERRUPTED} after Ctrl-C.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files that are asked for, and return the exit status."""
    # A title or a path may contain characters that the encoding of a file or a pipe lacks.
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    parser = _command_line()
    given = [*(sys.argv[1:] if arguments is None else arguments)]
    # What follows "--" are scenes, also with a leading dash, which parse_intermixed_args forgets.
    end = given.index("--") if "--" in given else len(given)
    options = parser.parse_intermixed_args(given[:end])
    options.what += given[end + 1 :]
    if options.list:
        width = max(map(len, names()))
        print("\n".join(f"{name:{width}}  {named_scene(name)[2]}" for name in names()))
        return 0
    what, formats = _sorted_out(options)
    if bad := [each for each in formats if each not in FORMATS]:
        parser.error(f"--format needs some of {', '.join(FORMATS)}; got {', '.join(bad)}")
    asked = {
        key.field: value
        for key in KEYS.values()
        if (value := getattr(options, key.field)) is not None and value != []
    }
    if formats:
        asked["formats"] = read_formats(formats)
    try:
        style = Style().with_changes(asked)
    except ValueError as error:
        parser.error(str(error))
    try:
        found = list(_paired(_found(what, options, asked, style)))
    except KeyboardInterrupt:  # many scenes take a while to read
        return _interrupted(0)
    if not found:
        parser.error("nothing was asked for: name presets or a file of scenes, or --all, or --url")
    return _write(found, options.out, force=options.force)


def _write(found: Sequence[RenderJob | SceneProblem], folder: Path, *, force: bool) -> int:
    """Write the files of the jobs, report the problems, and return the exit status."""
    outputs = outputs_of([each for each in found if isinstance(each, RenderJob)])
    problems = [each for each in found if isinstance(each, SceneProblem)]
    progress = BatchProgress(len(outputs) + len(problems))
    for problem in problems:
        progress.failed(problem.name, problem.reason)
    try:
        if outputs:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        progress.failed(str(folder), f"{folder} cannot be a folder for files: {error.strerror}")
        outputs = []
    try:
        asyncio.run(write_batch(outputs, folder, progress, force=force))
    except KeyboardInterrupt:
        progress.close()
        return _interrupted(progress.done)
    progress.close()
    return 1 if progress.failures else 0


def _interrupted(written: int) -> int:
    print(f"Interrupted: {written} written, each of them whole.", file=sys.stderr)
    return INTERRUPTED


def _sorted_out(options: argparse.Namespace) -> tuple[list[str], list[str]]:
    """The scenes and the formats asked for; what follows --format or --url may be scenes too."""
    known = {*names()}

    def is_scene(text: str) -> bool:
        return text in known or _is_file(text)

    strays = [each for each in (*options.formats, *options.url) if is_scene(each)]
    options.url = [each for each in options.url if not is_scene(each)]
    return [*options.what, *strays], [each for each in options.formats if not is_scene(each)]


def _is_file(text: str) -> bool:
    """Whether a text names a file of scenes; on Windows that may be LECTURE.TOML."""
    return text.lower().endswith(FILE)


def _found(
    what: Sequence[str], options: argparse.Namespace, asked: Mapping[str, Any], style: Style
) -> Iterator[RenderJob | SceneProblem]:
    """The jobs asked for, each once: scenes and then addresses, in the order of the command."""
    for each in dict.fromkeys((*what, *(names() if options.all else ()))):
        if _is_file(each):
            yield from read_scene_file(Path(each), asked)
        else:
            yield _or_problem(each, partial(job_of_preset, style=style))
    for number, url in enumerate(dict.fromkeys(options.url), 1):
        yield _or_problem(url, partial(job_of_address, style=style, name=f"picture-{number}"))


def _paired(found: Iterable[RenderJob | SceneProblem]) -> Iterator[RenderJob | SceneProblem]:
    """The same, with two jobs in place of each that is to be a question and its answer."""
    for each in found:
        if isinstance(each, SceneProblem) or not each.style.pair:
            yield each
            continue
        try:
            yield from pairs(each)
        except JobError as error:
            yield SceneProblem(each.name, f"{each.name}: {error}")


def _or_problem(asked: str, make: Callable[[str], RenderJob]) -> RenderJob | SceneProblem:
    try:
        return make(asked)
    except JobError as error:
        return SceneProblem(asked, str(error))


def _argument(name: str, convert: Callable[[str], object] = str) -> Callable[[str], Any]:
    """The reader of a key, in the form that argparse needs."""

    def read(text: str) -> Any:
        try:
            return KEYS[name].read(convert(text))
        except ValueError as error:
            said = str(error) if "needs" in str(error) else f"needs a number; got {text!r}"
            raise argparse.ArgumentTypeError(said) from None

    return read


def _command_line() -> argparse.ArgumentParser:
    """The parser of the command line, with the texts of --help."""
    parser = argparse.ArgumentParser(
        prog="python -m pages.export",
        usage="%(prog)s [PRESET | FILE.toml …] [option …]",
        description="Writes pictures of scenes, as the pages show them, without the sliders; or "
        "scripts that print their numbers.",
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
        help=f"some of {', '.join(FORMATS)} (default: png); gif and html play the steps; py, torch "
        "and jax are scripts that print the numbers",
    )
    into.add_argument("--out", type=Path, default=Path(), help="the folder (default: this one)")
    into.add_argument("--force", action="store_true", help="overwrite what is there")
    flag = argparse.BooleanOptionalAction
    into.add_argument("--steps", action=flag, help="a picture for each step of the step-through")
    into.add_argument(
        "--pair",
        action=flag,
        help="two pictures: a question, which shows no gradient, and its answer with the reason",
    )
    into.add_argument(
        "--slider",
        metavar="NAME",
        help="the slider of an html file (default: that of the entry explained, unless it is one "
        "of very many); a gif plays it instead of the steps",
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
    look.add_argument(
        "--caption", action=flag, help="whether the reason stands beneath (default: yes)"
    )
    return parser


def _until_nobody_reads() -> int:
    """Run `main`; no error is printed if nobody reads on, as in `… --list | head`."""
    if not sys.stdout:
        return _not_printed("it is closed")
    try:
        status = main()
        sys.stdout.flush()
    except OSError as error:  # errors about files are reported in main
        why = silence(error)
        return _not_printed(why) if why else 1
    return status


def _not_printed(why: str) -> int:
    print(f"Standard output cannot be written to: {why}.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(_until_nobody_reads())

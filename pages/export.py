"""Pictures for slides and for the README: `python -m pages.export [PRESET …] --out DIR`.

The same scene gives the same picture as on the page, without the sliders.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from pages.exporting.batch import outputs_of, write_batch
from pages.exporting.command import INTERRUPTED, command_line
from pages.exporting.lecture import Problem, read_lecture
from pages.exporting.look import FORMATS, KEYS, Look, read_formats
from pages.exporting.progress import Progress
from pages.exporting.shots import Shot, ShotError, shot_of_address, shot_of_preset
from pages.subjects.every import named_scene, names

FILE: Final = ".toml"
"""How the name of a file of scenes ends."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes what is asked for; returns the exit status."""
    parser = command_line()
    options = parser.parse_intermixed_args(arguments)
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
        look = Look().with_changes(asked)
    except ValueError as error:
        parser.error(str(error))
    found = list(_found(what, options, asked, look))
    if not found:
        parser.error("nothing was asked for: name presets or a file of scenes, or --all, or --url")
    return _write(found, options.out, force=options.force)


def _write(found: Sequence[Shot | Problem], folder: Path, *, force: bool) -> int:
    """Writes the shots, and tells of the problems; returns the exit status."""
    outputs = outputs_of([each for each in found if isinstance(each, Shot)])
    problems = [each for each in found if isinstance(each, Problem)]
    progress = Progress(len(outputs) + len(problems))
    for problem in problems:
        progress.failed(problem.name, problem.said)
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
        print(f"Interrupted: {progress.done} written, each of them whole.", file=sys.stderr)
        return INTERRUPTED
    progress.close()
    return 1 if progress.failures else 0


def _sorted_out(options: argparse.Namespace) -> tuple[list[str], list[str]]:
    """What is to be drawn, and the formats: what follows --format or --url may be either."""
    known = {*names()}

    def is_scene(text: str) -> bool:
        return text in known or text.endswith(FILE)

    strays = [each for each in (*options.formats, *options.url) if is_scene(each)]
    options.url = [each for each in options.url if not is_scene(each)]
    return [*options.what, *strays], [each for each in options.formats if not is_scene(each)]


def _found(
    what: Sequence[str], options: argparse.Namespace, asked: Mapping[str, Any], look: Look
) -> Iterator[Shot | Problem]:
    """What is asked for, in the order in which it was said, and once each."""
    for each in dict.fromkeys((*what, *(names() if options.all else ()))):
        if each.endswith(FILE):
            yield from read_lecture(Path(each), asked)
        else:
            yield _or_problem(each, partial(shot_of_preset, look=look))
    for number, url in enumerate(dict.fromkeys(options.url), 1):
        yield _or_problem(url, partial(shot_of_address, look=look, name=f"picture-{number}"))


def _or_problem(asked: str, make: Callable[[str], Shot]) -> Shot | Problem:
    try:
        return make(asked)
    except ShotError as error:
        return Problem(asked, str(error))


def _until_nobody_reads() -> int:
    """As main; `… --list | head` has seen enough without an error."""
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is not yet out
        return 1
    return status


if __name__ == "__main__":
    sys.exit(_until_nobody_reads())

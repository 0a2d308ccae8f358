"""What a picture and a sweep cost a server: `python -m tests.bench.sweep [TREE]`. Prints figures.

Medians of several, in milliseconds of CPU, for each page at its first preset. If TREE, another
working tree of this repository, is given, both trees are measured in turn, so that other load on
the machine affects both.
"""

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

HERE = Path(__file__).parents[2]
TURNS = 3
TIMES = 7
WANTED = {"conv-block": 10.0}
OTHERS = 25.0
"""Milliseconds that a sweep may take on any other page."""


def cost(page: str) -> tuple[float, float]:
    """Return the milliseconds of a picture, and of a sweep of its first slider."""
    from pages.derive.picture import SCREEN
    from pages.registry import SUBJECTS
    from pages.sweep import Order, made

    subject = SUBJECTS[page]
    scene = next(iter(subject.presets.values()))
    slider, query = subject.sliders(scene)[0], tuple(scene.query().items())
    order = Order(page, query, SCREEN, slider.name, tuple(slider.values), "")
    pictures, sweeps = [], []
    for _ in range(TIMES):
        begin = process_time()
        subject.picture(scene, SCREEN)
        drawn = process_time()
        made(order)
        pictures.append(drawn - begin)
        sweeps.append(process_time() - drawn)
    return 1000 * median(pictures), 1000 * median(sweeps)


def serve() -> None:
    """Read pages' keys, one per line, and answer each with a line of its costs."""
    for line in sys.stdin:
        print(*cost(line.strip()), flush=True)


def asked(process: "subprocess.Popen[str]", page: str) -> tuple[float, float]:
    """Ask such a process for the costs of a page."""
    assert process.stdin
    assert process.stdout
    print(page, file=process.stdin, flush=True)
    picture, swept = map(float, process.stdout.readline().split())
    return picture, swept


def main(trees: list[Path]) -> None:
    """Measure, and print a line for each page."""
    from pages.registry import SUBJECTS
    from tests.bench.table import load

    print(f"load at the beginning: {load()}")
    with ExitStack() as stack:
        processes: list[Any] = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-P", __file__, "--serve"],
                    cwd=tree,
                    env=os.environ | {"PYTHONPATH": str(tree)},
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for tree in trees
        ]
        for page, subject in SUBJECTS.items():
            scene = next(iter(subject.presets.values()), subject.start)
            if not subject.presets or not subject.sliders(scene):
                continue
            turns = [[asked(each, page) for each in processes] for _ in range(TURNS)]
            # The least: other load on the machine can only add to it.
            pictures, sweeps = (
                [min(turn[tree][what] for turn in turns) for tree in range(len(trees))]
                for what in (0, 1)
            )
            most = WANTED.get(page, OTHERS)
            print(
                f"{page:16} picture {' -> '.join(f'{each:5.2f}' for each in pictures)} ms"
                f"   sweep {' -> '.join(f'{each:6.1f}' for each in sweeps)} ms"
                f"   wanted {most:g}{'' if sweeps[-1] <= most else '   MISSED'}"
            )
    print(f"load at the end: {load()}")


if __name__ == "__main__":
    if sys.argv[1:] == ["--serve"]:
        serve()
    else:
        main([*(Path(tree).resolve() for tree in sys.argv[1:]), HERE])
